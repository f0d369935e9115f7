//===- Anchors.cpp - The layouts that accesses and dots ask for ----*- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "tile/Placement/Anchors.h"

#include "tile/Dialect/Access.h"

#include <numeric>

using namespace mlir;
using namespace tile;
using namespace tile::ir;
using namespace tile::placement;
using layout::Dim;
using layout::LinearLayout;
using layout::MmaOperand;

SmallVector<unsigned> placement::shapeBits(ArrayRef<int64_t> shape) {
  return SmallVector<unsigned>(llvm::map_range(shape, [](int64_t extent) { return llvm::Log2_64(extent); }));
}

//===----------------------------------------------------------------------===//
// Accesses
//===----------------------------------------------------------------------===//

template <typename AccessOp>
static AccessShape shapeOf(AccessOp op) {
  AccessFacts facts = accessFacts(op.getView(), op.getOffsets(), op.getWidths());
  SmallVector<int64_t> shape = op.getTileShape();
  // What a copy engine moves may be cut off at the end of the view, and what threads move may not.
  BindingAttr binding = op.getBindingAttr();
  bool byEngine = binding && (binding.getCopy() == Copy::Async || binding.getCopy() == Copy::Tensor);
  int64_t bytes = binding && !byEngine ? binding.getBytes() : facts.wholeBytes;
  bool known = facts.unitAxis >= 0;
  return {shapeBits(shape), static_cast<unsigned>(known ? facts.unitAxis : shape.size() - 1), known,
          elementBytes(op.getView().getType().getElementType()), bytes};
}

AccessShape placement::accessShapeOf(Operation *op) {
  if (auto load = dyn_cast<LoadOp>(op))
    return shapeOf(load);
  if (auto store = dyn_cast<StoreOp>(op))
    return shapeOf(store);
  return shapeOf(cast<CopyAsyncOp>(op));
}

LinearLayout placement::coalescedAccess(const AccessShape &access, unsigned warpBits, bool warpsAcross) {
  unsigned all = std::accumulate(access.bits.begin(), access.bits.end(), 0u);
  unsigned unit = access.unitAxis, threads = kLaneBits + warpBits;
  unsigned widest = access.unitKnown ? llvm::Log2_64(std::max<int64_t>(1, access.bytes / access.elementBytes)) : 0;
  unsigned vector = std::min(widest, all > threads ? all - threads : 0);
  LinearLayout plain = layout::coalesced(access.bits, unit, vector, kLaneBits, warpBits);
  if (!warpsAcross)
    return plain;
  // Lanes as before; what is left of the other axes has the first choice of warps.
  SmallVector<unsigned> order = {unit}, perThread(access.bits.size(), 0), lanes(perThread), warps(perThread);
  for (unsigned index = access.bits.size(); index-- > 0;)
    if (index != unit)
      order.push_back(index);
  perThread[unit] = std::min(vector, access.bits[unit]);
  auto deal = [&](unsigned bits, ArrayRef<unsigned> to, SmallVector<unsigned> &dealt) {
    for (unsigned index : to) {
      unsigned taken = std::min(bits, access.bits[index] - perThread[index] - lanes[index] - warps[index]);
      dealt[index] += taken;
      bits -= taken;
    }
    dealt[unit] += bits;
  };
  deal(kLaneBits, order, lanes);
  SmallVector<unsigned> others(llvm::drop_begin(order));
  others.push_back(unit);
  deal(warpBits, others, warps);
  return layout::blocked(access.bits, perThread, lanes, warps, order);
}

int64_t placement::accessCycles(const AccessShape &access, const LinearLayout &layout, bool isStore) {
  constexpr int64_t kSector = 32, kIssue = 2;
  Dim unit = layout::axis(access.unitAxis);
  int64_t vector = std::min<int64_t>(layout.contiguous(Dim::Register, unit),
                                     std::max<int64_t>(1, access.bytes / access.elementBytes));
  int64_t registers = int64_t(1) << layout.in().bits(Dim::Register);
  int64_t instructions = llvm::divideCeil(registers, vector);
  int64_t sectors = std::max<int64_t>(1, vector * access.elementBytes / kSector);
  for (unsigned bit = 0; bit < layout.in().bits(Dim::Lane); ++bit) {
    uint64_t column = layout.column(Dim::Lane, bit);
    uint64_t step = layout.out().unpack(unit, column);
    bool sameSector =
        layout.out().pack(unit, step) == column && static_cast<int64_t>(step) * access.elementBytes < kSector;
    if (!sameSector)
      sectors *= 2;
  }
  int64_t warps = int64_t(1) << layout.in().bits(Dim::Warp);
  if (isStore)
    warps >>= llvm::popcount(layout.redundantBits(Dim::Warp));
  return warps * instructions * (sectors + kIssue);
}

//===----------------------------------------------------------------------===//
// Dots
//===----------------------------------------------------------------------===//

/// The tile that an operand of a dot is.
static RankedTensorType operandTile(Value operand) {
  if (auto slot = dyn_cast<SlotType>(operand.getType()))
    return slot.getTileType();
  return cast<RankedTensorType>(operand.getType());
}

static unsigned operandBytes(DotOp dot) { return elementBytes(operandTile(dot.getA()).getElementType()); }

bool placement::usesMatrixUnit(DotOp dot) {
  return dot.getBinding() && dot.getBinding()->getInstruction() == "mma.sync";
}

SmallVector<WarpSplit> placement::warpSplits(DotOp dot, unsigned warpBits) {
  SmallVector<unsigned> shape = shapeBits(dot.getType().getShape());
  unsigned roomM = shape[0] - (operandBytes(dot) == 8 ? 3 : 4), roomN = shape[1] - 3;
  SmallVector<WarpSplit> splits;
  if (roomM + roomN <= warpBits)
    return {{warpBits - roomN, roomN}};
  for (unsigned m = 0; m <= warpBits; ++m)
    if (m <= roomM && warpBits - m <= roomN)
      splits.push_back({m, warpBits - m});
  // The rows and columns that a warp reads of its operands.
  llvm::sort(splits, [&](WarpSplit x, WarpSplit y) {
    auto edges = [&](WarpSplit split) { return (1u << (shape[0] - split.m)) + (1u << (shape[1] - split.n)); };
    return std::pair(edges(x), y.m) < std::pair(edges(y), x.m);
  });
  return splits;
}

LinearLayout placement::accumulatorLayout(DotOp dot, WarpSplit split) {
  return layout::mmaTile(MmaOperand::Accumulator, shapeBits(dot.getType().getShape()), operandBytes(dot), split.m,
                         split.n);
}

LinearLayout placement::operandLayout(DotOp dot, MmaOperand operand, WarpSplit split) {
  RankedTensorType tile = operandTile(operand == MmaOperand::A ? dot.getA() : dot.getB());
  return layout::mmaTile(operand, shapeBits(tile.getShape()), operandBytes(dot), split.m, split.n);
}

std::optional<WarpSplit> placement::splitOf(DotOp dot, const LinearLayout &accumulator) {
  for (WarpSplit split : warpSplits(dot, accumulator.in().bits(Dim::Warp)))
    if (accumulatorLayout(dot, split) == accumulator)
      return split;
  return std::nullopt;
}

LinearLayout placement::warpgroupAccumulator(layout::Bits shape, unsigned warpBits) {
  using L = LinearLayout;
  Dim m = layout::axis(0), n = layout::axis(1);
  // The instruction's 64 rows are four warps' fragments, one below the other.
  constexpr unsigned kFragmentM = 4, kFragmentN = 3, kWarpsM = 2;
  unsigned moreM = std::min(warpBits - kWarpsM, shape[0] - kFragmentM - kWarpsM);
  unsigned moreN = std::min(warpBits - kWarpsM - moreM, shape[1] - kFragmentN);
  L layout = layout::mmaFragment(MmaOperand::Accumulator, /*elementBytes=*/4);
  layout = layout * L::identity(Dim::Warp, m, kWarpsM + moreM);
  layout = layout * L::identity(Dim::Register, n, shape[1] - kFragmentN - moreN) * L::identity(Dim::Warp, n, moreN);
  layout = layout * L::broadcast(Dim::Warp, n, warpBits - kWarpsM - moreM - moreN);
  return layout * L::identity(Dim::Register, m, shape[0] - kFragmentM - kWarpsM - moreM);
}

LinearLayout placement::warpgroupOperand(layout::Bits accumulator, layout::Bits shape, unsigned elementBytes,
                                         unsigned warpBits) {
  constexpr unsigned kFragmentM = 4, kWarpsM = 2;
  unsigned moreM = std::min(warpBits - kWarpsM, accumulator[0] - kFragmentM - kWarpsM);
  // What is left of the warps are along n, and share the rows.
  return layout::mmaTile(MmaOperand::A, shape, elementBytes, kWarpsM + moreM, warpBits - kWarpsM - moreM);
}

LinearLayout placement::warpgroupOperand(DotOp dot, unsigned warpBits) {
  return warpgroupOperand(shapeBits(dot.getType().getShape()), shapeBits(operandTile(dot.getA()).getShape()),
                          operandBytes(dot), warpBits);
}

LinearLayout placement::blockedAccumulator(layout::Bits shape, unsigned warpBits) {
  unsigned all = shape[0] + shape[1], threads = kLaneBits + warpBits;
  // Neighbours along n make 16 bytes of an operand's row, which eight lanes continue.
  unsigned vector = std::min({2u, shape[1], all > threads ? all - threads : 0});
  unsigned lanesN = std::min(3u, shape[1] - vector), lanesM = std::min(kLaneBits - lanesN, shape[0]);
  lanesN = std::min(kLaneBits - lanesM, shape[1] - vector);
  unsigned leftM = shape[0] - lanesM, leftN = shape[1] - lanesN, warpsM = 0, warpsN = 0;
  for (unsigned bit = 0; bit < warpBits; ++bit) {
    // The longer side of a thread's block is divided.
    bool alongM = leftM > 0 && (leftM >= leftN || leftN <= vector);
    (alongM ? warpsM : warpsN) += 1;
    if (alongM)
      --leftM;
    else if (leftN > vector)
      --leftN;
  }
  // Lanes beyond the tile hold copies.
  return layout::blocked(shape, {0, vector}, {kLaneBits - lanesN, lanesN}, {warpsM, warpsN}, {1, 0});
}
