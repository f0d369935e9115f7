//===- ValueOps.td - Shapes, folds and products of tiles ---------*- tablegen -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef TILE_DIALECT_VALUEOPS_TD
#define TILE_DIALECT_VALUEOPS_TD

include "tile/Dialect/OpBase.td"

def Tile_IotaOp : Tile_Op<"iota", [Pure]> {
  let summary = "0, 1, 2, … as a tile";
  let description = [{
    ```mlir
    %i = tile.iota : tensor<64xindex>
    ```
  }];
  let results = (outs Tile_Tile:$result);
  let assemblyFormat = "attr-dict `:` type($result)";
  let hasVerifier = 1;
}

def Tile_BroadcastOp : Tile_Op<"broadcast", [Pure]> {
  let summary = "repeats a tile along axes of extent 1";
  let description = [{
    Both tiles have one rank; where the extents differ the operand's is 1. A scalar becomes a tile by `tensor.splat`.

    ```mlir
    %y = tile.broadcast %x : tensor<64x1xf32> -> tensor<64x32xf32>
    ```
  }];
  let arguments = (ins Tile_Tile:$operand);
  let results = (outs Tile_Tile:$result);
  let assemblyFormat = "$operand attr-dict `:` type($operand) `->` type($result)";
  let hasVerifier = 1;
  let hasFolder = 1;
}

def Tile_ReshapeOp : Tile_Op<"reshape", [Pure]> {
  let summary = "the same elements, in row-major order, in another shape";
  let description = [{
    ```mlir
    %y = tile.reshape %x : tensor<64xf32> -> tensor<1x64xf32>
    ```
  }];
  let arguments = (ins Tile_Tile:$operand);
  let results = (outs Tile_Tile:$result);
  let assemblyFormat = "$operand attr-dict `:` type($operand) `->` type($result)";
  let hasVerifier = 1;
  let hasFolder = 1;
}

def Tile_TransposeOp : Tile_Op<"transpose", [Pure]> {
  let summary = "axes in another order";
  let description = [{
    Axis i of the result is axis `order[i]` of the operand.

    ```mlir
    %y = tile.transpose %x, [1, 0] : tensor<64x32xf32> -> tensor<32x64xf32>
    ```
  }];
  let arguments = (ins Tile_Tile:$operand, DenseI64ArrayAttr:$order);
  let results = (outs Tile_Tile:$result);
  let assemblyFormat = "$operand `,` $order attr-dict `:` type($operand) `->` type($result)";
  let hasVerifier = 1;
  let hasFolder = 1;
}

def Tile_JoinOp : Tile_Op<"join", [Pure, AllTypesMatch<["lhs", "rhs"]>]> {
  let summary = "two tiles side by side on a new last axis of extent 2";
  let description = [{
    ```mlir
    %z = tile.join %x, %y : tensor<64xf32> -> tensor<64x2xf32>
    ```
  }];
  let arguments = (ins Tile_Tile:$lhs, Tile_Tile:$rhs);
  let results = (outs Tile_Tile:$result);
  let assemblyFormat = "$lhs `,` $rhs attr-dict `:` type($lhs) `->` type($result)";
  let hasVerifier = 1;
}

def Tile_ReduceOp : Tile_Op<"reduce", [Pure]> {
  let summary = "folds a tile along one axis";
  let description = [{
    The result lacks the axis; folding the only axis gives a scalar. NaN propagates through min and max; argmin and argmax give
    an index, of equal elements the lowest, of NaN the first. The order of a sum is fixed for one kernel, configuration and target.

    ```mlir
    %s = tile.reduce sum %x, 1 : tensor<64x32xf32> -> tensor<64xf32>
    ```
  }];
  let arguments = (ins Tile_ReduceKindAttr:$kind, Tile_Tile:$operand, ConfinedAttr<I64Attr, [IntNonNegative]>:$axis);
  let results = (outs Tile_Value:$result);
  let assemblyFormat = "`` $kind $operand `,` $axis attr-dict `:` type($operand) `->` type($result)";
  let hasVerifier = 1;
}

def Tile_DotOp : Tile_Op<"dot", [DeclareOpInterfaceMethods<MemoryEffectsOpInterface>, AlwaysSpeculatable,
                                 AllTypesMatch<["acc", "result"]>]> {
  let summary = "the product of two matrices, added to a third";
  let description = [{
    The operands are tiles, or slots that are read in place. The accumulator is f32 for floating-point operands of up to 32 bits,
    f64 for f64, i32 for i8; `unsigned_a` and `unsigned_b` mark operands of u8.

    An `async` dot may still be under way afterwards; such dots end in the order in which they began. Its result is read by a
    `tile.dot_wait`, or as the accumulator of another async dot, also in the next iteration of a loop. The slots that it reads are
    not released before a `tile.dot_wait` that it is among.

    ```mlir
    %d = tile.dot %a, %b, %c : tensor<64x32xbf16>, tensor<32x64xbf16> -> tensor<64x64xf32>
    ```
  }];
  let arguments = (ins AnyTypeOf<[Tile_Tile, Tile_SlotType]>:$a, AnyTypeOf<[Tile_Tile, Tile_SlotType]>:$b, Tile_Tile:$acc,
                       DefaultValuedAttr<Tile_PrecisionAttr, "::tile::ir::Precision::Exact">:$precision,
                       UnitAttr:$unsigned_a, UnitAttr:$unsigned_b, UnitAttr:$async, OptionalAttr<Tile_DotBindingAttr>:$binding);
  let results = (outs Tile_Tile:$result);
  let assemblyFormat = "$a `,` $b `,` $acc attr-dict `:` type($a) `,` type($b) `->` type($result)";
  let hasVerifier = 1;
}

#endif // TILE_DIALECT_VALUEOPS_TD
