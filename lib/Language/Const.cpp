//===- Const.cpp - Arithmetic on constants --------------------- -*- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "tile/Language/Const.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/Twine.h"
#include "llvm/Support/MathExtras.h"
#include <cmath>
#include <cstdio>

using namespace tile::lang;
using llvm::StringRef;

//===----------------------------------------------------------------------===//
// Spelling
//===----------------------------------------------------------------------===//

StringRef tile::lang::spelling(UnaryOp op) {
  static constexpr StringRef texts[] = {"-", "!", "~"};
  return texts[static_cast<unsigned>(op)];
}

StringRef tile::lang::spelling(BinaryOp op) {
  static constexpr StringRef texts[] = {"+",  "-", "*",  "/", "%",  "&",  "|",  "^",  "<<",
                                        ">>", "<", "<=", ">", ">=", "==", "!=", "&&", "||"};
  return texts[static_cast<unsigned>(op)];
}

std::string tile::lang::toString(WideInt value) {
  if (value >= INT64_MIN && value <= INT64_MAX)
    return std::to_string(static_cast<int64_t>(value));
  return std::to_string(static_cast<uint64_t>(value));
}

static std::string formatFloat(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%g", value);
  return text;
}

std::string tile::lang::toString(const Const &value) {
  switch (value.kind) {
  case Const::Int:
    return toString(value.integer);
  case Const::Float:
    return formatFloat(value.real);
  case Const::Bool:
    return value.asBool() ? "true" : "false";
  case Const::Type:
    return dtypeName(value.dtype).str();
  }
  llvm_unreachable("all kinds are above");
}

bool tile::lang::fitsIn(WideInt value, DType dtype) {
  switch (dtype) {
  case DType::Bool:
    return value == 0 || value == 1;
  case DType::Index:
    return value >= INT64_MIN && value <= INT64_MAX;
  default:
    break;
  }
  unsigned bits = bitWidth(dtype);
  if (isUnsignedInt(dtype))
    return value >= 0 && value < (WideInt(1) << bits);
  return value >= -(WideInt(1) << (bits - 1)) && value < (WideInt(1) << (bits - 1));
}

//===----------------------------------------------------------------------===//
// Operators
//===----------------------------------------------------------------------===//

static std::nullopt_t fail(std::string &error, const llvm::Twine &message) {
  error = message.str();
  return std::nullopt;
}

/// A constant integer within what the language has, or an error.
static std::optional<Const> checked(WideInt value, std::string &error) {
  if (value < INT64_MIN || value > WideInt(UINT64_MAX))
    return fail(error, "a constant integer needs more than 64 bits");
  return Const::ofInt(value);
}

std::optional<Const> tile::lang::foldUnary(UnaryOp op, const Const &operand, std::string &error) {
  switch (op) {
  case UnaryOp::Negate:
    if (operand.isFloat())
      return Const::ofFloat(-operand.real);
    if (operand.isInt())
      return checked(-operand.integer, error);
    break;
  case UnaryOp::Not:
    if (operand.isBool())
      return Const::ofBool(!operand.asBool());
    break;
  case UnaryOp::Complement:
    if (operand.isInt())
      return checked(~operand.integer, error);
    break;
  }
  return fail(error, "'" + spelling(op) + "' does not apply to '" + toString(operand) + "'");
}

static WideInt floorDiv(WideInt a, WideInt b) {
  WideInt quotient = a / b;
  return quotient * b != a && (a < 0) != (b < 0) ? quotient - 1 : quotient;
}

static std::optional<Const> foldInt(BinaryOp op, WideInt a, WideInt b, std::string &error) {
  switch (op) {
  case BinaryOp::Add:
    return checked(a + b, error);
  case BinaryOp::Sub:
    return checked(a - b, error);
  case BinaryOp::Mul: {
    WideInt product;
    if (__builtin_mul_overflow(a, b, &product))
      return fail(error, "a constant integer needs more than 64 bits");
    return checked(product, error);
  }
  case BinaryOp::Div:
    if (b == 0)
      return fail(error, "division by zero");
    return checked(floorDiv(a, b), error);
  case BinaryOp::Mod:
    if (b == 0)
      return fail(error, "division by zero");
    return checked(a - floorDiv(a, b) * b, error);
  case BinaryOp::And:
    return checked(a & b, error);
  case BinaryOp::Or:
    return checked(a | b, error);
  case BinaryOp::Xor:
    return checked(a ^ b, error);
  case BinaryOp::Shl:
  case BinaryOp::Shr:
    if (b < 0 || b > 63)
      return fail(error, "a shift by " + toString(b) + " is outside 0 to 63");
    return op == BinaryOp::Shl ? checked(a * (WideInt(1) << int(b)), error) : checked(a >> int(b), error);
  default:
    return fail(error, "'" + spelling(op) + "' does not apply to integers");
  }
}

static std::optional<Const> foldFloat(BinaryOp op, double a, double b, std::string &error) {
  switch (op) {
  case BinaryOp::Add:
    return Const::ofFloat(a + b);
  case BinaryOp::Sub:
    return Const::ofFloat(a - b);
  case BinaryOp::Mul:
    return Const::ofFloat(a * b);
  case BinaryOp::Div:
    return Const::ofFloat(a / b);
  case BinaryOp::Mod: {
    double rest = std::fmod(a, b);
    return Const::ofFloat(rest != 0 && (rest < 0) != (b < 0) ? rest + b : rest);
  }
  default:
    return fail(error, "'" + spelling(op) + "' does not apply to floating-point numbers");
  }
}

template <typename T>
static bool compare(BinaryOp op, T a, T b) {
  switch (op) {
  case BinaryOp::Less:
    return a < b;
  case BinaryOp::LessEqual:
    return a <= b;
  case BinaryOp::Greater:
    return a > b;
  case BinaryOp::GreaterEqual:
    return a >= b;
  case BinaryOp::Equal:
    return a == b;
  default:
    return a != b;
  }
}

std::optional<Const> tile::lang::foldBinary(BinaryOp op, const Const &lhs, const Const &rhs, std::string &error) {
  if (lhs.isNumber() && rhs.isNumber()) {
    bool integers = lhs.isInt() && rhs.isInt();
    if (isComparison(op))
      return Const::ofBool(integers ? compare(op, lhs.integer, rhs.integer)
                                    : compare(op, lhs.asDouble(), rhs.asDouble()));
    return integers ? foldInt(op, lhs.integer, rhs.integer, error)
                    : foldFloat(op, lhs.asDouble(), rhs.asDouble(), error);
  }
  bool equality = op == BinaryOp::Equal || op == BinaryOp::NotEqual;
  if (lhs.isBool() && rhs.isBool()) {
    if (op == BinaryOp::LogicalAnd)
      return Const::ofBool(lhs.asBool() && rhs.asBool());
    if (op == BinaryOp::LogicalOr)
      return Const::ofBool(lhs.asBool() || rhs.asBool());
    if (equality)
      return Const::ofBool(compare(op, lhs.asBool(), rhs.asBool()));
  }
  if (lhs.isType() && rhs.isType() && equality)
    return Const::ofBool(compare(op, lhs.dtype, rhs.dtype));
  return fail(error, "'" + spelling(op) + "' does not apply to '" + toString(lhs) + "' and '" + toString(rhs) + "'");
}

//===----------------------------------------------------------------------===//
// Functions
//===----------------------------------------------------------------------===//

static double roundToEven(double x) { return std::nearbyint(x); }

/// Functions of one number whose result is a float.
static double (*floatFunction(StringRef name))(double) {
  struct Row {
    llvm::StringLiteral name;
    double (*function)(double);
  };
  static constexpr Row rows[] = {
      {"exp", [](double x) { return std::exp(x); }},
      {"exp2", [](double x) { return std::exp2(x); }},
      {"log", [](double x) { return std::log(x); }},
      {"log2", [](double x) { return std::log2(x); }},
      {"sqrt", [](double x) { return std::sqrt(x); }},
      {"rsqrt", [](double x) { return 1 / std::sqrt(x); }},
      {"sin", [](double x) { return std::sin(x); }},
      {"cos", [](double x) { return std::cos(x); }},
      {"tanh", [](double x) { return std::tanh(x); }},
      {"erf", [](double x) { return std::erf(x); }},
      {"floor", [](double x) { return std::floor(x); }},
      {"ceil", [](double x) { return std::ceil(x); }},
      {"round", roundToEven},
  };
  for (const Row &row : rows)
    if (row.name == name)
      return row.function;
  return nullptr;
}

/// `min` or `max` of two numbers: NaN propagates.
static Const foldMinMax(bool isMax, const Const &a, const Const &b) {
  if (a.isInt() && b.isInt())
    return (a.integer < b.integer) != isMax ? a : b;
  double x = a.asDouble(), y = b.asDouble();
  if (std::isnan(x) || std::isnan(y))
    return Const::ofFloat(std::nan(""));
  if (x == y)
    return Const::ofFloat(std::signbit(x) != isMax ? x : y);
  return Const::ofFloat((x < y) != isMax ? x : y);
}

std::optional<Const> tile::lang::foldCall(StringRef function, llvm::ArrayRef<Const> args, std::string &error) {
  error.clear();
  if (!llvm::all_of(args, [](const Const &arg) { return arg.isNumber(); }))
    return std::nullopt;
  if (function == "ceil_pow2" && args.size() == 1) {
    if (!args[0].isInt() || args[0].integer < 0 || args[0].integer > (WideInt(1) << 62))
      return fail(error, "'ceil_pow2' takes an integer from 0 to 2^62");
    return Const::ofInt(WideInt(llvm::PowerOf2Ceil(std::max<uint64_t>(1, args[0].integer))));
  }
  if (function == "abs" && args.size() == 1)
    return args[0].isInt() ? checked(args[0].integer < 0 ? -args[0].integer : args[0].integer, error)
                           : Const::ofFloat(std::fabs(args[0].real));
  if ((function == "min" || function == "max") && args.size() == 2)
    return foldMinMax(function == "max", args[0], args[1]);
  if (function == "fma" && args.size() == 3)
    return Const::ofFloat(std::fma(args[0].asDouble(), args[1].asDouble(), args[2].asDouble()));
  if (args.size() == 1)
    if (auto *fold = floatFunction(function))
      return Const::ofFloat(fold(args[0].asDouble()));
  return std::nullopt;
}
