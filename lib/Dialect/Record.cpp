//===- Record.cpp - What an instrumented kernel writes down --------*- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "tile/Dialect/Record.h"

using namespace tile;

int64_t ir::recordSites(KernelOp kernel) {
  int64_t sites = 0;
  kernel.walk([&](StampOp stamp) { sites = std::max(sites, static_cast<int64_t>(stamp.getSite()) + 1); });
  return sites;
}
