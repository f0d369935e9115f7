//===- Formats.cpp - Numbers of every format, rounded exactly ----*- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Formats.h"

#include <algorithm>

using namespace tile::emulator;

const Format *tile::emulator::formatOf(std::string_view type) {
  if (type == "f16" || type == "f16x2")
    return &kF16;
  if (type == "bf16" || type == "bf16x2")
    return &kBF16;
  if (type == "f32")
    return &kF32;
  if (type == "tf32")
    return &kTF32;
  if (type == "e4m3" || type == "e4m3x2")
    return &kE4M3;
  if (type == "e5m2" || type == "e5m2x2")
    return &kE5M2;
  return nullptr;
}

double tile::emulator::decode(std::uint32_t code, const Format &format) {
  if (format.bits == 32)
    return std::bit_cast<float>(code);
  if (format.bits == 16 && format.mantissaBits == 7)
    return std::bit_cast<float>(code << 16);
  std::uint32_t sign = code >> (format.bits - 1) & 1;
  std::uint32_t magnitude = code & ((std::uint32_t(1) << (format.bits - 1)) - 1);
  double value;
  if (magnitude > format.largest)
    value = magnitude == format.infinity && format.infinity != format.nan ? HUGE_VAL : std::nan("");
  else if (std::uint32_t field = magnitude >> format.mantissaBits)
    // Exponents of these formats are exponents of doubles.
    value = std::bit_cast<double>((std::uint64_t(field - 1 + format.minExponent + 1023) << 52) |
                                  (std::uint64_t(magnitude) << (52 - format.mantissaBits) & 0xfffffffffffff));
  else
    value = std::ldexp(magnitude, format.minExponent - static_cast<int>(format.mantissaBits));
  return sign ? -value : value;
}

/// Rounds significand * 2^(exponent - 63), where the significand's highest bit is set.
static std::uint32_t round(bool isNegative, std::uint64_t significand, int exponent, const Format &format,
                           Rounding rounding, bool saturates) {
  std::uint32_t sign = std::uint32_t(isNegative) << (format.bits - 1);
  int drop = 63 - static_cast<int>(format.mantissaBits) + std::max(0, format.minExponent - exponent);
  std::uint64_t kept = drop > 63 ? 0 : significand >> drop;
  // What is dropped: against one half, and against nothing.
  int toHalf = -1;
  if (drop <= 64) {
    std::uint64_t rest = drop == 64 ? significand : significand & ((std::uint64_t(1) << drop) - 1);
    std::uint64_t half = std::uint64_t(1) << (drop - 1);
    toHalf = rest < half ? (rest ? -1 : -2) : rest > half;
  }
  bool isExact = toHalf == -2, up = false;
  switch (rounding) {
  case Rounding::Nearest:
    up = toHalf > 0 || (toHalf == 0 && (kept & 1));
    break;
  case Rounding::NearestAway:
    up = toHalf >= 0;
    break;
  case Rounding::Zero:
    break;
  case Rounding::Down:
    up = isNegative && !isExact;
    break;
  case Rounding::Up:
    up = !isNegative && !isExact;
    break;
  }
  kept += up;
  std::uint64_t field = static_cast<std::uint64_t>(std::max(exponent, format.minExponent) - format.minExponent);
  std::uint64_t code = (field << format.mantissaBits) + kept;
  if (code <= format.largest)
    return sign | static_cast<std::uint32_t>(code);
  bool towardsZero = rounding == Rounding::Zero || (rounding == Rounding::Down && !isNegative) ||
                     (rounding == Rounding::Up && isNegative);
  return sign | (saturates || towardsZero ? format.largest : format.infinity);
}

std::uint32_t tile::emulator::encode(double value, const Format &format, Rounding rounding, bool saturates) {
  if (std::isnan(value))
    return format.nan;
  if (rounding == Rounding::Nearest && format.bits == 32)
    return std::bit_cast<std::uint32_t>(static_cast<float>(value));
  auto bits = std::bit_cast<std::uint64_t>(value);
  bool isNegative = bits >> 63;
  std::uint32_t sign = std::uint32_t(isNegative) << (format.bits - 1);
  if (std::isinf(value))
    return sign | (saturates ? format.largest : format.infinity);
  auto field = static_cast<int>(bits >> 52 & 0x7ff);
  std::uint64_t significand = bits << 11 & ~(std::uint64_t(1) << 63);
  if (!field) {
    if (!significand)
      return sign;
    int shift = std::countl_zero(significand);
    return round(isNegative, significand << shift, -1022 - shift, format, rounding, saturates);
  }
  return round(isNegative, significand | std::uint64_t(1) << 63, field - 1023, format, rounding, saturates);
}

std::uint32_t tile::emulator::encodeInteger(bool isNegative, std::uint64_t magnitude, const Format &format,
                                            Rounding rounding) {
  if (!magnitude)
    return 0;
  int shift = std::countl_zero(magnitude);
  return round(isNegative, magnitude << shift, 63 - shift, format, rounding, false);
}

double tile::emulator::addToOdd(double a, double b) {
  double sum = a + b;
  if (!std::isfinite(sum))
    return sum;
  double part = sum - a;
  double lost = (a - (sum - part)) + (b - part);
  auto bits = std::bit_cast<std::uint64_t>(sum);
  if (lost == 0 || (bits & 1))
    return sum;
  // Towards what was lost: away from zero when that has the sum's sign.
  return std::bit_cast<double>((lost > 0) == (sum > 0) ? bits + 1 : bits - 1);
}
