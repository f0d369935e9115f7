//===- GeluTest.cpp - The errors of GELU that docs/numerics.md states -*- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Jit.h"

#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>

namespace {

/// As the prelude writes it, for a CPU, for a GPU, and for a GPU that may approximate.
constexpr const char *source = R"(
func.func @strict(%x: f32) -> f32 {
  %half = arith.constant 0.5 : f32
  %one = arith.constant 1.0 : f32
  %root = arith.constant 0.7071067811865476 : f32
  %halved = arith.mulf %half, %x : f32
  %scaled = arith.mulf %x, %root : f32
  %erf = math.erf %scaled : f32
  %sum = arith.addf %one, %erf : f32
  %y = arith.mulf %halved, %sum : f32
  return %y : f32
}
func.func @gpu(%x: f32) -> f32 attributes {target = "sm_90a"} {
  %half = arith.constant 0.5 : f32
  %one = arith.constant 1.0 : f32
  %root = arith.constant 0.7071067811865476 : f32
  %halved = arith.mulf %x, %half : f32
  %scaled = arith.mulf %root, %x : f32
  %erf = math.erf %scaled : f32
  %sum = arith.addf %erf, %one : f32
  %y = arith.mulf %sum, %halved : f32
  return %y : f32
}
func.func @fast(%x: f32) -> f32 attributes {target = "sm_90a"} {
  %half = arith.constant 0.5 : f32
  %one = arith.constant 1.0 : f32
  %root = arith.constant 0.7071067811865476 : f32
  %halved = arith.mulf %x, %half : f32
  %scaled = arith.mulf %root, %x : f32
  %erf = math.erf %scaled fastmath<afn> : f32
  %sum = arith.addf %erf, %one : f32
  %y = arith.mulf %sum, %halved : f32
  return %y : f32
}
)";

/// What docs/numerics.md states: an error relative to the result where x is above 0, another above -3, and one that is absolute below.
struct Bounds {
  double positive, negative, beyond;
};

/// With powers of two of a GPU that are `off`.
void check(const char *name, Bounds bounds, uint64_t stride, int off = 0) {
  tile::test::Jit jit(source, off);
  auto *gelu = jit.get<float(float)>(name);
  Bounds worst = {0, 0, 0};
  auto see = [&](float x) {
    float y = gelu(x);
    if (std::isnan(x)) {
      ASSERT_TRUE(std::isnan(y)) << x;
      return;
    }
    if (std::isinf(x) || x == 0) {
      ASSERT_TRUE(x < 0 ? std::abs(y) < 1e-29 : y == x) << x << ' ' << y;
      return;
    }
    double exact = 0.5 * x * std::erfc(-static_cast<double>(x) * 0.70710678118654752), error = std::abs(y - exact);
    // Half of a subnormal is rounded once more.
    double floor = std::numeric_limits<float>::min();
    if (x > 0)
      worst.positive = std::max(worst.positive, error / std::max(exact, floor));
    else if (x > -3)
      worst.negative = std::max(worst.negative, error / std::max(-exact, floor));
    else
      worst.beyond = std::max(worst.beyond, error);
  };
  for (uint64_t bits = 0; bits <= 0xffffffff; bits += stride)
    see(std::bit_cast<float>(static_cast<uint32_t>(bits)));
  for (float x : {0.0F, -0.0F, 0x1p-149F, -0x1p-149F, 6.0F, -6.0F, 10.75F, -10.75F, 0x1.fffffep+127F, -0x1.fffffep+127F,
                  std::numeric_limits<float>::infinity(), -std::numeric_limits<float>::infinity()})
    see(x);
  EXPECT_LE(worst.positive, bounds.positive);
  EXPECT_LE(worst.negative, bounds.negative);
  EXPECT_LE(worst.beyond, bounds.beyond);
}

constexpr Bounds strict = {2e-7, 3e-5, 1.5e-7}, gpu = {4.5e-7, 3e-5, 1.5e-7}, fast = {2.1e-6, 1.3e-3, 5e-6};

TEST(Gelu, WithinItsBounds) { check("strict", strict, 251); }
TEST(Gelu, OnGpusWithinItsBounds) {
  for (int off : {-2, 0, 2})
    check("gpu", gpu, 251, off);
}
TEST(Gelu, FastWithinItsBounds) {
  for (int off : {-2, 0, 2})
    check("fast", fast, 251, off);
}

// All of f32, on request.
TEST(Gelu, DISABLED_Exhaustively) { check("strict", strict, 1); }
TEST(Gelu, DISABLED_OnGpusExhaustively) {
  for (int off : {-2, 2})
    check("gpu", gpu, 1, off);
}
TEST(Gelu, DISABLED_FastExhaustively) { check("fast", fast, 1); }

} // namespace
