// Products: the instruction, how its operands come from shared memory, and that nothing spills.
// RUN: tile-opt %s --tile-print-ptx=lines=false -o /dev/null > %t.ptx
// RUN: FileCheck %s < %t.ptx
// RUN: FileCheck %s --check-prefix=READS < %t.ptx
// RUN: %if ptxas %{ ptxas -arch=sm_80 -v %t.ptx -o %t.cubin 2>&1 | FileCheck %s --check-prefix=ASSEMBLED %}
// ASSEMBLED-COUNT-9: 0 bytes spill stores, 0 bytes spill loads

// Two by two warps over 64 x 64 (m16n8 and m8n8), and a block of 4 x 8 for each thread.
#acc = #tile.layout<64x64, register = [[0, 1], [8, 0], [0, 16], [0, 32], [32, 0]], lane = [[0, 2], [0, 4], [1, 0], [2, 0], [4, 0]], warp = [[16, 0], [0, 8]]>
#acc64 = #tile.layout<64x64, register = [[0, 1], [0, 16], [0, 32], [16, 0], [32, 0]], lane = [[0, 2], [0, 4], [1, 0], [2, 0], [4, 0]], warp = [[8, 0], [0, 8]]>
#block = #tile.layout<64x64, register = [[0, 1], [0, 2], [1, 0], [2, 0], [0, 32]], lane = [[0, 4], [0, 8], [0, 16], [4, 0], [8, 0]], warp = [[16, 0], [32, 0]]>

// Operands with k along the rows of B: A as it is, B transposed on the way. 2 + 2 reads and 8 products for each of two steps.
// CHECK-LABEL: .entry transposed(
// CHECK-COUNT-8: ldmatrix.sync.aligned.m8n8.x4.{{(trans\.)?}}shared.b16
// CHECK-COUNT-16: mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32
// CHECK-NOT: ldmatrix
// CHECK-NOT: mma
// CHECK: ret;
tile.kernel @transposed(%c: !tile.view<?x?xf32> {tile.access = #tile.access<inout>})
    attributes {phase = #tile.phase<synchronised>, target = "sm_80", num_warps = 4, shared_bytes = 8192} {
  %c0 = arith.constant 0 : index
  %a = tile.scratch {offset = 0 : i64} : !tile.slot<64x32xbf16, #tile.swizzle<unit = 1, span = 64>>
  %b = tile.scratch {offset = 4096 : i64} : !tile.slot<32x64xbf16, #tile.swizzle<unit = 1, span = 128>>
  %x = tile.load %c[%c0 +: 64, %c0 +: 64] {binding = #tile.binding<direct, bytes = 4>} : !tile.view<?x?xf32> -> tensor<64x64xf32, #acc>
  %y = tile.dot %a, %b, %x {binding = #tile.dot_binding<"mma.sync", 16 x 8 x 16>}
    : !tile.slot<64x32xbf16, #tile.swizzle<unit = 1, span = 64>>, !tile.slot<32x64xbf16, #tile.swizzle<unit = 1, span = 128>> -> tensor<64x64xf32, #acc>
  tile.store %y, %c[%c0 +: 64, %c0 +: 64] {binding = #tile.binding<direct, bytes = 4>} : tensor<64x64xf32, #acc>, !tile.view<?x?xf32>
  tile.return
}

// k along the rows of both: nothing is transposed.
// CHECK-LABEL: .entry plain(
// CHECK-NOT: trans
// CHECK-COUNT-8: ldmatrix.sync.aligned.m8n8.x4.shared.b16
// CHECK-COUNT-16: mma.sync.aligned.m16n8k16.row.col.f32.f16.f16.f32
// CHECK-NOT: mma
// CHECK: ret;
tile.kernel @plain(%c: !tile.view<?x?xf32> {tile.access = #tile.access<inout>})
    attributes {phase = #tile.phase<synchronised>, target = "sm_80", num_warps = 4, shared_bytes = 8192} {
  %c0 = arith.constant 0 : index
  %a = tile.scratch {offset = 0 : i64} : !tile.slot<64x32xf16, #tile.swizzle<unit = 1, span = 64>>
  %b = tile.scratch {offset = 4096 : i64} : !tile.slot<32x64xf16, #tile.swizzle<unit = 0, span = 64>>
  %x = tile.load %c[%c0 +: 64, %c0 +: 64] {binding = #tile.binding<direct, bytes = 4>} : !tile.view<?x?xf32> -> tensor<64x64xf32, #acc>
  %y = tile.dot %a, %b, %x {binding = #tile.dot_binding<"mma.sync", 16 x 8 x 16>}
    : !tile.slot<64x32xf16, #tile.swizzle<unit = 1, span = 64>>, !tile.slot<32x64xf16, #tile.swizzle<unit = 0, span = 64>> -> tensor<64x64xf32, #acc>
  tile.store %y, %c[%c0 +: 64, %c0 +: 64] {binding = #tile.binding<direct, bytes = 4>} : tensor<64x64xf32, #acc>, !tile.view<?x?xf32>
  tile.return
}

// The reads of the next step stand before the products of this one.
// CHECK-LABEL: .entry overlap(
// CHECK-COUNT-8: ldmatrix.sync.aligned.m8n8.x4.shared.b16
// CHECK-COUNT-8: mma.sync
// CHECK-COUNT-4: ldmatrix.sync.aligned.m8n8.x4.shared.b16
// CHECK-COUNT-24: mma.sync
// CHECK: ret;
tile.kernel @overlap(%c: !tile.view<?x?xf32> {tile.access = #tile.access<inout>})
    attributes {phase = #tile.phase<synchronised>, target = "sm_80", num_warps = 4, shared_bytes = 16384} {
  %c0 = arith.constant 0 : index
  %a = tile.scratch {offset = 0 : i64} : !tile.slot<64x64xbf16, #tile.swizzle<unit = 1, span = 128>>
  %b = tile.scratch {offset = 8192 : i64} : !tile.slot<64x64xbf16, #tile.swizzle<unit = 0, span = 128>>
  %x = tile.load %c[%c0 +: 64, %c0 +: 64] {binding = #tile.binding<direct, bytes = 4>} : !tile.view<?x?xf32> -> tensor<64x64xf32, #acc>
  %y = tile.dot %a, %b, %x {binding = #tile.dot_binding<"mma.sync", 16 x 8 x 16>}
    : !tile.slot<64x64xbf16, #tile.swizzle<unit = 1, span = 128>>, !tile.slot<64x64xbf16, #tile.swizzle<unit = 0, span = 128>> -> tensor<64x64xf32, #acc>
  tile.store %y, %c[%c0 +: 64, %c0 +: 64] {binding = #tile.binding<direct, bytes = 4>} : tensor<64x64xf32, #acc>, !tile.view<?x?xf32>
  tile.return
}

// 32-bit operands lie for ldmatrix with k along the rows, and are rounded in registers.
// CHECK-LABEL: .entry tf32(
// CHECK: ldmatrix.sync.aligned.m8n8.x4.shared.b16
// CHECK: cvt.rna.tf32.f32
// CHECK-COUNT-32: mma.sync.aligned.m16n8k8.row.col.f32.tf32.tf32.f32
// CHECK-NOT: ld.shared
// CHECK-NOT: mma
// CHECK: ret;
tile.kernel @tf32(%c: !tile.view<?x?xf32> {tile.access = #tile.access<inout>})
    attributes {phase = #tile.phase<synchronised>, target = "sm_80", num_warps = 4, shared_bytes = 16384} {
  %c0 = arith.constant 0 : index
  %a = tile.scratch {offset = 0 : i64} : !tile.slot<64x32xf32, #tile.swizzle<unit = 1, span = 128>>
  %b = tile.scratch {offset = 8192 : i64} : !tile.slot<32x64xf32, #tile.swizzle<unit = 0, span = 128>>
  %x = tile.load %c[%c0 +: 64, %c0 +: 64] {binding = #tile.binding<direct, bytes = 4>} : !tile.view<?x?xf32> -> tensor<64x64xf32, #acc>
  %y = tile.dot %a, %b, %x {precision = #tile<precision tf32>, binding = #tile.dot_binding<"mma.sync", 16 x 8 x 8>}
    : !tile.slot<64x32xf32, #tile.swizzle<unit = 1, span = 128>>, !tile.slot<32x64xf32, #tile.swizzle<unit = 0, span = 128>> -> tensor<64x64xf32, #acc>
  tile.store %y, %c[%c0 +: 64, %c0 +: 64] {binding = #tile.binding<direct, bytes = 4>} : tensor<64x64xf32, #acc>, !tile.view<?x?xf32>
  tile.return
}

// Bytes of either sign.
// CHECK-LABEL: .entry bytes(
// CHECK-COUNT-8: ldmatrix.sync.aligned.m8n8.x4.shared.b16
// CHECK-COUNT-16: mma.sync.aligned.m16n8k32.row.col.s32.u8.s8.s32
// CHECK-NOT: mma
// CHECK: ret;
tile.kernel @bytes(%c: !tile.view<?x?xi32> {tile.access = #tile.access<inout>})
    attributes {phase = #tile.phase<synchronised>, target = "sm_80", num_warps = 4, shared_bytes = 8192} {
  %c0 = arith.constant 0 : index
  %a = tile.scratch {offset = 0 : i64} : !tile.slot<64x64xi8, #tile.swizzle<unit = 1, span = 64>>
  %b = tile.scratch {offset = 4096 : i64} : !tile.slot<64x64xi8, #tile.swizzle<unit = 0, span = 64>>
  %x = tile.load %c[%c0 +: 64, %c0 +: 64] {binding = #tile.binding<direct, bytes = 4>} : !tile.view<?x?xi32> -> tensor<64x64xi32, #acc>
  %y = tile.dot %a, %b, %x {unsigned_a, binding = #tile.dot_binding<"mma.sync", 16 x 8 x 32>}
    : !tile.slot<64x64xi8, #tile.swizzle<unit = 1, span = 64>>, !tile.slot<64x64xi8, #tile.swizzle<unit = 0, span = 64>> -> tensor<64x64xi32, #acc>
  tile.store %y, %c[%c0 +: 64, %c0 +: 64] {binding = #tile.binding<direct, bytes = 4>} : tensor<64x64xi32, #acc>, !tile.view<?x?xi32>
  tile.return
}

// Before sm_89 they are multiplied as f16, which holds them all: two products for one.
// CHECK-LABEL: .entry f8AsHalves(
// CHECK: ldmatrix.sync.aligned.m8n8.x4.shared.b16
// CHECK-COUNT-32: mma.sync.aligned.m16n8k16.row.col.f32.f16.f16.f32
// CHECK-NOT: mma
// CHECK: ret;
tile.kernel @f8AsHalves(%c: !tile.view<?x?xf32> {tile.access = #tile.access<inout>})
    attributes {phase = #tile.phase<synchronised>, target = "sm_80", num_warps = 4, shared_bytes = 8192} {
  %c0 = arith.constant 0 : index
  %a = tile.scratch {offset = 0 : i64} : !tile.slot<64x64xf8E4M3FN, #tile.swizzle<unit = 1, span = 64>>
  %b = tile.scratch {offset = 4096 : i64} : !tile.slot<64x64xf8E4M3FN, #tile.swizzle<unit = 0, span = 64>>
  %x = tile.load %c[%c0 +: 64, %c0 +: 64] {binding = #tile.binding<direct, bytes = 4>} : !tile.view<?x?xf32> -> tensor<64x64xf32, #acc>
  %y = tile.dot %a, %b, %x {binding = #tile.dot_binding<"mma.sync", 16 x 8 x 32>}
    : !tile.slot<64x64xf8E4M3FN, #tile.swizzle<unit = 1, span = 64>>, !tile.slot<64x64xf8E4M3FN, #tile.swizzle<unit = 0, span = 64>> -> tensor<64x64xf32, #acc>
  tile.store %y, %c[%c0 +: 64, %c0 +: 64] {binding = #tile.binding<direct, bytes = 4>} : tensor<64x64xf32, #acc>, !tile.view<?x?xf32>
  tile.return
}

// f64: an element to a register.
// CHECK-LABEL: .entry doubles(
// CHECK: ld.shared.b64
// CHECK-COUNT-64: mma.sync.aligned.m8n8k4.row.col.f64.f64.f64.f64
// CHECK-NOT: mma
// CHECK: ret;
tile.kernel @doubles(%c: !tile.view<?x?xf64> {tile.access = #tile.access<inout>})
    attributes {phase = #tile.phase<synchronised>, target = "sm_80", num_warps = 4, shared_bytes = 16384} {
  %c0 = arith.constant 0 : index
  %a = tile.scratch {offset = 0 : i64} : !tile.slot<64x16xf64, #tile.swizzle<unit = 1, span = 128>>
  %b = tile.scratch {offset = 8192 : i64} : !tile.slot<16x64xf64, #tile.swizzle<unit = 1, span = 128>>
  %x = tile.load %c[%c0 +: 64, %c0 +: 64] {binding = #tile.binding<direct, bytes = 8>} : !tile.view<?x?xf64> -> tensor<64x64xf64, #acc64>
  %y = tile.dot %a, %b, %x {binding = #tile.dot_binding<"mma.sync", 8 x 8 x 4>}
    : !tile.slot<64x16xf64, #tile.swizzle<unit = 1, span = 128>>, !tile.slot<16x64xf64, #tile.swizzle<unit = 1, span = 128>> -> tensor<64x64xf64, #acc64>
  tile.store %y, %c[%c0 +: 64, %c0 +: 64] {binding = #tile.binding<direct, bytes = 8>} : tensor<64x64xf64, #acc64>, !tile.view<?x?xf64>
  tile.return
}

// f32 without rounding: a product and a sum at once, in the order of k, from reads of 16 bytes.
// CHECK-LABEL: .entry exact(
// CHECK-COUNT-512: fma.rn.f32
// CHECK-NOT: fma
// READS-LABEL: .entry exact(
// READS-NOT: ld.shared.b32
// READS-COUNT-48: ld.shared.v4.b32
// READS-NOT: ld.shared
// READS: ret;
// CHECK: ret;
tile.kernel @exact(%c: !tile.view<?x?xf32> {tile.access = #tile.access<inout>})
    attributes {phase = #tile.phase<synchronised>, target = "sm_80", num_warps = 4, shared_bytes = 8192} {
  %c0 = arith.constant 0 : index
  %a = tile.scratch {offset = 0 : i64} : !tile.slot<64x16xf32, #tile.swizzle<unit = 1, span = 64>>
  %b = tile.scratch {offset = 4096 : i64} : !tile.slot<16x64xf32, #tile.swizzle<unit = 1, span = 128>>
  %x = tile.load %c[%c0 +: 64, %c0 +: 64] {binding = #tile.binding<direct, bytes = 4>} : !tile.view<?x?xf32> -> tensor<64x64xf32, #block>
  %y = tile.dot %a, %b, %x {binding = #tile.dot_binding<"fma", 1 x 1 x 1>}
    : !tile.slot<64x16xf32, #tile.swizzle<unit = 1, span = 64>>, !tile.slot<16x64xf32, #tile.swizzle<unit = 1, span = 128>> -> tensor<64x64xf32, #block>
  tile.store %y, %c[%c0 +: 64, %c0 +: 64] {binding = #tile.binding<direct, bytes = 4>} : tensor<64x64xf32, #block>, !tile.view<?x?xf32>
  tile.return
}

// A long product without matrix instructions is a loop along k.
// CHECK-LABEL: .entry long(
// CHECK: [[LOOP:\$L.*]]:
// CHECK: fma.rn.f32
// CHECK: bra [[LOOP]]
// CHECK: ret;
tile.kernel @long(%c: !tile.view<?x?xf32> {tile.access = #tile.access<inout>})
    attributes {phase = #tile.phase<synchronised>, target = "sm_80", num_warps = 4, shared_bytes = 131072} {
  %c0 = arith.constant 0 : index
  %a = tile.scratch {offset = 0 : i64} : !tile.slot<64x256xf32, #tile.swizzle<unit = 1, span = 128>>
  %b = tile.scratch {offset = 65536 : i64} : !tile.slot<256x64xf32, #tile.swizzle<unit = 1, span = 128>>
  %x = tile.load %c[%c0 +: 64, %c0 +: 64] {binding = #tile.binding<direct, bytes = 4>} : !tile.view<?x?xf32> -> tensor<64x64xf32, #block>
  %y = tile.dot %a, %b, %x {binding = #tile.dot_binding<"fma", 1 x 1 x 1>}
    : !tile.slot<64x256xf32, #tile.swizzle<unit = 1, span = 128>>, !tile.slot<256x64xf32, #tile.swizzle<unit = 1, span = 128>> -> tensor<64x64xf32, #block>
  tile.store %y, %c[%c0 +: 64, %c0 +: 64] {binding = #tile.binding<direct, bytes = 4>} : tensor<64x64xf32, #block>, !tile.view<?x?xf32>
  tile.return
}
