//===- Program.cpp - Sources, kernels and their specialisations ---*- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "tile/Program.h"
#include "tile/Dialect/Pieces.h"
#include "tile/Dialect/Stages.h"
#include "tile/Error.h"
#include "tile/Pipeline/MachineModel.h"
#include "tile/Runtime/Choose.h"
#include "tile/Runtime/Compiler.h"
#include "tile/Runtime/KernelImpl.h"

#include <llvm/Support/Errc.h>
#include <llvm/Support/MemoryBuffer.h>

namespace tile {

struct Program::Impl {
  std::shared_ptr<const lang::File> file;
  std::shared_ptr<runtime::Cache> cache = std::make_shared<runtime::Cache>();
};

Program::Program(std::shared_ptr<const Impl> impl) : impl(std::move(impl)) {}

Program Program::fromString(std::string_view source, std::string_view name) {
  mlir::MLIRContext context(mlir::MLIRContext::Threading::DISABLED);
  DiagnosticCollector diagnostics(&context);
  auto impl = std::make_shared<Impl>();
  impl->file = lang::File::parse(context, source, name);
  if (!impl->file || diagnostics.hasErrors()) {
    Sources sources;
    sources[name] = std::string(source);
    sources[lang::preludeName()] = lang::preludeText().str();
    diagnostics.raise(sources, "the source is malformed");
  }
  return Program(std::move(impl));
}

Program Program::fromFile(const std::filesystem::path &path) {
  auto buffer = llvm::MemoryBuffer::getFile(path.string(), /*IsText=*/false, /*RequiresNullTerminator=*/false);
  if (!buffer)
    throw Error("cannot read '" + path.string() + "': " + buffer.getError().message());
  return fromString((*buffer)->getBuffer(), path.string());
}

std::vector<std::string> Program::kernels() const {
  std::vector<std::string> names;
  for (const lang::KernelSignature &signature : impl->file->kernels())
    names.push_back(signature.name);
  return names;
}

/// "'a', 'b'" of the names of a list.
template <typename List>
static std::string quoted(const List &list) {
  std::string text;
  for (const auto &element : list)
    text += (text.empty() ? "'" : ", '") + element.name + "'";
  return text;
}

Kernel Program::kernel(std::string_view name, const Parameters &parameters, const KernelOptions &options) const {
  const lang::KernelSignature *signature = impl->file->find(name);
  if (!signature)
    throw Error("no kernel '" + std::string(name) + "' in '" + impl->file->name().str() + "'" +
                (impl->file->kernels().empty() ? "" : "; there is " + quoted(impl->file->kernels())));
  if (!options.planFor.empty() && !pipeline::MachineModel::find(options.planFor))
    throw Error("no target '" + options.planFor + "'; there is " + pipeline::MachineModel::names());
  if (options.stages < 0 || options.stages > ir::kMostStages)
    throw Error("a loop has from 1 to " + std::to_string(ir::kMostStages) + " stages, not " +
                std::to_string(options.stages));
  if (options.teams < 0 || options.teams > ir::kTeams)
    throw Error("a kernel has 1 or 2 teams, not " + std::to_string(options.teams));
  if (options.groupRows < 0 || options.groupRows > ir::kMostGroupRows)
    throw Error("a group has from 1 to " + std::to_string(ir::kMostGroupRows) + " rows of programs, not " +
                std::to_string(options.groupRows));

  lang::Specialization specialization;
  for (const auto &[key, parameter] : parameters) {
    std::string text = key + "=";
    if (auto *integer = std::get_if<std::int64_t>(&parameter.get()))
      text += std::to_string(*integer);
    else if (auto *boolean = std::get_if<bool>(&parameter.get()))
      text += *boolean ? "true" : "false";
    else
      text += std::get<std::string>(parameter.get());
    if (std::optional<std::string> error = lang::define(*signature, text, specialization))
      runtime::raise(*impl->file, signature->position, *error);
  }
  for (auto [param, value] : llvm::zip(signature->params, specialization.params))
    if (std::optional<lang::BindError> error = lang::checkParam(param, value))
      runtime::raise(*impl->file, *error);
  auto result = std::make_shared<Kernel::Impl>();
  result->kernel.file = impl->file;
  result->kernel.signature = signature;
  result->kernel.params.assign(specialization.params.begin(), specialization.params.end());
  result->kernel.overrides = {options.plain, options.teams, options.groupRows};
  result->options = options;
  if (runtime::leavesAnything(result->kernel, options))
    result->kernel.chosenBy = "model";
  result->cache = impl->cache;
  return Kernel(std::move(result));
}

} // namespace tile
