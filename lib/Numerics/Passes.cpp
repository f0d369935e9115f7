//===- Passes.cpp - The numerics passes by name ---------------------*- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "tile/Numerics/Numerics.h"

#include <mlir/Pass/PassRegistry.h>

using namespace mlir;

namespace tile::numerics {

void buildNumericsPipeline(OpPassManager &manager) {
  manager.addPass(createExpandMathPass());
  manager.addPass(createExpandF8Pass());
}

void registerNumericsPasses() {
  registerPass(createContractFmaPass);
  registerPass(createExpandMathPass);
  registerPass(createExpandF8Pass);
  PassPipelineRegistration<>("tile-numerics",
                             "Expand elementary functions and 8-bit floats, the last step before a target",
                             buildNumericsPipeline);
}

} // namespace tile::numerics
