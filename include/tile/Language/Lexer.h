//===- Lexer.h - Tokens of the language ------------------------ -*- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef TILE_LANGUAGE_LEXER_H
#define TILE_LANGUAGE_LEXER_H

#include "tile/Language/Language.h"
#include <functional>

namespace tile::lang {

/// A finding in a file, before MLIR has to do with it.
struct SyntaxError {
  Position position;
  std::string message;
  std::string note;
  Position notePosition;
};

enum class Tok : uint8_t {
  End,
  Invalid,
  Name,
  Integer,
  Float,
  String,
  // Keywords.
  Kernel,
  Fn,
  Const,
  Let,
  Var,
  For,
  While,
  If,
  Else,
  Static,
  Return,
  In,
  True,
  False,
  // Punctuation, in pairs and alone.
  LParen,
  RParen,
  LBracket,
  RBracket,
  LBrace,
  RBrace,
  Comma,
  Semicolon,
  Colon,
  Question,
  PlusColon,
  DotDot,
  DotDotEqual,
  Plus,
  Minus,
  Star,
  Slash,
  Percent,
  Amp,
  Pipe,
  Caret,
  Tilde,
  Bang,
  LessLess,
  GreaterGreater,
  AmpAmp,
  PipePipe,
  Less,
  LessEqual,
  Greater,
  GreaterEqual,
  EqualEqual,
  BangEqual,
  Equal,
  PlusEqual,
  MinusEqual,
  StarEqual,
  SlashEqual,
  PercentEqual,
  AmpEqual,
  PipeEqual,
  CaretEqual,
  LessLessEqual,
  GreaterGreaterEqual,
};

/// How a token reads in a message: "';'", "a name", "the end of the file".
llvm::StringRef describe(Tok kind);

struct Token {
  Tok kind = Tok::End;
  /// The characters in the file; of a string, what stands between the quotes.
  llvm::StringRef text;
  Position position;
  uint64_t integer = 0;
  double real = 0;

  bool is(Tok k) const { return kind == k; }
  /// Whether it is the contextual word `word`.
  bool isWord(llvm::StringRef word) const { return kind == Tok::Name && text == word; }
};

/// Cuts a text into tokens, one at a time. An unreadable piece becomes `Invalid` after a report.
class Lexer {
public:
  using Report = std::function<void(SyntaxError)>;
  Lexer(llvm::StringRef text, Report report) : text(text), report(std::move(report)) {}

  Token next();

private:
  char peek(size_t ahead = 0) const { return at + ahead < text.size() ? text[at + ahead] : '\0'; }
  void skipBlanks();
  Token finish(Tok kind, size_t start, Position position);
  Token invalid(size_t start, Position position, const llvm::Twine &message);
  Token number(Position position);
  Token string(Position position);

  llvm::StringRef text;
  Report report;
  size_t at = 0;
  size_t lineStart = 0;
  unsigned line = 1;
};

} // namespace tile::lang

#endif // TILE_LANGUAGE_LEXER_H
