//===- Predict.cpp - What a planned kernel costs by its model ------*- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Specialise.h"
#include "tile/Dialect/Pieces.h"
#include "tile/Pipeline/MachineModel.h"
#include "tile/Pipeline/Pipeline.h"

using namespace mlir;
using namespace tile;
using namespace tile::ir;
using namespace tile::pipeline;

/// The cycles that one iteration keeps the busiest unit busy.
static int64_t busiestUnit(ForOp loop, const MachineModel &model) {
  std::array<int64_t, kUnitCount> busy = {};
  for (Operation &op : loop.getBody()->without_terminator()) {
    Cost cost = model.cost(&op);
    busy[static_cast<unsigned>(cost.unit)] += cost.busy;
  }
  return *llvm::max_element(busy);
}

/// The cycles by which an iteration of one of several resident programs makes all of them later. Units are shared; what one program waits
/// for, the others may use.
static int64_t iterationCycles(ForOp loop, const MachineModel &model, int64_t resident, bool hasProducer) {
  // Of the instructions that steer a loop, and of those that wait for a producer.
  constexpr int64_t kSteering = 16, kWaiting = 16;
  int64_t control = kSteering + (hasProducer ? kWaiting : 0);
  int64_t alone = std::max<int64_t>(loop.getPlan()->getIi(), 1);
  auto dots = loop.getBody()->getOps<DotOp>();
  if (model.registers == 0 || llvm::any_of(dots, isOfWarpgroups))
    return alone;
  int64_t busy = busiestUnit(loop, model);
  if (dots.empty()) {
    // A slot is filled again behind the wait for the next one's data, so that of S slots S - 1 are under way while nothing is computed.
    PlanAttr plan = *loop.getPlan();
    int64_t underWay = std::max<int64_t>(plan.getStages() - 1, 1);
    alone = llvm::divideCeilSigned(plan.getSerial(), underWay);
    return std::max(busy, llvm::divideCeilSigned(alone, resident));
  }
  // Beside a producer each four warps go on by themselves; without, there is a barrier.
  int64_t groups =
      hasProducer ? std::max<int64_t>(1, *loop->getParentOfType<KernelOp>().getNumWarps() / kWarpsOfGroup) : 1;
  alone = std::max(alone, busy / groups + (hasProducer ? model.tensor.groupTurnaround : model.turnaround));
  return std::max(busy, llvm::divideCeilSigned(alone, resident)) + control;
}

namespace {
/// The cycles of a program: of its loops, and of what stands around them.
struct ProgramCycles {
  int64_t looped = 0, around = 0;
};
} // namespace

/// The cycles by which a program whose ops these are, one of several resident ones, makes all of them later.
static ProgramCycles programCycles(Block &body, const MachineModel &model, int64_t resident, bool hasProducer) {
  constexpr int64_t kGuessedTrips = 8, kMost = int64_t(1) << 40;
  ProgramCycles cycles;
  bool waits = false;
  for (Operation &op : body) {
    if (auto loop = dyn_cast<ForOp>(op)) {
      // A worker's loop runs whole programs, and the question is what one takes.
      if (isWorkLoop(loop))
        return programCycles(*loop.getBody(), model, resident, hasProducer);
      // The first iteration fills the pipeline, every other adds an interval. A producer fetches what a worker's next program needs while
      // this one ends.
      int64_t trips = staticTripCount(loop).value_or(kGuessedTrips);
      if (trips != 0)
        cycles.looped +=
            llvm::divideCeilSigned(hasProducer ? loop.getPlan()->getIi() : loop.getPlan()->getSerial(), resident) +
            std::min(kMost, (trips - 1) * iterationCycles(loop, model, resident, hasProducer));
      continue;
    }
    cycles.around += llvm::divideCeilSigned(model.cost(&op).busy, resident);
    waits |= isa<LoadOp>(op);
  }
  cycles.around += waits ? llvm::divideCeilSigned(model.copyLatency, resident) : 0;
  return {std::min(kMost, cycles.looped), std::min(kMost, cycles.around)};
}

int64_t pipeline::predictedCycles(KernelOp planned, int64_t programs) {
  const MachineModel &model = *MachineModel::find(*planned.getTarget());
  int64_t programBytes = 0;
  planned.walk([&](ForOp loop) { programBytes += loop.getPlan() ? loop.getPlan()->getSharedBytes() : 0; });
  int64_t resident = std::clamp<int64_t>(programs, 1, model.residentPrograms(planned, programBytes));
  constexpr int64_t kMost = 1 << 20;
  int64_t fill = 0;
  bool hasProducer = isSpecialised(planned);
  if (hasProducer)
    planned.walk([&](ForOp loop) {
      fill = std::max(fill, isWorkLoop(loop) ? 0 : loop.getPlan()->getSerial() - loop.getPlan()->getIi());
    });
  ProgramCycles cycles = programCycles(planned.getBody().front(), model, resident, hasProducer);
  int64_t each = cycles.looped + cycles.around, teams = teamsOf(planned);
  if (teams > 1) {
    // What stands around a program's loops is beside the other teams', but for the last program's.
    fill += cycles.around;
    // Of an iteration of a loop alone a part is waited for, which is beside the other team's products where loops take turns. So much that
    // GELU behind products of the eight shapes raced (docs/performance.md) is decided as measured: 128 x 128 x 64 in 5 stages takes 0.86 to
    // 1.01 times as long as 128 x 256 x 64 that both teams share.
    constexpr double kInTurn = 0.95;
    auto looped = static_cast<int64_t>(kInTurn * static_cast<double>(cycles.looped));
    each = std::max(looped, llvm::divideCeilSigned(each, teams));
  }
  return fill + std::min(programs, kMost) * each;
}
