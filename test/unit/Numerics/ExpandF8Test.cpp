//===- ExpandF8Test.cpp - 8-bit floats against APFloat --------------*- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Jit.h"

#include <gtest/gtest.h>

#include <llvm/ADT/APFloat.h>
#include <llvm/ADT/StringExtras.h>

#include <cmath>
#include <cstdint>
#include <vector>

using llvm::APFloat;
using llvm::APInt;

namespace {

/// A float format by its name in MLIR, which is also that of its functions here.
struct Format {
  const char *name;
  const llvm::fltSemantics &semantics;
  unsigned width;
};

const Format e4m3 = {"f8E4M3FN", APFloat::Float8E4M3FN(), 8};
const Format e5m2 = {"f8E5M2", APFloat::Float8E5M2(), 8};
const Format narrow[] = {e4m3, e5m2};
const Format wide[] = {{"f16", APFloat::IEEEhalf(), 16},
                       {"bf16", APFloat::BFloat(), 16},
                       {"f32", APFloat::IEEEsingle(), 32},
                       {"f64", APFloat::IEEEdouble(), 64}};

/// All functions take and give bits as i64.
using OnBits = uint64_t(uint64_t);

uint64_t convert(uint64_t bits, const Format &from, const Format &to) {
  APFloat value(from.semantics, APInt(from.width, bits));
  bool lossy;
  value.convert(to.semantics, APFloat::rmNearestTiesToEven, &lossy);
  return value.bitcastToAPInt().getZExtValue();
}

/// Bits are to be equal; of a NaN only that it is one, and its sign.
void expectSame(uint64_t got, uint64_t expected, const Format &format, const std::string &what) {
  APFloat a(format.semantics, APInt(format.width, got)), b(format.semantics, APInt(format.width, expected));
  bool same = b.isNaN() ? a.isNaN() && a.isNegative() == b.isNegative() : got == expected;
  EXPECT_TRUE(same) << what << ": got " << llvm::utohexstr(got) << ", expected " << llvm::utohexstr(expected);
}

/// A function that reads the bits of an i64 as `from`, computes, and gives the bits of `to`.
std::string function(const std::string &name, const Format &from, const Format &to, const std::string &body) {
  auto integer = [](const Format &f) { return "i" + std::to_string(f.width); };
  std::string result = "func.func @" + name + "(%bits: i64) -> i64 {\n";
  result += from.width == 64 ? std::string("%c0 = arith.constant 0 : i64\n%part = arith.addi %bits, %c0 : i64\n")
                             : "%part = arith.trunci %bits : i64 to " + integer(from) + "\n";
  result += "%x = arith.bitcast %part : " + integer(from) + " to " + from.name + "\n" + body;
  result += std::string("%out = arith.bitcast %y : ") + to.name + " to " + integer(to) + "\n";
  if (to.width == 64)
    return result + "return %out : i64\n}\n";
  return result + "%r = arith.extui %out : " + integer(to) + " to i64\nreturn %r : i64\n}\n";
}

std::string castName(const Format &from, const Format &to) { return std::string(from.name) + "_" + to.name; }

std::string cast(const Format &from, const Format &to) {
  std::string op = from.width < to.width ? "arith.extf" : "arith.truncf";
  return function(castName(from, to), from, to, "%y = " + op + " %x : " + from.name + " to " + to.name + "\n");
}

TEST(ExpandF8, WidensEveryCode) {
  std::string source;
  for (const Format &from : narrow)
    for (const Format &to : wide)
      source += cast(from, to);
  tile::test::Jit jit(source);
  for (const Format &from : narrow)
    for (const Format &to : wide) {
      auto *f = jit.get<OnBits>(castName(from, to));
      for (uint64_t code = 0; code < 256; ++code)
        expectSame(f(code), convert(code, from, to), to, castName(from, to) + " of " + llvm::utohexstr(code));
    }
}

/// Inputs that decide how narrowing rounds: every code's value, the middles between neighbours, and what lies next to those.
std::vector<uint64_t> decisive(const Format &from, const Format &to) {
  std::vector<uint64_t> result;
  for (uint64_t code = 0; code < 256; ++code) {
    uint64_t value = convert(code, to, from);
    uint64_t next = convert((code & 0x80) | std::min<uint64_t>((code & 0x7f) + 1, 0x7f), to, from);
    for (uint64_t at : {value, value + (next - value) / 2})
      for (int64_t offset : {-2, -1, 0, 1, 2})
        result.push_back((at + offset) & (~uint64_t(0) >> (64 - from.width)));
  }
  return result;
}

TEST(ExpandF8, NarrowsLikeApFloat) {
  std::string source;
  for (const Format &from : wide)
    for (const Format &to : narrow)
      source += cast(from, to);
  tile::test::Jit jit(source);
  for (const Format &from : wide)
    for (const Format &to : narrow) {
      std::vector<uint64_t> inputs = decisive(from, to);
      // All of the 16-bit formats; of the others every sign and exponent with many significands.
      uint64_t stride = from.width == 16 ? 1 : (uint64_t(1) << (from.width - 19)) + 1;
      uint64_t last = ~uint64_t(0) >> (64 - from.width);
      for (uint64_t bits = 0; bits <= last - stride; bits += stride)
        inputs.push_back(bits);
      inputs.push_back(last);
      auto *f = jit.get<OnBits>(castName(from, to));
      for (uint64_t bits : inputs)
        expectSame(f(bits), convert(bits, from, to), to, castName(from, to) + " of " + llvm::utohexstr(bits));
    }
}

TEST(ExpandF8, RoundsAnF64Once) {
  tile::test::Jit jit(cast(wide[3], e4m3) + cast(wide[3], e5m2));
  // A hair above the middle of two numbers: f32 would lose the hair, and the tie would go down to the even one.
  auto bits = [](double x) { return std::bit_cast<uint64_t>(x); };
  EXPECT_EQ(jit.get<OnBits>("f64_f8E4M3FN")(bits(1.0625 + 0x1p-50)), 0x39u);
  EXPECT_EQ(jit.get<OnBits>("f64_f8E4M3FN")(bits(1.0625)), 0x38u);
  EXPECT_EQ(jit.get<OnBits>("f64_f8E5M2")(bits(1.125 + 0x1p-50)), 0x3du);
  EXPECT_EQ(jit.get<OnBits>("f64_f8E5M2")(bits(-1.125)), 0xbcu);
}

TEST(ExpandF8, DoesOtherArithmeticInF32) {
  tile::test::Jit jit(
      function("twice", e4m3, e4m3, "%y = arith.addf %x, %x : f8E4M3FN\n") +
      function("root", e5m2, e5m2, "%y = math.sqrt %x : f8E5M2\n") +
      function("from_int", {"i32", APFloat::IEEEsingle(), 32}, e5m2, "%y = arith.sitofp %x : i32 to f8E5M2\n") +
      function("exp", e4m3, e4m3, "%y = math.exp %x : f8E4M3FN\n"));
  auto value = [](const Format &format, uint64_t bits) {
    return APFloat(format.semantics, APInt(8, bits)).convertToFloat();
  };
  auto code = [](const Format &format, float x) { return convert(std::bit_cast<uint32_t>(x), wide[2], format); };
  for (uint64_t bits = 0; bits < 256; ++bits) {
    float x = value(e4m3, bits), y = value(e5m2, bits);
    expectSame(jit.get<OnBits>("twice")(bits), code(e4m3, x + x), e4m3, "twice " + std::to_string(x));
    if (!std::isnan(std::sqrt(y)))
      expectSame(jit.get<OnBits>("root")(bits), code(e5m2, std::sqrt(y)), e5m2, "root of " + std::to_string(y));
    expectSame(jit.get<OnBits>("exp")(bits), code(e4m3, std::exp(x)), e4m3, "exp of " + std::to_string(x));
  }
  for (int32_t i : {0, 1, -1, 9, 11, -57344, 61439, 61440, 1 << 30})
    expectSame(jit.get<OnBits>("from_int")(static_cast<uint32_t>(i)), code(e5m2, static_cast<float>(i)), e5m2,
               "from " + std::to_string(i));
}

} // namespace
