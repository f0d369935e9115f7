// What may be approximated is the hardware's instruction; f64 is expanded all the same.
// RUN: tile-opt %s --tile-numerics --tile-print-ptx=lines=false -o /dev/null > %t.ptx
// RUN: FileCheck %s < %t.ptx

#l = #tile.layout<32, register = [], lane = [[1], [2], [4], [8], [16]], warp = []>

// CHECK-LABEL: .entry fast
// CHECK-DAG: ex2.approx.ftz.f32
// CHECK-DAG: lg2.approx.f32
// CHECK-DAG: sin.approx.f32
// CHECK-DAG: cos.approx.f32
// CHECK-DAG: tanh.approx.f32
// CHECK-DAG: sqrt.approx.f32
// CHECK-DAG: rsqrt.approx.f32
// CHECK-DAG: div.approx.f32
// CHECK-NOT: approx
// CHECK: ret;
tile.kernel @fast(%a: !tile.view<?xf32> {tile.access = #tile.access<in>}, %b: !tile.view<?x?xf32> {tile.access = #tile.access<out>})
    attributes {phase = #tile.phase<synchronised>, target = "sm_80", num_warps = 1, shared_bytes = 0} {
  %c0 = arith.constant 0 : index
  %x = tile.load %a[%c0 +: 32] : !tile.view<?xf32> -> tensor<32xf32, #l>
  %0 = math.exp2 %x fastmath<afn> : tensor<32xf32, #l>
  %1 = math.log2 %0 fastmath<afn> : tensor<32xf32, #l>
  %2 = math.sin %1 fastmath<afn> : tensor<32xf32, #l>
  %3 = math.cos %2 fastmath<afn> : tensor<32xf32, #l>
  %4 = math.tanh %3 fastmath<afn> : tensor<32xf32, #l>
  %5 = math.sqrt %4 fastmath<afn> : tensor<32xf32, #l>
  %6 = math.rsqrt %5 fastmath<afn> : tensor<32xf32, #l>
  %7 = arith.divf %6, %0 fastmath<afn> : tensor<32xf32, #l>
  tile.store %7, %b[%c0, %c0 +: 32] : tensor<32xf32, #l>, !tile.view<?x?xf32>
  tile.return
}

// CHECK-LABEL: .entry based
// CHECK: mul.rn.f32 [[X:%r[0-9]+]], %r{{[0-9]+}}, 0f3FB8AA3B;
// CHECK: ex2.approx.ftz.f32 %r{{[0-9]+}}, [[X]];
// CHECK: lg2.approx.f32
// CHECK: mul.rn.f32 %r{{[0-9]+}}, %r{{[0-9]+}}, 0f3F317218;
tile.kernel @based(%a: !tile.view<?xf32> {tile.access = #tile.access<in>}, %b: !tile.view<?x?xf32> {tile.access = #tile.access<out>})
    attributes {phase = #tile.phase<synchronised>, target = "sm_80", num_warps = 1, shared_bytes = 0} {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %x = tile.load %a[%c0 +: 32] : !tile.view<?xf32> -> tensor<32xf32, #l>
  %0 = math.exp %x fastmath<afn> : tensor<32xf32, #l>
  tile.store %0, %b[%c0, %c0 +: 32] : tensor<32xf32, #l>, !tile.view<?x?xf32>
  %1 = math.log %x fastmath<afn> : tensor<32xf32, #l>
  tile.store %1, %b[%c1, %c0 +: 32] : tensor<32xf32, #l>, !tile.view<?x?xf32>
  tile.return
}

// CHECK-LABEL: .entry exact
// CHECK-NOT: approx
// CHECK: ret;
tile.kernel @exact(%a: !tile.view<?xf32> {tile.access = #tile.access<in>}, %b: !tile.view<?xf64> {tile.access = #tile.access<out>})
    attributes {phase = #tile.phase<synchronised>, target = "sm_80", num_warps = 1, shared_bytes = 0} {
  %c0 = arith.constant 0 : index
  %x = tile.load %a[%c0 +: 32] : !tile.view<?xf32> -> tensor<32xf32, #l>
  %0 = math.sin %x : tensor<32xf32, #l>
  %1 = math.log %0 : tensor<32xf32, #l>
  %2 = arith.extf %1 : tensor<32xf32, #l> to tensor<32xf64, #l>
  %3 = math.log %2 fastmath<afn> : tensor<32xf64, #l>
  tile.store %3, %b[%c0 +: 32] : tensor<32xf64, #l>, !tile.view<?xf64>
  tile.return
}
