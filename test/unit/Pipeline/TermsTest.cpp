//===- TermsTest.cpp - Sums and terms ------------------------------*- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Terms.h"

#include <gtest/gtest.h>

using namespace tile::pipeline;

namespace {

TEST(Terms, EqualKeysAreOneTerm) {
  TermTable terms;
  Term a = terms.intern({7, 1}), b = terms.intern({7, 2});
  EXPECT_NE(a, b);
  EXPECT_EQ(a, terms.intern({7, 1}));
}

TEST(Terms, SumsAreEqualWhateverTheirOrder) {
  TermTable terms;
  Sum x = Sum::single(terms.intern({7, 1})), y = Sum::single(terms.intern({7, 2}));
  EXPECT_EQ(x + y + Sum::number(3), Sum::number(3) + y + x);
  EXPECT_EQ(x + y - x, y);
  EXPECT_EQ((x + Sum::number(2)) * 3, x * 3 + Sum::number(6));
  EXPECT_EQ(x * 0, Sum::number(0));
  EXPECT_TRUE((x - x).isConstant());
  EXPECT_EQ(terms.intern(x + y), terms.intern(y + x));
  EXPECT_NE(terms.intern(x + y), terms.intern(x - y));
  // A sum of one term is that term.
  EXPECT_EQ(terms.intern(x), terms.intern({7, 1}));
}

TEST(Terms, SumsDivideWhenAWholeFactorIsLeft) {
  TermTable terms;
  Sum x = Sum::single(terms.intern({7, 1})), y = Sum::single(terms.intern({7, 2}));
  EXPECT_EQ((x * 6 + Sum::number(4)).dividedBy(x * 3 + Sum::number(2)), 2);
  EXPECT_EQ(Sum::number(12).dividedBy(Sum::number(4)), 3);
  EXPECT_EQ(Sum::number(0).dividedBy(x), 0);
  EXPECT_EQ(Sum::number(13).dividedBy(Sum::number(4)), std::nullopt);
  EXPECT_EQ((x * 6 + Sum::number(5)).dividedBy(x * 3 + Sum::number(2)), std::nullopt);
  EXPECT_EQ((x + y).dividedBy(x), std::nullopt);
  EXPECT_EQ(x.dividedBy(Sum::number(0)), std::nullopt);
}

} // namespace
