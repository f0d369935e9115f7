//===- VerifyProducer.cpp - Checks what fills rings beside the program *- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

//
// A producer's mbarriers count: one arrival and the bytes of all rings of the channel for each ticket. So each ticket has one acquire, one
// copy into each ring, and one commit, all in one place. Where threads copy, the commit comes later, when their copies have landed; their
// group is closed in its place. When it fills and when its slots are read is found out by a run, see ChannelRun.h.
//
//===----------------------------------------------------------------------===//

#include "Synchronise.h"
#include "TensorCopies.h"

#include "tile/Dialect/Access.h"
#include "tile/Dialect/Pieces.h"
#include "tile/Placement/Anchors.h"

using namespace mlir;
using namespace tile;
using namespace tile::ir;
using namespace tile::placement;

LogicalResult placement::checkWarpgroups(KernelOp kernel) {
  WalkResult result = kernel.getBody().walk([&](Operation *op) -> WalkResult {
    auto dot = dyn_cast<DotOp>(op);
    bool meets = isa<BarrierOp, StoreWaitOp, StoreAsyncOp>(op) && op->hasAttr("warpgroup");
    bool together = isa<ProducerOp>(op) || meets || (dot && isOfWarpgroups(dot));
    if (together && kernel.getNumWarps().value_or(0) % kWarpsOfGroup != 0)
      return op->emitOpError() << "is of warps in groups of " << kWarpsOfGroup << ", and the kernel has "
                               << kernel.getNumWarps().value_or(0);
    if (!dot || !isOfWarpgroups(dot))
      return success();
    if (dot.getType().getDimSize(0) < kRowsOfGroup)
      return dot.emitOpError() << "is smaller than the instruction that it is bound to";
    if (!isa<SlotType>(dot.getB().getType()))
      return dot.emitOpError("has its second operand in registers, and its instruction reads shared memory");
    return success();
  });
  return failure(result.wasInterrupted());
}

//===----------------------------------------------------------------------===//
// Tickets
//===----------------------------------------------------------------------===//

namespace {
/// What a producer issues for one ticket.
class Filling {
public:
  explicit Filling(AcquireOp acquire) : acquire(acquire), channel(acquire.getChannel().getDefiningOp<ChannelOp>()) {}

  /// Checks all up to the commit, and notes what it saw.
  LogicalResult check(DenseSet<Operation *> &seen);

private:
  LogicalResult see(Operation &op);
  /// Whether an op ends what is issued for the ticket.
  bool closes(Operation *op) {
    bool isLate = op->getParentOfType<KernelOp>().getPhase() == Phase::Synchronised && isFilledByThreads(channel);
    auto commit = dyn_cast<CommitOp>(op);
    return isLate ? isa<CommitGroupOp>(op) : commit && commit.getChannel() == acquire.getChannel();
  }

  AcquireOp acquire;
  ChannelOp channel;
  SmallVector<Value> filled;
};
} // namespace

LogicalResult Filling::see(Operation &op) {
  auto copy = dyn_cast<CopyAsyncOp>(op);
  if (!copy || !llvm::is_contained(channel.getRings(), copy.getRing()))
    return success();
  if (copy.getTicket() != acquire.getTicket())
    return copy.emitOpError("copies for another ticket than was acquired");
  if (llvm::is_contained(filled, copy.getRing()))
    return copy.emitOpError("is the second copy into its ring for one ticket");
  filled.push_back(copy.getRing());
  return success();
}

LogicalResult Filling::check(DenseSet<Operation *> &seen) {
  seen.insert(acquire);
  for (Operation *op = acquire->getNextNode(); op; op = op->getNextNode()) {
    if (failed(see(*op)))
      return failure();
    if (isa<CopyAsyncOp>(op) && llvm::is_contained(filled, cast<CopyAsyncOp>(op).getRing()))
      seen.insert(op);
    if (!closes(op))
      continue;
    if (auto commit = dyn_cast<CommitOp>(op); commit && commit.getTicket() != acquire.getTicket())
      return commit.emitOpError("closes another ticket than was acquired");
    if (filled.size() != channel.getRings().size())
      return op->emitOpError() << "closes a ticket with copies into " << filled.size() << " of "
                               << channel.getRings().size() << " rings";
    seen.insert(op);
    return success();
  }
  return acquire.emitOpError("is followed by no 'tile.commit' of its ticket, or 'tile.commit_group'");
}

/// Checks the copies of a producer, and that none of its kind are anywhere else.
static LogicalResult checkFilling(KernelOp kernel) {
  DenseSet<Operation *> seen;
  auto isInside = [](Operation *op) { return op->getParentOfType<ProducerOp>() != nullptr; };
  WalkResult result = kernel.getBody().walk<WalkOrder::PreOrder>([&](Operation *op) -> WalkResult {
    if (auto copy = dyn_cast<CopyAsyncOp>(op)) {
      bool byTensor = copy.getBinding() && copy.getBinding()->getCopy() == Copy::Tensor;
      bool byProducer = byTensor || isThreadCopy(copy);
      if (byProducer != isInside(op))
        return copy.emitOpError() << (byTensor ? "is bound to 'tensor' outside a 'tile.producer'"
                                               : "is not bound to 'tensor' or 'async' in a 'tile.producer'");
      if (byProducer && !isZeroBits(copy.getPadding()))
        return copy.emitOpError("pads with something else than 0, which a producer's copies can't");
      if (!byProducer && isFilledByProducer(copy.getRing()))
        return copy.emitOpError("copies into a ring that a producer fills");
      if (byProducer && !seen.contains(op))
        return copy.emitOpError("stands between no 'tile.acquire' and 'tile.commit' of its ring's channel");
    } else if (auto acquire = dyn_cast<AcquireOp>(op)) {
      if (isTensorChannel(acquire.getChannel()) != isInside(op))
        return acquire.emitOpError() << (isInside(op) ? "is of a channel that no producer fills"
                                                      : "is of a channel that a producer fills, and stands outside it");
      if (isInside(op) && failed(Filling(acquire).check(seen)))
        return failure();
    } else if (auto commit = dyn_cast<CommitOp>(op)) {
      auto channel = commit.getChannel().getDefiningOp<ChannelOp>();
      bool isLate = kernel.getPhase() == Phase::Synchronised && isInside(op) && isFilledByThreads(channel);
      if (isTensorChannel(channel) && !isLate && !seen.contains(op))
        return commit.emitOpError("closes a ticket that was not acquired in the same place");
    } else if (auto write = dyn_cast<WriteOp>(op)) {
      auto slot = write.getSlot().getDefiningOp<SlotOp>();
      if (slot && isFilledByProducer(slot.getRing()))
        return write.emitOpError("writes into a ring that a producer fills");
    }
    return success();
  });
  return failure(result.wasInterrupted());
}

/// The threads of a producer run what stands in front of it too.
static LogicalResult checkBefore(ProducerOp producer) {
  for (Operation &op : *producer->getBlock()) {
    if (&op == producer)
      return success();
    if (isa<ProducerOp>(op))
      return producer.emitOpError("is the second of its kernel");
    if (!isMemoryEffectFree(&op) && !isa<RingOp, ChannelOp, ScratchOp, LoadOp>(op))
      return op.emitOpError("stands in front of the 'tile.producer', whose threads are not the program's");
  }
  return success();
}

//===----------------------------------------------------------------------===//
// Teams
//===----------------------------------------------------------------------===//

/// Checks that programs of two teams meet only where they take turns: from one to the next goes a ticket of each channel and nothing else, and
/// nothing that follows a turn counts on the tickets.
static LogicalResult checkTeams(KernelOp kernel) {
  if (teamsOf(kernel) == 1)
    return success();
  if (kernel.getBody().getOps<ProducerOp>().empty())
    return kernel.emitOpError("has teams and no 'tile.producer'");
  scf::ForOp walk;
  for (auto loop : kernel.getBody().getOps<scf::ForOp>()) {
    if (walk || !isLoopOverPrograms(loop))
      return loop.emitOpError("stands beside the loop over programs that teams share");
    walk = loop;
  }
  if (!walk)
    return kernel.emitOpError("has teams and no loop over programs");
  size_t channels = llvm::range_size(kernel.getBody().getOps<ChannelOp>());
  if (walk.getNumRegionIterArgs() != channels || !walk->use_empty())
    return walk.emitOpError() << "carries " << walk.getNumRegionIterArgs()
                              << " values from program to program, and teams pass a ticket for each of " << channels
                              << " channels";
  auto [first, last] = turnOf(*walk.getBody());
  if (!first)
    return walk.emitOpError("awaits no slots, and teams take turns with them");
  for (auto [argument, yielded] : llvm::zip_equal(walk.getRegionIterArgs(), walk.getYieldedValues())) {
    Operation *made = yielded.getDefiningOp();
    if (!argument.getType().isInteger(32) || !made || made->getBlock() != walk.getBody() || last->isBeforeInBlock(made))
      return walk.emitOpError("carries what is no ticket at the end of a team's turn");
  }
  return success();
}

//===----------------------------------------------------------------------===//
// Shared memory
//===----------------------------------------------------------------------===//

namespace {
/// Bytes of shared memory, and the op that they belong to.
struct Bytes {
  Operation *op;
  int64_t begin, end;
  /// Whether they are written past the program's threads, from the kernel's start to its end.
  bool byProducer;
};
} // namespace

/// Checks that each warpgroup has written the rows that it stores.
static LogicalResult checkRows(StoreAsyncOp store) {
  if (!store.getWarpgroup())
    return success();
  SlotType slot = store.getSlot().getType();
  int64_t warps = *store->getParentOfType<KernelOp>().getNumWarps();
  std::optional<StorePieces> pieces = storePieces(slot.getTileType(), slot.getSwizzle().getUnit(), warps);
  if (!pieces || pieces->rows * pieces->columns != 1)
    return store.emitOpError("is of warpgroups, and is no piece of ") << kRowsOfGroup << " rows for each";
  for (Operation *user : store.getSlot().getUsers()) {
    auto write = dyn_cast<WriteOp>(user);
    LayoutAttr layout = write ? layoutOf(write.getValue().getType()) : LayoutAttr();
    if (layout && !givesGroupsRows(layout.getLayout()))
      return write.emitOpError("writes rows of other warpgroups than will store them");
  }
  return success();
}

static LogicalResult checkPlaces(KernelOp kernel) {
  SmallVector<Bytes> all;
  WalkResult result = kernel.getBody().walk([&](Operation *op) -> WalkResult {
    if (isa<RingOp, ScratchOp>(op)) {
      auto attr = op->getAttrOfType<IntegerAttr>("offset");
      int64_t begin = attr ? attr.getInt() : 0;
      bool byProducer = isa<RingOp>(op) && isFilledByProducer(op->getResult(0));
      if (byProducer && begin % kTensorAlignment != 0)
        return op->emitOpError() << "lies at " << begin << ", and tensor copies fill what is aligned to "
                                 << kTensorAlignment << " bytes";
      int64_t copies = isa<ScratchOp>(op) ? teamsOf(kernel) : 1;
      // Of two teams one may be anywhere, so that nothing shares a place.
      all.push_back({op, begin, begin + copies * sharedBytes(op->getResult(0).getType()), byProducer || copies > 1});
    } else if (auto channel = dyn_cast<ChannelOp>(op)) {
      if (!isTensorChannel(channel))
        return channel.emitOpError("has barriers, and no producer fills its rings");
      constexpr int64_t kWarpsPerGroup = 4;
      int64_t begin = channel.getBarriers().value_or(0), groups = *kernel.getNumWarps() / kWarpsPerGroup;
      if (begin % kBarrierBytes != 0)
        return channel.emitOpError() << "has barriers at " << begin << ", which is no multiple of " << kBarrierBytes;
      if (static_cast<int64_t>(channel.getArrivals().value_or(0)) != groups)
        return channel.emitOpError() << "counts " << channel.getArrivals().value_or(0)
                                     << " arrivals, and the kernel has " << groups << " groups of four warps";
      int64_t depth = cast<RingType>(channel.getRings().front().getType()).getDepth();
      all.push_back({op, begin, begin + barrierBytes(depth) + turnBytes(kernel), true});
    } else if (auto store = dyn_cast<StoreAsyncOp>(op)) {
      auto scratch = store.getSlot().getDefiningOp<ScratchOp>();
      if (!scratch)
        return store.emitOpError("stores a slot of a ring");
      int64_t alignment = alignmentOf(scratch.getSlot().getType().getSwizzle());
      if (scratch.getOffset().value_or(0) % alignment != 0)
        return store.emitOpError() << "stores what lies at " << scratch.getOffset().value_or(0)
                                   << ", which is no multiple of " << alignment;
      if (failed(checkRows(store)))
        return failure();
    }
    return success();
  });
  if (result.wasInterrupted())
    return failure();
  for (const Bytes &bytes : all) {
    if (bytes.byProducer && bytes.end > static_cast<int64_t>(kernel.getSharedBytes().value_or(0)))
      return bytes.op->emitOpError() << "ends at " << bytes.end << ", and the kernel takes "
                                     << kernel.getSharedBytes().value_or(0) << " bytes of shared memory";
    for (const Bytes &other : all)
      if (bytes.byProducer && other.op != bytes.op && bytes.begin < other.end && other.begin < bytes.end)
        return bytes.op->emitOpError() << "lies where " << other.op->getName() << " at " << other.begin
                                       << " lies, and is filled from the kernel's start to its end";
  }
  return success();
}

LogicalResult placement::verifyProducer(KernelOp kernel) {
  if (failed(checkWarpgroups(kernel)))
    return failure();
  for (ProducerOp producer : kernel.getBody().getOps<ProducerOp>())
    if (failed(checkBefore(producer)))
      return failure();
  if (failed(checkFilling(kernel)) || failed(checkTeams(kernel)))
    return failure();
  return kernel.getPhase() == Phase::Synchronised ? checkPlaces(kernel) : success();
}
