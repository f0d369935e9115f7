//===- Tune.cpp - Finding the fastest parameters of a kernel -------*- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// \file
/// The model orders all choices (Space), the search says which of them to measure next (Search), and each device measures its part of
/// them in rounds (Rig). In every round on every device the anchor, the model's own choice, is measured as well, and what counts is a time
/// over the anchor's: neither a chip that gets hot nor one that is slower than its neighbour favours anything. After every round all
/// that is known is written to the record, from which a later call goes on.
///
//===----------------------------------------------------------------------===//

#include "tile/Tune.h"
#include "Failures.h"
#include "Tuner.h"
#include "tile/Error.h"
#include "tile/Tuning/Machine.h"

#include <cmath>

using namespace tile;
using namespace tile::tuning;

using runtime::TunedRow;
using runtime::TuningRecord;

TuneResult Tuner::operator()() {
  check();
  key = runtime::tuningKey(owner.kernel, owner.options, device, call.arguments(), question.target);
  progress("planning");
  space = listSpace(question, [&] { return isOver(); });
  for (const SpacePoint &point : space.points) {
    candidates.emplace_back();
    candidates.back().name = pack(point.choice);
    points.push_back(
        {point.place, point.cycles, point.reason.empty() ? SearchPoint::State::Open : SearchPoint::State::Unfit, {}});
    candidates.back().reason = point.reason;
  }
  checkArguments();
  anchor = space.model;
  if (!options.again)
    recall();
  if (!isOver() && !makeSearch().next(points).empty())
    measure();
  return finish();
}

void Tuner::check() const {
  if (!(options.seconds >= 0))
    throw Error("tuning takes a number of seconds of 0 or more");
  if (options.rounds == 0)
    throw Error("tuning takes one round or more");
  const lang::KernelSignature &signature = *owner.kernel.signature;
  if (!runtime::leavesAnything(owner.kernel, owner.options))
    runtime::raise(*owner.kernel.file, signature.position,
                   "kernel '" + signature.name + "' leaves nothing open: there is nothing to tune",
                   "a parameter with a set of values is open where it is 'auto'");
  for (const Device &each : options.devices)
    if (each.description() != device.description())
      throw Error("device '" + each.name() + "' (" + each.description() + ") can't measure for device '" +
                  device.name() + "' (" + device.description() + ")");
}

void Tuner::checkArguments() const {
  auto fits = llvm::find_if(space.points, [](const SpacePoint &point) { return point.reason.empty(); });
  runtime::KernelRef chosen = question.with((fits == space.points.end() ? space.points[space.model] : *fits).choice);
  runtime::Call(chosen, given);
}

const char *Tuner::whyOver() const {
  if (options.stop && *options.stop)
    return "it was stopped";
  return elapsed() >= options.seconds ? "the time is up" : nullptr;
}

void Tuner::progress(const std::string &text) {
  std::lock_guard guard(mutex);
  if (options.progress)
    options.progress(text);
}

Search Tuner::makeSearch() const {
  constexpr unsigned kBatch = 4;
  return {space.isStages, options.rounds, kBatch * static_cast<unsigned>(std::max<std::size_t>(1, rigs.size()))};
}

std::size_t Tuner::find(llvm::StringRef name) const {
  auto found = llvm::find_if(candidates, [&](const Candidate &each) { return each.name == name; });
  return static_cast<std::size_t>(found - candidates.begin());
}

void Tuner::recall() {
  std::string shape = runtime::choiceKey(owner.kernel, call.arguments(), question.target, /*exactly=*/true);
  std::optional<TuningRecord> record = runtime::loadTuning(key);
  if (!record || record->shape != shape)
    return;
  std::size_t known = find(record->anchor);
  if (known == candidates.size())
    return;
  anchor = known;
  for (const TunedRow &row : record->rows) {
    std::size_t index = find(row.choice);
    if (index == candidates.size() || points[index].state == SearchPoint::State::Unfit)
      continue;
    Candidate &candidate = candidates[index];
    if (row.status != TunedRow::Status::Ok) {
      points[index].state =
          row.status == TunedRow::Status::Failed ? SearchPoint::State::Failed : SearchPoint::State::Unfit;
      candidate.reason = row.reason;
      continue;
    }
    points[index].ratios = row.ratios;
    candidate.seconds = row.seconds;
    result.remembered += row.seconds.size();
    if (row.error >= 0)
      candidate.error = row.error;
  }
}

void Tuner::store() {
  TuningRecord record;
  record.kernel = owner.kernel.signature->name;
  record.device = device.description();
  record.date = currentTime();
  record.shape = runtime::choiceKey(owner.kernel, call.arguments(), question.target, /*exactly=*/true);
  record.anchor = candidates[anchor].name;
  if (std::optional<std::size_t> best = makeSearch().best(points, anchor))
    record.best = candidates[*best].name;
  for (auto [index, candidate] : llvm::enumerate(candidates)) {
    const SearchPoint &point = points[index];
    // What is found out without compiling needn't be remembered.
    bool isPlanned = space.points[index].reason.empty();
    if (!isPlanned || (point.state == SearchPoint::State::Open && point.ratios.empty()))
      continue;
    TunedRow row;
    row.choice = candidate.name;
    row.status = point.state == SearchPoint::State::Open    ? TunedRow::Status::Ok
                 : point.state == SearchPoint::State::Unfit ? TunedRow::Status::DoesNotFit
                                                            : TunedRow::Status::Failed;
    row.reason = candidate.reason;
    row.seconds = candidate.seconds;
    row.ratios = point.ratios;
    row.error = candidate.error.value_or(-1);
    record.rows.push_back(std::move(row));
  }
  runtime::storeTuning(key, record);
}

TuneRow Tuner::rowOf(std::size_t index, double clock) const {
  const SpacePoint &point = space.points[index];
  const Candidate &candidate = candidates[index];
  TuneRow row;
  llvm::ArrayRef<lang::ParamValue> values = point.values.empty() ? point.choice.params : point.values;
  for (auto [param, value] : llvm::zip(owner.kernel.signature->params, values))
    row.parameters.emplace_back(param.name, lang::toString(value));
  row.loopStages = point.choice.loopStages;
  row.stages = point.stages;
  row.reason = candidate.reason;
  row.status = points[index].state == SearchPoint::State::Unfit    ? TuneRow::Status::DoesNotFit
               : points[index].state == SearchPoint::State::Failed ? TuneRow::Status::Failed
               : points[index].ratios.empty()                      ? TuneRow::Status::NotMeasured
                                                                   : TuneRow::Status::Ok;
  // A prediction is in cycles of the machine that was planned for.
  bool isOwn = (question.target == "cpu") == !question.ofGpu;
  if (std::isfinite(point.cycles) && isOwn && clock > 0)
    row.predicted = point.cycles / clock;
  row.seconds = candidate.seconds;
  row.ratios = points[index].ratios;
  row.error = candidate.error;
  row.report = candidate.report;
  return row;
}

TuneResult Tuner::finish() {
  result.kernel = owner.kernel.signature->name;
  for (const auto &rig : rigs)
    result.devices.push_back(rig->device().name());
  double clock = clockOf(device);
  for (std::size_t index = 0; index < candidates.size(); ++index) {
    result.rows.push_back(rowOf(index, clock));
    const TuneRow &row = result.rows.back();
    result.predicted += std::isfinite(space.points[index].cycles);
    result.compiled += candidates[index].isCompiled;
    result.measured += row.status == TuneRow::Status::Ok;
    result.unfit += row.status == TuneRow::Status::DoesNotFit;
    result.failed += row.status == TuneRow::Status::Failed;
    result.notMeasured += row.status == TuneRow::Status::NotMeasured;
  }
  result.model = space.model;
  result.best = makeSearch().best(points, anchor);
  result.finished = space.isComplete && makeSearch().next(points).empty();
  if (!result.finished) {
    auto broken = llvm::find_if(rigs, [](const auto &rig) { return !rig->broken().empty(); });
    const char *why = whyOver();
    result.ended = broken != rigs.end() ? (*broken)->broken() : why ? why : "no choice that is left could be measured";
  }
  result.record = runtime::tuningPath(key);
  result.seconds = elapsed();
  return std::move(result);
}

TuneResult tile::tuneWith(const Kernel &kernel, const Device &device, const TuneOptions &options,
                          std::span<const Argument> arguments) {
  return Tuner(kernel, device, options, arguments)();
}
