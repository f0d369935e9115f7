//===- Device.h - Devices, their memory and their queues ---------*- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef TILE_DEVICE_H
#define TILE_DEVICE_H

#include "tile/DType.h"
#include "tile/Export.h"

#include <cstddef>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

namespace tile {

class Tensor;

/// Something that runs kernels. A handle: copies mean the same device, which lives as long as anything that uses it. All members
/// may be called from several threads at once.
class TILE_API Device {
public:
  /// The fastest device of this machine: cuda(0) when there is a driver with a device that code can be made for, else cpu().
  static Device best();

  /// An NVIDIA GPU, in its primary context, which other libraries of the process (PyTorch, the CUDA runtime) use too. Throws Error
  /// when there is no driver, no such device, or when one of them is too old.
  static Device cuda(int ordinal = 0);

  /// The GPU of a context that the caller made (a CUcontext) and keeps alive. Each call gives another device.
  static Device fromCudaContext(void *context);

  /// How many GPUs the driver knows; 0 without a driver.
  static int cudaCount() noexcept;

  /// Where the CUDA driver's library is; an empty path means the system's libcuda.so.1. The environment's TILE_CUDA_DRIVER says it
  /// for programs that don't. Throws Error when another one is in use already.
  static void setCudaDriver(const std::filesystem::path &library);

  /// The host's processor. A launch uses `threads` threads (the calling one waits for them); 0 means one for each core that the
  /// process may run on, shared by all devices made so.
  static Device cpu(unsigned threads = 0);

  /// The host's processor with copies as late as the schedule allows: an asynchronous copy lands at the `await` that needs it and
  /// no earlier, and outside its time a slot of a ring holds poison (NaNs, or the integer pattern of bytes 0xff). Results are those
  /// of cpu(); a schedule that would fail on hardware with real asynchrony fails here. For tests; it is slow.
  static Device cpuLate(unsigned threads = 0);

  /// The device of that name(); "cuda" is "cuda:0". Throws Error when there is none, naming those there are.
  static Device byName(std::string_view name);

  /// "cpu", "cpu-late" or "cuda:0".
  const std::string &name() const noexcept;

  /// For people: the processor's name and what of it is used.
  std::string description() const;

  /// The machine that kernels are compiled for: "cpu", or a GPU's architecture such as "sm_90".
  std::string target() const;

  /// The GPU's context, a CUcontext; null for a processor.
  void *context() const noexcept;

  /// How many threads run the programs of a grid; of a GPU, how many multiprocessors.
  unsigned threads() const noexcept;

  friend bool operator==(const Device &, const Device &) = default;

  struct Impl;
  /// For the library itself.
  explicit Device(std::shared_ptr<Impl> impl);
  const std::shared_ptr<Impl> &get() const noexcept { return impl; }

private:
  std::shared_ptr<Impl> impl;
};

/// Memory of a device, aligned to 64 bytes at least, owned and freed by this object. Its first contents are undefined. Movable, not
/// copyable; different threads may use different buffers, and one buffer for reading. Freeing memory of a GPU waits for what runs
/// there.
class TILE_API Buffer {
public:
  /// Allocates `bytes` bytes; 0 is allowed. Throws std::bad_alloc for a processor's memory, and Error, which says how much there
  /// is, for a GPU's.
  Buffer(const Device &device, std::size_t bytes);
  /// Allocates memory for what `host` holds and copies it there.
  template <typename T>
    requires std::is_trivially_copyable_v<T>
  Buffer(const Device &device, std::span<const T> host) : Buffer(device, host.size_bytes()) {
    upload(host.data(), host.size_bytes());
  }
  template <typename T>
  Buffer(const Device &device, const std::vector<T> &host) : Buffer(device, std::span<const T>(host)) {}
  Buffer(Buffer &&) noexcept;
  Buffer &operator=(Buffer &&) noexcept;
  ~Buffer();

  /// The first byte as the device sees it. On the CPU devices the host may use it directly.
  void *data() const noexcept;
  /// The size in bytes that was asked for.
  std::size_t size() const noexcept;
  const Device &device() const noexcept;

  /// A dense row-major tensor in this buffer, `offset` bytes from its start. Throws Error when it doesn't fit. The tensor
  /// is valid as long as the buffer is.
  Tensor tensor(DType type, std::vector<std::int64_t> shape, std::size_t offset = 0) const;

  /// Copies `bytes` bytes from or to the host's memory and returns when that is done. Neither waits for launches that are still
  /// under way: call Stream::synchronize first. Throws Error when the range leaves the buffer.
  void upload(const void *host, std::size_t bytes, std::size_t offset = 0);
  void download(void *host, std::size_t bytes, std::size_t offset = 0) const;

private:
  struct Impl;
  std::unique_ptr<Impl> impl;
};

/// A queue of launches on one device, run in order. A launch may return before the kernel has run, and what it reads and writes
/// belongs to the kernel until synchronize() returns. On the CPU devices of this version a launch is done when it returns. Launches
/// may come from several threads; they run one after another. A handle: copies mean the same queue.
///
/// On a GPU a launch of a prepared kernel neither allocates device memory nor waits, so that it can be captured in a CUDA graph. A
/// checked kernel has memory for what it prints from its first launch on a stream on, which therefore can't be captured.
class TILE_API Stream {
public:
  explicit Stream(const Device &device);

  /// A queue that the caller made, of a GPU's context (a CUstream; null is the context's default one), and keeps alive.
  static Stream fromHandle(const Device &device, void *stream);

  /// Waits until every launch so far is done. Throws what the first of them that failed has to say, if it hasn't been thrown by
  /// launch; the stream is usable afterwards, unless the GPU's context was broken, which the error then says.
  void synchronize();

  /// The GPU's queue, a CUstream; null for a processor.
  void *handle() const noexcept;

  const Device &device() const noexcept;

  struct Impl;
  const std::shared_ptr<Impl> &get() const noexcept { return impl; }

private:
  explicit Stream(std::shared_ptr<Impl> impl);
  std::shared_ptr<Impl> impl;
};

} // namespace tile

#endif // TILE_DEVICE_H
