//===- TuneTest.cpp - tile::tune on a processor ----------------------*- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "tile/Tune.h"
#include "tile/Cache.h"
#include "tile/Error.h"
#include "tile/Program.h"

#include "../Rows.h"

#include <llvm/ADT/STLExtras.h>

#include <gtest/gtest.h>

#include <cmath>
#include <fstream>
#include <thread>

using namespace tile;
namespace fs = std::filesystem;

namespace {

/// Other values are other results.
constexpr const char *kTimes = R"(
kernel times<BY: int in {1, 2, 3} = auto>(x: f32[N], y: out f32[N])
    grid (cdiv(N, 64))
{
    let i = program(0) * 64;
    y[i +: 64] = x[i +: 64] * f32(BY);
}
)";

class TuneTest : public testing::Test {
protected:
  TuneTest() {
    std::string pattern = (fs::temp_directory_path() / "tile-tune-XXXXXX").string();
    folder = fs::path(mkdtemp(pattern.data())) / "tile";
    setCache({.folder = folder});
    for (std::size_t i = 0; i < x.size(); ++i)
      x[i] = static_cast<float>(i % 5) - 1;
    options.rounds = 2;
  }
  ~TuneTest() override {
    setCache({.folder = {}, .enabled = false});
    fs::remove_all(folder.parent_path());
  }

  TuneResult tuneRows(std::int64_t columns = 256) {
    return tune(rows, device, options, Tensor(x.data(), {2, columns}), Tensor(y.data(), {2}));
  }
  std::string chosenBy(std::int64_t columns = 256) {
    return rows.prepare(device, Tensor(x.data(), {2, columns}), Tensor(y.data(), {2})).report().chosenBy;
  }
  static std::string thrown(llvm::function_ref<void()> body) {
    try {
      body();
    } catch (const Error &error) {
      return error.what();
    }
    return "";
  }

  fs::path folder;
  Device device = Device::cpu(1);
  // Nothing here depends on what is fastest.
  Kernel rows = Program::fromString(kRows, "rows.tile").kernel("rows");
  TuneOptions options;
  std::vector<float> x = std::vector<float>(2 * 512), y = {7, 8};
};

} // namespace

TEST_F(TuneTest, FindsAndRemembers) {
  std::vector<std::string> told;
  options.progress = [&](const std::string &text) { told.push_back(text); };
  TuneResult found = tuneRows();
  EXPECT_EQ(found.kernel, "rows");
  EXPECT_EQ(found.devices, std::vector<std::string>{"cpu"});
  // Nine, and what the model chooses: more stages than the kernel lists.
  ASSERT_EQ(found.rows.size(), 10u);
  EXPECT_EQ(found.predicted, 10u);
  EXPECT_EQ(found.measured + found.unfit + found.failed + found.notMeasured, found.rows.size());
  EXPECT_GE(found.measured, 4u);
  EXPECT_LE(found.measured, 8u);
  EXPECT_EQ(found.failed, 0u);
  EXPECT_TRUE(found.finished) << found.ended;
  EXPECT_EQ(found.remembered, 0u);
  ASSERT_TRUE(found.best);
  const TuneRow &best = found.rows[*found.best], &model = found.rows[found.model];
  EXPECT_EQ(model.parameters[1].second, "auto");
  EXPECT_EQ(model.ratio(), 1);
  EXPECT_LE(best.ratio(), 1);
  EXPECT_GT(best.median(), 0);
  std::size_t times = 0;
  for (std::size_t i = 0; i < found.rows.size(); ++i) {
    const TuneRow &row = found.rows[i];
    times += row.seconds.size();
    EXPECT_EQ(row.seconds.size(), row.ratios.size());
    EXPECT_EQ(row.status == TuneRow::Status::Ok, !row.seconds.empty());
    if (row.status == TuneRow::Status::Ok) {
      EXPECT_EQ(row.report.kernel, "rows");
      ASSERT_TRUE(row.error);
      EXPECT_LT(*row.error, 1e-6);
    }
    // In the order of the model.
    ASSERT_TRUE(row.predicted);
    EXPECT_TRUE(i == 0 || *found.rows[i - 1].predicted <= *row.predicted);
  }
  EXPECT_EQ(times, found.measurements);
  EXPECT_EQ(told.front(), "planning");
  EXPECT_TRUE(fs::exists(found.record));
  EXPECT_EQ(found.record.parent_path(), folder);
  EXPECT_NE(found.text().find("Fastest: WIDE = "), std::string::npos) << found.text();
  EXPECT_NE(found.text().find("remembered in " + found.record.string()), std::string::npos) << found.text();
  EXPECT_NE(found.json().find("\"finished\": true"), std::string::npos);
  // The caller's tensors are as they were, also the one that kernels read and write.
  EXPECT_EQ(y, (std::vector<float>{7, 8}));

  auto ready = rows.prepare(device, Tensor(x.data(), {2, 256}), Tensor(y.data(), {2}));
  EXPECT_EQ(ready.report().chosenBy, "tuning");
  EXPECT_EQ(ready.report().parameters, best.report.parameters);
}

TEST_F(TuneTest, ASecondCallHasNothingToDo) {
  TuneResult first = tuneRows(), second = tuneRows();
  EXPECT_EQ(second.measurements, 0u);
  EXPECT_EQ(second.compiled, 0u);
  EXPECT_EQ(second.remembered, first.measurements);
  EXPECT_TRUE(second.finished);
  EXPECT_EQ(second.best, first.best);
  for (auto [a, b] : llvm::zip(first.rows, second.rows))
    EXPECT_EQ(a.ratios, b.ratios);
  // More rounds are more to do, other extents of the bucket something else, and so is all of it once more.
  options.rounds = 4;
  EXPECT_GT(tuneRows().measurements, 0u);
  EXPECT_EQ(tuneRows().measurements, 0u);
  EXPECT_EQ(tuneRows(384).remembered, 0u);
  EXPECT_GT(tuneRows(384).remembered, 0u);
  options.again = true;
  EXPECT_EQ(tuneRows(384).remembered, 0u);
}

TEST_F(TuneTest, GoesOnWhereItWasStopped) {
  std::atomic<bool> stop = false;
  options.stop = &stop;
  options.progress = [&](const std::string &text) { stop = stop || text.starts_with("round 2,"); };
  TuneResult first = tuneRows();
  EXPECT_FALSE(first.finished);
  EXPECT_EQ(first.ended, "it was stopped");
  EXPECT_GT(first.measurements, 0u);
  EXPECT_NE(first.text().find("not finished: it was stopped; another call goes on"), std::string::npos) << first.text();
  ASSERT_TRUE(first.best);
  EXPECT_EQ(chosenBy(), "tuning") << "the best so far";
  stop = false;
  options.progress = nullptr;
  TuneResult second = tuneRows();
  EXPECT_TRUE(second.finished);
  EXPECT_EQ(second.remembered, first.measurements);
  EXPECT_GT(second.measurements, 0u);
}

TEST_F(TuneTest, RespectsItsTime) {
  options.seconds = 0;
  TuneResult none = tuneRows();
  EXPECT_FALSE(none.finished);
  EXPECT_EQ(none.ended, "the time is up");
  EXPECT_EQ(none.measurements + none.compiled + none.measured, 0u);
  EXPECT_EQ(none.best, std::nullopt);
  EXPECT_NE(none.text().find("Nothing was measured."), std::string::npos);
  EXPECT_FALSE(fs::exists(folder)) << "nothing to remember";
  EXPECT_EQ(chosenBy(), "model");
  // Some of it.
  TuneResult part;
  for (options.seconds = 0.2; !part.measurements && options.seconds < 60; options.seconds *= 2)
    part = tuneRows();
  options.seconds = 60;
  EXPECT_TRUE(tuneRows().finished);
  // What is remembered is given for nothing.
  options.seconds = 0;
  TuneResult known = tuneRows();
  EXPECT_EQ(known.measurements, 0u);
  EXPECT_GT(known.remembered, 0u);
  EXPECT_TRUE(known.best);
}

TEST_F(TuneTest, StopsBeforeItBegins) {
  std::atomic<bool> stop = true;
  options.stop = &stop;
  TuneResult found = tuneRows();
  EXPECT_EQ(found.measurements, 0u);
  EXPECT_EQ(found.ended, "it was stopped");
}

TEST_F(TuneTest, WhatDoesNotFitIsARow) {
  // 64 and 128 don't divide 288.
  TuneResult found = tuneRows(288);
  EXPECT_TRUE(found.finished);
  EXPECT_EQ(found.unfit, 6u);
  EXPECT_EQ(found.measured, 4u);
  for (std::size_t i = 0; i < found.rows.size(); ++i) {
    const TuneRow &row = found.rows[i];
    EXPECT_EQ(row.status == TuneRow::Status::DoesNotFit, i >= 4);
    EXPECT_EQ(row.reason.empty(), i < 4);
  }
  EXPECT_NE(found.rows.back().reason.find("requirement"), std::string::npos) << found.rows.back().reason;
}

TEST_F(TuneTest, WrongResultsAreARow) {
  std::vector<float> z(512, 7);
  Kernel times = Program::fromString(kTimes).kernel("times");
  TuneResult found = tune(times, device, options, Tensor(x.data(), {512}), Tensor(z.data(), {512}));
  EXPECT_EQ(found.failed, 2u);
  EXPECT_EQ(found.measured, 1u);
  for (const TuneRow &row : found.rows)
    if (row.status == TuneRow::Status::Failed) {
      EXPECT_NE(row.reason.find("wrong results: their relative error"), std::string::npos) << row.reason;
    }
  ASSERT_TRUE(found.best);
  EXPECT_EQ(found.rows[*found.best].parameters[0].second, "1");
  // They are remembered as such.
  TuneResult second = tune(times, device, options, Tensor(x.data(), {512}), Tensor(z.data(), {512}));
  EXPECT_EQ(second.failed, 2u);
  EXPECT_EQ(second.compiled, 0u);
  EXPECT_EQ(z, std::vector<float>(512, 7));
}

TEST_F(TuneTest, LoopsWithoutAParameter) {
  Kernel open = Program::fromString(rowsWithOpenLoop()).kernel("rows");
  TuneResult found = tune(open, device, options, Tensor(x.data(), {2, 256}), Tensor(y.data(), {2}));
  // As planned, and with 1 to 6 stages.
  EXPECT_EQ(found.rows.size(), 7u);
  EXPECT_EQ(found.rows[found.model].loopStages, 0);
  ASSERT_TRUE(found.best);
  auto report = open.prepare(device, Tensor(x.data(), {2, 256}), Tensor(y.data(), {2})).report();
  EXPECT_EQ(report.chosenBy, "tuning");
  EXPECT_EQ(report.loops[0].stages, found.rows[*found.best].stages);
}

TEST_F(TuneTest, WritesOnlyToCopiesThatLieAsTheOriginals) {
  // Every other element of a part of an array, from an odd place on.
  std::vector<float> z(1200, 7), before = z;
  Kernel times = Program::fromString(kTimes).kernel("times", {{"BY", "auto"}});
  TuneResult found = tune(times, device, options, Tensor(x.data(), {500}), Tensor(z.data() + 3, {500}, {2}));
  EXPECT_EQ(found.measured, 1u);
  EXPECT_EQ(found.failed, 2u);
  EXPECT_EQ(z, before);
}

TEST_F(TuneTest, BadInput) {
  Tensor in(x.data(), {2, 256}), out(y.data(), {2});
  Kernel given = Program::fromString(kRows, "rows.tile").kernel("rows", {{"WIDE", 32}, {"STAGES", 2}});
  EXPECT_NE(thrown([&] { tune(given, device, options, in, out); }).find("kernel 'rows' leaves nothing open"),
            std::string::npos);
  EXPECT_NE(thrown([&] { tune(rows, device, options, in); }).find("argument"), std::string::npos);
  EXPECT_NE(thrown([&] { tune(rows, device, options, in, in); }), "");
  EXPECT_NE(thrown([&] { tune(rows, device, options, in, Tensor(static_cast<float *>(nullptr), {2})); }), "");
  for (double wrong : {-1.0, std::nan("")}) {
    options.seconds = wrong;
    EXPECT_NE(thrown([&] { tuneRows(); }).find("seconds of 0 or more"), std::string::npos);
  }
  options.seconds = 10;
  options.rounds = 0;
  EXPECT_NE(thrown([&] { tuneRows(); }).find("one round or more"), std::string::npos);
  options.rounds = 1;
  options.devices = {Device::cpuLate()};
  EXPECT_NE(thrown([&] { tuneRows(); }).find("device 'cpu-late' ("), std::string::npos);
  EXPECT_EQ(chosenBy(), "model");
}

TEST_F(TuneTest, ADamagedRecordIsReplaced) {
  fs::path record = tuneRows().record;
  fs::resize_file(record, fs::file_size(record) - 9);
  testing::internal::CaptureStderr();
  TuneResult found = tuneRows();
  std::string text = testing::internal::GetCapturedStderr();
  EXPECT_NE(text.find("tile: warning: the tuning record '" + record.string() + "' is damaged"), std::string::npos)
      << text;
  EXPECT_EQ(text.find("warning"), text.rfind("warning")) << text;
  EXPECT_EQ(found.remembered, 0u);
  EXPECT_TRUE(found.finished);
  EXPECT_EQ(tuneRows().measurements, 0u);
}

TEST_F(TuneTest, AFolderThatCannotBeWritten) {
  std::ofstream(folder.parent_path() / "file") << "a file";
  setCache({.folder = folder.parent_path() / "file"});
  testing::internal::CaptureStderr();
  TuneResult found = tuneRows(512);
  std::string text = testing::internal::GetCapturedStderr();
  EXPECT_EQ(text.find("warning"), text.rfind("warning")) << text;
  EXPECT_TRUE(found.finished);
  EXPECT_EQ(chosenBy(512), "tuning") << "as long as this process lasts";
}

TEST_F(TuneTest, TwoThreadsAtOnce) {
  TuneResult results[2];
  std::thread other([&] { results[1] = tuneRows(); });
  results[0] = tuneRows();
  other.join();
  for (const TuneResult &each : results) {
    EXPECT_TRUE(each.finished);
    EXPECT_TRUE(each.best);
    EXPECT_EQ(each.failed, 0u);
  }
  EXPECT_EQ(chosenBy(), "tuning");
}

TEST_F(TuneTest, WhatProgressThrowsIsTheCallers) {
  struct Mine {};
  options.progress = [](const std::string &text) {
    if (text.starts_with("round"))
      throw Mine();
  };
  EXPECT_THROW(tuneRows(), Mine);
  options.progress = nullptr;
  EXPECT_TRUE(tuneRows().finished);
}
