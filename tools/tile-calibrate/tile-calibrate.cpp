//===- tile-calibrate.cpp - Measures what the machine models say ---*- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// \file
/// Measures units of this machine one by one, and sets what they do beside what the planner's model says of them.
///
//===----------------------------------------------------------------------===//

#include "../CommandLine.h"
#include "../Output.h"
#include "Figures.h"
#include "tile/Error.h"
#include "tile/Pipeline/MachineModel.h"
#include "tile/Tuning/Machine.h"
#include "tile/tile.h"

#include <llvm/Support/FormatVariadic.h>
#include <llvm/Support/raw_ostream.h>

#include <cmath>

using namespace tile;
using namespace tile::calibrate;
using pipeline::MachineModel;

static constexpr const char *kUsage = R"(usage: tile-calibrate [options]

Measures what the planner's machine model says of this machine: memory and caches, copies, dots, elementwise
work, and launches. Prints each figure beside the model's, and a model with what was measured.

  --device NAME      what is measured: cpu, cuda, cuda:1 (else the first GPU, or cpu where there is none)
  --quick            hardly measures: whether everything runs
  --help, --version

Exit status: 0; 1 when something can't be measured; 2 for bad usage.
)";

namespace {
/// A constant of a model: what it is called, and what it is.
struct Field {
  std::string name;
  double value;
};
} // namespace

/// The constants of a model that something measures, in the order of their declaration.
static std::vector<Field> fieldsOf(const MachineModel &model) {
  std::vector<Field> fields;
  auto add = [&](const char *name, double value) { fields.push_back({name, value}); };
  add("copyBytesPerCycle", model.copyBytesPerCycle);
  add("copyLatency", static_cast<double>(model.copyLatency));
  if (model.memoryBytesPerCycle != 0)
    add("memoryBytesPerCycle", model.memoryBytesPerCycle);
  add("dotRates.bits64", model.dotRates.bits64);
  add("dotRates.bits32", model.dotRates.bits32);
  add("dotRates.bits16", model.dotRates.bits16);
  add("dotRates.bits8", model.dotRates.bits8);
  if (model.tensor.copyLatency != 0) {
    add("tensor.dotRates.bits32", model.tensor.dotRates.bits32);
    add("tensor.dotRates.bits16", model.tensor.dotRates.bits16);
    add("tensor.dotRates.bits8", model.tensor.dotRates.bits8);
    add("tensor.copyBytesPerCycle", model.tensor.copyBytesPerCycle);
    add("tensor.arrivalBytesPerCycle", model.tensor.arrivalBytesPerCycle);
    add("tensor.copyLatency", static_cast<double>(model.tensor.copyLatency));
    add("tensor.sharedBytesPerCycle", model.tensor.sharedBytesPerCycle);
  }
  add("dotLatency", static_cast<double>(model.dotLatency));
  add("aluRate", model.aluRate);
  add("specialRate", model.specialRate);
  add("aluLatency", static_cast<double>(model.aluLatency));
  return fields;
}

static const Figure *figureOf(const Figures &figures, llvm::StringRef field) {
  for (const Figure &figure : figures)
    if (figure.field == field)
      return &figure;
  return nullptr;
}

/// A number with three digits that count.
static std::string text(double value) {
  const char *format = value >= 100 ? "{0:F0}" : value >= 10 ? "{0:F1}" : "{0:F2}";
  return llvm::formatv(format, value).str();
}

/// How many characters a text has on a screen.
static std::size_t width(llvm::StringRef text) {
  return static_cast<std::size_t>(llvm::count_if(text, [](char c) { return (c & 0xC0) != 0x80; }));
}

static void print(const Figures &figures, const std::vector<Field> &fields) {
  auto cell = [](llvm::StringRef content, std::size_t columns, bool isNumber) {
    std::string space(columns - std::min(columns, width(content)), ' ');
    llvm::outs() << (isNumber ? space + content.str() : content.str() + space) << "  ";
  };
  constexpr std::size_t kWhat = 64, kNumber = 9, kUnit = 21, kRatio = 5;
  auto row = [&](llvm::StringRef what, llvm::StringRef measured, llvm::StringRef unit, llvm::StringRef model,
                 llvm::StringRef ratio, llvm::StringRef field) {
    cell(what, kWhat, false);
    cell(measured, kNumber, true);
    cell(unit, kUnit, false);
    cell(model, kNumber, true);
    cell(ratio, kRatio, true);
    llvm::outs() << field << "\n";
  };
  row("what", "measured", "", "model", "ratio", "field");
  for (const Figure &figure : figures) {
    if (std::isnan(figure.value)) {
      llvm::outs() << figure.what << "\n";
      continue;
    }
    auto field = llvm::find_if(fields, [&](const Field &each) { return each.name == figure.field; });
    bool isKnown = !figure.field.empty() && field != fields.end() && field->value != 0;
    row(figure.what, text(figure.value), figure.unit, isKnown ? text(field->value) : "",
        isKnown ? llvm::formatv("{0:F2}", figure.value / field->value).str() : "", isKnown ? field->name : "");
  }
}

/// Writes a model as its initialiser has it, with what was measured; what was not stays as it is and is said.
static void printModel(const MachineModel &model, const Figures &figures, const std::vector<Field> &fields) {
  llvm::outs() << "\n// Of '" << model.name << "', measured; what isn't named here stays.\n";
  for (const Field &field : fields) {
    const Figure *figure = figureOf(figures, field.name);
    llvm::outs() << "model." << field.name << " = " << text(figure ? figure->value : field.value) << ";"
                 << (figure ? "" : " // not measured") << "\n";
  }
}

static int measure(const std::string &name, bool quick) {
  Device device = name.empty() ? Device::best() : Device::byName(name);
  const MachineModel *model = MachineModel::find(device.target());
  llvm::outs() << device.description() << ", model '" << device.target() << "'";
  if (!model)
    throw Error("there is no model of '" + device.target() + "'");
  bool isGpu = device.context() != nullptr;
  if (name.empty() && !isGpu)
    llvm::outs() << "; there is no GPU, so the processor is measured";
  tuning::Machine machine = tuning::examineMachine(device);
  llvm::outs() << llvm::formatv(", {0:F2} GHz ({1})\n\n", machine.clock * 1e-9, machine.clockSource);
  Figures figures;
  if (isGpu) {
    int ordinal = 0;
    llvm::StringRef(device.name()).split(':').second.getAsInteger(10, ordinal);
    auto gpu = driver::Gpu::open(ordinal);
    if (!gpu)
      throw Error(llvm::toString(gpu.takeError()));
    figures = measureGpu(*gpu, quick);
  } else {
    figures = measureProcessor(machine.clock, quick);
  }
  if (quick)
    llvm::outs() << "--quick: none of this is a measurement\n";
  std::vector<Field> fields = fieldsOf(*model);
  print(figures, fields);
  printModel(*model, figures, fields);
  tools::writeStandardOutput("");
  return llvm::any_of(figures, [](const Figure &figure) { return std::isnan(figure.value); });
}

extern "C" TILE_API int tile_calibrate_main(int argc, char **argv) {
  std::string device;
  bool quick = false;
  tools::CommandLine line("tile-calibrate", kUsage, llvm::ArrayRef(argv, argc).drop_front(argc ? 1 : 0));
  auto apply = [&](llvm::StringRef word) {
    if (word == "--quick")
      quick = true;
    else if (!line.take(word, "--device", device))
      throw Error("unknown option '" + word.str() + "'");
  };
  if (std::optional<int> status = line.parse(apply, [] {}))
    return *status;
  try {
    return measure(device, quick);
  } catch (const std::exception &error) {
    // What ended it is said, and not that its output was lost, too.
    llvm::outs().flush();
    llvm::outs().clear_error();
    llvm::errs() << error.what() << "\n";
    return 1;
  }
}
