//===- Passes.cpp - The CPU target's passes -----------------------*- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Passes.h"

#include "Host.h"
#include "Lowering.h"
#include "tile/Target/CPU/CPU.h"

#include <mlir/Conversion/ArithToLLVM/ArithToLLVM.h>
#include <mlir/Conversion/ControlFlowToLLVM/ControlFlowToLLVM.h>
#include <mlir/Conversion/FuncToLLVM/ConvertFuncToLLVM.h>
#include <mlir/Conversion/LLVMCommon/ConversionTarget.h>
#include <mlir/Conversion/LLVMCommon/TypeConverter.h>
#include <mlir/Conversion/MathToLLVM/MathToLLVM.h>
#include <mlir/Conversion/SCFToControlFlow/SCFToControlFlow.h>
#include <mlir/Conversion/VectorToLLVM/ConvertVectorToLLVM.h>
#include <mlir/Dialect/ControlFlow/IR/ControlFlow.h>
#include <mlir/Pass/PassRegistry.h>
#include <mlir/Target/LLVMIR/Dialect/Builtin/BuiltinToLLVMIRTranslation.h>
#include <mlir/Target/LLVMIR/Dialect/LLVMIR/LLVMToLLVMIRTranslation.h>
#include <mlir/Transforms/DialectConversion.h>
#include <mlir/Transforms/Passes.h>

using namespace mlir;
using namespace tile;
using namespace tile::cpu;

namespace {

struct LowerKernelPass : PassWrapper<LowerKernelPass, OperationPass<ModuleOp>> {
  MLIR_DEFINE_EXPLICIT_INTERNAL_INLINE_TYPE_ID(LowerKernelPass)
  LowerKernelPass() = default;
  LowerKernelPass(const LowerKernelPass &other) : PassWrapper(other) {}
  LowerKernelPass(int64_t vectorBits, bool late) {
    this->vectorBits = vectorBits;
    this->late = late;
  }
  StringRef getArgument() const final { return "tile-cpu-lower-kernel"; }
  StringRef getDescription() const final { return "Lower a pipelined kernel to loops over vectors"; }
  void getDependentDialects(DialectRegistry &registry) const override {
    registry.insert<arith::ArithDialect, func::FuncDialect, LLVM::LLVMDialect, math::MathDialect, scf::SCFDialect,
                    vector::VectorDialect>();
  }
  void runOnOperation() override {
    SmallVector<ir::KernelOp> kernels(getOperation().getOps<ir::KernelOp>());
    for (ir::KernelOp kernel : kernels) {
      if (kernels.size() > 1 && kernel != kernels.front()) {
        kernel.emitError("is the second kernel of its module, and one is lowered at a time");
        return signalPassFailure();
      }
      if (failed(Lowering(kernel, vectorBits ? vectorBits : Host::get().vectorBits, late).run(getOperation())))
        return signalPassFailure();
      kernel.erase();
    }
  }

  Option<int64_t> vectorBits{*this, "vector-bits", llvm::cl::desc("the width of vectors; the host's when 0"),
                             llvm::cl::init(0)};
  Option<bool> late{*this, "late", llvm::cl::desc("copies land at their await, and slots hold poison before and after"),
                    llvm::cl::init(false)};
};

struct ToLLVMPass : PassWrapper<ToLLVMPass, OperationPass<ModuleOp>> {
  MLIR_DEFINE_EXPLICIT_INTERNAL_INLINE_TYPE_ID(ToLLVMPass)
  StringRef getArgument() const final { return "tile-cpu-to-llvm"; }
  StringRef getDescription() const final {
    return "Convert loops over vectors, with their control flow unstructured, to the LLVM dialect";
  }
  void getDependentDialects(DialectRegistry &registry) const override { registry.insert<LLVM::LLVMDialect>(); }
  void runOnOperation() override {
    LLVMTypeConverter converter(&getContext());
    RewritePatternSet patterns(&getContext());
    arith::populateArithToLLVMConversionPatterns(converter, patterns);
    populateMathToLLVMConversionPatterns(converter, patterns);
    populateVectorToLLVMConversionPatterns(converter, patterns);
    cf::populateControlFlowToLLVMConversionPatterns(converter, patterns);
    populateFuncToLLVMConversionPatterns(converter, patterns);
    LLVMConversionTarget target(getContext());
    target.addLegalOp<ModuleOp>();
    if (failed(applyFullConversion(getOperation(), target, std::move(patterns))))
      signalPassFailure();
  }
};

struct PipelineOptions : PassPipelineOptions<PipelineOptions> {
  Option<bool> late{*this, "late", llvm::cl::desc("copies land at their await, and slots hold poison before and after"),
                    llvm::cl::init(false)};
};

} // namespace

std::unique_ptr<Pass> cpu::createLowerKernelPass(int64_t vectorBits, bool late) {
  return std::make_unique<LowerKernelPass>(vectorBits, late);
}
std::unique_ptr<Pass> cpu::createToLLVMPass() { return std::make_unique<ToLLVMPass>(); }

void cpu::addLoopsToLLVM(PassManager &manager) {
  manager.addPass(createSCFToControlFlowPass());
  manager.addPass(createToLLVMPass());
}

void cpu::registerPasses() {
  registerPass([] { return createLowerKernelPass(0, false); });
  registerPass([] { return createToLLVMPass(); });
  PassPipelineRegistration<PipelineOptions>("tile-lower-to-cpu",
                                            "Lower a pipelined kernel to the LLVM dialect for the host",
                                            [](OpPassManager &manager, const PipelineOptions &options) {
                                              manager.addPass(createLowerKernelPass(0, options.late));
                                              manager.addPass(createSCFToControlFlowPass());
                                              manager.addPass(createToLLVMPass());
                                            });
}

void cpu::registerDialects(DialectRegistry &registry) {
  registry.insert<ir::TileDialect, arith::ArithDialect, cf::ControlFlowDialect, func::FuncDialect, LLVM::LLVMDialect,
                  math::MathDialect, scf::SCFDialect, vector::VectorDialect>();
  registerBuiltinDialectTranslation(registry);
  registerLLVMDialectTranslation(registry);
}
