//===- Bench.cpp - Measures a kernel over its configurations -------*- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// \file
/// Every configuration is compiled, asked of the model, and checked beside the unpipelined program; then all are timed by turns, so that
/// a warm or a throttled machine is the same for all.
///
//===----------------------------------------------------------------------===//

#include "tile/Tuning/Bench.h"
#include "Configurations.h"
#include "Failures.h"
#include "tile/Error.h"
#include "tile/Pipeline/MachineModel.h"
#include "tile/Program.h"
#include "tile/Runtime/Choose.h"
#include "tile/Runtime/Compiler.h"
#include "tile/Runtime/Facts.h"
#include "tile/Tuning/Machine.h"
#include "tile/Tuning/Stopwatch.h"
#include "tile/Tuning/Timeline.h"
#include "tile/Tuning/Verdict.h"
#include "tile/Tuning/Work.h"

#include <algorithm>
#include <cmath>
#include <llvm/Support/FormatVariadic.h>
#include <numeric>
#include <random>

using namespace tile;
using namespace tile::tuning;

namespace {
/// A configuration with its code.
struct Candidate {
  Configuration configuration;
  std::optional<Prepared> code;
  unsigned launches = 1;
};

class Run {
public:
  Run(const Request &request, const std::function<void(const std::string &)> &progress, const std::atomic<bool> &stop)
      : request(request), progress(progress), stop(stop), kernel(findKernel(request)),
        program(Program::fromString(request.text, request.source)), stream(request.device), watch(stream),
        target(request.planFor.empty() ? request.device.target() : request.planFor) {}

  Experiment operator()() {
    std::vector<Configuration> configurations = listConfigurations(*kernel.signature, request);
    makeProblem(configurations.front());
    if (request.tune) {
      tune(configurations);
      return std::move(found);
    }
    choose(configurations);
    checkLoops(configurations.front());
    progress("examining the machine");
    found.machine = examineMachine(request.device);
    found.machine.target = target;
    describe();
    for (auto [index, configuration] : llvm::enumerate(configurations)) {
      progress(llvm::formatv("compiling {0} of {1}", index + 1, configurations.size()).str());
      addRow(std::move(configuration));
    }
    check();
    time();
    compare();
    found.judgement = judge(found);
    if (found.judgement.recommended && !stop)
      keepPhases(candidates[*found.judgement.recommended].configuration);
    if (request.timeline && !stop)
      recordTimeline();
    return std::move(found);
  }

private:
  llvm::ArrayRef<lang::Argument> arguments() const { return call->arguments(); }

  void makeProblem(const Configuration &first) {
    ProblemOptions options = request.problem;
    bool ofGpu = request.device.context() != nullptr;
    if (request.typesByDevice)
      options.otherType = ofGpu ? DType::BF16 : DType::F32;
    std::vector<ArgumentPlan> plan = planArguments(*kernel.signature, first.params, options);
    for (const std::string &name : kernel.signature->dtypeNames)
      for (auto [argument, planned] : llvm::zip(kernel.signature->arguments, plan))
        if (argument.dtypeName == name) {
          found.dtypes.emplace_back(name, nameOf(planned.type));
          break;
        }
    for (const ArgumentPlan &argument : plan)
      found.arguments.push_back(tuning::describe(argument));
    progress("filling the arguments");
    problem.emplace(request.device, std::move(plan), request.problem.seed);
    call.emplace(kernel, problem->arguments(), runtime::Call::Unbound());
  }

  /// Gives values to what is left open: the same for all stage counts.
  void choose(std::vector<Configuration> &configurations) {
    llvm::SmallVector<unsigned> open = stageParameters(*kernel.signature, request);
    for (const lang::ParamSignature &param : kernel.signature->params)
      if (param.isStages)
        found.stageParameters.push_back(param.name);
    std::map<unsigned, llvm::SmallVector<lang::ParamValue, 8>> chosen;
    for (Configuration &configuration : configurations) {
      auto [entry, isNew] = chosen.try_emplace(configuration.group);
      if (isNew) {
        progress("choosing parameters");
        runtime::KernelRef start = kernel;
        start.params.assign(configuration.params.begin(), configuration.params.end());
        for (unsigned index : open)
          start.params[index] = lang::ParamValue();
        entry->second = runtime::leavesChoice(start) ? runtime::chooseParameters(start, arguments(), target)
                                                     : llvm::SmallVector<lang::ParamValue, 8>(start.params);
      }
      for (auto [index, value] : llvm::enumerate(configuration.params))
        if (value.kind == lang::ParamValue::Unset ||
            (value.kind == lang::ParamValue::Auto && configuration.stages == kAutoStages))
          value = entry->second[index];
    }
  }

  /// Throws when stages are to be those of loops, and there is none.
  void checkLoops(const Configuration &first) const {
    std::array<std::int64_t, 3> grid;
    if (!first.ofLoops)
      return;
    std::unique_ptr<runtime::Compilation> compilation = compilationOf(first, grid);
    if (compilation->runTo(runtime::Stage::Tile) &&
        !compilation->kernel().walk([](ir::ForOp) { return mlir::WalkResult::interrupt(); }).wasInterrupted())
      throw Error("--stages: kernel '" + kernel.signature->name + "' has no loop");
  }

  /// Has the open values searched, and takes what was found for rows.
  void tune(llvm::ArrayRef<Configuration> given) {
    if (!request.stages.empty())
      throw Error("--tune searches the stage counts itself: no --stages; -D fixes one");
    if (given.size() != 1)
      throw Error("--tune searches the values that the kernel lists; -D fixes one, and " +
                  std::to_string(given.size()) + " configurations are given");
    for (const lang::ParamSignature &param : kernel.signature->params)
      if (param.isStages)
        found.stageParameters.push_back(param.name);
    progress("examining the machine");
    found.machine = examineMachine(request.device);
    found.machine.target = target;
    describe();
    found.timing =
        llvm::formatv("median of {0} rounds at most, in each of which those that are still of interest and what "
                      "the model chooses run in turn for {1} ms, timed by {2}; random-normal inputs, seed {3}",
                      request.rounds, kSampleSeconds * 1e3,
                      watch.hasEvents() ? "events on the stream" : "the wall clock", request.problem.seed)
            .str();
    TuneOptions options;
    options.seconds = *request.tune;
    options.rounds = request.rounds;
    options.progress = progress;
    options.stop = &stop;
    found.tuning = tuneWith(kernelOf(given.front()), request.device, options, problem->arguments());
    for (const TuneRow &row : found.tuning->rows)
      addTuned(row);
    found.interrupted = stop;
    if (found.tuning->best)
      examineBest(*found.tuning->best);
    found.judgement = judgeTuning(found);
  }

  /// A row of what tuning found.
  void addTuned(const TuneRow &tuned) {
    Row row;
    Candidate candidate;
    for (auto &[name, value] : tuned.parameters)
      candidate.configuration.params.push_back(lang::parseParamValue(value).value_or(lang::ParamValue()));
    row.stages = tuned.stages;
    row.isAuto = !tuned.loopStages && llvm::none_of(llvm::zip(kernel.signature->params, candidate.configuration.params),
                                                    [](const auto &pair) {
                                                      auto &[param, value] = pair;
                                                      return param.isStages && value.kind == lang::ParamValue::Int;
                                                    });
    candidate.configuration.stages = row.isAuto ? kAutoStages : row.stages;
    candidate.configuration.ofLoops = tuned.loopStages != 0;
    row.parameters = tuned.parameters;
    row.status = tuned.status == TuneRow::Status::Ok           ? Row::Status::Ok
                 : tuned.status == TuneRow::Status::DoesNotFit ? Row::Status::DoesNotFit
                 : tuned.status == TuneRow::Status::Failed     ? Row::Status::Failed
                                                               : Row::Status::NotMeasured;
    row.reason = tuned.reason;
    if (!tuned.ratios.empty())
      row.ratio = tuned.ratio();
    row.samples = tuned.seconds;
    row.predicted = tuned.predicted;
    row.error = tuned.error;
    row.report = tuned.report;
    candidates.push_back(std::move(candidate));
    found.rows.push_back(std::move(row));
  }

  /// What the fastest computes, and whatever else is said of one configuration.
  void examineBest(std::size_t best) {
    Candidate &candidate = candidates[best];
    Row &row = found.rows[best];
    try {
      askModel(candidate.configuration, row);
      candidate.code = codeOf(candidate.configuration);
      row.report = candidate.code->report();
    } catch (const std::exception &) {
      // It ran when it was measured; what there is to say of it is left out.
      return;
    }
    found.judgement.recommended = best;
    if (stop)
      return;
    keepPhases(candidate.configuration);
    if (request.timeline) {
      candidate.launches = launchesFor(kSampleSeconds, row.median());
      recordTimeline();
    }
  }

  void describe() {
    found.kernel = kernel.signature->name;
    found.source = request.source;
    found.command = request.command;
    found.date = currentTime();
    found.shape = request.problem.shape;
    found.rounds = request.rounds;
    found.work.bytes = problem->traffic();
    if (found.machine.memoryBytes > 0)
      found.work.memorySeconds = found.work.bytes / found.machine.memoryBytes;
    found.timing =
        llvm::formatv(
            "median of {0} rounds, in each of which every configuration runs once for {1} ms, timed by {2}, after "
            "a round that isn't counted; random-normal inputs, seed {3}",
            request.rounds, kSampleSeconds * 1e3, watch.hasEvents() ? "events on the stream" : "the wall clock",
            request.problem.seed)
            .str();
    double footprint = static_cast<double>(problem->footprint()) / 1e6;
    double cache = static_cast<double>(found.machine.cacheBytes) / 1e6;
    found.cacheState =
        llvm::formatv("caches aren't flushed between launches, and the tensors take {0:F1} MB", footprint);
    if (cache > 0)
      found.cacheState += llvm::formatv(", {0} the {1:F1} MB of the second-level cache",
                                        footprint > cache ? "more than" : "which fit into", cache)
                              .str();
  }

  //===--------------------------------------------------------------------===//
  // Compiling
  //===--------------------------------------------------------------------===//

  void addRow(Configuration configuration) {
    Row row;
    for (auto [param, value] : llvm::zip(kernel.signature->params, configuration.params))
      row.parameters.emplace_back(param.name, lang::toString(value));
    row.isAuto = configuration.stages == kAutoStages;
    row.stages = std::max<std::int64_t>(1, configuration.stages);
    Candidate candidate{std::move(configuration), std::nullopt, 1};
    if (stop) {
      fail(row, "interrupted before it was compiled");
    } else {
      try {
        prepare(candidate, row);
      } catch (const std::exception &error) {
        candidate.code.reset();
        fail(row, lineOf(error));
      }
    }
    candidates.push_back(std::move(candidate));
    found.rows.push_back(std::move(row));
  }

  static void fail(Row &row, std::string reason) {
    row.status = isAboutRoom(reason) ? Row::Status::DoesNotFit : Row::Status::Failed;
    row.reason = std::move(reason);
    row.samples.clear();
  }

  Kernel kernelOf(const Configuration &configuration) const {
    Parameters parameters;
    for (auto [param, value] : llvm::zip(kernel.signature->params, configuration.params))
      if (value.kind != lang::ParamValue::Unset)
        parameters.emplace(param.name, lang::toString(value));
    KernelOptions options;
    options.planFor = request.planFor;
    options.stages = configuration.loopStages();
    options.useTuning = false;
    return program.kernel(kernel.signature->name, parameters, options);
  }

  /// The code of a configuration. Throws Error.
  Prepared codeOf(const Configuration &configuration) {
    return kernelOf(configuration).prepareWith(request.device, problem->arguments());
  }

  void prepare(Candidate &candidate, Row &row) {
    const Configuration &configuration = candidate.configuration;
    for (auto [param, value] : llvm::zip(kernel.signature->params, configuration.params))
      if (std::optional<lang::BindError> wrong = lang::checkParam(param, value)) {
        fail(row, wrong->message);
        if (param.isStages)
          row.status = Row::Status::DoesNotFit;
        return;
      }
    askModel(configuration, row);
    candidate.code = codeOf(configuration);
    row.report = candidate.code->report();
    row.parameters.assign(row.report.parameters.begin(), row.report.parameters.end());
    std::int64_t deepest = 1;
    for (const LoopReport &loop : row.report.loops)
      deepest = std::max(deepest, loop.stages);
    if (row.isAuto)
      row.stages = deepest;
    row.isAuto &= !row.report.loops.empty();
  }

  /// A compilation of a configuration for the target, and its grid. Throws Error when the arguments don't suit it.
  std::unique_ptr<runtime::Compilation> compilationOf(const Configuration &configuration,
                                                      std::array<std::int64_t, 3> &grid) const {
    lang::Bound bound;
    if (std::optional<lang::BindError> wrong = lang::bind(*kernel.signature, configuration.params, arguments(), bound))
      throw Error(wrong->message);
    grid = bound.grid;
    lang::Specialization specialization =
        lang::specialize(*kernel.signature, bound, arguments(), /*checked=*/false, runtime::hasTensorMaps(target));
    specialization.stages = configuration.loopStages();
    return std::make_unique<runtime::Compilation>(*kernel.file, std::move(specialization), target);
  }

  /// What the kernel computes, and how long the model says that it takes.
  void askModel(const Configuration &configuration, Row &row) {
    std::array<std::int64_t, 3> grid;
    std::unique_ptr<runtime::Compilation> compilation = compilationOf(configuration, grid);
    if (!compilation->runTo(runtime::Stage::Tile))
      return;
    countWork(compilation->kernel(), grid);
    if (!compilation->runTo(runtime::Stage::Planned))
      return;
    const Machine &machine = found.machine;
    bool isOwn = (target == "cpu") == (request.device.context() == nullptr);
    if (!isOwn || machine.clock <= 0)
      return;
    runtime::setExtents(compilation->kernel(), arguments());
    ir::KernelOp planned = compilation->kernel();
    double cycles = runtime::gridCycles(planned, grid, machine.count, arguments());
    row.predicted = runtime::launchCycles(planned, cycles) / machine.clock;
  }

  /// Tiles that hang over an edge count as whole ones, so that of several configurations the least count is the truest.
  void countWork(ir::KernelOp written, const std::array<std::int64_t, 3> &grid) {
    mlir::OwningOpRef<mlir::Operation *> copy = written->getParentOp()->clone();
    ir::KernelOp counted = *llvm::cast<mlir::ModuleOp>(*copy).getOps<ir::KernelOp>().begin();
    runtime::setExtents(counted, arguments());
    OperationCount count = countOperations(counted);
    double programs = static_cast<double>(grid[0]) * static_cast<double>(grid[1]) * static_cast<double>(grid[2]);
    double flops = count.total() * programs;
    if (!count.isKnown || (found.work.flops && *found.work.flops <= flops))
      return;
    found.work.flops = flops;
    Machine ofDevice = found.machine;
    ofDevice.target = request.device.target();
    found.work.computeSeconds = count.leastSeconds(peaksOf(ofDevice), programs);
  }

  //===--------------------------------------------------------------------===//
  // Running
  //===--------------------------------------------------------------------===//

  std::vector<std::string> resultsOf(const Prepared &code) {
    problem->reset();
    code.launchWith(stream, problem->arguments());
    stream.synchronize();
    return problem->results();
  }

  /// Compares results with those of the same configuration without pipelining.
  void check() {
    std::optional<unsigned> group;
    std::optional<std::vector<std::string>> wanted;
    for (auto [index, row] : llvm::enumerate(found.rows)) {
      Candidate &candidate = candidates[index];
      if (!candidate.code)
        continue;
      if (stop) {
        candidate.code.reset();
        fail(row, "interrupted before it was measured");
        continue;
      }
      progress(llvm::formatv("checking {0} of {1}", index + 1, found.rows.size()).str());
      if (group != candidate.configuration.group) {
        group = candidate.configuration.group;
        wanted.reset();
        try {
          wanted = resultsOf(codeOf(unpipelined(*kernel.signature, candidate.configuration)));
        } catch (const std::exception &) {
          // Nothing to compare with.
        }
      }
      try {
        std::vector<std::string> got = resultsOf(*candidate.code);
        if (wanted && !row.report.loops.empty())
          row.error = checkError(problem->errorOf(got, *wanted));
        auto launch = [&] { candidate.code->launchWith(stream, problem->arguments()); };
        candidate.launches = launchesFor(kSampleSeconds, watch.time(launch, 1));
      } catch (const std::exception &error) {
        candidate.code.reset();
        fail(row, lineOf(error));
      }
    }
  }

  /// A configuration leaves a chip warm or cool, and caches full, for the next: each round has another order.
  void time() {
    std::vector<std::size_t> order(found.rows.size());
    std::iota(order.begin(), order.end(), 0);
    std::mt19937 random(request.problem.seed);
    for (unsigned round = 0; round <= request.rounds && !stop; ++round) {
      std::shuffle(order.begin(), order.end(), random);
      for (auto [turn, index] : llvm::enumerate(order)) {
        Candidate &candidate = candidates[index];
        Row &row = found.rows[index];
        if (!candidate.code || stop)
          continue;
        progress(llvm::formatv("round {0} of {1}, configuration {2} of {3}", round, request.rounds, turn + 1,
                               found.rows.size())
                     .str());
        try {
          double seconds =
              watch.time([&] { candidate.code->launchWith(stream, problem->arguments()); }, candidate.launches);
          if (round > 0)
            row.samples.push_back(seconds);
        } catch (const std::exception &error) {
          candidate.code.reset();
          fail(row, lineOf(error));
        }
      }
    }
    found.interrupted = stop;
    for (Row &row : found.rows)
      if (row.status == Row::Status::Ok && row.samples.empty())
        fail(row, "interrupted before it was measured");
  }

  void compare() {
    if (request.compare.empty() || !llvm::all_of(found.rows, [](const Row &row) { return row.isMeasured(); }))
      return;
    Row ratios;
    for (auto [first, second] : llvm::zip(found.rows[0].samples, found.rows[1].samples))
      ratios.samples.push_back(second / first);
    found.comparison = {ratios.median(), ratios.low(), ratios.high()};
  }

  /// The kernel in each of its phases, and its schedule.
  void keepPhases(const Configuration &configuration) {
    progress("writing the phases");
    std::array<std::int64_t, 3> grid;
    std::unique_ptr<runtime::Compilation> compilation = compilationOf(configuration, grid);
    using runtime::Stage;
    for (auto [stage, name] : {std::pair(Stage::Tile, "tile"), std::pair(Stage::Planned, "planned"),
                               std::pair(Stage::Pipelined, "pipelined"), std::pair(Stage::Placed, "placed"),
                               std::pair(Stage::Synchronised, "synchronised")}) {
      if (target == "cpu" && stage == Stage::Placed)
        return;
      if (!compilation->runTo(stage))
        return;
      found.phases.emplace_back(name, compilation->text());
      // Placement may plan once more.
      if (stage >= Stage::Planned) {
        found.schedule = pipeline::scheduleSvg(compilation->schedule());
        found.scheduleJson = pipeline::scheduleJson(compilation->schedule());
      }
    }
    if (std::optional<nvptx::Image> image = compilation->compileForGpu())
      found.phases.emplace_back("ptx", image->ptx);
  }

  /// The row whose schedule is measured: the recommended one, else the fastest.
  std::optional<std::size_t> timelineRow() const {
    std::optional<std::size_t> best = found.judgement.recommended;
    if (!best)
      for (auto [index, row] : llvm::enumerate(found.rows))
        if (row.isMeasured() && (!best || row.median() < found.rows[*best].median()))
          best = index;
    return best;
  }

  /// Measures the schedule of one row. What can't be measured doesn't take the rest along.
  void recordTimeline() {
    auto timeline = std::make_shared<Timeline>();
    std::optional<std::size_t> row = timelineRow();
    try {
      if (!row || !candidates[*row].code)
        throw Error("no configuration could be measured");
      *timeline = timelineOf(candidates[*row]);
    } catch (const std::exception &error) {
      timeline->text = "The schedule can't be measured: " + lineOf(error) + ".";
    }
    found.timeline = std::move(timeline);
  }

  Timeline timelineOf(const Candidate &candidate) {
    progress("recording the schedule");
    runtime::KernelRef chosen = kernel;
    chosen.params = candidate.configuration.params;
    KernelOptions options;
    options.planFor = request.planFor;
    options.stages = candidate.configuration.loopStages();
    std::array<std::int64_t, 3> grid;
    std::unique_ptr<runtime::Compilation> compilation = compilationOf(candidate.configuration, grid);
    compilation->runTo(target == "cpu" ? runtime::Stage::Planned : runtime::Stage::Placed);
    bool isOwn = (target == "cpu") == (request.device.context() == nullptr);
    TimelineRequest asked{chosen,          options,
                          *candidate.code, candidate.launches,
                          request.rounds,  found.machine.clock,
                          isOwn,           compilation->schedule()};
    return measureTimeline(asked, *problem, stream, watch, stop);
  }

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
} // namespace

Experiment tuning::measure(const Request &request, const std::function<void(const std::string &)> &progress,
                           const std::atomic<bool> &stop) {
  return Run(request, progress, stop)();
}
