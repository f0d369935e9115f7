//===- PlansTest.cpp - Plans, run by enumeration -------------------*- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "tile/Layout/Plans.h"
#include "tile/Layout/Layouts.h"

#include <gtest/gtest.h>

#include <bit>
#include <map>
#include <numeric>
#include <random>
#include <set>

using namespace tile::layout;

namespace {

uint64_t elementAt(const LinearLayout &layout, uint64_t reg, uint64_t lane, uint64_t warp) {
  const Space &in = layout.in();
  uint64_t place = in.pack(Dim::Register, reg) | in.pack(Dim::Lane, lane);
  return layout.apply(in.bits(Dim::Warp) ? place | in.pack(Dim::Warp, warp) : place);
}

uint64_t sum(llvm::ArrayRef<uint64_t> columns, uint64_t index) {
  uint64_t result = 0;
  for (auto [bit, column] : llvm::enumerate(columns))
    if (index >> bit & 1)
      result ^= column;
  return result;
}

//===--- Shuffles ---===//

/// What the conditions of exchanges that hold in a lane add up to.
uint64_t moved(llvm::ArrayRef<ShufflePlan::Exchange> exchanges, uint64_t lane, uint64_t warp) {
  uint64_t result = 0;
  for (const ShufflePlan::Exchange &exchange : exchanges)
    if ((std::popcount(lane & exchange.lanes) + std::popcount(warp & exchange.warps)) % 2)
      result ^= exchange.registers;
  return result;
}

/// Runs a plan on tiles whose elements are their own numbers. The shuffles that it takes; fails the test when an element goes astray.
unsigned runShuffles(const ShufflePlan &plan, const LinearLayout &from, const LinearLayout &to) {
  for (uint64_t warp = 0; warp < uint64_t(1) << to.in().bits(Dim::Warp); ++warp)
    for (uint64_t lane = 0; lane < 32; ++lane)
      for (uint64_t reg = 0; reg < uint64_t(1) << to.in().bits(Dim::Register); ++reg) {
        uint64_t number = plan.result[reg] ^ moved(plan.after, lane, warp);
        if (number >= plan.rounds.size()) {
          ADD_FAILURE() << "round " << number;
          return 0;
        }
        const ShufflePlan::Round &round = plan.rounds[number];
        uint64_t source = sum(plan.laneColumns, lane) ^ sum(plan.warpColumns, warp) ^ round.lane;
        uint64_t offered = round.source ^ moved(plan.choices, lane, warp) ^ moved(plan.before, source, warp);
        if (elementAt(from, offered, source, warp) != elementAt(to, reg, lane, warp)) {
          ADD_FAILURE() << "from\n" << from.str() << "to\n" << to.str() << "register " << reg << " lane " << lane;
          return 0;
        }
      }
  unsigned moving = llvm::count_if(plan.rounds, [&](const auto &round) { return !plan.isLocal(round); });
  return moving << plan.choices.size();
}

class Dice {
public:
  uint64_t below(uint64_t limit) { return engine() % limit; }

  /// Places in random order and mixture that hold every element, and `spare` more bits of places that hold copies.
  LinearLayout layout(unsigned bits, unsigned warpBits, unsigned spare) {
    llvm::SmallVector<uint64_t> columns;
    for (unsigned bit = 0; bit < bits; ++bit)
      columns.push_back(uint64_t(1) << bit);
    for (unsigned step = 0; step < 4 * bits; ++step) {
      unsigned a = below(bits), b = below(bits);
      if (a != b)
        columns[a] ^= columns[b];
    }
    for (unsigned bit = 0; bit < spare; ++bit)
      columns.push_back(below(3) ? 0 : below(uint64_t(1) << bits));
    shuffle(columns);
    unsigned registers = columns.size() - 5 - warpBits;
    return {{{Dim::Register, registers}, {Dim::Lane, 5}, {Dim::Warp, warpBits}}, {{axis(0), bits}}, columns};
  }

  void shuffle(llvm::SmallVector<uint64_t> &columns) { std::shuffle(columns.begin(), columns.end(), engine); }

private:
  std::mt19937_64 engine{7};
};

TEST(Plans, ShufflesMoveEveryElementOfRandomLayouts) {
  Dice dice;
  for (unsigned trial = 0; trial < 2000; ++trial) {
    unsigned warpBits = dice.below(3), registers = dice.below(5), bits = 5 + warpBits + registers;
    LinearLayout from = dice.layout(bits, warpBits, 0);
    // The same warps, anything else mixed.
    llvm::SmallVector<uint64_t> inWarp(from.columns().begin(), from.columns().end() - warpBits);
    for (unsigned step = 0; step < 30; ++step) {
      unsigned a = dice.below(inWarp.size()), b = dice.below(inWarp.size());
      if (a != b)
        inWarp[a] ^= inWarp[b];
    }
    dice.shuffle(inWarp);
    llvm::SmallVector<uint64_t> columns(inWarp);
    for (unsigned bit = 0; bit < warpBits; ++bit)
      columns.push_back(from.column(Dim::Warp, bit) ^ inWarp[dice.below(inWarp.size())]);
    LinearLayout to(from.in(), from.out(), columns);
    std::optional<ShufflePlan> plan = planShuffles(from, to);
    ASSERT_TRUE(plan);
    EXPECT_LE(runShuffles(*plan, from, to), 1u << registers) << "one shuffle for each register at most";
    EXPECT_TRUE(plan->choices.empty());
    if (HasFailure())
      return;
  }
}

TEST(Plans, ShufflesMoveCopiesToo) {
  Dice dice;
  unsigned planned = 0;
  for (unsigned trial = 0; trial < 4000; ++trial) {
    unsigned bits = 2 + dice.below(7), warpBits = dice.below(2);
    unsigned least = 5 + warpBits > bits ? 5 + warpBits - bits : 0;
    LinearLayout from = dice.layout(bits, warpBits, least + dice.below(3));
    LinearLayout to = dice.layout(bits, warpBits, least + dice.below(3));
    std::optional<ShufflePlan> plan = planShuffles(from, to);
    EXPECT_EQ(plan.has_value(), travel(from, to) != Travel::Warps) << from.str() << "to\n" << to.str();
    if (plan) {
      ++planned;
      runShuffles(*plan, from, to);
    }
    if (HasFailure())
      return;
  }
  EXPECT_GT(planned, 1000u);
}

TEST(Plans, AnExchangeOfOneLaneBitTakesHalfTheShuffles) {
  LinearLayout from = blocked({7}, {2}, {5}, {0}, {0}), to = blocked({7}, {1}, {5}, {0}, {0});
  std::optional<ShufflePlan> plan = planShuffles(from, to);
  ASSERT_TRUE(plan);
  EXPECT_EQ(plan->rounds.size(), 4u);
  runShuffles(*plan, from, to);
  // A lane bit and a register bit change places.
  LinearLayout a({{Dim::Register, 1}, {Dim::Lane, 5}, {Dim::Warp, 0}}, {{axis(0), 6}}, {1, 2, 4, 8, 16, 32});
  LinearLayout b({{Dim::Register, 1}, {Dim::Lane, 5}, {Dim::Warp, 0}}, {{axis(0), 6}}, {2, 1, 4, 8, 16, 32});
  plan = planShuffles(a, b);
  ASSERT_TRUE(plan);
  EXPECT_EQ(runShuffles(*plan, a, b), 1u);
}

TEST(Plans, LanesThatGetOthersSharesExchangeNothing) {
  // A row of 64 elements, of which each lane has two, and wants sixteen.
  LinearLayout share({{Dim::Register, 1}, {Dim::Lane, 5}, {Dim::Warp, 1}}, {{axis(0), 6}}, {1, 2, 4, 8, 16, 32, 0});
  LinearLayout whole({{Dim::Register, 4}, {Dim::Lane, 5}, {Dim::Warp, 1}}, {{axis(0), 6}},
                     {1, 8, 16, 32, 2, 4, 0, 0, 0, 0});
  std::optional<ShufflePlan> plan = planShuffles(share, whole);
  ASSERT_TRUE(plan);
  EXPECT_EQ(plan->rounds.size(), 16u);
  EXPECT_TRUE(plan->before.empty() && plan->choices.empty() && plan->after.empty());
  runShuffles(*plan, share, whole);
}

TEST(Plans, ResultOfAProductBecomesAnOperandWithoutShuffles) {
  // The accumulator of 16-bit products is laid out as the next product's operand A.
  LinearLayout from = mmaTile(MmaOperand::Accumulator, {6, 6}, 4, 2, 0), to = mmaTile(MmaOperand::A, {6, 6}, 2, 2, 0);
  std::optional<ShufflePlan> plan = planShuffles(from, to);
  ASSERT_TRUE(plan);
  EXPECT_EQ(runShuffles(*plan, from, to), 0u);
  EXPECT_TRUE(plan->before.empty());
  EXPECT_TRUE(plan->after.empty());
}

//===--- Matrices ---===//

/// What lanes receive from a plan's loads, by the definition of ldmatrix, against the operand's layout. The offset of each 16-bit half
/// word of shared memory names it.
void runMatrixLoads(const MatrixPlan &plan, const LinearLayout &registers, const LinearLayout &shared,
                    unsigned elementBytes) {
  LinearLayout map = registers.convertTo(shared);
  unsigned perWord = 4 / elementBytes;
  for (uint64_t warp = 0; warp < uint64_t(1) << registers.in().bits(Dim::Warp); ++warp)
    for (size_t load = 0; load < plan.loadBytes.size(); ++load)
      for (unsigned matrix = 0; matrix < plan.matrices; ++matrix)
        for (unsigned lane = 0; lane < 32; ++lane)
          for (unsigned half = 0; half < 2; ++half) {
            unsigned row = lane / 4, column = lane % 4 * 2 + half;
            if (plan.transposed)
              std::swap(row, column);
            uint64_t address = sum(plan.laneBytes, matrix * 8 + row) ^ sum(plan.warpBytes, warp) ^ plan.loadBytes[load];
            ASSERT_EQ(address % 16, 0u);
            address += column * 2;
            unsigned word = load * plan.matrices + matrix;
            // The first element of this half word; of 32-bit elements, the half itself.
            unsigned reg = word * perWord + (elementBytes == 4 ? 0 : half * 2 / elementBytes);
            uint64_t place = map.in().pack(Dim::Register, reg) | map.in().pack(Dim::Lane, lane);
            if (map.in().bits(Dim::Warp))
              place |= map.in().pack(Dim::Warp, warp);
            ASSERT_EQ(address, map.apply(place) * elementBytes + (elementBytes == 4 ? 2 * half : 0));
          }
}

TEST(Plans, MatrixLoadsFillOperands) {
  unsigned plans = 0, transposed = 0;
  for (unsigned bytes : {1u, 2u, 4u})
    for (MmaOperand operand : {MmaOperand::A, MmaOperand::B})
      for (unsigned unit : {0u, 1u})
        for (unsigned span : {0u, 32u, 64u, 128u})
          for (unsigned kBits : {4u, 5u, 6u, 7u})
            for (unsigned otherBits : {4u, 6u, 7u})
              for (auto [warpsM, warpsN] :
                   {std::pair(0u, 0u), std::pair(1u, 1u), std::pair(0u, 2u), std::pair(2u, 1u)}) {
                if ((1u << kBits) * bytes < 32)
                  continue;
                llvm::SmallVector<unsigned> shape = {otherBits, kBits};
                if (operand == MmaOperand::B)
                  std::swap(shape[0], shape[1]);
                if ((span && (bytes << shape[unit]) < span) || warpsM + 4 > shape[0] || warpsN + 3 > shape[1])
                  continue;
                LinearLayout layout = mmaTile(operand, shape, bytes, warpsM, warpsN);
                LinearLayout shared = span ? swizzledShared(shape, unit, bytes, span) : plainShared(shape, unit);
                std::optional<MatrixPlan> plan = planMatrixLoads(layout, shared, bytes);
                bool along = unit == (operand == MmaOperand::A ? 1u : 0u);
                EXPECT_EQ(plan.has_value(), along || bytes == 2);
                if (!plan)
                  continue;
                EXPECT_EQ(plan->transposed, !along);
                EXPECT_EQ(!plan->transposed, isMatrixAccess(layout, shared, bytes));
                runMatrixLoads(*plan, layout, shared, bytes);
                ++plans;
                transposed += plan->transposed;
              }
  EXPECT_GT(plans, 500u);
  EXPECT_GT(transposed, 100u);
}

TEST(Plans, MatrixLoadsOfSwizzledOperandsMeetNoBankTwice) {
  for (MmaOperand operand : {MmaOperand::A, MmaOperand::B})
    for (unsigned unit : {0u, 1u}) {
      LinearLayout layout = mmaTile(operand, {7, 7}, 2, 1, 1), shared = swizzledShared({7, 7}, unit, 2, 128);
      std::optional<MatrixPlan> plan = planMatrixLoads(layout, shared, 2);
      ASSERT_TRUE(plan);
      for (uint64_t load : plan->loadBytes)
        for (unsigned matrix = 0; matrix < 4; ++matrix) {
          std::set<uint64_t> pieces;
          for (unsigned row = 0; row < 8; ++row)
            pieces.insert((sum(plan->laneBytes, matrix * 8 + row) ^ load) / 16 % 8);
          EXPECT_EQ(pieces.size(), 8u);
        }
    }
}

//===--- Vectors and copies ---===//

TEST(Plans, VectorsAreFoundWhateverTheirBits) {
  // Register bit 0 is a row, bits 1 and 2 are neighbours.
  LinearLayout layout({{Dim::Register, 3}, {Dim::Lane, 5}, {Dim::Warp, 0}}, {{axis(0), 3}, {axis(1), 5}},
                      {1, 8, 16, 32, 64, 128, 2, 4});
  LinearLayout offsets = layout.convertTo(plainShared({3, 5}, 1));
  EXPECT_EQ(vectorBits(offsets, 4), (llvm::SmallVector<unsigned>{1, 2}));
  EXPECT_EQ(vectorBits(offsets, 1), (llvm::SmallVector<unsigned>{1}));
}

TEST(Plans, CopiesLeaveEachElementOnePlace) {
  Dice dice;
  for (unsigned trial = 0; trial < 300; ++trial) {
    LinearLayout layout = dice.layout(6, 2, 1 + dice.below(4));
    Copies spare = copies(layout);
    std::set<uint64_t> held;
    uint64_t places = 0;
    for (uint64_t reg = 0; reg < uint64_t(1) << layout.in().bits(Dim::Register); ++reg)
      for (uint64_t lane = 0; lane < 32; ++lane)
        for (uint64_t warp = 0; warp < 4; ++warp)
          if (!(reg & spare.registers) && !(lane & spare.lanes) && !(warp & spare.warps)) {
            held.insert(elementAt(layout, reg, lane, warp));
            ++places;
          }
    EXPECT_EQ(places, 64u);
    EXPECT_EQ(held.size(), 64u);
  }
}

//===--- Folds ---===//

/// Runs a plan on tiles whose every element is a set of itself: each lane must end with each element of its line once.
void runFold(const FoldPlan &plan, const LinearLayout &operand, unsigned axisIndex) {
  using Bag = std::map<uint64_t, unsigned>;
  uint64_t warps = uint64_t(1) << operand.in().bits(Dim::Warp);
  LinearLayout sliced = operand.sliced(axisIndex);
  for (uint64_t warp = 0; warp < warps; ++warp) {
    std::vector<std::vector<Bag>> bags(32, std::vector<Bag>(plan.groups.size()));
    for (uint64_t lane = 0; lane < 32; ++lane)
      for (auto [index, group] : llvm::enumerate(plan.groups))
        for (unsigned reg : group)
          ++bags[lane][index][elementAt(operand, reg, lane, warp)];
    for (const FoldPlan::Step &step : plan.steps) {
      auto before = bags;
      for (uint64_t lane = 0; lane < 32; ++lane)
        for (size_t index = 0; index < plan.groups.size(); ++index)
          for (auto [element, count] : before[lane ^ step.lane][index ^ step.registers])
            bags[lane][index][element] += count;
    }
    for (uint64_t lane = 0; lane < 32; ++lane)
      for (size_t index = 0; index < plan.groups.size(); ++index) {
        uint64_t line = elementAt(plan.folded, index, lane, warp);
        ASSERT_EQ(bags[lane][index].size(), uint64_t(1) << operand.out().bits(axis(axisIndex)));
        for (auto [element, count] : bags[lane][index]) {
          ASSERT_EQ(count, 1u);
          // The element without the axis is the line.
          uint64_t other = 1 - axisIndex;
          ASSERT_EQ(operand.out().unpack(axis(other), element), line);
        }
      }
  }
}

TEST(Plans, FoldsMeetEachElementOnce) {
  Dice dice;
  unsigned planned = 0;
  for (unsigned trial = 0; trial < 3000; ++trial) {
    unsigned bits = 3 + dice.below(5), warpBits = dice.below(2), first = dice.below(bits + 1);
    unsigned least = 5 + warpBits > bits ? 5 + warpBits - bits : 0;
    LinearLayout flat = dice.layout(bits, warpBits, least + dice.below(3));
    LinearLayout layout(flat.in(), {{axis(0), first}, {axis(1), bits - first}}, flat.columns());
    for (unsigned axisIndex : {0u, 1u})
      if (std::optional<FoldPlan> plan = planFold(layout, axisIndex)) {
        ++planned;
        runFold(*plan, layout, axisIndex);
      }
    if (HasFailure())
      return;
  }
  EXPECT_GT(planned, 1500u);
}

TEST(Plans, AFoldOverWarpsHasNone) {
  EXPECT_FALSE(planFold(blocked({7}, {0}, {5}, {2}, {0}), 0));
  EXPECT_TRUE(planFold(blocked({5}, {0}, {5}, {2}, {0}), 0));
}

TEST(Plans, RowsOfAnAccumulatorFoldInTwoSteps) {
  std::optional<FoldPlan> plan = planFold(mmaTile(MmaOperand::Accumulator, {6, 6}, 4, 2, 0), 1);
  ASSERT_TRUE(plan);
  EXPECT_EQ(plan->groups.size(), 2u);
  EXPECT_EQ(plan->groups[0].size(), 16u);
  ASSERT_EQ(plan->steps.size(), 2u);
  EXPECT_EQ(plan->steps[0].lane, 1u);
  EXPECT_EQ(plan->steps[1].lane, 2u);
}

} // namespace
