//===- ScratchPlan.h - Where a worker's buffers lie ---------------*- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef TILE_TARGET_CPU_SCRATCHPLAN_H
#define TILE_TARGET_CPU_SCRATCHPLAN_H

#include <llvm/ADT/SmallVector.h>

#include <cstdint>
#include <string>

namespace tile::cpu {

/// Places the buffers of a program in one block of memory, so that buffers whose lives don't meet share their place.
///
/// The lowering tells it what happens, in program order: a buffer is made, a buffer is used, a loop begins or ends. A buffer made
/// outside of a loop and used inside lives to the loop's end, as the next iteration may use it again.
class ScratchPlan {
public:
  static constexpr int64_t kAlignment = 64;

  /// Makes a buffer; `name` says in an error what it holds.
  int create(int64_t bytes, std::string name);
  void use(int buffer);
  void beginLoop() { loops.push_back({now++, {}}); }
  void endLoop();
  /// Keeps a buffer for itself from now on: its contents outlive what the plan sees.
  void keep(int buffer) { buffers[buffer].kept = true; }

  /// Places every buffer at or after `begin`; to be called once, last.
  void place(int64_t begin);
  int64_t offset(int buffer) const { return buffers[buffer].offset; }
  /// One past the last byte of the last buffer.
  int64_t size() const { return end; }
  /// The largest buffers, as the lines of an error.
  llvm::SmallVector<std::string> itemise(unsigned most) const;

private:
  struct Buffer {
    int64_t bytes, offset;
    unsigned first, last;
    bool kept;
    std::string name;
  };
  struct Loop {
    unsigned begin;
    llvm::SmallVector<int> used;
  };
  llvm::SmallVector<Buffer> buffers;
  llvm::SmallVector<Loop> loops;
  unsigned now = 0;
  int64_t end = 0;
};

} // namespace tile::cpu

#endif // TILE_TARGET_CPU_SCRATCHPLAN_H
