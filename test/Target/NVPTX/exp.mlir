// Exponentials of f32 by the hardware's power of two, with what its argument lost to rounding put back.
// RUN: tile-opt %s --tile-numerics --tile-print-ptx=lines=false -o /dev/null > %t.ptx
// RUN: FileCheck %s < %t.ptx

#l = #tile.layout<32, register = [], lane = [[1], [2], [4], [8], [16]], warp = []>
#m = #tile.layout<32x8, register = [[0, 1], [0, 2], [0, 4]], lane = [[1, 0], [2, 0], [4, 0], [8, 0], [16, 0]], warp = []>
#column = #tile.layout<32x1, register = [], lane = [[1, 0], [2, 0], [4, 0], [8, 0], [16, 0]], warp = []>

// One by itself: bounds at both ends, and subnormal results are kept.
// CHECK-LABEL: .entry single
// CHECK: max.NaN.f32 [[X:%r[0-9]+]], %r{{[0-9]+}}, 0fC2D00000;
// CHECK: mul.rn.f32 [[T0:%r[0-9]+]], [[X]], 0f3FB8AA3B;
// CHECK: min.f32 [[T:%r[0-9]+]], [[T0]], 0f42FFFFFF;
// CHECK: fma.rn.f32 [[C0:%r[0-9]+]], [[T]], 0fBF317218, [[X]];
// CHECK: fma.rn.f32 [[C:%r[0-9]+]], [[T]], 0f3102E308, [[C0]];
// CHECK: ex2.approx.f32 [[P:%r[0-9]+]], [[T]];
// CHECK: fma.rn.f32 %r{{[0-9]+}}, [[P]], [[C]], [[P]];
// CHECK: ex2.approx.f32
tile.kernel @single(%a: !tile.view<?xf32> {tile.access = #tile.access<in>}, %b: !tile.view<?x?xf32> {tile.access = #tile.access<out>})
    attributes {phase = #tile.phase<synchronised>, target = "sm_80", num_warps = 1, shared_bytes = 0} {
  %c0 = arith.constant 0 : index
  %x = tile.load %a[%c0 +: 32] : !tile.view<?xf32> -> tensor<32xf32, #l>
  %0 = math.exp %x : tensor<32xf32, #l>
  %1 = math.exp2 %0 : tensor<32xf32, #l>
  tile.store %1, %b[%c0, %c0 +: 32] : tensor<32xf32, #l>, !tile.view<?x?xf32>
  tile.return
}

// A thread with several looks at all: one test where none is above 0, and nothing to clamp where they are near 0. The quotients know that.
// CHECK-LABEL: .entry softmax
// CHECK-COUNT-8: sub.rn.f32
// CHECK-COUNT-7: max.u32 [[MOST:%r[0-9]+]]
// CHECK-NEXT: setp.{{.*}}.u32 [[FAR:%p[0-9]+]], [[MOST]], -1032323072;
// CHECK-NEXT: @[[FAR]] bra [[LONG:\$L.*]];
// CHECK-NOT: {{min|max}}
// CHECK-COUNT-8: ex2.approx.ftz.f32
// CHECK-NOT: {{min|max}}
// CHECK: [[LONG]]:
// CHECK-NOT: min
// CHECK-COUNT-8: ex2.approx.f32
// CHECK-NOT: {{min|max}}.f32
// CHECK: rcp.rn.f32
tile.kernel @softmax(%a: !tile.view<?x?xf32> {tile.access = #tile.access<in>}, %b: !tile.view<?x?xf32> {tile.access = #tile.access<out>})
    attributes {phase = #tile.phase<synchronised>, target = "sm_80", num_warps = 1, shared_bytes = 0} {
  %c0 = arith.constant 0 : index
  %x = tile.load %a[%c0 +: 32, %c0 +: 8] : !tile.view<?x?xf32> -> tensor<32x8xf32, #m>
  %most = tile.reduce max %x, 1 : tensor<32x8xf32, #m> -> tensor<32xf32, #l>
  %m1 = tile.reshape %most : tensor<32xf32, #l> -> tensor<32x1xf32, #column>
  %m2 = tile.broadcast %m1 : tensor<32x1xf32, #column> -> tensor<32x8xf32, #m>
  %d = arith.subf %x, %m2 : tensor<32x8xf32, #m>
  %e = math.exp %d : tensor<32x8xf32, #m>
  %sum = tile.reduce sum %e, 1 : tensor<32x8xf32, #m> -> tensor<32xf32, #l>
  %s1 = tile.reshape %sum : tensor<32xf32, #l> -> tensor<32x1xf32, #column>
  %s2 = tile.broadcast %s1 : tensor<32x1xf32, #column> -> tensor<32x8xf32, #m>
  %q = arith.divf %e, %s2 : tensor<32x8xf32, #m>
  tile.store %q, %b[%c0 +: 32, %c0 +: 8] : tensor<32x8xf32, #m>, !tile.view<?x?xf32>
  tile.return
}

// Of either sign: the long way, without a test.
// CHECK-LABEL: .entry both
// CHECK-NOT: max.u32
// CHECK-COUNT-8: ex2.approx.f32
// CHECK-NOT: ex2
tile.kernel @both(%a: !tile.view<?x?xf32> {tile.access = #tile.access<in>}, %b: !tile.view<?x?xf32> {tile.access = #tile.access<out>})
    attributes {phase = #tile.phase<synchronised>, target = "sm_80", num_warps = 1, shared_bytes = 0} {
  %c0 = arith.constant 0 : index
  %x = tile.load %a[%c0 +: 32, %c0 +: 8] : !tile.view<?x?xf32> -> tensor<32x8xf32, #m>
  %e = math.exp %x : tensor<32x8xf32, #m>
  tile.store %e, %b[%c0 +: 32, %c0 +: 8] : tensor<32x8xf32, #m>, !tile.view<?x?xf32>
  tile.return
}
