//===- Work.h - What a kernel computes -----------------------------*- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef TILE_TUNING_WORK_H
#define TILE_TUNING_WORK_H

#include "tile/Dialect/Tile.h"
#include "tile/Tuning/Machine.h"

namespace tile::tuning {

/// Operations of one program: a multiply-add is two. Whole tiles count, also where they hang over an edge.
struct OperationCount {
  double dots64 = 0, dots32 = 0, dotsTF32 = 0, dots16 = 0, dots8 = 0, elementwise = 0, special = 0;
  /// False where a loop's trip count isn't known, so that the others are too small.
  bool isKnown = true;

  double total() const { return dots64 + dots32 + dotsTF32 + dots16 + dots8 + elementwise + special; }
  /// Seconds at least for so many programs: dots, elementwise work and elementary functions may all go on at once. Nothing where the
  /// peaks aren't known.
  std::optional<double> leastSeconds(const Peaks &peaks, double programs) const;
};

/// Counts in a kernel in phase `tile`, whose extents are numbers.
OperationCount countOperations(ir::KernelOp kernel);

} // namespace tile::tuning

#endif // TILE_TUNING_WORK_H
