//===- Plans.cpp - How threads read shared memory and fold, as data *- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "tile/Layout/Plans.h"

#include "Basis.h"

#include <llvm/Support/MathExtras.h>

using namespace tile::layout;

Copies tile::layout::copies(const LinearLayout &layout) {
  Basis basis;
  auto clear = [&](Dim dim) {
    uint64_t redundant = 0;
    for (unsigned bit = 0; bit < layout.in().bits(dim); ++bit)
      if (!basis.insert(layout.column(dim, bit), 0))
        redundant |= uint64_t(1) << bit;
    return redundant;
  };
  Copies result;
  result.registers = clear(Dim::Register);
  result.lanes = clear(Dim::Lane);
  result.warps = clear(Dim::Warp);
  return result;
}

//===----------------------------------------------------------------------===//
// Shared memory
//===----------------------------------------------------------------------===//

llvm::SmallVector<unsigned> tile::layout::vectorBits(const LinearLayout &offsets, unsigned most) {
  llvm::SmallVector<unsigned> found;
  unsigned registerBits = offsets.in().bits(Dim::Register);
  while (found.size() < most) {
    unsigned bit = 0;
    while (bit < registerBits && offsets.column(Dim::Register, bit) != uint64_t(1) << found.size())
      ++bit;
    if (bit == registerBits)
      break;
    found.push_back(bit);
  }
  // No other bit may disturb the low bits of the offset, or a vector would not be aligned.
  for (; !found.empty(); found.pop_back()) {
    uint64_t low = (uint64_t(1) << found.size()) - 1;
    bool aligned = true;
    for (auto [dim, bits] : offsets.in().dims())
      for (unsigned bit = 0; bit < bits; ++bit)
        if (dim != Dim::Register || !llvm::is_contained(found, bit))
          aligned &= (offsets.column(dim, bit) & low) == 0;
    if (aligned)
      break;
  }
  return found;
}

std::optional<MatrixPlan> tile::layout::planMatrixLoads(const LinearLayout &registers, const LinearLayout &shared,
                                                        unsigned elementBytes) {
  constexpr unsigned kLaneBits = 5, kRowBytes = 16, kWordBytes = 4;
  LinearLayout map = registers.convertTo(shared);
  if (elementBytes > kWordBytes || map.in().bits(Dim::Lane) != kLaneBits)
    return std::nullopt;
  unsigned packed = llvm::Log2_32(kWordBytes / elementBytes), registerBits = map.in().bits(Dim::Register);
  if (registerBits < packed)
    return std::nullopt;
  // The places that run along a row of 16 bytes, and those that number the rows of a matrix.
  using Bit = std::pair<Dim, unsigned>;
  auto check = [&](llvm::ArrayRef<Bit> along) {
    for (auto [dim, bits] : map.in().dims())
      for (unsigned bit = 0; bit < bits; ++bit) {
        uint64_t column = map.column(dim, bit) * elementBytes;
        const Bit *found = llvm::find(along, Bit(dim, bit));
        bool fits = found == along.end() ? column % kRowBytes == 0
                                         : column == uint64_t(elementBytes) << (found - along.begin());
        if (!fits)
          return false;
      }
    return true;
  };
  llvm::SmallVector<Bit> inWord, lowLanes = {{Dim::Lane, 0}, {Dim::Lane, 1}},
                                 highLanes = {{Dim::Lane, 2}, {Dim::Lane, 3}, {Dim::Lane, 4}};
  for (unsigned bit = 0; bit < packed; ++bit)
    inWord.push_back({Dim::Register, bit});
  auto joined = [](llvm::ArrayRef<Bit> first, llvm::ArrayRef<Bit> second) {
    llvm::SmallVector<Bit> all(first);
    all.append(second.begin(), second.end());
    return all;
  };
  MatrixPlan plan;
  llvm::SmallVector<Bit> rows;
  if (check(joined(inWord, lowLanes))) {
    plan.transposed = false;
    rows = highLanes;
  } else if (elementBytes == 2 && check(highLanes)) {
    plan.transposed = true;
    rows = joined(inWord, lowLanes);
  } else {
    return std::nullopt;
  }
  unsigned wordBits = registerBits - packed, matrixBits = std::min(2u, wordBits);
  plan.matrices = 1 << matrixBits;
  for (auto [dim, bit] : rows)
    plan.laneBytes.push_back(map.column(dim, bit) * elementBytes);
  for (unsigned bit = 0; bit < matrixBits; ++bit)
    plan.laneBytes.push_back(map.column(Dim::Register, packed + bit) * elementBytes);
  // Lanes beyond the rows of the matrices name a row too, which is not looked at.
  plan.laneBytes.resize(kLaneBits, 0);
  for (unsigned bit = 0; bit < map.in().bits(Dim::Warp); ++bit)
    plan.warpBytes.push_back(map.column(Dim::Warp, bit) * elementBytes);
  for (uint64_t load = 0; load < uint64_t(1) << (wordBits - matrixBits); ++load)
    plan.loadBytes.push_back(map.apply(map.in().pack(Dim::Register, load << (packed + matrixBits))) * elementBytes);
  return plan;
}

//===----------------------------------------------------------------------===//
// Folds
//===----------------------------------------------------------------------===//

std::optional<FoldPlan> tile::layout::planFold(const LinearLayout &operand, unsigned axisIndex) {
  LinearLayout sliced = operand.sliced(axisIndex);
  const Space &in = operand.in();
  unsigned registerBits = in.bits(Dim::Register), laneBits = in.bits(Dim::Lane);
  auto registerPlace = [&](uint64_t index) { return registerBits ? in.pack(Dim::Register, index) : 0; };
  auto lanePlace = [&](uint64_t index) { return laneBits ? in.pack(Dim::Lane, index) : 0; };
  auto place = [&](uint64_t reg, uint64_t lane) { return registerPlace(reg) | lanePlace(lane); };
  auto along = [&](uint64_t element) { return operand.out().unpack(axis(axisIndex), element); };

  // Bits of a register's number that tell results apart, and for each other one the sum of bits that moves along the axis alone.
  Basis kept;
  llvm::SmallVector<unsigned> keptBits;
  llvm::SmallVector<uint64_t> folding;
  // What moves along the axis and is not a copy of what was met already.
  Basis met;
  for (unsigned bit = 0; bit < registerBits; ++bit) {
    uint64_t column = sliced.column(Dim::Register, bit);
    if (kept.insert(column, uint64_t(1) << bit)) {
      keptBits.push_back(bit);
      continue;
    }
    uint64_t move = *kept.solve(column) ^ uint64_t(1) << bit;
    if (met.insert(operand.apply(registerPlace(move)), 0))
      folding.push_back(move);
  }

  // The registers of the result.
  llvm::SmallVector<uint64_t> columns;
  for (unsigned bit : keptBits)
    columns.push_back(sliced.column(Dim::Register, bit));
  llvm::SmallVector<Space::Entry> entries = {{Dim::Register, static_cast<unsigned>(keptBits.size())}};
  for (Dim dim : {Dim::Lane, Dim::Warp}) {
    entries.push_back({dim, in.bits(dim)});
    for (unsigned bit = 0; bit < in.bits(dim); ++bit)
      columns.push_back(sliced.column(dim, bit));
  }
  FoldPlan plan{{Space(llvm::ArrayRef<Space::Entry>(entries)), sliced.out(), columns}, {}, {}};
  for (uint64_t index = 0; index < uint64_t(1) << keptBits.size(); ++index) {
    uint64_t first = 0;
    for (auto [position, bit] : llvm::enumerate(keptBits))
      first |= (index >> position & 1) << bit;
    llvm::SmallVector<unsigned> group = {static_cast<unsigned>(first)};
    for (uint64_t move : folding)
      for (size_t i = 0, e = group.size(); i < e; ++i)
        group.push_back(group[i] ^ move);
    llvm::sort(group, [&](unsigned a, unsigned b) {
      return along(operand.apply(registerPlace(a))) < along(operand.apply(registerPlace(b)));
    });
    plan.groups.push_back(std::move(group));
  }

  // Moves to other lanes that stay at one result, with the registers that they end in.
  Basis lanes = kept;
  for (unsigned bit = 0; bit < laneBits; ++bit) {
    uint64_t column = sliced.column(Dim::Lane, bit), combination = uint64_t(1) << (registerBits + bit);
    if (lanes.insert(column, combination))
      continue;
    uint64_t move = *lanes.solve(column) ^ combination;
    uint64_t reg = move & ((uint64_t(1) << registerBits) - 1), lane = move >> registerBits;
    if (!met.insert(operand.apply(place(reg, lane)), 0))
      continue;
    FoldPlan::Step step{lane, 0};
    for (auto [position, keptBit] : llvm::enumerate(keptBits))
      step.registers |= (reg >> keptBit & 1) << position;
    plan.steps.push_back(step);
  }
  if (met.rank() != operand.out().bits(axis(axisIndex)))
    return std::nullopt;
  return plan;
}
