//===- Export.h - Which symbols libtile.so shows -----------------*- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef TILE_EXPORT_H
#define TILE_EXPORT_H

/// What the library shows to its users; everything else is hidden.
#define TILE_API __attribute__((visibility("default")))

#endif // TILE_EXPORT_H
