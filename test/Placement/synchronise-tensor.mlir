// What goes with tensor copies where threads take part.
// RUN: tile-opt %s --split-input-file --pass-pipeline='builtin.module(tile.kernel(tile-synchronise))' | FileCheck %s

#l = #tile.layout<64x64, register = [[0, 1], [0, 2], [0, 4], [16, 0], [32, 0]], lane = [[0, 8], [0, 16], [0, 32], [1, 0], [2, 0]], warp = [[4, 0], [8, 0]]>
#u = #tile.layout<64x64, register = [[0, 1], [0, 2], [0, 4], [4, 0], [8, 0]], lane = [[0, 8], [0, 16], [0, 32], [1, 0], [2, 0]], warp = [[16, 0], [32, 0]]>
!ring = !tile.ring<2 x 64x64xf32, #tile.swizzle<unit = 1, span = 128>>
!slot = !tile.slot<64x64xf32, #tile.swizzle<unit = 1, span = 128>>

// All threads have read a slot when one of four warps releases it. What travels between warps on the way shares nothing with what tensor copies
// use, and the stores of both tiles go together.
// CHECK-LABEL: tile.kernel @threads
// CHECK-SAME: shared_bytes = 81952
// CHECK: tile.ring {offset = 0 : i64}
// CHECK: tile.channel {{.*}} {arrivals = 1 : i64, barriers = 81920 : i64}
// CHECK: tile.producer
// CHECK: scf.for
// CHECK: scf.for
// CHECK: tile.await
// CHECK-NOT: tile.barrier
// CHECK: tile.read
// CHECK-NEXT: tile.barrier
// CHECK-NEXT: tile.release
// CHECK: %[[MOVED:.*]] = tile.scratch {offset = 32768 : i64}
// CHECK: tile.write {{.*}}, %[[MOVED]]
// CHECK-NEXT: tile.barrier
// CHECK-NEXT: tile.read %[[MOVED]]
// CHECK: %[[S:.*]] = tile.scratch {offset = 49152 : i64}
// CHECK-NEXT: %[[T:.*]] = tile.scratch {offset = 65536 : i64}
// CHECK-NEXT: tile.store_wait
// CHECK-NEXT: tile.barrier
// CHECK-NEXT: tile.write {{.*}}, %[[S]]
// CHECK-NEXT: arith.addf
// CHECK-NEXT: tile.write {{.*}}, %[[T]]
// CHECK-NEXT: tile.proxy_fence
// CHECK-NEXT: tile.barrier
// CHECK-NEXT: tile.store_async %[[S]]
// CHECK-NEXT: tile.store_async %[[T]]
// CHECK-NOT: tile.store_wait
tile.kernel @threads(%a: !tile.view<?x?xf32> {tile.access = #tile.access<in>},
                     %c: !tile.view<?x?xf32> {tile.access = #tile.access<out>, tile.facts = #tile.facts<unit_axis = 1, align = 16, extent_align = 16>},
                     %d: !tile.view<?x?xf32> {tile.access = #tile.access<out>, tile.facts = #tile.facts<unit_axis = 1, align = 16, extent_align = 16>})
    attributes {phase = #tile.phase<placed>, target = "sm_90a", num_warps = 4 : i64, persistent} {
  %r = tile.ring : !ring
  %ch = tile.channel %r : !ring
  %c0 = arith.constant 0 : index
  %t0 = arith.constant 0 : i32
  %t1 = arith.constant 1 : i32
  %w = tile.worker_id
  %n = tile.workers
  %p = tile.programs
  tile.producer {
    %last = scf.for %work = %w to %p step %n iter_args(%t = %t0) -> (i32) {
      %i = tile.program_id 0 of %work
      tile.acquire %ch[%t]
      tile.copy_async %a[%i +: 64, %c0 +: 64], %r[%t] {binding = #tile.binding<tensor, bytes = 16>} : !tile.view<?x?xf32>, !ring
      tile.commit %ch[%t]
      %next = arith.addi %t, %t1 : i32
      scf.yield %next : i32
    }
  }
  %last = scf.for %work = %w to %p step %n iter_args(%t = %t0) -> (i32) {
    %i = tile.program_id 0 of %work
    tile.await %ch[%t]
    %s = tile.slot %r[%t] : !ring -> !slot
    %x = tile.read %s : !slot -> tensor<64x64xf32, #l>
    tile.release %ch[%t]
    %y = tile.convert_layout %x : tensor<64x64xf32, #l> -> tensor<64x64xf32, #u>
    tile.store %y, %c[%i +: 64, %c0 +: 64] {binding = #tile.binding<tensor, bytes = 16>} : tensor<64x64xf32, #u>, !tile.view<?x?xf32>
    %z = arith.addf %y, %y : tensor<64x64xf32, #u>
    tile.store %z, %d[%i +: 64, %c0 +: 64] {binding = #tile.binding<tensor, bytes = 16>} : tensor<64x64xf32, #u>, !tile.view<?x?xf32>
    %next = arith.addi %t, %t1 : i32
    scf.yield %next : i32
  }
  tile.return
}

// -----

#l = #tile.layout<64x64, register = [[0, 1], [0, 2], [0, 4], [16, 0], [32, 0]], lane = [[0, 8], [0, 16], [0, 32], [1, 0], [2, 0]], warp = [[4, 0], [8, 0]]>

// The programs of a grid are in no order, and neither are those of one worker: what they write needs no barriers.
// CHECK-LABEL: tile.kernel @programs
// CHECK-NOT: tile.barrier
// CHECK: tile.return
tile.kernel @programs(%c: !tile.view<?x?xf32> {tile.access = #tile.access<out>}, %x: f32)
    attributes {phase = #tile.phase<placed>, target = "sm_90a", num_warps = 4 : i64, persistent} {
  %c0 = arith.constant 0 : index
  %w = tile.worker_id
  %n = tile.workers
  %p = tile.programs
  %y = tensor.splat %x : tensor<64x64xf32, #l>
  scf.for %work = %w to %p step %n {
    %i = tile.program_id 0 of %work
    tile.store %y, %c[%i +: 64, %c0 +: 64] : tensor<64x64xf32, #l>, !tile.view<?x?xf32>
  }
  tile.return
}
