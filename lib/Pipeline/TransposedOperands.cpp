//===- TransposedOperands.cpp - Tiles that are transposed to be multiplied *- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// Weights are stored with either axis first, and written so: `dot(x, transpose(w[n +: 128, k +: 64]))`. Matrix units read an operand along either
// axis, so that a tile need not be turned: it is loaded from the view with its axes in the other order, whose strides are those of the view.
// Everything behind then meets an operand that is loaded, as it does of a matrix that was passed the other way round.
//
//===----------------------------------------------------------------------===//

#include "TransposedOperands.h"

#include <mlir/IR/Builders.h>

using namespace mlir;
using namespace tile;
using namespace tile::ir;

/// Whether a dot multiplies a tile, as it is or after it was computed with element by element.
static bool isMultiplied(Value tile) {
  return llvm::any_of(tile.getUses(), [](OpOperand &use) {
    Operation *user = use.getOwner();
    if (OpTrait::hasElementwiseMappableTraits(user))
      return llvm::any_of(user->getResults(), isMultiplied);
    return isa<DotOp>(user) && use.getOperandNumber() < 2;
  });
}

/// The order of axes that all readers of a load want, if dots are among them; else nothing.
static std::optional<SmallVector<int64_t>> transposedFor(LoadOp load) {
  std::optional<SmallVector<int64_t>> order;
  bool multiplied = false;
  for (Operation *user : load->getUsers()) {
    auto transpose = dyn_cast<TransposeOp>(user);
    if (!transpose || (order && !llvm::equal(*order, transpose.getOrder())))
      return std::nullopt;
    order = llvm::to_vector(transpose.getOrder());
    multiplied |= isMultiplied(transpose);
  }
  return multiplied ? order : std::nullopt;
}

/// The view with its axes in another order, which stands right behind the view.
static Value permuted(Value view, ArrayRef<int64_t> order) {
  for (Operation *user : view.getUsers())
    if (auto permute = dyn_cast<PermuteOp>(user); permute && permute.getOrder() == order)
      return permute;
  OpBuilder builder(view.getContext());
  builder.setInsertionPointAfterValue(view);
  auto type = cast<ViewType>(view.getType());
  SmallVector<int64_t> shape;
  for (int64_t axis : order)
    shape.push_back(type.getShape()[axis]);
  return PermuteOp::create(builder, view.getLoc(), ViewType::get(view.getContext(), shape, type.getElementType()), view,
                           builder.getDenseI64ArrayAttr(order));
}

/// Loads the tile with its axes in another order.
static LoadOp loadInOrder(LoadOp load, ArrayRef<int64_t> orderOfTile) {
  // An index without a width has no axis in the tile, and stays where it is.
  SmallVector<int64_t> tileAxes, order = llvm::to_vector(llvm::seq<int64_t>(0, load.getWidths().size()));
  for (auto [axis, width] : llvm::enumerate(load.getWidths()))
    if (width != kScalarIndex)
      tileAxes.push_back(axis);
  for (auto [position, axis] : llvm::enumerate(orderOfTile))
    order[tileAxes[position]] = tileAxes[axis];
  SmallVector<Value> offsets;
  SmallVector<int64_t> widths;
  for (int64_t axis : order) {
    offsets.push_back(load.getOffsets()[axis]);
    widths.push_back(load.getWidths()[axis]);
  }
  OpBuilder builder(load);
  auto type = RankedTensorType::get(accessShape(widths), cast<RankedTensorType>(load.getType()).getElementType());
  return LoadOp::create(builder, load.getLoc(), type, permuted(load.getView(), order), offsets,
                        builder.getDenseI64ArrayAttr(widths), load.getPadAttr(), load.getBindingAttr());
}

void pipeline::foldTransposedOperands(KernelOp kernel) {
  SmallVector<LoadOp> loads;
  kernel.walk([&](LoadOp load) { loads.push_back(load); });
  for (LoadOp load : loads) {
    std::optional<SmallVector<int64_t>> order = transposedFor(load);
    if (!order)
      continue;
    LoadOp turned = loadInOrder(load, *order);
    for (Operation *user : llvm::make_early_inc_range(load->getUsers())) {
      user->getResult(0).replaceAllUsesWith(turned.getResult());
      user->erase();
    }
    load.erase();
  }
}
