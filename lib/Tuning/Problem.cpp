//===- Problem.cpp - Which arguments a kernel is called with -------*- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "tile/Tuning/Problem.h"
#include "tile/Error.h"
#include "tile/Language/HostEval.h"
#include "tile/Language/Names.h"
#include "tile/Language/Signature.h"

#include <llvm/Support/MathExtras.h>

#include <set>

using namespace tile;
using namespace tile::tuning;

static std::string quoted(llvm::ArrayRef<llvm::StringRef> names) {
  std::string text;
  for (llvm::StringRef name : names)
    text += (text.empty() ? "'" : ", '") + name.str() + "'";
  return text;
}

/// Throws unless a kernel has such a name.
static void checkName(llvm::StringRef name, llvm::ArrayRef<llvm::StringRef> known, const std::string &what,
                      const lang::KernelSignature &signature) {
  if (llvm::is_contained(known, name))
    return;
  std::string hint = lang::didYouMean(name, known);
  throw Error("kernel '" + signature.name + "' has no " + what + " '" + name.str() + "'" +
              (!hint.empty()    ? "; " + hint
               : !known.empty() ? "; it has " + quoted(known)
                                : std::string()));
}

namespace {
/// Everything that the options name is there.
class Names {
public:
  explicit Names(const lang::KernelSignature &signature) : signature(signature) {
    for (const std::string &name : signature.extentNames)
      extents.push_back(name);
    for (const std::string &name : signature.dtypeNames)
      types.push_back(name);
    for (const lang::ArgumentSignature &argument : signature.arguments)
      (argument.isView ? views : scalars).push_back(argument.name);
    for (const lang::ArgumentSignature &argument : signature.arguments)
      if (argument.optional)
        optional.push_back(argument.name);
  }

  void check(const ProblemOptions &options) const {
    for (const NamedExtent &each : options.shape)
      checkName(each.name, extents, "extent", signature);
    for (auto &[name, type] : options.dtypes)
      checkName(name, types, "type", signature);
    for (const std::string &name : options.rowMajor)
      checkName(name, views, "view", signature);
    for (const std::string &name : options.columnMajor) {
      checkName(name, views, "view", signature);
      if (llvm::is_contained(options.rowMajor, name))
        throw Error("the layout of '" + name + "' is said to be row and column");
    }
    for (const std::string &name : options.absent)
      checkName(name, optional, "optional argument", signature);
    for (auto &[name, value] : options.scalars)
      checkName(name, scalars, "scalar argument", signature);
  }

private:
  const lang::KernelSignature &signature;
  llvm::SmallVector<llvm::StringRef> extents, types, views, scalars, optional;
};
} // namespace

/// The value for a name in a list of pairs, or nothing.
template <typename T>
static std::optional<T> valueFor(const std::vector<std::pair<std::string, T>> &list, llvm::StringRef name) {
  for (auto &[known, value] : list)
    if (known == name)
      return value;
  return std::nullopt;
}

static DType typeOf(const lang::ArgumentSignature &argument, const lang::KernelSignature &signature,
                    llvm::ArrayRef<lang::ParamValue> params, const ProblemOptions &options) {
  auto convert = [](lang::DType type) { return *dtypeOf(lang::dtypeName(type).str()); };
  if (argument.dtype)
    return convert(*argument.dtype);
  if (int param = signature.findParam(argument.dtypeName); param >= 0 && params[param].kind == lang::ParamValue::Type)
    return convert(params[param].asDType());
  return valueFor(options.dtypes, argument.dtypeName).value_or(options.otherType);
}

std::vector<ArgumentPlan> tuning::planArguments(const lang::KernelSignature &signature,
                                                llvm::ArrayRef<lang::ParamValue> params,
                                                const ProblemOptions &options) {
  Names(signature).check(options);
  std::set<std::string> missing;
  auto lookup = [&](llvm::StringRef name) -> std::optional<lang::Const> {
    for (const NamedExtent &each : options.shape)
      if (each.name == name)
        return lang::Const::ofInt(each.extent);
    if (int param = signature.findParam(name); param >= 0)
      if (std::optional<lang::Const> value = lang::toConst(params[param]))
        return value;
    if (signature.findExtentName(name) >= 0)
      missing.insert(name.str());
    return std::nullopt;
  };
  std::vector<ArgumentPlan> plan;
  for (auto [index, argument] : llvm::enumerate(signature.arguments)) {
    ArgumentPlan each;
    each.name = argument.name;
    each.isView = argument.isView;
    each.access = argument.access;
    each.present = !llvm::is_contained(options.absent, argument.name);
    each.type = typeOf(argument, signature, params, options);
    each.scalar = valueFor(options.scalars, argument.name).value_or(1);
    if (each.isView && each.present) {
      lang::HostEval evaluate(*signature.file, lookup);
      for (const lang::ast::Expr *expression : signature.kernel->arguments[index].extents) {
        std::optional<lang::WideInt> extent = evaluate.evaluateInt(expression);
        if (!extent && missing.empty())
          throw Error("an extent of '" + argument.name + "' can't be computed: " + evaluate.error.message);
        if (extent && (*extent < 1 || *extent > INT32_MAX))
          throw Error("an extent of '" + argument.name + "' is " + lang::toString(*extent) +
                      "; it has to be from 1 to 2^31 - 1");
        each.extents.push_back(static_cast<std::int64_t>(extent.value_or(0)));
      }
      each.strides.resize(each.extents.size());
      bool columns = llvm::is_contained(options.columnMajor, argument.name);
      std::int64_t stride = 1;
      for (std::size_t i = 0; i < each.extents.size(); ++i) {
        std::size_t axis = columns ? i : each.extents.size() - 1 - i;
        each.strides[axis] = stride;
        if (llvm::MulOverflow(stride, each.extents[axis], stride))
          throw Error("'" + argument.name + "' has more than 2^63 - 1 elements");
      }
    }
    plan.push_back(std::move(each));
  }
  if (!missing.empty()) {
    std::string names;
    for (const std::string &name : missing)
      names += (names.empty() ? "" : ",") + name + "=…";
    throw Error("kernel '" + signature.name + "' needs extents: --shape " + names);
  }
  return plan;
}

std::int64_t ArgumentPlan::elements() const {
  std::int64_t product = 1;
  for (std::int64_t extent : extents)
    product *= extent;
  return product;
}

std::string tuning::describe(const ArgumentPlan &argument) {
  if (!argument.present)
    return argument.name + ": absent";
  std::string text = argument.name + ": " + nameOf(argument.type);
  if (!argument.isView)
    return text;
  auto list = [](const std::vector<std::int64_t> &values) {
    return llvm::join(llvm::map_range(values, [](std::int64_t value) { return std::to_string(value); }), ", ");
  };
  text += "[" + list(argument.extents) + "]";
  if (argument.strides.size() > 1 && argument.strides.back() != 1)
    text += ", strides " + list(argument.strides);
  return text;
}
