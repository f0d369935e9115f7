//===- TensorStores.cpp - Tiles that go to a view by tensor copies -*- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

//
// The threads write a tile into a scratch of its own, from where the unit for tensor copies takes it to the view while they go on. Warpgroups
// that hold rows of their own do so on their own: one that is done goes on to the next products, and the other's products go on beside its
// stores. Their tiles go in pieces, through two scratches in turn. Other stores of a block go together: one wait for those before them, one
// fence, two barriers.
//
//===----------------------------------------------------------------------===//

#include "Synchronise.h"
#include "TensorCopies.h"

#include "tile/Dialect/Pieces.h"
#include "tile/Pipeline/Verdicts.h"
#include "tile/Placement/Anchors.h"

#include <llvm/ADT/MapVector.h>
#include <llvm/Support/FormatVariadic.h>

using namespace mlir;
using namespace tile;
using namespace tile::ir;
using namespace tile::placement;

bool placement::isFilledByProducer(Value ring) {
  return llvm::any_of(ring.getUsers(),
                      [](Operation *user) { return isa<CopyAsyncOp>(user) && user->getParentOfType<ProducerOp>(); });
}

bool placement::isThreadCopy(CopyAsyncOp copy) {
  return copy.getBinding() && copy.getBinding()->getCopy() == Copy::Async && copy->getParentOfType<ProducerOp>();
}

bool placement::isFilledByThreads(ChannelOp channel) {
  return llvm::any_of(channel.getRings(), [](Value ring) {
    return llvm::any_of(ring.getUsers(), [](Operation *user) {
      auto copy = dyn_cast<CopyAsyncOp>(user);
      return copy && isThreadCopy(copy);
    });
  });
}

bool placement::isTensorChannel(ChannelOp channel) { return llvm::any_of(channel.getRings(), isFilledByProducer); }
bool placement::isTensorChannel(Value channel) { return isTensorChannel(channel.getDefiningOp<ChannelOp>()); }

bool placement::isTensorStore(Operation *op) {
  auto store = dyn_cast<StoreOp>(op);
  return store && store.getBinding() && store.getBinding()->getCopy() == Copy::Tensor;
}

bool placement::isStoredByWarpgroups(Value scratch) {
  return llvm::any_of(scratch.getUsers(), [](Operation *user) {
    auto store = dyn_cast<StoreAsyncOp>(user);
    return store && store.getWarpgroup();
  });
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

/// Makes a scratch for a tile, or a piece of it. It lies as the unit for tensor copies reads it, in spans as wide as a row has.
static Value makeScratch(OpBuilder &builder, StoreOp store, ArrayRef<int64_t> shape) {
  constexpr int64_t kLeastSpan = 32, kMostSpan = 128;
  AccessShape access = accessShapeOf(store);
  int64_t row = access.elementBytes * shape[access.unitAxis];
  int64_t span = shape.size() > 1 && row >= kLeastSpan ? std::min(row, kMostSpan) : 0;
  auto swizzle = SwizzleAttr::get(store.getContext(), access.unitAxis, span);
  auto type = SlotType::get(store.getContext(), shape,
                            cast<RankedTensorType>(store.getValue().getType()).getElementType(), swizzle);
  return ScratchOp::create(builder, store.getLoc(), type, IntegerAttr());
}

void placement::reportStore(StoreOp store, bool fits) {
  if (fits)
    return pipeline::reportPipelined(store.getLoc(), "store", "by tensor copies from shared memory");
  int64_t bytes = valueBytes(withoutLayout(store.getValue().getType()));
  pipeline::reportRefused(
      store.getLoc(), "store",
      llvm::formatv("by the threads: there is no room for its {0} bytes beside the rings", bytes).str(),
      "make the tiles smaller, or ask for fewer stages");
}

void placement::storeByThreads(KernelOp kernel) {
  kernel.walk([&](StoreOp store) {
    if (isTensorStore(store))
      store.setBindingAttr(BindingAttr::get(store.getContext(), Copy::Direct, accessShapeOf(store).bytes));
  });
}

/// The pieces that warpgroups store a tile in, if they hold rows of their own.
static std::optional<StorePieces> piecesOf(StoreOp store) {
  auto tile = cast<RankedTensorType>(store.getValue().getType());
  LayoutAttr layout = layoutOf(tile);
  int64_t numWarps = *store->getParentOfType<KernelOp>().getNumWarps();
  std::optional<StorePieces> pieces = storePieces(tile, accessShapeOf(store).unitAxis, numWarps);
  if (!pieces || !layout || !givesGroupsRows(layout.getLayout()) ||
      !partOf(layout.getLayout(), SmallVector<int64_t>(pieces->shape.size(), 0), pieces->shape))
    return std::nullopt;
  return pieces;
}

/// Has each warpgroup store its rows, piece by piece. The stores that read a buffer last are all but the newest, one for each other buffer:
/// others have come since, from the program before if need be, and other tiles' stores only add to them.
static void storePieceByPiece(StoreOp store, const StorePieces &pieces) {
  OpBuilder builder(store);
  Location loc = store.getLoc();
  SmallVector<Value> scratches;
  for (int64_t buffer = 0; buffer < pieces.buffers; ++buffer)
    scratches.push_back(makeScratch(builder, store, pieces.shape));
  SmallVector<int64_t> widths(store.getWidths());
  SmallVector<unsigned> viewAxes;
  for (auto [axis, width] : llvm::enumerate(widths))
    if (width != kScalarIndex) {
      width = pieces.shape[viewAxes.size()];
      viewAxes.push_back(axis);
    }
  int64_t count = pieces.rows * pieces.columns;
  for (int64_t piece = 0; piece < count; ++piece) {
    Value scratch = scratches[piece % pieces.buffers];
    int64_t start[] = {piece / pieces.columns * pieces.shape[0], piece % pieces.columns * pieces.shape[1]};
    SmallVector<Value> offsets(store.getOffsets());
    for (auto [axis, first] : llvm::zip_equal(viewAxes, start))
      if (first != 0)
        offsets[axis] =
            arith::AddIOp::create(builder, loc, offsets[axis], arith::ConstantIndexOp::create(builder, loc, first));
    StoreWaitOp::create(builder, loc, pieces.buffers - 1, /*warpgroup=*/true);
    BarrierOp::create(builder, loc, /*warpgroup=*/true);
    WriteOp::create(builder, loc, store.getValue(), scratch,
                    count == 1 ? DenseI64ArrayAttr() : builder.getDenseI64ArrayAttr(start));
    ProxyFenceOp::create(builder, loc);
    BarrierOp::create(builder, loc, /*warpgroup=*/true);
    StoreAsyncOp::create(builder, loc, scratch, store.getView(), offsets, widths, /*warpgroup=*/true);
  }
  store.erase();
}

/// Has all threads store the tiles of a block as a whole.
static void storeTogether(MutableArrayRef<StoreOp> stores) {
  OpBuilder builder(stores.front());
  SmallVector<Value> scratches;
  for (StoreOp store : stores)
    scratches.push_back(makeScratch(builder, store, cast<RankedTensorType>(store.getValue().getType()).getShape()));
  StoreWaitOp::create(builder, stores.front().getLoc());
  BarrierOp::create(builder, stores.front().getLoc());
  for (auto [store, scratch] : llvm::zip_equal(stores, scratches)) {
    builder.setInsertionPoint(store);
    WriteOp::create(builder, store.getLoc(), store.getValue(), scratch, DenseI64ArrayAttr());
  }
  ProxyFenceOp::create(builder, stores.back().getLoc());
  BarrierOp::create(builder, stores.back().getLoc());
  for (auto [store, scratch] : llvm::zip_equal(stores, scratches)) {
    StoreAsyncOp::create(builder, store.getLoc(), scratch, store.getView(), store.getOffsets(), store.getWidths());
    store.erase();
  }
}

void placement::splitTensorStores(KernelOp kernel) {
  SmallVector<std::pair<StoreOp, StorePieces>> byPieces;
  llvm::MapVector<Block *, SmallVector<StoreOp>> blocks;
  kernel.walk([&](StoreOp store) {
    if (!isTensorStore(store))
      return;
    if (std::optional<StorePieces> pieces = piecesOf(store))
      byPieces.emplace_back(store, *pieces);
    else
      blocks[store->getBlock()].push_back(store);
  });
  for (auto &[store, pieces] : byPieces)
    storePieceByPiece(store, pieces);
  for (auto &[block, stores] : blocks)
    storeTogether(stores);
}
