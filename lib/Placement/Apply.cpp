//===- Apply.cpp - Writes chosen layouts into a kernel -------------*- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Apply.h"
#include "Remarks.h"

#include "tile/Placement/Rules.h"

using namespace mlir;
using namespace tile;
using namespace tile::ir;
using namespace tile::placement;
using layout::MmaOperand;

static RankedTensorType tensorOf(Value value) { return cast<RankedTensorType>(value.getType()); }

namespace {
class Writer {
public:
  Writer(KernelOp kernel, const Classes &classes, ArrayRef<Candidate> layouts, LayoutCosts &costs)
      : kernel(kernel), classes(classes), layouts(layouts), costs(costs), builder(kernel.getContext()) {}

  void run();

private:
  struct Conversion {
    ConvertLayoutOp op;
    std::string reason;
  };

  unsigned classOf(Value tile) const {
    auto behind = standsFor.find(tile);
    return classes.of(behind == standsFor.end() ? tile : behind->second);
  }
  /// The layout of a tile's class; null for a cheap tile.
  LayoutAttr chosen(Value tile) const {
    unsigned index = classOf(tile);
    return index == Classes::kNone ? LayoutAttr() : layouts[index].layout;
  }
  /// A tile in a layout: itself, made anew, or converted.
  Value get(Value tile, LayoutAttr layout);
  Value remake(Value tile, LayoutAttr layout);
  void set(OpOperand &operand, LayoutAttr layout) { operand.set(get(operand.get(), layout)); }
  /// The op makes its result in `made`; whoever uses it gets it in its class's layout.
  void setResult(OpResult result, LayoutAttr made);

  void write(Operation *op);
  /// Why the op that is written needs a conversion of a tile.
  std::string reasonOf(Value tile, StringRef where) const {
    return (where + " " + current->getName().getStringRef() + ", of a tile that is " + layouts[classOf(tile)].reason)
        .str();
  }
  void report(const Conversion &conversion);
  void writeDot(DotOp dot);
  /// Gives the cheap tiles that end in a value with a layout, at an entry to a region or an exit, that layout.
  void writeFlow(Operation *op);

  KernelOp kernel;
  const Classes &classes;
  ArrayRef<Candidate> layouts;
  LayoutCosts &costs;
  OpBuilder builder;
  /// What was made or converted so far.
  DenseMap<std::pair<Value, Attribute>, Value> known;
  SmallVector<Conversion> conversions;
  /// The members of classes that conversions behind their op took the place of.
  DenseMap<Value, Value> standsFor;
  /// The op that is written.
  Operation *current = nullptr;
};
} // namespace

Value Writer::remake(Value tile, LayoutAttr layout) {
  Operation *op = tile.getDefiningOp();
  SmallVector<Value> operands;
  for (Value operand : op->getOperands()) {
    if (isa<RankedTensorType>(operand.getType()))
      operand = get(operand, isElementwise(op) ? layout : shapeNeighbour(op, layout, true, costs));
    operands.push_back(operand);
  }
  builder.setInsertionPoint(op);
  Operation *made = builder.clone(*op);
  made->setOperands(operands);
  RankedTensorType type = withLayout(tensorOf(tile), layout);
  made->getResult(0).setType(type);
  if (auto constant = dyn_cast<arith::ConstantOp>(made)) {
    auto elements = cast<DenseElementsAttr>(constant.getValue());
    constant.setValueAttr(elements.isSplat() ? elements.resizeSplat(type) : elements.reshape(type));
  }
  return made->getResult(0);
}

Value Writer::get(Value tile, LayoutAttr layout) {
  if (tensorOf(tile).getEncoding() == layout)
    return tile;
  Value &found = known[{tile, layout}];
  if (found)
    return found;
  if (classes.isCheap(tile)) {
    Value made = remake(tile, layout);
    return known[{tile, layout}] = made;
  }
  builder.setInsertionPointAfterValue(tile);
  auto conversion = ConvertLayoutOp::create(builder, tile.getLoc(), withLayout(tensorOf(tile), layout), tile);
  conversions.push_back({conversion, reasonOf(tile, "for")});
  return found = conversion;
}

void Writer::setResult(OpResult result, LayoutAttr made) {
  LayoutAttr wanted = chosen(result);
  if (made == wanted)
    return;
  result.setType(withLayout(tensorOf(result), made));
  builder.setInsertionPointAfterValue(result);
  auto conversion = ConvertLayoutOp::create(builder, result.getLoc(), withLayout(tensorOf(result), wanted), result);
  result.replaceAllUsesExcept(conversion, conversion);
  standsFor[conversion] = result;
  conversions.push_back({conversion, reasonOf(result, "behind")});
  // Who wants the tile as it was made takes it from there.
  known[{conversion, made}] = result;
}

void Writer::writeDot(DotOp dot) {
  LayoutAttr layout = chosen(dot.getResult()), inside = dotAccumulator(dot, layout, costs);
  for (auto [operand, which] :
       {std::pair(&dot.getAMutable(), MmaOperand::A), std::pair(&dot.getBMutable(), MmaOperand::B)}) {
    auto type = dyn_cast<RankedTensorType>(operand->get().getType());
    if (!type)
      continue;
    LayoutAttr wanted = dotOperand(dot, which, inside, costs);
    if (!wanted && classes.isCheap(operand->get()))
      wanted = defaultLayout(type.getShape(), costs);
    if (wanted)
      set(*operand, wanted);
  }
  set(dot.getAccMutable(), inside);
  setResult(cast<OpResult>(dot.getResult()), inside);
}

void Writer::writeFlow(Operation *op) {
  auto setAll = [&](MutableArrayRef<OpOperand> operands, ValueRange targets) {
    for (auto [operand, target] : llvm::zip_equal(operands, targets))
      if (isa<RankedTensorType>(target.getType()))
        set(operand, layoutOf(target.getType()));
  };
  if (auto loop = dyn_cast<scf::ForOp>(op)) {
    setAll(loop.getInitArgsMutable(), loop.getResults());
    setAll(*loop.getYieldedValuesMutable(), loop.getResults());
  } else if (auto branch = dyn_cast<scf::IfOp>(op)) {
    for (Region *region : {&branch.getThenRegion(), &branch.getElseRegion()})
      if (!region->empty())
        setAll(cast<scf::YieldOp>(region->front().getTerminator()).getResultsMutable(), branch.getResults());
  } else if (auto loop = dyn_cast<scf::WhileOp>(op)) {
    setAll(loop.getInitsMutable(), loop.getBeforeArguments());
    setAll(loop.getYieldOp().getResultsMutable(), loop.getBeforeArguments());
    setAll(loop.getConditionOp().getArgsMutable(), loop.getResults());
  }
}

void Writer::write(Operation *op) {
  if (op->getNumRegions() != 0)
    return writeFlow(op);
  if (auto dot = dyn_cast<DotOp>(op))
    return writeDot(dot);
  if (isElementwise(op)) {
    for (OpOperand &operand : op->getOpOperands())
      if (isa<RankedTensorType>(operand.get().getType()))
        set(operand, chosen(op->getResult(0)));
  } else if (auto wait = dyn_cast<DotWaitOp>(op)) {
    for (auto [operand, result] : llvm::zip_equal(wait.getValuesMutable(), wait.getResults()))
      set(operand, chosen(result));
  } else if (auto load = dyn_cast<LoadOp>(op); load && isa<RankedTensorType>(load.getType())) {
    setResult(cast<OpResult>(load.getResult()), planAccess(op, chosen(load.getResult()), costs).layout);
  } else if (auto store = dyn_cast<StoreOp>(op); store && isa<RankedTensorType>(store.getValue().getType())) {
    set(store.getValueMutable(), planAccess(op, chosen(store.getValue()), costs).layout);
  } else if (auto reduce = dyn_cast<ReduceOp>(op)) {
    Value operand = reduce.getOperand();
    if (classes.isCheap(operand))
      set(reduce.getOperandMutable(), defaultLayout(tensorOf(operand).getShape(), costs));
    if (isa<RankedTensorType>(reduce.getType()))
      setResult(cast<OpResult>(reduce.getResult()),
                reduceResultAttr(reduce, layoutOf(reduce.getOperand().getType()), costs));
  } else if (isa<BroadcastOp, ReshapeOp, TransposeOp, JoinOp>(op)) {
    Value operand = classes.isCheap(op->getOperand(0)) ? op->getOperand(op->getNumOperands() - 1) : op->getOperand(0);
    ShapePlan plan = planShape(op, chosen(operand), chosen(op->getResult(0)), costs);
    for (OpOperand &each : op->getOpOperands())
      set(each, plan.operand);
    setResult(op->getResult(0), plan.result);
  } else {
    // What takes tiles of any layout.
    for (OpOperand &operand : op->getOpOperands())
      if (classes.isCheap(operand.get()) && !isa<scf::YieldOp, scf::ConditionOp>(op))
        set(operand, defaultLayout(tensorOf(operand.get()).getShape(), costs));
  }
}

void Writer::report(const Conversion &conversion) {
  ConvertLayoutOp op = conversion.op;
  remarkOn(op.getLoc(), "convert_layout", [&] {
    LayoutAttr from = layoutOf(op.getOperand().getType()), to = layoutOf(op.getType());
    int64_t bytes = elementBytes(op.getType().getElementType());
    std::string text;
    llvm::raw_string_ostream os(text);
    os << conversion.reason << ": ";
    switch (costs.travel(from, to)) {
    case layout::Travel::None:
    case layout::Travel::Registers:
      os << "within threads";
      break;
    case layout::Travel::Lanes:
      os << "between lanes, " << to.getNumRegisters() << " registers";
      break;
    case layout::Travel::Warps:
      os << "through shared memory, " << valueBytes(withoutLayout(op.getType())) << " bytes";
      break;
    }
    os << ", " << costs.conversion(from, to, bytes) << " cycles";
    return text;
  });
}

void Writer::run() {
  SmallVector<Operation *> ops, cheap;
  kernel.walk<WalkOrder::PreOrder>([&](Operation *op) {
    bool isCheap = op->getNumResults() == 1 && classes.isCheap(op->getResult(0));
    (isCheap ? cheap : ops).push_back(op);
  });
  for (auto [index, tiles] : llvm::enumerate(classes.all()))
    for (Value member : tiles.members)
      member.setType(withLayout(tensorOf(member), layouts[index].layout));
  for (Operation *op : ops) {
    current = op;
    write(op);
  }
  // The last ones first: they use the others.
  for (Operation *op : llvm::reverse(cheap))
    op->erase();
  for (Conversion &conversion : llvm::reverse(conversions))
    if (conversion.op->use_empty()) {
      conversion.op.erase();
      conversion.op = {};
    }
  for (const Conversion &conversion : conversions)
    if (conversion.op)
      report(conversion);
}

void placement::applyLayouts(KernelOp kernel, const Classes &classes, ArrayRef<Candidate> layouts, LayoutCosts &costs) {
  Writer(kernel, classes, layouts, costs).run();
}

//===----------------------------------------------------------------------===//
// Rings
//===----------------------------------------------------------------------===//

/// The swizzle of a ring whose slots are read as tiles: none where that costs no more.
static SwizzleAttr readSwizzle(RingOp ring, LayoutCosts &costs) {
  SmallVector<SwizzleAttr, 2> swizzles = possibleSwizzles(ring);
  SwizzleAttr best = swizzles.front();
  int64_t least = std::numeric_limits<int64_t>::max();
  for (SwizzleAttr swizzle : swizzles) {
    int64_t cycles = 0;
    for (Operation *user : ring->getUsers())
      for (Operation *reader :
           isa<SlotOp>(user) ? user->getUsers() : Operation::user_range(user->user_end(), user->user_end()))
        if (auto read = dyn_cast<ReadOp>(reader))
          cycles += expectedRuns(read) * readCycles(cast<RankedTensorType>(withoutLayout(read.getType())), swizzle,
                                                    layoutOf(read.getType()), costs);
    if (cycles < least) {
      best = swizzle;
      least = cycles;
    }
  }
  return best;
}

void placement::placeRings(KernelOp kernel, LayoutCosts &costs) {
  kernel.walk([&](RingOp ring) {
    SwizzleAttr swizzle = dotSwizzle(ring);
    if (!swizzle)
      swizzle = readSwizzle(ring, costs);
    RingType type = ring.getType();
    remarkOn(ring.getLoc(), "ring", [&] {
      std::string text;
      llvm::raw_string_ostream os(text);
      os << valueBytes(type.getTileType()) << " bytes a slot, axis " << swizzle.getUnit() << " fastest, ";
      if (swizzle.getSpan() == 0)
        os << "as it is";
      else
        os << "swizzled over " << swizzle.getSpan() << " bytes";
      return text;
    });
    ring.getRing().setType(
        RingType::get(ring.getContext(), type.getDepth(), type.getShape(), type.getElementType(), swizzle));
    for (Operation *user : ring->getUsers())
      if (auto slot = dyn_cast<SlotOp>(user))
        slot.getSlot().setType(SlotType::get(ring.getContext(), type.getShape(), type.getElementType(), swizzle));
  });
}
