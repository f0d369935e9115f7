//===- LowerDot.cpp - Products of matrices ------------------------*- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The result is made in blocks of a few rows and a few vectors that stay in registers over all of K: for each k, the block's rows
// of A, one element each, times a row of B. A panel of B, K by the block's width, stays in the first cache while the blocks go down
// the rows. Operands are read where they are, in a ring's slot if need be; those of a narrower type are widened first, once.
// The accumulator is overwritten where nothing else reads it.
//
//===----------------------------------------------------------------------===//

#include "Lowering.h"

using namespace mlir;
using namespace tile;
using namespace tile::cpu;

/// The operand without gaps, in the type that products are computed in.
Place Lowering::dotOperand(Value operand, Type computeType, bool isUnsigned) {
  Place place = isa<ir::SlotType>(operand.getType()) ? places[operand] : dense(operand);
  if (place.element == computeType)
    return place;
  Place wide = makePlace(RankedTensorType::get(place.shape, computeType), "a widened operand,");
  forEach(place.shape, vectorBits / computeType.getIntOrFloatBitWidth(), [&](const Coords &at, int64_t lanes) {
    store(widen(load(place, at, lanes), place.element, computeType, lanes, isUnsigned), wide, at, lanes);
  });
  return wide;
}

/// A place that holds the accumulator's value and may be overwritten by the result.
Place Lowering::dotAccumulator(ir::DotOp op) {
  Value acc = op.getAcc();
  auto isOperand = [&](const Place &place) {
    return llvm::any_of(ValueRange{op.getA(), op.getB()}, [&](Value operand) {
      auto it = places.find(operand);
      return it != places.end() && it->second.buffer == place.buffer;
    });
  };
  auto mayOverwrite = [&](Value tile) {
    return mayTakeOver(tile) && tile.getType() == acc.getType() && plan.diesAt(tile, op) && !isOperand(places[tile]);
  };
  if (places.contains(acc)) {
    if (mayOverwrite(acc))
      return places[acc];
  } else {
    // What the accumulator is computed from, such as a rescaled accumulator, may lend its buffer.
    SmallVector<Value> todo{acc};
    llvm::DenseSet<Value> seen;
    while (!todo.empty()) {
      Value value = todo.pop_back_val();
      if (value.getType() != acc.getType() || !seen.insert(value).second)
        continue;
      if (mayOverwrite(value) && !reads(acc, places[value].buffer, /*onlyOtherwise=*/true)) {
        Place place = places[value];
        materialise(acc, place);
        return place;
      }
      if (!places.contains(value) && OpTrait::hasElementwiseMappableTraits(value.getDefiningOp()))
        llvm::append_range(todo, value.getDefiningOp()->getOperands());
    }
  }
  Place place = makePlace(op.getType(), "a product,");
  materialise(acc, place);
  return place;
}

void Lowering::lowerDot(ir::DotOp op) {
  Type type = op.getType().getElementType();
  Place a = dotOperand(op.getA(), type, op.getUnsignedA());
  Place b = dotOperand(op.getB(), type, op.getUnsignedB());
  Place c = dotAccumulator(op);
  int64_t m = op.getType().getDimSize(0), n = op.getType().getDimSize(1), depth = a.shape[1];

  int64_t lanes = std::min(vectorBits / type.getIntOrFloatBitWidth(), n);
  int64_t columns = std::min<int64_t>(2, n / lanes);
  // Half of the registers, those of 512 bits being twice as many.
  int64_t rows = std::min((vectorBits == 512 ? 16 : 8) / columns, m);
  int64_t vectorLanes = lanes == 1 ? 0 : lanes;
  Type vector = registerType(type, vectorLanes);
  unsigned alignment = ir::elementBytes(type);
  // The address `offset` elements after one that many share.
  auto at = [&](Value base, int64_t offset) { return offsetPtr(base, type, constant(offset)); };

  OpBuilder::InsertionGuard guard(builder);
  auto loopOver = [&](int64_t extent, int64_t step, ValueRange inits) {
    auto loop = scf::ForOp::create(builder, loc, constant(0), constant(extent), constant(step), inits);
    if (inits.empty())
      builder.setInsertionPoint(loop.getBody()->getTerminator());
    else
      builder.setInsertionPointToStart(loop.getBody());
    return loop;
  };
  Value column = loopOver(n, columns * lanes, {}).getInductionVar();
  Value row = loopOver(m, rows, {}).getInductionVar();
  Value cBase = address(c, {{row, false}, {column, false}});
  SmallVector<Value> cPtrs, accumulators;
  for (int64_t i = 0; i < rows; ++i)
    for (int64_t j = 0; j < columns; ++j) {
      cPtrs.push_back(at(cBase, i * n + j * lanes));
      accumulators.push_back(LLVM::LoadOp::create(builder, loc, vector, cPtrs.back(), alignment));
    }
  auto loop = loopOver(depth, 1, accumulators);
  Value k = loop.getInductionVar();
  Value aBase = address(a, {{row, false}, {k, false}}), bBase = address(b, {{k, false}, {column, false}});
  SmallVector<Value> bRow, sums;
  for (int64_t j = 0; j < columns; ++j)
    bRow.push_back(LLVM::LoadOp::create(builder, loc, vector, at(bBase, j * lanes), alignment));
  for (int64_t i = 0; i < rows; ++i) {
    Value one = LLVM::LoadOp::create(builder, loc, type, at(aBase, i * depth), alignment);
    Value spreadOne = spread(one, vectorLanes);
    for (int64_t j = 0; j < columns; ++j) {
      Value sum = loop.getRegionIterArgs()[i * columns + j];
      if (isa<FloatType>(type))
        sum = math::FmaOp::create(builder, loc, spreadOne, bRow[j], sum);
      else
        sum = make<arith::AddIOp>(make<arith::MulIOp>(spreadOne, bRow[j]), sum);
      sums.push_back(sum);
    }
  }
  scf::YieldOp::create(builder, loc, sums);
  builder.setInsertionPointAfter(loop);
  for (auto [ptr, sum] : llvm::zip_equal(cPtrs, loop.getResults()))
    LLVM::StoreOp::create(builder, loc, sum, ptr, alignment);
  places[op.getResult()] = c;
}
