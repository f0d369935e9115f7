//===- Printing.h - How kernels print values ----------------------*- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// \file
/// The text of `print` in a kernel. The same for every target: a GPU's kernels bring back the bytes, and this writes them. And how
/// a library writes to streams that belong to the process.
///
//===----------------------------------------------------------------------===//

#ifndef TILE_TARGET_CPU_PRINTING_H
#define TILE_TARGET_CPU_PRINTING_H

#include "tile/Dialect/Tile.h"

#include <string>

namespace tile::cpu {

/// A letter for how a value is printed, with its bytes: `i` and `u` are integers, `b` bools, `f` floats, `h` f16, `g` bf16, `e` and `m`
/// the 8-bit floats E5M2 and E4M3FN.
char letterOf(mlir::Type element, bool isUnsigned);

/// A value in memory, elements in row-major order, as text; `shape` is empty for a scalar.
std::string formatValue(const char *data, char letter, int64_t elementBytes, llvm::ArrayRef<int64_t> shape);

/// The line, with its end, that a format and the texts of its values make.
std::string formatLine(llvm::StringRef format, llvm::ArrayRef<std::string> values);

/// Writes lines that kernels printed to standard output, from any thread. A stream that is lost takes them silently: it is the
/// process's, which nothing here may end.
void writeLines(llvm::StringRef lines);

/// Writes a warning to standard error, on a line of its own, in the same way.
void warn(const llvm::Twine &text);

} // namespace tile::cpu

#endif // TILE_TARGET_CPU_PRINTING_H
