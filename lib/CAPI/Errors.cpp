//===- Errors.cpp - Versions and errors for C ----------------------*- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Handles.h"

#include <cstdlib>
#include <cstring>
#include <new>

using namespace tile;
using namespace tile::capi;

namespace {
/// A message with its own strings. Notes stand in one row with what they belong to.
struct Flat {
  Severity severity;
  unsigned line, column;
  std::string file, message;
};

struct LastError {
  std::string message;
  std::vector<Flat> diagnostics;
};
} // namespace

static LastError &lastError() {
  thread_local LastError error;
  return error;
}

static void flatten(const std::vector<Diagnostic> &diagnostics, std::vector<Flat> &result) {
  for (const Diagnostic &diagnostic : diagnostics) {
    result.push_back({diagnostic.severity, diagnostic.line, diagnostic.column, diagnostic.file, diagnostic.message});
    flatten(diagnostic.notes, result);
  }
}

static void note(const std::string &rendered, const std::vector<Diagnostic> &diagnostics) {
  LastError error;
  error.message = rendered;
  flatten(diagnostics, error.diagnostics);
  lastError() = std::move(error);
}

/// Notes an error that is one message without a place.
static void note(const std::string &message) { note("error: " + message, Error(message).diagnostics()); }

TileStatus tile::capi::noteException() noexcept {
  // Noting may run out of memory as well; then the status has to do.
  try {
    try {
      throw;
    } catch (const Error &error) {
      note(error.what(), error.diagnostics());
      return TILE_ERROR;
    } catch (const InvalidCall &error) {
      note(error.message);
      return TILE_INVALID_CALL;
    } catch (const std::bad_alloc &) {
      note("out of memory");
      return TILE_OUT_OF_MEMORY;
    } catch (const std::exception &error) {
      note(std::string("internal error: ") + error.what());
      return TILE_INTERNAL_ERROR;
    }
  } catch (...) {
    lastError().message.clear();
    lastError().diagnostics.clear();
    return TILE_OUT_OF_MEMORY;
  }
}

const char *tileVersion(void) { return version(); }

TileStatus tileVersionCheck(int major, int minor) {
  return guarded([&] {
    // A program may be older than the library only where the interface has stayed, which is from 1.0 on.
    bool fits = major == TILE_VERSION_MAJOR && (major == 0 ? minor == TILE_VERSION_MINOR : minor <= TILE_VERSION_MINOR);
    if (!fits)
      throw Error("the program was made for version " + std::to_string(major) + "." + std::to_string(minor) +
                  " of tile and runs with version " TILE_VERSION_STRING);
  });
}

const char *tileErrorMessage(void) { return lastError().message.c_str(); }

size_t tileErrorDiagnosticCount(void) { return lastError().diagnostics.size(); }

TileStatus tileErrorDiagnostic(size_t index, TileDiagnostic *diagnostic) {
  // Not guarded: a mistake here must not replace what is being asked about.
  const std::vector<Flat> &all = lastError().diagnostics;
  if (index >= all.size() || !diagnostic)
    return TILE_INVALID_CALL;
  const Flat &from = all[index];
  *diagnostic = {static_cast<int32_t>(from.severity), from.line, from.column, from.file.c_str(), from.message.c_str()};
  return TILE_OK;
}

char *tile::capi::copyOf(const std::string &text) {
  auto *copy = static_cast<char *>(std::malloc(text.size() + 1));
  if (!copy)
    throw std::bad_alloc();
  std::memcpy(copy, text.c_str(), text.size() + 1);
  return copy;
}

void tileStringRelease(char *text) { std::free(text); }
