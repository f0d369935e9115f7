//===- ElabArith.cpp - Arithmetic on scalars and tiles --------- -*- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "mlir/IR/Matchers.h"
#include "tile/Language/Elaborator.h"
#include "llvm/ADT/STLExtras.h"

using namespace tile::lang;
using llvm::ArrayRef;
using llvm::StringRef;
using llvm::Twine;
namespace arith = mlir::arith;

//===----------------------------------------------------------------------===//
// One dtype, one shape
//===----------------------------------------------------------------------===//

/// The dtype of the two that a mix of them is best converted to.
static DType wider(DType a, DType b) {
  auto rank = [](DType d) { return (isFloat(d) ? 1000 : d == DType::Index ? 500 : 0) + bitWidth(d); };
  if (isFloat(a) && isFloat(b) && bitWidth(a) == bitWidth(b))
    return DType::F32;
  return rank(a) >= rank(b) ? a : b;
}

std::optional<DType> Elaborator::unify(StringRef what, llvm::MutableArrayRef<Value *> operands, Position position) {
  const Value *typed = nullptr;
  for (Value *operand : operands) {
    if (operand->isError())
      return std::nullopt;
    if (!operand->isOperand()) {
      if (operand->kind == Value::Auto)
        fail(position, "a parameter left to 'auto' has no value here; only 'stages = …' can take it");
      else if (operand->isView())
        fail(position, what + " does not apply to " + describe(*operand),
             "read a tile of it: '" + operand->name + "[start +: width]'");
      else if (operand->kind == Value::Absent)
        fail(position, "'" + operand->name + "' is absent in this specialisation",
             "use it under 'static if " + operand->name + "' only");
      else
        fail(position, what + " does not apply to " + describe(*operand));
      return std::nullopt;
    }
    if (!operand->isData())
      continue;
    if (typed && typed->dtype != operand->dtype) {
      DType to = wider(typed->dtype, operand->dtype);
      fail(position, what + " mixes " + describe(*typed) + " and " + describe(*operand),
           "convert one of them: '" + dtypeName(to) + "(…)'");
      return std::nullopt;
    }
    typed = operand;
  }
  if (!typed) {
    // Integers among floats become floats.
    bool isFloating = llvm::any_of(operands, [](Value *operand) { return operand->constant.isFloat(); });
    for (Value *operand : operands) {
      bool convert = isFloating && operand->constant.isInt();
      *operand = convert ? materialize(*operand, DType::F32, position) : concretize(*operand, position);
      if (operand->isError())
        return std::nullopt;
      if (operand->dtype != operands[0]->dtype) {
        fail(position, what + " mixes " + describe(*operands[0]) + " and " + describe(*operand));
        return std::nullopt;
      }
    }
    return operands[0]->dtype;
  }
  DType dtype = typed->dtype;
  for (Value *operand : operands)
    if (operand->isConst() && (*operand = materialize(*operand, dtype, position)).isError())
      return std::nullopt;
  return dtype;
}

bool Elaborator::broadcast(StringRef what, llvm::MutableArrayRef<Value *> operands, Position position) {
  llvm::SmallVector<int64_t> shape;
  const Value *shaped = nullptr;
  for (Value *operand : operands) {
    ArrayRef<int64_t> from = operand->tileShape();
    if (from.size() > shape.size())
      shape.insert(shape.begin(), from.size() - shape.size(), 1);
    for (size_t i = 0; i < from.size(); ++i) {
      int64_t &extent = shape[shape.size() - 1 - i];
      int64_t other = from[from.size() - 1 - i];
      if (extent != other && extent != 1 && other != 1) {
        fail(position, what + " can't join the shapes of " + describe(*shaped) + " and " + describe(*operand),
             from.size() == shaped->tileShape().size() ? Twine() : Twine("add an axis: '[:, new]' or '[new, :]'"));
        return false;
      }
      extent = std::max(extent, other);
    }
    if (!from.empty())
      shaped = operand;
  }
  if (!checkTileSize(position, shape))
    return false;
  for (Value *operand : operands)
    operand->ssa = expand(operand->ssa, shape, loc(position));
  return true;
}

mlir::Type Elaborator::withElement(mlir::Type like, mlir::Type element) {
  if (auto tensor = mlir::dyn_cast<mlir::RankedTensorType>(like))
    return tensor.clone(element);
  return element;
}

mlir::Value Elaborator::expand(mlir::Value value, ArrayRef<int64_t> shape, mlir::Location at) {
  if (shape.empty())
    return value;
  auto tensor = mlir::dyn_cast<mlir::RankedTensorType>(value.getType());
  if (!tensor) {
    auto type = mlir::RankedTensorType::get(shape, value.getType());
    mlir::Attribute constant;
    if (mlir::matchPattern(value, mlir::m_Constant(&constant)))
      return arith::ConstantOp::create(builder, at, mlir::DenseElementsAttr::get(type, constant));
    return make<mlir::tensor::SplatOp>(at, type, value);
  }
  if (tensor.getShape() == shape)
    return value;
  mlir::Type element = tensor.getElementType();
  auto target = mlir::RankedTensorType::get(shape, element);
  mlir::SplatElementsAttr splat;
  if (mlir::matchPattern(value, mlir::m_Constant(&splat)))
    return arith::ConstantOp::create(builder, at, splat.resizeSplat(target));
  if (tensor.getRank() < static_cast<int64_t>(shape.size())) {
    llvm::SmallVector<int64_t> padded(shape.size() - tensor.getRank(), 1);
    llvm::append_range(padded, tensor.getShape());
    value = make<ir::ReshapeOp>(at, mlir::RankedTensorType::get(padded, element), value);
  }
  return value.getType() == target ? value : make<ir::BroadcastOp>(at, target, value);
}

//===----------------------------------------------------------------------===//
// Operators
//===----------------------------------------------------------------------===//

Value Elaborator::binary(BinaryOp op, Value lhs, Value rhs, Position position) {
  if (lhs.isError() || rhs.isError())
    return {};
  if (lhs.isConst() && rhs.isConst()) {
    std::string why;
    std::optional<Const> folded = foldBinary(op, lhs.constant, rhs.constant, why);
    return folded ? Value::ofConst(*folded) : fail(position, why);
  }
  std::string what = "'" + spelling(op).str() + "'";
  Value *operands[] = {&lhs, &rhs};
  std::optional<DType> dtype = unify(what, operands, position);
  if (!dtype || !broadcast(what, operands, position))
    return {};
  mlir::Location at = loc(position);
  bool equality = op == BinaryOp::Equal || op == BinaryOp::NotEqual;
  auto unfit = [&](const Twine &note) {
    return fail(position, what + " does not apply to " + describe(lhs) + " and " + describe(rhs), note);
  };
  if (isFloat8(*dtype))
    return unfit("f8 types are storage; convert to f16 or f32 first");
  if (*dtype == DType::Bool) {
    if (isLogical(op))
      return Value::ofData(op == BinaryOp::LogicalAnd ? make<arith::AndIOp>(at, lhs.ssa, rhs.ssa)
                                                      : make<arith::OrIOp>(at, lhs.ssa, rhs.ssa),
                           DType::Bool);
    if (!equality)
      return unfit(isBitwise(op) ? Twine("bools take '&&', '||', '!' and '!='") : Twine());
  }
  if (isLogical(op))
    return unfit("'&&' and '||' are for bools");
  if (isComparison(op))
    return Value::ofData(emitCompare(op, *dtype, lhs.ssa, rhs.ssa, at), DType::Bool);
  if (isFloat(*dtype))
    return isBitwise(op) ? unfit("bits of a float: 'bitcast(u32, x)'")
                         : Value::ofData(emitFloat(op, lhs.ssa, rhs.ssa, at), *dtype);
  // A division or a shift by a constant that can't be meant.
  mlir::APInt constant;
  if (mlir::matchPattern(rhs.ssa, mlir::m_ConstantInt(&constant))) {
    if ((op == BinaryOp::Div || op == BinaryOp::Mod) && constant.isZero())
      return fail(position, "division by zero");
    if ((op == BinaryOp::Shl || op == BinaryOp::Shr) && constant.uge(bitWidth(*dtype)))
      return fail(position, "a shift of " + dtypeName(*dtype) + " is by 0 to " + Twine(bitWidth(*dtype) - 1));
  }
  return Value::ofData(emitInt(op, *dtype, lhs.ssa, rhs.ssa, at), *dtype);
}

mlir::Value Elaborator::emitFloat(BinaryOp op, mlir::Value a, mlir::Value b, mlir::Location at) {
  switch (op) {
  case BinaryOp::Add:
    return make<arith::AddFOp>(at, a, b);
  case BinaryOp::Sub:
    return make<arith::SubFOp>(at, a, b);
  case BinaryOp::Mul:
    return make<arith::MulFOp>(at, a, b);
  case BinaryOp::Div:
    return make<arith::DivFOp>(at, a, b, mathFlags());
  default:
    break;
  }
  // The remainder has the sign of the divisor: the quotient is floored.
  mlir::Value rest = make<arith::RemFOp>(at, a, b);
  mlir::Value zero = number(0, a.getType(), at);
  mlir::Value nonzero = make<arith::CmpFOp>(at, arith::CmpFPredicate::UNE, rest, zero);
  mlir::Value negativeRest = make<arith::CmpFOp>(at, arith::CmpFPredicate::OLT, rest, zero);
  mlir::Value negativeB = make<arith::CmpFOp>(at, arith::CmpFPredicate::OLT, b, zero);
  mlir::Value differ = make<arith::XOrIOp>(at, negativeRest, negativeB);
  mlir::Value adjust = make<arith::AndIOp>(at, nonzero, differ);
  return make<arith::SelectOp>(at, adjust, make<arith::AddFOp>(at, rest, b), rest);
}

mlir::Value Elaborator::emitInt(BinaryOp op, DType dtype, mlir::Value a, mlir::Value b, mlir::Location at) {
  switch (op) {
  case BinaryOp::Add:
    return make<arith::AddIOp>(at, a, b);
  case BinaryOp::Sub:
    return make<arith::SubIOp>(at, a, b);
  case BinaryOp::Mul:
    return make<arith::MulIOp>(at, a, b);
  case BinaryOp::And:
    return make<arith::AndIOp>(at, a, b);
  case BinaryOp::Or:
    return make<arith::OrIOp>(at, a, b);
  case BinaryOp::Xor:
    return make<arith::XOrIOp>(at, a, b);
  case BinaryOp::Shl:
  case BinaryOp::Shr:
    return emitShift(op, dtype, a, b, at);
  default:
    return emitDivMod(op, dtype, a, b, at);
  }
}

mlir::Value Elaborator::emitShift(BinaryOp op, DType dtype, mlir::Value a, mlir::Value b, mlir::Location at) {
  // MLIR leaves a shift by the width or more undefined; the language says that all bits are shifted out.
  bool isConstant = mlir::matchPattern(b, mlir::m_Constant());
  mlir::Value last = integer(bitWidth(dtype) - 1, b.getType(), at);
  if (op == BinaryOp::Shr && !isUnsignedInt(dtype))
    return make<arith::ShRSIOp>(at, a, isConstant ? b : make<arith::MinUIOp>(at, b, last));
  auto shift = [&](mlir::Value amount) {
    return op == BinaryOp::Shl ? make<arith::ShLIOp>(at, a, amount) : make<arith::ShRUIOp>(at, a, amount);
  };
  if (isConstant)
    return shift(b);
  mlir::Value shifted = shift(make<arith::MinUIOp>(at, b, last));
  mlir::Value inRange = make<arith::CmpIOp>(at, arith::CmpIPredicate::ule, b, last);
  return make<arith::SelectOp>(at, inRange, shifted, integer(0, a.getType(), at));
}

mlir::Value Elaborator::emitDivMod(BinaryOp op, DType dtype, mlir::Value a, mlir::Value b, mlir::Location at) {
  // MLIR leaves x / 0 and the overflowing MIN / -1 undefined, and processors trap. The language gives 0 and wraps.
  bool isUnsigned = isUnsignedInt(dtype);
  mlir::APInt constant;
  bool isConstant = mlir::matchPattern(b, mlir::m_ConstantInt(&constant));
  mlir::Value zero = integer(0, b.getType(), at), one = integer(1, b.getType(), at);
  if (isConstant && op == BinaryOp::Mod && constant.isPowerOf2() && (isUnsigned || !constant.isNegative()))
    return make<arith::AndIOp>(at, a, make<arith::SubIOp>(at, b, one));
  mlir::Value divisor = b, isZero, isMinusOne;
  if (!isConstant || (!isUnsigned && constant.isAllOnes())) {
    isZero = make<arith::CmpIOp>(at, arith::CmpIPredicate::eq, b, zero);
    mlir::Value special = isZero;
    if (!isUnsigned) {
      isMinusOne = make<arith::CmpIOp>(at, arith::CmpIPredicate::eq, b, integer(-1, b.getType(), at));
      special = make<arith::OrIOp>(at, isZero, isMinusOne);
    }
    divisor = make<arith::SelectOp>(at, special, one, b);
  }
  mlir::Value quotient = isUnsigned ? make<arith::DivUIOp>(at, a, divisor) : make<arith::FloorDivSIOp>(at, a, divisor);
  if (isMinusOne)
    quotient = make<arith::SelectOp>(at, isMinusOne, make<arith::SubIOp>(at, zero, a), quotient);
  if (isZero)
    quotient = make<arith::SelectOp>(at, isZero, zero, quotient);
  if (op == BinaryOp::Div)
    return quotient;
  return make<arith::SubIOp>(at, a, make<arith::MulIOp>(at, quotient, b));
}

mlir::Value Elaborator::emitCompare(BinaryOp op, DType dtype, mlir::Value a, mlir::Value b, mlir::Location at) {
  unsigned which = static_cast<unsigned>(op) - static_cast<unsigned>(BinaryOp::Less);
  if (isFloat(dtype)) {
    using P = arith::CmpFPredicate;
    static constexpr P predicates[] = {P::OLT, P::OLE, P::OGT, P::OGE, P::OEQ, P::UNE};
    return make<arith::CmpFOp>(at, predicates[which], a, b);
  }
  using P = arith::CmpIPredicate;
  static constexpr P ofSigned[] = {P::slt, P::sle, P::sgt, P::sge, P::eq, P::ne};
  static constexpr P ofUnsigned[] = {P::ult, P::ule, P::ugt, P::uge, P::eq, P::ne};
  return make<arith::CmpIOp>(at, (isUnsignedInt(dtype) ? ofUnsigned : ofSigned)[which], a, b);
}
