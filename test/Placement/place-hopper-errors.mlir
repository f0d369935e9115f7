// What tile-place refuses of producers and of dots of warpgroups.
// RUN: tile-opt %s --split-input-file --verify-diagnostics --pass-pipeline='builtin.module(tile.kernel(tile-place))'

!ring = !tile.ring<2 x 64x64xbf16>
!slot = !tile.slot<64x64xbf16>

tile.kernel @few_warps(%a: !tile.view<?x?xbf16> {tile.access = #tile.access<in>}) attributes {phase = #tile.phase<pipelined>, target = "sm_90a", num_warps = 2 : i64} {
  %t0 = arith.constant 0 : i32
  %zero = arith.constant dense<0.0> : tensor<64x64xf32>
  %r = tile.ring : !ring
  %ch = tile.channel %r : !ring
  %s = tile.slot %r[%t0] : !ring -> !slot
  // expected-error @+1 {{is of warps in groups of 4, and the kernel has 2}}
  %d = tile.dot %s, %s, %zero {binding = #tile.dot_binding<"wgmma", 64 x 64 x 16>} : !slot, !slot -> tensor<64x64xf32>
  tile.return
}

// -----

tile.kernel @producer_of_few_warps() attributes {phase = #tile.phase<pipelined>, target = "sm_90a", num_warps = 2 : i64} {
  // expected-error @+1 {{is of warps in groups of 4, and the kernel has 2}}
  tile.producer {
  }
  tile.return
}

// -----

!ring = !tile.ring<2 x 32x64xbf16>
!slot = !tile.slot<32x64xbf16>
!bring = !tile.ring<2 x 64x64xbf16>
!bslot = !tile.slot<64x64xbf16>

tile.kernel @few_rows() attributes {phase = #tile.phase<pipelined>, target = "sm_90a", num_warps = 4 : i64} {
  %t0 = arith.constant 0 : i32
  %zero = arith.constant dense<0.0> : tensor<32x64xf32>
  %r = tile.ring : !ring
  %b = tile.ring : !bring
  %s = tile.slot %r[%t0] : !ring -> !slot
  %t = tile.slot %b[%t0] : !bring -> !bslot
  // expected-error @+1 {{is smaller than the instruction that it is bound to}}
  %d = tile.dot %s, %t, %zero {binding = #tile.dot_binding<"wgmma", 64 x 64 x 16>} : !slot, !bslot -> tensor<32x64xf32>
  tile.return
}

// -----

!ring = !tile.ring<2 x 64x64xbf16>
!slot = !tile.slot<64x64xbf16>

tile.kernel @registers(%x: bf16) attributes {phase = #tile.phase<pipelined>, target = "sm_90a", num_warps = 4 : i64} {
  %t0 = arith.constant 0 : i32
  %zero = arith.constant dense<0.0> : tensor<64x64xf32>
  %a = tensor.splat %x : tensor<64x64xbf16>
  %r = tile.ring : !ring
  %s = tile.slot %r[%t0] : !ring -> !slot
  // expected-error @+1 {{has its second operand in registers, and its instruction reads shared memory}}
  %d = tile.dot %s, %a, %zero {binding = #tile.dot_binding<"wgmma", 64 x 64 x 16>} : !slot, tensor<64x64xbf16> -> tensor<64x64xf32>
  tile.return
}

// -----

tile.kernel @async_by_warps(%x: bf16) attributes {phase = #tile.phase<pipelined>, target = "sm_90a", num_warps = 4 : i64} {
  %zero = arith.constant dense<0.0> : tensor<64x64xf32>
  %a = tensor.splat %x : tensor<64x64xbf16>
  // expected-error @+1 {{is async, and its instruction is not}}
  %d = tile.dot %a, %a, %zero {async, binding = #tile.dot_binding<"mma.sync", 16 x 8 x 16>} : tensor<64x64xbf16>, tensor<64x64xbf16> -> tensor<64x64xf32>
  %e = tile.dot_wait %d {pending = 0 : i64} : tensor<64x64xf32>
  tile.return
}

// -----

!ring = !tile.ring<2 x 64x8xbf16>
!slot = !tile.slot<64x8xbf16>
!aring = !tile.ring<2 x 64x64xbf16>
!aslot = !tile.slot<64x64xbf16>

tile.kernel @no_swizzle() attributes {phase = #tile.phase<pipelined>, target = "sm_90a", num_warps = 4 : i64} {
  %t0 = arith.constant 0 : i32
  %zero = arith.constant dense<0.0> : tensor<64x8xf32>
  %ra = tile.ring : !aring
  %rb = tile.ring : !ring
  %a = tile.slot %ra[%t0] : !aring -> !aslot
  %b = tile.slot %rb[%t0] : !ring -> !slot
  // expected-error @+1 {{has an operand without a swizzle, and its instruction reads swizzled ones}}
  %d = tile.dot %a, %b, %zero {binding = #tile.dot_binding<"wgmma", 64 x 8 x 16>} : !aslot, !slot -> tensor<64x8xf32>
  tile.return
}

// -----

!ring = !tile.ring<2 x 64x64xbf16>

tile.kernel @outside(%a: !tile.view<?x?xbf16> {tile.access = #tile.access<in>}) attributes {phase = #tile.phase<pipelined>, target = "sm_90a", num_warps = 4 : i64} {
  %c0 = arith.constant 0 : index
  %t0 = arith.constant 0 : i32
  %r = tile.ring : !ring
  %ch = tile.channel %r : !ring
  // expected-error @+1 {{is bound to 'tensor' outside a 'tile.producer'}}
  tile.copy_async %a[%c0 +: 64, %c0 +: 64], %r[%t0] {binding = #tile.binding<tensor, bytes = 16>} : !tile.view<?x?xbf16>, !ring
  tile.return
}

// -----

!ring = !tile.ring<2 x 64x64xbf16>

tile.kernel @by_threads(%a: !tile.view<?x?xbf16> {tile.access = #tile.access<in>}) attributes {phase = #tile.phase<pipelined>, target = "sm_90a", num_warps = 4 : i64} {
  %c0 = arith.constant 0 : index
  %t0 = arith.constant 0 : i32
  %r = tile.ring : !ring
  %ch = tile.channel %r : !ring
  tile.producer {
    // expected-error @+1 {{is not bound to 'tensor' or 'async' in a 'tile.producer'}}
    tile.copy_async %a[%c0 +: 64, %c0 +: 64], %r[%t0] {binding = #tile.binding<staged, bytes = 2>} : !tile.view<?x?xbf16>, !ring
  }
  tile.return
}

// -----

!ring = !tile.ring<2 x 64x64xbf16>

tile.kernel @not_acquired(%a: !tile.view<?x?xbf16> {tile.access = #tile.access<in>}) attributes {phase = #tile.phase<pipelined>, target = "sm_90a", num_warps = 4 : i64} {
  %c0 = arith.constant 0 : index
  %t0 = arith.constant 0 : i32
  %r = tile.ring : !ring
  %ch = tile.channel %r : !ring
  tile.producer {
    // expected-error @+1 {{stands between no 'tile.acquire' and 'tile.commit' of its ring's channel}}
    tile.copy_async %a[%c0 +: 64, %c0 +: 64], %r[%t0] {binding = #tile.binding<async, bytes = 8>} : !tile.view<?x?xbf16>, !ring
  }
  tile.return
}

// -----

!ring = !tile.ring<2 x 64x64xbf16>

tile.kernel @padding(%a: !tile.view<?x?xbf16> {tile.access = #tile.access<in>}) attributes {phase = #tile.phase<pipelined>, target = "sm_90a", num_warps = 4 : i64} {
  %c0 = arith.constant 0 : index
  %t0 = arith.constant 0 : i32
  %r = tile.ring : !ring
  %ch = tile.channel %r : !ring
  tile.producer {
    tile.acquire %ch[%t0]
    // expected-error @+1 {{pads with something else than 0, which a producer's copies can't}}
    tile.copy_async %a[%c0 +: 64, %c0 +: 64], %r[%t0] pad 1.0 : bf16 {binding = #tile.binding<tensor, bytes = 16>} : !tile.view<?x?xbf16>, !ring
    tile.commit %ch[%t0]
  }
  tile.return
}

// -----

!ring = !tile.ring<2 x 64x64xbf16>

tile.kernel @both(%a: !tile.view<?x?xbf16> {tile.access = #tile.access<in>}) attributes {phase = #tile.phase<pipelined>, target = "sm_90a", num_warps = 4 : i64} {
  %c0 = arith.constant 0 : index
  %t0 = arith.constant 0 : i32
  %t1 = arith.constant 1 : i32
  %r = tile.ring : !ring
  %ch = tile.channel %r : !ring
  tile.producer {
    tile.acquire %ch[%t0]
    tile.copy_async %a[%c0 +: 64, %c0 +: 64], %r[%t0] {binding = #tile.binding<tensor, bytes = 16>} : !tile.view<?x?xbf16>, !ring
    tile.commit %ch[%t0]
  }
  // expected-error @+1 {{copies into a ring that a producer fills}}
  tile.copy_async %a[%c0 +: 64, %c0 +: 64], %r[%t1] {binding = #tile.binding<async, bytes = 16>} : !tile.view<?x?xbf16>, !ring
  tile.return
}

// -----

!ring = !tile.ring<2 x 64x64xbf16>

tile.kernel @not_acquired(%a: !tile.view<?x?xbf16> {tile.access = #tile.access<in>}) attributes {phase = #tile.phase<pipelined>, target = "sm_90a", num_warps = 4 : i64} {
  %c0 = arith.constant 0 : index
  %t0 = arith.constant 0 : i32
  %r = tile.ring : !ring
  %ch = tile.channel %r : !ring
  tile.producer {
    // expected-error @+1 {{stands between no 'tile.acquire' and 'tile.commit' of its ring's channel}}
    tile.copy_async %a[%c0 +: 64, %c0 +: 64], %r[%t0] {binding = #tile.binding<tensor, bytes = 16>} : !tile.view<?x?xbf16>, !ring
  }
  tile.return
}

// -----

!ring = !tile.ring<2 x 64x64xbf16>

tile.kernel @acquired_elsewhere(%a: !tile.view<?x?xbf16> {tile.access = #tile.access<in>}) attributes {phase = #tile.phase<pipelined>, target = "sm_90a", num_warps = 4 : i64} {
  %c0 = arith.constant 0 : index
  %t0 = arith.constant 0 : i32
  %r = tile.ring : !ring
  %ch = tile.channel %r : !ring
  tile.producer {
    tile.acquire %ch[%t0]
    tile.copy_async %a[%c0 +: 64, %c0 +: 64], %r[%t0] {binding = #tile.binding<tensor, bytes = 16>} : !tile.view<?x?xbf16>, !ring
    tile.commit %ch[%t0]
  }
  // expected-error @+1 {{is of a channel that a producer fills, and stands outside it}}
  tile.acquire %ch[%t0]
  tile.return
}

// -----

!ring = !tile.ring<2 x 64x64xbf16>

tile.kernel @not_filled() attributes {phase = #tile.phase<pipelined>, target = "sm_90a", num_warps = 4 : i64} {
  %t0 = arith.constant 0 : i32
  %r = tile.ring : !ring
  %ch = tile.channel %r : !ring
  tile.producer {
    // expected-error @+1 {{is of a channel that no producer fills}}
    tile.acquire %ch[%t0]
    tile.commit %ch[%t0]
  }
  tile.return
}

// -----

!ring = !tile.ring<2 x 64x64xbf16>

tile.kernel @other_ticket(%a: !tile.view<?x?xbf16> {tile.access = #tile.access<in>}) attributes {phase = #tile.phase<pipelined>, target = "sm_90a", num_warps = 4 : i64} {
  %c0 = arith.constant 0 : index
  %t0 = arith.constant 0 : i32
  %t1 = arith.constant 1 : i32
  %r = tile.ring : !ring
  %ch = tile.channel %r : !ring
  tile.producer {
    tile.acquire %ch[%t0]
    // expected-error @+1 {{copies for another ticket than was acquired}}
    tile.copy_async %a[%c0 +: 64, %c0 +: 64], %r[%t1] {binding = #tile.binding<tensor, bytes = 16>} : !tile.view<?x?xbf16>, !ring
    tile.commit %ch[%t0]
  }
  tile.return
}

// -----

!ring = !tile.ring<2 x 64x64xbf16>

tile.kernel @second_copy(%a: !tile.view<?x?xbf16> {tile.access = #tile.access<in>}) attributes {phase = #tile.phase<pipelined>, target = "sm_90a", num_warps = 4 : i64} {
  %c0 = arith.constant 0 : index
  %t0 = arith.constant 0 : i32
  %r = tile.ring : !ring
  %ch = tile.channel %r : !ring
  tile.producer {
    tile.acquire %ch[%t0]
    tile.copy_async %a[%c0 +: 64, %c0 +: 64], %r[%t0] {binding = #tile.binding<tensor, bytes = 16>} : !tile.view<?x?xbf16>, !ring
    // expected-error @+1 {{is the second copy into its ring for one ticket}}
    tile.copy_async %a[%c0 +: 64, %c0 +: 64], %r[%t0] {binding = #tile.binding<tensor, bytes = 16>} : !tile.view<?x?xbf16>, !ring
    tile.commit %ch[%t0]
  }
  tile.return
}

// -----

!ring = !tile.ring<2 x 64x64xbf16>

tile.kernel @half_filled(%a: !tile.view<?x?xbf16> {tile.access = #tile.access<in>}) attributes {phase = #tile.phase<pipelined>, target = "sm_90a", num_warps = 4 : i64} {
  %c0 = arith.constant 0 : index
  %t0 = arith.constant 0 : i32
  %ra = tile.ring : !ring
  %rb = tile.ring : !ring
  %ch = tile.channel %ra, %rb : !ring, !ring
  tile.producer {
    tile.acquire %ch[%t0]
    tile.copy_async %a[%c0 +: 64, %c0 +: 64], %ra[%t0] {binding = #tile.binding<tensor, bytes = 16>} : !tile.view<?x?xbf16>, !ring
    // expected-error @+1 {{closes a ticket with copies into 1 of 2 rings}}
    tile.commit %ch[%t0]
  }
  tile.return
}

// -----

!ring = !tile.ring<2 x 64x64xbf16>

tile.kernel @closes_another(%a: !tile.view<?x?xbf16> {tile.access = #tile.access<in>}) attributes {phase = #tile.phase<pipelined>, target = "sm_90a", num_warps = 4 : i64} {
  %c0 = arith.constant 0 : index
  %t0 = arith.constant 0 : i32
  %t1 = arith.constant 1 : i32
  %r = tile.ring : !ring
  %ch = tile.channel %r : !ring
  tile.producer {
    tile.acquire %ch[%t0]
    tile.copy_async %a[%c0 +: 64, %c0 +: 64], %r[%t0] {binding = #tile.binding<tensor, bytes = 16>} : !tile.view<?x?xbf16>, !ring
    // expected-error @+1 {{closes another ticket than was acquired}}
    tile.commit %ch[%t1]
  }
  tile.return
}

// -----

!ring = !tile.ring<2 x 64x64xbf16>

tile.kernel @not_closed(%a: !tile.view<?x?xbf16> {tile.access = #tile.access<in>}) attributes {phase = #tile.phase<pipelined>, target = "sm_90a", num_warps = 4 : i64} {
  %c0 = arith.constant 0 : index
  %t0 = arith.constant 0 : i32
  %r = tile.ring : !ring
  %ch = tile.channel %r : !ring
  tile.producer {
    // expected-error @+1 {{is followed by no 'tile.commit' of its ticket}}
    tile.acquire %ch[%t0]
    tile.copy_async %a[%c0 +: 64, %c0 +: 64], %r[%t0] {binding = #tile.binding<tensor, bytes = 16>} : !tile.view<?x?xbf16>, !ring
  }
  tile.return
}

// -----

!ring = !tile.ring<2 x 64x64xbf16>

tile.kernel @closed_twice(%a: !tile.view<?x?xbf16> {tile.access = #tile.access<in>}) attributes {phase = #tile.phase<pipelined>, target = "sm_90a", num_warps = 4 : i64} {
  %c0 = arith.constant 0 : index
  %t0 = arith.constant 0 : i32
  %r = tile.ring : !ring
  %ch = tile.channel %r : !ring
  tile.producer {
    tile.acquire %ch[%t0]
    tile.copy_async %a[%c0 +: 64, %c0 +: 64], %r[%t0] {binding = #tile.binding<tensor, bytes = 16>} : !tile.view<?x?xbf16>, !ring
    tile.commit %ch[%t0]
    // expected-error @+1 {{closes a ticket that was not acquired in the same place}}
    tile.commit %ch[%t0]
  }
  tile.return
}

// -----

tile.kernel @second_producer() attributes {phase = #tile.phase<pipelined>, target = "sm_90a", num_warps = 4 : i64} {
  tile.producer {
  }
  // expected-error @+1 {{is the second of its kernel}}
  tile.producer {
  }
  tile.return
}

// -----

tile.kernel @before(%c: !tile.view<?xf32> {tile.access = #tile.access<out>}, %x: f32) attributes {phase = #tile.phase<pipelined>, target = "sm_90a", num_warps = 4 : i64} {
  %c0 = arith.constant 0 : index
  // expected-error @+1 {{stands in front of the 'tile.producer', whose threads are not the program's}}
  tile.store %x, %c[%c0] : f32, !tile.view<?xf32>
  tile.producer {
  }
  tile.return
}
