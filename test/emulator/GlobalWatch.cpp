//===- GlobalWatch.cpp - Who touched global memory ----------------*- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "GlobalWatch.h"

using namespace tile::emulator;

GlobalWatch::Page *GlobalWatch::pageOf(std::uint64_t address) {
  std::uint64_t number = address / kPage;
  if (number == lastNumber)
    return last;
  auto found = pages.find(number);
  if (found == pages.end()) {
    if (pages.size() >= kMostPages)
      return nullptr;
    found = pages.emplace(number, std::make_unique<Page>()).first;
  }
  lastNumber = number;
  return last = found->second.get();
}

// Accesses are aligned, so that none crosses a page.

const char *GlobalWatch::read(std::uint64_t address, unsigned bytes, unsigned thread, bool stays) {
  Page *page = pageOf(address);
  if (!page)
    return nullptr;
  std::int64_t mine = epoch + thread;
  for (std::uint64_t i = address % kPage, end = i + bytes; i < end; ++i) {
    std::int64_t writer = page->writers[i];
    if (writer && stays)
      return "as memory that stays, and the kernel has written it";
    if (writer && writer < first)
      return "which another block has written";
    if (writer >= epoch && writer != mine)
      return "which another thread has written since the last barrier";
    page->stays[i] |= stays;
    std::int64_t &reader = page->readers[i];
    reader = reader < epoch || reader == mine ? mine : epoch + kMany;
  }
  return nullptr;
}

const char *GlobalWatch::write(std::uint64_t address, unsigned bytes, unsigned thread, bool isSame) {
  Page *page = pageOf(address);
  if (!page)
    return nullptr;
  std::int64_t mine = epoch + thread;
  for (std::uint64_t i = address % kPage, end = i + bytes; i < end; ++i) {
    std::int64_t writer = page->writers[i], reader = page->readers[i];
    if (page->stays[i])
      return "which was loaded as memory that stays";
    if (reader && reader < first)
      return "which another block has read";
    if (!isSame && writer >= epoch && writer != mine)
      return "where another thread has written something else since the last barrier";
    if (!isSame && reader >= epoch && reader != mine)
      return "which another thread has read since the last barrier";
    page->writers[i] = mine;
  }
  return nullptr;
}

void GlobalWatch::forget(std::uint64_t address, unsigned bytes) {
  Page *page = pageOf(address);
  for (std::uint64_t i = address % kPage, end = i + bytes; page && i < end; ++i)
    page->writers[i] = page->readers[i] = 0;
}
