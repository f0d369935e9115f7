//===- HopperKernels.h - Loops of products, in every form --------*- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef TILE_TEST_RUN_HOPPER_KERNELS_H
#define TILE_TEST_RUN_HOPPER_KERNELS_H

#include "Support.h"

#include <algorithm>
#include <cmath>

namespace numeric::hopper {

struct Types {
  const char *name;
  tile::DType a, b, sum;
  bool tf32 = false;
};

/// What stands around the loop over k.
enum class Shape : std::uint8_t {
  Plain,    ///< nothing
  Gated,    ///< two products with one first matrix, of two sums
  Resumed,  ///< another loop adds to the same sum
  Separate, ///< another loop makes a second sum
  Folded,   ///< a loop over matrices, all of which add to one sum
  Batched,  ///< three axes, of which the grid has one
  Expert,   ///< the second matrix is one of several, as memory says
  Started,  ///< the sum begins with other numbers than 0
  Fresh,    ///< a sum of products that are each computed with
  Clipped,  ///< the sum is computed with in every iteration
  Shifted,  ///< tiles begin before the matrix, and end behind it
  Ragged,   ///< where the loop begins, memory says
  Counted,  ///< positions are carried by the loop
  Paged,    ///< positions are read by the loop
  Kept,     ///< each of several products is stored, by a loop around
  Added,    ///< the loop also adds up what it multiplies
  Negated,  ///< the first operand is computed
  Weighed,  ///< it is computed with a row that the loop loads, and multiplied twice
  Known,    ///< it was loaded before the loop, which goes through columns
  Masked,   ///< the second operand is computed
  Guarded,  ///< there is a condition around it
};
/// A number with a bound on its error. What f32 has no place for is rounded; integers are of 32 bits.
struct Number {
  double value = 0, error = 0;

  Number rounded(bool isFloat) const {
    if (!isFloat)
      return {static_cast<double>(wrapTo(static_cast<__int128>(value), tile::DType::I32)), 0};
    return {value, value == roundTo(value, tile::DType::F32) ? error : error + ulpOf(value, tile::DType::F32)};
  }
  friend Number operator+(Number a, Number b) { return {a.value + b.value, a.error + b.error}; }
  friend Number operator*(Number a, Number b) {
    return {a.value * b.value, std::abs(a.value) * b.error + std::abs(b.value) * a.error + a.error * b.error};
  }
};

/// A sum of products as tensor cores make it: last bits are cut off, and of 8-bit floats also what is small beside the largest term.
struct Sum {
  double value = 0, absolute = 0, most = 0;
  std::int64_t terms = 0;
  bool exact = true;

  void add(double term) {
    value += term;
    absolute += std::abs(term);
    most = std::max({most, std::abs(term), std::abs(value)});
    ++terms;
    exact &= std::nearbyint(term) == term;
  }
  Number number(const Types &types) const {
    if (!isFloat(types.sum))
      return Number{value, 0}.rounded(false);
    if (exact && absolute <= 0x1p12)
      return {value, 0};
    double cut = tile::sizeOf(types.a) == 1 ? 0x1p-12 * most * 1.04 * static_cast<double>(terms + 2) : 0;
    return {value, cut + absolute * (static_cast<double>(terms + 8) * 0x1p-23 + (types.tf32 ? 2.1 * 0x1p-10 : 0))};
  }
};

/// A matrix, or several of one size. `isTurned`: memory has the axes the other way round, and the text transposes what it reads.
struct Matrix {
  bool isTurned = false, isBatch = false;
  Layout layout = Layout::Padded;

  std::vector<std::int64_t> shape(std::int64_t count, std::int64_t rows, std::int64_t columns) const {
    std::vector<std::int64_t> shape = {isTurned ? columns : rows, isTurned ? rows : columns};
    if (isBatch)
      shape.insert(shape.begin(), count);
    return shape;
  }
  /// Whether tensor maps don't describe it, as its rows start at no multiple of 16 bytes.
  bool isAskew() const { return layout == Layout::Words || layout == Layout::Pairs || layout == Layout::WordColumns; }
  /// The elements row by row.
  std::vector<double> elements(const Array &array) const {
    std::vector<double> all(array.size());
    std::size_t rank = array.shape().size();
    std::int64_t inner = array.shape()[rank - 1], outer = array.shape()[rank - 2];
    for (std::int64_t i = 0; i < array.size(); ++i) {
      std::int64_t which = i / (inner * outer), rest = i % (inner * outer);
      all[isTurned ? which * inner * outer + rest % inner * outer + rest / inner : i] = array.get(i);
    }
    return all;
  }
  std::string view(const std::string &rows, const std::string &columns) const {
    return std::string(isBatch ? "[Z, " : "[") + (isTurned ? columns + ", " + rows : rows + ", " + columns) + "]";
  }
  std::string read(const std::string &name, const std::string &which, const std::string &rows,
                   const std::string &columns) const {
    std::string batch = isBatch ? which + ", " : "";
    return isTurned ? "transpose(" + name + "[" + batch + columns + ", " + rows + "])"
                    : name + "[" + batch + rows + ", " + columns + "]";
  }
};

struct Kernel {
  Types types;
  Shape shape = Shape::Plain;
  std::int64_t bm = 64, bn = 64, bk = 32, stages = 2;
  Matrix a, b, residual, c;
  tile::DType out = tile::DType::F32;
  bool scales = false, bends = false, hasBias = false, hasResidual = false, keepsSums = false;

  bool isIn(std::initializer_list<Shape> shapes) const { return std::ranges::find(shapes, shape) != shapes.end(); }
  bool isFloating() const { return isFloat(types.sum); }
  /// Whether warpgroups make the products as they are written, with rows enough and no computed second operand; or their transposes.
  bool stands() const { return bm % 64 == 0 && shape != Shape::Masked; }
  bool takesForm() const {
    bool turns = bn % 64 == 0 && !isIn({Shape::Negated, Shape::Weighed, Shape::Known, Shape::Added});
    return (stands() || turns) && shape != Shape::Guarded;
  }
  /// Products, each with a sum of its own as far as registers count.
  std::int64_t products() const {
    return isIn({Shape::Gated, Shape::Weighed, Shape::Resumed, Shape::Separate}) ? 2 : 1;
  }
  bool sharesLeft() const { return isIn({Shape::Gated, Shape::Weighed}); }
  std::int64_t bytesOfStage() const {
    std::int64_t left = bm * bk * tile::sizeOf(types.a), right = bk * bn * tile::sizeOf(types.b);
    return sharesLeft() ? left + 2 * right + 1024 : products() * (left + right);
  }
  /// Registers of all threads for an operand that is not read in shared memory.
  std::int64_t registersOfOperand() const {
    return isIn({Shape::Negated, Shape::Weighed, Shape::Known}) ? bm * bk * tile::sizeOf(types.a) / 4
           : shape == Shape::Masked                             ? bn * bk * tile::sizeOf(types.b) / 4
                                                                : 0;
  }
  /// What fits beside a tile that is stored.
  std::int64_t mostStages() const {
    std::int64_t stored = bm * bn * (tile::sizeOf(out) + (keepsSums ? tile::sizeOf(types.sum) : 0));
    // Operands that are computed go through shared memory, too.
    return ((225 << 10) - stored - (takesForm() ? shape == Shape::Added ? 8192 : 0 : bytesOfStage())) / bytesOfStage();
  }
  bool fits() const {
    std::int64_t sums = products() * bm * bn, warpgroups = (stands() ? bm : bn) < 128 ? 1 : 2;
    return sums <= warpgroups * 16384 && sums + registersOfOperand() <= warpgroups * 24576 && mostStages() >= 2;
  }
  std::string source() const;
  Number sumOf(const Sum &first, const Sum &second) const;
  Number finish(Number x, double scale, double bias, double added) const;
};

/// The kernel of that number.
Kernel makeKernel(int number, Random &random);

/// Extents of one launch.
struct Extents {
  std::int64_t m, n, k, k2, count;
};

/// From nothing to some tiles, mostly no multiple of anything.
Extents makeExtents(const Kernel &kernel, Random &random);

/// What a launch is given.
struct Arguments {
  Array a, b, a2, b2, chosen, pages, weights, bias, residual;
  double scale;
};

/// Small integers, or any.
Arguments makeArguments(const Kernel &kernel, const Extents &extents, Random &random, bool exact);

/// What a launch should leave.
struct Results {
  std::vector<Expected> c, sums;
};
Results reference(const Kernel &kernel, const Extents &extents, const Arguments &arguments);

} // namespace numeric::hopper

#endif // TILE_TEST_RUN_HOPPER_KERNELS_H
