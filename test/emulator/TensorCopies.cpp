//===- TensorCopies.cpp - Boxes of tensors on their way ----------*- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Gang.h"

#include <algorithm>
#include <utility>

using namespace tile::emulator;

//===----------------------------------------------------------------------===//
// Rows of a box
//===----------------------------------------------------------------------===//

static constexpr unsigned kChunk = 16;

/// Calls `each(global address, bytes inside the tensor, shared address)` for 16 bytes of shared memory after the other. What is inside
/// begins with the chunk, or `skipped` elements behind its beginning.
template <typename F>
static void forChunks(const TensorCopies::Box &box, unsigned firstRow, unsigned rows, F each) {
  const TensorMap &map = box.map;
  unsigned rowBytes = map.rowBytes();
  for (unsigned row = firstRow; row < firstRow + rows; ++row) {
    std::uint32_t index[5];
    map.rowIndex(row, index);
    bool isInside = true;
    std::uint64_t address = map.base;
    for (unsigned i = 1; i < map.rank; ++i) {
      std::int64_t at = std::int64_t(box.at[i]) + index[i];
      isInside &= at >= 0 && at < static_cast<std::int64_t>(map.extent(i));
      address += static_cast<std::uint64_t>(at) * map.strides[i - 1];
    }
    for (unsigned byte = 0; byte < rowBytes; byte += kChunk) {
      std::int64_t first = std::int64_t(box.at[0]) * map.elementBytes + byte;
      std::int64_t end = static_cast<std::int64_t>(map.extent(0)) * map.elementBytes;
      std::int64_t from = std::clamp<std::int64_t>(-first, 0, kChunk),
                   to = std::clamp<std::int64_t>(end - first, 0, kChunk);
      if (!isInside || from >= to)
        from = to = 0;
      each(address + static_cast<std::uint64_t>(first + from), static_cast<unsigned>(from),
           static_cast<unsigned>(to - from), swizzled(box.address + row * rowBytes + byte, map.span));
    }
  }
}

/// Global memory is watched by pieces that lie at multiples of their size.
template <typename F>
static void forAligned(std::uint64_t address, unsigned bytes, F each) {
  for (std::uint64_t at = address, end = address + bytes; at < end;) {
    std::uint64_t next = std::min(end, (at / kChunk + 1) * kChunk);
    each(at, static_cast<unsigned>(next - at));
    at = next;
  }
}

//===----------------------------------------------------------------------===//
// Loads
//===----------------------------------------------------------------------===//

void TensorCopies::start() {
  pieces.clear();
  senders.clear();
  unreadStores = 0;
}

static void checkBox(Warp &warp, unsigned lane, const TensorCopies::Box &box) {
  if (warp.block.launch.countsAccesses)
    warp.block.counters.accesses[warp.current->number].bytes += box.map.boxBytes();
  checkAligned(warp, lane, box.address, 128);
  // An H100 has this for an illegal instruction.
  if (std::int64_t(box.at[0]) * box.map.elementBytes % kChunk != 0)
    warp.fail(Fault::Kind::Misaligned, lane, "the box starts at no multiple of 16 bytes of a row");
  checkShared(warp, lane, box.address, box.map.boxBytes());
  if (box.map.span && box.map.rowBytes() != box.map.span)
    warp.fail(Fault::Kind::Unknown, lane, "the emulator doesn't know how rows lie that are shorter than their swizzle");
  if (box.map.fillsNan)
    warp.fail(Fault::Kind::Unknown, lane, "the emulator doesn't fill with NaN");
}

void TensorCopies::load(Warp &warp, unsigned lane, const Box &box, std::uint32_t barrier, std::uint32_t ranks) {
  checkBox(warp, lane, box);
  unsigned bytes = box.map.boxBytes(), rows = box.map.boxRows(), thread = clockOf(warp, lane);
  for (unsigned rank = 0; rank < gang.blocks.size(); ++rank) {
    if (!(ranks >> rank & 1))
      continue;
    std::uint64_t address = std::uint64_t(rank + 1) << kRankShift;
    Block &block = blockAt(warp, lane, address);
    block.concurrent->barriers.at(warp, lane, barrier, true);
    SharedMemory::Visit visit = {gang.clocks.of(thread), gang.clocks.now(thread)};
    if (!block.shared.issueAsync(box.address, bytes, visit))
      complain(warp, lane, block.shared.whyAsync(box.address, bytes, visit, true), true);
    unsigned parts = std::min(rows, 1 + gang.random(4));
    for (unsigned part = 0; part < parts; ++part) {
      unsigned first = rows * part / parts, end = rows * (part + 1) / parts;
      pieces.push_back({{&warp, lane, warp.current}, box, &block, barrier, first, end - first});
    }
  }
}

void TensorCopies::landOne() {
  std::size_t chosen = gang.random(static_cast<unsigned>(pieces.size()));
  Piece piece = pieces[chosen];
  pieces[chosen] = pieces.back();
  pieces.pop_back();
  land(piece);
}

void TensorCopies::land(const Piece &piece) {
  Warp &warp = *piece.by.warp;
  unsigned lane = piece.by.lane;
  const Instruction *before = std::exchange(warp.current, piece.by.instruction);
  Block &block = *piece.block;
  Barrier &barrier = block.concurrent->barriers.at(warp, lane, piece.barrier, true);
  Stamp stamp = block.concurrent->barriers.stampOf(barrier);
  forChunks(piece.box, piece.firstRow, piece.rows,
            [&](std::uint64_t from, unsigned skipped, unsigned bytes, std::uint32_t to) {
              std::uint8_t *data = block.shared.data(to);
              std::memset(data, 0, kChunk);
              if (bytes) {
                checkGlobal(warp, lane, from, bytes);
                forAligned(from, bytes, [&](std::uint64_t at, unsigned some) {
                  failRace(warp, lane, false, some, at, warp.block.watch.read(at, some, warp.threadOf(lane), false));
                });
                std::memcpy(data + skipped, reinterpret_cast<const void *>(from), bytes);
              }
              block.shared.arriveAsync(to, kChunk, stamp);
            });
  block.concurrent->barriers.complete(barrier, std::int64_t(piece.rows) * piece.box.map.rowBytes());
  warp.current = before;
}

//===----------------------------------------------------------------------===//
// Stores
//===----------------------------------------------------------------------===//

TensorCopies::Sender &TensorCopies::senderOf(Warp &warp, unsigned lane) {
  auto [found, isNew] = senders.try_emplace(clockOf(warp, lane));
  if (isNew)
    found->second.agent = gang.clocks.addAgent("a copy to memory by thread " + std::to_string(warp.threadOf(lane)));
  return found->second;
}

void TensorCopies::store(Warp &warp, unsigned lane, const Box &box) {
  checkBox(warp, lane, box);
  // An H100 has this, too, for an illegal instruction, and writes whole pieces of 16 bytes, whatever the extent.
  if (std::any_of(box.at, box.at + box.map.rank, [](std::int32_t at) { return at < 0; }))
    warp.fail(Fault::Kind::Address, lane, "the box that is stored starts before the view");
  if (box.map.extent(0) * box.map.elementBytes % kChunk != 0)
    warp.fail(Fault::Kind::Address, lane,
              "the rows of the view that is stored to end inside a piece of 16 bytes, which is written as a whole");
  Sender &sender = senderOf(warp, lane);
  sender.last = sender.closed + 1;
  sender.lastBy = {&warp, lane, warp.current};
  SharedMemory &shared = warp.block.shared;
  SharedMemory::Visit visit = {gang.clocks.of(clockOf(warp, lane)), Clocks::stamp(sender.agent, sender.last)};
  unsigned bytes = box.map.boxBytes();
  if (!shared.readAsync(box.address, bytes, visit))
    complain(warp, lane, shared.whyAsync(box.address, bytes, visit, false), false);
  sender.unread.push_back({sender.lastBy, box, sender.last});
  ++unreadStores;
}

void TensorCopies::closeGroup(Warp &warp, unsigned lane) { ++senderOf(warp, lane).closed; }

void TensorCopies::wait(Warp &warp, unsigned lane, unsigned groups) {
  Sender &sender = senderOf(warp, lane);
  if (sender.closed < groups)
    return;
  sender.waited = std::max(sender.waited, sender.closed - groups);
  while (!sender.unread.empty() && sender.unread.front().group <= sender.waited) {
    happen(sender.unread.front());
    sender.unread.pop_front();
    --unreadStores;
  }
  gang.clocks.learn(clockOf(warp, lane), sender.agent, sender.waited);
}

void TensorCopies::storeOne() {
  std::vector<Sender *> some;
  for (auto &[thread, sender] : senders)
    if (!sender.unread.empty())
      some.push_back(&sender);
  Sender &sender = *some[gang.random(static_cast<unsigned>(some.size()))];
  happen(sender.unread.front());
  sender.unread.pop_front();
  --unreadStores;
}

void TensorCopies::happen(const Store &store) {
  Warp &warp = *store.by.warp;
  unsigned lane = store.by.lane;
  const Instruction *before = std::exchange(warp.current, store.by.instruction);
  forChunks(store.box, 0, store.box.map.boxRows(),
            [&](std::uint64_t to, unsigned skipped, unsigned bytes, std::uint32_t from) {
              if (!bytes)
                return;
              checkGlobal(warp, lane, to, bytes);
              const std::uint8_t *data = warp.block.shared.data(from) + skipped;
              bool isSame = std::memcmp(reinterpret_cast<const void *>(to), data, bytes) == 0;
              forAligned(to, bytes, [&](std::uint64_t at, unsigned some) {
                failRace(warp, lane, true, some, at, warp.block.watch.write(at, some, warp.threadOf(lane), isSame));
              });
              std::memcpy(reinterpret_cast<void *>(to), data, bytes);
            });
  warp.current = before;
}

void TensorCopies::checkEnd() {
  if (!pieces.empty())
    pieces.front().by.warp->failAt(*pieces.front().by.instruction, Fault::Kind::Synchronisation, pieces.front().by.lane,
                                   "the block ends while the copy is on its way");
  for (auto &[thread, sender] : senders)
    if (sender.last > sender.waited)
      sender.lastBy.warp->failAt(*sender.lastBy.instruction, Fault::Kind::Synchronisation, sender.lastBy.lane,
                                 "the block ends, and the thread hasn't waited until the copy has read shared memory");
}

//===----------------------------------------------------------------------===//
// Instructions
//===----------------------------------------------------------------------===//

namespace {

enum Option : std::uint8_t { Stores = 1, Multicast = 2 };

/// from: shared memory, the map, the barrier, the blocks; coordinates from from[4] on. `second` is what is added to the map's address.
void copyBox(Warp &warp, const Instruction &instruction) {
  Gang &gang = gangOf(warp);
  for (unsigned lane = 0; lane < kLanes; ++lane) {
    if (!(warp.active >> lane & 1))
      continue;
    auto sharedAddress = [&](unsigned i, std::int64_t offset) {
      std::uint64_t address = warp.lane(instruction.from[i], lane) + static_cast<std::uint64_t>(offset);
      resolve(Space::Shared, address);
      if (&blockAt(warp, lane, address) != &warp.block)
        warp.fail(Fault::Kind::Unknown, lane, "the emulator doesn't copy to another block but by multicast");
      return static_cast<std::uint32_t>(address);
    };
    // The copy itself may happen later.
    checkWaited(warp, lane);
    TensorCopies::Box box;
    Instruction ofMap = instruction;
    ofMap.space = Space::Generic;
    ofMap.stays = true;
    std::uint64_t address = warp.lane(instruction.from[1], lane) + static_cast<std::uint64_t>(instruction.second);
    checkAligned(warp, lane, address, 64);
    std::uint8_t bytes[sizeof(TensorMap)];
    for (unsigned i = 0; i < sizeof(bytes); i += 16)
      readBytes(warp, ofMap, lane, address + i, bytes + i, 16);
    std::memcpy(&box.map, bytes, sizeof(bytes));
    if (box.map.magic != TensorMap::kMagic)
      warp.fail(Fault::Kind::Address, lane, "there is no tensor map at " + hexadecimal(address));
    if (box.map.rank != instruction.count)
      warp.fail(Fault::Kind::Address, lane, "the tensor map has a rank of " + std::to_string(box.map.rank));
    box.address = sharedAddress(0, instruction.value);
    for (unsigned i = 0; i < instruction.count; ++i)
      box.at[i] = static_cast<std::int32_t>(warp.lane(instruction.from[4 + i], lane));
    if (instruction.option & Stores) {
      gang.copies.store(warp, lane, box);
      continue;
    }
    std::uint32_t barrier = sharedAddress(2, static_cast<std::int32_t>(instruction.target));
    std::uint32_t ranks = instruction.option & Multicast
                              ? static_cast<std::uint32_t>(warp.lane(instruction.from[3], lane)) & 0xffff
                              : 1u << warp.block.concurrent->rank;
    if (!ranks || ranks >> gang.blocks.size())
      warp.fail(Fault::Kind::Address, lane, "a copy to blocks that the cluster doesn't have");
    gang.copies.load(warp, lane, box, barrier, ranks);
  }
  mayPause(warp);
}

void closeGroup(Warp &warp, const Instruction &) {
  for (unsigned lane = 0; lane < kLanes; ++lane)
    if (warp.active >> lane & 1)
      gangOf(warp).copies.closeGroup(warp, lane);
  mayPause(warp);
}

void waitForGroups(Warp &warp, const Instruction &instruction) {
  for (unsigned lane = 0; lane < kLanes; ++lane)
    if (warp.active >> lane & 1)
      gangOf(warp).copies.wait(warp, lane, static_cast<unsigned>(instruction.value));
}

} // namespace

/// cp.async.bulk.…
bool tile::emulator::decodeTensorCopy(Decoder &decoder) {
  const auto &parts = decoder.statement.parts;
  const auto &operands = decoder.statement.operands;
  Instruction &out = decoder.out;
  if (parts.size() < 4 || parts[0] != "cp" || parts[1] != "async" || parts[2] != "bulk")
    return false;
  out.kind = Kind::Pausing;
  out.isConcurrent = true;
  if (parts[3] == "commit_group") {
    out.run = closeGroup;
    return parts.size() == 4 && operands.empty();
  }
  if (parts[3] == "wait_group") {
    out.run = waitForGroups;
    out.value = operands.at(0).value;
    return parts.size() == (decoder.has("read") ? 5 : 4);
  }
  if (parts.size() < 7 || parts[3] != "tensor" || parts[4].size() != 2 || parts[4][1] != 'd' || parts[4][0] < '1' ||
      parts[4][0] > '5' ||
      !decoder.only({"async", "bulk", "tensor", parts[4], "shared::cluster", "shared::cta", "global", "tile",
                     "mbarrier::complete_tx::bytes", "bulk_group", "multicast::cluster", "L2::cache_hint"}))
    return false;
  bool stores = parts[5] == "global";
  out.run = copyBox;
  out.count = static_cast<std::uint8_t>(parts[4][0] - '0');
  out.option = stores ? Stores : decoder.has("multicast::cluster") ? Multicast : 0;
  std::size_t wanted = (stores ? 2 : 3) + decoder.has("multicast::cluster") + decoder.has("L2::cache_hint");
  if (operands.size() != wanted || decoder.has(stores ? "mbarrier::complete_tx::bytes" : "bulk_group") ||
      !decoder.has(stores ? "bulk_group" : "mbarrier::complete_tx::bytes"))
    return false;
  const Operand &map = operands[stores ? 0 : 1];
  if (map.elements.size() != out.count)
    return false;
  out.space = Space::Param;
  decoder.setAddress(map, out.from[1]);
  out.second = out.value;
  for (unsigned i = 0; i < out.count; ++i)
    out.from[4 + i] = decoder.from(map.elements[i], 32);
  out.space = Space::Shared;
  if (!stores) {
    decoder.setAddress(operands[2], out.from[2]);
    out.target = static_cast<std::uint32_t>(out.value);
    if (out.option & Multicast)
      out.from[3] = decoder.from(operands[3], 16);
  }
  decoder.setAddress(operands[stores ? 1 : 0], out.from[0]);
  return true;
}
