//===- Elaborator.cpp - The kernel, its names, and reports ------ -*- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "tile/Language/Elaborator.h"
#include "mlir/IR/Verifier.h"
#include "tile/Dialect/Pieces.h"
#include "tile/Language/CheckPadding.h"
#include "tile/Language/Names.h"
#include "tile/Language/Parser.h"
#include "tile/Language/Signature.h"
#include "llvm/ADT/STLExtras.h"

using namespace tile;
using namespace tile::lang;
using namespace tile::lang::ast;
using llvm::ArrayRef;
using llvm::StringRef;
using llvm::Twine;

std::string tile::lang::describeType(DType dtype, ArrayRef<int64_t> shape) {
  std::string text = dtypeName(dtype).str();
  for (auto [i, extent] : llvm::enumerate(shape))
    text += (i ? ", " : "[") + std::to_string(extent);
  return shape.empty() ? text : text + "]";
}

std::string tile::lang::describe(const Value &value) {
  switch (value.kind) {
  case Value::Error:
    return "an error";
  case Value::Auto:
    return "'auto'";
  case Value::Constant:
    return (value.isType() ? "the dtype " : "the constant ") + toString(value.constant);
  case Value::Data:
    return describeType(value.dtype, value.tileShape());
  case Value::View:
    return "a view of " + dtypeName(value.dtype).str();
  case Value::Absent:
    return "the absent argument '" + value.name.str() + "'";
  case Value::Tuple:
    return value.elements.empty() ? "nothing" : "a tuple of " + std::to_string(value.elements.size());
  case Value::TileType:
    return "the type " + describeType(value.dtype, value.shape);
  case Value::Function:
    return "the function '" + value.function->name.str() + "'";
  case Value::Builtin:
    return "the function '" + value.name.str() + "'";
  }
  llvm_unreachable("all kinds are above");
}

Elaborator::Elaborator(mlir::MLIRContext &context, const KernelSignature &signature,
                       const Specialization &specialization)
    : context(context), signature(signature), kernel(*signature.kernel), specialization(specialization),
      builder(&context) {
  frames.push_back({signature.file, nullptr, std::nullopt, {}, 0, {}});
}

//===----------------------------------------------------------------------===//
// Reports
//===----------------------------------------------------------------------===//

mlir::Location Elaborator::loc(Position position) const {
  const Frame &top = frames.back();
  mlir::Location here = mlir::FileLineColLoc::get(&context, top.file->name, position.line, position.column);
  return top.caller ? mlir::Location(mlir::CallSiteLoc::get(here, *top.caller)) : here;
}

mlir::InFlightDiagnostic Elaborator::error(Position position, const Twine &message) {
  if (++errors >= kMaxErrors)
    abandoned = true;
  return mlir::emitError(loc(position)) << message;
}

Value Elaborator::fail(Position position, const Twine &message, const Twine &note) {
  mlir::InFlightDiagnostic diagnostic = error(position, message);
  if (!note.isTriviallyEmpty())
    if (std::string text = note.str(); !text.empty())
      diagnostic.attachNote(loc(position)) << text;
  return {};
}

//===----------------------------------------------------------------------===//
// Names
//===----------------------------------------------------------------------===//

Binding *Elaborator::find(StringRef name) {
  for (auto &scope : llvm::reverse(frame().scopes))
    if (auto it = scope.find(name); it != scope.end())
      return &it->second;
  return nullptr;
}

void Elaborator::define(Ident ident, Value value, bool isVar) {
  if (ident.name == "_")
    return;
  if (Binding *previous = find(ident.name)) {
    mlir::InFlightDiagnostic diagnostic = error(ident.position, "'" + ident.name + "' is defined twice");
    if (previous->position.line)
      diagnostic.attachNote(loc(previous->position)) << "the first definition is here";
    return;
  }
  bool startsConstant = value.isConst();
  frame().scopes.back()[ident.name] = {std::move(value), isVar, ident.position, startsConstant};
}

llvm::SmallVector<StringRef> Elaborator::namesInScope() {
  llvm::SmallVector<StringRef> names;
  for (auto &scope : frame().scopes)
    for (auto &[name, binding] : scope)
      names.push_back(name);
  for (const ast::File *file : {frame().file, &preludeFile()}) {
    for (auto &[name, function] : file->functions)
      names.push_back(name);
    for (auto &[name, constant] : file->constants)
      names.push_back(name);
  }
  llvm::append_range(names, builtinNames());
  return names;
}

//===----------------------------------------------------------------------===//
// The kernel
//===----------------------------------------------------------------------===//

/// A member of a list of the specialisation that may be shorter than the signature's.
template <typename T>
static T at(const std::vector<T> &list, size_t i, T otherwise = T()) {
  return i < list.size() ? list[i] : otherwise;
}

std::optional<Const> Elaborator::headerName(StringRef name) const {
  if (int i = signature.findDTypeName(name); i >= 0)
    if (std::optional<DType> dtype = at(specialization.dtypes, i))
      return Const::ofType(*dtype);
  if (int i = signature.findArgument(name); i >= 0 && signature.arguments[i].optional)
    return Const::ofBool(at(specialization.present, i, true));
  return std::nullopt;
}

bool Elaborator::resolve() {
  for (size_t i = 0; i < signature.extentNames.size(); ++i)
    extents.push_back(at(specialization.extents, i).value_or(-1));
  auto others = [this](StringRef name) { return headerName(name); };
  if (std::optional<BindError> wrong = resolveParams(signature, specialization.params, extents, others, params)) {
    error(wrong->position, wrong->message);
    return false;
  }
  bool good = true;
  for (auto [i, argument] : llvm::enumerate(signature.arguments)) {
    bool present = at(specialization.present, i, true);
    if (!present && !argument.optional) {
      error(argument.position, "argument '" + argument.name + "' is missing and not optional");
      good = false;
    }
    int name = argument.dtype ? -1 : signature.findDTypeName(argument.dtypeName);
    if (present && name >= 0 && !at(specialization.dtypes, name)) {
      error(argument.position, "the dtype '" + argument.dtypeName + "' is not known here").attachNote()
          << "state it, for example '" << argument.dtypeName << "=f32'";
      return false;
    }
    std::optional<Facts> facts = at(specialization.facts, i);
    if (facts && argument.isView && (facts->unitAxis < -1 || facts->unitAxis >= static_cast<int64_t>(argument.rank))) {
      error(argument.position, "argument '" + argument.name + "' has no axis " + Twine(facts->unitAxis));
      good = false;
    }
  }
  return good;
}

Value Elaborator::argumentValue(unsigned i, mlir::Value ssa) {
  const ArgumentSignature &argument = signature.arguments[i];
  Value value;
  value.kind = !ssa ? Value::Absent : argument.isView ? Value::View : Value::Data;
  value.ssa = ssa;
  value.name = argument.name;
  value.access = argument.access;
  value.optional = argument.optional;
  if (argument.dtype)
    value.dtype = *argument.dtype;
  else if (int param = signature.findParam(argument.dtypeName); param >= 0)
    value.dtype = params[param].asDType();
  else if (ssa)
    value.dtype = *specialization.dtypes[signature.findDTypeName(argument.dtypeName)];
  return value;
}

/// What a call overrides, where it does, as binding reads it.
static void setOverrides(ir::KernelOp kernel, const Overrides &overrides) {
  mlir::Builder builder(kernel.getContext());
  llvm::SmallVector<mlir::NamedAttribute> given;
  for (auto [name, value] : {std::pair("plain", int64_t(overrides.plain)), std::pair("teams", overrides.teams),
                             std::pair("group_rows", overrides.groupRows)})
    if (value)
      given.push_back(builder.getNamedAttr(name, builder.getI64IntegerAttr(value)));
  if (!given.empty())
    kernel->setAttr(ir::kOverridesAttrName, builder.getDictionaryAttr(given));
}

/// The language's attributes of an argument as the dialect has them.
static void setArgumentAttrs(ir::KernelOp kernel, unsigned index, const ArgumentSignature &argument,
                             std::optional<Facts> facts) {
  mlir::MLIRContext *context = kernel.getContext();
  static constexpr ir::Access accesses[] = {ir::Access::In, ir::Access::Out, ir::Access::InOut};
  kernel.setArgAttr(index, ir::kAccessAttrName, ir::AccessAttr::get(context, accesses[unsigned(argument.access)]));
  if (facts)
    kernel.setArgAttr(index, ir::kFactsAttrName,
                      ir::FactsAttr::get(context, facts->unitAxis, facts->align, facts->extentAlign, facts->index32,
                                         facts->tensorMap));
}

void Elaborator::bindExtents(ir::KernelOp op) {
  for (auto [i, name] : llvm::enumerate(signature.extentNames)) {
    if (signature.findParam(name) >= 0)
      continue;
    // The first view that is there and has the name as an extent says what it is.
    for (auto [argument, decl] : llvm::zip_equal(signature.arguments, kernel.arguments)) {
      Binding *binding = find(argument.name);
      auto *axis = llvm::find_if(decl.extents, [&](const Expr *extent) {
                     auto *bound = llvm::dyn_cast<NameExpr>(extent);
                     return bound && bound->name == name;
                   }).base();
      if (!binding->value.isView() || axis == decl.extents.data() + decl.extents.size())
        continue;
      mlir::Value extent = make<ir::ExtentOp>(loc((*axis)->position), builder.getIndexType(), binding->value.ssa,
                                              axis - decl.extents.data());
      frame().scopes[0][StringRef(name)] = {Value::ofData(extent, DType::Index), false, (*axis)->position};
      break;
    }
  }
}

/// The extents of a view that are known: literals, constants and what stands in `<>`.
static llvm::SmallVector<int64_t> staticShape(const ArgumentDecl &decl, const ast::File &file,
                                              HostEval::Lookup lookup) {
  llvm::SmallVector<int64_t> shape;
  for (const Expr *expr : decl.extents) {
    HostEval eval(file, lookup);
    std::optional<WideInt> extent = eval.evaluateInt(expr);
    shape.push_back(extent && *extent >= 0 && *extent <= INT32_MAX ? static_cast<int64_t>(*extent)
                                                                   : mlir::ShapedType::kDynamic);
  }
  return shape;
}

void Elaborator::emitKernel(mlir::ModuleOp module) {
  auto &names = frame().scopes.emplace_back();
  for (auto [param, value] : llvm::zip_equal(signature.params, params)) {
    Value bound;
    bound.kind = Value::Auto;
    names[StringRef(param.name)] = {value.kind == ParamValue::Auto ? bound : Value::ofConst(*toConst(value)), false,
                                    param.position};
  }
  for (auto [i, name] : llvm::enumerate(signature.dtypeNames))
    if (std::optional<DType> dtype = at(specialization.dtypes, i))
      names[StringRef(name)] = {Value::ofConst(Const::ofType(*dtype)), false, {}};

  auto lookup = [&](StringRef name) -> std::optional<Const> {
    if (int param = signature.findParam(name); param >= 0)
      return toConst(params[param]);
    return headerName(name);
  };
  llvm::SmallVector<mlir::Type> types;
  llvm::SmallVector<unsigned> passed;
  for (auto [i, argument] : llvm::enumerate(signature.arguments)) {
    if (!at(specialization.present, i, true))
      continue;
    mlir::Type element = typeOf(argumentValue(i, {}).dtype);
    if (!argument.dtype && signature.findParam(argument.dtypeName) < 0)
      element = typeOf(*specialization.dtypes[signature.findDTypeName(argument.dtypeName)]);
    types.push_back(argument.isView ? ir::ViewType::get(
                                          &context, staticShape(kernel.arguments[i], *signature.file, lookup), element)
                                    : element);
    passed.push_back(i);
  }
  builder.setInsertionPointToEnd(module.getBody());
  auto op = ir::KernelOp::create(builder, loc(kernel.position), signature.name, builder.getFunctionType(types, {}),
                                 ir::Phase::Tile);
  setOverrides(op, specialization.overrides);
  mlir::Block &body = op.getBody().front();
  for (unsigned i = 0; i < signature.arguments.size(); ++i)
    names[StringRef(signature.arguments[i].name)] = {argumentValue(i, {}), false, signature.arguments[i].position};
  for (auto [index, i] : llvm::enumerate(passed)) {
    const ArgumentSignature &argument = signature.arguments[i];
    body.getArgument(index).setLoc(loc(argument.position));
    names[StringRef(argument.name)].value = argumentValue(i, body.getArgument(index));
    if (argument.isView)
      setArgumentAttrs(op, index, argument, at(specialization.facts, i));
  }
  builder.setInsertionPointToStart(&body);
  bindExtents(op);
  runBlock(kernel.body);
  ir::ReturnOp::create(builder, loc(kernel.position));
}

/// Erases what the walk made and nothing uses: extents, constants that were folded away.
static void sweep(mlir::ModuleOp module) {
  llvm::SmallVector<mlir::Operation *> ops;
  module.walk([&](mlir::Operation *op) { ops.push_back(op); });
  // A use comes after what it uses, so one walk from the end finds all but what loops carry around.
  for (mlir::Operation *op : llvm::reverse(ops))
    if (op->getNumRegions() == 0 && mlir::isOpTriviallyDead(op))
      op->erase();
}

mlir::OwningOpRef<mlir::ModuleOp> Elaborator::run() {
  if (!resolve())
    return {};
  mlir::OwningOpRef<mlir::ModuleOp> module = mlir::ModuleOp::create(loc(kernel.position));
  emitKernel(*module);
  if (errors)
    return {};
  sweep(*module);
  if (mlir::failed(mlir::verify(*module)))
    return {};
  for (auto emitted : module->getOps<ir::KernelOp>())
    checkPadding(emitted);
  return module;
}

mlir::OwningOpRef<mlir::ModuleOp> tile::lang::emit(mlir::MLIRContext &context, const File &file,
                                                   const Specialization &specialization) {
  context.loadDialect<ir::TileDialect, mlir::arith::ArithDialect, mlir::math::MathDialect, mlir::scf::SCFDialect,
                      mlir::tensor::TensorDialect>();
  const KernelSignature *signature = file.find(specialization.kernel);
  if (!signature) {
    llvm::SmallVector<StringRef> known;
    for (const KernelSignature &candidate : file.kernels())
      known.push_back(candidate.name);
    mlir::InFlightDiagnostic diagnostic = mlir::emitError(mlir::FileLineColLoc::get(&context, file.name(), 1, 1))
                                          << "there is no kernel '" << specialization.kernel << "'";
    if (std::string note = didYouMean(specialization.kernel, known); !note.empty())
      diagnostic.attachNote() << note;
    return {};
  }
  return Elaborator(context, *signature, specialization).run();
}
