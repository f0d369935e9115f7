//===- HostEval.h - Expressions that a launch evaluates ---------- -*- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Extents, `require`, the grid and computed parameters are expressions of integers, bools and dtypes. They are walked here, without
// MLIR and fast enough for every launch; the same walk gives the values of file constants and of the sets of parameters.
//
//===----------------------------------------------------------------------===//

#ifndef TILE_LANGUAGE_HOSTEVAL_H
#define TILE_LANGUAGE_HOSTEVAL_H

#include "tile/Language/AST.h"
#include "llvm/ADT/STLFunctionalExtras.h"

namespace tile::lang {

class HostEval {
public:
  /// What a name of the kernel's header means; nothing when it has no value.
  using Lookup = llvm::function_ref<std::optional<Const>(llvm::StringRef)>;

  HostEval(const ast::File &file, Lookup lookup) : file(file), lookup(lookup) {}

  /// The value, or nothing and `error`.
  std::optional<Const> evaluate(const ast::Expr *expr);
  std::optional<WideInt> evaluateInt(const ast::Expr *expr);
  std::optional<bool> evaluateBool(const ast::Expr *expr);

  BindError error;

private:
  enum class Flow { Next, Returned, Failed };
  std::nullopt_t fail(Position position, const llvm::Twine &message);
  std::optional<Const> evaluateName(const ast::NameExpr &name);
  std::optional<Const> evaluateCall(const ast::CallExpr &call);
  Flow run(const ast::Block &block, std::optional<Const> &result);
  Flow runOne(const ast::Stmt &statement, std::optional<Const> &result);

  struct Local {
    llvm::StringRef name;
    Const value;
  };
  const ast::File &file;
  Lookup lookup;
  llvm::SmallVector<Local, 8> locals;
  /// Where the locals of the running function begin, and the call in the header that runs it.
  size_t frame = 0;
  const ast::CallExpr *outerCall = nullptr;
  unsigned calls = 0, depth = 0;
};

/// Calls `visit` for every name in the expression; `callee` says that it is called.
void forEachName(const ast::Expr *expr, llvm::function_ref<void(const ast::NameExpr &, bool callee)> visit);

/// The function of that name in the file or the prelude, or null.
const ast::Function *findFunction(const ast::File &file, llvm::StringRef name);

} // namespace tile::lang

#endif // TILE_LANGUAGE_HOSTEVAL_H
