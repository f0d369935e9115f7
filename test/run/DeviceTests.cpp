//===- DeviceTests.cpp - What only a GPU has ---------------------*- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// \file
/// Streams, graphs, contexts, checked kernels and memory of the GPUs that --device names; without one, these tests are skipped.
/// They see the public API, and the CUDA driver by declarations of their own.
///
//===----------------------------------------------------------------------===//

#include "Driver.h"
#include "Launch.h"

#include <cmath>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <numeric>
#include <thread>
#include <unistd.h>

using namespace numeric;
using tile::DType;

//===----------------------------------------------------------------------===//
// Copies of arrays
//===----------------------------------------------------------------------===//

/// The way by which arrays reach a GPU is itself tested on the processor.
TEST(Copies, KeepLayouts) {
  struct Restore {
    bool copy = options.copy;
    ~Restore() { options.copy = copy; }
  } restore;
  options.copy = true;
  tile::Program program = tile::Program::fromString("kernel copy<T: dtype>(x: T[M, N], y: out T[M, N]) grid (M) {\n"
                                                    "  for n in 0..N step 16, stages = 3 {\n"
                                                    "    y[program(0), n +: 16] = x[program(0), n +: 16];\n  }\n}\n");
  std::vector<Layout> readable = layouts();
  readable.push_back(Layout::Repeated);
  for (const std::string &device : deviceNames())
    for (DType type : {DType::BF16, DType::F32, DType::I8})
      for (Layout from : readable)
        for (Layout to : layouts()) {
          std::string where = std::string(tile::nameOf(type)) + ", from " + numeric::nameOf(from) + " to " +
                              numeric::nameOf(to) + " on " + device;
          Array x(type, {5, 37}, from), y(type, {5, 37}, to);
          Random random(1);
          x.fillRandom(random, false);
          y.fill(7);
          tile::Buffer buffer(numeric::device(device), x.bytes().size());
          auto low = [](const void *pointer) { return reinterpret_cast<std::uintptr_t>(pointer) % 64; };
          ASSERT_EQ(low(x.tensorIn(buffer.data()).data()), low(x.tensor().data())) << where;
          ASSERT_NO_THROW(launch(program.kernel("copy", {{"T", type}}), device, {x, &y})) << where;
          ASSERT_EQ(bitDifference(type, y.allBits(), x.allBits()), "") << where;
          ASSERT_TRUE(y.intact()) << where;
          // A byte beside an element is noticed.
          y.bytes()[1] ^= 1;
          ASSERT_FALSE(y.intact()) << where;
        }
}

//===----------------------------------------------------------------------===//
// The fixture
//===----------------------------------------------------------------------===//

namespace {

constexpr const char *source = R"(
// Twice the value and one more.
kernel grow(x: inout f32[N]) grid (cdiv(N, 256)) {
  let at = program(0) * 256;
  x[at +: 256] = x[at +: 256] * 2.0 + 1.0;
}

kernel copy<T: dtype>(x: T[N], y: out T[N]) grid (cdiv(N, 512)) {
  for n in 0..512 step 128, stages = 3 {
    let at = program(0) * 512 + n;
    y[at +: 128] = x[at +: 128];
  }
}

kernel sums<STAGES: int in 1..=6 = 3>(x: f32[M, N], y: out f32[M]) grid (cdiv(M, 8)) {
  let m = program(0) * 8;
  var acc = f32[8](0);
  for n in 0..N step 32, stages = STAGES {
    acc += sum(x[m +: 8, n +: 32], axis = 1);
  }
  y[m +: 8] = acc;
}

// One more, with the blocks in the opposite order.
kernel turn(x: i32[N], y: out i32[N]) grid (cdiv(N, 1024)) {
  let at = program(0) * 1024;
  y[N - 1024 - at +: 1024] = x[at +: 1024] + 1;
}

kernel product(a: bf16[M, K], b: bf16[K, N], c: out bf16[M, N]) grid (cdiv(M, 128), cdiv(N, 64)) {
  let m = program(0) * 128, n = program(1) * 64;
  var acc = f32[128, 64](0);
  for k in 0..K step 32, stages = 3 {
    acc += dot(a[m +: 128, k +: 32], b[k +: 32, n +: 64]);
  }
  c[m +: 128, n +: 64] = bf16(acc);
}
)";

class Gpu : public testing::Test {
protected:
  void SetUp() override {
    for (const std::string &name : deviceNames())
      if (isGpu(name))
        gpu = name;
    if (gpu.empty())
      GTEST_SKIP() << "no GPU among the devices: say --device=cuda";
    the.emplace(numeric::device(gpu));
  }

  const tile::Device &device() { return *the; }

  /// Numbers from `first` on, in a buffer.
  tile::Buffer counted(std::size_t n, float first = 0) {
    std::vector<float> values(n);
    std::iota(values.begin(), values.end(), first);
    return {device(), values};
  }
  template <typename T = float>
  static std::vector<T> contents(const tile::Buffer &buffer) {
    std::vector<T> values(buffer.size() / sizeof(T));
    buffer.download(values.data(), buffer.size());
    return values;
  }
  static tile::Tensor vectorOf(const tile::Buffer &buffer) {
    return buffer.tensor(DType::F32, {static_cast<std::int64_t>(buffer.size() / 4)});
  }

  std::string gpu;
  std::optional<tile::Device> the;
  tile::Program program = tile::Program::fromString(source, "device.tile");
};

/// The message of the error that a call throws; empty when it throws none.
template <typename Call>
std::string thrown(Call call) {
  try {
    call();
  } catch (const tile::Error &error) {
    return error.what();
  }
  return "";
}

} // namespace

#define EXPECT_HAS(text, part) EXPECT_NE((text).find(part), std::string::npos) << text

//===----------------------------------------------------------------------===//
// Streams, threads, graphs, contexts
//===----------------------------------------------------------------------===//

TEST_F(Gpu, SaysWhatItIs) {
  EXPECT_GE(tile::Device::cudaCount(), 1);
  EXPECT_EQ(device().target().rfind("sm_", 0), 0U) << device().target();
  EXPECT_NE(device().context(), nullptr);
  std::printf("%s\n", device().description().c_str());
  tile::Buffer x = counted(1000), y(device(), 4000);
  tile::Prepared ready = program.kernel("copy", {{"T", DType::F32}}).prepare(device(), vectorOf(x), vectorOf(y));
  const tile::Report &report = ready.report();
  EXPECT_GT(report.threads, 0);
  EXPECT_GT(report.registers, 0);
  EXPECT_GT(report.programsAtOnce, 0);
  EXPECT_GT(report.occupancy, 0);
}

TEST_F(Gpu, GraphsAreCapturedAndReplayed) {
  Driver driver;
  driver.findGraphs();
  Driver::Current current(driver, device().context());
  void *handle = driver.stream();
  {
    tile::Stream stream = tile::Stream::fromHandle(device(), handle);
    tile::Buffer x(device(), std::vector<float>(1000, 1)), rows = counted(37 * 100), folded(device(), 37 * 4);
    tile::Tensor xTensor = vectorOf(x), rowsTensor = rows.tensor(DType::F32, {37, 100}),
                 foldedTensor = vectorOf(folded);
    tile::Prepared grow = program.kernel("grow").prepare(device(), xTensor);
    tile::Prepared sums = program.kernel("sums").prepare(device(), rowsTensor, foldedTensor);

    driver.check(driver.streamBeginCapture(handle, /*global*/ 0));
    for (int i = 0; i < 3; ++i)
      grow.launch(stream, xTensor);
    sums.launch(stream, rowsTensor, foldedTensor);
    Driver::Handle graph = nullptr, ready = nullptr;
    driver.check(driver.streamEndCapture(handle, &graph));
    driver.check(driver.graphInstantiate(&ready, graph, 0));
    // Nothing has run yet.
    EXPECT_EQ(contents(x)[0], 1);
    for (int replay = 0; replay < 5; ++replay)
      driver.check(driver.graphLaunch(ready, handle));
    stream.synchronize();
    EXPECT_EQ(contents(x), std::vector<float>(1000, 65535)) << "15 times twice and one more";
    std::vector<float> got = contents(folded);
    for (int row = 0; row < 37; ++row)
      EXPECT_EQ(got[row], static_cast<float>(row * 10000 + 4950));
    // With other numbers at the same places.
    std::vector<float> zeros(1000, 0);
    x.upload(zeros.data(), 4000);
    driver.check(driver.graphLaunch(ready, handle));
    stream.synchronize();
    EXPECT_EQ(contents(x), std::vector<float>(1000, 7));
    driver.check(driver.graphExecDestroy(ready));
    driver.check(driver.graphDestroy(graph));
    countCase();
  }
  driver.check(driver.streamDestroy(handle));
}

/// Kernels in a row start before those before them have ended, and read and overwrite what these have written and read last: two arrays in turn.
TEST_F(Gpu, EachLaunchSeesTheOneBefore) {
  Driver driver;
  driver.findGraphs();
  Driver::Current current(driver, device().context());
  void *handle = driver.stream();
  {
    tile::Stream stream = tile::Stream::fromHandle(device(), handle);
    const std::int64_t n = 132 * 1024;
    const std::vector<std::int32_t> zeros(n, 0);
    tile::Buffer x(device(), zeros), y(device(), zeros);
    tile::Tensor from = x.tensor(DType::I32, {n}), to = y.tensor(DType::I32, {n});
    tile::Prepared turn = program.kernel("turn").prepare(device(), from, to);
    auto there = [&] { turn.launch(stream, from, to); };
    auto back = [&] { turn.launch(stream, to, from); };
    for (int i = 0; i < 10; ++i)
      there(), back();
    stream.synchronize();
    EXPECT_EQ(contents<std::int32_t>(x), std::vector<std::int32_t>(n, 20));

    // A matrix that is multiplied by one that moves its columns on by one.
    const std::int64_t side = 256;
    const std::uint16_t one = 0x3f80;
    std::vector<std::uint16_t> numbers(side * side), moves(side * side, 0), moved(side * side);
    const int times = 20;
    for (std::int64_t i = 0; i < side; ++i) {
      moves[i * side + (i + 1) % side] = one;
      for (std::int64_t j = 0; j < side; ++j) {
        // Small whole numbers as bf16.
        float number = static_cast<float>((i * 7 + j * 3) % 127);
        std::uint32_t bits;
        std::memcpy(&bits, &number, sizeof(bits));
        numbers[i * side + j] = moved[i * side + (j + times) % side] = static_cast<std::uint16_t>(bits >> 16);
      }
    }
    tile::Buffer a(device(), numbers), b(device(), moves), c(device(), numbers);
    auto square = [&](const tile::Buffer &buffer) { return buffer.tensor(DType::BF16, {side, side}); };
    tile::Prepared product = program.kernel("product").prepare(device(), square(a), square(b), square(c));
    auto multiply = [&] {
      for (int i = 0; i < times; i += 2) {
        product.launch(stream, square(a), square(b), square(c));
        product.launch(stream, square(c), square(b), square(a));
      }
    };
    multiply();
    stream.synchronize();
    EXPECT_EQ(contents<std::uint16_t>(a), moved);

    // The same as graphs, where nobody's host code comes between.
    for (bool ofProducts : {false, true}) {
      a.upload(numbers.data(), numbers.size() * 2);
      driver.check(driver.streamBeginCapture(handle, /*global*/ 0));
      if (ofProducts)
        multiply();
      else
        for (int i = 0; i < 10; ++i)
          there(), back();
      Driver::Handle graph = nullptr, ready = nullptr;
      driver.check(driver.streamEndCapture(handle, &graph));
      driver.check(driver.graphInstantiate(&ready, graph, 0));
      const int replays = ofProducts ? 1 : 3;
      for (int replay = 0; replay < replays; ++replay)
        driver.check(driver.graphLaunch(ready, handle));
      stream.synchronize();
      if (ofProducts)
        EXPECT_EQ(contents<std::uint16_t>(a), moved);
      else
        EXPECT_EQ(contents<std::int32_t>(x), std::vector<std::int32_t>(n, 80));
      driver.check(driver.graphExecDestroy(ready));
      driver.check(driver.graphDestroy(graph));
    }
    countCase();
  }
  driver.check(driver.streamDestroy(handle));
}

/// Two streams in turn, each behind an event of the other.
TEST_F(Gpu, EventsOrderStreams) {
  Driver driver;
  driver.findEvents();
  Driver::Current current(driver, device().context());
  void *handles[] = {driver.stream(), driver.stream()};
  {
    const std::int64_t n = 132 * 1024;
    const std::vector<std::int32_t> zeros(n, 0);
    tile::Buffer buffers[] = {{device(), zeros}, {device(), zeros}};
    tile::Stream streams[] = {tile::Stream::fromHandle(device(), handles[0]),
                              tile::Stream::fromHandle(device(), handles[1])};
    auto tensor = [&](int i) { return buffers[i % 2].tensor(DType::I32, {n}); };
    tile::Prepared turn = program.kernel("turn").prepare(device(), tensor(0), tensor(1));
    Driver::Handle event = nullptr;
    driver.check(driver.eventCreate(&event, /*without times*/ 2));
    const int times = 24;
    // Two launches on each stream before the other one goes on.
    for (int i = 0; i < times; i += 2) {
      int side = i / 2 % 2;
      turn.launch(streams[side], tensor(i), tensor(i + 1));
      turn.launch(streams[side], tensor(i + 1), tensor(i));
      driver.check(driver.eventRecord(event, handles[side]));
      driver.check(driver.streamWaitEvent(handles[1 - side], event, 0));
    }
    streams[0].synchronize();
    streams[1].synchronize();
    EXPECT_EQ(contents<std::int32_t>(buffers[0]), std::vector<std::int32_t>(n, times));
    driver.check(driver.eventDestroy(event));
    countCase();
  }
  for (void *handle : handles)
    driver.check(driver.streamDestroy(handle));
}

TEST_F(Gpu, TwoStreamsKeepApart) {
  tile::Stream first(device()), second(device());
  const std::size_t n = 100'003;
  tile::Buffer a(device(), std::vector<float>(n, 0)), b(device(), std::vector<float>(n, 1));
  tile::Prepared grow = program.kernel("grow").prepare(device(), vectorOf(a));
  for (int i = 0; i < 20; ++i) {
    grow.launch(first, vectorOf(a));
    grow.launch(second, vectorOf(b));
    if (i % 3 == 0)
      grow.launch(second, vectorOf(b));
  }
  second.synchronize();
  first.synchronize();
  // 20 and 27 times; f32 holds 24 bits.
  auto after = [](float value, int times) {
    for (int i = 0; i < times; ++i)
      value = value * 2 + 1;
    return value;
  };
  EXPECT_EQ(contents(a), std::vector<float>(n, after(0, 20)));
  EXPECT_EQ(contents(b), std::vector<float>(n, after(1, 27)));
  countCase();
}

TEST_F(Gpu, ThreadsPrepareAndLaunchAtOnce) {
  tile::Kernel sums = program.kernel("sums"), copy = program.kernel("copy", {{"T", DType::F32}});
  std::vector<std::string> errors(4);
  auto work = [&](int number) {
    try {
      tile::Stream stream(device());
      for (int round = 0; round < 20; ++round) {
        std::int64_t m = 10 + number, n = 30 + 7 * round;
        tile::Buffer x = counted(m * n, static_cast<float>(number)), y(device(), m * 4), z(device(), m * n * 4);
        // Each thread has some specialisations to itself, by alignment and kernel, and shares others.
        tile::Kernel own = program.kernel("sums", {{"STAGES", 1 + (number + round) % 6}});
        (round % 2 ? sums : own).launch(stream, x.tensor(DType::F32, {m, n}), vectorOf(y));
        copy.launch(stream, vectorOf(x), vectorOf(z));
        stream.synchronize();
        std::vector<float> from = contents(x), got = contents(y);
        if (contents(z) != from)
          throw tile::Error("the copy differs");
        for (std::int64_t i = 0; i < m; ++i) {
          // Integers below 2^24.
          double want = std::accumulate(from.begin() + i * n, from.begin() + (i + 1) * n, 0.0);
          if (got[i] != want)
            throw tile::Error("row " + std::to_string(i) + " is " + std::to_string(got[i]) + ", not " +
                              std::to_string(want));
        }
        countCase();
      }
    } catch (const std::exception &error) {
      errors[number] = error.what();
    }
  };
  std::vector<std::thread> threads;
  for (int number = 0; number < 4; ++number)
    threads.emplace_back(work, number);
  for (std::thread &thread : threads)
    thread.join();
  for (const std::string &error : errors)
    EXPECT_EQ(error, "");
}

TEST_F(Gpu, ACallersContextIsUsed) {
  Driver driver;
  driver.findContexts();
  Driver::Handle context = nullptr;
  driver.check(driver.contextCreate(&context, 0, 0));
  driver.popContext();
  {
    Driver::Current current(driver, context);
    void *handle = driver.stream();
    {
      tile::Device theirs = tile::Device::fromCudaContext(context);
      tile::Stream stream = tile::Stream::fromHandle(theirs, handle);
      tile::Buffer x(theirs, std::vector<float>(777, 1));
      program.kernel("grow").launch(stream, vectorOf(x));
      stream.synchronize();
      EXPECT_EQ(contents(x), std::vector<float>(777, 3));
      // The device of the primary context works on beside it.
      tile::Buffer y(device(), std::vector<float>(777, 2));
      tile::Stream own(device());
      program.kernel("grow").launch(own, vectorOf(y));
      own.synchronize();
      EXPECT_EQ(contents(y), std::vector<float>(777, 5));
      EXPECT_EQ(driver.currentContext(), context) << "the caller's context is as it was";
      countCase();
    }
    driver.check(driver.streamDestroy(handle));
  }
  driver.check(driver.contextDestroy(context));
}

//===----------------------------------------------------------------------===//
// Checked kernels
//===----------------------------------------------------------------------===//

static constexpr const char *checkedSource = R"(kernel checked(x: f32[N], y: out f32[N]) grid (cdiv(N, 64)) {
  let at = program(0) * 64;
  let v = x[at +: 64];
  assert(v < 100.0, "too large");
  y[at +: 64] = v + 1.0;
}

kernel shows(x: f32[N], i: i32[N], y: out f32[N]) grid (1) {
  let v = x[0 +: 8];
  print("sum {} of {}", sum(v), v);
  print("integers {} and {}", i[0 +: 4], program(0));
  print("no value");
  y[0 +: 8] = v;
}
)";

TEST_F(Gpu, FailedAssertionsSayWhatAndWhere) {
  tile::Kernel kernel =
      tile::Program::fromString(checkedSource, "checked.tile").kernel("checked", {}, {.checked = true, .planFor = ""});
  tile::Stream stream(device());
  tile::Buffer x = counted(90), wrong = counted(130), y = counted(130);
  auto run = [&](const tile::Buffer &from) {
    auto n = static_cast<std::int64_t>(from.size() / 4);
    kernel.launch(stream, vectorOf(from), y.tensor(DType::F32, {n}));
    stream.synchronize();
  };
  EXPECT_EQ(thrown([&] { run(x); }), "");
  std::string message = thrown([&] { run(wrong); });
  EXPECT_HAS(message, "too large");
  EXPECT_HAS(message, "checked.tile:4:");
  // The stream, the kernel and the device are usable afterwards.
  EXPECT_EQ(thrown([&] { run(x); }), "");
  std::vector<float> got = contents(y);
  for (int i = 0; i < 90; ++i)
    EXPECT_EQ(got[i], static_cast<float>(i + 1));
  EXPECT_HAS(thrown([&] { run(wrong); }), "too large");
  countCase();
}

TEST_F(Gpu, PrintsWhatTheProcessorPrints) {
  tile::Kernel kernel =
      tile::Program::fromString(checkedSource, "checked.tile").kernel("shows", {}, {.checked = true, .planFor = ""});
  std::vector<std::string> printed;
  for (const tile::Device &each : {tile::Device::cpu(), device()}) {
    std::vector<float> values = {1, 0.1F, -2.5F, 1e10F, 3, 7, 1e-8F, 0};
    std::vector<std::int32_t> integers = {1, -2, 3, 1 << 30, 5, 6, 7, 8};
    tile::Buffer x(each, values), i(each, integers), y(each, 32);
    tile::Stream stream(each);
    testing::internal::CaptureStdout();
    kernel.launch(stream, x.tensor(DType::F32, {8}), i.tensor(DType::I32, {8}), y.tensor(DType::F32, {8}));
    stream.synchronize();
    printed.push_back(testing::internal::GetCapturedStdout());
    EXPECT_EQ(contents(y), values);
  }
  EXPECT_HAS(printed[0], "no value");
  // Only the sum's last bit is free.
  auto withoutSum = [](const std::string &text) { return text.substr(std::min(text.find(" of "), text.size())); };
  EXPECT_EQ(withoutSum(printed[1]), withoutSum(printed[0]));
  countCase();
}

//===----------------------------------------------------------------------===//
// Memory and grids
//===----------------------------------------------------------------------===//

TEST_F(Gpu, HostMemoryIsRefused) {
  std::vector<float> host(100, 1);
  tile::Stream stream(device());
  std::string message = thrown([&] { program.kernel("grow").launch(stream, tile::Tensor(host.data(), {100})); });
  EXPECT_HAS(message, "'x'");
  EXPECT_HAS(message, "pointer");
  EXPECT_EQ(host, std::vector<float>(100, 1));
  tile::Buffer x(device(), host);
  program.kernel("grow").launch(stream, vectorOf(x));
  stream.synchronize();
  EXPECT_EQ(contents(x)[99], 3);
}

TEST_F(Gpu, TooMuchMemoryIsRefused) {
  EXPECT_NE(thrown([&] { tile::Buffer(device(), std::size_t(1) << 50); }), "");
  tile::Buffer x(device(), std::vector<float>(10, 1));
  EXPECT_EQ(contents(x)[9], 1);
}

TEST_F(Gpu, EmptyGridsAndViewsRun) {
  tile::Stream stream(device());
  tile::Buffer nothing(device(), 0), y(device(), std::vector<float>(16, 5));
  tile::Tensor empty = nothing.tensor(DType::F32, {0});
  program.kernel("grow").launch(stream, empty);
  program.kernel("copy", {{"T", DType::F32}}).launch(stream, empty, empty);
  program.kernel("sums").launch(stream, nothing.tensor(DType::F32, {0, 7}), empty);
  // Rows without columns sum to 0.
  program.kernel("sums").launch(stream, nothing.tensor(DType::F32, {13, 0}), y.tensor(DType::F32, {13}));
  stream.synchronize();
  std::vector<float> want(16, 5);
  std::fill_n(want.begin(), 13, 0);
  EXPECT_EQ(contents(y), want);
  countCase();
}

TEST_F(Gpu, GridsAreLarge) {
  tile::Program grids = tile::Program::fromString(R"(
kernel second(o: out i32[M, N]) grid (N, M) {
  o[program(1), program(0)] = i32(program(1) * 3 + program(0));
}
kernel third(o: out i32[M, N]) grid (1, N, M) {
  o[program(2), program(1)] = i32(program(2) * 3 + program(1));
}
)");
  tile::Stream stream(device());
  const std::int64_t m = 70'001, n = 3;
  for (const char *name : {"second", "third"}) {
    tile::Buffer o(device(), m * n * 4);
    grids.kernel(name).launch(stream, o.tensor(DType::I32, {m, n}));
    stream.synchronize();
    std::vector<std::int32_t> want(m * n);
    std::iota(want.begin(), want.end(), 0);
    EXPECT_EQ(contents<std::int32_t>(o), want) << name;
    countCase();
  }
}

TEST_F(Gpu, OffsetsBeyond32Bits) {
  const std::int64_t rows = 3, columns = std::int64_t(1) << 30, size = rows * columns;
  Driver driver;
  Driver::Current current(driver, device().context());
  if (driver.freeMemory() < static_cast<std::size_t>(3 * size))
    GTEST_SKIP() << "only " << driver.freeMemory() << " bytes of memory are free";
  tile::Program moves = tile::Program::fromString(R"(
kernel move(x: i8[R, C], y: out i8[R, C]) grid (cdiv(C, 65536), R) {
  for c in 0..65536 step 4096, stages = 3 {
    let at = program(0) * 65536 + c;
    y[program(1), at +: 4096] = x[program(1), at +: 4096] + 1;
  }
}
kernel small(x: i8[R, C], y: out i8[R, C]) grid (R) {
  for c in 0..C step 16, stages = 2 {
    y[program(0), c +: 16] = x[program(0), c +: 16];
  }
}
)");
  tile::Buffer x(device(), size), y(device(), size);
  Random random(options.seed);
  std::vector<std::int8_t> block(1 << 20), got(1 << 20);
  for (std::int8_t &byte : block)
    byte = static_cast<std::int8_t>(random.bits());
  const std::int64_t places[] = {0, columns - 77, 2 * columns - (1 << 19), 2 * columns, size - (1 << 20)};
  for (std::int64_t place : places)
    x.upload(block.data(), block.size(), place);
  tile::Stream stream(device());
  // The last place's block is whole; the first of two that overlap is not.
  std::vector<std::int8_t> before(1 << 20);
  moves.kernel("move").launch(stream, x.tensor(DType::I8, {rows, columns}), y.tensor(DType::I8, {rows, columns}));
  stream.synchronize();
  for (std::int64_t place : places) {
    x.download(before.data(), before.size(), place);
    y.download(got.data(), got.size(), place);
    for (std::int8_t &byte : before)
      byte = static_cast<std::int8_t>(byte + 1);
    EXPECT_TRUE(got == before) << "at " << place;
  }
  // Few elements, far apart.
  const std::int64_t stride = (std::int64_t(1) << 31) + 64;
  tile::Tensor from(static_cast<const void *>(x.data()), DType::I8, {2, 100}, {stride, 1}),
      to(y.data(), DType::I8, {2, 100}, {stride, 1});
  moves.kernel("small").launch(stream, from, to);
  stream.synchronize();
  for (std::int64_t place : {std::int64_t(0), stride}) {
    x.download(before.data(), 100, place);
    y.download(got.data(), 100, place);
    EXPECT_TRUE(std::equal(got.begin(), got.begin() + 100, before.begin())) << "at " << place;
  }
  countCase();
}

TEST_F(Gpu, BasesNeedOnlyTheElementsAlignment) {
  tile::Stream stream(device());
  for (DType type : {DType::BF16, DType::I8, DType::F32, DType::F64, DType::F8E4M3}) {
    unsigned bytes = tile::sizeOf(type);
    tile::Kernel copy = program.kernel("copy", {{"T", type}});
    std::vector<std::uint8_t> values(3000 * bytes);
    Random random(options.seed);
    for (std::uint8_t &value : values)
      value = static_cast<std::uint8_t>(random.range(0, 100));
    for (std::int64_t from = 0; from < 9; ++from)
      for (std::int64_t to : {std::int64_t(0), std::int64_t(1), from, std::int64_t(8)}) {
        const std::int64_t n = 2047;
        tile::Buffer x(device(), values), y(device(), std::vector<std::uint8_t>(values.size(), 0xee));
        copy.launch(stream, x.tensor(type, {n}, from * bytes), y.tensor(type, {n}, to * bytes));
        stream.synchronize();
        std::vector<std::uint8_t> want(values.size(), 0xee);
        std::copy_n(values.begin() + from * bytes, n * bytes, want.begin() + to * bytes);
        EXPECT_TRUE(contents<std::uint8_t>(y) == want)
            << tile::nameOf(type) << " from element " << from << " to element " << to;
        countCase();
      }
  }
}

TEST_F(Gpu, ReadOnlyViewsMayRunBackwardsAndRepeat) {
  tile::Stream stream(device());
  tile::Buffer x = counted(64 * 64);
  std::vector<float> values = contents(x);
  for (auto [down, right] : {std::pair<std::int64_t, std::int64_t>{-64, 1},
                             {64, -1},
                             {-64, -1},
                             {0, 1},
                             {1, 0},
                             {0, 0},
                             {1, 64},
                             {-1, -64},
                             {-2, 3},
                             {63, 1}})
    for (int stages : {1, 4}) {
      const std::int64_t m = 19, n = 61, middle = 32 * 64 + 32;
      tile::Buffer y(device(), m * 4);
      std::int64_t origin = std::clamp<std::int64_t>(middle - (m / 2) * down - (n / 2) * right, 0, 64 * 64 - 1);
      tile::Tensor from(static_cast<const void *>(static_cast<float *>(x.data()) + origin), DType::F32, {m, n},
                        {down, right});
      program.kernel("sums", {{"STAGES", stages}}).launch(stream, from, vectorOf(y));
      stream.synchronize();
      std::vector<float> got = contents(y);
      for (std::int64_t i = 0; i < m; ++i) {
        double want = 0;
        for (std::int64_t j = 0; j < n; ++j)
          want += values[origin + i * down + j * right];
        ASSERT_EQ(got[i], want) << "strides " << down << ", " << right << ", row " << i << ", " << stages << " stages";
      }
      countCase();
    }
}

//===----------------------------------------------------------------------===//
// Machine code on disk
//===----------------------------------------------------------------------===//

TEST_F(Gpu, TheCacheGivesTheSameCode) {
  std::filesystem::path folder =
      std::filesystem::temp_directory_path() / ("tile-device-tests-" + std::to_string(::getpid()));
  std::filesystem::create_directories(folder);
  std::filesystem::permissions(folder, std::filesystem::perms::owner_all);
  tile::setCache({.folder = folder, .enabled = true});
  tile::Stream stream(device());
  tile::Buffer x = counted(37 * 100);
  std::vector<std::vector<float>> results;
  auto run = [&] {
    // A program of its own remembers nothing.
    tile::Buffer y(device(), 37 * 4);
    tile::Tensor from = x.tensor(DType::F32, {37, 100});
    tile::Prepared ready =
        tile::Program::fromString(source, "device.tile").kernel("sums").prepare(device(), from, vectorOf(y));
    ready.launch(stream, from, vectorOf(y));
    stream.synchronize();
    results.push_back(contents(y));
    countCase();
    return ready.report().fromCache;
  };
  EXPECT_FALSE(run());
  EXPECT_TRUE(run());
  // Entries that were cut short are made again.
  for (const auto &entry : std::filesystem::recursive_directory_iterator(folder))
    if (entry.is_regular_file() && entry.file_size() > 100)
      std::filesystem::resize_file(entry.path(), entry.file_size() / 2);
  EXPECT_FALSE(run());
  EXPECT_TRUE(run());
  tile::setCache({.folder = {}, .enabled = false});
  EXPECT_FALSE(run());
  tile::setCache({});
  std::filesystem::remove_all(folder);
  for (const std::vector<float> &result : results)
    EXPECT_EQ(result, results.front());
}
