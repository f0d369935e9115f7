//===- Rows.h - A kernel whose values are left open ----------------*- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef TILE_UNIT_ROWS_H
#define TILE_UNIT_ROWS_H

#include <string>

/// Adds to each element of y the sum of a row.
inline constexpr const char *kRows = R"(
kernel rows<WIDE: int in {32, 64, 128} = auto, STAGES: int in 1..=3 = auto>(x: f32[M, N], y: inout f32[M])
    grid (M)
    require N % WIDE == 0
{
    var total = f32[1](0);
    for j in 0..N step WIDE, stages = STAGES {
        total += sum(f32(x[program(0) +: 1, j +: WIDE]), axis = 1);
    }
    y[program(0) +: 1] = y[program(0) +: 1] + total;
}
)";

/// The same with tiles of 32 and stages that no parameter says.
inline std::string rowsWithOpenLoop() {
  std::string source = kRows;
  auto replace = [&](const std::string &old, const char *by) { source.replace(source.find(old), old.size(), by); };
  replace("<WIDE: int in {32, 64, 128} = auto, STAGES: int in 1..=3 = auto>", "<WIDE: int = 32>");
  replace(", stages = STAGES", "");
  return source;
}

#endif // TILE_UNIT_ROWS_H
