//===- HopperKernels.cpp - Loops of products, in every form ------*- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "HopperKernels.h"

using namespace numeric;
using namespace numeric::hopper;
using tile::DType;

static const Types allTypes[] = {
    {"bf16", DType::BF16, DType::BF16, DType::F32},
    {"f16", DType::F16, DType::F16, DType::F32},
    {"tf32", DType::F32, DType::F32, DType::F32, true},
    {"bf16", DType::BF16, DType::BF16, DType::F32},
    {"f8e4m3", DType::F8E4M3, DType::F8E4M3, DType::F32},
    {"f16", DType::F16, DType::F16, DType::F32},
    {"i8", DType::I8, DType::I8, DType::I32},
    {"f8e5m2", DType::F8E5M2, DType::F8E5M2, DType::F32},
    {"u8", DType::U8, DType::U8, DType::I32},
    {"u8_i8", DType::U8, DType::I8, DType::I32},
    {"i8_u8", DType::I8, DType::U8, DType::I32},
};

static constexpr Shape allShapes[] = {Shape::Plain,    Shape::Gated,   Shape::Paged,  Shape::Resumed, Shape::Batched,
                                      Shape::Separate, Shape::Clipped, Shape::Folded, Shape::Added,   Shape::Expert,
                                      Shape::Kept,     Shape::Plain,   Shape::Ragged, Shape::Shifted, Shape::Counted,
                                      Shape::Masked,   Shape::Started, Shape::Fresh,  Shape::Guarded, Shape::Negated,
                                      Shape::Weighed,  Shape::Known,   Shape::Negated};
static constexpr int shapeCount = std::size(allShapes);

/// What each of them makes `x` of. $left and $right are the operands of the first product, $left2 and $right2 those of the second, in
/// a loop of their own if there is one.
static const char *textOf(Shape shape) {
  switch (shape) {
  case Shape::Plain:
    return R"(
  var x = $zero;
  for k in 0..K step $bk, stages = S { x += dot($left, $right); }
)";
  case Shape::Gated:
    return R"(
  var x = $zero, y = $zero;
  for k in 0..K step $bk, stages = S {
    let left = $left;
    x += dot(left, $right);
    y += dot(left, $right2);
  }
  x = x $with y;
)";
  case Shape::Resumed:
    return R"(
  var x = $zero;
  for k in 0..K step $bk, stages = S { x += dot($left, $right); }
  for k in 0..K2 step $bk, stages = S { x += dot($left2, $right2); }
)";
  case Shape::Separate:
    return R"(
  var x = $zero, y = $zero;
  for k in 0..K step $bk, stages = S { x += dot($left, $right); }
  for k in 0..K2 step $bk, stages = S { y += dot($left2, $right2); }
  x = x $with y;
)";
  case Shape::Folded:
    return R"(
  var x = $zero;
  for z in 0..Z, stages = 1 {
    for k in 0..K step $bk, stages = S { x += dot($left, $right); }
  }
)";
  case Shape::Batched:
    return R"(
  let z = program(2);
  var x = $zero;
  for k in 0..K step $bk, stages = S { x += dot($left, $right); }
)";
  case Shape::Expert:
    return R"(
  let z = program(2), e = chosen[z];
  var x = $zero;
  for k in 0..K step $bk, stages = S { x += dot($left, $right); }
)";
  case Shape::Started:
    return R"(
  var x = $zero + 3;
  for k in 0..K step $bk, stages = S { x += dot($left, $right); }
)";
  case Shape::Fresh:
    return R"(
  var x = $zero;
  for k in 0..K step $bk, stages = S { x += dot($left, $right) * 2; }
)";
  case Shape::Clipped:
    return R"(
  var x = $zero;
  for k in 0..K step $bk, stages = S {
    x += dot($left, $right);
    x = max(x, -1000000000);
  }
)";
  case Shape::Shifted:
    return R"(
  var x = $zero;
  for k in -16..K step $bk, stages = S { x += dot($shifted, $right); }
)";
  case Shape::Ragged:
    return R"(
  let z = program(2);
  var x = $zero;
  for k in index(chosen[z]) * 16..K step $bk, stages = S { x += dot($left, $right); }
)";
  case Shape::Counted:
    return R"(
  var x = $zero, k = index(0);
  for i in 0..cdiv(K, $bk), stages = S {
    x += dot($left, $right);
    k += $bk;
  }
)";
  case Shape::Paged:
    return R"(
  var x = $zero;
  for i in 0..cdiv(K, $bk), stages = S {
    let k = pages[i] * $bk;
    x += dot($left, $right);
  }
)";
  case Shape::Kept:
    return R"(
  for z in 0..Z, stages = 1 {
  var x = $zero;
  for k in 0..K step $bk, stages = S { x += dot($left, $right); }
)";
  case Shape::Added:
    return R"(
  var x = $zero, y = $sum[$bn](0);
  for k in 0..K step $bk, stages = S {
    let right = $right;
    x += dot($left, right$option);
    y += sum($sum(right), axis = 0);
  }
  x += y[new, :];
)";
  case Shape::Negated:
    return R"(
  var x = $zero;
  for k in 0..K step $bk, stages = S { x += dot($negated, $right); }
)";
  case Shape::Weighed:
    return R"(
  var x = $zero, y = $zero;
  for k in 0..K step $bk, stages = S {
    let left = $a($sum($left) * weights[$k][new, :]);
    x += dot(left, $right);
    y += dot(left, $right2);
  }
  x = x $with y;
)";
  case Shape::Known:
    return R"(
  var x = $zero;
  let left = $first;
  for k in 0..K step $bk, stages = S { x += dot(left, $right); }
)";
  case Shape::Masked:
    return R"(
  var x = $zero;
  for k in 0..K step $bk, stages = S { x += dot($left, where(n < 100000, $right, $b(0))$option); }
)";
  case Shape::Guarded:
    return R"(
  var x = $zero;
  if n < 100000 {
    for k in 0..K step $bk, stages = S { x += dot($left, $right); }
  }
)";
  }
  return "";
}

static std::string replaced(std::string text, const std::vector<std::pair<std::string, std::string>> &names) {
  for (const auto &[name, by] : names)
    for (std::size_t at = 0; (at = text.find(name, at)) != std::string::npos; at += by.size())
      text.replace(at, name.size(), by);
  return text;
}

std::string Kernel::source() const {
  auto number = [](std::int64_t n) { return std::to_string(n); };
  std::string m = "m +: " + number(bm), n = "n +: " + number(bn), k = "k +: " + number(bk);
  std::string text = R"(kernel hopper<S: int in 1..=6 = auto>
    (a: $a$aview, b: $b$bview, a2: $a$2aview, b2: $b$2bview,
     chosen: i32[Z], pages: i32[cdiv(K, $bk)], weights: $sum[K], scale: $sum, bias: $sum[N]?, residual: $out$rview?, c: out $out$cview,
     sums: out $sum$cview?)
    grid ($grid)
{
  let m = program(0) * $bm, n = program(1) * $bn;)";
  text += textOf(shape);
  text += std::string("  static if sums { ") + (c.isBatch ? "sums[z, $m, $n]" : "sums[$m, $n]") + " = x; }\n";
  if (scales)
    text += "  x = x * scale;\n";
  text += "  static if bias { x += bias[$n][new, :]; }\n  static if residual { x += $sum($residual); }\n";
  if (bends)
    text += isFloating() ? "  x = gelu(x);\n" : "  x = max(x, 0);\n";
  text += c.isBatch ? "  c[z, $m, $n] = $out(x);\n" : "  c[$m, $n] = $out(x);\n";
  text += shape == Shape::Kept ? "  }\n}\n" : "}\n";
  std::string option = types.tf32 ? ", precision = tf32" : "", which = shape == Shape::Expert ? "e" : "z";
  std::string grid = "cdiv(M, $bm), cdiv(N, $bn)";
  if (isIn({Shape::Batched, Shape::Expert, Shape::Ragged}))
    grid += ", Z";
  return replaced(text,
                  {{"$grid", grid},
                   {"$aview", a.view("M", "K")},
                   {"$bview", b.view("K", "N")},
                   {"$2aview", a.view("M", "K2")},
                   {"$2bview", b.view(sharesLeft() ? "K" : "K2", "N")},
                   {"$rview", residual.view("M", "N")},
                   {"$cview", c.view("M", "N")},
                   {"$residual", residual.read("residual", "z", "$m", "$n")},
                   {"$negated", isFloating() ? "$a(-f32($left))" : "where(m < 100000, $left, $a(0))"},
                   {"$first", a.read("a", "z", "$m", "0 +: $bk")},
                   {"$left2", a.read("a2", "z", "$m", "$k")},
                   {"$right2", b.read("b2", which, "$k", "$n") + option},
                   {"$left", a.read("a", "z", "$m", "$k")},
                   {"$shifted", a.read("a", "z", "m - 16 +: $bm", "$k")},
                   {"$right", b.read("b", which, "$k", "$n") + (isIn({Shape::Added, Shape::Masked}) ? "" : option)},
                   {"$option", option},
                   {"$with", isFloating() ? "*" : "+ 3 *"},
                   {"$zero", "$sum[$bm, $bn](0)"},
                   {"$sum", tile::nameOf(types.sum)},
                   {"$out", tile::nameOf(out)},
                   {"$bm", number(bm)},
                   {"$bn", number(bn)},
                   {"$bk", number(bk)},
                   {"$m", m},
                   {"$n", n},
                   {"$k", k},
                   {"$a", tile::nameOf(types.a)},
                   {"$b", tile::nameOf(types.b)}});
}

/// What the loops leave in an element of `x`, and what the text does with it.
Number Kernel::sumOf(const Sum &first, const Sum &second) const {
  Number x = first.number(types), y = second.number(types);
  if (shape == Shape::Negated && isFloating())
    x.value = -x.value;
  if (isIn({Shape::Gated, Shape::Weighed, Shape::Separate}))
    x = isFloating() ? x * y : x + Number{3, 0} * y;
  if (shape == Shape::Started)
    x = x + Number{3, 0};
  if (shape == Shape::Fresh)
    x = x * Number{2, 0};
  if (shape == Shape::Added)
    x = x + y;
  return x.rounded(isFloating());
}

Number Kernel::finish(Number x, double scale, double bias, double added) const {
  auto then = [&](Number next) { x = next.rounded(isFloating()); };
  if (scales)
    then(x * Number{scale, 0});
  if (hasBias)
    then(x + Number{bias, 0});
  if (hasResidual)
    then(x + Number{added, 0});
  if (bends && !isFloating())
    x.value = std::max(x.value, 0.0);
  if (bends && isFloating())
    x = {0.5 * x.value * std::erfc(-x.value * M_SQRT1_2), 1.2 * x.error + 1e-6 * std::abs(x.value) + 1e-37};
  if (!isFloat(out))
    return {static_cast<double>(wrapTo(static_cast<__int128>(x.value), out)), 0};
  if (x.error == 0)
    return {roundTo(x.value, out), 0};
  return {x.value, x.error + (out == DType::F32 ? 0 : ulpOf(std::abs(x.value) + x.error, out))};
}

Kernel hopper::makeKernel(int number, Random &random) {
  Kernel kernel;
  kernel.types = allTypes[number % std::size(allTypes)];
  kernel.shape = allShapes[number % shapeCount];
  std::int64_t bytes = tile::sizeOf(kernel.types.a);
  bool isWide = kernel.isFloating() && bytes > 1;
  kernel.out = !kernel.isFloating()
                   ? random.pick<DType>({DType::I32, DType::I8, DType::U8})
                   : random.pick<DType>({DType::F32, kernel.types.a, isWide ? DType::BF16 : DType::F16});
  // A product of sums may be beyond the range of the others. No bound on an error says whether that is so.
  if (kernel.isFloating() && kernel.isIn({Shape::Gated, Shape::Weighed, Shape::Separate}) && kernel.out != DType::F32)
    kernel.out = DType::BF16;
  // Not computed with.
  if (kernel.shape == Shape::Masked && !isWide && kernel.isFloating())
    kernel.shape = Shape::Guarded;
  kernel.keepsSums = random.chance(0.15);
  do {
    kernel.bm = random.pick<std::int64_t>({8, 16, 32, 64, 64, 64, 128, 128, 128, 256});
    kernel.bn = random.pick<std::int64_t>({16, 32, 64, 128, 256});
    kernel.bk = random.pick<std::int64_t>({32 / bytes, 32, 64, 128});
  } while (!kernel.fits());
  kernel.stages = std::min(random.range(2, 6), kernel.mostStages());

  // Operands of 16 bits may be contiguous along either axis, if that is 32 bytes long; others are along k.
  auto matrix = [&](bool isLeft) {
    bool isAlongK = bytes != 2 || (isLeft && kernel.bm < 16) || random.chance(0.5), isDense = random.chance(0.3);
    Matrix matrix;
    matrix.isBatch = kernel.isIn({Shape::Batched, Shape::Expert, Shape::Kept, Shape::Folded, Shape::Ragged});
    matrix.isTurned = random.chance(0.3);
    if ((isLeft == isAlongK) != matrix.isTurned)
      matrix.layout = isDense              ? Layout::Dense
                      : random.chance(0.6) ? Layout::Padded
                                           : random.pick<Layout>({Layout::Words, Layout::Pairs});
    else
      matrix.layout = isDense && !matrix.isBatch ? Layout::Transposed
                      : random.chance(0.6)       ? Layout::Columns
                                                 : Layout::WordColumns;
    return matrix;
  };
  kernel.a = matrix(true);
  kernel.b = matrix(false);
  // Where no warpgroups multiply, what threads copy is multiplied as on chips without tensor copies, which takes another stage's room.
  bool hasRoom = kernel.mostStages() > 2;
  for (Matrix *askew : {&kernel.a, &kernel.b})
    if (askew->isAskew() && hasRoom)
      kernel.stages = std::min(kernel.stages, kernel.mostStages() - 1);
    else if (askew->isAskew())
      askew->layout = askew->layout == Layout::WordColumns ? Layout::Columns : Layout::Padded;
  auto layout = [&] {
    return random.chance(0.5) ? Layout::Padded : random.chance(0.4) ? Layout::Columns : random.pick(layouts());
  };
  kernel.residual = {random.chance(0.3), false, layout()};
  kernel.c = {false, kernel.isIn({Shape::Batched, Shape::Expert, Shape::Kept, Shape::Ragged}), layout()};
  kernel.scales = random.chance(0.3);
  kernel.bends = kernel.out != DType::F8E4M3 && random.chance(0.3);
  kernel.hasBias = random.chance(0.4);
  kernel.hasResidual = random.chance(0.4) && (tile::sizeOf(kernel.out) > 1 || !kernel.isFloating());
  return kernel;
}

Extents hopper::makeExtents(const Kernel &kernel, Random &random) {
  auto extent = [&](std::int64_t width, std::int64_t tiles) {
    return random.chance(0.04)  ? 0
           : random.chance(0.2) ? width * random.range(1, tiles)
                                : random.range(1, tiles * width);
  };
  Extents all = {};
  all.count = kernel.a.isBatch ? random.range(1, 3) : 1;
  std::int64_t tiles = kernel.bm * kernel.bn > 16384 ? 2 : 3;
  all.m = extent(kernel.bm, tiles), all.n = extent(kernel.bn, tiles);
  all.k = extent(kernel.bk, 5), all.k2 = extent(kernel.bk, 3);
  if (kernel.sharesLeft())
    all.k2 = all.k;
  // Rows of whole 16 bytes, for which others are padded.
  auto whole = [&](std::int64_t &number) { number = (number + 15) / 16 * 16; };
  for (const Matrix *matrix : {&kernel.a, &kernel.b}) {
    if (matrix->layout != Layout::Dense && matrix->layout != Layout::Transposed)
      continue;
    bool isLeft = matrix == &kernel.a, isAlongRows = (matrix->layout == Layout::Transposed) == matrix->isTurned;
    if (isLeft == isAlongRows)
      whole(all.k), whole(all.k2);
    else
      whole(isLeft ? all.m : all.n);
  }
  return all;
}

Arguments hopper::makeArguments(const Kernel &kernel, const Extents &e, Random &random, bool exact) {
  const Types &types = kernel.types;
  Arguments all = {{types.a, kernel.a.shape(e.count, e.m, e.k), kernel.a.layout},
                   {types.b, kernel.b.shape(e.count, e.k, e.n), kernel.b.layout},
                   {types.a, kernel.a.shape(e.count, e.m, e.k2), kernel.a.layout},
                   {types.b, kernel.b.shape(e.count, e.k2, e.n), kernel.b.layout},
                   {DType::I32, {e.count}},
                   {DType::I32, {(e.k + kernel.bk - 1) / kernel.bk}},
                   {types.sum, {e.k}, random.chance(0.7) ? Layout::Dense : Layout::Strided},
                   {types.sum, {e.n}, random.chance(0.7) ? Layout::Dense : Layout::Strided},
                   {kernel.out, kernel.residual.shape(1, e.m, e.n), kernel.residual.layout},
                   kernel.isFloating() ? random.pick<double>({0.25, 0.5, -1}) : 5};
  for (Array *array : {&all.a, &all.b, &all.a2, &all.b2, &all.bias, &all.residual})
    array->fillRandom(random, exact);
  if (!exact && !kernel.isFloating())
    for (Array *array : {&all.a, &all.b, &all.a2, &all.b2})
      for (std::int64_t i = 0; i < array->size(); ++i)
        array->setBits(i, random.bits());
  for (std::int64_t i = 0; i < e.k; ++i)
    all.weights.set(i, static_cast<double>(random.range(kernel.isFloating() ? -1 : 0, 1)));
  for (std::int64_t i = 0; i < e.count; ++i)
    all.chosen.set(i, static_cast<double>(random.range(0, e.count - 1)));
  // All of them, the last one first.
  for (std::int64_t i = 0, last = all.pages.size() - 1; i <= last; ++i)
    all.pages.set(i, static_cast<double>(last - i));
  return all;
}

Results hopper::reference(const Kernel &kernel, const Extents &e, const Arguments &arguments) {
  std::vector<double> a = kernel.a.elements(arguments.a), b = kernel.b.elements(arguments.b),
                      a2 = kernel.a.elements(arguments.a2), b2 = kernel.b.elements(arguments.b2),
                      added = kernel.residual.elements(arguments.residual);
  auto multiply = [&](Sum &sum, const std::vector<double> &left, const std::vector<double> &right, std::int64_t row,
                      std::int64_t column, std::int64_t from, std::int64_t k) {
    for (std::int64_t l = from; l < k; ++l) {
      double weight = kernel.shape == Shape::Weighed ? arguments.weights.get(l) : 1;
      std::int64_t at = kernel.shape == Shape::Known ? l % kernel.bk : l;
      sum.add(weight * left[row * k + at] * right[(column / e.n * k + l) * e.n + column % e.n]);
    }
  };
  std::int64_t matrices = kernel.c.isBatch ? e.count : 1;
  Results want;
  for (std::int64_t z = 0; z < matrices; ++z)
    for (std::int64_t i = 0; i < e.m; ++i)
      for (std::int64_t j = 0; j < e.n; ++j) {
        Sum first, second;
        auto chosen = static_cast<std::int64_t>(arguments.chosen.get(z));
        std::int64_t last = kernel.shape == Shape::Folded ? e.count : z + 1;
        std::int64_t row = kernel.shape == Shape::Shifted ? i - 16 : i,
                     from = kernel.shape == Shape::Ragged ? chosen * 16 : 0;
        for (std::int64_t y = z; y < last && row >= 0; ++y)
          multiply(first, a, b, y * e.m + row, (kernel.shape == Shape::Expert ? chosen : y) * e.n + j, from, e.k);
        if (kernel.products() == 2)
          multiply(kernel.shape == Shape::Resumed ? first : second, kernel.sharesLeft() ? a : a2, b2, i, j, 0, e.k2);
        if (kernel.shape == Shape::Added)
          for (std::int64_t l = 0; l < e.k; ++l)
            second.add(b[l * e.n + j]);
        Number number = kernel.sumOf(first, second);
        want.sums.push_back({number.value, number.error});
        number = kernel.finish(number, arguments.scale, kernel.hasBias ? arguments.bias.get(j) : 0,
                               kernel.hasResidual ? added[i * e.n + j] : 0);
        want.c.push_back({number.value, number.error});
      }
  return want;
}
