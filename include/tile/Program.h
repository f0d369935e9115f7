//===- Program.h - Sources and the kernels in them ---------------*- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef TILE_PROGRAM_H
#define TILE_PROGRAM_H

#include "tile/Export.h"
#include "tile/Kernel.h"

#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace tile {

/// A `.tile` source that has been read and found well-formed. A handle: copies mean the same program, and everything made from it
/// keeps it alive. All members may be called from several threads at once.
class TILE_API Program {
public:
  /// Reads a file. Throws Error when it can't be read or has errors; all that are found are in it.
  static Program fromFile(const std::filesystem::path &path);
  /// Takes a source from memory; `name` stands for the file in messages.
  static Program fromString(std::string_view source, std::string_view name = "<string>");

  /// The names of its kernels in the order of the source.
  std::vector<std::string> kernels() const;

  /// The kernel of that name with values for some or all of its parameters; what isn't named keeps its default. Throws Error for
  /// an unknown kernel or parameter and for a value that its parameter doesn't allow.
  Kernel kernel(std::string_view name, const Parameters &parameters = {}, const KernelOptions &options = {}) const;

  struct Impl;

private:
  explicit Program(std::shared_ptr<const Impl> impl);
  std::shared_ptr<const Impl> impl;
};

} // namespace tile

#endif // TILE_PROGRAM_H
