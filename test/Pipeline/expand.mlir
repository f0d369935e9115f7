// A planned loop becomes a guarded prologue and a steady state over rings and channels; nothing is peeled behind it.
// RUN: tile-opt %s --split-input-file --pass-pipeline='builtin.module(tile-pipeline{target=sm_80},cse)' | FileCheck %s

// CHECK-LABEL: tile.kernel @matmul
// CHECK-SAME: phase = #tile.phase<pipelined>
tile.kernel @matmul(
    %a: !tile.view<?x?xf32> {tile.access = #tile.access<in>, tile.facts = #tile.facts<unit_axis = 1, align = 16>},
    %b: !tile.view<?x?xf32> {tile.access = #tile.access<in>, tile.facts = #tile.facts<unit_axis = 1, align = 16>},
    %c: !tile.view<?x?xf32> {tile.access = #tile.access<out>}) attributes {phase = #tile.phase<tile>} {
  %c0 = arith.constant 0 : index
  %c32 = arith.constant 32 : index
  %c64 = arith.constant 64 : index
  %p0 = tile.program_id 0
  %m = arith.muli %p0, %c64 : index
  // CHECK-DAG: %[[A:.*]] = tile.ring : !tile.ring<3 x 64x32xf32>
  // CHECK-DAG: %[[B:.*]] = tile.ring : !tile.ring<3 x 32x64xf32>
  // CHECK: %[[CH:.*]] = tile.channel %[[A]], %[[B]]
  // CHECK: %[[T0:.*]] = arith.constant 0 : i32
  // CHECK: %[[K:.*]] = tile.extent
  %k = tile.extent %a, 1 : !tile.view<?x?xf32>
  %zero = arith.constant dense<0.0> : tensor<64x64xf32>
  // The prologue issues iterations 0 and 1, each only if it exists, and multiplies nothing.
  // CHECK: %[[FIRST:.*]] = arith.cmpi slt, %{{.*}}, %[[K]]
  // CHECK-NEXT: scf.if %[[FIRST]] {
  // CHECK-NEXT: tile.acquire %[[CH]][%[[T0]]]
  // CHECK-NEXT: tile.copy_async %{{.*}}, %[[A]][%[[T0]]]
  // CHECK-NEXT: tile.copy_async %{{.*}}, %[[B]][%[[T0]]]
  // CHECK-NEXT: tile.commit %[[CH]][%[[T0]]]
  // CHECK-NEXT: }
  // CHECK: arith.cmpi slt, %{{.*}}, %[[K]]
  // CHECK-NEXT: scf.if
  // CHECK-COUNT-2: tile.copy_async
  // CHECK-NOT: tile.dot
  // The steady state awaits iteration i, issues i + 2, multiplies i in place and releases its slot.
  // CHECK: %[[R:.*]]:2 = scf.for %[[I:.*]] = {{.*}} iter_args(%[[ACC:.*]] = %{{.*}}, %[[T:.*]] = %[[T0]]) -> (tensor<64x64xf32>, i32)
  // CHECK-NEXT: tile.await %[[CH]][%[[T]]]
  // CHECK: %[[T2:.*]] = arith.addi %[[T]], %{{.*}} : i32
  // CHECK: %[[LATER:.*]] = arith.cmpi slt, %{{.*}}, %[[K]]
  // CHECK-NEXT: scf.if %[[LATER]] {
  // CHECK-NEXT: tile.acquire %[[CH]][%[[T2]]]
  // CHECK: tile.commit %[[CH]][%[[T2]]]
  // CHECK: %[[SA:.*]] = tile.slot %[[A]][%[[T]]]
  // CHECK: %[[SB:.*]] = tile.slot %[[B]][%[[T]]]
  // CHECK: %[[D:.*]] = tile.dot %[[SA]], %[[SB]], %[[ACC]]
  // CHECK-NEXT: tile.release %[[CH]][%[[T]]]
  // CHECK: scf.yield %[[D]], %{{.*}} : tensor<64x64xf32>, i32
  // CHECK-NOT: tile.dot
  // CHECK: tile.store %[[R]]#0
  %r = tile.for %i = %c0 to %k step %c32 iter_args(%acc = %zero) -> (tensor<64x64xf32>) stages(3) {
    %x = tile.load %a[%m +: 64, %i +: 32] : !tile.view<?x?xf32> -> tensor<64x32xf32>
    %y = tile.load %b[%i +: 32, %m +: 64] : !tile.view<?x?xf32> -> tensor<32x64xf32>
    %d = tile.dot %x, %y, %acc : tensor<64x32xf32>, tensor<32x64xf32> -> tensor<64x64xf32>
    tile.yield %d : tensor<64x64xf32>
  }
  tile.store %r, %c[%m +: 64, %m +: 64] : tensor<64x64xf32>, !tile.view<?x?xf32>
  tile.return
}

// -----

// A tile that anything but a dot reads is read as a value, and its slot released at once.
// CHECK-LABEL: tile.kernel @add
tile.kernel @add(%a: !tile.view<?xf32> {tile.access = #tile.access<in>, tile.facts = #tile.facts<unit_axis = 0, align = 16>},
                 %b: !tile.view<?xf32> {tile.access = #tile.access<out>}, %n: index) attributes {phase = #tile.phase<tile>} {
  %c0 = arith.constant 0 : index
  %c64 = arith.constant 64 : index
  // CHECK: scf.for
  // CHECK: %[[S:.*]] = tile.slot
  // CHECK-NEXT: %[[X:.*]] = tile.read %[[S]]
  // CHECK-NEXT: tile.release
  // CHECK-NEXT: %[[Y:.*]] = arith.addf %[[X]], %[[X]]
  // CHECK-NEXT: tile.store %[[Y]]
  tile.for %i = %c0 to %n step %c64 stages(2) {
    %x = tile.load %a[%i +: 64] pad 1.0 : f32 : !tile.view<?xf32> -> tensor<64xf32>
    %y = arith.addf %x, %x : tensor<64xf32>
    tile.store %y, %b[%i +: 64] : tensor<64xf32>, !tile.view<?xf32>
  }
  tile.return
}

// -----

// The sum of a tile is the address of another: the first is read in an earlier stage, where the iteration may not exist.
// CHECK-LABEL: tile.kernel @tile_first
tile.kernel @tile_first(
    %a: !tile.view<?xi32> {tile.access = #tile.access<in>, tile.facts = #tile.facts<unit_axis = 0, align = 16>},
    %b: !tile.view<?xi32> {tile.access = #tile.access<in>, tile.facts = #tile.facts<unit_axis = 0, align = 16>},
    %c: !tile.view<?xi32> {tile.access = #tile.access<out>}, %n: index) attributes {phase = #tile.phase<tile>} {
  %c0 = arith.constant 0 : index
  %c64 = arith.constant 64 : index
  // CHECK-DAG: %[[CA:.*]] = tile.channel %{{.*}} : !tile.ring<2 x 64xi32>
  // CHECK-DAG: %[[CB:.*]] = tile.channel %{{.*}} : !tile.ring<2 x 32xi32>
  // CHECK: scf.for
  // CHECK: tile.await %[[CB]]
  // CHECK: %[[TILE:.*]] = scf.if %{{.*}} -> (tensor<64xi32>) {
  // CHECK-NEXT: tile.await %[[CA]]
  // CHECK-NEXT: tile.slot
  // CHECK-NEXT: %[[VALUE:.*]] = tile.read
  // CHECK-NEXT: tile.release %[[CA]]
  // CHECK-NEXT: scf.yield %[[VALUE]]
  // CHECK-NEXT: } else {
  // CHECK: %[[SUM:.*]] = tile.reduce sum %[[TILE]]
  tile.for %i = %c0 to %n step %c64 stages(2) {
    %x = tile.load %a[%i +: 64] : !tile.view<?xi32> -> tensor<64xi32>
    %s = tile.reduce sum %x, 0 : tensor<64xi32> -> i32
    %at = arith.index_cast %s : i32 to index
    %scaled = arith.muli %at, %c64 : index
    %y = tile.load %b[%scaled +: 32] : !tile.view<?xi32> -> tensor<32xi32>
    tile.store %y, %c[%i +: 32] : tensor<32xi32>, !tile.view<?xi32>
  }
  tile.return
}

// -----

// The ticket of an inner loop is carried by the loop around it, so that its ring never runs dry; what an `if` holds starts anew.
// CHECK-LABEL: tile.kernel @nested
tile.kernel @nested(
    %a: !tile.view<?xf32> {tile.access = #tile.access<in>, tile.facts = #tile.facts<unit_axis = 0, align = 16>},
    %b: !tile.view<?xf32> {tile.access = #tile.access<out>}, %n: index, %flag: i1) attributes {phase = #tile.phase<tile>} {
  %c0 = arith.constant 0 : index
  %c64 = arith.constant 64 : index
  // CHECK: %[[CH:.*]] = tile.channel
  // CHECK: scf.for {{.*}} iter_args(%[[T:.*]] = %{{.*}}) -> (i32)
  tile.for %j = %c0 to %n step %c64 stages(1) {
    // CHECK: tile.acquire %[[CH]][%[[T]]]
    // CHECK: %[[NEXT:.*]] = scf.for {{.*}} iter_args(%{{.*}} = %[[T]]) -> (i32)
    tile.for %i = %c0 to %n step %c64 stages(2) {
      %x = tile.load %a[%i +: 64] : !tile.view<?xf32> -> tensor<64xf32>
      tile.store %x, %b[%j +: 64] : tensor<64xf32>, !tile.view<?xf32>
    }
    // CHECK: scf.yield %[[NEXT]] : i32
  }
  // CHECK: scf.if
  // CHECK-NEXT: tile.ring
  // CHECK-NEXT: tile.channel
  // CHECK: scf.for {{.*}} iter_args(%{{.*}} = %c0_i32) -> (i32)
  scf.if %flag {
    tile.for %i = %c0 to %n step %c64 stages(2) {
      %x = tile.load %a[%i +: 64] : !tile.view<?xf32> -> tensor<64xf32>
      tile.store %x, %b[%i +: 64] : tensor<64xf32>, !tile.view<?xf32>
    }
  }
  tile.return
}

// -----

// Values that are carried: one that another takes over, the index itself, and a load that only the next iteration reads.
// CHECK-LABEL: tile.kernel @carried
tile.kernel @carried(
    %a: !tile.view<?xf32> {tile.access = #tile.access<in>, tile.facts = #tile.facts<unit_axis = 0, align = 16>},
    %b: !tile.view<?xf32> {tile.access = #tile.access<out>}, %n: index, %zero: f32) attributes {phase = #tile.phase<tile>} {
  %c0 = arith.constant 0 : index
  %c64 = arith.constant 64 : index
  %t = tensor.splat %zero : tensor<64xf32>
  // CHECK: scf.for %[[I:.*]] = {{.*}} iter_args(%[[X:.*]] = %{{.*}}, %[[Y:.*]] = %{{.*}}, %[[P:.*]] = %{{.*}}, %[[TICKET:.*]] = %{{.*}})
  // CHECK: tile.store %[[Y]], %{{.*}}[%[[P]] +: 64]
  // CHECK: %[[NEXT:.*]] = tile.read
  // CHECK: scf.yield %[[NEXT]], %[[X]], %[[I]], %{{.*}}
  %r:3 = tile.for %i = %c0 to %n step %c64 iter_args(%x = %t, %y = %t, %p = %c0) -> (tensor<64xf32>, tensor<64xf32>, index) stages(2) {
    %next = tile.load %a[%i +: 64] : !tile.view<?xf32> -> tensor<64xf32>
    tile.store %y, %b[%p +: 64] : tensor<64xf32>, !tile.view<?xf32>
    tile.yield %next, %x, %i : tensor<64xf32>, tensor<64xf32>, index
  }
  tile.return
}

// -----

// A part of a view that both the issue and a later stage read is taken in each: loops carry no views.
// CHECK-LABEL: tile.kernel @part_of_a_view
tile.kernel @part_of_a_view(
    %a: !tile.view<?x?xf32> {tile.access = #tile.access<in>, tile.facts = #tile.facts<unit_axis = 1, align = 16>},
    %b: !tile.view<?xindex> {tile.access = #tile.access<out>}, %n: index) attributes {phase = #tile.phase<tile>} {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  // CHECK: scf.for %[[I:.*]] = {{.*}} iter_args(%{{.*}} = %{{.*}}) -> (i32)
  // CHECK: %[[LATER:.*]] = tile.subview %{{.*}}[%{{.*}}, %c0 to %{{.*}}]
  // CHECK: tile.copy_async %[[LATER]]
  // CHECK: %[[NOW:.*]] = tile.subview %{{.*}}[%[[I]], %c0 to %{{.*}}]
  // CHECK: tile.extent %[[NOW]], 0
  tile.for %i = %c0 to %n step %c1 stages(2) {
    %row = tile.subview %a[%i, %c0 to %n] : !tile.view<?x?xf32> -> !tile.view<?xf32>
    %x = tile.load %row[%c0 +: 64] : !tile.view<?xf32> -> tensor<64xf32>
    %e = tile.extent %row, 0 : !tile.view<?xf32>
    tile.print "{}" (%x) : tensor<64xf32>
    tile.store %e, %b[%i] : index, !tile.view<?xindex>
  }
  tile.return
}

// -----

// A ring that a condition makes anew each time does not mind that the loop around it has slots of its own in use.
// CHECK-LABEL: tile.kernel @ring_under_a_condition
tile.kernel @ring_under_a_condition(
    %a: !tile.view<?xf32> {tile.access = #tile.access<in>, tile.facts = #tile.facts<unit_axis = 0, align = 16>},
    %b: !tile.view<?xf32> {tile.access = #tile.access<out>}, %n: index, %flag: i1) attributes {phase = #tile.phase<tile>} {
  %c0 = arith.constant 0 : index
  %c64 = arith.constant 64 : index
  // CHECK: scf.for
  tile.for %j = %c0 to %n step %c64 stages(2) {
    %x = tile.load %a[%j +: 64] : !tile.view<?xf32> -> tensor<64xf32>
    // CHECK: scf.if
    // CHECK: tile.ring
    // CHECK: scf.for
    scf.if %flag {
      tile.for %i = %c0 to %j step %c64 stages(3) {
        %y = tile.load %a[%i +: 64] : !tile.view<?xf32> -> tensor<64xf32>
        %z = arith.addf %x, %y : tensor<64xf32>
        tile.store %z, %b[%i +: 64] : tensor<64xf32>, !tile.view<?xf32>
      }
    }
  }
  tile.return
}
