// Products of 8-bit floats where there is an instruction for them.
// RUN: tile-opt %s --tile-print-ptx=lines=false -o /dev/null > %t.ptx
// RUN: FileCheck %s < %t.ptx
// RUN: %if ptxas %{ ptxas -arch=sm_90 -v %t.ptx -o %t.cubin 2>&1 | FileCheck %s --check-prefix=ASSEMBLED %}
// ASSEMBLED-COUNT-1: 0 bytes spill stores, 0 bytes spill loads

#acc = #tile.layout<64x64, register = [[0, 1], [8, 0], [0, 16], [0, 32], [32, 0]], lane = [[0, 2], [0, 4], [1, 0], [2, 0], [4, 0]], warp = [[16, 0], [0, 8]]>

// 8-bit floats.
// CHECK-LABEL: .entry f8(
// CHECK-COUNT-8: ldmatrix.sync.aligned.m8n8.x4.shared.b16
// CHECK-COUNT-16: mma.sync.aligned.m16n8k32.row.col.f32.e4m3.e4m3.f32
// CHECK-NOT: mma
// CHECK: ret;
tile.kernel @f8(%c: !tile.view<?x?xf32> {tile.access = #tile.access<inout>})
    attributes {phase = #tile.phase<synchronised>, target = "sm_90", num_warps = 4, shared_bytes = 8192} {
  %c0 = arith.constant 0 : index
  %a = tile.scratch {offset = 0 : i64} : !tile.slot<64x64xf8E4M3FN, #tile.swizzle<unit = 1, span = 64>>
  %b = tile.scratch {offset = 4096 : i64} : !tile.slot<64x64xf8E4M3FN, #tile.swizzle<unit = 0, span = 64>>
  %x = tile.load %c[%c0 +: 64, %c0 +: 64] {binding = #tile.binding<direct, bytes = 4>} : !tile.view<?x?xf32> -> tensor<64x64xf32, #acc>
  %y = tile.dot %a, %b, %x {binding = #tile.dot_binding<"mma.sync", 16 x 8 x 32>}
    : !tile.slot<64x64xf8E4M3FN, #tile.swizzle<unit = 1, span = 64>>, !tile.slot<64x64xf8E4M3FN, #tile.swizzle<unit = 0, span = 64>> -> tensor<64x64xf32, #acc>
  tile.store %y, %c[%c0 +: 64, %c0 +: 64] {binding = #tile.binding<direct, bytes = 4>} : tensor<64x64xf32, #acc>, !tile.view<?x?xf32>
  tile.return
}
