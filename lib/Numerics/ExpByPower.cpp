//===- ExpByPower.cpp - exp by an instruction for powers of two ----*- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// e^x = 2^t e^c for any t. With t = x log2 e, rounded, what rounding took away is c = x - t ln 2, which two fma's give to more digits than
// matter; it is so small that e^c is 1 + c, and 2^t (1 + c) is one fma more. So there is neither a polynomial nor a scaling: a processor's own
// power of two takes t as it is. Only at the ends of the range more is needed: x is kept above what surely gives 0, for -inf less -inf is NaN, and
// t below 128, where 2^t is still finite though x may overflow; c has the rest.
//
//===----------------------------------------------------------------------===//

#include "Number.h"
#include "tile/Numerics/Numerics.h"

#include <mlir/Dialect/Arith/IR/Arith.h>

using namespace mlir;

namespace tile::numerics {

SmallVector<Value> exponentials(OpBuilder &builder, Location loc, ValueRange arguments, ExpRange range,
                                llvm::function_ref<Value(Value, bool)> powerOf2) {
  // ln 2 is the sum of two floats. At kLowest the result is 0 already.
  constexpr double kLog2e = 0x1.715476p+0, kLn2High = 0x1.62e43p-1, kLn2Low = -0x1.05c61p-29;
  constexpr double kLowest = -104, kHighestPower = 0x1.fffffep+6;
  Writer writer(loc, builder);
  SmallVector<Value> results;
  for (Value argument : arguments) {
    Number x(writer, argument);
    // NaN stays NaN: by x itself, or by c.
    if (range != ExpRange::Near)
      x = Number(writer, arith::MaximumFOp::create(writer, argument, x.like(kLowest).value()));
    Number t = x * kLog2e;
    if (range == ExpRange::Any)
      t = Number(writer, arith::MinNumFOp::create(writer, t.value(), x.like(kHighestPower).value()));
    Number c = fma(t, -kLn2Low, fma(t, -kLn2High, x));
    Number power(writer, powerOf2(t.value(), range == ExpRange::Near));
    results.push_back(fma(power, c, power).value());
  }
  return results;
}

} // namespace tile::numerics
