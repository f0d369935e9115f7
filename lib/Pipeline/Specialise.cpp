//===- Specialise.cpp - A producer beside the threads that multiply *- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// The planned kernel is projected twice. The producer is the slice that its copies need, with the copies in the loads' places; the consumers are
// everything else, with slots in the loads' places. Both sides run the same loops around each ring, so both count its tickets alike, from one
// program of a worker to the next. Neither side has a prologue: how far the producer runs ahead is what the ring has room for.
//
// A sum that goes from dot to dot in its loop, and nowhere else, need not be there before the next iteration: such dots are async, and
// their slots are released an iteration later, when the next dots have begun and theirs have ended. A dot whose first operand is in registers
// uses these as long as it is under way, so that it ends before the next one begins; what that one reads is computed meanwhile.
//
//===----------------------------------------------------------------------===//

#include "Specialise.h"

#include "LoopExpander.h"
#include "ProducerSlice.h"
#include "tile/Dialect/Access.h"
#include "tile/Dialect/Pieces.h"
#include "tile/Pipeline/MachineModel.h"
#include "tile/Pipeline/Schedule.h"

#include <mlir/IR/IRMapping.h>
#include <mlir/Interfaces/SideEffectInterfaces.h>

using namespace mlir;
using namespace tile;
using namespace tile::ir;
using namespace tile::pipeline;

bool pipeline::isWorkLoop(ForOp loop) { return loop.getUpper().getDefiningOp<ProgramsOp>() != nullptr; }

bool pipeline::isProduced(LoadOp load) {
  if (!load.getBinding())
    return false;
  Copy copy = load.getBinding()->getCopy();
  return copy == Copy::Tensor || (copy == Copy::Async && load->getParentOfType<KernelOp>().getPersistent());
}

SmallVector<LoadOp> pipeline::producedLoads(Operation *kernel) {
  SmallVector<LoadOp> loads;
  kernel->walk([&](LoadOp load) {
    if (isProduced(load))
      loads.push_back(load);
  });
  return loads;
}

int64_t pipeline::bufferBytes(Type tile) {
  constexpr int64_t kSwizzleBytes = 1024;
  return llvm::alignTo(valueBytes(tile), kSwizzleBytes);
}

/// What placement takes for a tensor copy of a tile.
static int64_t scratchBytes(StoreOp store, int64_t numWarps) {
  auto tile = cast<RankedTensorType>(store.getValue().getType());
  AccessFacts facts = accessFacts(store.getView(), store.getOffsets(), store.getWidths());
  std::optional<StorePieces> pieces = storePieces(tile, facts.unitAxis, numWarps);
  if (!pieces)
    return bufferBytes(tile);
  return pieces->buffers * bufferBytes(RankedTensorType::get(pieces->shape, tile.getElementType()));
}

int64_t pipeline::storeBytes(KernelOp kernel, int64_t numWarps, function_ref<bool(StoreOp)> isTensorCopy) {
  int64_t copied = 0, largest = 0;
  kernel.walk([&](StoreOp store) {
    if (!isa<RankedTensorType>(store.getValue().getType()))
      return;
    if (isTensorCopy(store))
      copied += scratchBytes(store, numWarps);
    else
      largest = std::max(largest, bufferBytes(store.getValue().getType()));
  });
  return copied + largest;
}

bool pipeline::isSpecialised(KernelOp kernel) { return kernel.getPersistent() && !producedLoads(kernel).empty(); }

namespace {
/// A loop whose tiles a producer loads.
struct ProducedLoop {
  ForOp loop;
  SmallVector<LoadOp> loads;
  /// Of each load.
  SmallVector<Value> rings;
  Value channel;
  /// The dots that read the slots, in program order, and whether they end an iteration later.
  SmallVector<DotOp> dots;
  bool isAsync = false;
  /// Whether a dot has its first operand in registers.
  bool takesRegisters = false;
  /// The first op of the body that reads a slot, and the last; and for each load the first that reads it past the dots, if any.
  Operation *first = nullptr, *last = nullptr;
  SmallVector<Operation *> reader;
  /// Of each load, on the consumers' side.
  SmallVector<Value> slots;

  /// Whether an operand is read in its slot: by a dot that is made of products of warpgroups, or both of whose operands lie in slots.
  bool readsInPlace(OpOperand &use) const {
    return use.getOperandNumber() < 2 && llvm::is_contained(dots, dyn_cast<DotOp>(use.getOwner())) &&
           llvm::is_contained(loads, use.get().getDefiningOp<LoadOp>());
  }
  void findReaders();
};

/// One of the two kernels that are made.
struct Side {
  OpBuilder builder;
  IRMapping map;
  /// The next ticket of each channel that a loop around this place carries.
  llvm::MapVector<ProducedLoop *, Value> tickets;
  /// In the loop that is being made, its first ticket.
  Value firstTicket;
};

class Specialiser {
public:
  Specialiser(KernelOp kernel, IRRewriter &rewriter)
      : kernel(kernel), rewriter(rewriter), loads(producedLoads(kernel)), slice(loads) {}

  void run();

private:
  void findLoops();
  void makeChannels(OpBuilder &builder);
  /// The loops with rings that a loop holds, itself among them.
  SmallVector<ProducedLoop *> within(ForOp loop);
  ProducedLoop *producedLoop(Operation *loop);

  void produce(Block &block, Side &side);
  void consume(Block &block, Side &side);
  void emitCopies(ProducedLoop &produced, Side &side);
  void emitLoop(ForOp loop, Side &side, bool isProducer);
  void beginReads(ProducedLoop &produced, Side &side);
  void readSlots(ProducedLoop &produced, Operation *reader, Side &side);
  void emitDot(DotOp dot, ProducedLoop &produced, Side &side);
  void endReads(ProducedLoop &produced, Side &side);
  void finishReads(ProducedLoop &produced, Side &side, Value first);

  KernelOp kernel;
  IRRewriter &rewriter;
  SmallVector<LoadOp> loads;
  ProducerSlice slice;
  SmallVector<std::unique_ptr<ProducedLoop>> loops;
};
} // namespace

//===----------------------------------------------------------------------===//
// What there is to make
//===----------------------------------------------------------------------===//

/// Whether a sum goes from one carried value of the loop through dots to what replaces it, and nowhere else. `dots` are those of the loop that
/// read slots.
static bool onlyAccumulates(ForOp loop, DotOp dot, ArrayRef<DotOp> dots) {
  auto isOurs = [&](Operation *op) { return llvm::is_contained(dots, dyn_cast_if_present<DotOp>(op)); };
  Value start = dot.getAcc();
  while (isOurs(start.getDefiningOp())) {
    if (!start.hasOneUse())
      return false;
    start = cast<DotOp>(start.getDefiningOp()).getAcc();
  }
  auto carried = dyn_cast<BlockArgument>(start);
  if (!carried || carried.getOwner() != loop.getBody() || !carried.hasOneUse())
    return false;
  Value end = dot.getResult();
  while (end.hasOneUse() && isOurs(*end.user_begin()) && cast<DotOp>(*end.user_begin()).getAcc() == end)
    end = cast<DotOp>(*end.user_begin()).getResult();
  return end.hasOneUse() && loop.getYielded(carried) == end;
}

void Specialiser::findLoops() {
  for (LoadOp load : loads) {
    auto loop = cast<ForOp>(load->getParentOp());
    if (!producedLoop(loop)) {
      loops.push_back(std::make_unique<ProducedLoop>());
      loops.back()->loop = loop;
    }
    producedLoop(loop)->loads.push_back(load);
  }
  for (auto &produced : loops) {
    auto isHere = [&](Value operand) { return llvm::is_contained(produced->loads, operand.getDefiningOp<LoadOp>()); };
    for (auto dot : produced->loop.getBody()->getOps<DotOp>())
      if (isOfWarpgroups(dot) || (isHere(dot.getA()) && isHere(dot.getB())))
        produced->dots.push_back(dot);
    produced->isAsync = !produced->dots.empty() && llvm::all_of(produced->dots, [&](DotOp dot) {
      return isOfWarpgroups(dot) && onlyAccumulates(produced->loop, dot, produced->dots);
    });
    produced->takesRegisters =
        llvm::any_of(produced->dots, [&](DotOp dot) { return !produced->readsInPlace(dot.getAMutable()); });
    produced->findReaders();
  }
}

void ProducedLoop::findReaders() {
  auto isEarlier = [](Operation *op, Operation *than) { return !than || op->isBeforeInBlock(than); };
  for (LoadOp load : loads) {
    Operation *earliest = nullptr;
    for (OpOperand &use : load->getUses()) {
      Operation *user = ancestorInBody(loop, use.getOwner());
      if (isEarlier(user, first))
        first = user;
      if (!last || last->isBeforeInBlock(user))
        last = user;
      if (!readsInPlace(use) && isEarlier(user, earliest))
        earliest = user;
    }
    reader.push_back(earliest);
  }
}

ProducedLoop *Specialiser::producedLoop(Operation *loop) {
  for (auto &produced : loops)
    if (produced->loop == loop)
      return produced.get();
  return nullptr;
}

SmallVector<ProducedLoop *> Specialiser::within(ForOp loop) {
  SmallVector<ProducedLoop *> found;
  for (auto &produced : loops)
    if (loop->isAncestor(produced->loop))
      found.push_back(produced.get());
  return found;
}

void Specialiser::makeChannels(OpBuilder &builder) {
  for (auto &produced : loops) {
    for (LoadOp load : produced->loads) {
      auto tile = cast<RankedTensorType>(load.getType());
      int64_t depth = load->getAttrOfType<AtAttr>(kAtAttrName).getDepth();
      auto type = RingType::get(builder.getContext(), depth, tile.getShape(), tile.getElementType());
      produced->rings.push_back(RingOp::create(builder, load.getLoc(), type, IntegerAttr()));
    }
    produced->channel =
        ChannelOp::create(builder, produced->loop.getLoc(), produced->rings, IntegerAttr(), IntegerAttr());
  }
}

//===----------------------------------------------------------------------===//
// Both sides
//===----------------------------------------------------------------------===//

static Value addToTicket(OpBuilder &builder, Location loc, Value ticket, int64_t number) {
  return arith::AddIOp::create(builder, loc, ticket, arith::ConstantIntOp::create(builder, loc, number, 32));
}

/// Copies an op of the written kernel to a side.
static void emitOp(Operation &op, Side &side) {
  Operation *clone = side.builder.clone(op, side.map);
  clone->walk([](Operation *nested) { nested->removeAttr(kAtAttrName); });
}

/// A loop becomes one that carries, beside what the side needs, the tickets of the rings in it.
void Specialiser::emitLoop(ForOp loop, Side &side, bool isProducer) {
  Location loc = loop.getLoc();
  SmallVector<ProducedLoop *> carriers = within(loop);
  SmallVector<BlockArgument> carried;
  for (BlockArgument argument : loop.getRegionIterArgs())
    if (!isProducer || slice.carries(argument))
      carried.push_back(argument);
  SmallVector<Value> inits;
  for (BlockArgument argument : carried)
    inits.push_back(side.map.lookupOrDefault(loop.getInits()[argument.getArgNumber() - 1]));
  for (ProducedLoop *carrier : carriers)
    inits.push_back(side.tickets[carrier]);
  auto bound = [&](Value value) { return side.map.lookupOrDefault(value); };
  auto made = scf::ForOp::create(side.builder, loc, bound(loop.getLower()), bound(loop.getUpper()),
                                 bound(loop.getStep()), inits);
  if (made.getBody()->mightHaveTerminator())
    made.getBody()->getTerminator()->erase();

  auto setTickets = [&](ValueRange values) {
    for (auto [carrier, ticket] : llvm::zip_equal(carriers, values.take_back(carriers.size())))
      side.tickets[carrier] = ticket;
  };
  ProducedLoop *own = producedLoop(loop);
  Value first = own ? side.tickets[own] : Value();
  {
    OpBuilder::InsertionGuard guard(side.builder);
    side.builder.setInsertionPointToEnd(made.getBody());
    side.map.map(loop.getInductionVar(), made.getInductionVar());
    for (auto [argument, value] : llvm::zip(carried, made.getRegionIterArgs()))
      side.map.map(argument, value);
    setTickets(made.getRegionIterArgs());
    Value outer = std::exchange(side.firstTicket, first);
    if (isProducer)
      produce(*loop.getBody(), side);
    else
      consume(*loop.getBody(), side);
    side.firstTicket = outer;
    if (own)
      side.tickets[own] = addToTicket(side.builder, loc, side.tickets[own], 1);
    SmallVector<Value> yielded;
    for (BlockArgument argument : carried)
      yielded.push_back(side.map.lookupOrDefault(loop.getYielded(argument)));
    for (ProducedLoop *carrier : carriers)
      yielded.push_back(side.tickets[carrier]);
    scf::YieldOp::create(side.builder, loc, yielded);
  }
  for (auto [argument, result] : llvm::zip(carried, made.getResults()))
    side.map.map(loop.getResult(argument.getArgNumber() - 1), result);
  setTickets(made.getResults());
  if (own && !isProducer)
    finishReads(*own, side, first);
}

//===----------------------------------------------------------------------===//
// The producer
//===----------------------------------------------------------------------===//

void Specialiser::emitCopies(ProducedLoop &produced, Side &side) {
  Location loc = produced.loop.getLoc();
  Value ticket = side.tickets[&produced];
  AcquireOp::create(side.builder, loc, produced.channel, ticket);
  for (auto [load, ring] : llvm::zip_equal(produced.loads, produced.rings)) {
    SmallVector<Value> offsets;
    for (Value offset : load.getOffsets())
      offsets.push_back(side.map.lookupOrDefault(offset));
    CopyAsyncOp::create(side.builder, load.getLoc(), side.map.lookupOrDefault(load.getView()), offsets,
                        load.getWidthsAttr(), ring, ticket, load.getPadAttr(), load.getBindingAttr());
  }
  CommitOp::create(side.builder, loc, produced.channel, ticket);
}

void Specialiser::produce(Block &block, Side &side) {
  for (Operation &op : block.without_terminator()) {
    if (!slice.contains(&op))
      continue;
    ProducedLoop *produced = producedLoop(op.getParentOp());
    if (auto loop = dyn_cast<ForOp>(op))
      emitLoop(loop, side, /*isProducer=*/true);
    else if (!llvm::is_contained(loads, dyn_cast<LoadOp>(op)))
      emitOp(op, side);
    else if (&op == produced->loads.back())
      emitCopies(*produced, side);
  }
}

//===----------------------------------------------------------------------===//
// The consumers
//===----------------------------------------------------------------------===//

void Specialiser::beginReads(ProducedLoop &produced, Side &side) {
  Value ticket = side.tickets[&produced];
  AwaitOp::create(side.builder, produced.loop.getLoc(), produced.channel, ticket);
  for (auto [load, ring] : llvm::zip_equal(produced.loads, produced.rings)) {
    auto tile = cast<RankedTensorType>(load.getType());
    auto type = SlotType::get(load.getContext(), tile.getShape(), tile.getElementType());
    produced.slots.push_back(SlotOp::create(side.builder, load.getLoc(), type, ring, ticket));
  }
}

/// In front of the first op that computes with a tile: the tile as a value.
void Specialiser::readSlots(ProducedLoop &produced, Operation *reader, Side &side) {
  for (auto [load, first, slot] : llvm::zip_equal(produced.loads, produced.reader, produced.slots))
    if (first == reader)
      side.map.map(load.getResult(), ReadOp::create(side.builder, load.getLoc(), load.getType(), slot));
}

/// Whether a loop has run an iteration before: its ticket is no longer the first.
static Value isLater(OpBuilder &builder, Location loc, Value ticket, Value first) {
  return arith::CmpIOp::create(builder, loc, arith::CmpIPredicate::ne, ticket, first);
}

/// Releases the ticket before this one, if the loop had it.
static void releasePrevious(ProducedLoop &produced, OpBuilder &builder, Value ticket, Value first) {
  Location loc = produced.loop.getLoc();
  scf::IfOp::create(builder, loc, isLater(builder, loc, ticket, first), [&](OpBuilder &guarded, Location) {
    ReleaseOp::create(guarded, loc, produced.channel, addToTicket(guarded, loc, ticket, -1));
    scf::YieldOp::create(guarded, loc);
  });
}

void Specialiser::emitDot(DotOp dot, ProducedLoop &produced, Side &side) {
  // Before registers are given to dots again, those of the iteration before have ended.
  if (dot == produced.dots.front() && produced.isAsync && produced.takesRegisters)
    DotWaitOp::create(side.builder, dot.getLoc(), TypeRange(), ValueRange(), 0);
  emitOp(*dot, side);
  auto made = cast<DotOp>(side.map.lookup(dot.getResult()).getDefiningOp());
  made.setAsync(produced.isAsync);
  for (OpOperand &operand : dot->getOpOperands())
    if (produced.readsInPlace(operand)) {
      auto load = operand.get().getDefiningOp<LoadOp>();
      made->setOperand(operand.getOperandNumber(),
                       produced.slots[llvm::find(produced.loads, load) - produced.loads.begin()]);
    }
}

void Specialiser::endReads(ProducedLoop &produced, Side &side) {
  Location loc = produced.loop.getLoc();
  Value ticket = side.tickets[&produced];
  if (!produced.isAsync) {
    ReleaseOp::create(side.builder, loc, produced.channel, ticket);
    return;
  }
  if (!produced.takesRegisters)
    DotWaitOp::create(side.builder, loc, TypeRange(), ValueRange(), produced.dots.size());
  releasePrevious(produced, side.builder, ticket, side.firstTicket);
}

/// Behind a loop with async dots: what it gives is there, and its last slots are free.
void Specialiser::finishReads(ProducedLoop &produced, Side &side, Value first) {
  if (!produced.isAsync)
    return;
  SmallVector<Value> sums, written;
  for (BlockArgument carried : produced.loop.getRegionIterArgs())
    if (llvm::is_contained(produced.dots, produced.loop.getYielded(carried).getDefiningOp<DotOp>())) {
      written.push_back(produced.loop.getResult(carried.getArgNumber() - 1));
      sums.push_back(side.map.lookup(written.back()));
    }
  auto wait = DotWaitOp::create(side.builder, produced.loop.getLoc(), ValueRange(sums).getTypes(), sums, 0);
  for (auto [sum, result] : llvm::zip_equal(written, wait.getResults()))
    side.map.map(sum, result);
  releasePrevious(produced, side.builder, side.tickets[&produced], first);
}

void Specialiser::consume(Block &block, Side &side) {
  ProducedLoop *produced = producedLoop(block.getParentOp());
  for (Operation &op : block) {
    if (produced && produced->first == &op)
      beginReads(*produced, side);
    if (produced && !produced->slots.empty())
      readSlots(*produced, &op, side);
    auto dot = dyn_cast<DotOp>(op);
    if (auto loop = dyn_cast<ForOp>(op))
      emitLoop(loop, side, /*isProducer=*/false);
    else if (produced && llvm::is_contained(produced->dots, dot))
      emitDot(dot, *produced, side);
    else if (!llvm::is_contained(loads, dyn_cast<LoadOp>(op)) && !op.hasTrait<OpTrait::IsTerminator>())
      emitOp(op, side);
    if (produced && produced->last == &op)
      endReads(*produced, side);
  }
}

//===----------------------------------------------------------------------===//
// The kernel
//===----------------------------------------------------------------------===//

/// Erases what nothing needs any more: addresses that only the producer takes.
static void eraseDead(Block &block) {
  SmallVector<Operation *> ops;
  block.walk<WalkOrder::PostOrder>([&](Operation *op) { ops.push_back(op); });
  for (Operation *op : llvm::reverse(ops))
    if (isOpTriviallyDead(op))
      op->erase();
}

void Specialiser::run() {
  findLoops();
  Block &written = kernel.getBody().front();
  Location loc = kernel.getLoc();
  auto *made = new Block;
  kernel.getBody().push_front(made);
  SmallVector<Location> locs(written.getNumArguments(), loc);
  made->addArguments(written.getArgumentTypes(), locs);
  // The kernel's arguments are those of the written body until that is gone.
  OpBuilder builder(kernel.getContext());
  builder.setInsertionPointToEnd(made);
  makeChannels(builder);
  auto producer = ProducerOp::create(builder, loc);
  Side producing{OpBuilder(kernel.getContext()), {}, {}, {}}, consuming{builder, {}, {}, {}};
  producing.builder.setInsertionPointToEnd(producer.getBody().empty() ? &producer.getBody().emplaceBlock()
                                                                      : &producer.getBody().front());
  for (Side *side : {&producing, &consuming})
    for (auto &produced : loops)
      side->tickets[produced.get()] = arith::ConstantIntOp::create(side->builder, loc, 0, 32);
  produce(written, producing);
  consume(written, consuming);
  emitOp(*written.getTerminator(), consuming);
  for (auto [before, after] : llvm::zip_equal(written.getArguments(), made->getArguments()))
    before.replaceAllUsesWith(after);
  written.dropAllDefinedValueUses();
  written.erase();
  eraseDead(*made);
  loadBeforeWaits(kernel);
  // Loops inside conditions, which hold no rings, were copied as they were.
  SmallVector<ForOp> rest;
  kernel.walk([&](ForOp loop) { rest.push_back(loop); });
  for (ForOp loop : rest)
    convertLoop(loop, rewriter);
}

void pipeline::specialise(KernelOp kernel, IRRewriter &rewriter) { Specialiser(kernel, rewriter).run(); }
