//===- Classes.h - Tiles that have one layout ----------------------*- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Tiles that an elementwise op combines, that a loop carries in one place, or that a dot adds to have one layout: they form a class. A
// cheap tile (constants, what counts, and arithmetic on such) belongs to no class: it is made anew in each layout that wants it.
//
//===----------------------------------------------------------------------===//

#ifndef TILE_LIB_PLACEMENT_CLASSES_H
#define TILE_LIB_PLACEMENT_CLASSES_H

#include "tile/Dialect/Tile.h"

#include <llvm/ADT/DenseMap.h>

namespace tile::placement {

/// Whether an op works on each element by itself, so that all its tiles have one layout.
bool isElementwise(mlir::Operation *op);

struct TileClass {
  /// The tiles, in program order.
  llvm::SmallVector<mlir::Value> members;
  llvm::ArrayRef<int64_t> shape;
  /// Elementwise operations that make members, each counted as often as its loops are thought to run.
  int64_t work = 0;
  /// The bytes of the widest member's element.
  int64_t elementBytes = 1;
};

class Classes {
public:
  static constexpr unsigned kNone = ~0u;

  explicit Classes(ir::KernelOp kernel);

  llvm::ArrayRef<TileClass> all() const { return classes; }
  /// The class of a tile; `kNone` for a cheap one.
  unsigned of(mlir::Value tile) const;
  bool isCheap(mlir::Value tile) const { return cheap.contains(tile); }

private:
  /// Decides whether a value is cheap; its operands are decided.
  void findCheap(mlir::Operation *op);

  /// How many ops it takes to make a cheap tile anew.
  llvm::DenseMap<mlir::Value, unsigned> cheap;
  llvm::DenseMap<mlir::Value, unsigned> classOf;
  llvm::SmallVector<TileClass> classes;
};

/// How often an op is thought to run, for the weight of what it costs.
int64_t expectedRuns(mlir::Operation *op);

} // namespace tile::placement

#endif // TILE_LIB_PLACEMENT_CLASSES_H
