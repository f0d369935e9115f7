//===- Generator.h - Random kernels full of loops ----------------*- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef TILE_TEST_RUN_GENERATOR_H
#define TILE_TEST_RUN_GENERATOR_H

#include "Model.h"

namespace numeric {

/// A view parameter of a generated kernel.
struct ViewDecl {
  std::string name;
  /// "in", "out" or "inout".
  std::string access;
  tile::DType type = tile::DType::F32;
  std::vector<std::string> extents;
  bool used = false;
};

/// A kernel with two parameters for the stages of its loops, S and R, views, and three integers: lo, hi and st.
struct Generated {
  std::string source;
  std::vector<ViewDecl> views;
  Block body;
  int variables = 0;
  /// Width of its tiles.
  std::int64_t width = 8;
  int lo = 0, hi = 0, st = 0;
};

/// The kernel of that number; the same number gives the same kernel.
Generated generate(std::uint64_t seed);

/// What a kernel is launched with.
struct Case {
  /// One for each view of the kernel; those that it doesn't use are empty.
  std::vector<Array> arrays;
  std::int64_t programs = 1, lo = 0, hi = 0, st = 1;
  std::string describe(const Generated &kernel) const;
};

/// Arguments of one layout for each view. `number` counts the cases of a kernel: the first few have no, one and two iterations.
Case makeCase(const Generated &kernel, const std::vector<Layout> &layouts, Random &random, int number);

/// What the kernel should leave in its views.
std::vector<std::vector<Expected>> reference(const Generated &kernel, const Case &arguments,
                                             Mistake mistake = Mistake::None);

} // namespace numeric

#endif // TILE_TEST_RUN_GENERATOR_H
