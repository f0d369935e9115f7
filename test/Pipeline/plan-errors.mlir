// RUN: tile-opt %s --split-input-file --verify-diagnostics --pass-pipeline='builtin.module(tile.kernel(tile-bind{target=sm_80},tile-plan))'

// The rings of an explicit count are itemised, and the largest count that fits is named.
tile.kernel @over_budget(
    %a: !tile.view<?x?xf32> {tile.access = #tile.access<in>, tile.facts = #tile.facts<unit_axis = 1, align = 16>},
    %zero: f32, %n: index) attributes {phase = #tile.phase<tile>} {
  %c0 = arith.constant 0 : index
  %c64 = arith.constant 64 : index
  %acc = tensor.splat %zero : tensor<64x64xf32>
  // expected-error @+2 {{6 stages take 196608 bytes of buffers, and 'sm_80' has 166912 left for them}}
  // expected-note @+1 {{the largest stage count that fits is 5}}
  %r = tile.for %i = %c0 to %n step %c64 iter_args(%s = %acc) -> (tensor<64x64xf32>) stages(6) {
    // expected-note @+1 {{this load's buffers take 6 x 16384 bytes}}
    %x = tile.load %a[%c0 +: 64, %i +: 64] : !tile.view<?x?xf32> -> tensor<64x64xf32>
    // expected-note @+1 {{this load's buffers take 6 x 16384 bytes}}
    %y = tile.load %a[%i +: 64, %c0 +: 64] : !tile.view<?x?xf32> -> tensor<64x64xf32>
    %d = tile.dot %x, %y, %s : tensor<64x64xf32>, tensor<64x64xf32> -> tensor<64x64xf32>
    tile.yield %d : tensor<64x64xf32>
  }
  tile.return
}

// -----

// The loops of a kernel share the memory.
tile.kernel @two_loops(
    %a: !tile.view<?x?xf32> {tile.access = #tile.access<in>, tile.facts = #tile.facts<unit_axis = 1, align = 16>},
    %b: !tile.view<?x?xf32> {tile.access = #tile.access<out>}, %n: index) attributes {phase = #tile.phase<tile>} {
  %c0 = arith.constant 0 : index
  %c128 = arith.constant 128 : index
  tile.for %i = %c0 to %n step %c128 stages(2) {
    %x = tile.load %a[%c0 +: 128, %i +: 128] : !tile.view<?x?xf32> -> tensor<128x128xf32>
    tile.store %x, %b[%c0 +: 128, %i +: 128] : tensor<128x128xf32>, !tile.view<?x?xf32>
  }
  // expected-error @+2 {{2 stages take 131072 bytes of buffers, and 'sm_80' has 35840 left for them}}
  // expected-note @+1 {{the largest stage count that fits is 1, which leaves the loop as it is written; more need smaller tiles}}
  tile.for %i = %c0 to %n step %c128 stages(2) {
    // expected-note @+1 {{this load's buffers take 2 x 65536 bytes}}
    %x = tile.load %a[%i +: 128, %c0 +: 128] : !tile.view<?x?xf32> -> tensor<128x128xf32>
    tile.store %x, %b[%i +: 128, %c0 +: 128] : tensor<128x128xf32>, !tile.view<?x?xf32>
  }
  tile.return
}

// -----

tile.kernel @too_many(%a: !tile.view<?xf32> {tile.access = #tile.access<in>, tile.facts = #tile.facts<unit_axis = 0, align = 16>},
                      %b: !tile.view<?xf32> {tile.access = #tile.access<out>}, %n: index) attributes {phase = #tile.phase<tile>} {
  %c0 = arith.constant 0 : index
  // expected-error @+1 {{asks for 9223372036854775807 stages; a loop has at most 64}}
  tile.for %i = %c0 to %n step %n stages(9223372036854775807) {
    %x = tile.load %a[%i +: 4] : !tile.view<?xf32> -> tensor<4xf32>
    tile.store %x, %b[%i +: 4] : tensor<4xf32>, !tile.view<?xf32>
  }
  tile.return
}
