//===- main.cpp - Matrix product with bias and GELU --------------*- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// \file
/// The lesson: an epilogue costs no trip through memory, and types are the tensors' business. The same kernel is called with f32
/// and with bf16 matrices; products are summed in f32 either way, and the bias and the GELU work on that sum before it is rounded
/// once.
///
//===----------------------------------------------------------------------===//

#include "../common.h"

#include <bit>

/// To bf16 and back: the upper half of a float, rounded to nearest, ties to even.
static std::uint16_t toBF16(float value) {
  std::uint32_t bits = std::bit_cast<std::uint32_t>(value);
  return static_cast<std::uint16_t>((bits + 0x7fff + (bits >> 16 & 1)) >> 16);
}
static float fromBF16(std::uint16_t bits) { return std::bit_cast<float>(std::uint32_t(bits) << 16); }

static std::vector<double> reference(const std::vector<float> &a, const std::vector<float> &b,
                                     const std::vector<float> &bias, std::int64_t m, std::int64_t k, std::int64_t n) {
  std::vector<double> c(m * n);
  for (std::int64_t i = 0; i < m; ++i) {
    for (std::int64_t l = 0; l < k; ++l)
      for (std::int64_t j = 0; j < n; ++j)
        c[i * n + j] += double(a[i * k + l]) * double(b[l * n + j]);
    for (std::int64_t j = 0; j < n; ++j) {
      double x = c[i * n + j] + bias[j];
      c[i * n + j] = 0.5 * x * (1 + std::erf(x / std::sqrt(2.0)));
    }
  }
  return c;
}

static bool matmulGelu() {
  auto device = tile::Device::best();
  auto kernel = tile::Program::fromFile(example::file("matmul_gelu.tile")).kernel("matmul_gelu");
  tile::Stream stream(device);

  const std::int64_t m = 200, n = 300, k = 250;
  std::vector<float> a = example::normal(m * k, 1), b = example::normal(k * n, 2), bias = example::normal(n, 3);
  bool fine = true;
  {
    tile::Buffer aMemory(device, a), bMemory(device, b), biasMemory(device, bias),
        cMemory(device, m * n * sizeof(float));
    kernel.launch(stream, aMemory.tensor(tile::DType::F32, {m, k}), bMemory.tensor(tile::DType::F32, {k, n}),
                  biasMemory.tensor(tile::DType::F32, {n}), cMemory.tensor(tile::DType::F32, {m, n}));
    stream.synchronize();
    fine &= example::agree("matmul with bias and GELU, f32", example::download(cMemory), reference(a, b, bias, m, k, n),
                           1e-4);
  }

  // The same in bf16; the reference starts from the rounded inputs.
  auto round = [](std::vector<float> &values) {
    std::vector<std::uint16_t> rounded;
    for (float &value : values) {
      rounded.push_back(toBF16(value));
      value = fromBF16(rounded.back());
    }
    return rounded;
  };
  tile::Buffer aMemory(device, round(a)), bMemory(device, round(b)), biasMemory(device, round(bias)),
      cMemory(device, m * n * 2);
  kernel.launch(stream, aMemory.tensor(tile::DType::BF16, {m, k}), bMemory.tensor(tile::DType::BF16, {k, n}),
                biasMemory.tensor(tile::DType::BF16, {n}), cMemory.tensor(tile::DType::BF16, {m, n}));
  stream.synchronize();
  std::vector<std::uint16_t> bits(m * n);
  cMemory.download(bits.data(), cMemory.size());
  std::vector<float> c;
  for (std::uint16_t value : bits)
    c.push_back(fromBF16(value));
  return example::agree("matmul with bias and GELU, bf16", c, reference(a, b, bias, m, k, n), 1.0 / 128) && fine;
}

int main() { return example::run(matmulGelu); }
