//===- ExpandMath.cpp - Elementary functions become arithmetic ------*- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Targets differ in the elementary functions they have and in what those return. This pass replaces each by our own expansion
// into operations that all targets round alike, on scalars, tensors and vectors. f16, bf16 and the 8-bit floats are computed in
// f32 and rounded once. What a kernel lets be approximated, and a GPU has an instruction for, stays as it is for that target. So do exp and
// exp2 of f32 for all GPUs, which have an instruction that is good enough, and other functions are made of that.
//
// It walks instead of using the greedy driver, which would fold unrelated ops and lose their attributes.
//
//===----------------------------------------------------------------------===//

#include "Expansions.h"
#include "tile/Dialect/Tile.h"
#include "tile/Numerics/Numerics.h"

#include <mlir/Dialect/Arith/IR/Arith.h>
#include <mlir/Dialect/Math/IR/Math.h>
#include <mlir/Dialect/Tensor/IR/Tensor.h>
#include <mlir/IR/TypeUtilities.h>

using namespace mlir;

namespace tile::numerics {
namespace {

using Expansion = Number (*)(const Number &);

/// The tile that a broadcast or a splat repeats along an axis; null when that is not how it is made.
Value repeatedAlong(Value tile, int64_t axis) {
  auto type = cast<RankedTensorType>(tile.getType());
  if (auto splat = tile.getDefiningOp<tensor::SplatOp>())
    return type.getRank() == 1 ? splat.getInput() : Value();
  auto broadcast = tile.getDefiningOp<ir::BroadcastOp>();
  auto reshape = broadcast ? broadcast.getOperand().getDefiningOp<ir::ReshapeOp>() : ir::ReshapeOp();
  if (!reshape)
    return {};
  SmallVector<int64_t> shape(type.getShape());
  shape[axis] = 1;
  return llvm::equal(cast<RankedTensorType>(reshape.getType()).getShape(), shape) ? reshape.getOperand() : Value();
}

/// Whether a value is sure to be at most 0, or NaN: it is what lies between a tile's elements and their maximum along an axis, or
/// something that is larger still.
bool isAtMostZero(Value value) {
  auto difference = value.getDefiningOp<arith::SubFOp>();
  if (!difference || !isa<RankedTensorType>(value.getType()))
    return false;
  auto isMaximum = [&](Value maximum, int64_t axis) {
    auto reduce = maximum.getDefiningOp<ir::ReduceOp>();
    return reduce && reduce.getKind() == ir::ReduceKind::Max && reduce.getOperand() == difference.getLhs() &&
           static_cast<int64_t>(reduce.getAxis()) == axis;
  };
  for (int64_t axis = 0; axis < cast<RankedTensorType>(value.getType()).getRank(); ++axis)
    if (Value limit = repeatedAlong(difference.getRhs(), axis)) {
      auto larger = limit.getDefiningOp<arith::MaximumFOp>();
      if (isMaximum(limit, axis) || (larger && (isMaximum(larger.getLhs(), axis) || isMaximum(larger.getRhs(), axis))))
        return true;
    }
  return false;
}

/// What a GPU makes of its own instruction for powers of two: as ops of f32, which the target knows.
Number expOfTarget(const Number &x) { return {x.ir(), math::ExpOp::create(x.ir(), x.value())}; }
Number exp2OfTarget(const Number &x) { return {x.ir(), math::Exp2Op::create(x.ir(), x.value())}; }

/// The expansion of an op for a GPU that differs from other targets'; null where it doesn't. f64 has no such instructions.
Expansion expansionForGpu(Operation *op) {
  return llvm::TypeSwitch<Operation *, Expansion>(op)
      .Case<math::ExpOp>([](auto) { return expOfTarget; })
      .Case<math::Exp2Op>([](auto) { return exp2OfTarget; })
      .Case<math::TanhOp>([](auto) { return expandTanhByPower; })
      .Case<math::ErfOp>([](auto) { return expandErfByPower; })
      .Default(Expansion(nullptr));
}

/// The expansion of an op; null when it has none.
Expansion expansionOf(Operation *op) {
  return llvm::TypeSwitch<Operation *, Expansion>(op)
      .Case<math::ExpOp>(
          [](math::ExpOp exp) { return isAtMostZero(exp.getOperand()) ? expandExpAtMostZero : expandExp; })
      .Case<math::Exp2Op>([](auto) { return expandExp2; })
      .Case<math::LogOp>([](auto) { return expandLog; })
      .Case<math::Log2Op>([](auto) { return expandLog2; })
      .Case<math::SinOp>([](auto) { return expandSin; })
      .Case<math::CosOp>([](auto) { return expandCos; })
      .Case<math::TanhOp>([](auto) { return expandTanh; })
      .Case<math::ErfOp>([](auto) { return expandErf; })
      .Case<math::RsqrtOp>([](auto) { return expandRsqrt; })
      .Default(Expansion(nullptr));
}

/// The format to compute in; null where there is none, or no constant of the type's shape.
Type computedIn(Type type) {
  if (auto shaped = dyn_cast<ShapedType>(type); shaped && !shaped.hasStaticShape())
    return {};
  Type elementType = getElementTypeOrSelf(type);
  if (elementType.isF32() || elementType.isF64())
    return elementType;
  if (elementType.isF16() || elementType.isBF16() || isF8(elementType))
    return Float32Type::get(elementType.getContext());
  return {};
}

/// Whether an op is for a GPU, which the kernel around it says.
bool isForGpu(Operation *op) {
  StringAttr target;
  while (!target && (op = op->getParentOp()))
    target = op->getAttrOfType<StringAttr>("target");
  return target && target.getValue().starts_with("sm_");
}

/// Whether a GPU may approximate an op: on f32 where the op's flags allow it.
bool mayBeApproximated(Operation *op) {
  auto flags = dyn_cast<arith::ArithFastMathInterface>(op);
  return flags && bitEnumContainsAll(flags.getFastMathFlagsAttr().getValue(), arith::FastMathFlags::afn) &&
         getElementTypeOrSelf(op->getResult(0).getType()).isF32() && isForGpu(op);
}

/// Whether the target computes an op itself: what may be approximated and has an instruction, and exponentials of f32.
bool isLeftToTarget(Operation *op) {
  if (mayBeApproximated(op))
    return !isa<math::ErfOp>(op);
  return isa<math::ExpOp, math::Exp2Op>(op) && getElementTypeOrSelf(op->getResult(0).getType()).isF32() && isForGpu(op);
}

/// What becomes of a GELU.
GeluForm geluFormOf(math::ErfOp erf) {
  if (mayBeApproximated(erf))
    return GeluForm::Fast;
  return isForGpu(erf) ? GeluForm::ByPower : GeluForm::Arithmetic;
}

/// Replaces what is written as a GELU by one that is computed at once.
void expandGelus(Operation *root) {
  SmallVector<arith::MulFOp> products;
  root->walk([&](arith::MulFOp product) { products.push_back(product); });
  // A GELU's own products come before the one that it ends in, so those that are erased with it have been looked at.
  for (arith::MulFOp product : products) {
    std::optional<Gelu> gelu = matchGelu(product);
    if (!gelu)
      continue;
    Writer writer(product);
    Value y = expandGelu({writer, gelu->x}, geluFormOf(gelu->erf)).value();
    y.getDefiningOp()->setDiscardableAttrs(product->getDiscardableAttrDictionary());
    product.replaceAllUsesWith(y);
    SmallVector<Operation *> unused = {product};
    while (!unused.empty()) {
      Operation *op = unused.pop_back_val();
      SmallVector<Operation *> operands;
      for (Value operand : op->getOperands())
        if (isa_and_present<arith::MulFOp, arith::AddFOp, math::ErfOp>(operand.getDefiningOp()))
          operands.push_back(operand.getDefiningOp());
      op->erase();
      llvm::copy_if(operands, std::back_inserter(unused), isOpTriviallyDead);
    }
  }
}

/// Replaces one op. What stood on it as discardable attributes goes to the op of its last step.
void expand(Operation *op, Expansion expansion, Type format) {
  Writer writer(op);
  Number x(writer, op->getOperand(0));
  Number y = toFormat(expansion(toFormat(x, format)), x.elementType());
  y.value().getDefiningOp()->setDiscardableAttrs(op->getDiscardableAttrDictionary());
  op->replaceAllUsesWith(ValueRange(y.value()));
  op->erase();
}

struct ExpandMathPass : PassWrapper<ExpandMathPass, OperationPass<>> {
  MLIR_DEFINE_EXPLICIT_INTERNAL_INLINE_TYPE_ID(ExpandMathPass)

  StringRef getArgument() const final { return "tile-expand-math"; }
  StringRef getDescription() const final {
    return "Rewrite elementary functions as arithmetic that all targets round alike";
  }
  void getDependentDialects(DialectRegistry &registry) const final {
    registry.insert<arith::ArithDialect, math::MathDialect>();
  }

  void runOnOperation() final {
    expandGelus(getOperation());
    getOperation()->walk([](Operation *op) {
      Expansion expansion = expansionOf(op);
      Type format = expansion ? computedIn(op->getResult(0).getType()) : Type();
      if (!format)
        return;
      if (isLeftToTarget(op)) {
        if (isa<math::ExpOp>(op) && isAtMostZero(op->getOperand(0)))
          op->setAttr(kAtMostZeroAttrName, UnitAttr::get(op->getContext()));
        return;
      }
      Expansion forGpu = format.isF32() && isForGpu(op) ? expansionForGpu(op) : nullptr;
      expand(op, forGpu ? forGpu : expansion, format);
    });
  }
};

} // namespace

std::unique_ptr<Pass> createExpandMathPass() { return std::make_unique<ExpandMathPass>(); }

} // namespace tile::numerics
