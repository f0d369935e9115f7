//===- plainAdd.cpp - The loop that elementwise kernels are compared with ---*- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include <cstdint>

void plainAdd(const float *a, const float *b, float *c, std::int64_t n) {
  for (std::int64_t i = 0; i < n; ++i)
    c[i] = a[i] + b[i];
}
