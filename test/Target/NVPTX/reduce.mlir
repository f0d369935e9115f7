// Folds: registers first, then lanes by distances that double, or by the instruction that folds a warp.
// RUN: tile-opt %s --tile-print-ptx=lines=false -o /dev/null > %t.ptx
// RUN: FileCheck %s < %t.ptx
// RUN: %if ptxas %{ ptxas -arch=sm_80 -v %t.ptx -o %t.cubin 2>&1 | FileCheck %s --check-prefix=ASSEMBLED %}
// ASSEMBLED-COUNT-9: 0 bytes spill stores, 0 bytes spill loads

#rows = #tile.layout<32x8, register = [[0, 1], [0, 2]], lane = [[0, 4], [1, 0], [2, 0], [4, 0], [8, 0]], warp = [[16, 0]]>
#row = #tile.layout<32, register = [], lane = [[0], [1], [2], [4], [8]], warp = [[16]]>
#line = #tile.layout<64, register = [[1]], lane = [[2], [4], [8], [16], [32]], warp = []>

// Four registers of a row in a tree, then the neighbouring lane.
// CHECK-LABEL: .entry sum(
// CHECK-COUNT-3: add.rn.f32
// CHECK: shfl.sync.bfly.b32 {{.*}}, 1, 31, -1;
// CHECK: add.rn.f32
// CHECK-NOT: shfl
// CHECK: ret;
tile.kernel @sum(%v: !tile.view<?x?xf32> {tile.access = #tile.access<in>}, %w: !tile.view<?xf32> {tile.access = #tile.access<out>})
    attributes {phase = #tile.phase<synchronised>, target = "sm_80", num_warps = 2, shared_bytes = 0} {
  %c0 = arith.constant 0 : index
  %x = tile.load %v[%c0 +: 32, %c0 +: 8] {binding = #tile.binding<direct, bytes = 4>} : !tile.view<?x?xf32> -> tensor<32x8xf32, #rows>
  %y = tile.reduce sum %x, 1 : tensor<32x8xf32, #rows> -> tensor<32xf32, #row>
  tile.store %y, %w[%c0 +: 32] {binding = #tile.binding<direct, bytes = 4>} : tensor<32xf32, #row>, !tile.view<?xf32>
  tile.return
}

// Halves are summed in f32 and rounded once.
// CHECK-LABEL: .entry halves(
// CHECK-COUNT-3: add.rn.f32
// CHECK: shfl.sync.bfly.b32
// CHECK: add.rn.f32
// CHECK: cvt.rn.bf16.f32
// CHECK: ret;
tile.kernel @halves(%v: !tile.view<?x?xbf16> {tile.access = #tile.access<in>}, %w: !tile.view<?xbf16> {tile.access = #tile.access<out>})
    attributes {phase = #tile.phase<synchronised>, target = "sm_80", num_warps = 2, shared_bytes = 0} {
  %c0 = arith.constant 0 : index
  %x = tile.load %v[%c0 +: 32, %c0 +: 8] {binding = #tile.binding<direct, bytes = 2>} : !tile.view<?x?xbf16> -> tensor<32x8xbf16, #rows>
  %y = tile.reduce sum %x, 1 : tensor<32x8xbf16, #rows> -> tensor<32xbf16, #row>
  tile.store %y, %w[%c0 +: 32] {binding = #tile.binding<direct, bytes = 2>} : tensor<32xbf16, #row>, !tile.view<?xbf16>
  tile.return
}

// NaN propagates.
// CHECK-LABEL: .entry max(
// CHECK-COUNT-3: max.NaN.f32
// CHECK: shfl.sync.bfly.b32
// CHECK: max.NaN.f32
// CHECK: ret;
tile.kernel @max(%v: !tile.view<?x?xf32> {tile.access = #tile.access<in>}, %w: !tile.view<?xf32> {tile.access = #tile.access<out>})
    attributes {phase = #tile.phase<synchronised>, target = "sm_80", num_warps = 2, shared_bytes = 0} {
  %c0 = arith.constant 0 : index
  %x = tile.load %v[%c0 +: 32, %c0 +: 8] {binding = #tile.binding<direct, bytes = 4>} : !tile.view<?x?xf32> -> tensor<32x8xf32, #rows>
  %y = tile.reduce max %x, 1 : tensor<32x8xf32, #rows> -> tensor<32xf32, #row>
  tile.store %y, %w[%c0 +: 32] {binding = #tile.binding<direct, bytes = 4>} : tensor<32xf32, #row>, !tile.view<?xf32>
  tile.return
}

// A value and its index travel together.
// CHECK-LABEL: .entry argmin(
// CHECK-COUNT-2: shfl.sync.bfly.b32
// CHECK-NOT: shfl
// CHECK: ret;
tile.kernel @argmin(%v: !tile.view<?x?xf32> {tile.access = #tile.access<in>}, %w: !tile.view<?xi64> {tile.access = #tile.access<out>})
    attributes {phase = #tile.phase<synchronised>, target = "sm_80", num_warps = 2, shared_bytes = 0} {
  %c0 = arith.constant 0 : index
  %x = tile.load %v[%c0 +: 32, %c0 +: 8] {binding = #tile.binding<direct, bytes = 4>} : !tile.view<?x?xf32> -> tensor<32x8xf32, #rows>
  %y = tile.reduce argmin %x, 1 : tensor<32x8xf32, #rows> -> tensor<32xindex, #row>
  %z = arith.index_cast %y : tensor<32xindex, #row> to tensor<32xi64, #row>
  tile.store %z, %w[%c0 +: 32] {binding = #tile.binding<direct, bytes = 8>} : tensor<32xi64, #row>, !tile.view<?xi64>
  tile.return
}

// 64 bits in two shuffles.
// CHECK-LABEL: .entry wide(
// CHECK-COUNT-2: shfl.sync.bfly.b32
// CHECK-NOT: shfl
// CHECK: add.rn.f64
// CHECK: ret;
tile.kernel @wide(%v: !tile.view<?x?xf64> {tile.access = #tile.access<in>}, %w: !tile.view<?xf64> {tile.access = #tile.access<out>})
    attributes {phase = #tile.phase<synchronised>, target = "sm_80", num_warps = 2, shared_bytes = 0} {
  %c0 = arith.constant 0 : index
  %x = tile.load %v[%c0 +: 32, %c0 +: 8] {binding = #tile.binding<direct, bytes = 8>} : !tile.view<?x?xf64> -> tensor<32x8xf64, #rows>
  %y = tile.reduce sum %x, 1 : tensor<32x8xf64, #rows> -> tensor<32xf64, #row>
  tile.store %y, %w[%c0 +: 32] {binding = #tile.binding<direct, bytes = 8>} : tensor<32xf64, #row>, !tile.view<?xf64>
  tile.return
}

// Integers over a whole warp by one instruction.
// CHECK-LABEL: .entry integers(
// CHECK: redux.sync.add.s32
// CHECK-NOT: shfl
// CHECK: ret;
tile.kernel @integers(%v: !tile.view<?xi32> {tile.access = #tile.access<in>}, %w: !tile.view<?xi32> {tile.access = #tile.access<out>})
    attributes {phase = #tile.phase<synchronised>, target = "sm_80", num_warps = 1, shared_bytes = 0} {
  %c0 = arith.constant 0 : index
  %x = tile.load %v[%c0 +: 64] {binding = #tile.binding<direct, bytes = 4>} : !tile.view<?xi32> -> tensor<64xi32, #line>
  %y = tile.reduce sum %x, 0 : tensor<64xi32, #line> -> i32
  tile.store %y, %w[%c0] {binding = #tile.binding<scalar, bytes = 4>} : i32, !tile.view<?xi32>
  tile.return
}

// Narrower ones too.
// CHECK-LABEL: .entry bytes(
// CHECK: redux.sync.max.u32
// CHECK-NOT: shfl
// CHECK: ret;
tile.kernel @bytes(%v: !tile.view<?xi8> {tile.access = #tile.access<in>}, %w: !tile.view<?xi8> {tile.access = #tile.access<out>})
    attributes {phase = #tile.phase<synchronised>, target = "sm_80", num_warps = 1, shared_bytes = 0} {
  %c0 = arith.constant 0 : index
  %x = tile.load %v[%c0 +: 64] {binding = #tile.binding<direct, bytes = 1>} : !tile.view<?xi8> -> tensor<64xi8, #line>
  %y = tile.reduce umax %x, 0 : tensor<64xi8, #line> -> i8
  tile.store %y, %w[%c0] {binding = #tile.binding<scalar, bytes = 1>} : i8, !tile.view<?xi8>
  tile.return
}

// Bools by a vote.
// CHECK-LABEL: .entry any(
// CHECK: vote.sync.any.pred
// CHECK-NOT: shfl
// CHECK: ret;
tile.kernel @any(%v: !tile.view<?xi1> {tile.access = #tile.access<in>}, %w: !tile.view<?xi1> {tile.access = #tile.access<out>})
    attributes {phase = #tile.phase<synchronised>, target = "sm_80", num_warps = 1, shared_bytes = 0} {
  %c0 = arith.constant 0 : index
  %x = tile.load %v[%c0 +: 64] {binding = #tile.binding<direct, bytes = 1>} : !tile.view<?xi1> -> tensor<64xi1, #line>
  %y = tile.reduce any %x, 0 : tensor<64xi1, #line> -> i1
  tile.store %y, %w[%c0] {binding = #tile.binding<scalar, bytes = 1>} : i1, !tile.view<?xi1>
  tile.return
}

// Floats by distances that double.
// CHECK-LABEL: .entry floats(
// CHECK: shfl.sync.bfly.b32 {{.*}}, 1, 31, -1;
// CHECK: shfl.sync.bfly.b32 {{.*}}, 2, 31, -1;
// CHECK: shfl.sync.bfly.b32 {{.*}}, 4, 31, -1;
// CHECK: shfl.sync.bfly.b32 {{.*}}, 8, 31, -1;
// CHECK: shfl.sync.bfly.b32 {{.*}}, 16, 31, -1;
// CHECK-NOT: shfl
// CHECK: ret;
tile.kernel @floats(%v: !tile.view<?xf32> {tile.access = #tile.access<in>}, %w: !tile.view<?xf32> {tile.access = #tile.access<out>})
    attributes {phase = #tile.phase<synchronised>, target = "sm_80", num_warps = 1, shared_bytes = 0} {
  %c0 = arith.constant 0 : index
  %x = tile.load %v[%c0 +: 64] {binding = #tile.binding<direct, bytes = 4>} : !tile.view<?xf32> -> tensor<64xf32, #line>
  %y = tile.reduce min %x, 0 : tensor<64xf32, #line> -> f32
  tile.store %y, %w[%c0] {binding = #tile.binding<scalar, bytes = 4>} : f32, !tile.view<?xf32>
  tile.return
}
