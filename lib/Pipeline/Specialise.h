//===- Specialise.h - A producer beside the threads that multiply --*- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef TILE_LIB_PIPELINE_SPECIALISE_H
#define TILE_LIB_PIPELINE_SPECIALISE_H

#include "tile/Dialect/Tile.h"

#include <mlir/IR/PatternMatch.h>

namespace tile::pipeline {

/// Whether a bound or planned kernel is to have a producer: it is persistent, and that copies its loops' tiles.
bool isSpecialised(ir::KernelOp kernel);

/// Whether a loop is the one by which a worker of a persistent kernel takes programs.
bool isWorkLoop(ir::ForOp loop);

/// Whether a load of a bound or planned kernel is copied by a producer: by tensor copies or, in a persistent kernel, by asynchronous ones.
bool isProduced(ir::LoadOp load);

/// Those loads, in program order.
llvm::SmallVector<ir::LoadOp> producedLoads(mlir::Operation *kernel);

/// The shared memory that a tile takes which a producer copies: its swizzle repeats every 1024 bytes.
int64_t bufferBytes(mlir::Type tile);

/// The shared memory that a kernel's stores need at most: each tensor copy its own, the others at their turn.
int64_t storeBytes(ir::KernelOp kernel, int64_t numWarps, llvm::function_ref<bool(ir::StoreOp)> isTensorCopy);

/// Makes a planned kernel that is to have a producer into one that has.
void specialise(ir::KernelOp kernel, mlir::IRRewriter &rewriter);

/// In a kernel that has a producer: moves loads of small tiles from behind the waits for products to before them.
void loadBeforeWaits(ir::KernelOp kernel);

} // namespace tile::pipeline

#endif // TILE_LIB_PIPELINE_SPECIALISE_H
