//===- Number.h - Arithmetic that writes IR -------------------------*- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// An expansion reads like the formula it is: `Number` is an SSA value, scalar or elementwise on a tensor or vector, whose
// operators create arith and math ops. A constant takes the type of the number beside it, as a splat where that has a shape.
//
//===----------------------------------------------------------------------===//

#ifndef TILE_LIB_NUMERICS_NUMBER_H
#define TILE_LIB_NUMERICS_NUMBER_H

#include <mlir/IR/ImplicitLocOpBuilder.h>
#include <mlir/IR/TypeUtilities.h>
#include <mlir/IR/Value.h>

#include <concepts>
#include <cstdint>

namespace tile::numerics {

/// A literal in a formula: real for floats, bits for integers.
template <typename T>
concept Literal = std::integral<T> || std::floating_point<T>;

class Operand;

/// Where an expansion is written. It makes each constant once.
class Writer : public mlir::ImplicitLocOpBuilder {
public:
  /// Writes before `op`, with its location.
  explicit Writer(mlir::Operation *op) : ImplicitLocOpBuilder(op->getLoc(), op) {}
  Writer(mlir::Location loc, const mlir::OpBuilder &builder) : ImplicitLocOpBuilder(loc, builder) {}

  /// A constant of `type`, a splat where that has a shape.
  mlir::Value constant(mlir::Type type, mlir::TypedAttr element);

private:
  llvm::DenseMap<mlir::Attribute, mlir::Value> constants;
};

/// A float or integer value and where to write what is computed from it.
class Number {
public:
  Number(Writer &writer, mlir::Value value) : writer(&writer), val(value) {}

  mlir::Value value() const { return val; }
  mlir::Type elementType() const { return mlir::getElementTypeOrSelf(val.getType()); }
  unsigned width() const { return elementType().getIntOrFloatBitWidth(); }
  bool isFloat() const { return mlir::isa<mlir::FloatType>(elementType()); }

  /// A constant of this number's type. A real is rounded to it.
  Number like(double real) const;
  Number like(uint64_t bits) const;
  template <std::integral T>
  Number like(T bits) const {
    return like(static_cast<uint64_t>(bits));
  }

  /// This value's shape with other elements.
  mlir::Type typeWith(mlir::Type element) const;
  mlir::Type integerType(unsigned width) const { return typeWith(writer->getIntegerType(width)); }

  Writer &ir() const { return *writer; }

private:
  Writer *writer;
  mlir::Value val;
};

/// The second operand of an operator: a number, or a literal that becomes one.
class Operand {
public:
  Operand(const Number &number) : number(number) {}
  template <std::floating_point T>
  Operand(T real) : real(real), isReal(true) {}
  template <std::integral T>
  Operand(T bits) : bits(static_cast<uint64_t>(bits)) {}

  /// The number itself, or the literal as a constant of `other`'s type.
  Number beside(const Number &other) const { return number ? *number : isReal ? other.like(real) : other.like(bits); }

private:
  std::optional<Number> number;
  double real = 0;
  uint64_t bits = 0;
  bool isReal = false;
};

//===----------------------------------------------------------------------===//
// Floats and integers; + - * wrap on integers, - and / are for floats where they have one operand or may trap
//===----------------------------------------------------------------------===//

Number operator+(const Number &a, const Operand &b);
Number operator-(const Number &a, const Operand &b);
Number operator*(const Number &a, const Operand &b);
Number operator/(const Number &a, const Operand &b);
Number operator-(const Number &a);
template <Literal T>
Number operator+(T a, const Number &b) {
  return Operand(a).beside(b) + b;
}
template <Literal T>
Number operator-(T a, const Number &b) {
  return Operand(a).beside(b) - b;
}
template <Literal T>
Number operator*(T a, const Number &b) {
  return Operand(a).beside(b) * b;
}
template <Literal T>
Number operator/(T a, const Number &b) {
  return Operand(a).beside(b) / b;
}

/// Comparisons are ordered (false on NaN) on floats and signed on integers.
Number less(const Number &a, const Operand &b);
Number greater(const Number &a, const Operand &b);
Number equal(const Number &a, const Operand &b);
Number notEqual(const Number &a, const Operand &b);
/// Unsigned a < b.
Number below(const Number &a, const Operand &b);

Number select(const Number &condition, const Number &yes, const Operand &no);
template <Literal T>
Number select(const Number &condition, T yes, const Number &no) {
  return select(condition, Operand(yes).beside(no), no);
}

/// The same bits as another type of that width.
Number bitcast(const Number &a, mlir::Type element);
/// A float's bits.
Number bitsOf(const Number &a);

//===----------------------------------------------------------------------===//
// Integers
//===----------------------------------------------------------------------===//

Number operator&(const Number &a, const Operand &b);
Number operator|(const Number &a, const Operand &b);
Number operator^(const Number &a, const Operand &b);
Number operator<<(const Number &a, const Operand &b);
/// A logical shift.
Number operator>>(const Number &a, const Operand &b);
Number shiftRightSigned(const Number &a, const Operand &b);
Number maxSigned(const Number &a, const Operand &b);
Number minUnsigned(const Number &a, const Operand &b);
/// Zero-extended or truncated to `width` bits.
Number resize(const Number &a, unsigned width);
/// A signed integer rounded to a float.
Number toFloat(const Number &a, mlir::Type element);

//===----------------------------------------------------------------------===//
// Floats
//===----------------------------------------------------------------------===//

/// a * b + c, rounded once.
Number fma(const Number &a, const Operand &b, const Operand &c);
Number abs(const Number &a);
Number sqrt(const Number &a);
/// `magnitude`, not negative, with the sign of `sign`.
Number withSign(const Number &magnitude, const Number &sign);
/// To a wider or narrower float.
Number toFormat(const Number &a, mlir::Type element);
/// c[0] + c[1] x + c[2] x² …, by Horner's rule with one rounding a step.
Number polynomial(const Number &x, llvm::ArrayRef<double> c);

/// The layout of f32 or f64.
struct Format {
  int mantissa; ///< Bits stored of the significand.
  int bias;
  double largeShift; ///< 1.5 · 2^mantissa: added to a small x it leaves round(x) in the low bits.
};
const Format &formatOf(const Number &a);

} // namespace tile::numerics

#endif // TILE_LIB_NUMERICS_NUMBER_H
