//===- DrawSchedule.cpp - Draws a planned schedule as text ---------*- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Everything drawn comes from the planned IR: stages and orders, how far ahead each load is issued, how many slots it owns.
//
//===----------------------------------------------------------------------===//

#include "Specialise.h"
#include "tile/Pipeline/Pipeline.h"

#include <llvm/Support/FormatAdapters.h>
#include <llvm/Support/FormatVariadic.h>
#include <llvm/Support/raw_ostream.h>

using namespace mlir;
using namespace tile;
using namespace tile::ir;

/// "matmul.tile:12:5", or "?" for what has no place in a file.
static std::string place(Location loc) {
  auto found = loc->findInstanceOf<FileLineColLoc>();
  if (!found)
    return "?";
  return llvm::formatv("{0}:{1}:{2}", found.getFilename().strref(), found.getLine(), found.getColumn()).str();
}

namespace {
/// A load of a pipelined loop, as the picture names it: A, B, ….
struct DrawnLoad {
  LoadOp load;
  AtAttr at;
  std::string name;

  /// The load with the slot that an iteration's data sits in.
  std::string in(int64_t iteration) const {
    return at.getDepth() == 0 ? name : name + std::to_string(iteration % at.getDepth());
  }
};

class LoopDrawing {
public:
  LoopDrawing(ForOp loop, raw_ostream &os) : loop(loop), os(os) {
    for (Operation &op : loop.getBody()->without_terminator()) {
      auto at = op.getAttrOfType<AtAttr>(kAtAttrName);
      last = std::max(last, at.getStage());
      if (auto load = dyn_cast<LoadOp>(op); load && at.getAhead() > 0)
        loads.push_back(
            {load, at, loads.size() < 26 ? std::string(1, 'A' + loads.size()) : "L" + std::to_string(loads.size())});
    }
  }

  void draw(int64_t iterations) {
    drawLegend();
    size_t width = 0;
    for (int64_t step = 0; step < iterations + last; ++step)
      for (int64_t iteration = 0; iteration < iterations; ++iteration)
        width = std::max(width, cell(iteration, step - iteration).size());
    os << "\n  step ";
    for (int64_t iteration = 0; iteration < iterations; ++iteration)
      os << "  "
         << llvm::formatv("{0}", llvm::fmt_align("i = " + std::to_string(iteration), llvm::AlignStyle::Left, width));
    os << '\n';
    for (int64_t step = 0; step < iterations + last; ++step) {
      std::string line;
      llvm::raw_string_ostream row(line);
      row << llvm::formatv("  {0,4} ", step - last);
      for (int64_t iteration = 0; iteration < iterations; ++iteration)
        row << "  "
            << llvm::formatv("{0}", llvm::fmt_align(cell(iteration, step - iteration), llvm::AlignStyle::Left, width));
      row << "  " << part(step, iterations);
      os << StringRef(line).rtrim() << '\n';
    }
  }

private:
  void drawLegend() {
    PlanAttr plan = loop.getPlanAttr();
    os << "loop at " << place(loop.getLoc()) << ": " << plan.getStages() << " stages; by the model an iteration every "
       << plan.getIi() << " cycles, bound by " << plan.getBound() << "; one alone takes " << plan.getSerial() << "\n";
    for (const DrawnLoad &drawn : loads) {
      LoadOp load = drawn.load;
      os << "  " << drawn.name << "  load at " << place(load.getLoc()) << ": ";
      if (drawn.at.getDepth() == 0)
        os << "carried as a value";
      else
        os << drawn.at.getDepth() << " slots of " << valueBytes(load.getType()) << " bytes";
      os << ", issued " << drawn.at.getAhead() << " ahead\n";
    }
    os << "  issue A0: the copy into slot 0 of A starts; ~A0: it is in flight; compute A0: slot 0 of A is read\n";
  }

  /// What an iteration does in a stage.
  std::string cell(int64_t iteration, int64_t stage) const {
    if (stage < 0 || stage > last)
      return "";
    std::string issued, flying, read;
    for (const DrawnLoad &drawn : loads) {
      int64_t from = drawn.at.getStage(), to = from + drawn.at.getAhead();
      if (stage == from)
        issued += " " + drawn.in(iteration);
      else if (from < stage && stage < to)
        flying += "~" + drawn.in(iteration) + " ";
      else if (stage == to)
        read += " " + drawn.in(iteration);
    }
    SmallVector<std::string> parts;
    if (!issued.empty())
      parts.push_back("issue" + issued);
    if (!flying.empty())
      parts.push_back(StringRef(flying).rtrim().str());
    if (stage == last)
      parts.push_back("compute" + read);
    else if (!read.empty())
      parts.push_back("use" + read);
    return llvm::join(parts, ", ");
  }

  /// Which part of the pipelined loop a step belongs to.
  StringRef part(int64_t step, int64_t iterations) const {
    if (step < last)
      return step == 0 ? "prologue" : "";
    if (step == last)
      return "steady state";
    return step == iterations ? "tail: nothing left to issue" : "";
  }

  ForOp loop;
  raw_ostream &os;
  SmallVector<DrawnLoad> loads;
  int64_t last = 0;
};
} // namespace

std::string pipeline::drawSchedule(KernelOp planned, int64_t iterations) {
  std::string text;
  llvm::raw_string_ostream os(text);
  planned.walk<WalkOrder::PreOrder>([&](ForOp loop) {
    if (pipeline::isWorkLoop(loop))
      return;
    if (!text.empty())
      os << '\n';
    PlanAttr plan = loop.getPlanAttr();
    if (plan && plan.getStages() > 1)
      LoopDrawing(loop, os).draw(iterations);
    else
      os << "loop at " << place(loop.getLoc()) << ": one iteration after the other\n";
  });
  return text;
}
