//===- DeviceImpl.h - What stands behind a device handle --------*- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef TILE_RUNTIME_DEVICEIMPL_H
#define TILE_RUNTIME_DEVICEIMPL_H

#include "tile/Device.h"

#include <llvm/Support/ThreadPool.h>

#include <mutex>

namespace tile {

/// A device is its name, its mode and the threads that run its grids.
struct Device::Impl {
  std::string name;
  /// Copies land as late as the schedule allows.
  bool late;
  /// How many threads run a grid.
  unsigned threads;
  std::unique_ptr<llvm::ThreadPoolInterface> pool;
};

/// A stream keeps its launches in order by running one at a time.
struct Stream::Impl {
  explicit Impl(Device device) : device(std::move(device)) {}
  Device device;
  std::mutex running;
};

} // namespace tile

#endif // TILE_RUNTIME_DEVICEIMPL_H
