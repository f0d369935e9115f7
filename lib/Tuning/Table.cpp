//===- Table.cpp - A benchmark for people --------------------------*- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "tile/Tuning/Experiment.h"

#include <llvm/ADT/STLExtras.h>
#include <llvm/Support/FormatVariadic.h>

#include <cmath>

using namespace tile;
using namespace tile::tuning;

/// A number with so many digits behind the point, or a dash.
static std::string number(std::optional<double> value, unsigned digits, double unit = 1) {
  if (!value || !std::isfinite(*value))
    return "-";
  char buffer[64];
  std::snprintf(buffer, sizeof(buffer), "%.*f", static_cast<int>(digits), *value / unit);
  return buffer;
}

static std::string error(std::optional<double> value) {
  if (!value)
    return "-";
  char buffer[64];
  std::snprintf(buffer, sizeof(buffer), *value == 0 ? "0" : "%.1e", *value);
  return buffer;
}

/// Whether a parameter has a column of its own: one for stages has that of the stages.
static bool isStages(const Experiment &experiment, std::size_t parameter) {
  return llvm::is_contained(experiment.stageParameters, experiment.rows.front().parameters[parameter].first);
}

/// Whether all rows have the same value for a parameter: it is said once, above the table.
static bool isFixed(const Experiment &experiment, std::size_t parameter) {
  return llvm::all_of(experiment.rows, [&](const Row &row) {
    return row.parameters[parameter].second == experiment.rows.front().parameters[parameter].second;
  });
}

/// Lines of cells, each column as wide as it must be, aligned to the right. A line of fewer cells ends in one that may be of any width.
static std::string align(const std::vector<std::vector<std::string>> &lines) {
  std::vector<std::size_t> widths(lines.front().size());
  for (const auto &line : lines)
    for (std::size_t i = 0; i < line.size(); ++i)
      if (i + 1 < line.size() || line.size() == widths.size())
        widths[i] = std::max(widths[i], line[i].size());
  std::string text;
  for (const auto &line : lines) {
    for (std::size_t i = 0; i < line.size(); ++i) {
      bool isFree = line.size() < widths.size() && i + 1 == line.size();
      text += (i ? "  " : "") +
              std::string(isFree || widths[i] < line[i].size() ? 0 : widths[i] - line[i].size(), ' ') + line[i];
    }
    text += "\n";
  }
  return text;
}

static std::vector<std::string> cellsOf(const Experiment &experiment, const Row &row, bool ofGpu) {
  if (!row.isMeasured())
    return {nameOf(row.status).str() + ": " + row.reason};
  constexpr double kMilli = 1e-3, kGiga = 1e9, kTera = 1e12, kPercent = 1e-2;
  // What was measured earlier is remembered without what the compiler said.
  bool isCompiled = !row.report.kernel.empty();
  auto ifCompiled = [&](std::string text) { return isCompiled ? text : std::string("-"); };
  std::vector<std::string> cells = {number(row.median(), 4, kMilli),
                                    number(row.low(), 4, kMilli) + "-" + number(row.high(), 4, kMilli),
                                    number(flopRate(experiment, row), 3, kTera),
                                    number(byteRate(experiment, row), 1, kGiga),
                                    number(roofline(experiment, row), 1, kPercent),
                                    number(row.predicted, 4, kMilli)};
  if (ofGpu) {
    cells.push_back(ifCompiled(std::to_string(row.report.registers)));
    cells.push_back(ifCompiled(std::to_string(row.report.spilledBytes)));
  }
  cells.push_back(ifCompiled(std::to_string(row.report.sharedBytes)));
  if (ofGpu)
    cells.push_back(ifCompiled(number(row.report.occupancy, 0, kPercent) + " " + row.report.occupancyLimit));
  cells.push_back(error(row.error));
  return cells;
}

std::string tuning::toTable(const Experiment &experiment) {
  const Machine &machine = experiment.machine;
  std::string text = "kernel '" + experiment.kernel + "' of " + experiment.source + " on " + machine.device + " (" +
                     machine.description + "), for " + machine.target + "\n";
  for (const std::string &argument : experiment.arguments)
    text += "  " + argument + "\n";
  const Work &work = experiment.work;
  text += "  " + number(work.flops, 3, 1e9) + " GFLOP, " + number(work.bytes, 3, 1e6) + " MB, " +
          number(work.intensity(), 2) + " operations a byte; the machine's balance is " + number(work.balance(), 2) +
          "\n  clock " + number(machine.clock > 0 ? std::optional(machine.clock) : std::nullopt, 2, 1e9) + " GHz" +
          (machine.clockSource.empty() ? "" : " (" + machine.clockSource + ")") + ", memory " +
          number(machine.memoryBytes, 0, 1e9) + " GB/s, a copy " + number(machine.copyBytes, 0, 1e9) + " GB/s\n  " +
          experiment.timing + "; " + experiment.cacheState + "\n";
  if (experiment.rows.empty())
    return text;
  std::size_t parameters = experiment.rows.front().parameters.size();
  std::string fixed;
  std::vector<std::string> heads;
  for (std::size_t i = 0; i < parameters; ++i) {
    auto &[name, value] = experiment.rows.front().parameters[i];
    if (isStages(experiment, i))
      continue;
    if (isFixed(experiment, i))
      fixed += (fixed.empty() ? "" : ", ") + name + " = " + value;
    else
      heads.push_back(name);
  }
  if (!fixed.empty())
    text += "  " + fixed + "\n";
  bool ofGpu = llvm::any_of(experiment.rows, [](const Row &row) { return row.report.threads != 0; });
  std::vector<std::vector<std::string>> lines;
  for (const char *head : {"stages", "ms", "from-to", "TFLOP/s", "GB/s", "% of roof", "predicted"})
    heads.push_back(head);
  if (ofGpu)
    heads.insert(heads.end(), {"registers", "spills"});
  heads.push_back("shared");
  if (ofGpu)
    heads.push_back("occupancy %");
  heads.push_back("error");
  lines.push_back(heads);
  for (const Row &row : experiment.rows) {
    // Of a search most rows are none that anybody looks at.
    if (experiment.tuning && (row.status == Row::Status::NotMeasured || row.status == Row::Status::DoesNotFit))
      continue;
    std::vector<std::string> line;
    for (std::size_t i = 0; i < parameters; ++i)
      if (!isFixed(experiment, i) && !isStages(experiment, i))
        line.push_back(row.parameters[i].second);
    line.push_back((row.isAuto ? "auto " : "") + std::to_string(row.stages));
    llvm::append_range(line, cellsOf(experiment, row, ofGpu));
    lines.push_back(std::move(line));
  }
  text += "\n" + align(lines) + "\n";
  if (const std::optional<Comparison> &found = experiment.comparison)
    text += llvm::formatv("The second takes {0:F3} times as long as the first ({1:F3}-{2:F3} over the rounds).\n\n",
                          found->ratio, found->low, found->high)
                .str();
  if (experiment.interrupted)
    text += "Interrupted; this is what was measured by then.\n";
  return text + experiment.judgement.text + "\n";
}
