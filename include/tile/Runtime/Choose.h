//===- Choose.h - Values for the parameters that are left to the compiler *- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef TILE_RUNTIME_CHOOSE_H
#define TILE_RUNTIME_CHOOSE_H

#include "tile/Dialect/Tile.h"
#include "tile/Kernel.h"
#include "tile/Runtime/Call.h"

namespace tile::runtime {

/// Whether a parameter other than a stage count is left at `auto`, so that there is something to choose.
bool leavesChoice(const KernelRef &kernel);

/// The parameters, stage counts among them, that are left at `auto`.
llvm::SmallVector<std::size_t> openParameters(const KernelRef &kernel, const KernelOptions &options);
/// Whether the stages of the kernel's loops are left open and none of its parameters says them.
bool leavesLoopStages(const KernelRef &kernel, const KernelOptions &options);
/// Whether there is anything that the compiler, or tuning, chooses.
bool leavesAnything(const KernelRef &kernel, const KernelOptions &options);

/// Values of parameters as text, and back; nothing when that isn't what the text is.
std::string packValues(llvm::ArrayRef<lang::ParamValue> values);
std::optional<llvm::SmallVector<lang::ParamValue, 8>> unpackValues(llvm::StringRef text, std::size_t count);

/// The machine that a kernel is compiled for on a device. Throws Error where that is none that the device runs code of.
std::string targetOf(const Device &device, const KernelOptions &options);

/// The kernel's parameters with a value for each that is left at `auto`, of those in its set: the combination that takes the fewest cycles
/// by the target's model, for these arguments' extents, types and layouts. Stage counts stay at `auto`, so that the planner chooses them,
/// unless fewer do as well.
/// Searches one parameter after the other until nothing gets better; compiles each candidate as far as its plan, a few
/// milliseconds. A target without multiprocessors, a CPU, takes the first value of each set.
llvm::SmallVector<lang::ParamValue, 8>
chooseParameters(const KernelRef &kernel, llvm::ArrayRef<lang::Argument> arguments, llvm::StringRef target);

/// What a choice depends on, as text: types, layouts and extents. Extents count by powers of two, and scalars not at all, unless
/// `exactly` these are meant.
std::string choiceKey(const KernelRef &kernel, llvm::ArrayRef<lang::Argument> arguments, llvm::StringRef target,
                      bool exactly = false);

/// With the extents known, so are the trip counts: puts numbers for them into a kernel, which is of use for nothing else then but to ask
/// what it costs.
void setExtents(ir::KernelOp kernel, llvm::ArrayRef<lang::Argument> arguments);

/// The cycles that a grid of a planned kernel, whose extents are set, takes by its target's model on so many cores or multiprocessors with
/// these arguments.
double gridCycles(ir::KernelOp planned, llvm::ArrayRef<int64_t> grid, int64_t count,
                  llvm::ArrayRef<lang::Argument> arguments);

/// The cycles from one launch of a kernel to the next, when its grid takes so many.
double launchCycles(ir::KernelOp planned, double cycles);

} // namespace tile::runtime

#endif // TILE_RUNTIME_CHOOSE_H
