//===- ReportCharts.cpp - The charts of a benchmark's page ---------*- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ReportData.h"

#include <llvm/ADT/STLExtras.h>
#include <llvm/Support/FormatVariadic.h>
#include <llvm/Support/raw_ostream.h>

#include <cmath>

using namespace tile;
using namespace tile::tuning;

namespace {
/// One axis: values to pixels.
struct Axis {
  double from, to, pixelFrom, pixelTo;
  bool isLog = false;

  double at(double value) const {
    auto scaled = [&](double number) { return isLog ? std::log10(std::max(number, 1e-12)) : number; };
    double share = (scaled(value) - scaled(from)) / (scaled(to) - scaled(from));
    return pixelFrom + (pixelTo - pixelFrom) * share;
  }
};

/// A picture that grows line by line.
class Chart {
public:
  Chart(double width, double height, llvm::StringRef label) : os(out) {
    os << llvm::formatv("<svg class=\"chart\" viewBox=\"0 0 {0:F0} {1:F0}\" role=\"img\" aria-label=\"{2}\">\n", width,
                        height, escaped(label));
  }

  void text(double x, double y, const llvm::Twine &words, llvm::StringRef classes = "",
            llvm::StringRef anchor = "start") {
    os << llvm::formatv("<text x=\"{0:F1}\" y=\"{1:F1}\" class=\"{2}\" text-anchor=\"{3}\">{4}</text>\n", x, y, classes,
                        anchor, escaped(words.str()));
  }
  void line(double x0, double y0, double x1, double y1, llvm::StringRef classes) {
    os << llvm::formatv("<line x1=\"{0:F1}\" y1=\"{1:F1}\" x2=\"{2:F1}\" y2=\"{3:F1}\" class=\"{4}\"/>\n", x0, y0, x1,
                        y1, classes);
  }
  void box(double x, double y, double width, double height, llvm::StringRef classes, const llvm::Twine &tip = "") {
    os << llvm::formatv("<rect x=\"{0:F1}\" y=\"{1:F1}\" width=\"{2:F1}\" height=\"{3:F1}\" rx=\"1.5\" class=\"{4}\">",
                        x, y, std::max(width, 0.0), std::max(height, 0.0), classes);
    os << "<title>" << escaped(tip.str()) << "</title></rect>\n";
  }
  void dot(double x, double y, double radius, llvm::StringRef classes, const llvm::Twine &tip = "") {
    os << llvm::formatv("<circle cx=\"{0:F1}\" cy=\"{1:F1}\" r=\"{2:F1}\" class=\"{3}\"><title>{4}</title></circle>\n",
                        x, y, radius, classes, escaped(tip.str()));
  }
  void path(llvm::ArrayRef<std::pair<double, double>> points, llvm::StringRef classes) {
    if (points.size() < 2)
      return;
    os << "<polyline class=\"" << classes << "\" points=\"";
    for (auto [x, y] : points)
      os << llvm::formatv("{0:F1},{1:F1} ", x, y);
    os << "\"/>\n";
  }
  /// Horizontal lines with numbers, from 0 to a round number above `most`.
  Axis verticalAxis(double most, double bottom, double top, double left, double right) {
    double step = roundStep(most / 4);
    Axis axis{0, step * std::ceil(std::max(most / step, 1.0) - 1e-9), bottom, top};
    for (double value = 0; value <= axis.to + step / 2; value += step) {
      line(left, axis.at(value), right, axis.at(value), value == 0 ? "rule" : "grid");
      text(left - 8, axis.at(value) + 4, shortNumber(value), "soft", "end");
    }
    return axis;
  }
  std::string finish() {
    os << "</svg>\n";
    return out;
  }

  static double roundStep(double least) {
    double power = std::pow(10.0, std::floor(std::log10(std::max(least, 1e-9))));
    for (double factor : {1.0, 2.0, 2.5, 5.0, 10.0})
      if (factor * power >= least * (1 - 1e-9))
        return factor * power;
    return 10 * power;
  }

private:
  std::string out;
  llvm::raw_string_ostream os;
};

/// What throughput is measured in.
struct Measure {
  llvm::StringRef member, unit;
};
} // namespace

static constexpr double kWidth = 470, kHeight = 290, kLeft = 56, kRight = 446, kTop = 30, kBottom = 244;
/// A prediction this many times too high is not drawn: the measured ones would be flat.
static constexpr double kFarOff = 3;
/// Lines that can be told apart.
static constexpr std::size_t kMostSeries = 5;

/// What the verdict speaks of: bytes where memory bounds the kernel, operations where they are known.
static Measure measureOf(const ReportData &data) {
  auto has = [&](llvm::StringRef member) {
    return llvm::any_of(data.rows, [&](const ReportRow &row) { return row.isOk && row.number(member).has_value(); });
  };
  bool hasOperations = has("tflops"), hasBytes = has("gbs");
  if (hasBytes && (data.text("verdict", "bound") == "memory" || !hasOperations))
    return {"gbs", "GB/s"};
  if (hasOperations)
    return {"tflops", "TFLOP/s"};
  return {"", ""};
}

/// Numbers below the axis, one for each stage count of these rows, and their middle in pixels.
static Axis stageAxis(Chart &chart, llvm::ArrayRef<const ReportRow *> rows) {
  double first = 1, last = 1;
  if (!rows.empty()) {
    first = static_cast<double>(rows.front()->stages);
    last = static_cast<double>(rows.back()->stages);
  }
  Axis axis{first - 0.6, last + 0.6, kLeft, kRight};
  for (const ReportRow *row : rows)
    chart.text(axis.at(static_cast<double>(row->stages)), kBottom + 18, llvm::Twine(row->stages), "", "middle");
  chart.text((kLeft + kRight) / 2, kBottom + 36, "stages", "soft", "middle");
  return axis;
}

std::string tuning::throughputChart(const ReportData &data) {
  Measure measure = measureOf(data);
  if (measure.member.empty())
    return "";
  auto rate = [&](const ReportRow &row) { return row.isOk ? row.number(measure.member) : std::nullopt; };
  // What the row would reach in the model's time.
  auto predictedRate = [&](const ReportRow &row) -> std::optional<double> {
    std::optional<double> value = rate(row), time = row.number("predicted_ms");
    if (!value || !time || *time <= 0)
      return std::nullopt;
    return *value * *row.number("median_ms") / *time;
  };
  llvm::SmallVector<std::string> names = data.seriesNames();
  if (names.size() > kMostSeries)
    names.resize(kMostSeries);
  llvm::SmallVector<const ReportRow *> all;
  double most = 0, predictedMost = 0;
  for (const std::string &name : names)
    for (const ReportRow *row : data.series(name)) {
      most = std::max(most, rate(*row).value_or(0));
      if (name == names.front())
        predictedMost = std::max(predictedMost, predictedRate(*row).value_or(0));
      if (llvm::none_of(all, [&](const ReportRow *other) { return other->stages == row->stages; }))
        all.push_back(row);
    }
  llvm::sort(all, [](const ReportRow *a, const ReportRow *b) { return a->stages < b->stages; });
  Chart chart(kWidth, kHeight, "Throughput against stages");
  chart.text(kLeft - 8, 16, measure.unit, "soft", "end");
  Axis y = chart.verticalAxis(std::max(most, std::min(predictedMost, kFarOff * most)) * 1.08, kBottom, kTop, kLeft,
                              kRight),
       x = stageAxis(chart, all);
  // The knee, behind the lines.
  if (std::optional<double> knee = data.number("verdict", "knee"); knee && *knee >= x.from && *knee <= x.to) {
    chart.line(x.at(*knee), kTop - 4, x.at(*knee), kBottom, "mark");
    bool isRight = *knee > (x.from + x.to) / 2;
    chart.text(x.at(*knee) + (isRight ? -6 : 6), kBottom - 10,
               "knee: " + shortNumber(*knee) + (*knee == 1 ? " stage" : " stages"), "head", isRight ? "end" : "start");
  }
  for (auto [index, name] : llvm::enumerate(llvm::reverse(names))) {
    std::size_t colour = names.size() - 1 - index;
    std::string hue = "c" + std::to_string(colour);
    llvm::SmallVector<std::pair<double, double>> points, predicted;
    for (const ReportRow *row : data.series(name)) {
      double at = x.at(static_cast<double>(row->stages));
      std::optional<double> value = rate(*row);
      if (!value) {
        if (colour == 0)
          chart.text(at, kBottom - 6, "✕", "bad", "middle");
        continue;
      }
      points.emplace_back(at, y.at(*value));
      double median = *row->number("median_ms");
      if (std::optional<double> expected = predictedRate(*row); colour == 0 && expected && *expected <= y.to)
        predicted.emplace_back(at, y.at(*expected));
      std::optional<double> low = row->number("low_ms"), high = row->number("high_ms");
      if (low && high && *low > 0 && *high > 0)
        chart.line(at, y.at(std::min(y.to, *value * median / *low)), at, y.at(*value * median / *high),
                   "spread " + hue);
    }
    chart.path(predicted, "line dashed " + hue);
    chart.path(points, "line " + hue);
    for (auto [atX, atY] : points)
      chart.dot(atX, atY, colour == 0 ? 4 : 3, "dot " + hue);
    if (colour == 0)
      for (const ReportRow *row : data.series(name))
        if (std::optional<double> value = rate(*row))
          chart.text(x.at(static_cast<double>(row->stages)), y.at(*value) - 9, shortNumber(*value), "value", "middle");
  }
  return chart.finish();
}

std::string tuning::predictionChart(const ReportData &data) {
  llvm::SmallVector<const ReportRow *> rows;
  double most = 0;
  for (const ReportRow *row : data.mainSeries())
    if (row->isOk && row->number("predicted_ms")) {
      rows.push_back(row);
      most = std::max({most, *row->number("median_ms"), *row->number("predicted_ms")});
    }
  if (rows.empty())
    return "";
  // Milliseconds or microseconds, so that numbers are short.
  double unit = most < 1 ? 1e3 : 1;
  Chart chart(kWidth, kHeight, "Predicted beside measured time");
  chart.text(kLeft - 8, 16, unit == 1 ? "ms" : "µs", "soft", "end");
  Axis y = chart.verticalAxis(most * unit * 1.1, kBottom, kTop, kLeft, kRight), x = stageAxis(chart, rows);
  double slot = x.at(x.from + 1) - x.at(x.from), width = std::min(26.0, slot * 0.36);
  for (const ReportRow *row : rows) {
    double middle = x.at(static_cast<double>(row->stages));
    double measured = *row->number("median_ms") * unit, predicted = *row->number("predicted_ms") * unit;
    chart.box(middle - width - 1, y.at(measured), width, kBottom - y.at(measured), "c0 bar",
              "measured " + timeText(measured / unit));
    chart.box(middle + 1, y.at(predicted), width, kBottom - y.at(predicted), "c0 bar pale",
              "predicted " + timeText(predicted / unit));
    chart.text(
        middle, y.at(std::max(measured, predicted)) - 6,
        llvm::formatv("{0}{1:F0} %", predicted < measured ? "−" : "+", std::fabs(predicted / measured - 1) * 100).str(),
        "value", "middle");
  }
  return chart.finish();
}

std::string tuning::rooflineChart(const ReportData &data) {
  std::optional<double> peak = data.number("device", "peak_tflops"), bandwidth = data.number("device", "peak_gbs"),
                        intensity = data.number("work", "intensity");
  if (!peak || !bandwidth || !intensity || *peak <= 0 || *bandwidth <= 0 || *intensity <= 0)
    return "";
  double balance = *peak * 1e3 / *bandwidth;
  auto decade = [](double value, bool up) {
    double power = std::log10(value);
    return std::pow(10.0, up ? std::ceil(power) : std::floor(power));
  };
  double least = *peak;
  for (const ReportRow &row : data.rows)
    if (std::optional<double> reached = row.number("tflops"); row.isOk && reached && *reached > 0)
      least = std::min(least, *reached);
  double left = decade(std::min(balance / 8, *intensity / 2), false),
         right = decade(std::max(balance * 8, *intensity * 2), true);
  double low = decade(std::min(least / 2, left * *bandwidth * 1e-3), false), high = decade(*peak * 1.3, true);
  low = std::max(low, high * 1e-6);
  Axis x{left, right, kLeft, kRight, true}, y{low, high, kBottom, kTop, true};
  Chart chart(kWidth, kHeight, "Roofline");
  chart.text(kLeft - 8, 16, "TFLOP/s", "soft", "end");
  auto tick = [](double value) {
    return value >= 0.001 && value < 1e6 ? shortNumber(value) : llvm::formatv("{0:E0}", value).str();
  };
  for (double value = left; value <= right * 1.01; value *= 10) {
    chart.line(x.at(value), kTop, x.at(value), kBottom, "grid");
    chart.text(x.at(value), kBottom + 18, tick(value), "soft", "middle");
  }
  for (double value = low; value <= high * 1.01; value *= 10) {
    chart.line(kLeft, y.at(value), kRight, y.at(value), "grid");
    chart.text(kLeft - 8, y.at(value) + 4, tick(value), "soft", "end");
  }
  chart.text((kLeft + kRight) / 2, kBottom + 36, "operations a byte", "soft", "middle");
  // The roof begins where it meets the chart's edge.
  double begin = std::max(left, low / (*bandwidth * 1e-3));
  chart.path({{x.at(begin), y.at(begin * *bandwidth * 1e-3)}, {x.at(balance), y.at(*peak)}, {x.at(right), y.at(*peak)}},
             "roof");
  chart.text(x.at(right) - 4, y.at(*peak) - 7, shortNumber(*peak) + " TFLOP/s", "head", "end");
  double labelAt = std::sqrt(begin * balance);
  chart.text(x.at(labelAt) - 8, y.at(labelAt * *bandwidth * 1e-3) - 4, shortNumber(*bandwidth) + " GB/s", "head",
             "end");
  chart.line(x.at(balance), y.at(*peak), x.at(balance), kBottom, "mark");
  chart.text(x.at(balance) + 5, kBottom - 8, "balance " + shortNumber(balance), "soft");
  const ReportRow *chosen = data.recommended();
  llvm::SmallVector<const ReportRow *> rows = data.mainSeries();
  // The chosen one last, on top; labels where they don't cover each other.
  llvm::sort(rows, [&](const ReportRow *a, const ReportRow *b) {
    return std::pair(a == chosen, a->stages) < std::pair(b == chosen, b->stages);
  });
  llvm::SmallVector<double> labels;
  auto label = [&](const ReportRow *row) {
    double atY = y.at(*row->number("tflops"));
    if (row != chosen && llvm::any_of(labels, [&](double other) { return std::fabs(other - atY) < 11; }))
      return;
    labels.push_back(atY);
    std::string words = std::to_string(row->stages) + (row->stages == 1 ? " stage" : " stages");
    bool isRight = x.at(*intensity) > kRight - 80;
    chart.text(x.at(*intensity) + (isRight ? -9 : 9), atY + 4, words, row == chosen ? "head" : "soft",
               isRight ? "end" : "start");
  };
  if (chosen && chosen->number("tflops").value_or(0) > 0)
    label(chosen);
  for (const ReportRow *row : rows)
    if (std::optional<double> reached = row->number("tflops"); row->isOk && reached && *reached > 0) {
      chart.dot(x.at(*intensity), y.at(std::max(*reached, low)), row == chosen ? 5 : 3.5,
                row == chosen ? "dot c1" : "dot c0",
                llvm::Twine(row->stages) + " stages: " + shortNumber(*reached) + " TFLOP/s");
      if (row != chosen)
        label(row);
    }
  return chart.finish();
}

/// Bars of one member over stages, with what is said of each.
static std::string barChart(const ReportData &data, llvm::StringRef title, llvm::StringRef member, double unit,
                            llvm::function_ref<std::string(const ReportRow &)> note) {
  llvm::SmallVector<const ReportRow *> rows;
  double most = 0;
  for (const ReportRow *row : data.mainSeries())
    if (std::optional<double> value = row->number(member); row->isOk && value && *value >= 0) {
      rows.push_back(row);
      most = std::max(most, *value * unit);
    }
  if (rows.empty())
    return "";
  constexpr double kBarHeight = 15;
  double height = 34 + (kBarHeight + 4) * static_cast<double>(rows.size()), from = 34, width = 150;
  Chart chart(310, height, title);
  chart.text(0, 14, title, "head");
  double y = 24;
  for (const ReportRow *row : rows) {
    double value = *row->number(member) * unit, length = most > 0 ? width * value / most : 0;
    chart.text(from - 8, y + 12, llvm::Twine(row->stages), "", "end");
    chart.box(from, y, std::max(length, 1.0), kBarHeight, row == data.recommended() ? "bar c1" : "bar c0");
    std::string words = note(*row);
    chart.text(from + length + 6, y + 12, shortNumber(value) + (words.empty() ? "" : " " + words), "value");
    y += kBarHeight + 4;
  }
  return chart.finish();
}

std::string tuning::resourceCharts(const ReportData &data) {
  constexpr double kKibi = 1.0 / 1024, kPercent = 100;
  std::string charts = barChart(data, "Registers of a thread", "registers", 1, [](const ReportRow &row) {
    double spills = row.number("spills").value_or(0);
    return spills > 0 ? "+ " + shortNumber(spills) + " B spilled" : std::string();
  });
  charts += barChart(data, "Buffers of a program, KiB", "shared_bytes", kKibi,
                     [](const ReportRow &) { return std::string(); });
  charts += barChart(data, "Occupancy, % of warps", "occupancy", kPercent, [](const ReportRow &row) {
    std::string limiter = row.text("limiter");
    return limiter.empty() ? limiter : "(" + limiter + ")";
  });
  return charts;
}
