//===- Chip.h - Runs small kernels on a GPU and times them ---------*- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef TILE_TOOLS_TILE_CALIBRATE_CHIP_H
#define TILE_TOOLS_TILE_CALIBRATE_CHIP_H

#include "tile/Driver/Driver.h"

#include <optional>

namespace tile::calibrate {

/// Memory of a GPU.
class Memory {
public:
  Memory(const std::shared_ptr<driver::Gpu> &gpu, std::size_t bytes);
  ~Memory();
  Memory(const Memory &) = delete;
  Memory &operator=(const Memory &) = delete;

  driver::Address address() const { return place; }
  void upload(const void *from, std::size_t bytes);
  void download(void *to, std::size_t bytes) const;

private:
  std::shared_ptr<driver::Gpu> gpu;
  driver::Address place = 0;
};

/// How a kernel is launched.
struct Shape {
  unsigned blocks = 1, threads = 32, sharedBytes = 0;
};

/// What a launch took.
struct Spent {
  /// Cycles as the blocks counted them, their median; of those that count none, 0.
  double cycles = 0;
  double seconds = 0;
};

class Chip {
public:
  explicit Chip(std::shared_ptr<driver::Gpu> gpu);
  ~Chip();
  Chip(const Chip &) = delete;
  Chip &operator=(const Chip &) = delete;

  const std::shared_ptr<driver::Gpu> &gpu() const { return device; }
  unsigned multiprocessors() const { return count; }
  /// The highest clock, cycles a second.
  double clock() const;
  /// Whether there are tensor copies and products of warpgroups.
  bool isHopper() const { return device->capability() == 90; }

  /// A map of rows of 64 elements of two bytes, in boxes of 64 rows, pieces exchanged in 128 bytes.
  driver::TensorMapObject rowsOf(driver::Address address, std::size_t bytes) const;

  /// Assembles the kernel 'measure' of some PTX. Its parameters are the address where each block puts its cycles, the words, the map.
  std::unique_ptr<driver::LoadedKernel> load(const std::string &ptx, const Shape &shape) const;
  /// Runs it twice, the first time to warm up; of the second the times of `launches` in a row, divided by their number.
  Spent run(const driver::LoadedKernel &kernel, const Shape &shape, llvm::ArrayRef<std::uint64_t> words,
            const driver::TensorMapObject *map = nullptr, unsigned launches = 1) const;
  /// Runs it once, on caches as they are.
  Spent once(const driver::LoadedKernel &kernel, const Shape &shape, llvm::ArrayRef<std::uint64_t> words,
             const driver::TensorMapObject *map = nullptr, unsigned launches = 1) const;
  /// Assembles it and runs it.
  Spent run(const std::string &ptx, const Shape &shape, llvm::ArrayRef<std::uint64_t> words,
            const driver::TensorMapObject *map = nullptr, unsigned launches = 1) const;

private:
  void check(driver::Result error, const char *what) const;
  void enqueue(const driver::LoadedKernel &kernel, const Shape &shape, llvm::ArrayRef<std::uint64_t> words,
               const driver::TensorMapObject *map) const;

  std::shared_ptr<driver::Gpu> device;
  unsigned count;
  driver::Queue queue = nullptr;
  driver::Event first = nullptr, last = nullptr;
  std::optional<Memory> counters;
};

} // namespace tile::calibrate

#endif // TILE_TOOLS_TILE_CALIBRATE_CHIP_H
