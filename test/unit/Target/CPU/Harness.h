//===- Harness.h - Compiles and runs a kernel's text --------------*- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef TILE_TEST_UNIT_TARGET_CPU_HARNESS_H
#define TILE_TEST_UNIT_TARGET_CPU_HARNESS_H

#include "tile/Target/CPU/CPU.h"

#include <mlir/IR/Diagnostics.h>
#include <mlir/Parser/Parser.h>

#include <gtest/gtest.h>

#include <cstring>
#include <numeric>
#include <random>

namespace tile::cpu::test {

/// A row-major array that launches as a view, or, with other strides, as a view of what it holds.
template <typename T>
struct Array {
  std::vector<int64_t> shape, strides;
  std::vector<T> data;

  explicit Array(std::vector<int64_t> extents, T fill = T()) : shape(std::move(extents)), strides(shape.size()) {
    int64_t count = 1;
    for (size_t axis = shape.size(); axis-- > 0; count *= shape[axis])
      strides[axis] = count;
    data.assign(count, fill);
  }
  /// Values of a small range, the same for the same seed.
  Array &fillRandom(unsigned seed, double low = -2, double high = 2) {
    std::mt19937 engine(seed);
    std::uniform_real_distribution<double> distribution(low, high);
    for (size_t i = 0; i < data.size(); ++i)
      data[i] = static_cast<T>(distribution(engine));
    return *this;
  }
  T &operator()(int64_t i) { return data[i * strides[0]]; }
  T &operator()(int64_t i, int64_t j) { return data[i * strides[0] + j * strides[1]]; }
  const T &operator()(int64_t i) const { return data[i * strides[0]]; }
  const T &operator()(int64_t i, int64_t j) const { return data[i * strides[0] + j * strides[1]]; }
};

/// The words of a launch.
struct Words {
  std::vector<uint64_t> words;
  template <typename T>
  Words &view(Array<T> &array) {
    words.push_back(reinterpret_cast<uint64_t>(array.data.data()));
    words.insert(words.end(), array.shape.begin(), array.shape.end());
    words.insert(words.end(), array.strides.begin(), array.strides.end());
    return *this;
  }
  /// A matrix as the transpose of how it lies in memory.
  template <typename T>
  Words &transposed(Array<T> &array) {
    words.push_back(reinterpret_cast<uint64_t>(array.data.data()));
    words.insert(words.end(), array.shape.rbegin(), array.shape.rend());
    words.insert(words.end(), array.strides.rbegin(), array.strides.rend());
    return *this;
  }
  template <typename T>
  Words &scalar(T value) {
    uint64_t word = 0;
    std::memcpy(&word, &value, sizeof value);
    words.push_back(word);
    return *this;
  }
};

/// A kernel from the text of one `tile.kernel`.
class Kernel {
public:
  explicit Kernel(llvm::StringRef text, Options options = {}) {
    context.loadDialect<ir::TileDialect, mlir::arith::ArithDialect, mlir::math::MathDialect, mlir::scf::SCFDialect,
                        mlir::tensor::TensorDialect>();
    mlir::ScopedDiagnosticHandler handler(&context, [&](mlir::Diagnostic &diagnostic) {
      messages += diagnostic.str() + "\n";
      for (mlir::Diagnostic &note : diagnostic.getNotes())
        messages += note.str() + "\n";
    });
    module = mlir::parseSourceString<mlir::ModuleOp>(text, &context);
    if (module)
      executable = compile(*module->getOps<ir::KernelOp>().begin(), options);
  }

  /// Runs it; gives the error's text, which is empty when there was none.
  std::string run(const Words &words, std::array<int64_t, 3> grid = {1, 1, 1}) {
    if (!executable)
      return "not compiled: " + messages;
    return llvm::toString(executable->run(words.words, grid, pool()));
  }

  std::string messages;
  std::unique_ptr<Executable> executable;

private:
  static llvm::ThreadPoolInterface &pool() {
    static llvm::DefaultThreadPool threads(llvm::hardware_concurrency());
    return threads;
  }
  mlir::MLIRContext context{mlir::MLIRContext::Threading::DISABLED};
  mlir::OwningOpRef<mlir::ModuleOp> module;
};

/// A kernel's text: its arguments, and what stands between its braces before `tile.return`.
inline std::string kernelText(const std::string &arguments, const std::string &body) {
  return "tile.kernel @f(" + arguments + ") attributes {phase = #tile.phase<pipelined>, target = \"cpu\"} {\n" + body +
         "\n  tile.return\n}\n";
}

/// The text of a view argument; `unitAxis` as in `tile.facts`.
inline std::string viewText(const std::string &name, const std::string &type, bool written = false, int unitAxis = -1) {
  return "%" + name + ": !tile.view<" + type + "> {tile.access = #tile.access<" + (written ? "inout" : "in") +
         ">, tile.facts = #tile.facts<unit_axis = " + std::to_string(unitAxis) + ">}";
}

} // namespace tile::cpu::test

#endif // TILE_TEST_UNIT_TARGET_CPU_HARNESS_H
