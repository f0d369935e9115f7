// A bf16 becomes an f32 in one instruction on the word it came in, and one test says of a whole piece whether it is inside.
// RUN: tile-opt %s --tile-print-ptx=lines=false -o /dev/null > %t.ptx
// RUN: FileCheck %s < %t.ptx

#l = #tile.layout<256, register = [[1], [2], [4]], lane = [[8], [16], [32], [64], [128]], warp = []>
#facts = #tile.facts<unit_axis = 0, align = 16, extent_align = 16, index32 = true>
#narrow = #tile.facts<unit_axis = 0, align = 16, extent_align = 4, index32 = true>

// CHECK-LABEL: .entry whole
// CHECK: setp.lt.u32 [[IN:%p[0-9]+]]
// CHECK: @[[IN]] ld.global.nc.v4.b32
// CHECK-NOT: setp
// CHECK-NOT: cvt.f32.bf16
// CHECK: shl.b32 %{{r[0-9]+}}, [[WORD:%r[0-9]+]], 16;
// CHECK: and.b32 %{{r[0-9]+}}, [[WORD]], -65536;
// CHECK-COUNT-8: selp.b32 %{{r[0-9]+}}, %{{r[0-9]+}}, 1065353216, [[IN]];
// CHECK-NOT: cvt.f32.bf16
// CHECK: ret;
tile.kernel @whole(%a: !tile.view<?xbf16> {tile.access = #tile.access<in>, tile.facts = #facts},
                   %o: !tile.view<256xf32> {tile.access = #tile.access<out>, tile.facts = #facts})
    attributes {phase = #tile.phase<synchronised>, target = "sm_80", num_warps = 1, shared_bytes = 0} {
  %c0 = arith.constant 0 : index
  %one = arith.constant dense<1.0> : tensor<256xf32, #l>
  %x = tile.load %a[%c0 +: 256] {binding = #tile.binding<direct, bytes = 16>} : !tile.view<?xbf16> -> tensor<256xbf16, #l>
  %in = tile.inside %a[%c0 +: 256] : !tile.view<?xbf16> -> tensor<256xi1, #l>
  %w = arith.extf %x : tensor<256xbf16, #l> to tensor<256xf32, #l>
  %y = arith.select %in, %w, %one : tensor<256xi1, #l>, tensor<256xf32, #l>
  tile.store %y, %o[%c0 +: 256] : tensor<256xf32, #l>, !tile.view<256xf32>
  tile.return
}

// Pieces of 4 bytes: four tests.
// CHECK-LABEL: .entry pairs
// CHECK-COUNT-4: setp.lt.u32
// CHECK-NOT: setp.lt.u32
// CHECK: ret;
tile.kernel @pairs(%a: !tile.view<?xbf16> {tile.access = #tile.access<in>, tile.facts = #narrow},
                   %o: !tile.view<256xf32> {tile.access = #tile.access<out>, tile.facts = #facts})
    attributes {phase = #tile.phase<synchronised>, target = "sm_80", num_warps = 1, shared_bytes = 0} {
  %c0 = arith.constant 0 : index
  %one = arith.constant dense<1.0> : tensor<256xf32, #l>
  %zero = arith.constant dense<0.0> : tensor<256xf32, #l>
  %in = tile.inside %a[%c0 +: 256] : !tile.view<?xbf16> -> tensor<256xi1, #l>
  %y = arith.select %in, %zero, %one : tensor<256xi1, #l>, tensor<256xf32, #l>
  tile.store %y, %o[%c0 +: 256] : tensor<256xf32, #l>, !tile.view<256xf32>
  tile.return
}
