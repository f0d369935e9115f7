//===- DotTests.cpp - Products of every type and size ------------*- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// \file
/// Products of every type that `dot` takes, of tiles from 1 by 1 up, with operands read directly, computed and transposed, in memory of
/// every layout, at several numbers of stages; and products of products. Small integers must come out exactly; other numbers within
/// the bound of summing in any order, with the products' last bits cut off rather than rounded, as tensor cores do.
///
//===----------------------------------------------------------------------===//

#include "Launch.h"

#include <cmath>
#include <sstream>
#include <tuple>

using namespace numeric;
using tile::DType;

namespace {

/// What is multiplied.
struct Types {
  const char *name;
  DType a, b, to;
  bool tf32 = false;
};
const Types allTypes[] = {
    {"f32", DType::F32, DType::F32, DType::F32},
    {"f16", DType::F16, DType::F16, DType::F32},
    {"bf16", DType::BF16, DType::BF16, DType::F32},
    {"tf32", DType::F32, DType::F32, DType::F32, true},
    {"f64", DType::F64, DType::F64, DType::F64},
    {"i8", DType::I8, DType::I8, DType::I32},
    {"u8", DType::U8, DType::U8, DType::I32},
    {"u8_i8", DType::U8, DType::I8, DType::I32},
    {"i8_u8", DType::I8, DType::U8, DType::I32},
    {"f8e4m3", DType::F8E4M3, DType::F8E4M3, DType::F32},
    {"f8e5m2", DType::F8E5M2, DType::F8E5M2, DType::F32},
};
constexpr int typeCount = std::size(allTypes);

std::string nameOfType(DType type) { return tile::nameOf(type); }

/// How an operand comes to the product.
enum class Form : std::uint8_t { Direct, Scaled };

/// An operand in the text and in the reference. The inner axis is that of the loop.
struct Side {
  DType type = DType::F32;
  Form form = Form::Direct;
  /// The view has the inner axis where the other one is expected.
  bool transposed = false;
  Layout layout = Layout::Dense;
};

struct Product {
  Types types;
  std::int64_t m, n, k;
  Side a, b;
  /// What the loop leaves is added to a row and folded.
  bool epilogue = false;

  std::string source() const;
  std::int64_t bytesOfTiles() const { return (m * tile::sizeOf(types.a) + n * tile::sizeOf(types.b)) * k; }
  /// The most stages that shared memory of 96 KiB has place for, beside what computed operands and results go through.
  std::int64_t mostStages() const {
    std::int64_t room = (96 << 10) - bytesOfTiles() - m * n * tile::sizeOf(types.to);
    return std::clamp<std::int64_t>(room / std::max<std::int64_t>(1, bytesOfTiles()), 1, 6);
  }
};

/// `name[…]` with its operand's own conversion: `scale` has an element for each position of the inner axis.
std::string textOf(const Side &side, const std::string &name, bool isLeft, std::int64_t outer, std::int64_t inner) {
  std::string o = (isLeft ? "m +: " : "n +: ") + std::to_string(outer), k = "k +: " + std::to_string(inner);
  bool innerFirst = isLeft == side.transposed;
  std::string text = name + "[" + (innerFirst ? k + ", " + o : o + ", " + k) + "]";
  if (side.transposed)
    text = "transpose(" + text + ")";
  if (side.form == Form::Direct)
    return text;
  std::string scale = name + "s[" + k + "]";
  std::string axis = isLeft ? "" : "[:, new]", type = nameOfType(side.type);
  if (!isFloat(side.type))
    return "(" + text + " + " + scale + axis + ")";
  if (side.type == DType::F8E4M3 || side.type == DType::F8E5M2)
    return type + "(f32(" + text + ") * f32(" + scale + axis + "))";
  return "(" + text + " * " + scale + axis + ")";
}

std::string Product::source() const {
  std::ostringstream out;
  auto number = [](std::int64_t n) { return std::to_string(n); };
  std::string to = nameOfType(types.to), bm = number(m), bn = number(n);
  out << "kernel product<S: int in 1..=6 = auto>\n    (a: " << nameOfType(types.a)
      << (a.transposed ? "[K, M]" : "[M, K]") << ", b: " << nameOfType(types.b) << (b.transposed ? "[N, K]" : "[K, N]")
      << ",\n     as: " << nameOfType(types.a) << "[K], bs: " << nameOfType(types.b) << "[K], row: " << to
      << "[N],\n     c: out " << to << "[M, N], tops: out " << to << "[cdiv(N, " << bn << "), M])\n    grid (cdiv(M, "
      << bm << "), cdiv(N, " << bn << "))\n{\n  let m = program(0) * " << bm << ", n = program(1) * " << bn
      << ";\n  var acc = " << to << "[" << bm << ", " << bn << "](0);\n  for k in 0..K step " << k
      << ", stages = S {\n    acc += dot(" << textOf(a, "a", true, m, k) << ", " << textOf(b, "b", false, n, k)
      << (types.tf32 ? ", precision = tf32" : "") << ");\n  }\n";
  if (epilogue)
    out << "  let sum = acc + row[n +: " << bn << "];\n  tops[program(1), m +: " << bm
        << "] = max(sum, axis = 1);\n  c[m +: " << bm << ", n +: " << bn << "] = sum;\n}\n";
  else
    out << "  c[m +: " << bm << ", n +: " << bn << "] = acc;\n}\n";
  return out.str();
}

/// The elements of an operand as the product sees them: outer times inner.
std::vector<double> operandOf(const Side &side, const Array &array, const Array &scale, bool isLeft) {
  bool innerFirst = isLeft == side.transposed;
  std::int64_t inner = array.shape()[innerFirst ? 0 : 1], outer = array.shape()[innerFirst ? 1 : 0];
  std::vector<double> values;
  for (std::int64_t o = 0; o < outer; ++o)
    for (std::int64_t k = 0; k < inner; ++k) {
      double value = array.get(innerFirst ? k * outer + o : o * inner + k);
      if (side.form == Form::Scaled)
        value = isFloat(side.type)
                    ? roundTo(value * scale.get(k), side.type)
                    : static_cast<double>(
                          wrapTo(static_cast<__int128>(value) + static_cast<__int128>(scale.get(k)), side.type));
      values.push_back(value);
    }
  return values;
}

/// The sum of products with a bound on its error: none where all terms are small integers.
struct Sum {
  double value = 0, absolute = 0, most = 0;
  bool exact = true;
  void add(double term) {
    value += term;
    absolute += std::abs(term);
    most = std::max({most, std::abs(term), std::abs(value)});
    exact &= std::nearbyint(term * 64) == term * 64;
  }
  /// Products of warpgroups cut off what is small beside the largest term, of 8-bit floats, at 13 bits.
  Expected expected(const Types &types, std::int64_t terms, bool ofWarpgroups) const {
    if (!isFloat(types.to))
      return {static_cast<double>(static_cast<std::int32_t>(static_cast<std::int64_t>(value))), 0};
    if (ofWarpgroups && tile::sizeOf(types.a) == 1) {
      if (exact && absolute * 64 <= 0x1p12)
        return {value, 0};
      return {value, static_cast<double>(terms + 4) * (0x1p-12 * 1.04 * most + absolute * 0x1p-23)};
    }
    if (exact && absolute * 64 <= 0x1p24)
      return {value, 0};
    double epsilon = types.to == DType::F64 ? 0x1p-53 : 0x1p-23;
    double operands = types.tf32 ? 2.1 * 0x1p-10 : 0;
    return {value, absolute * (static_cast<double>(terms + 4) * epsilon + operands)};
  }
};

/// Numbers from here on are of products that whole warpgroups take from where tensor copies have put their operands: tiles of at least 64 rows,
/// arrays whose rows are whole 16 bytes, and k along the rows where elements are not of 16 bits.
constexpr int firstWhole = 10000;

Product makeWholeProduct(int number, Random &random) {
  Product product;
  product.types = allTypes[number % typeCount];
  std::tie(product.m, product.n) =
      random.pick<std::pair<std::int64_t, std::int64_t>>({{64, 64}, {128, 64}, {64, 128}, {256, 32}, {64, 16}});
  std::int64_t bytes = tile::sizeOf(product.types.a);
  product.k = (std::int64_t(32) << random.range(0, 2)) / bytes;
  auto side = [&](DType type, bool isLeft) {
    bool isAlongK = bytes != 2 || random.chance(0.5);
    Layout rows = random.chance(0.7) ? Layout::Dense : Layout::Padded;
    return Side{type, Form::Direct, false, isLeft == isAlongK ? rows : Layout::Transposed};
  };
  product.a = side(product.types.a, true);
  product.b = side(product.types.b, false);
  product.epilogue = random.chance(0.3);
  return product;
}

Product makeProduct(int number, Random &random) {
  if (number >= firstWhole)
    return makeWholeProduct(number, random);
  Product product;
  product.types = allTypes[number % typeCount];
  auto extent = [&] { return std::int64_t(1) << random.range(0, 7); };
  // The first few are tiny, others of the shapes of everyday life; the rest may be any.
  const std::int64_t tiny[][3] = {{1, 4, 8}, {1, 1, 1}, {2, 1, 4}, {1, 128, 16}, {128, 1, 16}, {4, 4, 2}, {8, 2, 64}};
  const std::int64_t common[][3] = {{64, 64, 32}, {128, 64, 32}, {16, 16, 16}, {32, 32, 64}, {64, 128, 16}};
  int round = number / typeCount;
  if (round == 0) {
    const auto &size = tiny[number % std::size(tiny)];
    product.m = size[0], product.n = size[1], product.k = size[2];
  } else if (round == 1) {
    const auto &size = common[number % std::size(common)];
    product.m = size[0], product.n = size[1], product.k = size[2];
  } else {
    do
      product.m = extent(), product.n = extent(), product.k = extent();
    while (product.m * product.n * product.k > (std::int64_t(1) << 19) || product.bytesOfTiles() > 32 << 10);
  }
  auto side = [&](DType type) {
    return Side{type, random.chance(0.5) ? Form::Direct : Form::Scaled, random.chance(0.5),
                random.chance(0.4) ? Layout::Dense : random.pick(layouts())};
  };
  product.a = side(product.types.a);
  product.b = side(product.types.b);
  product.epilogue = random.chance(0.4);
  return product;
}

/// Fills with powers of two, by which everything can be multiplied exactly, or with small integers.
void fillScale(Array &array, Random &random) {
  for (std::int64_t i = 0; i < array.size(); ++i)
    array.set(i,
              isFloat(array.type()) ? random.pick<double>({1, -1, 2, 0.5}) : static_cast<double>(random.range(0, 3)));
}

/// The numbers of stages that are tried.
std::vector<std::int64_t> stagesOn(const std::string &device, int number, std::int64_t most) {
  auto turn = [&](int by) { return std::min<std::int64_t>(2 + (number + by) % 5, most); };
  if (device == "cpu")
    return {1, turn(0)};
  if (device == "cpu-late")
    return {turn(1)};
  return {1, turn(0), turn(2), 0};
}

tile::Parameters parametersFor(std::int64_t stages) {
  return {{"S", stages ? tile::Parameter(stages) : tile::Parameter("auto")}};
}

std::uint64_t seedOf(int number) { return (std::uint64_t(options.seed) << 32) + 0xd07 * 65536 + number; }

class DotTest : public testing::TestWithParam<int> {};
class ChainTest : public testing::TestWithParam<int> {};

} // namespace

TEST_P(DotTest, IsExactOrWithinItsBound) {
  Random random(seedOf(GetParam()));
  Product product = makeProduct(GetParam(), random);
  std::string source = product.source();
  const Types &types = product.types;
  // Any tile as high may be one of warpgroups, by chance.
  bool isWhole = GetParam() >= firstWhole, ofWarpgroups = product.m >= 64;
  // From nothing to some tiles, mostly odd.
  auto extent = [&](std::int64_t width) {
    return random.chance(0.2) ? width : random.range(1, std::min<std::int64_t>(3 * width, width + 70)) | 1;
  };
  for (bool exact : {true, false}) {
    std::int64_t m = extent(product.m), n = extent(product.n), k = random.range(0, 5) * product.k;
    if (random.chance(0.7))
      k += random.range(0, product.k);
    if (isWhole) {
      auto whole = [](std::int64_t number) { return (number + 15) / 16 * 16; };
      m = whole(m), n = whole(n), k = whole(k + 1);
    }
    auto shape = [](bool transposed, std::int64_t rows, std::int64_t columns) {
      return transposed ? std::vector{columns, rows} : std::vector{rows, columns};
    };
    Array a(types.a, shape(product.a.transposed, m, k), product.a.layout),
        b(types.b, shape(product.b.transposed, k, n), product.b.layout);
    Array as(types.a, {k}), bs(types.b, {k}), row(types.to, {n});
    for (Array *array : {&a, &b})
      array->fillRandom(random, exact);
    if (!exact && !isFloat(types.a))
      for (Array *array : {&a, &b})
        for (std::int64_t i = 0; i < array->size(); ++i)
          array->setBits(i, random.bits());
    fillScale(as, random);
    fillScale(bs, random);
    row.fillRandom(random, true);

    std::vector<double> left = operandOf(product.a, a, as, true), right = operandOf(product.b, b, bs, false);
    std::vector<Expected> want, tops;
    std::int64_t tiles = (n + product.n - 1) / product.n;
    tops.resize(tiles * m);
    // Columns beyond the edge are 0 and take part in the fold, after what was added to them.
    auto beyond = [&](std::int64_t l) { return product.b.form == Form::Scaled && !isFloat(types.b) ? bs.get(l) : 0.0; };
    for (std::int64_t i = 0; i < m; ++i)
      for (std::int64_t t = 0; t < tiles; ++t) {
        Expected top{-INFINITY, 0};
        for (std::int64_t j = t * product.n; j < (t + 1) * product.n; ++j) {
          Sum sum;
          for (std::int64_t l = 0; l < k; ++l)
            sum.add(left[i * k + l] * (j < n ? right[j * k + l] : beyond(l)));
          if (product.epilogue && j < n)
            sum.add(row.get(j));
          Expected element = sum.expected(types, k + 1, ofWarpgroups);
          top = {std::max(top.value, element.value), std::max(top.error, element.error)};
          if (j < n)
            want.push_back(element);
        }
        tops[t * m + i] = top;
      }

    Agreement products, folds;
    for (const std::string &device : deviceNames())
      for (std::int64_t stages : stagesOn(device, GetParam(), product.mostStages())) {
        Array c(types.to, {m, n}, random.chance(0.5) || isWhole ? Layout::Dense : random.pick(layouts())),
            top(types.to, {tiles, m});
        std::ostringstream where;
        where << types.name << " " << m << " x " << n << " x " << k << ", a " << numeric::nameOf(product.a.layout)
              << ", b " << numeric::nameOf(product.b.layout) << ", c at " << c.tensor().strides()[0] << ", "
              << c.tensor().strides()[1] << " on " << device << ", S = " << stages << ", --seed=" << options.seed
              << ", number " << GetParam() << "\n"
              << source;
        try {
          launch(tile::Program::fromString(source, "product.tile")
                     .kernel("product", parametersFor(stages), optionsOn(device)),
                 device, {a, b, as, bs, row, &c, &top});
        } catch (const tile::Error &error) {
          FAIL() << error.what() << "\n" << where.str();
        }
        ASSERT_EQ(difference(c, want), "") << where.str();
        // A warpgroup's product cuts f32 to tf32, where others round, and sums of 8-bit floats; and it takes part at some numbers of stages.
        bool isCut = ofWarpgroups && (types.tf32 || (isFloat(types.to) && tile::sizeOf(types.a) == 1));
        if (!isCut)
          ASSERT_EQ(products.difference(device, c), "") << "the bits differ: " << where.str();
        ASSERT_TRUE(c.intact()) << where.str();
        if (product.epilogue) {
          ASSERT_EQ(difference(top, tops), "") << "folded: " << where.str();
          if (!isCut)
            ASSERT_EQ(folds.difference(device, top), "") << "folded, the bits differ: " << where.str();
        }
      }
  }
}

INSTANTIATE_TEST_SUITE_P(Generated, DotTest, testing::Range(0, static_cast<int>(options.programs)));
INSTANTIATE_TEST_SUITE_P(Whole, DotTest, testing::Range(firstWhole, firstWhole + static_cast<int>(options.programs)));

//===----------------------------------------------------------------------===//
// Products of products
//===----------------------------------------------------------------------===//

/// Attention without its exponentials: everything stays a small integer, so that results must be equal in every order.
TEST_P(ChainTest, IsExact) {
  Random random(seedOf(GetParam()) + 7);
  const Types chained[] = {allTypes[2], allTypes[1], allTypes[0], allTypes[5], allTypes[9], allTypes[4], allTypes[3]};
  Types types = chained[GetParam() % std::size(chained)];
  // Rows and columns of the first product, its inner axis, and columns of the second.
  // Half of those of 16 bits are made for warpgroups.
  bool ofWarpgroups = tile::sizeOf(types.a) == 2 && random.chance(0.5);
  std::int64_t bm, bn, bd, be, bytes;
  do {
    auto extent = [&](int least, int most) { return std::int64_t(1) << random.range(ofWarpgroups ? 4 : least, most); };
    bm = ofWarpgroups ? random.pick<std::int64_t>({64, 128}) : extent(0, 7);
    bn = extent(0, 6), bd = extent(0, 7), be = extent(0, 7);
    bytes = (bm * bd + bn * bd + bn * be) * tile::sizeOf(types.a);
  } while (bm * bn * (bd + be) > 1 << (ofWarpgroups ? 20 : 19) || bytes > 24 << 10 ||
           bm * be > (ofWarpgroups ? 16384 : 4096));
  bool turned = random.chance(0.5), fromMemory = random.chance(0.5), wide = random.chance(0.5);
  std::string type = nameOfType(types.a), to = nameOfType(types.to);
  auto at = [](const char *start, std::int64_t width) { return std::string(start) + " +: " + std::to_string(width); };
  std::string option = types.tf32 ? ", precision = tf32" : "";
  std::string query = "q[" + at("m", bm) + ", " + at("0", bd) + "]";
  std::ostringstream out;
  out << "kernel chained<S: int in 1..=6 = auto>\n    (q: " << type << "[M, D], k: " << type
      << (turned ? "[D, N]" : "[N, D]") << ", v: " << type << "[N, E], o: out " << to << "[M, E], counts: out " << to
      << "[M])\n    grid (cdiv(M, " << bm << "))\n{\n  let m = program(0) * " << bm << ";\n";
  if (!fromMemory)
    out << "  let x = " << query << ";\n";
  out << "  var acc = " << to << "[" << bm << ", " << be << "](0), total = " << to << "[" << bm << "](0);\n"
      << "  for n in 0..N step " << bn << ", stages = S {\n    let s = dot(" << (fromMemory ? query : "x") << ", "
      << (turned ? "k[" + at("0", bd) + ", " + at("n", bn) + "]"
                 : "transpose(k[" + at("n", bn) + ", " + at("0", bd) + "])")
      << option << ");\n    let p = max(s - max(s, axis = 1)[:, new], -8);\n    total += sum(p, axis = 1);\n";
  // Scaled rows, as a softmax scales what it has so far.
  if (wide)
    out << "    acc = where(total[:, new] < -1000000, " << to << "(0), acc);\n";
  out << "    acc += dot(" << type << "(p), v[" << at("n", bn) << ", " << at("0", be) << "]" << option
      << ");\n  }\n  o[" << at("m", bm) << ", " << at("0", be) << "] = acc;\n  counts[" << at("m", bm)
      << "] = total;\n}\n";
  std::string source = out.str();

  std::int64_t m = random.range(1, 2 * bm) | 1, n = random.range(0, 4 * bn), d = random.range((bd + 1) / 2, bd),
               e = random.range((be + 1) / 2, be);
  auto layout = [&] {
    return ofWarpgroups ? Layout::Padded : random.chance(0.5) ? Layout::Dense : random.pick(layouts());
  };
  Array q(types.a, {m, d}, layout()), k(types.a, turned ? std::vector{d, n} : std::vector{n, d}, layout()),
      v(types.a, {n, e}, layout());
  for (Array *array : {&q, &k, &v})
    for (std::int64_t i = 0; i < array->size(); ++i)
      array->set(i, static_cast<double>(random.range(-1, 1)));
  std::vector<Expected> want(m * e), counts(m);
  for (std::int64_t i = 0; i < m; ++i)
    for (std::int64_t t = 0; t < n; t += bn) {
      // Beyond the last row of k all is 0, and takes part in the fold.
      std::vector<double> s(bn);
      double top = -INFINITY;
      for (std::int64_t j = 0; j < bn; ++j) {
        for (std::int64_t l = 0; t + j < n && l < d; ++l)
          s[j] += q.get(i * d + l) * k.get(turned ? l * n + t + j : (t + j) * d + l);
        top = std::max(top, s[j]);
      }
      for (std::int64_t j = 0; j < bn; ++j) {
        double p = std::max(s[j] - top, -8.0);
        counts[i].value += p;
        for (std::int64_t c = 0; t + j < n && c < e; ++c)
          want[i * e + c].value += p * v.get((t + j) * e + c);
      }
    }

  std::int64_t most = std::clamp<std::int64_t>(((80 << 10) - bm * (bn + be) * 4) / bytes, 1, 6);
  for (const std::string &device : deviceNames())
    for (std::int64_t stages : stagesOn(device, GetParam(), most)) {
      Array o(types.to, {m, e}, layout()), count(types.to, {m});
      std::ostringstream where;
      where << types.name << ", M = " << m << ", N = " << n << ", D = " << d << ", E = " << e << " on " << device
            << ", S = " << stages << ", --seed=" << options.seed << ", number " << GetParam() << "\n"
            << source;
      try {
        tile::Prepared launched = launch(tile::Program::fromString(source, "chained.tile")
                                             .kernel("chained", parametersFor(stages), optionsOn(device)),
                                         device, {q, k, v, &o, &count});
        // No tensor map describes nothing.
        if (targetOn(device) == "sm_90a" && ofWarpgroups && stages != 1 && n > 1)
          ASSERT_EQ(launched.report().producerThreads, 128) << where.str();
      } catch (const tile::Error &error) {
        FAIL() << error.what() << "\n" << where.str();
      }
      ASSERT_EQ(difference(o, want), "") << where.str();
      ASSERT_EQ(difference(count, counts), "") << "folded: " << where.str();
      ASSERT_TRUE(o.intact()) << where.str();
    }
}

INSTANTIATE_TEST_SUITE_P(Generated, ChainTest, testing::Range(0, static_cast<int>(options.programs) / 2));
