//===- Experiment.h - What a benchmark asks, and what it found -----*- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef TILE_TUNING_EXPERIMENT_H
#define TILE_TUNING_EXPERIMENT_H

#include "tile/Tune.h"
#include "tile/Tuning/Ranges.h"

#include <llvm/Support/JSON.h>

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace tile::tuning {

/// Values by the parameters' names, in the kernel's order.
using Values = std::vector<std::pair<std::string, std::string>>;

struct Timeline;

/// One configuration, and what came of it.
struct Row {
  enum class Status { Ok, DoesNotFit, Failed, NotMeasured };

  Values parameters;
  /// Those of the deepest loop: what was asked for, or chosen; 1 where nothing is pipelined.
  std::int64_t stages = 1;
  /// They were left to the model.
  bool isAuto = false;
  Status status = Status::Ok;
  /// Why it isn't Ok, in one line.
  std::string reason;
  /// Seconds of a launch, one for each round.
  std::vector<double> samples;
  /// What the compiler and the driver say; registers, spills and occupancy are of GPUs only.
  Report report;
  /// Seconds by the machine model; nothing where it is of another machine than the one that ran.
  std::optional<double> predicted;
  /// The relative error of the results beside those of the unpipelined program; nothing where there was none to compare with.
  std::optional<double> error;
  /// Of tuning: its time over that of the model's choice in the same rounds.
  std::optional<double> ratio;

  bool isMeasured() const { return status == Status::Ok && !samples.empty(); }
  double median() const;
  double low() const;
  double high() const;
  /// The loop that takes most of an iteration's time, or null.
  const LoopReport *mainLoop() const;
};

/// What a launch computes and moves, and the least time that either takes on the machine.
struct Work {
  /// Operations; nothing where a loop's trip count isn't known before it runs.
  std::optional<double> flops;
  /// Every view once: each element that is read, and each that is written.
  double bytes = 0;
  std::optional<double> computeSeconds, memorySeconds;

  std::optional<double> intensity() const;
  /// Operations a byte at which the machine does both equally long.
  std::optional<double> balance() const;
};

/// The machine that runs.
struct Machine {
  std::string device, description, target;
  /// Cores or multiprocessors.
  std::int64_t count = 1;
  /// Cycles a second; 0 where nobody knows. What the driver calls the highest, or what was measured.
  double clock = 0;
  std::string clockSource;
  /// Bytes a second of the memory, by the driver where it says so, else by `copyBytes`; 0 where nobody knows.
  double memoryBytes = 0;
  /// Bytes a second that a copy of large arrays read and wrote; 0 where it wasn't measured.
  double copyBytes = 0;
  /// Bytes of the second-level cache; 0 where nobody knows.
  std::int64_t cacheBytes = 0;
};

/// Two configurations, timed by turns.
struct Comparison {
  /// The time of the second row as a multiple of the first's: the median over the rounds, the least and the most.
  double ratio = 0, low = 0, high = 0;
};

/// What the numbers mean.
struct Judgement {
  /// "memory" or "compute"; empty where nothing was measured or the work isn't known.
  std::string bound;
  /// How that was told.
  std::string how;
  /// The least stage count within 3 % of the best, and the row that has it.
  std::optional<std::int64_t> knee;
  std::optional<std::size_t> recommended;
  /// What the model expects: one iteration's time over the interval between two.
  std::optional<std::int64_t> expected;
  /// All of it in sentences.
  std::string text;
};

/// Everything that is written: a table, JSON, CSV, and what a page is drawn from.
struct Experiment {
  std::string kernel, source, command, date;
  std::vector<NamedExtent> shape;
  /// Types by the names that the kernel binds.
  Values dtypes;
  /// Each argument in words: "b: bf16[8192, 8192], strides 1, 8192".
  std::vector<std::string> arguments;
  Machine machine;
  Work work;
  /// How times were taken, in words; how many rounds there were, and whether somebody ended them.
  std::string timing, cacheState;
  unsigned rounds = 0;
  bool interrupted = false;
  /// The parameters that say stages.
  std::vector<std::string> stageParameters;
  std::vector<Row> rows;
  std::optional<Comparison> comparison;
  /// What tuning says, where rows were found by it; its rows stand in `rows`.
  std::optional<TuneResult> tuning;
  Judgement judgement;
  /// The recommended configuration in each of its phases, and its schedule as a picture.
  Values phases;
  std::string schedule;
  /// The same as docs/schedule.md describes it.
  std::string scheduleJson;
  /// The schedule as it was measured, where that was asked for.
  std::shared_ptr<const Timeline> timeline;
};

llvm::StringRef nameOf(Row::Status status);
/// Operations and bytes a second, and the share of the roofline; nothing where the row or the work has no number for it.
std::optional<double> flopRate(const Experiment &experiment, const Row &row);
std::optional<double> byteRate(const Experiment &experiment, const Row &row);
std::optional<double> roofline(const Experiment &experiment, const Row &row);

/// The document that docs/bench.md describes.
llvm::json::Object toJSON(const Experiment &experiment);
/// A line for each row, under a line of names.
std::string toCSV(const Experiment &experiment);
/// For people.
std::string toTable(const Experiment &experiment);

} // namespace tile::tuning

#endif // TILE_TUNING_EXPERIMENT_H
