//===- LinearLayout.h - Where the elements of a tile live, as a linear map *- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A layout says which element of a tile each place holds. Places are numbered by bits: those of a register's number within a thread, of
// a lane within a warp, of a warp within a program; or of an offset in shared memory. Elements are numbered by the bits of their
// coordinates. All sizes are powers of two, and every layout that hardware asks for maps bits to bits by exclusive or: it is a linear
// map over the field of two elements, a matrix of bits with a column for each bit of the place. Blocked layouts, operands of matrix
// instructions, broadcasts, slices and swizzles of shared memory are all such maps; what a compiler asks of a layout
// is linear algebra on its columns. (After "Linear Layouts: Robust Code Generation of Efficient Tensor Computation Using F2",
// arXiv 2505.23819.)
//
// Values of this class are immutable and may be shared between threads.
//
//===----------------------------------------------------------------------===//

#ifndef TILE_LAYOUT_LINEARLAYOUT_H
#define TILE_LAYOUT_LINEARLAYOUT_H

#include <llvm/ADT/ArrayRef.h>
#include <llvm/ADT/SmallVector.h>
#include <llvm/Support/raw_ostream.h>

#include <cstdint>
#include <optional>
#include <string>

namespace tile::layout {

/// What a group of bits numbers.
enum class Dim : uint8_t { Register, Lane, Warp, Offset, Axis0, Axis1, Axis2, Axis3, Axis4, Axis5 };

/// The axis of a tile as a dimension; at most six.
inline Dim axis(unsigned index) { return static_cast<Dim>(static_cast<unsigned>(Dim::Axis0) + index); }
/// "register", "lane", …, "axis 0", ….
std::string dimName(Dim dim);

/// Dimensions in an order, each with its bits; the first has the lowest bits of a packed index.
class Space {
public:
  struct Entry {
    Dim dim;
    unsigned bits;
    bool operator==(const Entry &) const = default;
  };

  Space() = default;
  Space(std::initializer_list<Entry> entries) : entries(entries) {}
  explicit Space(llvm::ArrayRef<Entry> entries) : entries(entries) {}

  /// The bits of a dimension; 0 for one that the space lacks.
  unsigned bits(Dim dim) const;
  /// The position of a dimension's lowest bit in a packed index; the space has the dimension.
  unsigned shift(Dim dim) const;
  bool contains(Dim dim) const;
  unsigned totalBits() const;
  uint64_t size() const { return uint64_t(1) << totalBits(); }

  /// Packs an index of one dimension, and takes it out again.
  uint64_t pack(Dim dim, uint64_t index) const { return index << shift(dim); }
  uint64_t unpack(Dim dim, uint64_t packed) const;

  llvm::ArrayRef<Entry> dims() const { return entries; }
  bool operator==(const Space &) const = default;

private:
  llvm::SmallVector<Entry, 4> entries;
};

/// A linear map from places to elements.
class LinearLayout {
public:
  /// `columns` has, for each bit of `in` from the lowest up, the packed element that this bit alone maps to.
  LinearLayout(Space in, Space out, llvm::ArrayRef<uint64_t> columns);

  /// Maps bit i of one dimension to bit i of another.
  static LinearLayout identity(Dim in, Dim out, unsigned bits);
  /// Maps `bits` bits to nothing: places that all hold the same.
  static LinearLayout broadcast(Dim in, Dim out, unsigned bits);

  const Space &in() const { return inSpace; }
  const Space &out() const { return outSpace; }
  llvm::ArrayRef<uint64_t> columns() const { return matrix; }
  /// The packed element that a bit of a dimension maps to.
  uint64_t column(Dim dim, unsigned bit) const { return matrix[inSpace.shift(dim) + bit]; }

  /// The packed element at a packed place.
  uint64_t apply(uint64_t place) const;

  //===--- Algebra ---===//

  /// First this, then `next`, whose places are this layout's elements; the order of their dimensions may differ.
  LinearLayout then(const LinearLayout &next) const;
  /// Both side by side: for each dimension, this layout's bits are the low ones and `outer`'s the high ones.
  LinearLayout operator*(const LinearLayout &outer) const;
  /// The layout q with `inner * q == *this`; none when there is no such layout.
  std::optional<LinearLayout> dividedBy(const LinearLayout &inner) const;
  /// One place for each element. When several hold it, bits of the place that add nothing to lower ones are 0. The layout is
  /// surjective.
  LinearLayout inverse() const;
  /// The places of `to` that hold what a place of this layout holds: this, then `to`'s inverse. Both have the same elements.
  LinearLayout convertTo(const LinearLayout &to) const { return then(to.inverse()); }

  //===--- Elements in other shapes ---===//

  /// The same map with the dimensions in another order.
  LinearLayout withIn(const Space &in) const;
  LinearLayout withOut(const Space &out) const;
  /// Axis i of the result is axis `order[i]` of this layout.
  LinearLayout transposed(llvm::ArrayRef<unsigned> order) const;
  /// The elements in row-major order in another shape; `shape` has the bits of each axis.
  LinearLayout reshaped(llvm::ArrayRef<unsigned> shape) const;
  /// Without an axis: places that differed in it alone now hold the same.
  LinearLayout sliced(unsigned axisIndex) const;

  //===--- Questions ---===//

  /// Whether every element has a place; whether no two places hold the same.
  bool isSurjective() const;
  bool isInjective() const;
  /// The bits of a dimension that change nothing given the other dimensions and lower bits: copies of the same elements.
  uint64_t redundantBits(Dim dim) const;
  /// How many consecutive places of `dim`, from 0 up, hold consecutive elements of `along`: a power of two. The width of a vector access.
  uint64_t contiguous(Dim dim, Dim along) const;

  bool operator==(const LinearLayout &) const = default;
  /// A line for each input bit: "lane 2 -> axis 0: 4".
  void print(llvm::raw_ostream &os) const;
  std::string str() const;

private:
  Space inSpace, outSpace;
  llvm::SmallVector<uint64_t, 16> matrix;
};

} // namespace tile::layout

#endif // TILE_LAYOUT_LINEARLAYOUT_H
