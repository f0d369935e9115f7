//===- Predict.cpp - What a planned kernel costs by its model ------*- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Specialise.h"
#include "tile/Pipeline/MachineModel.h"
#include "tile/Pipeline/Pipeline.h"

using namespace mlir;
using namespace tile;
using namespace tile::ir;
using namespace tile::pipeline;

/// The cycles of a program whose ops these are.
static int64_t programCycles(Block &body, const MachineModel &model) {
  constexpr int64_t kGuessedTrips = 8, kMost = int64_t(1) << 50;
  int64_t cycles = 0;
  bool waits = false;
  for (Operation &op : body) {
    if (auto loop = dyn_cast<ForOp>(op)) {
      // A worker's loop runs whole programs, and the question is what one takes.
      if (isWorkLoop(loop))
        return programCycles(*loop.getBody(), model);
      // The first iteration fills the pipeline, every other adds an interval.
      PlanAttr plan = *loop.getPlan();
      int64_t trips = staticTripCount(loop).value_or(kGuessedTrips);
      cycles += trips == 0 ? 0 : plan.getSerial() + std::min(kMost, (trips - 1) * std::max<int64_t>(plan.getIi(), 1));
      continue;
    }
    cycles += model.cost(&op).busy;
    waits |= isa<LoadOp>(op);
  }
  return cycles + (waits ? model.copyLatency : 0);
}

int64_t pipeline::predictedCycles(KernelOp planned) {
  return programCycles(planned.getBody().front(), *MachineModel::find(*planned.getTarget()));
}
