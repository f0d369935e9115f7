//===- CudaErrorTest.cpp - Each error of a GPU, by name -----------*- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "CudaTest.h"

using namespace api;

namespace {
class CudaErrorTest : public CudaTest {
protected:
  tile::Device device = tile::Device::cuda();
  tile::Stream stream{device};
  tile::Kernel kernel = tile::Program::fromString(scaleSource, "test.tile").kernel("scale");
  tile::Buffer x{device, 4000}, y{device, 4000};
  tile::Tensor xTensor = x.tensor(tile::DType::F32, {1000}), yTensor = y.tensor(tile::DType::F32, {1000});

  void launch() { kernel.launch(stream, xTensor, 2.0f, yTensor); }
};

/// Each in a process of its own, which has no driver yet.
class CudaMissingDeathTest : public testing::Test {
protected:
  void SetUp() override { GTEST_FLAG_SET(death_test_style, "threadsafe"); }

  /// Prints what Device::cuda says, and the device that best() finds then.
  [[noreturn]] static void tryDevice() {
    std::string error = thrown([] { tile::Device::cuda(); });
    std::fprintf(stderr, "[%s] best: %s\n", error.c_str(), tile::Device::best().name().c_str());
    std::exit(0);
  }
};
} // namespace

//===----------------------------------------------------------------------===//
// Drivers and devices
//===----------------------------------------------------------------------===//

TEST_F(CudaMissingDeathTest, NoDriver) {
  EXPECT_EXIT(
      {
        tile::Device::setCudaDriver("/nowhere/libcuda.so.1");
        tryDevice();
      },
      testing::ExitedWithCode(0), "there is no CUDA driver: /nowhere/libcuda.so.1.*best: cpu");
}

TEST_F(CudaMissingDeathTest, TheEnvironmentNamesTheDriver) {
  EXPECT_EXIT(
      {
        setenv("TILE_CUDA_DRIVER", "/elsewhere/libcuda.so.1", 1);
        tryDevice();
      },
      testing::ExitedWithCode(0), "no CUDA driver: /elsewhere/libcuda.so.1");
  EXPECT_EXIT(
      {
        setenv("TILE_CUDA_DRIVER", TILE_FAKE_CUDA, 1);
        tryDevice();
      },
      testing::ExitedWithCode(0), "\\[\\] best: cuda:0");
}

TEST_F(CudaMissingDeathTest, ALibraryThatIsNoDriver) {
  EXPECT_EXIT(
      {
        tile::Device::setCudaDriver("libm.so.6");
        tryDevice();
      },
      testing::ExitedWithCode(0), "'libm.so.6' has no 'cuInit'; CUDA 12.0 is needed, driver 525 or later.*best: cpu");
}

TEST_F(CudaMissingDeathTest, NoDevice) {
  EXPECT_EXIT(
      {
        setenv("FAKE_CUDA_INIT", "100", 1);
        tile::Device::setCudaDriver(TILE_FAKE_CUDA);
        tryDevice();
      },
      testing::ExitedWithCode(0), "there is a CUDA driver and no device for it: CUDA_ERROR_NO_DEVICE.*best: cpu");
}

TEST_F(CudaMissingDeathTest, ADriverThatDoesNotStart) {
  EXPECT_EXIT(
      {
        setenv("FAKE_CUDA_INIT", "999", 1);
        tile::Device::setCudaDriver(TILE_FAKE_CUDA);
        tryDevice();
      },
      testing::ExitedWithCode(0), "can't be initialised: CUDA_ERROR_UNKNOWN .the fake's text.*best: cpu");
}

TEST_F(CudaMissingDeathTest, ADriverThatIsTooOldForTheLibrary) {
  EXPECT_EXIT(
      {
        setenv("FAKE_CUDA_VERSION", "11040", 1);
        tile::Device::setCudaDriver(TILE_FAKE_CUDA);
        tryDevice();
      },
      testing::ExitedWithCode(0), "is made for CUDA 11.4; CUDA 12.0 is needed, driver 525 or later.*best: cpu");
}

/// Prepares a kernel for a driver of CUDA 12.0 whose code is of PTX 8.3; prints the error.
[[noreturn]] static void tryNewerCode() {
  setenv("FAKE_CUDA_VERSION", "12000", 1);
  tile::Device::setCudaDriver(TILE_FAKE_CUDA);
  tile::setCache({.folder = {}, .enabled = false});
  tile::runtime::ptxSource() = [](tile::runtime::Compilation &) {
    tile::nvptx::Image image;
    image.ptx = ".version 8.3";
    image.entry = "scale";
    image.ptxVersion = 83;
    return image;
  };
  tile::Device device = tile::Device::cuda();
  tile::Tensor tensor(reinterpret_cast<float *>(4096), {10}), other(reinterpret_cast<float *>(8192), {10});
  auto kernel = tile::Program::fromString(scaleSource).kernel("scale");
  std::fprintf(stderr, "%s", thrown([&] { kernel.prepare(device, tensor, 1.0f, other); }).c_str());
  std::exit(0);
}

TEST_F(CudaMissingDeathTest, ADriverThatIsTooOldForTheCode) {
  EXPECT_EXIT(tryNewerCode(), testing::ExitedWithCode(0),
              "is made for CUDA 12.0, and code in PTX 8.3 needs CUDA 12.3, driver 545 or later");
}

TEST_F(CudaErrorTest, ADriverInUseIsNotChanged) {
  EXPECT_ERROR(tile::Device::setCudaDriver("/nowhere/libcuda.so.1"), "is in use");
}

TEST_F(CudaErrorTest, NoSuchDevice) {
  EXPECT_ERROR(tile::Device::cuda(2), "no CUDA device 2", "devices 0 to 1");
  EXPECT_ERROR(tile::Device::cuda(-1), "no CUDA device -1");
  EXPECT_ERROR(tile::Device::byName("cuda:7"), "no CUDA device 7");
  EXPECT_ERROR(tile::Device::byName("cuda:x"), "no device 'cuda:x'", "'cuda:1'");
  fake.devices = 1;
  EXPECT_ERROR(tile::Device::cuda(1), "there is device 0");
}

TEST_F(CudaErrorTest, ADeviceThatIsTooOld) {
  fake.devices = 5;
  fake.major = 7;
  EXPECT_ERROR(tile::Device::cuda(4), "device 4, 'Fake 4', is too old", "sm_70", "sm_80");
}

TEST_F(CudaErrorTest, ADeviceThatCannotBeUsed) {
  fake.devices = 6;
  fake.primaryContext = 999;
  EXPECT_ERROR(tile::Device::cuda(5), "device 5 can't be used", "CUDA_ERROR_UNKNOWN");
  fake.primaryContext = 0;
  EXPECT_EQ(tile::Device::cuda(5).name(), "cuda:5");
}

TEST_F(CudaErrorTest, PlansForOtherMachinesAreRefused) {
  auto program = tile::Program::fromString(scaleSource);
  auto prepare = [&](const char *target) {
    program.kernel("scale", {}, {.checked = false, .planFor = target}).prepare(device, xTensor, 1.0f, yTensor);
  };
  EXPECT_ERROR(prepare("cpu"), "planned for 'cpu'", "a GPU");
  EXPECT_ERROR(prepare("sm_100"), "planned for 'sm_100'", "sm_90");
  EXPECT_EQ(thrown([&] { prepare("sm_80"); }), "");
}

//===----------------------------------------------------------------------===//
// Memory
//===----------------------------------------------------------------------===//

TEST_F(CudaErrorTest, OutOfMemory) {
  EXPECT_ERROR(tile::Buffer(device, std::size_t(1) << 40), "out of memory", "1099511627776 bytes", "Fake 0",
               "of 1073741824", "CUDA_ERROR_OUT_OF_MEMORY");
  EXPECT_EQ(fake.currentContext(), nullptr);
}

TEST_F(CudaErrorTest, HostPointers) {
  std::vector<float> host(1000);
  tile::Tensor hostTensor(host.data(), {1000});
  for (int attempt = 0; attempt < 2; ++attempt) {
    EXPECT_ERROR(kernel.launch(stream, hostTensor, 2.0f, yTensor), "test.tile:1:", "argument 'x'", "one of the host");
    EXPECT_ERROR(kernel.launch(stream, xTensor, 2.0f, hostTensor), "argument 'y'", "one of the host");
  }
  auto ready = kernel.prepare(device, hostTensor, 2.0f, yTensor);
  EXPECT_ERROR(ready.launch(stream, hostTensor, 2.0f, yTensor), "argument 'x'", "one of the host");
  EXPECT_TRUE(fake.launches.empty());
  // What is locked and mapped can be used.
  fake.mapHost(host.data(), 4000);
  ready.launch(stream, hostTensor, 2.0f, yTensor);
  EXPECT_EQ(fake.launches.size(), 1u);
}

TEST_F(CudaErrorTest, MemoryThatWasFreed) {
  auto other = std::make_unique<tile::Buffer>(device, 4000);
  tile::Tensor freed = other->tensor(tile::DType::F32, {1000});
  kernel.launch(stream, freed, 2.0f, yTensor);
  other.reset();
  EXPECT_ERROR(kernel.launch(stream, freed, 2.0f, yTensor), "argument 'x'", "was freed");
}

TEST_F(CudaErrorTest, EverythingThatALaunchRefuses) {
  tile::Tensor wrongType = x.tensor(tile::DType::I32, {1000}), wrongRank = x.tensor(tile::DType::F32, {10, 100}),
               wrongExtent = x.tensor(tile::DType::F32, {999}), null(static_cast<float *>(nullptr), {1000}),
               constant(static_cast<const float *>(y.data()), {1000}),
               unaligned(static_cast<void *>(static_cast<char *>(x.data()) + 2), tile::DType::F32, {999});
  auto ready = kernel.prepare(device, xTensor, 2.0f, yTensor);
  for (bool prepared : {false, true}) {
    auto run = [&](const tile::Argument &a, const tile::Argument &b, const tile::Argument &c) {
      std::array<tile::Argument, 3> arguments = {a, b, c};
      prepared ? ready.launchWith(stream, arguments) : kernel.launchWith(stream, arguments);
    };
    EXPECT_ERROR(run(wrongType, 2, yTensor), "'y'", "f32", "i32");
    EXPECT_ERROR(run(wrongRank, 2.0f, yTensor), "'x'", "1 axis");
    EXPECT_ERROR(run(wrongExtent, 2.0f, yTensor), "'N'", "999");
    EXPECT_ERROR(run(null, 2.0f, yTensor), "null pointer");
    EXPECT_ERROR(run(xTensor, 2.0f, constant), "const");
    EXPECT_ERROR(run(xTensor, 2.0f, xTensor), "overlaps");
    EXPECT_ERROR(run(unaligned, 2.0f, y.tensor(tile::DType::F32, {999})), "aligned");
    EXPECT_ERROR(run(xTensor, true, yTensor), "'s'", "bool");
    EXPECT_ERROR(run(xTensor, std::nullopt, yTensor), "'s'");
  }
  EXPECT_ERROR(ready.launch(stream, x.tensor(tile::DType::F32, {900}, 4), 2.0f, y.tensor(tile::DType::F32, {900}, 4)),
               "does not have the layout");
  EXPECT_TRUE(fake.launches.empty());
}

TEST_F(CudaErrorTest, GridsAboveTheLimit) {
  auto wide =
      tile::Program::fromString("kernel wide(x: f32[M, N], y: out f32[1]) grid (M, N) { y[0] = 1.0; }\n", "w.tile")
          .kernel("wide");
  tile::Tensor huge(static_cast<float *>(x.data()), {1 << 16, 1 << 15}, {0, 0});
  EXPECT_ERROR(wide.launch(stream, huge, y.tensor(tile::DType::F32, {1})), "w.tile:1:", "2147483648 programs",
               "2^31 - 1");
  EXPECT_TRUE(fake.launches.empty());
}

//===----------------------------------------------------------------------===//
// Code
//===----------------------------------------------------------------------===//

TEST_F(CudaErrorTest, CodeThatTheDriverRefuses) {
  fake.link = 218;
  fake.errorLog = "ptxas application ptx input, line 7; error   : Unknown symbol 'foo'";
  for (int attempt = 0; attempt < 2; ++attempt)
    EXPECT_ERROR(launch(), "does not accept the code of 'scale'", "CUDA_ERROR_INVALID_PTX",
                 "line 7; error   : Unknown symbol 'foo'");
  fake.link = 0;
  launch();
  EXPECT_EQ(fake.ptx, ".version 8.0 // scale");
}

TEST_F(CudaErrorTest, CodeThatIsNewerThanTheDriverSays) {
  fake.link = 222;
  EXPECT_ERROR(launch(), "the CUDA driver is too old", "PTX 8.0 needs CUDA 12.0, driver 525");
}

TEST_F(CudaErrorTest, CodeThatCannotBeLoaded) {
  fake.load = 2;
  EXPECT_ERROR(launch(), "the code of 'scale' can't be loaded", "CUDA_ERROR_OUT_OF_MEMORY");
}

TEST_F(CudaErrorTest, MoreSharedMemoryThanThereIs) {
  sharedBytes = 300000;
  EXPECT_ERROR(launch(), "'scale' needs 300000 bytes of shared memory", "232448");
}

//===----------------------------------------------------------------------===//
// Failures of what ran
//===----------------------------------------------------------------------===//

TEST_F(CudaErrorTest, ALaunchThatFails) {
  launch();
  fake.launch = 1;
  EXPECT_ERROR(launch(), "'scale' can't be launched", "CUDA_ERROR_INVALID_VALUE (the fake's text)");
  fake.launch = 0;
  launch();
}

TEST_F(CudaErrorTest, StickyErrorsAreSaidToBeOfEarlierWork) {
  // A device of its own: the error stays with it.
  tile::Device broken = tile::Device::fromCudaContext(fake.makeContext(0));
  tile::Stream queue(broken);
  tile::Buffer u(broken, 4000), v(broken, 4000);
  auto run = [&] {
    kernel.launch(queue, u.tensor(tile::DType::F32, {1000}), 1.0f, v.tensor(tile::DType::F32, {1000}));
  };
  run();
  fake.synchronize = 700;
  EXPECT_ERROR(queue.synchronize(), "launches on the stream have failed",
               "CUDA_ERROR_ILLEGAL_ADDRESS (an illegal memory access was encountered)", "a kernel that ran",
               "start a new process");
  fake.launch = 700;
  EXPECT_ERROR(run(), "'scale' can't be launched", "CUDA_ERROR_ILLEGAL_ADDRESS", "left by earlier work");
  fake.copy = 700;
  float value;
  EXPECT_ERROR(u.download(&value, 4), "memory can't be copied", "left by earlier work");
}

TEST_F(CudaErrorTest, AStickyErrorAtALaunchIsOfEarlierWork) {
  tile::Device broken = tile::Device::fromCudaContext(fake.makeContext(0));
  tile::Stream queue(broken);
  tile::Buffer u(broken, 4000), v(broken, 4000);
  fake.launch = 719;
  EXPECT_ERROR(kernel.launch(queue, u.tensor(tile::DType::F32, {1000}), 1.0f, v.tensor(tile::DType::F32, {1000})),
               "CUDA_ERROR_LAUNCH_FAILED", "ran on the device before");
}
