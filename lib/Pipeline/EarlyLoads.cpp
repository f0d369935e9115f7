//===- EarlyLoads.cpp - Loads behind products, asked for before them *- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// Small tiles that are loaded once the last products are there, as a bias is, are asked for before the first: their way from memory then
// goes on beside the products. Large ones would take the registers of the sums.
//
//===----------------------------------------------------------------------===//

#include "Specialise.h"

#include <mlir/Dialect/SCF/IR/SCF.h>
#include <mlir/Interfaces/SideEffectInterfaces.h>

using namespace mlir;
using namespace tile;
using namespace tile::ir;
using namespace tile::pipeline;

/// What is known of a value before `op` runs: it is computed above, or can be.
static bool canPrecede(Value value, Operation *op) {
  Operation *made = value.getDefiningOp();
  if (!made || made->getBlock() != op->getBlock() || made->isBeforeInBlock(op))
    return true;
  return isPure(made) && made->getNumRegions() == 0 && !isa<DotOp, DotWaitOp>(made) &&
         llvm::all_of(made->getOperands(), [&](Value operand) { return canPrecede(operand, op); });
}

/// Moves what makes a value, unless it is there, in front of `op`.
static void precede(Value value, Operation *op) {
  Operation *made = value.getDefiningOp();
  if (!made || made->getBlock() != op->getBlock() || made->isBeforeInBlock(op))
    return;
  for (Value operand : made->getOperands())
    precede(operand, op);
  made->moveBefore(op);
}

/// Whether an op between a wait and a load may leave the load to pass it: it writes no memory that a view shows.
static bool letsLoadsPass(Operation *op) {
  if (isa<scf::IfOp>(op))
    return llvm::all_of(op->getRegions(), [](Region &region) {
      return llvm::all_of(region.getOps(), [](Operation &inner) { return letsLoadsPass(&inner); });
    });
  return isa<LoadOp, ReleaseOp, scf::YieldOp>(op) || isMemoryEffectFree(op);
}

/// Where what is loaded behind a wait can be asked for at the earliest: in front of the loop whose sums the wait is for, or of the wait.
static Operation *earliestPlace(DotWaitOp wait) {
  auto loop = wait.getValues().front().getDefiningOp<scf::ForOp>();
  if (!loop || loop->getBlock() != wait->getBlock())
    return wait;
  for (Operation *op = loop->getNextNode(); op != wait; op = op->getNextNode())
    if (!letsLoadsPass(op))
      return wait;
  bool writes = loop.getBody()->walk([](StoreOp) { return WalkResult::interrupt(); }).wasInterrupted();
  return writes ? wait : loop.getOperation();
}

static void loadBeforeWait(DotWaitOp wait) {
  constexpr int64_t kMostBytes = 1024;
  SmallVector<LoadOp> late;
  for (Operation *op = wait->getNextNode(); op && letsLoadsPass(op); op = op->getNextNode()) {
    auto load = dyn_cast<LoadOp>(op);
    auto type = load ? dyn_cast<RankedTensorType>(load.getType()) : RankedTensorType();
    if (type && type.getNumElements() * elementBytes(type.getElementType()) <= kMostBytes)
      late.push_back(load);
  }
  Operation *earliest = earliestPlace(wait);
  for (LoadOp load : late)
    for (Operation *place : {earliest, wait.getOperation()})
      if (llvm::all_of(load->getOperands(), [&](Value operand) { return canPrecede(operand, place); })) {
        for (Value operand : load->getOperands())
          precede(operand, place);
        load->moveBefore(place);
        break;
      }
}

void pipeline::loadBeforeWaits(KernelOp kernel) {
  SmallVector<DotWaitOp> waits;
  kernel.walk([&](DotWaitOp wait) {
    if (wait->getNumResults() > 0)
      waits.push_back(wait);
  });
  llvm::for_each(waits, loadBeforeWait);
}
