//===- Barriers.cpp - Barriers in shared memory ------------------*- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Gang.h"

using namespace tile::emulator;

/// What the hardware counts up to.
static constexpr std::int64_t kMostArrivals = (1 << 20) - 1, kMostBytes = (1 << 20) - 1;

static std::string nameOf(std::uint32_t address) {
  return "the barrier at byte " + std::to_string(static_cast<std::int64_t>(address) - SharedMemory::kBase) +
         " of shared memory";
}

//===----------------------------------------------------------------------===//
// Barriers
//===----------------------------------------------------------------------===//

void Barriers::make(Warp &warp, unsigned lane, std::uint32_t address, std::uint32_t count) {
  checkAligned(warp, lane, address, 8);
  checkShared(warp, lane, address, 8);
  if (!count || count > kMostArrivals)
    warp.fail(Fault::Kind::Synchronisation, lane, "a barrier of " + std::to_string(count) + " arrivals");
  if (all.contains(address))
    warp.fail(Fault::Kind::Synchronisation, lane, nameOf(address) + " is there already");
  if (!block.shared.setBarrier(address, warp.threadOf(lane), true))
    complain(warp, lane, block.shared.why(address, 8, warp.threadOf(lane), true), true);
  Barrier &barrier = all[address];
  barrier.expected = barrier.pending = count;
  barrier.agent = gang.clocks.addAgent("copies that complete on " + nameOf(address));
  barrier.made = gang.clocks.now(clockOf(warp, lane));
  barrier.gathered = barrier.done = gang.clocks.nothing();
}

void Barriers::remove(Warp &warp, unsigned lane, std::uint32_t address) {
  Barrier &barrier = at(warp, lane, address);
  if (barrier.bytes)
    warp.fail(Fault::Kind::Synchronisation, lane, nameOf(address) + " still waits for bytes");
  if (!block.shared.setBarrier(address, warp.threadOf(lane), false))
    complain(warp, lane, block.shared.why(address, 8, warp.threadOf(lane), true), true);
  all.erase(address);
}

Barrier &Barriers::at(Warp &warp, unsigned lane, std::uint32_t address, bool isAsync) {
  checkAligned(warp, lane, address, 8);
  checkShared(warp, lane, address, 8);
  auto found = all.find(address);
  if (found == all.end())
    warp.fail(Fault::Kind::Synchronisation, lane,
              "there is no barrier at byte " +
                  std::to_string(static_cast<std::int64_t>(address) - SharedMemory::kBase) + " of shared memory");
  Barrier &barrier = found->second;
  const Time *known = gang.clocks.of(clockOf(warp, lane));
  if (!Clocks::knows(known, barrier.made))
    warp.fail(Fault::Kind::Race, lane, nameOf(address) + " was made by another thread, which nothing orders before");
  if (isAsync && !gang.clocks.isFenced(known, barrier.made, Fence::Barriers))
    warp.fail(Fault::Kind::Race, lane,
              nameOf(address) + " was made without 'fence.mbarrier_init' or 'fence.proxy.async' behind it");
  return barrier;
}

void Barriers::arrive(Warp &warp, unsigned lane, std::uint32_t address, std::uint32_t count) {
  Barrier &barrier = at(warp, lane, address);
  if (!count || count > barrier.pending)
    warp.fail(Fault::Kind::Synchronisation, lane,
              nameOf(address) + " gets more than the " + std::to_string(barrier.expected) +
                  " arrivals that it expects in a phase");
  gang.clocks.tell(clockOf(warp, lane), barrier.gathered);
  barrier.pending -= count;
  endPhase(barrier);
}

void Barriers::expect(Warp &warp, unsigned lane, std::uint32_t address, std::int64_t bytes) {
  Barrier &barrier = at(warp, lane, address);
  barrier.bytes += bytes;
  if (barrier.bytes > kMostBytes || barrier.bytes < -kMostBytes)
    warp.fail(Fault::Kind::Synchronisation, lane,
              nameOf(address) + " can't count " + std::to_string(barrier.bytes) + " bytes");
  endPhase(barrier);
}

Stamp Barriers::stampOf(const Barrier &barrier) const {
  return Clocks::stamp(barrier.agent, static_cast<Time>(barrier.phase + 1));
}

void Barriers::complete(Barrier &barrier, std::int64_t bytes) {
  barrier.bytes -= bytes;
  endPhase(barrier);
}

void Barriers::endPhase(Barrier &barrier) {
  if (barrier.pending || barrier.bytes)
    return;
  ++barrier.phase;
  barrier.pending = barrier.expected;
  barrier.gathered[barrier.agent] = static_cast<Time>(barrier.phase);
  barrier.done = barrier.gathered;
  block.watch.nextEpoch();
  gang.wake();
}

std::string Barriers::describe(std::uint32_t address) const {
  auto found = all.find(address);
  if (found == all.end())
    return nameOf(address);
  const Barrier &barrier = found->second;
  return nameOf(address) + ", in whose phase " + std::to_string(barrier.phase) + " " + std::to_string(barrier.pending) +
         " of " + std::to_string(barrier.expected) + " arrivals and " + std::to_string(barrier.bytes) +
         " bytes are missing";
}

//===----------------------------------------------------------------------===//
// Instructions
//===----------------------------------------------------------------------===//

namespace {

enum Part : std::uint8_t { Arrives = 1, Expects = 2, Parity = 4, Acquires = 8 };

/// The block and the address there that a lane's operand means.
Block &blockOf(Warp &warp, const Instruction &instruction, unsigned lane, std::uint32_t &address) {
  std::uint64_t full = warp.lane(instruction.from[0], lane) + static_cast<std::uint64_t>(instruction.value);
  if (resolve(instruction.space, full) != Space::Shared)
    warp.fail(Fault::Kind::Address, lane, "a barrier that is not in shared memory");
  Block &block = blockAt(warp, lane, full);
  address = static_cast<std::uint32_t>(full);
  return block;
}

template <typename F>
void forLanes(Warp &warp, const Instruction &instruction, F each) {
  for (unsigned lane = 0; lane < kLanes; ++lane) {
    if (!(warp.active >> lane & 1))
      continue;
    std::uint32_t address;
    Block &block = blockOf(warp, instruction, lane, address);
    each(block.concurrent->barriers, lane, address);
  }
  mayPause(warp);
}

void init(Warp &warp, const Instruction &instruction) {
  forLanes(warp, instruction, [&](Barriers &barriers, unsigned lane, std::uint32_t address) {
    barriers.make(warp, lane, address, static_cast<std::uint32_t>(warp.lane(instruction.from[1], lane)));
  });
}

void invalidate(Warp &warp, const Instruction &instruction) {
  forLanes(warp, instruction,
           [&](Barriers &barriers, unsigned lane, std::uint32_t address) { barriers.remove(warp, lane, address); });
}

/// from[1] holds what is expected, from[2] the arrivals.
void arrive(Warp &warp, const Instruction &instruction) {
  std::uint64_t states[kLanes] = {};
  forLanes(warp, instruction, [&](Barriers &barriers, unsigned lane, std::uint32_t address) {
    states[lane] = barriers.at(warp, lane, address).phase;
    if (instruction.option & Expects)
      barriers.expect(warp, lane, address, static_cast<std::uint32_t>(warp.lane(instruction.from[1], lane)));
    if (instruction.option & Arrives)
      barriers.arrive(warp, lane, address,
                      instruction.from[2].bits ? static_cast<std::uint32_t>(warp.lane(instruction.from[2], lane)) : 1);
  });
  if (instruction.to[0].bits)
    warp.putWide(instruction.to[0], states);
}

/// Of the bytes of a copy that the kernel counts itself.
void completeBytes(Warp &warp, const Instruction &instruction) {
  forLanes(warp, instruction, [&](Barriers &barriers, unsigned lane, std::uint32_t address) {
    barriers.expect(warp, lane, address, -std::int64_t(warp.lane(instruction.from[1], lane)));
  });
}

/// Whether the phase has ended that from[1] says, by its parity or by what an arrival gave.
void test(Warp &warp, const Instruction &instruction) {
  std::uint32_t result = 0;
  Gang &gang = gangOf(warp);
  for (unsigned lane = 0; lane < kLanes; ++lane) {
    if (!(warp.active >> lane & 1))
      continue;
    std::uint32_t address;
    Block &block = blockOf(warp, instruction, lane, address);
    if (&block != &warp.block)
      warp.fail(Fault::Kind::Synchronisation, lane, "it waits for a barrier of another block");
    Barrier &barrier = block.concurrent->barriers.at(warp, lane, address);
    std::uint64_t given = warp.lane(instruction.from[1], lane);
    bool ended = instruction.option & Parity ? (barrier.phase & 1) != (given & 1) : barrier.phase > given;
    if (!ended) {
      warp.spins = warp.pauses = true;
      warp.awaited = {address, given, &instruction};
      continue;
    }
    result |= 1u << lane;
    if (instruction.option & Acquires)
      gang.clocks.learn(clockOf(warp, lane), barrier.done);
  }
  warp.putPredicate(instruction.to[0], result);
  mayPause(warp);
}

} // namespace

bool tile::emulator::decodeBarrier(Decoder &decoder) {
  const auto &operands = decoder.statement.operands;
  Instruction &out = decoder.out;
  if (decoder.part(0) != "mbarrier")
    return false;
  const std::string &what = decoder.part(1);
  if (!decoder.only({"init", "inval", "arrive", "expect_tx", "complete_tx", "try_wait", "test_wait", "parity",
                     "release", "acquire", "relaxed", "cta", "cluster", "shared", "shared::cta", "shared::cluster",
                     "b64"}) ||
      decoder.type() != "b64")
    return false;
  out.kind = Kind::Pausing;
  out.isConcurrent = true;
  bool isShared = decoder.has("shared") || decoder.has("shared::cta") || decoder.has("shared::cluster");
  out.space = isShared ? Space::Shared : Space::Generic;
  if (what == "init" || what == "inval") {
    out.run = what == "init" ? init : invalidate;
    decoder.setAddress(operands.at(0), out.from[0]);
    if (what == "init")
      out.from[1] = decoder.from(operands.at(1), 32);
    return operands.size() == (what == "init" ? 2 : 1);
  }
  if (what == "expect_tx" || what == "complete_tx") {
    out.run = what == "expect_tx" ? arrive : completeBytes;
    out.option = Expects;
    decoder.setAddress(operands.at(0), out.from[0]);
    out.from[1] = decoder.from(operands.at(1), 32);
    return operands.size() == 2;
  }
  decoder.setTo(operands.at(0));
  decoder.setAddress(operands.at(1), out.from[0]);
  if (what == "arrive") {
    out.run = arrive;
    bool expects = decoder.has("expect_tx");
    out.option = Arrives | (expects ? Expects : 0);
    if (operands.size() > 2)
      out.from[expects ? 1 : 2] = decoder.from(operands[2], 32);
    return operands.size() <= 3 && (!expects || operands.size() == 3);
  }
  if (what != "try_wait" && what != "test_wait")
    return false;
  bool byParity = decoder.has("parity");
  out.run = test;
  out.option = (byParity ? Parity : 0) | (decoder.has("relaxed") ? 0 : Acquires);
  out.from[1] = decoder.from(operands.at(2), byParity ? 32 : 64);
  // How long it may wait doesn't matter here.
  return operands.size() == 3 || (operands.size() == 4 && what == "try_wait");
}
