//===- ElabLoops.cpp - Loops and branches ---------------------- -*- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What a body assigns of the variables around it is carried: into the loop as arguments, out of it as results. Which variables these
// are is read from the tree before the body is walked; a `static if` whose condition is known by then counts with one branch.
//
//===----------------------------------------------------------------------===//

#include "tile/Dialect/Stages.h"
#include "tile/Language/Elaborator.h"
#include "tile/Language/HostEval.h"
#include "llvm/ADT/STLExtras.h"

using namespace tile::lang;
using namespace tile::lang::ast;
using llvm::ArrayRef;
using llvm::dyn_cast;
using llvm::StringRef;
using llvm::Twine;

//===----------------------------------------------------------------------===//
// Carried variables
//===----------------------------------------------------------------------===//

void Elaborator::collectAssigned(const Block &block, llvm::MapVector<StringRef, Position> &names) {
  for (const Stmt *statement : block) {
    if (auto *assign = dyn_cast<AssignStmt>(statement)) {
      for (const Ident &ident : assign->names)
        names.insert({ident.name, ident.position});
    } else if (auto *loop = dyn_cast<ForStmt>(statement)) {
      collectAssigned(loop->body, names);
    } else if (auto *loop = dyn_cast<WhileStmt>(statement)) {
      collectAssigned(loop->body, names);
    } else if (auto *branch = dyn_cast<IfStmt>(statement)) {
      std::optional<bool> known;
      if (branch->isStatic) {
        auto lookup = [this](StringRef name) -> std::optional<Const> {
          Binding *binding = find(name);
          if (!binding || binding->isVar)
            return std::nullopt;
          if (std::optional<bool> there = binding->value.isConst() ? std::nullopt : truth(binding->value))
            return Const::ofBool(*there);
          return binding->value.isConst() ? std::optional(binding->value.constant) : std::nullopt;
        };
        HostEval eval(*frame().file, lookup);
        known = eval.evaluateBool(branch->condition);
      }
      if (known != false)
        collectAssigned(branch->thenBody, names);
      if (known != true)
        collectAssigned(branch->elseBody, names);
    }
  }
}

llvm::SmallVector<Ident> Elaborator::assignedVars(const Block &block) {
  llvm::MapVector<StringRef, Position> names;
  collectAssigned(block, names);
  llvm::SmallVector<Ident> vars;
  for (auto &[name, position] : names)
    if (Binding *binding = find(name); binding && binding->isVar && !binding->value.isError())
      vars.push_back({name, position});
  return vars;
}

bool Elaborator::makeCarried(const Ident &ident, Value &value) {
  if (value.kind == Value::Tuple)
    return llvm::all_of(value.elements, [&](Value &element) { return makeCarried(ident, element); });
  if (value.isOperand()) {
    value = concretize(value, ident.position);
    return !value.isError();
  }
  fail(ident.position,
       "'" + ident.name + "' is " + describe(value) + ", which can't be assigned where the running program decides");
  return false;
}

void Elaborator::flatten(const Value &value, llvm::SmallVectorImpl<mlir::Value> &list) {
  if (value.isData())
    list.push_back(value.ssa);
  for (const Value &element : value.elements)
    flatten(element, list);
}

void Elaborator::unflatten(Value &value, mlir::ValueRange &list) {
  if (value.isData()) {
    value.ssa = list.front();
    list = list.drop_front();
  }
  for (Value &element : value.elements)
    unflatten(element, list);
}

llvm::SmallVector<mlir::Value> Elaborator::yielded(ArrayRef<Ident> vars, ArrayRef<Value> starts) {
  llvm::SmallVector<mlir::Value> list;
  for (auto [ident, start] : llvm::zip_equal(vars, starts)) {
    Value end = find(ident.name)->value;
    llvm::SmallVector<mlir::Value> before, after;
    flatten(start, before);
    bool usable = end.isError() || makeCarried(ident, end);
    flatten(end, after);
    bool same =
        usable && llvm::equal(before, after, [](mlir::Value a, mlir::Value b) { return a.getType() == b.getType(); });
    if (!same && usable && !end.isError())
      fail(ident.position,
           "'" + ident.name + "' is " + describe(start) + " before the loop and " + describe(end) + " after its body");
    llvm::append_range(list, same ? after : before);
  }
  return list;
}

//===----------------------------------------------------------------------===//
// Loops
//===----------------------------------------------------------------------===//

bool Elaborator::checkCondition(const Value &condition, Position position) {
  bool isBool = condition.isData() && condition.dtype == DType::Bool;
  if (isBool && !condition.isTile())
    return true;
  fail(position, "a condition is one bool, not " + describe(condition),
       isBool                         ? "choose between elements with 'where', or fold with 'any' or 'all'"
       : truth(condition).has_value() ? "whether an argument is there is known now: 'static if'"
                                      : "");
  return false;
}

std::optional<int64_t> Elaborator::stagesOf(const Expr *expr) {
  Value value = eval(expr);
  if (value.isError() || value.kind == Value::Auto)
    return std::nullopt;
  std::optional<int64_t> stages = constInt(value, expr->position, "the number of stages");
  if (stages && (*stages < 1 || *stages > tile::ir::kMostStages)) {
    fail(expr->position, "a loop has from 1 to " + Twine(tile::ir::kMostStages) + " stages, not " + Twine(*stages));
    return std::nullopt;
  }
  return stages;
}

void Elaborator::runFor(const ForStmt &statement) {
  Value lower = toIndex(eval(statement.lower), statement.lower->position, "a bound");
  Value upper = eval(statement.upper);
  if (statement.inclusive && !upper.isError())
    upper = binary(BinaryOp::Add, std::move(upper), Value::ofInt(1), statement.upper->position);
  upper = toIndex(std::move(upper), statement.upper->position, "a bound");
  Value step = statement.step ? eval(statement.step) : Value::ofInt(1);
  mlir::Location at = loc(statement.position);
  if (step.isConst() && step.constant.isInt() && step.constant.integer < 1)
    step = fail(statement.step->position, "a step is positive, not " + toString(step.constant.integer));
  bool known = constantOf(step).has_value();
  step = toIndex(std::move(step), statement.step ? statement.step->position : statement.position, "a step");
  std::optional<int64_t> stages = statement.stages ? stagesOf(statement.stages) : std::nullopt;
  bool good = !lower.isError() && !upper.isError() && !step.isError();
  // A step that turns out not to be positive must not make the loop endless.
  if (good && !known)
    step.ssa = make<mlir::arith::MaxSIOp>(at, step.ssa, integer(1, builder.getIndexType(), at));

  llvm::SmallVector<Ident> vars = assignedVars(statement.body);
  llvm::SmallVector<Value> starts;
  llvm::SmallVector<mlir::Value> inits;
  for (const Ident &ident : vars) {
    Value start = find(ident.name)->value;
    good &= makeCarried(ident, start);
    flatten(start, inits);
    starts.push_back(std::move(start));
  }
  if (!good) {
    // The body is not walked: too much in it would fail for want of these.
    return;
  }
  auto loop = ir::ForOp::create(builder, at, lower.ssa, upper.ssa, step.ssa, inits);
  if (specialization.stages)
    stages = specialization.stages;
  if (stages)
    loop.setNumStages(*stages);
  mlir::ValueRange arguments = loop.getRegionIterArgs();
  for (auto [ident, start] : llvm::zip_equal(vars, starts)) {
    Value inside = start;
    unflatten(inside, arguments);
    find(ident.name)->value = std::move(inside);
  }
  {
    mlir::OpBuilder::InsertionGuard guard(builder);
    builder.setInsertionPointToStart(&loop.getRegion().front());
    ++frame().dynamicDepth;
    frame().scopes.emplace_back();
    define(statement.variable, Value::ofData(loop.getInductionVar(), DType::Index), /*isVar=*/false);
    runBlock(statement.body);
    frame().scopes.pop_back();
    --frame().dynamicDepth;
    llvm::SmallVector<mlir::Value> ends = yielded(vars, starts);
    if (!inits.empty())
      ir::YieldOp::create(builder, at, ends);
  }
  mlir::ValueRange results = loop.getResults();
  for (auto [ident, start] : llvm::zip_equal(vars, starts)) {
    unflatten(start, results);
    find(ident.name)->value = start;
  }
}

void Elaborator::runWhile(const WhileStmt &statement) {
  mlir::Location at = loc(statement.position);
  llvm::SmallVector<Ident> vars = assignedVars(statement.body);
  llvm::SmallVector<Value> starts;
  llvm::SmallVector<mlir::Value> inits;
  bool good = true;
  for (const Ident &ident : vars) {
    Value start = find(ident.name)->value;
    good &= makeCarried(ident, start);
    flatten(start, inits);
    starts.push_back(std::move(start));
  }
  if (!good)
    return;
  llvm::SmallVector<mlir::Type> types = llvm::to_vector(mlir::ValueRange(inits).getTypes());
  auto loop = mlir::scf::WhileOp::create(builder, at, types, inits);
  mlir::OpBuilder::InsertionGuard guard(builder);
  llvm::SmallVector<mlir::Location> locations(types.size(), at);
  auto enter = [&](mlir::Region &region) {
    mlir::Block *block = builder.createBlock(&region, region.end(), types, locations);
    mlir::ValueRange arguments = block->getArguments();
    for (auto [ident, start] : llvm::zip_equal(vars, starts)) {
      Value inside = start;
      unflatten(inside, arguments);
      find(ident.name)->value = std::move(inside);
    }
    return block;
  };
  ++frame().dynamicDepth;
  mlir::Block *before = enter(loop.getBefore());
  Value condition = concretize(eval(statement.condition), statement.condition->position);
  if (!condition.isError() && !checkCondition(condition, statement.condition->position))
    condition = Value();
  if (condition.isError())
    condition = materialize(Value::ofConst(Const::ofBool(false)), DType::Bool, statement.position);
  mlir::scf::ConditionOp::create(builder, at, condition.ssa, before->getArguments());
  enter(loop.getAfter());
  runBlock(statement.body);
  mlir::scf::YieldOp::create(builder, at, yielded(vars, starts));
  --frame().dynamicDepth;
  mlir::ValueRange results = loop.getResults();
  for (auto [ident, start] : llvm::zip_equal(vars, starts)) {
    unflatten(start, results);
    find(ident.name)->value = start;
  }
}

//===----------------------------------------------------------------------===//
// Branches
//===----------------------------------------------------------------------===//

/// Whether two values are the same thing, so that no branch has to give it.
static bool same(const Value &a, const Value &b) {
  if (a.kind != b.kind || a.elements.size() != b.elements.size())
    return false;
  if (a.isConst())
    return a.constant.kind == b.constant.kind && a.constant.integer == b.constant.integer &&
           a.constant.real == b.constant.real && a.constant.dtype == b.constant.dtype;
  for (auto [x, y] : llvm::zip_equal(a.elements, b.elements))
    if (!same(x, y))
      return false;
  return a.ssa == b.ssa && a.function == b.function && a.name == b.name;
}

bool Elaborator::mergeBranches(const Ident &ident, Value &first, mlir::Block *firstBlock, Value &second,
                               mlir::Block *secondBlock) {
  if (first.isError() || second.isError())
    return false;
  if (first.kind == Value::Tuple && second.kind == Value::Tuple && first.elements.size() == second.elements.size()) {
    for (auto [x, y] : llvm::zip_equal(first.elements, second.elements))
      if (!mergeBranches(ident, x, firstBlock, y, secondBlock))
        return false;
    return true;
  }
  auto concrete = [&](Value &value, mlir::Block *block, const Value &other) {
    builder.setInsertionPointToEnd(block);
    if (!value.isConst() || !other.isData())
      return makeCarried(ident, value);
    value = materialize(value, other.dtype, ident.position);
    if (value.isError())
      return false;
    value.ssa = expand(value.ssa, other.tileShape(), loc(ident.position));
    return true;
  };
  Value original = first;
  if (!concrete(first, firstBlock, second) || !concrete(second, secondBlock, original.isData() ? original : first))
    return false;
  if (first.dtype == second.dtype && first.ssa.getType() == second.ssa.getType())
    return true;
  fail(ident.position,
       "'" + ident.name + "' is " + describe(first) + " after one branch and " + describe(second) + " after the other");
  return false;
}

void Elaborator::runIf(const IfStmt &statement) {
  mlir::Location at = loc(statement.position);
  Value condition = concretize(eval(statement.condition), statement.condition->position);
  if (condition.isError())
    return;
  if (!checkCondition(condition, statement.condition->position))
    return;
  llvm::SmallVector<Ident> vars = assignedVars(statement.thenBody);
  for (const Ident &ident : assignedVars(statement.elseBody))
    if (llvm::none_of(vars, [&](const Ident &other) { return other.name == ident.name; }))
      vars.push_back(ident);
  llvm::SmallVector<Value> starts;
  for (const Ident &ident : vars)
    starts.push_back(find(ident.name)->value);

  mlir::Region regions[2];
  llvm::SmallVector<Value> ends[2];
  mlir::OpBuilder::InsertPoint after = builder.saveInsertionPoint();
  ++frame().dynamicDepth;
  for (unsigned i = 0; i < 2; ++i) {
    for (auto [ident, start] : llvm::zip_equal(vars, starts))
      find(ident.name)->value = start;
    builder.createBlock(&regions[i]);
    runBlock(i == 0 ? statement.thenBody : statement.elseBody);
    for (const Ident &ident : vars)
      ends[i].push_back(find(ident.name)->value);
  }
  --frame().dynamicDepth;

  llvm::SmallVector<mlir::Value> lists[2];
  llvm::SmallVector<unsigned> merged;
  for (auto [v, ident] : llvm::enumerate(vars)) {
    Value &result = find(ident.name)->value;
    if (same(ends[0][v], ends[1][v])) {
      result = ends[0][v];
      continue;
    }
    result = Value();
    if (!mergeBranches(ident, ends[0][v], &regions[0].front(), ends[1][v], &regions[1].front()))
      continue;
    merged.push_back(v);
    for (unsigned i = 0; i < 2; ++i)
      flatten(ends[i][v], lists[i]);
  }
  for (unsigned i = 0; i < 2; ++i) {
    builder.setInsertionPointToEnd(&regions[i].front());
    mlir::scf::YieldOp::create(builder, at, lists[i]);
  }
  builder.restoreInsertionPoint(after);
  bool hasElse = !lists[0].empty() || !statement.elseBody.empty();
  auto op = mlir::scf::IfOp::create(builder, at, mlir::ValueRange(lists[0]).getTypes(), condition.ssa);
  op.getThenRegion().takeBody(regions[0]);
  if (hasElse)
    op.getElseRegion().takeBody(regions[1]);
  mlir::ValueRange results = op.getResults();
  for (unsigned v : merged) {
    unflatten(ends[0][v], results);
    find(vars[v].name)->value = ends[0][v];
  }
}
