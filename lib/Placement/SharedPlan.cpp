//===- SharedPlan.cpp - Where rings and scratches lie in shared memory *- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

//
// A buffer is alive from the first op that uses it to the last, counted in the block where it is made: through the whole of a loop that
// carries its tickets, since copies are under way from one iteration to the next. Buffers whose lives don't meet may lie in the same place.
// That costs a barrier between them, so scratches don't share with each other what little they take when there is room.
//
//===----------------------------------------------------------------------===//

#include "tile/Placement/Shared.h"

#include "Synchronise.h"

#include <llvm/ADT/StringSwitch.h>

using namespace mlir;
using namespace tile;
using namespace tile::ir;
using namespace tile::placement;

// The most that a launch may ask for, from the CUDA programming guide's table of compute capabilities.
int64_t placement::sharedBudget(StringRef target) {
  int64_t kibibytes = llvm::StringSwitch<int64_t>(target)
                          .Case("sm_80", 163)
                          .Cases({"sm_86", "sm_89", "sm_120", "sm_120a"}, 99)
                          .Cases({"sm_90", "sm_90a", "sm_100", "sm_100a"}, 227)
                          .Default(48);
  return kibibytes << 10;
}

int64_t placement::sharedBytes(Type type) {
  if (auto ring = dyn_cast<RingType>(type))
    return ring.getDepth() * valueBytes(ring.getTileType());
  return valueBytes(cast<SlotType>(type).getTileType());
}

//===----------------------------------------------------------------------===//
// Lives
//===----------------------------------------------------------------------===//

namespace {
/// A ring or a scratch.
struct Buffer {
  Operation *op;
  int64_t bytes, alignment;
  /// Its op's number, and those of the first op that uses it and of the last.
  unsigned number, first, last;
  int64_t offset = 0;

  bool isRing() const { return isa<RingOp>(op); }
  int64_t end() const { return offset + bytes; }
};

struct Plan {
  SmallVector<Buffer> buffers;
  int64_t bytes = 0;
};
} // namespace

/// All that uses a buffer, its slots and its channel.
static void collectUsers(Value value, SmallVectorImpl<Operation *> &users) {
  for (Operation *user : value.getUsers()) {
    users.push_back(user);
    if (isa<SlotOp, ChannelOp>(user))
      collectUsers(user->getResult(0), users);
  }
}

/// The buffers of a kernel with their lives. Rings of more than `mostStages` slots count as if they had so many.
static SmallVector<Buffer> findBuffers(KernelOp kernel, int64_t mostStages) {
  // The number of an op, and the number of the last op in it.
  DenseMap<Operation *, std::pair<unsigned, unsigned>> numbers;
  unsigned next = 0;
  auto count = [&](auto &self, Operation *op) -> void {
    unsigned first = next++;
    for (Region &region : op->getRegions())
      for (Operation &nested : region.getOps())
        self(self, &nested);
    numbers[op] = {first, next - 1};
  };
  count(count, kernel);

  SmallVector<Buffer> buffers;
  kernel.walk([&](Operation *op) {
    if (!isa<RingOp, ScratchOp>(op))
      return;
    Type type = op->getResult(0).getType();
    auto ring = dyn_cast<RingType>(type);
    SwizzleAttr swizzle = ring ? ring.getSwizzle() : cast<SlotType>(type).getSwizzle();
    int64_t bytes = sharedBytes(type);
    if (ring && ring.getDepth() > mostStages)
      bytes = bytes / ring.getDepth() * mostStages;
    // A swizzle repeats every eight spans. Else 128 bytes keep the accesses of a warp in as few lines as they fill.
    Buffer buffer{op,
                  bytes,
                  std::max<int64_t>(128, 8 * swizzle.getSpan()),
                  numbers[op].first,
                  numbers[op].first,
                  numbers[op].first};
    SmallVector<Operation *> users;
    collectUsers(op->getResult(0), users);
    unsigned first = ~0U;
    for (Operation *user : users) {
      auto [begin, end] = numbers[op->getBlock()->findAncestorOpInBlock(*user)];
      if (!isa<ChannelOp, SlotOp>(user))
        first = std::min(first, begin);
      buffer.last = std::max(buffer.last, end);
    }
    buffer.first = std::min(first, buffer.last);
    buffers.push_back(buffer);
  });
  return buffers;
}

//===----------------------------------------------------------------------===//
// Places
//===----------------------------------------------------------------------===//

/// Puts each buffer at the lowest place that is free during its life, the largest first.
static Plan place(SmallVector<Buffer> buffers, bool scratchesShare) {
  Plan plan;
  llvm::sort(buffers, [](const Buffer &lhs, const Buffer &rhs) {
    return std::pair(-lhs.bytes, lhs.number) < std::pair(-rhs.bytes, rhs.number);
  });
  for (Buffer &buffer : buffers) {
    SmallVector<const Buffer *> inTheWay;
    for (const Buffer &other : plan.buffers)
      if ((buffer.first <= other.last && other.first <= buffer.last) ||
          (!scratchesShare && !buffer.isRing() && !other.isRing()))
        inTheWay.push_back(&other);
    llvm::sort(inTheWay, [](const Buffer *lhs, const Buffer *rhs) { return lhs->offset < rhs->offset; });
    buffer.offset = 0;
    for (const Buffer *other : inTheWay)
      if (buffer.end() > other->offset && buffer.offset < other->end())
        buffer.offset = llvm::alignTo(other->end(), buffer.alignment);
    plan.bytes = std::max(plan.bytes, buffer.end());
    plan.buffers.push_back(buffer);
  }
  return plan;
}

static Plan makePlan(KernelOp kernel, int64_t mostStages) {
  SmallVector<Buffer> buffers = findBuffers(kernel, mostStages);
  Plan apart = place(buffers, /*scratchesShare=*/false), shared = place(buffers, /*scratchesShare=*/true);
  // So little keeps no program off a multiprocessor, even one of few warps.
  constexpr int64_t kLittle = 8 << 10;
  return apart.bytes <= std::max(shared.bytes, kLittle) ? apart : shared;
}

//===----------------------------------------------------------------------===//
// Budget
//===----------------------------------------------------------------------===//

static SharedNeed needOf(KernelOp kernel) {
  constexpr int64_t kNoCap = INT64_MAX;
  int64_t depth = 1;
  kernel.walk([&](RingOp ring) { depth = std::max(depth, ring.getRing().getType().getDepth()); });
  SharedNeed need{makePlan(kernel, kNoCap).bytes, sharedBudget(kernel.getTarget().value_or("")), 0};
  // With one stage there are no rings, and another kernel.
  for (int64_t stages = depth; stages > 1 && need.fittingStages == 0; --stages)
    if (makePlan(kernel, stages).bytes <= need.budget)
      need.fittingStages = stages;
  return need;
}

SharedNeed placement::sharedNeed(KernelOp placed) {
  OwningOpRef<KernelOp> clone = placed.clone();
  moveThroughMemory(*clone);
  splitStagedCopies(*clone);
  return needOf(*clone);
}

/// Says what takes so much, and what would fit.
static LogicalResult refuse(KernelOp kernel, const Plan &plan) {
  SharedNeed need = needOf(kernel);
  InFlightDiagnostic error = kernel.emitError() << "kernel '" << kernel.getSymName() << "' takes " << need.bytes
                                                << " bytes of shared memory, but '" << kernel.getTarget().value_or("")
                                                << "' gives a program " << need.budget;
  for (const Buffer &buffer : plan.buffers) {
    Diagnostic &note = error.attachNote(buffer.op->getLoc());
    if (auto ring = dyn_cast<RingOp>(buffer.op))
      note << "a ring of " << ring.getRing().getType().getDepth() << " tiles " << ring.getRing().getType().getTileType()
           << ": " << buffer.bytes << " bytes";
    else
      note << "a scratch for a tile " << cast<ScratchOp>(buffer.op).getSlot().getType().getTileType() << ": "
           << buffer.bytes << " bytes";
  }
  Diagnostic &fix = error.attachNote(kernel.getLoc());
  if (need.fittingStages != 0)
    fix << "the largest stage count that fits is " << need.fittingStages;
  else
    fix << "no stage count above 1 fits; take smaller tiles";
  return error;
}

LogicalResult placement::planSharedMemory(KernelOp kernel) {
  Plan plan = makePlan(kernel, INT64_MAX);
  if (plan.bytes > sharedBudget(kernel.getTarget().value_or("")))
    return refuse(kernel, plan);
  Builder builder(kernel.getContext());
  for (const Buffer &buffer : plan.buffers)
    buffer.op->setAttr("offset", builder.getI64IntegerAttr(buffer.offset));
  kernel.setSharedBytes(plan.bytes);
  return success();
}
