//===- BenchTuned.cpp - What tuning found, as rows --------------*- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// \file
/// Tuning measures by itself; its rows are told like those of other runs, and the fastest is looked at more closely.
///
//===----------------------------------------------------------------------===//

#include "BenchRun.h"
#include "tile/Error.h"
#include "tile/Tuning/Machine.h"
#include "tile/Tuning/Verdict.h"

#include <llvm/Support/FormatVariadic.h>

using namespace tile;
using namespace tile::tuning;

void Run::tune(llvm::ArrayRef<Configuration> given) {
  if (!request.stages.empty())
    throw Error("--tune searches the stage counts itself: no --stages; -D fixes one");
  if (given.size() != 1)
    throw Error("--tune searches the values that the kernel lists; -D fixes one, and " + std::to_string(given.size()) +
                " configurations are given");
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
                    request.rounds, kSampleSeconds * 1e3, watch.hasEvents() ? "events on the stream" : "the wall clock",
                    request.problem.seed)
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

void Run::addTuned(const TuneRow &tuned) {
  Row row;
  Candidate candidate;
  for (auto &[name, value] : tuned.parameters)
    candidate.configuration.params.push_back(lang::parseParamValue(value).value_or(lang::ParamValue()));
  row.stages = tuned.stages;
  row.isAuto = !tuned.loopStages &&
               llvm::none_of(llvm::zip(kernel.signature->params, candidate.configuration.params), [](const auto &pair) {
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

void Run::examineBest(std::size_t best) {
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
