//===- ReportData.cpp - What a page reads of a benchmark's document *- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ReportData.h"

#include <llvm/ADT/STLExtras.h>
#include <llvm/ADT/StringExtras.h>
#include <llvm/Support/FormatVariadic.h>
#include <llvm/Support/raw_ostream.h>

#include <cmath>

using namespace tile;
using namespace tile::tuning;
using llvm::json::Object;
using llvm::json::Value;

static std::optional<double> numberIn(const Object *object, llvm::StringRef name) {
  if (!object)
    return std::nullopt;
  std::optional<double> number = object->getNumber(name);
  // What is as large or as small as that is a mistake, and charts would choke on it.
  constexpr double kMost = 1e24;
  if (!number || !std::isfinite(*number) || std::fabs(*number) > kMost ||
      (*number != 0 && std::fabs(*number) < 1 / kMost))
    return std::nullopt;
  return number;
}

static std::string textIn(const Object *object, llvm::StringRef name) {
  return object ? object->getString(name).value_or("").str() : "";
}

/// A parameter's value: text as it is, anything else as JSON has it.
static std::string valueText(const Value &value) {
  if (auto string = value.getAsString())
    return string->str();
  std::string text;
  llvm::raw_string_ostream(text) << value;
  return text;
}

std::optional<double> ReportRow::number(llvm::StringRef name) const { return numberIn(object, name); }
std::string ReportRow::text(llvm::StringRef name) const { return textIn(object, name); }

/// The parameters that are the stages in every row, so far as a document says.
static llvm::SmallVector<std::string> stageParameters(llvm::ArrayRef<ReportRow> rows) {
  llvm::SmallVector<std::string> names;
  const Object *first = nullptr;
  for (const ReportRow &row : rows)
    if (!first)
      first = row.object->getObject("parameters");
  if (!first)
    return names;
  for (const auto &[name, value] : *first) {
    llvm::StringRef parameter = name;
    bool isStages = llvm::all_of(rows, [&](const ReportRow &row) {
      const Object *parameters = row.object->getObject("parameters");
      const Value *own = parameters ? parameters->get(parameter) : nullptr;
      return own && (own->getAsInteger() == row.stages || !own->getAsInteger());
    });
    if (isStages || parameter.equals_insensitive("stages") || parameter.equals_insensitive("num_stages"))
      names.push_back(parameter.str());
  }
  return names;
}

/// "BM = 128, BN = 64", by name.
static std::string parameterText(const Object *parameters, llvm::ArrayRef<std::string> without) {
  llvm::SmallVector<std::string> parts;
  if (parameters)
    for (const auto &[name, value] : *parameters)
      if (!llvm::is_contained(without, llvm::StringRef(name)))
        parts.push_back(llvm::StringRef(name).str() + " = " + valueText(value));
  llvm::sort(parts);
  return llvm::join(parts, ", ");
}

ReportData::ReportData(const Object &document) : document(document) {
  if (const llvm::json::Array *array = document.getArray("rows"))
    for (const Value &value : *array)
      if (const Object *object = value.getAsObject()) {
        ReportRow row;
        row.object = object;
        row.stages = static_cast<std::int64_t>(std::clamp(numberIn(object, "stages").value_or(1), 0.0, 1e6));
        row.isOk = textIn(object, "status") == "ok" && row.number("median_ms").value_or(0) > 0;
        rows.push_back(std::move(row));
      }
  llvm::SmallVector<std::string> stages = stageParameters(rows);
  for (ReportRow &row : rows) {
    const Object *parameters = row.object->getObject("parameters");
    row.series = parameterText(parameters, stages);
    row.parameters = parameterText(parameters, {});
  }
}

std::optional<double> ReportData::number(llvm::StringRef object, llvm::StringRef name) const {
  return numberIn(document.getObject(object), name);
}
std::string ReportData::text(llvm::StringRef object, llvm::StringRef name) const {
  return textIn(document.getObject(object), name);
}
std::string ReportData::text(llvm::StringRef name) const { return textIn(&document, name); }

const ReportRow *ReportData::best() const {
  const ReportRow *best = nullptr;
  for (const ReportRow &row : rows)
    if (row.isOk && (!best || *row.number("median_ms") < *best->number("median_ms")))
      best = &row;
  return best;
}

const ReportRow *ReportData::recommended() const {
  const ReportRow *fastest = best();
  std::optional<double> stages = number("verdict", "recommended");
  if (!fastest || !stages)
    return fastest;
  const Object *verdict = document.getObject("verdict");
  std::string wanted = parameterText(verdict->getObject("parameters"), {});
  const ReportRow *found = nullptr;
  for (const ReportRow &row : rows)
    if (row.isOk && static_cast<double>(row.stages) == *stages)
      if (!found || row.parameters == wanted || (found->parameters != wanted && row.series == fastest->series))
        found = &row;
  return found ? found : fastest;
}

llvm::SmallVector<const ReportRow *> ReportData::series(llvm::StringRef name) const {
  llvm::SmallVector<const ReportRow *> found;
  for (const ReportRow &row : rows)
    if (row.series == name && llvm::none_of(found, [&](const ReportRow *other) { return other->stages == row.stages; }))
      found.push_back(&row);
  llvm::sort(found, [](const ReportRow *a, const ReportRow *b) { return a->stages < b->stages; });
  return found;
}

llvm::SmallVector<const ReportRow *> ReportData::mainSeries() const {
  const ReportRow *row = recommended();
  if (!row)
    return rows.empty() ? llvm::SmallVector<const ReportRow *>() : series(rows.front().series);
  return series(row->series);
}

llvm::SmallVector<std::string> ReportData::seriesNames() const {
  llvm::SmallVector<std::string> names;
  if (const ReportRow *row = recommended())
    names.push_back(row->series);
  for (const ReportRow &row : rows)
    if (row.isOk && !llvm::is_contained(names, row.series))
      names.push_back(row.series);
  return names;
}

std::string tuning::escaped(llvm::StringRef text) {
  std::string clean = llvm::json::fixUTF8(text), result;
  for (char &c : clean)
    if (static_cast<unsigned char>(c) < 0x20 && c != '\n' && c != '\t')
      c = ' ';
  llvm::raw_string_ostream os(result);
  llvm::printHTMLEscaped(clean, os);
  return result;
}

std::string tuning::shortNumber(double number) {
  double size = std::fabs(number);
  if (size != 0 && (size < 0.001 || size >= 1e7))
    return llvm::formatv("{0:E1}", number).str();
  const char *format = size >= 100 ? "{0:F0}" : size >= 10 ? "{0:F1}" : size >= 1 ? "{0:F2}" : "{0:F3}";
  std::string text = llvm::formatv(format, number).str();
  if (text.find('.') != std::string::npos)
    text = llvm::StringRef(text).rtrim('0').rtrim('.').str();
  return text;
}

std::string tuning::timeText(double milliseconds) {
  if (milliseconds >= 1000)
    return llvm::formatv("{0:F2} s", milliseconds * 1e-3).str();
  if (milliseconds >= 1)
    return llvm::formatv("{0:F3} ms", milliseconds).str();
  return llvm::formatv(milliseconds >= 0.1 ? "{0:F0} µs" : "{0:F2} µs", milliseconds * 1e3).str();
}
