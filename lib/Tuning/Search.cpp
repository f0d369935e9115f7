//===- Search.cpp - Which points of a space to measure next --------*- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Search.h"

#include <llvm/ADT/STLExtras.h>

#include <algorithm>
#include <cmath>

using namespace tile;
using namespace tile::tuning;

/// How often each point is measured before it is compared with others.
static constexpr std::size_t kScreening = 2;
/// What takes so much longer than the best is measured no second time.
static constexpr double kSlow = 1.5;
/// What takes so much longer than the best has no part in the finals.
static constexpr double kClose = 1.1;
/// The neighbours of so many are looked at.
static constexpr std::size_t kParents = 3;
/// What the model says takes so much longer than its best is left alone, unless it is a neighbour.
static constexpr double kPromising = 1.5;

double SearchPoint::score() const {
  std::vector<double> sorted = ratios;
  llvm::sort(sorted);
  std::size_t half = sorted.size() / 2;
  return sorted.size() % 2 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
}

std::size_t Search::limit(const std::vector<SearchPoint> &points) {
  constexpr std::size_t kShare = 6, kLeast = 8, kMost = 64;
  auto fit = static_cast<std::size_t>(
      llvm::count_if(points, [](const SearchPoint &point) { return point.state != SearchPoint::State::Unfit; }));
  return std::clamp((fit + kShare - 1) / kShare, kLeast, kMost);
}

std::vector<std::size_t> Search::ranked(const std::vector<SearchPoint> &points) const {
  std::vector<std::size_t> order;
  std::vector<double> scores(points.size());
  for (auto [index, point] : llvm::enumerate(points))
    if (point.isMeasured()) {
      order.push_back(index);
      scores[index] = point.score();
    }
  llvm::sort(order, [&](std::size_t a, std::size_t b) { return std::pair(scores[a], a) < std::pair(scores[b], b); });
  return order;
}

bool Search::samePlace(const SearchPoint &a, const SearchPoint &b) const {
  for (auto [x, y, stages] : llvm::zip(a.place, b.place, isStages))
    if (!stages && x != y)
      return false;
  return true;
}

bool Search::areNeighbours(const SearchPoint &a, const SearchPoint &b) const {
  unsigned steps = 0;
  for (auto [x, y, stages] : llvm::zip(a.place, b.place, isStages))
    steps += stages ? 0 : x < y ? y - x : x - y;
  return steps == 1;
}

std::vector<std::size_t> Search::propose(const std::vector<SearchPoint> &points,
                                         llvm::ArrayRef<std::size_t> ranking) const {
  std::vector<std::size_t> wanted;
  std::size_t room = limit(points);
  auto isTried = [](const SearchPoint &point) { return !point.ratios.empty(); };
  auto tried = static_cast<std::size_t>(llvm::count_if(points, isTried));
  if (tried >= room)
    return wanted;
  room -= tried;
  auto add = [&](std::size_t index) {
    const SearchPoint &point = points[index];
    if (wanted.size() < room && point.state == SearchPoint::State::Open && !isTried(point) &&
        !llvm::is_contained(wanted, index))
      wanted.push_back(index);
  };
  // The first at each place, which the model likes best there, unless one there has been tried.
  llvm::SmallVector<std::size_t> firsts;
  for (auto [index, point] : llvm::enumerate(points))
    if (point.state == SearchPoint::State::Open &&
        llvm::none_of(firsts, [&](std::size_t other) { return samePlace(points[other], point); }))
      firsts.push_back(index);
  auto addPlace = [&](std::size_t index) {
    if (llvm::none_of(points,
                      [&](const SearchPoint &other) { return isTried(other) && samePlace(other, points[index]); }))
      add(index);
  };
  std::size_t half = (limit(points) + 1) / 2;
  if (tried < half) {
    room = std::min(room, half - tried);
    llvm::for_each(firsts, addPlace);
    // Where there are few places, others of them keep those company.
    for (std::size_t index = 0; index < points.size(); ++index)
      add(index);
    if (!wanted.empty())
      return wanted;
    room = limit(points) - tried;
  }
  room = std::min<std::size_t>(room, batch);
  for (std::size_t parent : ranking.take_front(kParents)) {
    // Stages one up and one down, of those that fit.
    std::size_t above = points.size(), below = points.size();
    for (auto [index, point] : llvm::enumerate(points)) {
      if (index == parent || point.state != SearchPoint::State::Open || !samePlace(point, points[parent]))
        continue;
      bool more = point.place > points[parent].place;
      std::size_t &nearest = more ? above : below;
      if (nearest == points.size() ||
          (more ? point.place < points[nearest].place : point.place > points[nearest].place))
        nearest = index;
    }
    for (std::size_t index : {above, below})
      if (index != points.size())
        add(index);
    for (std::size_t first : firsts)
      if (areNeighbours(points[first], points[parent]))
        addPlace(first);
  }
  if (!wanted.empty())
    return wanted;
  double least = points.empty() ? 0 : points.front().predicted;
  for (std::size_t first : firsts)
    if (points[first].predicted <= kPromising * least)
      addPlace(first);
  return wanted;
}

std::vector<std::size_t> Search::finals(const std::vector<SearchPoint> &points,
                                        llvm::ArrayRef<std::size_t> ranking) const {
  if (ranking.empty())
    return {};
  double least = points[ranking.front()].score();
  // How many of the fastest have how many parts of all rounds.
  for (auto [count, share] : {std::pair(8, 0.4), std::pair(4, 0.7), std::pair(2, 1.0)}) {
    auto wanted = static_cast<std::size_t>(std::ceil(share * rounds));
    std::vector<std::size_t> step;
    for (std::size_t index : ranking.take_front(static_cast<std::size_t>(count)))
      if (points[index].ratios.size() < wanted && points[index].score() <= kClose * least)
        step.push_back(index);
    if (!step.empty())
      return step;
  }
  return {};
}

std::vector<std::size_t> Search::next(const std::vector<SearchPoint> &points) const {
  std::vector<std::size_t> ranking = ranked(points);
  std::vector<std::size_t> step;
  if (!ranking.empty()) {
    double least = points[ranking.front()].score();
    for (std::size_t index : ranking)
      if (points[index].ratios.size() < std::min<std::size_t>(kScreening, rounds) &&
          points[index].score() <= kSlow * least)
        step.push_back(index);
  }
  if (step.empty())
    step = propose(points, ranking);
  if (step.empty())
    step = finals(points, ranking);
  return step;
}

std::optional<std::size_t> Search::best(const std::vector<SearchPoint> &points, std::size_t anchor) const {
  std::vector<std::size_t> ranking = ranked(points);
  std::size_t most = 0;
  for (std::size_t index : ranking)
    if (index != anchor)
      most = std::max(most, points[index].ratios.size());
  // One lucky round is worth less than several, unless nobody has had more.
  for (std::size_t index : ranking)
    if (2 * points[index].ratios.size() >= most)
      return index;
  return std::nullopt;
}
