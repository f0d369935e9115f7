//===- LowerLaunch.cpp - Waiting for the kernel before this one ----*- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

//
// From sm_90 on a kernel may be started while the one before it in its stream still runs. Then it sets up what touches no global memory, and
// waits: behind that, all that went before is done and seen. Only then does it let the next one start, so that at most two are under way.
//
//===----------------------------------------------------------------------===//

#include "Lowering.h"

using namespace mlir;
using namespace tile;
using namespace tile::nvptx;

/// Whether a kernel's producer stands before all that touches global memory, so that barriers can be made while others still run.
static bool startsWithProducer(ir::KernelOp kernel) {
  for (Operation &op : kernel.getBody().front()) {
    if (isa<ir::ProducerOp>(op))
      return true;
    WalkResult result = op.walk([](Operation *inner) {
      return isa<ir::LoadOp, ir::StoreOp, ir::CopyAsyncOp, ir::StoreAsyncOp>(inner) ? WalkResult::interrupt()
                                                                                    : WalkResult::advance();
    });
    if (result.wasInterrupted())
      return false;
  }
  return false;
}

void Lowering::startEarly() {
  constexpr unsigned kFirst = 90;
  // Teams that take programs in turn lose 2 % by an early start with GELU and 4096 cubed, 9 % with 8192. Probably as blocks then begin one by
  // one, when multiprocessors become free, and share less of what they fetch (docs/performance.md).
  startsEarly = architecture() >= kFirst && ir::teamsOf(kernel) == 1;
  // What asserts, prints and records do begins at once.
  if (startsEarly && (checkedMemory || recordSites || !startsWithProducer(kernel)))
    waitForPredecessor();
}

void Lowering::waitForPredecessor() {
  if (!startsEarly || std::exchange(hasWaited, true))
    return;
  // Loads of memory that stays have no order among other instructions. They come behind the wait by their addresses, which it gives.
  SmallVector<Value> bases;
  SmallVector<Type> types;
  SmallVector<View *> given;
  std::string outputs, inputs;
  for (BlockArgument argument : kernel.getBody().getArguments()) {
    auto found = views.find(argument);
    if (found == views.end() || kernel.getAccess(argument.getArgNumber()) != ir::Access::In)
      continue;
    inputs += "," + std::to_string(given.size());
    outputs += "=l,";
    given.push_back(&found->second);
    bases.push_back(found->second.base);
    types.push_back(found->second.base.getType());
  }
  Operation *wait = assembly(types, "griddepcontrol.wait;\n\tgriddepcontrol.launch_dependents;",
                             outputs + StringRef(inputs).drop_front(inputs.empty() ? 0 : 1).str() +
                                 (inputs.empty() ? "" : ",") + "~{memory}",
                             bases, /*hasSideEffects=*/true);
  if (given.empty())
    return;
  for (auto [view, base] : llvm::zip_equal(given, resultsOf(wait, given.size())))
    view->base = base;
}
