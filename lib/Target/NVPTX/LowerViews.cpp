//===- LowerViews.cpp - Views, and what of an access lies inside ---*- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

//
// What is uniform is computed once for an access: for each axis of the tile the coordinates that are inside, which are few enough
// bits for i32 whatever the extents are. A thread compares its coordinate with those. Addresses are computed in i32 where the view
// is known to be that near: modulo 2^32, so that what lies outside and isn't accessed may be anything.
//
//===----------------------------------------------------------------------===//

#include "Lowering.h"

#include "tile/Dialect/Access.h"

#include <mlir/IR/Matchers.h>

using namespace mlir;
using namespace tile;
using namespace tile::nvptx;
using layout::LinearLayout;

//===----------------------------------------------------------------------===//
// What is known of offsets
//===----------------------------------------------------------------------===//

/// Extents are far below this, as all of memory is.
static constexpr unsigned kExtentBits = 62;

/// The fewest bits such that an index value is known to be at least 0 and below 2^bits; none where it is not known.
static std::optional<unsigned> magnitude(Value value, unsigned depth = 8) {
  APInt constant;
  if (matchPattern(value, m_ConstantInt(&constant)))
    return constant.isNegative() ? std::nullopt : std::optional(constant.getActiveBits());
  if (depth == 0)
    return std::nullopt;
  auto of = [&](Value operand) { return magnitude(operand, depth - 1); };
  auto limited = [](unsigned bits) { return bits <= 63 ? std::optional(bits) : std::nullopt; };
  if (auto argument = dyn_cast<BlockArgument>(value)) {
    // An induction variable lies between its bounds.
    auto loop = dyn_cast_or_null<scf::ForOp>(argument.getOwner()->getParentOp());
    if (!loop || argument != loop.getInductionVar() || !of(loop.getLowerBound()))
      return std::nullopt;
    return of(loop.getUpperBound()).value_or(63);
  }
  Operation *op = value.getDefiningOp();
  if (isa<ir::ProgramIdOp, ir::WorkerIdOp, ir::WorkersOp, ir::ProgramsOp>(op))
    return 31;
  if (isa<ir::ExtentOp>(op))
    return kExtentBits;
  if (!isa<arith::AddIOp, arith::MulIOp, arith::MinSIOp, arith::MaxSIOp, arith::DivSIOp, arith::DivUIOp, arith::RemSIOp,
           arith::RemUIOp, arith::FloorDivSIOp, arith::MinUIOp>(op))
    return std::nullopt;
  std::optional<unsigned> a = of(op->getOperand(0)), b = of(op->getOperand(1));
  if (isa<arith::MaxSIOp>(op) && (a || b))
    return a && b ? std::max(a, b) : std::optional(63u);
  if (!a || !b)
    return std::nullopt;
  if (isa<arith::AddIOp>(op))
    return limited(std::max(*a, *b) + 1);
  if (isa<arith::MulIOp>(op))
    return limited(*a + *b);
  if (isa<arith::MinSIOp, arith::MinUIOp>(op))
    return std::min(*a, *b);
  if (isa<arith::MaxSIOp>(op))
    return std::max(*a, *b);
  if (isa<arith::RemSIOp, arith::RemUIOp>(op))
    return *a;
  // A quotient is smaller by what the divisor is sure to have.
  APInt divisor;
  if (matchPattern(op->getOperand(1), m_ConstantInt(&divisor)) && divisor.isStrictlyPositive())
    return *a - std::min(*a, divisor.logBase2());
  return a;
}

/// Whether all pieces `offset +: width` of the kernel's loop lie inside an extent that is known: the loop ends there, in whole steps.
static bool alwaysInside(Value offset, int64_t width, int64_t extent) {
  if (ShapedType::isDynamic(extent))
    return false;
  APInt constant;
  if (matchPattern(offset, m_ConstantInt(&constant)))
    return !constant.isNegative() && constant.getSExtValue() + width <= extent;
  auto argument = dyn_cast<BlockArgument>(offset);
  auto loop = argument ? dyn_cast_or_null<scf::ForOp>(argument.getOwner()->getParentOp()) : scf::ForOp();
  APInt lower, upper, step;
  if (!loop || argument != loop.getInductionVar() || !matchPattern(loop.getLowerBound(), m_ConstantInt(&lower)) ||
      !matchPattern(loop.getUpperBound(), m_ConstantInt(&upper)) ||
      !matchPattern(loop.getStep(), m_ConstantInt(&step)) || lower.isNegative() || !step.isStrictlyPositive())
    return false;
  int64_t first = lower.getSExtValue(), end = upper.getSExtValue(), by = step.getSExtValue();
  if (end <= first)
    return true;
  return first + (end - 1 - first) / by * by + width <= extent;
}

//===----------------------------------------------------------------------===//
// Accesses
//===----------------------------------------------------------------------===//

Value Lowering::bothOf(Value a, Value b) { return !a ? b : !b ? a : make<arith::AndIOp>(a, b); }

Lowering::AccessPlan Lowering::planAccess(Value value, ValueRange offsets, ArrayRef<int64_t> widths) {
  const View from = view(value);
  ir::ViewFacts facts = ir::viewFacts(value);
  AccessPlan plan;
  plan.base = from.base;
  plan.element = from.element;
  plan.offsetType = facts.index32 ? builder.getI32Type() : indexType;
  auto narrowed = [&](Value wide) {
    return facts.index32 ? builder.createOrFold<arith::TruncIOp>(loc, plan.offsetType, wide) : wide;
  };
  plan.offset = intConstant(0, plan.offsetType);
  ArrayRef<int64_t> shape = cast<ir::ViewType>(value.getType()).getShape();
  Value zero = index(0);
  for (auto [axis, width] : llvm::enumerate(widths)) {
    Value offset = scalar(offsets[axis]), extent = from.extents[axis], stride = narrowed(from.strides[axis]);
    plan.offset = make<arith::AddIOp>(plan.offset, make<arith::MulIOp>(narrowed(offset), stride));
    bool isPositive = magnitude(offsets[axis]).has_value();
    bool isInside = alwaysInside(offsets[axis], width == ir::kScalarIndex ? 1 : width, shape[axis]);
    if (width == ir::kScalarIndex) {
      if (!isInside)
        plan.inside = bothOf(plan.inside, compare(arith::CmpIPredicate::ult, offset, extent));
      continue;
    }
    if (static_cast<int64_t>(axis) == from.unitAxis)
      plan.unitAxis = plan.strides.size();
    plan.strides.push_back(stride);
    if (isInside) {
      plan.starts.push_back({});
      plan.counts.push_back({});
      continue;
    }
    // How far the tile is from the view's ends, as far as it matters.
    Value limit = index(width), start = zero;
    auto clamped = [&](Value number) { return make<arith::MaxSIOp>(make<arith::MinSIOp>(number, limit), zero); };
    auto toI32 = [&](Value number) { return builder.createOrFold<arith::TruncIOp>(loc, builder.getI32Type(), number); };
    if (!isPositive) {
      offset = make<arith::MaxSIOp>(offset, index(-width));
      start = clamped(make<arith::SubIOp>(zero, offset));
      offset = make<arith::MinSIOp>(offset, extent);
    }
    Value end = clamped(make<arith::SubIOp>(extent, offset));
    Value count = isPositive ? end : make<arith::MaxSIOp>(make<arith::SubIOp>(end, start), zero);
    plan.starts.push_back(isPositive ? Value() : toI32(start));
    plan.counts.push_back(toI32(count));
  }
  plan.wholeElements = ir::accessFacts(value, offsets, widths).wholeBytes / ir::elementBytes(plan.element);
  return plan;
}

Value Lowering::renewed(Value value) {
  bool isWide = value.getType().getIntOrFloatBitWidth() == 64;
  return assembly(value.getType(), isWide ? "mov.b64 $0, $1;" : "mov.b32 $0, $1;", isWide ? "=l,l" : "=r,r", value,
                  /*hasSideEffects=*/true)
      ->getResult(0);
}

void Lowering::saveRegisters(AccessPlan &plan) {
  plan.isFrugal = true;
  for (Value &count : plan.counts)
    if (count)
      count = renewed(count);
}

Value Lowering::insideTest(AccessPlan &plan, const LinearLayout &layout, unsigned r) {
  Value all = plan.inside;
  SmallVector<Value> at;
  // Any element of a piece speaks for all of them.
  SmallVector<int64_t> constants = registerCoordinates(layout, r);
  if (plan.unitAxis >= 0)
    constants[plan.unitAxis] &= ~(plan.wholeElements - 1);
  for (auto [axis, constant] : llvm::enumerate(constants)) {
    if (!plan.counts[axis])
      continue;
    Value &test = plan.tests[{axis, constant}];
    if (!test) {
      if (plan.isFrugal && !plan.starts[axis] && addsRegisters(layout, axis)) {
        Value left = make<arith::SubIOp>(plan.counts[axis], threadCoordinates(layout)[axis]);
        test = compare(arith::CmpIPredicate::sgt, left, i32(constant));
        all = bothOf(all, test);
        continue;
      }
      if (at.empty())
        at = coordinates(layout, constants);
      Value coordinate = plan.starts[axis] ? make<arith::SubIOp>(at[axis], plan.starts[axis]) : at[axis];
      test = compare(arith::CmpIPredicate::ult, coordinate, plan.counts[axis]);
    }
    all = bothOf(all, test);
  }
  return all;
}

//===----------------------------------------------------------------------===//
// Ops
//===----------------------------------------------------------------------===//

void Lowering::lowerExtent(ir::ExtentOp op) {
  setRegisters(op.getResult(), {view(op.getView()).extents[op.getAxis()]});
}

void Lowering::lowerInside(ir::InsideOp op) {
  AccessPlan plan = planAccess(op.getView(), op.getOffsets(), op.getWidths());
  Value yes = constant(builder.getBoolAttr(true));
  ir::LayoutAttr layout = ir::layoutOf(op.getType());
  if (!layout)
    return setRegisters(op.getResult(), {plan.inside ? plan.inside : yes});
  Registers made;
  for (unsigned r = 0; r < layout.getNumRegisters(); ++r) {
    Value test = insideTest(plan, layout.getLayout(), r);
    made.push_back(test ? test : yes);
  }
  setRegisters(op.getResult(), std::move(made));
}

void Lowering::lowerSubview(ir::SubviewOp op) {
  const View from = view(op.getView());
  View result{from.base, {}, {}, from.element, ir::viewFacts(op.getResult()).unitAxis};
  Value offset = index(0), zero = index(0), valid;
  auto highs = op.getHighs().begin();
  for (auto [axis, kept] : llvm::enumerate(op.getKept())) {
    Value low = scalar(op.getLows()[axis]), extent = from.extents[axis], stride = from.strides[axis];
    if (!kept) {
      valid = bothOf(valid, compare(arith::CmpIPredicate::ult, low, extent));
    } else {
      Value high = scalar(*highs++);
      low = make<arith::MinSIOp>(make<arith::MaxSIOp>(low, zero), extent);
      high = make<arith::MaxSIOp>(make<arith::MinSIOp>(high, extent), low);
      result.extents.push_back(make<arith::SubIOp>(high, low));
      result.strides.push_back(stride);
    }
    offset = make<arith::AddIOp>(offset, make<arith::MulIOp>(low, stride));
  }
  if (valid)
    for (Value &extent : result.extents)
      extent = select(valid, extent, zero);
  Type memory = memoryType(from.element);
  result.base = LLVM::GEPOp::create(builder, loc, from.base.getType(), memory, from.base,
                                    ArrayRef<LLVM::GEPArg>{LLVM::GEPArg(offset)});
  views[op.getResult()] = result;
}

void Lowering::lowerPermute(ir::PermuteOp op) {
  const View from = view(op.getView());
  View result{from.base, {}, {}, from.element, ir::viewFacts(op.getResult()).unitAxis};
  for (int64_t axis : op.getOrder()) {
    result.extents.push_back(from.extents[axis]);
    result.strides.push_back(from.strides[axis]);
  }
  views[op.getResult()] = result;
}
