//===- LowerReduce.cpp - Folds along an axis -----------------------*- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The order of a fold is that of its plan: each thread folds its registers, neighbours along the axis first, in a tree; then lanes exchange
// what they have, by distances that double. Both lanes of an exchange compute the same, so that all lanes end with the same bits. Halves are
// folded in f32.
//
//===----------------------------------------------------------------------===//

#include "Lowering.h"

#include "tile/Dialect/Fold.h"
#include "tile/Layout/Plans.h"

using namespace mlir;
using namespace tile;
using namespace tile::nvptx;
using ir::ReduceKind;
using layout::FoldPlan;
using layout::LinearLayout;

/// A fold in the registers and lanes of a warp.
struct Lowering::Fold : ir::FoldArithmetic {
  Lowering &lowering;
  Fold(Lowering &lowering, ReduceKind kind, Type type)
      : FoldArithmetic(lowering.builder, lowering.loc, kind, type), lowering(lowering) {}
  Partial tree(ArrayRef<Partial> partials) const;
  bool foldWarp(ArrayRef<FoldPlan::Step> steps, Value &value) const;
};

/// Neighbours first. A value's life ends soon after it is made, whichever order they are made in.
Lowering::Fold::Partial Lowering::Fold::tree(ArrayRef<Partial> partials) const {
  if (partials.size() == 1)
    return partials.front();
  size_t half = partials.size() / 2;
  return combine(tree(partials.take_front(half)), tree(partials.drop_front(half)));
}

/// Folds over all lanes by the instructions that do just that; false where there is none.
bool Lowering::Fold::foldWarp(ArrayRef<FoldPlan::Step> steps, Value &value) const {
  constexpr unsigned kLaneBits = 5;
  bool isWhole =
      steps.size() == kLaneBits && llvm::all_of(steps, [](const FoldPlan::Step &step) { return step.registers == 0; });
  auto integer = dyn_cast<IntegerType>(type);
  if (!isWhole || !integer || integer.getWidth() > 32)
    return false;
  Type i32 = builder.getI32Type();
  if (kind == ReduceKind::Any || kind == ReduceKind::All) {
    if (integer.getWidth() != 1)
      return false;
    StringRef name = kind == ReduceKind::Any ? "llvm.nvvm.vote.any.sync" : "llvm.nvvm.vote.all.sync";
    value = lowering.intrinsic(name, type, {lowering.i32(-1), value});
    return true;
  }
  StringRef name;
  switch (kind) {
  case ReduceKind::Sum:
    name = "llvm.nvvm.redux.sync.add";
    break;
  case ReduceKind::Min:
    name = "llvm.nvvm.redux.sync.min";
    break;
  case ReduceKind::Max:
    name = "llvm.nvvm.redux.sync.max";
    break;
  case ReduceKind::UMin:
    name = "llvm.nvvm.redux.sync.umin";
    break;
  case ReduceKind::UMax:
    name = "llvm.nvvm.redux.sync.umax";
    break;
  default:
    return false;
  }
  bool isNarrow = integer.getWidth() < 32;
  if (isNarrow)
    value = isUnsigned() ? Value(arith::ExtUIOp::create(builder, loc, i32, value))
                         : Value(arith::ExtSIOp::create(builder, loc, i32, value));
  value = lowering.intrinsic(name, i32, {value, lowering.i32(-1)});
  if (isNarrow)
    value = arith::TruncIOp::create(builder, loc, type, value);
  return true;
}

void Lowering::lowerReduce(ir::ReduceOp op) {
  RankedTensorType from = op.getOperand().getType();
  LinearLayout layout = ir::layoutOf(from).getLayout();
  std::optional<FoldPlan> plan = layout::planFold(layout, op.getAxis());
  if (!plan)
    return fail(op, "folds an axis that runs over warps, which has become several folds by now");
  bool isHalf = isa<Float16Type, BFloat16Type>(from.getElementType());
  Fold fold(*this, op.getKind(), isHalf ? builder.getF32Type() : registerType(from.getElementType()));

  // Registers.
  const Registers given = registers(op.getOperand());
  SmallVector<Fold::Partial> partials;
  for (ArrayRef<unsigned> group : plan->groups) {
    SmallVector<Fold::Partial> members;
    for (unsigned r : group) {
      Value value = given[r];
      if (isHalf)
        value = widened(value);
      members.push_back({value});
      if (fold.isArg())
        members.back().push_back(coordinates(layout, r)[op.getAxis()]);
    }
    partials.push_back(fold.tree(members));
  }

  // Lanes.
  bool isDone = llvm::all_of(
      partials, [&](Fold::Partial &partial) { return partial.size() == 1 && fold.foldWarp(plan->steps, partial[0]); });
  if (!isDone)
    for (const FoldPlan::Step &step : plan->steps) {
      SmallVector<Fold::Partial> others(partials.size());
      for (unsigned part = 0; part < partials.front().size(); ++part) {
        SmallVector<Value> offered;
        for (size_t index = 0; index < partials.size(); ++index)
          offered.push_back(partials[index ^ step.registers][part]);
        for (auto [other, value] : llvm::zip_equal(others, shuffle(offered, i32(step.lane), /*isDistance=*/true)))
          other.push_back(value);
      }
      for (auto [partial, other] : llvm::zip_equal(partials, others))
        partial = fold.combine(partial, other);
    }

  Type resultElement = registerType(getElementTypeOrSelf(op.getType()));
  Registers made;
  for (const Fold::Partial &partial : partials) {
    Value value = partial.back();
    if (fold.isArg() && value.getType() != resultElement)
      value = arith::ExtUIOp::create(builder, loc, resultElement, value);
    else if (isHalf && !fold.isArg())
      value = arith::TruncFOp::create(builder, loc, resultElement, value);
    made.push_back(value);
  }
  if (ir::LayoutAttr wanted = ir::layoutOf(op.getType()); wanted && wanted.getLayout() != plan->folded) {
    std::optional<Registers> moved = convert(plan->folded, wanted.getLayout(), made);
    if (!moved)
      return fail(op, "has its result in other warps than its operand");
    made = std::move(*moved);
  }
  setRegisters(op.getResult(), std::move(made));
}
