//===- Formats.h - Numbers of every format, rounded exactly ------*- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef TILE_TEST_EMULATOR_FORMATS_H
#define TILE_TEST_EMULATOR_FORMATS_H

#include <bit>
#include <cmath>
#include <cstdint>
#include <string_view>

namespace tile::emulator {

/// Nearest: ties to even. NearestAway: ties away from zero.
enum class Rounding : std::uint8_t { Nearest, NearestAway, Zero, Down, Up };

/// A format of up to 32 bits. Codes are without the sign.
struct Format {
  unsigned bits, mantissaBits;
  int minExponent;
  std::uint32_t largest, infinity, nan;
};
inline constexpr Format kF16 = {16, 10, -14, 0x7bff, 0x7c00, 0x7fff};
inline constexpr Format kBF16 = {16, 7, -126, 0x7f7f, 0x7f80, 0x7fff};
inline constexpr Format kF32 = {32, 23, -126, 0x7f7fffff, 0x7f800000, 0x7fffffff};
/// The upper 19 bits of an f32.
inline constexpr Format kTF32 = {19, 10, -126, 0x3fbff, 0x3fc00, 0x3ffff};
/// Without infinity.
inline constexpr Format kE4M3 = {8, 3, -6, 0x7e, 0x7f, 0x7f};
inline constexpr Format kE5M2 = {8, 2, -14, 0x7b, 0x7c, 0x7f};

/// Of "f16", "bf16x2", "e4m3x2" and so on; null for f64 and what is no such format.
const Format *formatOf(std::string_view type);

double decode(std::uint32_t code, const Format &format);
/// The code of a value, rounded once. `saturates` takes the largest number for what is beyond it.
std::uint32_t encode(double value, const Format &format, Rounding rounding = Rounding::Nearest, bool saturates = false);
/// The same of an integer's magnitude, which a double might not hold.
std::uint32_t encodeInteger(bool isNegative, std::uint64_t magnitude, const Format &format, Rounding rounding);

/// A sum in double that rounds correctly when it is rounded again to at most half the precision: what is lost is kept in the last bit.
double addToOdd(double a, double b);

inline float canonical(float value) { return value == value ? value : std::bit_cast<float>(0x7fffffffu); }

} // namespace tile::emulator

#endif // TILE_TEST_EMULATOR_FORMATS_H
