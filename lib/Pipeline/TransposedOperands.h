//===- TransposedOperands.h - Tiles that are transposed to be multiplied *- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef TILE_LIB_PIPELINE_TRANSPOSEDOPERANDS_H
#define TILE_LIB_PIPELINE_TRANSPOSEDOPERANDS_H

#include "tile/Dialect/Tile.h"

namespace tile::pipeline {

/// Loads the tiles that are only read transposed, and multiplied so, as dots take them: from the view with its axes in another order.
void foldTransposedOperands(ir::KernelOp kernel);

} // namespace tile::pipeline

#endif // TILE_LIB_PIPELINE_TRANSPOSEDOPERANDS_H
