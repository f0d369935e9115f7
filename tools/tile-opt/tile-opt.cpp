//===- tile-opt.cpp - Runs the compiler's passes on IR --------------*- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "tile/Dialect/Tile.h"
#include "tile/Export.h"
#include "tile/Language/CheckPadding.h"
#include "tile/Numerics/Numerics.h"
#include "tile/Pipeline/Pipeline.h"
#include "tile/Placement/Placement.h"
#include "tile/Target/CPU/CPU.h"
#include "tile/Target/NVPTX/NVPTX.h"

#include <mlir/Dialect/Func/IR/FuncOps.h>
#include <mlir/Tools/mlir-opt/MlirOptMain.h>
#include <mlir/Transforms/Passes.h>

extern "C" TILE_API int tile_opt_main(int argc, char **argv) {
  mlir::DialectRegistry registry;
  registry.insert<tile::ir::TileDialect, mlir::arith::ArithDialect, mlir::func::FuncDialect, mlir::math::MathDialect,
                  mlir::scf::SCFDialect, mlir::tensor::TensorDialect>();
  mlir::registerTransformsPasses();
  tile::lang::registerPasses();
  tile::pipeline::registerPasses();
  tile::placement::registerPasses();
  tile::numerics::registerNumericsPasses();
  tile::cpu::registerPasses();
  tile::cpu::registerDialects(registry);
  tile::nvptx::registerPasses();
  tile::nvptx::registerDialects(registry);
  return mlir::asMainReturnCode(mlir::MlirOptMain(argc, argv, "tile optimizer driver\n", registry));
}
