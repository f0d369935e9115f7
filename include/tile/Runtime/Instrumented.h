//===- Instrumented.h - Kernels that write down their schedule ----*- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef TILE_RUNTIME_INSTRUMENTED_H
#define TILE_RUNTIME_INSTRUMENTED_H

#include "tile/Device.h"
#include "tile/Kernel.h"
#include "tile/Pipeline/Instrument.h"
#include "tile/Runtime/Call.h"

namespace tile::runtime {

/// What a launch wrote down: see tile/Dialect/Record.h.
struct Recording {
  std::uint64_t programs = 0, warps = 1, sites = 0, tickets = 0;
  std::vector<std::uint64_t> words;
  /// Iterations that there was no room for, of the warp that lost the most.
  std::uint64_t lost = 0;

  /// The header of a warp, then its times by ticket and site.
  llvm::ArrayRef<std::uint64_t> warp(std::uint64_t program, std::uint64_t number) const {
    std::uint64_t size = ir::recordWords(sites, tickets);
    return llvm::ArrayRef(words).slice((program * warps + number) * size, size);
  }
};

/// A kernel compiled once more, so that it writes down when each of its copies and products was. It shares nothing with what launches of
/// the kernel use, and is kept in no cache.
class InstrumentedKernel {
public:
  /// Compiles what these arguments need, which launches are given. All parameters have values. Throws Error.
  InstrumentedKernel(const Device &device, const KernelRef &kernel, const KernelOptions &options,
                     std::span<const Argument> arguments);
  ~InstrumentedKernel();

  /// What is recorded; no sites when there is no loop to record.
  const pipeline::RecordPlan &plan() const;
  const Report &report() const;
  /// Launches; programs write into memory of the kernel's own.
  void launch(Stream &stream);
  /// Launches twice, to learn how many iterations there are and to record up to `mostTickets` of them, in `programs` programs spread
  /// over the grid. The stream is idle afterwards.
  Recording record(Stream &stream, std::uint64_t programs, std::uint64_t mostTickets);

private:
  struct Impl;
  std::unique_ptr<Impl> impl;
};

} // namespace tile::runtime

#endif // TILE_RUNTIME_INSTRUMENTED_H
