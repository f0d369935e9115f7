//===- Tickets.cpp - Tickets that enclosing loops carry ------------*- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Tickets.h"

using namespace mlir;
using namespace tile::pipeline;

TicketCarrier::TicketCarrier(Operation *loop, IRRewriter &rewriter) : scope(loop->getBlock()) {
  SmallVector<scf::ForOp> around;
  for (auto outer = dyn_cast<scf::ForOp>(loop->getParentOp()); outer;
       outer = dyn_cast<scf::ForOp>(outer->getParentOp())) {
    around.push_back(outer);
    scope = outer->getBlock();
  }
  rewriter.setInsertionPointToStart(scope);
  start = arith::ConstantIntOp::create(rewriter, loop->getLoc(), 0, 32);
  // The ticket passes through unchanged until `finish` says otherwise.
  NewYieldValuesFn yieldSame = [](OpBuilder &, Location, ArrayRef<BlockArgument> carried) {
    return SmallVector<Value>{carried.back()};
  };
  for (scf::ForOp outer : llvm::reverse(around)) {
    auto carrier = cast<scf::ForOp>(
        *outer.replaceWithAdditionalYields(rewriter, start, /*replaceInitOperandUsesInLoop=*/false, yieldSame));
    carriers.push_back(carrier);
    start = carrier.getRegionIterArgs().back();
  }
}

void TicketCarrier::finish(Value next) {
  for (scf::ForOp carrier : llvm::reverse(carriers)) {
    Operation *yield = carrier.getBody()->getTerminator();
    yield->setOperand(yield->getNumOperands() - 1, next);
    next = carrier.getResults().back();
  }
}
