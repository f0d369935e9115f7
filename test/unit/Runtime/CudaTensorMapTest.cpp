//===- CudaTensorMapTest.cpp - Tensor maps and persistent kernels -*- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "CudaTest.h"

#include <llvm/ADT/STLExtras.h>

#include <cstdlib>

using namespace api;

static constexpr const char *source = R"(
kernel copy(s: f32, bias: f32[N]?, x: T[M, N], y: out T[M, N]) grid (cdiv(M, 64)) {
  let m = program(0) * 64;
  y[m +: 64, 0 +: 64] = x[m +: 64, 0 +: 64];
})";

namespace {
class CudaTensorMapTest : public CudaTest {
protected:
  CudaTensorMapTest() {
    adjust = [](tile::nvptx::Image &image, tile::ir::KernelOp kernel) { takeMaps(image, kernel); };
  }

  /// Has a kernel take maps of those views that facts say can have one: of `y`, the last argument, first.
  static void takeMaps(tile::nvptx::Image &image, tile::ir::KernelOp kernel) {
    image.ptx = ".version 8.0\n.visible .entry " + image.entry + "(";
    for (unsigned i = 0; i < image.words; ++i)
      image.ptx += (i ? ", .param .u64 p" : ".param .u64 .ptr .global .align 16 p") + std::to_string(i);
    for (unsigned argument : {kernel.getBody().getNumArguments() - 1, kernel.getBody().getNumArguments() - 2}) {
      tile::ir::FactsAttr facts = kernel.getFacts(argument);
      if (!facts || !facts.getTensorMap())
        continue;
      auto view = llvm::cast<tile::ir::ViewType>(kernel.getBody().getArgument(argument).getType());
      bool isY = image.tensorMaps.empty();
      std::int64_t unit = facts.getUnitAxis();
      image.tensorMaps.push_back(
          {argument, view.getElementType(), {unit, 1 - unit}, {isY ? 32 : 64, 128}, isY ? 64 : 128});
      image.ptx += ", .param .align 64 .b8 m" + std::to_string(argument) + "[128]";
    }
    image.ptx += ") .reqntid 384";
    image.threads = 384;
    image.producerThreads = 128;
  }

  static tile::Tensor matrix(const tile::Buffer &buffer, std::int64_t rows, std::int64_t columns,
                             std::int64_t offset = 0) {
    return buffer.tensor(tile::DType::BF16, {rows, columns}, static_cast<std::size_t>(offset));
  }
  static std::uint64_t address(const tile::Buffer &buffer) { return reinterpret_cast<std::uint64_t>(buffer.data()); }
  /// A map as the fake writes it.
  static std::vector<std::uint64_t> map(std::uint64_t address, unsigned swizzle, std::vector<std::uint64_t> extents,
                                        std::uint64_t stride, std::vector<std::uint64_t> box) {
    constexpr unsigned kU16 = 1, kPromotion = 2, kRank = 2;
    return {address,    kRank | kU16 << 8 | swizzle << 16 | kPromotion << 24,
            extents[0], extents[1],
            0,          0,
            0,          stride,
            0,          0,
            0,          box[0],
            box[1],     0,
            0,          0};
  }
  std::vector<std::uint64_t> mapOf(unsigned number) const {
    const std::vector<std::uint64_t> &words = fake.launches.back().words;
    return {words.begin() + 16 + 16 * number, words.begin() + 32 + 16 * number};
  }

  tile::Device device = tile::Device::cuda();
  tile::Stream stream{device};
  tile::Kernel kernel = tile::Program::fromString(source, "test.tile").kernel("copy");
  tile::Buffer x{device, 1 << 20}, y{device, 1 << 20};
};

/// In a process of its own, which has no driver yet.
class CudaLessDeathTest : public testing::Test {
protected:
  void SetUp() override { GTEST_FLAG_SET(death_test_style, "threadsafe"); }
};
} // namespace

TEST_F(CudaTensorMapTest, MapsFollowTheWords) {
  auto ready = kernel.prepare(device, 1.0f, std::nullopt, matrix(x, 100, 64), matrix(y, 100, 64));
  ready.launch(stream, 1.0f, std::nullopt, matrix(x, 100, 64), matrix(y, 100, 64));
  const FakeLaunch &launch = fake.launches.back();
  // A scalar, two matrices and the grid, up to a multiple of 64 bytes; then a map of each matrix.
  std::vector<std::uint64_t> words = {launch.words[0], address(x), 100, 64, 64, 1, address(y), 100, 64, 64, 1, 2, 1, 1};
  ASSERT_EQ(launch.words.size(), 16u + 2 * 16u);
  EXPECT_TRUE(std::equal(words.begin(), words.end(), launch.words.begin()));
  EXPECT_EQ(mapOf(0), map(address(y), 2, {64, 100}, 128, {32, 128}));
  EXPECT_EQ(mapOf(1), map(address(x), 3, {64, 100}, 128, {64, 128}));
  EXPECT_EQ(launch.block[0], 384u);
}

TEST_F(CudaTensorMapTest, AxesFollowTheUnitAxis) {
  tile::Tensor transposed(x.data(), tile::DType::BF16, {64, 100}, {1, 72});
  kernel.launch(stream, 1.0f, std::nullopt, transposed, matrix(y, 64, 100));
  // The output's rows are of 200 bytes, which no map can have.
  ASSERT_EQ(fake.launches.back().words.size(), 16u + 16u);
  EXPECT_EQ(mapOf(0), map(address(x), 2, {64, 100}, 144, {32, 128}));
}

TEST_F(CudaTensorMapTest, AnAxisOfOneElementHasAStride) {
  tile::Tensor row(x.data(), tile::DType::BF16, {1, 64}, {0, 1});
  kernel.launch(stream, 1.0f, std::nullopt, row, matrix(y, 1, 64));
  EXPECT_EQ(mapOf(1), map(address(x), 3, {64, 1}, 16, {64, 128}));
}

TEST_F(CudaTensorMapTest, RepeatedLaunchesMakeNone) {
  auto ready = kernel.prepare(device, 1.0f, std::nullopt, matrix(x, 100, 64), matrix(y, 100, 64));
  auto launch = [&](std::int64_t rows, std::int64_t offset) {
    ready.launch(stream, 1.0f, std::nullopt, matrix(x, rows, 64, offset), matrix(y, rows, 64));
    EXPECT_EQ(mapOf(1), map(address(x) + static_cast<std::uint64_t>(offset), 3, {64, static_cast<std::uint64_t>(rows)},
                            128, {64, 128}));
    return std::exchange(fake.encodes, 0);
  };
  EXPECT_EQ(launch(100, 0), 2u);
  EXPECT_EQ(launch(100, 0), 0u);
  // Another address is another map, and another extent; those before are still known.
  EXPECT_EQ(launch(100, 4096), 1u);
  EXPECT_EQ(launch(90, 0), 2u);
  EXPECT_EQ(launch(100, 4096), 0u);
  EXPECT_EQ(launch(100, 0), 0u);
  // Four of each are, and then the oldest goes.
  EXPECT_EQ(launch(100, 8192), 1u);
  EXPECT_EQ(launch(100, 16384), 1u);
  EXPECT_EQ(launch(100, 16384), 0u);
  EXPECT_EQ(launch(100, 0), 1u);
}

TEST_F(CudaTensorMapTest, LaunchesDoNotAllocate) {
  tile::Tensor from = matrix(x, 100, 64), to = matrix(y, 100, 64);
  auto ready = kernel.prepare(device, 1.0f, std::nullopt, from, to);
  fake.record = false;
  unsigned before = allocationCount();
  for (int i = 0; i < 100; ++i) {
    ready.launch(stream, 1.0f, std::nullopt, from, to);
    kernel.launch(stream, 1.0f, std::nullopt, from, to);
  }
  EXPECT_EQ(allocationCount(), before);
  EXPECT_EQ(fake.encodes, 2u);
  EXPECT_EQ(fake.launchCount, 200u);
}

TEST_F(CudaTensorMapTest, KernelsFindTheirMapsToo) {
  for (int i = 0; i < 3; ++i)
    kernel.launch(stream, 1.0f, std::nullopt, matrix(x, 100, 64), matrix(y, 100, 64));
  EXPECT_EQ(fake.encodes, 2u);
  EXPECT_EQ(compiled, 1u);
}

TEST_F(CudaTensorMapTest, WhatNoMapDescribesIsCompiledWithout) {
  auto launch = [&](std::int64_t rows, std::int64_t columns, std::int64_t offset) {
    kernel.launch(stream, 1.0f, std::nullopt, matrix(x, rows, columns, offset), matrix(y, rows, columns, offset));
    return fake.launches.back().words.size();
  };
  EXPECT_EQ(launch(100, 64, 0), 16u + 2 * 16u);
  // Base and rows are no multiples of 16 bytes: only words, packed.
  EXPECT_EQ(launch(100, 64, 8), 14u);
  EXPECT_EQ(launch(100, 60, 0), 14u);
  EXPECT_EQ(launch(100, 0, 0), 14u);
  EXPECT_EQ(fake.encodes, 2u);
  // Rows at one address are as aligned as any, but nothing for a map.
  tile::Tensor repeated(x.data(), tile::DType::BF16, {100, 64}, {0, 1});
  kernel.launch(stream, 1.0f, std::nullopt, repeated, matrix(y, 100, 64));
  EXPECT_EQ(fake.launches.back().words.size(), 16u + 16u);
}

TEST_F(CudaTensorMapTest, PreparedCodeWithMapsRefusesOtherViews) {
  auto ready = kernel.prepare(device, 1.0f, std::nullopt, matrix(x, 100, 64), matrix(y, 100, 64));
  EXPECT_NE(ready.report().arguments[2].find("fit for a tensor map"), std::string::npos);
  EXPECT_ERROR(ready.launch(stream, 1.0f, std::nullopt, matrix(x, 0, 64), matrix(y, 0, 64)), "'x'",
               "fit for a tensor map");
  tile::Tensor repeated(x.data(), tile::DType::BF16, {100, 64}, {0, 1});
  EXPECT_ERROR(ready.launch(stream, 1.0f, std::nullopt, repeated, matrix(y, 100, 64)), "'x'", "fit for a tensor map");
}

TEST_F(CudaTensorMapTest, OtherTargetsHaveNone) {
  auto older = tile::Program::fromString(source).kernel("copy", {}, {.checked = false, .planFor = "sm_89"});
  older.launch(stream, 1.0f, std::nullopt, matrix(x, 100, 64), matrix(y, 100, 64));
  EXPECT_EQ(fake.launches.back().words.size(), 14u);
  EXPECT_EQ(older.prepare(device, 1.0f, std::nullopt, matrix(x, 100, 64), matrix(y, 100, 64)).report().target, "sm_89");
}

TEST_F(CudaTensorMapTest, MapsAreKeptOnTheDisk) {
  std::string pattern = (std::filesystem::temp_directory_path() / "tile-maps-XXXXXX").string();
  std::filesystem::path folder = mkdtemp(pattern.data());
  tile::setCache({.folder = folder / "tile"});
  for (bool again : {false, true}) {
    adjust = [](tile::nvptx::Image &image, tile::ir::KernelOp kernel) {
      takeMaps(image, kernel);
      image.persistent = image.startsEarly = true;
    };
    auto ready = tile::Program::fromString(source, "test.tile")
                     .kernel("copy")
                     .prepare(device, 1.0f, std::nullopt, matrix(x, 100, 64), matrix(y, 100, 64));
    EXPECT_EQ(ready.report().fromCache, again);
    EXPECT_EQ(ready.report().producerThreads, 128);
    EXPECT_EQ(ready.report().workers, 2);
    ready.launch(stream, 1.0f, std::nullopt, matrix(x, 100, 64), matrix(y, 100, 64));
    EXPECT_EQ(mapOf(1), map(address(x), 3, {64, 100}, 128, {64, 128}));
    EXPECT_TRUE(fake.launches.back().startsEarly);
  }
  tile::setCache({.folder = {}, .enabled = false});
  std::filesystem::remove_all(folder);
  EXPECT_EQ(compiled, 1u);
  EXPECT_EQ(fake.launches[0].words, fake.launches[1].words);
}

TEST_F(CudaTensorMapTest, MapsThatTheDriverRefuses) {
  fake.encode = 1;
  EXPECT_ERROR(kernel.launch(stream, 1.0f, std::nullopt, matrix(x, 100, 64), matrix(y, 100, 64)),
               "no tensor map can be made of argument 'y' of kernel 'copy'", "CUDA_ERROR_INVALID_VALUE");
  EXPECT_TRUE(fake.launches.empty());
  fake.encode = 0;
  kernel.launch(stream, 1.0f, std::nullopt, matrix(x, 100, 64), matrix(y, 100, 64));
  EXPECT_EQ(fake.launches.size(), 1u);
}

TEST_F(CudaTensorMapTest, PersistentKernelsTakeWhatTheDeviceHolds) {
  adjust = [](tile::nvptx::Image &image, tile::ir::KernelOp) { image.persistent = true; };
  tile::Buffer large(device, 1 << 24), other(device, 1 << 24);
  auto launch = [&](std::int64_t rows) {
    kernel.launch(stream, 1.0f, std::nullopt, matrix(large, rows, 64), matrix(other, rows, 64));
    const FakeLaunch &last = fake.launches.back();
    // The kernel learns the grid as it was asked for.
    EXPECT_EQ(last.words[11], static_cast<std::uint64_t>((rows + 63) / 64));
    EXPECT_EQ(last.grid[1] * last.grid[2], 1u);
    return last.grid[0];
  };
  // 132 multiprocessors of 4 programs each.
  EXPECT_EQ(launch(64 * 528), 528u);
  EXPECT_EQ(launch(64 * 529), 528u);
  EXPECT_EQ(launch(64 * 1000), 528u);
  EXPECT_EQ(launch(64 * 7), 7u);
  auto ready = tile::Program::fromString(source).kernel("copy").prepare(
      device, 1.0f, std::nullopt, matrix(large, 64000, 64), matrix(other, 64000, 64));
  EXPECT_EQ(ready.report().workers, 528);
  EXPECT_NE(ready.report().text().find("grid 1000 x 1 x 1: persistent, 528 workers run 1000 programs"),
            std::string::npos)
      << ready.report().text();
  EXPECT_NE(ready.report().json().find("\"workers\": 528"), std::string::npos);
}

/// With the compiler itself: what it makes of a product, and what a launch passes.
TEST_F(CudaTensorMapTest, TheCompilersCodeIsLaunched) {
  tile::runtime::ptxSource() = [](tile::runtime::Compilation &compilation) { return compilation.compileForGpu(); };
  auto matmul = tile::Program::fromFile(TILE_EXAMPLES "/06-matmul/matmul.tile")
                    .kernel("matmul", {{"BM", 128}, {"BN", 128}, {"BK", 64}, {"STAGES", 3}});
  tile::Buffer a(device, 4096 * 1024 * 2), b(device, 1024 * 4096 * 2), c(device, 4096 * 4096 * 2);
  tile::Tensor from = matrix(a, 4096, 1024), with = matrix(b, 1024, 4096), to = matrix(c, 4096, 4096);
  auto ready = matmul.prepare(device, from, with, to);
  ready.launch(stream, from, with, to);
  const FakeLaunch &launch = fake.launches.back();
  EXPECT_EQ(launch.grid[0], 528u);
  EXPECT_EQ(launch.block[0], static_cast<unsigned>(ready.report().threads));
  EXPECT_EQ(ready.report().producerThreads, 128);
  // Three matrices and the grid, then a map of each matrix.
  ASSERT_EQ(launch.words.size(), 24u + 3 * 16u);
  std::vector<std::uint64_t> grid(launch.words.begin() + 15, launch.words.begin() + 18);
  EXPECT_EQ(grid, (std::vector<std::uint64_t>{32, 32, 1}));
  EXPECT_EQ(launch.words[24], address(a));
  EXPECT_EQ(launch.words[40], address(b));
  EXPECT_EQ(launch.words[56], address(c));
  EXPECT_NE(ready.report().text().find("persistent, 528 workers run 1024 programs"), std::string::npos)
      << ready.report().text();
}

/// The linker takes threads' own register counts away. Where that costs anything, the driver assembles the PTX whole.
TEST_F(CudaTensorMapTest, CodeThatTheLinkerHarmsIsLoadedAsPtx) {
  auto prepare = [&](const std::string &log) {
    std::string before = std::exchange(fake.infoLog, log);
    auto program = tile::Program::fromFile(TILE_EXAMPLES "/06-matmul/matmul.tile");
    auto matmul = program.kernel("matmul", {{"BM", 128}, {"BN", 128}, {"BK", 64}, {"STAGES", 3}});
    tile::Buffer a(device, 1 << 17), b(device, 1 << 17), c(device, 1 << 17);
    auto ready = matmul.prepare(device, matrix(a, 256, 256), matrix(b, 256, 256), matrix(c, 256, 256));
    fake.infoLog = before;
    return ready.report();
  };
  tile::runtime::ptxSource() = [](tile::runtime::Compilation &compilation) { return compilation.compileForGpu(); };
  EXPECT_EQ(prepare("0 bytes stack frame, 0 bytes spill stores, 0 bytes spill loads").spilledBytes, 0);
  EXPECT_TRUE(fake.loadedCubin);
  EXPECT_EQ(prepare("16 bytes stack frame, 8 bytes spill stores, 8 bytes spill loads").spilledBytes, 0);
  EXPECT_FALSE(fake.loadedCubin);
  prepare("(C7512) Potential Performance Loss: wgmma.mma_async instructions are serialized due to registers\n"
          "0 bytes stack frame, 0 bytes spill stores, 0 bytes spill loads");
  EXPECT_FALSE(fake.loadedCubin);
}

/// Where no registers are given out by hand, two programs need not fit a multiprocessor at that price.
TEST_F(CudaTensorMapTest, RoomForProgramsWithAProducerIsGivenUpWhereItSpills) {
  tile::runtime::ptxSource() = [](tile::runtime::Compilation &compilation) { return compilation.compileForGpu(); };
  auto program = tile::Program::fromFile(TILE_EXAMPLES "/06-matmul/matmul.tile");
  tile::Buffer a(device, 1 << 17), b(device, 1 << 17), c(device, 1 << 17);
  auto links = [&] {
    unsigned before = fake.links;
    auto matmul = program.kernel("matmul", {{"BM", 128}, {"BN", 128}, {"BK", 64}, {"STAGES", 3}},
                                 {.checked = false, .planFor = "sm_90"});
    auto ready = matmul.prepare(device, matrix(a, 256, 256), matrix(b, 256, 256), matrix(c, 256, 256));
    EXPECT_EQ(ready.report().producerThreads, 32);
    return fake.links - before;
  };
  std::string spills = std::exchange(fake.infoLog, "0 bytes stack frame, 0 bytes spill stores, 0 bytes spill loads");
  EXPECT_EQ(links(), 1u);
  EXPECT_NE(fake.ptx.find(".minnctapersm 2"), std::string::npos);
  fake.infoLog = spills;
  program = tile::Program::fromFile(TILE_EXAMPLES "/06-matmul/matmul.tile");
  EXPECT_EQ(links(), 2u);
  EXPECT_EQ(fake.ptx.find(".minnctapersm "), std::string::npos);
}

TEST_F(CudaTensorMapTest, TheReportTellsProducersFromTheRest) {
  auto ready = kernel.prepare(device, 1.0f, std::nullopt, matrix(x, 100, 64), matrix(y, 100, 64));
  EXPECT_NE(ready.report().text().find("384 threads, 128 of them for copies, of 40 registers at the start"),
            std::string::npos)
      << ready.report().text();
  EXPECT_NE(ready.report().json().find("\"producer_threads\": 128"), std::string::npos);
}

TEST_F(CudaLessDeathTest, ADriverWithoutTensorMaps) {
  auto run = [] {
    tile::Device::setCudaDriver(TILE_FAKE_CUDA_LESS);
    tile::setCache({.folder = {}, .enabled = false});
    tile::Device device = tile::Device::cuda();
    tile::Buffer x(device, 64 * 64 * 2), y(device, 64 * 64 * 2);
    tile::Tensor from = x.tensor(tile::DType::BF16, {64, 64}), to = y.tensor(tile::DType::BF16, {64, 64});
    bool maps = false;
    tile::runtime::ptxSource() = [&](tile::runtime::Compilation &compilation) {
      tile::nvptx::Image image;
      image.entry = "copy";
      image.ptx = ".version 8.0";
      // Nor has it launches that start early.
      image.startsEarly = true;
      image.words = 14;
      image.threads = 128;
      image.ptxVersion = 80;
      mlir::Type element = mlir::Builder(compilation.kernel()->getContext()).getBF16Type();
      if (maps)
        image.tensorMaps.push_back({1, element, {1, 0}, {64, 64}, 128});
      return image;
    };
    // Other kernels run.
    for (bool each : {false, true}) {
      maps = each;
      std::string error = thrown(
          [&] { tile::Program::fromString(source).kernel("copy").prepare(device, 1.0f, std::nullopt, from, to); });
      std::fprintf(stderr, "[%s]\n", error.c_str());
    }
    std::exit(0);
  };
  EXPECT_EXIT(
      run(), testing::ExitedWithCode(0),
      "\\[\\]\n\\[.*kernel 'copy' needs tensor maps.*of CUDA 13.0, has no 'cuTensorMapEncodeTiled'.*CUDA 12.0 is "
      "needed, driver 525");
}
