//===- BenchCode.cpp - The code of configurations, and what the model says --*- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// \file
/// Each configuration is compiled, and asked of the model; what fails is a row that says why.
///
//===----------------------------------------------------------------------===//

#include "BenchRun.h"
#include "Failures.h"
#include "tile/Error.h"
#include "tile/Pipeline/MachineModel.h"
#include "tile/Runtime/Call.h"
#include "tile/Runtime/Choose.h"
#include "tile/Tuning/Machine.h"
#include "tile/Tuning/Work.h"

using namespace tile;
using namespace tile::tuning;

void Run::addRow(Configuration configuration) {
  Row row;
  for (auto [param, value] : llvm::zip(kernel.signature->params, configuration.params))
    row.parameters.emplace_back(param.name, lang::toString(value));
  row.isAuto = configuration.stages == kAutoStages;
  row.stages = std::max<std::int64_t>(1, configuration.stages);
  Candidate candidate{std::move(configuration), std::nullopt, 1};
  if (stop) {
    fail(row, "interrupted before it was compiled");
  } else {
    try {
      prepare(candidate, row);
    } catch (const std::exception &error) {
      candidate.code.reset();
      fail(row, lineOf(error));
    }
  }
  candidates.push_back(std::move(candidate));
  found.rows.push_back(std::move(row));
}

void Run::fail(Row &row, std::string reason) {
  row.status = isAboutRoom(reason) ? Row::Status::DoesNotFit : Row::Status::Failed;
  row.reason = std::move(reason);
  row.samples.clear();
}

Kernel Run::kernelOf(const Configuration &configuration) const {
  Parameters parameters;
  for (auto [param, value] : llvm::zip(kernel.signature->params, configuration.params))
    if (value.kind != lang::ParamValue::Unset)
      parameters.emplace(param.name, lang::toString(value));
  KernelOptions options;
  options.planFor = request.planFor;
  options.stages = configuration.loopStages();
  options.useTuning = false;
  options.plain = request.overrides.plain;
  options.teams = request.overrides.teams;
  options.groupRows = request.overrides.groupRows;
  return program.kernel(kernel.signature->name, parameters, options);
}

Prepared Run::codeOf(const Configuration &configuration) {
  return kernelOf(configuration).prepareWith(request.device, problem->arguments());
}

void Run::prepare(Candidate &candidate, Row &row) {
  const Configuration &configuration = candidate.configuration;
  for (auto [param, value] : llvm::zip(kernel.signature->params, configuration.params))
    if (std::optional<lang::BindError> wrong = lang::checkParam(param, value)) {
      fail(row, wrong->message);
      if (param.isStages)
        row.status = Row::Status::DoesNotFit;
      return;
    }
  askModel(configuration, row);
  candidate.code = codeOf(configuration);
  row.report = candidate.code->report();
  row.parameters.assign(row.report.parameters.begin(), row.report.parameters.end());
  std::int64_t deepest = 1;
  for (const LoopReport &loop : row.report.loops)
    deepest = std::max(deepest, loop.stages);
  if (row.isAuto)
    row.stages = deepest;
  row.isAuto &= !row.report.loops.empty();
}

std::unique_ptr<runtime::Compilation> Run::compilationOf(const Configuration &configuration,
                                                         std::array<std::int64_t, 3> &grid) const {
  lang::Bound bound;
  if (std::optional<lang::BindError> wrong = lang::bind(*kernel.signature, configuration.params, arguments(), bound))
    throw Error(wrong->message);
  grid = bound.grid;
  lang::Specialization specialization = runtime::specializationOf(kernel, bound, arguments(), target,
                                                                  /*checked=*/false, configuration.loopStages());
  return std::make_unique<runtime::Compilation>(*kernel.file, std::move(specialization), target);
}

void Run::askModel(const Configuration &configuration, Row &row) {
  std::array<std::int64_t, 3> grid;
  std::unique_ptr<runtime::Compilation> compilation = compilationOf(configuration, grid);
  if (!compilation->runTo(runtime::Stage::Tile))
    return;
  countWork(compilation->kernel(), grid);
  if (!compilation->runTo(runtime::Stage::Planned))
    return;
  const Machine &machine = found.machine;
  bool isOwn = (target == "cpu") == (request.device.context() == nullptr);
  if (!isOwn || machine.clock <= 0)
    return;
  runtime::setExtents(compilation->kernel(), arguments());
  ir::KernelOp planned = compilation->kernel();
  double cycles = runtime::gridCycles(planned, grid, machine.count, arguments());
  row.predicted = runtime::launchCycles(planned, cycles) / machine.clock;
}

void Run::countWork(ir::KernelOp written, const std::array<std::int64_t, 3> &grid) {
  mlir::OwningOpRef<mlir::Operation *> copy = written->getParentOp()->clone();
  ir::KernelOp counted = *llvm::cast<mlir::ModuleOp>(*copy).getOps<ir::KernelOp>().begin();
  runtime::setExtents(counted, arguments());
  OperationCount count = countOperations(counted);
  double programs = static_cast<double>(grid[0]) * static_cast<double>(grid[1]) * static_cast<double>(grid[2]);
  double flops = count.total() * programs;
  if (!count.isKnown || (found.work.flops && *found.work.flops <= flops))
    return;
  found.work.flops = flops;
  Machine ofDevice = found.machine;
  ofDevice.target = request.device.target();
  found.work.computeSeconds = count.leastSeconds(peaksOf(ofDevice), programs);
}
