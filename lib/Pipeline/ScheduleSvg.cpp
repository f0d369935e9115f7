//===- ScheduleSvg.cpp - Draws a schedule as a picture -------------*- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// One panel for each loop, time to the right on one axis for all of it: iterations as rows; then, as data flows, the copy engine, the
// slots of each ring, and the units that work. A slot has the same colour wherever it appears. Nothing outside the picture is
// needed to show it, and text stays text.
//
//===----------------------------------------------------------------------===//

#include "tile/Pipeline/ScheduleModel.h"

#include <llvm/ADT/StringExtras.h>
#include <llvm/Support/FormatVariadic.h>
#include <llvm/Support/JSON.h>
#include <llvm/Support/Path.h>

using namespace mlir;
using namespace tile;
using namespace tile::pipeline;

/// Light by default, dark where the reader's system is, light again on paper. The eight colours of slots carry white text.
static constexpr StringLiteral kStyle = R"(
.tile-schedule { font-family: system-ui, -apple-system, "Segoe UI", "Helvetica Neue", Arial, sans-serif; font-size: 12px; }
.tile-schedule text { fill: #1f2328; }
.tile-schedule .mono { font-family: ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; font-size: 11.5px; }
.tile-schedule .paper { fill: #ffffff; }
.tile-schedule .title { font-size: 17px; font-weight: 650; }
.tile-schedule .head { font-weight: 650; }
.tile-schedule .soft { fill: #59636e; }
.tile-schedule .tiny { font-size: 10.5px; }
.tile-schedule .on { fill: #ffffff; font-size: 10.5px; font-weight: 600; }
.tile-schedule .grid { stroke: #d8dee4; stroke-width: 1; }
.tile-schedule .lane { fill: #f3f5f7; }
.tile-schedule .rule { stroke: #59636e; stroke-width: 1.2; fill: none; }
.tile-schedule .arrow { fill: #59636e; }
.tile-schedule .part0 { fill: #eef3fb; } .tile-schedule .part1 { fill: #eaf6ee; } .tile-schedule .part2 { fill: #fbf2e8; }
.tile-schedule .frame { fill: none; stroke: #9aa4ae; stroke-width: 1; stroke-dasharray: 3 3; }
.tile-schedule .work { fill: #3d4650; } .tile-schedule .work.Alu { fill: #6b7681; } .tile-schedule .work.Special { fill: #86608e; }
.tile-schedule .work.Store { fill: #8b5e34; } .tile-schedule .work.Copy { fill: #6b7681; }
.tile-schedule .s0 { fill: #2f6db5; stroke: #2f6db5; } .tile-schedule .s1 { fill: #b85614; stroke: #b85614; }
.tile-schedule .s2 { fill: #2b7d4f; stroke: #2b7d4f; } .tile-schedule .s3 { fill: #8450a8; stroke: #8450a8; }
.tile-schedule .s4 { fill: #bb3649; stroke: #bb3649; } .tile-schedule .s5 { fill: #1c7885; stroke: #1c7885; }
.tile-schedule .s6 { fill: #7d6e12; stroke: #7d6e12; } .tile-schedule .s7 { fill: #7b5542; stroke: #7b5542; }
.tile-schedule .none { fill: #7d8590; stroke: #7d8590; }
.tile-schedule .flight { fill-opacity: 0.14; stroke-opacity: 0.75; stroke-width: 1; stroke-dasharray: 2.5 2; }
.tile-schedule .arrive { fill-opacity: 0.5; stroke: none; }
.tile-schedule .wait { fill-opacity: 0.28; stroke: none; }
.tile-schedule .full { stroke: none; }
@media screen and (prefers-color-scheme: dark) {
.tile-schedule text { fill: #e6edf3; } .tile-schedule .soft { fill: #9aa5b1; } .tile-schedule .on { fill: #ffffff; }
.tile-schedule .paper { fill: #0f141a; } .tile-schedule .grid { stroke: #2b333d; } .tile-schedule .lane { fill: #171e26; }
.tile-schedule .rule { stroke: #9aa5b1; } .tile-schedule .arrow { fill: #9aa5b1; } .tile-schedule .frame { stroke: #59636e; }
.tile-schedule .part0 { fill: #152238; } .tile-schedule .part1 { fill: #12271b; } .tile-schedule .part2 { fill: #2c2115; }
.tile-schedule .work { fill: #5a6672; } .tile-schedule .work.Alu { fill: #748190; } .tile-schedule .work.Special { fill: #9670a0; }
.tile-schedule .work.Store { fill: #a1764a; } .tile-schedule .work.Copy { fill: #748190; }
.tile-schedule .flight { fill-opacity: 0.25; } .tile-schedule .wait { fill-opacity: 0.42; } .tile-schedule .arrive { fill-opacity: 0.65; }
}
)";

static constexpr double kWidth = 960, kLeft = 118, kRight = 870;
static constexpr unsigned kColours = 8;

/// Text as XML has it. What XML has no room for becomes a space.
static std::string xml(StringRef text) {
  std::string clean = llvm::json::fixUTF8(text), result;
  for (char &c : clean)
    if (static_cast<unsigned char>(c) < 0x20)
      c = ' ';
  llvm::raw_string_ostream os(result);
  llvm::printHTMLEscaped(clean, os);
  return result;
}

/// "12,345".
static std::string grouped(int64_t number) {
  std::string digits = std::to_string(number);
  for (auto at = static_cast<int64_t>(digits.size()) - 3; at > (number < 0 ? 1 : 0); at -= 3)
    digits.insert(static_cast<size_t>(at), ",");
  return digits;
}

/// "16 KiB".
static std::string bytesText(int64_t bytes) {
  if (bytes >= 1024 && bytes % 1024 == 0)
    return grouped(bytes / 1024) + " KiB";
  return grouped(bytes) + " bytes";
}

/// A place without the folders that the file stands in.
static std::string shortPlace(const SourcePlace &place) {
  SourcePlace result = place;
  result.file = llvm::sys::path::filename(place.file).str();
  return result.str();
}

/// The class that colours a unit's work.
static StringRef workClass(Unit unit) {
  switch (unit) {
  case Unit::Dot:
    return "work";
  case Unit::Special:
    return "work Special";
  case Unit::Store:
    return "work Store";
  default:
    return "work Alu";
  }
}

/// What the lane of a unit is called.
static StringRef shortName(Unit unit) {
  return unit == Unit::Alu ? "elementwise" : unit == Unit::Special ? "functions" : unitName(unit);
}

/// About as wide as this text of 12 pixels is.
static double widthOf(StringRef text) { return 6.3 * static_cast<double>(text.size()); }

namespace {
/// Rings that are filled and read together: their slots have one lane each.
struct RingGroup {
  SmallVector<unsigned> loads;
  int64_t depth = 0;
};

class LoopPicture {
public:
  LoopPicture(const Schedule &schedule, const LoopSchedule &loop, double top, raw_ostream &os)
      : schedule(schedule), loop(loop), os(os), y(top) {}

  /// Draws the loop and gives the y below it.
  double draw();
  /// What the colours and patterns say.
  double drawLegend();

private:
  void findRings();
  void drawTitle();
  void drawLoads();
  void drawParts(double top, double bottom);
  void drawAxis();
  void drawIterations();
  void drawIteration(int64_t iteration, double top, double height);
  void drawBrackets(double top, double height);
  void drawFlow();
  void drawCopyLane();
  void drawRings();
  void drawUnitLane(Unit unit);
  void drawLaneFrame(const Twine &label, double height, std::optional<int64_t> busy);
  /// A mark of a barrier: full points down, to those who wait, empty up.
  void drawEvent(double x, double atY, bool isFull);

  double at(double cycles) const {
    return kLeft + (kRight - kLeft) * cycles / static_cast<double>(std::max<int64_t>(span(), 1));
  }
  int64_t span() const { return loop.end; }
  /// The class that colours a slot, or what has none.
  std::string colour(const ScheduledLoad &load, int64_t iteration) const {
    return load.depth == 0 ? "none" : "s" + std::to_string(load.slot(iteration) % kColours);
  }

  void text(double x, double atY, const Twine &what, StringRef classes = "", StringRef anchor = "start") {
    os << llvm::formatv("<text x=\"{0:F1}\" y=\"{1:F1}\"", x, atY);
    if (!classes.empty())
      os << " class=\"" << classes << '"';
    if (anchor != "start")
      os << " text-anchor=\"" << anchor << '"';
    os << '>' << xml(what.str()) << "</text>\n";
  }
  void box(double x0, double x1, double top, double height, StringRef classes, const Twine &tip = "",
           double round = 1.5) {
    os << llvm::formatv("<rect x=\"{0:F1}\" y=\"{1:F1}\" width=\"{2:F1}\" height=\"{3:F1}\"", x0, top,
                        std::max(x1 - x0, 0.6), height);
    if (round > 0)
      os << llvm::formatv(" rx=\"{0:F1}\"", round);
    os << " class=\"" << classes << '"';
    std::string words = tip.str();
    if (words.empty())
      os << "/>\n";
    else
      os << "><title>" << xml(words) << "</title></rect>\n";
  }
  void line(double x0, double y0, double x1, double y1, StringRef classes) {
    os << llvm::formatv("<line x1=\"{0:F1}\" y1=\"{1:F1}\" x2=\"{2:F1}\" y2=\"{3:F1}\" class=\"{4}\"/>\n", x0, y0, x1,
                        y1, classes);
  }
  /// A label in the middle of a box, when it fits.
  void labelIn(double x0, double x1, double baseline, StringRef label, StringRef classes = "on") {
    if (x1 - x0 > 5.9 * static_cast<double>(label.size()) + 4)
      text((x0 + x1) / 2, baseline, label, classes, "middle");
  }
  /// A span of time with ticks at its ends and words beside or above it.
  void bracket(double from, double to, double atY, const Twine &words);

  const Schedule &schedule;
  const LoopSchedule &loop;
  raw_ostream &os;
  double y;
  double axisTop = 0;
  SmallVector<RingGroup> rings;
};
} // namespace

void LoopPicture::findRings() {
  for (auto [index, load] : llvm::enumerate(loop.loads)) {
    if (load.depth == 0)
      continue;
    auto *same = llvm::find_if(rings, [&](const RingGroup &ring) {
      const ScheduledLoad &first = loop.loads[ring.loads.front()];
      return first.depth == load.depth && first.stage == load.stage && first.ahead == load.ahead;
    });
    if (same == rings.end())
      same = &rings.emplace_back(RingGroup{{}, load.depth});
    same->loads.push_back(index);
  }
}

void LoopPicture::bracket(double from, double to, double atY, const Twine &words) {
  double x0 = at(from), x1 = at(to);
  os << llvm::formatv("<path d=\"M{0:F1} {1:F1}v-5M{0:F1} {2:F1}H{3:F1}M{3:F1} {1:F1}v-5\" class=\"rule\"/>\n", x0,
                      atY + 2.5, atY, x1);
  std::string label = words.str();
  if (x1 + 6 + widthOf(label) < kWidth - 8)
    text(x1 + 6, atY + 4, label, "head");
  else
    text(x0 - 6, atY + 4, label, "head", "end");
}

//===----------------------------------------------------------------------===//
// Words
//===----------------------------------------------------------------------===//

void LoopPicture::drawTitle() {
  y += 30;
  std::string how = loop.isPipelined() ? llvm::formatv("{0} stages", loop.stages).str()
                                       : std::string("one iteration after the other");
  text(20, y, schedule.kernel + " on " + schedule.target + ": " + how, "title");
  std::string where = "the loop at " + shortPlace(loop.place);
  if (loop.modelStages != loop.stages)
    where += llvm::formatv("; the model would choose {0} stages", loop.modelStages);
  text(kWidth - 20, y, where, "soft", "end");
  y += 20;
  std::string sentence;
  if (loop.isPipelined())
    sentence =
        llvm::formatv("By the model an iteration every {0} cycles (II, bound by {1}) where one alone takes {2}: {3:F1} "
                      "times as fast.",
                      grouped(loop.ii), loop.bound, grouped(loop.serial),
                      static_cast<double>(loop.serial) / static_cast<double>(std::max<int64_t>(loop.ii, 1)));
  else
    sentence = llvm::formatv("By the model an iteration takes {0} cycles, and no unit works while another does.",
                             grouped(loop.serial));
  text(20, y, sentence);
}

void LoopPicture::drawLoads() {
  y += 8;
  for (const ScheduledLoad &load : loop.loads) {
    y += 17;
    text(20, y, load.name, "head mono");
    text(36, y, shortPlace(load.place), "soft mono");
    std::string what = load.type;
    if (load.depth != 0)
      what += llvm::formatv(", {0} slots of {1}, {2}", load.depth, bytesText(load.slotBytes),
                            loop.hasProducer ? "filled as soon as one is free"
                                             : llvm::formatv("issued {0} ahead", load.ahead).str());
    else if (load.ahead != 0)
      what += llvm::formatv(", carried as a value, read {0} ahead", load.ahead);
    else
      what += ", waited for where it stands";
    text(kWidth - 20, y, what, "soft", "end");
    // The source's line, as far as there is room.
    constexpr size_t kMostColumns = 56;
    std::string source = load.place.text;
    double from = 36 + 7.0 * static_cast<double>(shortPlace(load.place).size()) + 14;
    auto room = static_cast<size_t>(std::max(0.0, (kWidth - 34 - widthOf(what) - from) / 7.0));
    room = std::min(room, kMostColumns);
    if (source.size() > room)
      source = room < 8 ? "" : source.substr(0, room - 1) + "…";
    if (!source.empty())
      text(from, y, source, "mono");
  }
}

void LoopPicture::drawEvent(double x, double atY, bool isFull) {
  os << llvm::formatv("<path d=\"M{0:F1} {1:F1}l-3.5 {2}h7z\" class=\"arrow\"/>\n", x, atY, isFull ? "-6" : "6");
}

double LoopPicture::drawLegend() {
  findRings();
  y += 18;
  double x = 20;
  auto place = [&](StringRef words) {
    double width = 26 + widthOf(words);
    if (x + width > kWidth - 20) {
      x = 20;
      y += 18;
    }
    text(x + 26, y, words, "soft");
    x += width + 12;
    return x - width - 12;
  };
  auto entry = [&](StringRef classes, StringRef words, double height = 11) {
    double from = place(words);
    box(from, from + 20, y - 4 - height / 2, height, classes);
  };
  std::string hue = rings.empty() ? "none" : "s0";
  if (!loop.loads.empty()) {
    entry(hue + " flight", "in flight: issued, no byte there yet");
    entry(hue + " arrive", "arriving");
  }
  if (!rings.empty()) {
    entry(hue + " wait", "landed, waits in its slot", 6);
    entry(hue + " full", "being read");
  }
  for (Unit unit : {Unit::Dot, Unit::Special, Unit::Alu, Unit::Store})
    if (llvm::any_of(loop.groups, [&](const ScheduledGroup &group) { return group.unit == unit && !group.load; }))
      entry(workClass(unit), unit == Unit::Special ? "elementary functions" : shortName(unit));
  if (loop.hasProducer)
    for (bool isFull : {true, false}) {
      double from = place(isFull ? "a slot's bytes have landed: its full barrier"
                                 : "its last reader has ended: its empty barrier");
      drawEvent(from + 14, y - 4 + (isFull ? 3 : -3), isFull);
    }
  if (!rings.empty()) {
    y += 18;
    text(20, y,
         "A slot has one colour; A0 is slot 0 of ring A, and an iteration's slot is its number modulo the slots. A "
         "stripe below work "
         "shows the slot it reads.",
         "soft");
  }
  return y + 14;
}

//===----------------------------------------------------------------------===//
// Time
//===----------------------------------------------------------------------===//

void LoopPicture::drawParts(double top, double bottom) {
  if (!loop.isPipelined())
    return;
  const std::pair<int64_t, int64_t> spans[] = {
      {0, loop.steadyBegin}, {loop.steadyBegin, loop.tailBegin}, {loop.tailBegin, loop.end}};
  const StringRef names[] = {"prologue", "steady state", "tail"};
  const StringRef words[] = {"the pipeline fills", "loads and work overlap", "nothing left to issue"};
  for (unsigned part = 0; part < 3; ++part) {
    auto [from, to] = spans[part];
    if (to <= from)
      continue;
    double x0 = at(static_cast<double>(from)), x1 = at(static_cast<double>(to));
    box(x0, x1, top, bottom - top, ("part" + Twine(part)).str(), "", 0);
    std::string full = (names[part] + ": " + words[part]).str();
    if (x1 - x0 > widthOf(full))
      text((x0 + x1) / 2, top + 14, full, "head", "middle");
    else
      labelIn(x0, x1, top + 14, names[part], "head");
  }
}

/// A step of 1, 2 or 5 times a power of ten, so that there are about eight on the axis.
static int64_t tickStep(int64_t span) {
  int64_t step = 1;
  while (true)
    for (int64_t factor : {1, 2, 5})
      if (span <= factor * step * 9)
        return factor * step;
      else if (factor == 5)
        step *= 10;
}

void LoopPicture::drawAxis() {
  int64_t step = tickStep(span());
  for (int64_t tick = 0; tick <= span(); tick += step) {
    double x = at(static_cast<double>(tick));
    line(x, axisTop + 22, x, y + 4, "grid");
    text(x, y + 16, grouped(tick), "soft tiny", "middle");
  }
  text(kRight + 24, y + 16, "cycles", "soft tiny");
  y += 20;
}

//===----------------------------------------------------------------------===//
// Iterations
//===----------------------------------------------------------------------===//

void LoopPicture::drawIteration(int64_t iteration, double top, double height) {
  SmallVector<const ScheduledEvent *> copies, works;
  for (const ScheduledEvent &event : loop.events)
    if (event.iteration == iteration)
      (loop.groups[event.group].load ? copies : works).push_back(&event);
  double each = height / static_cast<double>(std::max<size_t>(copies.size(), 1));
  for (auto [index, event] : llvm::enumerate(copies)) {
    const ScheduledLoad &load = loop.loads[*loop.groups[event->group].load];
    std::string hue = colour(load, iteration), name = load.name;
    if (load.depth != 0)
      name += std::to_string(load.slot(iteration));
    double laneTop = top + each * static_cast<double>(index), laneHeight = std::max(each - 1, 1.0);
    int64_t arrives = event->done - (event->unitEnd - event->unitStart);
    double x0 = at(static_cast<double>(event->start)), x1 = at(static_cast<double>(arrives)),
           x2 = at(static_cast<double>(event->done));
    box(x0, x1, laneTop + 0.5, laneHeight - 1, hue + " flight",
        llvm::formatv("iteration {0}: {1} issued at {2}, there at {3}", iteration, name, grouped(event->start),
                      grouped(event->done)));
    box(x1, x2, laneTop, laneHeight, hue + " arrive");
    for (const Residence &residence : loop.residences)
      if (residence.iteration == iteration && residence.load == *loop.groups[event->group].load &&
          residence.read > residence.landed)
        box(x2, at(static_cast<double>(residence.read)), laneTop + laneHeight / 2 - 2, 4, hue + " wait",
            llvm::formatv("{0} waits in its slot for {1} cycles", name, grouped(residence.read - residence.landed)), 0);
    if (laneHeight >= 9)
      labelIn(x0, x1, laneTop + laneHeight / 2 + 3.8, name, "tiny head");
  }
  for (const ScheduledEvent *event : works) {
    const ScheduledGroup &group = loop.groups[event->group];
    double x0 = at(static_cast<double>(event->start)), x1 = at(static_cast<double>(event->unitEnd));
    box(x0, x1, top, height - 1, workClass(group.unit),
        llvm::formatv("iteration {0}: {1}, {2} to {3}", iteration, group.name, grouped(event->start),
                      grouped(event->unitEnd)));
    // What it reads, as a stripe in the slot's colour.
    if (!group.reads.empty())
      box(x0, x1, top + height - 5, 4, colour(loop.loads[group.reads.front()], iteration) + " full", "", 0);
    labelIn(x0, x1, top + (height - 5) / 2 + 4, group.name);
  }
}

void LoopPicture::drawIterations() {
  double height = loop.iterations > 12 ? 16 : 24;
  double top = y;
  for (int64_t iteration = 0; iteration < loop.iterations; ++iteration, y += height + 3) {
    text(kLeft - 10, y + height / 2 + 4, "i = " + Twine(iteration), "mono", "end");
    drawIteration(iteration, y, height);
  }
  drawBrackets(top, height + 3);
  y += 6;
}

void LoopPicture::drawBrackets(double top, double height) {
  if (!loop.isPipelined() || loop.iterations < loop.last + 2)
    return;
  // The latency: below the first iteration's copies, where the rows are empty or in flight.
  (void)top;
  (void)height;
  int64_t landed = 0;
  for (const ScheduledEvent &event : loop.events)
    if (event.iteration == 0 && loop.groups[event.group].load)
      landed = std::max(landed, event.done);
  y += 12;
  double row = y;
  bracket(0, static_cast<double>(landed), row,
          "latency: " + grouped(landed) + " cycles from the first copy's issue until all of iteration 0 is there");
  // From one iteration's end to the next, in the steady state; where copies come in bursts, over one round of the slots.
  int64_t first = loop.iterations - 1 - loop.last;
  int64_t rounds = 1;
  auto spanOf = [&](int64_t count) { return loop.iterationEnds[first] - loop.iterationEnds[first - count]; };
  while (rounds < loop.stages && first - rounds > 0 &&
         std::abs(static_cast<double>(spanOf(rounds)) - loop.interval * static_cast<double>(rounds)) >
             0.02 * loop.interval)
    ++rounds;
  if (first - rounds < 0)
    return;
  y += 18;
  std::string per = rounds == 1 ? "II: an iteration every " + grouped(spanOf(1)) + " cycles"
                                : llvm::formatv("{0} iterations in {1} cycles: II = {2}", rounds,
                                                grouped(spanOf(rounds)), grouped(spanOf(rounds) / rounds))
                                      .str();
  bracket(static_cast<double>(loop.iterationEnds[first - rounds]), static_cast<double>(loop.iterationEnds[first]), y,
          per);
  y += 6;
}

//===----------------------------------------------------------------------===//
// Units and slots
//===----------------------------------------------------------------------===//

void LoopPicture::drawLaneFrame(const Twine &label, double height, std::optional<int64_t> busy) {
  box(kLeft, kRight, y, height, "lane", "", 0);
  text(kLeft - 10, y + height / 2 + 4, label, "", "end");
  if (busy && loop.interval > 0) {
    double share = std::min(1.0, static_cast<double>(*busy) / loop.interval);
    text(kRight + 8, y + height / 2 + 4, llvm::formatv("{0:F0} % busy", share * 100).str(), "soft tiny");
  }
}

void LoopPicture::drawCopyLane() {
  if (loop.loads.empty())
    return;
  drawLaneFrame("copies", 18, loop.busyOf(Unit::Copy));
  for (const ScheduledEvent &event : loop.events) {
    const ScheduledGroup &group = loop.groups[event.group];
    if (!group.load)
      continue;
    const ScheduledLoad &load = loop.loads[*group.load];
    double x0 = at(static_cast<double>(event.unitStart)), x1 = at(static_cast<double>(event.unitEnd));
    std::string name = load.name + (load.depth ? std::to_string(load.slot(event.iteration)) : "");
    box(x0, x1 - 0.7, y + 1, 16, colour(load, event.iteration) + " full",
        llvm::formatv("{0} for iteration {1}: {2} cycles of the copy engine", name, event.iteration,
                      grouped(event.unitEnd - event.unitStart)));
    labelIn(x0, x1, y + 13, name);
  }
  y += 21;
}

void LoopPicture::drawRings() {
  for (const RingGroup &ring : rings) {
    std::string names;
    for (unsigned load : ring.loads)
      names += (names.empty() ? "" : " ") + loop.loads[load].name;
    double height = ring.depth > 8 ? 11 : 16;
    for (int64_t slot = 0; slot < ring.depth; ++slot) {
      // More slots than iterations that are drawn would be empty lanes.
      if (slot >= loop.iterations)
        break;
      std::string label;
      for (unsigned load : ring.loads)
        label += (label.empty() ? "" : " ") + loop.loads[load].name + std::to_string(slot);
      drawLaneFrame(ring.loads.size() > 3 ? "slots " + Twine(slot) : "slot " + Twine(label), height, std::nullopt);
      for (int64_t iteration = slot; iteration < loop.iterations; iteration += ring.depth) {
        Residence all{0, iteration, slot, INT64_MAX, 0, INT64_MAX, 0};
        for (const Residence &residence : loop.residences)
          if (residence.iteration == iteration && llvm::is_contained(ring.loads, residence.load)) {
            all.issued = std::min(all.issued, residence.issued);
            all.landed = std::max(all.landed, residence.landed);
            all.read = std::min(all.read, residence.read);
            all.released = std::max(all.released, residence.released);
          }
        if (all.issued == INT64_MAX)
          continue;
        std::string hue = colour(loop.loads[ring.loads.front()], iteration);
        double x0 = at(static_cast<double>(all.issued)), x1 = at(static_cast<double>(all.landed)),
               x2 = at(static_cast<double>(all.read)), x3 = at(static_cast<double>(all.released));
        box(x0 + 0.7, x1, y + 1.5, height - 3, hue + " flight",
            llvm::formatv("slot {0}, iteration {1}: in flight from {2} to {3}", slot, iteration, grouped(all.issued),
                          grouped(all.landed)));
        if (x2 > x1)
          box(x1, x2, y + 1, height - 2, hue + " wait",
              llvm::formatv("slot {0}, iteration {1}: full, not read yet", slot, iteration));
        box(std::max(x1, x2), x3 - 0.7, y + 1, height - 2, hue + " full",
            llvm::formatv("slot {0}, iteration {1}: read from {2} to {3}", slot, iteration, grouped(all.read),
                          grouped(all.released)));
        if (loop.hasProducer) {
          drawEvent(x1, y + 7, /*isFull=*/true);
          drawEvent(x3, y + height - 6, /*isFull=*/false);
        }
        if (height > 12) {
          labelIn(x0, x1, y + height / 2 + 4, "fill", "tiny");
          labelIn(std::max(x1, x2), x3, y + height / 2 + 4, "i = " + std::to_string(iteration));
        }
      }
      y += height + 2;
    }
    y += 4;
  }
}

void LoopPicture::drawUnitLane(Unit unit) {
  int64_t busy = 0;
  for (const ScheduledGroup &group : loop.groups)
    busy += group.unit == unit && !group.load ? group.busy : 0;
  if (busy == 0)
    return;
  drawLaneFrame(shortName(unit), 18, busy);
  for (const ScheduledEvent &event : loop.events) {
    const ScheduledGroup &group = loop.groups[event.group];
    if (group.unit != unit || group.load)
      continue;
    double x0 = at(static_cast<double>(event.start)), x1 = at(static_cast<double>(event.unitEnd));
    box(x0, x1 - 0.7, y + 1, 16, workClass(unit),
        llvm::formatv("iteration {0}: {1}, {2} cycles", event.iteration, group.name,
                      grouped(event.unitEnd - event.start)));
    if (!group.reads.empty())
      box(x0, x1 - 0.7, y + 13, 4, colour(loop.loads[group.reads.front()], event.iteration) + " full", "", 0);
    labelIn(x0, x1, y + 11.5, std::to_string(event.iteration));
  }
  y += 21;
}

void LoopPicture::drawFlow() {
  auto heading = [&](StringRef words) {
    y += 16;
    text(20, y, words, "head");
    y += 6;
  };
  heading(loop.hasProducer ? "Producer warp: one thread starts the tensor copies, as far ahead as slots are free"
                           : "The copy engine");
  drawCopyLane();
  if (!rings.empty()) {
    heading(loop.hasProducer ? "The ring between them, in shared memory"
                             : "Slots: each is filled again in the step after the one that read it");
    drawRings();
  }
  heading(loop.hasProducer     ? llvm::formatv("Consumers: {0} warps that multiply", schedule.warps).str()
          : schedule.warps > 1 ? llvm::formatv("The program's {0} warps", schedule.warps).str()
                               : "The program");
  for (Unit unit : {Unit::Dot, Unit::Special, Unit::Alu, Unit::Shared, Unit::Store})
    drawUnitLane(unit);
}

double LoopPicture::draw() {
  findRings();
  drawTitle();
  drawLoads();
  y += 14;
  axisTop = y;
  // What stands behind must be written first, so the height is found by drawing into the void.
  double begin = y + 26;
  std::string body;
  {
    llvm::raw_string_ostream inner(body);
    LoopPicture picture(schedule, loop, begin, inner);
    picture.rings = rings;
    picture.axisTop = axisTop;
    picture.drawIterations();
    picture.drawFlow();
    y = picture.y;
  }
  drawParts(axisTop, y + 4);
  drawAxis();
  os << body;
  return y + 8;
}

std::string pipeline::scheduleSvg(const Schedule &schedule) {
  std::string body;
  llvm::raw_string_ostream inner(body);
  double height = 0;
  for (const LoopSchedule &loop : schedule.loops) {
    inner << "<g>\n";
    height = LoopPicture(schedule, loop, height, inner).draw();
    inner << "</g>\n";
  }
  // One legend will do: that of the loop with the most to tell.
  auto richest = llvm::max_element(schedule.loops, [](const LoopSchedule &a, const LoopSchedule &b) {
    return std::pair(a.isPipelined(), a.groups.size()) < std::pair(b.isPipelined(), b.groups.size());
  });
  if (richest != schedule.loops.end())
    height = LoopPicture(schedule, *richest, height, inner).drawLegend();
  else {
    inner << "<text x=\"20\" y=\"34\" class=\"title\">" << xml(schedule.kernel) << " on " << xml(schedule.target)
          << ": no loop</text>\n<text x=\"20\" y=\"56\">A program loads its tiles, computes and stores: what hides "
             "latency is "
             "that other programs run beside it.</text>\n";
    height = 72;
  }
  std::string svg;
  llvm::raw_string_ostream os(svg);
  os << llvm::formatv(
      "<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"tile-schedule\" viewBox=\"0 0 {0:F0} {1:F0}\" "
      "width=\"{0:F0}\" role=\"img\" aria-label=\"Schedule of {2}\" style=\"max-width: 100%; height: auto\">\n",
      kWidth, height, xml(schedule.kernel));
  os << "<style>" << kStyle << "</style>\n";
  os << llvm::formatv("<rect class=\"paper\" width=\"{0:F0}\" height=\"{1:F0}\"/>\n", kWidth, height) << body
     << "</svg>\n";
  return svg;
}
