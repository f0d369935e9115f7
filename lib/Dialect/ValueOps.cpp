//===- ValueOps.cpp - Shapes, folds and products of tiles -----------*- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "tile/Dialect/Tile.h"

using namespace mlir;
using namespace tile::ir;

LogicalResult IotaOp::verify() {
  if (getType().getRank() != 1 || !getType().getElementType().isIntOrIndex())
    return emitOpError("is a tile of one axis of integers");
  return success();
}

LogicalResult BroadcastOp::verify() {
  RankedTensorType from = getOperand().getType(), to = getType();
  if (from.getRank() != to.getRank() || from.getElementType() != to.getElementType())
    return emitOpError("keeps the rank and the element type");
  for (auto [axis, extents] : llvm::enumerate(llvm::zip_equal(from.getShape(), to.getShape())))
    if (auto [old, now] = extents; old != now && old != 1)
      return emitOpError("axis ") << axis << " has " << old << " elements and can't become " << now;
  return success();
}

OpFoldResult BroadcastOp::fold(FoldAdaptor adaptor) {
  if (getOperand().getType() == getType())
    return getOperand();
  if (auto splat = dyn_cast_if_present<SplatElementsAttr>(adaptor.getOperand()))
    return splat.resizeSplat(getType());
  return {};
}

LogicalResult ReshapeOp::verify() {
  RankedTensorType from = getOperand().getType(), to = getType();
  if (from.getElementType() != to.getElementType())
    return emitOpError("keeps the element type");
  if (from.getNumElements() != to.getNumElements())
    return emitOpError("makes ") << to.getNumElements() << " elements of " << from.getNumElements();
  return success();
}

OpFoldResult ReshapeOp::fold(FoldAdaptor adaptor) {
  if (getOperand().getType() == getType())
    return getOperand();
  if (auto elements = dyn_cast_if_present<DenseElementsAttr>(adaptor.getOperand()))
    return elements.reshape(getType());
  if (auto inner = getOperand().getDefiningOp<ReshapeOp>()) {
    getOperandMutable().assign(inner.getOperand());
    return getResult();
  }
  return {};
}

LogicalResult TransposeOp::verify() {
  RankedTensorType from = getOperand().getType(), to = getType();
  ArrayRef<int64_t> order = getOrder();
  SmallVector<int64_t> sorted(order);
  llvm::sort(sorted);
  if (!llvm::equal(sorted, llvm::seq<int64_t>(0, from.getRank())))
    return emitOpError("orders the ") << from.getRank() << " axes of its operand, each once";
  if (to.getRank() != from.getRank() || to.getElementType() != from.getElementType() ||
      !llvm::all_of(llvm::seq<int64_t>(0, to.getRank()),
                    [&](int64_t axis) { return to.getDimSize(axis) == from.getDimSize(order[axis]); }))
    return emitOpError("makes no ") << to << " of a " << from;
  return success();
}

OpFoldResult TransposeOp::fold(FoldAdaptor adaptor) {
  if (llvm::equal(getOrder(), llvm::seq<int64_t>(0, getType().getRank())))
    return getOperand();
  if (auto splat = dyn_cast_if_present<SplatElementsAttr>(adaptor.getOperand()))
    return splat.resizeSplat(getType());
  return {};
}

LogicalResult JoinOp::verify() {
  SmallVector<int64_t> shape(getLhs().getType().getShape());
  shape.push_back(2);
  if (withoutLayout(getType()) != RankedTensorType::get(shape, getLhs().getType().getElementType()))
    return emitOpError("adds a last axis of 2 elements");
  return success();
}

/// Whether a fold of this kind gives an index.
static bool givesIndex(ReduceKind kind) {
  return llvm::is_contained({ReduceKind::ArgMin, ReduceKind::ArgMax, ReduceKind::UArgMin, ReduceKind::UArgMax}, kind);
}

LogicalResult ReduceOp::verify() {
  RankedTensorType from = getOperand().getType();
  auto axis = static_cast<int64_t>(getAxis());
  if (axis >= from.getRank())
    return emitOpError("folds axis ") << axis << " of a tile with " << from.getRank() << " axes";
  bool ofBools = llvm::is_contained({ReduceKind::Any, ReduceKind::All}, getKind());
  if (ofBools != from.getElementType().isInteger(1))
    return emitOpError("any and all fold bools, and nothing else does");
  bool isUnsigned =
      llvm::is_contained({ReduceKind::UMin, ReduceKind::UMax, ReduceKind::UArgMin, ReduceKind::UArgMax}, getKind());
  if (isUnsigned && isa<FloatType>(from.getElementType()))
    return emitOpError("folds unsigned integers, not ") << from.getElementType();
  Type element = givesIndex(getKind()) ? IndexType::get(getContext()) : from.getElementType();
  SmallVector<int64_t> shape(from.getShape());
  shape.erase(shape.begin() + axis);
  Type expected = shape.empty() ? element : RankedTensorType::get(shape, element);
  if (withoutLayout(getType()) != expected)
    return emitOpError("gives a ") << expected << ", not a " << getType();
  return success();
}

/// The tile that an operand of a dot is, in place or as a value.
static RankedTensorType tileOf(Type type) {
  if (auto slot = dyn_cast<SlotType>(type))
    return slot.getTileType();
  return cast<RankedTensorType>(type);
}

/// The element type that a dot of such operands accumulates in; null when there is no such dot.
static Type accumulatorOf(Type element) {
  Builder builder(element.getContext());
  if (element.isInteger(8))
    return builder.getI32Type();
  if (element.isF64())
    return element;
  return isa<FloatType>(element) ? builder.getF32Type() : Type();
}

LogicalResult DotOp::verify() {
  RankedTensorType a = tileOf(getA().getType()), b = tileOf(getB().getType()), acc = getType();
  if (a.getRank() != 2 || b.getRank() != 2 || acc.getRank() != 2)
    return emitOpError("multiplies matrices");
  if (a.getDimSize(1) != b.getDimSize(0))
    return emitOpError("multiplies ") << a << " by " << b << ", whose inner extents differ";
  if (acc.getDimSize(0) != a.getDimSize(0) || acc.getDimSize(1) != b.getDimSize(1))
    return emitOpError("gives ") << a.getDimSize(0) << "x" << b.getDimSize(1) << ", not " << acc;
  if (a.getElementType() != b.getElementType())
    return emitOpError("multiplies one element type, not ") << a.getElementType() << " and " << b.getElementType();
  if (acc.getElementType() != accumulatorOf(a.getElementType()))
    return emitOpError("accumulates no ") << a.getElementType() << " in " << acc.getElementType();
  // What else read the result could see it half done.
  auto mayRead = [](OpOperand &use) {
    auto dot = dyn_cast<DotOp>(use.getOwner());
    return isa<DotWaitOp, scf::YieldOp>(use.getOwner()) ||
           (dot && dot.getAsync() && use.getOperandNumber() == dot.getAccMutable().getOperandNumber());
  };
  if (getAsync() && !llvm::all_of(getResult().getUses(), mayRead))
    return emitOpError("is async, and its result is read without a 'tile.dot_wait'");
  return success();
}

void DotOp::getEffects(SmallVectorImpl<SideEffects::EffectInstance<MemoryEffects::Effect>> &effects) {
  // What is read in place must be read between the slot's await and its release.
  for (OpOperand *operand : {&getAMutable(), &getBMutable()})
    if (isa<SlotType>(operand->get().getType()))
      effects.emplace_back(MemoryEffects::Read::get(), operand, RingResource::get());
  // And it is counted by the waits behind it.
  if (getAsync())
    effects.emplace_back(MemoryEffects::Write::get(), RingResource::get());
}
