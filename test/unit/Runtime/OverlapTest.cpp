//===- OverlapTest.cpp - Whether views meet in memory -----------*- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "tile/Runtime/Overlap.h"

#include <gtest/gtest.h>

#include <random>
#include <set>
#include <vector>

using namespace tile;

namespace {
struct View {
  std::uint64_t base;
  std::vector<std::int64_t> extents, strides;
  std::int64_t size;
  Footprint footprint() const { return {base, extents, strides, size}; }

  /// The base of each element, one by one.
  std::vector<std::int64_t> elements() const {
    std::vector<std::int64_t> result = {static_cast<std::int64_t>(base)};
    for (std::size_t axis = 0; axis < extents.size(); ++axis) {
      std::vector<std::int64_t> next;
      for (std::int64_t address : result)
        for (std::int64_t i = 0; i < extents[axis]; ++i)
          next.push_back(address + i * strides[axis]);
      result = next;
    }
    return result;
  }
};
} // namespace

static bool overlapsItselfByCounting(const View &view) {
  std::set<std::int64_t> bytes;
  for (std::int64_t element : view.elements())
    for (std::int64_t byte = 0; byte < view.size; ++byte)
      if (!bytes.insert(element + byte).second)
        return true;
  return false;
}

static bool overlapByCounting(const View &a, const View &b) {
  std::set<std::int64_t> bytes;
  for (std::int64_t element : a.elements())
    for (std::int64_t byte = 0; byte < a.size; ++byte)
      bytes.insert(element + byte);
  for (std::int64_t element : b.elements())
    for (std::int64_t byte = 0; byte < b.size; ++byte)
      if (bytes.count(element + byte))
        return true;
  return false;
}

TEST(OverlapTest, DenseViewsDoNotMeetThemselves) {
  EXPECT_FALSE(overlapsItself(View{1000, {64, 32}, {128, 4}, 4}.footprint()));
  EXPECT_FALSE(overlapsItself(View{1000, {64, 32}, {4, 256}, 4}.footprint()));
  EXPECT_FALSE(overlapsItself(View{1000, {64, 32}, {-128, 4}, 4}.footprint()));
}

TEST(OverlapTest, StridesThatAreTooSmallMeetThemselves) {
  EXPECT_TRUE(overlapsItself(View{1000, {64}, {0}, 4}.footprint()));
  EXPECT_TRUE(overlapsItself(View{1000, {64}, {2}, 4}.footprint()));
  EXPECT_TRUE(overlapsItself(View{1000, {64, 32}, {124, 4}, 4}.footprint()));
}

TEST(OverlapTest, AnAxisOfOneElementHasAnyStride) {
  EXPECT_FALSE(overlapsItself(View{1000, {1, 32}, {0, 4}, 4}.footprint()));
}

TEST(OverlapTest, EmptyViewsMeetNothing) {
  EXPECT_FALSE(overlapsItself(View{1000, {0, 32}, {0, 0}, 4}.footprint()));
  EXPECT_FALSE(overlap(View{1000, {0, 32}, {128, 4}, 4}.footprint(), View{1000, {4}, {4}, 4}.footprint()));
}

TEST(OverlapTest, NeighboursDoNotMeet) {
  View a{1000, {10}, {4}, 4}, b{1040, {10}, {4}, 4}, c{1039, {10}, {4}, 4};
  EXPECT_FALSE(overlap(a.footprint(), b.footprint()));
  EXPECT_TRUE(overlap(a.footprint(), c.footprint()));
}

TEST(OverlapTest, HalvesOfARowDoNotMeet) {
  // Columns 0 to 511 and 512 to 1023 of one matrix.
  View left{1 << 20, {1000, 512}, {4096, 4}, 4}, right{(1 << 20) + 2048, {1000, 512}, {4096, 4}, 4};
  EXPECT_FALSE(overlap(left.footprint(), right.footprint()));
  View wider{1 << 20, {1000, 513}, {4096, 4}, 4};
  EXPECT_TRUE(overlap(wider.footprint(), right.footprint()));
}

TEST(OverlapTest, EvenAndOddElementsDoNotMeet) {
  View even{1000, {1 << 20}, {8}, 4}, odd{1004, {1 << 20}, {8}, 4};
  EXPECT_FALSE(overlap(even.footprint(), odd.footprint()));
  EXPECT_FALSE(overlap(odd.footprint(), even.footprint()));
}

TEST(OverlapTest, HugeExtentsDoNotOverflow) {
  std::int64_t huge = (std::int64_t(1) << 31) - 1;
  View a{1000, {huge, huge}, {INT64_MAX, INT64_MIN}, 8};
  std::uint64_t low, high;
  EXPECT_FALSE(rangeOf(a.footprint(), low, high));
  EXPECT_TRUE(overlap(a.footprint(), View{1000, {4}, {4}, 4}.footprint()));
}

TEST(OverlapTest, AgreesWithCounting) {
  std::mt19937 generator(1);
  auto pick = [&](std::int64_t low, std::int64_t high) {
    return std::uniform_int_distribution<std::int64_t>(low, high)(generator);
  };
  int met = 0, apart = 0;
  for (int round = 0; round < 20000; ++round) {
    auto view = [&] {
      View result{static_cast<std::uint64_t>(pick(1000, 1060)), {}, {}, pick(1, 4)};
      for (std::int64_t rank = pick(1, 3); rank > 0; --rank) {
        result.extents.push_back(pick(0, 4));
        result.strides.push_back(pick(-20, 20));
      }
      return result;
    };
    View a = view(), b = view();
    ASSERT_EQ(overlapsItself(a.footprint()), overlapsItselfByCounting(a)) << round;
    bool expected = overlapByCounting(a, b);
    ASSERT_EQ(overlap(a.footprint(), b.footprint()), expected) << round;
    (expected ? met : apart)++;
  }
  EXPECT_GT(met, 1000);
  EXPECT_GT(apart, 1000);
}
