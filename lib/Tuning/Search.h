//===- Search.h - Which points of a space to measure next ----------*- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef TILE_LIB_TUNING_SEARCH_H
#define TILE_LIB_TUNING_SEARCH_H

#include <llvm/ADT/ArrayRef.h>
#include <llvm/ADT/SmallVector.h>

#include <optional>
#include <vector>

namespace tile::tuning {

/// One point of the space that is searched, and what is known of it.
struct SearchPoint {
  enum class State { Open, Unfit, Failed };

  /// Which value of each dimension it has, by the values' order.
  llvm::SmallVector<unsigned, 8> place;
  /// By the model, in any unit; infinite where it doesn't know.
  double predicted = 0;
  State state = State::Open;
  /// Times, each as a multiple of the anchor's in the same round. The anchor itself has one for every round there was.
  std::vector<double> ratios;

  bool isMeasured() const { return state == State::Open && !ratios.empty(); }
  /// Their median.
  double score() const;
};

/// Chooses what to measure in the next round, by what was measured until then and by nothing else, so that a search goes on where an
/// earlier one ended. `points` stand in the order of the model, the best first.
///
/// First come the points that the model likes best, one for each place but for its stages. Then, a few at a time, the neighbours of the
/// fastest: their stages one up and one down, and what the model likes best at the places beside them. When a sixth of what fits has been
/// measured, or nothing promising is left, the fastest are measured more often, fewer each time, until the two best have all their rounds.
class Search {
public:
  /// `isStages` says of each dimension whether it is one of stages. At once `batch` new points are looked at.
  Search(llvm::ArrayRef<bool> isStages, unsigned rounds, unsigned batch)
      : isStages(isStages), rounds(rounds), batch(batch) {}

  /// The points to measure once more; empty when the search is over. Those that are new come one for one in the order of promise.
  std::vector<std::size_t> next(const std::vector<SearchPoint> &points) const;
  /// The fastest of those that were measured half as often as any, the anchor aside; nothing when none was measured.
  std::optional<std::size_t> best(const std::vector<SearchPoint> &points, std::size_t anchor) const;
  /// How many points are measured at most.
  static std::size_t limit(const std::vector<SearchPoint> &points);

private:
  std::vector<std::size_t> ranked(const std::vector<SearchPoint> &points) const;
  std::vector<std::size_t> propose(const std::vector<SearchPoint> &points, llvm::ArrayRef<std::size_t> ranking) const;
  std::vector<std::size_t> finals(const std::vector<SearchPoint> &points, llvm::ArrayRef<std::size_t> ranking) const;
  bool samePlace(const SearchPoint &a, const SearchPoint &b) const;
  bool areNeighbours(const SearchPoint &a, const SearchPoint &b) const;

  llvm::ArrayRef<bool> isStages;
  unsigned rounds, batch;
};

} // namespace tile::tuning

#endif // TILE_LIB_TUNING_SEARCH_H
