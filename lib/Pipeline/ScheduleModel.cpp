//===- ScheduleModel.cpp - What a plan means in time ---------------*- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The loop is run on its target's machine model, step by step and op by op in the planned order. An op starts when its operands are there
// and its unit is free, and may overtake those of other iterations that wait. A copy starts when its slot has been released by the iteration that sat there before and, where no producer
// starts it, the step before is done; it keeps the copy engine busy, and lands a latency later. What comes out agrees with the planner's
// arithmetic: an iteration every max(II, R / S) cycles.
//
//===----------------------------------------------------------------------===//

#include "tile/Pipeline/ScheduleModel.h"
#include "Specialise.h"
#include "tile/Pipeline/Pipeline.h"
#include "tile/Pipeline/Schedule.h"

#include <llvm/Support/FormatVariadic.h>
#include <mlir/Transforms/RegionUtils.h>

using namespace mlir;
using namespace tile;
using namespace tile::ir;
using namespace tile::pipeline;

std::string SourcePlace::str() const {
  return line == 0 ? "?" : llvm::formatv("{0}:{1}:{2}", file, line, column).str();
}

int64_t LoopSchedule::busyOf(Unit unit) const {
  int64_t busy = 0;
  for (const ScheduledGroup &group : groups)
    busy += group.unit == unit ? group.busy : 0;
  return busy;
}

static SourcePlace placeOf(Location loc, SourceLines lines) {
  SourcePlace place;
  auto found = loc->findInstanceOf<FileLineColLoc>();
  if (!found)
    return place;
  place.file = found.getFilename().str();
  place.line = found.getLine();
  place.column = found.getColumn();
  if (lines)
    place.text = StringRef(lines(place.file, place.line)).trim().str();
  return place;
}

/// A, B, …, Z, L26, ….
static std::string loadName(size_t index) {
  return index < 26 ? std::string(1, static_cast<char>('A' + index)) : "L" + std::to_string(index);
}

static std::string typeName(Type type) {
  std::string name;
  llvm::raw_string_ostream os(name);
  if (auto tensor = dyn_cast<RankedTensorType>(type)) {
    for (int64_t extent : tensor.getShape())
      os << extent << 'x';
    type = tensor.getElementType();
  }
  os << type;
  return name;
}

//===----------------------------------------------------------------------===//
// What an iteration is made of
//===----------------------------------------------------------------------===//

namespace {
/// An op of the body, as the run below sees it.
struct Node {
  Operation *op;
  Cost cost;
  int64_t stage;
  /// Its group; nothing for what costs nothing.
  std::optional<unsigned> group;
  std::optional<unsigned> load;
  /// What it needs, of other ops too when it holds regions.
  SmallVector<Value> operands;
};

class LoopReader {
public:
  LoopReader(ForOp loop, const MachineModel &model, SourceLines lines, LoopSchedule &out)
      : loop(loop), model(model), lines(lines), out(out) {}

  /// Fills in all of the schedule but its run.
  std::vector<Node> read();

private:
  void addLoad(Node &node);
  void stretchDots(MutableArrayRef<Node> nodes);
  void group(MutableArrayRef<Node> nodes);
  void findReads(ArrayRef<Node> nodes);

  ForOp loop;
  const MachineModel &model;
  SourceLines lines;
  LoopSchedule &out;
};
} // namespace

std::vector<Node> LoopReader::read() {
  PlanAttr plan = loop.getPlanAttr();
  out.place = placeOf(loop.getLoc(), lines);
  out.stages = plan.getStages();
  out.ii = plan.getIi();
  out.serial = plan.getSerial();
  out.bound = plan.getBound().str();
  out.modelStages = plan.getModelStages();
  out.sharedBytes = plan.getSharedBytes();
  out.trips = staticTripCount(loop);

  std::vector<Node> nodes;
  for (Operation &op : loop.getBody()->without_terminator()) {
    auto at = op.getAttrOfType<AtAttr>(kAtAttrName);
    Node node{&op, model.cost(&op), at ? at.getStage() : 0, {}, {}, {}};
    llvm::append_range(node.operands, op.getOperands());
    llvm::SetVector<Value> captured;
    getUsedValuesDefinedAbove(op.getRegions(), captured);
    node.operands.append(captured.begin(), captured.end());
    out.last = std::max(out.last, node.stage);
    nodes.push_back(std::move(node));
  }
  // Of a loop that stays as written no op has an order.
  if (out.isPipelined())
    llvm::sort(nodes, [](const Node &a, const Node &b) {
      auto order = [](const Node &node) { return node.op->getAttrOfType<AtAttr>(kAtAttrName).getOrder(); };
      return order(a) < order(b);
    });
  for (Node &node : nodes)
    if (isa<LoadOp>(node.op))
      addLoad(node);
  stretchDots(nodes);
  group(nodes);
  findReads(nodes);
  return nodes;
}

void LoopReader::addLoad(Node &node) {
  auto load = cast<LoadOp>(node.op);
  ScheduledLoad scheduled;
  scheduled.name = loadName(out.loads.size());
  scheduled.place = placeOf(load.getLoc(), lines);
  scheduled.type = typeName(load.getType());
  scheduled.stage = node.stage;
  if (auto binding = load.getBinding())
    scheduled.copy = stringifyCopy(binding->getCopy()).str();
  if (auto at = node.op->getAttrOfType<AtAttr>(kAtAttrName)) {
    scheduled.ahead = at.getAhead();
    scheduled.depth = at.getDepth();
  }
  bool isTensor = scheduled.copy == "tensor";
  scheduled.slotBytes = isTensor ? bufferBytes(load.getType()) : valueBytes(load.getType());
  out.hasProducer |= isTensor && scheduled.depth > 0;
  node.load = out.loads.size();
  out.loads.push_back(std::move(scheduled));
}

/// Where shared memory is slower than the dots that read it, they take that long.
void LoopReader::stretchDots(MutableArrayRef<Node> nodes) {
  int64_t shared = 0, dots = 0;
  for (const Node &node : nodes) {
    shared += node.cost.sharedBusy;
    dots += node.cost.unit == Unit::Dot ? node.cost.busy : 0;
  }
  if (shared <= dots || dots == 0)
    return;
  for (Node &node : nodes)
    if (node.cost.unit == Unit::Dot) {
      node.cost.busy = node.cost.busy * shared / dots;
      node.cost.latency = std::max(node.cost.latency, node.cost.busy);
    }
}

void LoopReader::group(MutableArrayRef<Node> nodes) {
  SmallVector<unsigned> sizes;
  for (Node &node : nodes) {
    if (node.cost.unit == Unit::None && !node.load)
      continue;
    auto joins = [&](const ScheduledGroup &group) {
      return !node.load && !group.load && group.unit == node.cost.unit && group.stage == node.stage;
    };
    if (out.groups.empty() || !joins(out.groups.back())) {
      ScheduledGroup group;
      group.unit = node.cost.unit;
      group.stage = node.stage;
      group.order = out.groups.size();
      group.load = node.load;
      out.groups.push_back(std::move(group));
      sizes.push_back(0);
    }
    ScheduledGroup &group = out.groups.back();
    group.busy += node.cost.busy;
    node.group = out.groups.size() - 1;
    // A loop inside the loop is one op here.
    StringRef kind = node.op->getNumRegions() != 0 ? "inner loop"
                     : group.unit == Unit::Dot     ? "dot"
                     : group.unit == Unit::Alu     ? "elementwise"
                     : group.unit == Unit::Special ? "functions"
                     : group.unit == Unit::Store   ? "store"
                                                   : "work";
    unsigned size = ++sizes.back();
    group.name = node.load   ? "load " + out.loads[*node.load].name
                 : size == 1 ? kind.str()
                             : llvm::formatv("{0} {1}", size, kind).str();
  }
}

/// Which loads each group reads: also through ops that cost nothing.
void LoopReader::findReads(ArrayRef<Node> nodes) {
  llvm::DenseMap<Value, llvm::SmallSetVector<unsigned, 4>> origins;
  for (const Node &node : nodes) {
    llvm::SmallSetVector<unsigned, 4> read;
    for (Value operand : node.operands)
      if (auto found = origins.find(operand); found != origins.end())
        read.insert(found->second.begin(), found->second.end());
    if (node.group && !node.load) {
      std::vector<unsigned> &reads = out.groups[*node.group].reads;
      for (unsigned load : read)
        if (!llvm::is_contained(reads, load))
          reads.push_back(load);
      continue;
    }
    if (node.load) {
      read.clear();
      read.insert(*node.load);
    }
    for (Value result : node.op->getResults())
      origins[result] = read;
  }
}

//===----------------------------------------------------------------------===//
// The run
//===----------------------------------------------------------------------===//

namespace {
/// When a unit is taken. Iterations overlap, so work that is ready earlier may come before work that is written earlier.
class UnitTime {
public:
  /// Takes the unit for so many cycles, as early as it is free but not before `ready`. Gives the start.
  int64_t reserve(int64_t ready, int64_t busy) {
    auto *at = llvm::partition_point(taken, [&](const Span &span) { return span.second <= ready; });
    for (; at != taken.end() && at->first < ready + busy; ++at)
      ready = std::max(ready, at->second);
    taken.insert(at, {ready, ready + busy});
    return ready;
  }
  /// When it was last taken until.
  int64_t end() const { return taken.empty() ? 0 : taken.back().second; }

private:
  using Span = std::pair<int64_t, int64_t>;
  SmallVector<Span> taken;
};

class LoopRun {
public:
  LoopRun(ForOp loop, const MachineModel &model, ArrayRef<Node> nodes, LoopSchedule &out)
      : loop(loop), model(model), nodes(nodes), out(out) {}

  /// Runs so many iterations and writes down what happens.
  void run(int64_t iterations);

private:
  void runOp(const Node &node, int64_t iteration);
  ScheduledEvent runLoad(const Node &node, int64_t iteration, int64_t ready);
  int64_t readyTime(const Node &node, int64_t iteration);
  void extendEvent(unsigned group, int64_t iteration, int64_t start, int64_t unitEnd, int64_t end);

  ForOp loop;
  const MachineModel &model;
  ArrayRef<Node> nodes;
  LoopSchedule &out;
  /// When each result is there, of iterations that are under way.
  llvm::DenseMap<std::pair<Value, int64_t>, int64_t> done;
  std::array<UnitTime, kUnitCount> units;
  /// When the work of all steps before this one is done, and of those up to it.
  int64_t stepStart = 0, workDone = 0;
  /// The iteration whose products came last.
  int64_t multiplying = 0;
  /// Index into out.residences and out.events, by load or group and iteration.
  llvm::DenseMap<std::pair<unsigned, int64_t>, size_t> residenceOf, eventIndex;
  /// When the copies that came with an iteration so far landed.
  llvm::DenseMap<int64_t, int64_t> landed;
};
} // namespace

int64_t LoopRun::readyTime(const Node &node, int64_t iteration) {
  int64_t ready = 0;
  for (Value operand : node.operands) {
    int64_t of = iteration;
    // What is carried was yielded by the iteration before.
    SmallPtrSet<Value, 4> seen;
    while (auto argument = dyn_cast<BlockArgument>(operand)) {
      if (argument.getOwner() != loop.getBody() || argument == loop.getInductionVar() || of == 0 ||
          !seen.insert(operand).second)
        break;
      operand = loop.getYielded(argument);
      --of;
    }
    auto found = done.find({operand, of});
    if (found == done.end())
      continue;
    int64_t time = found->second;
    // A dot adds to its accumulator last: the next one need not wait for its whole latency.
    if (auto dot = dyn_cast<DotOp>(node.op); dot && of != iteration && operand.getDefiningOp<DotOp>())
      time -= model.dotLatency;
    ready = std::max(ready, time);
  }
  return ready;
}

void LoopRun::extendEvent(unsigned group, int64_t iteration, int64_t start, int64_t unitEnd, int64_t end) {
  // Ops that wait for each other's latency only are drawn as one.
  auto [at, isNew] = eventIndex.try_emplace({group, iteration}, out.events.size());
  if (!isNew) {
    ScheduledEvent &event = out.events[at->second];
    if (start >= event.unitEnd && start <= event.unitEnd + model.aluLatency) {
      event.unitEnd = unitEnd;
      event.done = std::max(event.done, end);
      return;
    }
    at->second = out.events.size();
  }
  out.events.push_back({group, iteration, start, start, unitEnd, end});
}

ScheduledEvent LoopRun::runLoad(const Node &node, int64_t iteration, int64_t ready) {
  const ScheduledLoad &load = out.loads[*node.load];
  ScheduledEvent event{*node.group, iteration, ready, 0, 0, 0};
  // A slot is filled again when the iteration that sat there is done with it. A program that starts its own copies does so when it comes to
  // this step, a producer as soon as it may.
  if (!out.hasProducer)
    event.start = std::max(event.start, stepStart);
  if (auto before = residenceOf.find({*node.load, iteration - load.depth}); before != residenceOf.end())
    event.start = std::max(event.start, out.residences[before->second].released);
  event.unitStart = units[static_cast<unsigned>(Unit::Copy)].reserve(event.start, node.cost.busy);
  event.unitEnd = event.unitStart + node.cost.busy;
  // Bytes of one iteration arrive one after the other.
  int64_t latency = model.latencyOf(cast<LoadOp>(node.op)), arrival = node.cost.latency - latency;
  int64_t &before = landed[iteration];
  event.done = before = std::max(event.unitStart + latency, before) + arrival;
  if (load.depth != 0) {
    residenceOf[{*node.load, iteration}] = out.residences.size();
    out.residences.push_back(
        {*node.load, iteration, load.slot(iteration), event.start, event.done, INT64_MAX, event.done});
  }
  return event;
}

void LoopRun::runOp(const Node &node, int64_t iteration) {
  int64_t ready = readyTime(node, iteration), end = ready;
  if (node.load) {
    ScheduledEvent event = runLoad(node, iteration, ready);
    out.events.push_back(event);
    end = event.done;
  } else if (node.group) {
    // A loop as written does one iteration after the other.
    if (!out.isPipelined())
      ready = std::max(ready, stepStart);
    UnitTime &unit = units[static_cast<unsigned>(node.cost.unit)];
    // Between the products of two iterations those that a producer serves turn around.
    if (out.hasProducer && node.cost.unit == Unit::Dot && std::exchange(multiplying, iteration) != iteration)
      ready = std::max(ready, unit.end() + model.tensor.turnaround);
    int64_t start = unit.reserve(ready, node.cost.busy), free = start + node.cost.busy;
    end = start + std::max(node.cost.latency, node.cost.busy);
    extendEvent(*node.group, iteration, start, free, end);
    for (unsigned load : out.groups[*node.group].reads)
      if (auto found = residenceOf.find({load, iteration}); found != residenceOf.end()) {
        Residence &residence = out.residences[found->second];
        residence.read = std::min(residence.read, start);
        residence.released = std::max(residence.released, free);
      }
  }
  for (Value result : node.op->getResults())
    done[{result, iteration}] = end;
  if (node.group && node.stage == out.last) {
    // What a unit still works on when the next op may start does not hold up the step.
    int64_t until = node.load ? end : out.events[eventIndex.lookup({*node.group, iteration})].unitEnd;
    workDone = std::max(workDone, until);
    out.iterationEnds[iteration] = std::max(out.iterationEnds[iteration], until);
  }
}

void LoopRun::run(int64_t iterations) {
  out.iterations = iterations;
  out.iterationEnds.assign(iterations, 0);
  for (int64_t step = 0; step < iterations + out.last; ++step) {
    stepStart = workDone;
    if (step == iterations)
      out.tailBegin = stepStart;
    for (const Node &node : nodes)
      if (int64_t iteration = step - node.stage; iteration >= 0 && iteration < iterations)
        runOp(node, iteration);
  }
  for (Residence &residence : out.residences)
    residence.read = std::min(residence.read, residence.released);
  out.end = workDone;
  if (out.last == 0)
    out.tailBegin = out.end;
  out.steadyBegin = out.end;
  for (const ScheduledEvent &event : out.events)
    if (out.last != 0 && !out.groups[event.group].load && out.groups[event.group].stage == out.last)
      out.steadyBegin = std::min(out.steadyBegin, event.start);
  if (out.last == 0)
    out.steadyBegin = 0;
  out.tailBegin = std::max(out.tailBegin, std::min(out.steadyBegin, out.end));
}

/// The cycles of an iteration among very many.
static double steadyInterval(ForOp loop, const MachineModel &model, ArrayRef<Node> nodes, const LoopSchedule &planned) {
  LoopSchedule longRun;
  longRun.stages = planned.stages;
  longRun.last = planned.last;
  longRun.hasProducer = planned.hasProducer;
  longRun.loads = planned.loads;
  longRun.groups = planned.groups;
  int64_t rounds = planned.stages, count = 4 * rounds + planned.last + 8;
  LoopRun(loop, model, nodes, longRun).run(count);
  int64_t at = count - 1 - planned.last;
  return static_cast<double>(longRun.iterationEnds[at] - longRun.iterationEnds[at - rounds]) /
         static_cast<double>(rounds);
}

/// So many iterations that the steady state is seen, and not more than a page has room for.
static int64_t drawnIterations(const LoopSchedule &loop) {
  constexpr int64_t kLeast = 6, kMost = 20;
  int64_t count = std::clamp<int64_t>(loop.last + 5, kLeast, kMost);
  return std::max<int64_t>(1, std::min(count, loop.trips.value_or(count)));
}

Schedule pipeline::makeSchedule(KernelOp planned, SourceLines lines) {
  Schedule schedule;
  schedule.kernel = planned.getSymName().str();
  schedule.target = planned.getTarget()->str();
  schedule.warps = planned.getNumWarps().value_or(0);
  const MachineModel &model = *MachineModel::find(schedule.target);
  planned.walk<WalkOrder::PreOrder>([&](ForOp loop) {
    if (isWorkLoop(loop) || !loop.getPlanAttr())
      return;
    LoopSchedule &drawn = schedule.loops.emplace_back();
    std::vector<Node> nodes = LoopReader(loop, model, lines, drawn).read();
    drawn.interval = steadyInterval(loop, model, nodes, drawn);
    LoopRun(loop, model, nodes, drawn).run(drawnIterations(drawn));
  });
  return schedule;
}
