//===- Device.cpp - Processors and GPUs -------------------------*- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "tile/Device.h"
#include "tile/Error.h"
#include "tile/Pipeline/MachineModel.h"
#include "tile/Runtime/DeviceImpl.h"

#include <llvm/ADT/StringExtras.h>
#include <llvm/Support/Threading.h>
#include <llvm/TargetParser/Host.h>

#include <map>

namespace tile {

//===----------------------------------------------------------------------===//
// Errors of the driver
//===----------------------------------------------------------------------===//

void runtime::raise(llvm::Error error) { throw Error(llvm::toString(std::move(error))); }

void runtime::raiseDriver(driver::Gpu &gpu, driver::Result error, const llvm::Twine &what) {
  std::string text = what.str() + ": " + gpu.driver().describe(error);
  if (driver::isSticky(error)) {
    driver::Result known = gpu.broken.exchange(error);
    text += known != driver::result::success
                ? "; the error was left by earlier work"
                : "; a kernel that ran on the device before, of this library or of others, caused it";
    text += ". The context can't be used any more: start a new process";
  } else if (error >= driver::result::captureUnsupported && error <= driver::result::captureLast) {
    text += "; a stream of the context is being captured";
  }
  throw Error(text);
}

//===----------------------------------------------------------------------===//
// Processors
//===----------------------------------------------------------------------===//

static std::shared_ptr<Device::Impl> makeProcessor(bool late, unsigned threads) {
  auto impl = std::make_shared<Device::Impl>();
  impl->name = impl->identity = late ? "cpu-late" : "cpu";
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

Device Device::cpu(unsigned threads) {
  static Device shared(makeProcessor(/*late=*/false, 0));
  return threads ? Device(makeProcessor(/*late=*/false, threads)) : shared;
}

Device Device::cpuLate(unsigned threads) {
  static Device shared(makeProcessor(/*late=*/true, 0));
  return threads ? Device(makeProcessor(/*late=*/true, threads)) : shared;
}

//===----------------------------------------------------------------------===//
// GPUs
//===----------------------------------------------------------------------===//

static std::shared_ptr<Device::Impl> makeGpu(std::shared_ptr<driver::Gpu> gpu, const std::string &identity) {
  auto impl = std::make_shared<Device::Impl>();
  impl->name = "cuda:" + std::to_string(gpu->ordinal());
  impl->identity = impl->name + identity;
  impl->threads = static_cast<unsigned>(gpu->attribute(driver::DeviceAttribute::Multiprocessors));
  impl->gpu = std::move(gpu);
  return impl;
}

Device Device::cuda(int ordinal) {
  auto gpu = driver::Gpu::open(ordinal);
  if (!gpu)
    runtime::raise(gpu.takeError());
  // One for all who ask for it; never destroyed, as objects that end with the process may still need it.
  static auto *mutex = new std::mutex;
  static auto *shared = new std::map<int, std::shared_ptr<Impl>>;
  std::lock_guard guard(*mutex);
  std::shared_ptr<Impl> &impl = (*shared)[ordinal];
  if (!impl)
    impl = makeGpu(*gpu, "");
  return Device(impl);
}

Device Device::fromCudaContext(void *context) {
  static std::atomic<unsigned> count = 0;
  auto gpu = driver::Gpu::adopt(static_cast<driver::Context>(context));
  if (!gpu)
    runtime::raise(gpu.takeError());
  return Device(makeGpu(*gpu, "#" + std::to_string(++count)));
}

int Device::cudaCount() noexcept {
  auto driver = driver::Driver::get();
  if (!driver) {
    llvm::consumeError(driver.takeError());
    return 0;
  }
  int count = 0;
  return (*driver)->api().deviceGetCount(&count) == driver::result::success ? count : 0;
}

void Device::setCudaDriver(const std::filesystem::path &library) {
  if (llvm::Error error = driver::Driver::choose(library.string()))
    runtime::raise(std::move(error));
}

//===----------------------------------------------------------------------===//
// Any
//===----------------------------------------------------------------------===//

Device Device::best() {
  try {
    return cuda();
  } catch (const Error &) {
    return cpu();
  }
}

Device Device::byName(std::string_view name) {
  if (name == "cpu")
    return cpu();
  if (name == "cpu-late")
    return cpuLate();
  llvm::StringRef number = name;
  int ordinal = 0;
  if (number.consume_front("cuda") &&
      (number.empty() || (number.consume_front(":") && !number.getAsInteger(10, ordinal))))
    return cuda(ordinal);
  std::string gpus;
  for (int i = 0, count = cudaCount(); i < count; ++i)
    gpus += ", 'cuda:" + std::to_string(i) + "'";
  throw Error("no device '" + std::string(name) + "'; there are 'cpu', 'cpu-late'" + gpus);
}

const std::string &Device::name() const noexcept { return impl->name; }

std::string Device::description() const {
  if (impl->gpu)
    return impl->gpu->name() + " of architecture sm_" + std::to_string(impl->gpu->capability()) + ", " +
           std::to_string(impl->threads) + " multiprocessors, driver for CUDA " +
           driver::versionText(impl->gpu->driver().version());
  std::string text = "processor of type " + llvm::sys::getHostCPUName().str() + ", " + std::to_string(impl->threads) +
                     (impl->threads == 1 ? " thread" : " threads");
  if (impl->late)
    text += ", copies land late";
  return text;
}

std::string Device::target() const {
  if (!impl->gpu)
    return "cpu";
  // With what only this architecture has, and newer ones have not.
  if (impl->gpu->capability() == 90)
    return "sm_90a";
  // Code for an older architecture of the same family, or of an older family, runs too.
  for (int capability = impl->gpu->capability(); capability >= 80; --capability)
    if (std::string name = "sm_" + std::to_string(capability); pipeline::MachineModel::find(name))
      return name;
  return "sm_80";
}

void *Device::context() const noexcept { return impl->gpu ? impl->gpu->context() : nullptr; }

unsigned Device::threads() const noexcept { return impl->threads; }

} // namespace tile
