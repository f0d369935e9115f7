//===- RingsTest.cpp - Rings, at once and late --------------------*- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Harness.h"

using namespace tile::cpu::test;

namespace {

/// What a test breaks in the protocol.
struct Mistakes {
  /// Slots fewer than the schedule needs.
  int tooFew = 0;
  /// Read before the await.
  bool lateAwait = false;
  /// Read after the release.
  bool earlyRelease = false;
  bool noCommit = false, noRelease = false;
};

/// y[i] = x[i] summed over the rows that come before, with loads `depth - 1` iterations ahead, as the expander writes it.
std::string ringText(int depth, const std::string &type, const Mistakes &mistakes = {}) {
  std::string tile = "tensor<16x" + type + ">",
              ring = "!tile.ring<" + std::to_string(depth - mistakes.tooFew) + " x 16x" + type + ">";
  std::string view = "!tile.view<?x?x" + type + ">", slot = "!tile.slot<16x" + type + ">";
  bool isFloat = type[0] == 'f';
  std::string body = "%c0 = arith.constant 0 : index\n%c1 = arith.constant 1 : index\n%t0 = arith.constant 0 : "
                     "i32\n%one = arith.constant 1 : i32\n";
  body +=
      "%n = tile.extent %a, 0 : " + view + "\n%r = tile.ring : " + ring + "\n%ch = tile.channel %r : " + ring + "\n";
  auto issue = [&](const std::string &row, const std::string &ticket) {
    return "scf.if %go" + ticket + " {\n tile.acquire %ch[%" + ticket + "]\n tile.copy_async %a[%" + row +
           ", %c0 +: 16], %r[%" + ticket + "] pad " + (isFloat ? "1.0" : "1") + " : " + type + " : " + view + ", " +
           ring + "\n" + (mistakes.noCommit ? "" : " tile.commit %ch[%" + ticket + "]\n") + "}\n";
  };
  std::string ahead = std::to_string(depth - 1);
  for (int i = 0; i < depth - 1; ++i) {
    std::string n = std::to_string(i);
    body += "%row" + n + " = arith.constant " + n + " : index\n%p" + n + " = arith.constant " + n + " : i32\n%gop" + n +
            " = arith.cmpi slt, %row" + n + ", %n : index\n" + issue("row" + n, "p" + n);
  }
  body += "%ahead = arith.constant " + ahead + " : index\n%aheadT = arith.constant " + ahead + " : i32\n";
  body += "%zero = arith.constant dense<" + std::string(isFloat ? "0.0" : "0") + "> : " + tile + "\n";
  body += "%sum, %te = scf.for %i = %c0 to %n step %c1 iter_args(%acc = %zero, %t = %t0) -> (" + tile + ", i32) {\n";
  std::string await = "tile.await %ch[%t]\n", release = mistakes.noRelease ? "" : "tile.release %ch[%t]\n";
  std::string read =
      "%s = tile.slot %r[%t] : " + ring + " -> " + slot + "\n%x = tile.read %s : " + slot + " -> " + tile + "\n";
  std::string next = "%in = arith.addi %i, %ahead : index\n%tn = arith.addi %t, %aheadT : i32\n%gotn = arith.cmpi slt, "
                     "%in, %n : index\n" +
                     issue("in", "tn");
  // With a depth of 1 the issue belongs before the await of the same iteration.
  body += depth == 1 ? next + await : (mistakes.lateAwait ? "" : await) + next;
  if (mistakes.earlyRelease)
    body += release + read;
  else if (mistakes.lateAwait)
    body += read + await + release;
  else
    body += read + release;
  body += std::string("%u = ") + (isFloat ? "arith.addf" : "arith.addi") + " %acc, %x : " + tile + "\n";
  body += "tile.store %u, %b[%i, %c0 +: 16] : " + tile + ", " + view +
          "\n%t2 = arith.addi %t, %one : i32\nscf.yield %u, %t2 : " + tile + ", i32\n}\n";
  return kernelText(viewText("a", "?x?x" + type, false, 1) + ", " + viewText("b", "?x?x" + type, true, 1), body);
}

/// Runs it over so many rows; gives how many elements are wrong. Rows of 13 make each tile hang over the edge.
template <typename T>
int wrong(Kernel &kernel, int64_t rows, std::string &error, int64_t columns = 13) {
  Array<T> a({rows, columns}), b({rows, columns}, T(-1));
  for (size_t i = 0; i < a.data.size(); ++i)
    a.data[i] = static_cast<T>(i % 50);
  error = kernel.run(Words().view(a).view(b));
  int count = 0;
  for (int64_t c = 0; c < columns; ++c) {
    T sum = 0;
    for (int64_t r = 0; r < rows; ++r)
      count += b(r, c) != (sum += a(r, c));
  }
  return count;
}

TEST(Rings, EveryDepthAndTripCount) {
  for (bool late : {false, true})
    for (int depth = 1; depth <= 4; ++depth) {
      tile::cpu::Options options;
      options.late = late;
      Kernel floats(ringText(depth, "f32"), options), ints(ringText(depth, "i32"), options);
      for (int64_t rows = 0; rows <= 6; ++rows)
        for (int64_t columns : {13, 16}) {
          std::string error;
          int bad = wrong<float>(floats, rows, error, columns);
          EXPECT_EQ(error, "") << depth << " deep, " << rows << " rows, late " << late;
          EXPECT_EQ(bad, 0) << depth << " deep, " << rows << " rows, late " << late;
          EXPECT_EQ(wrong<int32_t>(ints, rows, error), 0);
          EXPECT_EQ(error, "");
        }
    }
}

class LateRings : public ::testing::Test {
protected:
  /// The error and the count of wrong elements of a broken schedule.
  template <typename T = float>
  std::pair<std::string, int> runBroken(const Mistakes &mistakes, const std::string &type = "f32", bool late = true) {
    tile::cpu::Options options;
    options.late = late;
    Kernel kernel(ringText(3, type, mistakes), options);
    std::string error;
    int bad = wrong<T>(kernel, 6, error);
    return {error, bad};
  }
};

TEST_F(LateRings, AnAwaitTooLateReadsPoison) {
  Mistakes mistakes;
  mistakes.lateAwait = true;
  auto [error, bad] = runBroken(mistakes);
  EXPECT_EQ(error, "");
  EXPECT_EQ(bad, 6 * 13);
  auto [intError, intBad] = runBroken<int32_t>(mistakes, "i32");
  EXPECT_EQ(intError, "");
  EXPECT_EQ(intBad, 6 * 13);
  // What copies at once doesn't notice.
  EXPECT_EQ(runBroken(mistakes, "f32", /*late=*/false).second, 0);
}

TEST_F(LateRings, AReadAfterTheReleaseReadsPoison) {
  Mistakes mistakes;
  mistakes.earlyRelease = true;
  EXPECT_EQ(runBroken(mistakes).second, 6 * 13);
}

TEST_F(LateRings, ASlotTooFewIsAnAcquireOfWhatIsNotEmpty) {
  Mistakes mistakes;
  mistakes.tooFew = 1;
  auto [error, bad] = runBroken(mistakes);
  EXPECT_NE(error.find("acquire of ticket 2 in ring 0, whose slot 0 is full by ticket 0"), std::string::npos) << error;
  EXPECT_GT(bad, 0);
}

TEST_F(LateRings, AnAwaitOfWhatWasNotCommittedIsAnError) {
  Mistakes mistakes;
  mistakes.noCommit = true;
  EXPECT_NE(runBroken(mistakes).first.find("await of ticket 0 in ring 0, whose slot 0 is acquired by ticket 0"),
            std::string::npos);
}

TEST_F(LateRings, ASlotThatIsNotReleasedCanNotBeAcquiredAgain) {
  Mistakes mistakes;
  mistakes.noRelease = true;
  EXPECT_NE(runBroken(mistakes).first.find("broken ring protocol: acquire of ticket 3"), std::string::npos);
}

} // namespace
