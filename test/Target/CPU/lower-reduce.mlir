// A fold's order: four accumulators of a vector each, combined pairwise, then the lanes by halves.
// RUN: tile-opt %s --split-input-file --tile-cpu-lower-kernel=vector-bits=128 --canonicalize --cse | FileCheck %s

// CHECK-LABEL: func.func @tile_entry
tile.kernel @along(%a: !tile.view<?xf32> {tile.access = #tile.access<inout>, tile.facts = #tile.facts<unit_axis = 0>})
    attributes {phase = #tile.phase<pipelined>, target = "cpu"} {
  %c0 = arith.constant 0 : index
  %x = tile.load %a[%c0 +: 64] : !tile.view<?xf32> -> tensor<64xf32>
  // A sum begins with -0.0.
  // CHECK: %[[START:.*]] = arith.constant dense<-0.000000e+00> : vector<4xf32>
  // CHECK: %[[S:.*]]:4 = scf.for {{.*}} to %c64 step %c16 iter_args(%{{.*}} = %[[START]]
  // CHECK: %[[A:.*]] = arith.addf %[[S]]#0, %[[S]]#2
  // CHECK: %[[B:.*]] = arith.addf %[[S]]#1, %[[S]]#3
  // CHECK: %[[C:.*]] = arith.addf %[[A]], %[[B]]
  // CHECK: vector.shuffle %[[C]], %[[C]] [0, 1]
  // CHECK: vector.shuffle %[[C]], %[[C]] [2, 3]
  // CHECK: arith.addf {{.*}} : vector<2xf32>
  // CHECK: vector.shuffle {{.*}} [0]
  // CHECK: vector.shuffle {{.*}} [1]
  // CHECK: arith.addf {{.*}} : vector<1xf32>
  %s = tile.reduce sum %x, 0 : tensor<64xf32> -> f32
  tile.store %s, %a[%c0] : f32, !tile.view<?xf32>
  tile.return
}

// -----

// Along another axis than the last, each lane folds a column of its own.
// CHECK-LABEL: func.func @tile_entry
tile.kernel @across(%a: !tile.view<?x?xf16> {tile.access = #tile.access<in>, tile.facts = #tile.facts<unit_axis = 1>},
                    %b: !tile.view<?xf16> {tile.access = #tile.access<out>, tile.facts = #tile.facts<unit_axis = 0>})
    attributes {phase = #tile.phase<pipelined>, target = "cpu"} {
  %c0 = arith.constant 0 : index
  %x = tile.load %a[%c0 +: 4, %c0 +: 8] : !tile.view<?x?xf16> -> tensor<4x8xf16>
  // CHECK: scf.for
  // CHECK-NOT: scf.for
  // CHECK-NOT: shuffle
  // CHECK: arith.extf %{{.*}} : vector<8xf16> to vector<8xf32>
  // CHECK: arith.addf {{.*}} : vector<8xf32>
  // CHECK: arith.truncf {{.*}} : vector<8xf32> to vector<8xf16>
  %s = tile.reduce sum %x, 0 : tensor<4x8xf16> -> tensor<8xf16>
  tile.store %s, %b[%c0 +: 8] : tensor<8xf16>, !tile.view<?xf16>
  tile.return
}
