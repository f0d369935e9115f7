//===- Overlap.h - Whether views meet in memory -----------------*- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef TILE_RUNTIME_OVERLAP_H
#define TILE_RUNTIME_OVERLAP_H

#include <llvm/ADT/ArrayRef.h>

#include <cstdint>

namespace tile {

/// The bytes that a view names: base + sum of index * stride, for each index below its extent, and `size` bytes from there.
/// Strides are in bytes. Extents lie in [0, 2^31) and no address overflows, which rangeOf() finds out.
struct Footprint {
  std::uint64_t base;
  llvm::ArrayRef<std::int64_t> extents;
  llvm::ArrayRef<std::int64_t> strides;
  std::int64_t size;
};

/// The lowest address and the one past the highest; both the base when the view is empty. False when they leave the address space.
bool rangeOf(const Footprint &view, std::uint64_t &low, std::uint64_t &high);

/// Whether two different indices of the view share a byte.
bool overlapsItself(const Footprint &view);

/// Whether two views share a byte.
bool overlap(const Footprint &a, const Footprint &b);

} // namespace tile

#endif // TILE_RUNTIME_OVERLAP_H
