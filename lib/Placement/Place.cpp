//===- Place.cpp - Decides which thread holds which element --------*- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "tile/Placement/Placement.h"

namespace tile::placement {
#define GEN_PASS_DEF_TILEPLACE
#include "tile/Placement/Passes.h.inc"
} // namespace tile::placement

using namespace mlir;
using namespace tile;
using namespace tile::ir;

namespace {
struct TilePlace : placement::impl::TilePlaceBase<TilePlace> {
  void runOnOperation() override {
    KernelOp kernel = getOperation();
    if (kernel.getPhase() != Phase::Pipelined) {
      kernel.emitError() << "only a kernel in phase 'pipelined' can be placed; this is in phase '"
                         << stringifyPhase(kernel.getPhase()) << "'";
      return signalPassFailure();
    }
    kernel.setPhase(Phase::Placed);
  }
};
} // namespace
