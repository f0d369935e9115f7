//===- TensorMaps.h - Tensor maps of the views of a launch --------*- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef TILE_RUNTIME_TENSORMAPS_H
#define TILE_RUNTIME_TENSORMAPS_H

#include "tile/Driver/Api.h"

#include <llvm/ADT/ArrayRef.h>
#include <llvm/ADT/SmallVector.h>

#include <array>
#include <shared_mutex>
#include <vector>

namespace tile::runtime {

/// A tensor map that a kernel takes, see nvptx::TensorMap.
struct TensorMap {
  /// The argument that is the view, and the place of its base among the words of a launch; its extents and strides follow.
  unsigned argument = 0, word = 0;
  unsigned elementBytes = 0;
  /// The view's axes in the map's order, and the extents of the box along them.
  std::vector<std::int64_t> axes, box;
  std::int64_t swizzle = 0;
};

/// The tensor maps of one kernel's launches. The latest few of each are kept, so that a launch with the same tensors has none made.
class TensorMapMemo {
public:
  using Map = std::array<std::uint64_t, 16>;
  using List = llvm::SmallVector<Map, 8>;

  explicit TensorMapMemo(std::size_t maps) : known(maps) {}

  /// Makes the maps that a kernel takes of the words of a launch. Else says which map the driver has an error about.
  driver::Result encode(const driver::Api &api, llvm::ArrayRef<TensorMap> maps, llvm::ArrayRef<std::uint64_t> words,
                        List &made, std::size_t &failed);

private:
  static constexpr std::size_t kMostWords = 11;
  struct Entry {
    /// What the map was made of: base, extents and strides of a view. A base of 0 is none.
    std::array<std::uint64_t, kMostWords> view = {};
    Map map;
  };
  struct Latest {
    std::array<Entry, 4> entries;
    unsigned next = 0;
  };

  /// Never waited for: who finds it taken has a map made.
  mutable std::shared_mutex mutex;
  std::vector<Latest> known;
};

} // namespace tile::runtime

#endif // TILE_RUNTIME_TENSORMAPS_H
