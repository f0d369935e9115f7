//===- KernelsTest.cpp - Whole kernels ----------------------------*- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Harness.h"

#include <cmath>

using namespace tile::cpu::test;

TEST(Kernels, VectorAdd) {
  for (int unit : {0, -1}) {
    Kernel kernel(kernelText(viewText("a", "?xf32", false, unit) + ", " + viewText("b", "?xf32", false, unit) + ", " +
                                 viewText("c", "?xf32", true, unit),
                             R"(
      %p = tile.program_id 0
      %c256 = arith.constant 256 : index
      %i = arith.muli %p, %c256 : index
      %x = tile.load %a[%i +: 256] : !tile.view<?xf32> -> tensor<256xf32>
      %y = tile.load %b[%i +: 256] : !tile.view<?xf32> -> tensor<256xf32>
      %z = arith.addf %x, %y : tensor<256xf32>
      tile.store %z, %c[%i +: 256] : tensor<256xf32>, !tile.view<?xf32>)"));
    for (int64_t n : {1, 255, 256, 257, 100000}) {
      Array<float> a({n}), b({n}), c({n});
      a.fillRandom(1), b.fillRandom(2);
      ASSERT_EQ(kernel.run(Words().view(a).view(b).view(c), {(n + 255) / 256, 1, 1}), "");
      for (int64_t i = 0; i < n; ++i)
        ASSERT_EQ(c(i), a(i) + b(i)) << i << " of " << n;
    }
  }
}

TEST(Kernels, RowSoftmax) {
  Kernel kernel(kernelText(viewText("x", "?x?xf32", false, 1) + ", " + viewText("y", "?x?xf32", true, 1), R"(
    %p = tile.program_id 0
    %c4 = arith.constant 4 : index
    %c0 = arith.constant 0 : index
    %i = arith.muli %p, %c4 : index
    %x0 = tile.load %x[%i +: 4, %c0 +: 128] pad 0xFF800000 : f32 : !tile.view<?x?xf32> -> tensor<4x128xf32>
    %m = tile.reduce max %x0, 1 : tensor<4x128xf32> -> tensor<4xf32>
    %m1 = tile.reshape %m : tensor<4xf32> -> tensor<4x1xf32>
    %m2 = tile.broadcast %m1 : tensor<4x1xf32> -> tensor<4x128xf32>
    %d = arith.subf %x0, %m2 : tensor<4x128xf32>
    %e = math.exp %d : tensor<4x128xf32>
    %s = tile.reduce sum %e, 1 : tensor<4x128xf32> -> tensor<4xf32>
    %s1 = tile.reshape %s : tensor<4xf32> -> tensor<4x1xf32>
    %s2 = tile.broadcast %s1 : tensor<4x1xf32> -> tensor<4x128xf32>
    %r = arith.divf %e, %s2 : tensor<4x128xf32>
    tile.store %r, %y[%i +: 4, %c0 +: 128] : tensor<4x128xf32>, !tile.view<?x?xf32>)"));
  for (int64_t n : {1, 100, 128}) {
    int64_t rows = 11;
    Array<float> x({rows, n}), y({rows, n});
    x.fillRandom(n, -10, 10);
    ASSERT_EQ(kernel.run(Words().view(x).view(y), {3, 1, 1}), "");
    for (int64_t i = 0; i < rows; ++i) {
      double sum = 0, top = -INFINITY;
      for (int64_t j = 0; j < n; ++j)
        top = std::max<double>(top, x(i, j));
      for (int64_t j = 0; j < n; ++j)
        sum += std::exp(x(i, j) - top);
      for (int64_t j = 0; j < n; ++j)
        ASSERT_NEAR(y(i, j), std::exp(x(i, j) - top) / sum, 1e-6) << i << ", " << j;
    }
  }
}
