//===- CudaCheckedTest.cpp - What checked kernels print and refuse -*- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "CudaTest.h"

#include <algorithm>
#include <cstring>

using namespace api;

static constexpr const char *checkedSource = R"(fn positive(x) {
    assert(x > 0, "not positive");
    return x;
}
kernel checked(x: f32[N], n: i32, y: out f32[N])
    grid (cdiv(N, 4))
{
    let i = program(0) * 4;
    let t = x[i +: 4];
    print("row {} has {}", program(0), t);
    print("no value");
    let m = positive(n);
    assert(i >= 0, "i is negative");
    y[i +: 4] = t;
}
)";

namespace {
class CudaCheckedTest : public CudaTest {
protected:
  tile::Device device = tile::Device::cuda();
  tile::Stream stream{device};
  tile::Kernel kernel =
      tile::Program::fromString(checkedSource, "checked.tile").kernel("checked", {}, {.checked = true, .planFor = ""});
  tile::Buffer x{device, 32}, y{device, 32};
  tile::Tensor xTensor = x.tensor(tile::DType::F32, {8}), yTensor = y.tensor(tile::DType::F32, {8});
  std::string printed;

  /// Appends a record as a program would.
  static void print(std::uint64_t memory, std::uint32_t message, std::uint32_t program, const std::string &bytes) {
    auto *header = reinterpret_cast<std::uint32_t *>(memory);
    std::size_t size = 16 + (bytes.size() + 3) / 4 * 4;
    std::size_t at = header[0];
    header[0] += size;
    if (at + size > header[5])
      return;
    std::uint32_t begin[4] = {message, program, 0, 0};
    char *to = reinterpret_cast<char *>(memory) + 32 + at;
    std::memcpy(to, begin, sizeof(begin));
    std::memset(to + 16, 0, size - 16);
    std::memcpy(to + 16, bytes.data(), bytes.size());
  }
  template <typename T>
  static std::string bytesOf(std::initializer_list<T> values) {
    return std::string(reinterpret_cast<const char *>(values.begin()), values.size() * sizeof(T));
  }
  void launch() { kernel.launch(stream, xTensor, 1, yTensor); }
  std::string synchronised() {
    testing::internal::CaptureStdout();
    std::string error = thrown([&] { stream.synchronize(); });
    printed = testing::internal::GetCapturedStdout();
    return error;
  }
};
} // namespace

TEST_F(CudaCheckedTest, PrintsAsTheProcessorDoes) {
  fake.onLaunch = [](const FakeLaunch &launch) {
    std::uint64_t memory = launch.words.back();
    print(memory, 0, 0, bytesOf<std::int64_t>({0}) + bytesOf<float>({1, 2.5, -3, 1e-8f}));
    print(memory, 1, 0, "");
    print(memory, 0, 1, bytesOf<std::int64_t>({1}) + bytesOf<float>({0, 0, 7, 8}));
    print(memory, 1, 1, "");
  };
  launch();
  EXPECT_EQ(synchronised(), "");
  std::string gpu = printed;

  std::vector<float> values = {1, 2.5, -3, 1e-8f, 0, 0, 7, 8}, out(8);
  testing::internal::CaptureStdout();
  tile::Stream cpu(tile::Device::cpu(1));
  kernel.launch(cpu, tile::Tensor(values.data(), {8}), 1, tile::Tensor(out.data(), {8}));
  EXPECT_EQ(gpu, testing::internal::GetCapturedStdout());
  EXPECT_NE(gpu.find("row 1 has [0, 0, 7, 8]\n"), std::string::npos) << gpu;
  // What has been printed is not printed again, and a second launch uses the same memory.
  unsigned before = fake.allocations;
  EXPECT_EQ(synchronised(), "");
  EXPECT_EQ(printed, "");
  launch();
  launch();
  EXPECT_EQ(synchronised(), "");
  EXPECT_EQ(printed, gpu + gpu);
  EXPECT_EQ(fake.allocations, before);
}

TEST_F(CudaCheckedTest, AFailedAssertionHasItsPlaceAndProgram) {
  fake.onLaunch = [](const FakeLaunch &launch) {
    auto *header = reinterpret_cast<std::uint32_t *>(launch.words.back());
    EXPECT_EQ(header[1], 0u);
    header[1] = 1;
    header[2] = 5;
    header[3] = 6;
    header[4] = 7;
  };
  launch();
  std::string error = synchronised();
  for (const char *piece : {"checked.tile:2:5: error: assertion failed: not positive",
                            "in program (5, 6, 7) of kernel 'checked'", "    assert(x > 0"})
    EXPECT_NE(error.find(piece), std::string::npos) << error;
  // The stream is usable afterwards.
  EXPECT_EQ(synchronised(), "");
  launch();
  EXPECT_NE(synchronised(), "");
}

TEST_F(CudaCheckedTest, LinesThatFindNoRoomAreCounted) {
  fake.onLaunch = [](const FakeLaunch &launch) {
    for (int i = 0; i < 40000; ++i)
      print(launch.words.back(), 0, 0, bytesOf<std::int64_t>({i}) + bytesOf<float>({1, 2, 3, 4}));
  };
  launch();
  testing::internal::CaptureStderr();
  EXPECT_EQ(synchronised(), "");
  EXPECT_NE(testing::internal::GetCapturedStderr().find("bytes more than there is room for"), std::string::npos);
  std::size_t lines = std::count(printed.begin(), printed.end(), '\n');
  EXPECT_EQ(lines, (1u << 20) / 40);
  fake.onLaunch = [](const FakeLaunch &launch) { print(launch.words.back(), 1, 0, ""); };
  launch();
  EXPECT_EQ(synchronised(), "");
  EXPECT_EQ(printed, "no value\n");
}

TEST_F(CudaCheckedTest, TheCompilersCodeIsLaunched) {
  tile::runtime::ptxSource() = [](tile::runtime::Compilation &compilation) { return compilation.compileForGpu(); };
  fake.onLaunch = [](const FakeLaunch &launch) {
    // Two views of one axis, an i32, the grid, the checked memory.
    ASSERT_EQ(launch.words.size(), 11u);
    auto *header = reinterpret_cast<std::uint32_t *>(launch.words.back());
    EXPECT_EQ(header[5], 1u << 20);
    header[1] = 2;
    print(launch.words.back(), 1, 0, "");
  };
  launch();
  EXPECT_NE(synchronised().find("checked.tile:13:5: error: assertion failed: i is negative"), std::string::npos);
  EXPECT_EQ(printed, "no value\n");
}

TEST_F(CudaCheckedTest, TheFirstLaunchCannotBeCaptured) {
  auto ready = kernel.prepare(device, xTensor, 1, yTensor);
  fake.captured = stream.handle();
  EXPECT_ERROR(ready.launch(stream, xTensor, 1, yTensor), "'checked'", "can't be captured");
  fake.captured = nullptr;
  ready.launch(stream, xTensor, 1, yTensor);
  fake.captured = stream.handle();
  ready.launch(stream, xTensor, 1, yTensor);
  EXPECT_EQ(fake.launches.size(), 2u);
}
