//===- Chip.cpp - Runs small kernels on a GPU and times them -------*- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Chip.h"

#include <algorithm>
#include <stdexcept>

using namespace tile;
using namespace tile::calibrate;

/// Blocks that may count cycles in one launch.
static constexpr std::size_t kMostBlocks = 1 << 16;

/// Throws for the error of a driver's function, if it is one.
static void checkOn(const driver::Gpu &gpu, driver::Result error, const char *what) {
  if (llvm::Error described = gpu.driver().check(error, what))
    throw std::runtime_error(llvm::toString(std::move(described)));
}

Memory::Memory(const std::shared_ptr<driver::Gpu> &gpu, std::size_t bytes) : gpu(gpu) {
  driver::ContextScope scope(*gpu);
  checkOn(*gpu, gpu->api().memAlloc(&place, bytes), "there is not enough memory");
}

Memory::~Memory() {
  driver::ContextScope scope(*gpu);
  gpu->api().memFree(place);
}

void Memory::upload(const void *from, std::size_t bytes) {
  driver::ContextScope scope(*gpu);
  checkOn(*gpu, gpu->api().copyToDevice(place, from, bytes, nullptr), "memory can't be written");
  checkOn(*gpu, gpu->api().streamSynchronize(nullptr), "memory can't be written");
}

void Memory::download(void *to, std::size_t bytes) const {
  driver::ContextScope scope(*gpu);
  checkOn(*gpu, gpu->api().copyToHost(to, place, bytes, nullptr), "memory can't be read");
  checkOn(*gpu, gpu->api().streamSynchronize(nullptr), "memory can't be read");
}

Chip::Chip(std::shared_ptr<driver::Gpu> gpu) : device(std::move(gpu)) {
  const driver::Api &api = device->api();
  if (!api.eventCreate || !api.eventRecord || !api.eventSynchronize || !api.eventElapsedTime || !api.eventDestroy)
    throw std::runtime_error("the CUDA driver has no events");
  count = static_cast<unsigned>(device->attribute(driver::DeviceAttribute::Multiprocessors));
  driver::ContextScope scope(*device);
  check(api.streamCreate(&queue, driver::kNonBlocking), "a stream can't be made");
  check(api.eventCreate(&first, 0), "an event can't be made");
  check(api.eventCreate(&last, 0), "an event can't be made");
  counters.emplace(device, kMostBlocks * sizeof(std::uint64_t));
}

Chip::~Chip() {
  driver::ContextScope scope(*device);
  if (last)
    device->api().eventDestroy(last);
  if (first)
    device->api().eventDestroy(first);
  if (queue)
    device->api().streamDestroy(queue);
}

void Chip::check(driver::Result error, const char *what) const { checkOn(*device, error, what); }

double Chip::clock() const {
  constexpr double kHertz = 1e3;
  return device->attribute(driver::DeviceAttribute::ClockRate) * kHertz;
}

driver::TensorMapObject Chip::rowsOf(driver::Address address, std::size_t bytes) const {
  constexpr std::uint64_t kRowBytes = 128;
  constexpr std::uint32_t kBox = 64;
  driver::TensorMapObject map;
  if (!device->api().tensorMapEncodeTiled)
    throw std::runtime_error("the CUDA driver has no tensor maps");
  driver::ContextScope scope(*device);
  const std::uint64_t extents[] = {kBox, bytes / kRowBytes}, strides[] = {kRowBytes};
  const std::uint32_t box[] = {kBox, kBox}, steps[] = {1, 1};
  check(device->api().tensorMapEncodeTiled(&map, driver::TensorMapType::U16, 2, address, extents, strides, box, steps,
                                           driver::TensorMapInterleave::None, driver::TensorMapSwizzle::Span128,
                                           driver::TensorMapPromotion::Bytes128, driver::TensorMapFill::Zeros),
        "a tensor map can't be made");
  return map;
}

std::unique_ptr<driver::LoadedKernel> Chip::load(const std::string &ptx, const Shape &shape) const {
  constexpr unsigned kPtxVersion = 80;
  auto assembled = driver::assemble(*device, ptx, kPtxVersion, "measure");
  if (!assembled)
    throw std::runtime_error(llvm::toString(assembled.takeError()));
  auto kernel = driver::LoadedKernel::load(device, assembled->cubin, "measure", shape.threads, shape.sharedBytes);
  if (!kernel)
    throw std::runtime_error(llvm::toString(kernel.takeError()));
  return std::move(*kernel);
}

void Chip::enqueue(const driver::LoadedKernel &kernel, const Shape &shape, llvm::ArrayRef<std::uint64_t> words,
                   const driver::TensorMapObject *map) const {
  llvm::SmallVector<std::uint64_t> values = {counters->address()};
  values.append(words.begin(), words.end());
  llvm::SmallVector<void *> parameters;
  for (std::uint64_t &value : values)
    parameters.push_back(&value);
  driver::TensorMapObject copy;
  if (map) {
    copy = *map;
    parameters.push_back(&copy);
  }
  check(device->api().launchKernel(kernel.function(), shape.blocks, 1, 1, shape.threads, 1, 1, shape.sharedBytes, queue,
                                   parameters.data(), nullptr),
        "a kernel can't be launched");
}

Spent Chip::once(const driver::LoadedKernel &kernel, const Shape &shape, llvm::ArrayRef<std::uint64_t> words,
                 const driver::TensorMapObject *map, unsigned launches) const {
  const driver::Api &api = device->api();
  driver::ContextScope scope(*device);
  check(api.eventRecord(first, queue), "an event can't be recorded");
  for (unsigned i = 0; i < launches; ++i)
    enqueue(kernel, shape, words, map);
  check(api.eventRecord(last, queue), "an event can't be recorded");
  check(api.streamSynchronize(queue), "a kernel failed");
  float milliseconds = 0;
  check(api.eventElapsedTime(&milliseconds, first, last), "events can't be read");
  std::vector<std::uint64_t> cycles(std::min<std::size_t>(shape.blocks, kMostBlocks));
  counters->download(cycles.data(), cycles.size() * sizeof(std::uint64_t));
  std::nth_element(cycles.begin(), cycles.begin() + static_cast<std::ptrdiff_t>(cycles.size() / 2), cycles.end());
  return {static_cast<double>(cycles[cycles.size() / 2]), static_cast<double>(milliseconds) * 1e-3 / launches};
}

Spent Chip::run(const driver::LoadedKernel &kernel, const Shape &shape, llvm::ArrayRef<std::uint64_t> words,
                const driver::TensorMapObject *map, unsigned launches) const {
  once(kernel, shape, words, map);
  return once(kernel, shape, words, map, launches);
}

Spent Chip::run(const std::string &ptx, const Shape &shape, llvm::ArrayRef<std::uint64_t> words,
                const driver::TensorMapObject *map, unsigned launches) const {
  return run(*load(ptx, shape), shape, words, map, launches);
}
