//===- ElabBuiltins.cpp - Builtin functions, element by element -- -*- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "tile/Language/Elaborator.h"
#include "tile/Language/Names.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringSwitch.h"

using namespace tile::lang;
using namespace tile::lang::ast;
using llvm::ArrayRef;
using llvm::StringRef;
using llvm::Twine;
namespace arith = mlir::arith;
namespace math = mlir::math;

//===----------------------------------------------------------------------===//
// Dispatch
//===----------------------------------------------------------------------===//

bool Elaborator::checkOptions(const CallExpr &call, ArrayRef<StringRef> known) {
  for (auto [i, option] : llvm::enumerate(call.options)) {
    if (!llvm::is_contained(known, option.name)) {
      fail(option.position, "there is no option '" + option.name + "' here", didYouMean(option.name, known));
      return false;
    }
    for (const CallExpr::Option &other : ArrayRef(call.options).take_front(i))
      if (other.name == option.name) {
        fail(option.position, "'" + option.name + "' is stated twice");
        return false;
      }
  }
  return true;
}

const Expr *Elaborator::findOption(const CallExpr &call, StringRef name) {
  for (const CallExpr::Option &option : call.options)
    if (option.name == name)
      return option.value;
  return nullptr;
}

Value Elaborator::callBuiltin(StringRef name, const CallExpr &call) {
  // These look at their arguments as they are written, or take any number.
  if (name == "inside")
    return inside(call);
  if (name == "program")
    return program(call);
  if (name == "iota")
    return iota(call);

  bool isFold = llvm::is_contained({"sum", "prod", "any", "all", "argmax", "argmin"}, name) ||
                ((name == "min" || name == "max") && call.args.size() == 1);
  ArrayRef<StringRef> options;
  static constexpr StringRef axisOption[] = {"axis"}, precisionOption[] = {"precision"};
  if (isFold)
    options = axisOption;
  else if (name == "dot")
    options = precisionOption;
  if (!checkOptions(call, options))
    return {};

  size_t most = llvm::StringSwitch<size_t>(name)
                    .Cases({"min", "max", "dot", "join", "mulhi", "bitcast", "extent"}, 2)
                    .Cases({"where", "fma"}, 3)
                    .Cases({"transpose", "reshape"}, 16)
                    .Default(1);
  size_t least = isFold || name == "transpose" ? 1 : name == "reshape" ? 2 : most;
  size_t given = call.args.size();
  if (given < least || given > most)
    return fail(call.position, "'" + name + "' takes " + Twine(given < least ? least : most) +
                                   (most == 1 ? " argument, not " : " arguments, not ") + Twine(given));
  llvm::SmallVector<Value, 4> args;
  bool takesShape = name == "transpose" || name == "reshape";
  for (const Expr *arg : takesShape ? ArrayRef(call.args).take_front(1) : ArrayRef(call.args)) {
    args.push_back(eval(arg));
    if (args.back().isError())
      return {};
  }
  // What is known folds, but for functions that only tiles have.
  if (llvm::all_of(args, [](const Value &arg) { return arg.isConst(); })) {
    llvm::SmallVector<Const, 4> constants;
    for (const Value &arg : args)
      constants.push_back(arg.constant);
    std::string why;
    if (std::optional<Const> folded = foldCall(name, constants, why))
      return Value::ofConst(*folded);
    if (!why.empty())
      return fail(call.position, why);
  }
  if (isFold)
    return fold(name, call, args[0]);
  if (name == "min" || name == "max")
    return minMax(name == "max", call, args[0], args[1]);
  if (name == "abs")
    return absolute(call, args[0]);
  if (name == "where")
    return where(call, args[0], args[1], args[2]);
  if (name == "fma")
    return fma(call, args[0], args[1], args[2]);
  if (name == "mulhi")
    return mulhi(call, args[0], args[1]);
  if (name == "bitcast")
    return bitcast(call, args[0], args[1]);
  if (name == "extent")
    return extent(call, args[0]);
  if (name == "dtype") {
    if (args[0].isData() || args[0].isView())
      return Value::ofConst(Const::ofType(args[0].dtype));
    return fail(call.position, describe(args[0]) + " has no dtype");
  }
  if (name == "ceil_pow2")
    return fail(call.position, "'ceil_pow2' takes a constant, not " + describe(args[0]),
                "compute it as a parameter: '<B: int = ceil_pow2(N)>'");
  if (name == "dot")
    return dot(call, args[0], args[1]);
  if (name == "join")
    return join(call, args[0], args[1]);
  if (name == "transpose")
    return transpose(call, args[0]);
  if (name == "reshape")
    return reshape(call, args[0]);
  return mathFunction(name, call, args[0]);
}

//===----------------------------------------------------------------------===//
// Functions of floats
//===----------------------------------------------------------------------===//

arith::FastMathFlagsAttr Elaborator::mathFlags() const {
  // `numerics = fast` lets elementary functions and divisions be approximated, and says so on each of them.
  return arith::FastMathFlagsAttr::get(&context, kernel.fast ? arith::FastMathFlags::afn : arith::FastMathFlags::none);
}

Value Elaborator::mathFunction(StringRef name, const CallExpr &call, Value x) {
  Value *operands[] = {&x};
  if (!unify("'" + name.str() + "'", operands, call.position))
    return {};
  if (!isFloat(x.dtype) || isFloat8(x.dtype))
    return fail(call.position, "'" + name + "' is for f16, bf16, f32 and f64, not " + describe(x),
                "convert it: 'f32(…)'");
  mlir::Location at = loc(call.position);
  // Half precisions are computed in f32 and rounded once.
  DType work = bitWidth(x.dtype) == 16 ? DType::F32 : x.dtype;
  mlir::Value v = convert(x.ssa, x.dtype, work, at);
  arith::FastMathFlagsAttr flags = mathFlags();
  using Emit = llvm::function_ref<mlir::Value()>;
  mlir::Value result = llvm::StringSwitch<Emit>(name)
                           .Case("exp", [&] { return make<math::ExpOp>(at, v, flags); })
                           .Case("exp2", [&] { return make<math::Exp2Op>(at, v, flags); })
                           .Case("log", [&] { return make<math::LogOp>(at, v, flags); })
                           .Case("log2", [&] { return make<math::Log2Op>(at, v, flags); })
                           .Case("sqrt", [&] { return make<math::SqrtOp>(at, v, flags); })
                           .Case("rsqrt", [&] { return make<math::RsqrtOp>(at, v, flags); })
                           .Case("sin", [&] { return make<math::SinOp>(at, v, flags); })
                           .Case("cos", [&] { return make<math::CosOp>(at, v, flags); })
                           .Case("tanh", [&] { return make<math::TanhOp>(at, v, flags); })
                           .Case("erf", [&] { return make<math::ErfOp>(at, v, flags); })
                           .Case("floor", [&] { return make<math::FloorOp>(at, v); })
                           .Case("ceil", [&] { return make<math::CeilOp>(at, v); })
                           .Default([&] { return make<math::RoundEvenOp>(at, v); })();
  return Value::ofData(convert(result, work, x.dtype, at), x.dtype);
}

Value Elaborator::fma(const CallExpr &call, Value a, Value b, Value c) {
  Value *operands[] = {&a, &b, &c};
  std::optional<DType> dtype = unify("'fma'", operands, call.position);
  if (!dtype || !broadcast("'fma'", operands, call.position))
    return {};
  if (!isFloat(*dtype) || isFloat8(*dtype))
    return fail(call.position, "'fma' is for f16, bf16, f32 and f64, not " + describe(a));
  mlir::Location at = loc(call.position);
  DType work = bitWidth(*dtype) == 16 ? DType::F32 : *dtype;
  for (Value *operand : operands)
    operand->ssa = convert(operand->ssa, *dtype, work, at);
  return Value::ofData(convert(make<math::FmaOp>(at, a.ssa, b.ssa, c.ssa), work, *dtype, at), *dtype);
}

//===----------------------------------------------------------------------===//
// Functions of any number
//===----------------------------------------------------------------------===//

Value Elaborator::minMax(bool isMax, const CallExpr &call, Value a, Value b) {
  StringRef what = isMax ? "'max'" : "'min'";
  Value *operands[] = {&a, &b};
  std::optional<DType> dtype = unify(what, operands, call.position);
  if (!dtype || !broadcast(what, operands, call.position))
    return {};
  if (*dtype == DType::Bool || isFloat8(*dtype))
    return fail(call.position, what + " does not apply to " + describe(a),
                *dtype == DType::Bool ? "bools take '&&' and '||'" : "");
  mlir::Location at = loc(call.position);
  mlir::Value result;
  if (isFloat(*dtype))
    result = isMax ? make<arith::MaximumFOp>(at, a.ssa, b.ssa) : make<arith::MinimumFOp>(at, a.ssa, b.ssa);
  else if (isUnsignedInt(*dtype))
    result = isMax ? make<arith::MaxUIOp>(at, a.ssa, b.ssa) : make<arith::MinUIOp>(at, a.ssa, b.ssa);
  else
    result = isMax ? make<arith::MaxSIOp>(at, a.ssa, b.ssa) : make<arith::MinSIOp>(at, a.ssa, b.ssa);
  return Value::ofData(result, *dtype);
}

Value Elaborator::absolute(const CallExpr &call, Value x) {
  Value *operands[] = {&x};
  std::optional<DType> dtype = unify("'abs'", operands, call.position);
  if (!dtype)
    return {};
  mlir::Location at = loc(call.position);
  if (isFloat(*dtype) && !isFloat8(*dtype))
    return Value::ofData(make<math::AbsFOp>(at, x.ssa), *dtype);
  if (isUnsignedInt(*dtype))
    return x;
  if (!isIntegral(*dtype))
    return fail(call.position, "'abs' does not apply to " + describe(x));
  mlir::Value negated = make<arith::SubIOp>(at, integer(0, x.ssa.getType(), at), x.ssa);
  return Value::ofData(make<arith::MaxSIOp>(at, x.ssa, negated), *dtype);
}

Value Elaborator::where(const CallExpr &call, Value condition, Value a, Value b) {
  // Whether an argument is there is a condition too.
  if (std::optional<bool> known = condition.isData() ? std::nullopt : truth(condition);
      known && a.isConst() && b.isConst())
    return *known ? a : b;
  else if (known)
    condition = Value::ofConst(Const::ofBool(*known));
  Value *conditions[] = {&condition}, *values[] = {&a, &b}, *all[] = {&condition, &a, &b};
  if (!unify("'where'", conditions, call.position))
    return {};
  if (condition.dtype != DType::Bool)
    return fail(call.args[0]->position, "'where' chooses by bools, not by " + describe(condition));
  std::optional<DType> dtype = unify("'where'", values, call.position);
  // One bool chooses between whole tiles; else there is a bool for each element.
  if (!dtype ||
      !broadcast("'where'",
                 condition.isTile() ? llvm::MutableArrayRef<Value *>(all) : llvm::MutableArrayRef<Value *>(values),
                 call.position))
    return {};
  return Value::ofData(make<arith::SelectOp>(loc(call.position), condition.ssa, a.ssa, b.ssa), *dtype);
}

Value Elaborator::mulhi(const CallExpr &call, Value a, Value b) {
  Value *operands[] = {&a, &b};
  std::optional<DType> dtype = unify("'mulhi'", operands, call.position);
  if (!dtype || !broadcast("'mulhi'", operands, call.position))
    return {};
  if (!isSizedInt(*dtype))
    return fail(call.position, "'mulhi' is for integers of a stated width, not " + describe(a));
  mlir::Location at = loc(call.position);
  mlir::Value high = isUnsignedInt(*dtype) ? arith::MulUIExtendedOp::create(builder, at, a.ssa, b.ssa).getHigh()
                                           : arith::MulSIExtendedOp::create(builder, at, a.ssa, b.ssa).getHigh();
  return Value::ofData(high, *dtype);
}

Value Elaborator::bitcast(const CallExpr &call, const Value &type, Value x) {
  if (!type.isType())
    return fail(call.args[0]->position, "'bitcast' takes a dtype first, not " + describe(type));
  if (!x.isData())
    return fail(call.args[1]->position, describe(x) + " has no bits: give it a dtype first");
  DType to = type.constant.dtype;
  if (bitWidth(to) != bitWidth(x.dtype) || (to == DType::Bool) != (x.dtype == DType::Bool))
    return fail(call.position, describe(x) + " has " + Twine(bitWidth(x.dtype)) + " bits for each element and " +
                                   dtypeName(to) + " has " + Twine(bitWidth(to)));
  mlir::Location at = loc(call.position);
  mlir::Value bits = x.ssa;
  // An index is an i64 here.
  if (x.dtype == DType::Index)
    bits = make<arith::IndexCastOp>(at, withElement(bits.getType(), builder.getI64Type()), bits);
  mlir::Type target = withElement(bits.getType(), to == DType::Index ? builder.getI64Type() : typeOf(to));
  if (bits.getType() != target)
    bits = make<arith::BitcastOp>(at, target, bits);
  if (to == DType::Index)
    bits = make<arith::IndexCastOp>(at, withElement(target, builder.getIndexType()), bits);
  return Value::ofData(bits, to);
}
