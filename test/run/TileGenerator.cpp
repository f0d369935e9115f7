//===- TileGenerator.cpp - Random kernels full of shapes ---------*- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// \file
/// A kernel is a straight line of operations, half of the time as the body of a loop. Each takes what the ones before have given: loads,
/// elementwise work, broadcasts, transposes, reshapes, joins, folds over every axis, positions of extremes, dots. Whatever is left over
/// is stored, in views of its own. So that loads, folds, dots and stores that want different layouts meet in all ways.
///
//===----------------------------------------------------------------------===//

#include "TileGenerator.h"

#include <algorithm>
#include <numeric>
#include <sstream>

using namespace numeric;
using tile::DType;

namespace {

std::int64_t count(const Shape &shape) {
  return std::accumulate(shape.begin(), shape.end(), std::int64_t(1), std::multiplies<>());
}

class TileGenerator {
public:
  explicit TileGenerator(std::uint64_t seed) : random(seed) {}
  TileProgram run();

private:
  Expr literal(std::int64_t value) { return constant(Kind::Index, static_cast<double>(value)); }
  Expr bounded(Expr x) {
    double most = 8;
    Kind kind = x.kind;
    return minMax(true, minMax(false, std::move(x), constant(kind, most)), constant(kind, -most));
  }
  /// Binds a value to a name that later operations can take.
  void add(Expr value) {
    std::string name = "v" + std::to_string(pool.size());
    int slot = generated.variables++;
    pool.push_back({variable(name, slot, value.kind, value.shape), false});
    body.push_back(define(false, name, slot, std::move(value)));
  }
  /// One of the values; they are numbers.
  Expr any() {
    // The later ones more often.
    auto n = static_cast<std::int64_t>(pool.size());
    return use(random.chance(0.5) ? std::max<std::int64_t>(0, n - random.range(1, 4)) : random.range(0, n - 1));
  }
  Expr use(std::size_t i) {
    pool[i].used = true;
    return pool[i].expr;
  }
  /// One that fits, or nothing.
  template <typename Fits>
  std::optional<Expr> find(Fits fits) {
    std::vector<std::size_t> found;
    for (std::size_t i = 0; i < pool.size(); ++i)
      if (fits(pool[i].expr))
        found.push_back(i);
    if (found.empty())
      return std::nullopt;
    return use(random.pick(found));
  }

  Shape shape(int rank);
  int view(const std::string &access, DType type, Shape extents);
  Expr loaded();
  Expr companion(const Expr &x);
  std::optional<Expr> product();
  void step();
  void keep(Block &block, Expr x, bool inLoop);

  struct Bound {
    Expr expr;
    bool used;
  };
  Random random;
  TileProgram program;
  Generated generated;
  std::vector<Bound> pool;
  Block body;
  std::optional<Expr> turn;
  std::int64_t most = 1024;
};

/// A shape of that many axes, of any extents from 1 on.
Shape TileGenerator::shape(int rank) {
  Shape shape(rank, 1);
  for (std::int64_t n = random.range(0, 11); n > 0; --n)
    if (count(shape) < most)
      shape[random.range(0, rank - 1)] *= 2;
  return shape;
}

int TileGenerator::view(const std::string &access, DType type, Shape extents) {
  auto number = static_cast<int>(generated.views.size());
  ViewDecl decl{(access == "in" ? "x" : "o") + std::to_string(number), access, type, {}, true};
  for (std::size_t axis = 0; axis < extents.size(); ++axis)
    decl.extents.push_back("E" + std::to_string(number) + "_" + std::to_string(axis));
  generated.views.push_back(decl);
  program.shapes.push_back(std::move(extents));
  return number;
}

Expr TileGenerator::loaded() {
  int rank = static_cast<int>(random.range(1, 3));
  Shape tile = shape(rank);
  bool isInteger = random.chance(0.2);
  const std::vector<DType> types = {DType::F32, DType::F32, DType::F16, DType::BF16,   DType::BF16,
                                    DType::I8,  DType::U8,  DType::F64, DType::F8E4M3, DType::I16};
  std::vector<Item> items;
  Shape extents;
  // An axis of which one position is taken, at any place.
  int single = random.chance(0.25) ? static_cast<int>(random.range(0, rank)) : -1;
  for (int axis = 0; axis <= rank; ++axis) {
    Expr start = literal(random.chance(0.7) ? 0 : random.range(-2, 3));
    if (turn && random.chance(0.5))
      start = binary('+', binary('*', *turn, literal(random.range(1, 4))), start);
    if (axis == single) {
      items.push_back({start});
      extents.push_back(random.range(2, 5));
    }
    if (axis == rank)
      break;
    items.push_back({start, tile[axis]});
    extents.push_back(std::max<std::int64_t>(1, tile[axis] + random.range(-1, 5)));
  }
  DType type = isInteger ? DType::I32 : random.pick(types);
  int number = view("in", type, extents);
  Source from{generated.views[number].name, number, type, std::nullopt, std::nullopt};
  return load(from, items, random.chance(0.7) ? 0 : random.range(1, 3), isInteger);
}

/// Something that elementwise work can take together with `x`.
Expr TileGenerator::companion(const Expr &x) {
  auto fits = [&](const Shape &shape) {
    if (shape.size() > x.shape.size())
      return false;
    for (std::size_t i = 0; i < shape.size(); ++i) {
      std::int64_t own = shape[shape.size() - 1 - i], other = x.shape[x.shape.size() - 1 - i];
      if (own != 1 && own != other)
        return false;
    }
    return true;
  };
  if (random.chance(0.4)) {
    // With an axis put into it.
    std::vector<std::pair<std::size_t, int>> places;
    for (std::size_t i = 0; i < pool.size(); ++i)
      for (int place = 0; place <= static_cast<int>(pool[i].expr.shape.size()); ++place) {
        Shape shape = pool[i].expr.shape;
        shape.insert(shape.begin() + place, 1);
        if (pool[i].expr.kind == x.kind && shape.size() == x.shape.size() && fits(shape))
          places.emplace_back(i, place);
      }
    if (!places.empty()) {
      auto [i, place] = random.pick(places);
      return newAxisAt(use(i), place);
    }
  }
  if (auto other = find([&](const Expr &y) { return y.kind == x.kind && y.text != x.text && fits(y.shape); }))
    return *other;
  return convert(x.kind, iota(x.shape.back()));
}

/// A dot of two of the values, perhaps transposed and narrowed.
std::optional<Expr> TileGenerator::product() {
  auto left = find([](const Expr &x) { return x.shape.size() == 2; });
  if (!left)
    return std::nullopt;
  Expr a = *left;
  if (random.chance(0.3))
    a = transpose(a);
  std::int64_t m = a.shape[0], k = a.shape[1];
  auto right = find([&](const Expr &y) {
    return y.kind == a.kind && y.shape.size() == 2 && y.shape[0] == k && m * y.shape[1] <= most;
  });
  std::optional<Expr> b = right;
  if (!b || random.chance(0.4))
    if (auto turned = find([&](const Expr &y) {
          return y.kind == a.kind && y.shape.size() == 2 && y.shape[1] == k && m * y.shape[0] <= most;
        }))
      b = transpose(*turned);
  if (!b)
    return std::nullopt;
  a = bounded(a);
  Expr other = bounded(*b);
  if (a.kind == Kind::Int)
    return dot(narrowed(DType::I8, a), narrowed(DType::I8, other));
  DType type = random.pick<DType>({DType::F32, DType::F16, DType::BF16, DType::BF16, DType::F8E4M3});
  if (type == DType::F32)
    return dot(a, other);
  return dot(narrowed(type, a), narrowed(type, other));
}

void TileGenerator::step() {
  Expr x = any();
  auto rank = static_cast<int>(x.shape.size());
  int axis = static_cast<int>(random.range(0, rank - 1));
  switch (random.range(0, 15)) {
  case 0:
  case 1:
    return add(loaded());
  case 2:
  case 3:
    return add(binary(random.chance(0.6) ? '+' : '-', x, companion(x)));
  case 4:
    return add(bounded(binary('*', x, companion(x))));
  case 5: {
    Expr y = companion(x);
    return add(where(compare(random.pick<const char *>({"<", "<=", "=="}), x, y), y, x));
  }
  case 6:
    if (rank > 1)
      return add(fold(random.pick<const char *>({"sum", "max", "min"}), x, axis));
    [[fallthrough]];
  case 7:
  case 8:
    if (rank > 1) {
      std::vector<int> order(rank);
      std::iota(order.begin(), order.end(), 0);
      while (std::ranges::is_sorted(order))
        for (int i = rank - 1; i > 0; --i)
          std::swap(order[i], order[random.range(0, i)]);
      return add(permute(x, order));
    }
    [[fallthrough]];
  case 9: {
    // Another shape of as many elements.
    Shape to(random.range(1, 3), 1);
    for (std::int64_t n = count(x.shape); n > 1; n /= 2)
      to[random.range(0, static_cast<std::int64_t>(to.size()) - 1)] *= 2;
    return add(reshape(x, to));
  }
  case 10:
    if (rank < 3 && 2 * count(x.shape) <= most)
      if (auto y = find([&](const Expr &y) { return y.kind == x.kind && y.shape == x.shape; }))
        return add(join(x, *y));
    [[fallthrough]];
  case 11:
    if (rank == 1)
      if (auto y = find([&](const Expr &y) {
            return y.kind == x.kind && y.shape.size() == 1 && x.shape[0] * y.shape[0] <= most;
          }))
        return add(minMax(random.chance(0.5), newAxis(x, true), newAxis(*y, false)));
    [[fallthrough]];
  case 12:
  case 13:
    if (auto made = product())
      return add(*made);
    [[fallthrough]];
  case 14:
    if (rank > 1 && random.chance(0.5))
      return add(convert(Kind::Float, position(random.chance(0.5) ? "argmax" : "argmin", x, axis)));
    // What a softmax does: a fold goes back to every element, one of an axis or one of all.
    if (rank > 1 && random.chance(0.7))
      return add(binary('-', x, newAxisAt(fold("max", x, axis), axis)));
    return add(binary('-', x, fold("min", x)));
  default:
    return add(through(x.kind == Kind::Int ? random.pick<DType>({DType::I8, DType::I16, DType::I64})
                                           : random.pick<DType>({DType::BF16, DType::F16, DType::F64, DType::F8E5M2}),
                       x));
  }
}

/// Stores a value in a view of its own, transposed or narrowed now and then.
void TileGenerator::keep(Block &block, Expr x, bool inLoop) {
  if (x.shape.size() == 2 && random.chance(0.3))
    x = transpose(x);
  DType type = x.kind == Kind::Int ? DType::I32 : DType::F32;
  if (random.chance(0.4)) {
    type = x.kind == Kind::Int ? random.pick<DType>({DType::I8, DType::I64})
                               : random.pick<DType>({DType::F16, DType::BF16, DType::F64});
    x = narrowed(type, x);
  }
  std::vector<Item> items;
  Shape extents;
  if (inLoop) {
    items.push_back({*turn});
    extents.push_back(4);
  }
  for (std::int64_t extent : x.shape) {
    items.push_back({literal(random.chance(0.8) ? 0 : random.range(-1, 2)), extent});
    extents.push_back(std::max<std::int64_t>(1, extent + random.range(-1, 2)));
  }
  int number = view("out", type, extents);
  block.push_back(store({generated.views[number].name, number, type, std::nullopt, std::nullopt}, items, std::move(x)));
}

TileProgram TileGenerator::run() {
  most = random.pick<std::int64_t>({64, 256, 1024, 4096});
  generated.lo = generated.variables++;
  generated.hi = generated.variables++;
  generated.st = generated.variables++;
  program.hasLoop = random.chance(0.5);
  int turnSlot = generated.variables++;
  if (program.hasLoop)
    turn = variable("t", turnSlot, Kind::Index, {});
  // What a loop carries, in a shape of its own.
  std::optional<Expr> carried;
  int carriedSlot = 0;
  if (program.hasLoop && random.chance(0.6)) {
    Shape shape = this->shape(static_cast<int>(random.range(1, 3)));
    carriedSlot = generated.variables++;
    carried = variable("acc", carriedSlot, Kind::Float, shape);
    generated.body.push_back(define(true, "acc", carriedSlot, filled(Kind::Float, shape, 0)));
    pool.push_back({*carried, true});
  }
  for (std::int64_t n = random.range(2, 3); n > 0; --n)
    add(loaded());
  for (std::int64_t n = random.range(4, 14); n > 0; --n)
    step();
  std::size_t values = pool.size();
  if (carried)
    body.push_back(assign("acc", carriedSlot, bounded(binary('+', *carried, companion(*carried)))));
  for (std::size_t i = 0; i < values; ++i)
    if (!pool[i].used || random.chance(0.15))
      keep(body, pool[i].expr, program.hasLoop);
  if (program.hasLoop)
    generated.body.push_back(forLoop("t", turnSlot, literal(0), variable("hi", generated.hi, Kind::Index, {}), false,
                                     literal(1), "S", body));
  else
    generated.body = body;
  if (carried)
    keep(generated.body, *carried, false);

  std::ostringstream out;
  out << "kernel generated<S: int in 1..=6 = 1>\n    (";
  for (const ViewDecl &view : generated.views) {
    out << view.name << ": " << (view.access == "in" ? "" : view.access + " ") << tile::nameOf(view.type);
    for (std::size_t i = 0; i < view.extents.size(); ++i)
      out << (i ? ", " : "[") << view.extents[i];
    out << "],\n     ";
  }
  out << "hi_: i32)\n    grid (1)\n{\n  let hi = index(hi_);\n";
  std::string text;
  print(generated.body, text, 1);
  out << text << "}\n";
  generated.source = out.str();
  program.kernel = std::move(generated);
  return std::move(program);
}

} // namespace

TileProgram numeric::generateTileProgram(std::uint64_t seed) { return TileGenerator(seed).run(); }

Case numeric::makeCase(const TileProgram &program, Random &random, std::int64_t trips, bool exact) {
  Case result;
  result.hi = trips;
  for (std::size_t i = 0; i < program.shapes.size(); ++i) {
    const ViewDecl &view = program.kernel.views[i];
    Layout layout = random.chance(0.4) ? Layout::Dense : random.pick(layouts());
    Array &array = result.arrays.emplace_back(view.type, program.shapes[i], layout);
    if (view.access == "in")
      array.fillRandom(random, exact);
    else
      array.fill(77);
  }
  return result;
}
