//===- Costs.h - What it costs to move a tile between layouts ------*- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Costs are cycles of one multiprocessor that runs this program alone: shared memory moves 128 bytes a cycle, a memory pipe a sector of 32,
// four warps compute at once.
//
//===----------------------------------------------------------------------===//

#ifndef TILE_LIB_PLACEMENT_COSTS_H
#define TILE_LIB_PLACEMENT_COSTS_H

#include "tile/Placement/Anchors.h"

#include <llvm/ADT/DenseMap.h>

namespace tile::placement {

/// Attributes as layouts and what moving between two of them takes, both remembered.
class LayoutCosts {
public:
  /// `warpgroupsRunApart` where a producer feeds them, each at its own pace.
  LayoutCosts(mlir::MLIRContext *context, unsigned warpBits, bool warpgroupsRunApart)
      : context(context), warps(warpBits), warpgroupsRunApart(warpgroupsRunApart) {}

  unsigned warpBits() const { return warps; }
  ir::LayoutAttr attr(const layout::LinearLayout &layout) { return ir::LayoutAttr::get(context, layout); }
  const layout::LinearLayout &layout(ir::LayoutAttr attr);
  layout::Travel travel(ir::LayoutAttr from, ir::LayoutAttr to);
  /// Cycles of a conversion of elements of so many bytes.
  int64_t conversion(ir::LayoutAttr from, ir::LayoutAttr to, int64_t elementBytes);
  /// Cycles of one operation on each element, copies included.
  int64_t work(ir::LayoutAttr layout) { return std::max<int64_t>(1, (layout.getNumRegisters() << warps) / 4); }

  /// What `make` gives for an op and the layout at one of its sides, remembered.
  ir::LayoutAttr neighbour(mlir::Operation *op, ir::LayoutAttr known, bool isResult,
                           llvm::function_ref<ir::LayoutAttr()> make);

private:
  mlir::MLIRContext *context;
  unsigned warps;
  bool warpgroupsRunApart;
  llvm::DenseMap<mlir::Attribute, std::unique_ptr<layout::LinearLayout>> layouts;
  llvm::DenseMap<std::pair<mlir::Attribute, mlir::Attribute>, layout::Travel> travels;
  llvm::DenseMap<std::pair<mlir::Operation *, mlir::Attribute>, ir::LayoutAttr> operands, results;
};

} // namespace tile::placement

#endif // TILE_LIB_PLACEMENT_COSTS_H
