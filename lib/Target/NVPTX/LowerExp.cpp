//===- LowerExp.cpp - Exponentials ---------------------------------*- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// e^x of f32 by ex2.approx (see ExpByPower.cpp for how): five instructions where x is near 0, nine or ten anywhere. So a thread looks at all
// arguments of a tile at once, half an instruction for each, and takes the long way with all of them where one lies far out. Both ways give the
// same bits.
//
//===----------------------------------------------------------------------===//

#include "Lowering.h"
#include "tile/Numerics/Numerics.h"

#include <llvm/ADT/SetVector.h>

using namespace mlir;
using namespace tile;
using namespace tile::nvptx;
using numerics::ExpRange;

/// With fewer arguments the test costs more than it saves.
static constexpr unsigned kFewest = 4;

SmallVector<Value> Lowering::exponentials(ValueRange arguments, ExpRange range) {
  return numerics::exponentials(builder, loc, arguments, range, [&](Value power, bool mayFlush) {
    return intrinsic(mayFlush ? "llvm.nvvm.ex2.approx.ftz" : "llvm.nvvm.ex2.approx", builder.getF32Type(), power);
  });
}

/// The greatest of some integers, by threes, as there are instructions for such.
template <typename Max>
static Value greatest(OpBuilder &builder, Location loc, SmallVector<Value> values) {
  auto larger = [&](Value a, Value b) -> Value { return Max::create(builder, loc, a, b); };
  while (values.size() > 1) {
    SmallVector<Value> next;
    for (ArrayRef<Value> rest = values; !rest.empty(); rest = rest.drop_front(std::min<size_t>(3, rest.size()))) {
      Value most = rest[0];
      for (Value value : rest.slice(1, std::min<size_t>(2, rest.size() - 1)))
        most = larger(most, value);
      next.push_back(most);
    }
    values = std::move(next);
  }
  return values.front();
}

/// Whether all arguments lie from -kNearExp to kNearExp or, if none is above 0, are NaN.
Value Lowering::areNear(ArrayRef<Value> arguments, ExpRange range) {
  SmallVector<Value> bits;
  for (Value argument : arguments)
    bits.push_back(arith::BitcastOp::create(builder, loc, builder.getI32Type(), argument));
  auto bitsOf = [&](float bound) { return i32(static_cast<int32_t>(llvm::bit_cast<uint32_t>(bound))); };
  // The lower a negative number, the greater its bits without a sign; with one, all are less than a positive number's.
  Value low = greatest<arith::MaxUIOp>(builder, loc, bits);
  Value isNear = compare(arith::CmpIPredicate::ule, low, bitsOf(-numerics::kNearExp));
  if (range == ExpRange::AtMostZero)
    return isNear;
  Value high = greatest<arith::MaxSIOp>(builder, loc, bits);
  return make<arith::AndIOp>(isNear, compare(arith::CmpIPredicate::sle, high, bitsOf(numerics::kNearExp)));
}

static ExpRange rangeOf(math::ExpOp exp) {
  return exp->hasAttr(numerics::kAtMostZeroAttrName) ? ExpRange::AtMostZero : ExpRange::Any;
}

Value Lowering::exponential(math::ExpOp exp, Value x) { return exponentials(x, rangeOf(exp)).front(); }

bool Lowering::lowerExponentials(Operation *op) {
  auto exp = dyn_cast<math::ExpOp>(op);
  if (!exp || !getElementTypeOrSelf(exp.getType()).isF32() || exp.getFastmath() != arith::FastMathFlags::none)
    return false;
  const Registers &given = registers(exp.getOperand());
  llvm::SetVector<Value> arguments(given.begin(), given.end());
  // Products of warpgroups may be under way, which ptxas waits for at a branch.
  if (arguments.size() < kFewest || hasAsynchronousProducts())
    return false;
  ExpRange range = rangeOf(exp);
  Value isNear = areNear(arguments.getArrayRef(), range);
  SmallVector<Type> types(arguments.size(), builder.getF32Type());
  auto ways = scf::IfOp::create(builder, loc, types, isNear, /*withElseRegion=*/true);
  {
    OpBuilder::InsertionGuard guard(builder);
    builder.setInsertionPointToEnd(ways.thenBlock());
    scf::YieldOp::create(builder, loc, exponentials(arguments.getArrayRef(), ExpRange::Near));
    builder.setInsertionPointToEnd(ways.elseBlock());
    scf::YieldOp::create(builder, loc, exponentials(arguments.getArrayRef(), range));
  }
  llvm::DenseMap<Value, Value> results;
  for (auto [argument, result] : llvm::zip_equal(arguments, ways.getResults()))
    results[argument] = result;
  setRegisters(exp.getResult(), llvm::map_to_vector(given, [&](Value argument) { return results[argument]; }));
  nearExponentials[exp.getResult()] = isNear;
  return true;
}

bool Lowering::hasAsynchronousProducts() {
  if (!asynchronousProducts)
    asynchronousProducts =
        kernel.walk([](ir::DotOp dot) { return dot.getAsync() ? WalkResult::interrupt() : WalkResult::advance(); })
            .wasInterrupted();
  return *asynchronousProducts;
}
