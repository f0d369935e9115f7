//===- SpecializeTest.cpp - Facts, parameters, assumptions ------*- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Parsed.h"

using namespace tile::lang;

static Facts facts(const TestView &view) { return *factsOf(view.argument()); }

TEST(Facts, OfARowMajorMatrix) {
  EXPECT_EQ(facts(TestView(DType::F32, {100, 64})), (Facts{1, 16, 16, true}));
  EXPECT_EQ(facts(TestView(DType::F32, {100, 63})), (Facts{1, 4, 4, true}));
  EXPECT_EQ(facts(TestView(DType::BF16, {100, 63})), (Facts{1, 2, 2, true}));
}

TEST(Facts, OfATransposedMatrix) {
  TestView view(DType::F32, {64, 100});
  view.strides = {1, 64};
  EXPECT_EQ(facts(view), (Facts{0, 16, 16, true}));
}

TEST(Facts, OfStridedAndRepeatedViews) {
  TestView view(DType::F32, {8, 8});
  view.strides = {16, 2};
  EXPECT_EQ(facts(view), (Facts{-1, 8, 1, true}));
  view.strides = {0, 1};
  EXPECT_EQ(facts(view), (Facts{1, 16, 16, true}));
  view.strides = {-8, 1};
  EXPECT_EQ(facts(view), (Facts{1, 16, 16, true}));
}

TEST(Facts, OfAMisalignedBase) {
  TestView view(DType::F32, {64});
  view.address = 4096 + 8;
  EXPECT_EQ(facts(view), (Facts{0, 8, 16, true}));
}

/// The stride of an axis of one element says nothing; of several axes with stride 1 the one that is walked counts.
TEST(Facts, IgnoreAxesOfOneElement) {
  TestView view(DType::F32, {64, 1});
  view.strides = {1, 1};
  EXPECT_EQ(facts(view).unitAxis, 0);
  view = TestView(DType::F32, {1, 64});
  view.strides = {7, 1};
  EXPECT_EQ(facts(view), (Facts{1, 16, 16, true}));
}

TEST(Facts, OfLargeViews) {
  EXPECT_TRUE(facts(TestView(DType::U8, {2147483647})).index32);
  EXPECT_FALSE(facts(TestView(DType::F32, {32768, 16384})).index32);
}

TEST(Facts, OfViewsForTensorMaps) {
  auto fits = [](const TestView &view) { return factsOf(view.argument(), /*tensorMaps=*/true)->tensorMap; };
  TestView view(DType::F16, {100, 64});
  EXPECT_TRUE(fits(view));
  EXPECT_FALSE(facts(view).tensorMap) << "nobody asked";
  view.address = 4096 + 8;
  EXPECT_FALSE(fits(view));
  view.address = 4096 + 16;
  EXPECT_TRUE(fits(view));
  auto strided = [&](std::vector<int64_t> extents, std::vector<int64_t> strides) {
    TestView result(DType::F16, extents);
    result.strides = strides;
    return fits(result);
  };
  // The other axes' strides are multiples of 16 bytes, upwards, and below 2^40.
  EXPECT_TRUE(strided({100, 64}, {72, 1}));
  EXPECT_FALSE(strided({100, 64}, {76, 1}));
  EXPECT_FALSE(strided({100, 64}, {-72, 1}));
  EXPECT_FALSE(strided({100, 64}, {0, 1}));
  EXPECT_TRUE(strided({2, 64}, {(int64_t(1) << 39) - 8, 1}));
  EXPECT_FALSE(strided({2, 64}, {int64_t(1) << 39, 1}));
  // But that of an axis of one element is never walked.
  EXPECT_TRUE(strided({1, 64}, {0, 1}));
  EXPECT_TRUE(strided({64, 100}, {1, 72}));
  EXPECT_FALSE(strided({100, 64}, {144, 2}));
  // Whatever the extents, as long as there are elements.
  EXPECT_TRUE(strided({3, 63}, {64, 1}));
  EXPECT_FALSE(strided({0, 64}, {64, 1}));
  EXPECT_FALSE(strided({3, 0}, {64, 1}));
  EXPECT_TRUE(fits(TestView(DType::F32, {2, 2, 2, 2, 8})));
  EXPECT_FALSE(fits(TestView(DType::F32, {2, 2, 2, 2, 2, 8})));
  EXPECT_TRUE(fits(TestView(DType::F64, {100})));
}

TEST(Facts, OfOtherArguments) {
  EXPECT_FALSE(factsOf(Argument()));
  EXPECT_FALSE(factsOf(scalar(DType::F32, 0)));
}

TEST(Specialize, KeepsExtentsThatAreParameters) {
  Parsed parsed("kernel k<N: int>(x: T[M, N], y: f32[N]?) grid (1) { }");
  TestView x(DType::F16, {100, 64});
  Bound bound;
  std::vector<Argument> arguments = {x.argument(), {}};
  ASSERT_FALSE(tile::lang::bind(parsed.kernel(), {}, arguments, bound));
  Specialization s = specialize(parsed.kernel(), bound, arguments);
  EXPECT_EQ(s.extents, (std::vector<std::optional<int64_t>>{std::nullopt, 64}));
  EXPECT_EQ(s.dtypes, (std::vector<std::optional<DType>>{DType::F16}));
  EXPECT_EQ(s.present, (std::vector<bool>{true, false}));
  EXPECT_EQ(s.facts[0], (Facts{1, 16, 16, true}));
  EXPECT_FALSE(s.facts[1]);
  // Another number of rows needs no other code.
  TestView taller(DType::F16, {200, 64});
  arguments[0] = taller.argument();
  ASSERT_FALSE(tile::lang::bind(parsed.kernel(), {}, arguments, bound));
  EXPECT_EQ(specialize(parsed.kernel(), bound, arguments), s);
}

TEST(Specialize, ByHand) {
  Parsed parsed("kernel k<A: int = 3, F: bool = false>(x: T[N, M], y: f32[N]?, s: f32) grid (1) { }");
  const KernelSignature &kernel = parsed.kernel();
  Specialization s;
  auto message = [](std::optional<std::string> error) { return error.value_or(""); };
  EXPECT_EQ(message(define(kernel, "A=5", s)), "");
  EXPECT_EQ(s.params[0], ParamValue::integer(5));
  EXPECT_EQ(message(define(kernel, "A=five", s)), "'five' is no value for parameter 'A'");
  EXPECT_EQ(message(define(kernel, "B=5", s)), "there is no parameter 'B'; did you mean 'A'?");
  EXPECT_EQ(message(assume(kernel, "T=bf16", s)), "");
  EXPECT_EQ(s.dtypes[0], DType::BF16);
  EXPECT_EQ(message(assume(kernel, "T=index", s)), "'index' is no dtype of memory");
  EXPECT_EQ(message(assume(kernel, "N=1024", s)), "");
  EXPECT_EQ(s.extents[0], 1024);
  EXPECT_EQ(message(assume(kernel, "N=-1", s)), "'-1' is no extent");
  EXPECT_EQ(message(assume(kernel, "y=absent", s)), "");
  EXPECT_FALSE(s.present[1]);
  EXPECT_EQ(message(assume(kernel, "x=absent", s)), "'x' is not optional");
  EXPECT_EQ(message(assume(kernel, "x.contiguous=1", s)), "");
  EXPECT_EQ(message(assume(kernel, "x.align=16", s)), "");
  EXPECT_EQ(s.facts[0], (Facts{1, 16, 1, false}));
  EXPECT_EQ(message(assume(kernel, "x.contiguous=2", s)), "'x' has no axis 2");
  EXPECT_EQ(message(assume(kernel, "x.align=12", s)), "'12' is no value for 'align': a power of two is expected");
  EXPECT_EQ(message(assume(kernel, "x.alig=16", s)), "there is no fact 'alig'; did you mean 'align'?");
  EXPECT_EQ(message(assume(kernel, "x.contiguous=1", s)), "");
  EXPECT_EQ(message(assume(kernel, "x.tensor_map=true", s)), "");
  EXPECT_EQ(s.facts[0], (Facts{1, 16, 1, false, true}));
  EXPECT_EQ(message(assume(kernel, "x.tensor_map=1", s)),
            "'1' is no value for 'tensor_map': 'true' or 'false' is expected");
  EXPECT_EQ(message(assume(kernel, "y.tensor_map=true", s)),
            "a tensor map describes 'y' only when 'y.contiguous' is an axis and 'y.align' is 16");
  EXPECT_EQ(message(assume(kernel, "s.align=16", s)), "'s' is a scalar; only views have facts");
  EXPECT_EQ(message(assume(kernel, "", s)), "there is no argument, dtype or extent ''");
}

TEST(Specialize, ParamValuesReadAsTheyAreWritten) {
  for (const char *text : {"64", "-3", "true", "false", "bf16", "auto"})
    EXPECT_EQ(toString(*parseParamValue(text)), text);
  EXPECT_FALSE(parseParamValue("64x"));
  EXPECT_FALSE(parseParamValue(""));
}
