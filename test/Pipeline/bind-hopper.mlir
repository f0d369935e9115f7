// What a kernel of the form with a producer is bound to: on sm_90a, where warpgroups multiply, and on newer chips, where warps do.
// RUN: tile-opt %s --split-input-file --tile-bind=target=sm_90a | FileCheck %s
// RUN: tile-opt %s --split-input-file --tile-bind=target=sm_80 | FileCheck %s --check-prefix=PLAIN

// RUN: tile-opt %s --split-input-file --tile-bind=target=sm_90 | FileCheck %s --check-prefix=WARPS
// RUN: tile-opt %s --split-input-file --tile-bind=target=sm_100 | FileCheck %s --check-prefix=WARPS
// RUN: tile-opt %s --split-input-file --tile-bind=target=sm_120 | FileCheck %s --check-prefix=WARPS

// WARPS-LABEL: tile.kernel @matmul
// WARPS-SAME: num_warps = 4 : i64, persistent
// WARPS-COUNT-2: tile.load {{.*}} {binding = #tile.binding<tensor, bytes = 16>}
// WARPS: tile.dot {{.*}} {binding = #tile.dot_binding<"mma.sync", 16 x 8 x 16>}
// WARPS: tile.store {{.*}} {binding = #tile.binding<tensor, bytes = 16>}
// CHECK-LABEL: tile.kernel @matmul
// CHECK-SAME: num_warps = 8 : i64, persistent
// PLAIN-LABEL: tile.kernel @matmul
// PLAIN-NOT: persistent
// PLAIN-NOT: wgmma
// PLAIN-NOT: #tile.binding<tensor
tile.kernel @matmul(
    %a: !tile.view<?x?xbf16> {tile.access = #tile.access<in>, tile.facts = #tile.facts<unit_axis = 1, align = 16, extent_align = 16, tensor_map = true>},
    %b: !tile.view<?x?xbf16> {tile.access = #tile.access<in>, tile.facts = #tile.facts<unit_axis = 1, align = 16, extent_align = 16, tensor_map = true>},
    %bias: !tile.view<?xbf16> {tile.access = #tile.access<in>, tile.facts = #tile.facts<unit_axis = 0, align = 16>},
    %c: !tile.view<?x?xbf16> {tile.access = #tile.access<out>, tile.facts = #tile.facts<unit_axis = 1, align = 16, extent_align = 16, tensor_map = true>},
    %d: !tile.view<?x?xf32> {tile.access = #tile.access<out>, tile.facts = #tile.facts<unit_axis = 1, align = 8>})
    attributes {phase = #tile.phase<tile>} {
  // CHECK: %[[WORKER:.*]] = tile.worker_id
  // CHECK: %[[WORKERS:.*]] = tile.workers
  // CHECK: %[[PROGRAMS:.*]] = tile.programs
  // CHECK: tile.for %[[WORK:.*]] = %[[WORKER]] to %[[PROGRAMS]] step %[[WORKERS]] stages(1) {
  %c0 = arith.constant 0 : index
  %c64 = arith.constant 64 : index
  %c128 = arith.constant 128 : index
  // CHECK: tile.program_id 0 of %[[WORK]]
  %p0 = tile.program_id 0
  // CHECK: tile.program_id 1 of %[[WORK]]
  %p1 = tile.program_id 1
  %m = arith.muli %p0, %c128 : index
  %n = arith.muli %p1, %c64 : index
  %k = tile.extent %a, 1 : !tile.view<?x?xbf16>
  %zero = arith.constant dense<0.0> : tensor<128x64xf32>
  %r = tile.for %i = %c0 to %k step %c64 iter_args(%acc = %zero) -> (tensor<128x64xf32>) {
    // CHECK: tile.load %{{.*}}[%{{.*}} +: 128, %{{.*}} +: 64] {binding = #tile.binding<tensor, bytes = 16>}
    %x = tile.load %a[%m +: 128, %i +: 64] : !tile.view<?x?xbf16> -> tensor<128x64xbf16>
    // CHECK: tile.load %{{.*}}[%{{.*}} +: 64, %{{.*}} +: 64] {binding = #tile.binding<tensor, bytes = 16>}
    %y = tile.load %b[%i +: 64, %n +: 64] : !tile.view<?x?xbf16> -> tensor<64x64xbf16>
    // CHECK: tile.dot {{.*}} {binding = #tile.dot_binding<"wgmma", 64 x 64 x 16>}
    %s = tile.dot %x, %y, %acc : tensor<128x64xbf16>, tensor<64x64xbf16> -> tensor<128x64xf32>
    tile.yield %s : tensor<128x64xf32>
  }
  // Loads behind the loop stay what they are, although the loop over programs holds them now.
  // CHECK: tile.load %{{.*}} {binding = #tile.binding<direct, bytes = 2>}
  %row = tile.load %bias[%n +: 64] : !tile.view<?xbf16> -> tensor<64xbf16>
  %t = arith.truncf %r : tensor<128x64xf32> to tensor<128x64xbf16>
  // CHECK: tile.store {{.*}} {binding = #tile.binding<tensor, bytes = 16>}
  tile.store %t, %c[%m +: 128, %n +: 64] : tensor<128x64xbf16>, !tile.view<?x?xbf16>
  // No tensor map describes this view.
  // CHECK: tile.store {{.*}} {binding = #tile.binding<direct, bytes = 4>}
  tile.store %r, %d[%m +: 128, %n +: 64] : tensor<128x64xf32>, !tile.view<?x?xf32>
  // CHECK: }
  // CHECK-NEXT: tile.return
  tile.return
}

// -----

// The first operand of a dot may be computed. What it is computed from comes by tensor copies as well, a row too; what these can't bring is
// loaded where it stands if it is small. What is multiplied in place may also be read otherwise.
// CHECK-LABEL: tile.kernel @computed
// CHECK-SAME: persistent
// CHECK: tile.load {{.*}} {binding = #tile.binding<tensor, bytes = 16>} : !tile.view<?x?xi8> -> tensor<64x64xi8>
// CHECK: tile.load {{.*}} {binding = #tile.binding<tensor, bytes = 16>} : !tile.view<?xf32> -> tensor<64xf32>
// CHECK: tile.load {{.*}} {binding = #tile.binding<direct, bytes = 4>} : !tile.view<?xf32> -> tensor<64xf32>
// CHECK: tile.load {{.*}} {binding = #tile.binding<tensor, bytes = 16>} : !tile.view<?x?xf16> -> tensor<64x64xf16>
// CHECK: tile.dot {{.*}} {binding = #tile.dot_binding<"wgmma", 64 x 64 x 16>}
tile.kernel @computed(
    %a: !tile.view<?x?xi8> {tile.access = #tile.access<in>, tile.facts = #tile.facts<unit_axis = 1, align = 16, extent_align = 16, tensor_map = true>},
    %b: !tile.view<?x?xf16> {tile.access = #tile.access<in>, tile.facts = #tile.facts<unit_axis = 0, align = 16, extent_align = 16, tensor_map = true>},
    %s: !tile.view<?xf32> {tile.access = #tile.access<in>, tile.facts = #tile.facts<unit_axis = 0, align = 16, extent_align = 16, tensor_map = true>},
    %u: !tile.view<?xf32> {tile.access = #tile.access<in>, tile.facts = #tile.facts<unit_axis = 0, align = 4>},
    %c: !tile.view<?x?xf32> {tile.access = #tile.access<out>, tile.facts = #tile.facts<unit_axis = 1, align = 16, extent_align = 16, tensor_map = true>})
    attributes {phase = #tile.phase<tile>} {
  %c0 = arith.constant 0 : index
  %c64 = arith.constant 64 : index
  %k = tile.extent %a, 1 : !tile.view<?x?xi8>
  %zero = arith.constant dense<0.0> : tensor<64x64xf32>
  %none = arith.constant dense<0.0> : tensor<64xf16>
  %r, %t = tile.for %i = %c0 to %k step %c64 iter_args(%acc = %zero, %total = %none) -> (tensor<64x64xf32>, tensor<64xf16>) {
    %x = tile.load %a[%c0 +: 64, %i +: 64] : !tile.view<?x?xi8> -> tensor<64x64xi8>
    %row = tile.load %s[%i +: 64] : !tile.view<?xf32> -> tensor<64xf32>
    %other = tile.load %u[%i +: 64] : !tile.view<?xf32> -> tensor<64xf32>
    %y = tile.load %b[%i +: 64, %c0 +: 64] : !tile.view<?x?xf16> -> tensor<64x64xf16>
    %both = arith.mulf %row, %other : tensor<64xf32>
    %line = tile.reshape %both : tensor<64xf32> -> tensor<1x64xf32>
    %lines = tile.broadcast %line : tensor<1x64xf32> -> tensor<64x64xf32>
    %f = arith.sitofp %x : tensor<64x64xi8> to tensor<64x64xf32>
    %g = arith.mulf %f, %lines : tensor<64x64xf32>
    %h = arith.truncf %g : tensor<64x64xf32> to tensor<64x64xf16>
    %d = tile.dot %h, %y, %acc : tensor<64x64xf16>, tensor<64x64xf16> -> tensor<64x64xf32>
    %sum = tile.reduce sum %y, 0 : tensor<64x64xf16> -> tensor<64xf16>
    %next = arith.addf %total, %sum : tensor<64xf16>
    tile.yield %d, %next : tensor<64x64xf32>, tensor<64xf16>
  }
  tile.store %r, %c[%c0 +: 64, %c0 +: 64] : tensor<64x64xf32>, !tile.view<?x?xf32>
  tile.return
}

// -----

// Tensor stores are not ordered before anything: a view that is stored to twice, or in a loop, or also read, is stored to directly.
// CHECK-LABEL: tile.kernel @stores
// CHECK: persistent
// CHECK-NOT: tile.store {{.*}}#tile.binding<tensor
tile.kernel @stores(
    %a: !tile.view<?x?xf16> {tile.access = #tile.access<in>, tile.facts = #tile.facts<unit_axis = 1, align = 16, extent_align = 16, tensor_map = true>},
    %b: !tile.view<?x?xf16> {tile.access = #tile.access<in>, tile.facts = #tile.facts<unit_axis = 0, align = 16, extent_align = 16, tensor_map = true>},
    %twice: !tile.view<?x?xf32> {tile.access = #tile.access<out>, tile.facts = #tile.facts<unit_axis = 1, align = 16, extent_align = 16, tensor_map = true>},
    %often: !tile.view<?x?xf32> {tile.access = #tile.access<out>, tile.facts = #tile.facts<unit_axis = 1, align = 16, extent_align = 16, tensor_map = true>},
    %both: !tile.view<?x?xf32> {tile.access = #tile.access<inout>, tile.facts = #tile.facts<unit_axis = 1, align = 16, extent_align = 16, tensor_map = true>})
    attributes {phase = #tile.phase<tile>} {
  %c0 = arith.constant 0 : index
  %c64 = arith.constant 64 : index
  %k = tile.extent %a, 1 : !tile.view<?x?xf16>
  %zero = arith.constant dense<0.0> : tensor<64x64xf32>
  %r = tile.for %i = %c0 to %k step %c64 iter_args(%acc = %zero) -> (tensor<64x64xf32>) {
    %x = tile.load %a[%c0 +: 64, %i +: 64] : !tile.view<?x?xf16> -> tensor<64x64xf16>
    %y = tile.load %b[%i +: 64, %c0 +: 64] : !tile.view<?x?xf16> -> tensor<64x64xf16>
    %s = tile.dot %x, %y, %acc : tensor<64x64xf16>, tensor<64x64xf16> -> tensor<64x64xf32>
    tile.store %acc, %often[%c0 +: 64, %c0 +: 64] : tensor<64x64xf32>, !tile.view<?x?xf32>
    tile.yield %s : tensor<64x64xf32>
  }
  tile.store %r, %twice[%c0 +: 64, %c0 +: 64] : tensor<64x64xf32>, !tile.view<?x?xf32>
  tile.store %r, %twice[%c64 +: 64, %c0 +: 64] : tensor<64x64xf32>, !tile.view<?x?xf32>
  tile.store %r, %both[%c64 +: 64, %c0 +: 64] : tensor<64x64xf32>, !tile.view<?x?xf32>
  tile.return
}

// -----

// A store that starts before its view is an illegal instruction: one that might is done directly.
// CHECK-LABEL: tile.kernel @positions
// CHECK: persistent
tile.kernel @positions(
    %a: !tile.view<?x?xf16> {tile.access = #tile.access<in>, tile.facts = #tile.facts<unit_axis = 1, align = 16, extent_align = 16, tensor_map = true>},
    %b: !tile.view<?x?xf16> {tile.access = #tile.access<in>, tile.facts = #tile.facts<unit_axis = 0, align = 16, extent_align = 16, tensor_map = true>},
    %at: index,
    %c: !tile.view<?x?xf32> {tile.access = #tile.access<out>, tile.facts = #tile.facts<unit_axis = 1, align = 16, extent_align = 16, tensor_map = true>},
    %d: !tile.view<?x?xf32> {tile.access = #tile.access<out>, tile.facts = #tile.facts<unit_axis = 1, align = 16, extent_align = 16, tensor_map = true>},
    %e: !tile.view<?x?xf32> {tile.access = #tile.access<out>, tile.facts = #tile.facts<unit_axis = 1, align = 16, extent_align = 16, tensor_map = true>},
    %f: !tile.view<?x?xf32> {tile.access = #tile.access<out>, tile.facts = #tile.facts<unit_axis = 1, align = 16, extent_align = 16, tensor_map = true>},
    %g: !tile.view<?x?xf32> {tile.access = #tile.access<out>, tile.facts = #tile.facts<unit_axis = 1, align = 16, extent_align = 16, tensor_map = true>})
    attributes {phase = #tile.phase<tile>} {
  %c0 = arith.constant 0 : index
  %c64 = arith.constant 64 : index
  %cm64 = arith.constant -64 : index
  %large = arith.constant 8589934592 : index
  %k = tile.extent %a, 1 : !tile.view<?x?xf16>
  %p = tile.program_id 0
  %m = arith.muli %p, %c64 : index
  %zero = arith.constant dense<0.0> : tensor<64x64xf32>
  %r = tile.for %i = %c0 to %k step %c64 iter_args(%acc = %zero) -> (tensor<64x64xf32>) stages(2) {
    %x = tile.load %a[%m +: 64, %i +: 64] : !tile.view<?x?xf16> -> tensor<64x64xf16>
    %y = tile.load %b[%i +: 64, %c0 +: 64] : !tile.view<?x?xf16> -> tensor<64x64xf16>
    %s = tile.dot %x, %y, %acc : tensor<64x64xf16>, tensor<64x64xf16> -> tensor<64x64xf32>
    tile.yield %s : tensor<64x64xf32>
  }
  %last = arith.minsi %m, %k : index
  %half = arith.divsi %last, %c64 : index
  %next = arith.addi %half, %p : index
  // CHECK: tile.store {{.*}} {binding = #tile.binding<tensor, bytes = 16>}
  tile.store %r, %c[%next +: 64, %c0 +: 64] : tensor<64x64xf32>, !tile.view<?x?xf32>
  %unknown = arith.addi %m, %at : index
  // CHECK: tile.store {{.*}} {binding = #tile.binding<direct, bytes = 16>}
  tile.store %r, %d[%unknown +: 64, %c0 +: 64] : tensor<64x64xf32>, !tile.view<?x?xf32>
  %before = arith.addi %m, %cm64 : index
  // CHECK: tile.store {{.*}} {binding = #tile.binding<direct, bytes = 16>}
  tile.store %r, %e[%before +: 64, %c0 +: 64] : tensor<64x64xf32>, !tile.view<?x?xf32>
  // Which may overflow.
  %far = arith.muli %m, %large : index
  // CHECK: tile.store {{.*}} {binding = #tile.binding<direct, bytes = 16>}
  tile.store %r, %f[%far +: 64, %c0 +: 64] : tensor<64x64xf32>, !tile.view<?x?xf32>
  %known = arith.maxsi %unknown, %c0 : index
  // CHECK: tile.store {{.*}} {binding = #tile.binding<tensor, bytes = 16>}
  tile.store %r, %g[%known +: 64, %c0 +: 64] : tensor<64x64xf32>, !tile.view<?x?xf32>
  tile.return
}
