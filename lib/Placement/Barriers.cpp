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
// barriers that others made superfluous go.
//
// A producer's copies follow its channel, which says enough to those who read by warpgroups' dots. What threads read themselves is read by
// all of a warpgroup when one of them releases it for these, each warpgroup for itself.
//
// Views that a kernel writes are memory too. A thread that wrote an element may read it again without more ado.
//
//===----------------------------------------------------------------------===//

#include "StructuredFlow.h"
#include "Synchronise.h"
#include "TensorCopies.h"

#include "tile/Dialect/Pieces.h"
#include "tile/Placement/Anchors.h"

#include <llvm/ADT/MapVector.h>

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
// Accesses
//===----------------------------------------------------------------------===//

namespace {
struct MemoryAccess {
  Operation *op;
  /// A ring, a scratch, or a kernel's argument that is a view.
  Value memory;
  bool writes;
  /// The slot's ticket by all the names that it has; without one it may be any. Counted modulo the ring's depth.
  SmallVector<Ticket, 2> names;
  /// Loops around the op that have begun another iteration since, or ended, so that their values name other things now.
  SmallVector<Operation *, 2> past;
};

/// What a load or a store touches of a view.
struct ViewAccess {
  Value view;
  ValueRange offsets;
  ArrayRef<int64_t> widths;
  Type tile;
};
} // namespace

static MemoryAccess accessOf(Operation *op, Value memory, bool writes, Value ticket = {}) {
  MemoryAccess access{op, memory, writes, {}, {}};
  if (ticket) {
    Ticket name = Ticket::of(ticket);
    int64_t depth = cast<RingType>(memory.getType()).getDepth();
    name.offset = llvm::mod(name.offset, depth);
    access.names.push_back(name);
  }
  return access;
}

/// The access to a slot.
static MemoryAccess slotAccess(Operation *op, Value slot, bool writes) {
  auto slotOp = slot.getDefiningOp<SlotOp>();
  return accessOf(op, bufferOf(slot), writes, slotOp ? slotOp.getTicket() : Value());
}

/// The bytes of shared memory that a ring or a scratch takes.
static std::pair<int64_t, int64_t> bytesOf(Value memory) {
  int64_t offset = memory.getDefiningOp()->getAttrOfType<IntegerAttr>("offset").getInt();
  return {offset, offset + sharedBytes(memory.getType())};
}

static ViewAccess viewAccessOf(Operation *op) {
  if (auto load = dyn_cast<LoadOp>(op))
    return {load.getView(), load.getOffsets(), load.getWidths(), load.getType()};
  auto store = cast<StoreOp>(op);
  return {store.getView(), store.getOffsets(), store.getWidths(), store.getValue().getType()};
}

/// Whether each element of a tile is held by one thread alone.
static bool hasOneHolder(Type tile) {
  LayoutAttr attribute = layoutOf(tile);
  if (!attribute)
    return false;
  layout::LinearLayout layout = attribute.getLayout();
  return layout.redundantBits(layout::Dim::Lane) == 0 && layout.redundantBits(layout::Dim::Warp) == 0;
}

/// Whether an index grows by at least `width` with each iteration of a loop: its induction variable, or that and something that stays.
static bool advances(Value index, scf::ForOp loop, int64_t width) {
  APInt step;
  if (!matchPattern(loop.getStep(), m_ConstantInt(&step)) || step.getSExtValue() < width)
    return false;
  auto stays = [&](Value value) { return !loop.getRegion().isAncestor(value.getParentRegion()); };
  if (auto sum = index.getDefiningOp<arith::AddIOp>())
    return (sum.getLhs() == loop.getInductionVar() && stays(sum.getRhs())) ||
           (sum.getRhs() == loop.getInductionVar() && stays(sum.getLhs()));
  return index == loop.getInductionVar();
}

/// Whether two accesses to one view may be made by different threads to one element.
static bool meetInView(const MemoryAccess &before, Operation *now) {
  ViewAccess first = viewAccessOf(before.op), second = viewAccessOf(now);
  bool namedAlike = first.view == second.view && first.offsets == second.offsets && first.widths == second.widths;
  if (!namedAlike)
    return true;
  auto isPast = [&](Value value) {
    return llvm::any_of(before.past,
                        [&](Operation *loop) { return loop->getRegion(0).isAncestor(value.getParentRegion()); });
  };
  // The same elements: those that a thread touches again are its own, if both layouts deal them out alike.
  if (!isPast(first.view) && llvm::none_of(first.offsets, isPast))
    return first.tile != second.tile || !hasOneHolder(first.tile);
  if (llvm::any_of(before.past, isLoopOverPrograms))
    return false;
  // Those of an earlier iteration: others, if an index has moved on.
  auto loop = before.past.size() == 1 ? dyn_cast<scf::ForOp>(before.past.front()) : scf::ForOp();
  if (!loop || isPast(first.view))
    return true;
  return llvm::none_of(llvm::zip_equal(first.offsets, first.widths), [&](auto axis) {
    auto [offset, width] = axis;
    return advances(offset, loop, std::max<int64_t>(1, width));
  });
}

/// Whether an access has to wait for an earlier one by a barrier.
static bool meet(const MemoryAccess &before, const MemoryAccess &now) {
  if (!before.writes && !now.writes)
    return false;
  bool ofView = isa<ViewType>(before.memory.getType());
  if (ofView != isa<ViewType>(now.memory.getType()))
    return false;
  if (ofView)
    return before.memory == now.memory && meetInView(before, now.op);
  if (before.memory != now.memory) {
    auto [begin, end] = bytesOf(before.memory);
    auto [itsBegin, itsEnd] = bytesOf(now.memory);
    return begin < itsEnd && itsBegin < end;
  }
  return llvm::none_of(before.names, [&](const Ticket &name) {
    return llvm::any_of(now.names,
                        [&](const Ticket &its) { return name.root == its.root && name.offset != its.offset; });
  });
}

//===----------------------------------------------------------------------===//
// What is pending
//===----------------------------------------------------------------------===//

namespace {
/// The accesses since the last barrier, on any path, by the op that makes them and the memory.
struct Pending {
  using Key = std::pair<Operation *, Value>;
  llvm::MapVector<Key, SmallVector<MemoryAccess, 1>> accesses;

  bool add(MemoryAccess access) {
    SmallVector<MemoryAccess, 1> &known = accesses[{access.op, access.memory}];
    if (llvm::any_of(known, [&](const MemoryAccess &each) { return covers(each, access); }))
      return false;
    llvm::erase_if(known, [&](const MemoryAccess &each) { return covers(access, each); });
    known.push_back(std::move(access));
    if (known.size() > mostKnown)
      widen(known);
    return true;
  }

  void rename(const Renaming &renaming) {
    Pending result;
    for (auto &[key, known] : accesses)
      for (MemoryAccess &access : known) {
        MemoryAccess renamed = access;
        renamed.names.clear();
        for (const Ticket &name : access.names)
          for (Ticket now : renaming.rename(name)) {
            now.offset = llvm::mod(now.offset, cast<RingType>(access.memory.getType()).getDepth());
            if (!llvm::is_contained(renamed.names, now))
              renamed.names.push_back(now);
          }
        // Of slots, the names say it.
        bool ofView = isa<ViewType>(access.memory.getType());
        Operation *loop = renaming.left ? renaming.left->getParentOp() : nullptr;
        if (ofView && isa_and_nonnull<LoopLikeOpInterface>(loop) && loop->isAncestor(access.op) &&
            !llvm::is_contained(renamed.past, loop))
          renamed.past.insert(llvm::lower_bound(renamed.past, loop), loop);
        result.add(std::move(renamed));
      }
    *this = std::move(result);
  }

  bool join(const Pending &other) {
    bool changed = false;
    for (const auto &[key, known] : other.accesses)
      for (const MemoryAccess &access : known)
        changed |= add(access);
    return changed;
  }

private:
  /// Where loops in loops count tickets of their own, one access is known by ever new combinations of names.
  static constexpr std::size_t mostKnown = 4;

  /// Whether nothing meets `less` that doesn't meet `more`: an access that is known by fewer names may meet more.
  static bool covers(const MemoryAccess &more, const MemoryAccess &less) {
    return more.writes == less.writes && more.past == less.past &&
           llvm::all_of(more.names, [&](const Ticket &name) { return llvm::is_contained(less.names, name); });
  }

  /// Leaves those names that all have that differ in nothing else.
  static void widen(SmallVectorImpl<MemoryAccess> &known) {
    SmallVector<MemoryAccess, 1> result;
    for (MemoryAccess &access : known) {
      auto *same = llvm::find_if(
          result, [&](const MemoryAccess &each) { return each.writes == access.writes && each.past == access.past; });
      if (same == result.end())
        result.push_back(std::move(access));
      else
        llvm::erase_if(same->names, [&](const Ticket &name) { return !llvm::is_contained(access.names, name); });
    }
    known.assign(result.begin(), result.end());
  }
};

class Hazards : public StructuredFlow<Pending> {
public:
  explicit Hazards(KernelOp kernel) : kernel(kernel) {
    Pending pending;
    follow(kernel.getBody().front(), pending);
  }

  /// An earlier access that each op meets without a barrier between them.
  llvm::MapVector<Operation *, Operation *> met;

private:
  /// Sees an access; one that is `made` is pending from here on.
  void see(const MemoryAccess &access, Pending &pending, bool made = true) {
    auto meets = [&](const MemoryAccess &before) { return meet(before, access); };
    for (const auto &[key, known] : pending.accesses)
      if (llvm::any_of(known, meets)) {
        met[access.op] = key.first;
        break;
      }
    if (made)
      pending.add(access);
  }

  void visit(Operation &op, Pending &pending) override;

  KernelOp kernel;
};
} // namespace

void Hazards::visit(Operation &op, Pending &pending) {
  met.erase(&op);
  if (auto barrier = dyn_cast<BarrierOp>(op)) {
    // Of what warpgroups store, each touches the rows that are its own; and it releases what its own threads have read.
    pending.accesses.remove_if([&](const auto &entry) {
      Value memory = entry.first.second;
      bool isRing = isa<RingType>(memory.getType());
      return !barrier.getWarpgroup() || (isRing ? isFilledByProducer(memory) : isStoredByWarpgroups(memory));
    });
  } else if (auto copy = dyn_cast<CopyAsyncOp>(op)) {
    see(accessOf(&op, copy.getRing(), /*writes=*/true, copy.getTicket()), pending, /*made=*/false);
  } else if (auto release = dyn_cast<ReleaseOp>(op)) {
    auto channel = release.getChannel().getDefiningOp<ChannelOp>();
    if (isTensorChannel(channel))
      for (Value ring : channel.getRings())
        see(accessOf(&op, ring, /*writes=*/true, release.getTicket()), pending, /*made=*/false);
  } else if (auto await = dyn_cast<AwaitOp>(op); await && !isTensorChannel(await.getChannel())) {
    for (Value ring : await.getChannel().getDefiningOp<ChannelOp>().getRings())
      if (llvm::any_of(ring.getUsers(), llvm::IsaPred<CopyAsyncOp>))
        pending.add(accessOf(&op, ring, /*writes=*/true, await.getTicket()));
  } else if (auto write = dyn_cast<WriteOp>(op)) {
    see(slotAccess(&op, write.getSlot(), /*writes=*/true), pending);
  } else if (isa<ReadOp, DotOp, StoreAsyncOp>(op)) {
    if (auto dot = dyn_cast<DotOp>(op); dot && isOfWarpgroups(dot))
      return;
    for (Value operand : op.getOperands())
      if (isa<SlotType>(operand.getType()))
        see(slotAccess(&op, operand, /*writes=*/false), pending);
  } else if (isa<LoadOp, StoreOp>(op)) {
    BlockArgument view = rootArgument(viewAccessOf(&op).view);
    if (kernel.getAccess(view.getArgNumber()) != Access::In)
      see(accessOf(&op, view, isa<StoreOp>(op)), pending);
  }
}

//===----------------------------------------------------------------------===//
// Barriers
//===----------------------------------------------------------------------===//

/// Places a barrier for an op that meets an earlier access, as far out as it keeps them apart.
static BarrierOp placeBarrier(KernelOp kernel, Operation *op) {
  SmallVector<Operation *> places;
  for (Operation *place = op; place != kernel; place = place->getParentOp())
    places.push_back(place);
  for (Operation *place : llvm::reverse(places)) {
    OpBuilder builder(place);
    auto barrier = BarrierOp::create(builder, op->getLoc());
    barrier.setWarpgroup(isa<ReleaseOp>(op));
    if (!Hazards(kernel).met.contains(op))
      return barrier;
    barrier.erase();
  }
  return {};
}

LogicalResult placement::placeBarriers(KernelOp kernel) {
  SmallVector<BarrierOp> barriers;
  while (true) {
    Hazards hazards(kernel);
    if (hazards.met.empty())
      break;
    Operation *first = nullptr;
    kernel.walk<WalkOrder::PreOrder>([&](Operation *op) {
      first = hazards.met.contains(op) ? op : nullptr;
      return first ? WalkResult::interrupt() : WalkResult::advance();
    });
    BarrierOp barrier = placeBarrier(kernel, first);
    if (!barrier)
      return first->emitError() << "touches memory that another op still uses, and no barrier keeps them apart";
    barriers.push_back(barrier);
  }
  for (BarrierOp barrier : barriers) {
    Operation *next = barrier->getNextNode();
    barrier->remove();
    if (Hazards(kernel).met.empty()) {
      barrier->destroy();
      continue;
    }
    next->getBlock()->getOperations().insert(next->getIterator(), barrier);
  }
  return success();
}
