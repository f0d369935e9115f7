//===- Choose.cpp - Which layout each class of tiles has -----------*- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Every class has a few candidates: the layouts that its accesses and dots ask for, and what shape ops make of their neighbours' candidates.
// All costs are those of one class (its accesses, its arithmetic) or of two that meet at an op (the conversion it needs), so they are
// numbers in tables. The choice is a descent on those tables, once from each candidate of each class, and the best of all. Kernels are
// small; what a descent misses is found from another start.
//
//===----------------------------------------------------------------------===//

#include "Choice.h"
#include "Remarks.h"

#include "tile/Dialect/Pieces.h"
#include "tile/Placement/Rules.h"

#include <llvm/ADT/IntEqClasses.h>

#include <deque>

using namespace mlir;
using namespace tile;
using namespace tile::ir;
using namespace tile::placement;
using layout::Dim;
using layout::LinearLayout;
using layout::MmaOperand;

namespace {
/// What two classes cost together.
struct Edge {
  unsigned first, second;
  /// Of candidate i of the first and j of the second: at i * candidates of the second + j.
  SmallVector<int64_t> cost;
};

class Chooser {
public:
  Chooser(KernelOp kernel, const Classes &classes, LayoutCosts &costs)
      : kernel(kernel), classes(classes), costs(costs), candidates(classes.all().size()), own(classes.all().size()) {}

  SmallVector<Candidate> run();

private:
  static constexpr unsigned kMostCandidates = 16;
  using Choice = SmallVector<unsigned>;

  bool add(unsigned index, LayoutAttr layout, const Twine &reason);
  /// Leaves the class of a warpgroups' dot its accumulator's layout alone: while products are under way nothing converts it.
  void settleWarpgroups(DotOp dot);
  void addAnchors(Operation *op);
  bool propagate(Operation *op);

  /// Groups the classes whose layouts follow from each other's, and notes the groups that a fold of floats stands in.
  void findFolded();
  /// The copy whose data a read takes from a ring, when a fold's order may hang on the read's layout. Such a read is decided like the load
  /// that the ring stands for, so that a fold has one order at any number of stages; null for others, which cost what they cost.
  CopyAsyncOp foldedCopy(ReadOp read) const;

  /// The costs of an op that concern one class, and those that concern two.
  void addCosts(Operation *op);
  void addOwn(unsigned index, int64_t runs, llvm::function_ref<int64_t(LayoutAttr)> cost);
  void addEdge(unsigned first, unsigned second, int64_t runs, llvm::function_ref<int64_t(LayoutAttr, LayoutAttr)> cost);
  int64_t reduceCycles(ReduceOp reduce, LayoutAttr operand);
  int64_t slotCycles(DotOp dot, LayoutAttr accumulator);

  /// What a class costs with one of its candidates, the others chosen as they are; those not chosen yet as they like it best.
  int64_t costOf(unsigned index, unsigned candidate, const Choice &choice) const;
  int64_t total(const Choice &choice) const;
  unsigned bestFor(unsigned index, const Choice &choice) const;
  Choice descend(unsigned start, unsigned candidate) const;
  void report(const Choice &choice) const;

  KernelOp kernel;
  const Classes &classes;
  LayoutCosts &costs;
  SmallVector<SmallVector<Candidate>> candidates;
  SmallVector<SmallVector<int64_t>> own;
  /// For each class its group; the groups with folds.
  llvm::IntEqClasses groups;
  /// Classes that have no choice.
  llvm::SmallDenseSet<unsigned> settled;
  llvm::SmallDenseSet<unsigned> foldedGroups;
  std::deque<Edge> edges;
  SmallVector<SmallVector<const Edge *>> edgesOf;
};
} // namespace

static constexpr unsigned kUndecided = ~0u;

//===----------------------------------------------------------------------===//
// Candidates
//===----------------------------------------------------------------------===//

bool Chooser::add(unsigned index, LayoutAttr layout, const Twine &reason) {
  if (index == Classes::kNone || !layout || settled.contains(index))
    return false;
  auto &known = candidates[index];
  if (known.size() >= kMostCandidates ||
      llvm::any_of(known, [&](const Candidate &candidate) { return candidate.layout == layout; }))
    return false;
  known.push_back({layout, reason.str()});
  return true;
}

void Chooser::settleWarpgroups(DotOp dot) {
  unsigned index = classes.of(dot);
  add(index, dotAccumulator(dot, {}, costs), "accumulator of wgmma");
  settled.insert(index);
}

void Chooser::addAnchors(Operation *op) {
  auto addAccess = [&](Value tile, Operation *moved) {
    AccessShape access = accessShapeOf(moved);
    StringRef name = op->getName().stripDialect();
    add(classes.of(tile), costs.attr(coalescedAccess(access, costs.warpBits())), "coalesced for a " + name);
    add(classes.of(tile), costs.attr(coalescedAccess(access, costs.warpBits(), true)),
        "coalesced for a " + name + ", its rows within warps");
  };
  if (auto load = dyn_cast<LoadOp>(op); load && isa<RankedTensorType>(load.getType()))
    addAccess(load.getResult(), load);
  if (auto store = dyn_cast<StoreOp>(op); store && isa<RankedTensorType>(store.getValue().getType()))
    addAccess(store.getValue(), store);
  if (auto read = dyn_cast<ReadOp>(op)) {
    if (CopyAsyncOp copy = foldedCopy(read))
      return addAccess(read.getResult(), copy);
    RankedTensorType type = read.getType();
    unsigned unit = type.getRank() - 1;
    if (RingOp ring = ringOf(read.getSlot()))
      unit = possibleSwizzles(ring).front().getUnit();
    int64_t bytes = elementBytes(type.getElementType());
    AccessShape access = {shapeBits(type.getShape()), unit, true, bytes,
                          std::min<int64_t>(16, bytes * type.getDimSize(unit))};
    add(classes.of(read), costs.attr(coalescedAccess(access, costs.warpBits())), "wide pieces of a slot");
    add(classes.of(read), costs.attr(coalescedAccess(access, costs.warpBits(), true)),
        "wide pieces of a slot, its rows within warps");
  }
  if (auto reduce = dyn_cast<ReduceOp>(op)) {
    RankedTensorType type = reduce.getOperand().getType();
    AccessShape access = {shapeBits(type.getShape()), static_cast<unsigned>(reduce.getAxis()), false, 1, 1};
    add(classes.of(reduce.getOperand()), costs.attr(coalescedAccess(access, costs.warpBits(), true)),
        "what is folded within warps");
  }
  auto dot = dyn_cast<DotOp>(op);
  if (!dot)
    return;
  if (isOfWarpgroups(dot)) {
    if (isa<RankedTensorType>(dot.getA().getType()))
      add(classes.of(dot.getA()), dotOperand(dot, MmaOperand::A, {}, costs), "operand of wgmma");
    return;
  }
  if (!usesMatrixUnit(dot)) {
    add(classes.of(dot), dotAccumulator(dot, {}, costs), "a block of the accumulator to each thread");
    return;
  }
  for (WarpSplit split : warpSplits(dot, costs.warpBits())) {
    std::string text = ("warps " + Twine(1 << split.m) + " x " + Twine(1 << split.n)).str();
    add(classes.of(dot), costs.attr(accumulatorLayout(dot, split)), "accumulator of mma.sync, " + text);
    for (auto [value, operand] : {std::pair(dot.getA(), MmaOperand::A), std::pair(dot.getB(), MmaOperand::B)})
      if (isa<RankedTensorType>(value.getType()))
        add(classes.of(value), costs.attr(operandLayout(dot, operand, split)), "operand of mma.sync, " + text);
  }
}

bool Chooser::propagate(Operation *op) {
  bool changed = false;
  auto reduce = dyn_cast<ReduceOp>(op);
  if (!reduce && !isa<BroadcastOp, ReshapeOp, TransposeOp, JoinOp>(op))
    return false;
  Value operand = isa<JoinOp>(op) && classes.isCheap(op->getOperand(0)) ? op->getOperand(1) : op->getOperand(0);
  unsigned from = classes.of(operand), to = classes.of(op->getResult(0));
  std::string text = ("through " + op->getName().getStringRef()).str();
  if (from == Classes::kNone || to == Classes::kNone)
    return false;
  for (unsigned index = 0; index < candidates[from].size(); ++index) {
    LayoutAttr layout = candidates[from][index].layout;
    changed |=
        add(to, reduce ? reduceResultAttr(reduce, layout, costs) : shapeNeighbour(op, layout, false, costs), text);
  }
  if (!reduce)
    for (unsigned index = 0; index < candidates[to].size(); ++index)
      changed |= add(from, shapeNeighbour(op, candidates[to][index].layout, true, costs), text);
  return changed;
}

//===----------------------------------------------------------------------===//
// Folds
//===----------------------------------------------------------------------===//

void Chooser::findFolded() {
  groups.grow(classes.all().size());
  auto join = [&](Value x, Value y) {
    unsigned first = classes.of(x), second = classes.of(y);
    if (first != Classes::kNone && second != Classes::kNone)
      groups.join(first, second);
  };
  SmallVector<unsigned> folded;
  kernel.walk([&](Operation *op) {
    if (isa<ReduceOp, BroadcastOp, ReshapeOp, TransposeOp, JoinOp>(op))
      for (Value operand : op->getOperands())
        join(operand, op->getResult(0));
    if (auto reduce = dyn_cast<ReduceOp>(op))
      if (unsigned index = classes.of(reduce.getOperand());
          index != Classes::kNone && isa<FloatType>(getElementTypeOrSelf(reduce.getOperand().getType())))
        folded.push_back(index);
  });
  groups.compress();
  for (unsigned index : folded)
    foldedGroups.insert(groups[index]);
}

CopyAsyncOp Chooser::foldedCopy(ReadOp read) const {
  RingOp ring = ringOf(read.getSlot());
  unsigned index = classes.of(read.getResult());
  if (!ring || index == Classes::kNone || !foldedGroups.contains(groups[index]))
    return {};
  // All copies into a ring are of one load.
  for (Operation *user : ring->getUsers())
    if (auto copy = dyn_cast<CopyAsyncOp>(user))
      return copy;
  return {};
}

//===----------------------------------------------------------------------===//
// Costs
//===----------------------------------------------------------------------===//

void Chooser::addOwn(unsigned index, int64_t runs, llvm::function_ref<int64_t(LayoutAttr)> cost) {
  if (index == Classes::kNone)
    return;
  for (auto [candidate, sum] : llvm::zip_equal(candidates[index], own[index]))
    sum += runs * cost(candidate.layout);
}

void Chooser::addEdge(unsigned first, unsigned second, int64_t runs,
                      llvm::function_ref<int64_t(LayoutAttr, LayoutAttr)> cost) {
  if (first == Classes::kNone || second == Classes::kNone)
    return;
  if (first == second)
    return addOwn(first, runs, [&](LayoutAttr layout) { return cost(layout, layout); });
  Edge edge = {first, second, {}};
  for (const Candidate &x : candidates[first])
    for (const Candidate &y : candidates[second])
      edge.cost.push_back(runs * cost(x.layout, y.layout));
  edges.push_back(std::move(edge));
}

/// Adds in registers, shuffles between lanes, and a round trip between warps.
int64_t Chooser::reduceCycles(ReduceOp reduce, LayoutAttr operand) {
  constexpr int64_t kShuffle = 2, kRoundTrip = 64;
  const LinearLayout &layout = costs.layout(operand);
  unsigned axis = reduce.getAxis(), lanes = 0, warps = 0;
  Dim dim = layout::axis(axis);
  for (unsigned bit = 0; bit < layout.in().bits(Dim::Lane); ++bit)
    lanes += layout.out().unpack(dim, layout.column(Dim::Lane, bit)) != 0;
  for (unsigned bit = 0; bit < layout.in().bits(Dim::Warp); ++bit)
    warps += layout.out().unpack(dim, layout.column(Dim::Warp, bit)) != 0;
  LayoutAttr result = reduceResultAttr(reduce, operand, costs);
  int64_t kept = result ? result.getNumRegisters() : 1;
  int64_t cost = costs.work(operand) + kShuffle * lanes * (kept << costs.warpBits());
  if (warps > 0)
    cost += kRoundTrip + ((kept << warps) << costs.warpBits());
  return cost;
}

/// What the warps read of the operands that lie in shared memory, 128 bytes a cycle.
int64_t Chooser::slotCycles(DotOp dot, LayoutAttr accumulator) {
  if (!usesMatrixUnit(dot))
    return 0;
  int64_t bytes = 0;
  for (auto [value, operand] : {std::pair(dot.getA(), MmaOperand::A), std::pair(dot.getB(), MmaOperand::B)})
    if (auto slot = dyn_cast<SlotType>(value.getType()))
      bytes += elementBytes(slot.getElementType()) *
               (dotOperand(dot, operand, accumulator, costs).getNumRegisters() << (kLaneBits + costs.warpBits()));
  return bytes / 128;
}

void Chooser::addCosts(Operation *op) {
  int64_t runs = expectedRuns(op);
  auto ofAccess = [&](LayoutAttr layout) { return planAccess(op, layout, costs).cost; };
  if (auto load = dyn_cast<LoadOp>(op))
    return addOwn(classes.of(load.getResult()), runs, ofAccess);
  if (auto store = dyn_cast<StoreOp>(op))
    return addOwn(classes.of(store.getValue()), runs, ofAccess);
  if (auto read = dyn_cast<ReadOp>(op)) {
    if (CopyAsyncOp copy = foldedCopy(read))
      return addOwn(classes.of(read), runs, [&](LayoutAttr layout) { return planAccess(copy, layout, costs).cost; });
    RingOp ring = ringOf(read.getSlot());
    if (!ring)
      return;
    SwizzleAttr settled = dotSwizzle(ring);
    return addOwn(classes.of(read), runs, [&](LayoutAttr layout) {
      int64_t best = std::numeric_limits<int64_t>::max();
      for (SwizzleAttr swizzle : possibleSwizzles(ring))
        if (!settled || settled == swizzle)
          best = std::min(best, readCycles(read.getType(), swizzle, layout, costs));
      return best;
    });
  }
  if (auto reduce = dyn_cast<ReduceOp>(op)) {
    unsigned operand = classes.of(reduce.getOperand());
    addOwn(operand, runs, [&](LayoutAttr layout) { return reduceCycles(reduce, layout); });
    if (isa<RankedTensorType>(reduce.getType()))
      addEdge(operand, classes.of(reduce.getResult()), runs, [&](LayoutAttr from, LayoutAttr to) {
        return costs.conversion(reduceResultAttr(reduce, from, costs), to,
                                elementBytes(getElementTypeOrSelf(reduce.getType())));
      });
    return;
  }
  if (isa<BroadcastOp, ReshapeOp, TransposeOp, JoinOp>(op)) {
    Value operand = isa<JoinOp>(op) && classes.isCheap(op->getOperand(0)) ? op->getOperand(1) : op->getOperand(0);
    int64_t tiles = isa<JoinOp>(op) ? 2 : 1;
    return addEdge(classes.of(operand), classes.of(op->getResult(0)), runs * tiles,
                   [&](LayoutAttr from, LayoutAttr to) { return planShape(op, from, to, costs).cost; });
  }
  auto dot = dyn_cast<DotOp>(op);
  if (!dot)
    return;
  unsigned accumulator = classes.of(dot);
  int64_t bytes = elementBytes(dot.getType().getElementType());
  addOwn(accumulator, runs, [&](LayoutAttr layout) {
    LayoutAttr inside = dotAccumulator(dot, layout, costs);
    return costs.conversion(layout, inside, bytes) + costs.conversion(inside, layout, bytes) + slotCycles(dot, inside);
  });
  if (usesMatrixUnit(dot) || isOfWarpgroups(dot))
    for (auto [value, operand] : {std::pair(dot.getA(), MmaOperand::A), std::pair(dot.getB(), MmaOperand::B)})
      if (auto type = dyn_cast<RankedTensorType>(value.getType()))
        addEdge(
            accumulator, classes.of(value), runs,
            [&, which = operand, last = LayoutAttr(), wanted = LayoutAttr()](LayoutAttr acc, LayoutAttr held) mutable {
              // All pairs with one accumulator come together.
              if (acc != last)
                wanted = dotOperand(dot, which, dotAccumulator(dot, acc, costs), costs);
              last = acc;
              return costs.conversion(held, wanted, elementBytes(type.getElementType()));
            });
}

//===----------------------------------------------------------------------===//
// The choice
//===----------------------------------------------------------------------===//

int64_t Chooser::costOf(unsigned index, unsigned candidate, const Choice &choice) const {
  int64_t sum = own[index][candidate];
  for (const Edge *edge : edgesOf[index]) {
    bool isFirst = edge->first == index;
    unsigned other = isFirst ? edge->second : edge->first, width = candidates[edge->second].size();
    auto at = [&](unsigned theirs) {
      return isFirst ? edge->cost[candidate * width + theirs] : edge->cost[theirs * width + candidate];
    };
    if (choice[other] != kUndecided) {
      sum += at(choice[other]);
      continue;
    }
    int64_t best = at(0);
    for (unsigned theirs = 1; theirs < candidates[other].size(); ++theirs)
      best = std::min(best, at(theirs));
    sum += best;
  }
  return sum;
}

int64_t Chooser::total(const Choice &choice) const {
  int64_t sum = 0;
  for (auto [index, candidate] : llvm::enumerate(choice))
    sum += own[index][candidate];
  for (const Edge &edge : edges)
    sum += edge.cost[choice[edge.first] * candidates[edge.second].size() + choice[edge.second]];
  return sum;
}

unsigned Chooser::bestFor(unsigned index, const Choice &choice) const {
  unsigned best = 0;
  for (unsigned candidate = 1; candidate < candidates[index].size(); ++candidate)
    if (costOf(index, candidate, choice) < costOf(index, best, choice))
      best = candidate;
  return best;
}

/// Starts from one candidate of one class, decides its neighbours, theirs, and so on, and then changes classes while that helps.
Chooser::Choice Chooser::descend(unsigned start, unsigned candidate) const {
  Choice choice(candidates.size(), kUndecided);
  choice[start] = candidate;
  std::deque<unsigned> queue = {start};
  auto decideAround = [&] {
    while (!queue.empty()) {
      unsigned index = queue.front();
      queue.pop_front();
      for (const Edge *edge : edgesOf[index]) {
        unsigned other = edge->first == index ? edge->second : edge->first;
        if (choice[other] != kUndecided)
          continue;
        choice[other] = bestFor(other, choice);
        queue.push_back(other);
      }
    }
  };
  decideAround();
  for (unsigned index = 0; index < choice.size(); ++index)
    if (choice[index] == kUndecided) {
      choice[index] = bestFor(index, choice);
      queue.push_back(index);
      decideAround();
    }
  // Each change costs less than before, so this ends.
  for (bool changed = true; changed;) {
    changed = false;
    for (unsigned index = 0; index < choice.size(); ++index) {
      unsigned best = bestFor(index, choice);
      if (best != choice[index] && costOf(index, best, choice) < costOf(index, choice[index], choice)) {
        choice[index] = best;
        changed = true;
      }
    }
  }
  return choice;
}

void Chooser::report(const Choice &choice) const {
  for (auto [index, tiles] : llvm::enumerate(classes.all()))
    remarkOn(tiles.members.front().getLoc(), "layout", [&] {
      std::string text;
      llvm::raw_string_ostream os(text);
      int64_t cost = costOf(index, choice[index], choice);
      os << tiles.members.front().getType() << ", with " << tiles.members.size() - 1
         << " more tiles: " << candidates[index][choice[index]].reason << ", " << cost << " cycles";
      const Candidate *second = nullptr;
      int64_t least = 0;
      for (auto [number, candidate] : llvm::enumerate(candidates[index]))
        if (int64_t other = costOf(index, number, choice); number != choice[index] && (!second || other < least)) {
          second = &candidate;
          least = other;
        }
      if (second)
        os << "; next best: " << second->reason << ", " << least;
      return text;
    });
}

SmallVector<Candidate> Chooser::run() {
  SmallVector<Operation *> ops;
  kernel.walk<WalkOrder::PreOrder>([&](Operation *op) { ops.push_back(op); });
  findFolded();
  for (Operation *op : ops)
    if (auto dot = dyn_cast<DotOp>(op); dot && isOfWarpgroups(dot))
      settleWarpgroups(dot);
  for (Operation *op : ops)
    addAnchors(op);
  constexpr unsigned kRounds = 4;
  for (unsigned round = 0; round < kRounds; ++round) {
    bool changed = false;
    for (Operation *op : ops)
      changed |= propagate(op);
    if (!changed)
      break;
  }
  for (auto [index, tiles] : llvm::enumerate(classes.all())) {
    if (candidates[index].empty())
      add(index, defaultLayout(tiles.shape, costs), "nothing asks for another");
    own[index].assign(candidates[index].size(), 0);
    if (tiles.work > 0)
      addOwn(index, tiles.work, [&](LayoutAttr layout) { return costs.work(layout); });
  }
  for (Operation *op : ops)
    addCosts(op);
  edgesOf.resize(candidates.size());
  for (const Edge &edge : edges) {
    edgesOf[edge.first].push_back(&edge);
    edgesOf[edge.second].push_back(&edge);
  }
  // A kernel of very many tiles has more starts than are worth the time.
  constexpr unsigned kMostStarts = 512;
  Choice best;
  int64_t least = 0;
  unsigned starts = 0;
  for (unsigned candidate = 0; candidate < kMostCandidates; ++candidate)
    for (unsigned start = 0; start < candidates.size() && starts < kMostStarts; ++start) {
      if (candidate >= candidates[start].size())
        continue;
      ++starts;
      Choice choice = descend(start, candidate);
      if (int64_t cost = total(choice); best.empty() || cost < least) {
        best = choice;
        least = cost;
      }
    }
  report(best);
  SmallVector<Candidate> chosen;
  for (auto [index, candidate] : llvm::enumerate(best))
    chosen.push_back(std::move(candidates[index][candidate]));
  return chosen;
}

SmallVector<Candidate> placement::chooseLayouts(KernelOp kernel, const Classes &classes, LayoutCosts &costs) {
  return Chooser(kernel, classes, costs).run();
}
