//===- Passes.cpp - The NVPTX target's passes ----------------------*- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Passes.h"

#include "Lowering.h"

#include "tile/Placement/Placement.h"

#include <llvm/Support/Format.h>
#include <llvm/Support/raw_ostream.h>
#include <mlir/Conversion/ArithToLLVM/ArithToLLVM.h>
#include <mlir/Conversion/ControlFlowToLLVM/ControlFlowToLLVM.h>
#include <mlir/Conversion/LLVMCommon/ConversionTarget.h>
#include <mlir/Conversion/LLVMCommon/TypeConverter.h>
#include <mlir/Conversion/MathToLLVM/MathToLLVM.h>
#include <mlir/Conversion/SCFToControlFlow/SCFToControlFlow.h>
#include <mlir/Dialect/ControlFlow/IR/ControlFlow.h>
#include <mlir/Dialect/LLVMIR/NVVMDialect.h>
#include <mlir/Pass/PassRegistry.h>
#include <mlir/Target/LLVMIR/Dialect/Builtin/BuiltinToLLVMIRTranslation.h>
#include <mlir/Target/LLVMIR/Dialect/LLVMIR/LLVMToLLVMIRTranslation.h>
#include <mlir/Target/LLVMIR/Dialect/NVVM/NVVMToLLVMIRTranslation.h>
#include <mlir/Transforms/DialectConversion.h>

using namespace mlir;
using namespace tile;
using namespace tile::nvptx;

namespace {

struct LowerKernelPass : PassWrapper<LowerKernelPass, OperationPass<ModuleOp>> {
  MLIR_DEFINE_EXPLICIT_INTERNAL_INLINE_TYPE_ID(LowerKernelPass)
  StringRef getArgument() const final { return "tile-nvptx-lower-kernel"; }
  StringRef getDescription() const final { return "Lower a synchronised kernel to the code of one thread"; }
  void getDependentDialects(DialectRegistry &registry) const override {
    registry.insert<arith::ArithDialect, LLVM::LLVMDialect, math::MathDialect, NVVM::NVVMDialect, scf::SCFDialect>();
  }
  void runOnOperation() override {
    SmallVector<ir::KernelOp> kernels(getOperation().getOps<ir::KernelOp>());
    for (ir::KernelOp kernel : kernels) {
      if (kernel.getPhase() != ir::Phase::Synchronised) {
        kernel.emitError("is lowered from phase 'synchronised', not '") << stringifyPhase(kernel.getPhase()) << "'";
        return signalPassFailure();
      }
      // The lowering takes layouts at their word.
      if (failed(placement::verifyPlaced(kernel)) || failed(Lowering(kernel).run()))
        return signalPassFailure();
    }
  }
};

struct ToLLVMPass : PassWrapper<ToLLVMPass, OperationPass<ModuleOp>> {
  MLIR_DEFINE_EXPLICIT_INTERNAL_INLINE_TYPE_ID(ToLLVMPass)
  StringRef getArgument() const final { return "tile-nvptx-to-llvm"; }
  StringRef getDescription() const final {
    return "Convert the code of a thread, with its control flow unstructured, to the LLVM dialect";
  }
  void getDependentDialects(DialectRegistry &registry) const override { registry.insert<LLVM::LLVMDialect>(); }
  void runOnOperation() override {
    LLVMTypeConverter converter(&getContext());
    RewritePatternSet patterns(&getContext());
    arith::populateArithToLLVMConversionPatterns(converter, patterns);
    populateMathToLLVMConversionPatterns(converter, patterns);
    cf::populateControlFlowToLLVMConversionPatterns(converter, patterns);
    LLVMConversionTarget target(getContext());
    target.addLegalDialect<NVVM::NVVMDialect>();
    target.addLegalOp<ModuleOp>();
    if (failed(applyFullConversion(getOperation(), target, std::move(patterns))))
      signalPassFailure();
  }
};

/// For people and tests: what a module's kernels become, as one file.
struct PrintPTXPass : PassWrapper<PrintPTXPass, OperationPass<ModuleOp>> {
  MLIR_DEFINE_EXPLICIT_INTERNAL_INLINE_TYPE_ID(PrintPTXPass)
  PrintPTXPass() = default;
  PrintPTXPass(const PrintPTXPass &other) : PassWrapper(other) {}
  StringRef getArgument() const final { return "tile-print-ptx"; }
  StringRef getDescription() const final { return "Compile synchronised kernels and print their PTX"; }
  void getDependentDialects(DialectRegistry &registry) const override { registerDialects(registry); }
  void runOnOperation() override {
    bool isFirst = true;
    for (ir::KernelOp kernel : llvm::make_early_inc_range(getOperation().getOps<ir::KernelOp>())) {
      std::optional<Image> image = nvptx::compile(kernel, {lines});
      if (!image)
        return signalPassFailure();
      StringRef text = image->ptx;
      llvm::outs() << (isFirst ? text : text.split(".address_size 64\n").second);
      isFirst = false;
      if (times)
        for (const auto &[step, milliseconds] : image->timings)
          llvm::errs() << llvm::format("%-10s %6.1f ms\n", step.c_str(), milliseconds);
    }
  }

  Option<bool> lines{*this, "lines", llvm::cl::desc("with the lines of the source"), llvm::cl::init(true)};
  Option<bool> times{*this, "times", llvm::cl::desc("say on standard error how long each step took"),
                     llvm::cl::init(false)};
};

} // namespace

void nvptx::addScalarsToLLVM(OpPassManager &manager) {
  manager.addPass(createSCFToControlFlowPass());
  manager.addPass(std::make_unique<ToLLVMPass>());
}

LogicalResult nvptx::lowerToLLVM(ModuleOp module) {
  PassManager manager(module.getContext());
  manager.enableVerifier(false);
  manager.addPass(std::make_unique<LowerKernelPass>());
  addScalarsToLLVM(manager);
  return manager.run(module);
}

void nvptx::registerPasses() {
  registerPass([] { return std::make_unique<LowerKernelPass>(); });
  registerPass([] { return std::make_unique<ToLLVMPass>(); });
  registerPass([] { return std::make_unique<PrintPTXPass>(); });
  PassPipelineRegistration<>("tile-lower-to-nvptx",
                             "Lower a synchronised kernel to the LLVM and NVVM dialects, for one thread",
                             [](OpPassManager &manager) {
                               manager.addPass(std::make_unique<LowerKernelPass>());
                               addScalarsToLLVM(manager);
                             });
}

void nvptx::registerDialects(DialectRegistry &registry) {
  registry.insert<ir::TileDialect, arith::ArithDialect, cf::ControlFlowDialect, LLVM::LLVMDialect, math::MathDialect,
                  NVVM::NVVMDialect, scf::SCFDialect>();
  registerBuiltinDialectTranslation(registry);
  registerLLVMDialectTranslation(registry);
  registerNVVMDialectTranslation(registry);
}
