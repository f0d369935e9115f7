// What the form for Hopper can't be lowered from.
// RUN: tile-opt %s --split-input-file --tile-print-ptx --verify-diagnostics -o /dev/null

tile.kernel @part(%a: !tile.view<?x?xbf16> {tile.access = #tile.access<out>, tile.facts = #tile.facts<unit_axis = 1, align = 16, extent_align = 16>}) attributes {phase = #tile.phase<synchronised>, target = "sm_90a", num_warps = 4, shared_bytes = 16384} {
  %c0 = arith.constant 0 : index
  %t = arith.constant 0 : i32
  %c9 = arith.constant 9 : index
  %v = tile.subview %a[%c0 to %c9, %c0 to %c9] : !tile.view<?x?xbf16> -> !tile.view<?x?xbf16>
  %s = tile.scratch {offset = 0 : i64} : !tile.slot<16x32xbf16, #tile.swizzle<unit = 1, span = 64>>
  // expected-error@below {{is of a part of a view, which has no tensor map}}
  tile.store_async %s, %v[%c0 +: 16, %c0 +: 32] : !tile.slot<16x32xbf16, #tile.swizzle<unit = 1, span = 64>>, !tile.view<?x?xbf16>
  tile.return
}

// -----

tile.kernel @turned(%a: !tile.view<?x?xbf16> {tile.access = #tile.access<out>, tile.facts = #tile.facts<unit_axis = 1, align = 16, extent_align = 16>}) attributes {phase = #tile.phase<synchronised>, target = "sm_90a", num_warps = 4, shared_bytes = 16384} {
  %c0 = arith.constant 0 : index
  %t = arith.constant 0 : i32
  %s = tile.scratch {offset = 0 : i64} : !tile.slot<16x32xbf16, #tile.swizzle<unit = 0, span = 32>>
  // expected-error@below {{lies in shared memory along another axis than in its view}}
  tile.store_async %s, %a[%c0 +: 16, %c0 +: 32] : !tile.slot<16x32xbf16, #tile.swizzle<unit = 0, span = 32>>, !tile.view<?x?xbf16>
  tile.return
}

// -----

tile.kernel @strided(%a: !tile.view<?x?xbf16> {tile.access = #tile.access<out>}) attributes {phase = #tile.phase<synchronised>, target = "sm_90a", num_warps = 4, shared_bytes = 16384} {
  %c0 = arith.constant 0 : index
  %t = arith.constant 0 : i32
  %s = tile.scratch {offset = 0 : i64} : !tile.slot<16x32xbf16, #tile.swizzle<unit = 1, span = 64>>
  // expected-error@below {{is of a view without an axis whose stride is known to be 1}}
  tile.store_async %s, %a[%c0 +: 16, %c0 +: 32] : !tile.slot<16x32xbf16, #tile.swizzle<unit = 1, span = 64>>, !tile.view<?x?xbf16>
  tile.return
}

// -----

tile.kernel @narrow(%a: !tile.view<?x?xbf16> {tile.access = #tile.access<out>, tile.facts = #tile.facts<unit_axis = 1, align = 16, extent_align = 16>}) attributes {phase = #tile.phase<synchronised>, target = "sm_90a", num_warps = 4, shared_bytes = 16384} {
  %c0 = arith.constant 0 : index
  %t = arith.constant 0 : i32
  %s = tile.scratch {offset = 0 : i64} : !tile.slot<16x4xbf16, #tile.swizzle<unit = 1, span = 0>>
  // expected-error@below {{has rows of 8 bytes, where tensor maps copy multiples of 16}}
  tile.store_async %s, %a[%c0 +: 16, %c0 +: 4] : !tile.slot<16x4xbf16, #tile.swizzle<unit = 1, span = 0>>, !tile.view<?x?xbf16>
  tile.return
}

// -----

tile.kernel @tall(%a: !tile.view<?x?xbf16> {tile.access = #tile.access<out>, tile.facts = #tile.facts<unit_axis = 1, align = 16, extent_align = 16>}) attributes {phase = #tile.phase<synchronised>, target = "sm_90a", num_warps = 4, shared_bytes = 16384} {
  %c0 = arith.constant 0 : index
  %t = arith.constant 0 : i32
  %s = tile.scratch {offset = 0 : i64} : !tile.slot<512x8xbf16, #tile.swizzle<unit = 1, span = 0>>
  // expected-error@below {{has a tile of 512 along an axis, where a tensor map copies at most 256}}
  tile.store_async %s, %a[%c0 +: 512, %c0 +: 8] : !tile.slot<512x8xbf16, #tile.swizzle<unit = 1, span = 0>>, !tile.view<?x?xbf16>
  tile.return
}

// -----

tile.kernel @deep(%a: !tile.view<?x?x?x?x?x?xbf16> {tile.access = #tile.access<out>, tile.facts = #tile.facts<unit_axis = 5, align = 16, extent_align = 16>}) attributes {phase = #tile.phase<synchronised>, target = "sm_90a", num_warps = 4, shared_bytes = 16384} {
  %c0 = arith.constant 0 : index
  %t = arith.constant 0 : i32
  %s = tile.scratch {offset = 0 : i64} : !tile.slot<16x32xbf16, #tile.swizzle<unit = 1, span = 64>>
  // expected-error@below {{is of a view of 6 axes, where a tensor map has at most 5}}
  tile.store_async %s, %a[%c0, %c0, %c0, %c0, %c0 +: 16, %c0 +: 32] : !tile.slot<16x32xbf16, #tile.swizzle<unit = 1, span = 64>>, !tile.view<?x?x?x?x?x?xbf16>
  tile.return
}

// -----

tile.kernel @unpadded(%a: !tile.view<?x?xbf16> {tile.access = #tile.access<in>, tile.facts = #tile.facts<unit_axis = 1, align = 16, extent_align = 16>}) attributes {phase = #tile.phase<synchronised>, target = "sm_90a", num_warps = 4, shared_bytes = 16384} {
  %c0 = arith.constant 0 : index
  %t = arith.constant 0 : i32
  %r = tile.ring {offset = 0 : i64} : !tile.ring<2 x 16x32xbf16, #tile.swizzle<unit = 1, span = 64>>
  %ch = tile.channel %r {barriers = 8192 : i64, arrivals = 1 : i64} : !tile.ring<2 x 16x32xbf16, #tile.swizzle<unit = 1, span = 64>>
  tile.producer {
    // expected-error@below {{pads with something other than 0, which a tensor copy can't}}
    tile.copy_async %a[%c0 +: 16, %c0 +: 32], %r[%t] pad 1.0 : bf16 {binding = #tile.binding<tensor, bytes = 16>} : !tile.view<?x?xbf16>, !tile.ring<2 x 16x32xbf16, #tile.swizzle<unit = 1, span = 64>>
  }
  tile.return
}

// -----

tile.kernel @outside(%a: !tile.view<?x?xbf16> {tile.access = #tile.access<in>, tile.facts = #tile.facts<unit_axis = 1, align = 16, extent_align = 16>}) attributes {phase = #tile.phase<synchronised>, target = "sm_90a", num_warps = 4, shared_bytes = 16384} {
  %c0 = arith.constant 0 : index
  %t = arith.constant 0 : i32
  %r = tile.ring {offset = 0 : i64} : !tile.ring<2 x 16x32xbf16, #tile.swizzle<unit = 1, span = 64>>
  // expected-error@below {{is no producer's copy into the ring of a channel}}
  tile.copy_async %a[%c0 +: 16, %c0 +: 32], %r[%t] {binding = #tile.binding<tensor, bytes = 16>} : !tile.view<?x?xbf16>, !tile.ring<2 x 16x32xbf16, #tile.swizzle<unit = 1, span = 64>>
  tile.return
}

// -----

tile.kernel @alone() attributes {phase = #tile.phase<synchronised>, target = "sm_90a", num_warps = 4, shared_bytes = 16384} {
  %c0 = arith.constant 0 : index
  %t = arith.constant 0 : i32
  %r = tile.ring {offset = 0 : i64} : !tile.ring<2 x 16x32xbf16, #tile.swizzle<unit = 1, span = 64>>
  // expected-error@below {{has no producer}}
  %ch = tile.channel %r {barriers = 8192 : i64, arrivals = 1 : i64} : !tile.ring<2 x 16x32xbf16, #tile.swizzle<unit = 1, span = 64>>
  tile.return
}

// -----

tile.kernel @few() attributes {phase = #tile.phase<synchronised>, target = "sm_90a", num_warps = 2, shared_bytes = 16384} {
  %c0 = arith.constant 0 : index
  %t = arith.constant 0 : i32
  // expected-error@below {{needs consumers in whole groups of four warps}}
  tile.producer {
  }
  tile.return
}

// -----

tile.kernel @two() attributes {phase = #tile.phase<synchronised>, target = "sm_90a", num_warps = 4, shared_bytes = 16384} {
  %c0 = arith.constant 0 : index
  %t = arith.constant 0 : i32
  tile.producer {
  }
  // expected-error@below {{is the second producer of its kernel}}
  tile.producer {
  }
  tile.return
}

// -----

tile.kernel @ends() attributes {phase = #tile.phase<synchronised>, target = "sm_90a", num_warps = 4, shared_bytes = 16384} {
  %c0 = arith.constant 0 : index
  %t = arith.constant 0 : i32
  %yes = arith.constant true
  tile.producer {
  }
  // expected-error@below {{can't end a program that has a producer}}
  tile.assert %yes, "no" : i1
  tile.return
}

// -----

#l = #tile.layout<64x64, register = [[0, 1], [8, 0], [0, 8], [0, 16], [0, 32]], lane = [[0, 2], [0, 4], [1, 0], [2, 0], [4, 0]], warp = [[16, 0], [32, 0]]>
tile.kernel @plain() attributes {phase = #tile.phase<synchronised>, target = "sm_90a", num_warps = 4, shared_bytes = 16384} {
  %c0 = arith.constant 0 : index
  %t = arith.constant 0 : i32
  %a = tile.scratch {offset = 0 : i64} : !tile.slot<64x32xbf16, #tile.swizzle<unit = 1, span = 0>>
  %b = tile.scratch {offset = 8192 : i64} : !tile.slot<32x64xbf16, #tile.swizzle<unit = 0, span = 64>>
  %zero = arith.constant dense<0.0> : tensor<64x64xf32, #l>
  // expected-error@below {{has an operand that isn't swizzled for instructions of warpgroups}}
  %y = tile.dot %a, %b, %zero {binding = #tile.dot_binding<"wgmma", 64 x 64 x 16>} : !tile.slot<64x32xbf16, #tile.swizzle<unit = 1, span = 0>>, !tile.slot<32x64xbf16, #tile.swizzle<unit = 0, span = 64>> -> tensor<64x64xf32, #l>
  tile.return
}

// -----

#l = #tile.layout<64x64, register = [[0, 1], [8, 0], [0, 8], [0, 16], [0, 32]], lane = [[0, 2], [0, 4], [1, 0], [2, 0], [4, 0]], warp = [[16, 0], [32, 0]]>
tile.kernel @turned8() attributes {phase = #tile.phase<synchronised>, target = "sm_90a", num_warps = 4, shared_bytes = 16384} {
  %c0 = arith.constant 0 : index
  %t = arith.constant 0 : i32
  %a = tile.scratch {offset = 0 : i64} : !tile.slot<64x32xf8E4M3FN, #tile.swizzle<unit = 0, span = 64>>
  %b = tile.scratch {offset = 8192 : i64} : !tile.slot<32x64xf8E4M3FN, #tile.swizzle<unit = 0, span = 32>>
  %zero = arith.constant dense<0.0> : tensor<64x64xf32, #l>
  // expected-error@below {{has an operand whose rows don't run along k, which only 16-bit floats may do}}
  %y = tile.dot %a, %b, %zero {binding = #tile.dot_binding<"wgmma", 64 x 64 x 16>} : !tile.slot<64x32xf8E4M3FN, #tile.swizzle<unit = 0, span = 64>>, !tile.slot<32x64xf8E4M3FN, #tile.swizzle<unit = 0, span = 32>> -> tensor<64x64xf32, #l>
  tile.return
}

// -----

#l = #tile.layout<64x64, register = [[0, 1], [8, 0], [0, 8], [0, 16], [0, 32]], lane = [[0, 2], [0, 4], [1, 0], [2, 0], [4, 0]], warp = [[16, 0], [32, 0]]>
tile.kernel @exact() attributes {phase = #tile.phase<synchronised>, target = "sm_90a", num_warps = 4, shared_bytes = 16384} {
  %c0 = arith.constant 0 : index
  %t = arith.constant 0 : i32
  %a = tile.scratch {offset = 0 : i64} : !tile.slot<64x32xf32, #tile.swizzle<unit = 1, span = 128>>
  %b = tile.scratch {offset = 8192 : i64} : !tile.slot<32x64xf32, #tile.swizzle<unit = 0, span = 128>>
  %zero = arith.constant dense<0.0> : tensor<64x64xf32, #l>
  // expected-error@below {{has operands that no instruction of a warpgroup multiplies}}
  %y = tile.dot %a, %b, %zero {binding = #tile.dot_binding<"wgmma", 64 x 64 x 16>} : !tile.slot<64x32xf32, #tile.swizzle<unit = 1, span = 128>>, !tile.slot<32x64xf32, #tile.swizzle<unit = 0, span = 128>> -> tensor<64x64xf32, #l>
  tile.return
}

// -----

#l = #tile.layout<64x64, register = [[0, 1], [8, 0], [0, 16], [0, 32], [32, 0]], lane = [[0, 2], [0, 4], [1, 0], [2, 0], [4, 0]], warp = [[16, 0], [0, 8]]>
tile.kernel @spread() attributes {phase = #tile.phase<synchronised>, target = "sm_90a", num_warps = 4, shared_bytes = 16384} {
  %c0 = arith.constant 0 : index
  %t = arith.constant 0 : i32
  %a = tile.scratch {offset = 0 : i64} : !tile.slot<64x32xbf16, #tile.swizzle<unit = 1, span = 64>>
  %b = tile.scratch {offset = 8192 : i64} : !tile.slot<32x64xbf16, #tile.swizzle<unit = 0, span = 64>>
  %zero = arith.constant dense<0.0> : tensor<64x64xf32, #l>
  // expected-error@below {{has an accumulator that isn't laid out for instructions of warpgroups}}
  %y = tile.dot %a, %b, %zero {binding = #tile.dot_binding<"wgmma", 64 x 64 x 16>} : !tile.slot<64x32xbf16, #tile.swizzle<unit = 1, span = 64>>, !tile.slot<32x64xbf16, #tile.swizzle<unit = 0, span = 64>> -> tensor<64x64xf32, #l>
  tile.return
}

// -----

#l = #tile.layout<64x64, register = [[0, 1], [8, 0], [0, 8], [0, 16], [0, 32]], lane = [[0, 2], [0, 4], [1, 0], [2, 0], [4, 0]], warp = [[16, 0], [32, 0]]>
tile.kernel @sync() attributes {phase = #tile.phase<synchronised>, target = "sm_90a", num_warps = 4, shared_bytes = 16384} {
  %c0 = arith.constant 0 : index
  %t = arith.constant 0 : i32
  %a = tile.scratch {offset = 0 : i64} : !tile.slot<64x32xbf16, #tile.swizzle<unit = 1, span = 64>>
  %b = tile.scratch {offset = 8192 : i64} : !tile.slot<32x64xbf16, #tile.swizzle<unit = 0, span = 64>>
  %zero = arith.constant dense<0.0> : tensor<64x64xf32, #l>
  // expected-error@below {{is async, which only products of whole warpgroups are}}
  %y = tile.dot %a, %b, %zero {async, binding = #tile.dot_binding<"fma", 64 x 64 x 16>} : !tile.slot<64x32xbf16, #tile.swizzle<unit = 1, span = 64>>, !tile.slot<32x64xbf16, #tile.swizzle<unit = 0, span = 64>> -> tensor<64x64xf32, #l>
  tile.return
}
