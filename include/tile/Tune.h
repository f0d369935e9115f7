//===- Tune.h - Finding the fastest parameters of a kernel ---------*- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef TILE_TUNE_H
#define TILE_TUNE_H

#include "tile/Kernel.h"

#include <atomic>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace tile {

struct TuneOptions {
  /// Seconds that tuning may take, compiling included; what runs when they are over is finished first. 0 measures nothing and gives
  /// what is remembered.
  double seconds = 60;
  /// How often the fastest are timed, in turns, for about 20 ms each.
  unsigned rounds = 7;
  /// What measures. Empty means the device that the tensors are on and every GPU of the machine that is like it; others must be like
  /// it. A device that has no room for the arguments is left out.
  std::vector<Device> devices;
  /// Forgets what was measured before.
  bool again = false;
  /// Told what is going on, a line at a time; from several threads, but never at once.
  std::function<void(const std::string &)> progress;
  /// Ends tuning with what has been measured by then, once it is true.
  const std::atomic<bool> *stop = nullptr;
};

/// One choice of values, and what came of it.
struct TILE_API TuneRow {
  /// DoesNotFit: the kernel or the machine has no room for it. Failed: the compiler, the driver or the device refused it, or it computed
  /// something else than the kernel without pipelining. NotMeasured: others promised more, or there was no time.
  enum class Status { Ok, DoesNotFit, Failed, NotMeasured };

  /// All parameters by name, in the kernel's order; "auto" leaves stages to the planner.
  std::vector<std::pair<std::string, std::string>> parameters;
  /// The stages of every loop, for KernelOptions::stages, where no parameter says them; 0 leaves them to the planner.
  std::int64_t loopStages = 0;
  /// Of the deepest loop, as it was planned.
  std::int64_t stages = 1;
  Status status = Status::NotMeasured;
  /// Why it isn't Ok, in a line.
  std::string reason;
  /// Seconds of a launch by the machine model; nothing where it doesn't know.
  std::optional<double> predicted;
  /// Seconds of a launch, one for each round; and each over those of the model's choice in the same round on the same device, which is
  /// what choices are compared by.
  std::vector<double> seconds, ratios;
  /// The relative error of its results beside those of the kernel without pipelining, where it was found out.
  std::optional<double> error;
  /// What the compiler did, where it was compiled in this call.
  Report report;

  /// The median of `ratios`, and of `seconds`; 0 where there are none.
  double ratio() const;
  double median() const;
};

/// What tuning found. A plain value.
class TILE_API TuneResult {
public:
  std::string kernel;
  /// The names of those that measured.
  std::vector<std::string> devices;
  /// In the order of the model, the best first and what doesn't fit last.
  std::vector<TuneRow> rows;
  /// The fastest row, which launches take from now on; nothing when none was measured.
  std::optional<std::size_t> best;
  /// The row that launches take without tuning.
  std::size_t model = 0;
  /// Rows by what became of them. Predicted are those that the model was asked about.
  std::size_t predicted = 0, compiled = 0, measured = 0, unfit = 0, failed = 0, notMeasured = 0;
  /// Times taken in this call, and those that were remembered from earlier ones.
  std::size_t measurements = 0, remembered = 0;
  /// Seconds that the call took.
  double seconds = 0;
  /// There is nothing more to measure; else `ended` says why, and another call goes on where this one ended.
  bool finished = false;
  std::string ended;
  /// Where it is remembered; empty without a cache on the disk, where it is remembered as long as this process lasts.
  std::filesystem::path record;

  /// Most of it for people: the best, and how it compares.
  std::string text() const;
  /// All of it but the reports as one JSON object.
  std::string json() const;
};

/// Measures what a kernel leaves open, parameters and stages, for such arguments, and remembers the fastest: from then on, in this and
/// in other processes, Kernel::launch and Kernel::prepare use it for arguments of these types and layouts and of extents in the same
/// powers of two, on such a device with such a driver. What is given, to Program::kernel, stays as it is.
///
/// The machine model says which choices are worth measuring: a sixth of those that fit, from 8 to 64. They are compiled on as many threads
/// as there are cores, checked beside the kernel without pipelining, and timed by turns, the fastest most often. A choice that fails is
/// a row of the result and no end, unless it breaks the device's context.
///
/// The tensors are as for a launch and keep what they hold: what the kernel writes, it writes to copies, for which the device must have
/// room. Nobody else writes to them meanwhile, and work on them is done. Measurements of one process have a device each to themselves;
/// processes don't know of each other, and of two that tune the same at once the later's result is kept.
///
/// Several threads may tune at once. Throws Error, before anything runs, for arguments that don't fit the kernel, for one that leaves nothing
/// open, for seconds below 0, no rounds, or devices that are unlike; and when there is no room for the copies.
TILE_API TuneResult tuneWith(const Kernel &kernel, const Device &device, const TuneOptions &options,
                             std::span<const Argument> arguments);

/// The same with the arguments in a row: `tile::tune(matmul, device, {}, a, b, c)`.
template <typename... Args>
TuneResult tune(const Kernel &kernel, const Device &device, const TuneOptions &options, const Args &...args) {
  return tuneWith(kernel, device, options, std::array<Argument, sizeof...(Args)>{Argument(args)...});
}

} // namespace tile

#endif // TILE_TUNE_H
