//===- main.cpp - Softmax of rows of any length ------------------*- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// \file
/// The lesson: loops over a row, pipelined. A row that doesn't fit into a tile is read in passes of tiles; each pass is a loop
/// whose loads run ahead of its arithmetic. The same machine code takes rows of every length, none included, and the report says
/// for each loop what was done.
///
//===----------------------------------------------------------------------===//

#include "../common.h"

#include <iostream>

static bool longSoftmax() {
  auto device = tile::Device::best();
  auto kernel = tile::Program::fromFile(example::file("long_softmax.tile")).kernel("long_softmax", {{"STAGES", 3}});
  tile::Stream stream(device);

  bool fine = true;
  const std::int64_t rows = 7;
  for (std::int64_t columns : {50'001, 1000, 3}) {
    std::vector<float> x = example::normal(rows * columns, 1);
    tile::Buffer xMemory(device, x), yMemory(device, x.size() * sizeof(float));
    tile::Tensor xTensor = xMemory.tensor(tile::DType::F32, {rows, columns});
    tile::Tensor yTensor = yMemory.tensor(tile::DType::F32, {rows, columns});
    tile::Prepared ready = kernel.prepare(device, xTensor, yTensor);
    ready.launch(stream, xTensor, yTensor);
    stream.synchronize();
    if (columns == 50'001)
      std::cout << ready.report();

    std::vector<double> want(x.size());
    for (std::int64_t i = 0; i < rows; ++i) {
      double largest = -INFINITY, sum = 0;
      for (std::int64_t j = 0; j < columns; ++j)
        largest = std::max(largest, double(x[i * columns + j]));
      for (std::int64_t j = 0; j < columns; ++j)
        sum += want[i * columns + j] = std::exp(x[i * columns + j] - largest);
      for (std::int64_t j = 0; j < columns; ++j)
        want[i * columns + j] /= sum;
    }
    fine &= example::agree("long softmax of 7 x " + std::to_string(columns), example::download(yMemory), want, 1e-6);
  }
  return fine;
}

int main() { return example::run(longSoftmax); }
