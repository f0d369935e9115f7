//===- LowerValues.cpp - Tiles as loops over vectors --------------*- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The loops of a root run over the elements of its tile, a vector of lanes at a time along one axis. What a lane needs is asked
// for by `element`, which follows fused tiles back to what is stored: broadcasts, transposes and reshapes only change the
// coordinates on the way.
//
//===----------------------------------------------------------------------===//

#include "Lowering.h"

#include <llvm/ADT/TypeSwitch.h>
#include <mlir/IR/Matchers.h>

using namespace mlir;
using namespace tile;
using namespace tile::cpu;

//===----------------------------------------------------------------------===//
// Loops
//===----------------------------------------------------------------------===//

int64_t Lowering::lanesFor(ValueRange tiles) {
  unsigned bits = 8;
  llvm::DenseSet<Value> seen;
  SmallVector<Value> todo(tiles);
  while (!todo.empty()) {
    Value value = todo.pop_back_val();
    auto type = dyn_cast<RankedTensorType>(value.getType());
    if (!type || !seen.insert(value).second)
      continue;
    Type element = type.getElementType();
    bool isStored = places.contains(value);
    // An index is computed with, but seldom; halves are computed with as floats.
    if (element.isIntOrFloat())
      bits =
          std::max(bits, isa<Float16Type, BFloat16Type>(element) && !isStored ? 32 : element.getIntOrFloatBitWidth());
    else
      bits = std::max(bits, 32u);
    if (!isStored && value.getDefiningOp())
      llvm::append_range(todo, value.getDefiningOp()->getOperands());
  }
  return vectorBits / bits;
}

void Lowering::forEach(ArrayRef<int64_t> shape, int64_t maxLanes, function_ref<void(const Coords &, int64_t)> body,
                       int64_t skip) {
  int64_t lanesAxis = -1;
  for (auto [axis, extent] : llvm::enumerate(shape))
    if (extent > 1 && static_cast<int64_t>(axis) != skip)
      lanesAxis = axis;
  int64_t lanes = lanesAxis < 0 ? 0 : std::min(maxLanes, shape[lanesAxis]);
  if (lanes == 1)
    lanes = 0;
  Coords at;
  OpBuilder::InsertionGuard guard(builder);
  for (auto [axis, extent] : llvm::enumerate(shape)) {
    bool isLanes = static_cast<int64_t>(axis) == lanesAxis && lanes;
    int64_t step = isLanes ? lanes : 1;
    if (extent == step || static_cast<int64_t>(axis) == skip) {
      at.push_back({constant(0), isLanes});
      continue;
    }
    auto loop = scf::ForOp::create(builder, loc, constant(0), constant(extent), constant(step));
    builder.setInsertionPoint(loop.getBody()->getTerminator());
    at.push_back({loop.getInductionVar(), isLanes});
  }
  body(at, lanes);
}

void Lowering::beginRoot(Operation *root) {
  if (!root)
    return;
  for (Value tile : plan.deferredTo(root))
    passing[tile] = makePlace(cast<RankedTensorType>(tile.getType()), "a value");
}

void Lowering::endRoot(Operation *root) {
  if (!root)
    return;
  for (Value tile : plan.deferredTo(root)) {
    places[tile] = passing[tile];
    passing.erase(tile);
  }
}

void Lowering::materialise(Value tile, const Place &target, Operation *root) {
  if (auto it = places.find(tile); it != places.end())
    return copy(Place(it->second), target);
  beginRoot(root);
  forEach(target.shape, lanesFor(tile), [&](const Coords &at, int64_t lanes) {
    Chunk chunk{at, lanes, root};
    store(element(tile, at, chunk), target, at, lanes);
  });
  endRoot(root);
}

void Lowering::copy(const Place &from, const Place &to) {
  if (getConstantIntValue(from.strides.back()) != 1 || getConstantIntValue(to.strides.back()) != 1) {
    int64_t lanes = vectorBits / 8 / ir::elementBytes(from.element);
    return forEach(to.shape, lanes,
                   [&](const Coords &at, int64_t lanes) { store(load(from, at, lanes), to, at, lanes); });
  }
  // Row by row, or at once; what is one piece is small code, and as fast as loops over vectors.
  SmallVector<int64_t> shape(to.shape);
  int64_t count = from.dense && to.dense ? ShapedType::getNumElements(shape) : shape.back();
  if (from.dense && to.dense)
    llvm::fill(shape, 1);
  shape.back() = 1;
  forEach(shape, 1, [&](const Coords &at, int64_t) {
    Value bytes = intConstant(count * ir::elementBytes(from.element), i64Type);
    LLVM::MemcpyOp::create(builder, loc, address(to, at), address(from, at), bytes, /*isVolatile=*/false);
  });
}

//===----------------------------------------------------------------------===//
// Memory
//===----------------------------------------------------------------------===//

Value Lowering::address(const Place &place, const Coords &at, Value more) {
  if (place.buffer >= 0)
    scratch.use(place.buffer);
  Value offset = more ? more : constant(0);
  for (auto [coord, stride] : llvm::zip_equal(at, place.strides))
    offset = add(offset, mul(coord.base, stride));
  return offsetPtr(place.ptr, place.element, offset);
}

/// The distance between two lanes.
static Value laneStride(const Place &place, const Coords &at) {
  for (auto [coord, stride] : llvm::zip_equal(at, place.strides))
    if (coord.lanes)
      return stride;
  return {};
}

Value Lowering::load(const Place &place, const Coords &at, int64_t lanes) {
  Value stride = laneStride(place, at);
  Type memory = memoryType(place.element);
  unsigned alignment = ir::elementBytes(place.element);
  auto loadOne = [&](Type type, Value ptr) -> Value {
    return LLVM::LoadOp::create(builder, loc, type, ptr, alignment);
  };
  Value loaded;
  if (!stride) {
    loaded = loadOne(memory, address(place, at));
    lanes = 0;
  } else if (getConstantIntValue(stride) == 1) {
    loaded = loadOne(VectorType::get(lanes, memory), address(place, at));
  } else {
    SmallVector<Value> elements;
    for (int64_t lane = 0; lane < lanes; ++lane)
      elements.push_back(loadOne(memory, address(place, at, mul(constant(lane), stride))));
    loaded = vector::FromElementsOp::create(builder, loc, VectorType::get(lanes, memory), elements);
  }
  Type type = registerType(place.element, lanes);
  if (place.element.isInteger(1))
    return arith::CmpIOp::create(builder, loc, arith::CmpIPredicate::ne, loaded, intConstant(0, loaded.getType()));
  return place.element.isIndex() ? arith::IndexCastOp::create(builder, loc, type, loaded) : loaded;
}

void Lowering::store(Value value, const Place &place, const Coords &at, int64_t lanes) {
  Type memory = memoryType(place.element);
  Value stride = lanes ? laneStride(place, at) : Value();
  Type type = lanes ? Type(VectorType::get(lanes, memory)) : memory;
  if (place.element.isInteger(1))
    value = arith::ExtUIOp::create(builder, loc, type, value);
  else if (place.element.isIndex())
    value = arith::IndexCastOp::create(builder, loc, type, value);
  unsigned alignment = ir::elementBytes(place.element);
  if (!stride || getConstantIntValue(stride) == 1) {
    LLVM::StoreOp::create(builder, loc, value, address(place, at), alignment);
    return;
  }
  for (int64_t lane = 0; lane < lanes; ++lane) {
    Value one = vector::ExtractOp::create(builder, loc, value, lane);
    LLVM::StoreOp::create(builder, loc, one, address(place, at, mul(constant(lane), stride)), alignment);
  }
}

Value Lowering::spread(Value scalar, int64_t lanes) {
  return lanes ? vector::BroadcastOp::create(builder, loc, VectorType::get(lanes, scalar.getType()), scalar) : scalar;
}

//===----------------------------------------------------------------------===//
// Elements
//===----------------------------------------------------------------------===//

/// The elements of a tile at some coordinates: a vector when one of them has lanes, else a scalar.
Value Lowering::element(Value tile, const Coords &at, Chunk &chunk) {
  for (auto &[known, value] : chunk.computed[tile])
    if (known == at)
      return value;
  Value value;
  if (auto it = places.find(tile); it != places.end()) {
    value = load(it->second, at, chunk.lanes);
  } else {
    value = compute(tile, at, chunk);
    if (auto it = passing.find(tile); it != passing.end() && at == chunk.at)
      store(value, it->second, at, chunk.lanes);
  }
  chunk.computed[tile].push_back({at, value});
  return value;
}

static bool hasLanes(const Coords &at) {
  return llvm::any_of(at, [](const Coord &coord) { return coord.lanes; });
}

Value Lowering::compute(Value tile, const Coords &at, Chunk &chunk) {
  int64_t lanes = hasLanes(at) ? chunk.lanes : 0;
  Coord zero{constant(0), false};
  Operation *op = tile.getDefiningOp();
  if (auto constantOp = dyn_cast<arith::ConstantOp>(op)) {
    auto splat = cast<SplatElementsAttr>(constantOp.getValue());
    auto value = registerValue(cast<TypedAttr>(splat.getSplatValue<Attribute>()));
    return splatConstant(value, registerType(splat.getElementType(), lanes));
  }
  if (isUndefined(op))
    return splatConstant(registerValue(cast<TypedAttr>(builder.getZeroAttr(getElementTypeOrSelf(tile)))),
                         registerType(getElementTypeOrSelf(tile), lanes));
  if (auto splat = dyn_cast<tensor::SplatOp>(op))
    return spread(scalar(splat.getInput()), lanes);
  if (auto iota = dyn_cast<ir::IotaOp>(op))
    return computeIota(iota, at, lanes);
  if (auto inside = dyn_cast<ir::InsideOp>(op))
    return computeInside(inside, at, lanes);
  if (auto broadcast = dyn_cast<ir::BroadcastOp>(op)) {
    Coords from(at);
    for (auto [axis, extent] : llvm::enumerate(broadcast.getOperand().getType().getShape()))
      if (extent == 1)
        from[axis] = zero;
    Value value = element(broadcast.getOperand(), from, chunk);
    return hasLanes(from) ? value : spread(value, lanes);
  }
  if (auto transpose = dyn_cast<ir::TransposeOp>(op)) {
    Coords from(at.size());
    for (auto [axis, source] : llvm::enumerate(transpose.getOrder()))
      from[source] = at[axis];
    return element(transpose.getOperand(), from, chunk);
  }
  if (auto reshape = dyn_cast<ir::ReshapeOp>(op)) {
    Coords kept, from;
    for (auto [coord, extent] : llvm::zip_equal(at, reshape.getType().getShape()))
      if (extent != 1)
        kept.push_back(coord);
    auto next = kept.begin();
    for (int64_t extent : reshape.getOperand().getType().getShape())
      from.push_back(extent == 1 ? zero : *next++);
    return element(reshape.getOperand(), from, chunk);
  }
  SmallVector<Value> operands;
  for (Value operand : op->getOperands())
    operands.push_back(isa<RankedTensorType>(operand.getType()) ? element(operand, at, chunk) : scalar(operand));
  SmallVector<Value> results = arithmetic(op, operands, lanes);
  for (auto [old, made] : llvm::zip_equal(op->getResults(), results))
    if (old != tile && !places.contains(old))
      chunk.computed[old].push_back({at, made});
  return results[cast<OpResult>(tile).getResultNumber()];
}

/// 0, 1, 2, … in the lanes of a vector.
Value Lowering::laneIndices(int64_t lanes, Type type) {
  auto vector = VectorType::get(lanes, type);
  SmallVector<Attribute> values;
  for (int64_t lane = 0; lane < lanes; ++lane)
    values.push_back(builder.getIntegerAttr(type, lane));
  return arith::ConstantOp::create(builder, loc, DenseElementsAttr::get(vector, values));
}

Value Lowering::computeIota(ir::IotaOp op, const Coords &at, int64_t lanes) {
  Type type = op.getType().getElementType();
  Value base = at[0].base;
  if (!type.isIndex())
    base = arith::IndexCastOp::create(builder, loc, type, base);
  return lanes ? make<arith::AddIOp>(spread(base, lanes), laneIndices(lanes, type)) : base;
}

Value Lowering::computeInside(ir::InsideOp op, const Coords &at, int64_t lanes) {
  const View &view = views[op.getView()];
  Value all, inLanes;
  auto coord = at.begin();
  auto require = [&](Value &so, Value condition) { so = so ? make<arith::AndIOp>(so, condition) : condition; };
  for (auto [offset, width, extent] : llvm::zip_equal(op.getOffsets(), op.getWidths(), view.extents)) {
    Value index = scalar(offset), zero = constant(0), end = extent;
    bool isLanes = false;
    if (width != ir::kScalarIndex) {
      index = add(index, coord->base);
      isLanes = (coord++)->lanes;
    }
    if (isLanes) {
      index = make<arith::AddIOp>(spread(index, lanes), laneIndices(lanes, indexType));
      zero = spread(zero, lanes);
      end = spread(end, lanes);
    }
    Value &so = isLanes ? inLanes : all;
    require(so, arith::CmpIOp::create(builder, loc, arith::CmpIPredicate::sge, index, zero));
    require(so, arith::CmpIOp::create(builder, loc, arith::CmpIPredicate::slt, index, end));
  }
  if (!inLanes)
    return spread(all, lanes);
  return all ? make<arith::AndIOp>(spread(all, lanes), inLanes) : inLanes;
}

//===----------------------------------------------------------------------===//
// Ops
//===----------------------------------------------------------------------===//

/// An op that no other function lowers: one that makes a tile element by element, or computes with scalars.
void Lowering::lowerTile(Operation *op) {
  if (auto reshape = dyn_cast<ir::ReshapeOp>(op); reshape && !isUnitReshape(reshape))
    return lowerReshape(reshape);
  if (auto join = dyn_cast<ir::JoinOp>(op))
    return lowerJoin(join);
  if (auto inside = dyn_cast<ir::InsideOp>(op); inside && !isa<RankedTensorType>(inside.getType())) {
    map.map(inside.getResult(), computeInside(inside, {}, 0));
    return;
  }
  if (auto constant = dyn_cast<arith::ConstantOp>(op); constant && !isFusable(op))
    return lowerConstant(constant);
  if (isFusable(op)) {
    for (Value result : op->getResults())
      if (!plan.isFused(result) && !plan.isDeferred(result)) {
        Place place = makePlace(cast<RankedTensorType>(result.getType()), "a value");
        materialise(result, place, op);
        places[result] = place;
      }
    return;
  }
  if (isUndefined(op)) {
    map.map(op->getResult(0), constant(cast<TypedAttr>(builder.getZeroAttr(op->getResult(0).getType()))));
    return;
  }
  if (op->getNumRegions() || llvm::any_of(op->getOperandTypes(), llvm::IsaPred<ShapedType>) || op->getNumResults() == 0)
    return fail(op, "can't be lowered to host code");
  SmallVector<Value> results = arithmetic(op, scalars(op->getOperands()), 0);
  map.map(op->getResults(), results);
}

/// A reshape that regroups axes is another look at the same memory.
void Lowering::lowerReshape(ir::ReshapeOp op) {
  Place from = dense(op.getOperand());
  places[op.getResult()] = densePlace(from.ptr, op.getType().getShape(), from.element, from.buffer);
}

void Lowering::lowerJoin(ir::JoinOp op) {
  Place place = makePlace(op.getType(), "a join");
  int64_t maxLanes = std::min(lanesFor({op.getLhs(), op.getRhs()}), vectorBits / 8 / ir::elementBytes(place.element));
  forEach(op.getLhs().getType().getShape(), maxLanes, [&](const Coords &at, int64_t lanes) {
    Chunk chunk{at, lanes, op};
    Value lhs = element(op.getLhs(), at, chunk), rhs = element(op.getRhs(), at, chunk);
    Coords to(at);
    to.push_back({constant(0), false});
    if (lanes && at.back().lanes) {
      // Neighbours in the last axis but one lie two elements apart: one vector of twice the lanes takes both operands.
      SmallVector<int64_t> order;
      for (int64_t lane = 0; lane < lanes; ++lane)
        order.append({lane, lanes + lane});
      Value both = vector::ShuffleOp::create(builder, loc, lhs, rhs, order);
      to[to.size() - 2].lanes = false;
      to.back().lanes = true;
      return store(both, place, to, 2 * lanes);
    }
    store(lhs, place, to, lanes);
    to.back().base = constant(1);
    store(rhs, place, to, lanes);
  });
  places[op.getResult()] = place;
}

/// A constant whose elements differ lies in the code's own memory.
void Lowering::lowerConstant(arith::ConstantOp op) {
  auto type = dyn_cast<RankedTensorType>(op.getType());
  if (!type) {
    map.map(op.getResult(), constant(cast<TypedAttr>(op.getValue())));
    return;
  }
  auto elements = dyn_cast<DenseElementsAttr>(op.getValue());
  if (!elements)
    return fail(op, "can't be lowered to host code");
  Type memory = memoryType(type.getElementType());
  SmallVector<Attribute> values;
  for (Attribute value : elements.getValues<Attribute>()) {
    auto typed = registerValue(cast<TypedAttr>(value));
    if (auto integer = dyn_cast<IntegerAttr>(typed))
      typed = builder.getIntegerAttr(memory, integer.getType().isInteger(1) ? int64_t(integer.getValue().getZExtValue())
                                                                            : integer.getValue().getSExtValue());
    values.push_back(typed);
  }
  auto flat = RankedTensorType::get(type.getNumElements(), memory);
  Value ptr = global(DenseElementsAttr::get(flat, values), LLVM::LLVMArrayType::get(memory, type.getNumElements()));
  places[op.getResult()] = densePlace(ptr, type.getShape(), type.getElementType(), -1);
}

Place Lowering::dense(Value tile) {
  auto it = places.find(tile);
  if (it != places.end() && it->second.dense)
    return it->second;
  Place place = makePlace(cast<RankedTensorType>(tile.getType()), "a copy of");
  materialise(tile, place);
  return place;
}
