//===- Passes.cpp - The placement passes by name -------------------*- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "tile/Placement/Placement.h"

void tile::placement::registerPasses() { registerTilePlacementPasses(); }
