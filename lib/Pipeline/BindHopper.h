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

/// Gives a bound kernel of sm_90a the form that this chip is made for, or leaves it as it is bound for sm_90: tensor copies that a producer
/// issues, products of warpgroups, programs that workers take one after the other. Where that needs it, products are made as their
/// transposes; `bindAsBefore` then binds the kernel for sm_90. Reports which, for a kernel that multiplies matrices.
void bindForHopper(ir::KernelOp kernel, const MachineModel &model, llvm::function_ref<void(ir::KernelOp)> bindAsBefore);

} // namespace tile::pipeline

#endif // TILE_LIB_PIPELINE_BINDHOPPER_H
