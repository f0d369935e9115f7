//===- main.cpp - Row sums, and sums of columns by strides -------*- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// \file
/// The lesson: strides belong to the tensor, not to the kernel. One kernel sums the rows of a matrix; given the same memory with
/// its axes exchanged it sums the columns, with machine code of its own for that layout.
///
//===----------------------------------------------------------------------===//

#include "../common.h"

static bool rowSum() {
  auto device = tile::Device::best();
  auto kernel = tile::Program::fromFile(example::file("row_sum.tile")).kernel("row_sum");
  tile::Stream stream(device);

  const std::int64_t rows = 777, columns = 1234;
  std::vector<float> x = example::normal(rows * columns, 1);
  tile::Buffer xMemory(device, x), rowMemory(device, rows * sizeof(float)),
      columnMemory(device, columns * sizeof(float));
  tile::Tensor xTensor = xMemory.tensor(tile::DType::F32, {rows, columns});

  kernel.launch(stream, xTensor, rowMemory.tensor(tile::DType::F32, {rows}));
  kernel.launch(stream, xTensor.transposed(), columnMemory.tensor(tile::DType::F32, {columns}));
  stream.synchronize();

  std::vector<double> rowWant(rows), columnWant(columns);
  for (std::int64_t i = 0; i < rows; ++i)
    for (std::int64_t j = 0; j < columns; ++j) {
      rowWant[i] += x[i * columns + j];
      columnWant[j] += x[i * columns + j];
    }
  bool fine = example::agree("sums of 777 rows", example::download(rowMemory), rowWant, 1e-5);
  fine &= example::agree("sums of 1234 columns", example::download(columnMemory), columnWant, 1e-5);
  return fine;
}

int main() { return example::run(rowSum); }
