//===- VerifyPlaced.cpp - The rules that layouts keep --------------*- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "tile/Placement/Placement.h"

using namespace mlir;
using namespace tile;

LogicalResult placement::verifyPlaced(ir::KernelOp kernel) {
  if (kernel.getPhase() < ir::Phase::Placed)
    return kernel.emitError() << "is not placed yet";
  return success();
}
