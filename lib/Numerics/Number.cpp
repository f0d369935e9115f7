//===- Number.cpp - Arithmetic that writes IR -----------------------*- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Number.h"

#include <mlir/Dialect/Arith/IR/Arith.h>
#include <mlir/Dialect/Math/IR/Math.h>

using namespace mlir;

namespace tile::numerics {

Value Writer::constant(Type type, TypedAttr element) {
  TypedAttr attribute = element;
  if (auto shaped = dyn_cast<ShapedType>(type))
    attribute = SplatElementsAttr::get(shaped, Attribute(element));
  Value &value = constants[attribute];
  if (!value)
    value = arith::ConstantOp::create(*this, attribute);
  return value;
}

Number Number::like(double real) const {
  return {*writer, writer->constant(val.getType(), writer->getFloatAttr(elementType(), real))};
}

Number Number::like(uint64_t bits) const {
  APInt integer(width(), bits, /*isSigned=*/false, /*implicitTrunc=*/true);
  return {*writer, writer->constant(val.getType(), writer->getIntegerAttr(elementType(), integer))};
}

Type Number::typeWith(Type element) const {
  if (auto shaped = dyn_cast<ShapedType>(val.getType()))
    return shaped.clone(element);
  return element;
}

/// The op for floats or the op for integers.
template <typename FloatOp, typename IntOp>
static Number binary(const Number &a, const Operand &operand) {
  Value b = operand.beside(a).value();
  Writer &ir = a.ir();
  if (a.isFloat())
    return {ir, FloatOp::create(ir, a.value(), b)};
  return {ir, IntOp::create(ir, a.value(), b)};
}

/// An op of two operands of one type.
template <typename Op>
static Number plain(const Number &a, const Operand &operand) {
  Value b = operand.beside(a).value();
  return {a.ir(), Op::create(a.ir(), a.value(), b)};
}

Number operator+(const Number &a, const Operand &b) { return binary<arith::AddFOp, arith::AddIOp>(a, b); }
Number operator-(const Number &a, const Operand &b) { return binary<arith::SubFOp, arith::SubIOp>(a, b); }
Number operator*(const Number &a, const Operand &b) { return binary<arith::MulFOp, arith::MulIOp>(a, b); }
Number operator/(const Number &a, const Operand &b) { return plain<arith::DivFOp>(a, b); }
Number operator-(const Number &a) { return {a.ir(), arith::NegFOp::create(a.ir(), a.value())}; }

/// A comparison with the predicate for floats or the one for integers.
static Number compare(const Number &a, const Operand &operand, arith::CmpFPredicate real,
                      arith::CmpIPredicate integer) {
  Value b = operand.beside(a).value();
  if (a.isFloat())
    return {a.ir(), arith::CmpFOp::create(a.ir(), real, a.value(), b)};
  return {a.ir(), arith::CmpIOp::create(a.ir(), integer, a.value(), b)};
}

Number less(const Number &a, const Operand &b) {
  return compare(a, b, arith::CmpFPredicate::OLT, arith::CmpIPredicate::slt);
}
Number greater(const Number &a, const Operand &b) {
  return compare(a, b, arith::CmpFPredicate::OGT, arith::CmpIPredicate::sgt);
}
Number equal(const Number &a, const Operand &b) {
  return compare(a, b, arith::CmpFPredicate::OEQ, arith::CmpIPredicate::eq);
}
Number notEqual(const Number &a, const Operand &b) {
  return compare(a, b, arith::CmpFPredicate::ONE, arith::CmpIPredicate::ne);
}
Number below(const Number &a, const Operand &b) {
  return compare(a, b, arith::CmpFPredicate::OLT, arith::CmpIPredicate::ult);
}

Number select(const Number &condition, const Number &yes, const Operand &no) {
  Value other = no.beside(yes).value();
  return {yes.ir(), arith::SelectOp::create(yes.ir(), condition.value(), yes.value(), other)};
}

Number bitcast(const Number &a, Type element) {
  return {a.ir(), arith::BitcastOp::create(a.ir(), a.typeWith(element), a.value())};
}
Number bitsOf(const Number &a) { return bitcast(a, a.ir().getIntegerType(a.width())); }

Number operator&(const Number &a, const Operand &b) { return plain<arith::AndIOp>(a, b); }
Number operator|(const Number &a, const Operand &b) { return plain<arith::OrIOp>(a, b); }
Number operator^(const Number &a, const Operand &b) { return plain<arith::XOrIOp>(a, b); }
Number operator<<(const Number &a, const Operand &b) { return plain<arith::ShLIOp>(a, b); }
Number operator>>(const Number &a, const Operand &b) { return plain<arith::ShRUIOp>(a, b); }
Number shiftRightSigned(const Number &a, const Operand &b) { return plain<arith::ShRSIOp>(a, b); }
Number maxSigned(const Number &a, const Operand &b) { return plain<arith::MaxSIOp>(a, b); }
Number minUnsigned(const Number &a, const Operand &b) { return plain<arith::MinUIOp>(a, b); }

Number resize(const Number &a, unsigned width) {
  if (width == a.width())
    return a;
  if (width > a.width())
    return {a.ir(), arith::ExtUIOp::create(a.ir(), a.integerType(width), a.value())};
  return {a.ir(), arith::TruncIOp::create(a.ir(), a.integerType(width), a.value())};
}

Number toFloat(const Number &a, Type element) {
  return {a.ir(), arith::SIToFPOp::create(a.ir(), a.typeWith(element), a.value())};
}

Number fma(const Number &a, const Operand &b, const Operand &c) {
  Value factor = b.beside(a).value(), addend = c.beside(a).value();
  return {a.ir(), math::FmaOp::create(a.ir(), a.value(), factor, addend)};
}

Number abs(const Number &a) { return {a.ir(), math::AbsFOp::create(a.ir(), a.value())}; }
Number sqrt(const Number &a) { return {a.ir(), math::SqrtOp::create(a.ir(), a.value())}; }

Number withSign(const Number &magnitude, const Number &sign) {
  Number signBit = bitsOf(sign) & (uint64_t(1) << (sign.width() - 1));
  return bitcast(bitsOf(magnitude) | signBit, magnitude.elementType());
}

Number toFormat(const Number &a, Type element) {
  unsigned width = element.getIntOrFloatBitWidth();
  if (element == a.elementType())
    return a;
  if (width > a.width())
    return {a.ir(), arith::ExtFOp::create(a.ir(), a.typeWith(element), a.value())};
  return {a.ir(), arith::TruncFOp::create(a.ir(), a.typeWith(element), a.value())};
}

Number polynomial(const Number &x, ArrayRef<double> c) {
  Number result = x.like(c.back());
  for (double coefficient : llvm::reverse(c.drop_back()))
    result = fma(result, x, coefficient);
  return result;
}

const Format &formatOf(const Number &a) {
  static const Format f32 = {23, 127, 0x1.8p23}, f64 = {52, 1023, 0x1.8p52};
  return a.width() == 32 ? f32 : f64;
}

} // namespace tile::numerics
