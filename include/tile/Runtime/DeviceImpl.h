//===- DeviceImpl.h - What stands behind a device handle --------*- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef TILE_RUNTIME_DEVICEIMPL_H
#define TILE_RUNTIME_DEVICEIMPL_H

#include "tile/Device.h"
#include "tile/Driver/Driver.h"

#include <llvm/Support/ThreadPool.h>

#include <mutex>

namespace tile {

/// A device is its name, and a processor's mode and threads or a GPU.
struct Device::Impl {
  std::string name;
  /// Tells devices apart also when one of the same name took the place of another that is gone.
  std::string identity;
  /// Copies land as late as the schedule allows.
  bool late = false;
  /// How many threads run a grid.
  unsigned threads = 0;
  std::unique_ptr<llvm::ThreadPoolInterface> pool;
  /// Null for a processor.
  std::shared_ptr<driver::Gpu> gpu;
};

namespace runtime {
struct Compiled;

/// The memory that a checked kernel writes its prints and its failure to, for one stream.
struct CheckedMemory {
  std::shared_ptr<const Compiled> kernel;
  driver::Address address = 0;
};

/// Throws an error that the driver gave for `what`; one that stays is remembered, and known as such the next time.
[[noreturn]] void raiseDriver(driver::Gpu &gpu, driver::Result error, const llvm::Twine &what);
/// The same unless all went well.
inline void check(driver::Gpu &gpu, driver::Result error, const char *what) {
  if (error != driver::result::success)
    raiseDriver(gpu, error, what);
}
/// Throws what an llvm::Error says.
[[noreturn]] void raise(llvm::Error error);

/// Copies between the host and a GPU; what was copied is there when they return.
void copyToGpu(driver::Gpu &gpu, driver::Address to, const void *from, std::size_t bytes);
void copyFromGpu(driver::Gpu &gpu, void *to, driver::Address from, std::size_t bytes);
} // namespace runtime

/// A stream of a processor keeps its launches in order by running one at a time; that of a GPU is a queue of the driver.
struct Stream::Impl {
  explicit Impl(Device device) : device(std::move(device)) {}
  ~Impl();
  Impl(const Impl &) = delete;
  Impl &operator=(const Impl &) = delete;

  /// The address for a launch of a checked kernel.
  driver::Address checkedMemory(const std::shared_ptr<const runtime::Compiled> &kernel);
  /// Writes what checked kernels have printed; throws when one of them failed. The stream is idle.
  void readChecked();

  Device device;
  std::mutex running;
  driver::Queue queue = nullptr;
  bool owned = false;
  std::mutex checkedMutex;
  std::vector<runtime::CheckedMemory> checked;
};

} // namespace tile

#endif // TILE_RUNTIME_DEVICEIMPL_H
