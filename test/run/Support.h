//===- Support.h - What the numeric tests share ------------------*- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// \file
/// Arrays of every element type in every layout, rounding to any format, devices, random numbers and the options of the programs.
/// Nothing here uses the compiler: rounding is written out, so that references are independent of it.
///
//===----------------------------------------------------------------------===//

#ifndef TILE_TEST_RUN_SUPPORT_H
#define TILE_TEST_RUN_SUPPORT_H

#include <tile/tile.h>

#include <cstdint>
#include <map>
#include <memory>
#include <random>
#include <span>
#include <string>
#include <vector>

namespace numeric {

/// The options of a test program. --seed=N explores; --programs=N generates that many kernels of each kind.
struct Options {
  unsigned seed = 1;
  unsigned programs = 60;
  /// --device=NAME,NAME: where kernels run.
  std::vector<std::string> devices = {"cpu", "cpu-late"};
  /// --copy: arrays go through buffers on every device, also where the host's memory would do.
  bool copy = false;
  /// --target=NAME: what is compiled for GPUs is for that older or plainer architecture, as sm_90 is beside sm_90a.
  std::string target;
};
extern Options options;

/// Those of --device; "cpu" and "cpu-late" without it.
const std::vector<std::string> &deviceNames();
/// The device of that name, made once.
const tile::Device &device(const std::string &name);
/// Whether it is a GPU, whose memory the host can't touch.
bool isGpu(const std::string &name);
/// What kernels are compiled for there.
std::string targetOn(const std::string &name);
/// The options that say so.
tile::KernelOptions optionsOn(const std::string &name);

/// Random numbers, the same on every machine for one seed (the standard's distributions are not).
class Random {
public:
  explicit Random(std::uint64_t seed) : engine(seed) {}
  /// A number from low to high, both included.
  std::int64_t range(std::int64_t low, std::int64_t high) {
    return low + static_cast<std::int64_t>(engine() % static_cast<std::uint64_t>(high - low + 1));
  }
  bool chance(double p) { return uniform() < p; }
  /// From 0 to 1.
  double uniform() { return static_cast<double>(engine() >> 11) * 0x1p-53; }
  /// Roughly normal: the sum of twelve uniform numbers.
  double normal() {
    double sum = -6;
    for (int i = 0; i < 12; ++i)
      sum += uniform();
    return sum;
  }
  std::uint64_t bits() { return engine(); }
  template <typename T>
  T pick(const std::vector<T> &from) {
    return from[range(0, static_cast<std::int64_t>(from.size()) - 1)];
  }

private:
  std::mt19937_64 engine;
};

//===----------------------------------------------------------------------===//
// Element types
//===----------------------------------------------------------------------===//

bool isFloat(tile::DType type);
bool isSigned(tile::DType type);
unsigned bitsOf(tile::DType type);
/// Half the distance from 1 to the next number: the largest relative error of one rounding.
double epsilonOf(tile::DType type);
/// To the nearest number of the type, ties to even. f8e4m3 has no infinity: beyond its range is NaN.
double roundTo(long double value, tile::DType type);
/// The distance between neighbours of the type around a value.
double ulpOf(double value, tile::DType type);
/// The bits of a number that the type holds, and back.
std::uint64_t encode(double value, tile::DType type);
double decode(std::uint64_t bits, tile::DType type);
/// An integer wrapped to the type's width.
__int128 wrapTo(__int128 value, tile::DType type);
std::string text(__int128 value);

//===----------------------------------------------------------------------===//
// Arrays
//===----------------------------------------------------------------------===//

/// How an array lies in memory.
enum class Layout {
  Dense,       ///< row-major
  Padded,      ///< rows a multiple of 64 bytes apart, and more than they need
  OddPadded,   ///< rows an odd number of elements apart
  Transposed,  ///< column-major
  Unaligned,   ///< row-major, the base one element behind an aligned address
  Strided,     ///< no axis has stride 1
  Negative,    ///< the last axis runs backwards
  Repeated,    ///< the first axis has stride 0: for what is only read
  Columns,     ///< matrices of columns a multiple of 64 bytes apart, one behind the other
  Words,       ///< rows an odd number of 4 bytes apart, the base 4 bytes behind an aligned address
  Pairs,       ///< rows an odd number of 8 bytes apart
  WordColumns, ///< matrices of columns an odd number of 4 bytes apart
};
const char *nameOf(Layout layout);
/// Those that can be written.
const std::vector<Layout> &layouts();

/// Memory with a view into it. Bytes around and between the elements hold a pattern, which must survive.
class Array {
public:
  Array(tile::DType type, std::vector<std::int64_t> shape, Layout layout = Layout::Dense);
  // A copy would lie at another alignment.
  Array(Array &&) = default;
  Array &operator=(Array &&) = default;

  tile::DType type() const { return elementType; }
  const std::vector<std::int64_t> &shape() const { return extents; }
  std::int64_t size() const;
  tile::Tensor tensor() { return {base(), elementType, extents, strides}; }
  tile::Tensor constTensor() const { return {static_cast<const void *>(base()), elementType, extents, strides}; }
  /// All of the memory, what surrounds the elements included, and the same view of a copy of it at another address. A copy at a
  /// multiple of 64 is aligned as the array is.
  std::span<std::uint8_t> bytes() { return std::span(memory).subspan(aligned); }
  std::span<const std::uint8_t> bytes() const { return std::span(memory).subspan(aligned); }
  tile::Tensor tensorIn(void *copy) const { return {elementIn(copy), elementType, extents, strides}; }
  tile::Tensor constTensorIn(void *copy) const {
    return {static_cast<const void *>(elementIn(copy)), elementType, extents, strides};
  }

  /// Elements by their number in row-major order. Floating-point values are rounded when they are set; integers wrap.
  double get(std::int64_t element) const { return decode(bits(element), elementType); }
  void set(std::int64_t element, double value) { setBits(element, encode(roundTo(value, elementType), elementType)); }
  __int128 getInteger(std::int64_t element) const;
  void setInteger(std::int64_t element, __int128 value) { setBits(element, static_cast<std::uint64_t>(value)); }
  std::uint64_t bits(std::int64_t element) const;
  void setBits(std::int64_t element, std::uint64_t value);

  void fill(double value);
  /// Small integers, which every order of adding and every contraction leaves exact; or normally distributed numbers.
  void fillRandom(Random &random, bool exact);
  /// All elements as they are in memory, for comparison bit for bit.
  std::vector<std::uint64_t> allBits() const;
  /// Whether nothing was written beside the elements.
  bool intact() const;

private:
  std::int64_t offsetOf(std::int64_t element) const;
  std::uint8_t *base() const;
  std::uint8_t *elementIn(void *copy) const {
    return static_cast<std::uint8_t *>(copy) + origin * tile::sizeOf(elementType);
  }

  tile::DType elementType;
  std::vector<std::int64_t> extents, strides;
  /// The first element in the memory, in elements; the memory starts at an address divisible by 64.
  std::int64_t origin = 0;
  std::vector<std::uint8_t> memory;
  std::size_t aligned = 0;
};

//===----------------------------------------------------------------------===//
// Comparison
//===----------------------------------------------------------------------===//

/// What a computation should give: a value and the largest error it may have. 0 asks for equality.
struct Expected {
  double value = 0;
  double error = 0;
};

/// The first few elements that are off, or nothing when all agree. NaN agrees with NaN only.
std::string difference(const Array &got, const std::vector<Expected> &want);
/// The first elements whose bits differ; NaNs agree with each other.
std::string bitDifference(tile::DType type, const std::vector<std::uint64_t> &got,
                          const std::vector<std::uint64_t> &want);

/// What holds folds and products: their last bits may differ between processors and GPUs, but not between the ways to compile for one
/// of them. "cpu" and "cpu-late" count as one.
class Agreement {
public:
  /// Whether nothing has been compared yet with results of this device.
  bool isFirst(const std::string &device) const { return !first.contains(familyOf(device)); }
  /// The bits that differ from the first result that came from this device.
  std::string difference(const std::string &device, const Array &got);

private:
  static std::string familyOf(const std::string &device) { return isGpu(device) ? device : "cpu"; }
  std::map<std::string, std::vector<std::uint64_t>> first;
};

/// Counts launches whose results were compared; the program says at its end how many there were.
void countCase();

} // namespace numeric

#endif // TILE_TEST_RUN_SUPPORT_H
