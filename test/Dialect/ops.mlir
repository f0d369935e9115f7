// Every op of the dialect, printed, parsed and printed again.
// RUN: tile-opt %s | tile-opt | FileCheck %s
// RUN: tile-opt %s -mlir-print-op-generic | tile-opt | FileCheck %s

// CHECK-LABEL: tile.kernel @memory
// CHECK-SAME: (%[[A:.*]]: !tile.view<?x?xf32> {tile.access = #tile.access<in>, tile.facts = #tile.facts<unit_axis = 1, align = 16, extent_align = 16, index32 = true>}
// CHECK-SAME: attributes {phase = #tile.phase<tile>}
tile.kernel @memory(
    %a: !tile.view<?x?xf32> {tile.access = #tile.access<in>,
                             tile.facts = #tile.facts<unit_axis = 1, align = 16, extent_align = 16, index32 = true>},
    %b: !tile.view<?x64xf32> {tile.access = #tile.access<inout>}, %s: f32) attributes {phase = #tile.phase<tile>} {
  // CHECK: %[[I:.*]] = tile.program_id 0
  %i = tile.program_id 0
  // CHECK: %[[E:.*]] = tile.extent %[[A]], 1 : !tile.view<?x?xf32>
  %e = tile.extent %a, 1 : !tile.view<?x?xf32>
  // CHECK: tile.load %[[A]][%[[I]] +: 64, %[[E]] +: 32] pad 1.000000e+00 : f32 : !tile.view<?x?xf32> -> tensor<64x32xf32>
  %x = tile.load %a[%i +: 64, %e +: 32] pad 1.0 : f32 : !tile.view<?x?xf32> -> tensor<64x32xf32>
  // CHECK: tile.load %[[A]][%[[I]], %[[E]]] : !tile.view<?x?xf32> -> f32
  %y = tile.load %a[%i, %e] : !tile.view<?x?xf32> -> f32
  // CHECK: tile.inside %[[A]][%[[I]], %[[E]] +: 32] : !tile.view<?x?xf32> -> tensor<32xi1>
  %m = tile.inside %a[%i, %e +: 32] : !tile.view<?x?xf32> -> tensor<32xi1>
  // CHECK: tile.store %{{.*}}, %{{.*}}[%[[I]] +: 64, %[[E]] +: 32] : tensor<64x32xf32>, !tile.view<?x64xf32>
  tile.store %x, %b[%i +: 64, %e +: 32] : tensor<64x32xf32>, !tile.view<?x64xf32>
  // CHECK: tile.subview %[[A]][%[[I]], %[[I]] to %[[E]]] : !tile.view<?x?xf32> -> !tile.view<?xf32>
  %v = tile.subview %a[%i, %i to %e] : !tile.view<?x?xf32> -> !tile.view<?xf32>
  // CHECK: tile.permute %[[A]], [1, 0] : !tile.view<?x?xf32> -> !tile.view<?x?xf32>
  %p = tile.permute %a, [1, 0] : !tile.view<?x?xf32> -> !tile.view<?x?xf32>
  // CHECK: tile.assert %{{.*}}, "outside" : tensor<32xi1>
  tile.assert %m, "outside" : tensor<32xi1>
  // CHECK: tile.print "x {}"(%{{.*}}) : f32
  tile.print "x {}" (%y) : f32
  // CHECK: tile.print "here"
  tile.print "here"
  tile.return
}

// CHECK-LABEL: tile.kernel @values
tile.kernel @values(%x: f32) attributes {phase = #tile.phase<tile>} {
  // CHECK: tile.iota : tensor<32xindex>
  %i = tile.iota : tensor<32xindex>
  %c = tensor.splat %x : tensor<64xf32>
  // CHECK: tile.reshape %{{.*}} : tensor<64xf32> -> tensor<64x1xf32>
  %r = tile.reshape %c : tensor<64xf32> -> tensor<64x1xf32>
  // CHECK: tile.broadcast %{{.*}} : tensor<64x1xf32> -> tensor<64x32xf32>
  %b = tile.broadcast %r : tensor<64x1xf32> -> tensor<64x32xf32>
  // CHECK: tile.transpose %{{.*}}, [1, 0] : tensor<64x32xf32> -> tensor<32x64xf32>
  %t = tile.transpose %b, [1, 0] : tensor<64x32xf32> -> tensor<32x64xf32>
  // CHECK: tile.join %{{.*}}, %{{.*}} : tensor<64xf32> -> tensor<64x2xf32>
  %j = tile.join %c, %c : tensor<64xf32> -> tensor<64x2xf32>
  // CHECK: tile.reduce sum %{{.*}}, 1 : tensor<64x32xf32> -> tensor<64xf32>
  %s = tile.reduce sum %b, 1 : tensor<64x32xf32> -> tensor<64xf32>
  // CHECK: tile.reduce max %{{.*}}, 0 : tensor<64xf32> -> f32
  %u = tile.reduce max %c, 0 : tensor<64xf32> -> f32
  // CHECK: tile.reduce argmax %{{.*}}, 0 : tensor<64xf32> -> index
  %w = tile.reduce argmax %c, 0 : tensor<64xf32> -> index
  %acc = arith.constant dense<0.0> : tensor<64x64xf32>
  // CHECK: tile.dot %{{.*}}, %{{.*}}, %{{.*}} {precision = {{.*}}tf32{{.*}}} : tensor<64x32xf32>, tensor<32x64xf32> -> tensor<64x64xf32>
  %d = tile.dot %b, %t, %acc {precision = #tile<precision tf32>} : tensor<64x32xf32>, tensor<32x64xf32> -> tensor<64x64xf32>
  tile.return
}

// CHECK-LABEL: tile.kernel @loops
tile.kernel @loops(%n: index, %x: f32) attributes {phase = #tile.phase<tile>} {
  // CHECK: tile.for %[[K:.*]] = %{{.*}} to %{{.*}} step %{{.*}} iter_args(%{{.*}} = %{{.*}}) -> (f32) stages(3) {
  // CHECK: tile.yield %{{.*}} : f32
  %r = tile.for %k = %n to %n step %n iter_args(%a = %x) -> (f32) stages(3) {
    tile.yield %a : f32
  }
  // CHECK: tile.for %{{.*}} = %{{.*}} to %{{.*}} step %{{.*}} {
  // CHECK-NEXT: }
  tile.for %k = %n to %n step %n {
  }
  tile.return
}

// CHECK-LABEL: tile.kernel @planned
// CHECK-SAME: attributes {phase = #tile.phase<planned>, target = "sm_80"}
tile.kernel @planned(%a: !tile.view<?xf32> {tile.access = #tile.access<in>}, %n: index)
    attributes {phase = #tile.phase<planned>, target = "sm_80"} {
  // CHECK: tile.for {{.*}} stages(3) attributes {plan = #tile.plan<stages = 3, ii = 512, serial = 1400, bound = "copy engine", model_stages = 4, shared_bytes = 768>} {
  tile.for %k = %n to %n step %n stages(3) attributes {plan = #tile.plan<stages = 3, ii = 512, serial = 1400, bound = "copy engine", model_stages = 4, shared_bytes = 768>} {
    // CHECK: tile.load {{.*}} {binding = #tile.binding<async, bytes = 16>, tile.at = #tile.at<stage = 0, order = 0, ahead = 2, depth = 3>}
    %x = tile.load %a[%k +: 64] {binding = #tile.binding<async, bytes = 16>, tile.at = #tile.at<stage = 0, order = 0, ahead = 2, depth = 3>} : !tile.view<?xf32> -> tensor<64xf32>
  }
  tile.return
}

// CHECK-LABEL: tile.kernel @rings
tile.kernel @rings(%a: !tile.view<?xf32> {tile.access = #tile.access<in>}, %i: index, %t: i32)
    attributes {phase = #tile.phase<pipelined>, target = "cpu"} {
  // CHECK: %[[R:.*]] = tile.ring : !tile.ring<3 x 64xf32>
  %r = tile.ring : !tile.ring<3 x 64xf32>
  // CHECK: %[[C:.*]] = tile.channel %[[R]] : !tile.ring<3 x 64xf32>
  %c = tile.channel %r : !tile.ring<3 x 64xf32>
  // CHECK: tile.acquire %[[C]][%[[T:.*]]]
  tile.acquire %c[%t]
  // CHECK: tile.copy_async %{{.*}}[%{{.*}} +: 64], %[[R]][%[[T]]] pad 1.000000e+00 : f32 : !tile.view<?xf32>, !tile.ring<3 x 64xf32>
  tile.copy_async %a[%i +: 64], %r[%t] pad 1.0 : f32 : !tile.view<?xf32>, !tile.ring<3 x 64xf32>
  // CHECK: tile.commit %[[C]][%[[T]]]
  tile.commit %c[%t]
  // CHECK: tile.await %[[C]][%[[T]]]
  tile.await %c[%t]
  // CHECK: %[[S:.*]] = tile.slot %[[R]][%[[T]]] : !tile.ring<3 x 64xf32> -> !tile.slot<64xf32>
  %s = tile.slot %r[%t] : !tile.ring<3 x 64xf32> -> !tile.slot<64xf32>
  // CHECK: tile.read %[[S]] : !tile.slot<64xf32> -> tensor<64xf32>
  %x = tile.read %s : !tile.slot<64xf32> -> tensor<64xf32>
  // CHECK: tile.release %[[C]][%[[T]]]
  tile.release %c[%t]
  tile.return
}
