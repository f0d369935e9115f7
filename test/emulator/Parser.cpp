//===- Parser.cpp - Taking PTX apart -----------------------------*- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Tokens.h"

#include <algorithm>
#include <cctype>

using namespace tile::emulator;

unsigned tile::emulator::typeBits(std::string_view type) {
  static const std::map<std::string_view, unsigned> bits = {
      {"pred", 1},    {"b8", 8},     {"u8", 8},      {"s8", 8},      {"b16", 16}, {"u16", 16}, {"s16", 16},
      {"f16", 16},    {"bf16", 16},  {"b32", 32},    {"u32", 32},    {"s32", 32}, {"f32", 32}, {"f16x2", 32},
      {"bf16x2", 32}, {"u16x2", 32}, {"s16x2", 32},  {"tf32", 32},   {"b64", 64}, {"u64", 64}, {"s64", 64},
      {"f64", 64},    {"b128", 128}, {"e4m3x2", 16}, {"e5m2x2", 16}, {"e4m3", 8}, {"e5m2", 8},
  };
  auto found = bits.find(type);
  return found == bits.end() ? 0 : found->second;
}

namespace {

//===----------------------------------------------------------------------===//
// The parser
//===----------------------------------------------------------------------===//

class Parser {
public:
  explicit Parser(std::string_view text) : tokens(tokensOf(text)) {}
  Module run();

private:
  const Token &peek() const { return tokens[next]; }
  bool at(std::string_view text) const { return peek().kind != Token::Kind::End && peek().text == text; }
  bool accept(std::string_view text) {
    bool found = at(text);
    next += found;
    return found;
  }
  [[noreturn]] void fail(const std::string &what) const {
    throw BadPtx("PTX line " + std::to_string(peek().line) + ": " + what);
  }
  void expect(std::string_view text) {
    if (!accept(text))
      fail("'" + std::string(text) + "' expected, not '" + std::string(peek().text) + "'");
  }
  std::string_view word() {
    if (peek().kind != Token::Kind::Word)
      fail("a word expected, not '" + std::string(peek().text) + "'");
    return tokens[next++].text;
  }
  std::int64_t integer();
  void skipTo(std::string_view end) {
    while (!accept(end)) {
      if (peek().kind == Token::Kind::End)
        fail("'" + std::string(end) + "' expected");
      ++next;
    }
  }
  /// What lies between braces that have been opened.
  void skipBraces();

  Operand number(std::string_view text, bool isNegative);
  Operand operand();
  Operand address();
  Variable variable(Variable::Space space, bool isExtern);
  void entry();
  void body(Entry &entry);
  void registers(Entry &entry);
  void location();
  void statement(Entry &entry);
  void label(Entry &entry);
  void closeScope(Entry &entry);
  unsigned find(std::string_view name) const;

  std::vector<Token> tokens;
  std::size_t next = 0;
  Module module;
  SourcePlace place;
  /// The names of each open scope; its labels, and the branches that may be to them.
  std::vector<std::map<std::string, unsigned, std::less<>>> scopes;
  struct Labels {
    std::map<std::string, std::string> unique;
    std::vector<std::size_t> branches;
  };
  std::vector<Labels> labels;
};

} // namespace

void Parser::skipBraces() {
  for (int depth = 1; depth; ++next) {
    if (peek().kind == Token::Kind::End)
      fail("'}' expected");
    depth += at("{");
    depth -= at("}");
  }
}

//===----------------------------------------------------------------------===//
// Operands
//===----------------------------------------------------------------------===//

Operand Parser::number(std::string_view text, bool isNegative) {
  Operand result;
  result.kind = Operand::Kind::Immediate;
  std::string digits(text);
  int base = 10;
  if (digits.size() > 2 && digits[0] == '0' && std::string("fFdDxXbB").find(digits[1]) != std::string::npos) {
    char mark = static_cast<char>(std::tolower(digits[1]));
    base = mark == 'b' ? 2 : 16;
    result.floatBits = mark == 'f' ? 32 : mark == 'd' ? 64 : 0;
    digits.erase(0, 2);
  }
  if (!digits.empty() && (digits.back() == 'U' || digits.back() == 'u'))
    digits.pop_back();
  char *end = nullptr;
  auto bits = std::strtoull(digits.c_str(), &end, base);
  if (digits.empty() || *end)
    fail("'" + std::string(text) + "' is no number that is known here");
  if (isNegative && result.floatBits)
    bits ^= std::uint64_t(1) << (result.floatBits - 1);
  else if (isNegative)
    bits = -bits;
  result.value = static_cast<std::int64_t>(bits);
  return result;
}

std::int64_t Parser::integer() {
  bool isNegative = accept("-");
  return number(word(), isNegative).value;
}

unsigned Parser::find(std::string_view name) const {
  for (auto scope = scopes.rbegin(); scope != scopes.rend(); ++scope)
    if (auto found = scope->find(name); found != scope->end())
      return found->second;
  return kNoRegister;
}

Operand Parser::address() {
  Operand result;
  result.kind = Operand::Kind::Address;
  if (at("-") || std::isdigit(static_cast<unsigned char>(peek().text[0]))) {
    result.value = integer();
  } else {
    std::string_view name = word();
    result.reg = find(name);
    if (result.reg == kNoRegister)
      result.symbol = name;
    if (accept("+"))
      result.value = integer();
    else if (at("-"))
      result.value = integer();
    if (accept(","))
      result.elements = operand().elements;
  }
  expect("]");
  return result;
}

Operand Parser::operand() {
  if (accept("["))
    return address();
  Operand result;
  if (accept("{")) {
    result.kind = Operand::Kind::Vector;
    do
      result.elements.push_back(operand());
    while (accept(","));
    expect("}");
    return result;
  }
  bool isNegated = accept("!"), isNegative = !isNegated && accept("-");
  std::string_view name = word();
  if (isNegative || std::isdigit(static_cast<unsigned char>(name[0])))
    return number(name, isNegative);
  result.isNegated = isNegated;
  if (name == "_") {
    if (accept("|"))
      result.second = find(word());
    return result;
  }
  result.reg = find(name);
  result.kind = result.reg == kNoRegister ? Operand::Kind::Symbol : Operand::Kind::Register;
  result.symbol = name;
  if (accept("|"))
    result.second = find(word());
  return result;
}

//===----------------------------------------------------------------------===//
// Declarations
//===----------------------------------------------------------------------===//

Variable Parser::variable(Variable::Space space, bool isExtern) {
  Variable result;
  result.space = space;
  unsigned element = 0;
  for (; peek().kind == Token::Kind::Word && peek().text[0] == '.'; ++next) {
    std::string_view text = peek().text.substr(1);
    if (text == "align") {
      ++next;
      result.align = static_cast<unsigned>(number(peek().text, false).value);
    } else {
      element = typeBits(text) / 8;
    }
  }
  if (!element)
    fail("a variable of no type that is known here");
  result.name = word();
  std::size_t count = 1;
  while (accept("[")) {
    if (accept("]")) {
      count = 0;
      result.isDynamic = isExtern;
      continue;
    }
    count *= static_cast<std::size_t>(integer());
    expect("]");
  }
  result.bytes = count * element;
  result.align = std::max(result.align, element);
  if (accept("=")) {
    auto value = [&] {
      std::int64_t bits = integer();
      for (unsigned byte = 0; byte < element; ++byte)
        result.contents.push_back(static_cast<std::uint8_t>(bits >> (8 * byte)));
    };
    if (accept("{")) {
      do
        value();
      while (accept(","));
      expect("}");
    } else {
      value();
    }
  }
  result.contents.resize(result.bytes);
  expect(";");
  return result;
}

void Parser::registers(Entry &entry) {
  unsigned bits = typeBits(word().substr(1));
  if (!bits || bits > 64)
    fail("registers of a type that is not known here");
  auto add = [&](const std::string &name) {
    scopes.back()[name] = static_cast<unsigned>(entry.registers.size());
    entry.registers.push_back({name, bits});
  };
  do {
    std::string name(word());
    if (accept("<")) {
      for (std::int64_t i = 0, n = integer(); i < n; ++i)
        add(name + std::to_string(i));
      expect(">");
    } else {
      add(name);
    }
  } while (accept(","));
  expect(";");
}

/// `.loc file line column[, function_name label][, inlined_at file line column]`
void Parser::location() {
  place.file = static_cast<unsigned>(integer());
  place.line = static_cast<unsigned>(integer());
  place.column = static_cast<unsigned>(integer());
  while (accept(",")) {
    if (accept("function_name")) {
      word();
      if (accept("+"))
        integer();
    } else {
      expect("inlined_at");
      for (int i = 0; i < 3; ++i)
        integer();
    }
  }
}

//===----------------------------------------------------------------------===//
// Code
//===----------------------------------------------------------------------===//

void Parser::statement(Entry &entry) {
  Statement statement;
  statement.line = peek().line;
  statement.place = place;
  if (accept("@")) {
    statement.isNegated = accept("!");
    statement.predicate = find(word());
    if (statement.predicate == kNoRegister)
      fail("the predicate is not declared");
  }
  statement.line = peek().line;
  statement.opcode = word();
  for (std::size_t i = 0; i <= statement.opcode.size();) {
    std::size_t dot = std::min(statement.opcode.find('.', i), statement.opcode.size());
    statement.parts.push_back(statement.opcode.substr(i, dot - i));
    i = dot + 1;
  }
  if (!at(";"))
    do
      statement.operands.push_back(operand());
    while (accept(","));
  expect(";");
  if (statement.parts[0] == "bra")
    labels.back().branches.push_back(entry.statements.size());
  entry.statements.push_back(std::move(statement));
}

/// Labels are names of their scope.
void Parser::label(Entry &entry) {
  std::string name(word()), unique = name;
  expect(":");
  while (entry.labels.contains(unique))
    unique += "'";
  entry.labels[unique] = static_cast<unsigned>(entry.statements.size());
  labels.back().unique[name] = unique;
}

void Parser::closeScope(Entry &entry) {
  Labels closed = std::move(labels.back());
  labels.pop_back();
  scopes.pop_back();
  for (std::size_t branch : closed.branches) {
    if (entry.statements[branch].operands.empty())
      continue;
    std::string &to = entry.statements[branch].operands[0].symbol;
    if (auto found = closed.unique.find(to); found != closed.unique.end())
      to = found->second;
    else if (!labels.empty())
      labels.back().branches.push_back(branch);
  }
}

void Parser::body(Entry &entry) {
  expect("{");
  scopes.assign(1, {});
  labels.assign(1, {});
  while (!scopes.empty()) {
    if (accept("{")) {
      scopes.emplace_back();
      labels.emplace_back();
    } else if (accept("}"))
      closeScope(entry);
    else if (accept(";"))
      continue;
    else if (accept(".reg"))
      registers(entry);
    else if (accept(".loc"))
      location();
    else if (accept(".shared"))
      entry.variables.push_back(variable(Variable::Space::Shared, false));
    else if (accept(".local"))
      entry.variables.push_back(variable(Variable::Space::Local, false));
    else if (accept(".pragma"))
      skipTo(";");
    else if (peek().kind == Token::Kind::Word && tokens[next + 1].text == ":")
      label(entry);
    else if (at("@") || (peek().kind == Token::Kind::Word && peek().text[0] != '.'))
      statement(entry);
    else
      fail("'" + std::string(peek().text) + "' is not known here");
  }
}

void Parser::entry() {
  Entry entry;
  entry.name = word();
  if (accept("("))
    while (!accept(")")) {
      expect(".param");
      unsigned bytes = 0, align = 0;
      while (peek().text[0] == '.' && peek().kind == Token::Kind::Word) {
        std::string_view text = word().substr(1);
        // `.ptr .global .align 16` says what a pointer points to; `.align 8` before it, how a parameter lies.
        if (text == "align")
          align = static_cast<unsigned>(integer());
        else if (unsigned bits = typeBits(text))
          bytes = bits / 8;
      }
      Parameter parameter{std::string(word()), 0, bytes};
      if (accept("[")) {
        parameter.bytes *= static_cast<unsigned>(integer());
        bytes = std::max(bytes, align);
        expect("]");
      }
      if (!bytes)
        fail("a parameter of no type that is known here");
      parameter.offset = (entry.parameterBytes + bytes - 1) / bytes * bytes;
      entry.parameterBytes = parameter.offset + parameter.bytes;
      entry.parameters.push_back(parameter);
      accept(",");
    }
  while (!at("{")) {
    std::string_view directive = word();
    std::array<unsigned, 3> counts = {1, 1, 1};
    for (unsigned i = 0; std::isdigit(static_cast<unsigned char>(peek().text[0])); ++i, accept(","))
      counts[std::min(i, 2u)] = static_cast<unsigned>(integer());
    if (directive == ".reqntid")
      entry.requiredThreads = counts;
    else if (directive == ".reqnctapercluster")
      entry.requiredCluster = counts;
    else if (directive == ".maxnreg")
      entry.maxRegisters = counts[0];
    else if (directive == ".minnctapersm")
      entry.minBlocks = counts[0];
  }
  place = {};
  body(entry);
  for (const Statement &statement : entry.statements)
    if (statement.opcode.starts_with("setmaxnreg.inc") && !statement.operands.empty())
      entry.mostTaken = std::max(entry.mostTaken, static_cast<unsigned>(statement.operands[0].value));
  module.entries.push_back(std::move(entry));
}

Module Parser::run() {
  bool isExtern = false;
  while (peek().kind != Token::Kind::End) {
    if (accept(".version") || accept(".address_size")) {
      word();
    } else if (accept(".target")) {
      module.target = word();
      while (accept(","))
        word();
    } else if (accept(".file")) {
      auto number = static_cast<unsigned>(integer());
      module.files[number] = tokens[next++].text;
      while (accept(","))
        integer();
    } else if (accept(".section")) {
      word();
      expect("{");
      skipBraces();
    } else if (accept(".pragma")) {
      skipTo(";");
    } else if (accept(".visible") || accept(".weak") || accept(".common")) {
      isExtern = false;
    } else if (accept(".extern")) {
      isExtern = true;
    } else if (accept(".entry")) {
      entry();
    } else if (accept(".shared")) {
      module.variables.push_back(variable(Variable::Space::Shared, isExtern));
      isExtern = false;
    } else if (accept(".global")) {
      module.variables.push_back(variable(Variable::Space::Global, isExtern));
    } else if (accept(".const")) {
      module.variables.push_back(variable(Variable::Space::Const, isExtern));
    } else {
      fail("'" + std::string(peek().text) + "' is not known here");
    }
  }
  return std::move(module);
}

Module tile::emulator::parse(std::string_view text) { return Parser(text).run(); }
