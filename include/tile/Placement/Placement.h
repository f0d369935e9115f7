//===- Placement.h - From a pipelined kernel to threads ------------*- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Passes that turn a kernel over whole tiles into one over the threads of a program, for targets that have threads:
//
//   pipelined  --tile-place-->  placed  --tile-synchronise-->  synchronised
//
//===----------------------------------------------------------------------===//

#ifndef TILE_PLACEMENT_PLACEMENT_H
#define TILE_PLACEMENT_PLACEMENT_H

#include "tile/Dialect/Tile.h"

#include <mlir/Pass/Pass.h>

namespace tile::placement {

#define GEN_PASS_DECL
#include "tile/Placement/Passes.h.inc"

#define GEN_PASS_REGISTRATION
#include "tile/Placement/Passes.h.inc"

/// Registers the passes of this library.
void registerPasses();

/// Checks the rules of phase `placed`, which also hold in `synchronised`: each op's tiles have layouts under which no op but
/// `tile.convert_layout` and `tile.reduce` moves data between threads. Emits an error that names the op and the rule.
llvm::LogicalResult verifyPlaced(ir::KernelOp kernel);

/// Runs a kernel in phase `synchronised` as one of its threads, and its producer against it, with every number of iterations up to where its
/// loops repeat themselves. Emits an error where it reads shared memory before a wait and a barrier make that safe, overwrites what others
/// may still read, or stands still.
llvm::LogicalResult verifySynchronised(ir::KernelOp kernel);

} // namespace tile::placement

#endif // TILE_PLACEMENT_PLACEMENT_H
