//===- Apply.h - Writes chosen layouts into a kernel ---------------*- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef TILE_LIB_PLACEMENT_APPLY_H
#define TILE_LIB_PLACEMENT_APPLY_H

#include "Choice.h"

namespace tile::placement {

/// Gives every tile its class's layout, makes cheap tiles in the layouts that want them, and converts where an op works in another layout.
/// Says of each conversion, by a remark, what it is for and what it costs.
void applyLayouts(ir::KernelOp kernel, const Classes &classes, llvm::ArrayRef<Candidate> layouts, LayoutCosts &costs);

/// Rewrites folds of an axis that runs over warps: each warp folds what it has, the warps' parts come together in every thread, and are
/// folded once more.
void splitFolds(ir::KernelOp kernel, LayoutCosts &costs);

/// Has the lanes of a warp share what they would all keep from before a loop until behind it.
void shareLoads(ir::KernelOp kernel, LayoutCosts &costs);

/// Says how the slots of every ring lie in shared memory, for what reads them.
void placeRings(ir::KernelOp kernel, LayoutCosts &costs);

} // namespace tile::placement

#endif // TILE_LIB_PLACEMENT_APPLY_H
