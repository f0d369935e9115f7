//===- FusionPlan.cpp - Which tiles get memory --------------------*- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// One walk backwards over the kernel: when a tile is looked at, all its users have been decided, so the roots that would read or
// recompute it are known.
//
//===----------------------------------------------------------------------===//

#include "FusionPlan.h"

using namespace mlir;
using namespace tile;
using namespace tile::cpu;

/// Recomputing this many arithmetic ops is no dearer than writing an element to a buffer and reading it back.
static constexpr unsigned kTrivialCost = 2;
static constexpr unsigned kMaxCost = 1000;

//===----------------------------------------------------------------------===//
// Facts
//===----------------------------------------------------------------------===//

int64_t cpu::unitAxis(Value view) {
  if (auto subview = view.getDefiningOp<ir::SubviewOp>()) {
    int64_t axis = unitAxis(subview.getView()), position = 0;
    if (axis < 0 || !subview.getKept()[axis])
      return -1;
    for (int64_t i = 0; i < axis; ++i)
      position += subview.getKept()[i];
    return position;
  }
  if (auto permute = view.getDefiningOp<ir::PermuteOp>()) {
    int64_t axis = unitAxis(permute.getView());
    return axis < 0 ? -1 : llvm::find(permute.getOrder(), axis) - permute.getOrder().begin();
  }
  BlockArgument argument = ir::rootArgument(view);
  ir::FactsAttr facts = cast<ir::KernelOp>(argument.getOwner()->getParentOp()).getFacts(argument.getArgNumber());
  return facts ? facts.getUnitAxis() : -1;
}

bool cpu::isUnitReshape(ir::ReshapeOp op) {
  auto withoutUnits = [](RankedTensorType type) {
    SmallVector<int64_t> shape;
    llvm::copy_if(type.getShape(), std::back_inserter(shape), [](int64_t extent) { return extent != 1; });
    return shape;
  };
  return withoutUnits(op.getOperand().getType()) == withoutUnits(op.getType());
}

/// Whether the op is arithmetic, element by element, on tiles of one shape.
static bool isElementwise(Operation *op) {
  return OpTrait::hasElementwiseMappableTraits(op) && op->getNumResults() > 0 &&
         isa<RankedTensorType>(op->getResult(0).getType());
}

bool cpu::isUndefined(Operation *op) { return isa<tensor::EmptyOp>(op) || op->getName().getStringRef() == "ub.poison"; }

bool cpu::isFusable(Operation *op) {
  if (isUndefined(op))
    return isa<RankedTensorType>(op->getResult(0).getType());
  if (auto constant = dyn_cast<arith::ConstantOp>(op))
    return isa<SplatElementsAttr>(constant.getValue());
  if (auto reshape = dyn_cast<ir::ReshapeOp>(op))
    return isUnitReshape(reshape);
  return isElementwise(op) || isa<tensor::SplatOp, ir::BroadcastOp, ir::TransposeOp, ir::IotaOp, ir::InsideOp>(op);
}

/// Whether a user reads a tile from memory and not element by element.
static bool needsMemory(OpOperand &use) {
  Operation *user = use.getOwner();
  if (auto dot = dyn_cast<ir::DotOp>(user))
    return use.get() == dot.getA() || use.get() == dot.getB();
  if (auto reshape = dyn_cast<ir::ReshapeOp>(user))
    return !isUnitReshape(reshape);
  return isa<ir::AssertOp, ir::PrintOp>(user);
}

//===----------------------------------------------------------------------===//
// The plan
//===----------------------------------------------------------------------===//

FusionPlan::FusionPlan(ir::KernelOp kernel, bool late) : late(late) {
  SmallVector<Operation *> ops;
  kernel.getBody().walk<WalkOrder::PreOrder>([&](Operation *op) {
    order[op] = ops.size();
    ops.push_back(op);
    // Assuming that all of it is fused; an upper bound, as what is shared counts twice.
    unsigned cost = 0;
    if (isFusable(op))
      for (Value operand : op->getOperands())
        cost += costs.lookup(operand);
    cost += isElementwise(op) || isa<ir::InsideOp>(op);
    for (Value result : op->getResults())
      if (isFusable(op))
        costs[result] = std::min(cost, kMaxCost);
  });
  for (Operation *op : llvm::reverse(ops)) {
    for (Region &region : op->getRegions())
      for (Block &block : region)
        for (Value argument : block.getArguments())
          plan(argument);
    for (Value result : op->getResults())
      plan(result);
    planPlaces(op);
  }
}

/// Finds the roots that read a tile, and decides whether and where it is stored.
void FusionPlan::plan(Value tile) {
  if (!isa<RankedTensorType>(tile.getType()))
    return;
  Ops roots, visiting;
  for (OpOperand &use : tile.getUses()) {
    Operation *user = use.getOwner();
    // Stamps read nothing.
    if (isa<ir::StampOp>(user))
      continue;
    if (!isFusable(user)) {
      roots.insert(user);
      if (isa<ir::ReduceOp, ir::StoreOp>(user))
        visiting.insert(user);
      // What is made by a reshape that moves no data is the same memory.
      if (isa<ir::ReshapeOp>(user))
        roots.insert_range(readers[user->getResult(0)]);
      continue;
    }
    for (Value result : user->getResults()) {
      Operation *root = isDeferred(result) ? deferred[result] : user;
      if (isFused(result))
        roots.insert_range(readers[result]);
      else
        roots.insert(root);
      if (!isElementwise(user))
        continue;
      if (isFused(result))
        visiting.insert_range(visitors[result]);
      else
        visiting.insert(root);
    }
  }
  Operation *op = tile.getDefiningOp();
  bool fusable = op && isFusable(op);
  if (!fusable || shouldStore(tile, roots))
    stored.insert(tile);
  readers[tile] = std::move(roots);
  visitors[tile] = std::move(visiting);
  if (fusable && stored.contains(tile))
    tryDefer(tile);
}

/// Whether a tile that could be computed where it is used had better be stored.
bool FusionPlan::shouldStore(Value tile, const Ops &roots) const {
  if (llvm::any_of(tile.getUses(), needsMemory))
    return true;
  if (cost(tile) <= kTrivialCost)
    return false;
  if (roots.size() > 1 || llvm::any_of(tile.getUsers(), llvm::IsaPred<ir::BroadcastOp>))
    return true;
  // A root inside a loop that the tile is outside of would compute it once an iteration.
  return llvm::any_of(roots, [&](Operation *root) {
    for (Operation *parent = root->getParentOp(); !parent->isProperAncestor(tile.getDefiningOp());
         parent = parent->getParentOp())
      if (isa<scf::ForOp, scf::WhileOp>(parent))
        return true;
    return false;
  });
}

/// Leaves the storing of a tile to the first root that reads it, where that root visits each element once.
void FusionPlan::tryDefer(Value tile) {
  Operation *op = tile.getDefiningOp();
  if (readers[tile].empty() || op->getNumResults() != 1)
    return;
  Operation *first = *llvm::min_element(readers[tile], [&](Operation *a, Operation *b) { return before(a, b); });
  if (first->getBlock() != op->getBlock() || !visitors[tile].contains(first))
    return;
  deferred[tile] = first;
  storedInPassing[first].push_back(tile);
}

/// The first op after a read, in its block, that may change what the slot holds; at the latest the block's terminator. A release
/// changes nothing by itself but in late mode; the next copy into the ring does.
Operation *FusionPlan::endOfSlot(ir::ReadOp read) const {
  auto slot = read.getSlot().getDefiningOp<ir::SlotOp>();
  for (Operation *op = read->getNextNode();; op = op->getNextNode()) {
    if (!slot || !op->getNextNode() || (late && isa<ir::ReleaseOp>(op)))
      return op;
    WalkResult copies = op->walk([&](ir::CopyAsyncOp copy) {
      return copy.getRing() == slot.getRing() ? WalkResult::interrupt() : WalkResult::advance();
    });
    if (copies.wasInterrupted())
      return op;
  }
}

/// Whether a load or the read of a slot needs no copy.
void FusionPlan::planPlaces(Operation *op) {
  if (auto load = dyn_cast<ir::LoadOp>(op)) {
    bool isTile = isa<RankedTensorType>(load.getType());
    // A dot reads its operands many times, and packed ones don't fall on few cache sets.
    if (isTile && load.readsConstantMemory() && load.getWidths()[load.getWidths().size() - 1] != ir::kScalarIndex &&
        unitAxis(load.getView()) == static_cast<int64_t>(load.getWidths().size()) - 1 &&
        llvm::none_of(load.getResult().getUses(), needsMemory))
      inPlace.insert(op);
    return;
  }
  auto read = dyn_cast<ir::ReadOp>(op);
  if (!read)
    return;
  Operation *end = endOfSlot(read);
  if (llvm::all_of(readers[op->getResult(0)], [&](Operation *reader) {
        Operation *ancestor = op->getBlock()->findAncestorOpInBlock(*reader);
        return ancestor && before(ancestor, end);
      }))
    inPlace.insert(op);
}

//===----------------------------------------------------------------------===//
// Queries
//===----------------------------------------------------------------------===//

bool FusionPlan::isFused(Value tile) const { return !stored.contains(tile); }

ArrayRef<Value> FusionPlan::deferredTo(Operation *root) const {
  auto it = storedInPassing.find(root);
  return it == storedInPassing.end() ? ArrayRef<Value>() : ArrayRef<Value>(it->second);
}

/// Whether two ops are in different branches of one `scf.if`.
static bool excludeEachOther(Operation *a, Operation *b) {
  for (Operation *parent = a->getParentOp(); parent; parent = parent->getParentOp())
    if (auto branch = dyn_cast<scf::IfOp>(parent); branch && branch->isProperAncestor(b))
      return branch.getThenRegion().isAncestor(a->getParentRegion()) !=
             branch.getThenRegion().isAncestor(b->getParentRegion());
  return false;
}

bool FusionPlan::isDead(Value tile, Operation *op, bool within) const {
  // In a loop that the tile is outside of, the next iteration reads it again.
  for (Operation *at = op; at->getBlock() != tile.getParentBlock(); at = at->getParentOp())
    if (!isa<scf::IfOp>(at->getParentOp()))
      return false;
  return llvm::all_of(readers.find(tile)->second, [&](Operation *reader) {
    return reader == op || before(reader, op) || (within && op->isProperAncestor(reader)) ||
           excludeEachOther(reader, op);
  });
}

bool FusionPlan::diesAt(Value tile, Operation *op) const { return isDead(tile, op, /*within=*/false); }
bool FusionPlan::diesWithin(Value tile, Operation *op) const { return isDead(tile, op, /*within=*/true); }
