//===- Space.h - What may be chosen for a kernel, and its price ----*- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef TILE_LIB_TUNING_SPACE_H
#define TILE_LIB_TUNING_SPACE_H

#include "tile/Runtime/Call.h"
#include "tile/Runtime/TuningRecord.h"

#include <functional>

namespace tile::tuning {

/// A kernel with arguments on a machine, and what of it is open.
struct Question {
  runtime::KernelRef kernel;
  KernelOptions options;
  llvm::ArrayRef<lang::Argument> arguments;
  std::string target;
  /// It is asked of a GPU, for which the model chooses values.
  bool ofGpu = false;
  /// Cores or multiprocessors.
  std::int64_t count = 1;

  /// The kernel with a choice made.
  runtime::KernelRef with(const runtime::Choice &choice) const;
};

/// A choice, and what is known of it before it is compiled.
struct SpacePoint {
  runtime::Choice choice;
  /// Which value of each dimension it has.
  llvm::SmallVector<unsigned, 8> place;
  /// Of all parameters, once arguments were bound.
  llvm::SmallVector<lang::ParamValue, 8> values;
  /// Of the whole grid; infinite where the model doesn't know.
  double cycles = INFINITY;
  /// Of the deepest loop: as planned, and as the model would have it.
  std::int64_t stages = 1, modelStages = 1;
  /// Why it can't be; empty where nothing speaks against it.
  std::string reason;
};

/// What may be chosen, the best by the model first and what can't be last; of what is equal, the stages nearest to the model's. What a
/// launch chooses without tuning is `model`, with its stages left to the planner where they are open.
struct Space {
  llvm::SmallVector<bool, 8> isStages;
  std::vector<SpacePoint> points;
  std::size_t model = 0;
  /// All were asked about.
  bool isComplete = true;
};

/// Lists the sets that are written in the kernel, and for stages without one 1 to 6, in all combinations; where these are more than a
/// thousand, those that differ from what the model chooses in few parameters. Plans each on as many threads as there are cores, until
/// `stop` says so.
Space listSpace(const Question &question, llvm::function_ref<bool()> stop);

/// Calls `work` for each number below `count`, on as many threads as there are cores, until `stop`. `work` doesn't throw.
void parallel(std::size_t count, llvm::function_ref<void(std::size_t)> work, llvm::function_ref<bool()> stop);

} // namespace tile::tuning

#endif // TILE_LIB_TUNING_SPACE_H
