//===- LoopOps.cpp - The loop that may be pipelined -----------------*- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "tile/Dialect/Tile.h"

#include <mlir/IR/Builders.h>
#include <mlir/IR/Matchers.h>

using namespace mlir;
using namespace tile::ir;

void ForOp::build(OpBuilder &builder, OperationState &state, Value lower, Value upper, Value step, ValueRange inits) {
  OpBuilder::InsertionGuard guard(builder);
  state.addOperands({lower, upper, step});
  state.addOperands(inits);
  state.addTypes(inits.getTypes());
  Block *body = builder.createBlock(state.addRegion());
  body->addArgument(builder.getIndexType(), state.location);
  for (Value init : inits)
    body->addArgument(init.getType(), init.getLoc());
  if (inits.empty())
    YieldOp::create(builder, state.location, ValueRange());
}

YieldOp ForOp::getYield() { return cast<YieldOp>(getRegion().front().getTerminator()); }
Value ForOp::getYielded(BlockArgument carried) { return getYield().getValues()[carried.getArgNumber() - 1]; }

//===----------------------------------------------------------------------===//
// Interfaces
//===----------------------------------------------------------------------===//

SmallVector<Region *> ForOp::getLoopRegions() { return {&getRegion()}; }
std::optional<SmallVector<Value>> ForOp::getLoopInductionVars() { return SmallVector<Value>{getInductionVar()}; }
std::optional<SmallVector<OpFoldResult>> ForOp::getLoopLowerBounds() { return SmallVector<OpFoldResult>{getLower()}; }
std::optional<SmallVector<OpFoldResult>> ForOp::getLoopUpperBounds() { return SmallVector<OpFoldResult>{getUpper()}; }
std::optional<SmallVector<OpFoldResult>> ForOp::getLoopSteps() { return SmallVector<OpFoldResult>{getStep()}; }
std::optional<ResultRange> ForOp::getLoopResults() { return getResults(); }
std::optional<MutableArrayRef<OpOperand>> ForOp::getYieldedValuesMutable() { return getYield().getValuesMutable(); }

OperandRange ForOp::getEntrySuccessorOperands(RegionSuccessor) { return getInits(); }

void ForOp::getSuccessorRegions(RegionBranchPoint, SmallVectorImpl<RegionSuccessor> &regions) {
  // A loop may run no iteration, and after one it may run another or end.
  regions.push_back(RegionSuccessor(&getRegion(), getRegionIterArgs()));
  regions.push_back(RegionSuccessor(getOperation(), getResults()));
}

//===----------------------------------------------------------------------===//
// Syntax
//===----------------------------------------------------------------------===//

ParseResult ForOp::parse(OpAsmParser &parser, OperationState &result) {
  Builder &builder = parser.getBuilder();
  Type index = builder.getIndexType();
  OpAsmParser::Argument inductionVar;
  OpAsmParser::UnresolvedOperand lower, upper, step;
  SmallVector<OpAsmParser::Argument> arguments;
  SmallVector<OpAsmParser::UnresolvedOperand> inits;
  inductionVar.type = index;
  if (parser.parseArgument(inductionVar) || parser.parseEqual() || parser.parseOperand(lower) ||
      parser.parseKeyword("to") || parser.parseOperand(upper) || parser.parseKeyword("step") ||
      parser.parseOperand(step))
    return failure();
  if (succeeded(parser.parseOptionalKeyword("iter_args")))
    if (parser.parseAssignmentList(arguments, inits) || parser.parseArrowTypeList(result.types))
      return failure();
  if (arguments.size() != result.types.size())
    return parser.emitError(parser.getNameLoc(), "names ")
           << arguments.size() << " iter_args and " << result.types.size() << " types";
  for (auto [argument, type] : llvm::zip_equal(arguments, result.types))
    argument.type = type;
  if (parser.resolveOperands({lower, upper, step}, index, result.operands) ||
      parser.resolveOperands(inits, result.types, parser.getNameLoc(), result.operands))
    return failure();
  if (succeeded(parser.parseOptionalKeyword("stages"))) {
    int64_t stages;
    if (parser.parseLParen() || parser.parseInteger(stages) || parser.parseRParen())
      return failure();
    result.addAttribute(getNumStagesAttrName(result.name), builder.getI64IntegerAttr(stages));
  }
  if (parser.parseOptionalAttrDictWithKeyword(result.attributes))
    return failure();
  arguments.insert(arguments.begin(), inductionVar);
  Region *body = result.addRegion();
  if (parser.parseRegion(*body, arguments))
    return failure();
  ensureTerminator(*body, builder, result.location);
  return success();
}

void ForOp::print(OpAsmPrinter &printer) {
  printer << ' ' << getInductionVar() << " = " << getLower() << " to " << getUpper() << " step " << getStep();
  if (!getInits().empty()) {
    printer << " iter_args(";
    llvm::interleaveComma(llvm::zip_equal(getRegionIterArgs(), getInits()), printer,
                          [&](auto pair) { printer << std::get<0>(pair) << " = " << std::get<1>(pair); });
    printer << ") -> (" << getInits().getTypes() << ')';
  }
  if (getNumStages())
    printer << " stages(" << *getNumStages() << ')';
  printer.printOptionalAttrDictWithKeyword((*this)->getAttrs(), {getNumStagesAttrName()});
  printer << ' ';
  printer.printRegion(getRegion(), /*printEntryBlockArgs=*/false, /*printBlockTerminators=*/!getInits().empty());
}

//===----------------------------------------------------------------------===//
// Verifiers
//===----------------------------------------------------------------------===//

LogicalResult ForOp::verify() {
  IntegerAttr step;
  if (matchPattern(getStep(), m_Constant(&step)) && step.getInt() <= 0)
    return emitOpError("has the step ") << step.getInt() << "; a step is positive";
  if (getInits().getTypes() != getResultTypes())
    return emitOpError("carries other types than it gives");
  return success();
}

static AtAttr placeOf(Operation *op) { return op->getAttrOfType<AtAttr>(kAtAttrName); }

/// The stage in which an op's result is there: of a load that owns buffers, the one that reads them.
static int64_t resultStage(AtAttr at) { return at.getStage() + (at.getDepth() == 0 ? 0 : at.getAhead()); }

/// Checks that a value is there when `reader`, an op of the body, runs. What an iteration hands to the next is there if it was
/// computed a step earlier; buffers are read when the first reader runs; all else must precede the reader.
static LogicalResult verifyRead(ForOp loop, Operation *reader, Value value) {
  llvm::SmallDenseSet<Value> carried;
  while (auto argument = dyn_cast<BlockArgument>(value)) {
    if (argument.getOwner() != loop.getBody() || argument == loop.getInductionVar() || !carried.insert(argument).second)
      return success();
    value = loop.getYielded(argument);
  }
  Operation *def = value.getDefiningOp();
  if (def->getBlock() != loop.getBody())
    return success();
  AtAttr made = placeOf(def), at = placeOf(reader);
  bool anyOrder = !carried.empty() || made.getDepth() != 0;
  if (resultStage(made) < at.getStage() ||
      (resultStage(made) == at.getStage() && (anyOrder || made.getOrder() < at.getOrder())))
    return success();
  return reader->emitOpError("is scheduled before what it reads").attachNote(def->getLoc()) << "this";
}

/// Checks one op of a pipelined loop's body whose last stage is `last`.
static LogicalResult verifyPlace(ForOp loop, Operation *op, int64_t last) {
  AtAttr at = placeOf(op);
  auto load = dyn_cast<LoadOp>(op);
  if (at.getAhead() != 0 && !load)
    return op->emitOpError("is no load and can't be issued ahead");
  if (at.getDepth() != 0 && !isa<RankedTensorType>(load.getType()))
    return op->emitOpError("reads no tile and can't own buffers");
  if (at.getStage() < last && (op->getNumRegions() != 0 || !isSpeculatable(op) || (!load && !isMemoryEffectFree(op))))
    return op->emitOpError("can't run before the last stage, for iterations that may never come");
  WalkResult reads = op->walk([&](Operation *nested) {
    bool there =
        llvm::all_of(nested->getOperands(), [&](Value value) { return succeeded(verifyRead(loop, op, value)); });
    return there ? WalkResult::advance() : WalkResult::interrupt();
  });
  return failure(reads.wasInterrupted());
}

/// Checks that the schedule of a pipelined loop is one that can be expanded.
static LogicalResult verifySchedule(ForOp loop) {
  int64_t last = 0;
  SmallVector<int64_t> orders;
  for (Operation &op : loop.getBody()->without_terminator()) {
    AtAttr at = placeOf(&op);
    if (!at)
      return op.emitOpError("in the body of a pipelined loop has no '") << kAtAttrName << "'";
    last = std::max({last, at.getStage(), resultStage(at)});
    orders.push_back(at.getOrder());
  }
  llvm::sort(orders);
  if (llvm::adjacent_find(orders) != orders.end())
    return loop.emitOpError("has two ops with one order");
  for (Operation &op : loop.getBody()->without_terminator())
    if (failed(verifyPlace(loop, &op, last)))
      return failure();
  return success();
}

LogicalResult ForOp::verifyRegions() {
  Block &body = getRegion().front();
  if (body.getNumArguments() != getInits().size() + 1 || !body.getArgument(0).getType().isIndex())
    return emitOpError("has a body whose arguments are not the induction variable and the carried values");
  return getPlan() && getPlan()->getStages() > 1 ? verifySchedule(*this) : success();
}
