//===- ShareWarps.cpp - How warps share a kernel -------------------*- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Four warps multiply together. Two such groups share the rows of a program's tile if both have enough of them, or take programs in turn
// where much is computed from the sums: one computes that while the other multiplies. What decides is what their registers hold.
//
//===----------------------------------------------------------------------===//

#include "ShareWarps.h"

#include <llvm/Support/FormatVariadic.h>

using namespace mlir;
using namespace tile;
using namespace tile::ir;
using namespace tile::pipeline;

/// The elements of sums that a warpgroup holds, and with operands in registers.
static constexpr int64_t kMostSums = 64 * 256, kMostOfAll = 64 * 384;

void WarpShares::join(StringRef reason) {
  warpgroups *= teams;
  teams = 1;
  why = ("; both share each program, as " + reason).str();
}

namespace {
/// The elements that a program's threads hold at the same time: sums, and those with operands in registers.
struct Held {
  int64_t sums = 0, all = 0;

  bool fits(int64_t warpgroups) const { return sums <= warpgroups * kMostSums && all <= warpgroups * kMostOfAll; }
};
} // namespace

/// Sums of one after the other in a chain of dots take the same registers.
static Held heldBy(ArrayRef<DotOp> dots) {
  constexpr int64_t kRegisterBytes = 4;
  Held held;
  llvm::SetVector<Value> operands;
  for (DotOp dot : dots) {
    if (!dot.getAcc().getDefiningOp<DotOp>())
      held.sums += dot.getType().getNumElements();
    if (!loadOf(dot, dot.getA()))
      operands.insert(dot.getA());
  }
  held.all = held.sums;
  for (Value operand : operands)
    held.all += valueBytes(operand.getType()) / kRegisterBytes;
  return held;
}

/// Where two warpgroups share a program, both compute what follows its products at the same time, and nothing multiplies meanwhile. With a
/// program for each, one multiplies while the other does that. A warpgroup's whole tile reads more of shared memory than two halves, so it
/// has to be worth it.
static bool isWorthTurns(KernelOp kernel, const MachineModel &model) {
  constexpr int64_t kWorthwhileCycles = 1000;
  int64_t after = 0;
  for (Operation &op : kernel.getBody().front().without_terminator()) {
    Cost cost = model.cost(&op);
    if (op.getNumRegions() == 0 && (cost.unit == Unit::Alu || cost.unit == Unit::Special))
      after += cost.busy;
  }
  return after >= kWorthwhileCycles;
}

/// Two warpgroups share the rows of a tile if both have enough of them. A thread's share of all sums that are there together has to fit its
/// registers. Beside them there is some room for operands.
MaybeObstacle pipeline::shareWarps(KernelOp kernel, ArrayRef<DotOp> dots, const MachineModel &model,
                                   bool copiesByThreads, WarpShares &shares) {
  if (!model.hasWarpgroupProducts()) {
    shares.warpgroups = std::max<int64_t>(1, *kernel.getNumWarps() / kWarpsOfGroup);
    if (overrideOf(kernel, "teams") == kTeams)
      shares.why = "; teams are of warpgroups, whose products this target doesn't have";
    return std::nullopt;
  }
  bool isTall = llvm::all_of(dots, [](DotOp dot) { return dot.getType().getDimSize(0) >= 2 * kRowsOfGroup; });
  shares.warpgroups = isTall ? 2 : 1;
  Held held = heldBy(dots);
  if (!held.fits(shares.warpgroups)) {
    bool ofSums = held.sums > shares.warpgroups * kMostSums;
    return Obstacle{dots.front(),
                    llvm::formatv("the sums of its dots{0} are {1} elements, and {2} warps hold {3}",
                                  ofSums ? "" : " and the operands in registers", ofSums ? held.sums : held.all,
                                  shares.warps(), shares.warpgroups * (ofSums ? kMostSums : kMostOfAll)),
                    "make the tile smaller"};
  }
  int64_t asked = overrideOf(kernel, "teams");
  if (asked == 1 || (asked != kTeams && (!isTall || !isWorthTurns(kernel, model))))
    return std::nullopt;
  if (!isTall) {
    shares.why = "; a tile of less than 128 rows has no two warpgroups for teams";
    return std::nullopt;
  }
  if (copiesByThreads) {
    shares.join("the producer's threads copy tiles for it");
    return std::nullopt;
  }
  shares.warpgroups = 1;
  shares.teams = kTeams;
  if (!held.fits(shares.warpgroups))
    shares.join(llvm::formatv("one has no room for its {0} sums", held.sums).str());
  return std::nullopt;
}
