//===- Pipeline.h - From a written loop to a pipelined one ---------*- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Three passes over a kernel, each with a phase of its own before and after it:
//
//   tile  --tile-bind-->  bound  --tile-plan-->  planned  --tile-expand-->  pipelined
//
//===----------------------------------------------------------------------===//

#ifndef TILE_PIPELINE_PIPELINE_H
#define TILE_PIPELINE_PIPELINE_H

#include "tile/Dialect/Tile.h"

#include <mlir/Pass/Pass.h>

namespace tile::pipeline {

#define GEN_PASS_DECL
#include "tile/Pipeline/Passes.h.inc"

#define GEN_PASS_REGISTRATION
#include "tile/Pipeline/Passes.h.inc"

/// Adds the passes from phase `tile` to `pipelined`, for a target that has a machine model; they run on kernels of a module.
void addPipelinePasses(mlir::OpPassManager &modulePasses, llvm::StringRef target);

/// Registers the three passes and the pipeline `tile-pipeline{target=…}`.
void registerPasses();

/// The cycles that so many programs of a planned kernel take by its target's model on one core or multiprocessor, as many of them at a
/// time as are resident there. A loop whose trip count is not known counts 8 times.
int64_t predictedCycles(ir::KernelOp planned, int64_t programs = 1);

} // namespace tile::pipeline

#endif // TILE_PIPELINE_PIPELINE_H
