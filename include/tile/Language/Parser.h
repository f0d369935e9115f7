//===- Parser.h - From tokens to the tree ------------------------ -*- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef TILE_LANGUAGE_PARSER_H
#define TILE_LANGUAGE_PARSER_H

#include "tile/Language/AST.h"
#include "tile/Language/Lexer.h"

namespace tile::lang {

/// The deepest nesting that a file may have; it bounds every recursion over the tree.
inline constexpr unsigned kMaxDepth = 256;
/// After so many errors a file is given up.
inline constexpr unsigned kMaxErrors = 20;

/// A recursive descent over one file. A failing piece returns null (or false) after its report; statements and declarations pick up
/// again at the next one.
class Parser {
public:
  Parser(ast::File &file, std::vector<SyntaxError> &errors);

  /// Parses the whole file into `file`. Succeeded when no error was added.
  void parseFile();

private:
  // Tokens.
  void advance();
  bool at(Tok kind) const { return token.is(kind); }
  bool accept(Tok kind);
  bool acceptWord(llvm::StringRef word);
  /// Takes the token or reports that it was expected there.
  bool expect(Tok kind, llvm::StringRef where);
  bool expectName(ast::Ident &ident, llvm::StringRef what);
  void error(Position position, const llvm::Twine &message, const llvm::Twine &note = {}, Position notePosition = {});
  /// Ends the parse here: what follows is neither read nor reported.
  void abandon();

  // Declarations (Parser.cpp).
  void parseDeclaration();
  bool parseConstant();
  bool parseFunction();
  bool parseKernel();
  bool parseParam(ast::Param &param);
  bool parseArgument(ast::ArgumentDecl &argument);
  bool parseClauses(ast::Kernel &kernel);
  bool checkFree(const ast::Ident &ident);
  void skipToDeclaration();

  // Statements (ParseStmts.cpp).
  bool parseBlock(ast::Block &block);
  void parseStatement(ast::Block &block);
  bool parseBind(ast::Block &block, ast::BindKind binder);
  bool parseFor(ast::Block &block);
  bool parseIf(ast::Block &block, bool isStatic);
  bool parseExprStatement(ast::Block &block);
  bool parseChecked(ast::Block &block);
  bool parsePrint(ast::Block &block);
  bool parsePattern(std::vector<ast::Ident> &names, bool &isTuple);
  void skipStatement();

  // Expressions (ParseExprs.cpp).
  const ast::Expr *parseExpr() { return parseBinary(0); }
  /// Within `<>`, where `<` and `>` are not operators.
  const ast::Expr *parseExprWithoutAngles();
  const ast::Expr *parseBinary(unsigned minimum);
  const ast::Expr *parseUnary();
  const ast::Expr *parsePostfix();
  const ast::Expr *parsePrimary();
  const ast::Expr *parseCall(const ast::Expr *callee);
  const ast::Expr *parseIndex(const ast::Expr *base);
  bool parseIndexItem(ast::IndexExpr &index);
  /// Bounds the height of a node that was just made of others.
  const ast::Expr *grown(ast::Expr *expr, std::initializer_list<const ast::Expr *> children);
  const ast::Expr *grown(ast::Expr *expr, unsigned height);

  /// Counts nesting while it lives.
  struct Nest {
    Parser &parser;
    explicit Nest(Parser &parser) : parser(parser) { ++parser.depth; }
    ~Nest() { --parser.depth; }
  };
  /// Reports nesting that is too deep.
  bool tooDeep();

  ast::File &file;
  std::vector<SyntaxError> &errors;
  Lexer lexer;
  Token token;
  unsigned depth = 0;
  bool angles = true;
  bool abandoned = false;
  /// The lexer reported something in this statement or declaration: what the parser would say of it is no news.
  bool unreadable = false;
  bool endReported = false;
};

/// The prelude, parsed once.
const ast::File &preludeFile();

} // namespace tile::lang

#endif // TILE_LANGUAGE_PARSER_H
