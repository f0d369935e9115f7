//===- Multiply.cpp - What a warpgroup's product computes --------*- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// \file
/// Where elements lie in shared memory and in registers is written down from the PTX manual. Products are summed in f64 and rounded
/// once, at the end of an instruction.
///
//===----------------------------------------------------------------------===//

#include "Gang.h"

#include <algorithm>
#include <utility>

using namespace tile::emulator;

static constexpr unsigned kRows = 64;

//===----------------------------------------------------------------------===//
// Matrices in shared memory
//===----------------------------------------------------------------------===//

SharedMatrix::SharedMatrix(std::uint64_t descriptor, unsigned elementBytes, bool isTransposed)
    : elementBytes(elementBytes), transposed(isTransposed) {
  auto field = [&](unsigned first) { return static_cast<std::uint32_t>(descriptor >> first & 0x3fff) << 4; };
  static constexpr std::uint32_t spans[] = {0, 128, 64, 32};
  start = field(0);
  leading = field(16);
  stride = field(32);
  phase = static_cast<std::uint32_t>(descriptor >> 49 & 7);
  span = spans[descriptor >> 62];
}

std::uint32_t SharedMatrix::addressOf(unsigned row, unsigned inDepth) const {
  // Cores of eight rows of 16 bytes; with a swizzle, a row is as long as its span.
  unsigned pitch = std::max(span, 16u), inPiece = 16 / elementBytes;
  std::uint32_t address = start;
  if (!transposed) {
    unsigned piece = inDepth / inPiece;
    address += row % 8 * pitch + row / 8 * stride + inDepth % inPiece * elementBytes;
    address += span ? piece * 16 : piece * leading;
  } else {
    unsigned piece = row / inPiece, inSpan = pitch / 16;
    address += inDepth % 8 * pitch + row % inPiece * elementBytes + piece % inSpan * 16;
    // Between spans along the rows, and between eights along the depth.
    address += span ? piece / inSpan * leading + inDepth / 8 * stride : piece * stride + inDepth / 8 * leading;
  }
  return swizzled(address - (phase << 7), span) + (phase << 7);
}

/// All of a matrix, 16 bytes at a time: calls each(address).
template <typename F>
static void forPieces(const SharedMatrix &matrix, unsigned rows, unsigned depth, unsigned elementBytes, F each) {
  unsigned inPiece = 16 / elementBytes;
  for (unsigned row = 0; row < rows; row += matrix.isTransposed() ? inPiece : 1)
    for (unsigned i = 0; i < depth; i += matrix.isTransposed() ? 1 : inPiece)
      each(matrix.addressOf(row, i));
}

void Products::readShared(Warpgroup &group, const Item &item, const ProductForm &form) {
  Warp &first = *group.come[0];
  // What all of the four warps know.
  Knowledge known;
  for (Warp *warp : group.come) {
    Knowledge ofWarp = gang.clocks.nothing();
    for (unsigned lane = 0; lane < kLanes; ++lane)
      gang.clocks.join(ofWarp, gang.clocks.of(clockOf(*warp, lane)));
    if (known.empty())
      known = std::move(ofWarp);
    else
      gang.clocks.meet(known, ofWarp.data());
  }
  SharedMemory::Visit visit = {known.data(), Clocks::stamp(group.agent, item.group)};
  auto read = [&](std::uint64_t descriptor, Element element, bool isTransposed, unsigned rows) {
    unsigned bytes = bitsOf(element) / 8;
    SharedMatrix matrix(descriptor, bytes, isTransposed);
    forPieces(matrix, rows, form.depth, bytes, [&](std::uint32_t address) {
      checkShared(first, 0, address, 16);
      if (!block.shared.readAsync(address, 16, visit))
        complain(first, 0, block.shared.whyAsync(address, 16, visit, false), false);
    });
  };
  if (form.descriptorA.bits)
    read(item.descriptorA, form.a, form.transposesA, kRows);
  read(item.descriptorB, form.b, form.transposesB, form.columns);
}

//===----------------------------------------------------------------------===//
// Products
//===----------------------------------------------------------------------===//

void Products::happen(Warpgroup &group, const Item &item) {
  if (!item.warp)
    return multiply(group, item);
  std::uint32_t active = std::exchange(item.warp->active, item.lanes);
  item.instruction->run(*item.warp, *item.instruction);
  item.warp->active = active;
}

/// The row and column of an element of the sums, of those that a lane holds.
static void placeOfSum(unsigned warp, unsigned lane, unsigned i, unsigned &row, unsigned &column) {
  row = 16 * warp + lane / 4 + 8 * (i / 2 & 1);
  column = i / 4 * 8 + lane % 4 * 2 + (i & 1);
}

void Products::multiply(Warpgroup &group, const Item &item) {
  const ProductForm &form = formOf(*item.instruction);
  auto firstWarp = static_cast<unsigned>(&group - groups.data()) * 4;
  unsigned depth = form.depth, columns = form.columns, bitsA = bitsOf(form.a), bitsB = bitsOf(form.b);
  std::vector<double> a(kRows * depth), b(depth * columns), sums(kRows * columns);
  auto load = [&](std::uint32_t address, Element element, unsigned bytes) {
    std::uint64_t bits = 0;
    std::memcpy(&bits, block.shared.data(address), bytes);
    return valueOf(element, bits);
  };
  if (form.descriptorA.bits) {
    SharedMatrix matrix(item.descriptorA, bitsA / 8, form.transposesA);
    for (unsigned row = 0; row < kRows; ++row)
      for (unsigned i = 0; i < depth; ++i)
        a[row * depth + i] = load(matrix.addressOf(row, i), form.a, bitsA / 8);
  } else {
    // As of an mma's, for 16 rows to a warp.
    unsigned inRegister = 32 / bitsA;
    for (unsigned row = 0; row < kRows; ++row)
      for (unsigned i = 0; i < depth; ++i) {
        unsigned half = 4 * inRegister, lane = row % 8 * 4 + i % half / inRegister;
        const Place &place = form.registersA[row / 8 % 2 + 2 * (i / half)];
        std::uint64_t bits = block.warps[firstWarp + row / 16]->lane(place, lane);
        a[row * depth + i] = valueOf(form.a, bits >> (bitsA * (i % inRegister)));
      }
  }
  SharedMatrix matrix(item.descriptorB, bitsB / 8, form.transposesB);
  double sign = form.negatesA != form.negatesB ? -1 : 1;
  for (unsigned column = 0; column < columns; ++column)
    for (unsigned i = 0; i < depth; ++i)
      b[i * columns + column] = sign * load(matrix.addressOf(column, i), form.b, bitsB / 8);
  for (unsigned row = 0; row < kRows; ++row) {
    double *sum = sums.data() + row * columns;
    for (unsigned i = 0; i < depth; ++i) {
      double factor = a[row * depth + i];
      const double *other = b.data() + i * columns;
      for (unsigned column = 0; column < columns; ++column)
        sum[column] += factor * other[column];
    }
  }
  unsigned inSum = form.to == Element::F16 ? 2 : 1;
  for (unsigned index = 0; index < 4; ++index) {
    Warp &warp = *block.warps[firstWarp + index];
    std::uint32_t active = std::exchange(warp.active, ~0u);
    for (std::size_t r = 0; r < form.sums.size(); ++r) {
      std::uint64_t result[kLanes];
      for (unsigned lane = 0; lane < kLanes; ++lane) {
        std::uint64_t old = item.accumulates ? warp.lane(form.sums[r], lane) : 0;
        result[lane] = 0;
        for (unsigned half = 0; half < inSum; ++half) {
          unsigned row, column, bits = 32 / inSum;
          placeOfSum(index, lane, static_cast<unsigned>(r) * inSum + half, row, column);
          double value = sums[row * columns + column];
          if (item.accumulates)
            value += valueOf(form.to, old >> (bits * half));
          std::uint64_t code = bitsFor(form.to, value, form.saturates) & (~std::uint64_t(0) >> (64 - bits));
          result[lane] |= code << (bits * half);
        }
      }
      warp.putWide(form.sums[r], result);
    }
    warp.active = active;
  }
}
