//===- Stopwatch.h - The time of launches --------------------------*- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef TILE_TUNING_STOPWATCH_H
#define TILE_TUNING_STOPWATCH_H

#include "tile/Device.h"
#include "tile/Driver/Driver.h"

#include <llvm/ADT/STLFunctionalExtras.h>

namespace tile::tuning {

/// Times rows of launches: by events on the stream of a GPU whose driver has them, else by the wall clock.
class Stopwatch {
public:
  explicit Stopwatch(Stream stream);
  ~Stopwatch();
  Stopwatch(const Stopwatch &) = delete;
  Stopwatch &operator=(const Stopwatch &) = delete;

  /// Seconds of a launch, of `count` of them in a row after one that isn't counted. Throws Error when one fails.
  double time(llvm::function_ref<void()> launch, unsigned count);
  bool hasEvents() const { return first && last; }

private:
  Stream stream;
  driver::Event first = nullptr, last = nullptr;
};

/// How long the launches of one sample take together.
inline constexpr double kSampleSeconds = 0.02;

/// How many launches take about so many seconds, at least one.
unsigned launchesFor(double seconds, double one);

} // namespace tile::tuning

#endif // TILE_TUNING_STOPWATCH_H
