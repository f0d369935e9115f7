//===- main.cpp - Matrix product, pipelined 1 to 4 stages deep ---*- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// \file
/// The lesson: what the number of stages does. The kernel is compiled at 1, 2, 3 and 4 stages; each result is checked; a table
/// shows what each depth costs and brings, and the schedule is drawn: iterations across, time down.
///
//===----------------------------------------------------------------------===//

#include "../common.h"

#include <chrono>
#include <iostream>

/// C = A * B in double precision.
static std::vector<double> product(const std::vector<float> &a, const std::vector<float> &b, std::int64_t m,
                                   std::int64_t k, std::int64_t n) {
  std::vector<double> c(m * n);
  for (std::int64_t i = 0; i < m; ++i)
    for (std::int64_t l = 0; l < k; ++l)
      for (std::int64_t j = 0; j < n; ++j)
        c[i * n + j] += double(a[i * k + l]) * double(b[l * n + j]);
  return c;
}

/// The shortest time of several launches in milliseconds.
static double milliseconds(const tile::Prepared &ready, tile::Stream &stream, const tile::Tensor &a,
                           const tile::Tensor &b, const tile::Tensor &c) {
  double best = INFINITY;
  for (int round = 0; round < 5; ++round) {
    auto start = std::chrono::steady_clock::now();
    ready.launch(stream, a, b, c);
    stream.synchronize();
    best = std::min(best, std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start).count());
  }
  return best;
}

static bool matmul() {
  auto device = tile::Device::best();
  auto program = tile::Program::fromFile(example::file("matmul.tile"));
  tile::Stream stream(device);
  std::printf("device: %s (%s)\n", device.name().c_str(), device.description().c_str());

  const std::int64_t m = 1000, n = 1024, k = 1016;
  std::vector<float> a = example::normal(m * k, 1), b = example::normal(k * n, 2);
  std::vector<double> want = product(a, b, m, k, n);
  tile::Buffer aMemory(device, a), bMemory(device, b);
  tile::Tensor aTensor = aMemory.tensor(tile::DType::F32, {m, k}), bTensor = bMemory.tensor(tile::DType::F32, {k, n});

  bool fine = true;
  double written = 0;
  std::string table = "stages   time (ms)   speed-up   shared (bytes)   predicted II (cycles)\n";
  tile::Report report;
  for (int stages = 1; stages <= 4; ++stages) {
    auto kernel = program.kernel("matmul", {{"STAGES", stages}});
    tile::Buffer cMemory(device, m * n * sizeof(float));
    tile::Tensor cTensor = cMemory.tensor(tile::DType::F32, {m, n});
    tile::Prepared ready = kernel.prepare(device, aTensor, bTensor, cTensor);
    double time = milliseconds(ready, stream, aTensor, bTensor, cTensor);
    fine &= example::agree("matmul with " + std::to_string(stages) + " stages", example::download(cMemory), want, 3e-4);

    report = ready.report();
    if (stages == 1)
      written = time;
    char line[128];
    std::snprintf(line, sizeof line, "%6d   %9.2f   %7.2fx   %14lld   %21lld\n", stages, time, written / time,
                  static_cast<long long>(report.sharedBytes),
                  report.loops.empty() ? 0LL : static_cast<long long>(report.loops.front().initiationInterval));
    table += line;
  }

  std::cout << "\n" << report << "\n" << table << "\n" << report.schedule;
  return fine;
}

int main() { return example::run(matmul); }
