//===- GpuKernel.h - Machine code of a GPU and what goes with it --*- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef TILE_RUNTIME_GPUKERNEL_H
#define TILE_RUNTIME_GPUKERNEL_H

#include "tile/Driver/Driver.h"
#include "tile/Pipeline/Instrument.h"
#include "tile/Report.h"
#include "tile/Runtime/Call.h"
#include "tile/Runtime/LaunchMemo.h"
#include "tile/Runtime/TensorMaps.h"
#include "tile/Target/NVPTX/NVPTX.h"

#include <functional>

namespace tile {

class Stream;

namespace runtime {

class Compilation;

/// All that launches need of a kernel once the compiler is done: what the cache on the disk keeps.
struct GpuImage {
  struct Assertion {
    std::string message;
    Location location;
  };
  struct Message {
    struct Value {
      /// How it is printed, see cpu::letterOf, and the bytes of an element.
      char letter = 'i';
      std::int64_t elementBytes = 0;
      std::vector<std::int64_t> shape;

      std::int64_t bytes() const;
    };
    std::string format;
    std::vector<Value> values;
  };

  /// Machine code, or PTX that the driver assembles whenever it loads it.
  std::string code;
  std::string entry;
  unsigned words = 0, threads = 0, producerThreads = 0, sharedBytes = 0;
  bool checked = false, persistent = false, startsEarly = false;
  std::vector<TensorMap> tensorMaps;
  std::vector<Assertion> assertions;
  std::vector<Message> messages;
  /// Of an instrumented kernel, which isn't packed.
  pipeline::RecordPlan record;
  /// What the compiler says of the kernel, without what depends on the arguments of a launch.
  Report report;

  /// The image as bytes, and back; nothing when they aren't those of an image.
  std::string pack() const;
  static std::optional<GpuImage> unpack(llvm::StringRef bytes);
};

/// A kernel on a GPU, ready to be launched.
struct GpuKernel {
  GpuImage image;
  std::unique_ptr<driver::LoadedKernel> code;
  /// Blocks that the device runs at once.
  std::int64_t workers = 0;
};

struct Compiled;

/// What turns a kernel that has been run to `numerics` into PTX; nothing after a diagnostic. Tests of the runtime put another one in
/// the compiler's place.
using PtxSource = std::function<std::optional<nvptx::Image>(Compilation &)>;
PtxSource &ptxSource();

/// The machine code of a specialisation for a GPU, from the cache on the disk or from the compiler, loaded. `report` gets what is known
/// of it.
std::unique_ptr<GpuKernel> makeGpuKernel(const std::shared_ptr<driver::Gpu> &gpu, const KernelRef &kernel,
                                         const lang::Specialization &specialization, const std::string &target,
                                         Report &report);

/// Puts a launch into a stream's queue. `memo` is of launches of the same code.
void launchOnGpu(const std::shared_ptr<const Compiled> &compiled, const Stream &stream, LaunchData &launch,
                 TensorMapMemo &memo);

/// What checked memory holds, in words and in the form of an error or nothing; prints go to `print`.
struct CheckedResult {
  /// The failed assertion, or null, and the program.
  const GpuImage::Assertion *failed = nullptr;
  std::array<std::uint32_t, 3> program = {};
  /// Bytes of lines that found no room.
  std::uint64_t lost = 0;
};
inline constexpr std::uint32_t kCheckedBytes = 1 << 20;
CheckedResult readRecords(const GpuImage &image, llvm::ArrayRef<std::uint32_t> header, llvm::StringRef records,
                          llvm::function_ref<void(llvm::StringRef)> print);

} // namespace runtime
} // namespace tile

#endif // TILE_RUNTIME_GPUKERNEL_H
