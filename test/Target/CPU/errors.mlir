// RUN: tile-opt %s --split-input-file --tile-cpu-lower-kernel --verify-diagnostics

// expected-error@below {{tile too large for the target: a program needs 98304 KiB of scratch memory, the limit is 65536 KiB}}
// expected-note@below {{65536 KiB for a load of tensor<4096x4096xf32>}}
// expected-note@below {{32768 KiB for a load of tensor<2048x4096xf32>}}
tile.kernel @large(%a: !tile.view<?x?xf32> {tile.access = #tile.access<inout>}) attributes {phase = #tile.phase<pipelined>, target = "cpu"} {
  %c0 = arith.constant 0 : index
  %x = tile.load %a[%c0 +: 4096, %c0 +: 4096] : !tile.view<?x?xf32> -> tensor<4096x4096xf32>
  %y = tile.load %a[%c0 +: 2048, %c0 +: 4096] : !tile.view<?x?xf32> -> tensor<2048x4096xf32>
  tile.store %x, %a[%c0 +: 4096, %c0 +: 4096] : tensor<4096x4096xf32>, !tile.view<?x?xf32>
  tile.store %y, %a[%c0 +: 2048, %c0 +: 4096] : tensor<2048x4096xf32>, !tile.view<?x?xf32>
  tile.return
}

// -----

tile.kernel @first() attributes {phase = #tile.phase<pipelined>, target = "cpu"} { tile.return }
// expected-error@below {{is the second kernel of its module, and one is lowered at a time}}
tile.kernel @second() attributes {phase = #tile.phase<pipelined>, target = "cpu"} { tile.return }

// -----

tile.kernel @unknown(%a: !tile.view<?xf32> {tile.access = #tile.access<inout>}) attributes {phase = #tile.phase<pipelined>, target = "cpu"} {
  %c0 = arith.constant 0 : index
  %x = tile.load %a[%c0 +: 4] : !tile.view<?xf32> -> tensor<4xf32>
  // expected-error@below {{can't be lowered to host code}}
  %y = tensor.extract %x[%c0] : tensor<4xf32>
  tile.store %y, %a[%c0] : f32, !tile.view<?xf32>
  tile.return
}

// -----

// expected-error@below {{is planned for workers or a producer, which host code does not have}}
tile.kernel @produced(%a: !tile.view<?xf32> {tile.access = #tile.access<in>}) attributes {phase = #tile.phase<pipelined>, target = "sm_90a"} {
  %c0 = arith.constant 0 : index
  %t = arith.constant 0 : i32
  %r = tile.ring : !tile.ring<2 x 64xf32>
  %c = tile.channel %r : !tile.ring<2 x 64xf32>
  tile.producer {
    tile.acquire %c[%t]
    tile.copy_async %a[%c0 +: 64], %r[%t] : !tile.view<?xf32>, !tile.ring<2 x 64xf32>
    tile.commit %c[%t]
  }
  tile.return
}

// -----

// expected-error@below {{is planned for workers or a producer, which host code does not have}}
tile.kernel @workers() attributes {phase = #tile.phase<pipelined>, target = "sm_90a", persistent} {
  %w = tile.worker_id
  tile.return
}
