//===- DrawSchedule.cpp - Draws a schedule as text ------------------*- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Steps are those of the plan: in each, an iteration issues its loads, has them in flight, or computes from their slots.
//
//===----------------------------------------------------------------------===//

#include "tile/Pipeline/ScheduleModel.h"

#include <llvm/Support/FormatAdapters.h>
#include <llvm/Support/FormatVariadic.h>
#include <llvm/Support/raw_ostream.h>

using namespace mlir;
using namespace tile;
using namespace tile::pipeline;

namespace {
class LoopDrawing {
public:
  LoopDrawing(const LoopSchedule &loop, raw_ostream &os) : loop(loop), os(os) {}

  void draw(int64_t iterations) {
    drawLegend();
    size_t width = 0;
    for (int64_t step = 0; step < iterations + loop.last; ++step)
      for (int64_t iteration = 0; iteration < iterations; ++iteration)
        width = std::max(width, cell(iteration, step - iteration).size());
    os << "\n  step ";
    for (int64_t iteration = 0; iteration < iterations; ++iteration)
      os << "  "
         << llvm::formatv("{0}", llvm::fmt_align("i = " + std::to_string(iteration), llvm::AlignStyle::Left, width));
    os << '\n';
    for (int64_t step = 0; step < iterations + loop.last; ++step) {
      std::string line;
      llvm::raw_string_ostream row(line);
      row << llvm::formatv("  {0,4} ", step - loop.last);
      for (int64_t iteration = 0; iteration < iterations; ++iteration)
        row << "  "
            << llvm::formatv("{0}", llvm::fmt_align(cell(iteration, step - iteration), llvm::AlignStyle::Left, width));
      row << "  " << part(step, iterations);
      os << StringRef(line).rtrim() << '\n';
    }
  }

private:
  void drawLegend() {
    os << "loop at " << loop.place.str() << ": " << loop.stages << " stages; by the model an iteration every "
       << loop.ii << " cycles, bound by " << loop.bound << "; one alone takes " << loop.serial << "\n";
    for (const ScheduledLoad &load : loop.loads) {
      if (load.ahead == 0)
        continue;
      os << "  " << load.name << "  load at " << load.place.str() << ": ";
      if (load.depth == 0)
        os << "carried as a value";
      else
        os << load.depth << " slots of " << load.slotBytes << " bytes";
      os << ", issued " << load.ahead << " ahead\n";
    }
    os << "  issue A0: the copy into slot 0 of A starts; ~A0: it is in flight; compute A0: slot 0 of A is read\n";
  }

  /// The load with the slot that an iteration's data sits in.
  static std::string in(const ScheduledLoad &load, int64_t iteration) {
    return load.depth == 0 ? load.name : load.name + std::to_string(load.slot(iteration));
  }

  /// What an iteration does in a stage.
  std::string cell(int64_t iteration, int64_t stage) const {
    if (stage < 0 || stage > loop.last)
      return "";
    std::string issued, flying, read;
    for (const ScheduledLoad &load : loop.loads) {
      if (load.ahead == 0)
        continue;
      int64_t from = load.stage, to = from + load.ahead;
      if (stage == from)
        issued += " " + in(load, iteration);
      else if (from < stage && stage < to)
        flying += "~" + in(load, iteration) + " ";
      else if (stage == to)
        read += " " + in(load, iteration);
    }
    SmallVector<std::string> parts;
    if (!issued.empty())
      parts.push_back("issue" + issued);
    if (!flying.empty())
      parts.push_back(StringRef(flying).rtrim().str());
    if (stage == loop.last)
      parts.push_back("compute" + read);
    else if (!read.empty())
      parts.push_back("use" + read);
    return llvm::join(parts, ", ");
  }

  /// Which part of the pipelined loop a step belongs to.
  StringRef part(int64_t step, int64_t iterations) const {
    if (step < loop.last)
      return step == 0 ? "prologue" : "";
    if (step == loop.last)
      return "steady state";
    return step == iterations ? "tail: nothing left to issue" : "";
  }

  const LoopSchedule &loop;
  raw_ostream &os;
};
} // namespace

std::string pipeline::scheduleText(const Schedule &schedule, int64_t iterations) {
  std::string text;
  llvm::raw_string_ostream os(text);
  for (const LoopSchedule &loop : schedule.loops) {
    if (!text.empty())
      os << '\n';
    if (loop.isPipelined())
      LoopDrawing(loop, os).draw(iterations);
    else
      os << "loop at " << loop.place.str() << ": one iteration after the other\n";
  }
  return text;
}
