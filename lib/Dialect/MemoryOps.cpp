//===- MemoryOps.cpp - Access to views, and rings -------------------*- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "tile/Dialect/Tile.h"

#include <mlir/IR/Builders.h>

using namespace mlir;
using namespace tile::ir;

BlockArgument tile::ir::rootArgument(Value view) {
  while (isa_and_nonnull<SubviewOp, PermuteOp>(view.getDefiningOp()))
    view = view.getDefiningOp()->getOperand(0);
  auto argument = dyn_cast<BlockArgument>(view);
  if (argument && isa_and_nonnull<KernelOp>(argument.getOwner()->getParentOp()))
    return argument;
  return {};
}

WholeView tile::ir::wholeView(Value view) {
  WholeView whole;
  llvm::append_range(whole.order, llvm::seq<int64_t>(0, cast<ViewType>(view.getType()).getRank()));
  for (; auto permute = view.getDefiningOp<PermuteOp>(); view = permute.getView())
    for (int64_t &axis : whole.order)
      axis = permute.getOrder()[axis];
  if (view == rootArgument(view))
    whole.argument = cast<BlockArgument>(view);
  return whole;
}

//===----------------------------------------------------------------------===//
// Syntax of an access: [%i, %m +: 64]
//===----------------------------------------------------------------------===//

ParseResult tile::ir::parseAccess(OpAsmParser &parser, SmallVectorImpl<OpAsmParser::UnresolvedOperand> &offsets,
                                  DenseI64ArrayAttr &widths) {
  SmallVector<int64_t> values;
  auto parseIndex = [&]() -> ParseResult {
    if (parser.parseOperand(offsets.emplace_back()))
      return failure();
    values.push_back(kScalarIndex);
    if (failed(parser.parseOptionalPlus()))
      return success();
    return failure(parser.parseColon() || parser.parseInteger(values.back()));
  };
  if (parser.parseCommaSeparatedList(AsmParser::Delimiter::Square, parseIndex))
    return failure();
  widths = parser.getBuilder().getDenseI64ArrayAttr(values);
  return success();
}

void tile::ir::printAccess(OpAsmPrinter &printer, Operation *, OperandRange offsets, DenseI64ArrayAttr widths) {
  printer << '[';
  llvm::interleaveComma(llvm::zip_equal(offsets, widths.asArrayRef()), printer, [&](auto pair) {
    auto [offset, width] = pair;
    printer << offset;
    if (width != kScalarIndex)
      printer << " +: " << width;
  });
  printer << ']';
}

ParseResult tile::ir::parseRanges(OpAsmParser &parser, SmallVectorImpl<OpAsmParser::UnresolvedOperand> &lows,
                                  SmallVectorImpl<OpAsmParser::UnresolvedOperand> &highs, DenseBoolArrayAttr &kept) {
  SmallVector<bool> values;
  auto parseRange = [&]() -> ParseResult {
    if (parser.parseOperand(lows.emplace_back()))
      return failure();
    values.push_back(succeeded(parser.parseOptionalKeyword("to")));
    return values.back() ? parser.parseOperand(highs.emplace_back()) : success();
  };
  if (parser.parseCommaSeparatedList(AsmParser::Delimiter::Square, parseRange))
    return failure();
  kept = parser.getBuilder().getDenseBoolArrayAttr(values);
  return success();
}

void tile::ir::printRanges(OpAsmPrinter &printer, Operation *, OperandRange lows, OperandRange highs,
                           DenseBoolArrayAttr kept) {
  printer << '[';
  auto high = highs.begin();
  llvm::interleaveComma(llvm::zip_equal(lows, kept.asArrayRef()), printer, [&](auto pair) {
    auto [low, isKept] = pair;
    printer << low;
    if (isKept)
      printer << " to " << *high++;
  });
  printer << ']';
}

//===----------------------------------------------------------------------===//
// Verifiers
//===----------------------------------------------------------------------===//

/// Checks what all accesses have in common: one index for each axis of the view, and widths that make a tile.
static LogicalResult verifyAccess(Operation *op, ViewType view, OperandRange offsets, ArrayRef<int64_t> widths) {
  if (offsets.size() != view.getRank() || widths.size() != view.getRank())
    return op->emitOpError("names ") << offsets.size() << " indices of a view with " << view.getRank() << " axes";
  for (int64_t width : widths)
    if (width != kScalarIndex && (width < 1 || !llvm::isPowerOf2_64(width)))
      return op->emitOpError("takes ") << width << " elements of an axis, which is no power of two";
  return success();
}

/// The type of what an access reads or writes.
static Type accessType(ArrayRef<int64_t> widths, Type elementType) {
  SmallVector<int64_t> shape = accessShape(widths);
  return shape.empty() ? elementType : RankedTensorType::get(shape, elementType);
}

/// The tile that an op reads or writes; threads may hold it any way.
static LogicalResult verifyAccessType(Operation *op, Type actual, Type expected) {
  if (withoutLayout(actual) != expected)
    return op->emitOpError("names a ") << expected << ", not a " << actual;
  return success();
}

static LogicalResult verifyPadding(Operation *op, TypedAttr pad, ViewType view) {
  if (pad && pad.getType() != view.getElementType())
    return op->emitOpError("pads with a ")
           << pad.getType() << " where the view's elements are " << view.getElementType();
  return success();
}

static TypedAttr paddingOrZero(TypedAttr pad, ViewType view) {
  return pad ? pad : Builder(view.getContext()).getZeroAttr(view.getElementType());
}

LogicalResult LoadOp::verify() {
  if (failed(verifyAccess(*this, getView().getType(), getOffsets(), getWidths())) ||
      failed(verifyPadding(*this, getPadAttr(), getView().getType())))
    return failure();
  return verifyAccessType(*this, getType(), accessType(getWidths(), getView().getType().getElementType()));
}

LogicalResult InsideOp::verify() {
  if (failed(verifyAccess(*this, getView().getType(), getOffsets(), getWidths())))
    return failure();
  return verifyAccessType(*this, getType(), accessType(getWidths(), IntegerType::get(getContext(), 1)));
}

LogicalResult StoreOp::verify() {
  if (failed(verifyAccess(*this, getView().getType(), getOffsets(), getWidths())))
    return failure();
  return verifyAccessType(*this, getValue().getType(), accessType(getWidths(), getView().getType().getElementType()));
}

LogicalResult CopyAsyncOp::verify() {
  if (failed(verifyAccess(*this, getView().getType(), getOffsets(), getWidths())) ||
      failed(verifyPadding(*this, getPadAttr(), getView().getType())))
    return failure();
  return verifyAccessType(*this, getRing().getType().getTileType(),
                          accessType(getWidths(), getView().getType().getElementType()));
}

LogicalResult StoreAsyncOp::verify() {
  if (failed(verifyAccess(*this, getView().getType(), getOffsets(), getWidths())))
    return failure();
  return verifyAccessType(*this, getSlot().getType().getTileType(),
                          accessType(getWidths(), getView().getType().getElementType()));
}

LogicalResult SubviewOp::verify() {
  ViewType view = getView().getType();
  size_t keptAxes = llvm::count(getKept(), true);
  if (getKept().size() != view.getRank() || getLows().size() != view.getRank() || getHighs().size() != keptAxes)
    return emitOpError("names ") << getLows().size() << " ranges of a view with " << view.getRank() << " axes";
  if (getType().getElementType() != view.getElementType() || getType().getRank() != keptAxes)
    return emitOpError("keeps ") << keptAxes << " axes of " << view << ", which is no " << getType();
  if (!llvm::all_of(getType().getShape(), ShapedType::isDynamic))
    return emitOpError("gives a clipped view, whose extents are not known");
  return success();
}

LogicalResult PermuteOp::verify() {
  ViewType from = getView().getType(), to = getType();
  ArrayRef<int64_t> order = getOrder();
  SmallVector<int64_t> sorted(order);
  llvm::sort(sorted);
  if (!llvm::equal(sorted, llvm::seq<int64_t>(0, from.getRank())))
    return emitOpError("orders the ") << from.getRank() << " axes of its view, each once";
  if (to.getRank() != from.getRank() || to.getElementType() != from.getElementType() ||
      !llvm::all_of(llvm::enumerate(order),
                    [&](auto each) { return to.getShape()[each.index()] == from.getShape()[each.value()]; }))
    return emitOpError("makes no ") << to << " of a " << from;
  return success();
}

LogicalResult ChannelOp::verify() {
  for (Value ring : getRings()) {
    if (cast<RingType>(ring.getType()).getDepth() != cast<RingType>(getRings().front().getType()).getDepth())
      return emitOpError("the rings of a channel have one depth");
    if (llvm::count_if(ring.getUsers(), llvm::IsaPred<ChannelOp>) != 1)
      return emitOpError("a ring belongs to one channel");
  }
  if (getRings().empty())
    return emitOpError("has no ring");
  if (getBarriers().has_value() != getArrivals().has_value())
    return emitOpError("says where its barriers are and how many arrivals they count, or neither");
  return success();
}

LogicalResult SlotOp::verify() {
  if (getType().getSwizzle() != getRing().getType().getSwizzle())
    return emitOpError("lies in shared memory as its ring does");
  return verifyAccessType(*this, getType().getTileType(), getRing().getType().getTileType());
}
LogicalResult ReadOp::verify() { return verifyAccessType(*this, getType(), getSlot().getType().getTileType()); }

//===----------------------------------------------------------------------===//
// Padding and effects
//===----------------------------------------------------------------------===//

TypedAttr LoadOp::getPadding() { return paddingOrZero(getPadAttr(), getView().getType()); }
TypedAttr CopyAsyncOp::getPadding() { return paddingOrZero(getPadAttr(), getView().getType()); }

bool LoadOp::readsConstantMemory() {
  BlockArgument argument = rootArgument(getView());
  return argument &&
         cast<KernelOp>(argument.getOwner()->getParentOp()).getAccess(argument.getArgNumber()) == Access::In;
}

void LoadOp::getEffects(SmallVectorImpl<SideEffects::EffectInstance<MemoryEffects::Effect>> &effects) {
  if (!readsConstantMemory())
    effects.emplace_back(MemoryEffects::Read::get(), &getViewMutable());
}

void StoreOp::getEffects(SmallVectorImpl<SideEffects::EffectInstance<MemoryEffects::Effect>> &effects) {
  effects.emplace_back(MemoryEffects::Write::get(), &getViewMutable());
}

void CopyAsyncOp::getEffects(SmallVectorImpl<SideEffects::EffectInstance<MemoryEffects::Effect>> &effects) {
  effects.emplace_back(MemoryEffects::Read::get(), &getViewMutable());
  effects.emplace_back(MemoryEffects::Write::get(), &getRingMutable(), RingResource::get());
}

void StoreAsyncOp::getEffects(SmallVectorImpl<SideEffects::EffectInstance<MemoryEffects::Effect>> &effects) {
  effects.emplace_back(MemoryEffects::Read::get(), &getSlotMutable(), RingResource::get());
  effects.emplace_back(MemoryEffects::Write::get(), &getViewMutable());
}
