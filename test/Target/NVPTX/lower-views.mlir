// RUN: tile-opt %s --tile-print-ptx=lines=false -o /dev/null | FileCheck %s
// RUN: tile-opt %s --tile-lower-to-nvptx | FileCheck %s --check-prefix=LLVM
// LLVM-NOT: {{(arith|scf|cf|math|tile|builtin)\.[a-z]}}
// LLVM: llvm.func @aligned
// LLVM-NOT: {{(arith|scf|cf|math|tile|builtin)\.[a-z]}}

#wide = #tile.facts<unit_axis = 0, align = 16, extent_align = 16, index32 = true>
#v4 = #tile.layout<512, register = [[1], [2], [256]], lane = [[4], [8], [16], [32], [64]], warp = [[128]]>

// Pieces of 16 bytes, one test and one address for each; padding is what the registers hold before.
// CHECK-LABEL: .entry aligned
// CHECK: max.s64
// CHECK: setp.lt.u32 [[IN:%p[0-9]+]], %r{{[0-9]+}}, %r{{[0-9]+}};
// CHECK: mov.b32 [[R:%r[0-9]+]], 0xFF800000; {{.*}} @[[IN]] ld.global.nc.v4.b32 {[[R]], {{.*}}}, [[[A:%rd[0-9]+]]];
// CHECK: @%p{{[0-9]+}} ld.global.nc.v4.b32 {{{.*}}}, [[[A]] + 1024];
// CHECK: @%p{{[0-9]+}} st.global.v4.b32 [[[B:%rd[0-9]+]]], {{{.*}}};
// CHECK: @%p{{[0-9]+}} st.global.v4.b32 [[[B]] + 1024], {{{.*}}};
// CHECK-NOT: .global
tile.kernel @aligned(%a: !tile.view<?xf32> {tile.access = #tile.access<in>, tile.facts = #wide},
                     %b: !tile.view<?xf32> {tile.access = #tile.access<out>, tile.facts = #wide})
    attributes {phase = #tile.phase<synchronised>, target = "sm_80", num_warps = 2, shared_bytes = 0} {
  %p = tile.program_id 0
  %c512 = arith.constant 512 : index
  %i = arith.muli %p, %c512 : index
  %x = tile.load %a[%i +: 512] pad 0xFF800000 : f32 {binding = #tile.binding<direct, bytes = 16>} : !tile.view<?xf32> -> tensor<512xf32, #v4>
  tile.store %x, %b[%i +: 512] {binding = #tile.binding<direct, bytes = 16>} : tensor<512xf32, #v4>, !tile.view<?xf32>
  tile.return
}

#h8 = #tile.layout<16x64, register = [[0, 1], [0, 2], [0, 4]], lane = [[0, 8], [0, 16], [0, 32], [1, 0], [2, 0]], warp = [[4, 0], [8, 0]]>
#rows = #tile.facts<unit_axis = 1, align = 16, extent_align = 16, index32 = true>

// Halves stay packed two by two; what the loop's end makes certain is not tested.
// CHECK-LABEL: .entry halves
// CHECK: ld.global.nc.v4.b32 {[[R:%r[0-9]+]], {{.*}}}, [{{%rd[0-9]+}}];
// CHECK: add.rn.f16x2 {{%r[0-9]+}}, [[R]], [[R]];
// CHECK: st.global.v4.b32
tile.kernel @halves(%a: !tile.view<16x128xf16> {tile.access = #tile.access<in>, tile.facts = #rows},
                    %b: !tile.view<16x128xf16> {tile.access = #tile.access<out>, tile.facts = #rows})
    attributes {phase = #tile.phase<synchronised>, target = "sm_80", num_warps = 4, shared_bytes = 0} {
  %c0 = arith.constant 0 : index
  %c64 = arith.constant 64 : index
  %c128 = arith.constant 128 : index
  scf.for %k = %c0 to %c128 step %c64 {
    %x = tile.load %a[%c0 +: 16, %k +: 64] {binding = #tile.binding<direct, bytes = 16>} : !tile.view<16x128xf16> -> tensor<16x64xf16, #h8>
    %y = arith.addf %x, %x : tensor<16x64xf16, #h8>
    tile.store %y, %b[%c0 +: 16, %k +: 64] {binding = #tile.binding<direct, bytes = 16>} : tensor<16x64xf16, #h8>, !tile.view<16x128xf16>
  }
  tile.return
}

#copies = #tile.layout<32, register = [[0]], lane = [[1], [2], [4], [8], [0]], warp = [[16], [0]]>

// Of the threads and registers that hold the same element one stores it; a scalar is stored by the first thread. A bool is a byte.
// CHECK-LABEL: .entry copies
// CHECK: ld.global.b8
// CHECK-NOT: ld.global
// CHECK: and.b32 [[T:%r[0-9]+]], %r{{[0-9]+}}, 80;
// CHECK: setp.eq.b32 {{%p[0-9]+}}, [[T]], 0;
// CHECK: st.global.b8
// CHECK: st.global.b8
// CHECK-NOT: st.global
tile.kernel @copies(%a: !tile.view<?xi1> {tile.access = #tile.access<inout>}, %flag: i1)
    attributes {phase = #tile.phase<synchronised>, target = "sm_80", num_warps = 4, shared_bytes = 0} {
  %c0 = arith.constant 0 : index
  %x = tile.load %a[%c0 +: 32] : !tile.view<?xi1> -> tensor<32xi1, #copies>
  %f = tensor.splat %flag : tensor<32xi1, #copies>
  %y = arith.xori %x, %f : tensor<32xi1, #copies>
  tile.store %y, %a[%c0 +: 32] : tensor<32xi1, #copies>, !tile.view<?xi1>
  tile.store %flag, %a[%c0] : i1, !tile.view<?xi1>
  tile.return
}

#e1 = #tile.layout<32, register = [], lane = [[1], [2], [4], [8], [16]], warp = []>

// An offset that may be negative has two ends to test; elements of 8 bytes at any stride go one by one, with addresses of 64 bits.
// CHECK-LABEL: .entry anywhere
// CHECK: sub.s32 [[C:%r[0-9]+]]
// CHECK: setp.lt.u32 {{%p[0-9]+}}, [[C]]
// CHECK: ld.global.nc.b64
// CHECK: mul.lo.s64
// CHECK: st.global.b64
tile.kernel @anywhere(%a: !tile.view<?xf64> {tile.access = #tile.access<in>}, %b: !tile.view<?xf64> {tile.access = #tile.access<out>}, %n: index)
    attributes {phase = #tile.phase<synchronised>, target = "sm_80", num_warps = 1, shared_bytes = 0} {
  %c0 = arith.constant 0 : index
  %e = tile.extent %a, 0 : !tile.view<?xf64>
  %part = tile.subview %a[%n to %e] : !tile.view<?xf64> -> !tile.view<?xf64>
  %x = tile.load %part[%n +: 32] : !tile.view<?xf64> -> tensor<32xf64, #e1>
  tile.store %x, %b[%c0 +: 32] : tensor<32xf64, #e1>, !tile.view<?xf64>
  tile.return
}
