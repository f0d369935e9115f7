// The pass that follows padding to folds (L7.2), on IR that the frontend does not write.
// RUN: tile-opt %s --pass-pipeline='builtin.module(tile.kernel(tile-check-padding))' -verify-diagnostics -o /dev/null

tile.kernel @reshapes(%x: !tile.view<?x?xf32> {tile.access = #tile.access<in>}, %y: !tile.view<?xf32> {tile.access = #tile.access<out>})
    attributes {phase = #tile.phase<tile>} {
  %c0 = arith.constant 0 : index
  // expected-note @+1 {{pad with what doesn't count: 'pad = -inf'}}
  %t = tile.load %x[%c0, %c0 +: 8] : !tile.view<?x?xf32> -> tensor<8xf32>
  %a = tile.reshape %t : tensor<8xf32> -> tensor<1x8x1xf32>
  %b = tile.broadcast %a : tensor<1x8x1xf32> -> tensor<4x8x1xf32>
  // The axis of the broadcast holds no padding, that of the view does.
  %c = tile.reduce max %b, 0 : tensor<4x8x1xf32> -> tensor<8x1xf32>
  // expected-warning @+1 {{'max' takes in what lies beyond the edge of a view}}
  %d = tile.reduce max %b, 1 : tensor<4x8x1xf32> -> tensor<4x1xf32>
  // A reshape that mixes axes is not followed.
  %e = tile.reshape %t : tensor<8xf32> -> tensor<2x4xf32>
  %f = tile.reduce max %e, 1 : tensor<2x4xf32> -> tensor<2xf32>
  tile.store %f, %y[%c0 +: 2] : tensor<2xf32>, !tile.view<?xf32>
  tile.return
}

tile.kernel @known(%x: !tile.view<64xi32> {tile.access = #tile.access<in>}, %y: !tile.view<?xi32> {tile.access = #tile.access<out>})
    attributes {phase = #tile.phase<tile>} {
  %c0 = arith.constant 0 : index
  %c56 = arith.constant 56 : index
  %c60 = arith.constant 60 : index
  %p = tile.program_id 0
  %c8 = arith.constant 8 : index
  %q = arith.muli %p, %c8 : index
  %a = tile.load %x[%c56 +: 8] : !tile.view<64xi32> -> tensor<8xi32>
  %b = tile.reduce max %a, 0 : tensor<8xi32> -> i32
  %c = tile.load %x[%q +: 8] : !tile.view<64xi32> -> tensor<8xi32>
  %d = tile.reduce max %c, 0 : tensor<8xi32> -> i32
  // expected-note @+1 {{pad with what doesn't count: 'pad = -2147483648'}}
  %e = tile.load %x[%c60 +: 8] : !tile.view<64xi32> -> tensor<8xi32>
  // expected-warning @+1 {{'max' takes in what lies beyond the edge of a view, which is 0 here}}
  %f = tile.reduce max %e, 0 : tensor<8xi32> -> i32
  %g = arith.constant 3 : i32
  tile.store %g, %y[%c0] : i32, !tile.view<?xi32>
  tile.return
}
