// RUN: tile-opt %s --split-input-file --tile-print-ptx --verify-diagnostics -o /dev/null

// expected-error@below {{is lowered from phase 'synchronised', not 'tile'}}
tile.kernel @early() attributes {phase = #tile.phase<tile>} { tile.return }

// -----

// expected-error@below {{there is no PTX for target 'cpu'}}
tile.kernel @host() attributes {phase = #tile.phase<synchronised>, target = "cpu", num_warps = 1, shared_bytes = 0} { tile.return }

// -----

#l = #tile.layout<32, register = [], lane = [[1], [2], [4], [8], [16]], warp = []>
tile.kernel @unknown(%a: !tile.view<?xf32> {tile.access = #tile.access<inout>})
    attributes {phase = #tile.phase<synchronised>, target = "sm_80", num_warps = 1, shared_bytes = 0} {
  %c0 = arith.constant 0 : index
  %x = tile.load %a[%c0 +: 32] : !tile.view<?xf32> -> tensor<32xf32, #l>
  // expected-error@below {{can't be lowered to the code of a thread}}
  %y = tensor.extract %x[%c0] : tensor<32xf32, #l>
  tile.store %y, %a[%c0] : f32, !tile.view<?xf32>
  tile.return
}

// -----

#l = #tile.layout<32, register = [], lane = [[1], [2], [4], [8], [16]], warp = []>
#r = #tile.layout<1x32, register = [], lane = [[0, 16], [0, 2], [0, 4], [0, 8], [0, 1]], warp = []>
tile.kernel @travel(%a: !tile.view<?x?xf32> {tile.access = #tile.access<out>})
    attributes {phase = #tile.phase<synchronised>, target = "sm_80", num_warps = 1, shared_bytes = 0} {
  %c0 = arith.constant 0 : index
  %x = arith.constant dense<1.0> : tensor<32xf32, #l>
  // expected-error@below {{moves data between threads}}
  %y = tile.reshape %x : tensor<32xf32, #l> -> tensor<1x32xf32, #r>
  tile.store %y, %a[%c0 +: 1, %c0 +: 32] : tensor<1x32xf32, #r>, !tile.view<?x?xf32>
  tile.return
}
