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
static Number notBelow(const Number &x, double lowest) { return select(less(x, lowest), lowest, x); }
static Number clamp(const Number &x, double lowest, double highest) {
  return notBelow(select(greater(x, highest), highest, x), lowest);
}

/// 2^(n + offset), for an integer whose low bits are those of n; what lies above them is shifted out.
static Number powerOf2(const Number &n, int offset, const Number &like) {
  const Format &format = formatOf(like);
  uint64_t one = static_cast<uint64_t>(format.bias + offset) << format.mantissa;
  return bitcast((n << format.mantissa) + one, like.elementType());
}

/// p * 2^n, in two exact-or-final steps so that results may overflow or be subnormal, rounded once. `n` is an integer added to
/// Format::largeShift, whose bits are 0 where an exponent's would come to lie, and are when halved.
static Number scale(const Number &p, const Number &n) {
  Number bits = bitsOf(n);
  Number half = shiftRightSigned(bits, 1);
  return p * powerOf2(half, 0, p) * powerOf2(bits - half, 0, p);
}

/// The same for n at most 0: no intermediate result is too large when it is scaled up first.
static Number scaleDown(const Number &p, const Number &n) {
  constexpr int kOffset = 64;
  return p * powerOf2(bitsOf(n), kOffset, p) * 0x1p-64;
}

/// e^r, and n plus Format::largeShift, of e^x = e^r 2^n.
static std::pair<Number, Number> reduceExp(const Number &x, const Constants &c) {
  double shift = formatOf(x).largeShift;
  Number shifted = fma(x, c.log2e, shift);
  Number n = shifted - shift;
  Number r = fma(n, -c.ln2Low, fma(n, -c.ln2High, x));
  return {fma(r, fma(r, polynomial(r, c.exp), 1.0), 1.0), shifted};
}

Number expandExp(const Number &argument) {
  const Constants &c = constantsFor(argument);
  auto [p, n] = reduceExp(clamp(argument, c.lowest, c.highest), c);
  return scale(p, n);
}

Number expandExpAtMostZero(const Number &argument) {
  const Constants &c = constantsFor(argument);
  auto [p, n] = reduceExp(notBelow(argument, c.lowest), c);
  return scaleDown(p, n);
}

Number expandExp2(const Number &argument) {
  const Constants &c = constantsFor(argument);
  double shift = formatOf(argument).largeShift;
  Number x = clamp(argument, c.lowest2, c.highest2);
  Number shifted = x + shift;
  Number r = x - (shifted - shift);
  Number p = fma(r, c.ln2, (r * r) * polynomial(r, c.exp2)) + 1.0;
  return scale(p, shifted);
}

Number expandExp2Normal(const Number &x) {
  const Constants &c = constantsFor(x);
  double shift = formatOf(x).largeShift;
  Number shifted = x + shift;
  Number r = x - (shifted - shift);
  Number p = fma(r, fma(r, polynomial(r, c.exp2), c.ln2), 1.0);
  return bitcast(bitsOf(p) + (bitsOf(shifted) << formatOf(x).mantissa), x.elementType());
}

} // namespace tile::numerics
