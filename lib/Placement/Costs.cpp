//===- Costs.cpp - What it costs to move a tile between layouts ----*- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Costs.h"

using namespace mlir;
using namespace tile;
using namespace tile::ir;
using namespace tile::placement;
using layout::Travel;

const layout::LinearLayout &LayoutCosts::layout(LayoutAttr attr) {
  auto &known = layouts[attr];
  if (!known)
    known = std::make_unique<layout::LinearLayout>(attr.getLayout());
  return *known;
}

Travel LayoutCosts::travel(LayoutAttr from, LayoutAttr to) {
  if (from == to)
    return Travel::None;
  auto found = travels.find({from, to});
  if (found != travels.end())
    return found->second;
  Travel travel = layout::travel(layout(from), layout(to));
  travels[{from, to}] = travel;
  return travel;
}

LayoutAttr LayoutCosts::neighbour(Operation *op, LayoutAttr known, bool isResult,
                                  llvm::function_ref<LayoutAttr()> make) {
  auto &remembered = isResult ? operands : results;
  auto found = remembered.find({op, known});
  if (found != remembered.end())
    return found->second;
  LayoutAttr layout = make();
  remembered[{op, known}] = layout;
  return layout;
}

int64_t LayoutCosts::conversion(LayoutAttr from, LayoutAttr to, int64_t elementBytes) {
  // A barrier and the latency of a store and a load; a shuffle and what it takes to choose its registers; what one warpgroup's products
  // would have hidden of the other's epilogue, had they not met.
  constexpr int64_t kRoundTrip = 64, kShuffle = 4, kBytesPerCycle = 128, kMeeting = 2048;
  int64_t registers = to.getNumRegisters() << warps;
  switch (travel(from, to)) {
  case Travel::None:
    return 0;
  case Travel::Registers:
    return 1;
  case Travel::Lanes:
    return kShuffle * std::max<int64_t>(1, registers * elementBytes / 4);
  case Travel::Warps: {
    int64_t written = elementBytes << layout(from).out().totalBits();
    return kRoundTrip + (warpgroupsRunApart ? kMeeting : 0) +
           (written + registers * 32 * elementBytes) / kBytesPerCycle;
  }
  }
  llvm_unreachable("a travel that is none");
}
