//===- ProducerWaits.cpp - When a producer's threads say that their copies are there *- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

//
// What tensor copies can't take, the threads of a producer copy; then a ticket is filled when each of them has waited for its own copies and
// made them known to the unit that multiplies, which reads shared memory past the way that these are written. To have copies under way
// meanwhile, the threads wait for a ticket only once they have issued as many newer ones as leave no side waiting for the other: products
// still read a ticket when they await the next one, so that of a ring's slots two are theirs.
//
//   acquire ch[t]   copy_async …   commit_group   wait_group 2   proxy_fence   if t - first >= 2 { commit ch[t - 2] }
//
// The last tickets are committed behind the loop; behind the outermost one that fills nothing else, so that the next program's copies need
// not wait for this one's.
//
//===----------------------------------------------------------------------===//

#include "Synchronise.h"

#include "tile/Placement/Anchors.h"

using namespace mlir;
using namespace tile;
using namespace tile::ir;
using namespace tile::placement;

/// Of a ring's slots, those that products may hold while they await another: the last one, and the awaited one itself.
static constexpr int64_t kHeldSlots = 2;

namespace {
/// A loop that carries a channel's tickets, and which of its carried values is the next one.
struct TicketLoop {
  scf::ForOp loop;
  unsigned index;

  Value first() { return loop.getInitArgs()[index]; }
  Value end() { return loop.getResult(index); }
};
} // namespace

/// The loop around an acquire, if that is of the loop's ticket.
static std::optional<TicketLoop> loopOf(AcquireOp acquire) {
  auto ticket = dyn_cast<BlockArgument>(acquire.getTicket());
  auto loop = dyn_cast<scf::ForOp>(acquire->getParentOp());
  if (!ticket || !loop || ticket.getOwner() != loop.getBody() || ticket == loop.getInductionVar())
    return std::nullopt;
  return TicketLoop{loop, ticket.getArgNumber() - 1};
}

/// The loop around one that hands the tickets on to it, if nothing else is filled there.
static std::optional<TicketLoop> loopAround(TicketLoop inner, Value channel) {
  auto loop = dyn_cast<scf::ForOp>(inner.loop->getParentOp());
  auto ticket = dyn_cast<BlockArgument>(inner.first());
  if (!loop || !ticket || ticket.getOwner() != loop.getBody() || ticket == loop.getInductionVar())
    return std::nullopt;
  unsigned index = ticket.getArgNumber() - 1;
  bool isAlone = !loop.walk([&](AcquireOp acquire) {
                        return acquire.getChannel() == channel && acquire->getParentOp() == inner.loop
                                   ? WalkResult::advance()
                                   : WalkResult::interrupt();
                      })
                      .wasInterrupted();
  if (!isAlone || loop.getBody()->getTerminator()->getOperand(index) != inner.end())
    return std::nullopt;
  return TicketLoop{loop, index};
}

/// Commits the ticket so far behind another if at least as many have been issued as it is behind.
static void commitBehind(OpBuilder &builder, Location loc, Value channel, Value ticket, Value issued, int64_t behind) {
  auto constant = [&](int64_t number) -> Value { return arith::ConstantIntOp::create(builder, loc, number, 32); };
  Value isThere = arith::CmpIOp::create(builder, loc, arith::CmpIPredicate::uge, issued, constant(behind));
  scf::IfOp::create(builder, loc, isThere, [&](OpBuilder &guarded, Location) {
    Value past = arith::SubIOp::create(guarded, loc, ticket, arith::ConstantIntOp::create(guarded, loc, behind, 32));
    CommitOp::create(guarded, loc, channel, past);
    scf::YieldOp::create(guarded, loc);
  });
}

/// Waits for copies so that only the newest groups are under way, and makes known what has landed.
static void waitForCopies(OpBuilder &builder, Location loc, int64_t pending) {
  WaitGroupOp::create(builder, loc, pending);
  ProxyFenceOp::create(builder, loc);
}

/// Moves what one place of the producer commits to where its copies are there.
static void placeCommit(AcquireOp acquire, CommitOp commit) {
  Value channel = acquire.getChannel(), ticket = acquire.getTicket();
  int64_t depth = cast<RingType>(channel.getDefiningOp<ChannelOp>().getRings().front().getType()).getDepth();
  std::optional<TicketLoop> around = loopOf(acquire);
  int64_t behind = around ? std::max<int64_t>(depth - kHeldSlots, 0) : 0;
  for (std::optional<TicketLoop> next = around; next; next = loopAround(*next, channel))
    around = next;
  OpBuilder builder(commit);
  Location loc = commit.getLoc();
  CommitGroupOp::create(builder, loc);
  waitForCopies(builder, loc, behind);
  if (behind == 0)
    return;
  commitBehind(builder, loc, channel, ticket, arith::SubIOp::create(builder, loc, ticket, around->first()), behind);
  commit->erase();
  builder.setInsertionPointAfter(around->loop);
  waitForCopies(builder, loc, 0);
  Value issued = arith::SubIOp::create(builder, loc, around->end(), around->first());
  for (int64_t left = behind; left > 0; --left)
    commitBehind(builder, loc, channel, around->end(), issued, left);
}

void placement::placeProducerWaits(KernelOp kernel) {
  SmallVector<std::pair<AcquireOp, CommitOp>> filled;
  for (ProducerOp producer : kernel.getBody().getOps<ProducerOp>())
    producer.walk([&](AcquireOp acquire) {
      if (!isFilledByThreads(acquire.getChannel().getDefiningOp<ChannelOp>()))
        return;
      for (Operation *op = acquire; op; op = op->getNextNode())
        if (auto commit = dyn_cast<CommitOp>(op); commit && commit.getChannel() == acquire.getChannel()) {
          filled.emplace_back(acquire, commit);
          return;
        }
    });
  for (auto [acquire, commit] : filled)
    placeCommit(acquire, commit);
}
