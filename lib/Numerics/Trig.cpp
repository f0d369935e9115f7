//===- Trig.cpp - sin and cos in arithmetic ---------------------*- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Arguments of any size: |x| is an integer times a power of two, so that the digits of 2/pi that matter to x * 2/pi modulo 4
// are a window of its binary expansion (Payne and Hanek). The window is found by selects among constants, the product is made
// in integers, and no memory is read. Its two top bits are the quadrant, the rest is the reduced argument, as a sum of two
// floats. |x| < pi/4 is taken as it is.
//
//===----------------------------------------------------------------------===//

#include "Expansions.h"

#include <limits>

using namespace llvm;

namespace tile::numerics {
namespace {

/// What differs between the formats. pi/2 is the sum of its two parts to twice the digits.
struct Constants {
  double quarterPi; ///< The greatest number below pi/4.
  double halfPiHigh, halfPiLow;
  ArrayRef<double> sin; ///< (sin r - r) / r³, in r²
  ArrayRef<double> cos; ///< (cos r - 1 + r²/2) / r⁴, in r²
};

constexpr double sinF32[] = {-0x1.555546p-3, 0x1.110738p-7, -0x1.9942f6p-13};
constexpr double cosF32[] = {0x1.55554ap-5, -0x1.6c0c3p-10, 0x1.99ead4p-16};
constexpr double sinF64[] = {-0x1.5555555555549p-3, 0x1.111111110f872p-7,   -0x1.a01a019c1077p-13,
                             0x1.71de3576aef4fp-19, -0x1.ae5e656353a9cp-26, 0x1.5d92c02a3f8e3p-33};
constexpr double cosF64[] = {0x1.555555555554cp-5,   -0x1.6c16c16c15173p-10, 0x1.a01a019cb0b04p-16,
                             -0x1.27e4f80925a12p-22, 0x1.1ee9eb59edf05p-29,  -0x1.8fae4fbafd881p-37};

const Constants f32 = {0x1.921fb4p-1, 0x1.921fb6p+0, -0x1.777a5cp-25, sinF32, cosF32};
const Constants f64 = {0x1.921fb54442d18p-1, 0x1.921fb54442d18p+0, 0x1.1a62633145c07p-54, sinF64, cosF64};

const Constants &constantsFor(const Number &x) { return x.width() == 32 ? f32 : f64; }

/// The binary digits of 2/pi, after 26 zeros and after 55.
constexpr uint64_t digitsF32[] = {0x28be60db93, 0x91054a7f09d5f47d, 0x4d377036d8a5664f, 0x10e4107f9458eaf7};
constexpr uint64_t digitsF64[] = {0x145,
                                  0xf306dc9c882a53f8,
                                  0x4eafa3ea69bb81b6,
                                  0xc52b3278872083fc,
                                  0xa2c757bd778ac36e,
                                  0x48dc74849ba5c00c,
                                  0x925dd413a32439fc,
                                  0x3bd63962534e7dd1,
                                  0x46bea5d768909d3,
                                  0x38e04d68befc8273,
                                  0x23ac7306a673e939,
                                  0x8bf177bf250763f,
                                  0xf12fffbc0b301fde,
                                  0x5e2316b414da3eda,
                                  0x6cfd9e4f96136e9e,
                                  0x8c7ecd3cbfd45aea,
                                  0x4f758fd7cbe2f67a,
                                  0xe73ef14a525d4d7,
                                  0xf6bf623f1aba10ac};

/// |x| = quadrant * pi/2 + high + low, |high| <= pi/4; the quadrant modulo 4 as an integer of x's width.
struct Reduced {
  Number quadrant, high, low;
};

/// |x| = significand * 2^(offset - mantissa - 1) for |x| >= 1/2, as 64-bit integers; the offset is not negative.
struct Scaled {
  Number significand, offset;
};

} // namespace

static Scaled scaled(const Number &x) {
  const Format &format = formatOf(x);
  uint64_t one = uint64_t(1) << format.mantissa;
  Number bits = bitsOf(abs(x));
  Number exponent = bits >> format.mantissa;
  Number significand = resize((bits & (one - 1)) | one, 64) << 1;
  Number belowOne = resize(less(exponent, format.bias), 64);
  return {significand >> belowOne, resize(maxSigned(exponent - format.bias, 0), 64)};
}

/// `count` 64-bit words of a string of digits, from a bit offset below 64 * 2^levels on.
static SmallVector<Number> window(const Number &offset, ArrayRef<uint64_t> digits, int levels, size_t count) {
  SmallVector<Number> words;
  for (uint64_t word : digits)
    words.push_back(offset.like(word));
  // Skip 2^level words or none, keeping what the later steps may reach; the last is for the shift.
  for (int level = levels - 1; level >= 0; --level) {
    size_t skip = size_t(1) << level, keep = skip + count;
    Number on = notEqual(offset & (uint64_t(64) << level), 0);
    for (size_t i = 0; i < keep; ++i)
      words[i] = select(on, words[i + skip], words[i]);
    words.truncate(keep);
  }
  Number shift = offset & 63;
  Number rest = 63 - shift;
  SmallVector<Number> result;
  for (size_t i = 0; i < count; ++i)
    result.push_back((words[i] << shift) | ((words[i + 1] >> 1) >> rest));
  return result;
}

/// The high half of a 64 x 64-bit product, from four of 32 bits, of which vector units have a multiplication.
static Number multiplyHigh(const Number &a, const Number &b) {
  uint64_t mask = 0xffffffff;
  Number aLow = a & mask, aHigh = a >> 32, bLow = b & mask, bHigh = b >> 32;
  Number middle = aLow * bHigh + ((aLow * bLow) >> 32);
  Number other = aHigh * bLow + (middle & mask);
  return aHigh * bHigh + (middle >> 32) + (other >> 32);
}

/// The reduced argument from a fraction of pi/2 whose sum `high` + `low` is in units of 2^(1 - width) quadrants.
static Reduced finish(const Number &x, const Number &quadrant, const Number &high, const Number &low) {
  const Constants &c = constantsFor(x);
  double unit = x.width() == 32 ? 0x1p-31 : 0x1p-63;
  Number tail = fma(high, c.halfPiLow * unit, low * (c.halfPiHigh * unit));
  Number r = fma(high, c.halfPiHigh * unit, tail);
  Number error = fma(high, c.halfPiHigh * unit, -r) + tail;
  Number magnitude = abs(x);
  Number small = less(magnitude, c.quarterPi);
  return {select(small, 0, quadrant), select(small, magnitude, r), select(small, 0.0, error)};
}

static Reduced reduceF32(const Number &x) {
  auto [significand, offset] = scaled(x);
  SmallVector<Number> words = window(offset, digitsF32, 1, 2);
  // In units of 2^-62 quadrants, modulo 4: 25 bits times 96 of the window.
  Number product = significand * words[0] + ((significand * (words[1] >> 32)) >> 32);
  Number quadrant = resize((product + (uint64_t(1) << 61)) >> 62, 32);
  Number fraction = shiftRightSigned(product << 2, 1);
  Number top = resize(fraction >> 32, 32), bottom = resize(fraction, 32);
  // The top 24 bits, rounded, and the signed rest: neither cancels the other where the fraction is small.
  Number head = (top + 0x80) & 0xffffff00;
  Number high = toFloat(head, x.elementType());
  Number low = toFloat(((top - head) << 23) | (bottom >> 9), x.elementType());
  return finish(x, quadrant, high, low * 0x1p-23);
}

static Reduced reduceF64(const Number &x) {
  auto [significand, offset] = scaled(x);
  SmallVector<Number> words = window(offset, digitsF64, 4, 3);
  // In units of 2^-126 quadrants, modulo 4: 54 bits times 192 of the window.
  Number product = significand * words[1];
  Number bottom = product + multiplyHigh(significand, words[2]);
  Number carry = resize(below(bottom, product), 64);
  Number top = significand * words[0] + multiplyHigh(significand, words[1]) + carry;
  Number quadrant = (top + (uint64_t(1) << 61)) >> 62;
  Number fraction = shiftRightSigned((top << 2) | (bottom >> 62), 1);
  // The top 53 bits, rounded, and the signed rest.
  Number head = (fraction + 0x400) & ~uint64_t(0x7ff);
  Number high = toFloat(head, x.elementType());
  Number low = toFloat(((fraction - head) << 52) | ((bottom << 1) >> 12), x.elementType());
  return finish(x, quadrant, high, low * 0x1p-52);
}

/// sin(r) or cos(r) as the quadrant's low bit says, negated as its high bit says.
static Number evaluate(const Number &x, const Reduced &r, const Number &quadrant) {
  const Constants &c = constantsFor(x);
  Number z = r.high * r.high;
  Number sin = r.high + fma(r.high * z, polynomial(z, c.sin), r.low);
  // 1 - z/2 rounded, and what the rounding lost.
  Number head = fma(z, -0.5, 1.0);
  Number lost = fma(z, -0.5, 1.0 - head);
  Number cos = head + (fma(z * z, polynomial(z, c.cos), lost) - r.high * r.low);
  Number chosen = select(notEqual(quadrant & 1, 0), cos, sin);
  Number sign = (quadrant & 2) << (x.width() - 2);
  return bitcast(bitsOf(chosen) ^ sign, x.elementType());
}

/// NaN where x is infinite or NaN.
static Number onlyFinite(const Number &x, const Number &y) {
  return select(less(abs(x), std::numeric_limits<double>::infinity()), y, x - x);
}

static Reduced reduce(const Number &x) { return x.width() == 32 ? reduceF32(x) : reduceF64(x); }

Number expandSin(const Number &x) {
  Reduced r = reduce(x);
  Number y = evaluate(x, r, r.quadrant);
  Number sign = bitsOf(x) & (uint64_t(1) << (x.width() - 1));
  return onlyFinite(x, bitcast(bitsOf(y) ^ sign, x.elementType()));
}

Number expandCos(const Number &x) {
  Reduced r = reduce(x);
  return onlyFinite(x, evaluate(x, r, r.quadrant + 1));
}

} // namespace tile::numerics
