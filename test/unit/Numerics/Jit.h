//===- Jit.h - Runs small functions after the numerics passes -------*- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef TILE_TEST_UNIT_NUMERICS_JIT_H
#define TILE_TEST_UNIT_NUMERICS_JIT_H

#include <memory>
#include <string>

namespace mlir {
class ExecutionEngine;
} // namespace mlir

namespace tile::test {

/// A module of functions on scalars and vectors, taken through `tile-numerics` and compiled for this machine.
class Jit {
public:
  explicit Jit(const std::string &source);
  ~Jit();

  /// A function of the module; `Signature` is, say, `float(float)`.
  template <typename Signature>
  Signature *get(const std::string &name) {
    return reinterpret_cast<Signature *>(find(name));
  }

private:
  void *find(const std::string &name);

  std::unique_ptr<mlir::ExecutionEngine> engine;
};

} // namespace tile::test

#endif // TILE_TEST_UNIT_NUMERICS_JIT_H
