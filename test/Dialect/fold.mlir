// Folders, and what loads that only read may be subject to.
// RUN: tile-opt %s --canonicalize --cse --loop-invariant-code-motion | FileCheck %s

// CHECK-LABEL: tile.kernel @shapes
tile.kernel @shapes(%out: !tile.view<?x?xf32> {tile.access = #tile.access<out>}, %i: index, %x: f32) attributes {phase = #tile.phase<tile>} {
  // CHECK: %[[X:.*]] = tensor.splat
  %t = tensor.splat %x : tensor<4x8xf32>
  %a = tile.broadcast %t : tensor<4x8xf32> -> tensor<4x8xf32>
  %b = tile.reshape %a : tensor<4x8xf32> -> tensor<32xf32>
  %c = tile.reshape %b : tensor<32xf32> -> tensor<4x8xf32>
  %d = tile.transpose %c, [0, 1] : tensor<4x8xf32> -> tensor<4x8xf32>
  // CHECK-NEXT: tile.store %[[X]]
  tile.store %d, %out[%i +: 4, %i +: 8] : tensor<4x8xf32>, !tile.view<?x?xf32>
  // CHECK-NEXT: tile.return
  tile.return
}

// CHECK-LABEL: tile.kernel @constants
tile.kernel @constants(%out: !tile.view<8x?xf32> {tile.access = #tile.access<out>}) attributes {phase = #tile.phase<tile>} {
  // CHECK-DAG: %[[C8:.*]] = arith.constant 8 : index
  // CHECK-DAG: %[[ONES:.*]] = arith.constant dense<1.000000e+00> : tensor<8x4xf32>
  %n = tile.extent %out, 0 : !tile.view<8x?xf32>
  %one = arith.constant dense<1.0> : tensor<4x1xf32>
  %a = tile.broadcast %one : tensor<4x1xf32> -> tensor<4x8xf32>
  %b = tile.transpose %a, [1, 0] : tensor<4x8xf32> -> tensor<8x4xf32>
  // CHECK: tile.store %[[ONES]], %{{.*}}[%[[C8]] +: 8, %[[C8]] +: 4]
  tile.store %b, %out[%n +: 8, %n +: 4] : tensor<8x4xf32>, !tile.view<8x?xf32>
  tile.return
}

// A view that is only read never changes: equal loads are one, dead ones vanish, invariant ones leave the loop.
// CHECK-LABEL: tile.kernel @loads
tile.kernel @loads(%a: !tile.view<?xf32> {tile.access = #tile.access<in>}, %b: !tile.view<?xf32> {tile.access = #tile.access<inout>},
                   %i: index) attributes {phase = #tile.phase<tile>} {
  // CHECK: %[[X:.*]] = tile.load %{{.*}}[%{{.*}} +: 4]
  // CHECK-NEXT: tile.for
  // CHECK-NEXT: %[[Y:.*]] = tile.load
  // CHECK-NEXT: %[[S:.*]] = arith.addf %[[X]], %[[Y]]
  // CHECK-NEXT: tile.store %[[S]]
  tile.for %k = %i to %i step %i {
    %x0 = tile.load %a[%i +: 4] : !tile.view<?xf32> -> tensor<4xf32>
    %x1 = tile.load %a[%i +: 4] : !tile.view<?xf32> -> tensor<4xf32>
    %dead = tile.load %a[%k +: 4] : !tile.view<?xf32> -> tensor<4xf32>
    %y = tile.load %b[%i +: 4] : !tile.view<?xf32> -> tensor<4xf32>
    %s = arith.addf %x1, %y : tensor<4xf32>
    tile.store %s, %b[%i +: 4] : tensor<4xf32>, !tile.view<?xf32>
  }
  tile.return
}
