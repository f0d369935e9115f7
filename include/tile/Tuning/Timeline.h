//===- Timeline.h - The schedule as it was measured ----------------*- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef TILE_TUNING_TIMELINE_H
#define TILE_TUNING_TIMELINE_H

#include "tile/Pipeline/ScheduleModel.h"
#include "tile/Runtime/Instrumented.h"

#include <atomic>
#include <llvm/Support/JSON.h>

namespace tile::tuning {

/// When a warp did what of one iteration, in the timeline's unit since its program began. Nothing where it wasn't recorded.
struct TimedIteration {
  unsigned loop = 0;
  /// Counted over the program, or the worker's programs.
  std::int64_t number = 0;
  std::optional<double> acquire, issue, issued, await, arrived;
  /// Each product from its begin to its end.
  std::vector<std::pair<double, double>> work;

  /// How long it waited for data: from when it asked, or where nothing runs ahead from when it began to load.
  double waited() const;
};

struct TimedWarp {
  unsigned number = 0;
  /// It only issues copies.
  bool isProducer = false;
  double end = 0;
  std::vector<TimedIteration> iterations;
};

struct TimedProgram {
  /// The program, or the worker; and the multiprocessor.
  std::int64_t number = 0, processor = 0;
  /// Nanoseconds after the first of them.
  double start = 0;
  std::vector<TimedWarp> warps;
};

/// A loop that was recorded.
struct TimedLoop {
  unsigned line = 0, column = 0;
  bool hasProducer = false;
  /// Slots of its rings, 0 where it has none; what the plan expects of an iteration, and of that waiting, in cycles.
  std::int64_t slots = 0;
  std::optional<double> planned, plannedWait;
};

struct Timeline {
  /// "cycles" of a GPU, or "ns"; nanoseconds of one, and how many there are in one cycle of the model, 0 when nobody knows.
  std::string unit = "ns";
  double nanoseconds = 1, perCycle = 0;
  std::vector<TimedLoop> loops;
  std::vector<TimedProgram> programs;
  /// How many programs share a multiprocessor; 1 where nobody knows.
  int atOnce = 1;
  /// Iterations that there was no room for.
  std::uint64_t lost = 0;
  /// The time of an instrumented launch as a multiple of a plain one's: the median over the rounds, the least and the most.
  double slowdown = 0, slowdownLow = 0, slowdownHigh = 0;

  /// Of the loop that takes longest: its number, how many of its iterations were recorded, the median time from one to the next, and the
  /// shares of the loop's time for which warps wait for data and issue copies.
  std::optional<unsigned> mainLoop;
  std::int64_t iterations = 0;
  double interval = 0, waitShare = 0, issueShare = 0;
  /// A product is begun before the one before it has ended, so that the wait for its data stops nothing by itself.
  bool overlaps = false;
  /// All of it in sentences, and as a picture beside the plan.
  std::string text, svg;
};

class Problem;
class Stopwatch;

/// A kernel whose schedule is to be measured.
struct TimelineRequest {
  /// With values for all parameters.
  const runtime::KernelRef &kernel;
  const KernelOptions &options;
  /// The same as it is launched otherwise; how many launches make a sample, and how many samples are taken.
  const Prepared &plain;
  unsigned launches = 1, rounds = 1;
  /// Cycles a second of the machine, or 0; whether the plan is for it, so that its cycles mean something.
  double clock = 0;
  bool isOwn = true;
  const pipeline::Schedule &schedule;
};

/// Measures the schedule with a build that writes it down, and what that costs. Throws Error when such a build can't be made, or writes other
/// results.
Timeline measureTimeline(const TimelineRequest &request, Problem &problem, Stream &stream, Stopwatch &watch,
                         const std::atomic<bool> &stop);

/// Reads what was written down. `clock` is cycles a second of the model's machine, or 0; `ofGpu` says that warps count cycles.
Timeline readTimeline(const runtime::Recording &recording, const pipeline::RecordPlan &plan, bool ofGpu, double clock);

/// Fills in what the plan expects, the figures of the loop that takes longest, sentences and the picture.
void judgeTimeline(Timeline &timeline, const pipeline::Schedule &schedule);

/// Events for chrome://tracing and Perfetto: a process for each program, a thread for each of its warps, and one for each slot with what is
/// in flight.
std::string chromeTrace(const Timeline &timeline, llvm::StringRef kernel);

/// As docs/bench.md describes it.
llvm::json::Value toJSON(const Timeline &timeline);

} // namespace tile::tuning

#endif // TILE_TUNING_TIMELINE_H
