//===- Pipelines.cpp - The passes in their order -------------------*- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "tile/Pipeline/Pipeline.h"

#include <mlir/Pass/PassManager.h>
#include <mlir/Pass/PassOptions.h>
#include <mlir/Pass/PassRegistry.h>

using namespace mlir;
using namespace tile;

void pipeline::addPipelinePasses(OpPassManager &modulePasses, StringRef target) {
  OpPassManager &passes = modulePasses.nest<ir::KernelOp>();
  passes.addPass(createTileBind({target.str()}));
  passes.addPass(createTilePlan());
  passes.addPass(createTileExpand());
}

namespace {
struct PipelineOptions : PassPipelineOptions<PipelineOptions> {
  PassOptions::Option<std::string> target{*this, "target", llvm::cl::desc("The target that the plan is made for"),
                                          llvm::cl::init("cpu")};
};
} // namespace

void pipeline::registerPasses() {
  registerTilePipelinePasses();
  PassPipelineRegistration<PipelineOptions>(
      "tile-pipeline", "from phase 'tile' to phase 'pipelined'",
      [](OpPassManager &passes, const PipelineOptions &options) { addPipelinePasses(passes, options.target); });
}
