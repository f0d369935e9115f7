//===- Machine.cpp - What the machine that runs can do -------------*- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "tile/Tuning/Machine.h"
#include "tile/Error.h"
#include "tile/Pipeline/MachineModel.h"
#include "tile/Program.h"
#include "tile/Runtime/DeviceImpl.h"
#include "tile/Tuning/Stopwatch.h"

#include <llvm/TargetParser/Host.h>

#include <chrono>
#include <cmath>

using namespace tile;
using namespace tile::tuning;

/// Cycles a second of the core that this thread runs on: a chain of operations of a cycle each, none of which can start before the one
/// before it.
static double measureClock() {
  constexpr unsigned kSteps = 1 << 20, kCyclesOfStep = 6, kTries = 5;
  double best = 0;
  std::uint64_t value = 88172645463325252;
  for (unsigned i = 0; i < kTries; ++i) {
    auto start = std::chrono::steady_clock::now();
    for (unsigned step = 0; step < kSteps; ++step) {
      value ^= value << 13;
      value ^= value >> 7;
      value ^= value << 17;
    }
    double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    // The result is of use, so that the chain isn't dropped.
    if (value != 0)
      best = std::max(best, kSteps * kCyclesOfStep / seconds);
  }
  return best;
}

/// Bytes a second that a copy of arrays larger than any cache reads and writes; 0 when it would take too long, or fails.
static double measureCopy(const Device &device) {
  static constexpr const char *kSource = "kernel copy(x: f32[N], y: out f32[N])\n    grid (cdiv(N, 4096))\n{\n"
                                         "    let i = program(0) * 4096;\n    y[i +: 4096] = x[i +: 4096];\n}\n";
  constexpr std::int64_t kLarge = 1 << 25, kSmall = 1 << 16;
  try {
    Kernel kernel = Program::fromString(kSource, "copy.tile").kernel("copy");
    Stream stream(device);
    Stopwatch watch(stream);
    double best = 0;
    for (std::int64_t elements : {kSmall, kLarge}) {
      Buffer from(device, elements * sizeof(float)), to(device, elements * sizeof(float));
      Tensor x = from.tensor(DType::F32, {elements}), y = to.tensor(DType::F32, {elements});
      Prepared ready = kernel.prepare(device, x, y);
      constexpr unsigned kTries = 3;
      double seconds = INFINITY;
      for (unsigned i = 0; i < kTries; ++i)
        seconds = std::min(seconds, watch.time([&] { ready.launch(stream, x, y); }, 1));
      // An emulated device.
      constexpr double kPatience = 1e-3;
      if (elements == kSmall && seconds > kPatience)
        return 0;
      best = 2 * sizeof(float) * static_cast<double>(elements) / seconds;
    }
    return best;
  } catch (const std::exception &) {
    return 0;
  }
}

double tuning::clockOf(const Device &device) {
  constexpr double kHertz = 1e3;
  if (const driver::Gpu *gpu = device.get()->gpu.get())
    return gpu->attribute(driver::DeviceAttribute::ClockRate) * kHertz;
  return measureClock();
}

Machine tuning::examineMachine(const Device &device) {
  Machine machine;
  machine.device = device.name();
  machine.description = device.description();
  machine.target = device.target();
  machine.count = device.threads();
  machine.copyBytes = measureCopy(device);
  machine.clock = clockOf(device);
  if (const driver::Gpu *gpu = device.get()->gpu.get()) {
    constexpr double kHertz = 1e3, kTransfersOfClock = 2, kBitsOfByte = 8;
    machine.clockSource = machine.clock > 0 ? "the driver's highest" : "";
    machine.memoryBytes = gpu->attribute(driver::DeviceAttribute::MemoryClockRate) * kHertz * kTransfersOfClock *
                          gpu->attribute(driver::DeviceAttribute::MemoryBusWidth) / kBitsOfByte;
    machine.cacheBytes = gpu->attribute(driver::DeviceAttribute::L2Bytes);
  } else {
    machine.clockSource = "measured";
  }
  if (machine.memoryBytes <= 0)
    machine.memoryBytes = machine.copyBytes;
  return machine;
}

/// Elements of 32 bits in a vector of the host.
static double lanesOfHost() {
  llvm::StringMap<bool> features = llvm::sys::getHostCPUFeatures();
  return features.lookup("avx512f") ? 16 : features.lookup("avx2") ? 8 : 4;
}

Peaks tuning::peaksOf(const Machine &machine) {
  const pipeline::MachineModel *model = pipeline::MachineModel::find(machine.target);
  if (!model || machine.clock <= 0)
    return {};
  double all = machine.clock * static_cast<double>(machine.count);
  if (machine.target == "cpu") {
    // The model has what a product reaches. A roof is what none surpasses: two vector units.
    constexpr double kUnits = 2;
    double lanes = kUnits * lanesOfHost();
    return {lanes / 2 * all, lanes * all, lanes * all, lanes * all, lanes * all, model->specialRate * all};
  }
  // Exact products of f32 don't take the tensor cores.
  const pipeline::DotRates &own = model->dotRates;
  const pipeline::DotRates &rates = model->tensor.dotRates.bits16 > 0 ? model->tensor.dotRates : own;
  return {own.bits64 * all,  own.bits32 * all,     rates.bits16 * all,
          rates.bits8 * all, model->aluRate * all, model->specialRate * all};
}
