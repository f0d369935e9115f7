//===- LoadStore.cpp - Loads, stores, atomics, copies ------------*- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Formats.h"
#include "Gang.h"
#include "Lanes.h"

#include <algorithm>
#include <mutex>

using namespace tile::emulator;

//===----------------------------------------------------------------------===//
// Loads and stores
//===----------------------------------------------------------------------===//

namespace {

/// The lanes' addresses: a register and a constant.
void addressesOf(const Warp &warp, Place base, std::int64_t offset, std::uint64_t (&addresses)[kLanes]) {
  if (base.bits == 64) {
    const auto *from = warp.lanes<std::uint64_t>(base);
    for (unsigned lane = 0; lane < kLanes; ++lane)
      addresses[lane] = from[lane] + static_cast<std::uint64_t>(offset);
  } else {
    for (unsigned lane = 0; lane < kLanes; ++lane)
      addresses[lane] = static_cast<std::uint32_t>(warp.lane(base, lane) + static_cast<std::uint64_t>(offset));
  }
}

void note(Warp &warp, const Instruction &instruction, const std::uint64_t (&addresses)[kLanes], unsigned bytes) {
  if (!warp.block.launch.countsAccesses || !warp.active)
    return;
  std::uint64_t local[kLanes];
  Space space = instruction.space;
  for (unsigned lane = 0; lane < kLanes; ++lane) {
    local[lane] = addresses[lane];
    Space found = resolve(instruction.space, local[lane]);
    if (warp.active >> lane & 1)
      space = found;
  }
  if (space == Space::Global || space == Space::Shared)
    countAccess(warp, instruction, space, local, bytes);
}

/// `bytes` of `count` elements each; option 1 extends signs.
void load(Warp &warp, const Instruction &instruction) {
  std::uint64_t addresses[kLanes], values[8][kLanes] = {};
  addressesOf(warp, instruction.from[0], instruction.value, addresses);
  unsigned size = instruction.bytes, bytes = size * instruction.count;
  note(warp, instruction, addresses, bytes);
  for (unsigned lane = 0; lane < kLanes; ++lane) {
    if (!(warp.active >> lane & 1))
      continue;
    std::uint8_t data[64];
    readBytes(warp, instruction, lane, addresses[lane], data, bytes);
    for (unsigned i = 0; i < instruction.count; ++i) {
      std::uint64_t value = 0;
      std::memcpy(&value, data + i * size, size);
      if (instruction.option)
        value = static_cast<std::uint64_t>(static_cast<std::int64_t>(value << (64 - 8 * size)) >> (64 - 8 * size));
      values[i][lane] = value;
    }
  }
  for (unsigned i = 0; i < instruction.count; ++i)
    warp.putWide(instruction.to[i], values[i]);
}

void store(Warp &warp, const Instruction &instruction) {
  std::uint64_t addresses[kLanes];
  addressesOf(warp, instruction.from[0], instruction.value, addresses);
  unsigned size = instruction.bytes, bytes = size * instruction.count;
  note(warp, instruction, addresses, bytes);
  for (unsigned lane = 0; lane < kLanes; ++lane) {
    if (!(warp.active >> lane & 1))
      continue;
    std::uint8_t data[64];
    for (unsigned i = 0; i < instruction.count; ++i) {
      std::uint64_t value = warp.lane(instruction.from[i + 1], lane);
      std::memcpy(data + i * size, &value, size);
    }
    writeBytes(warp, instruction, lane, addresses[lane], data, bytes);
  }
}

//===----------------------------------------------------------------------===//
// Atomics
//===----------------------------------------------------------------------===//

enum class Update : std::uint8_t { Add, AddF32, AddF64, Min, Max, And, Or, Xor, Exchange, CompareExchange };

template <typename T>
T minMax(Update update, T a, T b) {
  return update == Update::Min ? std::min(a, b) : std::max(a, b);
}

std::uint64_t updated(const Instruction &instruction, std::uint64_t old, std::uint64_t a, std::uint64_t b) {
  bool isWide = instruction.bytes == 8, isSigned = instruction.count == 2;
  auto update = static_cast<Update>(instruction.option);
  switch (update) {
  case Update::Add:
    return old + a;
  case Update::AddF32:
    return std::bit_cast<std::uint32_t>(canonical(std::bit_cast<float>(static_cast<std::uint32_t>(old)) +
                                                  std::bit_cast<float>(static_cast<std::uint32_t>(a))));
  case Update::AddF64:
    return std::bit_cast<std::uint64_t>(std::bit_cast<double>(old) + std::bit_cast<double>(a));
  case Update::Min:
  case Update::Max:
    if (!isSigned)
      return minMax(update, old, a);
    if (isWide)
      return static_cast<std::uint64_t>(minMax(update, static_cast<std::int64_t>(old), static_cast<std::int64_t>(a)));
    return static_cast<std::uint32_t>(minMax(update, static_cast<std::int32_t>(old), static_cast<std::int32_t>(a)));
  case Update::And:
    return old & a;
  case Update::Or:
    return old | a;
  case Update::Xor:
    return old ^ a;
  case Update::Exchange:
    return a;
  case Update::CompareExchange:
    return old == a ? b : old;
  }
  return old;
}

/// All atomics of the process exclude each other; blocks run at once.
std::mutex &atomics() {
  static auto *mutex = new std::mutex;
  return *mutex;
}

void atomic(Warp &warp, const Instruction &instruction) {
  std::uint64_t addresses[kLanes], olds[kLanes] = {};
  addressesOf(warp, instruction.from[0], instruction.value, addresses);
  std::lock_guard guard(atomics());
  for (unsigned lane = 0; lane < kLanes; ++lane) {
    if (!(warp.active >> lane & 1))
      continue;
    unsigned bytes = instruction.bytes;
    // Atomics of different threads don't race, so shared memory's watch is not told of reads that they write behind.
    readBytes(warp, instruction, lane, addresses[lane], &olds[lane], bytes);
    std::uint64_t value = updated(instruction, olds[lane], warp.lane(instruction.from[1], lane),
                                  instruction.from[2].bits ? warp.lane(instruction.from[2], lane) : 0);
    writeBytes(warp, instruction, lane, addresses[lane], &value, bytes);
  }
  if (instruction.to[0].bits)
    warp.putWide(instruction.to[0], olds);
}

//===----------------------------------------------------------------------===//
// Asynchronous copies
//===----------------------------------------------------------------------===//

/// `bytes` to from[0] + value of shared memory, of which from[2] says how many come from from[1] + target.
void copy(Warp &warp, const Instruction &instruction) {
  std::uint64_t to[kLanes], from[kLanes];
  addressesOf(warp, instruction.from[0], instruction.value, to);
  addressesOf(warp, instruction.from[1], static_cast<std::int32_t>(instruction.target), from);
  unsigned bytes = instruction.bytes;
  if (warp.block.launch.countsAccesses)
    countAccess(warp, instruction, Space::Global, from, bytes);
  for (unsigned lane = 0; lane < kLanes; ++lane) {
    if (!(warp.active >> lane & 1))
      continue;
    to[lane] &= 0xffffffff;
    std::uint64_t filled = instruction.from[2].bits ? warp.lane(instruction.from[2], lane) : bytes;
    if (filled > bytes)
      warp.fail(Fault::Kind::Address, lane,
                "a copy of " + std::to_string(filled) + " bytes to a place of " + std::to_string(bytes));
    checkAligned(warp, lane, to[lane], bytes);
    checkShared(warp, lane, to[lane], bytes);
    if (filled) {
      checkAligned(warp, lane, from[lane], bytes);
      checkGlobal(warp, lane, from[lane], static_cast<unsigned>(filled));
      failRace(warp, lane, false, static_cast<unsigned>(filled), from[lane],
               warp.block.watch.read(from[lane], static_cast<unsigned>(filled), warp.threadOf(lane), false));
    }
    unsigned thread = warp.threadOf(lane);
    if (!warp.block.shared.issue(to[lane], bytes, thread))
      complain(warp, lane, warp.block.shared.why(to[lane], bytes, thread, true), true);
    warp.block.copies[thread].push_back({from[lane], static_cast<std::uint32_t>(to[lane]), bytes,
                                         static_cast<std::uint32_t>(filled), warp.block.groups[thread], &instruction});
  }
}

void commit(Warp &warp, const Instruction &) {
  for (unsigned lane = 0; lane < kLanes; ++lane)
    if (warp.active >> lane & 1)
      ++warp.block.groups[warp.threadOf(lane)];
}

/// Waits until at most `value` groups are on their way; all copies when it is negative.
void wait(Warp &warp, const Instruction &instruction) {
  for (unsigned lane = 0; lane < kLanes; ++lane) {
    if (!(warp.active >> lane & 1))
      continue;
    unsigned thread = warp.threadOf(lane);
    std::uint32_t closed = warp.block.groups[thread];
    std::int64_t before = instruction.value < 0 ? std::int64_t(closed) + 1 : closed - instruction.value;
    if (before > 0)
      warp.block.arrive(warp, thread, static_cast<std::uint32_t>(before));
  }
}

bool decodeAsync(Decoder &decoder) {
  const auto &operands = decoder.statement.operands;
  Instruction &out = decoder.out;
  if (decoder.has("commit_group")) {
    out.run = commit;
    return decoder.statement.parts.size() == 3;
  }
  if (decoder.has("wait_group") || decoder.has("wait_all")) {
    out.run = wait;
    out.value = decoder.has("wait_all") ? -1 : operands.at(0).value;
    return decoder.statement.parts.size() == 3;
  }
  if (!decoder.only({"async", "ca", "cg", "shared", "shared::cta", "global", "L2::64B", "L2::128B", "L2::256B"}) ||
      operands.size() < 3 || operands.size() > 4 || operands[2].kind != Operand::Kind::Immediate)
    return false;
  out.bytes = static_cast<std::uint8_t>(operands[2].value);
  bool isWhole = out.bytes == 16, isSmall = out.bytes == 4 || out.bytes == 8;
  if (!isWhole && !(isSmall && decoder.has("ca")))
    return false;
  out.run = copy;
  out.space = Space::Global;
  decoder.setAddress(operands[1], out.from[1]);
  out.target = static_cast<std::uint32_t>(out.value);
  out.space = Space::Shared;
  decoder.setAddress(operands[0], out.from[0]);
  if (operands.size() == 4)
    out.from[2] = decoder.from(operands[3], 32);
  return true;
}

bool decodeAtomic(Decoder &decoder) {
  const auto &operands = decoder.statement.operands;
  bool isReduction = decoder.part(0) == "red";
  if (!decoder.only({"relaxed", "acquire",     "release", "acq_rel", "cta", "cluster", "gpu", "sys", "global",
                     "shared",  "shared::cta", "add",     "min",     "max", "and",     "or",  "xor", "exch",
                     "cas",     "u32",         "s32",     "b32",     "u64", "s64",     "b64", "f32", "f64"}))
    return false;
  const std::string &type = decoder.type();
  Instruction &out = decoder.out;
  bool isFloat = type[0] == 'f';
  static const std::map<std::string_view, Update> updates = {
      {"add", Update::Add}, {"min", Update::Min}, {"max", Update::Max},       {"and", Update::And},
      {"or", Update::Or},   {"xor", Update::Xor}, {"exch", Update::Exchange}, {"cas", Update::CompareExchange}};
  auto update =
      std::find_if(updates.begin(), updates.end(), [&](const auto &entry) { return decoder.has(entry.first); });
  if (update == updates.end() || (isFloat && update->second != Update::Add))
    return false;
  Update which = !isFloat ? update->second : type == "f32" ? Update::AddF32 : Update::AddF64;
  out.option = static_cast<std::uint8_t>(which);
  out.bytes = static_cast<std::uint8_t>(typeBits(type) / 8);
  out.count = type[0] == 's' ? 2 : 1;
  std::size_t next = 0;
  if (!isReduction)
    decoder.setTo(operands.at(next++));
  decoder.setAddress(operands.at(next++), out.from[0]);
  for (unsigned i = 1; next < operands.size() && i < 3; ++i)
    out.from[i] = decoder.from(operands[next++], typeBits(type));
  out.run = atomic;
  return next == operands.size();
}

} // namespace

bool tile::emulator::decodeAccess(Decoder &decoder) {
  const std::string &head = decoder.part(0);
  const auto &operands = decoder.statement.operands;
  Instruction &out = decoder.out;
  bool isLoad = head == "ld" || head == "ldu", isStore = head == "st";
  bool isAtomic = head == "atom" || head == "red";
  if (isLoad || isStore || isAtomic)
    out.space = decoder.has("param")                                                                    ? Space::Param
                : decoder.has("shared") || decoder.has("shared::cta") || decoder.has("shared::cluster") ? Space::Shared
                : decoder.has("global") || decoder.has("const")                                         ? Space::Global
                : decoder.has("local") ? Space::Local
                                       : Space::Generic;
  out.isShared = isAtomic || decoder.has("volatile") || decoder.has("relaxed");
  out.stays = decoder.has("nc");
  out.isOrdered = isLoad && out.space == Space::Global && !out.stays;
  if (isAtomic)
    return decodeAtomic(decoder);
  if (head == "cp" && decoder.part(1) == "async")
    return decodeAsync(decoder);
  if (!isLoad && !isStore)
    return false;
  if (!decoder.only({"weak",
                     "volatile",
                     "relaxed",
                     "acquire",
                     "release",
                     "cta",
                     "cluster",
                     "gpu",
                     "sys",
                     "param",
                     "shared",
                     "shared::cta",
                     "shared::cluster",
                     "global",
                     "const",
                     "local",
                     "nc",
                     "ca",
                     "cg",
                     "cs",
                     "cv",
                     "lu",
                     "wb",
                     "wt",
                     "L1::evict_normal",
                     "L1::evict_unchanged",
                     "L1::evict_first",
                     "L1::evict_last",
                     "L1::no_allocate",
                     "L2::64B",
                     "L2::128B",
                     "L2::256B",
                     "v2",
                     "v4",
                     "v8",
                     "b8",
                     "u8",
                     "s8",
                     "b16",
                     "u16",
                     "s16",
                     "b32",
                     "u32",
                     "s32",
                     "f32",
                     "b64",
                     "u64",
                     "s64",
                     "f64"}) ||
      operands.size() != 2)
    return false;
  const std::string &type = decoder.type();
  const Operand &address = operands[isLoad ? 1 : 0], &data = operands[isLoad ? 0 : 1];
  out.bytes = static_cast<std::uint8_t>(typeBits(type) / 8);
  out.count = decoder.has("v2") ? 2 : decoder.has("v4") ? 4 : decoder.has("v8") ? 8 : 1;
  out.option = type[0] == 's';
  if (out.count != (data.kind == Operand::Kind::Vector ? data.elements.size() : 1) || !out.bytes)
    return false;
  decoder.setAddress(address, out.from[0]);
  out.run = isLoad ? load : store;
  if (isLoad) {
    decoder.setTo(data);
    return true;
  }
  for (unsigned i = 0; i < out.count; ++i) {
    const Operand &element = data.kind == Operand::Kind::Vector ? data.elements[i] : data;
    out.from[i + 1] = decoder.from(element, element.kind == Operand::Kind::Register ? 0 : typeBits(type));
  }
  return true;
}
