//===- Configurations.cpp - Which configurations of a kernel are measured *- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Configurations.h"
#include "tile/Error.h"
#include "tile/Language/Names.h"
#include "tile/Runtime/Compiler.h"

using namespace tile;
using namespace tile::tuning;

runtime::KernelRef tuning::findKernel(const Request &request) {
  mlir::MLIRContext context(mlir::MLIRContext::Threading::DISABLED);
  DiagnosticCollector diagnostics(&context);
  std::shared_ptr<const lang::File> file = lang::File::parse(context, request.text, request.source);
  if (!file || diagnostics.hasErrors()) {
    Sources sources;
    sources[request.source] = request.text;
    sources[lang::preludeName()] = lang::preludeText().str();
    diagnostics.raise(sources, "the source is malformed");
  }
  llvm::SmallVector<llvm::StringRef> names;
  std::string list;
  for (const lang::KernelSignature &each : file->kernels()) {
    names.push_back(each.name);
    list += (list.empty() ? "'" : ", '") + each.name + "'";
  }
  if (names.empty())
    throw Error("'" + request.source + "' has no kernel");
  if (request.kernel.empty() && names.size() > 1)
    throw Error("'" + request.source + "' has several kernels, name one with --kernel: " + list);
  runtime::KernelRef kernel;
  kernel.signature = request.kernel.empty() ? file->kernels().begin() : file->find(request.kernel);
  if (!kernel.signature) {
    std::string hint = lang::didYouMean(request.kernel, names);
    throw Error("no kernel '" + request.kernel + "' in '" + request.source + "'; " +
                (hint.empty() ? "there is " + list : hint));
  }
  kernel.file = std::move(file);
  return kernel;
}

llvm::SmallVector<unsigned> tuning::stageParameters(const lang::KernelSignature &signature, const Request &request) {
  llvm::SmallVector<unsigned> open;
  for (auto [index, param] : llvm::enumerate(signature.params)) {
    if (!param.isStages)
      continue;
    bool isGiven = llvm::any_of(request.values, [&](const NamedValues &each) { return each.name == param.name; });
    if (!isGiven)
      open.push_back(index);
    else if (!request.stages.empty())
      throw Error("--stages and -D " + param.name + " both say the stages of kernel '" + signature.name + "'");
  }
  return open;
}

/// Sets a parameter as the option says. Throws for a name or a value that the kernel doesn't have.
static void set(const std::string &option, const lang::KernelSignature &signature, const std::string &name,
                const std::string &value, llvm::SmallVectorImpl<lang::ParamValue> &params) {
  std::string text = name + "=" + value;
  lang::Specialization parsed;
  if (std::optional<std::string> wrong = lang::define(signature, text, parsed))
    throw Error(option + " " + text + ": " + *wrong);
  int index = signature.findParam(name);
  lang::ParamValue result = parsed.params[static_cast<unsigned>(index)];
  if (std::optional<lang::BindError> wrong = lang::checkParam(signature.params[static_cast<unsigned>(index)], result))
    throw Error(option + " " + text + ": " + wrong->message);
  params[static_cast<unsigned>(index)] = result;
}

std::vector<Configuration> tuning::listConfigurations(const lang::KernelSignature &signature, const Request &request) {
  std::vector<Configuration> all(1);
  all.front().params.resize(signature.params.size());
  for (std::size_t i = 0; i < request.values.size(); ++i) {
    const NamedValues &named = request.values[i];
    for (std::size_t j = 0; j < i; ++j)
      if (request.values[j].name == named.name)
        throw Error("-D says '" + named.name + "' twice; several values stand in one, with commas between them");
    std::vector<Configuration> more;
    for (const Configuration &each : all)
      for (const std::string &value : named.values) {
        more.push_back(each);
        set("-D", signature, named.name, value, more.back().params);
      }
    all = std::move(more);
  }
  for (auto [index, each] : llvm::enumerate(all))
    each.group = static_cast<unsigned>(index);
  llvm::SmallVector<unsigned> open = stageParameters(signature, request);
  if (!request.stages.empty()) {
    std::vector<Configuration> more;
    for (const Configuration &each : all)
      for (std::int64_t stages : request.stages) {
        more.push_back(each);
        more.back().stages = stages;
        more.back().ofLoops = open.empty();
        for (unsigned index : open)
          more.back().params[index] =
              stages == kAutoStages ? lang::ParamValue::automatic() : lang::ParamValue::integer(stages);
      }
    all = std::move(more);
  }
  if (!request.compare.empty()) {
    if (all.size() != 1)
      throw Error("--compare sets a second configuration beside a first one, and -D and --stages make " +
                  std::to_string(all.size()) + " of them");
    all.push_back(all.front());
    all.back().group = 1;
    for (const NamedValues &named : request.compare) {
      if (named.values.size() != 1)
        throw Error("--compare takes one value for '" + named.name + "'");
      set("--compare", signature, named.name, named.values.front(), all.back().params);
    }
  }
  // A count may have been given as a parameter's value.
  for (Configuration &each : all)
    for (auto [param, value] : llvm::zip(signature.params, each.params))
      if (param.isStages && value.kind == lang::ParamValue::Int)
        each.stages = value.value;
  return all;
}

Configuration tuning::unpipelined(const lang::KernelSignature &signature, Configuration configuration) {
  bool any = false;
  for (auto [index, param] : llvm::enumerate(signature.params))
    if (param.isStages) {
      configuration.params[index] = lang::ParamValue::integer(1);
      any = true;
    }
  configuration.stages = 1;
  configuration.ofLoops = !any;
  return configuration;
}
