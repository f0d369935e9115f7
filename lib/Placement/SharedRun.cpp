//===- SharedRun.cpp - What threads find in shared memory ----------*- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "SharedRun.h"

#include <llvm/Support/FormatVariadic.h>

using namespace mlir;
using namespace tile::placement;

std::string Place::str() const {
  if (isOfRing())
    return llvm::formatv("ticket {0} in slot {1}", ticket, slot);
  return llvm::formatv("the scratch at {0}", begin);
}

std::string SharedRun::read(const Place &place) {
  const auto *content = llvm::find_if(contents, [&](const Content &entry) { return entry.place.overlaps(place); });
  if (content == contents.end())
    return "reads " + place.str() + ", which holds nothing";
  if (content->place.memory != place.memory || content->place.ticket != place.ticket)
    return "reads " + place.str() + ", where " + content->place.str() + " lies now";
  if (content->inFlight)
    return "reads " + place.str() + " while its copy may be under way";
  if (isSince(content->time, /*withinWarpgroup=*/false))
    return "reads " + place.str() + " without a barrier since it was written";
  reads.push_back(place);
  return "";
}

std::string SharedRun::put(const Place &place, bool isCopy) {
  for (const Place &before : reads)
    if (before.overlaps(place))
      return "overwrites " + before.str() + " with " + place.str() + " without a barrier since it was read";
  // The same rows of the same tile are the same warpgroup's.
  auto withinWarpgroup = [&](const Place &before) { return before.memory == place.memory && place.byWarpgroups; };
  for (const Store &store : stores) {
    if (!store.place.overlaps(place))
      continue;
    if (store.inFlight)
      return "overwrites " + store.place.str() + " with " + place.str() + " while its store may be under way";
    if (isSince(store.time, withinWarpgroup(store.place)))
      return "overwrites " + store.place.str() + " with " + place.str() +
             " without a barrier since its store was waited for";
  }
  for (const Content &content : contents) {
    if (!content.place.overlaps(place))
      continue;
    if (content.inFlight)
      return "overwrites " + content.place.str() + " with " + place.str() + " while its copy may be under way";
    if (isSince(content.time, withinWarpgroup(content.place)))
      return "overwrites " + content.place.str() + " with " + place.str() + " without a barrier since it was written";
  }
  llvm::erase_if(contents, [&](const Content &content) { return content.place.overlaps(place); });
  // Who meets what is written from here on has met its store.
  llvm::erase_if(stores, [&](const Store &store) { return store.place.overlaps(place); });
  contents.push_back({place, isCopy, closed, now, /*fenced=*/false, Time()});
  return "";
}

void SharedRun::commit() { ++closed; }

void SharedRun::wait(uint64_t pending) {
  if (closed < pending)
    return;
  landed = std::max(landed, closed - pending);
  for (Content &content : contents)
    if (content.inFlight && content.group < landed) {
      content.inFlight = false;
      content.time = now;
    }
}

std::string SharedRun::store(const Place &place, bool byWarpgroup) {
  const auto *content = llvm::find_if(contents, [&](const Content &entry) { return entry.place.overlaps(place); });
  if (content == contents.end())
    return "stores " + place.str() + ", which holds nothing";
  if (content->place.memory != place.memory)
    return "stores " + place.str() + ", where " + content->place.str() + " lies now";
  if (!content->fenced)
    return "stores " + place.str() + " without a fence since it was written";
  if (isSince(content->fenceTime, byWarpgroup))
    return "stores " + place.str() + " without a barrier since the fence";
  stores.push_back({place, byWarpgroup, started++, startedByWarpgroup, /*inFlight=*/true, Time()});
  startedByWarpgroup += byWarpgroup;
  return "";
}

void SharedRun::waitForStores(uint64_t pending, bool byWarpgroup) {
  for (Store &store : stores) {
    // The thread that stores for the program does so for the first warpgroup too; those of other warpgroups have only these.
    uint64_t newer = store.byWarpgroup ? startedByWarpgroup - store.numberOfWarpgroup : started - store.number;
    if (!store.inFlight || newer <= pending || (store.byWarpgroup && !byWarpgroup))
      continue;
    store.inFlight = false;
    store.time = now;
  }
}

void SharedRun::fence() {
  for (Content &content : contents)
    if (!content.inFlight && !content.fenced) {
      content.fenced = true;
      content.fenceTime = now;
    }
}

void SharedRun::barrier(bool ofWarpgroup) {
  ++now.ofWarpgroup;
  if (ofWarpgroup)
    return;
  ++now.all;
  reads.clear();
}
