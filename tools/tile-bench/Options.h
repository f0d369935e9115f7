//===- Options.h - The command line of tile-bench ------------------*- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef TILE_TOOLS_TILE_BENCH_OPTIONS_H
#define TILE_TOOLS_TILE_BENCH_OPTIONS_H

#include "tile/Tuning/Bench.h"

namespace tile::bench {

/// What the command line says.
struct Options {
  std::string input, device, target, json, csv, report, timeline;
  /// What --json wrote, instead of an input.
  std::string from;
  tuning::Request request;
};

/// What a program of that name prints for --help.
extern const char *const usage;

/// Reads the words after the program's name. The exit status when there is nothing more to do: 0 after --help, 2 for bad usage, which has
/// been said on standard error.
std::optional<int> parse(llvm::ArrayRef<char *> words, Options &options);

/// The device for --device and --target. Throws Error when there is none.
Device findDevice(Options &options);

} // namespace tile::bench

#endif // TILE_TOOLS_TILE_BENCH_OPTIONS_H
