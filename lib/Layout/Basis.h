//===- Basis.h - Sums of columns over the field of two elements ----*- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef TILE_LIB_LAYOUT_BASIS_H
#define TILE_LIB_LAYOUT_BASIS_H

#include <llvm/ADT/STLExtras.h>
#include <llvm/ADT/SmallVector.h>

#include <bit>
#include <cstdint>
#include <optional>

namespace tile::layout {

/// Columns brought to a form in which each has a highest bit that no other has as its highest, together with which of the original
/// columns were added up to make it.
class Basis {
public:
  /// Adds a column; false when it is a sum of earlier ones.
  bool insert(uint64_t column, uint64_t combination) {
    reduce(column, combination);
    if (column == 0)
      return false;
    rows.push_back({column, combination});
    llvm::sort(rows, [](const Row &a, const Row &b) { return a.column > b.column; });
    return true;
  }

  /// Which columns add up to `target`; none when no sum does.
  std::optional<uint64_t> solve(uint64_t target) const {
    uint64_t combination = 0;
    reduce(target, combination);
    return target == 0 ? std::optional(combination) : std::nullopt;
  }

  bool spans(uint64_t target) const { return solve(target).has_value(); }
  unsigned rank() const { return rows.size(); }

private:
  struct Row {
    uint64_t column, combination;
  };

  void reduce(uint64_t &column, uint64_t &combination) const {
    for (const Row &row : rows)
      if (column & std::bit_floor(row.column)) {
        column ^= row.column;
        combination ^= row.combination;
      }
  }

  llvm::SmallVector<Row, 16> rows;
};

} // namespace tile::layout

#endif // TILE_LIB_LAYOUT_BASIS_H
