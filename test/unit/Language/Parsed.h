//===- Parsed.h - A parsed file for tests -----------------------*- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef TILE_TEST_UNIT_LANGUAGE_PARSED_H
#define TILE_TEST_UNIT_LANGUAGE_PARSED_H

#include "tile/Language/Language.h"
#include <gtest/gtest.h>
#include <mlir/IR/Diagnostics.h>
#include <mlir/IR/MLIRContext.h>

namespace tile::lang {

/// A file and the errors and warnings that were reported of it.
struct Parsed {
  mlir::MLIRContext context{mlir::MLIRContext::Threading::DISABLED};
  std::vector<std::string> messages, warnings;
  std::unique_ptr<File> file;

  explicit Parsed(llvm::StringRef text) {
    context.getDiagEngine().registerHandler([this](mlir::Diagnostic &diagnostic) {
      (diagnostic.getSeverity() == mlir::DiagnosticSeverity::Error ? messages : warnings).push_back(diagnostic.str());
      return mlir::success();
    });
    file = File::parse(context, text, "test.tile");
  }
  const KernelSignature &kernel() const { return file->kernels().front(); }
};

/// A view with the given extents, row-major.
struct TestView {
  std::vector<int64_t> extents, strides;
  DType dtype;
  uint64_t address = 4096;

  TestView(DType dtype, std::vector<int64_t> shape) : extents(std::move(shape)), strides(extents.size()), dtype(dtype) {
    int64_t stride = 1;
    for (size_t i = extents.size(); i-- > 0; stride *= extents[i])
      strides[i] = stride;
  }
  Argument argument() const {
    Argument result;
    result.kind = Argument::View;
    result.dtype = dtype;
    result.extents = extents;
    result.strides = strides;
    result.address = address;
    return result;
  }
};

inline Argument scalar(DType dtype, uint64_t bits) {
  Argument result;
  result.kind = Argument::Scalar;
  result.dtype = dtype;
  result.bits = bits;
  return result;
}

} // namespace tile::lang

#endif // TILE_TEST_UNIT_LANGUAGE_PARSED_H
