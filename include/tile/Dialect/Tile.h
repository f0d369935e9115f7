//===- Tile.h - The tile dialect ------------------------------------*- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef TILE_DIALECT_TILE_H
#define TILE_DIALECT_TILE_H

#include <mlir/Bytecode/BytecodeOpInterface.h>
#include <mlir/Dialect/Arith/IR/Arith.h>
#include <mlir/Dialect/Math/IR/Math.h>
#include <mlir/Dialect/SCF/IR/SCF.h>
#include <mlir/Dialect/Tensor/IR/Tensor.h>
#include <mlir/IR/BuiltinTypes.h>
#include <mlir/IR/Dialect.h>
#include <mlir/IR/OpDefinition.h>
#include <mlir/IR/OpImplementation.h>
#include <mlir/Interfaces/ControlFlowInterfaces.h>
#include <mlir/Interfaces/FunctionInterfaces.h>
#include <mlir/Interfaces/InferTypeOpInterface.h>
#include <mlir/Interfaces/LoopLikeInterface.h>
#include <mlir/Interfaces/SideEffectInterfaces.h>

#include "tile/Dialect/TileDialect.h.inc"
#include "tile/Dialect/TileEnums.h.inc"

#include "tile/Layout/LinearLayout.h"

#define GET_ATTRDEF_CLASSES
#include "tile/Dialect/TileAttrs.h.inc"
#define GET_TYPEDEF_CLASSES
#include "tile/Dialect/TileTypes.h.inc"

namespace tile::ir {

/// In `widths`, an index that drops its axis.
inline constexpr int64_t kScalarIndex = -1;

/// The attribute on each op of a planned loop's body: a `#tile.at`.
inline constexpr llvm::StringLiteral kAtAttrName = "tile.at";
/// The attribute on a view argument: a `#tile.access`.
inline constexpr llvm::StringLiteral kAccessAttrName = "tile.access";
/// The attribute on a view argument: a `#tile.facts`.
inline constexpr llvm::StringLiteral kFactsAttrName = "tile.facts";
/// Of a kernel that has been lowered to a function: what a launch must know of it beside its arguments.
inline constexpr llvm::StringLiteral kTensorMapsAttrName = "tile.tensor_maps";
inline constexpr llvm::StringLiteral kPersistentAttrName = "tile.persistent";

/// What the ops of the ring protocol read and write: their order among each other, and nothing else.
struct RingResource : mlir::SideEffects::Resource::Base<RingResource> {
  llvm::StringRef getName() final { return "TileRing"; }
};

/// Whether a type is a tile: a tensor of rank 1 or more whose extents are static powers of two, with or without a `#tile.layout`.
bool isTile(mlir::Type type);

/// The layout of a tile; null when it has none.
LayoutAttr layoutOf(mlir::Type type);
/// The tile's type with another layout, or with none.
mlir::RankedTensorType withLayout(mlir::RankedTensorType type, LayoutAttr layout);
/// A tile's type without its layout; any other type as it is.
mlir::Type withoutLayout(mlir::Type type);
/// The layout of a slot or a ring in shared memory, from offsets in elements to the tile's axes.
layout::LinearLayout sharedLayout(llvm::ArrayRef<int64_t> shape, mlir::Type elementType, SwizzleAttr swizzle);

/// The shape of the tile that an access with these widths names.
llvm::SmallVector<int64_t> accessShape(llvm::ArrayRef<int64_t> widths);

/// The bytes that one element takes in memory; a bool takes a whole one, an index eight.
int64_t elementBytes(mlir::Type elementType);
/// The bytes of a tile, a slot's worth of a ring, or a scalar.
int64_t valueBytes(mlir::Type type);

/// The kernel's argument that a view comes from, through any number of subviews and permutations; null when it is not an argument.
mlir::BlockArgument rootArgument(mlir::Value view);

/// A view that is all of an argument: its axis i is axis `order[i]` of the argument.
struct WholeView {
  mlir::BlockArgument argument;
  llvm::SmallVector<int64_t> order;
};
/// The argument that a view shows all of, through any number of permutations; a null argument when it shows a part.
WholeView wholeView(mlir::Value view);

/// The syntax of an access, `[%i, %m +: 64]`, and of a subview's ranges, `[%i, %lo to %hi]`.
mlir::ParseResult parseAccess(mlir::OpAsmParser &parser,
                              llvm::SmallVectorImpl<mlir::OpAsmParser::UnresolvedOperand> &offsets,
                              mlir::DenseI64ArrayAttr &widths);
void printAccess(mlir::OpAsmPrinter &printer, mlir::Operation *op, mlir::OperandRange offsets,
                 mlir::DenseI64ArrayAttr widths);
mlir::ParseResult parseRanges(mlir::OpAsmParser &parser,
                              llvm::SmallVectorImpl<mlir::OpAsmParser::UnresolvedOperand> &lows,
                              llvm::SmallVectorImpl<mlir::OpAsmParser::UnresolvedOperand> &highs,
                              mlir::DenseBoolArrayAttr &kept);
void printRanges(mlir::OpAsmPrinter &printer, mlir::Operation *op, mlir::OperandRange lows, mlir::OperandRange highs,
                 mlir::DenseBoolArrayAttr kept);

/// The syntax of a start that may be left out, `[0, 64]`.
mlir::ParseResult parseStart(mlir::OpAsmParser &parser, mlir::DenseI64ArrayAttr &start);
void printStart(mlir::OpAsmPrinter &printer, mlir::Operation *op, mlir::DenseI64ArrayAttr start);

} // namespace tile::ir

#define GET_OP_CLASSES
#include "tile/Dialect/TileOps.h.inc"

#endif // TILE_DIALECT_TILE_H
