//===- Figures.h - What is measured of a machine -------------------*- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef TILE_TOOLS_TILE_CALIBRATE_FIGURES_H
#define TILE_TOOLS_TILE_CALIBRATE_FIGURES_H

#include "tile/Driver/Driver.h"

#include <memory>
#include <string>
#include <vector>

namespace tile::calibrate {

/// One thing that was measured, and the field of the machine model that says the same, if there is one: "tensor.copyLatency". No number
/// for what couldn't be measured, and why it couldn't.
struct Figure {
  std::string what, unit;
  double value;
  std::string field;
};

/// Which of several figures of one field the model means is said by its first one.
using Figures = std::vector<Figure>;

/// Measures one core of the host's processor. `clock` is its cycles a second.
Figures measureProcessor(double clock, bool quick);

/// Measures a GPU. Throws std::runtime_error when something can't be run.
Figures measureGpu(const std::shared_ptr<driver::Gpu> &gpu, bool quick);

} // namespace tile::calibrate

#endif // TILE_TOOLS_TILE_CALIBRATE_FIGURES_H
