//===- RuntimeRecord.h - The records of instrumented kernels ------*- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef TILE_LIB_TARGET_CPU_RUNTIMERECORD_H
#define TILE_LIB_TARGET_CPU_RUNTIMERECORD_H

#include "Runtime.h"

namespace tile::cpu {

/// A program begins; `words` are the last ones of the launch, see ir::RecordWords.
void recordBegin(ScratchHeader *scratch, const uint64_t *words, int64_t program, int64_t sites);
void recordEnd(ScratchHeader *scratch);
/// Writes down the time, in nanoseconds.
void stamp(ScratchHeader *scratch, uint64_t ticket, int64_t site);

} // namespace tile::cpu

#endif // TILE_LIB_TARGET_CPU_RUNTIMERECORD_H
