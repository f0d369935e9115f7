//===- GlobalMemory.h - Allocations and addresses ----------------*- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef TILE_TEST_EMULATOR_GLOBALMEMORY_H
#define TILE_TEST_EMULATOR_GLOBALMEMORY_H

#include <cstdint>
#include <string>
#include <vector>

namespace tile::emulator {

enum class Space : std::uint8_t { Generic, Param, Global, Shared, Local };

/// Addresses from begin to end.
struct Span {
  std::uint64_t begin = 0, end = 0;
  bool holds(std::uint64_t address, unsigned bytes) const { return address >= begin && address + bytes <= end; }
};

/// What a launch may access, as it was when the launch began.
class GlobalMemory {
public:
  void add(std::uint64_t begin, std::uint64_t bytes);
  /// Memory that was given back; for messages.
  void addFreed(std::uint64_t begin, std::uint64_t bytes) { freed.push_back({begin, begin + bytes}); }
  /// After the last has been added.
  void sort();
  /// The allocation that has these bytes; an empty one when none has all of them.
  Span find(std::uint64_t address, unsigned bytes) const;
  /// "64 bytes behind an allocation of 4096 bytes".
  std::string describe(std::uint64_t address) const;

private:
  std::vector<Span> live, freed;
};

} // namespace tile::emulator

#endif // TILE_TEST_EMULATOR_GLOBALMEMORY_H
