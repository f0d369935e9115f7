//===- RuntimeDebug.cpp - Assertions and printing -----------------*- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "RuntimeDebug.h"
#include "tile/Target/CPU/Printing.h"

#include <llvm/ADT/StringExtras.h>

#include <cstring>

using namespace tile;
using namespace tile::cpu;

void cpu::assertFailed(Worker *worker, const char *message) {
  worker->run->fail(std::string("assertion failed: ") + message);
}

void cpu::assertAll(Worker *worker, const char *bools, int64_t count, const char *message) {
  if (std::memchr(bools, 0, count))
    assertFailed(worker, message);
}

void cpu::printBegin(Worker *worker) { worker->printed.clear(); }

void cpu::printValue(Worker *worker, const char *data, int64_t letter, int64_t elementBytes, const char *shape) {
  llvm::SmallVector<int64_t> extents;
  for (llvm::StringRef word : llvm::split(llvm::StringRef(shape), ' ')) {
    int64_t extent;
    if (!word.getAsInteger(10, extent))
      extents.push_back(extent);
  }
  worker->printed.push_back(formatValue(data, static_cast<char>(letter), elementBytes, extents));
}

void cpu::printEnd(Worker *worker, const char *format) {
  std::string line = formatLine(format, worker->printed);
  std::lock_guard lock(worker->run->mutex);
  if (*worker->run->print)
    (*worker->run->print)(line);
  else
    writeLines(line);
}
