// What tile-verify-synchronised accepts, and each way to break it. The kernel has three slots, two groups in flight, and a scratch in
// the place of the ring behind the loop.
// RUN: tile-opt %s --pass-pipeline='builtin.module(tile.kernel(tile-verify-synchronised))' | FileCheck %s
// RUN: sed 's/wait_group 1/wait_group 2/' %s | not tile-opt --pass-pipeline='builtin.module(tile.kernel(tile-verify-synchronised))' 2>&1 | FileCheck %s --check-prefix=WAIT
// RUN: sed '/in the steady state/d' %s | not tile-opt --pass-pipeline='builtin.module(tile.kernel(tile-verify-synchronised))' 2>&1 | FileCheck %s --check-prefix=BARRIER
// RUN: sed '/in the steady state/d; s,// late: ,,' %s | not tile-opt --pass-pipeline='builtin.module(tile.kernel(tile-verify-synchronised))' 2>&1 | FileCheck %s --check-prefix=LATE
// RUN: sed 's,// guarded: ,,; /unguarded/d' %s | not tile-opt --pass-pipeline='builtin.module(tile.kernel(tile-verify-synchronised))' 2>&1 | FileCheck %s --check-prefix=GUARD
// RUN: sed 's/arith.constant 2 :/arith.constant 3 :/' %s | not tile-opt --pass-pipeline='builtin.module(tile.kernel(tile-verify-synchronised))' 2>&1 | FileCheck %s --check-prefix=TICKET
// RUN: sed '/behind the loop/d' %s | not tile-opt --pass-pipeline='builtin.module(tile.kernel(tile-verify-synchronised))' 2>&1 | FileCheck %s --check-prefix=REUSE
// RUN: sed '/of the scratch/d' %s | not tile-opt --pass-pipeline='builtin.module(tile.kernel(tile-verify-synchronised))' 2>&1 | FileCheck %s --check-prefix=SCRATCH
// RUN: sed '/tile.write/d' %s | not tile-opt --pass-pipeline='builtin.module(tile.kernel(tile-verify-synchronised))' 2>&1 | FileCheck %s --check-prefix=NOTHING
// RUN: sed 's/<3 x/<2 x/g' %s | not tile-opt --pass-pipeline='builtin.module(tile.kernel(tile-verify-synchronised))' 2>&1 | FileCheck %s --check-prefix=SHALLOW

// CHECK: tile.kernel @stream
// WAIT: error: 'tile.read' op reads ticket 0 in slot 0 while its copy may be under way (with trip counts of 1)
// BARRIER: error: 'tile.read' op reads ticket 0 in slot 0 without a barrier since it was written (with trip counts of 1)
// LATE: error: 'tile.copy_async' op overwrites ticket 0 in slot 0 with ticket 3 in slot 0 without a barrier since it was read (with trip counts of 4)
// GUARD: error: 'tile.read' op reads ticket 0 in slot 0 while its copy may be under way
// TICKET: error: 'tile.read' op reads ticket 0 in slot 0, where ticket 3 in slot 0 lies now (with trip counts of 3)
// REUSE: error: 'tile.write' op overwrites ticket 0 in slot 0 with the scratch at 0 without a barrier since it was read
// SCRATCH: error: 'tile.read' op reads the scratch at 0 without a barrier since it was written
// NOTHING: error: 'tile.read' op reads the scratch at 0, which holds nothing (with trip counts of 0)
// SHALLOW: error: 'tile.read' op reads ticket 0 in slot 0, where ticket 2 in slot 0 lies now (with trip counts of 3)

#l = #tile.layout<64, register = [], lane = [[1], [2], [4], [8], [16]], warp = [[32]]>
#r = #tile.layout<64, register = [], lane = [[2], [4], [8], [16], [32]], warp = [[1]]>

tile.kernel @stream(%a: !tile.view<?xf32> {tile.access = #tile.access<in>}, %c: !tile.view<?xf32> {tile.access = #tile.access<out>})
    attributes {phase = #tile.phase<synchronised>, target = "sm_80", num_warps = 2, shared_bytes = 768} {
  %ring = tile.ring {offset = 0 : i64} : !tile.ring<3 x 64xf32, #tile.swizzle<unit = 0, span = 0>>
  %t0 = arith.constant 0 : i32
  %t1 = arith.constant 1 : i32
  %two = arith.constant 2 : i32
  %c0 = arith.constant 0 : index
  %c64 = arith.constant 64 : index
  %c128 = arith.constant 128 : index
  %zero = arith.constant dense<0.0> : tensor<64xf32, #l>
  %n = tile.extent %a, 0 : !tile.view<?xf32>
  %first = arith.cmpi slt, %c0, %n : index
  scf.if %first {
    tile.copy_async %a[%c0 +: 64], %ring[%t0] : !tile.view<?xf32>, !tile.ring<3 x 64xf32, #tile.swizzle<unit = 0, span = 0>>
  }
  tile.commit_group
  %second = arith.cmpi slt, %c64, %n : index
  scf.if %second {
    tile.copy_async %a[%c64 +: 64], %ring[%t1] : !tile.view<?xf32>, !tile.ring<3 x 64xf32, #tile.swizzle<unit = 0, span = 0>>
    // guarded: tile.commit_group
  }
  tile.commit_group // unguarded
  %sum:2 = scf.for %i = %c0 to %n step %c64 iter_args(%d = %zero, %t = %t0) -> (tensor<64xf32, #l>, i32) {
    tile.wait_group 1
    tile.barrier // in the steady state
    %ahead = arith.addi %i, %c128 : index
    %ta = arith.addi %t, %two : i32
    %exists = arith.cmpi slt, %ahead, %n : index
    scf.if %exists {
      tile.copy_async %a[%ahead +: 64], %ring[%ta] : !tile.view<?xf32>, !tile.ring<3 x 64xf32, #tile.swizzle<unit = 0, span = 0>>
    }
    tile.commit_group
    // late: tile.barrier
    %s = tile.slot %ring[%t] : !tile.ring<3 x 64xf32, #tile.swizzle<unit = 0, span = 0>> -> !tile.slot<64xf32, #tile.swizzle<unit = 0, span = 0>>
    %x = tile.read %s : !tile.slot<64xf32, #tile.swizzle<unit = 0, span = 0>> -> tensor<64xf32, #l>
    %y = arith.addf %d, %x : tensor<64xf32, #l>
    %next = arith.addi %t, %t1 : i32
    scf.yield %y, %next : tensor<64xf32, #l>, i32
  }
  %s = tile.scratch {offset = 0 : i64} : !tile.slot<64xf32, #tile.swizzle<unit = 0, span = 0>>
  tile.barrier // behind the loop
  tile.write %sum#0, %s : tensor<64xf32, #l>, !tile.slot<64xf32, #tile.swizzle<unit = 0, span = 0>>
  tile.barrier // of the scratch
  %z = tile.read %s : !tile.slot<64xf32, #tile.swizzle<unit = 0, span = 0>> -> tensor<64xf32, #r>
  tile.store %z, %c[%c0 +: 64] : tensor<64xf32, #r>, !tile.view<?xf32>
  tile.return
}
