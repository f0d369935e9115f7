//===- ShufflePlan.cpp - Conversions within a warp, as data --------*- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// In one shuffle every lane offers one register and takes one lane's offer. A conversion says for each place of the result (a register of a
// lane) which place of the operand it comes from, and that is a linear map. The rounds of a plan are the cosets of a subspace V of the
// result's places that meets each lane once, so that each lane takes one element in a round; it costs one shuffle a round when V's sources,
// too, are in different lanes (or the same register). For two layouts without copies there always is such a V: a common complement of two
// subspaces of one size, found by taking vectors that lie in neither. Of these one is preferred along which data stays in its lane, because
// all of a round then moves by one distance, and those of distance 0 need no shuffle at all. Still better is the one of all lanes where it
// serves, as it does when a warp spreads what its lanes have shares of: every lane then offers and takes one and the same register.
//
// In a round a lane's offer and the register that it takes into depend on its number by exclusive or: the exchanges before and after.
//
//===----------------------------------------------------------------------===//

#include "tile/Layout/Plans.h"

#include "Basis.h"

using namespace tile::layout;

/// The sum of the columns of an index's bits.
static uint64_t sum(llvm::ArrayRef<uint64_t> columns, uint64_t index) {
  uint64_t result = 0;
  for (auto [bit, column] : llvm::enumerate(columns))
    if (index >> bit & 1)
      result ^= column;
  return result;
}

static uint64_t bitAt(unsigned position) { return uint64_t(1) << position; }

bool ShufflePlan::lanesStay() const {
  return llvm::all_of(llvm::enumerate(laneColumns), [](auto it) { return it.value() == bitAt(it.index()); });
}

bool ShufflePlan::warpsStay() const {
  return llvm::all_of(warpColumns, [](uint64_t column) { return column == 0; });
}

namespace {
/// Places are packed with the register's bits low and the lane's above.
struct Planner {
  unsigned laneBits;
  /// Of the operand.
  unsigned fromBits;
  /// Of the result, copies left out.
  unsigned toBits = 0;
  /// Where the place of each bit of the result comes from.
  llvm::SmallVector<uint64_t> sources, warpSources;

  uint64_t sourceLane(uint64_t place) const { return sum(sources, place) >> fromBits; }
  uint64_t sourceRegister(uint64_t place) const { return sum(sources, place) & (bitAt(fromBits) - 1); }
  uint64_t lane(uint64_t place) const { return place >> toBits; }

  llvm::SmallVector<uint64_t> chooseRounds() const;
};
} // namespace

/// A place of the result for each bit of the lane: the columns of V, as a map from lanes.
llvm::SmallVector<uint64_t> Planner::chooseRounds() const {
  unsigned bits = toBits + laneBits;
  llvm::SmallVector<uint64_t> units;
  for (unsigned bit = 0; bit < bits; ++bit)
    units.push_back(bitAt(bit));
  // Lanes first: where they serve, nothing is exchanged.
  std::rotate(units.begin(), units.begin() + toBits, units.end());
  llvm::ArrayRef<uint64_t> ofLanes = llvm::ArrayRef(units).take_front(laneBits);
  if (llvm::all_of(ofLanes, [&](uint64_t unit) { return sourceRegister(unit) == 0; }))
    return llvm::SmallVector<uint64_t>(ofLanes);
  // What stays in its lane.
  llvm::SmallVector<uint64_t> staying;
  Basis moving;
  for (uint64_t unit : units) {
    uint64_t distance = sourceLane(unit) ^ lane(unit);
    if (!moving.insert(distance, unit))
      staying.push_back(*moving.solve(distance) ^ unit);
  }
  llvm::SmallVector<uint64_t> candidates = staying;
  candidates.append(units);
  for (uint64_t first : units)
    for (uint64_t second : units)
      if (first < second)
        candidates.push_back(first ^ second);

  Basis lanes, fromPlaces, fromLanes;
  llvm::SmallVector<uint64_t> chosen;
  auto take = [&](uint64_t place) {
    lanes.insert(lane(place), bitAt(chosen.size()));
    fromPlaces.insert(sum(sources, place), 0);
    fromLanes.insert(sourceLane(place), 0);
    chosen.push_back(place);
  };
  for (bool lonely : {true, false})
    for (uint64_t place : candidates) {
      bool sharesOffer = fromPlaces.spans(sum(sources, place));
      if (!lanes.spans(lane(place)) && (!lonely || sharesOffer || !fromLanes.spans(sourceLane(place))))
        take(place);
    }
  llvm::SmallVector<uint64_t> columns;
  for (unsigned bit = 0; bit < laneBits; ++bit)
    columns.push_back(sum(chosen, *lanes.solve(bitAt(bit))));
  return columns;
}

std::optional<ShufflePlan> tile::layout::planShuffles(const LinearLayout &from, const LinearLayout &to) {
  ShufflePlan plan;
  Planner planner;
  planner.laneBits = to.in().bits(Dim::Lane);
  planner.fromBits = from.in().bits(Dim::Register);
  unsigned fromBits = planner.fromBits, laneBits = planner.laneBits;

  // Sources: in the same lane if it has the element, else in the one of the lowest bits.
  Basis registers, places;
  for (unsigned bit = 0; bit < fromBits; ++bit) {
    registers.insert(from.column(Dim::Register, bit), bitAt(bit));
    places.insert(from.column(Dim::Register, bit), bitAt(bit));
  }
  for (unsigned bit = 0; bit < from.in().bits(Dim::Lane); ++bit)
    places.insert(from.column(Dim::Lane, bit), bitAt(fromBits + bit));
  auto find = [&](uint64_t element) {
    std::optional<uint64_t> near = registers.solve(element);
    return near ? near : places.solve(element);
  };

  // Registers of the result that hold the same as others are filled from them.
  Basis kept;
  llvm::SmallVector<uint64_t> keptColumns;
  for (unsigned bit = 0; bit < to.in().bits(Dim::Register); ++bit) {
    uint64_t column = to.column(Dim::Register, bit);
    std::optional<uint64_t> same = kept.solve(column);
    if (!same) {
      kept.insert(column, bitAt(planner.toBits));
      same = bitAt(planner.toBits++);
      std::optional<uint64_t> source = find(column);
      if (!source)
        return std::nullopt;
      planner.sources.push_back(*source);
    }
    keptColumns.push_back(*same);
  }
  for (uint64_t index = 0; index < bitAt(keptColumns.size()); ++index)
    plan.result.push_back(sum(keptColumns, index));
  for (unsigned bit = 0; bit < laneBits; ++bit) {
    uint64_t column = to.column(Dim::Lane, bit);
    std::optional<uint64_t> source;
    if (bit < from.in().bits(Dim::Lane))
      if (std::optional<uint64_t> near = registers.solve(column ^ from.column(Dim::Lane, bit)))
        source = *near ^ bitAt(fromBits + bit);
    if (!source)
      source = find(column);
    if (!source)
      return std::nullopt;
    planner.sources.push_back(*source);
  }
  for (unsigned bit = 0; bit < to.in().bits(Dim::Warp); ++bit) {
    uint64_t held = bit < from.in().bits(Dim::Warp) ? from.column(Dim::Warp, bit) : 0;
    std::optional<uint64_t> source = find(to.column(Dim::Warp, bit) ^ held);
    if (!source)
      return std::nullopt;
    planner.warpSources.push_back(*source);
  }

  llvm::SmallVector<uint64_t> subspace = planner.chooseRounds();
  for (uint64_t place : subspace)
    plan.laneColumns.push_back(planner.sourceLane(place));
  for (uint64_t source : planner.warpSources)
    plan.warpColumns.push_back(source >> fromBits);

  // The offered register as a function of the offering lane. Two lanes of the result that take from one lane but not one register leave
  // a remainder, which is a choice.
  Basis offering;
  llvm::SmallVector<uint64_t> offers(2 * laneBits, 0);
  for (unsigned bit = 0; bit < laneBits; ++bit)
    if (offering.insert(plan.laneColumns[bit], bitAt(bit)))
      offers[bit] = planner.sourceRegister(subspace[bit]);
  for (unsigned bit = 0; bit < laneBits; ++bit)
    offering.insert(bitAt(bit), bitAt(laneBits + bit));
  auto offered = [&](uint64_t lane) { return sum(offers, *offering.solve(lane)); };

  auto add = [](llvm::SmallVector<ShufflePlan::Exchange> &to, uint64_t lanes, uint64_t warps, uint64_t registers) {
    if (registers == 0)
      return;
    for (ShufflePlan::Exchange &exchange : to)
      if (exchange.registers == registers) {
        exchange.lanes |= lanes;
        exchange.warps |= warps;
        return;
      }
    to.push_back({lanes, warps, registers});
  };
  Basis choices;
  for (unsigned bit = 0; bit < laneBits; ++bit) {
    add(plan.before, bitAt(bit), 0, offered(bitAt(bit)));
    add(plan.after, bitAt(bit), 0, subspace[bit] & (bitAt(planner.toBits) - 1));
    uint64_t rest = planner.sourceRegister(subspace[bit]) ^ offered(plan.laneColumns[bit]);
    std::optional<uint64_t> parts = choices.solve(rest);
    if (!parts) {
      parts = bitAt(plan.choices.size());
      choices.insert(rest, *parts);
      plan.choices.push_back({0, 0, rest});
    }
    for (auto [index, choice] : llvm::enumerate(plan.choices))
      if (*parts >> index & 1)
        choice.lanes ^= bitAt(bit);
  }
  for (auto [bit, source] : llvm::enumerate(planner.warpSources))
    add(plan.before, 0, bitAt(bit), (source & (bitAt(fromBits) - 1)) ^ offered(source >> fromBits));
  for (uint64_t index = 0; index < bitAt(planner.toBits); ++index) {
    uint64_t lane = planner.sourceLane(index);
    plan.rounds.push_back({planner.sourceRegister(index) ^ offered(lane), lane});
  }
  return plan;
}
