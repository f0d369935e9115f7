//===- LowerArith.cpp - Arithmetic on scalars ----------------------*- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

//
// Most ops are the same op on another type. What is different, so that every target gives the same bits:
//  - f16 and bf16 are computed with in f32 and rounded after every op, which rounds as the type's own instruction would for
//    + - * / and sqrt. A fused multiply-add is the hardware's.
//  - Integers become bf16 by way of a result that rounds once.
//  - Division of integers by 0 is by 1, and so is a division by -1 whose quotient would overflow.
//  - The remainder of floats is exact, by long division of their significands.
//  - 8-bit floats are bits, and an index has 64 bits.
//
//===----------------------------------------------------------------------===//

#include "Lowering.h"

#include "tile/Dialect/Division.h"

#include <llvm/Support/MathExtras.h>
#include <mlir/IR/Matchers.h>

using namespace mlir;
using namespace tile;
using namespace tile::nvptx;

static bool isHalf(Type type) { return isa<Float16Type, BFloat16Type>(type); }
static bool isFloat8(Type type) { return isa<FloatType>(type) && type.getIntOrFloatBitWidth() == 8; }

//===----------------------------------------------------------------------===//
// Types and constants
//===----------------------------------------------------------------------===//

Type Lowering::registerType(Type element) const {
  if (isFloat8(element))
    return IntegerType::get(element.getContext(), 8);
  return element.isIndex() ? indexType : element;
}

Type Lowering::memoryType(Type element) const {
  return element.isInteger(1) ? IntegerType::get(element.getContext(), 8) : registerType(element);
}

Value Lowering::fromMemory(Value value, Type element) {
  if (!element.isInteger(1))
    return value;
  return compare(arith::CmpIPredicate::ne, value, intConstant(0, value.getType()));
}

Value Lowering::toMemory(Value value, Type element) {
  if (!element.isInteger(1))
    return value;
  return arith::ExtUIOp::create(builder, loc, memoryType(element), value);
}

TypedAttr Lowering::registerValue(TypedAttr value) const {
  Type type = value.getType();
  if (isFloat8(type))
    return IntegerAttr::get(registerType(type), cast<FloatAttr>(value).getValue().bitcastToAPInt());
  if (type.isIndex())
    return IntegerAttr::get(indexType, cast<IntegerAttr>(value).getValue());
  return value;
}

//===----------------------------------------------------------------------===//
// Integers
//===----------------------------------------------------------------------===//

Value Lowering::divide(Operation *op, Value n, Value d) {
  return ir::divideIntegers(builder, loc, op, n, d, [&](IntegerAttr value) { return constant(value); });
}

/// A cast between an index and an integer, of which one has 64 bits.
Value Lowering::castIndex(Operation *op, Value value) {
  Type to = registerType(getElementTypeOrSelf(op->getResult(0).getType()));
  unsigned from = value.getType().getIntOrFloatBitWidth(), bits = to.getIntOrFloatBitWidth();
  if (from == bits)
    return value;
  if (from > bits)
    return builder.createOrFold<arith::TruncIOp>(loc, to, value);
  return isa<arith::IndexCastUIOp>(op) ? builder.createOrFold<arith::ExtUIOp>(loc, to, value)
                                       : builder.createOrFold<arith::ExtSIOp>(loc, to, value);
}

/// An integer as f16 or bf16, rounded once, for architectures without the conversion: exactly an f32 or an f64 first. Beyond the 24 or 53
/// bits of those the lowest bits are gathered in one that fits.
Value Lowering::fromInteger(Operation *op, Value value, Type half) {
  bool isUnsigned = isa<arith::UIToFPOp>(op);
  Type type = value.getType();
  unsigned bits = type.getIntOrFloatBitWidth();
  Type wide = bits <= 32 ? builder.getF32Type() : builder.getF64Type();
  unsigned digits = bits <= 32 ? 24 : 53;
  if (bits > digits) {
    unsigned dropped = bits - digits;
    int64_t mask = (int64_t(1) << dropped) - 1;
    Value low = make<arith::AndIOp>(value, intConstant(mask, type));
    Value inexact = compare(arith::CmpIPredicate::ne, low, intConstant(0, type));
    Value high = make<arith::AndIOp>(value, intConstant(~mask, type));
    Value gathered = select(inexact, make<arith::OrIOp>(high, intConstant(mask + 1, type)), high);
    Value limit = intConstant(int64_t(1) << digits, type);
    Value large = isUnsigned ? compare(arith::CmpIPredicate::uge, value, limit)
                             : compare(arith::CmpIPredicate::ugt, make<arith::AddIOp>(value, limit),
                                       intConstant(int64_t(1) << (digits + 1), type));
    value = select(large, gathered, value);
  }
  Value number = isUnsigned ? Value(arith::UIToFPOp::create(builder, loc, wide, value))
                            : Value(arith::SIToFPOp::create(builder, loc, wide, value));
  return arith::TruncFOp::create(builder, loc, half, number);
}

//===----------------------------------------------------------------------===//
// The remainder of floats
//===----------------------------------------------------------------------===//

/// x - y * trunc(x / y), exactly, with the sign of x: the rest of a long division of significands, some binary digits at a time.
Value Lowering::remainder(Value x, Value y) {
  Type type = x.getType(), wide = builder.getI64Type();
  bool isDouble = type.isF64();
  Type bitsType = isDouble ? wide : Type(builder.getI32Type());
  // Digits that fit beside a significand in 64 bits.
  int64_t mantissa = isDouble ? 52 : 23, digits = isDouble ? 11 : 40, expMask = isDouble ? 0x7ff : 0xff;
  auto bitsOf = [&](Value value) -> Value {
    Value bits = arith::BitcastOp::create(builder, loc, bitsType, math::AbsFOp::create(builder, loc, value));
    return isDouble ? bits : Value(arith::ExtUIOp::create(builder, loc, wide, bits));
  };
  Value one = index(1), zero = index(0), implicit = index(int64_t(1) << mantissa);
  // A subnormal has the exponent 1 and no leading digit.
  auto split = [&](Value bits) -> std::pair<Value, Value> {
    Value exponent = make<arith::ShRUIOp>(bits, index(mantissa));
    Value fraction = make<arith::AndIOp>(bits, index((int64_t(1) << mantissa) - 1));
    Value isNormal = compare(arith::CmpIPredicate::ne, exponent, zero);
    return {select(isNormal, exponent, one), select(isNormal, make<arith::OrIOp>(fraction, implicit), fraction)};
  };
  Value a = bitsOf(x), b = bitsOf(y);
  Value infinity = index(expMask << mantissa);
  // y is no zero and no NaN, x is finite; what is larger than x leaves x alone.
  Value invalid = make<arith::OrIOp>(
      compare(arith::CmpIPredicate::uge, a, infinity),
      make<arith::OrIOp>(compare(arith::CmpIPredicate::eq, b, zero), compare(arith::CmpIPredicate::ugt, b, infinity)));
  Value smaller = compare(arith::CmpIPredicate::ult, a, b);
  Value idle = make<arith::OrIOp>(invalid, smaller);
  b = select(idle, implicit, b);
  auto [ea, ma] = split(a);
  auto [eb, mb] = split(b);
  Value distance = select(idle, zero, make<arith::SubIOp>(ea, eb));
  auto loop = scf::WhileOp::create(
      builder, loc, TypeRange{wide, wide}, ValueRange{make<arith::RemUIOp>(ma, mb), distance},
      [&](OpBuilder &, Location, ValueRange state) {
        OpBuilder::InsertionGuard guard(builder);
        builder.setInsertionPointToEnd(state[0].getParentBlock());
        Value more = compare(arith::CmpIPredicate::ne, state[1], zero);
        scf::ConditionOp::create(builder, loc, more, state);
      },
      [&](OpBuilder &, Location, ValueRange state) {
        OpBuilder::InsertionGuard guard(builder);
        builder.setInsertionPointToEnd(state[0].getParentBlock());
        Value step = make<arith::MinUIOp>(state[1], index(digits));
        Value rest = make<arith::RemUIOp>(make<arith::ShLIOp>(state[0], step), mb);
        scf::YieldOp::create(builder, loc, ValueRange{rest, make<arith::SubIOp>(state[1], step)});
      });
  // The rest, times two to the exponent of y: the leading digit moves up as far as the exponent allows.
  Value rest = loop.getResult(0);
  Value zeros = math::CountLeadingZerosOp::create(builder, loc, rest);
  Value shift = make<arith::SubIOp>(zeros, index(63 - mantissa));
  shift = make<arith::MinSIOp>(shift, make<arith::SubIOp>(eb, one));
  Value scaled = make<arith::ShLIOp>(rest, select(compare(arith::CmpIPredicate::eq, rest, zero), zero, shift));
  Value exponent = make<arith::SubIOp>(eb, shift);
  Value isNormal = compare(arith::CmpIPredicate::uge, scaled, implicit);
  Value placed = make<arith::OrIOp>(make<arith::AndIOp>(scaled, index((int64_t(1) << mantissa) - 1)),
                                    make<arith::ShLIOp>(exponent, index(mantissa)));
  Value bits = select(isNormal, placed, scaled);
  if (!isDouble)
    bits = arith::TruncIOp::create(builder, loc, bitsType, bits);
  Value magnitude = arith::BitcastOp::create(builder, loc, type, bits);
  Value result = math::CopySignOp::create(builder, loc, magnitude, x);
  result = select(smaller, x, result);
  return select(invalid, floatConstant(std::numeric_limits<double>::quiet_NaN(), type), result);
}

//===----------------------------------------------------------------------===//
// Halves
//===----------------------------------------------------------------------===//

/// A bf16 is the upper half of an f32, so one of a pair in a word takes one instruction: to shift it there, or to clear the other.
Value Lowering::widened(Value half) {
  Type f32Type = builder.getF32Type();
  auto extract = half.getDefiningOp<LLVM::ExtractElementOp>();
  APInt position;
  if (!half.getType().isBF16() || !extract || !matchPattern(extract.getPosition(), m_ConstantInt(&position)))
    return arith::ExtFOp::create(builder, loc, f32Type, half);
  int64_t count = cast<VectorType>(extract.getVector().getType()).getNumElements();
  if (count % 2 != 0)
    return arith::ExtFOp::create(builder, loc, f32Type, half);
  Value words =
      LLVM::BitcastOp::create(builder, loc, VectorType::get(count / 2, builder.getI32Type()), extract.getVector());
  Value word = LLVM::ExtractElementOp::create(builder, loc, words, i32(position.getZExtValue() / 2));
  Value bits = position[0] ? Value(arith::AndIOp::create(builder, loc, word, i32(0xffff0000)))
                           : Value(arith::ShLIOp::create(builder, loc, word, i32(16)));
  return arith::BitcastOp::create(builder, loc, f32Type, bits);
}

//===----------------------------------------------------------------------===//
// Approximations
//===----------------------------------------------------------------------===//

/// An elementary function that the numerics left to the target; null when the op is none, or LLVM knows the instruction.
Value Lowering::approximate(Operation *op, Value x) {
  if (!x.getType().isF32())
    return {};
  Type type = x.getType();
  auto scaled = [&](Value value, double factor) -> Value {
    return arith::MulFOp::create(builder, loc, value, floatConstant(factor, type));
  };
  if (auto exp = dyn_cast<math::ExpOp>(op)) {
    if (exp.getFastmath() == arith::FastMathFlags::none)
      return exponential(exp, x);
    return intrinsic("llvm.nvvm.ex2.approx.ftz", type, scaled(x, llvm::numbers::log2e));
  }
  if (auto exp2 = dyn_cast<math::Exp2Op>(op)) {
    bool keepsSubnormals = exp2.getFastmath() == arith::FastMathFlags::none;
    return intrinsic(keepsSubnormals ? "llvm.nvvm.ex2.approx" : "llvm.nvvm.ex2.approx.ftz", type, x);
  }
  if (isa<math::LogOp>(op))
    return scaled(intrinsic("llvm.nvvm.lg2.approx.f", type, x), llvm::numbers::ln2);
  if (isa<math::Log2Op>(op))
    return intrinsic("llvm.nvvm.lg2.approx.f", type, x);
  if (isa<math::RsqrtOp>(op))
    return intrinsic("llvm.nvvm.rsqrt.approx.f", type, x);
  return {};
}

//===----------------------------------------------------------------------===//
// Ops
//===----------------------------------------------------------------------===//

SmallVector<Value> Lowering::arithmetic(Operation *op, ValueRange operands) {
  SmallVector<Type> types;
  for (Type type : op->getResultTypes())
    types.push_back(registerType(getElementTypeOrSelf(type)));
  if (isa<arith::DivSIOp, arith::DivUIOp, arith::RemSIOp, arith::RemUIOp, arith::FloorDivSIOp, arith::CeilDivSIOp,
          arith::CeilDivUIOp>(op))
    return {divide(op, operands[0], operands[1])};
  if (isa<arith::IndexCastOp, arith::IndexCastUIOp>(op))
    return {castIndex(op, operands[0])};
  if (isa<arith::BitcastOp>(op) && operands[0].getType() == types[0])
    return {operands[0]};
  if (isa<arith::SIToFPOp, arith::UIToFPOp>(op) && isHalf(types[0]))
    return {fromInteger(op, operands[0], types[0])};
  if (operands.size() == 1)
    if (Value value = approximate(op, operands[0]))
      return {value};
  if (isa<arith::ExtFOp>(op) && types[0].isF32() && isHalf(operands[0].getType()))
    return {widened(operands[0])};
  // Bits that are moved and not computed with, and what the hardware rounds once.
  bool isOwn = isa<arith::SelectOp, arith::BitcastOp, arith::ExtFOp, arith::TruncFOp, math::FmaOp>(op);
  SmallVector<Value> values(operands);
  SmallVector<Type> computed(types);
  if (!isOwn) {
    for (Value &value : values)
      if (isHalf(value.getType()))
        value = widened(value);
    for (Type &type : computed)
      if (isHalf(type))
        type = builder.getF32Type();
  }
  SmallVector<Value> results;
  if (isa<arith::RemFOp>(op)) {
    results = {remainder(values[0], values[1])};
  } else {
    OperationState state(loc, op->getName(), values, computed, op->getAttrs());
    results = llvm::to_vector(ValueRange(builder.create(state)->getResults()));
  }
  for (auto [value, type] : llvm::zip_equal(results, types))
    if (value.getType() != type)
      value = arith::TruncFOp::create(builder, loc, type, value);
  return results;
}
