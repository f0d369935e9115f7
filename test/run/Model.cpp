//===- Model.cpp - A kernel that is text and meaning at once -----*- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Model.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>

using namespace numeric;

/// The relative error of one rounding to f32.
static constexpr double epsilon = 0x1p-24;

void numeric::print(const Block &block, std::string &out, int indent) {
  for (const Statement &statement : block)
    statement.print(out, indent);
}

void numeric::run(const Block &block, State &state) {
  for (const Statement &statement : block)
    statement.run(state);
}

static std::string number(Kind kind, double value) {
  char buffer[40];
  std::snprintf(buffer, sizeof buffer, kind == Kind::Float ? "%.4f" : "%.0f", value);
  return buffer;
}

static const char *kindName(Kind kind) {
  static const char *const names[] = {"f32", "i32", "index", "bool"};
  return names[static_cast<int>(kind)];
}

static std::int64_t count(const Shape &shape) {
  std::int64_t product = 1;
  for (std::int64_t extent : shape)
    product *= extent;
  return product;
}

//===----------------------------------------------------------------------===//
// Rounding
//===----------------------------------------------------------------------===//

/// The f32 result of one operation on exact operands, or of one whose operands have errors that add up to `error`.
static Expected rounded(double value, double error) {
  if (error == 0)
    return {static_cast<float>(value), 0};
  return {value, error + epsilon * (std::abs(value) + error)};
}

/// A product, which may be contracted into what uses it: unless it is exact, its rounding is part of its error.
static Expected multiplied(Expected a, Expected b) {
  double value = a.value * b.value;
  double error = std::abs(a.value) * b.error + std::abs(b.value) * a.error + a.error * b.error;
  if (error == 0 && static_cast<float>(value) == value)
    return {value, 0};
  return {value, error + epsilon * (std::abs(value) + error)};
}

/// A sum in any order. Multiples of 1/256 whose absolute values add up to no more than f32's significand holds add up exactly.
static Expected summed(const std::vector<Expected> &terms) {
  double sum = 0, absolute = 0, error = 0;
  bool exact = true;
  for (const Expected &term : terms) {
    sum += term.value;
    absolute += std::abs(term.value) + term.error;
    error += term.error;
    exact &= term.error == 0 && std::nearbyint(term.value * 256) == term.value * 256;
  }
  if (exact && absolute * 256 <= 0x1p24)
    return {sum, 0};
  return {sum, error + epsilon * static_cast<double>(terms.size() + 1) * absolute};
}

//===----------------------------------------------------------------------===//
// Elementwise
//===----------------------------------------------------------------------===//

static Shape broadcastShape(const Shape &a, const Shape &b) {
  Shape shape(std::max(a.size(), b.size()), 1);
  for (const Shape *from : {&a, &b})
    for (std::size_t i = 0; i < from->size(); ++i) {
      std::int64_t &extent = shape[shape.size() - 1 - i];
      std::int64_t other = (*from)[from->size() - 1 - i];
      if (extent != other && extent != 1 && other != 1)
        std::abort(); // The generator made a mistake.
      extent = std::max(extent, other);
    }
  return shape;
}

/// The element that a value gives to element `index` of a larger shape.
static const Expected &pick(const Value &value, const Shape &shape, std::int64_t index) {
  std::int64_t from = 0, stride = 1;
  for (std::size_t i = 0; i < shape.size(); ++i) {
    std::int64_t extent = shape[shape.size() - 1 - i], at = index % extent;
    index /= extent;
    if (i >= value.shape.size())
      continue;
    std::int64_t own = value.shape[value.shape.size() - 1 - i];
    from += (own == 1 ? 0 : at) * stride;
    stride *= own;
  }
  return value.elements[from];
}

template <typename Function>
static Expr elementwise(std::string text, Kind kind, std::vector<Expr> operands, Function function) {
  Expr result;
  result.text = std::move(text);
  result.kind = kind;
  for (const Expr &operand : operands)
    result.shape = broadcastShape(result.shape, operand.shape);
  result.eval = [operands = std::move(operands), kind, shape = result.shape, function](State &state) {
    std::vector<Value> values;
    for (const Expr &operand : operands)
      values.push_back(operand.eval(state));
    Value value{kind, shape, std::vector<Expected>(count(shape))};
    std::vector<Expected> arguments(values.size());
    for (std::size_t i = 0; i < value.elements.size(); ++i) {
      for (std::size_t k = 0; k < values.size(); ++k)
        arguments[k] = pick(values[k], shape, static_cast<std::int64_t>(i));
      value.elements[i] = function(arguments);
    }
    return value;
  };
  return result;
}

static std::int64_t floorDivide(std::int64_t a, std::int64_t b) {
  std::int64_t quotient = a / b;
  return quotient * b != a && (a < 0) != (b < 0) ? quotient - 1 : quotient;
}

static std::int64_t integerOperation(char op, std::int64_t a, std::int64_t b) {
  switch (op) {
  case '+':
    return a + b;
  case '-':
    return a - b;
  case '*':
    return a * b;
  case '/':
    return b == 0 ? 0 : floorDivide(a, b);
  case '%':
    return b == 0 ? a : a - floorDivide(a, b) * b;
  case '&':
    return a & b;
  default:
    return a | b;
  }
}

Expr numeric::binary(char op, Expr a, Expr b) {
  Kind kind = a.kind;
  std::string text = "(" + a.text + " " + op + " " + b.text + ")";
  return elementwise(
      std::move(text), kind, {std::move(a), std::move(b)}, [op, kind](const std::vector<Expected> &x) -> Expected {
        if (kind == Kind::Float)
          return op == '*'   ? multiplied(x[0], x[1])
                 : op == '+' ? rounded(x[0].value + x[1].value, x[0].error + x[1].error)
                             : rounded(x[0].value - x[1].value, x[0].error + x[1].error);
        std::int64_t value =
            integerOperation(op, static_cast<std::int64_t>(x[0].value), static_cast<std::int64_t>(x[1].value));
        return {static_cast<double>(kind == Kind::Int ? static_cast<std::int32_t>(value) : value), 0};
      });
}

Expr numeric::minMax(bool isMax, Expr a, Expr b) {
  Kind kind = a.kind;
  std::string text = std::string(isMax ? "max(" : "min(") + a.text + ", " + b.text + ")";
  return elementwise(std::move(text), kind, {std::move(a), std::move(b)},
                     [isMax](const std::vector<Expected> &x) -> Expected {
                       double value = isMax ? std::max(x[0].value, x[1].value) : std::min(x[0].value, x[1].value);
                       return {value, std::max(x[0].error, x[1].error)};
                     });
}

Expr numeric::absolute(Expr x) {
  Kind kind = x.kind;
  std::string text = "abs(" + x.text + ")";
  return elementwise(std::move(text), kind, {std::move(x)},
                     [](const std::vector<Expected> &x) -> Expected { return {std::abs(x[0].value), x[0].error}; });
}

Expr numeric::negate(Expr x) {
  Kind kind = x.kind;
  std::string text = "(-" + x.text + ")";
  return elementwise(std::move(text), kind, {std::move(x)},
                     [](const std::vector<Expected> &x) -> Expected { return {-x[0].value, x[0].error}; });
}

Expr numeric::compare(const char *op, Expr a, Expr b) {
  std::string text = "(" + a.text + " " + op + " " + b.text + ")";
  return elementwise(std::move(text), Kind::Bool, {std::move(a), std::move(b)},
                     [op = std::string(op)](const std::vector<Expected> &x) -> Expected {
                       double a = x[0].value, b = x[1].value;
                       bool truth = op == "<" ? a < b : op == "<=" ? a <= b : op == "==" ? a == b : a != b;
                       // What the errors leave open is said by an error of 1.
                       double slack = x[0].error + x[1].error;
                       return {truth ? 1.0 : 0.0, slack != 0 && std::abs(a - b) <= slack ? 1.0 : 0.0};
                     });
}

Expr numeric::where(Expr condition, Expr a, Expr b) {
  Kind kind = a.kind;
  std::string text = "where(" + condition.text + ", " + a.text + ", " + b.text + ")";
  return elementwise(std::move(text), kind, {std::move(condition), std::move(a), std::move(b)},
                     [](const std::vector<Expected> &x) -> Expected {
                       Expected chosen = x[0].value != 0 ? x[1] : x[2];
                       if (x[0].error != 0)
                         chosen.error = std::abs(x[1].value - x[2].value) + std::max(x[1].error, x[2].error);
                       return chosen;
                     });
}

Expr numeric::convert(Kind to, Expr x) {
  std::string text = std::string(kindName(to)) + "(" + x.text + ")";
  return elementwise(std::move(text), to, {std::move(x)}, [to](const std::vector<Expected> &x) -> Expected {
    double value = x[0].value;
    if (to == Kind::Float)
      return {static_cast<float>(value), x[0].error};
    if (to == Kind::Int)
      return {static_cast<double>(static_cast<std::int32_t>(static_cast<std::int64_t>(value))), 0};
    return {std::trunc(value), 0};
  });
}

//===----------------------------------------------------------------------===//
// Leaves
//===----------------------------------------------------------------------===//

Expr numeric::constant(Kind kind, double value) {
  std::string text = number(kind, value);
  return {
      value < 0 ? "(" + text + ")" : text, kind, {}, [kind, value](State &) { return Value{kind, {}, {{value, 0}}}; }};
}

Expr numeric::filled(Kind kind, Shape shape, double value) {
  std::string text = kindName(kind);
  for (std::size_t i = 0; i < shape.size(); ++i)
    text += (i ? ", " : "[") + std::to_string(shape[i]);
  text += (shape.empty() ? "(" : "](") + number(kind, value) + ")";
  return {text, kind, shape, [kind, shape, value](State &) {
            return Value{kind, shape, std::vector<Expected>(count(shape), {value, 0})};
          }};
}

Expr numeric::variable(std::string name, int slot, Kind kind, Shape shape) {
  return {std::move(name), kind, std::move(shape), [slot](State &state) { return state.variables[slot]; }};
}

Expr numeric::extentOf(std::string name, int view, int axis) {
  return {std::move(name), Kind::Index, {}, [view, axis](State &state) {
            return Value{Kind::Index, {}, {{static_cast<double>(state.views[view].shape[axis]), 0}}};
          }};
}

Expr numeric::program() {
  return {"p", Kind::Index, {}, [](State &state) {
            return Value{Kind::Index, {}, {{static_cast<double>(state.program), 0}}};
          }};
}

Expr numeric::iota(std::int64_t width) {
  return {"iota(" + std::to_string(width) + ")", Kind::Index, {width}, [width](State &) {
            Value value{Kind::Index, {width}, {}};
            for (std::int64_t i = 0; i < width; ++i)
              value.elements.push_back({static_cast<double>(i), 0});
            return value;
          }};
}

//===----------------------------------------------------------------------===//
// Shapes, folds, products
//===----------------------------------------------------------------------===//

Expr numeric::fold(const char *name, Expr x, int axis) {
  Expr result;
  result.kind = x.kind;
  result.text = std::string(name) + "(" + x.text + (axis < 0 ? "" : ", axis = " + std::to_string(axis)) + ")";
  // As outer x folded x inner elements.
  std::int64_t outer = 1, folded = 1, inner = 1;
  for (int i = 0; i < static_cast<int>(x.shape.size()); ++i) {
    (axis < 0 || i == axis ? folded : i < axis ? outer : inner) *= x.shape[i];
    if (axis >= 0 && i != axis)
      result.shape.push_back(x.shape[i]);
  }
  result.eval = [=, what = std::string(name), shape = result.shape](State &state) {
    Value from = x.eval(state), value{x.kind, shape, {}};
    for (std::int64_t o = 0; o < outer; ++o)
      for (std::int64_t i = 0; i < inner; ++i) {
        std::vector<Expected> terms;
        for (std::int64_t k = 0; k < folded; ++k)
          terms.push_back(from.elements[(o * folded + k) * inner + i]);
        Expected result = terms[0];
        if (what == "sum" && x.kind == Kind::Float) {
          result = summed(terms);
        } else if (what == "sum") {
          std::int64_t sum = 0;
          for (const Expected &term : terms)
            sum += static_cast<std::int64_t>(term.value);
          result = {static_cast<double>(x.kind == Kind::Int ? static_cast<std::int32_t>(sum) : sum), 0};
        } else {
          for (const Expected &term : terms) {
            result.value = what == "max" ? std::max(result.value, term.value) : std::min(result.value, term.value);
            result.error = std::max(result.error, term.error);
          }
        }
        value.elements.push_back(result);
      }
    return value;
  };
  return result;
}

/// The product of two values, added to a third when it has elements.
static Value multiply(const Value &a, const Value &b, const Value &to) {
  std::int64_t m = a.shape[0], inner = a.shape[1], n = b.shape[1];
  Value value{a.kind, {m, n}, {}};
  for (std::int64_t i = 0; i < m; ++i)
    for (std::int64_t j = 0; j < n; ++j) {
      std::vector<Expected> terms;
      std::int64_t integers = 0;
      for (std::int64_t k = 0; k < inner; ++k) {
        const Expected &x = a.elements[i * inner + k], &y = b.elements[k * n + j];
        terms.push_back(multiplied(x, y));
        integers += static_cast<std::int64_t>(x.value) * static_cast<std::int64_t>(y.value);
      }
      if (!to.elements.empty()) {
        terms.push_back(to.elements[i * n + j]);
        integers += static_cast<std::int64_t>(to.elements[i * n + j].value);
      }
      value.elements.push_back(a.kind == Kind::Float
                                   ? summed(terms)
                                   : Expected{static_cast<double>(static_cast<std::int32_t>(integers)), 0});
    }
  return value;
}

Expr numeric::dot(Expr a, Expr b) {
  Expr result;
  result.text = "dot(" + a.text + ", " + b.text + ")";
  result.kind = a.kind;
  result.shape = {a.shape[0], b.shape[1]};
  result.eval = [a, b](State &state) { return multiply(a.eval(state), b.eval(state), {}); };
  return result;
}

Expr numeric::transpose(Expr x) {
  Expr result;
  result.text = "transpose(" + x.text + ")";
  result.kind = x.kind;
  result.shape = {x.shape[1], x.shape[0]};
  result.eval = [x](State &state) {
    Value from = x.eval(state), value{x.kind, {x.shape[1], x.shape[0]}, {}};
    for (std::int64_t j = 0; j < x.shape[1]; ++j)
      for (std::int64_t i = 0; i < x.shape[0]; ++i)
        value.elements.push_back(from.elements[i * x.shape[1] + j]);
    return value;
  };
  return result;
}

Expr numeric::newAxis(Expr x, bool last) {
  Expr result = x;
  result.text += last ? "[:, new]" : "[new, :]";
  result.shape = last ? Shape{x.shape[0], 1} : Shape{1, x.shape[0]};
  result.eval = [x, shape = result.shape](State &state) {
    Value value = x.eval(state);
    value.shape = shape;
    return value;
  };
  return result;
}

//===----------------------------------------------------------------------===//
// Access
//===----------------------------------------------------------------------===//

static std::string accessText(const Source &source, const std::vector<Item> &items, const std::string &pad) {
  std::string text = source.name;
  if (source.row)
    text += "[" + source.row->text + ", :]";
  if (source.range) {
    text += "[" + source.range->first.text + ".." + source.range->second.text;
    for (std::size_t i = 1; i < items.size(); ++i)
      text += ", :";
    text += "]";
  }
  text += "[";
  for (std::size_t i = 0; i < items.size(); ++i) {
    text += (i ? ", " : "") + items[i].start.text;
    if (items[i].width)
      text += " +: " + std::to_string(items[i].width);
  }
  return text + pad + "]";
}

static Shape accessShape(const std::vector<Item> &items) {
  Shape shape;
  for (const Item &item : items)
    if (item.width)
      shape.push_back(item.width);
  return shape;
}

/// Calls `visit` for each element of the tile, in row-major order, with the memory's element or null outside the view.
template <typename Visit>
static void access(const Source &source, std::vector<Item> items, State &state, Visit visit) {
  // A row is an index that was given before.
  if (source.row)
    items.insert(items.begin(), Item{*source.row});
  Memory &memory = state.views[source.view];
  Shape starts;
  for (const Item &item : items)
    starts.push_back(item.start.eval(state).integer());
  // A range is clipped to the view; positions count from its start.
  std::int64_t low = 0, high = memory.shape[0];
  if (source.range) {
    low = std::clamp<std::int64_t>(source.range->first.eval(state).integer(), 0, memory.shape[0]);
    high = std::clamp<std::int64_t>(source.range->second.eval(state).integer(), low, memory.shape[0]);
  }
  std::int64_t total = count(accessShape(items));
  for (std::int64_t element = 0; element < total; ++element) {
    std::int64_t rest = element, offset = 0, stride = 1;
    bool isInside = true;
    for (std::size_t axis = items.size(); axis-- > 0;) {
      std::int64_t at = starts[axis];
      if (items[axis].width) {
        at += rest % items[axis].width;
        rest /= items[axis].width;
      }
      std::int64_t begin = axis == 0 ? low : 0, end = axis == 0 ? high : memory.shape[axis];
      isInside &= at >= 0 && at < end - begin;
      offset += (at + begin) * stride;
      stride *= memory.shape[axis];
    }
    visit(isInside ? &memory.elements[offset] : nullptr);
  }
}

/// Moves the innermost loop on by one iteration while it exists, for references that load too early.
namespace {
class Ahead {
public:
  explicit Ahead(State &state) : state(state), active(state.mistake == Mistake::EarlyLoad && !state.loops.empty()) {
    if (active)
      move(state.loops.back().second);
  }
  ~Ahead() {
    if (active)
      move(-state.loops.back().second);
  }

private:
  void move(std::int64_t by) { state.variables[state.loops.back().first].elements[0].value += static_cast<double>(by); }
  State &state;
  bool active;
};
} // namespace

Expr numeric::load(Source from, std::vector<Item> items, double pad, bool raw) {
  bool integral = !isFloat(from.type);
  Expr result;
  std::string padText;
  if (pad != 0)
    padText = ", pad = " + number(integral ? Kind::Int : Kind::Float, pad);
  result.text = accessText(from, items, padText);
  result.shape = accessShape(items);
  result.kind = raw && integral ? Kind::Int : Kind::Float;
  if (!raw && from.type != tile::DType::F32)
    result.text = "f32(" + result.text + ")";
  result.eval = [=, kind = result.kind, shape = result.shape](State &state) {
    Ahead ahead(state);
    Value value{kind, shape, {}};
    double padding = state.mistake == Mistake::ZeroPadding ? 0 : pad;
    access(from, items, state,
           [&](const Expected *element) { value.elements.push_back(element ? *element : Expected{padding, 0}); });
    if (!raw)
      for (Expected &element : value.elements)
        element.value = static_cast<float>(element.value);
    return value;
  };
  return result;
}

Expr numeric::inside(Source from, std::vector<Item> items) {
  Expr result;
  result.text = "inside(" + accessText(from, items, "") + ")";
  result.kind = Kind::Bool;
  result.shape = accessShape(items);
  result.eval = [=, shape = result.shape](State &state) {
    Value value{Kind::Bool, shape, {}};
    access(from, items, state, [&](const Expected *element) { value.elements.push_back({element ? 1.0 : 0.0, 0}); });
    return value;
  };
  return result;
}

//===----------------------------------------------------------------------===//
// Statements
//===----------------------------------------------------------------------===//

static void line(std::string &out, int indent, const std::string &text) {
  out.append(2 * indent, ' ').append(text).append("\n");
}

/// A statement of one line.
static Statement simple(std::string text, std::function<void(State &)> run) {
  return {[text = std::move(text)](std::string &out, int indent) { line(out, indent, text); }, std::move(run)};
}

/// Assigns to a variable, in the shape it has.
static void set(State &state, int slot, Value value) {
  if (state.mistake == Mistake::StuckVariable && !state.loops.empty())
    return;
  Value &held = state.variables[slot];
  if (value.elements.size() == 1 && held.elements.size() > 1)
    value.elements.assign(held.elements.size(), value.elements.front());
  held.elements = std::move(value.elements);
}

Statement numeric::define(bool isVar, std::string name, int slot, Expr value) {
  std::string text = (isVar ? "var " : "let ") + name + " = " + value.text + ";";
  return simple(std::move(text), [slot, value](State &state) { state.variables[slot] = value.eval(state); });
}

Statement numeric::assign(std::string name, int slot, Expr value, bool add) {
  if (!add)
    return simple(name + " = " + value.text + ";",
                  [slot, value](State &state) { set(state, slot, value.eval(state)); });
  Expr sum = binary('+', variable(name, slot, value.kind, value.shape), value);
  return simple(name + " += " + value.text + ";", [slot, sum](State &state) { set(state, slot, sum.eval(state)); });
}

Statement numeric::accumulate(std::string name, int slot, Expr a, Expr b) {
  return simple(name + " += dot(" + a.text + ", " + b.text + ");", [slot, a, b](State &state) {
    set(state, slot, multiply(a.eval(state), b.eval(state), state.variables[slot]));
  });
}

Statement numeric::assignPair(std::string a, int slotA, std::string b, int slotB, Expr x, Expr y) {
  return simple("(" + a + ", " + b + ") = (" + x.text + ", " + y.text + ");", [slotA, slotB, x, y](State &state) {
    Value first = x.eval(state), second = y.eval(state);
    set(state, slotA, std::move(first));
    set(state, slotB, std::move(second));
  });
}

Statement numeric::store(Source to, std::vector<Item> items, Expr value, bool add) {
  Expr stored = add ? binary('+', load(to, items, 0, /*raw=*/true), value) : value;
  return simple(accessText(to, items, "") + (add ? " += " : " = ") + value.text + ";", [=](State &state) {
    Value result = stored.eval(state);
    std::size_t next = 0;
    access(to, items, state, [&](Expected *element) {
      const Expected &from = result.elements[result.elements.size() == 1 ? 0 : next++];
      if (element)
        *element = from;
    });
  });
}

Statement numeric::forLoop(std::string name, int slot, Expr low, Expr high, bool inclusive, Expr step,
                           std::string stages, Block body) {
  std::string head = "for " + name + " in " + low.text + (inclusive ? "..=" : "..") + high.text;
  if (step.text != "1")
    head += " step " + step.text;
  if (!stages.empty())
    head += ", stages = " + stages;
  Statement statement;
  statement.print = [head, body](std::string &out, int indent) {
    line(out, indent, head + " {");
    print(body, out, indent + 1);
    line(out, indent, "}");
  };
  statement.run = [=](State &state) {
    std::int64_t from = low.eval(state).integer(), to = high.eval(state).integer() + (inclusive ? 1 : 0);
    std::int64_t by = std::max<std::int64_t>(1, step.eval(state).integer());
    if (state.mistake == Mistake::LostIteration)
      to -= by;
    state.loops.emplace_back(slot, by);
    for (std::int64_t i = from; i < to; i += by) {
      state.variables[slot] = Value{Kind::Index, {}, {{static_cast<double>(i), 0}}};
      run(body, state);
    }
    state.loops.pop_back();
  };
  return statement;
}

Statement numeric::ifElse(Expr condition, Block then, Block otherwise) {
  Statement statement;
  statement.print = [=](std::string &out, int indent) {
    line(out, indent, "if " + condition.text + " {");
    print(then, out, indent + 1);
    if (!otherwise.empty()) {
      line(out, indent, "} else {");
      print(otherwise, out, indent + 1);
    }
    line(out, indent, "}");
  };
  statement.run = [=](State &state) { run(condition.eval(state).scalar() != 0 ? then : otherwise, state); };
  return statement;
}

Statement numeric::whileBelow(std::string name, int slot, std::int64_t limit, Block body) {
  Statement statement;
  statement.print = [=](std::string &out, int indent) {
    line(out, indent, "while " + name + " < " + std::to_string(limit) + " {");
    print(body, out, indent + 1);
    line(out, indent + 1, name + " += 1;");
    line(out, indent, "}");
  };
  statement.run = [=](State &state) {
    while (state.variables[slot].integer() < limit) {
      run(body, state);
      state.variables[slot].elements[0].value += 1;
    }
  };
  return statement;
}
