// What tiles a region carries are as many scalars as a thread has registers of them.
// RUN: tile-opt %s --tile-nvptx-lower-kernel | FileCheck %s
// RUN: tile-opt %s --tile-print-ptx -o /dev/null | FileCheck %s --check-prefix=PTX

#l = #tile.layout<64, register = [[32]], lane = [[1], [2], [4], [8], [16]], warp = []>

// CHECK-LABEL: llvm.func @control
// CHECK: %[[R:.*]]:3 = scf.for %[[I:.*]] = %{{.*}} to %{{.*}} step %{{.*}} iter_args(%[[X:.*]] = %{{.*}}, %[[Y:.*]] = %{{.*}}, %[[C:.*]] = %{{.*}}) -> (f32, f32, i64) : i64 {
// CHECK: %[[A:.*]] = arith.addf %[[X]], %{{.*}} : f32
// CHECK-NEXT: %[[B:.*]] = arith.addf %[[Y]], %{{.*}} : f32
// CHECK: %[[S:.*]]:2 = scf.if %{{.*}} -> (f32, f32) {
// CHECK: %[[D:.*]] = arith.mulf %[[A]], %[[A]]
// CHECK: %[[E:.*]] = arith.mulf %[[B]], %[[B]]
// CHECK: scf.yield %[[D]], %[[E]] : f32, f32
// CHECK: } else {
// CHECK: scf.yield %[[A]], %[[B]] : f32, f32
// CHECK: scf.yield %[[S]]#0, %[[S]]#1, %{{.*}} : f32, f32, i64
// CHECK: %[[W:.*]]:3 = scf.while (%{{.*}} = %[[R]]#0, %{{.*}} = %[[R]]#1, %{{.*}} = %[[R]]#2) : (f32, f32, i64) -> (f32, f32, i64) {
// CHECK: scf.condition(%{{.*}}) %{{.*}}, %{{.*}}, %{{.*}} : f32, f32, i64
// CHECK: scf.yield %{{.*}}, %{{.*}}, %{{.*}} : f32, f32, i64

// Loops are neither unrolled nor doubled.
// PTX-COUNT-2: add.rn.f32
// PTX-NOT: add.rn.f32
// PTX-COUNT-2: mul.rn.f32
// PTX-NOT: mul.rn.f32
// PTX-COUNT-2: sub.rn.f32
// PTX-NOT: sub.rn.f32
tile.kernel @control(%a: !tile.view<?xf32> {tile.access = #tile.access<out>}, %n: index, %flag: i1, %s: f32)
    attributes {phase = #tile.phase<synchronised>, target = "sm_80", num_warps = 1, shared_bytes = 0} {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %zero = arith.constant dense<0.0> : tensor<64xf32, #l>
  %step = tensor.splat %s : tensor<64xf32, #l>
  %r:2 = scf.for %i = %c0 to %n step %c1 iter_args(%x = %zero, %c = %c0) -> (tensor<64xf32, #l>, index) {
    %y = arith.addf %x, %step : tensor<64xf32, #l>
    %z = scf.if %flag -> tensor<64xf32, #l> {
      %q = arith.mulf %y, %y : tensor<64xf32, #l>
      scf.yield %q : tensor<64xf32, #l>
    } else {
      scf.yield %y : tensor<64xf32, #l>
    }
    %d = arith.addi %c, %i : index
    scf.yield %z, %d : tensor<64xf32, #l>, index
  }
  %w:2 = scf.while (%x = %r#0, %c = %r#1) : (tensor<64xf32, #l>, index) -> (tensor<64xf32, #l>, index) {
    %more = arith.cmpi slt, %c, %n : index
    scf.condition(%more) %x, %c : tensor<64xf32, #l>, index
  } do {
  ^bb0(%x: tensor<64xf32, #l>, %c: index):
    %y = arith.subf %x, %step : tensor<64xf32, #l>
    %d = arith.addi %c, %c1 : index
    scf.yield %y, %d : tensor<64xf32, #l>, index
  }
  tile.store %w#0, %a[%c0 +: 64] : tensor<64xf32, #l>, !tile.view<?xf32>
  tile.return
}
