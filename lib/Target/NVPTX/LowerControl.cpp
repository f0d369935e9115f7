//===- LowerControl.cpp - Loops and branches -----------------------*- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

//
// A tile that a region carries is as many scalars as a thread has registers of it. Programs branch as one: what decides is uniform.
//
//===----------------------------------------------------------------------===//

#include "Lowering.h"

#include <mlir/IR/Matchers.h>

using namespace mlir;
using namespace tile;
using namespace tile::nvptx;

SmallVector<Value> Lowering::flat(ValueRange values) const {
  SmallVector<Value> result;
  for (Value value : values)
    llvm::append_range(result, registers(value));
  return result;
}

SmallVector<Type> Lowering::flatTypes(TypeRange types) const {
  SmallVector<Type> result;
  for (Type type : types) {
    ir::LayoutAttr layout = ir::layoutOf(type);
    result.append(layout ? layout.getNumRegisters() : 1, registerType(getElementTypeOrSelf(type)));
  }
  return result;
}

void Lowering::bindFlat(ValueRange values, ValueRange made) {
  for (Value value : values) {
    ir::LayoutAttr layout = ir::layoutOf(value.getType());
    size_t count = layout ? layout.getNumRegisters() : 1;
    setRegisters(value, llvm::to_vector(made.take_front(count)));
    made = made.drop_front(count);
  }
}

/// Lowers a region's ops to the end of a block, without the terminator, whose operands it leaves to the caller.
void Lowering::lowerRegion(Region &region, Block *into) {
  builder.setInsertionPointToEnd(into);
  lower(region.front());
}

/// Lowers a loop but for its results, with another start than its own.
scf::ForOp Lowering::startFor(scf::ForOp op, Value from, ValueRange inits) {
  auto loop = scf::ForOp::create(builder, loc, from, scalar(op.getUpperBound()), scalar(op.getStep()), inits);
  OpBuilder::InsertionGuard guard(builder);
  Block *body = loop.getBody();
  if (!body->empty())
    body->back().erase();
  setRegisters(op.getInductionVar(), {loop.getInductionVar()});
  bindFlat(op.getRegionIterArgs(), loop.getRegionIterArgs());
  lowerRegion(op.getRegion(), body);
  if (!failed)
    scf::YieldOp::create(builder, loc, flat(op.getYieldedValues()));
  return loop;
}

void Lowering::lowerFor(scf::ForOp op) {
  if (isWalkOfTeams(op))
    return lowerWalk(op);
  if (overwritesFirst(op))
    return lowerPeeled(op);
  scf::ForOp loop = startFor(op, scalar(op.getLowerBound()), flat(op.getInitArgs()));
  if (!failed)
    bindFlat(op.getResults(), loop.getResults());
}

/// The types of elements that products of warpgroups sum in.
static bool isAccumulator(Type type) { return type.isF32() || type.isInteger(32); }

/// Whether a carried value may be what such products sum in.
static bool isSum(Value value) { return ir::layoutOf(value.getType()) && isAccumulator(getElementTypeOrSelf(value)); }

/// The first iteration stands before the loop, in the branch where there is one: its product overwrites the sums, whose registers are set
/// to zero only where nothing is added. A predicate in the loop would do too, but to the assembler the registers would hold values from one
/// tile to the next, and what comes after the loop would have the fewer.
void Lowering::lowerPeeled(scf::ForOp op) {
  Value from = scalar(op.getLowerBound());
  SmallVector<Value> inits = flat(op.getInitArgs());
  Value runs = compare(arith::CmpIPredicate::slt, from, scalar(op.getUpperBound()));
  auto branch = scf::IfOp::create(builder, loc, ValueRange(inits).getTypes(), runs, /*withElseRegion=*/true);
  OpBuilder::InsertionGuard guard(builder);
  builder.setInsertionPointToEnd(branch.elseBlock());
  // What is made by an instruction here isn't made on the way to both branches.
  SmallVector<Value> otherwise;
  for (Value init : op.getInitArgs()) {
    Registers made = registers(init);
    Value first = made.front();
    bool isZero = matchPattern(first, m_PosZeroFloat()) || matchPattern(first, m_Zero());
    if (ir::layoutOf(init.getType()) && isZero && llvm::all_equal(made) && isAccumulator(first.getType())) {
      Operation *zero = assembly({first.getType()}, "mov.b32 $0, 0;", first.getType().isF32() ? "=f" : "=r", {},
                                 /*hasSideEffects=*/true);
      made.assign(made.size(), zero->getResult(0));
    }
    llvm::append_range(otherwise, made);
  }
  // The next team begins before the last products of this one end.
  bool endsTurn = op == turnEnd;
  if (endsTurn) {
    bindFlat(op.getResults(), otherwise);
    passTurn();
  }
  scf::YieldOp::create(builder, loc, otherwise);
  setRegisters(op.getInductionVar(), {from});
  bindFlat(op.getRegionIterArgs(), inits);
  lowerRegion(op.getRegion(), branch.thenBlock());
  if (failed)
    return;
  scf::ForOp loop = startFor(op, make<arith::AddIOp>(from, scalar(op.getStep())), flat(op.getYieldedValues()));
  if (failed)
    return;
  // The other branch's zeros may not meet registers that a product is still to write.
  bindFlat(op.getResults(), loop.getResults());
  if (endsTurn) {
    passTurn();
    turnEnd = nullptr;
  }
  SmallVector<Value> results(op.getResults()), sums = llvm::filter_to_vector(results, isSum);
  bindFlat(sums, waitForProducts(0, flat(sums)));
  scf::YieldOp::create(builder, loc, flat(op.getResults()));
  bindFlat(op.getResults(), branch.getResults());
}

bool Lowering::isWaitedFor(ir::DotWaitOp op) const {
  auto loop = op.getValues().empty() ? scf::ForOp() : op.getValues().front().getDefiningOp<scf::ForOp>();
  if (!loop || loop->getBlock() != op->getBlock() || !overwritesFirst(loop) ||
      !llvm::all_of(op.getValues(), [&](Value value) { return value.getDefiningOp() == loop && isSum(value); }))
    return false;
  for (Operation *between = loop->getNextNode(); between != op; between = between->getNextNode())
    if (between->walk([](ir::DotOp) { return WalkResult::interrupt(); }).wasInterrupted())
      return false;
  return true;
}

void Lowering::lowerIf(scf::IfOp op) {
  bool hasElse = !op.getElseRegion().empty();
  auto branch = scf::IfOp::create(builder, loc, flatTypes(op.getResultTypes()), scalar(op.getCondition()), hasElse);
  OpBuilder::InsertionGuard guard(builder);
  for (auto [from, to] : {std::pair(&op.getThenRegion(), &branch.getThenRegion()),
                          std::pair(&op.getElseRegion(), &branch.getElseRegion())}) {
    if (from->empty())
      continue;
    Block *block = &to->front();
    block->clear();
    lowerRegion(*from, block);
    if (failed)
      return;
    scf::YieldOp::create(builder, loc, flat(from->front().getTerminator()->getOperands()));
  }
  bindFlat(op.getResults(), branch.getResults());
}

void Lowering::lowerWhile(scf::WhileOp op) {
  auto loop = scf::WhileOp::create(builder, loc, flatTypes(op.getResultTypes()), flat(op.getInits()));
  OpBuilder::InsertionGuard guard(builder);
  auto lowerBlock = [&](Region &from, Region &to) {
    Block *block = builder.createBlock(&to);
    for (Type type : flatTypes(from.front().getArgumentTypes()))
      block->addArgument(type, loc);
    bindFlat(from.front().getArguments(), block->getArguments());
    lowerRegion(from, block);
  };
  lowerBlock(op.getBefore(), loop.getBefore());
  if (failed)
    return;
  scf::ConditionOp condition = op.getConditionOp();
  scf::ConditionOp::create(builder, loc, scalar(condition.getCondition()), flat(condition.getArgs()));
  lowerBlock(op.getAfter(), loop.getAfter());
  if (failed)
    return;
  scf::YieldOp::create(builder, loc, flat(op.getYieldOp().getOperands()));
  bindFlat(op.getResults(), loop.getResults());
}
