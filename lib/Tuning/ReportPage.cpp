//===- ReportPage.cpp - A benchmark's result as a page -------------*- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The page runs nothing and asks for nothing, so it opens from a disk and stays as it is. Colours are variables: light, dark where the
// reader's system is, light on paper.
//
//===----------------------------------------------------------------------===//

#include "tile/Tuning/ReportPage.h"
#include "ReportData.h"

#include <llvm/ADT/STLExtras.h>
#include <llvm/ADT/StringExtras.h>
#include <llvm/ADT/StringSet.h>
#include <llvm/Support/Base64.h>
#include <llvm/Support/FormatVariadic.h>
#include <llvm/Support/raw_ostream.h>

#include <cmath>

using namespace tile;
using namespace tile::tuning;
using llvm::json::Object;

static constexpr llvm::StringLiteral kStyle = R"(
:root { color-scheme: light dark; --paper: #f6f8fa; --card: #ffffff; --ink: #1f2328; --soft: #59636e; --line: #d8dee4;
  --good: #1a7f4b; --bad: #c0362c; --c0: #2f6db5; --c1: #b85614; --c2: #2b7d4f; --c3: #8450a8; --c4: #7d6e12; }
@media screen and (prefers-color-scheme: dark) {
  :root { --paper: #0b0f14; --card: #0f141a; --ink: #e6edf3; --soft: #9aa5b1; --line: #2b333d;
    --good: #4cc38a; --bad: #ff7b72; --c0: #5a9bea; --c1: #e08a4a; --c2: #4fb07c; --c3: #b088d0; --c4: #c0ad3c; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--paper); color: var(--ink); line-height: 1.5;
  font: 15px/1.5 system-ui, -apple-system, "Segoe UI", "Helvetica Neue", Arial, sans-serif; }
main { max-width: 1024px; margin: 0 auto; padding: 28px 16px 60px; }
h1 { font-size: 26px; line-height: 1.2; margin: 0 0 4px; } h2 { font-size: 18px; margin: 34px 0 10px; break-after: avoid; }
h3 { font-size: 14.5px; margin: 0 0 2px; }
p { margin: 6px 0; } .soft { color: var(--soft); }
code, pre { font: 12.5px/1.45 ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; }
code { overflow-wrap: anywhere; }
.card { background: var(--card); border: 1px solid var(--line); border-radius: 8px; padding: 14px 16px; break-inside: avoid; }
.verdict { border-left: 5px solid var(--c1); margin-top: 16px; }
.headline { font-size: 22px; font-weight: 650; margin: 0 0 4px; }
.facts { display: flex; flex-wrap: wrap; gap: 10px 24px; margin: 12px 0 2px; }
.facts div { min-width: 60px; } .facts b { display: block; font-size: 19px; }
.facts span { color: var(--soft); font-size: 13px; }
.grid { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 420px), 1fr)); gap: 14px; }
.resources { display: flex; flex-wrap: wrap; gap: 16px 12px; } .resources svg { width: 310px; max-width: 100%; }
figure { margin: 0; } figcaption { color: var(--soft); font-size: 13px; margin-top: 4px; }
.wide { grid-column: 1 / -1; display: flex; flex-wrap: wrap; gap: 4px 20px; align-items: center; } .wide h3 { width: 100%; }
.wide svg { flex: 1 1 400px; max-width: 480px; } .wide figcaption { flex: 1 1 300px; font-size: 14px; }
.scroll { overflow-x: auto; }
.schedule svg, .schedule img { display: block; width: 100%; min-width: 720px; max-width: 100%; height: auto; }
.schedule .tile-schedule .paper { fill: none; }
table { border-collapse: collapse; width: 100%; font-size: 12.5px; font-variant-numeric: tabular-nums; }
th, td { padding: 4px 7px; text-align: right; border-bottom: 1px solid var(--line); white-space: nowrap; }
th { color: var(--soft); font-weight: 600; vertical-align: bottom; } .left { text-align: left; }
td.reason { white-space: normal; text-align: left; color: var(--bad); }
tr.chosen td { font-weight: 650; background: color-mix(in srgb, var(--c1) 12%, transparent); }
details { margin: 8px 0; } summary { cursor: pointer; font-weight: 600; }
pre { overflow-x: auto; margin: 8px 0 0; white-space: pre; }
.chart { width: 100%; height: auto; display: block; }
.chart text { font-size: 12px; fill: var(--ink); } .chart .soft { fill: var(--soft); } .chart .head { font-weight: 650; }
.chart .value { font-size: 11.5px; } .chart .bad { fill: var(--bad); font-size: 14px; font-weight: 700; }
.chart .grid { stroke: var(--line); } .chart .rule { stroke: var(--soft); }
.chart .mark { stroke: var(--soft); stroke-dasharray: 3 3; } .chart .roof { fill: none; stroke: var(--ink); stroke-width: 2; }
.chart .line { fill: none; stroke-width: 2; } .chart .dashed { stroke-dasharray: 5 4; stroke-width: 1.4; opacity: 0.75; }
.chart .spread { stroke-width: 5; opacity: 0.3; stroke-linecap: round; } .chart .pale { opacity: 0.38; }
.c0 { --hue: var(--c0); } .c1 { --hue: var(--c1); } .c2 { --hue: var(--c2); } .c3 { --hue: var(--c3); } .c4 { --hue: var(--c4); }
.chart .line, .chart .spread { stroke: var(--hue); } .chart .dot, .chart .bar { fill: var(--hue); }
.key { display: inline-block; width: 18px; height: 0; border-top: 3px solid var(--hue); vertical-align: middle; margin: 0 5px 0 12px; }
.key.dashed { border-top: 2px dashed var(--hue); } .key.pale { opacity: 0.4; }
@media print { body { background: none; font-size: 12px; } main { max-width: none; padding: 0; } .card { border-color: #bbb; }
  .grid { grid-template-columns: 1fr 1fr; } table { font-size: 9.5px; } th, td { padding: 2px 4px; } .schedule svg { min-width: 0; } .resources svg { width: 31%; } .scroll { overflow: visible; } }
)";

//===----------------------------------------------------------------------===//
// A picture from outside
//===----------------------------------------------------------------------===//

/// Whether markup is nothing but shapes and text, as schedules are drawn: no element or attribute that runs, loads or leads anywhere.
static bool isHarmless(llvm::StringRef svg) {
  static const llvm::StringSet<> elements = {"svg", "style", "g", "rect", "text", "title", "line", "path"};
  static const llvm::StringSet<> attributes = {"xmlns",      "class", "viewBox", "width", "height",     "role",
                                               "aria-label", "style", "x",       "y",     "rx",         "x1",
                                               "y1",         "x2",    "y2",      "d",     "text-anchor"};
  if (!svg.starts_with("<svg ") || !svg.rtrim().ends_with("</svg>"))
    return false;
  std::string lower = svg.lower();
  for (llvm::StringRef word : {"url(", "@import", "expression(", "\\"})
    if (llvm::StringRef(lower).contains(word))
      return false;
  int depth = 0;
  for (svg = svg.trim(); !svg.empty();) {
    if (svg.front() != '<') {
      svg = svg.drop_until([](char c) { return c == '<'; });
      continue;
    }
    // Nothing may follow the picture.
    auto isName = [](char c) { return llvm::isAlnum(c) || c == '-'; };
    bool isEnd = svg.consume_front("</");
    if (!isEnd)
      svg = svg.drop_front();
    llvm::StringRef name = svg.take_while(isName);
    svg = svg.drop_front(name.size());
    if (!elements.contains(name))
      return false;
    bool isEmpty = false;
    while (true) {
      svg = svg.ltrim();
      if (svg.consume_front("/>")) {
        isEmpty = true;
        break;
      }
      if (svg.consume_front(">"))
        break;
      llvm::StringRef attribute = svg.take_while(isName);
      svg = svg.drop_front(attribute.size());
      if (isEnd || !attributes.contains(attribute) || !svg.consume_front("=\""))
        return false;
      std::size_t end = svg.find_first_of("\"<");
      if (end == llvm::StringRef::npos || svg[end] != '"' ||
          (attribute == "style" && svg.take_front(end) != "max-width: 100%; height: auto"))
        return false;
      svg = svg.drop_front(end + 1);
    }
    depth += isEnd ? -1 : isEmpty ? 0 : 1;
    if (depth < 0 || (depth == 0 && !svg.empty()))
      return false;
  }
  return depth == 0;
}

//===----------------------------------------------------------------------===//
// The page
//===----------------------------------------------------------------------===//

namespace {
class Page {
public:
  Page(const Object &document, llvm::raw_ostream &os) : document(document), data(document), os(os) {}

  void write();

private:
  void writeHeader();
  void writeVerdict();
  void writeCharts();
  void writeSchedule();
  void writeTimeline();
  void writePicture(const std::string &svg, llvm::StringRef title);
  void writeRows();
  void writePhases();
  void fact(const llvm::Twine &value, const llvm::Twine &name) {
    os << "<div><b>" << escaped(value.str()) << "</b><span>" << escaped(name.str()) << "</span></div>\n";
  }
  void figure(llvm::StringRef title, const std::string &chart, const std::string &caption,
              llvm::StringRef classes = "card") {
    if (!chart.empty())
      os << "<figure class=\"" << classes << "\"><h3>" << title << "</h3>\n"
         << chart << "<figcaption>" << caption << "</figcaption></figure>\n";
  }
  std::string rooflineCaption();

  const Object &document;
  ReportData data;
  llvm::raw_ostream &os;
};
} // namespace

/// "M = 8192, N = 4096" of an object, in its names' order.
static std::string pairsText(const Object *object) {
  llvm::SmallVector<std::string> parts;
  if (object)
    for (const auto &[name, value] : *object) {
      std::string text;
      if (auto string = value.getAsString())
        text = string->str();
      else
        llvm::raw_string_ostream(text) << value;
      parts.push_back(llvm::StringRef(name).str() + " = " + text);
    }
  llvm::sort(parts);
  return llvm::join(parts, ", ");
}

static std::string percentText(double share) { return llvm::formatv("{0:F0} %", share * 100).str(); }

void Page::writeHeader() {
  std::string kernel = data.text("kernel"), device = data.text("device", "name"),
              target = data.text("device", "target");
  if (device.empty())
    device = target;
  os << "<h1>" << escaped(kernel.empty() ? "A kernel" : kernel) << (device.empty() ? "" : " on " + escaped(device))
     << "</h1>\n<p class=\"soft\">";
  llvm::SmallVector<std::string> parts;
  auto add = [&](const std::string &text) {
    if (!text.empty())
      parts.push_back(escaped(text));
  };
  add(pairsText(document.getObject("shape")));
  add(pairsText(document.getObject("dtypes")));
  if (device != target)
    add(target);
  if (std::optional<double> count = data.number("device", "count"); count && *count > 1)
    add(shortNumber(*count) + (target == "cpu" ? " cores" : " multiprocessors"));
  add(data.text("date"));
  os << llvm::join(parts, " · ") << "</p>\n";
  if (std::string command = data.text("command"); !command.empty())
    os << "<p><code>" << escaped(command) << "</code></p>\n";
}

void Page::writeVerdict() {
  const ReportRow *chosen = data.recommended();
  std::string bound = data.text("verdict", "bound"), text = data.text("verdict", "text");
  std::optional<double> stages = data.number("verdict", "recommended");
  if (text.empty())
    text = data.text("verdict", "how");
  os << "<section class=\"card verdict\">\n<p class=\"headline\">";
  if (stages && chosen)
    os << "Use " << shortNumber(*stages) << (*stages == 1 ? " stage" : " stages");
  else
    os << (chosen ? "Measured" : "Nothing was measured");
  if (bound == "memory" || bound == "compute")
    os << ": the kernel is bound by " << (bound == "memory" ? "memory" : "arithmetic");
  os << "</p>\n";
  if (!text.empty())
    os << "<p>" << escaped(text) << "</p>\n";
  if (chosen) {
    os << "<div class=\"facts\">\n";
    fact(timeText(*chosen->number("median_ms")), "median of a launch");
    if (std::optional<double> rate = chosen->number("tflops"))
      fact(shortNumber(*rate) + " TFLOP/s", "operations");
    if (std::optional<double> rate = chosen->number("gbs"))
      fact(shortNumber(*rate) + " GB/s", "memory");
    if (std::optional<double> share = chosen->number("roofline"))
      fact(percentText(*share), "of the roofline");
    for (const ReportRow *row : data.series(chosen->series))
      if (row->isOk && row->stages == 1 && row != chosen)
        fact(llvm::formatv("{0:F2} ×", *row->number("median_ms") / *chosen->number("median_ms")).str(),
             "as fast as one stage");
    if (std::optional<double> predicted = chosen->number("predicted_ms"); predicted && *predicted > 0)
      fact(timeText(*predicted), "predicted by the model");
    if (std::optional<double> expected = data.number("verdict", "expected"))
      fact(shortNumber(*expected), "stages by theory");
    os << "</div>\n";
  }
  os << "</section>\n";
}

/// What the roofline says of this kernel, in words.
std::string Page::rooflineCaption() {
  std::optional<double> peak = data.number("device", "peak_tflops"), bandwidth = data.number("device", "peak_gbs"),
                        intensity = data.number("work", "intensity");
  if (!peak || !bandwidth || !intensity || *bandwidth <= 0)
    return "";
  double balance = *peak * 1e3 / *bandwidth, roof = std::min(*peak, *intensity * *bandwidth * 1e-3);
  bool isMemory = *intensity < balance;
  std::string caption =
      llvm::formatv(
          "<p>The kernel has {0} operations for each byte that it must move. This machine does {1} in the time of one "
          "byte, its balance. {2} it, {3} is the roof: {4} TFLOP/s for this kernel.</p>",
          shortNumber(*intensity), shortNumber(balance), isMemory ? "Left of" : "Right of",
          isMemory ? "memory" : "arithmetic", shortNumber(roof))
          .str();
  if (const ReportRow *row = data.recommended())
    if (std::optional<double> reached = row->number("tflops"); reached && roof > 0)
      caption +=
          llvm::formatv("<p>{0} {1} reach {2} TFLOP/s, {3} of it. Each point is a stage count.</p>", row->stages,
                        row->stages == 1 ? "stage" : "stages", shortNumber(*reached), percentText(*reached / roof))
              .str();
  return caption;
}

void Page::writeCharts() {
  std::string throughput = throughputChart(data), prediction = predictionChart(data), roofline = rooflineChart(data),
              resources = resourceCharts(data);
  if (throughput.empty() && prediction.empty() && roofline.empty() && resources.empty())
    return;
  os << "<h2>What stages bring</h2>\n<div class=\"grid\">\n";
  std::string caption = "Medians; the pale bar behind a point is the spread.";
  llvm::SmallVector<std::string> names = data.seriesNames();
  constexpr std::size_t kMostSeries = 5;
  if (names.size() > 1) {
    for (auto [index, name] : llvm::enumerate(llvm::ArrayRef(names).take_front(kMostSeries)))
      caption += "<br><span class=\"key c" + std::to_string(index) + "\"></span>" +
                 escaped(name.empty() ? "no other parameter" : name);
    if (names.size() > kMostSeries)
      caption += llvm::formatv("<br>{0} more are in the table", names.size() - kMostSeries).str();
  }
  if (llvm::StringRef(throughput).contains("dashed"))
    caption += "<br><span class=\"key dashed c0\"></span>predicted by the machine model";
  if (llvm::any_of(data.mainSeries(), [](const ReportRow *row) { return !row->isOk; }))
    caption += "<br>✕ not measured: the table says why";
  figure("Throughput against stages", throughput, caption);
  figure("Predicted beside measured", prediction,
         "<span class=\"key c0\"></span>measured<span class=\"key pale c0\"></span>predicted; above, how far the "
         "prediction is from the measurement");
  figure("Roofline", roofline, rooflineCaption(), "card wide");
  os << "</div>\n";
  if (!resources.empty())
    os << "<h2>What they cost</h2>\n<figure class=\"card\"><div class=\"resources\">\n"
       << resources << "</div>\n<figcaption>By stages. The recommended count stands out.</figcaption></figure>\n";
}

/// What could be more than a picture is shown as one.
void Page::writePicture(const std::string &svg, llvm::StringRef title) {
  os << "<div class=\"schedule scroll\">\n";
  if (isHarmless(svg))
    os << svg;
  else
    os << "<img alt=\"" << title << "\" src=\"data:image/svg+xml;base64," << llvm::encodeBase64(svg) << "\">\n";
  os << "</div>";
}

void Page::writeTimeline() {
  std::string svg = data.text("timeline_svg"), words = data.text("timeline", "text");
  if (svg.empty() && words.empty())
    return;
  os << "<h2>Measured schedule</h2>\n<figure class=\"card\">";
  if (!words.empty())
    os << "<p>" << escaped(words) << "</p>\n";
  if (!svg.empty()) {
    writePicture(svg, "The measured schedule");
    os << "<figcaption>By a build that writes down when each warp issues copies, waits for them, and computes. Where "
          "copies "
          "run by themselves, they have landed at the latest when a warp has waited for them.</figcaption>";
  }
  os << "</figure>\n";
}

void Page::writeSchedule() {
  std::string svg = data.text("schedule_svg");
  if (svg.empty())
    return;
  os << "<h2>The schedule</h2>\n<figure class=\"card\">";
  writePicture(svg, "The planned schedule");
  os << "<figcaption>Planned by the machine model for the recommended count: iterations, units and slots over "
        "time.</figcaption></figure>\n";
}

void Page::writeRows() {
  if (data.rows.empty())
    return;
  struct Column {
    llvm::StringRef title, member;
    std::string (*show)(double);
  };
  auto plain = [](double value) { return shortNumber(value); };
  auto share = [](double value) { return percentText(value); };
  auto kibi = [](double value) { return shortNumber(value / 1024) + " KiB"; };
  const Column columns[] = {{"median", "median_ms", timeText},
                            {"low", "low_ms", timeText},
                            {"high", "high_ms", timeText},
                            {"TFLOP/s", "tflops", plain},
                            {"GB/s", "gbs", plain},
                            {"roofline", "roofline", share},
                            {"predicted", "predicted_ms", timeText},
                            {"registers", "registers", plain},
                            {"spills, B", "spills", plain},
                            {"buffers", "shared_bytes", kibi},
                            {"occupancy", "occupancy", share},
                            {"error", "error", [](double value) {
                               return value == 0 ? std::string("0") : llvm::formatv("{0:E1}", value).str();
                             }}};
  llvm::SmallVector<const Column *> used;
  for (const Column &column : columns)
    if (llvm::any_of(data.rows, [&](const ReportRow &row) { return row.isOk && row.number(column.member); }))
      used.push_back(&column);
  bool limiters =
      llvm::any_of(data.rows, [](const ReportRow &row) { return row.isOk && !row.text("limiter").empty(); });
  os << "<h2>All rows</h2>\n<div class=\"card scroll\"><table>\n<thead><tr><th "
        "class=\"left\">parameters</th><th>stages</th>";
  for (const Column *column : used)
    os << "<th>" << column->title << "</th>";
  os << (limiters ? "<th class=\"left\">limited by</th>" : "") << "</tr></thead>\n<tbody>\n";
  const ReportRow *chosen = data.recommended();
  for (const ReportRow &row : data.rows) {
    os << (&row == chosen ? "<tr class=\"chosen\">" : "<tr>") << "<td class=\"left\">" << escaped(row.series)
       << "</td><td>" << row.stages << (row.object->getBoolean("auto").value_or(false) ? " (auto)" : "") << "</td>";
    if (!row.isOk) {
      std::string status = row.text("status"), reason = row.text("reason");
      if (status.empty() || status == "ok")
        status = "not measured";
      os << "<td class=\"reason\" colspan=\"" << used.size() + limiters << "\">" << escaped(status)
         << (reason.empty() ? "" : ": " + escaped(reason)) << "</td></tr>\n";
      continue;
    }
    for (const Column *column : used) {
      std::optional<double> value = row.number(column->member);
      os << "<td>" << (value ? escaped(column->show(*value)) : "–") << "</td>";
    }
    if (limiters)
      os << "<td class=\"left\">" << escaped(row.text("limiter")) << "</td>";
    os << "</tr>\n";
  }
  os << "</tbody></table></div>\n";
}

void Page::writePhases() {
  const Object *phases = document.getObject("phases");
  if (!phases || phases->empty())
    return;
  // In the order in which they come about; others after these.
  llvm::SmallVector<std::string> names;
  for (llvm::StringRef name :
       {"tile", "bound", "planned", "pipelined", "numerics", "placed", "synchronised", "nvvm", "llvm", "ptx"})
    if (phases->getString(name))
      names.push_back(name.str());
  for (const auto &[name, value] : *phases)
    if (value.getAsString() && !llvm::is_contained(names, llvm::StringRef(name)))
      names.push_back(llvm::StringRef(name).str());
  os << "<h2>The kernel, phase by phase</h2>\n<div class=\"card\">\n";
  for (const std::string &name : names)
    os << "<details><summary>" << escaped(name) << "</summary><pre>" << escaped(*phases->getString(name))
       << "</pre></details>\n";
  os << "</div>\n";
}

void Page::write() {
  std::string kernel = data.text("kernel");
  os << "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<meta name=\"viewport\" "
        "content=\"width=device-width, initial-scale=1\">\n"
     << "<link rel=\"icon\" href=\"data:,\">\n<title>" << escaped(kernel.empty() ? "tile-bench" : kernel)
     << ": what stages bring</title>\n<style>" << kStyle << "</style>\n</head>\n<body>\n<main>\n";
  writeHeader();
  writeVerdict();
  writeCharts();
  writeSchedule();
  writeTimeline();
  writeRows();
  writePhases();
  os << "</main>\n</body>\n</html>\n";
}

void tuning::writeReport(const Object &document, llvm::raw_ostream &os) { Page(document, os).write(); }
