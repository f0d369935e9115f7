//===- GlobalMemory.cpp - Allocations and addresses --------------*- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "GlobalMemory.h"

#include <algorithm>

using namespace tile::emulator;

void GlobalMemory::add(std::uint64_t begin, std::uint64_t bytes) { live.push_back({begin, begin + bytes}); }

void GlobalMemory::sort() {
  std::sort(live.begin(), live.end(), [](const Span &a, const Span &b) { return a.begin < b.begin; });
}

Span GlobalMemory::find(std::uint64_t address, unsigned bytes) const {
  auto next = std::upper_bound(live.begin(), live.end(), address,
                               [](std::uint64_t value, const Span &span) { return value < span.begin; });
  if (next == live.begin() || !(--next)->holds(address, bytes))
    return {};
  return *next;
}

std::string GlobalMemory::describe(std::uint64_t address) const {
  for (const Span &span : freed)
    if (span.holds(address, 1))
      return "in memory of " + std::to_string(span.end - span.begin) + " bytes that was given back";
  const Span *nearest = nullptr;
  auto distance = [&](const Span &span) { return address < span.begin ? span.begin - address : address - span.end; };
  for (const Span &span : live) {
    if (span.holds(address, 1))
      return "byte " + std::to_string(address - span.begin) + " of an allocation of " +
             std::to_string(span.end - span.begin) + " bytes";
    if (!nearest || distance(span) < distance(*nearest))
      nearest = &span;
  }
  if (!nearest)
    return "and nothing is allocated";
  return std::to_string(distance(*nearest)) + " bytes " + (address < nearest->begin ? "before" : "behind") +
         " an allocation of " + std::to_string(nearest->end - nearest->begin) + " bytes";
}
