//===- ShapesTest.cpp - Broadcasts, transposes, reshapes, joins ---*- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Harness.h"

using namespace tile::cpu::test;

namespace {

/// a / b, rounded towards zero: an index, also where it is then compared with floats.
int64_t quotient(int64_t a, int64_t b) { return a / b; }

/// Runs a body that makes %w, a tile of `count` elements in a row, of the tile %x, which holds 0, 1, 2, ….
template <typename T>
std::vector<T> run(const std::string &body, const std::string &type, int64_t countIn, int64_t count) {
  std::string n = std::to_string(countIn), m = std::to_string(count);
  Kernel kernel(kernelText(viewText("a", "?x" + type, false, 0) + ", " + viewText("b", "?x" + type, true, 0),
                           "%c0 = arith.constant 0 : index\n%x = tile.load %a[%c0 +: " + n + "] : !tile.view<?x" +
                               type + "> -> tensor<" + n + "x" + type + ">\n" + body + "\ntile.store %w, %b[%c0 +: " +
                               m + "] : tensor<" + m + "x" + type + ">, !tile.view<?x" + type + ">"));
  Array<T> a({countIn}), b({count});
  for (int64_t i = 0; i < countIn; ++i)
    a(i) = static_cast<T>(i);
  EXPECT_EQ(kernel.run(Words().view(a).view(b)), "");
  return b.data;
}

template <typename T>
void checkTypes(const std::string &type) {
  // Both ways of a transpose, fused with arithmetic-free users.
  auto t = run<T>("%m = tile.reshape %x : tensor<64x" + type + "> -> tensor<4x16x" + type +
                      ">\n%t = tile.transpose %m, [1, 0] : tensor<4x16x" + type + "> -> tensor<16x4x" + type +
                      ">\n%w = tile.reshape %t : tensor<16x4x" + type + "> -> tensor<64x" + type + ">",
                  type, 64, 64);
  for (int64_t i = 0; i < 64; ++i)
    ASSERT_EQ(t[i], static_cast<T>(i % 4 * 16 + quotient(i, 4))) << type;
  // A row along rows, a column along columns.
  auto row = run<T>("%m = tile.reshape %x : tensor<8x" + type + "> -> tensor<1x8x" + type +
                        ">\n%t = tile.broadcast %m : tensor<1x8x" + type + "> -> tensor<4x8x" + type +
                        ">\n%w = tile.reshape %t : tensor<4x8x" + type + "> -> tensor<32x" + type + ">",
                    type, 8, 32);
  auto column = run<T>("%m = tile.reshape %x : tensor<8x" + type + "> -> tensor<8x1x" + type +
                           ">\n%t = tile.broadcast %m : tensor<8x1x" + type + "> -> tensor<8x4x" + type +
                           ">\n%w = tile.reshape %t : tensor<8x4x" + type + "> -> tensor<32x" + type + ">",
                       type, 8, 32);
  for (int64_t i = 0; i < 32; ++i) {
    ASSERT_EQ(row[i], static_cast<T>(i % 8)) << type;
    ASSERT_EQ(column[i], static_cast<T>(quotient(i, 4))) << type;
  }
  auto joined = run<T>("%j = tile.join %x, %x : tensor<32x" + type + "> -> tensor<32x2x" + type +
                           ">\n%w = tile.reshape %j : tensor<32x2x" + type + "> -> tensor<64x" + type + ">",
                       type, 32, 64);
  for (int64_t i = 0; i < 64; ++i)
    ASSERT_EQ(joined[i], static_cast<T>(quotient(i, 2))) << type;
}

TEST(Shapes, EveryWidth) {
  checkTypes<int8_t>("i8");
  checkTypes<int16_t>("i16");
  checkTypes<float>("f32");
  checkTypes<double>("f64");
}

TEST(Shapes, Bools) {
  Kernel kernel(kernelText(viewText("b", "?x?xi1", true, 1), R"(
    %c0 = arith.constant 0 : index
    %i = tile.iota : tensor<16xi32>
    %c = arith.constant dense<3> : tensor<16xi32>
    %r = arith.remui %i, %c : tensor<16xi32>
    %z = arith.constant dense<0> : tensor<16xi32>
    %e = arith.cmpi eq, %r, %z : tensor<16xi32>
    %m = tile.reshape %e : tensor<16xi1> -> tensor<2x8xi1>
    %t = tile.transpose %m, [1, 0] : tensor<2x8xi1> -> tensor<8x2xi1>
    tile.store %t, %b[%c0 +: 8, %c0 +: 2] : tensor<8x2xi1>, !tile.view<?x?xi1>)"));
  Array<char> b({8, 2});
  ASSERT_EQ(kernel.run(Words().view(b)), "");
  for (int64_t i = 0; i < 8; ++i)
    for (int64_t j = 0; j < 2; ++j)
      EXPECT_EQ(b(i, j), (j * 8 + i) % 3 == 0);
}

TEST(Shapes, JoinOfMatricesAndOfColumns) {
  auto out = run<float>(R"(
    %m = tile.reshape %x : tensor<64xf32> -> tensor<4x16xf32>
    %n = arith.negf %m : tensor<4x16xf32>
    %j = tile.join %m, %n : tensor<4x16xf32> -> tensor<4x16x2xf32>
    %w = tile.reshape %j : tensor<4x16x2xf32> -> tensor<128xf32>)",
                        "f32", 64, 128);
  for (int64_t i = 0; i < 128; ++i)
    EXPECT_EQ(out[i], i % 2 ? -float(quotient(i, 2)) : float(quotient(i, 2)));
  auto columns = run<float>(R"(
    %m = tile.reshape %x : tensor<64xf32> -> tensor<64x1xf32>
    %n = arith.negf %m : tensor<64x1xf32>
    %j = tile.join %m, %n : tensor<64x1xf32> -> tensor<64x1x2xf32>
    %w = tile.reshape %j : tensor<64x1x2xf32> -> tensor<128xf32>)",
                            "f32", 64, 128);
  EXPECT_EQ(columns, out);
}

TEST(Shapes, ConstantsWhoseElementsDiffer) {
  auto out = run<float>(
      "%c = arith.constant dense<[1.0, 2.0, 4.0, 8.0]> : tensor<4xf32>\n%w = arith.mulf %x, %c : tensor<4xf32>", "f32",
      4, 4);
  EXPECT_EQ(out, (std::vector<float>{0, 2, 8, 24}));
}

TEST(Shapes, ExpensiveRowsAreComputedOnce) {
  // What is broadcast and used twice, through a transpose as well.
  auto out = run<float>(R"(
    %a1 = arith.addf %x, %x : tensor<16xf32>
    %a2 = arith.mulf %a1, %x : tensor<16xf32>
    %a3 = arith.subf %a2, %x : tensor<16xf32>
    %r = tile.reshape %a3 : tensor<16xf32> -> tensor<1x16xf32>
    %bb = tile.broadcast %r : tensor<1x16xf32> -> tensor<16x16xf32>
    %t = tile.transpose %bb, [1, 0] : tensor<16x16xf32> -> tensor<16x16xf32>
    %s = arith.addf %bb, %t : tensor<16x16xf32>
    %w = tile.reshape %s : tensor<16x16xf32> -> tensor<256xf32>)",
                        "f32", 16, 256);
  auto f = [](float x) { return (x + x) * x - x; };
  for (int64_t i = 0; i < 256; ++i)
    EXPECT_EQ(out[i], f(quotient(i, 16)) + f(i % 16));
}

} // namespace
