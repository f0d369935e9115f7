//===- Experiment.cpp - Figures of a benchmark ---------------------*- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "tile/Tuning/Experiment.h"

#include <llvm/ADT/STLExtras.h>

#include <algorithm>

using namespace tile;
using namespace tile::tuning;

/// Of two in the middle, their mean.
static double medianOf(std::vector<double> values) {
  llvm::sort(values);
  std::size_t half = values.size() / 2;
  return values.size() % 2 ? values[half] : (values[half - 1] + values[half]) / 2;
}

double Row::median() const { return medianOf(samples); }
double Row::low() const { return *llvm::min_element(samples); }
double Row::high() const { return *llvm::max_element(samples); }

const LoopReport *Row::mainLoop() const {
  auto found = std::max_element(report.loops.begin(), report.loops.end(),
                                [](const LoopReport &a, const LoopReport &b) { return a.serial < b.serial; });
  return found == report.loops.end() ? nullptr : &*found;
}

std::optional<double> Work::intensity() const {
  if (!flops || bytes <= 0)
    return std::nullopt;
  return *flops / bytes;
}

std::optional<double> Work::balance() const {
  std::optional<double> own = intensity();
  if (!own || !computeSeconds || !memorySeconds || *computeSeconds <= 0)
    return std::nullopt;
  return *own * *memorySeconds / *computeSeconds;
}

llvm::StringRef tuning::nameOf(Row::Status status) {
  switch (status) {
  case Row::Status::Ok:
    return "ok";
  case Row::Status::DoesNotFit:
    return "does not fit";
  case Row::Status::Failed:
    return "failed";
  case Row::Status::NotMeasured:
    return "not measured";
  }
  llvm_unreachable("all are covered");
}

std::optional<double> tuning::flopRate(const Experiment &experiment, const Row &row) {
  if (!row.isMeasured() || !experiment.work.flops)
    return std::nullopt;
  return *experiment.work.flops / row.median();
}

std::optional<double> tuning::byteRate(const Experiment &experiment, const Row &row) {
  if (!row.isMeasured())
    return std::nullopt;
  return experiment.work.bytes / row.median();
}

std::optional<double> tuning::roofline(const Experiment &experiment, const Row &row) {
  const Work &work = experiment.work;
  if (!row.isMeasured() || !work.computeSeconds || !work.memorySeconds)
    return std::nullopt;
  return std::max(*work.computeSeconds, *work.memorySeconds) / row.median();
}
