//===- Facts.cpp - Whether a tensor fits what was compiled ------*- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "tile/Runtime/Facts.h"
#include "tile/Pipeline/MachineModel.h"

#include <llvm/ADT/STLExtras.h>

#include <algorithm>

namespace tile::runtime {

llvm::SmallVector<int64_t, 4> canonicalStrides(const Tensor &tensor) {
  llvm::SmallVector<int64_t, 4> strides(tensor.strides().begin(), tensor.strides().end());
  bool hasUnitStride = false;
  for (auto [extent, stride] : llvm::zip(tensor.shape(), strides)) {
    if (extent <= 1)
      stride = 0;
    hasUnitStride |= stride == 1;
  }
  // A single column is as contiguous as a single row.
  if (!hasUnitStride && !strides.empty() && tensor.shape().back() <= 1)
    strides.back() = 1;
  return strides;
}

// Others of the kind compile without what only they have.
bool hasTensorMaps(llvm::StringRef target) {
  const pipeline::MachineModel *model = pipeline::MachineModel::find(target);
  return model && model->hasTensorCopies();
}

bool fits(const lang::Argument &view, const lang::Facts &known) {
  if (known.tensorMap && !lang::fitsTensorMap(view, known.unitAxis))
    return false;
  if (known.unitAxis >= 0 && view.strides[known.unitAxis] != 1)
    return false;
  uint64_t size = lang::byteWidth(view.dtype), align = static_cast<uint64_t>(known.align);
  if (view.address % align != 0)
    return false;
  auto reach = static_cast<__int128>(size);
  for (std::size_t axis = 0; axis < view.strides.size(); ++axis) {
    int64_t stride = view.strides[axis];
    if (static_cast<int64_t>(axis) != known.unitAxis && static_cast<uint64_t>(stride) * size % align != 0)
      return false;
    __int128 last = static_cast<__int128>(stride) * std::max<int64_t>(view.extents[axis] - 1, 0) * size;
    reach += last < 0 ? -last : last;
  }
  if (known.unitAxis >= 0 && static_cast<uint64_t>(view.extents[known.unitAxis]) * size % known.extentAlign != 0)
    return false;
  return !known.index32 || reach <= INT32_MAX;
}

std::string describe(const lang::Facts &facts) {
  std::string text = facts.unitAxis < 0 ? "no unit stride" : "unit stride on axis " + std::to_string(facts.unitAxis);
  text += ", aligned to " + std::to_string(facts.align) + (facts.align == 1 ? " byte" : " bytes");
  if (facts.unitAxis >= 0)
    text += ", extent of a multiple of " + std::to_string(facts.extentAlign) +
            (facts.extentAlign == 1 ? " byte" : " bytes");
  return text + (facts.index32 ? ", 32-bit offsets" : ", 64-bit offsets") +
         (facts.tensorMap ? ", fit for a tensor map" : "");
}

} // namespace tile::runtime
