// Copies that the copy engine can't make are loaded into registers, and written into the ring at the end of the step.
// RUN: tile-opt %s --split-input-file --pass-pipeline='builtin.module(tile.kernel(tile-synchronise))' | FileCheck %s

#l = #tile.layout<32x32, register = [[0, 1], [0, 2], [16, 0], [0, 4]], lane = [[0, 8], [0, 16], [1, 0], [2, 0], [4, 0]], warp = [[8, 0]]>
!ring = !tile.ring<2 x 32x32xbf16, #tile.swizzle<unit = 1, span = 64>>
!slot = !tile.slot<32x32xbf16, #tile.swizzle<unit = 1, span = 64>>

// Both rings are staged: no groups and no waits; one barrier a step, between the writes of a step and the reads of the next.
// CHECK-DAG: #[[PAIRS:.*]] = #tile.layout<32x32, register = {{\[}}[0, 1], [4, 0], [8, 0], [16, 0]], lane = {{\[}}[0, 2], [0, 4], [0, 8], [0, 16], [1, 0]], warp = {{\[}}[2, 0]]>
// CHECK-LABEL: tile.kernel @both
tile.kernel @both(%a: !tile.view<?x?xbf16> {tile.access = #tile.access<in>, tile.facts = #tile.facts<unit_axis = 1, align = 4>},
                  %c: !tile.view<?x?xbf16> {tile.access = #tile.access<out>})
    attributes {phase = #tile.phase<placed>, target = "sm_80", num_warps = 2} {
  %ra = tile.ring : !ring
  %rb = tile.ring : !ring
  %ch = tile.channel %ra, %rb : !ring, !ring
  %t0 = arith.constant 0 : i32
  %t1 = arith.constant 1 : i32
  %c0 = arith.constant 0 : index
  %c32 = arith.constant 32 : index
  %n = tile.extent %a, 1 : !tile.view<?x?xbf16>
  %first = arith.cmpi slt, %c0, %n : index
  // In front of the loop both are under way before either is written.
  // CHECK: %[[FIRST:.*]] = arith.cmpi
  // CHECK-NEXT: %[[X:.*]] = tile.load %{{.*}} pad 0x7F80 : bf16 {binding = #tile.binding<direct, bytes = 4>} : !tile.view<?x?xbf16> -> tensor<32x32xbf16, #[[PAIRS]]>
  // CHECK-NEXT: %[[Y:.*]] = tile.load
  // CHECK-NEXT: scf.if %[[FIRST]] {
  // CHECK-NEXT: %[[S:.*]] = tile.slot
  // CHECK-NEXT: tile.write %[[X]], %[[S]]
  // CHECK-NEXT: %[[S:.*]] = tile.slot
  // CHECK-NEXT: tile.write %[[Y]], %[[S]]
  // CHECK-NEXT: {{^ +}$}}
  scf.if %first {
    tile.acquire %ch[%t0]
    tile.copy_async %a[%c0 +: 32, %c0 +: 32], %ra[%t0] pad 0x7F80 : bf16 {binding = #tile.binding<staged, bytes = 4>} : !tile.view<?x?xbf16>, !ring
    tile.copy_async %a[%c32 +: 32, %c0 +: 32], %rb[%t0] {binding = #tile.binding<staged, bytes = 2>} : !tile.view<?x?xbf16>, !ring
    tile.commit %ch[%t0]
  }
  // CHECK-NOT: tile.commit_group
  // CHECK-NOT: tile.wait_group
  // CHECK: scf.for
  // CHECK: %[[MORE:.*]] = arith.cmpi
  // CHECK-NEXT: %[[X:.*]] = tile.load %{{.*}} pad 0x7F80
  // CHECK-NEXT: %[[Y:.*]] = tile.load
  // CHECK-NEXT: tile.slot
  // CHECK-NEXT: tile.barrier
  // CHECK-NEXT: tile.read
  // CHECK-NOT: tile.barrier
  // CHECK: arith.addf
  // CHECK: scf.if %[[MORE]] {
  // CHECK: tile.write %[[X]]
  // CHECK: tile.write %[[Y]]
  // CHECK-NEXT: {{^ +}$}}
  // CHECK-NEXT: scf.yield
  %r = scf.for %i = %c0 to %n step %c32 iter_args(%t = %t0) -> (i32) {
    tile.await %ch[%t]
    %next = arith.addi %t, %t1 : i32
    %ahead = arith.addi %i, %c32 : index
    %exists = arith.cmpi slt, %ahead, %n : index
    scf.if %exists {
      tile.acquire %ch[%next]
      tile.copy_async %a[%c0 +: 32, %ahead +: 32], %ra[%next] pad 0x7F80 : bf16 {binding = #tile.binding<staged, bytes = 4>} : !tile.view<?x?xbf16>, !ring
      tile.copy_async %a[%c32 +: 32, %ahead +: 32], %rb[%next] {binding = #tile.binding<staged, bytes = 2>} : !tile.view<?x?xbf16>, !ring
      tile.commit %ch[%next]
    }
    %sa = tile.slot %ra[%t] : !ring -> !slot
    %x = tile.read %sa : !slot -> tensor<32x32xbf16, #l>
    %sb = tile.slot %rb[%t] : !ring -> !slot
    %y = tile.read %sb : !slot -> tensor<32x32xbf16, #l>
    tile.release %ch[%t]
    %z = arith.addf %x, %y : tensor<32x32xbf16, #l>
    tile.store %z, %c[%c0 +: 32, %i +: 32] : tensor<32x32xbf16, #l>, !tile.view<?x?xbf16>
    scf.yield %next : i32
  }
  tile.return
}

// -----

#l = #tile.layout<64, register = [], lane = [[1], [2], [4], [8], [16]], warp = [[32]]>
!ring = !tile.ring<3 x 64xf32, #tile.swizzle<unit = 0, span = 0>>
!slot = !tile.slot<64xf32, #tile.swizzle<unit = 0, span = 0>>

// A channel with one ring of each kind keeps its groups, its waits and the guard of what is left. What the address is made of moves out of the
// guard with the load. Without a guard there is none around the write.
// CHECK-LABEL: tile.kernel @mixed
tile.kernel @mixed(%a: !tile.view<?xf32> {tile.access = #tile.access<in>}, %b: !tile.view<?xf32> {tile.access = #tile.access<in>},
                   %c: !tile.view<?xf32> {tile.access = #tile.access<out>})
    attributes {phase = #tile.phase<placed>, target = "sm_80", num_warps = 2} {
  %ra = tile.ring : !ring
  %rb = tile.ring : !ring
  %ch = tile.channel %ra, %rb : !ring, !ring
  %t0 = arith.constant 0 : i32
  %t1 = arith.constant 1 : i32
  %c0 = arith.constant 0 : index
  %c64 = arith.constant 64 : index
  %n = tile.extent %a, 0 : !tile.view<?xf32>
  %first = arith.cmpi slt, %c0, %n : index
  // CHECK: tile.load
  // CHECK-NEXT: scf.if
  // CHECK-NEXT: tile.copy_async
  // CHECK-NEXT: {{^ +}$}}
  // CHECK-NEXT: tile.commit_group
  // CHECK-NEXT: scf.if
  // CHECK-NEXT: tile.slot
  // CHECK-NEXT: tile.write
  // CHECK-NEXT: {{^ +}$}}
  scf.if %first {
    tile.acquire %ch[%t0]
    tile.copy_async %a[%c0 +: 64], %ra[%t0] {binding = #tile.binding<async, bytes = 4>} : !tile.view<?xf32>, !ring
    tile.copy_async %b[%c0 +: 64], %rb[%t0] {binding = #tile.binding<staged, bytes = 4>} : !tile.view<?xf32>, !ring
    tile.commit %ch[%t0]
  }
  // CHECK: scf.for
  // CHECK-NEXT: tile.wait_group 0
  // CHECK: arith.cmpi
  // CHECK-NEXT: %[[AHEAD:.*]] = arith.addi %{{.*}}, %c64
  // CHECK-NEXT: %[[X:.*]] = tile.load %{{.*}}[%[[AHEAD]] +: 64]
  // CHECK: tile.barrier
  // CHECK: scf.if
  // CHECK-NEXT: tile.copy_async
  // CHECK-NEXT: {{^ +}$}}
  // CHECK-NEXT: tile.commit_group
  // CHECK-NOT: tile.barrier
  // CHECK: tile.read
  // CHECK: tile.read
  // CHECK-NOT: tile.barrier
  // CHECK: scf.if
  // CHECK-NEXT: tile.slot
  // CHECK-NEXT: tile.write %[[X]]
  // CHECK-NOT: tile.barrier
  %r = scf.for %i = %c0 to %n step %c64 iter_args(%t = %t0) -> (i32) {
    tile.await %ch[%t]
    %next = arith.addi %t, %t1 : i32
    %there = arith.addi %i, %c64 : index
    %exists = arith.cmpi slt, %there, %n : index
    scf.if %exists {
      %ahead = arith.addi %i, %c64 : index
      tile.acquire %ch[%next]
      tile.copy_async %a[%ahead +: 64], %ra[%next] {binding = #tile.binding<async, bytes = 4>} : !tile.view<?xf32>, !ring
      tile.copy_async %b[%ahead +: 64], %rb[%next] {binding = #tile.binding<staged, bytes = 4>} : !tile.view<?xf32>, !ring
      tile.commit %ch[%next]
    }
    %sa = tile.slot %ra[%t] : !ring -> !slot
    %x = tile.read %sa : !slot -> tensor<64xf32, #l>
    %sb = tile.slot %rb[%t] : !ring -> !slot
    %y = tile.read %sb : !slot -> tensor<64xf32, #l>
    tile.release %ch[%t]
    %z = arith.addf %x, %y : tensor<64xf32, #l>
    tile.store %z, %c[%i +: 64] : tensor<64xf32, #l>, !tile.view<?xf32>
    scf.yield %next : i32
  }
  tile.return
}
