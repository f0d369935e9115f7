//===- ChannelRun.h - What a producer and the program find in their channels *- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

//
// Both sides are run by themselves, which gives for each the order of its acquires, commits, awaits and releases. Then they are run against
// each other: an acquire waits for a release, an await for a commit, and if neither side can go on there is a deadlock. What one side does never
// hangs on how fast the other is, so one interleaving stands for all.
//
// Where threads of the producer copy, they commit a ticket behind a wait for its copies and a fence: products read past the way that these
// copies were written.
//
// Mbarriers know a round by its parity alone, so each side takes its tickets one after the other, from 0 on.
//
// Functions return what is wrong, as the end of a sentence, or an empty string.
//
//===----------------------------------------------------------------------===//

#ifndef TILE_LIB_PLACEMENT_CHANNELRUN_H
#define TILE_LIB_PLACEMENT_CHANNELRUN_H

#include "tile/Dialect/Tile.h"

#include <llvm/ADT/MapVector.h>

#include <deque>

namespace tile::placement {

class ChannelRun {
public:
  /// A slot of a channel that a dot reads.
  using Read = std::pair<mlir::Value, int64_t>;

  std::string acquire(mlir::Operation *op, mlir::Value channel, int64_t ticket);
  /// The ticket counts where threads copy.
  std::string commit(mlir::Operation *op, mlir::Value channel, int64_t ticket);
  std::string await(mlir::Operation *op, mlir::Value channel, int64_t ticket);
  std::string release(mlir::Operation *op, mlir::Value channel, int64_t ticket);

  /// Reads a ticket's slot; `byThread` when each thread reads for itself.
  std::string read(mlir::Value channel, int64_t ticket, bool byThread);
  void barrier() { threadReads.clear(); }

  /// The producer's threads copy for a ticket, close a group of copies, wait until only the newest groups are under way, and make known to
  /// products what has landed.
  void copyByThreads(mlir::Value channel, int64_t ticket);
  void closeGroup() { ++closed; }
  void waitForGroups(uint64_t pending);
  void fence();

  /// Starts a dot that ends later; gives its number, from 1 up.
  uint64_t startDot(llvm::ArrayRef<Read> reads);
  void waitForDots(uint64_t pending);
  bool isUnderWay(uint64_t dot) const { return dot > started - dots.size(); }

  /// Runs both sides against each other; the op that stands still or is left over, and what is wrong with it.
  std::pair<mlir::Operation *, std::string> meet() const;

private:
  struct Event {
    mlir::Operation *op;
    mlir::Value channel;
    /// What the other side must have done how often.
    int64_t needed;
    bool waits;
  };
  struct Counts {
    int64_t acquired = 0, committed = 0, awaited = 0, released = 0;
  };

  /// A copy by the producer's threads whose ticket was not committed yet.
  struct ThreadCopy {
    mlir::Value channel;
    int64_t ticket;
    uint64_t group;
    bool landed, fenced;
  };

  llvm::MapVector<mlir::Value, Counts> channels;
  std::vector<Event> producer, program;
  llvm::SmallVector<ThreadCopy> copies;
  /// The groups of copies that the producer's threads have closed.
  uint64_t closed = 0;
  llvm::SmallVector<Read> threadReads;
  std::deque<llvm::SmallVector<Read>> dots;
  uint64_t started = 0;
};

} // namespace tile::placement

#endif // TILE_LIB_PLACEMENT_CHANNELRUN_H
