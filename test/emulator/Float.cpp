//===- Float.cpp - Floating-point instructions -------------------*- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// \file
/// Every operation gives the exact result rounded once; those that a device approximates give the nearest number too, so that what
/// tests find wrong is not the approximation. NaNs that come out are the canonical ones, except in f64.
///
//===----------------------------------------------------------------------===//

#include "Formats.h"
#include "Lanes.h"

#include <algorithm>
#include <limits>

using namespace tile::emulator;

namespace {

//===----------------------------------------------------------------------===//
// Operations, on float or double
//===----------------------------------------------------------------------===//

// Small formats are computed in double, where products are exact and sums keep what they lose.
struct Add {
  float operator()(float a, float b) const { return a + b; }
  double operator()(double a, double b) const { return a + b; }
  static double small(double a, double b) { return addToOdd(a, b); }
};
struct Sub {
  float operator()(float a, float b) const { return a - b; }
  double operator()(double a, double b) const { return a - b; }
  static double small(double a, double b) { return addToOdd(a, -b); }
};
struct Mul {
  float operator()(float a, float b) const { return a * b; }
  double operator()(double a, double b) const { return a * b; }
  static double small(double a, double b) { return a * b; }
};
struct Fma {
  float operator()(float a, float b, float c) const { return std::fma(a, b, c); }
  double operator()(double a, double b, double c) const { return std::fma(a, b, c); }
  static double small(double a, double b, double c) { return addToOdd(a * b, c); }
};
struct Div {
  float operator()(float a, float b) const { return a / b; }
  double operator()(double a, double b) const { return a / b; }
};
/// As devices do it: nothing is left of a quotient by more than 2^126.
struct DivApproximate {
  float operator()(float a, float b) const {
    if (std::abs(b) > 0x1p126f && !std::isinf(b) && !std::isnan(a))
      return std::isinf(a) ? std::numeric_limits<float>::quiet_NaN() : std::copysign(0.0f, a) * std::copysign(1.0f, b);
    return a / b;
  }
};
template <bool least, bool keepsNaN>
struct Extremum {
  template <typename T>
  T operator()(T a, T b) const {
    if (std::isnan(a) || std::isnan(b))
      return keepsNaN || (std::isnan(a) && std::isnan(b)) ? std::numeric_limits<T>::quiet_NaN() : std::isnan(a) ? b : a;
    if (a == b)
      return std::signbit(a) == least ? a : b;
    return (a < b) == least ? a : b;
  }
  static double small(double a, double b) { return Extremum()(a, b); }
};
struct Sqrt {
  float operator()(float a) const { return std::sqrt(a); }
  double operator()(double a) const { return std::sqrt(a); }
};
struct Rcp {
  float operator()(float a) const { return 1 / a; }
  double operator()(double a) const { return 1 / a; }
};
struct Rsqrt {
  float operator()(float a) const { return static_cast<float>(1 / std::sqrt(static_cast<double>(a))); }
  double operator()(double a) const { return 1 / std::sqrt(a); }
};
/// A function that is computed in double and rounded.
template <double (*function)(double)>
struct Function {
  float operator()(float a) const { return static_cast<float>(function(a)); }
  static double small(double a) { return function(a); }
};

//===----------------------------------------------------------------------===//
// Formats
//===----------------------------------------------------------------------===//

constexpr std::uint8_t kFlush = 1, kSaturate = 2;

float flushed(float value) { return std::fpclassify(value) == FP_SUBNORMAL ? std::copysign(0.0f, value) : value; }

template <typename F>
struct OnF32 {
  template <typename... Args>
  float operator()(Args... args) const {
    return canonical(F()(args...));
  }
};
template <typename F>
struct OnF32Flushed {
  template <typename... Args>
  float operator()(Args... args) const {
    return canonical(flushed(F()(flushed(args)...)));
  }
};
template <typename F>
struct OnF32Saturated {
  template <typename... Args>
  float operator()(Args... args) const {
    float value = F()(args...);
    return value > 0 ? std::min(value, 1.0f) : 0.0f;
  }
};
template <typename F, bool isBFloat>
struct OnSmall {
  template <typename... Args>
  std::uint16_t operator()(Args... args) const {
    constexpr const Format &format = isBFloat ? kBF16 : kF16;
    return static_cast<std::uint16_t>(encode(F::small(decode(args, format)...), format));
  }
};
template <typename F, bool isBFloat>
struct OnPair {
  template <typename... Args>
  std::uint32_t operator()(Args... args) const {
    OnSmall<F, isBFloat> one;
    return std::uint32_t(one(static_cast<std::uint16_t>(args >> 16)...)) << 16 |
           one(static_cast<std::uint16_t>(args)...);
  }
};

/// Of one, two or three operands.
template <unsigned count, typename T, typename F>
Handler over() {
  if constexpr (count == 1)
    return unary<T, F>;
  else if constexpr (count == 2)
    return binary<T, F>;
  else
    return ternary<T, F>;
}

template <unsigned count, typename F>
Handler onF32(std::uint8_t option) {
  return option == 0           ? over<count, float, OnF32<F>>()
         : option == kFlush    ? over<count, float, OnF32Flushed<F>>()
         : option == kSaturate ? over<count, float, OnF32Saturated<F>>()
                               : nullptr;
}

template <unsigned count, typename F>
Handler onSmall(const std::string &type) {
  return type == "f16"      ? over<count, std::uint16_t, OnSmall<F, false>>()
         : type == "bf16"   ? over<count, std::uint16_t, OnSmall<F, true>>()
         : type == "f16x2"  ? over<count, std::uint32_t, OnPair<F, false>>()
         : type == "bf16x2" ? over<count, std::uint32_t, OnPair<F, true>>()
                            : nullptr;
}

/// Of every type.
template <unsigned count, typename F>
Handler onAll(const std::string &type, std::uint8_t option) {
  if (type == "f32")
    return onF32<count, F>(option);
  if (option)
    return nullptr;
  return type == "f64" ? over<count, double, F>() : onSmall<count, F>(type);
}

/// Newer chips take operands in f16 or bf16, all but the last, and compute in f32: `add.rn.f32.bf16`.
template <unsigned count, typename F, bool isBFloat>
void mixed(Warp &warp, const Instruction &instruction) {
  auto wide = [&](unsigned index, unsigned lane) {
    constexpr const Format &format = isBFloat ? kBF16 : kF16;
    return static_cast<float>(decode(warp.lanes<std::uint16_t>(instruction.from[index])[lane], format));
  };
  const float *last = warp.lanes<float>(instruction.from[count - 1]);
  float result[kLanes];
  for (unsigned lane = 0; lane < kLanes; ++lane)
    if constexpr (count == 2)
      result[lane] = canonical(F()(wide(0, lane), last[lane]));
    else
      result[lane] = canonical(F()(wide(0, lane), wide(1, lane), last[lane]));
  warp.put(instruction.to[0], result);
}
template <unsigned count, typename F>
Handler mixed(const std::string &type) {
  return type == "f16" ? mixed<count, F, false> : type == "bf16" ? mixed<count, F, true> : nullptr;
}

/// Negation and absolute values are of the bits: NaNs keep theirs.
template <typename T, bool negates, std::size_t halves>
struct SignBits {
  T operator()(T a) const {
    constexpr unsigned width = 8 * sizeof(T) / halves;
    T mask = 0;
    for (std::size_t i = 0; i < halves; ++i)
      mask |= T(1) << (width * (i + 1) - 1);
    return negates ? a ^ mask : a & ~mask;
  }
};
template <bool negates>
Handler signs(const std::string &type) {
  return type == "f64"                         ? unary<std::uint64_t, SignBits<std::uint64_t, negates, 1>>
         : type == "f32"                       ? unary<std::uint32_t, SignBits<std::uint32_t, negates, 1>>
         : type == "f16" || type == "bf16"     ? unary<std::uint16_t, SignBits<std::uint16_t, negates, 1>>
         : type == "f16x2" || type == "bf16x2" ? unary<std::uint32_t, SignBits<std::uint32_t, negates, 2>>
                                               : nullptr;
}

/// The second with the first's sign.
template <typename T>
struct CopySign {
  T operator()(T a, T b) const {
    constexpr T mask = T(1) << (8 * sizeof(T) - 1);
    return (a & mask) | (b & ~mask);
  }
};

double exp2Of(double x) { return std::exp2(x); }
double log2Of(double x) { return std::log2(x); }
double sinOf(double x) { return std::sin(x); }
double cosOf(double x) { return std::cos(x); }
double tanhOf(double x) { return std::tanh(x); }

template <double (*function)(double)>
Handler functions(const std::string &type, std::uint8_t option) {
  if (type == "f32")
    return onF32<1, Function<function>>(option);
  // The only form that bf16 has flushes; its subnormals are f32's, and results of these functions are too large for it to matter.
  return onSmall<1, Function<function>>(type);
}

} // namespace

/// Whether the last operand and the result are f32, and the others not.
static bool isMixed(const Decoder &decoder) { return decoder.type() != "f32" && decoder.has("f32"); }

static Handler handlerOf(const Decoder &decoder, std::uint8_t option) {
  const std::string &head = decoder.part(0), &type = decoder.type();
  bool isApproximate = decoder.has("approx"), keepsNaN = decoder.has("NaN");
  if (isMixed(decoder))
    return option          ? nullptr
           : head == "add" ? mixed<2, Add>(type)
           : head == "sub" ? mixed<2, Sub>(type)
           : head == "fma" ? mixed<3, Fma>(type)
                           : nullptr;
  if (head == "add")
    return onAll<2, Add>(type, option);
  if (head == "sub")
    return onAll<2, Sub>(type, option);
  if (head == "mul")
    return onAll<2, Mul>(type, option);
  if (head == "fma")
    return onAll<3, Fma>(type, option);
  if (head == "min")
    return keepsNaN ? onAll<2, Extremum<true, true>>(type, option) : onAll<2, Extremum<true, false>>(type, option);
  if (head == "max")
    return keepsNaN ? onAll<2, Extremum<false, true>>(type, option) : onAll<2, Extremum<false, false>>(type, option);
  if (head == "neg" && !option)
    return signs<true>(type);
  if (head == "abs" && !option)
    return signs<false>(type);
  if (head == "copysign" && !option)
    return type == "f32"   ? binary<std::uint32_t, CopySign<std::uint32_t>>
           : type == "f64" ? binary<std::uint64_t, CopySign<std::uint64_t>>
                           : nullptr;
  if (head == "ex2")
    return functions<exp2Of>(type, option);
  if (head == "lg2" && type == "f32")
    return functions<log2Of>(type, option);
  if (head == "sin" && type == "f32")
    return functions<sinOf>(type, option);
  if (head == "cos" && type == "f32")
    return functions<cosOf>(type, option);
  if (head == "tanh")
    return functions<tanhOf>(type, option);
  if (type == "f32") {
    if (head == "div")
      return isApproximate ? onF32<2, DivApproximate>(option) : onF32<2, Div>(option);
    if (head == "sqrt")
      return onF32<1, Sqrt>(option);
    if (head == "rcp")
      return onF32<1, Rcp>(option);
    if (head == "rsqrt")
      return onF32<1, Rsqrt>(option);
  }
  if (type == "f64" && !option && !isApproximate)
    return head == "div"    ? over<2, double, Div>()
           : head == "sqrt" ? over<1, double, Sqrt>()
           : head == "rcp"  ? over<1, double, Rcp>()
                            : nullptr;
  return nullptr;
}

bool tile::emulator::decodeFloat(Decoder &decoder) {
  const std::string &type = decoder.type();
  // Rounding is to nearest; other directions are for conversions only.
  if (!decoder.only({"rn", "approx", "full", "NaN", "ftz", "sat", "f16", "bf16", "f16x2", "bf16x2", "f32", "f64"}) ||
      (!formatOf(type) && type != "f64"))
    return false;
  auto option = static_cast<std::uint8_t>((decoder.has("ftz") && type == "f32" ? kFlush : 0) |
                                          (decoder.has("sat") ? kSaturate : 0));
  decoder.out.run = handlerOf(decoder, option);
  if (!decoder.out.run)
    return false;
  decoder.setTo(decoder.statement.operands[0]);
  // 0 takes operands of any width.
  decoder.setFrom(1, isMixed(decoder) ? 0 : typeBits(type));
  return true;
}
