//===- Printing.cpp - How kernels print values --------------------*- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "tile/Target/CPU/Printing.h"

#include <llvm/ADT/APFloat.h>
#include <llvm/ADT/SmallString.h>
#include <llvm/Support/MathExtras.h>
#include <llvm/Support/raw_ostream.h>

#include <cstring>
#include <mutex>

using namespace mlir;
using namespace tile;

char cpu::letterOf(Type element, bool isUnsigned) {
  if (element.isInteger(1))
    return 'b';
  if (element.isF16())
    return 'h';
  if (element.isBF16())
    return 'g';
  if (isa<Float8E5M2Type>(element))
    return 'e';
  if (isa<Float8E4M3FNType>(element))
    return 'm';
  return isa<FloatType>(element) ? 'f' : isUnsigned ? 'u' : 'i';
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

std::string cpu::formatValue(const char *data, char letter, int64_t elementBytes, llvm::ArrayRef<int64_t> shape) {
  std::string text;
  llvm::raw_string_ostream os(text);
  printNested(os, data, letter, elementBytes, shape);
  return text;
}

std::string cpu::formatLine(llvm::StringRef format, llvm::ArrayRef<std::string> values) {
  std::string line;
  llvm::StringRef rest = format;
  for (const std::string &value : values) {
    auto [before, after] = rest.split("{}");
    line += before.str() + value;
    rest = after;
  }
  return line + rest.str() + "\n";
}

//===----------------------------------------------------------------------===//
// Streams
//===----------------------------------------------------------------------===//

/// LLVM's streams are not for several threads at once, and end the process with a failure when it exits if an error was never looked at.
static void writeTo(llvm::raw_fd_ostream &os, const llvm::Twine &text) {
  static std::mutex mutex;
  std::lock_guard guard(mutex);
  os << text;
  os.flush();
  os.clear_error();
}

void cpu::writeLines(llvm::StringRef lines) { writeTo(llvm::outs(), lines); }

void cpu::warn(const llvm::Twine &text) { writeTo(llvm::errs(), "tile: warning: " + text + "\n"); }
