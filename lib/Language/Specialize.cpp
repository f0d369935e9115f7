//===- Specialize.cpp - What a specialisation depends on -------- -*- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "tile/Language/Names.h"
#include "tile/Language/Signature.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/Twine.h"
#include "llvm/Support/MathExtras.h"

using namespace tile::lang;
using llvm::ArrayRef;
using llvm::StringRef;
using llvm::Twine;

/// Alignments beyond this tell the compiler nothing.
static constexpr int64_t kMaxAlign = 16;
/// The axes of a tensor map.
static constexpr unsigned kMostMapAxes = 5;

std::string tile::lang::toString(ParamValue value) {
  switch (value.kind) {
  case ParamValue::Unset:
    return "unset";
  case ParamValue::Auto:
    return "auto";
  default:
    return toString(*toConst(value));
  }
}

std::optional<ParamValue> tile::lang::parseParamValue(StringRef text) {
  if (text == "auto")
    return ParamValue::automatic();
  if (text == "true" || text == "false")
    return ParamValue::boolean(text == "true");
  if (std::optional<DType> dtype = parseDType(text))
    return ParamValue::dtype(*dtype);
  int64_t value;
  if (!text.getAsInteger(10, value))
    return ParamValue::integer(value);
  return std::nullopt;
}

//===----------------------------------------------------------------------===//
// From a launch
//===----------------------------------------------------------------------===//

/// The largest power of two, up to kMaxAlign, that divides every number or'ed into `bits`.
static int64_t commonAlign(uint64_t bits) { return static_cast<int64_t>(llvm::MinAlign(bits, kMaxAlign)); }

bool tile::lang::fitsTensorMap(const Argument &view, int64_t unitAxis) {
  // Positions are 32-bit numbers, some of them beyond the end.
  constexpr int64_t kAlign = kMaxAlign, kMostBytes = int64_t(1) << 40, kMostExtent = int64_t(1) << 30;
  size_t rank = view.extents.size();
  int64_t bytes = byteWidth(view.dtype);
  if (unitAxis < 0 || unitAxis >= static_cast<int64_t>(rank) || rank > kMostMapAxes || view.strides[unitAxis] != 1 ||
      view.address % kAlign != 0)
    return false;
  for (size_t axis = 0; axis < rank; ++axis) {
    int64_t extent = view.extents[axis], stride = view.strides[axis];
    if (extent < 1 || extent > kMostExtent)
      return false;
    // The stride of an axis with one element is never walked.
    if (static_cast<int64_t>(axis) == unitAxis || extent == 1)
      continue;
    if (stride < 1 || stride >= kMostBytes / bytes || stride * bytes % kAlign != 0)
      return false;
  }
  return true;
}

std::optional<Facts> tile::lang::factsOf(const Argument &argument, bool tensorMaps) {
  if (argument.kind != Argument::View)
    return std::nullopt;
  Facts facts;
  // Of several axes with stride 1 the last that has more than one element is meant.
  int64_t rank = argument.extents.size();
  for (int64_t axis = 0; axis < rank; ++axis)
    if (argument.strides[axis] == 1 &&
        (argument.extents[axis] > 1 || facts.unitAxis < 0 || argument.extents[facts.unitAxis] <= 1))
      facts.unitAxis = axis;
  uint64_t bytes = byteWidth(argument.dtype), base = argument.address;
  WideInt reach = bytes;
  for (int64_t axis = 0; axis < rank; ++axis) {
    int64_t extent = argument.extents[axis], stride = argument.strides[axis];
    // The stride of an axis with one element is never walked.
    if (extent <= 1)
      continue;
    if (axis != facts.unitAxis)
      base |= static_cast<uint64_t>(stride) * bytes;
    reach += WideInt(extent - 1) * (stride < 0 ? -WideInt(stride) : WideInt(stride)) * bytes;
  }
  facts.align = commonAlign(base);
  if (facts.unitAxis >= 0)
    facts.extentAlign = commonAlign(static_cast<uint64_t>(argument.extents[facts.unitAxis]) * bytes);
  facts.index32 = reach <= INT32_MAX;
  facts.tensorMap = tensorMaps && fitsTensorMap(argument, facts.unitAxis);
  return facts;
}

std::string tile::lang::toString(const Overrides &overrides) {
  return std::to_string(overrides.plain) + '|' + std::to_string(overrides.teams) + '|' +
         std::to_string(overrides.groupRows);
}

Specialization tile::lang::specialize(const KernelSignature &signature, const Bound &bound,
                                      ArrayRef<Argument> arguments, bool checked, bool tensorMaps) {
  Specialization result;
  result.kernel = signature.name;
  result.params.assign(bound.params.begin(), bound.params.end());
  result.dtypes.assign(bound.dtypes.begin(), bound.dtypes.end());
  for (const Argument &argument : arguments)
    result.facts.push_back(factsOf(argument, tensorMaps));
  result.present.assign(bound.present.begin(), bound.present.end());
  for (auto [i, name] : llvm::enumerate(signature.extentNames)) {
    bool isParam = signature.findParam(name) >= 0 && bound.extents[i] >= 0;
    result.extents.push_back(isParam ? std::optional(bound.extents[i]) : std::nullopt);
  }
  result.checked = checked;
  result.tensorMaps = tensorMaps;
  return result;
}

//===----------------------------------------------------------------------===//
// By hand
//===----------------------------------------------------------------------===//

static std::string noSuchName(StringRef name, ArrayRef<StringRef> known, const Twine &what) {
  std::string note = didYouMean(name, known);
  return ("there is no " + what + " '" + name + "'" + (note.empty() ? Twine("") : "; " + Twine(note))).str();
}

std::optional<std::string> tile::lang::define(const KernelSignature &signature, StringRef text,
                                              Specialization &specialization) {
  auto [name, valueText] = text.split('=');
  int param = signature.findParam(name);
  if (param < 0) {
    llvm::SmallVector<StringRef> known;
    for (const ParamSignature &candidate : signature.params)
      known.push_back(candidate.name);
    return noSuchName(name, known, "parameter");
  }
  std::optional<ParamValue> value = parseParamValue(valueText);
  if (!value)
    return ("'" + valueText + "' is no value for parameter '" + name + "'").str();
  specialization.params.resize(signature.params.size());
  specialization.params[param] = *value;
  return std::nullopt;
}

/// Applies an assumption on an argument: `a.align=16`.
static std::optional<std::string> assumeFact(int argument, StringRef key, StringRef valueText,
                                             Specialization &specialization) {
  std::optional<Facts> &facts = specialization.facts[argument];
  if (!facts)
    facts.emplace();
  int64_t value = 0;
  bool isNumber = !valueText.getAsInteger(10, value);
  bool isBool = valueText == "true" || valueText == "false";
  const StringRef known[] = {"contiguous", "align", "extent_align", "index32", "tensor_map"};
  auto isAlign = [&] { return isNumber && value > 0 && llvm::isPowerOf2_64(value); };
  if (key == "contiguous" && isNumber && value >= 0)
    facts->unitAxis = value;
  else if (key == "align" && isAlign())
    facts->align = value;
  else if (key == "extent_align" && isAlign())
    facts->extentAlign = value;
  else if (key == "index32" && isBool)
    facts->index32 = valueText == "true";
  else if (key == "tensor_map" && isBool)
    facts->tensorMap = valueText == "true";
  else if (llvm::is_contained(known, key))
    return ("'" + valueText + "' is no value for '" + key + "': " +
            (key == "contiguous"                       ? "an axis"
             : key == "index32" || key == "tensor_map" ? "'true' or 'false'"
                                                       : "a power of two") +
            " is expected")
        .str();
  else
    return noSuchName(key, known, "fact");
  return std::nullopt;
}

std::optional<std::string> tile::lang::assume(const KernelSignature &signature, StringRef text,
                                              Specialization &specialization) {
  specialization.facts.resize(signature.arguments.size());
  specialization.present.resize(signature.arguments.size(), true);
  specialization.dtypes.resize(signature.dtypeNames.size());
  specialization.extents.resize(signature.extentNames.size());
  auto [name, value] = text.split('=');
  auto [base, key] = name.split('.');
  if (int argument = signature.findArgument(base); argument >= 0) {
    const ArgumentSignature &wanted = signature.arguments[argument];
    if (!key.empty()) {
      if (!wanted.isView)
        return "'" + wanted.name + "' is a scalar; only views have facts";
      std::optional<std::string> error = assumeFact(argument, key, value, specialization);
      if (error)
        return error;
      const Facts &facts = *specialization.facts[argument];
      if (facts.unitAxis >= static_cast<int64_t>(wanted.rank))
        return ("'" + base + "' has no axis " + value).str();
      if (key == "tensor_map" && facts.tensorMap && (facts.unitAxis < 0 || facts.align < kMaxAlign))
        return ("a tensor map describes '" + base + "' only when '" + base + ".contiguous' is an axis and '" + base +
                ".align' is 16")
            .str();
      return std::nullopt;
    }
    if (value != "absent" && value != "present")
      return ("'" + base + "' is 'absent' or 'present', not '" + value + "'").str();
    if (value == "absent" && !wanted.optional)
      return "'" + wanted.name + "' is not optional";
    specialization.present[argument] = value == "present";
    return std::nullopt;
  }
  if (int dtype = signature.findDTypeName(name); dtype >= 0) {
    specialization.dtypes[dtype] = parseDType(value);
    if (!specialization.dtypes[dtype] || specialization.dtypes[dtype] == DType::Index)
      return ("'" + value + "' is no dtype of memory").str();
    return std::nullopt;
  }
  if (int extent = signature.findExtentName(name); extent >= 0) {
    int64_t number;
    if (value.getAsInteger(10, number) || number < 0 || number > INT32_MAX)
      return ("'" + value + "' is no extent").str();
    specialization.extents[extent] = number;
    return std::nullopt;
  }
  llvm::SmallVector<StringRef> known;
  for (const ArgumentSignature &argument : signature.arguments)
    known.push_back(argument.name);
  known.append(signature.dtypeNames.begin(), signature.dtypeNames.end());
  known.append(signature.extentNames.begin(), signature.extentNames.end());
  return noSuchName(base, known, "argument, dtype or extent");
}

void tile::lang::assumeTensorMaps(const KernelSignature &signature, Specialization &specialization) {
  for (auto [facts, argument] : llvm::zip(specialization.facts, signature.arguments))
    if (facts)
      facts->tensorMap = facts->unitAxis >= 0 && facts->align >= kMaxAlign && argument.rank <= kMostMapAxes;
}
