//===- ExpandSmallFloats.cpp - Small floats in wider ones ------*- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Two passes that leave casts and storage to small floats, and no arithmetic. `tile-expand-f8` is for all targets.
// `tile-expand-bf16` is for those without exact bf16 arithmetic: results are what bf16 arithmetic gives, because f32 has more
// than twice its digits and two more, so that rounding twice is rounding once.
//
//===----------------------------------------------------------------------===//

#include "tile/Numerics/Numerics.h"

#include <mlir/Dialect/Arith/IR/Arith.h>
#include <mlir/Dialect/Math/IR/Math.h>
#include <mlir/IR/IRMapping.h>
#include <mlir/IR/TypeUtilities.h>

using namespace mlir;

namespace tile::numerics {
namespace {

using IsSmall = bool (*)(Type elementType);

bool isBF16(Type elementType) { return elementType.isBF16(); }

/// Whether the op rounds as narrowing does. Other modes are left for a target to refuse.
bool roundsToNearest(Operation *op) {
  auto truncation = dyn_cast<arith::TruncFOp>(op);
  return !truncation || truncation.getRoundingmode().value_or(arith::RoundingMode::to_nearest_even) ==
                            arith::RoundingMode::to_nearest_even;
}

/// Whether the op is one of arith's or math's that computes with small floats, and doesn't only pass them on.
bool computes(Operation *op, IsSmall isSmall) {
  if (!isa_and_nonnull<arith::ArithDialect, math::MathDialect>(op->getDialect()))
    return false;
  if (op->getNumResults() != 1 || isa<arith::BitcastOp, arith::ConstantOp, arith::SelectOp>(op) || !roundsToNearest(op))
    return false;
  return llvm::any_of(op->getOperandTypes(), [&](Type type) { return isSmall(getElementTypeOrSelf(type)); }) ||
         isSmall(getElementTypeOrSelf(op->getResult(0)));
}

/// A small float in a wider type; every target has that for bf16.
Value widen(OpBuilder &builder, Location loc, Value value, Type elementType) {
  if (isF8(getElementTypeOrSelf(value)))
    return widenF8(builder, loc, value, elementType);
  auto shaped = dyn_cast<ShapedType>(value.getType());
  return arith::ExtFOp::create(builder, loc, shaped ? Type(shaped.clone(elementType)) : elementType, value);
}

Value narrow(OpBuilder &builder, Location loc, Value value, Type elementType) {
  return isF8(elementType) ? narrowToF8(builder, loc, value, elementType) : narrowToBF16(builder, loc, value);
}

/// `op` on wider floats in place of small ones: f32, or f64 for a large integer, which f32 would round.
Value computeWider(OpBuilder &builder, Operation *op, IsSmall isSmall) {
  bool largeInteger =
      isa<arith::SIToFPOp, arith::UIToFPOp>(op) && getElementTypeOrSelf(op->getOperand(0)).getIntOrFloatBitWidth() > 24;
  Type wider = largeInteger ? Type(builder.getF64Type()) : builder.getF32Type();
  IRMapping mapping;
  for (Value operand : op->getOperands())
    if (isSmall(getElementTypeOrSelf(operand)) && !mapping.contains(operand))
      mapping.map(operand, widen(builder, op->getLoc(), operand, wider));
  Operation *wide = builder.clone(*op, mapping);
  wide->setDiscardableAttrs(builder.getDictionaryAttr({}));
  Value result = wide->getResult(0);
  Type element = getElementTypeOrSelf(result);
  if (!isSmall(element))
    return result;
  auto shaped = dyn_cast<ShapedType>(result.getType());
  result.setType(shaped ? Type(shaped.clone(wider)) : wider);
  return narrow(builder, op->getLoc(), result, element);
}

/// Replaces one op; its discardable attributes go to the op of the last step.
void expand(Operation *op, IsSmall isSmall) {
  OpBuilder builder(op);
  Type element = getElementTypeOrSelf(op->getResult(0));
  Value result;
  if (isa<arith::ExtFOp>(op) && isSmall(getElementTypeOrSelf(op->getOperand(0))))
    result = widen(builder, op->getLoc(), op->getOperand(0), element);
  else if (isa<arith::TruncFOp>(op) && isSmall(element))
    result = narrow(builder, op->getLoc(), op->getOperand(0), element);
  else
    result = computeWider(builder, op, isSmall);
  result.getDefiningOp()->setDiscardableAttrs(op->getDiscardableAttrDictionary());
  op->replaceAllUsesWith(ValueRange(result));
  op->erase();
}

template <typename Derived>
struct ExpandPass : PassWrapper<Derived, OperationPass<>> {
  void getDependentDialects(DialectRegistry &registry) const final {
    registry.insert<arith::ArithDialect, math::MathDialect>();
  }

  void runOnOperation() final {
    this->getOperation()->walk([](Operation *op) {
      if (computes(op, Derived::isSmall))
        expand(op, Derived::isSmall);
    });
  }
};

struct ExpandF8Pass : ExpandPass<ExpandF8Pass> {
  MLIR_DEFINE_EXPLICIT_INTERNAL_INLINE_TYPE_ID(ExpandF8Pass)

  static constexpr IsSmall isSmall = isF8;
  StringRef getArgument() const final { return "tile-expand-f8"; }
  StringRef getDescription() const final { return "Rewrite casts from and to 8-bit floats as integer arithmetic"; }
};

struct ExpandBF16Pass : ExpandPass<ExpandBF16Pass> {
  MLIR_DEFINE_EXPLICIT_INTERNAL_INLINE_TYPE_ID(ExpandBF16Pass)

  static constexpr IsSmall isSmall = isBF16;
  StringRef getArgument() const final { return "tile-expand-bf16"; }
  StringRef getDescription() const final { return "Compute in f32 in place of bf16, and round in integer arithmetic"; }
};

} // namespace

std::unique_ptr<Pass> createExpandF8Pass() { return std::make_unique<ExpandF8Pass>(); }
std::unique_ptr<Pass> createExpandBF16Pass() { return std::make_unique<ExpandBF16Pass>(); }

} // namespace tile::numerics
