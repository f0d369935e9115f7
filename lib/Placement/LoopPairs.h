//===- LoopPairs.h - Which loops of a producer and of the program run alike *- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef TILE_LIB_PLACEMENT_LOOPPAIRS_H
#define TILE_LIB_PLACEMENT_LOOPPAIRS_H

#include "tile/Dialect/Tile.h"

namespace tile::placement {

/// A producer's loops, and for each the loop of the program that has its bounds: in the same order, and within loops that are a pair.
class LoopPairs {
public:
  explicit LoopPairs(ir::KernelOp kernel);

  /// Whether every loop of the producer has a partner.
  bool areComplete() const { return complete; }
  /// A loop of the producer that has none although all of its bounds are known by how they are computed; null when there is no such.
  mlir::scf::ForOp getOdd() const { return odd; }
  /// The loop itself where it has none.
  mlir::scf::ForOp partnerOf(mlir::scf::ForOp loop) const {
    auto found = partners.find(loop);
    return found == partners.end() ? loop : found->second;
  }

private:
  void pair(llvm::ArrayRef<mlir::scf::ForOp> ours, llvm::ArrayRef<mlir::scf::ForOp> theirs);
  /// Whether both are computed alike.
  bool areAlike(mlir::Value ours, mlir::Value theirs) const;
  /// Whether a value of the producer is computed without branches and carried values, so that the program's can be told to be alike.
  bool isKnown(mlir::Value ours) const;

  llvm::DenseMap<mlir::scf::ForOp, mlir::scf::ForOp> partners;
  /// Indices of the producer's loops and of their partners.
  llvm::DenseMap<mlir::Value, mlir::Value> indices;
  mlir::scf::ForOp odd;
  bool complete = true;
};

} // namespace tile::placement

#endif // TILE_LIB_PLACEMENT_LOOPPAIRS_H
