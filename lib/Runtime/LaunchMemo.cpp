//===- LaunchMemo.cpp - Launches like one that was found right ----*- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "tile/Runtime/LaunchMemo.h"
#include "tile/Language/HostEval.h"

#include <llvm/ADT/bit.h>
#include <llvm/Support/MathExtras.h>

#include <mutex>

namespace tile::runtime {

/// Alignments beyond this are no facts.
static constexpr uint64_t kMaxAlign = 16;

/// One word for what an argument is, beside its numbers.
static uint64_t tagOf(const Argument &argument) {
  auto tag = static_cast<uint64_t>(argument.getKind());
  if (argument.getKind() == Argument::Kind::Scalar)
    return tag | static_cast<uint64_t>(argument.getType()) << 8;
  if (argument.getKind() == Argument::Kind::Absent)
    return tag;
  const Tensor &tensor = argument.getTensor();
  return tag | static_cast<uint64_t>(tensor.type()) << 8 | static_cast<uint64_t>(tensor.readOnly()) << 16 |
         static_cast<uint64_t>(tensor.shape().size()) << 24 | static_cast<uint64_t>(tensor.strides().size()) << 44;
}

static bool isFloating(DType type) { return type >= DType::F16; }

/// A scalar's value as it was given.
static uint64_t rawBits(const Argument &scalar) {
  return isFloating(scalar.getType()) ? llvm::bit_cast<uint64_t>(scalar.getFloating()) : scalar.getInteger();
}

/// The bit for an argument in Entry::namedScalars; arguments beyond share the last one.
static uint64_t bitOf(std::size_t argument) { return uint64_t(1) << std::min<std::size_t>(argument, 63); }

/// The scalars that the kernel's grid, requirements, extents or parameters depend on.
static uint64_t namedScalars(const lang::KernelSignature &signature) {
  uint64_t result = 0;
  auto note = [&](const lang::ast::Expr *expr) {
    if (expr)
      lang::forEachName(expr, [&](const lang::ast::NameExpr &name, bool) {
        if (int argument = signature.findArgument(name.name); argument >= 0)
          result |= bitOf(argument);
      });
  };
  const lang::ast::Kernel &kernel = *signature.kernel;
  for (const lang::ast::Expr *expr : kernel.grid)
    note(expr);
  for (const lang::ast::Expr *expr : kernel.requirements)
    note(expr);
  for (const auto &argument : kernel.arguments)
    for (const lang::ast::Expr *expr : argument.extents)
      note(expr);
  for (const auto &param : kernel.params)
    note(param.defaultValue);
  return result;
}

//===----------------------------------------------------------------------===//
// Finding
//===----------------------------------------------------------------------===//

bool LaunchMemo::fits(const Entry &entry, std::span<const Argument> given, bool exactly, LaunchData &launch) {
  const uint64_t *key = entry.key.data();
  if (*key++ != given.size() || (exactly && !entry.exact))
    return false;
  for (std::size_t i = 0; i < given.size(); ++i) {
    const Argument &argument = given[i];
    // Equal tags mean that equally many words follow.
    if (*key++ != tagOf(argument))
      return false;
    if (argument.getKind() == Argument::Kind::View) {
      for (int64_t extent : argument.getTensor().shape())
        if (*key++ != static_cast<uint64_t>(extent))
          return false;
      for (int64_t stride : argument.getTensor().strides())
        if (*key++ != static_cast<uint64_t>(stride))
          return false;
    } else if (argument.getKind() == Argument::Kind::Scalar && (entry.namedScalars & bitOf(i))) {
      if (*key++ != rawBits(argument))
        return false;
    }
  }

  launch.words.assign(entry.words.begin(), entry.words.end());
  launch.bases.clear();
  launch.grid = entry.grid;
  for (const Scalar &scalar : entry.scalars)
    if (convertScalar(given[scalar.argument], scalar.type, launch.words[scalar.word]) != ScalarFit::Fits)
      return false;
  for (const View &view : entry.views) {
    auto base = reinterpret_cast<uint64_t>(given[view.argument].getTensor().data());
    if (base % view.baseAlign != 0)
      return false;
    if (exactly && llvm::MinAlign(base | view.strideAlign, kMaxAlign) != view.knownAlign)
      return false;
    launch.words[view.word] = base;
    if (view.empty)
      continue;
    if (!base || base < view.below || base > static_cast<uint64_t>(INT64_MAX) - view.above)
      return false;
    launch.bases.push_back({base, view.argument});
  }
  for (const View &view : entry.views) {
    if (!view.written || view.empty)
      continue;
    uint64_t base = launch.words[view.word], low = base - view.below, high = base + view.above;
    for (const View &other : entry.views) {
      if (&other == &view || other.empty)
        continue;
      uint64_t otherBase = launch.words[other.word];
      if (high > otherBase - other.below && low < otherBase + other.above)
        return false;
    }
  }
  return true;
}

bool LaunchMemo::find(std::span<const Argument> given, bool exactly, LaunchData &launch) const {
  std::shared_lock lock(mutex, std::try_to_lock);
  if (!lock)
    return false;
  for (unsigned i = 0; i < count; ++i)
    if (fits(entries[i], given, exactly, launch))
      return true;
  return false;
}

//===----------------------------------------------------------------------===//
// Remembering
//===----------------------------------------------------------------------===//

void LaunchMemo::remember(const KernelRef &kernel, const lang::Specialization &known, const Call &call,
                          std::span<const Argument> given) {
  const lang::KernelSignature &signature = *kernel.signature;
  Entry entry;
  entry.namedScalars = namedScalars(signature);
  entry.exact = specializationLike(known, call) == known;
  entry.grid = call.bound().grid;
  entry.words = call.words();
  entry.key.push_back(given.size());
  unsigned word = 0;
  for (auto [i, argument] : llvm::enumerate(call.arguments())) {
    entry.key.push_back(tagOf(given[i]));
    if (argument.kind == lang::Argument::Scalar) {
      if (entry.namedScalars & bitOf(i))
        entry.key.push_back(rawBits(given[i]));
      entry.scalars.push_back({static_cast<unsigned>(i), word++, argument.dtype});
    } else if (argument.kind == lang::Argument::View) {
      const Tensor &tensor = given[i].getTensor();
      entry.key.append(tensor.shape().begin(), tensor.shape().end());
      entry.key.append(tensor.strides().begin(), tensor.strides().end());
      View view = {};
      view.argument = i;
      view.word = word;
      view.written = signature.arguments[i].access != lang::Access::In;
      view.empty = llvm::is_contained(argument.extents, 0);
      uint64_t size = lang::byteWidth(argument.dtype);
      const lang::Facts &facts = *known.facts[i];
      view.knownAlign = static_cast<uint64_t>(facts.align);
      view.baseAlign = std::max(size, view.knownAlign);
      view.above = size;
      for (auto [axis, extent] : llvm::enumerate(argument.extents)) {
        uint64_t step = static_cast<uint64_t>(argument.strides[axis]) * size;
        if (extent <= 1)
          continue;
        // checkMemory has found that none of this overflows.
        (argument.strides[axis] < 0 ? view.below : view.above) +=
            (argument.strides[axis] < 0 ? 0 - step : step) * static_cast<uint64_t>(extent - 1);
        if (static_cast<int64_t>(axis) != facts.unitAxis)
          view.strideAlign |= step;
      }
      word += 1 + 2 * argument.extents.size();
      entry.views.push_back(view);
    }
  }
  std::unique_lock lock(mutex, std::try_to_lock);
  if (!lock)
    return;
  if (count < entries.size()) {
    entries[count++] = std::move(entry);
  } else {
    entries[next++ % entries.size()] = std::move(entry);
  }
}

} // namespace tile::runtime
