//===- VerifySynchronised.cpp - Checks the waits of a synchronised kernel *- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

//
// Runs the kernel on numbers, as one of its threads, and follows what lies in shared memory: see SharedRun.h. Nothing is known here of how waits
// were found. A producer is run as well, and its channels are followed: see ChannelRun.h. Trip counts are chosen: for each loop that touches shared memory in turn all from 0 to where its steady state
// repeats itself, and none or few for the others. A comparison with a loop's upper bound, which is how guards ask whether an iteration exists, is
// decided by the chosen count; other conditions as it happens.
//
//===----------------------------------------------------------------------===//

#include "tile/Dialect/Pieces.h"
#include "tile/Placement/Placement.h"

#include "ChannelRun.h"
#include "LoopPairs.h"
#include "SharedRun.h"
#include "Synchronise.h"
#include "TensorCopies.h"

#include "tile/Placement/Anchors.h"

#include <mlir/IR/Matchers.h>

namespace tile::placement {
#define GEN_PASS_DEF_TILEVERIFYSYNCHRONISED
#include "tile/Placement/Passes.h.inc"
} // namespace tile::placement

using namespace mlir;
using namespace tile;
using namespace tile::ir;
using namespace tile::placement;

static bool isIndexOfLoop(Value value);

namespace {
/// Enough for one iteration to meet the one before it, and the next to meet both.
constexpr int64_t kFewTrips = 3;

/// One run of a kernel.
class ThreadRun {
public:
  /// `focus` runs `trips` times, the loops around it few times, others `otherTrips` times; loops whose bounds are constants as often as
  /// they say, if that is not more than `most`.
  ThreadRun(KernelOp kernel, const LoopPairs &pairs, Operation *focus, int64_t trips, int64_t otherTrips, int64_t most);

  /// Emits an error where the run reads or overwrites what it must not.
  LogicalResult run();

private:
  using Numbers = SmallVector<int64_t>;

  Numbers runBlock(Block &block, ArrayRef<int64_t> arguments);
  void runOp(Operation &op);
  void runFor(scf::ForOp loop);
  void runIf(scf::IfOp branch);
  void runWhile(scf::WhileOp loop);
  void runProducer(ProducerOp producer);
  void runShared(Operation &op);
  std::string runChannel(Operation &op);
  bool runThreadCopy(Operation &op);
  std::string runDot(DotOp dot);
  /// What an op finds of a product that it did not wait for.
  std::string runTiles(Operation &op);
  void runScalar(Operation &op);
  int64_t compare(arith::CmpIOp op);
  /// What an op gives of which nothing is known: the same for the same op and numbers.
  int64_t unknown(Operation &op);

  /// Gives a value its number, once and for all that is computed from it. One that ends a loop is as large as that loop's count asks; an
  /// index isn't, as its own loop goes on from it.
  void set(Value value, int64_t number) {
    numbers[value] = number;
    if (!isIndexOfLoop(value))
      numbers[value] = limit(value).value_or(number);
  }
  /// Where the loops with this upper bound end; none when it is no loop's, or what that loop starts with is not known yet.
  std::optional<int64_t> limit(Value upper) const;
  bool isFocusEnd(Value value) const {
    auto loop = dyn_cast_or_null<scf::ForOp>(focus);
    return loop && loop.getUpperBound() == value;
  }
  Place placeOf(Value slot) const;
  Place placeOf(Value ring, int64_t ticket) const;

  int64_t get(Value value) const { return numbers.lookup(value); }
  Numbers getAll(ValueRange values) const {
    return llvm::map_to_vector(values, [&](Value value) { return get(value); });
  }
  void setAll(ValueRange values, ArrayRef<int64_t> to) {
    for (auto [value, number] : llvm::zip_equal(values, to))
      set(value, number);
  }
  bool stopped() const { return failed || steps > kMostSteps; }
  void fail(Operation *op, const std::string &wrong);

  /// Far more than a loop in a loop takes.
  static constexpr unsigned kMostSteps = 20000;

  KernelOp kernel;
  const LoopPairs &pairs;
  Operation *focus;
  int64_t trips, otherTrips, most;
  SharedRun shared;
  ChannelRun channels;
  DenseMap<Value, int64_t> numbers;
  /// The loops that end at each upper bound, the focus first.
  DenseMap<Value, SmallVector<scf::ForOp, 2>> loopsTo;
  bool failed = false;
  unsigned steps = 0;
};
} // namespace

ThreadRun::ThreadRun(KernelOp kernel, const LoopPairs &pairs, Operation *focus, int64_t trips, int64_t otherTrips,
                     int64_t most)
    : kernel(kernel), pairs(pairs), focus(focus), trips(trips), otherTrips(otherTrips), most(most) {
  kernel.walk([&](scf::ForOp loop) {
    auto &loops = loopsTo[loop.getUpperBound()];
    loops.insert(pairs.partnerOf(loop) == focus ? loops.begin() : loops.end(), loop);
  });
}

//===----------------------------------------------------------------------===//
// Numbers
//===----------------------------------------------------------------------===//

static std::optional<int64_t> constantOf(Value value) {
  APInt constant;
  if (!matchPattern(value, m_ConstantInt(&constant)) || constant.getSignificantBits() > 64)
    return std::nullopt;
  return constant.getSExtValue();
}

static bool isIndexOfLoop(Value value) {
  auto argument = dyn_cast<BlockArgument>(value);
  auto loop = argument ? dyn_cast_or_null<scf::ForOp>(argument.getOwner()->getParentOp()) : scf::ForOp();
  return loop && loop.getInductionVar() == value;
}

std::optional<int64_t> ThreadRun::limit(Value upper) const {
  auto loops = loopsTo.find(upper);
  if (loops == loopsTo.end())
    return std::nullopt;
  std::optional<int64_t> end = constantOf(upper);
  for (scf::ForOp loop : loops->second) {
    if (!numbers.contains(loop.getLowerBound()) || !numbers.contains(loop.getStep()))
      continue;
    int64_t lower = get(loop.getLowerBound()), step = std::max<int64_t>(1, get(loop.getStep()));
    // A producer's loop runs as often as the one that reads what it fills.
    scf::ForOp role = pairs.partnerOf(loop);
    // A loop that ends at the index of one around it runs as often as that one has.
    bool isAround = focus && role->isAncestor(focus), endsFocus = isAround && isFocusEnd(role.getInductionVar());
    int64_t count = role == focus || endsFocus ? trips : isAround ? kFewTrips : otherTrips;
    if (end && constantOf(loop.getLowerBound()) && constantOf(loop.getStep()))
      count = std::clamp<int64_t>(llvm::divideCeilSigned(*end - lower, step), 0, most);
    else if (end)
      continue;
    return lower + count * step;
  }
  return std::nullopt;
}

int64_t ThreadRun::compare(arith::CmpIOp op) {
  int64_t lhs = get(op.getLhs()), rhs = get(op.getRhs());
  unsigned width = op.getLhs().getType().isIndex() ? 64 : op.getLhs().getType().getIntOrFloatBitWidth();
  APInt left(width, lhs, /*isSigned=*/true, /*implicitTrunc=*/true);
  APInt right(width, rhs, /*isSigned=*/true, /*implicitTrunc=*/true);
  return arith::applyCmpPredicate(op.getPredicate(), left, right);
}

int64_t ThreadRun::unknown(Operation &op) {
  uint64_t mixed = op.getName().getStringRef().size();
  for (Value operand : op.getOperands())
    mixed = mixed * 31 + static_cast<uint64_t>(get(operand)) + 7;
  return static_cast<int64_t>(mixed % 251);
}

void ThreadRun::runScalar(Operation &op) {
  for (Value result : op.getResults())
    if (result.getType().isIntOrIndex())
      set(result, unknown(op));
  if (op.getNumResults() != 1 || !op.getResult(0).getType().isIntOrIndex())
    return;
  int64_t number = get(op.getResult(0));
  auto lhs = [&] { return static_cast<uint64_t>(get(op.getOperand(0))); };
  auto rhs = [&] { return static_cast<uint64_t>(get(op.getOperand(1))); };
  if (std::optional<int64_t> constant = constantOf(op.getResult(0)))
    number = *constant;
  else if (isa<arith::AddIOp>(op))
    number = static_cast<int64_t>(lhs() + rhs());
  else if (isa<arith::SubIOp>(op))
    number = static_cast<int64_t>(lhs() - rhs());
  else if (isa<arith::MulIOp>(op))
    number = static_cast<int64_t>(lhs() * rhs());
  else if (isa<arith::IndexCastOp, arith::ExtSIOp>(op))
    number = get(op.getOperand(0));
  else if (auto cmp = dyn_cast<arith::CmpIOp>(op))
    number = compare(cmp);
  else if (auto select = dyn_cast<arith::SelectOp>(op))
    number = get(get(select.getCondition()) & 1 ? select.getTrueValue() : select.getFalseValue());
  if (op.getResult(0).getType().isInteger(32))
    number = static_cast<int32_t>(number);
  set(op.getResult(0), number);
}

//===----------------------------------------------------------------------===//
// Shared memory
//===----------------------------------------------------------------------===//

Place ThreadRun::placeOf(Value ring, int64_t ticket) const {
  auto type = cast<RingType>(ring.getType());
  int64_t bytes = valueBytes(type.getTileType());
  int64_t slot = static_cast<uint32_t>(ticket) % type.getDepth();
  int64_t begin = ring.getDefiningOp<RingOp>().getOffset().value_or(0) + slot * bytes;
  return {.memory = ring, .begin = begin, .end = begin + bytes, .slot = slot, .ticket = ticket};
}

Place ThreadRun::placeOf(Value slot) const {
  if (auto slotOp = slot.getDefiningOp<SlotOp>())
    return placeOf(slotOp.getRing(), get(slotOp.getTicket()));
  int64_t begin = slot.getDefiningOp<ScratchOp>().getOffset().value_or(0);
  return {.memory = slot,
          .begin = begin,
          .end = begin + sharedBytes(slot.getType()),
          .byWarpgroups = isStoredByWarpgroups(slot)};
}

void ThreadRun::fail(Operation *op, const std::string &wrong) {
  failed = true;
  op->emitOpError() << wrong << " (with trip counts of " << trips << ")";
}

/// The channel of a ring that a producer fills, or of a slot of such a one; null for other memory.
static Value channelOf(Value memory) {
  if (auto slot = memory.getDefiningOp<SlotOp>())
    memory = slot.getRing();
  if (!isa<RingType>(memory.getType()) || !isFilledByProducer(memory))
    return {};
  for (Operation *user : memory.getUsers())
    if (isa<ChannelOp>(user))
      return user->getResult(0);
  return {};
}

std::string ThreadRun::runChannel(Operation &op) {
  if (auto acquire = dyn_cast<AcquireOp>(op))
    return channels.acquire(&op, acquire.getChannel(), get(acquire.getTicket()));
  if (auto await = dyn_cast<AwaitOp>(op))
    return channels.await(&op, await.getChannel(), get(await.getTicket()));
  if (auto release = dyn_cast<ReleaseOp>(op))
    return channels.release(&op, release.getChannel(), get(release.getTicket()));
  if (auto commit = dyn_cast<CommitOp>(op))
    return channels.commit(&op, commit.getChannel(), get(commit.getTicket()));
  return "";
}

/// What a producer's threads do of their own. False for anything else.
bool ThreadRun::runThreadCopy(Operation &op) {
  if (auto copy = dyn_cast<CopyAsyncOp>(op)) {
    if (isThreadCopy(copy))
      channels.copyByThreads(channelOf(copy.getRing()), get(copy.getTicket()));
  } else if (isa<CommitGroupOp>(op)) {
    channels.closeGroup();
  } else if (auto wait = dyn_cast<WaitGroupOp>(op)) {
    channels.waitForGroups(wait.getPending());
  } else if (isa<ProxyFenceOp>(op)) {
    channels.fence();
  } else {
    return false;
  }
  return true;
}

std::string ThreadRun::runTiles(Operation &op) {
  auto dot = dyn_cast<DotOp>(op);
  bool passes = isa<DotWaitOp, scf::ForOp, scf::IfOp, scf::WhileOp>(op) || (dot && dot.getAsync());
  for (Value operand : op.getOperands())
    if (!passes && isa<TensorType>(operand.getType()) && channels.isUnderWay(get(operand)))
      return "reads what an async dot may still be adding to";
  auto wait = dyn_cast<DotWaitOp>(op);
  if (!wait)
    return "";
  channels.waitForDots(wait.getPending());
  setAll(wait.getResults(), getAll(wait.getValues()));
  return "";
}

std::string ThreadRun::runDot(DotOp dot) {
  SmallVector<ChannelRun::Read> reads;
  for (Value operand : dot->getOperands())
    if (isa<SlotType>(operand.getType())) {
      Value channel = channelOf(operand);
      int64_t ticket = channel ? get(operand.getDefiningOp<SlotOp>().getTicket()) : 0;
      std::string wrong =
          channel ? channels.read(channel, ticket, /*byThread=*/!isOfWarpgroups(dot)) : shared.read(placeOf(operand));
      if (!wrong.empty())
        return wrong;
      if (channel)
        reads.push_back({channel, ticket});
    }
  // Each time that it runs, a dot gives the same registers to its instructions.
  bool takesRegisters = isa<TensorType>(dot.getA().getType());
  if (dot.getAsync() && takesRegisters && numbers.contains(dot.getResult()) &&
      channels.isUnderWay(get(dot.getResult())))
    return "starts while it may still read the operand of the time before";
  if (dot.getAsync())
    set(dot.getResult(), static_cast<int64_t>(channels.startDot(reads)));
  else if (isOfWarpgroups(dot))
    channels.waitForDots(0);
  return "";
}

void ThreadRun::runShared(Operation &op) {
  std::string wrong = runTiles(op);
  if (!wrong.empty())
    return fail(&op, wrong);
  if (op.getParentOfType<ProducerOp>() && runThreadCopy(op))
    return;
  if (auto copy = dyn_cast<CopyAsyncOp>(op))
    wrong = shared.copy(placeOf(copy.getRing(), get(copy.getTicket())));
  else if (auto write = dyn_cast<WriteOp>(op))
    wrong = shared.write(placeOf(write.getSlot()));
  else if (isa<CommitGroupOp>(op))
    shared.commit();
  else if (auto wait = dyn_cast<WaitGroupOp>(op))
    shared.wait(wait.getPending());
  else if (auto store = dyn_cast<StoreAsyncOp>(op))
    wrong = shared.store(placeOf(store.getSlot()), store.getWarpgroup());
  else if (auto wait = dyn_cast<StoreWaitOp>(op))
    shared.waitForStores(wait.getPending(), wait.getWarpgroup());
  else if (isa<ProxyFenceOp>(op))
    shared.fence();
  else if (auto barrier = dyn_cast<BarrierOp>(op)) {
    shared.barrier(barrier.getWarpgroup());
    channels.barrier();
  } else if (auto read = dyn_cast<ReadOp>(op)) {
    Value channel = channelOf(read.getSlot());
    wrong = channel ? channels.read(channel, get(read.getSlot().getDefiningOp<SlotOp>().getTicket()), /*byThread=*/true)
                    : shared.read(placeOf(read.getSlot()));
  } else if (auto dot = dyn_cast<DotOp>(op))
    wrong = runDot(dot);
  else
    wrong = runChannel(op);
  if (!wrong.empty())
    fail(&op, wrong);
}

//===----------------------------------------------------------------------===//
// Control flow
//===----------------------------------------------------------------------===//

void ThreadRun::runFor(scf::ForOp loop) {
  int64_t lower = get(loop.getLowerBound()), step = std::max<int64_t>(1, get(loop.getStep()));
  int64_t end = get(loop.getUpperBound());
  Numbers carried = getAll(loop.getInitArgs());
  for (int64_t index = lower; index < end && !stopped(); index += step) {
    Numbers arguments = {index};
    arguments.append(carried);
    carried = runBlock(*loop.getBody(), arguments);
  }
  if (!stopped())
    setAll(loop.getResults(), carried);
}

void ThreadRun::runIf(scf::IfOp branch) {
  Region &region = get(branch.getCondition()) & 1 ? branch.getThenRegion() : branch.getElseRegion();
  Numbers results = region.empty() ? Numbers() : runBlock(region.front(), {});
  if (!stopped())
    setAll(branch.getResults(), results);
}

void ThreadRun::runWhile(scf::WhileOp loop) {
  constexpr int kRounds = 3;
  Numbers carried = getAll(loop.getInits());
  for (int round = 0; !stopped(); ++round) {
    Numbers tested = runBlock(*loop.getBeforeBody(), carried);
    if (stopped())
      return;
    carried.assign(tested.begin() + 1, tested.end());
    if (round == kRounds || !(tested.front() & 1))
      break;
    carried = runBlock(*loop.getAfterBody(), carried);
  }
  if (!stopped())
    setAll(loop.getResults(), carried);
}

void ThreadRun::runProducer(ProducerOp producer) {
  for (Operation &op : producer.getBody().front()) {
    ++steps;
    if (!stopped())
      runOp(op);
  }
}

void ThreadRun::runOp(Operation &op) {
  if (auto producer = dyn_cast<ProducerOp>(op))
    return runProducer(producer);
  if (auto loop = dyn_cast<scf::ForOp>(op))
    return runFor(loop);
  if (auto branch = dyn_cast<scf::IfOp>(op))
    return runIf(branch);
  if (auto loop = dyn_cast<scf::WhileOp>(op))
    return runWhile(loop);
  runShared(op);
  runScalar(op);
}

ThreadRun::Numbers ThreadRun::runBlock(Block &block, ArrayRef<int64_t> arguments) {
  setAll(block.getArguments(), arguments);
  for (Operation &op : block.without_terminator()) {
    ++steps;
    if (!stopped())
      runOp(op);
    if (stopped())
      return {};
  }
  return getAll(block.getTerminator()->getOperands());
}

LogicalResult ThreadRun::run() {
  // What begins a loop is known before what ends it.
  kernel.walk([&](arith::ConstantOp constant) {
    // Of tiles, numbers say which product they are.
    if (std::optional<int64_t> number = constantOf(constant.getResult()); number && !isTile(constant.getType()))
      set(constant.getResult(), *number);
  });
  Block &body = kernel.getBody().front();
  runBlock(body, Numbers(body.getNumArguments(), 1));
  // Loops that are not known to run alike say nothing of how both sides meet.
  if (auto [op, wrong] = channels.meet(); op && !stopped() && pairs.areComplete())
    fail(op, wrong);
  return failure(failed);
}

//===----------------------------------------------------------------------===//
// Entry points
//===----------------------------------------------------------------------===//

static bool touchesSharedMemory(Operation *loop) {
  return loop
      ->walk([](Operation *op) {
        bool touches = isa<CopyAsyncOp, ReadOp, WriteOp, CommitGroupOp, WaitGroupOp, BarrierOp, AwaitOp>(op) ||
                       llvm::any_of(op->getOperandTypes(), llvm::IsaPred<SlotType>);
        return touches ? WalkResult::interrupt() : WalkResult::advance();
      })
      .wasInterrupted();
}

LogicalResult placement::verifySynchronised(KernelOp kernel) {
  if (failed(verifyProducer(kernel)))
    return failure();
  if (!touchesSharedMemory(kernel))
    return success();
  int64_t depth = 1;
  SmallVector<Operation *> loops;
  kernel.walk([&](Operation *op) {
    if (auto ring = dyn_cast<RingOp>(op))
      depth = std::max(depth, ring.getRing().getType().getDepth());
    if (isa<scf::ForOp>(op) && !op->getParentOfType<ProducerOp>() && touchesSharedMemory(op))
      loops.push_back(op);
  });
  if (loops.empty())
    loops.push_back(nullptr);
  // As many iterations as may be in flight, and one round of the deepest ring more.
  int64_t most = 2 * depth + 1;
  LoopPairs pairs(kernel);
  if (scf::ForOp odd = pairs.getOdd())
    return odd.emitOpError("fills rings as often as no loop of the program reads them");
  for (Operation *focus : loops)
    for (int64_t trips = 0; trips <= most; ++trips)
      for (int64_t otherTrips : {int64_t(0), kFewTrips})
        if (failed(ThreadRun(kernel, pairs, focus, trips, otherTrips, most).run()))
          return failure();
  return success();
}

namespace {
struct TileVerifySynchronised : placement::impl::TileVerifySynchronisedBase<TileVerifySynchronised> {
  void runOnOperation() override {
    KernelOp kernel = getOperation();
    if (kernel.getPhase() != Phase::Synchronised) {
      kernel.emitError() << "only waits of phase 'synchronised' can be checked; this is in phase '"
                         << stringifyPhase(kernel.getPhase()) << "'";
      return signalPassFailure();
    }
    if (failed(verifySynchronised(kernel)))
      return signalPassFailure();
    markAllAnalysesPreserved();
  }
};
} // namespace
