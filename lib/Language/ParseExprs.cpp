//===- ParseExprs.cpp - Expressions ----------------------------- -*- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "tile/Language/Parser.h"
#include "llvm/ADT/Twine.h"

using namespace tile::lang;
using namespace tile::lang::ast;
using llvm::Twine;

namespace {
struct OperatorRow {
  Tok token;
  BinaryOp op;
  unsigned precedence;
};
constexpr unsigned comparisonPrecedence = 2;
constexpr OperatorRow operators[] = {
    {Tok::PipePipe, BinaryOp::LogicalOr, 0},
    {Tok::AmpAmp, BinaryOp::LogicalAnd, 1},
    {Tok::Less, BinaryOp::Less, comparisonPrecedence},
    {Tok::LessEqual, BinaryOp::LessEqual, comparisonPrecedence},
    {Tok::Greater, BinaryOp::Greater, comparisonPrecedence},
    {Tok::GreaterEqual, BinaryOp::GreaterEqual, comparisonPrecedence},
    {Tok::EqualEqual, BinaryOp::Equal, comparisonPrecedence},
    {Tok::BangEqual, BinaryOp::NotEqual, comparisonPrecedence},
    {Tok::Pipe, BinaryOp::Or, 3},
    {Tok::Caret, BinaryOp::Xor, 4},
    {Tok::Amp, BinaryOp::And, 5},
    {Tok::LessLess, BinaryOp::Shl, 6},
    {Tok::GreaterGreater, BinaryOp::Shr, 6},
    {Tok::Plus, BinaryOp::Add, 7},
    {Tok::Minus, BinaryOp::Sub, 7},
    {Tok::Star, BinaryOp::Mul, 8},
    {Tok::Slash, BinaryOp::Div, 8},
    {Tok::Percent, BinaryOp::Mod, 8},
};
} // namespace

static const OperatorRow *findOperator(Tok token) {
  for (const OperatorRow &row : operators)
    if (row.token == token)
      return &row;
  return nullptr;
}

/// Whether the token contains `<` or `>`, which end a list of parameters.
static bool hasAngle(Tok token) {
  return token == Tok::Less || token == Tok::LessEqual || token == Tok::Greater || token == Tok::GreaterEqual ||
         token == Tok::LessLess || token == Tok::GreaterGreater;
}

const Expr *Parser::grown(Expr *expr, unsigned height) {
  expr->height = height + 1;
  if (expr->height <= kMaxDepth)
    return expr;
  error(expr->position, "the expression is nested more than " + Twine(kMaxDepth) + " deep");
  abandon();
  return nullptr;
}

const Expr *Parser::grown(Expr *expr, std::initializer_list<const Expr *> children) {
  unsigned height = 0;
  for (const Expr *child : children)
    if (child)
      height = std::max(height, child->height);
  return grown(expr, height);
}

const Expr *Parser::parseExprWithoutAngles() {
  bool saved = std::exchange(angles, false);
  const Expr *expr = parseExpr();
  angles = saved;
  return expr;
}

const Expr *Parser::parseBinary(unsigned minimum) {
  Nest nest(*this);
  if (tooDeep())
    return nullptr;
  const Expr *lhs = parseUnary();
  while (lhs) {
    const OperatorRow *row = findOperator(token.kind);
    if (!row || row->precedence < minimum || (!angles && hasAngle(token.kind)))
      return lhs;
    Position position = token.position;
    advance();
    const Expr *rhs = parseBinary(row->precedence + 1);
    if (!rhs)
      return nullptr;
    if (row->precedence == comparisonPrecedence)
      if (const OperatorRow *next = findOperator(token.kind);
          next && next->precedence == comparisonPrecedence && (angles || !hasAngle(token.kind))) {
        error(token.position, "comparisons do not chain", "write 'a < b && b < c'", token.position);
        return nullptr;
      }
    auto *binary = file.make<BinaryExpr>(position);
    binary->op = row->op;
    binary->lhs = lhs;
    binary->rhs = rhs;
    lhs = grown(binary, {binary->lhs, rhs});
  }
  return nullptr;
}

const Expr *Parser::parseUnary() {
  std::optional<UnaryOp> op;
  if (at(Tok::Minus))
    op = UnaryOp::Negate;
  else if (at(Tok::Bang))
    op = UnaryOp::Not;
  else if (at(Tok::Tilde))
    op = UnaryOp::Complement;
  if (!op)
    return parsePostfix();
  Nest nest(*this);
  if (tooDeep())
    return nullptr;
  auto *unary = file.make<UnaryExpr>(token.position);
  advance();
  unary->op = *op;
  unary->operand = parseUnary();
  return unary->operand ? grown(unary, {unary->operand}) : nullptr;
}

const Expr *Parser::parsePostfix() {
  const Expr *expr = parsePrimary();
  while (expr && (at(Tok::LParen) || at(Tok::LBracket))) {
    // Between brackets `<` is an operator again, wherever the expression stands.
    bool saved = std::exchange(angles, true);
    expr = at(Tok::LParen) ? parseCall(expr) : parseIndex(expr);
    angles = saved;
  }
  return expr;
}

const Expr *Parser::parsePrimary() {
  Position position = token.position;
  auto literal = [&](Const value) {
    auto *expr = file.make<LiteralExpr>(position);
    expr->value = value;
    advance();
    return expr;
  };
  switch (token.kind) {
  case Tok::Integer:
    return literal(Const::ofInt(token.integer));
  case Tok::Float:
    return literal(Const::ofFloat(token.real));
  case Tok::True:
  case Tok::False:
    return literal(Const::ofBool(at(Tok::True)));
  case Tok::Name: {
    auto *name = file.make<NameExpr>(position);
    name->name = token.text;
    advance();
    return name;
  }
  case Tok::LParen:
    break;
  default:
    if (at(Tok::String))
      error(position, "a string is no value");
    else if (at(Tok::End))
      error(position, "expected an expression, found the end of the file");
    else
      error(position, "expected an expression, found '" + token.text + "'");
    return nullptr;
  }
  advance();
  bool saved = std::exchange(angles, true);
  auto *tuple = file.make<TupleExpr>(position);
  unsigned height = 0;
  bool comma = false;
  do {
    if (comma && at(Tok::RParen))
      break;
    const Expr *element = parseExpr();
    if (!element)
      return nullptr;
    tuple->elements.push_back(element);
    height = std::max(height, element->height);
    comma |= at(Tok::Comma);
  } while (accept(Tok::Comma));
  angles = saved;
  if (!expect(Tok::RParen, "after an expression"))
    return nullptr;
  return comma ? grown(tuple, height) : tuple->elements.front();
}

const Expr *Parser::parseCall(const Expr *callee) {
  auto *call = file.make<CallExpr>(callee->position);
  call->callee = callee;
  unsigned height = callee->height;
  advance();
  while (!at(Tok::RParen)) {
    const Expr *value = parseExpr();
    if (!value)
      return nullptr;
    // `axis = 1`: a name and its value.
    if (auto *name = llvm::dyn_cast<NameExpr>(value); name && accept(Tok::Equal)) {
      value = parseExpr();
      if (!value)
        return nullptr;
      call->options.push_back({name->name, name->position, value});
    } else if (!call->options.empty()) {
      error(value->position, "arguments with a name come last");
      return nullptr;
    } else {
      call->args.push_back(value);
    }
    height = std::max(height, value->height);
    if (!accept(Tok::Comma))
      break;
  }
  if (!expect(Tok::RParen, "after the arguments of a call"))
    return nullptr;
  return grown(call, height);
}

const Expr *Parser::parseIndex(const Expr *base) {
  auto *index = file.make<IndexExpr>(base->position);
  index->base = base;
  advance();
  while (!at(Tok::RBracket)) {
    if (!parseIndexItem(*index))
      return nullptr;
    if (!accept(Tok::Comma))
      break;
  }
  if (!expect(Tok::RBracket, "after an index"))
    return nullptr;
  unsigned height = std::max(base->height, index->pad ? index->pad->height : 0);
  for (const IndexItem &item : index->items)
    for (const Expr *child : {item.first, item.second})
      height = std::max(height, child ? child->height : 0);
  return grown(index, height);
}

bool Parser::parseIndexItem(IndexExpr &index) {
  IndexItem item;
  item.position = token.position;
  if (accept(Tok::Colon)) {
    item.kind = IndexItem::All;
    index.items.push_back(item);
    return true;
  }
  if (token.isWord("new")) {
    advance();
    item.kind = IndexItem::New;
    index.items.push_back(item);
    return true;
  }
  item.first = parseExpr();
  if (!item.first)
    return false;
  if (auto *name = llvm::dyn_cast<NameExpr>(item.first); name && name->name == "pad" && accept(Tok::Equal)) {
    if (index.pad)
      error(item.position, "'pad' is stated twice");
    index.pad = parseExpr();
    return index.pad;
  }
  if (index.pad) {
    error(item.position, "'pad' comes last");
    return false;
  }
  if (accept(Tok::PlusColon)) {
    item.kind = IndexItem::Tile;
    item.second = parseExpr();
  } else if (accept(Tok::DotDot)) {
    item.kind = IndexItem::Range;
    item.second = parseExpr();
  } else if (at(Tok::Equal)) {
    error(token.position, "an index has one option, 'pad'");
    return false;
  }
  if (item.kind != IndexItem::At && !item.second)
    return false;
  if (item.kind == IndexItem::Tile && token.isWord("step")) {
    error(token.position, "a tile takes neighbours only; 'step' belongs to loops");
    return false;
  }
  index.items.push_back(item);
  return true;
}
