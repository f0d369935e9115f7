//===- DType.h - Element types -----------------------------------*- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef TILE_DTYPE_H
#define TILE_DTYPE_H

#include "tile/Export.h"

#include <cstdint>
#include <optional>
#include <string_view>
#include <type_traits>

namespace tile {

/// The type of a tensor's elements or of a scalar argument. Bool is one byte, 0 or 1. F8E4M3 is E4M3FN (no infinities); both f8
/// types are storage only: a kernel converts them.
enum class DType : std::uint8_t {
  Bool,
  I8,
  I16,
  I32,
  I64,
  U8,
  U16,
  U32,
  U64,
  F16,
  BF16,
  F32,
  F64,
  F8E4M3,
  F8E5M2,
};

/// The size of one element in bytes.
TILE_API unsigned sizeOf(DType type) noexcept;

/// The name that the language gives the type, such as "bf16".
TILE_API const char *nameOf(DType type) noexcept;

/// The type of that name, or nothing when no type has it.
TILE_API std::optional<DType> dtypeOf(std::string_view name) noexcept;

/// True for types that the mapping below knows: bool, the integers of 8 to 64 bits, float and double.
template <typename T>
inline constexpr bool isElement = std::is_same_v<T, bool> || std::is_same_v<T, float> || std::is_same_v<T, double> ||
                                  (std::is_integral_v<T> && !std::is_same_v<T, wchar_t> &&
                                   !std::is_same_v<T, char16_t> && !std::is_same_v<T, char32_t>);

/// The DType of a C++ type: by size and signedness, so `long` and `long long` are both I64 where both have eight bytes.
template <typename T>
constexpr DType dtype() {
  static_assert(isElement<T>, "no DType corresponds to this C++ type; name one explicitly");
  if constexpr (std::is_same_v<T, bool>)
    return DType::Bool;
  else if constexpr (std::is_same_v<T, float>)
    return DType::F32;
  else if constexpr (std::is_same_v<T, double>)
    return DType::F64;
  else if constexpr (std::is_signed_v<T>)
    return sizeof(T) == 1 ? DType::I8 : sizeof(T) == 2 ? DType::I16 : sizeof(T) == 4 ? DType::I32 : DType::I64;
  else
    return sizeof(T) == 1 ? DType::U8 : sizeof(T) == 2 ? DType::U16 : sizeof(T) == 4 ? DType::U32 : DType::U64;
}

} // namespace tile

#endif // TILE_DTYPE_H
