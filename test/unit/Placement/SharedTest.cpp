//===- SharedTest.cpp - What a kernel needs of shared memory -------*- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "tile/Placement/Shared.h"

#include <mlir/IR/BuiltinOps.h>
#include <mlir/Parser/Parser.h>

#include <gtest/gtest.h>

using namespace mlir;
using namespace tile;
using namespace tile::placement;

namespace {

/// A loop over a ring of `depth` tiles of 32 KiB, each of which changes hands between warps.
std::string stream(int depth, llvm::StringRef target) {
  std::string ring = "!tile.ring<" + std::to_string(depth) + " x 128x64xf32, #tile.swizzle<unit = 1, span = 128>>";
  std::string slot = "!tile.slot<128x64xf32, #tile.swizzle<unit = 1, span = 128>>";
  return R"(
#l = #tile.layout<128x64, register = [[0, 1], [0, 2], [0, 4], [16, 0], [32, 0], [64, 0]],
                  lane = [[0, 8], [0, 16], [0, 32], [1, 0], [2, 0]], warp = [[4, 0], [8, 0]]>
#t = #tile.layout<128x64, register = [[0, 8], [0, 16], [0, 32], [16, 0], [32, 0], [64, 0]],
                  lane = [[0, 1], [0, 2], [0, 4], [4, 0], [8, 0]], warp = [[1, 0], [2, 0]]>
tile.kernel @stream(%a: !tile.view<?x?xf32> {tile.access = #tile.access<in>},
                    %c: !tile.view<?x?xf32> {tile.access = #tile.access<out>})
    attributes {phase = #tile.phase<placed>, target = ")" +
         target.str() + R"(", num_warps = 4} {
  %r = tile.ring : )" +
         ring + R"(
  %ch = tile.channel %r : )" +
         ring + R"(
  %t0 = arith.constant 0 : i32
  %t1 = arith.constant 1 : i32
  %c0 = arith.constant 0 : index
  %c64 = arith.constant 64 : index
  %n = tile.extent %a, 1 : !tile.view<?x?xf32>
  %u = scf.for %i = %c0 to %n step %c64 iter_args(%t = %t0) -> (i32) {
    tile.acquire %ch[%t]
    tile.copy_async %a[%c0 +: 128, %i +: 64], %r[%t] : !tile.view<?x?xf32>, )" +
         ring + R"(
    tile.commit %ch[%t]
    tile.await %ch[%t]
    %s = tile.slot %r[%t] : )" +
         ring + " -> " + slot + R"(
    %x = tile.read %s : )" +
         slot + R"( -> tensor<128x64xf32, #l>
    tile.release %ch[%t]
    %y = tile.convert_layout %x : tensor<128x64xf32, #l> -> tensor<128x64xf32, #t>
    tile.store %y, %c[%c0 +: 128, %i +: 64] : tensor<128x64xf32, #t>, !tile.view<?x?xf32>
    %next = arith.addi %t, %t1 : i32
    scf.yield %next : i32
  }
  tile.return
})";
}

/// A loop over a ring of `depth` tiles of 32 KiB that a producer fills, the last of which is stored by tensor copies.
std::string tensorStream(int depth, llvm::StringRef target) {
  std::string ring = "!tile.ring<" + std::to_string(depth) + " x 128x64xf32, #tile.swizzle<unit = 1, span = 128>>";
  return R"(
#l = #tile.layout<128x64, register = [[0, 1], [0, 2], [0, 4], [16, 0], [32, 0], [64, 0]],
                  lane = [[0, 8], [0, 16], [0, 32], [1, 0], [2, 0]], warp = [[4, 0], [8, 0]]>
!ring = )" +
         ring +
         R"(
!slot = !tile.slot<128x64xf32, #tile.swizzle<unit = 1, span = 128>>
tile.kernel @stream(%a: !tile.view<?x?xf32> {tile.access = #tile.access<in>},
                    %c: !tile.view<?x?xf32> {tile.access = #tile.access<out>, tile.facts = #tile.facts<unit_axis = 1>})
    attributes {phase = #tile.phase<placed>, target = ")" +
         target.str() + R"(", num_warps = 4} {
  %r = tile.ring : !ring
  %ch = tile.channel %r : !ring
  %t0 = arith.constant 0 : i32
  %t1 = arith.constant 1 : i32
  %c0 = arith.constant 0 : index
  %c64 = arith.constant 64 : index
  %n = tile.extent %a, 1 : !tile.view<?x?xf32>
  tile.producer {
    %u = scf.for %i = %c0 to %n step %c64 iter_args(%t = %t0) -> (i32) {
      tile.acquire %ch[%t]
      tile.copy_async %a[%c0 +: 128, %i +: 64], %r[%t] {binding = #tile.binding<tensor, bytes = 16>}
        : !tile.view<?x?xf32>, !ring
      tile.commit %ch[%t]
      %next = arith.addi %t, %t1 : i32
      scf.yield %next : i32
    }
  }
  %zero = arith.constant dense<0.0> : tensor<128x64xf32, #l>
  %last, %u = scf.for %i = %c0 to %n step %c64 iter_args(%y = %zero, %t = %t0) -> (tensor<128x64xf32, #l>, i32) {
    tile.await %ch[%t]
    %s = tile.slot %r[%t] : !ring -> !slot
    %x = tile.read %s : !slot -> tensor<128x64xf32, #l>
    tile.release %ch[%t]
    %next = arith.addi %t, %t1 : i32
    scf.yield %x, %next : tensor<128x64xf32, #l>, i32
  }
  tile.store %last, %c[%c0 +: 128, %c0 +: 64] {binding = #tile.binding<tensor, bytes = 16>}
    : tensor<128x64xf32, #l>, !tile.view<?x?xf32>
  tile.return
})";
}

SharedNeed needOf(int depth, llvm::StringRef target, std::string (*make)(int, llvm::StringRef) = stream) {
  MLIRContext context;
  context.loadDialect<ir::TileDialect, scf::SCFDialect, arith::ArithDialect>();
  auto module = parseSourceString<ModuleOp>(make(depth, target), &context);
  EXPECT_TRUE(module);
  return module ? sharedNeed(*module->getOps<ir::KernelOp>().begin()) : SharedNeed();
}

TEST(Shared, CountsRingsAndScratches) {
  SharedNeed need = needOf(3, "sm_80");
  EXPECT_EQ(need.bytes, 4 * 32768);
  EXPECT_EQ(need.budget, 163 << 10);
  EXPECT_TRUE(need.fits());
  EXPECT_EQ(need.fittingStages, 3);
}

TEST(Shared, SaysWhichStageCountFits) {
  EXPECT_FALSE(needOf(7, "sm_90").fits());
  EXPECT_EQ(needOf(7, "sm_90").fittingStages, 6);
  EXPECT_EQ(needOf(7, "sm_80").fittingStages, 4);
  EXPECT_EQ(needOf(7, "sm_89").fittingStages, 2);
}

TEST(Shared, CountsBarriersAndStoresOfTensorCopies) {
  EXPECT_EQ(needOf(3, "sm_90a", tensorStream).bytes, 4 * 32768 + 3 * 16);
  EXPECT_EQ(needOf(7, "sm_90a", tensorStream).bytes, 8 * 32768 + 7 * 16);
  EXPECT_EQ(needOf(7, "sm_90a", tensorStream).fittingStages, 6);
  // Three stages without such a store rather than two with one.
  EXPECT_EQ(needOf(3, "sm_89", tensorStream).bytes, 3 * 32768 + 3 * 16);
  EXPECT_TRUE(needOf(3, "sm_89", tensorStream).fits());
}

TEST(Shared, SaysWhenNoneDoes) { EXPECT_EQ(needOf(2, "another").fittingStages, 0); }

} // namespace
