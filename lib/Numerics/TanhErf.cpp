//===- TanhErf.cpp - tanh, erf and rsqrt in arithmetic ----------*- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// tanh and erf are odd and go to 1. Near 0 both are x plus a polynomial; further out 1 minus something small that an
// exponential gives, whose error counts little.
//
//===----------------------------------------------------------------------===//

#include "Expansions.h"

#include "tile/Numerics/Numerics.h"

using namespace llvm;
using namespace mlir;

namespace tile::numerics {
namespace {

/// What differs between the formats. The results are 1 beyond the two bounds.
struct Constants {
  double tanhBound, erfBound;
  ArrayRef<double> tanh; ///< (tanh x - x) / x³, in x², for |x| < 0.5625
  ArrayRef<double> erf;  ///< (erf x - x) / x, in x², for |x| < 1
  ArrayRef<double> erfc; ///< -log(1 - erf x), up to the bound
};

constexpr double tanhF32[] = {-0x1.555548p-2, 0x1.110c72p-3, -0x1.b9094ap-5, 0x1.582fc8p-6, -0x1.9500ap-8};
constexpr double erfF32[] = {0x1.06eba8p-3, -0x1.81273ep-2,  0x1.ce2cf8p-4, -0x1.b7f90cp-6,
                             0x1.5405bp-8,  -0x1.a3f6f8p-11, 0x1.496a24p-14};
constexpr double erfcF32[] = {-0x1.a7c75ep-13, 0x1.2130b4p+0,   0x1.44212ep-1,  0x1.bcda68p-4,  -0x1.9f5188p-6,
                              0x1.17e24p-8,    -0x1.e2bc98p-12, 0x1.9f5a26p-16, -0x1.c7dea2p-23};
constexpr double tanhF64[] = {-0x1.555555555554cp-2,  0x1.111111111032fp-3,  -0x1.ba1ba1b93c317p-5,
                              0x1.664f484aa1f1ap-6,   -0x1.226e2d2983786p-7, 0x1.d6d24d4aeaf06p-9,
                              -0x1.7d8bda2530975p-10, 0x1.3462b6ef1abf3p-11, -0x1.e81dee83f17ap-13,
                              0x1.59a630d7fbc4ap-14,  -0x1.3d9f896961241p-16};
constexpr double erfF64[] = {0x1.06eba8214db69p-3,   -0x1.812746b0379e6p-2,  0x1.ce2f21a042b2p-4,
                             -0x1.b82ce3128499cp-6,  0x1.565bcd0db02cap-8,   -0x1.c02db3d8ecdfp-11,
                             0x1.f9a321a11681bp-14,  -0x1.f4d1df38c9cf5p-17, 0x1.b9def197fda05p-20,
                             -0x1.5f1d369414b6ep-23, 0x1.f7a41069f062cp-27,  -0x1.386abbd18ced5p-30,
                             0x1.05799ea0e8141p-34};
constexpr double erfcF64[] = {0x1.0df834c54c6ap-21,   0x1.20dd1fd397726p+0,   0x1.45f6275756e34p-1,
                              0x1.a4ac5c449348cp-4,   -0x1.3722924a2eb24p-6,  -0x1.ae944162799eap-12,
                              0x1.f64120ed859b3p-10,  -0x1.940aa01a0a6f2p-11, 0x1.1b3a7c64b105ap-13,
                              0x1.53fc28ade79c6p-16,  -0x1.7ee2289c019bdp-16, 0x1.22cfd09337be1p-17,
                              -0x1.1ea2a1a610552p-19, 0x1.90d0740481ed5p-22,  -0x1.8ec014c0bd2bcp-25,
                              0x1.0e585545d8268p-28,  -0x1.c1a9a8cdedf7ep-33, 0x1.5acb877bb132ep-38};

const Constants f32 = {10, 4, tanhF32, erfF32, erfcF32};
const Constants f64 = {20, 6, tanhF64, erfF64, erfcF64};

const Constants &constantsFor(const Number &x) { return x.width() == 32 ? f32 : f64; }

} // namespace

/// e^x for |x| <= kNearExp, by the target's powers of two.
static Number nearExp(const Number &x) {
  Writer &ir = x.ir();
  auto power = [&](Value t, bool) -> Value { return math::Exp2Op::create(ir, t, arith::FastMathFlags::afn); };
  return {ir, exponentials(ir, ir.getLoc(), x.value(), ExpRange::Near, power).front()};
}

/// The lesser of a and a bound; NaN stays.
static Number atMost(const Number &a, double bound) { return select(greater(a, bound), bound, a); }

Number expandTanh(const Number &x) {
  const Constants &c = constantsFor(x);
  Number a = abs(x);
  Number z = x * x;
  Number near = fma(a * z, polynomial(z, c.tanh), a);
  Number far = 1.0 - 2.0 / (expandExp(2.0 * atMost(a, c.tanhBound)) + 1.0);
  return withSign(select(less(a, 0.5625), near, far), x);
}

Number expandErf(const Number &x) {
  const Constants &c = constantsFor(x);
  Number a = abs(x);
  Number z = x * x;
  Number near = fma(a, polynomial(z, c.erf), a);
  Number far = 1.0 - expandExp(-polynomial(atMost(a, c.erfBound), c.erfc));
  return withSign(select(less(a, 1.0), near, far), x);
}

Number expandTanhByPower(const Number &x) {
  Writer &ir = x.ir();
  Number a = abs(x);
  Number z = x * x;
  Number near = fma(a * z, polynomial(z, tanhF32), a);
  Number bounded(ir, arith::MinimumFOp::create(ir, a.value(), x.like(f32.tanhBound).value()));
  Number sum = nearExp(2.0 * bounded) + 1.0;
  Number quotient(ir, arith::DivFOp::create(ir, x.like(2.0).value(), sum.value(), arith::FastMathFlags::afn));
  return withSign(select(less(a, 0.5625), near, 1.0 - quotient), x);
}

Number expandErfByPower(const Number &x) {
  Writer &ir = x.ir();
  Number a = abs(x);
  Number z = x * x;
  Number near = fma(a, polynomial(z, erfF32), a);
  Number bounded(ir, arith::MinimumFOp::create(ir, a.value(), x.like(f32.erfBound).value()));
  Number far = 1.0 - nearExp(-polynomial(bounded, erfcF32));
  return withSign(select(less(a, 1.0), near, far), x);
}

Number expandRsqrt(const Number &x) { return 1.0 / sqrt(x); }

} // namespace tile::numerics
