//===- Call.h - The arguments of a launch, checked --------------*- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef TILE_RUNTIME_CALL_H
#define TILE_RUNTIME_CALL_H

#include "tile/Language/Language.h"
#include "tile/Tensor.h"

#include <memory>
#include <span>

namespace tile::runtime {

struct LaunchData;

/// A kernel with values for its parameters.
struct KernelRef {
  std::shared_ptr<const lang::File> file;
  const lang::KernelSignature *signature = nullptr;
  llvm::SmallVector<lang::ParamValue, 8> params;
  /// The stages of every loop, where a choice says them for loops that leave them open; else 0.
  std::int64_t loopStages = 0;
  lang::Overrides overrides = {};
  /// As Report::chosenBy has it.
  const char *chosenBy = "";
};

/// What arguments need of a kernel on a target; `stages` are those of every loop, 0 leaves them to the source.
lang::Specialization specializationOf(const KernelRef &kernel, const lang::Bound &bound,
                                      llvm::ArrayRef<lang::Argument> arguments, llvm::StringRef target,
                                      bool checked = false, std::int64_t stages = 0);

/// The arguments of one launch in the compiler's terms, once they have been found right. `arguments` refer to this object and to
/// the caller's tensors.
class Call {
public:
  /// Throws Error when the arguments don't fit the kernel, which outlives the call.
  Call(const KernelRef &kernel, std::span<const Argument> given);
  /// Only says in the compiler's terms what is given, before all parameters have values; nothing is bound.
  struct Unbound {};
  Call(const KernelRef &kernel, std::span<const Argument> given, Unbound);
  Call(const Call &) = delete;
  Call &operator=(const Call &) = delete;

  const KernelRef &kernelRef() const { return kernel; }
  llvm::ArrayRef<lang::Argument> arguments() const { return converted; }
  const lang::Bound &bound() const { return binding; }
  /// Some axis of the grid is 0: there is nothing to run.
  bool isEmpty() const { return llvm::is_contained(binding.grid, 0); }
  /// What machine code takes: base, extents and strides of each view that is present, the bits of each scalar.
  llvm::SmallVector<uint64_t, 64> words() const;
  /// The same with the grid and the addresses.
  void fill(LaunchData &launch) const;

private:
  void convert(std::size_t index, const Argument &given);
  void convertScalar(std::size_t index, const Argument &given, llvm::ArrayRef<Argument> all);
  /// What binding can't see: memory that isn't there, may not be written, or is written twice.
  void checkMemory(llvm::ArrayRef<Argument> given) const;

  const KernelRef &kernel;
  llvm::SmallVector<lang::Argument, 8> converted;
  llvm::SmallVector<llvm::SmallVector<int64_t, 4>, 8> strides;
  lang::Bound binding;
};

/// What a call needs, with what else code for `known` was asked to be: equal to `known` where that code is right for the call, too.
lang::Specialization specializationLike(const lang::Specialization &known, const Call &call);

/// The same type in the compiler's terms.
lang::DType toLanguage(DType type);

/// Whether a scalar of the host can be passed for a parameter of some type: it is of another kind (floating-point for an integer, say)
/// or has a value that the type lacks.
enum class ScalarFit { Fits, OtherKind, OutOfRange };
/// Converts a scalar; floating-point is rounded to nearest.
ScalarFit convertScalar(const Argument &given, lang::DType to, uint64_t &bits);

/// Throws an Error about a file: its message, the line it is about, and a note.
[[noreturn]] void raise(const lang::File &file, const lang::BindError &error);
[[noreturn]] void raise(const lang::File &file, lang::Position position, const llvm::Twine &message,
                        const llvm::Twine &note = "");

} // namespace tile::runtime

#endif // TILE_RUNTIME_CALL_H
