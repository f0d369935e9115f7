//===- Tensor.h - What kernels are called with -------------------*- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef TILE_TENSOR_H
#define TILE_TENSOR_H

#include "tile/DType.h"
#include "tile/Export.h"

#include <cstdint>
#include <optional>
#include <type_traits>
#include <vector>

namespace tile {

/// A view of memory that belongs to someone else: a pointer, an element type, extents, and strides **in elements**. A plain value.
/// Nothing is checked when a tensor is made; a launch checks what it is given. Bytes in memory are the host's, little-endian.
class TILE_API Tensor {
public:
  /// Dense and row-major: the last axis has stride 1.
  Tensor(void *data, DType type, std::vector<std::int64_t> shape);
  /// With its own strides. What a kernel only reads may have any, 0 and negative ones included; what it writes must not meet
  /// itself.
  Tensor(void *data, DType type, std::vector<std::int64_t> shape, std::vector<std::int64_t> strides);
  /// Memory that no kernel may write: passing it to an `out` or `inout` parameter is an error.
  Tensor(const void *data, DType type, std::vector<std::int64_t> shape);
  Tensor(const void *data, DType type, std::vector<std::int64_t> shape, std::vector<std::int64_t> strides);

  /// The same with the element type taken from the pointer.
  template <typename T>
    requires isElement<std::remove_const_t<T>>
  Tensor(T *data, std::vector<std::int64_t> shape) : Tensor(data, dtype<std::remove_const_t<T>>(), std::move(shape)) {}
  template <typename T>
    requires isElement<std::remove_const_t<T>>
  Tensor(T *data, std::vector<std::int64_t> shape, std::vector<std::int64_t> strides)
      : Tensor(data, dtype<std::remove_const_t<T>>(), std::move(shape), std::move(strides)) {}

  void *data() const noexcept { return base; }
  DType type() const noexcept { return elementType; }
  unsigned rank() const noexcept { return static_cast<unsigned>(extents.size()); }
  const std::vector<std::int64_t> &shape() const noexcept { return extents; }
  /// In elements, as many as there are extents.
  const std::vector<std::int64_t> &strides() const noexcept { return steps; }
  /// True when the tensor was made from a pointer to const.
  bool readOnly() const noexcept { return constant; }

  /// The number of elements.
  std::int64_t size() const noexcept;
  /// The same memory with two axes exchanged. Throws Error when there is no such axis.
  Tensor transposed(unsigned first = 0, unsigned second = 1) const;

private:
  void *base;
  DType elementType;
  bool constant;
  std::vector<std::int64_t> extents, steps;
};

/// A scalar argument of a type that C++ has no name for, f16 for instance; others are passed as they are. A launch converts a
/// scalar to its parameter's type: an integer must fit, floating-point is rounded to nearest.
struct Scalar {
  DType type;
  double value;
};

/// One argument of a call: a tensor, a scalar, or nothing for an optional parameter (`std::nullopt`). Made implicitly from what
/// stands in the call; it refers to a tensor there and lives no longer.
class TILE_API Argument {
public:
  enum class Kind : std::uint8_t { Absent, View, Scalar };

  Argument(const Tensor &tensor) : kind(Kind::View), tensor(&tensor) {}
  Argument(std::nullopt_t) {}
  Argument(const std::optional<Tensor> &tensor)
      : kind(tensor ? Kind::View : Kind::Absent), tensor(tensor ? &*tensor : nullptr) {}
  Argument(Scalar scalar) : kind(Kind::Scalar), type(scalar.type), floating(scalar.value) {}
  template <typename T>
    requires isElement<T>
  Argument(T value) : kind(Kind::Scalar), type(dtype<T>()) {
    if constexpr (std::is_floating_point_v<T>)
      floating = value;
    else
      integer = static_cast<std::uint64_t>(value);
  }

  Kind getKind() const noexcept { return kind; }
  /// The tensor of a View.
  const Tensor &getTensor() const noexcept { return *tensor; }
  /// The type of a Scalar, and its value: the first for floating-point types, the second (sign-extended) for the others.
  DType getType() const noexcept { return type; }
  double getFloating() const noexcept { return floating; }
  std::uint64_t getInteger() const noexcept { return integer; }

private:
  Kind kind = Kind::Absent;
  DType type = DType::Bool;
  const Tensor *tensor = nullptr;
  double floating = 0;
  std::uint64_t integer = 0;
};

} // namespace tile

#endif // TILE_TENSOR_H
