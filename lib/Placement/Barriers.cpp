//===- Barriers.cpp - Barriers between accesses of different threads *- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

//
// Two accesses to one place, at least one of which writes, need a barrier between them when different threads make them. The state that flows
// through the kernel is the set of accesses since the last barrier. What a copy writes is written when its await is over, so the await is the
// access; that its slot was not still read is asked where the copy is issued. Slots of a ring are told apart by their tickets.
//
// The first access in program order that meets a pending one gets a barrier before it, as far out as it still does its work: in front of the
// guard of a copy, say, where the barrier also serves the reads behind the guard. This is repeated until no two accesses meet; then
// barriers that others made superfluous go. Each trial follows the kernel again, but not the loops that have no other barriers than before and
// where nothing else is pending.
//
// A producer's copies follow its channel, which says enough to those who read by warpgroups' dots. What threads read themselves is read by
// all of a warpgroup when one of them releases it for these, each warpgroup for itself.
//
//===----------------------------------------------------------------------===//

#include "Accesses.h"
#include "Synchronise.h"
#include "TensorCopies.h"

#include "tile/Dialect/Pieces.h"

using namespace mlir;
using namespace tile;
using namespace tile::ir;
using namespace tile::placement;

Value placement::bufferOf(Value slot) {
  if (auto slotOp = slot.getDefiningOp<SlotOp>())
    return slotOp.getRing();
  return slot;
}

//===----------------------------------------------------------------------===//
// What is pending
//===----------------------------------------------------------------------===//

namespace {
/// The accesses since the last barrier, on any path, by their sites.
class Pending {
public:
  explicit Pending(AccessTable &table) : table(&table) {}

  bool add(AccessId access) {
    unsigned site = table->siteOf(access);
    if (accesses.empty() || table->siteOf(accesses.back()) < site) {
      accesses.push_back(access);
      return true;
    }
    auto *begin =
        llvm::lower_bound(accesses, site, [&](AccessId each, unsigned its) { return table->siteOf(each) < its; });
    auto *end = std::find_if(begin, accesses.end(), [&](AccessId each) { return table->siteOf(each) != site; });
    if (std::any_of(begin, end, [&](AccessId each) { return table->covers(each, access); }))
      return false;
    SmallVector<AccessId> known;
    std::copy_if(begin, end, std::back_inserter(known), [&](AccessId each) { return !table->covers(access, each); });
    known.push_back(access);
    if (known.size() > mostKnown)
      known = table->widen(known);
    accesses.insert(accesses.erase(begin, end), known.begin(), known.end());
    return true;
  }

  bool join(const Pending &other) {
    if (*this == other)
      return false;
    bool changed = false;
    for (AccessId access : other.accesses)
      changed |= add(access);
    return changed;
  }

  void rename(const Renaming &renaming) {
    Pending result(*table);
    for (AccessId access : table->rename(accesses, renaming))
      result.add(access);
    *this = std::move(result);
  }

  void passBarrier(bool ofWarpgroup) {
    // Of what warpgroups store, each touches the rows that are its own; and it releases what its own threads have read.
    llvm::erase_if(accesses, [&](AccessId access) {
      Value memory = (*table)[access].memory;
      bool isRing = isa<RingType>(memory.getType());
      return !ofWarpgroup || (isRing ? isFilledByProducer(memory) : isStoredByWarpgroups(memory));
    });
  }

  bool meets(AccessId access) const {
    return llvm::any_of(accesses, [&](AccessId before) { return table->meet(before, access); });
  }

  bool operator==(const Pending &other) const { return accesses == other.accesses; }

private:
  /// Where loops in loops count tickets of their own, one access is known by ever new combinations of names.
  static constexpr std::size_t mostKnown = 4;

  AccessTable *table;
  SmallVector<AccessId> accesses;
};

/// What meets an earlier access without a barrier between them, in a kernel whose barriers come and go.
class Hazards : public StructuredFlow<Pending> {
public:
  explicit Hazards(KernelOp kernel) : kernel(kernel) {}

  /// Follows the kernel as it is now. What was placed or is about to be removed since has been told to `forget`.
  void follow() {
    Pending pending(table);
    StructuredFlow::follow(kernel.getBody().front(), pending);
  }

  /// The ops that meet an earlier access.
  DenseSet<Operation *> met;

private:
  /// An access that an op makes, or only has to be kept apart from others.
  struct Step {
    AccessId access;
    bool seen, made;
  };

  SmallVector<Step, 2> findSteps(Operation *op);
  void visit(Operation &op, Pending &pending) override;

  KernelOp kernel;
  AccessTable table;
  DenseMap<Operation *, SmallVector<Step, 2>> stepsOf;
};
} // namespace

SmallVector<Hazards::Step, 2> Hazards::findSteps(Operation *op) {
  SmallVector<Step, 2> steps;
  auto add = [&](const MemoryAccess &access, bool seen = true, bool made = true) {
    steps.push_back({table.add(access), seen, made});
  };
  if (auto copy = dyn_cast<CopyAsyncOp>(op)) {
    add(accessOf(op, copy.getRing(), /*writes=*/true, copy.getTicket()), /*seen=*/true, /*made=*/false);
  } else if (auto release = dyn_cast<ReleaseOp>(op)) {
    auto channel = release.getChannel().getDefiningOp<ChannelOp>();
    if (isTensorChannel(channel))
      for (Value ring : channel.getRings())
        add(accessOf(op, ring, /*writes=*/true, release.getTicket()), /*seen=*/true, /*made=*/false);
  } else if (auto await = dyn_cast<AwaitOp>(op); await && !isTensorChannel(await.getChannel())) {
    for (Value ring : await.getChannel().getDefiningOp<ChannelOp>().getRings())
      if (llvm::any_of(ring.getUsers(), llvm::IsaPred<CopyAsyncOp>))
        add(accessOf(op, ring, /*writes=*/true, await.getTicket()), /*seen=*/false);
  } else if (auto write = dyn_cast<WriteOp>(op)) {
    add(slotAccess(op, write.getSlot(), /*writes=*/true));
  } else if (isa<ReadOp, DotOp, StoreAsyncOp>(op)) {
    if (auto dot = dyn_cast<DotOp>(op); dot && isOfWarpgroups(dot))
      return steps;
    for (Value operand : op->getOperands())
      if (isa<SlotType>(operand.getType()))
        add(slotAccess(op, operand, /*writes=*/false));
  } else if (isa<LoadOp, StoreOp>(op)) {
    BlockArgument view = viewOf(op);
    if (kernel.getAccess(view.getArgNumber()) != Access::In)
      add(accessOf(op, view, isa<StoreOp>(op)));
  }
  return steps;
}

void Hazards::visit(Operation &op, Pending &pending) {
  if (auto barrier = dyn_cast<BarrierOp>(op))
    return pending.passBarrier(barrier.getWarpgroup());
  auto [known, isNew] = stepsOf.try_emplace(&op);
  if (isNew)
    known->second = findSteps(&op);
  met.erase(&op);
  for (const Step &step : known->second) {
    if (step.seen && pending.meets(step.access))
      met.insert(&op);
    if (step.made)
      pending.add(step.access);
  }
}

//===----------------------------------------------------------------------===//
// Barriers
//===----------------------------------------------------------------------===//

/// Places a barrier for an op that meets an earlier access, as far out as it keeps them apart.
static BarrierOp placeBarrier(KernelOp kernel, Operation *op, Hazards &hazards) {
  SmallVector<Operation *> places;
  for (Operation *place = op; place != kernel; place = place->getParentOp())
    places.push_back(place);
  for (Operation *place : llvm::reverse(places)) {
    OpBuilder builder(place);
    auto barrier = BarrierOp::create(builder, op->getLoc());
    barrier.setWarpgroup(isa<ReleaseOp>(op));
    hazards.forget(barrier);
    hazards.follow();
    if (!hazards.met.contains(op))
      return barrier;
    hazards.forget(barrier);
    barrier.erase();
  }
  return {};
}

LogicalResult placement::placeBarriers(KernelOp kernel) {
  SmallVector<BarrierOp> barriers;
  Hazards hazards(kernel);
  for (hazards.follow(); !hazards.met.empty();) {
    Operation *first = nullptr;
    kernel.walk<WalkOrder::PreOrder>([&](Operation *op) {
      first = hazards.met.contains(op) ? op : nullptr;
      return first ? WalkResult::interrupt() : WalkResult::advance();
    });
    BarrierOp barrier = placeBarrier(kernel, first, hazards);
    if (!barrier)
      return first->emitError() << "touches memory that another op still uses, and no barrier keeps them apart";
    barriers.push_back(barrier);
  }
  for (BarrierOp barrier : barriers) {
    Operation *next = barrier->getNextNode();
    hazards.forget(barrier);
    barrier->remove();
    hazards.follow();
    if (hazards.met.empty()) {
      barrier->destroy();
      continue;
    }
    next->getBlock()->getOperations().insert(next->getIterator(), barrier);
    hazards.forget(barrier);
  }
  return success();
}
