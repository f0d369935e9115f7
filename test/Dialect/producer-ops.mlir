// The ops of a producer and of work that ends later, printed, parsed and printed again.
// RUN: tile-opt %s | tile-opt | FileCheck %s
// RUN: tile-opt %s -mlir-print-op-generic | tile-opt | FileCheck %s

#acc = #tile.layout<64x16, register = [[0, 1], [8, 0], [0, 8]], lane = [[0, 2], [0, 4], [1, 0], [2, 0], [4, 0]], warp = [[16, 0], [32, 0]]>

// CHECK-LABEL: tile.kernel @pipelined
// CHECK-SAME: persistent
tile.kernel @pipelined(%x: !tile.view<?x?xbf16> {tile.access = #tile.access<in>}, %y: !tile.view<?x?xf32> {tile.access = #tile.access<out>})
    attributes {phase = #tile.phase<pipelined>, target = "sm_90a", num_warps = 4 : i64, persistent} {
  %c0 = arith.constant 0 : index
  %t = arith.constant 0 : i32
  %zero = arith.constant dense<0.0> : tensor<64x64xf32>
  %ra = tile.ring : !tile.ring<2 x 64x64xbf16>
  %c = tile.channel %ra : !tile.ring<2 x 64x64xbf16>
  // CHECK: tile.worker_id
  %w = tile.worker_id
  // CHECK: tile.workers
  %n = tile.workers
  // CHECK: tile.programs
  %p = tile.programs
  // CHECK: tile.program_id 1 of %{{.*}}
  %q = tile.program_id 1 of %w
  // CHECK: tile.producer {
  tile.producer {
    // CHECK-NEXT: tile.acquire
    tile.acquire %c[%t]
    // CHECK-NEXT: tile.copy_async %{{.*}} {binding = #tile.binding<tensor, bytes = 16>}
    tile.copy_async %x[%c0 +: 64, %q +: 64], %ra[%t] {binding = #tile.binding<tensor, bytes = 16>} : !tile.view<?x?xbf16>, !tile.ring<2 x 64x64xbf16>
    // CHECK-NEXT: tile.commit
    tile.commit %c[%t]
    // CHECK-NEXT: }
  }
  tile.await %c[%t]
  %s = tile.slot %ra[%t] : !tile.ring<2 x 64x64xbf16> -> !tile.slot<64x64xbf16>
  // CHECK: tile.dot %{{.*}} {async}
  %d = tile.dot %s, %s, %zero {async} : !tile.slot<64x64xbf16>, !tile.slot<64x64xbf16> -> tensor<64x64xf32>
  // CHECK: tile.dot_wait {pending = 1 : i64}
  tile.dot_wait {pending = 1 : i64}
  // CHECK: tile.dot_wait %{{.*}} {pending = 0 : i64} : tensor<64x64xf32>
  %e = tile.dot_wait %d {pending = 0 : i64} : tensor<64x64xf32>
  tile.release %c[%t]
  tile.store %e, %y[%c0 +: 64, %c0 +: 64] {binding = #tile.binding<tensor, bytes = 16>} : tensor<64x64xf32>, !tile.view<?x?xf32>
  tile.return
}

// CHECK-LABEL: tile.kernel @synchronised
tile.kernel @synchronised(%y: !tile.view<?x?xf32> {tile.access = #tile.access<out>}, %v: f32)
    attributes {phase = #tile.phase<synchronised>, target = "sm_90a", num_warps = 4 : i64, shared_bytes = 12320 : i64} {
  %c0 = arith.constant 0 : index
  %t = arith.constant 0 : i32
  %r = tile.ring {offset = 4096 : i64} : !tile.ring<2 x 64x16xf32, #tile.swizzle<unit = 1, span = 64>>
  // CHECK: tile.channel %{{.*}} {arrivals = 1 : i64, barriers = 12288 : i64}
  %c = tile.channel %r {barriers = 12288 : i64, arrivals = 1 : i64} : !tile.ring<2 x 64x16xf32, #tile.swizzle<unit = 1, span = 64>>
  tile.await %c[%t]
  %x = tensor.splat %v : tensor<64x16xf32, #acc>
  %s = tile.scratch {offset = 0 : i64} : !tile.slot<64x16xf32, #tile.swizzle<unit = 1, span = 64>>
  // CHECK: tile.store_wait
  tile.store_wait
  tile.barrier
  tile.write %x, %s : tensor<64x16xf32, #acc>, !tile.slot<64x16xf32, #tile.swizzle<unit = 1, span = 64>>
  // CHECK: tile.proxy_fence
  tile.proxy_fence
  tile.barrier
  // CHECK: tile.store_async %{{.*}}, %{{.*}}[%{{.*}} +: 64, %{{.*}} +: 16] : !tile.slot<64x16xf32, #tile.swizzle<unit = 1, span = 64>>, !tile.view<?x?xf32>
  tile.store_async %s, %y[%c0 +: 64, %c0 +: 16] : !tile.slot<64x16xf32, #tile.swizzle<unit = 1, span = 64>>, !tile.view<?x?xf32>
  %p = tile.scratch {offset = 0 : i64} : !tile.slot<64x8xf32, #tile.swizzle<unit = 1, span = 32>>
  // CHECK: tile.store_wait {pending = 1 : i64, warpgroup}
  tile.store_wait {pending = 1 : i64, warpgroup}
  // CHECK-NEXT: tile.barrier {warpgroup}
  tile.barrier {warpgroup}
  // CHECK-NEXT: tile.write %{{.*}}[0, 8], %{{.*}} : tensor<64x16xf32
  tile.write %x[0, 8], %p : tensor<64x16xf32, #acc>, !tile.slot<64x8xf32, #tile.swizzle<unit = 1, span = 32>>
  tile.proxy_fence
  tile.barrier {warpgroup}
  // CHECK: tile.store_async %{{.*}}, %{{.*}}[%{{.*}} +: 64, %{{.*}} +: 8] {warpgroup}
  tile.store_async %p, %y[%c0 +: 64, %c0 +: 8] {warpgroup} : !tile.slot<64x8xf32, #tile.swizzle<unit = 1, span = 32>>, !tile.view<?x?xf32>
  tile.return
}
