//===- FactsTest.cpp - Whether a tensor fits what was compiled ---*- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "tile/Runtime/Facts.h"

#include <gtest/gtest.h>

using namespace tile;
using runtime::canonicalStrides;

using Strides = llvm::SmallVector<int64_t, 4>;

/// A tensor at an address that is never read.
static Tensor at(std::uintptr_t address, std::vector<std::int64_t> shape, std::vector<std::int64_t> strides) {
  return Tensor(reinterpret_cast<void *>(address), DType::F32, std::move(shape), std::move(strides));
}

static bool fits(const Tensor &tensor, const lang::Facts &known) {
  lang::Argument view;
  view.kind = lang::Argument::View;
  view.dtype = lang::DType::F32;
  view.extents = tensor.shape();
  view.strides = tensor.strides();
  view.address = reinterpret_cast<std::uintptr_t>(tensor.data());
  return runtime::fits(view, known);
}

TEST(FactsTest, StridesThatMeanSomethingStay) {
  EXPECT_EQ(canonicalStrides(at(4096, {8, 64}, {-100, 2})), Strides({-100, 2}));
  EXPECT_EQ(canonicalStrides(at(4096, {8, 64}, {0, 0})), Strides({0, 0}));
}

TEST(FactsTest, StridesOfSingleElementsMeanNothing) {
  EXPECT_EQ(canonicalStrides(at(4096, {1, 64}, {7, 1})), Strides({0, 1}));
  EXPECT_EQ(canonicalStrides(at(4096, {64, 1}, {1, 7})), Strides({1, 0}));
  EXPECT_EQ(canonicalStrides(at(4096, {64, 1}, {2, 7})), Strides({2, 1}));
  EXPECT_EQ(canonicalStrides(at(4096, {1, 64}, {7, 2})), Strides({0, 2}));
  EXPECT_EQ(canonicalStrides(at(4096, {1, 1}, {5, 5})), Strides({0, 1}));
  EXPECT_EQ(canonicalStrides(at(4096, {4, 1, 64}, {64, 9, 1})), Strides({64, 0, 1}));
}

TEST(FactsTest, TheUnitAxisMustBeThatAxis) {
  EXPECT_TRUE(fits(at(4096, {8, 64}, {64, 1}), {1, 1, 1, false}));
  EXPECT_FALSE(fits(at(4096, {8, 64}, {64, 1}), {0, 1, 1, false}));
  EXPECT_TRUE(fits(at(4096, {8, 64}, {64, 1}), {-1, 4, 1, false}));
}

TEST(FactsTest, BaseAndOtherStridesDecideAlignment) {
  EXPECT_TRUE(fits(at(4096, {8, 64}, {64, 1}), {1, 16, 1, false}));
  EXPECT_FALSE(fits(at(4100, {8, 64}, {64, 1}), {1, 16, 1, false}));
  EXPECT_FALSE(fits(at(4096, {8, 64}, {63, 1}), {1, 16, 1, false}));
  EXPECT_TRUE(fits(at(4096, {8, 64}, {-64, 1}), {1, 16, 1, false}));
  EXPECT_FALSE(fits(at(4096, {8, 64}, {64, 1}), {-1, 16, 1, false}));
}

TEST(FactsTest, TheExtentOfTheUnitAxisDecidesItsAlignment) {
  EXPECT_TRUE(fits(at(4096, {7, 64}, {64, 1}), {1, 16, 16, false}));
  EXPECT_FALSE(fits(at(4096, {8, 62}, {64, 1}), {1, 16, 16, false}));
  EXPECT_TRUE(fits(at(4096, {8, 62}, {64, 1}), {1, 16, 8, false}));
}

TEST(FactsTest, WhatATensorMapDescribes) {
  const lang::Facts known = {1, 16, 4, false, true};
  EXPECT_TRUE(fits(at(4096, {8, 64}, {64, 1}), known));
  EXPECT_TRUE(fits(at(4096, {8, 63}, {64, 1}), known));
  EXPECT_FALSE(fits(at(4096, {0, 64}, {64, 1}), known));
  EXPECT_FALSE(fits(at(4096, {8, 64}, {-64, 1}), known));
  EXPECT_FALSE(fits(at(4096, {8, 64}, {0, 1}), known));
  EXPECT_TRUE(fits(at(4096, {1, 64}, {0, 1}), known));
}

TEST(FactsTest, OffsetsDecideTheWidthOfIndices) {
  // 2^31 - 4 bytes from the base to the end, and 2^31.
  EXPECT_TRUE(fits(at(4096, {2, 64}, {(1 << 29) - 65, 1}), {1, 4, 4, true}));
  EXPECT_FALSE(fits(at(4096, {2, 64}, {(1 << 29) - 64, 1}), {1, 4, 4, true}));
  EXPECT_TRUE(fits(at(4096, {2, 64}, {(1 << 29) - 64, 1}), {1, 4, 4, false}));
  EXPECT_FALSE(fits(at(4096, {2, 64}, {-(1 << 29) + 64, 1}), {1, 4, 4, true}));
  EXPECT_FALSE(fits(at(4096, {1 << 20, 1 << 20}, {1 << 20, 1}), {1, 4, 4, true}));
}
