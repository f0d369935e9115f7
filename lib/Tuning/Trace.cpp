//===- Trace.cpp - A measured schedule as events, and as JSON ------*- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The trace is of the JSON form that Chrome and Perfetto read: complete events ("X") with microseconds, and names of processes and threads
// ("M"). What overlaps on a thread must nest there, so copies in flight have threads of their own, one for each slot.
//
//===----------------------------------------------------------------------===//

#include "tile/Tuning/Timeline.h"

#include <llvm/Support/FormatVariadic.h>
#include <llvm/Support/raw_ostream.h>

#include <cmath>
#include <map>

using namespace tile;
using namespace tile::tuning;
using llvm::json::Array;
using llvm::json::Object;
using llvm::json::Value;

/// The threads of slots come behind those of warps.
static constexpr std::int64_t kFirstSlot = 1000;

namespace {
/// When an iteration's data was in its slot: over all warps.
struct Stay {
  double issue = 0, arrived = 0, end = 0;
};

class TraceWriter {
public:
  TraceWriter(const Timeline &timeline, llvm::StringRef kernel) : timeline(timeline), kernel(kernel) {}

  Object write() {
    for (const TimedProgram &program : timeline.programs)
      writeProgram(program);
    return Object{{"traceEvents", std::move(events)},
                  {"displayTimeUnit", "ns"},
                  {"otherData", Object{{"kernel", llvm::json::fixUTF8(kernel)},
                                       {"slowdown", timeline.slowdown},
                                       {"lost_iterations", static_cast<std::int64_t>(timeline.lost)}}}};
  }

private:
  void name(llvm::StringRef what, std::int64_t thread, const std::string &text) {
    Object event{{"ph", "M"}, {"pid", process}, {"name", what}, {"args", Object{{"name", llvm::json::fixUTF8(text)}}}};
    if (what == "thread_name")
      event["tid"] = thread;
    events.push_back(std::move(event));
    if (what != "thread_name")
      return;
    events.push_back(Object{{"ph", "M"},
                            {"pid", process},
                            {"tid", thread},
                            {"name", "thread_sort_index"},
                            {"args", Object{{"sort_index", thread}}}});
  }

  double microseconds(double time) const { return (start + time * timeline.nanoseconds) / 1000; }

  void event(std::int64_t thread, const std::string &text, llvm::StringRef category, std::optional<double> from,
             std::optional<double> to, std::int64_t iteration) {
    if (!from || !to)
      return;
    events.push_back(Object{{"ph", "X"},
                            {"pid", process},
                            {"tid", thread},
                            {"name", text},
                            {"cat", category},
                            {"ts", microseconds(*from)},
                            {"dur", microseconds(*to) - microseconds(*from)},
                            {"args", Object{{"iteration", iteration}}}});
  }

  void writeProgram(const TimedProgram &program);
  void writeWarp(const TimedWarp &warp);
  void writeSlots(const TimedProgram &program);

  const Timeline &timeline;
  llvm::StringRef kernel;
  Array events;
  std::int64_t process = 0;
  double start = 0;
};
} // namespace

void TraceWriter::writeWarp(const TimedWarp &warp) {
  name("thread_name", warp.number, (warp.isProducer ? "producer, warp " : "warp ") + std::to_string(warp.number));
  // Products that were begun before the one before them had ended follow it.
  double busy = -INFINITY;
  for (const TimedIteration &each : warp.iterations) {
    if (warp.isProducer)
      event(warp.number, "wait for a slot", "wait", each.acquire, each.issue, each.number);
    if (each.issued)
      event(warp.number, "issue", "copy", each.issue, each.issued, each.number);
    event(warp.number, "wait for data", "wait", each.await ? each.await : each.issue, each.arrived, each.number);
    for (auto [from, to] : each.work) {
      event(warp.number, "compute", "work", std::max(from, busy), to, each.number);
      busy = to;
    }
  }
}

void TraceWriter::writeSlots(const TimedProgram &program) {
  std::map<std::pair<unsigned, std::int64_t>, Stay> stays;
  for (const TimedWarp &warp : program.warps)
    for (const TimedIteration &each : warp.iterations) {
      auto [found, isNew] = stays.try_emplace({each.loop, each.number}, Stay{INFINITY, -INFINITY, -INFINITY});
      Stay &stay = found->second;
      stay.issue = std::min(stay.issue, each.issue.value_or(INFINITY));
      stay.arrived = std::max(stay.arrived, each.arrived.value_or(-INFINITY));
      if (!each.work.empty())
        stay.end = std::max(stay.end, each.work.back().second);
    }
  std::int64_t first = kFirstSlot;
  for (unsigned loop = 0; loop < timeline.loops.size(); ++loop) {
    std::int64_t slots = timeline.loops[loop].slots;
    if (slots == 0)
      continue;
    for (std::int64_t slot = 0; slot < slots; ++slot)
      name("thread_name", first + slot,
           llvm::formatv("slot {0}, the loop at line {1}", slot, timeline.loops[loop].line).str());
    for (const auto &[key, stay] : stays) {
      if (key.first != loop || !std::isfinite(stay.issue) || !std::isfinite(stay.arrived))
        continue;
      std::int64_t thread = first + key.second % slots;
      event(thread, "in flight", "copy", stay.issue, stay.arrived, key.second);
      // A warp may write down the end of a product after another one released the slot for it.
      auto next = stays.find({loop, key.second + slots});
      double end = std::min(stay.end, next == stays.end() ? INFINITY : next->second.issue);
      if (end > stay.arrived)
        event(thread, "read", "work", stay.arrived, end, key.second);
    }
    first += slots;
  }
}

void TraceWriter::writeProgram(const TimedProgram &program) {
  process = program.number;
  start = program.start;
  std::string text = llvm::formatv("{0}, program {1}", kernel, program.number).str();
  if (timeline.unit == "cycles")
    text += llvm::formatv(" on multiprocessor {0}", program.processor);
  name("process_name", 0, text);
  for (const TimedWarp &warp : program.warps)
    writeWarp(warp);
  writeSlots(program);
}

std::string tuning::chromeTrace(const Timeline &timeline, llvm::StringRef kernel) {
  return llvm::formatv("{0}\n", Value(TraceWriter(timeline, kernel).write())).str();
}

//===----------------------------------------------------------------------===//
// For tile-bench --json
//===----------------------------------------------------------------------===//

static Value orNull(std::optional<double> number) { return number ? Value(*number) : Value(nullptr); }

Value tuning::toJSON(const Timeline &timeline) {
  Object object{
      {"unit", timeline.unit},
      {"nanoseconds", timeline.nanoseconds},
      {"slowdown",
       timeline.slowdown > 0
           ? Value(Object{{"ratio", timeline.slowdown}, {"low", timeline.slowdownLow}, {"high", timeline.slowdownHigh}})
           : Value(nullptr)},
      {"lost", static_cast<std::int64_t>(timeline.lost)},
      {"text", llvm::json::fixUTF8(timeline.text)},
      {"loop", nullptr}};
  Array numbers;
  for (const TimedProgram &program : timeline.programs)
    numbers.push_back(program.number);
  object["programs"] = std::move(numbers);
  if (!timeline.mainLoop)
    return object;
  const TimedLoop &loop = timeline.loops[*timeline.mainLoop];
  Object main{{"line", loop.line},
              {"slots", loop.slots},
              {"producer", loop.hasProducer},
              {"iterations", timeline.iterations},
              {"interval", timeline.interval},
              {"wait_share", timeline.waitShare},
              {"issue_share", timeline.issueShare},
              {"planned_interval", nullptr},
              {"planned_wait_share", nullptr}};
  if (loop.planned && timeline.perCycle > 0)
    main["planned_interval"] = *loop.planned * timeline.perCycle;
  if (loop.planned && *loop.planned > 0)
    main["planned_wait_share"] = *loop.plannedWait / *loop.planned;
  // All warps of one program; the others are in the trace.
  Array recorded;
  constexpr std::int64_t kMost = 64;
  const TimedProgram &program = timeline.programs[timeline.programs.size() / 2];
  for (const TimedWarp &warp : program.warps)
    for (const TimedIteration &each : warp.iterations) {
      if (each.loop != *timeline.mainLoop || each.number >= kMost)
        continue;
      Array work;
      for (auto [from, to] : each.work)
        work.push_back(Array{from, to});
      recorded.push_back(Object{{"warp", warp.number},
                                {"iteration", each.number},
                                {"acquire", orNull(each.acquire)},
                                {"issue", orNull(each.issue)},
                                {"issued", orNull(each.issued)},
                                {"await", orNull(each.await)},
                                {"arrived", orNull(each.arrived)},
                                {"work", std::move(work)}});
    }
  main["program"] = program.number;
  main["recorded"] = std::move(recorded);
  object["loop"] = std::move(main);
  return object;
}
