// Products of warpgroups: every type, and operands along either axis.
// RUN: tile-opt %s --tile-print-ptx=lines=false -o /dev/null > %t.ptx
// RUN: FileCheck %s < %t.ptx
// RUN: %if ptxas %{ ptxas -arch=sm_90a -v %t.ptx -o %t.cubin 2>&1 | FileCheck %s --check-prefix=ASSEMBLED %}
// ASSEMBLED-NOT: C75
// ASSEMBLED-COUNT-6: 0 bytes spill stores, 0 bytes spill loads
// ASSEMBLED-NOT: C75

#acc = #tile.layout<64x64, register = [[0, 1], [8, 0], [0, 8], [0, 16], [0, 32]], lane = [[0, 2], [0, 4], [1, 0], [2, 0], [4, 0]], warp = [[16, 0], [32, 0]]>
#rows = #tile.layout<128x32, register = [[0, 1], [8, 0], [0, 8], [0, 16], [64, 0]], lane = [[0, 2], [0, 4], [1, 0], [2, 0], [4, 0]], warp = [[16, 0], [32, 0]]>
#halves = #tile.layout<64x64, register = [[0, 1], [8, 0], [0, 8], [0, 16]], lane = [[0, 2], [0, 4], [1, 0], [2, 0], [4, 0]], warp = [[16, 0], [32, 0], [0, 32]]>

// Both operands along m and n: rows are steps of k, 16 of which are 2048 bytes. A product that isn't async ends with its wait.
// CHECK-LABEL: .entry f16(
// CHECK: add.s64 %a, {{.*}}, 0;
// CHECK: wgmma.mma_async.sync.aligned.m64n64k16.f32.f16.f16 {{.*}}, %a, %b, %adds, 1, 1, 1, 1;
// CHECK: add.s64 %a, {{.*}}, 128;
// CHECK-NEXT: add.s64 %b, {{.*}}, 128;
// CHECK: wgmma.commit_group.sync.aligned;
// CHECK-NEXT: wgmma.wait_group.sync.aligned 0;
// CHECK: ret;
tile.kernel @f16(%c: !tile.view<?x?xf32> {tile.access = #tile.access<inout>})
    attributes {phase = #tile.phase<synchronised>, target = "sm_90a", num_warps = 4, shared_bytes = 16384} {
  %c0 = arith.constant 0 : index
  %a = tile.scratch {offset = 0 : i64} : !tile.slot<64x32xf16, #tile.swizzle<unit = 0, span = 128>>
  %b = tile.scratch {offset = 8192 : i64} : !tile.slot<32x64xf16, #tile.swizzle<unit = 1, span = 128>>
  %x = tile.load %c[%c0 +: 64, %c0 +: 64] {binding = #tile.binding<direct, bytes = 4>} : !tile.view<?x?xf32> -> tensor<64x64xf32, #acc>
  %y = tile.dot %a, %b, %x {binding = #tile.dot_binding<"wgmma", 64 x 64 x 16>} : !tile.slot<64x32xf16, #tile.swizzle<unit = 0, span = 128>>, !tile.slot<32x64xf16, #tile.swizzle<unit = 1, span = 128>> -> tensor<64x64xf32, #acc>
  tile.store %y, %c[%c0 +: 64, %c0 +: 64] {binding = #tile.binding<direct, bytes = 4>} : tensor<64x64xf32, #acc>, !tile.view<?x?xf32>
  tile.return
}

// CHECK-LABEL: .entry tf32(
// CHECK-COUNT-4: wgmma.mma_async.sync.aligned.m64n64k8.f32.tf32.tf32 {{.*}}, %a, %b, %adds, 1, 1;
// CHECK: ret;
tile.kernel @tf32(%c: !tile.view<?x?xf32> {tile.access = #tile.access<inout>})
    attributes {phase = #tile.phase<synchronised>, target = "sm_90a", num_warps = 4, shared_bytes = 16384} {
  %c0 = arith.constant 0 : index
  %a = tile.scratch {offset = 0 : i64} : !tile.slot<64x32xf32, #tile.swizzle<unit = 1, span = 128>>
  %b = tile.scratch {offset = 8192 : i64} : !tile.slot<32x64xf32, #tile.swizzle<unit = 0, span = 128>>
  %x = tile.load %c[%c0 +: 64, %c0 +: 64] {binding = #tile.binding<direct, bytes = 4>} : !tile.view<?x?xf32> -> tensor<64x64xf32, #acc>
  %y = tile.dot %a, %b, %x {precision = #tile<precision tf32>, binding = #tile.dot_binding<"wgmma", 64 x 64 x 8>} : !tile.slot<64x32xf32, #tile.swizzle<unit = 1, span = 128>>, !tile.slot<32x64xf32, #tile.swizzle<unit = 0, span = 128>> -> tensor<64x64xf32, #acc>
  tile.store %y, %c[%c0 +: 64, %c0 +: 64] {binding = #tile.binding<direct, bytes = 4>} : tensor<64x64xf32, #acc>, !tile.view<?x?xf32>
  tile.return
}

// CHECK-LABEL: .entry f8(
// CHECK-COUNT-2: wgmma.mma_async.sync.aligned.m64n64k32.f32.e4m3.e4m3 {{.*}}, %a, %b, %adds, 1, 1;
// CHECK: ret;
tile.kernel @f8(%c: !tile.view<?x?xf32> {tile.access = #tile.access<inout>})
    attributes {phase = #tile.phase<synchronised>, target = "sm_90a", num_warps = 4, shared_bytes = 16384} {
  %c0 = arith.constant 0 : index
  %a = tile.scratch {offset = 0 : i64} : !tile.slot<64x64xf8E4M3FN, #tile.swizzle<unit = 1, span = 64>>
  %b = tile.scratch {offset = 8192 : i64} : !tile.slot<64x64xf8E4M3FN, #tile.swizzle<unit = 0, span = 64>>
  %x = tile.load %c[%c0 +: 64, %c0 +: 64] {binding = #tile.binding<direct, bytes = 4>} : !tile.view<?x?xf32> -> tensor<64x64xf32, #acc>
  %y = tile.dot %a, %b, %x {binding = #tile.dot_binding<"wgmma", 64 x 64 x 32>} : !tile.slot<64x64xf8E4M3FN, #tile.swizzle<unit = 1, span = 64>>, !tile.slot<64x64xf8E4M3FN, #tile.swizzle<unit = 0, span = 64>> -> tensor<64x64xf32, #acc>
  tile.store %y, %c[%c0 +: 64, %c0 +: 64] {binding = #tile.binding<direct, bytes = 4>} : tensor<64x64xf32, #acc>, !tile.view<?x?xf32>
  tile.return
}

// CHECK-LABEL: .entry i8(
// CHECK: wgmma.mma_async.sync.aligned.m64n64k32.s32.u8.u8 {{.*}}, %a, %b, %adds;
// CHECK: ret;
tile.kernel @i8(%c: !tile.view<?x?xi32> {tile.access = #tile.access<inout>})
    attributes {phase = #tile.phase<synchronised>, target = "sm_90a", num_warps = 4, shared_bytes = 16384} {
  %c0 = arith.constant 0 : index
  %a = tile.scratch {offset = 0 : i64} : !tile.slot<64x32xi8, #tile.swizzle<unit = 1, span = 32>>
  %b = tile.scratch {offset = 8192 : i64} : !tile.slot<32x64xi8, #tile.swizzle<unit = 0, span = 32>>
  %x = tile.load %c[%c0 +: 64, %c0 +: 64] {binding = #tile.binding<direct, bytes = 4>} : !tile.view<?x?xi32> -> tensor<64x64xi32, #acc>
  %y = tile.dot %a, %b, %x {unsigned_a, unsigned_b, binding = #tile.dot_binding<"wgmma", 64 x 64 x 32>} : !tile.slot<64x32xi8, #tile.swizzle<unit = 1, span = 32>>, !tile.slot<32x64xi8, #tile.swizzle<unit = 0, span = 32>> -> tensor<64x64xi32, #acc>
  tile.store %y, %c[%c0 +: 64, %c0 +: 64] {binding = #tile.binding<direct, bytes = 4>} : tensor<64x64xi32, #acc>, !tile.view<?x?xi32>
  tile.return
}

// Two blocks of 64 rows in one warpgroup: the second is 4096 bytes on, and the same columns.
// CHECK-LABEL: .entry rows(
// CHECK: add.s64 %a, {{.*}}, 0;
// CHECK: wgmma.mma_async.sync.aligned.m64n32k16.f32.bf16.bf16
// CHECK: add.s64 %a, {{.*}}, 256;
// CHECK-NEXT: add.s64 %b, {{.*}}, 0;
// CHECK: add.s64 %a, {{.*}}, 2;
// CHECK-NEXT: add.s64 %b, {{.*}}, 2;
// CHECK: add.s64 %a, {{.*}}, 258;
// CHECK: ret;
tile.kernel @rows(%c: !tile.view<?x?xf32> {tile.access = #tile.access<inout>})
    attributes {phase = #tile.phase<synchronised>, target = "sm_90a", num_warps = 4, shared_bytes = 16384} {
  %c0 = arith.constant 0 : index
  %a = tile.scratch {offset = 0 : i64} : !tile.slot<128x32xbf16, #tile.swizzle<unit = 1, span = 64>>
  %b = tile.scratch {offset = 8192 : i64} : !tile.slot<32x32xbf16, #tile.swizzle<unit = 0, span = 64>>
  %x = tile.load %c[%c0 +: 128, %c0 +: 32] {binding = #tile.binding<direct, bytes = 4>} : !tile.view<?x?xf32> -> tensor<128x32xf32, #rows>
  %y = tile.dot %a, %b, %x {binding = #tile.dot_binding<"wgmma", 64 x 32 x 16>} : !tile.slot<128x32xbf16, #tile.swizzle<unit = 1, span = 64>>, !tile.slot<32x32xbf16, #tile.swizzle<unit = 0, span = 64>> -> tensor<128x32xf32, #rows>
  tile.store %y, %c[%c0 +: 128, %c0 +: 32] {binding = #tile.binding<direct, bytes = 4>} : tensor<128x32xf32, #rows>, !tile.view<?x?xf32>
  tile.return
}

// Warpgroups side by side: the second begins 32 rows of 64 bytes on in B.
// CHECK-LABEL: .entry halves(
// CHECK: shr.u32 [[GROUP:%r[0-9]+]], {{.*}}, 7;
// CHECK: shl.b32 [[MOVED:%r[0-9]+]], [[GROUP]], 11;
// CHECK: shfl.sync.idx.b32 {{.*}}, [[MOVED]], 0, 31, -1;
// CHECK-COUNT-2: wgmma.mma_async.sync.aligned.m64n32k16.f32.bf16.bf16
// CHECK: ret;
tile.kernel @halves(%c: !tile.view<?x?xf32> {tile.access = #tile.access<inout>})
    attributes {phase = #tile.phase<synchronised>, target = "sm_90a", num_warps = 8, shared_bytes = 16384} {
  %c0 = arith.constant 0 : index
  %a = tile.scratch {offset = 0 : i64} : !tile.slot<64x32xbf16, #tile.swizzle<unit = 1, span = 64>>
  %b = tile.scratch {offset = 8192 : i64} : !tile.slot<32x64xbf16, #tile.swizzle<unit = 0, span = 64>>
  %x = tile.load %c[%c0 +: 64, %c0 +: 64] {binding = #tile.binding<direct, bytes = 4>} : !tile.view<?x?xf32> -> tensor<64x64xf32, #halves>
  %y = tile.dot %a, %b, %x {binding = #tile.dot_binding<"wgmma", 64 x 64 x 16>} : !tile.slot<64x32xbf16, #tile.swizzle<unit = 1, span = 64>>, !tile.slot<32x64xbf16, #tile.swizzle<unit = 0, span = 64>> -> tensor<64x64xf32, #halves>
  tile.store %y, %c[%c0 +: 64, %c0 +: 64] {binding = #tile.binding<direct, bytes = 4>} : tensor<64x64xf32, #halves>, !tile.view<?x?xf32>
  tile.return
}
