//===- PlacementOps.td - Threads, their shared memory and their waits *- tablegen -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef TILE_DIALECT_PLACEMENTOPS_TD
#define TILE_DIALECT_PLACEMENTOPS_TD

include "tile/Dialect/RingOps.td"

def Tile_ConvertLayoutOp : Tile_Op<"convert_layout", [Pure]> {
  let summary = "the same tile, held by other threads or in other registers";
  let description = [{
    In `placed` the data may travel any way. In `synchronised` it stays within a warp: what crosses warps has become a `tile.write` and
    a `tile.read` of shared memory with a barrier between them.

    ```mlir
    %y = tile.convert_layout %x : tensor<64xf32, #tile.layout<64, register = [[32]], lane = [[1], [2], [4], [8], [16]], warp = []>>
                               -> tensor<64xf32, #tile.layout<64, register = [[1]], lane = [[2], [4], [8], [16], [32]], warp = []>>
    ```
  }];
  let arguments = (ins Tile_Tile:$operand);
  let results = (outs Tile_Tile:$result);
  let assemblyFormat = "$operand attr-dict `:` type($operand) `->` type($result)";
  let hasVerifier = 1;
  let hasFolder = 1;
}

def Tile_ScratchOp : Tile_ProtocolOp<"scratch"> {
  let summary = "shared memory for one tile, outside any ring";
  let description = [{
    A tile on its way between warps lies here from its `tile.write` to its last `tile.read`. `offset` is in bytes from the start of the
    program's shared memory; tiles whose lifetimes don't meet share it.

    ```mlir
    %s = tile.scratch {offset = 1024 : i64} : !tile.slot<64xf32, #tile.swizzle<unit = 0, span = 0>>
    ```
  }];
  let arguments = (ins OptionalAttr<ConfinedAttr<I64Attr, [IntNonNegative]>>:$offset);
  let results = (outs Tile_SlotType:$slot);
  let assemblyFormat = "attr-dict `:` qualified(type($slot))";
}

def Tile_WriteOp : Tile_ProtocolOp<"write"> {
  let summary = "writes a tile into shared memory";
  let description = [{
    Each thread writes the elements that it holds. Other threads see them after a barrier. With a start, what is written is the part of the
    tile that begins there and is as large as the slot; every thread has elements of it, in registers that hold nothing else.

    ```mlir
    tile.write %x, %s : tensor<64xf32, #tile.layout<64, register = [[32]], lane = [[1], [2], [4], [8], [16]], warp = []>>,
                        !tile.slot<64xf32, #tile.swizzle<unit = 0, span = 0>>
    tile.write %x[32], %t : tensor<64xf32, #tile.layout<64, register = [[32]], lane = [[1], [2], [4], [8], [16]], warp = []>>,
                            !tile.slot<32xf32, #tile.swizzle<unit = 0, span = 0>>
    ```
  }];
  let arguments = (ins Tile_Tile:$value, Tile_SlotType:$slot, OptionalAttr<DenseI64ArrayAttr>:$start);
  let assemblyFormat = "$value `` custom<Start>($start) `,` $slot attr-dict `:` type($value) `,` qualified(type($slot))";
  let hasVerifier = 1;
}

def Tile_CommitGroupOp : Tile_ProtocolOp<"commit_group"> {
  let summary = "closes the thread's group of asynchronous copies";
  let description = [{
    The copies that this thread issued since the last one, on whatever rings, form the newest group of its one queue; the group may be
    empty.

    ```mlir
    tile.commit_group
    ```
  }];
  let assemblyFormat = "attr-dict";
}

def Tile_WaitGroupOp : Tile_ProtocolOp<"wait_group"> {
  let summary = "waits until only the newest groups of copies are still under way";
  let description = [{
    Waits for this thread's own copies. What other threads copied is there after a barrier behind their waits.

    ```mlir
    tile.wait_group 2
    ```
  }];
  let arguments = (ins ConfinedAttr<I64Attr, [IntNonNegative]>:$pending);
  let assemblyFormat = "$pending attr-dict";
}

def Tile_BarrierOp : Tile_ProtocolOp<"barrier"> {
  let summary = "all threads of the program meet";
  let description = [{
    What any of them wrote to shared memory before, each of them reads after. With `warpgroup` each four warps meet on their own.

    ```mlir
    tile.barrier
    tile.barrier {warpgroup}
    ```
  }];
  let arguments = (ins UnitAttr:$warpgroup);
  let assemblyFormat = "attr-dict";
}

#endif // TILE_DIALECT_PLACEMENTOPS_TD
