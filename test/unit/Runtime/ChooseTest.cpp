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

using Values = std::vector<int64_t>;
using Extents = std::vector<int64_t>;

/// What is chosen for the only kernel of a source whose views, of bf16 but the second, have these extents and follow on themselves: BM, BN, BK,
/// and STAGES where it isn't left to the planner, else 0.
Values choose(llvm::StringRef source, llvm::StringRef name, const std::vector<Extents> &views, llvm::StringRef target,
              const std::vector<lang::ParamValue> &given = {}, lang::DType second = lang::DType::BF16) {
  mlir::MLIRContext context;
  auto file = std::shared_ptr<const lang::File>(lang::File::parse(context, source, "choose.tile"));
  KernelRef kernel{file, file->find(name), {given.begin(), given.end()}};
  std::vector<Extents> strides;
  for (const Extents &extents : views)
    strides.push_back(extents.size() == 2 ? Extents{extents[1], 1} : Extents{1});
  std::vector<lang::Argument> arguments;
  for (auto [view, stride] : llvm::zip_equal(views, strides))
    arguments.push_back({lang::Argument::View, arguments.size() == 1 ? second : lang::DType::BF16, view, stride});
  EXPECT_EQ(leavesChoice(kernel), given.size() < 3);
  Values chosen;
  auto values = chooseParameters(kernel, arguments, target);
  for (lang::ParamValue value : llvm::ArrayRef(values).take_front(4))
    chosen.push_back(value.value);
  return chosen;
}

/// The same for a product of bf16 matrices.
Values choose(int64_t m, int64_t k, int64_t n, llvm::StringRef target,
              const std::vector<lang::ParamValue> &given = {}) {
  return choose(kMatmul, "matmul", {{m, k}, {k, n}, {m, n}}, target, given);
}

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

// What follows the products of a program is beside those of the next one, see docs/performance.md.
TEST(Choose, TilesThatTeamsTakeInTurn) {
  constexpr llvm::StringLiteral source = R"(
kernel gelus<BM: int in {64, 128, 256} = auto, BN: int in {64, 128, 256} = auto, BK: int in {16, 32, 64, 128} = auto, STAGES: int in 1..=6 = auto>
    (a: bf16[M, K], b: bf16[K, N], bias: bf16[N], c: out bf16[M, N])
    grid (cdiv(M, BM), cdiv(N, BN))
{
    let m = program(0) * BM, n = program(1) * BN;
    var acc = f32[BM, BN](0);
    for k in 0..K step BK, stages = STAGES { acc += dot(a[m +: BM, k +: BK], b[k +: BK, n +: BN]); }
    acc += f32(bias[n +: BN]);
    c[m +: BM, n +: BN] = bf16(gelu(acc));
}
)";
  std::array<std::array<int64_t, 3>, 8> shapes = {{{4096, 4096, 4096},
                                                   {8192, 8192, 8192},
                                                   {2048, 2048, 2048},
                                                   {4096, 14336, 4096},
                                                   {1024, 14336, 4096},
                                                   {1024, 4096, 4096},
                                                   {8192, 8192, 512},
                                                   {4096, 4096, 1024}}};
  for (auto [m, n, k] : shapes)
    EXPECT_EQ(choose(source, "gelus", {{m, k}, {k, n}, {n}, {m, n}}, "sm_90a"), (Values{128, 128, 64, 0}))
        << m << " x " << n << " x " << k;
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
  constexpr int64_t size = 4096;
  Values chosen = choose(source, "bytes", {{size, size}, {size, size}, {size, size}}, "sm_90a", {}, lang::DType::I8);
  EXPECT_EQ(Values(chosen.begin(), chosen.begin() + 3), (Values{256, 128, 32}));
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
