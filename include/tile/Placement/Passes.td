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

#endif // TILE_PLACEMENT_PASSES_TD
