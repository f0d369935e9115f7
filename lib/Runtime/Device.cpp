//===- Device.cpp - Devices, their memory and their queues ------*- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "tile/Device.h"
#include "tile/Error.h"
#include "tile/Runtime/DeviceImpl.h"
#include "tile/Tensor.h"

#include <llvm/Support/Threading.h>
#include <llvm/TargetParser/Host.h>

#include <cstring>
#include <new>

namespace tile {

//===----------------------------------------------------------------------===//
// Device
//===----------------------------------------------------------------------===//

static std::shared_ptr<Device::Impl> makeProcessor(bool late, unsigned threads) {
  auto impl = std::make_shared<Device::Impl>();
  impl->name = late ? "cpu-late" : "cpu";
  impl->late = late;
  llvm::ThreadPoolStrategy strategy = llvm::hardware_concurrency();
  // A count that was asked for is kept, also beyond the number of cores.
  if (threads) {
    strategy.ThreadsRequested = threads;
    strategy.UseHyperThreads = false;
    strategy.Limit = false;
  }
  impl->pool = std::make_unique<llvm::DefaultThreadPool>(strategy);
  impl->threads = threads ? threads : impl->pool->getMaxConcurrency();
  return impl;
}

Device::Device(std::shared_ptr<Impl> impl) : impl(std::move(impl)) {}

Device Device::best() { return cpu(); }

Device Device::cpu(unsigned threads) {
  static Device shared(makeProcessor(/*late=*/false, 0));
  return threads ? Device(makeProcessor(/*late=*/false, threads)) : shared;
}

Device Device::cpuLate(unsigned threads) {
  static Device shared(makeProcessor(/*late=*/true, 0));
  return threads ? Device(makeProcessor(/*late=*/true, threads)) : shared;
}

Device Device::byName(std::string_view name) {
  if (name == "cpu")
    return cpu();
  if (name == "cpu-late")
    return cpuLate();
  throw Error("no device '" + std::string(name) + "'; there are 'cpu' and 'cpu-late'");
}

const std::string &Device::name() const noexcept { return impl->name; }

std::string Device::description() const {
  std::string text = "processor of type " + llvm::sys::getHostCPUName().str() + ", " + std::to_string(impl->threads) +
                     (impl->threads == 1 ? " thread" : " threads");
  if (impl->late)
    text += ", copies land late";
  return text;
}

unsigned Device::threads() const noexcept { return impl->threads; }

//===----------------------------------------------------------------------===//
// Buffer
//===----------------------------------------------------------------------===//

/// A cache line, and the widest vector there is.
static constexpr std::align_val_t alignment{64};

struct Buffer::Impl {
  Impl(const Device &device, std::size_t bytes)
      : device(device), bytes(bytes), data(::operator new(bytes ? bytes : 1, alignment)) {}
  ~Impl() { ::operator delete(data, alignment); }

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
  if (bytes)
    std::memcpy(static_cast<char *>(impl->data) + offset, host, bytes);
}

void Buffer::download(void *host, std::size_t bytes, std::size_t offset) const {
  impl->check(offset, bytes);
  if (bytes)
    std::memcpy(host, static_cast<const char *>(impl->data) + offset, bytes);
}

//===----------------------------------------------------------------------===//
// Stream
//===----------------------------------------------------------------------===//

Stream::Stream(const Device &device) : impl(std::make_shared<Impl>(device)) {}

void Stream::synchronize() {
  // A launch is done when it returns; what another thread has under way is waited for.
  std::lock_guard<std::mutex> guard(impl->running);
}

const Device &Stream::device() const noexcept { return impl->device; }

} // namespace tile
