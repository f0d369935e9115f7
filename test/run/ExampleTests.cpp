//===- ExampleTests.cpp - The examples' kernels, at odd sizes ----*- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// \file
/// Every kernel of the examples against a reference in double precision: at sizes that no tile divides, at extents of 0, in every
/// type that it takes, in every layout, at 1 to 6 stages, on every device. Tolerances are bounds on the rounding errors of the
/// kernel's own arithmetic, worked out from the data. What a device computes at one number of stages must come out at all others bit
/// for bit.
///
//===----------------------------------------------------------------------===//

#include "Launch.h"

#include <cmath>
#include <filesystem>
#include <functional>

using namespace numeric;
using tile::DType;

namespace {

using Shape = std::vector<std::int64_t>;

/// The relative error of one rounding to f32, in which the examples compute.
constexpr double epsilon = 0x1p-24;

tile::Program example(const std::string &folder, const std::string &name) {
#ifdef TILE_EXAMPLES
  std::filesystem::path examples = TILE_EXAMPLES;
#else
  // Installed, the tests stand beside the examples.
  std::filesystem::path examples =
      std::filesystem::canonical("/proc/self/exe").parent_path().parent_path() / "examples";
#endif
  return tile::Program::fromFile(examples / folder / (name + ".tile"));
}

Array randomArray(DType type, Shape shape, Layout layout, std::uint64_t seed) {
  Array array(type, std::move(shape), layout);
  Random random(seed + options.seed);
  array.fillRandom(random, false);
  return array;
}

/// The largest error of rounding a result to its type.
double rounding(double value, DType type) { return 0.5 * ulpOf(value, type); }

/// Compiles and launches a kernel in several ways, and compares: the first result with the reference, the others with the first.
class Runner {
public:
  Runner(tile::Program program, std::string kernel) : program(std::move(program)), kernel(std::move(kernel)) {}

  /// One way: the parameters. All devices take part.
  std::vector<tile::Parameters> ways = {{}};

  void check(const std::string &what, const std::function<Array()> &makeOutput,
             const std::function<std::vector<Operand>(Array &)> &operands, const std::vector<Expected> &want) const {
    Agreement agreement;
    for (const tile::Parameters &parameters : ways)
      for (const std::string &device : deviceNames()) {
        std::string where = what + " on " + device;
        for (const auto &[name, value] : parameters)
          if (auto *number = std::get_if<std::int64_t>(&value.get()))
            where += ", " + name + " = " + std::to_string(*number);
        Array out = makeOutput();
        out.fill(77);
        try {
          launch(program.kernel(kernel, parameters), device, operands(out));
        } catch (const tile::Error &error) {
          FAIL() << where << "\n" << error.what();
        }
        EXPECT_TRUE(out.intact()) << where;
        if (agreement.isFirst(device) || isGpu(device))
          ASSERT_EQ(difference(out, want), "") << where;
        ASSERT_EQ(agreement.difference(device, out), "") << "the bits differ: " << where;
      }
  }

  std::string text(DType type, std::initializer_list<std::int64_t> sizes, std::initializer_list<Layout> layouts) const {
    std::string result = kernel + " of " + tile::nameOf(type);
    for (std::int64_t size : sizes)
      result += " " + std::to_string(size);
    for (Layout layout : layouts)
      result += std::string(", ") + numeric::nameOf(layout);
    return result;
  }

private:
  tile::Program program;
  std::string kernel;
};

/// Ways that differ in their number of stages, beside what is fixed.
std::vector<tile::Parameters> stages(std::initializer_list<int> counts, const tile::Parameters &fixed = {}) {
  std::vector<tile::Parameters> ways;
  for (int count : counts) {
    ways.push_back(fixed);
    ways.back().emplace("STAGES", count);
  }
  return ways;
}

const std::vector<DType> floats = {DType::F32, DType::F16, DType::BF16, DType::F64};

} // namespace

//===----------------------------------------------------------------------===//
// Vector add
//===----------------------------------------------------------------------===//

TEST(VectorAdd, AllTypesAndLayouts) {
  Runner runner(example("01-vector-add", "vector_add"), "vector_add");
  runner.ways = {{{"BLOCK", 256}}};
  auto check = [&](DType type, std::int64_t n, Layout layout) {
    Array a = randomArray(type, {n}, layout, 1), b = randomArray(type, {n}, Layout::Dense, 2);
    std::vector<Expected> want;
    for (std::int64_t i = 0; i < n; ++i)
      want.push_back({isFloat(type) ? roundTo(a.get(i) + b.get(i), type)
                                    : static_cast<double>(wrapTo(a.getInteger(i) + b.getInteger(i), type)),
                      0});
    runner.check(
        runner.text(type, {n}, {layout}), [&] { return Array(type, {n}, layout); },
        [&](Array &c) -> std::vector<Operand> { return {a, b, &c}; }, want);
  };
  for (std::int64_t n : {0, 1, 7, 63, 65, 127, 255, 256, 257, 1000, 5003})
    check(DType::F32, n, Layout::Dense);
  for (DType type : {DType::F16, DType::BF16, DType::F64, DType::I32, DType::U8, DType::I64})
    check(type, 1001, Layout::Dense);
  for (Layout layout : layouts())
    check(DType::F32, 523, layout);
}

//===----------------------------------------------------------------------===//
// Softmax
//===----------------------------------------------------------------------===//

/// The softmax of each row with bounds on the error of computing it in f32, in `passes` pieces.
static std::vector<Expected> softmax(const Array &x, std::int64_t rows, std::int64_t columns, std::int64_t passes) {
  std::vector<Expected> want;
  for (std::int64_t i = 0; i < rows; ++i) {
    double largest = -INFINITY, sum = 0, magnitude = 0;
    for (std::int64_t j = 0; j < columns; ++j) {
      largest = std::max(largest, x.get(i * columns + j));
      magnitude = std::max(magnitude, std::abs(x.get(i * columns + j)));
    }
    for (std::int64_t j = 0; j < columns; ++j)
      sum += std::exp(x.get(i * columns + j) - largest);
    // Of one exponential: its argument comes of rounded numbers and is rounded, and the function has a bound of its own.
    double relative = epsilon * 6 * magnitude + 0x1p-23;
    double error = 2 * relative + static_cast<double>(passes) * (relative + 2 * epsilon) +
                   static_cast<double>(columns + 4) * epsilon;
    for (std::int64_t j = 0; j < columns; ++j) {
      double value = std::exp(x.get(i * columns + j) - largest) / sum;
      want.push_back({value, value * error + rounding(value, x.type()) + 0x1p-148});
    }
  }
  return want;
}

TEST(Softmax, OddSizes) {
  Runner runner(example("02-softmax", "softmax"), "softmax");
  auto check = [&](DType type, std::int64_t rows, std::int64_t columns, Layout layout) {
    Array x = randomArray(type, {rows, columns}, layout, 3);
    runner.check(
        runner.text(type, {rows, columns}, {layout}), [&] { return Array(type, {rows, columns}, layout); },
        [&](Array &y) -> std::vector<Operand> { return {x, &y}; }, softmax(x, rows, columns, 0));
  };
  for (std::int64_t columns : {1, 7, 63, 65, 127, 1000, 0})
    check(DType::F32, 5, columns, Layout::Dense);
  check(DType::F32, 0, 7, Layout::Dense);
  for (DType type : floats)
    check(type, 3, 65, Layout::Padded);
  for (Layout layout : layouts())
    check(DType::F32, 7, 63, layout);
}

TEST(LongSoftmax, OddSizesAndStages) {
  Runner runner(example("03-long-softmax", "long_softmax"), "long_softmax");
  auto check = [&](DType type, std::int64_t rows, std::int64_t columns, Layout layout) {
    Array x = randomArray(type, {rows, columns}, layout, 4);
    runner.check(
        runner.text(type, {rows, columns}, {layout}), [&] { return Array(type, {rows, columns}, layout); },
        [&](Array &y) -> std::vector<Operand> { return {x, &y}; }, softmax(x, rows, columns, columns / 512 + 1));
  };
  runner.ways = stages({1, 2, 3, 4, 5, 6}, {{"B", 512}});
  for (std::int64_t columns : {1, 7, 511, 513, 1000, 1537, 2049, 2561, 3585, 4097})
    check(DType::F32, 2, columns, Layout::Dense);
  check(DType::F32, 2, 0, Layout::Dense);
  runner.ways = stages({1, 3}, {{"B", 512}});
  for (DType type : floats)
    check(type, 3, 1901, Layout::Dense);
  for (Layout layout : layouts())
    check(DType::F32, 3, 1001, layout);
}

//===----------------------------------------------------------------------===//
// Sums and norms
//===----------------------------------------------------------------------===//

TEST(RowSum, OddSizesAndStages) {
  Runner runner(example("04-row-sum", "row_sum"), "row_sum");
  auto check = [&](DType type, std::int64_t rows, std::int64_t columns, Layout layout) {
    Array x = randomArray(type, {rows, columns}, layout, 5);
    std::vector<Expected> want;
    for (std::int64_t i = 0; i < rows; ++i) {
      double sum = 0, absolute = 0;
      for (std::int64_t j = 0; j < columns; ++j) {
        sum += x.get(i * columns + j);
        absolute += std::abs(x.get(i * columns + j));
      }
      want.push_back({sum, static_cast<double>(columns + 1) * epsilon * absolute + rounding(sum, type)});
    }
    runner.check(
        runner.text(type, {rows, columns}, {layout}), [&] { return Array(type, {rows}); },
        [&](Array &y) -> std::vector<Operand> { return {x, &y}; }, want);
  };
  tile::Parameters small = {{"ROWS", 16}, {"COLUMNS", 32}};
  runner.ways = stages({1, 2, 3, 4, 5, 6}, small);
  for (std::int64_t columns : {0, 1, 7, 31, 33, 65, 97, 127, 161, 193, 255})
    check(DType::F32, 17, columns, Layout::Dense);
  runner.ways = stages({1, 4}, small);
  for (std::int64_t rows : {0, 1, 7, 65})
    check(DType::F32, rows, 127, Layout::Dense);
  for (DType type : floats)
    check(type, 33, 65, Layout::Padded);
  for (Layout layout : layouts())
    check(DType::F32, 63, 127, layout);
  runner.ways = {{}};
  check(DType::F32, 63, 1000, Layout::Dense);
}

TEST(LayerNorm, OddSizesWithAndWithoutWeights) {
  Runner runner(example("05-layer-norm", "layer_norm"), "layer_norm");
  const float tiny = 1e-5F;
  auto check = [&](DType type, std::int64_t rows, std::int64_t columns, Layout layout, bool hasWeight, bool hasBias) {
    Array x = randomArray(type, {rows, columns}, layout, 6);
    Array weight = randomArray(type, {columns}, Layout::Dense, 7),
          bias = randomArray(type, {columns}, Layout::Dense, 8);
    std::vector<Expected> want;
    auto n = static_cast<double>(columns);
    for (std::int64_t i = 0; i < rows; ++i) {
      double mean = 0, absolute = 0, variance = 0, largest = 0;
      for (std::int64_t j = 0; j < columns; ++j) {
        mean += x.get(i * columns + j) / n;
        absolute += std::abs(x.get(i * columns + j));
        largest = std::max(largest, std::abs(x.get(i * columns + j)));
      }
      for (std::int64_t j = 0; j < columns; ++j)
        variance += std::pow(x.get(i * columns + j) - mean, 2) / n;
      double meanError = (n + 2) * epsilon * absolute / n;
      // Each difference is off by the mean's error and two roundings of its own; the variance by what that and adding up make.
      double error = meanError + 3 * epsilon * (largest + std::abs(mean));
      double varianceError = 2 * error * std::sqrt(variance) + error * error + (n + 4) * epsilon * variance;
      double scale = 1 / std::sqrt(variance + tiny);
      double scaleError = 0.5 * varianceError / (variance + tiny) + 4 * epsilon;
      for (std::int64_t j = 0; j < columns; ++j) {
        double centered = x.get(i * columns + j) - mean;
        double w = hasWeight ? weight.get(j) : 1, b = hasBias ? bias.get(j) : 0;
        double value = centered * scale * w + b;
        double off = scale * std::abs(w) * (error + std::abs(centered) * (scaleError + 4 * epsilon)) +
                     2 * epsilon * (std::abs(value) + std::abs(b));
        want.push_back({value, 1.01 * off + rounding(value, type)});
      }
    }
    std::string what =
        runner.text(type, {rows, columns}, {layout}) + (hasWeight ? ", weight" : "") + (hasBias ? ", bias" : "");
    runner.check(
        what, [&] { return Array(type, {rows, columns}, layout); },
        [&](Array &y) -> std::vector<Operand> {
          return {x, hasWeight ? Operand(weight) : Operand(std::nullopt),
                  hasBias ? Operand(bias) : Operand(std::nullopt), tiny, &y};
        },
        want);
  };
  for (std::int64_t columns : {1, 7, 63, 65, 127, 1000})
    check(DType::F32, 5, columns, Layout::Dense, true, true);
  check(DType::F32, 0, 7, Layout::Dense, true, true);
  for (bool hasWeight : {false, true})
    for (bool hasBias : {false, true})
      check(DType::F32, 9, 127, Layout::Padded, hasWeight, hasBias);
  for (DType type : {DType::F16, DType::BF16, DType::F64})
    check(type, 3, 63, Layout::Dense, true, false);
  for (Layout layout : layouts())
    check(DType::F32, 7, 65, layout, false, true);
}

//===----------------------------------------------------------------------===//
// Products
//===----------------------------------------------------------------------===//

/// a * b with bounds on the error of summing in f32 in any order.
static std::vector<Expected> product(const Array &a, const Array &b, std::int64_t m, std::int64_t k, std::int64_t n) {
  std::vector<Expected> want(m * n);
  for (std::int64_t i = 0; i < m; ++i)
    for (std::int64_t l = 0; l < k; ++l)
      for (std::int64_t j = 0; j < n; ++j) {
        double term = a.get(i * k + l) * b.get(l * n + j);
        want[i * n + j].value += term;
        want[i * n + j].error += std::abs(term) * static_cast<double>(k + 2) * epsilon;
      }
  return want;
}

/// Runs the example's product of random matrices in all of the runner's ways.
static void checkMatmul(Runner &runner, DType type, std::int64_t m, std::int64_t n, std::int64_t k, Layout ofA,
                        Layout ofB, Layout ofC) {
  Array a = randomArray(type, {m, k}, ofA, 9), b = randomArray(type, {k, n}, ofB, 10);
  std::vector<Expected> want = product(a, b, m, k, n);
  for (Expected &element : want)
    element.error += rounding(element.value, type);
  runner.check(
      runner.text(type, {m, n, k}, {ofA, ofB, ofC}), [&] { return Array(type, {m, n}, ofC); },
      [&](Array &c) -> std::vector<Operand> { return {a, b, &c}; }, want);
}

TEST(Matmul, OddSizesAndStages) {
  Runner runner(example("06-matmul", "matmul"), "matmul");
  auto check = [&](auto... what) { checkMatmul(runner, what...); };
  tile::Parameters small = {{"BM", 64}, {"BN", 64}, {"BK", 32}};
  Layout dense = Layout::Dense;
  runner.ways = stages({1, 2, 3, 4, 5, 6}, small);
  // 0 to 8 iterations.
  for (std::int64_t k : {0, 1, 33, 65, 127, 129, 161, 193, 225})
    check(DType::F32, 65, 63, k, dense, dense, dense);
  runner.ways = stages({1, 3}, small);
  for (auto [m, n] : {std::pair<std::int64_t, std::int64_t>{1, 1}, {1, 127}, {127, 7}, {0, 5}, {5, 0}, {129, 130}})
    check(DType::F32, m, n, 67, dense, dense, dense);
  for (DType type : {DType::F16, DType::BF16})
    for (Layout layout : {Layout::Padded, Layout::Transposed})
      check(type, 65, 63, 127, layout, dense, dense);
  for (Layout layout : layouts()) {
    check(DType::F32, 65, 67, 97, layout, dense, dense);
    check(DType::F32, 65, 67, 97, dense, layout, Layout::Padded);
  }
  check(DType::F32, 65, 67, 97, Layout::Transposed, Layout::Transposed, Layout::Transposed);
  runner.ways = {{}};
  check(DType::F32, 127, 257, 300, dense, dense, dense);
}

/// Rows of whole 16 bytes, which copies of whole tiles ask for, and tiles that products of whole warpgroups take; ends that cut tiles, and
/// more tiles than a processor has at once.
TEST(Matmul, AlignedSizes) {
  Runner runner(example("06-matmul", "matmul"), "matmul");
  auto check = [&](auto... what) { checkMatmul(runner, what...); };
  Layout dense = Layout::Dense, turned = Layout::Transposed;
  runner.ways = stages({2, 3}, {{"BM", 128}, {"BN", 256}, {"BK", 64}});
  for (Layout ofA : {dense, turned})
    for (Layout ofB : {dense, turned})
      check(DType::BF16, 136, 264, 200, ofA, ofB, dense);
  check(DType::F16, 128, 256, 64, dense, turned, turned);
  check(DType::F16, 264, 520, 0, dense, dense, dense);
  runner.ways = stages({2, 4}, {{"BM", 64}, {"BN", 64}, {"BK", 32}});
  check(DType::BF16, 1032, 1000, 72, dense, turned, dense);
  check(DType::BF16, 72, 72, 8, turned, dense, turned);
  runner.ways = stages({2}, {{"BM", 256}, {"BN", 64}, {"BK", 128}});
  check(DType::BF16, 520, 136, 264, dense, dense, dense);
}

TEST(MatmulGelu, WithAndWithoutBias) {
  Runner runner(example("07-matmul-gelu", "matmul_gelu"), "matmul_gelu");
  runner.ways = stages({1, 2, 5}, {{"BM", 64}, {"BN", 64}, {"BK", 32}});
  auto check = [&](DType type, std::int64_t m, std::int64_t n, std::int64_t k, Layout layout, bool hasBias) {
    Array a = randomArray(type, {m, k}, layout, 11), b = randomArray(type, {k, n}, layout, 12),
          bias = randomArray(type, {n}, Layout::Dense, 13);
    std::vector<Expected> want = product(a, b, m, k, n);
    for (std::int64_t i = 0; i < m * n; ++i) {
      Expected &element = want[i];
      double x = element.value + (hasBias ? bias.get(i % n) : 0);
      double value = 0.5 * x * (1 + std::erf(x / std::sqrt(2.0)));
      // GELU is nowhere steeper than 1.13; its own arithmetic is off by a few roundings of |x|.
      element = {value,
                 1.13 * (element.error + epsilon * std::abs(x)) + 5 * epsilon * std::abs(x) + rounding(value, type)};
    }
    runner.check(
        runner.text(type, {m, n, k}, {layout}) + (hasBias ? ", bias" : ""), [&] { return Array(type, {m, n}, layout); },
        [&](Array &c) -> std::vector<Operand> { return {a, b, hasBias ? Operand(bias) : Operand(std::nullopt), &c}; },
        want);
  };
  for (bool hasBias : {false, true}) {
    check(DType::F32, 65, 127, 63, Layout::Dense, hasBias);
    check(DType::F32, 7, 1, 1000, Layout::Dense, hasBias);
    check(DType::F32, 65, 63, 0, Layout::Dense, hasBias);
    check(DType::BF16, 63, 65, 127, Layout::Padded, hasBias);
  }
  check(DType::F16, 63, 65, 127, Layout::Transposed, true);
  // Rows of whole 16 bytes, and tiles that products of whole warpgroups take.
  runner.ways = stages({2}, {{"BM", 128}, {"BN", 256}, {"BK", 64}});
  for (bool hasBias : {false, true})
    check(DType::BF16, 264, 520, 200, Layout::Dense, hasBias);
  runner.ways = stages({2}, {{"BM", 64}, {"BN", 128}, {"BK", 32}});
  check(DType::F16, 200, 264, 72, Layout::Dense, true);
}

//===----------------------------------------------------------------------===//
// The tests themselves
//===----------------------------------------------------------------------===//

/// A reference that is off by a few units in the last place, or in one element, is found out.
TEST(Tolerances, NoticeSmallErrors) {
  const std::int64_t m = 33, n = 31, k = 65;
  Array a = randomArray(DType::F32, {m, k}, Layout::Dense, 14), b = randomArray(DType::F32, {k, n}, Layout::Dense, 15);
  std::vector<Expected> want = product(a, b, m, k, n);
  Array right(DType::F32, {m, n}), wrong(DType::F32, {m, n});
  for (std::int64_t i = 0; i < m * n; ++i) {
    right.set(i, want[i].value);
    wrong.set(i, want[i].value);
  }
  EXPECT_EQ(difference(right, want), "");
  // One product is missing from one element.
  wrong.set(5, want[5].value - a.get(0) * b.get(5));
  EXPECT_NE(difference(wrong, want), "");
  EXPECT_NE(bitDifference(DType::F32, wrong.allBits(), right.allBits()), "");

  Array x = randomArray(DType::F32, {1, 1000}, Layout::Dense, 16);
  std::vector<Expected> rows = softmax(x, 1, 1000, 0);
  Array y(DType::F32, {1, 1000});
  for (std::int64_t i = 0; i < 1000; ++i)
    y.set(i, rows[i].value * (1 + 3e-4));
  EXPECT_NE(difference(y, rows), "");
  y.set(0, NAN);
  EXPECT_NE(difference(y, rows), "");
}
