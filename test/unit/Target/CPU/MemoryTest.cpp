//===- MemoryTest.cpp - Loads, stores, subviews -------------------*- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Harness.h"

using namespace tile::cpu::test;

namespace {

/// What a padded access of a matrix reads.
float padded(const Array<float> &a, int64_t i, int64_t j, float pad) {
  bool inside = i >= 0 && j >= 0 && i < a.shape[0] && j < a.shape[1];
  return inside ? a(i, j) : pad;
}

} // namespace

TEST(Memory, LoadsPadAndStoresClipAtEveryEdge) {
  for (int unit : {1, 0, -1}) {
    Kernel kernel(kernelText(viewText("a", "?x?xf32", false, unit) + ", " + viewText("b", "?x?xf32", true, unit) +
                                 ", %i: index, %j: index, %k: index, %l: index",
                             R"(
      %x = tile.load %a[%i +: 4, %j +: 32] pad 7.0 : f32 : !tile.view<?x?xf32> -> tensor<4x32xf32>
      %c = arith.constant dense<1.0> : tensor<4x32xf32>
      %y = arith.addf %x, %c : tensor<4x32xf32>
      tile.store %y, %b[%k +: 4, %l +: 32] : tensor<4x32xf32>, !tile.view<?x?xf32>)"));
    for (int64_t i : {-5, -2, 0, 3, 4, 6, 7, 100})
      for (int64_t j : {-40, -32, -1, 0, 5, 17, 32, 37, 1000}) {
        bool transposed = unit == 0;
        Array<float> a(transposed ? std::vector<int64_t>{37, 7} : std::vector<int64_t>{7, 37}), b(a.shape, -1);
        a.fillRandom(i * 50 + j);
        Words words;
        transposed ? words.transposed(a).transposed(b) : words.view(a).view(b);
        int64_t k = j % 3, l = i * 2;
        ASSERT_EQ(kernel.run(words.scalar(i).scalar(j).scalar(k).scalar(l)), "");
        auto flip = [&](const Array<float> &array) {
          if (!transposed)
            return array;
          Array<float> flipped({array.shape[1], array.shape[0]});
          for (int64_t r = 0; r < flipped.shape[0]; ++r)
            for (int64_t c = 0; c < flipped.shape[1]; ++c)
              flipped(r, c) = array(c, r);
          return flipped;
        };
        Array<float> in = flip(a), out = flip(b);
        for (int64_t r = 0; r < 7; ++r)
          for (int64_t c = 0; c < 37; ++c) {
            bool written = r >= k && r < k + 4 && c >= l && c < l + 32;
            ASSERT_EQ(out(r, c), written ? padded(in, i + r - k, j + c - l, 7) + 1 : -1)
                << unit << ": " << i << ", " << j;
          }
      }
  }
}

TEST(Memory, ScalarsAreCheckedToo) {
  Kernel kernel(kernelText(
      viewText("a", "?x?xf32", false, 1) + ", " + viewText("b", "?xf32", true, 0) + ", %i: index, %j: index", R"(
    %x = tile.load %a[%i, %j] pad 3.0 : f32 : !tile.view<?x?xf32> -> f32
    tile.store %x, %b[%j] : f32, !tile.view<?xf32>)"));
  for (int64_t i : {-1, 0, 2, 3})
    for (int64_t j : {-1, 0, 4, 5}) {
      Array<float> a({3, 5}), b({5}, -1);
      a.fillRandom(1);
      ASSERT_EQ(kernel.run(Words().view(a).view(b).scalar(i).scalar(j)), "");
      for (int64_t c = 0; c < 5; ++c)
        EXPECT_EQ(b(c), c == j ? padded(a, i, j, 3) : -1);
    }
}

TEST(Memory, ADroppedAxisOutsideReadsPadding) {
  Kernel kernel(
      kernelText(viewText("a", "?x?xf32", false, 1) + ", " + viewText("b", "?xf32", true, 0) + ", %i: index", R"(
    %c0 = arith.constant 0 : index
    %x = tile.load %a[%i, %c0 +: 8] pad 3.0 : f32 : !tile.view<?x?xf32> -> tensor<8xf32>
    tile.store %x, %b[%c0 +: 8] : tensor<8xf32>, !tile.view<?xf32>)"));
  for (int64_t i : {-1, 0, 2, 3}) {
    Array<float> a({3, 6}), b({8}, -1);
    a.fillRandom(1);
    ASSERT_EQ(kernel.run(Words().view(a).view(b).scalar(i)), "");
    for (int64_t c = 0; c < 8; ++c)
      EXPECT_EQ(b(c), padded(a, i, c, 3));
  }
}

TEST(Memory, SubviewsClip) {
  Kernel kernel(kernelText(viewText("a", "?x?xf32", false, 1) + ", " + viewText("b", "?xf32", true, 0) + ", " +
                               viewText("n", "?xindex", true, 0) + ", %i: index, %lo: index, %hi: index",
                           R"(
    %c0 = arith.constant 0 : index
    %row = tile.subview %a[%i, %lo to %hi] : !tile.view<?x?xf32> -> !tile.view<?xf32>
    %e = tile.extent %row, 0 : !tile.view<?xf32>
    tile.store %e, %n[%c0] : index, !tile.view<?xindex>
    %x = tile.load %row[%c0 +: 16] pad 3.0 : f32 : !tile.view<?xf32> -> tensor<16xf32>
    tile.store %x, %b[%c0 +: 16] : tensor<16xf32>, !tile.view<?xf32>)"));
  for (int64_t i : {-1, 0, 3, 4})
    for (int64_t lo : {-3, 0, 2, 9, 10, 50})
      for (int64_t hi : {-5, 0, 1, 7, 10, 99}) {
        Array<float> a({4, 10}), b({16}, -1);
        Array<int64_t> n({1});
        a.fillRandom(1);
        ASSERT_EQ(kernel.run(Words().view(a).view(b).view(n).scalar(i).scalar(lo).scalar(hi)), "");
        int64_t low = std::max<int64_t>(lo, 0), high = std::min<int64_t>(hi, 10);
        int64_t extent = i >= 0 && i < 4 && low < high ? high - low : 0;
        EXPECT_EQ(n(0), extent);
        for (int64_t c = 0; c < 16; ++c)
          EXPECT_EQ(b(c), c < extent ? a(i, low + c) : 3) << i << " " << lo << " " << hi;
      }
}

TEST(Memory, PermutedViewsHaveTheirAxesInAnotherOrder) {
  for (int64_t unitAxis : {1, -1}) {
    Kernel kernel(kernelText(viewText("a", "?x?xf32", false, unitAxis) + ", " + viewText("b", "?x?xf32", true, 1) +
                                 ", " + viewText("n", "?xindex", true, 0) + ", %i: index, %j: index",
                             R"(
    %c0 = arith.constant 0 : index
    %t = tile.permute %a, [1, 0] : !tile.view<?x?xf32> -> !tile.view<?x?xf32>
    %e = tile.extent %t, 0 : !tile.view<?x?xf32>
    tile.store %e, %n[%c0] : index, !tile.view<?xindex>
    %x = tile.load %t[%i +: 16, %j +: 4] pad 3.0 : f32 : !tile.view<?x?xf32> -> tensor<16x4xf32>
    tile.store %x, %b[%c0 +: 16, %c0 +: 4] : tensor<16x4xf32>, !tile.view<?x?xf32>)"));
    for (int64_t i : {-2, 0, 7})
      for (int64_t j : {-1, 0, 3}) {
        Array<float> a({5, 18}), b({16, 4}, -1);
        Array<int64_t> n({1});
        a.fillRandom(1);
        ASSERT_EQ(kernel.run(Words().view(a).view(b).view(n).scalar(i).scalar(j)), "");
        EXPECT_EQ(n(0), 18);
        for (int64_t r = 0; r < 16; ++r)
          for (int64_t c = 0; c < 4; ++c)
            EXPECT_EQ(b(r, c), padded(a, j + c, i + r, 3)) << i << " " << j;
      }
  }
}

TEST(Memory, InsideSaysWhatIsInBounds) {
  Kernel kernel(kernelText(
      viewText("a", "?x?xf32", false, 1) + ", " + viewText("b", "?x?xi1", true, 1) + ", %i: index, %j: index", R"(
    %c0 = arith.constant 0 : index
    %x = tile.inside %a[%i +: 4, %j +: 16] : !tile.view<?x?xf32> -> tensor<4x16xi1>
    tile.store %x, %b[%c0 +: 4, %c0 +: 16] : tensor<4x16xi1>, !tile.view<?x?xi1>
    %y = tile.inside %a[%i, %j] : !tile.view<?x?xf32> -> i1
    tile.store %y, %b[%c0, %c0] : i1, !tile.view<?x?xi1>)"));
  for (int64_t i : {-2, 0, 4})
    for (int64_t j : {-3, 0, 7, 30}) {
      Array<float> a({6, 21});
      Array<char> b({4, 16}, 9);
      ASSERT_EQ(kernel.run(Words().view(a).view(b).scalar(i).scalar(j)), "");
      for (int64_t r = 0; r < 4; ++r)
        for (int64_t c = 0; c < 16; ++c)
          EXPECT_EQ(b(r, c), i + r >= 0 && i + r < 6 && j + c >= 0 && j + c < 21);
    }
}
