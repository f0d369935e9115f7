//===- LowerArith.cpp - Arithmetic on scalars and vectors ---------*- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Most ops are the same op on another type. What is different:
//  - f16 and bf16 are computed with in f32 and rounded after every op, which rounds as the type's own instruction would for
//    + - * / and sqrt; an fma, and conversions from wider types, go through a result rounded to odd so that they round once.
//    bf16 is rounded by integer ops, as the processors' instruction for it flushes subnormals.
//  - Division of integers never traps: a divisor of 0 counts as 1, and so does -1 where the quotient would overflow.
//  - 8-bit floats are bits.
//
//===----------------------------------------------------------------------===//

#include "Lowering.h"

#include "tile/Dialect/Division.h"

#include <llvm/ADT/TypeSwitch.h>

using namespace mlir;
using namespace tile;
using namespace tile::cpu;

//===----------------------------------------------------------------------===//
// Types and constants
//===----------------------------------------------------------------------===//

static bool isHalf(Type type) { return isa<Float16Type, BFloat16Type>(getElementTypeOrSelf(type)); }
static bool isFloat8(Type type) { return isa<FloatType>(type) && type.getIntOrFloatBitWidth() == 8; }

Type Lowering::registerType(Type element, int64_t lanes) {
  Type type = isFloat8(element) ? builder.getI8Type() : element;
  return lanes ? VectorType::get(lanes, type) : type;
}

Type Lowering::memoryType(Type element) {
  if (element.isInteger(1) || isFloat8(element))
    return builder.getI8Type();
  return element.isIndex() ? i64Type : element;
}

TypedAttr Lowering::registerValue(TypedAttr value) {
  if (!isFloat8(value.getType()))
    return value;
  return builder.getIntegerAttr(builder.getI8Type(), cast<FloatAttr>(value).getValue().bitcastToAPInt());
}

Value Lowering::splatConstant(TypedAttr value, Type type) {
  if (auto vector = dyn_cast<VectorType>(type))
    value = DenseElementsAttr::get(vector, Attribute(value));
  return arith::ConstantOp::create(builder, loc, value);
}

Value Lowering::floatConstant(double value, Type type) {
  return splatConstant(builder.getFloatAttr(getElementTypeOrSelf(type), value), type);
}
Value Lowering::intConstant(int64_t value, Type type) {
  Type element = getElementTypeOrSelf(type);
  unsigned bits = element.isIndex() ? 64 : element.getIntOrFloatBitWidth();
  return splatConstant(IntegerAttr::get(element, APInt(bits, value, /*isSigned=*/true, /*implicitTrunc=*/true)), type);
}

/// The same kind of type, scalar or vector, with other elements.
static Type withElement(Type like, Type element) {
  auto vector = dyn_cast<VectorType>(like);
  return vector ? Type(VectorType::get(vector.getShape(), element)) : element;
}

//===----------------------------------------------------------------------===//
// Halves
//===----------------------------------------------------------------------===//

/// An f64 as f32, where an inexact result is the neighbour whose last bit is set: rounding that again to fewer bits rounds right.
Value Lowering::roundToOdd(Value wide, int64_t lanes) {
  Type f32 = registerType(builder.getF32Type(), lanes), f64 = wide.getType(),
       i32 = registerType(builder.getI32Type(), lanes);
  Value nearest = arith::TruncFOp::create(builder, loc, f32, wide);
  Value back = arith::ExtFOp::create(builder, loc, f64, nearest);
  Value inexact = arith::CmpFOp::create(builder, loc, arith::CmpFPredicate::ONE, back, wide);
  Value bits = arith::BitcastOp::create(builder, loc, i32, nearest);
  Value one = intConstant(1, i32), zero = intConstant(0, i32);
  Value even = arith::CmpIOp::create(builder, loc, arith::CmpIPredicate::eq, make<arith::AndIOp>(bits, one), zero);
  Value beyond =
      arith::CmpFOp::create(builder, loc, arith::CmpFPredicate::OGT, math::AbsFOp::create(builder, loc, back),
                            math::AbsFOp::create(builder, loc, wide));
  Value toward =
      arith::SelectOp::create(builder, loc, beyond, make<arith::SubIOp>(bits, one), make<arith::AddIOp>(bits, one));
  Value odd = arith::SelectOp::create(builder, loc, make<arith::AndIOp>(inexact, even), toward, bits);
  return arith::BitcastOp::create(builder, loc, f32, odd);
}

/// An f32 or f64 as f16 or bf16, to nearest even.
Value Lowering::narrow(Value value, Type half, int64_t lanes) {
  if (getElementTypeOrSelf(value.getType()).isF64())
    value = roundToOdd(value, lanes);
  Type type = registerType(half, lanes);
  if (half.isF16())
    return arith::TruncFOp::create(builder, loc, type, value);
  Type i32 = registerType(builder.getI32Type(), lanes), i16 = registerType(builder.getI16Type(), lanes);
  Value bits = arith::BitcastOp::create(builder, loc, i32, value);
  Value upper = make<arith::ShRUIOp>(bits, intConstant(16, i32));
  Value round = make<arith::AddIOp>(make<arith::AndIOp>(upper, intConstant(1, i32)), intConstant(0x7fff, i32));
  Value rounded = make<arith::ShRUIOp>(make<arith::AddIOp>(bits, round), intConstant(16, i32));
  Value quiet = make<arith::OrIOp>(upper, intConstant(0x40, i32));
  Value isNaN = arith::CmpFOp::create(builder, loc, arith::CmpFPredicate::UNO, value, value);
  Value chosen = arith::SelectOp::create(builder, loc, isNaN, quiet, rounded);
  return arith::BitcastOp::create(builder, loc, type, arith::TruncIOp::create(builder, loc, i16, chosen));
}

/// a * b + c in a half type, rounded once: the product is exact in f64, the sum is rounded to odd there, then to f32 to odd.
Value Lowering::fusedHalf(ValueRange operands, Type half, int64_t lanes) {
  Type f64 = registerType(builder.getF64Type(), lanes);
  auto wide = [&](Value value) { return arith::ExtFOp::create(builder, loc, f64, value); };
  Value product = make<arith::MulFOp>(wide(operands[0]), wide(operands[1])), addend = wide(operands[2]);
  Value sum = make<arith::AddFOp>(product, addend);
  // What the sum lost, exactly (Knuth's two-sum).
  Value second = make<arith::SubFOp>(sum, product);
  Value lost = make<arith::AddFOp>(make<arith::SubFOp>(product, make<arith::SubFOp>(sum, second)),
                                   make<arith::SubFOp>(addend, second));
  Type bitsType = registerType(i64Type, lanes);
  Value bits = arith::BitcastOp::create(builder, loc, bitsType, sum);
  Value one = intConstant(1, bitsType), zero = floatConstant(0, f64);
  Value inexact = arith::CmpFOp::create(builder, loc, arith::CmpFPredicate::ONE, lost, zero);
  Value even = arith::CmpIOp::create(builder, loc, arith::CmpIPredicate::eq, make<arith::AndIOp>(bits, one),
                                     intConstant(0, bitsType));
  Value above = arith::CmpFOp::create(builder, loc, arith::CmpFPredicate::OGT, lost, zero);
  Value positive = arith::CmpFOp::create(builder, loc, arith::CmpFPredicate::OGT, sum, zero);
  Value shrinks = make<arith::XOrIOp>(above, positive);
  Value toward =
      arith::SelectOp::create(builder, loc, shrinks, make<arith::SubIOp>(bits, one), make<arith::AddIOp>(bits, one));
  Value odd = arith::SelectOp::create(builder, loc, make<arith::AndIOp>(inexact, even), toward, bits);
  return narrow(arith::BitcastOp::create(builder, loc, f64, odd), half, lanes);
}

/// An integer as f16 or bf16, rounded once. Beyond the 53 bits of an f64 the lowest bits are gathered in one that still fits.
Value Lowering::fromInteger(Operation *op, Value value, Type half, int64_t lanes) {
  bool isUnsigned = isa<arith::UIToFPOp>(op);
  Type type = value.getType(), f64 = registerType(builder.getF64Type(), lanes);
  Type element = getElementTypeOrSelf(type);
  if (element.isIndex() || element.getIntOrFloatBitWidth() > 53) {
    Value low = make<arith::AndIOp>(value, intConstant(0x7ff, type));
    Value inexact = arith::CmpIOp::create(builder, loc, arith::CmpIPredicate::ne, low, intConstant(0, type));
    Value high = make<arith::AndIOp>(value, intConstant(~int64_t(0x7ff), type));
    Value gathered =
        arith::SelectOp::create(builder, loc, inexact, make<arith::OrIOp>(high, intConstant(0x800, type)), high);
    Value limit = intConstant(int64_t(1) << 53, type);
    Value large;
    if (isUnsigned)
      large = arith::CmpIOp::create(builder, loc, arith::CmpIPredicate::uge, value, limit);
    else
      large = arith::CmpIOp::create(builder, loc, arith::CmpIPredicate::ugt, make<arith::AddIOp>(value, limit),
                                    intConstant(int64_t(1) << 54, type));
    value = arith::SelectOp::create(builder, loc, large, gathered, value);
  }
  Value wide = isUnsigned ? Value(arith::UIToFPOp::create(builder, loc, f64, value))
                          : Value(arith::SIToFPOp::create(builder, loc, f64, value));
  return narrow(wide, half, lanes);
}

//===----------------------------------------------------------------------===//
// Integers
//===----------------------------------------------------------------------===//

Value Lowering::divide(Operation *op, Value n, Value d) {
  return ir::divideIntegers(builder, loc, op, n, d,
                            [&](IntegerAttr value) { return splatConstant(value, n.getType()); });
}

//===----------------------------------------------------------------------===//
// Conversion for dots
//===----------------------------------------------------------------------===//

/// An operand's element in the type that products are computed in.
Value Lowering::widen(Value value, Type from, Type to, int64_t lanes, bool isUnsigned) {
  Type type = registerType(to, lanes);
  if (from == to)
    return value;
  if (from.isInteger())
    return isUnsigned ? Value(arith::ExtUIOp::create(builder, loc, type, value))
                      : Value(arith::ExtSIOp::create(builder, loc, type, value));
  if (!isFloat8(from))
    return arith::ExtFOp::create(builder, loc, type, value);
  Type i32 = registerType(builder.getI32Type(), lanes), f32 = registerType(builder.getF32Type(), lanes);
  Value bits = arith::ExtUIOp::create(builder, loc, i32, value);
  if (isa<Float8E5M2Type>(from)) {
    // The upper byte of an f16.
    Value upper = arith::TruncIOp::create(builder, loc, registerType(builder.getI16Type(), lanes),
                                          make<arith::ShLIOp>(bits, intConstant(8, i32)));
    Value half = arith::BitcastOp::create(builder, loc, registerType(builder.getF16Type(), lanes), upper);
    return arith::ExtFOp::create(builder, loc, type, half);
  }
  // E4M3FN: exponent and mantissa moved to their place, then the exponent's bias corrected, which makes subnormals right too.
  Value magnitude = make<arith::AndIOp>(bits, intConstant(0x7f, i32));
  Value placed = arith::BitcastOp::create(builder, loc, f32, make<arith::ShLIOp>(magnitude, intConstant(20, i32)));
  Value scaled = make<arith::MulFOp>(placed, floatConstant(0x1p120, f32));
  Value isNaN = arith::CmpIOp::create(builder, loc, arith::CmpIPredicate::eq, magnitude, intConstant(0x7f, i32));
  Value number = arith::SelectOp::create(builder, loc, isNaN,
                                         floatConstant(std::numeric_limits<double>::quiet_NaN(), f32), scaled);
  Value sign = make<arith::ShLIOp>(make<arith::AndIOp>(bits, intConstant(0x80, i32)), intConstant(24, i32));
  Value signedBits = make<arith::OrIOp>(arith::BitcastOp::create(builder, loc, i32, number), sign);
  return arith::BitcastOp::create(builder, loc, f32, signedBits);
}

//===----------------------------------------------------------------------===//
// Ops
//===----------------------------------------------------------------------===//

SmallVector<Value> Lowering::arithmetic(Operation *op, ValueRange operands, int64_t lanes) {
  auto elementOf = [](Value value) { return getElementTypeOrSelf(value.getType()); };
  SmallVector<Type> types;
  for (Value result : op->getResults())
    types.push_back(registerType(elementOf(result), lanes));
  Type result = types.empty() ? Type() : getElementTypeOrSelf(op->getResult(0).getType());
  if (isa<arith::DivSIOp, arith::DivUIOp, arith::RemSIOp, arith::RemUIOp, arith::FloorDivSIOp, arith::CeilDivSIOp,
          arith::CeilDivUIOp>(op))
    return {divide(op, operands[0], operands[1])};
  if (isa<arith::BitcastOp>(op) && operands[0].getType() == types[0])
    return {operands[0]};
  if (isa<arith::TruncFOp>(op) && isHalf(result))
    return {narrow(operands[0], result, lanes)};
  if (isa<arith::ExtFOp>(op) && isFloat8(elementOf(op->getOperand(0))) && result.isF32())
    return {widen(operands[0], elementOf(op->getOperand(0)), result, lanes)};
  if (isa<arith::SIToFPOp, arith::UIToFPOp>(op) && isHalf(result))
    return {fromInteger(op, operands[0], result, lanes)};
  if (isa<math::FmaOp>(op) && isHalf(result))
    return {fusedHalf(operands, result, lanes)};
  // Bits that are moved and not computed with.
  bool moves = isa<arith::SelectOp, arith::BitcastOp, arith::ExtFOp, arith::TruncFOp>(op);
  SmallVector<Value> values(operands);
  if (!moves) {
    for (Value &value : values)
      if (isHalf(value.getType()))
        value = arith::ExtFOp::create(builder, loc, withElement(value.getType(), builder.getF32Type()), value);
    for (Type &type : types)
      if (isHalf(type))
        type = withElement(type, builder.getF32Type());
  }
  OperationState state(loc, op->getName(), values, types, op->getAttrs());
  SmallVector<Value> results(builder.create(state)->getResults());
  for (auto [value, old] : llvm::zip_equal(results, op->getResults()))
    if (!moves && isHalf(old.getType()))
      value = narrow(value, getElementTypeOrSelf(old.getType()), lanes);
  return results;
}
