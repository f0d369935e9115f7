//===- SharedTile.h - A tile in shared memory, from one thread -----*- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef TILE_LIB_TARGET_NVPTX_SHAREDTILE_H
#define TILE_LIB_TARGET_NVPTX_SHAREDTILE_H

#include "Lowering.h"

#include "tile/Layout/Plans.h"

namespace tile::nvptx {

/// The bits of an index, put where `bits` says.
inline uint64_t spread(uint64_t index, llvm::ArrayRef<unsigned> bits) {
  uint64_t result = 0;
  for (auto [position, bit] : llvm::enumerate(bits))
    result |= (index >> position & 1) << bit;
  return result;
}

/// Addresses in a slot: a part that the thread decides, and constants that are added by exclusive or. A constant in bits that the thread
/// leaves clear is an addition, which becomes an instruction's immediate; the few others are made once each.
class Lowering::SharedTile {
public:
  /// The thread's part is the sum of bytes for each bit of lane and warp, and of `moved`, whose bits are among `movedBits`.
  SharedTile(Lowering &lowering, const Slot &slot, llvm::ArrayRef<uint64_t> laneBytes,
             llvm::ArrayRef<uint64_t> warpBytes, mlir::Value moved = {}, uint64_t movedBits = 0);
  /// From a layout that maps places in registers to offsets in elements.
  SharedTile(Lowering &lowering, const Slot &slot, const layout::LinearLayout &offsets, mlir::Value moved = {},
             uint64_t movedBits = 0);

  /// What a register adds.
  uint64_t registerBytes(uint64_t r) const;
  /// An address of shared memory, as an i32 and bytes to be added to it.
  std::pair<mlir::Value, int64_t> address(uint64_t constantBytes);
  mlir::Value pointer(uint64_t constantBytes);

private:
  void begin(llvm::ArrayRef<uint64_t> laneBytes, llvm::ArrayRef<uint64_t> warpBytes, mlir::Value moved);

  Lowering &lowering;
  Slot slot;
  llvm::SmallVector<uint64_t> registerColumns;
  uint64_t threadBits;
  mlir::Value thread, whole;
  /// By the constant's bits that the thread may set too.
  llvm::DenseMap<uint64_t, mlir::Value> bases;
};

/// The registers of a layout over a slot, each read when it is first asked for, together with its neighbours in one access.
class Lowering::SlotRegisters {
public:
  SlotRegisters(Lowering &lowering, const Slot &slot, const layout::LinearLayout &registers, mlir::Value moved = {},
                uint64_t movedBits = 0);
  /// In the type that it has in memory.
  mlir::Value get(uint64_t r);

private:
  Lowering &lowering;
  mlir::Type element;
  int64_t bytes;
  llvm::SmallVector<unsigned> bits;
  SharedTile tile;
  llvm::SmallVector<mlir::Value> values;
};

} // namespace tile::nvptx

#endif // TILE_LIB_TARGET_NVPTX_SHAREDTILE_H
