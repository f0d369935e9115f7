//===- Tokens.h - The words of PTX -------------------------------*- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef TILE_TEST_EMULATOR_TOKENS_H
#define TILE_TEST_EMULATOR_TOKENS_H

#include "Ptx.h"

namespace tile::emulator {

struct Token {
  enum class Kind : std::uint8_t { End, Word, Text, Mark };
  Kind kind = Kind::End;
  std::string_view text;
  unsigned line = 0;
};

std::vector<Token> tokensOf(std::string_view text);

} // namespace tile::emulator

#endif // TILE_TEST_EMULATOR_TOKENS_H
