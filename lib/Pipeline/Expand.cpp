//===- Expand.cpp - Makes planned loops into loops over rings ------*- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A kernel that is to have a producer is made by the specialiser, as a whole. In any other, outer loops come first: an outer loop's steady
// state holds its inner loops once, in the last stage, and the inner loop that is expanded afterwards finds it an `scf.for` that can carry
// its ticket. All happens on a clone of the kernel, which replaces the kernel once it is verified to be well-formed and to do what the
// kernel does.
//
//===----------------------------------------------------------------------===//

#include "LoopExpander.h"
#include "Specialise.h"
#include "tile/Pipeline/Pipeline.h"
#include "tile/Pipeline/Verify.h"

#include <mlir/IR/Verifier.h>

namespace tile::pipeline {
#define GEN_PASS_DEF_TILEEXPAND
#include "tile/Pipeline/Passes.h.inc"
} // namespace tile::pipeline

using namespace mlir;
using namespace tile;
using namespace tile::ir;

/// The first loop, in program order and outer before inner, that is not an `scf.for` yet.
static ForOp nextLoop(KernelOp kernel) {
  ForOp next;
  kernel.walk<WalkOrder::PreOrder>([&](ForOp loop) {
    next = loop;
    return WalkResult::interrupt();
  });
  return next;
}

namespace {
struct TileExpand : pipeline::impl::TileExpandBase<TileExpand> {
  void runOnOperation() override {
    KernelOp kernel = getOperation();
    if (kernel.getPhase() != Phase::Planned) {
      kernel.emitError() << "only a kernel in phase 'planned' can be expanded; this is in phase '"
                         << stringifyPhase(kernel.getPhase()) << "'";
      return signalPassFailure();
    }
    OwningOpRef<KernelOp> clone = kernel.clone();
    IRRewriter rewriter(&getContext());
    if (pipeline::isSpecialised(*clone))
      pipeline::specialise(*clone, rewriter);
    while (ForOp loop = nextLoop(*clone)) {
      if (loop.getPlan()->getStages() > 1)
        pipeline::expandPipelinedLoop(loop, rewriter);
      else
        pipeline::convertLoop(loop, rewriter);
    }
    clone->setPhase(Phase::Pipelined);
    if (failed(verify(*clone)) || failed(pipeline::verifyPipelined(*clone, kernel)))
      return signalPassFailure();
    kernel.getBody().takeBody(clone->getBody());
    kernel.setPhase(Phase::Pipelined);
  }
};
} // namespace
