// On sm_90a a matmul becomes a producer that issues tensor copies and consumers that multiply in place, both walking through programs.
// RUN: tile-opt %s --split-input-file --pass-pipeline='builtin.module(tile-pipeline{target=sm_90a},canonicalize,cse)' | FileCheck %s

// CHECK-LABEL: tile.kernel @matmul
// CHECK-SAME: num_warps = 8 : i64, persistent, phase = #tile.phase<pipelined>
tile.kernel @matmul(
    %a: !tile.view<?x?xbf16> {tile.access = #tile.access<in>, tile.facts = #tile.facts<unit_axis = 1, align = 16, extent_align = 16, tensor_map = true>},
    %b: !tile.view<?x?xbf16> {tile.access = #tile.access<in>, tile.facts = #tile.facts<unit_axis = 1, align = 16, extent_align = 16, tensor_map = true>},
    %c: !tile.view<?x?xbf16> {tile.access = #tile.access<out>, tile.facts = #tile.facts<unit_axis = 1, align = 16, extent_align = 16, tensor_map = true>})
    attributes {phase = #tile.phase<tile>} {
  %c0 = arith.constant 0 : index
  %c64 = arith.constant 64 : index
  %c128 = arith.constant 128 : index
  %c256 = arith.constant 256 : index
  %p0 = tile.program_id 0
  %p1 = tile.program_id 1
  %m = arith.muli %p0, %c128 : index
  %n = arith.muli %p1, %c256 : index
  %k = tile.extent %a, 1 : !tile.view<?x?xbf16>
  %zero = arith.constant dense<0.0> : tensor<128x256xf32>
  // CHECK-DAG: %[[A:.*]] = tile.ring : !tile.ring<3 x 128x64xbf16>
  // CHECK-DAG: %[[B:.*]] = tile.ring : !tile.ring<3 x 64x256xbf16>
  // CHECK: %[[CH:.*]] = tile.channel %[[A]], %[[B]]
  // CHECK: tile.producer {
  // CHECK: scf.for %[[W:.*]] = {{.*}} iter_args(%[[T0:.*]] = %{{.*}}) -> (i32)
  // CHECK: tile.program_id 0 of %[[W]]
  // CHECK: tile.program_id 1 of %[[W]]
  // CHECK: %[[T1:.*]] = scf.for {{.*}} iter_args(%[[T:.*]] = %[[T0]]) -> (i32)
  // CHECK-NEXT: tile.acquire %[[CH]][%[[T]]]
  // CHECK-NEXT: tile.copy_async %{{.*}}, %[[A]][%[[T]]] {binding = #tile.binding<tensor, bytes = 16>}
  // CHECK-NEXT: tile.copy_async %{{.*}}, %[[B]][%[[T]]] {binding = #tile.binding<tensor, bytes = 16>}
  // CHECK-NEXT: tile.commit %[[CH]][%[[T]]]
  // CHECK-NEXT: %[[NEXT:.*]] = arith.addi %[[T]]
  // CHECK-NEXT: scf.yield %[[NEXT]] : i32
  // CHECK: scf.yield %[[T1]] : i32
  // CHECK: scf.for {{.*}} iter_args(%[[S0:.*]] = %{{.*}}) -> (i32)
  // CHECK: %[[R:.*]]:2 = scf.for {{.*}} iter_args(%[[ACC:.*]] = %{{.*}}, %[[S:.*]] = %[[S0]]) -> (tensor<128x256xf32>, i32)
  // CHECK-NEXT: tile.await %[[CH]][%[[S]]]
  // CHECK-NEXT: %[[SA:.*]] = tile.slot %[[A]][%[[S]]]
  // CHECK-NEXT: %[[SB:.*]] = tile.slot %[[B]][%[[S]]]
  // CHECK-NEXT: %[[D:.*]] = tile.dot %[[SA]], %[[SB]], %[[ACC]] {async, binding = #tile.dot_binding<"wgmma", 64 x 256 x 16>}
  // CHECK-NEXT: tile.dot_wait {pending = 1 : i64}
  // CHECK-NEXT: %[[LATER:.*]] = arith.cmpi ne, %[[S]], %[[S0]]
  // CHECK-NEXT: scf.if %[[LATER]] {
  // CHECK-NEXT: %[[BEFORE:.*]] = arith.addi %[[S]], %{{.*}}
  // CHECK-NEXT: tile.release %[[CH]][%[[BEFORE]]]
  // CHECK: scf.yield %[[D]]
  // CHECK: %[[SUM:.*]] = tile.dot_wait %[[R]]#0 {pending = 0 : i64}
  // CHECK-NEXT: %[[RAN:.*]] = arith.cmpi ne, %[[R]]#1, %[[S0]]
  // CHECK-NEXT: scf.if %[[RAN]] {
  // CHECK: tile.release
  // CHECK: arith.truncf %[[SUM]]
  // CHECK-NEXT: tile.store {{.*}} {binding = #tile.binding<tensor, bytes = 16>}
  // CHECK-NEXT: scf.yield %[[R]]#1 : i32
  %r = tile.for %i = %c0 to %k step %c64 iter_args(%acc = %zero) -> (tensor<128x256xf32>) stages(3) {
    %x = tile.load %a[%m +: 128, %i +: 64] : !tile.view<?x?xbf16> -> tensor<128x64xbf16>
    %y = tile.load %b[%i +: 64, %n +: 256] : !tile.view<?x?xbf16> -> tensor<64x256xbf16>
    %d = tile.dot %x, %y, %acc : tensor<128x64xbf16>, tensor<64x256xbf16> -> tensor<128x256xf32>
    tile.yield %d : tensor<128x256xf32>
  }
  %t = arith.truncf %r : tensor<128x256xf32> to tensor<128x256xbf16>
  tile.store %t, %c[%m +: 128, %n +: 256] : tensor<128x256xbf16>, !tile.view<?x?xbf16>
  tile.return
}

// -----

// A sum that is scaled in the loop has to be there: its dots are not async, and the slots are free at once.
// CHECK-LABEL: tile.kernel @scaled
tile.kernel @scaled(
    %a: !tile.view<?x?xbf16> {tile.access = #tile.access<in>, tile.facts = #tile.facts<unit_axis = 1, align = 16, extent_align = 16, tensor_map = true>}, %b: !tile.view<?x?xbf16> {tile.access = #tile.access<in>, tile.facts = #tile.facts<unit_axis = 1, align = 16, extent_align = 16, tensor_map = true>}, %c: !tile.view<?x?xf32> {tile.access = #tile.access<out>, tile.facts = #tile.facts<unit_axis = 1, align = 16, extent_align = 16, tensor_map = true>}, %s: f32) attributes {phase = #tile.phase<tile>} {
  %c0 = arith.constant 0 : index
  %c64 = arith.constant 64 : index
  %k = tile.extent %a, 1 : !tile.view<?x?xbf16>
  %zero = arith.constant dense<0.0> : tensor<64x64xf32>
  %scale = tensor.splat %s : tensor<64x64xf32>
  // CHECK: tile.await %[[CH:.*]][%[[T:.*]]]
  // CHECK: tile.dot %{{.*}} {binding = #tile.dot_binding<"wgmma", 64 x 64 x 16>}
  // CHECK-NEXT: tile.release %[[CH]][%[[T]]]
  // CHECK-NOT: tile.dot_wait
  %r = tile.for %i = %c0 to %k step %c64 iter_args(%acc = %zero) -> (tensor<64x64xf32>) stages(2) {
    %x = tile.load %a[%c0 +: 64, %i +: 64] : !tile.view<?x?xbf16> -> tensor<64x64xbf16>
    %y = tile.load %b[%i +: 64, %c0 +: 64] : !tile.view<?x?xbf16> -> tensor<64x64xbf16>
    %m = arith.mulf %acc, %scale : tensor<64x64xf32>
    %d = tile.dot %x, %y, %m : tensor<64x64xbf16>, tensor<64x64xbf16> -> tensor<64x64xf32>
    tile.yield %d : tensor<64x64xf32>
  }
  tile.store %r, %c[%c0 +: 64, %c0 +: 64] : tensor<64x64xf32>, !tile.view<?x?xf32>
  tile.return
}

// -----

// A row that is added to the sum is asked for before the first product; a tile, which takes as many registers as the sum, is not, and what
// stands behind a store stays behind it. What is only known behind the loop is asked for before its last products are there.
// CHECK-LABEL: tile.kernel @biased
tile.kernel @biased(
    %a: !tile.view<?x?xbf16> {tile.access = #tile.access<in>, tile.facts = #tile.facts<unit_axis = 1, align = 16, extent_align = 16, tensor_map = true>},
    %b: !tile.view<?x?xbf16> {tile.access = #tile.access<in>, tile.facts = #tile.facts<unit_axis = 1, align = 16, extent_align = 16, tensor_map = true>},
    %bias: !tile.view<?xf32> {tile.access = #tile.access<inout>},
    %c: !tile.view<?x?xf32> {tile.access = #tile.access<inout>, tile.facts = #tile.facts<unit_axis = 1, align = 16, extent_align = 16, tensor_map = true>}) attributes {phase = #tile.phase<tile>} {
  %c0 = arith.constant 0 : index
  %c64 = arith.constant 64 : index
  %k = tile.extent %a, 1 : !tile.view<?x?xbf16>
  %p0 = tile.program_id 0
  %n = arith.muli %p0, %c64 : index
  %zero = arith.constant dense<0.0> : tensor<64x64xf32>
  // CHECK: %[[ROW:.*]] = tile.load %{{.*}} -> tensor<64xf32>
  // CHECK-NEXT: scf.for
  // CHECK: tile.dot_wait {pending = 1 : i64}
  // CHECK: %[[LATE:.*]] = tile.load %{{.*}} -> tensor<64xf32>
  // CHECK-NEXT: %[[SUM:.*]] = tile.dot_wait %{{.*}} {pending = 0 : i64}
  // CHECK: tile.release
  // CHECK: tile.load %{{.*}} -> tensor<64x64xf32>
  // CHECK: tile.store
  // CHECK: tile.load %{{.*}} -> tensor<64xf32>
  // CHECK: tile.store
  %r, %behind = tile.for %i = %c0 to %k step %c64 iter_args(%acc = %zero, %p = %n) -> (tensor<64x64xf32>, index) stages(2) {
    %x = tile.load %a[%c0 +: 64, %i +: 64] : !tile.view<?x?xbf16> -> tensor<64x64xbf16>
    %y = tile.load %b[%i +: 64, %n +: 64] : !tile.view<?x?xbf16> -> tensor<64x64xbf16>
    %d = tile.dot %x, %y, %acc : tensor<64x64xbf16>, tensor<64x64xbf16> -> tensor<64x64xf32>
    %q = arith.addi %p, %c64 : index
    tile.yield %d, %q : tensor<64x64xf32>, index
  }
  %at = arith.addi %n, %c64 : index
  %v = tile.load %bias[%at +: 64] : !tile.view<?xf32> -> tensor<64xf32>
  %late = tile.load %bias[%behind +: 64] : !tile.view<?xf32> -> tensor<64xf32>
  %both = arith.addf %v, %late : tensor<64xf32>
  %row = tile.reshape %both : tensor<64xf32> -> tensor<1x64xf32>
  %all = tile.broadcast %row : tensor<1x64xf32> -> tensor<64x64xf32>
  %old = tile.load %c[%c0 +: 64, %n +: 64] : !tile.view<?x?xf32> -> tensor<64x64xf32>
  %s = arith.addf %r, %all : tensor<64x64xf32>
  %t = arith.addf %s, %old : tensor<64x64xf32>
  tile.store %t, %c[%c0 +: 64, %n +: 64] : tensor<64x64xf32>, !tile.view<?x?xf32>
  %u = tile.load %bias[%n +: 64] : !tile.view<?xf32> -> tensor<64xf32>
  %w = arith.addf %u, %v : tensor<64xf32>
  tile.store %w, %bias[%n +: 64] : tensor<64xf32>, !tile.view<?xf32>
  tile.return
}

// -----

// Two sums of one loop: two dots are under way when the slots of the iteration before are free. A second loop has a channel of its own, and
// goes on with the first one's sum.
// CHECK-LABEL: tile.kernel @two_sums
tile.kernel @two_sums(
    %a: !tile.view<?x?xbf16> {tile.access = #tile.access<in>, tile.facts = #tile.facts<unit_axis = 1, align = 16, extent_align = 16, tensor_map = true>}, %b: !tile.view<?x?xbf16> {tile.access = #tile.access<in>, tile.facts = #tile.facts<unit_axis = 1, align = 16, extent_align = 16, tensor_map = true>}, %c: !tile.view<?x?xf32> {tile.access = #tile.access<out>, tile.facts = #tile.facts<unit_axis = 1, align = 16, extent_align = 16, tensor_map = true>}) attributes {phase = #tile.phase<tile>} {
  %c0 = arith.constant 0 : index
  %c64 = arith.constant 64 : index
  %k = tile.extent %a, 1 : !tile.view<?x?xbf16>
  %zero = arith.constant dense<0.0> : tensor<64x64xf32>
  // CHECK-COUNT-2: tile.channel
  // CHECK: tile.producer {
  // CHECK: scf.for {{.*}} iter_args(%[[P:.*]] = %{{.*}}, %[[Q:.*]] = %{{.*}}) -> (i32, i32)
  // CHECK-COUNT-3: tile.copy_async
  // CHECK: scf.for {{.*}} = %[[Q]]) -> (i32)
  // CHECK-COUNT-2: tile.copy_async
  // CHECK: tile.await
  // CHECK-COUNT-2: tile.dot %{{.*}} {async
  // CHECK-NEXT: tile.dot_wait {pending = 2 : i64}
  // CHECK: %[[SUMS:.*]]:2 = tile.dot_wait %{{.*}}, %{{.*}} {pending = 0 : i64}
  // CHECK: scf.for {{.*}} = %[[SUMS]]#0
  // CHECK: tile.dot_wait {pending = 1 : i64}
  %r:2 = tile.for %i = %c0 to %k step %c64 iter_args(%u = %zero, %v = %zero) -> (tensor<64x64xf32>, tensor<64x64xf32>) stages(2) {
    %x = tile.load %a[%c0 +: 64, %i +: 64] : !tile.view<?x?xbf16> -> tensor<64x64xbf16>
    %y = tile.load %b[%i +: 64, %c0 +: 64] : !tile.view<?x?xbf16> -> tensor<64x64xbf16>
    %z = tile.load %b[%i +: 64, %c64 +: 64] : !tile.view<?x?xbf16> -> tensor<64x64xbf16>
    %d = tile.dot %x, %y, %u : tensor<64x64xbf16>, tensor<64x64xbf16> -> tensor<64x64xf32>
    %e = tile.dot %x, %z, %v : tensor<64x64xbf16>, tensor<64x64xbf16> -> tensor<64x64xf32>
    tile.yield %d, %e : tensor<64x64xf32>, tensor<64x64xf32>
  }
  %q = tile.for %i = %c0 to %k step %c64 iter_args(%u = %r#0) -> (tensor<64x64xf32>) stages(2) {
    %x = tile.load %a[%c64 +: 64, %i +: 64] : !tile.view<?x?xbf16> -> tensor<64x64xbf16>
    %y = tile.load %b[%i +: 64, %c64 +: 64] : !tile.view<?x?xbf16> -> tensor<64x64xbf16>
    %d = tile.dot %x, %y, %u : tensor<64x64xbf16>, tensor<64x64xbf16> -> tensor<64x64xf32>
    tile.yield %d : tensor<64x64xf32>
  }
  %s = arith.addf %q, %r#1 : tensor<64x64xf32>
  tile.store %s, %c[%c0 +: 64, %c0 +: 64] : tensor<64x64xf32>, !tile.view<?x?xf32>
  tile.return
}

// -----

// A loop around the pipelined one, whose index and what is read by it go into addresses and bounds: the producer walks through it too.
// CHECK-LABEL: tile.kernel @groups
tile.kernel @groups(
    %a: !tile.view<?x?xbf16> {tile.access = #tile.access<in>, tile.facts = #tile.facts<unit_axis = 1, align = 16, extent_align = 16, tensor_map = true>}, %b: !tile.view<?x?xbf16> {tile.access = #tile.access<in>, tile.facts = #tile.facts<unit_axis = 1, align = 16, extent_align = 16, tensor_map = true>}, %c: !tile.view<?x?xf32> {tile.access = #tile.access<out>, tile.facts = #tile.facts<unit_axis = 1, align = 16, extent_align = 16, tensor_map = true>}, %starts: !tile.view<?xindex> {tile.access = #tile.access<in>}, %groups: index) attributes {phase = #tile.phase<tile>} {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c64 = arith.constant 64 : index
  %zero = arith.constant dense<0.0> : tensor<64x64xf32>
  // CHECK: tile.producer {
  // CHECK: scf.for
  // CHECK: scf.for %[[G:.*]] = {{.*}} to %{{.*}} step %{{.*}} iter_args(%{{.*}} = %{{.*}}) -> (i32)
  // CHECK: tile.load %{{.*}}[%[[G]]]
  // CHECK: scf.for {{.*}} -> (i32)
  // CHECK: tile.copy_async
  // CHECK-NOT: tile.store
  // CHECK: tile.await
  // CHECK: tile.store {{.*}} {binding = #tile.binding<direct
  tile.for %g = %c0 to %groups step %c1 {
    %number = tile.load %starts[%g] : !tile.view<?xindex> -> index
    %start = arith.muli %number, %c64 : index
    %end = arith.addi %start, %c64 : index
    %r = tile.for %i = %start to %end step %c64 iter_args(%acc = %zero) -> (tensor<64x64xf32>) {
      %x = tile.load %a[%c0 +: 64, %i +: 64] : !tile.view<?x?xbf16> -> tensor<64x64xbf16>
      %y = tile.load %b[%i +: 64, %c0 +: 64] : !tile.view<?x?xbf16> -> tensor<64x64xbf16>
      %d = tile.dot %x, %y, %acc : tensor<64x64xbf16>, tensor<64x64xbf16> -> tensor<64x64xf32>
      tile.yield %d : tensor<64x64xf32>
    }
    tile.store %r, %c[%start +: 64, %c0 +: 64] : tensor<64x64xf32>, !tile.view<?x?xf32>
  }
  tile.return
}
