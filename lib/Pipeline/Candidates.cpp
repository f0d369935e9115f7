//===- Candidates.cpp - Which loads may be issued ahead of their iteration *- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A load may be issued ahead when its data can't change in the meantime, when the target can copy it without waiting, and when its
// address can be computed ahead: from the induction variable, from what does not change, from loads that themselves run ahead, and
// from carried values that need nothing else. All of these may be evaluated for iterations that never come, so they can't fault.
//
//===----------------------------------------------------------------------===//

#include "tile/Pipeline/Schedule.h"

#include <llvm/Support/FormatVariadic.h>
#include <mlir/IR/Matchers.h>

using namespace mlir;
using namespace tile;
using namespace tile::ir;
using namespace tile::pipeline;

Operation *pipeline::ancestorInBody(ForOp loop, Operation *op) {
  return loop.getRegion().front().findAncestorOpInBlock(*op);
}

/// A load that a body holds, but not at its top: inside an `if` or a `while`.
static std::optional<Refusal> refuseNested(ForOp loop, LoadOp load) {
  if (load->getParentOp() == loop)
    return std::nullopt;
  return Refusal{"it stands inside a condition or a while loop",
                 "load before it; what lies outside a view reads as padding"};
}

static std::optional<Refusal> refuseWritten(ForOp loop, LoadOp load) {
  if (load.readsConstantMemory())
    return std::nullopt;
  BlockArgument view = rootArgument(load.getView());
  WalkResult written = loop.walk([&](StoreOp store) {
    return rootArgument(store.getView()) == view ? WalkResult::interrupt() : WalkResult::advance();
  });
  if (!written.wasInterrupted())
    return std::nullopt;
  return Refusal{"the loop also writes to its view", "write to another view"};
}

//===----------------------------------------------------------------------===//
// Addresses
//===----------------------------------------------------------------------===//

/// Whether an op has no defined result for some operands: those that only iterations past the end would give it.
static bool mayBeUndefined(Operation *op) {
  if (isa<arith::ShLIOp, arith::ShRSIOp, arith::ShRUIOp>(op))
    return !matchPattern(op->getOperand(1), m_Constant());
  return isa<arith::FPToSIOp, arith::FPToUIOp>(op);
}

namespace {
/// The ops of a loop's body that an address needs, through carried values too.
class AddressSlice {
public:
  AddressSlice(ForOp loop, LoadOp load) : loop(loop), load(load) {
    for (Value operand : load->getOperands())
      add(operand);
  }

  /// Why the slice can't run ahead; nothing when it can. `staysPut` are loads that were refused.
  std::optional<Refusal> refuse(const llvm::DenseSet<Operation *> &staysPut) const {
    for (Operation *op : ops) {
      if (op == load)
        return Refusal{"its address depends on what it read in the iteration before", ""};
      if (staysPut.contains(op))
        return Refusal{"its address depends on a load that stays where it is", ""};
      if (op->getNumRegions() != 0)
        return Refusal{"its address is computed by a loop or a condition", "compute the address from the loop's index"};
      if (!isMemoryEffectFree(op) && !isa<LoadOp>(op))
        return Refusal{"its address depends on an op with an effect", ""};
      if (!isSpeculatable(op) || mayBeUndefined(op))
        return Refusal{"its address needs a division, shift or conversion that could fail past the loop's end",
                       "divide and shift by constants"};
    }
    return std::nullopt;
  }

private:
  void add(Value value) {
    if (auto argument = dyn_cast<BlockArgument>(value)) {
      if (argument.getOwner() == loop.getBody() && argument != loop.getInductionVar() &&
          carried.insert(argument).second)
        add(loop.getYielded(argument));
      return;
    }
    Operation *op = value.getDefiningOp();
    if (op->getBlock() == loop.getBody() && ops.insert(op))
      for (Value operand : op->getOperands())
        add(operand);
  }

  ForOp loop;
  LoadOp load;
  llvm::SetVector<Operation *> ops;
  llvm::DenseSet<Value> carried;
};
} // namespace

SmallVector<Candidate> pipeline::findCandidates(ForOp loop) {
  SmallVector<Candidate> candidates;
  loop.getRegion().walk<WalkOrder::PreOrder>([&](Operation *op) {
    if (isa<ForOp>(op))
      return WalkResult::skip();
    if (auto load = dyn_cast<LoadOp>(op))
      candidates.push_back({load, std::nullopt});
    return WalkResult::advance();
  });
  llvm::DenseSet<Operation *> staysPut;
  for (auto &[load, refusal] : candidates) {
    refusal = refuseNested(loop, load);
    if (!refusal)
      refusal = refuseWritten(loop, load);
    if (refusal)
      staysPut.insert(load);
  }
  // A load that is refused for its address may be what another's address needs: until nothing changes.
  for (bool changed = true; std::exchange(changed, false);)
    for (auto &[load, refusal] : candidates)
      if (!refusal && (refusal = AddressSlice(loop, load).refuse(staysPut)))
        changed = staysPut.insert(load).second;
  return candidates;
}
