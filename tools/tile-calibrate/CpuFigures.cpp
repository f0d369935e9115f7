//===- CpuFigures.cpp - What a core does in a cycle ----------------*- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// \file
/// A processor's model says what kernels reach that this compiler makes, so kernels measure it.
///
//===----------------------------------------------------------------------===//

#include "Figures.h"
#include "tile/Tuning/Stopwatch.h"
#include "tile/tile.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <numeric>
#include <random>

using namespace tile;
using namespace tile::calibrate;

/// Kernels over tiles that stay in the nearest caches, again and again, and one over an array.
static constexpr const char *kSource = R"(
kernel copies(x: T[N], y: out T[N])
    grid (cdiv(N, 4096))
{
    let i = program(0) * 4096;
    y[i +: 4096] = x[i +: 4096];
}
kernel multiplies(x: T[64, 64], y: out T[64, 64], rounds: i64)
    grid (1)
{
    var acc = T[64, 64](0);
    for i in 0..rounds {
        acc += dot(x[0 +: 64, 0 +: 64], x[0 +: 64, 0 +: 64]);
    }
    y[0 +: 64, 0 +: 64] = acc;
}
kernel adds(x: T[1024], y: out T[1024], rounds: i64)
    grid (1)
{
    var acc = x[0 +: 1024];
    for i in 0..rounds {
        acc = acc * T(0.999) + T(0.5);
    }
    y[0 +: 1024] = acc;
}
kernel exponentials(x: T[1024], y: out T[1024], rounds: i64)
    grid (1)
{
    var acc = x[0 +: 1024];
    for i in 0..rounds {
        acc = exp(-acc);
    }
    y[0 +: 1024] = acc;
}
)";

namespace {
class Core {
public:
  Core(double clock, bool quick)
      : clock(clock), quick(quick), device(Device::cpu(1)), stream(device),
        program(Program::fromString(kSource, "calibrate.tile")) {}

  Figures operator()() {
    copying();
    add("latency of memory", "cycles", latency(), "copyLatency");
    add("dots of f32, 64 x 64 x 64", "multiply-adds a cycle", rate("multiplies", DType::F32, {64, 64}, 64.0 * 64 * 64),
        "dotRates.bits32");
    add("dots of f64", "multiply-adds a cycle", rate("multiplies", DType::F64, {64, 64}, 64.0 * 64 * 64),
        "dotRates.bits64");
    constexpr double kElements = 1024, kOperations = 2;
    add("elementwise work on f32", "operations a cycle", rate("adds", DType::F32, {1024}, kOperations * kElements),
        "aluRate");
    add("elementary functions (exp) of f32", "a cycle", rate("exponentials", DType::F32, {1024}, kElements),
        "specialRate");
    return std::move(found);
  }

private:
  void add(std::string what, std::string unit, double value, std::string field) {
    found.push_back({std::move(what), std::move(unit), value, std::move(field)});
  }

  /// The least of several times of something.
  template <typename Work>
  double secondsOf(Work work) {
    double least = INFINITY;
    for (unsigned i = 0; i < (quick ? 1U : 5U); ++i) {
      auto start = std::chrono::steady_clock::now();
      work();
      least = std::min(least, std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count());
    }
    return least;
  }

  void copying() {
    const std::int64_t elements = quick ? 1 << 16 : 1 << 26;
    const auto bytes = static_cast<std::size_t>(elements) * sizeof(float);
    Buffer from(device, bytes), to(device, bytes);
    Tensor x = from.tensor(DType::F32, {elements}), y = to.tensor(DType::F32, {elements});
    Kernel kernel = program.kernel("copies");
    kernel.launch(stream, x, y);
    stream.synchronize();
    double seconds = secondsOf([&] {
      kernel.launch(stream, x, y);
      stream.synchronize();
    });
    add("copying memory: bytes that are read", "bytes a cycle", static_cast<double>(bytes) / (seconds * clock),
        "copyBytesPerCycle");
  }

  /// Operations a cycle of a kernel's rounds: many beside few, so that what a launch takes itself doesn't count.
  double rate(const char *name, DType type, std::vector<std::int64_t> shape, double operations) {
    std::int64_t elements = std::accumulate(shape.begin(), shape.end(), std::int64_t(1), std::multiplies<>());
    constexpr std::size_t kMost = 8;
    Buffer from(device, static_cast<std::size_t>(elements) * kMost),
        to(device, static_cast<std::size_t>(elements) * kMost);
    std::fill_n(static_cast<char *>(from.data()), from.size(), 0);
    Tensor x = from.tensor(type, shape), y = to.tensor(type, shape);
    Kernel kernel = program.kernel(name);
    auto run = [&](std::int64_t rounds) {
      return secondsOf([&] {
        kernel.launch(stream, x, y, rounds);
        stream.synchronize();
      });
    };
    const std::int64_t many = quick ? 16 : static_cast<std::int64_t>(3e9 / (operations * 16)) + 16;
    run(1);
    double few = run(1), all = run(many);
    return operations * static_cast<double>(many - 1) / (std::max(all - few, 1e-9) * clock);
  }

  /// Cycles from one access of a chain through more than any cache to the next.
  double latency() {
    constexpr std::size_t kLine = 256;
    struct alignas(kLine) Link {
      std::size_t next;
    };
    std::vector<std::size_t> order((quick ? std::size_t(1) << 20 : std::size_t(1) << 28) / kLine);
    std::iota(order.begin(), order.end(), 0);
    std::shuffle(order.begin(), order.end(), std::mt19937_64(1));
    std::vector<Link> chain(order.size());
    for (std::size_t i = 0; i < order.size(); ++i)
      chain[order[i]].next = order[(i + 1) % order.size()];
    const std::size_t steps = order.size() / 4;
    std::size_t at = 0;
    double seconds = secondsOf([&] {
      for (std::size_t i = 0; i < steps; ++i)
        at = chain[at].next;
    });
    // The walk's end is of use, so that it is walked.
    return at == order.size() ? 0 : seconds * clock / static_cast<double>(steps);
  }

  double clock;
  bool quick;
  Device device;
  Stream stream;
  Program program;
  Figures found;
};
} // namespace

Figures calibrate::measureProcessor(double clock, bool quick) { return Core(clock, quick)(); }
