//===- Lanes.h - Functions over the lanes of a warp --------------*- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef TILE_TEST_EMULATOR_LANES_H
#define TILE_TEST_EMULATOR_LANES_H

#include "Machine.h"

#include <bit>

namespace tile::emulator {

template <typename T, typename F>
void unary(Warp &warp, const Instruction &instruction) {
  const T *a = warp.lanes<T>(instruction.from[0]);
  T result[kLanes];
  for (unsigned lane = 0; lane < kLanes; ++lane)
    result[lane] = F()(a[lane]);
  warp.put(instruction.to[0], result);
}

template <typename T, typename F>
void binary(Warp &warp, const Instruction &instruction) {
  const T *a = warp.lanes<T>(instruction.from[0]), *b = warp.lanes<T>(instruction.from[1]);
  T result[kLanes];
  for (unsigned lane = 0; lane < kLanes; ++lane)
    result[lane] = F()(a[lane], b[lane]);
  warp.put(instruction.to[0], result);
}

template <typename T, typename F>
void ternary(Warp &warp, const Instruction &instruction) {
  const T *a = warp.lanes<T>(instruction.from[0]), *b = warp.lanes<T>(instruction.from[1]),
          *c = warp.lanes<T>(instruction.from[2]);
  T result[kLanes];
  for (unsigned lane = 0; lane < kLanes; ++lane)
    result[lane] = F()(a[lane], b[lane], c[lane]);
  warp.put(instruction.to[0], result);
}

template <typename T, typename F>
void anyCount(Warp &warp, const Instruction &instruction) {
  if constexpr (std::is_invocable_v<F, T, T, T>)
    ternary<T, F>(warp, instruction);
  else
    binary<T, F>(warp, instruction);
}

/// A function of two or three integers of one type; null for what is no integer.
template <typename F>
Handler integers(std::string_view type) {
  return type == "u16" || type == "b16"   ? anyCount<std::uint16_t, F>
         : type == "s16"                  ? anyCount<std::int16_t, F>
         : type == "u32" || type == "b32" ? anyCount<std::uint32_t, F>
         : type == "s32"                  ? anyCount<std::int32_t, F>
         : type == "u64" || type == "b64" ? anyCount<std::uint64_t, F>
         : type == "s64"                  ? anyCount<std::int64_t, F>
                                          : nullptr;
}

template <typename F>
Handler unaryIntegers(std::string_view type) {
  return type == "b16"   ? unary<std::uint16_t, F>
         : type == "s16" ? unary<std::int16_t, F>
         : type == "b32" ? unary<std::uint32_t, F>
         : type == "s32" ? unary<std::int32_t, F>
         : type == "b64" ? unary<std::uint64_t, F>
         : type == "s64" ? unary<std::int64_t, F>
                         : nullptr;
}

} // namespace tile::emulator

#endif // TILE_TEST_EMULATOR_LANES_H
