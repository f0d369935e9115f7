//===- Rules.cpp - What an op's operand has given its result's layout *- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "tile/Placement/Rules.h"

#include <llvm/ADT/STLExtras.h>

#include <bit>
#include <cassert>

using namespace tile;
using namespace tile::layout;

namespace {
/// The sums of some columns.
class Span {
public:
  /// Adds a column; false when it is a sum already.
  bool insert(uint64_t column) {
    column = reduced(column);
    if (column != 0)
      rows.push_back(column);
    return column != 0;
  }
  bool contains(uint64_t column) const { return reduced(column) == 0; }

private:
  uint64_t reduced(uint64_t column) const {
    for (uint64_t row : rows)
      column = std::min(column, column ^ row);
    return column;
  }

  llvm::SmallVector<uint64_t, 16> rows;
};
} // namespace

/// A layout with other registers: a column for each bit of a register's number.
static LinearLayout withRegisters(const LinearLayout &layout, llvm::ArrayRef<uint64_t> registers) {
  llvm::SmallVector<uint64_t> columns(registers);
  llvm::SmallVector<Space::Entry> in = {{Dim::Register, static_cast<unsigned>(registers.size())}};
  for (Dim dim : {Dim::Lane, Dim::Warp}) {
    in.push_back({dim, layout.in().bits(dim)});
    for (unsigned bit = 0; bit < layout.in().bits(dim); ++bit)
      columns.push_back(layout.column(dim, bit));
  }
  return {Space(llvm::ArrayRef<Space::Entry>(in)), layout.out(), columns};
}

static llvm::SmallVector<uint64_t> registersOf(const LinearLayout &layout) {
  llvm::SmallVector<uint64_t> columns;
  for (unsigned bit = 0; bit < layout.in().bits(Dim::Register); ++bit)
    columns.push_back(layout.column(Dim::Register, bit));
  return columns;
}

/// The axes of a tile in their order.
static Space axesOf(Bits shape) {
  llvm::SmallVector<Space::Entry> entries;
  for (auto [index, bits] : llvm::enumerate(shape))
    entries.push_back({axis(index), bits});
  return Space(llvm::ArrayRef<Space::Entry>(entries));
}

/// The same places with elements changed one by one.
template <typename Change>
static LinearLayout withElements(const LinearLayout &layout, const Space &out, Change change) {
  llvm::SmallVector<uint64_t> columns;
  for (uint64_t column : layout.columns())
    columns.push_back(change(column));
  return {layout.in(), out, columns};
}

LinearLayout placement::withoutRegisterCopies(const LinearLayout &layout) {
  Span seen;
  llvm::SmallVector<uint64_t> kept;
  for (uint64_t column : registersOf(layout))
    if (seen.insert(column))
      kept.push_back(column);
  return withRegisters(layout, kept);
}

bool placement::holds(const LinearLayout &held, const LinearLayout &wanted) {
  if (!(held.out() == wanted.out()))
    return false;
  for (Dim dim : {Dim::Lane, Dim::Warp}) {
    if (held.in().bits(dim) != wanted.in().bits(dim))
      return false;
    for (unsigned bit = 0; bit < held.in().bits(dim); ++bit)
      if (held.column(dim, bit) != wanted.column(dim, bit))
        return false;
  }
  Span span;
  for (uint64_t column : registersOf(held))
    span.insert(column);
  return llvm::all_of(registersOf(wanted), [&](uint64_t column) { return span.contains(column); });
}

bool placement::runsOver(const LinearLayout &layout, Dim dim, unsigned axisIndex) {
  for (unsigned bit = 0; bit < layout.in().bits(dim); ++bit)
    if (layout.out().unpack(axis(axisIndex), layout.column(dim, bit)) != 0)
      return true;
  return false;
}

//===----------------------------------------------------------------------===//
// The operand's layout
//===----------------------------------------------------------------------===//

LinearLayout placement::broadcastOperand(const LinearLayout &result, Bits operand) {
  Space out = axesOf(operand);
  return withoutRegisterCopies(withElements(result, out, [&](uint64_t column) {
    uint64_t element = 0;
    for (unsigned index = 0; index < operand.size(); ++index)
      if (operand[index] == result.out().bits(axis(index)))
        element |= out.pack(axis(index), result.out().unpack(axis(index), column));
    return element;
  }));
}

LinearLayout placement::reshapeOperand(const LinearLayout &result, Bits operand) { return result.reshaped(operand); }

LinearLayout placement::transposeOperand(const LinearLayout &result, llvm::ArrayRef<int64_t> order) {
  llvm::SmallVector<unsigned> back(order.size());
  for (auto [to, from] : llvm::enumerate(order))
    back[from] = to;
  return result.transposed(back);
}

std::optional<LinearLayout> placement::joinOperand(const LinearLayout &result) {
  unsigned last = result.out().dims().size() - 1;
  if (runsOver(result, Dim::Lane, last) || runsOver(result, Dim::Warp, last))
    return std::nullopt;
  return withoutRegisterCopies(result.sliced(last));
}

//===----------------------------------------------------------------------===//
// A result's layout
//===----------------------------------------------------------------------===//

LinearLayout placement::broadcastResult(const LinearLayout &operand, Bits result) {
  Space out = axesOf(result);
  // The new elements' bits, those of the last axis first.
  llvm::SmallVector<uint64_t> fresh;
  for (unsigned index = result.size(); index-- > 0;)
    if (operand.out().bits(axis(index)) != result[index])
      for (unsigned bit = 0; bit < result[index]; ++bit)
        fresh.push_back(out.pack(axis(index), uint64_t(1) << bit));
  LinearLayout same = operand.withOut(out);
  llvm::SmallVector<uint64_t> columns(same.columns());
  unsigned next = 0;
  for (Dim dim : {Dim::Lane, Dim::Warp})
    for (unsigned bit = 0; bit < same.in().bits(dim); ++bit)
      if (same.column(dim, bit) == 0 && next < fresh.size())
        columns[same.in().shift(dim) + bit] = fresh[next++];
  LinearLayout spread(same.in(), out, columns);
  llvm::SmallVector<uint64_t> registers = registersOf(spread);
  registers.append(fresh.begin() + next, fresh.end());
  return withRegisters(spread, registers);
}

LinearLayout placement::reshapeResult(const LinearLayout &operand, Bits result) { return operand.reshaped(result); }

LinearLayout placement::transposeResult(const LinearLayout &operand, llvm::ArrayRef<int64_t> order) {
  return operand.transposed(llvm::SmallVector<unsigned>(order.begin(), order.end()));
}

LinearLayout placement::joinResult(const LinearLayout &operand) {
  unsigned rank = operand.out().dims().size();
  llvm::SmallVector<unsigned> shape;
  for (auto [dim, bits] : operand.out().dims())
    shape.push_back(bits);
  shape.push_back(1);
  LinearLayout same = operand.withOut(axesOf(shape));
  llvm::SmallVector<uint64_t> registers = {same.out().pack(axis(rank), 1)};
  registers.append(registersOf(same));
  return withRegisters(same, registers);
}

LinearLayout placement::reduceResult(const LinearLayout &operand, unsigned axisIndex) {
  return withoutRegisterCopies(operand.sliced(axisIndex));
}
