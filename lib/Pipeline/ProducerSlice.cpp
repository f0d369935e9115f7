//===- ProducerSlice.cpp - What a producer has to compute ----------*- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ProducerSlice.h"

using namespace mlir;
using namespace tile;
using namespace tile::ir;
using namespace tile::pipeline;

ProducerSlice::ProducerSlice(ArrayRef<LoadOp> loads) {
  for (LoadOp load : loads) {
    copies.insert(load);
    add(load.getOperation());
  }
}

void ProducerSlice::add(Value value) {
  if (!values.insert(value).second)
    return;
  if (auto argument = dyn_cast<BlockArgument>(value)) {
    Operation *owner = argument.getOwner()->getParentOp();
    if (isa<KernelOp>(owner))
      return;
    add(owner);
    if (auto loop = dyn_cast<ForOp>(owner); loop && argument != loop.getInductionVar()) {
      add(loop.getInits()[argument.getArgNumber() - 1]);
      add(loop.getYielded(argument));
    }
    return;
  }
  auto result = cast<OpResult>(value);
  if (auto loop = dyn_cast<ForOp>(result.getOwner()))
    add(loop.getRegionIterArgs()[result.getResultNumber()]);
  else
    add(result.getOwner());
}

void ProducerSlice::add(Operation *op) {
  if (!ops.insert(op))
    return;
  if (!isa<KernelOp>(op->getParentOp()))
    add(op->getParentOp());
  if (auto loop = dyn_cast<ForOp>(op)) {
    for (Value bound : {loop.getLower(), loop.getUpper(), loop.getStep()})
      add(bound);
    return;
  }
  for (Value operand : op->getOperands())
    add(operand);
  // Anything else that holds ops comes whole.
  for (Region &region : op->getRegions())
    for (Operation &nested : region.getOps())
      add(&nested);
}

std::optional<std::pair<Operation *, StringRef>> ProducerSlice::misfit() const {
  for (Operation *op : ops) {
    if (isa<ForOp>(op) || copies.contains(op))
      continue;
    if (llvm::any_of(op->getOperandTypes(), llvm::IsaPred<TensorType>) ||
        llvm::any_of(op->getResultTypes(), llvm::IsaPred<TensorType>))
      return {{op, "it depends on tiles"}};
    if (auto load = dyn_cast<LoadOp>(op)) {
      if (!load.readsConstantMemory())
        return {{op, "it depends on a view that the kernel also writes"}};
      continue;
    }
    if (isa<scf::WhileOp>(op))
      return {{op, "it depends on a while loop"}};
    if (op->getNumRegions() == 0 && !isMemoryEffectFree(op))
      return {{op, "it depends on an op with an effect"}};
  }
  return std::nullopt;
}
