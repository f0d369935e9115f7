//===- ScheduleSvgLanes.cpp - What a schedule draws over time ---*- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ScheduleSvg.h"

using namespace mlir;
using namespace tile;
using namespace tile::pipeline;

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
             0.005 * loop.interval)
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
