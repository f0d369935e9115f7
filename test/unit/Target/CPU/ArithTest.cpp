//===- ArithTest.cpp - Elementwise ops on every type --------------*- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Harness.h"

#include <llvm/ADT/APFloat.h>
#include <llvm/ADT/bit.h>

#include <cmath>
#include <limits>

using namespace tile::cpu::test;

namespace {

/// Runs `y = body(x, z)` over a tile of 64 elements, twice as many as given values need, and gives y.
template <typename In, typename Out>
std::vector<Out> compute(const std::string &inType, const std::string &outType, const std::string &body,
                         std::vector<In> x, std::vector<In> z = {}, bool baseline = false) {
  tile::cpu::Options options;
  options.baseline = baseline;
  std::string in = "tensor<64x" + inType + ">", out = "tensor<64x" + outType + ">";
  Kernel kernel(
      kernelText(viewText("a", "?x" + inType, false, 0) + ", " + viewText("b", "?x" + inType, false, 0) + ", " +
                     viewText("c", "?x" + outType, true, 0),
                 "%p = tile.program_id 0\n %c64 = arith.constant 64 : index\n %i = arith.muli %p, %c64 : index\n"
                 "%x = tile.load %a[%i +: 64] : !tile.view<?x" +
                     inType + "> -> " + in + "\n%z = tile.load %b[%i +: 64] : !tile.view<?x" + inType + "> -> " + in +
                     "\n" + body + "\ntile.store %y, %c[%i +: 64] : " + out + ", !tile.view<?x" + outType + ">"),
      options);
  z.resize(x.size());
  auto count = static_cast<int64_t>(x.size());
  Array<In> a({count}), b({count});
  a.data = x;
  b.data = z;
  Array<Out> c({count});
  EXPECT_EQ(kernel.run(Words().view(a).view(b).view(c), {(count + 63) / 64, 1, 1}), "");
  return c.data;
}

/// Every pair of some values, as two lists.
template <typename T>
void pairs(const std::vector<T> &values, std::vector<T> &x, std::vector<T> &z) {
  for (T a : values)
    for (T b : values) {
      x.push_back(a);
      z.push_back(b);
    }
}

template <typename T>
std::vector<T> interestingInts() {
  using Limits = std::numeric_limits<T>;
  return {0,
          1,
          2,
          3,
          7,
          10,
          static_cast<T>(-1),
          static_cast<T>(-2),
          static_cast<T>(-7),
          Limits::max(),
          static_cast<T>(Limits::max() - 1),
          Limits::min(),
          static_cast<T>(Limits::min() + 1),
          static_cast<T>(Limits::max() / 3)};
}

/// What a divisor that would trap counts as.
template <typename T>
T divisor(T a, T b) {
  return b == 0 || (a == std::numeric_limits<T>::min() && b == T(-1)) ? T(1) : b;
}

template <typename T>
T floorDiv(T a, T b) {
  T q = a / b;
  return a % b != 0 && ((a % b < 0) != (b < 0)) ? q - 1 : q;
}

template <typename T>
void checkIntegers(const std::string &type) {
  using U = std::make_unsigned_t<T>;
  std::vector<T> x, z;
  pairs(interestingInts<T>(), x, z);
  struct Case {
    const char *op;
    T (*reference)(T, T);
  };
  const Case cases[] = {
      {"addi", [](T a, T b) { return T(U(a) + U(b)); }},
      {"subi", [](T a, T b) { return T(U(a) - U(b)); }},
      {"muli", [](T a, T b) { return T(uint64_t(a) * uint64_t(b)); }},
      {"andi", [](T a, T b) { return T(a & b); }},
      {"ori", [](T a, T b) { return T(a | b); }},
      {"xori", [](T a, T b) { return T(a ^ b); }},
      {"minsi", [](T a, T b) { return std::min(a, b); }},
      {"maxsi", [](T a, T b) { return std::max(a, b); }},
      {"minui", [](T a, T b) { return T(std::min(U(a), U(b))); }},
      {"maxui", [](T a, T b) { return T(std::max(U(a), U(b))); }},
      {"divsi", [](T a, T b) { return T(a / divisor(a, b)); }},
      {"remsi", [](T a, T b) { return T(a % divisor(a, b)); }},
      {"floordivsi", [](T a, T b) { return floorDiv<T>(a, divisor(a, b)); }},
      {"divui", [](T a, T b) { return T(U(a) / (b == 0 ? U(1) : U(b))); }},
      {"remui", [](T a, T b) { return T(U(a) % (b == 0 ? U(1) : U(b))); }},
  };
  for (const Case &test : cases) {
    auto y =
        compute<T, T>(type, type, std::string("%y = arith.") + test.op + " %x, %z : tensor<64x" + type + ">", x, z);
    for (size_t i = 0; i < x.size(); ++i)
      ASSERT_EQ(y[i], test.reference(x[i], z[i]))
          << test.op << " " << type << " " << int64_t(x[i]) << ", " << int64_t(z[i]);
  }
}

TEST(Arith, IntegersWrapFloorAndNeverTrap) {
  checkIntegers<int8_t>("i8");
  checkIntegers<int16_t>("i16");
  checkIntegers<int32_t>("i32");
  checkIntegers<int64_t>("i64");
  checkIntegers<int64_t>("index");
}

TEST(Arith, ComparisonsSelectsAndBools) {
  std::vector<int32_t> x, z;
  pairs(interestingInts<int32_t>(), x, z);
  auto y = compute<int32_t, char>("i32", "i1", R"(
    %l = arith.cmpi slt, %x, %z : tensor<64xi32>
    %e = arith.cmpi ult, %x, %z : tensor<64xi32>
    %y = arith.xori %l, %e : tensor<64xi1>)",
                                  x, z);
  for (size_t i = 0; i < x.size(); ++i)
    ASSERT_EQ(y[i], (x[i] < z[i]) != (uint32_t(x[i]) < uint32_t(z[i])));
  auto chosen = compute<char, char>("i1", "i1", "%y = arith.select %x, %z, %x : tensor<64xi1>, tensor<64xi1>",
                                    {0, 0, 1, 1}, {0, 1, 0, 1});
  EXPECT_EQ(chosen, (std::vector<char>{0, 0, 0, 1}));
}

TEST(Arith, HighHalfOfAProduct) {
  std::vector<int32_t> x, z;
  pairs(interestingInts<int32_t>(), x, z);
  auto high = compute<int32_t, int32_t>("i32", "i32", "%lo, %y = arith.mulsi_extended %x, %z : tensor<64xi32>", x, z);
  auto highUnsigned =
      compute<int32_t, int32_t>("i32", "i32", "%lo, %y = arith.mului_extended %x, %z : tensor<64xi32>", x, z);
  for (size_t i = 0; i < x.size(); ++i) {
    ASSERT_EQ(high[i], int32_t((int64_t(x[i]) * z[i]) >> 32));
    ASSERT_EQ(uint32_t(highUnsigned[i]), uint32_t((uint64_t(uint32_t(x[i])) * uint32_t(z[i])) >> 32));
  }
}

//===----------------------------------------------------------------------===//
// Floats
//===----------------------------------------------------------------------===//

template <typename T>
void checkFloats(const std::string &type) {
  const T nan = std::numeric_limits<T>::quiet_NaN(), inf = std::numeric_limits<T>::infinity();
  const T tiny = std::numeric_limits<T>::denorm_min();
  std::vector<T> x, z;
  pairs<T>({0, -T(0), 1, -1, T(1.5), T(-2.5), T(0.1), T(1e30), tiny, -3 * tiny, inf, -inf, nan}, x, z);
  struct Case {
    const char *op;
    T (*reference)(T, T);
  };
  const Case cases[] = {
      {"arith.addf %x, %z", [](T a, T b) { return a + b; }},
      {"arith.subf %x, %z", [](T a, T b) { return a - b; }},
      {"arith.mulf %x, %z", [](T a, T b) { return a * b; }},
      {"arith.divf %x, %z", [](T a, T b) { return a / b; }},
      {"arith.negf %x", [](T a, T) { return -a; }},
      {"arith.maximumf %x, %z",
       [](T a, T b) { return a != a || b != b ? a + b
                             : a == b         ? (std::signbit(a) ? b : a)
                                              : std::max(a, b); }},
      {"arith.minimumf %x, %z",
       [](T a, T b) { return a != a || b != b ? a + b
                             : a == b         ? (std::signbit(a) ? a : b)
                                              : std::min(a, b); }},
      {"math.absf %x", [](T a, T) { return std::abs(a); }},
      {"math.floor %x", [](T a, T) { return std::floor(a); }},
      {"math.ceil %x", [](T a, T) { return std::ceil(a); }},
      {"math.round %x", [](T a, T) { return std::round(a); }},
      {"math.roundeven %x", [](T a, T) { return std::nearbyint(a); }},
      {"math.sqrt %x", [](T a, T) { return std::sqrt(a); }},
      {"math.fma %x, %z, %x", [](T a, T b) { return std::fma(a, b, a); }},
      {"math.copysign %x, %z", [](T a, T b) { return std::copysign(a, b); }},
  };
  for (const Case &test : cases) {
    auto y = compute<T, T>(type, type, std::string("%y = ") + test.op + " : tensor<64x" + type + ">", x, z);
    for (size_t i = 0; i < x.size(); ++i) {
      T expected = test.reference(x[i], z[i]);
      if (expected != expected)
        ASSERT_TRUE(y[i] != y[i]) << test.op << " " << x[i] << ", " << z[i];
      else
        ASSERT_TRUE(y[i] == expected && std::signbit(y[i]) == std::signbit(expected))
            << test.op << " " << x[i] << ", " << z[i] << ": " << y[i] << ", not " << expected;
    }
  }
}

TEST(Arith, FloatsAreExactWithSubnormalsAndNaN) {
  checkFloats<float>("f32");
  checkFloats<double>("f64");
}

/// A number of a small format, exactly.
using llvm::APFloat;
APFloat number(uint16_t bits, const llvm::fltSemantics &semantics) { return APFloat(semantics, llvm::APInt(16, bits)); }

/// Some of the values of a half format: all exponents, with mantissas that round in every way.
std::vector<uint16_t> halves(unsigned mantissaBits) {
  std::vector<uint16_t> values;
  for (unsigned exponent = 0; exponent < 1u << (15 - mantissaBits); exponent += mantissaBits == 7 ? 9 : 2)
    for (unsigned mantissa : {0u, 1u, (1u << mantissaBits) - 1})
      for (unsigned sign : {0u, 1u})
        values.push_back(sign << 15 | exponent << mantissaBits | mantissa);
  return values;
}

void checkHalves(const std::string &type, const llvm::fltSemantics &semantics, unsigned mantissaBits, bool baseline) {
  std::vector<uint16_t> x, z;
  pairs(halves(mantissaBits), x, z);
  struct Case {
    const char *op;
    APFloat::opStatus (*apply)(APFloat &, const APFloat &, const APFloat &);
  };
  constexpr auto nearest = APFloat::rmNearestTiesToEven;
  const Case cases[] = {
      {"arith.addf %x, %z", [](APFloat &r, const APFloat &, const APFloat &z) { return r.add(z, nearest); }},
      {"arith.subf %x, %z", [](APFloat &r, const APFloat &, const APFloat &z) { return r.subtract(z, nearest); }},
      {"arith.mulf %x, %z", [](APFloat &r, const APFloat &, const APFloat &z) { return r.multiply(z, nearest); }},
      {"arith.divf %x, %z", [](APFloat &r, const APFloat &, const APFloat &z) { return r.divide(z, nearest); }},
      {"math.fma %x, %z, %x",
       [](APFloat &r, const APFloat &x, const APFloat &z) { return r.fusedMultiplyAdd(z, x, nearest); }},
      {"math.fma %z, %z, %x",
       [](APFloat &r, const APFloat &x, const APFloat &z) {
         r = z;
         return r.fusedMultiplyAdd(z, x, nearest);
       }},
  };
  for (const Case &test : cases) {
    auto y = compute<uint16_t, uint16_t>(type, type, std::string("%y = ") + test.op + " : tensor<64x" + type + ">", x,
                                         z, baseline);
    for (size_t i = 0; i < x.size(); ++i) {
      APFloat a = number(x[i], semantics), b = number(z[i], semantics), expected = a, got = number(y[i], semantics);
      test.apply(expected, a, b);
      if (expected.isNaN())
        ASSERT_TRUE(got.isNaN()) << test.op << " " << type << " " << x[i] << ", " << z[i];
      else
        ASSERT_TRUE(got.bitwiseIsEqual(expected)) << test.op << " " << type << " " << x[i] << ", " << z[i] << ": "
                                                  << got.convertToDouble() << ", not " << expected.convertToDouble();
    }
  }
}

TEST(Arith, HalvesRoundOnce) {
  for (bool baseline : {false, true}) {
    checkHalves("f16", APFloat::IEEEhalf(), 10, baseline);
    checkHalves("bf16", APFloat::BFloat(), 7, baseline);
  }
}

/// Conversions to a half type from a wider one.
template <typename T>
void checkNarrowing(const std::string &from, const std::string &to, const llvm::fltSemantics &semantics,
                    const std::vector<T> &x, const std::string &op, APFloat (*exact)(T), bool baseline) {
  auto y = compute<T, uint16_t>(from, to, "%y = arith." + op + " %x : tensor<64x" + from + "> to tensor<64x" + to + ">",
                                x, {}, baseline);
  for (size_t i = 0; i < x.size(); ++i) {
    APFloat expected = exact(x[i]), got = number(y[i], semantics);
    bool inexact;
    expected.convert(semantics, APFloat::rmNearestTiesToEven, &inexact);
    if (expected.isNaN())
      ASSERT_TRUE(got.isNaN()) << op << " " << from << " " << i;
    else
      ASSERT_TRUE(got.bitwiseIsEqual(expected)) << op << " from " << from << " to " << to << " " << double(x[i]) << ": "
                                                << got.convertToDouble() << ", not " << expected.convertToDouble();
  }
}

TEST(Arith, ConversionsToHalvesRoundOnce) {
  std::vector<float> singles;
  std::vector<double> doubles;
  std::vector<int32_t> ints;
  std::vector<int64_t> longs;
  std::mt19937_64 engine(1);
  for (int i = 0; i < 4000; ++i) {
    // Near the middle of two halves, and any bits at all.
    auto bits = static_cast<uint32_t>(engine());
    singles.push_back(llvm::bit_cast<float>(bits));
    singles.push_back(llvm::bit_cast<float>((bits & 0xffff0000) | 0x8000));
    singles.push_back(llvm::bit_cast<float>((bits & 0xffffe000) | 0x1000));
    double middle = llvm::bit_cast<float>((bits & 0xbfff0000) | 0x8000), middleOfF16 = (bits % 60000) + 0.0;
    doubles.insert(doubles.end(), {middle, std::nextafter(middle, 1e300), std::nextafter(middle, -1e300), middleOfF16,
                                   std::nextafter(1 + 1.0 / 2048, 2.0), std::nextafter(2049.0, 3000.0)});
    ints.insert(ints.end(), {static_cast<int32_t>(bits), static_cast<int32_t>(bits >> (bits % 20)), 257, 2049});
    int64_t wide = engine();
    longs.insert(longs.end(), {wide, wide >> (bits % 60), (int64_t(257) << 54) + 1, (int64_t(257) << 53) - 1,
                               (int64_t(1) << 53) + 1});
  }
  doubles.insert(doubles.end(), {1e-310, -1e-310, 65519.99, 65520, 1e300, -1e300, INFINITY, NAN, 3e-8, 2.98e-8});
  for (auto [to, semantics, baseline] :
       {std::tuple("f16", &APFloat::IEEEhalf(), false), std::tuple("bf16", &APFloat::BFloat(), false),
        std::tuple("f16", &APFloat::IEEEhalf(), true), std::tuple("bf16", &APFloat::BFloat(), true)}) {
    checkNarrowing<float>("f32", to, *semantics, singles, "truncf", [](float x) { return APFloat(x); }, baseline);
    checkNarrowing<double>("f64", to, *semantics, doubles, "truncf", [](double x) { return APFloat(x); }, baseline);
    checkNarrowing<int32_t>(
        "i32", to, *semantics, ints, "sitofp",
        [](int32_t x) {
          APFloat exact(APFloat::IEEEquad());
          exact.convertFromAPInt(llvm::APInt(32, x, true), true, APFloat::rmNearestTiesToEven);
          return exact;
        },
        baseline);
    checkNarrowing<int64_t>(
        "i64", to, *semantics, longs, "sitofp",
        [](int64_t x) {
          APFloat exact(APFloat::IEEEquad());
          exact.convertFromAPInt(llvm::APInt(64, x, true), true, APFloat::rmNearestTiesToEven);
          return exact;
        },
        baseline);
    checkNarrowing<int64_t>(
        "i64", to, *semantics, longs, "uitofp",
        [](int64_t x) {
          APFloat exact(APFloat::IEEEquad());
          exact.convertFromAPInt(llvm::APInt(64, uint64_t(x)), false, APFloat::rmNearestTiesToEven);
          return exact;
        },
        baseline);
  }
}

TEST(Arith, HalvesWidenExactly) {
  std::vector<uint16_t> all(65536);
  std::iota(all.begin(), all.end(), 0);
  for (auto [type, semantics] : {std::pair("f16", &APFloat::IEEEhalf()), std::pair("bf16", &APFloat::BFloat())}) {
    std::string from = std::string("tensor<64x") + type + ">";
    auto y = compute<uint16_t, float>(type, "f32", "%y = arith.extf %x : " + from + " to tensor<64xf32>", all);
    for (size_t i = 0; i < all.size(); ++i) {
      APFloat exact = number(all[i], *semantics);
      if (exact.isNaN())
        ASSERT_TRUE(std::isnan(y[i]));
      else
        ASSERT_EQ(y[i], exact.convertToFloat()) << type << " " << i;
    }
  }
}

TEST(Arith, Float8IsStorage) {
  std::vector<uint8_t> all(256);
  std::iota(all.begin(), all.end(), 0);
  auto y =
      compute<uint8_t, uint8_t>("f8E4M3FN", "i8", "%y = arith.bitcast %x : tensor<64xf8E4M3FN> to tensor<64xi8>", all);
  EXPECT_EQ(y, all);
}

TEST(Arith, CastsBetweenIntegersAndFloats) {
  std::vector<int64_t> longs;
  for (int64_t value : interestingInts<int64_t>())
    longs.push_back(value);
  auto asFloat =
      compute<int64_t, float>("i64", "f32", "%y = arith.sitofp %x : tensor<64xi64> to tensor<64xf32>", longs);
  auto narrow = compute<int64_t, int8_t>("i64", "i8", "%y = arith.trunci %x : tensor<64xi64> to tensor<64xi8>", longs);
  auto index =
      compute<int64_t, int32_t>("index", "i32", "%y = arith.index_cast %x : tensor<64xindex> to tensor<64xi32>", longs);
  for (size_t i = 0; i < longs.size(); ++i) {
    EXPECT_EQ(asFloat[i], static_cast<float>(longs[i]));
    EXPECT_EQ(narrow[i], static_cast<int8_t>(longs[i]));
    EXPECT_EQ(index[i], static_cast<int32_t>(longs[i]));
  }
  auto back = compute<double, int32_t>("f64", "i32", "%y = arith.fptosi %x : tensor<64xf64> to tensor<64xi32>",
                                       {1.9, -1.9, 0.0, -2e9});
  EXPECT_EQ(back, (std::vector<int32_t>{1, -1, 0, -2000000000}));
}

} // namespace
