//===- bench.cpp - How fast kernels run and compile on this processor ---*- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// \file
/// Three comparisons, at equal threads: a product of matrices of 1024 x 1024 floats against OpenBLAS, a sum of arrays of 2^26
/// floats against a plain loop, and the compiler against its own limits: the time from source to a callable kernel, and the peak
/// memory of a process that compiles and runs one product.
///
/// OpenBLAS is loaded while running, so that the build needs no more of it than its name, and so that its kernel can be pinned
/// first: left alone, some versions choose a slow one on new processors, and the environment may name one that is slow here. The
/// label says which one ran; --openblas-kernel=NAME chooses another.
///
//===----------------------------------------------------------------------===//

#include "tile/tile.h"

#include <benchmark/benchmark.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <dlfcn.h>
#include <filesystem>
#include <fstream>
#include <random>
#include <string>
#include <thread>
#include <vector>

/// c = a + b, compiled with -O3 in a file of its own.
void plainAdd(const float *a, const float *b, float *c, std::int64_t n);

static std::vector<float> normal(std::size_t count, unsigned seed) {
  std::mt19937 generator(seed);
  std::normal_distribution<float> distribution;
  std::vector<float> values(count);
  for (float &value : values)
    value = distribution(generator);
  return values;
}

static tile::Device deviceOf(const benchmark::State &state) {
  return tile::Device::cpu(static_cast<unsigned>(state.range(0)));
}

//===----------------------------------------------------------------------===//
// Matrix product
//===----------------------------------------------------------------------===//

static constexpr std::int64_t matmulSize = 1024;
static constexpr const char *matmulFile = TILE_EXAMPLES_DIR "/06-matmul/matmul.tile";

static void setFlops(benchmark::State &state) {
  state.counters["FLOP/s"] =
      benchmark::Counter(2.0 * matmulSize * matmulSize * matmulSize, benchmark::Counter::kIsIterationInvariantRate);
}

static void matmulTile(benchmark::State &state) {
  tile::Device device = deviceOf(state);
  auto kernel = tile::Program::fromFile(matmulFile).kernel("matmul");
  const std::int64_t n = matmulSize;
  std::vector<float> a = normal(n * n, 1), b = normal(n * n, 2);
  tile::Buffer aMemory(device, a), bMemory(device, b), cMemory(device, n * n * sizeof(float));
  tile::Tensor aTensor = aMemory.tensor(tile::DType::F32, {n, n}), bTensor = bMemory.tensor(tile::DType::F32, {n, n}),
               cTensor = cMemory.tensor(tile::DType::F32, {n, n});
  tile::Prepared ready = kernel.prepare(device, aTensor, bTensor, cTensor);
  tile::Stream stream(device);
  for (auto _ : state) {
    ready.launch(stream, aTensor, bTensor, cTensor);
    stream.synchronize();
  }
  setFlops(state);
}

namespace {
/// The kernel of OpenBLAS that is asked for: the fastest for this processor's vectors.
std::string openBLASKernel = __builtin_cpu_supports("avx512f") ? "SkylakeX" : "Haswell";

/// The three functions of OpenBLAS that are compared with; empty when it isn't installed.
struct OpenBLAS {
  using Sgemm = void (*)(int, int, int, int, int, int, float, const float *, int, const float *, int, float, float *,
                         int);
  Sgemm sgemm = nullptr;
  void (*setThreads)(int) = nullptr;
  const char *(*coreName)() = nullptr;

  static const OpenBLAS &get() {
    static const OpenBLAS instance = [] {
      setenv("OPENBLAS_CORETYPE", openBLASKernel.c_str(), /*overwrite=*/1);
      unsetenv("OPENBLAS_L2_SIZE");
      OpenBLAS result;
      if (void *library = dlopen("libopenblas.so.0", RTLD_NOW | RTLD_LOCAL)) {
        auto find = [&](auto &function, const char *name) {
          function = reinterpret_cast<std::remove_reference_t<decltype(function)>>(dlsym(library, name));
        };
        find(result.sgemm, "cblas_sgemm");
        find(result.setThreads, "openblas_set_num_threads");
        find(result.coreName, "openblas_get_corename");
      }
      return result;
    }();
    return instance;
  }
};
} // namespace

static void matmulOpenBLAS(benchmark::State &state) {
  const OpenBLAS &blas = OpenBLAS::get();
  if (!blas.sgemm || !blas.setThreads || !blas.coreName) {
    state.SkipWithError("libopenblas.so.0 is not installed");
    return;
  }
  blas.setThreads(static_cast<int>(state.range(0)));
  const int n = matmulSize;
  std::vector<float> a = normal(matmulSize * matmulSize, 1), b = normal(matmulSize * matmulSize, 2), c(a.size());
  constexpr int rowMajor = 101, noTranspose = 111;
  for (auto _ : state)
    blas.sgemm(rowMajor, noTranspose, noTranspose, n, n, n, 1, a.data(), n, b.data(), n, 0, c.data(), n);
  setFlops(state);
  state.SetLabel(std::string("kernel ") + blas.coreName());
}

//===----------------------------------------------------------------------===//
// Elementwise
//===----------------------------------------------------------------------===//

static constexpr std::int64_t addSize = std::int64_t(1) << 26;

static void setBytes(benchmark::State &state) {
  state.SetBytesProcessed(state.iterations() * addSize * 3 * static_cast<std::int64_t>(sizeof(float)));
}

static void addTile(benchmark::State &state) {
  tile::Device device = deviceOf(state);
  auto kernel = tile::Program::fromFile(TILE_EXAMPLES_DIR "/01-vector-add/vector_add.tile").kernel("vector_add");
  tile::Buffer a(device, std::vector<float>(addSize, 1)), b(device, std::vector<float>(addSize, 2)),
      c(device, std::vector<float>(addSize));
  tile::Tensor aTensor = a.tensor(tile::DType::F32, {addSize}), bTensor = b.tensor(tile::DType::F32, {addSize}),
               cTensor = c.tensor(tile::DType::F32, {addSize});
  tile::Prepared ready = kernel.prepare(device, aTensor, bTensor, cTensor);
  tile::Stream stream(device);
  for (auto _ : state) {
    ready.launch(stream, aTensor, bTensor, cTensor);
    stream.synchronize();
  }
  setBytes(state);
}

static void addPlain(benchmark::State &state) {
  // Memory as a buffer has it, so that nothing but the loop differs.
  tile::Device device = tile::Device::cpu();
  tile::Buffer a(device, std::vector<float>(addSize, 1)), b(device, std::vector<float>(addSize, 2)),
      c(device, std::vector<float>(addSize));
  auto at = [](const tile::Buffer &buffer, std::int64_t index) { return static_cast<float *>(buffer.data()) + index; };
  std::int64_t threads = state.range(0);
  for (auto _ : state) {
    std::vector<std::thread> others;
    for (std::int64_t i = 0; i < threads; ++i) {
      std::int64_t from = addSize * i / threads, to = addSize * (i + 1) / threads;
      auto work = [&, from, to] { plainAdd(at(a, from), at(b, from), at(c, from), to - from); };
      if (i + 1 < threads)
        others.emplace_back(work);
      else
        work();
    }
    for (std::thread &thread : others)
      thread.join();
  }
  setBytes(state);
}

//===----------------------------------------------------------------------===//
// The compiler
//===----------------------------------------------------------------------===//

/// From source to callable.
static void compileMatmul(benchmark::State &state) {
  tile::Device device = tile::Device::cpu();
  // Tensors are described, not touched.
  const std::int64_t n = matmulSize;
  tile::Buffer memory(device, 3 * n * n * sizeof(float));
  auto tensor = [&](std::int64_t index) {
    return memory.tensor(tile::DType::F32, {n, n}, index * n * n * sizeof(float));
  };
  for (auto _ : state)
    benchmark::DoNotOptimize(
        tile::Program::fromFile(matmulFile).kernel("matmul").prepare(device, tensor(0), tensor(1), tensor(2)));
}

/// What a launch costs beside the kernel's own work: checks, and waking the threads for a grid of one program.
static void launchSmall(benchmark::State &state) {
  tile::Device device = tile::Device::cpu();
  auto kernel = tile::Program::fromFile(TILE_EXAMPLES_DIR "/01-vector-add/vector_add.tile").kernel("vector_add");
  tile::Buffer memory(device, std::vector<float>(48, 1));
  tile::Tensor a = memory.tensor(tile::DType::F32, {16}), b = memory.tensor(tile::DType::F32, {16}, 64),
               c = memory.tensor(tile::DType::F32, {16}, 128);
  tile::Prepared ready = kernel.prepare(device, a, b, c);
  tile::Stream stream(device);
  for (auto _ : state)
    ready.launch(stream, a, b, c);
}

/// What the process below does: prints its peak memory in kilobytes.
static int compileAndRunOnce() {
  tile::Device device = tile::Device::cpu();
  const std::int64_t n = matmulSize;
  tile::Buffer memory(device, std::vector<float>(3 * n * n, 1));
  auto tensor = [&](std::int64_t index) {
    return memory.tensor(tile::DType::F32, {n, n}, index * n * n * sizeof(float));
  };
  tile::Stream stream(device);
  tile::Program::fromFile(matmulFile).kernel("matmul").launch(stream, tensor(0), tensor(1), tensor(2));
  stream.synchronize();
  // Not getrusage: that counts what this process was before it became this program.
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);)
    if (line.rfind("VmHWM:", 0) == 0)
      std::printf("%ld\n", std::strtol(line.c_str() + 6, nullptr, 10));
  return 0;
}

/// A whole process that compiles and runs one product, and its peak memory.
static void matmulProcess(benchmark::State &state) {
  std::string command = std::filesystem::canonical("/proc/self/exe").string() + " --compile-and-run-once";
  long peak = 0;
  for (auto _ : state) {
    FILE *child = popen(command.c_str(), "r");
    long kilobytes = 0;
    int count = child ? std::fscanf(child, "%ld", &kilobytes) : 0;
    if (!child || pclose(child) != 0 || count != 1) {
      state.SkipWithError("the process failed");
      return;
    }
    peak = std::max(peak, kilobytes);
  }
  state.counters["peak MB"] = static_cast<double>(peak) / 1024;
}

int main(int argc, char **argv) {
  if (argc == 2 && std::strcmp(argv[1], "--compile-and-run-once") == 0)
    return compileAndRunOnce();
  const std::string kernelOption = "--openblas-kernel=";
  for (int i = 1; i < argc; ++i)
    if (std::string word = argv[i]; word.rfind(kernelOption, 0) == 0) {
      openBLASKernel = word.substr(kernelOption.size());
      std::copy(argv + i + 1, argv + argc + 1, argv + i);
      --argc;
      break;
    }
  std::vector<std::int64_t> threads = {1};
  if (tile::Device::cpu().threads() > 1)
    threads.push_back(tile::Device::cpu().threads());
  struct Comparison {
    const char *name;
    void (*function)(benchmark::State &);
  };
  for (std::int64_t count : threads)
    for (const Comparison &comparison : {Comparison{"matmul 1024 f32/tile", matmulTile},
                                         {"matmul 1024 f32/OpenBLAS", matmulOpenBLAS},
                                         {"add 2^26 f32/tile", addTile},
                                         {"add 2^26 f32/loop", addPlain}})
      benchmark::RegisterBenchmark(comparison.name, comparison.function)
          ->ArgName("threads")
          ->Arg(count)
          ->UseRealTime()
          ->Unit(benchmark::kMillisecond);
  benchmark::RegisterBenchmark("compile matmul", compileMatmul)->UseRealTime()->Unit(benchmark::kMillisecond);
  benchmark::RegisterBenchmark("launch of one program", launchSmall)->UseRealTime()->Unit(benchmark::kMicrosecond);
  benchmark::RegisterBenchmark("process of one matmul", matmulProcess)->UseRealTime()->Unit(benchmark::kMillisecond);
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv))
    return 2;
  benchmark::RunSpecifiedBenchmarks();
}
