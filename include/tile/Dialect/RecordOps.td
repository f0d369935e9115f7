//===- RecordOps.td - What an instrumented kernel writes down ----*- tablegen -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef TILE_DIALECT_RECORDOPS_TD
#define TILE_DIALECT_RECORDOPS_TD

include "tile/Dialect/RingOps.td"

def Tile_StampOp : Tile_ProtocolOp<"stamp"> {
  let summary = "writes down when a warp comes here";
  let description = [{
    Of an instrumented kernel. The time is kept by warp, ticket and site; of several stamps with one site, a ticket comes to one. With
    values, it is the time at which they are there.

    `acquire`: the slot is wanted. `issue`, `issued`: the copies of a ticket begin to be issued, and all of them have been. `await`,
    `arrived`: the data is asked for, and there. `begin`, `end`: of a product, or of what else is computed in an iteration.

    ```mlir
    tile.stamp await[%t] at 3
    tile.stamp end[%t] at 6 after %acc : tensor<64x64xf32>
    ```
  }];
  let arguments = (ins Tile_MomentAttr:$moment, I32:$ticket, ConfinedAttr<I64Attr, [IntNonNegative]>:$site, Variadic<Tile_Tile>:$values);
  let assemblyFormat = "`` $moment `[` $ticket `]` `at` $site (`after` $values^ `:` type($values))? attr-dict";
}

#endif // TILE_DIALECT_RECORDOPS_TD
