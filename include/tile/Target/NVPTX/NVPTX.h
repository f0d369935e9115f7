//===- NVPTX.h - From a synchronised kernel to PTX -----------------*- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

//
// The last rooms of the compiler for NVIDIA GPUs: a kernel in phase `synchronised` becomes LLVM and NVVM dialects per thread, LLVM IR,
// and PTX through LLVM's NVPTX backend. No CUDA toolkit takes part; the driver turns the PTX into machine code.
//
//===----------------------------------------------------------------------===//

#ifndef TILE_TARGET_NVPTX_NVPTX_H
#define TILE_TARGET_NVPTX_NVPTX_H

#include "tile/Dialect/Tile.h"
#include "tile/Target/NVPTX/TensorMap.h"

#include <optional>
#include <string>
#include <vector>

namespace mlir {
class DialectRegistry;
class ModuleOp;
} // namespace mlir

namespace tile::nvptx {

/// An `assert` of a checked kernel.
struct Assertion {
  std::string message;
  mlir::Location location;
};

/// A `print` of a checked kernel: its format, and what its values are.
struct Message {
  struct Value {
    mlir::Type element;
    /// Empty for a scalar.
    llvm::SmallVector<int64_t> shape;
    bool isUnsigned;
  };
  std::string format;
  std::vector<Value> values;
};

/// What a checked kernel writes to the memory that its last parameter points to. All numbers are 32-bit words but where said.
///
///   word 0      bytes that records take so far, which programs add to atomically; a record that does not fit whole is not written
///   word 1      0, or 1 + the number of the assertion that failed first (compare-and-swap)
///   words 2-4   the program ids of the program whose assertion that was
///   word 5      the bytes of the memory behind the header, written by the host
///   words 6-7   0
///   records     number of the message, three program ids, then each value's elements in row-major order as they are in memory, padded
///               to whole words
///
/// A program whose assertion fails ends there, and programs that start later end at once.
struct CheckedHeader {
  static constexpr unsigned bytes = 32;
};

/// A kernel that a driver can load.
struct Image {
  /// Zero-terminated for the driver's sake by std::string itself.
  std::string ptx;
  /// The entry's name. Its parameters are 64-bit words: for each view that is present its base, extents and strides in elements, for
  /// each scalar its bits in the low end; then the three extents of the grid; then, of a checked kernel, the address of its memory. Tensor
  /// maps follow the words.
  std::string entry;
  /// How many parameter words there are.
  unsigned words = 0;
  std::vector<TensorMap> tensorMaps;
  /// Threads of a program, and how many of them only start copies. Programs are launched on a one-dimensional grid of as many blocks as
  /// there are programs.
  unsigned threads = 0, producerThreads = 0;
  /// As many blocks as the device runs at once are launched, at most: workers, which run the programs of the grid.
  bool persistent = false;
  /// The kernel waits for the one before it in its stream, so that it may be started while that one still runs.
  bool startsEarly = false;
  /// Dynamic shared memory of a program.
  unsigned sharedBytes = 0;
  /// The PTX version and the architecture that the image asks for: 80 for ISA 8.0, "sm_80".
  unsigned ptxVersion = 0;
  std::string architecture;
  std::vector<Assertion> assertions;
  std::vector<Message> messages;
  /// Milliseconds of each step.
  std::vector<std::pair<std::string, double>> timings;
};

struct Options {
  /// Keeps lines of the source for profilers.
  bool lineTables = true;
};

/// Adds the dialects that the lowering makes, and their translations.
void registerDialects(mlir::DialectRegistry &registry);

/// Lowers the kernel of a module, in phase `synchronised`, in place, to the LLVM and NVVM dialects.
mlir::LogicalResult lowerToLLVM(mlir::ModuleOp module);

/// The LLVM IR of a module that has been lowered, after optimisation; for people.
std::optional<std::string> emitLLVMIR(mlir::ModuleOp lowered, const Options &options);

/// Compiles a kernel in phase `synchronised` for the target it was bound to. The module it stands in is taken apart. Nothing after a
/// diagnostic.
std::optional<Image> compile(ir::KernelOp kernel, const Options &options);

/// Registers the pass `tile-lower-to-nvptx`.
void registerPasses();

} // namespace tile::nvptx

#endif // TILE_TARGET_NVPTX_NVPTX_H
