//===- Driver.cpp - The emulator as a CUDA driver ----------------*- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// \file
/// libcuda-emulator.so is the fake CUDA driver with launches that run. The first failure stays, as a GPU's does; its text is what the
/// driver says of the error, and is printed.
///
//===----------------------------------------------------------------------===//

#include "Emulator.h"
#include "Ptx.h"
#include "TensorMap.h"

#include "FakeCuda.h"

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <mutex>
#include <regex>

using namespace tile::emulator;

/// A number from the environment; nothing when it isn't there.
static unsigned numberOf(const char *variable, unsigned otherwise) {
  const char *text = std::getenv(variable);
  return text && *text ? static_cast<unsigned>(std::atoi(text)) : otherwise;
}

extern "C" State *tileEmulator() {
  static auto *state = [] {
    auto *state = new State;
    state->hostThreads = numberOf("TILE_EMULATOR_THREADS", 1);
    state->prints = state->counts = numberOf("TILE_EMULATOR_STATISTICS", 0);
    state->continues = numberOf("TILE_EMULATOR_CONTINUE", 0);
    state->schedule.seed = numberOf("TILE_EMULATOR_SEED", 1);
    if (const char *delays = std::getenv("TILE_EMULATOR_DELAY"))
      setDelays(state->schedule, delays);
    return state;
  }();
  return state;
}

/// Code as a test wants it to be wrong: TILE_EMULATOR_REPLACE is `pattern=>by`, a regular expression and what it becomes everywhere.
static std::string edited(const std::string &ptx) {
  const char *given = std::getenv("TILE_EMULATOR_REPLACE");
  std::string text = given ? given : "";
  std::size_t arrow = text.find("=>");
  if (arrow == std::string::npos || arrow == 0)
    return ptx;
  return std::regex_replace(ptx, std::regex(text.substr(0, arrow)), text.substr(arrow + 2));
}

/// What the fake's hook gets when code is loaded, and gives when it is launched.
static std::shared_ptr<void> load(const std::string &ptx, std::string &error) {
  try {
    return std::make_shared<Program>(edited(ptx));
  } catch (const BadPtx &bad) {
    error = bad.what();
    return nullptr;
  }
}

static int attributeOf(const std::shared_ptr<void> &loaded, const std::string &entry,
                       tile::driver::FunctionAttribute attribute) {
  const auto &program = *static_cast<const Program *>(loaded.get());
  switch (attribute) {
  case tile::driver::FunctionAttribute::StaticShared:
    return static_cast<int>(program.staticShared(entry));
  case tile::driver::FunctionAttribute::LocalBytes:
    return static_cast<int>(program.localBytes(entry));
  default:
    // An assembler would find room for fewer.
    return static_cast<int>(std::min(255u, std::max(16u, program.registers(entry) / 8)));
  }
}

static tile::driver::Result launch(const std::shared_ptr<void> &loaded, const FakeLaunch &launch,
                                   const Allocations &memory, std::string &text) {
  State &state = *tileEmulator();
  LaunchShape shape;
  std::copy(std::begin(launch.grid), std::end(launch.grid), shape.grid);
  std::copy(std::begin(launch.block), std::end(launch.block), shape.block);
  std::copy(std::begin(launch.cluster), std::end(launch.cluster), shape.cluster);
  shape.dynamicShared = launch.sharedBytes;
  const auto *bytes = reinterpret_cast<const std::uint8_t *>(launch.words.data());
  Statistics statistics;
  const auto &program = *static_cast<const Program *>(loaded.get());
  Failure failure;
  if (launch.startsEarly && !program.waitsForLaunches(launch.entry))
    failure = {tile::driver::result::launchFailed,
               "kernel '" + launch.entry +
                   "' may start before those that it follows have ended, and has no "
                   "'griddepcontrol.wait'"};
  else
    failure = program.run(launch.entry, shape, {bytes, bytes + launch.words.size() * sizeof(std::uint64_t)}, memory,
                          state.hostThreads, state.counts ? &statistics : nullptr, state.schedule);
  // Several devices run at once.
  static std::mutex mutex;
  std::lock_guard guard(mutex);
  ++state.launches;
  if (state.prints)
    std::fprintf(stderr, "%s", statistics.text().c_str());
  state.last = std::move(statistics);
  if (!failure.result)
    return 0;
  state.failure = text = failure.text;
  std::fprintf(stderr, "emulator: %s\n", failure.text.c_str());
  return state.continues ? 0 : failure.result;
}

/// Tells the fake what it is, when the library is loaded.
static const bool installed = [] {
  FakeCuda &fake = *fakeCuda();
  unsigned sm = numberOf("TILE_EMULATOR_SM", 90);
  fake.devices = static_cast<int>(numberOf("TILE_EMULATOR_DEVICES", 1));
  fake.major = static_cast<int>(sm / 10);
  fake.minor = static_cast<int>(sm % 10);
  fake.sharedPerBlock = sm == 90 || sm == 100 ? 232448 : sm == 80 ? 166912 : 101376;
  fake.memory = std::size_t(8) << 30;
  fake.processors = static_cast<int>(numberOf("TILE_EMULATOR_PROCESSORS", 132));
  fake.record = false;
  fake.name = "Emulator of sm_" + std::to_string(sm);
  fake.loadCode = load;
  fake.codeAttribute = attributeOf;
  fake.run = [](const std::shared_ptr<void> &loaded, const FakeLaunch &fakeLaunch, const auto &live, const auto &freed,
                std::string &text) { return launch(loaded, fakeLaunch, {live, freed}, text); };
  return true;
}();

//===----------------------------------------------------------------------===//
// What the fake doesn't have
//===----------------------------------------------------------------------===//

extern "C" {

int cuTensorMapEncodeTiled(void *map, int type, unsigned rank, void *base, const std::uint64_t *extents,
                           const std::uint64_t *strides, const std::uint32_t *box, const std::uint32_t *steps,
                           int interleave, int swizzle, int promotion, int fill) {
  TensorMapRequest request = {
      type,      rank, reinterpret_cast<std::uint64_t>(base), extents, strides, box, steps, interleave, swizzle,
      promotion, fill};
  TensorMap made;
  std::string wrong = reinterpret_cast<std::uintptr_t>(map) % 64 ? "a map that 64 doesn't divide the address of"
                                                                 : encode(request, made);
  if (!wrong.empty()) {
    std::fprintf(stderr, "emulator: cuTensorMapEncodeTiled: %s\n", wrong.c_str());
    return tile::driver::result::invalidValue;
  }
  std::memcpy(map, &made, sizeof(made));
  return 0;
}

} // extern "C"
