//===- Move.cpp - Moves, comparisons and choices -----------------*- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Formats.h"
#include "Lanes.h"

#include <optional>

using namespace tile::emulator;

namespace {

//===----------------------------------------------------------------------===//
// Moves
//===----------------------------------------------------------------------===//

template <typename T>
void move(Warp &warp, const Instruction &instruction) {
  T values[kLanes];
  std::memcpy(values, warp.lanes<T>(instruction.from[0]), sizeof(values));
  warp.put(instruction.to[0], values);
}

/// A clock: instructions that the block has run. The multiprocessor: the number of the block.
template <typename T>
void readClock(Warp &warp, const Instruction &instruction) {
  T values[kLanes];
  std::fill_n(values, kLanes, static_cast<T>(instruction.option ? warp.block.id.x : warp.block.steps));
  warp.put(instruction.to[0], values);
}

void movePredicate(Warp &warp, const Instruction &instruction) {
  warp.putPredicate(instruction.to[0], warp.predicate(instruction.from[0]));
}

/// mov of several registers into one, and of one into several. `bytes` is a piece's size.
void join(Warp &warp, const Instruction &instruction) {
  std::uint64_t result[kLanes] = {};
  for (unsigned i = 0; i < instruction.count; ++i)
    for (unsigned lane = 0; lane < kLanes; ++lane)
      result[lane] |= warp.lane(instruction.from[i], lane) << (8 * instruction.bytes * i);
  warp.putWide(instruction.to[0], result);
}
void split(Warp &warp, const Instruction &instruction) {
  std::uint64_t whole[kLanes], result[kLanes];
  for (unsigned lane = 0; lane < kLanes; ++lane)
    whole[lane] = warp.lane(instruction.from[0], lane);
  for (unsigned i = 0; i < instruction.count; ++i) {
    for (unsigned lane = 0; lane < kLanes; ++lane)
      result[lane] = whole[lane] >> (8 * instruction.bytes * i);
    warp.putWide(instruction.to[i], result);
  }
}

/// Adds the constant of a window of generic addresses.
void shiftAddress(Warp &warp, const Instruction &instruction) {
  std::uint64_t result[kLanes];
  for (unsigned lane = 0; lane < kLanes; ++lane)
    result[lane] = warp.lane(instruction.from[0], lane) + static_cast<std::uint64_t>(instruction.value);
  warp.putWide(instruction.to[0], result);
}

template <typename T>
void select(Warp &warp, const Instruction &instruction) {
  const T *a = warp.lanes<T>(instruction.from[0]), *b = warp.lanes<T>(instruction.from[1]);
  std::uint32_t bits = warp.predicate(instruction.from[2]);
  T result[kLanes];
  for (unsigned lane = 0; lane < kLanes; ++lane)
    result[lane] = bits >> lane & 1 ? a[lane] : b[lane];
  warp.put(instruction.to[0], result);
}

//===----------------------------------------------------------------------===//
// Comparisons
//===----------------------------------------------------------------------===//

enum Order : std::uint8_t { Less = 1, Equal = 2, Greater = 4, Unordered = 8 };
/// What becomes of a comparison's result and a third predicate.
enum Combination : std::uint8_t { Alone, AndWith, OrWith, XorWith };

struct Plain {
  template <typename T>
  T operator()(T value) const {
    return value;
  }
};
struct HalfFloat {
  double operator()(std::uint16_t value) const { return decode(value, kF16); }
};
struct BrainFloat {
  double operator()(std::uint16_t value) const { return decode(value, kBF16); }
};

/// `option` holds the orders that make it true, `count` the combination, `isNegated` of the third predicate is in `bytes`.
template <typename T, typename Read = Plain>
void compare(Warp &warp, const Instruction &instruction) {
  const T *a = warp.lanes<T>(instruction.from[0]), *b = warp.lanes<T>(instruction.from[1]);
  std::uint32_t less = 0, equal = 0, greater = 0, orders = instruction.option;
  for (unsigned lane = 0; lane < kLanes; ++lane) {
    auto x = Read()(a[lane]), y = Read()(b[lane]);
    less |= std::uint32_t(x < y) << lane;
    equal |= std::uint32_t(x == y) << lane;
    greater |= std::uint32_t(x > y) << lane;
  }
  std::uint32_t result = (orders & Less ? less : 0) | (orders & Equal ? equal : 0) | (orders & Greater ? greater : 0) |
                         (orders & Unordered ? ~(less | equal | greater) : 0);
  std::uint32_t other = ~result;
  if (instruction.count != Alone) {
    std::uint32_t third = warp.predicate(instruction.from[2]) ^ (instruction.bytes ? ~0u : 0);
    auto combined = [&](std::uint32_t bits) {
      return instruction.count == AndWith ? bits & third : instruction.count == OrWith ? bits | third : bits ^ third;
    };
    result = combined(result);
    other = combined(other);
  }
  if (instruction.to[0].bits)
    warp.putPredicate(instruction.to[0], result);
  if (instruction.to[1].bits)
    warp.putPredicate(instruction.to[1], other);
}

std::optional<std::uint8_t> ordersOf(const std::string &name, bool isFloat) {
  static const std::map<std::string_view, int> both = {{"eq", Equal},   {"ne", Less | Greater},
                                                       {"lt", Less},    {"le", Less | Equal},
                                                       {"gt", Greater}, {"ge", Greater | Equal}};
  static const std::map<std::string_view, int> integer = {
      {"lo", Less}, {"ls", Less | Equal}, {"hi", Greater}, {"hs", Greater | Equal}};
  static const std::map<std::string_view, int> floating = {
      {"equ", Equal | Unordered},      {"neu", Less | Greater | Unordered},
      {"ltu", Less | Unordered},       {"leu", Less | Equal | Unordered},
      {"gtu", Greater | Unordered},    {"geu", Greater | Equal | Unordered},
      {"num", Less | Equal | Greater}, {"nan", Unordered}};
  for (const auto *names : {&both, isFloat ? &floating : &integer})
    if (auto found = names->find(name); found != names->end())
      return static_cast<std::uint8_t>(found->second);
  return std::nullopt;
}

Handler comparisonOf(const std::string &type) {
  return type == "f32"                    ? compare<float>
         : type == "f64"                  ? compare<double>
         : type == "f16"                  ? compare<std::uint16_t, HalfFloat>
         : type == "bf16"                 ? compare<std::uint16_t, BrainFloat>
         : type == "u16" || type == "b16" ? compare<std::uint16_t>
         : type == "s16"                  ? compare<std::int16_t>
         : type == "u32" || type == "b32" ? compare<std::uint32_t>
         : type == "s32"                  ? compare<std::int32_t>
         : type == "u64" || type == "b64" ? compare<std::uint64_t>
         : type == "s64"                  ? compare<std::int64_t>
                                          : nullptr;
}

} // namespace

bool tile::emulator::decodeCompare(Decoder &decoder) {
  const auto &statement = decoder.statement;
  const std::string &type = decoder.type();
  if (decoder.part(0) != "setp" || statement.parts.size() < 3 || statement.parts.size() > 4)
    return false;
  Instruction &out = decoder.out;
  std::optional<std::uint8_t> orders = ordersOf(decoder.part(1), type[0] == 'f' || type == "bf16");
  out.run = comparisonOf(type);
  if (!orders || !out.run)
    return false;
  out.option = *orders;
  out.count = Alone;
  unsigned operands = 3;
  if (statement.parts.size() == 4) {
    const std::string &with = decoder.part(2);
    out.count = with == "and" ? AndWith : with == "or" ? OrWith : with == "xor" ? XorWith : Alone;
    if (out.count == Alone)
      return false;
    operands = 4;
  }
  if (statement.operands.size() != operands)
    return false;
  decoder.setTo(statement.operands[0]);
  for (unsigned i = 0; i < 2; ++i)
    out.from[i] = decoder.from(statement.operands[i + 1], typeBits(type));
  if (operands == 4) {
    out.bytes = statement.operands[3].isNegated;
    out.from[2] = decoder.from(statement.operands[3], 1);
  }
  return true;
}

static bool decodeVectorMove(Decoder &decoder, unsigned bits) {
  const auto &operands = decoder.statement.operands;
  bool joins = operands[1].kind == Operand::Kind::Vector;
  const auto &elements = operands[joins ? 1 : 0].elements;
  decoder.out.count = static_cast<std::uint8_t>(elements.size());
  unsigned piece = bits / static_cast<unsigned>(elements.size());
  if (elements.empty() || piece % 8 || bits > 64)
    return false;
  decoder.out.bytes = static_cast<std::uint8_t>(piece / 8);
  decoder.out.run = joins ? join : split;
  decoder.setTo(operands[0]);
  decoder.setFrom(1, joins ? piece : bits);
  return true;
}

bool tile::emulator::decodeMove(Decoder &decoder) {
  const std::string &head = decoder.part(0), &type = decoder.type();
  const auto &operands = decoder.statement.operands;
  unsigned bits = typeBits(type);
  Instruction &out = decoder.out;
  if (head == "mov" && decoder.statement.parts.size() == 2 && operands.size() == 2) {
    bool isProcessor = operands[1].symbol == "%smid";
    if (isProcessor || operands[1].symbol == "%clock64" || operands[1].symbol == "%globaltimer") {
      if (bits != (isProcessor ? 32U : 64U))
        return false;
      out.option = isProcessor;
      out.run = isProcessor ? readClock<std::uint32_t> : readClock<std::uint64_t>;
      decoder.setTo(operands[0]);
      return true;
    }
    if (operands[0].kind == Operand::Kind::Vector || operands[1].kind == Operand::Kind::Vector)
      return decodeVectorMove(decoder, bits);
    out.run = bits == 1    ? movePredicate
              : bits == 16 ? move<std::uint16_t>
              : bits == 32 ? move<std::uint32_t>
              : bits == 64 ? move<std::uint64_t>
                           : nullptr;
    if (!out.run)
      return false;
    out.isMove = true;
    decoder.setTo(operands[0]);
    decoder.setFrom(1, bits);
    return true;
  }
  if (head == "selp" && decoder.statement.parts.size() == 2 && operands.size() == 4 && !operands[3].isNegated) {
    out.run = bits == 16   ? select<std::uint16_t>
              : bits == 32 ? select<std::uint32_t>
              : bits == 64 ? select<std::uint64_t>
                           : nullptr;
    if (!out.run)
      return false;
    decoder.setTo(operands[0]);
    for (unsigned i = 0; i < 3; ++i)
      out.from[i] = decoder.from(operands[i + 1], i == 2 ? 1 : bits);
    return true;
  }
  if (head == "cvta" && decoder.only({"to", "global", "shared", "shared::cta", "shared::cluster", "local", "param",
                                      "const", "u64", "u32"})) {
    bool isShared = decoder.has("shared") || decoder.has("shared::cta") || decoder.has("shared::cluster");
    std::int64_t window = isShared               ? static_cast<std::int64_t>(kSharedWindow)
                          : decoder.has("local") ? static_cast<std::int64_t>(kLocalWindow)
                          : decoder.has("param") ? static_cast<std::int64_t>(kParamWindow)
                                                 : 0;
    out.value = decoder.has("to") ? -window : window;
    out.run = shiftAddress;
    decoder.setTo(operands[0]);
    decoder.setFrom(1, 64);
    return true;
  }
  return false;
}
