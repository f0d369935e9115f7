// How loads move data and what dots are made of, on two targets.
// RUN: tile-opt %s --tile-bind=target=sm_80 | FileCheck %s --check-prefixes=CHECK,SM80
// RUN: tile-opt %s --tile-bind=target=cpu | FileCheck %s --check-prefixes=CHECK,CPU

// CHECK-LABEL: tile.kernel @loads
// SM80-SAME: attributes {num_warps = 1 : i64, phase = #tile.phase<bound>, target = "sm_80"}
// CPU-SAME: attributes {num_warps = 1 : i64, phase = #tile.phase<bound>, target = "cpu"}
tile.kernel @loads(
    %rows: !tile.view<?x?xf32> {tile.access = #tile.access<in>, tile.facts = #tile.facts<unit_axis = 1, align = 16>},
    %columns: !tile.view<?x?xf32> {tile.access = #tile.access<in>, tile.facts = #tile.facts<unit_axis = 0, align = 16>},
    %loose: !tile.view<?x?xf16> {tile.access = #tile.access<in>, tile.facts = #tile.facts<unit_axis = 1, align = 2>},
    %even: !tile.view<?x?xf32> {tile.access = #tile.access<inout>, tile.facts = #tile.facts<unit_axis = 1, align = 16, extent_align = 8>},
    %n: index, %f: f32) attributes {phase = #tile.phase<tile>} {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c2 = arith.constant 2 : index
  %c64 = arith.constant 64 : index
  // Outside any loop nothing is asynchronous. What is not cut off by the view's end may be as wide as the extent allows.
  // CHECK: tile.load {{.*}} {binding = #tile.binding<direct, bytes = 4>}
  %x0 = tile.load %rows[%c0 +: 4, %c0 +: 64] : !tile.view<?x?xf32> -> tensor<4x64xf32>
  // CHECK: tile.load {{.*}} {binding = #tile.binding<direct, bytes = 8>}
  %y0 = tile.load %even[%c0 +: 4, %c0 +: 64] : !tile.view<?x?xf32> -> tensor<4x64xf32>
  // CHECK: tile.store {{.*}} {binding = #tile.binding<direct, bytes = 8>}
  tile.store %y0, %even[%c0 +: 4, %c0 +: 64] : tensor<4x64xf32>, !tile.view<?x?xf32>
  // CHECK: tile.store {{.*}} {binding = #tile.binding<scalar, bytes = 4>}
  tile.store %f, %even[%c0, %c0] : f32, !tile.view<?x?xf32>
  tile.for %i = %c0 to %n step %c64 {
    // CHECK: tile.load {{.*}} {binding = #tile.binding<async, bytes = 16>}
    %x1 = tile.load %rows[%c0 +: 4, %i +: 64] : !tile.view<?x?xf32> -> tensor<4x64xf32>
    // CHECK: tile.load {{.*}} {binding = #tile.binding<async, bytes = 16>}
    %x2 = tile.load %columns[%i +: 64, %c0 +: 4] : !tile.view<?x?xf32> -> tensor<64x4xf32>
    // One element wide along the contiguous axis.
    // CHECK: tile.load {{.*}} {binding = #tile.binding<async, bytes = 4>}
    %x3 = tile.load %rows[%i +: 64, %c0 +: 1] : !tile.view<?x?xf32> -> tensor<64x1xf32>
    // An offset that 2 divides: 8 bytes.
    %twice = arith.muli %n, %c2 : index
    // CHECK: tile.load {{.*}} {binding = #tile.binding<async, bytes = 8>}
    %x4 = tile.load %rows[%c0 +: 4, %twice +: 64] : !tile.view<?x?xf32> -> tensor<4x64xf32>
    // Pieces of 2 bytes are beneath cp.async, and nothing to the CPU.
    // SM80: tile.load {{.*}} {binding = #tile.binding<staged, bytes = 2>}
    // CPU: tile.load {{.*}} {binding = #tile.binding<async, bytes = 2>}
    %x5 = tile.load %loose[%c0 +: 4, %i +: 64] : !tile.view<?x?xf16> -> tensor<4x64xf16>
    // cp.async pads with zeros, and with nothing else.
    // SM80: tile.load {{.*}} {binding = #tile.binding<staged, bytes = 4>}
    // CPU: tile.load {{.*}} {binding = #tile.binding<async, bytes = 16>}
    %padded = tile.load %rows[%c0 +: 4, %i +: 64] pad 1.0 : f32 : !tile.view<?x?xf32> -> tensor<4x64xf32>
    // CHECK: tile.load {{.*}} {binding = #tile.binding<scalar, bytes = 4>}
    %x6 = tile.load %rows[%i, %i] : !tile.view<?x?xf32> -> f32
    // A row of a view keeps what is known of it; a part that starts anywhere does not.
    %row = tile.subview %rows[%i, %c0 to %n] : !tile.view<?x?xf32> -> !tile.view<?xf32>
    // CHECK: tile.load {{.*}} {binding = #tile.binding<async, bytes = 16>}
    %x7 = tile.load %row[%i +: 64] : !tile.view<?xf32> -> tensor<64xf32>
    %part = tile.subview %rows[%i, %n to %n] : !tile.view<?x?xf32> -> !tile.view<?xf32>
    // CHECK: tile.load {{.*}} {binding = #tile.binding<async, bytes = 4>}
    %x8 = tile.load %part[%i +: 64] : !tile.view<?xf32> -> tensor<64xf32>
    %column = tile.subview %rows[%c0 to %n, %i] : !tile.view<?x?xf32> -> !tile.view<?xf32>
    // CHECK: tile.load {{.*}} {binding = #tile.binding<async, bytes = 4>}
    %x9 = tile.load %column[%i +: 64] : !tile.view<?xf32> -> tensor<64xf32>
  }
  tile.return
}

// CHECK-LABEL: tile.kernel @dots
// SM80-SAME: num_warps = 8
tile.kernel @dots(%f32: f32, %f16: f16, %f64: f64, %i8: i8, %i32: i32) attributes {phase = #tile.phase<tile>} {
  %acc32 = tensor.splat %f32 : tensor<32x32xf32>
  %acc64 = tensor.splat %f64 : tensor<32x32xf64>
  %acci = tensor.splat %i32 : tensor<32x32xi32>
  %half = tensor.splat %f16 : tensor<32x32xf16>
  %bytes = tensor.splat %i8 : tensor<32x32xi8>
  // SM80: tile.dot {{.*}}#tile.dot_binding<"fma", 1 x 1 x 1>
  // CPU: tile.dot {{.*}}#tile.dot_binding<"vector.outerproduct", 8 x 32 x 1>
  %d0 = tile.dot %acc32, %acc32, %acc32 : tensor<32x32xf32>, tensor<32x32xf32> -> tensor<32x32xf32>
  // SM80: tile.dot {{.*}}#tile.dot_binding<"mma.sync", 16 x 8 x 8>
  %d1 = tile.dot %acc32, %acc32, %acc32 {precision = #tile<precision tf32>} : tensor<32x32xf32>, tensor<32x32xf32> -> tensor<32x32xf32>
  // SM80: tile.dot {{.*}}#tile.dot_binding<"mma.sync", 16 x 8 x 16>
  %d2 = tile.dot %half, %half, %acc32 : tensor<32x32xf16>, tensor<32x32xf16> -> tensor<32x32xf32>
  // SM80: tile.dot {{.*}}#tile.dot_binding<"mma.sync", 16 x 8 x 32>
  %d3 = tile.dot %bytes, %bytes, %acci : tensor<32x32xi8>, tensor<32x32xi8> -> tensor<32x32xi32>
  // SM80: tile.dot {{.*}}#tile.dot_binding<"mma.sync", 8 x 8 x 4>
  %d4 = tile.dot %acc64, %acc64, %acc64 : tensor<32x32xf64>, tensor<32x32xf64> -> tensor<32x32xf64>
  %wide = tensor.splat %f16 : tensor<256x32xf16>
  %tall = tensor.splat %f16 : tensor<32x128xf16>
  %acc = tensor.splat %f32 : tensor<256x128xf32>
  %d5 = tile.dot %wide, %tall, %acc : tensor<256x32xf16>, tensor<32x128xf16> -> tensor<256x128xf32>
  tile.return
}

// Tiles smaller than one product of the instruction are multiplied an element at a time.
// CHECK-LABEL: tile.kernel @small_dots
tile.kernel @small_dots(%f16: f16, %f32: f32, %f8: f8E4M3FN, %f64: f64) attributes {phase = #tile.phase<tile>} {
  %row = tensor.splat %f16 : tensor<1x16xf16>
  %a = tensor.splat %f16 : tensor<16x16xf16>
  %thin = tensor.splat %f16 : tensor<16x8xf16>
  %narrow = tensor.splat %f16 : tensor<16x4xf16>
  %bytes = tensor.splat %f8 : tensor<32x32xf8E4M3FN>
  %double = tensor.splat %f64 : tensor<8x2xf64>
  %eights = tensor.splat %f64 : tensor<2x8xf64>
  %c0 = tensor.splat %f32 : tensor<1x16xf32>
  %c1 = tensor.splat %f32 : tensor<16x8xf32>
  %c2 = tensor.splat %f32 : tensor<16x4xf32>
  %c3 = tensor.splat %f32 : tensor<16x16xf32>
  %c4 = tensor.splat %f32 : tensor<32x32xf32>
  %c5 = tensor.splat %f64 : tensor<8x8xf64>
  // SM80: tile.dot {{.*}}#tile.dot_binding<"fma", 1 x 1 x 1>
  %d0 = tile.dot %row, %a, %c0 : tensor<1x16xf16>, tensor<16x16xf16> -> tensor<1x16xf32>
  // SM80: tile.dot {{.*}}#tile.dot_binding<"mma.sync", 16 x 8 x 16>
  %d1 = tile.dot %a, %thin, %c1 : tensor<16x16xf16>, tensor<16x8xf16> -> tensor<16x8xf32>
  // SM80: tile.dot {{.*}}#tile.dot_binding<"fma", 1 x 1 x 1>
  %d2 = tile.dot %a, %narrow, %c2 : tensor<16x16xf16>, tensor<16x4xf16> -> tensor<16x4xf32>
  // SM80: tile.dot {{.*}}#tile.dot_binding<"fma", 1 x 1 x 1>
  %t = tile.transpose %thin, [1, 0] : tensor<16x8xf16> -> tensor<8x16xf16>
  %d3 = tile.dot %thin, %t, %c3 : tensor<16x8xf16>, tensor<8x16xf16> -> tensor<16x16xf32>
  // SM80: tile.dot {{.*}}#tile.dot_binding<"mma.sync", 16 x 8 x 32>
  %d4 = tile.dot %bytes, %bytes, %c4 : tensor<32x32xf8E4M3FN>, tensor<32x32xf8E4M3FN> -> tensor<32x32xf32>
  // SM80: tile.dot {{.*}}#tile.dot_binding<"fma", 1 x 1 x 1>
  %d5 = tile.dot %double, %eights, %c5 : tensor<8x2xf64>, tensor<2x8xf64> -> tensor<8x8xf64>
  tile.return
}

// Without a dot a thread has 16 elements of the largest tile.
// SM80-LABEL: tile.kernel @row
// SM80-SAME: num_warps = 8
tile.kernel @row(%f: f32) attributes {phase = #tile.phase<tile>} {
  %row = tensor.splat %f : tensor<4096xf32>
  tile.return
}

// The accumulators of two dots, 128 x 64 and 128 x 128, are more than four warps hold.
// SM80-LABEL: tile.kernel @chained
// SM80-SAME: num_warps = 8
tile.kernel @chained(%f: f32, %h: bf16) attributes {phase = #tile.phase<tile>} {
  %q = tensor.splat %h : tensor<128x128xbf16>
  %k = tensor.splat %h : tensor<128x64xbf16>
  %v = tensor.splat %h : tensor<64x128xbf16>
  %zero = tensor.splat %f : tensor<128x64xf32>
  %acc = tensor.splat %f : tensor<128x128xf32>
  %s = tile.dot %q, %k, %zero : tensor<128x128xbf16>, tensor<128x64xbf16> -> tensor<128x64xf32>
  %p = arith.truncf %s : tensor<128x64xf32> to tensor<128x64xbf16>
  %o = tile.dot %p, %v, %acc : tensor<128x64xbf16>, tensor<64x128xbf16> -> tensor<128x128xf32>
  tile.return
}

// Three small dots: a power of two all the same.
// SM80-LABEL: tile.kernel @three
// SM80-SAME: num_warps = 2
tile.kernel @three(%h: bf16, %f: f32) attributes {phase = #tile.phase<tile>} {
  %a = tensor.splat %h : tensor<32x32xbf16>
  %acc = tensor.splat %f : tensor<32x32xf32>
  %x = tile.dot %a, %a, %acc : tensor<32x32xbf16>, tensor<32x32xbf16> -> tensor<32x32xf32>
  %y = tile.dot %a, %a, %x : tensor<32x32xbf16>, tensor<32x32xbf16> -> tensor<32x32xf32>
  %z = tile.dot %a, %a, %y : tensor<32x32xbf16>, tensor<32x32xbf16> -> tensor<32x32xf32>
  tile.return
}
