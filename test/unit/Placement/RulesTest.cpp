//===- RulesTest.cpp - The rules of shapes, by enumeration ---------*- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Code generation finds a register of the operand by the coordinates that lane 0 of warp 0 has in a register of the result. Here every thread does
// so, for layouts of many kinds, and must find the element that the op says.
//
//===----------------------------------------------------------------------===//

#include "tile/Placement/Rules.h"

#include <gtest/gtest.h>

#include <functional>
#include <random>

using namespace tile::layout;
using namespace tile::placement;

namespace {

using Coordinates = std::vector<uint64_t>;
using Shape = std::vector<unsigned>;

Coordinates at(const LinearLayout &layout, uint64_t reg, uint64_t lane, uint64_t warp) {
  const Space &in = layout.in();
  uint64_t element = layout.apply(in.pack(Dim::Register, reg) | in.pack(Dim::Lane, lane) | in.pack(Dim::Warp, warp));
  Coordinates result;
  for (const Space::Entry &entry : layout.out().dims())
    result.push_back(layout.out().unpack(entry.dim, element));
  return result;
}

uint64_t places(const LinearLayout &layout, Dim dim) { return uint64_t(1) << layout.in().bits(dim); }

/// The register that holds an element in lane 0 of warp 0.
std::optional<uint64_t> find(const LinearLayout &layout, const Coordinates &element) {
  for (uint64_t reg = 0; reg < places(layout, Dim::Register); ++reg)
    if (at(layout, reg, 0, 0) == element)
      return reg;
  return std::nullopt;
}

/// Every thread finds what each of its registers of the result needs.
void expectInPlace(const LinearLayout &operand, const LinearLayout &result,
                   const std::function<Coordinates(const Coordinates &)> &source) {
  for (uint64_t reg = 0; reg < places(result, Dim::Register); ++reg) {
    std::optional<uint64_t> from = find(operand, source(at(result, reg, 0, 0)));
    ASSERT_TRUE(from) << "operand\n" << operand.str() << "result\n" << result.str();
    for (uint64_t lane = 0; lane < places(result, Dim::Lane); ++lane)
      for (uint64_t warp = 0; warp < places(result, Dim::Warp); ++warp)
        ASSERT_EQ(at(operand, *from, lane, warp), source(at(result, reg, lane, warp))) << "operand\n"
                                                                                       << operand.str() << "result\n"
                                                                                       << result.str();
  }
}

uint64_t rowMajor(const Coordinates &element, const Shape &shape) {
  uint64_t number = 0;
  for (size_t index = 0; index < shape.size(); ++index)
    number = number << shape[index] | element[index];
  return number;
}

Coordinates fromRowMajor(uint64_t number, const Shape &shape) {
  Coordinates element(shape.size());
  for (size_t index = shape.size(); index-- > 0;) {
    element[index] = number & ((uint64_t(1) << shape[index]) - 1);
    number >>= shape[index];
  }
  return element;
}

/// Layouts of a shape over 8 lanes and 4 warps: every element has a place, in an order drawn at random; places that are left hold copies, or
/// sums of what others hold.
std::vector<LinearLayout> someLayouts(const Shape &shape) {
  std::mt19937 random(7);
  std::vector<LinearLayout> layouts;
  std::vector<Space::Entry> axes;
  for (unsigned index = 0; index < shape.size(); ++index)
    axes.push_back({axis(index), shape[index]});
  Space out{llvm::ArrayRef<Space::Entry>(axes)};
  for (unsigned round = 0; round < 40; ++round) {
    std::vector<uint64_t> columns;
    for (unsigned bit = 0; bit < out.totalBits(); ++bit)
      columns.push_back(uint64_t(1) << bit);
    while (columns.size() < 5)
      columns.push_back(0);
    if (round % 2 == 1)
      columns.push_back(0);
    std::shuffle(columns.begin(), columns.end(), random);
    if (round % 4 == 3)
      columns[0] ^= columns[1];
    layouts.push_back(
        {{{Dim::Register, static_cast<unsigned>(columns.size()) - 5}, {Dim::Lane, 3}, {Dim::Warp, 2}}, out, columns});
  }
  return layouts;
}

TEST(Rules, BroadcastReadsInPlace) {
  for (auto [from, to] :
       {std::pair(Shape{4, 0}, Shape{4, 5}), std::pair(Shape{0, 5}, Shape{4, 5}), std::pair(Shape{0, 0}, Shape{3, 3}),
        std::pair(Shape{2, 0, 3}, Shape{2, 2, 3}), std::pair(Shape{3, 2}, Shape{3, 2})}) {
    auto source = [&, &small = from](const Coordinates &element) {
      Coordinates result = element;
      for (size_t index = 0; index < small.size(); ++index)
        result[index] &= (uint64_t(1) << small[index]) - 1;
      return result;
    };
    for (const LinearLayout &result : someLayouts(to)) {
      // A layout that adds an old axis' elements up with a new one's loses the new ones' part.
      LinearLayout operand = broadcastOperand(result, from);
      EXPECT_TRUE(operand.isSurjective());
      expectInPlace(operand, result, source);
    }
    for (const LinearLayout &operand : someLayouts(from)) {
      LinearLayout result = broadcastResult(operand, to);
      EXPECT_TRUE(result.isSurjective());
      expectInPlace(operand, result, source);
    }
  }
}

TEST(Rules, BroadcastFillsIdleLanes) {
  // 8 rows in registers, 32 lanes of copies: the lanes take the columns.
  LinearLayout operand = blocked({3, 0}, {3, 0}, {0, 5}, {0, 0}, {1, 0});
  LinearLayout result = broadcastResult(operand, {3, 6});
  EXPECT_EQ(result.in().bits(Dim::Register), 4u);
  EXPECT_TRUE(result.isInjective());
}

TEST(Rules, ReshapeReadsInPlace) {
  for (auto [from, to] : {std::pair(Shape{6}, Shape{3, 3}), std::pair(Shape{2, 4}, Shape{1, 3, 2}),
                          std::pair(Shape{5, 2}, Shape{7}), std::pair(Shape{4}, Shape{0, 4, 0})}) {
    auto source = [&, &before = from, &after = to](const Coordinates &element) {
      return fromRowMajor(rowMajor(element, after), before);
    };
    for (const LinearLayout &result : someLayouts(to))
      expectInPlace(reshapeOperand(result, from), result, source);
    for (const LinearLayout &operand : someLayouts(from))
      expectInPlace(operand, reshapeResult(operand, to), source);
  }
}

TEST(Rules, TransposeReadsInPlace) {
  llvm::SmallVector<int64_t> order = {2, 0, 1};
  Shape from = {3, 1, 4}, to = {4, 3, 1};
  auto source = [&](const Coordinates &element) {
    Coordinates result(3);
    for (size_t index = 0; index < 3; ++index)
      result[order[index]] = element[index];
    return result;
  };
  for (const LinearLayout &result : someLayouts(to))
    expectInPlace(transposeOperand(result, order), result, source);
  for (const LinearLayout &operand : someLayouts(from))
    expectInPlace(operand, transposeResult(operand, order), source);
}

TEST(Rules, JoinReadsInPlace) {
  auto source = [](const Coordinates &element) { return Coordinates(element.begin(), element.end() - 1); };
  unsigned possible = 0;
  for (const LinearLayout &result : someLayouts({3, 4, 1})) {
    bool moves = runsOver(result, Dim::Lane, 2) || runsOver(result, Dim::Warp, 2);
    std::optional<LinearLayout> operand = joinOperand(result);
    EXPECT_EQ(operand.has_value(), !moves);
    if (!operand)
      continue;
    ++possible;
    expectInPlace(*operand, result, source);
    // Which of both tiles it is taken from is the same in all threads.
    for (uint64_t reg = 0; reg < places(result, Dim::Register); ++reg)
      for (uint64_t lane = 0; lane < 8; ++lane)
        for (uint64_t warp = 0; warp < 4; ++warp)
          EXPECT_EQ(at(result, reg, lane, warp).back(), at(result, reg, 0, 0).back());
  }
  EXPECT_GT(possible, 3u);
  for (const LinearLayout &operand : someLayouts({3, 4})) {
    LinearLayout result = joinResult(operand);
    EXPECT_TRUE(result.isSurjective());
    EXPECT_TRUE(joinOperand(result));
    expectInPlace(operand, result, source);
  }
}

TEST(Rules, ReduceKeepsWhatAThreadHolds) {
  for (unsigned folded : {0u, 1u, 2u})
    for (const LinearLayout &operand : someLayouts({2, 3, 2})) {
      LinearLayout result = reduceResult(operand, folded);
      EXPECT_TRUE(result.isSurjective());
      for (uint64_t lane = 0; lane < 8; ++lane)
        for (uint64_t warp = 0; warp < 4; ++warp) {
          // A thread has the result of every element that it holds, once.
          std::multiset<Coordinates> expected, found;
          std::set<Coordinates> seen;
          for (uint64_t reg = 0; reg < places(operand, Dim::Register); ++reg) {
            Coordinates element = at(operand, reg, lane, warp);
            element.erase(element.begin() + folded);
            if (seen.insert(element).second)
              expected.insert(element);
          }
          for (uint64_t reg = 0; reg < places(result, Dim::Register); ++reg)
            found.insert(at(result, reg, lane, warp));
          EXPECT_EQ(found, expected);
        }
    }
}

TEST(Rules, HoldsIsWhatEnumerationSays) {
  unsigned yes = 0, no = 0;
  std::vector<LinearLayout> layouts = someLayouts({2, 3});
  for (const LinearLayout &held : layouts)
    for (const LinearLayout &wanted : layouts) {
      bool inPlace = true;
      for (uint64_t reg = 0; reg < places(wanted, Dim::Register) && inPlace; ++reg) {
        std::optional<uint64_t> from = find(held, at(wanted, reg, 0, 0));
        inPlace = from.has_value();
        for (uint64_t lane = 0; lane < 8 && inPlace; ++lane)
          for (uint64_t warp = 0; warp < 4 && inPlace; ++warp)
            inPlace = at(held, *from, lane, warp) == at(wanted, reg, lane, warp);
      }
      EXPECT_EQ(holds(held, wanted), inPlace);
      ++(inPlace ? yes : no);
    }
  EXPECT_GE(yes, layouts.size());
  EXPECT_GT(no, layouts.size());
}

TEST(Rules, RegisterCopiesGoOthersStay) {
  // Registers: an element, its copy, a lane's element, nothing.
  LinearLayout layout({{Dim::Register, 4}, {Dim::Lane, 1}, {Dim::Warp, 0}}, {{axis(0), 2}}, {1, 1, 2, 0, 2});
  LinearLayout kept = withoutRegisterCopies(layout);
  EXPECT_EQ(llvm::SmallVector<uint64_t>(kept.columns()), (llvm::SmallVector<uint64_t>{1, 2, 2}));
}

} // namespace
