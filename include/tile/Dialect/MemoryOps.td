//===- MemoryOps.td - Access to views ----------------------------*- tablegen -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef TILE_DIALECT_MEMORYOPS_TD
#define TILE_DIALECT_MEMORYOPS_TD

include "tile/Dialect/OpBase.td"

/// An access names, for each axis of the view, an index; `%i +: 64` takes 64 elements from there on, a bare `%i` takes one and
/// drops the axis. `widths` holds the 64, or -1 for a bare index.
class Tile_AccessOp<string opMnemonic, list<Trait> traits = []> : Tile_Op<opMnemonic, traits> {
  string accessClassDeclaration = [{
    /// The shape of the tile that the access names; empty when it names one element.
    ::llvm::SmallVector<int64_t> getTileShape() { return ::tile::ir::accessShape(getWidths()); }
  }];
}

def Tile_LoadOp : Tile_AccessOp<"load", [DeclareOpInterfaceMethods<MemoryEffectsOpInterface>, AlwaysSpeculatable]> {
  let summary = "reads a tile, or one element, of a view";
  let description = [{
    What lies outside the view reads as `pad`, or as 0. A load of a view that the kernel only reads has no effect and may be moved
    or made early; it can't fault. A pipelined load has a `binding` that names its copy engine.

    ```mlir
    %x = tile.load %a[%m +: 64, %k +: 32] pad 0xFF800000 : f32 : !tile.view<?x?xf32> -> tensor<64x32xf32>
    %y = tile.load %b[%i, %j] : !tile.view<?x?xf32> -> f32
    ```
  }];
  let arguments = (ins Tile_ViewType:$view, Variadic<Index>:$offsets, DenseI64ArrayAttr:$widths,
                       OptionalAttr<TypedAttrInterface>:$pad, OptionalAttr<Tile_BindingAttr>:$binding);
  let results = (outs Tile_Value:$result);
  let assemblyFormat = [{
    $view `` custom<Access>($offsets, $widths) (`pad` $pad^)? attr-dict `:` qualified(type($view)) `->` type($result)
  }];
  let extraClassDeclaration = accessClassDeclaration # [{
    /// The padding, with the default put in.
    ::mlir::TypedAttr getPadding();
    /// Whether the kernel only reads the view, so that the load may be moved ahead of any store.
    bool readsConstantMemory();
  }];
  let hasVerifier = 1;
}

def Tile_InsideOp : Tile_AccessOp<"inside", [Pure]> {
  let summary = "which elements of an access lie inside the view";
  let description = [{
    ```mlir
    %in = tile.inside %a[%m +: 64, %k +: 32] : !tile.view<?x?xf32> -> tensor<64x32xi1>
    ```
  }];
  let arguments = (ins Tile_ViewType:$view, Variadic<Index>:$offsets, DenseI64ArrayAttr:$widths);
  let results = (outs Tile_Value:$result);
  let assemblyFormat = "$view `` custom<Access>($offsets, $widths) attr-dict `:` qualified(type($view)) `->` type($result)";
  let extraClassDeclaration = accessClassDeclaration;
  let hasVerifier = 1;
}

def Tile_StoreOp : Tile_AccessOp<"store", [DeclareOpInterfaceMethods<MemoryEffectsOpInterface>]> {
  let summary = "writes a tile, or one element, to a view";
  let description = [{
    What lies outside the view is not written.

    ```mlir
    tile.store %x, %c[%m +: 64, %n +: 64] : tensor<64x64xf32>, !tile.view<?x?xf32>
    ```
  }];
  let arguments = (ins Tile_Value:$value, Tile_ViewType:$view, Variadic<Index>:$offsets, DenseI64ArrayAttr:$widths,
                       OptionalAttr<Tile_BindingAttr>:$binding);
  let assemblyFormat = "$value `,` $view `` custom<Access>($offsets, $widths) attr-dict `:` type($value) `,` qualified(type($view))";
  let extraClassDeclaration = accessClassDeclaration;
  let hasVerifier = 1;
}

def Tile_SubviewOp : Tile_Op<"subview", [Pure, AttrSizedOperandSegments]> {
  let summary = "a clipped part of a view";
  let description = [{
    For each axis of the view, `%lo to %hi` keeps the axis with the extent that [lo, hi) has in common with [0, extent), and
    a bare `%i` drops it. Element 0 of a kept axis is the first of that common part. When a bare index lies outside the view
    the result is empty. `kept` says which axes are kept; `lows` has an operand for every axis (a bare index is its low end),
    `highs` one for every kept axis. No data moves.

    ```mlir
    %row = tile.subview %a[%i, %lo to %hi] : !tile.view<?x?xf32> -> !tile.view<?xf32>
    ```
  }];
  let arguments = (ins Tile_ViewType:$view, Variadic<Index>:$lows, Variadic<Index>:$highs, DenseBoolArrayAttr:$kept);
  let results = (outs Tile_ViewType:$result);
  let assemblyFormat = [{
    $view `` custom<Ranges>($lows, $highs, $kept) attr-dict `:` qualified(type($view)) `->` qualified(type($result))
  }];
  let hasVerifier = 1;
}

def Tile_PermuteOp : Tile_Op<"permute", [Pure]> {
  let summary = "a view with its axes in another order";
  let description = [{
    Axis i of the result is axis `order[i]` of the view. No data moves. Binding turns a tile that is transposed only to be multiplied into a
    tile of such a view.

    ```mlir
    %t = tile.permute %b, [1, 0] : !tile.view<?x?xf16> -> !tile.view<?x?xf16>
    ```
  }];
  let arguments = (ins Tile_ViewType:$view, DenseI64ArrayAttr:$order);
  let results = (outs Tile_ViewType:$result);
  let assemblyFormat = "$view `,` $order attr-dict `:` qualified(type($view)) `->` qualified(type($result))";
  let hasVerifier = 1;
}

#endif // TILE_DIALECT_MEMORYOPS_TD
