//===- Error.cpp - What the library throws, and its version -----*- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "tile/Error.h"
#include "tile/Version.h"

namespace tile {

static std::vector<Diagnostic> single(const std::string &message) {
  Diagnostic diagnostic;
  diagnostic.message = message;
  return {std::move(diagnostic)};
}

Error::Error(const std::string &message) : Error("error: " + message, single(message)) {}

Error::Error(const std::string &rendered, std::vector<Diagnostic> diagnostics)
    : std::runtime_error(rendered), list(std::make_shared<const std::vector<Diagnostic>>(std::move(diagnostics))) {}

Error::Error(const Error &) noexcept = default;
Error &Error::operator=(const Error &) noexcept = default;
Error::~Error() = default;

const std::vector<Diagnostic> &Error::diagnostics() const noexcept { return *list; }

const char *version() noexcept { return TILE_VERSION_STRING; }

} // namespace tile
