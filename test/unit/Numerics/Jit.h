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
  /// What the numerics leave to a GPU is made as a GPU's target does it, `math.exp` with the attribute `near` for arguments near 0. Powers
  /// of two of f32 are then those of a GPU that is `off` by -2, 0 or 2 units in the last place.
  explicit Jit(const std::string &source, int off = 0);
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
