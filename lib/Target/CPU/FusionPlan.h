//===- FusionPlan.h - Which tiles get memory ----------------------*- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef TILE_LIB_TARGET_CPU_FUSIONPLAN_H
#define TILE_LIB_TARGET_CPU_FUSIONPLAN_H

#include "tile/Dialect/Tile.h"

#include <llvm/ADT/DenseMap.h>
#include <llvm/ADT/SetVector.h>

namespace tile::cpu {

/// The axis of a view whose stride is known to be 1, or -1.
int64_t unitAxis(mlir::Value view);

/// Whether the op makes its result element by element from its operands, so that it can be computed where it is used.
bool isFusable(mlir::Operation *op);

/// Whether the op makes a value that nobody reads, such as the first value of a slot in a rotation.
bool isUndefined(mlir::Operation *op);

/// Whether a reshape only adds or drops axes of extent 1.
bool isUnitReshape(ir::ReshapeOp op);

/// Decides, for every tile of a kernel, whether it gets a buffer or is computed, element by element, inside the loops that use it.
///
/// A *root* is an op that is lowered to loops: a store, a reduction, the yield of a tile, the making of a stored tile. Loads, dots,
/// reductions, joins and what regions carry are always stored. An elementwise tile is stored when several roots would compute it
/// again at more than a trivial cost. Where the first of these roots visits each of its elements exactly once, the tile is
/// *deferred* to that root, which writes the buffer in passing.
class FusionPlan {
public:
  /// `late`: whether a released slot holds poison.
  FusionPlan(ir::KernelOp kernel, bool late);

  /// Whether the tile is computed where it is used.
  bool isFused(mlir::Value tile) const;
  /// The tiles that a root stores in passing.
  llvm::ArrayRef<mlir::Value> deferredTo(mlir::Operation *root) const;
  /// Whether a later root stores the tile.
  bool isDeferred(mlir::Value tile) const { return deferred.contains(tile); }
  /// Whether a `tile.load` or `tile.read` needs no copy: its users read the view or the slot itself.
  bool isInPlace(mlir::Operation *op) const { return inPlace.contains(op); }
  /// Whether nothing reads the tile after an op that may read it, so that the op may overwrite its buffer.
  bool diesAt(mlir::Value tile, mlir::Operation *op) const;
  /// Whether nothing reads the tile once the op and what it holds are done.
  bool diesWithin(mlir::Value tile, mlir::Operation *op) const;
  /// How many arithmetic ops an element costs when it is computed from what is stored; saturates.
  unsigned cost(mlir::Value tile) const { return costs.lookup(tile); }

private:
  using Ops = llvm::SmallSetVector<mlir::Operation *, 4>;
  void plan(mlir::Value tile);
  void planPlaces(mlir::Operation *op);
  bool shouldStore(mlir::Value tile, const Ops &roots) const;
  void tryDefer(mlir::Value tile);
  bool isDead(mlir::Value tile, mlir::Operation *op, bool within) const;
  bool before(mlir::Operation *a, mlir::Operation *b) const { return order.lookup(a) < order.lookup(b); }

  mlir::Operation *endOfSlot(ir::ReadOp read) const;

  bool late;
  llvm::DenseMap<mlir::Operation *, unsigned> order;
  llvm::DenseMap<mlir::Value, unsigned> costs;
  llvm::DenseSet<mlir::Value> stored;
  /// The roots that read a tile, and among them those that visit each of its elements once.
  llvm::DenseMap<mlir::Value, Ops> readers, visitors;
  llvm::DenseMap<mlir::Value, mlir::Operation *> deferred;
  llvm::DenseMap<mlir::Operation *, llvm::SmallVector<mlir::Value, 1>> storedInPassing;
  llvm::DenseSet<mlir::Operation *> inPlace;
};

} // namespace tile::cpu

#endif // TILE_LIB_TARGET_CPU_FUSIONPLAN_H
