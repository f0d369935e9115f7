//===- Bench.h - Measures a kernel over its configurations ---------*- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef TILE_TUNING_BENCH_H
#define TILE_TUNING_BENCH_H

#include "tile/Tuning/Experiment.h"
#include "tile/Tuning/Problem.h"

#include <atomic>
#include <functional>

namespace tile::tuning {

/// What is to be measured.
struct Request {
  /// The file's text, and its name in messages.
  std::string text, source;
  /// Empty when the source has only one.
  std::string kernel;
  ProblemOptions problem;
  /// Types by name were left to the device: f32 on a processor, bf16 on a GPU.
  bool typesByDevice = true;
  /// Values of parameters; all combinations are measured.
  std::vector<NamedValues> values;
  /// Of the parameters that the kernel uses for stages, or, where it has none, of its loops. Empty leaves them to the compiler.
  std::vector<std::int64_t> stages;
  /// Values in which a second configuration differs from the only first one.
  std::vector<NamedValues> compare;
  Device device = Device::cpu();
  /// The machine that schedules are planned for; empty means the device's own.
  std::string planFor;
  /// What the compiler would else decide of products.
  lang::Overrides overrides;
  unsigned rounds = 7;
  /// Measure the schedule of the recommended configuration, too.
  bool timeline = false;
  /// Seconds to search what is left open, instead of measuring all that is given.
  std::optional<double> tune;
  std::string command;
};

/// Measures: compiles every configuration, checks it beside the unpipelined program, and times all of them by turns. Whatever fails is a
/// row that says why. Says what it is doing by `progress`, and ends early with what it has once `stop` is true. Throws Error when there
/// is nothing to measure: no such kernel, no such name, contradictory values. With `tune`, rows are those of tile::tune, and the best is
/// remembered as that says.
Experiment measure(const Request &request, const std::function<void(const std::string &)> &progress,
                   const std::atomic<bool> &stop);

} // namespace tile::tuning

#endif // TILE_TUNING_BENCH_H
