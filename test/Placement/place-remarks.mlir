// What was chosen, against what, and what each conversion is for, with what it costs.
// RUN: tile-opt %s --split-input-file --verify-diagnostics --pass-pipeline='builtin.module(tile.kernel(tile-place))' --remarks-filter=placement -o /dev/null

tile.kernel @store(
    %c: !tile.view<?x?xbf16> {tile.access = #tile.access<out>, tile.facts = #tile.facts<unit_axis = 1, align = 16, extent_align = 16>})
    attributes {phase = #tile.phase<pipelined>, target = "sm_80", num_warps = 4} {
  // expected-remark @+1 {{8192 bytes a slot, axis 1 fastest, swizzled over 64 bytes}}
  %ra = tile.ring : !tile.ring<1 x 128x32xbf16>
  // expected-remark @+1 {{8192 bytes a slot, axis 1 fastest, swizzled over 128 bytes}}
  %rb = tile.ring : !tile.ring<1 x 32x128xbf16>
  %c0 = arith.constant 0 : index
  %t0 = arith.constant 0 : i32
  %zero = arith.constant dense<0.0> : tensor<128x128xf32>
  %sa = tile.slot %ra[%t0] : !tile.ring<1 x 128x32xbf16> -> !tile.slot<128x32xbf16>
  %sb = tile.slot %rb[%t0] : !tile.ring<1 x 32x128xbf16> -> !tile.slot<32x128xbf16>
  // expected-remark @+1 {{tensor<128x128xf32>, with 1 more tiles: accumulator of mma.sync, warps 2 x 2, 2112 cycles; next best: accumulator of mma.sync, warps 4 x 1, 2176}}
  %d = tile.dot %sa, %sb, %zero {binding = #tile.dot_binding<"mma.sync", 16 x 8 x 16>} : !tile.slot<128x32xbf16>, !tile.slot<32x128xbf16> -> tensor<128x128xf32>
  // expected-remark @+1 {{for tile.store, of a tile that is accumulator of mma.sync, warps 2 x 2: through shared memory, 32768 bytes, 576 cycles}}
  %h = arith.truncf %d : tensor<128x128xf32> to tensor<128x128xbf16>
  tile.store %h, %c[%c0 +: 128, %c0 +: 128] : tensor<128x128xbf16>, !tile.view<?x?xbf16>
  tile.return
}

// -----

tile.kernel @fold(
    %x: !tile.view<?xf32> {tile.access = #tile.access<in>, tile.facts = #tile.facts<unit_axis = 0, align = 16, extent_align = 16>},
    %y: !tile.view<?xf32> {tile.access = #tile.access<out>}) attributes {phase = #tile.phase<pipelined>, target = "sm_80", num_warps = 4} {
  %c0 = arith.constant 0 : index
  // expected-remark @+1 {{coalesced for a load}}
  %a = tile.load %x[%c0 +: 1024] : !tile.view<?xf32> -> tensor<1024xf32>
  // expected-remark @+1 {{over 4 warps: their parts come together through shared memory, 16 bytes}}
  %s = tile.reduce sum %a, 0 : tensor<1024xf32> -> f32
  tile.store %s, %y[%c0] : f32, !tile.view<?xf32>
  tile.return
}
