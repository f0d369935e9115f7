// A product is made in blocks of registers, its operands read from their slots, its accumulator in one place through the loop.
// RUN: tile-opt %s --split-input-file --tile-cpu-lower-kernel=vector-bits=512 --canonicalize --cse | FileCheck %s

// Two slots of 64x32 and 32x64 and one accumulator of 64x64, 32 KiB, and nothing besides, but the header of 448 bytes.
// CHECK: module attributes {cpu.scratch_bytes = 33216 : i64}
// CHECK-LABEL: func.func @tile_entry
tile.kernel @inPlace(%c: !tile.view<?x?xf32> {tile.access = #tile.access<out>, tile.facts = #tile.facts<unit_axis = 1>}, %n: index)
    attributes {phase = #tile.phase<pipelined>, target = "cpu"} {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %t = arith.constant 0 : i32
  %ra = tile.ring : !tile.ring<1 x 64x32xf32>
  %rb = tile.ring : !tile.ring<1 x 32x64xf32>
  %zero = arith.constant dense<0.0> : tensor<64x64xf32>
  %acc = scf.for %i = %c0 to %n step %c1 iter_args(%s = %zero) -> (tensor<64x64xf32>) {
    %a = tile.slot %ra[%t] : !tile.ring<1 x 64x32xf32> -> !tile.slot<64x32xf32>
    %b = tile.slot %rb[%t] : !tile.ring<1 x 32x64xf32> -> !tile.slot<32x64xf32>
    // CHECK: scf.for %{{.*}} = %c0 to %{{.*}} step %c1 {
    // CHECK-NOT: memcpy
    // CHECK: scf.for %[[COLUMN:.*]] = %c0 to %c64 step %c32
    // CHECK-NEXT: scf.for %[[ROW:.*]] = %c0 to %c64 step %c8
    // CHECK-COUNT-16: llvm.load %{{.*}} : !llvm.ptr -> vector<16xf32>
    // CHECK: %{{.*}}:16 = scf.for %{{.*}} = %c0 to %c32 step %c1
    // CHECK-COUNT-2: llvm.load %{{.*}} : !llvm.ptr -> vector<16xf32>
    // CHECK: llvm.load %{{.*}} : !llvm.ptr -> f32
    // CHECK: vector.broadcast
    // CHECK-COUNT-2: math.fma
    // CHECK: scf.yield
    // CHECK-COUNT-16: llvm.store
    // CHECK-NOT: memcpy
    // CHECK: scf.if
    %d = tile.dot %a, %b, %s : !tile.slot<64x32xf32>, !tile.slot<32x64xf32> -> tensor<64x64xf32>
    scf.yield %d : tensor<64x64xf32>
  }
  tile.store %acc, %c[%c0 +: 64, %c0 +: 64] : tensor<64x64xf32>, !tile.view<?x?xf32>
  tile.return
}

// -----

// Halves are widened once, before the product.
// CHECK-LABEL: func.func @tile_entry
tile.kernel @halves(%a: !tile.view<?x?xbf16> {tile.access = #tile.access<in>, tile.facts = #tile.facts<unit_axis = 1>},
                    %c: !tile.view<?x?xf32> {tile.access = #tile.access<out>, tile.facts = #tile.facts<unit_axis = 1>})
    attributes {phase = #tile.phase<pipelined>, target = "cpu"} {
  %c0 = arith.constant 0 : index
  %x = tile.load %a[%c0 +: 16, %c0 +: 16] : !tile.view<?x?xbf16> -> tensor<16x16xbf16>
  %zero = arith.constant dense<0.0> : tensor<16x16xf32>
  // CHECK: arith.extf %{{.*}} : vector<16xbf16> to vector<16xf32>
  // CHECK: arith.extf %{{.*}} : vector<16xbf16> to vector<16xf32>
  // CHECK-NOT: extf
  // CHECK: math.fma
  // CHECK-NOT: extf
  %d = tile.dot %x, %x, %zero : tensor<16x16xbf16>, tensor<16x16xbf16> -> tensor<16x16xf32>
  tile.store %d, %c[%c0 +: 16, %c0 +: 16] : tensor<16x16xf32>, !tile.view<?x?xf32>
  tile.return
}

// -----

// An accumulator that is read afterwards is copied before it is overwritten.
// CHECK-LABEL: func.func @tile_entry
tile.kernel @kept(%c: !tile.view<?x?xf32> {tile.access = #tile.access<inout>, tile.facts = #tile.facts<unit_axis = 1>})
    attributes {phase = #tile.phase<pipelined>, target = "cpu"} {
  %c0 = arith.constant 0 : index
  // CHECK: llvm.call @tile_cpu_read
  // CHECK: "llvm.intr.memcpy"{{.*}}%c1024_i64
  // CHECK: math.fma
  %x = tile.load %c[%c0 +: 16, %c0 +: 16] : !tile.view<?x?xf32> -> tensor<16x16xf32>
  %d = tile.dot %x, %x, %x : tensor<16x16xf32>, tensor<16x16xf32> -> tensor<16x16xf32>
  tile.store %d, %c[%c0 +: 16, %c0 +: 16] : tensor<16x16xf32>, !tile.view<?x?xf32>
  tile.return
}
