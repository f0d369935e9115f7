//===- RuntimeLate.cpp - Rings whose copies land late -------------*- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A slot goes through the states empty, acquired, committed, full, and empty again, for one ticket after another. A step out of
// turn is an error of the run. Poison: all bits set, a NaN in every format, for floats; 0xA5 in every byte for the rest.
//
//===----------------------------------------------------------------------===//

#include "RuntimeLate.h"

#include <llvm/Support/FormatVariadic.h>

#include <cstring>

using namespace tile;
using namespace tile::cpu;

static const char *nameOf(LateSlot::State state) {
  switch (state) {
  case LateSlot::Empty:
    return "empty";
  case LateSlot::Acquired:
    return "acquired";
  case LateSlot::Committed:
    return "committed";
  case LateSlot::Full:
    return "full";
  }
  return "";
}

static LateSlot &slotOf(LateRing &ring, uint32_t ticket) { return ring.slots[ticket % ring.slots.size()]; }

static void poison(LateRing &ring, uint32_t ticket) {
  char *slot = ring.memory + (ticket % ring.slots.size()) * ring.slotBytes;
  std::memset(slot, ring.isFloat ? 0xFF : 0xA5, ring.slotBytes);
}

/// Whether a slot is in the state that an op needs, for its ticket; records the error when not.
static bool expect(Worker *worker, int64_t ring, uint32_t ticket, LateSlot::State state, const char *what) {
  const LateSlot &slot = slotOf(worker->rings[ring], ticket);
  if (slot.state == state && (state == LateSlot::Empty || slot.ticket == ticket))
    return true;
  std::string found = nameOf(slot.state);
  if (slot.state != LateSlot::Empty)
    found += llvm::formatv(" by ticket {0}", slot.ticket).str();
  worker->run->fail(llvm::formatv("broken ring protocol: {0} of ticket {1} in ring {2}, whose slot {3} is {4}", what,
                                  ticket, ring, ticket % worker->rings[ring].slots.size(), found)
                        .str());
  return false;
}

void cpu::lateRing(Worker *worker, int64_t ring, char *memory, int64_t depth, int64_t slotBytes, int64_t isFloat) {
  if (worker->rings.size() <= static_cast<size_t>(ring))
    worker->rings.resize(ring + 1);
  LateRing &made = worker->rings[ring];
  made = {memory, slotBytes, isFloat != 0, {}};
  made.slots.resize(depth);
  for (uint32_t slot = 0; slot < depth; ++slot)
    poison(made, slot);
}

void cpu::lateAcquire(Worker *worker, int64_t ring, uint32_t ticket) {
  expect(worker, ring, ticket, LateSlot::Empty, "acquire");
  LateSlot &slot = slotOf(worker->rings[ring], ticket);
  slot.state = LateSlot::Acquired;
  slot.ticket = ticket;
  slot.pending.clear();
  poison(worker->rings[ring], ticket);
}

void cpu::lateCopy(const Box *box, Worker *worker, int64_t ring, uint32_t ticket) {
  expect(worker, ring, ticket, LateSlot::Acquired, "copy");
  slotOf(worker->rings[ring], ticket).pending.push_back(*box);
}

void cpu::lateCommit(Worker *worker, int64_t ring, uint32_t ticket) {
  if (expect(worker, ring, ticket, LateSlot::Acquired, "commit"))
    slotOf(worker->rings[ring], ticket).state = LateSlot::Committed;
}

void cpu::lateAwait(Worker *worker, int64_t ring, uint32_t ticket) {
  LateSlot &slot = slotOf(worker->rings[ring], ticket);
  // What has landed may be waited for again.
  if (slot.state == LateSlot::Full && slot.ticket == ticket)
    return;
  if (!expect(worker, ring, ticket, LateSlot::Committed, "await"))
    return;
  for (const Box &box : slot.pending)
    readBox(box);
  slot.pending.clear();
  slot.state = LateSlot::Full;
}

void cpu::lateRelease(Worker *worker, int64_t ring, uint32_t ticket) {
  expect(worker, ring, ticket, LateSlot::Full, "release");
  LateSlot &slot = slotOf(worker->rings[ring], ticket);
  slot.state = LateSlot::Empty;
  poison(worker->rings[ring], ticket);
}
