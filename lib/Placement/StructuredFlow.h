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
// A loop that was followed from the same state before is not followed again: what its ops were seen with last is the same.
//
// A state has
//   void rename(const Renaming &);   says what is known under the new names, and forgets what has no name any more
//   bool join(const State &);        takes in what another path knows; true when that changed the state
//   operator==                       whether ops are seen with the same from here on
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
      if (auto branch = llvm::dyn_cast<mlir::scf::IfOp>(op))
        followIf(branch, state);
      else if (llvm::isa<mlir::scf::ForOp, mlir::scf::WhileOp>(op))
        followLoop(op, state);
      else
        visit(op, state);
    }
  }

  /// Has the loops around an op followed again: it is new there, or about to go.
  void forget(mlir::Operation *op) {
    while ((op = op->getParentOp()))
      followed.erase(op);
  }

protected:
  /// Sees an op without regions; in a loop several times, the last time with what always holds.
  virtual void visit(mlir::Operation &op, State &state) = 0;

private:
  /// A way from one block of an op to another.
  enum Edge { Enter, Pass, Again, Leave, LeaveElse };

  State renamed(const State &state, mlir::Operation *op, Edge edge, mlir::ValueRange from, mlir::ValueRange to,
                mlir::Region *left = nullptr) {
    std::unique_ptr<Renaming> &renaming = renamings[{op, edge}];
    if (!renaming)
      renaming = std::make_unique<Renaming>(from, to, left);
    State result = state;
    result.rename(*renaming);
    return result;
  }

  void followLoop(mlir::Operation &op, State &state) {
    if (auto known = followed.find(&op); known != followed.end() && known->second.first == state) {
      state = known->second.second;
      return;
    }
    State before = state;
    if (auto loop = llvm::dyn_cast<mlir::scf::ForOp>(op))
      followFor(loop, state);
    else
      followWhile(llvm::cast<mlir::scf::WhileOp>(op), state);
    followed.insert_or_assign(&op, std::pair(std::move(before), state));
  }

  void followFor(mlir::scf::ForOp loop, State &state) {
    mlir::Block &body = *loop.getBody();
    State head = renamed(state, loop, Enter, loop.getInitArgs(), loop.getRegionIterArgs());
    while (true) {
      State end = head;
      follow(body, end);
      if (!head.join(renamed(end, loop, Again, body.getTerminator()->getOperands(), loop.getRegionIterArgs(),
                             &loop.getRegion())))
        break;
    }
    state = renamed(head, loop, Leave, loop.getRegionIterArgs(), loop.getResults(), &loop.getRegion());
  }

  void followIf(mlir::scf::IfOp branch, State &state) {
    auto through = [&](mlir::Region &region, Edge leave) {
      State path = state;
      if (region.empty())
        return path;
      follow(region.front(), path);
      return renamed(path, branch, leave, region.front().getTerminator()->getOperands(), branch.getResults(), &region);
    };
    State after = through(branch.getThenRegion(), Leave);
    after.join(through(branch.getElseRegion(), LeaveElse));
    state = std::move(after);
  }

  void followWhile(mlir::scf::WhileOp loop, State &state) {
    mlir::Block &before = *loop.getBeforeBody(), &after = *loop.getAfterBody();
    mlir::ValueRange passed = loop.getConditionOp().getArgs();
    State head = renamed(state, loop, Enter, loop.getInits(), before.getArguments());
    State tested = head;
    while (true) {
      tested = head;
      follow(before, tested);
      State end = renamed(tested, loop, Pass, passed, after.getArguments(), &loop.getBefore());
      follow(after, end);
      if (!head.join(
              renamed(end, loop, Again, after.getTerminator()->getOperands(), before.getArguments(), &loop.getAfter())))
        break;
    }
    state = renamed(tested, loop, Leave, passed, loop.getResults(), &loop.getBefore());
  }

  llvm::DenseMap<std::pair<mlir::Operation *, unsigned>, std::unique_ptr<Renaming>> renamings;
  /// The state in front of a loop when it was followed last, and the one behind it.
  llvm::DenseMap<mlir::Operation *, std::pair<State, State>> followed;
};

} // namespace tile::placement

#endif // TILE_LIB_PLACEMENT_STRUCTUREDFLOW_H
