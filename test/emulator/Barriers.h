//===- Barriers.h - Barriers in shared memory --------------------*- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef TILE_TEST_EMULATOR_BARRIERS_H
#define TILE_TEST_EMULATOR_BARRIERS_H

#include "Clocks.h"

#include <cstdint>
#include <map>
#include <string>

namespace tile::emulator {

class Block;
class Gang;
class Warp;
struct Instruction;

/// An mbarrier: a phase ends when all arrivals and all bytes have come.
struct Barrier {
  unsigned expected = 0, pending = 0;
  std::int64_t bytes = 0;
  std::uint64_t phase = 0;
  /// Copies that complete on it; the time of one is the phase that it is part of, from 1.
  unsigned agent = 0;
  /// Who made it.
  Stamp made = 0;
  /// What those know that have arrived, and what they knew who ended the last phase.
  Knowledge gathered, done;
};

/// The barriers of a block, by their addresses.
class Barriers {
public:
  Barriers(Gang &gang, Block &block) : gang(gang), block(block) {}

  void start() { all.clear(); }
  void make(Warp &warp, unsigned lane, std::uint32_t address, std::uint32_t count);
  void remove(Warp &warp, unsigned lane, std::uint32_t address);
  /// The barrier at an address that a lane's past holds the making of, or a fault. `isAsync` is of the copies.
  Barrier &at(Warp &warp, unsigned lane, std::uint32_t address, bool isAsync = false);
  /// The lane's arrivals, and bytes that are to come, or the other way round.
  void arrive(Warp &warp, unsigned lane, std::uint32_t address, std::uint32_t count);
  void expect(Warp &warp, unsigned lane, std::uint32_t address, std::int64_t bytes);
  /// Bytes of a copy have come; the stamp that they have.
  Stamp stampOf(const Barrier &barrier) const;
  void complete(Barrier &barrier, std::int64_t bytes);
  /// How a phase of a barrier stands.
  std::string describe(std::uint32_t address) const;

private:
  void endPhase(Barrier &barrier);

  Gang &gang;
  Block &block;
  std::map<std::uint32_t, Barrier> all;
};

} // namespace tile::emulator

#endif // TILE_TEST_EMULATOR_BARRIERS_H
