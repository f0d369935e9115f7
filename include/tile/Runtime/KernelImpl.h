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
#include "tile/Runtime/GpuKernel.h"
#include "tile/Runtime/LaunchMemo.h"
#include "tile/Target/CPU/CPU.h"

#include <llvm/ADT/StringMap.h>

#include <functional>
#include <future>
#include <mutex>

namespace tile {

namespace runtime {

/// A specialisation as machine code, of the host or of a GPU.
struct Compiled {
  KernelRef kernel;
  lang::Specialization specialization;
  std::unique_ptr<cpu::Executable> executable;
  std::unique_ptr<GpuKernel> gpu;
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

/// Everything that the machine code of a specialisation depends on, beside the source, as text. `device` tells code apart that is loaded
/// for different devices.
std::string keyOf(const lang::Specialization &specialization, llvm::StringRef device, llvm::StringRef target);

} // namespace runtime

struct Prepared::Impl {
  Impl(Device device, runtime::Cache::Value compiled)
      : device(std::move(device)), compiled(std::move(compiled)), report(this->compiled->report),
        maps(this->compiled->gpu ? this->compiled->gpu->image.tensorMaps.size() : 0) {}

  /// Runs a launch whose arguments have been found right.
  void execute(const Stream &stream, runtime::LaunchData &launch) const;

  Device device;
  runtime::Cache::Value compiled;
  /// The code's, with who chose this specialisation.
  Report report;
  mutable runtime::LaunchMemo memo;
  mutable runtime::TensorMapMemo maps;
};

struct Kernel::Impl {
  runtime::KernelRef kernel;
  KernelOptions options;
  std::shared_ptr<runtime::Cache> cache;

  /// The kernel with values for the parameters that it leaves to the compiler, for such arguments on a device.
  const runtime::KernelRef &choose(const Device &device, std::span<const Argument> given);

  /// The specialisation that a call needs on a device; the call is remembered.
  std::shared_ptr<Prepared::Impl> find(const Device &device, const runtime::Call &call,
                                       std::span<const Argument> given);

  /// One of those that were found lately, when it is what these arguments need; fills `launch`.
  std::shared_ptr<const Prepared::Impl> findRecent(const Device &device, std::span<const Argument> given,
                                                   runtime::LaunchData &launch) const;

private:
  /// The choice for extents of about this size, or for exactly these, that is known or is made now; null when these arguments can't be
  /// launched with it.
  const runtime::KernelRef *choose(const Device &device, const runtime::Call &call, const std::string &target,
                                   bool exactly);
  runtime::Cache::Value compile(const Device &device, const runtime::Call &call) const;

  mutable std::mutex mutex;
  /// The latest last.
  mutable std::vector<std::shared_ptr<Prepared::Impl>> recent;
  /// What had been tuned in this process when `recent` was filled.
  mutable std::uint64_t generation = 0;
  /// By what a choice depends on. Entries stay, since they are referred to.
  llvm::StringMap<runtime::KernelRef> choices;
};

} // namespace tile

#endif // TILE_RUNTIME_KERNELIMPL_H
