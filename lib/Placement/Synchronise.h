//===- Synchronise.h - The steps from placed to synchronised -------*- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

//
// The pass `tile-synchronise` in its order. Each step leaves IR that the next one reads; what a channel's ops say is needed until the last.
//
//===----------------------------------------------------------------------===//

#ifndef TILE_LIB_PLACEMENT_SYNCHRONISE_H
#define TILE_LIB_PLACEMENT_SYNCHRONISE_H

#include "tile/Dialect/Tile.h"

namespace tile::placement {

/// Takes what travels between warps through shared memory: conversions of layouts, and tiles that a dot reads from there.
void moveThroughMemory(ir::KernelOp kernel);

/// Makes each `staged` copy a load into registers, and a write into the ring at the end of the step.
void splitStagedCopies(ir::KernelOp kernel);

/// Makes each tensor store a write to a scratch and what takes it from there.
void splitTensorStores(ir::KernelOp kernel);

/// Leaves tensor stores to the threads, from the registers where their tiles are.
void storeByThreads(ir::KernelOp kernel);
/// Says which of the two a store comes to: there may be no room for its scratch.
void reportStore(ir::StoreOp store, bool fits);
/// The one where there is room for scratches beside the rings, the other where there is none. Reports which.
void placeTensorStores(ir::KernelOp kernel);

/// Closes a group of copies at each commit, whether or not it has any, and has each await wait for as few of them as will do.
void placeWaits(ir::KernelOp kernel);

/// Has a producer's threads say that a ticket is filled once their copies for it have landed and can be read by products, while newer ones
/// are under way.
void placeProducerWaits(ir::KernelOp kernel);

/// Gives each ring and scratch its place in shared memory, and the kernel their total. Over the target's budget is an error.
llvm::LogicalResult planSharedMemory(ir::KernelOp kernel);

/// Places barriers between accesses of different threads to the same memory, as few as needed. Rings and scratches have their offsets, and
/// the kernel its channels.
llvm::LogicalResult placeBarriers(ir::KernelOp kernel);

/// The ring that a slot is of, or the scratch that it is.
mlir::Value bufferOf(mlir::Value slot);
/// What the offset of a buffer is a multiple of that lies in shared memory by a swizzle.
int64_t alignmentOf(ir::SwizzleAttr swizzle);
/// The bytes that a ring or a scratch takes; of a ring, `depth` slots.
int64_t sharedBytes(mlir::Type type);

} // namespace tile::placement

#endif // TILE_LIB_PLACEMENT_SYNCHRONISE_H
