//===- LowerTensor.cpp - Copies of tiles by tensor maps ------------*- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

//
// One thread has the hardware copy a whole tile, box by box. A box is a panel of the tile in shared memory: as many bytes along the unit axis
// as the swizzle spans, and all rows; of what warpgroups store on their own, 64 rows. What lies outside the view reads as zeros, and is not
// written.
//
//===----------------------------------------------------------------------===//

#include "Lowering.h"

#include "tile/Dialect/Access.h"
#include "tile/Dialect/Pieces.h"

#include <mlir/IR/Matchers.h>

using namespace mlir;
using namespace tile;
using namespace tile::nvptx;

/// What the hardware takes.
static constexpr int64_t kMostAxes = 5, kMostBox = 256, kPieceBytes = 16;

//===----------------------------------------------------------------------===//
// Tensor maps
//===----------------------------------------------------------------------===//

std::optional<TensorMap> Lowering::tensorMap(Operation *op, Value view, ArrayRef<int64_t> widths, ir::SlotType slot,
                                             int64_t mostRows) {
  auto reject = [&](const Twine &why) {
    fail(op, why);
    return std::nullopt;
  };
  auto [argument, order] = ir::wholeView(view);
  if (!argument)
    return reject("is of a part of a view, which has no tensor map");
  auto rank = static_cast<int64_t>(widths.size());
  if (rank > kMostAxes)
    return reject("is of a view of " + Twine(rank) + " axes, where a tensor map has at most " + Twine(kMostAxes));
  TensorMap map;
  map.view = argument.getArgNumber();
  map.element = slot.getElementType();
  int64_t unitAxis = ir::viewFacts(view).unitAxis, bytes = ir::elementBytes(map.element), tileAxis = 0;
  SmallVector<int64_t> extents;
  for (auto [axis, width] : llvm::enumerate(widths)) {
    bool isUnit = static_cast<int64_t>(axis) == unitAxis;
    if (isUnit && (width == ir::kScalarIndex || slot.getSwizzle().getUnit() != tileAxis))
      return reject("has a tile that lies in shared memory along another axis than in its view");
    extents.push_back(width == ir::kScalarIndex ? 1 : width);
    tileAxis += width != ir::kScalarIndex;
  }
  if (unitAxis < 0)
    return reject("is of a view without an axis whose stride is known to be 1");
  int64_t span = slot.getSwizzle().getSpan(), unit = extents[unitAxis];
  int64_t panel = span ? std::min(span / bytes, unit) : unit;
  // The swizzle of a tile that is narrower than a span is that of a narrower span.
  map.swizzle = span && panel * bytes > kPieceBytes ? panel * bytes : 0;
  map.axes = {order[unitAxis]};
  map.box = {panel};
  for (int64_t axis = rank; axis-- > 0;)
    if (axis != unitAxis) {
      map.axes.push_back(order[axis]);
      map.box.push_back(std::min(extents[axis], mostRows));
    }
  if (panel * bytes % kPieceBytes != 0)
    return reject("has rows of " + Twine(panel * bytes) + " bytes, where tensor maps copy multiples of " +
                  Twine(kPieceBytes));
  for (int64_t extent : map.box)
    if (extent > kMostBox)
      return reject("has a tile of " + Twine(extent) + " along an axis, where a tensor map copies at most " +
                    Twine(kMostBox));
  return map;
}

void Lowering::collectTensorMaps() {
  kernel.walk([&](Operation *op) {
    std::optional<TensorMap> map;
    if (auto copy = dyn_cast<ir::CopyAsyncOp>(op)) {
      if (!copy.getBinding() || copy.getBinding()->getCopy() != ir::Copy::Tensor)
        return;
      ir::RingType ring = copy.getRing().getType();
      map =
          tensorMap(op, copy.getView(), copy.getWidths(),
                    ir::SlotType::get(builder.getContext(), ring.getShape(), ring.getElementType(), ring.getSwizzle()));
    } else if (auto store = dyn_cast<ir::StoreAsyncOp>(op)) {
      map = tensorMap(op, store.getView(), store.getWidths(), store.getSlot().getType(),
                      store.getWarpgroup() ? ir::kRowsOfGroup : INT64_MAX);
    }
    if (!map)
      return;
    tensorMapOf[op] = llvm::find(tensorMaps, *map) - tensorMaps.begin();
    if (tensorMapOf[op] == tensorMaps.size())
      tensorMaps.push_back(std::move(*map));
  });
}

void Lowering::prefetchTensorMaps() {
  for (Value map : tensorMapArguments)
    assembly({}, "prefetch.tensormap [$0];", "l", map, /*hasSideEffects=*/true);
}

//===----------------------------------------------------------------------===//
// Copies
//===----------------------------------------------------------------------===//

/// A position of 64 bits as the hardware takes it. Beyond 32 bits is outside of every view, and has to stay there.
Value Lowering::coordinate(Value position) {
  auto narrow = [&](Value value) { return builder.createOrFold<arith::TruncIOp>(loc, builder.getI32Type(), value); };
  if (position.getDefiningOp<arith::ExtSIOp>() || matchPattern(position, m_Constant()))
    return narrow(position);
  // No tensor map is as long; and 16 bytes divide it, as they divide every position.
  constexpr int64_t kFarthest = int64_t(1) << 30;
  Value least = make<arith::MaxSIOp>(position, index(-kFarthest));
  return narrow(make<arith::MinSIOp>(least, index(kFarthest)));
}

/// The axis of a view that is an axis of the argument that it shows.
static int64_t axisInView(Value view, int64_t ofArgument) {
  SmallVector<int64_t> order = ir::wholeView(view).order;
  return llvm::find(order, ofArgument) - order.begin();
}

SmallVector<Lowering::Box> Lowering::boxes(const TensorMap &map, Value view, ValueRange offsets, ir::SlotType slot) {
  SmallVector<Value> first;
  for (int64_t axis : map.axes)
    first.push_back(coordinate(scalar(offsets[axisInView(view, axis)])));
  int64_t bytes = ir::elementBytes(map.element), unit = slot.getShape()[slot.getSwizzle().getUnit()], boxBytes = bytes;
  for (int64_t extent : map.box)
    boxBytes *= extent;
  SmallVector<Box> result;
  for (int64_t panel = 0; panel < unit / map.box.front(); ++panel) {
    Box box{panel * boxBytes, first};
    box.coordinates.front() = make<arith::AddIOp>(first.front(), i32(panel * map.box.front()));
    result.push_back(std::move(box));
  }
  return result;
}

void Lowering::moveToWarpgroup(Box &box, const TensorMap &map, Value view, ArrayRef<int64_t> widths) {
  int64_t axis = 0;
  while (widths[axis] == ir::kScalarIndex)
    ++axis;
  Value &row = box.coordinates[llvm::find(map.axes, ir::wholeView(view).order[axis]) - map.axes.begin()];
  row = make<arith::AddIOp>(row, make<arith::MulIOp>(warpgroup(), i32(ir::kRowsOfGroup)));
}

/// `{$2, $3}` for two axes.
static std::string coordinateList(size_t axes) {
  std::string list = "{";
  for (size_t axis = 0; axis < axes; ++axis)
    list += (axis ? ", $" : "$") + std::to_string(axis + 2);
  return list + "}";
}

void Lowering::lowerTensorCopy(ir::CopyAsyncOp op) {
  if (!ir::isZeroBits(op.getPadding()))
    return fail(op, "pads with something other than 0, which a tensor copy can't");
  ir::ChannelOp channel;
  for (Operation *user : op.getRing().getUsers())
    if (auto found = dyn_cast<ir::ChannelOp>(user))
      channel = found;
  if (!channel || !consumerThreads)
    return fail(op, "is no producer's copy into the ring of a channel");
  const TensorMap &map = tensorMaps[tensorMapOf[op]];
  ir::RingType ring = op.getRing().getType();
  auto slot = ir::SlotType::get(builder.getContext(), ring.getShape(), ring.getElementType(), ring.getSwizzle());
  Value address = sharedAddress(slotOffset(op.getRing(), op.getTicket())),
        event = eventAddress(channel, op.getTicket(), /*ofEmpty=*/false);
  whenFirstOfProducer([&] {
    for (const Box &box : boxes(map, op.getView(), op.getOffsets(), slot)) {
      size_t axes = box.coordinates.size();
      SmallVector<Value> operands{address, tensorMapArguments[tensorMapOf[op]]};
      llvm::append_range(operands, box.coordinates);
      operands.push_back(event);
      std::string constraints = "r,l,r";
      for (size_t axis = 0; axis < axes; ++axis)
        constraints += ",r";
      assembly({},
               "cp.async.bulk.tensor." + std::to_string(axes) +
                   "d.shared::cluster.global.tile.mbarrier::complete_tx::bytes [$0+" + std::to_string(box.bytes) +
                   "], [$1, " + coordinateList(axes) + "], [$" + std::to_string(axes + 2) + "];",
               constraints + ",~{memory}", operands, /*hasSideEffects=*/true);
    }
  });
}

/// Stores, and what orders them with the accesses of threads. One thread starts all stores, of the program or of its warpgroup's rows, and
/// so it is the one that waits for them.
void Lowering::lowerTensorStore(Operation *op) {
  if (isa<ir::ProxyFenceOp>(op)) {
    assembly({}, "fence.proxy.async.shared::cta;", "~{memory}", {}, /*hasSideEffects=*/true);
    return;
  }
  if (auto wait = dyn_cast<ir::StoreWaitOp>(op))
    return whenElected(wait.getWarpgroup(), [&] {
      assembly({}, "cp.async.bulk.wait_group.read " + std::to_string(wait.getPending()) + ";", "~{memory}", {},
               /*hasSideEffects=*/true);
    });
  auto store = cast<ir::StoreAsyncOp>(op);
  const TensorMap &map = tensorMaps[tensorMapOf[op]];
  const Slot &slot = slots.find(store.getSlot())->second;
  whenElected(store.getWarpgroup(), [&] {
    Value offset = slot.offset;
    if (store.getWarpgroup()) {
      int64_t rowBytes = slot.type.getShape()[1] * ir::elementBytes(slot.type.getElementType());
      offset = make<arith::AddIOp>(offset, make<arith::MulIOp>(warpgroup(), i32(ir::kRowsOfGroup * rowBytes)));
    }
    Value address = sharedAddress(offset);
    for (Box &box : boxes(map, store.getView(), store.getOffsets(), slot.type)) {
      if (store.getWarpgroup())
        moveToWarpgroup(box, map, store.getView(), store.getWidths());
      size_t axes = box.coordinates.size();
      SmallVector<Value> operands{address, tensorMapArguments[tensorMapOf[op]]};
      llvm::append_range(operands, box.coordinates);
      std::string constraints = "r,l";
      for (size_t axis = 0; axis < axes; ++axis)
        constraints += ",r";
      assembly({},
               "cp.async.bulk.tensor." + std::to_string(axes) + "d.global.shared::cta.tile.bulk_group [$1, " +
                   coordinateList(axes) + "], [$0+" + std::to_string(box.bytes) + "];",
               constraints + ",~{memory}", operands, /*hasSideEffects=*/true);
    }
    assembly({}, "cp.async.bulk.commit_group;", "~{memory}", {}, /*hasSideEffects=*/true);
  });
}

void Lowering::drainStores() {
  bool any = false, byWarpgroups = false;
  kernel.walk([&](ir::StoreAsyncOp store) {
    any = true;
    byWarpgroups |= store.getWarpgroup();
  });
  if (failed || !any)
    return;
  // The first thread of the first warpgroup is the program's too.
  whenElected(byWarpgroups,
              [&] { assembly({}, "cp.async.bulk.wait_group 0;", "~{memory}", {}, /*hasSideEffects=*/true); });
}
