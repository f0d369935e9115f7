//===- TensorMap.cpp - What copies know of a tensor --------------*- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "TensorMap.h"

using namespace tile::emulator;

unsigned TensorMap::boxRows() const {
  unsigned rows = 1;
  for (unsigned i = 1; i < rank; ++i)
    rows *= boxExtent(i);
  return rows;
}

void TensorMap::rowIndex(unsigned row, std::uint32_t (&index)[5]) const {
  index[0] = 0;
  for (unsigned i = 1; i < rank; ++i) {
    index[i] = row % boxExtent(i);
    row /= boxExtent(i);
  }
}

std::string tile::emulator::encode(const TensorMapRequest &request, TensorMap &map) {
  // CUtensorMapDataType, up to those of this architecture.
  static constexpr std::uint8_t bytes[] = {1, 2, 4, 4, 8, 8, 2, 4, 8, 2, 4, 4, 4};
  static constexpr bool isFloat[] = {false, false, false, false, false, false, true,
                                     true,  true,  true,  true,  true,  true};
  constexpr std::uint64_t kMostStride = std::uint64_t(1) << 40, kMostExtent = std::uint64_t(1) << 32;
  auto of = [](const char *what, std::uint64_t value) { return what + (" " + std::to_string(value)); };
  if (request.type < 0 || request.type >= static_cast<int>(sizeof(bytes)))
    return of("no data type", static_cast<std::uint64_t>(request.type));
  if (request.rank < 1 || request.rank > 5)
    return of("a rank of", request.rank);
  if (request.interleave)
    return "interleaved layouts are not known here";
  if (request.swizzle < 0 || request.swizzle > 3)
    return of("no swizzle", static_cast<std::uint64_t>(request.swizzle));
  if (request.promotion < 0 || request.promotion > 3)
    return of("no L2 promotion", static_cast<std::uint64_t>(request.promotion));
  if (request.fill < 0 || request.fill > 1 || (request.fill && !isFloat[request.type]))
    return of("no fill of such elements", static_cast<std::uint64_t>(request.fill));
  if (!request.base || request.base % 16)
    return of("a tensor at the address", request.base);
  map = {};
  map.magic = TensorMap::kMagic;
  map.base = request.base;
  map.rank = static_cast<std::uint8_t>(request.rank);
  map.elementBytes = bytes[request.type];
  map.span = static_cast<std::uint8_t>(request.swizzle ? 16 << request.swizzle : 0);
  map.fillsNan = request.fill;
  for (unsigned i = 0; i < request.rank; ++i) {
    if (!request.extents[i] || request.extents[i] > kMostExtent)
      return of("an extent of", request.extents[i]);
    if (!request.box[i] || request.box[i] > 256)
      return of("a box with an extent of", request.box[i]);
    if (request.steps[i] != 1)
      return of(request.steps[i] && request.steps[i] <= 8 ? "the emulator doesn't know an element stride of"
                                                          : "an element stride of",
                request.steps[i]);
    map.extents[i] = static_cast<std::uint32_t>(request.extents[i] - 1);
    map.box[i] = static_cast<std::uint8_t>(request.box[i] - 1);
    if (!i)
      continue;
    std::uint64_t stride = request.strides[i - 1];
    if (stride % 16 || stride >= kMostStride)
      return of("a stride of", stride);
    map.strides[i - 1] = stride;
  }
  if (map.rowBytes() % 16)
    return of("a box whose rows have bytes that 16 doesn't divide:", map.rowBytes());
  if (map.span && map.rowBytes() > map.span)
    return of("a box whose rows are longer than the swizzle's span:", map.rowBytes());
  return "";
}
