//===- LowerReduce.cpp - Folds along an axis ----------------------*- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The order of a fold: several accumulators, each a vector of lanes, take turns along the axis; they are then combined pairwise,
// and the lanes, where the lanes run along the axis, by halves. The order depends on nothing but the shape, the type and the width
// of the host's vectors.
//
//===----------------------------------------------------------------------===//

#include "Lowering.h"

#include "tile/Dialect/Fold.h"

using namespace mlir;
using namespace tile;
using namespace tile::cpu;
using ir::ReduceKind;

/// How one kind of fold works on one element type. A partial result is one value, or for argmin and argmax a value and an index.
struct Lowering::Fold : ir::FoldArithmetic {
  Lowering &lowering;
  Type element;

  /// Halves are accumulated in f32.
  Fold(Lowering &lowering, ReduceKind kind, Type element)
      : FoldArithmetic(lowering.builder, lowering.loc, kind,
                       isa<Float16Type, BFloat16Type>(element) ? lowering.builder.getF32Type() : element),
        lowering(lowering), element(element) {}
  Type accumulated() const { return type; }
  TypedAttr identity() const;
  Value result(const Partial &partial, Type resultType) const;
};

/// The value that changes no fold. That of a sum is -0.0, which keeps the sign of a sum of negative zeros.
TypedAttr Lowering::Fold::identity() const {
  OpBuilder &builder = lowering.builder;
  if (auto floating = dyn_cast<FloatType>(type)) {
    const llvm::fltSemantics &semantics = floating.getFloatSemantics();
    if (kind == ReduceKind::Sum)
      return builder.getFloatAttr(floating, APFloat::getZero(semantics, /*Negative=*/true));
    if (kind == ReduceKind::Prod)
      return builder.getFloatAttr(floating, APFloat::getOne(semantics));
    return builder.getFloatAttr(floating, APFloat::getInf(semantics, /*Negative=*/!isMin()));
  }
  unsigned bits = type.isIndex() ? 64 : type.getIntOrFloatBitWidth();
  APInt value = APInt::getZero(bits);
  if (kind == ReduceKind::Prod || kind == ReduceKind::All)
    value = APInt(bits, 1);
  else if (isUnsigned())
    value = isMin() ? APInt::getMaxValue(bits) : APInt::getMinValue(bits);
  else if (kind != ReduceKind::Sum && kind != ReduceKind::Any)
    value = isMin() ? APInt::getSignedMaxValue(bits) : APInt::getSignedMinValue(bits);
  return builder.getIntegerAttr(type, value);
}

Value Lowering::Fold::result(const Partial &partial, Type resultType) const {
  Type to = getElementTypeOrSelf(resultType);
  if (isArg())
    return arith::IndexCastOp::create(
        lowering.builder, lowering.loc,
        lowering.registerType(
            to, isa<VectorType>(partial[1].getType()) ? cast<VectorType>(partial[1].getType()).getNumElements() : 0),
        partial[1]);
  if (type == element)
    return partial[0];
  auto vector = dyn_cast<VectorType>(partial[0].getType());
  return lowering.narrow(partial[0], element, vector ? vector.getNumElements() : 0);
}

void Lowering::lowerReduce(ir::ReduceOp op) {
  RankedTensorType from = op.getOperand().getType();
  int64_t axis = op.getAxis(), extent = from.getDimSize(axis);
  Fold fold(*this, op.getKind(), from.getElementType());
  int64_t maxLanes = lanesFor(op.getOperand());
  auto resultType = dyn_cast<RankedTensorType>(op.getType());
  Place target;
  if (resultType)
    target = makePlace(resultType, "a fold's result");
  beginRoot(op);

  // The lanes run along the folded axis when that is the last one longer than 1.
  int64_t last = from.getRank() - 1;
  while (last > 0 && from.getDimSize(last) == 1)
    --last;
  int64_t along = last == axis ? std::min(maxLanes, extent) : 1;
  if (along == 1)
    along = 0;
  Type i32 = builder.getI32Type();

  forEach(
      from.getShape(), along || last == axis ? 1 : maxLanes,
      [&](const Coords &outer, int64_t outerLanes) {
        int64_t lanes = along ? along : outerLanes, step = along ? along : 1;
        // Enough accumulators to hide the latency of adding, where an element is cheap.
        bool isDear = !places.contains(op.getOperand()) && plan.cost(op.getOperand()) > 8;
        int64_t accumulators = std::min<int64_t>(extent / step, isDear ? 1 : 4);
        Value start = splatConstant(fold.identity(), registerType(fold.accumulated(), lanes));
        SmallVector<Value> inits;
        Type indices = lanes ? Type(VectorType::get(lanes, i32)) : i32;
        for (int64_t i = 0; i < accumulators; ++i) {
          inits.push_back(start);
          if (!fold.isArg())
            continue;
          // The first element that an accumulator will see.
          Value first = intConstant(i * step, indices);
          inits.push_back(along ? make<arith::AddIOp>(first, laneIndices(lanes, i32)) : first);
        }
        unsigned width = fold.isArg() ? 2 : 1;
        auto advance = [&](Value base, ValueRange accumulated) {
          SmallVector<Value> next;
          for (int64_t i = 0; i < accumulators; ++i) {
            Coords at(outer);
            Value index = add(base, constant(i * step));
            at[axis] = {index, along != 0};
            Chunk chunk{at, lanes, op};
            Value value = element(op.getOperand(), at, chunk);
            if (fold.accumulated() != fold.element)
              value = arith::ExtFOp::create(builder, loc, registerType(fold.accumulated(), lanes), value);
            Value old = accumulated[i * width];
            if (!fold.isArg()) {
              next.push_back(fold.combine(old, value));
              continue;
            }
            Value position = spread(arith::IndexCastOp::create(builder, loc, i32, index), lanes);
            if (along)
              position = make<arith::AddIOp>(position, laneIndices(lanes, i32));
            Value takes = fold.better(value, old);
            next.push_back(arith::SelectOp::create(builder, loc, takes, value, old));
            next.push_back(arith::SelectOp::create(builder, loc, takes, position, accumulated[i * width + 1]));
          }
          return next;
        };
        SmallVector<Value> sums;
        if (extent == accumulators * step) {
          sums = advance(constant(0), inits);
        } else {
          auto loop =
              scf::ForOp::create(builder, loc, constant(0), constant(extent), constant(accumulators * step), inits);
          OpBuilder::InsertionGuard guard(builder);
          if (!loop.getBody()->empty())
            loop.getBody()->back().erase();
          builder.setInsertionPointToStart(loop.getBody());
          scf::YieldOp::create(builder, loc, advance(loop.getInductionVar(), loop.getRegionIterArgs()));
          sums = loop.getResults();
        }
        SmallVector<Fold::Partial> partials;
        for (int64_t i = 0; i < accumulators; ++i)
          partials.push_back(Fold::Partial(ValueRange(sums).slice(i * width, width)));
        for (; partials.size() > 1; partials.truncate(partials.size() / 2))
          for (size_t i = 0; i < partials.size() / 2; ++i)
            partials[i] = fold.combine(partials[i], partials[i + partials.size() / 2]);
        Fold::Partial total = partials[0];
        for (int64_t half = along / 2; half >= 1; half /= 2) {
          Fold::Partial low, high;
          for (Value value : total) {
            low.push_back(
                vector::ShuffleOp::create(builder, loc, value, value, llvm::to_vector(llvm::seq<int64_t>(0, half))));
            high.push_back(vector::ShuffleOp::create(builder, loc, value, value,
                                                     llvm::to_vector(llvm::seq<int64_t>(half, 2 * half))));
          }
          total = fold.combine(low, high);
        }
        if (along)
          for (Value &value : total)
            value = vector::ExtractOp::create(builder, loc, value, 0);
        Value folded = fold.result(total, op.getType());
        if (!resultType) {
          map.map(op.getResult(), folded);
          return;
        }
        Coords to(outer);
        to.erase(to.begin() + axis);
        store(folded, target, to, along ? 0 : outerLanes);
      },
      /*skip=*/axis);
  endRoot(op);
  if (resultType)
    places[op.getResult()] = target;
}
