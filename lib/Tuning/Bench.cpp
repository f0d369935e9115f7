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

#include "BenchRun.h"
#include "Failures.h"
#include "tile/Error.h"
#include "tile/Runtime/Choose.h"
#include "tile/Tuning/Machine.h"
#include "tile/Tuning/Verdict.h"

#include <llvm/Support/FormatVariadic.h>
#include <numeric>
#include <random>

using namespace tile;
using namespace tile::tuning;

Experiment Run::operator()() {
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

void Run::makeProblem(const Configuration &first) {
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

void Run::choose(std::vector<Configuration> &configurations) {
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

void Run::checkLoops(const Configuration &first) const {
  std::array<std::int64_t, 3> grid;
  if (!first.ofLoops)
    return;
  std::unique_ptr<runtime::Compilation> compilation = compilationOf(first, grid);
  if (compilation->runTo(runtime::Stage::Tile) &&
      !compilation->kernel().walk([](ir::ForOp) { return mlir::WalkResult::interrupt(); }).wasInterrupted())
    throw Error("--stages: kernel '" + kernel.signature->name + "' has no loop");
}

void Run::describe() {
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
  found.cacheState = llvm::formatv("caches aren't flushed between launches, and the tensors take {0:F1} MB", footprint);
  if (cache > 0)
    found.cacheState += llvm::formatv(", {0} the {1:F1} MB of the second-level cache",
                                      footprint > cache ? "more than" : "which fit into", cache)
                            .str();
}

std::vector<std::string> Run::resultsOf(const Prepared &code) {
  problem->reset();
  code.launchWith(stream, problem->arguments());
  stream.synchronize();
  return problem->results();
}

void Run::check() {
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

void Run::time() {
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

void Run::compare() {
  if (request.compare.empty() || !llvm::all_of(found.rows, [](const Row &row) { return row.isMeasured(); }))
    return;
  Row ratios;
  for (auto [first, second] : llvm::zip(found.rows[0].samples, found.rows[1].samples))
    ratios.samples.push_back(second / first);
  found.comparison = {ratios.median(), ratios.low(), ratios.high()};
}

Experiment tuning::measure(const Request &request, const std::function<void(const std::string &)> &progress,
                           const std::atomic<bool> &stop) {
  return Run(request, progress, stop)();
}
