//===- RangesTest.cpp - Lists of values on a command line ----------*- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "tile/Tuning/Ranges.h"
#include "tile/Error.h"

#include <gtest/gtest.h>

using namespace tile;
using namespace tile::tuning;

using Counts = std::vector<std::int64_t>;

/// The message that a text is refused with; empty when it isn't.
template <typename Function>
static std::string refusalOf(Function parse) {
  try {
    parse();
    return "";
  } catch (const Error &error) {
    return error.diagnostics().front().message;
  }
}

TEST(Stages, BothEndsOfARangeBelongToIt) {
  EXPECT_EQ(parseStages("1..4"), (Counts{1, 2, 3, 4}));
  EXPECT_EQ(parseStages("1..=4"), (Counts{1, 2, 3, 4}));
  EXPECT_EQ(parseStages("3..3"), (Counts{3}));
}

TEST(Stages, ListsMixWhatTheyHaveAndSayEachOnce) {
  EXPECT_EQ(parseStages("6, 1..3,2,auto"), (Counts{6, 1, 2, 3, kAutoStages}));
}

TEST(Stages, EmptyRangesAndImpossibleCountsAreRefused) {
  EXPECT_EQ(refusalOf([] { parseStages("5..2"); }), "the range '5..2' is empty: 5 is more than 2");
  EXPECT_EQ(refusalOf([] { parseStages("0..2"); }), "a loop has from 1 to 64 stages, not 0");
  EXPECT_EQ(refusalOf([] { parseStages("65"); }), "a loop has from 1 to 64 stages, not 65");
  EXPECT_EQ(refusalOf([] { parseStages("1,,2"); }), "--stages has an empty value in '1,,2'");
  for (const char *wrong : {"many", "1..", "..3", "1...3", "1.5"})
    EXPECT_NE(refusalOf([&] { parseStages(wrong); }).find("--stages takes"), std::string::npos) << wrong;
}

TEST(NamedValues, HaveANameAndValues) {
  NamedValues parsed = parseNamedValues("BM=64,128,64", "-D");
  EXPECT_EQ(parsed.name, "BM");
  EXPECT_EQ(parsed.values, (std::vector<std::string>{"64", "128"}));
  for (const char *wrong : {"BM", "=64", "BM=", "BM=64,"})
    EXPECT_NE(refusalOf([&] { parseNamedValues(wrong, "-D"); }), "") << wrong;
}

TEST(Shape, HasExtentsByName) {
  std::vector<NamedExtent> shape = parseShape("M=8192, N=1");
  ASSERT_EQ(shape.size(), 2u);
  EXPECT_EQ(shape[0].name, "M");
  EXPECT_EQ(shape[0].extent, 8192);
  EXPECT_EQ(shape[1].name, "N");
  EXPECT_EQ(refusalOf([] { parseShape("M=1,M=2"); }), "--shape says 'M' twice");
  for (const char *wrong : {"M", "M=", "=3", "M=0", "M=-1", "M=1,,N=2", "M=x"})
    EXPECT_NE(refusalOf([&] { parseShape(wrong); }), "") << wrong;
}
