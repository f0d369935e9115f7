//===- Division.cpp - Integer division that is defined for every divisor *- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "tile/Dialect/Division.h"

#include <mlir/Dialect/Arith/IR/Arith.h>
#include <mlir/IR/Matchers.h>

using namespace mlir;

Value tile::ir::divideIntegers(OpBuilder &builder, Location loc, Operation *op, Value n, Value d,
                               function_ref<Value(IntegerAttr)> constant) {
  Type element = getElementTypeOrSelf(n.getType());
  unsigned bits = element.isIndex() ? 64 : element.getIntOrFloatBitWidth();
  auto number = [&](const APInt &value) { return constant(IntegerAttr::get(element, value)); };
  auto compare = [&](arith::CmpIPredicate predicate, Value a, Value b) {
    return builder.createOrFold<arith::CmpIOp>(loc, predicate, a, b);
  };
  auto select = [&](Value condition, Value a, Value b) {
    return builder.createOrFold<arith::SelectOp>(loc, condition, a, b);
  };
  Value zero = number(APInt::getZero(bits)), one = number(APInt(bits, 1));
  bool isUnsigned = isa<arith::DivUIOp, arith::RemUIOp, arith::CeilDivUIOp>(op);
  APInt known;
  bool isHarmless = matchPattern(d, m_ConstantInt(&known)) && !known.isZero() && (isUnsigned || !known.isAllOnes());
  if (!isHarmless) {
    Value bad = compare(arith::CmpIPredicate::eq, d, zero);
    if (!isUnsigned) {
      Value isLowest = compare(arith::CmpIPredicate::eq, n, number(APInt::getSignedMinValue(bits)));
      Value isMinusOne = compare(arith::CmpIPredicate::eq, d, number(APInt::getAllOnes(bits)));
      bad =
          builder.createOrFold<arith::OrIOp>(loc, bad, builder.createOrFold<arith::AndIOp>(loc, isLowest, isMinusOne));
    }
    d = select(bad, one, d);
  }
  if (isa<arith::DivUIOp>(op))
    return builder.createOrFold<arith::DivUIOp>(loc, n, d);
  if (isa<arith::RemUIOp>(op))
    return builder.createOrFold<arith::RemUIOp>(loc, n, d);
  if (isa<arith::RemSIOp>(op))
    return builder.createOrFold<arith::RemSIOp>(loc, n, d);
  Value quotient =
      isUnsigned ? builder.createOrFold<arith::DivUIOp>(loc, n, d) : builder.createOrFold<arith::DivSIOp>(loc, n, d);
  if (isa<arith::DivSIOp>(op))
    return quotient;
  // Floor and ceiling differ from the truncated quotient where something remains, by the signs.
  bool isFloor = isa<arith::FloorDivSIOp>(op);
  Value rest = builder.createOrFold<arith::SubIOp>(loc, n, builder.createOrFold<arith::MulIOp>(loc, quotient, d));
  Value adjust = compare(arith::CmpIPredicate::ne, rest, zero);
  if (!isUnsigned) {
    auto predicate = isFloor ? arith::CmpIPredicate::slt : arith::CmpIPredicate::sge;
    Value signs = compare(predicate, builder.createOrFold<arith::XOrIOp>(loc, rest, d), zero);
    adjust = builder.createOrFold<arith::AndIOp>(loc, adjust, signs);
  }
  Value adjusted = isFloor ? builder.createOrFold<arith::SubIOp>(loc, quotient, one)
                           : builder.createOrFold<arith::AddIOp>(loc, quotient, one);
  return select(adjust, adjusted, quotient);
}
