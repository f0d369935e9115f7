//===- BenchRun.h - One run of tile-bench -----------------------*- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef TILE_LIB_TUNING_BENCHRUN_H
#define TILE_LIB_TUNING_BENCHRUN_H

#include "Configurations.h"
#include "tile/Program.h"
#include "tile/Runtime/Compiler.h"
#include "tile/Tuning/Bench.h"
#include "tile/Tuning/Stopwatch.h"
#include "tile/Tuning/Timeline.h"

namespace tile::tuning {

/// A configuration with its code.
struct Candidate {
  Configuration configuration;
  std::optional<Prepared> code;
  unsigned launches = 1;
};

/// Measures what was asked for, once.
class Run {
public:
  Run(const Request &request, const std::function<void(const std::string &)> &progress, const std::atomic<bool> &stop)
      : request(request), progress(progress), stop(stop), kernel(findKernel(request)),
        program(Program::fromString(request.text, request.source)), stream(request.device), watch(stream),
        target(request.planFor.empty() ? request.device.target() : request.planFor) {
    kernel.overrides = request.overrides;
  }

  Experiment operator()();

private:
  // The problem, and what is left open: Bench.cpp.
  llvm::ArrayRef<lang::Argument> arguments() const { return call->arguments(); }
  void makeProblem(const Configuration &first);
  /// Gives values to what is left open: the same for all stage counts.
  void choose(std::vector<Configuration> &configurations);
  /// Throws when stages are to be those of loops, and there is none.
  void checkLoops(const Configuration &first) const;
  void describe();

  // Compiling: BenchCode.cpp.
  void addRow(Configuration configuration);
  static void fail(Row &row, std::string reason);
  Kernel kernelOf(const Configuration &configuration) const;
  /// The code of a configuration. Throws Error.
  Prepared codeOf(const Configuration &configuration);
  void prepare(Candidate &candidate, Row &row);
  /// A compilation of a configuration for the target, and its grid. Throws Error when the arguments don't suit it.
  std::unique_ptr<runtime::Compilation> compilationOf(const Configuration &configuration,
                                                      std::array<std::int64_t, 3> &grid) const;
  /// What the kernel computes, and how long the model says that it takes.
  void askModel(const Configuration &configuration, Row &row);
  /// Tiles that hang over an edge count as whole ones, so that of several configurations the least count is the truest.
  void countWork(ir::KernelOp written, const std::array<std::int64_t, 3> &grid);

  // Running: Bench.cpp.
  std::vector<std::string> resultsOf(const Prepared &code);
  /// Compares results with those of the same configuration without pipelining.
  void check();
  /// A configuration leaves a chip warm or cool, and caches full, for the next: each round has another order.
  void time();
  void compare();

  // What tuning found: BenchTuned.cpp.
  /// Has the open values searched, and takes what was found for rows.
  void tune(llvm::ArrayRef<Configuration> given);
  /// A row of what tuning found.
  void addTuned(const TuneRow &tuned);
  /// What the fastest computes, and whatever else is said of one configuration.
  void examineBest(std::size_t best);

  // The schedule: BenchSchedule.cpp.
  /// The kernel in each of its phases, and its schedule.
  void keepPhases(const Configuration &configuration);
  /// The row whose schedule is measured: the recommended one, else the fastest.
  std::optional<std::size_t> timelineRow() const;
  /// Measures the schedule of one row. What can't be measured doesn't take the rest along.
  void recordTimeline();
  Timeline timelineOf(const Candidate &candidate);

  const Request &request;
  const std::function<void(const std::string &)> &progress;
  const std::atomic<bool> &stop;
  runtime::KernelRef kernel;
  Program program;
  Stream stream;
  Stopwatch watch;
  std::string target;
  std::optional<Problem> problem;
  std::optional<runtime::Call> call;
  std::vector<Candidate> candidates;
  Experiment found;
};

} // namespace tile::tuning

#endif // TILE_LIB_TUNING_BENCHRUN_H
