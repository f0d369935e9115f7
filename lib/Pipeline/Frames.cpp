//===- Frames.cpp - Values of the iterations that are in flight ----*- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Frames.h"

using namespace mlir;
using namespace tile;
using namespace tile::ir;
using namespace tile::pipeline;

PlannedLoop::PlannedLoop(ForOp loop) : loop(loop) {
  for (Operation &op : loop.getBody()->without_terminator()) {
    ops.push_back(&op);
    lastStage = std::max({lastStage, at(&op).getStage(), definingStage(&op)});
  }
  llvm::sort(ops, [&](Operation *a, Operation *b) { return at(a).getOrder() < at(b).getOrder(); });
}

Operation *PlannedLoop::definingOp(Value value) {
  Operation *op = value.getDefiningOp();
  return op && op->getBlock() == loop.getBody() ? op : nullptr;
}

bool PlannedLoop::isCarried(Value value) {
  auto argument = dyn_cast<BlockArgument>(value);
  return argument && argument.getOwner() == loop.getBody() && argument != loop.getInductionVar();
}

//===----------------------------------------------------------------------===//
// What both frames share
//===----------------------------------------------------------------------===//

Value Frame::lookup(Value value, int64_t iteration) {
  if (value == planned.loop.getInductionVar())
    return induction(iteration);
  if (planned.isCarried(value))
    return lookupCarried(cast<BlockArgument>(value), iteration);
  if (!planned.definingOp(value))
    return value;
  if (Value result = known.lookup({value, iteration}))
    return result;
  return lookupEarlier(value, iteration);
}

Value Frame::induction(int64_t iteration) {
  if (iteration == 0)
    return firstInduction;
  Value &result = known[{planned.loop.getInductionVar(), iteration}];
  if (result)
    return result;
  Location loc = planned.loop.getLoc();
  Value steps = arith::ConstantIndexOp::create(builder, loc, iteration);
  Value distance = arith::MulIOp::create(builder, loc, planned.loop.getStep(), steps);
  return result = arith::AddIOp::create(builder, loc, firstInduction, distance);
}

Value Frame::ticket(int64_t iteration) {
  if (iteration == 0)
    return firstTicket;
  Location loc = planned.loop.getLoc();
  return arith::AddIOp::create(builder, loc, firstTicket, arith::ConstantIntOp::create(builder, loc, iteration, 32));
}

Value Frame::exists(int64_t iteration) {
  return arith::CmpIOp::create(builder, planned.loop.getLoc(), arith::CmpIPredicate::slt, induction(iteration),
                               planned.loop.getUpper());
}

//===----------------------------------------------------------------------===//
// Prologue
//===----------------------------------------------------------------------===//

Value PrologueFrame::lookupCarried(BlockArgument carried, int64_t iteration) {
  if (iteration == 0)
    return planned.loop.getInits()[carried.getArgNumber() - 1];
  return lookup(planned.loop.getYielded(carried), iteration - 1);
}

Value PrologueFrame::lookupEarlier(Value, int64_t) {
  llvm_unreachable("a value of the prologue is read before it is computed");
}

//===----------------------------------------------------------------------===//
// Steady state
//===----------------------------------------------------------------------===//

SteadyFrame::SteadyFrame(PlannedLoop &planned, OpBuilder &builder, PrologueFrame &prologue, Block &block,
                         Value initialTicket)
    : Frame(planned, builder, block.addArgument(builder.getIndexType(), planned.loop.getLoc()), {}), prologue(prologue),
      block(block), initialTicket(initialTicket) {
  for (BlockArgument carried : planned.loop.getRegionIterArgs())
    registerFor(carried, 0);
  firstTicket = block.addArgument(builder.getI32Type(), planned.loop.getLoc());
}

Value SteadyFrame::registerFor(Value value, int64_t iteration) {
  for (const Register &found : registers)
    if (found.value == value && found.iteration == iteration)
      return found.argument;
  registers.push_back({value, iteration, block.addArgument(value.getType(), value.getLoc())});
  return registers.back().argument;
}

Value SteadyFrame::lookupCarried(BlockArgument carried, int64_t iteration) { return registerFor(carried, iteration); }

Value SteadyFrame::lookupEarlier(Value value, int64_t iteration) {
  assert(iteration < currentIteration(planned.definingOp(value)) && "a value is read before it is computed");
  if (isa<ViewType>(value.getType()))
    return remake(value.getDefiningOp(), iteration);
  return registerFor(value, iteration);
}

Value SteadyFrame::remake(Operation *view, int64_t iteration) {
  IRMapping mapping;
  for (Value operand : view->getOperands())
    mapping.map(operand, lookup(operand, iteration));
  Operation *clone = builder.clone(*view, mapping);
  clone->removeAttr(kAtAttrName);
  define(view->getResult(0), iteration, clone->getResult(0));
  return clone->getResult(0);
}

SmallVector<Value> SteadyFrame::finish() {
  Location loc = planned.loop.getLoc();
  Value nextTicket =
      arith::AddIOp::create(builder, loc, firstTicket, arith::ConstantIntOp::create(builder, loc, 1, 32));
  SmallVector<Value> inits, next;
  // What a register is in the next step may need registers of its own.
  for (size_t index = 0; index < registers.size(); ++index) {
    auto [value, iteration, argument] = registers[index];
    inits.push_back(prologue.lookup(value, iteration));
    // The value that a loop carries into the next iteration is what this one yields; any other value of the next step's
    // iteration is that of the one after, now.
    next.push_back(planned.isCarried(value) ? lookup(planned.loop.getYielded(cast<BlockArgument>(value)), iteration)
                                            : lookup(value, iteration + 1));
  }
  size_t carriedCount = planned.loop.getRegionIterArgs().size();
  inits.insert(inits.begin() + carriedCount, initialTicket);
  next.insert(next.begin() + carriedCount, nextTicket);
  scf::YieldOp::create(builder, loc, next);
  return inits;
}
