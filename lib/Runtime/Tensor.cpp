//===- Tensor.cpp - Views of memory that kernels are called with ---*- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "tile/Tensor.h"
#include "tile/Error.h"

#include <utility>

namespace tile {

/// Strides of a dense row-major tensor. Wraps silently for absurd extents, which a launch refuses.
static std::vector<std::int64_t> denseStrides(const std::vector<std::int64_t> &shape) {
  std::vector<std::int64_t> strides(shape.size());
  std::uint64_t step = 1;
  for (std::size_t axis = shape.size(); axis-- > 0;) {
    strides[axis] = static_cast<std::int64_t>(step);
    step *= static_cast<std::uint64_t>(shape[axis] > 0 ? shape[axis] : 1);
  }
  return strides;
}

Tensor::Tensor(void *data, DType type, std::vector<std::int64_t> shape)
    : base(data), elementType(type), constant(false), extents(std::move(shape)), steps(denseStrides(extents)) {}

Tensor::Tensor(void *data, DType type, std::vector<std::int64_t> shape, std::vector<std::int64_t> strides)
    : base(data), elementType(type), constant(false), extents(std::move(shape)), steps(std::move(strides)) {}

Tensor::Tensor(const void *data, DType type, std::vector<std::int64_t> shape)
    : Tensor(const_cast<void *>(data), type, std::move(shape)) {
  constant = true;
}

Tensor::Tensor(const void *data, DType type, std::vector<std::int64_t> shape, std::vector<std::int64_t> strides)
    : Tensor(const_cast<void *>(data), type, std::move(shape), std::move(strides)) {
  constant = true;
}

std::int64_t Tensor::size() const noexcept {
  std::uint64_t count = 1;
  for (std::int64_t extent : extents)
    count *= static_cast<std::uint64_t>(extent);
  return static_cast<std::int64_t>(count);
}

Tensor Tensor::transposed(unsigned first, unsigned second) const {
  if (first >= rank() || second >= rank() || steps.size() != extents.size())
    throw Error("cannot exchange axes " + std::to_string(first) + " and " + std::to_string(second) +
                " of a tensor of rank " + std::to_string(rank()));
  Tensor result = *this;
  std::swap(result.extents[first], result.extents[second]);
  std::swap(result.steps[first], result.steps[second]);
  return result;
}

} // namespace tile
