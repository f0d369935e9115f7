// The oldest PTX that a kernel can do with, so that older drivers take it: products of 8-bit floats came with 8.4.
// RUN: tile-opt %s --split-input-file --tile-print-ptx=lines=false -o /dev/null | FileCheck %s

#a = #tile.layout<16x32, register = [[0, 1], [0, 2], [8, 0], [0, 16]], lane = [[0, 4], [0, 8], [1, 0], [2, 0], [4, 0]], warp = []>
#b = #tile.layout<32x8, register = [[1, 0], [2, 0], [16, 0]], lane = [[4, 0], [8, 0], [0, 1], [0, 2], [0, 4]], warp = []>
#acc = #tile.layout<16x8, register = [[0, 1], [8, 0]], lane = [[0, 2], [0, 4], [1, 0], [2, 0], [4, 0]], warp = []>

// CHECK: .version 8.4
// CHECK: mma.sync.aligned.m16n8k32.row.col.f32.e4m3.e4m3.f32
tile.kernel @f8(%x: i32, %y: !tile.view<?x?xf32> {tile.access = #tile.access<out>})
    attributes {phase = #tile.phase<synchronised>, target = "sm_90", num_warps = 1, shared_bytes = 0} {
  %c0 = arith.constant 0 : index
  %a = arith.constant dense<1.0> : tensor<16x32xf8E4M3FN, #a>
  %b = arith.constant dense<1.0> : tensor<32x8xf8E4M3FN, #b>
  %zero = arith.constant dense<0.0> : tensor<16x8xf32, #acc>
  %d = tile.dot %a, %b, %zero {binding = #tile.dot_binding<"mma.sync", 16 x 8 x 32>} : tensor<16x32xf8E4M3FN, #a>, tensor<32x8xf8E4M3FN, #b> -> tensor<16x8xf32, #acc>
  tile.store %d, %y[%c0 +: 16, %c0 +: 8] : tensor<16x8xf32, #acc>, !tile.view<?x?xf32>
  tile.return
}

// -----

// CHECK: .version 7.8
// CHECK-NEXT: .target sm_89
tile.kernel @plain(%y: !tile.view<?xf32> {tile.access = #tile.access<out>}, %f: f32)
    attributes {phase = #tile.phase<synchronised>, target = "sm_89", num_warps = 1, shared_bytes = 0} {
  %c0 = arith.constant 0 : index
  tile.store %f, %y[%c0] : f32, !tile.view<?xf32>
  tile.return
}

// -----

#acc = #tile.layout<64x8, register = [[0, 1], [8, 0]], lane = [[0, 2], [0, 4], [1, 0], [2, 0], [4, 0]], warp = [[16, 0], [32, 0]]>
!a = !tile.slot<64x32xi8, #tile.swizzle<unit = 1, span = 32>>
!b = !tile.slot<32x8xi8, #tile.swizzle<unit = 0, span = 32>>

// So did bytes of both signs in one product of a warpgroup; PTX 8.0 has the others.
// CHECK: .version 8.4
// CHECK: wgmma.mma_async.sync.aligned.m64n8k32.s32.s8.u8
tile.kernel @mixed(%y: !tile.view<?x?xi32> {tile.access = #tile.access<out>})
    attributes {phase = #tile.phase<synchronised>, target = "sm_90a", num_warps = 4, shared_bytes = 4096} {
  %c0 = arith.constant 0 : index
  %a = tile.scratch {offset = 0 : i64} : !a
  %b = tile.scratch {offset = 2048 : i64} : !b
  %zero = arith.constant dense<0> : tensor<64x8xi32, #acc>
  %d = tile.dot %a, %b, %zero {unsigned_b, binding = #tile.dot_binding<"wgmma", 64 x 8 x 32>} : !a, !b -> tensor<64x8xi32, #acc>
  tile.store %d, %y[%c0 +: 64, %c0 +: 8] : tensor<64x8xi32, #acc>, !tile.view<?x?xi32>
  tile.return
}

// -----

#acc = #tile.layout<64x8, register = [[0, 1], [8, 0]], lane = [[0, 2], [0, 4], [1, 0], [2, 0], [4, 0]], warp = [[16, 0], [32, 0]]>
!a = !tile.slot<64x32xi8, #tile.swizzle<unit = 1, span = 32>>
!b = !tile.slot<32x8xi8, #tile.swizzle<unit = 0, span = 32>>

// CHECK: .version 8.0
// CHECK: wgmma.mma_async.sync.aligned.m64n8k32.s32.s8.s8
tile.kernel @same(%y: !tile.view<?x?xi32> {tile.access = #tile.access<out>})
    attributes {phase = #tile.phase<synchronised>, target = "sm_90a", num_warps = 4, shared_bytes = 4096} {
  %c0 = arith.constant 0 : index
  %a = tile.scratch {offset = 0 : i64} : !a
  %b = tile.scratch {offset = 2048 : i64} : !b
  %zero = arith.constant dense<0> : tensor<64x8xi32, #acc>
  %d = tile.dot %a, %b, %zero {binding = #tile.dot_binding<"wgmma", 64 x 8 x 32>} : !a, !b -> tensor<64x8xi32, #acc>
  tile.store %d, %y[%c0 +: 64, %c0 +: 8] : tensor<64x8xi32, #acc>, !tile.view<?x?xi32>
  tile.return
}

// -----

// Tensor copies came with 8.0.
// CHECK: .version 8.0
// CHECK-NEXT: .target sm_90
tile.kernel @copies(%y: !tile.view<?xf32> {tile.access = #tile.access<out>}, %f: f32)
    attributes {phase = #tile.phase<synchronised>, target = "sm_90", num_warps = 1, shared_bytes = 0} {
  %c0 = arith.constant 0 : index
  tile.store %f, %y[%c0] : f32, !tile.view<?xf32>
  tile.return
}
