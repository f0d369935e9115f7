//===- Instrument.cpp - Has a kernel write down its schedule -------*- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A stamp stands where a warp comes to something: before and behind the copies of a ticket, its wait, and each product. All of them are told by
// the ticket, the number of the iteration over the whole run, so that nothing needs to be counted while the kernel runs. A loop without a
// ring has no ticket; it gets a number that is carried through it and the loops around it.
//
// Products that go on while the next iteration begins have ended when their slots are released; there they are written down as ended.
//
//===----------------------------------------------------------------------===//

#include "tile/Pipeline/Instrument.h"
#include "tile/Pipeline/Pipeline.h"

#include <map>
#include <mlir/Dialect/SCF/IR/SCF.h>
#include <mlir/IR/PatternMatch.h>

namespace tile::pipeline {
#define GEN_PASS_DEF_TILEINSTRUMENT
#include "tile/Pipeline/Passes.h.inc"
} // namespace tile::pipeline

using namespace mlir;
using namespace tile;
using namespace tile::ir;
using namespace tile::pipeline;

/// Of a loop that has been given a number for its iterations, or can't get one, while the pass runs.
static constexpr StringLiteral kCounted = "tile.counted", kUncountable = "tile.uncountable";

//===----------------------------------------------------------------------===//
// Loops
//===----------------------------------------------------------------------===//

/// Calls `each` with the ops of a kind in a loop's iterations, not with those of loops in it.
template <typename Op>
static void forEachOf(scf::ForOp loop, function_ref<void(Op)> each) {
  loop.getBody()->walk<WalkOrder::PreOrder>([&](Operation *op) {
    if (isa<LoopLikeOpInterface>(op))
      return WalkResult::skip();
    if (auto found = dyn_cast<Op>(op))
      each(found);
    return WalkResult::advance();
  });
}

template <typename Op>
static SmallVector<Op> allOf(scf::ForOp loop) {
  SmallVector<Op> found;
  forEachOf<Op>(loop, [&](Op op) { found.push_back(op); });
  return found;
}

/// The loads of tiles that stand in the loop's own block.
static SmallVector<LoadOp> tileLoads(scf::ForOp loop) {
  return llvm::filter_to_vector(loop.getBody()->getOps<LoadOp>(), [](LoadOp load) { return isTile(load.getType()); });
}

/// The await of the iteration at hand, from which its ticket is known.
static AwaitOp ownAwait(scf::ForOp loop) {
  auto awaits = loop.getBody()->getOps<AwaitOp>();
  return awaits.empty() ? AwaitOp() : *awaits.begin();
}

/// Whether a loop is one whose iterations are recorded: it reads a ring, or is an innermost one that loads or multiplies tiles.
static bool isRecorded(scf::ForOp loop) {
  if (loop->getParentOfType<ProducerOp>())
    return false;
  if (!allOf<AwaitOp>(loop).empty())
    return true;
  bool isInnermost =
      !loop.getBody()->walk([](LoopLikeOpInterface) { return WalkResult::interrupt(); }).wasInterrupted();
  return isInnermost && (!tileLoads(loop).empty() || !allOf<DotOp>(loop).empty());
}

/// Gives a loop a number of its iterations, counted over the whole run, as its last carried value. What stands in branches has none.
static void countIterations(scf::ForOp loop) {
  SmallVector<scf::ForOp> around{loop};
  for (Operation *parent = loop->getParentOp(); !isa<KernelOp>(parent); parent = parent->getParentOp()) {
    auto outer = dyn_cast<scf::ForOp>(parent);
    if (!outer)
      return loop->setAttr(kUncountable, UnitAttr::get(loop.getContext()));
    around.push_back(outer);
  }
  IRRewriter rewriter(loop.getContext());
  rewriter.setInsertionPoint(around.back());
  Value number = arith::ConstantOp::create(rewriter, loop.getLoc(), rewriter.getI32IntegerAttr(0));
  SmallVector<scf::ForOp> made;
  for (scf::ForOp each : llvm::reverse(around)) {
    NamedAttrList attributes(each->getDiscardableAttrDictionary());
    auto replaced = cast<scf::ForOp>(*each.replaceWithAdditionalYields(
        rewriter, number, /*replaceInitOperandUsesInLoop=*/false,
        [](OpBuilder &, Location, ArrayRef<BlockArgument> added) { return llvm::to_vector_of<Value>(added); }));
    replaced->setDiscardableAttrs(attributes.getDictionary(loop.getContext()));
    number = replaced.getRegionIterArgs().back();
    made.push_back(replaced);
  }
  auto setNext = [](scf::ForOp each, Value next) {
    Operation *yield = each.getBody()->getTerminator();
    yield->setOperand(yield->getNumOperands() - 1, next);
  };
  scf::ForOp innermost = made.back();
  rewriter.setInsertionPoint(innermost.getBody()->getTerminator());
  Value one = arith::ConstantOp::create(rewriter, innermost.getLoc(), rewriter.getI32IntegerAttr(1));
  setNext(innermost, arith::AddIOp::create(rewriter, innermost.getLoc(), number, one));
  for (size_t outer = 0; outer + 1 < made.size(); ++outer)
    setNext(made[outer], made[outer + 1].getResults().back());
  innermost->setAttr(kCounted, UnitAttr::get(innermost.getContext()));
}

//===----------------------------------------------------------------------===//
// Stamps
//===----------------------------------------------------------------------===//

namespace {
class Instrumenter {
public:
  explicit Instrumenter(KernelOp kernel) : kernel(kernel), ofHost(kernel.getTarget() == "cpu") {}

  void run();

private:
  void recordLoop(scf::ForOp loop);
  void recordChannel(ChannelOp channel, unsigned part);
  void recordLoads();
  void recordWork(ArrayRef<AwaitOp> awaits, Value ticket);
  /// Puts a stamp at the builder's place.
  void stamp(OpBuilder builder, Moment moment, unsigned part, Value ticket, ValueRange values = {});
  void stampBefore(Operation *op, Moment moment, unsigned part, Value ticket) {
    stamp(OpBuilder(op), moment, part, ticket);
  }
  void stampAfter(Operation *op, Moment moment, unsigned part, Value ticket, ValueRange values = {}) {
    OpBuilder builder(op->getContext());
    builder.setInsertionPointAfter(op);
    stamp(builder, moment, part, ticket, values);
  }

  KernelOp kernel;
  /// Host code does one thing after the other; it waits for no value.
  bool ofHost;
  scf::ForOp loop;
  std::map<std::pair<Moment, unsigned>, int64_t> sitesOfLoop;
  int64_t sites = 0;
};
} // namespace

void Instrumenter::stamp(OpBuilder builder, Moment moment, unsigned part, Value ticket, ValueRange values) {
  auto [site, isNew] = sitesOfLoop.try_emplace({moment, part}, sites);
  sites += isNew;
  StampOp::create(builder, loop.getLoc(), moment, ticket, site->second, ofHost ? ValueRange() : values);
}

/// Around the copies of a channel and the waits for them, wherever they stand.
void Instrumenter::recordChannel(ChannelOp channel, unsigned part) {
  for (Operation *user : llvm::to_vector(channel.getChannel().getUsers())) {
    if (auto acquire = dyn_cast<AcquireOp>(user)) {
      if (acquire->getParentOfType<ProducerOp>())
        stampBefore(acquire, Moment::Acquire, part, acquire.getTicket());
      stampAfter(acquire, Moment::Issue, part, acquire.getTicket());
    } else if (auto commit = dyn_cast<CommitOp>(user)) {
      stampAfter(commit, Moment::Issued, part, commit.getTicket());
    } else if (auto await = dyn_cast<AwaitOp>(user)) {
      stampBefore(await, Moment::Await, part, await.getTicket());
      stampAfter(await, Moment::Arrived, part, await.getTicket());
    }
  }
}

/// Around loads that are waited for where they stand.
void Instrumenter::recordLoads() {
  SmallVector<LoadOp> loads = tileLoads(loop);
  if (loads.empty())
    return;
  Value number = loop.getRegionIterArgs().back();
  SmallVector<Value> values;
  for (LoadOp load : loads)
    values.push_back(load.getResult());
  stampBefore(loads.front(), Moment::Issue, 0, number);
  stampAfter(loads.back(), Moment::Arrived, 0, number, values);
}

/// Around each product, or where there is none around all that an iteration computes.
void Instrumenter::recordWork(ArrayRef<AwaitOp> awaits, Value ticket) {
  SmallVector<DotOp> dots = allOf<DotOp>(loop);
  if (llvm::any_of(dots, [](DotOp dot) { return dot.getAsync(); })) {
    stampBefore(dots.front(), Moment::Begin, 0, ticket);
    for (AwaitOp await : awaits)
      for (Operation *user : llvm::to_vector(await.getChannel().getUsers()))
        if (auto release = dyn_cast<ReleaseOp>(user))
          stampBefore(release, Moment::End, 0, release.getTicket());
    return;
  }
  for (auto [part, dot] : llvm::enumerate(dots)) {
    stampBefore(dot, Moment::Begin, part, ticket);
    stampAfter(dot, Moment::End, part, ticket, dot.getResult());
  }
  if (!dots.empty())
    return;
  Operation *first = nullptr;
  for (Operation &op : *loop.getBody())
    if (auto slot = dyn_cast<SlotOp>(op); !first && slot)
      first = slot;
    else if (auto arrived = dyn_cast<StampOp>(op); awaits.empty() && arrived && arrived.getMoment() == Moment::Arrived)
      first = arrived->getNextNode();
  Operation *last = loop.getBody()->getTerminator();
  SmallVector<Value> values;
  for (Value value : last->getOperands())
    if (isTile(value.getType()) && value.getParentBlock() == loop.getBody() && value.getDefiningOp())
      values.push_back(value);
  stampBefore(first ? first : &loop.getBody()->front(), Moment::Begin, 0, ticket);
  stamp(OpBuilder(last), Moment::End, 0, ticket, values);
}

void Instrumenter::recordLoop(scf::ForOp of) {
  loop = of;
  sitesOfLoop.clear();
  SmallVector<AwaitOp> awaits = allOf<AwaitOp>(loop);
  llvm::SetVector<Operation *> channels;
  for (AwaitOp await : awaits)
    channels.insert(await.getChannel().getDefiningOp());
  AwaitOp own = ownAwait(loop);
  for (auto [part, channel] : llvm::enumerate(channels))
    recordChannel(cast<ChannelOp>(channel), part);
  if (awaits.empty())
    recordLoads();
  recordWork(awaits, own ? Value(own.getTicket()) : loop.getRegionIterArgs().back());
}

void Instrumenter::run() {
  // Counting replaces loops, those around it too.
  auto isOpen = [](scf::ForOp each) {
    return isRecorded(each) && !ownAwait(each) && !each->hasAttr(kCounted) && !each->hasAttr(kUncountable);
  };
  while (true) {
    scf::ForOp next;
    kernel.walk([&](scf::ForOp each) {
      if (!isOpen(each))
        return WalkResult::advance();
      next = each;
      return WalkResult::interrupt();
    });
    if (!next)
      break;
    countIterations(next);
  }
  SmallVector<scf::ForOp> recorded;
  kernel.walk<WalkOrder::PreOrder>([&](scf::ForOp each) {
    if (isRecorded(each) && !each->hasAttr(kUncountable))
      recorded.push_back(each);
  });
  for (scf::ForOp each : recorded)
    recordLoop(each);
  kernel.walk([](scf::ForOp each) {
    each->removeAttr(kCounted);
    each->removeAttr(kUncountable);
  });
}

namespace {
struct TileInstrument : pipeline::impl::TileInstrumentBase<TileInstrument> {
  void runOnOperation() override {
    KernelOp kernel = getOperation();
    if (kernel.getPhase() != Phase::Pipelined) {
      kernel.emitError() << "only a kernel in phase 'pipelined' can be instrumented; this is in phase '"
                         << stringifyPhase(kernel.getPhase()) << "'";
      return signalPassFailure();
    }
    if (recordSites(kernel) != 0) {
      kernel.emitError() << "is instrumented already";
      return signalPassFailure();
    }
    Instrumenter(kernel).run();
  }
};
} // namespace

//===----------------------------------------------------------------------===//
// What the sites are
//===----------------------------------------------------------------------===//

RecordPlan pipeline::recordPlan(KernelOp instrumented) {
  RecordPlan plan;
  std::map<std::pair<unsigned, unsigned>, unsigned> loopAt;
  std::map<int64_t, StampOp> stampOf;
  instrumented.walk([&](StampOp stamp) {
    StampOp &known = stampOf[static_cast<int64_t>(stamp.getSite())];
    if (!known || stamp->getParentOfType<ProducerOp>())
      known = stamp;
  });
  std::map<std::pair<unsigned, Moment>, unsigned> parts;
  for (auto &[site, stamp] : stampOf) {
    auto place = stamp.getLoc()->findInstanceOf<FileLineColLoc>();
    std::pair<unsigned, unsigned> at = place ? std::pair(place.getLine(), place.getColumn()) : std::pair(0u, 0u);
    auto [loop, isNew] = loopAt.try_emplace(at, plan.loops.size());
    if (isNew)
      plan.loops.push_back({at.first, at.second, false});
    plan.loops[loop->second].hasProducer |= stamp->getParentOfType<ProducerOp>() != nullptr;
    plan.sites.push_back({loop->second, stamp.getMoment(), parts[{loop->second, stamp.getMoment()}]++});
  }
  return plan;
}
