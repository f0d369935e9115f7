//===- LowerValues.cpp - Elementwise work, and shapes --------------*- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Lowering.h"

using namespace mlir;
using namespace tile;
using namespace tile::nvptx;
using layout::Dim;
using layout::LinearLayout;
using layout::Space;

static unsigned registerCount(Type type) {
  ir::LayoutAttr layout = ir::layoutOf(type);
  return layout ? layout.getNumRegisters() : 1;
}

//===----------------------------------------------------------------------===//
// Elementwise work
//===----------------------------------------------------------------------===//

void Lowering::lowerElementwise(Operation *op) {
  if (lowerSharedDivision(op) || lowerExponentials(op))
    return;
  unsigned count = registerCount(op->getResult(0).getType());
  SmallVector<Registers> operands, results(op->getNumResults());
  for (Value operand : op->getOperands())
    operands.push_back(registers(operand));
  // Registers that hold the same values, as those of a splat do, have the same result.
  std::map<SmallVector<void *>, unsigned> computed;
  for (unsigned r = 0; r < count; ++r) {
    SmallVector<Value> scalars;
    SmallVector<void *> key;
    for (const Registers &operand : operands) {
      scalars.push_back(operand.size() == 1 ? operand.front() : operand[r]);
      key.push_back(scalars.back().getAsOpaquePointer());
    }
    auto [known, isNew] = computed.try_emplace(std::move(key), r);
    SmallVector<Value> made;
    if (isNew)
      made = arithmetic(op, scalars);
    for (auto [index, result] : llvm::enumerate(results))
      result.push_back(isNew ? made[index] : result[known->second]);
  }
  for (auto [result, made] : llvm::zip_equal(op->getResults(), results))
    setRegisters(result, std::move(made));
}

/// A constant whose elements differ lies in memory; so each thread reads its own.
void Lowering::lowerConstant(Operation *op) {
  Value result = op->getResult(0);
  Type element = getElementTypeOrSelf(result.getType());
  unsigned count = registerCount(result.getType());
  auto constantOp = dyn_cast<arith::ConstantOp>(op);
  TypedAttr value = constantOp ? constantOp.getValue() : cast<TypedAttr>(builder.getZeroAttr(element));
  if (auto splat = dyn_cast<SplatElementsAttr>(value))
    value = cast<TypedAttr>(splat.getSplatValue<Attribute>());
  auto elements = dyn_cast<DenseElementsAttr>(value);
  if (!elements)
    return setRegisters(result, Registers(count, constant(registerValue(value))));
  Type memory = memoryType(element);
  SmallVector<Attribute> stored;
  for (Attribute each : elements.getValues<Attribute>()) {
    TypedAttr inRegister = registerValue(cast<TypedAttr>(each));
    if (auto integer = dyn_cast<IntegerAttr>(inRegister))
      inRegister = IntegerAttr::get(memory, integer.getValue().zext(memory.getIntOrFloatBitWidth()));
    stored.push_back(inRegister);
  }
  int64_t size = stored.size();
  std::string name;
  unsigned number = 0;
  auto module = function->getParentOfType<ModuleOp>();
  do
    name = ("data" + Twine(number++)).str();
  while (module.lookupSymbol(name));
  {
    OpBuilder::InsertionGuard guard(builder);
    builder.setInsertionPoint(function);
    LLVM::GlobalOp::create(builder, loc, LLVM::LLVMArrayType::get(memory, size), /*isConstant=*/true,
                           LLVM::Linkage::Private, name,
                           DenseElementsAttr::get(RankedTensorType::get(size, memory), stored), /*alignment=*/16,
                           /*addrSpace=*/1);
  }
  Type pointer = LLVM::LLVMPointerType::get(builder.getContext(), /*addressSpace=*/1);
  Value base = LLVM::AddressOfOp::create(builder, loc, pointer, name);
  LinearLayout layout = ir::layoutOf(result.getType()).getLayout();
  Registers made;
  for (unsigned r = 0; r < count; ++r) {
    Value offset = i32(0);
    ArrayRef<int64_t> shape = cast<RankedTensorType>(result.getType()).getShape();
    for (auto [coordinate, extent] : llvm::zip_equal(coordinates(layout, r), shape))
      offset = make<arith::AddIOp>(make<arith::MulIOp>(offset, i32(extent)), coordinate);
    Value address =
        LLVM::GEPOp::create(builder, loc, pointer, memory, base, ArrayRef<LLVM::GEPArg>{LLVM::GEPArg(offset)});
    made.push_back(fromMemory(LLVM::LoadOp::create(builder, loc, memory, address), element));
  }
  setRegisters(result, std::move(made));
}

void Lowering::lowerIota(ir::IotaOp op) {
  LinearLayout layout = ir::layoutOf(op.getType()).getLayout();
  Type type = registerType(op.getType().getElementType());
  unsigned bits = type.getIntOrFloatBitWidth();
  Registers made;
  for (unsigned r = 0; r < registerCount(op.getType()); ++r) {
    Value coordinate = coordinates(layout, r).front();
    if (bits < 32)
      coordinate = builder.createOrFold<arith::TruncIOp>(loc, type, coordinate);
    else if (bits > 32)
      coordinate = builder.createOrFold<arith::ExtUIOp>(loc, type, coordinate);
    made.push_back(coordinate);
  }
  setRegisters(op.getResult(), std::move(made));
}

//===----------------------------------------------------------------------===//
// Shapes
//===----------------------------------------------------------------------===//

/// The columns of a layout, with some function of the packed coordinates applied.
static LinearLayout mapped(const LinearLayout &layout, const Space &out, llvm::function_ref<uint64_t(uint64_t)> map) {
  SmallVector<uint64_t> columns = llvm::map_to_vector(layout.columns(), map);
  return {layout.in(), out, columns};
}

std::optional<Registers> Lowering::gather(const LinearLayout &wanted, Value from) const {
  LinearLayout held = ir::layoutOf(from.getType()).getLayout();
  for (Dim dim : {Dim::Lane, Dim::Warp})
    for (unsigned bit = 0; bit < wanted.in().bits(dim); ++bit)
      if (bit >= held.in().bits(dim) || held.column(dim, bit) != wanted.column(dim, bit))
        return std::nullopt;
  llvm::DenseMap<uint64_t, unsigned> places;
  for (uint64_t r = 0; r < uint64_t(1) << held.in().bits(Dim::Register); ++r)
    places.try_emplace(held.apply(held.in().pack(Dim::Register, r)), r);
  const Registers &operand = registers(from);
  Registers made;
  for (uint64_t r = 0; r < uint64_t(1) << wanted.in().bits(Dim::Register); ++r) {
    auto it = places.find(wanted.apply(wanted.in().pack(Dim::Register, r)));
    if (it == places.end())
      return std::nullopt;
    made.push_back(operand[it->second]);
  }
  return made;
}

void Lowering::lowerShape(Operation *op) {
  Value operand = op->getOperand(0), result = op->getResult(0);
  auto from = cast<RankedTensorType>(operand.getType());
  LinearLayout layout = ir::layoutOf(result.getType()).getLayout();
  Space source = ir::layoutOf(from).getLayout().out();
  auto wanted = [&]() -> LinearLayout {
    if (isa<ir::BroadcastOp>(op))
      return mapped(layout, source, [&](uint64_t packed) {
        uint64_t at = 0;
        for (const Space::Entry &axis : source.dims())
          if (axis.bits)
            at |= source.pack(axis.dim, layout.out().unpack(axis.dim, packed));
        return at;
      });
    if (auto transpose = dyn_cast<ir::TransposeOp>(op)) {
      SmallVector<unsigned> inverse(from.getRank());
      for (auto [axis, of] : llvm::enumerate(transpose.getOrder()))
        inverse[of] = axis;
      return layout.transposed(inverse);
    }
    SmallVector<unsigned> shape;
    for (const Space::Entry &axis : source.dims())
      shape.push_back(axis.bits);
    return layout.reshaped(shape);
  };
  std::optional<Registers> made = gather(wanted(), operand);
  if (!made)
    return fail(op, "moves data between threads");
  setRegisters(result, std::move(*made));
}

/// The new axis chooses the operand.
void Lowering::lowerJoin(ir::JoinOp op) {
  LinearLayout layout = ir::layoutOf(op.getType()).getLayout();
  Space source = ir::layoutOf(op.getLhs().getType()).getLayout().out();
  Dim last = layout::axis(source.dims().size());
  LinearLayout wanted = mapped(layout, source, [&](uint64_t packed) {
    uint64_t at = 0;
    for (const Space::Entry &axis : source.dims())
      at |= source.pack(axis.dim, layout.out().unpack(axis.dim, packed));
    return at;
  });
  for (Dim dim : {Dim::Lane, Dim::Warp})
    for (unsigned bit = 0; bit < layout.in().bits(dim); ++bit)
      if (layout.out().unpack(last, layout.column(dim, bit)))
        return fail(op, "moves data between threads");
  std::optional<Registers> lhs = gather(wanted, op.getLhs()), rhs = gather(wanted, op.getRhs());
  if (!lhs || !rhs)
    return fail(op, "moves data between threads");
  Registers made;
  for (auto [r, left, right] : llvm::enumerate(*lhs, *rhs))
    made.push_back(registerCoordinates(layout, r).back() ? right : left);
  setRegisters(op.getResult(), std::move(made));
}
