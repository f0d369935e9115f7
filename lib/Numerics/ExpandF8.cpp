//===- ExpandF8.cpp - 8-bit floats become integer arithmetic ---*- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// LLVM has no 8-bit floats, and hardware that converts them saturates. Here a cast is arithmetic on the bits, with the semantics
// of `llvm::APFloat`: to nearest even, and what is too large becomes infinity in E5M2 and NaN in E4M3FN, which has no infinity.
// What is left of the type is `arith.bitcast` to and from i8, which lowers to nothing.
//
// Any other op on 8-bit floats is done in f32 and rounded.
//
//===----------------------------------------------------------------------===//

#include "Number.h"
#include "tile/Numerics/Numerics.h"

#include <mlir/Dialect/Arith/IR/Arith.h>
#include <mlir/Dialect/Math/IR/Math.h>
#include <mlir/IR/IRMapping.h>
#include <mlir/IR/TypeUtilities.h>

#include <bit>
#include <cmath>
#include <limits>

using namespace mlir;

namespace tile::numerics {

bool isF8(Type elementType) { return isa<Float8E4M3FNType, Float8E5M2Type>(elementType); }

//===----------------------------------------------------------------------===//
// Widening
//===----------------------------------------------------------------------===//

/// The f32 of an E4M3FN's bits, given as i32.
static Number widenE4M3(const Number &bits) {
  Type f32 = Float32Type::get(bits.ir().getContext());
  Number magnitude = bits & 0x7f;
  Number normal = bitcast((magnitude << 20) + ((127 - 7) << 23), f32);
  Number subnormal = toFloat(magnitude, f32) * 0x1p-9;
  Number finite = select(below(magnitude, 8), subnormal, normal);
  Number result = bitsOf(select(equal(magnitude, 0x7f), std::numeric_limits<double>::quiet_NaN(), finite));
  return bitcast(result | ((bits & 0x80) << 24), f32);
}

Value widenF8(OpBuilder &builder, Location loc, Value value, Type elementType) {
  Writer writer(loc, builder);
  Number x(writer, value);
  Number bits = bitsOf(x);
  if (isa<Float8E4M3FNType>(x.elementType()))
    return toFormat(widenE4M3(resize(bits, 32)), elementType).value();
  // An E5M2 is the upper half of an f16.
  Number half = bitcast(resize(bits, 16) << 8, writer.getF16Type());
  if (elementType.isBF16())
    half = toFormat(half, writer.getF32Type());
  return toFormat(half, elementType).value();
}

//===----------------------------------------------------------------------===//
// Narrowing
//===----------------------------------------------------------------------===//

/// An f64 rounded to odd to f32: towards zero, with the last bit set when that lost anything. Rounding the result to a format
/// of few digits is rounding the f64.
static Number roundToOdd(const Number &x) {
  Type f32 = Float32Type::get(x.ir().getContext());
  Number nearest = toFormat(x, f32);
  Number back = toFormat(nearest, x.elementType());
  Number away = greater(abs(back), abs(x));
  Number bits = bitsOf(nearest);
  Number towardsZero = bits - resize(away, 32);
  return bitcast(towardsZero | resize(notEqual(back, x), 32), f32);
}

/// What differs between the formats.
struct F8Format {
  int mantissa, bias;
  uint64_t overflow; ///< The magnitude's bits of what is too large.
  uint64_t nan;
};

/// The bits, as i8, of an f32 in an f8 format.
static Number narrowToF8(const Number &x, const F8Format &format) {
  int shift = 23 - format.mantissa;
  Number bits = bitsOf(x);
  Number magnitude = bits & 0x7fffffff;
  // Round to nearest even in the integers: a carry goes into the exponent, as it should.
  Number odd = (magnitude >> shift) & 1;
  Number rounded = (magnitude + odd + ((1 << (shift - 1)) - 1)) >> shift;
  Number normal = minUnsigned(rounded - ((127 - format.bias) << format.mantissa), format.overflow);
  // Below the normal numbers: an addition leaves the multiple of the least number in the low bits.
  double least = std::ldexp(1.0, 1 - format.bias - format.mantissa), aligned = std::ldexp(least, 23);
  uint64_t alignedBits = std::bit_cast<uint32_t>(static_cast<float>(aligned));
  Number subnormal = bitsOf(abs(x) + aligned) - alignedBits;
  uint64_t leastNormal = uint64_t(127 + 1 - format.bias) << 23;
  Number result = select(below(magnitude, leastNormal), subnormal, normal);
  result = select(greater(magnitude, 0x7f800000), format.nan, result);
  return resize(result | ((bits >> 24) & 0x80), 8);
}

/// What a narrowing starts from: an f32 that rounds to fewer digits as x does.
static Number asF32(const Number &x) {
  return x.width() == 64 ? roundToOdd(x) : toFormat(x, Float32Type::get(x.ir().getContext()));
}

Value narrowToF8(OpBuilder &builder, Location loc, Value value, Type elementType) {
  Writer writer(loc, builder);
  Number x(writer, value);
  F8Format format = isa<Float8E5M2Type>(elementType) ? F8Format{2, 15, 0x7c, 0x7e} : F8Format{3, 7, 0x7f, 0x7f};
  return bitcast(narrowToF8(asF32(x), format), elementType).value();
}

//===----------------------------------------------------------------------===//
// The pass
//===----------------------------------------------------------------------===//

namespace {

/// Whether a value's elements are 8-bit floats.
bool hasF8Elements(Value value) { return isF8(getElementTypeOrSelf(value)); }

/// Whether the op rounds as narrowing does. Other modes are left for a target to refuse.
bool roundsToNearest(Operation *op) {
  auto truncation = dyn_cast<arith::TruncFOp>(op);
  return !truncation || truncation.getRoundingmode().value_or(arith::RoundingMode::to_nearest_even) ==
                            arith::RoundingMode::to_nearest_even;
}

/// Whether the op is one of arith's or math's that computes with 8-bit floats, and doesn't only pass them on.
bool computesWithF8(Operation *op) {
  if (!isa_and_nonnull<arith::ArithDialect, math::MathDialect>(op->getDialect()))
    return false;
  if (op->getNumResults() != 1 || isa<arith::BitcastOp, arith::ConstantOp, arith::SelectOp>(op) || !roundsToNearest(op))
    return false;
  // A tile's shape is static; there is no constant of any other.
  auto shaped = dyn_cast<ShapedType>(op->getResult(0).getType());
  if (shaped && !shaped.hasStaticShape())
    return false;
  return llvm::any_of(op->getOperands(), hasF8Elements) || hasF8Elements(op->getResult(0));
}

/// `op` on f32 in place of 8-bit floats.
Value computeInF32(OpBuilder &builder, Operation *op) {
  Type f32 = builder.getF32Type();
  IRMapping mapping;
  for (Value operand : op->getOperands())
    if (hasF8Elements(operand) && !mapping.contains(operand))
      mapping.map(operand, widenF8(builder, op->getLoc(), operand, f32));
  Operation *wide = builder.clone(*op, mapping);
  wide->setDiscardableAttrs(builder.getDictionaryAttr({}));
  Value result = wide->getResult(0);
  if (!hasF8Elements(result))
    return result;
  Type element = getElementTypeOrSelf(result);
  auto shaped = dyn_cast<ShapedType>(result.getType());
  result.setType(shaped ? Type(shaped.clone(f32)) : f32);
  return narrowToF8(builder, op->getLoc(), result, element);
}

/// Replaces one op; its discardable attributes go to the op of the last step.
void expand(Operation *op) {
  OpBuilder builder(op);
  Type element = getElementTypeOrSelf(op->getResult(0));
  Value result;
  if (isa<arith::ExtFOp>(op))
    result = widenF8(builder, op->getLoc(), op->getOperand(0), element);
  else if (isa<arith::TruncFOp>(op))
    result = narrowToF8(builder, op->getLoc(), op->getOperand(0), element);
  else
    result = computeInF32(builder, op);
  result.getDefiningOp()->setDiscardableAttrs(op->getDiscardableAttrDictionary());
  op->replaceAllUsesWith(ValueRange(result));
  op->erase();
}

struct ExpandF8Pass : PassWrapper<ExpandF8Pass, OperationPass<>> {
  MLIR_DEFINE_EXPLICIT_INTERNAL_INLINE_TYPE_ID(ExpandF8Pass)

  StringRef getArgument() const final { return "tile-expand-f8"; }
  StringRef getDescription() const final { return "Rewrite casts from and to 8-bit floats as integer arithmetic"; }
  void getDependentDialects(DialectRegistry &registry) const final {
    registry.insert<arith::ArithDialect, math::MathDialect>();
  }

  void runOnOperation() final {
    getOperation()->walk([](Operation *op) {
      if (computesWithF8(op))
        expand(op);
    });
  }
};

} // namespace

std::unique_ptr<Pass> createExpandF8Pass() { return std::make_unique<ExpandF8Pass>(); }

} // namespace tile::numerics
