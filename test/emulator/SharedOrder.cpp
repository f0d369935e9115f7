//===- SharedOrder.cpp - Shared memory watched by clocks ---------*- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "SharedMemory.h"

#include <algorithm>

using namespace tile::emulator;

void SharedMemory::follow(Clocks *with, unsigned first, unsigned count) {
  clocks = with;
  firstThread = first;
  threads = count;
}

void SharedMemory::startOrdered() {
  wrote.assign(size, 0);
  seen.assign(size, 0);
  seenBy.assign(size, 0);
  uses.assign(size, Use::Data);
}

SharedMemory::Visit SharedMemory::visitOf(unsigned thread) const {
  return {clocks->of(firstThread + thread), clocks->now(firstThread + thread)};
}

bool SharedMemory::readOrdered(std::uint64_t address, unsigned bytes, Visit visit, bool isAsync) {
  // Neighbours were mostly written and read by the same.
  Stamp right = 0;
  std::uint32_t from = 0, to = 0;
  for (std::uint64_t i = address - kBase, end = i + bytes; i < end; ++i) {
    Stamp writer = wrote[i];
    if (uses[i] != Use::Data || !writer)
      return false;
    if (writer && writer != right) {
      if (!Clocks::knows(visit.known, writer) || (isAsync && !clocks->isFenced(visit.known, writer, Fence::Proxy)))
        return false;
      right = writer;
    }
    if (seen[i] != from || !to) {
      from = seen[i];
      to = clocks->addReader(from, visit.known, visit.stamp);
    }
    seen[i] = to;
    seenBy[i] = visit.by;
  }
  return true;
}

bool SharedMemory::writeOrdered(std::uint64_t address, unsigned bytes, Visit visit, bool isAsync) {
  Stamp right = 0;
  std::uint32_t rightReaders = 0;
  for (std::uint64_t i = address - kBase, end = i + bytes; i < end; ++i) {
    Stamp writer = wrote[i];
    if (uses[i] != Use::Data)
      return false;
    if (writer && writer != right) {
      if (!Clocks::knows(visit.known, writer) || (isAsync && !clocks->isFenced(visit.known, writer, Fence::Proxy)))
        return false;
      right = writer;
    }
    if (seen[i] != rightReaders) {
      if (clocks->unknownReader(seen[i], visit.known) || (isAsync && clocks->readerInFlight(seen[i], visit.known)))
        return false;
      rightReaders = seen[i];
    }
  }
  std::fill_n(wrote.data() + (address - kBase), bytes, visit.stamp);
  std::fill_n(seen.data() + (address - kBase), bytes, 0);
  return true;
}

bool SharedMemory::issueAsync(std::uint64_t address, unsigned bytes, Visit visit) {
  if (!writeOrdered(address, bytes, visit, true))
    return false;
  std::fill_n(uses.data() + (address - kBase), bytes, Use::OnItsWay);
  std::fill_n(data(address), bytes, kPoison);
  return true;
}

void SharedMemory::arriveAsync(std::uint64_t address, unsigned bytes, Stamp stamp) {
  std::fill_n(wrote.data() + (address - kBase), bytes, stamp);
  std::fill_n(uses.data() + (address - kBase), bytes, Use::Data);
}

bool SharedMemory::setBarrier(std::uint64_t address, unsigned thread, bool isThere) {
  std::uint64_t first = address - kBase;
  if (!isThere)
    std::fill_n(uses.data() + first, 8, Use::Data);
  if (!writeOrdered(address, 8, visitOf(thread), false))
    return false;
  std::fill_n(data(address), 8, kPoison);
  if (isThere)
    std::fill_n(uses.data() + first, 8, Use::Barrier);
  else
    std::fill_n(wrote.data() + first, 8, 0);
  return true;
}

SharedMemory::Complaint SharedMemory::whyOrdered(std::uint64_t address, unsigned bytes, Visit visit, bool isWrite,
                                                 bool isAsync) const {
  auto named = [&](Stamp stamp) {
    unsigned who = Clocks::whoOf(stamp);
    if (!clocks->isThread(who))
      return clocks->nameOf(who);
    std::string text = "thread " + std::to_string(who % threads);
    return who / threads == firstThread / threads
               ? text
               : text + " of block " + std::to_string(who / threads) + " of the cluster";
  };
  using Kind = Complaint::Kind;
  for (std::uint64_t i = address - kBase, end = i + bytes; i < end; ++i) {
    Stamp writer = wrote[i];
    if (uses[i] == Use::Barrier)
      return {Kind::Barrier, kBase + i, "a barrier lies there"};
    if (uses[i] == Use::OnItsWay)
      return {Kind::OnItsWay, kBase + i, "a copy of " + named(writer) + " is on its way there"};
    if (!isWrite && !writer)
      return {Kind::Uninitialised, kBase + i, "nothing was written there"};
    if (!Clocks::knows(visit.known, writer))
      return {Kind::Race, kBase + i, named(writer) + " wrote there, which nothing orders before"};
    if (isAsync && writer && !clocks->isFenced(visit.known, writer, Fence::Proxy))
      return {Kind::Race, kBase + i, named(writer) + " wrote there without 'fence.proxy.async' behind it"};
    if (Stamp reader = isWrite ? clocks->unknownReader(seen[i], visit.known) : 0)
      return {Kind::Race, kBase + i, named(reader) + " read there, which nothing orders before"};
    if (Stamp reader = isWrite && isAsync ? clocks->readerInFlight(seen[i], visit.known) : 0)
      return {Kind::Race, kBase + i,
              "a read of " + named(reader) + " there may be in flight still: no fence stands behind", seenBy[i]};
  }
  return {Kind::Race, address, "?"};
}
