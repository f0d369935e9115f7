//===- Ptx.h - PTX as the emulator reads it ----------------------*- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// \file
/// The text of a module taken apart into entries and statements, names of registers resolved. What an instruction means is not known
/// here.
///
//===----------------------------------------------------------------------===//

#ifndef TILE_TEST_EMULATOR_PTX_H
#define TILE_TEST_EMULATOR_PTX_H

#include <array>
#include <cstdint>
#include <map>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace tile::emulator {

/// What is wrong with a module: the text names the line.
struct BadPtx : std::runtime_error {
  using std::runtime_error::runtime_error;
};

struct Register {
  std::string name;
  /// 1 for predicates.
  unsigned bits;
};

inline constexpr unsigned kNoRegister = ~0u;

struct Operand {
  enum class Kind : std::uint8_t { Register, Immediate, Vector, Address, Symbol, Sink };
  Kind kind = Kind::Sink;
  /// "!%p".
  bool isNegated = false;
  /// Whether an immediate was written as 0f… (32) or 0d… (64); 0 for integers.
  std::uint8_t floatBits = 0;
  /// A register's number; of an address, its base.
  unsigned reg = kNoRegister;
  /// The second of "%p|%q".
  unsigned second = kNoRegister;
  /// An immediate's bits; of an address, what is added.
  std::int64_t value = 0;
  /// A label, variable, parameter or special register; of an address, its base.
  std::string symbol;
  /// A vector's; of an address, the coordinates in a tensor.
  std::vector<Operand> elements;
};

/// A place in the source that a kernel was made of: the file's number, the line and the column; 0 when unknown.
struct SourcePlace {
  unsigned file = 0, line = 0, column = 0;
};

struct Statement {
  /// The opcode, and its parts.
  std::string opcode;
  std::vector<std::string> parts;
  std::vector<Operand> operands;
  /// The predicate that guards it.
  unsigned predicate = kNoRegister;
  bool isNegated = false;
  /// The line in the PTX.
  unsigned line = 0;
  SourcePlace place;
};

struct Variable {
  enum class Space : std::uint8_t { Shared, Global, Const, Local };
  std::string name;
  Space space;
  unsigned align = 1;
  std::size_t bytes = 0;
  /// Shared memory whose size the launch says.
  bool isDynamic = false;
  std::vector<std::uint8_t> contents;
};

struct Parameter {
  std::string name;
  unsigned offset, bytes;
};

struct Entry {
  std::string name;
  std::vector<Parameter> parameters;
  unsigned parameterBytes = 0;
  /// Threads that a launch must have; 0 when any will do.
  std::array<unsigned, 3> requiredThreads = {};
  /// Blocks of a cluster; 0 when the launch says.
  std::array<unsigned, 3> requiredCluster = {};
  /// Registers that a thread may have, and blocks that must fit at once; 0 when nothing is said.
  unsigned maxRegisters = 0, minBlocks = 0;
  /// The most registers that a warp asks for while it runs; 0 when none does.
  unsigned mostTaken = 0;
  std::vector<Register> registers;
  std::vector<Statement> statements;
  std::map<std::string, unsigned> labels;
  std::vector<Variable> variables;
};

struct Module {
  std::string target;
  std::map<unsigned, std::string> files;
  std::vector<Variable> variables;
  std::vector<Entry> entries;
};

/// The module, or BadPtx.
Module parse(std::string_view text);

/// Bits of a type such as "b32", "f16x2"; 0 when it is none.
unsigned typeBits(std::string_view type);

} // namespace tile::emulator

#endif // TILE_TEST_EMULATOR_PTX_H
