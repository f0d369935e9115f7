//===- TwoHop.cpp - Copies that go through registers ---------------*- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

//
// What the copy engine can't take is loaded into registers where its copy stood, and written into the ring at the end of the step, so that the
// load is under way while the step computes. The load needs no guard: what lies outside a view is not read. The write has the guard of the
// copy. In front of the loop several loads are under way together before the first is written, as many as a quarter of the registers hold.
//
//===----------------------------------------------------------------------===//

#include "Synchronise.h"

#include "tile/Placement/Anchors.h"

#include <llvm/ADT/MapVector.h>

using namespace mlir;
using namespace tile;
using namespace tile::ir;
using namespace tile::placement;

/// The layout in which a copy's tile passes through registers: that of a load as wide as the copy is bound to.
static LayoutAttr layoutOfCopy(CopyAsyncOp copy) {
  unsigned warpBits = llvm::Log2_64(*copy->getParentOfType<KernelOp>().getNumWarps());
  return LayoutAttr::get(copy.getContext(), coalescedAccess(accessShapeOf(copy), warpBits));
}

/// Moves what defines a value in front of an op that it stands in.
static void moveBefore(Value value, Operation *op) {
  Operation *definition = value.getDefiningOp();
  if (!definition || !op->isProperAncestor(definition))
    return;
  for (Value operand : definition->getOperands())
    moveBefore(operand, op);
  definition->moveBefore(op);
}

/// The guard around a copy; null when there is none.
static scf::IfOp guardOf(CopyAsyncOp copy) {
  auto branch = dyn_cast<scf::IfOp>(copy->getParentOp());
  bool isGuard = branch && copy.getRing().getParentRegion()->isAncestor(branch->getParentRegion()) &&
                 branch.thenBlock() == copy->getBlock() && branch->getNumResults() == 0;
  return isGuard ? branch : scf::IfOp();
}

/// Whether a block is the body of a loop that awaits, in its own steps, what is copied into a ring.
static bool isStepOf(Block *block, Value ring) {
  if (!isa<scf::ForOp>(block->getParentOp()))
    return false;
  auto isAwaited = [&](Value channel) {
    return llvm::any_of(channel.getUsers(), [&](Operation *user) {
      return isa<AwaitOp>(user) && block->findAncestorOpInBlock(*user) &&
             user->getParentOfType<LoopLikeOpInterface>() == block->getParentOp();
    });
  };
  return llvm::any_of(ring.getUsers(),
                      [&](Operation *user) { return isa<ChannelOp>(user) && isAwaited(user->getResult(0)); });
}

namespace {
/// A copy on its way: loaded, and not written yet.
struct Hop {
  CopyAsyncOp copy;
  scf::IfOp guard;
  Value tile;

  /// The op of the block where it happens.
  Operation *place() { return guard ? guard.getOperation() : copy.getOperation(); }
  /// The registers of 32 bits that hold it in each thread.
  int64_t registers() {
    constexpr int64_t kRegisterBytes = 4;
    int64_t bytes = elementBytes(getElementTypeOrSelf(tile.getType()));
    return llvm::divideCeil(layoutOf(tile.getType()).getNumRegisters() * bytes, kRegisterBytes);
  }
};
} // namespace

/// Loads the tile of a copy in front of it and its guard.
static Hop load(CopyAsyncOp copy) {
  Hop hop{copy, guardOf(copy), Value()};
  if (hop.guard)
    for (Value operand : copy->getOperands())
      moveBefore(operand, hop.guard);
  OpBuilder builder(hop.place());
  auto direct = BindingAttr::get(copy.getContext(), Copy::Direct, copy.getBinding()->getBytes());
  RankedTensorType type = withLayout(copy.getRing().getType().getTileType(), layoutOfCopy(copy));
  hop.tile = LoadOp::create(builder, copy.getLoc(), type, copy.getView(), copy.getOffsets(), copy.getWidthsAttr(),
                            copy.getPadAttr(), direct);
  return hop;
}

/// Writes tiles into their slots, those of one guard under one condition, and takes their copies away.
static void write(SmallVectorImpl<Hop> &hops, OpBuilder builder) {
  scf::IfOp guard, again;
  for (Hop &hop : hops) {
    CopyAsyncOp copy = hop.copy;
    if (hop.guard && hop.guard != guard) {
      guard = hop.guard;
      again = scf::IfOp::create(builder, copy.getLoc(), guard.getCondition(), /*withElseRegion=*/false);
    }
    OpBuilder here = hop.guard ? OpBuilder(again.thenBlock()->getTerminator()) : builder;
    RingType ring = copy.getRing().getType();
    auto type = SlotType::get(copy.getContext(), ring.getShape(), ring.getElementType(), ring.getSwizzle());
    Value slot = SlotOp::create(here, copy.getLoc(), type, copy.getRing(), copy.getTicket());
    WriteOp::create(here, copy.getLoc(), hop.tile, slot, DenseI64ArrayAttr());
  }
  for (Hop &hop : hops)
    hop.copy->erase();
  hops.clear();
}

/// Whether data is awaited behind one op and in front of another, or the other stands elsewhere.
static bool isAwaitedBetween(Operation *from, Operation *to) {
  if (from->getBlock() != to->getBlock())
    return true;
  for (Operation *op = from; op != to; op = op->getNextNode())
    if (!op || op->walk([](AwaitOp) { return WalkResult::interrupt(); }).wasInterrupted())
      return true;
  return false;
}

void placement::splitStagedCopies(KernelOp kernel) {
  SmallVector<CopyAsyncOp> copies;
  kernel.walk([&](CopyAsyncOp copy) {
    if (copy.getBinding() && copy.getBinding()->getCopy() == Copy::Staged)
      copies.push_back(copy);
  });
  llvm::MapVector<Block *, SmallVector<Hop>> steps;
  // Those in front of a loop whose tiles are still in registers.
  constexpr int64_t kMostRegisters = 64;
  SmallVector<Hop> held;
  int64_t registers = 0;
  auto writeHeld = [&] {
    if (held.empty())
      return;
    OpBuilder builder(kernel.getContext());
    builder.setInsertionPointAfter(held.back().place());
    write(held, builder);
    registers = 0;
  };
  for (CopyAsyncOp copy : copies) {
    Hop hop = load(copy);
    Block *block = hop.place()->getBlock();
    if (isStepOf(block, copy.getRing())) {
      steps[block].push_back(hop);
      continue;
    }
    if (!held.empty() &&
        (registers + hop.registers() > kMostRegisters || isAwaitedBetween(held.back().place(), hop.place())))
      writeHeld();
    held.push_back(hop);
    registers += hop.registers();
  }
  writeHeld();
  for (auto &[block, hops] : steps)
    write(hops, OpBuilder(block->getTerminator()));
}
