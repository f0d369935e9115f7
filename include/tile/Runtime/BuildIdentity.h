//===- BuildIdentity.h - Which build of the library runs ----------*- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef TILE_RUNTIME_BUILDIDENTITY_H
#define TILE_RUNTIME_BUILDIDENTITY_H

#include <string>

namespace tile::runtime {

/// A text that differs between builds of the library, also of one version: what is kept on a disk by one build is not for another.
const std::string &buildIdentity();

} // namespace tile::runtime

#endif // TILE_RUNTIME_BUILDIDENTITY_H
