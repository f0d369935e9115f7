//===- Exp.cpp - exp and exp2 in arithmetic ---------------------*- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// x = n ln 2 + r with n the nearest integer; e^r is a polynomial on |r| <= ln 2 / 2, and 2^n goes into the exponent. exp2 is
// the same with r = x - n, exact.
//
//===----------------------------------------------------------------------===//

#include "Expansions.h"

using namespace llvm;

namespace tile::numerics {
namespace {

/// What differs between the formats. ln 2 is split so that n * ln2High is exact.
struct Constants {
  double lowest, highest; ///< Results beyond are 0 and infinity whatever the argument.
  double log2e, ln2High, ln2Low;
  double lowest2, highest2, ln2; ///< The same for exp2.
  ArrayRef<double> exp;          ///< (e^r - 1 - r) / r²
  ArrayRef<double> exp2;         ///< (2^r - 1 - r ln 2) / r²
};

constexpr double expF32[] = {0x1.fffffcp-2, 0x1.555492p-3, 0x1.5558f4p-5, 0x1.123a1ep-7, 0x1.6a2398p-10};
constexpr double exp2F32[] = {0x1.ebfbdcp-3, 0x1.c6af88p-5, 0x1.3b2e1p-7, 0x1.5f049ap-10, 0x1.414dc2p-13};
constexpr double expF64[] = {0x1p-1,
                             0x1.555555555555bp-3,
                             0x1.5555555555503p-5,
                             0x1.111111110ec4p-7,
                             0x1.6c16c16c305d1p-10,
                             0x1.a01a01b389c34p-13,
                             0x1.a01a013650568p-16,
                             0x1.71ddf00343a6ep-19,
                             0x1.27e5b48ff34e8p-22,
                             0x1.af6c1c7d4b9a7p-26,
                             0x1.1e3d0a7d56c07p-29};
constexpr double exp2F64[] = {0x1.ebfbdff82c58fp-3,  0x1.c6b08d704a0c8p-5,  0x1.3b2ab6fba4e2ap-7,
                              0x1.5d87fe78a37e1p-10, 0x1.430912f883483p-13, 0x1.ffcbfc7085708p-17,
                              0x1.62c021dfe67bfp-20, 0x1.b524e53595b81p-24, 0x1.e4d081396c296p-28,
                              0x1.e9f6a45636f28p-32, 0x1.c2a734d339b17p-36};

const Constants f32 = {-104, 89, 0x1.715476p+0, 0x1.62e4p-1, 0x1.7f7d1cp-20, -151, 128, 0x1.62e43p-1, expF32, exp2F32};
const Constants f64 = {-746,  710,  0x1.71547652b82fep+0, 0x1.62e42ffp-1, -0x1.718432a1b0e26p-35,
                       -1076, 1024, 0x1.62e42fefa39efp-1, expF64,         exp2F64};

const Constants &constantsFor(const Number &x) { return x.width() == 32 ? f32 : f64; }

} // namespace

/// x kept within bounds; NaN stays.
static Number clamp(const Number &x, double lowest, double highest) {
  Number y = select(greater(x, highest), highest, x);
  return select(less(y, lowest), lowest, y);
}

/// p * 2^n, in two exact-or-final steps so that results may overflow or be subnormal, rounded once.
static Number scale(const Number &p, const Number &n) {
  const Format &format = formatOf(p);
  Number half = shiftRightSigned(n, 1);
  Number rest = n - half;
  auto powerOf2 = [&](const Number &k) { return bitcast((k + format.bias) << format.mantissa, p.elementType()); };
  return p * powerOf2(half) * powerOf2(rest);
}

Number expandExp(const Number &argument) {
  const Constants &c = constantsFor(argument);
  Number x = clamp(argument, c.lowest, c.highest);
  Rounded n = roundedFromShifted(fma(x, c.log2e, formatOf(x).largeShift));
  Number r = fma(n.real, -c.ln2Low, fma(n.real, -c.ln2High, x));
  Number p = fma(r * r, polynomial(r, c.exp), r) + 1.0;
  return scale(p, n.integer);
}

Number expandExp2(const Number &argument) {
  const Constants &c = constantsFor(argument);
  Number x = clamp(argument, c.lowest2, c.highest2);
  Rounded n = roundedFromShifted(x + formatOf(x).largeShift);
  Number r = x - n.real;
  Number p = fma(r, c.ln2, (r * r) * polynomial(r, c.exp2)) + 1.0;
  return scale(p, n.integer);
}

} // namespace tile::numerics
