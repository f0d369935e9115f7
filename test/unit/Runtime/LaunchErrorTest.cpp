//===- LaunchErrorTest.cpp - Each error of a launch, by name ----*- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ApiTest.h"

using namespace api;

namespace {
/// A kernel with everything that a launch checks.
constexpr const char *source = R"(kernel f(a: f32[M, N], b: f32[N], bias: f32[N]?, io: inout f32[M], c: out f32[M, N])
    require N % 2 == 0
    grid (M)
{
    let m = program(0);
    c[m, 0 +: 16] = a[m, 0 +: 16] + b[0 +: 16];
    io[m] = io[m] + 1.0;
}
)";

class LaunchErrorTest : public testing::Test {
protected:
  tile::Device device = tile::Device::cpu();
  tile::Stream stream{device};
  tile::Kernel kernel = tile::Program::fromString(source, "f.tile").kernel("f");
  std::vector<float> memory = std::vector<float>(1024);
  tile::Tensor a{memory.data(), {4, 8}}, b{memory.data() + 100, {8}}, io{memory.data() + 200, {4}},
      c{memory.data() + 300, {4, 8}};

  /// Launches with one argument of another kind.
  void withA(const tile::Tensor &other) { kernel.launch(stream, other, b, std::nullopt, io, c); }
  void withC(const tile::Tensor &other) { kernel.launch(stream, a, b, std::nullopt, io, other); }
};
} // namespace

TEST_F(LaunchErrorTest, NothingIsWrongToBeginWith) {
  kernel.launch(stream, a, b, std::nullopt, io, c);
  kernel.launch(stream, a, b, b, io, c);
  EXPECT_EQ(memory[200], 2);
}

TEST_F(LaunchErrorTest, WrongCount) {
  EXPECT_ERROR(kernel.launch(stream, a, b), "'f'", "5 arguments", "2");
  EXPECT_ERROR(kernel.launch(stream, a, b, b, io, c, c), "'f'", "5 arguments", "6");
  EXPECT_ERROR(kernel.launch(stream), "'f'", "5 arguments", "0");
}

TEST_F(LaunchErrorTest, WrongRank) {
  EXPECT_ERROR(withA(tile::Tensor(memory.data(), {32})), "f.tile:1:10: error: ", "'a'", "2 axes", "1");
}

TEST_F(LaunchErrorTest, WrongType) {
  std::vector<std::int32_t> integers(32);
  EXPECT_ERROR(withA(tile::Tensor(integers.data(), {4, 8})), "f.tile:1:10: error: ", "'a'", "f32", "i32");
}

TEST_F(LaunchErrorTest, ScalarForATensor) { EXPECT_ERROR(kernel.launch(stream, 1.0f, b, std::nullopt, io, c), "'a'"); }

TEST_F(LaunchErrorTest, TensorForAScalar) {
  auto scale = tile::Program::fromString(scaleSource).kernel("scale");
  EXPECT_ERROR(scale.launch(stream, b, b, io), "'s'");
}

TEST_F(LaunchErrorTest, AbsentWithoutBeingOptional) {
  EXPECT_ERROR(kernel.launch(stream, a, std::nullopt, std::nullopt, io, c), "'b'", "optional");
}

TEST_F(LaunchErrorTest, NullPointer) {
  EXPECT_ERROR(withA(tile::Tensor(static_cast<float *>(nullptr), {4, 8})), "f.tile:1:10: error: ", "'a'",
               "null pointer");
}

TEST_F(LaunchErrorTest, BaseNotAlignedToItsElement) {
  EXPECT_ERROR(withA(tile::Tensor(reinterpret_cast<float *>(reinterpret_cast<char *>(memory.data()) + 2), {4, 8})),
               "'a'", "aligned");
}

TEST_F(LaunchErrorTest, ExtentOfTwoToThe31) {
  std::int64_t huge = std::int64_t(1) << 31;
  EXPECT_ERROR(kernel.launch(stream, tile::Tensor(memory.data(), {4, huge}, {0, 0}),
                             tile::Tensor(memory.data(), {huge}, {0}), std::nullopt, io, c),
               "'a'", "2147483648");
}

TEST_F(LaunchErrorTest, NegativeExtent) {
  EXPECT_ERROR(withA(tile::Tensor(memory.data(), {4, -8}, {8, 1})), "'a'", "-8");
}

TEST_F(LaunchErrorTest, ExtentsThatContradictEachOther) {
  EXPECT_ERROR(withC(tile::Tensor(memory.data() + 300, {4, 6})), "'c'", "6", "8");
}

TEST_F(LaunchErrorTest, FailedRequirement) {
  EXPECT_ERROR(kernel.launch(stream, tile::Tensor(memory.data(), {4, 7}), tile::Tensor(memory.data() + 100, {7}),
                             std::nullopt, io, tile::Tensor(memory.data() + 300, {4, 7})),
               "f.tile:2:", "N % 2 == 0");
}

TEST_F(LaunchErrorTest, WrittenThroughAPointerToConst) {
  EXPECT_ERROR(withC(tile::Tensor(static_cast<const float *>(memory.data() + 300), {4, 8})), "'c'", "const");
}

/// L14.1
TEST_F(LaunchErrorTest, WrittenViewThatOverlapsItself) {
  EXPECT_ERROR(withC(tile::Tensor(memory.data() + 300, {4, 8}, {0, 1})), "'c'", "overlaps itself");
  EXPECT_ERROR(withC(tile::Tensor(memory.data() + 300, {4, 8}, {7, 1})), "'c'", "overlaps itself");
}

/// L14.1
TEST_F(LaunchErrorTest, WrittenViewThatOverlapsAnother) {
  EXPECT_ERROR(withC(a), "'c'", "overlaps argument 'a'");
  EXPECT_ERROR(withC(tile::Tensor(memory.data() + 100 - 25, {4, 8})), "'c'", "overlaps argument 'b'");
  EXPECT_ERROR(withC(tile::Tensor(memory.data() + 203, {4, 8})), "'io'", "overlaps argument 'c'");
}

/// L14.1
TEST_F(LaunchErrorTest, ColumnsOfOneAllocationDoNotOverlap) {
  // The left and the right half of rows of 16.
  kernel.launch(stream, tile::Tensor(memory.data() + 300, {4, 8}, {16, 1}), b, std::nullopt, io,
                tile::Tensor(memory.data() + 308, {4, 8}, {16, 1}));
  EXPECT_ERROR(kernel.launch(stream, tile::Tensor(memory.data() + 300, {4, 8}, {16, 1}), b, std::nullopt, io,
                             tile::Tensor(memory.data() + 307, {4, 8}, {16, 1})),
               "'c'", "overlaps argument 'a'");
}

TEST_F(LaunchErrorTest, StridesThatLeaveTheAddressSpace) {
  EXPECT_ERROR(withA(tile::Tensor(memory.data(), {4, 8}, {INT64_MAX, 1})), "'a'", "address space");
  EXPECT_ERROR(withA(tile::Tensor(memory.data(), {4, 8}, {INT64_MAX / 8, 1})), "'a'", "address space");
}

TEST_F(LaunchErrorTest, NotAsManyStridesAsExtents) {
  EXPECT_ERROR(withA(tile::Tensor(memory.data(), {4, 8}, {8})), "'a'", "2 extents", "1 strides");
}

TEST_F(LaunchErrorTest, GridThatOverflows) {
  auto big =
      tile::Program::fromString("kernel g(x: f32[N], y: out f32[N]) grid (N * N * N * N) { y[0] = x[0]; }").kernel("g");
  std::int64_t n = (std::int64_t(1) << 31) - 1;
  // An empty second axis keeps the huge tensors from needing memory.
  EXPECT_ERROR(big.launch(stream, tile::Tensor(memory.data(), {n}, {0}), tile::Tensor(memory.data() + 8, {n})), "grid");
}

TEST_F(LaunchErrorTest, StreamOfAnotherDevice) {
  auto ready = kernel.prepare(device, a, b, std::nullopt, io, c);
  tile::Stream late(tile::Device::cpuLate());
  EXPECT_ERROR(ready.launch(late, a, b, std::nullopt, io, c), "'cpu-late'", "'cpu'");
  tile::Stream other(tile::Device::cpu(1));
  EXPECT_ERROR(ready.launch(other, a, b, std::nullopt, io, c), "another one");
}

//===----------------------------------------------------------------------===//
// Arguments that a specialisation is not for
//===----------------------------------------------------------------------===//

TEST_F(LaunchErrorTest, PreparedForAnotherLayout) {
  auto ready = kernel.prepare(device, a, b, std::nullopt, io, c);
  EXPECT_ERROR(ready.launch(stream, tile::Tensor(memory.data(), {8, 4}).transposed(), b, std::nullopt, io, c), "'a'",
               "unit stride on axis 1");
  EXPECT_ERROR(ready.launch(stream, tile::Tensor(memory.data() + 1, {4, 8}), b, std::nullopt, io, c), "'a'",
               "aligned to");
}

TEST_F(LaunchErrorTest, PreparedWithoutAnArgument) {
  auto without = kernel.prepare(device, a, b, std::nullopt, io, c), with = kernel.prepare(device, a, b, b, io, c);
  EXPECT_ERROR(without.launch(stream, a, b, b, io, c), "'bias'", "absent");
  EXPECT_ERROR(with.launch(stream, a, b, std::nullopt, io, c), "'bias'", "present");
}

TEST_F(LaunchErrorTest, PreparedForAnotherType) {
  auto scale = tile::Program::fromString(scaleSource).kernel("scale");
  std::vector<double> doubles(16);
  auto ready = scale.prepare(device, b, 1.0f, io.size() ? tile::Tensor(memory.data() + 500, {8}) : b);
  EXPECT_ERROR(ready.launch(stream, tile::Tensor(doubles.data(), {8}), 1.0, tile::Tensor(doubles.data() + 8, {8})),
               "'x'", "f64", "f32");
}

TEST_F(LaunchErrorTest, WhatIsMoreAlignedStillFits) {
  tile::Tensor odd(memory.data() + 1, {4, 8});
  auto ready = kernel.prepare(device, odd, b, std::nullopt, io, c);
  ready.launch(stream, a, b, std::nullopt, io, c);
}
