//===- TensorCopies.h - What the unit for tensor copies moves ------*- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

//
// Tensor copies into rings are made by a `tile.producer`, and their channels are mbarriers; tensor stores go through scratches of their own.
// What tensor copies can't take, a producer's threads copy, into slots that lie alike.
//
//===----------------------------------------------------------------------===//

#ifndef TILE_LIB_PLACEMENT_TENSORCOPIES_H
#define TILE_LIB_PLACEMENT_TENSORCOPIES_H

#include "tile/Dialect/Pieces.h"
#include "tile/Dialect/Tile.h"
#include "tile/Placement/Anchors.h"

namespace tile::placement {

/// Where tensor copies find a ring in shared memory: their swizzles count lines from a multiple of this.
inline constexpr int64_t kTensorAlignment = 1024;
/// A channel's two mbarriers for each slot.
inline constexpr int64_t kBarrierBytes = 8, kBarriersPerSlot = 2;

/// Whether a producer fills the rings of a channel.
bool isTensorChannel(ir::ChannelOp channel);
bool isTensorChannel(mlir::Value channel);
/// The bytes of a channel's mbarriers for rings of so many slots.
inline int64_t barrierBytes(int64_t depth) { return kBarriersPerSlot * kBarrierBytes * depth; }
/// Behind them, in a kernel of teams, what ticket comes next in each team's turn.
inline int64_t turnBytes(ir::KernelOp kernel) {
  int64_t teams = ir::teamsOf(kernel);
  return teams > 1 ? teams * kBarrierBytes : 0;
}

/// Whether an op is a store that is bound to the unit for tensor copies.
bool isTensorStore(mlir::Operation *op);
/// Whether such a store means the same when it is made past the threads, some time later: nothing else touches its view, and no loop but
/// that over programs makes it again. And whether it has rows that the unit can copy.
bool canStoreByTensor(ir::StoreOp store);
/// Whether a scratch is one from which each warpgroup stores the rows that it wrote itself.
bool isStoredByWarpgroups(mlir::Value scratch);
/// The loop over the programs that a worker of a persistent kernel runs, which are in no order.
bool isLoopOverPrograms(mlir::Operation *loop);

/// Checks that dots of warpgroups have warps in groups of four and 64 rows; before layouts are made for them.
llvm::LogicalResult checkWarpgroups(ir::KernelOp kernel);
/// Checks what a producer does for itself: that each ticket is filled as its barriers expect. In phase `synchronised` also where its rings
/// and barriers lie.
llvm::LogicalResult verifyProducer(ir::KernelOp kernel);

} // namespace tile::placement

#endif // TILE_LIB_PLACEMENT_TENSORCOPIES_H
