//===- main.cpp - A user's program ----------------------------------*- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// \file
/// Runs a kernel from a string, and catches an error that crosses the library's border. Prints what test/package/consumer.test
/// expects.
///
//===----------------------------------------------------------------------===//

#include <tile/tile.h>

#include <cstdint>
#include <iostream>
#include <vector>

static const char *const source = R"(
kernel scale<BLOCK: int in {64, 128} = 64>(x: f32[N], factor: f32, y: out f32[N]) grid (cdiv(N, BLOCK)) {
    let i = program(0) * BLOCK;
    y[i +: BLOCK] = factor * x[i +: BLOCK];
}
)";

int main() {
  std::cout << "version " << tile::version() << "\n";

  auto device = tile::Device::best();
  const std::int64_t n = 1000;
  std::vector<float> x(n);
  for (std::int64_t i = 0; i < n; ++i)
    x[i] = float(i);
  tile::Buffer xMemory(device, x), yMemory(device, n * sizeof(float));
  tile::Tensor xTensor = xMemory.tensor(tile::DType::F32, {n}), yTensor = yMemory.tensor(tile::DType::F32, {n});

  tile::Stream stream(device);
  auto scale = tile::Program::fromString(source, "scale.tile").kernel("scale");
  scale.launch(stream, xTensor, 3.0f, yTensor);
  stream.synchronize();

  std::vector<float> y(n);
  yMemory.download(y.data(), n * sizeof(float));
  bool fine = true;
  for (std::int64_t i = 0; i < n; ++i)
    fine &= y[i] == 3.0f * x[i];
  std::cout << (fine ? "right" : "wrong") << "\n";

  try {
    tile::Program::fromString("kernel broken(", "broken.tile");
    std::cout << "no error\n";
  } catch (const tile::Error &error) {
    std::cout << "caught " << error.diagnostics().front().file << "\n";
  }
}
