//===- Pieces.h - Parts of tiles on their way to shared memory -----*- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

//
// A tile that goes to a view by tensor copies passes through shared memory. Where each group of four warps holds rows of its own, the groups
// pass theirs in pieces, at their own pace. How is decided here, for those who plan memory and those who use it.
//
//===----------------------------------------------------------------------===//

#ifndef TILE_DIALECT_PIECES_H
#define TILE_DIALECT_PIECES_H

#include "tile/Dialect/Tile.h"

namespace tile::ir {

/// A part of a tile whose elements every thread has in registers that hold nothing else.
struct LayoutPart {
  /// Of the part's own elements.
  layout::LinearLayout layout;
  /// For each of its registers the one of the whole tile.
  llvm::SmallVector<unsigned> registers;
};
/// The part of a tile that begins at a multiple of its own shape; none where threads hold it otherwise.
std::optional<LayoutPart> partOf(const layout::LinearLayout &layout, llvm::ArrayRef<int64_t> start,
                                 llvm::ArrayRef<int64_t> shape);

/// The warps that make products, and store rows, together; the rows of their products.
inline constexpr int64_t kWarpsOfGroup = 4, kRowsOfGroup = 64;

/// In a persistent kernel, how many teams of `num_warps` warps share a worker's programs; absent where there is one. The kernel says what one
/// team would do alone. With two, each takes every second program; what awaits slots, from the first op of the loop over programs to the last, is
/// done in the order of the programs, and what follows of one program is done beside the next one's. Shared memory that is no ring's is each
/// team's own.
inline constexpr llvm::StringLiteral kTeamsAttrName = "tile.teams";
inline constexpr int64_t kTeams = 2;
int64_t teamsOf(KernelOp kernel);
/// Where a program of a kernel of teams takes its turn and gives it away: the first and the last op of the loop's body that await slots.
std::pair<mlir::Operation *, mlir::Operation *> turnOf(mlir::Block &walk);

/// What a call asks of a kernel that binding would else decide, as a dictionary of i64: `plain` not 0 leaves it without a producer, `teams` is 1 or
/// 2, `group_rows` the rows of programs that are numbered column by column before the next ones.
inline constexpr llvm::StringLiteral kOverridesAttrName = "tile.overrides";
inline constexpr int64_t kMostGroupRows = 1 << 16;
/// One of these; 0 where the call leaves it open.
int64_t overrideOf(KernelOp kernel, llvm::StringRef what);

/// Whether a dot of a bound kernel is made of products of warpgroups: of matrix instructions that four warps run together.
bool isOfWarpgroups(DotOp dot);

/// How a tile is stored by warpgroups: in pieces of 64 rows for each and a swizzle's span, one after the other through a few buffers in turn.
struct StorePieces {
  llvm::SmallVector<int64_t, 2> shape;
  /// Of pieces along each axis.
  int64_t rows, columns;
  int64_t buffers;
};
/// None for a tile that doesn't have blocks of 64 rows for each group, or whose rows aren't along the view's unit axis.
std::optional<StorePieces> storePieces(mlir::RankedTensorType tile, int64_t unitAxis, int64_t numWarps);

/// Whether each group of four warps holds, of blocks of 64 rows, each one in turn: group 1 of 2 has the second and the fourth.
bool givesGroupsRows(const layout::LinearLayout &layout);

} // namespace tile::ir

#endif // TILE_DIALECT_PIECES_H
