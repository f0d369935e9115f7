//===- TensorMap.h - What copies know of a tensor ----------------*- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// \file
/// The 128 bytes that cuTensorMapEncodeTiled makes; a format of the emulator's own.
///
//===----------------------------------------------------------------------===//

#ifndef TILE_TEST_EMULATOR_TENSORMAP_H
#define TILE_TEST_EMULATOR_TENSORMAP_H

#include <cstdint>
#include <string>

namespace tile::emulator {

struct TensorMap {
  static constexpr std::uint64_t kMagic = 0x70616d726f736e74;
  std::uint64_t magic = 0, base = 0;
  /// Bytes from an element to the next along each dimension but the first.
  std::uint64_t strides[4] = {};
  /// Less one.
  std::uint32_t extents[5] = {};
  /// Less one.
  std::uint8_t box[5] = {};
  std::uint8_t rank = 0, elementBytes = 0;
  /// Bytes within which pieces are exchanged; 0 for none.
  std::uint8_t span = 0;
  /// Whether what lies outside is no number.
  bool fillsNan = false;
  std::uint8_t rest[51] = {};

  std::uint64_t extent(unsigned i) const { return std::uint64_t(extents[i]) + 1; }
  unsigned boxExtent(unsigned i) const { return box[i] + 1u; }
  unsigned rowBytes() const { return boxExtent(0) * elementBytes; }
  unsigned boxRows() const;
  unsigned boxBytes() const { return boxRows() * rowBytes(); }
  /// The index in the box of a row.
  void rowIndex(unsigned row, std::uint32_t (&index)[5]) const;
};
static_assert(sizeof(TensorMap) == 128);

/// What a caller of cuTensorMapEncodeTiled gives.
struct TensorMapRequest {
  int type = 0;
  unsigned rank = 0;
  std::uint64_t base = 0;
  const std::uint64_t *extents = nullptr, *strides = nullptr;
  const std::uint32_t *box = nullptr, *steps = nullptr;
  int interleave = 0, swizzle = 0, promotion = 0, fill = 0;
};
/// Makes a map; what is wrong with the request, or nothing.
std::string encode(const TensorMapRequest &request, TensorMap &map);

/// Where the byte lies that would lie at an address if pieces of 16 bytes were not exchanged within spans.
inline std::uint32_t swizzled(std::uint32_t address, unsigned span) {
  unsigned pieces = span / 16;
  return pieces ? address ^ (address >> 7 & (pieces - 1)) << 4 : address;
}

} // namespace tile::emulator

#endif // TILE_TEST_EMULATOR_TENSORMAP_H
