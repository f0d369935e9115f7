//===- LinearLayout.cpp - Where the elements of a tile live, as a linear map *- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "tile/Layout/LinearLayout.h"

#include "Basis.h"

#include <cassert>

using namespace tile::layout;

std::string tile::layout::dimName(Dim dim) {
  switch (dim) {
  case Dim::Register:
    return "register";
  case Dim::Lane:
    return "lane";
  case Dim::Warp:
    return "warp";
  case Dim::Offset:
    return "offset";
  default:
    return "axis " + std::to_string(static_cast<unsigned>(dim) - static_cast<unsigned>(Dim::Axis0));
  }
}

static uint64_t lowBits(unsigned count) { return (uint64_t(1) << count) - 1; }

//===----------------------------------------------------------------------===//
// Space
//===----------------------------------------------------------------------===//

unsigned Space::bits(Dim dim) const {
  const auto *found = llvm::find_if(entries, [&](const Entry &entry) { return entry.dim == dim; });
  return found == entries.end() ? 0 : found->bits;
}

bool Space::contains(Dim dim) const {
  return llvm::any_of(entries, [&](const Entry &entry) { return entry.dim == dim; });
}

unsigned Space::shift(Dim dim) const {
  unsigned shift = 0;
  for (const Entry &entry : entries) {
    if (entry.dim == dim)
      return shift;
    shift += entry.bits;
  }
  assert(false && "a space is asked for a dimension that it lacks");
  return shift;
}

unsigned Space::totalBits() const {
  unsigned total = 0;
  for (const Entry &entry : entries)
    total += entry.bits;
  return total;
}

uint64_t Space::unpack(Dim dim, uint64_t packed) const {
  return contains(dim) ? packed >> shift(dim) & lowBits(bits(dim)) : 0;
}

/// A packed index of one space in another that has the same dimensions, each at least as large.
static uint64_t repack(uint64_t packed, const Space &from, const Space &to) {
  uint64_t result = 0;
  for (auto [dim, bits] : from.dims())
    if (uint64_t index = from.unpack(dim, packed))
      result |= to.pack(dim, index);
  return result;
}

/// The dimensions of both spaces, those of `first` first, with the bits that `combine` makes of theirs.
template <typename Combine>
static Space mergeSpaces(const Space &first, const Space &second, Combine combine) {
  llvm::SmallVector<Space::Entry> entries;
  for (auto [dim, bits] : first.dims())
    entries.push_back({dim, combine(bits, second.bits(dim))});
  for (auto [dim, bits] : second.dims())
    if (!first.contains(dim))
      entries.push_back({dim, combine(0u, bits)});
  return Space(entries);
}

//===----------------------------------------------------------------------===//
// Construction and algebra
//===----------------------------------------------------------------------===//

LinearLayout::LinearLayout(Space in, Space out, llvm::ArrayRef<uint64_t> columns)
    : inSpace(std::move(in)), outSpace(std::move(out)), matrix(columns) {
  assert(matrix.size() == inSpace.totalBits() && "a column for each bit of a place");
  assert(llvm::all_of(matrix, [&](uint64_t column) { return column < outSpace.size(); }) &&
         "a column names an element");
}

LinearLayout LinearLayout::identity(Dim in, Dim out, unsigned bits) {
  llvm::SmallVector<uint64_t> columns;
  for (unsigned bit = 0; bit < bits; ++bit)
    columns.push_back(uint64_t(1) << bit);
  return {{{in, bits}}, {{out, bits}}, columns};
}

LinearLayout LinearLayout::broadcast(Dim in, Dim out, unsigned bits) {
  return {{{in, bits}}, {{out, 0}}, llvm::SmallVector<uint64_t>(bits, 0)};
}

uint64_t LinearLayout::apply(uint64_t place) const {
  uint64_t element = 0;
  for (auto [bit, column] : llvm::enumerate(matrix))
    if (place >> bit & 1)
      element ^= column;
  return element;
}

LinearLayout LinearLayout::then(const LinearLayout &next) const {
  llvm::SmallVector<uint64_t> columns;
  for (uint64_t column : matrix)
    columns.push_back(next.apply(repack(column, outSpace, next.inSpace)));
  return {inSpace, next.outSpace, columns};
}

LinearLayout LinearLayout::operator*(const LinearLayout &outer) const {
  auto add = [](unsigned low, unsigned high) { return low + high; };
  Space in = mergeSpaces(inSpace, outer.inSpace, add), out = mergeSpaces(outSpace, outer.outSpace, add);
  llvm::SmallVector<uint64_t> columns;
  for (auto [dim, bits] : in.dims()) {
    unsigned low = inSpace.bits(dim);
    for (unsigned bit = 0; bit < low; ++bit)
      columns.push_back(repack(column(dim, bit), outSpace, out));
    for (unsigned bit = low; bit < bits; ++bit) {
      uint64_t element = 0, outerElement = outer.column(dim, bit - low);
      for (auto [outDim, outBits] : outer.outSpace.dims())
        element |= out.pack(outDim, outer.outSpace.unpack(outDim, outerElement) << outSpace.bits(outDim));
      columns.push_back(element);
    }
  }
  return {in, out, columns};
}

std::optional<LinearLayout> LinearLayout::dividedBy(const LinearLayout &inner) const {
  auto fits = [](const Space &part, const Space &whole) {
    return llvm::all_of(part.dims(), [&](const Space::Entry &entry) { return entry.bits <= whole.bits(entry.dim); });
  };
  if (!fits(inner.inSpace, inSpace) || !fits(inner.outSpace, outSpace))
    return std::nullopt;
  auto subtract = [](unsigned whole, unsigned part) { return whole - part; };
  Space in = mergeSpaces(inSpace, inner.inSpace, subtract), out = mergeSpaces(outSpace, inner.outSpace, subtract);
  llvm::SmallVector<uint64_t> columns;
  for (auto [dim, bits] : inSpace.dims())
    for (unsigned bit = inner.inSpace.bits(dim); bit < bits; ++bit) {
      uint64_t element = 0;
      for (auto [outDim, outBits] : out.dims())
        element |= out.pack(outDim, outSpace.unpack(outDim, column(dim, bit)) >> inner.outSpace.bits(outDim));
      columns.push_back(element);
    }
  LinearLayout quotient(in, out, columns);
  // What was shifted out must be zero, and the low bits must be the inner layout's: multiplying again tells.
  LinearLayout product = (inner * quotient).withIn(inSpace).withOut(outSpace);
  return product == *this ? std::optional(quotient) : std::nullopt;
}

LinearLayout LinearLayout::inverse() const {
  assert(isSurjective() && "only a layout that holds every element can be inverted");
  Basis basis;
  for (auto [bit, column] : llvm::enumerate(matrix))
    basis.insert(column, uint64_t(1) << bit);
  llvm::SmallVector<uint64_t> columns;
  for (unsigned bit = 0; bit < outSpace.totalBits(); ++bit)
    columns.push_back(*basis.solve(uint64_t(1) << bit));
  return {outSpace, inSpace, columns};
}

//===----------------------------------------------------------------------===//
// Elements in other shapes
//===----------------------------------------------------------------------===//

LinearLayout LinearLayout::withIn(const Space &in) const {
  llvm::SmallVector<uint64_t> columns;
  for (auto [dim, bits] : in.dims()) {
    assert(bits == inSpace.bits(dim) && "only the order changes");
    for (unsigned bit = 0; bit < bits; ++bit)
      columns.push_back(column(dim, bit));
  }
  return {in, outSpace, columns};
}

LinearLayout LinearLayout::withOut(const Space &out) const {
  llvm::SmallVector<uint64_t> columns;
  for (uint64_t column : matrix)
    columns.push_back(repack(column, outSpace, out));
  return {inSpace, out, columns};
}

LinearLayout LinearLayout::transposed(llvm::ArrayRef<unsigned> order) const {
  llvm::SmallVector<Space::Entry> renamed, sorted;
  for (auto [dim, bits] : outSpace.dims())
    for (auto [to, from] : llvm::enumerate(order))
      if (dim == axis(from))
        renamed.push_back({axis(to), bits});
  LinearLayout result(inSpace, Space(renamed), matrix);
  for (unsigned index = 0; index < order.size(); ++index)
    sorted.push_back({axis(index), result.outSpace.bits(axis(index))});
  return result.withOut(Space(sorted));
}

/// The axes of a tile with the last one first: the order in which a packed index is the row-major number of an element.
static Space rowMajor(llvm::ArrayRef<unsigned> shape) {
  llvm::SmallVector<Space::Entry> entries;
  for (unsigned index = shape.size(); index-- > 0;)
    entries.push_back({axis(index), shape[index]});
  return Space(entries);
}

/// The axes of a tile in their order.
static Space inOrder(llvm::ArrayRef<unsigned> shape) {
  llvm::SmallVector<Space::Entry> entries;
  for (auto [index, bits] : llvm::enumerate(shape))
    entries.push_back({axis(index), bits});
  return Space(entries);
}

LinearLayout LinearLayout::reshaped(llvm::ArrayRef<unsigned> shape) const {
  llvm::SmallVector<unsigned> oldShape(outSpace.dims().size());
  for (auto [index, bits] : llvm::enumerate(oldShape))
    bits = outSpace.bits(axis(index));
  LinearLayout flat = withOut(rowMajor(oldShape));
  return LinearLayout(inSpace, rowMajor(shape), flat.matrix).withOut(inOrder(shape));
}

LinearLayout LinearLayout::sliced(unsigned axisIndex) const {
  llvm::SmallVector<unsigned> shape;
  llvm::SmallVector<unsigned> oldAxes;
  for (unsigned index = 0; index < outSpace.dims().size(); ++index)
    if (index != axisIndex) {
      shape.push_back(outSpace.bits(axis(index)));
      oldAxes.push_back(index);
    }
  Space out = inOrder(shape);
  llvm::SmallVector<uint64_t> columns;
  for (uint64_t column : matrix) {
    uint64_t element = 0;
    for (auto [now, old] : llvm::enumerate(oldAxes))
      element |= out.pack(axis(now), outSpace.unpack(axis(old), column));
    columns.push_back(element);
  }
  return {inSpace, out, columns};
}

//===----------------------------------------------------------------------===//
// Questions
//===----------------------------------------------------------------------===//

static unsigned rankOf(llvm::ArrayRef<uint64_t> columns) {
  Basis basis;
  for (uint64_t column : columns)
    basis.insert(column, 0);
  return basis.rank();
}

bool LinearLayout::isSurjective() const { return rankOf(matrix) == outSpace.totalBits(); }
bool LinearLayout::isInjective() const { return rankOf(matrix) == matrix.size(); }

uint64_t LinearLayout::redundantBits(Dim dim) const {
  Basis basis;
  for (auto [other, bits] : inSpace.dims())
    if (other != dim)
      for (unsigned bit = 0; bit < bits; ++bit)
        basis.insert(column(other, bit), 0);
  uint64_t redundant = 0;
  for (unsigned bit = 0; bit < inSpace.bits(dim); ++bit)
    if (!basis.insert(column(dim, bit), 0))
      redundant |= uint64_t(1) << bit;
  return redundant;
}

uint64_t LinearLayout::contiguous(Dim dim, Dim along) const {
  unsigned bit = 0;
  // The next bit must step to the next element and do nothing else.
  while (bit < std::min(inSpace.bits(dim), outSpace.bits(along)) &&
         column(dim, bit) == outSpace.pack(along, uint64_t(1) << bit))
    ++bit;
  // And no other bit of the place may disturb the low bits of the elements, or a vector would not be aligned.
  for (; bit > 0; --bit) {
    uint64_t low = outSpace.pack(along, lowBits(bit));
    bool aligned = true;
    for (auto [other, bits] : inSpace.dims())
      for (unsigned high = other == dim ? bit : 0; high < bits; ++high)
        aligned &= (column(other, high) & low) == 0;
    if (aligned)
      break;
  }
  return uint64_t(1) << bit;
}

void LinearLayout::print(llvm::raw_ostream &os) const {
  for (auto [dim, bits] : inSpace.dims())
    for (unsigned bit = 0; bit < bits; ++bit) {
      os << dimName(dim) << ' ' << bit << " ->";
      for (auto [outDim, outBits] : outSpace.dims())
        if (uint64_t index = outSpace.unpack(outDim, column(dim, bit)))
          os << ' ' << dimName(outDim) << ": " << index;
      os << '\n';
    }
}

std::string LinearLayout::str() const {
  std::string text;
  llvm::raw_string_ostream os(text);
  print(os);
  return text;
}
