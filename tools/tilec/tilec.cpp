//===- tilec.cpp - Shows what the compiler makes of a kernel ----*- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// \file
/// Exit status: 0, 1 for bad input, 2 for bad usage. Output is written when all of it is there, so a failure leaves no file, and
/// an older one as it was.
///
//===----------------------------------------------------------------------===//

#include "../CommandLine.h"
#include "../Output.h"
#include "tile/Dialect/Pieces.h"
#include "tile/Error.h"
#include "tile/Export.h"
#include "tile/Pipeline/MachineModel.h"
#include "tile/Runtime/Compiler.h"
#include "tile/Runtime/Facts.h"

#include <llvm/ADT/StringSwitch.h>
#include <llvm/Support/MemoryBuffer.h>
#include <llvm/Support/raw_ostream.h>

using namespace tile;

static constexpr llvm::StringLiteral usage = R"(usage: tilec [options] FILE

Compiles a kernel of a .tile source (- reads standard input) and writes what the compiler makes of it.

  --kernel NAME   the kernel; needed when the source has several
  -D NAME=VALUE   a value for a parameter in the kernel's <>
  --assume FACT   what is known of the arguments; any of
                    T=f32            a type's name is bound to this type
                    N=1024           an extent
                    a.contiguous=1   the axis of 'a' whose stride is 1
                    a.align=16       bytes that divide the base of 'a' and its other strides
                    a.extent_align=16   bytes that divide an extent along the contiguous axis
                    a.index32=true   offsets in 'a' fit in 31 bits
                    a.tensor_map=false   no tensor map describes 'a'; where the target has them
                                     one is taken to when 'a' is contiguous and aligned to 16
                    bias=absent      an optional argument isn't passed (bias=present: it is)
  --emit KIND     what to write: the kernel in phase tile (the default), bound, planned or
                  pipelined; numerics, which is pipelined with elementary functions expanded;
                  schedule, a drawing of the loops: schedule=text (the same), schedule=svg, a
                  picture, or schedule=json; llvm, the target's LLVM IR; and for a GPU placed,
                  synchronised, nvvm (the dialects of LLVM) or ptx
  --target NAME   the machine to compile for: cpu (the default), sm_80, sm_86, sm_89, sm_90, …
  --checked       keep assert and print
  --plain         no producer, tensor copies or products of warpgroups on targets that have them
  --teams N       2 has two teams take programs of a product in turn, 1 has all warps share each
  --group-rows N  number programs of a product column by column in groups of so many rows
  --remarks       say of each loop and each load what was decided, on standard error
  -o FILE         write to this file instead of standard output
  --help, --version

Exit status: 0, or 1 for bad input, or 2 for bad usage.
)";

namespace {
enum class Emit {
  Tile,
  Bound,
  Planned,
  Pipelined,
  Numerics,
  LLVM,
  Schedule,
  ScheduleSvg,
  ScheduleJson,
  Placed,
  Synchronised,
  NVVM,
  PTX
};

struct Options {
  std::string input, kernel, target = "cpu", output = "-";
  std::vector<std::string> defines, assumptions;
  Emit emit = Emit::Tile;
  bool checked = false, remarks = false;
  lang::Overrides overrides;
};
} // namespace

/// What a word says of the options. Throws Error for one that says nothing.
static void apply(llvm::StringRef word, tools::CommandLine &line, Options &options) {
  std::string value;
  if (word == "--checked") {
    options.checked = true;
  } else if (word == "--remarks") {
    options.remarks = true;
  } else if (word == "-" || !word.starts_with("-")) {
    tools::CommandLine::takeInput(word, options.input);
  } else if (word == "--plain") {
    options.overrides.plain = true;
  } else if (line.take(word, "--teams", value)) {
    options.overrides.teams = tools::CommandLine::number("--teams", value, ir::kTeams);
  } else if (line.take(word, "--group-rows", value)) {
    options.overrides.groupRows = tools::CommandLine::number("--group-rows", value, ir::kMostGroupRows);
  } else if (line.take(word, "-D", value)) {
    options.defines.push_back(value);
  } else if (line.take(word, "--assume", value)) {
    options.assumptions.push_back(value);
  } else if (line.take(word, "--kernel", value)) {
    options.kernel = value;
  } else if (line.take(word, "-o", value)) {
    options.output = value;
  } else if (line.take(word, "--target", value)) {
    if (!pipeline::MachineModel::find(value))
      throw Error("no target '" + value + "'; there is " + pipeline::MachineModel::names());
    options.target = value;
  } else if (line.take(word, "--emit", value)) {
    std::optional<Emit> emit = llvm::StringSwitch<std::optional<Emit>>(value)
                                   .Case("tile", Emit::Tile)
                                   .Case("bound", Emit::Bound)
                                   .Case("planned", Emit::Planned)
                                   .Case("pipelined", Emit::Pipelined)
                                   .Case("numerics", Emit::Numerics)
                                   .Case("llvm", Emit::LLVM)
                                   .Cases({"schedule", "schedule=text"}, Emit::Schedule)
                                   .Case("schedule=svg", Emit::ScheduleSvg)
                                   .Case("schedule=json", Emit::ScheduleJson)
                                   .Case("placed", Emit::Placed)
                                   .Case("synchronised", Emit::Synchronised)
                                   .Case("nvvm", Emit::NVVM)
                                   .Case("ptx", Emit::PTX)
                                   .Default(std::nullopt);
    if (!emit)
      throw Error("cannot emit '" + value +
                  "'; there is tile, bound, planned, pipelined, numerics, llvm, schedule, schedule=svg, schedule=json, "
                  "placed, synchronised, nvvm and ptx");
    options.emit = *emit;
  } else {
    throw Error("unknown option '" + word.str() + "'");
  }
}

/// Reads the command line. Gives the exit status when there is nothing more to do.
static std::optional<int> parse(llvm::ArrayRef<char *> words, Options &options) {
  tools::CommandLine line("tilec", usage, words);
  return line.parse([&](llvm::StringRef word) { apply(word, line, options); },
                    [&] {
                      if (options.input.empty())
                        throw Error("no input; name a .tile file, or - for standard input");
                      if (options.emit >= Emit::Placed && options.target == "cpu")
                        throw Error("placed, synchronised, nvvm and ptx are of GPUs; name one with --target");
                    });
}

/// What to write for these options. Throws Error for bad input. Warnings and remarks go to standard error.
static std::string compile(const Options &options) {
  auto buffer = options.input == "-"
                    ? llvm::MemoryBuffer::getSTDIN()
                    : llvm::MemoryBuffer::getFile(options.input, /*IsText=*/false, /*RequiresNullTerminator=*/false);
  if (!buffer)
    throw Error("cannot read '" + options.input + "': " + buffer.getError().message());
  std::string name = options.input == "-" ? "<stdin>" : options.input;

  mlir::MLIRContext context(mlir::MLIRContext::Threading::DISABLED);
  DiagnosticCollector parsing(&context);
  std::unique_ptr<lang::File> file = lang::File::parse(context, (*buffer)->getBuffer(), name);
  if (!file || parsing.hasErrors()) {
    Sources sources;
    sources[name] = (*buffer)->getBuffer().str();
    parsing.raise(sources, "the source is malformed");
  }
  Sources sources = runtime::sourcesOf(*file);

  const lang::KernelSignature *signature = nullptr;
  if (!options.kernel.empty())
    signature = file->find(options.kernel);
  else if (file->kernels().size() == 1)
    signature = file->kernels().begin();
  if (!signature) {
    std::string names;
    for (const lang::KernelSignature &each : file->kernels())
      names += (names.empty() ? "'" : ", '") + each.name + "'";
    throw Error(options.kernel.empty()
                    ? "'" + name + "' has " +
                          (names.empty() ? "no kernel" : "several kernels, name one with --kernel: " + names)
                    : "no kernel '" + options.kernel + "' in '" + name + "'" +
                          (names.empty() ? "" : "; there is " + names));
  }

  lang::Specialization specialization;
  specialization.kernel = signature->name;
  specialization.checked = options.checked;
  specialization.overrides = options.overrides;
  for (const std::string &define : options.defines)
    if (std::optional<std::string> error = lang::define(*signature, define, specialization))
      throw Error("-D " + define + ": " + *error);
  // What is said of tensor maps comes after what other facts imply of them.
  specialization.tensorMaps = runtime::hasTensorMaps(options.target);
  for (bool ofMaps : {false, true}) {
    for (const std::string &assumption : options.assumptions)
      if (llvm::StringRef(assumption).contains(".tensor_map=") == ofMaps)
        if (std::optional<std::string> error = lang::assume(*signature, assumption, specialization))
          throw Error("--assume " + assumption + ": " + *error);
    if (!ofMaps && specialization.tensorMaps)
      lang::assumeTensorMaps(*signature, specialization);
  }

  runtime::Compilation compilation(*file, specialization, options.target);
  bool isGpu = options.target != "cpu";
  auto stageOf = [&] {
    switch (options.emit) {
    case Emit::Tile:
      return runtime::Stage::Tile;
    case Emit::Bound:
      return runtime::Stage::Bound;
    case Emit::Planned:
    case Emit::Schedule:
    case Emit::ScheduleSvg:
    case Emit::ScheduleJson:
      return runtime::Stage::Planned;
    case Emit::Pipelined:
      return runtime::Stage::Pipelined;
    case Emit::Numerics:
      return runtime::Stage::Numerics;
    case Emit::Placed:
      return runtime::Stage::Placed;
    case Emit::LLVM:
      return isGpu ? runtime::Stage::Synchronised : runtime::Stage::Numerics;
    case Emit::Synchronised:
    case Emit::NVVM:
    case Emit::PTX:
      return runtime::Stage::Synchronised;
    }
    llvm_unreachable("all kinds are covered");
  };
  bool done = compilation.runTo(stageOf());
  // What is neither the kernel nor its schedule.
  std::optional<std::string> result;
  if (done && options.emit == Emit::PTX) {
    if (std::optional<nvptx::Image> image = compilation.compileForGpu())
      result = image->ptx;
    done = result.has_value();
  } else if (done && options.emit == Emit::NVVM) {
    done = compilation.lowerForGpu();
  } else if (done && options.emit == Emit::LLVM && isGpu) {
    result = compilation.lowerForGpu() ? compilation.gpuLLVMIR() : std::nullopt;
    done = result.has_value();
  } else if (done && options.emit == Emit::LLVM) {
    cpu::Options cpuOptions;
    cpuOptions.keepLLVM = true;
    std::unique_ptr<cpu::Executable> executable = compilation.compileForHost(cpuOptions);
    done = executable != nullptr;
    if (done)
      result = executable->llvmIR().str();
  }
  if (!done)
    compilation.diagnostics().raise(sources, "the compiler failed without saying why");
  if (!compilation.diagnostics().get().empty())
    llvm::errs() << render(compilation.diagnostics().get(), sources) << "\n";
  if (options.remarks)
    for (const pipeline::Verdict &verdict : compilation.verdicts())
      llvm::errs() << pipeline::render(verdict) << "\n";
  if (result)
    return *result;
  switch (options.emit) {
  case Emit::Schedule:
    return pipeline::scheduleText(compilation.schedule());
  case Emit::ScheduleSvg:
    return pipeline::scheduleSvg(compilation.schedule());
  case Emit::ScheduleJson:
    return pipeline::scheduleJson(compilation.schedule());
  default:
    return compilation.text();
  }
}

extern "C" TILE_API int tilec_main(int argc, char **argv) {
  Options options;
  if (std::optional<int> status = parse(llvm::ArrayRef(argv, argc).drop_front(argc ? 1 : 0), options))
    return *status;
  try {
    std::string text = compile(options);
    tools::write(options.output, text);
    return 0;
  } catch (const std::exception &error) {
    llvm::errs() << error.what() << "\n";
    return 1;
  }
}
