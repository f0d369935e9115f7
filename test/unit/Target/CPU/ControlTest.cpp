//===- ControlTest.cpp - Loops, branches, grids, messages ---------*- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Harness.h"

#include <immintrin.h>
#include <set>
#include <thread>

using namespace tile::cpu::test;

namespace {

/// Runs a body that makes %w of the tile %x, of 32 f32, and the index %n.
std::vector<float> run(const std::string &body, int64_t n, std::vector<float> x = {}) {
  std::string text = body;
  for (size_t at; (at = text.find("T ")) != std::string::npos || (at = text.find("T)")) != std::string::npos ||
                  (at = text.find("T,")) != std::string::npos || (at = text.find("T\n")) != std::string::npos;)
    text.replace(at, 1, "tensor<32xf32>");
  Kernel kernel(kernelText(viewText("a", "?xf32", false, 0) + ", " + viewText("b", "?xf32", true, 0) + ", %n: index",
                           "%c0 = arith.constant 0 : index\n%c1 = arith.constant 1 : index\n"
                           "%x = tile.load %a[%c0 +: 32] : !tile.view<?xf32> -> tensor<32xf32>\n" +
                               text + "\ntile.store %w, %b[%c0 +: 32] : tensor<32xf32>, !tile.view<?xf32>"));
  Array<float> a({32}), b({32});
  std::iota(a.data.begin(), a.data.end(), 1.0f);
  if (!x.empty())
    a.data = x;
  EXPECT_EQ(kernel.run(Words().view(a).view(b).scalar(n)), "");
  return b.data;
}

TEST(Control, CarriedTilesMoveAtOnce) {
  for (int64_t n = 0; n < 5; ++n) {
    // p, q = q, p + q, where the new p must not be seen by the new q.
    auto out = run(R"(
      %z = arith.constant dense<1.0> : T
      %p, %w = scf.for %i = %c0 to %n step %c1 iter_args(%p0 = %x, %q0 = %z) -> (T, T) {
        %s = arith.addf %p0, %q0 : T
        scf.yield %q0, %s : T, T
      })",
                   n);
    for (int64_t j = 0; j < 32; ++j) {
      float p = j + 1, q = 1;
      for (int64_t i = 0; i < n; ++i)
        std::tie(p, q) = std::tuple(q, p + q);
      EXPECT_EQ(out[j], q) << n;
    }
  }
}

TEST(Control, CarriedTilesSwap) {
  for (int64_t n = 0; n < 4; ++n) {
    auto out = run(R"(
      %z = arith.constant dense<1.0> : T
      %p, %q = scf.for %i = %c0 to %n step %c1 iter_args(%p0 = %x, %q0 = %z) -> (T, T) {
        scf.yield %q0, %p0 : T, T
      }
      %d = arith.addf %p, %p : T
      %w = arith.addf %d, %q : T
)",
                   n);
    EXPECT_EQ(out[4], n % 2 ? 2 * 1 + 5 : 2 * 5 + 1);
  }
}

TEST(Control, ACarriedTileThatIsReversedIsSetAside) {
  // A transposed read of the buffer that is written.
  auto out = run(R"(
    %m0 = tile.reshape %x : T -> tensor<4x8xf32>
    %m = scf.for %i = %c0 to %n step %c1 iter_args(%p = %m0) -> (tensor<4x8xf32>) {
      %t = tile.transpose %p, [1, 0] : tensor<4x8xf32> -> tensor<8x4xf32>
      %r = tile.reshape %t : tensor<8x4xf32> -> tensor<4x8xf32>
      scf.yield %r : tensor<4x8xf32>
    }
    %w = tile.reshape %m : tensor<4x8xf32> -> T
)",
                 2);
  std::vector<float> expected(32), next(32);
  std::iota(expected.begin(), expected.end(), 1.0f);
  for (int i = 0; i < 2; ++i) {
    for (int r = 0; r < 8; ++r)
      for (int c = 0; c < 4; ++c)
        next[r * 4 + c] = expected[c * 8 + r];
    expected = next;
  }
  EXPECT_EQ(out, expected);
}

TEST(Control, NestedLoopsAndValuesFromOutside) {
  auto out = run(R"(
    %e = arith.mulf %x, %x : T
    %f = arith.addf %e, %x : T
    %g = arith.mulf %f, %e : T
    %w = scf.for %i = %c0 to %n step %c1 iter_args(%p = %x) -> (T) {
      %q = scf.for %j = %c0 to %i step %c1 iter_args(%r = %p) -> (T) {
        %s = arith.addf %r, %g : T
        scf.yield %s : T
      }
      %u = arith.subf %q, %x : T
      scf.yield %u : T
    })",
                 4);
  for (int64_t j = 0; j < 32; ++j) {
    float x = j + 1, e = x * x, g = (e + x) * e, p = x;
    for (int i = 0; i < 4; ++i) {
      for (int k = 0; k < i; ++k)
        p += g;
      p -= x;
    }
    EXPECT_EQ(out[j], p);
  }
}

TEST(Control, BranchesGiveTiles) {
  for (int64_t n : {0, 1}) {
    auto out = run(R"(
      %yes = arith.cmpi sgt, %n, %c0 : index
      %w, %k = scf.if %yes -> (T, index) {
        %d = arith.addf %x, %x : T
        scf.yield %d, %c1 : T, index
      } else {
        scf.yield %x, %c0 : T, index
      })",
                   n);
    EXPECT_EQ(out[3], n ? 8 : 4);
  }
}

TEST(Control, AGuardedAccumulatorStaysInPlace) {
  auto out = run(R"(
    %two = arith.constant dense<2.0> : T
    %w = scf.for %i = %c0 to %n step %c1 iter_args(%p = %x) -> (T) {
      %odd = arith.remui %i, %c1 : index
      %c3 = arith.constant 3 : index
      %yes = arith.cmpi slt, %i, %c3 : index
      %q = scf.if %yes -> (T) {
        %d = arith.mulf %p, %two : T
        scf.yield %d : T
      } else {
        scf.yield %p : T
      }
      scf.yield %q : T
    })",
                 5);
  EXPECT_EQ(out[0], 8);
  EXPECT_EQ(out[31], 256);
}

TEST(Control, WhileLoopsCarryTiles) {
  for (int64_t n : {0, 1, 5}) {
    auto out = run(R"(
      %i, %w = scf.while (%k = %c0, %p = %x) : (index, T) -> (index, T) {
        %go = arith.cmpi slt, %k, %n : index
        scf.condition(%go) %k, %p : index, T
      } do {
      ^bb0(%k: index, %p: tensor<32xf32>):
        %k2 = arith.addi %k, %c1 : index
        %p2 = arith.addf %p, %p : T
        scf.yield %k2, %p2 : index, T
      })",
                   n);
    EXPECT_EQ(out[2], 3 * (1 << n));
  }
}

//===----------------------------------------------------------------------===//
// Grids and messages
//===----------------------------------------------------------------------===//

const char *kMark = R"(
    %p = tile.program_id 0
    %q = tile.program_id 1
    %r = tile.program_id 2
    %one = arith.constant 1.0 : f32
    %x = tile.load %b[%r, %q, %p] : !tile.view<?x?x?xf32> -> f32
    %y = arith.addf %x, %one : f32
    tile.store %y, %b[%r, %q, %p] : f32, !tile.view<?x?x?xf32>)";

TEST(Control, EveryProgramRunsOnce) {
  Kernel kernel(kernelText(viewText("b", "?x?x?xf32", true, 2), kMark));
  for (std::array<int64_t, 3> grid : {std::array<int64_t, 3>{1, 1, 1}, {7, 1, 3}, {100, 33, 5}, {0, 4, 4}}) {
    Array<float> b({grid[2], grid[1], grid[0]});
    ASSERT_EQ(kernel.run(Words().view(b), grid), "");
    EXPECT_TRUE(llvm::all_of(b.data, [](float count) { return count == 1; }));
  }
}

TEST(Control, ManyThreadsRunOneExecutable) {
  Kernel kernel(kernelText(viewText("b", "?x?x?xf32", true, 2), kMark));
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i)
    threads.emplace_back([&] {
      for (int repeat = 0; repeat < 50; ++repeat) {
        Array<float> b({2, 9, 31});
        EXPECT_EQ(kernel.run(Words().view(b), {31, 9, 2}), "");
        EXPECT_TRUE(llvm::all_of(b.data, [](float count) { return count == 1; }));
      }
    });
  for (std::thread &thread : threads)
    thread.join();
}

TEST(Control, TheHostsArithmeticModesDoNotMatter) {
  Kernel kernel(kernelText(viewText("a", "?xf32", true, 0), R"(
    %c0 = arith.constant 0 : index
    %x = tile.load %a[%c0 +: 16] : !tile.view<?xf32> -> tensor<16xf32>
    %h = arith.constant dense<0.5> : tensor<16xf32>
    %y = arith.mulf %x, %h : tensor<16xf32>
    tile.store %y, %a[%c0 +: 16] : tensor<16xf32>, !tile.view<?xf32>)"));
  Array<float> a({16}, 0x1.000002p-126f);
  unsigned host = _mm_getcsr();
  // Subnormals flushed, rounding upwards.
  _mm_setcsr(host | 0x8040 | 0x4000);
  std::string error = kernel.run(Words().view(a));
  unsigned after = _mm_getcsr();
  _mm_setcsr(host);
  EXPECT_EQ(error, "");
  EXPECT_EQ(after & 0xe040, (host | 0xc040) & 0xe040);
  EXPECT_EQ(a(0), 0x1p-127f);
}

TEST(Control, AFailedAssertionIsTheRunsError) {
  Kernel kernel(kernelText("%n: index", R"(
    %c3 = arith.constant 3 : index
    %ok = arith.cmpi slt, %n, %c3 : index
    tile.assert %ok, "n is small" : i1
    %i = tile.iota : tensor<8xindex>
    %m = tensor.splat %n : tensor<8xindex>
    %all = arith.cmpi sgt, %i, %m : tensor<8xindex>
    tile.assert %all, "all are above n" : tensor<8xi1>)"));
  EXPECT_EQ(kernel.run(Words().scalar(int64_t(-1))), "");
  EXPECT_EQ(kernel.run(Words().scalar(int64_t(3))), "assertion failed: n is small");
  EXPECT_EQ(kernel.run(Words().scalar(int64_t(0))), "assertion failed: all are above n");
  EXPECT_EQ(kernel.run(Words().scalar(int64_t(-1))), "");
}

TEST(Control, PrintsWholeLines) {
  std::multiset<std::string> lines;
  tile::cpu::Options options;
  options.print = [&](llvm::StringRef line) { lines.insert(line.str()); };
  Kernel kernel(kernelText("%h: bf16, %u: i8, %t: i1", R"(
    %p = tile.program_id 0
    %c = arith.constant dense<1.5> : tensor<2x2xf32>
    tile.print "program {} has {}, {}, {} and {} of all!" (%p, %c, %h, %u, %u) {unsigned_values = array<i1: false, false, false, false, true>} : index, tensor<2x2xf32>, bf16, i8, i8
    tile.print "{}" (%t) : i1)"),
                options);
  ASSERT_EQ(kernel.run(Words().scalar(uint16_t(0xc020)).scalar(uint8_t(250)).scalar(true), {40, 1, 1}), "");
  EXPECT_EQ(lines.size(), 80u);
  EXPECT_EQ(lines.count("true\n"), 40u);
  for (int i = 0; i < 40; ++i)
    EXPECT_EQ(lines.count("program " + std::to_string(i) + " has [[1.5, 1.5], [1.5, 1.5]], -2.5, -6 and 250 of all!\n"),
              1u);
}

TEST(Control, ATileTooLargeIsRefusedWithItsParts) {
  Kernel kernel(kernelText(viewText("a", "?x?xf32", false) + ", " + viewText("b", "?x?xf32", true), R"(
    %c0 = arith.constant 0 : index
    %x = tile.load %a[%c0 +: 4096, %c0 +: 8192] : !tile.view<?x?xf32> -> tensor<4096x8192xf32>
    tile.store %x, %b[%c0 +: 4096, %c0 +: 8192] : tensor<4096x8192xf32>, !tile.view<?x?xf32>)"));
  EXPECT_FALSE(kernel.executable);
  EXPECT_NE(kernel.messages.find("tile too large for the target: a program needs 131072 KiB"), std::string::npos)
      << kernel.messages;
  EXPECT_NE(kernel.messages.find("131072 KiB for a load of tensor<4096x8192xf32>"), std::string::npos);
}

} // namespace
