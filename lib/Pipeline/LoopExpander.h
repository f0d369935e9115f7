//===- LoopExpander.h - One planned loop becomes a loop over rings -*- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef TILE_LIB_PIPELINE_LOOPEXPANDER_H
#define TILE_LIB_PIPELINE_LOOPEXPANDER_H

#include "tile/Dialect/Tile.h"

#include <mlir/IR/PatternMatch.h>

namespace tile::pipeline {

/// Replaces a loop whose plan has several stages by a prologue and a steady state over rings. Loops around it are `scf.for`
/// already, and come to carry its ticket; loops inside it are left as they are.
void expandPipelinedLoop(ir::ForOp loop, mlir::IRRewriter &rewriter);

/// Replaces a loop that stays as it is written by an `scf.for`.
void convertLoop(ir::ForOp loop, mlir::IRRewriter &rewriter);

} // namespace tile::pipeline

#endif // TILE_LIB_PIPELINE_LOOPEXPANDER_H
