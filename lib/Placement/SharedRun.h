//===- SharedRun.h - What threads find in shared memory ------------*- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

//
// All threads of a program run the same ops, each at its own pace between two barriers. So what one thread wrote, or waited for, is there for
// the others from the next barrier on, and what they read may be overwritten from the next barrier on: time is counted in barriers. A
// thread's copies are under way from where they are issued until it waits for their group. Stores from shared memory read it until the thread
// that issued them has waited, and find there what was fenced and is behind a barrier. Where each warpgroup writes and stores rows of its own,
// a barrier among its threads does.
//
// Functions return what is wrong, as the end of a sentence, or an empty string.
//
//===----------------------------------------------------------------------===//

#ifndef TILE_LIB_PLACEMENT_SHAREDRUN_H
#define TILE_LIB_PLACEMENT_SHAREDRUN_H

#include "tile/Dialect/Tile.h"

namespace tile::placement {

/// A tile's place in shared memory: a scratch, or the slot of a ticket.
struct Place {
  /// The scratch or the ring.
  mlir::Value memory;
  int64_t begin, end;
  /// Of a ring: which of its slots, and for which ticket.
  int64_t slot = 0, ticket = 0;
  /// Of a scratch: whether each warpgroup stores the rows that it writes, and no others.
  bool byWarpgroups = false;

  bool isOfRing() const { return llvm::isa<ir::RingType>(memory.getType()); }
  bool overlaps(const Place &other) const { return begin < other.end && other.begin < end; }
  /// "ticket 5 in slot 2", "the scratch at 1024".
  std::string str() const;
};

class SharedRun {
public:
  std::string read(const Place &place);
  std::string write(const Place &place) { return put(place, /*isCopy=*/false); }
  std::string copy(const Place &place) { return put(place, /*isCopy=*/true); }
  void commit();
  void wait(uint64_t pending);
  /// Among all threads, or those of each warpgroup.
  void barrier(bool ofWarpgroup);

  /// By one thread, or one of each warpgroup.
  std::string store(const Place &place, bool byWarpgroup);
  /// For all but the newest `pending`; by one thread, or one of each warpgroup.
  void waitForStores(uint64_t pending, bool byWarpgroup);
  void fence();

private:
  /// The barriers that have passed, and those and the ones among warpgroups.
  struct Time {
    uint64_t all = 0, ofWarpgroup = 0;
  };
  struct Content {
    Place place;
    /// Whether a copy into it is under way; the number of its group.
    bool inFlight;
    uint64_t group;
    /// The barriers that had passed when it was written, or when its copy had landed.
    Time time;
    /// Of what threads wrote: whether stores may find it, and the barriers that had passed at the fence.
    bool fenced = false;
    Time fenceTime;
  };
  /// A store from shared memory, and the barriers that had passed when it was waited for.
  struct Store {
    Place place;
    bool byWarpgroup;
    /// The stores before it, and those of them that warpgroups made.
    uint64_t number, numberOfWarpgroup;
    bool inFlight;
    Time time;
  };
  /// Whether no barrier has passed since then that keeps apart what threads do with a place, given by what it holds.
  bool isSince(const Time &time, bool withinWarpgroup) const {
    return withinWarpgroup ? time.ofWarpgroup == now.ofWarpgroup : time.all == now.all;
  }
  std::string put(const Place &place, bool isCopy);

  llvm::SmallVector<Content> contents;
  llvm::SmallVector<Store> stores;
  /// What was read since the last barrier.
  llvm::SmallVector<Place> reads;
  Time now;
  /// Stores, and those of them that warpgroups made.
  uint64_t started = 0, startedByWarpgroup = 0;
  /// Groups that were closed, and those of them that have landed.
  uint64_t closed = 0, landed = 0;
};

} // namespace tile::placement

#endif // TILE_LIB_PLACEMENT_SHAREDRUN_H
