//===- Version.h - The library's version -------------------------*- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef TILE_VERSION_H
#define TILE_VERSION_H

#include "tile/Export.h"

/// The version of the headers. Before 1.0 a new minor version may change the interface; a new patch version does not.
#define TILE_VERSION_MAJOR 0
#define TILE_VERSION_MINOR 1
#define TILE_VERSION_PATCH 0
#define TILE_VERSION_STRING "0.1.0"

#ifdef __cplusplus
namespace tile {

/// The version of the library that the program runs with, such as "0.1.0".
TILE_API const char *version() noexcept;

} // namespace tile
#endif

#endif // TILE_VERSION_H
