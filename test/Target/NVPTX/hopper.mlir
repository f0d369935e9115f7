// The form for Hopper: a producer's tensor copies, products of warpgroups, stores through shared memory.
// RUN: tile-opt %s --tile-print-ptx=lines=false -o /dev/null > %t.ptx
// RUN: FileCheck %s < %t.ptx
// RUN: %if ptxas %{ ptxas -arch=sm_90a -v %t.ptx -o %t.cubin 2>&1 | FileCheck %s --check-prefix=ASSEMBLED %}
// ASSEMBLED-NOT: C75
// ASSEMBLED-COUNT-2: 0 bytes spill stores, 0 bytes spill loads
// ASSEMBLED-NOT: C75

#facts = #tile.facts<unit_axis = 1, align = 16, extent_align = 16, index32 = true>
#turned = #tile.facts<unit_axis = 0, align = 16, extent_align = 16, index32 = true>
#acc = #tile.layout<128x256, register = [[0, 1], [8, 0], [0, 8], [0, 16], [0, 32], [0, 64], [0, 128]], lane = [[0, 2], [0, 4], [1, 0], [2, 0], [4, 0]], warp = [[16, 0], [32, 0], [64, 0]]>
!ra = !tile.ring<3 x 128x64xbf16, #tile.swizzle<unit = 1, span = 128>>
!sa = !tile.slot<128x64xbf16, #tile.swizzle<unit = 1, span = 128>>
!rb = !tile.ring<3 x 64x256xbf16, #tile.swizzle<unit = 1, span = 128>>
!sb = !tile.slot<64x256xbf16, #tile.swizzle<unit = 1, span = 128>>
!rt = !tile.ring<3 x 64x256xbf16, #tile.swizzle<unit = 0, span = 128>>
!st = !tile.slot<64x256xbf16, #tile.swizzle<unit = 0, span = 128>>
!sc = !tile.slot<128x256xbf16, #tile.swizzle<unit = 1, span = 128>>

// 128 x 256 in steps of 64, a ring of 3: the block has two warpgroups for the product and one that copies.
// CHECK-LABEL: .entry matmul(
// CHECK: .param .align 64 .b8 matmul_param_20[128]
// CHECK: .reqntid 384
// CHECK-NEXT: .minnctapersm 1
// Full events, then empty ones.
// CHECK-COUNT-3: mbarrier.init.shared::cta.b64 [%r{{[0-9]+}}], 1;
// CHECK-COUNT-3: mbarrier.init.shared::cta.b64 [%r{{[0-9]+}}], 2;
// CHECK: fence.mbarrier_init.release.cluster;
// CHECK-COUNT-3: prefetch.tensormap
// CHECK: bar.sync 0;
// CHECK: shfl.sync.idx.b32 [[WARP:%r[0-9]+]]
// CHECK-NEXT: setp.lt.u32 %p{{[0-9]+}}, [[WARP]], 8;
// The producer: a panel of A, four of B.
// CHECK: setmaxnreg.dec.sync.aligned.u32 40;
// CHECK: setp.ne.b32 %p{{[0-9]+}}, %r{{[0-9]+}}, 256;
// A group of tiles is 16 rows of them.
// CHECK: min.u32 {{.*}}, 16;
// CHECK: mbarrier.try_wait.parity.shared::cta.b64
// CHECK: mbarrier.arrive.expect_tx.shared::cta.b64 _, [[[FULL:%r[0-9]+]]], %r
// CHECK: cp.async.bulk.tensor.2d.shared::cluster.global.tile.mbarrier::complete_tx::bytes [%r{{[0-9]+}}+0], [[[A:%rd[0-9]+]], {%r{{[0-9]+}}, %r{{[0-9]+}}}], [[[FULL]]];
// CHECK: cp.async.bulk.tensor.2d.{{.*}} [%r{{[0-9]+}}+0], [[[B:%rd[0-9]+]], {{.*}}], [[[FULL]]];
// CHECK: cp.async.bulk.tensor.2d.{{.*}} [%r{{[0-9]+}}+8192], [[[B]], {{.*}}], [[[FULL]]];
// CHECK: cp.async.bulk.tensor.2d.{{.*}} [%r{{[0-9]+}}+16384], [[[B]], {{.*}}], [[[FULL]]];
// CHECK: cp.async.bulk.tensor.2d.{{.*}} [%r{{[0-9]+}}+24576], [[[B]], {{.*}}], [[[FULL]]];
// CHECK-NOT: cp.async
// The consumers.
// CHECK: setmaxnreg.inc.sync.aligned.u32 232;
// The first product overwrites: its first instruction adds to nothing, and no register is set to zero on the way to it.
// CHECK-NOT: 0f00000000
// CHECK: mbarrier.try_wait.parity.shared::cta.b64
// CHECK: setp.ne.b32 %overwrites, 0, 0;
// CHECK: wgmma.fence.sync.aligned;
// 16 steps of k are as many rows of 128 bytes in B, and 32 bytes of a row of A.
// CHECK: add.s64 %a, [[DA:%rd[0-9]+]], 0;
// CHECK: add.s64 %b, [[DB:%rd[0-9]+]], 0;
// CHECK: wgmma.mma_async.sync.aligned.m64n256k16.f32.bf16.bf16 {{.*}}, %a, %b, %overwrites, 1, 1, 0, 1;
// CHECK: add.s64 %a, [[DA]], 2;
// CHECK: add.s64 %b, [[DB]], 128;
// CHECK: wgmma.mma_async{{.*}}, %adds, 1, 1, 0, 1;
// CHECK: add.s64 %a, [[DA]], 4;
// CHECK: add.s64 %b, [[DB]], 256;
// CHECK: wgmma.mma_async{{.*}}, %adds, 1, 1, 0, 1;
// CHECK: add.s64 %a, [[DA]], 6;
// CHECK: add.s64 %b, [[DB]], 384;
// CHECK: wgmma.mma_async{{.*}}, %adds, 1, 1, 0, 1;
// CHECK-NEXT: wgmma.commit_group.sync.aligned;
// The others add.
// CHECK: mbarrier.try_wait.parity.shared::cta.b64
// CHECK-NOT: %overwrites
// CHECK-COUNT-4: wgmma.mma_async{{.*}}, %adds, 1, 1, 0, 1;
// CHECK-NEXT: wgmma.commit_group.sync.aligned;
// CHECK-NOT: wgmma.mma_async
// CHECK: wgmma.wait_group.sync.aligned 1;
// CHECK: @%p{{[0-9]+}} mbarrier.arrive.shared::cta.b64 _,
// CHECK: wgmma.wait_group.sync.aligned 0;
// CHECK-NOT: wgmma.wait_group
// CHECK: cp.async.bulk.wait_group.read 0;
// CHECK: bar.sync 1, 256;
// CHECK-COUNT-16: stmatrix.sync.aligned.m8n8.x4.shared.b16
// CHECK-NOT: stmatrix
// CHECK: fence.proxy.async.shared::cta;
// CHECK: bar.sync 1, 256;
// CHECK-COUNT-4: cp.async.bulk.tensor.2d.global.shared::cta.tile.bulk_group
// CHECK-NEXT: // end inline asm
// CHECK-NEXT: // begin inline asm
// CHECK-NEXT: cp.async.bulk.commit_group;
// CHECK: cp.async.bulk.wait_group 0;
// CHECK: ret;
tile.kernel @matmul(%a: !tile.view<?x?xbf16> {tile.access = #tile.access<in>, tile.facts = #facts},
                   %b: !tile.view<?x?xbf16> {tile.access = #tile.access<in>, tile.facts = #facts},
                   %c: !tile.view<?x?xbf16> {tile.access = #tile.access<out>, tile.facts = #facts})
    attributes {phase = #tile.phase<synchronised>, target = "sm_90a", num_warps = 8, shared_bytes = 213040, persistent} {
  %c0 = arith.constant 0 : index
  %c64 = arith.constant 64 : index
  %c128 = arith.constant 128 : index
  %c256 = arith.constant 256 : index
  %t0 = arith.constant 0 : i32
  %t1 = arith.constant 1 : i32
  %zero = arith.constant dense<0.0> : tensor<128x256xf32, #acc>
  %ra = tile.ring {offset = 0 : i64} : !ra
  %rb = tile.ring {offset = 49152 : i64} : !rb
  %ch = tile.channel %ra, %rb {barriers = 212992 : i64, arrivals = 2 : i64} : !ra, !rb
  %w = tile.worker_id
  %n = tile.workers
  %p = tile.programs
  %depth = tile.extent %a, 1 : !tile.view<?x?xbf16>
  tile.producer {
    %end = scf.for %work = %w to %p step %n iter_args(%first = %t0) -> (i32) {
      %i = tile.program_id 0 of %work
      %j = tile.program_id 1 of %work
      %row = arith.muli %i, %c128 : index
      %column = arith.muli %j, %c256 : index
      %last = scf.for %k = %c0 to %depth step %c64 iter_args(%t = %first) -> (i32) {
        tile.acquire %ch[%t]
        tile.copy_async %a[%row +: 128, %k +: 64], %ra[%t] {binding = #tile.binding<tensor, bytes = 16>} : !tile.view<?x?xbf16>, !ra
        tile.copy_async %b[%k +: 64, %column +: 256], %rb[%t] {binding = #tile.binding<tensor, bytes = 16>} : !tile.view<?x?xbf16>, !rb
        tile.commit %ch[%t]
        %next = arith.addi %t, %t1 : i32
        scf.yield %next : i32
      }
      scf.yield %last : i32
    }
  }
  %end = scf.for %work = %w to %p step %n iter_args(%first = %t0) -> (i32) {
    %i = tile.program_id 0 of %work
    %j = tile.program_id 1 of %work
    %row = arith.muli %i, %c128 : index
    %column = arith.muli %j, %c256 : index
    %sum, %last = scf.for %k = %c0 to %depth step %c64 iter_args(%acc = %zero, %t = %first) -> (tensor<128x256xf32, #acc>, i32) {
      tile.await %ch[%t]
      %x = tile.slot %ra[%t] : !ra -> !sa
      %y = tile.slot %rb[%t] : !rb -> !sb
      %d = tile.dot %x, %y, %acc {async, binding = #tile.dot_binding<"wgmma", 64 x 256 x 16>} : !sa, !sb -> tensor<128x256xf32, #acc>
      tile.dot_wait {pending = 1 : i64}
      %isNotFirst = arith.cmpi ne, %k, %c0 : index
      scf.if %isNotFirst {
        %before = arith.subi %t, %t1 : i32
        tile.release %ch[%before]
      }
      %next = arith.addi %t, %t1 : i32
      scf.yield %d, %next : tensor<128x256xf32, #acc>, i32
    }
    %done = tile.dot_wait %sum {pending = 0 : i64} : tensor<128x256xf32, #acc>
    %ran = arith.cmpi sgt, %depth, %c0 : index
    scf.if %ran {
      %before = arith.subi %last, %t1 : i32
      tile.release %ch[%before]
    }
    %narrow = arith.truncf %done : tensor<128x256xf32, #acc> to tensor<128x256xbf16, #acc>
    %s = tile.scratch {offset = 147456 : i64} : !sc
    tile.store_wait
    tile.barrier
    tile.write %narrow, %s : tensor<128x256xbf16, #acc>, !sc
    tile.proxy_fence
    tile.barrier
    tile.store_async %s, %c[%row +: 128, %column +: 256] : !sc, !tile.view<?x?xbf16>
    scf.yield %last : i32
  }
  tile.return
}

// k along the rows of B too: one panel of 256 rows, and nothing is transposed.
// CHECK-LABEL: .entry transposed(
// CHECK: cp.async.bulk.tensor.2d.shared::cluster
// CHECK: cp.async.bulk.tensor.2d.shared::cluster
// CHECK-NOT: cp.async
// CHECK: add.s64 %b, [[DB:%rd[0-9]+]], 0;
// CHECK: wgmma.mma_async.sync.aligned.m64n256k16.f32.bf16.bf16 {{.*}}, %a, %b, %overwrites, 1, 1, 0, 0;
// CHECK: add.s64 %b, [[DB]], 2;
// CHECK: ret;
tile.kernel @transposed(%a: !tile.view<?x?xbf16> {tile.access = #tile.access<in>, tile.facts = #facts},
                   %b: !tile.view<?x?xbf16> {tile.access = #tile.access<in>, tile.facts = #turned},
                   %c: !tile.view<?x?xbf16> {tile.access = #tile.access<out>, tile.facts = #facts})
    attributes {phase = #tile.phase<synchronised>, target = "sm_90a", num_warps = 8, shared_bytes = 213040, persistent} {
  %c0 = arith.constant 0 : index
  %c64 = arith.constant 64 : index
  %c128 = arith.constant 128 : index
  %c256 = arith.constant 256 : index
  %t0 = arith.constant 0 : i32
  %t1 = arith.constant 1 : i32
  %zero = arith.constant dense<0.0> : tensor<128x256xf32, #acc>
  %ra = tile.ring {offset = 0 : i64} : !ra
  %rb = tile.ring {offset = 49152 : i64} : !rt
  %ch = tile.channel %ra, %rb {barriers = 212992 : i64, arrivals = 2 : i64} : !ra, !rt
  %w = tile.worker_id
  %n = tile.workers
  %p = tile.programs
  %depth = tile.extent %a, 1 : !tile.view<?x?xbf16>
  tile.producer {
    %end = scf.for %work = %w to %p step %n iter_args(%first = %t0) -> (i32) {
      %i = tile.program_id 0 of %work
      %j = tile.program_id 1 of %work
      %row = arith.muli %i, %c128 : index
      %column = arith.muli %j, %c256 : index
      %last = scf.for %k = %c0 to %depth step %c64 iter_args(%t = %first) -> (i32) {
        tile.acquire %ch[%t]
        tile.copy_async %a[%row +: 128, %k +: 64], %ra[%t] {binding = #tile.binding<tensor, bytes = 16>} : !tile.view<?x?xbf16>, !ra
        tile.copy_async %b[%k +: 64, %column +: 256], %rb[%t] {binding = #tile.binding<tensor, bytes = 16>} : !tile.view<?x?xbf16>, !rt
        tile.commit %ch[%t]
        %next = arith.addi %t, %t1 : i32
        scf.yield %next : i32
      }
      scf.yield %last : i32
    }
  }
  %end = scf.for %work = %w to %p step %n iter_args(%first = %t0) -> (i32) {
    %i = tile.program_id 0 of %work
    %j = tile.program_id 1 of %work
    %row = arith.muli %i, %c128 : index
    %column = arith.muli %j, %c256 : index
    %sum, %last = scf.for %k = %c0 to %depth step %c64 iter_args(%acc = %zero, %t = %first) -> (tensor<128x256xf32, #acc>, i32) {
      tile.await %ch[%t]
      %x = tile.slot %ra[%t] : !ra -> !sa
      %y = tile.slot %rb[%t] : !rt -> !st
      %d = tile.dot %x, %y, %acc {async, binding = #tile.dot_binding<"wgmma", 64 x 256 x 16>} : !sa, !st -> tensor<128x256xf32, #acc>
      tile.dot_wait {pending = 1 : i64}
      %isNotFirst = arith.cmpi ne, %k, %c0 : index
      scf.if %isNotFirst {
        %before = arith.subi %t, %t1 : i32
        tile.release %ch[%before]
      }
      %next = arith.addi %t, %t1 : i32
      scf.yield %d, %next : tensor<128x256xf32, #acc>, i32
    }
    %done = tile.dot_wait %sum {pending = 0 : i64} : tensor<128x256xf32, #acc>
    %ran = arith.cmpi sgt, %depth, %c0 : index
    scf.if %ran {
      %before = arith.subi %last, %t1 : i32
      tile.release %ch[%before]
    }
    %narrow = arith.truncf %done : tensor<128x256xf32, #acc> to tensor<128x256xbf16, #acc>
    %s = tile.scratch {offset = 147456 : i64} : !sc
    tile.store_wait
    tile.barrier
    tile.write %narrow, %s : tensor<128x256xbf16, #acc>, !sc
    tile.proxy_fence
    tile.barrier
    tile.store_async %s, %c[%row +: 128, %column +: 256] : !sc, !tile.view<?x?xbf16>
    scf.yield %last : i32
  }
  tile.return
}

// Each warpgroup stores 64 rows of its own, in two pieces of 64 columns: the barrier's number is its own, one thread of it waits for its stores
// and starts them, and the box has its rows.
// CHECK-LABEL: .entry pieces(
// CHECK: shfl.sync.idx.b32 [[GROUP:%r[0-9]+]], %r{{[0-9]+}}, 0, 31, -1;
// CHECK-NOT: shfl
// CHECK: cp.async.bulk.wait_group.read 1;
// CHECK: add.s32 [[BARRIER:%r[0-9]+]], [[GROUP]], 2;
// CHECK: bar.sync {{.*}}[[BARRIER]], 128;
// CHECK-COUNT-4: stmatrix.sync.aligned.m8n8.x4.shared.b16
// CHECK-NOT: stmatrix
// CHECK: fence.proxy.async.shared::cta;
// CHECK: bar.sync {{.*}}[[BARRIER]], 128;
// CHECK: cp.async.bulk.tensor.2d.global.shared::cta.tile.bulk_group [{{.*}}], [%r{{[0-9]+}}+0];
// CHECK: cp.async.bulk.commit_group;
// CHECK: cp.async.bulk.wait_group.read 1;
// CHECK: bar.sync {{.*}}[[BARRIER]], 128;
// CHECK-COUNT-4: stmatrix.sync.aligned.m8n8.x4.shared.b16
// CHECK-NOT: stmatrix
// CHECK: bar.sync {{.*}}[[BARRIER]], 128;
// CHECK: cp.async.bulk.tensor.2d.global.shared::cta.tile.bulk_group
// CHECK-NOT: bar.sync
// CHECK: cp.async.bulk.wait_group 0;
// CHECK: ret;
#half = #tile.layout<128x128, register = [[0, 1], [8, 0], [0, 8], [0, 16], [0, 32], [0, 64]], lane = [[0, 2], [0, 4], [1, 0], [2, 0], [4, 0]], warp = [[16, 0], [32, 0], [64, 0]]>
!piece = !tile.slot<128x64xbf16, #tile.swizzle<unit = 1, span = 128>>
tile.kernel @pieces(%c: !tile.view<?x?xbf16> {tile.access = #tile.access<out>, tile.facts = #facts}, %v: bf16)
    attributes {phase = #tile.phase<synchronised>, target = "sm_90a", num_warps = 8, shared_bytes = 32768} {
  %c0 = arith.constant 0 : index
  %c64 = arith.constant 64 : index
  %x = tensor.splat %v : tensor<128x128xbf16, #half>
  %s = tile.scratch {offset = 0 : i64} : !piece
  %t = tile.scratch {offset = 16384 : i64} : !piece
  tile.store_wait {pending = 1 : i64, warpgroup}
  tile.barrier {warpgroup}
  tile.write %x[0, 0], %s : tensor<128x128xbf16, #half>, !piece
  tile.proxy_fence
  tile.barrier {warpgroup}
  tile.store_async %s, %c[%c0 +: 128, %c0 +: 64] {warpgroup} : !piece, !tile.view<?x?xbf16>
  tile.store_wait {pending = 1 : i64, warpgroup}
  tile.barrier {warpgroup}
  tile.write %x[0, 64], %t : tensor<128x128xbf16, #half>, !piece
  tile.proxy_fence
  tile.barrier {warpgroup}
  tile.store_async %t, %c[%c0 +: 128, %c64 +: 64] {warpgroup} : !piece, !tile.view<?x?xbf16>
  tile.return
}
