//===- HopperTests.cpp - Kernels of a producer and warpgroups ----*- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// \file
/// Kernels that chips with tensor copies run in a form of its own: a producer that issues them, warpgroups that multiply where the chip has
/// such products, workers that take program after program. Loops over k of every shape that takes the form, and some that don't, in every type, with all kinds of epilogues and
/// outputs, at extents that tiles don't divide. Where there is such a device, each report must say that the kernel took the form, or
/// why it didn't. Small integers must come out exactly, other numbers within a bound that is computed beside them.
///
//===----------------------------------------------------------------------===//

#include "HopperKernels.h"
#include "Launch.h"

#include <sstream>

using namespace numeric;
using namespace numeric::hopper;

namespace {

std::uint64_t seedOf(int number) { return (std::uint64_t(options.seed) << 32) + 0x4090 * 65536 + number; }

/// What is said of the kernel as a whole; empty where nothing is.
std::string verdictOf(const tile::Report &report) {
  for (const tile::Verdict &verdict : report.verdicts)
    if (verdict.subject == "kernel")
      return verdict.message;
  return "";
}

/// The threads that issue tensor copies, on devices that have them: a warpgroup where such multiply, else a warp.
int producerOn(const std::string &name) {
  std::string target = targetOn(name);
  return target == "sm_90a" ? 128 : target == "sm_90" || target == "sm_100" || target == "sm_120" ? 32 : 0;
}

/// Whether a chip has the shared memory that tiles and stages are made for. On others stages are left to the planner, and a kernel that takes too much
/// all the same is refused.
bool hasRoom(const std::string &target) { return target.starts_with("sm_90") || target == "sm_100"; }

class HopperTest : public testing::TestWithParam<int> {};

} // namespace

TEST_P(HopperTest, IsExactOrWithinItsBound) {
  Random random(seedOf(GetParam()));
  Kernel kernel = makeKernel(GetParam(), random);
  std::string source = kernel.source();
  tile::Program program = tile::Program::fromString(source, "hopper.tile");
  for (bool exact : {true, false, false}) {
    Extents e = makeExtents(kernel, random);
    Arguments all = makeArguments(kernel, e, random, exact);
    Results want = reference(kernel, e, all);
    // No tensor map describes nothing, and what is 1 long may be contiguous along any axis.
    bool isMapped = std::min({e.m, e.n, e.k, e.k2}) > 1;
    Agreement results;
    for (const std::string &name : deviceNames())
      for (std::int64_t stages : !isGpu(name)              ? std::vector{kernel.stages}
                                 : hasRoom(targetOn(name)) ? std::vector<std::int64_t>{kernel.stages, 0}
                                                           : std::vector<std::int64_t>{0}) {
        Array c(kernel.out, kernel.c.shape(e.count, e.m, e.n), kernel.c.layout),
            sums(kernel.types.sum, kernel.c.shape(e.count, e.m, e.n), kernel.c.layout);
        std::ostringstream where;
        where << kernel.types.name << " " << e.m << " x " << e.n << " x " << e.k << " and " << e.k2 << ", " << e.count
              << " of them; a " << numeric::nameOf(kernel.a.layout) << ", b " << numeric::nameOf(kernel.b.layout)
              << ", c " << numeric::nameOf(kernel.c.layout) << ", residual " << numeric::nameOf(kernel.residual.layout)
              << " on " << name << ", S = " << stages << ", --seed=" << options.seed << ", number " << GetParam()
              << "\n"
              << source;
        Operand bias = kernel.hasBias ? Operand(all.bias) : Operand(std::nullopt);
        Operand residual = kernel.hasResidual ? Operand(all.residual) : Operand(std::nullopt);
        Operand scale = kernel.isFloating() ? Operand(static_cast<float>(all.scale))
                                            : Operand(static_cast<std::int32_t>(all.scale));
        Operand kept = kernel.keepsSums ? Operand(&sums) : Operand(std::nullopt);
        try {
          tile::Parameters parameters = {{"S", stages ? tile::Parameter(stages) : tile::Parameter("auto")}};
          // Every third kernel is asked for in teams, which few would take by themselves.
          tile::KernelOptions asked = optionsOn(name);
          asked.teams = GetParam() % 3 == 1 ? 2 : 0;
          tile::Prepared launched = launch(
              program.kernel("hopper", parameters, asked), name,
              {all.a, all.b, all.a2, all.b2, all.chosen, all.pages, all.weights, scale, bias, residual, &c, kept});
          if (producerOn(name) && (isMapped || !kernel.takesForm())) {
            const tile::Report &report = launched.report();
            bool isSpecialised = verdictOf(report).starts_with("specialised: ");
            // Warps multiply what warpgroups can't, and take tiles where tensor copies bring none.
            bool isAskew = kernel.a.isAskew() || kernel.b.isAskew();
            bool mayDiffer =
                !hasRoom(targetOn(name)) || ((!kernel.takesForm() || isAskew) && targetOn(name) != "sm_90a");
            ASSERT_TRUE(isSpecialised == kernel.takesForm() || mayDiffer) << verdictOf(report) << "\n" << where.str();
            ASSERT_EQ(report.producerThreads, isSpecialised ? producerOn(name) : 0) << where.str();
          }
        } catch (const tile::Error &error) {
          if (!hasRoom(targetOn(name)) &&
              std::string_view(error.what()).find("' gives a program ") != std::string_view::npos)
            continue;
          FAIL() << error.what() << "\n" << where.str();
        }
        ASSERT_EQ(difference(c, want.c), "") << where.str();
        if (kernel.keepsSums)
          ASSERT_EQ(difference(sums, want.sums), "") << "sums: " << where.str();
        ASSERT_TRUE(c.intact() && sums.intact()) << where.str();
        if (name != "cpu" || !kernel.types.tf32)
          ASSERT_EQ(results.difference(name, c), "") << "the bits differ: " << where.str();
      }
  }
}

INSTANTIATE_TEST_SUITE_P(Generated, HopperTest, testing::Range(0, static_cast<int>(options.programs)));

TEST(Hopper, KnowsWhatIsFarOutside) {
  const char *source =
      R"(kernel far(a: bf16[M, K], b: bf16[K, N], at: i64[3], c: out f32[M, N]) grid (cdiv(M, 64), cdiv(N, 64)) {
  let m = program(0) * 64, n = program(1) * 64;
  var x = f32[64, 64](0);
  for k in 0..K step 32, stages = 3 { x += dot(a[m + index(at[0]) +: 64, k +: 32], b[k + index(at[1]) +: 32, n +: 64]); }
  c[m + index(at[2]) +: 64, n +: 64] = x + 1;
})";
  tile::Program program = tile::Program::fromString(source, "far.tile");
  const std::int64_t m = 130, n = 72, k = 80;
  Array tidy(tile::DType::BF16, {m, k}), askew(tile::DType::BF16, {m, k}, Layout::Pairs), b(tile::DType::BF16, {k, n});
  tidy.fill(1);
  askew.fill(1);
  b.fill(1);
  // Each would be inside if only its lower half counted.
  for (std::int64_t far : {std::int64_t(1) << 32, -(std::int64_t(1) << 32), std::int64_t(3) << 40, std::int64_t(0)})
    for (std::int64_t which : {0, 1, 2, 3}) {
      // Threads copy what lies askew.
      const Array &a = which == 3 ? askew : tidy;
      Array at(tile::DType::I64, {3});
      at.setInteger(which % 3, far);
      double want = !far ? k + 1 : which == 2 ? 7 : 1;
      for (const std::string &name : deviceNames()) {
        Array c(tile::DType::F32, {m, n});
        c.fill(7);
        tile::Prepared launched = launch(program.kernel("far", {}, optionsOn(name)), name, {a, b, at, &c});
        if (which != 3 || targetOn(name) == "sm_90a")
          ASSERT_EQ(launched.report().producerThreads, producerOn(name)) << verdictOf(launched.report());
        ASSERT_EQ(difference(c, std::vector<Expected>(m * n, {want, 0})), "")
            << far << " at " << which << " on " << name;
      }
    }
}

/// Programs shared and in turn, in groups of one row, of three and of more than there are, without a producer: as calls ask for it, of one program's
/// kernel.
TEST(Hopper, IsAsTheCallAsks) {
  const char *source =
      R"(kernel asked(a: bf16[M, K], b: bf16[K, N], c: out f32[M, N]) grid (cdiv(M, 128), cdiv(N, 64)) {
  let m = program(0) * 128, n = program(1) * 64;
  var x = f32[128, 64](0);
  for k in 0..K step 32, stages = 3 { x += dot(a[m +: 128, k +: 32], b[k +: 32, n +: 64]); }
  c[m +: 128, n +: 64] = x;
})";
  tile::Program program = tile::Program::fromString(source, "asked.tile");
  const std::int64_t m = 600, n = 328, k = 72;
  Array a(tile::DType::BF16, {m, k}), b(tile::DType::BF16, {k, n});
  Random random(seedOf(1));
  for (Array *array : {&a, &b})
    for (std::int64_t i = 0; i < array->size(); ++i)
      array->set(i, static_cast<double>(random.range(-4, 4)));
  std::vector<Expected> want;
  for (std::int64_t i = 0; i < m; ++i)
    for (std::int64_t j = 0; j < n; ++j) {
      double sum = 0;
      for (std::int64_t l = 0; l < k; ++l)
        sum += a.get(i * k + l) * b.get(l * n + j);
      want.push_back({sum, 0});
    }
  for (const std::string &name : deviceNames())
    for (std::int64_t rows : {0, 1, 3, 64})
      for (std::int64_t teams : {0, 1, 2, -1}) {
        tile::KernelOptions asked = optionsOn(name);
        asked.groupRows = rows;
        asked.plain = teams < 0;
        asked.teams = std::max<std::int64_t>(teams, 0);
        Array c(tile::DType::F32, {m, n});
        c.fill(7);
        const tile::Report report = launch(program.kernel("asked", {}, asked), name, {a, b, &c}).report();
        std::string where =
            std::to_string(teams) + " teams, groups of " + std::to_string(rows) + " on " + name + "\n" + report.text();
        ASSERT_EQ(difference(c, want), "") << where;
        if (isGpu(name) && rows)
          ASSERT_NE(report.text().find("in groups of " + std::to_string(rows) + " row"), std::string::npos) << where;
        if (!producerOn(name))
          continue;
        ASSERT_EQ(report.producerThreads, asked.plain ? 0 : producerOn(name)) << where;
        if (targetOn(name) == "sm_90a")
          ASSERT_EQ(verdictOf(report).starts_with("specialised: 2 teams"), teams == 2) << where;
      }
}

/// Two warpgroups take programs in turn where much follows the products. A worker has one program, an even and an odd number of them; loops are
/// empty, and shorter and longer than a ring.
TEST(Hopper, TakesProgramsInTurn) {
  const char *source =
      R"(kernel turns(a: bf16[M, K], b: bf16[K, N], bias: bf16[N], c: out f32[M, N]) grid (cdiv(M, 128), cdiv(N, 128)) {
  let m = program(0) * 128, n = program(1) * 128;
  var x = f32[128, 128](0);
  for k in 0..K step 32, stages = 3 { x += dot(a[m +: 128, k +: 32], b[k +: 32, n +: 128]); }
  let y = x + f32(bias[n +: 128]);
  c[m +: 128, n +: 128] = y + min(gelu(y), 0.0) * 0;
})";
  tile::Kernel kernel = tile::Program::fromString(source, "turns.tile").kernel("turns");
  for (auto [m, n, k] :
       {std::array<std::int64_t, 3>{128, 128, 96}, {200, 248, 64}, {300, 136, 200}, {520, 128, 32}, {384, 128, 0}}) {
    Array a(tile::DType::BF16, {m, k}), b(tile::DType::BF16, {k, n}), bias(tile::DType::BF16, {n});
    Random random(seedOf(static_cast<int>(m + k)));
    for (Array *array : {&a, &b, &bias})
      for (std::int64_t i = 0; i < array->size(); ++i)
        array->set(i, static_cast<double>(random.range(-4, 4)));
    std::vector<Expected> want;
    for (std::int64_t i = 0; i < m; ++i)
      for (std::int64_t j = 0; j < n; ++j) {
        double sum = bias.get(j);
        for (std::int64_t l = 0; l < k; ++l)
          sum += a.get(i * k + l) * b.get(l * n + j);
        want.push_back({sum, 0});
      }
    for (const std::string &name : deviceNames()) {
      Array c(tile::DType::F32, {m, n});
      c.fill(7);
      tile::Prepared launched = launch(kernel, name, {a, b, bias, &c});
      if (device(name).target() == "sm_90a" && k > 0)
        ASSERT_TRUE(verdictOf(launched.report()).starts_with("specialised: 2 teams of 4 warps"))
            << verdictOf(launched.report());
      ASSERT_EQ(difference(c, want), "") << m << " x " << n << " x " << k << " on " << name;
    }
  }
}
