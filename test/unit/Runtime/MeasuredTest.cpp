//===- MeasuredTest.cpp - The machine model beside an H100 ---------*- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// \file
/// What examples/09-stages/stages.py measured on an H100 80GB HBM3 (driver 580, 2026-11-23), beside what the model of sm_90a says. The model
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
/// that was chosen, which ran twice, the mean.
struct Measured {
  const char *source, *kernel;
  std::vector<std::vector<int64_t>> views;
  std::vector<int64_t> values;
  std::vector<double> microseconds;
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
      product(512, {64, 64, 64}, {7.68, 5.296, 4.502, 4.067, 4.026, 4.039}),
      product(2048, {128, 256, 64}, {70.14, 30.51, 25.13, 25.12}),
      product(8192, {128, 256, 64}, {5326, 2173, 1434, 1433}),
      sum(1024, 1024, {3.05, 3.168, 3.06, 3.056, 3.085, 3.162}),
      sum(4096, 4096, {36.71, 36.66, 36.5, 36.21, 37.39, 37.43}),
      sum(8192, 4096, {136.5, 136.5, 135.3, 135, 134.1, 134.1}),
      fold(1024, 1024, {1, 1024}, {3.163, 3.151, 3.143, 3.237, 3.024, 3.18}),
      fold(8192, 4096, {1, 2048}, {25.05, 25.04, 24.89, 24.89, 24.85, 24.83}),
      fold(8192, 16384, {1, 2048}, {89.32, 89.31, 89.4, 89.67, 89.26, 88.82}),
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
  EXPECT_GE(near, 16);
}

} // namespace
