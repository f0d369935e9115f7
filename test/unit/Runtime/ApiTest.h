//===- ApiTest.h - What the tests of the public API share -------*- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef TILE_TEST_APITEST_H
#define TILE_TEST_APITEST_H

#include "tile/tile.h"

#include <gtest/gtest.h>

#include <cstddef>
#include <functional>
#include <string>
#include <vector>

namespace api {

/// y = x * s, with two names bound.
inline constexpr const char *scaleSource = R"(kernel scale<BLOCK: int in {16, 32, 64} = 32>(x: T[N], s: T, y: out T[N])
    grid (cdiv(N, BLOCK))
{
    let i = program(0) * BLOCK;
    y[i +: BLOCK] = x[i +: BLOCK] * s;
}
)";

/// The sum of each row, by a pipelined loop.
inline constexpr const char *rowsSource = R"(kernel rows<STAGES: int in 1..=6 = auto>(x: f32[M, N], y: out f32[M])
    grid (M)
{
    let m = program(0);
    var acc = f32[64](0);
    for n in 0..N step 64, stages = STAGES {
        acc += x[m, n +: 64];
    }
    y[m] = sum(acc);
}
)";

/// What a call throws, or "" when it doesn't.
inline std::string thrown(const std::function<void()> &call) {
  try {
    call();
  } catch (const tile::Error &error) {
    EXPECT_FALSE(error.diagnostics().empty());
    return error.what();
  }
  return "";
}

} // namespace api

/// Expects a call to throw a tile::Error whose text contains each of some pieces.
#define EXPECT_ERROR(call, ...)                                                                                        \
  do {                                                                                                                 \
    std::string text = api::thrown([&] { call; });                                                                     \
    EXPECT_NE(text, "") << "no error";                                                                                 \
    for (const char *piece : {__VA_ARGS__})                                                                            \
      EXPECT_NE(text.find(piece), std::string::npos) << "no '" << piece << "' in: " << text;                           \
  } while (false)

#endif // TILE_TEST_APITEST_H
