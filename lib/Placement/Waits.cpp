//===- Waits.cpp - Wait counts over the one queue of a thread ------*- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

//
// The copies of a thread form one queue of groups, over all rings and loops of the kernel, and `wait_group n` waits until at most the n newest
// groups are under way. So a commit closes a group whether or not there were copies to make: outside the guard of the copies, which keeps
// the count of groups the same on every path. At an await, n is the number of groups that were closed since the awaited ticket's, the least
// over all paths; where a path does not tell which group the ticket's was, n is 0.
//
//===----------------------------------------------------------------------===//

#include "StructuredFlow.h"
#include "Synchronise.h"
#include "TensorCopies.h"

using namespace mlir;
using namespace tile;
using namespace tile::ir;
using namespace tile::placement;

/// Whether copies into a channel's rings are made by the thread's queue.
static bool isQueued(Value channel) {
  return !isTensorChannel(channel) && llvm::any_of(channel.getDefiningOp<ChannelOp>().getRings(), [](Value ring) {
    return llvm::any_of(ring.getUsers(), llvm::IsaPred<CopyAsyncOp>);
  });
}

/// Moves a commit behind the guard of its copies.
static void leaveGuard(CommitOp commit) {
  while (auto guard = dyn_cast<scf::IfOp>(commit->getParentOp())) {
    bool isGuard = commit.getChannel().getParentRegion()->isAncestor(guard->getParentRegion()) &&
                   !guard->walk([](AwaitOp) { return WalkResult::interrupt(); }).wasInterrupted();
    Operation *ticket = commit.getTicket().getDefiningOp();
    if (!isGuard || (ticket && guard->isAncestor(ticket)))
      return;
    commit->moveAfter(guard);
  }
}

namespace {
/// The groups that the queue holds at a point.
struct Queue {
  struct Group {
    Value channel;
    Ticket ticket;
    /// How many groups were closed since, at least.
    int64_t since;

    bool operator==(const Group &) const = default;
  };
  SmallVector<Group> groups;

  bool operator==(const Queue &) const = default;

  Group *find(Value channel, Ticket ticket) {
    auto *found =
        llvm::find_if(groups, [&](const Group &group) { return group.channel == channel && group.ticket == ticket; });
    return found == groups.end() ? nullptr : found;
  }

  void commit(Value channel, Ticket ticket) {
    llvm::erase_if(groups, [&](const Group &group) { return group.channel == channel && group.ticket == ticket; });
    for (Group &group : groups)
      // By another name it may be the same ticket: an iteration that did not exist before may exist now.
      group.since = group.channel == channel && group.ticket.root != ticket.root ? 0 : group.since + 1;
    groups.push_back({channel, ticket, 0});
  }

  void rename(const Renaming &renaming) {
    Queue result;
    for (const Group &group : groups)
      for (Ticket name : renaming.rename(group.ticket)) {
        if (Group *same = result.find(group.channel, name))
          same->since = std::min(same->since, group.since);
        else
          result.groups.push_back({group.channel, name, group.since});
      }
    *this = std::move(result);
  }

  bool join(Queue other) {
    bool changed = false;
    llvm::erase_if(groups, [&](Group &group) {
      Group *its = other.find(group.channel, group.ticket);
      changed |= !its || its->since < group.since;
      if (its)
        group.since = std::min(group.since, its->since);
      return !its;
    });
    return changed;
  }
};

class WaitCounts : public StructuredFlow<Queue> {
public:
  /// How many groups may still be under way after each await.
  llvm::MapVector<Operation *, int64_t> pending;

private:
  void visit(Operation &op, Queue &queue) override {
    if (auto commit = dyn_cast<CommitOp>(op); commit && isQueued(commit.getChannel()))
      queue.commit(commit.getChannel(), Ticket::of(commit.getTicket()));
    auto await = dyn_cast<AwaitOp>(op);
    if (!await || !isQueued(await.getChannel()))
      return;
    Queue::Group *group = queue.find(await.getChannel(), Ticket::of(await.getTicket()));
    pending[await] = group ? group->since : 0;
  }
};
} // namespace

/// The wait just before an op, with nothing but scalars and awaits between them.
static WaitGroupOp waitBefore(Operation *op) {
  for (Operation *previous = op->getPrevNode(); previous; previous = previous->getPrevNode()) {
    if (auto wait = dyn_cast<WaitGroupOp>(previous))
      return wait;
    if (!isa<AwaitOp>(previous) && !isPure(previous))
      return {};
  }
  return {};
}

void placement::placeWaits(KernelOp kernel) {
  SmallVector<CommitOp> commits;
  kernel.walk([&](CommitOp commit) { commits.push_back(commit); });
  for (CommitOp commit : commits)
    if (!isTensorChannel(commit.getChannel()))
      leaveGuard(commit);

  WaitCounts counts;
  Queue queue;
  counts.follow(kernel.getBody().front(), queue);
  for (auto [await, pending] : counts.pending) {
    if (WaitGroupOp wait = waitBefore(await)) {
      wait.setPending(std::min<int64_t>(wait.getPending(), pending));
      continue;
    }
    OpBuilder builder(await);
    WaitGroupOp::create(builder, await->getLoc(), pending);
  }
  for (CommitOp commit : commits)
    if (isQueued(commit.getChannel())) {
      OpBuilder builder(commit);
      CommitGroupOp::create(builder, commit.getLoc());
    }
}
