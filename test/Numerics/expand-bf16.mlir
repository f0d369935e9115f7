// RUN: tile-opt %s --tile-expand-bf16 | FileCheck %s

// CHECK-LABEL: @casts
// CHECK-SAME: (%[[A:.*]]: tensor<8xf32>, %[[B:.*]]: bf16)
func.func @casts(%a: tensor<8xf32>, %b: bf16) -> (tensor<8xbf16>, f32) {
  // CHECK: arith.bitcast %[[A]] : tensor<8xf32> to tensor<8xi32>
  // CHECK: %[[I:.*]] = arith.trunci %{{.*}} : tensor<8xi32> to tensor<8xi16>
  // CHECK: arith.bitcast %[[I]] {keep} : tensor<8xi16> to tensor<8xbf16>
  %0 = arith.truncf %a {keep} : tensor<8xf32> to tensor<8xbf16>
  // CHECK: arith.extf %[[B]] : bf16 to f32
  %1 = arith.extf %b : bf16 to f32
  return %0, %1 : tensor<8xbf16>, f32
}

// CHECK-LABEL: @arithmetic
// CHECK-SAME: (%[[A:.*]]: bf16, %[[B:.*]]: bf16)
func.func @arithmetic(%a: bf16, %b: bf16) -> bf16 {
  // CHECK-DAG: %[[X:.*]] = arith.extf %[[A]] : bf16 to f32
  // CHECK-DAG: %[[Y:.*]] = arith.extf %[[B]] : bf16 to f32
  // CHECK: arith.mulf %[[X]], %[[Y]] : f32
  // CHECK-NOT: bf16
  // CHECK: arith.bitcast %{{.*}} : i16 to bf16
  %0 = arith.mulf %a, %b : bf16
  return %0 : bf16
}
