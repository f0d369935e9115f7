//===- Passes.td - From a pipelined kernel to threads --------*- tablegen -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef TILE_PLACEMENT_PASSES_TD
#define TILE_PLACEMENT_PASSES_TD

include "mlir/Pass/PassBase.td"

def TilePlace : Pass<"tile-place", "::tile::ir::KernelOp"> {
  let summary = "decide which thread holds which element of every tile";
  let description = [{
    From phase `pipelined` to `placed`. Gives every tile a `#tile.layout` and every ring a `#tile.swizzle`. What must have a layout of its
    own (accesses to memory, dots) is an anchor; everything else takes the layout that costs least, and `tile.convert_layout` stands
    where two still differ. Each decision is a remark of category `placement`, with what it costs.
  }];
}

def TileSynchronise : Pass<"tile-synchronise", "::tile::ir::KernelOp"> {
  let summary = "make every wait what the hardware does, and give shared memory its places";
  let description = [{
    From phase `placed` to `synchronised`. What travels between warps goes through scratches; copies that the copy engine can't make go
    through registers; channels become groups of copies, counted waits and barriers, or mbarriers where a producer fills them; tensor stores
    go through scratches, or stay with the threads where there is no room; rings and scratches get their offsets. Shared memory above the
    target's budget is an error that says what takes how much and which stage count fits.
  }];
}

def TileVerifySynchronised : Pass<"tile-verify-synchronised", "::tile::ir::KernelOp"> {
  let summary = "check that a synchronised kernel reads what was written and overwrites what was read";
  let description = [{
    Runs the kernel as one of its threads, and its producer against it, for every trip count up to where steady states repeat themselves: each
    tile is read after a wait for its copy and a barrier behind that, and overwritten after a barrier behind its last reader. An error
    names the op, the ticket and the slot. `tile-synchronise` checks its own result; this is for IR written by hand.
  }];
}

#endif // TILE_PLACEMENT_PASSES_TD
