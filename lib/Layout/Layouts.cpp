//===- Layouts.cpp - The layouts that targets ask for --------------*- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "tile/Layout/Layouts.h"

#include <llvm/ADT/STLExtras.h>
#include <llvm/Support/MathExtras.h>

#include <cassert>

using namespace tile::layout;

/// The axes of a tile, all of extent 1, in their order: what a product starts from so that its axes come out in order.
static LinearLayout unitTile(unsigned rank) {
  llvm::SmallVector<Space::Entry> out;
  for (unsigned index = 0; index < rank; ++index)
    out.push_back({axis(index), 0});
  return {{{Dim::Register, 0}, {Dim::Lane, 0}, {Dim::Warp, 0}}, Space(out), {}};
}

/// Adds `bits` bits of `dim` along an axis of extent 2^`extent`: as many as the axis has room for, the rest hold copies.
static LinearLayout extend(const LinearLayout &layout, Dim dim, unsigned axisIndex, unsigned bits, unsigned extent) {
  unsigned room = extent - layout.out().bits(axis(axisIndex));
  unsigned used = std::min(bits, room);
  return layout * LinearLayout::identity(dim, axis(axisIndex), used) *
         LinearLayout::broadcast(dim, axis(axisIndex), bits - used);
}

LinearLayout tile::layout::blocked(Bits shape, Bits perThread, Bits lanes, Bits warps, Bits order) {
  LinearLayout layout = unitTile(shape.size());
  for (auto [dim, bits] :
       {std::pair(Dim::Register, perThread), std::pair(Dim::Lane, lanes), std::pair(Dim::Warp, warps)})
    for (unsigned index : order)
      layout = extend(layout, dim, index, bits[index], shape[index]);
  for (unsigned index : order)
    layout = extend(layout, Dim::Register, index, shape[index] - layout.out().bits(axis(index)), shape[index]);
  return layout;
}

LinearLayout tile::layout::coalesced(Bits shape, unsigned unitAxis, unsigned vectorBits, unsigned laneBits,
                                     unsigned warpBits) {
  unsigned rank = shape.size();
  // The unit axis first, then the others from the last to the first.
  llvm::SmallVector<unsigned> order = {unitAxis};
  for (unsigned index = rank; index-- > 0;)
    if (index != unitAxis)
      order.push_back(index);
  llvm::SmallVector<unsigned> perThread(rank, 0), lanes(rank, 0), warps(rank, 0);
  perThread[unitAxis] = std::min(vectorBits, shape[unitAxis]);
  auto deal = [&](unsigned bits, llvm::SmallVector<unsigned> &to) {
    for (unsigned index : order) {
      unsigned taken = std::min(bits, shape[index] - perThread[index] - lanes[index] - warps[index]);
      to[index] += taken;
      bits -= taken;
    }
    to[unitAxis] += bits;
  };
  deal(laneBits, lanes);
  deal(warpBits, warps);
  return blocked(shape, perThread, lanes, warps, order);
}

//===----------------------------------------------------------------------===//
// Matrix instructions
//===----------------------------------------------------------------------===//

LinearLayout tile::layout::mmaFragment(MmaOperand operand, unsigned elementBytes) {
  using L = LinearLayout;
  bool isDouble = elementBytes == 8;
  LinearLayout layout = unitTile(2);
  if (operand == MmaOperand::Accumulator) {
    // Two neighbours along n in a thread, four lanes to a row.
    layout = layout * L::identity(Dim::Register, axis(1), 1) * L::identity(Dim::Lane, axis(1), 2) *
             L::identity(Dim::Lane, axis(0), 3);
    return isDouble ? layout : layout * L::identity(Dim::Register, axis(0), 1);
  }
  unsigned k = operand == MmaOperand::A ? 1 : 0, other = 1 - k;
  unsigned packed = isDouble ? 0 : llvm::Log2_32(4 / elementBytes);
  layout = layout * L::identity(Dim::Register, axis(k), packed) * L::identity(Dim::Lane, axis(k), 2) *
           L::identity(Dim::Lane, axis(other), 3);
  if (isDouble)
    return layout;
  if (operand == MmaOperand::A)
    layout = layout * L::identity(Dim::Register, axis(other), 1);
  return layout * L::identity(Dim::Register, axis(k), 1);
}

LinearLayout tile::layout::mmaTile(MmaOperand operand, Bits shape, unsigned elementBytes, unsigned warpsM,
                                   unsigned warpsN) {
  LinearLayout layout = mmaFragment(operand, elementBytes);
  // The axis that warps along m and along n divide; what the operand lacks they share.
  bool hasM = operand != MmaOperand::B, hasN = operand != MmaOperand::A;
  layout = hasM ? extend(layout, Dim::Warp, 0, warpsM, shape[0])
                : layout * LinearLayout::broadcast(Dim::Warp, axis(0), warpsM);
  layout = hasN ? extend(layout, Dim::Warp, 1, warpsN, shape[1])
                : layout * LinearLayout::broadcast(Dim::Warp, axis(1), warpsN);
  for (unsigned index : {1u, 0u})
    layout = extend(layout, Dim::Register, index, shape[index] - layout.out().bits(axis(index)), shape[index]);
  return layout;
}

//===----------------------------------------------------------------------===//
// Shared memory
//===----------------------------------------------------------------------===//

/// The bits of an offset, lowest first, as columns over the axes of a tile: `unitBits` of the unit axis, then the other axes from the last
/// to the first, then the rest of the unit axis.
static LinearLayout panels(Bits shape, unsigned unitAxis, unsigned unitBits) {
  llvm::SmallVector<Space::Entry> out;
  for (auto [index, bits] : llvm::enumerate(shape))
    out.push_back({axis(index), bits});
  Space space{llvm::ArrayRef<Space::Entry>(out)};
  llvm::SmallVector<uint64_t> columns;
  auto append = [&](unsigned index, unsigned begin, unsigned end) {
    for (unsigned bit = begin; bit < end; ++bit)
      columns.push_back(space.pack(axis(index), uint64_t(1) << bit));
  };
  append(unitAxis, 0, unitBits);
  for (unsigned index = shape.size(); index-- > 0;)
    if (index != unitAxis)
      append(index, 0, shape[index]);
  append(unitAxis, unitBits, shape[unitAxis]);
  return {{{Dim::Offset, space.totalBits()}}, space, columns};
}

LinearLayout tile::layout::plainShared(Bits shape, unsigned unitAxis) {
  return panels(shape, unitAxis, shape[unitAxis]);
}

LinearLayout tile::layout::swizzledShared(Bits shape, unsigned unitAxis, unsigned elementBytes, unsigned spanBytes) {
  assert(spanBytes >= 32 && spanBytes <= 128 && llvm::isPowerOf2_32(spanBytes));
  unsigned elementBits = llvm::Log2_32(elementBytes), pieceBits = 4 - elementBits;
  unsigned unitBits = std::min(llvm::Log2_32(spanBytes) - elementBits, shape[unitAxis]);
  LinearLayout plain = panels(shape, unitAxis, unitBits);
  llvm::SmallVector<uint64_t> columns(plain.columns());
  for (unsigned piece = pieceBits; piece < unitBits; ++piece) {
    unsigned line = 7 - elementBits + piece - pieceBits; // an offset bit that numbers lines of 128 bytes
    if (line < columns.size())
      columns[line] ^= columns[piece];
  }
  return {plain.in(), plain.out(), columns};
}

/// From a place in registers to an offset in shared memory.
static LinearLayout offsets(const LinearLayout &registers, const LinearLayout &shared) {
  return registers.convertTo(shared);
}

unsigned tile::layout::sharedVector(const LinearLayout &registers, const LinearLayout &shared, unsigned elementBytes) {
  return std::min<uint64_t>(offsets(registers, shared).contiguous(Dim::Register, Dim::Offset), 16 / elementBytes);
}

unsigned tile::layout::wavefronts(const LinearLayout &registers, const LinearLayout &shared, unsigned elementBytes,
                                  unsigned vector) {
  LinearLayout map = offsets(registers, shared);
  constexpr unsigned kBanks = 32, kWordBytes = 4, kLanes = 32;
  unsigned laneBytes = std::max(vector * elementBytes, 1u);
  // A wavefront moves at most 128 bytes: of 8-byte accesses half a warp's, of 16-byte accesses a quarter's.
  unsigned lanesAtOnce = std::min(kLanes, kBanks * kWordBytes / laneBytes);
  unsigned total = 0;
  for (unsigned first = 0; first < kLanes; first += lanesAtOnce) {
    llvm::SmallVector<llvm::SmallVector<uint64_t, 4>> words(kBanks);
    unsigned most = 0;
    for (unsigned lane = first; lane < first + lanesAtOnce; ++lane)
      for (unsigned index = 0; index < vector; ++index) {
        uint64_t place = map.in().pack(Dim::Lane, lane) | map.in().pack(Dim::Register, index);
        for (unsigned byte = 0; byte < elementBytes; byte += kWordBytes) {
          uint64_t word = (map.apply(place) * elementBytes + byte) / kWordBytes;
          auto &bank = words[word % kBanks];
          if (!llvm::is_contained(bank, word))
            bank.push_back(word);
          most = std::max<unsigned>(most, bank.size());
        }
      }
    total += most;
  }
  return total;
}

bool tile::layout::isMatrixAccess(const LinearLayout &registers, const LinearLayout &shared, unsigned elementBytes) {
  if (elementBytes > 4)
    return false;
  // In offsets: a lane's 32-bit word, four lanes to a row of 16 bytes. The rows may be anywhere that is aligned to 16 bytes.
  unsigned packed = llvm::Log2_32(4 / elementBytes);
  LinearLayout map = offsets(registers, shared);
  uint64_t inRow = (uint64_t(1) << (packed + 2)) - 1;
  for (auto [dim, bits] : map.in().dims())
    for (unsigned bit = 0; bit < bits; ++bit) {
      uint64_t expected = 0;
      if (dim == Dim::Register && bit < packed)
        expected = uint64_t(1) << bit;
      else if (dim == Dim::Lane && bit < 2)
        expected = uint64_t(1) << (packed + bit);
      else if ((map.column(dim, bit) & inRow) != 0)
        return false;
      else
        continue;
      if (map.column(dim, bit) != expected)
        return false;
    }
  return map.in().bits(Dim::Register) >= packed && map.in().bits(Dim::Lane) == 5;
}

Travel tile::layout::travel(const LinearLayout &from, const LinearLayout &to) {
  // A place of `to` asks for an element; the nearest place of `from` that holds it. Its own lane and warp are tried first: the difference
  // between where it is and where `from` would have it must be made up of bits of the smaller kind alone.
  auto reaches = [&](llvm::ArrayRef<Dim> moving) {
    llvm::SmallVector<uint64_t> reachable;
    for (Dim dim : moving)
      for (unsigned bit = 0; bit < from.in().bits(dim); ++bit)
        reachable.push_back(from.column(dim, bit));
    auto isReachable = [&](uint64_t element) {
      // Gaussian elimination on the few columns there are.
      llvm::SmallVector<uint64_t> basis;
      for (uint64_t column : reachable) {
        for (uint64_t row : basis)
          column = std::min(column, column ^ row);
        if (column)
          basis.push_back(column);
      }
      for (uint64_t row : basis)
        element = std::min(element, element ^ row);
      return element == 0;
    };
    for (auto [dim, bits] : to.in().dims())
      for (unsigned bit = 0; bit < bits; ++bit) {
        uint64_t wanted = to.column(dim, bit);
        bool stays = !llvm::is_contained(moving, dim) && bit < from.in().bits(dim);
        uint64_t held = stays ? from.column(dim, bit) : 0;
        if (!isReachable(wanted ^ held))
          return false;
      }
    return true;
  };
  assert(from.out() == to.out() && "both layouts hold one tile");
  if (from == to)
    return Travel::None;
  if (reaches({Dim::Register}))
    return Travel::Registers;
  return reaches({Dim::Register, Dim::Lane}) ? Travel::Lanes : Travel::Warps;
}
