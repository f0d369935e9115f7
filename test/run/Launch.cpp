//===- Launch.cpp - One kernel, some arrays ----------------------*- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Launch.h"

#include <algorithm>

using namespace numeric;

tile::Prepared numeric::launch(const tile::Kernel &kernel, const std::string &deviceName,
                               const std::vector<Operand> &operands) {
  const tile::Device &target = device(deviceName);
  bool copies = options.copy || isGpu(deviceName);
  std::vector<tile::Buffer> buffers;
  std::vector<tile::Tensor> tensors;
  std::vector<tile::Argument> arguments;
  // Arguments refer to the tensors, which must stay where they are.
  tensors.reserve(operands.size());
  for (const Operand &operand : operands) {
    if (!operand.array) {
      arguments.push_back(operand.scalar.value_or(tile::Argument(std::nullopt)));
      continue;
    }
    if (copies) {
      std::span<const std::uint8_t> bytes = operand.array->bytes();
      void *copy = buffers.emplace_back(target, bytes).data();
      tensors.push_back(operand.written ? operand.array->tensorIn(copy) : operand.array->constTensorIn(copy));
    } else {
      tensors.push_back(operand.written ? operand.written->tensor() : operand.array->constTensor());
    }
    arguments.emplace_back(tensors.back());
  }

  tile::Stream stream(target);
  kernel.launchWith(stream, arguments);
  stream.synchronize();
  countCase();
  tile::Prepared launched = kernel.prepareWith(target, arguments);
  if (!copies)
    return launched;
  std::size_t next = 0;
  for (const Operand &operand : operands) {
    if (!operand.array)
      continue;
    const tile::Buffer &buffer = buffers[next++];
    if (operand.written) {
      buffer.download(operand.written->bytes().data(), buffer.size());
      continue;
    }
    std::vector<std::uint8_t> after(buffer.size());
    buffer.download(after.data(), after.size());
    EXPECT_TRUE(std::ranges::equal(after, operand.array->bytes())) << "an input was written on " << deviceName;
  }
  return launched;
}
