//===- Meetings.cpp - Where warps of a block meet ----------------*- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Gang.h"

#include <algorithm>

using namespace tile::emulator;

/// Registers of a multiprocessor.
static constexpr unsigned kRegisters = 65536;

static unsigned firstLane(const Warp &warp) { return static_cast<unsigned>(std::countr_zero(warp.alive | 1u << 31)); }

//===----------------------------------------------------------------------===//
// Named barriers
//===----------------------------------------------------------------------===//

void Meetings::start() {
  for (Named &one : named)
    one = {0, 0, {}, gang.clocks.nothing()};
  std::size_t warps = block.warps.size();
  arrived.assign(warps, 0);
  left.assign(warps, 0);
  // What an assembler gives a thread, where the code doesn't say it: as many as let the blocks fit that have to, and no more than a warp
  // asks for later.
  const Entry &entry = *block.code.entry;
  auto threads = static_cast<unsigned>(warps * kLanes);
  unsigned given = kRegisters / (threads * std::max(entry.minBlocks, 1u)) / 8 * 8;
  given = std::min(entry.maxRegisters ? entry.maxRegisters : entry.mostTaken ? entry.mostTaken : 256u, given);
  registers.assign(warps, given);
  freeRegisters = 0;
}

unsigned Meetings::numberOf(const Warp &warp, const Instruction &instruction) const {
  std::uint64_t number = warp.lane(instruction.from[1], firstLane(warp));
  if (number >= named.size())
    warp.fail(Fault::Kind::Synchronisation, firstLane(warp), "there is no barrier " + std::to_string(number));
  return static_cast<unsigned>(number);
}

void Meetings::arrive(Warp &warp, const Instruction &instruction, bool waits) {
  unsigned number = numberOf(warp, instruction), lane = firstLane(warp);
  Named &barrier = named[number];
  auto all = static_cast<unsigned>(block.warps.size() * kLanes);
  auto expected = instruction.from[2].bits ? static_cast<unsigned>(warp.lane(instruction.from[2], lane)) : all;
  if (!expected || expected % kLanes || expected > all)
    warp.fail(Fault::Kind::Synchronisation, lane,
              "a barrier of " + std::to_string(expected) + " threads in a block of " + std::to_string(block.threads));
  if (!barrier.come)
    barrier.expected = expected;
  if (barrier.expected != expected)
    warp.fail(Fault::Kind::Synchronisation, lane,
              "barrier " + std::to_string(number) + " has " + std::to_string(expected) + " threads here, and " +
                  std::to_string(barrier.expected) + " for others that have come to it");
  for (unsigned i = 0; i < kLanes; ++i)
    if (warp.alive >> i & 1)
      gang.clocks.tell(clockOf(warp, i), barrier.gathered);
  barrier.come += kLanes;
  if (waits)
    barrier.waiting.push_back(&warp);
  if (barrier.come < expected)
    return;
  for (Warp *waiting : barrier.waiting)
    for (unsigned i = 0; i < kLanes; ++i)
      if (waiting->alive >> i & 1)
        gang.clocks.learn(clockOf(*waiting, i), barrier.gathered);
  if (!barrier.waiting.empty())
    release(barrier.waiting);
  barrier = {0, 0, {}, gang.clocks.nothing()};
  block.watch.nextEpoch();
  gang.wake();
}

void Meetings::come(Warp &warp) {
  const Instruction &instruction = *warp.barrier;
  warp.current = &instruction;
  switch (instruction.meeting) {
  case Meeting::Named:
    return arrive(warp, instruction, true);
  case Meeting::Product:
    return block.concurrent->products.come(warp);
  case Meeting::Registers:
    if (!setRegisters(warp, instruction, true))
      return;
    break;
  case Meeting::Cluster:
    if (!leaveCluster(warp, instruction.option == 0))
      return;
    break;
  }
  ++warp.fragments.front().at;
  warp.barrier = nullptr;
}

void Meetings::arriveAt(Warp &warp, const Instruction &instruction) { arrive(warp, instruction, false); }

std::string Meetings::describe(const Warp &warp) const {
  const Instruction &instruction = *warp.barrier;
  switch (instruction.meeting) {
  case Meeting::Named: {
    unsigned number = numberOf(warp, instruction);
    return "barrier " + std::to_string(number) + ", to which " + std::to_string(named[number].come) + " of " +
           std::to_string(named[number].expected) + " threads have come";
  }
  case Meeting::Product:
    return "the other warps of its warpgroup";
  case Meeting::Registers:
    return "registers, of which " + std::to_string(freeRegisters) + " are free";
  case Meeting::Cluster:
    return "the cluster's barrier, to which " + std::to_string(gang.cluster.come) + " warps have come";
  }
  return "";
}

//===----------------------------------------------------------------------===//
// Registers
//===----------------------------------------------------------------------===//

bool Meetings::setRegisters(Warp &warp, const Instruction &instruction, bool takes) {
  auto wanted = static_cast<unsigned>(instruction.value);
  unsigned &has = registers[warp.index];
  if (takes ? wanted < has : wanted > has)
    warp.fail(Fault::Kind::Synchronisation, firstLane(warp),
              "a thread has " + std::to_string(has) + " registers, and would have " + std::to_string(wanted));
  if (takes && (wanted - has) * kLanes > freeRegisters)
    return false;
  freeRegisters += (has - wanted) * kLanes;
  has = wanted;
  if (!takes)
    giveRegisters();
  return true;
}

void Meetings::giveRegisters() {
  for (auto &warp : block.warps)
    if (warp->barrier && warp->barrier->meeting == Meeting::Registers)
      come(*warp);
  gang.wake();
}

void Meetings::checkEnd() {
  for (std::size_t i = 0; i < registers.size(); ++i)
    if (registers[i] != registers[i / 4 * 4])
      block.warps[i]->fail(Fault::Kind::Synchronisation, 0,
                           "not all warps of a warpgroup have run the same 'setmaxnreg': threads of warp " +
                               std::to_string(i / 4 * 4) + " have " + std::to_string(registers[i / 4 * 4]) +
                               " registers, and those of warp " + std::to_string(i) + " " +
                               std::to_string(registers[i]));
  for (unsigned number = 0; number < named.size(); ++number)
    if (named[number].come)
      block.warps.front()->fail(Fault::Kind::Synchronisation, 0,
                                "the block ends while " + std::to_string(named[number].come) + " of " +
                                    std::to_string(named[number].expected) + " threads have come to barrier " +
                                    std::to_string(number));
}

//===----------------------------------------------------------------------===//
// Clusters
//===----------------------------------------------------------------------===//

void Meetings::arriveInCluster(Warp &warp, bool releases) {
  if (arrived[warp.index] != left[warp.index])
    warp.fail(Fault::Kind::Synchronisation, firstLane(warp), "it comes to the cluster's barrier twice without waiting");
  ++arrived[warp.index];
  auto &barrier = gang.cluster;
  if (releases)
    for (unsigned i = 0; i < kLanes; ++i)
      if (warp.alive >> i & 1)
        gang.clocks.tell(clockOf(warp, i), barrier.gathered);
  if (++barrier.come < gang.blocks.size() * block.warps.size())
    return;
  barrier.come = 0;
  ++barrier.phase;
  barrier.done = barrier.gathered;
  for (auto &other : gang.blocks)
    for (auto &waiting : other->warps)
      if (waiting->barrier && waiting->barrier->meeting == Meeting::Cluster)
        other->concurrent->meetings.come(*waiting);
  gang.wake();
}

bool Meetings::leaveCluster(Warp &warp, bool acquires) {
  if (arrived[warp.index] == left[warp.index])
    warp.fail(Fault::Kind::Synchronisation, firstLane(warp),
              "it waits for the cluster's barrier and hasn't come to it");
  if (gang.cluster.phase < arrived[warp.index])
    return false;
  ++left[warp.index];
  for (unsigned i = 0; acquires && i < kLanes; ++i)
    if (warp.alive >> i & 1)
      gang.clocks.learn(clockOf(warp, i), gang.cluster.done);
  return true;
}

//===----------------------------------------------------------------------===//
// Instructions
//===----------------------------------------------------------------------===//

namespace {

void arriveNamed(Warp &warp, const Instruction &instruction) {
  warp.block.concurrent->meetings.arriveAt(warp, instruction);
}

void giveRegisters(Warp &warp, const Instruction &instruction) {
  warp.block.concurrent->meetings.setRegisters(warp, instruction, false);
}

void arriveInCluster(Warp &warp, const Instruction &instruction) {
  warp.block.concurrent->meetings.arriveInCluster(warp, instruction.option == 0);
}

/// The lanes that take part know of each other's past.
void meetInWarp(Warp &warp, const Instruction &) {
  Gang &gang = gangOf(warp);
  Knowledge all = gang.clocks.nothing();
  for (unsigned lane = 0; lane < kLanes; ++lane)
    if (warp.active >> lane & 1)
      gang.clocks.tell(clockOf(warp, lane), all);
  for (unsigned lane = 0; lane < kLanes; ++lane)
    if (warp.active >> lane & 1)
      gang.clocks.learn(clockOf(warp, lane), all);
}

bool decodeClusterBarrier(Decoder &decoder) {
  Instruction &out = decoder.out;
  if (!decoder.only({"cluster", "arrive", "wait", "release", "acquire", "relaxed", "aligned"}) ||
      !decoder.statement.operands.empty())
    return false;
  out.isConcurrent = true;
  out.option = decoder.has("relaxed");
  bool waits = decoder.part(2) == "wait";
  out.kind = waits ? Kind::Barrier : Kind::Synchronous;
  out.meeting = Meeting::Cluster;
  out.run = arriveInCluster;
  return waits || decoder.part(2) == "arrive";
}

bool decodeNamedBarrier(Decoder &decoder) {
  const auto &operands = decoder.statement.operands;
  Instruction &out = decoder.out;
  if (decoder.part(1) == "warp") {
    out.kind = Kind::Synchronous;
    out.isConcurrent = true;
    out.run = meetInWarp;
    out.from[0] = decoder.from(operands.at(0), 32);
    out.target = 1;
    return decoder.only({"warp", "sync"}) && operands.size() == 1;
  }
  if (!decoder.only({"sync", "arrive", "red", "popc", "and", "or", "aligned", "cta", "u32", "pred"}))
    return false;
  out.kind = Kind::Barrier;
  std::size_t next = 0;
  if (decoder.has("red")) {
    out.option = decoder.has("popc") ? 1 : decoder.has("and") ? 2 : 3;
    out.to[0] = decoder.to(operands.at(next++));
    out.bytes = operands.back().isNegated;
    out.from[0] = decoder.from(operands.back(), 1);
  }
  std::size_t end = operands.size() - (decoder.has("red") ? 1 : 0);
  out.from[1] = decoder.from(operands.at(next++), 32);
  if (next < end)
    out.from[2] = decoder.from(operands[next++], 32);
  out.isConcurrent = out.from[2].bits != 0;
  if (decoder.has("arrive")) {
    out.kind = Kind::Synchronous;
    out.run = arriveNamed;
    return next == end && out.from[2].bits;
  }
  return next == end && (decoder.has("sync") || decoder.has("red"));
}

} // namespace

/// Barriers of the block, of warps and of clusters; registers.
bool tile::emulator::decodeMeeting(Decoder &decoder) {
  const std::string &head = decoder.part(0);
  if (head == "barrier" && decoder.part(1) == "cluster")
    return decodeClusterBarrier(decoder);
  if (head == "bar" || head == "barrier")
    return decodeNamedBarrier(decoder);
  if (head != "setmaxnreg" || decoder.type() != "u32" || !decoder.only({"inc", "dec", "sync", "aligned", "u32"}))
    return false;
  Instruction &out = decoder.out;
  out.isConcurrent = true;
  out.value = decoder.statement.operands.at(0).value;
  if (out.value < 24 || out.value > 256 || out.value % 8)
    return false;
  bool takes = decoder.has("inc");
  out.kind = takes ? Kind::Barrier : Kind::Synchronous;
  out.meeting = Meeting::Registers;
  out.run = giveRegisters;
  return true;
}
