//===- Terms.h - Symbolic values -----------------------------------*- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A symbolic value is a sum: a constant, and terms with integer factors. Scalars of integer type are added, subtracted and scaled as sums;
// everything else is a single term, which stands for "this op with these attributes of these values". Equal terms have equal numbers, so
// two computations gave the same value whenever their sums are equal.
//
//===----------------------------------------------------------------------===//

#ifndef TILE_LIB_PIPELINE_TERMS_H
#define TILE_LIB_PIPELINE_TERMS_H

#include <llvm/ADT/ArrayRef.h>
#include <llvm/ADT/Hashing.h>

#include <cstdint>
#include <map>
#include <optional>
#include <vector>

namespace tile::pipeline {

/// The number of a term.
using Term = uint64_t;

/// A constant and terms with their factors, none of them 0.
struct Sum {
  int64_t constant = 0;
  std::map<Term, int64_t> factors;

  static Sum number(int64_t constant) { return {constant, {}}; }
  static Sum single(Term term) { return {0, {{term, 1}}}; }

  bool isConstant() const { return factors.empty(); }
  bool operator==(const Sum &) const = default;
  Sum operator+(const Sum &other) const { return plus(other, 1); }
  Sum operator-(const Sum &other) const { return plus(other, -1); }
  Sum operator*(int64_t factor) const;
  /// The integer k with `other * k == *this`; none when there is no such integer, or when any is.
  std::optional<int64_t> dividedBy(const Sum &other) const;

private:
  Sum plus(const Sum &other, int64_t sign) const;
};

/// Gives out terms: one number for each key.
class TermTable {
public:
  /// The term of a key; keys of different kinds start with different numbers.
  Term intern(llvm::ArrayRef<uint64_t> key);
  /// A sum as one term: its own, if it is a single one.
  Term intern(const Sum &sum);

private:
  std::map<std::vector<uint64_t>, Term> terms;
};

} // namespace tile::pipeline

#endif // TILE_LIB_PIPELINE_TERMS_H
