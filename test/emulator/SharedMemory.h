//===- SharedMemory.h - A block's shared memory, watched ---------*- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// \file
/// Each byte knows who wrote it last and who has read it, and since which barrier. A barrier begins an epoch; two threads that touch a
/// byte in one epoch, one of them writing, race. A byte that a copy is on its way to can't be touched by anybody. Where threads meet in
/// other ways too there are clocks instead of epochs, accesses of the asynchronous proxy, and barriers that only their own instructions
/// may touch.
///
/// A thread's read stays in flight until a fence, as far as the asynchronous proxy goes: neither a barrier nor an arrival waits for it, and
/// uses of what was read don't end it, as the assembler moves them behind both. What threads write stays behind it on its own.
///
//===----------------------------------------------------------------------===//

#ifndef TILE_TEST_EMULATOR_SHAREDMEMORY_H
#define TILE_TEST_EMULATOR_SHAREDMEMORY_H

#include "Clocks.h"

#include <cstdint>
#include <cstring>
#include <optional>
#include <string>
#include <vector>

namespace tile::emulator {

class SharedMemory {
public:
  /// Where shared memory starts in its space: what the driver keeps for itself lies before.
  static constexpr std::uint32_t kBase = 1024;
  /// What bytes hold that nobody wrote.
  static constexpr std::uint8_t kPoison = 0xcd;

  void resize(unsigned bytes);
  /// A block starts: nothing is written.
  void start();
  /// All threads have met.
  void nextEpoch() { epoch += kEpoch; }

  bool holds(std::uint64_t address, unsigned bytes) const {
    return address >= kBase && address - kBase + bytes <= size;
  }
  unsigned bytes() const { return size; }
  std::uint8_t *data(std::uint64_t address) { return contents.data() + (address - kBase); }

  /// Note an access of bytes that `holds` says are there. False when it is wrong; `why` says how.
  bool read(std::uint64_t address, unsigned bytes, unsigned thread, std::uint32_t instruction);
  bool write(std::uint64_t address, unsigned bytes, unsigned thread);
  /// A copy is issued: the bytes become unusable. It arrives: they are the thread's writes of now.
  bool issue(std::uint64_t address, unsigned bytes, unsigned thread);
  void arrive(std::uint64_t address, unsigned bytes, unsigned thread);

  /// From now on clocks say what is ordered; the block's first thread is that number there.
  void follow(Clocks *clocks, unsigned firstThread, unsigned threads);
  /// What an access by the asynchronous proxy knows, and leaves behind. The same as read, write and arrive.
  struct Visit {
    const Time *known;
    Stamp stamp;
    /// The instruction's number, of a thread's read.
    std::uint32_t by = 0;
  };
  bool readAsync(std::uint64_t address, unsigned bytes, Visit visit) {
    return readOrdered(address, bytes, visit, true);
  }
  bool issueAsync(std::uint64_t address, unsigned bytes, Visit visit);
  void arriveAsync(std::uint64_t address, unsigned bytes, Stamp stamp);
  /// A thread makes a barrier of eight bytes, or takes it away.
  bool setBarrier(std::uint64_t address, unsigned thread, bool isThere);

  struct Complaint {
    enum class Kind : std::uint8_t { Uninitialised, OnItsWay, Race, Barrier } kind;
    std::uint64_t address;
    std::string text;
    /// The number of the instruction that the text ends with.
    std::optional<std::uint32_t> instruction = {};
  };
  /// Why the last access was wrong.
  Complaint why(std::uint64_t address, unsigned bytes, unsigned thread, bool isWrite) const;
  Complaint whyAsync(std::uint64_t address, unsigned bytes, Visit visit, bool isWrite) const {
    return whyOrdered(address, bytes, visit, isWrite, true);
  }

private:
  /// A stamp is an epoch and a thread; negative while a copy is on its way.
  static constexpr std::int32_t kThreads = 2048, kEpoch = kThreads;
  /// Several threads have read.
  static constexpr std::int32_t kMany = kThreads - 1;

  // With clocks (SharedOrder.cpp).
  enum class Use : std::uint8_t { Data, OnItsWay, Barrier };
  void startOrdered();
  Visit visitOf(unsigned thread) const;
  bool readOrdered(std::uint64_t address, unsigned bytes, Visit visit, bool isAsync);
  bool writeOrdered(std::uint64_t address, unsigned bytes, Visit visit, bool isAsync);
  Complaint whyOrdered(std::uint64_t address, unsigned bytes, Visit visit, bool isWrite, bool isAsync) const;

  Clocks *clocks = nullptr;
  unsigned firstThread = 0, threads = 0;
  std::vector<Stamp> wrote;
  std::vector<std::uint32_t> seen, seenBy;
  std::vector<Use> uses;

  unsigned size = 0;
  std::int32_t epoch = kEpoch, first = kEpoch;
  std::vector<std::uint8_t> contents;
  std::vector<std::int32_t> writers, readers;
};

} // namespace tile::emulator

#endif // TILE_TEST_EMULATOR_SHAREDMEMORY_H
