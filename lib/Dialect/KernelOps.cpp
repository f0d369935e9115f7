//===- KernelOps.cpp - The kernel and its phases --------------------*- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "tile/Dialect/Tile.h"

#include <mlir/IR/Builders.h>
#include <mlir/Interfaces/FunctionImplementation.h>

using namespace mlir;
using namespace tile::ir;

#define GET_OP_CLASSES
#include "tile/Dialect/TileOps.cpp.inc"

//===----------------------------------------------------------------------===//
// Kernel
//===----------------------------------------------------------------------===//

void KernelOp::build(OpBuilder &builder, OperationState &state, StringRef name, FunctionType type, Phase phase) {
  OpBuilder::InsertionGuard guard(builder);
  state.addAttribute(getSymNameAttrName(state.name), builder.getStringAttr(name));
  state.addAttribute(getFunctionTypeAttrName(state.name), TypeAttr::get(type));
  state.addAttribute(getPhaseAttrName(state.name), PhaseAttr::get(builder.getContext(), phase));
  Block *body = builder.createBlock(state.addRegion());
  for (Type input : type.getInputs())
    body->addArgument(input, state.location);
}

ParseResult KernelOp::parse(OpAsmParser &parser, OperationState &result) {
  auto buildType = [](Builder &builder, ArrayRef<Type> arguments, ArrayRef<Type> results,
                      function_interface_impl::VariadicFlag,
                      std::string &) { return builder.getFunctionType(arguments, results); };
  return function_interface_impl::parseFunctionOp(parser, result, /*allowVariadic=*/false,
                                                  getFunctionTypeAttrName(result.name), buildType,
                                                  getArgAttrsAttrName(result.name), getResAttrsAttrName(result.name));
}

void KernelOp::print(OpAsmPrinter &printer) {
  function_interface_impl::printFunctionOp(printer, *this, /*isVariadic=*/false, getFunctionTypeAttrName(),
                                           getArgAttrsAttrName(), getResAttrsAttrName());
}

Access KernelOp::getAccess(unsigned argument) {
  return getArgAttrOfType<AccessAttr>(argument, kAccessAttrName).getValue();
}
FactsAttr KernelOp::getFacts(unsigned argument) { return getArgAttrOfType<FactsAttr>(argument, kFactsAttrName); }

LogicalResult TileDialect::verifyRegionArgAttribute(Operation *op, unsigned, unsigned argument,
                                                    NamedAttribute attribute) {
  auto kernel = dyn_cast<KernelOp>(op);
  bool known = (attribute.getName() == kAccessAttrName && isa<AccessAttr>(attribute.getValue())) ||
               (attribute.getName() == kFactsAttrName && isa<FactsAttr>(attribute.getValue()));
  if (!kernel || !known || !isa<ViewType>(kernel.getArgumentTypes()[argument]))
    return op->emitOpError("argument ") << argument << " can't have the attribute '" << attribute.getName().strref()
                                        << "'";
  return success();
}

LogicalResult KernelOp::verify() {
  if (getNumResults() != 0)
    return emitOpError("gives no results; it writes to views");
  for (auto [index, type] : llvm::enumerate(getArgumentTypes())) {
    auto view = dyn_cast<ViewType>(type);
    if (!view && !type.isIntOrIndexOrFloat())
      return emitOpError("argument ") << index << " is neither a view nor a scalar";
    if (view && !getArgAttrOfType<AccessAttr>(index, kAccessAttrName))
      return emitOpError("argument ") << index << " does not say by '" << kAccessAttrName
                                      << "' whether it is read or written";
    if (FactsAttr facts = view ? getFacts(index) : FactsAttr(); facts && facts.getUnitAxis() >= view.getRank())
      return emitOpError("argument ") << index << " has no axis " << facts.getUnitAxis();
  }
  if (getPhase() != Phase::Tile && !getTarget())
    return emitOpError("is in phase '") << stringifyPhase(getPhase()) << "' and names no target";
  if (getPhase() >= Phase::Placed && !getNumWarps())
    return emitOpError("is in phase '") << stringifyPhase(getPhase()) << "' and does not say how many warps it has";
  if (getPhase() == Phase::Synchronised && !getSharedBytes())
    return emitOpError("is in phase 'synchronised' and does not say how much shared memory it takes");
  return success();
}

//===----------------------------------------------------------------------===//
// Phases
//===----------------------------------------------------------------------===//

/// Whether an op makes or waits for a channel that a producer fills by tensor copies: mbarriers, which are what the hardware has.
static bool isTensorChannel(Operation *op) {
  auto channel = dyn_cast<ChannelOp>(op);
  if (!channel)
    channel = op->getOperand(0).getDefiningOp<ChannelOp>();
  return channel && channel.getBarriers();
}

/// What keeps an op out of a phase, as the end of a sentence; empty when nothing does.
static StringRef misfit(Operation *op, Phase phase) {
  bool ofRings = isa<RingOp, CopyAsyncOp, SlotOp, ReadOp>(op);
  bool ofChannels = isa<ChannelOp, AcquireOp, CommitOp, AwaitOp, ReleaseOp>(op);
  if (phase < Phase::Pipelined && (ofRings || ofChannels))
    return "which has no rings yet";
  if (phase == Phase::Synchronised && ofChannels && !isTensorChannel(op))
    return "which waits as the hardware does";
  if (phase < Phase::Pipelined && isa<ProducerOp, DotWaitOp, StampOp>(op))
    return "where nothing is in flight yet";
  if (isa<WorkerIdOp, WorkersOp, ProgramsOp>(op) && !op->getParentOfType<KernelOp>().getPersistent())
    return "whose kernel is not persistent";
  if (phase != Phase::Synchronised &&
      isa<ScratchOp, WriteOp, CommitGroupOp, WaitGroupOp, BarrierOp, StoreAsyncOp, StoreWaitOp, ProxyFenceOp>(op))
    return "whose waits are those of channels";
  if (phase < Phase::Placed && isa<ConvertLayoutOp>(op))
    return "where no tile has a layout";
  if (phase >= Phase::Pipelined && isa<ForOp>(op))
    return "whose loops are scf.for";
  if (phase != Phase::Planned && op->hasAttr(kAtAttrName))
    return "which has no schedule";
  if (auto loop = dyn_cast<ForOp>(op)) {
    if (phase == Phase::Planned && !loop.getPlan())
      return "whose loops have a plan";
    if (phase != Phase::Planned && loop.getPlan())
      return "whose loops have no plan yet";
  }
  if (auto load = dyn_cast<LoadOp>(op)) {
    if (phase == Phase::Tile && load.getBinding())
      return "where nothing is bound to a target";
    if ((phase == Phase::Bound || phase == Phase::Planned) && !load.getBinding())
      return "whose loads are bound to a copy mechanism";
  }
  if (auto dot = dyn_cast<DotOp>(op)) {
    if (phase == Phase::Tile && dot.getBinding())
      return "where nothing is bound to a target";
    if ((phase == Phase::Bound || phase == Phase::Planned) && !dot.getBinding())
      return "whose dots are bound to an instruction";
    if (phase < Phase::Pipelined && llvm::any_of(dot->getOperandTypes(), llvm::IsaPred<SlotType>))
      return "whose dots read no slots yet";
  }
  return {};
}

/// Checks that tiles have layouts, and slots and rings a place in shared memory, in the phases that say so and in no other.
static LogicalResult verifyPlacement(Operation *op, Type type, Phase phase) {
  bool placed = phase >= Phase::Placed;
  if (isa<RankedTensorType>(type) && placed != !!layoutOf(type))
    return op->emitOpError("makes a ") << type << " in phase '" << stringifyPhase(phase) << "', where tiles have "
                                       << (placed ? "a layout" : "no layout");
  auto check = [&](auto shared) -> LogicalResult {
    if (shared && placed != !!shared.getSwizzle())
      return op->emitOpError("makes a ") << type << " in phase '" << stringifyPhase(phase) << "', where "
                                         << (placed ? "it is said" : "nothing says")
                                         << " how slots lie in shared memory";
    return success();
  };
  return failure(failed(check(dyn_cast<RingType>(type))) || failed(check(dyn_cast<SlotType>(type))));
}

/// Checks what an op of a kernel reads and makes: views that can be followed to an argument, so that it is known what may alias, and
/// tensors that are tiles.
static LogicalResult verifyValues(Operation *op, Phase phase) {
  for (Value operand : op->getOperands())
    if (isa<ViewType>(operand.getType()) && !rootArgument(operand))
      return op->emitOpError("uses a view that is neither an argument nor a part of one");
  for (Type type : op->getResultTypes()) {
    if (isa<TensorType>(type) && !isTile(type))
      return op->emitOpError("makes a ") << type << ", which is no tile";
    if (failed(verifyPlacement(op, type, phase)))
      return failure();
  }
  return success();
}

LogicalResult KernelOp::verifyRegions() {
  if (!isa<ReturnOp>(getBody().front().getTerminator()))
    return emitOpError("ends with tile.return");
  WalkResult result = getBody().walk([&](Operation *op) {
    if (failed(verifyValues(op, getPhase())))
      return WalkResult::interrupt();
    auto store = dyn_cast<StoreOp>(op);
    auto storeAsync = dyn_cast<StoreAsyncOp>(op);
    if (store || storeAsync) {
      BlockArgument view = rootArgument(store ? store.getView() : storeAsync.getView());
      if (view && getAccess(view.getArgNumber()) == Access::In) {
        op->emitOpError("writes to argument ") << view.getArgNumber() << ", which is only read";
        return WalkResult::interrupt();
      }
    }
    StringRef reason = misfit(op, getPhase());
    if (reason.empty())
      return WalkResult::advance();
    op->emitOpError("does not belong in phase '") << stringifyPhase(getPhase()) << "', " << reason;
    return WalkResult::interrupt();
  });
  return failure(result.wasInterrupted());
}

LogicalResult ProducerOp::verifyRegions() {
  WalkResult result = getBody().walk([&](Operation *op) {
    bool fills = isa<AcquireOp, CopyAsyncOp, CommitOp, StampOp, CommitGroupOp, WaitGroupOp, ProxyFenceOp>(op);
    bool isScalar = isMemoryEffectFree(op) || isa<scf::ForOp, scf::IfOp, LoadOp>(op);
    if ((fills || isScalar) && !llvm::any_of(op->getResultTypes(), llvm::IsaPred<TensorType>))
      return WalkResult::advance();
    op->emitOpError("does not belong in a 'tile.producer', which fills rings and computes scalars");
    return WalkResult::interrupt();
  });
  return failure(result.wasInterrupted());
}

//===----------------------------------------------------------------------===//
// Extents
//===----------------------------------------------------------------------===//

LogicalResult ExtentOp::verify() {
  if (getAxis() >= getView().getType().getRank())
    return emitOpError("asks for axis ") << getAxis() << " of a view with " << getView().getType().getRank() << " axes";
  return success();
}

OpFoldResult ExtentOp::fold(FoldAdaptor) {
  int64_t extent = getView().getType().getShape()[getAxis()];
  return ShapedType::isDynamic(extent) ? OpFoldResult() : Builder(getContext()).getIndexAttr(extent);
}

//===----------------------------------------------------------------------===//
// Assertions and messages
//===----------------------------------------------------------------------===//

LogicalResult AssertOp::verify() {
  if (!getElementTypeOrSelf(getCondition().getType()).isInteger(1))
    return emitOpError("asserts a bool or a tile of bools, not a ") << getCondition().getType();
  return success();
}

LogicalResult PrintOp::verify() {
  size_t places = getFormat().count("{}");
  if (places != getValues().size())
    return emitOpError("has ") << places << " places for " << getValues().size() << " values";
  if (getUnsignedValues() && getUnsignedValues()->size() != getValues().size())
    return emitOpError("says of ") << getUnsignedValues()->size() << " values whether they are unsigned, of "
                                   << getValues().size();
  return success();
}
