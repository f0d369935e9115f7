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
  Operand(const Array &array) : tensor(array.constTensor()) {}
  Operand(Array *array) : tensor(array->tensor()) {}
  Operand(std::nullopt_t) {}
  template <typename T>
    requires std::is_arithmetic_v<T>
  Operand(T number) : scalar(number) {}

  tile::Argument argument() const {
    return scalar ? *scalar : tensor ? tile::Argument(*tensor) : tile::Argument(std::nullopt);
  }

private:
  std::optional<tile::Tensor> tensor;
  std::optional<tile::Argument> scalar;
};

/// Launches a kernel and waits for it.
inline void launch(const tile::Kernel &kernel, const std::string &deviceName, const std::vector<Operand> &operands) {
  std::vector<tile::Argument> arguments;
  for (const Operand &operand : operands)
    arguments.push_back(operand.argument());
  tile::Stream stream(device(deviceName));
  kernel.launchWith(stream, arguments);
  stream.synchronize();
}

} // namespace numeric

#endif // TILE_TEST_RUN_LAUNCH_H
