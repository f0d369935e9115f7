//===- SplitFolds.cpp - Folds over the warps of a program ----------*- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A fold works within a warp. Where its axis runs over warps, the axis is cut into the bits that number warps and the others. Each warp folds
// the others; what the warps have then comes together in the registers of every thread, which folds it once more. All orders are fixed by
// the layout alone.
//
// A fold that gives an index would have to carry values and indices from warp to warp. It is made of two folds of values instead: of the
// elements, and of the indices of those that are as extreme.
//
//===----------------------------------------------------------------------===//

#include "Apply.h"
#include "Remarks.h"

#include "tile/Placement/Rules.h"

using namespace mlir;
using namespace tile;
using namespace tile::ir;
using namespace tile::placement;
using layout::Dim;
using layout::LinearLayout;
using layout::Space;

static RankedTensorType tensorOf(Value value) { return cast<RankedTensorType>(value.getType()); }

/// The bits of an axis that columns of a dimension step along.
static uint64_t bitsAlong(const LinearLayout &layout, Dim dim, unsigned axis) {
  uint64_t bits = 0;
  for (unsigned bit = 0; bit < layout.in().bits(dim); ++bit)
    bits |= layout.out().unpack(layout::axis(axis), layout.column(dim, bit));
  return bits;
}

namespace {
class Splitter {
public:
  Splitter(ReduceOp reduce, LayoutCosts &costs)
      : reduce(reduce), costs(costs), builder(reduce), loc(reduce.getLoc()), axis(reduce.getAxis()) {}

  /// Replaces the fold; gives the folds that are to be looked at in their turn.
  SmallVector<ReduceOp> run();

private:
  const LinearLayout &layoutOf(Value tile) { return costs.layout(ir::layoutOf(tile.getType())); }
  Value reshape(Value tile, ArrayRef<int64_t> shape);
  Value fold(ReduceKind kind, Value tile, unsigned axis);
  Value convert(Value tile, const LinearLayout &layout);

  /// A fold of values: by parts when the axis can be cut into warps and others, else after a conversion.
  void splitValue();
  void keepInWarps();
  void splitIndex();
  /// The layout with what warps did along an axis done by registers.
  LinearLayout warpsToRegisters(const LinearLayout &layout, unsigned axis);

  ReduceOp reduce;
  LayoutCosts &costs;
  OpBuilder builder;
  Location loc;
  unsigned axis;
  SmallVector<ReduceOp> made;
};
} // namespace

Value Splitter::reshape(Value tile, ArrayRef<int64_t> shape) {
  LayoutAttr layout = costs.attr(reshapeResult(layoutOf(tile), shapeBits(shape)));
  return ReshapeOp::create(builder, loc, RankedTensorType::get(shape, tensorOf(tile).getElementType(), layout), tile);
}

Value Splitter::fold(ReduceKind kind, Value tile, unsigned foldedAxis) {
  RankedTensorType type = tensorOf(tile);
  Type result = type.getElementType();
  if (type.getRank() > 1) {
    SmallVector<int64_t> shape(type.getShape());
    shape.erase(shape.begin() + foldedAxis);
    result = RankedTensorType::get(shape, result, costs.attr(reduceResult(layoutOf(tile), foldedAxis)));
  }
  auto op = ReduceOp::create(builder, loc, result, kind, tile, foldedAxis);
  made.push_back(op);
  return op;
}

Value Splitter::convert(Value tile, const LinearLayout &layout) {
  return ConvertLayoutOp::create(builder, loc, withLayout(tensorOf(tile), costs.attr(layout)), tile);
}

LinearLayout Splitter::warpsToRegisters(const LinearLayout &layout, unsigned movedAxis) {
  SmallVector<uint64_t> registers, others;
  for (unsigned bit = 0; bit < layout.in().bits(Dim::Register); ++bit)
    registers.push_back(layout.column(Dim::Register, bit));
  for (Dim dim : {Dim::Lane, Dim::Warp})
    for (unsigned bit = 0; bit < layout.in().bits(dim); ++bit) {
      uint64_t column = layout.column(dim, bit);
      bool moves = dim == Dim::Warp && layout.out().unpack(layout::axis(movedAxis), column) != 0;
      if (moves)
        registers.push_back(column);
      others.push_back(moves ? 0 : column);
    }
  Space in = {{Dim::Register, static_cast<unsigned>(registers.size())},
              {Dim::Lane, layout.in().bits(Dim::Lane)},
              {Dim::Warp, layout.in().bits(Dim::Warp)}};
  registers.append(others);
  return withoutRegisterCopies({in, layout.out(), registers});
}

void Splitter::keepInWarps() {
  Value operand = reduce.getOperand();
  remarkOn(loc, "reduce", [&] {
    return llvm::formatv(
               "over warps that can't be folded by parts: the whole tile goes through shared memory, {0} bytes",
               valueBytes(withoutLayout(operand.getType())))
        .str();
  });
  reduce.getOperandMutable().assign(convert(operand, warpsToRegisters(layoutOf(operand), axis)));
}

void Splitter::splitValue() {
  Value tile = reduce.getOperand();
  const LinearLayout &layout = layoutOf(tile);
  uint64_t ofWarps = bitsAlong(layout, Dim::Warp, axis);
  uint64_t ofThreads = bitsAlong(layout, Dim::Register, axis) | bitsAlong(layout, Dim::Lane, axis);
  // Runs of bits of one kind, the highest first: each becomes an axis.
  SmallVector<int64_t> shape(tensorOf(tile).getShape().take_front(axis));
  SmallVector<bool> isWarps;
  unsigned bits = layout.out().bits(layout::axis(axis));
  for (unsigned bit = bits; bit-- > 0;) {
    bool warps = ofWarps >> bit & 1;
    if (isWarps.empty() || isWarps.back() != warps) {
      isWarps.push_back(warps);
      shape.push_back(1);
    }
    shape.back() *= 2;
  }
  llvm::append_range(shape, tensorOf(tile).getShape().drop_front(axis + 1));
  constexpr unsigned kMostAxes = 6;
  if ((ofWarps & ofThreads) != 0 || shape.size() > kMostAxes)
    return keepInWarps();
  ReduceKind kind = reduce.getKind();
  tile = reshape(tile, shape);
  // What registers alone hold first: the shuffles of the others are then fewer.
  for (bool overLanes : {false, true})
    for (unsigned part = isWarps.size(); part-- > 0;)
      if (!isWarps[part] && runsOver(layoutOf(tile), Dim::Lane, axis + part) == overLanes) {
        tile = fold(kind, tile, axis + part);
        isWarps.erase(isWarps.begin() + part);
      }
  // What is left are the warps' parts, one axis for each run of bits.
  LinearLayout together = layoutOf(tile);
  for (unsigned part = 0; part < isWarps.size(); ++part)
    together = warpsToRegisters(together, axis + part);
  remarkOn(loc, "reduce", [&] {
    return llvm::formatv("over {0} warps: their parts come together through shared memory, {1} bytes",
                         1 << llvm::popcount(ofWarps), valueBytes(withoutLayout(tile.getType())))
        .str();
  });
  tile = convert(tile, together);
  for (unsigned part = isWarps.size(); part-- > 0;)
    tile = fold(kind, tile, axis + part);
  // Registers may have another order than those of the fold at once.
  if (tile.getType() != reduce.getType())
    tile = ConvertLayoutOp::create(builder, loc, reduce.getType(), tile);
  reduce.replaceAllUsesWith(tile);
  reduce.erase();
}

void Splitter::splitIndex() {
  Value tile = reduce.getOperand();
  RankedTensorType type = tensorOf(tile);
  // There is no arithmetic on 8-bit floats any more; folds alone look at them.
  if (isa<FloatType>(type.getElementType()) && type.getElementTypeBitWidth() == 8)
    return keepInWarps();
  const LinearLayout &layout = layoutOf(tile);
  ReduceKind kind = reduce.getKind();
  ReduceKind extreme = kind == ReduceKind::ArgMin    ? ReduceKind::Min
                       : kind == ReduceKind::ArgMax  ? ReduceKind::Max
                       : kind == ReduceKind::UArgMin ? ReduceKind::UMin
                                                     : ReduceKind::UMax;
  Value value = fold(extreme, tile, axis);
  // Back to every element of the axis.
  if (type.getRank() == 1) {
    value = tensor::SplatOp::create(builder, loc, value, type);
  } else {
    SmallVector<int64_t> shape(type.getShape());
    shape[axis] = 1;
    value = BroadcastOp::create(builder, loc, type, reshape(value, shape));
  }
  RankedTensorType bools = type.clone(builder.getI1Type()), numbers = type.clone(builder.getI32Type());
  Value isExtreme;
  if (isa<FloatType>(type.getElementType())) {
    Value equal = arith::CmpFOp::create(builder, loc, bools, arith::CmpFPredicate::OEQ, tile, value);
    Value isNaN = arith::CmpFOp::create(builder, loc, bools, arith::CmpFPredicate::UNO, tile, tile);
    isExtreme = arith::OrIOp::create(builder, loc, bools, equal, isNaN);
  } else {
    isExtreme = arith::CmpIOp::create(builder, loc, bools, arith::CmpIPredicate::eq, tile, value);
  }
  // The index of each element along the axis.
  SmallVector<int64_t> line(type.getRank(), 1);
  line[axis] = type.getDimSize(axis);
  LinearLayout lineLayout = broadcastOperand(layout, shapeBits(line));
  LinearLayout iotaLayout = reshapeOperand(lineLayout, shapeBits(line[axis]));
  Value index =
      IotaOp::create(builder, loc, RankedTensorType::get(line[axis], builder.getI32Type(), costs.attr(iotaLayout)));
  if (type.getRank() > 1) {
    index = ReshapeOp::create(builder, loc, RankedTensorType::get(line, builder.getI32Type(), costs.attr(lineLayout)),
                              index);
    index = BroadcastOp::create(builder, loc, numbers, index);
  }
  Value none = arith::ConstantOp::create(
      builder, loc, DenseElementsAttr::get(numbers, builder.getI32IntegerAttr(std::numeric_limits<int32_t>::max())));
  Value first = arith::SelectOp::create(builder, loc, isExtreme, index, none);
  Value result = fold(ReduceKind::UMin, first, axis);
  result = arith::IndexCastUIOp::create(builder, loc, reduce.getType(), result);
  reduce.replaceAllUsesWith(result);
  reduce.erase();
}

SmallVector<ReduceOp> Splitter::run() {
  bool givesIndex = llvm::is_contained(
      {ReduceKind::ArgMin, ReduceKind::ArgMax, ReduceKind::UArgMin, ReduceKind::UArgMax}, reduce.getKind());
  givesIndex ? splitIndex() : splitValue();
  return made;
}

void placement::splitFolds(KernelOp kernel, LayoutCosts &costs) {
  SmallVector<ReduceOp> work;
  kernel.walk([&](ReduceOp reduce) { work.push_back(reduce); });
  while (!work.empty()) {
    ReduceOp reduce = work.pop_back_val();
    if (runsOver(costs.layout(ir::layoutOf(reduce.getOperand().getType())), Dim::Warp, reduce.getAxis()))
      work.append(Splitter(reduce, costs).run());
  }
}
