//===- TuningRecordTest.cpp - What was measured, kept and used ----*- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "tile/Runtime/TuningRecord.h"
#include "tile/Cache.h"
#include "tile/Error.h"
#include "tile/Program.h"
#include "tile/Runtime/DiskCache.h"
#include "tile/Runtime/KernelImpl.h"

#include "../Rows.h"

#include <gtest/gtest.h>

#include <fstream>
#include <sys/stat.h>
#include <unistd.h>

using namespace tile;
using namespace tile::runtime;
namespace fs = std::filesystem;

namespace {

TuningRecord sample() {
  TuningRecord record;
  record.kernel = "rows";
  record.device = "a \"device\"";
  record.date = "2026-01-01T00:00:00Z";
  record.shape = "rows|cpu|exactly";
  record.anchor = "32,auto,/0";
  record.best = "64,3,/0";
  record.rows = {{"32,auto,/0", TunedRow::Status::Ok, "", {1e-3, 1.25e-3}, {1, 1}, 0},
                 {"64,3,/0", TunedRow::Status::Ok, "", {5e-4, 0x1.23456789abcdfp-11}, {0.5, 0.51}, 1e-7},
                 {"128,4,/0", TunedRow::Status::Failed, "it broke", {}, {}, -1}};
  return record;
}

class TuningRecordTest : public testing::Test {
protected:
  TuningRecordTest() {
    std::string pattern = (fs::temp_directory_path() / "tile-tuning-XXXXXX").string();
    folder = fs::path(mkdtemp(pattern.data())) / "tile";
    setCache({.folder = folder});
    for (std::size_t i = 0; i < x.size(); ++i)
      x[i] = static_cast<float>(i % 7);
  }
  ~TuningRecordTest() override {
    setCache({.folder = {}, .enabled = false});
    fs::remove_all(folder.parent_path());
  }

  static Kernel kernel(const std::string &source, const Parameters &parameters = {},
                       const KernelOptions &options = {}) {
    return Program::fromString(source, "rows.tile").kernel("rows", parameters, options);
  }
  Tensor matrix(std::int64_t columns) const { return {x.data(), {2, columns}}; }
  Tensor vector() { return {y.data(), {2}}; }

  std::string keyOf(const Kernel &kernel, std::int64_t columns) {
    Tensor in = matrix(columns), out = vector();
    std::array<Argument, 2> arguments = {in, out};
    Call call(kernel.get()->kernel, arguments, Call::Unbound());
    return tuningKey(kernel.get()->kernel, kernel.get()->options, device, call.arguments(), "cpu");
  }
  Report report(const Kernel &kernel, std::int64_t columns) {
    return kernel.prepare(device, matrix(columns), vector()).report();
  }
  /// Runs `body`; what it writes on standard error.
  static std::string warnings(llvm::function_ref<void()> body) {
    testing::internal::CaptureStderr();
    body();
    return testing::internal::GetCapturedStderr();
  }

  fs::path folder;
  Device device = Device::cpu(1);
  std::vector<float> x = std::vector<float>(2 * 512), y = std::vector<float>(2);
};

std::string valueOf(const Report &report, const char *name) {
  for (auto &[known, value] : report.parameters)
    if (known == name)
      return value;
  return "";
}

} // namespace

TEST_F(TuningRecordTest, TextAndBack) {
  TuningRecord record = sample();
  std::optional<TuningRecord> back = TuningRecord::fromText(record.toText());
  ASSERT_TRUE(back);
  EXPECT_EQ(back->toText(), record.toText());
  ASSERT_EQ(back->rows.size(), 3u);
  EXPECT_EQ(back->rows[1].seconds, record.rows[1].seconds);
  EXPECT_EQ(back->rows[1].ratios, record.rows[1].ratios);
  EXPECT_EQ(back->rows[2].status, TunedRow::Status::Failed);
  EXPECT_EQ(back->rows[2].reason, "it broke");
  EXPECT_EQ(back->device, record.device);
}

TEST_F(TuningRecordTest, ChoicesAsText) {
  Choice choice{{lang::ParamValue::integer(64), lang::ParamValue::automatic(), lang::ParamValue::boolean(true), {}}, 3};
  EXPECT_EQ(pack(choice), "64,auto,true,unset,/3");
  EXPECT_EQ(unpackChoice(pack(choice), 4), choice);
  for (const char *wrong : {"", "64,auto,true,unset,", "64,/0", "64,auto,true,unset,/x", "64,auto,true,unset,/-1",
                            "64,auto,true,unset,/65", "64,auto,true,what,/0"})
    EXPECT_EQ(unpackChoice(wrong, 4), std::nullopt) << wrong;
}

TEST_F(TuningRecordTest, OtherTextIsNone) {
  std::string good = sample().toText();
  auto with = [&](const std::string &from, const std::string &to) {
    std::string text = good;
    EXPECT_NE(text.find(from), std::string::npos) << from;
    return text.replace(text.find(from), from.size(), to);
  };
  EXPECT_TRUE(TuningRecord::fromText(good));
  for (const std::string &text :
       {std::string(), std::string("[]"), std::string("{}"), good.substr(0, good.size() / 2),
        with("\"version\": 1", "\"version\": 2"), with("\"best\"", "\"beast\""), with("\"ok\"", "\"fine\""),
        with("0.001,", "-0.001,"), with("0.001,", "\"x\","), with("0.001,", ""), with("\"rows\": [", "\"rows\": [1, ")})
    EXPECT_FALSE(TuningRecord::fromText(text)) << text;
}

TEST_F(TuningRecordTest, LaunchesTakeTheBestAndSaySo) {
  Kernel open = kernel(kRows);
  EXPECT_EQ(report(open, 256).chosenBy, "model");
  EXPECT_EQ(valueOf(report(open, 256), "WIDE"), "32");
  storeTuning(keyOf(open, 256), sample());
  // A kernel that had made its choice takes the new one, too, and so does a program that knows nothing yet.
  for (const Kernel &each : {open, kernel(kRows)}) {
    Report tuned = report(each, 256);
    EXPECT_EQ(tuned.chosenBy, "tuning");
    EXPECT_EQ(valueOf(tuned, "WIDE"), "64");
    EXPECT_EQ(valueOf(tuned, "STAGES"), "3");
    EXPECT_NE(tuned.text().find("what was left open is chosen by tuning"), std::string::npos);
    EXPECT_NE(tuned.json().find("\"chosen_by\": \"tuning\""), std::string::npos);
  }
  Stream stream(device);
  for (int i = 0; i < 2; ++i)
    open.launch(stream, matrix(256), vector());
  float sum = 0;
  for (std::size_t i = 0; i < 256; ++i)
    sum += x[i];
  EXPECT_EQ(y[0], 2 * sum);
  // What was given is nobody's to choose; neither is what the caller wants of the model.
  EXPECT_EQ(report(kernel(kRows, {{"WIDE", 128}}), 256).chosenBy, "model");
  EXPECT_EQ(report(kernel(kRows, {{"WIDE", 128}, {"STAGES", 2}}), 256).chosenBy, "");
  EXPECT_EQ(report(kernel(kRows, {}, {.checked = false, .planFor = "", .stages = 0, .useTuning = false}), 256).chosenBy,
            "model");
  // The same code, by another way.
  Report given = report(kernel(kRows, {{"WIDE", 64}, {"STAGES", 3}}), 256);
  EXPECT_EQ(given.chosenBy, "");
  EXPECT_NE(given.json().find("\"chosen_by\": null"), std::string::npos);
}

TEST_F(TuningRecordTest, ABucketOfExtentsSharesIt) {
  Kernel open = kernel(kRows);
  storeTuning(keyOf(open, 256), sample());
  EXPECT_EQ(report(open, 320).chosenBy, "tuning");
  EXPECT_EQ(report(open, 128).chosenBy, "model");
  EXPECT_EQ(report(open, 512).chosenBy, "model");
  // 64 doesn't divide 288, so that these very extents take what the model says; others go on as before.
  EXPECT_EQ(report(open, 288).chosenBy, "model");
  EXPECT_EQ(valueOf(report(open, 288), "WIDE"), "32");
  EXPECT_EQ(report(open, 320).chosenBy, "tuning");
}

TEST_F(TuningRecordTest, LoopsWithoutAParameterTakeTheirStages) {
  const std::string loops = rowsWithOpenLoop();
  Kernel open = kernel(loops);
  EXPECT_EQ(report(open, 256).chosenBy, "model");
  TuningRecord record = sample();
  record.best = "32,/3";
  storeTuning(keyOf(open, 256), record);
  Report tuned = report(open, 256);
  EXPECT_EQ(tuned.chosenBy, "tuning");
  ASSERT_EQ(tuned.loops.size(), 1u);
  EXPECT_EQ(tuned.loops[0].stages, 3);
  EXPECT_EQ(report(kernel(loops, {}, {.checked = false, .planFor = "", .stages = 2}), 256).loops[0].stages, 2);
}

TEST_F(TuningRecordTest, WhatTheKernelDoesNotAllowIsNotTaken) {
  Kernel open = kernel(kRows);
  for (const char *best : {"48,3,/0", "64,9,/0", "64,/0", "nonsense", ""}) {
    TuningRecord record = sample();
    record.best = best;
    storeTuning(keyOf(open, 256), record);
    EXPECT_EQ(report(open, 256).chosenBy, "model") << best;
  }
}

TEST_F(TuningRecordTest, ADamagedRecordIsOneWarning) {
  std::string key = keyOf(kernel(kRows), 256);
  auto damage = [&](llvm::function_ref<void(const fs::path &)> how) {
    storeTuning(key, sample());
    ASSERT_TRUE(loadTuning(key));
    how(tuningPath(key));
    std::string text = warnings([&] {
      EXPECT_FALSE(loadTuning(key));
      EXPECT_EQ(report(kernel(kRows), 256).chosenBy, "model");
    });
    EXPECT_NE(text.find("tile: warning: the tuning record '" + tuningPath(key).string() + "'"), std::string::npos)
        << text;
    EXPECT_EQ(text.find("warning"), text.rfind("warning")) << text;
    EXPECT_FALSE(fs::exists(tuningPath(key)));
    // It can be made anew.
    storeTuning(key, sample());
    EXPECT_EQ(warnings([&] { EXPECT_TRUE(loadTuning(key)); }), "");
  };
  damage([](const fs::path &path) { fs::resize_file(path, fs::file_size(path) / 2); });
  damage([](const fs::path &path) { std::ofstream(path) << "not what it should be"; });
  damage([](const fs::path &path) {
    std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(200);
    file.put('\x7f');
  });
  // Others may write it.
  damage([](const fs::path &path) { ::chmod(path.c_str(), 0622); });
  damage([](const fs::path &path) {
    fs::rename(path, path.string() + ".other");
    fs::create_symlink(path.string() + ".other", path);
  });
  if (::geteuid() == 0)
    damage([](const fs::path &path) { EXPECT_EQ(::chown(path.c_str(), 12345, 12345), 0); });
  // Whole, and of another version.
  damage([&](const fs::path &) {
    std::string text = sample().toText();
    text.replace(text.find("\"version\": 1"), 12, "\"version\": 7");
    diskCache()->store(key, text);
  });
}

TEST_F(TuningRecordTest, WithoutACacheItIsOfThisProcess) {
  setCache({.folder = {}, .enabled = false});
  // Another source than that of other tests.
  auto make = [] { return Program::fromString(kRows + std::string("// kept")).kernel("rows"); };
  Kernel open = make();
  EXPECT_EQ(tuningPath(keyOf(open, 256)), "");
  storeTuning(keyOf(open, 256), sample());
  EXPECT_EQ(report(open, 256).chosenBy, "tuning");
  EXPECT_EQ(report(make(), 256).chosenBy, "tuning");
}

TEST_F(TuningRecordTest, LookingMakesNoFolder) {
  EXPECT_EQ(warnings([&] { EXPECT_EQ(report(kernel(kRows), 256).chosenBy, "model"); }), "");
  EXPECT_FALSE(fs::exists(folder));
}

TEST_F(TuningRecordTest, TheKeyHasWhateverAChoiceDependsOn) {
  Kernel open = kernel(kRows);
  std::string key = keyOf(open, 256);
  EXPECT_EQ(keyOf(kernel(kRows, {{"WIDE", "auto"}}), 256), key);
  EXPECT_EQ(keyOf(open, 500), key);
  EXPECT_NE(keyOf(open, 512), key);
  EXPECT_NE(keyOf(kernel(kRows, {{"WIDE", 32}}), 256), key);
  EXPECT_NE(keyOf(kernel(kRows, {}, {.checked = true, .planFor = ""}), 256), key);
  EXPECT_NE(keyOf(kernel(kRows, {}, {.checked = false, .planFor = "", .stages = 3}), 256), key);
  EXPECT_NE(keyOf(Program::fromString(kRows + std::string("\n")).kernel("rows"), 256), key);
  device = Device::cpu(2);
  EXPECT_NE(keyOf(open, 256), key);
}
