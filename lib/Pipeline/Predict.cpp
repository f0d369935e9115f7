//===- Predict.cpp - What a planned kernel costs by its model ------*- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "tile/Pipeline/MachineModel.h"
#include "tile/Pipeline/Pipeline.h"

using namespace mlir;
using namespace tile;
using namespace tile::ir;

int64_t pipeline::predictedCycles(KernelOp planned) {
  const MachineModel *model = MachineModel::find(*planned.getTarget());
  constexpr int64_t kGuessedTrips = 8, kMost = int64_t(1) << 50;
  int64_t cycles = 0;
  bool waits = false;
  for (Operation &op : planned.getBody().front()) {
    if (auto loop = dyn_cast<ForOp>(op)) {
      // The first iteration fills the pipeline, every other adds an interval.
      PlanAttr plan = *loop.getPlan();
      int64_t trips = staticTripCount(loop).value_or(kGuessedTrips);
      cycles += trips == 0 ? 0 : plan.getSerial() + std::min(kMost, (trips - 1) * std::max<int64_t>(plan.getIi(), 1));
      continue;
    }
    cycles += model->cost(&op).busy;
    waits |= isa<LoadOp>(op);
  }
  return cycles + (waits ? model->copyLatency : 0);
}
