//===- Plans.cpp - In which layouts an op works, given its neighbours' *- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Choice.h"
#include "TensorCopies.h"

#include "tile/Dialect/Access.h"
#include "tile/Dialect/Pieces.h"
#include "tile/Placement/Rules.h"

using namespace mlir;
using namespace tile;
using namespace tile::ir;
using namespace tile::placement;
using layout::LinearLayout;
using layout::MmaOperand;

static RankedTensorType tensorOf(Value value) { return cast<RankedTensorType>(value.getType()); }

LayoutAttr placement::defaultLayout(ArrayRef<int64_t> shape, LayoutCosts &costs) {
  return costs.attr(layout::coalesced(shapeBits(shape), shape.size() - 1, 0, kLaneBits, costs.warpBits()));
}

//===----------------------------------------------------------------------===//
// Shapes
//===----------------------------------------------------------------------===//

/// The operand's layout, given the result's; null when the op can't make such a result in place.
static LayoutAttr operandFor(Operation *op, LayoutAttr result, LayoutCosts &costs) {
  const LinearLayout &layout = costs.layout(result);
  SmallVector<unsigned> bits = shapeBits(tensorOf(op->getOperand(0)).getShape());
  if (isa<BroadcastOp>(op))
    return costs.attr(broadcastOperand(layout, bits));
  if (isa<ReshapeOp>(op))
    return costs.attr(reshapeOperand(layout, bits));
  if (auto transpose = dyn_cast<TransposeOp>(op))
    return costs.attr(transposeOperand(layout, transpose.getOrder()));
  std::optional<LinearLayout> operand = joinOperand(layout);
  return operand ? costs.attr(*operand) : LayoutAttr();
}

/// The result's layout, given the operand's.
static LayoutAttr resultFor(Operation *op, LayoutAttr operand, LayoutCosts &costs) {
  const LinearLayout &layout = costs.layout(operand);
  SmallVector<unsigned> bits = shapeBits(tensorOf(op->getResult(0)).getShape());
  if (isa<BroadcastOp>(op))
    return costs.attr(broadcastResult(layout, bits));
  if (isa<ReshapeOp>(op))
    return costs.attr(reshapeResult(layout, bits));
  if (auto transpose = dyn_cast<TransposeOp>(op))
    return costs.attr(transposeResult(layout, transpose.getOrder()));
  return costs.attr(joinResult(layout));
}

LayoutAttr placement::shapeNeighbour(Operation *op, LayoutAttr known, bool isResult, LayoutCosts &costs) {
  return costs.neighbour(op, known, isResult,
                         [&] { return isResult ? operandFor(op, known, costs) : resultFor(op, known, costs); });
}

ShapePlan placement::planShape(Operation *op, LayoutAttr operand, LayoutAttr result, LayoutCosts &costs) {
  int64_t bytes = elementBytes(tensorOf(op->getResult(0)).getElementType());
  LayoutAttr wanted = shapeNeighbour(op, result, true, costs);
  if (!operand && !wanted)
    operand = defaultLayout(tensorOf(op->getOperand(0)).getShape(), costs);
  if (!operand)
    return {wanted, result, 0};
  if (operand == wanted || (wanted && holds(costs.layout(operand), costs.layout(wanted))))
    return {operand, result, 0};
  // In most cases the smaller of both tiles is converted: the operand, which a broadcast or a join makes larger.
  ShapePlan plan;
  if (wanted)
    plan = {wanted, result, costs.conversion(operand, wanted, bytes)};
  LayoutAttr given = shapeNeighbour(op, operand, false, costs);
  int64_t behind = costs.conversion(given, result, bytes);
  if (!wanted || behind < plan.cost)
    plan = {operand, given, behind};
  return plan;
}

LayoutAttr placement::reduceResultAttr(ReduceOp reduce, LayoutAttr operand, LayoutCosts &costs) {
  if (!isa<RankedTensorType>(reduce.getType()))
    return {};
  return costs.neighbour(reduce, operand, false,
                         [&] { return costs.attr(reduceResult(costs.layout(operand), reduce.getAxis())); });
}

//===----------------------------------------------------------------------===//
// Accesses
//===----------------------------------------------------------------------===//

/// Whether a tile had better be loaded as it is wanted than travel between warps: beside a producer that is a meeting of warpgroups, which
/// otherwise go each at its own pace, so that one's products run beside the other's epilogue; and rings take what shared memory there is.
static bool loadsInPlace(Operation *op) {
  return isa<LoadOp>(op) && !op->getParentOfType<KernelOp>().getBody().getOps<ProducerOp>().empty();
}

AccessPlan placement::planAccess(Operation *op, LayoutAttr tile, LayoutCosts &costs) {
  AccessShape access = accessShapeOf(op);
  bool isStore = isa<StoreOp>(op);
  AccessPlan plan;
  // It goes through shared memory in whatever layout it has.
  if (tile && isTensorStore(op))
    return {tile, 0};
  if (tile)
    plan = {tile, accessCycles(access, costs.layout(tile), isStore)};
  bool inPlace = loadsInPlace(op);
  for (bool warpsAcross : {false, true}) {
    LinearLayout layout = coalescedAccess(access, costs.warpBits(), warpsAcross);
    LayoutAttr coalesced = costs.attr(layout);
    if (tile && inPlace && costs.travel(coalesced, tile) == layout::Travel::Warps)
      continue;
    int64_t cost = accessCycles(access, layout, isStore);
    if (tile)
      cost += isStore ? costs.conversion(tile, coalesced, access.elementBytes)
                      : costs.conversion(coalesced, tile, access.elementBytes);
    if (!plan.layout || cost < plan.cost)
      plan = {coalesced, cost};
  }
  return plan;
}

//===----------------------------------------------------------------------===//
// Dots
//===----------------------------------------------------------------------===//

LayoutAttr placement::dotAccumulator(DotOp dot, LayoutAttr tile, LayoutCosts &costs) {
  if (isOfWarpgroups(dot))
    return costs.attr(warpgroupAccumulator(shapeBits(dot.getType().getShape()), costs.warpBits()));
  if (!usesMatrixUnit(dot))
    return costs.attr(blockedAccumulator(shapeBits(dot.getType().getShape()), costs.warpBits()));
  if (tile && splitOf(dot, costs.layout(tile)))
    return tile;
  return costs.attr(accumulatorLayout(dot, warpSplits(dot, costs.warpBits()).front()));
}

LayoutAttr placement::dotOperand(DotOp dot, MmaOperand operand, LayoutAttr accumulator, LayoutCosts &costs) {
  if (isOfWarpgroups(dot))
    return operand == MmaOperand::A ? costs.attr(warpgroupOperand(dot, costs.warpBits())) : LayoutAttr();
  if (!usesMatrixUnit(dot))
    return {};
  return costs.attr(operandLayout(dot, operand, *splitOf(dot, costs.layout(accumulator))));
}

//===----------------------------------------------------------------------===//
// Shared memory
//===----------------------------------------------------------------------===//

RingOp placement::ringOf(Value slot) {
  auto op = slot.getDefiningOp<SlotOp>();
  return op ? op.getRing().getDefiningOp<RingOp>() : RingOp();
}

SmallVector<SwizzleAttr, 2> placement::possibleSwizzles(RingOp ring) {
  RingType type = ring.getType();
  MLIRContext *context = ring.getContext();
  int64_t unit = type.getShape().size() - 1;
  for (Operation *user : ring->getUsers())
    if (auto copy = dyn_cast<CopyAsyncOp>(user)) {
      AccessShape access = accessShapeOf(copy);
      unit = access.unitAxis;
      break;
    }
  SmallVector<SwizzleAttr, 2> swizzles = {SwizzleAttr::get(context, unit, 0)};
  int64_t bytes = type.getShape()[unit] * elementBytes(type.getElementType());
  if (type.getShape().size() > 1 && bytes >= 32)
    swizzles.push_back(SwizzleAttr::get(context, unit, std::min<int64_t>(bytes, 128)));
  return swizzles;
}

/// Whether a dot reads a slot, in place or as a tile that is at most transposed on the way.
static bool feedsDot(Value value) {
  return llvm::any_of(value.getUsers(), [](Operation *user) {
    return isa<DotOp>(user) || (isa<ReadOp, TransposeOp, ReshapeOp>(user) && feedsDot(user->getResult(0)));
  });
}

SwizzleAttr placement::dotSwizzle(RingOp ring) {
  if (isFilledByProducer(ring.getRing()))
    return possibleSwizzles(ring).back();
  for (Operation *user : ring->getUsers())
    if (auto slot = dyn_cast<SlotOp>(user); slot && feedsDot(slot.getSlot()))
      return possibleSwizzles(ring).back();
  return {};
}

int64_t placement::readCycles(RankedTensorType tile, SwizzleAttr swizzle, LayoutAttr attr, LayoutCosts &costs) {
  const LinearLayout &registers = costs.layout(attr);
  LinearLayout shared = sharedLayout(tile.getShape(), tile.getElementType(), swizzle);
  unsigned bytes = elementBytes(tile.getElementType());
  unsigned vector = layout::sharedVector(registers, shared, bytes);
  int64_t instructions = llvm::divideCeil(attr.getNumRegisters(), vector) << costs.warpBits();
  return instructions * layout::wavefronts(registers, shared, bytes, vector);
}
