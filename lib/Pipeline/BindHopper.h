//===- BindHopper.h - Whether a kernel is made of tensor copies and warpgroup products *- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef TILE_LIB_PIPELINE_BINDHOPPER_H
#define TILE_LIB_PIPELINE_BINDHOPPER_H

#include "tile/Dialect/Tile.h"
#include "tile/Pipeline/MachineModel.h"

namespace tile::pipeline {

/// What keeps a kernel from the form, or a store from a tensor copy.
struct Obstacle {
  mlir::Operation *op;
  std::string reason, suggestion;
};
using MaybeObstacle = std::optional<Obstacle>;

/// The load that an operand is; none when it is computed or loaded elsewhere.
ir::LoadOp loadOf(ir::DotOp dot, mlir::Value operand);

/// What keeps a load of a tile from being a tensor copy, as the end of a sentence; empty where nothing does.
std::string whyNoTensorCopy(ir::LoadOp load);

/// Gives a bound kernel the form that chips with tensor copies are made for, or leaves it as it is bound for those without: a producer that
/// issues tensor copies, products of warpgroups where the chip has them, programs that workers take one after the other. Where products of
/// warpgroups need it, they are made as their transposes; `bindAsBefore` then binds the kernel anew. Reports which, for a kernel that
/// multiplies matrices.
void bindForHopper(ir::KernelOp kernel, const MachineModel &model, llvm::function_ref<void(ir::KernelOp)> bindAsBefore);

} // namespace tile::pipeline

#endif // TILE_LIB_PIPELINE_BINDHOPPER_H
