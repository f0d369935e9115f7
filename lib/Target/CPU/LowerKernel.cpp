//===- LowerKernel.cpp - The grid's loop, arguments, scratch memory -*- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Lowering.h"
#include "Runtime.h"

#include <llvm/ADT/ScopeExit.h>
#include <llvm/ADT/TypeSwitch.h>
#include <mlir/IR/Matchers.h>

using namespace mlir;
using namespace tile;
using namespace tile::cpu;

/// More than this for one worker is a mistake in the tiles' sizes.
static constexpr int64_t kScratchLimit = int64_t(64) << 20;

Lowering::Lowering(ir::KernelOp kernel, int64_t vectorBits, bool late)
    : kernel(kernel), plan(kernel, late), vectorBits(vectorBits), late(late), builder(kernel.getContext()),
      loc(kernel.getLoc()), ptrType(LLVM::LLVMPointerType::get(kernel.getContext())), indexType(builder.getIndexType()),
      i64Type(builder.getI64Type()), entryBuilder(kernel.getContext()) {}

void Lowering::fail(Operation *op, const Twine &message) {
  if (!failed)
    op->emitError(message);
  failed = true;
}

//===----------------------------------------------------------------------===//
// The entry function
//===----------------------------------------------------------------------===//

LogicalResult Lowering::run(ModuleOp into) {
  if (kernel.getPersistent() || !kernel.getBody().getOps<ir::ProducerOp>().empty())
    return kernel.emitError("is planned for workers or a producer, which host code does not have");
  module = into;
  builder.setInsertionPointToEnd(module.getBody());
  auto type = builder.getFunctionType({ptrType, ptrType, indexType, indexType, ptrType}, {});
  auto function = func::FuncOp::create(builder, loc, kEntryName, type);
  for (unsigned pointer : {0, 1, 4})
    function.setArgAttr(pointer, LLVM::LLVMDialect::getNoAliasAttrName(), builder.getUnitAttr());
  Block *entry = function.addEntryBlock();
  // Constants and buffers go before a marker, everything else after it.
  builder.setInsertionPointToStart(entry);
  scratchPtr = entry->getArgument(4);
  worker = LLVM::LoadOp::create(builder, loc, ptrType, scratchPtr);
  entryBuilder.setInsertionPoint(worker.getDefiningOp());

  loadArguments(entry->getArgument(0));
  Value grid[2];
  for (int axis : {0, 1}) {
    Value at = LLVM::GEPOp::create(builder, loc, ptrType, i64Type, entry->getArgument(1), ArrayRef<LLVM::GEPArg>{axis});
    Value extent = LLVM::LoadOp::create(builder, loc, i64Type, at);
    grid[axis] = arith::IndexCastOp::create(builder, loc, indexType, extent);
  }
  auto programs = scf::ForOp::create(builder, loc, entry->getArgument(2), entry->getArgument(3), constant(1));
  func::ReturnOp::create(builder, loc);
  builder.setInsertionPoint(programs.getBody()->getTerminator());
  Value program = programs.getInductionVar();
  programIds[0] = make<arith::RemUIOp>(program, grid[0]);
  Value rest = make<arith::DivUIOp>(program, grid[0]);
  programIds[1] = make<arith::RemUIOp>(rest, grid[1]);
  programIds[2] = make<arith::DivUIOp>(rest, grid[1]);
  beginRecord(entry->getArgument(0), program);
  lower(kernel.getBody().front());
  endRecord();
  return failed ? failure() : placeScratch(module);
}

/// Reads the launch's words: views as pointer, extents, strides; scalars by their bits.
void Lowering::loadArguments(Value words) {
  int32_t position = 0;
  auto next = [&](Type type) -> Value {
    Value at = LLVM::GEPOp::create(builder, loc, ptrType, i64Type, words, ArrayRef<LLVM::GEPArg>{position++});
    return LLVM::LoadOp::create(builder, loc, type, at);
  };
  auto nextIndex = [&]() -> Value { return arith::IndexCastOp::create(builder, loc, indexType, next(i64Type)); };
  for (BlockArgument argument : kernel.getBody().getArguments()) {
    auto type = dyn_cast<ir::ViewType>(argument.getType());
    if (!type) {
      if (argument.getType().isIndex()) {
        map.map(argument, nextIndex());
      } else if (argument.getType().isInteger(1)) {
        Type i8 = builder.getI8Type();
        map.map(argument, arith::CmpIOp::create(builder, loc, arith::CmpIPredicate::ne, next(i8), intConstant(0, i8)));
      } else {
        map.map(argument, next(memoryType(argument.getType())));
      }
      continue;
    }
    if (type.getRank() > kMaxRank)
      return fail(kernel, "a view of more than " + Twine(kMaxRank) + " axes is not supported on the CPU");
    View view{next(ptrType), {}, {}, type.getElementType(), unitAxis(argument)};
    for (int64_t extent : type.getShape()) {
      Value given = nextIndex();
      view.extents.push_back(ShapedType::isDynamic(extent) ? given : constant(extent));
    }
    for (int64_t axis = 0; axis < type.getRank(); ++axis) {
      Value given = nextIndex();
      view.strides.push_back(axis == view.unitAxis ? constant(1) : given);
    }
    views[argument] = view;
  }
  recordWord = position;
}

/// Gives the buffers their places, and says how much memory that takes.
LogicalResult Lowering::placeScratch(ModuleOp module) {
  scratch.place(kScratchHeaderBytes);
  if (scratch.size() > kScratchLimit) {
    InFlightDiagnostic error = kernel.emitError("tile too large for the target: a program needs ")
                               << scratch.size() / 1024 << " KiB of scratch memory, the limit is "
                               << kScratchLimit / 1024 << " KiB";
    for (const std::string &line : scratch.itemise(4))
      error.attachNote() << line;
    return failure();
  }
  for (auto [buffer, ptr] : llvm::enumerate(bufferPtrs))
    ptr.setRawConstantIndices({static_cast<int32_t>(scratch.offset(buffer))});
  module->setAttr(kScratchAttrName, builder.getI64IntegerAttr(scratch.size()));
  return success();
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
  }
  loc = block.getTerminator()->getLoc();
}

void Lowering::lower(Operation *op) {
  auto named = [&](StringRef function) {
    return [this, function](auto op) { lowerProtocol(op, function, op.getChannel(), op.getTicket()); };
  };
  llvm::TypeSwitch<Operation *>(op)
      .Case<scf::ForOp>([&](auto op) { lowerFor(op); })
      .Case<scf::IfOp>([&](auto op) { lowerIf(op); })
      .Case<scf::WhileOp>([&](auto op) { lowerWhile(op); })
      .Case<ir::ProgramIdOp>([&](auto op) { map.map(op.getResult(), programIds[op.getAxis()]); })
      .Case<ir::ExtentOp>([&](auto op) { map.map(op.getResult(), views[op.getView()].extents[op.getAxis()]); })
      .Case<ir::SubviewOp>([&](auto op) { lowerSubview(op); })
      .Case<ir::PermuteOp>([&](auto op) { lowerPermute(op); })
      .Case<ir::LoadOp>([&](auto op) { lowerLoad(op); })
      .Case<ir::StoreOp>([&](auto op) { lowerStore(op); })
      .Case<ir::RingOp>([&](auto op) { lowerRing(op); })
      .Case<ir::ChannelOp>([&](auto) {})
      .Case<ir::CopyAsyncOp>([&](auto op) { lowerCopyAsync(op); })
      .Case<ir::AcquireOp>(named("tile_cpu_late_acquire"))
      .Case<ir::CommitOp>(named("tile_cpu_late_commit"))
      .Case<ir::AwaitOp>(named("tile_cpu_late_await"))
      .Case<ir::ReleaseOp>(named("tile_cpu_late_release"))
      .Case<ir::SlotOp>([&](auto op) { places[op.getSlot()] = slot(op.getRing(), op.getTicket()); })
      .Case<ir::ReadOp>([&](auto op) { lowerRead(op); })
      .Case<ir::ReduceOp>([&](auto op) { lowerReduce(op); })
      .Case<ir::DotOp>([&](auto op) { lowerDot(op); })
      .Case<ir::AssertOp>([&](auto op) { lowerAssert(op); })
      .Case<ir::PrintOp>([&](auto op) { lowerPrint(op); })
      .Case<ir::StampOp>([&](auto op) { lowerStamp(op); })
      .Default([&](Operation *op) { lowerTile(op); });
}

//===----------------------------------------------------------------------===//
// Small things
//===----------------------------------------------------------------------===//

Value Lowering::constant(int64_t value) {
  Value &known = indexConstants[value];
  if (!known)
    known = arith::ConstantIndexOp::create(entryBuilder, kernel.getLoc(), value);
  return known;
}

Value Lowering::constant(TypedAttr value) { return arith::ConstantOp::create(builder, loc, registerValue(value)); }

Value Lowering::add(Value a, Value b) {
  std::optional<int64_t> x = getConstantIntValue(a), y = getConstantIntValue(b);
  if (x && y)
    return constant(*x + *y);
  if (x == 0)
    return b;
  return y == 0 ? a : make<arith::AddIOp>(a, b);
}

Value Lowering::mul(Value a, Value b) {
  std::optional<int64_t> x = getConstantIntValue(a), y = getConstantIntValue(b);
  if (x && y)
    return constant(*x * *y);
  if (x == 0 || y == 0)
    return constant(0);
  if (x == 1)
    return b;
  return y == 1 ? a : make<arith::MulIOp>(a, b);
}

Value Lowering::toI64(Value index) { return arith::IndexCastOp::create(builder, loc, i64Type, index); }

/// The pointer `offset` elements further.
Value Lowering::offsetPtr(Value ptr, Type element, Value offset) {
  if (getConstantIntValue(offset) == 0)
    return ptr;
  return LLVM::GEPOp::create(builder, loc, ptrType, memoryType(element), ptr, ArrayRef<LLVM::GEPArg>{toI64(offset)});
}

/// Calls a function of the runtime, which gives nothing.
Value Lowering::call(StringRef name, ValueRange arguments) {
  if (!module.lookupSymbol<LLVM::LLVMFuncOp>(name)) {
    OpBuilder::InsertionGuard guard(builder);
    builder.setInsertionPointToStart(module.getBody());
    auto type = LLVM::LLVMFunctionType::get(LLVM::LLVMVoidType::get(builder.getContext()),
                                            llvm::to_vector(arguments.getTypes()));
    LLVM::LLVMFuncOp::create(builder, loc, name, type);
  }
  LLVM::CallOp::create(builder, loc, TypeRange(), name, arguments);
  return {};
}

SmallVector<Value> Lowering::scalars(ValueRange values) {
  return llvm::map_to_vector(values, [&](Value value) { return scalar(value); });
}

Place Lowering::densePlace(Value ptr, ArrayRef<int64_t> shape, Type element, int buffer) {
  Place place{ptr, SmallVector<int64_t>(shape), {}, element, buffer, /*dense=*/true, /*owned=*/false};
  int64_t stride = 1;
  for (int64_t extent : llvm::reverse(shape)) {
    place.strides.insert(place.strides.begin(), constant(stride));
    stride *= extent;
  }
  return place;
}

Place Lowering::makePlace(RankedTensorType type, const Twine &purpose) {
  std::string name;
  llvm::raw_string_ostream(name) << purpose << " " << type;
  int buffer = scratch.create(ir::valueBytes(type), name);
  // The offset is known when all of the kernel has been seen.
  auto ptr =
      LLVM::GEPOp::create(entryBuilder, loc, ptrType, builder.getI8Type(), scratchPtr, ArrayRef<LLVM::GEPArg>{0});
  bufferPtrs.push_back(ptr);
  Place place = densePlace(ptr, type.getShape(), type.getElementType(), buffer);
  place.owned = true;
  return place;
}
