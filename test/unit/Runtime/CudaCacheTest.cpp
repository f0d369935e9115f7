//===- CudaCacheTest.cpp - Machine code kept between processes ----*- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "CudaTest.h"

#include <chrono>
#include <fcntl.h>
#include <fstream>
#include <unistd.h>

using namespace api;
namespace fs = std::filesystem;

namespace {
class CudaCacheTest : public CudaTest {
protected:
  CudaCacheTest() {
    std::string pattern = (fs::temp_directory_path() / "tile-cache-XXXXXX").string();
    folder = fs::path(mkdtemp(pattern.data())) / "tile";
    tile::setCache({.folder = folder});
  }
  ~CudaCacheTest() override { fs::remove_all(folder.parent_path()); }

  /// Prepares a kernel of a program that knows nothing yet, as in a new process.
  tile::Report prepare(const char *source = scaleSource, const tile::KernelOptions &options = {},
                       const tile::Parameters &parameters = {}) {
    auto ready = tile::Program::fromString(source, "test.tile")
                     .kernel("scale", parameters, options)
                     .prepare(device, x.tensor(tile::DType::F32, {1000}), 2.0f, y.tensor(tile::DType::F32, {1000}));
    ready.launch(stream, x.tensor(tile::DType::F32, {1000}), 2.0f, y.tensor(tile::DType::F32, {1000}));
    return ready.report();
  }
  std::vector<fs::path> entries() {
    std::vector<fs::path> result;
    if (fs::exists(folder))
      for (const auto &entry : fs::directory_iterator(folder))
        result.push_back(entry.path());
    return result;
  }

  fs::path folder;
  tile::Device device = tile::Device::cuda();
  tile::Stream stream{device};
  tile::Buffer x{device, 4000}, y{device, 4000};
};
} // namespace

TEST_F(CudaCacheTest, AHitCompilesNothing) {
  fake.localBytes = 24;
  tile::Report first = prepare();
  EXPECT_FALSE(first.fromCache);
  EXPECT_EQ(compiled, 1u);
  EXPECT_EQ(entries().size(), 1u);
  tile::Report second = prepare();
  EXPECT_TRUE(second.fromCache);
  EXPECT_EQ(compiled, 1u);
  EXPECT_EQ(fake.links, 1u);
  ASSERT_EQ(fake.launches.size(), 2u);
  EXPECT_EQ(fake.launches[0].words, fake.launches[1].words);
  EXPECT_EQ(fake.launches[0].block[0], fake.launches[1].block[0]);
  EXPECT_EQ(fake.launches[0].sharedBytes, fake.launches[1].sharedBytes);
  // Reports agree on all but how the code was come by.
  EXPECT_NE(second.text().find("from the cache in load"), std::string::npos) << second.text();
  first.timings = second.timings = {};
  second.fromCache = false;
  EXPECT_EQ(first.json(), second.json());
}

TEST_F(CudaCacheTest, LoopsAndVerdictsOfAReportAreKept) {
  auto report = [&] {
    return tile::Program::fromString(rowsSource)
        .kernel("rows")
        .prepare(device, x.tensor(tile::DType::F32, {10, 100}), y.tensor(tile::DType::F32, {10}))
        .report();
  };
  tile::Report first = report(), second = report();
  EXPECT_TRUE(second.fromCache);
  ASSERT_EQ(second.loops.size(), 1u);
  EXPECT_FALSE(second.verdicts.empty());
  EXPECT_NE(second.schedule, "");
  first.timings = second.timings = {};
  second.fromCache = false;
  EXPECT_EQ(first.json(), second.json());
}

TEST_F(CudaCacheTest, WhateverTheCodeDependsOnIsInTheKey) {
  prepare();
  std::string other = scaleSource + std::string("\n");
  prepare(other.c_str());
  EXPECT_EQ(compiled, 2u) << "the source";
  prepare(scaleSource, {.checked = true, .planFor = ""});
  EXPECT_EQ(compiled, 3u) << "checked";
  prepare(scaleSource, {.checked = false, .planFor = "sm_80"});
  EXPECT_EQ(compiled, 4u) << "the target";
  prepare(scaleSource, {}, {{"BLOCK", 64}});
  EXPECT_EQ(compiled, 5u) << "a parameter";
  auto kernel = tile::Program::fromString(scaleSource, "test.tile").kernel("scale");
  kernel.prepare(device, x.tensor(tile::DType::F32, {900}, 4), 2.0f, y.tensor(tile::DType::F32, {900}, 4));
  EXPECT_EQ(compiled, 6u) << "alignment";
  kernel.prepare(device, x.tensor(tile::DType::F16, {1000}), 2.0f, y.tensor(tile::DType::F16, {1000}));
  EXPECT_EQ(compiled, 7u) << "a type";
  prepare();
  EXPECT_EQ(compiled, 7u);
  // Another device of the same kind takes the same entry.
  tile::Device second = tile::Device::cuda(1);
  tile::Buffer u(second, 4000), v(second, 4000);
  EXPECT_TRUE(tile::Program::fromString(scaleSource, "test.tile")
                  .kernel("scale")
                  .prepare(second, u.tensor(tile::DType::F32, {1000}), 2.0f, v.tensor(tile::DType::F32, {1000}))
                  .report()
                  .fromCache);
}

TEST_F(CudaCacheTest, ParametersLeftToTheModelAreChosenOnce) {
  tile::Buffer a(device, 2 << 20), b(device, 2 << 20), c(device, 2 << 20);
  tile::Tensor aTensor = a.tensor(tile::DType::BF16, {1024, 1024}), bTensor = b.tensor(tile::DType::BF16, {1024, 1024}),
               cTensor = c.tensor(tile::DType::BF16, {1024, 1024});
  auto run = [&](const tile::Parameters &parameters) {
    auto kernel = tile::Program::fromFile(TILE_EXAMPLES "/06-matmul/matmul.tile").kernel("matmul", parameters);
    kernel.launch(stream, aTensor, bTensor, cTensor);
    return kernel.prepare(device, aTensor, bTensor, cTensor).report();
  };
  tile::Report first = run({}), second = run({}), given = run({{"BM", 64}, {"BN", 64}, {"BK", 32}});
  EXPECT_EQ(compiled, 2u);
  EXPECT_TRUE(second.fromCache);
  EXPECT_EQ(first.parameters, second.parameters);
  ASSERT_EQ(fake.launches.size(), 3u);
  std::map<std::string, int> chosen;
  for (auto &[name, value] : first.parameters)
    if (name != "STAGES")
      chosen[name] = std::stoi(value);
  EXPECT_GT(chosen["BM"] * chosen["BN"], 64 * 64)
      << "small tiles keep the memory busy with the same rows again and again";
  EXPECT_EQ(static_cast<int>(fake.launches[0].grid[0]), 1024 / chosen["BM"] * (1024 / chosen["BN"]));
  EXPECT_EQ(fake.launches[0].words, fake.launches[1].words);
  EXPECT_EQ(fake.launches[2].grid[0], 256u);
  EXPECT_EQ(given.parameters[0].second, "64");
}

TEST_F(CudaCacheTest, ADamagedEntryIsMadeAnew) {
  prepare();
  fs::path entry = entries().front();
  auto size = fs::file_size(entry);
  {
    std::fstream file(entry, std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(static_cast<std::streamoff>(size / 2));
    file.put('\x7f');
  }
  EXPECT_FALSE(prepare().fromCache);
  EXPECT_TRUE(prepare().fromCache);
  fs::resize_file(entry, size / 2);
  EXPECT_FALSE(prepare().fromCache);
  fs::resize_file(entry, 0);
  EXPECT_FALSE(prepare().fromCache);
  EXPECT_TRUE(prepare().fromCache);
  EXPECT_EQ(compiled, 4u);
}

TEST_F(CudaCacheTest, CodeThatTheDriverWontLoadIsMadeAnew) {
  prepare();
  fake.load = 200;
  EXPECT_ERROR(prepare(), "can't be loaded", "CUDA_ERROR_INVALID_IMAGE");
  EXPECT_EQ(compiled, 2u);
  EXPECT_TRUE(entries().empty());
  fake.load = 0;
  EXPECT_FALSE(prepare().fromCache);
  EXPECT_TRUE(prepare().fromCache);
}

TEST_F(CudaCacheTest, ItCanBeSwitchedOff) {
  tile::setCache({.folder = folder, .enabled = false});
  EXPECT_EQ(tile::cacheFolder(), "");
  prepare();
  EXPECT_FALSE(prepare().fromCache);
  EXPECT_TRUE(entries().empty());
}

TEST_F(CudaCacheTest, TheEnvironmentNamesTheFolder) {
  for (const auto &[variable, value, expected] :
       {std::tuple("TILE_CACHE", folder.string(), folder), std::tuple("TILE_CACHE", std::string("off"), fs::path()),
        std::tuple("XDG_CACHE_HOME", folder.string(), folder / "tile"),
        std::tuple("HOME", folder.string(), folder / ".cache" / "tile")}) {
    std::string home = std::getenv("HOME") ? std::getenv("HOME") : "";
    unsetenv("XDG_CACHE_HOME");
    setenv(variable, value.c_str(), 1);
    tile::setCache({});
    EXPECT_EQ(tile::cacheFolder(), expected) << variable;
    if (std::string(variable) != "HOME")
      unsetenv(variable);
    setenv("HOME", home.c_str(), 1);
  }
}

TEST_F(CudaCacheTest, TheFolderStaysWhereItIs) {
  for (const fs::path &name : {folder / "", fs::relative(folder), fs::relative(folder) / "." / ""}) {
    fs::remove_all(folder);
    tile::setCache({.folder = name});
    EXPECT_EQ(tile::cacheFolder(), folder) << name;
    prepare();
    // As narrow as by its plain name.
    EXPECT_EQ(fs::status(folder).permissions(), fs::perms::owner_all) << name;
    EXPECT_TRUE(prepare().fromCache) << name;
  }
}

/// Whose standard error is lost loses the warning, and nothing else.
TEST_F(CudaCacheTest, AWarningThatNobodyGetsEndsNothing) {
  EXPECT_EXIT(
      {
        dup2(open("/dev/full", O_WRONLY), STDERR_FILENO);
        tile::setCache({.folder = "/dev/null/tile"});
        std::exit(prepare().fromCache);
      },
      testing::ExitedWithCode(0), "");
}

TEST_F(CudaCacheTest, AFolderThatCannotBeWrittenIsOneWarning) {
  tile::setCache({.folder = "/dev/null/tile"});
  testing::internal::CaptureStderr();
  EXPECT_FALSE(prepare().fromCache);
  prepare();
  std::string text = testing::internal::GetCapturedStderr();
  EXPECT_NE(text.find("tile: warning: the cache folder '/dev/null/tile' can't be used: Not a directory"),
            std::string::npos)
      << text;
  EXPECT_EQ(text.find("warning"), text.rfind("warning"));
  EXPECT_EQ(fake.launches.size(), 2u);
}

/// From a source to a launch, with an entry on the disk; printed, and held to the promised time with what a driver takes left out.
TEST_F(CudaCacheTest, AWarmStartIsQuick) {
  prepare();
  double best = 1e9;
  for (int i = 0; i < 20; ++i) {
    auto start = std::chrono::steady_clock::now();
    EXPECT_TRUE(prepare().fromCache);
    best = std::min(best, std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start).count());
  }
  std::printf("from source to a launch with a warm cache: %.2f ms\n", best);
  EXPECT_LT(best, 4.0);
}
