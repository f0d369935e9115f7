//===- Synchronise.cpp - Makes every wait what the hardware does ---*- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

//
// From phase `placed` to `synchronised`: see Synchronise.h for the steps. The result is checked by a run of its own, which knows nothing of how
// it was made.
//
//===----------------------------------------------------------------------===//

#include "Synchronise.h"
#include "TensorCopies.h"

#include "tile/Placement/Placement.h"

namespace tile::placement {
#define GEN_PASS_DEF_TILESYNCHRONISE
#include "tile/Placement/Passes.h.inc"
} // namespace tile::placement

using namespace mlir;
using namespace tile;
using namespace tile::ir;

/// Takes away what only channels say, and guards that guard nothing any more. Those that a producer fills are what the hardware has.
static void dropChannels(KernelOp kernel) {
  SmallVector<Operation *> ops;
  kernel.walk([&](Operation *op) {
    if (isa<AcquireOp, CommitOp, AwaitOp, ReleaseOp>(op) && !placement::isTensorChannel(op->getOperand(0)))
      ops.push_back(op);
  });
  kernel.walk([&](ChannelOp channel) {
    if (!placement::isTensorChannel(channel))
      ops.push_back(channel);
  });
  for (Operation *op : ops)
    op->erase();
  kernel.walk([&](scf::IfOp guard) {
    auto isEmpty = [](Region &region) { return region.empty() || llvm::hasSingleElement(region.front()); };
    if (guard->getNumResults() == 0 && isEmpty(guard.getThenRegion()) && isEmpty(guard.getElseRegion()))
      guard.erase();
  });
}

/// What a thread has waited for others may read behind the barrier that follows. The stamp that says that data has arrived stands there.
static void moveArrivals(KernelOp kernel) {
  SmallVector<StampOp> stamps;
  kernel.walk([&](StampOp stamp) {
    if (stamp.getMoment() == Moment::Arrived && stamp.getValues().empty())
      stamps.push_back(stamp);
  });
  for (StampOp stamp : stamps)
    for (Operation *next = stamp->getNextNode(); next; next = next->getNextNode()) {
      if (isa<BarrierOp>(next))
        stamp->moveAfter(next);
      if (!isMemoryEffectFree(next) || isa<BarrierOp>(next))
        break;
    }
}

namespace {
struct TileSynchronise : placement::impl::TileSynchroniseBase<TileSynchronise> {
  void runOnOperation() override {
    KernelOp kernel = getOperation();
    if (kernel.getPhase() != Phase::Placed) {
      kernel.emitError() << "only a kernel in phase 'placed' can be synchronised; this is in phase '"
                         << stringifyPhase(kernel.getPhase()) << "'";
      return signalPassFailure();
    }
    if (failed(placement::verifyPlaced(kernel)))
      return signalPassFailure();
    placement::moveThroughMemory(kernel);
    placement::splitStagedCopies(kernel);
    placement::placeTensorStores(kernel);
    placement::placeWaits(kernel);
    placement::placeProducerWaits(kernel);
    if (failed(placement::planSharedMemory(kernel)) || failed(placement::placeBarriers(kernel)))
      return signalPassFailure();
    dropChannels(kernel);
    moveArrivals(kernel);
    kernel.setPhase(Phase::Synchronised);
    if (failed(placement::verifySynchronised(kernel)))
      return signalPassFailure();
  }
};
} // namespace
