//===- Handles.h - What stands behind the handles of C -------------*- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef TILE_LIB_CAPI_HANDLES_H
#define TILE_LIB_CAPI_HANDLES_H

#include "tile-c/tile.h"
#include "tile/tile.h"

#include <string>
#include <utility>
#include <vector>

// Each handle points to an object of the C++ API, with the strings that C gets pointers into.

struct TileDeviceImpl {
  explicit TileDeviceImpl(tile::Device device)
      : device(std::move(device)), description(this->device.description()), target(this->device.target()) {}
  tile::Device device;
  std::string description, target;
};

struct TileStreamImpl {
  tile::Stream stream;
};

struct TileBufferImpl {
  tile::Buffer buffer;
};

struct TileProgramImpl {
  explicit TileProgramImpl(tile::Program program) : program(std::move(program)), kernels(this->program.kernels()) {}
  tile::Program program;
  std::vector<std::string> kernels;
};

struct TileKernelImpl {
  tile::Kernel kernel;
};

struct TilePreparedImpl {
  tile::Prepared prepared;
};

namespace tile::capi {

/// A call that has no meaning, which is the caller's mistake and no tile::Error.
class InvalidCall {
public:
  explicit InvalidCall(std::string message) : message(std::move(message)) {}
  std::string message;
};

/// Notes the exception that is being handled as this thread's last error.
TileStatus noteException() noexcept;

/// Runs the body of a function of the C API. Nothing is thrown past it.
template <typename Body>
TileStatus guarded(Body &&body) noexcept {
  try {
    body();
    return TILE_OK;
  } catch (...) {
    return noteException();
  }
}

/// Refuses a null pointer; `what` names the argument.
template <typename T>
T *needed(T *pointer, const char *what) {
  if (!pointer)
    throw InvalidCall(std::string(what) + " is NULL");
  return pointer;
}

/// A copy for the caller to release with tileStringRelease.
char *copyOf(const std::string &text);

} // namespace tile::capi

#endif // TILE_LIB_CAPI_HANDLES_H
