//===- Runtime.h - What generated code calls ----------------------*- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef TILE_LIB_TARGET_CPU_RUNTIME_H
#define TILE_LIB_TARGET_CPU_RUNTIME_H

#include <llvm/ADT/ArrayRef.h>
#include <llvm/ADT/StringRef.h>

#include <atomic>
#include <cstdint>
#include <functional>
#include <mutex>
#include <string>
#include <vector>

namespace tile::cpu {

/// The most axes that a view may have.
inline constexpr int64_t kMaxRank = 12;

/// A tile of a view, in memory of its own, and where it lies in the view. Generated code writes these words in this order.
struct Box {
  char *view, *tile;
  /// The padding's bits.
  uint64_t pad;
  int64_t elementBytes, rank;
  struct Axis {
    int64_t extent, stride, offset;
    /// ir::kScalarIndex when the axis is dropped.
    int64_t width;
  } axes[kMaxRank];
};

struct Worker;

/// What lies at the start of a worker's scratch memory.
struct ScratchHeader {
  Worker *worker;
  Box box;
};
inline constexpr int64_t kScratchHeaderBytes = 448;
static_assert(sizeof(ScratchHeader) <= kScratchHeaderBytes);

/// What the workers of one run share.
struct RunState {
  /// Set by the first failure; programs that haven't begun don't begin.
  std::atomic<bool> stopped = false;
  std::mutex mutex;
  std::string error;
  const std::function<void(llvm::StringRef)> *print = nullptr;

  void fail(std::string message);
};

/// One slot of a ring in late mode.
struct LateSlot {
  enum State { Empty, Acquired, Committed, Full } state = Empty;
  uint32_t ticket = 0;
  std::vector<Box> pending;
};

struct LateRing {
  char *memory;
  int64_t slotBytes;
  bool isFloat;
  std::vector<LateSlot> slots;
};

/// What one worker of a run keeps.
struct Worker {
  RunState *run;
  std::vector<LateRing> rings;
  /// The values of the line that is being printed.
  std::vector<std::string> printed;
  /// That of the program at hand, where it is recorded.
  struct Record {
    uint64_t *words = nullptr;
    uint64_t tickets = 0;
    int64_t sites = 0;
  } record;
};

/// The functions that generated code may call, by name.
llvm::ArrayRef<std::pair<llvm::StringRef, void *>> runtimeSymbols();

} // namespace tile::cpu

#endif // TILE_LIB_TARGET_CPU_RUNTIME_H
