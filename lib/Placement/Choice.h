//===- Choice.h - Which layout each class of tiles has -------------*- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef TILE_LIB_PLACEMENT_CHOICE_H
#define TILE_LIB_PLACEMENT_CHOICE_H

#include "Classes.h"
#include "Costs.h"

namespace tile::placement {

/// In which layouts an op that changes shapes works, given those of its operand's class and its result's, and what conversions before
/// and behind it cost.
struct ShapePlan {
  ir::LayoutAttr operand, result;
  int64_t cost = 0;
};
/// `operand` is null for an operand that is made in whatever layout is wanted.
ShapePlan planShape(mlir::Operation *op, ir::LayoutAttr operand, ir::LayoutAttr result, LayoutCosts &costs);
/// The layout of the operand of such an op, given the result's (null when there is none), or of the result, given the operand's.
ir::LayoutAttr shapeNeighbour(mlir::Operation *op, ir::LayoutAttr known, bool isResult, LayoutCosts &costs);

/// In which layout a load or a store works, given that of its tile's class, and what the access and a conversion cost. A null layout
/// is any.
struct AccessPlan {
  ir::LayoutAttr layout;
  int64_t cost = 0;
};
AccessPlan planAccess(mlir::Operation *op, ir::LayoutAttr tile, LayoutCosts &costs);

/// The layout of a fold's result; null for a scalar.
ir::LayoutAttr reduceResultAttr(ir::ReduceOp reduce, ir::LayoutAttr operand, LayoutCosts &costs);

/// The layout that a dot's accumulator has in the dot, given that of its class.
ir::LayoutAttr dotAccumulator(ir::DotOp dot, ir::LayoutAttr tile, LayoutCosts &costs);
/// The layout that an operand of a dot has in registers; null for any.
ir::LayoutAttr dotOperand(ir::DotOp dot, layout::MmaOperand operand, ir::LayoutAttr accumulator, LayoutCosts &costs);

/// A layout for a tile that nothing else gives one.
ir::LayoutAttr defaultLayout(llvm::ArrayRef<int64_t> shape, LayoutCosts &costs);

/// Rings that tensor copies fill and rings whose slots a dot reads are swizzled as widely as they can be; what else is read across rows is settled when layouts are known.
ir::SwizzleAttr dotSwizzle(ir::RingOp ring);
/// Both ways for a slot to lie in shared memory, plain and swizzled.
llvm::SmallVector<ir::SwizzleAttr, 2> possibleSwizzles(ir::RingOp ring);
/// Wavefronts of all reads of a slot in a layout.
int64_t readCycles(mlir::RankedTensorType tile, ir::SwizzleAttr swizzle, ir::LayoutAttr layout, LayoutCosts &costs);
/// The ring of a slot; null for scratch memory.
ir::RingOp ringOf(mlir::Value slot);

/// A layout, and in words where the idea came from.
struct Candidate {
  ir::LayoutAttr layout;
  std::string reason;
};

/// The layout of each class, such that all conversions and accesses together cost as little as was found. Says of each class, by a
/// remark, what was chosen and what it costs.
llvm::SmallVector<Candidate> chooseLayouts(ir::KernelOp kernel, const Classes &classes, LayoutCosts &costs);

} // namespace tile::placement

#endif // TILE_LIB_PLACEMENT_CHOICE_H
