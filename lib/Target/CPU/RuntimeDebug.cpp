//===- RuntimeDebug.cpp - Assertions and printing -----------------*- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "RuntimeDebug.h"

#include <llvm/ADT/APFloat.h>
#include <llvm/ADT/SmallString.h>
#include <llvm/ADT/StringExtras.h>
#include <llvm/Support/MathExtras.h>
#include <llvm/Support/raw_ostream.h>

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

/// One element, with as many digits as tell it from its neighbours.
static void printElement(llvm::raw_ostream &os, const char *data, char letter, int64_t bytes) {
  uint64_t bits = 0;
  std::memcpy(&bits, data, bytes);
  const llvm::fltSemantics *semantics = nullptr;
  switch (letter) {
  case 'b':
    os << (bits ? "true" : "false");
    return;
  case 'u':
    os << bits;
    return;
  case 'i':
    os << llvm::SignExtend64(bits, 8 * bytes);
    return;
  case 'h':
    semantics = &llvm::APFloat::IEEEhalf();
    break;
  case 'g':
    semantics = &llvm::APFloat::BFloat();
    break;
  case 'e':
    semantics = &llvm::APFloat::Float8E5M2();
    break;
  case 'm':
    semantics = &llvm::APFloat::Float8E4M3FN();
    break;
  default:
    semantics = bytes == 8 ? &llvm::APFloat::IEEEdouble() : &llvm::APFloat::IEEEsingle();
  }
  llvm::SmallString<32> text;
  llvm::APFloat(*semantics, llvm::APInt(8 * bytes, bits)).toString(text, /*FormatPrecision=*/0, /*FormatMaxPadding=*/6);
  os << text;
}

static void printNested(llvm::raw_ostream &os, const char *&data, char letter, int64_t bytes,
                        llvm::ArrayRef<int64_t> shape) {
  if (shape.empty()) {
    printElement(os, data, letter, bytes);
    data += bytes;
    return;
  }
  os << '[';
  for (int64_t i = 0; i < shape.front(); ++i) {
    if (i)
      os << ", ";
    printNested(os, data, letter, bytes, shape.drop_front());
  }
  os << ']';
}

void cpu::printBegin(Worker *worker) { worker->printed.clear(); }

void cpu::printValue(Worker *worker, const char *data, int64_t letter, int64_t elementBytes, const char *shape) {
  llvm::SmallVector<int64_t> extents;
  for (llvm::StringRef word : llvm::split(llvm::StringRef(shape), ' ')) {
    int64_t extent;
    if (!word.getAsInteger(10, extent))
      extents.push_back(extent);
  }
  std::string text;
  llvm::raw_string_ostream os(text);
  printNested(os, data, static_cast<char>(letter), elementBytes, extents);
  worker->printed.push_back(std::move(text));
}

void cpu::printEnd(Worker *worker, const char *format) {
  std::string line;
  llvm::StringRef rest = format;
  for (const std::string &value : worker->printed) {
    auto [before, after] = rest.split("{}");
    line += before.str() + value;
    rest = after;
  }
  line += rest.str() + "\n";
  std::lock_guard lock(worker->run->mutex);
  if (*worker->run->print)
    (*worker->run->print)(line);
  else
    llvm::outs() << line;
  llvm::outs().flush();
}
