//===- Clocks.cpp - What threads know of each other's past -------*- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Clocks.h"

#include "Machine.h"

#include <algorithm>

using namespace tile::emulator;

void Clocks::start(unsigned count) {
  threads = count;
  width = std::min(threads + kAgents, kMost + 1);
  all.assign(std::size_t(threads) * width, 0);
  for (unsigned i = 0; i < threads; ++i)
    of(i)[i] = 1;
  names.clear();
  fences.assign(threads, {});
  sets.clear();
  grown.clear();
}

unsigned Clocks::addAgent(std::string name) {
  names.push_back(std::move(name));
  unsigned who = threads + static_cast<unsigned>(names.size()) - 1;
  if (who >= width)
    throw Fault{Fault::Kind::Unknown, "the kernel has more barriers and copying threads than the emulator can follow"};
  return who;
}

void Clocks::tick(unsigned thread) {
  if (++of(thread)[thread] >> kTimeBits)
    throw Fault{Fault::Kind::Unknown, "a block synchronises more often than the emulator can follow"};
}

void Clocks::join(Knowledge &to, const Time *from) const {
  for (unsigned i = 0; i < width; ++i)
    to[i] = std::max(to[i], from[i]);
}

void Clocks::meet(Knowledge &to, const Time *from) const {
  for (unsigned i = 0; i < width; ++i)
    to[i] = std::min(to[i], from[i]);
}

void Clocks::tell(unsigned thread, Knowledge &to) {
  join(to, of(thread));
  tick(thread);
}

void Clocks::learn(unsigned thread, const Knowledge &from) {
  Time *to = of(thread);
  for (unsigned i = 0; i < width; ++i)
    to[i] = std::max(to[i], from[i]);
}

void Clocks::learn(unsigned thread, unsigned who, Time time) {
  Time &known = of(thread)[who];
  known = std::max(known, time);
}

void Clocks::fence(unsigned thread, Fence what) {
  for (Fence one : {Fence::Memory, Fence::Barriers, Fence::Proxy})
    if (one == what || what == Fence::Proxy)
      fences[thread][static_cast<unsigned>(one)].push_back(of(thread)[thread]);
  tick(thread);
}

bool Clocks::isFenced(const Time *known, Stamp past, Fence what) const {
  unsigned who = whoOf(past);
  if (!isThread(who))
    return true;
  // The first fence behind it; it is known when what came after it is.
  const std::vector<Time> &list = fences[who][static_cast<unsigned>(what)];
  auto fence = std::lower_bound(list.begin(), list.end(), timeOf(past));
  return fence != list.end() && *fence < known[who];
}

std::uint32_t Clocks::addReader(std::uint32_t readers, const Time *known, Stamp reader) {
  auto isPast = [&](Stamp old) {
    return whoOf(old) == whoOf(reader) || (knows(known, old) && isFenced(known, old, Fence::Memory));
  };
  if (!readers || (!(readers & kSet) && isPast(readers)))
    return reader;
  std::uint64_t key = std::uint64_t(readers) << 32 | reader;
  auto [found, isNew] = grown.try_emplace(key);
  if (!isNew)
    return found->second;
  std::vector<Stamp> set;
  if (readers & kSet)
    for (Stamp old : sets[readers & ~kSet])
      if (!isPast(old))
        set.push_back(old);
  if (!(readers & kSet))
    set.push_back(readers);
  set.push_back(reader);
  if (set.size() == 1)
    return found->second = reader;
  sets.push_back(std::move(set));
  return found->second = kSet | static_cast<std::uint32_t>(sets.size() - 1);
}

template <typename F>
Stamp Clocks::findReader(std::uint32_t readers, F which) const {
  if (!(readers & kSet))
    return readers && which(readers) ? readers : 0;
  for (Stamp reader : sets[readers & ~kSet])
    if (which(reader))
      return reader;
  return 0;
}

Stamp Clocks::unknownReader(std::uint32_t readers, const Time *known) const {
  return findReader(readers, [&](Stamp reader) { return !knows(known, reader); });
}

Stamp Clocks::readerInFlight(std::uint32_t readers, const Time *known) const {
  return findReader(readers, [&](Stamp reader) { return !isFenced(known, reader, Fence::Memory); });
}
