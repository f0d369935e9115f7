//===- LowerKernel.cpp - Arguments, program ids, dispatch ----------*- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Lowering.h"

#include "tile/Dialect/Access.h"
#include "tile/Dialect/Record.h"
#include "tile/Pipeline/Verdicts.h"

#include <llvm/ADT/TypeSwitch.h>

using namespace mlir;
using namespace tile;
using namespace tile::nvptx;

/// Rows of the grid that a group of programs walks together before the next column's. Programs that run at the same time share operands in
/// the cache, the more of them the squarer the part of the result that they compute. That is G by kAtOnce / G tiles, a square where G is the
/// root of kAtOnce * columns / rows of a tile. G is the power of two nearest to it, so that chips with fewer or more at once hardly differ.
static int64_t groupRows(ir::KernelOp kernel, ir::DotOp dot) {
  if (int64_t asked = ir::overrideOf(kernel, "group_rows"))
    return asked;
  constexpr int64_t kAtOnce = 132;
  ArrayRef<int64_t> tile = dot.getType().getShape();
  int64_t group = 1;
  // While the root is nearer to the double: above 3/2 of the group.
  while (9 * group * group * tile[0] < 4 * kAtOnce * tile[1])
    group *= 2;
  return group;
}

Lowering::Lowering(ir::KernelOp kernel)
    : kernel(kernel), builder(kernel), loc(kernel.getLoc()), entryBuilder(kernel.getContext()),
      indexType(builder.getI64Type()), warpCount(kernel.getNumWarps().value()),
      readsProduced(findReadsOfProduced(kernel)) {}

void Lowering::fail(Operation *op, const Twine &message) {
  if (!failed)
    op->emitError(message);
  failed = true;
}

//===----------------------------------------------------------------------===//
// The entry function
//===----------------------------------------------------------------------===//

LogicalResult Lowering::run() {
  createFunction();
  // Constants and what depends on the thread alone go before a marker, everything else after it.
  threadValue = intrinsic("llvm.nvvm.read.ptx.sreg.tid.x", builder.getI32Type());
  Operation *marker = LLVM::UndefOp::create(builder, loc, builder.getI32Type());
  entryBuilder.setInsertionPoint(marker);
  blockThread = threadValue;
  if (ir::teamsOf(kernel) > 1) {
    OpBuilder::InsertionGuard guard(builder);
    builder.setInsertionPoint(marker);
    // One number for a whole warp, which the assembler can't know of what depends on a thread's.
    team = intrinsic("llvm.nvvm.shfl.sync.idx.i32", builder.getI32Type(),
                     {i32(-1), make<arith::DivUIOp>(blockThread, i32(teamThreads())), i32(0), i32(31)});
    threadValue = make<arith::AndIOp>(blockThread, i32(teamThreads() - 1));
  }
  builder.setInsertionPoint(LLVM::ReturnOp::create(builder, loc, ValueRange()));
  bindArguments();
  computeProgramIds();
  startEarly();
  beginRecord();
  scf::IfOp unlessStopped = skipWhenStopped();
  lower(kernel.getBody().front());
  assert((failed || !lastFirstLoad) && "the next kernel may never be let start");
  drainStores();
  endRecord();
  if (unlessStopped)
    builder.setInsertionPointAfter(unlessStopped);
  marker->erase();
  if (failed) {
    function.erase();
    return failure();
  }
  kernel.erase();
  return success();
}

/// The registers of a thread that values of a type take; 0 for what isn't spread over threads.
static int64_t wordsOf(Type type) {
  constexpr int64_t kWordBytes = 4;
  ir::LayoutAttr layout = ir::layoutOf(type);
  return layout ? llvm::divideCeilSigned(layout.getNumRegisters() * ir::elementBytes(getElementTypeOrSelf(type)),
                                         kWordBytes)
                : 0;
}

/// How many programs without products are to fit the registers of a multiprocessor at once. As many as the assembler would choose by itself, if it were not
/// for the driver's linker: that has it make code for any caller, which takes the registers that there are. What a thread holds is its
/// part of the largest tile, and half as much or as much again beside it. A loop that loads to registers holds what it carries all the
/// while: where no room is left for all of a load, it waits for one part after the other, and six programs more don't make up for that (row
/// sums by 8 x 128 took 9 % longer in 40 registers than in 55).
static int32_t programsByRegisters(ir::KernelOp kernel, int32_t threads) {
  int64_t words = 0, together = 0;
  kernel.walk([&](Operation *op) {
    for (Type type : op->getResultTypes())
      words = std::max(words, wordsOf(type));
    auto load = dyn_cast<ir::LoadOp>(op);
    auto loop = load ? load->getParentOfType<scf::ForOp>() : nullptr;
    if (!loop)
      return;
    int64_t held = wordsOf(load.getType());
    for (Type type : loop.getResultTypes())
      held += wordsOf(type);
    together = std::max(together, held);
  });
  constexpr int64_t kSmall = 16, kSmallTogether = 24, kLarge = 32, kMostThreads = 1536, kManyThreads = 1024;
  if (words > kLarge)
    return 1;
  bool isSmall = words <= kSmall && together <= kSmallTogether;
  StringRef target = kernel.getTarget().value_or("");
  int64_t mostPrograms = target == "sm_80" || target.starts_with("sm_90") ? 32 : 16;
  return static_cast<int32_t>(std::min((isSmall ? kMostThreads : kManyThreads) / threads, mostPrograms));
}

/// Makes the function, with a parameter for each word, without a body's ops.
void Lowering::createFunction() {
  Type pointer = LLVM::LLVMPointerType::get(builder.getContext(), /*addressSpace=*/1);
  SmallVector<Type> types;
  SmallVector<std::pair<unsigned, unsigned>> bases;
  for (BlockArgument argument : kernel.getBody().getArguments()) {
    auto view = dyn_cast<ir::ViewType>(argument.getType());
    if (!view) {
      types.push_back(indexType);
      continue;
    }
    bases.push_back({types.size(), argument.getArgNumber()});
    types.push_back(pointer);
    types.append(2 * view.getRank(), indexType);
  }
  types.append(3, indexType);
  collectTensorMaps();
  bool isChecked = kernel
                       .walk([](Operation *op) {
                         return isa<ir::AssertOp, ir::PrintOp>(op) ? WalkResult::interrupt() : WalkResult::advance();
                       })
                       .wasInterrupted();
  if (isChecked)
    types.push_back(pointer);
  size_t unrecorded = types.size();
  recordSites = ir::recordSites(kernel);
  if (recordSites) {
    types.push_back(pointer);
    types.append(ir::RecordWords::Count - 1, indexType);
  }
  size_t words = types.size();
  types.append(tensorMaps.size(), LLVM::LLVMPointerType::get(builder.getContext()));
  auto type = LLVM::LLVMFunctionType::get(LLVM::LLVMVoidType::get(builder.getContext()), types);
  // PTX and this library take a few names themselves.
  bool isTaken = llvm::is_contained({"WARP_SZ", "tile_shared"}, kernel.getSymName());
  std::string name = (kernel.getSymName() + (isTaken ? "_" : "")).str();
  function = LLVM::LLVMFuncOp::create(builder, loc, name, type);
  function.setTargetCpu(kernel.getTarget());
  int32_t threads = allTeamThreads();
  bool hasProducer = !kernel.getBody().getOps<ir::ProducerOp>().empty();
  if (hasProducer)
    threads += producerThreads();
  if (kernel.getPersistent())
    function->setAttr(ir::kPersistentAttrName, builder.getUnitAttr());
  function->setAttr("nvvm.kernel", builder.getUnitAttr());
  function->setAttr("nvvm.reqntid", builder.getDenseI32ArrayAttr({threads}));
  // A product may have all the registers there are for its accumulators. Elsewhere more programs at once hide more latency.
  WalkResult dots = kernel.walk([](ir::DotOp) { return WalkResult::interrupt(); });
  bool multiplies = hasProducer || dots.wasInterrupted();
  int32_t atOnce = hasProducer  ? programsPerProcessor()
                   : multiplies ? 1
                                : std::min(programsByRegisters(kernel, threads), programsBySharedMemory());
  if (multiplies || atOnce > 1)
    function->setAttr("nvvm.minctasm", builder.getI32IntegerAttr(atOnce));
  // A view that is written overlaps no other, so nobody sees a difference between its pointer and one of its own.
  for (auto [word, argument] : bases) {
    function.setArgAttr(word, LLVM::LLVMDialect::getNoAliasAttrName(), builder.getUnitAttr());
    if (kernel.getAccess(argument) == ir::Access::In)
      function.setArgAttr(word, LLVM::LLVMDialect::getReadonlyAttrName(), builder.getUnitAttr());
    if (ir::FactsAttr facts = kernel.getFacts(argument); facts && facts.getAlign() > 1)
      function.setArgAttr(word, LLVM::LLVMDialect::getAlignAttrName(), builder.getI64IntegerAttr(facts.getAlign()));
  }
  Block *entry = function.addEntryBlock(builder);
  builder.setInsertionPointToEnd(entry);
  if (isChecked)
    checkedMemory = entry->getArgument(unrecorded - 1);
  if (recordSites)
    for (unsigned word = 0; word < ir::RecordWords::Count; ++word)
      recordArguments[word] = entry->getArgument(unrecorded + word);
  if (tensorMaps.empty())
    return;
  function->setAttr(ir::kTensorMapsAttrName, toAttribute(builder.getContext(), tensorMaps));
  constexpr int64_t kBytes = 128, kAlignment = 64;
  for (size_t index = words; index < types.size(); ++index) {
    tensorMapArguments.push_back(entry->getArgument(index));
    function.setArgAttr(index, LLVM::LLVMDialect::getByValAttrName(),
                        TypeAttr::get(LLVM::LLVMArrayType::get(builder.getI8Type(), kBytes)));
    function.setArgAttr(index, LLVM::LLVMDialect::getAlignAttrName(), builder.getI64IntegerAttr(kAlignment));
    function.setArgAttr(index, "nvvm.grid_constant", builder.getUnitAttr());
  }
}

/// Gives views and scalars their words. What is known of an extent or a stride stands in its place.
void Lowering::bindArguments() {
  Block *entry = &function.getBody().front();
  unsigned position = 0;
  auto next = [&] { return entry->getArgument(position++); };
  for (BlockArgument argument : kernel.getBody().getArguments()) {
    auto type = dyn_cast<ir::ViewType>(argument.getType());
    if (!type) {
      Type element = argument.getType(), memory = memoryType(element);
      Value word = next();
      if (!element.isIndex()) {
        unsigned bits = memory.getIntOrFloatBitWidth();
        if (bits < 64)
          word = arith::TruncIOp::create(builder, loc, builder.getIntegerType(bits), word);
        if (isa<FloatType>(memory))
          word = arith::BitcastOp::create(builder, loc, memory, word);
      }
      setRegisters(argument, {fromMemory(word, element)});
      continue;
    }
    View view{next(), {}, {}, type.getElementType(), ir::viewFacts(argument).unitAxis};
    for (int64_t extent : type.getShape()) {
      Value given = next();
      view.extents.push_back(ShapedType::isDynamic(extent) ? given : index(extent));
    }
    for (int64_t axis = 0; axis < type.getRank(); ++axis) {
      Value given = next();
      view.strides.push_back(axis == view.unitAxis ? index(1) : given);
    }
    views[argument] = view;
  }
  for (Value &extent : gridExtents)
    extent = next();
}

/// From the number of the block, of those along axes that the kernel reads.
void Lowering::computeProgramIds() {
  // A persistent kernel's workers have programs, of which its body says the numbers.
  if (kernel.getPersistent())
    return;
  bool reads[3] = {};
  kernel.walk([&](ir::ProgramIdOp id) { reads[id.getAxis()] = true; });
  // Records say which program they are of.
  for (bool &axis : reads)
    axis |= !!checkedMemory;
  if (reads[0] || reads[1] || reads[2])
    llvm::copy(programIdsOf(intrinsic("llvm.nvvm.read.ptx.sreg.ctaid.x", builder.getI32Type()), reads), programIds);
}

void Lowering::lowerProgramId(ir::ProgramIdOp op) {
  if (Value number = op.getNumber()) {
    // With all axes at once, as they share their divisions.
    std::array<Value, 3> &ids = numberedIds[{number, builder.getInsertionBlock()}];
    if (!ids[0]) {
      bool reads[3] = {!!checkedMemory, !!checkedMemory, !!checkedMemory};
      for (Operation *user : number.getUsers())
        if (auto id = dyn_cast<ir::ProgramIdOp>(user))
          reads[id.getAxis()] = true;
      reads[0] = true;
      ids = programIdsOf(builder.createOrFold<arith::TruncIOp>(loc, builder.getI32Type(), scalar(number)), reads);
    }
    llvm::copy(ids, programIds);
  } else if (kernel.getPersistent()) {
    return fail(op, "needs the number of a program, as a worker runs several");
  }
  setRegisters(op.getResult(), {programIds[op.getAxis()]});
}

void Lowering::lowerWorker(Operation *op) {
  auto read = [&](StringRef name) -> Value {
    return arith::ExtUIOp::create(builder, loc, indexType, intrinsic(name, builder.getI32Type()));
  };
  if (isa<ir::WorkerIdOp>(op))
    setRegisters(op->getResult(0), {read("llvm.nvvm.read.ptx.sreg.ctaid.x")});
  else if (isa<ir::WorkersOp>(op))
    setRegisters(op->getResult(0), {read("llvm.nvvm.read.ptx.sreg.nctaid.x")});
  else
    setRegisters(op->getResult(0),
                 {make<arith::MulIOp>(make<arith::MulIOp>(gridExtents[0], gridExtents[1]), gridExtents[2])});
}

/// Extents of the grid and their product fit in 31 bits.
std::array<Value, 3> Lowering::programIdsOf(Value block, ArrayRef<bool> reads) {
  ir::DotOp product;
  kernel.walk([&](ir::DotOp dot) {
    if (!product || dot.getType().getNumElements() > product.getType().getNumElements())
      product = dot;
  });
  Type i32Type = builder.getI32Type();
  auto extent = [&](unsigned axis) -> Value {
    return arith::TruncIOp::create(builder, loc, i32Type, gridExtents[axis]);
  };
  // A division is slow, and a grid of one axis needs none.
  auto remainder = [&](Value number, Value size) -> Value {
    Value isSmall = compare(arith::CmpIPredicate::ult, number, size);
    auto branch = scf::IfOp::create(builder, loc, i32Type, isSmall, /*withElseRegion=*/true);
    OpBuilder::InsertionGuard guard(builder);
    builder.setInsertionPointToEnd(branch.thenBlock());
    scf::YieldOp::create(builder, loc, number);
    builder.setInsertionPointToEnd(branch.elseBlock());
    scf::YieldOp::create(builder, loc, make<arith::RemUIOp>(number, size));
    return branch.getResult(0);
  };
  Value ids[3];
  Value gx = extent(0);
  if (!reads[1] && !reads[2]) {
    ids[0] = remainder(block, gx);
  } else {
    Value gy = extent(1), plane = make<arith::MulIOp>(gx, gy);
    Value inPlane = remainder(block, plane);
    if (reads[2])
      ids[2] = make<arith::DivUIOp>(block, plane);
    if (product && reads[0] && reads[1]) {
      // A group is some rows of the plane, the last one what is left; within it axis 0 is the faster. No more rows than there are, so
      // that a group's size fits in 32 bits as the plane's does.
      int64_t most = groupRows(kernel, product);
      if (!std::exchange(hasReportedOrder, true))
        pipeline::reportPipelined(kernel.getLoc(), "kernel",
                                  "programs are numbered column by column in groups of " + Twine(most) +
                                      (most == 1 ? " row" : " rows"));
      Value group = make<arith::MinUIOp>(gx, i32(most)), perGroup = make<arith::MulIOp>(gy, group);
      Value first = make<arith::MulIOp>(make<arith::DivUIOp>(inPlane, perGroup), group);
      Value inGroup = make<arith::RemUIOp>(inPlane, perGroup);
      Value rows = make<arith::MinUIOp>(make<arith::SubIOp>(gx, first), group);
      ids[0] = make<arith::AddIOp>(first, make<arith::RemUIOp>(inGroup, rows));
      ids[1] = make<arith::DivUIOp>(inGroup, rows);
    } else {
      ids[0] = make<arith::RemUIOp>(inPlane, gx);
      ids[1] = make<arith::DivUIOp>(inPlane, gx);
    }
  }
  std::array<Value, 3> wide;
  for (unsigned axis : {0, 1, 2})
    if (reads[axis])
      wide[axis] = arith::ExtUIOp::create(builder, loc, indexType, ids[axis]);
  return wide;
}

//===----------------------------------------------------------------------===//
// Ops
//===----------------------------------------------------------------------===//

void Lowering::lower(Block &block) {
  for (Operation &op : block.without_terminator()) {
    if (failed)
      return;
    loc = op.getLoc();
    lower(&op);
    noteLoaded(&op);
  }
  loc = block.getTerminator()->getLoc();
}

void Lowering::lower(Operation *op) {
  llvm::TypeSwitch<Operation *>(op)
      .Case<scf::ForOp>([&](auto op) { lowerFor(op); })
      .Case<scf::IfOp>([&](auto op) { lowerIf(op); })
      .Case<scf::WhileOp>([&](auto op) { lowerWhile(op); })
      .Case<ir::ProgramIdOp>([&](auto op) { lowerProgramId(op); })
      .Case<ir::WorkerIdOp, ir::WorkersOp, ir::ProgramsOp>([&](auto op) { lowerWorker(op); })
      .Case<ir::ProducerOp>([&](auto op) { lowerProducer(op); })
      .Case<ir::ChannelOp>([&](auto op) { lowerChannel(op); })
      .Case<ir::AcquireOp>([&](auto op) { lowerAcquire(op); })
      .Case<ir::AwaitOp>([&](auto op) { lowerAwait(op); })
      .Case<ir::ReleaseOp>([&](auto op) { lowerRelease(op); })
      .Case<ir::CommitOp>([&](auto op) { lowerCommit(op); })
      .Case<ir::StoreAsyncOp, ir::StoreWaitOp, ir::ProxyFenceOp>([&](auto op) { lowerTensorStore(op); })
      .Case<ir::DotWaitOp>([&](auto op) { lowerDotWait(op); })
      .Case<ir::ExtentOp>([&](auto op) { lowerExtent(op); })
      .Case<ir::SubviewOp>([&](auto op) { lowerSubview(op); })
      .Case<ir::PermuteOp>([&](auto op) { lowerPermute(op); })
      .Case<ir::InsideOp>([&](auto op) { lowerInside(op); })
      .Case<ir::LoadOp>([&](auto op) { lowerLoad(op); })
      .Case<ir::StoreOp>([&](auto op) { lowerStore(op); })
      .Case<ir::IotaOp>([&](auto op) { lowerIota(op); })
      .Case<ir::JoinOp>([&](auto op) { lowerJoin(op); })
      .Case<ir::BroadcastOp, ir::ReshapeOp, ir::TransposeOp>([&](auto op) { lowerShape(op); })
      .Case<ir::RingOp>([&](auto op) { lowerRing(op); })
      .Case<ir::ScratchOp>([&](auto op) { lowerScratch(op); })
      .Case<ir::SlotOp>([&](auto op) { lowerSlot(op); })
      .Case<ir::CopyAsyncOp>([&](auto op) { lowerCopyAsync(op); })
      .Case<ir::ReadOp>([&](auto op) { lowerRead(op); })
      .Case<ir::WriteOp>([&](auto op) { lowerWrite(op); })
      .Case<ir::CommitGroupOp, ir::WaitGroupOp, ir::BarrierOp>([&](auto op) { lowerWait(op); })
      .Case<ir::ConvertLayoutOp>([&](auto op) { lowerConvert(op); })
      .Case<ir::ReduceOp>([&](auto op) { lowerReduce(op); })
      .Case<ir::DotOp>([&](auto op) { lowerDot(op); })
      .Case<ir::AssertOp>([&](auto op) { lowerAssert(op); })
      .Case<ir::PrintOp>([&](auto op) { lowerPrint(op); })
      .Case<ir::StampOp>([&](auto op) { lowerStamp(op); })
      .Case<arith::ConstantOp>([&](auto op) { lowerConstant(op); })
      .Case<tensor::SplatOp>([&](tensor::SplatOp op) {
        setRegisters(op.getResult(), Registers(ir::layoutOf(op.getType()).getNumRegisters(), scalar(op.getInput())));
      })
      .Default([&](Operation *op) {
        bool isUndefined = isa<tensor::EmptyOp>(op) || op->getName().getStringRef() == "ub.poison";
        if (isUndefined)
          lowerConstant(op);
        else if (OpTrait::hasElementwiseMappableTraits(op))
          lowerElementwise(op);
        else
          fail(op, "can't be lowered to the code of a thread");
      });
}

//===----------------------------------------------------------------------===//
// Small things
//===----------------------------------------------------------------------===//

const Registers &Lowering::registers(Value value) const { return values.find(value)->second; }

SmallVector<Value> Lowering::scalars(ValueRange values) const {
  return llvm::map_to_vector(values, [&](Value value) { return scalar(value); });
}

void Lowering::setRegisters(Value value, Registers made) { values[value] = std::move(made); }

Value Lowering::constant(TypedAttr value) {
  Value &known = constants[value];
  if (!known)
    known = arith::ConstantOp::create(entryBuilder, kernel.getLoc(), value);
  return known;
}

Value Lowering::intConstant(int64_t value, Type type) {
  return constant(
      IntegerAttr::get(type, APInt(type.getIntOrFloatBitWidth(), value, /*isSigned=*/true, /*implicitTrunc=*/true)));
}
Value Lowering::floatConstant(double value, Type type) { return constant(builder.getFloatAttr(type, value)); }
Value Lowering::i32(int64_t value) { return intConstant(value, builder.getI32Type()); }
Value Lowering::index(int64_t value) { return intConstant(value, indexType); }

Operation *Lowering::assembly(TypeRange results, StringRef text, StringRef constraints, ValueRange operands,
                              bool hasSideEffects) {
  Type result;
  if (results.size() == 1)
    result = results.front();
  else if (results.size() > 1)
    result = LLVM::LLVMStructType::getLiteral(builder.getContext(), llvm::to_vector(results));
  return LLVM::InlineAsmOp::create(builder, loc, result, operands, text, constraints, hasSideEffects,
                                   /*is_align_stack=*/false, LLVM::tailcallkind::TailCallKind::None,
                                   LLVM::AsmDialectAttr(), ArrayAttr());
}

Value Lowering::intrinsic(StringRef name, Type type, ValueRange operands) {
  return LLVM::CallIntrinsicOp::create(builder, loc, type, builder.getStringAttr(name), operands)->getResult(0);
}

SmallVector<Value> Lowering::resultsOf(Operation *assembly, size_t count) {
  if (count == 1)
    return {assembly->getResult(0)};
  SmallVector<Value> results;
  for (int64_t index = 0; index < static_cast<int64_t>(count); ++index)
    results.push_back(LLVM::ExtractValueOp::create(builder, loc, assembly->getResult(0), index));
  return results;
}

void Lowering::barrier() {
  if (consumerThreads && team)
    return warpgroupBarrier();
  SmallVector<Value> operands{i32(consumerThreads ? 1 : 0)};
  if (consumerThreads)
    operands.push_back(i32(consumerThreads));
  StringRef name =
      consumerThreads ? "llvm.nvvm.barrier.cta.sync.aligned.count" : "llvm.nvvm.barrier.cta.sync.aligned.all";
  LLVM::CallIntrinsicOp::create(builder, loc, builder.getStringAttr(name), operands);
}

void Lowering::warpgroupBarrier() {
  // Numbers 0 and 1 are those of all threads and of those that are no producer's. A team is one warpgroup.
  constexpr int64_t kFirst = 2, kThreads = 128;
  LLVM::CallIntrinsicOp::create(builder, loc, builder.getStringAttr("llvm.nvvm.barrier.cta.sync.aligned.count"),
                                ValueRange{make<arith::AddIOp>(team ? team : warpgroup(), i32(kFirst)), i32(kThreads)});
}

void Lowering::whenElected(bool ofWarpgroup, function_ref<void()> then) {
  constexpr int64_t kThreads = 128;
  Value number = ofWarpgroup ? make<arith::AndIOp>(threadValue, i32(kThreads - 1)) : threadValue;
  when(compare(arith::CmpIPredicate::eq, number, i32(0)), then);
}

unsigned Lowering::architecture() {
  unsigned number = 0;
  kernel.getTarget().value_or("").drop_front(3).take_while(llvm::isDigit).getAsInteger(10, number);
  return number;
}
