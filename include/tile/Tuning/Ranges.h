//===- Ranges.h - Lists of values on a command line ----------------*- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef TILE_TUNING_RANGES_H
#define TILE_TUNING_RANGES_H

#include <llvm/ADT/StringRef.h>

#include <cstdint>
#include <string>
#include <vector>

namespace tile::tuning {

/// The stage count that stands for "auto".
inline constexpr std::int64_t kAutoStages = 0;

/// "1..7" (both ends belong to it; "1..=7" says the same), "1,2,4", or a mixture, each value once and in the order given. "auto" is
/// kAutoStages. Throws Error for what is no such list, for a range without values, and for a count that no loop can have.
std::vector<std::int64_t> parseStages(llvm::StringRef text);

/// A name with a list: "BM=64,128".
struct NamedValues {
  std::string name;
  std::vector<std::string> values;
};

/// Throws Error, which says what `option` takes, when that isn't what the text is.
NamedValues parseNamedValues(llvm::StringRef text, llvm::StringRef option);

/// A name with an extent: "M=8192".
struct NamedExtent {
  std::string name;
  std::int64_t extent = 0;
};

/// "M=8192,N=8192,K=8192". Throws Error for what is no such list, and for a name that it has twice.
std::vector<NamedExtent> parseShape(llvm::StringRef text);

} // namespace tile::tuning

#endif // TILE_TUNING_RANGES_H
