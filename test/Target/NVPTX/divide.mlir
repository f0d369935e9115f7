// Many quotients by one divisor: what they have in common is done once, and one test decides for all of a thread's.
// RUN: tile-opt %s --tile-print-ptx=lines=false -o /dev/null > %t.ptx
// RUN: FileCheck %s < %t.ptx

#l8 = #tile.layout<256, register = [[1], [2], [4]], lane = [[8], [16], [32], [64], [128]], warp = []>
#l2 = #tile.layout<64, register = [[1]], lane = [[2], [4], [8], [16], [32]], warp = []>
#facts = #tile.facts<unit_axis = 0, align = 16, extent_align = 16, index32 = true>

// CHECK-LABEL: .entry shared
// Sizes within bounds, else zeros and positive numbers within bounds, else the long way.
// CHECK-COUNT-7: min.f32
// CHECK-COUNT-7: max.f32
// CHECK: rcp.rn.f32 [[HIGH:%r[0-9]+]], [[B:%r[0-9]+]];
// CHECK: neg.f32 [[MINUS:%r[0-9]+]], [[B]];
// CHECK: fma.rn.f32 [[E:%r[0-9]+]], [[MINUS]], [[HIGH]], 0f3F800000;
// CHECK: mul.rn.f32 [[LOW:%r[0-9]+]], [[E]], [[HIGH]];
// CHECK: mul.rn.f32 [[C:%r[0-9]+]], [[LOW]], [[A:%r[0-9]+]];
// CHECK: fma.rn.f32 [[Q:%r[0-9]+]], [[A]], [[HIGH]], [[C]];
// CHECK: fma.rn.f32 [[R:%r[0-9]+]], [[MINUS]], [[Q]], [[A]];
// CHECK: fma.rn.f32 %{{r[0-9]+}}, [[R]], [[HIGH]], [[Q]];
// CHECK-NOT: rcp
// CHECK-COUNT-8: div.rn.f32
// CHECK-NOT: div.rn
tile.kernel @shared(%a: !tile.view<?xf32> {tile.access = #tile.access<in>, tile.facts = #facts}, %b: f32,
                    %o: !tile.view<?xf32> {tile.access = #tile.access<out>, tile.facts = #facts})
    attributes {phase = #tile.phase<synchronised>, target = "sm_80", num_warps = 1, shared_bytes = 0} {
  %c0 = arith.constant 0 : index
  %x = tile.load %a[%c0 +: 256] : !tile.view<?xf32> -> tensor<256xf32, #l8>
  %s = tensor.splat %b : tensor<256xf32, #l8>
  %y = arith.divf %x, %s : tensor<256xf32, #l8>
  tile.store %y, %o[%c0 +: 256] : tensor<256xf32, #l8>, !tile.view<?xf32>
  tile.return
}

// Two are not enough, and what may be approximated is.
// CHECK-LABEL: .entry alone
// CHECK-NOT: rcp.rn
// CHECK-COUNT-2: div.rn.f32
// CHECK-COUNT-8: div.approx.f32
tile.kernel @alone(%a: !tile.view<?xf32> {tile.access = #tile.access<in>, tile.facts = #facts}, %b: f32,
                   %o: !tile.view<?xf32> {tile.access = #tile.access<out>, tile.facts = #facts})
    attributes {phase = #tile.phase<synchronised>, target = "sm_80", num_warps = 1, shared_bytes = 0} {
  %c0 = arith.constant 0 : index
  %c1024 = arith.constant 1024 : index
  %x = tile.load %a[%c0 +: 64] : !tile.view<?xf32> -> tensor<64xf32, #l2>
  %s = tensor.splat %b : tensor<64xf32, #l2>
  %y = arith.divf %x, %s : tensor<64xf32, #l2>
  tile.store %y, %o[%c0 +: 64] : tensor<64xf32, #l2>, !tile.view<?xf32>
  %x8 = tile.load %a[%c1024 +: 256] : !tile.view<?xf32> -> tensor<256xf32, #l8>
  %s8 = tensor.splat %b : tensor<256xf32, #l8>
  %y8 = arith.divf %x8, %s8 fastmath<afn> : tensor<256xf32, #l8>
  tile.store %y8, %o[%c1024 +: 256] : tensor<256xf32, #l8>, !tile.view<?xf32>
  tile.return
}
