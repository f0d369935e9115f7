// Every tile gets the layout that costs least, and conversions stand only where two must differ.
// RUN: tile-opt %s --split-input-file --pass-pipeline='builtin.module(tile.kernel(tile-place))' | FileCheck %s

// An access moves 16 bytes a lane, neighbouring lanes neighbouring pieces; arithmetic takes the layout of the accesses.
// CHECK: #[[L:.*]] = #tile.layout<1024, register = {{\[\[}}1], [2], [512]], lane = {{\[\[}}4], [8], [16], [32], [64]], warp = {{\[\[}}128], [256]]>
// CHECK-LABEL: tile.kernel @elementwise
// CHECK-SAME: phase = #tile.phase<placed>
tile.kernel @elementwise(
    %x: !tile.view<?xf32> {tile.access = #tile.access<in>, tile.facts = #tile.facts<unit_axis = 0, align = 16, extent_align = 16>},
    %y: !tile.view<?xf32> {tile.access = #tile.access<out>, tile.facts = #tile.facts<unit_axis = 0, align = 16, extent_align = 16>},
    %s: f32) attributes {phase = #tile.phase<pipelined>, target = "sm_80", num_warps = 4} {
  %c0 = arith.constant 0 : index
  // CHECK: tile.load {{.*}} {binding = #tile.binding<direct, bytes = 16>} {{.*}} -> tensor<1024xf32, #[[L]]>
  %a = tile.load %x[%c0 +: 1024] : !tile.view<?xf32> -> tensor<1024xf32>
  // CHECK: tensor.splat %{{.*}} : tensor<1024xf32, #[[L]]>
  %b = tensor.splat %s : tensor<1024xf32>
  // CHECK: arith.mulf {{.*}} : tensor<1024xf32, #[[L]]>
  %c = arith.mulf %a, %b : tensor<1024xf32>
  // CHECK-NOT: tile.convert_layout
  // CHECK: tile.store
  tile.store %c, %y[%c0 +: 1024] : tensor<1024xf32>, !tile.view<?xf32>
  tile.return
}

// -----

// Of a view with an odd end, only what is wholly inside or outside moves at once.
// CHECK: #[[L:.*]] = #tile.layout<1024, register = {{\[\[}}256], [512]], lane = {{\[\[}}1], [2], [4], [8], [16]], warp = {{\[\[}}32], [64], [128]]>
// CHECK-LABEL: tile.kernel @odd
tile.kernel @odd(
    %x: !tile.view<?xf16> {tile.access = #tile.access<inout>, tile.facts = #tile.facts<unit_axis = 0, align = 16>})
    attributes {phase = #tile.phase<pipelined>, target = "sm_80", num_warps = 8} {
  %c0 = arith.constant 0 : index
  // A load that was to be asynchronous and stayed may not be cut off by the end.
  // CHECK: tile.load {{.*}} {binding = #tile.binding<direct, bytes = 2>} {{.*}} -> tensor<1024xf16, #[[L]]>
  %a = tile.load %x[%c0 +: 1024] {binding = #tile.binding<async, bytes = 16>} : !tile.view<?xf16> -> tensor<1024xf16>
  %b = arith.addf %a, %a : tensor<1024xf16>
  tile.store %b, %x[%c0 +: 1024] : tensor<1024xf16>, !tile.view<?xf16>
  tile.return
}

// -----

// A fold over warps: each warp folds registers, then lanes; the parts of four warps come together in every thread.
// CHECK-DAG: #[[PARTS:.*]] = #tile.layout<4, register = [], lane = {{.*}}, warp = {{\[\[}}1], [2]]>
// CHECK-DAG: #[[ALL:.*]] = #tile.layout<4, register = {{\[\[}}1], [2]], lane = {{.*}}, warp = {{\[\[}}0], [0]]>
// CHECK-LABEL: tile.kernel @fold
tile.kernel @fold(
    %x: !tile.view<?xf32> {tile.access = #tile.access<in>, tile.facts = #tile.facts<unit_axis = 0, align = 16, extent_align = 16>},
    %y: !tile.view<?xf32> {tile.access = #tile.access<out>}) attributes {phase = #tile.phase<pipelined>, target = "sm_80", num_warps = 4} {
  %c0 = arith.constant 0 : index
  %a = tile.load %x[%c0 +: 1024] : !tile.view<?xf32> -> tensor<1024xf32>
  // CHECK: %[[R:.*]] = tile.reshape %{{.*}} : tensor<1024xf32, #{{.*}}> -> tensor<2x4x128xf32, #{{.*}}>
  // CHECK: %[[F:.*]] = tile.reduce sum %[[R]], 0 : tensor<2x4x128xf32, #{{.*}}> -> tensor<4x128xf32, #{{.*}}>
  // CHECK: %[[W:.*]] = tile.reduce sum %[[F]], 1 : tensor<4x128xf32, #{{.*}}> -> tensor<4xf32, #[[PARTS]]>
  // CHECK: %[[C:.*]] = tile.convert_layout %[[W]] : tensor<4xf32, #[[PARTS]]> -> tensor<4xf32, #[[ALL]]>
  // CHECK: tile.reduce sum %[[C]], 0 : tensor<4xf32, #[[ALL]]> -> f32
  %s = tile.reduce sum %a, 0 : tensor<1024xf32> -> f32
  tile.store %s, %y[%c0] : f32, !tile.view<?xf32>
  tile.return
}

// -----

// Of an index over warps: the largest element, then the first index of those that are as large, or of NaN.
// CHECK-LABEL: tile.kernel @index
tile.kernel @index(
    %x: !tile.view<?x?xf32> {tile.access = #tile.access<in>, tile.facts = #tile.facts<unit_axis = 1, align = 16, extent_align = 16>},
    %y: !tile.view<?xindex> {tile.access = #tile.access<out>}) attributes {phase = #tile.phase<pipelined>, target = "sm_80", num_warps = 4} {
  %c0 = arith.constant 0 : index
  %a = tile.load %x[%c0 +: 2, %c0 +: 1024] : !tile.view<?x?xf32> -> tensor<2x1024xf32>
  // CHECK: %[[A:.*]] = tile.load
  // CHECK: tile.reduce max
  // CHECK: %[[B:.*]] = tile.broadcast %{{.*}} : tensor<2x1xf32, #{{.*}}> -> tensor<2x1024xf32, #{{.*}}>
  // CHECK: %[[E:.*]] = arith.cmpf oeq, %[[A]], %[[B]]
  // CHECK: %[[U:.*]] = arith.cmpf uno, %[[A]], %[[A]]
  // CHECK: %[[O:.*]] = arith.ori %[[E]], %[[U]]
  // CHECK: %[[I:.*]] = tile.broadcast %{{.*}} : tensor<1x1024xi32, #{{.*}}> -> tensor<2x1024xi32, #{{.*}}>
  // CHECK: arith.select %[[O]], %[[I]], %{{.*}}
  // CHECK: tile.reduce umin
  // CHECK: arith.index_castui %{{.*}} : tensor<2xi32, #{{.*}}> to tensor<2xindex, #{{.*}}>
  %i = tile.reduce argmax %a, 1 : tensor<2x1024xf32> -> tensor<2xindex>
  tile.store %i, %y[%c0 +: 2] : tensor<2xindex>, !tile.view<?xindex>
  tile.return
}

// -----

// Where there are rows enough, a warp has whole rows, and a fold of rows crosses no warps.
// CHECK-LABEL: tile.kernel @rows
tile.kernel @rows(
    %x: !tile.view<?x?xf32> {tile.access = #tile.access<in>, tile.facts = #tile.facts<unit_axis = 1, align = 16, extent_align = 16>},
    %y: !tile.view<?x?xf32> {tile.access = #tile.access<out>, tile.facts = #tile.facts<unit_axis = 1, align = 16, extent_align = 16>})
    attributes {phase = #tile.phase<pipelined>, target = "sm_80", num_warps = 4} {
  %c0 = arith.constant 0 : index
  // CHECK-NOT: tile.convert_layout
  // CHECK: tile.return
  %a = tile.load %x[%c0 +: 8, %c0 +: 1024] : !tile.view<?x?xf32> -> tensor<8x1024xf32>
  %m = tile.reduce max %a, 1 : tensor<8x1024xf32> -> tensor<8xf32>
  %r = tile.reshape %m : tensor<8xf32> -> tensor<8x1xf32>
  %b = tile.broadcast %r : tensor<8x1xf32> -> tensor<8x1024xf32>
  %d = arith.subf %a, %b : tensor<8x1024xf32>
  tile.store %d, %y[%c0 +: 8, %c0 +: 1024] : tensor<8x1024xf32>, !tile.view<?x?xf32>
  tile.return
}

// -----

// A product from rings: the accumulator is that of the instruction, four warps make a square; slots are swizzled over what a row fills.
// 16-bit results of a large tile go through shared memory, so that rows are written whole.
// CHECK-DAG: #[[ACC:.*]] = #tile.layout<128x128, register = {{\[\[}}0, 1], [8, 0], [0, 16], [0, 32], [0, 64], [32, 0], [64, 0]], lane = {{\[\[}}0, 2], [0, 4], [1, 0], [2, 0], [4, 0]], warp = {{\[\[}}16, 0], [0, 8]]>
// CHECK-DAG: #[[ROWS:.*]] = #tile.layout<128x128, register = {{\[\[}}0, 1], [0, 2], [0, 4], [8, 0], [16, 0], [32, 0], [64, 0]], lane = {{\[\[}}0, 8], [0, 16], [0, 32], [0, 64], [1, 0]], warp = {{\[\[}}2, 0], [4, 0]]>
// CHECK-LABEL: tile.kernel @matmul
tile.kernel @matmul(
    %a: !tile.view<?x?xbf16> {tile.access = #tile.access<in>, tile.facts = #tile.facts<unit_axis = 1, align = 16, extent_align = 16>},
    %b: !tile.view<?x?xbf16> {tile.access = #tile.access<in>, tile.facts = #tile.facts<unit_axis = 0, align = 16, extent_align = 16>},
    %c: !tile.view<?x?xbf16> {tile.access = #tile.access<out>, tile.facts = #tile.facts<unit_axis = 1, align = 16, extent_align = 16>})
    attributes {phase = #tile.phase<pipelined>, target = "sm_80", num_warps = 4} {
  // CHECK: tile.ring : !tile.ring<1 x 128x32xbf16, #tile.swizzle<unit = 1, span = 64>>
  %ra = tile.ring : !tile.ring<1 x 128x32xbf16>
  // The second matrix is stored by columns.
  // CHECK: tile.ring : !tile.ring<1 x 32x128xbf16, #tile.swizzle<unit = 0, span = 64>>
  %rb = tile.ring : !tile.ring<1 x 32x128xbf16>
  %ch = tile.channel %ra, %rb : !tile.ring<1 x 128x32xbf16>, !tile.ring<1 x 32x128xbf16>
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c32 = arith.constant 32 : index
  %t0 = arith.constant 0 : i32
  %t1 = arith.constant 1 : i32
  // CHECK: arith.constant dense<0.000000e+00> : tensor<128x128xf32, #[[ACC]]>
  %zero = arith.constant dense<0.0> : tensor<128x128xf32>
  %k = tile.extent %a, 1 : !tile.view<?x?xbf16>
  %r:2 = scf.for %i = %c0 to %k step %c32 iter_args(%acc = %zero, %t = %t0) -> (tensor<128x128xf32>, i32) {
    tile.acquire %ch[%t]
    tile.copy_async %a[%c0 +: 128, %i +: 32], %ra[%t] {binding = #tile.binding<async, bytes = 16>} : !tile.view<?x?xbf16>, !tile.ring<1 x 128x32xbf16>
    tile.copy_async %b[%i +: 32, %c0 +: 128], %rb[%t] {binding = #tile.binding<async, bytes = 16>} : !tile.view<?x?xbf16>, !tile.ring<1 x 32x128xbf16>
    tile.commit %ch[%t]
    tile.await %ch[%t]
    %sa = tile.slot %ra[%t] : !tile.ring<1 x 128x32xbf16> -> !tile.slot<128x32xbf16>
    %sb = tile.slot %rb[%t] : !tile.ring<1 x 32x128xbf16> -> !tile.slot<32x128xbf16>
    // CHECK: tile.dot {{.*}} : !tile.slot<128x32xbf16, #tile.swizzle<unit = 1, span = 64>>, !tile.slot<32x128xbf16, #tile.swizzle<unit = 0, span = 64>> -> tensor<128x128xf32, #[[ACC]]>
    %d = tile.dot %sa, %sb, %acc {binding = #tile.dot_binding<"mma.sync", 16 x 8 x 16>} : !tile.slot<128x32xbf16>, !tile.slot<32x128xbf16> -> tensor<128x128xf32>
    tile.release %ch[%t]
    %n = arith.addi %t, %t1 : i32
    scf.yield %d, %n : tensor<128x128xf32>, i32
  }
  // CHECK: %[[H:.*]] = arith.truncf {{.*}} to tensor<128x128xbf16, #[[ACC]]>
  // CHECK: %[[S:.*]] = tile.convert_layout %[[H]] : tensor<128x128xbf16, #[[ACC]]> -> tensor<128x128xbf16, #[[ROWS]]>
  // CHECK: tile.store %[[S]]
  %h = arith.truncf %r#0 : tensor<128x128xf32> to tensor<128x128xbf16>
  tile.store %h, %c[%c0 +: 128, %c0 +: 128] : tensor<128x128xbf16>, !tile.view<?x?xbf16>
  tile.return
}

// -----

// f32 results are written from where they are: four lanes fill a sector.
// CHECK-LABEL: tile.kernel @direct
tile.kernel @direct(%a: !tile.view<?x?xbf16> {tile.access = #tile.access<in>}, %b: !tile.view<?x?xbf16> {tile.access = #tile.access<in>},
    %c: !tile.view<?x?xf32> {tile.access = #tile.access<out>, tile.facts = #tile.facts<unit_axis = 1, align = 16, extent_align = 16>})
    attributes {phase = #tile.phase<pipelined>, target = "sm_80", num_warps = 4} {
  %c0 = arith.constant 0 : index
  %zero = arith.constant dense<0.0> : tensor<128x128xf32>
  // Tiles that are not in rings come through shared memory to where the instruction wants them.
  // CHECK: %[[A:.*]] = tile.load
  // CHECK: %[[AC:.*]] = tile.convert_layout %[[A]]
  %x = tile.load %a[%c0 +: 128, %c0 +: 32] : !tile.view<?x?xbf16> -> tensor<128x32xbf16>
  // CHECK: %[[B:.*]] = tile.load
  // CHECK: %[[BC:.*]] = tile.convert_layout %[[B]]
  %y = tile.load %b[%c0 +: 32, %c0 +: 128] : !tile.view<?x?xbf16> -> tensor<32x128xbf16>
  // CHECK: %[[D:.*]] = tile.dot %[[AC]], %[[BC]]
  %d = tile.dot %x, %y, %zero {binding = #tile.dot_binding<"mma.sync", 16 x 8 x 16>} : tensor<128x32xbf16>, tensor<32x128xbf16> -> tensor<128x128xf32>
  // CHECK: tile.store %[[D]]
  tile.store %d, %c[%c0 +: 128, %c0 +: 128] : tensor<128x128xf32>, !tile.view<?x?xf32>
  tile.return
}

// -----

// A sum of products of single elements: eight rows, and eight columns in two groups of four, to a thread.
// CHECK: #[[ACC:.*]] = #tile.layout<64x128, register = {{\[\[}}0, 1], [0, 2], [0, 64], [8, 0], [16, 0], [32, 0]], lane = {{\[\[}}0, 4], [0, 8], [0, 16], [1, 0], [2, 0]], warp = {{\[\[}}0, 32], [4, 0]]>
// CHECK-LABEL: tile.kernel @fma
tile.kernel @fma(%a: !tile.view<?x?xf32> {tile.access = #tile.access<in>}, %b: !tile.view<?x?xf32> {tile.access = #tile.access<in>},
    %c: !tile.view<?x?xf32> {tile.access = #tile.access<out>, tile.facts = #tile.facts<unit_axis = 1, align = 16, extent_align = 16>})
    attributes {phase = #tile.phase<pipelined>, target = "sm_80", num_warps = 4} {
  %c0 = arith.constant 0 : index
  %zero = arith.constant dense<0.0> : tensor<64x128xf32>
  // CHECK-NOT: tile.convert_layout
  %x = tile.load %a[%c0 +: 64, %c0 +: 32] : !tile.view<?x?xf32> -> tensor<64x32xf32>
  %y = tile.load %b[%c0 +: 32, %c0 +: 128] : !tile.view<?x?xf32> -> tensor<32x128xf32>
  // CHECK: tile.dot {{.*}} -> tensor<64x128xf32, #[[ACC]]>
  %d = tile.dot %x, %y, %zero {binding = #tile.dot_binding<"fma", 1 x 1 x 1>} : tensor<64x32xf32>, tensor<32x128xf32> -> tensor<64x128xf32>
  // CHECK-NOT: tile.convert_layout
  tile.store %d, %c[%c0 +: 64, %c0 +: 128] : tensor<64x128xf32>, !tile.view<?x?xf32>
  tile.return
}

// -----

// What is cheap to make is made in each layout that wants it.
// CHECK-LABEL: tile.kernel @cheap
tile.kernel @cheap(
    %x: !tile.view<?x?xi32> {tile.access = #tile.access<out>, tile.facts = #tile.facts<unit_axis = 1, align = 16, extent_align = 16>},
    %y: !tile.view<?x?xi32> {tile.access = #tile.access<out>, tile.facts = #tile.facts<unit_axis = 0, align = 16, extent_align = 16>})
    attributes {phase = #tile.phase<pipelined>, target = "sm_80", num_warps = 4} {
  %c0 = arith.constant 0 : index
  // CHECK-COUNT-2: tile.iota
  // CHECK-NOT: tile.convert_layout
  %i = tile.iota : tensor<64xi32>
  %r = tile.reshape %i : tensor<64xi32> -> tensor<64x1xi32>
  %b = tile.broadcast %r : tensor<64x1xi32> -> tensor<64x64xi32>
  // CHECK-COUNT-2: arith.muli
  %m = arith.muli %b, %b : tensor<64x64xi32>
  // CHECK: tile.store
  tile.store %m, %x[%c0 +: 64, %c0 +: 64] : tensor<64x64xi32>, !tile.view<?x?xi32>
  // CHECK: tile.store
  tile.store %m, %y[%c0 +: 64, %c0 +: 64] : tensor<64x64xi32>, !tile.view<?x?xi32>
  // CHECK: tile.return
  tile.return
}

// -----

// A transposed operand is read from its ring as the instruction wants it.
// CHECK-LABEL: tile.kernel @transposed
tile.kernel @transposed(
    %a: !tile.view<?x?xf16> {tile.access = #tile.access<in>, tile.facts = #tile.facts<unit_axis = 1, align = 16>},
    %c: !tile.view<?x?xf32> {tile.access = #tile.access<out>})
    attributes {phase = #tile.phase<pipelined>, target = "sm_80", num_warps = 4} {
  // CHECK: tile.ring : !tile.ring<1 x 64x64xf16, #tile.swizzle<unit = 1, span = 128>>
  %ra = tile.ring : !tile.ring<1 x 64x64xf16>
  %ch = tile.channel %ra : !tile.ring<1 x 64x64xf16>
  %c0 = arith.constant 0 : index
  %t0 = arith.constant 0 : i32
  %zero = arith.constant dense<0.0> : tensor<64x64xf32>
  tile.acquire %ch[%t0]
  tile.copy_async %a[%c0 +: 64, %c0 +: 64], %ra[%t0] {binding = #tile.binding<async, bytes = 16>} : !tile.view<?x?xf16>, !tile.ring<1 x 64x64xf16>
  tile.commit %ch[%t0]
  tile.await %ch[%t0]
  %s = tile.slot %ra[%t0] : !tile.ring<1 x 64x64xf16> -> !tile.slot<64x64xf16>
  // CHECK-NOT: tile.convert_layout
  // CHECK: tile.dot
  %x = tile.read %s : !tile.slot<64x64xf16> -> tensor<64x64xf16>
  %y = tile.transpose %x, [1, 0] : tensor<64x64xf16> -> tensor<64x64xf16>
  %d = tile.dot %s, %y, %zero {binding = #tile.dot_binding<"mma.sync", 16 x 8 x 16>} : !tile.slot<64x64xf16>, tensor<64x64xf16> -> tensor<64x64xf32>
  tile.release %ch[%t0]
  tile.store %d, %c[%c0 +: 64, %c0 +: 64] : tensor<64x64xf32>, !tile.view<?x?xf32>
  tile.return
}

// -----

// Branches and loops carry tiles in one layout; a scalar condition needs none.
// CHECK: #[[L:.*]] = #tile.layout<64,
// CHECK-NOT: #tile.layout
// CHECK-LABEL: tile.kernel @flow
tile.kernel @flow(%x: !tile.view<?xf32> {tile.access = #tile.access<inout>}, %p: i1)
    attributes {phase = #tile.phase<pipelined>, target = "sm_80", num_warps = 2} {
  %c0 = arith.constant 0 : index
  %one = arith.constant dense<1.0> : tensor<64xf32>
  %a = tile.load %x[%c0 +: 64] : !tile.view<?xf32> -> tensor<64xf32>
  // CHECK: scf.if %{{.*}} -> (tensor<64xf32, #[[L]]>)
  %b = scf.if %p -> tensor<64xf32> {
    scf.yield %a : tensor<64xf32>
  } else {
    scf.yield %one : tensor<64xf32>
  }
  // CHECK: scf.while (%{{.*}} = %{{.*}}) : (tensor<64xf32, #[[L]]>) -> tensor<64xf32, #[[L]]>
  %c = scf.while (%t = %b) : (tensor<64xf32>) -> tensor<64xf32> {
    %next = arith.mulf %t, %t : tensor<64xf32>
    scf.condition(%p) %next : tensor<64xf32>
  } do {
  ^bb0(%t: tensor<64xf32>):
    %next = arith.select %p, %t, %one : tensor<64xf32>
    scf.yield %next : tensor<64xf32>
  }
  // CHECK-NOT: tile.convert_layout
  // CHECK: tile.store
  tile.store %c, %x[%c0 +: 64] : tensor<64xf32>, !tile.view<?xf32>
  tile.return
}

// -----

// The halves of a pair lie beside each other in a thread.
// CHECK: #[[L:.*]] = #tile.layout<64x2, register = {{\[\[}}0, 1]
// CHECK-LABEL: tile.kernel @pairs
tile.kernel @pairs(
    %x: !tile.view<?xf32> {tile.access = #tile.access<in>, tile.facts = #tile.facts<unit_axis = 0, align = 16, extent_align = 16>},
    %y: !tile.view<?xf32> {tile.access = #tile.access<out>, tile.facts = #tile.facts<unit_axis = 0, align = 16, extent_align = 16>})
    attributes {phase = #tile.phase<pipelined>, target = "sm_80", num_warps = 1} {
  %c0 = arith.constant 0 : index
  %one = arith.constant dense<1.0> : tensor<64xf32>
  %a = tile.load %x[%c0 +: 64] : !tile.view<?xf32> -> tensor<64xf32>
  // CHECK: tile.join {{.*}} -> tensor<64x2xf32, #[[L]]>
  %j = tile.join %one, %a : tensor<64xf32> -> tensor<64x2xf32>
  // CHECK-NOT: tile.convert_layout
  %r = tile.reshape %j : tensor<64x2xf32> -> tensor<128xf32>
  tile.store %r, %y[%c0 +: 128] : tensor<128xf32>, !tile.view<?xf32>
  tile.return
}

// -----

// A product in another arrangement of threads than what it is added to: a conversion before it and one behind it.
// CHECK-LABEL: tile.kernel @around
tile.kernel @around(
    %a: !tile.view<?x?xf32> {tile.access = #tile.access<in>, tile.facts = #tile.facts<unit_axis = 1, align = 16, extent_align = 16>},
    %b: !tile.view<?x?xf32> {tile.access = #tile.access<in>, tile.facts = #tile.facts<unit_axis = 1, align = 16, extent_align = 16>},
    %c: !tile.view<?x?xf32> {tile.access = #tile.access<out>, tile.facts = #tile.facts<unit_axis = 1, align = 16, extent_align = 16>})
    attributes {phase = #tile.phase<pipelined>, target = "sm_80", num_warps = 4} {
  %c0 = arith.constant 0 : index
  %zero = arith.constant dense<0.0> : tensor<64x64xf32>
  %x = tile.load %a[%c0 +: 64, %c0 +: 64] : !tile.view<?x?xf32> -> tensor<64x64xf32>
  %y = tile.load %b[%c0 +: 64, %c0 +: 64] : !tile.view<?x?xf32> -> tensor<64x64xf32>
  // CHECK: %[[F:.*]] = tile.dot {{.*}}"fma", 1 x 1 x 1>
  %f = tile.dot %x, %y, %zero {binding = #tile.dot_binding<"fma", 1 x 1 x 1>} : tensor<64x64xf32>, tensor<64x64xf32> -> tensor<64x64xf32>
  // CHECK: %[[IN:.*]] = tile.convert_layout %[[F]]
  // CHECK: %[[M:.*]] = tile.dot {{.*}}, %[[IN]] {{.*}}"mma.sync"
  %m = tile.dot %x, %y, %f {binding = #tile.dot_binding<"mma.sync", 16 x 8 x 8>, precision = #tile<precision tf32>} : tensor<64x64xf32>, tensor<64x64xf32> -> tensor<64x64xf32>
  // CHECK: %[[OUT:.*]] = tile.convert_layout %[[M]]
  // CHECK: tile.store %[[OUT]]
  tile.store %m, %c[%c0 +: 64, %c0 +: 64] : tensor<64x64xf32>, !tile.view<?x?xf32>
  tile.return
}
