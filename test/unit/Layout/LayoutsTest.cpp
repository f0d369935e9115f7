//===- LayoutsTest.cpp - The layouts that targets ask for, against their definitions *- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "tile/Layout/Layouts.h"

#include <gtest/gtest.h>

#include <set>

using namespace tile::layout;

namespace {

/// The row and column that a register of a lane of warp 0 holds.
using Place = std::pair<uint64_t, uint64_t>;
Place at(const LinearLayout &layout, unsigned reg, unsigned lane, unsigned warp = 0) {
  uint64_t element = layout.apply(layout.in().pack(Dim::Register, reg) | layout.in().pack(Dim::Lane, lane) |
                                  layout.in().pack(Dim::Warp, warp));
  return {layout.out().unpack(axis(0), element), layout.out().unpack(axis(1), element)};
}

TEST(Layouts, BlockedDealsOutInOrder) {
  // 16 x 64: 4 to a thread along axis 1, lanes 2 x 16, warps 4 x 1.
  LinearLayout layout = blocked({4, 6}, {0, 2}, {1, 4}, {2, 0}, {1, 0});
  for (unsigned reg = 0; reg < 8; ++reg)
    for (unsigned lane = 0; lane < 32; ++lane)
      for (unsigned warp = 0; warp < 4; ++warp) {
        auto [row, column] = at(layout, reg, lane, warp);
        EXPECT_EQ(column, lane % 16 * 4 + reg % 4);
        EXPECT_EQ(row, reg / 4 * 8 + warp * 2 + lane / 16);
      }
  EXPECT_TRUE(layout.isSurjective());
  EXPECT_TRUE(layout.isInjective());
}

TEST(Layouts, BlockedOverASmallTileHoldsCopies) {
  LinearLayout layout = blocked({0, 3}, {0, 1}, {1, 4}, {1, 1}, {1, 0});
  EXPECT_TRUE(layout.isSurjective());
  EXPECT_EQ(layout.redundantBits(Dim::Lane), 0b11100u);
  EXPECT_EQ(layout.redundantBits(Dim::Warp), 0b11u);
}

TEST(Layouts, CoalescedFillsTheUnitAxisFirst) {
  for (unsigned unit : {0u, 1u}) {
    LinearLayout layout = coalesced({7, 6}, unit, 3, 5, 2);
    EXPECT_TRUE(layout.isSurjective());
    EXPECT_EQ(layout.contiguous(Dim::Register, axis(unit)), 8u);
    // Neighbouring lanes hold neighbouring vectors.
    EXPECT_EQ(layout.column(Dim::Lane, 0), layout.out().pack(axis(unit), 8));
  }
}

//===--- Fragments, as the PTX manual writes them down ---===//

TEST(Layouts, AccumulatorOfM16N8) {
  LinearLayout c = mmaFragment(MmaOperand::Accumulator, 4);
  for (unsigned lane = 0; lane < 32; ++lane)
    for (unsigned i = 0; i < 4; ++i) {
      unsigned row = i < 2 ? lane / 4 : lane / 4 + 8;
      EXPECT_EQ(at(c, i, lane), Place(row, lane % 4 * 2 + (i & 1)));
    }
}

TEST(Layouts, OperandAOfM16N8K16) {
  LinearLayout a = mmaFragment(MmaOperand::A, 2);
  for (unsigned lane = 0; lane < 32; ++lane)
    for (unsigned i = 0; i < 8; ++i) {
      unsigned row = (i < 2 || (4 <= i && i < 6)) ? lane / 4 : lane / 4 + 8;
      unsigned column = lane % 4 * 2 + (i & 1) + (i >= 4 ? 8 : 0);
      EXPECT_EQ(at(a, i, lane), Place(row, column)) << i << ' ' << lane;
    }
}

TEST(Layouts, OperandBOfM16N8K16) {
  LinearLayout b = mmaFragment(MmaOperand::B, 2);
  for (unsigned lane = 0; lane < 32; ++lane)
    for (unsigned i = 0; i < 4; ++i) {
      unsigned row = lane % 4 * 2 + (i & 1) + (i >= 2 ? 8 : 0);
      EXPECT_EQ(at(b, i, lane), Place(row, lane / 4));
    }
}

TEST(Layouts, OperandsOfM16N8K8Tf32) {
  LinearLayout a = mmaFragment(MmaOperand::A, 4), b = mmaFragment(MmaOperand::B, 4);
  for (unsigned lane = 0; lane < 32; ++lane) {
    for (unsigned i = 0; i < 4; ++i) {
      unsigned row = (i == 0 || i == 2) ? lane / 4 : lane / 4 + 8;
      EXPECT_EQ(at(a, i, lane), Place(row, lane % 4 + (i >= 2 ? 4 : 0)));
    }
    for (unsigned i = 0; i < 2; ++i)
      EXPECT_EQ(at(b, i, lane), Place(lane % 4 + (i ? 4 : 0), lane / 4));
  }
}

TEST(Layouts, OperandsOfM16N8K32Bytes) {
  LinearLayout a = mmaFragment(MmaOperand::A, 1), b = mmaFragment(MmaOperand::B, 1);
  for (unsigned lane = 0; lane < 32; ++lane) {
    for (unsigned i = 0; i < 16; ++i) {
      unsigned row = (i < 4 || (8 <= i && i < 12)) ? lane / 4 : lane / 4 + 8;
      EXPECT_EQ(at(a, i, lane), Place(row, lane % 4 * 4 + (i & 3) + (i >= 8 ? 16 : 0)));
    }
    for (unsigned i = 0; i < 8; ++i)
      EXPECT_EQ(at(b, i, lane), Place(lane % 4 * 4 + (i & 3) + (i >= 4 ? 16 : 0), lane / 4));
  }
}

TEST(Layouts, OperandsOfM8N8K4Double) {
  LinearLayout a = mmaFragment(MmaOperand::A, 8), b = mmaFragment(MmaOperand::B, 8),
               c = mmaFragment(MmaOperand::Accumulator, 8);
  for (unsigned lane = 0; lane < 32; ++lane) {
    EXPECT_EQ(at(a, 0, lane), Place(lane / 4, lane % 4));
    EXPECT_EQ(at(b, 0, lane), Place(lane % 4, lane / 4));
    for (unsigned i = 0; i < 2; ++i)
      EXPECT_EQ(at(c, i, lane), Place(lane / 4, lane % 4 * 2 + i));
  }
}

TEST(Layouts, MmaTileIsSharedByWarpsThatReadTheSame) {
  LinearLayout a = mmaTile(MmaOperand::A, {7, 5}, 2, 1, 1), b = mmaTile(MmaOperand::B, {5, 7}, 2, 1, 1);
  LinearLayout c = mmaTile(MmaOperand::Accumulator, {7, 7}, 4, 1, 1);
  for (const LinearLayout *layout : {&a, &b, &c})
    EXPECT_TRUE(layout->isSurjective());
  EXPECT_EQ(a.redundantBits(Dim::Warp), 0b10u);
  EXPECT_EQ(b.redundantBits(Dim::Warp), 0b01u);
  EXPECT_TRUE(c.isInjective());
}

//===--- Shared memory ---===//

TEST(Layouts, Swizzle128ExchangesPiecesByRow) {
  // 64 rows of 64 16-bit elements: a row is 128 bytes, its piece p is found at p ^ (row % 8).
  LinearLayout shared = swizzledShared({6, 6}, 1, 2, 128);
  for (uint64_t offset = 0; offset < shared.in().size(); ++offset) {
    uint64_t element = shared.apply(offset), row = offset / 64, piece = offset / 8 % 8;
    EXPECT_EQ(shared.out().unpack(axis(0), element), row);
    EXPECT_EQ(shared.out().unpack(axis(1), element), (piece ^ (row % 8)) * 8 + offset % 8);
  }
  EXPECT_TRUE(shared.isInjective());
}

TEST(Layouts, Swizzle64And32AsTheHardwareDoes) {
  // The exchanged address bits: 4 and 5 by 7 and 8 for 64 bytes, 4 by 7 for 32 bytes; bits 4 to 6 by 7 to 9 for 128.
  for (auto [span, bits] : {std::pair(32u, 1u), std::pair(64u, 2u), std::pair(128u, 3u)}) {
    // 64 rows of 64 16-bit elements, in panels of one span of each row.
    LinearLayout shared = swizzledShared({6, 6}, 1, 2, span);
    for (uint64_t offset = 0; offset < shared.in().size(); ++offset) {
      uint64_t address = offset * 2, from = address >> 7 & ((1u << bits) - 1), plain = address ^ from << 4;
      uint64_t panel = plain / (64 * span), row = plain / span % 64, element = shared.apply(offset);
      EXPECT_EQ(shared.out().unpack(axis(0), element), row) << span;
      EXPECT_EQ(shared.out().unpack(axis(1), element), (panel * span + plain % span) / 2) << span;
    }
  }
}

TEST(Layouts, WavefrontsOfPlainAndSwizzledRows) {
  // Eight rows' 16-byte pieces at one column: all in the same banks when rows are 128 bytes apart, in different ones when swizzled.
  LinearLayout rows = blocked({5, 6}, {0, 3}, {5, 0}, {0, 0}, {1, 0});
  EXPECT_EQ(wavefronts(rows, plainShared({5, 6}, 1), 2, 8), 32u);
  EXPECT_EQ(wavefronts(rows, swizzledShared({5, 6}, 1, 2, 128), 2, 8), 4u);
  // Rows wider than a span, rows of half a span, and columns of the other order are as good.
  LinearLayout wide = blocked({5, 7}, {0, 3}, {5, 0}, {0, 0}, {1, 0});
  EXPECT_EQ(wavefronts(wide, swizzledShared({5, 7}, 1, 2, 128), 2, 8), 4u);
  LinearLayout narrow = blocked({5, 5}, {0, 3}, {5, 0}, {0, 0}, {1, 0});
  EXPECT_EQ(wavefronts(narrow, swizzledShared({5, 5}, 1, 2, 64), 2, 8), 4u);
  LinearLayout columns = blocked({7, 5}, {3, 0}, {0, 5}, {0, 0}, {0, 1});
  EXPECT_EQ(wavefronts(columns, swizzledShared({7, 5}, 0, 2, 128), 2, 8), 4u);
  // A coalesced access never conflicts; lanes that read the same share it.
  LinearLayout coalescedRows = coalesced({5, 6}, 1, 3, 5, 0);
  EXPECT_EQ(wavefronts(coalescedRows, plainShared({5, 6}, 1), 2, 8), 4u);
  LinearLayout same = blocked({0, 3}, {0, 0}, {2, 3}, {0, 0}, {1, 0});
  EXPECT_EQ(wavefronts(same, plainShared({0, 3}, 1), 4, 1), 1u);
}

TEST(Layouts, SharedVectorIsTheWidestOfBoth) {
  EXPECT_EQ(sharedVector(coalesced({5, 6}, 1, 3, 5, 0), plainShared({5, 6}, 1), 2), 8u);
  EXPECT_EQ(sharedVector(coalesced({5, 6}, 1, 3, 5, 0), swizzledShared({5, 6}, 1, 2, 128), 2), 8u);
  EXPECT_EQ(sharedVector(coalesced({5, 6}, 1, 3, 5, 0), plainShared({5, 6}, 1), 4), 4u);
  EXPECT_EQ(sharedVector(coalesced({5, 6}, 0, 3, 5, 0), plainShared({5, 6}, 1), 2), 1u);
}

TEST(Layouts, MatrixAccessOfOperands) {
  LinearLayout shared = swizzledShared({6, 6}, 1, 2, 128);
  EXPECT_TRUE(isMatrixAccess(mmaTile(MmaOperand::A, {6, 6}, 2, 1, 0), shared, 2));
  EXPECT_TRUE(isMatrixAccess(mmaTile(MmaOperand::A, {6, 6}, 2, 1, 0), plainShared({6, 6}, 1), 2));
  // Operand B lies along k, which is the rows here: only the transposing form would do.
  EXPECT_FALSE(isMatrixAccess(mmaTile(MmaOperand::B, {6, 6}, 2, 0, 1), shared, 2));
  LinearLayout columnMajor = swizzledShared({6, 6}, 1, 2, 128).transposed({1, 0});
  EXPECT_TRUE(isMatrixAccess(mmaTile(MmaOperand::B, {6, 6}, 2, 0, 1), columnMajor, 2));
  EXPECT_FALSE(isMatrixAccess(coalesced({6, 6}, 1, 3, 5, 1), shared, 2));
}

//===--- Travel ---===//

/// Whether every element that a place of `to` wants is held by a place of `from` with the same lane and warp, or the same warp.
Travel travelByEnumeration(const LinearLayout &from, const LinearLayout &to) {
  if (from == to)
    return Travel::None;
  auto reached = [&](bool lanes, bool warps) {
    for (uint64_t place = 0; place < to.in().size(); ++place) {
      bool found = false;
      for (uint64_t source = 0; source < from.in().size() && !found; ++source)
        found = from.apply(source) == to.apply(place) &&
                (!lanes || from.in().unpack(Dim::Lane, source) == to.in().unpack(Dim::Lane, place)) &&
                (!warps || from.in().unpack(Dim::Warp, source) == to.in().unpack(Dim::Warp, place));
      if (!found)
        return false;
    }
    return true;
  };
  return reached(true, true) ? Travel::Registers : reached(false, true) ? Travel::Lanes : Travel::Warps;
}

TEST(Layouts, TravelByEnumeration) {
  llvm::SmallVector<LinearLayout> layouts = {
      blocked({4, 4}, {0, 2}, {2, 3}, {1, 0}, {1, 0}), blocked({4, 4}, {0, 2}, {2, 3}, {1, 0}, {0, 1}),
      blocked({4, 4}, {2, 0}, {2, 3}, {1, 0}, {0, 1}), blocked({4, 4}, {1, 1}, {2, 3}, {1, 0}, {1, 0}),
      blocked({4, 4}, {0, 2}, {2, 3}, {0, 1}, {1, 0}), mmaTile(MmaOperand::Accumulator, {4, 4}, 4, 0, 1),
      mmaTile(MmaOperand::A, {4, 4}, 2, 0, 1),         mmaTile(MmaOperand::B, {4, 4}, 2, 0, 1),
      blocked({4, 4}, {0, 3}, {3, 2}, {0, 1}, {1, 0}), blocked({4, 4}, {2, 2}, {1, 4}, {1, 0}, {1, 0})};
  std::set<Travel> seen;
  for (const LinearLayout &from : layouts)
    for (const LinearLayout &to : layouts) {
      Travel expected = travelByEnumeration(from, to);
      EXPECT_EQ(travel(from, to), expected) << from.str() << "to\n" << to.str();
      seen.insert(expected);
    }
  EXPECT_EQ(seen.size(), 4u);
}

} // namespace
