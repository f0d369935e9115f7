// Profilers see the lines of the source.
// RUN: tile-opt %s --tile-print-ptx -o /dev/null > %t.ptx
// RUN: FileCheck %s < %t.ptx
// REQUIRES: ptxas
// RUN: ptxas -arch=sm_80 -lineinfo %t.ptx -o %t.cubin

// CHECK: .target sm_80
// CHECK-NOT: debug
// CHECK: .loc [[F:[0-9]+]] 7 5
// CHECK: .file [[F]] "{{.*}}copy.tile"
#l = #tile.layout<64, register = [[32]], lane = [[1], [2], [4], [8], [16]], warp = []>
tile.kernel @lines(%a: !tile.view<?xf32> {tile.access = #tile.access<in>}, %b: !tile.view<?xf32> {tile.access = #tile.access<out>})
    attributes {phase = #tile.phase<synchronised>, target = "sm_80", num_warps = 1, shared_bytes = 0} {
  %c0 = arith.constant 0 : index loc("copy.tile":6:1)
  %x = tile.load %a[%c0 +: 64] : !tile.view<?xf32> -> tensor<64xf32, #l> loc("copy.tile":7:5)
  tile.store %x, %b[%c0 +: 64] : tensor<64xf32, #l>, !tile.view<?xf32> loc("copy.tile":8:5)
  tile.return loc("copy.tile":9:1)
} loc("copy.tile":5:1)
