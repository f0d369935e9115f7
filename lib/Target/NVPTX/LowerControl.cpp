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

void Lowering::lowerFor(scf::ForOp op) {
  auto loop = scf::ForOp::create(builder, loc, scalar(op.getLowerBound()), scalar(op.getUpperBound()),
                                 scalar(op.getStep()), flat(op.getInitArgs()));
  OpBuilder::InsertionGuard guard(builder);
  Block *body = loop.getBody();
  if (!body->empty())
    body->back().erase();
  setRegisters(op.getInductionVar(), {loop.getInductionVar()});
  bindFlat(op.getRegionIterArgs(), loop.getRegionIterArgs());
  lowerRegion(op.getRegion(), body);
  if (failed)
    return;
  scf::YieldOp::create(builder, loc, flat(op.getYieldedValues()));
  bindFlat(op.getResults(), loop.getResults());
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
