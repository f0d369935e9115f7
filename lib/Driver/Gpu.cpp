//===- Gpu.cpp - Devices and contexts ----------------------------*- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "tile/Driver/Driver.h"

#include <llvm/ADT/DenseMap.h>

#include <mutex>

using namespace tile::driver;

/// The oldest device that code is made for.
static constexpr int kOldestCapability = 80;

int Gpu::attribute(DeviceAttribute which) const {
  int value = 0;
  return api().deviceGetAttribute(&value, which, device) == result::success ? value : 0;
}

llvm::Error Gpu::describe(DeviceId device) {
  this->device = device;
  char text[256] = {};
  if (llvm::Error error = library->check(api().deviceGetName(text, sizeof(text) - 1, device), "a device has no name"))
    return error;
  model = text;
  major = attribute(DeviceAttribute::Major);
  minor = attribute(DeviceAttribute::Minor);
  if (capability() < kOldestCapability)
    return llvm::createStringError("device " + llvm::Twine(number) + ", '" + model + "', is too old: it is of sm_" +
                                   llvm::Twine(capability()) + ", and sm_" + llvm::Twine(kOldestCapability) +
                                   " is the oldest that code is made for");
  return llvm::Error::success();
}

llvm::Expected<std::shared_ptr<Gpu>> Gpu::open(int ordinal) {
  auto library = Driver::get();
  if (!library)
    return library.takeError();
  // Each device once, so that all who name it mean the same. Never given back: the process may end in any order.
  static auto *mutex = new std::mutex;
  static auto *opened = new llvm::DenseMap<int, std::shared_ptr<Gpu>>;
  std::lock_guard guard(*mutex);
  const Api &api = (*library)->api();
  int count = 0;
  if (llvm::Error error = (*library)->check(api.deviceGetCount(&count), "devices can't be counted"))
    return error;
  if (ordinal < 0 || ordinal >= count)
    return llvm::createStringError("there is no CUDA device " + llvm::Twine(ordinal) + "; there " +
                                   (count == 1 ? llvm::Twine("is device 0")
                                    : count    ? "are devices 0 to " + llvm::Twine(count - 1)
                                               : llvm::Twine("is none")));
  std::shared_ptr<Gpu> &known = (*opened)[ordinal];
  if (known)
    return known;
  std::shared_ptr<Gpu> gpu(new Gpu(**library));
  gpu->number = ordinal;
  DeviceId device;
  if (llvm::Error error = (*library)->check(api.deviceGet(&device, ordinal), "a device can't be opened"))
    return error;
  if (llvm::Error error = gpu->describe(device))
    return error;
  if (llvm::Error error = (*library)->check(api.primaryContextRetain(&gpu->handle, device),
                                            "device " + llvm::Twine(ordinal) + " can't be used"))
    return error;
  known = gpu;
  return gpu;
}

llvm::Expected<std::shared_ptr<Gpu>> Gpu::adopt(Context context) {
  auto library = Driver::get();
  if (!library)
    return library.takeError();
  if (!context)
    return llvm::createStringError("the CUDA context is null");
  std::shared_ptr<Gpu> gpu(new Gpu(**library));
  gpu->handle = context;
  ContextScope scope(*gpu);
  if (llvm::Error error = (*library)->check(scope.error, "the CUDA context can't be used"))
    return error;
  DeviceId device;
  if (llvm::Error error = (*library)->check(gpu->api().contextGetDevice(&device), "the CUDA context has no device"))
    return error;
  // The driver's device handles are its ordinals.
  gpu->number = device;
  if (llvm::Error error = gpu->describe(device))
    return error;
  return gpu;
}

Result Gpu::reach(Address address) {
  std::size_t place = (address >> 4 ^ address >> 12 ^ address >> 20) % reached.size();
  if (reached[place].load(std::memory_order_relaxed) == address)
    return result::success;
  // Success says that kernels of the current context can use it: memory of the device, and what of the host's was made so.
  Address there = 0;
  if (Result error = api().pointerGetAttribute(&there, PointerAttribute::DevicePointer, address);
      error != result::success)
    return error;
  if (there != address)
    return result::invalidValue;
  reached[place].store(address, std::memory_order_relaxed);
  return result::success;
}

void Gpu::forget(Address address, std::size_t bytes) {
  for (std::atomic<Address> &known : reached) {
    Address value = known.load(std::memory_order_relaxed);
    if (value >= address && value - address < bytes)
      known.compare_exchange_strong(value, 0, std::memory_order_relaxed);
  }
}
