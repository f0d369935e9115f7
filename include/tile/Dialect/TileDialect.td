//===- TileDialect.td - The tile dialect ---------------------*- tablegen -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef TILE_DIALECT_TILEDIALECT_TD
#define TILE_DIALECT_TILEDIALECT_TD

include "mlir/IR/OpBase.td"

def Tile_Dialect : Dialect {
  let name = "tile";
  let cppNamespace = "::tile::ir";
  let summary = "What one program of a grid does to tiles, and how its loops are pipelined";
  let description = [{
    A kernel holds what one program of a grid does. Its arguments are views (an element type, extents and strides) and scalars;
    its values are tiles, which are builtin tensors of a static shape, and scalars. Elementwise work is upstream's `arith` and
    `math` on tensors; this dialect adds what they lack: access to views, shapes, folds, products, loops with a stage count, and
    the rings and channels of a pipelined loop.

    The kernel states its phase, and its verifier holds it to that phase: see `#tile.phase`.
  }];
  let useDefaultTypePrinterParser = 1;
  let useDefaultAttributePrinterParser = 1;
  let hasOperationAttrVerify = 1;
  let hasRegionArgAttrVerify = 1;
  let hasConstantMaterializer = 1;
  let dependentDialects = [
    "mlir::arith::ArithDialect", "mlir::math::MathDialect", "mlir::tensor::TensorDialect", "mlir::scf::SCFDialect"
  ];
}

#endif // TILE_DIALECT_TILEDIALECT_TD
