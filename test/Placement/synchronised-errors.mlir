// The rules of layouts hold in phase 'synchronised' too, and are checked before code is made.
// RUN: tile-opt %s --verify-diagnostics --tile-nvptx-lower-kernel

#l = #tile.layout<32, register = [], lane = [[1], [2], [4], [8], [16]], warp = []>
#r = #tile.layout<1x32, register = [], lane = [[0, 16], [0, 2], [0, 4], [0, 8], [0, 1]], warp = []>
tile.kernel @travel(%a: !tile.view<?x?xf32> {tile.access = #tile.access<out>})
    attributes {phase = #tile.phase<synchronised>, target = "sm_80", num_warps = 1, shared_bytes = 0} {
  %c0 = arith.constant 0 : index
  %x = arith.constant dense<1.0> : tensor<32xf32, #l>
  // expected-error @+1 {{moves no data between threads, and its result holds what other threads have}}
  %y = tile.reshape %x : tensor<32xf32, #l> -> tensor<1x32xf32, #r>
  tile.store %y, %a[%c0 +: 1, %c0 +: 32] : tensor<1x32xf32, #r>, !tile.view<?x?xf32>
  tile.return
}
