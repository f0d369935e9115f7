//===- Facts.h - Whether a tensor fits what was compiled --------*- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef TILE_RUNTIME_FACTS_H
#define TILE_RUNTIME_FACTS_H

#include "tile/Language/Language.h"
#include "tile/Tensor.h"

#include <string>

namespace tile::runtime {

/// Strides that name the same elements, the same for all tensors of a layout: an axis of one element, whose stride means nothing,
/// gets 0; or 1, when it is the last and no other has that.
llvm::SmallVector<int64_t, 4> canonicalStrides(const Tensor &tensor);

/// Whether tensor maps exist on a target, so that specialisations are made for views that they can describe.
bool hasTensorMaps(llvm::StringRef target);

/// Whether what was compiled for `known` is right for a view.
bool fits(const lang::Argument &view, const lang::Facts &known);

/// "unit stride on axis 1, aligned to 16 bytes, extent of a multiple of 16 bytes, 32-bit offsets".
std::string describe(const lang::Facts &facts);

} // namespace tile::runtime

#endif // TILE_RUNTIME_FACTS_H
