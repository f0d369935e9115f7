//===- Emulator.h - Runs PTX on the CPU, and watches it ----------*- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// \file
/// Runs the PTX that the compiler writes, thread by thread, and finds what a GPU would hide: accesses outside of allocations, reads of
/// what nobody wrote, races in shared memory, copies that were not waited for, barriers that not all threads reach. Where warps go ways of
/// their own and copies and products run beside them, they take turns in an order that a seed gives.
///
//===----------------------------------------------------------------------===//

#ifndef TILE_TEST_EMULATOR_EMULATOR_H
#define TILE_TEST_EMULATOR_EMULATOR_H

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace tile::emulator {

struct Code;
struct Module;

/// What a launch did.
struct Statistics {
  struct Instruction {
    std::string opcode;
    unsigned line = 0;
    /// How often warps ran it.
    std::uint64_t executed = 0;
    /// Of accesses: requests by warps; passes over shared memory's banks, and as many as there would be without conflicts; sectors of
    /// 32 bytes of global memory, and bytes that were asked for.
    std::uint64_t requests = 0, wavefronts = 0, leastWavefronts = 0, sectors = 0, bytes = 0;
  };
  std::string kernel;
  std::vector<Instruction> instructions;

  /// By opcodes that begin so.
  Instruction sum(std::string_view opcode) const;
  std::string text() const;
};

/// What a launch did wrong.
struct Failure {
  /// The driver's number for it.
  int result = 0;
  std::string text;
};

/// How warps that run at once take turns.
struct Schedule {
  /// TILE_EMULATOR_SEED: other numbers give other interleavings.
  unsigned seed = 1;
  /// TILE_EMULATOR_DELAY: "0-3,8": these warps run, and "copies", "stores" or "products" happen, only when nothing else can.
  std::vector<bool> delaysWarp;
  bool delaysCopies = false, delaysStores = false, delaysProducts = false;
};
/// Of the text of TILE_EMULATOR_DELAY.
void setDelays(Schedule &schedule, std::string_view text);

struct LaunchShape {
  unsigned grid[3] = {1, 1, 1}, block[3] = {1, 1, 1}, cluster[3] = {0, 0, 0};
  unsigned dynamicShared = 0;
};

/// Memory that kernels may use.
struct Allocations {
  std::vector<std::pair<std::uint64_t, std::uint64_t>> live, freed;
};

/// A module that has been read and decoded.
class Program {
public:
  /// Throws BadPtx.
  explicit Program(std::string_view ptx);
  ~Program();

  /// Whether there is an entry of that name, and its shared memory.
  bool has(const std::string &entry) const { return codes.contains(entry); }
  unsigned staticShared(const std::string &entry) const;
  unsigned localBytes(const std::string &entry) const;
  /// Whether it waits for the kernels before it in its stream.
  bool waitsForLaunches(const std::string &entry) const;
  /// Bits of all registers together, in words of 32.
  unsigned registers(const std::string &entry) const;

  /// Runs a grid on some threads of the host; with one, blocks run in order. A failure has a text.
  Failure run(const std::string &entry, const LaunchShape &shape, const std::vector<std::uint8_t> &parameters,
              const Allocations &memory, unsigned hostThreads = 1, Statistics *statistics = nullptr,
              const Schedule &schedule = {}) const;

private:
  std::unique_ptr<Module> module;
  std::map<std::string, std::unique_ptr<Code>> codes;
};

/// The state of libcuda-emulator.so, which exports it as `tileEmulator`.
struct State {
  /// TILE_EMULATOR_THREADS: threads of the host that run blocks; one runs them in order.
  unsigned hostThreads = 1;
  /// TILE_EMULATOR_STATISTICS: counts, and prints every launch's counts.
  bool counts = false, prints = false;
  /// TILE_EMULATOR_CONTINUE: a failure is printed, and the launch counts as a success.
  bool continues = false;
  Schedule schedule;
  /// Of the last launch.
  Statistics last;
  /// Of the last failure.
  std::string failure;
  std::uint64_t launches = 0;
};

} // namespace tile::emulator

extern "C" tile::emulator::State *tileEmulator();

#endif // TILE_TEST_EMULATOR_EMULATOR_H
