//===- TensorMap.h - The tensor maps that a kernel takes -----------*- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

//
// A kernel whose tiles are copied by tensor maps takes them as its last parameters, 128 bytes each, aligned to 64, by value. Which ones
// it takes, the lowered function says in `tile.tensor_maps`, and whoever launches it has the driver make them from the views.
//
//===----------------------------------------------------------------------===//

#ifndef TILE_TARGET_NVPTX_TENSORMAP_H
#define TILE_TARGET_NVPTX_TENSORMAP_H

#include "tile/Dialect/Tile.h"

#include <vector>

namespace tile::nvptx {

/// One tensor map: a view, and the box of it that one copy moves. Copies to and from memory use the same.
struct TensorMap {
  /// The argument of the kernel that is the view, counted without those that are absent.
  unsigned view = 0;
  /// The view's element. What lies outside the view is read as zero bits.
  mlir::Type element;
  /// The view's axes, all of them, the one with stride 1 first: the order of a copy's coordinates.
  llvm::SmallVector<int64_t, 5> axes;
  /// Elements of the box along each of them, in the same order.
  llvm::SmallVector<int64_t, 5> box;
  /// Bytes of shared memory within which 16-byte pieces are exchanged: 32, 64, 128, or 0 for none.
  int64_t swizzle = 0;

  bool operator==(const TensorMap &) const = default;
};

/// What a lowered function says in `tile.tensor_maps`, in the order of its parameters:
/// `[{view = 0 : i64, element = bf16, axes = array<i64: 1, 0>, box = array<i64: 64, 128>, swizzle = 128 : i64}]`.
mlir::ArrayAttr toAttribute(mlir::MLIRContext *context, llvm::ArrayRef<TensorMap> maps);

/// Reads that of a function; no maps when it has none. `ranks` are those of the kernel's arguments, -1 for scalars.
mlir::FailureOr<std::vector<TensorMap>> readTensorMaps(mlir::Operation *function, llvm::ArrayRef<int64_t> ranks);

} // namespace tile::nvptx

#endif // TILE_TARGET_NVPTX_TENSORMAP_H
