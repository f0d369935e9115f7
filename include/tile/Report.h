//===- Report.h - What the compiler did with a kernel ------------*- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef TILE_REPORT_H
#define TILE_REPORT_H

#include "tile/Error.h"
#include "tile/Export.h"

#include <array>
#include <cstdint>
#include <iosfwd>
#include <string>
#include <utility>
#include <vector>

namespace tile {

/// A place in the source, counted from 1; line 0 when unknown.
struct Location {
  std::string file;
  unsigned line = 0;
  unsigned column = 0;
};

/// What was decided about the kernel, one loop, load, store or dot: done, or left alone and why.
struct Verdict {
  Location location;
  bool pipelined = false;
  /// "kernel", "loop", "load", "store" or "dot".
  std::string subject;
  /// What was done, or why nothing was, and what to change; empty when nothing is to be gained.
  std::string message, suggestion;
};

/// The plan of one loop. Cycles are the machine model's, a prediction.
struct LoopReport {
  Location location;
  /// Buffers of each pipelined load; 1 when the loop runs as written.
  std::int64_t stages = 1;
  /// Cycles from one iteration to the next, and cycles of one iteration when nothing overlaps.
  std::int64_t initiationInterval = 0, serial = 0;
  /// The unit or the recurrence that decides the initiation interval.
  std::string bound;
  /// What the model would have chosen for `stages`.
  std::int64_t modelStages = 1;
  /// Bytes of the loop's rings.
  std::int64_t sharedBytes = 0;
};

/// What the compiler did for one specialisation. A plain value.
class TILE_API Report {
public:
  std::string kernel;
  /// The device's name, and the machine that the plan was made for.
  std::string device, target;
  /// Parameters by name with the value used, in the order of the kernel's `<>`.
  std::vector<std::pair<std::string, std::string>> parameters;
  /// Who chose what the author of the call left open, parameters and stages: "model", the machine model alone, or "tuning", by what
  /// tile::tune has measured. Empty where nothing is open.
  std::string chosenBy;
  /// The arguments it was specialised for, in words: "a: f32[?, ?], unit stride on axis 1, aligned to 16 bytes".
  std::vector<std::string> arguments;
  /// The grid for the arguments of the first prepare.
  std::array<std::int64_t, 3> grid = {1, 1, 1};
  std::vector<LoopReport> loops;
  std::vector<Verdict> verdicts;
  std::vector<Diagnostic> warnings;
  /// Compile time in seconds by phase, in order.
  std::vector<std::pair<std::string, double>> timings;
  /// Bytes of the rings of a program (shared memory on a GPU), and of all memory beside the tensors that a running program needs.
  std::int64_t sharedBytes = 0, scratchBytes = 0;
  /// What follows is of a GPU only, and else 0 or empty. Threads of a program; registers of a thread, and its bytes of registers that
  /// didn't fit and of local memory in all.
  int threads = 0, registers = 0, spilledBytes = 0, localBytes = 0;
  /// Those of the threads that only start copies. Where there are some, all have so many registers when a program starts, and share
  /// them out anew then.
  int producerThreads = 0;
  /// Of a persistent kernel, how many workers are launched, which run the programs of the grid.
  std::int64_t workers = 0;
  /// Programs that a multiprocessor runs at once, the share of its warps that they are, and what keeps it from running more:
  /// "registers", "shared memory", "warps" or "blocks".
  int programsAtOnce = 0;
  double occupancy = 0;
  std::string occupancyLimit;
  /// The machine code came from the cache on the disk.
  bool fromCache = false;
  /// The schedule of every pipelined loop, drawn in text: iterations across, time down. Empty when no loop is pipelined.
  std::string schedule;

  /// Most of it for people, some lines long, without the schedule.
  std::string text() const;
  /// All of it as one JSON object.
  std::string json() const;
};

/// Writes text().
TILE_API std::ostream &operator<<(std::ostream &out, const Report &report);

} // namespace tile

#endif // TILE_REPORT_H
