//===- Kernel.h - Kernels and their specialisations --------------*- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef TILE_KERNEL_H
#define TILE_KERNEL_H

#include "tile/Device.h"
#include "tile/Export.h"
#include "tile/Report.h"
#include "tile/Tensor.h"

#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <type_traits>
#include <variant>

namespace tile {

/// The value of a kernel's parameter: an integer, a bool, or the name of a type; the string "auto" leaves the choice to the
/// compiler where the parameter allows it.
class TILE_API Parameter {
public:
  template <typename T>
    requires std::is_integral_v<T>
  Parameter(T value) {
    if constexpr (std::is_same_v<T, bool>)
      this->value = value;
    else
      this->value = static_cast<std::int64_t>(value);
  }
  Parameter(DType type) : value(std::string(nameOf(type))) {}
  Parameter(std::string text) : value(std::move(text)) {}
  Parameter(const char *text) : value(std::string(text)) {}

  const std::variant<std::int64_t, bool, std::string> &get() const noexcept { return value; }

private:
  std::variant<std::int64_t, bool, std::string> value;
};

/// Parameters by name: `{{"BM", 128}, {"STAGES", "auto"}}`.
using Parameters = std::map<std::string, Parameter, std::less<>>;

/// How a kernel is compiled, beside its parameters.
struct KernelOptions {
  /// Keeps `assert` and `print`.
  bool checked = false;
  /// The machine that schedules are planned for, such as "sm_80"; empty means the device's own. Any plan runs on any CPU device, and
  /// what is planned for a GPU on that and newer ones.
  std::string planFor;
  /// The number of stages of every loop, whatever the source says of it; 0 leaves that to the source.
  std::int64_t stages = 0;
  /// What the compiler decides of a kernel with products on GPUs from sm_90 on, and how its programs are numbered on any, can be decided here; false
  /// and 0 leave it to the compiler. What doesn't suit a kernel has no effect, and the report says why.
  ///
  /// No producer, no tensor copies, no products of warpgroups, and a block for each program, as before sm_90.
  bool plain = false;
  /// 1: all warps share each program. 2: two teams of four warps take programs in turn.
  std::int64_t teams = 0;
  /// So many rows of programs, along the grid's first axis, are numbered column by column before the next rows are: up to 65536.
  std::int64_t groupRows = 0;
  /// What is left open takes the values that tile::tune has found best, where there are some; else, or with false, the model chooses.
  bool useTuning = true;
};

/// One specialisation of a kernel, compiled for one device: for tensors of certain types, ranks, contiguous axes and alignments,
/// with certain optional ones present. A handle: copies mean the same machine code, which lives as long as one of them. All
/// members may be called from several threads at once.
class TILE_API Prepared {
public:
  /// Runs the kernel once for each point of the grid, which follows from the extents. A grid with an empty axis does nothing.
  ///
  /// Throws Error, before anything runs, when the arguments don't fit: wrong in number, rank, type or constness; a null pointer
  /// with elements behind it; a base that isn't aligned to its element; extents below 0, over 2^31 - 1, or contradicting
  /// each other; a failed `require`; a written view that meets itself or another argument; and arguments that need another
  /// specialisation than this one (Kernel::launch finds the right one). Only a failed `assert` of a checked kernel is thrown after
  /// it ran in part: by launch on the CPU devices, otherwise by Stream::synchronize. On a GPU also what it can't reach is refused
  /// (pointers of the host, of other devices), a grid of more than 2^31 - 1 programs, and whatever the driver refuses.
  ///
  /// What a launch overlaps is decided exactly for views of few nested strides; when that would take too long, views whose
  /// memory ranges intersect count as overlapping.
  template <typename... Args>
  void launch(Stream &stream, const Args &...args) const {
    launchWith(stream, std::array<Argument, sizeof...(Args)>{Argument(args)...});
  }
  void launchWith(Stream &stream, std::span<const Argument> arguments) const;

  /// What the compiler did.
  const Report &report() const noexcept;
  const Device &device() const noexcept;

  struct Impl;
  explicit Prepared(std::shared_ptr<const Impl> impl);

private:
  std::shared_ptr<const Impl> impl;
};

/// A kernel with its parameters set. A handle: copies mean the same kernel and share its specialisations. All members may be
/// called from several threads at once.
class TILE_API Kernel {
public:
  const std::string &name() const noexcept;

  /// The specialisation that these arguments need on that device. It is compiled once for each kernel: the first caller
  /// compiles, others that come meanwhile wait for it. Memory behind the tensors is not touched. Throws Error for arguments that
  /// don't fit the kernel, as launch does, and for what the compiler refuses.
  template <typename... Args>
  Prepared prepare(const Device &device, const Args &...args) const {
    return prepareWith(device, std::array<Argument, sizeof...(Args)>{Argument(args)...});
  }
  Prepared prepareWith(const Device &device, std::span<const Argument> arguments) const;

  /// prepare and launch in one; the way to call a kernel with tensors that vary in type or layout.
  template <typename... Args>
  void launch(Stream &stream, const Args &...args) const {
    launchWith(stream, std::array<Argument, sizeof...(Args)>{Argument(args)...});
  }
  void launchWith(Stream &stream, std::span<const Argument> arguments) const;

  struct Impl;
  /// For the library itself.
  explicit Kernel(std::shared_ptr<Impl> impl);
  const std::shared_ptr<Impl> &get() const noexcept { return impl; }

private:
  std::shared_ptr<Impl> impl;
};

} // namespace tile

#endif // TILE_KERNEL_H
