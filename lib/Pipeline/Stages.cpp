//===- Stages.cpp - In which stage each op of a loop runs ----------*- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Stages are found backwards, as late as possible, relative to the last one: what no pipelined load needs is in the last stage, 0; a
// pipelined load is `ahead` stages before its first reader; what computes its address is no later than the load itself. A carried value
// is there for its readers when what yields it ran in the iteration before, so its producer is no later than its readers. These
// are difference constraints, so relaxing them until nothing changes gives the latest stages; they have a solution because no
// address depends on its own load. Shifting them so that the first is 0 gives the stages of the plan.
//
//===----------------------------------------------------------------------===//

#include "tile/Pipeline/Schedule.h"

using namespace mlir;
using namespace tile;
using namespace tile::ir;
using namespace tile::pipeline;

namespace {
class Relaxation {
public:
  Relaxation(ForOp loop, const Ahead &ahead) : loop(loop), ahead(ahead) {
    for (Operation &op : loop.getBody()->without_terminator())
      stage[&op] = 0;
    for (auto [load, distance] : ahead)
      markAddress(load);
    while (relax())
      ;
  }

  Stages shifted() && {
    Stages stages;
    for (auto [op, at] : stage)
      stages.last = std::max(stages.last, -at);
    for (auto [op, at] : stage)
      stages.of[op] = at + stages.last;
    return stages;
  }

private:
  /// Marks what may leave the last stage: a load, and what its address needs.
  void markAddress(Operation *op) {
    if (op->getBlock() != loop.getBody() || !movable.insert(op))
      return;
    for (Value operand : op->getOperands())
      markAddress(operand);
  }

  void markAddress(Value value) {
    auto argument = dyn_cast<BlockArgument>(value);
    if (!argument)
      markAddress(value.getDefiningOp());
    else if (argument.getOwner() == loop.getBody() && argument != loop.getInductionVar() &&
             rotating.insert(argument).second)
      markAddress(loop.getYielded(argument));
  }

  /// The earliest stage in which a value is read, also as a carried value of the next iteration.
  int64_t firstRead(Value value, llvm::SmallDenseSet<Value> &seen) {
    int64_t first = 0;
    for (OpOperand &use : value.getUses()) {
      if (use.getOwner() != loop.getYield()) {
        first = std::min(first, stage.lookup(ancestorInBody(loop, use.getOwner())));
        continue;
      }
      Value carried = loop.getRegionIterArgs()[use.getOperandNumber()];
      if (seen.insert(carried).second)
        first = std::min(first, firstRead(carried, seen));
    }
    return first;
  }

  bool relax() {
    bool changed = false;
    for (Operation *op : movable) {
      int64_t latest = 0;
      for (Value result : op->getResults()) {
        llvm::SmallDenseSet<Value> seen;
        latest = std::min(latest, firstRead(result, seen));
      }
      if (auto found = ahead.find(op); found != ahead.end())
        latest -= found->second;
      if (latest < stage[op]) {
        stage[op] = latest;
        changed = true;
      }
    }
    return changed;
  }

  ForOp loop;
  const Ahead &ahead;
  llvm::SetVector<Operation *> movable;
  /// Carried values that an address needs.
  llvm::DenseSet<Value> rotating;
  llvm::DenseMap<Operation *, int64_t> stage;
};
} // namespace

Stages pipeline::assignStages(ForOp loop, const Ahead &ahead) { return Relaxation(loop, ahead).shifted(); }
