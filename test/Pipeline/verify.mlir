// RUN: tile-opt %s --tile-verify | FileCheck %s

// CHECK: tile.kernel @right
// A ring of two, used as it should be, is accepted; and so is what the expander makes of loops in loops, of chains of loads, and
// of carried addresses (expand.mlir and plan.mlir expand them, and the expander verifies all that it makes).
tile.kernel @right(%a: !tile.view<?xf32> {tile.access = #tile.access<in>}, %b: !tile.view<?xf32> {tile.access = #tile.access<out>}, %n: index)
    attributes {phase = #tile.phase<pipelined>, target = "cpu"} {
  %c0 = arith.constant 0 : index
  %c64 = arith.constant 64 : index
  %t0 = arith.constant 0 : i32
  %one = arith.constant 1 : i32
  %r = tile.ring : !tile.ring<2 x 64xf32>
  %ch = tile.channel %r : !tile.ring<2 x 64xf32>
  %some = arith.cmpi slt, %c0, %n : index
  scf.if %some {
    tile.acquire %ch[%t0]
    tile.copy_async %a[%c0 +: 64], %r[%t0] : !tile.view<?xf32>, !tile.ring<2 x 64xf32>
    tile.commit %ch[%t0]
  }
  %end = scf.for %i = %c0 to %n step %c64 iter_args(%t = %t0) -> (i32) {
    %t1 = arith.addi %t, %one : i32
    %next = arith.addi %i, %c64 : index
    tile.await %ch[%t]
    %more = arith.cmpi slt, %next, %n : index
    scf.if %more {
      tile.acquire %ch[%t1]
      tile.copy_async %a[%next +: 64], %r[%t1] : !tile.view<?xf32>, !tile.ring<2 x 64xf32>
      tile.commit %ch[%t1]
    }
    %s = tile.slot %r[%t] : !tile.ring<2 x 64xf32> -> !tile.slot<64xf32>
    %x = tile.read %s : !tile.slot<64xf32> -> tensor<64xf32>
    tile.release %ch[%t]
    tile.store %x, %b[%i +: 64] : tensor<64xf32>, !tile.view<?xf32>
    scf.yield %t1 : i32
  }
  tile.return
}
