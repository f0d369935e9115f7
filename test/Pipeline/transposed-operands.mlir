// A tile that is transposed only to be multiplied is loaded from the view with its axes in the other order.
// RUN: tile-opt %s --split-input-file --tile-bind=target=sm_90a | FileCheck %s
// RUN: tile-opt %s --split-input-file --tile-bind=target=sm_80 | FileCheck %s --check-prefix=PLAIN
// RUN: tile-opt %s --split-input-file --tile-bind=target=cpu | FileCheck %s --check-prefix=CPU
// CPU-NOT: tile.permute

#in = #tile.access<in>
#facts = #tile.facts<unit_axis = 1, align = 16, extent_align = 16, tensor_map = true>
// Both operands: a is stored [K, M], b [N, K].
// CHECK-LABEL: tile.kernel @both
// CHECK-SAME: (%[[A:.*]]: !tile.view<?x?xbf16> {{.*}}, %[[B:.*]]: !tile.view<?x?xbf16> {{.*}}, %
// CHECK-SAME: persistent
// CHECK-DAG: %[[AT:.*]] = tile.permute %[[A]], [1, 0]
// CHECK-DAG: %[[BT:.*]] = tile.permute %[[B]], [1, 0]
// CHECK: tile.for %[[K:.*]] = %{{.*}} iter_args
// CHECK: %[[X:.*]] = tile.load %[[AT]][%{{.*}} +: 64, %[[K]] +: 32] {binding = #tile.binding<tensor, bytes = 16>} : !tile.view<?x?xbf16> -> tensor<64x32xbf16>
// CHECK: %[[Y:.*]] = tile.load %[[BT]][%[[K]] +: 32, %{{.*}} +: 128] {binding = #tile.binding<tensor, bytes = 16>} : !tile.view<?x?xbf16> -> tensor<32x128xbf16>
// CHECK-NOT: tile.transpose
// CHECK: tile.dot %[[X]], %[[Y]]
// PLAIN-LABEL: tile.kernel @both
// PLAIN: tile.permute
// PLAIN: tile.permute
// PLAIN-NOT: tile.transpose
tile.kernel @both(%a: !tile.view<?x?xbf16> {tile.access = #in, tile.facts = #facts}, %b: !tile.view<?x?xbf16> {tile.access = #in, tile.facts = #facts},
    %c: !tile.view<?x?xf32> {tile.access = #tile.access<out>, tile.facts = #facts}, %k: index) attributes {phase = #tile.phase<tile>} {
  %c0 = arith.constant 0 : index
  %c32 = arith.constant 32 : index
  %c64 = arith.constant 64 : index
  %zero = arith.constant dense<0.0> : tensor<64x128xf32>
  %p = tile.program_id 0
  %m = arith.muli %p, %c64 : index
  %r = tile.for %i = %c0 to %k step %c32 iter_args(%acc = %zero) -> (tensor<64x128xf32>) {
    %x = tile.load %a[%i +: 32, %m +: 64] : !tile.view<?x?xbf16> -> tensor<32x64xbf16>
    %y = tile.load %b[%m +: 128, %i +: 32] : !tile.view<?x?xbf16> -> tensor<128x32xbf16>
    %xt = tile.transpose %x, [1, 0] : tensor<32x64xbf16> -> tensor<64x32xbf16>
    %yt = tile.transpose %y, [1, 0] : tensor<128x32xbf16> -> tensor<32x128xbf16>
    %s = tile.dot %xt, %yt, %acc : tensor<64x32xbf16>, tensor<32x128xbf16> -> tensor<64x128xf32>
    tile.yield %s : tensor<64x128xf32>
  }
  tile.store %r, %c[%m +: 64, %c0 +: 128] : tensor<64x128xf32>, !tile.view<?x?xf32>
  tile.return
}

// -----

#in = #tile.access<in>
#facts = #tile.facts<unit_axis = 2, align = 16, extent_align = 16, tensor_map = true>
// Of a batch, an index keeps its place; a view is permuted once. The padding stays.
// CHECK-LABEL: tile.kernel @batch
// CHECK-SAME: (%[[A:.*]]: !tile.view<?x?x?xf16>
// CHECK: %[[AT:.*]] = tile.permute %[[A]], [0, 2, 1] : !tile.view<?x?x?xf16> -> !tile.view<?x?x?xf16>
// CHECK-NOT: tile.permute
// CHECK: tile.load %[[AT]][%[[Z:.*]], %[[J:.*]] +: 16, %[[I:.*]] +: 32] pad 1.000000e+00 : f16
// CHECK: tile.load %[[AT]][%[[Z]], %[[J]] +: 16, %[[J]] +: 32]
// CHECK-NOT: tile.transpose
// PLAIN-LABEL: tile.kernel @batch
tile.kernel @batch(%a: !tile.view<?x?x?xf16> {tile.access = #in, tile.facts = #facts}, %c: !tile.view<?x?xf32> {tile.access = #tile.access<out>},
    %z: index, %i: index, %j: index) attributes {phase = #tile.phase<tile>} {
  %zero = arith.constant dense<0.0> : tensor<16x32xf32>
  %x = tile.load %a[%z, %i +: 32, %j +: 16] pad 1.0 : f16 : !tile.view<?x?x?xf16> -> tensor<32x16xf16>
  %w = tile.load %a[%z, %j +: 32, %j +: 16] : !tile.view<?x?x?xf16> -> tensor<32x16xf16>
  %xt = tile.transpose %x, [1, 0] : tensor<32x16xf16> -> tensor<16x32xf16>
  %wt = tile.transpose %w, [1, 0] : tensor<32x16xf16> -> tensor<16x32xf16>
  %y = arith.constant dense<1.0> : tensor<32x32xf16>
  %s = tile.dot %xt, %y, %zero : tensor<16x32xf16>, tensor<32x32xf16> -> tensor<16x32xf32>
  %t = tile.dot %wt, %y, %s : tensor<16x32xf16>, tensor<32x32xf16> -> tensor<16x32xf32>
  tile.store %t, %c[%i +: 16, %j +: 32] : tensor<16x32xf32>, !tile.view<?x?xf32>
  tile.return
}

// -----

#in = #tile.access<in>
// What is also read as it lies stays as it is written, and what no dot multiplies. One is computed with first.
// CHECK-LABEL: tile.kernel @others
// CHECK-SAME: (%[[A:[a-z0-9]*]]: !tile.view<?x?xf16>
// CHECK: %[[AT:.*]] = tile.permute %[[A]], [1, 0]
// CHECK-COUNT-2: tile.load %[[A]]
// CHECK: %[[Z:.*]] = tile.load %[[AT]]
// CHECK-COUNT-2: tile.transpose
// CHECK: arith.negf %[[Z]]
// CHECK-NOT: tile.transpose
tile.kernel @others(%a: !tile.view<?x?xf16> {tile.access = #in}, %c: !tile.view<?x?xf16> {tile.access = #tile.access<out>}, %i: index) attributes {phase = #tile.phase<tile>} {
  %zero = arith.constant dense<0.0> : tensor<16x16xf32>
  %x = tile.load %a[%i +: 16, %i +: 16] : !tile.view<?x?xf16> -> tensor<16x16xf16>
  %y = tile.load %a[%i +: 16, %i +: 16] : !tile.view<?x?xf16> -> tensor<16x16xf16>
  %z = tile.load %a[%i +: 16, %i +: 16] : !tile.view<?x?xf16> -> tensor<16x16xf16>
  %xt = tile.transpose %x, [1, 0] : tensor<16x16xf16> -> tensor<16x16xf16>
  %yt = tile.transpose %y, [1, 0] : tensor<16x16xf16> -> tensor<16x16xf16>
  %zt = tile.transpose %z, [1, 0] : tensor<16x16xf16> -> tensor<16x16xf16>
  %s = tile.dot %x, %xt, %zero : tensor<16x16xf16>, tensor<16x16xf16> -> tensor<16x16xf32>
  %n = arith.negf %zt : tensor<16x16xf16>
  %t = tile.dot %x, %n, %s : tensor<16x16xf16>, tensor<16x16xf16> -> tensor<16x16xf32>
  %u = arith.truncf %t : tensor<16x16xf32> to tensor<16x16xf16>
  %v = arith.addf %u, %yt : tensor<16x16xf16>
  %w = arith.addf %v, %zt : tensor<16x16xf16>
  tile.store %w, %c[%i +: 16, %i +: 16] : tensor<16x16xf16>, !tile.view<?x?xf16>
  tile.return
}
