//===- RobustnessTest.cpp - Text that is no program -------------*- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Whatever a file holds, it is parsed or refused with at least one error. L1.6 bounds nesting; L4.5 what is emitted.
//
//===----------------------------------------------------------------------===//

#include "Parsed.h"
#include <random>

using namespace tile::lang;

static std::string repeat(llvm::StringRef text, size_t count) {
  std::string result;
  for (size_t i = 0; i < count; ++i)
    result += text;
  return result;
}

/// Wraps statements into a kernel.
static std::string body(const std::string &statements) {
  return "kernel k(x: f32[N], y: out f32[N]) grid (1) { " + statements + " }";
}

static void expectRefused(const std::string &text) {
  Parsed parsed(text);
  EXPECT_FALSE(parsed.file);
  EXPECT_FALSE(parsed.messages.empty());
  EXPECT_LE(parsed.messages.size(), 20u);
}

TEST(Robustness, EmptyFilesHaveNoKernels) {
  Parsed parsed("");
  ASSERT_TRUE(parsed.file);
  EXPECT_TRUE(parsed.file->kernels().empty());
}

TEST(Robustness, RefusesDeepNesting) {
  expectRefused(body("y[0] = " + repeat("(", 100000) + "1" + repeat(")", 100000) + ";"));
  expectRefused(body("y[0] = " + repeat("-", 100000) + "1;"));
  expectRefused(body("y[0] = " + repeat("x[", 100000)));
  expectRefused(body("y[0] = 1" + repeat(" + 1", 1000000) + ";"));
  expectRefused(body("y[0] = x" + repeat("[0]", 100000) + ";"));
  expectRefused(body(repeat("if true { ", 100000)));
  expectRefused(body("if true { } " + repeat("else if true { } ", 100000)));
  expectRefused(body("y[0] = (" + repeat("1, ", 10) + repeat("(1, ", 100000)));
}

TEST(Robustness, TakesModestNesting) {
  Parsed parsed(body("y[0] = " + repeat("(", 60) + "1.0" + repeat(")", 60) + ";"));
  EXPECT_TRUE(parsed.file);
}

TEST(Robustness, TakesLongLines) {
  Parsed parsed(body(repeat("let _ = 1; ", 1000000)));
  EXPECT_TRUE(parsed.file);
}

TEST(Robustness, RefusesBinaryFiles) {
  std::mt19937 random(7);
  for (int round = 0; round < 50; ++round) {
    std::string text(2000, '\0');
    for (char &c : text)
      c = static_cast<char>(random());
    expectRefused(text);
  }
}

/// Every prefix of a program, and every program with a piece gone or doubled, parses or is refused.
TEST(Robustness, SurvivesDamage) {
  const std::string text = R"(const C = 4;
fn f(a, b) { static if a > 1 { return (a, b); } return (b, a); }
kernel k<B: int in {4, 8} = auto, S: int in 1..=4 = auto>(x: T[M, N], w: T[N]?, s: f32, y: inout T[M, N])
    require N > 0 grid (cdiv(M, B), N) numerics = fast
{
    let m = program(0) * B;
    var (p, q) = f(1.5, -inf);
    for i in 0..N step B, stages = S {
        if s > 0.0 { p += s; } else { q = max(q, s); }
        static if w { y[m +: B, i +: 8] += w[i +: 8, pad = 1][new, :]; }
    }
    while p < 3.0 { p *= 2.0; }
    assert(p > q, "no"); print("{}", p);
    y[m, 0..3][0 +: 4] = T(where(inside(x[m, 0 +: 4]), f32(x[m, 0 +: 4]), p));
}
)";
  std::mt19937 random(11);
  unsigned parsedCount = 0;
  for (int round = 0; round < 3000; ++round) {
    std::string damaged = text;
    size_t at = random() % text.size(), count = 1 + random() % 12;
    switch (random() % 4) {
    case 0:
      damaged.resize(at);
      break;
    case 1:
      damaged.erase(at, count);
      break;
    case 2:
      damaged.insert(at, text, random() % text.size(), count);
      break;
    default:
      damaged[at] = static_cast<char>(32 + random() % 95);
    }
    Parsed parsed(damaged);
    EXPECT_EQ(parsed.file == nullptr, !parsed.messages.empty()) << damaged;
    if (!parsed.file || parsed.file->kernels().empty())
      continue;
    ++parsedCount;
    Specialization specialization;
    specialization.kernel = parsed.file->kernels().front().name;
    specialization.dtypes.assign(parsed.file->kernels().front().dtypeNames.size(), DType::F16);
    specialization.checked = true;
    bool emitted = static_cast<bool>(emit(parsed.context, *parsed.file, specialization));
    EXPECT_EQ(emitted, parsed.messages.empty()) << damaged << (parsed.messages.empty() ? "" : parsed.messages.front());
  }
  EXPECT_GT(parsedCount, 100u);
}

TEST(Robustness, RefusesUnknownKernels) {
  Parsed parsed("kernel matmul(x: f32[N]) grid (1) { }");
  Specialization specialization;
  specialization.kernel = "matmull";
  EXPECT_FALSE(emit(parsed.context, *parsed.file, specialization));
  ASSERT_EQ(parsed.messages.size(), 1u);
  EXPECT_EQ(parsed.messages[0], "there is no kernel 'matmull'");
}

/// L4.5: what grows without end while it is emitted is cut off.
TEST(Robustness, BoundsWhatIsEmitted) {
  std::string nested = "1";
  for (int i = 0; i < 100; ++i)
    nested = "f(" + nested + ")";
  Parsed parsed("fn f(a) { return g(a) + g(a); }\nfn g(a) { return h(a) * h(a); }\nfn h(a) { return a + 1.0; }\n" +
                body("y[0] = x[0] + " + nested + ";"));
  ASSERT_TRUE(parsed.file);
  Specialization specialization;
  specialization.kernel = "k";
  EXPECT_TRUE(static_cast<bool>(emit(parsed.context, *parsed.file, specialization)));
}
