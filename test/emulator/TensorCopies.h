//===- TensorCopies.h - Boxes of tensors on their way ------------*- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// \file
/// Copies between tensors and shared memory that run by themselves. A load comes in pieces, at any time and in any order, and counts its
/// bytes on a barrier; a store reads shared memory at any time until its thread has waited for that.
///
//===----------------------------------------------------------------------===//

#ifndef TILE_TEST_EMULATOR_TENSORCOPIES_H
#define TILE_TEST_EMULATOR_TENSORCOPIES_H

#include "Clocks.h"
#include "TensorMap.h"

#include <deque>
#include <map>
#include <vector>

namespace tile::emulator {

class Block;
class Gang;
class Warp;
struct Instruction;

class TensorCopies {
public:
  explicit TensorCopies(Gang &gang) : gang(gang) {}

  void start();
  /// A box, and where it lies in shared memory.
  struct Box {
    TensorMap map;
    std::int32_t at[5] = {};
    std::uint32_t address = 0;
  };
  /// A lane issues a load to blocks of the cluster, which counts its bytes on the barrier of each.
  void load(Warp &warp, unsigned lane, const Box &box, std::uint32_t barrier, std::uint32_t ranks);
  void store(Warp &warp, unsigned lane, const Box &box);
  void closeGroup(Warp &warp, unsigned lane);
  /// Waits until at most so many groups of a lane have not been read.
  void wait(Warp &warp, unsigned lane, unsigned groups);

  bool hasLoads() const { return !pieces.empty(); }
  bool hasStores() const { return unreadStores != 0; }
  /// Some piece of some load arrives; some store happens.
  void landOne();
  void storeOne();
  /// All warps have ended.
  void checkEnd();

private:
  /// Who issued something.
  struct Origin {
    Warp *warp;
    unsigned lane;
    const Instruction *instruction;
  };
  struct Piece {
    Origin by;
    Box box;
    Block *block;
    std::uint32_t barrier;
    unsigned firstRow, rows;
  };
  struct Store {
    Origin by;
    Box box;
    Time group;
  };
  /// A thread's stores.
  struct Sender {
    unsigned agent = 0;
    /// Groups that it has closed, and that it knows to be read.
    Time closed = 0, waited = 0, last = 0;
    std::deque<Store> unread;
    Origin lastBy = {};
  };
  Sender &senderOf(Warp &warp, unsigned lane);
  void land(const Piece &piece);
  void happen(const Store &store);

  Gang &gang;
  std::vector<Piece> pieces;
  std::map<unsigned, Sender> senders;
  std::size_t unreadStores = 0;
};

} // namespace tile::emulator

#endif // TILE_TEST_EMULATOR_TENSORCOPIES_H
