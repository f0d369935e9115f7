//===- Signature.cpp - What a kernel takes, from its tree ------- -*- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "tile/Language/Signature.h"
#include "tile/Language/Names.h"
#include "tile/Language/Parser.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/Twine.h"

using namespace tile::lang;
using namespace tile::lang::ast;
using llvm::dyn_cast;
using llvm::StringRef;
using llvm::Twine;

/// A set lists its values; more than these are no list.
static constexpr int64_t kMaxSetSize = 4096;

static std::optional<Const> noNames(StringRef) { return std::nullopt; }

template <typename List>
static int findNamed(const List &list, StringRef name) {
  for (auto [i, entry] : llvm::enumerate(list))
    if (entry.name == name)
      return i;
  return -1;
}
static int findText(const std::vector<std::string> &list, StringRef name) {
  auto it = llvm::find(list, name);
  return it == list.end() ? -1 : it - list.begin();
}

int KernelSignature::findParam(StringRef name) const { return findNamed(params, name); }
int KernelSignature::findArgument(StringRef name) const { return findNamed(arguments, name); }
int KernelSignature::findDTypeName(StringRef name) const { return findText(dtypeNames, name); }
int KernelSignature::findExtentName(StringRef name) const { return findText(extentNames, name); }

void tile::lang::evaluateConstants(ast::File &file, std::vector<SyntaxError> &errors) {
  // In the order of the file: a constant may use those before it.
  llvm::MapVector<StringRef, Constant> pending = std::move(file.constants);
  file.constants.clear();
  for (auto &[name, constant] : pending) {
    HostEval eval(file, noNames);
    if (std::optional<Const> value = eval.evaluate(constant.expr))
      constant.value = *value;
    else
      errors.push_back({eval.error.position, eval.error.message, {}, {}});
    file.constants[name] = constant;
  }
}

//===----------------------------------------------------------------------===//
// Building
//===----------------------------------------------------------------------===//

namespace {
class SignatureBuilder {
public:
  SignatureBuilder(const ast::File &file, const Kernel &kernel, std::vector<SyntaxError> &errors)
      : file(file), kernel(kernel), errors(errors) {}

  KernelSignature build();

private:
  void error(Position position, const Twine &message, const Twine &note = {}, Position notePosition = {}) {
    errors.push_back({position, message.str(), note.str(), notePosition});
  }
  void addParam(const Param &param);
  void addSet(const Param &param, ParamSignature &result);
  void addDefault(const Param &param, ParamSignature &result);
  std::optional<ParamValue> constant(const Expr *expr, ParamKind kind, StringRef name);
  void addArgument(const ArgumentDecl &argument);
  void addExtents(const ArgumentDecl &argument);
  void findStages(const Block &block);
  void checkNames(const Expr *expr);
  bool define(const Ident &ident);

  const ast::File &file;
  const Kernel &kernel;
  std::vector<SyntaxError> &errors;
  KernelSignature result;
  llvm::MapVector<StringRef, Position> defined;
};
} // namespace

bool SignatureBuilder::define(const Ident &ident) {
  auto [it, isNew] = defined.insert({ident.name, ident.position});
  if (!isNew)
    error(ident.position, "'" + ident.name + "' is defined twice", "the first definition is here", it->second);
  else if (auto constant = file.constants.find(ident.name); constant != file.constants.end())
    error(ident.position, "'" + ident.name + "' is already a constant of the file", "it is defined here",
          constant->second.position);
  return isNew;
}

std::optional<ParamValue> SignatureBuilder::constant(const Expr *expr, ParamKind kind, StringRef name) {
  HostEval eval(file, noNames);
  std::optional<Const> value = eval.evaluate(expr);
  if (!value) {
    error(eval.error.position, eval.error.message);
    return std::nullopt;
  }
  if (kind == ParamKind::Int && value->isInt() && fitsIn(value->integer, DType::I64))
    return ParamValue::integer(static_cast<int64_t>(value->integer));
  if (kind == ParamKind::Bool && value->isBool())
    return ParamValue::boolean(value->asBool());
  if (kind == ParamKind::Type && value->isType())
    return ParamValue::dtype(value->dtype);
  StringRef kinds[] = {"int", "bool", "dtype"};
  error(expr->position,
        "'" + toString(*value) + "' is no value for '" + name + "', which is of kind '" + kinds[unsigned(kind)] + "'");
  return std::nullopt;
}

void SignatureBuilder::addSet(const Param &param, ParamSignature &signature) {
  for (const Expr *expr : param.set)
    if (std::optional<ParamValue> value = constant(expr, param.kind, param.ident.name))
      signature.allowed.push_back(*value);
  if (!param.rangeLow)
    return;
  if (param.kind != ParamKind::Int) {
    error(param.rangeLow->position, "only an 'int' parameter has a range of values");
    return;
  }
  auto low = constant(param.rangeLow, param.kind, param.ident.name),
       high = constant(param.rangeHigh, param.kind, param.ident.name);
  if (!low || !high)
    return;
  WideInt count = WideInt(high->value) - low->value + param.inclusive;
  if (count < 1 || count > kMaxSetSize) {
    error(param.rangeLow->position,
          count < 1 ? Twine("the range is empty") : "the range has more than " + Twine(kMaxSetSize) + " values");
    return;
  }
  for (int64_t i = 0; i < static_cast<int64_t>(count); ++i)
    signature.allowed.push_back(ParamValue::integer(low->value + i));
}

void SignatureBuilder::addDefault(const Param &param, ParamSignature &signature) {
  if (param.automatic) {
    signature.defaultValue = ParamValue::automatic();
    if (signature.allowed.empty() && param.kind == ParamKind::Bool)
      signature.allowed = {ParamValue::boolean(false), ParamValue::boolean(true)};
    if (signature.allowed.empty() && !signature.isStages)
      error(param.ident.position, "'auto' has nothing to choose from for '" + param.ident.name + "'",
            "list the values worth trying: 'in {…}'", param.ident.position);
    return;
  }
  if (!param.defaultValue)
    return;
  bool constants = true;
  forEachName(param.defaultValue, [&](const NameExpr &name, bool callee) {
    if (!callee && !isReservedName(name.name) && !file.constants.contains(name.name))
      constants = false;
  });
  if (!constants) {
    signature.computed = true;
    return;
  }
  std::optional<ParamValue> value = constant(param.defaultValue, param.kind, param.ident.name);
  if (!value)
    return;
  signature.defaultValue = *value;
  if (!signature.allowed.empty() && !llvm::is_contained(signature.allowed, *value))
    error(param.defaultValue->position, "the default of '" + param.ident.name + "' is not in its set");
}

void SignatureBuilder::addParam(const Param &param) {
  define(param.ident);
  int index = result.findParam(param.ident.name);
  ParamSignature &signature = result.params[index];
  signature.kind = param.kind;
  addSet(param, signature);
  addDefault(param, signature);
}

void SignatureBuilder::addExtents(const ArgumentDecl &argument) {
  for (const Expr *extent : argument.extents) {
    auto *name = dyn_cast<NameExpr>(extent);
    if (!name || file.constants.contains(name->name))
      continue;
    if (isReservedName(name->name)) {
      error(name->position, "'" + name->name + "' is no extent");
      continue;
    }
    if (int param = result.findParam(name->name); param >= 0) {
      ParamSignature &signature = result.params[param];
      if (signature.kind != ParamKind::Int)
        error(name->position, "'" + name->name + "' is no extent: its kind is not 'int'", "it is defined here",
              signature.position);
      else if (!signature.isExtent && (kernel.params[param].automatic || kernel.params[param].defaultValue))
        error(name->position, "'" + name->name + "' takes its value from this extent and can't have a default",
              "the default is here", signature.position);
      signature.isExtent = true;
    } else {
      defined.insert({name->name, name->position});
    }
    if (result.findExtentName(name->name) < 0)
      result.extentNames.push_back(name->name.str());
  }
}

void SignatureBuilder::addArgument(const ArgumentDecl &argument) {
  define(argument.ident);
  ArgumentSignature signature;
  signature.name = argument.ident.name.str();
  signature.position = argument.ident.position;
  signature.isView = argument.isView;
  signature.rank = argument.extents.size();
  signature.access = argument.access;
  signature.optional = argument.optional;
  StringRef type = argument.dtype.name;
  signature.dtype = parseDType(type);
  if (signature.dtype == DType::Index && argument.isView)
    error(argument.dtype.position, "'index' is not a type of memory", "write 'i64'", argument.dtype.position);
  if (!signature.dtype) {
    signature.dtypeName = type.str();
    int param = result.findParam(type);
    if (param >= 0 && result.params[param].kind != ParamKind::Type)
      error(argument.dtype.position, "'" + type + "' is no dtype: its kind is not 'dtype'", "it is defined here",
            result.params[param].position);
    else if (param < 0 && file.constants.contains(type) && file.constants.find(type)->second.value.isType())
      signature.dtype = file.constants.find(type)->second.value.dtype;
    else if (param < 0 && result.findDTypeName(type) < 0) {
      // A name close to a dtype's is a slip of the pen; one capital letter is the custom for names that are bound.
      std::string note;
      if (type.size() > 1 && type[0] >= 'a' && type[0] <= 'z')
        note = didYouMean(type, {"bool", "i8", "i16", "i32", "i64", "u8", "u16", "u32", "u64", "f8e4m3", "f8e5m2",
                                 "f16", "bf16", "f32", "f64"});
      if (!note.empty() && llvm::any_of(type, llvm::isDigit))
        error(argument.dtype.position, "there is no dtype '" + type + "'", note, argument.dtype.position);
      defined.insert({type, argument.dtype.position});
      result.dtypeNames.push_back(type.str());
    }
  }
  result.arguments.push_back(std::move(signature));
}

void SignatureBuilder::findStages(const Block &block) {
  for (const Stmt *statement : block) {
    if (auto *loop = dyn_cast<ForStmt>(statement)) {
      if (auto *name = loop->stages ? dyn_cast<NameExpr>(loop->stages) : nullptr)
        if (int param = result.findParam(name->name); param >= 0)
          result.params[param].isStages = true;
      findStages(loop->body);
    } else if (auto *loop = dyn_cast<WhileStmt>(statement)) {
      findStages(loop->body);
    } else if (auto *branch = dyn_cast<IfStmt>(statement)) {
      findStages(branch->thenBody);
      findStages(branch->elseBody);
    }
  }
}

void SignatureBuilder::checkNames(const Expr *expr) {
  forEachName(expr, [&](const NameExpr &name, bool callee) {
    StringRef text = name.name;
    if (callee
            ? (findFunction(file, text) || isBuiltinName(text) || parseDType(text))
            : (isReservedName(text) || file.constants.contains(text) || result.findParam(text) >= 0 ||
               result.findExtentName(text) >= 0 || result.findDTypeName(text) >= 0 || result.findArgument(text) >= 0))
      return;
    llvm::SmallVector<StringRef> candidates;
    if (callee) {
      for (const ast::File *source : {&file, &preludeFile()})
        for (auto &[function, node] : source->functions)
          candidates.push_back(function);
      llvm::append_range(candidates, builtinNames());
    } else {
      for (auto &[known, position] : defined)
        candidates.push_back(known);
      for (auto &[known, constant] : file.constants)
        candidates.push_back(known);
    }
    std::string note = didYouMean(text, candidates);
    error(name.position, "'" + text + "' is not defined", note, note.empty() ? Position() : name.position);
  });
}

KernelSignature SignatureBuilder::build() {
  result.name = kernel.name.str();
  result.position = kernel.position;
  result.kernel = &kernel;
  result.file = &file;
  for (const Param &param : kernel.params) {
    ParamSignature &signature = result.params.emplace_back();
    signature.name = param.ident.name.str();
    signature.position = param.ident.position;
  }
  findStages(kernel.body);
  for (const Param &param : kernel.params)
    addParam(param);
  for (const ArgumentDecl &argument : kernel.arguments)
    addArgument(argument);
  for (const ArgumentDecl &argument : kernel.arguments)
    addExtents(argument);
  for (const std::string &name : result.extentNames)
    if (int argument = result.findArgument(name); argument >= 0)
      error(result.arguments[argument].position, "'" + name + "' is both an argument and an extent");
    else if (result.findDTypeName(name) >= 0)
      error(defined.find(StringRef(name))->second, "'" + name + "' is both a dtype and an extent");
  for (auto [i, param] : llvm::enumerate(kernel.params))
    if (result.params[i].computed) {
      checkNames(param.defaultValue);
      forEachName(param.defaultValue, [&, i = i](const NameExpr &name, bool) {
        if (result.findParam(name.name) >= int(i) && !result.params[result.findParam(name.name)].isExtent)
          error(name.position, "a default may use parameters that stand before it only");
      });
    }
  for (const ArgumentDecl &argument : kernel.arguments)
    for (const Expr *extent : argument.extents)
      checkNames(extent);
  for (const Expr *condition : kernel.requirements)
    checkNames(condition);
  for (const Expr *extent : kernel.grid)
    checkNames(extent);
  return std::move(result);
}

KernelSignature tile::lang::makeSignature(const ast::File &file, const Kernel &kernel,
                                          std::vector<SyntaxError> &errors) {
  return SignatureBuilder(file, kernel, errors).build();
}
