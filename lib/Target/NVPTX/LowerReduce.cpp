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

#include "tile/Layout/Plans.h"

using namespace mlir;
using namespace tile;
using namespace tile::nvptx;
using ir::ReduceKind;
using layout::FoldPlan;
using layout::LinearLayout;

/// How one kind of fold works on one element type. A partial result is one value, or for argmin and argmax a value and an index.
struct Lowering::Fold {
  using Partial = SmallVector<Value, 2>;
  Lowering &lowering;
  ReduceKind kind;
  /// What is accumulated.
  Type type;

  bool isArg() const {
    return kind == ReduceKind::ArgMin || kind == ReduceKind::ArgMax || kind == ReduceKind::UArgMin ||
           kind == ReduceKind::UArgMax;
  }
  bool isMin() const {
    return kind == ReduceKind::Min || kind == ReduceKind::UMin || kind == ReduceKind::ArgMin ||
           kind == ReduceKind::UArgMin;
  }
  bool isUnsigned() const {
    return kind == ReduceKind::UMin || kind == ReduceKind::UMax || kind == ReduceKind::UArgMin ||
           kind == ReduceKind::UArgMax;
  }
  Value combine(Value a, Value b) const;
  Value better(Value a, Value b) const;
  Partial combine(const Partial &a, const Partial &b) const;
  Partial tree(ArrayRef<Partial> partials) const;
  bool foldWarp(ArrayRef<FoldPlan::Step> steps, Value &value) const;
};

Value Lowering::Fold::combine(Value a, Value b) const {
  bool isFloat = isa<FloatType>(type);
  switch (kind) {
  case ReduceKind::Sum:
    return isFloat ? lowering.make<arith::AddFOp>(a, b) : lowering.make<arith::AddIOp>(a, b);
  case ReduceKind::Prod:
    return isFloat ? lowering.make<arith::MulFOp>(a, b) : lowering.make<arith::MulIOp>(a, b);
  case ReduceKind::Min:
    return isFloat ? lowering.make<arith::MinimumFOp>(a, b) : lowering.make<arith::MinSIOp>(a, b);
  case ReduceKind::Max:
    return isFloat ? lowering.make<arith::MaximumFOp>(a, b) : lowering.make<arith::MaxSIOp>(a, b);
  case ReduceKind::UMin:
    return lowering.make<arith::MinUIOp>(a, b);
  case ReduceKind::UMax:
    return lowering.make<arith::MaxUIOp>(a, b);
  case ReduceKind::Any:
    return lowering.make<arith::OrIOp>(a, b);
  case ReduceKind::All:
    return lowering.make<arith::AndIOp>(a, b);
  default:
    llvm_unreachable("argmin and argmax combine pairs");
  }
}

/// Whether a is the better value, equal ones aside; a NaN is better than what is none.
Value Lowering::Fold::better(Value a, Value b) const {
  OpBuilder &builder = lowering.builder;
  if (isa<FloatType>(type)) {
    arith::CmpFPredicate predicate = isMin() ? arith::CmpFPredicate::ULT : arith::CmpFPredicate::UGT;
    Value notWorse = arith::CmpFOp::create(builder, lowering.loc, predicate, a, b);
    Value isNumber = arith::CmpFOp::create(builder, lowering.loc, arith::CmpFPredicate::ORD, b, b);
    return lowering.make<arith::AndIOp>(notWorse, isNumber);
  }
  arith::CmpIPredicate predicate = isUnsigned() ? (isMin() ? arith::CmpIPredicate::ult : arith::CmpIPredicate::ugt)
                                                : (isMin() ? arith::CmpIPredicate::slt : arith::CmpIPredicate::sgt);
  return lowering.compare(predicate, a, b);
}

Lowering::Fold::Partial Lowering::Fold::combine(const Partial &a, const Partial &b) const {
  if (!isArg())
    return {combine(a[0], b[0])};
  Value aBetter = better(a[0], b[0]), bBetter = better(b[0], a[0]);
  Value aLower = lowering.compare(arith::CmpIPredicate::ult, a[1], b[1]);
  Value takesA = lowering.select(lowering.make<arith::XOrIOp>(aBetter, bBetter), aBetter, aLower);
  return {lowering.select(takesA, a[0], b[0]), lowering.select(takesA, a[1], b[1])};
}

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
  OpBuilder &builder = lowering.builder;
  Location loc = lowering.loc;
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
  Fold fold{*this, op.getKind(), isHalf ? builder.getF32Type() : registerType(from.getElementType())};

  // Registers.
  const Registers given = registers(op.getOperand());
  SmallVector<Fold::Partial> partials;
  for (ArrayRef<unsigned> group : plan->groups) {
    SmallVector<Fold::Partial> members;
    for (unsigned r : group) {
      Value value = given[r];
      if (isHalf)
        value = arith::ExtFOp::create(builder, loc, fold.type, value);
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
