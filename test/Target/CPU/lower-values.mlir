// Elementwise work is computed in the loops that use it; what several loops would compute again is stored by the first in passing.
// RUN: tile-opt %s --split-input-file --tile-cpu-lower-kernel=vector-bits=512 --canonicalize --cse | FileCheck %s

// A softmax of rows is three loops: the maximum; the exponentials, stored, and their sum; the quotients.
// CHECK-LABEL: func.func @tile_entry
tile.kernel @softmax(%x: !tile.view<?x?xf32> {tile.access = #tile.access<in>, tile.facts = #tile.facts<unit_axis = 1>},
                     %y: !tile.view<?x?xf32> {tile.access = #tile.access<out>, tile.facts = #tile.facts<unit_axis = 1>})
    attributes {phase = #tile.phase<pipelined>, target = "cpu"} {
  %c0 = arith.constant 0 : index
  %a = tile.load %x[%c0 +: 2, %c0 +: 256] pad 0xFF800000 : f32 : !tile.view<?x?xf32> -> tensor<2x256xf32>
  // CHECK: %[[M:.*]]:4 = scf.for
  // CHECK-COUNT-4: arith.maximumf
  // CHECK-NOT: llvm.store {{.*}}vector
  // CHECK: scf.yield
  %m = tile.reduce max %a, 1 : tensor<2x256xf32> -> tensor<2xf32>
  %m1 = tile.reshape %m : tensor<2xf32> -> tensor<2x1xf32>
  %m2 = tile.broadcast %m1 : tensor<2x1xf32> -> tensor<2x256xf32>
  %d = arith.subf %a, %m2 : tensor<2x256xf32>
  %e1 = math.exp2 %d : tensor<2x256xf32>
  %e2 = math.fma %e1, %d, %e1 : tensor<2x256xf32>
  %e = arith.addf %e2, %e1 : tensor<2x256xf32>
  // CHECK: scf.for
  // CHECK: scf.for {{.*}} iter_args
  // CHECK: math.exp2
  // CHECK: %[[E:.*]] = arith.addf {{.*}} : vector<16xf32>
  // CHECK: llvm.store %[[E]]
  // CHECK: arith.addf %{{.*}}, %[[E]]
  %s = tile.reduce sum %e, 1 : tensor<2x256xf32> -> tensor<2xf32>
  // CHECK-NOT: math.exp2
  // CHECK: scf.for
  // CHECK: scf.for
  // CHECK: arith.divf
  // CHECK: llvm.store
  // CHECK-NOT: math.exp2
  %s1 = tile.reshape %s : tensor<2xf32> -> tensor<2x1xf32>
  %s2 = tile.broadcast %s1 : tensor<2x1xf32> -> tensor<2x256xf32>
  %r = arith.divf %e, %s2 : tensor<2x256xf32>
  tile.store %r, %y[%c0 +: 2, %c0 +: 256] : tensor<2x256xf32>, !tile.view<?x?xf32>
  tile.return
}

// -----

// Cheap work is done again, and nothing is stored between.
// CHECK: module attributes {cpu.scratch_bytes = 704 : i64}
// CHECK-LABEL: func.func @tile_entry
tile.kernel @cheap(%b: !tile.view<?xi32> {tile.access = #tile.access<out>, tile.facts = #tile.facts<unit_axis = 0>}, %i: i32)
    attributes {phase = #tile.phase<pipelined>, target = "cpu"} {
  %c0 = arith.constant 0 : index
  %n = tile.iota : tensor<64xi32>
  %k = tensor.splat %i : tensor<64xi32>
  %x = arith.addi %n, %k : tensor<64xi32>
  %s = tile.reduce sum %x, 0 : tensor<64xi32> -> i32
  %t = tensor.splat %s : tensor<64xi32>
  %y = arith.subi %x, %t : tensor<64xi32>
  tile.store %y, %b[%c0 +: 64] : tensor<64xi32>, !tile.view<?xi32>
  tile.return
}
