//===- Timeline.cpp - The schedule as it was measured --------------*- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Warps of one program share a clock. What programs have in common is a coarser clock of nanoseconds, which says how they lie to each other
// and how long a cycle is.
//
//===----------------------------------------------------------------------===//

#include "tile/Tuning/Timeline.h"
#include "tile/Pipeline/Measured.h"

#include <llvm/ADT/STLExtras.h>
#include <llvm/Support/FormatVariadic.h>

#include <cmath>
#include <map>

using namespace tile;
using namespace tile::tuning;
using ir::Moment;
using ir::RecordHeader;

double TimedIteration::waited() const {
  std::optional<double> from = await ? await : issue;
  return from && arrived ? std::max(0.0, *arrived - *from) : 0;
}

//===----------------------------------------------------------------------===//
// Reading
//===----------------------------------------------------------------------===//

namespace {
/// The header of a warp as numbers.
struct Header {
  explicit Header(llvm::ArrayRef<std::uint64_t> words)
      : clock(words[RecordHeader::BeginClock]), endClock(words[RecordHeader::EndClock]),
        time(words[RecordHeader::BeginTime]), endTime(words[RecordHeader::EndTime]) {}
  bool began() const { return time != 0 || clock != 0; }

  std::uint64_t clock, endClock, time, endTime;
};
} // namespace

/// Nanoseconds of a cycle: by both clocks of the warps that ran longest, or what is known of the machine where these are too coarse.
static double nanosecondsOfCycle(const runtime::Recording &recording, double clock) {
  double cycles = 0, nanoseconds = 0, warps = 0;
  for (std::uint64_t program = 0; program < recording.programs; ++program)
    for (std::uint64_t number = 0; number < recording.warps; ++number) {
      Header header(recording.warp(program, number));
      if (header.endClock <= header.clock || header.endTime <= header.time)
        continue;
      cycles += static_cast<double>(header.endClock - header.clock);
      nanoseconds += static_cast<double>(header.endTime - header.time);
      ++warps;
    }
  // A clock that ticks every microsecond says nothing of a shorter run.
  constexpr double kEnough = 20000;
  if (cycles > 0 && (nanoseconds > kEnough * warps || clock <= 0))
    return nanoseconds / cycles;
  return clock > 0 ? 1e9 / clock : 1;
}

/// Puts a time to what it is of. The first of several channels counts where something starts, and the last where it is done.
static void put(TimedIteration &to, const pipeline::RecordSite &site, double time) {
  auto least = [&](std::optional<double> &known) { known = std::min(known.value_or(time), time); };
  auto most = [&](std::optional<double> &known) { known = std::max(known.value_or(time), time); };
  switch (site.moment) {
  case Moment::Acquire:
    return least(to.acquire);
  case Moment::Issue:
    return least(to.issue);
  case Moment::Issued:
    return most(to.issued);
  case Moment::Await:
    return least(to.await);
  case Moment::Arrived:
    return most(to.arrived);
  case Moment::Begin:
  case Moment::End:
    if (to.work.size() <= site.part)
      to.work.resize(site.part + 1, {NAN, NAN});
    (site.moment == Moment::Begin ? to.work[site.part].first : to.work[site.part].second) = time;
  }
}

/// A warp's iterations, loop by loop. Times count from `zero` on.
static std::vector<TimedIteration> readIterations(llvm::ArrayRef<std::uint64_t> words, const pipeline::RecordPlan &plan,
                                                  std::uint64_t tickets, std::uint64_t zero) {
  std::vector<TimedIteration> result;
  for (unsigned loop = 0; loop < plan.loops.size(); ++loop)
    for (std::uint64_t ticket = 0; ticket < tickets; ++ticket) {
      TimedIteration iteration;
      iteration.loop = loop;
      iteration.number = static_cast<std::int64_t>(ticket);
      bool any = false;
      for (auto [index, site] : llvm::enumerate(plan.sites)) {
        std::uint64_t time = words[RecordHeader::Words + ticket * plan.sites.size() + index];
        if (site.loop != loop || time == 0)
          continue;
        any = true;
        put(iteration, site, static_cast<double>(time) - static_cast<double>(zero));
      }
      llvm::erase_if(iteration.work, [](auto span) { return !(span.second >= span.first); });
      if (any)
        result.push_back(std::move(iteration));
    }
  return result;
}

Timeline tuning::readTimeline(const runtime::Recording &recording, const pipeline::RecordPlan &plan, bool ofGpu,
                              double clock) {
  Timeline timeline;
  timeline.lost = recording.lost;
  timeline.unit = ofGpu ? "cycles" : "ns";
  timeline.nanoseconds = ofGpu ? nanosecondsOfCycle(recording, clock) : 1;
  timeline.perCycle = ofGpu ? 1 : clock > 0 ? 1e9 / clock : 0;
  for (const pipeline::RecordPlan::Loop &loop : plan.loops)
    timeline.loops.push_back({loop.line, loop.column, loop.hasProducer, 0, {}, {}});
  std::uint64_t first = UINT64_MAX;
  auto forEachProgram = [&](auto each) {
    for (std::uint64_t program = 0; program < recording.programs; ++program) {
      Header all(recording.warp(program, 0));
      for (std::uint64_t number = 1; number < recording.warps; ++number)
        if (Header header(recording.warp(program, number)); header.began()) {
          all.clock = std::min(all.clock, header.clock);
          all.time = std::min(all.time, header.time);
        }
      if (all.began())
        each(program, all);
    }
  };
  forEachProgram([&](std::uint64_t, const Header &all) { first = std::min(first, all.time); });
  forEachProgram([&](std::uint64_t program, const Header &all) {
    llvm::ArrayRef<std::uint64_t> words = recording.warp(program, 0);
    TimedProgram made{static_cast<std::int64_t>(words[RecordHeader::Program]),
                      static_cast<std::int64_t>(words[RecordHeader::Processor]),
                      static_cast<double>(all.time - first),
                      {}};
    for (std::uint64_t number = 0; number < recording.warps; ++number) {
      words = recording.warp(program, number);
      TimedWarp warp{static_cast<unsigned>(number), false, 0,
                     readIterations(words, plan, recording.tickets, all.clock)};
      if (warp.iterations.empty())
        continue;
      warp.end = static_cast<double>(Header(words).endClock) - static_cast<double>(all.clock);
      warp.isProducer = llvm::all_of(warp.iterations, [](const TimedIteration &iteration) {
        return !iteration.arrived && iteration.work.empty();
      });
      made.warps.push_back(std::move(warp));
    }
    timeline.programs.push_back(std::move(made));
  });
  return timeline;
}

//===----------------------------------------------------------------------===//
// Judging
//===----------------------------------------------------------------------===//

namespace {
/// What the warps that compute did in one loop.
struct LoopSums {
  double total = 0, waited = 0, issuing = 0;
  std::int64_t iterations = 0;
  bool overlaps = false;
  std::vector<double> intervals;
};
} // namespace

static LoopSums sumsOf(const Timeline &timeline, unsigned loop) {
  LoopSums sums;
  for (const TimedProgram &program : timeline.programs)
    for (const TimedWarp &warp : program.warps) {
      if (warp.isProducer)
        continue;
      std::optional<double> begin, previous;
      double end = 0;
      for (const TimedIteration &each : warp.iterations) {
        if (each.loop != loop)
          continue;
        sums.iterations = std::max(sums.iterations, each.number + 1);
        sums.waited += each.waited();
        if (each.await && each.issue && each.issued)
          sums.issuing += *each.issued - *each.issue;
        for (std::optional<double> time : {each.issue, each.await, each.arrived})
          if (time) {
            begin = std::min(begin.value_or(*time), *time);
            end = std::max(end, *time);
          }
        if (each.work.empty())
          continue;
        begin = std::min(begin.value_or(each.work.front().first), each.work.front().first);
        sums.overlaps |= previous && each.work.front().first < end;
        end = std::max(end, each.work.back().second);
        if (previous)
          sums.intervals.push_back(each.work.front().first - *previous);
        previous = each.work.front().first;
      }
      if (begin)
        sums.total += end - *begin;
    }
  return sums;
}

static double medianOf(std::vector<double> values) {
  if (values.empty())
    return 0;
  auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

static std::string percent(double share) { return llvm::formatv("{0:F0} %", share * 100).str(); }

/// "1,234 cycles (0.7 µs)", or "1.2 µs".
static std::string spanText(const Timeline &timeline, double units) {
  double nanoseconds = units * timeline.nanoseconds;
  std::string time = nanoseconds < 1000 ? llvm::formatv("{0:F0} ns", nanoseconds).str()
                                        : llvm::formatv("{0:F2} µs", nanoseconds / 1000).str();
  if (timeline.unit == "ns")
    return time;
  return llvm::formatv("{0:F0} cycles ({1})", units, time).str();
}

/// Finds the plans of the recorded loops.
static void findPlans(Timeline &timeline, const pipeline::Schedule &schedule) {
  for (TimedLoop &loop : timeline.loops)
    for (const pipeline::LoopSchedule &planned : schedule.loops) {
      if (planned.place.line != loop.line || planned.place.column != loop.column)
        continue;
      for (const pipeline::ScheduledLoad &load : planned.loads)
        loop.slots = std::max(loop.slots, load.depth);
      loop.planned = planned.interval;
      double work = 0;
      for (const pipeline::ScheduledGroup &group : planned.groups)
        work += group.load ? 0 : static_cast<double>(group.busy);
      loop.plannedWait = std::max(0.0, planned.interval - work);
    }
}

static std::string sentences(const Timeline &timeline) {
  std::string text;
  if (timeline.slowdown > 0)
    text += llvm::formatv("Instrumented, a launch takes {0:F2} times as long ({1:F2} to {2:F2}, by turns). ",
                          timeline.slowdown, timeline.slowdownLow, timeline.slowdownHigh);
  const TimedLoop &loop = timeline.loops[*timeline.mainLoop];
  text += llvm::formatv("In {0} recorded program{1} an iteration takes {2} at the median", timeline.programs.size(),
                        timeline.programs.size() == 1 ? "" : "s", spanText(timeline, timeline.interval));
  if (loop.planned && timeline.perCycle > 0)
    text += "; the plan expects " + spanText(timeline, *loop.planned * timeline.perCycle);
  if (loop.planned && timeline.perCycle > 0 && timeline.atOnce > 1)
    text += llvm::formatv(" of a program alone, and {0} share a multiprocessor", timeline.atOnce);
  text += llvm::formatv(". A warp waits for data for {0} of the loop's time", percent(timeline.waitShare));
  if (loop.planned && *loop.planned > 0)
    text += llvm::formatv(", where the plan leaves {0}", percent(*loop.plannedWait / *loop.planned));
  if (timeline.issueShare > 0)
    text += llvm::formatv(", and issues copies for {0}", percent(timeline.issueShare));
  text += ".";
  if (timeline.overlaps)
    text += " While it waits, the product before may still be under way.";
  if (timeline.lost)
    text += llvm::formatv(" There was no room for the last {0} iterations.", timeline.lost);
  return text;
}

/// What is drawn of a loop: what one program did.
static pipeline::MeasuredLoop measuredOf(const Timeline &timeline, unsigned loop) {
  pipeline::MeasuredLoop measured;
  measured.unit = timeline.unit;
  measured.perCycle = timeline.perCycle;
  const TimedProgram &program = timeline.programs[timeline.programs.size() / 2];
  measured.program = program.number;
  std::map<std::int64_t, TimedIteration> produced;
  for (const TimedWarp &warp : program.warps) {
    pipeline::MeasuredWarp lane{
        (warp.isProducer ? "producer" : "warp " + std::to_string(warp.number)), warp.isProducer, {}};
    for (const TimedIteration &each : warp.iterations) {
      if (each.loop != loop)
        continue;
      lane.iterations.push_back(
          {each.number, each.acquire, each.issue, each.issued, each.await, each.arrived, each.work});
      if (warp.isProducer)
        produced[each.number] = each;
    }
    if (!lane.iterations.empty())
      measured.warps.push_back(std::move(lane));
  }
  // The copies that consumers wait for are the producer's.
  for (pipeline::MeasuredWarp &warp : measured.warps)
    for (pipeline::MeasuredIteration &each : warp.iterations)
      if (auto found = produced.find(each.number); found != produced.end() && !warp.isProducer) {
        each.issue = found->second.issue;
        each.issued = found->second.issued;
      }
  return measured;
}

void tuning::judgeTimeline(Timeline &timeline, const pipeline::Schedule &schedule) {
  findPlans(timeline, schedule);
  std::vector<LoopSums> sums;
  for (unsigned loop = 0; loop < timeline.loops.size(); ++loop) {
    sums.push_back(sumsOf(timeline, loop));
    if (sums.back().iterations && (!timeline.mainLoop || sums.back().total > sums[*timeline.mainLoop].total))
      timeline.mainLoop = loop;
  }
  if (!timeline.mainLoop) {
    timeline.text = timeline.loops.empty()
                        ? "There is no schedule to measure: the kernel has no loop that loads or multiplies tiles."
                        : "There is no schedule to measure: no recorded program came to an iteration of a loop.";
    return;
  }
  const LoopSums &main = sums[*timeline.mainLoop];
  timeline.iterations = main.iterations;
  timeline.interval = medianOf(main.intervals);
  timeline.overlaps = main.overlaps;
  timeline.waitShare = main.total > 0 ? main.waited / main.total : 0;
  timeline.issueShare = main.total > 0 ? main.issuing / main.total : 0;
  timeline.text = sentences(timeline);
  const TimedLoop &loop = timeline.loops[*timeline.mainLoop];
  for (const pipeline::LoopSchedule &planned : schedule.loops)
    if (planned.place.line == loop.line && planned.place.column == loop.column)
      timeline.svg = pipeline::measuredSvg(schedule, planned, measuredOf(timeline, *timeline.mainLoop));
}
