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
#include "Rig.h"
#include "Search.h"
#include "Space.h"
#include "tile/Error.h"
#include "tile/Runtime/DeviceImpl.h"
#include "tile/Runtime/KernelImpl.h"
#include "tile/Tuning/Machine.h"

#include <llvm/Support/FormatVariadic.h>

#include <chrono>
#include <cmath>
#include <random>
#include <thread>

using namespace tile;
using namespace tile::tuning;

using runtime::Choice;
using runtime::TunedRow;
using runtime::TuningRecord;

namespace {
/// A point of the space with what was measured of it.
struct Candidate {
  std::string name;
  std::string reason;
  std::vector<double> seconds;
  std::optional<double> error;
  Report report;
  bool isCompiled = false;
  /// By device.
  std::vector<std::optional<Prepared>> code;
  std::vector<unsigned> launches;
};

class Tuner {
public:
  Tuner(const Kernel &kernel, const Device &device, const TuneOptions &options, std::span<const Argument> given)
      : owner(*kernel.get()), device(device), options(options), given(given),
        call(owner.kernel, given, runtime::Call::Unbound()) {
    question.kernel = owner.kernel;
    question.options = owner.options;
    question.arguments = call.arguments();
    question.target = runtime::targetOf(device, owner.options);
    question.ofGpu = device.context() != nullptr;
    question.count = device.threads();
  }

  TuneResult operator()() {
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

private:
  //===--------------------------------------------------------------------===//
  // Before anything is measured
  //===--------------------------------------------------------------------===//

  /// Throws for what can't be tuned.
  void check() const {
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

  /// Throws when the arguments are wrong whatever is chosen: when they don't suit any choice, or their memory isn't as it must be.
  void checkArguments() const {
    auto fits = llvm::find_if(space.points, [](const SpacePoint &point) { return point.reason.empty(); });
    runtime::KernelRef chosen = question.with((fits == space.points.end() ? space.points[space.model] : *fits).choice);
    runtime::Call(chosen, given);
  }

  bool isOver() const { return whyOver() != nullptr; }
  const char *whyOver() const {
    if (options.stop && *options.stop)
      return "it was stopped";
    return elapsed() >= options.seconds ? "the time is up" : nullptr;
  }
  double elapsed() const { return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count(); }
  void progress(const std::string &text) {
    std::lock_guard guard(mutex);
    if (options.progress)
      options.progress(text);
  }

  Search makeSearch() const {
    constexpr unsigned kBatch = 4;
    return {space.isStages, options.rounds, kBatch * static_cast<unsigned>(std::max<std::size_t>(1, rigs.size()))};
  }

  std::size_t find(llvm::StringRef name) const {
    auto found = llvm::find_if(candidates, [&](const Candidate &each) { return each.name == name; });
    return static_cast<std::size_t>(found - candidates.begin());
  }

  /// Takes over what was measured of these very extents.
  void recall() {
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

  //===--------------------------------------------------------------------===//
  // Compiling
  //===--------------------------------------------------------------------===//

  /// The code of a choice for a device. Throws Error.
  Prepared compile(const Choice &choice, const Rig &rig) {
    Kernel::Impl own;
    own.kernel = question.with(choice);
    own.options = owner.options;
    own.cache = cache;
    runtime::Call its(own.kernel, rig.arguments());
    return Prepared(own.find(rig.device(), its, rig.arguments()));
  }

  /// Notes that a candidate is of no use.
  void fail(std::size_t index, const std::exception &error) {
    std::lock_guard guard(mutex);
    Candidate &candidate = candidates[index];
    candidate.reason = lineOf(error);
    points[index].state = isAboutRoom(candidate.reason) ? SearchPoint::State::Unfit : SearchPoint::State::Failed;
    points[index].ratios.clear();
    candidate.seconds.clear();
  }

  /// Has the code that each device needs for its part.
  void compileParts(const std::vector<std::vector<std::size_t>> &parts) {
    std::vector<std::pair<std::size_t, std::size_t>> tasks;
    for (auto [rig, part] : llvm::enumerate(parts))
      for (std::size_t index : part)
        if (!candidates[index].code[rig] && points[index].state == SearchPoint::State::Open)
          tasks.emplace_back(index, rig);
    if (tasks.empty())
      return;
    progress(llvm::formatv("compiling {0} choices", tasks.size()).str());
    parallel(
        tasks.size(),
        [&](std::size_t number) {
          auto [index, rig] = tasks[number];
          try {
            Prepared code = compile(space.points[index].choice, *rigs[rig]);
            std::lock_guard guard(mutex);
            candidates[index].report = code.report();
            candidates[index].isCompiled = true;
            candidates[index].code[rig] = std::move(code);
          } catch (const std::exception &error) {
            fail(index, error);
          }
        },
        [&] { return isOver(); });
  }

  //===--------------------------------------------------------------------===//
  // Measuring
  //===--------------------------------------------------------------------===//

  /// Devices with their arguments. Throws where the first has no room.
  void makeRigs() {
    std::vector<Device> devices = {device};
    if (!options.devices.empty())
      devices = options.devices;
    else if (question.ofGpu && device == Device::byName(device.name()))
      for (int ordinal = 0, count = Device::cudaCount(); ordinal < count; ++ordinal)
        try {
          Device other = Device::cuda(ordinal);
          if (!(other == device) && other.description() == device.description())
            devices.push_back(std::move(other));
        } catch (const Error &) {
          // One that can't be used is none.
        }
    bool isShared = llvm::any_of(devices, [&](const Device &each) { return !(each == device); });
    originals.emplace(device, *owner.kernel.signature, given, isShared);
    for (const Device &each : devices)
      try {
        rigs.push_back(std::make_unique<Rig>(each, *originals));
      } catch (const std::exception &) {
        if (devices.size() == 1)
          throw;
      }
    if (rigs.empty())
      throw Error("no device has room for what kernel '" + owner.kernel.signature->name + "' writes");
    for (Candidate &candidate : candidates) {
      candidate.code.resize(rigs.size());
      candidate.launches.resize(rigs.size());
    }
  }

  /// The results that all others are compared with: those of the anchor without pipelining.
  void findWanted() {
    Choice plain = space.points[anchor].choice;
    bool any = false;
    for (std::size_t index : runtime::openParameters(owner.kernel, owner.options))
      if (const lang::ParamSignature &param = owner.kernel.signature->params[index]; param.isStages) {
        any |= !lang::checkParam(param, lang::ParamValue::integer(1));
        plain.params[index] = lang::ParamValue::integer(1);
      }
    if (runtime::leavesLoopStages(owner.kernel, owner.options)) {
      plain.loopStages = 1;
      any = true;
    }
    std::vector<Choice> choices = {space.points[anchor].choice};
    if (any)
      choices.insert(choices.begin(), std::move(plain));
    for (const Choice &choice : choices)
      try {
        wanted = rigs.front()->run(compile(choice, *rigs.front()));
        return;
      } catch (const std::exception &) {
        // The next will do, or there is nothing to compare with.
      }
  }

  /// Another anchor, when there is no use in the present one: the fastest, or, before anything was measured, the first by the model. False
  /// when there is none.
  bool keepAnchor() {
    while (points[anchor].state != SearchPoint::State::Open) {
      std::optional<std::size_t> next = makeSearch().best(points, anchor);
      if (next) {
        // Times over the old one's become times over the new one's.
        double unit = points[*next].score();
        for (SearchPoint &point : points)
          for (double &ratio : point.ratios)
            ratio /= unit;
      } else {
        auto open = llvm::find_if(points, [](const SearchPoint &p) { return p.state == SearchPoint::State::Open; });
        if (open == points.end())
          return false;
        next = static_cast<std::size_t>(open - points.begin());
      }
      anchor = *next;
      compileParts(std::vector<std::vector<std::size_t>>(rigs.size(), {anchor}));
    }
    return true;
  }

  void measure() {
    makeRigs();
    compileParts(std::vector<std::vector<std::size_t>>(rigs.size(), {anchor}));
    if (!keepAnchor() || isOver())
      return;
    findWanted();
    Search search = makeSearch();
    for (unsigned round = 0; !isOver(); ++round) {
      if (alive() == 0 || !keepAnchor())
        break;
      std::vector<std::size_t> step = search.next(points);
      if (step.empty())
        break;
      std::vector<std::vector<std::size_t>> parts = share(step);
      compileParts(parts);
      if (isOver())
        break;
      say(round, step.size());
      std::size_t before = result.measurements;
      auto states = llvm::count_if(points, [](const SearchPoint &p) { return p.state == SearchPoint::State::Open; });
      measureRound(parts, round);
      store();
      // A round that tells nothing would be followed by the same.
      if (result.measurements == before &&
          states == llvm::count_if(points, [](const SearchPoint &p) { return p.state == SearchPoint::State::Open; }))
        break;
    }
  }

  std::size_t alive() const {
    return static_cast<std::size_t>(llvm::count_if(rigs, [](const auto &rig) { return rig->broken().empty(); }));
  }

  /// Which device measures what. When there is little, all measure all of it.
  std::vector<std::vector<std::size_t>> share(llvm::ArrayRef<std::size_t> step) const {
    std::vector<std::vector<std::size_t>> parts(rigs.size());
    std::vector<std::size_t> usable;
    for (auto [index, rig] : llvm::enumerate(rigs))
      if (rig->broken().empty())
        usable.push_back(index);
    bool isLittle = step.size() < 2 * usable.size();
    for (auto [number, rig] : llvm::enumerate(usable)) {
      parts[rig].push_back(anchor);
      for (auto [place, index] : llvm::enumerate(step))
        if (index != anchor && (isLittle || place % usable.size() == number))
          parts[rig].push_back(index);
    }
    return parts;
  }

  void say(unsigned round, std::size_t count) {
    std::string text = llvm::formatv("round {0}, {1} of {2} choices", round + 1, count, points.size());
    if (std::optional<std::size_t> best = makeSearch().best(points, anchor))
      text += llvm::formatv("; {0:F3} times as fast as the model's so far", 1 / points[*best].score()).str();
    progress(text);
  }

  void measureRound(const std::vector<std::vector<std::size_t>> &parts, unsigned round) {
    std::exception_ptr failure;
    auto work = [&](std::size_t rig) {
      try {
        measurePart(rig, parts[rig], round);
      } catch (...) {
        std::lock_guard guard(mutex);
        failure = std::current_exception();
      }
    };
    std::vector<std::thread> others;
    for (std::size_t rig = 1; rig < rigs.size(); ++rig)
      others.emplace_back(work, rig);
    work(0);
    for (std::thread &other : others)
      other.join();
    if (failure)
      std::rethrow_exception(failure);
  }

  /// Whether a candidate's code for a device runs and computes what it should; finds out how many launches make a sample.
  bool checkCode(std::size_t index, std::size_t rig, const Prepared &code) {
    Candidate &candidate = candidates[index];
    if (candidate.launches[rig])
      return true;
    try {
      std::vector<std::string> got = rigs[rig]->run(code);
      if (wanted) {
        double error = checkError(rigs[rig]->errorOf(got, *wanted));
        std::lock_guard guard(mutex);
        candidate.error = error;
      }
      candidate.launches[rig] = launchesFor(kSampleSeconds, rigs[rig]->time(code, 1));
      return true;
    } catch (const std::exception &error) {
      fail(index, error);
      return false;
    }
  }

  /// A candidate's code for a device; nothing where there is none that is of use.
  std::optional<Prepared> codeOf(std::size_t index, std::size_t rig) {
    std::lock_guard guard(mutex);
    return points[index].state == SearchPoint::State::Open ? candidates[index].code[rig] : std::nullopt;
  }

  /// One round on one device.
  void measurePart(std::size_t rig, llvm::ArrayRef<std::size_t> part, unsigned round) {
    std::lock_guard alone(rigs[rig]->mutex());
    std::vector<std::pair<std::size_t, double>> times;
    std::optional<double> unit;
    // One leaves a chip warm or cool, and caches full, for the next: each round has another order.
    std::vector<std::size_t> order(part.begin(), part.end());
    std::shuffle(order.begin(), order.end(), std::mt19937(round));
    for (std::size_t index : order) {
      Candidate &candidate = candidates[index];
      if (isOver() || !rigs[rig]->broken().empty())
        break;
      std::optional<Prepared> code = codeOf(index, rig);
      if (!code || !checkCode(index, rig, *code))
        continue;
      try {
        double seconds = rigs[rig]->time(*code, candidate.launches[rig]);
        times.emplace_back(index, seconds);
        if (index == anchor)
          unit = seconds;
      } catch (const std::exception &error) {
        fail(index, error);
      }
    }
    if (!unit || *unit <= 0)
      return;
    std::lock_guard guard(mutex);
    for (auto [index, seconds] : times)
      if (points[index].state == SearchPoint::State::Open && seconds > 0) {
        points[index].ratios.push_back(seconds / *unit);
        candidates[index].seconds.push_back(seconds);
        ++result.measurements;
      }
  }

  //===--------------------------------------------------------------------===//
  // The result
  //===--------------------------------------------------------------------===//

  void store() {
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

  TuneRow rowOf(std::size_t index, double clock) const {
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

  TuneResult finish() {
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
      result.ended = broken != rigs.end() ? (*broken)->broken()
                     : why                ? why
                                          : "no choice that is left could be measured";
    }
    result.record = runtime::tuningPath(key);
    result.seconds = elapsed();
    return std::move(result);
  }

  Kernel::Impl &owner;
  Device device;
  const TuneOptions &options;
  std::span<const Argument> given;
  runtime::Call call;
  std::chrono::steady_clock::time_point start = std::chrono::steady_clock::now();
  Question question;
  Space space;
  std::string key;
  /// What is compiled here is of no use to anybody else.
  std::shared_ptr<runtime::Cache> cache = std::make_shared<runtime::Cache>();
  std::optional<Originals> originals;
  std::vector<std::unique_ptr<Rig>> rigs;
  std::optional<std::vector<std::string>> wanted;
  /// Parallel to the points of the space.
  std::vector<Candidate> candidates;
  std::vector<SearchPoint> points;
  std::size_t anchor = 0;
  /// Guards what several threads write.
  std::mutex mutex;
  TuneResult result;
};
} // namespace

TuneResult tile::tuneWith(const Kernel &kernel, const Device &device, const TuneOptions &options,
                          std::span<const Argument> arguments) {
  return Tuner(kernel, device, options, arguments)();
}
