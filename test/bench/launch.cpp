//===- launch.cpp - What a launch on a GPU costs the host ---------*- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// \file
/// Times launches of a prepared kernel beside `cuLaunchKernel` itself with as many bytes of parameters, in turns, so that both see the
/// same machine. The queue is emptied before each turn and never full; the kernel of either side does next to nothing. Prints the median
/// of each and of their difference over the turns; exits with 1 when that is above a microsecond.
///
/// The third line is for launches that find their specialisation themselves.
///
//===----------------------------------------------------------------------===//

#include "tile/tile.h"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <dlfcn.h>
#include <string>
#include <vector>

/// Three views and a scalar: c = a + s * b.
static constexpr const char *source = R"(kernel axpy(a: f32[N], b: f32[N], s: f32, c: out f32[N])
    grid (cdiv(N, 128))
{
    let i = program(0) * 128;
    c[i +: 128] = a[i +: 128] + s * b[i +: 128];
}
)";
/// Base, extent and stride of each view, the scalar, and the grid's three extents.
static constexpr int words = 3 * 3 + 1 + 3;

namespace {
/// The driver without this library, as its users have it.
struct Driver {
  Driver() {
    const char *path = std::getenv("TILE_CUDA_DRIVER");
    void *library = dlopen(path ? path : "libcuda.so.1", RTLD_NOW | RTLD_LOCAL);
    auto find = [&](auto &function, const char *name) {
      function =
          reinterpret_cast<std::remove_reference_t<decltype(function)>>(library ? dlsym(library, name) : nullptr);
      if (!function) {
        std::fprintf(stderr, "the CUDA driver has no '%s'\n", name);
        std::exit(2);
      }
    };
    find(contextPush, "cuCtxPushCurrent_v2");
    find(libraryLoadData, "cuLibraryLoadData");
    find(libraryGetKernel, "cuLibraryGetKernel");
    find(kernelGetFunction, "cuKernelGetFunction");
    find(launchKernel, "cuLaunchKernel");
  }

  int (*contextPush)(void *context);
  int (*libraryLoadData)(void **library, const void *code, void *, void *, unsigned, void *, void *, unsigned);
  int (*libraryGetKernel)(void **kernel, void *library, const char *name);
  int (*kernelGetFunction)(void **function, void *kernel);
  int (*launchKernel)(void *function, unsigned, unsigned, unsigned, unsigned, unsigned, unsigned, unsigned,
                      void *stream, void **parameters, void **extra);
};
} // namespace

/// A kernel that takes as many parameters and returns.
static void *emptyKernel(const Driver &driver) {
  std::string ptx = ".version 7.1\n.target sm_80\n.address_size 64\n.visible .entry nothing(";
  for (int i = 0; i < words; ++i)
    ptx += (i ? ", " : "") + std::string(".param .u64 p") + std::to_string(i);
  ptx += ") { ret; }\n";
  void *library = nullptr, *kernel = nullptr, *function = nullptr;
  if (driver.libraryLoadData(&library, ptx.c_str(), nullptr, nullptr, 0, nullptr, nullptr, 0) ||
      driver.libraryGetKernel(&kernel, library, "nothing") || driver.kernelGetFunction(&function, kernel)) {
    std::fprintf(stderr, "the empty kernel can't be loaded\n");
    std::exit(2);
  }
  return function;
}

static double median(std::vector<double> values) {
  std::nth_element(values.begin(), values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2), values.end());
  return values[values.size() / 2];
}

int main() try {
  tile::Device device = tile::Device::cuda();
  tile::Stream stream(device);
  Driver driver;
  driver.contextPush(device.context());
  void *function = emptyKernel(driver);

  constexpr std::int64_t n = 1024;
  tile::Buffer a(device, n * 4), b(device, n * 4), c(device, n * 4);
  tile::Tensor aTensor = a.tensor(tile::DType::F32, {n}), bTensor = b.tensor(tile::DType::F32, {n}),
               cTensor = c.tensor(tile::DType::F32, {n});
  auto kernel = tile::Program::fromString(source).kernel("axpy");
  auto ready = kernel.prepare(device, aTensor, bTensor, 2.0f, cTensor);
  auto threads = static_cast<unsigned>(ready.report().threads);

  // Fewer than a queue takes.
  constexpr int count = 200, turns = 300;
  auto time = [&](auto launch) {
    stream.synchronize();
    auto start = std::chrono::steady_clock::now();
    for (int i = 0; i < count; ++i)
      launch();
    std::chrono::duration<double, std::micro> spent = std::chrono::steady_clock::now() - start;
    return spent.count() / count;
  };
  std::uint64_t parameters[words] = {};
  std::size_t bytes = sizeof(parameters);
  void *extra[] = {reinterpret_cast<void *>(1), parameters, reinterpret_cast<void *>(2), &bytes, nullptr};
  std::vector<double> raw, prepared, found, difference, foundDifference;
  for (int turn = 0; turn < turns; ++turn) {
    raw.push_back(
        time([&] { driver.launchKernel(function, n / 128, 1, 1, threads, 1, 1, 0, stream.handle(), nullptr, extra); }));
    prepared.push_back(time([&] { ready.launch(stream, aTensor, bTensor, 2.0f, cTensor); }));
    found.push_back(time([&] { kernel.launch(stream, aTensor, bTensor, 2.0f, cTensor); }));
    difference.push_back(prepared.back() - raw.back());
    foundDifference.push_back(found.back() - raw.back());
  }
  stream.synchronize();
  std::printf("%s\n", device.description().c_str());
  std::printf("cuLaunchKernel, %zu bytes of parameters   %.3f us\n", bytes, median(raw));
  std::printf("Prepared::launch                          %.3f us, %+.3f\n", median(prepared), median(difference));
  std::printf("Kernel::launch                            %.3f us, %+.3f\n", median(found), median(foundDifference));
  return median(difference) > 1.0;
} catch (const std::exception &error) {
  std::fprintf(stderr, "%s\n", error.what());
  return 2;
}
