//===- LowerDebug.cpp - Assertions and printing -------------------*- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Lowering.h"
#include "tile/Target/CPU/Printing.h"

using namespace mlir;
using namespace tile;
using namespace tile::cpu;

/// The address of a constant of the module.
Value Lowering::global(Attribute data, Type type) {
  std::string name;
  unsigned number = 0;
  do
    name = ("data" + Twine(number++)).str();
  while (module.lookupSymbol(name));
  {
    OpBuilder::InsertionGuard guard(builder);
    builder.setInsertionPointToStart(module.getBody());
    LLVM::GlobalOp::create(builder, loc, type, /*isConstant=*/true, LLVM::Linkage::Private, name, data,
                           /*alignment=*/ScratchPlan::kAlignment);
  }
  return LLVM::AddressOfOp::create(builder, loc, ptrType, name);
}

/// The address of a text that ends with a zero byte.
Value Lowering::text(StringRef text) {
  std::string bytes = text.str() + '\0';
  return global(builder.getStringAttr(bytes), LLVM::LLVMArrayType::get(builder.getI8Type(), bytes.size()));
}

void Lowering::lowerAssert(ir::AssertOp op) {
  Value message = text(op.getMessage());
  if (!isa<RankedTensorType>(op.getCondition().getType())) {
    Value broken = make<arith::XOrIOp>(scalar(op.getCondition()), arith::ConstantIntOp::create(builder, loc, 1, 1));
    return when(broken, [&] { call("tile_cpu_assert", {worker, message}); });
  }
  Place place = dense(op.getCondition());
  scratch.use(place.buffer);
  int64_t count = cast<RankedTensorType>(op.getCondition().getType()).getNumElements();
  call("tile_cpu_assert_all", {worker, place.ptr, intConstant(count, i64Type), message});
}

/// Passes each value's memory to the runtime, which collects a line: begin, values, end.
void Lowering::lowerPrint(ir::PrintOp op) {
  call("tile_cpu_print_begin", {worker});
  ArrayRef<bool> isUnsigned = op.getUnsignedValues().value_or(ArrayRef<bool>());
  for (auto [index, value] : llvm::enumerate(op.getValues())) {
    auto type = dyn_cast<RankedTensorType>(value.getType());
    Place place;
    if (type) {
      place = dense(value);
    } else {
      type = RankedTensorType::get({1}, value.getType());
      place = makePlace(type, "a printed");
      store(scalar(value), place, {{constant(0), false}}, 0);
    }
    if (place.buffer >= 0)
      scratch.use(place.buffer);
    std::string shape;
    if (isa<RankedTensorType>(value.getType()))
      for (int64_t extent : type.getShape())
        shape += std::to_string(extent) + " ";
    Type element = type.getElementType();
    char letter = letterOf(element, index < isUnsigned.size() && isUnsigned[index]);
    call("tile_cpu_print_value", {worker, place.ptr, intConstant(letter, i64Type),
                                  intConstant(ir::elementBytes(element), i64Type), text(shape)});
  }
  call("tile_cpu_print_end", {worker, text(op.getFormat())});
}
