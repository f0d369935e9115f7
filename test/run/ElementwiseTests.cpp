//===- ElementwiseTests.cpp - Every operator on every type -------*- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// \file
/// One kernel for each type holds all operators and functions that the type has, a row of the result to each, as tiles in a
/// pipelined loop and as scalars. Their arguments are all pairs of special values and random ones. Integers, rounded operations and
/// casts must be equal to the reference; elementary functions lie within the bounds of docs/numerics.md.
///
//===----------------------------------------------------------------------===//

#include "Launch.h"

#include <cmath>
#include <functional>
#include <limits>
#include <sstream>

using namespace numeric;
using tile::DType;

namespace {

using Shape = std::vector<std::int64_t>;
constexpr double inf = INFINITY;

/// How the operations are written.
struct Form {
  const char *name;
  /// The head of the loop and what stands in the brackets of a view.
  const char *loop, *at;
};
const Form forms[] = {{"tiles", "for i in 0..N step 64, stages = 3", "i +: 64"},
                      {"scalars", "for i in 0..N, stages = 2", "i"}};

std::string name(DType type) { return tile::nameOf(type); }

/// A kernel whose row k holds the k-th expression of a, b and c.
std::string kernelOf(const Form &form, const std::vector<std::string> &expressions, DType from, DType to) {
  std::string at = form.at, source = "kernel ops(a: " + name(from) + "[N], b: " + name(from) + "[N], c: " + name(from) +
                                     "[N], o: out " + name(to) + "[K, N]) grid (1) {\n  " + form.loop + " {\n";
  for (const char *input : {"a", "b", "c"})
    source += std::string("    let ") + input + "_ = " + input + "[" + at + "];\n";
  for (std::size_t k = 0; k < expressions.size(); ++k)
    source += "    o[" + std::to_string(k) + ", " + at + "] = " + expressions[k] + ";\n";
  return source + "  }\n}\n";
}

/// Runs it on some devices; their results must be equal.
std::optional<Array> compute(const std::string &source, std::size_t rows, DType to, const Array &a, const Array &b,
                             const Array &c, const std::vector<std::string> &devices = deviceNames()) {
  std::optional<Array> first;
  try {
    tile::Program program = tile::Program::fromString(source, "elementwise.tile");
    for (const std::string &device : devices) {
      Array out(to, {static_cast<std::int64_t>(rows), a.size()}, Layout::Padded);
      launch(program.kernel("ops"), device, {a, b, c, &out});
      EXPECT_TRUE(out.intact());
      if (first)
        EXPECT_EQ(bitDifference(to, out.allBits(), first->allBits()), "") << device << "\n" << source;
      else
        first = std::move(out);
    }
  } catch (const tile::Error &error) {
    ADD_FAILURE() << error.what() << "\n" << source;
    return std::nullopt;
  }
  return first;
}

/// Counts failures of one expression and prints the first few.
class Reporter {
public:
  explicit Reporter(std::string what) : what(std::move(what)) {}
  ~Reporter() {
    if (wrong)
      ADD_FAILURE() << what << ": " << wrong << " of " << all << " are wrong\n" << text.str();
  }
  template <typename Describe>
  void check(bool fine, Describe describe) {
    ++all;
    if (!fine && ++wrong <= 4)
      describe(text);
  }

private:
  std::string what;
  std::ostringstream text;
  int wrong = 0, all = 0;
};

/// All pairs of the specials, each with a third, and as many random triples again.
std::vector<Array> inputs(DType type, const std::vector<std::uint64_t> &specials,
                          const std::function<std::uint64_t()> &random) {
  auto n = static_cast<std::int64_t>(specials.size());
  std::vector<Array> arrays;
  for (int k = 0; k < 3; ++k) {
    arrays.emplace_back(type, Shape{2 * n * n + 1});
    for (std::int64_t i = 0; i < n * n; ++i)
      arrays[k].setBits(i, specials[k == 0 ? i / n : k == 1 ? i % n : (i / n + 3 * i + 1) % n]);
    for (std::int64_t i = n * n; i < 2 * n * n + 1; ++i)
      arrays[k].setBits(i, random());
  }
  return arrays;
}

} // namespace

//===----------------------------------------------------------------------===//
// Floating point
//===----------------------------------------------------------------------===//

namespace {

/// An operation whose result is the exact one rounded once: the function works in double, where it is exact or rounded so finely
/// that rounding again does no harm.
struct RoundedOp {
  const char *text;
  double (*function)(double, double, double);
};

double floorMod(double a, double b) {
  double rest = std::fmod(a, b);
  return rest != 0 && (rest < 0) != (b < 0) ? rest + b : rest;
}
double maximum(double a, double b) {
  if (std::isnan(a) || std::isnan(b))
    return std::nan("");
  return a == b ? (std::signbit(a) ? b : a) : a > b ? a : b;
}

const RoundedOp roundedOps[] = {
    {"a_ + b_", [](double a, double b, double) { return a + b; }},
    {"a_ - b_", [](double a, double b, double) { return a - b; }},
    {"a_ * b_", [](double a, double b, double) { return a * b; }},
    {"a_ / b_", [](double a, double b, double) { return a / b; }},
    {"a_ % b_", [](double a, double b, double) { return floorMod(a, b); }},
    {"min(a_, b_)", [](double a, double b, double) { return -maximum(-a, -b); }},
    {"max(a_, b_)", [](double a, double b, double) { return maximum(a, b); }},
    {"-a_", [](double a, double, double) { return -a; }},
    {"abs(a_)", [](double a, double, double) { return std::abs(a); }},
    {"floor(a_)", [](double a, double, double) { return std::floor(a); }},
    {"ceil(a_)", [](double a, double, double) { return std::ceil(a); }},
    {"round(a_)", [](double a, double, double) { return std::nearbyint(a); }},
    {"sqrt(a_)", [](double a, double, double) { return std::sqrt(a); }},
    {"where(a_ < b_, c_, a_)", [](double a, double b, double c) { return a < b ? c : a; }},
    {"1.5", [](double, double, double) { return 1.5; }},
    {"a_ * 0.75", [](double a, double, double) { return a * 0.75; }},
    {"clamp(a_, -1.0, 2.0)", [](double a, double, double) { return -maximum(-maximum(a, -1), -2.0); }},
};

/// An elementary function with its bounds: in f32 on CPUs and on GPUs, and in f64.
struct Function {
  const char *name;
  long double (*function)(long double);
  double boundF32, boundGpuF32, boundF64;

  double bound(DType type, const std::string &device) const {
    // Half precisions round what f32 gives.
    return type == DType::F64 ? boundF64 : type != DType::F32 ? 0.5 + 0x1p-11 : isGpu(device) ? boundGpuF32 : boundF32;
  }
};

const Function functions[] = {
    {"exp", [](long double x) { return std::exp(x); }, 1.0, 2.8, 1.0},
    {"exp2", [](long double x) { return std::exp2(x); }, 1.0, 2.5, 1.0},
    {"log", [](long double x) { return std::log(x); }, 0.9, 0.9, 0.9},
    {"log2", [](long double x) { return std::log2(x); }, 0.9, 0.9, 0.9},
    {"sin", [](long double x) { return std::sin(x); }, 1.4, 1.4, 1.0},
    {"cos", [](long double x) { return std::cos(x); }, 1.2, 1.2, 1.0},
    {"tanh", [](long double x) { return std::tanh(x); }, 1.5, 2.8, 1.5},
    {"erf", [](long double x) { return std::erf(x); }, 1.2, 1.8, 1.2},
    {"rsqrt", [](long double x) { return 1 / std::sqrt(x); }, 1.5, 1.5, 1.5},
};

double largestOf(DType type) {
  return type == DType::F16   ? 65504
         : type == DType::F64 ? std::numeric_limits<double>::max()
                              : roundTo(0x1.fep127, DType::BF16);
}

/// Whether a result lies within a number of units in the last place of the exact one. Infinity stands for the first number that
/// the type lacks.
bool within(double got, long double exact, DType type, double bound) {
  if (std::isnan(exact) || std::isnan(got))
    return std::isnan(exact) && std::isnan(got);
  if (exact == 0)
    return got == 0 && std::signbit(got) == std::signbit(exact);
  if (std::isinf(exact))
    return got == exact;
  if (std::isinf(got))
    return std::signbit(got) == std::signbit(exact) && std::abs(exact) >= largestOf(type);
  return std::abs(got - exact) <= bound * ulpOf(static_cast<double>(exact), type);
}

std::vector<Array> floatInputs(DType type) {
  std::vector<std::uint64_t> specials;
  for (double value : {0.0, 1.0, 0.5, 1.5, 2.5, 3.0, 7.75, 100.0, 1e-3, 0.99, 20.0, 3.14159265, inf})
    for (double sign : {1.0, -1.0})
      specials.push_back(encode(roundTo(sign * value, type), type));
  specials.push_back(encode(std::nan(""), type));
  // The smallest and the largest subnormal, the smallest and the largest normal number.
  unsigned bits = bitsOf(type);
  std::uint64_t largest = encode(inf, type) - 1, one = encode(1, type);
  std::uint64_t smallestNormal = type == DType::F16    ? 1 << 10
                                 : type == DType::BF16 ? 1 << 7
                                                       : std::uint64_t(1) << (bits == 32 ? 23 : 52);
  for (std::uint64_t value : {std::uint64_t(1), smallestNormal - 1, smallestNormal, largest, one - 1, one + 1})
    for (std::uint64_t sign : {std::uint64_t(0), std::uint64_t(1) << (bits - 1)})
      specials.push_back(value | sign);
  Random random(static_cast<unsigned>(type) + options.seed);
  return inputs(type, specials, [&, type, bits]() -> std::uint64_t {
    if (random.chance(0.4))
      return random.bits() >> (64 - bits);
    return encode(roundTo(random.normal() * std::ldexp(1.0, static_cast<int>(random.range(-8, 6))), type), type);
  });
}

class FloatTest : public testing::TestWithParam<DType> {};
std::string typeName(const testing::TestParamInfo<DType> &info) { return name(info.param); }

} // namespace

TEST_P(FloatTest, Operations) {
  DType type = GetParam();
  std::vector<Array> in = floatInputs(type);
  std::vector<std::string> texts;
  for (const RoundedOp &op : roundedOps)
    texts.push_back(op.text);
  std::size_t fmaRow = texts.size();
  texts.push_back("fma(a_, b_, c_)");
  for (const Form &form : forms) {
    std::string source = kernelOf(form, texts, type, type);
    std::optional<Array> out = compute(source, texts.size(), type, in[0], in[1], in[2]);
    ASSERT_TRUE(out);
    std::int64_t n = in[0].size();
    for (std::size_t row = 0; row < texts.size(); ++row) {
      Reporter reporter(texts[row] + " in " + name(type) + ", " + form.name);
      for (std::int64_t i = 0; i < n; ++i) {
        double a = in[0].get(i), b = in[1].get(i), c = in[2].get(i),
               got = out->get(static_cast<std::int64_t>(row) * n + i);
        double want;
        bool fine;
        if (row == fmaRow && type != DType::F32 && type != DType::F64) {
          // Half precisions compute it in f32 first.
          want = std::fmaf(static_cast<float>(a), static_cast<float>(b), static_cast<float>(c));
          fine = roundTo(want, type) == got || (std::isnan(want) && std::isnan(got));
        } else {
          want = row != fmaRow        ? roundTo(roundedOps[row].function(a, b, c), type)
                 : type == DType::F32 ? std::fmaf(static_cast<float>(a), static_cast<float>(b), static_cast<float>(c))
                                      : std::fma(a, b, c);
          // The sign of a remainder of 0 is open.
          bool zero = want == 0 && got == 0 && (texts[row] == "a_ % b_" || std::signbit(want) == std::signbit(got));
          fine = zero || (want != 0 && want == got) || (std::isnan(want) && std::isnan(got));
        }
        reporter.check(fine, [&](std::ostream &text) {
          text << std::hexfloat << "  a = " << a << ", b = " << b << ", c = " << c << ": " << got << ", not " << want
               << "\n";
        });
      }
    }
  }
}

TEST_P(FloatTest, Functions) {
  DType type = GetParam();
  std::vector<Array> in = floatInputs(type);
  std::vector<std::string> texts;
  for (const Function &function : functions)
    texts.push_back(std::string(function.name) + "(a_)");
  for (const Form &form : forms)
    for (const std::string &device : deviceNames()) {
      std::string source = kernelOf(form, texts, type, type);
      std::optional<Array> out = compute(source, texts.size(), type, in[0], in[1], in[2], {device});
      ASSERT_TRUE(out);
      std::int64_t n = in[0].size();
      for (std::size_t row = 0; row < texts.size(); ++row) {
        Reporter reporter(texts[row] + " in " + name(type) + ", " + form.name + ", on " + device);
        double bound = functions[row].bound(type, device);
        for (std::int64_t i = 0; i < n; ++i) {
          double a = in[0].get(i), got = out->get(static_cast<std::int64_t>(row) * n + i);
          long double exact = functions[row].function(a);
          reporter.check(within(got, exact, type, bound), [&](std::ostream &text) {
            text << std::hexfloat << "  a = " << a << ": " << got << ", not " << exact << "\n";
          });
        }
      }
    }
}

/// f32 at numbers that lie evenly among all: --programs=N takes 256 N.
TEST(Functions, WithinTheirBoundsEverywhere) {
  std::int64_t count = std::int64_t(256) * options.programs;
  std::uint64_t stride = (std::uint64_t(1) << 32) / static_cast<std::uint64_t>(count) | 1;
  Array x(DType::F32, {count});
  for (std::int64_t i = 0; i < count; ++i)
    x.setBits(i, static_cast<std::uint32_t>(static_cast<std::uint64_t>(i) * stride + options.seed));
  std::vector<std::string> texts;
  for (const Function &function : functions)
    texts.push_back(std::string(function.name) + "(a_)");
  for (const std::string &device : deviceNames()) {
    std::optional<Array> out =
        compute(kernelOf(forms[0], texts, DType::F32, DType::F32), texts.size(), DType::F32, x, x, x, {device});
    ASSERT_TRUE(out);
    for (std::size_t row = 0; row < texts.size(); ++row) {
      Reporter reporter(texts[row] + " on " + device);
      double bound = functions[row].bound(DType::F32, device);
      for (std::int64_t i = 0; i < count; ++i) {
        double a = x.get(i), got = out->get(static_cast<std::int64_t>(row) * count + i);
        long double exact = functions[row].function(a);
        reporter.check(within(got, exact, DType::F32, bound), [&](std::ostream &text) {
          text << std::hexfloat << "  a = " << a << ": " << got << ", not " << exact << "\n";
        });
      }
    }
    countCase();
  }
}

/// Rows divided by one number each: GPUs do once what the quotients have in common, and take another way where that could underflow.
TEST(Quotients, OfRowsAreCorrectlyRounded) {
  const char *source = R"(
kernel rows(x: f32[M, N], s: f32[M], o: out f32[M, N]) grid (M) {
  let row = program(0);
  o[row, 0 +: 512] = x[row, 0 +: 512] / s[row];
}
)";
  constexpr std::int64_t rows = 64, columns = 511;
  Array x(DType::F32, {rows, columns}), s(DType::F32, {rows});
  Random random(options.seed);
  auto number = [&](std::int64_t lowest, std::int64_t highest) {
    double significand = 1 + static_cast<double>(random.bits() >> 41) * 0x1p-23;
    return (random.chance(0.5) ? 1 : -1) * std::ldexp(significand, static_cast<int>(random.range(lowest, highest)));
  };
  const double specials[] = {0.0, -0.0, INFINITY, -INFINITY, NAN, 0x1p-149, -0x1p-126, 0x1.fffffep127};
  for (std::int64_t row = 0; row < rows; ++row) {
    // Plain numbers; zeros among positive ones; zeros of either sign; what is too small, too large, none at all.
    std::int64_t kind = row % 8;
    s.set(row, kind == 6   ? number(-149, 127)
               : kind == 7 ? specials[row / 8]
               : kind == 1 ? std::abs(number(-30, 29))
                           : number(-30, 29));
    for (std::int64_t column = 0; column < columns; ++column) {
      double value = kind == 4 || kind == 5 ? number(-149, 127) : number(-90, 89);
      if (kind == 1)
        value = std::abs(value);
      if ((kind == 1 || kind == 2) && random.chance(0.3))
        value = 0;
      if (kind == 3 && random.chance(0.3))
        value = random.chance(0.5) ? 0.0 : -0.0;
      if (kind == 5 && random.chance(0.1))
        value = random.pick(std::vector<double>(std::begin(specials), std::end(specials)));
      x.set(row * columns + column, value);
    }
  }
  for (const std::string &device : deviceNames()) {
    Array o(DType::F32, {rows, columns});
    ASSERT_NO_THROW(launch(tile::Program::fromString(source).kernel("rows"), device, {x, s, &o}));
    Reporter reporter("quotients on " + device);
    for (std::int64_t i = 0; i < rows * columns; ++i) {
      auto a = static_cast<float>(x.get(i)), b = static_cast<float>(s.get(i / columns)), want = a / b,
           got = static_cast<float>(o.get(i));
      bool fine = std::isnan(want) ? std::isnan(got) : want == got && std::signbit(want) == std::signbit(got);
      reporter.check(fine, [&](std::ostream &text) {
        text << std::hexfloat << "  " << a << " / " << b << ": " << got << ", not " << want << "\n";
      });
    }
    countCase();
  }
}

/// exp of what is at most 0 by the way it is made has the bits that it has otherwise.
TEST(Exponentials, BelowTheMaximumAreTheSame) {
  const char *source = R"(
kernel below(x: f32[M, N], d: f32[M, N], o: out f32[M, N], p: out f32[M, N]) grid (M) {
  let row = program(0);
  let v = x[row, 0 +: 512, pad = -inf];
  o[row, 0 +: 512] = exp(v - max(v));
  p[row, 0 +: 512] = exp(d[row, 0 +: 512]);
}
)";
  constexpr std::int64_t rows = 32, columns = 511;
  Array x(DType::F32, {rows, columns}), d(DType::F32, {rows, columns});
  Random random(options.seed);
  for (std::int64_t row = 0; row < rows; ++row) {
    // Over all exponents that give something; then infinities and NaN.
    double scale = row % 4 == 0 ? 200 : row % 4 == 1 ? 30 : 1;
    float most = -INFINITY;
    bool anyNaN = false;
    for (std::int64_t column = 0; column < columns; ++column) {
      double value = -scale * random.uniform();
      if (row % 8 >= 6 && random.chance(0.02))
        value = row % 16 == 15 ? NAN : row % 8 == 7 ? INFINITY : -INFINITY;
      x.set(row * columns + column, value);
      most = std::max(most, static_cast<float>(x.get(row * columns + column)));
      anyNaN |= std::isnan(value);
    }
    for (std::int64_t column = 0; column < columns; ++column)
      d.set(row * columns + column, anyNaN ? NAN : static_cast<float>(x.get(row * columns + column)) - most);
  }
  for (const std::string &device : deviceNames()) {
    Array o(DType::F32, {rows, columns}), p(DType::F32, {rows, columns});
    ASSERT_NO_THROW(launch(tile::Program::fromString(source).kernel("below"), device, {x, d, &o, &p}));
    EXPECT_EQ(bitDifference(DType::F32, o.allBits(), p.allBits()), "") << "on " << device;
    countCase();
  }
}

/// A softmax's quotients, of exponentials that are known not to be too small, or aren't, are rounded correctly all the same.
TEST(Exponentials, AreDividedCorrectly) {
  const char *source = R"(
kernel softmax(x: f32[M, N], e: out f32[M, N], s: out f32[M], q: out f32[M, N]) grid (M) {
  let row = program(0);
  let v = x[row, 0 +: 512, pad = -inf];
  let powers = exp(v - max(v));
  let total = sum(powers);
  e[row, 0 +: 512] = powers;
  s[row] = total;
  q[row, 0 +: 512] = powers / total;
}
)";
  constexpr std::int64_t rows = 32, columns = 511;
  Array x(DType::F32, {rows, columns});
  Random random(options.seed);
  for (std::int64_t i = 0; i < rows * columns; ++i) {
    const double scales[] = {1, 30, 61.9, 62.1, 90, 103, 120, 1000};
    x.set(i, -scales[i / columns % 8] * random.uniform());
  }
  for (const std::string &device : deviceNames()) {
    Array e(DType::F32, {rows, columns}), s(DType::F32, {rows}), q(DType::F32, {rows, columns});
    ASSERT_NO_THROW(launch(tile::Program::fromString(source).kernel("softmax"), device, {x, &e, &s, &q}));
    Reporter reporter("quotients on " + device);
    for (std::int64_t i = 0; i < rows * columns; ++i) {
      auto a = static_cast<float>(e.get(i)), b = static_cast<float>(s.get(i / columns));
      reporter.check(static_cast<float>(q.get(i)) == a / b, [&](std::ostream &text) {
        text << std::hexfloat << "  " << a << " / " << b << ": " << q.get(i) << ", not " << a / b << "\n";
      });
    }
    countCase();
  }
}

TEST_P(FloatTest, Comparisons) {
  DType type = GetParam();
  std::vector<Array> in = floatInputs(type);
  std::vector<std::string> texts = {"a_ < b_",
                                    "a_ <= b_",
                                    "a_ > b_",
                                    "a_ >= b_",
                                    "a_ == b_",
                                    "a_ != b_",
                                    "a_ < b_ && b_ < c_",
                                    "!(a_ < b_) || c_ == a_"};
  for (const Form &form : forms) {
    std::optional<Array> out =
        compute(kernelOf(form, texts, type, DType::Bool), texts.size(), DType::Bool, in[0], in[1], in[2]);
    ASSERT_TRUE(out);
    std::int64_t n = in[0].size();
    Reporter reporter(std::string("comparisons in ") + form.name);
    for (std::int64_t i = 0; i < n; ++i) {
      double a = in[0].get(i), b = in[1].get(i), c = in[2].get(i);
      bool want[] = {a<b, a <= b, a> b, a >= b, a == b, a != b, a < b && b < c, !(a < b) || c == a};
      for (std::size_t row = 0; row < texts.size(); ++row) {
        std::uint64_t got = out->bits(static_cast<std::int64_t>(row) * n + i);
        reporter.check(got == want[row], [&](std::ostream &text) {
          text << "  " << texts[row] << ", a = " << a << ", b = " << b << ", c = " << c << ": " << got << "\n";
        });
      }
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Types, FloatTest, testing::Values(DType::F16, DType::BF16, DType::F32, DType::F64), typeName);

//===----------------------------------------------------------------------===//
// Integers
//===----------------------------------------------------------------------===//

namespace {

/// An operation on integers of a type; the result is wrapped to it.
struct IntegerOp {
  const char *text;
  __int128 (*function)(__int128 a, __int128 b, DType type);
  bool signedOnly = false;
};

__int128 floorDivide(__int128 a, __int128 b) {
  if (b == 0)
    return 0;
  __int128 quotient = a / b;
  return quotient * b != a && (a < 0) != (b < 0) ? quotient - 1 : quotient;
}
/// A shift by the width or more, and by a negative number, moves all bits out.
__int128 shiftLeft(__int128 a, __int128 b, DType type) {
  return b < 0 || b >= bitsOf(type) ? 0 : a << static_cast<int>(b);
}
__int128 shiftRight(__int128 a, __int128 b, DType type) {
  return b < 0 || b >= bitsOf(type) ? (a < 0 ? -1 : 0) : a >> static_cast<int>(b);
}

const IntegerOp integerOps[] = {
    {"a_ + b_", [](__int128 a, __int128 b, DType) { return a + b; }},
    {"a_ - b_", [](__int128 a, __int128 b, DType) { return a - b; }},
    {"a_ * b_",
     [](__int128 a, __int128 b, DType) {
       return static_cast<__int128>(static_cast<unsigned __int128>(a) * static_cast<unsigned __int128>(b));
     }},
    {"a_ / b_", [](__int128 a, __int128 b, DType) { return floorDivide(a, b); }},
    {"a_ % b_", [](__int128 a, __int128 b, DType) { return a - floorDivide(a, b) * b; }},
    {"a_ & b_", [](__int128 a, __int128 b, DType) { return a & b; }},
    {"a_ | b_", [](__int128 a, __int128 b, DType) { return a | b; }},
    {"a_ ^ b_", [](__int128 a, __int128 b, DType) { return a ^ b; }},
    {"a_ << b_", shiftLeft},
    {"a_ >> b_", shiftRight},
    {"a_ << 3", [](__int128 a, __int128, DType type) { return shiftLeft(a, 3, type); }},
    {"a_ >> 2", [](__int128 a, __int128, DType type) { return shiftRight(a, 2, type); }},
    {"-a_", [](__int128 a, __int128, DType) { return -a; }},
    {"~a_", [](__int128 a, __int128, DType) { return ~a; }},
    {"abs(a_)", [](__int128 a, __int128, DType) { return a < 0 ? -a : a; }},
    {"min(a_, b_)", [](__int128 a, __int128 b, DType) { return a < b ? a : b; }},
    {"max(a_, b_)", [](__int128 a, __int128 b, DType) { return a < b ? b : a; }},
    {"mulhi(a_, b_)",
     [](__int128 a, __int128 b, DType type) {
       // Products of two u64 need all bits.
       return isSigned(type)
                  ? (a * b) >> bitsOf(type)
                  : static_cast<__int128>((static_cast<unsigned __int128>(a) * static_cast<unsigned __int128>(b)) >>
                                          bitsOf(type));
     }},
    {"where(a_ < b_, a_, b_ ^ a_)", [](__int128 a, __int128 b, DType) { return a < b ? a : b ^ a; }},
    {"a_ / 3", [](__int128 a, __int128, DType) { return floorDivide(a, 3); }},
    {"a_ % 7", [](__int128 a, __int128, DType) { return a - floorDivide(a, 7) * 7; }},
    {"a_ / 4", [](__int128 a, __int128, DType) { return floorDivide(a, 4); }},
    {"a_ % 8", [](__int128 a, __int128, DType) { return a - floorDivide(a, 8) * 8; }},
    {"cdiv(a_, 2)",
     [](__int128 a, __int128, DType type) { return floorDivide(wrapTo(wrapTo(a + 2, type) - 1, type), 2); }},
    {"a_ / (-5)", [](__int128 a, __int128, DType) { return floorDivide(a, -5); }, true},
    {"a_ % (-3)", [](__int128 a, __int128, DType) { return a - floorDivide(a, -3) * -3; }, true},
    {"a_ / (-1)", [](__int128 a, __int128, DType) { return -a; }, true},
    {"a_ % (-1)", [](__int128, __int128, DType) { return __int128(0); }, true},
};

std::vector<Array> integerInputs(DType type) {
  unsigned bits = bitsOf(type);
  std::vector<std::uint64_t> specials;
  for (std::int64_t value : {0, 1, 2, 3, 5, 7, 8, 63, 100, -1, -2, -3, -5, -7, -100})
    specials.push_back(static_cast<std::uint64_t>(value));
  std::uint64_t top = std::uint64_t(1) << (bits - 1);
  for (std::uint64_t value :
       {top, top - 1, top + 1, std::uint64_t(bits), std::uint64_t(bits - 1), std::uint64_t(bits + 1)})
    specials.push_back(value);
  Random random(100 + static_cast<unsigned>(type) + options.seed);
  return inputs(type, specials, [&random] { return random.bits() >> (random.chance(0.3) ? 60 : 0); });
}

class IntegerTest : public testing::TestWithParam<DType> {};

} // namespace

TEST_P(IntegerTest, Operations) {
  DType type = GetParam();
  std::vector<Array> in = integerInputs(type);
  std::vector<const IntegerOp *> ops;
  std::vector<std::string> texts;
  for (const IntegerOp &op : integerOps)
    if (isSigned(type) || !op.signedOnly) {
      ops.push_back(&op);
      texts.push_back(op.text);
    }
  for (const Form &form : forms) {
    std::optional<Array> out = compute(kernelOf(form, texts, type, type), texts.size(), type, in[0], in[1], in[2]);
    ASSERT_TRUE(out);
    std::int64_t n = in[0].size();
    for (std::size_t row = 0; row < ops.size(); ++row) {
      Reporter reporter(texts[row] + " in " + name(type) + ", " + form.name);
      for (std::int64_t i = 0; i < n; ++i) {
        __int128 a = in[0].getInteger(i), b = in[1].getInteger(i),
                 got = out->getInteger(static_cast<std::int64_t>(row) * n + i);
        __int128 want = wrapTo(ops[row]->function(a, b, type), type);
        reporter.check(got == want, [&](std::ostream &out) {
          out << "  a = " << text(a) << ", b = " << text(b) << ": " << text(got) << ", not " << text(want) << "\n";
        });
      }
    }
  }
}

TEST_P(IntegerTest, Comparisons) {
  DType type = GetParam();
  std::vector<Array> in = integerInputs(type);
  std::vector<std::string> texts = {"a_ < b_", "a_ <= b_", "a_ > b_", "a_ >= b_", "a_ == b_", "a_ != b_"};
  for (const Form &form : forms) {
    std::optional<Array> out =
        compute(kernelOf(form, texts, type, DType::Bool), texts.size(), DType::Bool, in[0], in[1], in[2]);
    ASSERT_TRUE(out);
    std::int64_t n = in[0].size();
    Reporter reporter(std::string("comparisons in ") + form.name);
    for (std::int64_t i = 0; i < n; ++i) {
      __int128 a = in[0].getInteger(i), b = in[1].getInteger(i);
      bool want[] = {a<b, a <= b, a> b, a >= b, a == b, a != b};
      for (std::size_t row = 0; row < texts.size(); ++row) {
        std::uint64_t got = out->bits(static_cast<std::int64_t>(row) * n + i);
        reporter.check(got == want[row], [&](std::ostream &out) {
          out << "  " << texts[row] << ", a = " << text(a) << ", b = " << text(b) << ": " << got << "\n";
        });
      }
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Types, IntegerTest,
                         testing::Values(DType::I8, DType::I16, DType::I32, DType::I64, DType::U8, DType::U16,
                                         DType::U32, DType::U64),
                         typeName);

TEST(Bools, Operations) {
  Array a(DType::Bool, {77}), b(DType::Bool, {77}), c(DType::Bool, {77});
  Random random(options.seed);
  for (Array *array : {&a, &b, &c})
    array->fillRandom(random, true);
  std::vector<std::string> texts = {"a_ && b_", "a_ || b_", "!a_", "a_ == b_", "a_ != b_", "where(a_, b_, c_)", "true"};
  for (const Form &form : forms) {
    std::optional<Array> out =
        compute(kernelOf(form, texts, DType::Bool, DType::Bool), texts.size(), DType::Bool, a, b, c);
    ASSERT_TRUE(out);
    for (std::int64_t i = 0; i < 77; ++i) {
      bool x = a.bits(i), y = b.bits(i), z = c.bits(i);
      bool want[] = {x && y, x || y, !x, x == y, x != y, x ? y : z, true};
      for (std::size_t row = 0; row < texts.size(); ++row)
        EXPECT_EQ(out->bits(static_cast<std::int64_t>(row) * 77 + i), want[row])
            << texts[row] << " of " << x << ", " << y << ", " << z;
    }
  }
}

//===----------------------------------------------------------------------===//
// Casts
//===----------------------------------------------------------------------===//

namespace {

const std::vector<DType> allTypes = {DType::Bool, DType::I8,  DType::I16, DType::I32,    DType::I64,
                                     DType::U8,   DType::U16, DType::U32, DType::U64,    DType::F16,
                                     DType::BF16, DType::F32, DType::F64, DType::F8E4M3, DType::F8E5M2};

/// What a cast gives, as bits. Floating-point values truncate to integers and saturate, NaN becomes 0.
std::uint64_t castBits(const Array &from, std::int64_t i, DType to) {
  DType type = from.type();
  if (!isFloat(type)) {
    __int128 value = from.getInteger(i);
    if (to == DType::Bool)
      return value != 0;
    // The 64 bits of x87's significand hold every integer.
    return isFloat(to) ? encode(roundTo(static_cast<long double>(value), to), to) : static_cast<std::uint64_t>(value);
  }
  double value = from.get(i);
  if (to == DType::Bool)
    return value != 0;
  if (isFloat(to))
    return encode(roundTo(value, to), to);
  if (std::isnan(value))
    return 0;
  bool isUnsigned = !isSigned(to);
  double low = isUnsigned ? 0 : -std::ldexp(1.0, static_cast<int>(bitsOf(to)) - 1);
  double high = std::ldexp(1.0, static_cast<int>(bitsOf(to)) - (isUnsigned ? 0 : 1));
  if (value >= high)
    return isUnsigned ? ~std::uint64_t(0) : (std::uint64_t(1) << (bitsOf(to) - 1)) - 1;
  return static_cast<std::uint64_t>(static_cast<__int128>(std::max(std::trunc(value), low)));
}

class CastTest : public testing::TestWithParam<DType> {};

} // namespace

TEST_P(CastTest, ToAll) {
  DType from = GetParam();
  // All values of 8 bits; of others those around which a rounding turns, powers of two and random bits.
  std::vector<std::uint64_t> bits;
  Random random(200 + static_cast<unsigned>(from) + options.seed);
  if (bitsOf(from) <= 8) {
    for (std::uint64_t value = 0; value < (bitsOf(from) == 1 ? 2U : 256U); ++value)
      bits.push_back(value);
  } else if (isFloat(from)) {
    for (const Array &array : floatInputs(from))
      for (std::int64_t i = 0; i < array.size(); i += 2)
        bits.push_back(array.bits(i));
    // Beside the middle between two numbers of every narrower type, over all exponents that matter.
    for (int exponent = -30; exponent < 70; ++exponent)
      for (double significand : {1.0, 1.0625, 1.125, 1.1875, 1.25, 1.375, 1.00390625, 1.01171875, 1.00048828125,
                                 1.00146484375, 1 + 0x1p-24, 1 + 0x3p-24, 1.9999})
        for (double nudge : {-0x1p-52, -0x1p-30, -0x1p-20, 0.0, 0x1p-52, 0x1p-30, 0x1p-20})
          bits.push_back(
              encode(roundTo(std::ldexp(significand + nudge, exponent) * (random.chance(0.5) ? 1 : -1), from), from));
  } else {
    for (const Array &array : integerInputs(from))
      for (std::int64_t i = 0; i < array.size(); ++i)
        bits.push_back(array.bits(i));
    for (unsigned shift = 0; shift < bitsOf(from); ++shift)
      for (std::uint64_t low = 0; low < 40; ++low)
        bits.push_back((std::uint64_t(1) << shift) +
                       (low < 20 ? low : (std::uint64_t(1) << shift) / 4096 * (low - 20) + low % 3));
  }
  auto n = static_cast<std::int64_t>(bits.size());
  Array in(from, {n});
  for (std::int64_t i = 0; i < n; ++i)
    in.setBits(i, bits[i]);

  for (const Form &form : forms) {
    std::string source = "kernel casts(x: " + name(from) + "[N]", body;
    for (DType to : allTypes) {
      source += ", to_" + name(to) + ": out " + name(to) + "[N]";
      body += "    to_" + name(to) + "[" + form.at + "] = " + name(to) + "(x_);\n";
    }
    source +=
        std::string(") grid (1) {\n  ") + form.loop + " {\n    let x_ = x[" + form.at + "];\n" + body + "  }\n}\n";
    try {
      tile::Program program = tile::Program::fromString(source, "casts.tile");
      for (const std::string &device : deviceNames()) {
        std::vector<Array> out;
        out.reserve(allTypes.size());
        std::vector<Operand> operands = {in};
        for (DType to : allTypes)
          operands.push_back(&out.emplace_back(to, Shape{n}));
        launch(program.kernel("casts"), device, operands);
        for (const Array &array : out) {
          DType to = array.type();
          Reporter reporter(name(to) + " of " + name(from) + ", " + form.name + " on " + device);
          EXPECT_TRUE(array.intact());
          for (std::int64_t i = 0; i < n; ++i) {
            std::uint64_t want = castBits(in, i, to),
                          mask = ~std::uint64_t(0) >> (64 - (to == DType::Bool ? 8 : bitsOf(to)));
            bool bothNaN = isFloat(to) && std::isnan(decode(want, to)) && std::isnan(array.get(i));
            reporter.check(bothNaN || array.bits(i) == (want & mask), [&](std::ostream &text) {
              text.precision(17);
              text << "  of " << in.get(i) << std::hex << " (0x" << in.bits(i) << "): 0x" << array.bits(i) << ", not 0x"
                   << (want & mask) << std::dec << "\n";
            });
          }
        }
      }
    } catch (const tile::Error &error) {
      FAIL() << error.what() << "\n" << source;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Types, CastTest, testing::ValuesIn(allTypes), typeName);

TEST(Casts, Bits) {
  Array a(DType::F32, {100}), u(DType::U32, {100}), h(DType::F16, {100}), s(DType::I16, {100}), d(DType::F64, {100}),
      l(DType::I64, {100});
  Random random(options.seed);
  for (const Array *array : {&a, &h, &d})
    for (std::int64_t i = 0; i < 100; ++i)
      const_cast<Array *>(array)->setBits(i, random.bits());
  const char *source = R"(
kernel bits(a: f32[N], h: f16[N], d: f64[N], u: out u32[N], s: out i16[N], l: out i64[N], back: out f32[N]) grid (1) {
  for i in 0..N step 32, stages = 2 {
    u[i +: 32] = bitcast(u32, a[i +: 32]);
    s[i +: 32] = bitcast(i16, h[i +: 32]);
    l[i +: 32] = bitcast(i64, d[i +: 32]);
    back[i +: 32] = bitcast(f32, bitcast(u32, a[i +: 32]) & 0x7fffffff);
  }
}
)";
  for (const std::string &device : deviceNames()) {
    Array back(DType::F32, {100});
    ASSERT_NO_THROW(launch(tile::Program::fromString(source).kernel("bits"), device, {a, h, d, &u, &s, &l, &back}));
    EXPECT_EQ(bitDifference(DType::U32, u.allBits(), a.allBits()), "");
    EXPECT_EQ(bitDifference(DType::U16, s.allBits(), h.allBits()), "");
    EXPECT_EQ(bitDifference(DType::I64, l.allBits(), d.allBits()), "");
    for (std::int64_t i = 0; i < 100; ++i)
      EXPECT_TRUE(back.bits(i) == (a.bits(i) & 0x7fffffff) || std::isnan(a.get(i)));
  }
}
