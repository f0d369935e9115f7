//===- Stages.h - How many stages a loop can be given --------------*- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef TILE_DIALECT_STAGES_H
#define TILE_DIALECT_STAGES_H

#include <cstdint>

namespace tile::ir {

/// A count beyond this is a mistake: the prologue holds the issue of every stage.
inline constexpr std::int64_t kMostStages = 64;

} // namespace tile::ir

#endif // TILE_DIALECT_STAGES_H
