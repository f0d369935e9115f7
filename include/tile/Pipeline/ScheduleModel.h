//===- ScheduleModel.h - A planned schedule as data, and its writers *- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What a plan means in time: which iteration's copies, products and other work keep which unit busy when, and who sits in which slot.
// It is computed once, from the planned IR and the target's machine model, and written as text, as JSON (docs/schedule.md) or as a picture.
// Nothing here refers to the IR, which may be gone when the schedule is written.
//
//===----------------------------------------------------------------------===//

#ifndef TILE_PIPELINE_SCHEDULEMODEL_H
#define TILE_PIPELINE_SCHEDULEMODEL_H

#include "tile/Pipeline/MachineModel.h"

#include <optional>
#include <string>
#include <vector>

namespace tile::pipeline {

/// A place in the source, and the line that stands there where it is known.
struct SourcePlace {
  std::string file;
  unsigned line = 0, column = 0;
  std::string text;

  /// "matmul.tile:12:5", or "?" for what has no place in a file.
  std::string str() const;
};

/// A load of a loop.
struct ScheduledLoad {
  /// What pictures call it: A, B, ….
  std::string name;
  SourcePlace place;
  /// "128x32xbf16".
  std::string type;
  /// How it moves its data: "async", "tensor", ….
  std::string copy;
  /// Where it stands in the schedule, how many iterations later it is read, and how many slots it owns; `ahead` is 0 for a load that stays
  /// where it is, and `depth` for one without slots.
  std::int64_t stage = 0, ahead = 0, depth = 0;
  std::int64_t slotBytes = 0;

  /// The slot that an iteration's data sits in.
  std::int64_t slot(std::int64_t iteration) const { return depth ? iteration % depth : 0; }
};

/// Ops of a loop that stand together: one load, or neighbours that keep the same unit busy.
struct ScheduledGroup {
  /// "load A", "dot", "3 elementwise".
  std::string name;
  Unit unit = Unit::None;
  std::int64_t stage = 0, order = 0;
  /// Cycles for which an iteration keeps the unit busy.
  std::int64_t busy = 0;
  /// The load that this is, or nothing.
  std::optional<unsigned> load;
  /// The loads that are read.
  std::vector<unsigned> reads;
};

/// What one group does for one iteration, in cycles since the loop began. A load starts `start`, keeps its unit busy from `unitStart` to
/// `unitEnd`, and its data is there at `done`.
struct ScheduledEvent {
  unsigned group = 0;
  std::int64_t iteration = 0;
  std::int64_t start = 0, unitStart = 0, unitEnd = 0, done = 0;
};

/// An iteration's data in its slot: issued, landed, read from `read` on, and gone at `released`.
struct Residence {
  unsigned load = 0;
  std::int64_t iteration = 0, slot = 0;
  std::int64_t issued = 0, landed = 0, read = 0, released = 0;
};

struct LoopSchedule {
  SourcePlace place;
  /// Of the plan: see #tile.plan. Stages are 1 where the loop runs as written.
  std::int64_t stages = 1, ii = 0, serial = 0, modelStages = 1, sharedBytes = 0;
  std::string bound;
  /// A producer fills the rings, ahead by as many slots as are free.
  bool hasProducer = false;
  /// The last stage of an op.
  std::int64_t last = 0;
  std::optional<std::int64_t> trips;
  std::vector<ScheduledLoad> loads;
  std::vector<ScheduledGroup> groups;

  /// The iterations that follow: so many that all parts of the schedule are seen, or all there are.
  std::int64_t iterations = 0;
  std::vector<ScheduledEvent> events;
  std::vector<Residence> residences;
  /// When each iteration's last op is done. The first work begins at `steadyBegin`, nothing is left to issue from `tailBegin` on.
  std::vector<std::int64_t> iterationEnds;
  std::int64_t steadyBegin = 0, tailBegin = 0, end = 0;
  /// Cycles from one iteration to the next, once all slots have been used often.
  double interval = 0;

  bool isPipelined() const { return stages > 1; }
  /// The cycles of each iteration for which its groups keep a unit busy.
  std::int64_t busyOf(Unit unit) const;
};

struct Schedule {
  std::string kernel, target;
  std::int64_t warps = 0;
  std::vector<LoopSchedule> loops;
};

/// The line of a source file, without its end; empty where it isn't known.
using SourceLines = llvm::function_ref<std::string(llvm::StringRef file, unsigned line)>;

/// The schedule of every loop of a planned kernel, outer loops first.
Schedule makeSchedule(ir::KernelOp planned, SourceLines lines = {});

/// Iterations across, time down, and in each cell what the iteration does in that step: which loads it issues into which slot, or which
/// slots it computes from.
std::string scheduleText(const Schedule &schedule, std::int64_t iterations = 6);
/// As docs/schedule.md describes it.
std::string scheduleJson(const Schedule &schedule);
/// A picture, 960 wide: iterations, units and slots over time.
std::string scheduleSvg(const Schedule &schedule);

} // namespace tile::pipeline

#endif // TILE_PIPELINE_SCHEDULEMODEL_H
