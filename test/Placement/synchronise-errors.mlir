// What tile-synchronise refuses.
// RUN: tile-opt %s --split-input-file --verify-diagnostics --pass-pipeline='builtin.module(tile.kernel(tile-synchronise))'

// expected-error @+1 {{only a kernel in phase 'placed' can be synchronised; this is in phase 'pipelined'}}
tile.kernel @pipelined() attributes {phase = #tile.phase<pipelined>, target = "sm_80"} {
  tile.return
}

// -----

#l = #tile.layout<128x64, register = [[0, 1], [0, 2], [0, 4], [16, 0], [32, 0], [64, 0]], lane = [[0, 8], [0, 16], [0, 32], [1, 0], [2, 0]], warp = [[4, 0], [8, 0]]>
#t = #tile.layout<128x64, register = [[0, 8], [0, 16], [0, 32], [16, 0], [32, 0], [64, 0]], lane = [[0, 1], [0, 2], [0, 4], [4, 0], [8, 0]], warp = [[1, 0], [2, 0]]>
!ring = !tile.ring<5 x 128x64xf32, #tile.swizzle<unit = 1, span = 128>>
!slot = !tile.slot<128x64xf32, #tile.swizzle<unit = 1, span = 128>>

// Each buffer, and the stage count that would fit beside the scratch.
// expected-error @+2 {{kernel 'large' takes 196608 bytes of shared memory, but 'sm_80' gives a program 166912}}
// expected-note @+1 {{the largest stage count that fits is 4}}
tile.kernel @large(%a: !tile.view<?x?xf32> {tile.access = #tile.access<in>}, %c: !tile.view<?x?xf32> {tile.access = #tile.access<out>})
    attributes {phase = #tile.phase<placed>, target = "sm_80", num_warps = 4} {
  // expected-note @+1 {{a ring of 5 tiles 'tensor<128x64xf32>': 163840 bytes}}
  %r = tile.ring : !ring
  %ch = tile.channel %r : !ring
  %t0 = arith.constant 0 : i32
  %t1 = arith.constant 1 : i32
  %c0 = arith.constant 0 : index
  %c64 = arith.constant 64 : index
  %n = tile.extent %a, 1 : !tile.view<?x?xf32>
  %u = scf.for %i = %c0 to %n step %c64 iter_args(%t = %t0) -> (i32) {
    tile.acquire %ch[%t]
    tile.copy_async %a[%c0 +: 128, %i +: 64], %r[%t] : !tile.view<?x?xf32>, !ring
    tile.commit %ch[%t]
    tile.await %ch[%t]
    %s = tile.slot %r[%t] : !ring -> !slot
    %x = tile.read %s : !slot -> tensor<128x64xf32, #l>
    tile.release %ch[%t]
    // expected-note @+1 {{a scratch for a tile 'tensor<128x64xf32>': 32768 bytes}}
    %y = tile.convert_layout %x : tensor<128x64xf32, #l> -> tensor<128x64xf32, #t>
    tile.store %y, %c[%c0 +: 128, %i +: 64] : tensor<128x64xf32, #t>, !tile.view<?x?xf32>
    %next = arith.addi %t, %t1 : i32
    scf.yield %next : i32
  }
  tile.return
}

// -----

#l = #tile.layout<256x256, register = [[0, 1], [0, 2], [0, 4], [16, 0], [32, 0], [64, 0], [128, 0], [0, 64], [0, 128]], lane = [[0, 8], [0, 16], [0, 32], [1, 0], [2, 0]], warp = [[4, 0], [8, 0]]>
#t = #tile.layout<256x256, register = [[0, 8], [0, 16], [0, 32], [16, 0], [32, 0], [64, 0], [128, 0], [0, 64], [0, 128]], lane = [[0, 1], [0, 2], [0, 4], [4, 0], [8, 0]], warp = [[1, 0], [2, 0]]>

// expected-error @+2 {{kernel 'no_stages' takes 262144 bytes of shared memory, but 'sm_86' gives a program 101376}}
// expected-note @+1 {{no stage count above 1 fits; take smaller tiles}}
tile.kernel @no_stages(%a: !tile.view<?x?xf32> {tile.access = #tile.access<in>}, %c: !tile.view<?x?xf32> {tile.access = #tile.access<out>})
    attributes {phase = #tile.phase<placed>, target = "sm_86", num_warps = 4} {
  %c0 = arith.constant 0 : index
  %x = tile.load %a[%c0 +: 256, %c0 +: 256] : !tile.view<?x?xf32> -> tensor<256x256xf32, #l>
  // expected-note @+1 {{a scratch for a tile 'tensor<256x256xf32>': 262144 bytes}}
  %y = tile.convert_layout %x : tensor<256x256xf32, #l> -> tensor<256x256xf32, #t>
  tile.store %y, %c[%c0 +: 256, %c0 +: 256] : tensor<256x256xf32, #t>, !tile.view<?x?xf32>
  tile.return
}
