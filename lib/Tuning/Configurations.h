//===- Configurations.h - Which configurations of a kernel are measured *- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef TILE_LIB_TUNING_CONFIGURATIONS_H
#define TILE_LIB_TUNING_CONFIGURATIONS_H

#include "tile/Runtime/Call.h"
#include "tile/Tuning/Bench.h"

namespace tile::tuning {

/// Values for the parameters of a kernel.
struct Configuration {
  llvm::SmallVector<lang::ParamValue, 8> params;
  /// The count asked for; kAutoStages when it is left open.
  std::int64_t stages = kAutoStages;
  /// It is for the loops, as no parameter says it.
  bool ofLoops = false;
  /// Configurations of one number differ in stages only.
  unsigned group = 0;

  /// As KernelOptions::stages has it.
  std::int64_t loopStages() const { return ofLoops ? stages : 0; }
};

/// The source, and the kernel of it that was asked for. Throws Error when there is none.
runtime::KernelRef findKernel(const Request &request);

/// The parameters that say stages and have no value by name. Throws Error when the same is said twice.
llvm::SmallVector<unsigned> stageParameters(const lang::KernelSignature &signature, const Request &request);

/// All combinations of the values that were asked for; open ones are left at what they start with. Throws Error for a name or a value
/// that the kernel doesn't have.
std::vector<Configuration> listConfigurations(const lang::KernelSignature &signature, const Request &request);

/// The same configuration without pipelining.
Configuration unpipelined(const lang::KernelSignature &signature, Configuration configuration);

} // namespace tile::tuning

#endif // TILE_LIB_TUNING_CONFIGURATIONS_H
