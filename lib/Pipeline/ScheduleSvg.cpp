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

#include "ScheduleSvg.h"

#include <llvm/ADT/StringExtras.h>
#include <llvm/Support/JSON.h>
#include <llvm/Support/Path.h>

#include <cmath>

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

StringRef pipeline::pictureStyle() { return kStyle; }

std::string pipeline::xml(StringRef text) {
  std::string clean = llvm::json::fixUTF8(text), result;
  for (char &c : clean)
    if (static_cast<unsigned char>(c) < 0x20)
      c = ' ';
  llvm::raw_string_ostream os(result);
  llvm::printHTMLEscaped(clean, os);
  return result;
}

std::string pipeline::grouped(int64_t number) {
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

StringRef pipeline::workClass(Unit unit) {
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

StringRef pipeline::shortName(Unit unit) {
  return unit == Unit::Alu ? "elementwise" : unit == Unit::Special ? "functions" : unitName(unit);
}

double pipeline::widthOf(StringRef text) { return 6.3 * static_cast<double>(text.size()); }

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
  else if (x0 - 6 - widthOf(label) > 20)
    text(x0 - 6, atY + 4, label, "head", "end");
  else
    text(std::clamp((x0 + x1) / 2, 20 + widthOf(label) / 2, kWidth - 20 - widthOf(label) / 2), atY - 5, label, "head",
         "middle");
}

//===----------------------------------------------------------------------===//
// Words
//===----------------------------------------------------------------------===//

/// What decides II: a unit, or that there are too few slots to keep it busy.
static std::string limit(const LoopSchedule &loop) {
  int64_t busiest = 0;
  for (unsigned unit = 0; unit < kUnitCount; ++unit)
    busiest = std::max(busiest, loop.busyOf(static_cast<Unit>(unit)));
  bool bySlots = loop.ii > busiest && loop.ii == static_cast<int64_t>(llvm::divideCeil(loop.serial, loop.stages));
  return bySlots ? llvm::formatv("limited by {0} slots; with enough, by {1}", loop.stages, loop.bound).str()
                 : "bound by " + loop.bound;
}

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
        llvm::formatv("By the model an iteration every {0} cycles (II, {1}) where one alone takes {2}: {3:F1} times "
                      "as fast.",
                      grouped(loop.ii), limit(loop), grouped(loop.serial),
                      static_cast<double>(loop.serial) / static_cast<double>(std::max<int64_t>(loop.ii, 1)));
  else
    sentence = llvm::formatv("By the model an iteration takes {0} cycles, and no unit works while another does.",
                             grouped(loop.serial));
  // Where loads wait for loads, the plan's arithmetic is too hopeful.
  constexpr double kApart = 1.05;
  if (loop.isPipelined() && loop.interval > kApart * static_cast<double>(loop.ii))
    sentence += llvm::formatv(" Step by step it comes to {0}.", grouped(std::llround(loop.interval)));
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

int64_t pipeline::tickStep(int64_t span) {
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
