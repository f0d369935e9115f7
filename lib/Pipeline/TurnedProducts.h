//===- TurnedProducts.h - Products that are made as their transposes *- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef TILE_LIB_PIPELINE_TURNEDPRODUCTS_H
#define TILE_LIB_PIPELINE_TURNEDPRODUCTS_H

#include "tile/Dialect/Tile.h"

namespace tile::pipeline {

/// Makes each product of a kernel in phase `tile` as the transpose of that of its transposed operands, in the other order. What a loop adds up
/// is transposed behind it.
void turnProducts(ir::KernelOp kernel);

} // namespace tile::pipeline

#endif // TILE_LIB_PIPELINE_TURNEDPRODUCTS_H
