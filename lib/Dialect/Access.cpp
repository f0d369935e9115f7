//===- Access.cpp - What a kernel knows of an access when it is compiled *- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "tile/Dialect/Access.h"

#include <mlir/Dialect/Arith/IR/Arith.h>
#include <mlir/Dialect/SCF/IR/SCF.h>
#include <mlir/IR/Matchers.h>

using namespace mlir;
using namespace tile::ir;

/// The widest access that there is.
static constexpr int64_t kWidestAccess = 16;

//===----------------------------------------------------------------------===//
// What divides an offset
//===----------------------------------------------------------------------===//

/// Depth bounds the walk over a value's operands.
static int64_t divisor(Value value, unsigned depth) {
  static constexpr int64_t kMost = 1 << 20;
  auto powerOfTwoIn = [](int64_t number) {
    return number == 0 ? kMost : std::min(kMost, int64_t(1) << std::min(llvm::countr_zero(uint64_t(number)), 62));
  };
  IntegerAttr constant;
  if (matchPattern(value, m_Constant(&constant)))
    return powerOfTwoIn(constant.getInt());
  if (depth == 0)
    return 1;
  if (auto argument = dyn_cast<BlockArgument>(value)) {
    Operation *parent = argument.getOwner()->getParentOp();
    auto both = [&](Value lower, Value step) { return std::min(divisor(lower, depth - 1), divisor(step, depth - 1)); };
    if (auto loop = dyn_cast_or_null<ForOp>(parent); loop && argument == loop.getInductionVar())
      return both(loop.getLower(), loop.getStep());
    if (auto loop = dyn_cast_or_null<scf::ForOp>(parent); loop && argument == loop.getInductionVar())
      return both(loop.getLowerBound(), loop.getStep());
    // A position that the loop carries and moves on by the same each time.
    if (auto loop = dyn_cast_or_null<ForOp>(parent)) {
      auto next = loop.getYielded(argument).getDefiningOp<arith::AddIOp>();
      if (next && (next.getLhs() == argument || next.getRhs() == argument))
        return both(loop.getInits()[argument.getArgNumber() - 1],
                    next.getLhs() == argument ? next.getRhs() : next.getLhs());
    }
    return 1;
  }
  Operation *op = value.getDefiningOp();
  auto operand = [&](unsigned index) { return divisor(op->getOperand(index), depth - 1); };
  if (isa<arith::MulIOp>(op))
    return std::min<int64_t>(kMost, operand(0) * operand(1));
  if (isa<arith::AddIOp, arith::SubIOp, arith::MinSIOp, arith::MaxSIOp>(op))
    return std::min(operand(0), operand(1));
  if (isa<arith::SelectOp>(op))
    return std::min(operand(1), operand(2));
  // All keep the lowest bits; so does a product that overflows.
  if (isa<arith::IndexCastOp, arith::IndexCastUIOp, arith::ExtSIOp, arith::ExtUIOp, arith::TruncIOp>(op))
    return operand(0);
  return 1;
}

int64_t tile::ir::knownDivisor(Value value) { return divisor(value, 8); }

//===----------------------------------------------------------------------===//
// What bounds an offset
//===----------------------------------------------------------------------===//

/// The bits that hold a value which is never negative, its sign not among them; kNoBits where it might be.
static constexpr unsigned kMostBits = 63, kNoBits = 64;
static unsigned bitsOf(Value value, unsigned depth) {
  IntegerAttr constant;
  if (matchPattern(value, m_Constant(&constant)))
    return constant.getValue().isNegative() ? kNoBits : constant.getValue().getActiveBits();
  if (depth == 0)
    return kNoBits;
  if (auto argument = dyn_cast<BlockArgument>(value)) {
    auto loop = dyn_cast_or_null<ForOp>(argument.getOwner()->getParentOp());
    if (!loop || argument != loop.getInductionVar() || bitsOf(loop.getLower(), depth - 1) == kNoBits)
      return kNoBits;
    return std::min(kMostBits, bitsOf(loop.getUpper(), depth - 1));
  }
  Operation *op = value.getDefiningOp();
  // No axis of a grid has more.
  constexpr unsigned kProgramBits = 31;
  if (isa<ProgramIdOp>(op))
    return kProgramBits;
  if (isa<ExtentOp, WorkerIdOp, WorkersOp, ProgramsOp>(op))
    return kMostBits;
  auto operand = [&](unsigned index) { return bitsOf(op->getOperand(index), depth - 1); };
  // What needs more than there are may have become negative.
  if (isa<arith::MulIOp>(op))
    return std::min(kNoBits, operand(0) + operand(1));
  if (isa<arith::AddIOp>(op))
    return std::min(kNoBits, std::max(operand(0), operand(1)) + 1);
  if (isa<arith::MinSIOp>(op))
    return operand(0) == kNoBits || operand(1) == kNoBits ? kNoBits : std::min(operand(0), operand(1));
  if (isa<arith::MaxSIOp>(op))
    return operand(0) == kNoBits || operand(1) == kNoBits ? std::min({kMostBits, operand(0), operand(1)})
                                                          : std::max(operand(0), operand(1));
  if (isa<arith::DivSIOp, arith::FloorDivSIOp, arith::CeilDivSIOp, arith::RemSIOp>(op))
    return operand(1) == kNoBits ? kNoBits : operand(0);
  return kNoBits;
}

bool tile::ir::isNeverNegative(Value value) { return bitsOf(value, 8) != kNoBits; }

//===----------------------------------------------------------------------===//
// Padding
//===----------------------------------------------------------------------===//

bool tile::ir::isZeroBits(TypedAttr padding) {
  if (auto number = dyn_cast<FloatAttr>(padding))
    return number.getValue().isPosZero();
  auto number = dyn_cast<IntegerAttr>(padding);
  return number && number.getValue().isZero();
}

//===----------------------------------------------------------------------===//
// Views and accesses
//===----------------------------------------------------------------------===//

ViewFacts tile::ir::viewFacts(Value view) {
  int64_t element = elementBytes(cast<ViewType>(view.getType()).getElementType());
  if (auto subview = view.getDefiningOp<SubviewOp>()) {
    ViewFacts facts = viewFacts(subview.getView());
    if (facts.unitAxis < 0)
      return facts;
    if (!subview.getKept()[facts.unitAxis])
      return {-1, element, element, facts.index32};
    unsigned kept = llvm::count(subview.getKept().take_front(facts.unitAxis), true);
    // The low end is clipped to 0, which everything divides, the high end to the extent.
    int64_t low = element * knownDivisor(subview.getLows()[facts.unitAxis]);
    int64_t high = element * knownDivisor(subview.getHighs()[kept]);
    facts.align = std::min(facts.align, low);
    facts.extentAlign = std::min({facts.extentAlign, low, high});
    facts.unitAxis = kept;
    return facts;
  }
  if (auto permute = view.getDefiningOp<PermuteOp>()) {
    ViewFacts facts = viewFacts(permute.getView());
    if (facts.unitAxis >= 0)
      facts.unitAxis = llvm::find(permute.getOrder(), facts.unitAxis) - permute.getOrder().begin();
    return facts;
  }
  BlockArgument argument = rootArgument(view);
  FactsAttr facts =
      argument ? cast<KernelOp>(argument.getOwner()->getParentOp()).getFacts(argument.getArgNumber()) : FactsAttr();
  if (!facts)
    return {-1, element, element, false};
  return {facts.getUnitAxis(), std::max(element, facts.getAlign()), std::max(element, facts.getExtentAlign()),
          facts.getIndex32()};
}

AccessFacts tile::ir::accessFacts(Value view, ValueRange offsets, ArrayRef<int64_t> widths) {
  ViewFacts facts = viewFacts(view);
  int64_t element = elementBytes(cast<ViewType>(view.getType()).getElementType());
  if (facts.unitAxis < 0 || widths[facts.unitAxis] == kScalarIndex)
    return {-1, element, element};
  int64_t offset = element * knownDivisor(offsets[facts.unitAxis]);
  int64_t aligned = std::min({kWidestAccess, facts.align, offset, element * widths[facts.unitAxis]});
  int64_t axis = accessShape(widths.take_front(facts.unitAxis)).size();
  return {axis, aligned, std::min(aligned, facts.extentAlign)};
}
