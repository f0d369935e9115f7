// Where a GELU is written by erf, it is computed otherwise.
// RUN: tile-opt %s --tile-expand-math | FileCheck %s

// A GELU by erf is computed at once, whatever the order: the maximum with 0, less |x| times a power of two.
// CHECK-LABEL: tile.kernel @gelu(
tile.kernel @gelu(%v: !tile.view<?xf32> {tile.access = #tile.access<inout>}) attributes {phase = #tile.phase<tile>} {
  %i = arith.constant 0 : index
  %half = arith.constant dense<0.5> : tensor<64xf32>
  %one = arith.constant dense<1.0> : tensor<64xf32>
  %root = arith.constant dense<0.7071067811865476> : tensor<64xf32>
  // CHECK: %[[X:.*]] = tile.load
  %x = tile.load %v[%i +: 64] : !tile.view<?xf32> -> tensor<64xf32>
  // CHECK-NOT: arith.{{cmpf|select|divf}}
  // CHECK: %[[ABS:.*]] = math.absf %[[X]]
  // CHECK: arith.minnumf %[[ABS]]
  // CHECK-COUNT-14: math.fma
  // CHECK: %[[RELU:.*]] = arith.maximumf %[[X]]
  // CHECK: %[[Y:.*]] = math.fma %{{.*}}, %{{.*}}, %[[RELU]] {keep}
  // CHECK-NEXT: tile.store %[[Y]]
  %halved = arith.mulf %x, %half : tensor<64xf32>
  %scaled = arith.mulf %x, %root : tensor<64xf32>
  %erf = math.erf %scaled : tensor<64xf32>
  %sum = arith.addf %erf, %one : tensor<64xf32>
  %y = arith.mulf %sum, %halved {keep} : tensor<64xf32>
  tile.store %y, %v[%i +: 64] : tensor<64xf32>, !tile.view<?xf32>
  tile.return
}

// On a GPU the power of two is the hardware's, the polynomial shorter.
// CHECK-LABEL: tile.kernel @geluOnGpu
tile.kernel @geluOnGpu(%x: f32, %v: !tile.view<?xf32> {tile.access = #tile.access<inout>})
    attributes {phase = #tile.phase<tile>, target = "sm_90a"} {
  %i = arith.constant 0 : index
  %half = arith.constant 0.5 : f32
  %one = arith.constant 1.0 : f32
  %root = arith.constant 0.7071067811865476 : f32
  // CHECK: arith.minnumf
  // CHECK-COUNT-6: math.fma
  // CHECK-NEXT: %[[H:.*]] = math.exp2 %{{.*}} fastmath<afn> : f32
  // CHECK: math.fma %{{.*}}, %[[H]]
  // CHECK-NEXT: tile.store
  %halved = arith.mulf %half, %x : f32
  %scaled = arith.mulf %root, %x : f32
  %erf = math.erf %scaled : f32
  %sum = arith.addf %one, %erf : f32
  %y = arith.mulf %halved, %sum : f32
  tile.store %y, %v[%i] : f32, !tile.view<?xf32>
  tile.return
}

// What may be approximated takes the hardware's power of two. A GELU of another number than that which is halved is none, nor is one of f64.
// CHECK-LABEL: tile.kernel @geluFast
tile.kernel @geluFast(%x: f32, %z: f32, %d: f64, %v: !tile.view<?xf32> {tile.access = #tile.access<inout>},
                      %w: !tile.view<?xf64> {tile.access = #tile.access<inout>})
    attributes {phase = #tile.phase<tile>, target = "sm_90a"} {
  %i = arith.constant 0 : index
  %half = arith.constant 0.5 : f32
  %one = arith.constant 1.0 : f32
  %root = arith.constant 0.7071067811865476 : f32
  // CHECK: arith.minnumf
  // CHECK-COUNT-5: math.fma
  // CHECK-NEXT: %[[H:.*]] = math.exp2 %{{.*}} fastmath<afn> : f32
  // CHECK: math.fma %{{.*}}, %[[H]]
  // CHECK-NEXT: tile.store
  %halved = arith.mulf %half, %x : f32
  %scaled = arith.mulf %root, %x : f32
  %erf = math.erf %scaled fastmath<afn> : f32
  %sum = arith.addf %one, %erf : f32
  %y = arith.mulf %halved, %sum : f32
  tile.store %y, %v[%i] : f32, !tile.view<?xf32>
  // CHECK-NOT: arith.minnumf
  // CHECK: arith.select
  // CHECK-NOT: arith.minnumf
  // CHECK: tile.return
  %other = arith.mulf %half, %z : f32
  %no = arith.mulf %other, %sum : f32
  tile.store %no, %v[%i] : f32, !tile.view<?xf32>
  %half64 = arith.constant 0.5 : f64
  %one64 = arith.constant 1.0 : f64
  %root64 = arith.constant 0.7071067811865476 : f64
  %halved64 = arith.mulf %half64, %d : f64
  %scaled64 = arith.mulf %root64, %d : f64
  %erf64 = math.erf %scaled64 : f64
  %sum64 = arith.addf %one64, %erf64 : f64
  %y64 = arith.mulf %halved64, %sum64 : f64
  tile.store %y64, %w[%i] : f64, !tile.view<?xf64>
  tile.return
}
