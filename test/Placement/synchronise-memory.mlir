// What travels between warps goes through scratches, with a barrier wherever two threads meet at one place.
// RUN: tile-opt %s --split-input-file --pass-pipeline='builtin.module(tile.kernel(tile-synchronise))' | FileCheck %s

#rows = #tile.layout<32x32, register = [[0, 1], [0, 2], [0, 4], [0, 8]], lane = [[0, 16], [1, 0], [2, 0], [4, 0], [8, 0]], warp = [[16, 0]]>
#columns = #tile.layout<32x32, register = [[0, 1], [0, 2], [0, 4], [0, 8]], lane = [[1, 0], [2, 0], [4, 0], [8, 0], [16, 0]], warp = [[0, 16]]>
#lanes = #tile.layout<32x32, register = [[0, 1], [0, 2], [0, 4], [1, 0]], lane = [[0, 8], [0, 16], [2, 0], [4, 0], [8, 0]], warp = [[16, 0]]>

// A conversion that stays in a warp stays; one that crosses warps is written and read, with the arrangement of the fewest wavefronts.
// CHECK-LABEL: tile.kernel @convert
// CHECK-SAME: shared_bytes = 4096
tile.kernel @convert(%a: !tile.view<?x?xf32> {tile.access = #tile.access<in>}, %c: !tile.view<?x?xf32> {tile.access = #tile.access<out>})
    attributes {phase = #tile.phase<placed>, target = "sm_80", num_warps = 2} {
  %c0 = arith.constant 0 : index
  // CHECK: %[[X:.*]] = tile.load
  %x = tile.load %a[%c0 +: 32, %c0 +: 32] : !tile.view<?x?xf32> -> tensor<32x32xf32, #rows>
  // CHECK: %[[W:.*]] = tile.convert_layout %[[X]]
  %w = tile.convert_layout %x : tensor<32x32xf32, #rows> -> tensor<32x32xf32, #lanes>
  // CHECK: %[[S:.*]] = tile.scratch {offset = 0 : i64} : !tile.slot<32x32xf32, #tile.swizzle<unit = 1, span = 64>>
  // CHECK: tile.write %[[W]], %[[S]]
  // CHECK-NEXT: tile.barrier
  // CHECK-NEXT: %[[Y:.*]] = tile.read %[[S]]
  // CHECK-NOT: tile.barrier
  %y = tile.convert_layout %w : tensor<32x32xf32, #lanes> -> tensor<32x32xf32, #columns>
  tile.store %y, %c[%c0 +: 32, %c0 +: 32] : tensor<32x32xf32, #columns>, !tile.view<?x?xf32>
  tile.return
}

// -----

#rows = #tile.layout<64x64, register = [[0, 1], [0, 2], [0, 4], [0, 8], [0, 16], [0, 32]], lane = [[1, 0], [2, 0], [4, 0], [8, 0], [16, 0]], warp = [[32, 0]]>
#columns = #tile.layout<64x64, register = [[1, 0], [2, 0], [4, 0], [8, 0], [16, 0], [32, 0]], lane = [[0, 1], [0, 2], [0, 4], [0, 8], [0, 16]], warp = [[0, 32]]>

// In a loop a second barrier keeps the next round's write from this round's read.
// CHECK-LABEL: tile.kernel @again
tile.kernel @again(%a: !tile.view<?x?xf32> {tile.access = #tile.access<in>}, %c: !tile.view<?x?xf32> {tile.access = #tile.access<out>}, %n: index)
    attributes {phase = #tile.phase<placed>, target = "sm_80", num_warps = 2} {
  %c0 = arith.constant 0 : index
  %c64 = arith.constant 64 : index
  // CHECK: scf.for
  scf.for %i = %c0 to %n step %c64 {
    %x = tile.load %a[%i +: 64, %c0 +: 64] : !tile.view<?x?xf32> -> tensor<64x64xf32, #rows>
    // CHECK: tile.barrier
    // CHECK-NEXT: tile.write
    // CHECK-NEXT: tile.barrier
    // CHECK-NEXT: tile.read
    // CHECK-NOT: tile.barrier
    %y = tile.convert_layout %x : tensor<64x64xf32, #rows> -> tensor<64x64xf32, #columns>
    tile.store %y, %c[%i +: 64, %c0 +: 64] : tensor<64x64xf32, #columns>, !tile.view<?x?xf32>
  }
  tile.return
}

// -----

#rows = #tile.layout<64x64, register = [[0, 1], [0, 2], [0, 4], [0, 8], [0, 16], [0, 32]], lane = [[1, 0], [2, 0], [4, 0], [8, 0], [16, 0]], warp = [[32, 0]]>
#columns = #tile.layout<64x64, register = [[1, 0], [2, 0], [4, 0], [8, 0], [16, 0], [32, 0]], lane = [[0, 1], [0, 2], [0, 4], [0, 8], [0, 16]], warp = [[0, 32]]>

// Two tiles of 16 KiB one after the other share their place, which takes a barrier between them. One source is written once.
// CHECK-LABEL: tile.kernel @share
// CHECK-SAME: shared_bytes = 16384
tile.kernel @share(%a: !tile.view<?x?xf32> {tile.access = #tile.access<in>}, %c: !tile.view<?x?xf32> {tile.access = #tile.access<out>})
    attributes {phase = #tile.phase<placed>, target = "sm_80", num_warps = 2} {
  %c0 = arith.constant 0 : index
  %c64 = arith.constant 64 : index
  %x = tile.load %a[%c0 +: 64, %c0 +: 64] : !tile.view<?x?xf32> -> tensor<64x64xf32, #rows>
  // CHECK: tile.scratch {offset = 0 : i64}
  // CHECK: tile.write
  // CHECK-NEXT: tile.barrier
  // CHECK-NEXT: tile.read
  // CHECK-NEXT: tile.store
  %y = tile.convert_layout %x : tensor<64x64xf32, #rows> -> tensor<64x64xf32, #columns>
  tile.store %y, %c[%c0 +: 64, %c0 +: 64] : tensor<64x64xf32, #columns>, !tile.view<?x?xf32>
  // CHECK-NEXT: tile.read
  // CHECK-NEXT: arith.addf
  %z = tile.convert_layout %x : tensor<64x64xf32, #rows> -> tensor<64x64xf32, #columns>
  %s = arith.addf %y, %z : tensor<64x64xf32, #columns>
  // CHECK-NEXT: tile.scratch {offset = 0 : i64}
  // CHECK-NEXT: tile.barrier
  // CHECK-NEXT: tile.write
  // CHECK-NEXT: tile.barrier
  // CHECK-NEXT: tile.read
  %w = tile.convert_layout %s : tensor<64x64xf32, #columns> -> tensor<64x64xf32, #rows>
  tile.store %w, %c[%c64 +: 64, %c0 +: 64] : tensor<64x64xf32, #rows>, !tile.view<?x?xf32>
  tile.return
}

// -----

#m = #tile.layout<32x32, register = [[0, 1], [0, 2], [1, 0], [2, 0]], lane = [[0, 4], [0, 8], [0, 16], [4, 0], [8, 0]], warp = [[16, 0]]>

// A dot of multiply-adds reads its operands in place: what a loop does not change is written before it, under no conversion.
// CHECK-LABEL: tile.kernel @fma
tile.kernel @fma(%a: !tile.view<?x?xf32> {tile.access = #tile.access<in>}, %c: !tile.view<?x?xf32> {tile.access = #tile.access<out>}, %n: index)
    attributes {phase = #tile.phase<placed>, target = "sm_80", num_warps = 2} {
  %c0 = arith.constant 0 : index
  %c32 = arith.constant 32 : index
  %zero = arith.constant dense<0.0> : tensor<32x32xf32, #m>
  %x = tile.load %a[%c0 +: 32, %c0 +: 32] : !tile.view<?x?xf32> -> tensor<32x32xf32, #m>
  // CHECK: %[[A:.*]] = tile.scratch {{.*}} : !tile.slot<32x32xf32
  // CHECK-NEXT: tile.write %{{.*}}, %[[A]]
  // CHECK: scf.for
  %r = scf.for %i = %c0 to %n step %c32 iter_args(%d = %zero) -> (tensor<32x32xf32, #m>) {
    %y = tile.load %a[%i +: 32, %c0 +: 32] : !tile.view<?x?xf32> -> tensor<32x32xf32, #m>
    // CHECK: %[[B:.*]] = tile.scratch
    // CHECK-NEXT: tile.barrier
    // CHECK-NEXT: tile.write %{{.*}}, %[[B]]
    // CHECK-NEXT: tile.barrier
    // CHECK-NEXT: tile.dot %[[A]], %[[B]]
    %s = tile.dot %x, %y, %d {binding = #tile.dot_binding<"fma", 1 x 1 x 1>} : tensor<32x32xf32, #m>, tensor<32x32xf32, #m> -> tensor<32x32xf32, #m>
    scf.yield %s : tensor<32x32xf32, #m>
  }
  tile.store %r, %c[%c0 +: 32, %c0 +: 32] : tensor<32x32xf32, #m>, !tile.view<?x?xf32>
  tile.return
}

// -----

#rows = #tile.layout<64, register = [], lane = [[1], [2], [4], [8], [16]], warp = [[32]]>
#copies = #tile.layout<64, register = [[32]], lane = [[1], [2], [4], [8], [16]], warp = [[0]]>

// A view that the kernel reads and writes is memory of all threads too: what one thread alone touches needs no barrier, what others read or
// wrote does.
// CHECK-LABEL: tile.kernel @in_place
tile.kernel @in_place(%a: !tile.view<?xf32> {tile.access = #tile.access<inout>}, %n: index)
    attributes {phase = #tile.phase<placed>, target = "sm_80", num_warps = 2} {
  %c0 = arith.constant 0 : index
  %c64 = arith.constant 64 : index
  // CHECK: scf.for
  // CHECK-NOT: tile.barrier
  // CHECK: tile.store
  // CHECK-NEXT: {{^ +}$}}
  scf.for %i = %c0 to %n step %c64 {
    %x = tile.load %a[%i +: 64] : !tile.view<?xf32> -> tensor<64xf32, #rows>
    %y = arith.addf %x, %x : tensor<64xf32, #rows>
    tile.store %y, %a[%i +: 64] : tensor<64xf32, #rows>, !tile.view<?xf32>
  }
  // CHECK-NEXT: tile.barrier
  // CHECK-NEXT: tile.load
  %x = tile.load %a[%c64 +: 64] : !tile.view<?xf32> -> tensor<64xf32, #rows>
  // CHECK-NEXT: tile.barrier
  // CHECK-NEXT: tile.store
  tile.store %x, %a[%c0 +: 64] : tensor<64xf32, #rows>, !tile.view<?xf32>
  // CHECK-NEXT: tile.load
  %z = tile.load %a[%c0 +: 64] : !tile.view<?xf32> -> tensor<64xf32, #rows>
  // CHECK-NEXT: tile.store
  tile.store %z, %a[%c0 +: 64] : tensor<64xf32, #rows>, !tile.view<?xf32>
  // CHECK-NEXT: tile.barrier
  // CHECK-NEXT: tile.load
  %w = tile.load %a[%c0 +: 64] : !tile.view<?xf32> -> tensor<64xf32, #copies>
  // CHECK-NEXT: tile.barrier
  // CHECK-NEXT: tile.store
  tile.store %w, %a[%c0 +: 64] : tensor<64xf32, #copies>, !tile.view<?xf32>
  tile.return
}
