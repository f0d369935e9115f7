//===- Rules.h - What an op's operand has given its result's layout, and the other way round *- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Broadcast, reshape, transpose and join move nothing between threads: what a thread's register of the result holds is in a register of
// the operand in the same thread, and in the same register in every thread. So the register of the operand is found by the coordinates
// that lane 0 of warp 0 has. Layouts map (register, lane, warp), in this order, to a tile's axes.
//
//===----------------------------------------------------------------------===//

#ifndef TILE_PLACEMENT_RULES_H
#define TILE_PLACEMENT_RULES_H

#include "tile/Layout/Layouts.h"

namespace tile::placement {

/// Without the registers that hold what lower registers of the same thread hold.
layout::LinearLayout withoutRegisterCopies(const layout::LinearLayout &layout);

/// Whether every register of `wanted` is a register of `held`, the same one in every thread: the lanes and warps hold the same, and the
/// registers of `held` reach all that those of `wanted` do.
bool holds(const layout::LinearLayout &held, const layout::LinearLayout &wanted);

//===--- The operand's layout, given the result's ---===//

/// `operand` has the bits of the operand's axes.
layout::LinearLayout broadcastOperand(const layout::LinearLayout &result, layout::Bits operand);
layout::LinearLayout reshapeOperand(const layout::LinearLayout &result, layout::Bits operand);
/// `order` is that of the op.
layout::LinearLayout transposeOperand(const layout::LinearLayout &result, llvm::ArrayRef<int64_t> order);
/// None when lanes or warps differ in the new axis.
std::optional<layout::LinearLayout> joinOperand(const layout::LinearLayout &result);

//===--- A result's layout, given the operand's ---===//

/// Lanes and warps that held copies hold the new elements, as far as they go; registers the others.
layout::LinearLayout broadcastResult(const layout::LinearLayout &operand, layout::Bits result);
layout::LinearLayout reshapeResult(const layout::LinearLayout &operand, layout::Bits result);
layout::LinearLayout transposeResult(const layout::LinearLayout &operand, llvm::ArrayRef<int64_t> order);
/// The new axis in the lowest register.
layout::LinearLayout joinResult(const layout::LinearLayout &operand);
/// What a fold of an axis gives: the operand's layout without the axis. The tile has more than one axis.
layout::LinearLayout reduceResult(const layout::LinearLayout &operand, unsigned axisIndex);

/// Whether bits of `dim` step along an axis.
bool runsOver(const layout::LinearLayout &layout, layout::Dim dim, unsigned axisIndex);

} // namespace tile::placement

#endif // TILE_PLACEMENT_RULES_H
