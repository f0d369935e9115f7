//===- Record.h - What an instrumented kernel writes down ----------*- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// An instrumented kernel takes four words after all others: the address of its record, how many programs are recorded, every how manieth is,
// and for how many tickets there is room. The record holds words of 64 bits: for each recorded program and each of its warps a header, and
// then for each ticket the time at each site, 0 where the warp did not come.
//
//===----------------------------------------------------------------------===//

#ifndef TILE_DIALECT_RECORD_H
#define TILE_DIALECT_RECORD_H

#include "tile/Dialect/Tile.h"

namespace tile::ir {

/// The words of the header of a warp's record.
struct RecordHeader {
  enum : unsigned {
    /// The warp's clock, and nanoseconds of a clock that all share, when it began and when it was done.
    BeginClock,
    BeginTime,
    EndClock,
    EndTime,
    /// One more than the last ticket that there was no room for, or 0.
    Lost,
    /// The program, or the worker.
    Program,
    /// The multiprocessor that ran it.
    Processor,
    Words = 8
  };
};

/// The words that a kernel takes for it, and which is what.
struct RecordWords {
  enum : unsigned { Address, Programs, Stride, Tickets, Count };
};

/// How many sites a kernel's stamps name; 0 when it isn't instrumented.
int64_t recordSites(KernelOp kernel);

/// The words of one warp's record.
inline uint64_t recordWords(uint64_t sites, uint64_t tickets) { return RecordHeader::Words + sites * tickets; }

} // namespace tile::ir

#endif // TILE_DIALECT_RECORD_H
