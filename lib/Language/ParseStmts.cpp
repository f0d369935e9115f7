//===- ParseStmts.cpp - Statements ------------------------------ -*- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "tile/Language/Parser.h"
#include "llvm/ADT/Twine.h"

using namespace tile::lang;
using namespace tile::lang::ast;
using llvm::StringRef;
using llvm::Twine;

bool Parser::parseBlock(Block &block) {
  Nest nest(*this);
  if (tooDeep() || !expect(Tok::LBrace, "before a block"))
    return false;
  while (!at(Tok::RBrace) && !at(Tok::End))
    parseStatement(block);
  return expect(Tok::RBrace, "at the end of a block");
}

void Parser::skipStatement() {
  unsigned open = 0;
  while (!at(Tok::End)) {
    if (at(Tok::Semicolon) && !open) {
      advance();
      return;
    }
    // A statement that lacks its end: the next one starts here.
    if (!open && (at(Tok::Let) || at(Tok::Var) || at(Tok::For) || at(Tok::While) || at(Tok::Static) || at(Tok::Return)))
      return;
    if (at(Tok::LBrace)) {
      ++open;
    } else if (at(Tok::RBrace)) {
      if (!open)
        return;
      if (--open == 0) {
        advance();
        return;
      }
    }
    advance();
  }
}

void Parser::parseStatement(Block &block) {
  unreadable = false;
  bool good;
  switch (token.kind) {
  case Tok::Let:
    good = parseBind(block, BindKind::Let);
    break;
  case Tok::Var:
    good = parseBind(block, BindKind::Var);
    break;
  case Tok::Const:
    good = parseBind(block, BindKind::Const);
    break;
  case Tok::For:
    good = parseFor(block);
    break;
  case Tok::While: {
    auto *loop = file.make<WhileStmt>(token.position);
    advance();
    block.push_back(loop);
    good = (loop->condition = parseExpr()) && parseBlock(loop->body);
    break;
  }
  case Tok::If:
    good = parseIf(block, /*isStatic=*/false);
    break;
  case Tok::Static:
    advance();
    if (at(Tok::If)) {
      good = parseIf(block, /*isStatic=*/true);
    } else {
      error(token.position, "expected 'if' after 'static'");
      good = false;
    }
    break;
  case Tok::Return: {
    auto *statement = file.make<ReturnStmt>(token.position);
    advance();
    block.push_back(statement);
    good = (at(Tok::Semicolon) || (statement->value = parseExpr())) && expect(Tok::Semicolon, "after 'return'");
    break;
  }
  default:
    if (token.isWord("static_assert") || token.isWord("assert"))
      good = parseChecked(block);
    else if (token.isWord("print"))
      good = parsePrint(block);
    else
      good = parseExprStatement(block);
  }
  if (!good)
    skipStatement();
}

bool Parser::parsePattern(std::vector<Ident> &names, bool &isTuple) {
  isTuple = accept(Tok::LParen);
  do {
    if (!expectName(names.emplace_back(), "a name to bind"))
      return false;
  } while (isTuple && accept(Tok::Comma));
  return !isTuple || expect(Tok::RParen, "after the names of a tuple");
}

bool Parser::parseBind(Block &block, BindKind binder) {
  advance();
  do {
    auto *statement = file.make<BindStmt>(token.position);
    statement->binder = binder;
    if (!parsePattern(statement->names, statement->isTuple) || !expect(Tok::Equal, "after the name that is bound"))
      return false;
    statement->value = parseExpr();
    if (!statement->value)
      return false;
    block.push_back(statement);
  } while (accept(Tok::Comma));
  return expect(Tok::Semicolon, "after the value");
}

bool Parser::parseFor(Block &block) {
  auto *loop = file.make<ForStmt>(token.position);
  advance();
  if (!expectName(loop->variable, "the loop's variable") || !expect(Tok::In, "after the loop's variable"))
    return false;
  loop->lower = parseExpr();
  if (!loop->lower)
    return false;
  loop->inclusive = at(Tok::DotDotEqual);
  if (!accept(Tok::DotDotEqual) && !expect(Tok::DotDot, "between the bounds of a loop"))
    return false;
  loop->upper = parseExpr();
  if (!loop->upper || (acceptWord("step") && !(loop->step = parseExpr())))
    return false;
  while (accept(Tok::Comma)) {
    if (!token.isWord("stages")) {
      error(token.position, "expected 'stages = …' after ',' in a loop",
            "a loop has one variable; write loops inside each other", token.position);
      return false;
    }
    Position position = token.position;
    advance();
    if (!expect(Tok::Equal, "after 'stages'"))
      return false;
    if (loop->stages)
      error(position, "'stages' is stated twice");
    loop->stages = parseExpr();
    if (!loop->stages)
      return false;
  }
  block.push_back(loop);
  return parseBlock(loop->body);
}

bool Parser::parseIf(Block &block, bool isStatic) {
  Nest nest(*this);
  if (tooDeep())
    return false;
  auto *statement = file.make<IfStmt>(token.position);
  advance();
  statement->isStatic = isStatic;
  block.push_back(statement);
  statement->condition = parseExpr();
  if (!statement->condition || !parseBlock(statement->thenBody))
    return false;
  if (!accept(Tok::Else))
    return true;
  if (at(Tok::If))
    return parseIf(statement->elseBody, /*isStatic=*/false);
  if (accept(Tok::Static)) {
    if (at(Tok::If))
      return parseIf(statement->elseBody, /*isStatic=*/true);
    error(token.position, "expected 'if' after 'static'");
    return false;
  }
  return parseBlock(statement->elseBody);
}

bool Parser::parseChecked(Block &block) {
  bool isStatic = token.isWord("static_assert");
  Position position = token.position;
  advance();
  if (!expect(Tok::LParen, "after an assertion's name"))
    return false;
  const Expr *condition = parseExpr();
  if (!condition)
    return false;
  StringRef message;
  if (accept(Tok::Comma)) {
    message = token.text;
    if (!expect(Tok::String, "for the message"))
      return false;
  }
  if (!expect(Tok::RParen, "after an assertion") || !expect(Tok::Semicolon, "after an assertion"))
    return false;
  if (isStatic) {
    auto *statement = file.make<StaticAssertStmt>(position);
    statement->condition = condition;
    statement->message = message;
    block.push_back(statement);
  } else {
    auto *statement = file.make<AssertStmt>(position);
    statement->condition = condition;
    statement->message = message;
    block.push_back(statement);
  }
  return true;
}

bool Parser::parsePrint(Block &block) {
  auto *statement = file.make<PrintStmt>(token.position);
  advance();
  if (!expect(Tok::LParen, "after 'print'"))
    return false;
  statement->format = token.text;
  if (!expect(Tok::String, "as the format"))
    return false;
  while (accept(Tok::Comma)) {
    const Expr *value = parseExpr();
    if (!value)
      return false;
    statement->values.push_back(value);
  }
  if (!expect(Tok::RParen, "after the values") || !expect(Tok::Semicolon, "after 'print'"))
    return false;
  if (statement->format.count("{}") != statement->values.size()) {
    error(statement->position, "the format has " + Twine(statement->format.count("{}")) + " '{}' for " +
                                   Twine(statement->values.size()) + " values");
    return true;
  }
  block.push_back(statement);
  return true;
}

/// The operator of a compound assignment.
static std::optional<BinaryOp> compoundOp(Tok kind) {
  switch (kind) {
  case Tok::PlusEqual:
    return BinaryOp::Add;
  case Tok::MinusEqual:
    return BinaryOp::Sub;
  case Tok::StarEqual:
    return BinaryOp::Mul;
  case Tok::SlashEqual:
    return BinaryOp::Div;
  case Tok::PercentEqual:
    return BinaryOp::Mod;
  case Tok::AmpEqual:
    return BinaryOp::And;
  case Tok::PipeEqual:
    return BinaryOp::Or;
  case Tok::CaretEqual:
    return BinaryOp::Xor;
  case Tok::LessLessEqual:
    return BinaryOp::Shl;
  case Tok::GreaterGreaterEqual:
    return BinaryOp::Shr;
  default:
    return std::nullopt;
  }
}

bool Parser::parseExprStatement(Block &block) {
  const Expr *expr = parseExpr();
  if (!expr)
    return false;
  std::optional<BinaryOp> op = compoundOp(token.kind);
  if (!op && !at(Tok::Equal)) {
    if (auto *call = llvm::dyn_cast<CallExpr>(expr)) {
      auto *statement = file.make<CallStmt>(expr->position);
      statement->call = call;
      block.push_back(statement);
      return expect(Tok::Semicolon, "after a call");
    }
    error(expr->position, "this expression has no effect",
          "a statement is a binding, an assignment, a loop, an 'if' or a call", expr->position);
    return false;
  }
  auto *assign = file.make<AssignStmt>(expr->position);
  assign->op = op;
  if (auto *name = llvm::dyn_cast<NameExpr>(expr)) {
    assign->names.push_back({name->name, name->position});
  } else if (auto *index = llvm::dyn_cast<IndexExpr>(expr)) {
    assign->target = index;
  } else if (auto *tuple = llvm::dyn_cast<TupleExpr>(expr)) {
    assign->isTuple = true;
    for (const Expr *element : tuple->elements) {
      auto *name = llvm::dyn_cast<NameExpr>(element);
      if (!name) {
        error(element->position, "only names stand in a tuple that is assigned to");
        return false;
      }
      assign->names.push_back({name->name, name->position});
    }
    if (op)
      error(token.position, "a tuple is assigned with '='");
  } else {
    error(expr->position, "this can't be assigned to");
    return false;
  }
  advance();
  assign->value = parseExpr();
  if (!assign->value)
    return false;
  block.push_back(assign);
  return expect(Tok::Semicolon, "after an assignment");
}
