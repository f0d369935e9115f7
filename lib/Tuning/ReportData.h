//===- ReportData.h - What a page reads of a benchmark's document --*- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Any member may be missing, null or of another kind than it should be: it is as if it weren't there.
//
//===----------------------------------------------------------------------===//

#ifndef TILE_LIB_TUNING_REPORTDATA_H
#define TILE_LIB_TUNING_REPORTDATA_H

#include <llvm/ADT/SmallVector.h>
#include <llvm/Support/JSON.h>

#include <optional>
#include <string>
#include <vector>

namespace tile::tuning {

/// A row of the document.
struct ReportRow {
  const llvm::json::Object *object = nullptr;
  std::int64_t stages = 0;
  /// It was measured.
  bool isOk = false;
  /// Its parameters without those that say stages, in one line: rows with equal ones are compared over their stages.
  std::string series;
  /// All its parameters in one line.
  std::string parameters;

  /// A member that is a number and finite.
  std::optional<double> number(llvm::StringRef name) const;
  /// A member that is text; empty when there is none.
  std::string text(llvm::StringRef name) const;
};

/// The document, as far as charts need it.
struct ReportData {
  explicit ReportData(const llvm::json::Object &document);

  /// A number in an object of the document: device.peak_gbs.
  std::optional<double> number(llvm::StringRef object, llvm::StringRef name) const;
  std::string text(llvm::StringRef object, llvm::StringRef name) const;
  /// Text in the document itself.
  std::string text(llvm::StringRef name) const;

  /// The rows of the series that the verdict is of, by their stages, each count once.
  llvm::SmallVector<const ReportRow *> mainSeries() const;
  /// The series with anything measured, the main one first.
  llvm::SmallVector<std::string> seriesNames() const;
  /// The rows of a series, by their stages.
  llvm::SmallVector<const ReportRow *> series(llvm::StringRef name) const;
  /// The fastest row, or null.
  const ReportRow *best() const;
  /// The row that is recommended, or null.
  const ReportRow *recommended() const;

  const llvm::json::Object &document;
  std::vector<ReportRow> rows;
};

/// HTML's way of writing any text. What HTML has no room for becomes a space.
std::string escaped(llvm::StringRef text);
/// "1.234 ms", "12.3 µs".
std::string timeText(double milliseconds);
/// A number with about three digits.
std::string shortNumber(double number);

/// Charts, as SVG in the colours of the page's style; empty where there is nothing to draw.
std::string throughputChart(const ReportData &data);
std::string predictionChart(const ReportData &data);
std::string rooflineChart(const ReportData &data);
std::string resourceCharts(const ReportData &data);

} // namespace tile::tuning

#endif // TILE_LIB_TUNING_REPORTDATA_H
