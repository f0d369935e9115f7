//===- LowerViews.cpp - Loads and stores of views -----------------*- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// An access that lies wholly inside its view, in rows of unit stride, is done by loops over vectors. Every other is described in a
// `Box` and left to the runtime, which clips, pads, and follows any strides. A load in place reads the view itself when it lies
// inside, and else a padded copy; a store of what is computed on the fly goes likewise.
//
//===----------------------------------------------------------------------===//

#include "Lowering.h"
#include "Runtime.h"

using namespace mlir;
using namespace tile;
using namespace tile::cpu;

/// Emits an `scf.if`.
void Lowering::when(Value condition, function_ref<void()> then, function_ref<void()> otherwise) {
  auto branch = scf::IfOp::create(builder, loc, condition, /*withElseRegion=*/static_cast<bool>(otherwise));
  OpBuilder::InsertionGuard guard(builder);
  builder.setInsertionPoint(branch.thenBlock()->getTerminator());
  then();
  if (!otherwise)
    return;
  builder.setInsertionPoint(branch.elseBlock()->getTerminator());
  otherwise();
}

/// Whether all of an access lies inside its view.
Value Lowering::inside(const View &view, ValueRange offsets, ArrayRef<int64_t> widths) {
  Value all;
  auto require = [&](Value condition) { all = all ? make<arith::AndIOp>(all, condition) : condition; };
  for (auto [offset, width, extent] : llvm::zip_equal(offsets, widths, view.extents)) {
    Value last = make<arith::SubIOp>(extent, constant(width == ir::kScalarIndex ? 1 : width));
    require(arith::CmpIOp::create(builder, loc, arith::CmpIPredicate::sge, offset, constant(0)));
    require(arith::CmpIOp::create(builder, loc, arith::CmpIPredicate::sle, offset, last));
  }
  return all;
}

Place Lowering::placeInView(const View &view, ValueRange offsets, ArrayRef<int64_t> widths) {
  Place place{view.ptr, {}, {}, view.element};
  Value offset = constant(0);
  for (auto [start, width, stride] : llvm::zip_equal(offsets, widths, view.strides)) {
    offset = add(offset, mul(start, stride));
    if (width == ir::kScalarIndex)
      continue;
    place.shape.push_back(width);
    place.strides.push_back(stride);
  }
  place.ptr = offsetPtr(view.ptr, view.element, offset);
  return place;
}

/// Whether the last axis of an access's tile has unit stride.
bool Lowering::hasUnitRows(const View &view, ArrayRef<int64_t> widths) {
  int64_t last = widths.size() - 1;
  while (last >= 0 && widths[last] == ir::kScalarIndex)
    --last;
  return last >= 0 && view.unitAxis == last;
}

/// Describes an access and the memory of its tile in the worker's box, and calls a function of the runtime with it.
void Lowering::callWithBox(StringRef function, const View &view, ValueRange offsets, ArrayRef<int64_t> widths,
                           const Place &tile, TypedAttr pad, ValueRange rest) {
  constexpr int64_t kBox = offsetof(ScratchHeader, box);
  int64_t position = kBox;
  auto put = [&](Value word) {
    if (word.getType().isIndex())
      word = toI64(word);
    Value at = LLVM::GEPOp::create(builder, loc, ptrType, builder.getI8Type(), scratchPtr,
                                   ArrayRef<LLVM::GEPArg>{static_cast<int32_t>(position)});
    LLVM::StoreOp::create(builder, loc, word, at);
    position += 8;
  };
  uint64_t padding = 0;
  if (auto value = dyn_cast_or_null<FloatAttr>(pad))
    padding = value.getValue().bitcastToAPInt().getZExtValue();
  else if (auto value = dyn_cast_or_null<IntegerAttr>(pad))
    padding = value.getValue().getZExtValue();
  put(view.ptr);
  put(tile.ptr);
  put(constant(static_cast<int64_t>(padding)));
  put(constant(ir::elementBytes(view.element)));
  put(constant(widths.size()));
  for (auto [extent, stride, offset, width] : llvm::zip_equal(view.extents, view.strides, offsets, widths)) {
    put(extent);
    put(stride);
    put(offset);
    put(constant(width));
  }
  if (tile.buffer >= 0)
    scratch.use(tile.buffer);
  Value box = LLVM::GEPOp::create(builder, loc, ptrType, builder.getI8Type(), scratchPtr,
                                  ArrayRef<LLVM::GEPArg>{static_cast<int32_t>(kBox)});
  SmallVector<Value> arguments{box};
  llvm::append_range(arguments, rest);
  call(function, arguments);
}

/// Fills a tile's memory from a view.
void Lowering::copyIn(const View &view, ValueRange offsets, ArrayRef<int64_t> widths, TypedAttr pad,
                      const Place &target) {
  auto byRuntime = [&] { callWithBox("tile_cpu_read", view, offsets, widths, target, pad); };
  if (!hasUnitRows(view, widths))
    return byRuntime();
  when(inside(view, offsets, widths), [&] { copy(placeInView(view, offsets, widths), target); }, byRuntime);
}

void Lowering::lowerSubview(ir::SubviewOp op) {
  const View view = views[op.getView()];
  View result{view.ptr, {}, {}, view.element, unitAxis(op.getResult())};
  Value offset = constant(0), zero = constant(0), valid;
  auto highs = op.getHighs().begin();
  for (auto [axis, kept] : llvm::enumerate(op.getKept())) {
    Value low = scalar(op.getLows()[axis]), extent = view.extents[axis];
    if (!kept) {
      Value one = inside({view.ptr, {extent}, {zero}, view.element}, low, {ir::kScalarIndex});
      valid = valid ? make<arith::AndIOp>(valid, one) : one;
      offset = add(offset, mul(low, view.strides[axis]));
      continue;
    }
    Value high = scalar(*highs++);
    low = make<arith::MinSIOp>(make<arith::MaxSIOp>(low, zero), extent);
    high = make<arith::MaxSIOp>(make<arith::MinSIOp>(high, extent), low);
    offset = add(offset, mul(low, view.strides[axis]));
    result.extents.push_back(make<arith::SubIOp>(high, low));
    result.strides.push_back(view.strides[axis]);
  }
  if (valid)
    for (Value &extent : result.extents)
      extent = arith::SelectOp::create(builder, loc, valid, extent, zero);
  result.ptr = offsetPtr(view.ptr, view.element, offset);
  views[op.getResult()] = result;
}

void Lowering::lowerPermute(ir::PermuteOp op) {
  const View view = views[op.getView()];
  View result{view.ptr, {}, {}, view.element, unitAxis(op.getResult())};
  for (int64_t axis : op.getOrder()) {
    result.extents.push_back(view.extents[axis]);
    result.strides.push_back(view.strides[axis]);
  }
  views[op.getResult()] = result;
}

void Lowering::lowerLoad(ir::LoadOp op) {
  const View view = views[op.getView()];
  SmallVector<Value> offsets = scalars(op.getOffsets());
  ArrayRef<int64_t> widths = op.getWidths();
  TypedAttr pad = op.getPadding();
  auto type = dyn_cast<RankedTensorType>(op.getType());
  if (!type) {
    Value isInside = inside(view, offsets, widths);
    auto branch = scf::IfOp::create(builder, loc, registerType(view.element), isInside, /*withElseRegion=*/true);
    OpBuilder::InsertionGuard guard(builder);
    builder.setInsertionPointToEnd(branch.thenBlock());
    Value loaded = load(placeInView(view, offsets, widths), {}, 0);
    scf::YieldOp::create(builder, loc, loaded);
    builder.setInsertionPointToEnd(branch.elseBlock());
    scf::YieldOp::create(builder, loc, constant(pad));
    map.map(op.getResult(), branch.getResult(0));
    return;
  }
  Place copied = makePlace(type, "a load of");
  if (!plan.isInPlace(op)) {
    copyIn(view, offsets, widths, pad, copied);
    places[op.getResult()] = copied;
    return;
  }
  Value isInside = inside(view, offsets, widths);
  Value outside = make<arith::XOrIOp>(isInside, arith::ConstantIntOp::create(builder, loc, 1, 1));
  when(outside, [&] { callWithBox("tile_cpu_read", view, offsets, widths, copied, pad); });
  Place place = placeInView(view, offsets, widths);
  place.ptr = arith::SelectOp::create(builder, loc, isInside, place.ptr, copied.ptr);
  for (size_t axis = 0; axis + 1 < place.strides.size(); ++axis)
    place.strides[axis] = arith::SelectOp::create(builder, loc, isInside, place.strides[axis], copied.strides[axis]);
  place.buffer = copied.buffer;
  places[op.getResult()] = place;
}

void Lowering::lowerStore(ir::StoreOp op) {
  const View view = views[op.getView()];
  SmallVector<Value> offsets = scalars(op.getOffsets());
  ArrayRef<int64_t> widths = op.getWidths();
  auto type = dyn_cast<RankedTensorType>(op.getValue().getType());
  if (!type) {
    Value value = scalar(op.getValue());
    return when(inside(view, offsets, widths), [&] { store(value, placeInView(view, offsets, widths), {}, 0); });
  }
  auto write = [&](const Place &from) { callWithBox("tile_cpu_write", view, offsets, widths, from, {}); };
  bool unitRows = hasUnitRows(view, widths);
  if (auto it = places.find(op.getValue()); it != places.end() && it->second.dense) {
    const Place from = it->second;
    if (!unitRows)
      return write(from);
    return when(
        inside(view, offsets, widths), [&] { copy(from, placeInView(view, offsets, widths)); }, [&] { write(from); });
  }
  Place aside = makePlace(type, "a store of");
  if (!unitRows) {
    materialise(op.getValue(), aside, op);
    return write(aside);
  }
  Value isInside = inside(view, offsets, widths);
  Place target = placeInView(view, offsets, widths);
  target.ptr = arith::SelectOp::create(builder, loc, isInside, target.ptr, aside.ptr);
  for (size_t axis = 0; axis + 1 < target.strides.size(); ++axis)
    target.strides[axis] = arith::SelectOp::create(builder, loc, isInside, target.strides[axis], aside.strides[axis]);
  target.buffer = aside.buffer;
  materialise(op.getValue(), target, op);
  Value outside = make<arith::XOrIOp>(isInside, arith::ConstantIntOp::create(builder, loc, 1, 1));
  when(outside, [&] { write(aside); });
}
