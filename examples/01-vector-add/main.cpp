//===- main.cpp - Vector add: from source to a launch ------------*- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// \file
/// The lesson: the five steps of every host program. Take a device, read a program, pick a kernel, put data into buffers, launch.
/// The length is no multiple of the tile's width: the last program's tile hangs over the edge, reads 0 there and writes nothing.
///
//===----------------------------------------------------------------------===//

#include "../common.h"

#include <iostream>

static bool vectorAdd() {
  auto device = tile::Device::best();
  auto program = tile::Program::fromFile(example::file("vector_add.tile"));
  auto add = program.kernel("vector_add", {{"BLOCK", 1024}});

  const std::int64_t n = 1'000'003;
  std::vector<float> a = example::normal(n, 1), b = example::normal(n, 2);
  tile::Buffer aMemory(device, a), bMemory(device, b), cMemory(device, n * sizeof(float));
  tile::Tensor aTensor = aMemory.tensor(tile::DType::F32, {n});
  tile::Tensor bTensor = bMemory.tensor(tile::DType::F32, {n});
  tile::Tensor cTensor = cMemory.tensor(tile::DType::F32, {n});

  // prepare compiles for the types and the layout of these tensors; launch would do it too, the first time.
  tile::Prepared ready = add.prepare(device, aTensor, bTensor, cTensor);
  tile::Stream stream(device);
  ready.launch(stream, aTensor, bTensor, cTensor);
  stream.synchronize();
  std::cout << ready.report();

  std::vector<double> want(n);
  for (std::int64_t i = 0; i < n; ++i)
    want[i] = double(a[i]) + double(b[i]);
  return example::agree("vector add of 1000003", example::download(cMemory), want, 1e-6);
}

int main() { return example::run(vectorAdd); }
