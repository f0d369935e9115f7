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

#include "BindHopper.h"
#include "TransposedOperands.h"
#include "tile/Dialect/Access.h"
#include "tile/Pipeline/MachineModel.h"
#include "tile/Pipeline/Pipeline.h"
#include "tile/Pipeline/Verdicts.h"

#include <llvm/Support/FormatVariadic.h>
#include <llvm/Support/InterleavedRange.h>
#include <mlir/IR/Matchers.h>

namespace tile::pipeline {
#define GEN_PASS_DEF_TILEBIND
#include "tile/Pipeline/Passes.h.inc"
} // namespace tile::pipeline

using namespace mlir;
using namespace tile;
using namespace tile::ir;

/// How the target moves this load's data, were it alone.
static BindingAttr bindLoad(LoadOp load, bool onCpu) {
  MLIRContext *context = load.getContext();
  AccessFacts facts = accessFacts(load.getView(), load.getOffsets(), load.getWidths());
  if (!isa<RankedTensorType>(load.getType()))
    return BindingAttr::get(context, Copy::Scalar, facts.alignedBytes);
  if (!load->getParentOfType<ForOp>())
    return BindingAttr::get(context, Copy::Direct, facts.wholeBytes);
  // cp.async copies 4, 8 or 16 bytes, and fills up with zeros what it doesn't copy. The CPU's engine is a loop, which takes anything.
  if (onCpu || (facts.alignedBytes >= 4 && isZeroBits(load.getPadding())))
    return BindingAttr::get(context, Copy::Async, facts.alignedBytes);
  return BindingAttr::get(context, Copy::Staged, facts.wholeBytes);
}

/// How the target writes a store's data.
static BindingAttr bindStore(StoreOp store) {
  AccessFacts facts = accessFacts(store.getView(), store.getOffsets(), store.getWidths());
  bool scalar = !isa<RankedTensorType>(store.getValue().getType());
  return BindingAttr::get(store.getContext(), scalar ? Copy::Scalar : Copy::Direct, facts.wholeBytes);
}

/// What multiplies an element at a time.
static constexpr llvm::StringLiteral kMultiplyAdd = "fma";

/// The product of the target's matrix unit for these elements; null when it has none. Before sm_89, 8-bit floats are multiplied as f16.
static DotBindingAttr matrixInstruction(DotOp dot) {
  MLIRContext *context = dot.getContext();
  Type element = cast<RankedTensorType>(dot.getA().getType()).getElementType();
  if (element.isF64())
    return DotBindingAttr::get(context, "mma.sync", 8, 8, 4);
  if (element.isF32() && dot.getPrecision() == Precision::Exact)
    return {};
  // One instruction's k is 32 bytes of an operand.
  return DotBindingAttr::get(context, "mma.sync", 16, 8, 32 / elementBytes(element));
}

/// The instruction that the target multiplies these operands with.
static DotBindingAttr bindDot(DotOp dot, bool onCpu) {
  if (onCpu)
    return DotBindingAttr::get(dot.getContext(), "vector.outerproduct", 8, 32, 1);
  DotBindingAttr matrix = matrixInstruction(dot);
  ArrayRef<int64_t> shape = dot.getType().getShape();
  int64_t k = cast<RankedTensorType>(dot.getA().getType()).getDimSize(1);
  // Tiles smaller than one instruction's are multiplied an element at a time.
  if (matrix && shape[0] >= matrix.getM() && shape[1] >= matrix.getN() && k >= matrix.getK())
    return matrix;
  return DotBindingAttr::get(dot.getContext(), kMultiplyAdd, 1, 1, 1);
}

/// Says of each dot that a GPU multiplies an element at a time why its matrix unit doesn't.
static void reportSlowDots(KernelOp kernel) {
  kernel.walk([&](DotOp dot) {
    if (dot.getBinding()->getInstruction() != kMultiplyAdd)
      return;
    DotBindingAttr matrix = matrixInstruction(dot);
    if (!matrix)
      return pipeline::reportRefused(dot.getLoc(), "dot",
                                     "made of multiply-adds: operands of f32 are multiplied exactly",
                                     "say 'precision = tf32' where 10 of their bits suffice");
    ArrayRef<int64_t> shape = dot.getType().getShape();
    std::string sizes = llvm::formatv("{0} x {1} x {2}, and the matrix unit multiplies {3} x {4} x {5} at once",
                                      shape[0], shape[1], cast<RankedTensorType>(dot.getA().getType()).getDimSize(1),
                                      matrix.getM(), matrix.getN(), matrix.getK());
    pipeline::reportRefused(dot.getLoc(), "dot", "made of multiply-adds: it is of " + sizes, "make the tile larger");
  });
}

/// Refuses the first value that takes more than the target can hold of one tile, of a place in the source if there is one: a constant
/// that several share has none.
static LogicalResult checkTiles(KernelOp kernel, const pipeline::MachineModel &model) {
  Value found;
  kernel.walk([&](Operation *op) {
    for (Value value : op->getResults())
      if (isa<RankedTensorType>(value.getType()) && valueBytes(value.getType()) > model.tileBytes) {
        bool hasPlace = !isa<UnknownLoc>(op->getLoc());
        if (!found || hasPlace)
          found = value;
        if (hasPlace)
          return WalkResult::interrupt();
      }
    return WalkResult::advance();
  });
  if (!found)
    return success();
  auto type = cast<RankedTensorType>(found.getType());
  return emitError(found.getLoc()) << "a tile of " << llvm::interleaved(type.getShape(), " x ").str()
                                   << " elements takes " << valueBytes(type) << " bytes, and '" << model.name
                                   << "' holds tiles of up to " << model.tileBytes;
}

/// Warps of a program. With dots: each has about 64 x 64 of the accumulators of all, or 32 x 32 as long as there are no more than 4; the
/// accumulators of several dots are alive together as a rule. Without: a thread has 16 elements of the largest tile, which two wide
/// accesses move, as long as there are no more than 16.
static int64_t chooseWarps(KernelOp kernel, bool onCpu) {
  if (onCpu)
    return 1;
  constexpr int64_t kLanes = 32;
  int64_t accumulators = 0, elements = 1;
  kernel.walk([&](Operation *op) {
    for (Type type : op->getResultTypes()) {
      auto tile = dyn_cast<RankedTensorType>(type);
      if (tile && isa<DotOp>(op))
        accumulators += tile.getNumElements();
      else if (tile)
        elements = std::max(elements, tile.getNumElements());
    }
  });
  if (accumulators == 0)
    return std::clamp<int64_t>(elements / (16 * kLanes), 1, 16);
  int64_t atLeast = llvm::bit_floor(std::clamp<uint64_t>(accumulators / (32 * 32), 1, 4));
  // The nearest power of two: a third more than 64 x 64 still fits.
  int64_t wanted = llvm::bit_floor(static_cast<uint64_t>(accumulators * 4 / 3 / (64 * 64)));
  return std::clamp<int64_t>(wanted, atLeast, 16);
}

/// Decides for each op by itself.
static void bindOps(KernelOp kernel, bool onCpu) {
  kernel.setNumWarps(chooseWarps(kernel, onCpu));
  kernel.walk([&](LoadOp load) { load.setBindingAttr(bindLoad(load, onCpu)); });
  kernel.walk([&](StoreOp store) { store.setBindingAttr(bindStore(store)); });
  kernel.walk([&](DotOp dot) { dot.setBindingAttr(bindDot(dot, onCpu)); });
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
    // The CPU copies rows fastest as they are, and turns a tile while it packs it.
    if (!onCpu)
      pipeline::foldTransposedOperands(kernel);
    kernel.setTarget(model->name);
    bindOps(kernel, onCpu);
    if (model->hasTensorCopies())
      pipeline::bindForHopper(kernel, *model, [](KernelOp turned) { bindOps(turned, /*onCpu=*/false); });
    if (!onCpu)
      reportSlowDots(kernel);
    kernel.setPhase(Phase::Bound);
  }
};
} // namespace
