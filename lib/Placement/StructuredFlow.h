//===- StructuredFlow.h - Facts that flow through structured control flow *- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

//
// An analysis follows a kernel's ops in the order in which they run and keeps a state. At a loop the state in front of its body is what holds
// however often it ran before: the body is followed until that state stays the same. What is known of tickets is known by name, and names
// change at the edges of loops and branches: what was `%init` is `%arg` in the body, what was `%next` is `%arg` an iteration later.
//
// A state has
//   void rename(const Renaming &);   says what is known under the new names, and forgets what has no name any more
//   bool join(const State &);        takes in what another path knows; true when that changed the state
//
//===----------------------------------------------------------------------===//

#ifndef TILE_LIB_PLACEMENT_STRUCTUREDFLOW_H
#define TILE_LIB_PLACEMENT_STRUCTUREDFLOW_H

#include "tile/Dialect/Tile.h"

namespace tile::placement {

/// A ticket as a distance from a value; from 0 where there is no value.
struct Ticket {
  mlir::Value root;
  int64_t offset = 0;

  /// Looks through additions of constants.
  static Ticket of(mlir::Value value);
  bool operator==(const Ticket &) const = default;
};

/// What happens to names on the way from one block to another.
struct Renaming {
  /// The value that `second` names from now on.
  llvm::SmallVector<std::pair<Ticket, mlir::Value>, 4> names;
  /// The region whose values mean nothing any more; may be null.
  mlir::Region *left = nullptr;

  Renaming(mlir::ValueRange from, mlir::ValueRange to, mlir::Region *left = nullptr);
  /// Whether a value is one of those that mean nothing any more.
  bool forgets(mlir::Value value) const { return value && left && left->isAncestor(value.getParentRegion()); }
  /// All that a ticket is called afterwards.
  llvm::SmallVector<Ticket, 2> rename(Ticket ticket) const;
};

template <typename State>
class StructuredFlow {
public:
  virtual ~StructuredFlow() = default;

  /// Follows the ops of a block.
  void follow(mlir::Block &block, State &state) {
    for (mlir::Operation &op : block) {
      if (auto loop = llvm::dyn_cast<mlir::scf::ForOp>(op))
        followFor(loop, state);
      else if (auto branch = llvm::dyn_cast<mlir::scf::IfOp>(op))
        followIf(branch, state);
      else if (auto loop = llvm::dyn_cast<mlir::scf::WhileOp>(op))
        followWhile(loop, state);
      else
        visit(op, state);
    }
  }

protected:
  /// Sees an op without regions; in a loop several times, the last time with what always holds.
  virtual void visit(mlir::Operation &op, State &state) = 0;

private:
  static State renamed(const State &state, mlir::ValueRange from, mlir::ValueRange to, mlir::Region *left = nullptr) {
    State result = state;
    result.rename(Renaming(from, to, left));
    return result;
  }

  void followFor(mlir::scf::ForOp loop, State &state) {
    mlir::Block &body = *loop.getBody();
    State head = renamed(state, loop.getInitArgs(), loop.getRegionIterArgs());
    while (true) {
      State end = head;
      follow(body, end);
      State back = renamed(end, body.getTerminator()->getOperands(), loop.getRegionIterArgs(), &loop.getRegion());
      if (!head.join(back))
        break;
    }
    state = renamed(head, loop.getRegionIterArgs(), loop.getResults(), &loop.getRegion());
  }

  void followIf(mlir::scf::IfOp branch, State &state) {
    auto through = [&](mlir::Region &region) {
      State path = state;
      if (region.empty())
        return path;
      follow(region.front(), path);
      return renamed(path, region.front().getTerminator()->getOperands(), branch.getResults(), &region);
    };
    State after = through(branch.getThenRegion());
    after.join(through(branch.getElseRegion()));
    state = std::move(after);
  }

  void followWhile(mlir::scf::WhileOp loop, State &state) {
    mlir::Block &before = *loop.getBeforeBody(), &after = *loop.getAfterBody();
    mlir::ValueRange passed = loop.getConditionOp().getArgs();
    State head = renamed(state, loop.getInits(), before.getArguments());
    State tested = head;
    while (true) {
      tested = head;
      follow(before, tested);
      State end = renamed(tested, passed, after.getArguments(), &loop.getBefore());
      follow(after, end);
      if (!head.join(renamed(end, after.getTerminator()->getOperands(), before.getArguments(), &loop.getAfter())))
        break;
    }
    state = renamed(tested, passed, loop.getResults(), &loop.getBefore());
  }
};

} // namespace tile::placement

#endif // TILE_LIB_PLACEMENT_STRUCTUREDFLOW_H
