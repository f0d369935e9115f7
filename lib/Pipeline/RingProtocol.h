//===- RingProtocol.h - The life of a slot -------------------------*- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The protocol of one ticket is: acquire, copies, commit, await, reads, release, each channel's slots together and in this order. A
// slot is free before it is acquired and after it is released.
//
//===----------------------------------------------------------------------===//

#ifndef TILE_LIB_PIPELINE_RINGPROTOCOL_H
#define TILE_LIB_PIPELINE_RINGPROTOCOL_H

#include "Terms.h"
#include "tile/Dialect/Tile.h"

#include <llvm/ADT/MapVector.h>

namespace tile::pipeline {

/// The state of all rings of a kernel during one symbolic run. Each member follows one op; it gives what is wrong with the op, or an
/// empty string.
class RingProtocol {
public:
  std::string makeRing(ir::RingOp op);
  std::string makeChannel(ir::ChannelOp op);
  std::string acquire(mlir::Value channel, int64_t ticket);
  /// `content` is what a load in the copy's place would give.
  std::string copy(mlir::Value ring, int64_t ticket, Term content);
  std::string commit(mlir::Value channel, int64_t ticket);
  std::string await(mlir::Value channel, int64_t ticket);
  /// Whether an `acquire` need not wait, and whether an `await` need not, where a producer fills the slots.
  bool isFree(mlir::Value channel, int64_t ticket);
  bool isCommitted(mlir::Value channel, int64_t ticket);
  std::string read(mlir::Value ring, int64_t ticket, Term &content);
  std::string release(mlir::Value channel, int64_t ticket);
  /// Whether a ring belongs to a channel.
  bool isOf(mlir::Value ring, mlir::Value channel) { return llvm::is_contained(channels[channel], ring); }
  int64_t depth(mlir::Value channel) { return rings[channels[channel].front()].slots.size(); }
  /// What is wrong at the end of the kernel: slots that are still in use.
  std::string finish();

private:
  enum class State { Free, Acquired, Committed, Full };
  struct Slot {
    State state = State::Free;
    int64_t ticket = 0;
    std::optional<Term> content;
  };
  struct Ring {
    std::vector<Slot> slots;
  };

  Slot &slot(mlir::Value ring, int64_t ticket);
  /// Names the first of a ring's slots that is in use.
  static std::string unreleased(llvm::ArrayRef<Slot> slots);
  std::string advance(mlir::Value channel, int64_t ticket, State from, State to, llvm::StringRef what);

  llvm::MapVector<mlir::Value, Ring> rings;
  llvm::DenseMap<mlir::Value, llvm::SmallVector<mlir::Value>> channels;
};

} // namespace tile::pipeline

#endif // TILE_LIB_PIPELINE_RINGPROTOCOL_H
