//===- ReportTest.cpp - Reports of specialisations --------------*- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ApiTest.h"

#include <llvm/Support/JSON.h>

#include <sstream>

using namespace api;

static llvm::json::Object parse(const std::string &text) {
  llvm::Expected<llvm::json::Value> value = llvm::json::parse(text);
  EXPECT_TRUE(static_cast<bool>(value)) << text;
  if (!value) {
    llvm::consumeError(value.takeError());
    return {};
  }
  return std::move(*value->getAsObject());
}

TEST(ReportTest, AnyBytesMakeJSON) {
  tile::Report report;
  report.kernel = "k\"\n\x01\xff";
  report.parameters = {{"N\xfe", "1"}};
  report.verdicts.push_back({{"f\xff.tile", 1, 2}, false, "loop", "m\xfe", "s"});
  llvm::json::Object object = parse(report.json());
  EXPECT_EQ(object.getString("kernel")->substr(0, 4), llvm::StringRef("k\"\n\x01"));
  EXPECT_EQ(object.getArray("loops")->size(), 0u);
}

TEST(ReportTest, SaysWhatWasDone) {
  std::vector<float> x(3000), y(3);
  auto kernel = tile::Program::fromString(rowsSource, "rows.tile").kernel("rows", {{"STAGES", 3}});
  auto ready = kernel.prepare(tile::Device::cpu(), tile::Tensor(x.data(), {3, 1000}), tile::Tensor(y.data(), {3}));
  const tile::Report &report = ready.report();
  EXPECT_EQ(report.kernel, "rows");
  EXPECT_EQ(report.device, "cpu");
  EXPECT_EQ(report.target, "cpu");
  EXPECT_EQ(report.grid, (std::array<std::int64_t, 3>{3, 1, 1}));
  ASSERT_EQ(report.parameters.size(), 1u);
  EXPECT_EQ(report.parameters[0], (std::pair<std::string, std::string>("STAGES", "3")));
  ASSERT_EQ(report.arguments.size(), 2u);
  EXPECT_NE(report.arguments[0].find("x: f32 of rank 2, unit stride on axis 1"), std::string::npos);

  ASSERT_EQ(report.loops.size(), 1u);
  EXPECT_EQ(report.loops[0].location.file, "rows.tile");
  EXPECT_EQ(report.loops[0].location.line, 6u);
  EXPECT_EQ(report.loops[0].stages, 3);
  EXPECT_GT(report.loops[0].initiationInterval, 0);
  EXPECT_GE(report.loops[0].serial, report.loops[0].initiationInterval);
  EXPECT_EQ(report.loops[0].sharedBytes, 3 * 64 * 4);
  EXPECT_EQ(report.sharedBytes, 3 * 64 * 4);
  EXPECT_GE(report.scratchBytes, report.sharedBytes);
  EXPECT_NE(report.schedule, "");

  bool loop = false, load = false;
  for (const tile::Verdict &verdict : report.verdicts) {
    EXPECT_TRUE(verdict.pipelined) << verdict.message;
    EXPECT_NE(verdict.message, "");
    loop |= verdict.subject == "loop" && verdict.location.line == 6;
    load |= verdict.subject == "load" && verdict.location.line == 7;
  }
  EXPECT_TRUE(loop);
  EXPECT_TRUE(load);

  double total = 0;
  for (const auto &[phase, seconds] : report.timings) {
    EXPECT_GE(seconds, 0) << phase;
    total += seconds;
  }
  EXPECT_GT(total, 0);
  EXPECT_LT(total, 60);

  std::ostringstream text;
  text << report;
  EXPECT_EQ(text.str(), report.text());
  EXPECT_NE(text.str().find("kernel rows <STAGES = 3> on cpu, planned for cpu"), std::string::npos) << text.str();
  llvm::json::Object object = parse(report.json());
  EXPECT_EQ(object.getInteger("shared_bytes"), 3 * 64 * 4);
  EXPECT_EQ(object.getArray("loops")->size(), 1u);
  EXPECT_EQ(object.getArray("verdicts")->size(), report.verdicts.size());
  EXPECT_EQ(object.getArray("timings")->size(), report.timings.size());
}

TEST(ReportTest, OneStageIsAsWritten) {
  std::vector<float> x(3000), y(3);
  auto kernel = tile::Program::fromString(rowsSource).kernel("rows", {{"STAGES", 1}});
  auto ready = kernel.prepare(tile::Device::cpu(), tile::Tensor(x.data(), {3, 1000}), tile::Tensor(y.data(), {3}));
  EXPECT_EQ(ready.report().sharedBytes, 0);
  for (const tile::Verdict &verdict : ready.report().verdicts)
    EXPECT_FALSE(verdict.pipelined);
}
