//===- TileGenerator.h - Random kernels full of shapes -----------*- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef TILE_TEST_RUN_TILEGENERATOR_H
#define TILE_TEST_RUN_TILEGENERATOR_H

#include "Generator.h"

namespace numeric {

/// A kernel with a parameter S for the stages of its loop, if it has one, and an integer: how many iterations that has, up to 4.
struct TileProgram {
  Generated kernel;
  /// Of each view.
  std::vector<Shape> shapes;
  bool hasLoop = false;
};

/// The kernel of that number; the same number gives the same kernel.
TileProgram generateTileProgram(std::uint64_t seed);

/// Arguments in random layouts.
Case makeCase(const TileProgram &program, Random &random, std::int64_t trips, bool exact);

} // namespace numeric

#endif // TILE_TEST_RUN_TILEGENERATOR_H
