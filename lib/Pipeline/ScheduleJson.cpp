//===- ScheduleJson.cpp - Writes a schedule as JSON ----------------*- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// docs/schedule.md describes every member.
//
//===----------------------------------------------------------------------===//

#include "tile/Pipeline/ScheduleModel.h"

#include <llvm/Support/JSON.h>

#include <cmath>

using namespace mlir;
using namespace tile;
using namespace tile::pipeline;

namespace {
class JsonWriter {
public:
  explicit JsonWriter(llvm::raw_ostream &os) : json(os, /*IndentSize=*/2) {}

  void write(const Schedule &schedule) {
    json.object([&] {
      json.attribute("kernel", llvm::json::fixUTF8(schedule.kernel));
      json.attribute("target", schedule.target);
      json.attributeArray("loops", [&] {
        for (const LoopSchedule &loop : schedule.loops)
          json.object([&] { writeLoop(loop); });
      });
    });
  }

private:
  void writePlace(const SourcePlace &place) {
    json.attributeObject("place", [&] {
      json.attribute("file", llvm::json::fixUTF8(place.file));
      json.attribute("line", place.line);
      json.attribute("column", place.column);
      if (!place.text.empty())
        json.attribute("text", llvm::json::fixUTF8(place.text));
    });
  }

  void writeLoop(const LoopSchedule &loop) {
    writePlace(loop.place);
    json.attribute("stages", loop.stages);
    json.attribute("ii", loop.ii);
    json.attribute("serial", loop.serial);
    json.attribute("bound", loop.bound);
    json.attribute("model_stages", loop.modelStages);
    json.attribute("shared_bytes", loop.sharedBytes);
    json.attribute("producer", loop.hasProducer);
    if (loop.trips)
      json.attribute("trips", *loop.trips);
    // A tenth of a cycle is more than a model knows.
    json.attribute("interval", std::round(loop.interval * 10) / 10);
    json.attributeArray("loads", [&] {
      for (const ScheduledLoad &load : loop.loads)
        json.object([&] { writeLoad(load); });
    });
    json.attributeArray("groups", [&] {
      for (const ScheduledGroup &group : loop.groups)
        json.object([&] { writeGroup(loop, group); });
    });
    json.attribute("iterations", loop.iterations);
    json.attributeObject("parts", [&] {
      json.attributeArray("prologue", [&] { span(0, loop.steadyBegin); });
      json.attributeArray("steady", [&] { span(loop.steadyBegin, loop.tailBegin); });
      json.attributeArray("tail", [&] { span(loop.tailBegin, loop.end); });
    });
    json.attributeArray("steps", [&] { writeSteps(loop); });
    json.attributeArray("events", [&] {
      for (const ScheduledEvent &event : loop.events)
        json.object([&] {
          json.attribute("group", event.group);
          json.attribute("iteration", event.iteration);
          json.attribute("start", event.start);
          json.attributeArray("unit", [&] { span(event.unitStart, event.unitEnd); });
          json.attribute("done", event.done);
        });
    });
    json.attributeArray("slots", [&] {
      for (const Residence &residence : loop.residences)
        json.object([&] {
          json.attribute("load", loop.loads[residence.load].name);
          json.attribute("slot", residence.slot);
          json.attribute("iteration", residence.iteration);
          json.attribute("issued", residence.issued);
          json.attribute("landed", residence.landed);
          json.attribute("read", residence.read);
          json.attribute("released", residence.released);
        });
    });
  }

  void writeLoad(const ScheduledLoad &load) {
    json.attribute("name", load.name);
    writePlace(load.place);
    json.attribute("type", load.type);
    json.attribute("copy", load.copy);
    json.attribute("stage", load.stage);
    json.attribute("ahead", load.ahead);
    json.attribute("depth", load.depth);
    json.attribute("slot_bytes", load.slotBytes);
  }

  void writeGroup(const LoopSchedule &loop, const ScheduledGroup &group) {
    json.attribute("name", group.name);
    json.attribute("unit", unitName(group.unit));
    json.attribute("stage", group.stage);
    json.attribute("order", group.order);
    json.attribute("busy", group.busy);
    if (group.load)
      json.attribute("load", loop.loads[*group.load].name);
    json.attributeArray("reads", [&] {
      for (unsigned load : group.reads)
        json.value(loop.loads[load].name);
    });
  }

  /// Step k runs stage s for iteration k - s, and ends when the work of its last stage has.
  void writeSteps(const LoopSchedule &loop) {
    std::int64_t begin = 0;
    for (std::int64_t step = 0; step < loop.iterations + loop.last; ++step) {
      std::int64_t end = step < loop.last ? begin : loop.iterationEnds[step - loop.last];
      json.object([&] {
        json.attribute("step", step);
        json.attribute("part", step < loop.last ? "prologue" : step < loop.iterations ? "steady" : "tail");
        json.attribute("cycles", end - begin);
      });
      begin = end;
    }
  }

  void span(std::int64_t begin, std::int64_t end) {
    json.value(begin);
    json.value(end);
  }

  llvm::json::OStream json;
};
} // namespace

std::string pipeline::scheduleJson(const Schedule &schedule) {
  std::string text;
  llvm::raw_string_ostream os(text);
  JsonWriter(os).write(schedule);
  os << '\n';
  return text;
}
