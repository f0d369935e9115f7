//===- Bind.cpp - Decides how loads move data and what dots are made of *- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Binding is the first phase that knows a target. It writes down what the target would do with each load and each dot, from the
// facts of the views and from what is known to divide the offsets; the planner then decides when. A load may be bound to the copy
// engine and still be left alone by the planner, but never the other way round.
//
//===----------------------------------------------------------------------===//

#include "tile/Pipeline/MachineModel.h"
#include "tile/Pipeline/Pipeline.h"

#include <mlir/IR/Matchers.h>

namespace tile::pipeline {
#define GEN_PASS_DEF_TILEBIND
#include "tile/Pipeline/Passes.h.inc"
} // namespace tile::pipeline

using namespace mlir;
using namespace tile;
using namespace tile::ir;

/// The widest copy that any engine makes at once.
static constexpr int64_t kWidestCopy = 16;

//===----------------------------------------------------------------------===//
// What divides an offset
//===----------------------------------------------------------------------===//

/// A power of two, at most 2^20, that divides an index value whatever the launch. Depth bounds the walk over its operands.
static int64_t knownDivisor(Value value, unsigned depth = 8) {
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
    auto loop = dyn_cast_or_null<ForOp>(argument.getOwner()->getParentOp());
    if (loop && argument == loop.getInductionVar())
      return std::min(knownDivisor(loop.getLower(), depth - 1), knownDivisor(loop.getStep(), depth - 1));
    return 1;
  }
  Operation *op = value.getDefiningOp();
  auto operand = [&](unsigned index) { return knownDivisor(op->getOperand(index), depth - 1); };
  if (isa<arith::MulIOp>(op))
    return std::min<int64_t>(kMost, operand(0) * operand(1));
  if (isa<arith::AddIOp, arith::SubIOp, arith::MinSIOp, arith::MaxSIOp>(op))
    return std::min(operand(0), operand(1));
  if (isa<arith::SelectOp>(op))
    return std::min(operand(1), operand(2));
  return 1;
}

//===----------------------------------------------------------------------===//
// What is known of an access
//===----------------------------------------------------------------------===//

namespace {
/// The axis of a view whose stride is 1, or -1, and the bytes that divide the address of each of its rows.
struct ViewFacts {
  int64_t unitAxis = -1;
  int64_t align = 1;
};
} // namespace

/// Follows a view to its argument. A subview keeps what is known unless it moves the unit axis by an unknown amount or drops it.
static ViewFacts viewFacts(Value view) {
  auto element = elementBytes(cast<ViewType>(view.getType()).getElementType());
  if (auto subview = view.getDefiningOp<SubviewOp>()) {
    ViewFacts facts = viewFacts(subview.getView());
    if (facts.unitAxis < 0)
      return facts;
    if (!subview.getKept()[facts.unitAxis])
      return {-1, element};
    // The low end is clipped to 0, which everything divides.
    facts.align = std::min(facts.align, element * knownDivisor(subview.getLows()[facts.unitAxis]));
    facts.unitAxis = llvm::count(subview.getKept().take_front(facts.unitAxis), true);
    return facts;
  }
  BlockArgument argument = rootArgument(view);
  FactsAttr facts =
      argument ? cast<KernelOp>(argument.getOwner()->getParentOp()).getFacts(argument.getArgNumber()) : FactsAttr();
  return facts ? ViewFacts{facts.getUnitAxis(), std::max(element, facts.getAlign())} : ViewFacts{-1, element};
}

/// The bytes that one copy of this load can move: contiguous in memory, aligned, and within the tile.
static int64_t copyBytes(LoadOp load) {
  ViewFacts facts = viewFacts(load.getView());
  int64_t element = elementBytes(load.getView().getType().getElementType());
  if (facts.unitAxis < 0 || load.getWidths()[facts.unitAxis] == kScalarIndex)
    return element;
  int64_t offset = knownDivisor(load.getOffsets()[facts.unitAxis]);
  return std::min({kWidestCopy, facts.align, element * offset, element * load.getWidths()[facts.unitAxis]});
}

/// How the target moves this load's data, were it alone.
static BindingAttr bindLoad(LoadOp load, bool onCpu) {
  int64_t bytes = copyBytes(load);
  // cp.async copies 4, 8 or 16 bytes. The CPU's engine is a loop, which copies anything.
  bool engineTakesIt = onCpu || bytes >= 4;
  Copy copy = Copy::Direct;
  if (!isa<RankedTensorType>(load.getType()))
    copy = Copy::Scalar;
  else if (load->getParentOfType<ForOp>() && engineTakesIt)
    copy = Copy::Async;
  return BindingAttr::get(load.getContext(), copy, bytes);
}

/// The instruction that the target multiplies these operands with.
static DotBindingAttr bindDot(DotOp dot, bool onCpu) {
  MLIRContext *context = dot.getContext();
  Type element = cast<RankedTensorType>(dot.getA().getType()).getElementType();
  if (onCpu)
    return DotBindingAttr::get(context, "vector.outerproduct", 8, 32, 1);
  if (element.isF64())
    return DotBindingAttr::get(context, "mma.sync", 8, 8, 4);
  if (element.isF32() && dot.getPrecision() == Precision::Exact)
    return DotBindingAttr::get(context, "fma", 1, 1, 1);
  // One instruction's k is 32 bytes of an operand.
  return DotBindingAttr::get(context, "mma.sync", 16, 8, 32 / elementBytes(element));
}

/// Refuses the first value that takes more than the target can hold of one tile.
static LogicalResult checkTiles(KernelOp kernel, const pipeline::MachineModel &model) {
  WalkResult result = kernel.walk([&](Operation *op) {
    for (Type type : op->getResultTypes())
      if (isa<RankedTensorType>(type) && valueBytes(type) > model.tileBytes) {
        op->emitError() << "a tile of " << type << " takes " << valueBytes(type) << " bytes, and '" << model.name
                        << "' holds tiles of up to " << model.tileBytes;
        return WalkResult::interrupt();
      }
    return WalkResult::advance();
  });
  return failure(result.wasInterrupted());
}

/// Warps of a program: enough that each has no more than 64 x 64 accumulators of the largest dot.
static int64_t chooseWarps(KernelOp kernel, bool onCpu) {
  if (onCpu)
    return 1;
  int64_t accumulators = 0;
  kernel.walk([&](DotOp dot) { accumulators = std::max(accumulators, dot.getType().getNumElements()); });
  return accumulators > 128 * 128 ? 8 : 4;
}

namespace {
struct TileBind : pipeline::impl::TileBindBase<TileBind> {
  using TileBindBase::TileBindBase;

  void runOnOperation() override {
    KernelOp kernel = getOperation();
    const pipeline::MachineModel *model = pipeline::MachineModel::find(target);
    if (!model) {
      kernel.emitError() << "there is no target '" << target << "'; there are " << pipeline::MachineModel::names();
      return signalPassFailure();
    }
    if (kernel.getPhase() != Phase::Tile) {
      kernel.emitError() << "only a kernel in phase 'tile' can be bound; this is in phase '"
                         << stringifyPhase(kernel.getPhase()) << "'";
      return signalPassFailure();
    }
    if (failed(checkTiles(kernel, *model)))
      return signalPassFailure();
    bool onCpu = model->name == "cpu";
    kernel.setTarget(model->name);
    kernel.setNumWarps(chooseWarps(kernel, onCpu));
    kernel.walk([&](LoadOp load) { load.setBindingAttr(bindLoad(load, onCpu)); });
    kernel.walk([&](DotOp dot) { dot.setBindingAttr(bindDot(dot, onCpu)); });
    kernel.setPhase(Phase::Bound);
  }
};
} // namespace
