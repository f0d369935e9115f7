// Where rings, barriers and scratches of tensor copies must not lie.
// RUN: tile-opt %s --split-input-file --verify-diagnostics --pass-pipeline='builtin.module(tile.kernel(tile-verify-synchronised))'

!ring = !tile.ring<2 x 64x64xbf16, #tile.swizzle<unit = 1, span = 128>>
tile.kernel @aligned(%a: !tile.view<?x?xbf16> {tile.access = #tile.access<in>}) attributes {phase = #tile.phase<synchronised>, target = "sm_90a", num_warps = 4 : i64, shared_bytes = 16928 : i64} {
  %c0 = arith.constant 0 : index
  %t0 = arith.constant 0 : i32
  // expected-error @+1 {{lies at 512, and tensor copies fill what is aligned to 1024 bytes}}
  %r = tile.ring {offset = 512 : i64} : !ring
  %ch = tile.channel %r {barriers = 16896 : i64, arrivals = 1 : i64} : !ring
  tile.producer {
    tile.acquire %ch[%t0]
    tile.copy_async %a[%c0 +: 64, %c0 +: 64], %r[%t0] {binding = #tile.binding<tensor, bytes = 16>} : !tile.view<?x?xbf16>, !ring
    tile.commit %ch[%t0]
  }
  tile.await %ch[%t0]
  tile.return
}

// -----

!ring = !tile.ring<2 x 64x64xbf16, #tile.swizzle<unit = 1, span = 128>>
tile.kernel @barriers(%a: !tile.view<?x?xbf16> {tile.access = #tile.access<in>}) attributes {phase = #tile.phase<synchronised>, target = "sm_90a", num_warps = 4 : i64, shared_bytes = 16428 : i64} {
  %c0 = arith.constant 0 : index
  %t0 = arith.constant 0 : i32
  %r = tile.ring {offset = 0 : i64} : !ring
  // expected-error @+1 {{has barriers at 16388, which is no multiple of 8}}
  %ch = tile.channel %r {barriers = 16388 : i64, arrivals = 1 : i64} : !ring
  tile.producer {
    tile.acquire %ch[%t0]
    tile.copy_async %a[%c0 +: 64, %c0 +: 64], %r[%t0] {binding = #tile.binding<tensor, bytes = 16>} : !tile.view<?x?xbf16>, !ring
    tile.commit %ch[%t0]
  }
  tile.await %ch[%t0]
  tile.return
}

// -----

!ring = !tile.ring<2 x 64x64xbf16, #tile.swizzle<unit = 1, span = 128>>
tile.kernel @arrivals(%a: !tile.view<?x?xbf16> {tile.access = #tile.access<in>}) attributes {phase = #tile.phase<synchronised>, target = "sm_90a", num_warps = 8 : i64, shared_bytes = 16416 : i64} {
  %c0 = arith.constant 0 : index
  %t0 = arith.constant 0 : i32
  %r = tile.ring {offset = 0 : i64} : !ring
  // expected-error @+1 {{counts 1 arrivals, and the kernel has 2 groups of four warps}}
  %ch = tile.channel %r {barriers = 16384 : i64, arrivals = 1 : i64} : !ring
  tile.producer {
    tile.acquire %ch[%t0]
    tile.copy_async %a[%c0 +: 64, %c0 +: 64], %r[%t0] {binding = #tile.binding<tensor, bytes = 16>} : !tile.view<?x?xbf16>, !ring
    tile.commit %ch[%t0]
  }
  tile.await %ch[%t0]
  tile.return
}

// -----

!ring = !tile.ring<2 x 64x64xbf16, #tile.swizzle<unit = 1, span = 128>>
tile.kernel @small(%a: !tile.view<?x?xbf16> {tile.access = #tile.access<in>}) attributes {phase = #tile.phase<synchronised>, target = "sm_90a", num_warps = 4 : i64, shared_bytes = 16384 : i64} {
  %c0 = arith.constant 0 : index
  %t0 = arith.constant 0 : i32
  %r = tile.ring {offset = 0 : i64} : !ring
  // expected-error @+1 {{ends at 16416, and the kernel takes 16384 bytes of shared memory}}
  %ch = tile.channel %r {barriers = 16384 : i64, arrivals = 1 : i64} : !ring
  tile.producer {
    tile.acquire %ch[%t0]
    tile.copy_async %a[%c0 +: 64, %c0 +: 64], %r[%t0] {binding = #tile.binding<tensor, bytes = 16>} : !tile.view<?x?xbf16>, !ring
    tile.commit %ch[%t0]
  }
  tile.await %ch[%t0]
  tile.return
}

// -----

!ring = !tile.ring<2 x 64x64xbf16, #tile.swizzle<unit = 1, span = 128>>
tile.kernel @overlap(%a: !tile.view<?x?xbf16> {tile.access = #tile.access<in>}) attributes {phase = #tile.phase<synchronised>, target = "sm_90a", num_warps = 4 : i64, shared_bytes = 16416 : i64} {
  %c0 = arith.constant 0 : index
  %t0 = arith.constant 0 : i32
  // expected-error @+1 {{lies where tile.scratch at 8192 lies, and is filled from the kernel's start to its end}}
  %r = tile.ring {offset = 0 : i64} : !ring
  %ch = tile.channel %r {barriers = 16384 : i64, arrivals = 1 : i64} : !ring
  tile.producer {
    tile.acquire %ch[%t0]
    tile.copy_async %a[%c0 +: 64, %c0 +: 64], %r[%t0] {binding = #tile.binding<tensor, bytes = 16>} : !tile.view<?x?xbf16>, !ring
    tile.commit %ch[%t0]
  }
  %s = tile.scratch {offset = 8192 : i64} : !tile.slot<64xf32, #tile.swizzle<unit = 0, span = 0>>
  tile.return
}

// -----

!ring = !tile.ring<2 x 64x64xbf16, #tile.swizzle<unit = 1, span = 128>>
tile.kernel @no_producer() attributes {phase = #tile.phase<synchronised>, target = "sm_90a", num_warps = 4 : i64, shared_bytes = 16416 : i64} {
  %r = tile.ring {offset = 0 : i64} : !ring
  // expected-error @+1 {{has barriers, and no producer fills its rings}}
  %ch = tile.channel %r {barriers = 16384 : i64, arrivals = 1 : i64} : !ring
  tile.return
}

// -----

#l = #tile.layout<64, register = [[32]], lane = [[1], [2], [4], [8], [16]], warp = [[0], [0]]>
!ring = !tile.ring<2 x 64xf32, #tile.swizzle<unit = 0, span = 0>>
!slot = !tile.slot<64xf32, #tile.swizzle<unit = 0, span = 0>>
tile.kernel @written(%a: !tile.view<?xf32> {tile.access = #tile.access<in>}, %x: f32) attributes {phase = #tile.phase<synchronised>, target = "sm_90a", num_warps = 4 : i64, shared_bytes = 544 : i64} {
  %c0 = arith.constant 0 : index
  %t0 = arith.constant 0 : i32
  %r = tile.ring {offset = 0 : i64} : !ring
  %ch = tile.channel %r {barriers = 512 : i64, arrivals = 1 : i64} : !ring
  tile.producer {
    tile.acquire %ch[%t0]
    tile.copy_async %a[%c0 +: 64], %r[%t0] {binding = #tile.binding<tensor, bytes = 16>} : !tile.view<?xf32>, !ring
    tile.commit %ch[%t0]
  }
  tile.await %ch[%t0]
  %s = tile.slot %r[%t0] : !ring -> !slot
  %y = tensor.splat %x : tensor<64xf32, #l>
  // expected-error @+1 {{writes into a ring that a producer fills}}
  tile.write %y, %s : tensor<64xf32, #l>, !slot
  tile.return
}

// -----

!slot = !tile.slot<64x64xbf16, #tile.swizzle<unit = 1, span = 128>>
tile.kernel @store(%c: !tile.view<?x?xbf16> {tile.access = #tile.access<out>}) attributes {phase = #tile.phase<synchronised>, target = "sm_90a", num_warps = 4 : i64, shared_bytes = 8704 : i64} {
  %c0 = arith.constant 0 : index
  %s = tile.scratch {offset = 512 : i64} : !slot
  // expected-error @+1 {{stores what lies at 512, which is no multiple of 1024}}
  tile.store_async %s, %c[%c0 +: 64, %c0 +: 64] : !slot, !tile.view<?x?xbf16>
  tile.return
}

// -----

!ring = !tile.ring<2 x 64x64xbf16, #tile.swizzle<unit = 1, span = 128>>
!slot = !tile.slot<64x64xbf16, #tile.swizzle<unit = 1, span = 128>>
tile.kernel @store_ring(%c: !tile.view<?x?xbf16> {tile.access = #tile.access<out>}) attributes {phase = #tile.phase<synchronised>, target = "sm_90a", num_warps = 4 : i64, shared_bytes = 16384 : i64} {
  %c0 = arith.constant 0 : index
  %t0 = arith.constant 0 : i32
  %r = tile.ring {offset = 0 : i64} : !ring
  %s = tile.slot %r[%t0] : !ring -> !slot
  // expected-error @+1 {{stores a slot of a ring}}
  tile.store_async %s, %c[%c0 +: 64, %c0 +: 64] : !slot, !tile.view<?x?xbf16>
  tile.return
}

// -----

!slot = !tile.slot<128x64xbf16, #tile.swizzle<unit = 1, span = 128>>
tile.kernel @rows_of_no_group(%c: !tile.view<?x?xbf16> {tile.access = #tile.access<out>}) attributes {phase = #tile.phase<synchronised>, target = "sm_90a", num_warps = 4 : i64, shared_bytes = 16384 : i64} {
  %c0 = arith.constant 0 : index
  %s = tile.scratch {offset = 0 : i64} : !slot
  // expected-error @+1 {{is of warpgroups, and is no piece of 64 rows for each}}
  tile.store_async %s, %c[%c0 +: 128, %c0 +: 64] {warpgroup} : !slot, !tile.view<?x?xbf16>
  tile.return
}

// -----

#across = #tile.layout<128x16, register = [[0, 1], [8, 0], [64, 0]], lane = [[0, 2], [0, 4], [1, 0], [2, 0], [4, 0]], warp = [[16, 0], [32, 0], [0, 8]]>
!slot = !tile.slot<128x16xbf16, #tile.swizzle<unit = 1, span = 32>>
tile.kernel @rows_of_others(%c: !tile.view<?x?xbf16> {tile.access = #tile.access<out>}, %v: bf16) attributes {phase = #tile.phase<synchronised>, target = "sm_90a", num_warps = 8 : i64, shared_bytes = 4096 : i64} {
  %c0 = arith.constant 0 : index
  %s = tile.scratch {offset = 0 : i64} : !slot
  %x = tensor.splat %v : tensor<128x16xbf16, #across>
  // expected-error @+1 {{writes rows of other warpgroups than will store them}}
  tile.write %x, %s : tensor<128x16xbf16, #across>, !slot
  tile.proxy_fence
  tile.barrier {warpgroup}
  tile.store_async %s, %c[%c0 +: 128, %c0 +: 16] {warpgroup} : !slot, !tile.view<?x?xbf16>
  tile.return
}

// -----

tile.kernel @no_group() attributes {phase = #tile.phase<synchronised>, target = "sm_90a", num_warps = 2 : i64, shared_bytes = 0 : i64} {
  // expected-error @+1 {{is of warps in groups of 4, and the kernel has 2}}
  tile.barrier {warpgroup}
  tile.return
}
