//===- TileOps.td - All ops of the tile dialect ------------------*- tablegen -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef TILE_DIALECT_TILEOPS_TD
#define TILE_DIALECT_TILEOPS_TD

include "tile/Dialect/KernelOps.td"
include "tile/Dialect/LoopOps.td"
include "tile/Dialect/MemoryOps.td"
include "tile/Dialect/PlacementOps.td"
include "tile/Dialect/ProducerOps.td"
include "tile/Dialect/RecordOps.td"
include "tile/Dialect/RingOps.td"
include "tile/Dialect/ValueOps.td"

#endif // TILE_DIALECT_TILEOPS_TD
