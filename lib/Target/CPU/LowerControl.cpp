//===- LowerControl.cpp - Loops and branches that carry tiles -----*- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Scalars stay values of `scf` ops. A tile that a region carries is a buffer that every
// predecessor writes: a loop's inits and yields, a branch's yields. Where the tile that would be copied there is not read again,
// its buffer is taken over and nothing is copied; that is how an accumulator stays in one place.
//
//===----------------------------------------------------------------------===//

#include "Lowering.h"

using namespace mlir;
using namespace tile;
using namespace tile::cpu;

//===----------------------------------------------------------------------===//
// Moving tiles
//===----------------------------------------------------------------------===//

/// Whether computing a tile reads a buffer; with `onlyOtherwise`, other than at the element that is being computed.
bool Lowering::reads(Value tile, int buffer, bool onlyOtherwise) {
  llvm::SmallDenseSet<std::pair<Value, int>> seen;
  SmallVector<std::pair<Value, int>> todo{{tile, 1}};
  while (!todo.empty()) {
    auto [value, same] = todo.pop_back_val();
    if (!isa<RankedTensorType>(value.getType()) || !seen.insert({value, same}).second)
      continue;
    if (auto it = places.find(value); it != places.end()) {
      if (it->second.buffer == buffer && !(onlyOtherwise && same && it->second.owned))
        return true;
      continue;
    }
    Operation *op = value.getDefiningOp();
    for (Value operand : op->getOperands())
      todo.push_back({operand, same && OpTrait::hasElementwiseMappableTraits(op) ? 1 : 0});
  }
  return false;
}

/// Does several moves as if at once: a target that a later source reads is written after it, or the source is set aside first.
void Lowering::moveAll(SmallVector<Move> moves) {
  llvm::erase_if(moves, [&](const Move &move) {
    auto it = places.find(move.source);
    return it != places.end() && it->second.buffer == move.target.buffer && it->second.ptr == move.target.ptr;
  });
  // What was set aside reads only a buffer of its own.
  std::vector<std::pair<Place, Place>> aside;
  while (!moves.empty()) {
    auto ready = llvm::find_if(moves, [&](const Move &move) {
      return !reads(move.source, move.target.buffer, /*onlyOtherwise=*/true) &&
             llvm::none_of(moves, [&](const Move &other) {
               return &other != &move && reads(other.source, move.target.buffer, /*onlyOtherwise=*/false);
             });
    });
    if (ready != moves.end()) {
      materialise(ready->source, ready->target);
      moves.erase(ready);
      continue;
    }
    Move first = moves.front();
    Place kept = makePlace(cast<RankedTensorType>(first.source.getType()), "a carried value set aside,");
    materialise(first.source, kept);
    aside.push_back({kept, first.target});
    moves.erase(moves.begin());
  }
  for (auto &[kept, target] : aside)
    copy(kept, target);
}

/// Moves the tiles among values that a terminator or an init list passes on.
void Lowering::moveTo(ValueRange sources, ArrayRef<Place> targets) {
  SmallVector<Move> moves;
  const Place *target = targets.begin();
  for (Value source : sources)
    if (isa<RankedTensorType>(source.getType()))
      moves.push_back({source, *target++});
  moveAll(std::move(moves));
}

SmallVector<Place> Lowering::placesFor(TypeRange types, StringRef purpose) {
  SmallVector<Place> made;
  for (Type type : types)
    if (auto tile = dyn_cast<RankedTensorType>(type))
      made.push_back(makePlace(tile, purpose));
  return made;
}

void Lowering::bindPlaces(ValueRange values, ArrayRef<Place> from) {
  const Place *next = from.begin();
  for (Value value : values)
    if (isa<RankedTensorType>(value.getType()))
      places[value] = *next++;
}

/// Whether a tile has a buffer of its own that could become another's.
bool Lowering::mayTakeOver(Value tile) {
  auto it = places.find(tile);
  return it != places.end() && it->second.owned && it->second.dense;
}

//===----------------------------------------------------------------------===//
// What stays a value
//===----------------------------------------------------------------------===//

/// The new values of those old ones that are no tiles.
SmallVector<Value> Lowering::carriedScalars(ValueRange values) {
  SmallVector<Value> carried;
  for (Value value : values)
    if (!isa<RankedTensorType>(value.getType()))
      carried.push_back(scalar(value));
  return carried;
}

/// Maps the old values that are no tiles to new ones, in order.
void Lowering::mapScalars(ValueRange values, ValueRange made) {
  auto next = made.begin();
  for (Value value : values)
    if (!isa<RankedTensorType>(value.getType()))
      map.map(value, *next++);
}

/// The types that scalars among some values have from now on; fails for what no region can carry.
SmallVector<Type> Lowering::scalarTypes(Operation *op, TypeRange types) {
  SmallVector<Type> scalars;
  for (Type type : types)
    if (type.isIntOrIndexOrFloat())
      scalars.push_back(registerType(type));
    else if (!isa<RankedTensorType>(type))
      fail(op, "can't be lowered to host code: it carries something other than tiles and scalars");
  return scalars;
}

//===----------------------------------------------------------------------===//
// Ops
//===----------------------------------------------------------------------===//

void Lowering::lowerFor(scf::ForOp loop) {
  scalarTypes(loop, loop.getResultTypes());
  if (failed)
    return;
  SmallVector<Place> carried;
  SmallVector<Move> inits;
  for (Value init : loop.getInitArgs()) {
    auto type = dyn_cast<RankedTensorType>(init.getType());
    if (!type)
      continue;
    if (mayTakeOver(init) && plan.diesAt(init, loop) && llvm::count(loop.getInitArgs(), init) == 1) {
      carried.push_back(places[init]);
      continue;
    }
    carried.push_back(makePlace(type, "a carried"));
    inits.push_back({init, carried.back()});
  }
  moveAll(std::move(inits));

  auto made = scf::ForOp::create(builder, loc, scalar(loop.getLowerBound()), scalar(loop.getUpperBound()),
                                 scalar(loop.getStep()), carriedScalars(loop.getInitArgs()));
  scratch.beginLoop();
  {
    OpBuilder::InsertionGuard guard(builder);
    if (!made.getBody()->empty())
      made.getBody()->back().erase();
    builder.setInsertionPointToStart(made.getBody());
    map.map(loop.getInductionVar(), made.getInductionVar());
    mapScalars(loop.getRegionIterArgs(), made.getRegionIterArgs());
    bindPlaces(loop.getRegionIterArgs(), carried);
    lower(*loop.getBody());
    if (failed)
      return;
    moveTo(loop.getYieldedValues(), carried);
    lowerLastStamps(*loop.getBody());
    scf::YieldOp::create(builder, loc, carriedScalars(loop.getYieldedValues()));
  }
  for (const Place &place : carried)
    scratch.use(place.buffer);
  scratch.endLoop();
  mapScalars(loop.getResults(), made.getResults());
  bindPlaces(loop.getResults(), carried);
}

void Lowering::lowerIf(scf::IfOp branch) {
  // A result may take the buffer of a tile from outside that one of the branches passes on.
  SmallVector<Place> targets;
  for (OpResult result : branch.getResults()) {
    auto type = dyn_cast<RankedTensorType>(result.getType());
    if (!type)
      continue;
    const Place *taken = nullptr;
    for (Value source : {branch.thenYield().getOperand(result.getResultNumber()),
                         branch.elseYield().getOperand(result.getResultNumber())})
      if (mayTakeOver(source) && plan.diesWithin(source, branch) &&
          llvm::none_of(targets, [&](const Place &other) { return other.buffer == places[source].buffer; }))
        taken = &places[source];
    targets.push_back(taken ? *taken : makePlace(type, "a branch's"));
  }
  SmallVector<Type> types = scalarTypes(branch, branch.getResultTypes());
  if (failed)
    return;
  bool withElse = !branch.getElseRegion().empty();
  auto made = scf::IfOp::create(builder, loc, types, scalar(branch.getCondition()), withElse);
  auto lowerBranch = [&](Block &from, Block *to) {
    OpBuilder::InsertionGuard guard(builder);
    if (!to->empty())
      to->back().erase();
    builder.setInsertionPointToStart(to);
    lower(from);
    if (failed)
      return;
    ValueRange yielded = from.getTerminator()->getOperands();
    moveTo(yielded, targets);
    scf::YieldOp::create(builder, loc, carriedScalars(yielded));
  };
  lowerBranch(branch.getThenRegion().front(), made.thenBlock());
  if (withElse && !failed)
    lowerBranch(branch.getElseRegion().front(), made.elseBlock());
  if (failed)
    return;
  mapScalars(branch.getResults(), made.getResults());
  bindPlaces(branch.getResults(), targets);
}

void Lowering::lowerWhile(scf::WhileOp loop) {
  SmallVector<Place> carried = placesFor(loop.getInits().getTypes(), "a carried");
  SmallVector<Place> passed = placesFor(loop.getResultTypes(), "a carried");
  moveTo(loop.getInits(), carried);
  SmallVector<Type> types = scalarTypes(loop, loop.getResultTypes());
  scalarTypes(loop, loop.getInits().getTypes());
  if (failed)
    return;
  SmallVector<Value> inits = carriedScalars(loop.getInits());
  auto made = scf::WhileOp::create(builder, loc, types, inits);
  scratch.beginLoop();
  {
    OpBuilder::InsertionGuard guard(builder);
    SmallVector<Location> beforeLocs(inits.size(), loc), afterLocs(types.size(), loc);
    Block *before = builder.createBlock(&made.getBefore(), {}, ValueRange(inits).getTypes(), beforeLocs);
    mapScalars(loop.getBeforeArguments(), before->getArguments());
    bindPlaces(loop.getBeforeArguments(), carried);
    lower(*loop.getBeforeBody());
    if (failed)
      return;
    auto condition = loop.getConditionOp();
    moveTo(condition.getArgs(), passed);
    scf::ConditionOp::create(builder, loc, scalar(condition.getCondition()), carriedScalars(condition.getArgs()));

    Block *after = builder.createBlock(&made.getAfter(), {}, types, afterLocs);
    mapScalars(loop.getAfterArguments(), after->getArguments());
    bindPlaces(loop.getAfterArguments(), passed);
    lower(*loop.getAfterBody());
    if (failed)
      return;
    moveTo(loop.getYieldOp().getOperands(), carried);
    scf::YieldOp::create(builder, loc, carriedScalars(loop.getYieldOp().getOperands()));
  }
  for (const Place &place : llvm::concat<Place>(carried, passed))
    scratch.use(place.buffer);
  scratch.endLoop();
  mapScalars(loop.getResults(), made.getResults());
  bindPlaces(loop.getResults(), passed);
}
