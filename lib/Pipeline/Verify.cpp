//===- Verify.cpp - Checks that a pipelined kernel does what the written one does *- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Translation validation, after Tristan and Leroy, "A simple, verified validator for software pipelining" (POPL 2010): the written and
// the pipelined kernel run on symbolic values, and their effects must be equal terms. In the steady state a step's behaviour depends on
// the ticket modulo the ring's depth and on values of as many earlier steps as there are stages; so once a loop has run for the number of
// stages and buffers together, further iterations repeat what was seen. Trip counts up to there are run one by one, for each pipelined
// loop in turn.
//
//===----------------------------------------------------------------------===//

#include "tile/Pipeline/Verify.h"
#include "tile/Pipeline/Pipeline.h"

#include "SymbolicRun.h"

namespace tile::pipeline {
#define GEN_PASS_DEF_TILEVERIFY
#include "tile/Pipeline/Passes.h.inc"
} // namespace tile::pipeline

using namespace mlir;
using namespace tile;
using namespace tile::ir;
using namespace tile::pipeline;

/// How many iterations of any loop show all that its steady state does: those in flight, and one round of the deepest ring more. Without
/// a plan as many are taken to be in flight as the ring has slots.
static int64_t mostTrips(KernelOp pipelined, KernelOp planned) {
  int64_t depth = 1, inFlight = 0;
  pipelined.walk([&](RingOp ring) { depth = std::max(depth, ring.getRing().getType().getDepth()); });
  if (!planned)
    return 2 * depth + 1;
  planned.walk([&](Operation *op) {
    if (auto at = op->getAttrOfType<AtAttr>(kAtAttrName))
      inFlight = std::max(inFlight, at.getStage());
  });
  return inFlight + depth + 1;
}

/// Runs one kernel until it changes nothing about where loops end: those further down decide conditions further up.
static std::optional<Hazard> runToFixpoint(KernelOp kernel, Scenario &scenario, std::vector<Effect> &effects) {
  while (true) {
    unsigned changes = scenario.changes;
    SymbolicRun run(scenario);
    std::optional<Hazard> hazard = run.run(kernel);
    if (scenario.changes != changes && !scenario.tooLong)
      continue;
    effects = run.effects();
    return hazard;
  }
}

/// Compares what the two kernels did; emits an error at the first difference.
static LogicalResult compare(ArrayRef<Effect> written, ArrayRef<Effect> pipelined, KernelOp kernel, int64_t trips) {
  for (size_t index = 0; index < std::max(written.size(), pipelined.size()); ++index) {
    if (index < written.size() && index < pipelined.size() && written[index].what == pipelined[index].what)
      continue;
    Operation *op = index < pipelined.size() ? pipelined[index].op
                    : index < written.size() ? written[index].op
                                             : kernel;
    return op->emitError() << "the pipelined loop does not do what the written one does: with trip counts of " << trips
                           << ", effect " << index << " of the kernel differs";
  }
  return success();
}

/// Compares the kernels when one loop runs `trips` times.
static LogicalResult verifyScenario(KernelOp pipelined, KernelOp planned, Operation *focus, int64_t trips) {
  TermTable terms;
  Scenario scenario{terms, focus, trips};
  std::vector<Effect> written, done;
  if (planned)
    if (std::optional<Hazard> hazard = runToFixpoint(planned, scenario, written); hazard && !scenario.tooLong)
      return hazard->op->emitError() << hazard->what;
  std::optional<Hazard> hazard = runToFixpoint(pipelined, scenario, done);
  if (scenario.tooLong)
    return success();
  if (hazard)
    return hazard->op->emitError() << hazard->what << " (with trip counts of " << trips << ")";
  return planned ? compare(written, done, pipelined, trips) : success();
}

LogicalResult pipeline::verifyPipelined(KernelOp pipelined, KernelOp planned) {
  int64_t most = mostTrips(pipelined, planned);
  SmallVector<Operation *> loops;
  (planned ? planned : pipelined).walk([&](Operation *op) {
    if (isPipelined(op))
      loops.push_back(op);
  });
  // Without a pipelined loop there is still the conversion of loops to check, with few trips each.
  if (loops.empty())
    loops.push_back(nullptr);
  for (Operation *focus : loops)
    for (int64_t trips = 0; trips <= most; ++trips)
      if (failed(verifyScenario(pipelined, planned, focus, trips)))
        return failure();
  return success();
}

namespace {
struct TileVerify : pipeline::impl::TileVerifyBase<TileVerify> {
  void runOnOperation() override {
    if (failed(verifyPipelined(getOperation(), {})))
      return signalPassFailure();
    markAllAnalysesPreserved();
  }
};
} // namespace
