//===- Anchors.h - The layouts that accesses and dots ask for ------*- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef TILE_PLACEMENT_ANCHORS_H
#define TILE_PLACEMENT_ANCHORS_H

#include "tile/Dialect/Tile.h"
#include "tile/Layout/Layouts.h"

namespace tile::placement {

/// The lanes of a warp, in bits.
inline constexpr unsigned kLaneBits = 5;

/// The extents of a tile, in bits.
llvm::SmallVector<unsigned> shapeBits(llvm::ArrayRef<int64_t> shape);

//===--- Accesses to memory ---===//

/// What one access of a load, a store or a copy looks like.
struct AccessShape {
  llvm::SmallVector<unsigned> bits;
  /// The tile's axis that steps through memory, or its last one when none is known to.
  unsigned unitAxis;
  /// Whether it is known to.
  bool unitKnown;
  int64_t elementBytes;
  /// The bytes that one lane may move at once, and that lie wholly inside the view or wholly outside.
  int64_t bytes;
};
AccessShape accessShapeOf(mlir::Operation *loadStoreOrCopy);

/// The layout in which an access takes the fewest transactions: neighbouring lanes move neighbouring pieces. Pieces are narrower than they
/// could be where otherwise threads would have nothing to do. With `warpsAcross`, warps are dealt out along the other axes first,
/// so that a row stays in a warp.
layout::LinearLayout coalescedAccess(const AccessShape &access, unsigned warpBits, bool warpsAcross = false);

/// Cycles that an access in a layout keeps the memory pipes of a multiprocessor busy: its sectors of 32 bytes, and its instructions.
/// Copies are loaded, but stored once.
int64_t accessCycles(const AccessShape &access, const layout::LinearLayout &layout, bool isStore);

//===--- Dots ---===//

/// How the warps of a dot are arranged along m and n, in bits.
struct WarpSplit {
  unsigned m, n;
};

/// Whether a dot is made of matrix instructions that a warp runs by itself.
bool usesMatrixUnit(ir::DotOp dot);
/// Whether a producer copies into a ring.
bool isFilledByProducer(mlir::Value ring);
/// Whether the threads of a producer make a copy, each a part of it, as no tensor copy can.
bool isThreadCopy(ir::CopyAsyncOp copy);
/// Whether they fill one of a channel's rings.
bool isFilledByThreads(ir::ChannelOp channel);
/// The arrangements that leave a warp at least one fragment, the squarest first. When the tile has fewer fragments than there are warps,
/// the one with the fewest copies.
llvm::SmallVector<WarpSplit> warpSplits(ir::DotOp dot, unsigned warpBits);
layout::LinearLayout accumulatorLayout(ir::DotOp dot, WarpSplit split);
/// The layout of operand a or b in registers.
layout::LinearLayout operandLayout(ir::DotOp dot, layout::MmaOperand operand, WarpSplit split);
/// The arrangement of a dot by its accumulator's layout; none when there is no such.
std::optional<WarpSplit> splitOf(ir::DotOp dot, const layout::LinearLayout &accumulator);

/// The accumulator of a dot that four warps make together: each of them has 16 rows of every 64. More warps divide the rows further, or the
/// columns where the tile has no more rows; what is left, a thread's registers go through column by column and then by 64 rows.
layout::LinearLayout warpgroupAccumulator(layout::Bits shape, unsigned warpBits);

/// The first operand of such a dot where it is in registers: each warp has the rows that it has of the accumulator, all of k, step by step and
/// then by 64 rows.
layout::LinearLayout warpgroupOperand(layout::Bits accumulator, layout::Bits shape, unsigned elementBytes,
                                      unsigned warpBits);
layout::LinearLayout warpgroupOperand(ir::DotOp dot, unsigned warpBits);

/// The accumulator of a dot that is made of multiply-adds of single elements: a block to each thread, about as high as wide, in groups of
/// neighbours along n.
layout::LinearLayout blockedAccumulator(layout::Bits shape, unsigned warpBits);

} // namespace tile::placement

#endif // TILE_PLACEMENT_ANCHORS_H
