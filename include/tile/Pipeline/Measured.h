//===- Measured.h - A schedule as it was measured, beside its plan -*- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef TILE_PIPELINE_MEASURED_H
#define TILE_PIPELINE_MEASURED_H

#include "tile/Pipeline/ScheduleModel.h"

namespace tile::pipeline {

/// When a warp did what of one iteration. Nothing where it wasn't recorded.
struct MeasuredIteration {
  std::int64_t number = 0;
  std::optional<double> acquire, issue, issued, await, arrived;
  std::vector<std::pair<double, double>> work;
};

struct MeasuredWarp {
  std::string name;
  bool isProducer = false;
  std::vector<MeasuredIteration> iterations;
};

/// What the warps of one program did in a loop.
struct MeasuredLoop {
  std::string unit;
  /// Of the unit in one cycle of the plan; 0 when nobody knows.
  double perCycle = 0;
  std::int64_t program = 0;
  std::vector<MeasuredWarp> warps;
};

/// A picture, 960 wide: the first and the last iterations as they were measured over what was planned, and what each warp did.
std::string measuredSvg(const Schedule &schedule, const LoopSchedule &planned, const MeasuredLoop &measured);

} // namespace tile::pipeline

#endif // TILE_PIPELINE_MEASURED_H
