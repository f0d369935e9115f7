//===- Lexer.cpp - Cuts a file into tokens ---------------------- -*- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "tile/Language/Lexer.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/StringSwitch.h"
#include "llvm/ADT/Twine.h"

using namespace tile::lang;
using llvm::StringRef;
using llvm::Twine;

namespace {
/// Punctuation, longest first, so that the first that fits is the token.
struct Punctuation {
  StringRef text;
  Tok kind;
};
constexpr Punctuation punctuation[] = {
    {"..=", Tok::DotDotEqual},
    {"<<=", Tok::LessLessEqual},
    {">>=", Tok::GreaterGreaterEqual},
    {"+:", Tok::PlusColon},
    {"..", Tok::DotDot},
    {"<<", Tok::LessLess},
    {">>", Tok::GreaterGreater},
    {"&&", Tok::AmpAmp},
    {"||", Tok::PipePipe},
    {"<=", Tok::LessEqual},
    {">=", Tok::GreaterEqual},
    {"==", Tok::EqualEqual},
    {"!=", Tok::BangEqual},
    {"+=", Tok::PlusEqual},
    {"-=", Tok::MinusEqual},
    {"*=", Tok::StarEqual},
    {"/=", Tok::SlashEqual},
    {"%=", Tok::PercentEqual},
    {"&=", Tok::AmpEqual},
    {"|=", Tok::PipeEqual},
    {"^=", Tok::CaretEqual},
    {"(", Tok::LParen},
    {")", Tok::RParen},
    {"[", Tok::LBracket},
    {"]", Tok::RBracket},
    {"{", Tok::LBrace},
    {"}", Tok::RBrace},
    {",", Tok::Comma},
    {";", Tok::Semicolon},
    {":", Tok::Colon},
    {"?", Tok::Question},
    {"+", Tok::Plus},
    {"-", Tok::Minus},
    {"*", Tok::Star},
    {"/", Tok::Slash},
    {"%", Tok::Percent},
    {"&", Tok::Amp},
    {"|", Tok::Pipe},
    {"^", Tok::Caret},
    {"~", Tok::Tilde},
    {"!", Tok::Bang},
    {"<", Tok::Less},
    {">", Tok::Greater},
    {"=", Tok::Equal},
};
} // namespace

StringRef tile::lang::describe(Tok kind) {
  switch (kind) {
  case Tok::End:
    return "the end of the file";
  case Tok::Invalid:
    return "an unreadable token";
  case Tok::Name:
    return "a name";
  case Tok::Integer:
  case Tok::Float:
    return "a number";
  case Tok::String:
    return "a string";
  case Tok::Kernel:
    return "'kernel'";
  case Tok::Fn:
    return "'fn'";
  case Tok::Const:
    return "'const'";
  case Tok::Let:
    return "'let'";
  case Tok::Var:
    return "'var'";
  case Tok::For:
    return "'for'";
  case Tok::While:
    return "'while'";
  case Tok::If:
    return "'if'";
  case Tok::Else:
    return "'else'";
  case Tok::Static:
    return "'static'";
  case Tok::Return:
    return "'return'";
  case Tok::In:
    return "'in'";
  case Tok::True:
    return "'true'";
  case Tok::False:
    return "'false'";
  default:
    break;
  }
  switch (kind) {
#define TILE_QUOTED(KIND, TEXT)                                                                                        \
  case Tok::KIND:                                                                                                      \
    return "'" TEXT "'"
    TILE_QUOTED(LParen, "(");
    TILE_QUOTED(RParen, ")");
    TILE_QUOTED(LBracket, "[");
    TILE_QUOTED(RBracket, "]");
    TILE_QUOTED(LBrace, "{");
    TILE_QUOTED(RBrace, "}");
    TILE_QUOTED(Comma, ",");
    TILE_QUOTED(Semicolon, ";");
    TILE_QUOTED(Colon, ":");
    TILE_QUOTED(Less, "<");
    TILE_QUOTED(Greater, ">");
    TILE_QUOTED(Equal, "=");
    TILE_QUOTED(DotDot, "..");
#undef TILE_QUOTED
  default:
    return "an operator";
  }
}

void Lexer::skipBlanks() {
  while (at < text.size()) {
    char c = text[at];
    if (c == '\n') {
      ++at;
      ++line;
      lineStart = at;
    } else if (c == ' ' || c == '\t' || c == '\r') {
      ++at;
    } else if (c == '/' && peek(1) == '/') {
      while (at < text.size() && text[at] != '\n')
        ++at;
    } else {
      return;
    }
  }
}

Token Lexer::finish(Tok kind, size_t start, Position position) {
  Token token;
  token.kind = kind;
  token.text = text.slice(start, at);
  token.position = position;
  return token;
}

Token Lexer::invalid(size_t start, Position position, const Twine &message) {
  report({position, message.str(), {}, {}});
  return finish(Tok::Invalid, start, position);
}

Token Lexer::number(Position position) {
  size_t start = at;
  unsigned radix = 10;
  if (peek() == '0' && (peek(1) == 'x' || peek(1) == 'b')) {
    radix = peek(1) == 'x' ? 16 : 2;
    at += 2;
  }
  bool isFloat = false;
  auto digits = [&] {
    while (radix == 16 ? llvm::isHexDigit(peek()) : llvm::isDigit(peek()))
      ++at;
  };
  digits();
  // A dot belongs to the number only before a digit: `0..n` is a range.
  if (radix == 10 && peek() == '.' && llvm::isDigit(peek(1))) {
    isFloat = true;
    ++at;
    digits();
  }
  if (radix == 10 && (peek() == 'e' || peek() == 'E') &&
      (llvm::isDigit(peek(1)) || ((peek(1) == '+' || peek(1) == '-') && llvm::isDigit(peek(2))))) {
    isFloat = true;
    at += 2;
    digits();
  }
  if (llvm::isAlnum(peek()) || peek() == '_') {
    while (llvm::isAlnum(peek()) || peek() == '_')
      ++at;
    return invalid(start, position, "'" + text.slice(start, std::min(at, start + 40)) + "' is not a number");
  }
  if (radix == 10 && !isFloat && peek() == '.' && peek(1) != '.') {
    ++at;
    return invalid(start, position, "a floating-point number has digits on both sides of its dot");
  }
  Token token = finish(isFloat ? Tok::Float : Tok::Integer, start, position);
  if (isFloat) {
    // What overflows is infinity, which is spelt otherwise.
    if (token.text.getAsDouble(token.real) || token.real > 1.7976931348623157e308)
      return invalid(start, position, "the number is out of the range of f64");
  } else {
    StringRef body = radix == 10 ? token.text : token.text.drop_front(2);
    if (body.empty() || body.getAsInteger(radix, token.integer))
      return invalid(start, position,
                     body.empty() ? "a number without digits"
                                  : "the number needs more than 64 bits or has digits of another base");
  }
  return token;
}

Token Lexer::string(Position position) {
  size_t start = ++at;
  while (at < text.size() && text[at] != '"' && text[at] != '\n')
    ++at;
  if (peek() != '"')
    return invalid(start, position, "the string does not end on its line");
  Token token = finish(Tok::String, start, position);
  ++at;
  return token;
}

Token Lexer::next() {
  skipBlanks();
  Position position{line, static_cast<unsigned>(at - lineStart + 1)};
  if (at >= text.size())
    return finish(Tok::End, at, position);
  size_t start = at;
  char c = peek();
  if (llvm::isDigit(c))
    return number(position);
  if (c == '"')
    return string(position);
  if (llvm::isAlpha(c) || c == '_') {
    while (llvm::isAlnum(peek()) || peek() == '_')
      ++at;
    Tok kind = llvm::StringSwitch<Tok>(text.slice(start, at))
                   .Case("kernel", Tok::Kernel)
                   .Case("fn", Tok::Fn)
                   .Case("const", Tok::Const)
                   .Case("let", Tok::Let)
                   .Case("var", Tok::Var)
                   .Case("for", Tok::For)
                   .Case("while", Tok::While)
                   .Case("if", Tok::If)
                   .Case("else", Tok::Else)
                   .Case("static", Tok::Static)
                   .Case("return", Tok::Return)
                   .Case("in", Tok::In)
                   .Case("true", Tok::True)
                   .Case("false", Tok::False)
                   .Default(Tok::Name);
    return finish(kind, start, position);
  }
  StringRef rest = text.drop_front(at);
  for (const Punctuation &p : punctuation) {
    if (!rest.starts_with(p.text))
      continue;
    at += p.text.size();
    return finish(p.kind, start, position);
  }
  // One report for a run of unreadable bytes, which is what a binary file is made of.
  auto readable = [](char ch) { return (ch >= ' ' && ch < 0x7f) || ch == '\n' || ch == '\t' || ch == '\r'; };
  do
    ++at;
  while (at < text.size() && !readable(text[at]));
  if (c == '.' && llvm::isDigit(text[start + 1 < text.size() ? start + 1 : start]))
    return invalid(start, position, "a floating-point number has digits on both sides of its dot");
  if (c > ' ' && c < 0x7f)
    return invalid(start, position, "unexpected character '" + Twine(c) + "'");
  return invalid(start, position, "unexpected byte 0x" + llvm::utohexstr(static_cast<unsigned char>(c), false, 2));
}
