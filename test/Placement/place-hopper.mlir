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
