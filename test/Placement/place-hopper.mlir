// A producer's kernel: dots of warpgroups decide their accumulator's layout, rings are swizzled as tensor copies write them, and what is stored
// by tensor copies keeps its layout.
// RUN: tile-opt %s --split-input-file --pass-pipeline='builtin.module(tile.kernel(tile-place))' | FileCheck %s

// CHECK-DAG: #[[ACC:.*]] = #tile.layout<128x256, register = {{\[}}[0, 1], [8, 0], [0, 8], [0, 16], [0, 32], [0, 64], [0, 128]], lane = {{\[}}[0, 2], [0, 4], [1, 0], [2, 0], [4, 0]], warp = {{\[}}[16, 0], [32, 0], [64, 0]]>
// CHECK-LABEL: tile.kernel @matmul
tile.kernel @matmul(%a: !tile.view<?x?xbf16> {tile.access = #tile.access<in>, tile.facts = #tile.facts<unit_axis = 1, align = 16, extent_align = 16>},
                    %b: !tile.view<?x?xbf16> {tile.access = #tile.access<in>, tile.facts = #tile.facts<unit_axis = 1, align = 16, extent_align = 16>},
                    %c: !tile.view<?x?xbf16> {tile.access = #tile.access<out>, tile.facts = #tile.facts<unit_axis = 1, align = 16, extent_align = 16>})
    attributes {phase = #tile.phase<pipelined>, target = "sm_90a", num_warps = 8 : i64, persistent} {
  // CHECK: tile.ring : !tile.ring<3 x 128x64xbf16, #tile.swizzle<unit = 1, span = 128>>
  %ra = tile.ring : !tile.ring<3 x 128x64xbf16>
  // CHECK: tile.ring : !tile.ring<3 x 64x256xbf16, #tile.swizzle<unit = 1, span = 128>>
  %rb = tile.ring : !tile.ring<3 x 64x256xbf16>
  %ch = tile.channel %ra, %rb : !tile.ring<3 x 128x64xbf16>, !tile.ring<3 x 64x256xbf16>
  %c0 = arith.constant 0 : index
  %c64 = arith.constant 64 : index
  %c128 = arith.constant 128 : index
  %c256 = arith.constant 256 : index
  %t0 = arith.constant 0 : i32
  %t1 = arith.constant 1 : i32
  %zero = arith.constant dense<0.0> : tensor<128x256xf32>
  %k = tile.extent %a, 1 : !tile.view<?x?xbf16>
  %w = tile.worker_id
  %n = tile.workers
  %p = tile.programs
  tile.producer {
    %last = scf.for %work = %w to %p step %n iter_args(%first = %t0) -> (i32) {
      %i = tile.program_id 0 of %work
      %j = tile.program_id 1 of %work
      %m0 = arith.muli %i, %c128 : index
      %n0 = arith.muli %j, %c256 : index
      %end = scf.for %kk = %c0 to %k step %c64 iter_args(%t = %first) -> (i32) {
        tile.acquire %ch[%t]
        tile.copy_async %a[%m0 +: 128, %kk +: 64], %ra[%t] {binding = #tile.binding<tensor, bytes = 16>} : !tile.view<?x?xbf16>, !tile.ring<3 x 128x64xbf16>
        tile.copy_async %b[%kk +: 64, %n0 +: 256], %rb[%t] {binding = #tile.binding<tensor, bytes = 16>} : !tile.view<?x?xbf16>, !tile.ring<3 x 64x256xbf16>
        tile.commit %ch[%t]
        %next = arith.addi %t, %t1 : i32
        scf.yield %next : i32
      }
      scf.yield %end : i32
    }
  }
  // CHECK-NOT: tile.convert_layout
  // CHECK: arith.constant dense<0.000000e+00> : tensor<128x256xf32, #[[ACC]]>
  // CHECK-NOT: tile.convert_layout
  %last = scf.for %work = %w to %p step %n iter_args(%first = %t0) -> (i32) {
    %i = tile.program_id 0 of %work
    %j = tile.program_id 1 of %work
    %m0 = arith.muli %i, %c128 : index
    %n0 = arith.muli %j, %c256 : index
    %acc, %end = scf.for %kk = %c0 to %k step %c64 iter_args(%sum = %zero, %t = %first) -> (tensor<128x256xf32>, i32) {
      tile.await %ch[%t]
      // CHECK: tile.slot {{.*}} -> !tile.slot<128x64xbf16, #tile.swizzle<unit = 1, span = 128>>
      %sa = tile.slot %ra[%t] : !tile.ring<3 x 128x64xbf16> -> !tile.slot<128x64xbf16>
      %sb = tile.slot %rb[%t] : !tile.ring<3 x 64x256xbf16> -> !tile.slot<64x256xbf16>
      // CHECK: tile.dot {{.*}} {async, {{.*}}} : {{.*}} -> tensor<128x256xf32, #[[ACC]]>
      %d = tile.dot %sa, %sb, %sum {async, binding = #tile.dot_binding<"wgmma", 64 x 256 x 16>} : !tile.slot<128x64xbf16>, !tile.slot<64x256xbf16> -> tensor<128x256xf32>
      tile.dot_wait {pending = 1 : i64}
      %isLater = arith.cmpi ne, %kk, %c0 : index
      scf.if %isLater {
        %before = arith.subi %t, %t1 : i32
        tile.release %ch[%before]
      }
      %next = arith.addi %t, %t1 : i32
      scf.yield %d, %next : tensor<128x256xf32>, i32
    }
    // CHECK-NOT: tile.convert_layout
    // CHECK: tile.dot_wait {{.*}} : tensor<128x256xf32, #[[ACC]]>
    %sum = tile.dot_wait %acc {pending = 0 : i64} : tensor<128x256xf32>
    %some = arith.cmpi ne, %first, %end : i32
    scf.if %some {
      %before = arith.subi %end, %t1 : i32
      tile.release %ch[%before]
    }
    %r = arith.truncf %sum : tensor<128x256xf32> to tensor<128x256xbf16>
    // CHECK-NOT: tile.convert_layout
    // CHECK: tile.store {{.*}} {binding = #tile.binding<tensor, bytes = 16>} : tensor<128x256xbf16, #[[ACC]]>
    tile.store %r, %c[%m0 +: 128, %n0 +: 256] {binding = #tile.binding<tensor, bytes = 16>} : tensor<128x256xbf16>, !tile.view<?x?xbf16>
    scf.yield %end : i32
  }
  tile.return
}

// -----

// One instruction's rows and 8 warps: the second group has the upper half of the columns. An operand whose rows lie along memory is swizzled
// along them. What is added is loaded as the sum lies, a row, too: through memory the warpgroups would meet.
// CHECK-DAG: #[[ACC:.*]] = #tile.layout<64x128, register = {{\[}}[0, 1], [8, 0], [0, 8], [0, 16], [0, 32]], lane = {{\[}}[0, 2], [0, 4], [1, 0], [2, 0], [4, 0]], warp = {{\[}}[16, 0], [32, 0], [0, 64]]>
// CHECK-LABEL: tile.kernel @columns
// CHECK: tile.ring : !tile.ring<2 x 64x64xbf16, #tile.swizzle<unit = 0, span = 128>>
// CHECK: tile.ring : !tile.ring<2 x 64x128xbf16, #tile.swizzle<unit = 0, span = 128>>
// CHECK: tile.dot {{.*}} -> tensor<64x128xf32, #[[ACC]]>
// CHECK-NOT: tile.convert_layout
// CHECK: tile.load {{.*}} -> tensor<128xf32
// CHECK-NOT: tile.convert_layout
// CHECK: arith.addf {{.*}} : tensor<64x128xf32, #[[ACC]]>
// CHECK: tile.load {{.*}} -> tensor<64x128xf32, #[[ACC]]>
// CHECK-NOT: tile.convert_layout
// CHECK: tile.store {{.*}} {binding = #tile.binding<tensor, bytes = 16>} : tensor<64x128xf32, #[[ACC]]>
tile.kernel @columns(%a: !tile.view<?x?xbf16> {tile.access = #tile.access<in>, tile.facts = #tile.facts<unit_axis = 0, align = 16, extent_align = 16>},
                     %b: !tile.view<?x?xbf16> {tile.access = #tile.access<in>, tile.facts = #tile.facts<unit_axis = 0, align = 16, extent_align = 16>},
                     %bias: !tile.view<?xf32> {tile.access = #tile.access<in>, tile.facts = #tile.facts<unit_axis = 0, align = 16, extent_align = 16>},
                     %r: !tile.view<?x?xf32> {tile.access = #tile.access<in>, tile.facts = #tile.facts<unit_axis = 1, align = 16, extent_align = 16>},
                     %c: !tile.view<?x?xf32> {tile.access = #tile.access<out>, tile.facts = #tile.facts<unit_axis = 1, align = 16, extent_align = 16>})
    attributes {phase = #tile.phase<pipelined>, target = "sm_90a", num_warps = 8 : i64} {
  %ra = tile.ring : !tile.ring<2 x 64x64xbf16>
  %rb = tile.ring : !tile.ring<2 x 64x128xbf16>
  %ch = tile.channel %ra, %rb : !tile.ring<2 x 64x64xbf16>, !tile.ring<2 x 64x128xbf16>
  %c0 = arith.constant 0 : index
  %t0 = arith.constant 0 : i32
  %zero = arith.constant dense<0.0> : tensor<64x128xf32>
  tile.producer {
    tile.acquire %ch[%t0]
    tile.copy_async %a[%c0 +: 64, %c0 +: 64], %ra[%t0] {binding = #tile.binding<tensor, bytes = 16>} : !tile.view<?x?xbf16>, !tile.ring<2 x 64x64xbf16>
    tile.copy_async %b[%c0 +: 64, %c0 +: 128], %rb[%t0] {binding = #tile.binding<tensor, bytes = 16>} : !tile.view<?x?xbf16>, !tile.ring<2 x 64x128xbf16>
    tile.commit %ch[%t0]
  }
  tile.await %ch[%t0]
  %sa = tile.slot %ra[%t0] : !tile.ring<2 x 64x64xbf16> -> !tile.slot<64x64xbf16>
  %sb = tile.slot %rb[%t0] : !tile.ring<2 x 64x128xbf16> -> !tile.slot<64x128xbf16>
  %d = tile.dot %sa, %sb, %zero {async, binding = #tile.dot_binding<"wgmma", 64 x 128 x 16>} : !tile.slot<64x64xbf16>, !tile.slot<64x128xbf16> -> tensor<64x128xf32>
  %e = tile.dot_wait %d {pending = 0 : i64} : tensor<64x128xf32>
  tile.release %ch[%t0]
  %v = tile.load %bias[%c0 +: 128] : !tile.view<?xf32> -> tensor<128xf32>
  %row = tile.reshape %v : tensor<128xf32> -> tensor<1x128xf32>
  %all = tile.broadcast %row : tensor<1x128xf32> -> tensor<64x128xf32>
  %biased = arith.addf %e, %all : tensor<64x128xf32>
  %x = tile.load %r[%c0 +: 64, %c0 +: 128] : !tile.view<?x?xf32> -> tensor<64x128xf32>
  %sum = arith.addf %biased, %x : tensor<64x128xf32>
  tile.store %sum, %c[%c0 +: 64, %c0 +: 128] {binding = #tile.binding<tensor, bytes = 16>} : tensor<64x128xf32>, !tile.view<?x?xf32>
  tile.return
}

// -----

// Stores that tensor copies can't make as they are meant: again and again to one place, of what is read too, of rows too short for the unit,
// and of rows that nothing is known of.
// CHECK-LABEL: tile.kernel @by_threads
// CHECK: tile.store {{.*}} {binding = #tile.binding<direct
// CHECK: tile.load
// CHECK: tile.store {{.*}} {binding = #tile.binding<direct
// CHECK: tile.store {{.*}} {binding = #tile.binding<direct
// CHECK: tile.store {{.*}} {binding = #tile.binding<direct
// CHECK: tile.store {{.*}} {binding = #tile.binding<tensor
tile.kernel @by_threads(%again: !tile.view<?x?xf32> {tile.access = #tile.access<out>, tile.facts = #tile.facts<unit_axis = 1, align = 16, extent_align = 16>},
                        %both: !tile.view<?x?xf32> {tile.access = #tile.access<inout>, tile.facts = #tile.facts<unit_axis = 1, align = 16, extent_align = 16>},
                        %short: !tile.view<?x?xf32> {tile.access = #tile.access<out>, tile.facts = #tile.facts<unit_axis = 1, align = 16, extent_align = 16>},
                        %unknown: !tile.view<?x?xf32> {tile.access = #tile.access<out>},
                        %good: !tile.view<?x?xf32> {tile.access = #tile.access<out>, tile.facts = #tile.facts<unit_axis = 1, align = 16, extent_align = 16>}, %x: f32)
    attributes {phase = #tile.phase<pipelined>, target = "sm_90a", num_warps = 4 : i64} {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c4 = arith.constant 4 : index
  %y = tensor.splat %x : tensor<64x64xf32>
  %z = tensor.splat %x : tensor<64x2xf32>
  scf.for %i = %c0 to %c4 step %c1 {
    tile.store %y, %again[%c0 +: 64, %c0 +: 64] {binding = #tile.binding<tensor, bytes = 16>} : tensor<64x64xf32>, !tile.view<?x?xf32>
  }
  %w = tile.load %both[%c0 +: 64, %c0 +: 64] : !tile.view<?x?xf32> -> tensor<64x64xf32>
  tile.store %w, %both[%c0 +: 64, %c0 +: 64] {binding = #tile.binding<tensor, bytes = 16>} : tensor<64x64xf32>, !tile.view<?x?xf32>
  tile.store %z, %short[%c0 +: 64, %c0 +: 2] {binding = #tile.binding<tensor, bytes = 16>} : tensor<64x2xf32>, !tile.view<?x?xf32>
  tile.store %y, %unknown[%c0 +: 64, %c0 +: 64] {binding = #tile.binding<tensor, bytes = 16>} : tensor<64x64xf32>, !tile.view<?x?xf32>
  tile.store %y, %good[%c0 +: 64, %c0 +: 64] {binding = #tile.binding<tensor, bytes = 16>} : tensor<64x64xf32>, !tile.view<?x?xf32>
  tile.return
}
