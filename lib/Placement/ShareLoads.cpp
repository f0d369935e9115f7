//===- ShareLoads.cpp - Tiles that wait behind a loop, a share to a lane *- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

//
// A tile that is loaded before a loop and first used behind it takes registers all the while, beside what the loop sums in. Where several
// lanes of a warp are to have the same elements, as of a row that is added to all rows of a product, each loads and keeps a share of them,
// and gets the others' when the tile is used.
//
//===----------------------------------------------------------------------===//

#include "Apply.h"
#include "Remarks.h"

using namespace mlir;
using namespace tile;
using namespace tile::ir;
using namespace tile::placement;
using layout::Dim;
using layout::LinearLayout;

/// The first op of the tile's block that holds a user of it; null when it has none.
static Operation *firstUser(Value tile) {
  Operation *first = nullptr;
  for (Operation *user : tile.getUsers()) {
    Operation *here = tile.getParentBlock()->findAncestorOpInBlock(*user);
    if (!first || here->isBeforeInBlock(first))
      first = here;
  }
  return first;
}

/// The layout in which lanes that held copies hold what registers did, the lowest that aren't of one word; `bytes` are those of an element.
static LinearLayout shared(const LinearLayout &layout, unsigned bytes) {
  constexpr unsigned kWord = 4;
  unsigned inWord = 0;
  while ((bytes << inWord) < kWord && inWord < layout.in().bits(Dim::Register) &&
         layout.column(Dim::Register, inWord) == uint64_t(1) << inWord)
    ++inWord;
  SmallVector<uint64_t> registers, others;
  for (unsigned bit = 0; bit < layout.in().bits(Dim::Register); ++bit)
    registers.push_back(layout.column(Dim::Register, bit));
  for (Dim dim : {Dim::Lane, Dim::Warp})
    for (unsigned bit = 0; bit < layout.in().bits(dim); ++bit) {
      bool takes = dim == Dim::Lane && layout.column(dim, bit) == 0 && registers.size() > inWord;
      others.push_back(takes ? registers[inWord] : layout.column(dim, bit));
      if (takes)
        registers.erase(registers.begin() + inWord);
    }
  layout::Space in = {{Dim::Register, static_cast<unsigned>(registers.size())},
                      {Dim::Lane, layout.in().bits(Dim::Lane)},
                      {Dim::Warp, layout.in().bits(Dim::Warp)}};
  registers.append(others);
  return {in, layout.out(), registers};
}

void placement::shareLoads(KernelOp kernel, LayoutCosts &costs) {
  // Fewer registers than these aren't worth the way between lanes.
  constexpr int64_t kFewBytes = 32;
  kernel.walk([&](LoadOp load) {
    auto type = dyn_cast<RankedTensorType>(load.getType());
    Operation *user = type ? firstUser(load) : nullptr;
    bool waits = false;
    for (Operation *op = load; user && op != user; op = op->getNextNode())
      waits |= isa<LoopLikeOpInterface>(op);
    if (!waits)
      return;
    LayoutAttr whole = layoutOf(type);
    int64_t bytes = elementBytes(type.getElementType());
    LayoutAttr share = costs.attr(shared(costs.layout(whole), bytes));
    if (share == whole || whole.getNumRegisters() * bytes <= kFewBytes)
      return;
    load.getResult().setType(withLayout(type, share));
    OpBuilder builder(user);
    auto convert = ConvertLayoutOp::create(builder, load.getLoc(), type, load.getResult());
    load.getResult().replaceAllUsesExcept(convert, convert);
    remarkOn(load.getLoc(), "load", [&] {
      return llvm::formatv(
                 "waits behind a loop in {0} registers of a lane, not {1}, which lanes then exchange: {2} cycles",
                 llvm::divideCeil(share.getNumRegisters() * bytes, 4),
                 llvm::divideCeil(whole.getNumRegisters() * bytes, 4), costs.conversion(share, whole, bytes))
          .str();
    });
  });
}
