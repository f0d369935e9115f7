// Slots of shared memory: asynchronous copies, vectors, waits and barriers.
// RUN: tile-opt %s --tile-print-ptx=lines=false -o /dev/null > %t.ptx
// RUN: FileCheck %s < %t.ptx
// RUN: %if ptxas %{ ptxas -arch=sm_80 -v %t.ptx -o %t.cubin 2>&1 | FileCheck %s --check-prefix=ASSEMBLED %}
// ASSEMBLED-COUNT-6: 0 bytes spill stores, 0 bytes spill loads

#facts = #tile.facts<unit_axis = 1, align = 16, extent_align = 16, index32 = true>
#odd = #tile.facts<unit_axis = 1, align = 16, extent_align = 2, index32 = true>
#rows = #tile.layout<64x32, register = [[0, 1], [0, 2], [0, 4], [32, 0]], lane = [[0, 8], [0, 16], [1, 0], [2, 0], [4, 0]], warp = [[8, 0], [16, 0]]>
#columns = #tile.layout<64x32, register = [[0, 8], [1, 0], [32, 0], [0, 1]], lane = [[0, 2], [0, 4], [2, 0], [4, 0], [8, 0]], warp = [[16, 0], [0, 16]]>
!ring = !tile.ring<3 x 64x32xbf16, #tile.swizzle<unit = 1, span = 64>>
!slot = !tile.slot<64x32xbf16, #tile.swizzle<unit = 1, span = 64>>

// 64 rows of 64 bytes: two pieces of 16 bytes for each of 128 threads. Whole pieces, so that a test decides between all and nothing.
// CHECK-LABEL: .entry whole(
// CHECK: selp.b32 {{.*}}, 16, 0
// CHECK: cp.async.cg.shared.global.L2::128B [%r{{[0-9]+}}+0], [%rd{{[0-9]+}}+0], 16, %r
// CHECK: cp.async.cg.shared.global.L2::128B [%r{{[0-9]+}}+2048], [%rd{{[0-9]+}}+0], 16, %r
// CHECK-NOT: cp.async.c{{[ag]}}
// CHECK: cp.async.commit_group;
// CHECK: cp.async.wait_group 0;
// CHECK: bar.sync 0;
// CHECK-COUNT-2: ld.shared.v4.b32
// CHECK-NOT: ld.shared
// CHECK: ret;
tile.kernel @whole(%a: !tile.view<?x?xbf16> {tile.access = #tile.access<in>, tile.facts = #facts},
                   %b: !tile.view<?x?xbf16> {tile.access = #tile.access<out>, tile.facts = #facts})
    attributes {phase = #tile.phase<synchronised>, target = "sm_80", num_warps = 4, shared_bytes = 12288} {
  %c0 = arith.constant 0 : index
  %t = arith.constant 4 : i32
  %r = tile.ring {offset = 0 : i64} : !ring
  tile.copy_async %a[%c0 +: 64, %c0 +: 32], %r[%t] {binding = #tile.binding<async, bytes = 16>} : !tile.view<?x?xbf16>, !ring
  tile.commit_group
  tile.wait_group 0
  tile.barrier
  %s = tile.slot %r[%t] : !ring -> !slot
  %x = tile.read %s : !slot -> tensor<64x32xbf16, #rows>
  tile.store %x, %b[%c0 +: 64, %c0 +: 32] {binding = #tile.binding<direct, bytes = 16>} : tensor<64x32xbf16, #rows>, !tile.view<?x?xbf16>
  tile.return
}

// The view's end may cut a piece: its bytes inside are counted.
// CHECK-LABEL: .entry cut(
// CHECK: sub.s32 [[LEFT:%r[0-9]+]]
// CHECK: min.u32 [[PIECE:%r[0-9]+]], [[LEFT]], 8
// CHECK: shl.b32 [[BYTES:%r[0-9]+]], [[PIECE]], 1
// CHECK: selp.b32 [[SIZE:%r[0-9]+]], [[BYTES]], 0
// CHECK: cp.async.cg.shared.global.L2::128B {{.*}}, 16, [[SIZE]];
tile.kernel @cut(%a: !tile.view<64x?xbf16> {tile.access = #tile.access<in>, tile.facts = #odd})
    attributes {phase = #tile.phase<synchronised>, target = "sm_80", num_warps = 4, shared_bytes = 12288} {
  %c0 = arith.constant 0 : index
  %t = arith.constant 0 : i32
  %r = tile.ring {offset = 0 : i64} : !ring
  tile.copy_async %a[%c0 +: 64, %c0 +: 32], %r[%t] {binding = #tile.binding<async, bytes = 16>} : !tile.view<64x?xbf16>, !ring
  tile.return
}

// Narrower pieces, through the first cache. 64 x 32 x 2 bytes in pieces of 4 are 8 for each of 128 threads.
// CHECK-LABEL: .entry narrow(
// CHECK-COUNT-8: cp.async.ca.shared.global [{{.*}}], 4, %r
// CHECK-NOT: cp.async.c
// CHECK: ret;
tile.kernel @narrow(%a: !tile.view<?x?xbf16> {tile.access = #tile.access<in>, tile.facts = #odd})
    attributes {phase = #tile.phase<synchronised>, target = "sm_80", num_warps = 4, shared_bytes = 12288} {
  %c0 = arith.constant 0 : index
  %t = arith.constant 0 : i32
  %r = tile.ring {offset = 0 : i64} : !ring
  tile.copy_async %a[%c0 +: 64, %c0 +: 32], %r[%t] {binding = #tile.binding<async, bytes = 4>} : !tile.view<?x?xbf16>, !ring
  tile.return
}

// The slot of a ticket that is known when the kernel runs: a remainder for a ring of 3.
// CHECK-LABEL: .entry ticket(
// CHECK: mul.hi.u32
// CHECK: cp.async.cg
tile.kernel @ticket(%a: !tile.view<?x?xbf16> {tile.access = #tile.access<in>, tile.facts = #facts}, %t: i32)
    attributes {phase = #tile.phase<synchronised>, target = "sm_80", num_warps = 4, shared_bytes = 12288} {
  %c0 = arith.constant 0 : index
  %r = tile.ring {offset = 0 : i64} : !ring
  tile.copy_async %a[%c0 +: 64, %c0 +: 32], %r[%t] {binding = #tile.binding<async, bytes = 16>} : !tile.view<?x?xbf16>, !ring
  tile.return
}

// A tile written and read through scratch: pairs wherever they stand in the layout's registers, wide where it allows.
// CHECK-LABEL: .entry through(
// CHECK-COUNT-8: st.shared.b32
// CHECK-NOT: st.shared
// CHECK: bar.sync 0;
// CHECK-COUNT-2: ld.shared.v4.b32
// CHECK-NOT: ld.shared
// CHECK: ret;
tile.kernel @through(%a: !tile.view<?x?xbf16> {tile.access = #tile.access<in>, tile.facts = #facts},
                     %b: !tile.view<?x?xbf16> {tile.access = #tile.access<out>, tile.facts = #facts})
    attributes {phase = #tile.phase<synchronised>, target = "sm_80", num_warps = 4, shared_bytes = 4096} {
  %c0 = arith.constant 0 : index
  %x = tile.load %a[%c0 +: 64, %c0 +: 32] {binding = #tile.binding<direct, bytes = 4>} : !tile.view<?x?xbf16> -> tensor<64x32xbf16, #columns>
  %s = tile.scratch {offset = 0 : i64} : !slot
  tile.write %x, %s : tensor<64x32xbf16, #columns>, !slot
  tile.barrier
  %y = tile.read %s : !slot -> tensor<64x32xbf16, #rows>
  tile.store %y, %b[%c0 +: 64, %c0 +: 32] {binding = #tile.binding<direct, bytes = 16>} : tensor<64x32xbf16, #rows>, !tile.view<?x?xbf16>
  tile.return
}

// Of places that hold one element, one writes it: here lanes 0 to 7 of warp 0.
// CHECK-LABEL: .entry copies(
// CHECK: mov.u32 [[THREAD:%r[0-9]+]], %tid.x;
// CHECK: setp.gt.u32 [[OTHERS:%p[0-9]+]], [[THREAD]], 7;
// CHECK: @[[OTHERS]] bra
// CHECK: st.shared.b32
// CHECK-NOT: st.shared
// CHECK: ret;
#few = #tile.layout<8, register = [[0]], lane = [[1], [2], [4], [0], [0]], warp = [[0]]>
tile.kernel @copies(%a: !tile.view<?xf32> {tile.access = #tile.access<in>})
    attributes {phase = #tile.phase<synchronised>, target = "sm_80", num_warps = 2, shared_bytes = 32} {
  %c0 = arith.constant 0 : index
  %x = tile.load %a[%c0 +: 8] {binding = #tile.binding<direct, bytes = 4>} : !tile.view<?xf32> -> tensor<8xf32, #few>
  %s = tile.scratch {offset = 0 : i64} : !tile.slot<8xf32, #tile.swizzle<unit = 0, span = 0>>
  tile.write %x, %s : tensor<8xf32, #few>, !tile.slot<8xf32, #tile.swizzle<unit = 0, span = 0>>
  tile.return
}
