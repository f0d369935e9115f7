//===- HostEval.cpp - Expressions that a launch evaluates ------- -*- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "tile/Language/HostEval.h"
#include "tile/Language/Parser.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/Twine.h"
#include <limits>

using namespace tile::lang;
using namespace tile::lang::ast;
using llvm::dyn_cast;
using llvm::StringRef;
using llvm::Twine;

/// Calls that one expression may make, counted together; it bounds what a recursive function can cost a launch.
static constexpr unsigned kMaxCalls = 1000;

const Function *tile::lang::findFunction(const ast::File &file, StringRef name) {
  if (auto it = file.functions.find(name); it != file.functions.end())
    return it->second;
  const ast::File &prelude = preludeFile();
  if (auto it = prelude.functions.find(name); it != prelude.functions.end())
    return it->second;
  return nullptr;
}

void tile::lang::forEachName(const Expr *expr, llvm::function_ref<void(const NameExpr &, bool)> visit) {
  if (auto *name = dyn_cast<NameExpr>(expr)) {
    visit(*name, false);
  } else if (auto *unary = dyn_cast<UnaryExpr>(expr)) {
    forEachName(unary->operand, visit);
  } else if (auto *binary = dyn_cast<BinaryExpr>(expr)) {
    forEachName(binary->lhs, visit);
    forEachName(binary->rhs, visit);
  } else if (auto *call = dyn_cast<CallExpr>(expr)) {
    if (auto *callee = dyn_cast<NameExpr>(call->callee))
      visit(*callee, true);
    else
      forEachName(call->callee, visit);
    for (const Expr *arg : call->args)
      forEachName(arg, visit);
    for (const CallExpr::Option &option : call->options)
      forEachName(option.value, visit);
  } else if (auto *index = dyn_cast<IndexExpr>(expr)) {
    forEachName(index->base, visit);
    for (const IndexItem &item : index->items)
      for (const Expr *child : {item.first, item.second})
        if (child)
          forEachName(child, visit);
    if (index->pad)
      forEachName(index->pad, visit);
  } else if (auto *tuple = dyn_cast<TupleExpr>(expr)) {
    for (const Expr *element : tuple->elements)
      forEachName(element, visit);
  }
}

std::nullopt_t HostEval::fail(Position position, const Twine &message) {
  // What goes wrong inside a function is reported where the header calls it: the function may stand in another file.
  error.message = message.str();
  error.position = outerCall ? outerCall->position : position;
  return std::nullopt;
}

std::optional<Const> HostEval::evaluate(const Expr *expr) {
  if (auto *literal = dyn_cast<LiteralExpr>(expr))
    return literal->value;
  if (auto *name = dyn_cast<NameExpr>(expr))
    return evaluateName(*name);
  if (auto *call = dyn_cast<CallExpr>(expr))
    return evaluateCall(*call);
  std::string why;
  if (auto *unary = dyn_cast<UnaryExpr>(expr)) {
    std::optional<Const> operand = evaluate(unary->operand);
    if (!operand)
      return std::nullopt;
    std::optional<Const> value = foldUnary(unary->op, *operand, why);
    return value ? value : fail(expr->position, why);
  }
  if (auto *binary = dyn_cast<BinaryExpr>(expr)) {
    std::optional<Const> lhs = evaluate(binary->lhs);
    if (!lhs)
      return std::nullopt;
    std::optional<Const> rhs = evaluate(binary->rhs);
    if (!rhs)
      return std::nullopt;
    std::optional<Const> value = foldBinary(binary->op, *lhs, *rhs, why);
    return value ? value : fail(expr->position, why);
  }
  return fail(expr->position, "this can't be evaluated here: no tile, view or tuple is known");
}

std::optional<Const> HostEval::evaluateName(const NameExpr &name) {
  for (const Local &local : llvm::reverse(llvm::ArrayRef(locals).drop_front(frame)))
    if (local.name == name.name)
      return local.value;
  if (!outerCall)
    if (std::optional<Const> value = lookup(name.name))
      return value;
  if (auto it = file.constants.find(name.name); it != file.constants.end())
    return it->second.value;
  if (std::optional<DType> dtype = parseDType(name.name))
    return Const::ofType(*dtype);
  if (name.name == "inf")
    return Const::ofFloat(std::numeric_limits<double>::infinity());
  if (name.name == "nan")
    return Const::ofFloat(std::numeric_limits<double>::quiet_NaN());
  return fail(name.position, "the value of '" + name.name + "' is not known here");
}

std::optional<Const> HostEval::evaluateCall(const CallExpr &call) {
  auto *callee = dyn_cast<NameExpr>(call.callee);
  if (!callee || !call.options.empty())
    return fail(call.position, "this call can't be evaluated here");
  llvm::SmallVector<Const, 4> args;
  for (const Expr *arg : call.args) {
    std::optional<Const> value = evaluate(arg);
    if (!value)
      return std::nullopt;
    args.push_back(*value);
  }
  const Function *function = findFunction(file, callee->name);
  if (!function) {
    std::string why;
    std::optional<Const> value = foldCall(callee->name, args, why);
    if (!value && callee->name == "index" && args.size() == 1 && args[0].isInt())
      value = args[0];
    if (!value && why.empty())
      why = "'" + callee->name.str() + "' of these values can't be evaluated here";
    return value ? value : fail(call.position, why);
  }
  if (args.size() != function->params.size())
    return fail(call.position, "'" + callee->name + "' takes " + Twine(function->params.size()) + " arguments, not " +
                                   Twine(args.size()));
  if (++calls > kMaxCalls || depth >= 64)
    return fail(call.position, "'" + callee->name + "' calls too deep or too often");
  size_t savedFrame = frame, savedSize = locals.size();
  const CallExpr *savedCall = outerCall;
  frame = savedSize;
  if (!outerCall)
    outerCall = &call;
  ++depth;
  for (auto [param, value] : llvm::zip_equal(function->params, args))
    locals.push_back({param.name, value});
  std::optional<Const> result;
  Flow flow = run(function->body, result);
  if (flow == Flow::Next)
    fail(call.position, "'" + callee->name + "' returns nothing");
  --depth;
  locals.truncate(savedSize);
  frame = savedFrame;
  outerCall = savedCall;
  return result;
}

HostEval::Flow HostEval::run(const Block &block, std::optional<Const> &result) {
  for (const Stmt *statement : block)
    if (Flow flow = runOne(*statement, result); flow != Flow::Next)
      return flow;
  return Flow::Next;
}

HostEval::Flow HostEval::runOne(const Stmt &statement, std::optional<Const> &result) {
  if (auto *ret = dyn_cast<ReturnStmt>(&statement); ret && ret->value) {
    result = evaluate(ret->value);
    return result ? Flow::Returned : Flow::Failed;
  }
  if (auto *bind = dyn_cast<BindStmt>(&statement); bind && !bind->isTuple) {
    std::optional<Const> value = evaluate(bind->value);
    if (!value)
      return Flow::Failed;
    locals.push_back({bind->names[0].name, *value});
    return Flow::Next;
  }
  if (auto *branch = dyn_cast<IfStmt>(&statement)) {
    std::optional<bool> condition = evaluateBool(branch->condition);
    if (!condition)
      return Flow::Failed;
    return run(*condition ? branch->thenBody : branch->elseBody, result);
  }
  if (auto *check = dyn_cast<StaticAssertStmt>(&statement)) {
    std::optional<bool> condition = evaluateBool(check->condition);
    if (condition && *condition)
      return Flow::Next;
    if (condition)
      fail(statement.position, check->message.empty() ? "a static assertion fails" : Twine(check->message));
    return Flow::Failed;
  }
  fail(statement.position, "a statement of this kind can't be evaluated here");
  return Flow::Failed;
}

std::optional<WideInt> HostEval::evaluateInt(const Expr *expr) {
  std::optional<Const> value = evaluate(expr);
  if (!value)
    return std::nullopt;
  if (!value->isInt())
    return fail(expr->position, "expected an integer, found '" + toString(*value) + "'");
  return value->integer;
}

std::optional<bool> HostEval::evaluateBool(const Expr *expr) {
  std::optional<Const> value = evaluate(expr);
  if (!value)
    return std::nullopt;
  if (!value->isBool())
    return fail(expr->position, "expected a bool, found '" + toString(*value) + "'");
  return value->asBool();
}
