// Channels become groups of copies, counted waits and barriers.
// RUN: tile-opt %s --split-input-file --pass-pipeline='builtin.module(tile.kernel(tile-synchronise))' | FileCheck %s

#acc = #tile.layout<32x32, register = [[0, 1], [8, 0], [0, 8], [0, 16]], lane = [[0, 2], [0, 4], [1, 0], [2, 0], [4, 0]], warp = [[16, 0]]>
!ring = !tile.ring<3 x 32x32xbf16, #tile.swizzle<unit = 1, span = 64>>
!slot = !tile.slot<32x32xbf16, #tile.swizzle<unit = 1, span = 64>>

// Three stages: two groups in flight, one wait and one barrier a step. Groups are closed whether or not there is anything to copy.
// CHECK-LABEL: tile.kernel @matmul
// CHECK-SAME: phase = #tile.phase<synchronised>, shared_bytes = 12288
tile.kernel @matmul(%a: !tile.view<?x?xbf16> {tile.access = #tile.access<in>}, %b: !tile.view<?x?xbf16> {tile.access = #tile.access<in>},
                    %c: !tile.view<?x?xf32> {tile.access = #tile.access<out>})
    attributes {phase = #tile.phase<placed>, target = "sm_80", num_warps = 2} {
  // CHECK: %[[A:.*]] = tile.ring {offset = 0 : i64}
  // CHECK: %[[B:.*]] = tile.ring {offset = 6144 : i64}
  // CHECK-NOT: tile.channel
  %ra = tile.ring : !ring
  %rb = tile.ring : !ring
  %ch = tile.channel %ra, %rb : !ring, !ring
  %t0 = arith.constant 0 : i32
  %t1 = arith.constant 1 : i32
  %t2 = arith.constant 2 : i32
  %c0 = arith.constant 0 : index
  %c32 = arith.constant 32 : index
  %c64 = arith.constant 64 : index
  %zero = arith.constant dense<0.0> : tensor<32x32xf32, #acc>
  %k = tile.extent %a, 1 : !tile.view<?x?xbf16>
  %first = arith.cmpi slt, %c0, %k : index
  // CHECK: scf.if
  // CHECK-NEXT: tile.copy_async
  // CHECK-NEXT: tile.copy_async
  // CHECK-NEXT: {{^ +}$}}
  // CHECK-NEXT: tile.commit_group
  scf.if %first {
    tile.acquire %ch[%t0]
    tile.copy_async %a[%c0 +: 32, %c0 +: 32], %ra[%t0] {binding = #tile.binding<async, bytes = 16>} : !tile.view<?x?xbf16>, !ring
    tile.copy_async %b[%c0 +: 32, %c0 +: 32], %rb[%t0] {binding = #tile.binding<async, bytes = 16>} : !tile.view<?x?xbf16>, !ring
    tile.commit %ch[%t0]
  }
  %second = arith.cmpi slt, %c32, %k : index
  // CHECK: scf.if
  // CHECK: {{^ +}$}}
  // CHECK-NEXT: tile.commit_group
  scf.if %second {
    tile.acquire %ch[%t1]
    tile.copy_async %a[%c0 +: 32, %c32 +: 32], %ra[%t1] {binding = #tile.binding<async, bytes = 16>} : !tile.view<?x?xbf16>, !ring
    tile.copy_async %b[%c32 +: 32, %c0 +: 32], %rb[%t1] {binding = #tile.binding<async, bytes = 16>} : !tile.view<?x?xbf16>, !ring
    tile.commit %ch[%t1]
  }
  // CHECK: scf.for
  // CHECK-NEXT: tile.wait_group 1
  // CHECK-NOT: tile.wait_group
  // CHECK: tile.barrier
  // CHECK-NEXT: scf.if
  // CHECK-NEXT: tile.copy_async {{.*}} %[[A]][%{{.*}}]
  // CHECK-NEXT: tile.copy_async {{.*}} %[[B]][%{{.*}}]
  // CHECK-NEXT: {{^ +}$}}
  // CHECK-NEXT: tile.commit_group
  // CHECK-NOT: tile.barrier
  // CHECK: tile.dot
  // CHECK-NOT: tile.barrier
  // CHECK: tile.return
  %r:2 = scf.for %i = %c0 to %k step %c32 iter_args(%d = %zero, %t = %t0) -> (tensor<32x32xf32, #acc>, i32) {
    tile.await %ch[%t]
    %ahead = arith.addi %i, %c64 : index
    %ta = arith.addi %t, %t2 : i32
    %exists = arith.cmpi slt, %ahead, %k : index
    scf.if %exists {
      tile.acquire %ch[%ta]
      tile.copy_async %a[%c0 +: 32, %ahead +: 32], %ra[%ta] {binding = #tile.binding<async, bytes = 16>} : !tile.view<?x?xbf16>, !ring
      tile.copy_async %b[%ahead +: 32, %c0 +: 32], %rb[%ta] {binding = #tile.binding<async, bytes = 16>} : !tile.view<?x?xbf16>, !ring
      tile.commit %ch[%ta]
    }
    %sa = tile.slot %ra[%t] : !ring -> !slot
    %sb = tile.slot %rb[%t] : !ring -> !slot
    %n = tile.dot %sa, %sb, %d {binding = #tile.dot_binding<"mma.sync", 16 x 8 x 16>} : !slot, !slot -> tensor<32x32xf32, #acc>
    tile.release %ch[%t]
    %next = arith.addi %t, %t1 : i32
    scf.yield %n, %next : tensor<32x32xf32, #acc>, i32
  }
  tile.store %r#0, %c[%c0 +: 32, %c0 +: 32] : tensor<32x32xf32, #acc>, !tile.view<?x?xf32>
  tile.return
}

// -----

#l = #tile.layout<64, register = [], lane = [[1], [2], [4], [8], [16]], warp = [[32]]>
!deep = !tile.ring<4 x 64xf32, #tile.swizzle<unit = 0, span = 0>>
!flat = !tile.ring<2 x 64xf32, #tile.swizzle<unit = 0, span = 0>>
!slot = !tile.slot<64xf32, #tile.swizzle<unit = 0, span = 0>>

// Two channels of different depths in one loop, which a loop around it repeats. The awaits stand together and become one wait: for the
// ticket of the shallow ring, which is the newer group. Between two runs of the inner loop there is no barrier of its own.
// CHECK-LABEL: tile.kernel @two_channels
tile.kernel @two_channels(%a: !tile.view<?xf32> {tile.access = #tile.access<in>}, %b: !tile.view<?xf32> {tile.access = #tile.access<in>},
                          %c: !tile.view<?xf32> {tile.access = #tile.access<out>}, %rounds: index)
    attributes {phase = #tile.phase<placed>, target = "sm_80", num_warps = 2} {
  %ra = tile.ring : !deep
  %cha = tile.channel %ra : !deep
  %rb = tile.ring : !flat
  %chb = tile.channel %rb : !flat
  %t0 = arith.constant 0 : i32
  %t1 = arith.constant 1 : i32
  %t3 = arith.constant 3 : i32
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c64 = arith.constant 64 : index
  %c192 = arith.constant 192 : index
  %n = tile.extent %a, 0 : !tile.view<?xf32>
  // CHECK: scf.for
  // CHECK-NOT: tile.barrier
  // CHECK-COUNT-4: tile.commit_group
  // CHECK-NOT: tile.barrier
  // CHECK: scf.for
  // CHECK: tile.wait_group 0
  // CHECK-NOT: tile.wait_group
  // CHECK: tile.barrier
  // CHECK: scf.if
  // CHECK: tile.commit_group
  // CHECK: scf.if
  // CHECK: tile.commit_group
  // CHECK-NOT: tile.barrier
  // CHECK: tile.return
  %all:2 = scf.for %j = %c0 to %rounds step %c1 iter_args(%ta0 = %t0, %tb0 = %t0) -> (i32, i32) {
    %e0 = arith.cmpi slt, %c0, %n : index
    scf.if %e0 {
      tile.acquire %cha[%ta0]
      tile.copy_async %a[%c0 +: 64], %ra[%ta0] : !tile.view<?xf32>, !deep
      tile.commit %cha[%ta0]
    }
    %ta1 = arith.addi %ta0, %t1 : i32
    %e1 = arith.cmpi slt, %c64, %n : index
    scf.if %e1 {
      tile.acquire %cha[%ta1]
      tile.copy_async %a[%c64 +: 64], %ra[%ta1] : !tile.view<?xf32>, !deep
      tile.commit %cha[%ta1]
    }
    %ta2 = arith.addi %ta1, %t1 : i32
    %i2 = arith.addi %c64, %c64 : index
    %e2 = arith.cmpi slt, %i2, %n : index
    scf.if %e2 {
      tile.acquire %cha[%ta2]
      tile.copy_async %a[%i2 +: 64], %ra[%ta2] : !tile.view<?xf32>, !deep
      tile.commit %cha[%ta2]
    }
    scf.if %e0 {
      tile.acquire %chb[%tb0]
      tile.copy_async %b[%c0 +: 64], %rb[%tb0] : !tile.view<?xf32>, !flat
      tile.commit %chb[%tb0]
    }
    %r:2 = scf.for %i = %c0 to %n step %c64 iter_args(%ta = %ta0, %tb = %tb0) -> (i32, i32) {
      tile.await %cha[%ta]
      tile.await %chb[%tb]
      %ia = arith.addi %i, %c192 : index
      %tas = arith.addi %ta, %t3 : i32
      %ea = arith.cmpi slt, %ia, %n : index
      scf.if %ea {
        tile.acquire %cha[%tas]
        tile.copy_async %a[%ia +: 64], %ra[%tas] : !tile.view<?xf32>, !deep
        tile.commit %cha[%tas]
      }
      %ib = arith.addi %i, %c64 : index
      %tbs = arith.addi %tb, %t1 : i32
      %eb = arith.cmpi slt, %ib, %n : index
      scf.if %eb {
        tile.acquire %chb[%tbs]
        tile.copy_async %b[%ib +: 64], %rb[%tbs] : !tile.view<?xf32>, !flat
        tile.commit %chb[%tbs]
      }
      %sa = tile.slot %ra[%ta] : !deep -> !slot
      %x = tile.read %sa : !slot -> tensor<64xf32, #l>
      tile.release %cha[%ta]
      %sb = tile.slot %rb[%tb] : !flat -> !slot
      %y = tile.read %sb : !slot -> tensor<64xf32, #l>
      tile.release %chb[%tb]
      %s = arith.addf %x, %y : tensor<64xf32, #l>
      tile.store %s, %c[%i +: 64] : tensor<64xf32, #l>, !tile.view<?xf32>
      %tan = arith.addi %ta, %t1 : i32
      %tbn = arith.addi %tb, %t1 : i32
      scf.yield %tan, %tbn : i32, i32
    }
    scf.yield %r#0, %r#1 : i32, i32
  }
  tile.return
}
