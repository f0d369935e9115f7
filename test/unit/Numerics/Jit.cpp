//===- Jit.cpp - Runs small functions after the numerics passes -----*- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Jit.h"

#include "tile/Numerics/Numerics.h"

#include <llvm/ExecutionEngine/Orc/JITTargetMachineBuilder.h>
#include <llvm/Support/TargetSelect.h>
#include <mlir/Conversion/ArithToLLVM/ArithToLLVM.h>
#include <mlir/Conversion/FuncToLLVM/ConvertFuncToLLVMPass.h>
#include <mlir/Conversion/MathToLLVM/MathToLLVM.h>
#include <mlir/Conversion/ReconcileUnrealizedCasts/ReconcileUnrealizedCasts.h>
#include <mlir/Dialect/Arith/IR/Arith.h>
#include <mlir/Dialect/Func/IR/FuncOps.h>
#include <mlir/Dialect/LLVMIR/LLVMDialect.h>
#include <mlir/Dialect/Math/IR/Math.h>
#include <mlir/ExecutionEngine/ExecutionEngine.h>
#include <mlir/ExecutionEngine/OptUtils.h>
#include <mlir/Parser/Parser.h>
#include <mlir/Pass/PassManager.h>
#include <mlir/Target/LLVMIR/Dialect/Builtin/BuiltinToLLVMIRTranslation.h>
#include <mlir/Target/LLVMIR/Dialect/LLVMIR/LLVMToLLVMIRTranslation.h>

#include <bit>
#include <cmath>
#include <cstdlib>

using namespace mlir;

/// f32 to bf16, to nearest even.
static __bf16 roundToBF16(float x) {
  auto bits = std::bit_cast<uint32_t>(x);
  uint32_t rounded = (bits + 0x7fff + ((bits >> 16) & 1)) >> 16;
  return std::bit_cast<__bf16>(static_cast<uint16_t>(x != x ? (bits >> 16) | 0x40 : rounded));
}

/// 2^x and some units in the last place, rounded.
template <int off>
static float powerOf2(float x) {
  double power = std::exp2(static_cast<double>(x));
  if (power > 0 && std::isfinite(power))
    power += std::ldexp(off, std::ilogb(power) - 23);
  return static_cast<float>(power);
}

/// Does what a GPU's target does with exponentials.
static void lowerExponentials(Operation *root) {
  using tile::numerics::ExpRange;
  root->walk([](math::ExpOp exp) {
    OpBuilder builder(exp);
    ExpRange range = exp->hasAttr("near")                                ? ExpRange::Near
                     : exp->hasAttr(tile::numerics::kAtMostZeroAttrName) ? ExpRange::AtMostZero
                                                                         : ExpRange::Any;
    auto power = [&](Value x, bool) -> Value { return math::Exp2Op::create(builder, exp.getLoc(), x); };
    exp.replaceAllUsesWith(tile::numerics::exponentials(builder, exp.getLoc(), exp.getOperand(), range, power).front());
    exp.erase();
  });
}

namespace tile::test {

Jit::Jit(const std::string &source, int off) {
  llvm::InitializeNativeTarget();
  llvm::InitializeNativeTargetAsmPrinter();
  DialectRegistry registry;
  registry.insert<arith::ArithDialect, func::FuncDialect, LLVM::LLVMDialect, math::MathDialect>();
  registerBuiltinDialectTranslation(registry);
  registerLLVMDialectTranslation(registry);
  MLIRContext context(registry, MLIRContext::Threading::DISABLED);
  OwningOpRef<ModuleOp> module = parseSourceString<ModuleOp>(source, &context);
  if (!module)
    std::abort();

  PassManager manager(&context);
  manager.addPass(numerics::createContractFmaPass());
  numerics::buildNumericsPipeline(manager);
  if (failed(manager.run(*module)))
    std::abort();
  lowerExponentials(*module);
  manager.clear();
  manager.addPass(createArithToLLVMConversionPass());
  manager.addPass(createConvertMathToLLVMPass());
  manager.addPass(createConvertFuncToLLVMPass());
  manager.addPass(createReconcileUnrealizedCastsPass());
  if (failed(manager.run(*module)))
    std::abort();

  // x86's instruction that rounds to bf16 takes subnormals for zero: without it, generated code calls a function.
  auto host = llvm::cantFail(llvm::orc::JITTargetMachineBuilder::detectHost());
  host.addFeatures({"-avx512bf16", "-avxneconvert"});
  ExecutionEngineOptions options;
  auto optimize = makeOptimizingTransformer(/*optLevel=*/2, /*sizeLevel=*/0, /*targetMachine=*/nullptr);
  options.transformer = optimize;
  engine = llvm::cantFail(ExecutionEngine::create(*module, options, llvm::cantFail(host.createTargetMachine())));
  engine->registerSymbols([off](llvm::orc::MangleAndInterner mangle) {
    llvm::orc::SymbolMap symbols;
    auto *power = off == 0 ? &powerOf2<0> : off > 0 ? &powerOf2<2> : &powerOf2<-2>;
    symbols[mangle("exp2f")] = {llvm::orc::ExecutorAddr::fromPtr(power), llvm::JITSymbolFlags::Exported};
    symbols[mangle("__truncsfbf2")] = {llvm::orc::ExecutorAddr::fromPtr(&roundToBF16), llvm::JITSymbolFlags::Exported};
    return symbols;
  });
}

Jit::~Jit() = default;

void *Jit::find(const std::string &name) { return llvm::cantFail(engine->lookup(name)); }

} // namespace tile::test
