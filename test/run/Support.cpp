//===- Support.cpp - What the numeric tests share ----------------*- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Support.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <bit>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <iterator>
#include <map>
#include <sstream>

using namespace numeric;
using tile::DType;

Options numeric::options;

const std::vector<std::string> &numeric::deviceNames() { return options.devices; }

bool numeric::isGpu(const std::string &name) { return name.rfind("cpu", 0) != 0; }

std::string numeric::targetOn(const std::string &name) {
  return isGpu(name) && !options.target.empty() ? options.target : device(name).target();
}

tile::KernelOptions numeric::optionsOn(const std::string &name) {
  tile::KernelOptions made;
  if (isGpu(name))
    made.planFor = options.target;
  return made;
}

const tile::Device &numeric::device(const std::string &name) {
  static std::map<std::string, tile::Device> devices;
  auto found = devices.find(name);
  if (found == devices.end())
    found = devices.emplace(name, tile::Device::byName(name)).first;
  return found->second;
}

//===----------------------------------------------------------------------===//
// Element types
//===----------------------------------------------------------------------===//

namespace {

/// A binary floating-point format.
struct Format {
  int bits;
  /// Of the significand, the hidden bit included.
  int precision;
  int minExponent, maxExponent;
  /// Whether all ones in the exponent mean infinity and NaN. f8e4m3 keeps numbers there, and one NaN.
  bool ieee = true;
};

Format formatOf(DType type) {
  switch (type) {
  case DType::F16:
    return {16, 11, -14, 15};
  case DType::BF16:
    return {16, 8, -126, 127};
  case DType::F32:
    return {32, 24, -126, 127};
  case DType::F8E4M3:
    return {8, 4, -6, 8, false};
  case DType::F8E5M2:
    return {8, 3, -14, 15};
  default:
    return {64, 53, -1022, 1023};
  }
}

/// The largest finite number.
double largestOf(const Format &format) {
  double significand = format.ieee ? 2 - std::ldexp(1.0, 1 - format.precision) : 1.75;
  return std::ldexp(significand, format.maxExponent);
}

} // namespace

bool numeric::isFloat(DType type) { return type >= DType::F16; }
bool numeric::isSigned(DType type) { return type >= DType::I8 && type <= DType::I64; }
unsigned numeric::bitsOf(DType type) { return type == DType::Bool ? 1 : 8 * tile::sizeOf(type); }

double numeric::epsilonOf(DType type) { return std::ldexp(1.0, -formatOf(type).precision); }

double numeric::ulpOf(double value, DType type) {
  Format format = formatOf(type);
  int exponent = value == 0 || !std::isfinite(value) ? format.minExponent : std::ilogb(value);
  exponent = std::clamp(exponent, format.minExponent, format.maxExponent);
  return std::ldexp(1.0, exponent - format.precision + 1);
}

double numeric::roundTo(long double value, DType type) {
  if (!isFloat(type) || type == DType::F64 || value == 0 || std::isnan(value))
    return static_cast<double>(value);
  Format format = formatOf(type);
  double infinity = format.ieee ? std::copysign(INFINITY, static_cast<double>(value)) : std::nan("");
  if (std::abs(value) > 2 * static_cast<long double>(largestOf(format)))
    return infinity;
  // Dividing by a power of two is exact.
  long double ulp = ulpOf(static_cast<double>(value), type);
  if (value / ulp == 0)
    return std::copysign(0.0, static_cast<double>(value));
  auto rounded = static_cast<double>(std::nearbyint(value / ulp) * ulp);
  return std::abs(rounded) > largestOf(format) ? infinity : std::copysign(rounded, static_cast<double>(value));
}

std::uint64_t numeric::encode(double value, DType type) {
  if (!isFloat(type))
    return static_cast<std::uint64_t>(static_cast<__int128>(value));
  if (type == DType::F64)
    return std::bit_cast<std::uint64_t>(value);
  if (type == DType::F32)
    return std::bit_cast<std::uint32_t>(static_cast<float>(value));
  Format format = formatOf(type);
  int mantissaBits = format.precision - 1;
  std::uint64_t sign = std::uint64_t(std::signbit(value)) << (format.bits - 1);
  std::uint64_t ones = (std::uint64_t(1) << (format.bits - 1)) - 1;
  if (std::isnan(value))
    return format.ieee ? sign | (ones & ~((std::uint64_t(1) << (mantissaBits - 1)) - 1)) : sign | ones;
  if (std::isinf(value))
    return sign | (ones & ~((std::uint64_t(1) << mantissaBits) - 1));
  if (value == 0)
    return sign;
  // Subnormals need no case: their hidden bit is missing and their exponent field 0.
  int exponent = std::max(std::ilogb(value), format.minExponent);
  auto significand = static_cast<std::uint64_t>(std::ldexp(std::abs(value), mantissaBits - exponent));
  return sign + (std::uint64_t(exponent - format.minExponent) << mantissaBits) + significand;
}

double numeric::decode(std::uint64_t bits, DType type) {
  if (type == DType::F64)
    return std::bit_cast<double>(bits);
  if (type == DType::F32)
    return std::bit_cast<float>(static_cast<std::uint32_t>(bits));
  if (!isFloat(type))
    return static_cast<double>(wrapTo(bits, type));
  Format format = formatOf(type);
  int mantissaBits = format.precision - 1;
  double sign = bits >> (format.bits - 1) & 1 ? -1 : 1;
  std::uint64_t mantissa = bits & ((std::uint64_t(1) << mantissaBits) - 1);
  int exponentBits = format.bits - 1 - mantissaBits;
  int field = static_cast<int>(bits >> mantissaBits) & ((1 << exponentBits) - 1);
  int most = (1 << exponentBits) - 1;
  if (field == most && format.ieee)
    return mantissa ? std::nan("") : sign * INFINITY;
  if (field == most && mantissa == 7 && !format.ieee)
    return std::nan("");
  std::uint64_t hidden = field ? std::uint64_t(1) << mantissaBits : 0;
  int exponent = std::max(field, 1) - 1 + format.minExponent;
  return sign * std::ldexp(static_cast<double>(mantissa + hidden), exponent - mantissaBits);
}

__int128 numeric::wrapTo(__int128 value, DType type) {
  unsigned bits = bitsOf(type);
  auto low = static_cast<std::uint64_t>(value);
  if (bits < 64)
    low &= (std::uint64_t(1) << bits) - 1;
  if (!isSigned(type))
    return low;
  return static_cast<std::int64_t>(low << (64 - bits)) >> (64 - bits);
}

std::string numeric::text(__int128 value) {
  return value < 0 ? std::to_string(static_cast<std::int64_t>(value))
                   : std::to_string(static_cast<std::uint64_t>(value));
}

//===----------------------------------------------------------------------===//
// Arrays
//===----------------------------------------------------------------------===//

/// What stands in memory around elements.
static constexpr std::uint8_t pattern = 0xa7;
/// Elements before the first and after the last.
static constexpr std::int64_t margin = 64;

const char *numeric::nameOf(Layout layout) {
  static const char *const names[] = {"dense",     "padded",        "odd rows",      "transposed",
                                      "unaligned", "strided",       "backwards",     "repeated",
                                      "columns",   "rows of words", "rows of pairs", "columns of words"};
  return names[static_cast<int>(layout)];
}

const std::vector<Layout> &numeric::layouts() {
  static const std::vector<Layout> all = {Layout::Dense,     Layout::Padded,  Layout::OddPadded, Layout::Transposed,
                                          Layout::Unaligned, Layout::Strided, Layout::Negative};
  return all;
}

Array::Array(DType type, std::vector<std::int64_t> shape, Layout layout)
    : elementType(type), extents(std::move(shape)), strides(extents.size()) {
  auto rank = static_cast<std::int64_t>(extents.size());
  std::int64_t next = layout == Layout::Strided ? 3 : 1;
  for (std::int64_t i = 0; i < rank; ++i) {
    std::int64_t axis = layout == Layout::Transposed ? i : rank - 1 - i;
    if ((layout == Layout::Columns || layout == Layout::WordColumns) && i < 2 && rank > 1)
      axis = rank - 2 + i;
    strides[axis] = next;
    if (layout == Layout::Repeated && axis == 0)
      strides[axis] = 0;
    next *= std::max<std::int64_t>(1, extents[axis]);
    if (i == 0 && (layout == Layout::Padded || layout == Layout::Columns))
      next = (next + 127) / 64 * 64;
    if (i == 0 && layout == Layout::OddPadded)
      next = (next + 4) | 1;
    // An element of more bytes than these has no such layout.
    std::int64_t piece = std::max<std::int64_t>(1, (layout == Layout::Pairs ? 8 : 4) / tile::sizeOf(type));
    if (i == 0 && (layout == Layout::Words || layout == Layout::Pairs || layout == Layout::WordColumns))
      next = ((next + piece - 1) / piece | 1) * piece;
  }
  std::int64_t behind = layout == Layout::Words ? std::max<std::int64_t>(1, 4 / tile::sizeOf(type)) : 0;
  origin = margin + (layout == Layout::Unaligned ? 1 : behind);
  if (layout == Layout::Negative && rank) {
    origin += std::max<std::int64_t>(0, extents[rank - 1] - 1) * strides[rank - 1];
    strides[rank - 1] = -strides[rank - 1];
  }
  memory.assign((next + 3 * margin) * tile::sizeOf(type) + 64, pattern);
  aligned = -reinterpret_cast<std::uintptr_t>(memory.data()) % 64;
  fill(0);
}

std::int64_t Array::size() const {
  std::int64_t product = 1;
  for (std::int64_t extent : extents)
    product *= extent;
  return product;
}

std::uint8_t *Array::base() const {
  return const_cast<std::uint8_t *>(memory.data()) + aligned + origin * tile::sizeOf(elementType);
}

std::int64_t Array::offsetOf(std::int64_t element) const {
  std::int64_t offset = 0;
  for (std::size_t axis = extents.size(); axis-- > 0; element /= extents[axis])
    offset += element % extents[axis] * strides[axis];
  return offset;
}

std::uint64_t Array::bits(std::int64_t element) const {
  std::uint64_t value = 0;
  unsigned bytes = tile::sizeOf(elementType);
  std::memcpy(&value, base() + offsetOf(element) * bytes, bytes);
  return value;
}

void Array::setBits(std::int64_t element, std::uint64_t value) {
  unsigned bytes = tile::sizeOf(elementType);
  std::memcpy(base() + offsetOf(element) * bytes, &value, bytes);
}

__int128 Array::getInteger(std::int64_t element) const { return wrapTo(bits(element), elementType); }

void Array::fill(double value) {
  for (std::int64_t i = 0, n = size(); i < n; ++i)
    set(i, value);
}

void Array::fillRandom(Random &random, bool exact) {
  for (std::int64_t i = 0, n = size(); i < n; ++i) {
    bool isUnsigned = elementType == DType::Bool || (elementType >= DType::U8 && elementType <= DType::U64);
    if (elementType == DType::Bool)
      set(i, static_cast<double>(random.range(0, 1)));
    else if (exact || !isFloat(elementType))
      set(i, static_cast<double>(random.range(isUnsigned ? 0 : -4, 4)));
    else
      set(i, random.normal());
  }
}

std::vector<std::uint64_t> Array::allBits() const {
  std::vector<std::uint64_t> all(size());
  for (std::size_t i = 0; i < all.size(); ++i)
    all[i] = bits(static_cast<std::int64_t>(i));
  return all;
}

bool Array::intact() const {
  std::vector<bool> mine(memory.size());
  unsigned bytes = tile::sizeOf(elementType);
  for (std::int64_t i = 0, n = size(); i < n; ++i)
    for (unsigned byte = 0; byte < bytes; ++byte)
      mine[base() - memory.data() + offsetOf(i) * bytes + byte] = true;
  for (std::size_t i = 0; i < memory.size(); ++i)
    if (!mine[i] && memory[i] != pattern)
      return false;
  return true;
}

//===----------------------------------------------------------------------===//
// Comparison
//===----------------------------------------------------------------------===//

static constexpr int mostReported = 4;

/// "[3, 5]" for an element's number.
static std::string position(const std::vector<std::int64_t> &shape, std::int64_t element) {
  std::string text;
  for (std::size_t axis = shape.size(); axis-- > 0; element /= shape[axis])
    text = std::to_string(element % shape[axis]) + (text.empty() ? "" : ", ") + text;
  return "[" + text + "]";
}

std::string numeric::difference(const Array &got, const std::vector<Expected> &want) {
  std::ostringstream out;
  out.precision(9);
  std::int64_t wrong = 0, n = got.size();
  if (n != static_cast<std::int64_t>(want.size()))
    return "the reference has " + std::to_string(want.size()) + " elements, the result " + std::to_string(n) + "\n";
  for (std::int64_t i = 0; i < n; ++i) {
    double value = got.get(i);
    const Expected &expected = want[i];
    bool fine = std::isnan(expected.value)
                    ? std::isnan(value)
                    : value == expected.value || std::abs(value - expected.value) <= expected.error;
    if (fine || ++wrong > mostReported)
      continue;
    out << "  " << position(got.shape(), i) << ": " << value << ", not " << expected.value;
    if (expected.error != 0)
      out << " within " << expected.error;
    out << "\n";
  }
  if (wrong)
    out << "  " << wrong << " of " << n << " elements are wrong\n";
  return out.str();
}

std::string numeric::bitDifference(DType type, const std::vector<std::uint64_t> &got,
                                   const std::vector<std::uint64_t> &want) {
  std::ostringstream out;
  out.precision(9);
  int wrong = got.size() != want.size();
  for (std::size_t i = 0; i < got.size() && i < want.size(); ++i) {
    bool bothNaN = isFloat(type) && std::isnan(decode(got[i], type)) && std::isnan(decode(want[i], type));
    if (got[i] == want[i] || bothNaN || ++wrong > mostReported)
      continue;
    out << "  element " << i << ": " << decode(got[i], type) << ", not " << decode(want[i], type) << std::hex << " (0x"
        << got[i] << ", not 0x" << want[i] << ")" << std::dec << "\n";
  }
  if (wrong)
    out << "  " << wrong << " of " << want.size() << " elements differ\n";
  return out.str();
}

std::string Agreement::difference(const std::string &device, const Array &got) {
  auto [found, isNew] = first.try_emplace(familyOf(device));
  if (isNew)
    found->second = got.allBits();
  return bitDifference(got.type(), got.allBits(), found->second);
}

//===----------------------------------------------------------------------===//
// Main
//===----------------------------------------------------------------------===//

static std::atomic<std::uint64_t> cases;

void numeric::countCase() { ++cases; }

int main(int argc, char **argv) {
  // Before GoogleTest starts: how many tests there are depends on them. Test runners, which call programs in their own way, say them in
  // TILE_TEST_OPTIONS.
  std::vector<std::string> arguments(argv + 1, argv + argc);
  if (const char *given = std::getenv("TILE_TEST_OPTIONS")) {
    std::istringstream words(given);
    arguments.insert(arguments.begin(), std::istream_iterator<std::string>(words), {});
  }
  for (const std::string &argument : arguments) {
    auto number = [&](const char *prefix, unsigned &value) {
      if (argument.rfind(prefix, 0) == 0)
        value = static_cast<unsigned>(std::stoul(argument.substr(std::strlen(prefix))));
    };
    number("--seed=", options.seed);
    number("--programs=", options.programs);
    if (argument.rfind("--device=", 0) == 0) {
      options.devices.clear();
      std::istringstream list(argument.substr(std::strlen("--device=")));
      for (std::string name; std::getline(list, name, ',');)
        options.devices.push_back(name);
    }
    options.copy |= argument == "--copy";
    if (argument.rfind("--target=", 0) == 0)
      options.target = argument.substr(std::strlen("--target="));
  }
  testing::InitGoogleTest(&argc, argv);
  int status = RUN_ALL_TESTS();
  std::printf("%llu cases\n", static_cast<unsigned long long>(cases));
  return status;
}
