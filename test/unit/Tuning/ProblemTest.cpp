//===- ProblemTest.cpp - The arguments of a benchmark --------------*- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "tile/Tuning/Problem.h"
#include "tile/Error.h"
#include "tile/Runtime/Diagnostics.h"

#include <cmath>
#include <cstring>
#include <gtest/gtest.h>

using namespace tile;
using namespace tile::tuning;

namespace {
class ProblemTest : public testing::Test {
protected:
  ProblemTest() {
    mlir::MLIRContext context(mlir::MLIRContext::Threading::DISABLED);
    DiagnosticCollector diagnostics(&context);
    file = lang::File::parse(context,
                             "kernel k(a: T[M, cdiv(N, 2)], bias: f32[N]?, s: f32, c: inout i8[N])\n    grid (1)\n{\n"
                             "    c[0] = i8(0);\n}\n",
                             "k.tile");
  }

  const lang::KernelSignature &signature() const { return file->kernels().front(); }
  std::string refusal() const {
    try {
      planArguments(signature(), {}, options);
      return "";
    } catch (const Error &error) {
      return error.diagnostics().front().message;
    }
  }

  std::unique_ptr<lang::File> file;
  ProblemOptions options;
};
} // namespace

TEST_F(ProblemTest, PlansExtentsTypesAndStrides) {
  options.shape = {{"M", 4}, {"N", 7}};
  options.dtypes = {{"T", DType::BF16}};
  options.columnMajor = {"a"};
  options.absent = {"bias"};
  options.scalars = {{"s", 0.5}};
  std::vector<ArgumentPlan> plan = planArguments(signature(), {}, options);
  ASSERT_EQ(plan.size(), 4u);
  EXPECT_EQ(describe(plan[0]), "a: bf16[4, 4], strides 1, 4");
  EXPECT_EQ(describe(plan[1]), "bias: absent");
  EXPECT_EQ(plan[2].scalar, 0.5);
  EXPECT_EQ(describe(plan[3]), "c: i8[7]");
  // What is read and written counts twice, what isn't there not at all.
  EXPECT_EQ(Problem(Device::cpu(), plan, 0).traffic(), 4 * 4 * 2 + 2 * 7);
}

TEST_F(ProblemTest, RefusesNamesThatTheKernelDoesNotHave) {
  EXPECT_EQ(refusal(), "kernel 'k' needs extents: --shape M=…,N=…");
  options.shape = {{"M", 4}, {"N", 7}, {"L", 1}};
  EXPECT_NE(refusal().find("kernel 'k' has no extent 'L'"), std::string::npos);
  options.shape.pop_back();
  EXPECT_EQ(refusal(), "");
  options.absent = {"a"};
  EXPECT_NE(refusal().find("kernel 'k' has no optional argument 'a'"), std::string::npos);
  options.absent.clear();
  options.columnMajor = {"s"};
  EXPECT_NE(refusal().find("kernel 'k' has no view 's'"), std::string::npos);
  options.columnMajor.clear();
  options.dtypes = {{"U", DType::F32}};
  EXPECT_NE(refusal().find("kernel 'k' has no type 'U'"), std::string::npos);
}

TEST_F(ProblemTest, RefusesLayoutsOfWhatIsNotThere) {
  options.shape = {{"M", 4}, {"N", 7}};
  options.rowMajor = {"z"};
  EXPECT_NE(refusal().find("kernel 'k' has no view 'z'"), std::string::npos);
  options.rowMajor = {"a"};
  EXPECT_EQ(refusal(), "");
  options.columnMajor = {"a"};
  EXPECT_EQ(refusal(), "the layout of 'a' is said to be row and column");
}

TEST_F(ProblemTest, RefusesWhatMemoryHasNoRoomFor) {
  std::vector<ArgumentPlan> plan(2);
  plan[0] = {"x", true, true, lang::Access::In, DType::F64, {1 << 30, 1 << 30, 4}, {std::int64_t(1) << 32, 4, 1}, 1};
  plan[1] = {"y", false, true, lang::Access::Out, DType::F32, {1 << 30, 1 << 30}, {1 << 30, 1}, 1};
  try {
    Problem problem(Device::cpu(), plan, 0);
    FAIL() << "there is no such memory";
  } catch (const Error &error) {
    // The bytes don't fit in 64 bits; what isn't there takes nothing.
    std::string message = error.diagnostics().front().message;
    EXPECT_NE(message.find("the arguments take 73.8 EB of this machine's memory"), std::string::npos) << message;
    EXPECT_NE(message.find("; x: f64[1073741824, 1073741824, 4]: 36.9 EB; copies"), std::string::npos) << message;
  }
  plan[0].present = false;
  checkRoom(Device::cpu(), plan);
}

TEST_F(ProblemTest, RefusesMoreElementsThanCanBeCounted) {
  mlir::MLIRContext context(mlir::MLIRContext::Threading::DISABLED);
  DiagnosticCollector diagnostics(&context);
  file = lang::File::parse(context, "kernel k(a: out f32[N, N, N])\n    grid (1)\n{\n    a[0, 0, 0] = 0.0;\n}\n",
                           "k.tile");
  ASSERT_TRUE(file);
  options.shape = {{"N", INT32_MAX}};
  EXPECT_EQ(refusal(), "'a' has more than 2^63 - 1 elements");
}

TEST_F(ProblemTest, ComparesResults) {
  std::vector<ArgumentPlan> plan(1);
  plan[0] = {"y", true, true, lang::Access::Out, DType::F32, {2}, {1}, 1};
  Problem problem(Device::cpu(), plan, 0);
  auto bytes = [](float a, float b) {
    std::string text(8, '\0');
    std::memcpy(text.data(), &a, 4);
    std::memcpy(text.data() + 4, &b, 4);
    return std::vector{text};
  };
  EXPECT_EQ(problem.errorOf(bytes(3, 4), bytes(3, 4)), 0);
  EXPECT_NEAR(problem.errorOf(bytes(3, 4.5), bytes(3, 4)), 0.1, 1e-9);
  EXPECT_EQ(problem.errorOf(bytes(3, NAN), bytes(3, NAN)), 0);
  EXPECT_EQ(problem.errorOf(bytes(3, NAN), bytes(3, 4)), INFINITY);
  EXPECT_EQ(problem.errorOf(bytes(3, 1), bytes(0, 0)), INFINITY);
  // Until a kernel has written, results are what none would write.
  problem.reset();
  EXPECT_EQ(problem.errorOf(problem.results(), bytes(3, 4)), INFINITY);
}

TEST_F(ProblemTest, InputsAreThoseOfTheSeed) {
  std::vector<ArgumentPlan> plan(1);
  plan[0] = {"x", true, true, lang::Access::InOut, DType::F32, {100000}, {1}, 1};
  auto of = [&](std::uint64_t seed) { return Problem(Device::cpu(), plan, seed).results().front(); };
  std::string first = of(1);
  EXPECT_EQ(first, of(1));
  EXPECT_NE(first, of(2));
  double sum = 0, squares = 0;
  for (std::size_t i = 0; i < 100000; ++i) {
    float value;
    std::memcpy(&value, &first[i * 4], 4);
    sum += static_cast<double>(value);
    squares += static_cast<double>(value) * static_cast<double>(value);
  }
  EXPECT_NEAR(sum / 1e5, 0, 0.02);
  EXPECT_NEAR(squares / 1e5, 1, 0.03);
}
