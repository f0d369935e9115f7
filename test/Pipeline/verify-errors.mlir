// Faults planted into the protocol of a ring, each found before anything runs.
// RUN: tile-opt %s --split-input-file --verify-diagnostics --tile-verify

// One slot for two iterations in flight.
tile.kernel @a_slot_too_few(%a: !tile.view<?xf32> {tile.access = #tile.access<in>}, %b: !tile.view<?xf32> {tile.access = #tile.access<out>}, %n: index)
    attributes {phase = #tile.phase<pipelined>, target = "cpu"} {
  %c0 = arith.constant 0 : index
  %c64 = arith.constant 64 : index
  %t0 = arith.constant 0 : i32
  %one = arith.constant 1 : i32
  %r = tile.ring : !tile.ring<1 x 64xf32>
  %ch = tile.channel %r : !tile.ring<1 x 64xf32>
  %some = arith.cmpi slt, %c0, %n : index
  scf.if %some {
    tile.acquire %ch[%t0]
    tile.copy_async %a[%c0 +: 64], %r[%t0] : !tile.view<?xf32>, !tile.ring<1 x 64xf32>
    tile.commit %ch[%t0]
  }
  %end = scf.for %i = %c0 to %n step %c64 iter_args(%t = %t0) -> (i32) {
    %t1 = arith.addi %t, %one : i32
    %next = arith.addi %i, %c64 : index
    tile.await %ch[%t]
    %more = arith.cmpi slt, %next, %n : index
    scf.if %more {
      // expected-error @+1 {{slot 0 is acquired for ticket 1 while it still holds ticket 0 (with trip counts of 2)}}
      tile.acquire %ch[%t1]
      tile.copy_async %a[%next +: 64], %r[%t1] : !tile.view<?xf32>, !tile.ring<1 x 64xf32>
      tile.commit %ch[%t1]
    }
    %s = tile.slot %r[%t] : !tile.ring<1 x 64xf32> -> !tile.slot<64xf32>
    %x = tile.read %s : !tile.slot<64xf32> -> tensor<64xf32>
    tile.release %ch[%t]
    tile.store %x, %b[%i +: 64] : tensor<64xf32>, !tile.view<?xf32>
    scf.yield %t1 : i32
  }
  tile.return
}

// -----

// The slot is read before its copy landed.
tile.kernel @read_before_await(%a: !tile.view<?xf32> {tile.access = #tile.access<in>}, %b: !tile.view<?xf32> {tile.access = #tile.access<out>}, %n: index)
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
    %more = arith.cmpi slt, %next, %n : index
    scf.if %more {
      tile.acquire %ch[%t1]
      tile.copy_async %a[%next +: 64], %r[%t1] : !tile.view<?xf32>, !tile.ring<2 x 64xf32>
      tile.commit %ch[%t1]
    }
    %s = tile.slot %r[%t] : !tile.ring<2 x 64xf32> -> !tile.slot<64xf32>
    // expected-error @+1 {{ticket 0 is read before it was awaited}}
    %x = tile.read %s : !tile.slot<64xf32> -> tensor<64xf32>
    tile.await %ch[%t]
    tile.release %ch[%t]
    tile.store %x, %b[%i +: 64] : tensor<64xf32>, !tile.view<?xf32>
    scf.yield %t1 : i32
  }
  tile.return
}

// -----

// The slot is read when the next copy may be on its way.
tile.kernel @read_after_release(%a: !tile.view<?xf32> {tile.access = #tile.access<in>}, %b: !tile.view<?xf32> {tile.access = #tile.access<out>}, %n: index)
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
    tile.release %ch[%t]
    // expected-error @+1 {{ticket 0 is read, but its slot was released}}
    %x = tile.read %s : !tile.slot<64xf32> -> tensor<64xf32>
    tile.store %x, %b[%i +: 64] : tensor<64xf32>, !tile.view<?xf32>
    scf.yield %t1 : i32
  }
  tile.return
}

// -----

// The ticket after is awaited, which past the end was never committed.
tile.kernel @await_of_what_never_comes(%a: !tile.view<?xf32> {tile.access = #tile.access<in>}, %b: !tile.view<?xf32> {tile.access = #tile.access<out>}, %n: index)
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
    // expected-error @+1 {{ticket 1 is awaited, but slot 1 is free}}
    tile.await %ch[%t1]
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

// -----

// A slot that is never released can never be filled again.
// expected-error @+1 {{slot 0 holds ticket 0 at the end and is never released (with trip counts of 1)}}
tile.kernel @never_released(%a: !tile.view<?xf32> {tile.access = #tile.access<in>}, %b: !tile.view<?xf32> {tile.access = #tile.access<out>}, %n: index)
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
    tile.store %x, %b[%i +: 64] : tensor<64xf32>, !tile.view<?xf32>
    scf.yield %t1 : i32
  }
  tile.return
}

// -----

// A release too many.
tile.kernel @released_twice(%a: !tile.view<?xf32> {tile.access = #tile.access<in>}, %b: !tile.view<?xf32> {tile.access = #tile.access<out>}, %n: index)
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
    // expected-error @+1 {{ticket 0 is released, but slot 0 is free}}
    tile.release %ch[%t]
    tile.store %x, %b[%i +: 64] : tensor<64xf32>, !tile.view<?xf32>
    scf.yield %t1 : i32
  }
  tile.return
}

// -----

// A copy that nobody awaits.
// expected-error @+1 {{slot 1 holds ticket 1 at the end and is never released}}
tile.kernel @issue_past_the_end(%a: !tile.view<?xf32> {tile.access = #tile.access<in>}, %b: !tile.view<?xf32> {tile.access = #tile.access<out>}, %n: index)
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
    %always = arith.constant true
    %more = arith.cmpi slt, %next, %n : index
    scf.if %always {
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
