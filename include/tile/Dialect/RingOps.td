//===- RingOps.td - Rings and channels of a pipelined loop -------*- tablegen -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef TILE_DIALECT_RINGOPS_TD
#define TILE_DIALECT_RINGOPS_TD

include "tile/Dialect/MemoryOps.td"

/// Rings and channels are no memory that another op could touch; their protocol is ordered by one resource of its own.
def Tile_RingResource : Resource<"::tile::ir::RingResource">;

/// An op of the protocol: it stays where it is among the others.
class Tile_ProtocolOp<string opMnemonic, list<Trait> traits = []>
    : Tile_Op<opMnemonic, traits # [MemoryEffects<[MemRead<Tile_RingResource>, MemWrite<Tile_RingResource>]>]>;

def Tile_RingOp : Tile_ProtocolOp<"ring"> {
  let summary = "storage for the tiles of a pipelined load";
  let description = [{
    ```mlir
    %r = tile.ring : !tile.ring<3 x 128x64xbf16>
    ```

    In phase `synchronised` it has its place, in bytes from the start of the program's shared memory: `{offset = 0 : i64}`.
  }];
  let arguments = (ins OptionalAttr<ConfinedAttr<I64Attr, [IntNonNegative]>>:$offset);
  let results = (outs Tile_RingType:$ring);
  let assemblyFormat = "attr-dict `:` qualified(type($ring))";
}

def Tile_ChannelOp : Tile_ProtocolOp<"channel"> {
  let summary = "the synchronisation of rings that are filled together";
  let description = [{
    The rings of a channel have one depth, and each belongs to one channel.

    ```mlir
    %c = tile.channel %ra, %rb : !tile.ring<3 x 128x64xbf16>, !tile.ring<3 x 64x128xbf16>
    ```

    In phase `synchronised` the only channels left are those that a producer fills. Such a channel is two mbarriers a slot, in shared
    memory from `barriers` bytes on: first those of the full events, one arrival and the bytes of tensor copies each, and an arrival of
    each of the producer's warps where its threads copy, then those of the empty events, of `arrivals` arrivals each: one of every four
    warps that read.
  }];
  let arguments = (ins Variadic<Tile_RingType>:$rings, OptionalAttr<ConfinedAttr<I64Attr, [IntNonNegative]>>:$barriers,
                       OptionalAttr<ConfinedAttr<I64Attr, [IntPositive]>>:$arrivals);
  let results = (outs Tile_ChannelType:$channel);
  let assemblyFormat = "$rings attr-dict `:` qualified(type($rings))";
  let hasVerifier = 1;
}

def Tile_AcquireOp : Tile_ProtocolOp<"acquire"> {
  let summary = "waits until the slots of a ticket are empty";
  let description = [{
    The slot of ticket t is empty once ticket t - depth was released.

    ```mlir
    tile.acquire %c[%t]
    ```
  }];
  let arguments = (ins Tile_ChannelType:$channel, I32:$ticket);
  let assemblyFormat = "$channel `[` $ticket `]` attr-dict";
}

def Tile_CopyAsyncOp : Tile_AccessOp<"copy_async",
    [DeclareOpInterfaceMethods<MemoryEffectsOpInterface>]> {
  let summary = "starts the copy of a tile of a view into the slot of a ticket";
  let description = [{
    The slot was acquired and holds nothing that can be read until the ticket's `await`. The padding is written too.

    ```mlir
    tile.copy_async %a[%m +: 64, %k +: 32], %r[%t] : !tile.view<?x?xf32>, !tile.ring<3 x 64x32xf32>
    ```
  }];
  let arguments = (ins Tile_ViewType:$view, Variadic<Index>:$offsets, DenseI64ArrayAttr:$widths, Tile_RingType:$ring, I32:$ticket,
                       OptionalAttr<TypedAttrInterface>:$pad, OptionalAttr<Tile_BindingAttr>:$binding);
  let assemblyFormat = [{
    $view `` custom<Access>($offsets, $widths) `,` $ring `[` $ticket `]` (`pad` $pad^)? attr-dict `:` qualified(type($view)) `,`
    qualified(type($ring))
  }];
  let extraClassDeclaration = accessClassDeclaration # [{
    /// The padding, with the default put in.
    ::mlir::TypedAttr getPadding();
  }];
  let hasVerifier = 1;
}

def Tile_CommitOp : Tile_ProtocolOp<"commit"> {
  let summary = "what was issued for a ticket counts as one event";
  let description = [{
    ```mlir
    tile.commit %c[%t]
    ```
  }];
  let arguments = (ins Tile_ChannelType:$channel, I32:$ticket);
  let assemblyFormat = "$channel `[` $ticket `]` attr-dict";
}

def Tile_AwaitOp : Tile_ProtocolOp<"await"> {
  let summary = "waits until the copies of a ticket have landed";
  let description = [{
    ```mlir
    tile.await %c[%t]
    ```
  }];
  let arguments = (ins Tile_ChannelType:$channel, I32:$ticket);
  let assemblyFormat = "$channel `[` $ticket `]` attr-dict";
}

def Tile_SlotOp : Tile_ProtocolOp<"slot"> {
  let summary = "the slot of a ticket, to be read in place";
  let description = [{
    Memory, valid between the ticket's `await` and its `release`.

    ```mlir
    %s = tile.slot %r[%t] : !tile.ring<3 x 64x32xf32> -> !tile.slot<64x32xf32>
    ```
  }];
  let arguments = (ins Tile_RingType:$ring, I32:$ticket);
  let results = (outs Tile_SlotType:$slot);
  let assemblyFormat = "$ring `[` $ticket `]` attr-dict `:` qualified(type($ring)) `->` qualified(type($slot))";
  let hasVerifier = 1;
}

def Tile_ReadOp : Tile_ProtocolOp<"read"> {
  let summary = "a slot's tile as a value";
  let description = [{
    A copy: it may outlive the slot.

    ```mlir
    %x = tile.read %s : !tile.slot<64x32xf32> -> tensor<64x32xf32>
    ```
  }];
  let arguments = (ins Tile_SlotType:$slot);
  let results = (outs Tile_Tile:$result);
  let assemblyFormat = "$slot attr-dict `:` qualified(type($slot)) `->` type($result)";
  let hasVerifier = 1;
}

def Tile_ReleaseOp : Tile_ProtocolOp<"release"> {
  let summary = "the slots of a ticket were read for the last time";
  let description = [{
    ```mlir
    tile.release %c[%t]
    ```
  }];
  let arguments = (ins Tile_ChannelType:$channel, I32:$ticket);
  let assemblyFormat = "$channel `[` $ticket `]` attr-dict";
}

#endif // TILE_DIALECT_RINGOPS_TD
