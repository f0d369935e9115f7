//===- ProducerSlice.h - What a producer has to compute ------------*- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// A producer fills the rings of a kernel's loops beside the threads that read them. It repeats, of the kernel, what its copies need:
// the loops around them, their bounds and the copies' addresses.
//
//===----------------------------------------------------------------------===//

#ifndef TILE_LIB_PIPELINE_PRODUCERSLICE_H
#define TILE_LIB_PIPELINE_PRODUCERSLICE_H

#include "tile/Dialect/Tile.h"

#include <llvm/ADT/SetVector.h>

namespace tile::pipeline {

/// The part of a kernel that some loads need to be issued.
class ProducerSlice {
public:
  explicit ProducerSlice(llvm::ArrayRef<ir::LoadOp> loads);

  /// Whether the slice has an op; one with regions that is no loop it has with all that the op holds.
  bool contains(mlir::Operation *op) const { return ops.contains(op); }
  /// Whether the slice needs a value that a loop carries.
  bool carries(mlir::BlockArgument carried) const { return values.contains(carried); }
  /// The first op that a producer can't run, and why; a producer computes scalars, and nothing that the kernel may change in the meantime.
  std::optional<std::pair<mlir::Operation *, llvm::StringRef>> misfit() const;

private:
  void add(mlir::Value value);
  void add(mlir::Operation *op);

  llvm::SetVector<mlir::Operation *> ops;
  llvm::DenseSet<mlir::Value> values;
  llvm::DenseSet<mlir::Operation *> copies;
};

} // namespace tile::pipeline

#endif // TILE_LIB_PIPELINE_PRODUCERSLICE_H
