//===- LoopExpander.cpp - One planned loop becomes a loop over rings *- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The steady state runs the loop's iterations; its step for iteration i runs the ops of the last stage for i itself and those of an
// earlier stage s for iteration i + (last - s), which may not exist. The prologue runs the earlier stages of the iterations that the
// first step finds in flight. What may run for an iteration that does not exist is either free of effects or guarded: the issue of
// copies, and reads of slots in earlier stages. So nothing is peeled behind the loop, and no product is duplicated.
//
// In each step a channel's data is awaited before new copies are issued: a barrier at the await then also tells that the slot about
// to be filled is free.
//
//===----------------------------------------------------------------------===//

#include "LoopExpander.h"

#include "Frames.h"
#include "Tickets.h"

#include <mlir/Transforms/RegionUtils.h>

using namespace mlir;
using namespace tile;
using namespace tile::ir;
using namespace tile::pipeline;

namespace {
/// A load that owns a ring.
struct RingLoad {
  LoadOp load;
  Value ring;
  /// Whether its readers take the slot in place: all are operands of dots, in the last stage.
  bool inPlace;
};

/// Loads that are issued together and read together.
struct Channel {
  SmallVector<RingLoad> loads;
  Value channel;
  int64_t issueStage, readStage;
  /// The op after which copies are issued, the one before which slots are read, and the one after which they are released.
  Operation *lastIssued = nullptr, *firstReader = nullptr, *lastReader = nullptr;
};

class LoopExpander {
public:
  LoopExpander(ForOp loop, IRRewriter &rewriter)
      : planned(loop), loop(loop), rewriter(rewriter), ticket(loop, rewriter) {}

  void run() {
    makeChannels();
    rewriter.setInsertionPoint(loop);
    OpBuilder beforeLoop(loop);
    PrologueFrame prologue(planned, beforeLoop, loop.getLower(), ticket.first());
    for (int64_t time = 0; time < planned.lastStage; ++time)
      emitStep(prologue, beforeLoop, [&](int64_t stage) { return time - stage; });

    auto body = std::make_unique<Block>();
    OpBuilder inBody(loop.getContext());
    inBody.setInsertionPointToEnd(body.get());
    SteadyFrame steady(planned, inBody, prologue, *body, ticket.first());
    emitStep(steady, inBody, [&](int64_t stage) { return planned.lastStage - stage; });
    SmallVector<Value> inits = steady.finish();

    rewriter.setInsertionPoint(loop);
    auto result = scf::ForOp::create(rewriter, loop.getLoc(), loop.getLower(), loop.getUpper(), loop.getStep(), inits);
    result.getRegion().front().erase();
    result.getRegion().push_back(body.release());
    size_t carried = loop.getNumResults();
    ticket.finish(result.getResult(carried));
    rewriter.replaceOp(loop, result.getResults().take_front(carried));
  }

private:
  /// Gives the iteration that ops of a stage work on; negative when there is none yet.
  using IterationOf = function_ref<int64_t(int64_t)>;

  void makeChannels();
  void findReaders(Channel &channel);
  void emitStep(Frame &frame, OpBuilder &builder, IterationOf iterationOf);
  void emitIssue(const Channel &channel, Frame &frame, OpBuilder &builder, int64_t iteration);
  void emitReads(const Channel &channel, Frame &frame, OpBuilder &builder, int64_t iteration);
  void emitGuardedReads(const Channel &channel, Frame &frame, OpBuilder &builder, int64_t iteration);
  void emitOp(Operation *op, Frame &frame, OpBuilder &builder, int64_t iteration);

  PlannedLoop planned;
  ForOp loop;
  IRRewriter &rewriter;
  TicketCarrier ticket;
  SmallVector<Channel> channels;
};
} // namespace

//===----------------------------------------------------------------------===//
// Rings and channels
//===----------------------------------------------------------------------===//

/// Whether every reader of a load is a dot that multiplies it.
static bool onlyMultiplied(LoadOp load) {
  return llvm::all_of(load->getUses(), [](OpOperand &use) {
    auto dot = dyn_cast<DotOp>(use.getOwner());
    return dot && use.getOperandNumber() != dot.getAccMutable().getOperandNumber();
  });
}

void LoopExpander::makeChannels() {
  // Loads that are issued in one stage and read in one have the same slots free at the same time: they share a channel.
  llvm::MapVector<std::pair<int64_t, int64_t>, Channel> byStages;
  for (Operation *op : planned.ops) {
    if (!planned.ownsRing(op))
      continue;
    Channel &channel = byStages[{planned.at(op).getStage(), planned.definingStage(op)}];
    channel.issueStage = planned.at(op).getStage();
    channel.readStage = planned.definingStage(op);
    channel.lastIssued = op;
    auto load = cast<LoadOp>(op);
    channel.loads.push_back({load, Value(), channel.readStage == planned.lastStage && onlyMultiplied(load)});
  }
  ticket.setInsertionPointToScope(rewriter);
  for (auto &[stages, channel] : byStages) {
    SmallVector<Value> rings;
    for (RingLoad &owner : channel.loads) {
      auto tile = cast<RankedTensorType>(owner.load.getType());
      auto type = RingType::get(rewriter.getContext(), planned.at(owner.load).getDepth(), tile.getShape(),
                                tile.getElementType());
      owner.ring = RingOp::create(rewriter, owner.load.getLoc(), type, IntegerAttr());
      rings.push_back(owner.ring);
    }
    channel.channel = ChannelOp::create(rewriter, loop.getLoc(), rings, IntegerAttr(), IntegerAttr());
    findReaders(channel);
    channels.push_back(std::move(channel));
  }
}

void LoopExpander::findReaders(Channel &channel) {
  llvm::SmallPtrSet<Operation *, 8> readers, inPlaceReaders;
  for (RingLoad owner : channel.loads)
    for (Operation *user : owner.load->getUsers()) {
      Operation *reader = loop.getBody()->findAncestorOpInBlock(*user);
      readers.insert(reader);
      if (owner.inPlace)
        inPlaceReaders.insert(reader);
    }
  for (Operation *op : planned.ops) {
    if (!channel.firstReader && readers.contains(op) && planned.at(op).getStage() == channel.readStage)
      channel.firstReader = op;
    if (inPlaceReaders.contains(op))
      channel.lastReader = op;
  }
}

//===----------------------------------------------------------------------===//
// One step
//===----------------------------------------------------------------------===//

void LoopExpander::emitStep(Frame &frame, OpBuilder &builder, IterationOf iterationOf) {
  auto isLast = [&](const Channel &channel) { return channel.readStage == planned.lastStage; };
  auto runs = [&](int64_t stage) { return iterationOf(stage) >= 0; };
  for (const Channel &channel : channels)
    if (isLast(channel) && runs(channel.readStage))
      AwaitOp::create(builder, loop.getLoc(), channel.channel, frame.ticket(iterationOf(channel.readStage)));

  auto emitReadsOf = [&](const Channel &channel) {
    int64_t iteration = iterationOf(channel.readStage);
    if (iteration < 0)
      return;
    if (!isLast(channel))
      return emitGuardedReads(channel, frame, builder, iteration);
    emitReads(channel, frame, builder, iteration);
    if (!channel.lastReader)
      ReleaseOp::create(builder, loop.getLoc(), channel.channel, frame.ticket(iteration));
  };
  for (Operation *op : planned.ops) {
    int64_t iteration = iterationOf(planned.at(op).getStage());
    for (const Channel &channel : channels)
      if (channel.firstReader == op)
        emitReadsOf(channel);
    if (iteration < 0)
      continue;
    if (!planned.ownsRing(op))
      emitOp(op, frame, builder, iteration);
    for (const Channel &channel : channels) {
      if (channel.lastIssued == op)
        emitIssue(channel, frame, builder, iteration);
      if (channel.lastReader == op)
        ReleaseOp::create(builder, loop.getLoc(), channel.channel, frame.ticket(iteration));
    }
  }
  // What only the next iteration reads, as a carried value, or nothing does.
  for (const Channel &channel : channels)
    if (!channel.firstReader)
      emitReadsOf(channel);
}

void LoopExpander::emitIssue(const Channel &channel, Frame &frame, OpBuilder &builder, int64_t iteration) {
  struct Copy {
    LoadOp load;
    Value view;
    SmallVector<Value> offsets;
    Value ring;
  };
  SmallVector<Copy> copies;
  for (RingLoad owner : channel.loads) {
    SmallVector<Value> offsets;
    for (Value offset : owner.load.getOffsets())
      offsets.push_back(frame.lookup(offset, iteration));
    copies.push_back({owner.load, frame.lookup(owner.load.getView(), iteration), offsets, owner.ring});
  }
  Value ticketOf = frame.ticket(iteration);
  scf::IfOp::create(builder, loop.getLoc(), frame.exists(iteration), [&](OpBuilder &guarded, Location loc) {
    AcquireOp::create(guarded, loc, channel.channel, ticketOf);
    for (Copy &copy : copies)
      CopyAsyncOp::create(guarded, copy.load.getLoc(), copy.view, copy.offsets, copy.load.getWidthsAttr(), copy.ring,
                          ticketOf, copy.load.getPadAttr(), copy.load.getBindingAttr());
    CommitOp::create(guarded, loc, channel.channel, ticketOf);
    scf::YieldOp::create(guarded, loc);
  });
}

/// The slot of a load in the ring's ticket.
static Value emitSlot(RingLoad owner, OpBuilder &builder, Value ticket) {
  auto ring = cast<RingType>(owner.ring.getType());
  auto type = SlotType::get(builder.getContext(), ring.getShape(), ring.getElementType());
  return SlotOp::create(builder, owner.load.getLoc(), type, owner.ring, ticket);
}

static Value emitRead(RingLoad owner, OpBuilder &builder, Value ticket) {
  return ReadOp::create(builder, owner.load.getLoc(), owner.load.getType(), emitSlot(owner, builder, ticket));
}

void LoopExpander::emitReads(const Channel &channel, Frame &frame, OpBuilder &builder, int64_t iteration) {
  Value ticketOf = frame.ticket(iteration);
  for (RingLoad owner : channel.loads)
    frame.define(owner.load.getResult(), iteration,
                 owner.inPlace ? emitSlot(owner, builder, ticketOf) : emitRead(owner, builder, ticketOf));
}

void LoopExpander::emitGuardedReads(const Channel &channel, Frame &frame, OpBuilder &builder, int64_t iteration) {
  Value ticketOf = frame.ticket(iteration);
  auto read = [&](OpBuilder &guarded, Location loc) {
    AwaitOp::create(guarded, loc, channel.channel, ticketOf);
    SmallVector<Value> tiles;
    for (RingLoad owner : channel.loads)
      tiles.push_back(emitRead(owner, guarded, ticketOf));
    ReleaseOp::create(guarded, loc, channel.channel, ticketOf);
    scf::YieldOp::create(guarded, loc, tiles);
  };
  auto makeZeros = [&](OpBuilder &guarded, Location loc) {
    SmallVector<Value> tiles;
    for (RingLoad owner : channel.loads)
      tiles.push_back(
          arith::ConstantOp::create(guarded, loc, cast<TypedAttr>(guarded.getZeroAttr(owner.load.getType()))));
    scf::YieldOp::create(guarded, loc, tiles);
  };
  auto guard = scf::IfOp::create(builder, loop.getLoc(), frame.exists(iteration), read, makeZeros);
  for (auto [index, tile] : llvm::enumerate(guard.getResults())) {
    RingLoad owner = channel.loads[index];
    frame.define(owner.load.getResult(), iteration, tile);
  }
}

void LoopExpander::emitOp(Operation *op, Frame &frame, OpBuilder &builder, int64_t iteration) {
  llvm::SetVector<Value> used(op->operand_begin(), op->operand_end());
  getUsedValuesDefinedAbove(op->getRegions(), used);
  IRMapping mapping;
  for (Value value : used)
    mapping.map(value, frame.lookup(value, iteration));
  Operation *clone = builder.clone(*op, mapping);
  clone->removeAttr(kAtAttrName);
  for (auto [original, result] : llvm::zip_equal(op->getResults(), clone->getResults()))
    frame.define(original, iteration, result);
}

//===----------------------------------------------------------------------===//
// Entry points
//===----------------------------------------------------------------------===//

void pipeline::expandPipelinedLoop(ForOp loop, IRRewriter &rewriter) { LoopExpander(loop, rewriter).run(); }

void pipeline::convertLoop(ForOp loop, IRRewriter &rewriter) {
  rewriter.setInsertionPoint(loop);
  auto result =
      scf::ForOp::create(rewriter, loop.getLoc(), loop.getLower(), loop.getUpper(), loop.getStep(), loop.getInits());
  Block *body = result.getBody();
  if (body->mightHaveTerminator())
    rewriter.eraseOp(body->getTerminator());
  YieldOp yield = loop.getYield();
  rewriter.mergeBlocks(loop.getBody(), body, body->getArguments());
  rewriter.setInsertionPointToEnd(body);
  rewriter.replaceOpWithNewOp<scf::YieldOp>(yield, yield.getValues());
  rewriter.replaceOp(loop, result.getResults());
}
