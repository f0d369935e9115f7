//===- CPU.h - Pipelined kernels as host code --------------------*- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef TILE_TARGET_CPU_CPU_H
#define TILE_TARGET_CPU_CPU_H

#include "tile/Dialect/Tile.h"

#include <llvm/ADT/ArrayRef.h>
#include <llvm/Support/Error.h>
#include <llvm/Support/ThreadPool.h>

#include <array>
#include <functional>
#include <memory>
#include <string>

namespace tile::cpu {

struct Options {
  /// Copies land no earlier than the `await` that needs them, and until then, and after `release`, their slots hold poison; a
  /// broken protocol is an error of the run. For tests of schedules: slow.
  bool late = false;
  /// Make code for any processor of the host's architecture, not for this one: for tests of what older processors do.
  bool baseline = false;
  /// Keep the optimised LLVM IR, for Executable::llvmIR().
  bool keepLLVM = false;
  /// Where the lines that kernels print go, one whole line at a time, never from two threads at once; standard output when not
  /// set.
  std::function<void(llvm::StringRef)> print;
};

/// Where the compile time went, in milliseconds.
struct Timings {
  /// From the pipelined kernel to the LLVM dialect.
  double lower = 0;
  /// To LLVM IR, and its optimisation.
  double translate = 0, optimise = 0;
  /// To machine code, linked.
  double codegen = 0;
};

/// A kernel as machine code of this host. Any number of threads may run it at once.
class Executable {
public:
  ~Executable();

  /// Runs every program of the grid on the pool's threads and, for a small grid, on the caller's; returns when all are done.
  ///
  /// `words` holds, for each view argument, its base pointer, its extents and its strides in elements (rank words each), and for
  /// each scalar one word with its bits in the low end (an `index` takes all 64, an f16 the low 16).
  /// An assertion that failed, or a broken ring protocol in late mode, is an error; the views then hold what was written so far.
  llvm::Error run(llvm::ArrayRef<uint64_t> words, std::array<int64_t, 3> grid, llvm::ThreadPoolInterface &pool) const;

  const Timings &timings() const;
  /// The memory that each worker needs beside the views, in bytes.
  int64_t scratchBytes() const;
  /// The width of the host's vectors that the code was made for.
  int64_t vectorBits() const;
  /// The optimised LLVM IR; empty unless Options::keepLLVM was set.
  llvm::StringRef llvmIR() const;

  struct Impl;
  explicit Executable(std::unique_ptr<Impl> impl);

private:
  std::unique_ptr<Impl> impl;
};

/// Makes machine code of a kernel in phase `pipelined`, after tile-numerics. The kernel is left as it is. Null after a diagnostic.
///
/// The kernel's context must not be in use by a running pass manager: dialects are loaded into it.
std::unique_ptr<Executable> compile(ir::KernelOp kernel, const Options &options = {});

/// The dialects and translations that lowering needs, for a context that is set up early; compile() adds them itself.
void registerDialects(mlir::DialectRegistry &registry);

/// Registers `tile-cpu-lower-kernel` and the pipeline `tile-lower-to-cpu`, for tile-opt.
void registerPasses();

/// The name of the host's processor and the width of its vectors, for reports.
std::string hostDescription();

} // namespace tile::cpu

#endif // TILE_TARGET_CPU_CPU_H
