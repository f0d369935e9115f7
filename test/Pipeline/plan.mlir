// Stages, order, depths and costs, written into the IR.
// RUN: tile-opt %s --pass-pipeline='builtin.module(tile.kernel(tile-bind{target=sm_80},tile-plan))' | FileCheck %s

// Both loads are issued as far ahead as their buffers allow, and the dot is in the last stage.
// CHECK-LABEL: tile.kernel @explicit
tile.kernel @explicit(
    %a: !tile.view<?x?xf32> {tile.access = #tile.access<in>, tile.facts = #tile.facts<unit_axis = 1, align = 16>},
    %n: index, %zero: f32) attributes {phase = #tile.phase<tile>} {
  %c0 = arith.constant 0 : index
  %c32 = arith.constant 32 : index
  %acc = tensor.splat %zero : tensor<32x32xf32>
  // CHECK: tile.for {{.*}} stages(4) attributes {plan = #tile.plan<stages = 4, ii = 512, serial = 1189, bound = "dots", model_stages = 3, shared_bytes = 32768>}
  %r = tile.for %k = %c0 to %n step %c32 iter_args(%s = %acc) -> (tensor<32x32xf32>) stages(4) {
    // CHECK: tile.load {{.*}} tile.at = #tile.at<stage = 0, order = 0, ahead = 3, depth = 4>
    %x = tile.load %a[%c0 +: 32, %k +: 32] : !tile.view<?x?xf32> -> tensor<32x32xf32>
    // CHECK: tile.load {{.*}} tile.at = #tile.at<stage = 0, order = 1, ahead = 3, depth = 4>
    %y = tile.load %a[%k +: 32, %c0 +: 32] : !tile.view<?x?xf32> -> tensor<32x32xf32>
    // CHECK: tile.dot {{.*}}tile.at = #tile.at<stage = 3, order = 2>
    %d = tile.dot %x, %y, %s : tensor<32x32xf32>, tensor<32x32xf32> -> tensor<32x32xf32>
    tile.yield %d : tensor<32x32xf32>
  }
  tile.return
}

// Without a count the model chooses: R / II buffers, at least two; without products at most five.
// CHECK-LABEL: tile.kernel @auto
tile.kernel @auto(%a: !tile.view<?xf32> {tile.access = #tile.access<in>, tile.facts = #tile.facts<unit_axis = 0, align = 16>},
                  %b: !tile.view<?xf32> {tile.access = #tile.access<out>}, %n: index) attributes {phase = #tile.phase<tile>} {
  %c0 = arith.constant 0 : index
  %c1024 = arith.constant 1024 : index
  // CHECK: tile.for {{.*}} attributes {plan = #tile.plan<stages = 5, ii = 139, serial = 693, bound = "copies", model_stages = 5, shared_bytes = 20480>}
  tile.for %i = %c0 to %n step %c1024 {
    // CHECK: tile.load {{.*}} tile.at = #tile.at<stage = 0, order = 0, ahead = 4, depth = 5>
    %x = tile.load %a[%i +: 1024] : !tile.view<?xf32> -> tensor<1024xf32>
    // CHECK: arith.addf {{.*}}tile.at = #tile.at<stage = 4, order = 1>
    %y = arith.addf %x, %x : tensor<1024xf32>
    // CHECK: tile.store {{.*}}tile.at = #tile.at<stage = 4, order = 2>
    tile.store %y, %b[%i +: 1024] : tensor<1024xf32>, !tile.view<?xf32>
  }
  tile.return
}

// An index is loaded first: it is read ahead of the tile it leads to, as a value; the other load is as late as it can be.
// CHECK-LABEL: tile.kernel @index_first
tile.kernel @index_first(
    %a: !tile.view<?x?xf32> {tile.access = #tile.access<in>, tile.facts = #tile.facts<unit_axis = 1, align = 16>},
    %t: !tile.view<?xi64> {tile.access = #tile.access<in>},
    %c: !tile.view<?x?xf32> {tile.access = #tile.access<out>}, %n: index) attributes {phase = #tile.phase<tile>} {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  tile.for %i = %c0 to %n step %c1 stages(3) {
    // CHECK: tile.load {{.*}} {binding = #tile.binding<scalar, bytes = 8>, tile.at = #tile.at<stage = 0, order = 0, ahead = 2>}
    %p = tile.load %t[%i] : !tile.view<?xi64> -> i64
    // CHECK: arith.index_cast {{.*}}tile.at = #tile.at<stage = 2, order = 1>
    %row = arith.index_cast %p : i64 to index
    // CHECK: tile.load {{.*}} tile.at = #tile.at<stage = 2, order = 2, ahead = 2, depth = 3>
    %x = tile.load %a[%row, %c0 +: 64] : !tile.view<?x?xf32> -> tensor<64xf32>
    // CHECK: tile.load {{.*}} tile.at = #tile.at<stage = 2, order = 3, ahead = 2, depth = 3>
    %y = tile.load %a[%i, %c0 +: 64] : !tile.view<?x?xf32> -> tensor<64xf32>
    // CHECK: arith.addf {{.*}}tile.at = #tile.at<stage = 4, order = 4>
    %z = arith.addf %x, %y : tensor<64xf32>
    // CHECK: tile.store {{.*}}tile.at = #tile.at<stage = 4, order = 5>
    tile.store %z, %c[%i, %c0 +: 64] : tensor<64xf32>, !tile.view<?x?xf32>
  }
  tile.return
}

// An address that is carried from iteration to iteration moves ahead with its load; the sum that is carried too does not.
// CHECK-LABEL: tile.kernel @carried_address
tile.kernel @carried_address(
    %a: !tile.view<?xf32> {tile.access = #tile.access<in>, tile.facts = #tile.facts<unit_axis = 0, align = 16>},
    %n: index, %zero: f32) attributes {phase = #tile.phase<tile>} {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %acc = tensor.splat %zero : tensor<64xf32>
  %r:2 = tile.for %i = %c0 to %n step %c1 iter_args(%at = %c0, %s = %acc) -> (index, tensor<64xf32>) stages(2) {
    // CHECK: tile.load {{.*}} tile.at = #tile.at<stage = 0, order = 0, ahead = 1, depth = 2>
    %x = tile.load %a[%at +: 64] : !tile.view<?xf32> -> tensor<64xf32>
    // CHECK: arith.addi {{.*}}tile.at = #tile.at<stage = 0, order = 1>
    %next = arith.addi %at, %i : index
    // CHECK: arith.addf {{.*}}tile.at = #tile.at<stage = 1, order = 2>
    %sum = arith.addf %s, %x : tensor<64xf32>
    tile.yield %next, %sum : index, tensor<64xf32>
  }
  tile.return
}

// A loop inside a loop: both are planned, and the inner one is an op of the outer one's last stage.
// CHECK-LABEL: tile.kernel @nested
tile.kernel @nested(
    %a: !tile.view<?x?xf32> {tile.access = #tile.access<in>, tile.facts = #tile.facts<unit_axis = 1, align = 16>},
    %n: index, %zero: f32) attributes {phase = #tile.phase<tile>} {
  %c0 = arith.constant 0 : index
  %c64 = arith.constant 64 : index
  %acc = tensor.splat %zero : tensor<64xf32>
  // CHECK: tile.for {{.*}} stages(2) attributes {plan = #tile.plan<stages = 2,
  %r = tile.for %i = %c0 to %n step %c64 iter_args(%s = %acc) -> (tensor<64xf32>) stages(2) {
    // CHECK: tile.load {{.*}} tile.at = #tile.at<stage = 0, order = 0, ahead = 1, depth = 2>
    %x = tile.load %a[%c0, %i +: 64] : !tile.view<?x?xf32> -> tensor<64xf32>
    // CHECK: tile.for {{.*}} stages(3) attributes {plan = #tile.plan<stages = 3, {{.*}}tile.at = #tile.at<stage = 1, order = 1>}
    %q = tile.for %j = %c0 to %n step %c64 iter_args(%u = %s) -> (tensor<64xf32>) stages(3) {
      // CHECK: tile.load {{.*}} tile.at = #tile.at<stage = 0, order = 0, ahead = 2, depth = 3>
      %y = tile.load %a[%i, %j +: 64] : !tile.view<?x?xf32> -> tensor<64xf32>
      %z = arith.mulf %x, %y : tensor<64xf32>
      // CHECK: arith.addf {{.*}}tile.at = #tile.at<stage = 2, order = 2>
      %w = arith.addf %u, %z : tensor<64xf32>
      tile.yield %w : tensor<64xf32>
    }
    tile.yield %q : tensor<64xf32>
  }
  tile.return
}

// One stage leaves the loop as it is written.
// CHECK-LABEL: tile.kernel @one_stage
tile.kernel @one_stage(%a: !tile.view<?xf32> {tile.access = #tile.access<in>, tile.facts = #tile.facts<unit_axis = 0, align = 16, extent_align = 16>},
                       %b: !tile.view<?xf32> {tile.access = #tile.access<out>}, %n: index) attributes {phase = #tile.phase<tile>} {
  %c0 = arith.constant 0 : index
  %c64 = arith.constant 64 : index
  // CHECK: tile.for {{.*}} stages(1) attributes {plan = #tile.plan<stages = 1,
  tile.for %i = %c0 to %n step %c64 stages(1) {
    // CHECK: tile.load %{{.*}}[%{{.*}} +: 64] {binding = #tile.binding<direct, bytes = 16>} :
    %x = tile.load %a[%i +: 64] : !tile.view<?xf32> -> tensor<64xf32>
    tile.store %x, %b[%i +: 64] : tensor<64xf32>, !tile.view<?xf32>
  }
  tile.return
}

// A count that was asked for comes before one that the model chooses, wherever its loop stands: the first loop makes do with the rest.
// CHECK-LABEL: tile.kernel @explicit_first
tile.kernel @explicit_first(
    %a: !tile.view<?x?xf32> {tile.access = #tile.access<in>, tile.facts = #tile.facts<unit_axis = 1, align = 16>},
    %b: !tile.view<?x?xf32> {tile.access = #tile.access<out>}, %n: index) attributes {phase = #tile.phase<tile>} {
  %c0 = arith.constant 0 : index
  %c64 = arith.constant 64 : index
  // CHECK: tile.for {{.*}} attributes {plan = #tile.plan<stages = 2, {{.*}} shared_bytes = 32768>}
  tile.for %i = %c0 to %n step %c64 {
    %x = tile.load %a[%c0 +: 64, %i +: 64] : !tile.view<?x?xf32> -> tensor<64x64xf32>
    tile.store %x, %b[%c0 +: 64, %i +: 64] : tensor<64x64xf32>, !tile.view<?x?xf32>
  }
  // CHECK: tile.for {{.*}} stages(8) attributes {plan = #tile.plan<stages = 8, {{.*}} shared_bytes = 131072>}
  tile.for %i = %c0 to %n step %c64 stages(8) {
    %x = tile.load %a[%c0 +: 64, %i +: 64] : !tile.view<?x?xf32> -> tensor<64x64xf32>
    tile.store %x, %b[%c0 +: 64, %i +: 64] : tensor<64x64xf32>, !tile.view<?x?xf32>
  }
  tile.return
}

// What reaches an address only after two iterations, over two carried values, moves ahead with its load too.
// CHECK-LABEL: tile.kernel @rotated_address
tile.kernel @rotated_address(
    %a: !tile.view<?xf32> {tile.access = #tile.access<in>, tile.facts = #tile.facts<unit_axis = 0, align = 16>},
    %b: !tile.view<?xf32> {tile.access = #tile.access<out>}, %n: index) attributes {phase = #tile.phase<tile>} {
  %c0 = arith.constant 0 : index
  %c64 = arith.constant 64 : index
  %r:2 = tile.for %i = %c0 to %n step %c64 iter_args(%p = %c0, %q = %c0) -> (index, index) stages(3) {
    // CHECK: tile.load {{.*}} tile.at = #tile.at<stage = 0, order = 0, ahead = 2, depth = 3>
    %x = tile.load %a[%p +: 64] : !tile.view<?xf32> -> tensor<64xf32>
    // CHECK: arith.muli {{.*}}tile.at = #tile.at<stage = 0, order = 1>
    %next = arith.muli %i, %n : index
    tile.store %x, %b[%i +: 64] : tensor<64xf32>, !tile.view<?xf32>
    tile.yield %q, %next : index, index
  }
  tile.return
}

// Where a loop that asks for nothing finds no room, not even for one buffer of each load, it is left as written, which takes none.
// CHECK-LABEL: tile.kernel @no_room
tile.kernel @no_room(
    %a: !tile.view<?x?xf32> {tile.access = #tile.access<in>, tile.facts = #tile.facts<unit_axis = 1, align = 16>},
    %b: !tile.view<?x?xf32> {tile.access = #tile.access<out>}, %n: index) attributes {phase = #tile.phase<tile>} {
  %c0 = arith.constant 0 : index
  %c128 = arith.constant 128 : index
  // CHECK: tile.for {{.*}} attributes {plan = #tile.plan<stages = 1, {{.*}} shared_bytes = 0>}
  tile.for %i = %c0 to %n step %c128 {
    // CHECK: tile.load {{.*}} {binding = #tile.binding<direct
    %x = tile.load %a[%c0 +: 128, %i +: 128] : !tile.view<?x?xf32> -> tensor<128x128xf32>
    tile.store %x, %b[%c0 +: 128, %i +: 128] : tensor<128x128xf32>, !tile.view<?x?xf32>
  }
  // CHECK: tile.for {{.*}} stages(2) attributes {plan = #tile.plan<stages = 2, {{.*}} shared_bytes = 131072>}
  tile.for %i = %c0 to %n step %c128 stages(2) {
    %x = tile.load %a[%c0 +: 128, %i +: 128] : !tile.view<?x?xf32> -> tensor<128x128xf32>
    tile.store %x, %b[%c0 +: 128, %i +: 128] : tensor<128x128xf32>, !tile.view<?x?xf32>
  }
  tile.return
}
