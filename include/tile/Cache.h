//===- Cache.h - Machine code kept between processes -------------*- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef TILE_CACHE_H
#define TILE_CACHE_H

#include "tile/Export.h"

#include <cstdint>
#include <filesystem>

namespace tile {

/// Where the machine code of GPUs is kept, so that the next process need not compile it again. Processes share a folder safely.
/// What is in it is used only when the folder and the file belong to this user and nobody else may write them.
struct CacheOptions {
  /// Empty means what the environment's TILE_CACHE says: a folder, or "off"; else `tile` in $XDG_CACHE_HOME or in ~/.cache.
  std::filesystem::path folder;
  bool enabled = true;
  /// When the folder has grown beyond this many bytes, what was not used for longest is removed.
  std::uint64_t maxBytes = std::uint64_t(256) << 20;
};

/// Sets the options for what is compiled from now on in this process.
TILE_API void setCache(const CacheOptions &options);

/// The folder in use; empty when nothing is kept.
TILE_API std::filesystem::path cacheFolder();

} // namespace tile

#endif // TILE_CACHE_H
