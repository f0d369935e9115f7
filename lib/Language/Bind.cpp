//===- Bind.cpp - The arguments of a launch against a signature - -*- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "tile/Language/Signature.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/Twine.h"

using namespace tile::lang;
using namespace tile::lang::ast;
using llvm::ArrayRef;
using llvm::dyn_cast;
using llvm::StringRef;
using llvm::Twine;

std::optional<Const> tile::lang::toConst(ParamValue value) {
  switch (value.kind) {
  case ParamValue::Int:
    return Const::ofInt(value.value);
  case ParamValue::Bool:
    return Const::ofBool(value.value);
  case ParamValue::Type:
    return Const::ofType(value.asDType());
  default:
    return std::nullopt;
  }
}

static BindError makeError(Position position, const Twine &message, const Twine &note = {},
                           Position notePosition = {}) {
  return {message.str(), position, note.str(), notePosition};
}

//===----------------------------------------------------------------------===//
// Parameters
//===----------------------------------------------------------------------===//

/// "64, 128, 256", cut short when there are many.
static std::string listed(ArrayRef<ParamValue> values) {
  std::string text;
  for (auto [i, value] : llvm::enumerate(values)) {
    if (i == 16)
      return text + ", …";
    text += (i ? ", " : "") + toString(value);
  }
  return text;
}

std::optional<BindError> tile::lang::checkParam(const ParamSignature &param, ParamValue value) {
  if (value.kind == ParamValue::Auto || value.kind == ParamValue::Unset)
    return std::nullopt;
  static constexpr StringRef kinds[] = {"an integer", "'true' or 'false'", "a dtype"};
  if (value.kind != ParamValue::Kind(unsigned(ParamValue::Int) + unsigned(param.kind)))
    return makeError(param.position,
                     "'" + param.name + "' takes " + kinds[unsigned(param.kind)] + ", not '" + toString(value) + "'");
  if (!param.allowed.empty() && !llvm::is_contained(param.allowed, value))
    return makeError(param.position,
                     "'" + param.name + "' can't be " + toString(value) + "; its values are " + listed(param.allowed));
  return std::nullopt;
}

/// The value that a computed default gives.
static std::optional<BindError> computeParam(const ParamSignature &param, const Expr *expr, HostEval &eval,
                                             ParamValue &value) {
  std::optional<Const> computed = eval.evaluate(expr);
  if (!computed)
    return eval.error;
  if (computed->isInt() && fitsIn(computed->integer, DType::I64))
    value = ParamValue::integer(static_cast<int64_t>(computed->integer));
  else if (computed->isBool())
    value = ParamValue::boolean(computed->asBool());
  else if (computed->isType())
    value = ParamValue::dtype(computed->dtype);
  else
    return makeError(expr->position, "'" + toString(*computed) + "' is no value for '" + param.name + "'");
  return std::nullopt;
}

std::optional<BindError> tile::lang::resolveParams(const KernelSignature &signature, ArrayRef<ParamValue> given,
                                                   ArrayRef<int64_t> extents, HostEval::Lookup others,
                                                   llvm::SmallVectorImpl<ParamValue> &params) {
  params.assign(signature.params.size(), {});
  auto lookup = [&](StringRef name) -> std::optional<Const> {
    if (int param = signature.findParam(name); param >= 0 && params[param].kind > ParamValue::Auto)
      return toConst(params[param]);
    if (int extent = signature.findExtentName(name); extent >= 0 && extents[extent] >= 0)
      return Const::ofInt(extents[extent]);
    return others(name);
  };
  HostEval eval(*signature.file, lookup);
  for (auto [i, param] : llvm::enumerate(signature.params)) {
    ParamValue value = i < given.size() ? given[i] : ParamValue();
    if (param.isExtent) {
      int64_t extent = extents[signature.findExtentName(param.name)];
      if (extent >= 0 && value.kind == ParamValue::Int && value.value != extent)
        return makeError(param.position,
                         "'" + param.name + "' is " + Twine(extent) + " in the arguments, not " + Twine(value.value));
      if (extent >= 0 && value.kind <= ParamValue::Auto)
        value = ParamValue::integer(extent);
    }
    if (value.kind == ParamValue::Unset && param.computed) {
      if (std::optional<BindError> error = computeParam(param, signature.kernel->params[i].defaultValue, eval, value))
        return error;
    } else if (value.kind == ParamValue::Unset) {
      value = param.defaultValue;
    }
    if (value.kind == ParamValue::Auto && !param.isStages) {
      if (param.allowed.empty())
        return makeError(param.position, "'auto' has nothing to choose from for '" + param.name + "'");
      value = param.allowed.front();
    }
    if (value.kind == ParamValue::Unset)
      return makeError(param.position, "parameter '" + param.name + "' has no value and no default");
    if (std::optional<BindError> error = checkParam(param, value))
      return error;
    params[i] = value;
  }
  return std::nullopt;
}

//===----------------------------------------------------------------------===//
// Arguments
//===----------------------------------------------------------------------===//

namespace {
class Binder {
public:
  Binder(const KernelSignature &signature, ArrayRef<ParamValue> given, ArrayRef<Argument> arguments, Bound &bound)
      : signature(signature), kernel(*signature.kernel), given(given), arguments(arguments), bound(bound) {}

  std::optional<BindError> run();

private:
  using Result = std::optional<BindError>;
  Result checkKind(unsigned i);
  Result checkView(unsigned i);
  Result bindExtents(unsigned i);
  Result bindDType(unsigned i);
  Result checkExtents(unsigned i, HostEval &eval);
  Result checkRequirements(HostEval &eval);
  Result bindGrid(HostEval &eval);
  std::optional<Const> lookup(StringRef name) const;
  /// "argument 'a'".
  std::string call(unsigned i) const { return "argument '" + signature.arguments[i].name + "'"; }

  const KernelSignature &signature;
  const Kernel &kernel;
  ArrayRef<ParamValue> given;
  ArrayRef<Argument> arguments;
  Bound &bound;
  /// Which argument and axis bound an extent, and which argument a dtype.
  llvm::SmallVector<std::pair<unsigned, unsigned>, 8> extentSource;
  llvm::SmallVector<unsigned, 4> dtypeSource;
};
} // namespace

std::optional<Const> Binder::lookup(StringRef name) const {
  if (int param = signature.findParam(name); param >= 0)
    return toConst(bound.params[param]);
  if (int extent = signature.findExtentName(name); extent >= 0)
    return bound.extents[extent] < 0 ? std::nullopt : std::optional(Const::ofInt(bound.extents[extent]));
  if (int dtype = signature.findDTypeName(name); dtype >= 0)
    return bound.dtypes[dtype] ? std::optional(Const::ofType(*bound.dtypes[dtype])) : std::nullopt;
  int i = signature.findArgument(name);
  if (i < 0)
    return std::nullopt;
  const Argument &argument = arguments[i];
  // An optional argument stands for whether it is there; another view has no value.
  if (signature.arguments[i].optional)
    return Const::ofBool(argument.kind != Argument::Absent);
  if (argument.kind != Argument::Scalar)
    return std::nullopt;
  if (argument.dtype == DType::Bool)
    return Const::ofBool(argument.bits & 1);
  if (isIntegral(argument.dtype))
    return Const::ofInt(isUnsignedInt(argument.dtype) ? WideInt(argument.bits)
                                                      : WideInt(static_cast<int64_t>(argument.bits)));
  return std::nullopt;
}

Binder::Result Binder::checkKind(unsigned i) {
  const ArgumentSignature &wanted = signature.arguments[i];
  const Argument &argument = arguments[i];
  bound.present[i] = argument.kind != Argument::Absent;
  if (argument.kind == Argument::Absent)
    return wanted.optional ? Result() : makeError(wanted.position, call(i) + " is missing and not optional");
  if ((argument.kind == Argument::View) == wanted.isView)
    return wanted.isView ? checkView(i) : Result();
  return makeError(wanted.position,
                   call(i) + (wanted.isView ? " is a view, not a scalar" : " is a scalar, not a view"));
}

Binder::Result Binder::checkView(unsigned i) {
  const ArgumentSignature &wanted = signature.arguments[i];
  const Argument &argument = arguments[i];
  if (argument.extents.size() != wanted.rank || argument.strides.size() != wanted.rank)
    return makeError(wanted.position, call(i) + " has " + Twine(wanted.rank) + (wanted.rank == 1 ? " axis" : " axes") +
                                          ", not " + Twine(argument.extents.size()));
  for (auto [axis, extent] : llvm::enumerate(argument.extents))
    if (extent < 0 || extent > INT32_MAX)
      return makeError(wanted.position, call(i) + " has the extent " + Twine(extent) + " on axis " + Twine(axis) +
                                            "; extents are from 0 to 2^31 - 1");
  if (argument.address % byteWidth(argument.dtype) != 0)
    return makeError(wanted.position, call(i) + " has a base that is not aligned to its element, " +
                                          Twine(byteWidth(argument.dtype)) + " bytes");
  return std::nullopt;
}

Binder::Result Binder::bindExtents(unsigned i) {
  if (arguments[i].kind != Argument::View)
    return std::nullopt;
  for (auto [axis, expr] : llvm::enumerate(kernel.arguments[i].extents)) {
    auto *name = dyn_cast<NameExpr>(expr);
    int index = name ? signature.findExtentName(name->name) : -1;
    if (index < 0)
      continue;
    int64_t extent = arguments[i].extents[axis], &value = bound.extents[index];
    if (value < 0) {
      value = extent;
      extentSource[index] = {i, axis};
    } else if (value != extent) {
      auto [other, otherAxis] = extentSource[index];
      const Expr *first = kernel.arguments[other].extents[otherAxis];
      return makeError(name->position,
                       "'" + name->name + "' is " + Twine(value) + " in " + call(other) + " axis " + Twine(otherAxis) +
                           " but " + Twine(extent) + " in " + call(i) + " axis " + Twine(axis),
                       "it is bound here", first->position);
    }
  }
  return std::nullopt;
}

Binder::Result Binder::bindDType(unsigned i) {
  const ArgumentSignature &wanted = signature.arguments[i];
  const Argument &argument = arguments[i];
  if (argument.kind == Argument::Absent)
    return std::nullopt;
  std::optional<DType> dtype = wanted.dtype;
  std::string source;
  if (!dtype) {
    if (int param = signature.findParam(wanted.dtypeName); param >= 0) {
      dtype = bound.params[param].asDType();
      source = "parameter '" + wanted.dtypeName + "' is " + dtypeName(*dtype).str();
    } else {
      int index = signature.findDTypeName(wanted.dtypeName);
      if (!bound.dtypes[index]) {
        if (argument.dtype == DType::Index && wanted.isView)
          return makeError(wanted.position, call(i) + " has elements of 'index', which is not a type of memory");
        bound.dtypes[index] = argument.dtype;
        dtypeSource[index] = i;
      }
      dtype = bound.dtypes[index];
      source = "'" + wanted.dtypeName + "' is " + dtypeName(*dtype).str() + " in " + call(dtypeSource[index]);
    }
  }
  if (*dtype == argument.dtype)
    return std::nullopt;
  if (source.empty())
    return makeError(wanted.position, call(i) + " is of " + dtypeName(*dtype) + ", not " + dtypeName(argument.dtype));
  return makeError(wanted.position, source + " but " + dtypeName(argument.dtype) + " in " + call(i));
}

Binder::Result Binder::checkExtents(unsigned i, HostEval &eval) {
  if (arguments[i].kind != Argument::View)
    return std::nullopt;
  for (auto [axis, expr] : llvm::enumerate(kernel.arguments[i].extents)) {
    if (auto *name = dyn_cast<NameExpr>(expr); name && signature.findExtentName(name->name) >= 0)
      continue;
    std::optional<WideInt> wanted = eval.evaluateInt(expr);
    if (!wanted)
      return eval.error;
    if (*wanted != arguments[i].extents[axis])
      return makeError(expr->position, call(i) + " has the extent " + Twine(arguments[i].extents[axis]) + " on axis " +
                                           Twine(axis) + ", not " + toString(*wanted));
  }
  return std::nullopt;
}

Binder::Result Binder::checkRequirements(HostEval &eval) {
  for (const Expr *condition : kernel.requirements) {
    std::optional<bool> holds = eval.evaluateBool(condition);
    if (!holds)
      return eval.error;
    if (*holds)
      continue;
    // The values of its names say why it doesn't hold.
    std::string values;
    llvm::SmallVector<StringRef, 4> seen;
    forEachName(condition, [&](const NameExpr &name, bool callee) {
      std::optional<Const> value = callee ? std::nullopt : lookup(name.name);
      if (!value || llvm::is_contained(seen, name.name))
        return;
      seen.push_back(name.name);
      values += (values.empty() ? "'" : ", '") + name.name.str() + "' is " + toString(*value);
    });
    return makeError(condition->position, "a requirement of kernel '" + signature.name + "' does not hold", values,
                     values.empty() ? Position() : condition->position);
  }
  return std::nullopt;
}

Binder::Result Binder::bindGrid(HostEval &eval) {
  bound.grid = {1, 1, 1};
  WideInt product = 1;
  for (auto [axis, expr] : llvm::enumerate(kernel.grid)) {
    std::optional<WideInt> extent = eval.evaluateInt(expr);
    if (!extent)
      return eval.error;
    if (*extent < 0 || *extent > INT32_MAX)
      return makeError(expr->position,
                       "axis " + Twine(axis) + " of the grid is " + toString(*extent) + "; it is from 0 to 2^31 - 1");
    bound.grid[axis] = static_cast<int64_t>(*extent);
    product *= *extent;
  }
  if (product > INT64_MAX)
    return makeError(kernel.grid.front()->position, "the grid has more than 2^63 - 1 programs");
  return std::nullopt;
}

std::optional<BindError> Binder::run() {
  if (arguments.size() != signature.arguments.size())
    return makeError(signature.position, "kernel '" + signature.name + "' takes " + Twine(signature.arguments.size()) +
                                             " arguments, not " + Twine(arguments.size()));
  bound.present.assign(arguments.size(), false);
  bound.dtypes.assign(signature.dtypeNames.size(), std::nullopt);
  bound.extents.assign(signature.extentNames.size(), -1);
  bound.params.clear();
  extentSource.assign(signature.extentNames.size(), {0, 0});
  dtypeSource.assign(signature.dtypeNames.size(), 0);
  if (given.size() > signature.params.size())
    return makeError(signature.position, "kernel '" + signature.name + "' has " + Twine(signature.params.size()) +
                                             " parameters, not " + Twine(given.size()));
  for (unsigned i = 0; i < arguments.size(); ++i)
    if (Result error = checkKind(i))
      return error;
  for (unsigned i = 0; i < arguments.size(); ++i)
    if (Result error = bindExtents(i))
      return error;
  // Names of dtypes that arguments bind come before parameters, which may be computed from them; parameters before the dtypes that
  // they are.
  auto byParam = [&](unsigned i) { return signature.findParam(signature.arguments[i].dtypeName) >= 0; };
  for (unsigned i = 0; i < arguments.size(); ++i)
    if (Result error = byParam(i) ? Result() : bindDType(i))
      return error;
  auto others = [this](StringRef name) { return signature.findParam(name) >= 0 ? std::nullopt : lookup(name); };
  if (Result error = resolveParams(signature, given, bound.extents, others, bound.params))
    return error;
  for (unsigned i = 0; i < arguments.size(); ++i)
    if (Result error = byParam(i) ? bindDType(i) : Result())
      return error;
  auto names = [this](StringRef name) { return lookup(name); };
  HostEval eval(*signature.file, names);
  for (unsigned i = 0; i < arguments.size(); ++i)
    if (Result error = checkExtents(i, eval))
      return error;
  if (Result error = checkRequirements(eval))
    return error;
  return bindGrid(eval);
}

std::optional<BindError> tile::lang::bind(const KernelSignature &signature, ArrayRef<ParamValue> params,
                                          ArrayRef<Argument> arguments, Bound &bound) {
  return Binder(signature, params, arguments, bound).run();
}
