//===- MeasuredSvg.cpp - Draws a measured schedule over its plan ---*- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The form of the planned picture: iterations as rows, slots by colour. What was measured is filled, what was planned is an outline over it. A loop
// of many iterations is drawn in two windows, its first iterations and its last ones, each on the same scale; the plan's beginning is laid at
// the first copy's issue, and its end at the last product's end.
//
//===----------------------------------------------------------------------===//

#include "ScheduleSvg.h"
#include "tile/Pipeline/Measured.h"

#include <cmath>

using namespace mlir;
using namespace tile;
using namespace tile::pipeline;

/// What planned pictures don't have.
static constexpr StringLiteral kMeasuredStyle = R"(
.tile-schedule .plan { fill: none; stroke: #1f2328; stroke-width: 1; stroke-dasharray: 3 2; }
.tile-schedule .stall { fill: #c0362c; } .tile-schedule .issue { fill: #b08a3a; }
@media screen and (prefers-color-scheme: dark) {
.tile-schedule .plan { stroke: #e6edf3; } .tile-schedule .stall { fill: #ff7b72; } .tile-schedule .issue { fill: #c9a24d; }
}
)";

namespace {
/// A span of time, and where it is drawn.
struct Window {
  double from, to, left, right;
  /// Added to the plan's time, which counts from 0 when the loop begins.
  double planAt = 0;
  /// Its iterations, the last one excluded, and the number of the first in the plan.
  int64_t first, last, plannedFirst;

  double at(double time) const {
    return left + (right - left) * std::clamp((time - from) / std::max(to - from, 1e-9), 0.0, 1.0);
  }
};

class MeasuredPicture : Canvas {
public:
  MeasuredPicture(const Schedule &schedule, const LoopSchedule &loop, const MeasuredLoop &measured, raw_ostream &os);

  double draw();

private:
  void findWindows();
  void drawTitle();
  void drawRow(const Window &window, const MeasuredIteration &iteration, double height);
  void drawPlan(const Window &window, int64_t planned, double height);
  void drawLane(const MeasuredWarp &warp);
  void drawParts(double top, double bottom);
  void drawAxis(double top);
  void drawLegend();
  /// A box in each window that shows some of it.
  void span(double from, double to, double top, double height, StringRef classes, const Twine &tip = "");

  const MeasuredIteration *find(const MeasuredWarp &warp, int64_t number) const {
    auto found = llvm::find_if(warp.iterations, [&](const auto &each) { return each.number == number; });
    return found == warp.iterations.end() ? nullptr : &*found;
  }
  std::string when(double time) const { return grouped(std::llround(time - origin)) + " " + measured.unit; }
  std::string hueOf(int64_t iteration) const {
    return depth == 0 ? "none" : "s" + std::to_string(iteration % depth % kColours);
  }

  const Schedule &schedule;
  const LoopSchedule &loop;
  const MeasuredLoop &measured;
  /// The warp whose iterations are the rows: the first that computes.
  const MeasuredWarp *shown = nullptr;
  SmallVector<Window, 2> windows;
  int64_t depth = 0, count = 0;
  double origin = 0, end = 0, firstIssue = 0, lastIssue = 0, firstWork = 0, lastWork = 0;
  double y = 0;
};
} // namespace

/// When an iteration's first and last times were.
static double beginOf(const MeasuredIteration &each) {
  double time = each.work.empty() ? INFINITY : each.work.front().first;
  for (std::optional<double> other : {each.acquire, each.issue, each.await})
    time = std::min(time, other.value_or(INFINITY));
  return time;
}
static double endOf(const MeasuredIteration &each) {
  double time = each.work.empty() ? -INFINITY : each.work.back().second;
  for (std::optional<double> other : {each.issued, each.arrived})
    time = std::max(time, other.value_or(-INFINITY));
  return time;
}

MeasuredPicture::MeasuredPicture(const Schedule &schedule, const LoopSchedule &loop, const MeasuredLoop &measured,
                                 raw_ostream &os)
    : Canvas(os), schedule(schedule), loop(loop), measured(measured) {
  for (const ScheduledLoad &load : loop.loads)
    depth = std::max(depth, load.depth);
  for (const MeasuredWarp &warp : measured.warps)
    if (!warp.isProducer && !shown)
      shown = &warp;
  if (!shown)
    return;
  origin = firstIssue = firstWork = INFINITY;
  end = lastIssue = lastWork = -INFINITY;
  for (const MeasuredWarp &warp : measured.warps)
    for (const MeasuredIteration &each : warp.iterations) {
      origin = std::min(origin, beginOf(each));
      end = std::max(end, endOf(each));
    }
  for (const MeasuredIteration &each : shown->iterations) {
    if (!each.work.empty()) {
      firstWork = std::min(firstWork, each.work.front().first);
      lastWork = std::max(lastWork, each.work.back().second);
    }
    firstIssue = std::min(firstIssue, each.issue.value_or(INFINITY));
    lastIssue = std::max(lastIssue, each.issue.value_or(-INFINITY));
    count = std::max(count, each.number + 1);
  }
}

void MeasuredPicture::findWindows() {
  constexpr int64_t kWhole = 14, kFewest = 6;
  constexpr double kGap = 18;
  double planBegin = std::isfinite(firstIssue) ? firstIssue : origin;
  int64_t first = std::clamp<int64_t>(loop.stages + 4, kFewest, kWhole - 3),
          last = std::min<int64_t>(loop.stages + 1, 5);
  if (count <= std::max(kWhole, first + last)) {
    windows.push_back({origin, end, kLeft, kRight, planBegin, 0, count, 0});
    return;
  }
  double firstEnd = origin, lastBegin = end;
  for (const MeasuredIteration &each : shown->iterations) {
    if (each.number < first)
      firstEnd = std::max(firstEnd, endOf(each));
    if (each.number >= count - last && !each.work.empty())
      lastBegin = std::min(lastBegin, each.await.value_or(each.work.front().first));
  }
  double scale = (kRight - kLeft - kGap) / std::max(firstEnd - origin + end - lastBegin, 1e-9);
  double middle = kLeft + (firstEnd - origin) * scale;
  windows.push_back({origin, firstEnd, kLeft, middle, planBegin, 0, first, 0});
  double planEnd = static_cast<double>(loop.end) * measured.perCycle;
  windows.push_back({lastBegin, end, middle + kGap, kRight, std::max(lastWork, lastBegin) - planEnd, count - last,
                     count, loop.iterations - last});
}

void MeasuredPicture::span(double from, double to, double top, double height, StringRef classes, const Twine &tip) {
  for (const Window &window : windows)
    if (to >= window.from && from <= window.to)
      box(window.at(from), window.at(to), top, height, classes, tip, 1);
}

//===----------------------------------------------------------------------===//
// Rows
//===----------------------------------------------------------------------===//

void MeasuredPicture::drawRow(const Window &window, const MeasuredIteration &each, double height) {
  auto draw = [&](std::optional<double> from, std::optional<double> to, double top, double tall, const Twine &classes,
                  const Twine &tip) {
    if (from && to && *to > *from && *to >= window.from && *from <= window.to)
      box(window.at(*from), window.at(*to), y + top, tall, classes.str(), tip);
  };
  std::string hue = hueOf(each.number), name = "iteration " + std::to_string(each.number);
  std::optional<double> begin = each.work.empty() ? std::nullopt : std::optional(each.work.front().first);
  std::optional<double> asked = each.await ? each.await : each.issue;
  draw(each.issue, each.arrived, 4, height - 8, hue + " flight",
       each.issue && each.arrived ? name + ": issued at " + when(*each.issue) + ", there by " + when(*each.arrived)
                                  : name);
  if (each.arrived && asked)
    draw(asked, each.arrived, 4, height - 8, "stall",
         name + ": waits for its data for " + grouped(std::llround(*each.arrived - *asked)) + " " + measured.unit);
  draw(each.arrived, begin, height / 2 - 2, 4, hue + " wait", name + ": there, not read yet");
  for (auto [from, to] : each.work) {
    draw(from, to, 4, height - 8, "work", name + ": computes from " + when(from) + " to " + when(to));
    draw(from, to, height - 8, 4, hue + " full", "");
  }
}

void MeasuredPicture::drawPlan(const Window &window, int64_t planned, double height) {
  if (planned < 0 || planned >= loop.iterations || measured.perCycle <= 0)
    return;
  auto outline = [&](int64_t from, int64_t to, double top, double tall, const Twine &tip) {
    double begin = window.planAt + static_cast<double>(from) * measured.perCycle,
           done = window.planAt + static_cast<double>(to) * measured.perCycle;
    if (done > window.from && begin < window.to)
      box(window.at(begin), window.at(done), y + top, tall, "plan", tip, 0);
  };
  for (const ScheduledEvent &event : loop.events) {
    if (event.iteration != planned)
      continue;
    const ScheduledGroup &group = loop.groups[event.group];
    if (group.load)
      outline(event.start, event.done, height / 2 - 3, 6, "planned: " + group.name);
    else
      outline(event.start, event.unitEnd, 1, height - 2, "planned: " + group.name);
  }
}

void MeasuredPicture::drawLane(const MeasuredWarp &warp) {
  constexpr double kHeight = 15;
  box(kLeft, kRight, y, kHeight, "lane", "", 0);
  text(kLeft - 10, y + 11, warp.name, "", "end");
  double waited = 0, all = 0, busy = -INFINITY;
  for (const MeasuredIteration &each : warp.iterations) {
    std::string name = "iteration " + std::to_string(each.number);
    std::optional<double> asked = warp.isProducer ? each.acquire : each.await ? each.await : each.issue;
    std::optional<double> there = warp.isProducer ? each.issue : each.arrived;
    if (asked && there && *there > *asked) {
      // Products that are under way meanwhile are still seen below.
      span(*asked, *there, y + 1, *asked < busy ? kHeight / 2 - 1 : kHeight - 2, "stall",
           name + (warp.isProducer ? ": waits for a free slot" : ": waits for its data"));
      waited += *there - *asked;
    }
    bool issuesItself = warp.isProducer || !loop.hasProducer;
    if (issuesItself && each.issue && each.issued)
      span(*each.issue, *each.issued, y + 1, kHeight - 2, "issue", name + ": issues its copies");
    // Products that were begun before the one before them had ended follow it.
    for (auto [from, to] : each.work) {
      double begin = std::max(from, busy);
      span(begin, to, y + 1, kHeight - 2, "work", name + ": computes");
      span(begin, to, y + kHeight - 4, 3, hueOf(each.number) + " full");
      busy = to;
    }
  }
  if (!warp.iterations.empty())
    all = endOf(warp.iterations.back()) - beginOf(warp.iterations.front());
  if (all > 0)
    text(kRight + 8, y + 11, llvm::formatv("waits {0:F0} %", 100 * waited / all).str(), "soft tiny");
  y += kHeight + 2;
}

//===----------------------------------------------------------------------===//
// Around them
//===----------------------------------------------------------------------===//

void MeasuredPicture::drawTitle() {
  y = 30;
  std::string how = loop.isPipelined() ? llvm::formatv("{0} stages", loop.stages).str()
                                       : std::string("one iteration after the other");
  text(20, y, schedule.kernel + " on " + schedule.target + ", measured: " + how, "title");
  text(kWidth - 20, y,
       llvm::formatv("program {0}, the loop at line {1}, {2} iterations", measured.program, loop.place.line, count)
           .str(),
       "soft", "end");
  y += 20;
  std::string words = "Filled: what was measured.";
  if (measured.perCycle <= 0)
    words += " Nobody knows how long a cycle of the plan is here.";
  else
    words += " Dashed outlines: what the model planned, from the first copy on";
  if (measured.perCycle > 0)
    words += windows.size() == 2 ? "; in the last iterations, up to the last product." : ".";
  text(20, y, words);
  y += 14;
}

void MeasuredPicture::drawParts(double top, double bottom) {
  if (!loop.isPipelined())
    return;
  const std::pair<double, double> spans[] = {{origin, firstWork}, {firstWork, lastIssue}, {lastIssue, end}};
  const StringRef names[] = {"prologue", "steady state", "tail"};
  for (const Window &window : windows)
    for (unsigned part = 0; part < 3; ++part) {
      auto [from, to] = spans[part];
      if (to <= from || to <= window.from || from >= window.to)
        continue;
      double x0 = window.at(from), x1 = window.at(to);
      box(x0, x1, top, bottom - top, ("part" + Twine(part)).str(), "", 0);
      if (x1 - x0 > widthOf(names[part]) + 14)
        text((x0 + x1) / 2, top + 14, names[part], "head", "middle");
    }
}

void MeasuredPicture::drawAxis(double top) {
  double shownSpan = 0;
  for (const Window &window : windows)
    shownSpan += window.to - window.from;
  int64_t step = tickStep(std::max<int64_t>(1, std::llround(shownSpan)));
  for (const Window &window : windows)
    for (int64_t tick = static_cast<int64_t>(std::ceil((window.from - origin) / static_cast<double>(step))) * step;
         static_cast<double>(tick) <= window.to - origin; tick += step) {
      double x = window.at(origin + static_cast<double>(tick));
      line(x, top + 20, x, y + 4, "grid");
      text(x, y + 16, grouped(tick), "soft tiny", "middle");
    }
  text(kRight + 44, y + 16, measured.unit, "soft tiny");
  if (windows.size() == 2) {
    double x = (windows[0].right + windows[1].left) / 2;
    line(x, top, x, y + 4, "frame");
  }
  y += 20;
}

void MeasuredPicture::drawLegend() {
  y += 18;
  double x = 20;
  auto entry = [&](StringRef classes, StringRef words, double height = 11) {
    double width = 26 + widthOf(words);
    if (x + width > kWidth - 20) {
      x = 20;
      y += 18;
    }
    box(x, x + 20, y - 4 - height / 2, height, classes);
    text(x + 26, y, words, "soft");
    x += width + 12;
  };
  std::string hue = depth == 0 ? "none" : "s0";
  entry(hue + " flight", "copies in flight: issued, not awaited yet");
  entry("stall", loop.hasProducer ? "waits for data, the producer for a free slot" : "waits for data");
  entry(hue + " wait", "there, not read yet", 4);
  entry("work", "computes; the stripe is its slot");
  entry("issue", "issues copies");
  entry("plan", "planned");
  y += 14;
}

double MeasuredPicture::draw() {
  if (!shown)
    return 0;
  findWindows();
  drawTitle();
  double top = y;
  constexpr double kHeight = 26;
  // What stands behind is written first, so all of it is drawn into the void before.
  auto drawBody = [&](MeasuredPicture &picture) {
    picture.y = top + 24;
    for (const Window &window : picture.windows)
      for (int64_t number = window.first; number < window.last; ++number) {
        const MeasuredIteration *each = picture.find(*picture.shown, number);
        if (!each)
          continue;
        picture.text(kLeft - 10, picture.y + kHeight / 2 + 4, "i = " + Twine(number), "mono", "end");
        picture.drawRow(window, *each, kHeight);
        picture.drawPlan(window, number - window.first + window.plannedFirst, kHeight);
        picture.y += kHeight + 2;
      }
    picture.y += 18;
    picture.text(20, picture.y, "Each warp", "head");
    picture.y += 6;
    // Warps do much the same; a page has no room for all of sixteen.
    constexpr unsigned kMost = 9;
    for (const MeasuredWarp &warp : llvm::ArrayRef(picture.measured.warps).take_front(kMost))
      picture.drawLane(warp);
  };
  std::string body;
  {
    llvm::raw_string_ostream inner(body);
    MeasuredPicture picture(schedule, loop, measured, inner);
    picture.windows = windows;
    drawBody(picture);
    y = picture.y;
  }
  drawParts(top, y + 4);
  drawAxis(top);
  os << body;
  drawLegend();
  return y;
}

std::string pipeline::measuredSvg(const Schedule &schedule, const LoopSchedule &planned, const MeasuredLoop &measured) {
  std::string body;
  llvm::raw_string_ostream inner(body);
  double height = MeasuredPicture(schedule, planned, measured, inner).draw();
  if (height <= 0)
    return "";
  std::string svg;
  llvm::raw_string_ostream os(svg);
  os << llvm::formatv("<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"tile-schedule\" viewBox=\"0 0 {0:F0} {1:F0}\" "
                      "width=\"{0:F0}\" role=\"img\" aria-label=\"Measured schedule of {2}\" style=\"max-width: 100%; "
                      "height: auto\">\n",
                      kWidth, height, xml(schedule.kernel));
  os << "<style>" << pictureStyle() << kMeasuredStyle << "</style>\n";
  os << llvm::formatv("<rect class=\"paper\" width=\"{0:F0}\" height=\"{1:F0}\"/>\n", kWidth, height) << body
     << "</svg>\n";
  return svg;
}
