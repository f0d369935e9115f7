// Plans of kernels whose loops a producer fills: the rings leave room for what tiles are stored through, and every loop gets two stages.
// RUN: tile-opt %s --split-input-file --verify-diagnostics --pass-pipeline='builtin.module(tile.kernel(tile-bind{target=sm_90a},tile-plan))' --remarks-filter=pipeline | FileCheck %s
// RUN: tile-opt %s --split-input-file --pass-pipeline='builtin.module(tile.kernel(tile-bind{target=sm_90a},tile-plan{max-stages=1}))' | FileCheck %s --check-prefix=FEW

// 32 KiB of it are taken by pieces of the tile that is stored; the model asks for no more stages than fit beside them. Nothing is said of the
// loop over programs.
// CHECK-LABEL: tile.kernel @stored
// CHECK: tile.for {{.*}} stages(1) attributes {plan = #tile.plan<stages = 1
// CHECK: tile.for {{.*}} attributes {plan = #tile.plan<stages = 4, {{.*}}shared_bytes = 196608>}
// CHECK: tile.load {{.*}} tile.at = #tile.at<stage = 0, order = {{.*}}, ahead = 3, depth = 4>
// FEW-LABEL: tile.kernel @stored
// FEW: attributes {plan = #tile.plan<stages = 2
// expected-remark @+1 {{specialised}}
tile.kernel @stored(
    %a: !tile.view<?x?xbf16> {tile.access = #tile.access<in>, tile.facts = #tile.facts<unit_axis = 1, align = 16, extent_align = 16, tensor_map = true>},
    %b: !tile.view<?x?xbf16> {tile.access = #tile.access<in>, tile.facts = #tile.facts<unit_axis = 1, align = 16, extent_align = 16, tensor_map = true>},
    %c: !tile.view<?x?xf32> {tile.access = #tile.access<out>, tile.facts = #tile.facts<unit_axis = 1, align = 16, extent_align = 16, tensor_map = true>},
    %at: !tile.view<?xindex> {tile.access = #tile.access<in>}, %s: !tile.view<?xindex> {tile.access = #tile.access<out>}) attributes {phase = #tile.phase<tile>} {
  %c0 = arith.constant 0 : index
  %c64 = arith.constant 64 : index
  %k = tile.extent %a, 1 : !tile.view<?x?xbf16>
  %zero = arith.constant dense<0.0> : tensor<128x256xf32>
  // expected-remark @+1 {{4 stages, an iteration every}}
  %r = tile.for %i = %c0 to %k step %c64 iter_args(%acc = %zero) -> (tensor<128x256xf32>) {
    // expected-remark @+1 {{read ahead by the producer warp, for its copies}}
    %m = tile.load %at[%i] : !tile.view<?xindex> -> index
    // expected-remark @+1 {{the loop's producer warp reads only what its copies need}}
    %o = tile.load %at[%m] : !tile.view<?xindex> -> index
    // expected-remark @+1 {{4 buffers of 16384 bytes, filled by a producer warp through tensor copies}}
    %x = tile.load %a[%m +: 128, %i +: 64] : !tile.view<?x?xbf16> -> tensor<128x64xbf16>
    // expected-remark @+1 {{4 buffers of 32768 bytes, filled by a producer warp through tensor copies}}
    %y = tile.load %b[%i +: 64, %c0 +: 256] : !tile.view<?x?xbf16> -> tensor<64x256xbf16>
    %d = tile.dot %x, %y, %acc : tensor<128x64xbf16>, tensor<64x256xbf16> -> tensor<128x256xf32>
    tile.store %o, %s[%o] : index, !tile.view<?xindex>
    tile.yield %d : tensor<128x256xf32>
  }
  tile.store %r, %c[%c0 +: 128, %c0 +: 256] : tensor<128x256xf32>, !tile.view<?x?xf32>
  tile.return
}

// -----

// The first of two loops leaves two buffers to the second. A loop of scalars stays as it is.
// CHECK-LABEL: tile.kernel @two_loops
// CHECK: plan = #tile.plan<stages = 1
// CHECK: plan = #tile.plan<stages = 2, {{.*}}shared_bytes = 131072>
// CHECK: plan = #tile.plan<stages = 2, {{.*}}shared_bytes = 65536>
// CHECK: plan = #tile.plan<stages = 1
// expected-remark @+1 {{specialised}}
tile.kernel @two_loops(
    %a: !tile.view<?x?xbf16> {tile.access = #tile.access<in>, tile.facts = #tile.facts<unit_axis = 1, align = 16, extent_align = 16, tensor_map = true>},
    %b: !tile.view<?x?xbf16> {tile.access = #tile.access<in>, tile.facts = #tile.facts<unit_axis = 1, align = 16, extent_align = 16, tensor_map = true>},
    %c: !tile.view<?x?xbf16> {tile.access = #tile.access<out>, tile.facts = #tile.facts<unit_axis = 1, align = 16, extent_align = 16, tensor_map = true>},
    %at: !tile.view<?xindex> {tile.access = #tile.access<in>}, %s: !tile.view<?xindex> {tile.access = #tile.access<out>}) attributes {phase = #tile.phase<tile>} {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c64 = arith.constant 64 : index
  %c128 = arith.constant 128 : index
  %k = tile.extent %a, 1 : !tile.view<?x?xbf16>
  %zero = arith.constant dense<0.0> : tensor<128x128xf32>
  // expected-remark @+1 {{2 stages}}
  %r = tile.for %i = %c0 to %k step %c128 iter_args(%acc = %zero) -> (tensor<128x128xf32>) {
    // expected-remark @+1 {{2 buffers of 32768 bytes}}
    %x = tile.load %a[%c0 +: 128, %i +: 128] : !tile.view<?x?xbf16> -> tensor<128x128xbf16>
    // expected-remark @+1 {{2 buffers of 32768 bytes}}
    %y = tile.load %b[%i +: 128, %c0 +: 128] : !tile.view<?x?xbf16> -> tensor<128x128xbf16>
    %d = tile.dot %x, %y, %acc : tensor<128x128xbf16>, tensor<128x128xbf16> -> tensor<128x128xf32>
    tile.yield %d : tensor<128x128xf32>
  }
  // expected-remark @+1 {{2 stages}}
  %q = tile.for %i = %c0 to %k step %c64 iter_args(%acc = %r) -> (tensor<128x128xf32>) {
    // expected-remark @+1 {{2 buffers of 16384 bytes}}
    %x = tile.load %a[%c0 +: 128, %i +: 64] : !tile.view<?x?xbf16> -> tensor<128x64xbf16>
    // expected-remark @+1 {{2 buffers of 16384 bytes}}
    %y = tile.load %b[%i +: 64, %c0 +: 128] : !tile.view<?x?xbf16> -> tensor<64x128xbf16>
    %d = tile.dot %x, %y, %acc : tensor<128x64xbf16>, tensor<64x128xbf16> -> tensor<128x128xf32>
    tile.yield %d : tensor<128x128xf32>
  }
  %t = arith.truncf %q : tensor<128x128xf32> to tensor<128x128xbf16>
  tile.store %t, %c[%c0 +: 128, %c0 +: 128] : tensor<128x128xbf16>, !tile.view<?x?xbf16>
  // expected-remark @+1 {{a producer warp loads ahead for the kernel, and only tiles that are multiplied}}
  tile.for %i = %c0 to %k step %c1 stages(3) {
    // expected-remark @+1 {{its loop is not pipelined: a producer warp loads ahead for the kernel}}
    %o = tile.load %at[%i] : !tile.view<?xindex> -> index
    tile.store %o, %s[%o] : index, !tile.view<?xindex>
  }
  tile.return
}

// -----

// What tensor copies can't take, threads of the producer copy, and the load says why. Its buffers are as large and as many as the others'.
// expected-remark @+1 {{specialised: 8 warps multiply, four more copy}}
tile.kernel @askew(
    %a: !tile.view<?x?xbf16> {tile.access = #tile.access<in>, tile.facts = #tile.facts<unit_axis = 1, align = 8, extent_align = 2>},
    %b: !tile.view<?x?xbf16> {tile.access = #tile.access<in>, tile.facts = #tile.facts<unit_axis = 1, align = 16, extent_align = 16, tensor_map = true>},
    %c: !tile.view<?x?xf32> {tile.access = #tile.access<out>, tile.facts = #tile.facts<unit_axis = 1, align = 16, extent_align = 16, tensor_map = true>}) attributes {phase = #tile.phase<tile>} {
  %c0 = arith.constant 0 : index
  %c64 = arith.constant 64 : index
  %k = tile.extent %a, 1 : !tile.view<?x?xbf16>
  %zero = arith.constant dense<0.0> : tensor<128x128xf32>
  // expected-remark @+1 {{3 stages}}
  %r = tile.for %i = %c0 to %k step %c64 iter_args(%acc = %zero) -> (tensor<128x128xf32>) stages(3) {
    // expected-remark @+1 {{3 buffers of 16384 bytes, filled by a producer's threads, 8 bytes at a time: it starts its rows at no multiple of 16 bytes, as far as is known}}
    %x = tile.load %a[%c0 +: 128, %i +: 64] : !tile.view<?x?xbf16> -> tensor<128x64xbf16>
    // expected-remark @+1 {{3 buffers of 16384 bytes, filled by a producer warp through tensor copies}}
    %y = tile.load %b[%i +: 64, %c0 +: 128] : !tile.view<?x?xbf16> -> tensor<64x128xbf16>
    %d = tile.dot %x, %y, %acc : tensor<128x64xbf16>, tensor<64x128xbf16> -> tensor<128x128xf32>
    tile.yield %d : tensor<128x128xf32>
  }
  tile.store %r, %c[%c0 +: 128, %c0 +: 128] : tensor<128x128xf32>, !tile.view<?x?xf32>
  tile.return
}

// -----

// Pieces of 8 bytes pass through the first-level cache, which a fourth stage would take away.
// expected-remark @+1 {{specialised: 8 warps multiply, four more copy}}
tile.kernel @cached(
    %a: !tile.view<?x?xbf16> {tile.access = #tile.access<in>, tile.facts = #tile.facts<unit_axis = 1, align = 8, extent_align = 2>},
    %b: !tile.view<?x?xbf16> {tile.access = #tile.access<in>, tile.facts = #tile.facts<unit_axis = 1, align = 8, extent_align = 2>},
    %c: !tile.view<?x?xbf16> {tile.access = #tile.access<out>, tile.facts = #tile.facts<unit_axis = 1, align = 8, extent_align = 8>}) attributes {phase = #tile.phase<tile>} {
  %c0 = arith.constant 0 : index
  %c64 = arith.constant 64 : index
  %k = tile.extent %a, 1 : !tile.view<?x?xbf16>
  %zero = arith.constant dense<0.0> : tensor<128x256xf32>
  // expected-remark @+1 {{3 stages, an iteration every 2066 cycles by the model (bound by copies) where one alone takes 4131; the model would choose 3}}
  %r = tile.for %i = %c0 to %k step %c64 iter_args(%acc = %zero) -> (tensor<128x256xf32>) {
    // expected-remark @+1 {{3 buffers of 16384 bytes}}
    %x = tile.load %a[%c0 +: 128, %i +: 64] : !tile.view<?x?xbf16> -> tensor<128x64xbf16>
    // expected-remark @+1 {{3 buffers of 32768 bytes}}
    %y = tile.load %b[%i +: 64, %c0 +: 256] : !tile.view<?x?xbf16> -> tensor<64x256xbf16>
    %d = tile.dot %x, %y, %acc : tensor<128x64xbf16>, tensor<64x256xbf16> -> tensor<128x256xf32>
    tile.yield %d : tensor<128x256xf32>
  }
  %t = arith.truncf %r : tensor<128x256xf32> to tensor<128x256xbf16>
  // expected-remark @+1 {{by the threads: it starts its rows at no multiple of 16 bytes, as far as is known}}
  tile.store %t, %c[%c0 +: 128, %c0 +: 256] : tensor<128x256xbf16>, !tile.view<?x?xbf16>
  tile.return
}
