//===- Plans.h - How threads move a tile, as data ------------------*- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What a warp does to read a tile from shared memory, to exchange it between lanes, or to fold it: made by pure functions of layouts, so that
// tests can run a plan by enumeration and code generation only writes it down.
//
//===----------------------------------------------------------------------===//

#ifndef TILE_LAYOUT_PLANS_H
#define TILE_LAYOUT_PLANS_H

#include "tile/Layout/LinearLayout.h"

namespace tile::layout {

/// Bits of places that must be 0 for each element to be held once: the place with these bits clear speaks for all that hold the same.
struct Copies {
  uint64_t registers = 0, lanes = 0, warps = 0;
};
Copies copies(const LinearLayout &layout);

//===--- Shared memory ---===//

/// The bits of a register's number that step through consecutive elements of shared memory, from the lowest up: at most `most`. `offsets`
/// maps (register, lane, warp) to offsets. Accesses of so many elements are aligned.
llvm::SmallVector<unsigned> vectorBits(const LinearLayout &offsets, unsigned most);

/// Reads of 8 by 8 matrices of 16-bit words. The words of a thread (as many neighbouring registers as fill 32 bits) are numbered as its
/// registers are; load number i fills words `i * matrices` and on.
struct MatrixPlan {
  /// Whether each matrix is transposed on its way.
  bool transposed;
  /// The matrices that one load reads: 1, 2 or 4.
  unsigned matrices;
  /// The offset in bytes of the row that a lane names, by bits of its lane and its warp.
  llvm::SmallVector<uint64_t> laneBytes, warpBytes;
  /// What each load adds to it by exclusive or.
  llvm::SmallVector<uint64_t> loadBytes;
};
/// None when the registers are not what such reads fill.
std::optional<MatrixPlan> planMatrixLoads(const LinearLayout &registers, const LinearLayout &shared,
                                          unsigned elementBytes);

//===--- Between the lanes of a warp ---===//

/// A conversion within each warp, as what every lane does:
///
///   1. `before` makes registers x' from the registers x: x'[r] is x[r ^ s], s being the sum (exclusive or) of `registers` over the
///      exchanges whose condition holds in the lane: an odd number of the lane's and the warp's bits are in its masks;
///   2. in each round a lane takes x'[source] of another lane: of its own lane's `laneColumns` and its warp's `warpColumns`, summed up,
///      plus `lane`. Where there are `choices`, the source register is moreover moved by those whose condition holds in the *receiving*
///      lane; each of their sums is a shuffle of its own;
///   3. `after` makes the result of what the rounds brought, as in 1, and register r of the result is number `result[r]` of it.
struct ShufflePlan {
  struct Exchange {
    uint64_t lanes, warps, registers;
  };
  struct Round {
    uint64_t source, lane;
  };
  llvm::SmallVector<Exchange> before, choices, after;
  llvm::SmallVector<uint64_t> laneColumns, warpColumns;
  llvm::SmallVector<Round> rounds;
  llvm::SmallVector<unsigned> result;

  /// Whether a round takes its register from its own lane, in every warp.
  bool isLocal(const Round &round) const { return round.lane == 0 && lanesStay() && warpsStay(); }
  /// Whether the source of a round differs from the receiving lane by `lane` alone.
  bool lanesStay() const;
  bool warpsStay() const;
};
/// None when data would cross warps.
std::optional<ShufflePlan> planShuffles(const LinearLayout &from, const LinearLayout &to);

//===--- Folds ---===//

/// A fold along an axis within each warp: first over registers, then between lanes. Every element is met once, and all lanes end with the
/// result.
struct FoldPlan {
  /// Where the results are: the operand's layout without the axis and without registers that are copies.
  LinearLayout folded;
  /// For each register of the result, the operand's registers that are folded into it, in the order of the axis.
  llvm::SmallVector<llvm::SmallVector<unsigned>> groups;
  /// Result register r is combined with register `r ^ registers` of the lane whose number differs by `lane`.
  struct Step {
    uint64_t lane, registers;
  };
  llvm::SmallVector<Step> steps;
};
/// None when the axis runs over warps.
std::optional<FoldPlan> planFold(const LinearLayout &operand, unsigned axisIndex);

} // namespace tile::layout

#endif // TILE_LAYOUT_PLANS_H
