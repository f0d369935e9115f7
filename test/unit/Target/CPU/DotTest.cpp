//===- DotTest.cpp - Products of every shape and type -------------*- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Harness.h"

#include <llvm/ADT/APFloat.h>
#include <llvm/ADT/bit.h>

using namespace tile::cpu::test;

namespace {

std::string tensor(int64_t rows, int64_t columns, const std::string &type) {
  return "tensor<" + std::to_string(rows) + "x" + std::to_string(columns) + "x" + type + ">";
}

std::string loadText(const std::string &result, const std::string &view, int64_t rows, int64_t columns,
                     const std::string &type) {
  return "%" + result + " = tile.load %" + view + "[%c0 +: " + std::to_string(rows) +
         ", %c0 +: " + std::to_string(columns) + "] : !tile.view<?x?x" + type + "> -> " + tensor(rows, columns, type) +
         "\n";
}

/// Runs `r = dot(a, b, c)`, then stores what `then` makes of it as `%y`.
template <typename T, typename Acc>
void check(const std::string &type, const std::string &accType, int64_t m, int64_t n, int64_t k, double (*valueOf)(T),
           const std::string &attributes = "", bool baseline = false) {
  tile::cpu::Options options;
  options.baseline = baseline;
  std::string accTensor = tensor(m, n, accType);
  Kernel kernel(kernelText(viewText("a", "?x?x" + type, false, 1) + ", " + viewText("b", "?x?x" + type, false, 1) +
                               ", " + viewText("c", "?x?x" + accType, true, 1),
                           "%c0 = arith.constant 0 : index\n" + loadText("x", "a", m, k, type) +
                               loadText("y", "b", k, n, type) + loadText("z", "c", m, n, accType) +
                               "%r = tile.dot %x, %y, %z " + attributes + " : " + tensor(m, k, type) + ", " +
                               tensor(k, n, type) + " -> " + accTensor +
                               "\n tile.store %r, %c[%c0 +: " + std::to_string(m) + ", %c0 +: " + std::to_string(n) +
                               "] : " + accTensor + ", !tile.view<?x?x" + accType + ">"),
                options);
  Array<T> a({m, k}), b({k, n});
  Array<Acc> c({m, n});
  std::mt19937 engine(m * 1000 + n * 10 + k);
  // Small integers and quarters: every sum is exact.
  auto fill = [&](Array<T> &array) {
    for (T &value : array.data)
      if constexpr (sizeof(T) <= 2)
        value = static_cast<T>(engine());
      else
        value = static_cast<T>(static_cast<int>(engine() % 33) - 16) / 4;
  };
  fill(a), fill(b);
  if (sizeof(T) == 2 || (sizeof(T) == 1 && type != "i8"))
    for (Array<T> *array : {&a, &b})
      for (T &value : array->data) {
        bool isBF16 = type == "bf16";
        auto semantics = sizeof(T) == 1
                             ? (type == "f8E5M2" ? &llvm::APFloat::Float8E5M2() : &llvm::APFloat::Float8E4M3FN())
                         : isBF16 ? &llvm::APFloat::BFloat()
                                  : &llvm::APFloat::IEEEhalf();
        llvm::APFloat number(static_cast<float>(static_cast<int>(engine() % 17) - 8) / 4);
        bool lost;
        number.convert(*semantics, llvm::APFloat::rmNearestTiesToEven, &lost);
        value = static_cast<T>(number.bitcastToAPInt().getZExtValue());
      }
  for (Acc &value : c.data)
    value = static_cast<Acc>(engine() % 9);
  Array<Acc> before = c;
  ASSERT_EQ(kernel.run(Words().view(a).view(b).view(c)), "");
  for (int64_t i = 0; i < m; ++i)
    for (int64_t j = 0; j < n; ++j) {
      double sum = before(i, j);
      for (int64_t l = 0; l < k; ++l)
        sum += valueOf(a(i, l)) * valueOf(b(l, j));
      ASSERT_EQ(c(i, j), static_cast<Acc>(sum)) << type << " " << m << "x" << n << "x" << k << " at " << i << ", " << j;
    }
}

template <const llvm::fltSemantics &(*semantics)()>
double fromBits(uint16_t bits) {
  return llvm::APFloat(semantics(), llvm::APInt(16, bits)).convertToDouble();
}
template <const llvm::fltSemantics &(*semantics)()>
double fromByte(uint8_t bits) {
  llvm::APFloat number(semantics(), llvm::APInt(8, bits));
  bool lost;
  number.convert(llvm::APFloat::IEEEdouble(), llvm::APFloat::rmNearestTiesToEven, &lost);
  return number.convertToDouble();
}

TEST(Dot, EveryShapeOfF32) {
  for (int64_t m : {1, 2, 8, 64})
    for (int64_t n : {1, 2, 8, 16, 32, 128})
      for (int64_t k : {1, 4, 64})
        check<float, float>("f32", "f32", m, n, k, [](float x) { return double(x); });
}

TEST(Dot, EveryType) {
  for (auto [m, n, k] : {std::tuple(16, 32, 16), std::tuple(32, 8, 64), std::tuple(4, 64, 2), std::tuple(1, 1, 1)}) {
    check<double, double>("f64", "f64", m, n, k, [](double x) { return x; });
    check<uint16_t, float>("f16", "f32", m, n, k, fromBits<llvm::APFloat::IEEEhalf>);
    check<uint16_t, float>("bf16", "f32", m, n, k, fromBits<llvm::APFloat::BFloat>);
    check<uint8_t, float>("f8E5M2", "f32", m, n, k, fromByte<llvm::APFloat::Float8E5M2>);
    check<uint8_t, float>("f8E4M3FN", "f32", m, n, k, fromByte<llvm::APFloat::Float8E4M3FN>);
    check<int8_t, int32_t>("i8", "i32", m, n, k, [](int8_t x) { return double(x); });
    check<uint8_t, int32_t>("i8", "i32", m, n, k, [](uint8_t x) { return double(x); }, "{unsigned_a, unsigned_b}");
  }
}

TEST(Dot, OlderProcessors) {
  check<float, float>("f32", "f32", 16, 32, 16, [](float x) { return double(x); }, "", /*baseline=*/true);
  check<uint16_t, float>("f16", "f32", 16, 32, 16, fromBits<llvm::APFloat::IEEEhalf>, "", /*baseline=*/true);
  check<uint16_t, float>("bf16", "f32", 16, 32, 16, fromBits<llvm::APFloat::BFloat>, "", /*baseline=*/true);
  check<int8_t, int32_t>("i8", "i32", 16, 32, 16, [](int8_t x) { return double(x); }, "", /*baseline=*/true);
}

/// A kernel of square tiles: `body` may use %x, %y, %z and makes %w.
Array<float> square(const std::string &body, int64_t n, Array<float> &x, Array<float> &y, Array<float> &z) {
  std::string t = tensor(n, n, "f32");
  std::string views;
  for (const char *name : {"a", "b", "c"})
    views += viewText(name, "?x?xf32", false, 1) + ", ";
  std::string text = body;
  for (size_t at; (at = text.find('T')) != std::string::npos;)
    text.replace(at, 1, t);
  Kernel kernel(kernelText(views + viewText("o", "?x?xf32", true, 1),
                           "%c0 = arith.constant 0 : index\n" + loadText("x", "a", n, n, "f32") +
                               loadText("y", "b", n, n, "f32") + loadText("z", "c", n, n, "f32") + text +
                               "\ntile.store %w, %o[%c0 +: " + std::to_string(n) + ", %c0 +: " + std::to_string(n) +
                               "] : " + t + ", !tile.view<?x?xf32>"));
  Array<float> out({n, n});
  for (auto *array : {&x, &y, &z})
    for (float &value : array->data)
      value = std::round(value);
  EXPECT_EQ(kernel.run(Words().view(x).view(y).view(z).view(out)), "");
  return out;
}

Array<float> product(const Array<float> &x, const Array<float> &y, Array<float> sum) {
  for (int64_t i = 0; i < x.shape[0]; ++i)
    for (int64_t j = 0; j < x.shape[0]; ++j)
      for (int64_t k = 0; k < x.shape[0]; ++k)
        sum(i, j) += x(i, k) * y(k, j);
  return sum;
}

TEST(Dot, AccumulatorsThatAreReadAgainAreKept) {
  Array<float> x({16, 16}), y({16, 16}), z({16, 16});
  x.fillRandom(1, -5, 5), y.fillRandom(2, -5, 5), z.fillRandom(3, -5, 5);
  // s is both an accumulator and read afterwards; d is an accumulator twice, and an operand.
  Array<float> out = square(R"(
    %s = tile.dot %x, %y, %z : T, T -> T
    %d = tile.dot %y, %x, %s : T, T -> T
    %e = tile.dot %s, %d, %d : T, T -> T
    %f = arith.addf %e, %s : T
    %w = arith.addf %f, %d : T)",
                            16, x, y, z);
  Array<float> s = product(x, y, z), d = product(y, x, s), e = product(s, d, d);
  for (size_t i = 0; i < out.data.size(); ++i)
    ASSERT_EQ(out.data[i], e.data[i] + s.data[i] + d.data[i]);
}

TEST(Dot, ARescaledAccumulatorIsRescaledInPlace) {
  Array<float> x({8, 8}), y({8, 8}), z({8, 8});
  x.fillRandom(1, -3, 3), y.fillRandom(2, -3, 3), z.fillRandom(3, -3, 3);
  Array<float> out = square(R"(
    %c1 = arith.constant 1 : index
    %c3 = arith.constant 3 : index
    %two = arith.constant dense<2.0> : T
    %w = scf.for %i = %c0 to %c3 step %c1 iter_args(%acc = %z) -> (T) {
      %scaled = arith.mulf %acc, %two : T
      %r = tile.dot %x, %y, %scaled : T, T -> T
      scf.yield %r : T
    })",
                            8, x, y, z);
  Array<float> expected = z;
  for (int i = 0; i < 3; ++i) {
    for (float &value : expected.data)
      value *= 2;
    expected = product(x, y, expected);
  }
  EXPECT_EQ(out.data, expected.data);
}

TEST(Dot, ATransposedAccumulatorIsNotOverwrittenWhileRead) {
  Array<float> x({8, 8}), y({8, 8}), z({8, 8});
  x.fillRandom(1, -3, 3), y.fillRandom(2, -3, 3), z.fillRandom(3, -3, 3);
  Array<float> out = square(R"(
    %s = tile.dot %x, %y, %z : T, T -> T
    %t = tile.transpose %s, [1, 0] : T -> T
    %w = tile.dot %x, %y, %t : T, T -> T)",
                            8, x, y, z);
  Array<float> s = product(x, y, z), t({8, 8});
  for (int64_t i = 0; i < 8; ++i)
    for (int64_t j = 0; j < 8; ++j)
      t(i, j) = s(j, i);
  EXPECT_EQ(out.data, product(x, y, t).data);
}

TEST(Dot, OperandsMayBeComputed) {
  Array<float> x({16, 16}), y({16, 16}), z({16, 16});
  x.fillRandom(1, -3, 3), y.fillRandom(2, -3, 3), z.fillRandom(3, -3, 3);
  Array<float> out = square(R"(
    %s = arith.addf %x, %y : T
    %t = tile.transpose %y, [1, 0] : T -> T
    %w = tile.dot %s, %t, %z : T, T -> T)",
                            16, x, y, z);
  Array<float> s({16, 16}), t({16, 16});
  for (int64_t i = 0; i < 16; ++i)
    for (int64_t j = 0; j < 16; ++j) {
      s(i, j) = x(i, j) + y(i, j);
      t(i, j) = y(j, i);
    }
  EXPECT_EQ(out.data, product(s, t, z).data);
}

} // namespace
