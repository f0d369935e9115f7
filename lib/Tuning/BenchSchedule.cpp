//===- BenchSchedule.cpp - The schedule of the best configuration --*- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// \file
/// What the kernel is in each phase, its planned schedule, and the one that is measured.
///
//===----------------------------------------------------------------------===//

#include "BenchRun.h"
#include "Failures.h"
#include "tile/Error.h"

using namespace tile;
using namespace tile::tuning;

void Run::keepPhases(const Configuration &configuration) {
  progress("writing the phases");
  std::array<std::int64_t, 3> grid;
  std::unique_ptr<runtime::Compilation> compilation = compilationOf(configuration, grid);
  using runtime::Stage;
  for (auto [stage, name] :
       {std::pair(Stage::Tile, "tile"), std::pair(Stage::Planned, "planned"), std::pair(Stage::Pipelined, "pipelined"),
        std::pair(Stage::Placed, "placed"), std::pair(Stage::Synchronised, "synchronised")}) {
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

std::optional<std::size_t> Run::timelineRow() const {
  std::optional<std::size_t> best = found.judgement.recommended;
  if (!best)
    for (auto [index, row] : llvm::enumerate(found.rows))
      if (row.isMeasured() && (!best || row.median() < found.rows[*best].median()))
        best = index;
  return best;
}

void Run::recordTimeline() {
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

Timeline Run::timelineOf(const Candidate &candidate) {
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
