//===- Tokens.cpp - The words of PTX -----------------------------*- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Tokens.h"

#include <algorithm>
#include <cctype>

using namespace tile::emulator;

static bool isWordCharacter(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) || c == '_' || c == '$' || c == '%' || c == '.';
}

std::vector<Token> tile::emulator::tokensOf(std::string_view text) {
  std::vector<Token> tokens;
  unsigned line = 1;
  for (std::size_t i = 0; i < text.size();) {
    char c = text[i];
    std::size_t start = i;
    if (c == '\n' || std::isspace(static_cast<unsigned char>(c))) {
      line += c == '\n';
      ++i;
    } else if (text.substr(i, 2) == "//") {
      i = std::min(text.find('\n', i), text.size());
    } else if (text.substr(i, 2) == "/*") {
      i = std::min(text.find("*/", i), text.size() - 2) + 2;
      line += static_cast<unsigned>(std::count(text.begin() + start, text.begin() + i, '\n'));
    } else if (c == '"') {
      i = std::min(text.find('"', i + 1), text.size() - 1) + 1;
      tokens.push_back({Token::Kind::Text, text.substr(start + 1, i - start - 2), line});
    } else if (isWordCharacter(c)) {
      // "L2::128B" is part of an opcode.
      while (i < text.size() && (isWordCharacter(text[i]) || (text.substr(i, 2) == "::" && ++i)))
        ++i;
      tokens.push_back({Token::Kind::Word, text.substr(start, i - start), line});
    } else {
      tokens.push_back({Token::Kind::Mark, text.substr(i++, 1), line});
    }
  }
  tokens.push_back({Token::Kind::End, "the end", line});
  return tokens;
}
