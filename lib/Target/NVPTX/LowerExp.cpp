//===- LowerExp.cpp - Exponentials ---------------------------------*- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// e^x of f32 by ex2.approx (see ExpByPower.cpp for how): five instructions where x is near 0, nine or ten anywhere. So where a tile holds what lies
// below a maximum, as in a softmax, a thread looks at all of its arguments at once, half an instruction for each, and takes the long way with
// all of them where one lies far out. Both ways give the same bits.
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

/// Whether all arguments, none of which is above 0, are at least -kNearExp or NaN.
Value Lowering::areNear(ArrayRef<Value> arguments) {
  // The lower a negative number, the greater its bits without a sign.
  SmallVector<Value> bits;
  for (Value argument : arguments)
    bits.push_back(arith::BitcastOp::create(builder, loc, builder.getI32Type(), argument));
  // By threes, as there is an instruction for such.
  while (bits.size() > 1) {
    SmallVector<Value> next;
    for (ArrayRef<Value> rest = bits; !rest.empty(); rest = rest.drop_front(std::min<size_t>(3, rest.size()))) {
      Value most = rest[0];
      for (Value value : rest.slice(1, std::min<size_t>(2, rest.size() - 1)))
        most = arith::MaxUIOp::create(builder, loc, most, value);
      next.push_back(most);
    }
    bits = std::move(next);
  }
  auto lowest = static_cast<int32_t>(llvm::bit_cast<uint32_t>(-numerics::kNearExp));
  return compare(arith::CmpIPredicate::ule, bits.front(), i32(lowest));
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
  if (rangeOf(exp) != ExpRange::AtMostZero || arguments.size() < kFewest || hasAsynchronousProducts())
    return false;
  Value isNear = areNear(arguments.getArrayRef());
  SmallVector<Type> types(arguments.size(), builder.getF32Type());
  auto ways = scf::IfOp::create(builder, loc, types, isNear, /*withElseRegion=*/true);
  {
    OpBuilder::InsertionGuard guard(builder);
    builder.setInsertionPointToEnd(ways.thenBlock());
    scf::YieldOp::create(builder, loc, exponentials(arguments.getArrayRef(), ExpRange::Near));
    builder.setInsertionPointToEnd(ways.elseBlock());
    scf::YieldOp::create(builder, loc, exponentials(arguments.getArrayRef(), ExpRange::AtMostZero));
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
