// The whole way to the LLVM dialect leaves nothing of the others.
// RUN: tile-opt %s --tile-lower-to-cpu | FileCheck %s
// RUN: tile-opt %s --tile-lower-to-cpu=late=true | FileCheck %s

// CHECK-NOT: {{(arith|scf|cf|func|math|vector|tile|builtin)\.[a-z]}}
// CHECK: llvm.func @tile_entry(%{{.*}}: !llvm.ptr {llvm.noalias}, %{{.*}}: !llvm.ptr {llvm.noalias}, %{{.*}}: i64, %{{.*}}: i64, %{{.*}}: !llvm.ptr {llvm.noalias})
// CHECK-NOT: {{(arith|scf|cf|func|math|vector|tile|builtin)\.[a-z]}}
tile.kernel @sum(%a: !tile.view<?xbf16> {tile.access = #tile.access<in>, tile.facts = #tile.facts<unit_axis = 0>},
                 %b: !tile.view<?xbf16> {tile.access = #tile.access<out>, tile.facts = #tile.facts<unit_axis = 0>}, %s: bf16, %p: i1)
    attributes {phase = #tile.phase<pipelined>, target = "cpu"} {
  %c0 = arith.constant 0 : index
  %c64 = arith.constant 64 : index
  %n = tile.extent %a, 0 : !tile.view<?xbf16>
  scf.for %i = %c0 to %n step %c64 {
    %x = tile.load %a[%i +: 64] : !tile.view<?xbf16> -> tensor<64xbf16>
    %r = tensor.splat %s : tensor<64xbf16>
    %y = arith.mulf %x, %r : tensor<64xbf16>
    %q = math.sqrt %y : tensor<64xbf16>
    scf.if %p {
      tile.store %q, %b[%i +: 64] : tensor<64xbf16>, !tile.view<?xbf16>
    }
    %m = tile.reduce argmax %y, 0 : tensor<64xbf16> -> index
    %k = arith.floordivsi %m, %c64 : index
    tile.print "{}" (%k) : index
  }
  tile.return
}
