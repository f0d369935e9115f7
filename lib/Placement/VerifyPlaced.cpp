//===- VerifyPlaced.cpp - The rules that layouts keep --------------*- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Code generation takes layouts at their word: it finds an operand's register by its coordinates and nothing tells it when the element is in
// another thread. So what it relies on is checked here, op by op.
//
//===----------------------------------------------------------------------===//

#include "Classes.h"
#include "TensorCopies.h"

#include "tile/Dialect/Pieces.h"
#include "tile/Placement/Anchors.h"
#include "tile/Placement/Placement.h"
#include "tile/Placement/Rules.h"

using namespace mlir;
using namespace tile;
using namespace tile::ir;
using namespace tile::placement;
using layout::Dim;
using layout::LinearLayout;
using layout::MmaOperand;

static RankedTensorType tensorOf(Value value) { return dyn_cast<RankedTensorType>(value.getType()); }
static LinearLayout layoutOf(Value tile) { return ir::layoutOf(tile.getType()).getLayout(); }

/// Checks that a tile's layout is one of this program's threads, and that it has every element.
static LogicalResult checkThreads(Operation *op, RankedTensorType type, unsigned warpBits) {
  LayoutAttr attr = ir::layoutOf(type);
  if (!attr)
    return op->emitOpError() << "has a tile without a layout: " << type;
  LinearLayout layout = attr.getLayout();
  if (layout.in().bits(Dim::Lane) != kLaneBits || layout.in().bits(Dim::Warp) != warpBits)
    return op->emitOpError() << "has a tile whose layout is of " << (1 << layout.in().bits(Dim::Lane)) << " lanes and "
                             << (1 << layout.in().bits(Dim::Warp)) << " warps; a program has " << (1 << kLaneBits)
                             << " and " << (1 << warpBits);
  if (!layout.isSurjective())
    return op->emitOpError() << "has a tile of which no thread holds some elements";
  return success();
}

static LogicalResult checkElementwise(Operation *op) {
  LayoutAttr layout = ir::layoutOf(op->getResult(0).getType());
  for (TypeRange types : {TypeRange(op->getOperandTypes()), TypeRange(op->getResultTypes())})
    for (Type type : types)
      if (isa<RankedTensorType>(type) && ir::layoutOf(type) != layout)
        return op->emitOpError("works on each element by itself, and its tiles differ in their layouts");
  return success();
}

/// The layout that an op of shapes asks of its operand; none when it can't make such a result.
static std::optional<LinearLayout> wantedOperand(Operation *op) {
  LinearLayout result = layoutOf(op->getResult(0));
  SmallVector<unsigned> bits = shapeBits(tensorOf(op->getOperand(0)).getShape());
  if (isa<BroadcastOp>(op))
    return broadcastOperand(result, bits);
  if (isa<ReshapeOp>(op))
    return reshapeOperand(result, bits);
  if (auto transpose = dyn_cast<TransposeOp>(op))
    return transposeOperand(result, transpose.getOrder());
  return joinOperand(result);
}

static LogicalResult checkShape(Operation *op) {
  std::optional<LinearLayout> wanted = wantedOperand(op);
  if (!wanted || !holds(layoutOf(op->getOperand(0)), *wanted))
    return op->emitOpError("moves no data between threads, and its result holds what other threads have");
  return success();
}

static LogicalResult checkReduce(ReduceOp reduce) {
  LinearLayout operand = layoutOf(reduce.getOperand());
  if (runsOver(operand, Dim::Warp, reduce.getAxis()))
    return reduce.emitOpError("folds an axis that runs over warps");
  if (isa<RankedTensorType>(reduce.getType()) &&
      !(layoutOf(reduce.getResult()) == reduceResult(operand, reduce.getAxis())))
    return reduce.emitOpError("gives a tile whose layout is not its operand's without the axis");
  return success();
}

static LogicalResult checkWarpgroupDot(DotOp dot, unsigned warpBits) {
  if (!(layoutOf(dot.getAcc()) == warpgroupAccumulator(shapeBits(dot.getType().getShape()), warpBits)))
    return dot.emitOpError("has an accumulator that is no layout of its instruction");
  if (tensorOf(dot.getA()) && !(layoutOf(dot.getA()) == warpgroupOperand(dot, warpBits)))
    return dot.emitOpError("has an operand that is no layout of its instruction");
  for (Value operand : {dot.getA(), dot.getB()})
    if (auto slot = dyn_cast<SlotType>(operand.getType()); slot && slot.getSwizzle().getSpan() == 0)
      return dot.emitOpError("has an operand without a swizzle, and its instruction reads swizzled ones");
  return success();
}

static LogicalResult checkDot(DotOp dot, unsigned warpBits) {
  if (dot.getAsync() && !isOfWarpgroups(dot))
    return dot.emitOpError("is async, and its instruction is not");
  if (isOfWarpgroups(dot))
    return checkWarpgroupDot(dot, warpBits);
  if (!usesMatrixUnit(dot))
    return success();
  for (auto [isA, value] : {std::pair(true, dot.getA()), std::pair(false, dot.getB())}) {
    auto slot = dyn_cast<SlotType>(value.getType());
    ArrayRef<int64_t> shape = slot ? slot.getShape() : tensorOf(value).getShape();
    DotBindingAttr binding = *dot.getBinding();
    if (shape[isA ? 0 : 1] < (isA ? binding.getM() : binding.getN()) || shape[isA ? 1 : 0] < binding.getK())
      return dot.emitOpError("is smaller than the instruction that it is bound to");
  }
  std::optional<WarpSplit> split = splitOf(dot, layoutOf(dot.getAcc()));
  if (!split)
    return dot.emitOpError("has an accumulator that is no layout of its instruction");
  for (auto [value, operand] : {std::pair(dot.getA(), MmaOperand::A), std::pair(dot.getB(), MmaOperand::B)})
    if (tensorOf(value) && !(layoutOf(value) == operandLayout(dot, operand, *split)))
      return dot.emitOpError("has an operand that is no layout of its instruction");
  return success();
}

/// Checks that a swizzle fits the tile that lies in shared memory by it.
static LogicalResult checkSwizzle(Operation *op, Type type) {
  auto check = [&](auto shared) -> LogicalResult {
    if (!shared)
      return success();
    SwizzleAttr swizzle = shared.getSwizzle();
    if (swizzle && swizzle.getSpan() > shared.getShape()[swizzle.getUnit()] * elementBytes(shared.getElementType()))
      return op->emitOpError() << "has " << type << ", whose fastest axis is shorter than a span of its swizzle";
    return success();
  };
  return failure(failed(check(dyn_cast<RingType>(type))) || failed(check(dyn_cast<SlotType>(type))));
}

static LogicalResult checkOp(Operation *op, unsigned warpBits) {
  for (Type type : op->getResultTypes()) {
    if (auto tile = dyn_cast<RankedTensorType>(type); tile && failed(checkThreads(op, tile, warpBits)))
      return failure();
    if (failed(checkSwizzle(op, type)))
      return failure();
  }
  for (Region &region : op->getRegions())
    for (Block &block : region)
      for (BlockArgument argument : block.getArguments())
        if (RankedTensorType tile = tensorOf(argument); tile && failed(checkThreads(op, tile, warpBits)))
          return failure();
  if (isElementwise(op))
    return checkElementwise(op);
  if (isa<BroadcastOp, ReshapeOp, TransposeOp, JoinOp>(op))
    return checkShape(op);
  if (auto reduce = dyn_cast<ReduceOp>(op))
    return checkReduce(reduce);
  if (auto dot = dyn_cast<DotOp>(op))
    return checkDot(dot, warpBits);
  return success();
}

LogicalResult placement::verifyPlaced(KernelOp kernel) {
  if (kernel.getPhase() < Phase::Placed)
    return kernel.emitError() << "a kernel in phase '" << stringifyPhase(kernel.getPhase()) << "' is not placed yet";
  auto warps = static_cast<uint64_t>(kernel.getNumWarps().value_or(0));
  if (!llvm::isPowerOf2_64(warps))
    return kernel.emitError() << "a program has a power of two of warps, not " << warps;
  if (failed(verifyProducer(kernel)))
    return failure();
  WalkResult result = kernel.getBody().walk([&](Operation *op) {
    return failed(checkOp(op, llvm::Log2_64(warps))) ? WalkResult::interrupt() : WalkResult::advance();
  });
  return failure(result.wasInterrupted());
}
