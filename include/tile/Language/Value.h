//===- Value.h - What an expression gives while a kernel is emitted -- -*- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef TILE_LANGUAGE_VALUE_H
#define TILE_LANGUAGE_VALUE_H

#include "tile/Dialect/Tile.h"
#include "tile/Language/AST.h"

namespace tile::lang {

/// What an expression gives: something known now, or an SSA value with the dtype that MLIR's type leaves open.
struct Value {
  enum Kind : uint8_t {
    Error,    ///< reported already; whatever uses it fails in silence
    Auto,     ///< a parameter that is left to the planner
    Constant, ///< a weak number, a bool, or an element type
    Data,     ///< a scalar or a tile
    View,
    Absent, ///< an optional view that this specialisation lacks
    Tuple,
    TileType, ///< `f32[64, 64]`
    Function,
    Builtin,
  };
  Kind kind = Error;
  /// Data, View, TileType: the element type.
  DType dtype = DType::F32;
  /// View: what the kernel may do to it; whether the argument is optional.
  Access access = Access::In;
  bool optional = false;
  Const constant;
  /// Data, View: the SSA value.
  mlir::Value ssa;
  /// View, Absent, Builtin: its name.
  llvm::StringRef name;
  /// TileType.
  llvm::SmallVector<int64_t, 4> shape;
  /// Tuple.
  std::vector<Value> elements;
  const ast::Function *function = nullptr;

  static Value ofConst(Const c) {
    Value v;
    v.kind = Constant;
    v.constant = c;
    return v;
  }
  static Value ofInt(int64_t i) { return ofConst(Const::ofInt(i)); }
  static Value ofData(mlir::Value ssa, DType dtype) {
    Value v;
    v.kind = Data;
    v.ssa = ssa;
    v.dtype = dtype;
    return v;
  }

  bool isError() const { return kind == Error; }
  bool isConst() const { return kind == Constant; }
  bool isData() const { return kind == Data; }
  /// A constant number or bool, or Data: what arithmetic takes.
  bool isOperand() const { return isData() || (isConst() && !constant.isType()); }
  bool isType() const { return isConst() && constant.isType(); }
  bool isTile() const { return isData() && mlir::isa<mlir::RankedTensorType>(ssa.getType()); }
  bool isScalar() const { return isOperand() && !isTile(); }
  bool isView() const { return kind == View; }
  /// The extents of Data; none for a scalar.
  llvm::ArrayRef<int64_t> tileShape() const {
    return isTile() ? mlir::cast<mlir::RankedTensorType>(ssa.getType()).getShape() : llvm::ArrayRef<int64_t>();
  }
  ir::ViewType viewType() const { return mlir::cast<ir::ViewType>(ssa.getType()); }
};

/// "f32[64, 32]".
std::string describeType(DType dtype, llvm::ArrayRef<int64_t> shape);
/// What a value is, for a message: "f32[64, 32]", "the constant 3", "a view of f32".
std::string describe(const Value &value);

} // namespace tile::lang

#endif // TILE_LANGUAGE_VALUE_H
