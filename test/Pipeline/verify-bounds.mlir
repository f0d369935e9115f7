// Loops that share an upper bound: whether an iteration exists is answered alike for all of them.
// RUN: tile-opt %s --split-input-file --pass-pipeline='builtin.module(tile-pipeline{target=cpu})' | FileCheck %s

// CHECK-LABEL: tile.kernel @other_step
// CHECK: phase = #tile.phase<pipelined>
tile.kernel @other_step(%a: !tile.view<?xf32> {tile.access = #tile.access<in>}, %b: !tile.view<?xf32> {tile.access = #tile.access<out>},
                        %n: index) attributes {phase = #tile.phase<tile>} {
  %c0 = arith.constant 0 : index
  %c64 = arith.constant 64 : index
  %c128 = arith.constant 128 : index
  tile.for %i = %c0 to %n step %c128 stages(1) {
    %x = tile.load %a[%i +: 64] : !tile.view<?xf32> -> tensor<64xf32>
    tile.store %x, %b[%i +: 64] : tensor<64xf32>, !tile.view<?xf32>
  }
  tile.for %i = %c0 to %n step %c64 stages(3) {
    %x = tile.load %a[%i +: 64] : !tile.view<?xf32> -> tensor<64xf32>
    tile.store %x, %b[%i +: 64] : tensor<64xf32>, !tile.view<?xf32>
  }
  tile.return
}

// -----

// CHECK-LABEL: tile.kernel @far_other_step
// CHECK: phase = #tile.phase<pipelined>
tile.kernel @far_other_step(%a: !tile.view<?xf32> {tile.access = #tile.access<in>}, %b: !tile.view<?xf32> {tile.access = #tile.access<out>},
                            %n: index) attributes {phase = #tile.phase<tile>} {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c4096 = arith.constant 4096 : index
  tile.for %i = %c0 to %n step %c4096 stages(3) {
    %x = tile.load %a[%i +: 4096] : !tile.view<?xf32> -> tensor<4096xf32>
    tile.store %x, %b[%i +: 4096] : tensor<4096xf32>, !tile.view<?xf32>
  }
  tile.for %i = %c0 to %n step %c1 stages(2) {
    %x = tile.load %a[%i +: 64] : !tile.view<?xf32> -> tensor<64xf32>
    tile.store %x, %b[%i +: 64] : tensor<64xf32>, !tile.view<?xf32>
  }
  tile.return
}

// -----

// CHECK-LABEL: tile.kernel @triangle
// CHECK: phase = #tile.phase<pipelined>
tile.kernel @triangle(%a: !tile.view<?xf32> {tile.access = #tile.access<in>}, %b: !tile.view<?xf32> {tile.access = #tile.access<out>},
                      %n: index) attributes {phase = #tile.phase<tile>} {
  %c0 = arith.constant 0 : index
  %c64 = arith.constant 64 : index
  tile.for %i = %c0 to %n step %c64 stages(2) {
    %y = tile.load %a[%i +: 64] : !tile.view<?xf32> -> tensor<64xf32>
    tile.for %j = %i to %n step %c64 stages(3) {
      %x = tile.load %a[%j +: 64] : !tile.view<?xf32> -> tensor<64xf32>
      %s = arith.addf %x, %y : tensor<64xf32>
      tile.store %s, %b[%j +: 64] : tensor<64xf32>, !tile.view<?xf32>
    }
  }
  tile.return
}

// -----

// CHECK-LABEL: tile.kernel @other_start
// CHECK: phase = #tile.phase<pipelined>
tile.kernel @other_start(%a: !tile.view<?xf32> {tile.access = #tile.access<in>}, %b: !tile.view<?xf32> {tile.access = #tile.access<out>},
                         %n: index, %lo: index, %step: index) attributes {phase = #tile.phase<tile>} {
  %c0 = arith.constant 0 : index
  %c64 = arith.constant 64 : index
  tile.for %i = %c0 to %n step %c64 stages(2) {
    %x = tile.load %a[%i +: 64] : !tile.view<?xf32> -> tensor<64xf32>
    tile.store %x, %b[%i +: 64] : tensor<64xf32>, !tile.view<?xf32>
  }
  tile.for %i = %c64 to %n step %c64 stages(3) {
    %x = tile.load %a[%i +: 64] : !tile.view<?xf32> -> tensor<64xf32>
    tile.store %x, %b[%i +: 64] : tensor<64xf32>, !tile.view<?xf32>
  }
  tile.for %i = %lo to %n step %step stages(4) {
    %x = tile.load %a[%i +: 64] : !tile.view<?xf32> -> tensor<64xf32>
    tile.store %x, %b[%i +: 64] : tensor<64xf32>, !tile.view<?xf32>
  }
  tile.return
}
