//===- ElabAccess.cpp - What stands between brackets ----------- -*- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "tile/Language/Elaborator.h"
#include "llvm/ADT/STLExtras.h"

using namespace tile::lang;
using namespace tile::lang::ast;
using llvm::ArrayRef;
using llvm::Twine;

Value Elaborator::evalIndex(const IndexExpr &index) {
  Value base = eval(index.base);
  switch (base.kind) {
  case Value::Error:
    return {};
  case Value::View: {
    auto isTile = [](const IndexItem &item) { return item.kind == IndexItem::Tile; };
    auto keepsAxis = [](const IndexItem &item) { return item.kind == IndexItem::All || item.kind == IndexItem::Range; };
    if (llvm::none_of(index.items, isTile) && llvm::any_of(index.items, keepsAxis))
      return subview(index, base);
    return load(index, base);
  }
  case Value::Absent:
    return fail(index.position, "'" + base.name + "' is absent in this specialisation",
                "use it under 'static if " + base.name + "' only");
  case Value::Constant:
    if (base.isType())
      return indexType(index, base.constant.dtype);
    break;
  case Value::Data:
    if (base.isTile())
      return indexTile(index, base);
    break;
  default:
    break;
  }
  return fail(index.position, describe(base) + " can't be indexed");
}

//===----------------------------------------------------------------------===//
// Types and tiles
//===----------------------------------------------------------------------===//

Value Elaborator::indexType(const IndexExpr &index, DType dtype) {
  Value type;
  for (const IndexItem &item : index.items) {
    if (item.kind != IndexItem::At)
      return fail(item.position, "the extents of a tile are constants");
    std::optional<int64_t> extent = evalWidth(item.first, "the extent of a tile");
    if (!extent)
      return {};
    type.shape.push_back(*extent);
  }
  if (type.shape.empty() || index.pad)
    return fail(index.position, type.shape.empty() ? "a tile has at least one axis" : "a type has no padding");
  if (!checkTileSize(index.position, type.shape))
    return {};
  type.kind = Value::TileType;
  type.dtype = dtype;
  return type;
}

Value Elaborator::indexTile(const IndexExpr &index, const Value &tile) {
  ArrayRef<int64_t> from = tile.tileShape();
  llvm::SmallVector<int64_t> shape;
  size_t axis = 0;
  for (const IndexItem &item : index.items) {
    if (item.kind == IndexItem::New) {
      shape.push_back(1);
    } else if (item.kind == IndexItem::All) {
      shape.push_back(axis < from.size() ? from[axis] : 1);
      ++axis;
    } else {
      return fail(item.position, "a tile is a value without addresses: only ':' and 'new' stand in its brackets",
                  "read the part that is wanted from the view");
    }
  }
  if (index.pad)
    return fail(index.pad->position, "a tile has no padding");
  if (axis != from.size())
    return fail(index.position, describe(tile) + " has " + Twine(from.size()) + (from.size() == 1 ? " axis" : " axes") +
                                    ", not " + Twine(axis));
  if (shape.size() == from.size())
    return tile;
  auto type = mlir::RankedTensorType::get(shape, typeOf(tile.dtype));
  return Value::ofData(make<ir::ReshapeOp>(loc(index.position), type, tile.ssa), tile.dtype);
}

//===----------------------------------------------------------------------===//
// Views
//===----------------------------------------------------------------------===//

mlir::Type Elaborator::Place::valueType(mlir::MLIRContext *context, DType elementType) const {
  llvm::SmallVector<int64_t> shape = ir::accessShape(widths);
  mlir::Type element = toMLIR(elementType, context);
  return shape.empty() ? element : mlir::Type(mlir::RankedTensorType::get(shape, element));
}

bool Elaborator::checkReadable(const Value &view, Position position) {
  if (view.access != Access::Out)
    return true;
  fail(position, "'" + view.name + "' is 'out' and can't be read", "declare it 'inout'");
  return false;
}

std::optional<Elaborator::Place> Elaborator::place(const IndexExpr &index, const Value &view) {
  ir::ViewType type = view.viewType();
  Place result{view.ssa, view.dtype, {}, {}};
  if (index.items.size() != type.getRank()) {
    bool hasNew = llvm::any_of(index.items, [](const IndexItem &item) { return item.kind == IndexItem::New; });
    fail(index.position,
         hasNew ? "'new' stands in the brackets of a tile, not of a view"
                : "'" + view.name + "' has " + Twine(type.getRank()) + (type.getRank() == 1 ? " axis" : " axes") +
                      " and is given " + Twine(index.items.size()) + (index.items.size() == 1 ? " index" : " indices"),
         hasNew ? Twine("write 'v[i +: W][:, new]'") : Twine());
    return std::nullopt;
  }
  for (auto [axis, item] : llvm::enumerate(index.items)) {
    int64_t width = ir::kScalarIndex;
    Value start = Value::ofInt(0);
    switch (item.kind) {
    case IndexItem::Tile: {
      start = eval(item.first);
      std::optional<int64_t> extent = evalWidth(item.second, "the width of a tile");
      if (!extent)
        return std::nullopt;
      width = *extent;
      break;
    }
    case IndexItem::At:
      start = eval(item.first);
      break;
    case IndexItem::All:
      width = type.getShape()[axis];
      if (mlir::ShapedType::isDynamic(width) || width < 1 || !llvm::isPowerOf2_64(width)) {
        bool isDynamic = mlir::ShapedType::isDynamic(width);
        fail(item.position,
             "':' takes all of axis " + Twine(axis) + " of '" + view.name + "', " +
                 (isDynamic ? Twine("whose extent is not known while compiling")
                            : "and " + Twine(width) + " is no power of two"),
             isDynamic ? Twine("give the width: '0 +: W'")
                       : "write '0 +: " + Twine(llvm::PowerOf2Ceil(std::max<int64_t>(width, 1))) + "'");
        return std::nullopt;
      }
      break;
    case IndexItem::Range:
      fail(item.position, "a range beside a tile", "write 'start +: width'");
      return std::nullopt;
    case IndexItem::New:
      fail(item.position, "'new' stands in the brackets of a tile, not of a view");
      return std::nullopt;
    }
    start = toIndex(std::move(start), item.position, "an index");
    if (start.isError())
      return std::nullopt;
    result.offsets.push_back(start.ssa);
    result.widths.push_back(width);
  }
  if (!checkTileSize(index.position, ir::accessShape(result.widths)))
    return std::nullopt;
  return result;
}

Value Elaborator::load(const IndexExpr &index, const Value &view) {
  std::optional<Place> where = place(index, view);
  if (!where || !checkReadable(view, index.position))
    return {};
  return loadFrom(*where, index.pad, index.position);
}

Value Elaborator::loadFrom(const Place &place, const Expr *pad, Position position) {
  mlir::TypedAttr padding;
  if (pad) {
    Value value = eval(pad);
    if (value.isError())
      return {};
    std::optional<Const> constant = constantOf(value);
    if (!constant || constant->isType())
      return fail(pad->position, "padding is a constant, not " + describe(value));
    padding = attributeOf(*constant, place.dtype, pad->position);
    if (!padding)
      return {};
  }
  auto op = ir::LoadOp::create(builder, loc(position), place.valueType(&context, place.dtype), place.view,
                               place.offsets, place.widths, padding, ir::BindingAttr());
  return Value::ofData(op.getResult(), place.dtype);
}

Value Elaborator::subview(const IndexExpr &index, const Value &view) {
  ir::ViewType type = view.viewType();
  if (index.items.size() != type.getRank())
    return fail(index.position, "'" + view.name + "' has " + Twine(type.getRank()) +
                                    (type.getRank() == 1 ? " axis" : " axes") + " and is given " +
                                    Twine(index.items.size()) + (index.items.size() == 1 ? " index" : " indices"));
  if (index.pad)
    return fail(index.pad->position, "a sub-view moves no data and has no padding", "state it where a tile is read");
  mlir::Location at = loc(index.position);
  llvm::SmallVector<mlir::Value> lows, highs;
  llvm::SmallVector<bool> kept;
  llvm::SmallVector<int64_t> shape;
  for (auto [axis, item] : llvm::enumerate(index.items)) {
    if (item.kind == IndexItem::New)
      return fail(item.position, "'new' stands in the brackets of a tile, not of a view");
    Value low = item.kind == IndexItem::All ? Value::ofInt(0) : eval(item.first);
    low = toIndex(std::move(low), item.position, "an index");
    if (low.isError())
      return {};
    lows.push_back(low.ssa);
    kept.push_back(item.kind != IndexItem::At);
    if (item.kind == IndexItem::At)
      continue;
    // All of an axis keeps what is known of its extent.
    shape.push_back(item.kind == IndexItem::All ? type.getShape()[axis] : mlir::ShapedType::kDynamic);
    if (item.kind == IndexItem::All) {
      highs.push_back(make<ir::ExtentOp>(at, builder.getIndexType(), view.ssa, static_cast<int64_t>(axis)));
      continue;
    }
    Value high = toIndex(eval(item.second), item.position, "an index");
    if (high.isError())
      return {};
    highs.push_back(high.ssa);
  }
  Value result = view;
  result.optional = false;
  // A bare index outside the view empties the result, so an extent stays known only where every axis is kept.
  if (llvm::is_contained(kept, false))
    llvm::fill(shape, mlir::ShapedType::kDynamic);
  result.ssa = ir::SubviewOp::create(builder, at, ir::ViewType::get(&context, shape, type.getElementType()), view.ssa,
                                     lows, highs, kept);
  return result;
}
