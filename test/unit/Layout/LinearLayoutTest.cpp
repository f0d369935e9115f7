//===- LinearLayoutTest.cpp - The algebra of layouts, against its definitions by enumeration *- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "tile/Layout/LinearLayout.h"

#include <gtest/gtest.h>

#include <map>
#include <random>
#include <set>

using namespace tile::layout;

namespace {

/// A random layout from (register, lane, warp) to two axes; the spaces may be of different sizes.
LinearLayout randomLayout(std::mt19937 &random, std::initializer_list<unsigned> inBits,
                          std::initializer_list<unsigned> outBits) {
  llvm::SmallVector<Space::Entry> in, out;
  Dim inDims[] = {Dim::Register, Dim::Lane, Dim::Warp};
  for (auto [index, bits] : llvm::enumerate(inBits))
    in.push_back({inDims[index], bits});
  for (auto [index, bits] : llvm::enumerate(outBits))
    out.push_back({axis(index), bits});
  llvm::SmallVector<uint64_t> columns;
  for (unsigned bit = 0; bit < Space(in).totalBits(); ++bit)
    columns.push_back(random() % Space(out).size());
  return {Space(in), Space(out), columns};
}

/// A random layout that holds every element: random columns until they do.
LinearLayout randomSurjective(std::mt19937 &random, std::initializer_list<unsigned> inBits,
                              std::initializer_list<unsigned> outBits) {
  while (true) {
    LinearLayout layout = randomLayout(random, inBits, outBits);
    if (layout.isSurjective())
      return layout;
  }
}

/// An index of each dimension for a packed one.
std::map<Dim, uint64_t> unpackAll(const Space &space, uint64_t packed) {
  std::map<Dim, uint64_t> indices;
  for (auto [dim, bits] : space.dims())
    indices[dim] = space.unpack(dim, packed);
  return indices;
}

class LinearLayoutTest : public testing::Test {
protected:
  std::mt19937 random{1};
};

TEST_F(LinearLayoutTest, MapsSumsToSums) {
  LinearLayout layout = randomLayout(random, {2, 3, 1}, {3, 4});
  for (uint64_t a = 0; a < layout.in().size(); ++a)
    for (uint64_t b = 0; b < layout.in().size(); ++b)
      EXPECT_EQ(layout.apply(a ^ b), layout.apply(a) ^ layout.apply(b));
}

TEST_F(LinearLayoutTest, ColumnIsTheImageOfOneBit) {
  LinearLayout layout = randomLayout(random, {2, 3, 1}, {3, 4});
  EXPECT_EQ(layout.column(Dim::Lane, 1), layout.apply(layout.in().pack(Dim::Lane, 2)));
}

TEST_F(LinearLayoutTest, IdentityAndBroadcast) {
  LinearLayout identity = LinearLayout::identity(Dim::Lane, axis(0), 5);
  LinearLayout broadcast = LinearLayout::broadcast(Dim::Warp, axis(0), 2);
  for (uint64_t lane = 0; lane < 32; ++lane)
    EXPECT_EQ(identity.apply(lane), lane);
  for (uint64_t warp = 0; warp < 4; ++warp)
    EXPECT_EQ(broadcast.apply(warp), 0u);
}

TEST_F(LinearLayoutTest, ThenAppliesOneAfterTheOther) {
  for (int round = 0; round < 20; ++round) {
    LinearLayout first = randomLayout(random, {2, 3, 1}, {3, 4});
    llvm::SmallVector<uint64_t> columns;
    for (unsigned bit = 0; bit < 7; ++bit)
      columns.push_back(random() % 32);
    // The second takes the axes in the other order.
    LinearLayout second({{axis(1), 4}, {axis(0), 3}}, {{Dim::Offset, 5}}, columns);
    LinearLayout both = first.then(second);
    for (uint64_t place = 0; place < first.in().size(); ++place) {
      auto element = unpackAll(first.out(), first.apply(place));
      uint64_t swapped = second.in().pack(axis(0), element[axis(0)]) | second.in().pack(axis(1), element[axis(1)]);
      EXPECT_EQ(both.apply(place), second.apply(swapped));
    }
  }
}

TEST_F(LinearLayoutTest, ProductPutsTheSecondAbove) {
  LinearLayout inner = randomLayout(random, {1, 2}, {2, 1}), outer = randomLayout(random, {2, 1, 1}, {1, 2});
  LinearLayout product = inner * outer;
  for (uint64_t place = 0; place < product.in().size(); ++place) {
    uint64_t innerPlace = 0, outerPlace = 0;
    for (auto [dim, index] : unpackAll(product.in(), place)) {
      unsigned low = inner.in().bits(dim);
      if (inner.in().contains(dim))
        innerPlace |= inner.in().pack(dim, index & ((1u << low) - 1));
      outerPlace |= outer.in().pack(dim, index >> low);
    }
    auto low = unpackAll(inner.out(), inner.apply(innerPlace)), high = unpackAll(outer.out(), outer.apply(outerPlace));
    for (auto [dim, index] : unpackAll(product.out(), product.apply(place)))
      EXPECT_EQ(index, low[dim] | high[dim] << inner.out().bits(dim));
  }
}

TEST_F(LinearLayoutTest, DivisionUndoesTheProduct) {
  for (int round = 0; round < 50; ++round) {
    LinearLayout inner = randomLayout(random, {1, 2, 0}, {2, 1}), outer = randomLayout(random, {2, 1, 1}, {1, 2});
    std::optional<LinearLayout> quotient = (inner * outer).dividedBy(inner);
    ASSERT_TRUE(quotient);
    EXPECT_EQ(*quotient, outer);
  }
}

TEST_F(LinearLayoutTest, DivisionRefusesWhatIsNoProduct) {
  LinearLayout pairs = LinearLayout::identity(Dim::Register, axis(0), 1);
  LinearLayout lanesFirst = LinearLayout::identity(Dim::Lane, axis(0), 5) * pairs;
  EXPECT_FALSE(lanesFirst.dividedBy(pairs));
  // The low bits agree, but a lane disturbs them.
  LinearLayout disturbed({{Dim::Register, 1}, {Dim::Lane, 1}}, {{axis(0), 2}}, {1, 3});
  EXPECT_FALSE(disturbed.dividedBy(pairs));
  EXPECT_FALSE(pairs.dividedBy(lanesFirst));
}

TEST_F(LinearLayoutTest, InverseFindsAPlaceOfEveryElement) {
  for (int round = 0; round < 50; ++round) {
    LinearLayout layout = randomSurjective(random, {3, 3, 1}, {2, 3});
    LinearLayout inverse = layout.inverse();
    EXPECT_EQ(inverse.in(), layout.out());
    EXPECT_EQ(inverse.out(), layout.in());
    for (uint64_t element = 0; element < layout.out().size(); ++element)
      EXPECT_EQ(layout.apply(inverse.apply(element)), element);
  }
}

TEST_F(LinearLayoutTest, InverseOfABijectionIsItsInverseOnBothSides) {
  LinearLayout layout = randomSurjective(random, {2, 3, 1}, {2, 4});
  for (uint64_t place = 0; place < layout.in().size(); ++place)
    EXPECT_EQ(layout.inverse().apply(layout.apply(place)), place);
}

TEST_F(LinearLayoutTest, ConversionLandsOnTheSameElement) {
  for (int round = 0; round < 20; ++round) {
    LinearLayout from = randomSurjective(random, {3, 3, 1}, {2, 4}), to = randomSurjective(random, {2, 3, 2}, {2, 4});
    LinearLayout conversion = from.convertTo(to);
    for (uint64_t place = 0; place < from.in().size(); ++place)
      EXPECT_EQ(to.apply(conversion.apply(place)), from.apply(place));
  }
}

TEST_F(LinearLayoutTest, TransposedExchangesAxes) {
  LinearLayout layout = randomLayout(random, {2, 3}, {1, 2, 3});
  LinearLayout transposed = layout.transposed({2, 0, 1});
  for (uint64_t place = 0; place < layout.in().size(); ++place) {
    auto before = unpackAll(layout.out(), layout.apply(place)),
         after = unpackAll(transposed.out(), transposed.apply(place));
    EXPECT_EQ(after[axis(0)], before[axis(2)]);
    EXPECT_EQ(after[axis(1)], before[axis(0)]);
    EXPECT_EQ(after[axis(2)], before[axis(1)]);
  }
}

TEST_F(LinearLayoutTest, ReshapedKeepsRowMajorNumbers) {
  LinearLayout layout = randomLayout(random, {2, 3}, {2, 3});
  LinearLayout reshaped = layout.reshaped({1, 1, 3});
  for (uint64_t place = 0; place < layout.in().size(); ++place) {
    auto before = unpackAll(layout.out(), layout.apply(place)),
         after = unpackAll(reshaped.out(), reshaped.apply(place));
    EXPECT_EQ(before[axis(0)] * 8 + before[axis(1)], (after[axis(0)] * 2 + after[axis(1)]) * 8 + after[axis(2)]);
  }
}

TEST_F(LinearLayoutTest, SlicedForgetsAnAxis) {
  LinearLayout layout = randomLayout(random, {2, 3}, {2, 3, 1});
  LinearLayout sliced = layout.sliced(1);
  for (uint64_t place = 0; place < layout.in().size(); ++place) {
    auto before = unpackAll(layout.out(), layout.apply(place)), after = unpackAll(sliced.out(), sliced.apply(place));
    EXPECT_EQ(after[axis(0)], before[axis(0)]);
    EXPECT_EQ(after[axis(1)], before[axis(2)]);
  }
}

TEST_F(LinearLayoutTest, SurjectiveAndInjectiveByCounting) {
  unsigned surjective = 0, injective = 0;
  for (int round = 0; round < 200; ++round) {
    LinearLayout layout = randomLayout(random, {2, 2}, {2, 2});
    std::set<uint64_t> elements;
    for (uint64_t place = 0; place < layout.in().size(); ++place)
      elements.insert(layout.apply(place));
    EXPECT_EQ(layout.isSurjective(), elements.size() == layout.out().size());
    EXPECT_EQ(layout.isInjective(), elements.size() == layout.in().size());
    surjective += layout.isSurjective();
    injective += layout.isInjective();
  }
  // Both answers were seen.
  EXPECT_GT(surjective, 10u);
  EXPECT_LT(surjective, 190u);
  EXPECT_EQ(surjective, injective);
}

TEST_F(LinearLayoutTest, RedundantBitsHoldNothingNew) {
  // Lane bit 1 holds what register bit 0 holds; lane bit 2 nothing at all.
  LinearLayout layout({{Dim::Register, 1}, {Dim::Lane, 3}}, {{axis(0), 2}}, {1, 2, 1, 0});
  EXPECT_EQ(layout.redundantBits(Dim::Lane), 6u);
  EXPECT_EQ(layout.redundantBits(Dim::Register), 1u);
}

/// What `contiguous` means, by looking at every place.
uint64_t contiguousByEnumeration(const LinearLayout &layout, Dim dim, Dim along) {
  uint64_t best = 1;
  for (uint64_t width = 2;
       width <= (uint64_t(1) << layout.in().bits(dim)) && width <= (uint64_t(1) << layout.out().bits(along));
       width *= 2) {
    for (uint64_t place = 0; place < layout.in().size(); ++place) {
      uint64_t offset = layout.in().unpack(dim, place) % width;
      uint64_t first = layout.apply(place ^ layout.in().pack(dim, offset));
      uint64_t element = layout.apply(place);
      if (element != (first ^ layout.out().pack(along, offset)) || layout.out().unpack(along, first) % width != 0)
        return best;
    }
    best = width;
  }
  return best;
}

TEST_F(LinearLayoutTest, ContiguousByEnumeration) {
  LinearLayout blocked = LinearLayout::identity(Dim::Register, axis(1), 2) *
                         LinearLayout::identity(Dim::Lane, axis(1), 3) * LinearLayout::identity(Dim::Lane, axis(0), 2) *
                         LinearLayout::identity(Dim::Register, axis(0), 1);
  EXPECT_EQ(blocked.contiguous(Dim::Register, axis(1)), 4u);
  EXPECT_EQ(blocked.contiguous(Dim::Register, axis(0)), 1u);
  std::map<uint64_t, unsigned> seen;
  for (int round = 0; round < 300; ++round) {
    LinearLayout layout =
        LinearLayout::identity(Dim::Register, axis(0), random() % 3) * randomLayout(random, {2, 2}, {2, 2});
    uint64_t width = layout.contiguous(Dim::Register, axis(0));
    EXPECT_EQ(width, contiguousByEnumeration(layout, Dim::Register, axis(0)));
    ++seen[width];
  }
  EXPECT_GE(seen.size(), 3u);
}

TEST_F(LinearLayoutTest, PrintsALineForEachBit) {
  LinearLayout layout({{Dim::Register, 1}, {Dim::Lane, 2}}, {{axis(0), 2}, {axis(1), 1}}, {4, 3, 0});
  EXPECT_EQ(layout.str(), "register 0 -> axis 1: 1\nlane 0 -> axis 0: 3\nlane 1 ->\n");
}

} // namespace
