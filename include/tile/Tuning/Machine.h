//===- Machine.h - What the machine that runs can do ---------------*- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef TILE_TUNING_MACHINE_H
#define TILE_TUNING_MACHINE_H

#include "tile/Device.h"
#include "tile/Tuning/Experiment.h"

namespace tile::tuning {

/// Cycles a second, the driver's highest or as measured; 0 where nobody knows.
double clockOf(const Device &device);

/// Asks the device, and measures what it doesn't say.
Machine examineMachine(const Device &device);

/// Operations a second.
struct Peaks {
  /// Multiply-adds in dots, by the width of the operands, and elementwise operations and elementary functions.
  double dots64 = 0, dots32 = 0, dots16 = 0, dots8 = 0, elementwise = 0, special = 0;
};

/// By the machine model and the clock; all 0 where there is no clock.
Peaks peaksOf(const Machine &machine);

} // namespace tile::tuning

#endif // TILE_TUNING_MACHINE_H
