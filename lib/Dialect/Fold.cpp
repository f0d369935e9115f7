//===- Fold.cpp - What a fold does to two values, on every target --*- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "tile/Dialect/Fold.h"

#include <mlir/Dialect/Arith/IR/Arith.h>

using namespace mlir;
using namespace tile::ir;

bool FoldArithmetic::isArg() const {
  return kind == ReduceKind::ArgMin || kind == ReduceKind::ArgMax || kind == ReduceKind::UArgMin ||
         kind == ReduceKind::UArgMax;
}

bool FoldArithmetic::isMin() const {
  return kind == ReduceKind::Min || kind == ReduceKind::UMin || kind == ReduceKind::ArgMin ||
         kind == ReduceKind::UArgMin;
}

bool FoldArithmetic::isUnsigned() const {
  return kind == ReduceKind::UMin || kind == ReduceKind::UMax || kind == ReduceKind::UArgMin ||
         kind == ReduceKind::UArgMax;
}

Value FoldArithmetic::combine(Value a, Value b) const {
  auto make = [&]<typename Op>() { return builder.createOrFold<Op>(loc, a, b); };
  bool isFloat = isa<FloatType>(type);
  switch (kind) {
  case ReduceKind::Sum:
    return isFloat ? make.operator()<arith::AddFOp>() : make.operator()<arith::AddIOp>();
  case ReduceKind::Prod:
    return isFloat ? make.operator()<arith::MulFOp>() : make.operator()<arith::MulIOp>();
  case ReduceKind::Min:
    return isFloat ? make.operator()<arith::MinimumFOp>() : make.operator()<arith::MinSIOp>();
  case ReduceKind::Max:
    return isFloat ? make.operator()<arith::MaximumFOp>() : make.operator()<arith::MaxSIOp>();
  case ReduceKind::UMin:
    return make.operator()<arith::MinUIOp>();
  case ReduceKind::UMax:
    return make.operator()<arith::MaxUIOp>();
  case ReduceKind::Any:
    return make.operator()<arith::OrIOp>();
  case ReduceKind::All:
    return make.operator()<arith::AndIOp>();
  default:
    llvm_unreachable("argmin and argmax combine pairs");
  }
}

Value FoldArithmetic::better(Value a, Value b) const {
  if (isa<FloatType>(type)) {
    arith::CmpFPredicate predicate = isMin() ? arith::CmpFPredicate::ULT : arith::CmpFPredicate::UGT;
    Value notWorse = arith::CmpFOp::create(builder, loc, predicate, a, b);
    Value isNumber = arith::CmpFOp::create(builder, loc, arith::CmpFPredicate::ORD, b, b);
    return builder.createOrFold<arith::AndIOp>(loc, notWorse, isNumber);
  }
  arith::CmpIPredicate predicate = isUnsigned() ? (isMin() ? arith::CmpIPredicate::ult : arith::CmpIPredicate::ugt)
                                                : (isMin() ? arith::CmpIPredicate::slt : arith::CmpIPredicate::sgt);
  return builder.createOrFold<arith::CmpIOp>(loc, predicate, a, b);
}

FoldArithmetic::Partial FoldArithmetic::combine(const Partial &a, const Partial &b) const {
  if (!isArg())
    return {combine(a[0], b[0])};
  Value aBetter = better(a[0], b[0]), bBetter = better(b[0], a[0]);
  Value aLower = builder.createOrFold<arith::CmpIOp>(loc, arith::CmpIPredicate::ult, a[1], b[1]);
  Value differ = builder.createOrFold<arith::XOrIOp>(loc, aBetter, bBetter);
  Value takesA = builder.createOrFold<arith::SelectOp>(loc, differ, aBetter, aLower);
  return {builder.createOrFold<arith::SelectOp>(loc, takesA, a[0], b[0]),
          builder.createOrFold<arith::SelectOp>(loc, takesA, a[1], b[1])};
}
