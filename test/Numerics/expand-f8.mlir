// What the casts compute is tested in test/unit/Numerics.
// RUN: tile-opt %s --tile-expand-f8 | FileCheck %s
// RUN: tile-opt %s --tile-expand-f8 | FileCheck %s --check-prefix=GONE

// GONE-NOT: {{(extf|addf|cmpf|tofp) .*}}f8E
// GONE-NOT: {{truncf %[a-z0-9]+ : .*}}f8E

// CHECK-LABEL: @widen
// CHECK-SAME: (%[[A:.*]]: tensor<8xf8E4M3FN>, %[[B:.*]]: f8E5M2)
func.func @widen(%a: tensor<8xf8E4M3FN>, %b: f8E5M2) -> (tensor<8xbf16>, f64) {
  // CHECK: %[[I:.*]] = arith.bitcast %[[A]] : tensor<8xf8E4M3FN> to tensor<8xi8>
  // CHECK: arith.extui %[[I]] : tensor<8xi8> to tensor<8xi32>
  // CHECK: arith.truncf %{{.*}} {keep} : tensor<8xf32> to tensor<8xbf16>
  %0 = arith.extf %a {keep} : tensor<8xf8E4M3FN> to tensor<8xbf16>
  // An E5M2 is the upper half of an f16.
  // CHECK: %[[J:.*]] = arith.bitcast %[[B]] : f8E5M2 to i8
  // CHECK: %[[K:.*]] = arith.extui %[[J]] : i8 to i16
  // CHECK: %[[L:.*]] = arith.shli %[[K]], %c8_i16 : i16
  // CHECK: %[[M:.*]] = arith.bitcast %[[L]] : i16 to f16
  // CHECK: arith.extf %[[M]] : f16 to f64
  %1 = arith.extf %b : f8E5M2 to f64
  return %0, %1 : tensor<8xbf16>, f64
}

// CHECK-LABEL: @narrow
// CHECK-SAME: (%[[A:.*]]: vector<8xf32>, %[[B:.*]]: f64)
func.func @narrow(%a: vector<8xf32>, %b: f64) -> (vector<8xf8E4M3FN>, f8E5M2) {
  // CHECK: arith.bitcast %[[A]] : vector<8xf32> to vector<8xi32>
  // CHECK: %[[I:.*]] = arith.trunci %{{.*}} : vector<8xi32> to vector<8xi8>
  // CHECK: arith.bitcast %[[I]] {keep} : vector<8xi8> to vector<8xf8E4M3FN>
  %0 = arith.truncf %a {keep} : vector<8xf32> to vector<8xf8E4M3FN>
  // CHECK: %[[S:.*]] = arith.truncf %[[B]] : f64 to f32
  // CHECK: arith.extf %[[S]] : f32 to f64
  // CHECK: arith.bitcast %{{.*}} : i8 to f8E5M2
  %1 = arith.truncf %b : f64 to f8E5M2
  return %0, %1 : vector<8xf8E4M3FN>, f8E5M2
}

// Other arithmetic is done in f32; an operand used twice is widened once.
// CHECK-LABEL: @arithmetic
func.func @arithmetic(%a: f8E4M3FN, %b: f8E4M3FN, %i: i64) -> (f8E4M3FN, i1, f8E4M3FN) {
  // CHECK-COUNT-1: arith.bitcast %arg0 : f8E4M3FN to i8
  // CHECK: arith.addf %[[X:.*]], %[[X]] : f32
  %0 = arith.addf %a, %a : f8E4M3FN
  // CHECK: arith.cmpf olt, %{{.*}}, %{{.*}} {keep} : f32
  %1 = arith.cmpf olt, %a, %b {keep} : f8E4M3FN
  // CHECK: arith.sitofp %arg2 : i64 to f32
  %2 = arith.sitofp %i : i64 to f8E4M3FN
  return %0, %1, %2 : f8E4M3FN, i1, f8E4M3FN
}

// Moving the bits needs no arithmetic, and a rounding that the pass doesn't do is not done otherwise.
// CHECK-LABEL: @others
func.func @others(%p: i1, %a: f8E5M2, %x: f32) -> (f8E5M2, f8E5M2) {
  // CHECK-NEXT: arith.constant {keep} 1.000000e+00 : f8E5M2
  %c = arith.constant {keep} 1.0 : f8E5M2
  // CHECK-NEXT: arith.select %{{.*}} : f8E5M2
  %0 = arith.select %p, %a, %c : f8E5M2
  // CHECK-NEXT: arith.truncf %{{.*}} toward_zero : f32 to f8E5M2
  %1 = arith.truncf %x toward_zero : f32 to f8E5M2
  return %0, %1 : f8E5M2, f8E5M2
}
