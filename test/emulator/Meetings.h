//===- Meetings.h - Where warps of a block meet ------------------*- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// \file
/// Named barriers, the barrier of a cluster, and the registers that warps give away and take.
///
//===----------------------------------------------------------------------===//

#ifndef TILE_TEST_EMULATOR_MEETINGS_H
#define TILE_TEST_EMULATOR_MEETINGS_H

#include "Clocks.h"

#include <array>
#include <string>
#include <vector>

namespace tile::emulator {

class Block;
class Gang;
class Warp;
struct Instruction;

class Meetings {
public:
  Meetings(Gang &gang, Block &block) : gang(gang), block(block) {}

  void start();
  /// A warp stands at the barrier that it names.
  void come(Warp &warp);
  /// The lanes of a warp come to a named barrier, and don't wait there.
  void arriveAt(Warp &warp, const Instruction &instruction);
  /// Takes or gives registers. False when there are not enough.
  bool setRegisters(Warp &warp, const Instruction &instruction, bool takes);
  /// Warps that wait for registers get them.
  void giveRegisters();
  /// All warps have ended.
  void checkEnd();

  /// The lanes of a warp have come to the barrier of the cluster, or may go on.
  void arriveInCluster(Warp &warp, bool releases);
  bool leaveCluster(Warp &warp, bool acquires);

  /// What a warp at a barrier waits for.
  std::string describe(const Warp &warp) const;

private:
  struct Named {
    unsigned expected = 0, come = 0;
    std::vector<Warp *> waiting;
    Knowledge gathered;
  };
  unsigned numberOf(const Warp &warp, const Instruction &instruction) const;
  void arrive(Warp &warp, const Instruction &instruction, bool waits);

  Gang &gang;
  Block &block;
  std::array<Named, 16> named;
  /// Of each warp: registers of a thread; and those of a thread's that nobody has.
  std::vector<unsigned> registers;
  unsigned freeRegisters = 0;
  /// Of each warp: phases of the cluster's barrier that it has arrived in and left.
  std::vector<std::uint64_t> arrived, left;
};

} // namespace tile::emulator

#endif // TILE_TEST_EMULATOR_MEETINGS_H
