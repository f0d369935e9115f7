//===- PlacementOps.cpp - Threads, their shared memory and their waits *- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "tile/Dialect/Tile.h"

using namespace mlir;
using namespace tile::ir;

OpFoldResult ConvertLayoutOp::fold(FoldAdaptor) {
  if (getOperand().getType() == getType())
    return getOperand();
  return {};
}

LogicalResult ConvertLayoutOp::verify() {
  if (withoutLayout(getOperand().getType()) != withoutLayout(getType()))
    return emitOpError("changes the layout alone");
  return success();
}

LogicalResult WriteOp::verify() {
  if (withoutLayout(getValue().getType()) != getSlot().getType().getTileType())
    return emitOpError("names a ") << getSlot().getType().getTileType() << ", not a " << getValue().getType();
  return success();
}
