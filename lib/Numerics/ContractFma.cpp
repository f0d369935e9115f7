//===- ContractFma.cpp - Decides which products are fused -----------*- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// a * b + c rounds twice as written and once when fused. Backends that choose for themselves choose differently, so the choice
// is made here, before planning, and afterwards nothing carries a flag that lets them. The rule: a product of f32 or f64 that
// has one use, by an addition or subtraction in its own block, is fused with it; where both operands are such products, the left
// one is. A product that passes through a reduction, a dot, a cast or a loop's iteration arguments isn't. f16 and bf16 stay as
// written: a processor without their fma would have to imitate it.
//
//===----------------------------------------------------------------------===//

#include "tile/Numerics/Numerics.h"

#include <mlir/Dialect/Arith/IR/Arith.h>
#include <mlir/Dialect/Math/IR/Math.h>
#include <mlir/IR/TypeUtilities.h>

using namespace mlir;

namespace tile::numerics {
namespace {

/// The product behind an operand of `user`, if it is to be fused.
arith::MulFOp fusibleProduct(Value operand, Operation *user) {
  auto product = operand.getDefiningOp<arith::MulFOp>();
  if (product && operand.hasOneUse() && product->getBlock() == user->getBlock())
    return product;
  return {};
}

/// Replaces `sum` by a * b + c. It takes the sum's place, attributes included.
void fuse(Operation *sum, arith::MulFOp product, Value a, Value b, Value c) {
  OpBuilder builder(sum);
  auto fma = math::FmaOp::create(builder, sum->getLoc(), a, b, c);
  fma->setDiscardableAttrs(sum->getDiscardableAttrDictionary());
  sum->replaceAllUsesWith(fma);
  sum->erase();
  product->erase();
}

void contract(arith::AddFOp sum) {
  if (arith::MulFOp product = fusibleProduct(sum.getLhs(), sum))
    return fuse(sum, product, product.getLhs(), product.getRhs(), sum.getRhs());
  if (arith::MulFOp product = fusibleProduct(sum.getRhs(), sum))
    return fuse(sum, product, product.getLhs(), product.getRhs(), sum.getLhs());
}

/// a * b - c is a * b + (-c); c - a * b is (-a) * b + c. Negation is exact.
void contract(arith::SubFOp difference) {
  OpBuilder builder(difference);
  if (arith::MulFOp product = fusibleProduct(difference.getLhs(), difference)) {
    Value negated = arith::NegFOp::create(builder, difference.getLoc(), difference.getRhs());
    return fuse(difference, product, product.getLhs(), product.getRhs(), negated);
  }
  if (arith::MulFOp product = fusibleProduct(difference.getRhs(), difference)) {
    Value negated = arith::NegFOp::create(builder, product.getLoc(), product.getLhs());
    return fuse(difference, product, negated, product.getRhs(), difference.getLhs());
  }
}

struct ContractFmaPass : PassWrapper<ContractFmaPass, OperationPass<>> {
  MLIR_DEFINE_EXPLICIT_INTERNAL_INLINE_TYPE_ID(ContractFmaPass)

  StringRef getArgument() const final { return "tile-contract-fma"; }
  StringRef getDescription() const final { return "Fuse products that are used once with the sums that use them"; }
  void getDependentDialects(DialectRegistry &registry) const final {
    registry.insert<arith::ArithDialect, math::MathDialect>();
  }

  void runOnOperation() final {
    // In program order. Erasing a product is safe: the walk is past it.
    getOperation()->walk([](Operation *op) {
      if (op->getNumResults() != 1)
        return;
      Type element = getElementTypeOrSelf(op->getResult(0));
      if (!element.isF32() && !element.isF64())
        return;
      if (auto sum = dyn_cast<arith::AddFOp>(op))
        contract(sum);
      else if (auto difference = dyn_cast<arith::SubFOp>(op))
        contract(difference);
    });
  }
};

} // namespace

std::unique_ptr<Pass> createContractFmaPass() { return std::make_unique<ContractFmaPass>(); }

} // namespace tile::numerics
