//===- Call.cpp - The arguments of a launch, checked ------------*- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "tile/Runtime/Call.h"
#include "tile/Error.h"
#include "tile/Runtime/Compiler.h"
#include "tile/Runtime/Facts.h"
#include "tile/Runtime/LaunchMemo.h"
#include "tile/Runtime/Overlap.h"

#include <llvm/ADT/APFloat.h>
#include <llvm/ADT/bit.h>

namespace tile::runtime {

//===----------------------------------------------------------------------===//
// Errors
//===----------------------------------------------------------------------===//

void raise(const lang::File &file, const lang::BindError &error) {
  Diagnostic diagnostic;
  diagnostic.message = error.message;
  auto setPlace = [&](Diagnostic &which, lang::Position position) {
    if (!position.line)
      return;
    which.file = file.name().str();
    which.line = position.line;
    which.column = position.column;
  };
  setPlace(diagnostic, error.position);
  if (!error.note.empty()) {
    Diagnostic note;
    note.severity = Severity::Note;
    note.message = error.note;
    setPlace(note, error.notePosition);
    diagnostic.notes.push_back(std::move(note));
  }
  std::string text = render(diagnostic, sourcesOf(file));
  throw Error(text, {std::move(diagnostic)});
}

void raise(const lang::File &file, lang::Position position, const llvm::Twine &message, const llvm::Twine &note) {
  raise(file, lang::BindError{message.str(), position, note.str(), {}});
}

//===----------------------------------------------------------------------===//
// Conversion
//===----------------------------------------------------------------------===//

lang::DType toLanguage(DType type) {
  // The two lists have the same names.
  static const auto table = [] {
    std::array<lang::DType, static_cast<std::size_t>(DType::F8E5M2) + 1> result;
    for (auto [i, entry] : llvm::enumerate(result))
      entry = *lang::parseDType(nameOf(static_cast<DType>(i)));
    return result;
  }();
  return table[static_cast<std::size_t>(type)];
}

static const llvm::fltSemantics &semanticsOf(lang::DType type) {
  switch (type) {
  case lang::DType::F8E4M3:
    return llvm::APFloat::Float8E4M3FN();
  case lang::DType::F8E5M2:
    return llvm::APFloat::Float8E5M2();
  case lang::DType::F16:
    return llvm::APFloat::IEEEhalf();
  case lang::DType::BF16:
    return llvm::APFloat::BFloat();
  case lang::DType::F32:
    return llvm::APFloat::IEEEsingle();
  default:
    return llvm::APFloat::IEEEdouble();
  }
}

/// Whether an integer of the host, sign-extended when it is signed, fits into a type.
static bool fitsInto(uint64_t value, bool isSigned, lang::DType type) {
  bool negative = isSigned && static_cast<int64_t>(value) < 0;
  unsigned bits = lang::bitWidth(type);
  if (lang::isUnsignedInt(type))
    return !negative && (bits == 64 || value >> bits == 0);
  if (negative)
    return static_cast<int64_t>(value) >= INT64_MIN >> (64 - bits);
  return value <= static_cast<uint64_t>(INT64_MAX) >> (64 - bits);
}

ScalarFit convertScalar(const Argument &given, lang::DType to, uint64_t &bits) {
  lang::DType from = toLanguage(given.getType());
  bool fromFloat = lang::isFloat(from), toFloat = lang::isFloat(to);
  if ((from == lang::DType::Bool) != (to == lang::DType::Bool) || (fromFloat && !toFloat))
    return ScalarFit::OtherKind;
  if (!toFloat) {
    bits = given.getInteger();
    return to == from || fitsInto(bits, lang::isSignedInt(from), to) ? ScalarFit::Fits : ScalarFit::OutOfRange;
  }
  if (fromFloat && to == lang::DType::F64) {
    bits = llvm::bit_cast<uint64_t>(given.getFloating());
    return ScalarFit::Fits;
  }
  llvm::APFloat value(semanticsOf(to));
  if (fromFloat) {
    value = llvm::APFloat(given.getFloating());
    bool losesInfo;
    value.convert(semanticsOf(to), llvm::APFloat::rmNearestTiesToEven, &losesInfo);
  } else {
    llvm::APInt integer(64, given.getInteger());
    value.convertFromAPInt(integer, lang::isSignedInt(from), llvm::APFloat::rmNearestTiesToEven);
  }
  bits = value.bitcastToAPInt().getZExtValue();
  return ScalarFit::Fits;
}

/// The type that a scalar parameter has in this launch; nothing when only the argument itself says.
static std::optional<lang::DType> scalarType(const KernelRef &kernel, std::size_t index,
                                             llvm::ArrayRef<Argument> given) {
  const lang::ArgumentSignature &argument = kernel.signature->arguments[index];
  if (argument.dtype)
    return argument.dtype;
  int param = kernel.signature->findParam(argument.dtypeName);
  if (param >= 0 && param < static_cast<int>(kernel.params.size()) &&
      kernel.params[param].kind == lang::ParamValue::Type)
    return kernel.params[param].asDType();
  for (auto [signature, other] : llvm::zip(kernel.signature->arguments, given))
    if (signature.isView && signature.dtypeName == argument.dtypeName && other.getKind() == Argument::Kind::View)
      return toLanguage(other.getTensor().type());
  return std::nullopt;
}

void Call::convertScalar(std::size_t index, const Argument &given, llvm::ArrayRef<Argument> all) {
  lang::Argument &result = converted[index];
  result.kind = lang::Argument::Scalar;
  lang::DType from = toLanguage(given.getType());
  lang::DType to = from;
  // What is no scalar parameter, or one too many, is for binding to refuse.
  if (index < kernel.signature->arguments.size() && !kernel.signature->arguments[index].isView)
    to = scalarType(kernel, index, all).value_or(from);
  result.dtype = to;
  auto refuse = [&](const llvm::Twine &why) {
    const lang::ArgumentSignature &argument = kernel.signature->arguments[index];
    raise(*kernel.file, argument.position, "argument '" + llvm::Twine(argument.name) + "' is " + why);
  };

  switch (runtime::convertScalar(given, to, result.bits)) {
  case ScalarFit::Fits:
    return;
  case ScalarFit::OtherKind:
    return refuse("of type " + llvm::Twine(lang::dtypeName(to)) + " and is given a value of type " +
                  lang::dtypeName(from));
  case ScalarFit::OutOfRange:
    return refuse(
        "of type " + llvm::Twine(lang::dtypeName(to)) + ", which has no value " +
        (lang::isSignedInt(from) ? std::to_string(static_cast<int64_t>(result.bits)) : std::to_string(result.bits)));
  }
}

void Call::convert(std::size_t index, const Argument &given) {
  const Tensor &tensor = given.getTensor();
  lang::Argument &result = converted[index];
  result.kind = lang::Argument::View;
  result.dtype = toLanguage(tensor.type());
  if (tensor.strides().size() != tensor.shape().size()) {
    std::string name = std::to_string(index);
    if (index < kernel.signature->arguments.size())
      name = "'" + kernel.signature->arguments[index].name + "'";
    raise(*kernel.file, kernel.signature->position,
          "argument " + name + " has " + llvm::Twine(tensor.shape().size()) + " extents and " +
              llvm::Twine(tensor.strides().size()) + " strides");
  }
  strides[index] = canonicalStrides(tensor);
  result.extents = tensor.shape();
  result.strides = strides[index];
  result.address = reinterpret_cast<std::uintptr_t>(tensor.data());
}

Call::Call(const KernelRef &kernel, std::span<const Argument> given, Unbound) : kernel(kernel) {
  llvm::ArrayRef<Argument> all(given.data(), given.size());
  converted.resize(all.size());
  strides.resize(all.size());
  for (std::size_t i = 0; i < all.size(); ++i)
    if (all[i].getKind() == Argument::Kind::View)
      convert(i, all[i]);
    else if (all[i].getKind() == Argument::Kind::Scalar)
      convertScalar(i, all[i], all);
}

Call::Call(const KernelRef &kernel, std::span<const Argument> given) : Call(kernel, given, Unbound()) {
  if (std::optional<lang::BindError> error = lang::bind(*kernel.signature, kernel.params, converted, binding))
    raise(*kernel.file, *error);
  checkMemory({given.data(), given.size()});
}

llvm::SmallVector<uint64_t, 64> Call::words() const {
  llvm::SmallVector<uint64_t, 64> result;
  for (const lang::Argument &argument : converted) {
    if (argument.kind == lang::Argument::Scalar) {
      result.push_back(argument.bits);
    } else if (argument.kind == lang::Argument::View) {
      result.push_back(argument.address);
      result.append(argument.extents.begin(), argument.extents.end());
      result.append(argument.strides.begin(), argument.strides.end());
    }
  }
  return result;
}

void Call::fill(LaunchData &launch) const {
  launch.words = words();
  launch.bases.clear();
  launch.grid = binding.grid;
  for (auto [index, argument] : llvm::enumerate(converted))
    if (argument.kind == lang::Argument::View && !llvm::is_contained(argument.extents, 0))
      launch.bases.push_back({argument.address, index});
}

//===----------------------------------------------------------------------===//
// Memory
//===----------------------------------------------------------------------===//

void Call::checkMemory(llvm::ArrayRef<Argument> given) const {
  llvm::SmallVector<llvm::SmallVector<int64_t, 4>, 8> byteStrides(converted.size());
  llvm::SmallVector<Footprint, 8> footprints(converted.size());
  auto refuse = [&](std::size_t index, const llvm::Twine &why, const llvm::Twine &note) {
    const lang::ArgumentSignature &argument = kernel.signature->arguments[index];
    raise(*kernel.file, argument.position, "argument '" + llvm::Twine(argument.name) + "' " + why, note);
  };
  auto isWritten = [&](std::size_t index) { return kernel.signature->arguments[index].access != lang::Access::In; };

  for (auto [index, view] : llvm::enumerate(converted)) {
    if (view.kind != lang::Argument::View)
      continue;
    if (isWritten(index) && given[index].getTensor().readOnly())
      refuse(index, "is written, and is given a tensor made from a pointer to const", "");
    if (llvm::is_contained(view.extents, 0))
      continue;
    if (!view.address)
      refuse(index, "has elements and a null pointer", "");
    bool fits = true;
    for (auto [extent, stride] : llvm::zip(view.extents, view.strides)) {
      int64_t bytes = 0;
      fits &= !__builtin_mul_overflow(stride, static_cast<int64_t>(lang::byteWidth(view.dtype)), &bytes) || extent == 1;
      byteStrides[index].push_back(bytes);
    }
    footprints[index] = {view.address, view.extents, byteStrides[index], lang::byteWidth(view.dtype)};
    uint64_t low, high;
    if (!fits || !rangeOf(footprints[index], low, high))
      refuse(index, "reaches outside the address space", "its strides, in elements, are too large");
  }

  for (std::size_t index = 0; index < converted.size(); ++index) {
    if (!footprints[index].size || !isWritten(index))
      continue;
    if (overlapsItself(footprints[index]))
      refuse(index, "is written and overlaps itself",
             "two of its elements lie at the same address; give it other strides");
    for (std::size_t other = 0; other < converted.size(); ++other)
      if (other != index && footprints[other].size && (other > index || !isWritten(other)) &&
          overlap(footprints[index], footprints[other]))
        refuse(index, "is written and overlaps argument '" + llvm::Twine(kernel.signature->arguments[other].name) + "'",
               "what a kernel writes, no other argument may refer to");
  }
}

//===----------------------------------------------------------------------===//
// What calls need
//===----------------------------------------------------------------------===//

lang::Specialization specializationOf(const KernelRef &kernel, const lang::Bound &bound,
                                      llvm::ArrayRef<lang::Argument> arguments, llvm::StringRef target, bool checked,
                                      std::int64_t stages) {
  lang::Specialization result = lang::specialize(*kernel.signature, bound, arguments, checked, hasTensorMaps(target));
  result.stages = stages;
  result.overrides = kernel.overrides;
  return result;
}

lang::Specialization specializationLike(const lang::Specialization &known, const Call &call) {
  lang::Specialization result =
      lang::specialize(*call.kernelRef().signature, call.bound(), call.arguments(), known.checked, known.tensorMaps);
  result.stages = known.stages;
  result.overrides = known.overrides;
  return result;
}

} // namespace tile::runtime
