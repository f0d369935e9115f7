//===- BindTest.cpp - What a launch binds and refuses -----------*- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Parsed.h"

using namespace tile::lang;

static constexpr char matmul[] = R"(
kernel matmul<BM: int in {64, 128} = auto, BK: int in {32, 64} = 64, STAGES: int in 1..=6 = auto>
    (a: T[M, K], b: T[K, N], bias: f32[N]?, scale: f32, c: out T[M, N])
    require K % 4 == 0
    require bias || N > 1
    grid (cdiv(M, BM), N)
{ for k in 0..K, stages = STAGES { c[program(0), program(1)] = a[0, k]; } }
)";

namespace {
struct Matmul : testing::Test {
  Parsed parsed{matmul};
  TestView a{DType::BF16, {100, 64}}, b{DType::BF16, {64, 30}}, bias{DType::F32, {30}}, c{DType::BF16, {100, 30}};
  std::vector<ParamValue> params;
  Bound bound;

  std::vector<Argument> arguments() {
    return {a.argument(), b.argument(), bias.argument(), scalar(DType::F32, 0), c.argument()};
  }
  std::string run(llvm::ArrayRef<Argument> arguments) {
    std::optional<BindError> error = tile::lang::bind(parsed.kernel(), params, arguments, bound);
    return error ? error->message : "";
  }
  std::string run() { return run(arguments()); }
};
} // namespace

/// L5.1 to L5.3, L5.8
TEST_F(Matmul, Binds) {
  ASSERT_EQ(run(), "");
  ASSERT_EQ(bound.params.size(), 3u);
  EXPECT_EQ(bound.params[0], ParamValue::integer(64));
  EXPECT_EQ(bound.params[1], ParamValue::integer(64));
  EXPECT_EQ(bound.params[2], ParamValue::automatic());
  ASSERT_EQ(parsed.kernel().extentNames, (std::vector<std::string>{"M", "K", "N"}));
  EXPECT_EQ(bound.extents[0], 100);
  EXPECT_EQ(bound.extents[1], 64);
  EXPECT_EQ(bound.extents[2], 30);
  EXPECT_EQ(bound.dtypes[0], DType::BF16);
  EXPECT_EQ(bound.grid, (std::array<int64_t, 3>{2, 30, 1}));
}

TEST_F(Matmul, TakesParameters) {
  params = {ParamValue::integer(128), {}, ParamValue::integer(3)};
  ASSERT_EQ(run(), "");
  EXPECT_EQ(bound.grid[0], 1);
  EXPECT_EQ(bound.params[2], ParamValue::integer(3));
}

/// L5.6
TEST_F(Matmul, TakesAbsentArguments) {
  auto list = arguments();
  list[2] = {};
  ASSERT_EQ(run(list), "");
  EXPECT_FALSE(bound.present[2]);
  EXPECT_TRUE(bound.present[0]);
}

/// L5.9
TEST_F(Matmul, RefusesContradictingExtents) {
  b = TestView(DType::BF16, {32, 30});
  std::optional<BindError> error = tile::lang::bind(parsed.kernel(), params, arguments(), bound);
  ASSERT_TRUE(error);
  EXPECT_EQ(error->message, "'K' is 64 in argument 'a' axis 1 but 32 in argument 'b' axis 0");
  EXPECT_EQ(error->position.line, 3u);
  EXPECT_EQ(error->note, "it is bound here");
}

TEST_F(Matmul, RefusesContradictingDTypes) {
  b.dtype = DType::F16;
  EXPECT_EQ(run(), "'T' is bf16 in argument 'a' but f16 in argument 'b'");
}

TEST_F(Matmul, RefusesAnotherFixedDType) {
  bias.dtype = DType::F16;
  EXPECT_EQ(run(), "argument 'bias' is of f32, not f16");
}

TEST_F(Matmul, RefusesAnotherRank) {
  a = TestView(DType::BF16, {100});
  EXPECT_EQ(run(), "argument 'a' has 2 axes, not 1");
}

TEST_F(Matmul, RefusesScalarsForViews) {
  auto list = arguments();
  list[0] = scalar(DType::BF16, 0);
  EXPECT_EQ(run(list), "argument 'a' is a view, not a scalar");
  list = arguments();
  list[3] = a.argument();
  EXPECT_EQ(run(list), "argument 'scale' is a scalar, not a view");
}

TEST_F(Matmul, RefusesMissingArguments) {
  auto list = arguments();
  list[0] = {};
  EXPECT_EQ(run(list), "argument 'a' is missing and not optional");
  list.pop_back();
  EXPECT_EQ(run(list), "kernel 'matmul' takes 5 arguments, not 4");
}

TEST_F(Matmul, RefusesLargeExtents) {
  a.extents[0] = int64_t(1) << 31;
  EXPECT_EQ(run(), "argument 'a' has the extent 2147483648 on axis 0; extents are from 0 to 2^31 - 1");
  a.extents[0] = -1;
  EXPECT_EQ(run(), "argument 'a' has the extent -1 on axis 0; extents are from 0 to 2^31 - 1");
}

/// L14.2
TEST_F(Matmul, RefusesMisalignedBases) {
  a.address = 4097;
  EXPECT_EQ(run(), "argument 'a' has a base that is not aligned to its element, 2 bytes");
}

/// L5.8
TEST_F(Matmul, ChecksRequirements) {
  a = TestView(DType::BF16, {100, 62});
  b = TestView(DType::BF16, {62, 30});
  std::optional<BindError> error = tile::lang::bind(parsed.kernel(), params, arguments(), bound);
  ASSERT_TRUE(error);
  EXPECT_EQ(error->message, "a requirement of kernel 'matmul' does not hold");
  EXPECT_EQ(error->note, "'K' is 62");
}

/// L5.1
TEST_F(Matmul, RefusesValuesOutsideASet) {
  params = {ParamValue::integer(48)};
  EXPECT_EQ(run(), "'BM' can't be 48; its values are 64, 128");
  params = {ParamValue::boolean(true)};
  EXPECT_EQ(run(), "'BM' takes an integer, not 'true'");
}

TEST_F(Matmul, EmptyGridsBind) {
  a = TestView(DType::BF16, {0, 64});
  c = TestView(DType::BF16, {0, 30});
  ASSERT_EQ(run(), "");
  EXPECT_EQ(bound.grid[0], 0);
}

/// L5.8
TEST(Bind, RefusesLargeGrids) {
  Parsed parsed("kernel k(x: f32[N], a: i64, b: u64) grid (a, b, 2147483647) { }");
  TestView x(DType::F32, {4});
  Bound bound;
  auto run = [&](int64_t a, uint64_t b) {
    auto error =
        tile::lang::bind(parsed.kernel(), {}, {x.argument(), scalar(DType::I64, a), scalar(DType::U64, b)}, bound);
    return error ? error->message : "";
  };
  EXPECT_EQ(run(3, 5), "");
  EXPECT_EQ(run(-3, 5), "axis 0 of the grid is -3; it is from 0 to 2^31 - 1");
  EXPECT_EQ(run(3, ~uint64_t(0)), "axis 1 of the grid is 18446744073709551615; it is from 0 to 2^31 - 1");
  EXPECT_EQ(run(2147483647, 3), "the grid has more than 2^63 - 1 programs");
}

/// L5.8: division by an extent of 0 is an error of the launch, at the header.
TEST(Bind, ReportsFailingArithmeticAtTheHeader) {
  Parsed parsed("kernel k(x: f32[N]) grid (cdiv(8, N)) { }");
  TestView x(DType::F32, {0});
  Bound bound;
  auto error = tile::lang::bind(parsed.kernel(), {}, {x.argument()}, bound);
  ASSERT_TRUE(error);
  EXPECT_EQ(error->message, "division by zero");
  EXPECT_EQ(error->position, (Position{1, 27}));
}

/// L5.4
TEST(Bind, ChecksComputedExtents) {
  Parsed parsed("kernel k(a: u8[cdiv(K, 2), 4], b: f32[K]) grid (1) { }");
  TestView a(DType::U8, {3, 4}), b(DType::F32, {5});
  Bound bound;
  EXPECT_FALSE(tile::lang::bind(parsed.kernel(), {}, {a.argument(), b.argument()}, bound));
  b = TestView(DType::F32, {7});
  auto error = tile::lang::bind(parsed.kernel(), {}, {a.argument(), b.argument()}, bound);
  ASSERT_TRUE(error);
  EXPECT_EQ(error->message, "argument 'a' has the extent 3 on axis 0, not 4");
}

/// L5.1, L5.5
TEST(Bind, ComputesParameters) {
  Parsed parsed("kernel k<N: int, B: int = ceil_pow2(M) * 2, H: bool = T == f16>(x: T[N, M]) grid (B) { }");
  TestView x(DType::F16, {5, 100});
  Bound bound;
  ASSERT_FALSE(tile::lang::bind(parsed.kernel(), {}, {x.argument()}, bound));
  EXPECT_EQ(bound.params[0], ParamValue::integer(5));
  EXPECT_EQ(bound.params[1], ParamValue::integer(256));
  EXPECT_EQ(bound.params[2], ParamValue::boolean(true));
  EXPECT_EQ(bound.grid[0], 256);
  auto error = tile::lang::bind(parsed.kernel(), {ParamValue::integer(6)}, {x.argument()}, bound);
  ASSERT_TRUE(error);
  EXPECT_EQ(error->message, "'N' is 5 in the arguments, not 6");
}

/// L5.3: a parameter of kind dtype is what the argument has to be.
TEST(Bind, ChecksDTypeParameters) {
  Parsed parsed("kernel k<OUT: dtype in {f16, f32} = auto>(x: out OUT[N]) grid (1) { }");
  TestView x(DType::F32, {4});
  Bound bound;
  auto error = tile::lang::bind(parsed.kernel(), {}, {x.argument()}, bound);
  ASSERT_TRUE(error);
  EXPECT_EQ(error->message, "parameter 'OUT' is f16 but f32 in argument 'x'");
  EXPECT_FALSE(tile::lang::bind(parsed.kernel(), {ParamValue::dtype(DType::F32)}, {x.argument()}, bound));
}

/// A launch binds often: recursion and loops in a header are bounded.
TEST(Bind, BoundsFunctions) {
  Parsed parsed("fn f(n) { if n == 0 { return 1; } return f(n - 1) + f(n - 1); }\nkernel k(x: f32[N]) grid (f(N)) { }");
  TestView x(DType::F32, {3});
  Bound bound;
  ASSERT_FALSE(tile::lang::bind(parsed.kernel(), {}, {x.argument()}, bound));
  EXPECT_EQ(bound.grid[0], 8);
  x = TestView(DType::F32, {40});
  auto error = tile::lang::bind(parsed.kernel(), {}, {x.argument()}, bound);
  ASSERT_TRUE(error);
  EXPECT_EQ(error->message, "'f' calls too deep or too often");
}
