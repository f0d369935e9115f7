//===- RuntimeRecord.cpp - The records of instrumented kernels ----*- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "RuntimeRecord.h"
#include "tile/Dialect/Record.h"

#include <chrono>

using namespace tile;
using namespace tile::cpu;
using ir::RecordHeader;
using ir::RecordWords;

static uint64_t now() {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

void cpu::recordBegin(ScratchHeader *scratch, const uint64_t *words, int64_t program, int64_t sites) {
  Worker::Record &record = scratch->worker->record;
  uint64_t stride = words[RecordWords::Stride], number = program / stride;
  record.words = nullptr;
  if (program % stride != 0 || number >= words[RecordWords::Programs])
    return;
  record.tickets = words[RecordWords::Tickets];
  record.sites = sites;
  // Words of a launch are addresses where the kernel says so.
  record.words = reinterpret_cast<uint64_t *>(words[RecordWords::Address]) + // NOLINT(performance-no-int-to-ptr)
                 number * ir::recordWords(sites, record.tickets);
  record.words[RecordHeader::Program] = program;
  record.words[RecordHeader::BeginClock] = record.words[RecordHeader::BeginTime] = now();
}

void cpu::recordEnd(ScratchHeader *scratch) {
  Worker::Record &record = scratch->worker->record;
  if (record.words)
    record.words[RecordHeader::EndClock] = record.words[RecordHeader::EndTime] = now();
}

void cpu::stamp(ScratchHeader *scratch, uint64_t ticket, int64_t site) {
  Worker::Record &record = scratch->worker->record;
  if (!record.words)
    return;
  if (ticket < record.tickets)
    record.words[RecordHeader::Words + ticket * record.sites + site] = now();
  else
    record.words[RecordHeader::Lost] = ticket + 1;
}
