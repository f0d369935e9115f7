// A ring is scratch memory and a copy is done where it is issued; late, the runtime does it at the await.
// RUN: tile-opt %s --tile-cpu-lower-kernel=vector-bits=512 --canonicalize --cse | FileCheck %s
// RUN: tile-opt %s --tile-cpu-lower-kernel='vector-bits=512 late=true' --canonicalize --cse | FileCheck %s --check-prefix=LATE

// CHECK: module attributes {cpu.scratch_bytes = [[#]] : i64}
// CHECK-LABEL: func.func @tile_entry
// LATE-LABEL: func.func @tile_entry
tile.kernel @ring(%a: !tile.view<?x?xf32> {tile.access = #tile.access<in>, tile.facts = #tile.facts<unit_axis = 1>},
                  %b: !tile.view<?xf32> {tile.access = #tile.access<out>, tile.facts = #tile.facts<unit_axis = 0>}, %i: index, %t: i32)
    attributes {phase = #tile.phase<pipelined>, target = "cpu"} {
  %c0 = arith.constant 0 : index
  // The third argument on: the slots, how many there are, their bytes, and that they hold floats.
  // LATE: llvm.call @tile_cpu_late_ring(%[[WORKER:[0-9a-z]+]], %c0_i64, %{{.*}}, %c3_i64, %c64_i64, %c1_i64)
  %r = tile.ring : !tile.ring<3 x 16xf32>
  %ch = tile.channel %r : !tile.ring<3 x 16xf32>
  // LATE: llvm.call @tile_cpu_late_acquire(%[[WORKER]], %c0_i64, %[[T:[0-9a-z]+]])
  tile.acquire %ch[%t]
  // CHECK: %[[NUMBER:.*]] = arith.remui %{{.*}}, %c3_i32
  // CHECK: arith.index_castui %[[NUMBER]]
  // CHECK: scf.if
  // CHECK: "llvm.intr.memcpy"
  // CHECK: } else {
  // CHECK: llvm.call @tile_cpu_read
  // LATE-NOT: memcpy
  // LATE: llvm.call @tile_cpu_late_copy(%{{.*}}, %[[WORKER]], %c0_i64, %[[T]])
  tile.copy_async %a[%i, %c0 +: 16], %r[%t] : !tile.view<?x?xf32>, !tile.ring<3 x 16xf32>
  // LATE: llvm.call @tile_cpu_late_commit(%[[WORKER]], %c0_i64, %[[T]])
  tile.commit %ch[%t]
  // LATE: llvm.call @tile_cpu_late_await(%[[WORKER]], %c0_i64, %[[T]])
  tile.await %ch[%t]
  // The value is read where it lies, unless poison may come over it before it is used.
  // CHECK-NOT: memcpy
  // LATE: "llvm.intr.memcpy"
  %s = tile.slot %r[%t] : !tile.ring<3 x 16xf32> -> !tile.slot<16xf32>
  %x = tile.read %s : !tile.slot<16xf32> -> tensor<16xf32>
  // LATE: llvm.call @tile_cpu_late_release(%[[WORKER]], %c0_i64, %[[T]])
  tile.release %ch[%t]
  %y = arith.addf %x, %x : tensor<16xf32>
  // CHECK: arith.addf {{.*}} : vector<16xf32>
  tile.store %y, %b[%c0 +: 16] : tensor<16xf32>, !tile.view<?xf32>
  tile.return
}
