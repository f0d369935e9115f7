//===- Json.cpp - A benchmark as JSON and as CSV -------------------*- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "tile/Tuning/Experiment.h"
#include "tile/Tuning/Timeline.h"

#include <llvm/ADT/StringExtras.h>
#include <llvm/Support/raw_ostream.h>

#include <cmath>

using namespace tile;
using namespace tile::tuning;

using llvm::json::Array;
using llvm::json::Object;
using llvm::json::Value;

/// Sources may hold any bytes; JSON holds text.
static Value text(llvm::StringRef bytes) { return llvm::json::fixUTF8(bytes); }

/// A number in some unit, or null.
static Value number(std::optional<double> value, double unit = 1) {
  if (!value || !std::isfinite(*value))
    return nullptr;
  return *value / unit;
}

/// What isn't known is 0 in a machine.
static Value known(double value, double unit = 1) { return value > 0 ? number(value, unit) : Value(nullptr); }

/// A parameter's value: a number where it is one.
static Value valueOf(llvm::StringRef value) {
  std::int64_t integer;
  if (!value.getAsInteger(10, integer))
    return integer;
  return text(value);
}

static Object toObject(const Values &values) {
  Object object;
  for (auto &[name, value] : values)
    object[llvm::json::fixUTF8(name)] = valueOf(value);
  return object;
}

static Object toObject(const Experiment &experiment, const Row &row) {
  bool measured = row.isMeasured(), ofGpu = row.report.threads != 0;
  auto ifGpu = [&](auto value) { return ofGpu ? Value(value) : Value(nullptr); };
  constexpr double kTera = 1e12, kGiga = 1e9, kMilli = 1e-3;
  Object object{
      {"parameters", toObject(row.parameters)},
      {"stages", row.stages},
      {"auto", row.isAuto},
      {"status", nameOf(row.status)},
      {"reason", text(row.reason)},
      {"median_ms", measured ? number(row.median(), kMilli) : nullptr},
      {"low_ms", measured ? number(row.low(), kMilli) : nullptr},
      {"high_ms", measured ? number(row.high(), kMilli) : nullptr},
      {"tflops", number(flopRate(experiment, row), kTera)},
      {"gbs", number(byteRate(experiment, row), kGiga)},
      {"registers", ifGpu(row.report.registers)},
      {"spills", ifGpu(row.report.spilledBytes)},
      {"shared_bytes", row.status == Row::Status::Ok ? Value(row.report.sharedBytes) : Value(nullptr)},
      {"occupancy", ifGpu(row.report.occupancy)},
      {"limiter", ifGpu(llvm::StringRef(row.report.occupancyLimit))},
      {"roofline", number(roofline(experiment, row))},
      {"predicted_ms", number(row.predicted, kMilli)},
      {"error", number(row.error)},
      {"ratio", number(row.ratio)},
  };
  Array samples;
  for (double sample : row.samples)
    samples.push_back(sample / kMilli);
  object["samples_ms"] = std::move(samples);
  if (const LoopReport *loop = row.mainLoop())
    object["loop"] = Object{
        {"line", loop->location.line}, {"stages", loop->stages},     {"initiation_interval", loop->initiationInterval},
        {"serial", loop->serial},      {"bound", text(loop->bound)}, {"model_stages", loop->modelStages}};
  else
    object["loop"] = nullptr;
  return object;
}

static Object toObject(const Machine &machine, const Work &work) {
  std::optional<double> peak;
  if (work.flops && work.computeSeconds && *work.computeSeconds > 0)
    peak = *work.flops / *work.computeSeconds;
  return Object{
      {"name", text(machine.device)},
      {"description", text(machine.description)},
      {"target", machine.target},
      {"count", machine.count},
      {"clock_ghz", known(machine.clock, 1e9)},
      {"clock_source", machine.clockSource},
      {"peak_tflops", number(peak, 1e12)},
      {"peak_gbs", known(machine.memoryBytes, 1e9)},
      {"copy_gbs", known(machine.copyBytes, 1e9)},
      {"l2_bytes", machine.cacheBytes > 0 ? Value(machine.cacheBytes) : Value(nullptr)},
  };
}

Object tuning::toJSON(const Experiment &experiment) {
  Object shape;
  for (const NamedExtent &each : experiment.shape)
    shape[llvm::json::fixUTF8(each.name)] = each.extent;
  Array arguments, rows;
  for (const std::string &argument : experiment.arguments)
    arguments.push_back(text(argument));
  for (const Row &row : experiment.rows)
    rows.push_back(toObject(experiment, row));
  const Work &work = experiment.work;
  const Judgement &judgement = experiment.judgement;
  Object document{
      {"version", 1},
      {"kernel", text(experiment.kernel)},
      {"source", text(experiment.source)},
      {"command", text(experiment.command)},
      {"date", experiment.date},
      {"device", toObject(experiment.machine, work)},
      {"shape", std::move(shape)},
      {"dtypes", toObject(experiment.dtypes)},
      {"arguments", std::move(arguments)},
      {"work", Object{{"flops", number(work.flops)},
                      {"bytes", work.bytes},
                      {"intensity", number(work.intensity())},
                      {"balance", number(work.balance())}}},
      {"timing", Object{{"how", experiment.timing},
                        {"rounds", experiment.rounds},
                        {"l2", experiment.cacheState},
                        {"interrupted", experiment.interrupted}}},
      {"rows", std::move(rows)},
  };
  document["compare"] = nullptr;
  if (const std::optional<Comparison> &found = experiment.comparison)
    document["compare"] = Object{{"ratio", found->ratio}, {"low", found->low}, {"high", found->high}};
  document["tuning"] = nullptr;
  if (experiment.tuning)
    if (llvm::Expected<Value> tuning = llvm::json::parse(experiment.tuning->json())) {
      tuning->getAsObject()->erase("rows");
      document["tuning"] = std::move(*tuning);
    }
  Object verdict{{"bound", judgement.bound.empty() ? Value(nullptr) : Value(judgement.bound)},
                 {"how", text(judgement.how)},
                 {"knee", judgement.knee},
                 {"recommended", nullptr},
                 {"parameters", nullptr},
                 {"expected", judgement.expected},
                 {"text", text(judgement.text)}};
  if (judgement.recommended) {
    verdict["recommended"] = experiment.rows[*judgement.recommended].stages;
    verdict["parameters"] = toObject(experiment.rows[*judgement.recommended].parameters);
  }
  document["verdict"] = std::move(verdict);
  Object phases;
  for (auto &[phase, ir] : experiment.phases)
    phases[phase] = text(ir);
  document["phases"] = std::move(phases);
  document["schedule"] = nullptr;
  if (llvm::Expected<Value> schedule = llvm::json::parse(experiment.scheduleJson))
    document["schedule"] = std::move(*schedule);
  else
    llvm::consumeError(schedule.takeError());
  document["schedule_svg"] = experiment.schedule.empty() ? Value(nullptr) : text(experiment.schedule);
  if (experiment.timeline) {
    document["timeline"] = toJSON(*experiment.timeline);
    document["timeline_svg"] = experiment.timeline->svg.empty() ? Value(nullptr) : text(experiment.timeline->svg);
  }
  return document;
}

//===----------------------------------------------------------------------===//
// CSV
//===----------------------------------------------------------------------===//

/// A field, in quotes where it needs them.
static std::string field(const Value &value) {
  if (value.kind() == Value::Null)
    return "";
  std::string plain;
  if (auto string = value.getAsString())
    plain = string->str();
  else
    llvm::raw_string_ostream(plain) << value;
  if (llvm::StringRef(plain).find_first_of(",\"\n") == llvm::StringRef::npos)
    return plain;
  std::string quoted = "\"";
  for (char c : plain)
    quoted += c == '"' ? std::string("\"\"") : std::string(1, c);
  return quoted + "\"";
}

std::string tuning::toCSV(const Experiment &experiment) {
  static constexpr llvm::StringLiteral kColumns[] = {
      "stages", "status",    "median_ms",    "low_ms",  "high_ms",  "tflops",       "gbs",   "registers",
      "spills", "occupancy", "shared_bytes", "limiter", "roofline", "predicted_ms", "error", "reason"};
  std::string result;
  const Row *first = experiment.rows.empty() ? nullptr : &experiment.rows.front();
  if (first)
    for (auto &[name, value] : first->parameters)
      result += field(text(name)) + ",";
  result += llvm::join(llvm::ArrayRef(kColumns), ",") + "\n";
  for (const Row &row : experiment.rows) {
    for (auto &[name, value] : row.parameters)
      result += field(text(value)) + ",";
    Object object = toObject(experiment, row);
    result +=
        llvm::join(llvm::map_range(kColumns, [&](llvm::StringRef name) { return field(*object.get(name)); }), ",");
    result += "\n";
  }
  return result;
}
