//===- ApiTest.cpp - The public API, as a user sees it ----------*- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ApiTest.h"

#include <algorithm>
#include <cmath>
#include <fcntl.h>
#include <limits>
#include <numeric>
#include <thread>
#include <unistd.h>

using namespace api;

static std::vector<float> count(std::size_t size, float from = 0) {
  std::vector<float> values(size);
  std::iota(values.begin(), values.end(), from);
  return values;
}

TEST(ApiTest, HeadersAndLibraryHaveOneVersion) {
  EXPECT_STREQ(tile::version(), TILE_VERSION_STRING);
  EXPECT_STREQ(TILE_VERSION_STRING, TILE_PROJECT_VERSION);
  EXPECT_EQ(std::string(TILE_VERSION_STRING), std::to_string(TILE_VERSION_MAJOR) + "." +
                                                  std::to_string(TILE_VERSION_MINOR) + "." +
                                                  std::to_string(TILE_VERSION_PATCH));
}

TEST(ApiTest, DTypesHaveNamesAndSizes) {
  EXPECT_EQ(tile::dtype<float>(), tile::DType::F32);
  EXPECT_EQ(tile::dtype<unsigned long long>(), tile::DType::U64);
  EXPECT_EQ(tile::dtype<signed char>(), tile::DType::I8);
  for (int i = 0; i <= static_cast<int>(tile::DType::F8E5M2); ++i) {
    auto type = static_cast<tile::DType>(i);
    EXPECT_EQ(tile::dtypeOf(tile::nameOf(type)), type);
  }
  EXPECT_EQ(tile::sizeOf(tile::DType::BF16), 2u);
  EXPECT_EQ(tile::sizeOf(tile::DType::Bool), 1u);
  EXPECT_FALSE(tile::dtypeOf("f31"));
}

TEST(ApiTest, DevicesHaveNames) {
  EXPECT_EQ(tile::Device::cpu().name(), "cpu");
  EXPECT_EQ(tile::Device::byName("cpu-late").name(), "cpu-late");
  EXPECT_EQ(tile::Device::byName("cpu"), tile::Device::cpu());
  EXPECT_EQ(tile::Device::cpu(3).threads(), 3u);
  EXPECT_NE(tile::Device::cpu().description(), "");
  EXPECT_ERROR(tile::Device::byName("abacus"), "no device 'abacus'", "'cpu'");
}

TEST(ApiTest, BuffersCopyAndCheckTheirBounds) {
  tile::Buffer buffer(tile::Device::cpu(), count(10));
  EXPECT_EQ(reinterpret_cast<std::uintptr_t>(buffer.data()) % 64, 0u);
  EXPECT_EQ(buffer.size(), 40u);
  float value = 0;
  buffer.download(&value, 4, 36);
  EXPECT_EQ(value, 9);
  EXPECT_ERROR(buffer.download(&value, 4, 37), "4 bytes from byte 37", "40 bytes");
  EXPECT_ERROR(buffer.upload(&value, SIZE_MAX, 1), "do not fit");
  EXPECT_ERROR(buffer.tensor(tile::DType::F32, {11}), "do not fit");
  EXPECT_ERROR(buffer.tensor(tile::DType::F32, {-1}), "negative");
  EXPECT_ERROR(buffer.tensor(tile::DType::F32, {INT64_MAX, INT64_MAX, 4}), "overflows");
  tile::Tensor tensor = buffer.tensor(tile::DType::F32, {3, 2}, 4);
  EXPECT_EQ(tensor.data(), static_cast<char *>(buffer.data()) + 4);
  EXPECT_EQ(tensor.strides(), (std::vector<std::int64_t>{2, 1}));
  tile::Buffer empty(tile::Device::cpu(), 0);
  EXPECT_EQ(empty.tensor(tile::DType::F32, {0, 5}).size(), 0);
}

TEST(ApiTest, TensorsTranspose) {
  float data[6];
  tile::Tensor tensor = tile::Tensor(data, {2, 3}).transposed();
  EXPECT_EQ(tensor.shape(), (std::vector<std::int64_t>{3, 2}));
  EXPECT_EQ(tensor.strides(), (std::vector<std::int64_t>{1, 3}));
  EXPECT_ERROR(tensor.transposed(0, 2), "axes 0 and 2");
  EXPECT_TRUE(tile::Tensor(static_cast<const float *>(data), {6}).readOnly());
}

TEST(ApiTest, ProgramsNameTheirKernels) {
  auto program = tile::Program::fromString(std::string(scaleSource) + rowsSource);
  EXPECT_EQ(program.kernels(), (std::vector<std::string>{"scale", "rows"}));
  EXPECT_EQ(program.kernel("rows").name(), "rows");
}

TEST(ApiTest, ErrorsOfASourceHavePlaces) {
  try {
    tile::Program::fromString("kernel f(x: f32[N]) grid (1) {\n  let a = b;\n  let c = ;\n}\n", "bad.tile")
        .kernel("f")
        .prepare(tile::Device::cpu(), tile::Tensor(static_cast<float *>(nullptr), {0}));
    FAIL() << "no error";
  } catch (const tile::Error &error) {
    ASSERT_FALSE(error.diagnostics().empty());
    EXPECT_EQ(error.diagnostics().front().file, "bad.tile");
    EXPECT_EQ(error.diagnostics().front().severity, tile::Severity::Error);
    EXPECT_GE(error.diagnostics().front().line, 2u);
    EXPECT_NE(std::string(error.what()).find("\n"), std::string::npos);
    EXPECT_NE(std::string(error.what()).find("^"), std::string::npos);
    tile::Error copy("another");
    copy = error;
    EXPECT_STREQ(copy.what(), error.what());
  }
}

TEST(ApiTest, FilesThatCannotBeReadAreErrors) {
  EXPECT_ERROR(tile::Program::fromFile("/nowhere/to/be.tile"), "cannot read '/nowhere/to/be.tile'", "No such file");
  EXPECT_ERROR(tile::Program::fromFile("/"), "cannot read '/'");
}

TEST(ApiTest, ParametersAreChecked) {
  auto program = tile::Program::fromString(std::string(scaleSource) + rowsSource);
  EXPECT_ERROR(program.kernel("skale"), "no kernel 'skale'", "'scale', 'rows'");
  EXPECT_ERROR(program.kernel("scale", {{"BLOK", 32}}), "BLOK");
  EXPECT_ERROR(program.kernel("scale", {{"BLOCK", 48}}), "BLOCK");
  EXPECT_ERROR(program.kernel("scale", {{"BLOCK", true}}), "BLOCK");
  EXPECT_ERROR(program.kernel("scale", {{"BLOCK", "f32"}}), "BLOCK");
  EXPECT_ERROR(program.kernel("rows", {{"STAGES", 0}}), "STAGES");
  EXPECT_ERROR(program.kernel("rows", {{"STAGES", -1}}), "STAGES");
  EXPECT_ERROR(program.kernel("rows", {{"STAGES", std::int64_t(1) << 40}}), "STAGES");
  EXPECT_ERROR(program.kernel("rows", {}, {.checked = false, .planFor = "z80", .stages = 0}), "no target 'z80'",
               "'sm_80'");
  tile::KernelOptions options;
  options.teams = 3;
  EXPECT_ERROR(program.kernel("rows", {}, options), "1 or 2 teams, not 3");
  options.teams = 0;
  options.groupRows = -1;
  EXPECT_ERROR(program.kernel("rows", {}, options), "from 1 to 65536 rows of programs, not -1");
  EXPECT_EQ(thrown([&] { program.kernel("rows", {{"STAGES", "auto"}}); }), "");
}

TEST(ApiTest, StagesThatDoNotFitAreRefusedAndTriedAgain) {
  auto program = tile::Program::fromString("kernel big<S: int in 1..=64 = 2>(x: f32[N], y: out f32[N]) grid (1) {\n"
                                           "  var acc = f32[65536](0);\n"
                                           "  for i in 0..N step 65536, stages = S { acc += x[i +: 65536]; }\n"
                                           "  y[0 +: 65536] = acc;\n}\n");
  std::vector<float> x(16), y(16);
  tile::Tensor xTensor(x.data(), {16}), yTensor(y.data(), {16});
  auto big = program.kernel("big", {{"S", 60}});
  for (int attempt = 0; attempt < 2; ++attempt)
    EXPECT_ERROR(big.prepare(tile::Device::cpu(), xTensor, yTensor), "<string>:3:3: error: 60 stages", "the largest");
}

//===----------------------------------------------------------------------===//
// Launches
//===----------------------------------------------------------------------===//

class LaunchTest : public testing::TestWithParam<const char *> {
protected:
  tile::Device device = tile::Device::byName(GetParam());
  tile::Stream stream{device};
  tile::Program program = tile::Program::fromString(std::string(scaleSource) + rowsSource, "test.tile");
};

INSTANTIATE_TEST_SUITE_P(Devices, LaunchTest, testing::Values("cpu", "cpu-late"), [](const auto &info) {
  return std::string(info.param) == "cpu" ? std::string("cpu") : std::string("late");
});

TEST_P(LaunchTest, RunsWhatWasPrepared) {
  std::vector<float> x = count(1001), y(1001, -1);
  tile::Tensor xTensor(x.data(), {1001}), yTensor(y.data(), {1001});
  auto ready = program.kernel("scale", {{"BLOCK", 64}}).prepare(device, xTensor, 2.0f, yTensor);
  ready.launch(stream, xTensor, 2.0f, yTensor);
  stream.synchronize();
  for (int i = 0; i < 1001; ++i)
    ASSERT_EQ(y[i], 2 * i);
  // The value of a scalar is no part of the specialisation.
  ready.launch(stream, xTensor, 3.0f, yTensor);
  stream.synchronize();
  EXPECT_EQ(y[1000], 3000);
}

TEST_P(LaunchTest, FindsTheSpecialisationForOtherTypes) {
  auto kernel = program.kernel("scale");
  std::vector<std::int32_t> x = {1, 2, 3}, y(3);
  kernel.launch(stream, tile::Tensor(x.data(), {3}), 5, tile::Tensor(y.data(), {3}));
  EXPECT_EQ(y, (std::vector<std::int32_t>{5, 10, 15}));
  std::vector<double> u = {1, 2, 3}, v(3);
  kernel.launch(stream, tile::Tensor(u.data(), {3}), 0.5, tile::Tensor(v.data(), {3}));
  EXPECT_EQ(v, (std::vector<double>{0.5, 1, 1.5}));
}

TEST_P(LaunchTest, ScalarsTakeTheTypeOfTheirParameter) {
  auto kernel = program.kernel("scale");
  std::vector<float> x = {1, 2}, y(2);
  tile::Tensor xTensor(x.data(), {2}), yTensor(y.data(), {2});
  kernel.launch(stream, xTensor, 3, yTensor);
  EXPECT_EQ(y[1], 6);
  kernel.launch(stream, xTensor, 0.5, yTensor);
  EXPECT_EQ(y[1], 1);
  std::vector<std::uint16_t> half = {0x3c00, 0x4000}, result(2);
  kernel.launch(stream, tile::Tensor(half.data(), tile::DType::F16, {2}), 0.5,
                tile::Tensor(result.data(), tile::DType::F16, {2}));
  EXPECT_EQ(result, (std::vector<std::uint16_t>{0x3800, 0x3c00}));
  std::vector<std::uint8_t> bytes = {1, 2}, scaled(2);
  tile::Tensor bytesTensor(bytes.data(), {2}), scaledTensor(scaled.data(), {2});
  kernel.launch(stream, bytesTensor, 100, scaledTensor);
  EXPECT_EQ(scaled[1], 200);
  EXPECT_ERROR(kernel.launch(stream, bytesTensor, 256, scaledTensor), "argument 's'", "u8", "256");
  EXPECT_ERROR(kernel.launch(stream, bytesTensor, -1, scaledTensor), "argument 's'", "u8", "-1");
  EXPECT_ERROR(kernel.launch(stream, bytesTensor, 1.0, scaledTensor), "argument 's'", "u8", "f64");
  EXPECT_ERROR(kernel.launch(stream, bytesTensor, true, scaledTensor), "argument 's'", "u8", "bool");
}

TEST_P(LaunchTest, AnyStridesAreRead) {
  std::vector<float> x = count(12), y(4);
  auto kernel = program.kernel("rows", {{"STAGES", 3}});
  // The columns of a matrix of 3 rows, 4 columns.
  kernel.launch(stream, tile::Tensor(x.data(), {3, 4}).transposed(), tile::Tensor(y.data(), {4}));
  EXPECT_EQ(y, (std::vector<float>{12, 15, 18, 21}));
  // One number again and again; a row backwards.
  kernel.launch(stream, tile::Tensor(x.data() + 1, {2, 100}, {1, 0}), tile::Tensor(y.data(), {2}));
  EXPECT_EQ(y[0], 100);
  EXPECT_EQ(y[1], 200);
  kernel.launch(stream, tile::Tensor(x.data() + 11, {1, 12}, {0, -1}), tile::Tensor(y.data(), {1}));
  EXPECT_EQ(y[0], 66);
}

TEST_P(LaunchTest, AnEmptyGridDoesNothing) {
  std::vector<float> y = {7};
  program.kernel("scale").launch(stream, tile::Tensor(static_cast<float *>(nullptr), {0}), 2.0f,
                                 tile::Tensor(static_cast<float *>(nullptr), {0}));
  program.kernel("rows").launch(stream, tile::Tensor(static_cast<float *>(nullptr), {0, 5}),
                                tile::Tensor(y.data(), {0}));
  EXPECT_EQ(y[0], 7);
}

TEST_P(LaunchTest, AnEmptyLoopRunsTheRest) {
  std::vector<float> y = {7, 7};
  program.kernel("rows").launch(stream, tile::Tensor(static_cast<float *>(nullptr), {2, 0}),
                                tile::Tensor(y.data(), {2}));
  EXPECT_EQ(y, (std::vector<float>{0, 0}));
}

TEST_P(LaunchTest, PlansForAnotherMachineRunHere) {
  std::vector<float> x = count(3000), y(3);
  for (int stages = 1; stages <= 4; ++stages) {
    auto kernel = program.kernel("rows", {{"STAGES", stages}}, {.checked = false, .planFor = "sm_80", .stages = 0});
    auto ready = kernel.prepare(device, tile::Tensor(x.data(), {3, 1000}), tile::Tensor(y.data(), {3}));
    EXPECT_EQ(ready.report().target, "sm_80");
    ready.launch(stream, tile::Tensor(x.data(), {3, 1000}), tile::Tensor(y.data(), {3}));
    EXPECT_EQ(y, (std::vector<float>{499500, 1499500, 2499500}));
  }
}

TEST_P(LaunchTest, StagesCanBeSetForEveryLoop) {
  std::vector<float> x = count(3000), y(3);
  tile::Tensor xTensor(x.data(), {3, 1000}), yTensor(y.data(), {3});
  // Whatever the parameter says, and as another specialisation than without.
  for (int stages : {0, 4, 1, 0}) {
    auto kernel = program.kernel("rows", {{"STAGES", 2}}, {.checked = false, .planFor = "", .stages = stages});
    auto ready = kernel.prepare(device, xTensor, yTensor);
    ASSERT_EQ(ready.report().loops.size(), 1u);
    EXPECT_EQ(ready.report().loops[0].stages, stages ? stages : 2);
    std::fill(y.begin(), y.end(), 0);
    ready.launch(stream, xTensor, yTensor);
    ready.launch(stream, xTensor, yTensor);
    EXPECT_EQ(y, (std::vector<float>{499500, 1499500, 2499500}));
  }
  EXPECT_ERROR(program.kernel("rows", {}, {.checked = false, .planFor = "", .stages = 65}), "from 1 to 64 stages");
  EXPECT_ERROR(program.kernel("rows", {}, {.checked = false, .planFor = "", .stages = -1}), "from 1 to 64 stages");
}

TEST_P(LaunchTest, FailedAssertionsAreErrors) {
  auto checked = tile::Program::fromString("kernel f(x: f32[N], y: out f32[N]) grid (1) {\n"
                                           "  assert(N < 3, \"too many\");\n  y[0 +: 4] = x[0 +: 4];\n}\n");
  std::vector<float> x = {1, 2, 3}, y(3);
  tile::Tensor xTensor(x.data(), {3}), yTensor(y.data(), {3});
  checked.kernel("f").launch(stream, xTensor, yTensor);
  EXPECT_EQ(y, x);
  EXPECT_ERROR(checked.kernel("f", {}, {.checked = true, .planFor = "", .stages = 0}).launch(stream, xTensor, yTensor),
               "too many");
  EXPECT_EQ(thrown([&] { stream.synchronize(); }), "");
}

/// Four threads launch it, each on a stream of its own.
static void printFromThreads(const tile::Device &device) {
  auto kernel =
      tile::Program::fromString("kernel f(x: i32[N]) grid (N) { print(\"one line of {}\", x[program(0)]); }\n")
          .kernel("f", {}, {.checked = true, .planFor = "", .stages = 0});
  std::vector<std::int32_t> x(20, 12345);
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i)
    threads.emplace_back([&] {
      tile::Stream own(device);
      for (int repeat = 0; repeat < 5; ++repeat)
        kernel.launch(own, tile::Tensor(x.data(), {20}));
      own.synchronize();
    });
  for (std::thread &thread : threads)
    thread.join();
}

TEST_P(LaunchTest, ThreadsPrintWholeLines) {
  testing::internal::CaptureStdout();
  printFromThreads(device);
  std::string expected;
  for (int i = 0; i < 400; ++i)
    expected += "one line of 12345\n";
  EXPECT_EQ(testing::internal::GetCapturedStdout(), expected);
}

/// What is printed to a stream that is lost is lost, and the process none the worse.
TEST_P(LaunchTest, PrintingToNobodyEndsNothing) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_EXIT(
      {
        dup2(open("/dev/full", O_WRONLY), STDOUT_FILENO);
        printFromThreads(device);
        std::exit(0);
      },
      testing::ExitedWithCode(0), "");
}

TEST_P(LaunchTest, ThreadsPrepareOnce) {
  auto kernel = program.kernel("rows", {{"STAGES", 2}});
  std::vector<const tile::Report *> reports(8);
  std::vector<float> x = count(8 * 500), y(8);
  std::vector<std::thread> threads;
  for (int i = 0; i < 8; ++i)
    threads.emplace_back([&, i] {
      tile::Tensor row(x.data() + 500 * static_cast<std::ptrdiff_t>(i), {1, 500}), sum(y.data() + i, {1});
      // Bases differ in alignment, so ask for the same specialisation with the same tensor.
      reports[i] = &kernel.prepare(device, tile::Tensor(x.data(), {1, 500}), tile::Tensor(y.data(), {1})).report();
      tile::Stream own(device);
      kernel.launch(own, row, sum);
    });
  for (std::thread &thread : threads)
    thread.join();
  for (const tile::Report *report : reports)
    EXPECT_EQ(report, reports[0]);
  for (int i = 0; i < 8; ++i)
    EXPECT_EQ(y[i], 500 * 250 * (2 * i + 1) - 250);
}

TEST_P(LaunchTest, ThreadsCompileDifferentKernelsAtOnce) {
  std::vector<std::thread> threads;
  std::vector<std::string> errors(6);
  for (int i = 0; i < 6; ++i)
    threads.emplace_back([&, i] {
      std::vector<float> x = count(300, float(i)), y(1);
      errors[i] = thrown([&] {
        tile::Stream own(device);
        auto mine = tile::Program::fromString(rowsSource).kernel("rows", {{"STAGES", i + 1}});
        mine.launch(own, tile::Tensor(x.data(), {1, 300}), tile::Tensor(y.data(), {1}));
      });
      if (y[0] != 44850 + 300 * i)
        errors[i] += "wrong sum";
    });
  for (std::thread &thread : threads)
    thread.join();
  EXPECT_EQ(errors, std::vector<std::string>(6));
}
