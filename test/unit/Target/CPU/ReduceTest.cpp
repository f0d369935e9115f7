//===- ReduceTest.cpp - Folds of every kind and type --------------*- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Harness.h"

#include <cmath>
#include <limits>

using namespace tile::cpu::test;

namespace {

/// A tile of three axes that a kernel folds along one.
template <typename T, typename Out>
struct Folded {
  int64_t outer, extent, inner;
  std::vector<T> in;
  std::vector<Out> out;
  T at(int64_t o, int64_t e, int64_t i) const { return in[(o * extent + e) * inner + i]; }
};

std::string shapeText(std::vector<int64_t> shape, const std::string &type) {
  std::string text = "tensor<";
  for (int64_t extent : shape)
    text += std::to_string(extent) + "x";
  return text + type + ">";
}

template <typename T, typename Out>
Folded<T, Out> fold(const std::string &kind, const std::string &type, const std::string &outType,
                    std::vector<int64_t> shape, int axis, std::vector<T> data) {
  Folded<T, Out> result{1, shape[axis], 1, data, {}};
  std::vector<int64_t> rest;
  for (int i = 0; i < int(shape.size()); ++i) {
    (i < axis ? result.outer : result.inner) *= i == axis ? 1 : shape[i];
    if (i != axis)
      rest.push_back(shape[i]);
  }
  int64_t count = result.outer * result.inner;
  std::string from = shapeText(shape, type), to = rest.empty() ? outType : shapeText(rest, outType);
  std::string n = std::to_string(data.size()), flat = "tensor<" + n + "x" + type + ">";
  std::string m = std::to_string(count), flatOut = "tensor<" + m + "x" + outType + ">";
  std::string body = "%c0 = arith.constant 0 : index\n%l = tile.load %a[%c0 +: " + n + "] : !tile.view<?x" + type +
                     "> -> " + flat + "\n%x = tile.reshape %l : " + flat + " -> " + from + "\n%r = tile.reduce " +
                     kind + " %x, " + std::to_string(axis) + " : " + from + " -> " + to + "\n";
  if (rest.empty())
    body += "tile.store %r, %b[%c0] : " + outType + ", !tile.view<?x" + outType + ">";
  else
    body += "%f = tile.reshape %r : " + to + " -> " + flatOut + "\ntile.store %f, %b[%c0 +: " + m + "] : " + flatOut +
            ", !tile.view<?x" + outType + ">";
  Kernel kernel(kernelText(viewText("a", "?x" + type, false, 0) + ", " + viewText("b", "?x" + outType, true, 0), body));
  Array<T> a({static_cast<int64_t>(data.size())});
  a.data = data;
  Array<Out> b({count});
  EXPECT_EQ(kernel.run(Words().view(a).view(b)), "");
  result.out = b.data;
  return result;
}

const std::vector<std::vector<int64_t>> kShapes = {{64},    {1},     {2},       {256},      {8, 32},   {32, 8},
                                                   {16, 1}, {1, 16}, {4, 2, 8}, {2, 64, 2}, {64, 2, 4}};

template <typename T>
std::vector<T> someData(std::vector<int64_t> shape, unsigned seed) {
  Array<T> array(shape);
  array.fillRandom(seed, std::is_unsigned_v<T> ? 0 : -100, 100);
  return array.data;
}

/// Fewer, for what is checked with many kinds and types: each shape is a kernel to compile.
const std::vector<std::vector<int64_t>> kFewShapes = {{64}, {1}, {8, 32}, {16, 1}, {2, 64, 2}};

template <typename T, typename Check>
void forShapes(Check check, const std::vector<std::vector<int64_t>> &shapes = kFewShapes) {
  for (const auto &shape : shapes)
    for (int axis = 0; axis < int(shape.size()); ++axis)
      check(shape, axis, someData<T>(shape, axis * 7 + shape.size()));
}

template <typename T>
void checkIntegers(const std::string &type) {
  using U = std::make_unsigned_t<T>;
  forShapes<T>([&](auto shape, int axis, std::vector<T> data) {
    struct Case {
      const char *kind;
      T (*combine)(T, T);
    };
    const Case cases[] = {
        {"sum", [](T a, T b) { return T(U(a) + U(b)); }},
        {"prod", [](T a, T b) { return T(uint64_t(a) * uint64_t(b)); }},
        {"min", [](T a, T b) { return std::min(a, b); }},
        {"max", [](T a, T b) { return std::max(a, b); }},
        {"umin", [](T a, T b) { return T(std::min(U(a), U(b))); }},
        {"umax", [](T a, T b) { return T(std::max(U(a), U(b))); }},
    };
    for (const Case &test : cases) {
      auto f = fold<T, T>(test.kind, type, type, shape, axis, data);
      for (int64_t o = 0; o < f.outer; ++o)
        for (int64_t i = 0; i < f.inner; ++i) {
          T expected = f.at(o, 0, i);
          for (int64_t e = 1; e < f.extent; ++e)
            expected = test.combine(expected, f.at(o, e, i));
          ASSERT_EQ(f.out[o * f.inner + i], expected) << test.kind << " " << type;
        }
    }
  });
}

TEST(Reduce, Integers8And16) {
  checkIntegers<int8_t>("i8");
  checkIntegers<int16_t>("i16");
}
TEST(Reduce, Integers32And64) {
  checkIntegers<int32_t>("i32");
  checkIntegers<int64_t>("i64");
}

template <typename T>
void checkFloats(const std::string &type) {
  forShapes<T>(
      [&](auto shape, int axis, std::vector<T> data) {
        auto sum = fold<T, T>("sum", type, type, shape, axis, data);
        auto low = fold<T, T>("min", type, type, shape, axis, data),
             high = fold<T, T>("max", type, type, shape, axis, data);
        for (int64_t o = 0; o < sum.outer; ++o)
          for (int64_t i = 0; i < sum.inner; ++i) {
            double total = 0, magnitude = 0;
            T least = sum.at(o, 0, i), most = least;
            for (int64_t e = 0; e < sum.extent; ++e) {
              total += sum.at(o, e, i);
              magnitude += std::abs(sum.at(o, e, i));
              least = std::min(least, sum.at(o, e, i));
              most = std::max(most, sum.at(o, e, i));
            }
            ASSERT_NEAR(sum.out[o * sum.inner + i], total, magnitude * std::numeric_limits<T>::epsilon() * 8);
            ASSERT_EQ(low.out[o * sum.inner + i], least);
            ASSERT_EQ(high.out[o * sum.inner + i], most);
          }
      },
      std::is_same_v<T, float> ? kShapes : kFewShapes);
}

TEST(Reduce, Floats) {
  checkFloats<float>("f32");
  checkFloats<double>("f64");
}

TEST(Reduce, HalvesAccumulateInF32) {
  // 1 + 256 times 2^-9 loses every addend when each sum is rounded to f16 or bf16.
  auto f16 = fold<uint16_t, uint16_t>("sum", "f16", "f16", {256}, 0, std::vector<uint16_t>(256, 0x3c01));
  EXPECT_EQ(f16.out[0], 0x5c01);
  auto bf16 = fold<uint16_t, uint16_t>("sum", "bf16", "bf16", {256}, 0, std::vector<uint16_t>(256, 0x3f81));
  EXPECT_EQ(bf16.out[0], 0x4381);
  auto high = fold<uint16_t, uint16_t>("max", "bf16", "bf16", {4}, 0, {0xbf80, 0x3f81, 0x3f80, 0x8000});
  EXPECT_EQ(high.out[0], 0x3f81);
}

TEST(Reduce, NaNPropagatesThroughMinAndMax) {
  for (int64_t place : {0, 5, 63})
    for (const char *kind : {"min", "max"}) {
      std::vector<float> data(64, 1);
      data[place] = NAN;
      EXPECT_TRUE(std::isnan((fold<float, float>(kind, "f32", "f32", {64}, 0, data).out[0])));
      auto columns = fold<float, float>(kind, "f32", "f32", {4, 16}, 0, data);
      for (int64_t i = 0; i < 16; ++i)
        EXPECT_EQ(std::isnan(columns.out[i]), i == place % 16);
    }
}

TEST(Reduce, EmptySumsKeepTheirSign) {
  EXPECT_TRUE(std::signbit(fold<float, float>("sum", "f32", "f32", {16}, 0, std::vector<float>(16, -0.0f)).out[0]));
  EXPECT_FALSE(std::signbit(fold<float, float>("sum", "f32", "f32", {16}, 0, std::vector<float>(16, 0.0f)).out[0]));
}

template <typename T>
void checkArg(const std::string &type, std::vector<int64_t> shape, int axis, std::vector<T> data) {
  for (bool isMin : {false, true}) {
    auto f = fold<T, int64_t>(isMin ? "argmin" : "argmax", type, "index", shape, axis, data);
    for (int64_t o = 0; o < f.outer; ++o)
      for (int64_t i = 0; i < f.inner; ++i) {
        int64_t best = 0;
        for (int64_t e = 1; e < f.extent; ++e) {
          T a = f.at(o, e, i), b = f.at(o, best, i);
          if (b == b && (a != a || (isMin ? a < b : a > b)))
            best = e;
        }
        ASSERT_EQ(f.out[o * f.inner + i], best) << type << (isMin ? " argmin" : " argmax") << " axis " << axis;
      }
  }
}

TEST(Reduce, ArgsTakeTheLowestIndexAndTheFirstNaN) {
  for (const auto &shape : kFewShapes)
    for (int axis = 0; axis < int(shape.size()); ++axis) {
      // Many equal values, then some NaN, then infinities alone.
      auto floats = someData<float>(shape, 3);
      for (float &value : floats)
        value = std::round(value / 50);
      checkArg<float>("f32", shape, axis, floats);
      for (size_t i = 0; i < floats.size(); i += 5)
        floats[i] = NAN;
      checkArg<float>("f32", shape, axis, floats);
      checkArg<float>("f32", shape, axis, std::vector<float>(floats.size(), -INFINITY));
      checkArg<float>("f32", shape, axis, std::vector<float>(floats.size(), INFINITY));
      auto ints = someData<int8_t>(shape, 4);
      for (int8_t &value : ints)
        value /= 40;
      checkArg<int8_t>("i8", shape, axis, ints);
    }
  auto f = fold<int32_t, int64_t>("uargmax", "i32", "index", {4}, 0, {1, -1, 5, -1});
  EXPECT_EQ(f.out[0], 1);
  f = fold<int32_t, int64_t>("uargmin", "i32", "index", {4}, 0, {-3, -1, 5, 5});
  EXPECT_EQ(f.out[0], 2);
}

TEST(Reduce, AnyAndAll) {
  for (int64_t place = 0; place < 128; place += 9) {
    std::vector<char> data(128, 0);
    data[place] = 1;
    auto any = fold<char, char>("any", "i1", "i1", {4, 32}, 1, data);
    auto none = data;
    for (char &value : none)
      value = !value;
    auto all = fold<char, char>("all", "i1", "i1", {4, 32}, 0, none);
    for (int64_t i = 0; i < 4; ++i)
      EXPECT_EQ(any.out[i], i == place / 32);
    for (int64_t i = 0; i < 32; ++i)
      EXPECT_EQ(all.out[i], i != place % 32);
    EXPECT_EQ((fold<char, char>("any", "i1", "i1", {128}, 0, data).out[0]), 1);
    EXPECT_EQ((fold<char, char>("all", "i1", "i1", {128}, 0, none).out[0]), 0);
  }
}

} // namespace
