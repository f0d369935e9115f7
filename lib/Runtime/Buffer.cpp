//===- Buffer.cpp - Memory of devices ---------------------------*- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "tile/Error.h"
#include "tile/Runtime/DeviceImpl.h"
#include "tile/Tensor.h"

#include <cstring>
#include <new>

namespace tile {

using namespace runtime;

//===----------------------------------------------------------------------===//
// GPUs
//===----------------------------------------------------------------------===//

/// Runs copies in a queue of their own and waits for them: a plain copy from memory that isn't locked may return before the last
/// bytes have arrived, and kernels in other queues don't wait for it.
static void copy(driver::Gpu &gpu, llvm::function_ref<driver::Result(driver::Queue)> start) {
  driver::ContextScope scope(gpu);
  check(gpu, scope.error, "the device's context can't be used");
  driver::Queue queue = nullptr;
  check(gpu, gpu.api().streamCreate(&queue, driver::kNonBlocking), "memory can't be copied");
  driver::Result error = start(queue);
  if (error == driver::result::success)
    error = gpu.api().streamSynchronize(queue);
  gpu.api().streamDestroy(queue);
  check(gpu, error, "memory can't be copied");
}

void runtime::copyToGpu(driver::Gpu &gpu, driver::Address to, const void *from, std::size_t bytes) {
  copy(gpu, [&](driver::Queue queue) { return gpu.api().copyToDevice(to, from, bytes, queue); });
}

void runtime::copyFromGpu(driver::Gpu &gpu, void *to, driver::Address from, std::size_t bytes) {
  copy(gpu, [&](driver::Queue queue) { return gpu.api().copyToHost(to, from, bytes, queue); });
}

static void *allocate(driver::Gpu &gpu, std::size_t bytes) {
  driver::ContextScope scope(gpu);
  check(gpu, scope.error, "the device's context can't be used");
  driver::Address address = 0;
  driver::Result error = gpu.api().memAlloc(&address, bytes ? bytes : 1);
  if (error == driver::result::outOfMemory) {
    std::size_t available = 0, total = 0;
    gpu.api().memGetInfo(&available, &total);
    throw Error("out of memory: " + std::to_string(bytes) + " bytes were asked for, and device '" + gpu.name() +
                "' has " + std::to_string(available) + " left of " + std::to_string(total) + ": " +
                gpu.driver().describe(error));
  }
  check(gpu, error, "memory can't be allocated");
  return reinterpret_cast<void *>(address);
}

//===----------------------------------------------------------------------===//
// Buffer
//===----------------------------------------------------------------------===//

/// A cache line, and the widest vector there is.
static constexpr std::align_val_t alignment{64};

struct Buffer::Impl {
  Impl(const Device &device, std::size_t bytes)
      : device(device), bytes(bytes),
        data(device.get()->gpu ? allocate(*device.get()->gpu, bytes) : ::operator new(bytes ? bytes : 1, alignment)) {}
  ~Impl() {
    if (driver::Gpu *gpu = device.get()->gpu.get()) {
      driver::ContextScope scope(*gpu);
      gpu->forget(address(), bytes ? bytes : 1);
      gpu->api().memFree(address());
    } else {
      ::operator delete(data, alignment);
    }
  }
  Impl(const Impl &) = delete;

  driver::Address address() const { return reinterpret_cast<driver::Address>(data); }

  /// Throws unless the range lies in the buffer.
  void check(std::size_t offset, std::size_t count) const {
    if (offset > bytes || count > bytes - offset)
      throw Error(std::to_string(count) + " bytes from byte " + std::to_string(offset) +
                  " on do not fit into a buffer of " + std::to_string(bytes) + " bytes");
  }

  Device device;
  std::size_t bytes;
  void *data;
};

Buffer::Buffer(const Device &device, std::size_t bytes) : impl(std::make_unique<Impl>(device, bytes)) {}
Buffer::Buffer(Buffer &&) noexcept = default;
Buffer &Buffer::operator=(Buffer &&) noexcept = default;
Buffer::~Buffer() = default;

void *Buffer::data() const noexcept { return impl->data; }
std::size_t Buffer::size() const noexcept { return impl->bytes; }
const Device &Buffer::device() const noexcept { return impl->device; }

Tensor Buffer::tensor(DType type, std::vector<std::int64_t> shape, std::size_t offset) const {
  std::size_t bytes = sizeOf(type);
  for (std::int64_t extent : shape)
    if (extent < 0 || __builtin_mul_overflow(bytes, static_cast<std::size_t>(extent), &bytes))
      throw Error("a tensor of this shape fits in no buffer: an extent is negative or the size overflows");
  impl->check(offset, bytes);
  return Tensor(static_cast<char *>(impl->data) + offset, type, std::move(shape));
}

void Buffer::upload(const void *host, std::size_t bytes, std::size_t offset) {
  impl->check(offset, bytes);
  if (!bytes)
    return;
  if (driver::Gpu *gpu = impl->device.get()->gpu.get())
    copyToGpu(*gpu, impl->address() + offset, host, bytes);
  else
    std::memcpy(static_cast<char *>(impl->data) + offset, host, bytes);
}

void Buffer::download(void *host, std::size_t bytes, std::size_t offset) const {
  impl->check(offset, bytes);
  if (!bytes)
    return;
  if (driver::Gpu *gpu = impl->device.get()->gpu.get())
    copyFromGpu(*gpu, host, impl->address() + offset, bytes);
  else
    std::memcpy(host, static_cast<const char *>(impl->data) + offset, bytes);
}

} // namespace tile
