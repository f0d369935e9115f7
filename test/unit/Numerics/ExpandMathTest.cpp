//===- ExpandMathTest.cpp - The errors that docs/numerics.md states -*- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Jit.h"

#include "tile/Numerics/Numerics.h"

#include <gtest/gtest.h>

#include <llvm/ADT/APFloat.h>

#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>
#include <random>

using llvm::APFloat;
using llvm::APInt;

namespace {

/// A function, what it should return, and the greatest error in units in the last place that docs/numerics.md states.
struct Function {
  const char *name;
  double (*inDouble)(double);
  long double (*inExtended)(long double);
  double boundF32, boundF64;
};

double rsqrt(double x) { return 1 / std::sqrt(x); }
long double rsqrtl(long double x) { return 1 / std::sqrt(x); }

const Function functions[] = {
    {"exp", std::exp, std::exp, 1.0, 1.0},    {"exp2", std::exp2, std::exp2, 1.0, 1.0},
    {"log", std::log, std::log, 0.9, 0.9},    {"log2", std::log2, std::log2, 0.9, 0.9},
    {"sin", std::sin, std::sin, 1.4, 1.4},    {"cos", std::cos, std::cos, 1.2, 1.2},
    {"tanh", std::tanh, std::tanh, 1.5, 1.5}, {"erf", std::erf, std::erf, 1.2, 1.2},
    {"rsqrt", rsqrt, rsqrtl, 1.5, 1.5},
};

/// The functions `name_type` for every function, on `type` as the argument, computing on `element`.
std::string module(const std::string &type) {
  std::string source;
  for (const Function &f : functions)
    source += std::string("func.func @") + f.name + "_" + type + "(%x: " + type + ") -> " + type + " {\n%y = math." +
              f.name + " %x : " + type + "\nreturn %y : " + type + "\n}\n";
  return source;
}

/// Far outside of any bound: not a number where there should be one, a wrong infinity, a wrong sign of zero.
constexpr double wrong = 1e30;

/// How far `got` is from `exact` in units of the last place that a result in `Float` has there. An infinity where overflow is
/// right counts as the number after the greatest.
template <typename Float>
double error(Float got, long double exact) {
  using Limits = std::numeric_limits<Float>;
  if (std::isnan(exact) || std::isnan(got))
    return std::isnan(exact) && std::isnan(got) ? 0 : wrong;
  if (exact == 0)
    return got == 0 && std::signbit(got) == std::signbit(exact) ? 0 : wrong;
  if (std::isinf(exact))
    return got == exact ? 0 : wrong;
  long double beyond = std::ldexp(1.0L, Limits::max_exponent), value = got;
  if (std::isinf(got)) {
    value = std::copysign(beyond, value);
    exact = std::copysign(std::min(std::fabs(exact), beyond), exact);
  }
  int exponent = std::min(std::max(std::ilogb(exact) + 1, Limits::min_exponent), Limits::max_exponent);
  return static_cast<double>(std::fabs(value - exact) / std::ldexp(1.0L, exponent - Limits::digits));
}

/// The greatest error seen and where.
template <typename Float>
struct Worst {
  double ulp = 0;
  Float at = 0, got = 0;

  void see(Float x, Float y, long double exact) {
    double e = error(y, exact);
    if (e > ulp) {
      ulp = e;
      at = x;
      got = y;
    }
  }

  void check(const std::string &name, double bound) const {
    EXPECT_LE(ulp, bound) << name << "(" << std::hexfloat << at << ") = " << got;
    testing::Test::RecordProperty(name, std::to_string(ulp));
  }
};

/// What sampling may miss. The last two are the arguments nearest to a multiple of pi/2 in f32 and f64.
const double special[] = {0.0,
                          -0.0,
                          1.0,
                          -1.0,
                          0.5625,
                          -0x1p-149,
                          0x1p-149,
                          0x1p-126,
                          0x1.fffffep+127,
                          -0x1p-1074,
                          0x1p-1074,
                          0x1p-1022,
                          0x1.fffffffffffffp+1023,
                          std::numeric_limits<double>::infinity(),
                          -std::numeric_limits<double>::infinity(),
                          std::numeric_limits<double>::quiet_NaN(),
                          0x1.f37af2p+95,
                          0x1.6ac5b262ca1ffp+849};

/// Checks every `stride`-th number of f32 and those near multiples of pi/2.
void checkF32(uint64_t stride) {
  tile::test::Jit jit(module("f32"));
  for (const Function &f : functions) {
    auto *compiled = jit.get<float(float)>(std::string(f.name) + "_f32");
    Worst<float> worst;
    auto see = [&](float x) { worst.see(x, compiled(x), f.inDouble(x)); };
    for (uint64_t bits = 0; bits <= 0xffffffff; bits += stride)
      see(std::bit_cast<float>(static_cast<uint32_t>(bits)));
    for (double x : special)
      see(static_cast<float>(x));
    for (int i = 1; i < 100000; ++i)
      see(static_cast<float>(i * 0x1.921fb54442d18p+0));
    worst.check(std::string(f.name) + "_f32", f.boundF32);
  }
}

/// Checks 4 * `samples` random numbers of f64: any bits, around 0, around 1, where exp is finite.
void checkF64(int samples) {
  tile::test::Jit jit(module("f64"));
  for (const Function &f : functions) {
    auto *compiled = jit.get<double(double)>(std::string(f.name) + "_f64");
    Worst<double> worst;
    auto see = [&](double x) { worst.see(x, compiled(x), f.inExtended(x)); };
    std::mt19937_64 random(1);
    for (int i = 0; i < samples; ++i) {
      see(std::bit_cast<double>(random()));
      double unit = static_cast<double>(random() >> 11) * 0x1p-53;
      see(std::ldexp(2 * unit - 1, static_cast<int>(random() % 16) - 4));
      see(1 + std::ldexp(unit - 0.5, -static_cast<int>(random() % 50)));
      see((2 * unit - 1) * 1100);
    }
    for (double x : special)
      see(x);
    for (int i = 1; i < 100000; ++i)
      see(static_cast<double>(i * 0x1.921fb54442d1846ap+0L));
    worst.check(std::string(f.name) + "_f64", f.boundF64);
  }
}

/// What differs on GPUs, which have an instruction for powers of two of f32, with bounds for one that is up to 2 units off.
const Function onGpu[] = {
    {"exp", std::exp, std::exp, 5.0, 0},
    {"exp2", std::exp2, std::exp2, 3.0, 0},
    {"tanh", std::tanh, std::tanh, 2.8, 0},
    {"erf", std::erf, std::erf, 1.8, 0},
};

/// Checks every `stride`-th number of f32 as a GPU computes it, with powers of two as far off as they may be.
void checkOnGpu(uint64_t stride) {
  std::string source;
  for (const Function &f : onGpu)
    source += std::string("func.func @") + f.name + "(%x: f32) -> f32 attributes {target = \"sm_90a\"} {\n%y = math." +
              f.name + " %x : f32\nreturn %y : f32\n}\n";
  for (int off : {-2, 0, 2}) {
    tile::test::Jit jit(source, off);
    for (const Function &f : onGpu) {
      auto *compiled = jit.get<float(float)>(f.name);
      Worst<float> worst;
      auto see = [&](float x) { worst.see(x, compiled(x), f.inDouble(x)); };
      for (uint64_t bits = 0; bits <= 0xffffffff; bits += stride)
        see(std::bit_cast<float>(static_cast<uint32_t>(bits)));
      for (double x : special)
        see(static_cast<float>(x));
      // The ends of the range of exp and what lies next to whole powers of two.
      for (int i = -160; i <= 140; ++i)
        for (int distance = -40; distance <= 40; ++distance) {
          auto x = static_cast<float>(i * 0.69314718055994530942);
          see(std::bit_cast<float>(std::bit_cast<int32_t>(x) + distance));
        }
      worst.check(std::string(f.name) + (off < 0 ? "_less" : off > 0 ? "_more" : "_nearest"), f.boundF32);
    }
  }
}

/// What is known of an argument changes the steps, not the bits.
TEST(ExpandMath, ExponentialsOnGpusAreTheSame) {
  auto function = [](const std::string &name) {
    return "func.func @" + name + "(%x: f32) -> f32 attributes {target = \"sm_90a\"} {\n%y = math.exp %x {" + name +
           "} : f32\nreturn %y : f32\n}\n";
  };
  tile::test::Jit jit(function("near") + function("at_most_zero") + function("any"), 2);
  auto *near = jit.get<float(float)>("near"), *atMostZero = jit.get<float(float)>("at_most_zero"),
       *any = jit.get<float(float)>("any");
  auto same = [](float a, float b) {
    return std::bit_cast<uint32_t>(a) == std::bit_cast<uint32_t>(b) || (std::isnan(a) && std::isnan(b));
  };
  for (uint64_t bits = 0; bits <= 0xffffffff; bits += 1021) {
    auto x = std::bit_cast<float>(static_cast<uint32_t>(bits));
    if (!(x > 0))
      ASSERT_TRUE(same(any(x), atMostZero(x))) << x;
    if (!(std::abs(x) > tile::numerics::kNearExp))
      ASSERT_TRUE(same(any(x), near(x))) << x;
  }
  EXPECT_EQ(atMostZero(-std::numeric_limits<float>::infinity()), 0);
}

TEST(ExpandMath, F32WithinItsBounds) { checkF32(2039); }
TEST(ExpandMath, F32OnGpusWithinItsBounds) { checkOnGpu(2039); }
TEST(ExpandMath, F64WithinItsBounds) { checkF64(300000); }

// The measurements of docs/numerics.md: half an hour, on request.
TEST(ExpandMath, DISABLED_F32Exhaustively) { checkF32(1); }
TEST(ExpandMath, DISABLED_F32OnGpusExhaustively) { checkOnGpu(1); }
TEST(ExpandMath, DISABLED_F64Densely) { checkF64(30000000); }

/// f16 and bf16: all arguments. The reference is rounded by APFloat; the distance is counted in representable numbers, and the
/// bound on the error is half a unit and what the f32 result may be off.
void checkNarrow(const std::string &type, const llvm::fltSemantics &semantics) {
  std::string source;
  for (const Function &f : functions)
    source += std::string("func.func @") + f.name + "(%bits: i16) -> i16 {\n%x = arith.bitcast %bits : i16 to " + type +
              "\n%y = math." + f.name + " %x : " + type + "\n%r = arith.bitcast %y : " + type +
              " to i16\nreturn %r : i16\n}\n";
  tile::test::Jit jit(source);
  auto value = [&](uint16_t bits) {
    APFloat x(semantics, APInt(16, bits));
    bool lossy;
    x.convert(APFloat::IEEEdouble(), APFloat::rmNearestTiesToEven, &lossy);
    return x.convertToDouble();
  };
  for (const Function &f : functions) {
    auto *compiled = jit.get<uint16_t(uint16_t)>(f.name);
    int misrounded = 0;
    for (unsigned bits = 0; bits < 0x10000; ++bits) {
      double exact = f.inDouble(value(bits));
      uint16_t got = compiled(bits);
      APFloat rounded(exact);
      bool lossy;
      rounded.convert(semantics, APFloat::rmNearestTiesToEven, &lossy);
      auto expected = static_cast<uint16_t>(rounded.bitcastToAPInt().getZExtValue());
      if (std::isnan(exact)) {
        ASSERT_TRUE(std::isnan(value(got))) << f.name << " of " << value(bits);
        continue;
      }
      misrounded += got != expected;
      ASSERT_LE(std::abs(int(got) - int(expected)), 1) << f.name << " of " << value(bits) << " gives " << value(got);
    }
    // Only what lies by chance next to the middle of two numbers.
    EXPECT_LE(misrounded, 16) << f.name << " of " << type;
  }
}

TEST(ExpandMath, F16RoundsOnce) { checkNarrow("f16", APFloat::IEEEhalf()); }
TEST(ExpandMath, BF16RoundsOnce) { checkNarrow("bf16", APFloat::BFloat()); }

/// Vectors of 8 through memory.
template <typename Float>
void checkVectors(const std::string &type) {
  std::string vector = "vector<8x" + type + ">", source = module(type);
  for (const Function &f : functions)
    source += std::string("func.func @") + f.name +
              "_vector(%in: !llvm.ptr, %out: !llvm.ptr) {\n%x = llvm.load %in : " + "!llvm.ptr -> " + vector +
              "\n%y = math." + f.name + " %x : " + vector + "\nllvm.store %y, %out : " + vector +
              ", !llvm.ptr\nreturn\n}\n";
  tile::test::Jit jit(source);
  std::mt19937_64 random(2);
  for (const Function &f : functions) {
    auto *scalar = jit.get<Float(Float)>(std::string(f.name) + "_" + type);
    auto *onVectors = jit.get<void(const Float *, Float *)>(std::string(f.name) + "_vector");
    for (int i = 0; i < 20000; ++i) {
      alignas(64) Float in[8], out[8];
      using Bits = std::conditional_t<sizeof(Float) == 4, uint32_t, uint64_t>;
      for (Float &x : in)
        x = i % 2 ? std::bit_cast<Float>(static_cast<Bits>(random())) : static_cast<Float>(int64_t(random()) * 0x1p-58);
      onVectors(in, out);
      for (int lane = 0; lane < 8; ++lane) {
        Float one = scalar(in[lane]);
        ASSERT_TRUE(one == out[lane] || (one != one && out[lane] != out[lane])) << f.name << " of " << in[lane];
      }
    }
  }
}

TEST(ExpandMath, VectorsAgreeWithScalarsInF32) { checkVectors<float>("f32"); }
TEST(ExpandMath, VectorsAgreeWithScalarsInF64) { checkVectors<double>("f64"); }

} // namespace
