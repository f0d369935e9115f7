//===- ElabFolds.cpp - Folds and products --------------------- -*- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "tile/Language/Elaborator.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringSwitch.h"

using namespace tile;
using namespace tile::lang;
using namespace tile::lang::ast;
using llvm::StringRef;
using llvm::Twine;

//===----------------------------------------------------------------------===//
// Folds
//===----------------------------------------------------------------------===//

static ir::ReduceKind reduceKind(StringRef name, DType dtype) {
  using K = ir::ReduceKind;
  bool isUnsigned = isUnsignedInt(dtype);
  return llvm::StringSwitch<K>(name)
      .Case("sum", K::Sum)
      .Case("prod", K::Prod)
      .Case("min", isUnsigned ? K::UMin : K::Min)
      .Case("max", isUnsigned ? K::UMax : K::Max)
      .Case("any", K::Any)
      .Case("all", K::All)
      .Case("argmin", isUnsigned ? K::UArgMin : K::ArgMin)
      .Default(isUnsigned ? K::UArgMax : K::ArgMax);
}

Value Elaborator::fold(StringRef name, const CallExpr &call, const Value &x) {
  if (x.isView())
    return fail(call.args[0]->position, "'" + name + "' folds a tile, not " + describe(x),
                "read a tile of it: '" + x.name + "[start +: width]'");
  if (!x.isTile())
    return fail(call.position, "'" + name + "' folds a tile, not " + describe(x));
  bool ofBools = name == "any" || name == "all";
  if (ofBools != (x.dtype == DType::Bool))
    return fail(call.position, "'" + name + "' does not fold " + describe(x),
                ofBools ? "compare first: 'any(x != 0)'"
                        : "fold bools with 'any' and 'all', or count them: 'sum(i32(x))'");
  if (isFloat8(x.dtype))
    return fail(call.position, "'" + name + "' does not fold " + describe(x),
                "f8 types are storage; convert to f16 or f32 first");
  mlir::Location at = loc(call.position);
  int64_t rank = x.tileShape().size();
  std::optional<int64_t> axis;
  if (const Expr *option = findOption(call, "axis")) {
    axis = evalConstInt(option, "an axis");
    if (!axis)
      return {};
    if (*axis < 0 || *axis >= rank)
      return fail(option->position, describe(x) + " has no axis " + Twine(*axis),
                  "its axes are 0 to " + Twine(rank - 1));
  }
  // Sums of half precision are made in f32 and rounded once.
  bool isSum = name == "sum" || name == "prod";
  DType work = isSum && isFloat(x.dtype) && bitWidth(x.dtype) == 16 ? DType::F32 : x.dtype;
  bool givesIndex = name == "argmax" || name == "argmin";
  DType result = givesIndex ? DType::Index : x.dtype;
  mlir::Value value = convert(x.ssa, x.dtype, work, at);
  ir::ReduceKind kind = reduceKind(name, x.dtype);
  auto reduce = [&](mlir::Value operand, int64_t along) {
    auto type = mlir::cast<mlir::RankedTensorType>(operand.getType());
    llvm::SmallVector<int64_t> shape(type.getShape());
    shape.erase(shape.begin() + along);
    mlir::Type element = givesIndex ? builder.getIndexType() : type.getElementType();
    mlir::Type to = shape.empty() ? element : mlir::Type(mlir::RankedTensorType::get(shape, element));
    return mlir::Value(ir::ReduceOp::create(builder, at, to, kind, operand, along));
  };
  if (axis) {
    value = reduce(value, *axis);
  } else {
    // Without an axis all are folded: the last first, or, where the result is a position, as one row.
    if (givesIndex && rank > 1) {
      auto type = mlir::cast<mlir::RankedTensorType>(value.getType());
      value =
          make<ir::ReshapeOp>(at, mlir::RankedTensorType::get({type.getNumElements()}, type.getElementType()), value);
      rank = 1;
    }
    for (int64_t along = rank - 1; along >= 0; --along)
      value = reduce(value, along);
  }
  return Value::ofData(givesIndex ? value : convert(value, work, result, at), result);
}

//===----------------------------------------------------------------------===//
// Products
//===----------------------------------------------------------------------===//

/// What a dot of operands of that dtype accumulates in; nothing when there is no such dot.
static std::optional<DType> accumulatorOf(DType dtype) {
  if (dtype == DType::F64)
    return DType::F64;
  if (isFloat(dtype))
    return DType::F32;
  if (dtype == DType::I8 || dtype == DType::U8)
    return DType::I32;
  return std::nullopt;
}

Value Elaborator::dot(const CallExpr &call, const Value &a, const Value &b, mlir::Value accumulator) {
  if (!checkOptions(call, {"precision"}))
    return {};
  for (const Value *operand : {&a, &b}) {
    if (operand->isView())
      return fail(call.position, "'dot' multiplies tiles, not " + describe(*operand),
                  "read a tile of it: '" + operand->name + "[i +: M, k +: K]'");
    if (operand->tileShape().size() != 2)
      return fail(call.position, "'dot' multiplies tiles with two axes, not " + describe(*operand));
  }
  std::optional<DType> to = accumulatorOf(a.dtype);
  if (!to)
    return fail(call.position, "'dot' multiplies floating-point tiles, i8 and u8, not " + describe(a));
  bool bytes = a.dtype != b.dtype && *to == DType::I32 && accumulatorOf(b.dtype) == DType::I32;
  if (a.dtype != b.dtype && !bytes)
    return fail(call.position, "'dot' mixes " + describe(a) + " and " + describe(b), "convert one of them");
  if (a.tileShape()[1] != b.tileShape()[0])
    return fail(call.position, "the inner extents of " + describe(a) + " and " + describe(b) + " differ");
  ir::Precision precision = ir::Precision::Exact;
  if (const Expr *option = findOption(call, "precision")) {
    auto *name = llvm::dyn_cast<NameExpr>(option);
    if (!name || (name->name != "tf32" && name->name != "exact"))
      return fail(option->position, "the precision of a dot is 'exact' or 'tf32'");
    if (name->name == "tf32" && a.dtype != DType::F32)
      return fail(option->position, "'tf32' is a precision of f32 operands, not of " + dtypeName(a.dtype));
    if (name->name == "tf32")
      precision = ir::Precision::TF32;
  }
  llvm::SmallVector<int64_t> shape = {a.tileShape()[0], b.tileShape()[1]};
  if (!checkTileSize(call.position, shape))
    return {};
  auto type = mlir::RankedTensorType::get(shape, typeOf(*to));
  mlir::Location at = loc(call.position);
  if (!accumulator || accumulator.getType() != type)
    accumulator = isFloat(*to) ? number(0, type, at) : integer(0, type, at);
  auto op = ir::DotOp::create(builder, at, type, a.ssa, b.ssa, accumulator, precision, a.dtype == DType::U8,
                              b.dtype == DType::U8, /*async=*/false, ir::DotBindingAttr());
  return Value::ofData(op.getResult(), *to);
}
