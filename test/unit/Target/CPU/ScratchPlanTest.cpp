//===- ScratchPlanTest.cpp - Where a worker's buffers lie ---------*- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "tile/Target/CPU/ScratchPlan.h"

#include <gtest/gtest.h>

using tile::cpu::ScratchPlan;

TEST(ScratchPlan, BuffersAfterOneAnotherShareTheirPlace) {
  ScratchPlan plan;
  int a = plan.create(1000, "a");
  plan.use(a);
  int b = plan.create(1000, "b");
  plan.use(b);
  plan.place(0);
  EXPECT_EQ(plan.offset(a), plan.offset(b));
  EXPECT_EQ(plan.size(), 1024);
}

TEST(ScratchPlan, BuffersAtOneTimeLieApart) {
  ScratchPlan plan;
  int a = plan.create(100, "a");
  int b = plan.create(100, "b");
  plan.use(a);
  plan.use(b);
  plan.place(64);
  EXPECT_NE(plan.offset(a), plan.offset(b));
  EXPECT_EQ(std::min(plan.offset(a), plan.offset(b)), 64);
  EXPECT_EQ(std::max(plan.offset(a), plan.offset(b)), 192);
}

TEST(ScratchPlan, ALoopCarriesWhatWasMadeBeforeIt) {
  ScratchPlan plan;
  int a = plan.create(64, "a");
  plan.beginLoop();
  plan.use(a);
  int b = plan.create(64, "b");
  plan.endLoop();
  int c = plan.create(64, "c");
  plan.place(0);
  EXPECT_NE(plan.offset(a), plan.offset(b));
  EXPECT_EQ(plan.offset(c), 0);
  EXPECT_EQ(plan.size(), 128);
}

TEST(ScratchPlan, AnInnerLoopsBufferLivesThroughTheOuterOne) {
  ScratchPlan plan;
  int a = plan.create(64, "a");
  plan.beginLoop();
  plan.beginLoop();
  plan.use(a);
  plan.endLoop();
  int b = plan.create(64, "b");
  plan.endLoop();
  plan.place(0);
  EXPECT_NE(plan.offset(a), plan.offset(b));
}

TEST(ScratchPlan, AKeptBufferSharesWithNone) {
  ScratchPlan plan;
  int a = plan.create(64, "a");
  plan.keep(a);
  int b = plan.create(64, "b");
  plan.place(0);
  EXPECT_NE(plan.offset(a), plan.offset(b));
}

TEST(ScratchPlan, ItemisesTheLargest) {
  ScratchPlan plan;
  plan.create(1024, "small");
  plan.create(4096, "large");
  plan.place(0);
  auto lines = plan.itemise(1);
  ASSERT_EQ(lines.size(), 1u);
  EXPECT_EQ(lines[0], "4 KiB for large");
}
