// Every function, type and shape; what is computed is tested in test/unit/Numerics.
// RUN: tile-opt %s --tile-expand-math | FileCheck %s
// RUN: tile-opt %s --tile-expand-math | FileCheck %s --check-prefix=GONE
// RUN: tile-opt %s --tile-numerics --cse | FileCheck %s --check-prefix=GONE

// GONE-NOT: {{math.(exp|exp2|log|log2|sin|cos|tanh|erf|rsqrt) [^?]*$}}
// GONE: tile.kernel @onGpu
// GONE: tile.return
// GONE-NOT: {{math.(exp|exp2|log|log2|sin|cos|tanh|erf|rsqrt) [^?]*$}}

// The whole of one: bounds, n = round(x log2 e), what is left, its polynomial, and 2^n in two factors.
// CHECK-LABEL: tile.kernel @exp
tile.kernel @exp(%x: f32, %v: !tile.view<?xf32> {tile.access = #tile.access<out>}) attributes {phase = #tile.phase<tile>} {
  // CHECK: %[[X:.*]] = tensor.splat
  %t = tensor.splat %x : tensor<64xf32>
  // CHECK: %[[HIGHEST:.*]] = arith.constant dense<8.900000e+01> : tensor<64xf32>
  // CHECK: arith.cmpf ogt, %[[X]], %[[HIGHEST]]
  // CHECK: arith.select
  // CHECK: arith.cmpf olt
  // CHECK: %[[C:.*]] = arith.select
  // CHECK: %[[N:.*]] = math.fma %[[C]]
  // CHECK-COUNT-8: math.fma
  // CHECK: arith.bitcast %[[N]] : tensor<64xf32> to tensor<64xi32>
  // CHECK: arith.shrsi
  // CHECK: arith.bitcast %{{.*}} : tensor<64xi32> to tensor<64xf32>
  // CHECK: arith.mulf
  // CHECK: arith.bitcast %{{.*}} : tensor<64xi32> to tensor<64xf32>
  // CHECK-NEXT: %[[Y:.*]] = arith.mulf %{{.*}} {keep} : tensor<64xf32>
  %y = math.exp %t {keep} : tensor<64xf32>
  // CHECK-NEXT: arith.constant
  %i = arith.constant 0 : index
  // CHECK-NEXT: tile.store %[[Y]]
  tile.store %y, %v[%i +: 64] : tensor<64xf32>, !tile.view<?xf32>
  tile.return
}

// What lies below a maximum is at most 0: no upper bound, and 2^n is one factor and a constant.
// CHECK-LABEL: tile.kernel @belowMaximum
tile.kernel @belowMaximum(%v: !tile.view<?x?xf32> {tile.access = #tile.access<in>}, %old: !tile.view<?xf32> {tile.access = #tile.access<in>},
                          %o: !tile.view<?x?xf32> {tile.access = #tile.access<out>}) attributes {phase = #tile.phase<tile>} {
  %i = arith.constant 0 : index
  %t = tile.load %v[%i +: 16, %i +: 16] : !tile.view<?x?xf32> -> tensor<16x16xf32>
  %m = tile.reduce max %t, 1 : tensor<16x16xf32> -> tensor<16xf32>
  %before = tile.load %old[%i +: 16] : !tile.view<?xf32> -> tensor<16xf32>
  %n = arith.maximumf %before, %m : tensor<16xf32>
  %c = tile.reshape %n : tensor<16xf32> -> tensor<16x1xf32>
  %b = tile.broadcast %c : tensor<16x1xf32> -> tensor<16x16xf32>
  %d = arith.subf %t, %b : tensor<16x16xf32>
  // CHECK-NOT: ogt
  // CHECK-NOT: shrsi
  // CHECK: arith.shli
  // CHECK: arith.mulf
  // CHECK: arith.mulf %{{.*}} {keep}
  %y = math.exp %d {keep} : tensor<16x16xf32>
  tile.store %y, %o[%i +: 16, %i +: 16] : tensor<16x16xf32>, !tile.view<?x?xf32>
  // Maxima of columns, taken off rows.
  %m0 = tile.reduce max %t, 0 : tensor<16x16xf32> -> tensor<16xf32>
  %c0 = tile.reshape %m0 : tensor<16xf32> -> tensor<16x1xf32>
  %b0 = tile.broadcast %c0 : tensor<16x1xf32> -> tensor<16x16xf32>
  %d0 = arith.subf %t, %b0 : tensor<16x16xf32>
  // CHECK: arith.cmpf ogt
  %y0 = math.exp %d0 : tensor<16x16xf32>
  tile.store %y0, %o[%i +: 16, %i +: 16] : tensor<16x16xf32>, !tile.view<?x?xf32>
  // A minimum.
  %m1 = tile.reduce min %t, 1 : tensor<16x16xf32> -> tensor<16xf32>
  %c1 = tile.reshape %m1 : tensor<16xf32> -> tensor<16x1xf32>
  %b1 = tile.broadcast %c1 : tensor<16x1xf32> -> tensor<16x16xf32>
  %d1 = arith.subf %t, %b1 : tensor<16x16xf32>
  // CHECK: arith.cmpf ogt
  %y1 = math.exp %d1 : tensor<16x16xf32>
  tile.store %y1, %o[%i +: 16, %i +: 16] : tensor<16x16xf32>, !tile.view<?x?xf32>
  // Another tile's.
  %d2 = arith.subf %y1, %b : tensor<16x16xf32>
  // CHECK: arith.cmpf ogt
  %y2 = math.exp %d2 : tensor<16x16xf32>
  tile.store %y2, %o[%i +: 16, %i +: 16] : tensor<16x16xf32>, !tile.view<?x?xf32>
  tile.return
}

// A GPU has an instruction for powers of two of f32: exp and exp2 are left to its target, and others use it.
// CHECK-LABEL: tile.kernel @onGpu
tile.kernel @onGpu(%v: !tile.view<?x?xf32> {tile.access = #tile.access<in>}, %h: !tile.view<?xbf16> {tile.access = #tile.access<inout>},
                   %o: !tile.view<?x?xf32> {tile.access = #tile.access<out>}, %d: f64, %w: !tile.view<?xf64> {tile.access = #tile.access<out>})
    attributes {phase = #tile.phase<tile>, target = "sm_80"} {
  %i = arith.constant 0 : index
  %t = tile.load %v[%i +: 16, %i +: 16] : !tile.view<?x?xf32> -> tensor<16x16xf32>
  %m = tile.reduce max %t, 1 : tensor<16x16xf32> -> tensor<16xf32>
  %c = tile.reshape %m : tensor<16xf32> -> tensor<16x1xf32>
  %b = tile.broadcast %c : tensor<16x1xf32> -> tensor<16x16xf32>
  %difference = arith.subf %t, %b : tensor<16x16xf32>
  // CHECK: %[[E:.*]] = math.exp %{{.*}} {at_most_zero, keep} : tensor<16x16xf32>
  // CHECK-NEXT: %[[F:.*]] = math.exp %[[E]] : tensor<16x16xf32>
  // CHECK-NEXT: %[[G:.*]] = math.exp2 %[[F]] : tensor<16x16xf32>
  %e = math.exp %difference {keep} : tensor<16x16xf32>
  %f = math.exp %e : tensor<16x16xf32>
  %g = math.exp2 %f : tensor<16x16xf32>
  // By 2^t and what t lost to rounding; the division is an approximate one.
  // CHECK: arith.minimumf
  // CHECK: arith.mulf
  // CHECK: %[[T:.*]] = arith.mulf
  // CHECK: %[[P:.*]] = math.exp2 %[[T]] fastmath<afn>
  // CHECK: math.fma %[[P]], %{{.*}}, %[[P]]
  // CHECK: arith.divf {{.*}} fastmath<afn>
  %tanh = math.tanh %g : tensor<16x16xf32>
  // CHECK-NOT: arith.shli
  // CHECK: math.exp2 %{{.*}} fastmath<afn>
  // CHECK-NOT: arith.divf
  %erf = math.erf %tanh : tensor<16x16xf32>
  // CHECK: tile.store
  tile.store %erf, %o[%i +: 16, %i +: 16] : tensor<16x16xf32>, !tile.view<?x?xf32>
  // CHECK: %[[WIDE:.*]] = arith.extf
  // CHECK-NEXT: %[[EXP:.*]] = math.exp %[[WIDE]] : tensor<16xf32>
  // CHECK-NEXT: arith.truncf %[[EXP]]
  %small = tile.load %h[%i +: 16] : !tile.view<?xbf16> -> tensor<16xbf16>
  %smaller = math.exp %small : tensor<16xbf16>
  tile.store %smaller, %h[%i +: 16] : tensor<16xbf16>, !tile.view<?xbf16>
  // CHECK-NOT: math.exp
  // CHECK: arith.shrsi
  %large = math.exp %d : f64
  tile.store %large, %w[%i] : f64, !tile.view<?xf64>
  // CHECK: tile.return
  tile.return
}

// CHECK-LABEL: @f32
func.func @f32(%x: f32) -> f32 {
  %0 = math.exp %x : f32
  %1 = math.exp2 %0 : f32
  %2 = math.log %1 : f32
  %3 = math.log2 %2 : f32
  %4 = math.sin %3 : f32
  %5 = math.cos %4 : f32
  %6 = math.tanh %5 : f32
  %7 = math.erf %6 : f32
  // CHECK: %[[S:.*]] = math.sqrt %[[E:.*]] : f32
  // CHECK: arith.divf %{{.*}}, %[[S]] : f32
  %8 = math.rsqrt %7 : f32
  return %8 : f32
}

// CHECK-LABEL: @f64
func.func @f64(%x: tensor<4x8xf64>) -> tensor<4x8xf64> {
  %0 = math.exp %x : tensor<4x8xf64>
  %1 = math.exp2 %0 : tensor<4x8xf64>
  %2 = math.log %1 : tensor<4x8xf64>
  %3 = math.log2 %2 : tensor<4x8xf64>
  %4 = math.sin %3 : tensor<4x8xf64>
  %5 = math.cos %4 : tensor<4x8xf64>
  %6 = math.tanh %5 : tensor<4x8xf64>
  %7 = math.erf %6 : tensor<4x8xf64>
  %8 = math.rsqrt %7 : tensor<4x8xf64>
  return %8 : tensor<4x8xf64>
}

// Small floats are computed in f32 and rounded once; the attribute goes to the op of the last step.
// CHECK-LABEL: @small
// CHECK-SAME: (%[[A:.*]]: f16, %[[B:.*]]: tensor<8xbf16>, %[[C:.*]]: vector<4xf8E5M2>)
func.func @small(%a: f16, %b: tensor<8xbf16>, %c: vector<4xf8E5M2>) -> (f16, tensor<8xbf16>, vector<4xf8E5M2>) {
  // CHECK: arith.extf %[[A]] : f16 to f32
  // CHECK: arith.truncf %{{.*}} {keep} : f32 to f16
  %0 = math.rsqrt %a {keep} : f16
  // CHECK: arith.extf %[[B]] : tensor<8xbf16> to tensor<8xf32>
  // CHECK: arith.truncf %{{.*}} : tensor<8xf32> to tensor<8xbf16>
  %1 = math.sin %b : tensor<8xbf16>
  // CHECK: arith.extf %[[C]] : vector<4xf8E5M2> to vector<4xf32>
  // CHECK: arith.truncf %{{.*}} : vector<4xf32> to vector<4xf8E5M2>
  %2 = math.tanh %c : vector<4xf8E5M2>
  return %0, %1, %2 : f16, tensor<8xbf16>, vector<4xf8E5M2>
}

// A tile's shape is static; there is no constant of any other.
// CHECK-LABEL: @dynamic
func.func @dynamic(%x: tensor<?xf32>) -> tensor<?xf32> {
  // CHECK-NEXT: math.exp
  %0 = math.exp %x : tensor<?xf32>
  return %0 : tensor<?xf32>
}

// What has nothing to do with the pass stays, foldable or not, with its attributes.
// CHECK-LABEL: @bystanders
func.func @bystanders(%x: f32) -> (f32, f32) {
  // CHECK-NEXT: %[[C:.*]] = arith.constant {keep} 1.000000e+00 : f32
  %c = arith.constant {keep} 1.0 : f32
  // CHECK-NEXT: arith.addf %[[C]], %[[C]] {keep} : f32
  %s = arith.addf %c, %c {keep} : f32
  // CHECK-NEXT: arith.mulf %{{.*}}, %[[C]] {keep} : f32
  %p = arith.mulf %s, %c {keep} : f32
  // CHECK-NEXT: math.sqrt %{{.*}} {keep} : f32
  %r = math.sqrt %x {keep} : f32
  return %p, %r : f32, f32
}
