//===- Terms.cpp - Symbolic values ---------------------------------*- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Terms.h"

using namespace tile::pipeline;

Sum Sum::plus(const Sum &other, int64_t sign) const {
  // Wraps as the machine does.
  auto add = [&](int64_t a, int64_t b) {
    return static_cast<int64_t>(static_cast<uint64_t>(a) + static_cast<uint64_t>(sign) * static_cast<uint64_t>(b));
  };
  Sum result = *this;
  result.constant = add(constant, other.constant);
  for (auto [term, factor] : other.factors) {
    int64_t &mine = result.factors[term];
    mine = add(mine, factor);
    if (mine == 0)
      result.factors.erase(term);
  }
  return result;
}

Sum Sum::operator*(int64_t factor) const {
  Sum result;
  if (factor == 0)
    return result;
  auto scale = [&](int64_t value) {
    return static_cast<int64_t>(static_cast<uint64_t>(value) * static_cast<uint64_t>(factor));
  };
  result.constant = scale(constant);
  for (auto [term, mine] : factors)
    if (int64_t scaled = scale(mine))
      result.factors[term] = scaled;
  return result;
}

std::optional<int64_t> Sum::dividedBy(const Sum &other) const {
  // One of the other's parts that is not 0 gives the only candidate.
  int64_t mine = constant, its = other.constant;
  if (its == 0) {
    if (other.factors.empty())
      return std::nullopt;
    auto [term, factor] = *other.factors.begin();
    auto found = factors.find(term);
    mine = found == factors.end() ? 0 : found->second;
    its = factor;
  }
  if (its == -1 && mine == INT64_MIN)
    return std::nullopt;
  int64_t quotient = mine / its;
  return other * quotient == *this ? std::optional(quotient) : std::nullopt;
}

Term TermTable::intern(llvm::ArrayRef<uint64_t> key) {
  return terms.try_emplace(key.vec(), terms.size()).first->second;
}

Term TermTable::intern(const Sum &sum) {
  if (sum.constant == 0 && sum.factors.size() == 1 && sum.factors.begin()->second == 1)
    return sum.factors.begin()->first;
  constexpr uint64_t kSum = 1;
  std::vector<uint64_t> key = {kSum, static_cast<uint64_t>(sum.constant)};
  for (auto [term, factor] : sum.factors) {
    key.push_back(term);
    key.push_back(static_cast<uint64_t>(factor));
  }
  return intern(llvm::ArrayRef<uint64_t>(key));
}
