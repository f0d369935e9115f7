//===- SharedMemory.cpp - A block's shared memory, watched -------*- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "SharedMemory.h"

#include <algorithm>

using namespace tile::emulator;

void SharedMemory::resize(unsigned bytes) {
  size = bytes;
  contents.assign(bytes, kPoison);
  writers.assign(bytes, 0);
  readers.assign(bytes, 0);
}

void SharedMemory::start() {
  // Stamps of earlier blocks lie before `first`. They would run out after some 500000 barriers.
  if (epoch > INT32_MAX / 2) {
    resize(size);
    epoch = 0;
  }
  epoch += kEpoch;
  first = epoch;
  std::fill(contents.begin(), contents.end(), kPoison);
  if (clocks)
    startOrdered();
}

bool SharedMemory::read(std::uint64_t address, unsigned bytes, unsigned thread, std::uint32_t instruction) {
  if (clocks) {
    Visit visit = visitOf(thread);
    visit.by = instruction;
    return readOrdered(address, bytes, visit, false);
  }
  const std::int32_t *writer = writers.data() + (address - kBase);
  std::int32_t *reader = readers.data() + (address - kBase);
  std::int32_t now = epoch, oldest = first, mine = epoch + static_cast<std::int32_t>(thread), many = epoch + kMany;
  int wrong = 0;
  for (unsigned i = 0; i < bytes; ++i) {
    wrong |= (writer[i] < oldest) | ((writer[i] >= now) & (writer[i] != mine));
    reader[i] = ((reader[i] < now) | (reader[i] == mine)) ? mine : many;
  }
  return !wrong;
}

bool SharedMemory::write(std::uint64_t address, unsigned bytes, unsigned thread) {
  if (clocks)
    return writeOrdered(address, bytes, visitOf(thread), false);
  std::int32_t *writer = writers.data() + (address - kBase);
  const std::int32_t *reader = readers.data() + (address - kBase);
  std::int32_t now = epoch, oldest = first, mine = epoch + static_cast<std::int32_t>(thread);
  int wrong = 0;
  for (unsigned i = 0; i < bytes; ++i)
    wrong |= (writer[i] <= -oldest) | ((writer[i] >= now) & (writer[i] != mine)) |
             ((reader[i] >= now) & (reader[i] != mine));
  if (wrong)
    return false;
  std::fill(writer, writer + bytes, mine);
  return true;
}

bool SharedMemory::issue(std::uint64_t address, unsigned bytes, unsigned thread) {
  if (!write(address, bytes, thread))
    return false;
  if (clocks) {
    std::fill_n(uses.data() + (address - kBase), bytes, Use::OnItsWay);
    std::fill_n(data(address), bytes, kPoison);
    return true;
  }
  auto mine = epoch + static_cast<std::int32_t>(thread);
  std::fill_n(writers.data() + (address - kBase), bytes, -mine);
  std::fill_n(data(address), bytes, kPoison);
  return true;
}

void SharedMemory::arrive(std::uint64_t address, unsigned bytes, unsigned thread) {
  if (clocks)
    return arriveAsync(address, bytes, visitOf(thread).stamp);
  std::fill_n(writers.data() + (address - kBase), bytes, epoch + static_cast<std::int32_t>(thread));
}

SharedMemory::Complaint SharedMemory::why(std::uint64_t address, unsigned bytes, unsigned thread, bool isWrite) const {
  if (clocks)
    return whyOrdered(address, bytes, visitOf(thread), isWrite, false);
  std::int32_t mine = epoch + static_cast<std::int32_t>(thread);
  auto named = [](std::int32_t stamp) {
    std::int32_t thread = stamp % kThreads;
    return thread == kMany ? std::string("several threads") : "thread " + std::to_string(thread);
  };
  for (unsigned i = 0; i < bytes; ++i) {
    std::int32_t writer = writers[address - kBase + i], reader = readers[address - kBase + i];
    if (writer <= -first)
      return {Complaint::Kind::OnItsWay, address + i, "a copy of " + named(-writer) + " is on its way there"};
    if (!isWrite && writer < first)
      return {Complaint::Kind::Uninitialised, address + i, "nothing was written there"};
    if (writer >= epoch && writer != mine)
      return {Complaint::Kind::Race, address + i, named(writer) + " wrote there since the last barrier"};
    if (isWrite && reader >= epoch && reader != mine)
      return {Complaint::Kind::Race, address + i, named(reader) + " read there since the last barrier"};
  }
  return {Complaint::Kind::Race, address, "?"};
}
