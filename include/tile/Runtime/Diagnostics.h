//===- Diagnostics.h - MLIR's diagnostics as the public API's ---*- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef TILE_RUNTIME_DIAGNOSTICS_H
#define TILE_RUNTIME_DIAGNOSTICS_H

#include "tile/Error.h"
#include "tile/Report.h"

#include <llvm/ADT/ArrayRef.h>
#include <llvm/ADT/StringMap.h>
#include <mlir/IR/Diagnostics.h>

#include <string>
#include <vector>

namespace tile {

/// The sources that messages may point into, by name.
using Sources = llvm::StringMap<std::string>;
/// The text of a source's line counted from 1, without its end.
llvm::StringRef lineOf(llvm::StringRef text, unsigned number);

/// The place of an IR location in a source: the innermost one where a function was inlined.
Location locationOf(mlir::Location location);

/// Diagnostics the way compilers print them: place, kind, message, the line of the source with a caret. A long line is shown in
/// part.
std::string render(llvm::ArrayRef<Diagnostic> diagnostics, const Sources &sources);

/// While it lives, takes the diagnostics that this thread's compiler emits in a context.
class DiagnosticCollector {
public:
  explicit DiagnosticCollector(mlir::MLIRContext *context);

  bool hasErrors() const;
  /// Throws what was found as an Error; `fallback` is the message when nothing was.
  [[noreturn]] void raise(const Sources &sources, llvm::StringRef fallback);
  /// What was found, to keep.
  std::vector<Diagnostic> take() { return std::move(found); }
  const std::vector<Diagnostic> &get() const { return found; }

private:
  std::vector<Diagnostic> found;
  mlir::ScopedDiagnosticHandler handler;
};

} // namespace tile

#endif // TILE_RUNTIME_DIAGNOSTICS_H
