// RUN: tile-opt %s --split-input-file --tile-nvptx-lower-kernel | FileCheck %s

// Views are a pointer, extents and strides; scalars come by their bits; the grid's extents are last.
// CHECK-LABEL: llvm.func @arguments(
// CHECK-SAME: %arg0: !llvm.ptr<1> {llvm.align = 16 : i64, llvm.noalias, llvm.readonly}, %arg1: i64, %arg2: i64, %arg3: i64, %arg4: i64,
// CHECK-SAME: %[[S:[^ ]*]]: i64, %[[F:[^ ]*]]: i64, %[[N:[^ ]*]]: i64,
// CHECK-SAME: %arg8: !llvm.ptr<1> {llvm.noalias}, %arg9: i64, %arg10: i64,
// CHECK-SAME: %arg11: i64, %arg12: i64, %arg13: i64)
// Without a product, as many programs are to fit a multiprocessor at once as have 1536 threads: 40 registers each.
// CHECK-SAME: nvvm.kernel, nvvm.minctasm = 24 : i32, nvvm.reqntid = array<i32: 64>
// CHECK: %[[LOW:.*]] = arith.trunci %[[S]] : i64 to i32
// CHECK: %[[SCALE:.*]] = arith.bitcast %[[LOW]] : i32 to f32
// CHECK: %[[BYTE:.*]] = arith.trunci %[[F]] : i64 to i8
// CHECK: %[[FLAG:.*]] = arith.cmpi ne, %[[BYTE]], %{{.*}} : i8
// CHECK: scf.if %[[FLAG]]
tile.kernel @arguments(%a: !tile.view<?x8xf32> {tile.access = #tile.access<in>, tile.facts = #tile.facts<unit_axis = 1, align = 16>},
                       %s: f32, %flag: i1, %n: index, %b: !tile.view<?xf32> {tile.access = #tile.access<out>})
    attributes {phase = #tile.phase<synchronised>, target = "sm_80", num_warps = 2, shared_bytes = 0} {
  scf.if %flag {
    tile.store %s, %b[%n] : f32, !tile.view<?xf32>
  }
  tile.return
}

// -----

// One axis: no division where the grid has one.
// CHECK-LABEL: llvm.func @oneAxis
// CHECK: %[[BLOCK:.*]] = llvm.call_intrinsic "llvm.nvvm.read.ptx.sreg.ctaid.x"() : () -> i32
// CHECK: %[[X:.*]] = arith.trunci %{{.*}} : i64 to i32
// CHECK: %[[SMALL:.*]] = arith.cmpi ult, %[[BLOCK]], %[[X]] : i32
// CHECK: %[[ID:.*]] = scf.if %[[SMALL]] -> (i32) {
// CHECK-NEXT: scf.yield %[[BLOCK]]
// CHECK: } else {
// CHECK-NEXT: arith.remui %[[BLOCK]], %[[X]]
// CHECK: arith.extui %[[ID]] : i32 to i64
// CHECK-NOT: div
tile.kernel @oneAxis(%b: !tile.view<?xindex> {tile.access = #tile.access<out>})
    attributes {phase = #tile.phase<synchronised>, target = "sm_80", num_warps = 1, shared_bytes = 0} {
  %p = tile.program_id 0
  tile.store %p, %b[%p] : index, !tile.view<?xindex>
  tile.return
}

// -----

// CHECK-LABEL: llvm.func @threeAxes
// CHECK: %[[BLOCK:.*]] = llvm.call_intrinsic "llvm.nvvm.read.ptx.sreg.ctaid.x"() : () -> i32
// CHECK: %[[PLANE:.*]] = arith.muli %[[X:.*]], %{{.*}} : i32
// CHECK: %[[IN:.*]] = scf.if
// CHECK: %[[Z:.*]] = arith.divui %[[BLOCK]], %[[PLANE]]
// CHECK: %[[P:.*]] = arith.remui %[[IN]], %[[X]]
// CHECK: %[[Q:.*]] = arith.divui %[[IN]], %[[X]]
tile.kernel @threeAxes(%b: !tile.view<?x?x?xindex> {tile.access = #tile.access<out>})
    attributes {phase = #tile.phase<synchronised>, target = "sm_80", num_warps = 1, shared_bytes = 0} {
  %p = tile.program_id 0
  %q = tile.program_id 1
  %r = tile.program_id 2
  tile.store %p, %b[%p, %q, %r] : index, !tile.view<?x?x?xindex>
  tile.return
}

// -----

// A program of one axis that nobody reads has no number.
// CHECK-LABEL: llvm.func @noAxis
// CHECK-NOT: ctaid
tile.kernel @noAxis() attributes {phase = #tile.phase<synchronised>, target = "sm_80", num_warps = 1, shared_bytes = 0} { tile.return }

// -----

// Products share operands along both axes, so programs go over the grid in groups of some rows, the last one ragged. Eight rows of these tiles are
// nearest to a square of those that run at the same time.
// CHECK-LABEL: llvm.func @grouped
// CHECK: %[[EIGHT:.*]] = arith.constant 8 : i32
// CHECK: %[[PLANE:.*]] = arith.muli %[[X:.*]], %[[Y:.*]] : i32
// CHECK: %[[AT:.*]] = scf.if
// A plane of few rows may have columns of which eight times as many are too many for 32 bits.
// CHECK: %[[SIZE:.*]] = arith.minui %[[X]], %[[EIGHT]] : i32
// CHECK: %[[PER:.*]] = arith.muli %[[Y]], %[[SIZE]] : i32
// CHECK: %[[GROUP:.*]] = arith.divui %[[AT]], %[[PER]]
// CHECK: %[[FIRST:.*]] = arith.muli %[[GROUP]], %[[SIZE]]
// CHECK: %[[IN:.*]] = arith.remui %[[AT]], %[[PER]]
// CHECK: %[[LEFT:.*]] = arith.subi %[[X]], %[[FIRST]]
// CHECK: %[[ROWS:.*]] = arith.minui %[[LEFT]], %[[SIZE]]
// CHECK: %[[ROW:.*]] = arith.remui %[[IN]], %[[ROWS]]
// CHECK: arith.addi %[[FIRST]], %[[ROW]]
// CHECK: arith.divui %[[IN]], %[[ROWS]]
#acc = #tile.layout<16x8, register = [[0, 1], [8, 0]], lane = [[0, 2], [0, 4], [1, 0], [2, 0], [4, 0]], warp = []>
#a = #tile.layout<16x16, register = [[0, 1], [8, 0], [0, 8]], lane = [[0, 2], [0, 4], [1, 0], [2, 0], [4, 0]], warp = []>
#b = #tile.layout<16x8, register = [[1, 0], [8, 0]], lane = [[2, 0], [4, 0], [0, 1], [0, 2], [0, 4]], warp = []>
tile.kernel @grouped(%x: !tile.view<?x?xf32> {tile.access = #tile.access<out>})
    attributes {phase = #tile.phase<synchronised>, target = "sm_80", num_warps = 1, shared_bytes = 0} {
  %p = tile.program_id 0
  %q = tile.program_id 1
  %u = arith.constant dense<1.0> : tensor<16x16xf16, #a>
  %v = arith.constant dense<1.0> : tensor<16x8xf16, #b>
  %zero = arith.constant dense<0.0> : tensor<16x8xf32, #acc>
  %d = tile.dot %u, %v, %zero {binding = #tile.dot_binding<"mma.sync", 16 x 8 x 16>} : tensor<16x16xf16, #a>, tensor<16x8xf16, #b> -> tensor<16x8xf32, #acc>
  tile.store %d, %x[%p +: 16, %q +: 8] : tensor<16x8xf32, #acc>, !tile.view<?x?xf32>
  tile.return
}

// -----

// Tiles that are wide, or several: sixteen rows of the largest.
// CHECK-LABEL: llvm.func @wide
// CHECK: %[[SIXTEEN:.*]] = arith.constant 16 : i32
// CHECK: arith.minui %{{.*}}, %[[SIXTEEN]] : i32
#small = #tile.layout<16x8, register = [[0, 1], [8, 0]], lane = [[0, 2], [0, 4], [1, 0], [2, 0], [4, 0]], warp = []>
#acc = #tile.layout<16x32, register = [[0, 1], [8, 0], [0, 8], [0, 16]], lane = [[0, 2], [0, 4], [1, 0], [2, 0], [4, 0]], warp = []>
#a = #tile.layout<16x16, register = [[0, 1], [8, 0], [0, 8]], lane = [[0, 2], [0, 4], [1, 0], [2, 0], [4, 0]], warp = []>
#b = #tile.layout<16x32, register = [[1, 0], [8, 0], [0, 8], [0, 16]], lane = [[2, 0], [4, 0], [0, 1], [0, 2], [0, 4]], warp = []>
#c = #tile.layout<16x8, register = [[1, 0], [8, 0]], lane = [[2, 0], [4, 0], [0, 1], [0, 2], [0, 4]], warp = []>
tile.kernel @wide(%x: !tile.view<?x?xf32> {tile.access = #tile.access<out>})
    attributes {phase = #tile.phase<synchronised>, target = "sm_90", num_warps = 1, shared_bytes = 0} {
  %p = tile.program_id 0
  %q = tile.program_id 1
  %u = arith.constant dense<1.0> : tensor<16x16xf16, #a>
  %v = arith.constant dense<1.0> : tensor<16x32xf16, #b>
  %w = arith.constant dense<1.0> : tensor<16x8xf16, #c>
  %zero = arith.constant dense<0.0> : tensor<16x32xf32, #acc>
  %none = arith.constant dense<0.0> : tensor<16x8xf32, #small>
  %d = tile.dot %u, %v, %zero {binding = #tile.dot_binding<"mma.sync", 16 x 8 x 16>} : tensor<16x16xf16, #a>, tensor<16x32xf16, #b> -> tensor<16x32xf32, #acc>
  %e = tile.dot %u, %w, %none {binding = #tile.dot_binding<"mma.sync", 16 x 8 x 16>} : tensor<16x16xf16, #a>, tensor<16x8xf16, #c> -> tensor<16x8xf32, #small>
  tile.store %d, %x[%p +: 16, %q +: 32] : tensor<16x32xf32, #acc>, !tile.view<?x?xf32>
  tile.store %e, %x[%p +: 16, %q +: 8] : tensor<16x8xf32, #small>, !tile.view<?x?xf32>
  tile.return
}

// -----

// A thread that holds 32 words needs more registers: room for 1024 threads; and shared memory may be what runs out first.
// CHECK-LABEL: llvm.func @larger
// CHECK-SAME: nvvm.minctasm = 8 : i32
#l = #tile.layout<4096, register = [[1], [2], [4], [8], [16]], lane = [[32], [64], [128], [256], [512]], warp = [[1024], [2048]]>
tile.kernel @larger(%x: !tile.view<?xf32> {tile.access = #tile.access<out>})
    attributes {phase = #tile.phase<synchronised>, target = "sm_90", num_warps = 4, shared_bytes = 0} {
  %p = tile.program_id 0
  %u = arith.constant dense<1.0> : tensor<4096xf32, #l>
  tile.store %u, %x[%p +: 4096] : tensor<4096xf32, #l>, !tile.view<?xf32>
  tile.return
}
// CHECK-LABEL: llvm.func @shared
// CHECK-SAME: nvvm.minctasm = 3 : i32
tile.kernel @shared(%x: !tile.view<?xf32> {tile.access = #tile.access<out>})
    attributes {phase = #tile.phase<synchronised>, target = "sm_90", num_warps = 4, shared_bytes = 65536} {
  %p = tile.program_id 0
  %u = arith.constant dense<1.0> : tensor<4096xf32, #l>
  tile.store %u, %x[%p +: 4096] : tensor<4096xf32, #l>, !tile.view<?xf32>
  tile.return
}

// -----

// A loop that loads 16 words while it carries 16 needs more registers, too; with 8 it doesn't.
// CHECK-LABEL: llvm.func @carried
// CHECK-SAME: nvvm.minctasm = 16 : i32
// CHECK-LABEL: llvm.func @halves
// CHECK-SAME: nvvm.minctasm = 24 : i32
#l = #tile.layout<1024, register = [[1], [2], [4], [8]], lane = [[16], [32], [64], [128], [256]], warp = [[512]]>
tile.kernel @carried(%a: !tile.view<?xf32> {tile.access = #tile.access<in>}, %n: index, %b: !tile.view<?xf32> {tile.access = #tile.access<out>})
    attributes {phase = #tile.phase<synchronised>, target = "sm_90", num_warps = 2, shared_bytes = 0} {
  %zero = arith.constant dense<0.0> : tensor<1024xf32, #l>
  %c0 = arith.constant 0 : index
  %c1024 = arith.constant 1024 : index
  %sum = scf.for %i = %c0 to %n step %c1024 iter_args(%so = %zero) -> (tensor<1024xf32, #l>) {
    %x = tile.load %a[%i +: 1024] : !tile.view<?xf32> -> tensor<1024xf32, #l>
    %y = arith.addf %so, %x : tensor<1024xf32, #l>
    scf.yield %y : tensor<1024xf32, #l>
  }
  tile.store %sum, %b[%c0 +: 1024] : tensor<1024xf32, #l>, !tile.view<?xf32>
  tile.return
}
tile.kernel @halves(%a: !tile.view<?xbf16> {tile.access = #tile.access<in>}, %n: index, %b: !tile.view<?xf32> {tile.access = #tile.access<out>})
    attributes {phase = #tile.phase<synchronised>, target = "sm_90", num_warps = 2, shared_bytes = 0} {
  %zero = arith.constant dense<0.0> : tensor<1024xf32, #l>
  %c0 = arith.constant 0 : index
  %c1024 = arith.constant 1024 : index
  %sum = scf.for %i = %c0 to %n step %c1024 iter_args(%so = %zero) -> (tensor<1024xf32, #l>) {
    %x = tile.load %a[%i +: 1024] : !tile.view<?xbf16> -> tensor<1024xbf16, #l>
    %w = arith.extf %x : tensor<1024xbf16, #l> to tensor<1024xf32, #l>
    %y = arith.addf %so, %w : tensor<1024xf32, #l>
    scf.yield %y : tensor<1024xf32, #l>
  }
  tile.store %sum, %b[%c0 +: 1024] : tensor<1024xf32, #l>, !tile.view<?xf32>
  tile.return
}

// -----

// With still more, it's the assembler's to say.
// CHECK-LABEL: llvm.func @largest
// CHECK-NOT: minctasm
// CHECK: llvm.return
#l = #tile.layout<8192, register = [[1], [2], [4], [8], [16], [4096]], lane = [[32], [64], [128], [256], [512]], warp = [[1024], [2048]]>
tile.kernel @largest(%x: !tile.view<?xf32> {tile.access = #tile.access<out>})
    attributes {phase = #tile.phase<synchronised>, target = "sm_90", num_warps = 4, shared_bytes = 0} {
  %p = tile.program_id 0
  %u = arith.constant dense<1.0> : tensor<8192xf32, #l>
  tile.store %u, %x[%p +: 8192] : tensor<8192xf32, #l>, !tile.view<?xf32>
  tile.return
}
