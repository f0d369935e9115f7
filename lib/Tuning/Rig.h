//===- Rig.h - A device with arguments to measure on ----------------*- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef TILE_LIB_TUNING_RIG_H
#define TILE_LIB_TUNING_RIG_H

#include "tile/Kernel.h"
#include "tile/Language/Language.h"
#include "tile/Tuning/Stopwatch.h"

#include <mutex>

namespace tile::tuning {

/// The arguments of a call as its caller gave them: what kernels write, and what else other devices need, copied to the host.
class Originals {
public:
  /// With `all`, also what is only read. The tensors are of `device`.
  Originals(const Device &device, const lang::KernelSignature &signature, std::span<const Argument> given, bool all);

  /// The bytes that a view reaches, from the lowest address on.
  struct View {
    bool isView = false, isWritten = false, isRead = true;
    std::uint64_t low = 0;
    std::size_t bytes = 0;
    /// Empty where they aren't needed.
    std::string contents;
  };
  std::span<const Argument> given;
  Device device;
  std::vector<View> views;
};

/// A device with a stream, a stopwatch and the arguments of a call, of which those that kernels write are its own. They lie as the
/// caller's do, so that both need the same code.
class Rig {
public:
  /// Allocates and fills. Throws Error when the device has no room.
  Rig(const Device &device, const Originals &originals);

  const Device &device() const { return stream.device(); }
  std::span<const Argument> arguments() const { return passed; }
  /// What kernels write after one launch from the start. Throws Error.
  std::vector<std::string> run(const Prepared &code);
  /// The relative error of such results beside wanted ones, the largest over the tensors.
  double errorOf(const std::vector<std::string> &got, const std::vector<std::string> &wanted) const;
  /// Seconds of a launch, of so many in a row. Throws Error.
  double time(const Prepared &code, unsigned launches);

  /// Why nothing more can be measured here; empty while all is well.
  std::string broken() const;
  /// Who measures on a device of this process has it alone.
  std::mutex &mutex() const;

private:
  /// Makes a written view what it was before the first launch.
  void reset(std::size_t index);

  const Originals &originals;
  Stream stream;
  Stopwatch watch;
  /// One for each argument; null for those that aren't the rig's own.
  std::vector<std::unique_ptr<Buffer>> memory;
  /// From the start of the memory to the view's lowest byte.
  std::vector<std::size_t> offsets;
  /// What `passed` refers to; never grows after the constructor.
  std::vector<Tensor> tensors;
  std::vector<Argument> passed;
};

} // namespace tile::tuning

#endif // TILE_LIB_TUNING_RIG_H
