//===- Problem.h - The arguments that a benchmark calls a kernel with *- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef TILE_TUNING_PROBLEM_H
#define TILE_TUNING_PROBLEM_H

#include "tile/Device.h"
#include "tile/Language/Language.h"
#include "tile/Tensor.h"
#include "tile/Tuning/Ranges.h"

#include <memory>
#include <string>
#include <vector>

namespace tile::tuning {

/// What a user says of the arguments.
struct ProblemOptions {
  std::vector<NamedExtent> shape;
  /// Types by the names that arguments bind; the others are `otherType`.
  std::vector<std::pair<std::string, DType>> dtypes;
  DType otherType = DType::F32;
  /// Views whose first axis has stride 1.
  std::vector<std::string> columnMajor;
  /// Views that were said to be as all others are: their last axis has stride 1.
  std::vector<std::string> rowMajor;
  /// Optional arguments that aren't passed.
  std::vector<std::string> absent;
  /// Values of scalars; the others are 1.
  std::vector<std::pair<std::string, double>> scalars;
  std::uint64_t seed = 0;
};

/// One argument, without its memory.
struct ArgumentPlan {
  std::string name;
  bool present = true, isView = false;
  lang::Access access = lang::Access::In;
  DType type = DType::F32;
  std::vector<std::int64_t> extents, strides;
  double scalar = 1;

  std::int64_t elements() const;
  std::size_t bytes() const { return static_cast<std::size_t>(elements()) * sizeOf(type); }
  bool isWritten() const { return isView && present && access != lang::Access::In; }
  bool isRead() const { return isView && present && access != lang::Access::Out; }
};

/// What the kernel's arguments are for some extents, with values for parameters that extents depend on. Throws Error for names that the
/// kernel doesn't have and for extents that it needs and nobody said.
std::vector<ArgumentPlan> planArguments(const lang::KernelSignature &signature, llvm::ArrayRef<lang::ParamValue> params,
                                        const ProblemOptions &options);

/// The relative error of a tensor's elements, dense in memory, beside wanted ones: the norm of the difference over the norm of what was
/// wanted. Infinite where one is not a number and the other is.
double relativeError(const std::string &got, const std::string &wanted, DType type);

/// "b: bf16[8192, 8192], strides 1, 8192".
std::string describe(const ArgumentPlan &argument);

/// Throws Error, with what each view takes, when the memory of the device or that of the host has no room for the arguments.
void checkRoom(const Device &device, const std::vector<ArgumentPlan> &plan);

/// The arguments in a device's memory.
class Problem {
public:
  /// Checks that there is room, allocates and fills: floating-point with random-normal numbers, integers with -8 to 8 or, unsigned, 0 to 15.
  Problem(const Device &device, std::vector<ArgumentPlan> plan, std::uint64_t seed);
  ~Problem();

  const std::vector<ArgumentPlan> &plan() const { return planned; }
  const std::vector<Argument> &arguments() const { return passed; }
  /// Elements that are read and those that are written, in bytes.
  double traffic() const;
  std::size_t footprint() const;

  /// Makes what kernels write what it was before the first launch, so that a launch that writes nothing is found out.
  void reset();
  /// The bytes of all that kernels write.
  std::vector<std::string> results() const;
  /// The relativeError() of results beside wanted ones, the largest over the tensors.
  double errorOf(const std::vector<std::string> &got, const std::vector<std::string> &wanted) const;

private:
  void fill(std::size_t index);

  std::vector<ArgumentPlan> planned;
  std::uint64_t seed;
  /// One for each argument; null for what is no view or isn't there.
  std::vector<std::unique_ptr<Buffer>> memory;
  /// What `passed` refers to; never grows after the constructor.
  std::vector<Tensor> tensors;
  std::vector<Argument> passed;
};

} // namespace tile::tuning

#endif // TILE_TUNING_PROBLEM_H
