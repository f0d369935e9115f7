//===- Frames.h - Values of the iterations that are in flight ------*- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Pipelining runs ops of several iterations in one step. A frame knows where the value that an op of the written loop has in a given
// iteration is found in the pipelined one. There are two: the prologue, whose iterations are numbered 0, 1, …, and the steady state,
// whose iterations are numbered from the one that its last stage works on: that is 0, later ones are 1, 2, ….
//
//===----------------------------------------------------------------------===//

#ifndef TILE_LIB_PIPELINE_FRAMES_H
#define TILE_LIB_PIPELINE_FRAMES_H

#include "tile/Dialect/Tile.h"

#include <mlir/IR/Builders.h>

namespace tile::pipeline {

/// A planned loop, as the expander sees it.
struct PlannedLoop {
  explicit PlannedLoop(ir::ForOp loop);

  ir::AtAttr at(mlir::Operation *op) { return op->getAttrOfType<ir::AtAttr>(ir::kAtAttrName); }
  /// Whether an op is a load that owns a ring.
  bool ownsRing(mlir::Operation *op) { return at(op).getDepth() != 0; }
  /// The stage in which an op's result is there: for a load that owns a ring, where its slot is read.
  int64_t definingStage(mlir::Operation *op) { return at(op).getStage() + (ownsRing(op) ? at(op).getAhead() : 0); }
  /// The op of the loop's own body that defines a value; null for what the body does not define.
  mlir::Operation *definingOp(mlir::Value value);
  /// Whether a value is one that the loop carries.
  bool isCarried(mlir::Value value);

  ir::ForOp loop;
  /// The ops of the body in the order of the plan.
  llvm::SmallVector<mlir::Operation *> ops;
  int64_t lastStage = 0;
};

/// Finds values of iterations, and remembers those that were computed.
class Frame {
public:
  Frame(PlannedLoop &planned, mlir::OpBuilder &builder, mlir::Value firstInduction, mlir::Value firstTicket)
      : planned(planned), builder(builder), firstInduction(firstInduction), firstTicket(firstTicket) {}
  virtual ~Frame() = default;

  /// What `value` of the written loop is in an iteration.
  mlir::Value lookup(mlir::Value value, int64_t iteration);
  /// Remembers what an op's result is in an iteration.
  void define(mlir::Value value, int64_t iteration, mlir::Value result) { known[{value, iteration}] = result; }
  /// Whether an iteration's result was computed in this frame.
  bool isDefined(mlir::Value value, int64_t iteration) const { return known.contains({value, iteration}); }

  mlir::Value induction(int64_t iteration);
  mlir::Value ticket(int64_t iteration);
  /// Whether the loop runs an iteration: false past its end.
  mlir::Value exists(int64_t iteration);

protected:
  virtual mlir::Value lookupCarried(mlir::BlockArgument carried, int64_t iteration) = 0;
  virtual mlir::Value lookupEarlier(mlir::Value value, int64_t iteration) = 0;

  PlannedLoop &planned;
  mlir::OpBuilder &builder;
  mlir::Value firstInduction, firstTicket;
  llvm::DenseMap<std::pair<mlir::Value, int64_t>, mlir::Value> known;
};

/// The steps before the steady state.
class PrologueFrame : public Frame {
public:
  using Frame::Frame;

protected:
  mlir::Value lookupCarried(mlir::BlockArgument carried, int64_t iteration) override;
  mlir::Value lookupEarlier(mlir::Value value, int64_t iteration) override;
};

/// The body of the pipelined loop. What it needs of earlier steps it asks of block arguments that it adds to its block; `finish` makes
/// the block's yield out of what these arguments are in the next step.
class SteadyFrame : public Frame {
public:
  SteadyFrame(PlannedLoop &planned, mlir::OpBuilder &builder, PrologueFrame &prologue, mlir::Block &block,
              mlir::Value firstTicket);

  /// Ends the block. Gives the initial values of its arguments, the induction variable not counted: first what the written loop
  /// carries, then the ticket, then the rest.
  llvm::SmallVector<mlir::Value> finish();

protected:
  mlir::Value lookupCarried(mlir::BlockArgument carried, int64_t iteration) override;
  mlir::Value lookupEarlier(mlir::Value value, int64_t iteration) override;

private:
  /// A block argument, and the value of the written loop that it is in `iteration`. A body op's result was computed `iteration` -
  /// (that of this step) steps ago.
  struct Register {
    mlir::Value value;
    int64_t iteration;
    mlir::BlockArgument argument;
  };
  mlir::Value registerFor(mlir::Value value, int64_t iteration);
  /// A loop carries no views: a part of a view, or its axes in another order, is taken again from what it was taken from.
  mlir::Value remake(mlir::Operation *view, int64_t iteration);
  /// The iteration of which this step computes an op's result.
  int64_t currentIteration(mlir::Operation *op) { return planned.lastStage - planned.definingStage(op); }

  PrologueFrame &prologue;
  mlir::Block &block;
  mlir::Value initialTicket;
  llvm::SmallVector<Register> registers;
};

} // namespace tile::pipeline

#endif // TILE_LIB_PIPELINE_FRAMES_H
