//===- ProducerOps.td - Work beside the program's own threads ----*- tablegen -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef TILE_DIALECT_PRODUCEROPS_TD
#define TILE_DIALECT_PRODUCEROPS_TD

include "tile/Dialect/RingOps.td"

def Tile_ProducerOp : Tile_ProtocolOp<"producer", [HasParent<"KernelOp">, SingleBlock, NoTerminator, NoRegionArguments]> {
  let summary = "what a warp or a warpgroup of its own does beside the program";
  let description = [{
    The region fills rings whose slots the rest of the kernel reads and releases. It runs concurrently with what follows it, and holds
    scalars only: loops, addresses, `acquire`, `copy_async` and `commit`. Copies bound to `tensor` one thread issues; those bound to `async`
    four warps issue together, and in phase `synchronised` they wait for them by `commit_group` and `wait_group`, and fence them by
    `proxy_fence`, before they `commit`.

    ```mlir
    tile.producer {
      tile.acquire %c[%t]
      tile.copy_async %a[%m +: 64, %k +: 32], %r[%t] : !tile.view<?x?xf32>, !tile.ring<3 x 64x32xf32>
      tile.commit %c[%t]
    }
    ```
  }];
  let regions = (region SizedRegion<1>:$body);
  let assemblyFormat = "$body attr-dict";
  let hasRegionVerifier = 1;
}

def Tile_DotWaitOp : Tile_ProtocolOp<"dot_wait", [AllTypesMatch<["values", "results"]>]> {
  let summary = "waits until only the newest async dots are still under way";
  let description = [{
    Passes its operands through; with `pending = 0` they can be read afterwards.

    ```mlir
    tile.dot_wait {pending = 1 : i64}
    %y = tile.dot_wait %x {pending = 0 : i64} : tensor<64x64xf32>
    ```
  }];
  let arguments = (ins Variadic<Tile_Tile>:$values, ConfinedAttr<I64Attr, [IntNonNegative]>:$pending);
  let results = (outs Variadic<Tile_Tile>:$results);
  let assemblyFormat = "($values^)? attr-dict (`:` type($values)^)?";
}

def Tile_StoreAsyncOp : Tile_AccessOp<"store_async", [DeclareOpInterfaceMethods<MemoryEffectsOpInterface>]> {
  let summary = "starts the copy of a tile from shared memory to a view";
  let description = [{
    By the unit that copies tensors. One thread issues it, after a `tile.proxy_fence` and a barrier. The slot must not be written before
    the issuing thread's `tile.store_wait` and a barrier. What lies outside the view is not written.

    With `warpgroup` one thread of each four warps issues the copy of the 64 rows that are theirs.

    ```mlir
    tile.store_async %s, %c[%m +: 64, %n +: 64] : !tile.slot<64x64xbf16, #tile.swizzle<unit = 1, span = 128>>, !tile.view<?x?xbf16>
    ```
  }];
  let arguments = (ins Tile_SlotType:$slot, Tile_ViewType:$view, Variadic<Index>:$offsets, DenseI64ArrayAttr:$widths, UnitAttr:$warpgroup);
  let assemblyFormat = "$slot `,` $view `` custom<Access>($offsets, $widths) attr-dict `:` qualified(type($slot)) `,` qualified(type($view))";
  let extraClassDeclaration = accessClassDeclaration;
  let hasVerifier = 1;
}

def Tile_StoreWaitOp : Tile_ProtocolOp<"store_wait"> {
  let summary = "waits until the tiles that the thread is storing from shared memory were read";
  let description = [{
    All but the newest `pending` of them. With `warpgroup` the thread of each four warps waits that issues their stores.

    ```mlir
    tile.store_wait
    tile.store_wait {pending = 1 : i64, warpgroup}
    ```
  }];
  let arguments = (ins DefaultValuedAttr<ConfinedAttr<I64Attr, [IntNonNegative]>, "0">:$pending, UnitAttr:$warpgroup);
  let assemblyFormat = "attr-dict";
}

def Tile_ProxyFenceOp : Tile_ProtocolOp<"proxy_fence"> {
  let summary = "what the thread wrote to shared memory can be read by tensor copies and by products of warpgroups";
  let description = [{
    These read shared memory past the way that ordinary accesses take.

    ```mlir
    tile.proxy_fence
    ```
  }];
  let assemblyFormat = "attr-dict";
}

#endif // TILE_DIALECT_PRODUCEROPS_TD
