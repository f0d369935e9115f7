//===- Access.cpp - One lane's access, checked and counted -------*- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Gang.h"

#include <algorithm>
#include <sstream>

using namespace tile::emulator;

//===----------------------------------------------------------------------===//
// One lane's access
//===----------------------------------------------------------------------===//

std::string tile::emulator::hexadecimal(std::uint64_t value) {
  std::ostringstream out;
  out << "0x" << std::hex << value;
  return out.str();
}

Space tile::emulator::resolve(Space space, std::uint64_t &address) {
  if (space == Space::Shared)
    address &= 0xffffffff;
  if (space != Space::Generic)
    return space;
  if (address >= kParamWindow && address - kParamWindow < kSharedWindow) {
    address -= kParamWindow;
    return Space::Param;
  }
  if (address >= kLocalWindow && address - kLocalWindow < kSharedWindow) {
    address -= kLocalWindow;
    return Space::Local;
  }
  if (address >= kSharedWindow && address - kSharedWindow < kSharedWindow) {
    address -= kSharedWindow;
    return Space::Shared;
  }
  return Space::Global;
}

void tile::emulator::checkAligned(const Warp &warp, unsigned lane, std::uint64_t address, unsigned bytes) {
  if (address % bytes)
    warp.fail(Fault::Kind::Misaligned, lane,
              std::to_string(bytes) + " bytes at the address " + hexadecimal(address) + ", which they don't divide");
}

void tile::emulator::checkWaited(Warp &warp, unsigned lane) {
  if (warp.block.code.waitsForLaunches && !warp.block.waited[warp.threadOf(lane)])
    warp.fail(Fault::Kind::Race, lane,
              "touches global memory before the thread has waited for the kernels before this one");
}

/// Loads of memory that stays have no order among other instructions, and the assembler moves them before the wait. Only what they are made of can hold
/// them: something that was loaded otherwise. Whether they are made of it isn't looked at.
static void checkOrder(Warp &warp, unsigned lane, const Instruction &instruction) {
  if (instruction.mayMove && warp.block.code.waitsForLaunches)
    warp.fail(
        Fault::Kind::Race, lane,
        "loads memory that stays, and nothing is loaded otherwise between the wait for other kernels and that; the "
        "assembler may move it before the wait");
}

void tile::emulator::checkGlobal(Warp &warp, unsigned lane, std::uint64_t address, unsigned bytes) {
  checkWaited(warp, lane);
  Span &recent = warp.block.recent;
  if (recent.holds(address, bytes))
    return;
  Span found = warp.block.memory.find(address, bytes);
  if (found.begin == found.end)
    warp.fail(Fault::Kind::Address, lane,
              std::to_string(bytes) + " bytes of global memory at " + hexadecimal(address) + ", " +
                  warp.block.memory.describe(address));
  recent = found;
}

void tile::emulator::checkShared(Warp &warp, unsigned lane, std::uint64_t address, unsigned bytes) {
  SharedMemory &shared = warp.block.shared;
  if (!shared.holds(address, bytes))
    warp.fail(Fault::Kind::Address, lane,
              std::to_string(bytes) + " bytes of shared memory at byte " +
                  std::to_string(static_cast<std::int64_t>(address) - SharedMemory::kBase) + " of " +
                  std::to_string(shared.bytes()));
}

void tile::emulator::complain(Warp &warp, unsigned lane, const SharedMemory::Complaint &complaint, bool isWrite) {
  using Complaint = SharedMemory::Complaint;
  std::string other;
  if (complaint.instruction) {
    const Statement &statement = *warp.block.code.instructions[*complaint.instruction].statement;
    other = " '" + statement.opcode + "' at " + placeOf(warp.block.code, statement);
  }
  warp.fail(complaint.kind == Complaint::Kind::Uninitialised ? Fault::Kind::Uninitialised : Fault::Kind::Race, lane,
            std::string(isWrite ? "writes" : "reads") + " byte " +
                std::to_string(complaint.address - SharedMemory::kBase) + " of shared memory, and " + complaint.text +
                other);
}

[[noreturn]] static void complainOf(Warp &warp, SharedMemory &shared, unsigned lane, std::uint64_t address,
                                    unsigned bytes, unsigned thread, bool isWrite) {
  complain(warp, lane, shared.why(address, bytes, thread, isWrite), isWrite);
}

/// The shared memory of the block of the cluster that an address is in, the address there, and the lane's number as that block knows it.
static SharedMemory &sharedAt(Warp &warp, unsigned lane, std::uint64_t &address, unsigned &thread) {
  thread = warp.threadOf(lane);
  if (!warp.block.concurrent)
    return warp.block.shared;
  Block &block = blockAt(warp, lane, address);
  thread = clockOf(warp, lane) - block.concurrent->firstThread;
  return block.shared;
}

void tile::emulator::failRace(const Warp &warp, unsigned lane, bool isWrite, unsigned bytes, std::uint64_t address,
                              const char *why) {
  if (why)
    warp.fail(Fault::Kind::Race, lane,
              std::string(isWrite ? "writes " : "reads ") + std::to_string(bytes) + " bytes of global memory at " +
                  hexadecimal(address) + ", " + warp.block.memory.describe(address) + ", " + why);
}

static std::uint8_t *localData(Warp &warp, unsigned lane, std::uint64_t address, unsigned bytes) {
  unsigned size = warp.block.code.localBytes;
  if (address > size || bytes > size - address)
    warp.fail(Fault::Kind::Address, lane,
              std::to_string(bytes) + " bytes of local memory at byte " + std::to_string(address) + " of " +
                  std::to_string(size));
  return warp.block.local.data() + std::size_t(warp.threadOf(lane)) * size + address;
}

void tile::emulator::readBytes(Warp &warp, const Instruction &instruction, unsigned lane, std::uint64_t address,
                               void *to, unsigned bytes) {
  Space space = resolve(instruction.space, address);
  checkAligned(warp, lane, address, bytes);
  switch (space) {
  case Space::Shared: {
    unsigned thread;
    SharedMemory &shared = sharedAt(warp, lane, address, thread);
    checkShared(warp, lane, address, bytes);
    if (!shared.read(address, bytes, thread, instruction.number))
      complainOf(warp, shared, lane, address, bytes, thread, false);
    std::memcpy(to, shared.data(address), bytes);
    return;
  }
  case Space::Param: {
    const auto &parameters = warp.block.launch.parameters;
    if (address + bytes > parameters.size())
      warp.fail(Fault::Kind::Address, lane, "a parameter that the launch doesn't have");
    std::memcpy(to, parameters.data() + address, bytes);
    return;
  }
  case Space::Local:
    std::memcpy(to, localData(warp, lane, address, bytes), bytes);
    return;
  case Space::Global:
  case Space::Generic:
    checkGlobal(warp, lane, address, bytes);
    checkOrder(warp, lane, instruction);
    if (instruction.isShared)
      warp.block.watch.forget(address, bytes);
    else
      failRace(warp, lane, false, bytes, address,
               warp.block.watch.read(address, bytes, warp.threadOf(lane), instruction.stays));
    std::memcpy(to, reinterpret_cast<const void *>(address), bytes);
    return;
  }
}

void tile::emulator::writeBytes(Warp &warp, const Instruction &instruction, unsigned lane, std::uint64_t address,
                                const void *from, unsigned bytes) {
  Space space = resolve(instruction.space, address);
  checkAligned(warp, lane, address, bytes);
  switch (space) {
  case Space::Shared: {
    unsigned thread;
    SharedMemory &shared = sharedAt(warp, lane, address, thread);
    checkShared(warp, lane, address, bytes);
    if (!shared.write(address, bytes, thread))
      complainOf(warp, shared, lane, address, bytes, thread, true);
    std::memcpy(shared.data(address), from, bytes);
    return;
  }
  case Space::Local:
    std::memcpy(localData(warp, lane, address, bytes), from, bytes);
    return;
  case Space::Param:
    warp.fail(Fault::Kind::Address, lane, "a store to a parameter");
  case Space::Global:
  case Space::Generic:
    checkGlobal(warp, lane, address, bytes);
    if (instruction.isShared)
      warp.block.watch.forget(address, bytes);
    else
      failRace(warp, lane, true, bytes, address,
               warp.block.watch.write(address, bytes, warp.threadOf(lane),
                                      std::memcmp(reinterpret_cast<void *>(address), from, bytes) == 0));
    std::memcpy(reinterpret_cast<void *>(address), from, bytes);
    return;
  }
}

//===----------------------------------------------------------------------===//
// Statistics
//===----------------------------------------------------------------------===//

void tile::emulator::countAccess(Warp &warp, const Instruction &instruction, Space space,
                                 const std::uint64_t *addresses, unsigned bytes) {
  Counters::Access &access = warp.block.counters.accesses[instruction.number];
  ++access.requests;
  std::vector<std::uint64_t> pieces;
  if (space == Space::Global) {
    for (unsigned lane = 0; lane < kLanes; ++lane)
      if (warp.active >> lane & 1) {
        access.bytes += bytes;
        for (std::uint64_t sector = addresses[lane] / 32; sector <= (addresses[lane] + bytes - 1) / 32; ++sector)
          pieces.push_back(sector);
      }
    std::sort(pieces.begin(), pieces.end());
    access.sectors += static_cast<std::uint64_t>(std::unique(pieces.begin(), pieces.end()) - pieces.begin());
    return;
  }
  // Shared memory has 32 banks of four bytes. What is wider than a bank is served by parts of the warp that fill all of them.
  unsigned together = bytes <= 4 ? kLanes : kLanes * 4 / bytes;
  for (unsigned first = 0; first < kLanes; first += together) {
    pieces.clear();
    for (unsigned lane = first; lane < first + together; ++lane)
      if (warp.active >> lane & 1)
        for (unsigned byte = 0; byte < bytes; byte += 4)
          pieces.push_back((addresses[lane] + byte) / 4);
    if (pieces.empty())
      continue;
    std::sort(pieces.begin(), pieces.end());
    pieces.erase(std::unique(pieces.begin(), pieces.end()), pieces.end());
    unsigned most = 0, banks[32] = {};
    for (std::uint64_t word : pieces)
      most = std::max(most, ++banks[word % 32]);
    access.wavefronts += most;
    ++access.leastWavefronts;
  }
}
