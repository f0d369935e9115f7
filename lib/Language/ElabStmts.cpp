//===- ElabStmts.cpp - Statements ------------------------------ -*- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "tile/Language/Elaborator.h"
#include "tile/Language/Names.h"
#include "llvm/ADT/STLExtras.h"

using namespace tile::lang;
using namespace tile::lang::ast;
using llvm::dyn_cast;
using llvm::StringRef;
using llvm::Twine;

Elaborator::Flow Elaborator::runBlock(const Block &block) {
  frame().scopes.emplace_back();
  Flow flow = runStatements(block);
  frame().scopes.pop_back();
  return flow;
}

Elaborator::Flow Elaborator::runStatements(const Block &block) {
  for (const Stmt *statement : block) {
    if (abandoned)
      return Flow::Next;
    if (runStatement(*statement) == Flow::Returned)
      return Flow::Returned;
  }
  return Flow::Next;
}

Elaborator::Flow Elaborator::runStatement(const Stmt &statement) {
  switch (statement.kind) {
  case Stmt::Bind:
    runBind(llvm::cast<BindStmt>(statement));
    break;
  case Stmt::Assign:
    runAssign(llvm::cast<AssignStmt>(statement));
    break;
  case Stmt::For:
    runFor(llvm::cast<ForStmt>(statement));
    break;
  case Stmt::While:
    runWhile(llvm::cast<WhileStmt>(statement));
    break;
  case Stmt::If:
    if (llvm::cast<IfStmt>(statement).isStatic)
      return runStaticIf(llvm::cast<IfStmt>(statement));
    runIf(llvm::cast<IfStmt>(statement));
    break;
  case Stmt::Return:
    return runReturn(llvm::cast<ReturnStmt>(statement));
  case Stmt::Call: {
    Value result = eval(llvm::cast<CallStmt>(statement).call);
    if (!result.isError() && !(result.kind == Value::Tuple && result.elements.empty()))
      fail(statement.position, "the result of this call, " + describe(result) + ", is not used",
           "bind it: 'let _ = …'");
    break;
  }
  case Stmt::StaticAssert:
    runStaticAssert(llvm::cast<StaticAssertStmt>(statement));
    break;
  case Stmt::Assert:
    runAssert(llvm::cast<AssertStmt>(statement));
    break;
  case Stmt::Print:
    runPrint(llvm::cast<PrintStmt>(statement));
    break;
  }
  return Flow::Next;
}

//===----------------------------------------------------------------------===//
// Bindings and assignments
//===----------------------------------------------------------------------===//

void Elaborator::runBind(const BindStmt &statement) {
  Value value = eval(statement.value);
  if (statement.binder == BindKind::Const && !value.isError() && !value.isConst()) {
    if (std::optional<Const> constant = constantOf(value))
      value = Value::ofConst(*constant);
    else
      value = fail(statement.value->position,
                   "'" + statement.names[0].name + "' is a constant, and " + describe(value) + " is not one",
                   "bind it with 'let'");
  }
  bool isVar = statement.binder == BindKind::Var;
  if (!statement.isTuple) {
    define(statement.names[0], std::move(value), isVar);
    return;
  }
  if (!value.isError() && (value.kind != Value::Tuple || value.elements.size() != statement.names.size()))
    value = fail(statement.value->position,
                 Twine(statement.names.size()) + " names can't take " + describe(value) + " apart");
  for (auto [i, ident] : llvm::enumerate(statement.names))
    define(ident, value.isError() ? Value() : value.elements[i], isVar);
}

std::optional<Value> Elaborator::fuseDot(const AssignStmt &statement, const Value &current) {
  auto *call = dyn_cast<CallExpr>(statement.value);
  auto *callee = call ? dyn_cast<NameExpr>(call->callee) : nullptr;
  if (statement.op != BinaryOp::Add || !callee || callee->name != "dot" || find("dot") || call->args.size() != 2 ||
      !current.isTile())
    return std::nullopt;
  Value a = eval(call->args[0]), b = eval(call->args[1]);
  if (a.isError() || b.isError())
    return Value();
  Value product = dot(*call, a, b, current.ssa);
  // An accumulator of another type or shape: add as it is written.
  if (!product.isError() && product.ssa.getType() != current.ssa.getType())
    return binary(BinaryOp::Add, current, product, statement.position);
  return product;
}

void Elaborator::runAssign(const AssignStmt &statement) {
  if (statement.target) {
    runStore(statement);
    return;
  }
  if (statement.isTuple) {
    Value value = eval(statement.value);
    if (value.isError())
      return;
    if (value.kind != Value::Tuple || value.elements.size() != statement.names.size()) {
      fail(statement.value->position,
           Twine(statement.names.size()) + " names can't take " + describe(value) + " apart");
      return;
    }
    for (auto [ident, element] : llvm::zip_equal(statement.names, value.elements))
      assign(ident, element);
    return;
  }
  Ident ident = statement.names[0];
  if (!statement.op) {
    assign(ident, eval(statement.value));
    return;
  }
  NameExpr name;
  name.name = ident.name;
  name.position = ident.position;
  Value current = evalName(name);
  if (current.isError())
    return;
  if (std::optional<Value> fused = fuseDot(statement, current)) {
    assign(ident, *fused);
    return;
  }
  Value operand = eval(statement.value);
  Binding *binding = find(ident.name);
  if (binding && binding->startedConstant && current.isData() && operand.isData() && current.dtype != operand.dtype) {
    mlir::InFlightDiagnostic diagnostic =
        error(statement.position, "'" + ident.name + "' is " + describe(current) + " and meets " + describe(operand));
    diagnostic.attachNote(loc(binding->position))
        << "it starts as a constant; start it with the dtype it is to have: '" << dtypeName(operand.dtype) << "(…)'";
    return;
  }
  assign(ident, binary(*statement.op, std::move(current), std::move(operand), statement.position));
}

void Elaborator::assign(Ident ident, Value value) {
  if (ident.name == "_" || abandoned)
    return;
  Binding *binding = find(ident.name);
  if (!binding) {
    fail(ident.position, "'" + ident.name + "' is not defined", didYouMean(ident.name, namesInScope()));
    return;
  }
  if (!binding->isVar) {
    mlir::InFlightDiagnostic diagnostic =
        error(ident.position, "'" + ident.name + "' can't be assigned: it is no 'var'");
    if (binding->position.line)
      diagnostic.attachNote(loc(binding->position)) << "it is defined here";
    return;
  }
  if (value.isError())
    return;
  const Value &held = binding->value;
  if (held.isError()) {
    binding->value = Value();
    return;
  }
  // A variable that holds data keeps its dtype and shape; a number that meets it takes them.
  if (held.isData() && value.isOperand()) {
    Value converted = value.isConst() ? materialize(value, held.dtype, ident.position) : value;
    if (converted.isError())
      return;
    llvm::ArrayRef<int64_t> shape = held.tileShape();
    if (converted.dtype == held.dtype && converted.tileShape() != shape && converted.tileShape().empty())
      converted.ssa = expand(converted.ssa, shape, loc(ident.position));
    if (converted.dtype != held.dtype || converted.tileShape() != shape) {
      Position defined = binding->position;
      mlir::InFlightDiagnostic diagnostic = error(ident.position, "'" + ident.name + "' is " + describe(held) +
                                                                      " and can't become " + describe(converted));
      diagnostic.attachNote(loc(defined))
          << (converted.dtype != held.dtype && converted.tileShape() == shape
                  ? "start it with the dtype it is to have, for example '" + dtypeName(converted.dtype).str() + "(…)'"
                  : "a variable keeps its dtype and shape");
      return;
    }
    binding->value = std::move(converted);
    return;
  }
  if (!held.isConst() && held.kind != value.kind) {
    fail(ident.position, "'" + ident.name + "' is " + describe(held) + " and can't become " + describe(value));
    return;
  }
  binding->value = std::move(value);
}

void Elaborator::runStore(const AssignStmt &statement) {
  const IndexExpr &target = *statement.target;
  Value view = eval(target.base);
  if (view.isError()) {
    eval(statement.value);
    return;
  }
  if (!view.isView()) {
    fail(target.position, "only an element or a tile of a view can be stored to, not of " + describe(view));
    return;
  }
  if (view.access == Access::In) {
    fail(target.position, "'" + view.name + "' is only read and can't be written", "declare it 'out' or 'inout'");
    return;
  }
  if (target.pad) {
    fail(target.pad->position, "a store has no padding: what lies outside the view is not written");
    return;
  }
  for (const IndexItem &item : target.items)
    if (item.kind == IndexItem::Range) {
      fail(item.position, "a store takes 'start +: width', not a range");
      return;
    }
  std::optional<Place> where = place(target, view);
  if (!where) {
    eval(statement.value);
    return;
  }
  Value value = eval(statement.value);
  if (value.isError())
    return;
  if (statement.op) {
    if (!checkReadable(view, target.position))
      return;
    value = binary(*statement.op, loadFrom(*where, nullptr, target.position), std::move(value), statement.position);
    if (value.isError())
      return;
  }
  if (!value.isOperand()) {
    fail(statement.value->position, describe(value) + " can't be stored");
    return;
  }
  if (value.isConst())
    value = materialize(value, view.dtype, statement.value->position);
  if (value.isError())
    return;
  if (value.dtype != view.dtype) {
    fail(statement.value->position,
         "'" + view.name + "' holds " + dtypeName(view.dtype) + " and can't take " + describe(value),
         "convert it: '" + dtypeName(view.dtype) + "(…)'");
    return;
  }
  llvm::SmallVector<int64_t> shape = ir::accessShape(where->widths);
  Value like = Value::ofData(value.ssa, value.dtype);
  llvm::ArrayRef<int64_t> from = value.tileShape();
  bool fits = from.size() <= shape.size();
  for (size_t i = 0; fits && i < from.size(); ++i)
    fits = from[from.size() - 1 - i] == 1 || from[from.size() - 1 - i] == shape[shape.size() - 1 - i];
  if (!fits) {
    fail(statement.value->position,
         describe(like) + " does not fit into " + describeType(view.dtype, shape) + " of '" + view.name + "'");
    return;
  }
  mlir::Location at = loc(statement.position);
  ir::StoreOp::create(builder, at, expand(value.ssa, shape, at), where->view, where->offsets, where->widths,
                      ir::BindingAttr());
}

//===----------------------------------------------------------------------===//
// Control that is decided now
//===----------------------------------------------------------------------===//

Elaborator::Flow Elaborator::runReturn(const ReturnStmt &statement) {
  if (!frame().function) {
    fail(statement.position, "a kernel does not return; it ends at the end of its body");
    return Flow::Returned;
  }
  if (frame().dynamicDepth) {
    fail(statement.position, "a return can't leave a loop or an 'if' that is decided while the kernel runs",
         "assign a 'var' and return it at the end, or use 'static if'");
    return Flow::Returned;
  }
  Value result;
  result.kind = Value::Tuple;
  if (statement.value)
    result = eval(statement.value);
  frame().result = std::move(result);
  return Flow::Returned;
}

Elaborator::Flow Elaborator::runStaticIf(const IfStmt &statement) {
  std::optional<bool> condition = evalStaticCondition(statement.condition);
  if (!condition)
    return Flow::Next;
  return runBlock(*condition ? statement.thenBody : statement.elseBody);
}

void Elaborator::runStaticAssert(const StaticAssertStmt &statement) {
  std::optional<bool> condition = evalStaticCondition(statement.condition);
  if (condition && !*condition)
    fail(statement.position, statement.message.empty() ? Twine("a static assertion fails") : Twine(statement.message));
}

//===----------------------------------------------------------------------===//
// Checked builds
//===----------------------------------------------------------------------===//

void Elaborator::runAssert(const AssertStmt &statement) {
  Value condition = eval(statement.condition);
  if (condition.isError())
    return;
  if (condition.isConst() && condition.constant.isBool())
    condition = materialize(condition, DType::Bool, statement.position);
  if (!condition.isData() || condition.dtype != DType::Bool) {
    fail(statement.condition->position, "an assertion is about a bool, not " + describe(condition));
    return;
  }
  if (specialization.checked)
    ir::AssertOp::create(builder, loc(statement.position), condition.ssa,
                         statement.message.empty() ? StringRef("assertion failed") : statement.message);
}

void Elaborator::runPrint(const PrintStmt &statement) {
  llvm::SmallVector<mlir::Value> values;
  llvm::SmallVector<bool> areUnsigned;
  bool good = true;
  for (const Expr *expr : statement.values) {
    Value value = concretize(eval(expr), expr->position);
    good &= !value.isError();
    if (value.isError())
      continue;
    if (!value.isData()) {
      fail(expr->position, describe(value) + " can't be printed");
      good = false;
      continue;
    }
    values.push_back(value.ssa);
    areUnsigned.push_back(isUnsignedInt(value.dtype));
  }
  if (!good || !specialization.checked)
    return;
  auto op = ir::PrintOp::create(builder, loc(statement.position), builder.getStringAttr(statement.format), values,
                                mlir::DenseBoolArrayAttr());
  if (llvm::is_contained(areUnsigned, true))
    op.setUnsignedValues(areUnsigned);
}
