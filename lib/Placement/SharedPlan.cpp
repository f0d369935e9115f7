//===- SharedPlan.cpp - Where rings and scratches lie in shared memory *- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

//
// A buffer is alive from the first op that uses it to the last, counted in the block where it is made: through the whole of a loop that
// carries its tickets, since copies are under way from one iteration to the next. Buffers whose lives don't meet may lie in the same place.
// That costs a barrier between them, so where there is room they don't. What tensor copies write or read is alive from the kernel's start to
// its end, and so are the mbarriers of their channels.
//
//===----------------------------------------------------------------------===//

#include "tile/Dialect/Pieces.h"
#include "tile/Dialect/SharedMemory.h"
#include "tile/Placement/Shared.h"

#include "Synchronise.h"
#include "TensorCopies.h"

using namespace mlir;
using namespace tile;
using namespace tile::ir;
using namespace tile::placement;

/// What its target gives to one program.
static int64_t sharedBudget(KernelOp kernel) { return sharedMemory(kernel.getTarget().value_or("")).ofProgram(); }

int64_t placement::sharedBytes(Type type) {
  if (auto ring = dyn_cast<RingType>(type))
    return ring.getDepth() * valueBytes(ring.getTileType());
  return valueBytes(cast<SlotType>(type).getTileType());
}

//===----------------------------------------------------------------------===//
// Lives
//===----------------------------------------------------------------------===//

namespace {
/// A ring, a scratch, or a channel's mbarriers.
struct Buffer {
  Operation *op;
  int64_t bytes, alignment;
  /// Its op's number, and those of the first op that uses it and of the last.
  unsigned number, first, last;
  int64_t offset = 0;

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

int64_t placement::alignmentOf(SwizzleAttr swizzle) {
  // A swizzle repeats every eight spans. Else 128 bytes keep the accesses of a warp in as few lines as they fill.
  return std::max<int64_t>(128, 8 * swizzle.getSpan());
}

/// Whether tensor copies fill a buffer or take from it.
static bool outlivesThreads(Operation *op) {
  return isa<RingOp>(op) ? isFilledByProducer(op->getResult(0))
                         : llvm::any_of(op->getUsers(), llvm::IsaPred<StoreAsyncOp>);
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
  int64_t teams = teamsOf(kernel);

  SmallVector<Buffer> buffers;
  kernel.walk([&](Operation *op) {
    if (auto channel = dyn_cast<ChannelOp>(op); channel && isTensorChannel(channel)) {
      int64_t depth = cast<RingType>(channel.getRings().front().getType()).getDepth();
      int64_t bytes = barrierBytes(std::min(depth, mostStages)) + turnBytes(kernel);
      buffers.push_back({op, bytes, kBarrierBytes, numbers[op].first, 0, next});
    }
    if (!isa<RingOp, ScratchOp>(op))
      return;
    Type type = op->getResult(0).getType();
    auto ring = dyn_cast<RingType>(type);
    SwizzleAttr swizzle = ring ? ring.getSwizzle() : cast<SlotType>(type).getSwizzle();
    // Of two teams one may be anywhere.
    bool always = outlivesThreads(op) || teams > 1;
    int64_t bytes = sharedBytes(type) * (ring ? 1 : teams);
    if (ring && ring.getDepth() > mostStages)
      bytes = bytes / ring.getDepth() * mostStages;
    Buffer buffer{op,
                  bytes,
                  ring && always ? kTensorAlignment : alignmentOf(swizzle),
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
    if (always)
      std::tie(buffer.first, buffer.last) = std::pair(0U, next);
    buffers.push_back(buffer);
  });
  return buffers;
}

//===----------------------------------------------------------------------===//
// Places
//===----------------------------------------------------------------------===//

/// What it costs that two buffers share a place: a barrier each time that both are used again.
static int64_t sharingCost(const Buffer &lhs, const Buffer &rhs) {
  constexpr int64_t kGuessedTrips = 8;
  int64_t cost = 1;
  for (auto loop = lhs.op->getParentOfType<LoopLikeOpInterface>(); loop;
       loop = loop->getParentOfType<LoopLikeOpInterface>())
    if (loop->isAncestor(rhs.op))
      cost *= kGuessedTrips;
  return cost;
}

/// Puts each buffer where nothing lies during its life, the largest first: below `bytes` where it shares least, if there is such a
/// place, and as low as possible.
static Plan place(SmallVector<Buffer> buffers, int64_t bytes) {
  Plan plan;
  llvm::sort(buffers, [](const Buffer &lhs, const Buffer &rhs) {
    return std::pair(-lhs.bytes, lhs.number) < std::pair(-rhs.bytes, rhs.number);
  });
  for (Buffer &buffer : buffers) {
    SmallVector<int64_t> offsets = {0};
    for (const Buffer &other : plan.buffers)
      offsets.push_back(llvm::alignTo(other.end(), buffer.alignment));
    // Whether it fits below `bytes`, what it costs, and where it is.
    std::optional<std::tuple<bool, int64_t, int64_t>> best;
    for (int64_t offset : offsets) {
      buffer.offset = offset;
      int64_t cost = 0;
      bool isFree = llvm::all_of(plan.buffers, [&](const Buffer &other) {
        bool meet = buffer.offset < other.end() && other.offset < buffer.end();
        cost += meet ? sharingCost(buffer, other) : 0;
        return !meet || buffer.first > other.last || other.first > buffer.last;
      });
      bool isAbove = buffer.end() > bytes;
      std::tuple choice(isAbove, isAbove ? 0 : cost, offset);
      if (isFree && (!best || choice < *best))
        best = choice;
    }
    buffer.offset = std::get<2>(*best);
    plan.bytes = std::max(plan.bytes, buffer.end());
    plan.buffers.push_back(buffer);
  }
  return plan;
}

static Plan makePlan(KernelOp kernel, int64_t mostStages) {
  SmallVector<Buffer> buffers = findBuffers(kernel, mostStages);
  Plan tight = place(buffers, 0);
  // So little keeps no program off a multiprocessor, even one of few warps; and so little more hardly any.
  constexpr int64_t kLittle = 8 << 10, kLittleMore = 1 << 10;
  int64_t budget = sharedBudget(kernel);
  int64_t bytes = std::min(budget, std::max(tight.bytes + kLittleMore, kLittle));
  Plan apart = place(buffers, bytes);
  return apart.bytes <= bytes ? apart : tight;
}

//===----------------------------------------------------------------------===//
// Budget
//===----------------------------------------------------------------------===//

static SharedNeed needOf(KernelOp kernel) {
  constexpr int64_t kNoCap = INT64_MAX;
  int64_t depth = 1;
  kernel.walk([&](RingOp ring) { depth = std::max(depth, ring.getRing().getType().getDepth()); });
  SharedNeed need{makePlan(kernel, kNoCap).bytes, sharedBudget(kernel), 0};
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
  OwningOpRef<KernelOp> stored = clone->clone();
  splitTensorStores(*stored);
  SharedNeed need = needOf(*stored);
  // So many stages keep copies and products busy; to store by tensor copies is not worth fewer.
  constexpr int64_t kEnoughStages = 3;
  if (need.fits() || need.fittingStages >= kEnoughStages)
    return need;
  storeByThreads(*clone);
  return needOf(*clone);
}

void placement::placeTensorStores(KernelOp kernel) {
  OwningOpRef<KernelOp> clone = kernel.clone();
  splitTensorStores(*clone);
  bool fits = makePlan(*clone, INT64_MAX).bytes <= sharedBudget(kernel);
  kernel.walk([&](StoreOp store) {
    if (isTensorStore(store))
      reportStore(store, fits);
  });
  if (!fits)
    storeByThreads(kernel);
  splitTensorStores(kernel);
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
    else if (isa<ChannelOp>(buffer.op))
      note << "the barriers of a channel: " << buffer.bytes << " bytes";
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
  if (plan.bytes > sharedBudget(kernel))
    return refuse(kernel, plan);
  Builder builder(kernel.getContext());
  constexpr int64_t kWarpsPerArrival = 4;
  for (const Buffer &buffer : plan.buffers)
    if (auto channel = dyn_cast<ChannelOp>(buffer.op)) {
      channel.setBarriers(buffer.offset);
      channel.setArrivals(*kernel.getNumWarps() / kWarpsPerArrival);
    } else {
      buffer.op->setAttr("offset", builder.getI64IntegerAttr(buffer.offset));
    }
  kernel.setSharedBytes(plan.bytes);
  return success();
}
