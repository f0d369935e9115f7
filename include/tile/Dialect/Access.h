//===- Access.h - What a kernel knows of an access when it is compiled *- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

//
// From the facts of views, and from what divides and bounds offsets: how wide one access may be. Binding decides by it, and what is bound says it.
//
//===----------------------------------------------------------------------===//

#ifndef TILE_DIALECT_ACCESS_H
#define TILE_DIALECT_ACCESS_H

#include "tile/Dialect/Tile.h"

namespace tile::ir {

/// What is known of a view, or of a part of one.
struct ViewFacts {
  /// The axis whose stride is 1, or -1.
  int64_t unitAxis = -1;
  /// Bytes that divide the base's address and the byte stride of every other axis: a power of two, at least an element's.
  int64_t align = 1;
  /// Bytes that divide the extent along the unit axis: a power of two, at least an element's.
  int64_t extentAlign = 1;
  /// Whether every element's offset from the base fits in 31 bits.
  bool index32 = false;
};

/// Follows a view to its argument. A subview keeps what is known unless it moves the unit axis by an unknown amount or drops it.
ViewFacts viewFacts(mlir::Value view);

/// What is known of the tile that an access names.
struct AccessFacts {
  /// The tile's axis along which the view's stride is 1, or -1.
  int64_t unitAxis = -1;
  /// Pieces of so many bytes along the unit axis start at a multiple of them: at most 16, and at most the tile's extent.
  int64_t alignedBytes = 1;
  /// Pieces of so many bytes lie, moreover, wholly inside or wholly outside the view.
  int64_t wholeBytes = 1;
};
AccessFacts accessFacts(mlir::Value view, mlir::ValueRange offsets, llvm::ArrayRef<int64_t> widths);

/// Whether all bits of a padding are 0, which is what copy engines pad with.
bool isZeroBits(mlir::TypedAttr padding);

/// A power of two, at most 2^20, that divides an index value whatever the launch.
int64_t knownDivisor(mlir::Value value);

/// Whether an index value is at least 0 whatever the launch.
bool isNeverNegative(mlir::Value value);

} // namespace tile::ir

#endif // TILE_DIALECT_ACCESS_H
