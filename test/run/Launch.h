//===- Launch.h - One kernel, some arrays ------------------------*- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef TILE_TEST_RUN_LAUNCH_H
#define TILE_TEST_RUN_LAUNCH_H

#include "Support.h"

#include <gtest/gtest.h>

namespace numeric {

/// An argument of a kernel: an array that it reads, an array that it writes, nothing, or a number.
class Operand {
public:
  Operand(const Array &array) : array(&array) {}
  Operand(Array *array) : array(array), written(array) {}
  Operand(std::nullopt_t) {}
  template <typename T>
    requires std::is_arithmetic_v<T>
  Operand(T number) : scalar(number) {}

private:
  friend tile::Prepared launch(const tile::Kernel &kernel, const std::string &deviceName,
                               const std::vector<Operand> &operands);
  const Array *array = nullptr;
  Array *written = nullptr;
  std::optional<tile::Argument> scalar;
};

/// Launches a kernel and waits for it. A GPU gets copies of the arrays' whole memory, so that views lie there as they do here, and what
/// was written beside them is found as well. Gives what was launched.
tile::Prepared launch(const tile::Kernel &kernel, const std::string &deviceName, const std::vector<Operand> &operands);

} // namespace numeric

#endif // TILE_TEST_RUN_LAUNCH_H
