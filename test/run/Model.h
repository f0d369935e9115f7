//===- Model.h - A kernel that is text and meaning at once -------*- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// \file
/// Expressions and statements of the language, each with its source text and with a plain C++ function that does what the
/// language says it does. The functions work element by element on doubles; nothing of the compiler is in them.
///
/// Each number carries the largest error that a correct implementation may have: products may be contracted into additions, and
/// sums may be taken in any order. Where the arithmetic is exact in any order (small integers), the error is 0 and the results must be equal.
///
//===----------------------------------------------------------------------===//

#ifndef TILE_TEST_RUN_MODEL_H
#define TILE_TEST_RUN_MODEL_H

#include "Support.h"

#include <functional>
#include <string>
#include <vector>

namespace numeric {

using Shape = std::vector<std::int64_t>;

/// What a value is made of: f32, i32, index or bool.
enum class Kind : std::uint8_t { Float, Int, Index, Bool };

/// A scalar (no shape) or a tile.
struct Value {
  Kind kind = Kind::Float;
  Shape shape;
  std::vector<Expected> elements;

  double scalar() const { return elements.front().value; }
  std::int64_t integer() const { return static_cast<std::int64_t>(elements.front().value); }
};

/// A view as the reference sees it: dense, with an error for each element.
struct Memory {
  Shape shape;
  std::vector<Expected> elements;
};

/// Deliberate mistakes of the reference, which the tests must notice.
enum class Mistake : std::uint8_t {
  None,
  /// Tiles are read as the next iteration needs them.
  EarlyLoad,
  /// Every loop lacks its last iteration.
  LostIteration,
  /// A tile that hangs over an edge reads 0 there, whatever its padding.
  ZeroPadding,
  /// A variable that is assigned in a loop keeps its first value there.
  StuckVariable,
};

/// A running program of the grid.
struct State {
  std::vector<Memory> views;
  std::vector<Value> variables;
  std::int64_t program = 0;
  Mistake mistake = Mistake::None;
  /// How far the innermost loop moves with each iteration, for EarlyLoad: what its variable is, and by how much it grows.
  std::vector<std::pair<int, std::int64_t>> loops;
};

struct Expr {
  std::string text;
  Kind kind = Kind::Float;
  Shape shape;
  std::function<Value(State &)> eval;
};

struct Statement {
  std::function<void(std::string &, int)> print;
  std::function<void(State &)> run;
};
using Block = std::vector<Statement>;
void print(const Block &block, std::string &out, int indent);
void run(const Block &block, State &state);

//===----------------------------------------------------------------------===//
// Expressions
//===----------------------------------------------------------------------===//

Expr constant(Kind kind, double value);
/// `f32[8, 8](0.0)`.
Expr filled(Kind kind, Shape shape, double value);
Expr variable(std::string name, int slot, Kind kind, Shape shape);
Expr extentOf(std::string name, int view, int axis);
Expr program();
/// `iota(width)`, an index.
Expr iota(std::int64_t width);

/// One of + - * / % & |, elementwise and broadcasting; shifts and the rest are tested elsewhere.
Expr binary(char op, Expr a, Expr b);
Expr minMax(bool isMax, Expr a, Expr b);
Expr absolute(Expr x);
Expr negate(Expr x);
/// One of "<", "<=", "==", "!=".
Expr compare(const char *op, Expr a, Expr b);
Expr where(Expr condition, Expr a, Expr b);
/// `f32(x)`, `i32(x)`, `index(x)`.
Expr convert(Kind to, Expr x);

/// sum, max or min over one axis, or over all when it is negative.
Expr fold(const char *name, Expr x, int axis = -1);
/// `dot(a, b)`; its operands' text may be of any type, its value is f32 (or i32 for integers).
Expr dot(Expr a, Expr b);
Expr transpose(Expr x);
/// `x[:, new]` or `x[new, :]`.
Expr newAxis(Expr x, bool last);
/// The same for any number of axes, with the new one at that place.
Expr newAxisAt(Expr x, int place);
/// `transpose(x, …)`: axis `order[i]` becomes axis i.
Expr permute(Expr x, std::vector<int> order);
Expr reshape(Expr x, Shape shape);
Expr join(Expr a, Expr b);
/// argmax or argmin, an index; over all axes when `axis` is negative.
Expr position(const char *name, Expr x, int axis = -1);
/// `T(x)` for an operand of a dot or for what is stored in a narrower type, and `f32(T(x))` or `i32(T(x))`.
Expr narrowed(tile::DType type, Expr x);
Expr through(tile::DType type, Expr x);

/// One item of an index: a position, or a tile when the width is positive.
struct Item {
  Expr start;
  std::int64_t width = 0;
};
/// A view in the text: all of it, a range of its first axis, `v[low..high, :]`, or one row of it, `v[row, :]`.
struct Source {
  std::string name;
  int view = 0;
  tile::DType type = tile::DType::F32;
  std::optional<std::pair<Expr, Expr>> range;
  std::optional<Expr> row;
};
/// `view[items, pad = …]`, converted to f32 or i32 unless `raw`, which leaves the text without the conversion.
Expr load(Source from, std::vector<Item> items, double pad = 0, bool raw = false);
/// `inside(view[items])`.
Expr inside(Source from, std::vector<Item> items);

//===----------------------------------------------------------------------===//
// Statements
//===----------------------------------------------------------------------===//

/// `let x = …;` or `var x = …;`.
Statement define(bool isVar, std::string name, int slot, Expr value);
/// `x = …;`, or `x += …;` when `add`.
Statement assign(std::string name, int slot, Expr value, bool add = false);
/// `x += dot(a, b);`.
Statement accumulate(std::string name, int slot, Expr a, Expr b);
/// `(a, b) = (x, y);`.
Statement assignPair(std::string a, int slotA, std::string b, int slotB, Expr x, Expr y);
Statement store(Source to, std::vector<Item> items, Expr value, bool add = false);
/// `for name in low..high step step, stages = stages { body }`. An empty `stages` leaves it to the compiler.
Statement forLoop(std::string name, int slot, Expr low, Expr high, bool inclusive, Expr step, std::string stages,
                  Block body);
Statement ifElse(Expr condition, Block then, Block otherwise);
/// `while name < limit { body; name += 1; }` for an index variable.
Statement whileBelow(std::string name, int slot, std::int64_t limit, Block body);

} // namespace numeric

#endif // TILE_TEST_RUN_MODEL_H
