//===- LoopPairs.cpp - Which loops of a producer and of the program run alike *- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "LoopPairs.h"

using namespace mlir;
using namespace tile;
using namespace tile::ir;
using namespace tile::placement;

/// The outermost loops in some ops, also in branches.
static void collectLoops(Operation &op, SmallVectorImpl<scf::ForOp> &loops) {
  if (auto loop = dyn_cast<scf::ForOp>(op)) {
    loops.push_back(loop);
    return;
  }
  for (Region &region : op.getRegions())
    for (Operation &nested : region.getOps())
      collectLoops(nested, loops);
}

static SmallVector<scf::ForOp> loopsIn(Block &block) {
  SmallVector<scf::ForOp> loops;
  for (Operation &op : block)
    if (!isa<ProducerOp>(op))
      collectLoops(op, loops);
  return loops;
}

bool LoopPairs::areAlike(Value ours, Value theirs) const {
  if (ours == theirs || indices.lookup(ours) == theirs)
    return true;
  auto our = dyn_cast<OpResult>(ours), their = dyn_cast<OpResult>(theirs);
  if (!our || !their || our.getResultNumber() != their.getResultNumber())
    return false;
  Operation *x = our.getOwner(), *y = their.getOwner();
  return x->getName() == y->getName() && x->getAttrs() == y->getAttrs() && x->getNumRegions() == 0 &&
         x->getNumOperands() == y->getNumOperands() && isMemoryEffectFree(x) &&
         llvm::all_of(llvm::zip_equal(x->getOperands(), y->getOperands()),
                      [&](auto both) { return areAlike(std::get<0>(both), std::get<1>(both)); });
}

bool LoopPairs::isKnown(Value ours) const {
  if (!ours.getParentRegion()->getParentOfType<ProducerOp>() || indices.contains(ours))
    return true;
  Operation *op = ours.getDefiningOp();
  return op && op->getNumRegions() == 0 && isMemoryEffectFree(op) &&
         llvm::all_of(op->getOperands(), [&](Value operand) { return isKnown(operand); });
}

void LoopPairs::pair(ArrayRef<scf::ForOp> ours, ArrayRef<scf::ForOp> theirs) {
  for (scf::ForOp loop : ours) {
    auto isAlike = [&](scf::ForOp other) {
      return areAlike(loop.getLowerBound(), other.getLowerBound()) &&
             areAlike(loop.getUpperBound(), other.getUpperBound()) && areAlike(loop.getStep(), other.getStep());
    };
    theirs = theirs.drop_until(isAlike);
    if (theirs.empty()) {
      complete = false;
      if (!odd && isKnown(loop.getLowerBound()) && isKnown(loop.getUpperBound()) && isKnown(loop.getStep()))
        odd = loop;
      return;
    }
    scf::ForOp partner = theirs.consume_front();
    partners[loop] = partner;
    indices[loop.getInductionVar()] = partner.getInductionVar();
    pair(loopsIn(*loop.getBody()), loopsIn(*partner.getBody()));
  }
}

LoopPairs::LoopPairs(KernelOp kernel) {
  Block &body = kernel.getBody().front();
  for (ProducerOp producer : body.getOps<ProducerOp>())
    pair(loopsIn(producer.getBody().front()), loopsIn(body));
}
