//===- Choose.cpp - Values for the parameters that are left to the compiler *- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "tile/Runtime/Choose.h"
#include "tile/Language/AST.h"
#include "tile/Pipeline/MachineModel.h"
#include "tile/Pipeline/Pipeline.h"
#include "tile/Runtime/Compiler.h"
#include "tile/Runtime/Facts.h"

#include <llvm/ADT/StringMap.h>

#include <cmath>
#include <numeric>

using namespace tile;
using namespace tile::runtime;

using Values = llvm::SmallVector<lang::ParamValue, 8>;

/// The value that a parameter starts with: what was given, or its default.
static lang::ParamValue startOf(const KernelRef &kernel, size_t index) {
  lang::ParamValue value = index < kernel.params.size() ? kernel.params[index] : lang::ParamValue();
  return value.kind == lang::ParamValue::Unset ? kernel.signature->params[index].defaultValue : value;
}

/// The parameters that the model chooses for.
static llvm::SmallVector<size_t> modelParameters(const KernelRef &kernel) {
  llvm::SmallVector<size_t> open;
  for (auto [index, param] : llvm::enumerate(kernel.signature->params))
    if (startOf(kernel, index).kind == lang::ParamValue::Auto && !param.isStages && !param.isExtent &&
        param.allowed.size() > 1)
      open.push_back(index);
  return open;
}

bool tile::runtime::leavesChoice(const KernelRef &kernel) { return !modelParameters(kernel).empty(); }

llvm::SmallVector<std::size_t> tile::runtime::openParameters(const KernelRef &kernel, const KernelOptions &options) {
  llvm::SmallVector<std::size_t> open;
  for (auto [index, param] : llvm::enumerate(kernel.signature->params))
    if (startOf(kernel, index).kind == lang::ParamValue::Auto && !param.isExtent &&
        (param.isStages ? options.stages == 0 : param.allowed.size() > 1))
      open.push_back(index);
  return open;
}

/// Counts the loops of a block that say their stages, and those that don't.
static void countLoops(const lang::ast::Block &block, unsigned &said, unsigned &open) {
  for (const lang::ast::Stmt *statement : block) {
    if (auto *loop = llvm::dyn_cast<lang::ast::ForStmt>(statement)) {
      ++(loop->stages ? said : open);
      countLoops(loop->body, said, open);
    } else if (auto *loop = llvm::dyn_cast<lang::ast::WhileStmt>(statement)) {
      countLoops(loop->body, said, open);
    } else if (auto *branch = llvm::dyn_cast<lang::ast::IfStmt>(statement)) {
      countLoops(branch->thenBody, said, open);
      countLoops(branch->elseBody, said, open);
    }
  }
}

bool tile::runtime::leavesLoopStages(const KernelRef &kernel, const KernelOptions &options) {
  unsigned said = 0, open = 0;
  countLoops(kernel.signature->kernel->body, said, open);
  return options.stages == 0 && !said && open;
}

bool tile::runtime::leavesAnything(const KernelRef &kernel, const KernelOptions &options) {
  return !openParameters(kernel, options).empty() || leavesLoopStages(kernel, options);
}

std::string tile::runtime::packValues(llvm::ArrayRef<lang::ParamValue> values) {
  std::string text;
  for (lang::ParamValue value : values)
    text += lang::toString(value) + ",";
  return text;
}

std::optional<Values> tile::runtime::unpackValues(llvm::StringRef text, std::size_t count) {
  Values values;
  while (!text.empty()) {
    auto [word, rest] = text.split(',');
    std::optional<lang::ParamValue> value = lang::parseParamValue(word);
    if (!value && word != "unset")
      return std::nullopt;
    values.push_back(value.value_or(lang::ParamValue()));
    text = rest;
  }
  if (values.size() != count)
    return std::nullopt;
  return values;
}

void tile::runtime::setExtents(ir::KernelOp kernel, llvm::ArrayRef<lang::Argument> arguments) {
  llvm::SmallVector<const lang::Argument *> present;
  for (const lang::Argument &argument : arguments)
    if (argument.kind != lang::Argument::Absent)
      present.push_back(&argument);
  mlir::Block &body = kernel.getBody().front();
  if (present.size() != body.getNumArguments())
    return;
  mlir::OpBuilder builder(kernel.getContext());
  kernel.walk([&](mlir::Operation *op) {
    builder.setInsertionPoint(op);
    if (auto extent = llvm::dyn_cast<ir::ExtentOp>(op)) {
      auto view = llvm::dyn_cast<mlir::BlockArgument>(extent.getView());
      if (!view || view.getOwner() != &body)
        return;
      int64_t number = present[view.getArgNumber()]->extents[extent.getAxis()];
      extent.replaceAllUsesWith(mlir::arith::ConstantIndexOp::create(builder, extent.getLoc(), number).getResult());
    }
    llvm::SmallVector<mlir::Value> folded;
    if (llvm::isa_and_nonnull<mlir::arith::ArithDialect>(op->getDialect()) &&
        mlir::succeeded(builder.tryFold(op, folded)))
      op->replaceAllUsesWith(folded);
  });
}

/// How many programs of a grid one of so many cores or multiprocessors runs.
static double shareOf(llvm::ArrayRef<int64_t> grid, int64_t count) {
  double programs = 1;
  for (int64_t extent : grid)
    programs *= static_cast<double>(extent);
  return std::ceil(programs / static_cast<double>(count));
}

/// Beyond so many programs each adds the same.
static constexpr double kFew = 64;

/// Bytes of a view, and 0 of what is none.
static double bytesOf(const lang::Argument &argument) {
  if (argument.kind != lang::Argument::View)
    return 0;
  double bytes = lang::byteWidth(argument.dtype);
  for (int64_t extent : argument.extents)
    bytes *= static_cast<double>(extent);
  return bytes;
}

/// Whether a kernel multiplies tiles.
static bool hasDots(ir::KernelOp kernel) {
  return kernel.walk([](ir::DotOp) { return mlir::WalkResult::interrupt(); }).wasInterrupted();
}

/// How many times a program goes through a view: the loops of the kernel's body, and the loads outside of all, that read it.
static size_t passesOver(mlir::BlockArgument view, ir::KernelOp kernel) {
  llvm::SmallPtrSet<mlir::Operation *, 4> places;
  kernel.walk([&](ir::LoadOp load) {
    if (ir::rootArgument(load.getView()) == view)
      places.insert(kernel.getBody().front().findAncestorOpInBlock(*load));
  });
  return places.size();
}

/// The bytes that a grid moves: those of each view once, but again for each further time that a program goes through one, where the programs
/// that are resident together go through more in the meantime than the cache holds. Rows that were summed are no longer there when they are
/// divided by their sums. Of products, the programs of a neighbourhood share what they read.
static double movedBytes(ir::KernelOp planned, llvm::ArrayRef<int64_t> grid, llvm::ArrayRef<lang::Argument> arguments,
                         const pipeline::MachineModel &model) {
  llvm::SmallVector<double> views;
  for (const lang::Argument &argument : arguments)
    if (argument.kind != lang::Argument::Absent)
      views.push_back(bytesOf(argument));
  double bytes = std::accumulate(views.begin(), views.end(), 0.0);
  mlir::Block &body = planned.getBody().front();
  if (views.size() != body.getNumArguments() || hasDots(planned))
    return bytes;
  int64_t ringBytes = 0;
  planned.walk([&](ir::ForOp loop) { ringBytes += loop.getPlan() ? loop.getPlan()->getSharedBytes() : 0; });
  double share = shareOf(grid, model.count);
  double resident = std::min(share, static_cast<double>(model.residentPrograms(planned, ringBytes)));
  // The cache has two halves, and what multiprocessors of both read is in both.
  constexpr double kHalf = 0.5;
  if (resident / share * bytes <= kHalf * static_cast<double>(model.cacheBytes))
    return bytes;
  for (auto [view, own] : llvm::zip(body.getArguments(), views))
    if (size_t passes = own > 0 ? passesOver(view, planned) : 0; passes > 1)
      bytes += static_cast<double>(passes - 1) * own;
  return bytes;
}

double tile::runtime::gridCycles(ir::KernelOp planned, llvm::ArrayRef<int64_t> grid, int64_t count,
                                 llvm::ArrayRef<lang::Argument> arguments) {
  double share = shareOf(grid, count), few = std::min(share, kFew);
  if (few < 1)
    return 0;
  double cycles = share / few * static_cast<double>(pipeline::predictedCycles(planned, static_cast<int64_t>(few)));
  const pipeline::MachineModel &model = *pipeline::MachineModel::find(*planned.getTarget());
  if (model.memoryBytesPerCycle == 0)
    return cycles;
  double bytes = movedBytes(planned, grid, arguments, model);
  // What the last launch left in the cache is still there if all of it fits.
  double rate = bytes <= static_cast<double>(model.cacheBytes) ? model.copyBytesPerCycle : model.memoryBytesPerCycle;
  double moving = bytes / (rate * static_cast<double>(model.count));
  // The nearer a kernel comes to what memory gives, the longer it waits for it.
  return std::hypot(cycles, moving);
}

double tile::runtime::launchCycles(ir::KernelOp planned, double cycles) {
  const pipeline::MachineModel &model = *pipeline::MachineModel::find(*planned.getTarget());
  return std::max(cycles + static_cast<double>(model.launchCycles), static_cast<double>(model.leastLaunchCycles));
}

namespace {
/// What the model says of some values: the cycles of the whole grid, the stages of the deepest loop, the iterations of the longest, and the
/// programs that are resident together.
struct Prediction {
  double cycles = INFINITY;
  int64_t stages = 1, trips = 1, resident = 1;
  bool multiplies = false;
};

/// Predictions, each computed once, all in one context: making one takes as long as planning a kernel in it.
class Costs {
public:
  Costs(const KernelRef &kernel, llvm::ArrayRef<lang::Argument> arguments, const pipeline::MachineModel &model)
      : kernel(kernel), arguments(arguments), model(model), context(dialects(), mlir::MLIRContext::Threading::DISABLED),
        passes(&context, mlir::ModuleOp::getOperationName()) {
    addPlanningPasses(passes, model.name);
    // The one that is chosen is verified when it is compiled.
    passes.enableVerifier(false);
  }

  double operator()(const Values &values) { return predict(values).cycles; }

  Prediction predict(const Values &values) {
    std::string key;
    for (lang::ParamValue value : values)
      key += lang::toString(value) + ',';
    auto [found, isNew] = known.try_emplace(key);
    if (isNew)
      found->second = compute(values);
    return found->second;
  }

private:
  Prediction compute(const Values &values) {
    lang::Bound bound;
    if (lang::bind(*kernel.signature, values, arguments, bound))
      return {};
    lang::Specialization specialization = specializationOf(kernel, bound, arguments, model.name);
    // That some values can't be is no message to anyone.
    mlir::ScopedDiagnosticHandler silence(&context, [](mlir::Diagnostic &) { return mlir::success(); });
    mlir::OwningOpRef<mlir::ModuleOp> module = lang::emit(context, *kernel.file, specialization);
    if (!module || mlir::failed(passes.run(*module)))
      return {};
    ir::KernelOp planned = *module->getOps<ir::KernelOp>().begin();
    setExtents(planned, arguments);
    Prediction prediction;
    prediction.cycles = gridCycles(planned, bound.grid, model.count, arguments);
    prediction.multiplies = hasDots(planned);
    prediction.resident = std::min(static_cast<int64_t>(std::min(shareOf(bound.grid, model.count), kFew)),
                                   model.residentPrograms(planned));
    planned.walk([&](ir::ForOp loop) {
      prediction.stages = std::max<int64_t>(prediction.stages, loop.getPlan() ? loop.getPlan()->getStages() : 1);
      prediction.trips = std::max(prediction.trips, pipeline::staticTripCount(loop).value_or(INT64_MAX));
    });
    return prediction;
  }

  const KernelRef &kernel;
  llvm::ArrayRef<lang::Argument> arguments;
  const pipeline::MachineModel &model;
  mlir::MLIRContext context;
  mlir::PassManager passes;
  llvm::StringMap<Prediction> known;
};
} // namespace

/// Tries all combinations of values of the open parameters: what is best for one depends on the others.
static Values tryAll(const KernelRef &kernel, llvm::ArrayRef<size_t> open, const Values &first, Costs &costs) {
  Values best = first, candidate = first;
  double least = costs(first);
  size_t combinations = 1;
  for (size_t index : open)
    combinations *= kernel.signature->params[index].allowed.size();
  for (size_t number = 1; number < combinations; ++number) {
    size_t rest = number;
    for (size_t index : open) {
      llvm::ArrayRef<lang::ParamValue> allowed = kernel.signature->params[index].allowed;
      candidate[index] = allowed[rest % allowed.size()];
      rest /= allowed.size();
    }
    if (double cost = costs(candidate); cost < least) {
      least = cost;
      best = candidate;
    }
  }
  return best;
}

/// Changes one parameter at a time. One may be worth more once another has grown; a few rounds are what that takes.
static Values descend(const KernelRef &kernel, llvm::ArrayRef<size_t> open, Values values, Costs &costs) {
  double least = costs(values);
  constexpr unsigned kRounds = 3;
  for (unsigned round = 0; round < kRounds; ++round) {
    double before = least;
    for (size_t index : open)
      for (lang::ParamValue value : kernel.signature->params[index].allowed) {
        Values candidate = values;
        candidate[index] = value;
        if (double cost = costs(candidate); cost < least) {
          least = cost;
          values = candidate;
        }
      }
    if (!(least < before))
      break;
  }
  return values;
}

/// Other stages than the planner would choose, who sees one program: the fewest that cost nothing. Programs that are resident together
/// hide each other's latency; where there are few that only move bytes, more of them should be under way than the cache's latency asks for.
/// More slots than a loop has iterations hide nothing, and asking whether there is one for each takes time: with 2 iterations of a
/// softmax, 3 to 6 stages are a tenth slower than 2.
static void chooseStages(const KernelRef &kernel, Values &values, Costs &costs) {
  const Prediction planned = costs.predict(values);
  if (planned.multiplies && planned.resident <= 1)
    return;
  // The model is no better than this, where it is not products that decide.
  const double slack = planned.multiplies ? 1 : 1.02;
  for (auto [index, param] : llvm::enumerate(kernel.signature->params)) {
    if (!param.isStages || startOf(kernel, index).kind != lang::ParamValue::Auto)
      continue;
    llvm::SmallVector<Values, 8> candidates;
    double least = planned.multiplies ? planned.cycles : INFINITY;
    constexpr int64_t kMost = 7;
    int64_t most = planned.multiplies ? planned.stages - 1 : std::clamp<int64_t>(planned.trips, 2, kMost);
    for (int64_t stages = 2; stages <= most; ++stages) {
      Values candidate = values;
      candidate[index] = lang::ParamValue::integer(stages);
      if (!llvm::is_contained(param.allowed, candidate[index]))
        continue;
      least = std::min(least, costs(candidate));
      candidates.push_back(std::move(candidate));
    }
    const auto *found =
        llvm::find_if(candidates, [&](const Values &candidate) { return costs(candidate) <= slack * least; });
    if (found != candidates.end()) {
      values = *found;
      return;
    }
  }
}

Values tile::runtime::chooseParameters(const KernelRef &kernel, llvm::ArrayRef<lang::Argument> arguments,
                                       llvm::StringRef target) {
  Values values(kernel.params);
  values.resize(kernel.signature->params.size());
  llvm::SmallVector<size_t> open = modelParameters(kernel);
  for (size_t index : open)
    values[index] = kernel.signature->params[index].allowed.front();
  const pipeline::MachineModel *model = pipeline::MachineModel::find(target);
  if (!model || model->count <= 1)
    return values;
  Costs costs(kernel, arguments, *model);
  constexpr size_t kFewCombinations = 64;
  size_t combinations = 1;
  for (size_t index : open)
    combinations = std::min(combinations * kernel.signature->params[index].allowed.size(), kFewCombinations + 1);
  values =
      combinations <= kFewCombinations ? tryAll(kernel, open, values, costs) : descend(kernel, open, values, costs);
  chooseStages(kernel, values, costs);
  return values;
}

std::string tile::runtime::choiceKey(const KernelRef &kernel, llvm::ArrayRef<lang::Argument> arguments,
                                     llvm::StringRef target, bool exactly) {
  std::string key = (kernel.signature->name + "|" + target + (exactly ? "|exactly" : "")).str();
  key += '|' + lang::toString(kernel.overrides);
  for (std::size_t index = 0; index < kernel.signature->params.size(); ++index)
    key += ',' + lang::toString(startOf(kernel, index));
  for (const lang::Argument &argument : arguments) {
    key += '|' + std::to_string(argument.kind) + ':' + std::to_string(static_cast<int>(argument.dtype));
    if (std::optional<lang::Facts> facts = lang::factsOf(argument, hasTensorMaps(target)))
      key += ':' + std::to_string(facts->unitAxis) + ':' + std::to_string(facts->align) + ':' +
             std::to_string(facts->extentAlign) + ':' + std::to_string(facts->tensorMap);
    for (int64_t extent : argument.extents)
      key += ':' + std::to_string(exactly ? extent : extent == 0 ? 0 : 1 + llvm::Log2_64(extent));
    if (exactly && argument.kind == lang::Argument::Scalar)
      key += ':' + std::to_string(argument.bits);
  }
  return key;
}
