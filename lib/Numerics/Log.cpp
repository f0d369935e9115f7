//===- Log.cpp - log and log2 in arithmetic ---------------------*- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// x = 2^e (1 + f) with 1 + f around 1. log(1 + f) = f - (f²/2 - t), where t is small: a polynomial in f32, the series in
// s = f / (2 + f) in f64. Keeping f apart makes results near x = 1 accurate.
//
//===----------------------------------------------------------------------===//

#include "Expansions.h"

#include <limits>

using namespace llvm;

namespace tile::numerics {
namespace {

/// What differs between the formats. ln 2 is split so that e * ln2High is exact, log2 e so that their sum has twice the digits.
struct Constants {
  uint64_t lowestBits; ///< Of the least 1 + f: 2/3 in f32, 1/sqrt(2) in f64.
  double least;        ///< The least normal number.
  int lift;            ///< Subnormals are multiplied by 2^lift first.
  double ln2High, ln2Low, log2eHigh, log2eLow;
};

const Constants f32 = {0x3f2aaaab, 0x1p-126, 23, 0x1.62e4p-1, 0x1.7f7d1cp-20, 0x1.715476p+0, 0x1.4ae0cp-26};
const Constants f64 = {
    0x3fe6a09e667f3bcd,   0x1p-1022, 54, 0x1.62e42ffp-1, -0x1.718432a1b0e26p-35, 0x1.71547652b82fep+0,
    0x1.777d0ffda0d24p-56};

/// (log(1 + f) - f + f²/2) / f³
constexpr double cubicF32[] = {0x1.555506p-2, -0x1.fffefp-3,  0x1.99d02ap-3, -0x1.559dc6p-3,
                               0x1.1ed6eep-3, -0x1.f3119ep-4, 0x1.1e679ap-3, -0x1.0804ep-3};
/// (log((1 + s) / (1 - s)) - 2s) / s³, in s²
constexpr double seriesF64[] = {0x1.5555555555593p-1, 0x1.999999997f8a7p-2, 0x1.249249423e443p-2, 0x1.c71c51c682f9ap-3,
                                0x1.74664d70e9213p-3, 0x1.39a02f8accbc1p-3, 0x1.2f15b48fd5516p-3};

const Constants &constantsFor(const Number &x) { return x.width() == 32 ? f32 : f64; }

/// x = 2^exponent (1 + f), for positive finite x.
struct Split {
  Number exponent, f;
};

/// log(1 + f) = f - (halfSquare - tail).
struct Series {
  Number halfSquare, tail;
};

} // namespace

static Split split(const Number &x) {
  const Constants &c = constantsFor(x);
  const Format &format = formatOf(x);
  Number subnormal = less(x, c.least);
  Number bits = bitsOf(select(subnormal, x * static_cast<double>(uint64_t(1) << c.lift), x));
  Number exponent = shiftRightSigned(bits - c.lowestBits, format.mantissa);
  Number f = bitcast(bits - (exponent << format.mantissa), x.elementType()) - 1.0;
  Number lifted = select(subnormal, static_cast<double>(c.lift), x.like(0.0));
  return {toFloat(exponent, x.elementType()) - lifted, f};
}

static Series series(const Number &f) {
  Number halfSquare = 0.5 * f * f;
  if (f.width() == 32)
    return {halfSquare, (f * f) * f * polynomial(f, cubicF32)};
  Number s = f / (2.0 + f);
  Number z = s * s;
  return {halfSquare, s * fma(z, polynomial(z, seriesF64), halfSquare)};
}

/// `y`, except where the argument is not positive and finite.
static Number withSpecialCases(const Number &x, const Number &y) {
  double infinity = std::numeric_limits<double>::infinity(), nan = std::numeric_limits<double>::quiet_NaN();
  Number finite = select(less(x, infinity), y, x);
  Number nonzero = select(equal(x, 0.0), -infinity, finite);
  return select(less(x, 0.0), nan, nonzero);
}

Number expandLog(const Number &x) {
  const Constants &c = constantsFor(x);
  Split s = split(x);
  Series t = series(s.f);
  Number low = s.f - (t.halfSquare - fma(s.exponent, c.ln2Low, t.tail));
  return withSpecialCases(x, fma(s.exponent, c.ln2High, low));
}

Number expandLog2(const Number &x) {
  const Constants &c = constantsFor(x);
  Split s = split(x);
  Series t = series(s.f);
  // log(1 + f) as an unevaluated sum, then its product with log2 e as one.
  Number high = s.f - t.halfSquare;
  Number low = (s.f - high) - t.halfSquare + t.tail;
  Number product = high * c.log2eHigh;
  Number rest = fma(high, c.log2eHigh, -product) + fma(low, c.log2eHigh, high * c.log2eLow);
  // |exponent| >= 1 > |product| or exponent = 0: the sum's error is exact.
  Number sum = s.exponent + product;
  Number error = (s.exponent - sum) + product;
  return withSpecialCases(x, sum + (error + rest));
}

} // namespace tile::numerics
