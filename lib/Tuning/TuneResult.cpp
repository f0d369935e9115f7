//===- TuneResult.cpp - What tuning found, as text and as JSON -----*- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "tile/Tune.h"

#include <llvm/ADT/STLExtras.h>
#include <llvm/Support/FormatVariadic.h>
#include <llvm/Support/JSON.h>

#include <cmath>

using namespace tile;

using llvm::json::Array;
using llvm::json::Object;
using llvm::json::Value;

/// The median; 0 of nothing.
static double medianOf(std::vector<double> values) {
  if (values.empty())
    return 0;
  llvm::sort(values);
  std::size_t half = values.size() / 2;
  return values.size() % 2 ? values[half] : (values[half - 1] + values[half]) / 2;
}

double TuneRow::ratio() const { return medianOf(ratios); }
double TuneRow::median() const { return medianOf(seconds); }

/// "BM = 128, BN = 256, STAGES = 3".
static std::string describe(const TuneRow &row) {
  std::string text;
  for (auto &[name, value] : row.parameters)
    text += (text.empty() ? "" : ", ") + name + " = " + value;
  if (row.loopStages)
    text += (text.empty() ? "" : ", ") + std::to_string(row.loopStages) + " stages";
  return text.empty() ? "stages by the model" : text;
}

static std::string counted(std::size_t count, llvm::StringRef what) {
  return std::to_string(count) + " " + what.str() + (count == 1 ? "" : "s");
}

std::string TuneResult::text() const {
  std::string text;
  if (best) {
    const TuneRow &row = rows[*best];
    text = "Fastest: " + describe(row) + llvm::formatv(": {0:F4} ms", row.median() * 1e3).str();
    if (*best == model)
      text += ", which is what the model chooses";
    else if (rows[model].status == TuneRow::Status::Ok && row.ratio() > 0)
      text +=
          llvm::formatv(", {0:F3} times as fast as what the model chooses, ", rows[model].ratio() / row.ratio()).str() +
          describe(rows[model]);
    text += ".\n";
  } else {
    text = "Nothing was measured.\n";
  }
  text += counted(rows.size(), "choice") + ": " + std::to_string(measured) + " measured, " + std::to_string(unfit) +
          " don't fit, " + std::to_string(failed) + " failed, " + std::to_string(notMeasured) + " not measured; " +
          counted(measurements, "measurement");
  if (remembered)
    text += " and " + std::to_string(remembered) + " remembered";
  text += llvm::formatv(", in {0:F1} s", seconds).str();
  if (devices.size() > 1)
    text += " on " + counted(devices.size(), "device");
  text += ".\n";
  if (!finished)
    text += "It is not finished: " + ended + "; another call goes on from here.\n";
  if (best)
    text += record.empty() ? "It is remembered for this process.\n" : "It is remembered in " + record.string() + ".\n";
  return text;
}

static llvm::StringRef nameOf(TuneRow::Status status) {
  switch (status) {
  case TuneRow::Status::Ok:
    return "ok";
  case TuneRow::Status::DoesNotFit:
    return "does not fit";
  case TuneRow::Status::Failed:
    return "failed";
  case TuneRow::Status::NotMeasured:
    return "not measured";
  }
  llvm_unreachable("all are covered");
}

static Object toJSON(const TuneRow &row) {
  Object parameters;
  for (auto &[name, value] : row.parameters) {
    std::int64_t integer;
    bool isInteger = !llvm::StringRef(value).getAsInteger(10, integer);
    parameters[llvm::json::fixUTF8(name)] = isInteger ? Value(integer) : Value(llvm::json::fixUTF8(value));
  }
  auto orNull = [](std::optional<double> number) {
    return number && std::isfinite(*number) ? Value(*number) : Value(nullptr);
  };
  bool isMeasured = row.status == TuneRow::Status::Ok;
  return Object{{"parameters", std::move(parameters)},
                {"loop_stages", row.loopStages},
                {"stages", row.stages},
                {"status", nameOf(row.status)},
                {"reason", llvm::json::fixUTF8(row.reason)},
                {"predicted", orNull(row.predicted)},
                {"median", isMeasured ? Value(row.median()) : Value(nullptr)},
                {"ratio", isMeasured ? Value(row.ratio()) : Value(nullptr)},
                {"seconds", Array(row.seconds)},
                {"ratios", Array(row.ratios)},
                {"error", orNull(row.error)}};
}

std::string TuneResult::json() const {
  Array array;
  for (const TuneRow &row : rows)
    array.push_back(toJSON(row));
  Object object{{"version", 1},
                {"kernel", llvm::json::fixUTF8(kernel)},
                {"devices", Array(devices)},
                {"rows", std::move(array)},
                {"best", best ? Value(*best) : Value(nullptr)},
                {"model", model},
                {"predicted", predicted},
                {"compiled", compiled},
                {"measured", measured},
                {"unfit", unfit},
                {"failed", failed},
                {"not_measured", notMeasured},
                {"measurements", measurements},
                {"remembered", remembered},
                {"elapsed", seconds},
                {"finished", finished},
                {"ended", llvm::json::fixUTF8(ended)},
                {"record", record.empty() ? Value(nullptr) : Value(llvm::json::fixUTF8(record.string()))}};
  return llvm::formatv("{0:2}", Value(std::move(object))).str();
}
