//===- Compiler.cpp - From source to machine code ---------------*- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "tile/Runtime/Compiler.h"
#include "tile/Numerics/Numerics.h"
#include "tile/Pipeline/Pipeline.h"
#include "tile/Placement/Placement.h"
#include "tile/Placement/Shared.h"

#include <llvm/Support/raw_ostream.h>
#include <mlir/Transforms/Passes.h>

#include <chrono>

namespace tile::runtime {

Sources sourcesOf(const lang::File &file) {
  Sources sources;
  sources[file.name()] = file.text().str();
  sources[lang::preludeName()] = lang::preludeText().str();
  return sources;
}

const mlir::DialectRegistry &dialects() {
  static const mlir::DialectRegistry registry = [] {
    mlir::DialectRegistry result;
    result.insert<ir::TileDialect, mlir::arith::ArithDialect, mlir::math::MathDialect, mlir::scf::SCFDialect,
                  mlir::tensor::TensorDialect>();
    cpu::registerDialects(result);
    nvptx::registerDialects(result);
    return result;
  }();
  return registry;
}

/// Appends the seconds that its scope took to a list of timings.
namespace {
class Timer {
public:
  Timer(std::vector<std::pair<std::string, double>> &list, llvm::StringRef phase) : list(list), phase(phase) {}
  ~Timer() {
    std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - start;
    list.emplace_back(phase.str(), seconds.count());
  }

private:
  std::vector<std::pair<std::string, double>> &list;
  llvm::StringRef phase;
  std::chrono::steady_clock::time_point start = std::chrono::steady_clock::now();
};
} // namespace

Compilation::Compilation(const lang::File &file, lang::Specialization specialization, std::string target)
    : file(file), specialization(std::move(specialization)), target(std::move(target)),
      context(dialects(), mlir::MLIRContext::Threading::DISABLED), collector(&context) {
  // Whoever reads the message wrote a kernel, not IR.
  context.printOpOnDiagnostic(false);
  pipeline::collectVerdicts(context, found);
}

bool Compilation::run(llvm::StringRef phase, llvm::function_ref<void(mlir::OpPassManager &)> build) {
  Timer timer(timings, phase);
  mlir::PassManager passes(&context, mlir::ModuleOp::getOperationName());
  build(passes);
  return mlir::succeeded(passes.run(*module));
}

/// What is done to a kernel as it was written.
static void addSimplifyingPasses(mlir::OpPassManager &kernelPasses) {
  kernelPasses.addPass(mlir::createCanonicalizerPass());
  kernelPasses.addPass(mlir::createCSEPass());
  kernelPasses.addPass(mlir::createLoopInvariantCodeMotionPass());
  kernelPasses.addPass(numerics::createContractFmaPass());
}

void addPlanningPasses(mlir::OpPassManager &passes, llvm::StringRef target) {
  mlir::OpPassManager &kernelPasses = passes.nest<ir::KernelOp>();
  addSimplifyingPasses(kernelPasses);
  kernelPasses.addPass(pipeline::createTileBind(pipeline::TileBindOptions{target.str()}));
  kernelPasses.addPass(pipeline::createTilePlan());
}

bool Compilation::plan(std::int64_t maxStages) {
  if (!run("plan", [&](mlir::OpPassManager &passes) {
        passes.nest<ir::KernelOp>().addPass(pipeline::createTilePlan(pipeline::TilePlanOptions{maxStages}));
      }))
    return false;
  readPlan();
  return true;
}

bool Compilation::expand() {
  if (!run("expand", [&](mlir::OpPassManager &passes) {
        passes.nest<ir::KernelOp>().addPass(pipeline::createTileExpand());
        if (specialization.instrumented)
          passes.nest<ir::KernelOp>().addPass(pipeline::createTileInstrument());
      }))
    return false;
  if (specialization.instrumented)
    recorded = pipeline::recordPlan(kernel());
  ringBytes = 0;
  kernel().walk([&](ir::RingOp ring) {
    auto type = ring.getType();
    ringBytes += type.getDepth() * ir::valueBytes(type.getTileType());
  });
  return true;
}

bool Compilation::expandNumerics() {
  return run("numerics",
             [](mlir::OpPassManager &passes) { numerics::buildNumericsPipeline(passes.nest<ir::KernelOp>()); });
}

bool Compilation::place() {
  auto placeOnce = [&] {
    return run("place",
               [](mlir::OpPassManager &passes) { passes.nest<ir::KernelOp>().addPass(placement::createTilePlace()); });
  };
  if (!placeOnce())
    return false;
  std::int64_t stages = 1;
  for (const LoopReport &loop : loops)
    stages = std::max(stages, loop.stages);
  while (bound && stages > 1) {
    placement::SharedNeed need = placement::sharedNeed(kernel());
    if (need.fits())
      return true;
    // Fewer than before at any rate, should the need say nothing better.
    stages = std::clamp<std::int64_t>(need.fittingStages, 1, stages - 1);
    module = bound->clone();
    found.erase(found.begin() + static_cast<std::ptrdiff_t>(boundVerdicts), found.end());
    if (!plan(stages) || !expand() || !expandNumerics() || !placeOnce())
      return false;
  }
  return true;
}

/// Whether a loop leaves the number of its stages to the planner.
static bool leavesStages(ir::KernelOp kernel) {
  return kernel
      .walk([](ir::ForOp loop) {
        return loop.getNumStages() ? mlir::WalkResult::advance() : mlir::WalkResult::interrupt();
      })
      .wasInterrupted();
}

bool Compilation::advance(Stage stage) {
  switch (stage) {
  case Stage::Start:
    return true;
  case Stage::Tile: {
    Timer timer(timings, "emit");
    module = lang::emit(context, file, specialization);
  }
    return module &&
           run("simplify", [](mlir::OpPassManager &passes) { addSimplifyingPasses(passes.nest<ir::KernelOp>()); });
  case Stage::Bound:
    if (!run("bind", [&](mlir::OpPassManager &passes) {
          passes.nest<ir::KernelOp>().addPass(pipeline::createTileBind(pipeline::TileBindOptions{target}));
        }))
      return false;
    if (target != "cpu" && leavesStages(kernel())) {
      bound = module->clone();
      boundVerdicts = found.size();
    }
    return true;
  case Stage::Planned:
    return plan(/*maxStages=*/0);
  case Stage::Pipelined:
    return expand();
  case Stage::Numerics:
    return expandNumerics();
  case Stage::Placed:
    return place();
  case Stage::Synchronised:
    return run("synchronise", [](mlir::OpPassManager &passes) {
      passes.nest<ir::KernelOp>().addPass(placement::createTileSynchronise());
    });
  }
  llvm_unreachable("all stages are covered");
}

bool Compilation::runTo(Stage stage) {
  while (reached < stage) {
    Stage next = static_cast<Stage>(static_cast<int>(reached) + 1);
    if (!advance(next))
      return false;
    reached = next;
  }
  return true;
}

std::unique_ptr<cpu::Executable> Compilation::compileForHost(const cpu::Options &options) {
  std::unique_ptr<cpu::Executable> executable = cpu::compile(kernel(), options);
  if (executable) {
    const cpu::Timings &spent = executable->timings();
    for (auto [phase, milliseconds] : {std::pair("lower", spent.lower), std::pair("translate", spent.translate),
                                       std::pair("optimise", spent.optimise), std::pair("codegen", spent.codegen)})
      timings.emplace_back(phase, milliseconds * 1e-3);
  }
  return executable;
}

std::optional<nvptx::Image> Compilation::compileForGpu() {
  if (!runTo(Stage::Synchronised))
    return std::nullopt;
  return nvptx::compile(kernel(), {});
}

bool Compilation::lowerForGpu() { return mlir::succeeded(nvptx::lowerToLLVM(*module)); }

std::optional<std::string> Compilation::gpuLLVMIR() { return nvptx::emitLLVMIR(*module, {}); }

ir::KernelOp Compilation::kernel() {
  if (!module)
    return {};
  auto kernels = module->getOps<ir::KernelOp>();
  return kernels.empty() ? ir::KernelOp() : *kernels.begin();
}

std::string Compilation::text() {
  std::string result;
  llvm::raw_string_ostream out(result);
  module->print(out);
  out << '\n';
  return result;
}

void Compilation::readPlan() {
  Sources sources = sourcesOf(file);
  planned = pipeline::makeSchedule(kernel(), [&](llvm::StringRef name, unsigned line) {
    auto source = sources.find(name);
    return source == sources.end() ? std::string() : lineOf(source->second, line).str();
  });
  loops.clear();
  kernel().walk<mlir::WalkOrder::PreOrder>([&](ir::ForOp loop) {
    ir::PlanAttr plan = loop.getPlanAttr();
    // A worker's loop over programs is nobody's to look at.
    if (!plan || loop.getUpper().getDefiningOp<ir::ProgramsOp>())
      return;
    LoopReport report;
    report.location = locationOf(loop.getLoc());
    report.stages = plan.getStages();
    report.initiationInterval = plan.getIi();
    report.serial = plan.getSerial();
    report.bound = plan.getBound().str();
    report.modelStages = plan.getModelStages();
    report.sharedBytes = plan.getSharedBytes();
    loops.push_back(std::move(report));
  });
}

void Compilation::fill(Report &report) {
  report.target = target;
  report.loops = loops;
  for (const pipeline::Verdict &verdict : found)
    report.verdicts.push_back({{verdict.file, verdict.line, verdict.column},
                               verdict.pipelined,
                               verdict.subject,
                               verdict.text,
                               verdict.suggestion});
  for (const Diagnostic &diagnostic : collector.get())
    if (diagnostic.severity == Severity::Warning)
      report.warnings.push_back(diagnostic);
  report.timings = timings;
  report.sharedBytes = ringBytes;
  report.schedule = pipeline::scheduleText(planned);
}

} // namespace tile::runtime
