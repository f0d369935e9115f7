//===- CudaTuneTest.cpp - tile::tune on several GPUs --------------*- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "CudaTest.h"
#include "tile/Cache.h"
#include "tile/Program.h"
#include "tile/Tune.h"

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <set>
#include <thread>

namespace fs = std::filesystem;

namespace {
class CudaTuneTest : public CudaTest {
protected:
  CudaTuneTest() {
    std::string pattern = (fs::temp_directory_path() / "tile-tune-XXXXXX").string();
    folder = fs::path(mkdtemp(pattern.data())) / "tile";
    tile::setCache({.folder = folder});
    fake.devices = kFirst + 3;
    fake.name = "Fake";
    options.rounds = 2;
    // A launch takes a moment, so that a sample is not ten thousand of them.
    fake.onLaunch = [this](const FakeLaunch &launch) {
      contexts.insert(launch.context);
      fake.launches.clear();
      std::this_thread::sleep_for(std::chrono::milliseconds(2));
    };
  }
  ~CudaTuneTest() override {
    tile::setCache({.folder = {}, .enabled = false});
    fs::remove_all(folder.parent_path());
  }

  tile::TuneResult tune(const tile::Device &device) {
    tile::Buffer x(device, 4 * 64 * 1024), y(device, 4 * 64);
    return tile::tune(kernel, device, options, x.tensor(tile::DType::F32, {64, 1024}),
                      y.tensor(tile::DType::F32, {64}));
  }

  /// Devices that no other test opens begin here.
  static constexpr int kFirst = 8;
  fs::path folder;
  tile::TuneOptions options;
  tile::Kernel kernel = tile::Program::fromString(api::rowsSource).kernel("rows");
  std::set<void *> contexts;
};
} // namespace

TEST_F(CudaTuneTest, AllDevicesThatAreAlikeMeasure) {
  tile::TuneResult found = tune(tile::Device::cuda(kFirst + 1));
  // The planner takes as many stages as one of those that the kernel lists, which is no row of its own.
  EXPECT_EQ(found.rows.size(), 6u);
  // Those that other tests have opened are of other names.
  ASSERT_GE(found.devices.size(), 3u);
  EXPECT_EQ(found.devices.front(), "cuda:" + std::to_string(kFirst + 1));
  for (int ordinal : {kFirst, kFirst + 2})
    EXPECT_EQ(std::count(found.devices.begin(), found.devices.end(), "cuda:" + std::to_string(ordinal)), 1);
  EXPECT_EQ(contexts.size(), found.devices.size());
  EXPECT_TRUE(found.finished) << found.ended;
  EXPECT_EQ(found.failed, 0u);
  ASSERT_TRUE(found.best);
  std::string text = "on " + std::to_string(found.devices.size()) + " devices";
  EXPECT_NE(found.text().find(text), std::string::npos) << found.text();
  // Another device of the kind launches what this one has found.
  tile::Device third = tile::Device::cuda(kFirst + 2);
  tile::Buffer x(third, 4 * 64 * 1024), y(third, 4 * 64);
  tile::Report report =
      kernel.prepare(third, x.tensor(tile::DType::F32, {64, 1024}), y.tensor(tile::DType::F32, {64})).report();
  EXPECT_EQ(report.chosenBy, "tuning");
  // Measured at once on all devices, each round has a time of each.
  EXPECT_GE(found.rows[found.model].seconds.size(), 2 * found.devices.size());
}

TEST_F(CudaTuneTest, OnlyThoseThatAreNamedMeasure) {
  options.devices = {tile::Device::cuda(kFirst)};
  EXPECT_EQ(tune(tile::Device::cuda(kFirst)).devices, std::vector<std::string>{"cuda:" + std::to_string(kFirst)});
  EXPECT_EQ(contexts.size(), 1u);
  // One whose context somebody else made is one of its kind.
  options.devices = {};
  options.again = true;
  contexts.clear();
  tile::Device theirs = tile::Device::fromCudaContext(fake.makeContext(1));
  EXPECT_EQ(tune(theirs).devices, std::vector<std::string>{"cuda:1"});
  EXPECT_EQ(contexts.size(), 1u);
}

TEST_F(CudaTuneTest, WhatTheDriverRefusesIsARow) {
  options.devices = {tile::Device::cuda()};
  adjust = [](tile::nvptx::Image &image, tile::ir::KernelOp kernel) {
    kernel.walk([&](tile::ir::RingOp ring) {
      if (ring.getType().getDepth() > 2)
        image.sharedBytes = 1 << 20;
    });
  };
  tile::TuneResult found = tune(tile::Device::cuda());
  EXPECT_GE(found.failed + found.unfit, 1u);
  EXPECT_GE(found.measured, 1u);
  EXPECT_TRUE(found.finished) << found.ended;
  for (const tile::TuneRow &row : found.rows)
    if (row.status == tile::TuneRow::Status::Failed) {
      EXPECT_NE(row.reason, "");
    }
}

TEST_F(CudaTuneTest, ABrokenContextEndsItWithWhatThereIs) {
  tile::Device theirs = tile::Device::fromCudaContext(fake.makeContext(0));
  unsigned rounds = 0;
  options.progress = [&](const std::string &text) {
    if (text.starts_with("round") && ++rounds == 2) {
      fake.broken = 700;
      fake.brokenText = "an illegal memory access was encountered";
    }
  };
  tile::TuneResult found;
  {
    tile::Buffer x(theirs, 4 * 64 * 1024), y(theirs, 4 * 64);
    found =
        tile::tune(kernel, theirs, options, x.tensor(tile::DType::F32, {64, 1024}), y.tensor(tile::DType::F32, {64}));
  }
  EXPECT_FALSE(found.finished);
  EXPECT_NE(found.ended.find("can't be used any more: CUDA_ERROR_ILLEGAL_ADDRESS"), std::string::npos) << found.ended;
  EXPECT_EQ(found.failed, 1u) << "the one that was running";
  EXPECT_GE(found.measured, 1u) << found.json();
  EXPECT_TRUE(fs::exists(found.record));
  // A new process goes on.
  fake.broken = 0;
  options.progress = nullptr;
  options.devices = {};
  tile::TuneResult next = tune(tile::Device::fromCudaContext(fake.makeContext(0)));
  EXPECT_TRUE(next.finished) << next.ended;
  EXPECT_GT(next.remembered, 0u);
  EXPECT_EQ(next.failed, 1u);
}
