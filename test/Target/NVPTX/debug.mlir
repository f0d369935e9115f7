// What a checked kernel says goes to the memory that its last parameter points to.
// RUN: tile-opt %s --tile-nvptx-lower-kernel | FileCheck %s
// RUN: tile-opt %s --tile-print-ptx=lines=false -o /dev/null | FileCheck %s --check-prefix=PTX

#l = #tile.layout<64, register = [[32]], lane = [[1], [2], [4], [8], [16]], warp = [[0]]>

// All threads learn whether an assertion failed before, and whether one fails now; one of them reports the first, and all end.
// CHECK-LABEL: llvm.func @asserts(
// CHECK-SAME: %[[M:[^ ]*]]: !llvm.ptr<1>) attributes
// CHECK: %[[FLAG:.*]] = llvm.getelementptr %[[M]][1] : (!llvm.ptr<1>) -> !llvm.ptr<1>, i32
// CHECK: %[[OLD:.*]] = llvm.load volatile %[[FLAG]]
// CHECK: %[[WAS:.*]] = arith.cmpi ne, %[[OLD]], %{{.*}} : i32
// CHECK: llvm.inline_asm has_side_effects "barrier.red.popc.aligned.u32 $0, 0, $1;", {{.*}} %[[WAS]]
// CHECK: scf.if
// CHECK: %[[ALL:.*]] = arith.andi %{{.*}}, %{{.*}} : i1
// CHECK: %[[BROKEN:.*]] = arith.xori %[[ALL]], %{{.*}} : i1
// CHECK: %[[COUNT:.*]] = llvm.inline_asm has_side_effects "barrier.red.popc.aligned.u32 $0, 0, $1;", {{.*}} %[[BROKEN]]
// CHECK: %[[ANY:.*]] = arith.cmpi ne, %[[COUNT]], %{{.*}} : i32
// CHECK: scf.if %[[ANY]]
// CHECK: scf.if
// CHECK: llvm.cmpxchg %{{.*}}, %{{.*}}, %{{.*}} monotonic monotonic : !llvm.ptr<1>, i32
// CHECK: scf.if
// CHECK-COUNT-3: llvm.store
// CHECK: llvm.inline_asm has_side_effects "exit;"
// PTX-LABEL: .entry asserts
// PTX: ld.volatile.global.b32
// PTX: atom.{{.*}}cas.b32
// PTX: exit;
tile.kernel @asserts(%a: !tile.view<?xi1> {tile.access = #tile.access<in>})
    attributes {phase = #tile.phase<synchronised>, target = "sm_80", num_warps = 2, shared_bytes = 0} {
  %c0 = arith.constant 0 : index
  %x = tile.load %a[%c0 +: 64] : !tile.view<?xi1> -> tensor<64xi1, #l>
  tile.assert %x, "all of them" : tensor<64xi1, #l>
  tile.return
}

// Scalars are the first thread's: 16 bytes of header and one value padded to a word.
// CHECK-LABEL: llvm.func @printsScalars
// CHECK-NOT: barrier
// CHECK: scf.if
// CHECK: llvm.atomicrmw add %{{.*}}, %c20_i32 monotonic
// CHECK: scf.if
// CHECK-COUNT-5: llvm.store
// CHECK-NOT: llvm.store
// PTX-LABEL: .entry printsScalars
// PTX: atom{{.*}}.add.u32
tile.kernel @printsScalars(%s: bf16)
    attributes {phase = #tile.phase<synchronised>, target = "sm_80", num_warps = 2, shared_bytes = 0} {
  tile.print "{}" (%s) : bf16
  tile.return
}

// Tiles are everybody's, at a place that the first thread hands round behind the program's own shared memory.
// CHECK-LABEL: llvm.func @printsTiles
// CHECK: scf.if
// CHECK: llvm.atomicrmw add %{{.*}}, %c80_i32 monotonic
// CHECK: barrier.cta.sync.aligned.all
// CHECK: barrier.cta.sync.aligned.all
// CHECK: llvm.store %{{.*}}, %{{.*}} {alignment = 1 : i64} : i8
// CHECK: llvm.store %{{.*}}, %{{.*}} {alignment = 1 : i64} : i8
// PTX-LABEL: .entry printsTiles
// PTX: st.shared.b32 [tile_shared+112]
// PTX: ld.shared.b32 {{.*}}, [tile_shared+112]
tile.kernel @printsTiles(%a: !tile.view<?xi1> {tile.access = #tile.access<in>})
    attributes {phase = #tile.phase<synchronised>, target = "sm_80", num_warps = 2, shared_bytes = 100} {
  %c0 = arith.constant 0 : index
  %x = tile.load %a[%c0 +: 64] : !tile.view<?xi1> -> tensor<64xi1, #l>
  tile.print "{}" (%x) : tensor<64xi1, #l>
  tile.return
}
