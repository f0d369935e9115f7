//===- Generator.cpp - Random kernels full of loops --------------*- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// \file
/// A kernel is one to three sections; each is a nest of loops, perhaps under a condition. A loop loads up to four tiles by addresses of
/// several kinds, computes with them and with what is carried, and stores or carries the result. Every kind of loop that the planner
/// tells apart comes up: an index loaded first, addresses that are carried or folded from a tile, views that the loop itself
/// writes, carried values that change places, loops in loops with work around them.
///
//===----------------------------------------------------------------------===//

#include "Generator.h"

#include <algorithm>
#include <sstream>

using namespace numeric;
using tile::DType;

namespace {

enum ViewId { A, B, C, T, W, O, Z, D, G, Y };

/// What can be named at a point of the kernel.
struct Scope {
  std::vector<Expr> tiles, scalars, indices;
  /// Variables that may be assigned here.
  struct Variable {
    Expr expr;
    int slot;
  };
  std::vector<Variable> tileVars, scalarVars, indexVars;
  int depth = 0;
};

class Generator {
public:
  explicit Generator(std::uint64_t seed) : random(seed) {}
  Generated run();

private:
  Source source(ViewId view) {
    kernel.views[view].used = true;
    return {kernel.views[view].name, view, kernel.views[view].type, std::nullopt, std::nullopt};
  }
  std::string fresh(const char *prefix) { return prefix + std::to_string(names++); }
  Expr literal(std::int64_t value) { return constant(Kind::Index, static_cast<double>(value)); }
  Expr floatLiteral() { return constant(Kind::Float, random.pick<double>({-1, 0.5, 2, -0.5, 1})); }
  /// Keeps what is fed back from growing without end.
  Expr bounded(Expr x) {
    return minMax(true, minMax(false, std::move(x), constant(Kind::Float, 64)), constant(Kind::Float, -64));
  }
  double padding(DType type) {
    if (random.chance(0.5))
      return 0;
    return isFloat(type) ? random.pick<double>({-1.5, 2, 0.5, -3}) : random.pick<double>({1, 3, 2});
  }

  Scope::Variable bind(Block &block, bool isVar, const char *prefix, Expr value);
  Expr let(Block &block, const char *prefix, Expr value) { return bind(block, false, prefix, std::move(value)).expr; }

  Expr index(const Scope &scope, bool mayLoad = true);
  Expr loadTile(Block &block, const Scope &scope);
  Expr tile(const Scope &scope, int depth);
  Expr condition(const Scope &scope);
  void storeTile(Block &block, const Scope &scope, Expr value);

  void loopSection(Block &block, Scope scope);
  void dotSection(Block &block, const Scope &scope);
  void wrapped(Block &block, const Scope &scope);
  Statement loop(const char *prefix, const Scope &scope, std::int64_t step,
                 const std::function<Block(const Expr &)> &body);
  Block loopBody(const Expr &i, Scope scope);
  void update(Block &block, const Scope &scope, std::vector<Expr> fresh);
  void keep(Block &block, const Expr &tile);

  Random random;
  Generated kernel;
  int names = 0, kept = 0;
};

Scope::Variable Generator::bind(Block &block, bool isVar, const char *prefix, Expr value) {
  std::string name = fresh(prefix);
  int slot = kernel.variables++;
  Expr expr = variable(name, slot, value.kind, value.shape);
  block.push_back(define(isVar, name, slot, std::move(value)));
  return {expr, slot};
}

//===----------------------------------------------------------------------===//
// Expressions
//===----------------------------------------------------------------------===//

/// A position: mostly of the innermost loop, sometimes far outside everything.
Expr Generator::index(const Scope &scope, bool mayLoad) {
  Expr base = scope.indices.empty() || random.chance(0.05) ? literal(random.range(0, 9)) : scope.indices.back();
  if (scope.indices.size() > 1 && random.chance(0.35))
    base = random.pick(scope.indices);
  switch (random.range(0, mayLoad ? 11 : 8)) {
  case 0:
    return binary('+', base, literal(random.range(-5, 9)));
  case 1:
    return binary('*', base, literal(random.range(2, 5)));
  case 2:
    return binary('-', binary('*', base, literal(kernel.width)), literal(random.range(0, 6)));
  case 3:
    return binary('%', binary('*', base, literal(7)), literal(random.range(2, 19)));
  case 4:
    return binary('/', binary('-', base, literal(3)), literal(2));
  case 5:
    return binary('-', literal(random.range(3, 12)), base);
  case 6:
    return minMax(random.chance(0.5), base, literal(random.range(1, 8)));
  case 7:
    return scope.indices.empty() ? base : binary('+', base, random.pick(scope.indices));
  case 8:
    return binary('*', base, literal(kernel.width));
  default: {
    // An index that is itself loaded.
    Expr at = index(scope, false);
    return convert(Kind::Index, load(source(T), {{at}}, random.chance(0.3) ? 2 : 0, true));
  }
  }
}

/// A tile of the kernel's width from memory, bound to a name; what leads to its address may be bound before it.
Expr Generator::loadTile(Block &block, const Scope &scope) {
  std::int64_t width = kernel.width;
  Expr at = index(scope);
  if (random.chance(0.3))
    at = let(block, "q", at);
  if (random.chance(0.12)) {
    // The address is folded from a tile.
    Expr indices = load(source(T), {{index(scope, false), random.pick<std::int64_t>({2, 4, 8})}}, 0, true);
    at = let(block, "q", convert(Kind::Index, fold(random.pick<const char *>({"max", "min", "sum"}), indices)));
  }
  switch (random.range(0, 9)) {
  case 0:
  case 1: {
    Source from = source(A);
    return let(block, "x", load(from, {{at, width}}, padding(from.type)));
  }
  case 2: {
    Source from = source(B);
    Expr column = index(scope, false);
    if (random.chance(0.3)) {
      // The row as a view of its own.
      from.row = at;
      return let(block, "x", load(from, {{column, width}}, padding(from.type)));
    }
    return let(block, "x", load(from, {{at}, {column, width}}, padding(from.type)));
  }
  case 3: {
    Source from = source(B);
    return let(block, "x", load(from, {{index(scope, false), width}, {at}}, padding(from.type)));
  }
  case 4: {
    // Rows folded away.
    Source from = source(C);
    Expr rows = load(from, {{at, random.pick<std::int64_t>({2, 4})}, {index(scope, false), width}}, padding(from.type));
    return fold(random.pick<const char *>({"sum", "max"}), let(block, "x", rows), 0);
  }
  case 5: {
    Source from = source(C);
    Expr columns = load(from, {{index(scope, false), width}, {at, 2}}, padding(from.type));
    columns = let(block, "x", columns);
    return random.chance(0.5) ? fold("sum", columns, 1) : fold("min", transpose(columns), 0);
  }
  case 6: {
    // A part of the view, and a tile of that part.
    bool wide = random.chance(0.4);
    Source from = source(wide ? B : A);
    from.range = {literal(random.range(0, 6)),
                  random.chance(0.5) ? literal(random.range(0, 40)) : minMax(true, at, literal(0))};
    std::vector<Item> items = {{index(scope, false), width}};
    if (wide)
      items.insert(items.begin(), Item{index(scope, false)});
    return let(block, "x", load(from, items, padding(from.type)));
  }
  case 7:
    // A view that is written too.
    return let(block, "x", load(source(W), {{program()}, {at, width}}, padding(DType::F32)));
  case 8: {
    // One number, spread.
    Source from = source(random.chance(0.5) ? B : C);
    Expr scalar = let(block, "s", load(from, {{at}, {index(scope, false)}}, padding(from.type)));
    return binary('+', filled(Kind::Float, {width}, 1), scalar);
  }
  default: {
    Source from = source(A);
    Expr x = let(block, "x", load(from, {{at, width}}, padding(from.type)));
    Source other = source(A);
    return where(inside(other, {{index(scope, false), width}}), x, negate(x));
  }
  }
}

/// A bool tile.
Expr Generator::condition(const Scope &scope) {
  Expr positions = iota(kernel.width);
  if (!scope.indices.empty() && random.chance(0.6))
    positions = binary('+', positions, random.pick(scope.indices));
  if (random.chance(0.4))
    positions = binary('%', positions, literal(random.range(2, 5)));
  return compare(random.pick<const char *>({"<", "<=", "==", "!="}), positions, literal(random.range(0, 9)));
}

Expr Generator::tile(const Scope &scope, int depth) {
  if (depth == 0 || random.chance(0.15)) {
    switch (random.range(0, 7)) {
    case 0:
      if (!scope.scalars.empty())
        return binary('+', filled(Kind::Float, {kernel.width}, 0), random.pick(scope.scalars));
      [[fallthrough]];
    case 1:
      return convert(Kind::Float, iota(kernel.width));
    default:
      return scope.tiles.empty() ? filled(Kind::Float, {kernel.width}, 1) : random.pick(scope.tiles);
    }
  }
  Expr x = tile(scope, depth - 1);
  switch (random.range(0, 9)) {
  case 0:
  case 1:
    return binary('+', x, tile(scope, depth - 1));
  case 2:
    return binary('-', x, tile(scope, depth - 1));
  case 3:
    return binary('*', x, floatLiteral());
  case 4:
    return minMax(random.chance(0.5), x, tile(scope, depth - 1));
  case 5:
    return absolute(x);
  case 6:
    return where(condition(scope), x, tile(scope, depth - 1));
  case 7:
    return binary('-', x, fold("max", x));
  case 8:
    return negate(x);
  default:
    return scope.indices.empty() ? x : binary('+', x, convert(Kind::Float, random.pick(scope.indices)));
  }
}

//===----------------------------------------------------------------------===//
// Loops
//===----------------------------------------------------------------------===//

void Generator::storeTile(Block &block, const Scope &scope, Expr value) {
  if (random.chance(0.3)) {
    block.push_back(store(source(W), {{program()}, {index(scope, false), kernel.width}}, bounded(std::move(value)),
                          random.chance(0.3)));
    return;
  }
  Expr slot = random.chance(0.7) && !scope.indices.empty() ? scope.indices.back() : index(scope, false);
  Expr column = literal(random.chance(0.8) ? 0 : random.range(-3, 5));
  block.push_back(store(source(O), {{program()}, {slot}, {column, kernel.width}}, std::move(value)));
}

/// Stores a tile where nothing else does.
void Generator::keep(Block &block, const Expr &tile) {
  block.push_back(store(source(Z), {{program()}, {literal(kept++)}, {literal(0), kernel.width}}, tile));
}

Statement Generator::loop(const char *prefix, const Scope &scope, std::int64_t step,
                          const std::function<Block(const Expr &)> &body) {
  std::string name = fresh(prefix);
  int slot = kernel.variables++;
  Expr lo = variable("lo", kernel.lo, Kind::Index, {}), hi = variable("hi", kernel.hi, Kind::Index, {});
  Expr st = variable("st", kernel.st, Kind::Index, {});
  std::string stages = scope.depth == 0 ? "S" : "R";
  if (random.chance(0.1))
    stages = scope.depth == 0 ? "R" : "";
  Block inner = body(variable(name, slot, Kind::Index, {}));
  bool inclusive = random.chance(0.15);
  switch (step ? 10 : random.range(0, 9)) {
  case 0:
    return forLoop(name, slot, literal(0), minMax(false, hi, literal(8)), inclusive, literal(1), stages, inner);
  case 1: {
    std::int64_t from = random.range(-2, 3);
    return forLoop(name, slot, literal(from), literal(from + random.range(0, 8)), inclusive,
                   literal(random.range(1, 3)), stages, inner);
  }
  case 2:
    return forLoop(name, slot, lo, binary('+', lo, literal(random.range(0, 12))), inclusive, st, stages, inner);
  case 3:
    // As many iterations as memory says.
    return forLoop(
        name, slot, literal(0),
        minMax(false, convert(Kind::Index, load(source(T), {{literal(random.range(0, 3))}}, 0, true)), literal(6)),
        inclusive, literal(1), stages, inner);
  case 5:
    if (scope.depth < 2) {
      // Along a view, tile by tile.
      kernel.views[A].used = true;
      return forLoop(name, slot, literal(0), extentOf("N", A, 0), inclusive, literal(random.range(1, 2) * 8), stages,
                     inner);
    }
    [[fallthrough]];
  case 4:
    if (scope.depth > 0 && !scope.indices.empty())
      // A triangle.
      return forLoop(name, slot, lo, minMax(false, scope.indices.back(), binary('+', lo, literal(6))), inclusive,
                     literal(1), stages, inner);
    [[fallthrough]];
  case 10:
    if (step) {
      kernel.views[D].used = true;
      return forLoop(name, slot, literal(0), extentOf("DK", D, 1), inclusive, literal(step), stages, inner);
    }
    [[fallthrough]];
  default:
    return forLoop(name, slot, lo, hi, inclusive, st, stages, inner);
  }
}

/// Assigns variables of the scope from fresh tiles, from each other and from themselves.
void Generator::update(Block &block, const Scope &scope, std::vector<Expr> fresh) {
  // Every fresh tile has a use.
  Expr all = fresh.front();
  for (std::size_t i = 1; i < fresh.size(); ++i)
    all = random.chance(0.7) ? binary('+', all, fresh[i]) : minMax(true, all, fresh[i]);
  if (random.chance(0.4))
    all = let(block, "y", all);
  auto name = [](const Scope::Variable &variable) { return variable.expr.text; };
  for (std::size_t i = 0; i < scope.tileVars.size(); ++i) {
    const Scope::Variable &var = scope.tileVars[i];
    switch (random.range(0, 7)) {
    case 0:
    case 1:
      block.push_back(assign(name(var), var.slot, all, true));
      break;
    case 2:
      block.push_back(assign(name(var), var.slot, minMax(random.chance(0.5), var.expr, all)));
      break;
    case 3:
      // The previous iteration's tile.
      block.push_back(assign(name(var), var.slot, random.pick(fresh)));
      break;
    case 4:
    case 5:
      if (i + 1 < scope.tileVars.size()) {
        const Scope::Variable &next = scope.tileVars[i + 1];
        Expr last = random.chance(0.3) ? var.expr : random.chance(0.5) ? random.pick(fresh) : all;
        block.push_back(assignPair(name(var), var.slot, name(next), next.slot, next.expr, last));
        ++i;
        break;
      }
      [[fallthrough]];
    case 6:
      block.push_back(assign(name(var), var.slot,
                             binary('+', binary('*', var.expr, constant(Kind::Float, 0.5)), bounded(tile(scope, 1)))));
      break;
    default:
      if (random.chance(0.5))
        block.push_back(assign(name(var), var.slot, all, true));
      break;
    }
  }
  for (const Scope::Variable &var : scope.scalarVars) {
    if (random.chance(0.3))
      block.push_back(assign(name(var), var.slot, minMax(true, var.expr, fold("max", all))));
    else if (random.chance(0.8))
      block.push_back(assign(name(var), var.slot, fold("sum", random.pick(fresh)), true));
  }
  for (const Scope::Variable &var : scope.indexVars)
    switch (random.range(0, 4)) {
    case 0:
      block.push_back(assign(name(var), var.slot, literal(random.range(1, kernel.width)), true));
      break;
    case 1:
      block.push_back(assign(name(var), var.slot, scope.indices.back()));
      break;
    case 2:
      // A chase through memory.
      block.push_back(assign(name(var), var.slot, convert(Kind::Index, load(source(T), {{var.expr}}, 0, true))));
      break;
    case 3:
      block.push_back(assign(name(var), var.slot,
                             binary('%', binary('+', binary('*', var.expr, literal(3)), literal(1)), literal(17))));
      break;
    default:
      break;
    }
}

Block Generator::loopBody(const Expr &i, Scope scope) {
  Block block;
  scope.indices.push_back(i);
  ++scope.depth;
  bool early = random.chance(0.3), inner = scope.depth < 3 && random.chance(scope.depth == 1 ? 0.35 : 0.12);
  if (early && !scope.tiles.empty())
    storeTile(block, scope, random.pick(scope.tiles));
  if (inner && random.chance(0.3)) {
    wrapped(block, scope);
    inner = false;
  }
  std::vector<Expr> loaded;
  for (std::int64_t n = random.range(1, 4); n > 0; --n) {
    loaded.push_back(loadTile(block, scope));
    scope.tiles.push_back(loaded.back());
  }
  if (random.chance(0.3)) {
    // Computation under a condition; now and then a load, which stays there.
    Block then, otherwise;
    Expr decides = compare(random.pick<const char *>({"==", "<"}), binary('%', scope.indices.back(), literal(3)),
                           literal(random.range(0, 2)));
    if (random.chance(0.3))
      decides = compare("<", load(source(T), {{index(scope, false)}}, 0, true), constant(Kind::Int, 5));
    std::vector<Expr> mine = loaded;
    if (random.chance(0.25))
      mine.push_back(loadTile(then, scope));
    update(then, scope, mine);
    if (random.chance(0.5))
      update(otherwise, scope, loaded);
    if (random.chance(0.3))
      storeTile(then, scope, random.pick(mine));
    if (then.empty())
      storeTile(then, scope, random.pick(mine));
    block.push_back(ifElse(decides, then, otherwise));
  }
  if (inner)
    wrapped(block, scope);
  if (random.chance(0.6)) {
    Expr value = tile(scope, 2);
    for (const Expr &x : loaded)
      value = binary('+', value, x);
    storeTile(block, scope, value);
  }
  update(block, scope, loaded);
  return block;
}

/// A loop with what it carries, and stores of that behind it.
void Generator::loopSection(Block &block, Scope scope) {
  Scope inside = scope;
  std::vector<Scope::Variable> tiles, scalars;
  for (std::int64_t n = random.range(0, 3); n > 0; --n) {
    Scope::Variable var =
        bind(block, true, "v",
             random.chance(0.7) ? filled(Kind::Float, {kernel.width}, static_cast<double>(random.range(-2, 2)))
                                : tile(scope, 1));
    tiles.push_back(var);
    inside.tileVars.push_back(var);
    inside.tiles.push_back(var.expr);
  }
  if (random.chance(0.4)) {
    Scope::Variable var = bind(block, true, "s", filled(Kind::Float, {}, static_cast<double>(random.range(-2, 2))));
    scalars.push_back(var);
    inside.scalarVars.push_back(var);
    inside.scalars.push_back(var.expr);
  }
  if (random.chance(0.35)) {
    Scope::Variable var = bind(block, true, "p", filled(Kind::Index, {}, static_cast<double>(random.range(0, 5))));
    inside.indexVars.push_back(var);
    inside.indices.push_back(var.expr);
  }
  block.push_back(loop("j", scope, 0, [&](const Expr &i) { return loopBody(i, inside); }));
  // In a loop around this one they may be overwritten: the last iteration's remain.
  for (const Scope::Variable &var : tiles)
    keep(block, var.expr);
  for (const Scope::Variable &var : scalars)
    keep(block, binary('+', filled(Kind::Float, {kernel.width}, 0), var.expr));
}

/// A product with a loop over its inner axis.
void Generator::dotSection(Block &block, const Scope &scope) {
  std::int64_t m = random.pick<std::int64_t>({4, 8, 16}), n = random.pick<std::int64_t>({4, 8, 16}),
               k = random.pick<std::int64_t>({4, 8, 16});
  Source d = source(D), g = source(G), y = source(Y);
  Kind kind = isFloat(d.type) ? Kind::Float : Kind::Int;
  auto zero = [&] { return filled(kind, {m, n}, 0); };
  Scope::Variable acc = bind(block, true, "c", zero());
  int form = static_cast<int>(random.range(0, kind == Kind::Float ? 7 : 3));
  Expr row = index(scope, false), column = literal(random.range(0, 9));
  auto left = [&](const Expr &at) { return load(d, {{row, m}, {at, k}}, padding(d.type), true); };
  auto right = [&](const Expr &at) { return load(g, {{at, k}, {column, n}}, padding(g.type), true); };
  std::optional<Scope::Variable> carried;
  if (form == 1)
    carried = bind(block, true, "a", left(literal(0)));
  block.push_back(loop("k", scope, k, [&](const Expr &at) {
    Block body;
    const std::string &name = acc.expr.text;
    switch (form) {
    case 1:
      // The next left tile is loaded while this one is multiplied.
      body.push_back(accumulate(name, acc.slot, carried->expr, right(at)));
      body.push_back(assign(carried->expr.text, carried->slot, left(binary('+', at, literal(k)))));
      break;
    case 2: {
      // Rows by an index from memory.
      Expr from = let(body, "q", convert(Kind::Index, load(source(T), {{binary('/', at, literal(k))}}, 0, true)));
      body.push_back(accumulate(name, acc.slot, load(d, {{from, m}, {at, k}}, 0, true), right(at)));
      break;
    }
    case 3:
      body.push_back(accumulate(name, acc.slot, transpose(load(d, {{at, k}, {row, m}}, 0, true)), right(at)));
      break;
    case 4: {
      Expr x = let(body, "x", binary('*', load(d, {{row, m}, {at, k}}), constant(Kind::Float, 0.5)));
      body.push_back(accumulate(name, acc.slot, x, load(g, {{at, k}, {column, n}})));
      break;
    }
    case 5: {
      Expr product = dot(left(at), right(at));
      body.push_back(assign(name, acc.slot, binary('+', binary('*', acc.expr, constant(Kind::Float, 0.5)), product)));
      break;
    }
    case 6: {
      Expr scale = let(body, "s", load(source(B), {{at}, {literal(0)}}, 1));
      body.push_back(assign(name, acc.slot, binary('*', dot(left(at), right(at)), scale), true));
      break;
    }
    case 7:
      body.push_back(accumulate(name, acc.slot, left(at), right(at)));
      body.push_back(store(y, {{program()}, {binary('+', at, literal(m)), m}, {literal(0), n}}, acc.expr));
      break;
    default:
      body.push_back(accumulate(name, acc.slot, left(at), right(at)));
    }
    return body;
  }));
  block.push_back(store(y, {{program()}, {literal(0), m}, {literal(0), n}}, acc.expr));
}

/// A section, perhaps under a condition or in a `while`.
void Generator::wrapped(Block &block, const Scope &scope) {
  double chance = random.uniform();
  bool product = random.chance(scope.depth == 0 ? 0.3 : 0.15);
  auto section = [&](Block &into, const Scope &at) { product ? dotSection(into, at) : loopSection(into, at); };
  if (chance < 0.15) {
    Block then, otherwise;
    section(then, scope);
    Expr decides = compare("<", variable("lo", kernel.lo, Kind::Index, {}), literal(2));
    if (random.chance(0.3))
      loopSection(otherwise, scope);
    block.push_back(ifElse(decides, then, otherwise));
  } else if (chance < 0.22) {
    Scope::Variable counter = bind(block, true, "n", filled(Kind::Index, {}, 0));
    Scope inner = scope;
    inner.indices.push_back(counter.expr);
    Block body;
    section(body, inner);
    block.push_back(whileBelow(counter.expr.text, counter.slot, random.range(1, 3), body));
  } else {
    section(block, scope);
  }
}

//===----------------------------------------------------------------------===//
// The kernel
//===----------------------------------------------------------------------===//

Generated Generator::run() {
  const std::vector<DType> types = {DType::F32, DType::F32,  DType::F32,   DType::F32, DType::F32,
                                    DType::F16, DType::BF16, DType::BF16,  DType::I8,  DType::U8,
                                    DType::I32, DType::F64,  DType::F8E4M3};
  DType dotType = random.pick<DType>({DType::F32, DType::F32, DType::F16, DType::BF16, DType::I8});
  DType dotResult = isFloat(dotType) ? DType::F32 : DType::I32;
  kernel.width = random.pick<std::int64_t>({4, 8, 8, 16, 32});
  kernel.views = {
      {"a", "in", random.pick(types), {"N"}},
      {"b", "in", random.pick(types), {"BR", "BC"}},
      {"c", "in", random.pick(types), {"CR", "CC"}},
      {"t", "in", DType::I32, {"TN"}},
      {"w", "inout", DType::F32, {"P", "WN"}},
      {"o", "out", DType::F32, {"P", "OL", "ON"}, true},
      {"z", "out", DType::F32, {"P", "ZL", "ZN"}},
      {"d", "in", dotType, {"DM", "DK"}},
      {"g", "in", dotType, {"GK", "GN"}},
      {"y", "out", dotResult, {"P", "YM", "YN"}},
  };
  kernel.lo = kernel.variables++;
  kernel.hi = kernel.variables++;
  kernel.st = kernel.variables++;

  Scope scope;
  scope.indices.push_back(numeric::program());
  for (std::int64_t n = random.range(1, 3); n > 0; --n)
    wrapped(kernel.body, scope);

  std::ostringstream out;
  out << "kernel generated<S: int in 1..=6 = auto, R: int in 1..=6 = auto>\n    (";
  for (const ViewDecl &view : kernel.views) {
    if (!view.used)
      continue;
    out << view.name << ": " << (view.access == "in" ? "" : view.access + " ") << tile::nameOf(view.type);
    for (std::size_t i = 0; i < view.extents.size(); ++i)
      out << (i ? ", " : "[") << view.extents[i];
    out << "],\n     ";
  }
  out << "lo_: i64, hi_: i32, st_: i64)\n    grid (P)\n{\n";
  out << "  let p = program(0), lo = index(lo_), hi = index(hi_), st = index(st_);\n";
  std::string body;
  print(kernel.body, body, 1);
  out << body << "}\n";
  kernel.source = out.str();
  return std::move(kernel);
}

} // namespace

Generated numeric::generate(std::uint64_t seed) { return Generator(seed).run(); }

//===----------------------------------------------------------------------===//
// Arguments
//===----------------------------------------------------------------------===//

std::string Case::describe(const Generated &kernel) const {
  std::ostringstream out;
  out << "lo = " << lo << ", hi = " << hi << ", st = " << st;
  for (std::size_t i = 0; i < kernel.views.size(); ++i) {
    if (!kernel.views[i].used)
      continue;
    out << ", " << kernel.views[i].name << "[";
    for (std::size_t axis = 0; axis < arrays[i].shape().size(); ++axis)
      out << (axis ? ", " : "") << arrays[i].shape()[axis];
    out << "]";
  }
  return out.str();
}

Case numeric::makeCase(const Generated &kernel, const std::vector<Layout> &layouts, Random &random, int number) {
  Case result;
  bool exact = number % 3 != 2;
  // From no iteration to eight; the last step may be cut short.
  std::int64_t trips = number < 4 ? number : random.range(0, 8);
  result.st = random.range(1, 4);
  result.lo = random.range(-2, 4);
  result.hi = trips ? result.lo + trips * result.st - random.range(0, result.st - 1) : result.lo - random.range(0, 3);
  result.programs = random.range(1, 3);
  // Odd extents, now and then tiny ones: facts about divisibility would ask for more machine code.
  auto extent = [&](std::int64_t low, std::int64_t high) {
    return random.chance(0.05) ? random.range(0, 2) : random.range(low, high) | 1;
  };
  auto add = [&](int view, Shape shape) {
    result.arrays.emplace_back(kernel.views[view].type, std::move(shape), layouts[view]);
  };
  std::int64_t p = result.programs, width = kernel.width;
  add(A, {extent(9, 70)});
  add(B, {extent(5, 20), extent(9, 50)});
  add(C, {extent(5, 20), extent(9, 40)});
  add(T, {random.range(3, 19) | 1});
  add(W, {p, extent(9, 40)});
  add(O, {p, random.range(3, 12) | 1, random.chance(0.7) ? width + 1 : width - 1});
  add(Z, {p, 40, random.chance(0.8) ? width + 1 : width - 1});
  std::int64_t inner = number < 2 ? number : extent(3, 60);
  add(D, {extent(5, 20), inner});
  add(G, {random.chance(0.8) ? inner : extent(3, 60), extent(5, 20)});
  add(Y, {p, random.range(5, 40) | 1, random.range(5, 20) | 1});
  for (int view : {A, B, C, W, D, G})
    result.arrays[view].fillRandom(random, exact);
  for (std::int64_t i = 0; i < result.arrays[T].size(); ++i)
    result.arrays[T].set(i, static_cast<double>(random.range(-4, 24)));
  for (int view : {O, Z, Y})
    result.arrays[view].fill(-777);
  return result;
}

std::vector<std::vector<Expected>> numeric::reference(const Generated &kernel, const Case &arguments, Mistake mistake) {
  State state;
  state.mistake = mistake;
  for (const Array &array : arguments.arrays) {
    Memory memory{array.shape(), {}};
    for (std::int64_t i = 0, n = array.size(); i < n; ++i)
      memory.elements.push_back({array.get(i), 0});
    state.views.push_back(std::move(memory));
  }
  auto scalar = [](std::int64_t value) { return Value{Kind::Index, {}, {{static_cast<double>(value), 0}}}; };
  for (state.program = 0; state.program < arguments.programs; ++state.program) {
    state.variables.assign(kernel.variables, Value());
    state.variables[kernel.lo] = scalar(arguments.lo);
    state.variables[kernel.hi] = scalar(arguments.hi);
    state.variables[kernel.st] = scalar(arguments.st);
    run(kernel.body, state);
  }
  std::vector<std::vector<Expected>> results;
  for (Memory &memory : state.views)
    results.push_back(std::move(memory.elements));
  return results;
}
