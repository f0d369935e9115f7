//===- ModelShapes.cpp - Moving elements and narrowing them ------*- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Model.h"

#include <cmath>

using namespace numeric;

static std::int64_t count(const Shape &shape) {
  std::int64_t product = 1;
  for (std::int64_t extent : shape)
    product *= extent;
  return product;
}

/// An expression of the same elements in another shape.
static Expr reshaped(std::string text, const Expr &x, Shape shape) {
  Expr result{std::move(text), x.kind, shape, {}};
  result.eval = [x, shape](State &state) {
    Value value = x.eval(state);
    value.shape = shape;
    return value;
  };
  return result;
}

Expr numeric::newAxisAt(Expr x, int place) {
  std::string text = x.text + "[";
  Shape shape = x.shape;
  for (int i = 0; i <= static_cast<int>(x.shape.size()); ++i)
    text += std::string(i ? ", " : "") + (i == place ? "new" : ":");
  shape.insert(shape.begin() + place, 1);
  return reshaped(text + "]", x, shape);
}

Expr numeric::reshape(Expr x, Shape shape) {
  std::string text = "reshape(" + x.text;
  for (std::int64_t extent : shape)
    text += ", " + std::to_string(extent);
  return reshaped(text + ")", x, std::move(shape));
}

Expr numeric::permute(Expr x, std::vector<int> order) {
  Expr result{"transpose(" + x.text, x.kind, {}, {}};
  Shape strides(order.size(), 1);
  for (int axis : order) {
    result.text += ", " + std::to_string(axis);
    result.shape.push_back(x.shape[axis]);
  }
  result.text += ")";
  // Of each axis of the result, how far apart its elements are in the operand.
  for (std::size_t i = 0; i < order.size(); ++i)
    for (std::size_t later = order[i] + 1; later < x.shape.size(); ++later)
      strides[i] *= x.shape[later];
  result.eval = [x, shape = result.shape, strides](State &state) {
    Value from = x.eval(state), value{x.kind, shape, {}};
    for (std::int64_t i = 0, n = count(shape); i < n; ++i) {
      std::int64_t rest = i, at = 0;
      for (std::size_t axis = shape.size(); axis-- > 0; rest /= shape[axis])
        at += rest % shape[axis] * strides[axis];
      value.elements.push_back(from.elements[at]);
    }
    return value;
  };
  return result;
}

Expr numeric::join(Expr a, Expr b) {
  Expr result{"join(" + a.text + ", " + b.text + ")", a.kind, a.shape, {}};
  result.shape.push_back(2);
  result.eval = [a, b, shape = result.shape](State &state) {
    Value first = a.eval(state), second = b.eval(state), value{a.kind, shape, {}};
    for (std::size_t i = 0; i < first.elements.size(); ++i)
      for (const Value *from : {&first, &second})
        value.elements.push_back(from->elements[i]);
    return value;
  };
  return result;
}

Expr numeric::position(const char *name, Expr x, int axis) {
  Expr result{std::string(name) + "(" + x.text + (axis < 0 ? "" : ", axis = " + std::to_string(axis)) + ")",
              Kind::Index,
              {},
              {}};
  std::int64_t outer = 1, folded = 1, inner = 1;
  for (int i = 0; i < static_cast<int>(x.shape.size()); ++i) {
    (axis < 0 || i == axis ? folded : i < axis ? outer : inner) *= x.shape[i];
    if (axis >= 0 && i != axis)
      result.shape.push_back(x.shape[i]);
  }
  result.eval = [=, isMax = std::string(name) == "argmax", shape = result.shape](State &state) {
    Value from = x.eval(state), value{Kind::Index, shape, {}};
    for (std::int64_t o = 0; o < outer; ++o)
      for (std::int64_t i = 0; i < inner; ++i) {
        auto at = [&](std::int64_t k) -> const Expected & { return from.elements[(o * folded + k) * inner + i]; };
        std::int64_t best = 0;
        bool exact = true;
        for (std::int64_t k = 0; k < folded; ++k) {
          exact &= at(k).error == 0;
          if (isMax ? at(k).value > at(best).value : at(k).value < at(best).value)
            best = k;
        }
        // What the errors leave open may be any position.
        value.elements.push_back({static_cast<double>(best), exact ? 0.0 : static_cast<double>(folded)});
      }
    return value;
  };
  return result;
}

Expr numeric::narrowed(tile::DType type, Expr x) {
  Expr result{std::string(tile::nameOf(type)) + "(" + x.text + ")", x.kind, x.shape, {}};
  result.eval = [x, type](State &state) {
    Value value = x.eval(state);
    for (Expected &element : value.elements) {
      if (!isFloat(type))
        element.value = static_cast<double>(wrapTo(static_cast<__int128>(element.value), type));
      else if (element.error == 0)
        element.value = roundTo(element.value, type);
      else
        element.error += ulpOf(std::abs(element.value) + element.error, type);
    }
    return value;
  };
  return result;
}

Expr numeric::through(tile::DType type, Expr x) {
  Expr result = narrowed(type, std::move(x));
  result.text = (result.kind == Kind::Float ? "f32(" : "i32(") + result.text + ")";
  return result;
}
