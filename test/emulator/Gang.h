//===- Gang.h - Blocks whose warps run at once -------------------*- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// \file
/// A cluster's blocks run together. Where warps wait for each other only at barriers of the whole block, they run one behind the other
/// between those. Else they take turns: a warp runs until it has to wait or comes to an instruction behind which another may be quicker,
/// and then chance says who is next, or that something under way happens.
///
//===----------------------------------------------------------------------===//

#ifndef TILE_TEST_EMULATOR_GANG_H
#define TILE_TEST_EMULATOR_GANG_H

#include "Barriers.h"
#include "Clocks.h"
#include "Machine.h"
#include "Meetings.h"
#include "Products.h"
#include "TensorCopies.h"

#include <random>

namespace tile::emulator {

class Gang {
public:
  explicit Gang(const Launch &launch);

  /// Runs the cluster of that number; throws Fault.
  void run(std::uint64_t number);

  /// Less than a limit.
  unsigned random(unsigned limit) { return static_cast<unsigned>(numbers() % limit); }
  /// Something has happened that warps may have waited for.
  void wake();

  const Launch &launch;
  std::vector<std::unique_ptr<Block>> blocks;
  Clocks clocks;
  TensorCopies copies;
  /// The barrier of all warps of the cluster.
  struct {
    std::uint64_t phase = 0;
    unsigned come = 0;
    Knowledge gathered, done;
  } cluster;

private:
  void start(std::uint64_t number);
  void step(Warp &warp);
  /// Something that is under way happens, if there is any of those that are not put off.
  bool happen(bool isLast);
  void takeTurns();
  /// What a warp waits for, and where.
  std::string whatFor(const Warp &warp) const;
  [[noreturn]] void failStuck();
  void checkEnd();
  bool isDelayed(const Warp &warp) const;

  std::mt19937_64 numbers;
  /// How often, of 32 times, what is under way goes before warps that could run.
  unsigned haste = 16;
};

/// What a block has whose warps run at once.
struct Concurrent {
  Concurrent(Gang &gang, Block &block, unsigned rank)
      : gang(gang), rank(rank), firstThread(rank * block.threads), barriers(gang, block), products(gang, block),
        meetings(gang, block) {}

  Gang &gang;
  const unsigned rank, firstThread;
  Barriers barriers;
  Products products;
  Meetings meetings;
};

/// A lane's number among the gang's threads.
inline unsigned clockOf(const Warp &warp, unsigned lane) {
  return warp.block.concurrent->firstThread + warp.threadOf(lane);
}
inline Gang &gangOf(const Warp &warp) { return warp.block.concurrent->gang; }
/// The block of the cluster that an address of shared memory is in, and the address there.
Block &blockAt(Warp &warp, unsigned lane, std::uint64_t &address);
/// Others may run behind the instruction at hand.
inline void mayPause(Warp &warp) { warp.pauses = warp.pauses || gangOf(warp).random(2); }

} // namespace tile::emulator

#endif // TILE_TEST_EMULATOR_GANG_H
