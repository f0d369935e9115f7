//===- Place.cpp - Decides which thread holds which element --------*- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Apply.h"
#include "TensorCopies.h"

#include "tile/Placement/Placement.h"

namespace tile::placement {
#define GEN_PASS_DEF_TILEPLACE
#include "tile/Placement/Passes.h.inc"
} // namespace tile::placement

using namespace mlir;
using namespace tile;
using namespace tile::ir;
using namespace tile::placement;

/// Leaves to the threads those tensor stores that the unit for tensor copies would not make as they are meant.
static void chooseTensorStores(KernelOp kernel) {
  kernel.walk([&](StoreOp store) {
    if (isTensorStore(store) && !canStoreByTensor(store))
      store.setBindingAttr(BindingAttr::get(store.getContext(), Copy::Direct, accessShapeOf(store).bytes));
  });
}

/// Loads and stores move tiles between memory and registers from here on, whatever engine they were bound to, and their binding says how
/// wide.
static void bindAccesses(KernelOp kernel) {
  auto bind = [&](auto op, Type tile) {
    bool isScalar = !isa<RankedTensorType>(tile);
    op.setBindingAttr(
        BindingAttr::get(op.getContext(), isScalar ? Copy::Scalar : Copy::Direct, accessShapeOf(op).bytes));
  };
  kernel.walk([&](LoadOp load) { bind(load, load.getType()); });
  kernel.walk([&](StoreOp store) {
    if (!isTensorStore(store))
      bind(store, store.getValue().getType());
  });
}

namespace {
struct TilePlace : placement::impl::TilePlaceBase<TilePlace> {
  void runOnOperation() override {
    KernelOp kernel = getOperation();
    if (kernel.getPhase() != Phase::Pipelined) {
      kernel.emitError() << "only a kernel in phase 'pipelined' can be placed; this is in phase '"
                         << stringifyPhase(kernel.getPhase()) << "'";
      return signalPassFailure();
    }
    if (!kernel.getNumWarps() || !llvm::isPowerOf2_64(*kernel.getNumWarps())) {
      kernel.emitError() << "a kernel that is to be placed says how many warps it has, a power of two";
      return signalPassFailure();
    }
    unsigned warpBits = llvm::Log2_64(*kernel.getNumWarps());
    if (failed(checkWarpgroups(kernel)))
      return signalPassFailure();
    chooseTensorStores(kernel);
    bool hasProducer = !kernel.getBody().getOps<ProducerOp>().empty();
    {
      LayoutCosts costs(&getContext(), warpBits, hasProducer);
      Classes classes(kernel);
      SmallVector<Candidate> layouts = chooseLayouts(kernel, classes, costs);
      applyLayouts(kernel, classes, layouts, costs);
    }
    // What was remembered of ops ends with them.
    LayoutCosts costs(&getContext(), warpBits, hasProducer);
    splitFolds(kernel, costs);
    shareLoads(kernel, costs);
    placeRings(kernel, costs);
    bindAccesses(kernel);
    kernel.setPhase(Phase::Placed);
    if (failed(placement::verifyPlaced(kernel)))
      return signalPassFailure();
  }
};
} // namespace
