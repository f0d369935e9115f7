//===- LowerDebug.cpp - Assertions and printing --------------------*- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

//
// What a checked kernel says goes to the memory that `CheckedHeader` describes. The threads of a program act as one: all of them learn
// by a barrier whether an assertion failed, and where a record begins.
//
//===----------------------------------------------------------------------===//

#include "Lowering.h"

#include <llvm/Support/MathExtras.h>

using namespace mlir;
using namespace tile;
using namespace tile::nvptx;

/// The words of the header.
static constexpr unsigned kUsed = 0, kFailed = 1, kProgram = 2, kCapacity = 5;

/// The address of a word of the header.
Value Lowering::headerWord(unsigned word) {
  return LLVM::GEPOp::create(builder, loc, checkedMemory.getType(), builder.getI32Type(), checkedMemory,
                             ArrayRef<LLVM::GEPArg>{static_cast<int32_t>(word)});
}

/// Whether a condition holds in any thread of the program; all threads get the answer.
Value Lowering::anyThread(Value condition) {
  std::string who = consumerThreads ? "1, " + std::to_string(consumerThreads) : "0";
  Operation *count = assembly(builder.getI32Type(), "barrier.red.popc.aligned.u32 $0, " + who + ", $1;", "=r,b",
                              condition, /*hasSideEffects=*/true);
  return compare(arith::CmpIPredicate::ne, count->getResult(0), i32(0));
}

/// Emits an `scf.if`.
void Lowering::when(Value condition, function_ref<void()> then) {
  auto branch = scf::IfOp::create(builder, loc, condition, /*withElseRegion=*/false);
  OpBuilder::InsertionGuard guard(builder);
  builder.setInsertionPoint(branch.thenBlock()->getTerminator());
  then();
}

scf::IfOp Lowering::skipWhenStopped() {
  if (!kernel.walk([](ir::AssertOp) { return WalkResult::interrupt(); }).wasInterrupted())
    return {};
  Value failedBefore = LLVM::LoadOp::create(builder, loc, builder.getI32Type(), headerWord(kFailed), /*alignment=*/4,
                                            /*isVolatile=*/true);
  Value stopped = anyThread(compare(arith::CmpIPredicate::ne, failedBefore, i32(0)));
  Value goesOn = make<arith::XOrIOp>(stopped, constant(builder.getBoolAttr(true)));
  auto branch = scf::IfOp::create(builder, loc, goesOn, /*withElseRegion=*/false);
  builder.setInsertionPoint(branch.thenBlock()->getTerminator());
  return branch;
}

/// This program's number along an axis, as an i32.
Value Lowering::programWord(unsigned axis) {
  return builder.createOrFold<arith::TruncIOp>(loc, builder.getI32Type(), programIds[axis]);
}

void Lowering::lowerAssert(ir::AssertOp op) {
  // The producer would wait for slots that nobody empties any more.
  if (consumerThreads)
    return fail(op, "can't end a program that has a producer");
  assertions.push_back({op.getMessage().str(), op.getLoc()});
  Value holds;
  for (Value element : registers(op.getCondition()))
    holds = bothOf(holds, element);
  Value broken = anyThread(make<arith::XOrIOp>(holds, constant(builder.getBoolAttr(true))));
  when(broken, [&] {
    when(compare(arith::CmpIPredicate::eq, threadValue, i32(0)), [&] {
      Value exchange = LLVM::AtomicCmpXchgOp::create(builder, loc, headerWord(kFailed), i32(0), i32(assertions.size()),
                                                     LLVM::AtomicOrdering::monotonic, LLVM::AtomicOrdering::monotonic);
      Value isFirst = LLVM::ExtractValueOp::create(builder, loc, exchange, 1);
      when(isFirst, [&] {
        for (unsigned axis : {0, 1, 2})
          LLVM::StoreOp::create(builder, loc, programWord(axis), headerWord(kProgram + axis));
      });
    });
    assembly({}, "exit;", "", {}, /*hasSideEffects=*/true);
  });
}

void Lowering::lowerPrint(ir::PrintOp op) {
  if (!programIds[0])
    return fail(op, "stands where it isn't known which program prints");
  Message message{op.getFormat().str(), {}};
  ArrayRef<bool> isUnsigned = op.getUnsignedValues().value_or(ArrayRef<bool>());
  constexpr int64_t kRecordHeader = 16;
  int64_t bytes = kRecordHeader;
  SmallVector<int64_t> starts;
  bool hasTiles = false;
  for (auto [index, value] : llvm::enumerate(op.getValues())) {
    auto tile = dyn_cast<RankedTensorType>(value.getType());
    message.values.push_back({getElementTypeOrSelf(value.getType()),
                              tile ? llvm::to_vector(tile.getShape()) : SmallVector<int64_t>(),
                              index < isUnsigned.size() && isUnsigned[index]});
    hasTiles |= !!tile;
    starts.push_back(bytes);
    bytes += llvm::alignTo(ir::valueBytes(ir::withoutLayout(value.getType())), 4);
  }
  int64_t number = messages.size();
  messages.push_back(std::move(message));
  Type i32Type = builder.getI32Type();
  Value isFirst = compare(arith::CmpIPredicate::eq, threadValue, i32(0));
  auto reserve = [&]() -> Value {
    return LLVM::AtomicRMWOp::create(builder, loc, LLVM::AtomicBinOp::add, headerWord(kUsed), i32(bytes),
                                     LLVM::AtomicOrdering::monotonic);
  };
  auto pointer = [&](Value start, int64_t offset, Value more = {}) -> Value {
    Value at = make<arith::AddIOp>(start, i32(CheckedHeader::bytes + offset));
    if (more)
      at = make<arith::AddIOp>(at, more);
    Value wide = arith::ExtUIOp::create(builder, loc, indexType, at);
    return LLVM::GEPOp::create(builder, loc, checkedMemory.getType(), builder.getI8Type(), checkedMemory,
                               ArrayRef<LLVM::GEPArg>{LLVM::GEPArg(wide)});
  };
  auto fits = [&](Value start) {
    Value room = LLVM::LoadOp::create(builder, loc, i32Type, headerWord(kCapacity));
    Value end = make<arith::AddIOp>(start, i32(bytes));
    return make<arith::AndIOp>(compare(arith::CmpIPredicate::ule, end, room),
                               compare(arith::CmpIPredicate::ult, start, end));
  };
  auto store = [&](Value value, Value address) {
    Type element = value.getType();
    LLVM::StoreOp::create(builder, loc, toMemory(value, element), address,
                          std::min<unsigned>(4, ir::elementBytes(element)));
  };
  /// What one thread writes: the header and the scalars.
  auto writeScalars = [&](Value start) {
    store(i32(number), pointer(start, 0));
    for (unsigned axis : {0, 1, 2})
      store(programWord(axis), pointer(start, 4 * (axis + 1)));
    for (auto [value, at] : llvm::zip_equal(op.getValues(), starts))
      if (!isa<RankedTensorType>(value.getType()))
        store(scalar(value), pointer(start, at));
  };
  if (!hasTiles)
    return when(isFirst, [&] {
      Value start = reserve();
      when(fits(start), [&] { writeScalars(start); });
    });
  // The first thread tells the others where the record begins, by a word behind the program's shared memory.
  int64_t word = llvm::alignTo(kernel.getSharedBytes().value(), 16);
  extraSharedBytes = word + 16 - kernel.getSharedBytes().value();
  Value shared = sharedPointer(i32(word));
  when(isFirst, [&] { LLVM::StoreOp::create(builder, loc, reserve(), shared); });
  barrier();
  Value start = LLVM::LoadOp::create(builder, loc, i32Type, shared);
  barrier();
  when(fits(start), [&] {
    when(isFirst, [&] { writeScalars(start); });
    for (auto [value, at] : llvm::zip_equal(op.getValues(), starts)) {
      auto tile = dyn_cast<RankedTensorType>(value.getType());
      if (!tile)
        continue;
      layout::LinearLayout layout = ir::layoutOf(tile).getLayout();
      auto writeTile = [&, value = value, at = at] {
        for (auto [r, element] : llvm::enumerate(registers(value))) {
          Value linear = i32(0);
          for (auto [coordinate, extent] : llvm::zip_equal(coordinates(layout, r), tile.getShape()))
            linear = make<arith::AddIOp>(make<arith::MulIOp>(linear, i32(extent)), coordinate);
          store(element, pointer(start, at, make<arith::MulIOp>(linear, i32(ir::elementBytes(tile.getElementType())))));
        }
      };
      if (Value holder = isHolder(layout))
        when(holder, writeTile);
      else
        writeTile();
    }
  });
}
