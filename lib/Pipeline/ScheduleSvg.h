//===- ScheduleSvg.h - Draws one loop of a schedule -------------*- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef TILE_LIB_PIPELINE_SCHEDULESVG_H
#define TILE_LIB_PIPELINE_SCHEDULESVG_H

#include "tile/Pipeline/ScheduleModel.h"

#include <llvm/Support/FormatVariadic.h>

namespace tile::pipeline {

inline constexpr double kWidth = 960, kLeft = 118, kRight = 870;
inline constexpr unsigned kColours = 8;

/// Text as XML has it. What XML has no room for becomes a space.
std::string xml(llvm::StringRef text);
/// "12,345".
std::string grouped(std::int64_t number);
/// The class that colours a unit's work.
llvm::StringRef workClass(Unit unit);
/// What the lane of a unit is called.
llvm::StringRef shortName(Unit unit);

/// The style of pictures of schedules.
llvm::StringRef pictureStyle();
/// A step of 1, 2 or 5 times a power of ten, so that there are about eight on an axis of that length.
std::int64_t tickStep(std::int64_t span);
/// About as wide as this text of 12 pixels is.
double widthOf(llvm::StringRef text);

/// Rings that are filled and read together: their slots have one lane each.
struct RingGroup {
  llvm::SmallVector<unsigned> loads;
  std::int64_t depth = 0;
};

/// Boxes, lines and text of a picture.
class Canvas {
public:
  explicit Canvas(llvm::raw_ostream &os) : os(os) {}

  void text(double x, double atY, const llvm::Twine &what, llvm::StringRef classes = "",
            llvm::StringRef anchor = "start") {
    os << llvm::formatv("<text x=\"{0:F1}\" y=\"{1:F1}\"", x, atY);
    if (!classes.empty())
      os << " class=\"" << classes << '"';
    if (anchor != "start")
      os << " text-anchor=\"" << anchor << '"';
    os << '>' << xml(what.str()) << "</text>\n";
  }
  void box(double x0, double x1, double top, double height, llvm::StringRef classes, const llvm::Twine &tip = "",
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
  void line(double x0, double y0, double x1, double y1, llvm::StringRef classes) {
    os << llvm::formatv("<line x1=\"{0:F1}\" y1=\"{1:F1}\" x2=\"{2:F1}\" y2=\"{3:F1}\" class=\"{4}\"/>\n", x0, y0, x1,
                        y1, classes);
  }
  /// A label in the middle of a box, when it fits.
  void labelIn(double x0, double x1, double baseline, llvm::StringRef label, llvm::StringRef classes = "on") {
    if (x1 - x0 > 5.9 * static_cast<double>(label.size()) + 4)
      text((x0 + x1) / 2, baseline, label, classes, "middle");
  }

protected:
  llvm::raw_ostream &os;
};

class LoopPicture : Canvas {
public:
  LoopPicture(const Schedule &schedule, const LoopSchedule &loop, double top, llvm::raw_ostream &os)
      : Canvas(os), schedule(schedule), loop(loop), y(top) {}

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
  void drawIteration(std::int64_t iteration, double top, double height);
  void drawBrackets(double top, double height);
  void drawFlow();
  void drawCopyLane();
  void drawRings();
  void drawUnitLane(Unit unit);
  void drawLaneFrame(const llvm::Twine &label, double height, std::optional<std::int64_t> busy);
  /// A mark of a barrier: full points down, to those who wait, empty up.
  void drawEvent(double x, double atY, bool isFull);

  double at(double cycles) const {
    return kLeft + (kRight - kLeft) * cycles / static_cast<double>(std::max<std::int64_t>(span(), 1));
  }
  std::int64_t span() const { return loop.end; }
  /// The class that colours a slot, or what has none.
  std::string colour(const ScheduledLoad &load, std::int64_t iteration) const {
    return load.depth == 0 ? "none" : "s" + std::to_string(load.slot(iteration) % kColours);
  }

  /// A span of time with ticks at its ends and words beside or above it.
  void bracket(double from, double to, double atY, const llvm::Twine &words);

  const Schedule &schedule;
  const LoopSchedule &loop;
  double y;
  double axisTop = 0;
  llvm::SmallVector<RingGroup> rings;
};

} // namespace tile::pipeline

#endif // TILE_LIB_PIPELINE_SCHEDULESVG_H
