//===- Passes.h - The NVPTX target's passes ------------------------*- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef TILE_LIB_TARGET_NVPTX_PASSES_H
#define TILE_LIB_TARGET_NVPTX_PASSES_H

#include <mlir/Pass/PassManager.h>

namespace tile::nvptx {

/// Adds what takes a function over scalars to the LLVM dialect.
void addScalarsToLLVM(mlir::OpPassManager &manager);

} // namespace tile::nvptx

#endif // TILE_LIB_TARGET_NVPTX_PASSES_H
