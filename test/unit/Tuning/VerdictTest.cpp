//===- VerdictTest.cpp - What the numbers of a benchmark mean ------*- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "tile/Tuning/Verdict.h"

#include <gtest/gtest.h>

using namespace tile;
using namespace tile::tuning;

/// A row of a stage count that was measured to take these milliseconds in every round.
static Row rowOf(std::int64_t stages, double milliseconds, Values others = {}) {
  Row row;
  row.parameters = std::move(others);
  row.parameters.emplace_back("STAGES", std::to_string(stages));
  row.stages = stages;
  row.samples.assign(3, milliseconds * 1e-3);
  LoopReport loop;
  loop.stages = stages;
  loop.serial = 1000;
  loop.initiationInterval = std::max<std::int64_t>(300, 1000 / stages);
  loop.modelStages = 4;
  loop.bound = "dots";
  row.report.loops.push_back(loop);
  return row;
}

/// A billion operations and a million bytes, on a machine that takes so many milliseconds for either.
static Experiment experimentOf(double computeMs, double memoryMs) {
  Experiment experiment;
  experiment.kernel = "k";
  experiment.stageParameters = {"STAGES"};
  experiment.work.flops = 1e9;
  experiment.work.bytes = 1e6;
  experiment.work.computeSeconds = computeMs * 1e-3;
  experiment.work.memorySeconds = memoryMs * 1e-3;
  return experiment;
}

static bool says(const std::string &text, const char *part) { return text.find(part) != std::string::npos; }

TEST(Verdict, TellsWhatBoundsAKernel) {
  Experiment experiment = experimentOf(1, 0.2);
  experiment.rows = {rowOf(1, 1.25)};
  Judgement compute = judge(experiment);
  EXPECT_EQ(compute.bound, "compute");
  EXPECT_TRUE(says(compute.how, "1000.00 operations a byte, where the machine's balance is 200.00")) << compute.how;
  EXPECT_TRUE(says(compute.how, "80 % of the peak of arithmetic and 16 % of the peak of memory")) << compute.how;
  EXPECT_FALSE(says(compute.how, "near neither"));
  EXPECT_DOUBLE_EQ(*roofline(experiment, experiment.rows[0]), 0.8);

  experiment = experimentOf(0.2, 1);
  experiment.rows = {rowOf(1, 1.25)};
  EXPECT_EQ(judge(experiment).bound, "memory");
  experiment.rows = {rowOf(1, 10)};
  EXPECT_TRUE(says(judge(experiment).how, "it is near neither"));
  experiment.rows = {rowOf(1, 0.5)};
  EXPECT_TRUE(says(judge(experiment).how, "more than memory gives"));
}

TEST(Verdict, TheKneeIsTheLeastCountNearTheBest) {
  Experiment experiment = experimentOf(1, 0.2);
  experiment.rows = {rowOf(1, 2), rowOf(2, 1.5), rowOf(3, 1.02), rowOf(4, 1), rowOf(5, 1.01)};
  Judgement judgement = judge(experiment);
  EXPECT_EQ(judgement.knee, 3);
  EXPECT_EQ(judgement.recommended, 2u);
  EXPECT_EQ(judgement.expected, 4);
  EXPECT_TRUE(says(judgement.text, "Use 3 stages, the least count within 3 % of the best, which is 4"))
      << judgement.text;
  EXPECT_TRUE(says(judgement.text, "1.96 times as fast as the loop as written")) << judgement.text;
  EXPECT_TRUE(says(judgement.text, "takes 1000 cycles and the next may start after 300")) << judgement.text;
  EXPECT_TRUE(says(judgement.text, "1 stage fewer is as good")) << judgement.text;
}

TEST(Verdict, OnlyRowsOfTheSameTilesAreAKnee) {
  Experiment experiment = experimentOf(1, 0.2);
  // Two stages of other tiles are within 3 %, too.
  experiment.rows = {rowOf(2, 1.01, {{"BM", "2"}}), rowOf(2, 1.5, {{"BM", "4"}}), rowOf(4, 1, {{"BM", "4"}})};
  EXPECT_EQ(judge(experiment).knee, 4);
}

TEST(Verdict, RowsThatFailedCountForNothing) {
  Experiment experiment = experimentOf(1, 0.2);
  Row failed = rowOf(1, 0.1);
  failed.status = Row::Status::Failed;
  failed.samples.clear();
  experiment.rows = {failed, rowOf(2, 1)};
  EXPECT_EQ(judge(experiment).knee, 2);
  EXPECT_FALSE(says(judge(experiment).text, "as written"));
  experiment.rows.pop_back();
  Judgement nothing = judge(experiment);
  EXPECT_EQ(nothing.text, "nothing was measured");
  EXPECT_FALSE(nothing.recommended);
}

TEST(Verdict, SaysWhatItCanNotTell) {
  Experiment experiment = experimentOf(1, 0.2);
  experiment.work.computeSeconds.reset();
  experiment.rows = {rowOf(1, 1)};
  EXPECT_EQ(judge(experiment).bound, "");
  EXPECT_TRUE(says(judge(experiment).text, "the machine's peaks aren't known"));
  experiment.work.flops.reset();
  EXPECT_TRUE(says(judge(experiment).text, "the trip count of a loop isn't known"));
}

TEST(Verdict, AKernelWithoutLoopsHasNoStages) {
  Experiment experiment = experimentOf(0.2, 1);
  experiment.rows = {rowOf(1, 1.25)};
  experiment.rows[0].report.loops.clear();
  Judgement judgement = judge(experiment);
  EXPECT_FALSE(judgement.knee);
  EXPECT_EQ(judgement.recommended, 0u);
  EXPECT_TRUE(says(judgement.text, "There is no loop to pipeline."));
}

TEST(Experiment, MediansAndRates) {
  Experiment experiment = experimentOf(1, 0.2);
  Row row = rowOf(1, 1);
  row.samples = {4, 1, 2, 8};
  EXPECT_EQ(row.median(), 3);
  EXPECT_EQ(row.low(), 1);
  EXPECT_EQ(row.high(), 8);
  row.samples.pop_back();
  EXPECT_EQ(row.median(), 2);
  EXPECT_EQ(flopRate(experiment, row), 5e8);
  EXPECT_EQ(byteRate(experiment, row), 5e5);
}

TEST(Experiment, WritesRowsWithoutNumbersToo) {
  Experiment experiment = experimentOf(1, 0.2);
  Row row = rowOf(7, 1);
  row.status = Row::Status::DoesNotFit;
  row.reason = "too many, \"7\"";
  row.samples.clear();
  experiment.rows = {rowOf(1, 1), row};
  experiment.judgement = judge(experiment);
  std::string csv = toCSV(experiment);
  EXPECT_EQ(csv.substr(0, csv.find('\n')),
            "STAGES,stages,status,median_ms,low_ms,high_ms,tflops,gbs,registers,spills,occupancy,"
            "shared_bytes,limiter,roofline,predicted_ms,error,reason");
  EXPECT_TRUE(says(csv, "\n7,7,does not fit,,,,,,,,,,,,,,\"too many, \"\"7\"\"\"\n")) << csv;
  llvm::json::Object document = toJSON(experiment);
  const llvm::json::Array &rows = *document.getArray("rows");
  EXPECT_EQ(rows[0].getAsObject()->getNumber("median_ms"), 1.0);
  EXPECT_TRUE(rows[1].getAsObject()->getNull("median_ms"));
  EXPECT_EQ(rows[1].getAsObject()->getString("status"), "does not fit");
  EXPECT_EQ(document.getObject("verdict")->getInteger("recommended"), 1);
  EXPECT_TRUE(says(toTable(experiment), "does not fit: too many"));
}
