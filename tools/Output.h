//===- Output.h - Writes what a tool found -------------------------*- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef TILE_TOOLS_OUTPUT_H
#define TILE_TOOLS_OUTPUT_H

#include "tile/Error.h"

#include <llvm/ADT/SmallString.h>
#include <llvm/Support/FileSystem.h>
#include <llvm/Support/raw_ostream.h>

namespace tile::tools {

/// Writes all of the text, and says what went wrong. A stream whose error nobody took would end the process.
inline std::error_code put(llvm::raw_fd_ostream &out, llvm::StringRef text) {
  out << text;
  out.flush();
  std::error_code error = out.error();
  out.clear_error();
  return error;
}

/// Writes the text, and what the stream still holds, or throws Error.
inline void writeStandardOutput(llvm::StringRef text) {
  if (std::error_code error = put(llvm::outs(), text))
    throw Error("cannot write standard output: " + error.message());
}

inline bool isStandardOutput(llvm::StringRef path) { return path == "-" || path == "/dev/stdout"; }

/// Writes a file, or throws Error. A regular one, or a new one, is written under another name first and then takes its own, so that it is
/// there as a whole or stays as it was. What is something else, such as a pipe, stays that and is written to; a link stays a link.
inline void write(const std::string &path, llvm::StringRef text) {
  namespace fs = llvm::sys::fs;
  if (isStandardOutput(path))
    return writeStandardOutput(text);
  std::error_code error;
  llvm::SmallString<128> target(path);
  bool isLink = fs::get_file_type(path, /*Follow=*/false) == fs::file_type::symlink_file;
  bool leadsNowhere = isLink && fs::real_path(path, target);
  if (leadsNowhere || (fs::exists(path) && !fs::is_regular_file(path))) {
    llvm::raw_fd_ostream out(path, error);
    if (!error) {
      error = put(out, text);
      out.close();
      error = error ? error : out.error();
      out.clear_error();
    }
  } else {
    error = llvm::errorToErrorCode(llvm::writeToOutput(target, [&](llvm::raw_ostream &out) {
      return llvm::errorCodeToError(put(llvm::cast<llvm::raw_fd_ostream>(out), text));
    }));
  }
  if (error)
    throw Error("cannot write '" + path + "': " + error.message());
}

} // namespace tile::tools

#endif // TILE_TOOLS_OUTPUT_H
