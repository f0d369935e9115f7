//===- Names.cpp - Names that the language knows by itself ------ -*- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "tile/Language/Names.h"
#include "tile/Language/DType.h"
#include <algorithm>

using namespace tile::lang;
using llvm::StringRef;

llvm::ArrayRef<llvm::StringLiteral> tile::lang::builtinNames() {
  static constexpr llvm::StringLiteral names[] = {
      "abs",     "all",   "any",   "argmax", "argmin", "bitcast", "ceil",  "ceil_pow2", "cos",
      "dot",     "dtype", "erf",   "exp",    "exp2",   "extent",  "floor", "fma",       "inside",
      "iota",    "join",  "log",   "log2",   "max",    "min",     "mulhi", "prod",      "program",
      "reshape", "round", "rsqrt", "sin",    "sqrt",   "sum",     "tanh",  "transpose", "where",
  };
  return names;
}

bool tile::lang::isBuiltinName(StringRef name) {
  auto names = builtinNames();
  return std::binary_search(names.begin(), names.end(), name);
}

bool tile::lang::isReservedName(StringRef name) { return parseDType(name) || name == "inf" || name == "nan"; }

StringRef tile::lang::nearest(StringRef name, llvm::ArrayRef<StringRef> candidates) {
  StringRef best;
  if (name.empty())
    return best;
  // A third of the letters may be wrong; more is another word.
  unsigned bestDistance = std::max<unsigned>(1, std::min<size_t>(name.size(), 30) / 3) + 1;
  for (StringRef candidate : candidates) {
    unsigned distance = name.edit_distance_insensitive(candidate, /*AllowReplacements=*/true, bestDistance);
    if (distance < bestDistance && candidate != name) {
      best = candidate;
      bestDistance = distance;
    }
  }
  return best;
}

std::string tile::lang::didYouMean(StringRef name, llvm::ArrayRef<StringRef> candidates) {
  StringRef best = nearest(name, candidates);
  return best.empty() ? std::string() : "did you mean '" + best.str() + "'?";
}
