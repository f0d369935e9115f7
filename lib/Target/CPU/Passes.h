//===- Passes.h - The CPU target's passes -------------------------*- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef TILE_LIB_TARGET_CPU_PASSES_H
#define TILE_LIB_TARGET_CPU_PASSES_H

#include <mlir/Pass/Pass.h>
#include <mlir/Pass/PassManager.h>

namespace tile::cpu {

/// Replaces the kernel of a module by its entry function: loops over vectors.
std::unique_ptr<mlir::Pass> createLowerKernelPass(int64_t vectorBits, bool late);

/// What remains to the LLVM dialect, in one conversion.
std::unique_ptr<mlir::Pass> createToLLVMPass();

/// From loops over vectors to the LLVM dialect.
void addLoopsToLLVM(mlir::PassManager &manager);

} // namespace tile::cpu

#endif // TILE_LIB_TARGET_CPU_PASSES_H
