//===- Clocks.h - What threads know of each other's past ---------*- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// \file
/// Vector clocks, for kernels whose threads don't only meet at barriers of the whole block. Every thread has a time that goes on when it
/// tells others of its past, and knows of each other thread up to when it has been told. An access that is later than what its follower
/// knows races with it. Whatever runs by itself (copies that complete on a barrier, products of a warpgroup, copies that read) is an
/// agent with a time of its own. A stamp is an agent or thread and its time.
///
//===----------------------------------------------------------------------===//

#ifndef TILE_TEST_EMULATOR_CLOCKS_H
#define TILE_TEST_EMULATOR_CLOCKS_H

#include <array>
#include <cstdint>
#include <string>
#include <unordered_map>
#include <vector>

namespace tile::emulator {

using Time = std::uint32_t;
using Stamp = std::uint32_t;
/// What is known of every thread and agent.
using Knowledge = std::vector<Time>;

/// What a fence makes known. That of the proxy is one of the others, too.
enum class Fence : std::uint8_t {
  /// That what a thread has asked of shared memory is done: only then its reads are.
  Memory,
  /// Barriers that it made, to the asynchronous proxy.
  Barriers,
  /// All that it wrote, to the asynchronous proxy.
  Proxy
};

class Clocks {
public:
  /// Nothing has happened; there are so many threads and no agents.
  void start(unsigned threads);
  unsigned addAgent(std::string name);
  const std::string &nameOf(unsigned who) const { return names[who - threads]; }
  bool isThread(unsigned who) const { return who < threads; }

  static Stamp stamp(unsigned who, Time time) { return who << kTimeBits | time; }
  static unsigned whoOf(Stamp stamp) { return stamp >> kTimeBits & kMost; }
  static Time timeOf(Stamp stamp) { return stamp & ((1u << kTimeBits) - 1); }
  Time *of(unsigned thread) { return all.data() + std::size_t(thread) * width; }
  const Time *of(unsigned thread) const { return all.data() + std::size_t(thread) * width; }
  Stamp now(unsigned thread) const { return stamp(thread, of(thread)[thread]); }
  static bool knows(const Time *known, Stamp stamp) { return timeOf(stamp) <= known[whoOf(stamp)]; }

  /// Tells what a thread knows, and its own past.
  void tell(unsigned thread, Knowledge &to);
  void learn(unsigned thread, const Knowledge &from);
  void learn(unsigned thread, unsigned who, Time time);
  void join(Knowledge &to, const Time *from) const;
  /// Only what both know.
  void meet(Knowledge &to, const Time *from) const;
  Knowledge nothing() const { return Knowledge(width); }

  void fence(unsigned thread, Fence what);
  /// Whether who knows that much knows that what a thread did was followed by such a fence. Agents need none.
  bool isFenced(const Time *known, Stamp past, Fence what) const;

  /// Who has read something: nobody (0), a stamp, or a set of them. Adds one that knows so much of the others.
  std::uint32_t addReader(std::uint32_t readers, const Time *known, Stamp reader);
  /// A reader that is not known; 0 when all are.
  Stamp unknownReader(std::uint32_t readers, const Time *known) const;
  /// A reader that is not known to be done; 0 when all are.
  Stamp readerInFlight(std::uint32_t readers, const Time *known) const;

private:
  static constexpr unsigned kTimeBits = 20, kMost = 2047, kAgents = 192;
  static constexpr std::uint32_t kSet = 1u << 31;
  void tick(unsigned thread);
  template <typename F>
  Stamp findReader(std::uint32_t readers, F which) const;

  unsigned threads = 0, width = 0;
  std::vector<Time> all;
  std::vector<std::string> names;
  /// Of each thread, of each kind.
  std::vector<std::array<std::vector<Time>, 3>> fences;
  std::vector<std::vector<Stamp>> sets;
  std::unordered_map<std::uint64_t, std::uint32_t> grown;
};

} // namespace tile::emulator

#endif // TILE_TEST_EMULATOR_CLOCKS_H
