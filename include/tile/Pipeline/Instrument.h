//===- Instrument.h - What the sites of an instrumented kernel are -*- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef TILE_PIPELINE_INSTRUMENT_H
#define TILE_PIPELINE_INSTRUMENT_H

#include "tile/Dialect/Record.h"

#include <vector>

namespace tile::pipeline {

/// A site of an instrumented kernel.
struct RecordSite {
  /// Which of RecordPlan::loops.
  unsigned loop = 0;
  ir::Moment moment = ir::Moment::Issue;
  /// The number of the product, or of the channel, where an iteration has several.
  unsigned part = 0;
};

/// What an instrumented kernel writes down. Nothing refers to its IR.
struct RecordPlan {
  struct Loop {
    unsigned line = 0, column = 0;
    /// Its copies are issued by a producer.
    bool hasProducer = false;
  };
  std::vector<Loop> loops;
  /// By their numbers.
  std::vector<RecordSite> sites;
};

RecordPlan recordPlan(ir::KernelOp instrumented);

} // namespace tile::pipeline

#endif // TILE_PIPELINE_INSTRUMENT_H
