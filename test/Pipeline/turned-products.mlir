// Products of few rows, and those whose second operand is computed, are made as their transposes where warpgroups can make these.
// RUN: tile-opt %s --split-input-file --tile-bind=target=sm_90a --remarks-filter=pipeline 2>/dev/null | FileCheck %s
// RUN: tile-opt %s --split-input-file --tile-bind=target=sm_80 | FileCheck %s --check-prefix=PLAIN

#in = #tile.access<in>
#facts = #tile.facts<unit_axis = 1, align = 16, extent_align = 16, tensor_map = true>
// The loop carries the transposed sum; what comes behind it gets it as it was written.
// CHECK-LABEL: tile.kernel @flat
// CHECK-SAME: (%[[A:[a-z0-9]*]]: !tile.view<?x?xbf16> {{.*}}, %[[B:[a-z0-9]*]]: !tile.view<?x?xbf16> {{.*}}, %{{[a-z0-9]*}}: !tile.view<?x?xbf16>
// CHECK-SAME: num_warps = 8 : i64, persistent
// CHECK-DAG: %[[AT:.*]] = tile.permute %[[A]], [1, 0]
// CHECK-DAG: %[[BT:.*]] = tile.permute %[[B]], [1, 0]
// CHECK: %[[R:.*]] = tile.for %[[K:.*]] = %{{.*}} iter_args(%[[ACC:.*]] = %{{.*}}) -> (tensor<128x16xf32>)
// CHECK: %[[X:.*]] = tile.load %[[AT]][%[[K]] +: 64, %{{.*}} +: 16] {binding = #tile.binding<tensor, bytes = 16>}
// CHECK: %[[Y:.*]] = tile.load %[[BT]][%{{.*}} +: 128, %[[K]] +: 64] {binding = #tile.binding<tensor, bytes = 16>}
// CHECK: %[[D:.*]] = tile.dot %[[Y]], %[[X]], %[[ACC]] {binding = #tile.dot_binding<"wgmma", 64 x 16 x 16>} : tensor<128x64xbf16>, tensor<64x16xbf16> -> tensor<128x16xf32>
// CHECK: tile.yield %[[D]]
// CHECK: tile.transpose %[[R]], [1, 0] : tensor<128x16xf32> -> tensor<16x128xf32>
// CHECK: tile.store
// PLAIN-LABEL: tile.kernel @flat
// PLAIN-NOT: tile.transpose
tile.kernel @flat(%a: !tile.view<?x?xbf16> {tile.access = #in, tile.facts = #facts}, %b: !tile.view<?x?xbf16> {tile.access = #in, tile.facts = #facts},
    %c: !tile.view<?x?xbf16> {tile.access = #tile.access<out>, tile.facts = #facts}) attributes {phase = #tile.phase<tile>} {
  %c0 = arith.constant 0 : index
  %c64 = arith.constant 64 : index
  %c128 = arith.constant 128 : index
  %p = tile.program_id 0
  %n = arith.muli %p, %c128 : index
  %k = tile.extent %a, 1 : !tile.view<?x?xbf16>
  %zero = arith.constant dense<0.0> : tensor<16x128xf32>
  %r = tile.for %i = %c0 to %k step %c64 iter_args(%acc = %zero) -> (tensor<16x128xf32>) {
    %x = tile.load %a[%c0 +: 16, %i +: 64] : !tile.view<?x?xbf16> -> tensor<16x64xbf16>
    %y = tile.load %b[%i +: 64, %n +: 128] : !tile.view<?x?xbf16> -> tensor<64x128xbf16>
    %d = tile.dot %x, %y, %acc : tensor<16x64xbf16>, tensor<64x128xbf16> -> tensor<16x128xf32>
    tile.yield %d : tensor<16x128xf32>
  }
  %t = arith.truncf %r : tensor<16x128xf32> to tensor<16x128xbf16>
  tile.store %t, %c[%c0 +: 16, %n +: 128] : tensor<16x128xbf16>, !tile.view<?x?xbf16>
  tile.return
}

// -----

#in = #tile.access<in>
#facts = #tile.facts<unit_axis = 1, align = 16, extent_align = 16, tensor_map = true>
// What the second operand is computed from is computed with the other way round, a row as a column. The signs of bytes change places.
// CHECK-LABEL: tile.kernel @computed
// CHECK-SAME: persistent
// CHECK: tile.reshape %{{.*}} : tensor<64xi8> -> tensor<64x1xi8>
// CHECK: tile.broadcast %{{.*}} : tensor<64x1xi8> -> tensor<64x32xi8>
// CHECK: %[[Y:.*]] = tile.load %{{.*}} : !tile.view<?x?xi8> -> tensor<64x32xi8>
// CHECK-NOT: tile.transpose
// CHECK: %[[S:.*]] = arith.addi %[[Y]], %{{.*}} : tensor<64x32xi8>
// CHECK: tile.dot %[[S]], %{{.*}} {binding = #tile.dot_binding<"wgmma", 64 x 64 x 32>, unsigned_b} : tensor<64x32xi8>, tensor<32x64xi8> -> tensor<64x64xi32>
// PLAIN-LABEL: tile.kernel @computed
// PLAIN-NOT: tile.transpose
tile.kernel @computed(%a: !tile.view<?x?xi8> {tile.access = #in, tile.facts = #facts}, %b: !tile.view<?x?xi8> {tile.access = #in, tile.facts = #facts},
    %s: !tile.view<?xi8> {tile.access = #in}, %c: !tile.view<?x?xi32> {tile.access = #tile.access<out>}) attributes {phase = #tile.phase<tile>} {
  %c0 = arith.constant 0 : index
  %c32 = arith.constant 32 : index
  %k = tile.extent %a, 1 : !tile.view<?x?xi8>
  %zero = arith.constant dense<0> : tensor<64x64xi32>
  %bias = tile.load %s[%c0 +: 64] : !tile.view<?xi8> -> tensor<64xi8>
  %line = tile.reshape %bias : tensor<64xi8> -> tensor<1x64xi8>
  %lines = tile.broadcast %line : tensor<1x64xi8> -> tensor<32x64xi8>
  %r = tile.for %i = %c0 to %k step %c32 iter_args(%acc = %zero) -> (tensor<64x64xi32>) {
    %x = tile.load %a[%c0 +: 64, %i +: 32] : !tile.view<?x?xi8> -> tensor<64x32xi8>
    %y = tile.load %b[%i +: 32, %c0 +: 64] : !tile.view<?x?xi8> -> tensor<32x64xi8>
    %z = arith.addi %y, %lines : tensor<32x64xi8>
    %d = tile.dot %x, %z, %acc {unsigned_a} : tensor<64x32xi8>, tensor<32x64xi8> -> tensor<64x64xi32>
    tile.yield %d : tensor<64x64xi32>
  }
  tile.store %r, %c[%c0 +: 64, %c0 +: 64] : tensor<64x64xi32>, !tile.view<?x?xi32>
  tile.return
}
