//===- ElabShapes.cpp - Builtin functions of places and shapes - -*- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "tile/Language/Elaborator.h"
#include "llvm/ADT/STLExtras.h"

using namespace tile::lang;
using namespace tile::lang::ast;
using llvm::Twine;

Value Elaborator::inside(const CallExpr &call) {
  auto *index = call.args.size() == 1 ? llvm::dyn_cast<IndexExpr>(call.args[0]) : nullptr;
  if (!index || !call.options.empty())
    return fail(call.position, "'inside' takes an access: 'inside(v[i +: W])'");
  Value view = eval(index->base);
  if (view.isError())
    return {};
  if (!view.isView())
    return fail(index->position, "'inside' asks about a view, not about " + describe(view));
  if (index->pad)
    return fail(index->pad->position, "'inside' reads nothing and needs no padding");
  std::optional<Place> where = place(*index, view);
  if (!where)
    return {};
  mlir::Type type = where->valueType(&context, DType::Bool);
  return Value::ofData(
      ir::InsideOp::create(builder, loc(call.position), type, where->view, where->offsets, where->widths), DType::Bool);
}

Value Elaborator::program(const CallExpr &call) {
  if (!checkOptions(call, {}))
    return {};
  if (call.args.size() != 1)
    return fail(call.position, "'program' takes an axis of the grid: 'program(0)'");
  std::optional<int64_t> axis = evalConstInt(call.args[0], "an axis of the grid");
  if (!axis)
    return {};
  if (*axis < 0 || *axis >= static_cast<int64_t>(kernel.grid.size()))
    return fail(call.args[0]->position, "the grid has no axis " + Twine(*axis),
                "its axes are 0 to " + Twine(kernel.grid.size() - 1));
  return Value::ofData(make<ir::ProgramIdOp>(loc(call.position), *axis), DType::Index);
}

Value Elaborator::extent(const CallExpr &call, const Value &view) {
  if (!view.isView())
    return fail(call.position, "'extent' asks about a view, not about " + describe(view));
  std::optional<int64_t> axis = evalConstInt(call.args[1], "an axis");
  if (!axis)
    return {};
  ir::ViewType type = view.viewType();
  if (*axis < 0 || *axis >= static_cast<int64_t>(type.getRank()))
    return fail(call.args[1]->position, "'" + view.name + "' has no axis " + Twine(*axis));
  if (int64_t known = type.getShape()[*axis]; !mlir::ShapedType::isDynamic(known))
    return Value::ofInt(known);
  return Value::ofData(make<ir::ExtentOp>(loc(call.position), builder.getIndexType(), view.ssa, *axis), DType::Index);
}

Value Elaborator::iota(const CallExpr &call) {
  if (!checkOptions(call, {}))
    return {};
  if (call.args.size() != 1)
    return fail(call.position, "'iota' takes the number of elements");
  std::optional<int64_t> count = evalWidth(call.args[0], "the extent of a tile");
  if (!count)
    return {};
  auto type = mlir::RankedTensorType::get({*count}, builder.getIndexType());
  return Value::ofData(make<ir::IotaOp>(loc(call.position), type), DType::Index);
}

Value Elaborator::transpose(const CallExpr &call, const Value &x) {
  if (!x.isTile())
    return fail(call.position, "'transpose' takes a tile, not " + describe(x));
  llvm::ArrayRef<int64_t> from = x.tileShape();
  llvm::SmallVector<int64_t> order, shape;
  for (const Expr *arg : llvm::ArrayRef(call.args).drop_front()) {
    std::optional<int64_t> axis = evalConstInt(arg, "an axis");
    if (!axis)
      return {};
    if (*axis < 0 || *axis >= static_cast<int64_t>(from.size()) || llvm::is_contained(order, *axis))
      return fail(arg->position, "the order of axes names each of the " + Twine(from.size()) + " axes once");
    order.push_back(*axis);
  }
  if (order.empty() && from.size() == 2)
    order = {1, 0};
  if (order.size() != from.size())
    return fail(call.position, "the order of axes names each of the " + Twine(from.size()) + " axes once",
                "for example 'transpose(x, 0, 2, 1)'");
  for (int64_t axis : order)
    shape.push_back(from[axis]);
  auto type = mlir::RankedTensorType::get(shape, typeOf(x.dtype));
  return Value::ofData(make<ir::TransposeOp>(loc(call.position), type, x.ssa, builder.getDenseI64ArrayAttr(order)),
                       x.dtype);
}

Value Elaborator::reshape(const CallExpr &call, const Value &x) {
  if (!x.isTile())
    return fail(call.position, "'reshape' takes a tile, not " + describe(x));
  llvm::SmallVector<int64_t> shape;
  int64_t before = 1, after = 1;
  for (const Expr *arg : llvm::ArrayRef(call.args).drop_front()) {
    std::optional<int64_t> extent = evalWidth(arg, "the extent of a tile");
    if (!extent)
      return {};
    shape.push_back(*extent);
  }
  if (!checkTileSize(call.position, shape))
    return {};
  for (int64_t extent : x.tileShape())
    before *= extent;
  for (int64_t extent : shape)
    after *= extent;
  if (before != after)
    return fail(call.position, describe(x) + " has " + Twine(before) + " elements, not " + Twine(after));
  if (llvm::ArrayRef<int64_t>(shape) == x.tileShape())
    return x;
  auto type = mlir::RankedTensorType::get(shape, typeOf(x.dtype));
  return Value::ofData(make<ir::ReshapeOp>(loc(call.position), type, x.ssa), x.dtype);
}

Value Elaborator::join(const CallExpr &call, Value a, Value b) {
  Value *operands[] = {&a, &b};
  std::optional<DType> dtype = unify("'join'", operands, call.position);
  if (!dtype || !broadcast("'join'", operands, call.position))
    return {};
  if (!a.isTile())
    return fail(call.position, "'join' takes tiles, not " + describe(a) + " and " + describe(b));
  llvm::SmallVector<int64_t> shape(a.tileShape());
  shape.push_back(2);
  if (!checkTileSize(call.position, shape))
    return {};
  auto type = mlir::RankedTensorType::get(shape, typeOf(*dtype));
  return Value::ofData(make<ir::JoinOp>(loc(call.position), type, a.ssa, b.ssa), *dtype);
}
