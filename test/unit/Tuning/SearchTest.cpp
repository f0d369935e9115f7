//===- SearchTest.cpp - What is measured next -----------------------*- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "../../../lib/Tuning/Search.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <random>

using namespace tile::tuning;

namespace {

using State = SearchPoint::State;

/// Tiles of three extents with three values each, and six stage counts: as examples/06-matmul has them.
struct Landscape {
  /// What a point takes in truth, what the model makes of it, and what a measurement adds.
  std::vector<double> truth;
  std::vector<SearchPoint> points;
  std::mt19937 random;
  double noise;
  std::size_t anchor = 0, measurements = 0, rounds = 0;

  Landscape(unsigned seed, double modelError, double noise) : random(seed), noise(noise) {
    std::normal_distribution<double> normal;
    // Each extent and the stages have a value that suits; the further away, the slower, and pairs interact.
    double weights[4], bests[4];
    std::uniform_real_distribution<double> uniform;
    for (int i = 0; i < 4; ++i) {
      weights[i] = 0.05 + 0.25 * uniform(random);
      bests[i] = (i < 3 ? 2 : 5) * uniform(random);
    }
    std::vector<std::pair<double, SearchPoint>> all;
    std::vector<double> ofTile(27);
    for (double &each : ofTile)
      each = 1 + modelError * normal(random);
    for (unsigned a = 0; a < 3; ++a)
      for (unsigned b = 0; b < 3; ++b)
        for (unsigned c = 0; c < 3; ++c)
          for (unsigned s = 0; s < 6; ++s) {
            unsigned place[4] = {a, b, c, s};
            double time = 1;
            for (int i = 0; i < 4; ++i)
              time += weights[i] * std::pow(std::fabs(place[i] - bests[i]), 1.5) / (i < 3 ? 1 : 3);
            time *= 1 + 0.02 * normal(random);
            SearchPoint point;
            point.place = {a, b, c, s};
            // The model is wrong about tiles more than about stages.
            point.predicted = time * std::max(0.2, ofTile[(a * 3 + b) * 3 + c]) * (1 + 0.02 * normal(random));
            // The largest tiles have no room for many stages.
            if (a + b + c + s > 8)
              point.state = State::Unfit;
            all.emplace_back(time, point);
          }
    llvm::sort(all, [](const auto &x, const auto &y) {
      return std::pair(x.second.state != State::Open, x.second.predicted) <
             std::pair(y.second.state != State::Open, y.second.predicted);
    });
    for (auto &[time, point] : all) {
      truth.push_back(time);
      points.push_back(point);
    }
  }

  double time(std::size_t index) {
    return truth[index] * (1 + noise * std::fabs(std::normal_distribution<double>()(random)));
  }

  /// Searches to the end, or for so many rounds.
  void run(const Search &search, std::size_t most = 1000) {
    for (; rounds < most; ++rounds) {
      std::vector<std::size_t> step = search.next(points);
      if (step.empty())
        return;
      double unit = time(anchor);
      ++measurements;
      for (std::size_t index : step)
        if (index != anchor) {
          points[index].ratios.push_back(time(index) / unit);
          ++measurements;
        }
      points[anchor].ratios.push_back(1);
    }
  }

  double leastOfAll() const {
    double least = INFINITY;
    for (auto [index, point] : llvm::enumerate(points))
      if (point.state == State::Open)
        least = std::min(least, truth[index]);
    return least;
  }
};

const llvm::SmallVector<bool> kStages = {false, false, false, true};

} // namespace

TEST(Search, FindsNearlyTheBestWithAFifthOfTheMeasurements) {
  constexpr unsigned kRounds = 7, kSeeds = 200;
  unsigned good = 0;
  for (unsigned seed = 0; seed < kSeeds; ++seed) {
    Landscape land(seed, 0.15, 0.01);
    Search search(kStages, kRounds, 4);
    land.run(search);
    std::optional<std::size_t> best = search.best(land.points, land.anchor);
    ASSERT_TRUE(best);
    good += land.leastOfAll() / land.truth[*best] >= 0.98;
    auto fit =
        std::count_if(land.points.begin(), land.points.end(), [](const auto &p) { return p.state == State::Open; });
    EXPECT_LE(land.measurements, static_cast<std::size_t>(fit) * kRounds / 5);
    auto tried = std::count_if(land.points.begin(), land.points.end(), [](const auto &p) { return !p.ratios.empty(); });
    EXPECT_LE(tried * 5, fit) << "of the choices, too, a fifth";
    // Whoever comes last has had all rounds.
    EXPECT_GE(land.points[*best].ratios.size(), kRounds);
  }
  EXPECT_GE(good, kSeeds * 9 / 10) << good;
}

TEST(Search, GoesOnWhereItEnded) {
  Search search(kStages, 5, 4);
  Landscape whole(3, 0.15, 0), parts(3, 0.15, 0);
  whole.run(search);
  for (std::size_t most = 1; most < 100; ++most)
    parts.run(search, most);
  EXPECT_EQ(whole.measurements, parts.measurements);
  for (auto [a, b] : llvm::zip(whole.points, parts.points))
    EXPECT_EQ(a.ratios, b.ratios);
  // There is nothing to do once it is over, and more to do with more rounds.
  EXPECT_TRUE(search.next(whole.points).empty());
  EXPECT_FALSE(Search(kStages, 9, 4).next(whole.points).empty());
}

TEST(Search, BeginsWithOneOfEachTile) {
  Landscape land(1, 0.15, 0);
  std::vector<std::size_t> step = Search(kStages, 7, 4).next(land.points);
  ASSERT_GE(step.size(), 4u);
  EXPECT_EQ(step.front(), 0u);
  for (std::size_t i = 0; i < step.size(); ++i)
    for (std::size_t j = 0; j < i; ++j)
      EXPECT_NE(llvm::ArrayRef(land.points[step[i]].place).take_front(3),
                llvm::ArrayRef(land.points[step[j]].place).take_front(3));
}

TEST(Search, LeavesWhatFailsAndWhatIsSlow) {
  Landscape land(2, 0.15, 0);
  Search search(kStages, 7, 4);
  std::vector<std::size_t> first = search.next(land.points);
  land.points[first[0]].state = State::Failed;
  land.points[first[1]].state = State::Unfit;
  land.anchor = first[2];
  land.points[first[2]].ratios = {1};
  land.points[first[3]].ratios = {3};
  std::vector<std::size_t> second = search.next(land.points);
  EXPECT_EQ(second, std::vector<std::size_t>{first[2]}) << "a second time for what is not slow";
  land.run(search);
  EXPECT_TRUE(land.points[first[0]].ratios.empty());
  EXPECT_TRUE(land.points[first[1]].ratios.empty());
  EXPECT_EQ(land.points[first[3]].ratios.size(), 1u);
}

TEST(Search, EndsWhenAllFailed) {
  Landscape land(2, 0.15, 0);
  Search search(kStages, 7, 4);
  std::size_t asked = 0;
  for (std::vector<std::size_t> step; !(step = search.next(land.points)).empty(); ++asked) {
    ASSERT_LT(asked, land.points.size());
    for (std::size_t index : step)
      land.points[index].state = State::Failed;
  }
  EXPECT_EQ(search.best(land.points, 0), std::nullopt);
}

TEST(Search, ASmallSpaceIsMeasuredWhole) {
  llvm::SmallVector<bool> stages = {true};
  std::vector<SearchPoint> points;
  for (unsigned i = 0; i < 5; ++i) {
    points.emplace_back();
    points.back().place = {i};
    points.back().predicted = 1;
  }
  Search search(stages, 3, 4);
  EXPECT_EQ(search.next(points), (std::vector<std::size_t>{0, 1, 2, 3}));
  for (std::vector<std::size_t> step; !(step = search.next(points)).empty();)
    for (std::size_t index : step)
      points[index].ratios.push_back(1 + 0.01 * (index == 3 ? 0 : 4 - static_cast<double>(index)));
  for (const SearchPoint &point : points)
    EXPECT_GE(point.ratios.size(), 2u);
  EXPECT_EQ(search.best(points, 0), 3u);
}

TEST(Search, OneLuckyRoundIsNotTheBest) {
  llvm::SmallVector<bool> stages = {true};
  std::vector<SearchPoint> points(3);
  points[0].ratios = {1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1};
  points[1].ratios = {0.9, 0.9, 0.9, 0.9};
  points[2].ratios = {0.5};
  EXPECT_EQ(Search(stages, 7, 4).best(points, 0), 1u);
  points[1].ratios = {0.9};
  EXPECT_EQ(Search(stages, 7, 4).best(points, 0), 2u) << "how often the anchor was measured doesn't matter";
}
