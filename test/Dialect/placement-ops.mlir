// The ops and types of the phases in which threads hold tiles, printed, parsed and printed again.
// RUN: tile-opt %s | tile-opt | FileCheck %s
// RUN: tile-opt %s -mlir-print-op-generic | tile-opt | FileCheck %s

// CHECK: #layout = #tile.layout<4x64, register = {{\[\[0, 1\], \[2, 0\]\], lane = \[\[0, 2\], \[0, 4\], \[0, 8\], \[0, 16\], \[0, 32\]\], warp = \[\[1, 0\]\]}}>
// CHECK: #layout1 = #tile.layout<4x64, register = {{\[\[0, 1\], \[0, 32\]\]}}
#rows = #tile.layout<4x64, register = [[0, 1], [2, 0]], lane = [[0, 2], [0, 4], [0, 8], [0, 16], [0, 32]], warp = [[1, 0]]>
#turned = #tile.layout<4x64, register = [[0, 1], [0, 32]], lane = [[0, 2], [0, 4], [0, 8], [0, 16], [1, 0]], warp = [[2, 0]]>

// CHECK-LABEL: tile.kernel @placed
tile.kernel @placed(%x: !tile.view<?x?xf32> {tile.access = #tile.access<in>}, %y: !tile.view<?x?xf32> {tile.access = #tile.access<out>})
    attributes {phase = #tile.phase<placed>, target = "sm_80", num_warps = 2 : i64} {
  %c0 = arith.constant 0 : index
  // CHECK: tile.ring : !tile.ring<2 x 4x64xf32, #tile.swizzle<unit = 1, span = 128>>
  %r = tile.ring : !tile.ring<2 x 4x64xf32, #tile.swizzle<unit = 1, span = 128>>
  // CHECK: tensor<4x64xf32, #[[ROWS:layout[0-9]*]]>
  %a = tile.load %x[%c0 +: 4, %c0 +: 64] : !tile.view<?x?xf32> -> tensor<4x64xf32, #rows>
  // CHECK: tile.convert_layout %{{.*}} : tensor<4x64xf32, #[[ROWS]]> -> tensor<4x64xf32, #[[TURNED:layout[0-9]*]]>
  %b = tile.convert_layout %a : tensor<4x64xf32, #rows> -> tensor<4x64xf32, #turned>
  %c = arith.addf %b, %b : tensor<4x64xf32, #turned>
  tile.store %c, %y[%c0 +: 4, %c0 +: 64] : tensor<4x64xf32, #turned>, !tile.view<?x?xf32>
  tile.return
}

// CHECK-LABEL: tile.kernel @synchronised
tile.kernel @synchronised(%x: !tile.view<?x?xf32> {tile.access = #tile.access<in>}, %y: !tile.view<?x?xf32> {tile.access = #tile.access<out>})
    attributes {phase = #tile.phase<synchronised>, target = "sm_80", num_warps = 2 : i64, shared_bytes = 3072 : i64} {
  %c0 = arith.constant 0 : index
  %t = arith.constant 0 : i32
  // CHECK: tile.ring {offset = 0 : i64} : !tile.ring<2 x 4x64xf32, #tile.swizzle<unit = 1, span = 0>>
  %r = tile.ring {offset = 0 : i64} : !tile.ring<2 x 4x64xf32, #tile.swizzle<unit = 1, span = 0>>
  tile.copy_async %x[%c0 +: 4, %c0 +: 64], %r[%t] : !tile.view<?x?xf32>, !tile.ring<2 x 4x64xf32, #tile.swizzle<unit = 1, span = 0>>
  // CHECK: tile.commit_group
  tile.commit_group
  // CHECK: tile.wait_group 0
  tile.wait_group 0
  // CHECK: tile.barrier
  tile.barrier
  %s = tile.slot %r[%t] : !tile.ring<2 x 4x64xf32, #tile.swizzle<unit = 1, span = 0>> -> !tile.slot<4x64xf32, #tile.swizzle<unit = 1, span = 0>>
  %a = tile.read %s : !tile.slot<4x64xf32, #tile.swizzle<unit = 1, span = 0>> -> tensor<4x64xf32, #rows>
  // CHECK: tile.scratch {offset = 2048 : i64} : !tile.slot<4x64xf32, #tile.swizzle<unit = 1, span = 0>>
  %m = tile.scratch {offset = 2048 : i64} : !tile.slot<4x64xf32, #tile.swizzle<unit = 1, span = 0>>
  // CHECK: tile.write %{{.*}}, %{{.*}} : tensor<4x64xf32, #[[ROWS]]>, !tile.slot
  tile.write %a, %m : tensor<4x64xf32, #rows>, !tile.slot<4x64xf32, #tile.swizzle<unit = 1, span = 0>>
  tile.barrier
  %b = tile.read %m : !tile.slot<4x64xf32, #tile.swizzle<unit = 1, span = 0>> -> tensor<4x64xf32, #turned>
  tile.store %b, %y[%c0 +: 4, %c0 +: 64] : tensor<4x64xf32, #turned>, !tile.view<?x?xf32>
  tile.return
}
