// Conversions within a warp: exchanges of registers, shuffles by a distance, shuffles from a lane.
// RUN: tile-opt %s --tile-print-ptx=lines=false -o /dev/null > %t.ptx
// RUN: FileCheck %s < %t.ptx
// RUN: %if ptxas %{ ptxas -arch=sm_80 -v %t.ptx -o %t.cubin 2>&1 | FileCheck %s --check-prefix=ASSEMBLED %}
// ASSEMBLED-COUNT-4: 0 bytes spill stores, 0 bytes spill loads

#a = #tile.layout<128, register = [[1], [2]], lane = [[4], [8], [16], [32], [64]], warp = []>
#registers = #tile.layout<128, register = [[2], [1]], lane = [[4], [8], [16], [32], [64]], warp = []>
#oneBit = #tile.layout<128, register = [[4], [2]], lane = [[1], [8], [16], [32], [64]], warp = []>
#reversed = #tile.layout<128, register = [[1], [2]], lane = [[64], [32], [16], [8], [4]], warp = []>

// CHECK-LABEL: .entry within(
// CHECK-NOT: shfl
// CHECK: ret;
tile.kernel @within(%v: !tile.view<?xf32> {tile.access = #tile.access<in>}, %w: !tile.view<?xf32> {tile.access = #tile.access<out>})
    attributes {phase = #tile.phase<synchronised>, target = "sm_80", num_warps = 1, shared_bytes = 0} {
  %c0 = arith.constant 0 : index
  %x = tile.load %v[%c0 +: 128] {binding = #tile.binding<direct, bytes = 4>} : !tile.view<?xf32> -> tensor<128xf32, #a>
  %y = tile.convert_layout %x : tensor<128xf32, #a> -> tensor<128xf32, #registers>
  tile.store %y, %w[%c0 +: 128] {binding = #tile.binding<direct, bytes = 4>} : tensor<128xf32, #registers>, !tile.view<?xf32>
  tile.return
}

// Half of the registers stay where they are.
// CHECK-LABEL: .entry exchange(
// CHECK-COUNT-2: shfl.sync.bfly.b32 {{.*}}, 1, 31, -1;
// CHECK-NOT: shfl
// CHECK: ret;
tile.kernel @exchange(%v: !tile.view<?xf32> {tile.access = #tile.access<in>}, %w: !tile.view<?xf32> {tile.access = #tile.access<out>})
    attributes {phase = #tile.phase<synchronised>, target = "sm_80", num_warps = 1, shared_bytes = 0} {
  %c0 = arith.constant 0 : index
  %x = tile.load %v[%c0 +: 128] {binding = #tile.binding<direct, bytes = 4>} : !tile.view<?xf32> -> tensor<128xf32, #a>
  %y = tile.convert_layout %x : tensor<128xf32, #a> -> tensor<128xf32, #oneBit>
  tile.store %y, %w[%c0 +: 128] {binding = #tile.binding<direct, bytes = 4>} : tensor<128xf32, #oneBit>, !tile.view<?xf32>
  tile.return
}

// 16-bit elements that go the same way share a word.
// CHECK-LABEL: .entry packed(
// CHECK-COUNT-1: shfl.sync.bfly.b32 {{.*}}, 1, 31, -1;
// CHECK-NOT: shfl
// CHECK: ret;
tile.kernel @packed(%v: !tile.view<?xbf16> {tile.access = #tile.access<in>}, %w: !tile.view<?xbf16> {tile.access = #tile.access<out>})
    attributes {phase = #tile.phase<synchronised>, target = "sm_80", num_warps = 1, shared_bytes = 0} {
  %c0 = arith.constant 0 : index
  %x = tile.load %v[%c0 +: 128] {binding = #tile.binding<direct, bytes = 2>} : !tile.view<?xbf16> -> tensor<128xbf16, #a>
  %y = tile.convert_layout %x : tensor<128xbf16, #a> -> tensor<128xbf16, #oneBit>
  tile.store %y, %w[%c0 +: 128] {binding = #tile.binding<direct, bytes = 2>} : tensor<128xbf16, #oneBit>, !tile.view<?xbf16>
  tile.return
}

// Any permutation of lanes is one shuffle a register; 64 bits are two.
// CHECK-LABEL: .entry permuted(
// CHECK-COUNT-8: shfl.sync.idx.b32 {{.*}}, 31, -1;
// CHECK-NOT: shfl
// CHECK: ret;
tile.kernel @permuted(%v: !tile.view<?xf64> {tile.access = #tile.access<in>}, %w: !tile.view<?xf64> {tile.access = #tile.access<out>})
    attributes {phase = #tile.phase<synchronised>, target = "sm_80", num_warps = 1, shared_bytes = 0} {
  %c0 = arith.constant 0 : index
  %x = tile.load %v[%c0 +: 128] {binding = #tile.binding<direct, bytes = 8>} : !tile.view<?xf64> -> tensor<128xf64, #a>
  %y = tile.convert_layout %x : tensor<128xf64, #a> -> tensor<128xf64, #reversed>
  tile.store %y, %w[%c0 +: 128] {binding = #tile.binding<direct, bytes = 8>} : tensor<128xf64, #reversed>, !tile.view<?xf64>
  tile.return
}
