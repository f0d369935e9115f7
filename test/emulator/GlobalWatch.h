//===- GlobalWatch.h - Who touched global memory ------------------*- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// \file
/// Each byte that a launch touches knows the last thread that wrote it and those that read it, and since which barrier of their block.
/// Threads of one block race as they do in shared memory, except that they may write the same value. A block that reads what another
/// has written races, whichever ran first here. What is loaded as memory that stays (ld.global.nc) must stay for the whole launch.
///
//===----------------------------------------------------------------------===//

#ifndef TILE_TEST_EMULATOR_GLOBALWATCH_H
#define TILE_TEST_EMULATOR_GLOBALWATCH_H

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <unordered_map>

namespace tile::emulator {

class GlobalWatch {
public:
  void startBlock() {
    epoch += kEpoch;
    first = epoch;
  }
  void nextEpoch() { epoch += kEpoch; }

  /// Note an access of some bytes within a page's size; what is wrong about it, or null.
  const char *read(std::uint64_t address, unsigned bytes, unsigned thread, bool stays);
  /// `isSame` when the bytes hold already what is written.
  const char *write(std::uint64_t address, unsigned bytes, unsigned thread, bool isSame);
  /// Atomics race with nobody.
  void forget(std::uint64_t address, unsigned bytes);

private:
  static constexpr std::int64_t kEpoch = 2048, kMany = kEpoch - 1;
  static constexpr std::uint64_t kPage = 1024;
  /// Beyond so many pages nothing is watched: 16 MiB of memory.
  static constexpr std::size_t kMostPages = 16384;
  struct Page {
    std::array<std::int64_t, kPage> writers = {}, readers = {};
    std::array<bool, kPage> stays = {};
  };
  /// The page of an address; null beyond the limit.
  Page *pageOf(std::uint64_t address);

  std::int64_t epoch = 0, first = 0;
  std::unordered_map<std::uint64_t, std::unique_ptr<Page>> pages;
  std::uint64_t lastNumber = ~std::uint64_t(0);
  Page *last = nullptr;
};

} // namespace tile::emulator

#endif // TILE_TEST_EMULATOR_GLOBALWATCH_H
