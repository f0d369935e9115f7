//===- Classes.cpp - Tiles that have one layout --------------------*- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Classes.h"

#include <llvm/ADT/EquivalenceClasses.h>

using namespace mlir;
using namespace tile;
using namespace tile::ir;
using namespace tile::placement;

static bool isTileValue(Value value) { return isa<RankedTensorType>(value.getType()); }

bool placement::isElementwise(Operation *op) {
  return isa_and_nonnull<arith::ArithDialect, math::MathDialect>(op->getDialect()) && op->getNumResults() != 0 &&
         isTileValue(op->getResult(0));
}

int64_t placement::expectedRuns(Operation *op) {
  constexpr int64_t kTrips = 8, kMost = kTrips * kTrips * kTrips * kTrips;
  int64_t runs = 1;
  for (Operation *parent = op->getParentOp(); parent; parent = parent->getParentOp())
    if (isa<LoopLikeOpInterface>(parent))
      runs = std::min(kMost, runs * kTrips);
  return runs;
}

void Classes::findCheap(Operation *op) {
  // Longer chains are not worth another run.
  constexpr unsigned kLongest = 16;
  if (op->getNumResults() != 1 || !isTileValue(op->getResult(0)))
    return;
  if (isa<arith::ConstantOp, tensor::SplatOp, IotaOp, InsideOp>(op)) {
    cheap[op->getResult(0)] = 1;
    return;
  }
  bool arithmetic = isa_and_nonnull<arith::ArithDialect>(op->getDialect()) &&
                    !isa<arith::DivFOp, arith::RemFOp, arith::DivSIOp, arith::DivUIOp, arith::RemSIOp, arith::RemUIOp,
                         arith::CeilDivSIOp, arith::CeilDivUIOp, arith::FloorDivSIOp>(op);
  if (!arithmetic && !isa<BroadcastOp, ReshapeOp, TransposeOp>(op))
    return;
  unsigned ops = 1;
  for (Value operand : op->getOperands())
    if (isTileValue(operand)) {
      auto found = cheap.find(operand);
      if (found == cheap.end())
        return;
      ops += found->second;
    }
  if (ops <= kLongest)
    cheap[op->getResult(0)] = ops;
}

namespace {
/// Joins values that have one layout.
class Joiner {
public:
  explicit Joiner(llvm::function_ref<bool(Value)> skip) : skip(skip) {}

  void join(Value x, Value y) {
    if (!isTileValue(x) || skip(x) || skip(y))
      return;
    sets.unionSets(x.getAsOpaquePointer(), y.getAsOpaquePointer());
  }
  void join(ValueRange xs, ValueRange ys) {
    for (auto [x, y] : llvm::zip_equal(xs, ys))
      join(x, y);
  }
  void add(Value x) {
    if (isTileValue(x) && !skip(x))
      sets.insert(x.getAsOpaquePointer());
  }
  void *leader(Value x) const { return sets.getLeaderValue(x.getAsOpaquePointer()); }

  /// Joins what an op holds together.
  void visit(Operation *op);

private:
  llvm::function_ref<bool(Value)> skip;
  llvm::EquivalenceClasses<void *> sets;
};
} // namespace

void Joiner::visit(Operation *op) {
  if (isElementwise(op)) {
    for (Value operand : op->getOperands())
      if (isTileValue(operand))
        join(op->getResult(0), operand);
    for (Value result : op->getResults())
      join(op->getResult(0), result);
  } else if (auto dot = dyn_cast<DotOp>(op)) {
    join(dot.getResult(), dot.getAcc());
  } else if (auto wait = dyn_cast<DotWaitOp>(op)) {
    join(wait.getResults(), wait.getValues());
  } else if (auto both = dyn_cast<JoinOp>(op)) {
    join(both.getLhs(), both.getRhs());
  } else if (auto loop = dyn_cast<scf::ForOp>(op)) {
    join(loop.getResults(), loop.getInitArgs());
    join(loop.getResults(), loop.getRegionIterArgs());
    join(loop.getResults(), loop.getYieldedValues());
  } else if (auto branch = dyn_cast<scf::IfOp>(op)) {
    for (Region *region : {&branch.getThenRegion(), &branch.getElseRegion()})
      if (!region->empty())
        join(branch.getResults(), region->front().getTerminator()->getOperands());
  } else if (auto loop = dyn_cast<scf::WhileOp>(op)) {
    join(loop.getBeforeArguments(), loop.getInits());
    join(loop.getBeforeArguments(), loop.getYieldOp().getOperands());
    join(loop.getAfterArguments(), loop.getConditionOp().getArgs());
    join(loop.getResults(), loop.getAfterArguments());
  }
}

Classes::Classes(KernelOp kernel) {
  kernel.walk<WalkOrder::PreOrder>([&](Operation *op) { findCheap(op); });
  auto skip = [&](Value value) { return isCheap(value); };
  Joiner joiner(skip);
  // Values in program order, so that classes are numbered the same every time.
  SmallVector<Value> values;
  kernel.walk<WalkOrder::PreOrder>([&](Operation *op) {
    llvm::append_range(values, llvm::make_filter_range(op->getResults(), isTileValue));
    for (Region &region : op->getRegions())
      for (Block &block : region)
        llvm::append_range(values, llvm::make_filter_range(block.getArguments(), isTileValue));
  });
  for (Value value : values)
    joiner.add(value);
  kernel.walk([&](Operation *op) { joiner.visit(op); });
  DenseMap<void *, unsigned> numbers;
  for (Value value : values) {
    if (isCheap(value))
      continue;
    auto [number, isNew] = numbers.try_emplace(joiner.leader(value), classes.size());
    auto type = cast<RankedTensorType>(value.getType());
    if (isNew)
      classes.emplace_back().shape = type.getShape();
    TileClass &tileClass = classes[number->second];
    tileClass.members.push_back(value);
    tileClass.elementBytes = std::max(tileClass.elementBytes, ir::elementBytes(type.getElementType()));
    if (Operation *op = value.getDefiningOp(); op && isElementwise(op))
      tileClass.work += expectedRuns(op);
    classOf[value] = number->second;
  }
}

unsigned Classes::of(Value tile) const {
  auto found = classOf.find(tile);
  return found == classOf.end() ? kNone : found->second;
}
