//===- BindHopper.cpp - Whether a kernel is made of tensor copies and warpgroup products *- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// An H100 multiplies at full speed only by wgmma, which reads its operands from shared memory, where tensor copies bring them fastest. A kernel
// is bound so as a whole or not at all: every tile that its loops load ahead is copied by a tensor map or, where none describes it, by
// asynchronous copies of 4, 8 or 16 bytes, which a warpgroup of their own issues. A dot reads its second operand in place, and its first one
// too where that is loaded; a first operand that is computed stays in registers, and what it is computed from the threads read from the rings.
// Who issues the copies stands beside the program; so it can run ahead from one program to the next, and the kernel is persistent.
//
//===----------------------------------------------------------------------===//

#include "BindHopper.h"

#include "ProducerSlice.h"
#include "ShareWarps.h"
#include "Specialise.h"
#include "TransposedOperands.h"
#include "TurnedProducts.h"
#include "tile/Dialect/Access.h"
#include "tile/Dialect/Pieces.h"
#include "tile/Pipeline/Schedule.h"
#include "tile/Pipeline/Verdicts.h"

#include <llvm/Support/FormatVariadic.h>
#include <mlir/IR/Builders.h>
#include <mlir/IR/Matchers.h>

using namespace mlir;
using namespace tile;
using namespace tile::ir;
using namespace tile::pipeline;

namespace {
/// What is decided for one kernel.
class HopperForm {
public:
  HopperForm(KernelOp kernel, const MachineModel &model) : kernel(kernel), model(model) {}

  /// Whether there is anything to decide: a product that the matrix unit makes.
  bool multiplies();
  /// What keeps the kernel from the form; nothing when it takes it.
  MaybeObstacle choose();
  /// Rebinds the kernel.
  void apply();
  /// Says who does what, and why threads store what no tensor copy does.
  void report(StringRef more = "");

private:
  /// A sentence about who does what.
  std::string describe();
  bool hasFewStages();
  MaybeObstacle checkDot(DotOp dot);
  MaybeObstacle checkElements(DotOp dot);
  MaybeObstacle checkOperand(DotOp dot, Value operand, bool isA);
  MaybeObstacle checkOtherLoads();
  MaybeObstacle checkOtherLoad(LoadOp load);
  MaybeObstacle chooseWarps();
  MaybeObstacle checkSlice();
  MaybeObstacle chooseStores();
  void makePersistent();

  KernelOp kernel;
  const MachineModel &model;
  SmallVector<DotOp> dots;
  llvm::SetVector<LoadOp> loads;
  SmallVector<StoreOp> stores;
  /// Tiles that threads store, each with the reason.
  SmallVector<Obstacle> others;
  WarpShares shares;
};
} // namespace

//===----------------------------------------------------------------------===//
// Tensor copies
//===----------------------------------------------------------------------===//

/// Rows of fewer bytes are no rows of a swizzle.
static constexpr int64_t kLeastBytes = 32;
/// What threads copy asynchronously has so many bytes.
static constexpr int64_t kLeastPiece = 4;

/// Why no tensor map describes this access; empty when one does. Only what threads read may have one axis.
static std::pair<std::string, std::string> refuseTensorCopy(Value view, ValueRange offsets, ArrayRef<int64_t> widths,
                                                            bool mayBeRow = false) {
  constexpr int64_t kMostAxes = 5, kMostExtent = 256;
  SmallVector<int64_t> shape = accessShape(widths);
  BlockArgument argument = wholeView(view).argument;
  if (!argument)
    return {"is of a part of a view", "take the tile from the kernel's argument"};
  if ((shape.size() != 2 && !(mayBeRow && shape.size() == 1)) || widths.size() > kMostAxes)
    return {"is no tile of two axes", ""};
  if (llvm::any_of(shape, [](int64_t extent) { return extent > kMostExtent; }))
    return {llvm::formatv("has an extent above {0}", kMostExtent), "make the tile smaller"};
  AccessFacts facts = accessFacts(view, offsets, widths);
  if (facts.unitAxis < 0)
    return {"is not contiguous along an axis of the tile, as far as is known", "pass a matrix with a stride of 1"};
  if (viewFacts(view).align < 16)
    return {"starts its rows at no multiple of 16 bytes, as far as is known", "align the rows to 16 bytes"};
  // An H100 takes a copy that starts elsewhere in a row for an illegal instruction.
  if (facts.alignedBytes < 16)
    return {"starts at no multiple of 16 bytes of a row, as far as is known", "begin at a multiple of 16 bytes"};
  auto kernel = cast<KernelOp>(argument.getOwner()->getParentOp());
  if (!kernel.getFacts(argument.getArgNumber()).getTensorMap())
    return {"is described by no tensor map, as far as is known", ""};
  if (shape[facts.unitAxis] * elementBytes(cast<ViewType>(view.getType()).getElementType()) < kLeastBytes)
    return {llvm::formatv("has rows of less than {0} bytes", kLeastBytes), "make the tile longer"};
  return {};
}

std::string pipeline::whyNoTensorCopy(LoadOp load) {
  return refuseTensorCopy(load.getView(), load.getOffsets(), load.getWidths()).first;
}

/// Whether threads of a producer can copy a tile to where products read it: in pieces that asynchronous copies have, along rows that a
/// swizzle has.
static bool canCopyByThreads(LoadOp load) {
  auto tile = cast<RankedTensorType>(load.getType());
  AccessFacts facts = accessFacts(load.getView(), load.getOffsets(), load.getWidths());
  return tile.getRank() == 2 && facts.unitAxis >= 0 && load.getBinding()->getCopy() == Copy::Async &&
         tile.getDimSize(facts.unitAxis) * elementBytes(tile.getElementType()) >= kLeastBytes;
}

/// Whether no tensor copy brings a tile, but the producer's threads do.
static bool isCopiedByThreads(LoadOp load) {
  return !refuseTensorCopy(load.getView(), load.getOffsets(), load.getWidths(), /*mayBeRow=*/true).first.empty();
}

//===----------------------------------------------------------------------===//
// Dots and their operands
//===----------------------------------------------------------------------===//

bool HopperForm::multiplies() {
  kernel.walk([&](DotOp dot) {
    if (dot.getBinding()->getInstruction() == "mma.sync" && !dot.getType().getElementType().isF64())
      dots.push_back(dot);
  });
  return !dots.empty();
}

LoadOp pipeline::loadOf(DotOp dot, Value operand) {
  auto load = operand.getDefiningOp<LoadOp>();
  return load && load->getBlock() == dot->getBlock() ? load : LoadOp();
}

/// The operands of a dot that a chip reads only where k is their contiguous axis: all but those of 16 bits. In registers there is no such
/// axis.
MaybeObstacle HopperForm::checkElements(DotOp dot) {
  auto a = cast<RankedTensorType>(dot.getA().getType()), b = cast<RankedTensorType>(dot.getB().getType());
  if (a.getElementTypeBitWidth() != b.getElementTypeBitWidth())
    return Obstacle{dot, "the dot's operands differ in width", ""};
  if (a.getElementTypeBitWidth() == 16)
    return std::nullopt;
  auto isAlong = [&](Value operand, int64_t axis) {
    LoadOp load = loadOf(dot, operand);
    return !load || accessFacts(load.getView(), load.getOffsets(), load.getWidths()).unitAxis == axis;
  };
  if (!isAlong(dot.getA(), 1) || !isAlong(dot.getB(), 0))
    return Obstacle{dot, "operands of other than 16 bits are multiplied only along their contiguous axes",
                    "pass the first matrix with contiguous rows, the second with contiguous columns"};
  return std::nullopt;
}

/// Whether a value of a loop's body is a tile that was computed and then transposed, which takes it through other threads.
static bool isTransposedLate(Value value, Block *body) {
  Operation *op = value.getDefiningOp();
  if (!op || op->getBlock() != body)
    return false;
  if (isa<TransposeOp>(op))
    return true;
  return OpTrait::hasElementwiseMappableTraits(op) &&
         llvm::any_of(op->getOperands(), [&](Value operand) { return isTransposedLate(operand, body); });
}

/// What is loaded in the dot's loop is read in place; of what is computed, or loaded before, only the first operand may be, and is in registers.
MaybeObstacle HopperForm::checkOperand(DotOp dot, Value operand, bool isA) {
  LoadOp load = loadOf(dot, operand);
  if (!load && isTransposedLate(operand, dot->getBlock()))
    return Obstacle{dot, "an operand of a dot is transposed after it was computed, or also read as it was",
                    "transpose what is loaded, or pass the matrix transposed"};
  if (!load && isA)
    return std::nullopt;
  if (!load)
    return Obstacle{dot,
                    "the second operand of a dot is not loaded in its loop, and only the first may be in registers",
                    "load both in the loop, or compute only one of them"};
  SmallVector<Candidate> candidates = findCandidates(cast<ForOp>(dot->getParentOp()));
  const auto *found = llvm::find_if(candidates, [&](const Candidate &candidate) { return candidate.load == load; });
  if (found->refusal)
    return Obstacle{load, "an operand of a dot can't be loaded ahead: " + found->refusal->reason,
                    found->refusal->suggestion};
  auto [reason, suggestion] = refuseTensorCopy(load.getView(), load.getOffsets(), load.getWidths());
  if (!isZeroBits(load.getPadding()))
    return Obstacle{load, "tensor copies pad with zeros only", ""};
  if (!reason.empty() && !(model.hasWarpgroupProducts() && canCopyByThreads(load))) {
    // Whatever else is in a tensor copy's way, threads would copy it if it came in larger pieces.
    if (model.hasWarpgroupProducts() && viewFacts(load.getView()).align < kLeastPiece)
      return Obstacle{load, "an operand of a dot starts its rows at no multiple of 4 bytes, as far as is known",
                      "align the rows to 16 bytes"};
    return Obstacle{load, "an operand of a dot " + reason, suggestion};
  }
  if (!load.readsConstantMemory())
    return Obstacle{load, "an operand's view is also written", "write to another view"};
  loads.insert(load);
  return std::nullopt;
}

MaybeObstacle HopperForm::checkDot(DotOp dot) {
  auto loop = dyn_cast<ForOp>(dot->getParentOp());
  for (Operation *parent = dot->getParentOp(); parent != kernel; parent = parent->getParentOp())
    if (!isa<ForOp>(parent))
      return Obstacle{dot, "a dot stands inside a condition or a while loop", ""};
  if (!loop)
    return Obstacle{dot, "a dot stands in no loop", ""};
  if (loop.getNumStages() == 1)
    return Obstacle{loop, "a loop with dots asks for one stage", "ask for more, or leave the count open"};
  if (std::optional<int64_t> trips = staticTripCount(loop); trips && *trips <= 1)
    return Obstacle{loop, "a loop with dots runs at most one iteration", ""};
  for (bool isA : {true, false})
    if (MaybeObstacle obstacle = checkOperand(dot, isA ? dot.getA() : dot.getB(), isA))
      return obstacle;
  if (!model.hasWarpgroupProducts())
    return std::nullopt;
  if (MaybeObstacle obstacle = checkElements(dot))
    return obstacle;
  ArrayRef<int64_t> shape = dot.getType().getShape();
  if (shape[0] % 64 != 0)
    return Obstacle{dot, llvm::formatv("a dot has {0} rows, and a warpgroup multiplies 64", shape[0]),
                    "make the tile taller"};
  return std::nullopt;
}

/// The slots of a ring follow one another, and a copy goes to a multiple of 128 bytes, a swizzled one to where the swizzle, which repeats every
/// eight rows, begins.
static bool hasAlignedSlots(LoadOp load) {
  constexpr int64_t kAlignment = 128, kSwizzledRows = 8;
  auto tile = cast<RankedTensorType>(load.getType());
  if (tile.getRank() == 1)
    return valueBytes(tile) % kAlignment == 0;
  int64_t unitAxis = accessFacts(load.getView(), load.getOffsets(), load.getWidths()).unitAxis;
  return tile.getNumElements() / tile.getDimSize(unitAxis) % kSwizzledRows == 0;
}

/// A tile that is computed with comes through a ring too. One that tensor copies can't bring is loaded where it stands if it is small, as a
/// row of a bias is; the others would keep the products waiting.
MaybeObstacle HopperForm::checkOtherLoad(LoadOp load) {
  constexpr int64_t kMostBytes = 2048;
  auto loop = cast<ForOp>(load->getParentOp());
  if (llvm::none_of(dots, [&](DotOp dot) { return dot->getParentOp() == loop; }))
    return Obstacle{load, "a loop without dots loads a tile", "load it before the loop, or in a loop of one stage"};
  auto type = cast<RankedTensorType>(load.getType());
  auto [reason, suggestion] = refuseTensorCopy(load.getView(), load.getOffsets(), load.getWidths(), /*mayBeRow=*/true);
  bool canCopy = reason.empty()
                     ? hasAlignedSlots(load)
                     : model.hasWarpgroupProducts() && valueBytes(type) > kMostBytes && canCopyByThreads(load);
  if (canCopy && isZeroBits(load.getPadding()) && load.readsConstantMemory() && !type.getElementType().isInteger(1) &&
      elementBytes(type.getElementType()) <= 4) {
    loads.insert(load);
    return std::nullopt;
  }
  if (valueBytes(type) <= kMostBytes)
    return std::nullopt;
  return Obstacle{load,
                  "a tile that is computed with " + (reason.empty() ? "can't be brought by tensor copies" : reason),
                  suggestion};
}

/// Every other tile that would be loaded ahead.
MaybeObstacle HopperForm::checkOtherLoads() {
  MaybeObstacle obstacle;
  kernel.walk([&](ForOp loop) {
    std::optional<int64_t> trips = staticTripCount(loop);
    if (loop.getNumStages() == 1 || (trips && *trips <= 1))
      return;
    for (auto [load, refusal] : findCandidates(loop))
      if (!refusal && isa<RankedTensorType>(load.getType()) && !loads.contains(load) && !obstacle)
        obstacle = checkOtherLoad(load);
  });
  return obstacle;
}

MaybeObstacle HopperForm::chooseWarps() {
  return shareWarps(kernel, dots, model, llvm::any_of(loads, isCopiedByThreads), shares);
}

MaybeObstacle HopperForm::checkSlice() {
  ProducerSlice slice(loads.getArrayRef());
  if (auto misfit = slice.misfit())
    return Obstacle{misfit->first,
                    "a producer can't compute the address of a copy or the bounds of its loop: " + misfit->second.str(),
                    ""};
  return std::nullopt;
}

//===----------------------------------------------------------------------===//
// Stores
//===----------------------------------------------------------------------===//

/// Why a tile can't be stored from shared memory while the worker goes on; empty where it can. Nothing orders such a store before another access
/// to its view, so there must be none. An H100 writes whole pieces of 16 bytes, also where the view ends inside one, and takes a store (not a
/// load) that starts before the view for an illegal instruction.
static std::pair<std::string, std::string> refuseTensorStore(StoreOp store) {
  auto [reason, suggestion] = refuseTensorCopy(store.getView(), store.getOffsets(), store.getWidths());
  if (!reason.empty())
    return {reason, suggestion};
  auto view = dyn_cast<BlockArgument>(store.getView());
  if (!view)
    return {"is of a part of a view", "store to the kernel's argument"};
  if (store->getParentOfType<ForOp>() || store->getParentOfType<scf::WhileOp>())
    return {"is in a loop", ""};
  auto kernel = cast<KernelOp>(view.getOwner()->getParentOp());
  bool isAlone =
      llvm::all_of(view.getUsers(), [&](Operation *user) { return user == store || isa<ExtentOp, InsideOp>(user); });
  if (!isAlone || kernel.getAccess(view.getArgNumber()) != Access::Out)
    return {"is of a view that is also read, or stored to elsewhere", ""};
  Type element = cast<RankedTensorType>(store.getValue().getType()).getElementType();
  if (elementBytes(element) > 4 || element.isInteger(1))
    return {"has elements of 8 bytes, or bools", ""};
  if (accessFacts(view, store.getOffsets(), store.getWidths()).wholeBytes < 16)
    return {"may end inside 16 bytes of a row, as far as is known", "make rows a multiple of 16 bytes long"};
  if (!llvm::all_of(store.getOffsets(), isNeverNegative))
    return {"may start before its view, as far as is known", ""};
  return {};
}

/// Chooses the stores that are tensor copies. The rings of a producer are in use from start to end, so what tiles are stored through has to
/// fit beside them.
MaybeObstacle HopperForm::chooseStores() {
  kernel.walk([&](StoreOp store) {
    if (!isa<RankedTensorType>(store.getValue().getType()))
      return;
    if (auto [reason, suggestion] = refuseTensorStore(store); reason.empty())
      stores.push_back(store);
    else
      others.push_back({store, reason, suggestion});
  });
  int64_t rings = 0, room = model.ringBytes - kBarrierBytes;
  for (LoadOp load : loads)
    rings += bufferBytes(load.getType()) * load->getParentOfType<ForOp>().getNumStages().value_or(2);
  auto isStored = [&](StoreOp store) { return llvm::is_contained(stores, store); };
  int64_t stored = shares.teams * storeBytes(kernel, shares.warps(), isStored);
  if (rings + stored > room && shares.teams > 1) {
    shares.join(llvm::formatv("{0} bytes that two programs' results are stored through don't fit", stored).str());
    stored = storeBytes(kernel, shares.warps(), isStored);
  }
  if (rings + stored <= room)
    return std::nullopt;
  return Obstacle{kernel,
                  llvm::formatv("{0} bytes of buffers and {1} that its results are stored through don't fit into {2}",
                                rings, stored, room),
                  "ask for fewer stages, or make the tiles smaller"};
}

//===----------------------------------------------------------------------===//
// The decision
//===----------------------------------------------------------------------===//

MaybeObstacle HopperForm::choose() {
  if (overrideOf(kernel, "plain"))
    return Obstacle{kernel, "the call asks for a plain kernel", ""};
  MaybeObstacle obstacle;
  kernel.walk([&](Operation *op) {
    if (isa<AssertOp, PrintOp>(op) && !obstacle)
      obstacle = Obstacle{op, "it asserts or prints", "build it without checks"};
  });
  for (DotOp dot : dots)
    if (!obstacle)
      obstacle = checkDot(dot);
  for (auto check :
       {&HopperForm::checkOtherLoads, &HopperForm::chooseWarps, &HopperForm::checkSlice, &HopperForm::chooseStores})
    if (!obstacle)
      obstacle = (this->*check)();
  return obstacle;
}

void HopperForm::apply() {
  MLIRContext *context = kernel.getContext();
  auto tensor = BindingAttr::get(context, Copy::Tensor, 16);
  // In a kernel with a producer, what is bound to asynchronous copies is copied by that.
  kernel.walk([&](LoadOp load) {
    if (loads.contains(load)) {
      if (refuseTensorCopy(load.getView(), load.getOffsets(), load.getWidths(), /*mayBeRow=*/true).first.empty())
        load.setBindingAttr(tensor);
    } else if (load.getBinding()->getCopy() == Copy::Async) {
      int64_t bytes = accessFacts(load.getView(), load.getOffsets(), load.getWidths()).wholeBytes;
      load.setBindingAttr(BindingAttr::get(context, Copy::Direct, bytes));
    }
  });
  for (StoreOp store : stores)
    store.setBindingAttr(tensor);
  for (DotOp dot : dots) {
    if (!model.hasWarpgroupProducts())
      break;
    int64_t k = 32 / elementBytes(cast<RankedTensorType>(dot.getA().getType()).getElementType());
    dot.setBindingAttr(DotBindingAttr::get(context, "wgmma", 64, dot.getType().getDimSize(1), k));
  }
  kernel.setNumWarps(shares.warps());
  makePersistent();
  if (shares.teams > 1)
    kernel->setAttr(kTeamsAttrName, Builder(context).getI64IntegerAttr(shares.teams));
}

/// Whether an author asks for few small slots: of two one is filled while nothing multiplies, and warps that multiply for themselves, of which
/// more programs fit, are faster.
bool HopperForm::hasFewStages() {
  constexpr int64_t kSmallStage = 48 << 10;
  return model.hasWarpgroupProducts() && llvm::any_of(dots, [&](DotOp dot) {
           auto loop = cast<ForOp>(dot->getParentOp());
           int64_t bytes = 0;
           for (LoadOp load : loads)
             bytes += load->getParentOp() == loop ? bufferBytes(load.getType()) : 0;
           return loop.getNumStages() == 2 && bytes < kSmallStage;
         });
}

std::string HopperForm::describe() {
  bool byThreads = llvm::any_of(loads, isCopiedByThreads);
  std::string why = shares.why;
  if (!byThreads && hasFewStages())
    why += "; more than 2 stages of this size would be faster, and with 2 a plain kernel is";
  if (shares.teams > 1)
    return llvm::formatv(
        "specialised: {0} teams of {1} warps take programs in turn, one multiplies while the other "
        "computes what follows; one more warp issues tensor copies; not started before the kernel before has "
        "ended{2}",
        shares.teams, shares.warps(), why);
  return llvm::formatv("specialised: {0} warps multiply, {1}; workers take program after program{2}", shares.warps(),
                       byThreads ? "four more copy" : "one more issues tensor copies", why);
}

void HopperForm::report(StringRef more) {
  reportPipelined(kernel.getLoc(), "kernel", describe() + more);
  for (const Obstacle &obstacle : others)
    reportRefused(obstacle.op->getLoc(), "store", "by the threads: it " + obstacle.reason, obstacle.suggestion);
}

/// Puts the kernel's body into a loop over the programs that fall to one worker.
void HopperForm::makePersistent() {
  kernel.setPersistent(true);
  Block &body = kernel.getBody().front();
  Location loc = kernel.getLoc();
  auto builder = OpBuilder::atBlockBegin(&body);
  Value worker = WorkerIdOp::create(builder, loc), workers = WorkersOp::create(builder, loc),
        programs = ProgramsOp::create(builder, loc);
  auto loop = ForOp::create(builder, loc, worker, programs, workers, ValueRange());
  loop.setNumStages(1);
  Operation *yield = loop.getYield();
  for (Operation &op :
       llvm::make_early_inc_range(llvm::make_range(std::next(Block::iterator(loop)), std::prev(body.end()))))
    op.moveBefore(yield);
  loop.walk([&](ProgramIdOp id) { id.getNumberMutable().assign(loop.getInductionVar()); });
}

/// Binds a kernel so whose products are made as their transposes; false where that is no such kernel either.
static bool bindTurned(KernelOp kernel, const MachineModel &model, function_ref<void(KernelOp)> bindAsBefore) {
  OwningOpRef<KernelOp> turned = kernel.clone();
  turnProducts(*turned);
  foldTransposedOperands(*turned);
  bindAsBefore(*turned);
  HopperForm form(*turned, model);
  if (!form.multiplies() || form.choose())
    return false;
  form.apply();
  form.report("; products are made as their transposes");
  kernel->setAttrs(turned->getOperation()->getAttrDictionary());
  kernel.getBody().takeBody(turned->getBody());
  return true;
}

void pipeline::bindForHopper(KernelOp kernel, const MachineModel &model, function_ref<void(KernelOp)> bindAsBefore) {
  HopperForm form(kernel, model);
  bool multiplies = form.multiplies();
  MaybeObstacle obstacle = multiplies ? form.choose() : std::nullopt;
  if ((!multiplies || obstacle) && bindTurned(kernel, model, bindAsBefore))
    return;
  if (!multiplies)
    return;
  if (obstacle) {
    reportRefused(obstacle->op->getLoc(), "kernel", "not specialised: " + obstacle->reason, obstacle->suggestion);
    return;
  }
  form.apply();
  form.report();
}
