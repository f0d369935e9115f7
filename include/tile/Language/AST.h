//===- AST.h - What the parser makes of a file ------------------ -*- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The tree is untyped, immutable once parsed, and owned flat by its file, so that no destructor recurses. Texts refer to the file's.
//
//===----------------------------------------------------------------------===//

#ifndef TILE_LANGUAGE_AST_H
#define TILE_LANGUAGE_AST_H

#include "tile/Language/Const.h"
#include "tile/Language/Language.h"
#include "llvm/ADT/MapVector.h"

namespace tile::lang::ast {

struct Node {
  virtual ~Node() = default;
  Position position;
};

//===----------------------------------------------------------------------===//
// Expressions
//===----------------------------------------------------------------------===//

struct Expr : Node {
  enum Kind : uint8_t { Literal, Name, Unary, Binary, Call, Index, Tuple };
  const Kind kind;
  /// Nodes on the longest way down; the parser bounds it, so that walks may recurse.
  unsigned height = 1;

protected:
  explicit Expr(Kind kind) : kind(kind) {}
};

template <Expr::Kind K>
struct ExprOf : Expr {
  ExprOf() : Expr(K) {}
  static bool classof(const Expr *e) { return e->kind == K; }
};

struct LiteralExpr : ExprOf<Expr::Literal> {
  Const value;
};

struct NameExpr : ExprOf<Expr::Name> {
  llvm::StringRef name;
};

struct UnaryExpr : ExprOf<Expr::Unary> {
  UnaryOp op;
  const Expr *operand = nullptr;
};

struct BinaryExpr : ExprOf<Expr::Binary> {
  BinaryOp op;
  const Expr *lhs = nullptr, *rhs = nullptr;
};

/// `max(x, axis = 1)`.
struct CallExpr : ExprOf<Expr::Call> {
  struct Option {
    llvm::StringRef name;
    Position position;
    const Expr *value = nullptr;
  };
  const Expr *callee = nullptr;
  std::vector<const Expr *> args;
  std::vector<Option> options;
};

/// What stands between the commas of `v[…]`.
struct IndexItem {
  enum Kind : uint8_t { At, Tile, All, Range, New };
  Kind kind = At;
  Position position;
  /// At: the index. Tile: start and width. Range: from and to.
  const Expr *first = nullptr, *second = nullptr;
};

struct IndexExpr : ExprOf<Expr::Index> {
  const Expr *base = nullptr;
  std::vector<IndexItem> items;
  const Expr *pad = nullptr;
};

struct TupleExpr : ExprOf<Expr::Tuple> {
  std::vector<const Expr *> elements;
};

//===----------------------------------------------------------------------===//
// Statements
//===----------------------------------------------------------------------===//

struct Stmt : Node {
  enum Kind : uint8_t { Bind, Assign, For, While, If, Return, Call, StaticAssert, Assert, Print };
  const Kind kind;

protected:
  explicit Stmt(Kind kind) : kind(kind) {}
};

template <Stmt::Kind K>
struct StmtOf : Stmt {
  StmtOf() : Stmt(K) {}
  static bool classof(const Stmt *s) { return s->kind == K; }
};

using Block = std::vector<const Stmt *>;

/// A name with where it stands.
struct Ident {
  llvm::StringRef name;
  Position position;
};

enum class BindKind : uint8_t { Let, Var, Const };

/// `let x = …;`, `var (m, l) = …;`, `const C = …;`: one pattern and its value.
struct BindStmt : StmtOf<Stmt::Bind> {
  BindKind binder = BindKind::Let;
  std::vector<Ident> names;
  /// The names stand in parentheses and take a tuple apart.
  bool isTuple = false;
  const Expr *value = nullptr;
};

/// `x = …;`, `x += …;`, `(a, b) = …;`, `v[…] = …;`.
struct AssignStmt : StmtOf<Stmt::Assign> {
  std::vector<Ident> names;
  bool isTuple = false;
  /// What is stored to, when it is not names that are assigned.
  const IndexExpr *target = nullptr;
  std::optional<BinaryOp> op;
  const Expr *value = nullptr;
};

struct ForStmt : StmtOf<Stmt::For> {
  Ident variable;
  const Expr *lower = nullptr, *upper = nullptr, *step = nullptr, *stages = nullptr;
  bool inclusive = false;
  Block body;
};

struct WhileStmt : StmtOf<Stmt::While> {
  const Expr *condition = nullptr;
  Block body;
};

struct IfStmt : StmtOf<Stmt::If> {
  bool isStatic = false;
  const Expr *condition = nullptr;
  Block thenBody, elseBody;
};

struct ReturnStmt : StmtOf<Stmt::Return> {
  /// Null for a bare `return;`.
  const Expr *value = nullptr;
};

struct CallStmt : StmtOf<Stmt::Call> {
  const CallExpr *call = nullptr;
};

/// `static_assert(c, "…");` and `assert(c, "…");`.
struct StaticAssertStmt : StmtOf<Stmt::StaticAssert> {
  const Expr *condition = nullptr;
  llvm::StringRef message;
};
struct AssertStmt : StmtOf<Stmt::Assert> {
  const Expr *condition = nullptr;
  llvm::StringRef message;
};

struct PrintStmt : StmtOf<Stmt::Print> {
  llvm::StringRef format;
  std::vector<const Expr *> values;
};

//===----------------------------------------------------------------------===//
// Declarations
//===----------------------------------------------------------------------===//

struct Function : Node {
  llvm::StringRef name;
  std::vector<Ident> params;
  Block body;
  /// The file it stands in: the prelude or the user's.
  const File *file = nullptr;
};

struct Param {
  Ident ident;
  ParamKind kind = ParamKind::Int;
  /// `in {…}`, or `in lo..hi`.
  std::vector<const Expr *> set;
  const Expr *rangeLow = nullptr, *rangeHigh = nullptr;
  bool inclusive = false;
  bool automatic = false;
  const Expr *defaultValue = nullptr;
};

struct ArgumentDecl {
  Ident ident;
  Access access = Access::In;
  Position accessPosition;
  Ident dtype;
  bool isView = false;
  std::vector<const Expr *> extents;
  bool optional = false;
};

struct Kernel : Node {
  llvm::StringRef name;
  std::vector<Param> params;
  std::vector<ArgumentDecl> arguments;
  std::vector<const Expr *> requirements;
  std::vector<const Expr *> grid;
  bool fast = false;
  Block body;
};

struct Constant {
  Position position;
  const Expr *expr = nullptr;
  Const value;
};

struct File {
  std::string name;
  std::string text;
  llvm::MapVector<llvm::StringRef, const Kernel *> kernels;
  llvm::MapVector<llvm::StringRef, const Function *> functions;
  llvm::MapVector<llvm::StringRef, Constant> constants;
  std::vector<std::unique_ptr<Node>> nodes;

  template <typename T>
  T *make(Position position) {
    auto node = std::make_unique<T>();
    T *result = node.get();
    result->position = position;
    nodes.push_back(std::move(node));
    return result;
  }
};

} // namespace tile::lang::ast

#endif // TILE_LANGUAGE_AST_H
