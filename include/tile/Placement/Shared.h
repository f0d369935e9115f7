//===- Shared.h - The shared memory of a program -------------------*- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef TILE_PLACEMENT_SHARED_H
#define TILE_PLACEMENT_SHARED_H

#include "tile/Dialect/Tile.h"

namespace tile::placement {

/// What a kernel takes of the shared memory that its target gives to one program, in bytes.
struct SharedNeed {
  int64_t bytes = 0, budget = 0;
  /// The largest stage count of its pipelined loops with which it fits: that which it has when it fits as it is, 0 when none does. Who
  /// chose the count for the author plans the loops again with this as a cap.
  int64_t fittingStages = 0;

  bool fits() const { return bytes <= budget; }
};

/// The need of a kernel in phase `placed`, found out on a clone. `tile-synchronise` fails where this does not fit.
SharedNeed sharedNeed(ir::KernelOp placed);

} // namespace tile::placement

#endif // TILE_PLACEMENT_SHARED_H
