//===- main.cpp - Layer norm with optional arguments -------------*- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// \file
/// The lesson: scalars and optional tensors. The kernel scales and shifts its result when it is given a weight and a bias; without
/// them (`std::nullopt`) the code for that isn't even generated.
///
//===----------------------------------------------------------------------===//

#include "../common.h"

static std::vector<double> layerNorm(const std::vector<float> &x, const std::vector<float> &weight,
                                     const std::vector<float> &bias, std::int64_t rows, std::int64_t columns,
                                     double epsilon) {
  std::vector<double> y(x.size());
  for (std::int64_t i = 0; i < rows; ++i) {
    double mean = 0, variance = 0;
    for (std::int64_t j = 0; j < columns; ++j)
      mean += x[i * columns + j] / double(columns);
    for (std::int64_t j = 0; j < columns; ++j)
      variance += (x[i * columns + j] - mean) * (x[i * columns + j] - mean) / double(columns);
    for (std::int64_t j = 0; j < columns; ++j)
      y[i * columns + j] =
          (x[i * columns + j] - mean) / std::sqrt(variance + epsilon) * (weight.empty() ? 1.0 : weight[j]) +
          (bias.empty() ? 0.0 : bias[j]);
  }
  return y;
}

static bool layerNormOfRows() {
  auto device = tile::Device::best();
  auto kernel = tile::Program::fromFile(example::file("layer_norm.tile")).kernel("layer_norm");
  tile::Stream stream(device);

  const std::int64_t rows = 300, columns = 1111;
  const float epsilon = 1e-5f;
  std::vector<float> x = example::normal(rows * columns, 1), weight = example::normal(columns, 2),
                     bias = example::normal(columns, 3);
  tile::Buffer xMemory(device, x), weightMemory(device, weight), biasMemory(device, bias),
      yMemory(device, x.size() * sizeof(float));
  tile::Tensor xTensor = xMemory.tensor(tile::DType::F32, {rows, columns}),
               yTensor = yMemory.tensor(tile::DType::F32, {rows, columns});
  tile::Tensor weightTensor = weightMemory.tensor(tile::DType::F32, {columns});
  tile::Tensor biasTensor = biasMemory.tensor(tile::DType::F32, {columns});

  kernel.launch(stream, xTensor, weightTensor, biasTensor, epsilon, yTensor);
  stream.synchronize();
  bool fine = example::agree("layer norm with weight and bias", example::download(yMemory),
                             layerNorm(x, weight, bias, rows, columns, epsilon), 1e-5);

  kernel.launch(stream, xTensor, std::nullopt, std::nullopt, epsilon, yTensor);
  stream.synchronize();
  fine &= example::agree("layer norm alone", example::download(yMemory), layerNorm(x, {}, {}, rows, columns, epsilon),
                         1e-5);
  return fine;
}

int main() { return example::run(layerNormOfRows); }
