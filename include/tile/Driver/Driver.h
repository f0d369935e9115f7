//===- Driver.h - The CUDA driver, its devices and its code ------*- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// \file
/// libcuda is opened while running. What can fail gives an llvm::Error whose text names the driver's error; the launch path
/// (`Gpu::reach`, the functions of `api()`) gives the driver's numbers, which `describe` puts into words.
///
//===----------------------------------------------------------------------===//

#ifndef TILE_DRIVER_DRIVER_H
#define TILE_DRIVER_DRIVER_H

#include "tile/Driver/Api.h"

#include <llvm/ADT/StringRef.h>
#include <llvm/Support/Error.h>

#include <array>
#include <atomic>
#include <memory>
#include <string>

namespace tile::driver {

//===----------------------------------------------------------------------===//
// The library
//===----------------------------------------------------------------------===//

class Driver {
public:
  /// libcuda, opened and initialised by the first caller who gets that far; who fails may try again.
  static llvm::Expected<const Driver *> get();
  /// Where the library is, instead of what TILE_CUDA_DRIVER says, or the system's. An error once one has been opened elsewhere.
  static llvm::Error choose(llvm::StringRef path);

  const Api &api() const { return functions; }
  /// The newest CUDA that the driver knows: 13000 for 13.0.
  int version() const { return cudaVersion; }
  /// "CUDA_ERROR_INVALID_VALUE (invalid argument)".
  std::string describe(Result error) const;
  /// An error that says what was tried and what came of it; success for success.
  llvm::Error check(Result error, const llvm::Twine &what) const;
  /// An error when the driver has no tensor maps, which something needs.
  llvm::Error checkTensorMaps(const llvm::Twine &who) const;

  /// Whether kernels can be launched so that they start before those that they follow have ended, in captures too.
  bool canStartEarly() const { return functions.launchKernelEx && cudaVersion >= 12030; }

private:
  Driver() = default;
  llvm::Error open();

  Api functions;
  void *handle = nullptr;
  int cudaVersion = 0;
};

/// Whether an error stays: the context it was found in does nothing any more.
bool isSticky(Result error);

/// "13.0" of 13000.
std::string versionText(int cudaVersion);
/// The CUDA version that introduced a version of PTX, 12000 of 80; and the first driver of a CUDA version, "525".
int cudaVersionOf(unsigned ptxVersion);
llvm::StringRef firstDriverOf(int cudaVersion);

//===----------------------------------------------------------------------===//
// Devices
//===----------------------------------------------------------------------===//

/// A GPU with a context on it.
class Gpu {
public:
  /// The device of that number in its primary context, which stays for the rest of the process.
  static llvm::Expected<std::shared_ptr<Gpu>> open(int ordinal);
  /// The device of a context that somebody else made and keeps alive.
  static llvm::Expected<std::shared_ptr<Gpu>> adopt(Context context);

  const Driver &driver() const { return *library; }
  const Api &api() const { return library->api(); }
  int ordinal() const { return number; }
  Context context() const { return handle; }
  /// "NVIDIA H100 80GB HBM3".
  const std::string &name() const { return model; }
  /// 90 for compute capability 9.0.
  int capability() const { return major * 10 + minor; }
  int attribute(DeviceAttribute which) const;

  /// Success when kernels of this device can use what is at an address, result::invalidValue when they can't. Addresses that were
  /// found right lately are remembered, so that a launch asks the driver only for new ones. The context is current.
  Result reach(Address address);
  /// Forgets what was remembered of memory that is given back.
  void forget(Address address, std::size_t bytes);

  /// Set when an error was found that stays.
  std::atomic<Result> broken{result::success};

private:
  explicit Gpu(const Driver &library) : library(&library) {}
  llvm::Error describe(DeviceId device);

  const Driver *library;
  int number = 0, major = 0, minor = 0;
  DeviceId device = 0;
  Context handle = nullptr;
  std::string model;
  /// Addresses that can be reached, each in the place that its bits choose.
  std::array<std::atomic<Address>, 256> reached{};
};

/// While it lives, a device's context is the current one of this thread.
class ContextScope {
public:
  explicit ContextScope(const Gpu &gpu) : api(gpu.api()) {
    Context current = nullptr;
    if (api.contextGetCurrent(&current) != result::success || current != gpu.context())
      pushed = (error = api.contextPush(gpu.context())) == result::success;
  }
  ~ContextScope() {
    Context previous;
    if (pushed)
      api.contextPop(&previous);
  }
  ContextScope(const ContextScope &) = delete;
  ContextScope &operator=(const ContextScope &) = delete;

  /// Why the context can't be used, if so.
  Result error = result::success;

private:
  const Api &api;
  bool pushed = false;
};

//===----------------------------------------------------------------------===//
// Code
//===----------------------------------------------------------------------===//

/// What the driver's assembler makes of PTX.
struct Assembled {
  std::string cubin;
  /// What the assembler says of registers and spills.
  std::string log;
};

/// Assembles PTX for a device. The error of a driver that is too old for it says which one is needed; others carry the log.
llvm::Expected<Assembled> assemble(Gpu &gpu, llvm::StringRef ptx, unsigned ptxVersion, llvm::StringRef name);

/// The bytes of "N bytes spill stores" in an assembler's log; -1 when it doesn't say.
int spilledBytes(llvm::StringRef log);

/// A kernel that a device can run.
class LoadedKernel {
public:
  /// Loads a cubin or PTX and allows its entry as much shared memory as it needs.
  static llvm::Expected<std::unique_ptr<LoadedKernel>> load(std::shared_ptr<Gpu> gpu, const std::string &code,
                                                            const std::string &entry, unsigned threads,
                                                            unsigned sharedBytes);
  ~LoadedKernel();
  LoadedKernel(const LoadedKernel &) = delete;
  LoadedKernel &operator=(const LoadedKernel &) = delete;

  Function function() const { return handle; }

  /// Of a thread: its registers, and its bytes of local memory (its stack, spilled registers among it).
  int registers = 0, localBytes = 0;
  /// How many blocks a multiprocessor runs at once, what share of its warps that is, and what keeps it from running more.
  int blocks = 0;
  double occupancy = 0;
  std::string limit;

private:
  explicit LoadedKernel(std::shared_ptr<Gpu> gpu) : gpu(std::move(gpu)) {}
  llvm::Error findOccupancy(unsigned threads, unsigned sharedBytes);

  std::shared_ptr<Gpu> gpu;
  Library library = nullptr;
  Function handle = nullptr;
};

} // namespace tile::driver

#endif // TILE_DRIVER_DRIVER_H
