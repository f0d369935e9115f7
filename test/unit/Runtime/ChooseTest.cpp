//===- ChooseTest.cpp - Parameters left to the compiler ------------*- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "tile/Runtime/Choose.h"

#include <gtest/gtest.h>
#include <mlir/IR/MLIRContext.h>

using namespace tile;
using namespace tile::runtime;

namespace {

constexpr llvm::StringLiteral kMatmul = R"(
kernel matmul<BM: int in {64, 128, 256} = auto, BN: int in {64, 128, 256} = auto, BK: int in {32, 64, 128} = auto, STAGES: int in 1..=6 = auto>
    (a: T[M, K], b: T[K, N], c: out T[M, N])
    grid (cdiv(M, BM), cdiv(N, BN))
{
    let m = program(0) * BM, n = program(1) * BN;
    var acc = f32[BM, BN](0);
    for k in 0..K step BK, stages = STAGES { acc += dot(a[m +: BM, k +: BK], b[k +: BK, n +: BN]); }
    c[m +: BM, n +: BN] = T(acc);
}
)";

/// What is chosen for a product of bf16 matrices: BM, BN, BK, and STAGES where it isn't left to the planner, else 0.
std::vector<int64_t> choose(int64_t m, int64_t k, int64_t n, llvm::StringRef target,
                            std::vector<lang::ParamValue> given = {}) {
  mlir::MLIRContext context;
  auto file = std::shared_ptr<const lang::File>(lang::File::parse(context, kMatmul, "matmul.tile"));
  KernelRef kernel{file, file->find("matmul"), {given.begin(), given.end()}};
  std::array<std::array<int64_t, 2>, 3> extents = {{{m, k}, {k, n}, {m, n}}}, strides = {{{k, 1}, {n, 1}, {n, 1}}};
  std::vector<lang::Argument> arguments(3);
  for (int i = 0; i < 3; ++i)
    arguments[i] = {lang::Argument::View, lang::DType::BF16, extents[i], strides[i]};
  EXPECT_EQ(leavesChoice(kernel), given.size() < 3);
  std::vector<int64_t> chosen;
  auto values = chooseParameters(kernel, arguments, target);
  for (lang::ParamValue value : llvm::ArrayRef(values).take_front(4))
    chosen.push_back(value.value);
  return chosen;
}

using Values = std::vector<int64_t>;

// Measured on an H100, with mma.sync, in TFLOP/s: 128 x 128 x 64 455, 128 x 128 x 32 444, 256 x 128 x 64 418, 128 x 256 x 64 424 and
// 256 x 128 x 32 313. Two programs of the first are resident, which hides what one waits for.
TEST(Choose, TilesOfWhichTwoAreResidentWhereThereIsEnoughWork) {
  // No tensor map describes rows of so many elements, and threads copy.
  for (int64_t size : {4100, 8196})
    EXPECT_EQ(choose(size, size, size, "sm_90"), (Values{128, 128, 64, 2}));
}

// Measured there beside a producer: 256 x 128 x 64 504, 128 x 256 x 64 498, 128 x 128 x 64 489 by two programs and 383 by one, 128 x 256 x 32
// 473, 128 x 128 x 32 474 by two and 328 by one.
TEST(Choose, EightWarpsBesideAProducer) {
  for (int64_t size : {4096, 8192})
    EXPECT_EQ(choose(size, size, size, "sm_90"), (Values{256, 128, 64, 0}));
}

TEST(Choose, SmallTilesWhereThereIsNot) {
  // 132 multiprocessors share one product of 512 x 512: small tiles keep more of them busy.
  Values chosen = choose(512, 4096, 512, "sm_90");
  EXPECT_EQ(chosen[0] * chosen[1], 64 * 64);
  // None is beside another, so that the planner's stages are all needed.
  EXPECT_EQ(chosen[3], 0);
}

// What an H100 was fastest with, see docs/performance.md.
TEST(Choose, TilesOfWarpgroups) {
  for (int64_t size : {2048, 4096, 8192})
    EXPECT_EQ(choose(size, size, size, "sm_90a"), (Values{128, 256, 64, 0}));
  // 448 tiles of 128 x 256 keep 132 multiprocessors busy for four rounds, and little more than half of them in the last.
  EXPECT_EQ(choose(1024, 4096, 14336, "sm_90a"), (Values{128, 128, 64, 0}));
  EXPECT_EQ(choose(1024, 1024, 1024, "sm_90a"), (Values{64, 128, 64, 0}));
}

// Measured on an H100, in microseconds: 256 x 128 x 32 202, 256 x 128 x 64 258, 128 x 128 x 64 265, 128 x 256 x 32 324 and 128 x 256 x 64 482.
TEST(Choose, ShortStepsOfBytesThatBecomeBF16) {
  constexpr llvm::StringLiteral source = R"(
kernel bytes<BM: int in {64, 128, 256} = auto, BN: int in {64, 128, 256} = auto, BK: int in {32, 64, 128} = auto, STAGES: int in 1..=6 = auto>
    (a: bf16[M, K], b: i8[N, K], c: out bf16[M, N])
    grid (cdiv(M, BM), cdiv(N, BN))
{
    let m = program(0) * BM, n = program(1) * BN;
    var acc = f32[BM, BN](0);
    for k in 0..K step BK, stages = STAGES { acc += dot(a[m +: BM, k +: BK], bf16(transpose(b[n +: BN, k +: BK]))); }
    c[m +: BM, n +: BN] = bf16(acc);
}
)";
  mlir::MLIRContext context;
  auto file = std::shared_ptr<const lang::File>(lang::File::parse(context, source, "bytes.tile"));
  KernelRef kernel{file, file->find("bytes"), {}};
  constexpr int64_t size = 4096;
  std::array<int64_t, 2> extents = {size, size}, strides = {size, 1};
  std::vector<lang::Argument> arguments(3, lang::Argument{lang::Argument::View, lang::DType::BF16, extents, strides});
  arguments[1].dtype = lang::DType::I8;
  Values chosen;
  auto values = chooseParameters(kernel, arguments, "sm_90a");
  for (lang::ParamValue value : llvm::ArrayRef(values).take_front(3))
    chosen.push_back(value.value);
  EXPECT_EQ(chosen, (Values{256, 128, 32}));
}

TEST(Choose, KeepsWhatIsGiven) {
  Values chosen = choose(8192, 8192, 8192, "sm_90", {lang::ParamValue::integer(64), lang::ParamValue::automatic()});
  EXPECT_EQ(chosen[0], 64);
  EXPECT_EQ(chosen[1], 256);
}

TEST(Choose, TheFirstOfEachSetOnProcessors) { EXPECT_EQ(choose(8192, 8192, 8192, "cpu"), (Values{64, 64, 32, 0})); }

TEST(Choose, KeyGroupsExtentsByPowersOfTwo) {
  mlir::MLIRContext context;
  auto file = std::shared_ptr<const lang::File>(lang::File::parse(context, kMatmul, "matmul.tile"));
  KernelRef kernel{file, file->find("matmul"), {}};
  auto key = [&](int64_t m) {
    std::array<int64_t, 2> extents = {m, 64}, strides = {64, 1};
    std::vector<lang::Argument> arguments(3, lang::Argument{lang::Argument::View, lang::DType::F32, extents, strides});
    return choiceKey(kernel, arguments, "sm_90");
  };
  EXPECT_EQ(key(1024), key(2047));
  EXPECT_NE(key(1024), key(2048));
  EXPECT_NE(key(0), key(1));
}

} // namespace
