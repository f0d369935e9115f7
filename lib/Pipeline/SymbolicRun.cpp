//===- SymbolicRun.cpp - Runs a kernel on symbolic values ----------*- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "SymbolicRun.h"

#include <mlir/Interfaces/FunctionInterfaces.h>

using namespace mlir;
using namespace tile;
using namespace tile::ir;
using namespace tile::pipeline;

namespace {
/// The first number of a key: what kind of term it is. Sums have 1.
enum Kind : uint64_t { kArgument = 2, kResult, kLoad, kEffect, kProduct };
} // namespace

static uint64_t number(const void *pointer) { return reinterpret_cast<uint64_t>(pointer); }

//===----------------------------------------------------------------------===//
// Where loops end
//===----------------------------------------------------------------------===//

bool tile::pipeline::isPipelined(Operation *loop) {
  if (auto planned = dyn_cast<ForOp>(loop))
    return planned.getPlan() && planned.getPlan()->getStages() > 1;
  auto done = dyn_cast<scf::ForOp>(loop);
  return done && !done.getBody()->getOps<AwaitOp>().empty();
}

/// The steps from `from` to at or behind `to`; none when they are not known relative to each other.
static std::optional<int64_t> stepsBetween(const Sum &from, const Sum &to, const Sum &step) {
  Sum rest = to - from;
  if (rest.isConstant() && step.isConstant() && step.constant > 0)
    return std::max<int64_t>(0, llvm::divideCeilSigned(rest.constant, step.constant));
  if (std::optional<int64_t> steps = rest.dividedBy(step))
    return std::max<int64_t>(0, *steps);
  return std::nullopt;
}

int64_t Scenario::tripCount(Operation *loop, const Sum &lower, const Sum &upper, const Sum &step) {
  constexpr int64_t kFewTrips = 3, kMostTrips = 256;
  auto isOfUpper = [&](const Limit &limit) { return limit.upper == upper; };
  for (const Limit &limit : limits) {
    std::optional<int64_t> steps = isOfUpper(limit) ? stepsBetween(lower, limit.end, step) : std::nullopt;
    if (!steps)
      continue;
    // The focus says where its bound is, whoever came first.
    if (loop == focus && !limit.ofFocus && *steps != trips) {
      llvm::erase_if(limits, isOfUpper);
      break;
    }
    if (*steps <= kMostTrips)
      return *steps;
    // Only guards of pipelined loops ask where their end is; any other may as well run few times.
    tooLong |= isPipelined(loop);
    return kFewTrips;
  }
  int64_t count = loop == focus ? trips : std::min(trips, kFewTrips);
  limits.push_back({upper, lower + step * count, step, loop == focus});
  ++changes;
  return count;
}

std::optional<bool> Scenario::isBefore(const Sum &lhs, const Sum &rhs) const {
  for (const Limit &limit : limits)
    if (limit.upper == rhs)
      if (std::optional<int64_t> steps = stepsBetween(lhs, limit.end, limit.step))
        return *steps > 0;
  return std::nullopt;
}

//===----------------------------------------------------------------------===//
// Values
//===----------------------------------------------------------------------===//

void SymbolicRun::setAll(ValueRange to, ArrayRef<Sum> from) {
  for (auto [value, sum] : llvm::zip_equal(to, from))
    set(value, sum);
}

void SymbolicRun::fail(Operation &op, std::string what) {
  if (!hazard)
    hazard = Hazard{&op, std::move(what)};
}

int64_t SymbolicRun::ticket(Value value) { return get(value).constant; }

/// An unknown condition is decided by its term, which is the same in every run that computes the same.
bool SymbolicRun::choose(Value condition) {
  Sum sum = get(condition);
  if (sum.isConstant())
    return sum.constant != 0;
  return llvm::hash_value(scenario.terms.intern(sum)) & 1;
}

/// The attributes that say what an op computes, not how or when.
static Attribute meaning(Operation &op) {
  NamedAttrList attributes(op.getAttrDictionary());
  attributes.erase(kAtAttrName);
  if (isa<LoadOp, DotOp>(op))
    attributes.erase("binding");
  if (auto dot = dyn_cast<DotOp>(op))
    attributes.erase(dot.getAsyncAttrName());
  return attributes.getDictionary(op.getContext());
}

Term SymbolicRun::key(Operation &op, uint64_t result) {
  std::vector<uint64_t> key = {kResult, number(op.getName().getAsOpaquePointer()),
                               number(meaning(op).getAsOpaquePointer()), result};
  if (op.getNumResults() != 0)
    key.push_back(number(op.getResult(result).getType().getAsOpaquePointer()));
  for (Value operand : op.getOperands()) {
    auto found = slots.find(operand);
    if (found == slots.end()) {
      key.push_back(term(operand));
      continue;
    }
    Term content = 0;
    if (std::string wrong = protocol.read(found->second.first, found->second.second, content); !wrong.empty())
      fail(op, wrong);
    key.push_back(content);
  }
  return scenario.terms.intern(key);
}

Term SymbolicRun::loaded(Value view, ValueRange offsets, DenseI64ArrayAttr widths, TypedAttr pad, Type tile) {
  std::vector<uint64_t> key = {kLoad,
                               term(view),
                               number(widths.getAsOpaquePointer()),
                               number(pad.getAsOpaquePointer()),
                               number(tile.getAsOpaquePointer()),
                               versions.lookup(rootArgument(view))};
  for (Value offset : offsets)
    key.push_back(term(offset));
  return scenario.terms.intern(key);
}

//===----------------------------------------------------------------------===//
// Ops
//===----------------------------------------------------------------------===//

/// Arithmetic that index computations and guards are made of. False for anything else.
bool SymbolicRun::runScalarArith(Operation &op) {
  if (op.getNumResults() != 1 || !op.getResult(0).getType().isIntOrIndex())
    return false;
  Value result = op.getResult(0);
  if (auto constant = dyn_cast<arith::ConstantOp>(op)) {
    auto integer = dyn_cast<IntegerAttr>(constant.getValue());
    if (!integer || integer.getValue().getSignificantBits() > 64)
      return false;
    set(result, Sum::number(integer.getValue().getSExtValue()));
    return true;
  }
  if (op.getNumOperands() != 2)
    return false;
  Sum lhs = get(op.getOperand(0)), rhs = get(op.getOperand(1));
  if (isa<arith::AddIOp>(op)) {
    set(result, lhs + rhs);
    return true;
  }
  if (isa<arith::SubIOp>(op)) {
    set(result, lhs - rhs);
    return true;
  }
  if (isa<arith::MulIOp>(op)) {
    if (lhs.isConstant() || rhs.isConstant()) {
      set(result, lhs.isConstant() ? rhs * lhs.constant : lhs * rhs.constant);
      return true;
    }
    auto [first, second] = std::minmax(scenario.terms.intern(lhs), scenario.terms.intern(rhs));
    set(result, Sum::single(scenario.terms.intern({kProduct, first, second})));
    return true;
  }
  auto compare = dyn_cast<arith::CmpIOp>(op);
  if (compare && compare.getPredicate() == arith::CmpIPredicate::ne && (lhs - rhs).isConstant()) {
    set(result, Sum::number((lhs - rhs).constant != 0));
    return true;
  }
  if (!compare || compare.getPredicate() != arith::CmpIPredicate::slt)
    return false;
  if (std::optional<bool> before = scenario.isBefore(lhs, rhs)) {
    set(result, Sum::number(*before));
    return true;
  }
  if (Sum difference = rhs - lhs; difference.isConstant()) {
    set(result, Sum::number(difference.constant > 0));
    return true;
  }
  return false;
}

//===----------------------------------------------------------------------===//
// Producers and async dots
//===----------------------------------------------------------------------===//

void SymbolicRun::advanceProducer() {
  if (std::optional<Hazard> found = producer.advance(); found && !hazard)
    hazard = found;
}

void SymbolicRun::runProducer(ProducerOp op) {
  producer.begin(op);
  inProducer = true;
  for (Operation &nested : op.getBody().front())
    if (!stopped())
      runOp(nested);
  inProducer = false;
  if (!stopped())
    advanceProducer();
}

bool SymbolicRun::noteProduced(Operation &op) {
  if (auto acquire = dyn_cast<AcquireOp>(op))
    producer.note(&op, acquire.getChannel(), ticket(acquire.getTicket()));
  else if (auto commit = dyn_cast<CommitOp>(op))
    producer.note(&op, commit.getChannel(), ticket(commit.getTicket()));
  else if (auto copy = dyn_cast<CopyAsyncOp>(op)) {
    BlockArgument view = rootArgument(copy.getView());
    if (!view || op.getParentOfType<KernelOp>().getAccess(view.getArgNumber()) != Access::In)
      fail(op, "a producer copies from a view that the kernel also writes");
    producer.note(&op, copy.getRing(), ticket(copy.getTicket()),
                  loaded(copy.getView(), copy.getOffsets(), copy.getWidthsAttr(), copy.getPadding(),
                         copy.getRing().getType().getTileType()));
  } else
    return false;
  return true;
}

void SymbolicRun::waitForDots(DotWaitOp op) {
  if (pendingDots.size() > op.getPending())
    pendingDots.erase(pendingDots.begin(), pendingDots.end() - op.getPending());
  for (auto [value, result] : llvm::zip_equal(op.getValues(), op.getResults())) {
    Term passed = term(value);
    if (llvm::any_of(pendingDots, [&](const PendingDot &dot) { return dot.result == passed; }))
      fail(*op, "the result of a dot is passed on while the dot may be under way");
    set(result, get(value));
  }
}

std::string SymbolicRun::readByDots(Value channel, int64_t ticket) {
  for (const PendingDot &dot : pendingDots)
    for (auto [ring, at] : dot.slots)
      if (at == ticket && protocol.isOf(ring, channel))
        return "ticket " + std::to_string(ticket) + " is released while an async dot may still read slot " +
               std::to_string(static_cast<uint32_t>(ticket) % protocol.depth(channel));
  return "";
}

//===----------------------------------------------------------------------===//
// Rings
//===----------------------------------------------------------------------===//

/// Follows the ops of rings and channels. False for anything else.
bool SymbolicRun::runRingOp(Operation &op) {
  if (inProducer)
    return noteProduced(op);
  std::string wrong;
  if (auto ring = dyn_cast<RingOp>(op))
    wrong = protocol.makeRing(ring);
  else if (auto channel = dyn_cast<ChannelOp>(op))
    wrong = protocol.makeChannel(channel);
  else if (auto acquire = dyn_cast<AcquireOp>(op))
    wrong = protocol.acquire(acquire.getChannel(), ticket(acquire.getTicket()));
  else if (auto commit = dyn_cast<CommitOp>(op))
    wrong = protocol.commit(commit.getChannel(), ticket(commit.getTicket()));
  else if (auto await = dyn_cast<AwaitOp>(op))
    wrong = producer.fills(await.getChannel()) ? producer.await(await.getChannel(), ticket(await.getTicket()))
                                               : protocol.await(await.getChannel(), ticket(await.getTicket()));
  else if (auto release = dyn_cast<ReleaseOp>(op)) {
    wrong = readByDots(release.getChannel(), ticket(release.getTicket()));
    if (wrong.empty())
      wrong = protocol.release(release.getChannel(), ticket(release.getTicket()));
    advanceProducer();
  } else if (auto wait = dyn_cast<DotWaitOp>(op))
    waitForDots(wait);
  else if (auto slot = dyn_cast<SlotOp>(op))
    slots[slot] = {slot.getRing(), ticket(slot.getTicket())};
  else if (auto read = dyn_cast<ReadOp>(op)) {
    auto [ring, at] = slots.lookup(read.getSlot());
    Term content = 0;
    wrong = protocol.read(ring, at, content);
    set(read.getResult(), Sum::single(content));
  } else if (auto copy = dyn_cast<CopyAsyncOp>(op)) {
    Term content = loaded(copy.getView(), copy.getOffsets(), copy.getWidthsAttr(), copy.getPadding(),
                          copy.getRing().getType().getTileType());
    wrong = protocol.copy(copy.getRing(), ticket(copy.getTicket()), content);
  } else
    return false;
  if (!wrong.empty())
    fail(op, wrong);
  return true;
}

void SymbolicRun::runPure(Operation &op) {
  if (auto load = dyn_cast<LoadOp>(op)) {
    set(load.getResult(), Sum::single(loaded(load.getView(), load.getOffsets(), load.getWidthsAttr(), load.getPadding(),
                                             load.getType())));
    return;
  }
  for (OpResult result : op.getResults())
    set(result, Sum::single(key(op, result.getResultNumber())));
  if (auto dot = dyn_cast<DotOp>(op); dot && dot.getAsync()) {
    PendingDot pending{&op, term(dot.getResult()), {}};
    for (Value operand : {dot.getA(), dot.getB()})
      if (auto found = slots.find(operand); found != slots.end())
        pending.slots.push_back(found->second);
    pendingDots.push_back(pending);
  }
  if (op.getNumResults() != 0)
    return;
  // Stores, assertions and messages are the effects that count.
  trace.push_back({&op, scenario.terms.intern({kEffect, key(op, 0)})});
  if (auto store = dyn_cast<StoreOp>(op))
    ++versions[rootArgument(store.getView())];
}

//===----------------------------------------------------------------------===//
// Control flow
//===----------------------------------------------------------------------===//

void SymbolicRun::runFor(Operation &op, Value lower, Value upper, Value step, ValueRange inits) {
  Sum first = get(lower), limit = get(upper), stride = get(step);
  int64_t trips = scenario.tripCount(&op, first, limit, stride);
  Sums carried;
  for (Value init : inits)
    carried.push_back(get(init));
  for (int64_t iteration = 0; iteration < trips && !stopped(); ++iteration) {
    Sums arguments = {first + stride * iteration};
    arguments.append(carried);
    carried = runBlock(op.getRegion(0).front(), arguments);
  }
  if (!stopped())
    setAll(op.getResults(), carried);
}

void SymbolicRun::runIf(scf::IfOp op) {
  Region &region = choose(op.getCondition()) ? op.getThenRegion() : op.getElseRegion();
  Sums results;
  if (!region.empty())
    results = runBlock(region.front(), {});
  if (!stopped())
    setAll(op.getResults(), results);
}

void SymbolicRun::runWhile(scf::WhileOp op) {
  // It is never pipelined, so any number of rounds shows the same; few keep the run short.
  constexpr int kRounds = 3;
  Sums carried;
  for (Value init : op.getInits())
    carried.push_back(get(init));
  for (int round = 0; !stopped(); ++round) {
    Sums condition = runBlock(op.getBefore().front(), carried);
    if (stopped())
      return;
    carried.assign(condition.begin() + 1, condition.end());
    if (round == kRounds || !choose(op.getConditionOp().getCondition()))
      break;
    carried = runBlock(op.getAfter().front(), carried);
  }
  if (!stopped())
    setAll(op.getResults(), carried);
}

void SymbolicRun::runOp(Operation &op) {
  if (auto loop = dyn_cast<ForOp>(op))
    return runFor(op, loop.getLower(), loop.getUpper(), loop.getStep(), loop.getInits());
  if (auto loop = dyn_cast<scf::ForOp>(op))
    return runFor(op, loop.getLowerBound(), loop.getUpperBound(), loop.getStep(), loop.getInitArgs());
  if (auto branch = dyn_cast<scf::IfOp>(op))
    return runIf(branch);
  if (auto loop = dyn_cast<scf::WhileOp>(op))
    return runWhile(loop);
  if (auto beside = dyn_cast<ProducerOp>(op))
    return runProducer(beside);
  if (!runRingOp(op) && !runScalarArith(op))
    runPure(op);
}

SymbolicRun::Sums SymbolicRun::runBlock(Block &block, ArrayRef<Sum> arguments) {
  setAll(block.getArguments(), arguments);
  for (Operation &op : block.without_terminator()) {
    // Some milliseconds: far more than a loop in a loop takes, and less than a compiler may.
    constexpr unsigned kMostSteps = 6000;
    scenario.tooLong |= ++steps > kMostSteps;
    if (!stopped())
      runOp(op);
    if (stopped())
      return {};
  }
  Sums results;
  for (Value operand : block.getTerminator()->getOperands())
    results.push_back(get(operand));
  return results;
}

std::optional<Hazard> SymbolicRun::run(KernelOp kernel) {
  Sums arguments;
  for (BlockArgument argument : kernel.getBody().getArguments())
    arguments.push_back(Sum::single(scenario.terms.intern({kArgument, argument.getArgNumber()})));
  runBlock(kernel.getBody().front(), arguments);
  if (!stopped() && !pendingDots.empty())
    fail(*pendingDots.front().op, "is async, and nothing waits for it");
  if (!stopped())
    hazard = producer.finish();
  if (!stopped())
    if (std::string left = protocol.finish(); !left.empty())
      fail(*kernel, left);
  return hazard;
}
