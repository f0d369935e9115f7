//===- Parser.cpp - Tokens, files and declarations -------------- -*- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "tile/Language/Parser.h"
#include "tile/Language/Names.h"
#include "llvm/ADT/Twine.h"

using namespace tile::lang;
using namespace tile::lang::ast;
using llvm::StringRef;
using llvm::Twine;

//===----------------------------------------------------------------------===//
// Tokens
//===----------------------------------------------------------------------===//

Parser::Parser(ast::File &file, std::vector<SyntaxError> &errors)
    : file(file), errors(errors), lexer(file.text, [this](SyntaxError e) {
        error(e.position, e.message, e.note, e.notePosition);
        unreadable = true;
      }) {
  token.kind = Tok::Invalid;
  advance();
}

void Parser::advance() {
  // What the lexer couldn't read is reported; the parser never sees it.
  do
    token = lexer.next();
  while (token.is(Tok::Invalid) && !abandoned);
  if (abandoned)
    token.kind = Tok::End;
}

void Parser::abandon() {
  abandoned = true;
  token.kind = Tok::End;
}

bool Parser::accept(Tok kind) {
  if (!at(kind))
    return false;
  advance();
  return true;
}

bool Parser::acceptWord(StringRef word) {
  if (!token.isWord(word))
    return false;
  advance();
  return true;
}

/// What stands there, for a message.
static std::string found(const Token &token) {
  if (token.is(Tok::Name) || token.is(Tok::Integer) || token.is(Tok::Float))
    return "'" + token.text.take_front(40).str() + "'";
  StringRef text = describe(token.kind);
  return text == "an operator" ? "'" + token.text.str() + "'" : text.str();
}

bool Parser::expect(Tok kind, StringRef where) {
  if (accept(kind))
    return true;
  error(token.position, "expected " + describe(kind) + " " + where + ", found " + found(token));
  return false;
}

bool Parser::expectName(Ident &ident, StringRef what) {
  if (!at(Tok::Name)) {
    error(token.position, "expected " + what + ", found " + found(token));
    return false;
  }
  ident = {token.text, token.position};
  if (isReservedName(ident.name)) {
    error(token.position, "'" + ident.name + "' has a meaning of its own and can't be " + what);
    return false;
  }
  advance();
  return true;
}

void Parser::error(Position position, const Twine &message, const Twine &note, Position notePosition) {
  if (abandoned || unreadable || (at(Tok::End) && endReported))
    return;
  endReported = at(Tok::End);
  errors.push_back({position, message.str(), note.str(), notePosition});
  if (errors.size() >= kMaxErrors)
    abandon();
}

bool Parser::tooDeep() {
  if (depth <= kMaxDepth)
    return false;
  error(token.position, "nested more than " + Twine(kMaxDepth) + " deep");
  abandon();
  return true;
}

//===----------------------------------------------------------------------===//
// Declarations
//===----------------------------------------------------------------------===//

void Parser::parseFile() {
  while (!at(Tok::End))
    parseDeclaration();
}

void Parser::skipToDeclaration() {
  // Only a word at the start of a line starts a declaration again: bodies are indented.
  while (!at(Tok::End) && !(token.position.column == 1 && (at(Tok::Kernel) || at(Tok::Fn) || at(Tok::Const))))
    advance();
}

void Parser::parseDeclaration() {
  unreadable = false;
  bool good = false;
  if (at(Tok::Kernel)) {
    good = parseKernel();
  } else if (at(Tok::Fn)) {
    good = parseFunction();
  } else if (at(Tok::Const)) {
    good = parseConstant();
  } else {
    std::string note;
    if (at(Tok::Name))
      note = didYouMean(token.text, {"kernel", "fn", "const"});
    error(token.position, "expected 'kernel', 'fn' or 'const', found " + found(token), note,
          note.empty() ? Position() : token.position);
    advance();
  }
  if (!good)
    skipToDeclaration();
}

bool Parser::checkFree(const Ident &ident) {
  Position previous;
  if (auto it = file.kernels.find(ident.name); it != file.kernels.end())
    previous = it->second->position;
  else if (auto it = file.functions.find(ident.name); it != file.functions.end())
    previous = it->second->position;
  else if (auto it = file.constants.find(ident.name); it != file.constants.end())
    previous = it->second.position;
  if (previous.line)
    error(ident.position, "'" + ident.name + "' is defined twice", "the first definition is here", previous);
  return !previous.line;
}

bool Parser::parseConstant() {
  advance();
  Ident ident;
  if (!expectName(ident, "the name of a constant") || !expect(Tok::Equal, "after the name of a constant"))
    return false;
  const Expr *value = parseExpr();
  if (!value || !expect(Tok::Semicolon, "after the value of a constant"))
    return false;
  if (checkFree(ident))
    file.constants[ident.name] = {ident.position, value, {}};
  return true;
}

bool Parser::parseFunction() {
  advance();
  Ident ident;
  if (!expectName(ident, "the name of a function"))
    return false;
  if (isBuiltinName(ident.name))
    error(ident.position, "'" + ident.name + "' is a builtin function and can't be defined again");
  auto *function = file.make<Function>(ident.position);
  function->name = ident.name;
  function->file = &file;
  if (!expect(Tok::LParen, "after the name of a function"))
    return false;
  while (!at(Tok::RParen)) {
    Ident param;
    if (!expectName(param, "a parameter's name"))
      return false;
    for (const Ident &other : function->params)
      if (other.name == param.name)
        error(param.position, "'" + param.name + "' is defined twice", "the first definition is here", other.position);
    function->params.push_back(param);
    if (!accept(Tok::Comma))
      break;
  }
  if (!expect(Tok::RParen, "after the parameters") || !parseBlock(function->body))
    return false;
  if (checkFree(ident))
    file.functions[ident.name] = function;
  return true;
}

bool Parser::parseKernel() {
  advance();
  Ident ident;
  if (!expectName(ident, "the name of a kernel"))
    return false;
  auto *kernel = file.make<Kernel>(ident.position);
  kernel->name = ident.name;
  if (accept(Tok::Less)) {
    while (!at(Tok::Greater)) {
      if (!parseParam(kernel->params.emplace_back()))
        return false;
      if (!accept(Tok::Comma))
        break;
    }
    if (!expect(Tok::Greater, "after the parameters in '<>'"))
      return false;
  }
  if (!expect(Tok::LParen, "before the arguments of a kernel"))
    return false;
  while (!at(Tok::RParen)) {
    if (!parseArgument(kernel->arguments.emplace_back()))
      return false;
    if (!accept(Tok::Comma))
      break;
  }
  if (!expect(Tok::RParen, "after the arguments") || !parseClauses(*kernel) || !parseBlock(kernel->body))
    return false;
  if (checkFree(ident))
    file.kernels[ident.name] = kernel;
  return true;
}

bool Parser::parseParam(Param &param) {
  if (!expectName(param.ident, "a parameter's name"))
    return false;
  if (!expect(Tok::Colon, "after a parameter's name"))
    return false;
  if (acceptWord("int")) {
    param.kind = ParamKind::Int;
  } else if (acceptWord("bool")) {
    param.kind = ParamKind::Bool;
  } else if (acceptWord("dtype")) {
    param.kind = ParamKind::Type;
  } else {
    error(token.position, "the kind of a parameter is 'int', 'bool' or 'dtype', not " + found(token));
    return false;
  }
  if (accept(Tok::In)) {
    if (accept(Tok::LBrace)) {
      do {
        const Expr *value = parseExpr();
        if (!value)
          return false;
        param.set.push_back(value);
      } while (accept(Tok::Comma));
      if (!expect(Tok::RBrace, "after the values of a set"))
        return false;
    } else {
      param.rangeLow = parseExprWithoutAngles();
      if (!param.rangeLow)
        return false;
      param.inclusive = at(Tok::DotDotEqual);
      if (!accept(Tok::DotDotEqual) && !expect(Tok::DotDot, "or '..=' in a range of values"))
        return false;
      param.rangeHigh = parseExprWithoutAngles();
      if (!param.rangeHigh)
        return false;
    }
  }
  if (accept(Tok::Equal)) {
    if (acceptWord("auto"))
      param.automatic = true;
    else if (!(param.defaultValue = parseExprWithoutAngles()))
      return false;
  }
  return true;
}

bool Parser::parseArgument(ArgumentDecl &argument) {
  if (!expectName(argument.ident, "an argument's name") || !expect(Tok::Colon, "after an argument's name"))
    return false;
  argument.accessPosition = token.position;
  if (acceptWord("out"))
    argument.access = Access::Out;
  else if (acceptWord("inout"))
    argument.access = Access::InOut;
  if (!at(Tok::Name)) {
    error(token.position, "expected the type of an argument, found " + found(token));
    return false;
  }
  argument.dtype = {token.text, token.position};
  advance();
  if (accept(Tok::LBracket)) {
    argument.isView = true;
    do {
      if (at(Tok::RBracket))
        break;
      const Expr *extent = parseExpr();
      if (!extent)
        return false;
      argument.extents.push_back(extent);
    } while (accept(Tok::Comma));
    if (argument.extents.empty())
      error(token.position, "a view has at least one axis");
    if (!expect(Tok::RBracket, "after the extents of a view"))
      return false;
  }
  if (!argument.isView && argument.access != Access::In)
    error(argument.accessPosition, "'" + argument.ident.name + "' is a scalar and can't be written; only views are");
  argument.optional = at(Tok::Question);
  if (argument.optional && !argument.isView)
    error(token.position, "'" + argument.ident.name + "' is a scalar; only views are optional");
  accept(Tok::Question);
  return true;
}

bool Parser::parseClauses(Kernel &kernel) {
  Position gridPosition, numericsPosition;
  while (!at(Tok::LBrace)) {
    Position position = token.position;
    if (acceptWord("require")) {
      const Expr *condition = parseExpr();
      if (!condition)
        return false;
      kernel.requirements.push_back(condition);
    } else if (acceptWord("grid")) {
      if (gridPosition.line)
        error(position, "a kernel has one grid", "the first is here", gridPosition);
      gridPosition = position;
      if (!expect(Tok::LParen, "after 'grid'"))
        return false;
      do {
        const Expr *extent = parseExpr();
        if (!extent)
          return false;
        kernel.grid.push_back(extent);
      } while (accept(Tok::Comma));
      if (!expect(Tok::RParen, "after the extents of the grid"))
        return false;
      if (kernel.grid.size() > 3)
        error(position, "a grid has at most 3 axes");
    } else if (acceptWord("numerics")) {
      if (numericsPosition.line)
        error(position, "'numerics' is stated twice", "the first is here", numericsPosition);
      numericsPosition = position;
      if (!expect(Tok::Equal, "after 'numerics'"))
        return false;
      kernel.fast = token.isWord("fast");
      if (!acceptWord("fast") && !acceptWord("strict")) {
        error(token.position, "'numerics' is 'strict' or 'fast'");
        return false;
      }
    } else {
      error(token.position, "expected 'grid', 'require', 'numerics' or the body of the kernel, found " + found(token));
      return false;
    }
  }
  if (!gridPosition.line)
    error(kernel.position, "kernel '" + kernel.name + "' has no grid", "write 'grid (…)' before its body",
          token.position);
  return true;
}
