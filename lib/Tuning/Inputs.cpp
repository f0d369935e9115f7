//===- Inputs.cpp - What inputs hold, and how results are compared -*- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "tile/Device.h"
#include "tile/Error.h"
#include "tile/Tuning/Problem.h"

#include <llvm/ADT/APFloat.h>
#include <llvm/Support/MathExtras.h>

#include <cmath>
#include <cstring>

using namespace tile;
using namespace tile::tuning;

//===----------------------------------------------------------------------===//
// Elements
//===----------------------------------------------------------------------===//

/// How a floating-point type is made of bits; null for others.
static const llvm::fltSemantics *semanticsOf(DType type) {
  switch (type) {
  case DType::F16:
    return &llvm::APFloat::IEEEhalf();
  case DType::BF16:
    return &llvm::APFloat::BFloat();
  case DType::F32:
    return &llvm::APFloat::IEEEsingle();
  case DType::F64:
    return &llvm::APFloat::IEEEdouble();
  case DType::F8E4M3:
    return &llvm::APFloat::Float8E4M3FN();
  case DType::F8E5M2:
    return &llvm::APFloat::Float8E5M2();
  default:
    return nullptr;
  }
}

static bool isUnsigned(DType type) { return type >= DType::U8 && type <= DType::U64; }

/// The bits of a value in a type.
static std::uint64_t encode(double value, DType type) {
  if (const llvm::fltSemantics *semantics = semanticsOf(type)) {
    llvm::APFloat number(value);
    bool loses;
    number.convert(*semantics, llvm::APFloat::rmNearestTiesToEven, &loses);
    return number.bitcastToAPInt().getZExtValue();
  }
  return static_cast<std::uint64_t>(static_cast<std::int64_t>(value));
}

static double decode(std::uint64_t bits, DType type) {
  unsigned width = 8 * sizeOf(type);
  if (const llvm::fltSemantics *semantics = semanticsOf(type))
    return llvm::APFloat(*semantics, llvm::APInt(width, bits)).convertToDouble();
  return isUnsigned(type) || type == DType::Bool ? static_cast<double>(bits)
                                                 : static_cast<double>(llvm::SignExtend64(bits, width));
}

/// Elements as numbers; those of small types from a table.
namespace {
class Decoder {
public:
  explicit Decoder(DType type) : type(type) {
    if (sizeOf(type) <= 2)
      for (std::uint64_t bits = 0; bits < (std::uint64_t(1) << (8 * sizeOf(type))); ++bits)
        table.push_back(decode(bits, type));
  }

  double operator()(const char *element) const {
    if (type == DType::F32) {
      float value;
      std::memcpy(&value, element, sizeof(value));
      return static_cast<double>(value);
    }
    std::uint64_t bits = 0;
    std::memcpy(&bits, element, sizeOf(type));
    return table.empty() ? decode(bits, type) : table[bits];
  }

private:
  DType type;
  std::vector<double> table;
};

/// xorshift64*: the same everywhere for a seed.
class Random {
public:
  explicit Random(std::uint64_t seed) : state(seed * 0x9E3779B97F4A7C15 + 0xD1B54A32D192ED03) { state += state == 0; }
  std::uint64_t operator()() {
    state ^= state >> 12;
    state ^= state << 25;
    state ^= state >> 27;
    return state * 0x2545F4914F6CDD1D;
  }
  /// In (0, 1].
  double uniform() { return static_cast<double>(((*this)() >> 11) + 1) * 0x1p-53; }
  double normal() { return std::sqrt(-2 * std::log(uniform())) * std::cos(2 * M_PI * uniform()); }

private:
  std::uint64_t state;
};
} // namespace

static double randomValue(Random &random, DType type) {
  if (semanticsOf(type))
    return random.normal();
  if (type == DType::Bool)
    return static_cast<double>(random() >> 63);
  return isUnsigned(type) ? static_cast<double>(random() >> 60) : static_cast<double>(random() % 17) - 8;
}

/// Elements for a tensor: so many different ones that a tile holds no pattern, drawn from a table, since drawing each anew would take
/// longer than the benchmark.
static std::string randomBytes(const ArgumentPlan &argument, std::uint64_t seed) {
  constexpr std::size_t kTable = 1 << 16;
  Random random(seed);
  std::size_t size = sizeOf(argument.type);
  std::string table(kTable * size, '\0'), bytes(argument.bytes(), '\0');
  for (std::size_t i = 0; i < kTable; ++i) {
    std::uint64_t bits = encode(randomValue(random, argument.type), argument.type);
    std::memcpy(&table[i * size], &bits, size);
  }
  for (std::size_t at = 0; at < bytes.size(); at += size)
    std::memcpy(&bytes[at], &table[(random() >> 48) * size], size);
  return bytes;
}

//===----------------------------------------------------------------------===//
// Problem
//===----------------------------------------------------------------------===//

Problem::Problem(const Device &device, std::vector<ArgumentPlan> plan, std::uint64_t seed)
    : planned(std::move(plan)), seed(seed) {
  checkRoom(device, planned);
  tensors.reserve(planned.size());
  for (auto [index, argument] : llvm::enumerate(planned)) {
    memory.push_back(nullptr);
    if (!argument.present) {
      passed.push_back(std::nullopt);
    } else if (!argument.isView) {
      passed.push_back(Argument(Scalar{argument.type, argument.scalar}));
      if (!semanticsOf(argument.type))
        passed.back() = Argument(static_cast<std::int64_t>(argument.scalar));
    } else {
      memory.back() = std::make_unique<Buffer>(device, argument.bytes());
      tensors.emplace_back(memory.back()->data(), argument.type, argument.extents, argument.strides);
      passed.push_back(Argument(tensors.back()));
      fill(index);
    }
  }
}

Problem::~Problem() = default;

void Problem::fill(std::size_t index) {
  const ArgumentPlan &argument = planned[index];
  // What is only written holds what no kernel should write.
  std::string bytes = argument.isRead() ? randomBytes(argument, seed + 1 + index)
                                        : std::string(argument.bytes(), argument.type == DType::Bool ? '\0' : '\xff');
  memory[index]->upload(bytes.data(), bytes.size());
}

double Problem::traffic() const {
  double bytes = 0;
  for (const ArgumentPlan &argument : planned)
    bytes += static_cast<double>(argument.bytes()) * (argument.isRead() + argument.isWritten());
  return bytes;
}

std::size_t Problem::footprint() const {
  std::size_t bytes = 0;
  for (const ArgumentPlan &argument : planned)
    bytes += argument.isView && argument.present ? argument.bytes() : 0;
  return bytes;
}

void Problem::reset() {
  for (std::size_t i = 0; i < planned.size(); ++i)
    if (planned[i].isWritten())
      fill(i);
}

std::vector<std::string> Problem::results() const {
  std::vector<std::string> all;
  for (std::size_t i = 0; i < planned.size(); ++i)
    if (planned[i].isWritten()) {
      std::string bytes(memory[i]->size(), '\0');
      memory[i]->download(bytes.data(), bytes.size());
      all.push_back(std::move(bytes));
    }
  return all;
}

double tuning::relativeError(const std::string &got, const std::string &wanted, DType type) {
  if (got == wanted)
    return 0;
  Decoder decoder(type);
  double difference = 0, norm = 0;
  std::size_t size = sizeOf(type);
  for (std::size_t at = 0; at < wanted.size(); at += size) {
    double a = decoder(&got[at]), b = decoder(&wanted[at]);
    if (a == b || (std::isnan(a) && std::isnan(b))) {
      norm += std::isfinite(b) ? b * b : 0;
      continue;
    }
    if (!std::isfinite(a) || !std::isfinite(b))
      return INFINITY;
    difference += (a - b) * (a - b);
    norm += b * b;
  }
  return norm > 0 ? std::sqrt(difference / norm) : difference > 0 ? INFINITY : 0;
}

double Problem::errorOf(const std::vector<std::string> &got, const std::vector<std::string> &wanted) const {
  double largest = 0;
  std::size_t next = 0;
  for (const ArgumentPlan &argument : planned)
    if (argument.isWritten()) {
      largest = std::max(largest, relativeError(got[next], wanted[next], argument.type));
      ++next;
    }
  return largest;
}
