//===- Schedule.h - Which loads can run ahead, and in which stage each op runs *- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The two questions that the planner asks of a loop before it knows a cost, and one answer that the expander reads back:
//
//   * which loads may be issued before their iteration, and what has to move ahead with them;
//   * given how far ahead each load is issued, in which stage every op of the body runs.
//
//===----------------------------------------------------------------------===//

#ifndef TILE_PIPELINE_SCHEDULE_H
#define TILE_PIPELINE_SCHEDULE_H

#include "tile/Dialect/Tile.h"

#include <llvm/ADT/MapVector.h>
#include <llvm/ADT/SetVector.h>

namespace tile::pipeline {

/// Why a load stays where it is, and what would change that.
struct Refusal {
  std::string reason;
  std::string suggestion;
};

/// A load of a loop: one that may be issued ahead, or a refusal.
struct Candidate {
  ir::LoadOp load;
  std::optional<Refusal> refusal;
};

/// The loads of a loop in program order, without those of loops inside it.
llvm::SmallVector<Candidate> findCandidates(ir::ForOp loop);

/// How many iterations after its issue each pipelined load is read. Loads that are not in it stay put.
using Ahead = llvm::MapVector<mlir::Operation *, int64_t>;

/// The stage of every op of a loop's body but its terminator, so that each pipelined load is issued exactly as far ahead as asked.
/// What no load's address needs is in the last stage.
struct Stages {
  llvm::DenseMap<mlir::Operation *, int64_t> of;
  int64_t last = 0;
};
Stages assignStages(ir::ForOp loop, const Ahead &ahead);

/// The op of the loop's own body that holds `op`: itself, or the one whose regions it stands in.
mlir::Operation *ancestorInBody(ir::ForOp loop, mlir::Operation *op);

} // namespace tile::pipeline

#endif // TILE_PIPELINE_SCHEDULE_H
