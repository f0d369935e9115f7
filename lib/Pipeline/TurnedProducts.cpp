//===- TurnedProducts.cpp - Products that are made as their transposes *- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// A warpgroup multiplies 64 rows of the first operand, which may be in registers, with any multiple of 8 columns of the second, which may
// not. So a product of few rows is made the other way round, the columns of a matrix of weights as rows: (A B)^T = B^T A^T. So is one whose
// second operand is computed: `dot(x, T(f32(w[…]) * scale))`. Transposing moves nothing here: what is loaded is loaded from a view with its
// axes in the other order, what is computed is computed of such tiles, and of a sum it only says which thread has which element.
//
//===----------------------------------------------------------------------===//

#include "TurnedProducts.h"

#include <mlir/IR/Builders.h>
#include <mlir/IR/IRMapping.h>
#include <mlir/IR/Matchers.h>

using namespace mlir;
using namespace tile;
using namespace tile::ir;

static constexpr int64_t kOrder[] = {1, 0};

static RankedTensorType turnedType(Type type) {
  auto tile = cast<RankedTensorType>(type);
  return RankedTensorType::get({tile.getDimSize(1), tile.getDimSize(0)}, tile.getElementType());
}

static bool isMatrix(Type type) {
  auto tile = dyn_cast<RankedTensorType>(type);
  return tile && tile.getRank() == 2;
}

/// A row or a column made of a tile with one axis, the other way round; null for another tile.
static Value turnedLine(Value tile, OpBuilder &builder) {
  auto reshape = tile.getDefiningOp<ReshapeOp>();
  if (!reshape || reshape.getOperand().getType().getRank() != 1)
    return {};
  return ReshapeOp::create(builder, tile.getLoc(), turnedType(tile.getType()), reshape.getOperand());
}

/// The transpose of a tile: computed anew of transposed ones where nothing else needs the tile.
static Value turned(Value tile) {
  OpBuilder builder(tile.getContext());
  builder.setInsertionPointAfterValue(tile);
  Location loc = tile.getLoc();
  SplatElementsAttr splat;
  if (matchPattern(tile, m_Constant(&splat)))
    return arith::ConstantOp::create(builder, loc, splat.resizeSplat(turnedType(tile.getType())));
  Operation *op = tile.getDefiningOp();
  if (auto transpose = dyn_cast_if_present<TransposeOp>(op))
    return transpose.getOperand();
  if (auto scalar = dyn_cast_if_present<tensor::SplatOp>(op))
    return tensor::SplatOp::create(builder, loc, turnedType(tile.getType()), scalar.getInput(), ValueRange());
  if (auto broadcast = dyn_cast_if_present<BroadcastOp>(op))
    if (Value line = turnedLine(broadcast.getOperand(), builder))
      return BroadcastOp::create(builder, loc, turnedType(tile.getType()), line);
  if (op && OpTrait::hasElementwiseMappableTraits(op) && op->getNumResults() == 1 && tile.hasOneUse()) {
    IRMapping mapping;
    for (Value operand : op->getOperands())
      if (isMatrix(operand.getType()))
        mapping.map(operand, turned(operand));
    builder.setInsertionPoint(op);
    Operation *made = builder.clone(*op, mapping);
    made->getResult(0).setType(turnedType(tile.getType()));
    return made->getResult(0);
  }
  return TransposeOp::create(builder, loc, turnedType(tile.getType()), tile, builder.getDenseI64ArrayAttr(kOrder));
}

static void turnProduct(DotOp dot) {
  Value a = turned(dot.getB()), b = turned(dot.getA()), acc = turned(dot.getAcc());
  OpBuilder builder(dot);
  auto made = cast<DotOp>(builder.clone(*dot));
  made->setOperands({a, b, acc});
  made.getResult().setType(turnedType(dot.getType()));
  made.setUnsignedA(dot.getUnsignedB());
  made.setUnsignedB(dot.getUnsignedA());
  Value result = TransposeOp::create(builder, dot.getLoc(), dot.getType(), made, builder.getDenseI64ArrayAttr(kOrder));
  dot.getResult().replaceAllUsesWith(result);
  dot.erase();
}

/// Has a loop carry the transpose of what it carries, where it only transposes it and yields what was transposed.
static void turnCarried(ForOp loop, BlockArgument carried) {
  if (!isMatrix(carried.getType()) || !carried.hasOneUse())
    return;
  auto reader = dyn_cast<TransposeOp>(*carried.user_begin());
  auto yielded = loop.getYielded(carried).getDefiningOp<TransposeOp>();
  if (!reader || !yielded || reader == yielded || !yielded->hasOneUse())
    return;
  unsigned index = carried.getArgNumber() - 1;
  Value init = loop.getInits()[index], before = turned(init);
  loop.getInitsMutable()[index].set(before);
  carried.setType(turnedType(carried.getType()));
  reader.getResult().replaceAllUsesWith(carried);
  reader.erase();
  loop.getYield()->setOperand(index, yielded.getOperand());
  yielded.erase();
  Value result = loop.getResult(index);
  Type type = result.getType();
  result.setType(turnedType(type));
  OpBuilder builder(loop);
  builder.setInsertionPointAfter(loop);
  auto behind = TransposeOp::create(builder, loop.getLoc(), type, result, builder.getDenseI64ArrayAttr(kOrder));
  result.replaceAllUsesExcept(behind, behind);
}

static bool isDead(Operation *op) {
  return op->getNumRegions() == 0 && !isa<LoadOp, DotOp>(op) && isOpTriviallyDead(op);
}

/// Erases what products were made of before; what nobody needed then is not ours.
static void eraseDead(KernelOp kernel, const llvm::DenseSet<Operation *> &deadBefore) {
  SmallVector<Operation *> ops;
  kernel.getBody().walk([&](Operation *op) { ops.push_back(op); });
  for (Operation *op : llvm::reverse(ops))
    if (isDead(op) && !deadBefore.contains(op))
      op->erase();
}

void pipeline::turnProducts(KernelOp kernel) {
  SmallVector<DotOp> dots;
  llvm::DenseSet<Operation *> deadBefore;
  kernel.getBody().walk([&](Operation *op) {
    if (isDead(op))
      deadBefore.insert(op);
    if (auto dot = dyn_cast<DotOp>(op))
      dots.push_back(dot);
  });
  llvm::for_each(dots, turnProduct);
  // The inner loops first, whose results those around them carry.
  SmallVector<ForOp> loops;
  kernel.walk([&](ForOp loop) { loops.push_back(loop); });
  for (ForOp loop : loops)
    for (BlockArgument carried : llvm::to_vector(loop.getRegionIterArgs()))
      turnCarried(loop, carried);
  eraseDead(kernel, deadBefore);
}
