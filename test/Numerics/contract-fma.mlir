// RUN: tile-opt %s --tile-contract-fma | FileCheck %s

// CHECK-LABEL: @sums
// CHECK-SAME: (%[[A:.*]]: tensor<8xf32>, %[[B:.*]]: tensor<8xf32>, %[[C:.*]]: tensor<8xf32>)
func.func @sums(%a: tensor<8xf32>, %b: tensor<8xf32>, %c: tensor<8xf32>) -> (tensor<8xf32>, tensor<8xf32>) {
  // CHECK-NEXT: %[[R:.*]] = math.fma %[[A]], %[[B]], %[[C]] {keep = 1 : i32} : tensor<8xf32>
  %p = arith.mulf %a, %b : tensor<8xf32>
  %r = arith.addf %p, %c {keep = 1 : i32} : tensor<8xf32>
  // CHECK-NEXT: %[[S:.*]] = math.fma %[[B]], %[[B]], %[[A]] : tensor<8xf32>
  %q = arith.mulf %b, %b : tensor<8xf32>
  %s = arith.addf %a, %q : tensor<8xf32>
  // CHECK-NEXT: return %[[R]], %[[S]]
  return %r, %s : tensor<8xf32>, tensor<8xf32>
}

// CHECK-LABEL: @differences
// CHECK-SAME: (%[[A:.*]]: f64, %[[B:.*]]: f64, %[[C:.*]]: f64)
func.func @differences(%a: f64, %b: f64, %c: f64) -> (f64, f64) {
  // CHECK-NEXT: %[[N:.*]] = arith.negf %[[C]] : f64
  // CHECK-NEXT: %[[R:.*]] = math.fma %[[A]], %[[B]], %[[N]] : f64
  %p = arith.mulf %a, %b : f64
  %r = arith.subf %p, %c : f64
  // CHECK-NEXT: %[[M:.*]] = arith.negf %[[A]] : f64
  // CHECK-NEXT: %[[S:.*]] = math.fma %[[M]], %[[B]], %[[C]] : f64
  %q = arith.mulf %a, %b : f64
  %s = arith.subf %c, %q : f64
  // CHECK-NEXT: return %[[R]], %[[S]]
  return %r, %s : f64, f64
}

// Of two products the left one is fused, and a chain is fused step by step.
// CHECK-LABEL: @several
// CHECK-SAME: (%[[A:.*]]: f32, %[[B:.*]]: f32, %[[C:.*]]: f32)
func.func @several(%a: f32, %b: f32, %c: f32) -> f32 {
  // CHECK-NEXT: %[[Q:.*]] = arith.mulf %[[B]], %[[C]] : f32
  // CHECK-NEXT: %[[R:.*]] = math.fma %[[A]], %[[B]], %[[Q]] : f32
  %p = arith.mulf %a, %b : f32
  %q = arith.mulf %b, %c : f32
  %r = arith.addf %p, %q : f32
  // CHECK-NEXT: %[[S:.*]] = math.fma %[[R]], %[[R]], %[[A]] : f32
  %t = arith.mulf %r, %r : f32
  %s = arith.addf %t, %a : f32
  // CHECK-NEXT: return %[[S]]
  return %s : f32
}

// A product used twice stays, also where both uses are the operands of one sum.
// CHECK-LABEL: @shared
func.func @shared(%a: f32, %b: f32) -> (f32, f32) {
  // CHECK-NOT: math.fma
  // CHECK: return
  %p = arith.mulf %a, %b : f32
  %r = arith.addf %p, %a : f32
  %q = arith.mulf %a, %a : f32
  %s = arith.addf %q, %q : f32
  %t = arith.addf %r, %p : f32
  return %s, %t : f32, f32
}

// Neither integers nor floats of 16 bits.
// CHECK-LABEL: @others
func.func @others(%a: i32, %b: f16, %c: tensor<4xbf16>) -> (i32, f16, tensor<4xbf16>) {
  // CHECK-NOT: math.fma
  // CHECK: return
  %p = arith.muli %a, %a : i32
  %q = arith.mulf %b, %b : f16
  %r = arith.mulf %c, %c : tensor<4xbf16>
  %s = arith.addi %p, %a : i32
  %t = arith.addf %q, %b : f16
  %u = arith.subf %r, %c : tensor<4xbf16>
  return %s, %t, %u : i32, f16, tensor<4xbf16>
}

// Not across a loop's edge, where a pipelined loop may have moved either.
// CHECK-LABEL: @carried
func.func @carried(%n: index, %a: f32, %b: f32) -> f32 {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %p = arith.mulf %a, %b : f32
  // CHECK: scf.for
  // CHECK-NEXT: arith.addf
  // CHECK-NEXT: arith.mulf
  // CHECK-NEXT: scf.yield
  %r:2 = scf.for %i = %c0 to %n step %c1 iter_args(%sum = %a, %product = %p) -> (f32, f32) {
    %s = arith.addf %sum, %product : f32
    %q = arith.mulf %s, %b : f32
    scf.yield %s, %q : f32, f32
  }
  return %r#0 : f32
}
