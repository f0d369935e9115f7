//===- Compiler.h - From source to machine code -----------------*- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// \file
/// The one place that knows the order of the compiler's phases: the runtime compiles with it, tilec shows what stands between them.
///
//===----------------------------------------------------------------------===//

#ifndef TILE_RUNTIME_COMPILER_H
#define TILE_RUNTIME_COMPILER_H

#include "tile/Dialect/Tile.h"
#include "tile/Language/Language.h"
#include "tile/Pipeline/Instrument.h"
#include "tile/Pipeline/ScheduleModel.h"
#include "tile/Pipeline/Verdicts.h"
#include "tile/Report.h"
#include "tile/Runtime/Diagnostics.h"
#include "tile/Target/CPU/CPU.h"
#include "tile/Target/NVPTX/NVPTX.h"

#include <mlir/IR/OwningOpRef.h>
#include <mlir/Pass/PassManager.h>

namespace tile::runtime {

/// The sources that messages about a file may point into: its own text and the prelude's.
Sources sourcesOf(const lang::File &file);

/// Every dialect that a kernel passes through, and what inlining and translation need of them.
const mlir::DialectRegistry &dialects();

/// How far a kernel has come. `Numerics` is `pipelined` with elementary functions expanded: what targets start from. The last two are of
/// GPUs only.
enum class Stage { Start, Tile, Bound, Planned, Pipelined, Numerics, Placed, Synchronised };

/// Adds the passes from a module as it was written to phase `planned`: those of Stage::Planned, for whoever asks nothing else of many kernels.
void addPlanningPasses(mlir::OpPassManager &passes, llvm::StringRef target);

/// One specialisation on its way through the compiler, in a context of its own. Used by one thread.
class Compilation {
public:
  /// `target` is the machine that schedules are planned for. The file outlives the compilation.
  Compilation(const lang::File &file, lang::Specialization specialization, std::string target);

  /// Runs the phases up to and including a stage. False after an error, which `diagnostics()` has.
  bool runTo(Stage stage);
  /// Compiles what has been run to Numerics for this host. Null after an error.
  std::unique_ptr<cpu::Executable> compileForHost(const cpu::Options &options);
  /// Compiles what has been run to Numerics, or beyond, for the GPU that it is planned for. Nothing after an error.
  std::optional<nvptx::Image> compileForGpu();
  /// Lowers what has been run to Synchronised to the dialects of LLVM, for text(). False after an error.
  bool lowerForGpu();
  /// The LLVM IR of a GPU, of what lowerForGpu() has made. Nothing after an error.
  std::optional<std::string> gpuLLVMIR();

  /// The kernel as it is; null before Tile.
  ir::KernelOp kernel();
  /// The kernel's module as text.
  std::string text();
  /// The schedule of each loop; once Planned has been run.
  const pipeline::Schedule &schedule() const { return planned; }
  /// What an instrumented kernel writes down; once Pipelined has been run.
  const pipeline::RecordPlan &recordPlan() const { return recorded; }
  const std::vector<pipeline::Verdict> &verdicts() const { return found; }
  DiagnosticCollector &diagnostics() { return collector; }
  /// Fills in what the compiler knows: loops, verdicts, warnings, timings, memory.
  void fill(Report &report);

private:
  bool advance(Stage stage);
  /// Runs passes on the module and notes how long that took.
  bool run(llvm::StringRef phase, llvm::function_ref<void(mlir::OpPassManager &)> build);
  /// Keeps what the report says of the planned kernel, which the next phase takes apart.
  void readPlan();
  /// Plans the bound kernel; loops that leave the number of their stages open get `maxStages` at most, where that isn't 0.
  bool plan(std::int64_t maxStages);
  bool expand();
  bool expandNumerics();
  /// Places the kernel. When its shared memory then doesn't suffice, plans again with fewer stages where the author left that open.
  bool place();

  const lang::File &file;
  lang::Specialization specialization;
  std::string target;
  std::vector<pipeline::Verdict> found;
  mlir::MLIRContext context;
  DiagnosticCollector collector;
  mlir::OwningOpRef<mlir::ModuleOp> module;
  /// The module in phase `bound`, and how many verdicts there were then: where planning begins again.
  mlir::OwningOpRef<mlir::ModuleOp> bound;
  std::size_t boundVerdicts = 0;
  Stage reached = Stage::Start;
  pipeline::Schedule planned;
  pipeline::RecordPlan recorded;
  std::vector<LoopReport> loops;
  std::vector<std::pair<std::string, double>> timings;
  std::int64_t ringBytes = 0;
};

} // namespace tile::runtime

#endif // TILE_RUNTIME_COMPILER_H
