//===- Error.h - What the library throws -------------------------*- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef TILE_ERROR_H
#define TILE_ERROR_H

#include "tile/Export.h"

#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

namespace tile {

enum class Severity { Error, Warning, Note };

/// One thing to say about a program, with its place in the source.
struct Diagnostic {
  Severity severity = Severity::Error;
  /// The source's name, line and column, both counted from 1; empty and 0 when the message has no place.
  std::string file;
  unsigned line = 0;
  unsigned column = 0;
  /// One sentence without its place.
  std::string message;
  /// What belongs to it: where the other definition stands, how to fix it.
  std::vector<Diagnostic> notes;
};

/// The only exception that the library throws by itself (the C++ library's std::bad_alloc may pass through). A call that throws
/// has done nothing: no kernel was compiled or run in part, with one exception that Prepared::launch documents.
class TILE_API Error : public std::runtime_error {
public:
  /// An error of one message without a place.
  explicit Error(const std::string &message);
  /// An error of these diagnostics; `rendered` becomes what().
  Error(const std::string &rendered, std::vector<Diagnostic> diagnostics);
  Error(const Error &) noexcept;
  Error &operator=(const Error &) noexcept;
  ~Error() override;

  /// All that was found, in the order it was found; at least one is an error. what() is the same, rendered the way compilers do:
  /// `file:line:column: error: message`, the source line and a caret.
  const std::vector<Diagnostic> &diagnostics() const noexcept;

private:
  // Shared, since copying an exception must not throw.
  std::shared_ptr<const std::vector<Diagnostic>> list;
};

} // namespace tile

#endif // TILE_ERROR_H
