//===- Layouts.h - The layouts that targets ask for ----------------*- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Constructors of layouts: none of these is a kind of its own. Shapes are given in bits, as the logarithms of the extents.
//
//===----------------------------------------------------------------------===//

#ifndef TILE_LAYOUT_LAYOUTS_H
#define TILE_LAYOUT_LAYOUTS_H

#include "tile/Layout/LinearLayout.h"

namespace tile::layout {

using Bits = llvm::ArrayRef<unsigned>;

/// A tile dealt out in blocks: each thread has `perThread` elements, lanes and warps are arranged as given, the axes in `order` from
/// the fastest to the slowest. What the block does not cover is covered by more registers; where the block is larger than the tile,
/// several places hold the same element. All per axis, in bits.
LinearLayout blocked(Bits shape, Bits perThread, Bits lanes, Bits warps, Bits order);

/// The coalesced layout of a global access: the unit axis fastest, `vectorBits` elements to a thread, as many lanes and then warps
/// along it as it has room for. `laneBits` is 5 on a GPU.
LinearLayout coalesced(Bits shape, unsigned unitAxis, unsigned vectorBits, unsigned laneBits, unsigned warpBits);

/// Which matrix of mma.sync.
enum class MmaOperand { A, B, Accumulator };

/// One instruction's operand: A is m by k, B is k by n, the accumulator m by n. m is 16, or 8 for f64; n is 8; k is 32 bytes of an
/// element, or 4 for f64. From the PTX manual, "Matrix Fragments for mma.m16n8k16" and its siblings, which all follow one rule: a
/// 32-bit register holds neighbours along k, four lanes share a row, eight groups of lanes are eight rows.
LinearLayout mmaFragment(MmaOperand operand, unsigned elementBytes);

/// A dot's operand or accumulator, of a shape that fragments tile: `warpsM` and `warpsN` bits of warps along m and n, the rest in
/// registers. What a warp's neighbours read too is held by several warps.
LinearLayout mmaTile(MmaOperand operand, Bits shape, unsigned elementBytes, unsigned warpsM, unsigned warpsN);

/// Shared memory without gaps: the unit axis fastest, the others from the last to the first.
LinearLayout plainShared(Bits shape, unsigned unitAxis);
/// The swizzles of the hardware's tensor copies, 32, 64 or 128 bytes wide. The unit axis is cut into spans of `spanBytes`; a panel is
/// one span of every row, and panels follow each other. Within a panel, 16-byte pieces of a span are exchanged by exclusive or with
/// the number of the 128-byte line, so that the pieces of eight rows at one column lie in different banks. A unit axis shorter than a
/// span makes the span that short.
LinearLayout swizzledShared(Bits shape, unsigned unitAxis, unsigned elementBytes, unsigned spanBytes);

//===--- What an access costs ---===//

/// The wavefronts that one access of a warp takes: each lane moves `vector` consecutive elements, from register 0 on. 1 for each
/// 128 bytes moved is the best there is; more means that lanes wait for each other's banks. Lanes that read one word share it.
unsigned wavefronts(const LinearLayout &registers, const LinearLayout &shared, unsigned elementBytes, unsigned vector);

/// The elements that one access can move: consecutive in registers and in shared memory, at most 16 bytes.
unsigned sharedVector(const LinearLayout &registers, const LinearLayout &shared, unsigned elementBytes);

/// Whether ldmatrix (and stmatrix) fill these registers: 8 by 8 matrices of 16-bit words, each row 16 consecutive bytes of shared memory.
bool isMatrixAccess(const LinearLayout &registers, const LinearLayout &shared, unsigned elementBytes);

/// How far data travels from one layout to another: not at all, between the registers of a thread, between lanes (shuffles), or between
/// warps (through shared memory).
enum class Travel { None, Registers, Lanes, Warps };
Travel travel(const LinearLayout &from, const LinearLayout &to);

} // namespace tile::layout

#endif // TILE_LAYOUT_LAYOUTS_H
