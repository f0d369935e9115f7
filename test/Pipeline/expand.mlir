// RUN: tile-opt %s --pass-pipeline='builtin.module(tile-pipeline{target=cpu})'
tile.kernel @matmul(
    %a: !tile.view<?x?xf32> {tile.access = #tile.access<in>, tile.facts = #tile.facts<unit_axis = 1, align = 16>},
    %b: !tile.view<?x?xf32> {tile.access = #tile.access<in>, tile.facts = #tile.facts<unit_axis = 1, align = 16>},
    %c: !tile.view<?x?xf32> {tile.access = #tile.access<out>}) attributes {phase = #tile.phase<tile>} {
  %c0 = arith.constant 0 : index
  %c32 = arith.constant 32 : index
  %c64 = arith.constant 64 : index
  %p0 = tile.program_id 0
  %p1 = tile.program_id 1
  %m = arith.muli %p0, %c64 : index
  %n = arith.muli %p1, %c64 : index
  %k = tile.extent %a, 1 : !tile.view<?x?xf32>
  %zero = arith.constant dense<0.0> : tensor<64x64xf32>
  %r = tile.for %i = %c0 to %k step %c32 iter_args(%acc = %zero) -> (tensor<64x64xf32>) stages(3) {
    %x = tile.load %a[%m +: 64, %i +: 32] : !tile.view<?x?xf32> -> tensor<64x32xf32>
    %y = tile.load %b[%i +: 32, %n +: 64] : !tile.view<?x?xf32> -> tensor<32x64xf32>
    %d = tile.dot %x, %y, %acc : tensor<64x32xf32>, tensor<32x64xf32> -> tensor<64x64xf32>
    tile.yield %d : tensor<64x64xf32>
  }
  tile.store %r, %c[%m +: 64, %n +: 64] : tensor<64x64xf32>, !tile.view<?x?xf32>
  tile.return
}
