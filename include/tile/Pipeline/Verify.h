//===- Verify.h - Checks that a pipelined kernel does what the written one does *- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef TILE_PIPELINE_VERIFY_H
#define TILE_PIPELINE_VERIFY_H

#include "tile/Dialect/Tile.h"

namespace tile::pipeline {

/// Runs a pipelined kernel symbolically, and the planned kernel that it was made from, for every trip count up to where the steady state
/// repeats itself: both must do the same to memory in the same order, and the pipelined one must keep to the protocol of its rings.
/// `planned` may be null; then only the protocol is checked. Emits an error that names the op, the ticket and the slot.
llvm::LogicalResult verifyPipelined(ir::KernelOp pipelined, ir::KernelOp planned);

} // namespace tile::pipeline

#endif // TILE_PIPELINE_VERIFY_H
