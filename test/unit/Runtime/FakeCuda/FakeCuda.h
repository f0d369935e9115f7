//===- FakeCuda.h - A CUDA driver without a GPU, told what to do --*- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// \file
/// libfakecuda.so has the driver's functions that the runtime uses, over memory of the host. It runs no kernels: it records what it was
/// asked, can be told to fail, and calls back where a kernel would run. The emulator (test/emulator) is this with code that runs.
///
//===----------------------------------------------------------------------===//

#ifndef TILE_TEST_FAKECUDA_H
#define TILE_TEST_FAKECUDA_H

#include "tile/Driver/Api.h"

#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

struct FakeLaunch {
  /// The entry, as the library was asked for it.
  std::string entry;
  unsigned grid[3], block[3], sharedBytes;
  void *queue, *context;
  /// The parameters: words, then tensor maps, each on a multiple of 64 bytes.
  std::vector<std::uint64_t> words;
  /// What attributes say: the blocks of a cluster, and whether it may start before the kernel that it follows has ended.
  unsigned cluster[3] = {};
  bool startsEarly = false;
};

/// What the fake is, does and has seen. A test may change all of it at any time.
struct FakeCuda {
  // What it is.
  int version = 13000, devices = 2, major = 9, minor = 0;
  std::size_t memory = std::size_t(1) << 30;
  int processors = 132, sharedPerBlock = 232448, registers = 40, localBytes = 0, blocksPerMultiprocessor = 4;

  /// Of its devices; "Fake" and a number when it is empty.
  std::string name;
  /// Of those whose name is another one.
  std::map<int, std::string> names;

  // How it fails.
  tile::driver::Result init = 0, link = 0, load = 0, launch = 0, synchronize = 0, copy = 0, primaryContext = 0,
                       encode = 0;
  /// Whether what was loaded last came from the linker.
  bool loadedCubin = false;
  std::string errorLog, infoLog = "ptxas info    : 16 bytes stack frame, 8 bytes spill stores, 12 bytes spill loads";
  /// A queue that is being captured: what a capture forbids fails, everywhere in the process.
  void *captured = nullptr;

  // What it has seen.
  bool record = true;
  std::vector<FakeLaunch> launches;
  std::function<void(const FakeLaunch &)> onLaunch;
  std::string ptx;
  int dynamicShared = 0;
  unsigned links = 0, loads = 0, unloads = 0, allocations = 0, frees = 0, synchronizations = 0, pointerQueries = 0,
           queues = 0, launchCount = 0, encodes = 0;
  std::size_t used = 0;

  // How code runs, when it does: nothing of this is set by itself.
  using Ranges = std::vector<std::pair<std::uint64_t, std::uint64_t>>;
  /// Reads code; null with a text when it is wrong.
  std::function<std::shared_ptr<void>(const std::string &ptx, std::string &error)> loadCode;
  std::function<int(const std::shared_ptr<void> &code, const std::string &entry, tile::driver::FunctionAttribute)>
      codeAttribute;
  /// Runs it over the memory that there is, and was; an error stays, and has a text.
  std::function<tile::driver::Result(const std::shared_ptr<void> &code, const FakeLaunch &launch, const Ranges &live,
                                     const Ranges &freed, std::string &text)>
      run;
  /// What went wrong; every call that waits says so from then on.
  tile::driver::Result broken = 0;
  std::string brokenText;
  /// Where; everywhere when there are none.
  std::set<void *> brokenContexts;
  /// A device whose memory somebody else has.
  int fullDevice = -1;

  // What the tests make themselves.
  void *(*makeContext)(int device) = nullptr;
  void *(*makeQueue)(void *context) = nullptr;
  /// Memory of the host that kernels may use: page-locked and mapped.
  void (*mapHost)(void *address, std::size_t bytes) = nullptr;
  /// The context that is current in this thread.
  void *(*currentContext)() = nullptr;
  void (*setCurrentContext)(void *context) = nullptr;
  /// As if it had just been loaded.
  void (*reset)() = nullptr;
};

/// The fake's state; the library exports it under this name.
extern "C" FakeCuda *fakeCuda();

#endif // TILE_TEST_FAKECUDA_H
