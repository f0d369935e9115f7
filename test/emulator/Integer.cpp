//===- Integer.cpp - Integer and logic instructions --------------*- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Lanes.h"

#include <algorithm>

using namespace tile::emulator;

namespace {

//===----------------------------------------------------------------------===//
// Arithmetic
//===----------------------------------------------------------------------===//

/// Unsigned and wide enough that nothing is promoted to a signed type.
template <typename T>
using Modular = std::conditional_t<sizeof(T) == 8, std::uint64_t, std::uint32_t>;
template <typename T>
using Double = std::conditional_t<
    sizeof(T) == 2, std::conditional_t<std::is_signed_v<T>, std::int32_t, std::uint32_t>,
    std::conditional_t<sizeof(T) == 4, std::conditional_t<std::is_signed_v<T>, std::int64_t, std::uint64_t>,
                       std::conditional_t<std::is_signed_v<T>, __int128, unsigned __int128>>>;

template <typename T>
T highOf(T a, T b) {
  return static_cast<T>(Double<T>(a) * Double<T>(b) >> (8 * sizeof(T)));
}

struct Add {
  template <typename T>
  T operator()(T a, T b) const {
    return static_cast<T>(Modular<T>(a) + Modular<T>(b));
  }
};
struct Sub {
  template <typename T>
  T operator()(T a, T b) const {
    return static_cast<T>(Modular<T>(a) - Modular<T>(b));
  }
};
struct MulLow {
  template <typename T>
  T operator()(T a, T b) const {
    return static_cast<T>(Modular<T>(a) * Modular<T>(b));
  }
};
struct MulHigh {
  template <typename T>
  T operator()(T a, T b) const {
    return highOf(a, b);
  }
};
/// What a division by zero gives is not specified: all ones, as devices give.
struct Div {
  template <typename T>
  T operator()(T a, T b) const {
    if (b == 0)
      return static_cast<T>(-1);
    return std::is_signed_v<T> && b == static_cast<T>(-1) ? static_cast<T>(-Modular<T>(a)) : static_cast<T>(a / b);
  }
};
struct Rem {
  template <typename T>
  T operator()(T a, T b) const {
    if (b == 0)
      return a;
    return std::is_signed_v<T> && b == static_cast<T>(-1) ? T(0) : static_cast<T>(a % b);
  }
};
struct Min {
  template <typename T>
  T operator()(T a, T b) const {
    return b < a ? b : a;
  }
};
struct Max {
  template <typename T>
  T operator()(T a, T b) const {
    return a < b ? b : a;
  }
};
/// The same, and 0 instead of what is negative.
template <typename Op>
struct Relu {
  template <typename T>
  T operator()(T a, T b) const {
    return Max()(Op()(a, b), T(0));
  }
};
struct Neg {
  template <typename T>
  T operator()(T a) const {
    return static_cast<T>(-Modular<T>(a));
  }
};
struct Abs {
  template <typename T>
  T operator()(T a) const {
    return a < 0 ? static_cast<T>(-Modular<T>(a)) : a;
  }
};
struct MadLow {
  template <typename T>
  T operator()(T a, T b, T c) const {
    return static_cast<T>(Modular<T>(a) * Modular<T>(b) + Modular<T>(c));
  }
};
struct MadHigh {
  template <typename T>
  T operator()(T a, T b, T c) const {
    return static_cast<T>(Modular<T>(highOf(a, b)) + Modular<T>(c));
  }
};

/// On both halves of a word.
template <typename T, typename F>
struct Halves {
  std::uint32_t operator()(std::uint32_t a, std::uint32_t b) const {
    auto half = [](std::uint32_t x, unsigned i) { return static_cast<T>(x >> (16 * i)); };
    return std::uint32_t(static_cast<std::uint16_t>(F()(half(a, 1), half(b, 1)))) << 16 |
           static_cast<std::uint16_t>(F()(half(a, 0), half(b, 0)));
  }
};

template <typename F>
Handler halves(std::string_view type) {
  return type == "u16x2"   ? binary<std::uint32_t, Halves<std::uint16_t, F>>
         : type == "s16x2" ? binary<std::uint32_t, Halves<std::int16_t, F>>
                           : nullptr;
}

/// Products twice as wide, and what is added to them.
template <typename T, bool adds>
void wide(Warp &warp, const Instruction &instruction) {
  using R = std::make_unsigned_t<std::conditional_t<sizeof(T) == 4, std::int64_t, std::int32_t>>;
  const T *a = warp.lanes<T>(instruction.from[0]), *b = warp.lanes<T>(instruction.from[1]);
  const R *c = adds ? warp.lanes<R>(instruction.from[2]) : nullptr;
  R result[kLanes];
  for (unsigned lane = 0; lane < kLanes; ++lane)
    result[lane] = static_cast<R>(Double<T>(a[lane]) * Double<T>(b[lane])) + (adds ? c[lane] : R(0));
  warp.put(instruction.to[0], result);
}

//===----------------------------------------------------------------------===//
// Bits
//===----------------------------------------------------------------------===//

struct And {
  template <typename T>
  T operator()(T a, T b) const {
    return a & b;
  }
};
struct Or {
  template <typename T>
  T operator()(T a, T b) const {
    return a | b;
  }
};
struct Xor {
  template <typename T>
  T operator()(T a, T b) const {
    return a ^ b;
  }
};
struct Not {
  template <typename T>
  T operator()(T a) const {
    return static_cast<T>(~a);
  }
};
struct LogicalNot {
  template <typename T>
  T operator()(T a) const {
    return a == 0;
  }
};

template <typename F>
void predicates(Warp &warp, const Instruction &instruction) {
  std::uint32_t a = warp.predicate(instruction.from[0]);
  if constexpr (std::is_invocable_v<F, std::uint32_t>)
    warp.putPredicate(instruction.to[0], F()(a));
  else
    warp.putPredicate(instruction.to[0], F()(a, warp.predicate(instruction.from[1])));
}

/// Shifts are by a 32-bit number; beyond the width nothing, or copies of the sign, remain.
template <typename T, bool left>
void shift(Warp &warp, const Instruction &instruction) {
  const T *a = warp.lanes<T>(instruction.from[0]);
  const auto *by = warp.lanes<std::uint32_t>(instruction.from[1]);
  constexpr std::uint32_t width = 8 * sizeof(T);
  T result[kLanes];
  for (unsigned lane = 0; lane < kLanes; ++lane) {
    std::uint32_t count = std::min(by[lane], width - 1);
    T shifted = left ? static_cast<T>(Modular<T>(a[lane]) << count) : static_cast<T>(a[lane] >> count);
    T beyond = !left && std::is_signed_v<T> ? shifted : T(0);
    result[lane] = by[lane] < width ? shifted : beyond;
  }
  warp.put(instruction.to[0], result);
}

/// Option 1: to the left; 2: the count wraps.
void funnel(Warp &warp, const Instruction &instruction) {
  const auto *low = warp.lanes<std::uint32_t>(instruction.from[0]),
             *high = warp.lanes<std::uint32_t>(instruction.from[1]),
             *by = warp.lanes<std::uint32_t>(instruction.from[2]);
  std::uint32_t result[kLanes];
  for (unsigned lane = 0; lane < kLanes; ++lane) {
    std::uint64_t both = std::uint64_t(high[lane]) << 32 | low[lane];
    std::uint32_t count = instruction.option & 2 ? by[lane] & 31 : std::min(by[lane], 32u);
    result[lane] = static_cast<std::uint32_t>(instruction.option & 1 ? both << count >> 32 : both >> count);
  }
  warp.put(instruction.to[0], result);
}

template <typename T>
void extract(Warp &warp, const Instruction &instruction) {
  const T *a = warp.lanes<T>(instruction.from[0]);
  const auto *positions = warp.lanes<std::uint32_t>(instruction.from[1]),
             *lengths = warp.lanes<std::uint32_t>(instruction.from[2]);
  constexpr unsigned width = 8 * sizeof(T);
  T result[kLanes];
  for (unsigned lane = 0; lane < kLanes; ++lane) {
    unsigned position = positions[lane] & 255, length = lengths[lane] & 255;
    T sign = 0;
    if (std::is_signed_v<T> && length)
      sign = a[lane] >> std::min(position + length - 1, width - 1) & 1;
    T value = 0;
    for (unsigned i = 0; i < width; ++i) {
      T bit = i < length && position + i < width ? static_cast<T>(a[lane] >> (position + i) & 1) : sign;
      value |= static_cast<T>(Modular<T>(bit) << i);
    }
    result[lane] = value;
  }
  warp.put(instruction.to[0], result);
}

template <typename T>
void insert(Warp &warp, const Instruction &instruction) {
  const T *a = warp.lanes<T>(instruction.from[0]), *b = warp.lanes<T>(instruction.from[1]);
  const auto *positions = warp.lanes<std::uint32_t>(instruction.from[2]),
             *lengths = warp.lanes<std::uint32_t>(instruction.from[3]);
  constexpr unsigned width = 8 * sizeof(T);
  T result[kLanes];
  for (unsigned lane = 0; lane < kLanes; ++lane) {
    unsigned position = positions[lane] & 255, length = lengths[lane] & 255;
    T value = b[lane];
    for (unsigned i = 0; i < length && position + i < width; ++i) {
      T bit = T(1) << (position + i);
      value = (a[lane] >> i & 1) ? value | bit : value & ~bit;
    }
    result[lane] = value;
  }
  warp.put(instruction.to[0], result);
}

void permute(Warp &warp, const Instruction &instruction) {
  const auto *a = warp.lanes<std::uint32_t>(instruction.from[0]), *b = warp.lanes<std::uint32_t>(instruction.from[1]),
             *selectors = warp.lanes<std::uint32_t>(instruction.from[2]);
  std::uint32_t result[kLanes];
  for (unsigned lane = 0; lane < kLanes; ++lane) {
    std::uint64_t both = std::uint64_t(b[lane]) << 32 | a[lane];
    std::uint32_t value = 0;
    for (unsigned i = 0; i < 4; ++i) {
      unsigned selector = selectors[lane] >> (4 * i) & 15;
      auto byte = static_cast<std::uint32_t>(both >> (8 * (selector & 7)) & 255);
      if (selector & 8)
        byte = byte & 128 ? 255 : 0;
      value |= byte << (8 * i);
    }
    result[lane] = value;
  }
  warp.put(instruction.to[0], result);
}

void lookup(Warp &warp, const Instruction &instruction) {
  const auto *a = warp.lanes<std::uint32_t>(instruction.from[0]), *b = warp.lanes<std::uint32_t>(instruction.from[1]),
             *c = warp.lanes<std::uint32_t>(instruction.from[2]);
  std::uint32_t result[kLanes] = {};
  for (unsigned i = 0; i < 8; ++i)
    if (instruction.value >> i & 1)
      for (unsigned lane = 0; lane < kLanes; ++lane)
        result[lane] |= (i & 4 ? a[lane] : ~a[lane]) & (i & 2 ? b[lane] : ~b[lane]) & (i & 1 ? c[lane] : ~c[lane]);
  warp.put(instruction.to[0], result);
}

/// What counts bits: a 32-bit result of any width.
template <typename T, unsigned (*count)(T)>
void bits(Warp &warp, const Instruction &instruction) {
  const T *a = warp.lanes<T>(instruction.from[0]);
  std::uint32_t result[kLanes];
  for (unsigned lane = 0; lane < kLanes; ++lane)
    result[lane] = count(a[lane]);
  warp.put(instruction.to[0], result);
}
template <typename T>
unsigned ones(T value) {
  return static_cast<unsigned>(std::popcount(value));
}
template <typename T>
unsigned zeros(T value) {
  return static_cast<unsigned>(std::countl_zero(value));
}
/// The highest bit that is unlike the sign's; all ones when there is none.
template <typename T>
unsigned highest(T value) {
  using U = std::make_unsigned_t<T>;
  auto differing = static_cast<U>(value < 0 ? ~value : value);
  return differing ? static_cast<unsigned>(8 * sizeof(T) - 1 - std::countl_zero(differing)) : ~0u;
}
struct Reverse {
  template <typename T>
  T operator()(T a) const {
    T result = 0;
    for (unsigned i = 0; i < 8 * sizeof(T); ++i)
      result |= (a >> i & T(1)) << (8 * sizeof(T) - 1 - i);
    return result;
  }
};

/// slct: the first where the third is not negative.
template <typename T, typename C>
void selectBySign(Warp &warp, const Instruction &instruction) {
  const T *a = warp.lanes<T>(instruction.from[0]), *b = warp.lanes<T>(instruction.from[1]);
  const C *c = warp.lanes<C>(instruction.from[2]);
  T result[kLanes];
  for (unsigned lane = 0; lane < kLanes; ++lane)
    result[lane] = c[lane] >= 0 ? a[lane] : b[lane];
  warp.put(instruction.to[0], result);
}

} // namespace

/// An instruction whose operands are all of one type.
static bool plain(Decoder &decoder, Handler run) {
  if (!run)
    return false;
  decoder.out.run = run;
  decoder.setTo(decoder.statement.operands[0]);
  decoder.setFrom(1, typeBits(decoder.type()));
  return true;
}

static bool decodeProduct(Decoder &decoder, const std::string &head) {
  const std::string &mode = decoder.part(1), &type = decoder.type();
  bool adds = head == "mad";
  if (decoder.statement.parts.size() != 3)
    return false;
  if (mode == "lo")
    return plain(decoder, adds ? integers<MadLow>(type) : integers<MulLow>(type));
  if (mode == "hi")
    return plain(decoder, adds ? integers<MadHigh>(type) : integers<MulHigh>(type));
  if (mode != "wide")
    return false;
  Handler run = type == "u16"   ? (adds ? wide<std::uint16_t, true> : wide<std::uint16_t, false>)
                : type == "s16" ? (adds ? wide<std::int16_t, true> : wide<std::int16_t, false>)
                : type == "u32" ? (adds ? wide<std::uint32_t, true> : wide<std::uint32_t, false>)
                : type == "s32" ? (adds ? wide<std::int32_t, true> : wide<std::int32_t, false>)
                                : nullptr;
  if (!run)
    return false;
  unsigned bits = typeBits(type);
  decoder.out.run = run;
  decoder.setTo(decoder.statement.operands[0]);
  for (unsigned i = 0; i < (adds ? 3u : 2u); ++i)
    decoder.out.from[i] = decoder.from(decoder.statement.operands[i + 1], i == 2 ? 2 * bits : bits);
  return true;
}

static bool decodeBits(Decoder &decoder, const std::string &head, const std::string &type) {
  auto with = [&](Handler run, std::initializer_list<unsigned> bits) {
    if (!run || decoder.statement.operands.size() != bits.size() + 1)
      return false;
    decoder.out.run = run;
    decoder.setTo(decoder.statement.operands[0]);
    unsigned i = 0;
    for (unsigned width : bits) {
      decoder.out.from[i] = decoder.from(decoder.statement.operands[i + 1], width);
      ++i;
    }
    return true;
  };
  unsigned width = typeBits(type);
  if (head == "shl" && decoder.only({"b16", "b32", "b64"}))
    return with(width == 16   ? shift<std::uint16_t, true>
                : width == 32 ? shift<std::uint32_t, true>
                              : shift<std::uint64_t, true>,
                {width, 32});
  if (head == "shr" && decoder.only({"b16", "b32", "b64", "u16", "u32", "u64", "s16", "s32", "s64"}))
    return with(type == "s16"   ? shift<std::int16_t, false>
                : type == "s32" ? shift<std::int32_t, false>
                : type == "s64" ? shift<std::int64_t, false>
                : width == 16   ? shift<std::uint16_t, false>
                : width == 32   ? shift<std::uint32_t, false>
                                : shift<std::uint64_t, false>,
                {width, 32});
  if (head == "shf" && decoder.only({"l", "r", "wrap", "clamp", "b32"})) {
    decoder.out.option = (decoder.part(1) == "l" ? 1 : 0) | (decoder.part(2) == "wrap" ? 2 : 0);
    return with(funnel, {32, 32, 32});
  }
  if (head == "bfe" && decoder.statement.parts.size() == 2)
    return with(type == "u32"   ? extract<std::uint32_t>
                : type == "s32" ? extract<std::int32_t>
                : type == "u64" ? extract<std::uint64_t>
                : type == "s64" ? extract<std::int64_t>
                                : nullptr,
                {width, 32, 32});
  if (head == "bfi" && decoder.only({"b32", "b64"}))
    return with(width == 32 ? insert<std::uint32_t> : insert<std::uint64_t>, {width, width, 32, 32});
  if (head == "prmt" && decoder.only({"b32"}))
    return with(permute, {32, 32, 32});
  if (head == "lop3" && decoder.only({"b32"})) {
    decoder.out.value = decoder.statement.operands.at(4).value;
    decoder.out.run = lookup;
    decoder.setTo(decoder.statement.operands[0]);
    for (unsigned i = 0; i < 3; ++i)
      decoder.out.from[i] = decoder.from(decoder.statement.operands[i + 1], 32);
    return true;
  }
  if (head == "popc" && decoder.only({"b32", "b64"}))
    return with(width == 32 ? bits<std::uint32_t, ones> : bits<std::uint64_t, ones>, {width});
  if (head == "clz" && decoder.only({"b32", "b64"}))
    return with(width == 32 ? bits<std::uint32_t, zeros> : bits<std::uint64_t, zeros>, {width});
  if (head == "bfind" && decoder.statement.parts.size() == 2)
    return with(type == "u32"   ? bits<std::uint32_t, highest>
                : type == "s32" ? bits<std::int32_t, highest>
                : type == "u64" ? bits<std::uint64_t, highest>
                : type == "s64" ? bits<std::int64_t, highest>
                                : nullptr,
                {width});
  if (head == "brev" && decoder.only({"b32", "b64"}))
    return with(width == 32 ? unary<std::uint32_t, Reverse> : unary<std::uint64_t, Reverse>, {width});
  return false;
}

bool tile::emulator::decodeInteger(Decoder &decoder) {
  const std::string &head = decoder.part(0), &type = decoder.type();
  if (type == "pred") {
    Handler run = head == "and"   ? predicates<And>
                  : head == "or"  ? predicates<Or>
                  : head == "xor" ? predicates<Xor>
                  : head == "not" ? predicates<Not>
                                  : nullptr;
    return plain(decoder, run);
  }
  if (head == "and" && decoder.only({"b16", "b32", "b64"}))
    return plain(decoder, integers<And>(type));
  if (head == "or" && decoder.only({"b16", "b32", "b64"}))
    return plain(decoder, integers<Or>(type));
  if (head == "xor" && decoder.only({"b16", "b32", "b64"}))
    return plain(decoder, integers<Xor>(type));
  if (head == "not" && decoder.only({"b16", "b32", "b64"}))
    return plain(decoder, unaryIntegers<Not>(type));
  if (head == "cnot" && decoder.only({"b16", "b32", "b64"}))
    return plain(decoder, unaryIntegers<LogicalNot>(type));
  if (head == "mul" || head == "mad")
    return decodeProduct(decoder, head);
  if (head == "slct" && (decoder.only({"b16", "b32", "b64", "u32", "s32", "f32", "u64", "s64", "f64"}))) {
    unsigned width = typeBits(decoder.part(1));
    bool byFloat = type == "f32";
    if (decoder.statement.parts.size() != 3 || (type != "s32" && !byFloat))
      return false;
    decoder.out.run =
        width == 16   ? (byFloat ? selectBySign<std::uint16_t, float> : selectBySign<std::uint16_t, std::int32_t>)
        : width == 32 ? (byFloat ? selectBySign<std::uint32_t, float> : selectBySign<std::uint32_t, std::int32_t>)
                      : (byFloat ? selectBySign<std::uint64_t, float> : selectBySign<std::uint64_t, std::int32_t>);
    decoder.setTo(decoder.statement.operands[0]);
    for (unsigned i = 0; i < 3; ++i)
      decoder.out.from[i] = decoder.from(decoder.statement.operands[i + 1], i == 2 ? 32 : width);
    return true;
  }
  if (decodeBits(decoder, head, type))
    return true;
  if (decoder.part(1) == "relu" && decoder.statement.parts.size() == 3 && type == "s32")
    return plain(decoder, head == "min"   ? integers<Relu<Min>>(type)
                          : head == "max" ? integers<Relu<Max>>(type)
                                          : nullptr);
  if (decoder.statement.parts.size() != 2)
    return false;
  if (type == "u16x2" || type == "s16x2")
    return plain(decoder, head == "add"   ? halves<Add>(type)
                          : head == "min" ? halves<Min>(type)
                          : head == "max" ? halves<Max>(type)
                                          : nullptr);
  return plain(decoder, head == "add"   ? integers<Add>(type)
                        : head == "sub" ? integers<Sub>(type)
                        : head == "div" ? integers<Div>(type)
                        : head == "rem" ? integers<Rem>(type)
                        : head == "min" ? integers<Min>(type)
                        : head == "max" ? integers<Max>(type)
                        : head == "neg" ? unaryIntegers<Neg>(type)
                        : head == "abs" ? unaryIntegers<Abs>(type)
                                        : nullptr);
}
