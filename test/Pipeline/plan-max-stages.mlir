// A limit for the loops that leave the number of their stages open, and for no others.
// RUN: tile-opt %s --pass-pipeline='builtin.module(tile.kernel(tile-bind{target=sm_80},tile-plan))' | FileCheck %s --check-prefixes=CHECK,OPEN
// RUN: tile-opt %s --pass-pipeline='builtin.module(tile.kernel(tile-bind{target=sm_80},tile-plan{max-stages=2}))' | FileCheck %s --check-prefixes=CHECK,TWO
// RUN: tile-opt %s --pass-pipeline='builtin.module(tile.kernel(tile-bind{target=sm_80},tile-plan{max-stages=1}))' | FileCheck %s --check-prefixes=CHECK,ONE

// CHECK-LABEL: tile.kernel @two_loops
tile.kernel @two_loops(
    %a: !tile.view<?xf32> {tile.access = #tile.access<in>, tile.facts = #tile.facts<unit_axis = 0, align = 16>},
    %b: !tile.view<?xf32> {tile.access = #tile.access<out>}, %n: index) attributes {phase = #tile.phase<tile>} {
  %c0 = arith.constant 0 : index
  %c64 = arith.constant 64 : index
  // OPEN: tile.for {{.*}} #tile.plan<stages = {{[3-9]|1[0-9]}},
  // TWO: tile.for {{.*}} #tile.plan<stages = 2,
  // ONE: tile.for {{.*}} #tile.plan<stages = 1,
  tile.for %i = %c0 to %n step %c64 {
    %x = tile.load %a[%i +: 64] : !tile.view<?xf32> -> tensor<64xf32>
    tile.store %x, %b[%i +: 64] : tensor<64xf32>, !tile.view<?xf32>
  }
  // CHECK: tile.for {{.*}} stages(4) attributes {plan = #tile.plan<stages = 4,
  tile.for %i = %c0 to %n step %c64 stages(4) {
    %x = tile.load %a[%i +: 64] : !tile.view<?xf32> -> tensor<64xf32>
    tile.store %x, %b[%i +: 64] : tensor<64xf32>, !tile.view<?xf32>
  }
  tile.return
}
