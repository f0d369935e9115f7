//===- CheckPadding.h - Warns of padding that reaches a fold ------ -*- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef TILE_LANGUAGE_CHECKPADDING_H
#define TILE_LANGUAGE_CHECKPADDING_H

#include "tile/Dialect/Tile.h"

namespace tile::lang {

/// Warns of every fold of a kernel in phase `tile` that takes in padding which is not its identity.
void checkPadding(ir::KernelOp kernel);

/// Registers `tile-check-padding`, which does that.
void registerPasses();

} // namespace tile::lang

#endif // TILE_LANGUAGE_CHECKPADDING_H
