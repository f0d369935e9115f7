// RUN: tile-opt %s --split-input-file --tile-nvptx-lower-kernel | FileCheck %s

#row = #tile.layout<32, register = [[16]], lane = [[1], [2], [4], [8], [0]], warp = []>
#wide = #tile.layout<32x4, register = [[16, 0], [0, 1], [0, 2]], lane = [[1, 0], [2, 0], [4, 0], [8, 0], [0, 0]], warp = []>
#column = #tile.layout<32x1, register = [[16, 0]], lane = [[1, 0], [2, 0], [4, 0], [8, 0], [0, 0]], warp = []>
#turned = #tile.layout<4x32, register = [[1, 0], [0, 16], [2, 0]], lane = [[0, 1], [0, 2], [0, 4], [0, 8], [0, 0]], warp = []>

// Shapes choose among the registers of a thread and make no code.
// CHECK-LABEL: llvm.func @shapes
// CHECK: %[[X:.*]] = arith.addf {{.*}} : f32
// CHECK-NEXT: %[[Y:.*]] = arith.addf {{.*}} : f32
// CHECK-NEXT: %[[A:.*]] = arith.mulf %[[X]], %{{.*}} : f32
// CHECK-NEXT: %[[B:.*]] = arith.mulf %[[Y]], %{{.*}} : f32
// CHECK-NOT: mulf
// CHECK-COUNT-8: llvm.inline_asm
tile.kernel @shapes(%a: !tile.view<?xf32> {tile.access = #tile.access<in>}, %b: !tile.view<?x?xf32> {tile.access = #tile.access<out>}, %s: f32)
    attributes {phase = #tile.phase<synchronised>, target = "sm_80", num_warps = 1, shared_bytes = 0} {
  %c0 = arith.constant 0 : index
  %x = tile.load %a[%c0 +: 32] : !tile.view<?xf32> -> tensor<32xf32, #row>
  %y = arith.addf %x, %x : tensor<32xf32, #row>
  %c = tile.reshape %y : tensor<32xf32, #row> -> tensor<32x1xf32, #column>
  %w = tile.broadcast %c : tensor<32x1xf32, #column> -> tensor<32x4xf32, #wide>
  %t = tile.transpose %w, [1, 0] : tensor<32x4xf32, #wide> -> tensor<4x32xf32, #turned>
  %f = tensor.splat %s : tensor<4x32xf32, #turned>
  %z = arith.mulf %t, %f : tensor<4x32xf32, #turned>
  tile.store %z, %b[%c0 +: 4, %c0 +: 32] : tensor<4x32xf32, #turned>, !tile.view<?x?xf32>
  tile.return
}

// -----

#l = #tile.layout<64, register = [[32]], lane = [[1], [2], [4], [8], [16]], warp = []>
#pair = #tile.layout<64x2, register = [[0, 1], [32, 0]], lane = [[1, 0], [2, 0], [4, 0], [8, 0], [16, 0]], warp = []>

// Registers that hold one value are computed once; a new axis interleaves.
// CHECK-LABEL: llvm.func @values
// CHECK-DAG: %[[C32:.*]] = arith.constant 32 : i32
// CHECK-DAG: %[[LANE:.*]] = llvm.call_intrinsic "llvm.nvvm.read.ptx.sreg.tid.x"() : () -> i32
// CHECK: %[[S:.*]] = arith.mulf %{{.*}}, %{{.*}} : f32
// CHECK-NOT: mulf
// CHECK: %[[NEXT:.*]] = arith.addi %[[LANE]], %[[C32]] : i32
// CHECK: %[[I:.*]] = arith.sitofp %[[LANE]] : i32 to f32
// CHECK: %[[J:.*]] = arith.sitofp %[[NEXT]] : i32 to f32
// CHECK: %[[BITS:.*]] = arith.bitcast %[[I]] : f32 to i32
// CHECK-NEXT: llvm.inline_asm {{.*}}, %[[BITS]],
// CHECK: %[[BITS2:.*]] = arith.bitcast %[[S]] : f32 to i32
// CHECK-NEXT: llvm.inline_asm {{.*}}, %[[BITS2]],
tile.kernel @values(%b: !tile.view<?x?xf32> {tile.access = #tile.access<out>}, %s: f32)
    attributes {phase = #tile.phase<synchronised>, target = "sm_80", num_warps = 1, shared_bytes = 0} {
  %c0 = arith.constant 0 : index
  %f = tensor.splat %s : tensor<64xf32, #l>
  %g = arith.mulf %f, %f : tensor<64xf32, #l>
  %i = tile.iota : tensor<64xi32, #l>
  %h = arith.sitofp %i : tensor<64xi32, #l> to tensor<64xf32, #l>
  %z = tile.join %h, %g : tensor<64xf32, #l> -> tensor<64x2xf32, #pair>
  tile.store %z, %b[%c0 +: 64, %c0 +: 2] : tensor<64x2xf32, #pair>, !tile.view<?x?xf32>
  tile.return
}
