//===- ProducerRun.h - What a producer does in a symbolic run ------*- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// A producer computes scalars only, which nothing that runs beside it changes; so what it issues is known before anything else runs. It
// is kept as a list, and issued as early as slots are free: a slot that is released too early is then filled under its readers' hands.
//
//===----------------------------------------------------------------------===//

#ifndef TILE_LIB_PIPELINE_PRODUCERRUN_H
#define TILE_LIB_PIPELINE_PRODUCERRUN_H

#include "RingProtocol.h"

namespace tile::pipeline {

/// What is wrong with a kernel: an op, and why.
struct Hazard {
  mlir::Operation *op;
  std::string what;
};

/// The producer of a kernel, if it has one. Tickets of a channel are 0, 1, 2, … on both sides: the phases of its barriers follow from them.
class ProducerRun {
public:
  explicit ProducerRun(RingProtocol &protocol) : protocol(protocol) {}

  /// Says which channels it fills, before it runs.
  void begin(ir::ProducerOp op);
  bool fills(mlir::Value channel) const { return next.contains(channel); }
  /// Notes an op of the producer; a copy with what it copies.
  void note(mlir::Operation *op, mlir::Value object, int64_t ticket, Term content = 0);

  /// Issues what can be issued.
  std::optional<Hazard> advance();
  /// What is wrong with an `await` of a channel that it fills.
  std::string await(mlir::Value channel, int64_t ticket);
  /// What is wrong when everything else has ended.
  std::optional<Hazard> finish();

private:
  struct Step {
    mlir::Operation *op;
    /// A channel; of a copy, a ring.
    mlir::Value object;
    int64_t ticket;
    Term content;
  };
  /// The next ticket of a channel: to be acquired, and to be awaited.
  struct Next {
    int64_t acquired = 0, awaited = 0;
  };

  RingProtocol &protocol;
  std::vector<Step> steps;
  size_t done = 0;
  llvm::DenseMap<mlir::Value, Next> next;
};

} // namespace tile::pipeline

#endif // TILE_LIB_PIPELINE_PRODUCERRUN_H
