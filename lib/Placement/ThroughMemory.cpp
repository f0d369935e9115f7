//===- ThroughMemory.cpp - Tiles that travel between warps ---------*- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

//
// A tile that other warps want is written to a scratch, and read from there: as a value by a conversion of its layout, in place by a dot
// that is made of multiply-adds, each thread of which wants a row and a column. It is written once, where it is made known to all that
// want it, so that what a loop does not change is written before the loop; and as late as they allow, so that one barrier stands between
// what several tiles are written and read. How the scratch lies in memory is tried out: the arrangement
// with which all these accesses take the fewest wavefronts, and of equals the plainest.
//
//===----------------------------------------------------------------------===//

#include "Synchronise.h"

#include "tile/Dialect/Pieces.h"
#include "tile/Layout/Layouts.h"
#include "tile/Placement/Anchors.h"

#include <mlir/IR/IRMapping.h>

#include <llvm/ADT/MapVector.h>

using namespace mlir;
using namespace tile;
using namespace tile::ir;
using namespace tile::placement;
using layout::Dim;
using layout::LinearLayout;

static bool crossesWarps(ConvertLayoutOp convert) {
  LinearLayout from = layoutOf(convert.getOperand().getType()).getLayout();
  LinearLayout to = layoutOf(convert.getType()).getLayout();
  return layout::travel(from, to) == layout::Travel::Warps;
}

/// Whether a dot wants a tile in memory: its threads read whole rows and columns, which no layout deals out sparingly.
static bool readsInPlace(OpOperand &use) {
  auto dot = dyn_cast<DotOp>(use.getOwner());
  return dot && use.getOperandNumber() != dot.getAccMutable().getOperandNumber() && !usesMatrixUnit(dot) &&
         !isOfWarpgroups(dot);
}

//===----------------------------------------------------------------------===//
// How a scratch lies in memory
//===----------------------------------------------------------------------===//

/// The elements of an operand that each thread of a dot of multiply-adds reads: those of the rows (of B: the columns) of its part of the
/// accumulator. `innerFirst` has the summed axis in the lowest registers.
static LinearLayout rowsOfDot(DotOp dot, bool isA, RankedTensorType operand, bool innerFirst) {
  LinearLayout acc = layoutOf(dot.getType()).getLayout();
  unsigned outer = isA ? 0 : 1, inner = 1 - outer;
  layout::Space space({{layout::axis(0), llvm::Log2_64(operand.getDimSize(0))},
                       {layout::axis(1), llvm::Log2_64(operand.getDimSize(1))}});
  SmallVector<uint64_t> rows, summed, threads;
  for (auto [dim, bits] : acc.in().dims())
    for (unsigned bit = 0; bit < bits; ++bit) {
      uint64_t row = space.pack(layout::axis(outer), acc.out().unpack(layout::axis(outer), acc.column(dim, bit)));
      if (dim != Dim::Register)
        threads.push_back(row);
      else if (row != 0)
        rows.push_back(row);
    }
  for (unsigned bit = 0; bit < space.bits(layout::axis(inner)); ++bit)
    summed.push_back(space.pack(layout::axis(inner), uint64_t(1) << bit));
  unsigned registers = rows.size() + summed.size();
  SmallVector<uint64_t> columns = innerFirst ? summed : rows;
  columns.append(innerFirst ? rows : summed);
  columns.append(threads);
  layout::Space places(
      {{Dim::Register, registers}, {Dim::Lane, acc.in().bits(Dim::Lane)}, {Dim::Warp, acc.in().bits(Dim::Warp)}});
  return {places, space, columns};
}

/// The wavefronts with which a warp reads or writes its part of a tile.
static int64_t costOf(const LinearLayout &registers, const LinearLayout &shared, unsigned bytes) {
  unsigned vector = layout::sharedVector(registers, shared, bytes);
  int64_t accesses = (int64_t(1) << registers.in().bits(Dim::Register)) / vector;
  return accesses * layout::wavefronts(registers, shared, bytes, vector);
}

namespace {
/// A tile that goes through memory, and all that want it from there.
struct Traveller {
  SmallVector<ConvertLayoutOp> converts;
  SmallVector<OpOperand *> dots;
};
} // namespace

/// What all accesses to a scratch cost together.
static int64_t costOf(Value value, const Traveller &traveller, SwizzleAttr swizzle) {
  auto type = cast<RankedTensorType>(value.getType());
  unsigned bytes = elementBytes(type.getElementType());
  LinearLayout shared = sharedLayout(type.getShape(), type.getElementType(), swizzle);
  int64_t cost = costOf(layoutOf(type).getLayout(), shared, bytes);
  for (ConvertLayoutOp convert : traveller.converts)
    cost += costOf(layoutOf(convert.getType()).getLayout(), shared, bytes);
  for (OpOperand *use : traveller.dots) {
    auto dot = cast<DotOp>(use->getOwner());
    bool isA = use->getOperandNumber() == 0;
    cost += std::min(costOf(rowsOfDot(dot, isA, type, true), shared, bytes),
                     costOf(rowsOfDot(dot, isA, type, false), shared, bytes));
  }
  return cost;
}

static SwizzleAttr chooseSwizzle(Value value, const Traveller &traveller) {
  auto type = cast<RankedTensorType>(value.getType());
  SwizzleAttr best;
  int64_t bestCost = 0;
  for (unsigned unit = type.getRank(); unit-- > 0;)
    for (int64_t span : {0, 32, 64, 128}) {
      if (type.getDimSize(unit) * elementBytes(type.getElementType()) < span || (span != 0 && type.getRank() == 1))
        continue;
      auto swizzle = SwizzleAttr::get(type.getContext(), unit, span);
      int64_t cost = costOf(value, traveller, swizzle);
      if (!best || cost < bestCost)
        std::tie(best, bestCost) = std::pair(swizzle, cost);
    }
  return best;
}

//===----------------------------------------------------------------------===//
// The way there and back
//===----------------------------------------------------------------------===//

/// The first op of the value's block that holds one of its takers.
static Operation *firstTaker(Value value, const Traveller &traveller) {
  Operation *first = nullptr;
  auto take = [&](Operation *taker) {
    Operation *here = value.getParentBlock()->findAncestorOpInBlock(*taker);
    if (!first || here->isBeforeInBlock(first))
      first = here;
  };
  for (ConvertLayoutOp convert : traveller.converts)
    take(convert);
  for (OpOperand *use : traveller.dots)
    take(use->getOwner());
  return first;
}

/// The first op of a conversion's block that holds a user of it; null when there is none.
static Operation *firstUser(ConvertLayoutOp convert) {
  Operation *first = nullptr;
  for (Operation *user : convert->getUsers()) {
    Operation *here = convert->getBlock()->findAncestorOpInBlock(*user);
    if (!first || here->isBeforeInBlock(first))
      first = here;
  }
  return first;
}

/// Writes a tile to memory once and has all its takers read it there. `replaced` says what became of converted tiles.
static void moveThroughMemory(Value value, const Traveller &traveller, IRMapping &replaced) {
  auto type = cast<RankedTensorType>(value.getType());
  OpBuilder builder(firstTaker(value, traveller));
  Operation *taker = traveller.converts.empty() ? traveller.dots.front()->getOwner() : traveller.converts.front();
  auto slotType =
      SlotType::get(type.getContext(), type.getShape(), type.getElementType(), chooseSwizzle(value, traveller));
  Value slot = ScratchOp::create(builder, taker->getLoc(), slotType, IntegerAttr());
  WriteOp::create(builder, taker->getLoc(), value, slot, DenseI64ArrayAttr());
  for (OpOperand *use : traveller.dots)
    use->set(slot);
  for (ConvertLayoutOp convert : traveller.converts) {
    Operation *user = firstUser(convert);
    OpBuilder atUser(user ? user : convert);
    Value read = ReadOp::create(atUser, convert.getLoc(), convert.getType(), slot);
    replaced.map(convert.getResult(), read);
    convert.replaceAllUsesWith(read);
    convert.erase();
  }
}

/// What a tile was before its layout was converted: a reader of memory does not mind.
static Value beforeConversions(Value value) {
  while (auto convert = value.getDefiningOp<ConvertLayoutOp>())
    value = convert.getOperand();
  return value;
}

void placement::moveThroughMemory(KernelOp kernel) {
  llvm::MapVector<Value, Traveller> travellers;
  SmallVector<OpOperand *> inPlace;
  kernel.walk([&](DotOp dot) {
    for (OpOperand &use : dot->getOpOperands())
      if (isTile(use.get().getType()) && readsInPlace(use)) {
        Value converted = use.get();
        use.set(beforeConversions(converted));
        inPlace.push_back(&use);
        for (Operation *op = converted.getDefiningOp(); op && op->use_empty() && isa<ConvertLayoutOp>(op);) {
          Operation *before = op->getOperand(0).getDefiningOp();
          op->erase();
          op = before;
        }
      }
  });
  SmallVector<ConvertLayoutOp> converts;
  kernel.walk([&](ConvertLayoutOp convert) {
    if (crossesWarps(convert))
      converts.push_back(convert);
  });
  // From the last to the first, each in front of those that have the same user.
  llvm::SmallPtrSet<Operation *, 8> moved;
  for (ConvertLayoutOp convert : llvm::reverse(converts)) {
    Operation *place = firstUser(convert);
    while (place && place->getPrevNode() != convert && moved.contains(place->getPrevNode()))
      place = place->getPrevNode();
    if (place)
      convert->moveBefore(place);
    moved.insert(convert);
  }
  for (ConvertLayoutOp convert : converts)
    travellers[convert.getOperand()].converts.push_back(convert);
  for (OpOperand *use : inPlace)
    travellers[use->get()].dots.push_back(use);
  IRMapping replaced;
  for (auto &[value, traveller] : travellers)
    ::moveThroughMemory(replaced.lookupOrDefault(value), traveller, replaced);
}
