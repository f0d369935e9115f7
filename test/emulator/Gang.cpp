//===- Gang.cpp - Blocks whose warps run at once -----------------*- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Gang.h"

#include <algorithm>
#include <cstdlib>

using namespace tile::emulator;

void tile::emulator::setDelays(Schedule &schedule, std::string_view text) {
  schedule.delaysWarp.assign(32, false);
  while (!text.empty()) {
    std::size_t comma = std::min(text.find(','), text.size());
    std::string one(text.substr(0, comma));
    text.remove_prefix(std::min(comma + 1, text.size()));
    schedule.delaysCopies |= one == "copies";
    schedule.delaysStores |= one == "stores";
    schedule.delaysProducts |= one == "products";
    char *end = nullptr;
    unsigned long first = std::strtoul(one.c_str(), &end, 10), last = first;
    if (end == one.c_str())
      continue;
    if (*end == '-')
      last = std::strtoul(end + 1, nullptr, 10);
    for (unsigned long i = first; i <= last && i < schedule.delaysWarp.size(); ++i)
      schedule.delaysWarp[i] = true;
  }
}

Gang::Gang(const Launch &launch) : launch(launch), copies(*this) {
  for (unsigned rank = 0; rank < launch.cluster.count(); ++rank) {
    blocks.push_back(std::make_unique<Block>(launch));
    Block &block = *blocks.back();
    if (!launch.code->isConcurrent && launch.cluster.count() == 1)
      continue;
    block.concurrent = std::make_shared<Concurrent>(*this, block, rank);
    block.shared.follow(&clocks, block.concurrent->firstThread, block.threads);
  }
}

bool Gang::isDelayed(const Warp &warp) const {
  const std::vector<bool> &delays = launch.schedule.delaysWarp;
  return warp.index < delays.size() && delays[warp.index];
}

Block &tile::emulator::blockAt(Warp &warp, unsigned lane, std::uint64_t &address) {
  auto rank = static_cast<unsigned>(address >> kRankShift);
  address &= (1u << kRankShift) - 1;
  if (!rank)
    return warp.block;
  if (!warp.block.concurrent || rank > gangOf(warp).blocks.size())
    warp.fail(Fault::Kind::Address, lane, "an address in a block that the cluster doesn't have");
  Block &block = *gangOf(warp).blocks[rank - 1];
  if (std::all_of(block.warps.begin(), block.warps.end(), [](const auto &one) { return one->fragments.empty(); }))
    warp.fail(Fault::Kind::Address, lane, "an address in a block of the cluster that has ended");
  return block;
}

void Gang::wake() {
  for (auto &block : blocks)
    for (auto &warp : block->warps)
      warp->spins = false;
}

void Gang::start(std::uint64_t number) {
  numbers.seed(launch.schedule.seed * std::uint64_t(0x9e3779b97f4a7c15) + number);
  static constexpr unsigned kinds[] = {1, 8, 16, 30};
  haste = kinds[random(4)];
  clocks.start(static_cast<unsigned>(blocks.size()) * blocks.front()->threads);
  copies.start();
  cluster.phase = cluster.come = 0;
  cluster.gathered = cluster.done = clocks.nothing();
  const Dimensions &shape = launch.cluster;
  Dimensions clusters = {launch.grid.x / shape.x, launch.grid.y / shape.y, launch.grid.z / shape.z};
  Dimensions first = {static_cast<unsigned>(number % clusters.x) * shape.x,
                      static_cast<unsigned>(number / clusters.x % clusters.y) * shape.y,
                      static_cast<unsigned>(number / clusters.x / clusters.y) * shape.z};
  for (unsigned rank = 0; rank < blocks.size(); ++rank) {
    Block &block = *blocks[rank];
    block.begin({first.x + rank % shape.x, first.y + rank / shape.x % shape.y, first.z + rank / shape.x / shape.y});
    block.concurrent->barriers.start();
    block.concurrent->meetings.start();
    block.concurrent->products.start();
  }
}

void Gang::run(std::uint64_t number) {
  if (!blocks.front()->concurrent)
    return blocks.front()->run(number);
  start(number);
  takeTurns();
  checkEnd();
}

void Gang::step(Warp &warp) {
  warp.run();
  if (warp.barrier && !warp.fragments.empty())
    warp.block.concurrent->meetings.come(warp);
}

bool Gang::happen(bool isLast) {
  const Schedule &schedule = launch.schedule;
  std::vector<unsigned> kinds;
  constexpr unsigned kLoad = ~0u, kStore = ~0u - 1;
  // Of the kinds that there are, one by chance.
  if (copies.hasLoads() && (isLast || !schedule.delaysCopies))
    kinds.push_back(kLoad);
  if (copies.hasStores() && (isLast || !schedule.delaysStores))
    kinds.push_back(kStore);
  for (unsigned rank = 0; rank < blocks.size(); ++rank)
    if (blocks[rank]->concurrent->products.isUnderWay() && (isLast || !schedule.delaysProducts))
      kinds.push_back(rank);
  if (kinds.empty())
    return false;
  unsigned kind = kinds[random(static_cast<unsigned>(kinds.size()))];
  if (kind == kLoad)
    copies.landOne();
  else if (kind == kStore)
    copies.storeOne();
  else
    blocks[kind]->concurrent->products.happenOne();
  return true;
}

void Gang::takeTurns() {
  // How often warps that wait for a barrier's phase look again, when nothing else is left that could end it.
  constexpr unsigned kVainTurns = 64;
  unsigned vain = 0;
  std::vector<Warp *> ready, late, spinning;
  while (true) {
    ready.clear();
    late.clear();
    spinning.clear();
    bool isOver = true;
    for (auto &block : blocks)
      for (auto &warp : block->warps) {
        if (warp->fragments.empty())
          continue;
        isOver = false;
        if (!warp->barrier)
          (warp->spins ? spinning : isDelayed(*warp) ? late : ready).push_back(warp.get());
      }
    if (isOver)
      return;
    if ((ready.empty() || random(32) < haste) && happen(false))
      continue;
    if (ready.empty() && late.empty() && happen(true))
      continue;
    std::vector<Warp *> &from = !ready.empty() ? ready : !late.empty() ? late : spinning;
    if (from.empty() || (&from == &spinning && vain++ > kVainTurns * spinning.size()))
      failStuck();
    Warp &warp = *from[random(static_cast<unsigned>(from.size()))];
    // Other lanes of a warp may be those that some wait for.
    warp.stepsAside = &from == &spinning && vain > 8 * spinning.size() && random(2);
    step(warp);
    warp.stepsAside = false;
    if (!warp.spins)
      vain = 0;
  }
}

std::string Gang::whatFor(const Warp &warp) const {
  const Instruction &at = warp.barrier ? *warp.barrier : *warp.awaited.at;
  std::string text = "at " + placeOf(warp.block.code, *at.statement) + " for ";
  if (warp.barrier)
    return text + warp.block.concurrent->meetings.describe(warp);
  bool byParity = at.statement->opcode.find(".parity") != std::string::npos;
  return text + "a phase " + (byParity ? "of parity " : "") + std::to_string(warp.awaited.phase) + " to end of " +
         warp.block.concurrent->barriers.describe(warp.awaited.address);
}

void Gang::failStuck() {
  std::string text = "nothing can go on";
  const Warp *first = nullptr;
  for (auto &block : blocks) {
    std::size_t ended = 0, all = block->warps.size();
    for (std::size_t i = 0, last; i < all; i = last + 1) {
      last = i;
      const Warp &warp = *block->warps[i];
      if (warp.fragments.empty()) {
        ++ended;
        continue;
      }
      if (!first)
        first = &warp;
      std::string why = whatFor(warp);
      while (last + 1 < all && !block->warps[last + 1]->fragments.empty() && whatFor(*block->warps[last + 1]) == why)
        ++last;
      text +=
          last == i ? "; warp " + std::to_string(i) : "; warps " + std::to_string(i) + " to " + std::to_string(last);
      if (blocks.size() > 1)
        text += " of block " + std::to_string(block->concurrent->rank) + " of the cluster";
      text += (last == i ? " waits " : " wait ") + why;
    }
    if (ended)
      text += "; " + std::to_string(ended) + (ended == 1 ? " warp has ended" : " warps have ended");
  }
  Warp &failing = *first->block.warps[first->index];
  failing.failAt(first->barrier ? *first->barrier : *first->awaited.at, Fault::Kind::Synchronisation,
                 static_cast<unsigned>(std::countr_zero(first->alive)), text);
}

void Gang::checkEnd() {
  copies.checkEnd();
  for (auto &block : blocks) {
    block->concurrent->products.checkEnd();
    for (auto &warp : block->warps)
      warp->current = nullptr;
    block->concurrent->meetings.checkEnd();
  }
}
