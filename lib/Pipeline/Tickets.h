//===- Tickets.h - Tickets that enclosing loops carry --------------*- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The slots of a ring are used in turn over the whole kernel, so that no ring has to run dry between two runs of its loop: the ticket of
// a loop is carried by all loops around it.
//
//===----------------------------------------------------------------------===//

#ifndef TILE_LIB_PIPELINE_TICKETS_H
#define TILE_LIB_PIPELINE_TICKETS_H

#include "tile/Dialect/Tile.h"

#include <mlir/IR/PatternMatch.h>

namespace tile::pipeline {

/// The ticket of one loop: where it comes from and where it goes.
class TicketCarrier {
public:
  /// Makes the loops around `loop` carry a ticket that starts at 0. A condition around the loop ends the carrying: inside it the
  /// ticket starts anew, and the rings with it.
  TicketCarrier(mlir::Operation *loop, mlir::IRRewriter &rewriter);

  /// The first ticket of a run of the loop.
  mlir::Value first() const { return start; }
  /// Says which ticket comes after a run of the loop.
  void finish(mlir::Value next);
  /// Where rings and channels are made: before all loops that carry the ticket.
  void setInsertionPointToScope(mlir::OpBuilder &builder) const { builder.setInsertionPointToStart(scope); }

private:
  mlir::Block *scope;
  mlir::Value start;
  /// Outermost first.
  llvm::SmallVector<mlir::scf::ForOp> carriers;
};

} // namespace tile::pipeline

#endif // TILE_LIB_PIPELINE_TICKETS_H
