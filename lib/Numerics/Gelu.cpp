//===- Gelu.cpp - GELU at once, where it is written by erf ------*- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// 0.5 x (1 + erf(x / sqrt 2)) is x times the normal distribution of x. Where the sum goes to 0 it loses what erf was exact for, and
// erf has two polynomials for the sake of small arguments whose bits the sum drops. At once it is max(x, 0) - a h with a = |x| and
// h = erfc(a / sqrt 2) / 2 = 2^-q(a): one polynomial, one power of two, and nothing cancels.
//
//===----------------------------------------------------------------------===//

#include "Expansions.h"

#include <mlir/Dialect/Arith/IR/Arith.h>
#include <mlir/Dialect/Math/IR/Math.h>
#include <mlir/IR/Matchers.h>

#include <llvm/ADT/APFloat.h>

using namespace mlir;

namespace tile::numerics {
namespace {

/// (q(a) - 1) / a for a up to 6. Beyond, q is taken too great, where 2^-q is next to nothing.
constexpr double geluF32[] = {0x1.26aef4p+0, 0x1.d63414p-2, 0x1.aee53p-5,    -0x1.db2916p-8,
                              0x1.412b1p-12, 0x1.c0234p-14, -0x1.63a294p-16, 0x1.4cffd2p-20};
/// The same as exactly as it shows beside a GPU's power of two, which is off by 2 ulp.
constexpr double geluByPowerF32[] = {0x1.26af96p+0,  0x1.d617d2p-2,  0x1.b1e436p-5,
                                     -0x1.fdeff4p-8, 0x1.63da62p-11, -0x1.842c32p-16};
/// The same less exactly still, where that may be.
constexpr double geluFastF32[] = {0x1.26aae2p+0, 0x1.d69a66p-2, 0x1.a9a91ep-5, -0x1.ca4286p-8, 0x1.c69d32p-12};

/// What |x| is kept below. Up to the first, 2^-q is a normal number, as arithmetic needs it; a GPU's may as well be 0.
constexpr double kBound = 10.75, kBoundOfPower = 12;

/// The factor or summand beside one that is the constant `wanted`, as f32 has it; null where neither operand is.
Value besideConstant(Operation *op, double wanted) {
  for (unsigned index : {0, 1}) {
    FloatAttr constant;
    SplatElementsAttr splat;
    Value operand = op->getOperand(index);
    APFloat value(0.0F);
    if (matchPattern(operand, m_Constant(&splat)))
      value = splat.getSplatValue<APFloat>();
    else if (matchPattern(operand, m_Constant(&constant)))
      value = constant.getValue();
    else
      continue;
    if (value.convertToFloat() == static_cast<float>(wanted))
      return op->getOperand(1 - index);
  }
  return {};
}

} // namespace

std::optional<Gelu> matchGelu(arith::MulFOp product) {
  if (!getElementTypeOrSelf(product.getType()).isF32())
    return {};
  for (auto [half, sum] :
       {std::pair(product.getLhs(), product.getRhs()), std::pair(product.getRhs(), product.getLhs())}) {
    auto halved = half.getDefiningOp<arith::MulFOp>();
    auto added = sum.getDefiningOp<arith::AddFOp>();
    Value x = halved ? besideConstant(halved, 0.5) : Value();
    Value one = added ? besideConstant(added, 1) : Value();
    auto erf = one ? one.getDefiningOp<math::ErfOp>() : math::ErfOp();
    auto scaled = erf ? erf.getOperand().getDefiningOp<arith::MulFOp>() : arith::MulFOp();
    if (x && scaled && besideConstant(scaled, 0.7071067811865476) == x)
      return Gelu{x, erf};
  }
  return {};
}

Number expandGelu(const Number &x, GeluForm form) {
  Writer &ir = x.ir();
  bool isArithmetic = form == GeluForm::Arithmetic;
  double bound = isArithmetic ? kBound : kBoundOfPower;
  Number a(ir, arith::MinNumFOp::create(ir, abs(x).value(), x.like(bound).value()));
  ArrayRef<double> table = geluByPowerF32;
  if (form != GeluForm::ByPower)
    table = isArithmetic ? ArrayRef<double>(geluF32) : ArrayRef<double>(geluFastF32);
  Number negative = -a;
  Number exponent = fma(negative, polynomial(a, table), -1.0);
  Number h = isArithmetic ? expandExp2Normal(exponent)
                          : Number(ir, math::Exp2Op::create(ir, exponent.value(), arith::FastMathFlags::afn));
  // NaN comes through the maximum.
  Number positive(ir, arith::MaximumFOp::create(ir, x.value(), x.like(0.0).value()));
  return fma(negative, h, positive);
}

} // namespace tile::numerics
