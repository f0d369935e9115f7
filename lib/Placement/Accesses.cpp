//===- Accesses.cpp - Accesses of memory, and which of them meet ---*- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Accesses.h"
#include "Synchronise.h"
#include "TensorCopies.h"

#include "tile/Dialect/Pieces.h"
#include "tile/Placement/Anchors.h"

using namespace mlir;
using namespace tile;
using namespace tile::ir;
using namespace tile::placement;

namespace {
/// What a load or a store touches of a view.
struct ViewAccess {
  Value view;
  ValueRange offsets;
  ArrayRef<int64_t> widths;
  Type tile;
};
} // namespace

MemoryAccess placement::accessOf(Operation *op, Value memory, bool writes, Value ticket) {
  MemoryAccess access{op, memory, writes, {}, {}};
  if (ticket) {
    Ticket name = Ticket::of(ticket);
    int64_t depth = cast<RingType>(memory.getType()).getDepth();
    name.offset = llvm::mod(name.offset, depth);
    access.names.push_back(name);
  }
  return access;
}

MemoryAccess placement::slotAccess(Operation *op, Value slot, bool writes) {
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

BlockArgument placement::viewOf(Operation *op) { return rootArgument(viewAccessOf(op).view); }

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
static bool doMeet(const MemoryAccess &before, const MemoryAccess &now) {
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
// The table
//===----------------------------------------------------------------------===//

AccessId AccessTable::add(const MemoryAccess &access) {
  auto [site, isNew] = sites.try_emplace({access.op, access.memory}, ofSite.size());
  if (isNew)
    ofSite.emplace_back();
  SmallVectorImpl<AccessId> &known = ofSite[site->second];
  for (AccessId each : known)
    if (accesses[each] == access)
      return each;
  known.push_back(accesses.size());
  accesses.push_back(access);
  siteOfAccess.push_back(site->second);
  return known.back();
}

bool AccessTable::meet(AccessId before, AccessId now) {
  auto [known, isNew] = knownToMeet.try_emplace({before, now});
  if (isNew)
    known->second = doMeet(accesses[before], accesses[now]);
  return known->second;
}

bool AccessTable::covers(AccessId more, AccessId less) const {
  if (more == less)
    return true;
  const MemoryAccess &general = accesses[more], &special = accesses[less];
  return general.writes == special.writes && general.past == special.past &&
         llvm::all_of(general.names, [&](const Ticket &name) { return llvm::is_contained(special.names, name); });
}

/// What an access is known by behind a renaming.
static MemoryAccess renamedAccess(const MemoryAccess &access, const Renaming &renaming) {
  MemoryAccess result = access;
  result.names.clear();
  for (const Ticket &name : access.names)
    for (Ticket now : renaming.rename(name)) {
      now.offset = llvm::mod(now.offset, cast<RingType>(access.memory.getType()).getDepth());
      if (!llvm::is_contained(result.names, now))
        result.names.push_back(now);
    }
  // Of slots, the names say it.
  bool ofView = isa<ViewType>(access.memory.getType());
  Operation *loop = renaming.left ? renaming.left->getParentOp() : nullptr;
  if (ofView && isa_and_nonnull<LoopLikeOpInterface>(loop) && loop->isAncestor(access.op) &&
      !llvm::is_contained(result.past, loop))
    result.past.insert(llvm::lower_bound(result.past, loop), loop);
  return result;
}

SmallVector<AccessId> AccessTable::rename(ArrayRef<AccessId> ids, const Renaming &renaming) {
  std::vector<std::optional<AccessId>> &known = renamed[&renaming];
  return llvm::map_to_vector(ids, [&](AccessId id) {
    if (known.size() <= id)
      known.resize(accesses.size());
    if (!known[id])
      known[id] = add(renamedAccess(accesses[id], renaming));
    return *known[id];
  });
}

SmallVector<AccessId> AccessTable::widen(ArrayRef<AccessId> ids) {
  SmallVector<MemoryAccess, 1> wide;
  for (AccessId id : ids) {
    const MemoryAccess &access = accesses[id];
    auto *same = llvm::find_if(
        wide, [&](const MemoryAccess &each) { return each.writes == access.writes && each.past == access.past; });
    if (same == wide.end())
      wide.push_back(access);
    else
      llvm::erase_if(same->names, [&](const Ticket &name) { return !llvm::is_contained(access.names, name); });
  }
  return llvm::map_to_vector(wide, [&](const MemoryAccess &access) { return add(access); });
}
