//===- CudaTest.h - What the tests over the fake driver share -----*- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef TILE_TEST_CUDATEST_H
#define TILE_TEST_CUDATEST_H

#include "ApiTest.h"
#include "FakeCuda/FakeCuda.h"
#include "tile/Runtime/Compiler.h"
#include "tile/Runtime/GpuKernel.h"

#include <atomic>
#include <dlfcn.h>

/// Runs over the fake driver. The compiler's last step is replaced, too: what comes out names the kernel's shape and nothing else.
class CudaTest : public testing::Test {
protected:
  CudaTest() {
    fake.reset();
    tile::Device::setCudaDriver(TILE_FAKE_CUDA);
    tile::setCache({.folder = {}, .enabled = false});
    tile::runtime::ptxSource() = [this](tile::runtime::Compilation &compilation) { return image(compilation); };
  }
  ~CudaTest() override {
    fake.setCurrentContext(nullptr);
    tile::runtime::ptxSource() = [](tile::runtime::Compilation &compilation) { return compilation.compileForGpu(); };
  }

  static FakeCuda &theFake() {
    void *library = dlopen(TILE_FAKE_CUDA, RTLD_NOW | RTLD_LOCAL);
    return *reinterpret_cast<FakeCuda *(*)()>(dlsym(library, "fakeCuda"))();
  }

  tile::nvptx::Image image(tile::runtime::Compilation &compilation) {
    ++compiled;
    tile::ir::KernelOp kernel = compilation.kernel();
    tile::nvptx::Image result;
    result.entry = kernel.getSymName().str();
    result.ptx = ".version 8.0 // " + result.entry;
    result.words = 3;
    for (mlir::Type type : kernel.getBody().getArgumentTypes())
      result.words +=
          llvm::isa<tile::ir::ViewType>(type) ? 1 + 2 * llvm::cast<tile::ir::ViewType>(type).getShape().size() : 1;
    result.threads = 128;
    result.sharedBytes = sharedBytes;
    result.ptxVersion = ptxVersion;
    result.architecture = compilation.kernel().getTarget().value().str();
    bool checked = false;
    kernel.walk([&](mlir::Operation *op) {
      if (auto assertion = llvm::dyn_cast<tile::ir::AssertOp>(op)) {
        result.assertions.push_back({assertion.getMessage().str(), assertion.getLoc()});
        checked = true;
      } else if (auto print = llvm::dyn_cast<tile::ir::PrintOp>(op)) {
        tile::nvptx::Message message{print.getFormat().str(), {}};
        llvm::ArrayRef<bool> isUnsigned = print.getUnsignedValues().value_or(llvm::ArrayRef<bool>());
        for (auto [i, value] : llvm::enumerate(print.getValues())) {
          auto tensor = llvm::dyn_cast<mlir::RankedTensorType>(value.getType());
          message.values.push_back(
              {mlir::getElementTypeOrSelf(value.getType()), {}, i < isUnsigned.size() && isUnsigned[i]});
          if (tensor)
            message.values.back().shape.assign(tensor.getShape().begin(), tensor.getShape().end());
        }
        result.messages.push_back(std::move(message));
        checked = true;
      }
    });
    result.words += checked;
    if (adjust)
      adjust(result, kernel);
    result.timings = {{"lower", 1.0}};
    return result;
  }

  FakeCuda &fake = theFake();
  std::atomic<unsigned> compiled = 0;
  unsigned sharedBytes = 1024, ptxVersion = 80;
  /// What else a test wants of the images.
  std::function<void(tile::nvptx::Image &, tile::ir::KernelOp)> adjust;
};

/// How often this thread has asked `new` for memory.
unsigned allocationCount();

#endif // TILE_TEST_CUDATEST_H
