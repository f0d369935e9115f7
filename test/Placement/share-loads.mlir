// What is loaded before a loop and used behind it waits in few registers: lanes that are to have the same elements keep a share of them each.
// RUN: tile-opt %s --split-input-file --pass-pipeline='builtin.module(tile-pipeline{target=sm_90a},tile.kernel(tile-place))' | FileCheck %s
// RUN: tile-opt %s --split-input-file --pass-pipeline='builtin.module(tile-pipeline{target=sm_90a},tile.kernel(tile-place))' --remarks-filter=placement -o /dev/null 2>&1 | FileCheck %s --check-prefix=REMARK

// A row of halves is needed in 32 registers, and waits in 4; a column is needed in 2, and stays there. What the loop uses is as it is.
// REMARK: waits behind a loop in 4 registers of a lane, not 32, which lanes then exchange
// REMARK-NOT: waits behind a loop
// CHECK: #[[SHARE:.*]] = #tile.layout<256, register = {{\[}}[1], [64], [128]], lane = {{\[}}[2], [4], [8], [16], [32]], warp = {{\[}}[0], [0], [0]]>
// CHECK: #[[COLUMN:.*]] = #tile.layout<128, register = {{\[}}[8]], lane = {{\[}}[0], [0], [1], [2], [4]], warp = {{\[}}[16], [32], [64]]>
// CHECK: #[[WHOLE:.*]] = #tile.layout<256, register = {{\[}}[1], [8], [16], [32], [64], [128]], lane = {{\[}}[2], [4], [0], [0], [0]], warp = {{\[}}[0], [0], [0]]>
// CHECK-LABEL: tile.kernel @biased
tile.kernel @biased(
    %a: !tile.view<?x?xbf16> {tile.access = #tile.access<in>, tile.facts = #tile.facts<unit_axis = 1, align = 16, extent_align = 16, tensor_map = true>},
    %b: !tile.view<?x?xbf16> {tile.access = #tile.access<in>, tile.facts = #tile.facts<unit_axis = 1, align = 16, extent_align = 16, tensor_map = true>},
    %bias: !tile.view<?xbf16> {tile.access = #tile.access<in>, tile.facts = #tile.facts<unit_axis = 0, align = 16, extent_align = 16>},
    %scale: !tile.view<?xf32> {tile.access = #tile.access<in>, tile.facts = #tile.facts<unit_axis = 0, align = 16, extent_align = 16>},
    %c: !tile.view<?x?xbf16> {tile.access = #tile.access<out>, tile.facts = #tile.facts<unit_axis = 1, align = 16, extent_align = 16, tensor_map = true>}) attributes {phase = #tile.phase<tile>} {
  %c0 = arith.constant 0 : index
  %c64 = arith.constant 64 : index
  %c128 = arith.constant 128 : index
  %c256 = arith.constant 256 : index
  %k = tile.extent %a, 1 : !tile.view<?x?xbf16>
  %p0 = tile.program_id 0
  %p1 = tile.program_id 1
  %m = arith.muli %p0, %c128 : index
  %n = arith.muli %p1, %c256 : index
  %zero = arith.constant dense<0.0> : tensor<128x256xf32>
  // CHECK: %[[ROW:.*]] = tile.load %{{.*}} -> tensor<256xbf16, #[[SHARE]]>
  // CHECK: %[[SCALE:.*]] = tile.load %{{.*}} -> tensor<128xf32, #[[COLUMN]]>
  // CHECK: scf.for
  // CHECK: tile.dot_wait %{{.*}} {pending = 0 : i64}
  // CHECK: %[[EACH:.*]] = tile.convert_layout %[[ROW]] : tensor<256xbf16, #[[SHARE]]> -> tensor<256xbf16, #[[WHOLE]]>
  // CHECK-NEXT: arith.extf %[[EACH]]
  %r = tile.for %i = %c0 to %k step %c64 iter_args(%acc = %zero) -> (tensor<128x256xf32>) stages(2) {
    %x = tile.load %a[%m +: 128, %i +: 64] : !tile.view<?x?xbf16> -> tensor<128x64xbf16>
    %y = tile.load %b[%i +: 64, %n +: 256] : !tile.view<?x?xbf16> -> tensor<64x256xbf16>
    %d = tile.dot %x, %y, %acc : tensor<128x64xbf16>, tensor<64x256xbf16> -> tensor<128x256xf32>
    tile.yield %d : tensor<128x256xf32>
  }
  %v = tile.load %bias[%n +: 256] : !tile.view<?xbf16> -> tensor<256xbf16>
  %wide = arith.extf %v : tensor<256xbf16> to tensor<256xf32>
  %row = tile.reshape %wide : tensor<256xf32> -> tensor<1x256xf32>
  %rows = tile.broadcast %row : tensor<1x256xf32> -> tensor<128x256xf32>
  %u = tile.load %scale[%m +: 128] : !tile.view<?xf32> -> tensor<128xf32>
  %column = tile.reshape %u : tensor<128xf32> -> tensor<128x1xf32>
  %columns = tile.broadcast %column : tensor<128x1xf32> -> tensor<128x256xf32>
  %s = arith.mulf %r, %columns : tensor<128x256xf32>
  %t = arith.addf %s, %rows : tensor<128x256xf32>
  %h = arith.truncf %t : tensor<128x256xf32> to tensor<128x256xbf16>
  tile.store %h, %c[%m +: 128, %n +: 256] : tensor<128x256xbf16>, !tile.view<?x?xbf16>
  tile.return
}
