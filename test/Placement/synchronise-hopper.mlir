// The kernel of place-hopper.mlir: its channel becomes mbarriers, and its store goes through a scratch from which tensor copies take it.
// RUN: tile-opt %S/place-hopper.mlir --split-input-file --pass-pipeline='builtin.module(tile.kernel(tile-place,tile-synchronise))' | FileCheck %s
// RUN: tile-opt %S/place-hopper.mlir --split-input-file --pass-pipeline='builtin.module(tile.kernel(tile-place,tile-synchronise))' \
// RUN:   | tile-opt --split-input-file --pass-pipeline='builtin.module(tile.kernel(tile-verify-synchronised))' | FileCheck %s

// Both rings, two scratches, and two mbarriers a slot. Each warpgroup stores its 64 rows, 64 columns at a time, through both scratches in turn;
// no barrier is among all threads.
// CHECK-LABEL: tile.kernel @matmul
// CHECK-SAME: shared_bytes = 180272
// CHECK: %[[A:.*]] = tile.ring {offset = 98304 : i64}
// CHECK: %[[B:.*]] = tile.ring {offset = 0 : i64}
// CHECK: %[[CH:.*]] = tile.channel %[[A]], %[[B]] {arrivals = 2 : i64, barriers = 180224 : i64}
// CHECK-NOT: tile.barrier
// CHECK: tile.producer
// CHECK: tile.acquire %[[CH]]
// CHECK-NEXT: tile.copy_async {{.*}} %[[A]][
// CHECK-NEXT: tile.copy_async {{.*}} %[[B]][
// CHECK-NEXT: tile.commit %[[CH]]
// CHECK-NOT: {{tile.barrier|wait_group|commit_group}}
// CHECK: tile.await %[[CH]]
// CHECK: tile.dot {{.*}} {async
// CHECK-NEXT: tile.dot_wait {pending = 1 : i64}
// CHECK: scf.if
// CHECK: tile.release %[[CH]]
// CHECK-NOT: tile.barrier
// CHECK: tile.dot_wait %{{.*}} {pending = 0 : i64}
// CHECK: tile.release %[[CH]]
// CHECK: %[[F:.*]] = arith.truncf
// CHECK-NEXT: %[[S:.*]] = tile.scratch {offset = 147456 : i64} : !tile.slot<128x64xbf16, #tile.swizzle<unit = 1, span = 128>>
// CHECK-NEXT: %[[T:.*]] = tile.scratch {offset = 163840 : i64} : !tile.slot<128x64xbf16, #tile.swizzle<unit = 1, span = 128>>
// CHECK-NEXT: tile.store_wait {pending = 1 : i64, warpgroup}
// CHECK-NEXT: tile.barrier {warpgroup}
// CHECK-NEXT: tile.write %[[F]][0, 0], %[[S]]
// CHECK-NEXT: tile.proxy_fence
// CHECK-NEXT: tile.barrier {warpgroup}
// CHECK-NEXT: tile.store_async %[[S]], %[[C:.*]][%[[M:.*]] +: 128, %[[N:.*]] +: 64] {warpgroup}
// CHECK-NEXT: %[[C64:.*]] = arith.constant 64 : index
// CHECK-NEXT: %[[N1:.*]] = arith.addi %[[N]], %[[C64]] : index
// CHECK-NEXT: tile.store_wait {pending = 1 : i64, warpgroup}
// CHECK-NEXT: tile.barrier {warpgroup}
// CHECK-NEXT: tile.write %[[F]][0, 64], %[[T]]
// CHECK-NEXT: tile.proxy_fence
// CHECK-NEXT: tile.barrier {warpgroup}
// CHECK-NEXT: tile.store_async %[[T]], %[[C]][%[[M]] +: 128, %[[N1]] +: 64] {warpgroup}
// CHECK: tile.write %[[F]][0, 128], %[[S]]
// CHECK: tile.write %[[F]][0, 192], %[[T]]
// CHECK-NEXT: tile.proxy_fence
// CHECK-NEXT: tile.barrier {warpgroup}
// CHECK-NEXT: tile.store_async %[[T]]
// CHECK-NEXT: scf.yield

// There is room for a slot more each.
// RUN: sed 's/3 x /4 x /g' %S/place-hopper.mlir | tile-opt --split-input-file --pass-pipeline='builtin.module(tile.kernel(tile-place,tile-synchronise))' \
// RUN:   | FileCheck %s --check-prefix=FOUR
// FOUR-LABEL: tile.kernel @matmul
// FOUR-SAME: shared_bytes = 229440
// FOUR-COUNT-4: tile.store_async

// But not for the scratches of a tile of the sums too: the threads store.
// RUN: sed '1,90{s/3 x /4 x /g;s/%%c: !tile.view<?x?xbf16>/%%s: !tile.view<?x?xf32> {tile.access = #tile.access<out>, tile.facts = #tile.facts<unit_axis = 1, align = 16, extent_align = 16>},\n&/;s/%%r = arith.truncf/tile.store %%sum, %%s[%%m0 +: 128, %%n0 +: 256] {binding = #tile.binding<tensor, bytes = 16>} : tensor<128x256xf32>, !tile.view<?x?xf32>\n&/}' %S/place-hopper.mlir > %t.two
// RUN: tile-opt %t.two --split-input-file --remarks-filter=pipeline --pass-pipeline='builtin.module(tile.kernel(tile-place,tile-synchronise))' 2>&1 \
// RUN:   | FileCheck %s --check-prefix=DIRECT
// DIRECT: remark: {{.*}}store{{.*}}by the threads: there is no room for its 131072 bytes beside the rings
// DIRECT: remark: {{.*}}store{{.*}}by the threads: there is no room for its 65536 bytes beside the rings
// DIRECT-LABEL: tile.kernel @matmul
// DIRECT-SAME: shared_bytes = 196672
// DIRECT-NOT: tile.scratch
// DIRECT: tile.store {{.*}} {binding = #tile.binding<direct, bytes = 16>} : tensor<128x256xf32
// DIRECT: tile.store {{.*}} {binding = #tile.binding<direct, bytes = 16>} : tensor<128x256xbf16

// With a slot less both fit: the sums go in eight pieces, each waiting for all but the newest store of either tile.
// RUN: sed '1,90s/4 x /3 x /g' %t.two | tile-opt --split-input-file --pass-pipeline='builtin.module(tile.kernel(tile-place,tile-synchronise))' \
// RUN:   | FileCheck %s --check-prefix=TWO
// TWO-LABEL: tile.kernel @matmul
// TWO-SAME: shared_bytes = 213040
// TWO-COUNT-8: tile.write %{{.*}}[0, {{[0-9]+}}], %{{.*}} : tensor<128x256xf32, {{.*}}, !tile.slot<128x32xf32, #tile.swizzle<unit = 1, span = 128>>
// TWO-COUNT-4: tile.write %{{.*}}[0, {{[0-9]+}}], %{{.*}} : tensor<128x256xbf16

// Two more, and nothing helps. The barriers count too.
// RUN: sed 's/3 x /5 x /g' %S/place-hopper.mlir | not tile-opt --split-input-file --pass-pipeline='builtin.module(tile.kernel(tile-place,tile-synchronise))' 2>&1 \
// RUN:   | FileCheck %s --check-prefix=LARGE
// LARGE: error: kernel 'matmul' takes 245840 bytes of shared memory, but 'sm_90a' gives a program 232448
// LARGE: note: a ring of 5 tiles 'tensor<64x256xbf16>': 163840 bytes
// LARGE: note: a ring of 5 tiles 'tensor<128x64xbf16>': 81920 bytes
// LARGE: note: the barriers of a channel: 80 bytes
// LARGE: note: the largest stage count that fits is 4

// Kernels as the pipeline makes them: several sums, several channels, scalar loads that decide the bounds of both sides.
// RUN: tile-opt %S/../Pipeline/specialise.mlir --split-input-file --pass-pipeline='builtin.module(tile-pipeline{target=sm_90a},canonicalize,cse,tile.kernel(tile-place,tile-synchronise))' \
// RUN:   | FileCheck %s --check-prefix=MADE
// MADE-LABEL: tile.kernel @matmul
// MADE: tile.channel {{.*}} {arrivals = 2 : i64, barriers = 180224 : i64}
// MADE-LABEL: tile.kernel @two_sums
// MADE-COUNT-2: tile.channel {{.*}} {arrivals = 1 : i64, barriers = {{[0-9]+}} : i64}
// MADE: tile.store_async
