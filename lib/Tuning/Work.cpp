//===- Work.cpp - What a kernel computes ---------------------------*- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "tile/Tuning/Work.h"
#include "tile/Pipeline/MachineModel.h"

#include <mlir/Interfaces/LoopLikeInterface.h>

using namespace mlir;
using namespace tile;
using namespace tile::tuning;

static double elementsOf(Type type) {
  auto tensor = dyn_cast<RankedTensorType>(type);
  return tensor ? static_cast<double>(tensor.getNumElements()) : 0;
}

static void countDot(ir::DotOp dot, double times, OperationCount &count) {
  auto type = cast<RankedTensorType>(dot.getA().getType());
  double operations = 2 * times * elementsOf(dot.getType()) * static_cast<double>(type.getDimSize(type.getRank() - 1));
  switch (type.getElementTypeBitWidth()) {
  case 64:
    count.dots64 += operations;
    break;
  case 32:
    (dot.getPrecision() == ir::Precision::TF32 ? count.dotsTF32 : count.dots32) += operations;
    break;
  case 16:
    count.dots16 += operations;
    break;
  default:
    count.dots8 += operations;
  }
}

/// Whether an op only moves or converts what it is given, or decides.
static bool isFree(Operation &op) {
  return isa<arith::ConstantOp, arith::SelectOp, arith::CmpFOp, arith::CmpIOp, arith::BitcastOp>(op) ||
         isa<CastOpInterface>(op);
}

static void countBlock(Block &block, double times, OperationCount &count);

/// Loops count as often as they run; of the branches of an `if` the larger counts.
static void countRegions(Operation &op, double times, OperationCount &count) {
  if (auto loop = dyn_cast<ir::ForOp>(op)) {
    std::optional<int64_t> trips = pipeline::staticTripCount(loop);
    count.isKnown &= trips.has_value();
    return countBlock(*loop.getBody(), times * static_cast<double>(trips.value_or(1)), count);
  }
  if (isa<LoopLikeOpInterface>(op))
    count.isKnown = false;
  OperationCount largest;
  for (Region &region : op.getRegions()) {
    OperationCount own;
    for (Block &block : region)
      countBlock(block, times, own);
    count.isKnown &= own.isKnown;
    if (own.total() > largest.total())
      largest = own;
  }
  count.dots64 += largest.dots64;
  count.dots32 += largest.dots32;
  count.dotsTF32 += largest.dotsTF32;
  count.dots16 += largest.dots16;
  count.dots8 += largest.dots8;
  count.elementwise += largest.elementwise;
  count.special += largest.special;
}

static void countBlock(Block &block, double times, OperationCount &count) {
  for (Operation &op : block) {
    // A fold's own region says what it does with two elements, once for each.
    if (auto reduce = dyn_cast<ir::ReduceOp>(op)) {
      count.elementwise += times * elementsOf(reduce.getOperand().getType());
    } else if (auto dot = dyn_cast<ir::DotOp>(op)) {
      countDot(dot, times, count);
    } else if (op.getNumRegions() != 0) {
      countRegions(op, times, count);
    } else if (op.getNumResults() == 1 && !isFree(op) &&
               isa_and_nonnull<arith::ArithDialect, math::MathDialect>(op.getDialect())) {
      double elements = times * elementsOf(op.getResult(0).getType());
      bool isFma = isa<math::FmaOp>(op);
      bool isSpecial = isa<math::MathDialect>(op.getDialect()) && !isFma && !isa<math::AbsFOp, math::AbsIOp>(op);
      (isSpecial ? count.special : count.elementwise) += isFma ? 2 * elements : elements;
    }
  }
}

OperationCount tuning::countOperations(ir::KernelOp kernel) {
  OperationCount count;
  countBlock(kernel.getBody().front(), 1, count);
  return count;
}

std::optional<double> OperationCount::leastSeconds(const Peaks &peaks, double programs) const {
  if (peaks.elementwise <= 0)
    return std::nullopt;
  // A multiply-add is two operations, of which the peaks are multiply-adds. TF32 products run at half the rate of 16-bit ones where there
  // are units for it, elsewhere as any.
  auto of = [](double operations, double multiplyAdds) {
    return operations == 0 ? 0 : multiplyAdds > 0 ? operations / 2 / multiplyAdds : INFINITY;
  };
  double dots = of(dots64, peaks.dots64) + of(dots32, peaks.dots32) + of(dots16, peaks.dots16) +
                of(dots8, peaks.dots8) + of(dotsTF32, std::max(peaks.dots32, peaks.dots16 / 2));
  double seconds =
      programs * std::max({dots, elementwise / peaks.elementwise, peaks.special > 0 ? special / peaks.special : 0});
  return std::isfinite(seconds) ? std::optional(seconds) : std::nullopt;
}
