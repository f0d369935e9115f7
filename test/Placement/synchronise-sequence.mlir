// Loops one after the other, in one another and in conditions: what their rings share, and which barriers that takes.
// RUN: tile-opt %s --split-input-file --pass-pipeline='builtin.module(tile-pipeline{target=sm_80},cse,tile.kernel(tile-place,tile-synchronise))' | FileCheck %s

// The second loop's ring lies where the first one's lay; the barrier between them is behind the first loop's reads and in front of the
// first copy.
// CHECK-LABEL: tile.kernel @one_after_the_other
// CHECK-SAME: shared_bytes = 49152
tile.kernel @one_after_the_other(
    %a: !tile.view<?x?xf32> {tile.access = #tile.access<in>, tile.facts = #tile.facts<unit_axis = 1, align = 16>},
    %c: !tile.view<?x?xf32> {tile.access = #tile.access<out>}) attributes {phase = #tile.phase<tile>} {
  // CHECK-COUNT-2: tile.ring {offset = 0 : i64} : !tile.ring<3 x 64x64xf32
  %c0 = arith.constant 0 : index
  %c64 = arith.constant 64 : index
  %k = tile.extent %a, 1 : !tile.view<?x?xf32>
  %zero = arith.constant dense<0.0> : tensor<64x64xf32>
  // CHECK-NOT: tile.barrier
  // CHECK: scf.for
  // CHECK-NEXT: tile.wait_group 1
  // CHECK: tile.barrier
  // CHECK-NOT: tile.barrier
  // CHECK: scf.yield
  %r = tile.for %i = %c0 to %k step %c64 iter_args(%acc = %zero) -> (tensor<64x64xf32>) stages(3) {
    %x = tile.load %a[%c0 +: 64, %i +: 64] : !tile.view<?x?xf32> -> tensor<64x64xf32>
    %d = arith.addf %x, %acc : tensor<64x64xf32>
    tile.yield %d : tensor<64x64xf32>
  }
  // CHECK: }
  // CHECK-NEXT: tile.barrier
  // CHECK-NEXT: scf.if
  // CHECK-NEXT: tile.copy_async
  // CHECK-NOT: tile.barrier
  // CHECK: scf.for
  // CHECK-NEXT: tile.wait_group 1
  // CHECK: tile.barrier
  // CHECK-NOT: tile.barrier
  // CHECK: scf.yield
  %s = tile.for %i = %c0 to %k step %c64 iter_args(%acc = %r) -> (tensor<64x64xf32>) stages(3) {
    %x = tile.load %a[%c64 +: 64, %i +: 64] : !tile.view<?x?xf32> -> tensor<64x64xf32>
    %d = arith.mulf %x, %acc : tensor<64x64xf32>
    tile.yield %d : tensor<64x64xf32>
  }
  // CHECK-NOT: tile.barrier
  // CHECK: tile.return
  tile.store %s, %c[%c0 +: 64, %c0 +: 64] : tensor<64x64xf32>, !tile.view<?x?xf32>
  tile.return
}

// -----

// A loop in a loop goes on where its ring was: the slots of its prologue are others than those that are read last, so that no barrier stands
// between two runs.
// CHECK-LABEL: tile.kernel @nested
tile.kernel @nested(
    %a: !tile.view<?x?xf32> {tile.access = #tile.access<in>, tile.facts = #tile.facts<unit_axis = 1, align = 16>},
    %c: !tile.view<?x?xf32> {tile.access = #tile.access<out>}, %rows: index) attributes {phase = #tile.phase<tile>} {
  %c0 = arith.constant 0 : index
  %c64 = arith.constant 64 : index
  %k = tile.extent %a, 1 : !tile.view<?x?xf32>
  %zero = arith.constant dense<0.0> : tensor<64x64xf32>
  // CHECK: scf.for
  // CHECK-NOT: tile.barrier
  // CHECK: tile.commit_group
  // CHECK: tile.commit_group
  // CHECK-NOT: tile.barrier
  // CHECK: scf.for
  // CHECK-NEXT: tile.wait_group 1
  // CHECK: tile.barrier
  // CHECK-NOT: tile.barrier
  // CHECK: tile.return
  tile.for %j = %c0 to %rows step %c64 {
    %r = tile.for %i = %c0 to %k step %c64 iter_args(%acc = %zero) -> (tensor<64x64xf32>) stages(3) {
      %x = tile.load %a[%j +: 64, %i +: 64] : !tile.view<?x?xf32> -> tensor<64x64xf32>
      %d = arith.addf %x, %acc : tensor<64x64xf32>
      tile.yield %d : tensor<64x64xf32>
    }
    tile.store %r, %c[%j +: 64, %c0 +: 64] : tensor<64x64xf32>, !tile.view<?x?xf32>
    tile.yield
  }
  tile.return
}

// -----

// In a condition a ring starts anew each time, and then its first slots may still be read: the barrier stands in front of the condition.
// CHECK-LABEL: tile.kernel @condition
tile.kernel @condition(
    %a: !tile.view<?x?xf32> {tile.access = #tile.access<in>, tile.facts = #tile.facts<unit_axis = 1, align = 16>},
    %c: !tile.view<?x?xf32> {tile.access = #tile.access<out>}, %rows: index, %last: index) attributes {phase = #tile.phase<tile>} {
  %c0 = arith.constant 0 : index
  %c64 = arith.constant 64 : index
  %k = tile.extent %a, 1 : !tile.view<?x?xf32>
  %zero = arith.constant dense<0.0> : tensor<64x64xf32>
  // CHECK: scf.for
  // CHECK: %[[WANTED:.*]] = arith.cmpi slt, %{{.*}}, %arg3
  // CHECK-NEXT: tile.barrier
  // CHECK-NEXT: scf.if %[[WANTED]]
  // CHECK-NEXT: tile.ring
  // CHECK-NOT: tile.barrier
  // CHECK: scf.for
  // CHECK-NEXT: tile.wait_group 0
  // CHECK: tile.barrier
  // CHECK-NOT: tile.barrier
  // CHECK: tile.return
  tile.for %j = %c0 to %rows step %c64 {
    %wanted = arith.cmpi slt, %j, %last : index
    scf.if %wanted {
      %r = tile.for %i = %c0 to %k step %c64 iter_args(%acc = %zero) -> (tensor<64x64xf32>) stages(2) {
        %x = tile.load %a[%j +: 64, %i +: 64] : !tile.view<?x?xf32> -> tensor<64x64xf32>
        %d = arith.addf %x, %acc : tensor<64x64xf32>
        tile.yield %d : tensor<64x64xf32>
      }
      tile.store %r, %c[%j +: 64, %c0 +: 64] : tensor<64x64xf32>, !tile.view<?x?xf32>
    }
    tile.yield
  }
  tile.return
}

// -----

// The end of one loop is the begin of the next, and the index of the loop around them: whoever runs this on numbers has to take one for
// all three.
// CHECK-LABEL: tile.kernel @end_and_begin
// CHECK-COUNT-2: tile.copy_async
// CHECK-COUNT-2: tile.copy_async
tile.kernel @end_and_begin(
    %a: !tile.view<?x?xf32> {tile.access = #tile.access<in>, tile.facts = #tile.facts<unit_axis = 1, align = 16>},
    %c: !tile.view<?x?xf32> {tile.access = #tile.access<out>}) attributes {phase = #tile.phase<tile>} {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c2 = arith.constant 2 : index
  %c3 = arith.constant 3 : index
  %n = tile.extent %a, 0 : !tile.view<?x?xf32>
  tile.for %i = %c0 to %n step %c2 {
    tile.for %k = %c0 to %i step %c1 stages(2) {
      %x = tile.load %a[%k, %c0 +: 64] : !tile.view<?x?xf32> -> tensor<64xf32>
      tile.store %x, %c[%k, %c0 +: 64] : tensor<64xf32>, !tile.view<?x?xf32>
    }
    tile.for %k = %i to %n step %c3 stages(2) {
      %x = tile.load %a[%k, %c0 +: 64] : !tile.view<?x?xf32> -> tensor<64xf32>
      tile.store %x, %c[%k, %c0 +: 64] : tensor<64xf32>, !tile.view<?x?xf32>
    }
  }
  tile.return
}

// -----

// The index of a pipelined loop ends the loop in it, and a constant ends a loop that nobody knows the beginning of: neither may be taken for
// another number than it is.
// CHECK-LABEL: tile.kernel @end_at_index
// CHECK: tile.copy_async
tile.kernel @end_at_index(
    %a: !tile.view<?x?xf32> {tile.access = #tile.access<in>, tile.facts = #tile.facts<unit_axis = 1, align = 16>},
    %c: !tile.view<?x?xf32> {tile.access = #tile.access<out>}) attributes {phase = #tile.phase<tile>} {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c5 = arith.constant 5 : index
  %p = tile.program_id 0
  tile.for %i = %p to %c0 step %c1 {
    %v = tile.load %a[%i, %c0] : !tile.view<?x?xf32> -> f32
    tile.store %v, %c[%i, %c0] : f32, !tile.view<?x?xf32>
  }
  tile.for %i = %c0 to %c5 step %c1 stages(2) {
    tile.for %k = %c0 to %i step %c1 stages(3) {
      %x = tile.load %a[%k, %c0 +: 64] : !tile.view<?x?xf32> -> tensor<64xf32>
      tile.store %x, %c[%k, %c0 +: 64] : tensor<64xf32>, !tile.view<?x?xf32>
    }
    %x = tile.load %a[%i, %c5 +: 64] : !tile.view<?x?xf32> -> tensor<64xf32>
    tile.store %x, %c[%i, %c5 +: 64] : tensor<64xf32>, !tile.view<?x?xf32>
  }
  tile.return
}
