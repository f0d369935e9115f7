//===- FoldTests.cpp - Folds and shapes --------------------------*- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// \file
/// Folds over each axis and over both, on every type, with NaNs and with ties; products of small types; and what moves elements
/// about without computing. All of it in a pipelined loop over rows of tiles.
///
//===----------------------------------------------------------------------===//

#include "Launch.h"

#include <cmath>
#include <functional>

using namespace numeric;
using tile::DType;

namespace {

using Shape = std::vector<std::int64_t>;

const std::vector<DType> numbers = {DType::I8,  DType::I16, DType::I32, DType::I64,  DType::U8,  DType::U16,
                                    DType::U32, DType::U64, DType::F16, DType::BF16, DType::F32, DType::F64};

class FoldTest : public testing::TestWithParam<DType> {};
std::string typeName(const testing::TestParamInfo<DType> &info) { return tile::nameOf(info.param); }

constexpr std::int64_t height = 8, width = 16, tiles = 5;

/// One fold's answer over some elements of an array: as an integer of the type, or as a number with its error.
struct Answer {
  __int128 integer = 0;
  Expected number;
};

Answer fold(const std::string &what, const Array &x, const std::vector<std::int64_t> &elements) {
  Answer answer;
  bool isProduct = what == "prod";
  if (!isFloat(x.type())) {
    answer.integer = what == "sum" ? 0 : what == "prod" ? 1 : x.getInteger(elements[0]);
    for (std::int64_t i : elements) {
      __int128 value = x.getInteger(i);
      answer.integer = what == "sum"   ? answer.integer + value
                       : isProduct     ? wrapTo(answer.integer * value, x.type())
                       : what == "max" ? std::max(answer.integer, value)
                                       : std::min(answer.integer, value);
    }
    answer.integer = wrapTo(answer.integer, x.type());
    return answer;
  }
  // Half precisions are added in f32 and rounded once.
  double epsilon = x.type() == DType::F64 ? 0x1p-53 : 0x1p-24, absolute = 0;
  double result = what == "sum" ? 0 : isProduct ? 1 : x.get(elements[0]);
  for (std::int64_t i : elements) {
    double value = x.get(i);
    absolute += std::abs(value);
    if (what == "sum" || isProduct)
      result = isProduct ? result * value : result + value;
    else if (std::isnan(value) || std::isnan(result))
      result = std::nan("");
    else
      result = what == "max" ? std::max(result, value) : std::min(result, value);
  }
  auto n = static_cast<double>(elements.size() + 1);
  double error = what == "sum" ? n * epsilon * absolute : isProduct ? n * epsilon * std::abs(result) : 0;
  if (error != 0)
    error += 0.5 * ulpOf(result, x.type());
  answer.number = {result, error};
  return answer;
}

/// The position of the largest or smallest element: of NaNs the first, of equals the first.
std::int64_t position(bool isMax, const Array &x, const std::vector<std::int64_t> &elements) {
  std::int64_t best = 0;
  for (std::int64_t k = 0; k < static_cast<std::int64_t>(elements.size()); ++k) {
    if (!isFloat(x.type())) {
      __int128 value = x.getInteger(elements[k]), most = x.getInteger(elements[best]);
      if (isMax ? value > most : value < most)
        best = k;
      continue;
    }
    double value = x.get(elements[k]), most = x.get(elements[best]);
    if (std::isnan(value))
      return k;
    if (isMax ? value > most : value < most)
      best = k;
  }
  return best;
}

/// The elements of tile `t` that a fold over `axis` puts into result `i`; all of them for axis -1.
std::vector<std::int64_t> elementsOf(std::int64_t t, int axis, std::int64_t i) {
  std::vector<std::int64_t> list;
  for (std::int64_t r = 0; r < height; ++r)
    for (std::int64_t c = 0; c < width; ++c)
      if (axis < 0 || (axis == 0 ? c : r) == i)
        list.push_back((t * height + r) * width + c);
  return list;
}

} // namespace

TEST_P(FoldTest, OverEachAxis) {
  DType type = GetParam();
  std::string name = tile::nameOf(type);
  const std::vector<std::string> folds = {"sum", "prod", "max", "min", "argmax", "argmin"};
  // For each fold a result over axis 0, over axis 1 and over both, all in a row of its own.
  std::string source = "kernel folds(x: " + name + "[N, 16], o: out " + name +
                       "[K, R, 16], at: out i64[K, R, 16]) grid (1) {\n"
                       "  for t in 0..N step 8, stages = 3 {\n    let v = x[t +: 8, 0 +: 16];\n";
  for (std::size_t k = 0; k < folds.size(); ++k) {
    bool isPosition = folds[k].rfind("arg", 0) == 0;
    std::string to = isPosition ? "at" : "o", cast = isPosition ? "i64" : "";
    for (int axis : {0, 1, -1}) {
      std::string value = cast + "(" + folds[k] + "(v" + (axis < 0 ? "" : ", axis = " + std::to_string(axis)) + "))";
      source += "    " + to + "[" + std::to_string(3 * k + (axis < 0 ? 2 : axis)) + ", t / 8, " +
                (axis == 0   ? "0 +: 16"
                 : axis == 1 ? "0 +: 8"
                             : "0") +
                "] = " + value + ";\n";
    }
  }
  source += "  }\n}\n";

  Array x(type, {tiles * height, width});
  Random random(300 + static_cast<unsigned>(type) + options.seed);
  x.fillRandom(random, false);
  auto rows = static_cast<std::int64_t>(3 * folds.size());
  if (isFloat(type)) {
    // Products stay within f16; a tile of ties, and one with NaNs.
    for (std::int64_t i = 0; i < x.size(); ++i)
      x.set(i, i / (height * width) == 1 ? static_cast<double>(random.range(-2, 2))
                                         : (random.chance(0.5) ? 1 : -1) * (0.8 + 0.4 * random.uniform()));
    x.set(2 * height * width + 37, NAN);
    x.set(2 * height * width + 90, NAN);
    x.set(3 * height * width + 5, INFINITY);
    x.set(3 * height * width + 6, 2);
  } else {
    for (std::int64_t i = 0; i < x.size(); i += 3)
      x.setBits(i, random.bits());
  }
  Agreement agreement;
  for (const std::string &device : deviceNames()) {
    Array out(type, {rows, tiles, width}), at(DType::I64, {rows, tiles, width});
    try {
      launch(tile::Program::fromString(source, "folds.tile").kernel("folds"), device, {x, &out, &at});
    } catch (const tile::Error &error) {
      FAIL() << error.what() << "\n" << source;
    }
    for (std::size_t k = 0; k < folds.size(); ++k)
      for (int axis : {0, 1, -1})
        for (std::int64_t t = 0; t < tiles; ++t)
          for (std::int64_t i = 0; i < (axis == 0 ? width : axis == 1 ? height : 1); ++i) {
            std::vector<std::int64_t> elements = elementsOf(t, axis, i);
            std::int64_t element = ((static_cast<std::int64_t>(3 * k) + (axis < 0 ? 2 : axis)) * tiles + t) * width + i;
            std::string what = folds[k] + " over axis " + std::to_string(axis) + " of tile " + std::to_string(t) +
                               ", result " + std::to_string(i) + " on " + device;
            if (folds[k].rfind("arg", 0) == 0) {
              EXPECT_EQ(at.get(element), position(folds[k] == "argmax", x, elements)) << what;
              continue;
            }
            Answer want = fold(folds[k], x, elements);
            double got = out.get(element);
            if (!isFloat(type))
              EXPECT_TRUE(out.getInteger(element) == want.integer)
                  << what << ": " << text(out.getInteger(element)) << ", not " << text(want.integer);
            else if (std::isnan(want.number.value))
              EXPECT_TRUE(std::isnan(got)) << what << ": " << got << ", not NaN";
            else
              EXPECT_TRUE(got == want.number.value || std::abs(got - want.number.value) <= want.number.error)
                  << what << ": " << got << ", not " << want.number.value << " within " << want.number.error;
          }
    EXPECT_EQ(agreement.difference(device, out), "") << device;
  }
}

INSTANTIATE_TEST_SUITE_P(Types, FoldTest, testing::ValuesIn(numbers), typeName);

/// L11.4: one specialisation adds the same numbers in the same order, in whichever program and launch, so all of these sums are one.
TEST(Folds, OfEqualRowsAreEqual) {
  const char *source = R"(
kernel sums(x: T[M, N], o: out T[M]) grid (cdiv(M, 4)) {
  let m = program(0) * 4;
  var total = T[4](0);
  for n in 0..N step 64, stages = 3 { total += sum(x[m +: 4, n +: 64], axis = 1); }
  o[m +: 4] = total;
}
kernel whole(x: T[M, N], o: out T[M]) grid (M) {
  o[program(0)] = sum(x[program(0), 0 +: 256]);
}
)";
  const std::int64_t rows = 24, columns = 233;
  for (DType type : {DType::F16, DType::BF16, DType::F32, DType::F64})
    for (Layout layout : {Layout::Dense, Layout::Transposed, Layout::Repeated}) {
      Array x(type, {rows, columns}, layout);
      Random random(options.seed);
      // Sizes so different that another order is another sum.
      for (std::int64_t c = 0; c < columns; ++c) {
        double value = random.normal() * std::exp2(static_cast<double>(random.range(-6, 6)));
        for (std::int64_t r = 0; r < rows; ++r)
          x.set(r * columns + c, value);
      }
      for (const std::string &device : deviceNames())
        for (const char *name : {"sums", "whole"}) {
          auto kernel = tile::Program::fromString(source, "order.tile").kernel(name, {}, optionsOn(device));
          std::optional<std::uint64_t> bits;
          for (int again = 0; again < 3; ++again) {
            Array o(type, {rows});
            ASSERT_NO_THROW(launch(kernel, device, {x, &o})) << device;
            for (std::int64_t r = 0; r < rows; ++r) {
              bits = bits ? *bits : o.bits(r);
              EXPECT_EQ(o.bits(r), *bits) << name << " of " << tile::nameOf(type) << ", " << nameOf(layout) << ", row "
                                          << r << ", launch " << again << " on " << device;
            }
          }
        }
    }
}

TEST(Folds, OfBools) {
  const char *source = R"(
kernel bools(x: i32[N, 16], o: out bool[R, K, 16]) grid (1) {
  for t in 0..N step 8, stages = 2 {
    let v = x[t +: 8, 0 +: 16] > 0;
    o[t / 8, 0, 0 +: 16] = any(v, axis = 0);
    o[t / 8, 1, 0 +: 8] = all(v, axis = 1);
    o[t / 8, 2, 0] = any(v);
    o[t / 8, 3, 0] = all(v);
  }
}
)";
  Array x(DType::I32, {4 * height, width});
  Random random(options.seed);
  // Tiles of many, some, no and only positive numbers.
  const double shares[] = {0.8, 0.05, 0, 1};
  for (std::int64_t i = 0; i < x.size(); ++i)
    x.set(i, random.chance(shares[i / (height * width)]) ? 1 : -1);
  for (const std::string &device : deviceNames()) {
    Array o(DType::Bool, {4, 4, width});
    ASSERT_NO_THROW(launch(tile::Program::fromString(source).kernel("bools"), device, {x, &o}));
    for (std::int64_t t = 0; t < 4; ++t)
      for (int row = 0; row < 4; ++row)
        for (std::int64_t i = 0; i < (row == 0 ? width : row == 1 ? height : 1); ++i) {
          bool any = false, all = true;
          for (std::int64_t element : elementsOf(t, row == 0 ? 0 : row == 1 ? 1 : -1, i)) {
            any |= x.get(element) > 0;
            all &= x.get(element) > 0;
          }
          EXPECT_EQ(o.bits((t * 4 + row) * width + i), row % 2 ? all : any)
              << "row " << row << " of tile " << t << ", " << i << " on " << device;
        }
  }
}

//===----------------------------------------------------------------------===//
// Products
//===----------------------------------------------------------------------===//

namespace {
struct DotCase {
  DType a, b, to;
};
class DotTest : public testing::TestWithParam<DotCase> {};
} // namespace

TEST_P(DotTest, IsExactOrWithinItsBound) {
  DotCase types = GetParam();
  auto name = [](DType type) { return std::string(tile::nameOf(type)); };
  std::string source = "kernel product(a: " + name(types.a) + "[M, K], b: " + name(types.b) + "[K, N], c: out " +
                       name(types.to) + "[M, N]) grid (cdiv(M, 16), cdiv(N, 32)) {\n  var acc = " + name(types.to) +
                       "[16, 32](0);\n  for k in 0..K step 8, stages = 3 {\n"
                       "    acc += dot(a[program(0) * 16 +: 16, k +: 8], b[k +: 8, program(1) * 32 +: 32]);\n  }\n"
                       "  c[program(0) * 16 +: 16, program(1) * 32 +: 32] = acc;\n}\n";
  const std::int64_t m = 33, n = 45, k = 71;
  for (Layout layout : {Layout::Dense, Layout::Transposed}) {
    Array a(types.a, {m, k}, layout), b(types.b, {k, n}, layout);
    Random random(options.seed);
    a.fillRandom(random, false);
    b.fillRandom(random, false);
    if (!isFloat(types.a))
      for (Array *array : {&a, &b})
        for (std::int64_t i = 0; i < array->size(); ++i)
          array->setBits(i, random.bits());
    double epsilon = types.to == DType::F64 ? 0x1p-53 : 0x1p-24;
    std::vector<Expected> want;
    for (std::int64_t i = 0; i < m; ++i)
      for (std::int64_t j = 0; j < n; ++j) {
        long double sum = 0, absolute = 0;
        for (std::int64_t l = 0; l < k; ++l) {
          long double term = static_cast<long double>(a.get(i * k + l)) * b.get(l * n + j);
          sum += term;
          absolute += std::abs(term);
        }
        want.push_back({static_cast<double>(sum),
                        isFloat(types.to) ? static_cast<double>(absolute) * static_cast<double>(k + 2) * epsilon : 0});
      }
    Agreement agreement;
    for (const std::string &device : deviceNames()) {
      Array c(types.to, {m, n});
      try {
        launch(tile::Program::fromString(source, "product.tile").kernel("product"), device, {a, b, &c});
      } catch (const tile::Error &error) {
        FAIL() << error.what() << "\n" << source;
      }
      ASSERT_EQ(difference(c, want), "") << device << ", " << numeric::nameOf(layout);
      ASSERT_EQ(agreement.difference(device, c), "") << device;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(
    Types, DotTest,
    testing::Values(DotCase{DType::F32, DType::F32, DType::F32}, DotCase{DType::F64, DType::F64, DType::F64},
                    DotCase{DType::F16, DType::F16, DType::F32}, DotCase{DType::BF16, DType::BF16, DType::F32},
                    DotCase{DType::I8, DType::I8, DType::I32}, DotCase{DType::U8, DType::U8, DType::I32},
                    DotCase{DType::U8, DType::I8, DType::I32}, DotCase{DType::I8, DType::U8, DType::I32},
                    DotCase{DType::F8E4M3, DType::F8E4M3, DType::F32}),
    [](const testing::TestParamInfo<DotCase> &info) {
      return std::string(tile::nameOf(info.param.a)) + "_" + tile::nameOf(info.param.b);
    });

//===----------------------------------------------------------------------===//
// Shapes
//===----------------------------------------------------------------------===//

TEST(Shapes, MoveElements) {
  const char *source = R"(
kernel shapes(x: f32[N, 16], row: f32[16], o: out f32[K, R, 128], pairs: out f32[R, 16, 2]) grid (1) {
  let r = row[0 +: 16];
  for t in 0..N step 8, stages = 3 {
    let v = x[t +: 8, 0 +: 16];
    let at = t / 8;
    o[0, at, 0 +: 128] = reshape(transpose(v), 128);
    o[1, at, 0 +: 128] = reshape(v, 128);
    o[2, at, 0 +: 128] = reshape(v * r, 128);
    o[3, at, 0 +: 128] = reshape(v - sum(v, axis = 1)[:, new], 128);
    o[4, at, 0 +: 128] = reshape(transpose(reshape(v, 4, 4, 8), 2, 0, 1), 128);
    o[5, at, 0 +: 128] = reshape(f32(iota(8)[:, new] * 100 + iota(16)[new, :]), 128);
    o[6, at, 0 +: 128] = reshape(where(iota(8)[:, new] < iota(16), v, 0.0), 128);
    o[7, at, 0 +: 16] = r;
    pairs[at, 0 +: 16, 0 +: 2] = join(r, sum(v, axis = 0));
  }
}
)";
  Array x(DType::F32, {32, 16}), row(DType::F32, {16});
  Random random(options.seed);
  x.fillRandom(random, true);
  row.fillRandom(random, true);
  for (const std::string &device : deviceNames()) {
    Array o(DType::F32, {8, 4, 128}), pairs(DType::F32, {4, 16, 2});
    try {
      launch(tile::Program::fromString(source, "shapes.tile").kernel("shapes"), device, {x, row, &o, &pairs});
    } catch (const tile::Error &error) {
      FAIL() << error.what();
    }
    for (std::int64_t t = 0; t < 4; ++t) {
      auto v = [&](std::int64_t i, std::int64_t j) { return x.get((t * 8 + i) * 16 + j); };
      for (std::int64_t e = 0; e < 128; ++e) {
        std::int64_t i = e / 16, j = e % 16;
        double sum = 0;
        for (std::int64_t c = 0; c < 16; ++c)
          sum += v(i, c);
        // Element [p, q, s] of the transposed [8, 4, 4] is element [q, s, p] of the [4, 4, 8].
        std::int64_t from = (e / 4 % 4 * 4 + e % 4) * 8 + e / 16;
        double want[] = {v(e % 8, e / 8),         v(i, j),
                         v(i, j) * row.get(j),    v(i, j) - sum,
                         v(from / 16, from % 16), static_cast<double>(i * 100 + j),
                         i < j ? v(i, j) : 0.0};
        for (std::int64_t k = 0; k < 7; ++k)
          EXPECT_EQ(o.get((k * 4 + t) * 128 + e), want[k])
              << "form " << k << ", tile " << t << ", element " << e << " on " << device;
      }
      for (std::int64_t j = 0; j < 16; ++j) {
        double sum = 0;
        for (std::int64_t i = 0; i < 8; ++i)
          sum += v(i, j);
        EXPECT_EQ(pairs.get((t * 16 + j) * 2), row.get(j));
        EXPECT_EQ(pairs.get((t * 16 + j) * 2 + 1), sum);
      }
    }
  }
}
