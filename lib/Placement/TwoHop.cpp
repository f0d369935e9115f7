//===- TwoHop.cpp - Copies that go through registers ---------------*- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

//
// What the copy engine can't take is loaded into registers where its copy stood, and written into the ring at the end of the step, so that the
// load is under way while the step computes. The load needs no guard: what lies outside a view is not read. The write has the guard of the
// copy. In front of the loop there is nothing to hide behind, and the write follows its load.
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

static LoadOp emitLoad(OpBuilder &builder, CopyAsyncOp copy) {
  auto direct = BindingAttr::get(copy.getContext(), Copy::Direct, copy.getBinding()->getBytes());
  RankedTensorType type = withLayout(copy.getRing().getType().getTileType(), layoutOfCopy(copy));
  return LoadOp::create(builder, copy.getLoc(), type, copy.getView(), copy.getOffsets(), copy.getWidthsAttr(),
                        copy.getPadAttr(), direct);
}

static void emitWrite(OpBuilder &builder, CopyAsyncOp copy, Value tile) {
  RingType ring = copy.getRing().getType();
  auto type = SlotType::get(copy.getContext(), ring.getShape(), ring.getElementType(), ring.getSwizzle());
  Value slot = SlotOp::create(builder, copy.getLoc(), type, copy.getRing(), copy.getTicket());
  WriteOp::create(builder, copy.getLoc(), tile, slot);
}

void placement::splitStagedCopies(KernelOp kernel) {
  SmallVector<CopyAsyncOp> copies;
  kernel.walk([&](CopyAsyncOp copy) {
    if (copy.getBinding() && copy.getBinding()->getCopy() == Copy::Staged)
      copies.push_back(copy);
  });
  // The guard at the end of the step, for each guard of copies.
  llvm::MapVector<Operation *, scf::IfOp> guards;
  for (CopyAsyncOp copy : copies) {
    scf::IfOp guard = guardOf(copy);
    Block *block = guard ? guard->getBlock() : copy->getBlock();
    if (!isStepOf(block, copy.getRing())) {
      OpBuilder builder(copy);
      emitWrite(builder, copy, emitLoad(builder, copy));
      copy.erase();
      continue;
    }
    if (guard)
      for (Value operand : copy->getOperands())
        moveBefore(operand, guard);
    OpBuilder here(guard ? guard : copy.getOperation());
    Value tile = emitLoad(here, copy);
    OpBuilder atEnd(block->getTerminator());
    if (guard) {
      scf::IfOp &again = guards[guard];
      if (!again)
        again = scf::IfOp::create(atEnd, copy.getLoc(), guard.getCondition(), /*withElseRegion=*/false);
      atEnd.setInsertionPoint(again.thenBlock()->getTerminator());
    }
    emitWrite(atEnd, copy, tile);
    copy.erase();
  }
}
