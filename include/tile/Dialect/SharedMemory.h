//===- SharedMemory.h - How much of it programs have ---------------*- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef TILE_DIALECT_SHAREDMEMORY_H
#define TILE_DIALECT_SHAREDMEMORY_H

#include <cstdint>
#include <string_view>

namespace tile::ir {

/// The shared memory of a multiprocessor, in bytes.
struct SharedMemory {
  /// What the system keeps for itself beside each program's.
  static constexpr int64_t kReserved = 1 << 10;
  int64_t ofProcessor;

  /// The most that one program may have: what a launch may ask for.
  constexpr int64_t ofProgram() const { return ofProcessor - kReserved; }
  /// How many programs that take so much have room at once.
  constexpr int64_t programs(int64_t bytes) const { return ofProcessor / (bytes + kReserved); }
};

/// That of a target, from the CUDA programming guide's tables of compute capabilities. Of others no more is taken for granted than what every
/// chip gives a program that doesn't ask.
constexpr SharedMemory sharedMemory(std::string_view target) {
  auto isOneOf = [&](auto... names) { return ((target == names) || ...); };
  int64_t kibibytes = isOneOf("sm_80")                                  ? 164
                      : isOneOf("sm_86", "sm_89", "sm_120", "sm_120a")  ? 100
                      : isOneOf("sm_90", "sm_90a", "sm_100", "sm_100a") ? 228
                                                                        : 49;
  return {kibibytes << 10};
}

} // namespace tile::ir

#endif // TILE_DIALECT_SHAREDMEMORY_H
