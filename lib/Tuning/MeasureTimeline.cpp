//===- MeasureTimeline.cpp - Runs a build that writes its schedule down *- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "tile/Error.h"
#include "tile/Tuning/Experiment.h"
#include "tile/Tuning/Problem.h"
#include "tile/Tuning/Stopwatch.h"
#include "tile/Tuning/Timeline.h"

using namespace tile;
using namespace tile::tuning;

/// Throws unless the instrumented build writes what the plain one does.
static void checkResults(const TimelineRequest &request, runtime::InstrumentedKernel &recorded, Problem &problem,
                         Stream &stream) {
  auto resultsOf = [&](llvm::function_ref<void()> launch) {
    problem.reset();
    launch();
    stream.synchronize();
    return problem.results();
  };
  std::vector<std::string> wanted = resultsOf([&] { request.plain.launchWith(stream, problem.arguments()); });
  // Both do the same arithmetic; only what a kernel leaves to chance may differ.
  constexpr double kTolerable = 0.05;
  if (!(problem.errorOf(resultsOf([&] { recorded.launch(stream); }), wanted) <= kTolerable))
    throw Error("the instrumented build writes other results than the plain one");
}

/// The instrumented build and the plain one by turns.
static void timeSlowdown(const TimelineRequest &request, runtime::InstrumentedKernel &recorded, Problem &problem,
                         Stream &stream, Stopwatch &watch, const std::atomic<bool> &stop, Timeline &timeline) {
  Row ratios;
  for (unsigned round = 0; round <= request.rounds && !stop; ++round) {
    double plain = watch.time([&] { request.plain.launchWith(stream, problem.arguments()); }, request.launches);
    double instrumented = watch.time([&] { recorded.launch(stream); }, request.launches);
    if (round > 0)
      ratios.samples.push_back(instrumented / plain);
  }
  if (ratios.samples.empty())
    return;
  timeline.slowdown = ratios.median();
  timeline.slowdownLow = ratios.low();
  timeline.slowdownHigh = ratios.high();
}

Timeline tuning::measureTimeline(const TimelineRequest &request, Problem &problem, Stream &stream, Stopwatch &watch,
                                 const std::atomic<bool> &stop) {
  const Device &device = stream.device();
  runtime::InstrumentedKernel recorded(device, request.kernel, request.options, problem.arguments());
  Timeline timeline;
  if (!recorded.plan().sites.empty()) {
    // Some programs of the first wave and of later ones, and no more iterations than somebody looks at.
    constexpr std::uint64_t kPrograms = 4, kMostIterations = 4096;
    problem.reset();
    runtime::Recording recording = recorded.record(stream, kPrograms, kMostIterations);
    timeline = readTimeline(recording, recorded.plan(), device.context() != nullptr, request.clock);
    timeline.perCycle = request.isOwn ? timeline.perCycle : 0;
    timeline.atOnce = std::max(1, recorded.report().programsAtOnce);
    checkResults(request, recorded, problem, stream);
    timeSlowdown(request, recorded, problem, stream, watch, stop, timeline);
  }
  judgeTimeline(timeline, request.schedule);
  return timeline;
}
