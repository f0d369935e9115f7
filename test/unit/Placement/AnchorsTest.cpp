//===- AnchorsTest.cpp - The layouts of accesses and accumulators --*- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "tile/Placement/Anchors.h"
#include "tile/Placement/Rules.h"

#include <gtest/gtest.h>

using namespace tile::layout;
using namespace tile::placement;

namespace {

AccessShape access(llvm::ArrayRef<unsigned> bits, unsigned unitAxis, int64_t elementBytes, int64_t bytes) {
  return {llvm::SmallVector<unsigned>(bits), unitAxis, true, elementBytes, bytes};
}

TEST(Anchors, AccessesAreWideAndNeighboursAreNeighbours) {
  for (unsigned unit : {0u, 1u})
    for (bool across : {false, true}) {
      LinearLayout layout = coalescedAccess(access({7, 7}, unit, 2, 16), 2, across);
      EXPECT_TRUE(layout.isSurjective());
      EXPECT_TRUE(layout.isInjective());
      EXPECT_EQ(layout.contiguous(Dim::Register, axis(unit)), 8u);
      EXPECT_EQ(layout.column(Dim::Lane, 0), layout.out().pack(axis(unit), 8));
    }
}

TEST(Anchors, SmallTilesAreDealtOutToAllThreads) {
  // 256 elements and 128 threads: two to each, though sixteen bytes would hold eight.
  LinearLayout layout = coalescedAccess(access({8}, 0, 2, 16), 2);
  EXPECT_EQ(layout.contiguous(Dim::Register, axis(0)), 2u);
  EXPECT_TRUE(layout.isInjective());
  // 16 elements: copies.
  layout = coalescedAccess(access({4}, 0, 2, 16), 2);
  EXPECT_TRUE(layout.isSurjective());
  EXPECT_EQ(layout.in().bits(Dim::Register), 0u);
  EXPECT_EQ(layout.redundantBits(Dim::Warp), 3u);
}

TEST(Anchors, RowsStayInWarpsWhenThereAreEnough) {
  LinearLayout wide = coalescedAccess(access({4, 10}, 1, 4, 16), 2);
  EXPECT_TRUE(runsOver(wide, Dim::Warp, 1));
  LinearLayout rows = coalescedAccess(access({4, 10}, 1, 4, 16), 2, true);
  EXPECT_FALSE(runsOver(rows, Dim::Warp, 1));
  EXPECT_TRUE(rows.isInjective());
  // Two rows for four warps: each row has two.
  rows = coalescedAccess(access({1, 10}, 1, 4, 16), 2, true);
  EXPECT_TRUE(rows.isInjective());
  EXPECT_TRUE(runsOver(rows, Dim::Warp, 0) && runsOver(rows, Dim::Warp, 1));
}

TEST(Anchors, CyclesCountSectors) {
  AccessShape wide = access({7, 7}, 1, 2, 16);
  LinearLayout coalesced = coalescedAccess(wide, 2);
  // 64 instructions of 512 bytes.
  EXPECT_EQ(accessCycles(wide, coalesced, true), 64 * (16 + 2));
  // The accumulator of mma.sync: 4 bytes a lane, 16 to a row, half a sector each.
  LinearLayout fragments = mmaTile(MmaOperand::Accumulator, {7, 7}, 2, 1, 1);
  EXPECT_EQ(accessCycles(wide, fragments, true), 4 * 64 * (8 + 2));
  // Down the rows, only the two lanes that hold one column share a sector.
  EXPECT_EQ(accessCycles(access({7, 7}, 0, 2, 2), coalesced, false), 4 * 128 * (16 + 2));
  // Copies of a tile in other warps are loaded, and not stored.
  AccessShape small = access({5}, 0, 4, 4);
  LinearLayout copies = coalescedAccess(small, 2);
  EXPECT_EQ(accessCycles(small, copies, false), 4 * accessCycles(small, copies, true));
}

TEST(Anchors, WarpgroupsHoldSixteenRowsAWarp) {
  for (unsigned warps = 2; warps <= 4; ++warps)
    for (unsigned m = 6; m <= 8; ++m)
      for (unsigned n = 3; n <= 9; ++n) {
        LinearLayout layout = warpgroupAccumulator({m, n}, warps);
        EXPECT_TRUE(layout.isSurjective()) << m << ' ' << n << ' ' << warps;
        EXPECT_EQ(layout.in().bits(Dim::Lane), 5u);
        EXPECT_EQ(layout.in().bits(Dim::Warp), warps);
        EXPECT_EQ(layout.column(Dim::Warp, 0), layout.out().pack(axis(0), 16));
        EXPECT_EQ(layout.column(Dim::Warp, 1), layout.out().pack(axis(0), 32));
        // The next column, eight rows below, and then along the row.
        EXPECT_EQ(layout.column(Dim::Register, 0), layout.out().pack(axis(1), 1));
        EXPECT_EQ(layout.column(Dim::Register, 1), layout.out().pack(axis(0), 8));
      }
  // More warps take more rows, and columns where there are none; what they leave comes last in a thread's registers.
  LinearLayout rows = warpgroupAccumulator({8, 5}, 3);
  EXPECT_EQ(rows.column(Dim::Warp, 2), rows.out().pack(axis(0), 64));
  EXPECT_EQ(rows.column(Dim::Register, 2), rows.out().pack(axis(1), 8));
  EXPECT_EQ(rows.column(Dim::Register, 4), rows.out().pack(axis(0), 128));
  LinearLayout columns = warpgroupAccumulator({6, 7}, 3);
  EXPECT_EQ(columns.column(Dim::Warp, 2), columns.out().pack(axis(1), 64));
  // Too few of both: copies.
  EXPECT_EQ(warpgroupAccumulator({6, 3}, 3).redundantBits(Dim::Warp), 4u);
}

TEST(Anchors, WarpgroupsWriteSwizzledMemoryWithoutConflicts) {
  LinearLayout sum = warpgroupAccumulator({7, 8}, 3);
  for (unsigned bits : {4u, 5u, 6u})
    EXPECT_EQ(wavefronts(warpgroupAccumulator({7, bits}, 3), swizzledShared({7, bits}, 1, 2, 2u << bits), 2, 2), 1u);
  // Elements of 4 bytes: two pieces to a row, and pairs of rows exchange theirs. Twice as many as their bytes need.
  EXPECT_EQ(wavefronts(sum, swizzledShared({7, 8}, 1, 4, 128), 4, 2), 4u);
  EXPECT_TRUE(isMatrixAccess(sum, swizzledShared({7, 8}, 1, 2, 128), 2));
}

TEST(Anchors, BlocksOfAnAccumulatorCoverIt) {
  for (unsigned warps = 0; warps <= 4; ++warps)
    for (unsigned m = 0; m <= 8; ++m)
      for (unsigned n = 0; n <= 8; ++n) {
        LinearLayout layout = blockedAccumulator({m, n}, warps);
        EXPECT_TRUE(layout.isSurjective()) << m << ' ' << n << ' ' << warps;
        EXPECT_EQ(layout.in().bits(Dim::Lane), 5u);
        EXPECT_EQ(layout.in().bits(Dim::Warp), warps);
        // No thread has copies of its own, and no thread is idle while others have more than one element.
        EXPECT_EQ(layout.in().bits(Dim::Register), m + n > 5 + warps ? m + n - 5 - warps : 0)
            << m << ' ' << n << ' ' << warps;
      }
}

TEST(Anchors, LargeBlocksAreAboutSquare) {
  LinearLayout layout = blockedAccumulator({7, 7}, 3);
  unsigned along[2] = {0, 0};
  for (unsigned bit = 0; bit < layout.in().bits(Dim::Register); ++bit)
    for (unsigned index : {0u, 1u})
      along[index] += layout.out().unpack(axis(index), layout.column(Dim::Register, bit)) != 0;
  EXPECT_EQ(along[0] + along[1], 6u);
  EXPECT_LE(along[0], along[1] + 1);
  EXPECT_LE(along[1], along[0] + 1);
  EXPECT_EQ(layout.contiguous(Dim::Register, axis(1)), 4u);
}

} // namespace
