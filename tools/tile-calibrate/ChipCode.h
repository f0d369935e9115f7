//===- ChipCode.h - The kernels that measure a GPU -----------------*- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// \file
/// PTX of kernels, each of which does one thing again and again. Their parameters are the address where each block puts the cycles that
/// it took, `%rounds`, how often the thing is done, and further words.
///
//===----------------------------------------------------------------------===//

#ifndef TILE_TOOLS_TILE_CALIBRATE_CHIPCODE_H
#define TILE_TOOLS_TILE_CALIBRATE_CHIPCODE_H

#include <llvm/ADT/StringRef.h>

#include <string>

namespace tile::calibrate {

/// What a loop's body is made of.
struct Code {
  /// Declarations, what comes before the loop, and its body. `%t` is the thread, `%block`, `%blocks` and `%threads` are as they are
  /// called, `%shared` is the address of shared memory, `%w2`, `%w3`, … are the words, `%round` counts.
  std::string registers, before, body;
  /// The registers that the work ends in, so that none of it is dropped; empty when it has effects.
  std::string results = "";
  /// What comes behind the loop.
  std::string after = "";
  /// Words beside the rounds, and whether a tensor map follows them, whose address is `%map`.
  unsigned words = 0;
  bool hasMap = false;
  /// Only one thread works.
  bool ofOneThread = false;
  /// The body adds to `%sum` what it took itself, instead of the whole loop being measured.
  bool hasOwnSum = false;
};

/// The kernel for devices of a capability.
std::string write(int capability, const Code &code);

/// How often a body runs each chain's instruction, or a step where there are no chains.
inline constexpr unsigned kStepsOfChain = 16, kStepsOfBody = 8;

/// Chains, at most 8, of an instruction that takes and gives a 32-bit register: "fma.rn.f32 @, @, %x, %y;".
Code chains(const std::string &instruction, unsigned chains);

/// How many registers of a thread hold an operand, and the type of a sum.
struct Operands {
  unsigned a, b, sum;
  std::string type;
};

/// Products by mma.sync in so many chains: "m16n8k16.row.col.f32.bf16.bf16.f32".
Code products(const std::string &instruction, const Operands &operands, unsigned chains);

/// A product of a warpgroup, 64 x n x k: types "f32.bf16.bf16" and the immediates that follow the operands. Random words become operands
/// of the type when only the bits of `mask` are kept, and `bits` are set.
struct WarpgroupProduct {
  llvm::StringRef types, immediates;
  unsigned n, k, mask, bits;
};
Code warpgroupProducts(const WarpgroupProduct &product);
inline constexpr unsigned kProductsOfBody = 8;

/// All threads read %w3 bytes at %w2, 64 bytes each at a time; or write them; or copy them to %w4.
Code reads();
Code writes();
Code copies();

/// One thread follows addresses from %w2 on, 8 a round.
Code chase();

/// Reads of 16 bytes of shared memory by each thread, 8 a round.
Code sharedReads();

/// A round copies %w3 bytes at %w2 + (block * %rounds + round) * %w3 by cp.async, and takes the time until all threads may use them.
Code asyncCopies();
/// The same by `boxes` tensor copies of 8 KiB each.
Code tensorCopies(unsigned boxes);
/// A round waits for 2 boxes and asks for two others, with 8 such pairs under way.
Code tensorStream();
/// A round stores 2 boxes, and takes the time until their shared memory may be written again, or until they are where they belong.
Code tensorStores(bool untilDone);

/// 8 barriers of all threads.
Code barriers();

/// Waits for a time, in nanoseconds, %w2.
Code rest();

} // namespace tile::calibrate

#endif // TILE_TOOLS_TILE_CALIBRATE_CHIPCODE_H
