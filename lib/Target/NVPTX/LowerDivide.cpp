//===- LowerDivide.cpp - Many quotients by one divisor -------------*- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A correctly rounded division takes a dozen instructions. Where a thread divides many elements by the same number, as softmax does, most
// of them need doing only once (P. Markstein, "Computation of elementary functions on the IBM RISC System/6000 processor", 1990):
//
//   high = 1 / b, rounded; low = (1 - b high) high          once: high + low is 1 / b to 46 bits
//   q = fma(a, high, a low)                                  off by hardly more than half a unit in the last place
//   rest = fma(-b, q, a)                                     exact
//   a / b = fma(rest, high, q)                               correctly rounded, as `high` is and q is off by less than a unit
//
// All of that holds as long as nothing underflows or overflows on the way: for b from 2^-30 to 2^30 and a from 2^-90 to 2^90, of any sign.
// A thread looks at all that it divides, and takes the long way with all of it where something lies beyond. Zeros, of which masks make
// many, may take the short way too, beside positive numbers: -0 would lose its sign.
//
//===----------------------------------------------------------------------===//

#include "Lowering.h"

#include <llvm/ADT/MapVector.h>

using namespace mlir;
using namespace tile;
using namespace tile::nvptx;

/// With fewer quotients the tests cost more than they save.
static constexpr unsigned kFewest = 4;

/// Folds some values in a tree.
static Value folded(ArrayRef<Value> values, function_ref<Value(Value, Value)> combine) {
  if (values.size() == 1)
    return values.front();
  size_t half = values.size() / 2;
  return combine(folded(values.take_front(half), combine), folded(values.drop_front(half), combine));
}

SmallVector<Value> Lowering::divideAll(ArrayRef<Value> dividends, Value divisor, Value arePlain) {
  Type type = builder.getF32Type(), boolean = builder.getI1Type(), word = builder.getI32Type();
  auto real = [&](double value) { return floatConstant(value, type); };
  auto bitsOf = [&](float value) { return i32(static_cast<int32_t>(llvm::bit_cast<uint32_t>(value))); };
  auto less = [&](Value a, Value b) {
    return Value(arith::CmpFOp::create(builder, loc, arith::CmpFPredicate::OLE, a, b));
  };
  auto both = [&](Value a, Value b) { return Value(arith::AndIOp::create(builder, loc, a, b)); };
  SmallVector<Value> sizes, bits;
  for (Value dividend : dividends) {
    if (!arePlain)
      sizes.push_back(math::AbsFOp::create(builder, loc, dividend));
    bits.push_back(arith::BitcastOp::create(builder, loc, word, dividend));
  }
  constexpr float kLeast = 0x1p-90f, kMost = 0x1p90f, kLeastDivisor = 0x1p-30f, kMostDivisor = 0x1p30f;
  // NaN divides to NaN either way.
  if (!arePlain) {
    Value least = folded(sizes, [&](Value a, Value b) { return arith::MinNumFOp::create(builder, loc, a, b); });
    Value most = folded(sizes, [&](Value a, Value b) { return arith::MaxNumFOp::create(builder, loc, a, b); });
    arePlain = both(less(real(kLeast), least), less(most, real(kMost)));
  }
  Value size = math::AbsFOp::create(builder, loc, divisor);
  Value isPlain = both(both(less(real(kLeastDivisor), size), less(size, real(kMostDivisor))), arePlain);
  auto within = scf::IfOp::create(builder, loc, TypeRange{boolean}, isPlain, /*withElseRegion=*/true);
  SmallVector<Value> made;
  {
    OpBuilder::InsertionGuard guard(builder);
    builder.setInsertionPointToEnd(within.thenBlock());
    scf::YieldOp::create(builder, loc, constant(builder.getBoolAttr(true)));
    builder.setInsertionPointToEnd(within.elseBlock());
    // One less than its bits has zero behind all others. A sign is a large number here, too.
    SmallVector<Value> lessOne;
    for (Value each : bits)
      lessOne.push_back(arith::SubIOp::create(builder, loc, each, i32(1)));
    Value smallest = folded(lessOne, [&](Value a, Value b) { return arith::MinUIOp::create(builder, loc, a, b); });
    Value largest = folded(bits, [&](Value a, Value b) { return arith::MaxUIOp::create(builder, loc, a, b); });
    Value isZeroOrPlain = both(
        compare(arith::CmpIPredicate::uge, smallest, i32(static_cast<int32_t>(llvm::bit_cast<uint32_t>(kLeast) - 1))),
        compare(arith::CmpIPredicate::ule, largest, bitsOf(kMost)));
    isZeroOrPlain = both(isZeroOrPlain, both(less(real(kLeastDivisor), divisor), less(divisor, real(kMostDivisor))));
    scf::YieldOp::create(builder, loc, isZeroOrPlain);
  }
  SmallVector<Type> types(dividends.size(), type);
  auto ways = scf::IfOp::create(builder, loc, types, within.getResult(0), /*withElseRegion=*/true);
  OpBuilder::InsertionGuard guard(builder);
  builder.setInsertionPointToEnd(ways.thenBlock());
  auto fma = [&](Value a, Value b, Value c) { return Value(math::FmaOp::create(builder, loc, a, b, c)); };
  Value high = arith::DivFOp::create(builder, loc, real(1), divisor);
  Value negative = arith::NegFOp::create(builder, loc, divisor);
  Value low = arith::MulFOp::create(builder, loc, fma(negative, high, real(1)), high);
  for (Value dividend : dividends) {
    Value quotient = fma(dividend, high, arith::MulFOp::create(builder, loc, dividend, low));
    made.push_back(fma(fma(negative, quotient, dividend), high, quotient));
  }
  scf::YieldOp::create(builder, loc, made);
  builder.setInsertionPointToEnd(ways.elseBlock());
  made.clear();
  for (Value dividend : dividends)
    made.push_back(arith::DivFOp::create(builder, loc, dividend, divisor));
  scf::YieldOp::create(builder, loc, made);
  return SmallVector<Value>(ways.getResults());
}

bool Lowering::lowerSharedDivision(Operation *op) {
  auto division = dyn_cast<arith::DivFOp>(op);
  if (!division || !getElementTypeOrSelf(division.getType()).isF32() ||
      division.getFastmath() != arith::FastMathFlags::none)
    return false;
  Registers dividends = registers(division.getLhs()), divisors = registers(division.getRhs());
  if (dividends.size() != divisors.size())
    return false;
  llvm::MapVector<Value, llvm::MapVector<Value, Value>> quotients;
  for (auto [dividend, divisor] : llvm::zip_equal(dividends, divisors))
    quotients[divisor][dividend];
  if (llvm::any_of(quotients, [](const auto &group) { return group.second.size() < kFewest; }))
    return false;
  // Exponentials near 0 are plain, which is known already.
  Value arePlain = nearExponentials.lookup(division.getLhs());
  for (auto &[divisor, group] : quotients) {
    SmallVector<Value> given = llvm::map_to_vector(group, [](const auto &pair) { return pair.first; });
    for (auto [pair, quotient] : llvm::zip_equal(group, divideAll(given, divisor, arePlain)))
      pair.second = quotient;
  }
  Registers made;
  for (auto [dividend, divisor] : llvm::zip_equal(dividends, divisors))
    made.push_back(quotients[divisor][dividend]);
  setRegisters(op->getResult(0), std::move(made));
  return true;
}
