//===- Pieces.cpp - Parts of tiles on their way to shared memory ---*- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "tile/Dialect/Pieces.h"

using namespace mlir;
using namespace tile;
using namespace tile::ir;
using layout::Dim;
using layout::LinearLayout;
using layout::Space;

std::optional<LayoutPart> tile::ir::partOf(const LinearLayout &layout, ArrayRef<int64_t> start,
                                           ArrayRef<int64_t> shape) {
  const Space &in = layout.in(), &out = layout.out();
  uint64_t within = 0, wanted = 0;
  SmallVector<Space::Entry> axes;
  for (auto [index, extent] : llvm::enumerate(shape)) {
    within |= out.pack(layout::axis(index), extent - 1);
    wanted |= out.pack(layout::axis(index), start[index]);
    axes.push_back({layout::axis(index), llvm::Log2_64(extent)});
  }
  Space outOfPart{ArrayRef<Space::Entry>(axes)};
  if (wanted & within)
    return std::nullopt;
  SmallVector<uint64_t> columns;
  auto keep = [&](uint64_t column) {
    uint64_t packed = 0;
    for (unsigned index = 0; index < shape.size(); ++index)
      packed |= outOfPart.pack(layout::axis(index), out.unpack(layout::axis(index), column));
    columns.push_back(packed);
  };
  // Bits of a register's number that step within the part; others lead from one part to another.
  SmallVector<unsigned> kept;
  uint64_t first = 0, reached = 0;
  for (unsigned bit = 0; bit < in.bits(Dim::Register); ++bit) {
    uint64_t column = layout.column(Dim::Register, bit);
    if ((column & ~within) == 0) {
      kept.push_back(bit);
      keep(column);
      continue;
    }
    if (!llvm::isPowerOf2_64(column) || (reached & column))
      return std::nullopt;
    reached |= column;
    if (wanted & column)
      first |= uint64_t(1) << bit;
  }
  if (wanted & ~reached)
    return std::nullopt;
  for (Dim dim : {Dim::Lane, Dim::Warp})
    for (unsigned bit = 0; bit < in.bits(dim); ++bit) {
      if (layout.column(dim, bit) & ~within)
        return std::nullopt;
      keep(layout.column(dim, bit));
    }
  Space inOfPart{{Dim::Register, static_cast<unsigned>(kept.size())},
                 {Dim::Lane, in.bits(Dim::Lane)},
                 {Dim::Warp, in.bits(Dim::Warp)}};
  LayoutPart part{LinearLayout(inOfPart, outOfPart, columns), {}};
  for (uint64_t r = 0; r < uint64_t(1) << kept.size(); ++r) {
    uint64_t source = first;
    for (auto [position, bit] : llvm::enumerate(kept))
      source |= (r >> position & 1) << bit;
    part.registers.push_back(source);
  }
  return part;
}

std::optional<StorePieces> tile::ir::storePieces(RankedTensorType tile, int64_t unitAxis, int64_t numWarps) {
  constexpr int64_t kMostSpan = 128, kMostBuffers = 2;
  int64_t rows = kRowsOfGroup * (numWarps / kWarpsOfGroup);
  if (tile.getRank() != 2 || unitAxis != 1 || numWarps % kWarpsOfGroup != 0 || tile.getDimSize(0) % rows != 0)
    return std::nullopt;
  int64_t columns = std::min(tile.getDimSize(1), kMostSpan / elementBytes(tile.getElementType()));
  StorePieces pieces{{rows, columns}, tile.getDimSize(0) / rows, tile.getDimSize(1) / columns, kMostBuffers};
  pieces.buffers = std::min(pieces.buffers, pieces.rows * pieces.columns);
  return pieces;
}

bool tile::ir::givesGroupsRows(const LinearLayout &layout) {
  const Space &in = layout.in(), &out = layout.out();
  constexpr unsigned kWarpBits = 2;
  unsigned warpBits = in.bits(Dim::Warp);
  if (warpBits < kWarpBits)
    return false;
  unsigned groups = 1U << (warpBits - kWarpBits);
  if (out.bits(layout::axis(0)) < llvm::Log2_64(kRowsOfGroup * groups))
    return false;
  uint64_t ofGroups = out.pack(layout::axis(0), kRowsOfGroup * (groups - 1));
  for (Dim dim : {Dim::Register, Dim::Lane, Dim::Warp})
    for (unsigned bit = 0; bit < in.bits(dim); ++bit) {
      bool isGroup = dim == Dim::Warp && bit >= kWarpBits;
      uint64_t expected = isGroup ? out.pack(layout::axis(0), kRowsOfGroup << (bit - kWarpBits)) : 0;
      uint64_t column = layout.column(dim, bit);
      if (isGroup ? column != expected : (column & ofGroups) != 0)
        return false;
    }
  return true;
}

bool tile::ir::isOfWarpgroups(DotOp dot) { return dot.getBinding() && dot.getBinding()->getInstruction() == "wgmma"; }

int64_t tile::ir::overrideOf(KernelOp kernel, StringRef what) {
  auto overrides = kernel->getAttrOfType<DictionaryAttr>(kOverridesAttrName);
  auto value = overrides ? overrides.getAs<IntegerAttr>(what) : IntegerAttr();
  return value ? value.getInt() : 0;
}

int64_t tile::ir::teamsOf(KernelOp kernel) {
  auto teams = kernel->getAttrOfType<IntegerAttr>(kTeamsAttrName);
  return teams ? teams.getInt() : 1;
}

std::pair<Operation *, Operation *> tile::ir::turnOf(Block &walk) {
  std::pair<Operation *, Operation *> turn;
  for (Operation &op : walk)
    if (op.walk([](AwaitOp) { return WalkResult::interrupt(); }).wasInterrupted()) {
      if (!turn.first)
        turn.first = &op;
      turn.second = &op;
    }
  return turn;
}
