//===- main.cpp - Softmax of rows that fit into one tile ---------*- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// \file
/// The lesson: a parameter that follows from a tensor. The kernel holds a whole row in one tile, whose width is the row's length
/// rounded up to a power of two; each length in between reuses the same machine code only if the width is the same, and the
/// runtime finds out which specialisation a launch needs: the kernel is launched, not prepared.
///
//===----------------------------------------------------------------------===//

#include "../common.h"

/// The softmax of each row in double precision.
static std::vector<double> softmax(const std::vector<float> &x, std::int64_t rows, std::int64_t columns) {
  std::vector<double> y(x.size());
  for (std::int64_t i = 0; i < rows; ++i) {
    const float *row = &x[i * columns];
    double largest = -INFINITY, sum = 0;
    for (std::int64_t j = 0; j < columns; ++j)
      largest = std::max(largest, double(row[j]));
    for (std::int64_t j = 0; j < columns; ++j)
      sum += y[i * columns + j] = std::exp(row[j] - largest);
    for (std::int64_t j = 0; j < columns; ++j)
      y[i * columns + j] /= sum;
  }
  return y;
}

static bool softmaxOfRows() {
  auto device = tile::Device::best();
  auto kernel = tile::Program::fromFile(example::file("softmax.tile")).kernel("softmax");
  tile::Stream stream(device);

  bool fine = true;
  const std::int64_t rows = 123;
  for (std::int64_t columns : {1, 100, 781, 1024}) {
    std::vector<float> x = example::normal(rows * columns, 1);
    tile::Buffer xMemory(device, x), yMemory(device, x.size() * sizeof(float));
    kernel.launch(stream, xMemory.tensor(tile::DType::F32, {rows, columns}),
                  yMemory.tensor(tile::DType::F32, {rows, columns}));
    stream.synchronize();
    fine &= example::agree("softmax of 123 x " + std::to_string(columns), example::download(yMemory),
                           softmax(x, rows, columns), 1e-6);
  }
  return fine;
}

int main() { return example::run(softmaxOfRows); }
