// Faults of a producer, of its consumers, and of dots that end later, which the symbolic run finds.
// RUN: tile-opt %s -split-input-file -verify-diagnostics --pass-pipeline='builtin.module(tile.kernel(tile-verify))' -o /dev/null

// What is right: the others differ from it by one fault each.
tile.kernel @right(
    %a: !tile.view<?x?xbf16> {tile.access = #tile.access<in>}, %b: !tile.view<?x?xf32> {tile.access = #tile.access<out>}, %n: index)
    attributes {phase = #tile.phase<pipelined>, target = "sm_90a", num_warps = 4 : i64} {
  %c0 = arith.constant 0 : index
  %c64 = arith.constant 64 : index
  %t0 = arith.constant 0 : i32
  %one = arith.constant 1 : i32
  %zero = arith.constant dense<0.0> : tensor<64x64xf32>
  %r = tile.ring : !tile.ring<2 x 64x64xbf16>
  %ch = tile.channel %r : !tile.ring<2 x 64x64xbf16>
  tile.producer {
    %end = scf.for %i = %c0 to %n step %c64 iter_args(%t = %t0) -> (i32) {
      tile.acquire %ch[%t]
      tile.copy_async %a[%c0 +: 64, %i +: 64], %r[%t] : !tile.view<?x?xbf16>, !tile.ring<2 x 64x64xbf16>
      tile.commit %ch[%t]
      %t1 = arith.addi %t, %one : i32
      scf.yield %t1 : i32
    }
  }
  %sum:2 = scf.for %i = %c0 to %n step %c64 iter_args(%acc = %zero, %t = %t0) -> (tensor<64x64xf32>, i32) {
    tile.await %ch[%t]
    %s = tile.slot %r[%t] : !tile.ring<2 x 64x64xbf16> -> !tile.slot<64x64xbf16>
    %d = tile.dot %s, %s, %acc {async} : !tile.slot<64x64xbf16>, !tile.slot<64x64xbf16> -> tensor<64x64xf32>
    tile.dot_wait {pending = 1 : i64}
    %later = arith.cmpi ne, %t, %t0 : i32
    scf.if %later {
      %before = arith.subi %t, %one : i32
      tile.release %ch[%before]
    }
    %t1 = arith.addi %t, %one : i32
    scf.yield %d, %t1 : tensor<64x64xf32>, i32
  }
  %e = tile.dot_wait %sum#0 {pending = 0 : i64} : tensor<64x64xf32>
  %ran = arith.cmpi ne, %sum#1, %t0 : i32
  scf.if %ran {
    %last = arith.subi %sum#1, %one : i32
    tile.release %ch[%last]
  }
  tile.store %e, %b[%c0 +: 64, %c0 +: 64] : tensor<64x64xf32>, !tile.view<?x?xf32>
  tile.return
}

// -----

// Right too: the dots are over at once, and so is the use of their slots.
tile.kernel @right_at_once(
    %a: !tile.view<?x?xbf16> {tile.access = #tile.access<in>}, %b: !tile.view<?x?xf32> {tile.access = #tile.access<out>}, %n: index)
    attributes {phase = #tile.phase<pipelined>, target = "sm_90a", num_warps = 4 : i64} {
  %c0 = arith.constant 0 : index
  %c64 = arith.constant 64 : index
  %t0 = arith.constant 0 : i32
  %one = arith.constant 1 : i32
  %zero = arith.constant dense<0.0> : tensor<64x64xf32>
  %r = tile.ring : !tile.ring<2 x 64x64xbf16>
  %ch = tile.channel %r : !tile.ring<2 x 64x64xbf16>
  tile.producer {
    %end = scf.for %i = %c0 to %n step %c64 iter_args(%t = %t0) -> (i32) {
      tile.acquire %ch[%t]
      tile.copy_async %a[%c0 +: 64, %i +: 64], %r[%t] : !tile.view<?x?xbf16>, !tile.ring<2 x 64x64xbf16>
      tile.commit %ch[%t]
      %t1 = arith.addi %t, %one : i32
      scf.yield %t1 : i32
    }
  }
  %sum:2 = scf.for %i = %c0 to %n step %c64 iter_args(%acc = %zero, %t = %t0) -> (tensor<64x64xf32>, i32) {
    tile.await %ch[%t]
    %s = tile.slot %r[%t] : !tile.ring<2 x 64x64xbf16> -> !tile.slot<64x64xbf16>
    %d = tile.dot %s, %s, %acc : !tile.slot<64x64xbf16>, !tile.slot<64x64xbf16> -> tensor<64x64xf32>
    tile.release %ch[%t]
    %t1 = arith.addi %t, %one : i32
    scf.yield %d, %t1 : tensor<64x64xf32>, i32
  }
  %e = arith.addf %sum#0, %zero : tensor<64x64xf32>
  tile.store %e, %b[%c0 +: 64, %c0 +: 64] : tensor<64x64xf32>, !tile.view<?x?xf32>
  tile.return
}

// -----

// A slot is released while the dot of the same iteration may read it.
tile.kernel @early_release(
    %a: !tile.view<?x?xbf16> {tile.access = #tile.access<in>}, %b: !tile.view<?x?xf32> {tile.access = #tile.access<out>}, %n: index)
    attributes {phase = #tile.phase<pipelined>, target = "sm_90a", num_warps = 4 : i64} {
  %c0 = arith.constant 0 : index
  %c64 = arith.constant 64 : index
  %t0 = arith.constant 0 : i32
  %one = arith.constant 1 : i32
  %zero = arith.constant dense<0.0> : tensor<64x64xf32>
  %r = tile.ring : !tile.ring<2 x 64x64xbf16>
  %ch = tile.channel %r : !tile.ring<2 x 64x64xbf16>
  tile.producer {
    %end = scf.for %i = %c0 to %n step %c64 iter_args(%t = %t0) -> (i32) {
      tile.acquire %ch[%t]
      tile.copy_async %a[%c0 +: 64, %i +: 64], %r[%t] : !tile.view<?x?xbf16>, !tile.ring<2 x 64x64xbf16>
      tile.commit %ch[%t]
      %t1 = arith.addi %t, %one : i32
      scf.yield %t1 : i32
    }
  }
  %sum:2 = scf.for %i = %c0 to %n step %c64 iter_args(%acc = %zero, %t = %t0) -> (tensor<64x64xf32>, i32) {
    tile.await %ch[%t]
    %s = tile.slot %r[%t] : !tile.ring<2 x 64x64xbf16> -> !tile.slot<64x64xbf16>
    %d = tile.dot %s, %s, %acc {async} : !tile.slot<64x64xbf16>, !tile.slot<64x64xbf16> -> tensor<64x64xf32>
    tile.dot_wait {pending = 1 : i64}
    // expected-error @+1 {{ticket 0 is released while an async dot may still read slot 0}}
    tile.release %ch[%t]
    %t1 = arith.addi %t, %one : i32
    scf.yield %d, %t1 : tensor<64x64xf32>, i32
  }
  %e = tile.dot_wait %sum#0 {pending = 0 : i64} : tensor<64x64xf32>
  tile.store %e, %b[%c0 +: 64, %c0 +: 64] : tensor<64x64xf32>, !tile.view<?x?xf32>
  tile.return
}

// -----

// The wait for the dot before comes too late.
tile.kernel @release_before_wait(
    %a: !tile.view<?x?xbf16> {tile.access = #tile.access<in>}, %b: !tile.view<?x?xf32> {tile.access = #tile.access<out>}, %n: index)
    attributes {phase = #tile.phase<pipelined>, target = "sm_90a", num_warps = 4 : i64} {
  %c0 = arith.constant 0 : index
  %c64 = arith.constant 64 : index
  %t0 = arith.constant 0 : i32
  %one = arith.constant 1 : i32
  %zero = arith.constant dense<0.0> : tensor<64x64xf32>
  %r = tile.ring : !tile.ring<2 x 64x64xbf16>
  %ch = tile.channel %r : !tile.ring<2 x 64x64xbf16>
  tile.producer {
    %end = scf.for %i = %c0 to %n step %c64 iter_args(%t = %t0) -> (i32) {
      tile.acquire %ch[%t]
      tile.copy_async %a[%c0 +: 64, %i +: 64], %r[%t] : !tile.view<?x?xbf16>, !tile.ring<2 x 64x64xbf16>
      tile.commit %ch[%t]
      %t1 = arith.addi %t, %one : i32
      scf.yield %t1 : i32
    }
  }
  %sum:2 = scf.for %i = %c0 to %n step %c64 iter_args(%acc = %zero, %t = %t0) -> (tensor<64x64xf32>, i32) {
    tile.await %ch[%t]
    %s = tile.slot %r[%t] : !tile.ring<2 x 64x64xbf16> -> !tile.slot<64x64xbf16>
    %d = tile.dot %s, %s, %acc {async} : !tile.slot<64x64xbf16>, !tile.slot<64x64xbf16> -> tensor<64x64xf32>
    %later = arith.cmpi ne, %t, %t0 : i32
    scf.if %later {
      %before = arith.subi %t, %one : i32
      // expected-error @+1 {{ticket 0 is released while an async dot may still read slot 0}}
      tile.release %ch[%before]
    }
    tile.dot_wait {pending = 1 : i64}
    %t1 = arith.addi %t, %one : i32
    scf.yield %d, %t1 : tensor<64x64xf32>, i32
  }
  %e = tile.dot_wait %sum#0 {pending = 0 : i64} : tensor<64x64xf32>
  %ran = arith.cmpi ne, %sum#1, %t0 : i32
  scf.if %ran {
    %last = arith.subi %sum#1, %one : i32
    tile.release %ch[%last]
  }
  tile.store %e, %b[%c0 +: 64, %c0 +: 64] : tensor<64x64xf32>, !tile.view<?x?xf32>
  tile.return
}

// -----

// Two dots may be under way when the slot of the first is released.
tile.kernel @waits_for_too_few(
    %a: !tile.view<?x?xbf16> {tile.access = #tile.access<in>}, %b: !tile.view<?x?xf32> {tile.access = #tile.access<out>}, %n: index)
    attributes {phase = #tile.phase<pipelined>, target = "sm_90a", num_warps = 4 : i64} {
  %c0 = arith.constant 0 : index
  %c64 = arith.constant 64 : index
  %t0 = arith.constant 0 : i32
  %one = arith.constant 1 : i32
  %zero = arith.constant dense<0.0> : tensor<64x64xf32>
  %r = tile.ring : !tile.ring<2 x 64x64xbf16>
  %ch = tile.channel %r : !tile.ring<2 x 64x64xbf16>
  tile.producer {
    %end = scf.for %i = %c0 to %n step %c64 iter_args(%t = %t0) -> (i32) {
      tile.acquire %ch[%t]
      tile.copy_async %a[%c0 +: 64, %i +: 64], %r[%t] : !tile.view<?x?xbf16>, !tile.ring<2 x 64x64xbf16>
      tile.commit %ch[%t]
      %t1 = arith.addi %t, %one : i32
      scf.yield %t1 : i32
    }
  }
  %sum:2 = scf.for %i = %c0 to %n step %c64 iter_args(%acc = %zero, %t = %t0) -> (tensor<64x64xf32>, i32) {
    tile.await %ch[%t]
    %s = tile.slot %r[%t] : !tile.ring<2 x 64x64xbf16> -> !tile.slot<64x64xbf16>
    %d = tile.dot %s, %s, %acc {async} : !tile.slot<64x64xbf16>, !tile.slot<64x64xbf16> -> tensor<64x64xf32>
    tile.dot_wait {pending = 2 : i64}
    %later = arith.cmpi ne, %t, %t0 : i32
    scf.if %later {
      %before = arith.subi %t, %one : i32
      // expected-error @+1 {{ticket 0 is released while an async dot may still read slot 0}}
      tile.release %ch[%before]
    }
    %t1 = arith.addi %t, %one : i32
    scf.yield %d, %t1 : tensor<64x64xf32>, i32
  }
  %e = tile.dot_wait %sum#0 {pending = 0 : i64} : tensor<64x64xf32>
  %ran = arith.cmpi ne, %sum#1, %t0 : i32
  scf.if %ran {
    %last = arith.subi %sum#1, %one : i32
    tile.release %ch[%last]
  }
  tile.store %e, %b[%c0 +: 64, %c0 +: 64] : tensor<64x64xf32>, !tile.view<?x?xf32>
  tile.return
}

// -----

// Nobody releases the slots: the third iteration waits for ever. With fewer there is one that stays in use.
// expected-error @+1 {{slot 0 holds ticket 0 at the end and is never released (with trip counts of 1)}}
tile.kernel @missing_release(
    %a: !tile.view<?x?xbf16> {tile.access = #tile.access<in>}, %b: !tile.view<?x?xf32> {tile.access = #tile.access<out>}, %n: index)
    attributes {phase = #tile.phase<pipelined>, target = "sm_90a", num_warps = 4 : i64} {
  %c0 = arith.constant 0 : index
  %c64 = arith.constant 64 : index
  %t0 = arith.constant 0 : i32
  %one = arith.constant 1 : i32
  %zero = arith.constant dense<0.0> : tensor<64x64xf32>
  %r = tile.ring : !tile.ring<2 x 64x64xbf16>
  %ch = tile.channel %r : !tile.ring<2 x 64x64xbf16>
  tile.producer {
    %end = scf.for %i = %c0 to %n step %c64 iter_args(%t = %t0) -> (i32) {
      tile.acquire %ch[%t]
      tile.copy_async %a[%c0 +: 64, %i +: 64], %r[%t] : !tile.view<?x?xbf16>, !tile.ring<2 x 64x64xbf16>
      tile.commit %ch[%t]
      %t1 = arith.addi %t, %one : i32
      scf.yield %t1 : i32
    }
  }
  %sum:2 = scf.for %i = %c0 to %n step %c64 iter_args(%acc = %zero, %t = %t0) -> (tensor<64x64xf32>, i32) {
    tile.await %ch[%t]
    %s = tile.slot %r[%t] : !tile.ring<2 x 64x64xbf16> -> !tile.slot<64x64xbf16>
    %d = tile.dot %s, %s, %acc {async} : !tile.slot<64x64xbf16>, !tile.slot<64x64xbf16> -> tensor<64x64xf32>
    tile.dot_wait {pending = 1 : i64}
    %t1 = arith.addi %t, %one : i32
    scf.yield %d, %t1 : tensor<64x64xf32>, i32
  }
  %e = tile.dot_wait %sum#0 {pending = 0 : i64} : tensor<64x64xf32>
  tile.store %e, %b[%c0 +: 64, %c0 +: 64] : tensor<64x64xf32>, !tile.view<?x?xf32>
  tile.return
}

// -----

// The slots are released behind the loop, which the third iteration never sees.
tile.kernel @deadlock(
    %a: !tile.view<?x?xbf16> {tile.access = #tile.access<in>}, %b: !tile.view<?x?xf32> {tile.access = #tile.access<out>}, %n: index)
    attributes {phase = #tile.phase<pipelined>, target = "sm_90a", num_warps = 4 : i64} {
  %c0 = arith.constant 0 : index
  %c64 = arith.constant 64 : index
  %t0 = arith.constant 0 : i32
  %one = arith.constant 1 : i32
  %zero = arith.constant dense<0.0> : tensor<64x64xf32>
  %r = tile.ring : !tile.ring<2 x 64x64xbf16>
  %ch = tile.channel %r : !tile.ring<2 x 64x64xbf16>
  tile.producer {
    %end = scf.for %i = %c0 to %n step %c64 iter_args(%t = %t0) -> (i32) {
      tile.acquire %ch[%t]
      tile.copy_async %a[%c0 +: 64, %i +: 64], %r[%t] : !tile.view<?x?xbf16>, !tile.ring<2 x 64x64xbf16>
      tile.commit %ch[%t]
      %t1 = arith.addi %t, %one : i32
      scf.yield %t1 : i32
    }
  }
  %sum:2 = scf.for %i = %c0 to %n step %c64 iter_args(%acc = %zero, %t = %t0) -> (tensor<64x64xf32>, i32) {
    // expected-error @+1 {{ticket 2 is awaited while the producer waits for a slot for ticket 2: neither goes on (with trip counts of 3)}}
    tile.await %ch[%t]
    %s = tile.slot %r[%t] : !tile.ring<2 x 64x64xbf16> -> !tile.slot<64x64xbf16>
    %d = tile.dot %s, %s, %acc {async} : !tile.slot<64x64xbf16>, !tile.slot<64x64xbf16> -> tensor<64x64xf32>
    tile.dot_wait {pending = 1 : i64}
    %t1 = arith.addi %t, %one : i32
    scf.yield %d, %t1 : tensor<64x64xf32>, i32
  }
  %e = tile.dot_wait %sum#0 {pending = 0 : i64} : tensor<64x64xf32>
  %many = scf.for %i = %c0 to %n step %c64 iter_args(%t = %t0) -> (i32) {
    tile.release %ch[%t]
    %t1 = arith.addi %t, %one : i32
    scf.yield %t1 : i32
  }
  tile.store %e, %b[%c0 +: 64, %c0 +: 64] : tensor<64x64xf32>, !tile.view<?x?xf32>
  tile.return
}

// -----

// The consumers ask for tickets in another order.
tile.kernel @swapped_tickets(
    %a: !tile.view<?x?xbf16> {tile.access = #tile.access<in>}, %b: !tile.view<?x?xf32> {tile.access = #tile.access<out>}, %n: index)
    attributes {phase = #tile.phase<pipelined>, target = "sm_90a", num_warps = 4 : i64} {
  %c0 = arith.constant 0 : index
  %c64 = arith.constant 64 : index
  %t0 = arith.constant 0 : i32
  %one = arith.constant 1 : i32
  %zero = arith.constant dense<0.0> : tensor<64x64xf32>
  %r = tile.ring : !tile.ring<2 x 64x64xbf16>
  %ch = tile.channel %r : !tile.ring<2 x 64x64xbf16>
  tile.producer {
    %end = scf.for %i = %c0 to %n step %c64 iter_args(%t = %t0) -> (i32) {
      tile.acquire %ch[%t]
      tile.copy_async %a[%c0 +: 64, %i +: 64], %r[%t] : !tile.view<?x?xbf16>, !tile.ring<2 x 64x64xbf16>
      tile.commit %ch[%t]
      %t1 = arith.addi %t, %one : i32
      scf.yield %t1 : i32
    }
  }
  %sum:2 = scf.for %i = %c0 to %n step %c64 iter_args(%acc = %zero, %t = %t0) -> (tensor<64x64xf32>, i32) {
    %x = arith.subi %one, %t : i32
    // expected-error @+1 {{ticket 1 is awaited where 0 is next}}
    tile.await %ch[%x]
    %s = tile.slot %r[%x] : !tile.ring<2 x 64x64xbf16> -> !tile.slot<64x64xbf16>
    %d = tile.dot %s, %s, %acc {async} : !tile.slot<64x64xbf16>, !tile.slot<64x64xbf16> -> tensor<64x64xf32>
    tile.dot_wait {pending = 1 : i64}
    %later = arith.cmpi ne, %t, %t0 : i32
    scf.if %later {
      %before = arith.subi %t, %one : i32
      tile.release %ch[%before]
    }
    %t1 = arith.addi %t, %one : i32
    scf.yield %d, %t1 : tensor<64x64xf32>, i32
  }
  %e = tile.dot_wait %sum#0 {pending = 0 : i64} : tensor<64x64xf32>
  %ran = arith.cmpi ne, %sum#1, %t0 : i32
  scf.if %ran {
    %last = arith.subi %sum#1, %one : i32
    tile.release %ch[%last]
  }
  tile.store %e, %b[%c0 +: 64, %c0 +: 64] : tensor<64x64xf32>, !tile.view<?x?xf32>
  tile.return
}

// -----

// The producer leaves out the first iteration.
tile.kernel @one_too_few(
    %a: !tile.view<?x?xbf16> {tile.access = #tile.access<in>}, %b: !tile.view<?x?xf32> {tile.access = #tile.access<out>}, %n: index)
    attributes {phase = #tile.phase<pipelined>, target = "sm_90a", num_warps = 4 : i64} {
  %c0 = arith.constant 0 : index
  %c64 = arith.constant 64 : index
  %t0 = arith.constant 0 : i32
  %one = arith.constant 1 : i32
  %zero = arith.constant dense<0.0> : tensor<64x64xf32>
  %r = tile.ring : !tile.ring<2 x 64x64xbf16>
  %ch = tile.channel %r : !tile.ring<2 x 64x64xbf16>
  tile.producer {
    %end = scf.for %i = %c64 to %n step %c64 iter_args(%t = %t0) -> (i32) {
      tile.acquire %ch[%t]
      tile.copy_async %a[%c0 +: 64, %i +: 64], %r[%t] : !tile.view<?x?xbf16>, !tile.ring<2 x 64x64xbf16>
      tile.commit %ch[%t]
      %t1 = arith.addi %t, %one : i32
      scf.yield %t1 : i32
    }
  }
  %sum:2 = scf.for %i = %c0 to %n step %c64 iter_args(%acc = %zero, %t = %t0) -> (tensor<64x64xf32>, i32) {
    // expected-error @+1 {{ticket 0 is awaited, and the producer has ended (with trip counts of 1)}}
    tile.await %ch[%t]
    %s = tile.slot %r[%t] : !tile.ring<2 x 64x64xbf16> -> !tile.slot<64x64xbf16>
    %d = tile.dot %s, %s, %acc {async} : !tile.slot<64x64xbf16>, !tile.slot<64x64xbf16> -> tensor<64x64xf32>
    tile.dot_wait {pending = 1 : i64}
    %later = arith.cmpi ne, %t, %t0 : i32
    scf.if %later {
      %before = arith.subi %t, %one : i32
      tile.release %ch[%before]
    }
    %t1 = arith.addi %t, %one : i32
    scf.yield %d, %t1 : tensor<64x64xf32>, i32
  }
  %e = tile.dot_wait %sum#0 {pending = 0 : i64} : tensor<64x64xf32>
  %ran = arith.cmpi ne, %sum#1, %t0 : i32
  scf.if %ran {
    %last = arith.subi %sum#1, %one : i32
    tile.release %ch[%last]
  }
  tile.store %e, %b[%c0 +: 64, %c0 +: 64] : tensor<64x64xf32>, !tile.view<?x?xf32>
  tile.return
}

// -----

// The producer goes on after the end, into slots that nobody empties.
// expected-error @+1 {{slot 0 holds ticket 0 at the end and is never released (with trip counts of 0)}}
tile.kernel @one_too_many(
    %a: !tile.view<?x?xbf16> {tile.access = #tile.access<in>}, %b: !tile.view<?x?xf32> {tile.access = #tile.access<out>}, %n: index)
    attributes {phase = #tile.phase<pipelined>, target = "sm_90a", num_warps = 4 : i64} {
  %c0 = arith.constant 0 : index
  %c64 = arith.constant 64 : index
  %t0 = arith.constant 0 : i32
  %one = arith.constant 1 : i32
  %zero = arith.constant dense<0.0> : tensor<64x64xf32>
  %r = tile.ring : !tile.ring<2 x 64x64xbf16>
  %ch = tile.channel %r : !tile.ring<2 x 64x64xbf16>
  tile.producer {
    %end = scf.for %i = %c0 to %n step %c64 iter_args(%t = %t0) -> (i32) {
      tile.acquire %ch[%t]
      tile.copy_async %a[%c0 +: 64, %i +: 64], %r[%t] : !tile.view<?x?xbf16>, !tile.ring<2 x 64x64xbf16>
      tile.commit %ch[%t]
      %t1 = arith.addi %t, %one : i32
      scf.yield %t1 : i32
    }
    tile.acquire %ch[%end]
    tile.copy_async %a[%c0 +: 64, %n +: 64], %r[%end] : !tile.view<?x?xbf16>, !tile.ring<2 x 64x64xbf16>
    tile.commit %ch[%end]
  }
  %sum:2 = scf.for %i = %c0 to %n step %c64 iter_args(%acc = %zero, %t = %t0) -> (tensor<64x64xf32>, i32) {
    tile.await %ch[%t]
    %s = tile.slot %r[%t] : !tile.ring<2 x 64x64xbf16> -> !tile.slot<64x64xbf16>
    %d = tile.dot %s, %s, %acc {async} : !tile.slot<64x64xbf16>, !tile.slot<64x64xbf16> -> tensor<64x64xf32>
    tile.dot_wait {pending = 1 : i64}
    %later = arith.cmpi ne, %t, %t0 : i32
    scf.if %later {
      %before = arith.subi %t, %one : i32
      tile.release %ch[%before]
    }
    %t1 = arith.addi %t, %one : i32
    scf.yield %d, %t1 : tensor<64x64xf32>, i32
  }
  %e = tile.dot_wait %sum#0 {pending = 0 : i64} : tensor<64x64xf32>
  %ran = arith.cmpi ne, %sum#1, %t0 : i32
  scf.if %ran {
    %last = arith.subi %sum#1, %one : i32
    tile.release %ch[%last]
  }
  tile.store %e, %b[%c0 +: 64, %c0 +: 64] : tensor<64x64xf32>, !tile.view<?x?xf32>
  tile.return
}

// -----

// A copy that never counts.
tile.kernel @not_committed(
    %a: !tile.view<?x?xbf16> {tile.access = #tile.access<in>}, %b: !tile.view<?x?xf32> {tile.access = #tile.access<out>}, %n: index)
    attributes {phase = #tile.phase<pipelined>, target = "sm_90a", num_warps = 4 : i64} {
  %c0 = arith.constant 0 : index
  %c64 = arith.constant 64 : index
  %t0 = arith.constant 0 : i32
  %one = arith.constant 1 : i32
  %zero = arith.constant dense<0.0> : tensor<64x64xf32>
  %r = tile.ring : !tile.ring<2 x 64x64xbf16>
  %ch = tile.channel %r : !tile.ring<2 x 64x64xbf16>
  tile.producer {
    %end = scf.for %i = %c0 to %n step %c64 iter_args(%t = %t0) -> (i32) {
      tile.acquire %ch[%t]
      tile.copy_async %a[%c0 +: 64, %i +: 64], %r[%t] : !tile.view<?x?xbf16>, !tile.ring<2 x 64x64xbf16>
      %t1 = arith.addi %t, %one : i32
      scf.yield %t1 : i32
    }
  }
  %sum:2 = scf.for %i = %c0 to %n step %c64 iter_args(%acc = %zero, %t = %t0) -> (tensor<64x64xf32>, i32) {
    // expected-error @+1 {{ticket 0 is awaited, and the producer has ended}}
    tile.await %ch[%t]
    %s = tile.slot %r[%t] : !tile.ring<2 x 64x64xbf16> -> !tile.slot<64x64xbf16>
    %d = tile.dot %s, %s, %acc {async} : !tile.slot<64x64xbf16>, !tile.slot<64x64xbf16> -> tensor<64x64xf32>
    tile.dot_wait {pending = 1 : i64}
    %later = arith.cmpi ne, %t, %t0 : i32
    scf.if %later {
      %before = arith.subi %t, %one : i32
      tile.release %ch[%before]
    }
    %t1 = arith.addi %t, %one : i32
    scf.yield %d, %t1 : tensor<64x64xf32>, i32
  }
  %e = tile.dot_wait %sum#0 {pending = 0 : i64} : tensor<64x64xf32>
  %ran = arith.cmpi ne, %sum#1, %t0 : i32
  scf.if %ran {
    %last = arith.subi %sum#1, %one : i32
    tile.release %ch[%last]
  }
  tile.store %e, %b[%c0 +: 64, %c0 +: 64] : tensor<64x64xf32>, !tile.view<?x?xf32>
  tile.return
}

// -----

// The producer leaves out a ticket.
tile.kernel @wrong_acquire(
    %a: !tile.view<?x?xbf16> {tile.access = #tile.access<in>}, %b: !tile.view<?x?xf32> {tile.access = #tile.access<out>}, %n: index)
    attributes {phase = #tile.phase<pipelined>, target = "sm_90a", num_warps = 4 : i64} {
  %c0 = arith.constant 0 : index
  %c64 = arith.constant 64 : index
  %t0 = arith.constant 0 : i32
  %one = arith.constant 1 : i32
  %zero = arith.constant dense<0.0> : tensor<64x64xf32>
  %r = tile.ring : !tile.ring<2 x 64x64xbf16>
  %ch = tile.channel %r : !tile.ring<2 x 64x64xbf16>
  tile.producer {
    %end = scf.for %i = %c0 to %n step %c64 iter_args(%t = %t0) -> (i32) {
      %u = arith.addi %t, %one : i32
      // expected-error @+1 {{ticket 1 is acquired where 0 is next}}
      tile.acquire %ch[%u]
      tile.copy_async %a[%c0 +: 64, %i +: 64], %r[%u] : !tile.view<?x?xbf16>, !tile.ring<2 x 64x64xbf16>
      tile.commit %ch[%u]
      %t1 = arith.addi %t, %one : i32
      scf.yield %t1 : i32
    }
  }
  %sum:2 = scf.for %i = %c0 to %n step %c64 iter_args(%acc = %zero, %t = %t0) -> (tensor<64x64xf32>, i32) {
    tile.await %ch[%t]
    %s = tile.slot %r[%t] : !tile.ring<2 x 64x64xbf16> -> !tile.slot<64x64xbf16>
    %d = tile.dot %s, %s, %acc {async} : !tile.slot<64x64xbf16>, !tile.slot<64x64xbf16> -> tensor<64x64xf32>
    tile.dot_wait {pending = 1 : i64}
    %later = arith.cmpi ne, %t, %t0 : i32
    scf.if %later {
      %before = arith.subi %t, %one : i32
      tile.release %ch[%before]
    }
    %t1 = arith.addi %t, %one : i32
    scf.yield %d, %t1 : tensor<64x64xf32>, i32
  }
  %e = tile.dot_wait %sum#0 {pending = 0 : i64} : tensor<64x64xf32>
  %ran = arith.cmpi ne, %sum#1, %t0 : i32
  scf.if %ran {
    %last = arith.subi %sum#1, %one : i32
    tile.release %ch[%last]
  }
  tile.store %e, %b[%c0 +: 64, %c0 +: 64] : tensor<64x64xf32>, !tile.view<?x?xf32>
  tile.return
}

// -----

// The last dot may be under way when its result is stored.
tile.kernel @passed_on_early(
    %a: !tile.view<?x?xbf16> {tile.access = #tile.access<in>}, %b: !tile.view<?x?xf32> {tile.access = #tile.access<out>}, %n: index)
    attributes {phase = #tile.phase<pipelined>, target = "sm_90a", num_warps = 4 : i64} {
  %c0 = arith.constant 0 : index
  %c64 = arith.constant 64 : index
  %t0 = arith.constant 0 : i32
  %one = arith.constant 1 : i32
  %zero = arith.constant dense<0.0> : tensor<64x64xf32>
  %r = tile.ring : !tile.ring<2 x 64x64xbf16>
  %ch = tile.channel %r : !tile.ring<2 x 64x64xbf16>
  tile.producer {
    %end = scf.for %i = %c0 to %n step %c64 iter_args(%t = %t0) -> (i32) {
      tile.acquire %ch[%t]
      tile.copy_async %a[%c0 +: 64, %i +: 64], %r[%t] : !tile.view<?x?xbf16>, !tile.ring<2 x 64x64xbf16>
      tile.commit %ch[%t]
      %t1 = arith.addi %t, %one : i32
      scf.yield %t1 : i32
    }
  }
  %sum:2 = scf.for %i = %c0 to %n step %c64 iter_args(%acc = %zero, %t = %t0) -> (tensor<64x64xf32>, i32) {
    tile.await %ch[%t]
    %s = tile.slot %r[%t] : !tile.ring<2 x 64x64xbf16> -> !tile.slot<64x64xbf16>
    %d = tile.dot %s, %s, %acc {async} : !tile.slot<64x64xbf16>, !tile.slot<64x64xbf16> -> tensor<64x64xf32>
    tile.dot_wait {pending = 1 : i64}
    %later = arith.cmpi ne, %t, %t0 : i32
    scf.if %later {
      %before = arith.subi %t, %one : i32
      tile.release %ch[%before]
    }
    %t1 = arith.addi %t, %one : i32
    scf.yield %d, %t1 : tensor<64x64xf32>, i32
  }
  // expected-error @+1 {{the result of a dot is passed on while the dot may be under way}}
  %e = tile.dot_wait %sum#0 {pending = 1 : i64} : tensor<64x64xf32>
  %ran = arith.cmpi ne, %sum#1, %t0 : i32
  scf.if %ran {
    %last = arith.subi %sum#1, %one : i32
    tile.release %ch[%last]
  }
  tile.store %e, %b[%c0 +: 64, %c0 +: 64] : tensor<64x64xf32>, !tile.view<?x?xf32>
  tile.return
}

// -----

// Nothing waits for the last dot.
tile.kernel @never_awaited(
    %a: !tile.view<?x?xbf16> {tile.access = #tile.access<in>}, %b: !tile.view<?x?xf32> {tile.access = #tile.access<out>}, %n: index)
    attributes {phase = #tile.phase<pipelined>, target = "sm_90a", num_warps = 4 : i64} {
  %c0 = arith.constant 0 : index
  %c64 = arith.constant 64 : index
  %t0 = arith.constant 0 : i32
  %one = arith.constant 1 : i32
  %zero = arith.constant dense<0.0> : tensor<64x64xf32>
  %r = tile.ring : !tile.ring<2 x 64x64xbf16>
  %ch = tile.channel %r : !tile.ring<2 x 64x64xbf16>
  tile.producer {
    %end = scf.for %i = %c0 to %n step %c64 iter_args(%t = %t0) -> (i32) {
      tile.acquire %ch[%t]
      tile.copy_async %a[%c0 +: 64, %i +: 64], %r[%t] : !tile.view<?x?xbf16>, !tile.ring<2 x 64x64xbf16>
      tile.commit %ch[%t]
      %t1 = arith.addi %t, %one : i32
      scf.yield %t1 : i32
    }
  }
  %sum:2 = scf.for %i = %c0 to %n step %c64 iter_args(%acc = %zero, %t = %t0) -> (tensor<64x64xf32>, i32) {
    tile.await %ch[%t]
    %s = tile.slot %r[%t] : !tile.ring<2 x 64x64xbf16> -> !tile.slot<64x64xbf16>
    // expected-error @+1 {{is async, and nothing waits for it}}
    %d = tile.dot %s, %s, %acc {async} : !tile.slot<64x64xbf16>, !tile.slot<64x64xbf16> -> tensor<64x64xf32>
    tile.dot_wait {pending = 1 : i64}
    %later = arith.constant false
    scf.if %later {
      %before = arith.subi %t, %one : i32
      tile.release %ch[%before]
    }
    %t1 = arith.addi %t, %one : i32
    scf.yield %d, %t1 : tensor<64x64xf32>, i32
  }
  %e = arith.addf %zero, %zero : tensor<64x64xf32>
  tile.store %e, %b[%c0 +: 64, %c0 +: 64] : tensor<64x64xf32>, !tile.view<?x?xf32>
  tile.return
}

// -----

// A slot is released before it is read; the producer may have filled it again.
tile.kernel @read_after_release(
    %a: !tile.view<?x?xbf16> {tile.access = #tile.access<in>}, %b: !tile.view<?x?xf32> {tile.access = #tile.access<out>}, %n: index)
    attributes {phase = #tile.phase<pipelined>, target = "sm_90a", num_warps = 4 : i64} {
  %c0 = arith.constant 0 : index
  %c64 = arith.constant 64 : index
  %t0 = arith.constant 0 : i32
  %one = arith.constant 1 : i32
  %zero = arith.constant dense<0.0> : tensor<64x64xf32>
  %r = tile.ring : !tile.ring<2 x 64x64xbf16>
  %ch = tile.channel %r : !tile.ring<2 x 64x64xbf16>
  tile.producer {
    %end = scf.for %i = %c0 to %n step %c64 iter_args(%t = %t0) -> (i32) {
      tile.acquire %ch[%t]
      tile.copy_async %a[%c0 +: 64, %i +: 64], %r[%t] : !tile.view<?x?xbf16>, !tile.ring<2 x 64x64xbf16>
      tile.commit %ch[%t]
      %t1 = arith.addi %t, %one : i32
      scf.yield %t1 : i32
    }
  }
  %sum:2 = scf.for %i = %c0 to %n step %c64 iter_args(%acc = %zero, %t = %t0) -> (tensor<64x64xf32>, i32) {
    tile.await %ch[%t]
    %s = tile.slot %r[%t] : !tile.ring<2 x 64x64xbf16> -> !tile.slot<64x64xbf16>
    tile.release %ch[%t]
    // expected-error @+1 {{ticket 0 is read, but its slot was released}}
    %d = tile.dot %s, %s, %acc : !tile.slot<64x64xbf16>, !tile.slot<64x64xbf16> -> tensor<64x64xf32>
    %t1 = arith.addi %t, %one : i32
    scf.yield %d, %t1 : tensor<64x64xf32>, i32
  }
  %e = arith.addf %sum#0, %zero : tensor<64x64xf32>
  tile.store %e, %b[%c0 +: 64, %c0 +: 64] : tensor<64x64xf32>, !tile.view<?x?xf32>
  tile.return
}

// -----

// The kernel may write what the producer copies.
tile.kernel @written_view(
    %a: !tile.view<?x?xbf16> {tile.access = #tile.access<inout>}, %b: !tile.view<?x?xf32> {tile.access = #tile.access<out>}, %n: index)
    attributes {phase = #tile.phase<pipelined>, target = "sm_90a", num_warps = 4 : i64} {
  %c0 = arith.constant 0 : index
  %c64 = arith.constant 64 : index
  %t0 = arith.constant 0 : i32
  %one = arith.constant 1 : i32
  %zero = arith.constant dense<0.0> : tensor<64x64xf32>
  %r = tile.ring : !tile.ring<2 x 64x64xbf16>
  %ch = tile.channel %r : !tile.ring<2 x 64x64xbf16>
  tile.producer {
    %end = scf.for %i = %c0 to %n step %c64 iter_args(%t = %t0) -> (i32) {
      tile.acquire %ch[%t]
      // expected-error @+1 {{a producer copies from a view that the kernel also writes}}
      tile.copy_async %a[%c0 +: 64, %i +: 64], %r[%t] : !tile.view<?x?xbf16>, !tile.ring<2 x 64x64xbf16>
      tile.commit %ch[%t]
      %t1 = arith.addi %t, %one : i32
      scf.yield %t1 : i32
    }
  }
  %sum:2 = scf.for %i = %c0 to %n step %c64 iter_args(%acc = %zero, %t = %t0) -> (tensor<64x64xf32>, i32) {
    tile.await %ch[%t]
    %s = tile.slot %r[%t] : !tile.ring<2 x 64x64xbf16> -> !tile.slot<64x64xbf16>
    %d = tile.dot %s, %s, %acc {async} : !tile.slot<64x64xbf16>, !tile.slot<64x64xbf16> -> tensor<64x64xf32>
    tile.dot_wait {pending = 1 : i64}
    %later = arith.cmpi ne, %t, %t0 : i32
    scf.if %later {
      %before = arith.subi %t, %one : i32
      tile.release %ch[%before]
    }
    %t1 = arith.addi %t, %one : i32
    scf.yield %d, %t1 : tensor<64x64xf32>, i32
  }
  %e = tile.dot_wait %sum#0 {pending = 0 : i64} : tensor<64x64xf32>
  %ran = arith.cmpi ne, %sum#1, %t0 : i32
  scf.if %ran {
    %last = arith.subi %sum#1, %one : i32
    tile.release %ch[%last]
  }
  tile.store %e, %b[%c0 +: 64, %c0 +: 64] : tensor<64x64xf32>, !tile.view<?x?xf32>
  tile.return
}
