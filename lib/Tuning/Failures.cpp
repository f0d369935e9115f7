//===- Failures.cpp - What keeps a configuration from being used ---*- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Failures.h"
#include "tile/Error.h"

#include <llvm/ADT/StringRef.h>
#include <llvm/Support/FormatVariadic.h>

#include <cmath>
#include <ctime>

using namespace tile;
using namespace tile::tuning;

std::string tuning::lineOf(const std::exception &error) {
  std::string text = llvm::StringRef(error.what()).split('\n').first.str();
  const auto *own = dynamic_cast<const Error *>(&error);
  if (!own)
    return text;
  for (const Diagnostic &diagnostic : own->diagnostics()) {
    if (diagnostic.severity != Severity::Error)
      continue;
    text = llvm::StringRef(diagnostic.message).split('\n').first.str();
    for (const Diagnostic &note : diagnostic.notes)
      if (llvm::StringRef(note.message).contains("stage count"))
        text += "; " + note.message;
    break;
  }
  return text;
}

bool tuning::isAboutRoom(const std::string &reason) { return llvm::StringRef(reason).contains("stage count"); }

double tuning::checkError(double error) {
  // What other instructions and roundings may make, with the coarsest types.
  constexpr double kTolerable = 0.05;
  if (!(error <= kTolerable))
    throw Error(
        std::isfinite(error)
            ? llvm::formatv("wrong results: their relative error beside the unpipelined program's is {0:F2}", error)
                  .str()
            : "wrong results: numbers where the unpipelined program has none, or the other way round");
  return error;
}

std::string tuning::currentTime() {
  std::time_t seconds = std::time(nullptr);
  std::tm parts = {};
  char text[32];
  std::strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%SZ", gmtime_r(&seconds, &parts));
  return text;
}
