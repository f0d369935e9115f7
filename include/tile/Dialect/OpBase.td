//===- OpBase.td - What every op definition needs ----------------*- tablegen -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef TILE_DIALECT_OPBASE_TD
#define TILE_DIALECT_OPBASE_TD

include "mlir/IR/BuiltinAttributeInterfaces.td"
include "mlir/Interfaces/InferTypeOpInterface.td"
include "mlir/Interfaces/SideEffectInterfaces.td"
include "tile/Dialect/TileAttrs.td"
include "tile/Dialect/TileTypes.td"

class Tile_Op<string opMnemonic, list<Trait> traits = []> : Op<Tile_Dialect, opMnemonic, traits>;

/// Element types of tiles and views.
def Tile_Element : AnyTypeOf<[
  AnySignlessInteger, Index, F16, BF16, F32, F64, F8E4M3FN, F8E5M2
], "an element type">;

/// A tile: a builtin tensor of a static shape, each extent a power of two. What is 0-dimensional is a scalar instead.
def Tile_Tile : Type<And<[CPred<"::tile::ir::isTile($_self)">]>, "a tile: a tensor whose extents are powers of two", "::mlir::RankedTensorType">;

/// A tile or a scalar.
def Tile_Value : AnyTypeOf<[Tile_Tile, Tile_Element], "a tile or a scalar">;

#endif // TILE_DIALECT_OPBASE_TD
