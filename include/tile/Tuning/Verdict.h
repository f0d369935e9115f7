//===- Verdict.h - What the numbers of a benchmark mean ------------*- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef TILE_TUNING_VERDICT_H
#define TILE_TUNING_VERDICT_H

#include "tile/Tuning/Experiment.h"

namespace tile::tuning {

/// Judges what has been measured: what bounds the kernel, which stage count to use, and what the model expects.
Judgement judge(const Experiment &experiment);

/// The same of what tuning found: what bounds the best of it, which is the one to use.
Judgement judgeTuning(const Experiment &experiment);

} // namespace tile::tuning

#endif // TILE_TUNING_VERDICT_H
