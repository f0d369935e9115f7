//===- CudaTuneTest.cpp - tile::tune on several GPUs --------------*- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "CudaTest.h"
#include "tile/Cache.h"
#include "tile/Error.h"
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

namespace {
/// Three devices of a kind of their own, which a test may lose one of.
class LostDeviceTest : public CudaTuneTest {
protected:
  LostDeviceTest() {
    fake.devices = kLost + 3;
    // However long a launch seems to take, the fastest has less than that after one round.
    options.rounds = 12;
    for (int ordinal = kLost; ordinal < fake.devices; ++ordinal) {
      fake.names[ordinal] = "Lost";
      options.devices.push_back(tile::Device::fromCudaContext(fake.makeContext(ordinal)));
    }
  }

  bool isOver(void *context) const { return fake.broken && fake.brokenContexts.contains(context); }
  void lose(std::size_t number) {
    fake.brokenContexts = {options.devices[number].context()};
    fake.brokenText = "an illegal memory access was encountered";
    fake.broken = 700;
  }
  /// Loses a device when a round begins.
  tile::TuneResult tuneAndLose(std::size_t number, unsigned atRound) {
    unsigned rounds = 0;
    options.progress = [=, this](const std::string &text) mutable {
      if (text.starts_with("round") && ++rounds == atRound)
        lose(number);
    };
    return tune(options.devices.front());
  }

  static constexpr int kLost = 12;
};
} // namespace

TEST_F(LostDeviceTest, TheOthersFinish) {
  tile::TuneResult found = tuneAndLose(2, 2);
  EXPECT_TRUE(isOver(options.devices[2].context()));
  EXPECT_EQ(found.devices.size(), 3u);
  EXPECT_TRUE(found.finished) << found.ended;
  EXPECT_LE(found.failed, 1u);
  ASSERT_TRUE(found.best);
}

TEST_F(LostDeviceTest, ThatTheArgumentsAreOnIsNoOtherCase) {
  tile::TuneResult found = tuneAndLose(0, 2);
  EXPECT_TRUE(found.finished) << found.ended;
  EXPECT_LE(found.failed, 1u);
  EXPECT_GE(found.measured, 1u);
}

TEST_F(LostDeviceTest, IsNotTheFaultOfWhatHadRun) {
  // So few choices that each device measures all of them in the first round: in the second all have run.
  std::string source = api::rowsSource;
  source.replace(source.find("1..=6"), 5, "{2, 4}");
  kernel = tile::Program::fromString(source).kernel("rows");
  tile::TuneResult found = tuneAndLose(1, 2);
  EXPECT_TRUE(isOver(options.devices[1].context()));
  EXPECT_EQ(found.failed, 0u) << found.text();
  EXPECT_TRUE(found.finished) << found.ended;
}

TEST_F(LostDeviceTest, OfAllNoneIsLeft) {
  options.progress = [&](const std::string &text) {
    if (text.starts_with("round 2")) {
      fake.brokenText = "an illegal memory access was encountered";
      fake.broken = 700;
    }
  };
  tile::TuneResult found = tune(options.devices.front());
  EXPECT_FALSE(found.finished);
  EXPECT_NE(found.ended.find("can't be used any more"), std::string::npos) << found.ended;
  EXPECT_GE(found.measured, 1u);
}

TEST_F(LostDeviceTest, OneWithoutRoomIsLeftOut) {
  fake.fullDevice = kLost + 1;
  tile::TuneResult found = tune(options.devices.front());
  EXPECT_EQ(found.devices.size(), 2u);
  EXPECT_EQ(found.failed, 0u);
  EXPECT_TRUE(found.finished) << found.ended;
}

TEST_F(LostDeviceTest, OfOtherKindsNoneMeasures) {
  tile::Device own = options.devices.front();
  fake.names[kLost] = "Another";
  tile::Device other = tile::Device::fromCudaContext(fake.makeContext(kLost));
  options.devices = {own, other};
  try {
    tune(own);
    FAIL() << "devices of two kinds";
  } catch (const tile::Error &error) {
    EXPECT_NE(std::string(error.what()).find("(Another of architecture sm_90"), std::string::npos) << error.what();
    EXPECT_NE(std::string(error.what()).find("can't measure for device"), std::string::npos) << error.what();
  }
}
