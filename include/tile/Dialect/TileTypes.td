//===- TileTypes.td - Types of the tile dialect --------------*- tablegen -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef TILE_DIALECT_TILETYPES_TD
#define TILE_DIALECT_TILETYPES_TD

include "mlir/IR/AttrTypeBase.td"
include "mlir/IR/BuiltinTypeInterfaces.td"
include "tile/Dialect/TileDialect.td"

class Tile_Type<string name, string typeMnemonic> : TypeDef<Tile_Dialect, name> {
  let mnemonic = typeMnemonic;
}

def Tile_ViewType : Tile_Type<"View", "view"> {
  let summary = "memory with an element type, extents and strides";
  let description = [{
    A view is how a kernel sees memory: an element type, and for each axis an extent and a stride known when the kernel is
    launched. There are no pointers behind it that a kernel could see, so none can reach outside it: reading outside gives
    padding, writing outside does nothing. `!tile.view<?x?xf32>` has two axes; an extent that is known when the kernel is
    compiled stands in place of its `?`.
  }];
  let parameters = (ins ArrayRefParameter<"int64_t">:$shape, "::mlir::Type":$elementType);
  let hasCustomAssemblyFormat = 1;
  let genVerifyDecl = 1;
  let extraClassDeclaration = [{
    unsigned getRank() const { return getShape().size(); }
  }];
}

def Tile_RingType : Tile_Type<"Ring", "ring"> {
  let summary = "equal slots of storage, used in turn";
  let description = [{
    `!tile.ring<3 x 128x64xbf16>` is storage for three tiles. A ticket t addresses slot `t mod 3`. From phase `placed` on the type
    says how a slot lies in shared memory: `!tile.ring<3 x 128x64xbf16, #tile.swizzle<unit = 1, span = 128>>`.
  }];
  let parameters = (ins "int64_t":$depth, ArrayRefParameter<"int64_t">:$shape, "::mlir::Type":$elementType,
                        OptionalParameter<"::tile::ir::SwizzleAttr">:$swizzle);
  let builders = [TypeBuilder<(ins "int64_t":$depth, "::mlir::ArrayRef<int64_t>":$shape, "::mlir::Type":$elementType), [{
    return $_get($_ctxt, depth, shape, elementType, ::tile::ir::SwizzleAttr());
  }]>];
  let hasCustomAssemblyFormat = 1;
  let genVerifyDecl = 1;
  let extraClassDeclaration = [{
    /// The tile that one slot holds.
    ::mlir::RankedTensorType getTileType() const;
  }];
}

def Tile_SlotType : Tile_Type<"Slot", "slot"> {
  let summary = "one slot of a ring, to be read in place";
  let description = [{
    `!tile.slot<128x64xbf16>` names memory, not a value: it may be read from the `await` that made it valid to the `release`
    that ends its use. It lies in shared memory as its ring says.
  }];
  let parameters = (ins ArrayRefParameter<"int64_t">:$shape, "::mlir::Type":$elementType,
                        OptionalParameter<"::tile::ir::SwizzleAttr">:$swizzle);
  let builders = [TypeBuilder<(ins "::mlir::ArrayRef<int64_t>":$shape, "::mlir::Type":$elementType), [{
    return $_get($_ctxt, shape, elementType, ::tile::ir::SwizzleAttr());
  }]>];
  let hasCustomAssemblyFormat = 1;
  let genVerifyDecl = 1;
  let extraClassDeclaration = [{
    /// The tile that the slot holds.
    ::mlir::RankedTensorType getTileType() const;
  }];
}

def Tile_ChannelType : Tile_Type<"Channel", "channel"> {
  let summary = "the synchronisation of one or several rings";
  let description = [{
    The full and empty events of rings that are filled and released together. `acquire`, `commit`, `await` and `release` name a
    channel and a ticket.
  }];
}

#endif // TILE_DIALECT_TILETYPES_TD
