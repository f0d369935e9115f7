//===- Overlap.cpp - Whether views meet in memory ---------------*- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// \file
/// Two elements share a byte when the distance of their addresses is smaller than an element. With strides s and index
/// differences d that is a bounded linear equation: is there a d in a box with |sum(d * s) + offset| < size? The search takes the
/// strides from the largest down; at each one only those d can lead to a solution for which the smaller strides can make up the
/// rest. For the views of practice (blocks, columns, interleaved halves of one allocation) these are one or two at each level.
/// When there are more than a budget allows, the answer is yes: a launch refuses what it can't rule out.
///
//===----------------------------------------------------------------------===//

#include "tile/Runtime/Overlap.h"

#include <llvm/ADT/STLExtras.h>
#include <llvm/ADT/SmallVector.h>

#include <algorithm>

namespace tile {

namespace {
/// Products of an extent and a stride, and sums of a few of them, fit easily.
using Wide = __int128;

/// One axis of the equation: `low <= d <= high`, weighted with a positive stride.
struct Term {
  Wide stride, low, high;
};

class Search {
public:
  /// Looks for terms' d with low <= sum(d * stride) <= high. `terms` are sorted by stride, the largest first.
  Search(llvm::ArrayRef<Term> terms) : terms(terms), restLow(terms.size() + 1, 0), restHigh(terms.size() + 1, 0) {
    for (std::size_t i = terms.size(); i-- > 0;) {
      restLow[i] = restLow[i + 1] + terms[i].stride * terms[i].low;
      restHigh[i] = restHigh[i + 1] + terms[i].stride * terms[i].high;
    }
  }

  bool find(std::size_t level, Wide low, Wide high) {
    if (high < restLow[level] || low > restHigh[level])
      return false;
    if (level == terms.size() || budget-- <= 0)
      return true;
    const Term &term = terms[level];
    Wide from = std::max(term.low, ceilDiv(low - restHigh[level + 1], term.stride));
    Wide to = std::min(term.high, floorDiv(high - restLow[level + 1], term.stride));
    for (Wide d = from; d <= to; ++d)
      if (find(level + 1, low - d * term.stride, high - d * term.stride))
        return true;
    return false;
  }

private:
  static Wide floorDiv(Wide a, Wide b) { return a / b - (a % b < 0); }
  static Wide ceilDiv(Wide a, Wide b) { return -floorDiv(-a, b); }

  llvm::ArrayRef<Term> terms;
  /// The least and the greatest sum that the terms from an index on can make.
  llvm::SmallVector<Wide> restLow, restHigh;
  /// Nodes that may still be visited.
  int budget = 1 << 14;
};
} // namespace

static bool isEmpty(const Footprint &view) { return llvm::is_contained(view.extents, 0); }

/// The axes that matter as terms, the largest stride first; an axis that doesn't move has stride 0.
static llvm::SmallVector<Term> termsOf(const Footprint &view) {
  llvm::SmallVector<Term> terms;
  for (auto [extent, stride] : llvm::zip(view.extents, view.strides))
    if (extent > 1)
      terms.push_back({stride < 0 ? -Wide(stride) : Wide(stride), 0, Wide(extent) - 1});
  llvm::sort(terms, [](const Term &a, const Term &b) { return a.stride > b.stride; });
  return terms;
}

bool rangeOf(const Footprint &view, std::uint64_t &low, std::uint64_t &high) {
  Wide first = view.base, last = view.base;
  if (!isEmpty(view)) {
    for (auto [extent, stride] : llvm::zip(view.extents, view.strides))
      (stride < 0 ? first : last) += Wide(stride) * (extent - 1);
    last += view.size;
  }
  low = static_cast<std::uint64_t>(first);
  high = static_cast<std::uint64_t>(last);
  // No system gives out the upper half.
  return first >= 0 && last <= Wide(INT64_MAX);
}

bool overlapsItself(const Footprint &view) {
  if (isEmpty(view))
    return false;
  llvm::SmallVector<Term> terms = termsOf(view);
  if (terms.empty())
    return false;
  if (terms.back().stride == 0)
    return true;
  // The usual case: each axis steps over all that the smaller ones span.
  Wide span = view.size;
  bool nested = true;
  for (const Term &term : llvm::reverse(terms)) {
    nested &= term.stride >= span;
    span += term.stride * term.high;
  }
  if (nested)
    return false;
  // Two indices that differ first on axis `leading`, where the difference is positive without loss of generality.
  for (std::size_t leading = 0; leading < terms.size(); ++leading) {
    llvm::SmallVector<Term> difference(terms.begin() + leading, terms.end());
    for (Term &term : difference)
      term.low = -term.high;
    difference.front().low = 1;
    if (Search(difference).find(0, -(view.size - 1), view.size - 1))
      return true;
  }
  return false;
}

bool overlap(const Footprint &a, const Footprint &b) {
  if (isEmpty(a) || isEmpty(b))
    return false;
  std::uint64_t aLow, aHigh, bLow, bHigh;
  if (!rangeOf(a, aLow, aHigh) || !rangeOf(b, bLow, bHigh))
    return true;
  if (aHigh <= bLow || bHigh <= aLow)
    return false;
  // Both from their lowest addresses with positive strides: aLow + sum(a) = bLow + sum(b) + r, -a.size < r < b.size.
  llvm::SmallVector<Term> terms = termsOf(a);
  for (Term term : termsOf(b))
    terms.push_back({term.stride, -term.high, 0});
  // Axes of one stride are one axis.
  llvm::sort(terms, [](const Term &x, const Term &y) { return x.stride > y.stride; });
  llvm::SmallVector<Term> merged;
  for (const Term &term : terms) {
    if (term.stride == 0)
      continue;
    if (!merged.empty() && merged.back().stride == term.stride) {
      merged.back().low += term.low;
      merged.back().high += term.high;
    } else {
      merged.push_back(term);
    }
  }
  Wide distance = Wide(bLow) - Wide(aLow);
  return Search(merged).find(0, distance - (a.size - 1), distance + (b.size - 1));
}

} // namespace tile
