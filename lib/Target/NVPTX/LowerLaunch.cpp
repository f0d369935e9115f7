//===- LowerLaunch.cpp - Waiting for the kernel before this one ----*- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

//
// From sm_90 on a kernel may be started while the one before it in its stream still runs. Then it sets up what touches no global memory, and
// waits: behind that, all that went before is done and seen. Only then does it let the next one start, so that at most two are under way. Small
// programs do so at once, large ones when they have asked for the tiles that they begin with: before that, waiting blocks of the next kernel
// would take their places (docs/performance.md).
//
// Loads of memory that stays (ld.global.nc) have no order among other instructions: the assembler does move them before the wait. What comes behind it is
// loaded as any memory is, until something has been loaded so; then addresses depend on what was made of that last, which is in a register anyway.
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

/// The last of the loads that a kernel begins with, before all that takes its time; null where there is none.
static ir::LoadOp lastFirstLoadOf(ir::KernelOp kernel) {
  ir::LoadOp last = nullptr;
  for (Operation &op : kernel.getBody().front()) {
    if (auto load = dyn_cast<ir::LoadOp>(op))
      last = load;
    else if (op.getNumRegions() != 0 ||
             isa<ir::StoreOp, ir::CopyAsyncOp, ir::WriteOp, ir::BarrierOp, ir::ConvertLayoutOp, ir::ReduceOp, ir::DotOp,
                 ir::AssertOp, ir::PrintOp>(op))
      break;
  }
  return last;
}

void Lowering::startEarly() {
  constexpr unsigned kFirst = 90;
  // Teams that take programs in turn lose 2 % by an early start with GELU and 4096 cubed, 9 % with 8192. Probably as blocks then begin one by
  // one, when multiprocessors become free, and share less of what they fetch (docs/performance.md).
  startsEarly = architecture() >= kFirst && ir::teamsOf(kernel) == 1;
  lastFirstLoad = startsEarly ? lastFirstLoadOf(kernel) : nullptr;
  // What asserts, prints and records do begins at once.
  if (startsEarly && (checkedMemory || recordSites || !startsWithProducer(kernel)))
    waitForPredecessor();
}

bool Lowering::startsNextLate() {
  // With 4 warps and fewer some programs of a multiprocessor end at any time, and the next kernel's get ready in their places.
  constexpr uint64_t kLarge = 8;
  return lastFirstLoad && kernel.getNumWarps().value() >= kLarge;
}

void Lowering::waitForPredecessor() {
  if (!startsEarly || std::exchange(hasWaited, true))
    return;
  // To LLVM loads have no order either. They come behind the wait by their addresses, which it gives.
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
  StringRef text =
      startsNextLate() ? "griddepcontrol.wait;" : "griddepcontrol.wait;\n\tgriddepcontrol.launch_dependents;";
  Operation *wait = assembly(types, text,
                             outputs + StringRef(inputs).drop_front(inputs.empty() ? 0 : 1).str() +
                                 (inputs.empty() ? "" : ",") + "~{memory}",
                             bases, /*hasSideEffects=*/true);
  if (given.empty())
    return;
  for (auto [view, base] : llvm::zip_equal(given, resultsOf(wait, given.size())))
    view->base = base;
}

void Lowering::noteLoaded(Operation *op) {
  bool endsFirst = op == lastFirstLoad;
  // What products make may be under way.
  bool mayBeUnderWay = op->getNumRegions() != 0 || isa<ir::DotOp, ir::DotWaitOp>(op);
  bool isMadeOfLoaded = lastMade && op->getBlock() == &kernel.getBody().front() && !mayBeUnderWay &&
                        llvm::any_of(op->getOperands(), [&](Value operand) { return madeOfLoaded.contains(operand); });
  if (endsFirst) {
    if (startsNextLate())
      assembly({}, "griddepcontrol.launch_dependents;", "", {}, /*hasSideEffects=*/true);
    lastFirstLoad = nullptr;
  } else if (!isMadeOfLoaded) {
    return;
  }
  for (Value result : op->getResults()) {
    madeOfLoaded.insert(result);
    if (auto found = values.find(result); found != values.end())
      lastMade = found->second.front();
  }
}

Value Lowering::behindFirstLoads(Value offset) {
  if (!lastMade)
    return offset;
  Type word = builder.getI32Type();
  // x * x + x is even, which neither LLVM nor the assembler knows of this.
  Value zero = assembly(word, "mad.lo.u32 $0, $1, $1, $1;\n\tand.b32 $0, $0, 1;", "=&r,r", wordOf(lastMade),
                        /*hasSideEffects=*/false)
                   ->getResult(0);
  return make<arith::AddIOp>(
      offset, offset.getType() == word ? zero : arith::ExtUIOp::create(builder, loc, offset.getType(), zero));
}
