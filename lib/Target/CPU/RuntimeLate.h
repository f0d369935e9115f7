//===- RuntimeLate.h - Rings whose copies land late ---------------*- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef TILE_LIB_TARGET_CPU_RUNTIMELATE_H
#define TILE_LIB_TARGET_CPU_RUNTIMELATE_H

#include "Runtime.h"

namespace tile::cpu {

/// Fills a tile's memory from its view, with padding outside.
void readBox(const Box &box);

/// A program begins to use a ring.
void lateRing(Worker *worker, int64_t ring, char *memory, int64_t depth, int64_t slotBytes, int64_t isFloat);
/// The ops of the protocol, for one ring and a ticket.
void lateAcquire(Worker *worker, int64_t ring, uint32_t ticket);
void lateCopy(const Box *box, Worker *worker, int64_t ring, uint32_t ticket);
void lateCommit(Worker *worker, int64_t ring, uint32_t ticket);
void lateAwait(Worker *worker, int64_t ring, uint32_t ticket);
void lateRelease(Worker *worker, int64_t ring, uint32_t ticket);

} // namespace tile::cpu

#endif // TILE_LIB_TARGET_CPU_RUNTIMELATE_H
