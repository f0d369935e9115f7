//===- Options.cpp - The command line of tile-bench ----------------*- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Options.h"
#include "../CommandLine.h"
#include "tile/Dialect/Pieces.h"
#include "tile/Error.h"
#include "tile/Pipeline/MachineModel.h"

using namespace tile;
using namespace tile::bench;

const char *const bench::usage = R"(usage: tile-bench [options] FILE

Measures a kernel of a .tile source for every stage count, and says which one to use and why.

  --kernel NAME      the kernel; needed when the source has several
  --shape M=8192,N=… the extents that the kernel's arguments bind, by name
  --stages LIST      the counts to measure: 1..7 (both belong to it), 1,2,4, auto. They are for the
                     parameters that the kernel uses for stages, or, where it has none, for its loops
  -D NAME=V1,V2,…    values of another parameter; all combinations are measured
  --compare A=1,B=2  a second configuration: the first one with these values; they are timed by turns
  --dtype T=bf16     a type that the arguments bind (else bf16 on a GPU, f32 on a processor)
  --layout b=column  the first axis of 'b' has stride 1 (b=row: the last one has, the default)
  --transposed b     the same as --layout b=column
  --scalar s=0.5     the value of a scalar argument (else 1)
  --absent bias      an optional argument isn't passed
  --device NAME      what runs: cpu, cuda, cuda:1 (else the first GPU, or cpu where there is none)
  --target NAME      the machine to plan for: cpu, sm_80, sm_90a, …; without --device it says what runs, too
  --plain            no producer, tensor copies or products of warpgroups on targets that have them
  --teams N          2 has two teams take programs of a product in turn, 1 has all warps share each
  --group-rows N     number programs of a product column by column in groups of so many rows
  --tune [SECONDS]   search the values of what is left open, stage counts too, in so much time (60), and remember
                     the fastest for launches; on all GPUs that are like the device. -D fixes a value
  --rounds N         how often each configuration is timed, in turns (7)
  --seed N           of the random inputs (0)
  --json FILE        write everything that was found, as docs/bench.md describes
  --csv FILE         write the rows
  --report FILE      write a page of HTML: verdict, charts, the schedule, all rows, IR
  --timeline FILE    measure when each copy and product of the recommended configuration was, with a
                     build that writes it down, and write it for chrome://tracing or Perfetto
  --from FILE        measure nothing: write the report of what --json wrote
  --help, --version

Ctrl-C ends it with what has been measured by then.

Exit status: 0; 1 for bad input, or when no configuration could be measured; 2 for bad usage; 130 after Ctrl-C.
)";

namespace {
class Reader {
public:
  Reader(llvm::ArrayRef<char *> words, Options &options) : line("tile-bench", usage, words), options(options) {}

  std::optional<int> parse() {
    return line.parse([&](llvm::StringRef word) { apply(word); },
                      [&] {
                        if (std::string mistake = checkInput(); !mistake.empty())
                          throw Error(mistake);
                      });
  }

private:
  /// What is wrong with the input; empty when nothing is.
  std::string checkInput() const {
    if (options.from.empty())
      return options.input.empty() ? "no input; name a .tile file" : "";
    if (!options.input.empty())
      return "--from measures nothing, so that '" + options.input + "' is one input too many";
    if (options.request.timeline)
      return "--from measures nothing, so that --timeline has nothing to write";
    if (options.request.tune)
      return "--from measures nothing, so that there is nothing to --tune";
    return options.report.empty() ? "--from needs --report FILE" : "";
  }

  void apply(llvm::StringRef word) {
    tuning::Request &request = options.request;
    std::string value;
    if (!word.starts_with("-")) {
      if (!options.input.empty() && !afterTune.empty())
        throw Error("--tune takes seconds, not '" + afterTune.str() + "', which would be one input too many");
      tools::CommandLine::takeInput(word, options.input);
    } else if (line.take(word, "--kernel", value)) {
      request.kernel = value;
    } else if (line.take(word, "--shape", value)) {
      request.problem.shape = tuning::parseShape(value);
    } else if (line.take(word, "--stages", value)) {
      request.stages = tuning::parseStages(value);
    } else if (line.take(word, "-D", value)) {
      request.values.push_back(tuning::parseNamedValues(value, "-D"));
    } else if (line.take(word, "--compare", value)) {
      takeComparison(value);
    } else if (line.take(word, "--dtype", value)) {
      takeType(value);
    } else if (line.take(word, "--layout", value)) {
      takeLayout(value);
    } else if (line.take(word, "--transposed", value)) {
      request.problem.columnMajor.push_back(value);
    } else if (line.take(word, "--scalar", value)) {
      takeScalar(value);
    } else if (line.take(word, "--absent", value)) {
      request.problem.absent.push_back(value);
    } else if (line.take(word, "--device", value)) {
      options.device = value;
    } else if (line.take(word, "--target", value)) {
      options.target = value;
    } else if (word == "--tune") {
      // The number may be left out.
      double seconds;
      bool isNumber = !line.peek().getAsDouble(seconds);
      if (!isNumber && !line.peek().starts_with("-"))
        afterTune = line.peek();
      takeTuning(isNumber ? line.pop() : "60");
    } else if (line.take(word, "--tune", value)) {
      takeTuning(value);
    } else if (line.take(word, "--rounds", value)) {
      constexpr unsigned kMost = 1000000;
      request.rounds = number(value, "--rounds");
      if (request.rounds < 1 || request.rounds > kMost)
        throw Error("--rounds takes a number from 1 to 1000000, not '" + value + "'");
    } else if (word == "--plain") {
      request.overrides.plain = true;
    } else if (line.take(word, "--teams", value)) {
      request.overrides.teams = line.number("--teams", value, ir::kTeams);
    } else if (line.take(word, "--group-rows", value)) {
      request.overrides.groupRows = line.number("--group-rows", value, ir::kMostGroupRows);
    } else if (line.take(word, "--seed", value)) {
      request.problem.seed = number(value, "--seed");
    } else if (line.take(word, "--json", value)) {
      options.json = value;
    } else if (line.take(word, "--csv", value)) {
      options.csv = value;
    } else if (line.take(word, "--report", value)) {
      options.report = value;
    } else if (line.take(word, "--timeline", value)) {
      options.timeline = value;
      request.timeline = true;
    } else if (line.take(word, "--from", value)) {
      options.from = value;
    } else {
      throw Error("unknown option '" + word.str() + "'");
    }
  }

  static unsigned number(llvm::StringRef value, const std::string &option) {
    unsigned result;
    if (value.getAsInteger(10, result))
      throw Error(option + " takes a number, not '" + value.str() + "'");
    return result;
  }

  void takeComparison(llvm::StringRef value) {
    llvm::SmallVector<llvm::StringRef> parts;
    value.split(parts, ',');
    for (llvm::StringRef part : parts)
      options.request.compare.push_back(tuning::parseNamedValues(part, "--compare"));
  }

  void takeType(llvm::StringRef value) {
    auto [name, type] = value.split('=');
    std::optional<DType> found = dtypeOf(type.str());
    if (name.empty() || !found)
      throw Error("--dtype takes NAME=TYPE, such as T=bf16, not '" + value.str() + "'");
    options.request.problem.dtypes.emplace_back(name.str(), *found);
  }

  void takeLayout(llvm::StringRef value) {
    auto [name, layout] = value.split('=');
    if (name.empty() || (layout != "row" && layout != "column"))
      throw Error("--layout takes NAME=row or NAME=column, not '" + value.str() + "'");
    tuning::ProblemOptions &problem = options.request.problem;
    (layout == "column" ? problem.columnMajor : problem.rowMajor).push_back(name.str());
  }

  void takeTuning(llvm::StringRef value) {
    double seconds;
    if (value.getAsDouble(seconds) || !(seconds >= 0))
      throw Error("--tune takes seconds, 0 or more, not '" + value.str() + "'");
    options.request.tune = seconds;
  }

  void takeScalar(llvm::StringRef value) {
    auto [name, text] = value.split('=');
    double scalar;
    if (name.empty() || text.getAsDouble(scalar))
      throw Error("--scalar takes NAME=NUMBER, not '" + value.str() + "'");
    options.request.problem.scalars.emplace_back(name.str(), scalar);
  }

  tools::CommandLine line;
  Options &options;
  /// The word behind --tune that is neither a number nor an option, and so the input, or a mistake.
  llvm::StringRef afterTune;
};
} // namespace

std::optional<int> bench::parse(llvm::ArrayRef<char *> words, Options &options) {
  return Reader(words, options).parse();
}

Device bench::findDevice(Options &options) {
  std::string target = options.target;
  // A device's name says as much.
  bool isDevice = llvm::StringRef(target).starts_with("cuda") || target == "cpu-late";
  if (isDevice || target == "cpu") {
    if (!options.device.empty() && options.device != target && !(target == "cpu" && options.device == "cpu-late"))
      throw Error("--device " + options.device + " and --target " + target + " name different machines");
    return Device::byName(options.device.empty() ? target : options.device);
  }
  if (!target.empty() && !pipeline::MachineModel::find(target))
    throw Error("no target '" + target + "'; there is " + pipeline::MachineModel::names());
  options.request.planFor = target;
  if (!options.device.empty())
    return Device::byName(options.device);
  if (target.empty())
    return Device::best();
  try {
    return Device::cuda();
  } catch (const Error &error) {
    throw Error("no device for target '" + target + "': " + error.diagnostics().front().message);
  }
}
