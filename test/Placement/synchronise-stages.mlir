// From the language's ops to the hardware's waits, for one to six stages: S - 2 groups may still be under way when a step begins, and
// one barrier a step is enough. One stage takes the operands through scratches, with one barrier for both before their reads and one
// behind those of the last iteration.
// RUN: sed 's/stages(3)/stages(1)/' %s | tile-opt --pass-pipeline='builtin.module(tile-pipeline{target=sm_80},tile.kernel(tile-place,tile-synchronise))' | FileCheck %s --check-prefix=ONE
// RUN: sed 's/stages(3)/stages(2)/' %s | tile-opt --pass-pipeline='builtin.module(tile-pipeline{target=sm_80},tile.kernel(tile-place,tile-synchronise))' | FileCheck %s -DPENDING=0
// RUN: tile-opt %s --pass-pipeline='builtin.module(tile-pipeline{target=sm_80},tile.kernel(tile-place,tile-synchronise))' | FileCheck %s -DPENDING=1
// RUN: sed 's/stages(3)/stages(4)/' %s | tile-opt --pass-pipeline='builtin.module(tile-pipeline{target=sm_80},tile.kernel(tile-place,tile-synchronise))' | FileCheck %s -DPENDING=2
// RUN: sed 's/stages(3)/stages(5)/' %s | tile-opt --pass-pipeline='builtin.module(tile-pipeline{target=sm_80},tile.kernel(tile-place,tile-synchronise))' | FileCheck %s -DPENDING=3
// RUN: sed 's/stages(3)/stages(6)/' %s | tile-opt --pass-pipeline='builtin.module(tile-pipeline{target=sm_80},tile.kernel(tile-place,tile-synchronise))' | FileCheck %s -DPENDING=4
// RUN: sed 's/align = 16/align = 2/g' %s | tile-opt --pass-pipeline='builtin.module(tile-pipeline{target=sm_80},tile.kernel(tile-place,tile-synchronise))' | FileCheck %s --check-prefix=STAGED

// ONE-LABEL: tile.kernel @matmul
// ONE: scf.for
// ONE: tile.barrier
// ONE: tile.write
// ONE: tile.write
// ONE-NEXT: tile.barrier
// ONE-NEXT: tile.read
// ONE-NEXT: tile.read
// ONE-NOT: tile.barrier
// ONE: scf.yield

// CHECK-LABEL: tile.kernel @matmul
// CHECK-NOT: tile.barrier
// CHECK: scf.for
// CHECK-NEXT: tile.wait_group [[PENDING]]
// CHECK-NOT: tile.wait_group
// CHECK: tile.barrier
// CHECK-NEXT: scf.if
// CHECK: tile.commit_group
// CHECK-NOT: tile.barrier
// CHECK: tile.dot
// CHECK-NOT: tile.barrier
// CHECK: scf.yield

// STAGED-LABEL: tile.kernel @matmul
// STAGED-NOT: tile.{{commit_group|wait_group}}
// STAGED: scf.for
// STAGED: tile.load
// STAGED: tile.load
// STAGED: tile.barrier
// STAGED-NOT: tile.barrier
// STAGED: tile.dot
// STAGED-NOT: tile.barrier
// STAGED: tile.write
// STAGED: tile.write
// STAGED-NOT: tile.barrier
// STAGED: scf.yield
tile.kernel @matmul(
    %a: !tile.view<?x?xbf16> {tile.access = #tile.access<in>, tile.facts = #tile.facts<unit_axis = 1, align = 16>},
    %b: !tile.view<?x?xbf16> {tile.access = #tile.access<in>, tile.facts = #tile.facts<unit_axis = 1, align = 16>},
    %c: !tile.view<?x?xf32> {tile.access = #tile.access<out>}) attributes {phase = #tile.phase<tile>} {
  %c0 = arith.constant 0 : index
  %c32 = arith.constant 32 : index
  %c64 = arith.constant 64 : index
  %p0 = tile.program_id 0
  %m = arith.muli %p0, %c64 : index
  %k = tile.extent %a, 1 : !tile.view<?x?xbf16>
  %zero = arith.constant dense<0.0> : tensor<64x64xf32>
  %r = tile.for %i = %c0 to %k step %c32 iter_args(%acc = %zero) -> (tensor<64x64xf32>) stages(3) {
    %x = tile.load %a[%m +: 64, %i +: 32] : !tile.view<?x?xbf16> -> tensor<64x32xbf16>
    %y = tile.load %b[%i +: 32, %c0 +: 64] : !tile.view<?x?xbf16> -> tensor<32x64xbf16>
    %d = tile.dot %x, %y, %acc : tensor<64x32xbf16>, tensor<32x64xbf16> -> tensor<64x64xf32>
    tile.yield %d : tensor<64x64xf32>
  }
  tile.store %r, %c[%m +: 64, %c0 +: 64] : tensor<64x64xf32>, !tile.view<?x?xf32>
  tile.return
}
