//===- Division.h - Integer division that is defined for every divisor *- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef TILE_DIALECT_DIVISION_H
#define TILE_DIALECT_DIVISION_H

#include "tile/Dialect/Tile.h"

namespace tile::ir {

/// What `op`, a division or remainder of integers of any kind, makes of two scalars or vectors, without a trap on any target: a divisor
/// of 0, or of -1 under the lowest number, counts as 1. `constant` gives a number of their element type as a value of their type.
mlir::Value divideIntegers(mlir::OpBuilder &builder, mlir::Location loc, mlir::Operation *op, mlir::Value n,
                           mlir::Value d, llvm::function_ref<mlir::Value(mlir::IntegerAttr)> constant);

} // namespace tile::ir

#endif // TILE_DIALECT_DIVISION_H
