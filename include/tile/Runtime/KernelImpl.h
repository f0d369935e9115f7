//===- KernelImpl.h - What stands behind kernels and specialisations ---*- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef TILE_RUNTIME_KERNELIMPL_H
#define TILE_RUNTIME_KERNELIMPL_H

#include "tile/Kernel.h"
#include "tile/Runtime/Call.h"
#include "tile/Target/CPU/CPU.h"

#include <llvm/ADT/StringMap.h>

#include <functional>
#include <future>
#include <mutex>

namespace tile {

namespace runtime {

/// A specialisation as machine code.
struct Compiled {
  KernelRef kernel;
  lang::Specialization specialization;
  std::unique_ptr<cpu::Executable> executable;
  Report report;
};

/// The specialisations of a program's kernels, each compiled once.
class Cache {
public:
  using Value = std::shared_ptr<const Compiled>;

  /// What the key stands for. The first caller of a key runs `compile`; who comes meanwhile waits for it. When it throws, all of
  /// them throw the same, and the next caller tries again.
  Value get(const std::string &key, llvm::function_ref<Value()> compile);

private:
  std::mutex mutex;
  llvm::StringMap<std::shared_future<Value>> entries;
};

} // namespace runtime

struct Kernel::Impl {
  runtime::KernelRef kernel;
  KernelOptions options;
  std::shared_ptr<runtime::Cache> cache;

  /// The specialisation that a call needs on a device.
  runtime::Cache::Value find(const Device &device, const runtime::Call &call) const;
};

struct Prepared::Impl {
  Device device;
  runtime::Cache::Value compiled;
};

} // namespace tile

#endif // TILE_RUNTIME_KERNELIMPL_H
