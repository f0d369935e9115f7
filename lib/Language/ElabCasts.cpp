//===- ElabCasts.cpp - Constants as values, and conversions ---- -*- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "tile/Language/Elaborator.h"
#include "llvm/ADT/STLExtras.h"
#include <cmath>

using namespace tile::lang;
using llvm::Twine;
namespace arith = mlir::arith;

//===----------------------------------------------------------------------===//
// Constants
//===----------------------------------------------------------------------===//

mlir::TypedAttr Elaborator::attributeOf(const Const &value, DType dtype, Position position) {
  mlir::Type type = typeOf(dtype);
  auto refuse = [&](const Twine &note = {}) {
    fail(position, "the constant " + toString(value) + " is no " + dtypeName(dtype), note);
    return mlir::TypedAttr();
  };
  if (value.isType() || value.isBool() != (dtype == DType::Bool))
    return refuse(value.isBool() && dtype != DType::Bool ? "convert it: '" + dtypeName(dtype) + "(…)'" : Twine());
  if (value.isBool())
    return builder.getBoolAttr(value.asBool());
  if (isFloat(dtype)) {
    llvm::APFloat number(value.asDouble());
    bool losesInfo;
    number.convert(mlir::cast<mlir::FloatType>(type).getFloatSemantics(), llvm::APFloat::rmNearestTiesToEven,
                   &losesInfo);
    return mlir::FloatAttr::get(type, number);
  }
  if (value.isFloat())
    return refuse("convert it: '" + dtypeName(dtype) + "(…)', or work in a floating-point type");
  if (!fitsIn(value.integer, dtype)) {
    fail(position, "the constant " + toString(value) + " does not fit into " + dtypeName(dtype));
    return {};
  }
  if (dtype == DType::Index)
    return builder.getIndexAttr(static_cast<int64_t>(value.integer));
  return builder.getIntegerAttr(type,
                                llvm::APInt(bitWidth(dtype), static_cast<uint64_t>(value.integer), /*isSigned=*/false,
                                            /*implicitTrunc=*/true));
}

Value Elaborator::materialize(const Value &value, DType dtype, Position position) {
  mlir::TypedAttr attribute = attributeOf(value.constant, dtype, position);
  if (!attribute)
    return {};
  return Value::ofData(arith::ConstantOp::create(builder, loc(position), attribute), dtype);
}

Value Elaborator::concretize(const Value &value, Position position) {
  if (!value.isConst() || value.isType())
    return value;
  DType dtype = value.constant.isInt() ? DType::Index : value.constant.isFloat() ? DType::F32 : DType::Bool;
  return materialize(value, dtype, position);
}

mlir::Value Elaborator::number(double value, mlir::Type like, mlir::Location at) {
  llvm::APFloat real(value);
  bool losesInfo;
  auto type = mlir::cast<mlir::FloatType>(mlir::getElementTypeOrSelf(like));
  real.convert(type.getFloatSemantics(), llvm::APFloat::rmNearestTiesToEven, &losesInfo);
  mlir::TypedAttr attribute = mlir::FloatAttr::get(type, real);
  if (auto tensor = mlir::dyn_cast<mlir::RankedTensorType>(like))
    attribute = mlir::DenseElementsAttr::get(tensor, attribute);
  return arith::ConstantOp::create(builder, at, attribute);
}

mlir::Value Elaborator::integer(int64_t value, mlir::Type like, mlir::Location at) {
  mlir::Type type = mlir::getElementTypeOrSelf(like);
  unsigned width = type.isIndex() ? 64 : type.getIntOrFloatBitWidth();
  mlir::TypedAttr attribute = builder.getIntegerAttr(
      type, llvm::APInt(width, static_cast<uint64_t>(value), /*isSigned=*/false, /*implicitTrunc=*/true));
  if (auto tensor = mlir::dyn_cast<mlir::RankedTensorType>(like))
    attribute = mlir::DenseElementsAttr::get(tensor, attribute);
  return arith::ConstantOp::create(builder, at, attribute);
}

Value Elaborator::toIndex(Value value, Position position, llvm::StringRef what) {
  if (value.isError())
    return {};
  if (value.kind == Value::Auto || !value.isScalar() ||
      (value.isConst() ? !value.constant.isInt() : !isIntegral(value.dtype)))
    return fail(position, what + " is one integer, not " + describe(value),
                value.isTile() && isIntegral(value.dtype) ? "a tile of indices can't gather or scatter" : "");
  if (value.isConst())
    return materialize(value, DType::Index, position);
  return Value::ofData(convert(value.ssa, value.dtype, DType::Index, loc(position)), DType::Index);
}

//===----------------------------------------------------------------------===//
// Conversions
//===----------------------------------------------------------------------===//

Value Elaborator::cast(const Value &value, DType to, Position position) {
  mlir::Location at = loc(position);
  if (value.isData())
    return Value::ofData(convert(value.ssa, value.dtype, to, at), to);
  // A constant converts by the rules for values, and integers wrap only where a value would.
  const Const &constant = value.constant;
  if (constant.isBool() && to != DType::Bool)
    return materialize(Value::ofInt(constant.asBool()), to, position);
  if (to == DType::Bool && !constant.isBool())
    return materialize(Value::ofConst(Const::ofBool(constant.isInt() ? constant.integer != 0 : constant.real != 0)), to,
                       position);
  if (constant.isFloat() && !isFloat(to)) {
    Value real = materialize(value, DType::F64, position);
    return Value::ofData(convert(real.ssa, DType::F64, to, at), to);
  }
  return materialize(value, to, position);
}

mlir::Value Elaborator::convertFloatToInt(mlir::Value value, DType from, DType to, mlir::Location at) {
  // Truncates towards zero and saturates; NaN gives 0. Half precisions go through f32, which holds the bounds.
  if (from != DType::F64) {
    value = convert(value, from, DType::F32, at);
    from = DType::F32;
  }
  bool isUnsigned = isUnsignedInt(to);
  unsigned bits = bitWidth(to);
  double high = std::ldexp(1.0, isUnsigned ? bits : bits - 1), low = isUnsigned ? 0.0 : -high;
  mlir::Type type = value.getType(), result = withElement(type, to == DType::Index ? builder.getI64Type() : typeOf(to));
  mlir::Value highValue = number(high, type, at), lowValue = number(low, type, at);
  mlir::Value belowHigh = make<arith::CmpFOp>(at, arith::CmpFPredicate::OLT, value, highValue);
  mlir::Value aboveLow = make<arith::CmpFOp>(at, arith::CmpFPredicate::OGE, value, lowValue);
  mlir::Value inRange = make<arith::AndIOp>(at, belowHigh, aboveLow);
  mlir::Value safe = make<arith::SelectOp>(at, inRange, value, number(0, type, at));
  mlir::Value number = isUnsigned ? make<arith::FPToUIOp>(at, result, safe) : make<arith::FPToSIOp>(at, result, safe);
  mlir::Value tooHigh = make<arith::CmpFOp>(at, arith::CmpFPredicate::OGE, value, highValue);
  int64_t most = isUnsigned ? -1 : static_cast<int64_t>((uint64_t(1) << (bits - 1)) - 1);
  number = make<arith::SelectOp>(at, tooHigh, integer(most, result, at), number);
  if (!isUnsigned) {
    mlir::Value tooLow = make<arith::CmpFOp>(at, arith::CmpFPredicate::OLT, value, lowValue);
    number =
        make<arith::SelectOp>(at, tooLow, integer(static_cast<int64_t>(uint64_t(1) << (bits - 1)), result, at), number);
  }
  return to == DType::Index ? make<arith::IndexCastOp>(at, withElement(type, builder.getIndexType()), number) : number;
}

mlir::Value Elaborator::convert(mlir::Value value, DType from, DType to, mlir::Location at) {
  if (from == to)
    return value;
  mlir::Type type = value.getType(), result = withElement(type, typeOf(to));
  if (to == DType::Bool) {
    if (isFloat8(from))
      return convert(convert(value, from, DType::F32, at), DType::F32, to, at);
    return isFloat(from) ? make<arith::CmpFOp>(at, arith::CmpFPredicate::UNE, value, number(0, type, at))
                         : make<arith::CmpIOp>(at, arith::CmpIPredicate::ne, value, integer(0, type, at));
  }
  if (isFloat(from) && isFloat(to)) {
    // Between types of 16 and 8 bits the way is f32, which holds them all; anything wider is rounded once.
    if (bitWidth(from) <= 16 && bitWidth(to) <= 16)
      return convert(convert(value, from, DType::F32, at), DType::F32, to, at);
    return bitWidth(to) > bitWidth(from) ? make<arith::ExtFOp>(at, result, value)
                                         : make<arith::TruncFOp>(at, result, value);
  }
  if (isFloat(from))
    return convertFloatToInt(value, from, to, at);
  bool fromUnsigned = isUnsignedInt(from) || from == DType::Bool;
  if (isFloat(to)) {
    if (from == DType::Index)
      value = make<arith::IndexCastOp>(at, withElement(type, builder.getI64Type()), value);
    if (isFloat8(to)) {
      mlir::Value wide = fromUnsigned ? make<arith::UIToFPOp>(at, withElement(type, builder.getF32Type()), value)
                                      : make<arith::SIToFPOp>(at, withElement(type, builder.getF32Type()), value);
      return convert(wide, DType::F32, to, at);
    }
    return fromUnsigned ? make<arith::UIToFPOp>(at, result, value) : make<arith::SIToFPOp>(at, result, value);
  }
  if (from == DType::Index || to == DType::Index)
    return fromUnsigned ? make<arith::IndexCastUIOp>(at, result, value) : make<arith::IndexCastOp>(at, result, value);
  if (bitWidth(to) < bitWidth(from))
    return make<arith::TruncIOp>(at, result, value);
  if (bitWidth(to) == bitWidth(from))
    return value;
  return fromUnsigned ? make<arith::ExtUIOp>(at, result, value) : make<arith::ExtSIOp>(at, result, value);
}
