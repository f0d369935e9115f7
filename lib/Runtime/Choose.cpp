//===- Choose.cpp - Values for the parameters that are left to the compiler *- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "tile/Runtime/Choose.h"
#include "tile/Pipeline/MachineModel.h"
#include "tile/Pipeline/Pipeline.h"
#include "tile/Runtime/Compiler.h"
#include "tile/Runtime/Facts.h"

#include <llvm/ADT/StringMap.h>

#include <cmath>

using namespace tile;
using namespace tile::runtime;

using Values = llvm::SmallVector<lang::ParamValue, 8>;

/// The value that a parameter starts with: what was given, or its default.
static lang::ParamValue startOf(const KernelRef &kernel, size_t index) {
  lang::ParamValue value = index < kernel.params.size() ? kernel.params[index] : lang::ParamValue();
  return value.kind == lang::ParamValue::Unset ? kernel.signature->params[index].defaultValue : value;
}

/// The parameters that there is something to choose for.
static llvm::SmallVector<size_t> openParameters(const KernelRef &kernel) {
  llvm::SmallVector<size_t> open;
  for (auto [index, param] : llvm::enumerate(kernel.signature->params))
    if (startOf(kernel, index).kind == lang::ParamValue::Auto && !param.isStages && !param.isExtent &&
        param.allowed.size() > 1)
      open.push_back(index);
  return open;
}

bool tile::runtime::leavesChoice(const KernelRef &kernel) { return !openParameters(kernel).empty(); }

namespace {
/// The cycles of the whole grid for some values, each computed once.
class Costs {
public:
  Costs(const KernelRef &kernel, llvm::ArrayRef<lang::Argument> arguments, const pipeline::MachineModel &model)
      : kernel(kernel), arguments(arguments), model(model) {}

  double operator()(const Values &values) {
    std::string key;
    for (lang::ParamValue value : values)
      key += lang::toString(value) + ',';
    auto [found, isNew] = known.try_emplace(key, 0);
    if (isNew)
      found->second = compute(values);
    return found->second;
  }

private:
  double compute(const Values &values) const {
    lang::Bound bound;
    if (lang::bind(*kernel.signature, values, arguments, bound))
      return INFINITY;
    lang::Specialization specialization =
        lang::specialize(*kernel.signature, bound, arguments, /*checked=*/false, hasTensorMaps(model.name));
    // With the extents known, so are the trip counts.
    for (auto [index, extent] : llvm::enumerate(bound.extents))
      if (extent >= 0)
        specialization.extents[index] = extent;
    Compilation compilation(*kernel.file, specialization, model.name.str());
    if (!compilation.runTo(Stage::Planned))
      return INFINITY;
    double programs = 1;
    for (int64_t extent : bound.grid)
      programs *= static_cast<double>(extent);
    return std::ceil(programs / static_cast<double>(model.count)) *
           static_cast<double>(pipeline::predictedCycles(compilation.kernel()));
  }

  const KernelRef &kernel;
  llvm::ArrayRef<lang::Argument> arguments;
  const pipeline::MachineModel &model;
  llvm::StringMap<double> known;
};
} // namespace

Values tile::runtime::chooseParameters(const KernelRef &kernel, llvm::ArrayRef<lang::Argument> arguments,
                                       llvm::StringRef target) {
  Values values(kernel.params);
  values.resize(kernel.signature->params.size());
  llvm::SmallVector<size_t> open = openParameters(kernel);
  for (size_t index : open)
    values[index] = kernel.signature->params[index].allowed.front();
  const pipeline::MachineModel *model = pipeline::MachineModel::find(target);
  if (!model || model->count <= 1)
    return values;
  Costs costs(kernel, arguments, *model);
  double least = costs(values);
  // A parameter may be worth more once another has grown; two rounds are what it takes for the tiles of a product.
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

std::string tile::runtime::choiceKey(const KernelRef &kernel, llvm::ArrayRef<lang::Argument> arguments,
                                     llvm::StringRef target, bool exactly) {
  std::string key = (kernel.signature->name + "|" + target + (exactly ? "|exactly" : "")).str();
  for (lang::ParamValue value : kernel.params)
    key += ',' + lang::toString(value);
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
