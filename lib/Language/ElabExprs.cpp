//===- ElabExprs.cpp - Names, operators and calls -------------- -*- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "mlir/IR/Matchers.h"
#include "tile/Language/Elaborator.h"
#include "tile/Language/HostEval.h"
#include "tile/Language/Names.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/ScopeExit.h"

using namespace tile::lang;
using namespace tile::lang::ast;
using llvm::ArrayRef;

using llvm::dyn_cast;
using llvm::StringRef;
using llvm::Twine;

/// Functions inside functions, and expressions evaluated in all: what a recursive function can cost.
static constexpr size_t kMaxFrames = 64;
static constexpr unsigned kMaxDepthInAll = 2000;
static constexpr unsigned kMaxWork = 200'000;
/// Elements of a tile.
static constexpr int64_t kMaxTileElements = int64_t(1) << 20;

Value Elaborator::eval(const Expr *expr) {
  if (abandoned)
    return {};
  ++depth;
  llvm::scope_exit leave([this] { --depth; });
  if (depth > kMaxDepthInAll || ++work > kMaxWork) {
    fail(expr->position, depth > kMaxDepthInAll
                             ? "the calls and expressions here are nested too deep"
                             : "the kernel expands to too much code; is a function recursive without end?");
    abandoned = true;
    return {};
  }
  return evalExpr(expr);
}

Value Elaborator::evalExpr(const Expr *expr) {
  switch (expr->kind) {
  case Expr::Literal:
    return Value::ofConst(llvm::cast<LiteralExpr>(expr)->value);
  case Expr::Name:
    return evalName(*llvm::cast<NameExpr>(expr));
  case Expr::Unary:
    return evalUnary(*llvm::cast<UnaryExpr>(expr));
  case Expr::Binary: {
    auto *binaryExpr = llvm::cast<BinaryExpr>(expr);
    if (isLogical(binaryExpr->op))
      return evalLogical(*binaryExpr);
    Value lhs = eval(binaryExpr->lhs);
    Value rhs = eval(binaryExpr->rhs);
    return binary(binaryExpr->op, std::move(lhs), std::move(rhs), expr->position);
  }
  case Expr::Call:
    return evalCall(*llvm::cast<CallExpr>(expr));
  case Expr::Index:
    return evalIndex(*llvm::cast<IndexExpr>(expr));
  case Expr::Tuple: {
    Value tuple;
    tuple.kind = Value::Tuple;
    for (const Expr *element : llvm::cast<TupleExpr>(expr)->elements) {
      tuple.elements.push_back(eval(element));
      if (tuple.elements.back().isError())
        return {};
    }
    return tuple;
  }
  }
  llvm_unreachable("all kinds are above");
}

Value Elaborator::evalName(const NameExpr &name) {
  StringRef text = name.name;
  if (Binding *binding = find(text))
    return binding->value;
  const ast::File &file = *frame().file;
  if (auto it = file.constants.find(text); it != file.constants.end())
    return Value::ofConst(it->second.value);
  if (std::optional<DType> dtype = parseDType(text))
    return Value::ofConst(Const::ofType(*dtype));
  if (text == "inf" || text == "nan")
    return Value::ofConst(Const::ofFloat(text == "inf" ? std::numeric_limits<double>::infinity()
                                                       : std::numeric_limits<double>::quiet_NaN()));
  Value value;
  if (const Function *function = findFunction(file, text)) {
    value.kind = Value::Function;
    value.function = function;
    return value;
  }
  if (isBuiltinName(text)) {
    value.kind = Value::Builtin;
    value.name = text;
    return value;
  }
  return fail(name.position, "'" + text + "' is not defined", didYouMean(text, namesInScope()));
}

//===----------------------------------------------------------------------===//
// Operators
//===----------------------------------------------------------------------===//

Value Elaborator::evalUnary(const UnaryExpr &expr) {
  Value value = eval(expr.operand);
  if (value.isError())
    return {};
  // An optional argument in a condition.
  if (expr.op == UnaryOp::Not && !value.isOperand())
    if (std::optional<bool> known = truth(value))
      return Value::ofConst(Const::ofBool(!*known));
  if (value.isConst()) {
    std::string why;
    std::optional<Const> folded = foldUnary(expr.op, value.constant, why);
    return folded ? Value::ofConst(*folded) : fail(expr.position, why);
  }
  if (!value.isData())
    return fail(expr.position, "'" + spelling(expr.op) + "' does not apply to " + describe(value));
  mlir::Location at = loc(expr.position);
  mlir::Type type = value.ssa.getType();
  switch (expr.op) {
  case UnaryOp::Negate:
    if (isFloat(value.dtype) && !isFloat8(value.dtype))
      return Value::ofData(make<mlir::arith::NegFOp>(at, value.ssa), value.dtype);
    if (isIntegral(value.dtype))
      return Value::ofData(make<mlir::arith::SubIOp>(at, integer(0, type, at), value.ssa), value.dtype);
    break;
  case UnaryOp::Not:
    if (value.dtype == DType::Bool)
      return Value::ofData(make<mlir::arith::XOrIOp>(at, value.ssa, integer(1, type, at)), value.dtype);
    break;
  case UnaryOp::Complement:
    if (isIntegral(value.dtype))
      return Value::ofData(make<mlir::arith::XOrIOp>(at, value.ssa, integer(-1, type, at)), value.dtype);
    break;
  }
  return fail(expr.position, "'" + spelling(expr.op) + "' does not apply to " + describe(value),
              expr.op == UnaryOp::Not ? "'!' is for bools, '~' for integers" : "");
}

Value Elaborator::evalLogical(const BinaryExpr &expr) {
  // What is known decides without the other side, which may then name an absent argument.
  Value lhs = eval(expr.lhs);
  if (lhs.isError())
    return {};
  bool isAnd = expr.op == BinaryOp::LogicalAnd;
  std::optional<bool> known = truth(lhs);
  if (known && *known != isAnd)
    return Value::ofConst(Const::ofBool(*known));
  Value rhs = eval(expr.rhs);
  if (rhs.isError())
    return {};
  auto asOperand = [&](Value &value) {
    if (std::optional<bool> constant = truth(value))
      value = Value::ofConst(Const::ofBool(*constant));
  };
  asOperand(lhs);
  asOperand(rhs);
  return binary(expr.op, std::move(lhs), std::move(rhs), expr.position);
}

std::optional<bool> Elaborator::truth(const Value &value) {
  if (value.kind == Value::Absent)
    return false;
  if (value.isView() && value.optional)
    return true;
  if (std::optional<Const> constant = constantOf(value); constant && constant->isBool())
    return constant->asBool();
  return std::nullopt;
}

std::optional<bool> Elaborator::evalStaticCondition(const Expr *expr) {
  Value value = eval(expr);
  if (value.isError())
    return std::nullopt;
  if (std::optional<bool> known = truth(value))
    return known;
  if (value.isView())
    fail(expr->position, "'" + value.name + "' is not optional: it is always there");
  else
    fail(expr->position, "this is decided while compiling, and " + describe(value) + " is no constant bool",
         value.isData() && value.dtype == DType::Bool && !value.isTile()
             ? "a condition of the running program takes a plain 'if'"
             : "");
  return std::nullopt;
}

//===----------------------------------------------------------------------===//
// Constants
//===----------------------------------------------------------------------===//

std::optional<Const> Elaborator::constantOf(const Value &value) {
  if (value.isConst())
    return value.constant;
  // A cast of a constant is an SSA constant.
  mlir::Attribute attribute;
  if (!value.isData() || value.isTile() || !mlir::matchPattern(value.ssa, mlir::m_Constant(&attribute)))
    return std::nullopt;
  if (auto number = dyn_cast<mlir::FloatAttr>(attribute))
    return Const::ofFloat(number.getValueAsDouble());
  auto number = dyn_cast<mlir::IntegerAttr>(attribute);
  if (!number)
    return std::nullopt;
  if (value.dtype == DType::Bool)
    return Const::ofBool(!number.getValue().isZero());
  if (isUnsignedInt(value.dtype))
    return Const::ofInt(WideInt(number.getValue().getZExtValue()));
  return Const::ofInt(number.getValue().getSExtValue());
}

std::optional<int64_t> Elaborator::constInt(const Value &value, Position position, StringRef what) {
  if (value.isError())
    return std::nullopt;
  std::optional<Const> constant = constantOf(value);
  if (constant && constant->isInt() && fitsIn(constant->integer, DType::I64))
    return static_cast<int64_t>(constant->integer);
  if (value.kind == Value::Auto)
    fail(position, what + " is left to 'auto' here, which only 'stages = …' can take");
  else
    fail(position, what + " is a constant integer, not " + describe(value),
         value.isData() && value.dtype == DType::Index
             ? "what an extent decides can be a parameter: put the name into '<>'"
             : "");
  return std::nullopt;
}

std::optional<int64_t> Elaborator::evalConstInt(const Expr *expr, StringRef what) {
  return constInt(eval(expr), expr->position, what);
}

std::optional<int64_t> Elaborator::evalWidth(const Expr *expr, StringRef what) {
  std::optional<int64_t> width = evalConstInt(expr, what);
  if (!width)
    return std::nullopt;
  if (*width < 1) {
    fail(expr->position, what + " is positive, not " + Twine(*width));
    return std::nullopt;
  }
  if (*width > kMaxTileElements) {
    fail(expr->position, what + " is " + Twine(*width) + ", too large for a tile");
    return std::nullopt;
  }
  if (!llvm::isPowerOf2_64(*width)) {
    fail(expr->position, what + " is a power of two, not " + Twine(*width),
         "the next one is " + Twine(llvm::PowerOf2Ceil(*width)) + "; what hangs over the edge of a view is padding");
    return std::nullopt;
  }
  return width;
}

bool Elaborator::checkTileSize(Position position, ArrayRef<int64_t> shape) {
  WideInt elements = 1;
  for (int64_t extent : shape)
    if ((elements *= extent) > kMaxTileElements)
      break;
  if (elements <= kMaxTileElements)
    return true;
  fail(position, "a tile of more than 2^20 elements is too large");
  return false;
}

//===----------------------------------------------------------------------===//
// Calls
//===----------------------------------------------------------------------===//

Value Elaborator::evalCall(const CallExpr &call) {
  Value callee = eval(call.callee);
  if (callee.isError())
    return {};
  if (callee.kind == Value::Builtin)
    return callBuiltin(callee.name, call);
  bool isType = callee.isType() || callee.kind == Value::TileType;
  if (callee.kind != Value::Function && !isType) {
    auto *name = dyn_cast<NameExpr>(call.callee);
    bool hides = name && (isBuiltinName(name->name) || findFunction(*frame().file, name->name));
    return fail(call.position, describe(callee) + " can't be called",
                hides ? "the function '" + name->name + "' is hidden by a name of this kernel" : Twine());
  }
  if (!checkOptions(call, {}))
    return {};
  llvm::SmallVector<Value, 4> args;
  for (const Expr *arg : call.args) {
    args.push_back(eval(arg));
    if (args.back().isError())
      return {};
  }
  return isType ? callType(call, callee, args) : inlineCall(call, *callee.function, args);
}

Value Elaborator::inlineCall(const CallExpr &call, const Function &function, ArrayRef<Value> args) {
  if (args.size() != function.params.size())
    return fail(call.position, "'" + function.name + "' takes " + Twine(function.params.size()) +
                                   (function.params.size() == 1 ? " argument, not " : " arguments, not ") +
                                   Twine(args.size()));
  if (frames.size() >= kMaxFrames)
    return fail(call.position, "'" + function.name + "' is called inside more than " + Twine(kMaxFrames) + " calls");
  mlir::Location caller = loc(call.position);
  frames.push_back({function.file, &function, caller, {}, 0, {}});
  frame().scopes.emplace_back();
  for (auto [param, arg] : llvm::zip_equal(function.params, args))
    define(param, arg, /*isVar=*/false);
  Value result;
  result.kind = Value::Tuple;
  if (runBlock(function.body) == Flow::Returned)
    result = std::move(frame().result);
  frames.pop_back();
  return result;
}

Value Elaborator::callType(const CallExpr &call, const Value &type, ArrayRef<Value> args) {
  if (args.size() != 1)
    return fail(call.position, "a conversion takes one value, not " + Twine(args.size()));
  DType to = type.isType() ? type.constant.dtype : type.dtype;
  if (!args[0].isOperand())
    return fail(call.args[0]->position, describe(args[0]) + " can't be converted to " + dtypeName(to));
  Value value = cast(args[0], to, call.position);
  if (value.isError() || type.isType())
    return value;
  ArrayRef<int64_t> shape = type.shape;
  ArrayRef<int64_t> from = value.tileShape();
  bool fits = from.size() <= shape.size();
  for (size_t i = 0; fits && i < from.size(); ++i)
    fits = from[from.size() - 1 - i] == 1 || from[from.size() - 1 - i] == shape[shape.size() - 1 - i];
  if (!fits)
    return fail(call.args[0]->position, describe(value) + " can't be repeated to " + describeType(to, shape));
  return Value::ofData(expand(value.ssa, shape, loc(call.position)), to);
}
