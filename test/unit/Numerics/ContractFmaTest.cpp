//===- ContractFmaTest.cpp - Contraction rounds once ----------------*- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Jit.h"

#include <gtest/gtest.h>

#include <cmath>

namespace {

TEST(ContractFma, RoundsOnceAndKeepsSigns) {
  tile::test::Jit jit(R"(
    func.func @add(%a: f64, %b: f64, %c: f64) -> f64 {
      %p = arith.mulf %a, %b : f64
      %r = arith.addf %p, %c : f64
      return %r : f64
    }
    func.func @sub(%a: f64, %b: f64, %c: f64) -> f64 {
      %p = arith.mulf %a, %b : f64
      %r = arith.subf %p, %c : f64
      return %r : f64
    }
    func.func @from(%a: f64, %b: f64, %c: f64) -> f64 {
      %p = arith.mulf %a, %b : f64
      %r = arith.subf %c, %p : f64
      return %r : f64
    }
    func.func @shared(%a: f64, %b: f64, %c: f64) -> f64 {
      %p = arith.mulf %a, %b : f64
      %q = arith.addf %p, %c : f64
      %r = arith.maximumf %p, %q : f64
      return %r : f64
    }
  )");
  using Function = double(double, double, double);
  // a² = 1 + 2^-29 + 2^-60, of which a product alone keeps 1 + 2^-29.
  double a = 1 + 0x1p-30, c = 1 + 0x1p-29;
  EXPECT_EQ(jit.get<Function>("add")(a, a, -c), 0x1p-60);
  EXPECT_EQ(jit.get<Function>("sub")(a, a, c), 0x1p-60);
  EXPECT_EQ(jit.get<Function>("from")(a, a, c), -0x1p-60);
  EXPECT_EQ(jit.get<Function>("shared")(a, a, -c), c);
  // The sign of a sum that is exactly zero.
  EXPECT_FALSE(std::signbit(jit.get<Function>("from")(2, 3, 6)));
  EXPECT_FALSE(std::signbit(jit.get<Function>("sub")(2, 3, 6)));
  EXPECT_TRUE(std::signbit(jit.get<Function>("sub")(-0.0, 3, 0.0)));
}

} // namespace
