//===- Executable.cpp - From a kernel to a function that runs -----*- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Host.h"
#include "Lowering.h"
#include "Passes.h"
#include "Runtime.h"
#include "tile/Target/CPU/CPU.h"

#include <llvm/ExecutionEngine/Orc/AbsoluteSymbols.h>
#include <llvm/ExecutionEngine/Orc/CompileUtils.h>
#include <llvm/ExecutionEngine/Orc/ExecutionUtils.h>
#include <llvm/ExecutionEngine/Orc/LLJIT.h>
#include <llvm/IR/LLVMContext.h>
#include <llvm/IR/Module.h>
#include <llvm/Passes/PassBuilder.h>
#include <llvm/Support/AlignOf.h>
#include <llvm/Support/raw_ostream.h>
#include <mlir/Dialect/ControlFlow/IR/ControlFlow.h>
#include <mlir/Target/LLVMIR/Export.h>

#include <cfenv>
#include <chrono>

using namespace mlir;
using namespace tile;
using namespace tile::cpu;

using EntryFn = void (*)(const uint64_t *words, const int64_t *grid, int64_t begin, int64_t end, void *scratch);

namespace {
/// A worker with its scratch memory.
struct Arena {
  explicit Arena(int64_t bytes)
      : memory(static_cast<char *>(::operator new(bytes, std::align_val_t(ScratchPlan::kAlignment)))) {
    reinterpret_cast<ScratchHeader *>(memory)->worker = &worker;
  }
  ~Arena() { ::operator delete(memory, std::align_val_t(ScratchPlan::kAlignment)); }
  Arena(const Arena &) = delete;

  Worker worker{};
  char *memory;
};
} // namespace

namespace {
/// While it lives, this thread's arithmetic is IEEE's: rounded to nearest, subnormals kept, nothing trapping; whatever the host program
/// has set.
struct DefaultArithmetic {
  DefaultArithmetic() {
    std::fegetenv(&saved);
    std::fesetenv(FE_DFL_ENV);
  }
  ~DefaultArithmetic() { std::fesetenv(&saved); }
  DefaultArithmetic(const DefaultArithmetic &) = delete;

  std::fenv_t saved;
};
} // namespace

struct Executable::Impl {
  std::unique_ptr<llvm::orc::LLJIT> jit;
  EntryFn entry = nullptr;
  int64_t scratchBytes = 0;
  const Host *host = nullptr;
  Options options;
  Timings timings;
  std::string llvmIR;

  std::unique_ptr<Arena> takeArena();
  void giveBack(std::unique_ptr<Arena> arena);

private:
  std::mutex mutex;
  /// Those that no run uses now.
  std::vector<std::unique_ptr<Arena>> arenas;
};

//===----------------------------------------------------------------------===//
// Running
//===----------------------------------------------------------------------===//

std::unique_ptr<Arena> Executable::Impl::takeArena() {
  std::lock_guard lock(mutex);
  if (arenas.empty())
    return std::make_unique<Arena>(scratchBytes);
  std::unique_ptr<Arena> arena = std::move(arenas.back());
  arenas.pop_back();
  return arena;
}

void Executable::Impl::giveBack(std::unique_ptr<Arena> arena) {
  std::lock_guard lock(mutex);
  arenas.push_back(std::move(arena));
}

Executable::Executable(std::unique_ptr<Impl> impl) : impl(std::move(impl)) {}
Executable::~Executable() = default;
const Timings &Executable::timings() const { return impl->timings; }
int64_t Executable::scratchBytes() const { return impl->scratchBytes; }
int64_t Executable::vectorBits() const { return impl->host->vectorBits; }
StringRef Executable::llvmIR() const { return impl->llvmIR; }

llvm::Error Executable::run(ArrayRef<uint64_t> words, std::array<int64_t, 3> grid,
                            llvm::ThreadPoolInterface &pool) const {
  if (llvm::any_of(grid, [](int64_t extent) { return extent <= 0; }))
    return llvm::Error::success();
  int64_t programs = grid[0] * grid[1] * grid[2];
  RunState state;
  state.print = &impl->options.print;
  int64_t workers = std::min<int64_t>(pool.getMaxConcurrency(), programs);
  // Small enough that the last to finish keeps nobody waiting, large enough that counting costs nothing.
  int64_t step = std::max<int64_t>(1, programs / (workers * 16));
  std::atomic<int64_t> next = 0;
  auto work = [&] {
    DefaultArithmetic arithmetic;
    std::unique_ptr<Arena> arena;
    for (int64_t begin; !state.stopped && (begin = next.fetch_add(step)) < programs;) {
      if (!arena) {
        arena = impl->takeArena();
        arena->worker.run = &state;
      }
      impl->entry(words.data(), grid.data(), begin, std::min(begin + step, programs), arena->memory);
    }
    if (arena)
      impl->giveBack(std::move(arena));
  };
  {
    llvm::ThreadPoolTaskGroup group(pool);
    for (int64_t i = 1; i < workers; ++i)
      group.async(work);
    work();
  }
  if (state.stopped)
    return llvm::createStringError(state.error);
  return llvm::Error::success();
}

//===----------------------------------------------------------------------===//
// Compiling
//===----------------------------------------------------------------------===//

/// Milliseconds since the last call.
static double lap(std::chrono::steady_clock::time_point &last) {
  auto now = std::chrono::steady_clock::now();
  return std::chrono::duration<double, std::milli>(now - std::exchange(last, now)).count();
}

/// Optimises a module. Vectors are as they should be already; LLVM's part is everything around them. It unrolls nothing: that would
/// triple the compile time, and where it pays the lowering has done it.
static void optimise(llvm::Module &module, llvm::TargetMachine &machine) {
  llvm::PipelineTuningOptions tuning;
  tuning.LoopVectorization = tuning.SLPVectorization = tuning.LoopInterleaving = false;
  tuning.LoopUnrolling = false;
  llvm::LoopAnalysisManager loops;
  llvm::FunctionAnalysisManager functions;
  llvm::CGSCCAnalysisManager cycles;
  llvm::ModuleAnalysisManager modules;
  llvm::PassBuilder builder(&machine, tuning);
  builder.registerModuleAnalyses(modules);
  builder.registerCGSCCAnalyses(cycles);
  builder.registerFunctionAnalyses(functions);
  builder.registerLoopAnalyses(loops);
  builder.crossRegisterProxies(loops, functions, cycles, modules);
  builder.buildPerModuleDefaultPipeline(llvm::OptimizationLevel::O2).run(module, modules);
}

/// Links an object into a JIT of its own, with the runtime's functions and those of the C library.
static llvm::Expected<std::unique_ptr<llvm::orc::LLJIT>> link(std::unique_ptr<llvm::MemoryBuffer> object) {
  auto jit = llvm::orc::LLJITBuilder().setPlatformSetUp(llvm::orc::setUpInactivePlatform).create();
  if (!jit)
    return jit.takeError();
  llvm::orc::JITDylib &library = (*jit)->getMainJITDylib();
  llvm::orc::SymbolMap symbols;
  for (auto [name, address] : runtimeSymbols())
    symbols[(*jit)->mangleAndIntern(name)] = {llvm::orc::ExecutorAddr::fromPtr(address),
                                              llvm::JITSymbolFlags::Exported};
  if (llvm::Error error = library.define(llvm::orc::absoluteSymbols(std::move(symbols))))
    return error;
  auto process =
      llvm::orc::DynamicLibrarySearchGenerator::GetForCurrentProcess((*jit)->getDataLayout().getGlobalPrefix());
  if (!process)
    return process.takeError();
  library.addGenerator(std::move(*process));
  if (llvm::Error error = (*jit)->addObjectFile(std::move(object)))
    return error;
  return jit;
}

/// From the LLVM dialect to a function.
static llvm::Error generate(ModuleOp module, Executable::Impl &impl) {
  auto last = std::chrono::steady_clock::now();
  const Host &host = *impl.host;
  auto machine = createTargetMachine(host);
  if (!machine)
    return machine.takeError();
  llvm::LLVMContext context;
  std::unique_ptr<llvm::Module> code = translateModuleToLLVMIR(module, context, kEntryName);
  if (!code)
    return llvm::createStringError("the kernel can't be translated to LLVM IR");
  code->setTargetTriple((*machine)->getTargetTriple());
  code->setDataLayout((*machine)->createDataLayout());
  for (llvm::Function &function : *code) {
    function.addFnAttr("target-cpu", host.processor);
    function.addFnAttr("target-features", host.features);
    function.addFnAttr("prefer-vector-width", std::to_string(host.vectorBits));
    function.addFnAttr("min-legal-vector-width", std::to_string(host.vectorBits));
    function.addFnAttr(llvm::Attribute::NoUnwind);
  }
  impl.timings.translate = lap(last);
  optimise(*code, **machine);
  impl.timings.optimise = lap(last);
  if (impl.options.keepLLVM) {
    llvm::raw_string_ostream os(impl.llvmIR);
    code->print(os, nullptr);
    lap(last);
  }
  auto object = llvm::orc::SimpleCompiler(**machine)(*code);
  if (!object)
    return object.takeError();
  auto jit = link(std::move(*object));
  if (!jit)
    return jit.takeError();
  auto entry = (*jit)->lookup(kEntryName);
  if (!entry)
    return entry.takeError();
  impl.jit = std::move(*jit);
  impl.entry = entry->toPtr<EntryFn>();
  impl.timings.codegen = lap(last);
  return llvm::Error::success();
}

std::unique_ptr<Executable> cpu::compile(ir::KernelOp kernel, const Options &options) {
  auto last = std::chrono::steady_clock::now();
  MLIRContext *context = kernel.getContext();
  DialectRegistry registry;
  registerDialects(registry);
  context->appendDialectRegistry(registry);
  context->loadDialect<arith::ArithDialect, cf::ControlFlowDialect, func::FuncDialect, LLVM::LLVMDialect,
                       math::MathDialect, scf::SCFDialect, vector::VectorDialect>();
  if (kernel.getPhase() != ir::Phase::Pipelined) {
    kernel.emitError("is lowered from phase 'pipelined', not '") << stringifyPhase(kernel.getPhase()) << "'";
    return nullptr;
  }
  auto impl = std::make_unique<Executable::Impl>();
  impl->options = options;
  impl->host = options.baseline ? &Host::baseline() : &Host::get();
  OwningOpRef<ModuleOp> module = ModuleOp::create(kernel.getLoc());
  if (failed(Lowering(kernel, impl->host->vectorBits, options.late).run(*module)))
    return nullptr;
  impl->scratchBytes = (*module)->getAttrOfType<IntegerAttr>(kScratchAttrName).getInt();
  PassManager manager(context);
  manager.enableVerifier(false);
  addLoopsToLLVM(manager);
  if (failed(manager.run(*module)))
    return nullptr;
  impl->timings.lower = lap(last);
  if (llvm::Error error = generate(*module, *impl)) {
    kernel.emitError(llvm::toString(std::move(error)));
    return nullptr;
  }
  return std::make_unique<Executable>(std::move(impl));
}
