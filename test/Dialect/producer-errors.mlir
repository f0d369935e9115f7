// What is wrong with producers, async dots and persistent kernels.
// RUN: tile-opt %s -split-input-file -verify-diagnostics

tile.kernel @read_early(%x: f32) attributes {phase = #tile.phase<pipelined>, target = "sm_90a"} {
  %r = tile.ring : !tile.ring<2 x 64x64xbf16>
  %c = tile.channel %r : !tile.ring<2 x 64x64xbf16>
  %t = arith.constant 0 : i32
  %zero = arith.constant dense<0.0> : tensor<64x64xf32>
  %s = tile.slot %r[%t] : !tile.ring<2 x 64x64xbf16> -> !tile.slot<64x64xbf16>
  // expected-error @+1 {{is async, and its result is read without a 'tile.dot_wait'}}
  %d = tile.dot %s, %s, %zero {async} : !tile.slot<64x64xbf16>, !tile.slot<64x64xbf16> -> tensor<64x64xf32>
  %e = arith.addf %d, %d : tensor<64x64xf32>
  tile.return
}

// -----

tile.kernel @not_an_accumulator(%x: f32) attributes {phase = #tile.phase<pipelined>, target = "sm_90a"} {
  %zero = arith.constant dense<0.0> : tensor<64x64xf32>
  // expected-error @+1 {{is async, and its result is read without a 'tile.dot_wait'}}
  %d = tile.dot %zero, %zero, %zero {async} : tensor<64x64xf32>, tensor<64x64xf32> -> tensor<64x64xf32>
  %e = tile.dot %d, %zero, %zero {async} : tensor<64x64xf32>, tensor<64x64xf32> -> tensor<64x64xf32>
  tile.return
}

// -----

tile.kernel @tile_in_producer(%x: f32) attributes {phase = #tile.phase<pipelined>, target = "sm_90a"} {
  tile.producer {
    // expected-error @+1 {{does not belong in a 'tile.producer', which fills rings and computes scalars}}
    %y = tensor.splat %x : tensor<64xf32>
  }
  tile.return
}

// -----

tile.kernel @release_in_producer() attributes {phase = #tile.phase<pipelined>, target = "sm_90a"} {
  %r = tile.ring : !tile.ring<2 x 64x64xbf16>
  %c = tile.channel %r : !tile.ring<2 x 64x64xbf16>
  %t = arith.constant 0 : i32
  tile.producer {
    // expected-error @+1 {{does not belong in a 'tile.producer', which fills rings and computes scalars}}
    tile.release %c[%t]
  }
  tile.return
}

// -----

tile.kernel @too_early() attributes {phase = #tile.phase<bound>, target = "sm_90a"} {
  // expected-error @+1 {{where nothing is in flight yet}}
  tile.dot_wait {pending = 0 : i64}
  tile.return
}

// -----

tile.kernel @not_persistent() attributes {phase = #tile.phase<bound>, target = "sm_90a"} {
  // expected-error @+1 {{whose kernel is not persistent}}
  %w = tile.worker_id
  tile.return
}

// -----

tile.kernel @half_a_place() attributes {phase = #tile.phase<pipelined>, target = "sm_90a"} {
  %r = tile.ring : !tile.ring<2 x 64x64xbf16>
  // expected-error @+1 {{says where its barriers are and how many arrivals they count, or neither}}
  %c = tile.channel %r {arrivals = 1 : i64} : !tile.ring<2 x 64x64xbf16>
  tile.return
}

// -----

tile.kernel @too_late(%y: !tile.view<?xf32> {tile.access = #tile.access<out>})
    attributes {phase = #tile.phase<placed>, target = "sm_90a", num_warps = 4 : i64} {
  // expected-error @+1 {{whose waits are those of channels}}
  tile.store_wait
  tile.return
}

// -----

tile.kernel @only_read(%y: !tile.view<?xf32> {tile.access = #tile.access<in>})
    attributes {phase = #tile.phase<synchronised>, target = "sm_90a", num_warps = 4 : i64, shared_bytes = 256 : i64} {
  %c0 = arith.constant 0 : index
  %s = tile.scratch {offset = 0 : i64} : !tile.slot<64xf32, #tile.swizzle<unit = 0, span = 0>>
  // expected-error @+1 {{writes to argument 0, which is only read}}
  tile.store_async %s, %y[%c0 +: 64] : !tile.slot<64xf32, #tile.swizzle<unit = 0, span = 0>>, !tile.view<?xf32>
  tile.return
}

// -----

#l = #tile.layout<64x16, register = [[0, 8], [8, 0], [0, 1]], lane = [[0, 2], [0, 4], [1, 0], [2, 0], [4, 0]], warp = [[16, 0], [32, 0]]>
tile.kernel @parts(%v: f32) attributes {phase = #tile.phase<synchronised>, target = "sm_90a", num_warps = 4 : i64, shared_bytes = 4096 : i64} {
  %x = tensor.splat %v : tensor<64x16xf32, #l>
  %s = tile.scratch {offset = 0 : i64} : !tile.slot<64x8xf32, #tile.swizzle<unit = 1, span = 32>>
  // expected-error @+1 {{writes 8 from 12 on of 16 elements of an axis, which is no such part of it}}
  tile.write %x[0, 12], %s : tensor<64x16xf32, #l>, !tile.slot<64x8xf32, #tile.swizzle<unit = 1, span = 32>>
  tile.return
}

// -----

#l = #tile.layout<64x16, register = [[0, 8], [8, 0], [0, 1]], lane = [[0, 2], [0, 4], [1, 0], [2, 0], [4, 0]], warp = [[16, 0], [32, 0]]>
tile.kernel @parts(%v: f32) attributes {phase = #tile.phase<synchronised>, target = "sm_90a", num_warps = 4 : i64, shared_bytes = 4096 : i64} {
  %x = tensor.splat %v : tensor<64x16xf32, #l>
  %s = tile.scratch {offset = 0 : i64} : !tile.slot<64x8xf32, #tile.swizzle<unit = 1, span = 32>>
  // expected-error @+1 {{writes no 'tensor<64x8xf32>' of a 'tensor<64x16xf32>'}}
  tile.write %x[8], %s : tensor<64x16xf32, #l>, !tile.slot<64x8xf32, #tile.swizzle<unit = 1, span = 32>>
  tile.return
}

// -----

#l = #tile.layout<64x16, register = [[0, 8], [8, 0], [0, 1]], lane = [[0, 2], [0, 4], [1, 0], [2, 0], [4, 0]], warp = [[16, 0], [32, 0]]>
tile.kernel @parts(%v: f32) attributes {phase = #tile.phase<synchronised>, target = "sm_90a", num_warps = 4 : i64, shared_bytes = 4096 : i64} {
  %x = tensor.splat %v : tensor<64x16xf32, #l>
  %s = tile.scratch {offset = 0 : i64} : !tile.slot<64x4xf32, #tile.swizzle<unit = 1, span = 0>>
  // expected-error @+1 {{writes a part that threads don't hold in registers of its own}}
  tile.write %x[0, 4], %s : tensor<64x16xf32, #l>, !tile.slot<64x4xf32, #tile.swizzle<unit = 1, span = 0>>
  tile.return
}
