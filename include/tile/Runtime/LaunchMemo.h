//===- LaunchMemo.h - Launches like one that was found right ------*- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// \file
/// Checking the arguments of a launch evaluates the expressions of the kernel's header and takes microseconds. All of it but what
/// has to do with addresses depends on types, shapes, strides and a few scalars only; so a launch like an earlier one is checked by
/// comparing those, and its addresses by a few comparisons more: without allocating, locking, or looking anything up.
///
//===----------------------------------------------------------------------===//

#ifndef TILE_RUNTIME_LAUNCHMEMO_H
#define TILE_RUNTIME_LAUNCHMEMO_H

#include "tile/Runtime/Call.h"

#include <array>
#include <shared_mutex>

namespace tile::runtime {

/// What machine code is called with.
struct LaunchData {
  /// Base, extents and strides of each view that is present, the bits of each scalar.
  llvm::SmallVector<uint64_t, 112> words;
  /// The addresses of views with elements, and which argument each is.
  llvm::SmallVector<std::pair<uint64_t, unsigned>, 16> bases;
  std::array<int64_t, 3> grid = {1, 1, 1};
  /// The last words of an instrumented kernel: see ir::RecordWords.
  llvm::SmallVector<uint64_t, 4> record;
};

/// The launches that one specialisation was found right for, the latest few.
class LaunchMemo {
public:
  /// Whether a call is like one of them; fills `launch`. With `exactly`, the specialisation is also the one that the call would be
  /// compiled for, not only one that is right for it.
  bool find(std::span<const Argument> given, bool exactly, LaunchData &launch) const;

  /// Remembers a call that was found right for `known`.
  void remember(const KernelRef &kernel, const lang::Specialization &known, const Call &call,
                std::span<const Argument> given);

private:
  struct View {
    /// The argument, and its place among the words.
    unsigned argument, word;
    bool written, empty;
    /// The bytes from the base down to the lowest address and up to the one past the highest.
    uint64_t below, above;
    /// What must divide the base; what divides every stride that matters; what the specialisation takes for granted.
    uint64_t baseAlign, strideAlign, knownAlign;
  };
  struct Scalar {
    unsigned argument, word;
    lang::DType type;
  };
  struct Entry {
    /// Everything that must be the same, in order.
    llvm::SmallVector<uint64_t, 64> key;
    llvm::SmallVector<View, 8> views;
    llvm::SmallVector<Scalar, 4> scalars;
    /// With holes for bases and scalars.
    llvm::SmallVector<uint64_t, 64> words;
    std::array<int64_t, 3> grid;
    /// Scalars that the kernel's header names, by argument.
    uint64_t namedScalars;
    bool exact;
  };
  static bool fits(const Entry &entry, std::span<const Argument> given, bool exactly, LaunchData &launch);

  /// Never waited for: who finds it taken goes the long way.
  mutable std::shared_mutex mutex;
  std::array<Entry, 4> entries;
  unsigned count = 0, next = 0;
};

} // namespace tile::runtime

#endif // TILE_RUNTIME_LAUNCHMEMO_H
