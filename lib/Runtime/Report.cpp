//===- Report.cpp - Reports as text and as JSON -----------------*- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "tile/Report.h"

#include <llvm/Support/Format.h>
#include <llvm/Support/JSON.h>
#include <llvm/Support/raw_ostream.h>

#include <ostream>

namespace tile {

/// "matmul.tile:12:3", or nothing for a place that isn't known.
static std::string place(const Location &location) {
  if (!location.line)
    return {};
  return location.file + ":" + std::to_string(location.line) + ":" + std::to_string(location.column);
}

std::string Report::text() const {
  std::string result;
  llvm::raw_string_ostream out(result);
  out << "kernel " << kernel;
  if (!parameters.empty()) {
    out << " <";
    for (std::size_t i = 0; i < parameters.size(); ++i)
      out << (i ? ", " : "") << parameters[i].first << " = " << parameters[i].second;
    out << ">";
  }
  out << " on " << device << ", planned for " << target << "\n";
  for (const std::string &argument : arguments)
    out << "  " << argument << "\n";
  if (!chosenBy.empty())
    out << "  what was left open is chosen by " << (chosenBy == "model" ? "the model" : chosenBy) << "\n";
  out << "  grid " << grid[0] << " x " << grid[1] << " x " << grid[2];
  if (workers) {
    std::int64_t programs = grid[0] * grid[1] * grid[2];
    out << ": persistent, " << workers << (workers == 1 ? " worker runs " : " workers run ") << programs
        << (programs == 1 ? " program" : " programs");
  }
  out << "\n";
  for (const Verdict &verdict : verdicts) {
    // Verdicts of others say themselves what became of them.
    bool ofLoop = verdict.subject == "loop" || verdict.subject == "load";
    out << "  " << place(verdict.location) << ": " << verdict.subject << ": "
        << (!ofLoop             ? ""
            : verdict.pipelined ? "pipelined: "
                                : "left as written: ")
        << verdict.message;
    if (!verdict.suggestion.empty())
      out << "; " << verdict.suggestion;
    out << "\n";
  }
  for (const Diagnostic &warning : warnings)
    out << "  " << place({warning.file, warning.line, warning.column}) << ": warning: " << warning.message << "\n";
  out << "  memory of a program: " << sharedBytes << " bytes of rings, " << scratchBytes
      << " bytes in all beside the tensors\n";
  if (threads) {
    out << "  " << threads << " threads";
    if (producerThreads)
      out << ", " << producerThreads << " of them for copies,";
    out << " of " << registers << " registers";
    if (producerThreads)
      out << " at the start";
    if (spilledBytes)
      out << ", " << spilledBytes << " bytes of them spilled";
    if (localBytes)
      out << ", " << localBytes << " bytes of local memory";
    out << "; " << programsAtOnce << " at once on a multiprocessor"
        << llvm::format(", occupancy %.0f %%, limited by ", occupancy * 100) << occupancyLimit << "\n";
  }
  double total = 0;
  out << (fromCache ? "  from the cache in" : "  compiled in");
  for (auto &[phase, seconds] : timings) {
    out << " " << phase << llvm::format(" %.1f ms,", seconds * 1e3);
    total += seconds;
  }
  out << llvm::format(" together %.1f ms\n", total * 1e3);
  return result;
}

static llvm::json::Object toJSON(const Location &location) {
  return llvm::json::Object{
      {"file", llvm::json::fixUTF8(location.file)}, {"line", location.line}, {"column", location.column}};
}

std::string Report::json() const {
  // Sources may hold any bytes; JSON holds text.
  auto text = [](const std::string &bytes) { return llvm::json::fixUTF8(bytes); };
  llvm::json::Object object;
  object["version"] = 1;
  object["kernel"] = text(kernel);
  object["device"] = device;
  object["target"] = target;
  llvm::json::Object parameterObject;
  for (auto &[name, value] : parameters)
    parameterObject[text(name)] = text(value);
  object["parameters"] = std::move(parameterObject);
  object["chosen_by"] = chosenBy.empty() ? llvm::json::Value(nullptr) : llvm::json::Value(chosenBy);
  llvm::json::Array argumentArray;
  for (const std::string &argument : arguments)
    argumentArray.push_back(text(argument));
  object["arguments"] = std::move(argumentArray);
  object["grid"] = llvm::json::Array{grid[0], grid[1], grid[2]};
  llvm::json::Array loopArray;
  for (const LoopReport &loop : loops)
    loopArray.push_back(llvm::json::Object{{"location", toJSON(loop.location)},
                                           {"stages", loop.stages},
                                           {"initiation_interval", loop.initiationInterval},
                                           {"serial", loop.serial},
                                           {"bound", text(loop.bound)},
                                           {"model_stages", loop.modelStages},
                                           {"shared_bytes", loop.sharedBytes}});
  object["loops"] = std::move(loopArray);
  llvm::json::Array verdictArray;
  for (const Verdict &verdict : verdicts)
    verdictArray.push_back(llvm::json::Object{{"location", toJSON(verdict.location)},
                                              {"subject", text(verdict.subject)},
                                              {"pipelined", verdict.pipelined},
                                              {"message", text(verdict.message)},
                                              {"suggestion", text(verdict.suggestion)}});
  object["verdicts"] = std::move(verdictArray);
  llvm::json::Array warningArray;
  for (const Diagnostic &warning : warnings)
    warningArray.push_back(llvm::json::Object{{"location", toJSON({warning.file, warning.line, warning.column})},
                                              {"message", text(warning.message)}});
  object["warnings"] = std::move(warningArray);
  llvm::json::Array timingArray;
  for (auto &[phase, seconds] : timings)
    timingArray.push_back(llvm::json::Object{{"phase", phase}, {"seconds", seconds}});
  object["timings"] = std::move(timingArray);
  object["shared_bytes"] = sharedBytes;
  object["scratch_bytes"] = scratchBytes;
  if (threads) {
    object["threads"] = threads;
    object["producer_threads"] = producerThreads;
    object["workers"] = workers;
    object["registers"] = registers;
    object["spilled_bytes"] = spilledBytes;
    object["local_bytes"] = localBytes;
    object["programs_at_once"] = programsAtOnce;
    object["occupancy"] = occupancy;
    object["occupancy_limit"] = occupancyLimit;
    object["from_cache"] = fromCache;
  }
  object["schedule"] = text(schedule);
  std::string result;
  llvm::raw_string_ostream(result) << llvm::formatv("{0:2}", llvm::json::Value(std::move(object)));
  return result;
}

std::ostream &operator<<(std::ostream &out, const Report &report) { return out << report.text(); }

} // namespace tile
