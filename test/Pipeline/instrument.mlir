// Stamps around copies, waits and products; what lies behind carries them to both targets.
// RUN: tile-opt %s --split-input-file --tile-instrument | FileCheck %s
// RUN: tile-opt %s --split-input-file --tile-instrument | tile-opt --split-input-file | FileCheck %s

// The same warps issue and compute: two stamps for each place, which share a site where a ticket comes to one of them.

// CHECK-LABEL: tile.kernel @ring
tile.kernel @ring(%a: !tile.view<?xf32> {tile.access = #tile.access<in>}, %b: !tile.view<?xf32> {tile.access = #tile.access<out>}, %n: index)
    attributes {phase = #tile.phase<pipelined>, target = "sm_80", num_warps = 4 : i64} {
  %c0 = arith.constant 0 : index
  %c64 = arith.constant 64 : index
  %t0 = arith.constant 0 : i32
  %one = arith.constant 1 : i32
  %zero = arith.constant dense<0.0> : tensor<64xf32>
  %r = tile.ring : !tile.ring<2 x 64xf32>
  %ch = tile.channel %r : !tile.ring<2 x 64xf32>
  %some = arith.cmpi slt, %c0, %n : index
  scf.if %some {
    // CHECK: tile.acquire
    // CHECK-NEXT: tile.stamp issue[%[[T0:.*]]] at [[ISSUE:[0-9]+]]
    // CHECK-NEXT: tile.copy_async
    // CHECK-NEXT: tile.commit
    // CHECK-NEXT: tile.stamp issued[%[[T0]]] at [[ISSUED:[0-9]+]]
    tile.acquire %ch[%t0]
    tile.copy_async %a[%c0 +: 64], %r[%t0] : !tile.view<?xf32>, !tile.ring<2 x 64xf32>
    tile.commit %ch[%t0]
  }
  // CHECK: scf.for {{.*}} iter_args(%[[T:.*]] = %[[T0]], %{{.*}})
  %end:2 = scf.for %i = %c0 to %n step %c64 iter_args(%t = %t0, %acc = %zero) -> (i32, tensor<64xf32>) {
    %t1 = arith.addi %t, %one : i32
    %next = arith.addi %i, %c64 : index
    // CHECK: tile.stamp await[%[[T]]] at [[AWAIT:[0-9]+]]
    // CHECK-NEXT: tile.await
    // CHECK-NEXT: tile.stamp arrived[%[[T]]] at [[ARRIVED:[0-9]+]]
    tile.await %ch[%t]
    %more = arith.cmpi slt, %next, %n : index
    scf.if %more {
      // CHECK: tile.stamp issue[%{{.*}}] at [[ISSUE]]{{$}}
      // CHECK: tile.stamp issued[%{{.*}}] at [[ISSUED]]{{$}}
      tile.acquire %ch[%t1]
      tile.copy_async %a[%next +: 64], %r[%t1] : !tile.view<?xf32>, !tile.ring<2 x 64xf32>
      tile.commit %ch[%t1]
    }
    // CHECK: tile.stamp begin[%[[T]]] at [[BEGIN:[0-9]+]]
    // CHECK-NEXT: tile.slot
    %s = tile.slot %r[%t] : !tile.ring<2 x 64xf32> -> !tile.slot<64xf32>
    %x = tile.read %s : !tile.slot<64xf32> -> tensor<64xf32>
    tile.release %ch[%t]
    // CHECK: %[[SUM:.*]] = arith.addf
    // CHECK-NEXT: tile.stamp end[%[[T]]] at [[END:[0-9]+]] after %[[SUM]] : tensor<64xf32>
    %sum = arith.addf %acc, %x : tensor<64xf32>
    scf.yield %t1, %sum : i32, tensor<64xf32>
  }
  tile.store %end#1, %b[%c0 +: 64] : tensor<64xf32>, !tile.view<?xf32>
  tile.return
}

// -----

// Without a ring, iterations are counted through the loops around. Host code waits for no value.

// CHECK-LABEL: tile.kernel @counted
tile.kernel @counted(%a: !tile.view<?x?xf32> {tile.access = #tile.access<in>}, %n: index)
    attributes {phase = #tile.phase<pipelined>, target = "cpu"} {
  %c0 = arith.constant 0 : index
  %c64 = arith.constant 64 : index
  %zero = arith.constant dense<0.0> : tensor<64x64xf32>
  // CHECK: %[[OUTER:.*]] = scf.for {{.*}} iter_args(%[[N:.*]] = %{{.*}}) -> (i32)
  scf.for %i = %c0 to %n step %c64 {
    // CHECK: %[[INNER:.*]]:2 = scf.for {{.*}} iter_args(%{{.*}}, %[[K:.*]] = %[[N]]) -> (tensor<64x64xf32>, i32)
    %r = scf.for %j = %c0 to %n step %c64 iter_args(%acc = %zero) -> (tensor<64x64xf32>) {
      // CHECK-NEXT: tile.stamp issue[%[[K]]] at
      // CHECK-NEXT: tile.load
      // CHECK-NEXT: tile.stamp arrived[%[[K]]] at {{[0-9]+$}}
      %x = tile.load %a[%i +: 64, %j +: 64] : !tile.view<?x?xf32> -> tensor<64x64xf32>
      // CHECK-NEXT: tile.stamp begin[%[[K]]] at
      // CHECK-NEXT: tile.dot
      // CHECK-NEXT: tile.stamp end[%[[K]]] at {{[0-9]+$}}
      %d = tile.dot %x, %x, %acc : tensor<64x64xf32>, tensor<64x64xf32> -> tensor<64x64xf32>
      // CHECK: %[[NEXT:.*]] = arith.addi %[[K]]
      // CHECK: scf.yield %{{.*}}, %[[NEXT]]
      scf.yield %d : tensor<64x64xf32>
    }
    // CHECK: scf.yield %[[INNER]]#1 : i32
  }
  tile.return
}

// -----

// A producer's stamps say when it wanted a slot, too. Products that go on end where their slots are released.

// CHECK-LABEL: tile.kernel @producer
tile.kernel @producer(%a: !tile.view<?x?xbf16> {tile.access = #tile.access<in>}, %n: index)
    attributes {phase = #tile.phase<pipelined>, target = "sm_90a", num_warps = 4 : i64, persistent} {
  %r = tile.ring : !tile.ring<2 x 64x64xbf16>
  %c = tile.channel %r : !tile.ring<2 x 64x64xbf16>
  // CHECK: tile.producer
  tile.producer {
    %c0 = arith.constant 0 : index
    %c64 = arith.constant 64 : index
    %t0 = arith.constant 0 : i32
    %one = arith.constant 1 : i32
    %end = scf.for %k = %c0 to %n step %c64 iter_args(%t = %t0) -> (i32) {
      // CHECK: tile.stamp acquire[%[[T:.*]]] at
      // CHECK-NEXT: tile.acquire %{{.*}}[%[[T]]]
      // CHECK-NEXT: tile.stamp issue[%[[T]]] at
      // CHECK-NEXT: tile.copy_async
      // CHECK-NEXT: tile.commit
      // CHECK-NEXT: tile.stamp issued[%[[T]]] at
      tile.acquire %c[%t]
      tile.copy_async %a[%c0 +: 64, %k +: 64], %r[%t] {binding = #tile.binding<tensor, bytes = 16>} : !tile.view<?x?xbf16>, !tile.ring<2 x 64x64xbf16>
      tile.commit %c[%t]
      %t1 = arith.addi %t, %one : i32
      scf.yield %t1 : i32
    }
  }
  %c0 = arith.constant 0 : index
  %c64 = arith.constant 64 : index
  %t0 = arith.constant 0 : i32
  %one = arith.constant 1 : i32
  %less = arith.constant -1 : i32
  %zero = arith.constant dense<0.0> : tensor<64x64xf32>
  // CHECK: scf.for
  %sum:2 = scf.for %k = %c0 to %n step %c64 iter_args(%t = %t0, %acc = %zero) -> (i32, tensor<64x64xf32>) {
    // CHECK: tile.stamp await[%[[U:.*]]] at
    // CHECK-NEXT: tile.await
    // CHECK-NEXT: tile.stamp arrived[%[[U]]] at
    tile.await %c[%t]
    %s = tile.slot %r[%t] : !tile.ring<2 x 64x64xbf16> -> !tile.slot<64x64xbf16>
    // CHECK: tile.stamp begin[%[[U]]] at
    // CHECK-NEXT: tile.dot
    %d = tile.dot %s, %s, %acc {async} : !tile.slot<64x64xbf16>, !tile.slot<64x64xbf16> -> tensor<64x64xf32>
    // CHECK-NEXT: tile.dot_wait
    tile.dot_wait {pending = 1 : i64}
    %later = arith.cmpi ne, %t, %t0 : i32
    scf.if %later {
      %before = arith.addi %t, %less : i32
      // CHECK: tile.stamp end[%[[B:.*]]] at [[END:[0-9]+]]
      // CHECK-NEXT: tile.release %{{.*}}[%[[B]]]
      tile.release %c[%before]
    }
    %t1 = arith.addi %t, %one : i32
    scf.yield %t1, %d : i32, tensor<64x64xf32>
  }
  %done = tile.dot_wait %sum#1 {pending = 0 : i64} : tensor<64x64xf32>
  %last = arith.addi %sum#0, %less : i32
  // CHECK: tile.stamp end[%[[L:.*]]] at [[END]]{{$}}
  // CHECK-NEXT: tile.release %{{.*}}[%[[L]]]
  tile.release %c[%last]
  tile.return
}

// -----

// What has no loop over tiles stays as it is, and so does a loop in a branch, whose iterations nothing counts.

// CHECK-LABEL: tile.kernel @none
// CHECK-NOT: tile.stamp
tile.kernel @none(%a: !tile.view<?xf32> {tile.access = #tile.access<inout>}, %n: index, %some: i1)
    attributes {phase = #tile.phase<pipelined>, target = "cpu"} {
  %c0 = arith.constant 0 : index
  %c64 = arith.constant 64 : index
  %x = tile.load %a[%c0 +: 64] : !tile.view<?xf32> -> tensor<64xf32>
  tile.store %x, %a[%c64 +: 64] : tensor<64xf32>, !tile.view<?xf32>
  scf.if %some {
    scf.for %i = %c0 to %n step %c64 {
      %y = tile.load %a[%i +: 64] : !tile.view<?xf32> -> tensor<64xf32>
      tile.store %y, %a[%i +: 64] : tensor<64xf32>, !tile.view<?xf32>
    }
  }
  tile.return
}
