//===- CudaLaunchTest.cpp - Launches, streams and devices ---------*- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "CudaTest.h"

#include <chrono>
#include <cstdlib>
#include <cstring>
#include <new>
#include <numeric>
#include <thread>

using namespace api;

//===----------------------------------------------------------------------===//
// Counting allocations
//===----------------------------------------------------------------------===//

static thread_local unsigned allocations = 0;

void *operator new(std::size_t bytes) {
  ++allocations;
  if (void *memory = std::malloc(bytes ? bytes : 1))
    return memory;
  throw std::bad_alloc();
}
void operator delete(void *memory) noexcept { std::free(memory); }
void operator delete(void *memory, std::size_t) noexcept { std::free(memory); }

unsigned allocationCount() { return allocations; }

namespace {
class CudaLaunchTest : public CudaTest {
protected:
  tile::Device device = tile::Device::cuda();
  tile::Stream stream{device};
  tile::Program program = tile::Program::fromString(std::string(scaleSource) + rowsSource, "test.tile");

  static std::vector<std::uint64_t> words(std::initializer_list<std::uint64_t> list) { return list; }
  static std::uint64_t address(const tile::Buffer &buffer) { return reinterpret_cast<std::uint64_t>(buffer.data()); }
};

std::uint64_t bitsOf(float value) {
  std::uint32_t bits;
  std::memcpy(&bits, &value, sizeof(bits));
  return bits;
}
} // namespace

TEST_F(CudaLaunchTest, TheDeviceSaysWhatItIs) {
  EXPECT_EQ(device.name(), "cuda:0");
  EXPECT_EQ(device.target(), "sm_90a");
  EXPECT_EQ(device.threads(), 132u);
  EXPECT_NE(device.description().find("Fake 0 of architecture sm_90"), std::string::npos);
  EXPECT_EQ(tile::Device::byName("cuda"), device);
  EXPECT_EQ(tile::Device::byName("cuda:0"), device);
  EXPECT_EQ(tile::Device::best(), device);
  EXPECT_EQ(tile::Device::cudaCount(), 2);
  EXPECT_NE(device.context(), nullptr);
  EXPECT_EQ(tile::Device::cpu().context(), nullptr);
}

TEST_F(CudaLaunchTest, BuffersCopy) {
  std::vector<float> values(100), back(100);
  std::iota(values.begin(), values.end(), 1);
  tile::Buffer buffer(device, values);
  EXPECT_EQ(address(buffer) % 64, 0u);
  buffer.download(back.data(), 400);
  EXPECT_EQ(back, values);
  buffer.upload(values.data(), 4, 396);
  buffer.download(back.data(), 4, 396);
  EXPECT_EQ(back[0], 1);
  EXPECT_ERROR(buffer.download(back.data(), 400, 4), "do not fit");
  tile::Buffer empty(device, 0);
  EXPECT_EQ(fake.captured, nullptr);
  EXPECT_EQ(fake.currentContext(), nullptr) << "the caller's context is as it was";
}

TEST_F(CudaLaunchTest, BuffersAreFreed) {
  unsigned before = fake.frees;
  {
    tile::Buffer buffer(device, 100);
  }
  EXPECT_EQ(fake.frees, before + 1);
  EXPECT_EQ(fake.used, 0u);
}

TEST_F(CudaLaunchTest, ParametersAreWords) {
  tile::Buffer x(device, 4000), y(device, 4000);
  auto ready = program.kernel("scale").prepare(device, x.tensor(tile::DType::F32, {1000}), 2.0f,
                                               y.tensor(tile::DType::F32, {1000}));
  EXPECT_TRUE(fake.launches.empty());
  for (float factor : {2.0f, 3.0f}) {
    ready.launch(stream, x.tensor(tile::DType::F32, {1000}), factor, y.tensor(tile::DType::F32, {1000}));
    const FakeLaunch &launch = fake.launches.back();
    EXPECT_EQ(launch.entry, "scale");
    EXPECT_EQ(launch.grid[0], 32u);
    EXPECT_EQ(launch.grid[1], 1u);
    EXPECT_EQ(launch.block[0], 128u);
    EXPECT_EQ(launch.sharedBytes, 1024u);
    EXPECT_EQ(launch.queue, stream.handle());
    EXPECT_EQ(launch.context, device.context());
    EXPECT_EQ(launch.words, words({address(x), 1000, 1, bitsOf(factor), address(y), 1000, 1, 32, 1, 1}));
  }
  // Another shape, and back: the program's grid and words follow.
  ready.launch(stream, x.tensor(tile::DType::F32, {500}), 2.0f, y.tensor(tile::DType::F32, {500}));
  EXPECT_EQ(fake.launches.back().words, words({address(x), 500, 1, bitsOf(2), address(y), 500, 1, 16, 1, 1}));
  ready.launch(stream, x.tensor(tile::DType::F32, {1000}, 0), 2.0f, y.tensor(tile::DType::F32, {1000}));
  EXPECT_EQ(fake.launches.back().words[1], 1000u);
  EXPECT_EQ(compiled, 1u);
}

TEST_F(CudaLaunchTest, KernelsThatWaitMayStartEarly) {
  tile::Buffer x(device, 4000), y(device, 4000);
  auto startsEarly = [&](bool waits) {
    adjust = [&](tile::nvptx::Image &image, tile::ir::KernelOp) { image.startsEarly = waits; };
    tile::Program::fromString(scaleSource, "test.tile")
        .kernel("scale")
        .launch(stream, x.tensor(tile::DType::F32, {1000}), 2.0f, y.tensor(tile::DType::F32, {1000}));
    const FakeLaunch &launch = fake.launches.back();
    EXPECT_EQ(launch.grid[0], 32u);
    EXPECT_EQ(launch.block[0], 128u);
    EXPECT_EQ(launch.sharedBytes, 1024u);
    EXPECT_EQ(launch.queue, stream.handle());
    EXPECT_EQ(launch.words, words({address(x), 1000, 1, bitsOf(2), address(y), 1000, 1, 32, 1, 1}));
    return launch.startsEarly;
  };
  EXPECT_TRUE(startsEarly(true));
  EXPECT_FALSE(startsEarly(false));
}

TEST_F(CudaLaunchTest, GridsOfSeveralAxesBecomeOne) {
  auto kernel = tile::Program::fromString("kernel f(x: out f32[M, N]) grid (cdiv(N, 16), M, 3) {\n"
                                          "  x[program(1), program(0) * 16 +: 16] = f32[16](1);\n}\n")
                    .kernel("f");
  tile::Buffer x(device, 4 * 5 * 40);
  kernel.launch(stream, x.tensor(tile::DType::F32, {5, 40}));
  EXPECT_EQ(fake.launches.back().grid[0], 45u);
  EXPECT_EQ(fake.launches.back().words, words({address(x), 5, 40, 40, 1, 3, 5, 3}));
}

TEST_F(CudaLaunchTest, AnEmptyGridRunsNothing) {
  tile::Buffer x(device, 0), y(device, 0);
  tile::Tensor xTensor = x.tensor(tile::DType::F32, {0}), yTensor = y.tensor(tile::DType::F32, {0});
  auto kernel = program.kernel("scale");
  kernel.launch(stream, xTensor, 1.0f, yTensor);
  kernel.prepare(device, xTensor, 1.0f, yTensor).launch(stream, xTensor, 1.0f, yTensor);
  EXPECT_TRUE(fake.launches.empty());
}

TEST_F(CudaLaunchTest, KernelLaunchFindsTheSpecialisation) {
  auto kernel = program.kernel("scale");
  tile::Buffer x(device, 4096), y(device, 4096);
  auto launch = [&](std::size_t offset) {
    kernel.launch(stream, x.tensor(tile::DType::F32, {960}, offset), 1.0f, y.tensor(tile::DType::F32, {960}, offset));
  };
  launch(4);
  launch(4);
  EXPECT_EQ(compiled, 1u);
  // A base that is aligned better needs other code, though what there is would do.
  launch(0);
  EXPECT_EQ(compiled, 2u);
  launch(4);
  launch(0);
  launch(16);
  EXPECT_EQ(compiled, 2u);
  EXPECT_EQ(fake.launches.back().words.front(), address(x) + 16);
}

TEST_F(CudaLaunchTest, TileSizesLeftAtAutoFollowTheExtents) {
  auto kernel = tile::Program::fromString(R"(
kernel fill<B: int in {64, 256, 1024} = auto>(x: f32[N], y: out f32[N]) grid (cdiv(N, B)) {
  y[program(0) * B +: B] = x[program(0) * B +: B];
})",
                                          "fill.tile")
                    .kernel("fill");
  auto chosen = [&](std::int64_t n) {
    tile::Buffer x(device, n * 4), y(device, n * 4);
    tile::Tensor to = y.tensor(tile::DType::F32, {n}), from = x.tensor(tile::DType::F32, {n});
    tile::Prepared ready = kernel.prepare(device, from, to);
    ready.launch(stream, from, to);
    std::int64_t block = std::stoll(ready.report().parameters.front().second);
    EXPECT_EQ(fake.launches.back().grid[0], (n + block - 1) / block);
    return block;
  };
  // Few elements are spread over the multiprocessors; of many, a program takes more.
  EXPECT_EQ(chosen(64 * 100), 64);
  EXPECT_GT(chosen(1 << 20), 64);
}

TEST_F(CudaLaunchTest, TileSizesLeftAtAutoKeepRequirements) {
  auto kernel = tile::Program::fromString(R"(
kernel fill<B: int in {256, 64, 32} = auto>(x: f32[N], y: out f32[N]) grid (N / B) require N % B == 0 {
  y[program(0) * B +: B] = x[program(0) * B +: B];
})",
                                          "fill.tile")
                    .kernel("fill");
  tile::Buffer x(device, 1 << 20), y(device, 1 << 20);
  auto chosen = [&](std::int64_t n) {
    tile::Tensor to = y.tensor(tile::DType::F32, {n}), from = x.tensor(tile::DType::F32, {n});
    kernel.launch(stream, from, to);
    std::int64_t block = std::stoll(kernel.prepare(device, from, to).report().parameters.front().second);
    EXPECT_EQ(n % block, 0) << n;
    EXPECT_EQ(fake.launches.back().grid[0], n / block);
    return block;
  };
  // The first value of the set doesn't fit, and neither does what an earlier launch of about this size has found best.
  EXPECT_EQ(chosen(131072 + 32), 32);
  std::int64_t best = chosen(131072 + 256);
  EXPECT_EQ(chosen(131072 + 64 * 5), best == 256 ? 64 : best);
  EXPECT_EQ(chosen(131072 + 32 * 7), 32);
  EXPECT_ERROR(chosen(131072 + 8), "a requirement of kernel 'fill' does not hold");
}

TEST_F(CudaLaunchTest, PreparedLaunchesDoNotAllocate) {
  tile::Buffer x(device, 4000), y(device, 4000);
  tile::Tensor xTensor = x.tensor(tile::DType::F32, {1000}), yTensor = y.tensor(tile::DType::F32, {1000});
  auto kernel = program.kernel("scale");
  auto ready = kernel.prepare(device, xTensor, 2.0f, yTensor);
  fake.record = false;
  unsigned deviceBefore = fake.allocations, waitedBefore = fake.synchronizations;
  unsigned before = allocations;
  for (int i = 0; i < 100; ++i)
    ready.launch(stream, xTensor, static_cast<float>(i), yTensor);
  EXPECT_EQ(allocations, before);
  before = allocations;
  for (int i = 0; i < 100; ++i)
    kernel.launch(stream, xTensor, static_cast<float>(i), yTensor);
  EXPECT_EQ(allocations, before);
  EXPECT_EQ(fake.launchCount, 200u);
  EXPECT_EQ(fake.allocations, deviceBefore);
  EXPECT_EQ(fake.synchronizations, waitedBefore);
  // The driver is asked about each address once.
  EXPECT_EQ(fake.pointerQueries, 2u);
}

TEST_F(CudaLaunchTest, PreparedLaunchesCanBeCaptured) {
  tile::Buffer x(device, 4000), y(device, 4000);
  tile::Tensor xTensor = x.tensor(tile::DType::F32, {1000}), yTensor = y.tensor(tile::DType::F32, {1000});
  auto ready = program.kernel("scale").prepare(device, xTensor, 2.0f, yTensor);
  fake.captured = stream.handle();
  ready.launch(stream, xTensor, 2.0f, yTensor);
  EXPECT_EQ(fake.launches.size(), 1u);
  EXPECT_ERROR(stream.synchronize(), "CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED", "being captured");
  EXPECT_ERROR(tile::Buffer(device, 16), "being captured");
  fake.captured = nullptr;
  stream.synchronize();
}

TEST_F(CudaLaunchTest, TheCallersContextStaysCurrent) {
  void *other = fake.makeContext(1);
  fake.setCurrentContext(other);
  tile::Buffer x(device, 4000), y(device, 4000);
  program.kernel("scale").launch(stream, x.tensor(tile::DType::F32, {1000}), 2.0f, y.tensor(tile::DType::F32, {1000}));
  stream.synchronize();
  EXPECT_EQ(fake.launches.back().context, device.context());
  EXPECT_EQ(fake.currentContext(), other);
}

TEST_F(CudaLaunchTest, ACallersContextAndStreamAreUsed) {
  void *context = fake.makeContext(1), *queue = fake.makeQueue(context);
  tile::Device theirs = tile::Device::fromCudaContext(context);
  EXPECT_EQ(theirs.name(), "cuda:1");
  EXPECT_EQ(theirs.context(), context);
  EXPECT_NE(theirs, tile::Device::cuda(1));
  tile::Stream wrapped = tile::Stream::fromHandle(theirs, queue);
  EXPECT_EQ(wrapped.handle(), queue);
  tile::Buffer x(theirs, 4000), y(theirs, 4000);
  program.kernel("scale").launch(wrapped, x.tensor(tile::DType::F32, {1000}), 2.0f, y.tensor(tile::DType::F32, {1000}));
  EXPECT_EQ(fake.launches.back().context, context);
  EXPECT_EQ(fake.launches.back().queue, queue);
  // The context's default queue, too.
  tile::Stream null = tile::Stream::fromHandle(theirs, nullptr);
  program.kernel("scale").launch(null, x.tensor(tile::DType::F32, {1000}), 2.0f, y.tensor(tile::DType::F32, {1000}));
  EXPECT_EQ(fake.launches.back().queue, nullptr);
  EXPECT_ERROR(tile::Stream::fromHandle(device, queue), "another context", "cuda:0");
  EXPECT_ERROR(tile::Stream::fromHandle(tile::Device::cpu(), queue), "'cpu'");
  EXPECT_ERROR(tile::Device::fromCudaContext(nullptr), "null");
}

TEST_F(CudaLaunchTest, SeveralDevicesInOneProcess) {
  tile::Device second = tile::Device::cuda(1);
  EXPECT_NE(device, second);
  auto kernel = program.kernel("scale");
  tile::Stream otherStream(second);
  for (const auto &[each, queue] : {std::pair(device, &stream), std::pair(second, &otherStream)}) {
    tile::Buffer x(each, 4000), y(each, 4000);
    kernel.launch(*queue, x.tensor(tile::DType::F32, {1000}), 2.0f, y.tensor(tile::DType::F32, {1000}));
    EXPECT_EQ(fake.launches.back().context, each.context());
  }
  tile::Buffer x(device, 4000), y(device, 4000);
  auto ready = kernel.prepare(device, x.tensor(tile::DType::F32, {1000}), 2.0f, y.tensor(tile::DType::F32, {1000}));
  EXPECT_ERROR(ready.launch(otherStream, x.tensor(tile::DType::F32, {1000}), 2.0f, y.tensor(tile::DType::F32, {1000})),
               "the stream belongs to device 'cuda:1'", "'cuda:0'");
  EXPECT_ERROR(kernel.launch(otherStream, x.tensor(tile::DType::F32, {1000}), 2.0f, y.tensor(tile::DType::F32, {1000})),
               "'x'", "memory of another device");
}

TEST_F(CudaLaunchTest, TwoThreadsLaunch) {
  tile::Buffer x(device, 4000), y(device, 4000);
  tile::Tensor xTensor = x.tensor(tile::DType::F32, {1000}), yTensor = y.tensor(tile::DType::F32, {1000});
  auto ready = program.kernel("scale").prepare(device, xTensor, 2.0f, yTensor);
  auto work = [&] {
    tile::Stream own(device);
    for (int i = 0; i < 500; ++i)
      ready.launch(own, x.tensor(tile::DType::F32, {1000 - i % 7 * 4}), 2.0f,
                   y.tensor(tile::DType::F32, {1000 - i % 7 * 4}));
    own.synchronize();
  };
  std::thread first(work), second(work);
  first.join();
  second.join();
  EXPECT_EQ(fake.launches.size(), 1000u);
  for (const FakeLaunch &launch : fake.launches) {
    ASSERT_EQ(launch.words[1], launch.words[5]);
    ASSERT_EQ(launch.words[7], (launch.words[1] + 31) / 32);
  }
}

TEST_F(CudaLaunchTest, LargeSharedMemoryIsAskedFor) {
  sharedBytes = 100 * 1024;
  tile::Buffer x(device, 4000), y(device, 4000);
  program.kernel("scale").launch(stream, x.tensor(tile::DType::F32, {1000}), 2.0f, y.tensor(tile::DType::F32, {1000}));
  EXPECT_EQ(fake.dynamicShared, 100 * 1024);
  EXPECT_EQ(fake.launches.back().sharedBytes, 100u * 1024);
}

TEST_F(CudaLaunchTest, TheReportSaysWhatTheDriverMade) {
  fake.localBytes = 16;
  tile::Buffer x(device, 4000), y(device, 4000);
  auto ready = program.kernel("scale").prepare(device, x.tensor(tile::DType::F32, {1000}), 2.0f,
                                               y.tensor(tile::DType::F32, {1000}));
  const tile::Report &report = ready.report();
  EXPECT_EQ(report.device, "cuda:0");
  EXPECT_EQ(report.target, "sm_90a");
  EXPECT_EQ(report.threads, 128);
  EXPECT_EQ(report.registers, 40);
  EXPECT_EQ(report.spilledBytes, 8);
  EXPECT_EQ(report.localBytes, 16);
  EXPECT_EQ(report.sharedBytes, 1024);
  EXPECT_EQ(report.programsAtOnce, 4);
  // 4 blocks of 4 warps, of 64.
  EXPECT_EQ(report.occupancy, 0.25);
  EXPECT_EQ(report.occupancyLimit, "registers");
  EXPECT_FALSE(report.fromCache);
  auto hasTiming = [&](const char *phase) {
    return std::any_of(report.timings.begin(), report.timings.end(), [&](auto &each) { return each.first == phase; });
  };
  for (const char *phase : {"emit", "plan", "lower", "driver", "load"})
    EXPECT_TRUE(hasTiming(phase)) << phase;
  EXPECT_NE(report.text().find("128 threads of 40 registers, 8 bytes of them spilled"), std::string::npos);
  EXPECT_NE(report.json().find("\"occupancy_limit\": \"registers\""), std::string::npos);
  sharedBytes = 100 * 1024;
  EXPECT_EQ(program.kernel("rows")
                .prepare(device, x.tensor(tile::DType::F32, {10, 100}), y.tensor(tile::DType::F32, {10}))
                .report()
                .occupancyLimit,
            "shared memory");
}

/// What the compiler makes and what a launch passes agree, with the compiler itself.
TEST_F(CudaLaunchTest, TheCompilersCodeIsLaunched) {
  tile::runtime::ptxSource() = [](tile::runtime::Compilation &compilation) { return compilation.compileForGpu(); };
  tile::Buffer x(device, 4000), y(device, 4000);
  tile::Tensor xTensor = x.tensor(tile::DType::F32, {1000}), yTensor = y.tensor(tile::DType::F32, {1000});
  auto ready = program.kernel("scale").prepare(device, xTensor, 2.0f, yTensor);
  ready.launch(stream, xTensor, 2.0f, yTensor);
  EXPECT_EQ(fake.launches.back().words, words({address(x), 1000, 1, bitsOf(2), address(y), 1000, 1, 32, 1, 1}));
  EXPECT_NE(fake.ptx.find(".visible .entry scale("), std::string::npos);
  EXPECT_NE(fake.ptx.find(".target sm_90a"), std::string::npos);
  EXPECT_EQ(fake.launches.back().block[0], static_cast<unsigned>(ready.report().threads));
}

/// Registers that several programs at once leave to each are few, and a kernel that would spill gets more.
TEST_F(CudaLaunchTest, RoomForProgramsIsGivenUpWhereItSpills) {
  tile::runtime::ptxSource() = [](tile::runtime::Compilation &compilation) { return compilation.compileForGpu(); };
  tile::Buffer x(device, 4000), y(device, 4000);
  tile::Tensor xTensor = x.tensor(tile::DType::F32, {1000}), yTensor = y.tensor(tile::DType::F32, {1000});
  auto links = [&] {
    unsigned before = fake.links;
    tile::Program::fromString(scaleSource, "test.tile").kernel("scale").prepare(device, xTensor, 2.0f, yTensor);
    return fake.links - before;
  };
  std::string spills =
      std::exchange(fake.infoLog, "ptxas info    : 0 bytes stack frame, 0 bytes spill stores, 0 bytes spill loads");
  EXPECT_EQ(links(), 1u);
  EXPECT_NE(fake.ptx.find(".minnctapersm "), std::string::npos);
  fake.infoLog = spills;
  EXPECT_EQ(links(), 2u);
  EXPECT_EQ(fake.ptx.find(".minnctapersm "), std::string::npos);
}

TEST_F(CudaLaunchTest, KernelsAreUnloadedWithTheirLastUser) {
  unsigned before = fake.unloads;
  {
    tile::Buffer x(device, 4000), y(device, 4000);
    auto mine = tile::Program::fromString(scaleSource);
    auto ready = mine.kernel("scale").prepare(device, x.tensor(tile::DType::F32, {1000}), 2.0f,
                                              y.tensor(tile::DType::F32, {1000}));
    mine = program;
    EXPECT_EQ(fake.unloads, before);
    ready.launch(stream, x.tensor(tile::DType::F32, {1000}), 2.0f, y.tensor(tile::DType::F32, {1000}));
  }
  EXPECT_EQ(fake.unloads, before + 1);
}

/// How long a launch takes beyond the driver's own function; printed, and held to a limit that a busy machine keeps, too.
TEST_F(CudaLaunchTest, PreparedLaunchesAreQuick) {
  auto kernel = tile::Program::fromFile(TILE_EXAMPLES "/06-matmul/matmul.tile").kernel("matmul");
  tile::Buffer a(device, 2 << 20), b(device, 2 << 20), c(device, 2 << 20);
  tile::Tensor aTensor = a.tensor(tile::DType::BF16, {1024, 1024}), bTensor = b.tensor(tile::DType::BF16, {1024, 1024}),
               cTensor = c.tensor(tile::DType::BF16, {1024, 1024});
  auto ready = kernel.prepare(device, aTensor, bTensor, cTensor);
  fake.record = false;
  constexpr int count = 20000;
  auto time = [&](auto launch) {
    double best = 1e9;
    for (int round = 0; round < 10; ++round) {
      auto start = std::chrono::steady_clock::now();
      for (int i = 0; i < count; ++i)
        launch();
      best = std::min(
          best, std::chrono::duration<double, std::micro>(std::chrono::steady_clock::now() - start).count() / count);
    }
    return best;
  };
  double prepared = time([&] { ready.launch(stream, aTensor, bTensor, cTensor); });
  double found = time([&] { kernel.launch(stream, aTensor, bTensor, cTensor); });
  RecordProperty("prepared_ns", static_cast<int>(prepared * 1000));
  std::printf("a launch takes %.3f us, one that finds its specialisation %.3f us\n", prepared, found);
  EXPECT_LT(prepared, 1.0);
  EXPECT_LT(found, 2.0);
}
