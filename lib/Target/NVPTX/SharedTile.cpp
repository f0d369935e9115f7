//===- SharedTile.cpp - A tile in shared memory, from one thread ---*- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "SharedTile.h"

using namespace mlir;
using namespace tile;
using namespace tile::nvptx;
using layout::Dim;
using layout::LinearLayout;

static LLVM::LLVMPointerType sharedPointerType(MLIRContext *context) {
  constexpr unsigned kSharedSpace = 3;
  return LLVM::LLVMPointerType::get(context, kSharedSpace);
}

Value Lowering::packVector(ValueRange elements, Type element) {
  // One instruction rounds two numbers, which LLVM finds only where nothing comes between them. What was computed from numbers of the
  // narrow type alone it computes in that type, and rounds nothing.
  auto rounded = [&](Value value) -> Value {
    auto narrowing = value.getDefiningOp<arith::TruncFOp>();
    if (!narrowing || !narrowing.getIn().getType().isF32())
      return {};
    auto isWidened = [&](Value operand) {
      auto widening = operand.getDefiningOp<arith::ExtFOp>();
      return widening && widening.getIn().getType() == element;
    };
    Operation *made = narrowing.getIn().getDefiningOp();
    return made && made->getNumOperands() && llvm::all_of(made->getOperands(), isWidened) ? Value() : narrowing.getIn();
  };
  if (elements.size() == 2 && isa<Float16Type, BFloat16Type>(element)) {
    Value low = rounded(elements[0]), high = rounded(elements[1]);
    if (low && high)
      return arith::TruncFOp::create(builder, loc, VectorType::get(2, element),
                                     packVector(ValueRange{low, high}, low.getType()));
  }
  auto type = VectorType::get(static_cast<int64_t>(elements.size()), element);
  Value vector = LLVM::PoisonOp::create(builder, loc, type);
  for (auto [index, value] : llvm::enumerate(elements))
    vector = LLVM::InsertElementOp::create(builder, loc, vector, value, i32(index));
  return vector;
}

SmallVector<Value> Lowering::unpackVector(Value vector) {
  SmallVector<Value> elements;
  for (int64_t index = 0; index < cast<VectorType>(vector.getType()).getNumElements(); ++index)
    elements.push_back(LLVM::ExtractElementOp::create(builder, loc, vector, i32(index)));
  return elements;
}

//===----------------------------------------------------------------------===//
// Addresses
//===----------------------------------------------------------------------===//

/// The columns of one dimension, in bytes.
static SmallVector<uint64_t> columnBytes(const LinearLayout &offsets, Dim dim, int64_t elementBytes) {
  SmallVector<uint64_t> result;
  for (unsigned bit = 0; bit < offsets.in().bits(dim); ++bit)
    result.push_back(offsets.column(dim, bit) * elementBytes);
  return result;
}

Lowering::SharedTile::SharedTile(Lowering &lowering, const Slot &slot, ArrayRef<uint64_t> laneBytes,
                                 ArrayRef<uint64_t> warpBytes, Value moved, uint64_t movedBits)
    : lowering(lowering), slot(slot), threadBits(movedBits) {
  begin(laneBytes, warpBytes, moved);
}

Lowering::SharedTile::SharedTile(Lowering &lowering, const Slot &slot, const LinearLayout &offsets, Value moved,
                                 uint64_t movedBits)
    : lowering(lowering), slot(slot), threadBits(movedBits) {
  int64_t bytes = ir::elementBytes(slot.type.getElementType());
  registerColumns = columnBytes(offsets, Dim::Register, bytes);
  begin(columnBytes(offsets, Dim::Lane, bytes), columnBytes(offsets, Dim::Warp, bytes), moved);
}

void Lowering::SharedTile::begin(ArrayRef<uint64_t> laneBytes, ArrayRef<uint64_t> warpBytes, Value moved) {
  thread = lowering.linear(laneBytes, warpBytes);
  if (moved)
    thread = lowering.make<arith::XOrIOp>(thread, moved);
  for (ArrayRef<uint64_t> columns : {laneBytes, warpBytes})
    for (uint64_t column : columns)
      threadBits |= column;
}

uint64_t Lowering::SharedTile::registerBytes(uint64_t r) const {
  uint64_t result = 0;
  for (auto [bit, column] : llvm::enumerate(registerColumns))
    if (r >> bit & 1)
      result ^= column;
  return result;
}

std::pair<Value, int64_t> Lowering::SharedTile::address(uint64_t constantBytes) {
  uint64_t crossing = constantBytes & threadBits;
  auto toAddress = [&](Value bytes) -> Value {
    return LLVM::PtrToIntOp::create(lowering.builder, lowering.loc, lowering.builder.getI32Type(),
                                    lowering.sharedPointer(bytes));
  };
  // Slots of swizzled tiles begin where the swizzle does, so that its few bits can be changed in the whole address.
  constexpr int64_t kSwizzledBits = 127;
  bool isSwizzled = slot.type.getSwizzle().getSpan() != 0 && ir::valueBytes(slot.type) > kSwizzledBits;
  Value &base = bases[crossing];
  if (!base && (crossing == 0 || (int64_t(crossing) <= kSwizzledBits && isSwizzled))) {
    if (!whole)
      whole = toAddress(lowering.make<arith::AddIOp>(slot.offset, thread));
    base = lowering.make<arith::XOrIOp>(whole, lowering.i32(crossing));
  } else if (!base) {
    Value moved = lowering.make<arith::XOrIOp>(thread, lowering.i32(crossing));
    base = toAddress(lowering.make<arith::AddIOp>(slot.offset, moved));
  }
  return {base, constantBytes ^ crossing};
}

Value Lowering::SharedTile::pointer(uint64_t constantBytes) {
  auto [base, immediate] = address(constantBytes);
  OpBuilder &builder = lowering.builder;
  LLVM::LLVMPointerType type = sharedPointerType(builder.getContext());
  Value pointer = LLVM::IntToPtrOp::create(builder, lowering.loc, type, base);
  if (immediate == 0)
    return pointer;
  return LLVM::GEPOp::create(builder, lowering.loc, type, builder.getI8Type(), pointer,
                             ArrayRef<LLVM::GEPArg>{LLVM::GEPArg(static_cast<int32_t>(immediate))});
}

//===----------------------------------------------------------------------===//
// Registers
//===----------------------------------------------------------------------===//

static LinearLayout offsetsIn(const Slot &slot, const LinearLayout &registers) {
  return registers.convertTo(
      ir::sharedLayout(slot.type.getShape(), slot.type.getElementType(), slot.type.getSwizzle()));
}

Lowering::SlotRegisters::SlotRegisters(Lowering &lowering, const Slot &slot, const LinearLayout &registers, Value moved,
                                       uint64_t movedBits)
    : lowering(lowering), element(lowering.memoryType(slot.type.getElementType())),
      bytes(ir::elementBytes(slot.type.getElementType())),
      bits(layout::vectorBits(offsetsIn(slot, registers), llvm::Log2_64(16 / bytes))),
      tile(lowering, slot, offsetsIn(slot, registers), moved, movedBits),
      values(uint64_t(1) << registers.in().bits(Dim::Register)) {}

Value Lowering::SlotRegisters::get(uint64_t r) {
  if (values[r])
    return values[r];
  uint64_t count = uint64_t(1) << bits.size(), first = r & ~spread(count - 1, bits);
  OpBuilder &builder = lowering.builder;
  Type type = count == 1 ? element : VectorType::get(static_cast<int64_t>(count), element);
  Value loaded =
      LLVM::LoadOp::create(builder, lowering.loc, type, tile.pointer(tile.registerBytes(first)), count * bytes);
  if (count == 1)
    return values[r] = loaded;
  for (auto [index, value] : llvm::enumerate(lowering.unpackVector(loaded)))
    values[first | spread(index, bits)] = value;
  return values[r];
}
