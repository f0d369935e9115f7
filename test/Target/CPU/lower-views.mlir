// What lies inside its view is read and written where it is; every other access goes to the runtime in a box.
// RUN: tile-opt %s --split-input-file --tile-cpu-lower-kernel=vector-bits=512 --canonicalize --cse | FileCheck %s

// A load and a store in place: one loop, over the views' memory or, at the edges, over a padded copy.
// CHECK-LABEL: func.func @tile_entry
tile.kernel @inPlace(%a: !tile.view<?x?xf32> {tile.access = #tile.access<in>, tile.facts = #tile.facts<unit_axis = 1>},
                     %b: !tile.view<?x?xf32> {tile.access = #tile.access<out>, tile.facts = #tile.facts<unit_axis = 1>}, %i: index)
    attributes {phase = #tile.phase<pipelined>, target = "cpu"} {
  // CHECK: scf.for
  // CHECK: scf.if
  // CHECK: llvm.call @tile_cpu_read
  // CHECK: %[[FROM:.*]] = arith.select %{{.*}}, %{{.*}}, %{{.*}} : !llvm.ptr
  // CHECK: %[[STRIDE:.*]] = arith.select %{{.*}}, %{{.*}}, %c64 : index
  // CHECK: %[[TO:.*]] = arith.select %{{.*}}, %{{.*}}, %{{.*}} : !llvm.ptr
  %x = tile.load %a[%i +: 8, %i +: 64] : !tile.view<?x?xf32> -> tensor<8x64xf32>
  // CHECK: scf.for %[[ROW:.*]] = %c0 to %c8 step %c1
  // CHECK: scf.for %{{.*}} = %c0 to %c64 step %c16
  // CHECK: arith.muli %[[ROW]], %[[STRIDE]]
  // CHECK: llvm.getelementptr %[[FROM]]
  // CHECK: llvm.load %{{.*}} {alignment = 4 : i64} : !llvm.ptr -> vector<16xf32>
  // CHECK: arith.addf %{{.*}} : vector<16xf32>
  // CHECK: llvm.getelementptr %[[TO]]
  // CHECK: llvm.store %{{.*}} {alignment = 4 : i64} : vector<16xf32>
  %y = arith.addf %x, %x : tensor<8x64xf32>
  // CHECK: scf.if
  // CHECK: llvm.call @tile_cpu_write
  tile.store %y, %b[%i +: 8, %i +: 64] : tensor<8x64xf32>, !tile.view<?x?xf32>
  tile.return
}

// -----

// A view that is written as well is copied when it is loaded; one without rows of unit stride is copied by the runtime.
// CHECK-LABEL: func.func @tile_entry
tile.kernel @copies(%a: !tile.view<?x8xf32> {tile.access = #tile.access<inout>, tile.facts = #tile.facts<unit_axis = 1>},
                    %b: !tile.view<?x?xf32> {tile.access = #tile.access<in>, tile.facts = #tile.facts<unit_axis = 0>}, %i: index)
    attributes {phase = #tile.phase<pipelined>, target = "cpu"} {
  %c0 = arith.constant 0 : index
  // CHECK: scf.if
  // CHECK: scf.for
  // CHECK: "llvm.intr.memcpy"(%{{.*}}, %{{.*}}, %c32_i64)
  // CHECK: } else {
  // CHECK: llvm.call @tile_cpu_read
  // CHECK: }
  %x = tile.load %a[%i +: 8, %c0 +: 8] : !tile.view<?x8xf32> -> tensor<8x8xf32>
  // CHECK-NOT: scf.if
  // CHECK: llvm.call @tile_cpu_read
  // CHECK-NOT: scf.if
  // CHECK: scf.for
  %y = tile.load %b[%i +: 8, %i +: 8] : !tile.view<?x?xf32> -> tensor<8x8xf32>
  %z = arith.addf %x, %y : tensor<8x8xf32>
  tile.store %z, %a[%i +: 8, %c0 +: 8] : tensor<8x8xf32>, !tile.view<?x8xf32>
  tile.return
}

// -----

// One element is read only when it is inside.
// CHECK-LABEL: func.func @tile_entry
tile.kernel @scalar(%a: !tile.view<?xf32> {tile.access = #tile.access<in>}, %b: !tile.view<?xf32> {tile.access = #tile.access<out>},
                    %i: index) attributes {phase = #tile.phase<pipelined>, target = "cpu"} {
  // CHECK: %[[X:.*]] = scf.if %{{.*}} -> (f32) {
  // CHECK: llvm.load %{{.*}} : !llvm.ptr -> f32
  // CHECK: } else {
  // CHECK-NEXT: scf.yield %cst : f32
  // CHECK: scf.if
  // CHECK: llvm.store %[[X]]
  %x = tile.load %a[%i] pad 2.0 : f32 : !tile.view<?xf32> -> f32
  tile.store %x, %b[%i] : f32, !tile.view<?xf32>
  tile.return
}
