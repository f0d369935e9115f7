//===- Facts.cpp - Whether a tensor fits what was compiled ------*- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "tile/Runtime/Facts.h"

#include <algorithm>

namespace tile::runtime {

llvm::SmallVector<int64_t, 4> canonicalStrides(const Tensor &tensor) {
  llvm::SmallVector<int64_t, 4> strides(tensor.strides().begin(), tensor.strides().end());
  int64_t dense = 1;
  for (std::size_t axis = strides.size(); axis-- > 0;) {
    int64_t extent = tensor.shape()[axis];
    if (extent <= 1)
      strides[axis] = dense;
    // Wraps for absurd strides, which is harmless: such an axis' stride means nothing but has to be the same each time.
    dense = static_cast<int64_t>(static_cast<uint64_t>(strides[axis]) *
                                 static_cast<uint64_t>(std::max<int64_t>(extent, 1)));
  }
  return strides;
}

bool fits(const lang::Argument &view, const lang::Facts &known) {
  if (known.unitAxis >= 0 && view.strides[known.unitAxis] != 1)
    return false;
  uint64_t size = lang::byteWidth(view.dtype), align = static_cast<uint64_t>(known.align);
  if (view.address % align != 0)
    return false;
  __int128 low = 0, high = 0;
  for (std::size_t axis = 0; axis < view.strides.size(); ++axis) {
    if (static_cast<int64_t>(axis) != known.unitAxis && static_cast<uint64_t>(view.strides[axis]) * size % align != 0)
      return false;
    __int128 last = static_cast<__int128>(view.strides[axis]) * std::max<int64_t>(view.extents[axis] - 1, 0);
    (last < 0 ? low : high) += last;
  }
  if (known.unitAxis >= 0 && static_cast<uint64_t>(view.extents[known.unitAxis]) * size % known.extentAlign != 0)
    return false;
  return !known.index32 || (low >= INT32_MIN && high <= INT32_MAX);
}

std::string describe(const lang::Facts &facts) {
  std::string text = facts.unitAxis < 0 ? "no unit stride" : "unit stride on axis " + std::to_string(facts.unitAxis);
  text += ", aligned to " + std::to_string(facts.align) + (facts.align == 1 ? " byte" : " bytes");
  if (facts.unitAxis >= 0)
    text += ", extent of a multiple of " + std::to_string(facts.extentAlign) +
            (facts.extentAlign == 1 ? " byte" : " bytes");
  return text + (facts.index32 ? ", 32-bit offsets" : ", 64-bit offsets");
}

} // namespace tile::runtime
