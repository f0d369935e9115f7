//===- Const.h - Values known while compiling ------------------ -*- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Constants are weak: an integer, a float or a bool without a width, which takes the dtype of what it meets. Arithmetic on them is
// exact for integers from -2^63 to 2^64 - 1 and in f64 for floats. The launch evaluates them too, so nothing here knows MLIR.
//
//===----------------------------------------------------------------------===//

#ifndef TILE_LANGUAGE_CONST_H
#define TILE_LANGUAGE_CONST_H

#include "tile/Language/DType.h"
#include "llvm/ADT/ArrayRef.h"
#include <string>

namespace tile::lang {

enum class UnaryOp : uint8_t { Negate, Not, Complement };
enum class BinaryOp : uint8_t {
  Add,
  Sub,
  Mul,
  Div,
  Mod,
  And,
  Or,
  Xor,
  Shl,
  Shr,
  Less,
  LessEqual,
  Greater,
  GreaterEqual,
  Equal,
  NotEqual,
  LogicalAnd,
  LogicalOr
};

/// "+", "<<", "&&", ….
llvm::StringRef spelling(UnaryOp op);
llvm::StringRef spelling(BinaryOp op);
inline bool isComparison(BinaryOp op) { return op >= BinaryOp::Less && op <= BinaryOp::NotEqual; }
inline bool isLogical(BinaryOp op) { return op >= BinaryOp::LogicalAnd; }
inline bool isBitwise(BinaryOp op) { return op >= BinaryOp::And && op <= BinaryOp::Shr; }

__extension__ typedef __int128 WideInt;

/// A constant. `Type` is an element type as a value.
struct Const {
  enum Kind : uint8_t { Int, Float, Bool, Type };
  Kind kind = Int;
  DType dtype = DType::F32;
  WideInt integer = 0;
  double real = 0;

  static Const ofInt(WideInt v) { return {Int, DType::Index, v, 0}; }
  static Const ofFloat(double v) { return {Float, DType::F32, 0, v}; }
  static Const ofBool(bool v) { return {Bool, DType::Bool, v, 0}; }
  static Const ofType(DType v) { return {Type, v, 0, 0}; }

  bool isInt() const { return kind == Int; }
  bool isFloat() const { return kind == Float; }
  bool isBool() const { return kind == Bool; }
  bool isType() const { return kind == Type; }
  bool isNumber() const { return isInt() || isFloat(); }
  bool asBool() const { return integer != 0; }
  double asDouble() const { return isFloat() ? real : static_cast<double>(integer); }
};

/// How the constant is written in the language.
std::string toString(const Const &value);
std::string toString(WideInt value);

/// Folds an operation. On failure returns nothing and says why in `error`.
std::optional<Const> foldUnary(UnaryOp op, const Const &operand, std::string &error);
std::optional<Const> foldBinary(BinaryOp op, const Const &lhs, const Const &rhs, std::string &error);
/// Folds a call of a builtin function on constants (`min`, `max`, `abs`, `ceil_pow2`, `exp`, …). Nothing with an empty error: there is
/// no such function of constants.
std::optional<Const> foldCall(llvm::StringRef function, llvm::ArrayRef<Const> args, std::string &error);

/// Whether the integer fits the integer dtype.
bool fitsIn(WideInt value, DType dtype);

} // namespace tile::lang

#endif // TILE_LANGUAGE_CONST_H
