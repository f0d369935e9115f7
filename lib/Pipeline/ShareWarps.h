//===- ShareWarps.h - How warps share a kernel ---------------------*- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef TILE_LIB_PIPELINE_SHAREWARPS_H
#define TILE_LIB_PIPELINE_SHAREWARPS_H

#include "BindHopper.h"
#include "tile/Dialect/Pieces.h"

namespace tile::pipeline {

/// So many groups of four warps run a program together, and so many teams of them take a worker's programs in turn.
struct WarpShares {
  int64_t warpgroups = 1, teams = 1;
  /// The end of a sentence: why two groups share each program, though one for each would be better. Empty where it would not.
  std::string why;

  /// Of those that run one program.
  int64_t warps() const { return warpgroups * ir::kWarpsOfGroup; }
  /// Has the groups of all teams share each program.
  void join(llvm::StringRef reason);
};

/// Decides how warps share a kernel, which has some dots and may have tiles that threads of its producer copy.
MaybeObstacle shareWarps(ir::KernelOp kernel, llvm::ArrayRef<ir::DotOp> dots, const MachineModel &model,
                         bool copiesByThreads, WarpShares &shares);

} // namespace tile::pipeline

#endif // TILE_LIB_PIPELINE_SHAREWARPS_H
