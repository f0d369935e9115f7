//===- Fold.h - What a fold does to two values, on every target ----*- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

//
// Targets differ in the order in which a fold takes its elements, and in nothing else: how two values become one is written here, once.
//
//===----------------------------------------------------------------------===//

#ifndef TILE_DIALECT_FOLD_H
#define TILE_DIALECT_FOLD_H

#include "tile/Dialect/Tile.h"

namespace tile::ir {

/// One kind of fold of one type. The values are scalars, or vectors whose lanes are folded apart.
class FoldArithmetic {
public:
  /// A partial result: one value, or for argmin and argmax a value and its index, an unsigned integer.
  using Partial = llvm::SmallVector<mlir::Value, 2>;

  /// `type` is the element type of what is accumulated. The builder outlives the fold.
  FoldArithmetic(mlir::OpBuilder &builder, mlir::Location loc, ReduceKind kind, mlir::Type type)
      : builder(builder), loc(loc), kind(kind), type(type) {}

  /// Whether the result is an index.
  bool isArg() const;
  bool isMin() const;
  bool isUnsigned() const;

  /// Two values as one; not of argmin and argmax.
  mlir::Value combine(mlir::Value a, mlir::Value b) const;
  /// Whether a is the better value of an argmin or argmax, equal ones aside; a NaN is better than what is none.
  mlir::Value better(mlir::Value a, mlir::Value b) const;
  /// Two partial results as one: those of argmin and argmax by value, then by the lower index.
  Partial combine(const Partial &a, const Partial &b) const;

protected:
  mlir::OpBuilder &builder;
  mlir::Location loc;
  ReduceKind kind;
  mlir::Type type;
};

} // namespace tile::ir

#endif // TILE_DIALECT_FOLD_H
