//===- TensorStores.cpp - Tiles that go to a view by tensor copies -*- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

//
// The threads write a tile into a scratch of its own, from where the unit for tensor copies takes it to the view while they go on. The stores
// of a block go together: one wait for those before them, one fence, two barriers.
//
//===----------------------------------------------------------------------===//

#include "Remarks.h"
#include "Synchronise.h"
#include "TensorCopies.h"

#include "tile/Placement/Anchors.h"

#include <llvm/ADT/MapVector.h>

using namespace mlir;
using namespace tile;
using namespace tile::ir;
using namespace tile::placement;

bool placement::isFilledByProducer(Value ring) {
  return llvm::any_of(ring.getUsers(),
                      [](Operation *user) { return isa<CopyAsyncOp>(user) && user->getParentOfType<ProducerOp>(); });
}

bool placement::isTensorChannel(ChannelOp channel) { return llvm::any_of(channel.getRings(), isFilledByProducer); }
bool placement::isTensorChannel(Value channel) { return isTensorChannel(channel.getDefiningOp<ChannelOp>()); }

bool placement::isTensorStore(Operation *op) {
  auto store = dyn_cast<StoreOp>(op);
  return store && store.getBinding() && store.getBinding()->getCopy() == Copy::Tensor;
}

bool placement::isLoopOverPrograms(Operation *op) {
  auto loop = dyn_cast<scf::ForOp>(op);
  return loop && loop.getLowerBound().getDefiningOp<WorkerIdOp>() && loop.getStep().getDefiningOp<WorkersOp>();
}

bool placement::canStoreByTensor(StoreOp store) {
  constexpr int64_t kLeastRow = 16;
  if (!isa<RankedTensorType>(store.getValue().getType()))
    return false;
  AccessShape access = accessShapeOf(store);
  if (!access.unitKnown || (access.elementBytes << access.bits[access.unitAxis]) < kLeastRow)
    return false;
  for (Operation *parent = store->getParentOp(); parent; parent = parent->getParentOp())
    if (isa<LoopLikeOpInterface>(parent) && !isLoopOverPrograms(parent))
      return false;
  BlockArgument view = rootArgument(store.getView());
  WalkResult others = store->getParentOfType<KernelOp>().getBody().walk([&](Operation *op) {
    bool touches =
        isa<LoadOp, StoreOp, CopyAsyncOp>(op) && op != store && llvm::any_of(op->getOperands(), [&](Value operand) {
          return isa<ViewType>(operand.getType()) && rootArgument(operand) == view;
        });
    return touches ? WalkResult::interrupt() : WalkResult::advance();
  });
  return !others.wasInterrupted();
}

/// How a tile lies in its scratch: as the unit for tensor copies reads it, in spans as wide as a row has.
static SwizzleAttr swizzleOf(StoreOp store) {
  AccessShape access = accessShapeOf(store);
  constexpr int64_t kLeastSpan = 32, kMostSpan = 128;
  int64_t row = access.elementBytes << access.bits[access.unitAxis];
  int64_t span = access.bits.size() > 1 && row >= kLeastSpan ? std::min(row, kMostSpan) : 0;
  return SwizzleAttr::get(store.getContext(), access.unitAxis, span);
}

void placement::storeByThreads(KernelOp kernel) {
  kernel.walk([&](StoreOp store) {
    if (!isTensorStore(store))
      return;
    store.setBindingAttr(BindingAttr::get(store.getContext(), Copy::Direct, accessShapeOf(store).bytes));
    remarkOn(store.getLoc(), "store", [&] {
      return llvm::formatv("by the threads: there is no room for its {0} bytes beside the rings",
                           valueBytes(withoutLayout(store.getValue().getType())))
          .str();
    });
  });
}

void placement::splitTensorStores(KernelOp kernel) {
  llvm::MapVector<Block *, SmallVector<StoreOp>> blocks;
  kernel.walk([&](StoreOp store) {
    if (isTensorStore(store))
      blocks[store->getBlock()].push_back(store);
  });
  for (auto &[block, stores] : blocks) {
    OpBuilder builder(stores.front());
    SmallVector<Value> scratches;
    for (StoreOp store : stores) {
      auto tile = cast<RankedTensorType>(store.getValue().getType());
      auto type = SlotType::get(store.getContext(), tile.getShape(), tile.getElementType(), swizzleOf(store));
      scratches.push_back(ScratchOp::create(builder, store.getLoc(), type, IntegerAttr()));
    }
    StoreWaitOp::create(builder, stores.front().getLoc());
    BarrierOp::create(builder, stores.front().getLoc());
    for (auto [store, scratch] : llvm::zip_equal(stores, scratches)) {
      builder.setInsertionPoint(store);
      WriteOp::create(builder, store.getLoc(), store.getValue(), scratch);
    }
    ProxyFenceOp::create(builder, stores.back().getLoc());
    BarrierOp::create(builder, stores.back().getLoc());
    for (auto [store, scratch] : llvm::zip_equal(stores, scratches)) {
      StoreAsyncOp::create(builder, store.getLoc(), scratch, store.getView(), store.getOffsets(),
                           store.getWidthsAttr());
      store.erase();
    }
  }
}
