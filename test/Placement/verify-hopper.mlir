// A producer's kernel as it should be, and what a run of both sides finds in kernels that differ from it in one line.
// DEFINE: %{verify} = tile-opt --pass-pipeline='builtin.module(tile.kernel(tile-verify-synchronised))'
// RUN: tile-opt %s --pass-pipeline='builtin.module(tile.kernel(tile-verify-synchronised))' | FileCheck %s
// RUN: sed '/in the steady state/d' %s | not %{verify} 2>&1 | FileCheck %s --check-prefix=DOT
// RUN: sed 's/pending = 1/pending = 2/' %s | not %{verify} 2>&1 | FileCheck %s --check-prefix=DOT
// RUN: sed '/behind the loop/d; s/pending = 0/pending = 1/' %s | not %{verify} 2>&1 | FileCheck %s --check-prefix=SUM
// RUN: sed '/tile.await/d' %s | not %{verify} 2>&1 | FileCheck %s --check-prefix=AWAIT
// RUN: sed 's,// early: ,,' %s | not %{verify} 2>&1 | FileCheck %s --check-prefix=EARLY
// RUN: sed '/behind the loop/d' %s | not %{verify} 2>&1 | FileCheck %s --check-prefix=RELEASE
// RUN: sed 's/iter_args(%%first = %%t0)/iter_args(%%first = %%t1)/' %s | not %{verify} 2>&1 | FileCheck %s --check-prefix=TICKET
// RUN: sed 's/to %%k step %%c64 iter_args(%%t/to %%w step %%c64 iter_args(%%t/' %s | not %{verify} 2>&1 | FileCheck %s --check-prefix=BOUNDS
// RUN: sed 's,// more: ,,' %s | not %{verify} 2>&1 | FileCheck %s --check-prefix=MORE
// RUN: sed 's,// less: ,,' %s | not %{verify} 2>&1 | FileCheck %s --check-prefix=LESS
// RUN: sed 's,// read: ,,' %s | not %{verify} 2>&1 | FileCheck %s --check-prefix=READ
// RUN: sed '/tile.store_wait/d' %s | not %{verify} 2>&1 | FileCheck %s --check-prefix=STORE
// RUN: sed '/for the scratch/d' %s | not %{verify} 2>&1 | FileCheck %s --check-prefix=BARRIER
// RUN: sed '/tile.proxy_fence/d' %s | not %{verify} 2>&1 | FileCheck %s --check-prefix=FENCE
// RUN: sed '/for the store/d' %s | not %{verify} 2>&1 | FileCheck %s --check-prefix=BEHIND
// RUN: sed 's,// twice: ,,' %s | not %{verify} 2>&1 | FileCheck %s --check-prefix=TWICE
// RUN: sed '/tile.write/d' %s | not %{verify} 2>&1 | FileCheck %s --check-prefix=NOTHING

// The same with stores of warpgroups: what one waits for and meets for says nothing of another's, and too few stores are waited for.
// RUN: sed 's,tile.store_wait,& {warpgroup},; s,// for the,{warpgroup} &,; s,\(tile.store_async.*\) : ,\1 {warpgroup} : ,' %s > %t.groups
// RUN: %{verify} %t.groups | FileCheck %s
// RUN: sed 's/{warpgroup} .. for the scratch//' %t.groups | %{verify} | FileCheck %s
// RUN: sed '/for the scratch/d' %t.groups | not %{verify} 2>&1 | FileCheck %s --check-prefix=BARRIER
// RUN: sed '/for the store/d' %t.groups | not %{verify} 2>&1 | FileCheck %s --check-prefix=BEHIND
// RUN: sed 's/tile.store_wait {/&pending = 1 : i64, /' %t.groups | not %{verify} 2>&1 | FileCheck %s --check-prefix=STORE
// RUN: sed 's/tile.store_wait {warpgroup}/tile.store_wait/' %t.groups | not %{verify} 2>&1 | FileCheck %s --check-prefix=STORE
// RUN: sed 's/\(tile.store_async.*\) {warpgroup}/\1/' %t.groups | not %{verify} 2>&1 | FileCheck %s --check-prefix=ALONE

// DOT: 'tile.release' op releases ticket 0 while an async dot that reads it may be under way
// SUM: 'arith.truncf' op reads what an async dot may still be adding to
// AWAIT: 'tile.dot' op reads ticket 0, which was not awaited
// EARLY: 'tile.dot' op reads ticket 0, which was released
// RELEASE: 'tile.acquire' op acquires a slot of which ticket 0 is never released
// TWICE: 'tile.release' op releases ticket 0, and ticket 1 is next
// TICKET: 'tile.acquire' op acquires ticket 1, and ticket 0 is next
// BOUNDS: 'scf.for' op fills rings as often as no loop of the program reads them
// MORE: 'tile.channel' op is filled {{[0-9]+}} times and awaited {{[0-9]+}} times: the last copies may land after the kernel's end
// LESS: 'tile.await' op awaits ticket {{[0-9]+}}, which is never filled
// READ: 'tile.release' op releases ticket 0 without a barrier since it was read
// STORE: 'tile.write' op overwrites the scratch at 32768 with the scratch at 32768 while its store may be under way
// BARRIER: 'tile.write' op overwrites the scratch at 32768 with the scratch at 32768 without a barrier since its store was waited for
// FENCE: 'tile.store_async' op stores the scratch at 32768 without a fence since it was written
// BEHIND: 'tile.store_async' op stores the scratch at 32768 without a barrier since the fence
// ALONE: 'tile.store_async' op stores the scratch at 32768 without a barrier since the fence
// NOTHING: 'tile.store_async' op stores the scratch at 32768, which holds nothing

#acc = #tile.layout<64x64, register = [[0, 1], [8, 0], [0, 8], [0, 16], [0, 32]], lane = [[0, 2], [0, 4], [1, 0], [2, 0], [4, 0]], warp = [[16, 0], [32, 0]]>
!ring = !tile.ring<2 x 64x64xbf16, #tile.swizzle<unit = 1, span = 128>>
!slot = !tile.slot<64x64xbf16, #tile.swizzle<unit = 1, span = 128>>

// CHECK-LABEL: tile.kernel @matmul
tile.kernel @matmul(%a: !tile.view<?x?xbf16> {tile.access = #tile.access<in>}, %b: !tile.view<?x?xbf16> {tile.access = #tile.access<in>},
                    %c: !tile.view<?x?xbf16> {tile.access = #tile.access<out>})
    attributes {phase = #tile.phase<synchronised>, target = "sm_90a", num_warps = 4 : i64, persistent, shared_bytes = 40992 : i64} {
  %ra = tile.ring {offset = 0 : i64} : !ring
  %rb = tile.ring {offset = 16384 : i64} : !ring
  %ch = tile.channel %ra, %rb {arrivals = 1 : i64, barriers = 40960 : i64} : !ring, !ring
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c64 = arith.constant 64 : index
  %t0 = arith.constant 0 : i32
  %t1 = arith.constant 1 : i32
  %zero = arith.constant dense<0.0> : tensor<64x64xf32, #acc>
  %k = tile.extent %a, 1 : !tile.view<?x?xbf16>
  %w = tile.worker_id
  %n = tile.workers
  %p = tile.programs
  tile.producer {
    %last = scf.for %work = %w to %p step %n iter_args(%first = %t0) -> (i32) {
      %i = tile.program_id 0 of %work
      %end = scf.for %kk = %c0 to %k step %c64 iter_args(%t = %first) -> (i32) {
        tile.acquire %ch[%t]
        tile.copy_async %a[%i +: 64, %kk +: 64], %ra[%t] {binding = #tile.binding<tensor, bytes = 16>} : !tile.view<?x?xbf16>, !ring
        tile.copy_async %b[%kk +: 64, %i +: 64], %rb[%t] {binding = #tile.binding<tensor, bytes = 16>} : !tile.view<?x?xbf16>, !ring
        tile.commit %ch[%t]
        %next = arith.addi %t, %t1 : i32
        scf.yield %next : i32
      }
      scf.yield %end : i32
    }
    // more: tile.acquire %ch[%last]
    // more: tile.copy_async %a[%c0 +: 64, %c0 +: 64], %ra[%last] {binding = #tile.binding<tensor, bytes = 16>} : !tile.view<?x?xbf16>, !ring
    // more: tile.copy_async %b[%c0 +: 64, %c0 +: 64], %rb[%last] {binding = #tile.binding<tensor, bytes = 16>} : !tile.view<?x?xbf16>, !ring
    // more: tile.commit %ch[%last]
  }
  %last = scf.for %work = %w to %p step %n iter_args(%first = %t0) -> (i32) {
    %i = tile.program_id 0 of %work
    %acc, %end = scf.for %kk = %c0 to %k step %c64 iter_args(%sum = %zero, %t = %first) -> (tensor<64x64xf32, #acc>, i32) {
      tile.await %ch[%t]
      // early: tile.release %ch[%t]
      %sa = tile.slot %ra[%t] : !ring -> !slot
      %sb = tile.slot %rb[%t] : !ring -> !slot
      // read: %x = tile.read %sa : !slot -> tensor<64x64xbf16, #acc>
      %d = tile.dot %sa, %sb, %sum {async, binding = #tile.dot_binding<"wgmma", 64 x 64 x 16>} : !slot, !slot -> tensor<64x64xf32, #acc>
      tile.dot_wait {pending = 1 : i64} // in the steady state
      %isLater = arith.cmpi ne, %kk, %c0 : index
      scf.if %isLater {
        %before = arith.subi %t, %t1 : i32
        tile.release %ch[%before]
      }
      %next = arith.addi %t, %t1 : i32
      scf.yield %d, %next : tensor<64x64xf32, #acc>, i32
    }
    %all = tile.dot_wait %acc {pending = 0 : i64} : tensor<64x64xf32, #acc>
    %some = arith.cmpi ne, %first, %end : i32
    scf.if %some {
      %before = arith.subi %end, %t1 : i32
      tile.release %ch[%before] // behind the loop
      // twice: tile.release %ch[%before]
    }
    %r = arith.truncf %all : tensor<64x64xf32, #acc> to tensor<64x64xbf16, #acc>
    %s = tile.scratch {offset = 32768 : i64} : !slot
    tile.store_wait
    tile.barrier // for the scratch
    tile.write %r, %s : tensor<64x64xbf16, #acc>, !slot
    tile.proxy_fence
    tile.barrier // for the store
    tile.store_async %s, %c[%i +: 64, %c0 +: 64] : !slot, !tile.view<?x?xbf16>
    scf.yield %end : i32
  }
  // less: tile.await %ch[%last]
  tile.return
}
