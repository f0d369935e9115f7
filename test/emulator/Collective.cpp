//===- Collective.cpp - What the lanes of a warp do together -----*- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Lanes.h"

#include <algorithm>

using namespace tile::emulator;

namespace {

enum Shuffle : std::uint8_t { Up, Down, Butterfly, Index };

/// shfl.sync d[|p], a, b, c: c holds the last lane of a segment and what of a lane's number is the segment's.
void shuffle(Warp &warp, const Instruction &instruction) {
  const auto *a = warp.lanes<std::uint32_t>(instruction.from[0]), *b = warp.lanes<std::uint32_t>(instruction.from[1]),
             *c = warp.lanes<std::uint32_t>(instruction.from[2]);
  std::uint32_t result[kLanes], inside = 0;
  for (unsigned lane = 0; lane < kLanes; ++lane) {
    unsigned by = b[lane] & 31, clamp = c[lane] & 31, segment = c[lane] >> 8 & 31;
    int last = static_cast<int>((lane & segment) | (clamp & ~segment)), first = static_cast<int>(lane & segment);
    int at = static_cast<int>(lane), source = 0;
    bool isInside = false;
    switch (instruction.option) {
    case Up:
      source = at - static_cast<int>(by);
      isInside = source >= last;
      break;
    case Down:
      source = at + static_cast<int>(by);
      isInside = source <= last;
      break;
    case Butterfly:
      source = at ^ static_cast<int>(by);
      isInside = source <= last;
      break;
    default:
      source = first | static_cast<int>(by & ~segment);
      isInside = source <= last;
      break;
    }
    if (!isInside)
      source = at;
    inside |= std::uint32_t(isInside) << lane;
    if ((warp.active >> lane & 1) && !(warp.active >> source & 1))
      warp.fail(Fault::Kind::Synchronisation, lane,
                "lane " + std::to_string(source) + " is read, which doesn't take part");
    result[lane] = a[source];
  }
  if (instruction.to[0].bits)
    warp.put(instruction.to[0], result);
  if (instruction.to[1].bits)
    warp.putPredicate(instruction.to[1], inside);
}

enum Vote : std::uint8_t { Any, All, Uniform, Ballot };

void vote(Warp &warp, const Instruction &instruction) {
  std::uint32_t bits = warp.predicate(instruction.from[0]) ^ (instruction.bytes ? ~0u : 0);
  bits &= warp.active;
  if (instruction.option == Ballot) {
    std::uint32_t result[kLanes];
    std::fill(std::begin(result), std::end(result), bits);
    warp.put(instruction.to[0], result);
    return;
  }
  bool holds = instruction.option == Any   ? bits != 0
               : instruction.option == All ? bits == warp.active
                                           : bits == warp.active || bits == 0;
  warp.putPredicate(instruction.to[0], holds ? ~0u : 0);
}

template <typename T, typename F>
void reduce(Warp &warp, const Instruction &instruction) {
  const T *a = warp.lanes<T>(instruction.from[0]);
  T result[kLanes], sum{};
  bool isFirst = true;
  for (unsigned lane = 0; lane < kLanes; ++lane)
    if (warp.active >> lane & 1) {
      sum = isFirst ? a[lane] : F()(sum, a[lane]);
      isFirst = false;
    }
  std::fill(std::begin(result), std::end(result), sum);
  warp.put(instruction.to[0], result);
}

template <typename T>
struct Least {
  T operator()(T a, T b) const { return std::min(a, b); }
};
template <typename T>
struct Most {
  T operator()(T a, T b) const { return std::max(a, b); }
};

Handler reductionOf(const std::string &name, const std::string &type) {
  bool isSigned = type == "s32";
  if (name == "add" && type != "b32")
    return reduce<std::uint32_t, std::plus<std::uint32_t>>;
  if (name == "min" && type != "b32")
    return isSigned ? reduce<std::int32_t, Least<std::int32_t>> : reduce<std::uint32_t, Least<std::uint32_t>>;
  if (name == "max" && type != "b32")
    return isSigned ? reduce<std::int32_t, Most<std::int32_t>> : reduce<std::uint32_t, Most<std::uint32_t>>;
  if (type != "b32")
    return nullptr;
  return name == "and"   ? reduce<std::uint32_t, std::bit_and<std::uint32_t>>
         : name == "or"  ? reduce<std::uint32_t, std::bit_or<std::uint32_t>>
         : name == "xor" ? reduce<std::uint32_t, std::bit_xor<std::uint32_t>>
                         : nullptr;
}

void activeLanes(Warp &warp, const Instruction &instruction) {
  std::uint32_t result[kLanes];
  std::fill(std::begin(result), std::end(result), warp.active);
  warp.put(instruction.to[0], result);
}

} // namespace

bool tile::emulator::decodeCollective(Decoder &decoder) {
  const std::string &head = decoder.part(0), &type = decoder.type();
  const auto &operands = decoder.statement.operands;
  Instruction &out = decoder.out;
  if (head == "activemask" && type == "b32") {
    out.run = activeLanes;
    decoder.setTo(operands.at(0));
    return true;
  }
  if (decoder.part(1) != "sync")
    return false;
  out.kind = Kind::Synchronous;
  auto members = [&](unsigned place, const Operand &operand) {
    out.from[place] = decoder.from(operand, 32);
    out.target = place + 1;
  };
  if (head == "shfl" && type == "b32" && operands.size() == 5) {
    static const std::map<std::string_view, Shuffle> modes = {
        {"up", Up}, {"down", Down}, {"bfly", Butterfly}, {"idx", Index}};
    auto mode = modes.find(decoder.part(2));
    if (mode == modes.end() || decoder.statement.parts.size() != 4)
      return false;
    out.option = mode->second;
    out.run = shuffle;
    decoder.setTo(operands[0]);
    for (unsigned i = 0; i < 3; ++i)
      out.from[i] = decoder.from(operands[i + 1], 32);
    members(3, operands[4]);
    return true;
  }
  if (head == "vote" && operands.size() == 3) {
    static const std::map<std::string_view, Vote> modes = {
        {"any", Any}, {"all", All}, {"uni", Uniform}, {"ballot", Ballot}};
    auto mode = modes.find(decoder.part(2));
    if (mode == modes.end() || type != (mode->second == Ballot ? "b32" : "pred"))
      return false;
    out.option = mode->second;
    out.run = vote;
    out.bytes = operands[1].isNegated;
    decoder.setTo(operands[0]);
    out.from[0] = decoder.from(operands[1], 1);
    members(1, operands[2]);
    return true;
  }
  if (head == "redux" && operands.size() == 3 && decoder.statement.parts.size() == 4) {
    out.run = reductionOf(decoder.part(2), type);
    if (!out.run)
      return false;
    decoder.setTo(operands[0]);
    out.from[0] = decoder.from(operands[1], 32);
    members(1, operands[2]);
    return true;
  }
  return false;
}
