//===- Plan.cpp - Plans which iterations of a loop are in flight together *- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Modulo scheduling over the machine model. One iteration may start every II cycles, where II is what the busiest unit or the longest
// recurrence takes. A load is in flight from its issue until its slot is released, R cycles; to keep the unit busy that decides II,
// ceil(R / II) iterations are in flight, and each pipelined load owns that many buffers. An explicit count S is taken as it is: S
// buffers each, issued S - 1 iterations ahead. The plan is written into the IR and nowhere else.
//
//===----------------------------------------------------------------------===//

#include "BindHopper.h"
#include "ProducerSlice.h"
#include "Specialise.h"
#include "tile/Dialect/Access.h"
#include "tile/Dialect/Pieces.h"
#include "tile/Dialect/Stages.h"
#include "tile/Pipeline/MachineModel.h"
#include "tile/Pipeline/Pipeline.h"
#include "tile/Pipeline/Schedule.h"
#include "tile/Pipeline/Verdicts.h"

#include <llvm/Support/FormatVariadic.h>

namespace tile::pipeline {
#define GEN_PASS_DEF_TILEPLAN
#include "tile/Pipeline/Passes.h.inc"
} // namespace tile::pipeline

using namespace mlir;
using namespace tile;
using namespace tile::ir;
using namespace tile::pipeline;

/// More stages than this hide no latency that fewer do not.
static constexpr int64_t kMostChosenStages = 16;

/// A multiprocessor has other programs to go on with, which ceil(R / II) knows nothing of, and the more slots each has, the fewer of them it
/// has. Of loops without products 2 to 6 stages were measured on an H100, with 1 to 32 programs on a multiprocessor, and what the formula
/// alone gives: 5 and 6 are within 5 hundredths of the best count for sums of arrays, of rows, and softmax (but for rows of two tiles); 4
/// are within 8, and 11 to 16 cost softmax 11 to 15.
static constexpr int64_t kMostWithoutProducts = 5;

//===----------------------------------------------------------------------===//
// What an iteration costs
//===----------------------------------------------------------------------===//

namespace {
/// The costs of one iteration.
struct Iteration {
  /// Cycles from one iteration to the next when all latency is hidden, and what decides that.
  int64_t ii = 1;
  StringRef bound = "nothing";
  /// Cycles of one iteration when nothing overlaps; also R, from the issue of its loads until their slots are free.
  int64_t serial = 1;
};
} // namespace

/// The longest chain of latencies from a carried value to what replaces it, over all carried values.
static int64_t longestRecurrence(ForOp loop, const MachineModel &model) {
  int64_t longest = 0;
  for (BlockArgument carried : loop.getRegionIterArgs()) {
    llvm::DenseMap<Value, int64_t> ready;
    ready[carried] = 0;
    for (Operation &op : loop.getBody()->without_terminator()) {
      std::optional<int64_t> start;
      for (Value operand : op.getOperands())
        if (auto found = ready.find(operand); found != ready.end())
          start = std::max(start.value_or(0), found->second);
      if (!start)
        continue;
      // A dot adds to its accumulator last: the next one need not wait for its whole latency.
      Cost cost = model.cost(&op);
      auto dot = dyn_cast<DotOp>(op);
      int64_t latency = dot && ready.contains(dot.getAcc()) ? cost.busy : cost.latency;
      for (Value result : op.getResults())
        ready[result] = *start + latency;
    }
    longest = std::max(longest, ready.lookup(loop.getYielded(carried)));
  }
  return longest;
}

static Iteration measure(ForOp loop, const MachineModel &model) {
  std::array<int64_t, kUnitCount> busy = {};
  Iteration iteration;
  // Of what arrives by tensor copies or as the program's own, and by a producer's threads: these go on side by side.
  std::array<int64_t, 2> latency = {}, arrival = {};
  int64_t shared = 0;
  for (Operation &op : loop.getBody()->without_terminator()) {
    Cost cost = model.cost(&op);
    busy[static_cast<unsigned>(cost.unit)] += cost.busy;
    shared += cost.sharedBusy;
    // Of several loads the first bytes come together.
    auto load = dyn_cast<LoadOp>(op);
    if (!load) {
      iteration.serial += cost.busy;
      continue;
    }
    bool byThreads = isCopiedByProducer(load);
    arrival[byThreads] += cost.latency - model.latencyOf(load);
    latency[byThreads] = std::max(latency[byThreads], model.latencyOf(load));
  }
  busy[static_cast<unsigned>(Unit::Shared)] += shared;
  // Where shared memory is slower than the dots that read it, they take that long.
  iteration.serial += std::max(latency[0] + arrival[0], latency[1] + arrival[1]) +
                      std::max<int64_t>(0, shared - busy[static_cast<unsigned>(Unit::Dot)]);
  for (unsigned unit = 0; unit < kUnitCount; ++unit)
    if (busy[unit] > iteration.ii) {
      iteration.ii = busy[unit];
      iteration.bound = unitName(static_cast<Unit>(unit));
    }
  if (latency[1] != 0)
    iteration.ii += model.tensor.threadTurnaround;
  else if (latency[0] == model.tensor.copyLatency || llvm::any_of(loop.getBody()->getOps<DotOp>(), isOfWarpgroups))
    iteration.ii += model.tensor.turnaround;
  if (int64_t recurrence = longestRecurrence(loop, model); recurrence > iteration.ii) {
    iteration.ii = recurrence;
    iteration.bound = "a recurrence";
  }
  return iteration;
}

//===----------------------------------------------------------------------===//
// How many stages
//===----------------------------------------------------------------------===//

namespace {
/// The loads of one loop that will be pipelined, and what one buffer of each takes together.
struct Loads {
  SmallVector<LoadOp> tiles, scalars;
  int64_t bytesPerStage = 0;

  bool none() const { return tiles.empty() && scalars.empty(); }
};
} // namespace

/// What one of a load's buffers takes.
static int64_t ringBytes(LoadOp load) {
  return isProduced(load) ? bufferBytes(load.getType()) : valueBytes(load.getType());
}

/// Leaves to the program's own threads those tiles that a producer can't copy.
static void leaveToThreads(MutableArrayRef<Candidate> candidates) {
  for (auto &[load, refusal] : candidates)
    if (!refusal && isa<RankedTensorType>(load.getType()) && !isProduced(load))
      refusal = Refusal{"a producer warp loads ahead for the kernel, and only what tensor copies bring", ""};
}

static Loads pipelinedLoads(ArrayRef<Candidate> candidates) {
  Loads loads;
  for (auto [load, refusal] : candidates) {
    if (refusal)
      continue;
    if (load.getBinding()->getCopy() == Copy::Scalar) {
      loads.scalars.push_back(load);
      continue;
    }
    loads.tiles.push_back(load);
    loads.bytesPerStage += ringBytes(load);
  }
  return loads;
}

namespace {
/// What the loops of a kernel share.
struct Budget {
  /// Bytes that are left for rings.
  int64_t room;
  /// Above this many stages the model chooses none.
  int64_t most;
  /// Bytes that loops to come need at least: two buffers of each load that a producer fills.
  int64_t reserved = 0;
};
} // namespace

/// The rings' share of the target's memory. In a kernel with a producer there are barriers beside them, and what tiles pass through that are
/// stored by tensor copies.
static Budget makeBudget(KernelOp kernel, const MachineModel &model, int64_t most) {
  Budget budget{model.ringBytes, most};
  if (!isSpecialised(kernel))
    return budget;
  budget.room -= kBarrierBytes;
  auto isTensorCopy = [](StoreOp store) { return store.getBinding()->getCopy() == Copy::Tensor; };
  budget.room -= teamsOf(kernel) * storeBytes(kernel, *kernel.getNumWarps(), isTensorCopy);
  // No loop that a producer fills stays as it is written.
  budget.most = std::max<int64_t>(most, 2);
  for (LoadOp load : producedLoads(kernel))
    if (!load->getParentOfType<ForOp>().getNumStages())
      budget.reserved += 2 * ringBytes(load);
  return budget;
}

/// Whether a producer fills a loop's rings.
static bool hasProducer(const Loads &loads) { return !loads.tiles.empty() && llvm::all_of(loads.tiles, isProduced); }

/// Whether a loop's rings are filled by threads of a producer, in pieces that pass through the first-level cache: all but those of 16 bytes.
static bool passesCache(const Loads &loads) {
  constexpr int64_t kPastCache = 16;
  return hasProducer(loads) && llvm::any_of(loads.tiles, [](LoadOp load) {
           return load.getBinding()->getCopy() == Copy::Async && load.getBinding()->getBytes() < kPastCache;
         });
}

/// Whether threads of a producer fill one of a loop's rings. They have copies of one ticket fewer under way.
static bool hasThreadCopies(const Loads &loads) {
  return hasProducer(loads) &&
         llvm::any_of(loads.tiles, [](LoadOp load) { return load.getBinding()->getCopy() == Copy::Async; });
}

/// Cycles from one iteration to the next with so many stages.
static int64_t intervalOf(const Iteration &iteration, const Loads &loads, int64_t stages) {
  int64_t underWay = hasThreadCopies(loads) ? std::max<int64_t>(stages - 1, 1) : stages;
  return std::max<int64_t>(iteration.ii, llvm::divideCeil(iteration.serial, underWay));
}

/// The stages that the model asks for, not above `most`, and that fit into `room` bytes.
static int64_t chooseStages(ForOp loop, const Iteration &iteration, const Loads &loads, int64_t room, int64_t most,
                            const MachineModel &model) {
  // Products of warpgroups may still read what they have been told to for an iteration more.
  int64_t held = hasProducer(loads) && model.hasWarpgroupProducts() ? 1 : 0;
  int64_t wanted = std::clamp<int64_t>(llvm::divideCeil(iteration.serial, iteration.ii) + held, 2, kMostChosenStages);
  wanted = std::min(wanted, most);
  // The cache is what shared memory leaves of the same storage. Products of 4096 x 4096 in tiles of 128 x 256 x 64 whose rows are copied by 8
  // bytes took 0.74 of the time with 3 stages, and 76 KiB of it, that they took with 4.
  constexpr int64_t kCacheBytes = 48 << 10, kLeastStages = 3;
  if (passesCache(loads))
    room = std::max(std::min(room, kLeastStages * loads.bytesPerStage), room - kCacheBytes);
  if (loads.bytesPerStage != 0) {
    if (model.registers != 0 && !loop.walk([](DotOp) { return WalkResult::interrupt(); }).wasInterrupted())
      wanted = std::min(wanted, kMostWithoutProducts);
    wanted = std::min(wanted, room / loads.bytesPerStage);
  }
  return std::max<int64_t>(wanted, 1);
}

/// An error that itemises the rings of a loop and names the largest stage count that fits.
static LogicalResult overBudget(ForOp loop, int64_t stages, const Loads &loads, int64_t room,
                                const MachineModel &model) {
  InFlightDiagnostic error = loop.emitError()
                             << stages << " stages take " << stages * loads.bytesPerStage << " bytes of buffers, and '"
                             << model.name << "' has " << room << " left for them";
  for (LoadOp load : loads.tiles)
    error.attachNote(load.getLoc()) << "this load's buffers take " << stages << " x " << ringBytes(load) << " bytes";
  // One stage takes no buffers at all.
  int64_t most = std::max<int64_t>(1, room / loads.bytesPerStage);
  error.attachNote() << "the largest stage count that fits is " << most
                     << (most == 1 ? ", which leaves the loop as it is written; more need smaller tiles" : "");
  return error;
}

//===----------------------------------------------------------------------===//
// The plan
//===----------------------------------------------------------------------===//

/// A load that stays where it is moves its data directly.
static void bindDirectly(LoadOp load) {
  if (load.getBinding()->getCopy() == Copy::Scalar)
    return;
  AccessFacts facts = accessFacts(load.getView(), load.getOffsets(), load.getWidths());
  load.setBindingAttr(BindingAttr::get(load.getContext(), Copy::Direct, facts.wholeBytes));
}

/// How far ahead each load is issued: a tile as far as its buffers allow, a scalar as far as its latency asks.
static Ahead chooseAhead(const Loads &loads, int64_t stages, const Iteration &iteration, const MachineModel &model) {
  Ahead ahead;
  for (LoadOp load : loads.tiles)
    ahead[load] = stages - 1;
  int64_t hidden = std::clamp<int64_t>(llvm::divideCeil(model.copyLatency, iteration.ii), 1, stages - 1);
  for (LoadOp load : loads.scalars)
    ahead[load] = hidden;
  return ahead;
}

/// Writes stage and order on every op of the body. Within a step, what runs ahead comes first: its copies are in flight while the
/// last stage computes.
static void writeStages(ForOp loop, const Stages &stages, const Ahead &ahead, int64_t depth) {
  SmallVector<Operation *> ops, lastOps;
  for (Operation &op : loop.getBody()->without_terminator())
    (stages.of.lookup(&op) < stages.last ? ops : lastOps).push_back(&op);
  llvm::append_range(ops, lastOps);
  for (auto [order, op] : llvm::enumerate(ops)) {
    auto found = ahead.find(op);
    int64_t distance = found == ahead.end() ? 0 : found->second;
    bool ownsBuffers = found != ahead.end() && isa<RankedTensorType>(op->getResult(0).getType());
    op->setAttr(kAtAttrName,
                AtAttr::get(op->getContext(), stages.of.lookup(op), order, distance, ownsBuffers ? depth : 0));
  }
}

static void setPlan(ForOp loop, int64_t stages, int64_t ii, const Iteration &iteration, int64_t modelStages,
                    int64_t bytes) {
  loop.setPlanAttr(PlanAttr::get(loop.getContext(), stages, ii, iteration.serial, iteration.bound, modelStages, bytes));
}

/// Leaves a loop as it is written, and says so of it and of the loads that nothing else was said of.
static void leave(ForOp loop, ArrayRef<Candidate> candidates, const Iteration &iteration, int64_t modelStages,
                  StringRef reason, const Twine &suggestion) {
  setPlan(loop, 1, iteration.serial, iteration, modelStages, 0);
  reportRefused(loop.getLoc(), "loop", reason, suggestion);
  for (auto [load, refusal] : candidates) {
    if (refusal)
      continue;
    bindDirectly(load);
    reportRefused(load.getLoc(), "load", "its loop is not pipelined: " + reason, suggestion);
  }
}

/// How a load that the copy engine can't take gets into its ring, and why; empty for one that it takes.
static std::string detour(LoadOp load) {
  if (load.getBinding()->getCopy() != Copy::Staged)
    return "";
  AccessFacts facts = accessFacts(load.getView(), load.getOffsets(), load.getWidths());
  std::string why = facts.alignedBytes < 4
                        ? llvm::formatv("the copy engine moves no pieces of {0} bytes", facts.alignedBytes).str()
                        : "the copy engine pads with zeros only";
  return ", through registers: " + why;
}

/// How a producer fills a load's ring, and why so where it isn't by tensor copies.
static std::string producedHow(LoadOp load) {
  if (load.getBinding()->getCopy() == Copy::Tensor)
    return "filled by a producer warp through tensor copies";
  std::string why = whyNoTensorCopy(load);
  return llvm::formatv("filled by a producer's threads, {0} bytes at a time{1}", load.getBinding()->getBytes(),
                       why.empty() ? "" : ": it " + why);
}

static void reportPlan(ForOp loop, const Loads &loads, const Ahead &ahead, const Stages &stages) {
  PlanAttr plan = loop.getPlanAttr();
  reportPipelined(
      loop.getLoc(), "loop",
      llvm::formatv(
          "{0} stages, an iteration every {1} cycles by the model (bound by {2}) where one alone takes {3}; the "
          "model would choose {4}",
          plan.getStages(), plan.getIi(), plan.getBound(), plan.getSerial(), plan.getModelStages()));
  for (LoadOp load : loads.tiles) {
    std::string how = hasProducer(loads)
                          ? producedHow(load)
                          : llvm::formatv("issued {0} iterations ahead{1}", ahead.lookup(load), detour(load)).str();
    reportPipelined(load.getLoc(), "load",
                    llvm::formatv("{0} buffers of {1} bytes, {2}", plan.getStages(), ringBytes(load), how));
  }
  for (LoadOp load : loads.scalars)
    reportPipelined(load.getLoc(), "load",
                    llvm::formatv("carried as a value, read {0} iterations ahead", ahead.lookup(load)));
}

/// Scalars of a loop with a producer don't rotate: it reads those that its copies need, the others are read where they stand.
static void leaveScalars(KernelOp kernel, Loads &loads) {
  ProducerSlice slice(producedLoads(kernel));
  for (LoadOp load : loads.scalars)
    if (slice.contains(load))
      reportPipelined(load.getLoc(), "load", "read ahead by the producer warp, for its copies");
    else
      reportRefused(load.getLoc(), "load", "the loop's producer warp reads only what its copies need");
  loads.scalars.clear();
}

/// Plans one loop, and takes what its rings need from the budget.
static LogicalResult planLoop(ForOp loop, const MachineModel &model, Budget &budget) {
  if (isWorkLoop(loop)) {
    // Nobody wrote it, so there is nothing to say of it.
    Iteration iteration = measure(loop, model);
    setPlan(loop, 1, iteration.serial, iteration, 1, 0);
    return success();
  }
  auto kernel = loop->getParentOfType<KernelOp>();
  SmallVector<Candidate> candidates = findCandidates(loop);
  if (llvm::any_of(producedLoads(kernel), [&](LoadOp load) { return load->getParentOp() == loop; }))
    leaveToThreads(candidates);
  for (auto [load, refusal] : candidates) {
    if (!refusal)
      continue;
    bindDirectly(load);
    reportRefused(load.getLoc(), "load", refusal->reason, refusal->suggestion);
  }
  Iteration iteration = measure(loop, model);
  Loads loads = pipelinedLoads(candidates);
  if (loads.none()) {
    leave(loop, candidates, iteration, 1,
          candidates.empty() ? "it loads nothing" : "none of its loads can be issued ahead of its iteration", "");
    return success();
  }
  if (hasProducer(loads)) {
    leaveScalars(kernel, loads);
    if (!loop.getNumStages())
      budget.reserved -= 2 * loads.bytesPerStage;
  } else if (isSpecialised(kernel)) {
    leave(loop, candidates, iteration, 1,
          "a producer warp loads ahead for the kernel, and only tiles that are multiplied", "");
    return success();
  }
  int64_t &room = budget.room;
  int64_t modelStages = chooseStages(loop, iteration, loads, room - budget.reserved, budget.most, model);
  if (loop.getNumStages() == 1) {
    leave(loop, candidates, iteration, modelStages, "it asks for one stage",
          modelStages > 1 ? "the model would choose " + Twine(modelStages) + " stages" : Twine());
    return success();
  }
  if (std::optional<int64_t> trips = staticTripCount(loop); trips && *trips <= 1) {
    leave(loop, candidates, iteration, 1, "it runs at most one iteration", "");
    return success();
  }
  int64_t count = loop.getNumStages().value_or(modelStages);
  if (count > ir::kMostStages)
    return loop.emitError() << "asks for " << count << " stages; a loop has at most " << ir::kMostStages;
  if (count == 1) {
    leave(loop, candidates, iteration, 1, "not even two buffers of its loads fit the target's memory",
          "make the tiles smaller");
    return success();
  }
  if (count * loads.bytesPerStage > room)
    return overBudget(loop, count, loads, room, model);
  Ahead ahead = chooseAhead(loads, count, iteration, model);
  Stages stages = assignStages(loop, ahead);
  writeStages(loop, stages, ahead, count);
  int64_t bytes = count * loads.bytesPerStage;
  room -= bytes;
  setPlan(loop, count, intervalOf(iteration, loads, count), iteration, modelStages, bytes);
  reportPlan(loop, loads, ahead, stages);
  return success();
}

/// Says of every `while`, and of every load that only a `while` repeats, that it is left alone.
static void reportWhiles(KernelOp kernel) {
  constexpr StringLiteral reason = "a while loop does not know that another iteration comes";
  constexpr StringLiteral suggestion = "write it as a for loop";
  kernel.walk([&](Operation *op) {
    if (isa<scf::WhileOp>(op))
      reportRefused(op->getLoc(), "loop", reason, suggestion);
    auto loop = op->getParentOfType<ForOp>();
    if (isa<LoadOp>(op) && op->getParentOfType<scf::WhileOp>() && (!loop || isWorkLoop(loop)))
      reportRefused(op->getLoc(), "load", Twine("its loop is not pipelined: ") + reason, suggestion);
  });
}

namespace {
struct TilePlan : pipeline::impl::TilePlanBase<TilePlan> {
  using TilePlanBase::TilePlanBase;

  void runOnOperation() override {
    KernelOp kernel = getOperation();
    if (kernel.getPhase() != Phase::Bound) {
      kernel.emitError() << "only a kernel in phase 'bound' can be planned; this is in phase '"
                         << stringifyPhase(kernel.getPhase()) << "'";
      return signalPassFailure();
    }
    const MachineModel *model = MachineModel::find(*kernel.getTarget());
    if (!model) {
      kernel.emitError() << "there is no target '" << *kernel.getTarget() << "'; there are " << MachineModel::names();
      return signalPassFailure();
    }
    // Planned is a clone, so that a plan that fails leaves nothing behind. The first claim on the target's memory have the
    // loops with an explicit count, which can't give way; then inner loops before outer ones, as they run more often.
    OwningOpRef<KernelOp> clone = kernel.clone();
    Budget budget = makeBudget(*clone, *model, maxStages > 0 ? int64_t(maxStages) : INT64_MAX);
    for (bool isExplicit : {true, false}) {
      WalkResult result = clone->walk([&](ForOp loop) {
        if (loop.getNumStages().has_value() != isExplicit)
          return WalkResult::advance();
        return failed(planLoop(loop, *model, budget)) ? WalkResult::interrupt() : WalkResult::advance();
      });
      if (result.wasInterrupted())
        return signalPassFailure();
    }
    reportWhiles(*clone);
    kernel.getBody().takeBody(clone->getBody());
    kernel.setPhase(Phase::Planned);
  }
};
} // namespace
