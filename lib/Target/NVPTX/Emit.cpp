//===- Emit.cpp - From the LLVM dialect to PTX ---------------------*- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Lowering.h"
#include "Passes.h"

#include <llvm/IR/InstIterator.h>
#include <llvm/IR/LLVMContext.h>
#include <llvm/IR/LegacyPassManager.h>
#include <llvm/IR/Module.h>
#include <llvm/IR/OptBisect.h>
#include <llvm/MC/TargetRegistry.h>
#include <llvm/Passes/PassBuilder.h>
#include <llvm/Support/CommandLine.h>
#include <llvm/Support/TargetSelect.h>
#include <llvm/Target/TargetMachine.h>
#include <mlir/Dialect/ControlFlow/IR/ControlFlow.h>
#include <mlir/Dialect/LLVMIR/NVVMDialect.h>
#include <mlir/Dialect/LLVMIR/Transforms/Passes.h>
#include <mlir/Target/LLVMIR/Export.h>

#include <chrono>
#include <mutex>

using namespace mlir;
using namespace tile;
using namespace tile::nvptx;

//===----------------------------------------------------------------------===//
// The target
//===----------------------------------------------------------------------===//

/// Whether a kernel has products whose operands came to PTX after the instruction did: 8-bit floats of mma.sync, which sm_89 has, and bytes of
/// both signs in one wgmma.
static bool hasLateProducts(ir::KernelOp kernel) {
  constexpr int64_t kDepth = 32;
  return kernel
      .walk([](ir::DotOp dot) {
        auto element = [](Type type) {
          auto slot = dyn_cast<ir::SlotType>(type);
          return slot ? slot.getElementType() : getElementTypeOrSelf(type);
        };
        bool isF8 = isa<Float8E4M3FNType, Float8E5M2Type>(element(dot.getA().getType()));
        StringRef instruction = dot.getBinding() ? dot.getBinding()->getInstruction() : "";
        bool isLate = instruction == "wgmma" ? dot.getUnsignedA() != dot.getUnsignedB()
                                             : isF8 && instruction == "mma.sync" && dot.getBinding()->getK() == kDepth;
        return isLate ? WalkResult::interrupt() : WalkResult::advance();
      })
      .wasInterrupted();
}

/// The oldest PTX that knows an architecture and what is asked of it, so that older drivers take it.
static unsigned ptxVersionOf(StringRef architecture, bool lateProducts) {
  unsigned version = llvm::StringSwitch<unsigned>(architecture)
                         .Cases({"sm_80", "sm_86"}, 74)
                         .Case("sm_89", 78)
                         .Cases({"sm_90", "sm_90a"}, 80)
                         .Case("sm_100", 86)
                         .Case("sm_120", 87)
                         .Default(0);
  return version && lateProducts ? std::max(version, 84u) : version;
}

static std::unique_ptr<llvm::TargetMachine> createTargetMachine(StringRef architecture, unsigned ptxVersion) {
  static std::once_flag once;
  std::call_once(once, [] {
    LLVMInitializeNVPTXTargetInfo();
    LLVMInitializeNVPTXTarget();
    LLVMInitializeNVPTXTargetMC();
    LLVMInitializeNVPTXAsmPrinter();
    // Addresses of shared memory fit in 32 bits; the code generator knows that as a command-line option only.
    if (llvm::cl::Option *shortPointers = llvm::cl::getRegisteredOptions().lookup("nvptx-short-ptr"))
      static_cast<llvm::cl::opt<bool> *>(shortPointers)->setValue(true);
  });
  llvm::Triple triple("nvptx64-nvidia-cuda");
  std::string error;
  const llvm::Target *target = llvm::TargetRegistry::lookupTarget(triple, error);
  if (!target)
    return nullptr;
  llvm::TargetOptions options;
  // What is fused was decided before; the code generator fuses nothing more.
  options.AllowFPOpFusion = llvm::FPOpFusion::Strict;
  return std::unique_ptr<llvm::TargetMachine>(
      target->createTargetMachine(triple, architecture, "+ptx" + std::to_string(ptxVersion), options, std::nullopt,
                                  std::nullopt, llvm::CodeGenOptLevel::Default));
}

//===----------------------------------------------------------------------===//
// LLVM IR
//===----------------------------------------------------------------------===//

/// What is left to do for scalars in registers: nothing is in memory that could be a value, there are no calls, and loops are neither
/// unrolled nor peeled: the lowering has done that where it pays, and code that appears twice would make two of a loop's accumulators.
/// Halves that were loaded together are computed with together. Last of all, what only one of several pieces of a tile needs goes to
/// where that piece is stored, or all pieces would be in registers at once. LLVM's own pipelines take three times as long for the same
/// machine code.
static constexpr llvm::StringLiteral kPipeline =
    "function(nvvm-intr-range,early-cse,instcombine<no-verify-fixpoint>,"
    "simplifycfg,loop-mssa(loop-rotate,licm),early-cse,"
    "instcombine<no-verify-fixpoint>,vector-combine,adce,simplifycfg,sink)";

static void optimise(llvm::Module &module, llvm::TargetMachine &machine) {
  llvm::LoopAnalysisManager loops;
  llvm::FunctionAnalysisManager functions;
  llvm::CGSCCAnalysisManager cycles;
  llvm::ModuleAnalysisManager modules;
  llvm::PassBuilder builder(&machine);
  builder.registerModuleAnalyses(modules);
  builder.registerCGSCCAnalyses(cycles);
  builder.registerFunctionAnalyses(functions);
  builder.registerLoopAnalyses(loops);
  builder.crossRegisterProxies(loops, functions, cycles, modules);
  llvm::ModulePassManager passes;
  llvm::cantFail(builder.parsePassPipeline(passes, kPipeline));
  passes.run(module, modules);
}

namespace {
/// Keeps the code generator from two passes. Straight-line strength reduction takes quadratic time in the additions of a block, of which
/// an elementary function on many registers has thousands. Loop strength reduction takes the most time of all in loops with many
/// addresses, to spend registers on them that the accumulators need.
struct CodegenGate : llvm::OptPassGate {
  bool shouldRunPass(StringRef pass, StringRef) const override {
    return pass != "slsr" && pass != "Loop Strength Reduction";
  }
  bool isEnabled() const override { return true; }
};
} // namespace

/// Milliseconds since the last call.
static double lap(std::chrono::steady_clock::time_point &last) {
  auto now = std::chrono::steady_clock::now();
  return std::chrono::duration<double, std::milli>(now - std::exchange(last, now)).count();
}

/// Whether a call is something that threads do together, which LLVM knows neither of `mma.sync` nor of assembly: left to itself, it makes
/// two of one where a branch goes both ways in a warp.
static bool isMadeTogether(const llvm::CallBase &call) {
  if (const auto *assembly = llvm::dyn_cast<llvm::InlineAsm>(call.getCalledOperand())) {
    StringRef text = assembly->getAsmString();
    return text.contains(".sync") || text.contains("bar.arrive");
  }
  const llvm::Function *callee = call.getCalledFunction();
  return callee && callee->getName().starts_with("llvm.nvvm.mma.");
}

using Timings = std::vector<std::pair<std::string, double>>;

/// Translates and optimises a module of the LLVM dialect.
static std::unique_ptr<llvm::Module> makeModule(ModuleOp lowered, llvm::LLVMContext &context,
                                                llvm::TargetMachine &machine, bool lineTables, Timings &timings) {
  auto last = std::chrono::steady_clock::now();
  if (lineTables) {
    PassManager manager(lowered.getContext());
    manager.enableVerifier(false);
    LLVM::DIScopeForLLVMFuncOpPassOptions options;
    options.emissionKind = LLVM::DIEmissionKind::DebugDirectivesOnly;
    manager.addPass(LLVM::createDIScopeForLLVMFuncOpPass(options));
    if (failed(manager.run(lowered)))
      return nullptr;
  }
  std::unique_ptr<llvm::Module> module = translateModuleToLLVMIR(lowered, context, "tile", !lineTables);
  if (!module)
    return nullptr;
  module->setTargetTriple(machine.getTargetTriple());
  module->setDataLayout(machine.createDataLayout());
  for (llvm::Function &function : *module) {
    function.addFnAttr(llvm::Attribute::NoUnwind);
    for (llvm::Instruction &instruction : llvm::instructions(function))
      if (auto *call = llvm::dyn_cast<llvm::CallBase>(&instruction); call && isMadeTogether(*call))
        call->setConvergent();
  }
  timings.emplace_back("translate", lap(last));
  optimise(*module, machine);
  timings.emplace_back("optimise", lap(last));
  return module;
}

static std::unique_ptr<llvm::TargetMachine> machineFor(Operation *op, StringRef architecture, unsigned ptxVersion) {
  if (!ptxVersion) {
    op->emitError("there is no PTX for target '") << architecture << "'";
    return nullptr;
  }
  std::unique_ptr<llvm::TargetMachine> machine = createTargetMachine(architecture, ptxVersion);
  if (!machine)
    op->emitError("LLVM was built without a code generator for NVIDIA GPUs");
  return machine;
}

std::optional<std::string> nvptx::emitLLVMIR(ModuleOp lowered, const Options &options) {
  StringRef architecture;
  for (auto function : lowered.getOps<LLVM::LLVMFuncOp>())
    if (std::optional<StringRef> target = function.getTargetCpu())
      architecture = *target;
  std::unique_ptr<llvm::TargetMachine> machine =
      machineFor(lowered, architecture, ptxVersionOf(architecture, /*lateProducts=*/true));
  if (!machine)
    return std::nullopt;
  llvm::LLVMContext context;
  Timings timings;
  std::unique_ptr<llvm::Module> module = makeModule(lowered, context, *machine, options.lineTables, timings);
  if (!module)
    return std::nullopt;
  std::string text;
  llvm::raw_string_ostream os(text);
  module->print(os, nullptr);
  return text;
}

/// Reads what a launch must know off the function that a kernel was lowered to. `ranks` are those of the kernel's arguments, -1 for
/// scalars.
static LogicalResult readLaunch(LLVM::LLVMFuncOp function, ArrayRef<int64_t> ranks, Image &image) {
  image.threads = 1;
  for (int32_t extent :
       function->getAttrOfType<DenseI32ArrayAttr>(NVVM::NVVMDialect::getReqntidAttrName()).asArrayRef())
    image.threads *= extent;
  image.persistent = function->hasAttr(ir::kPersistentAttrName);
  FailureOr<std::vector<TensorMap>> maps = readTensorMaps(function, ranks);
  if (failed(maps))
    return failure();
  image.tensorMaps = std::move(*maps);
  image.words = function.getNumArguments() - image.tensorMaps.size();
  return success();
}

std::optional<Image> nvptx::compile(ir::KernelOp kernel, const Options &options) {
  auto last = std::chrono::steady_clock::now();
  MLIRContext *context = kernel.getContext();
  if (kernel.getPhase() != ir::Phase::Synchronised) {
    kernel.emitError("is lowered from phase 'synchronised', not '") << stringifyPhase(kernel.getPhase()) << "'";
    return std::nullopt;
  }
  Image image;
  image.architecture = kernel.getTarget().value_or("").str();
  unsigned consumerThreads = 32 * kernel.getNumWarps().value() * ir::teamsOf(kernel);
  SmallVector<int64_t> ranks;
  for (Type type : kernel.getBody().getArgumentTypes())
    ranks.push_back(isa<ir::ViewType>(type) ? cast<ir::ViewType>(type).getRank() : -1);
  image.ptxVersion = ptxVersionOf(image.architecture, hasLateProducts(kernel));
  std::unique_ptr<llvm::TargetMachine> machine = machineFor(kernel, image.architecture, image.ptxVersion);
  if (!machine)
    return std::nullopt;
  DialectRegistry registry;
  registerDialects(registry);
  context->appendDialectRegistry(registry);
  context->loadDialect<arith::ArithDialect, cf::ControlFlowDialect, LLVM::LLVMDialect, math::MathDialect,
                       NVVM::NVVMDialect, scf::SCFDialect>();
  // A module of its own: others may stand beside the kernel.
  OwningOpRef<ModuleOp> module = ModuleOp::create(kernel.getLoc());
  int64_t sharedBytes = kernel.getSharedBytes().value();
  kernel->moveBefore(module->getBody(), module->getBody()->end());
  Lowering lowering(kernel);
  if (failed(lowering.run()))
    return std::nullopt;
  image.entry = lowering.entry();
  image.startsEarly = lowering.startsEarly;
  if (failed(readLaunch(module->lookupSymbol<LLVM::LLVMFuncOp>(image.entry), ranks, image)))
    return std::nullopt;
  image.producerThreads = image.threads - consumerThreads;
  image.sharedBytes = sharedBytes + lowering.extraSharedBytes;
  image.assertions = std::move(lowering.assertions);
  image.messages = std::move(lowering.messages);
  image.timings.emplace_back("lower", lap(last));
  PassManager manager(context);
  manager.enableVerifier(false);
  addScalarsToLLVM(manager);
  if (failed(manager.run(*module)))
    return std::nullopt;
  image.timings.emplace_back("convert", lap(last));
  CodegenGate gate;
  llvm::LLVMContext llvmContext;
  llvmContext.setOptPassGate(gate);
  std::unique_ptr<llvm::Module> code = makeModule(*module, llvmContext, *machine, options.lineTables, image.timings);
  if (!code)
    return std::nullopt;
  lap(last);
  llvm::SmallVector<char, 0> text;
  llvm::raw_svector_ostream os(text);
  llvm::legacy::PassManager codegen;
  if (machine->addPassesToEmitFile(codegen, os, nullptr, llvm::CodeGenFileType::AssemblyFile,
                                   /*DisableVerify=*/true)) {
    module->emitError("LLVM can't write PTX");
    return std::nullopt;
  }
  codegen.run(*code);
  image.ptx.assign(text.begin(), text.end());
  image.timings.emplace_back("codegen", lap(last));
  return image;
}
