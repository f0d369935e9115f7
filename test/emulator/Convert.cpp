//===- Convert.cpp - Conversions between types -------------------*- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Formats.h"
#include "Lanes.h"

#include <algorithm>
#include <deque>
#include <mutex>
#include <optional>

using namespace tile::emulator;

namespace {

/// What `cvt` is between, found once.
struct Conversion {
  const Format *from = nullptr, *to = nullptr;
  unsigned fromBits = 0, toBits = 0;
  bool fromSigned = false, toSigned = false, fromFloat = false, toFloat = false;
  Rounding rounding = Rounding::Nearest;
  /// Whether a floating-point result is a whole number, by that rounding.
  bool toWhole = false;
  bool saturates = false, clampsToOne = false, stopsNegative = false, flushes = false;
};

/// Keeps a conversion for as long as the process lives: there are few kinds, and code may be decoded while other code runs.
const Conversion *keep(const Conversion &conversion) {
  static auto *mutex = new std::mutex;
  static auto *all = new std::deque<Conversion>;
  std::lock_guard guard(*mutex);
  return &all->emplace_back(conversion);
}

const Conversion &conversionAt(const Instruction &instruction) {
  return *reinterpret_cast<const Conversion *>(instruction.value);
}

double whole(double value, Rounding rounding) {
  switch (rounding) {
  case Rounding::Zero:
    return std::trunc(value);
  case Rounding::Down:
    return std::floor(value);
  case Rounding::Up:
    return std::ceil(value);
  case Rounding::NearestAway:
    return std::round(value);
  case Rounding::Nearest:
    break;
  }
  return std::nearbyint(value);
}

std::uint64_t toInteger(const Conversion &c, double value) {
  unsigned bits = c.toBits;
  // What a NaN becomes depends on the widths.
  if (std::isnan(value))
    return c.fromBits < 64 && bits < 64 ? 0 : std::uint64_t(1) << (bits - 1);
  value = whole(value, c.rounding);
  if (c.toSigned) {
    double limit = std::ldexp(1.0, static_cast<int>(bits) - 1);
    if (value >= limit)
      return (std::uint64_t(1) << (bits - 1)) - 1;
    return static_cast<std::uint64_t>(value < -limit ? static_cast<std::int64_t>(-limit)
                                                     : static_cast<std::int64_t>(value));
  }
  if (value >= std::ldexp(1.0, static_cast<int>(bits)))
    return ~std::uint64_t(0) >> (64 - bits);
  return value <= 0 ? 0 : static_cast<std::uint64_t>(value);
}

std::uint64_t fromInteger(const Conversion &c, std::int64_t value) {
  bool isNegative = c.fromSigned && value < 0;
  std::uint64_t magnitude = isNegative ? -static_cast<std::uint64_t>(value) : static_cast<std::uint64_t>(value);
  if (c.to)
    return encodeInteger(isNegative, magnitude, *c.to, c.rounding);
  double result = static_cast<double>(magnitude);
  if (c.rounding != Rounding::Nearest) {
    // From what nearest gave to what was asked for.
    auto exact = static_cast<unsigned __int128>(magnitude), got = static_cast<unsigned __int128>(result);
    bool up = c.rounding == (isNegative ? Rounding::Down : Rounding::Up);
    if (got > exact && !up)
      result = std::nextafter(result, 0.0);
    if (got < exact && up)
      result = std::nextafter(result, HUGE_VAL);
  }
  return std::bit_cast<std::uint64_t>(isNegative ? -result : result);
}

std::uint64_t betweenIntegers(const Conversion &c, std::int64_t value) {
  if (c.saturates) {
    __int128 wide = c.fromSigned ? __int128(value) : __int128(static_cast<std::uint64_t>(value));
    __int128 high = (__int128(1) << (c.toSigned ? c.toBits - 1 : c.toBits)) - 1, low = c.toSigned ? -high - 1 : 0;
    return static_cast<std::uint64_t>(std::clamp(wide, low, high));
  }
  return static_cast<std::uint64_t>(value);
}

double flushed(double value) { return std::abs(value) < 0x1p-126 ? std::copysign(0.0, value) : value; }

std::uint64_t betweenFloats(const Conversion &c, std::uint64_t bits) {
  double value = c.from ? decode(static_cast<std::uint32_t>(bits), *c.from) : std::bit_cast<double>(bits);
  if (c.flushes && c.from && c.from->bits == 32)
    value = flushed(value);
  if (c.toWhole)
    value = whole(value, c.rounding);
  if (c.clampsToOne)
    value = value > 0 ? std::min(value, 1.0) : 0.0;
  if (c.stopsNegative && value < 0)
    value = 0;
  if (!c.to)
    return std::bit_cast<std::uint64_t>(value);
  std::uint32_t code = encode(value, *c.to, c.toWhole ? Rounding::Nearest : c.rounding, c.saturates);
  if (c.flushes && c.to->bits == 32 && std::abs(decode(code, *c.to)) < 0x1p-126)
    code &= 0x80000000;
  // What the low bits of a tf32 are is not specified; zeros here.
  return c.to->bits == 19 ? std::uint64_t(code) << 13 : code;
}

std::uint64_t convert(const Conversion &c, std::uint64_t bits) {
  if (c.fromBits < 64)
    bits &= (std::uint64_t(1) << c.fromBits) - 1;
  if (c.fromFloat)
    return c.toFloat
               ? betweenFloats(c, bits)
               : toInteger(c, c.from ? decode(static_cast<std::uint32_t>(bits), *c.from) : std::bit_cast<double>(bits));
  auto value = static_cast<std::int64_t>(bits);
  if (c.fromSigned)
    value = static_cast<std::int64_t>(bits << (64 - c.fromBits)) >> (64 - c.fromBits);
  return c.toFloat ? fromInteger(c, value) : betweenIntegers(c, value);
}

/// A result narrower than its register is extended by its sign, if it has one.
std::uint64_t fitted(const Conversion &c, std::uint64_t value) {
  if (c.toBits >= 64)
    return value;
  std::uint64_t low = value & ((std::uint64_t(1) << c.toBits) - 1);
  if (c.toSigned && !c.toFloat)
    return static_cast<std::uint64_t>(static_cast<std::int64_t>(low << (64 - c.toBits)) >> (64 - c.toBits));
  return low;
}

void convertLanes(Warp &warp, const Instruction &instruction) {
  const Conversion &c = conversionAt(instruction);
  std::uint64_t result[kLanes] = {};
  for (unsigned lane = 0; lane < kLanes; ++lane)
    if (warp.active >> lane & 1)
      result[lane] = fitted(c, convert(c, warp.lane(instruction.from[0], lane)));
  warp.putWide(instruction.to[0], result);
}

/// Two numbers into the halves of one register; the first into the upper one.
void pack(Warp &warp, const Instruction &instruction) {
  const Conversion &c = conversionAt(instruction);
  unsigned half = instruction.to[0].bits / 2;
  std::uint64_t result[kLanes] = {};
  for (unsigned lane = 0; lane < kLanes; ++lane)
    if (warp.active >> lane & 1)
      result[lane] =
          convert(c, warp.lane(instruction.from[0], lane)) << half | convert(c, warp.lane(instruction.from[1], lane));
  warp.putWide(instruction.to[0], result);
}

/// Both halves of a register.
void convertPairs(Warp &warp, const Instruction &instruction) {
  const Conversion &c = conversionAt(instruction);
  std::uint64_t result[kLanes] = {};
  for (unsigned lane = 0; lane < kLanes; ++lane) {
    std::uint64_t both = warp.lane(instruction.from[0], lane);
    result[lane] = convert(c, both >> c.fromBits) << c.toBits | convert(c, both);
  }
  warp.putWide(instruction.to[0], result);
}

template <typename To, typename From>
void resize(Warp &warp, const Instruction &instruction) {
  const From *a = warp.lanes<From>(instruction.from[0]);
  To result[kLanes];
  for (unsigned lane = 0; lane < kLanes; ++lane)
    result[lane] = static_cast<To>(a[lane]);
  warp.put(instruction.to[0], result);
}

/// The commonest conversions, when registers are just as wide as the types.
Handler quick(const std::string &to, const std::string &from) {
  if (to == "u32" || to == "s32")
    return from == "u64" || from == "s64" ? resize<std::uint32_t, std::uint64_t>
           : from == "u16"                ? resize<std::uint32_t, std::uint16_t>
           : from == "s16"                ? resize<std::int32_t, std::int16_t>
                                          : nullptr;
  if (to == "u64" || to == "s64")
    return from == "u32"   ? resize<std::uint64_t, std::uint32_t>
           : from == "s32" ? resize<std::int64_t, std::int32_t>
           : from == "u16" ? resize<std::uint64_t, std::uint16_t>
                           : nullptr;
  if (to == "u16" || to == "s16")
    return from == "u32" || from == "s32"   ? resize<std::uint16_t, std::uint32_t>
           : from == "u64" || from == "s64" ? resize<std::uint16_t, std::uint64_t>
                                            : nullptr;
  return nullptr;
}

bool isPair(std::string_view type) { return type.size() > 2 && type.substr(type.size() - 2) == "x2"; }

std::optional<Conversion> conversionOf(const Decoder &decoder) {
  const auto &parts = decoder.statement.parts;
  std::size_t types = parts.size() - 2;
  const std::string &to = parts[types], &from = parts[types + 1];
  Conversion c;
  auto isInteger = [](const std::string &type) { return type[0] == 'u' || type[0] == 's'; };
  auto describe = [&](const std::string &type, const Format *&format, unsigned &bits, bool &isFloat, bool &isSigned) {
    format = formatOf(type);
    isFloat = format || type == "f64";
    isSigned = type[0] == 's';
    bits = format ? std::max(format->bits, format == &kTF32 ? 32u : 0u) : typeBits(type);
    return bits && (isFloat || isInteger(type));
  };
  if (!describe(to, c.to, c.toBits, c.toFloat, c.toSigned) ||
      !describe(from, c.from, c.fromBits, c.fromFloat, c.fromSigned))
    return std::nullopt;
  bool isRounded = false;
  for (std::size_t i = 1; i < types; ++i) {
    const std::string &part = parts[i];
    static const std::map<std::string_view, std::pair<Rounding, bool>> roundings = {
        {"rn", {Rounding::Nearest, false}}, {"rna", {Rounding::NearestAway, false}}, {"rz", {Rounding::Zero, false}},
        {"rm", {Rounding::Down, false}},    {"rp", {Rounding::Up, false}},           {"rni", {Rounding::Nearest, true}},
        {"rzi", {Rounding::Zero, true}},    {"rmi", {Rounding::Down, true}},         {"rpi", {Rounding::Up, true}},
    };
    if (auto found = roundings.find(part); found != roundings.end()) {
      c.rounding = found->second.first;
      c.toWhole = found->second.second;
      isRounded = true;
    } else if (part == "sat" && c.toFloat) {
      c.clampsToOne = true;
    } else if (part == "sat" || part == "satfinite") {
      c.saturates = true;
    } else if (part == "relu") {
      c.stopsNegative = true;
    } else if (part == "ftz") {
      c.flushes = true;
    } else {
      return std::nullopt;
    }
  }
  // Where something is lost the rounding has to be said.
  bool loses =
      (c.fromFloat && !c.toFloat) || (!c.fromFloat && c.toFloat) || (c.fromFloat && c.toFloat && c.fromBits > c.toBits);
  if (loses && !isRounded)
    return std::nullopt;
  return c;
}

} // namespace

bool tile::emulator::decodeConvert(Decoder &decoder) {
  if (decoder.part(0) != "cvt" || decoder.statement.parts.size() < 3)
    return false;
  std::optional<Conversion> conversion = conversionOf(decoder);
  if (!conversion)
    return false;
  const auto &operands = decoder.statement.operands;
  const std::string &from = decoder.type(), &to = decoder.statement.parts[decoder.statement.parts.size() - 2];
  decoder.out.value = reinterpret_cast<std::int64_t>(keep(*conversion));
  decoder.setTo(operands[0]);
  decoder.setFrom(1, 0);
  if (isPair(to) && !isPair(from) && operands.size() == 3)
    decoder.out.run = pack;
  else if (isPair(to) && isPair(from) && operands.size() == 2)
    decoder.out.run = convertPairs;
  else if (!isPair(to) && !isPair(from) && operands.size() == 2)
    decoder.out.run = convertLanes;
  else
    return false;
  Handler fast = quick(to, from);
  if (fast && decoder.statement.parts.size() == 3 && decoder.out.to[0].bits == conversion->toBits &&
      decoder.out.from[0].bits == conversion->fromBits)
    decoder.out.run = fast;
  return true;
}
