//===- MeasuredTest.cpp - The machine model beside an H100 ---------*- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// \file
/// What examples/09-stages/stages.py measured on an H100 80GB HBM3 (driver 580, 2026-11-23 and 24), beside what the model of sm_90a says. The model
/// may change; it may not become a worse one.
///
//===----------------------------------------------------------------------===//

#include "tile/Pipeline/MachineModel.h"
#include "tile/Runtime/Choose.h"
#include "tile/Runtime/Compiler.h"

#include <gtest/gtest.h>
#include <llvm/Support/MemoryBuffer.h>
#include <mlir/IR/MLIRContext.h>

using namespace tile;
using namespace tile::runtime;

namespace {

/// A kernel and shape: the example, extents, values of the parameters before its stages, and microseconds with 1, 2, … of them. Of the count
/// that was chosen, which ran twice, the mean. Those of 1024 x 1024 are of the day before: the day's own, of 3 us, differ by more from one moment
/// to the next than from one count to another.
struct Measured {
  const char *source, *kernel;
  std::vector<std::vector<int64_t>> views;
  std::vector<int64_t> values;
  std::vector<double> microseconds;
  /// Elements between the rows of each view, where they don't follow one another.
  std::vector<int64_t> rows = {};
};

std::vector<Measured> measured() {
  auto product = [](int64_t size, std::vector<int64_t> tile, std::vector<double> microseconds) {
    return Measured{"06-matmul/matmul.tile",
                    "matmul",
                    {{size, size}, {size, size}, {size, size}},
                    std::move(tile),
                    std::move(microseconds)};
  };
  auto sum = [](int64_t size, int64_t block, std::vector<double> microseconds) {
    return Measured{"09-stages/long_add.tile",
                    "long_add",
                    {{size, size}, {size, size}, {size, size}},
                    {block},
                    std::move(microseconds)};
  };
  auto fold = [](int64_t rows, int64_t columns, std::vector<int64_t> tile, std::vector<double> microseconds) {
    return Measured{
        "04-row-sum/row_sum.tile", "row_sum", {{rows, columns}, {rows}}, std::move(tile), std::move(microseconds)};
  };
  auto softmax = [](int64_t rows, int64_t columns, int64_t block, std::vector<double> microseconds) {
    return Measured{"03-long-softmax/long_softmax.tile",
                    "long_softmax",
                    {{rows, columns}, {rows, columns}},
                    {block},
                    std::move(microseconds)};
  };
  return {
      product(512, {64, 64, 64}, {6.62, 4.354, 3.669, 3.591, 3.756, 3.668}),
      product(2048, {128, 256, 64}, {74.36, 29.66, 24.32, 24.29}),
      product(8192, {128, 256, 64}, {5318, 2163, 1473, 1426}),
      sum(1024, 1024, {3.05, 3.168, 3.06, 3.056, 3.085, 3.162}),
      sum(4096, 4096, {34.41, 34.42, 34.26, 33.98, 35.23, 35.31}),
      sum(8192, 4096, {132.4, 132.4, 131.6, 131.5, 131, 131.1}),
      fold(1024, 1024, {1, 1024}, {3.163, 3.151, 3.143, 3.237, 3.024, 3.18}),
      fold(8192, 4096, {1, 2048}, {22.79, 22.84, 22.76, 22.74, 22.76, 22.65}),
      fold(8192, 16384, {1, 2048}, {86.16, 86.3, 84.95, 85.01, 84.81, 84.77}),
      softmax(1024, 1024, 1024, {3.882, 4.044, 4.45, 4.224, 4.456, 4.335}),
      softmax(8192, 4096, 1024, {60.15, 60.85, 62.82, 66.01, 66.9, 65.07}),
      softmax(8192, 16384, 4096, {239.3, 247.6, 252.6, 220.4, 219.1, 246.2}),
      // Tiles that aren't chosen any more.
      softmax(1024, 1024, 512, {4.569, 4.643, 5.096, 5.041, 5.04, 5.095}),
      softmax(8192, 4096, 512, {68.73, 69.97, 68.7, 68.84, 70.75, 72.07}),
      softmax(8192, 16384, 512, {286.3, 284.4, 283.9, 292.5, 287.1, 287}),
      // Tiles with which few programs, or small ones, are on a multiprocessor.
      sum(4096, 512, {37.9, 37.9, 37.6, 37.4, 37.3, 37.1}),
      sum(8192, 512, {142.7, 142.5, 140.2, 139.8, 139.5, 138.9}),
      fold(1024, 1024, {8, 128}, {3.88, 3.95, 3.20, 3.09, 3.03, 3.05}),
      fold(8192, 4096, {64, 64}, {43.5, 48.5, 33.5, 29.5, 27.5, 27.0}),
      fold(8192, 16384, {64, 128}, {104.1, 118.8, 95.9, 92.0, 91.3, 91.0}),
  };
}

class Model {
public:
  explicit Model(const Measured &one) {
    std::string path = std::string(TILE_EXAMPLES) + "/" + one.source;
    auto text = llvm::MemoryBuffer::getFile(path);
    EXPECT_TRUE(text) << path;
    file = std::shared_ptr<const lang::File>(lang::File::parse(context, (*text)->getBuffer(), one.source));
    kernel = {file, file->find(one.kernel), {}};
    for (int64_t value : one.values)
      kernel.params.push_back(lang::ParamValue::integer(value));
    for (const std::vector<int64_t> &extents : one.views) {
      std::vector<int64_t> own(extents.size(), 1);
      for (size_t axis = extents.size() - 1; axis-- > 0;)
        own[axis] = own[axis + 1] * extents[axis + 1];
      if (!one.rows.empty())
        own.front() = one.rows[strides.size()];
      strides.push_back(std::move(own));
    }
    for (auto [extents, own] : llvm::zip(one.views, strides))
      arguments.push_back({lang::Argument::View, lang::DType::BF16, extents, own});
  }

  /// The stages that are taken when nobody says how many.
  int64_t choose() {
    auto values = chooseParameters(kernel, arguments, kTarget);
    return stagesOf(values.back());
  }

  /// The values that are taken for all parameters, the stages as they are planned.
  std::vector<int64_t> chooseAll() {
    auto values = chooseParameters(kernel, arguments, kTarget);
    std::vector<int64_t> all;
    for (lang::ParamValue value : llvm::ArrayRef(values).drop_back()) {
      all.push_back(value.value);
      if (kernel.params.size() < all.size())
        kernel.params.push_back(value);
    }
    all.push_back(stagesOf(values.back()));
    return all;
  }

  double predict(int64_t stages) {
    double cycles = 0;
    auto compilation = plan(lang::ParamValue::integer(stages), &cycles);
    return compilation ? cycles / kClock * 1e6 : 0;
  }

private:
  static constexpr const char *kTarget = "sm_90a";
  static constexpr double kClock = 1.98e9;

  int64_t stagesOf(lang::ParamValue value) {
    int64_t stages = 1;
    auto compilation = plan(value, nullptr);
    compilation->kernel().walk(
        [&](ir::ForOp loop) { stages = std::max<int64_t>(stages, loop.getPlan() ? loop.getPlan()->getStages() : 1); });
    return stages;
  }

  std::unique_ptr<Compilation> plan(lang::ParamValue stages, double *cycles) {
    KernelRef given = kernel;
    given.params.push_back(stages);
    lang::Bound bound;
    EXPECT_FALSE(lang::bind(*given.signature, given.params, arguments, bound));
    auto compilation = std::make_unique<Compilation>(
        *file, lang::specialize(*given.signature, bound, arguments, false, true), kTarget);
    if (!compilation->runTo(Stage::Planned))
      return nullptr;
    setExtents(compilation->kernel(), arguments);
    if (cycles)
      *cycles =
          launchCycles(compilation->kernel(), gridCycles(compilation->kernel(), bound.grid,
                                                         pipeline::MachineModel::find(kTarget)->count, arguments));
    return compilation;
  }

  mlir::MLIRContext context;
  std::shared_ptr<const lang::File> file;
  KernelRef kernel;
  std::vector<std::vector<int64_t>> strides;
  std::vector<lang::Argument> arguments;
};

TEST(Measured, ChosenStagesAreNearTheBest) {
  for (const Measured &one : measured()) {
    int64_t chosen = Model(one).choose();
    double best = *llvm::min_element(one.microseconds);
    // What wasn't measured is more than what was.
    double own = one.microseconds[std::min<size_t>(chosen, one.microseconds.size()) - 1];
    EXPECT_LE(own, 1.05 * best) << one.kernel << " " << one.views[0][0] << " x " << one.views[0].back() << ": "
                                << chosen << " stages";
  }
}

TEST(Measured, PredictedTimesAreNearTheMeasured) {
  int near = 0;
  for (const Measured &one : measured()) {
    Model model(one);
    auto chosen = std::min<size_t>(model.choose(), one.microseconds.size());
    double own = one.microseconds[chosen - 1], predicted = model.predict(static_cast<int64_t>(chosen));
    near += predicted >= 0.75 * own && predicted <= 1.25 * own;
  }
  EXPECT_GE(near, 18);
}

/// A product of matrices whose rows tensor copies can't take: rows of C, elements between rows of A and B, and TFLOP/s by tile and stages.
struct Askew {
  int64_t rows, a, b;
  std::vector<std::pair<std::vector<int64_t>, double>> rates;
};

/// The fastest of 32 tiles and stages, and those near it.
std::vector<Askew> askew() {
  return {
      {4096, 4100, 4100, {{{128, 256, 64, 3}, 488}, {{128, 256, 32, 4}, 445}, {{256, 128, 32, 4}, 420}}},
      {4096, 4100, 4096, {{{128, 256, 64, 3}, 658}, {{128, 256, 64, 4}, 598}, {{128, 256, 32, 4}, 525}}},
      {4096, 4096, 4100, {{{256, 128, 64, 4}, 597}, {{256, 128, 64, 3}, 596}, {{128, 256, 64, 3}, 555}}},
      {4096, 4098, 4098, {{{128, 256, 64, 3}, 373}, {{128, 256, 32, 4}, 361}, {{256, 128, 64, 3}, 349}}},
      {1024, 4100, 4100, {{{128, 256, 64, 3}, 488}, {{128, 256, 32, 4}, 446}, {{256, 128, 32, 4}, 426}}},
      {1024, 4100, 4096, {{{128, 256, 64, 3}, 640}, {{128, 256, 64, 4}, 602}, {{128, 256, 32, 4}, 529}}},
      {1024, 4096, 4100, {{{256, 128, 64, 4}, 584}, {{256, 128, 64, 3}, 582}, {{128, 256, 64, 3}, 551}}},
  };
}

TEST(Measured, RowsThatThreadsCopyAreInTheBestTiles) {
  for (const Askew &one : askew()) {
    Measured product{"06-matmul/matmul.tile", "matmul", {{one.rows, 4096}, {4096, 4096}, {one.rows, 4096}}, {}, {},
                     {one.a, one.b, 4096}};
    std::vector<int64_t> chosen = Model(product).chooseAll();
    std::string name =
        std::to_string(one.rows) + " rows, " + std::to_string(one.a) + " and " + std::to_string(one.b) + " apart";
    auto found = llvm::find_if(one.rates, [&](const auto &rate) { return rate.first == chosen; });
    ASSERT_NE(found, one.rates.end()) << name;
    EXPECT_GE(found->second, 0.95 * one.rates.front().second) << name;
    // Where shared memory leaves the cache enough room, the model is within a quarter.
    product.values = {chosen[0], chosen[1], chosen[2]};
    double flops = 2.0 * static_cast<double>(one.rows) * 4096 * 4096;
    double predicted = flops / Model(product).predict(chosen[3]) / 1e6;
    EXPECT_NEAR(predicted / found->second, 1, 0.25) << name;
  }
}

} // namespace
