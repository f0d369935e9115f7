//===- TimelineTest.cpp - Reads records, judges them, writes traces *- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "tile/Tuning/Timeline.h"

#include <gtest/gtest.h>

using namespace tile;
using namespace tile::tuning;
using ir::Moment;
using ir::RecordHeader;

namespace {

/// One loop: issue, issued, await, arrived, begin, end.
pipeline::RecordPlan plan() {
  pipeline::RecordPlan plan;
  plan.loops.push_back({7, 5, false});
  for (Moment moment : {Moment::Issue, Moment::Issued, Moment::Await, Moment::Arrived, Moment::Begin, Moment::End})
    plan.sites.push_back({0, moment, 0});
  return plan;
}

/// Two programs of two warps. Clocks of the second program begin elsewhere; iteration i of three takes from 100 i to 100 i + 90, after copies
/// that were issued 150 cycles before it began.
runtime::Recording recording() {
  runtime::Recording made{2, 2, 6, 3, {}, 0};
  made.words.resize(made.programs * made.warps * ir::recordWords(made.sites, made.tickets));
  for (std::uint64_t program = 0; program < made.programs; ++program)
    for (std::uint64_t warp = 0; warp < made.warps; ++warp) {
      std::uint64_t *words = const_cast<std::uint64_t *>(made.warp(program, warp).data());
      std::uint64_t clock = 1000 + 100000 * program;
      words[RecordHeader::BeginClock] = clock;
      words[RecordHeader::BeginTime] = 5000000 + 700 * program;
      words[RecordHeader::EndClock] = clock + 100000;
      words[RecordHeader::EndTime] = 5000000 + 700 * program + 50000;
      words[RecordHeader::Program] = 10 * program;
      words[RecordHeader::Processor] = 3 + program;
      for (std::uint64_t ticket = 0; ticket < made.tickets; ++ticket) {
        std::uint64_t start = clock + 200 + 100 * ticket, *times = words + RecordHeader::Words + 6 * ticket;
        times[0] = start - 150;
        times[1] = start - 140;
        times[2] = start;
        times[3] = start + 20;
        times[4] = start + 25;
        times[5] = start + 90;
      }
    }
  return made;
}

/// What the plan says of such a loop: two slots, 80 cycles of dots of 100.
pipeline::Schedule schedule() {
  pipeline::Schedule schedule;
  schedule.kernel = "k";
  schedule.target = "sm_80";
  pipeline::LoopSchedule &loop = schedule.loops.emplace_back();
  loop.place.line = 7;
  loop.place.column = 5;
  loop.stages = 2;
  loop.interval = 100;
  pipeline::ScheduledLoad load;
  load.name = "A";
  load.depth = 2;
  loop.loads.push_back(load);
  pipeline::ScheduledGroup copy, dot;
  copy.load = 0;
  copy.busy = 30;
  dot.unit = pipeline::Unit::Dot;
  dot.busy = 80;
  loop.groups = {copy, dot};
  loop.iterations = 1;
  loop.events = {{0, 0, 0, 0, 30, 60}, {1, 0, 60, 60, 140, 140}};
  loop.end = 140;
  return schedule;
}

TEST(Timeline, ReadsTimesSinceAProgramBegan) {
  Timeline timeline = readTimeline(recording(), plan(), /*ofGpu=*/true, 1e9);
  EXPECT_EQ(timeline.unit, "cycles");
  // 50 µs by the clock that all share, 100000 cycles.
  EXPECT_DOUBLE_EQ(timeline.nanoseconds, 0.5);
  ASSERT_EQ(timeline.programs.size(), 2u);
  const TimedProgram &second = timeline.programs[1];
  EXPECT_EQ(second.number, 10);
  EXPECT_EQ(second.processor, 4);
  EXPECT_DOUBLE_EQ(second.start, 700);
  ASSERT_EQ(second.warps.size(), 2u);
  EXPECT_FALSE(second.warps[0].isProducer);
  ASSERT_EQ(second.warps[0].iterations.size(), 3u);
  const TimedIteration &last = second.warps[0].iterations[2];
  EXPECT_EQ(last.number, 2);
  EXPECT_EQ(last.issue, 250);
  EXPECT_EQ(last.issued, 260);
  EXPECT_EQ(last.await, 400);
  EXPECT_EQ(last.arrived, 420);
  EXPECT_FALSE(last.acquire);
  EXPECT_EQ(last.work, (std::vector<std::pair<double, double>>{{425, 490}}));
  EXPECT_DOUBLE_EQ(last.waited(), 20);
}

TEST(Timeline, TakesTheMachinesClockForShortRuns) {
  runtime::Recording made = recording();
  for (std::uint64_t program = 0; program < 2; ++program)
    for (std::uint64_t warp = 0; warp < 2; ++warp) {
      auto *words = const_cast<std::uint64_t *>(made.warp(program, warp).data());
      words[RecordHeader::EndTime] = words[RecordHeader::BeginTime] + 1024;
    }
  EXPECT_DOUBLE_EQ(readTimeline(made, plan(), /*ofGpu=*/true, 2e9).nanoseconds, 0.5);
  EXPECT_DOUBLE_EQ(readTimeline(made, plan(), /*ofGpu=*/true, 0).nanoseconds, 0.01024);
}

TEST(Timeline, LeavesOutWhatIsNotThere) {
  runtime::Recording made = recording();
  auto *words = const_cast<std::uint64_t *>(made.warp(0, 0).data());
  // The warp didn't come to the end of iteration 2, nor to iteration 1.
  words[RecordHeader::Words + 6 * 2 + 5] = 0;
  std::fill_n(words + RecordHeader::Words + 6, 6, 0);
  Timeline timeline = readTimeline(made, plan(), /*ofGpu=*/true, 1e9);
  const std::vector<TimedIteration> &left = timeline.programs[0].warps[0].iterations;
  ASSERT_EQ(left.size(), 2u);
  EXPECT_EQ(left[1].number, 2);
  EXPECT_TRUE(left[1].work.empty());
}

TEST(Timeline, JudgesTheLoopBesideItsPlan) {
  Timeline timeline = readTimeline(recording(), plan(), /*ofGpu=*/true, 1e9);
  timeline.slowdown = 1.1;
  timeline.slowdownLow = 1.05;
  timeline.slowdownHigh = 1.2;
  judgeTimeline(timeline, schedule());
  EXPECT_EQ(timeline.loops[0].slots, 2);
  EXPECT_DOUBLE_EQ(timeline.interval, 100);
  // From the first issue at 50 to the end of the last iteration at 490, three times 20 of it.
  EXPECT_DOUBLE_EQ(timeline.waitShare, 60.0 / 440);
  EXPECT_DOUBLE_EQ(timeline.issueShare, 30.0 / 440);
  EXPECT_EQ(
      timeline.text,
      "Instrumented, a launch takes 1.10 times as long (1.05 to 1.20, by turns). In 2 recorded programs an iteration "
      "takes 100 cycles (50 ns) at the median; the plan expects 100 cycles (50 ns). A warp waits for data for 14 % of "
      "the loop's time, where the plan leaves 20 %, and issues copies for 7 %.");
  EXPECT_NE(timeline.svg.find("iteration 2: waits for its data for 20 cycles"), std::string::npos);
  EXPECT_NE(timeline.svg.find("warp 1"), std::string::npos);
}

TEST(Timeline, SaysWhenThereIsNothing) {
  Timeline none;
  judgeTimeline(none, {});
  EXPECT_EQ(none.text, "There is no schedule to measure: the kernel has no loop that loads or multiplies tiles.");
  runtime::Recording empty = recording();
  empty.tickets = 0;
  empty.words.assign(4 * RecordHeader::Words, 0);
  Timeline idle = readTimeline(empty, plan(), /*ofGpu=*/false, 0);
  judgeTimeline(idle, schedule());
  EXPECT_EQ(idle.text, "There is no schedule to measure: no recorded program came to an iteration of a loop.");
  EXPECT_EQ(idle.svg, "");
}

TEST(Timeline, WritesATrace) {
  Timeline timeline = readTimeline(recording(), plan(), /*ofGpu=*/true, 1e9);
  judgeTimeline(timeline, schedule());
  llvm::Expected<llvm::json::Value> trace = llvm::json::parse(chromeTrace(timeline, "k<>\xff"));
  ASSERT_TRUE(static_cast<bool>(trace));
  const llvm::json::Array &events = *trace->getAsObject()->getArray("traceEvents");
  unsigned names = 0, work = 0, flights = 0;
  for (const llvm::json::Value &each : events) {
    const llvm::json::Object &event = *each.getAsObject();
    std::string name = event.getString("name")->str();
    std::int64_t process = *event.getInteger("pid");
    EXPECT_TRUE(process == 0 || process == 10);
    if (name == "process_name" && process == 10) {
      ++names;
      EXPECT_EQ(event.getObject("args")->getString("name"), "k<>\xef\xbf\xbd, program 10 on multiprocessor 4");
    }
    if (event.getString("ph") != "X")
      continue;
    std::int64_t iteration = *event.getObject("args")->getInteger("iteration");
    double at = *event.getNumber("ts"), length = *event.getNumber("dur");
    if (name == "compute" && process == 10 && event.getInteger("tid") == 1) {
      ++work;
      // In microseconds after the first program began, of which the second is 0.7 late; half a nanosecond a cycle.
      EXPECT_NEAR(at, 0.7 + 0.0005 * (225 + 100 * static_cast<double>(iteration)), 1e-9);
      EXPECT_NEAR(length, 0.0005 * 65, 1e-9);
    }
    if (name == "in flight" && process == 0) {
      ++flights;
      EXPECT_EQ(event.getInteger("tid"), 1000 + iteration % 2);
      EXPECT_NEAR(length, 0.0005 * 170, 1e-9);
    }
  }
  EXPECT_EQ(names, 1u);
  EXPECT_EQ(work, 3u);
  EXPECT_EQ(flights, 3u);
}

} // namespace
